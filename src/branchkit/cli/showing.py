"""``branchkit hours`` and ``branchkit report``: what is known of a branch, for people."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from branchkit.cli.app import State
from branchkit.cli.importing import moment
from branchkit.cli.output import json_option, print_json, read_input, store_option
from branchkit.errors import ConfigError, NotFound
from branchkit.estate import Branch
from branchkit.kit import Kit, RuleBook
from branchkit.plugins import RenderContext
from branchkit.temporal import Calendar
from branchkit.values import Unknown

__all__ = ["hours_command", "report_command"]


@click.command(name="hours")
@click.argument("branch", metavar="BRANCH")
@click.option("--at", callback=moment, required=True, metavar="T", help="The moment asked about, with its zone.")
@click.option("--line", metavar="CODE", help="A business line, as corporate; any line where left out.")
@click.option("--store", metavar="URL", help="The store that knows the branch; without it BRANCH is a file.")
@json_option
@click.pass_obj
def hours_command(
    state: State, branch: str, at: dt.datetime, line: str | None, store: str | None, as_json: bool
) -> None:
    """Say whether BRANCH is open at a moment, until when, when it opens next, and how long a week.

    BRANCH is an id where a store is named, and otherwise the file of a branch (JSON or TOML; - is standard input).
    """
    known, calendar = _branch(state.rules, branch, store)
    if isinstance(known.time_zone, Unknown) or isinstance(known.hours, Unknown):
        lacking = (("time zone", known.time_zone), ("hours", known.hours))
        what, why = next((name, value.reason) for name, value in lacking if isinstance(value, Unknown))
        click.echo(f"The {what} of branch {known.id} is not known: {why}", err=True)
        sys.exit(1)
    zone, hours = ZoneInfo(known.time_zone), known.hours
    is_open = hours.is_open(at, zone=zone, calendar=calendar, line=line)
    until = hours.open_until(at, zone=zone, calendar=calendar, line=line) if is_open else None
    following = hours.next_open(until or at, zone=zone, calendar=calendar, line=line)
    weekly = hours.weekly_minutes(line)
    if as_json:
        print_json(
            {
                "open": is_open,
                "until": until.isoformat() if until else None,
                "next_open": following.isoformat() if following else None,
                "weekly_minutes": weekly,
            }
        )
        return
    again = following.isoformat() if following else "not within 400 days"
    click.echo(f"{f'open until {until.isoformat()}' if until else 'closed'}; next opening {again}")
    click.echo(f"{weekly // 60} h {weekly % 60} min a week")


def _branch(rules: RuleBook, name: str, store: str | None) -> tuple[Branch, Calendar | None]:
    if store is None:
        known = (Branch.from_toml if name.endswith(".toml") else Branch.from_json)(read_input(name), source=name)
        return known, rules.calendar(known.calendar) if isinstance(known.calendar, str) else None
    with Kit.open(store, rules=rules) as kit:
        known = kit.get(Branch, name)
        if not isinstance(known.calendar, str):
            return known, None
        with contextlib.suppress(NotFound):
            return known, kit.get(Calendar, known.calendar)
        return known, rules.calendar(known.calendar)


@click.command(name="report")
@store_option
@click.option("--branch", required=True, metavar="ID", help="The branch.")
@click.option("--out", required=True, metavar="FILE", help="Where to write; - is standard output.")
@click.option("--renderer", metavar="KEY", default="branch-report", show_default=True, help="Who draws it.")
@click.option("--lang", type=click.Choice(["zh", "en", "both"]), default="both", show_default=True)
@click.option("--at", callback=moment, metavar="T", help="The moment it speaks of; by default the last sheet's.")
@click.pass_obj
def report_command(
    state: State, store: str, branch: str, out: str, renderer: str, lang: str, at: dt.datetime | None
) -> None:
    """Write a report on a branch: scores and why, trend, findings by zone, what to fix first."""
    record = state.rules.plugins.renderer(renderer)
    with Kit.open(store, rules=state.rules) as kit:
        report = kit.report(branch, at=at)
    page = record.render(RenderContext(report=report, lang=lang))
    if out == "-":
        sys.stdout.buffer.write(page)
        return
    _write(Path(out), page)
    click.echo(f"{out}: {len(page)} bytes, {report.open_findings} open findings")


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            part.write(data)
        os.replace(part.name, path)
    except OSError as error:
        raise ConfigError("--out", f"{path}: {error.strerror}; choose a place that can be written to") from error
