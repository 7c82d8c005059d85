"""``branchkit hours`` and ``branchkit report``: what is known of a branch, for people."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import click

from branchkit.cli.app import State
from branchkit.cli.blame import blamed
from branchkit.cli.importing import moment
from branchkit.cli.output import json_option, open_kit, print_json, read_document, store_option
from branchkit.cli.sheets import zone_of
from branchkit.errors import CalendarUnknown, ConfigError, NotFound
from branchkit.estate import Branch
from branchkit.kit import RuleBook
from branchkit.plugins import RenderContext
from branchkit.temporal import Calendar, Hours
from branchkit.values import Unknown

__all__ = ["find_branch", "hours_command", "report_command"]


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
    known, calendar = find_branch(state.rules, branch, store)
    found: dict[str, object] = {"open": None, "until": None, "next_open": None, "weekly_minutes": None}
    try:
        lacking = _ask(found, known, at, calendar, line)
    except CalendarUnknown as error:
        lacking = str(error)
    if lacking:
        click.echo(lacking, err=True)
    if as_json:
        print_json(found)
    elif found["open"] is not None:
        click.echo(_words(found))
    sys.exit(1 if found["open"] is None else 0)


def _ask(
    found: dict[str, object], branch: Branch, at: dt.datetime, calendar: Calendar | None, line: str | None
) -> str | None:
    """Fill in what is known; return why the rest is not."""
    for what, value in (("time zone of branch {} is", branch.time_zone), ("hours of branch {} are", branch.hours)):
        if isinstance(value, Unknown):
            return f"The {what.format(branch.id)} not known: {value.reason}"
    zone = cast("ZoneInfo", zone_of(branch))
    hours = cast("Hours", branch.hours)
    found["weekly_minutes"] = hours.weekly_minutes(line)
    is_open = hours.is_open(at, zone=zone, calendar=calendar, line=line)
    found["open"] = is_open
    until = hours.open_until(at, zone=zone, calendar=calendar, line=line) if is_open else None
    found["until"] = until.isoformat() if until else None
    if until or not is_open:
        following = hours.next_open(until or at, zone=zone, calendar=calendar, line=line)
        found["next_open"] = following.isoformat() if following else None
    return None


def _words(found: dict[str, object]) -> str:
    now = "closed" if not found["open"] else f"open until {found['until']}" if found["until"] else "open"
    weekly = found["weekly_minutes"]
    assert isinstance(weekly, int), "hours that are known have a length"
    return f"{now}; next opening {found['next_open'] or 'not known'}\n{weekly // 60} h {weekly % 60} min a week"


def find_branch(rules: RuleBook, name: str, store: str | None) -> tuple[Branch, Calendar | None]:
    """Return a branch, of a store or a file, with the calendar it follows."""
    if store is None:
        known = read_document(Branch, name)
        return known, rules.calendar(known.calendar) if isinstance(known.calendar, str) else None
    with open_kit(store, rules) as kit:
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
    with open_kit(store, state.rules) as kit:
        report = kit.report(branch, at=at)
    with blamed(state.rules.plugins.origin(record).plugin, f"the renderer {record.key!r}"):
        page = record.render(RenderContext(report=report, lang=lang))
    if out == "-":
        sys.stdout.buffer.write(page)
        return
    _write(Path(out), page)
    click.echo(f"{out}: {len(page)} bytes, {report.open_findings} open findings")


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError("--out", f"{path}: {error.strerror}; choose a place that can be written to") from error
