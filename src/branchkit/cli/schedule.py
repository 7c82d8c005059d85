"""``branchkit schedule``: what is due at a branch when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import click

from branchkit.checklists import Drawing, Due, RawFact, due, told_seeds
from branchkit.cli.app import State
from branchkit.cli.output import json_option, open_kit, print_json, read_input
from branchkit.cli.showing import find_branch
from branchkit.codec import parse_json, parse_toml, structure
from branchkit.kit import RuleBook
from branchkit.temporal import commitment, period_seed
from branchkit.values import FrozenMap

__all__ = ["read_mapping", "schedule_command"]


def _day(_: click.Context, __: click.Parameter, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("Expected a day such as 2026-03-01") from error


@click.command(name="schedule")
@click.argument("branch", metavar="BRANCH")
@click.option("--from", "first", callback=_day, required=True, metavar="DATE", help="The first day.")
@click.option("--to", "last", callback=_day, required=True, metavar="DATE", help="The last day, included.")
@click.option("--plan", "plans", multiple=True, metavar="ID", help="A plan of the catalog; all of them if left out.")
@click.option("--store", metavar="URL", help="The store that knows the branch; without it BRANCH is a file.")
@click.option("--seed", metavar="FILE", help="The secret that random days are drawn by; at least 16 bytes.")
@click.option("--done", metavar="FILE", help="When what is due at most so far apart was done (JSON or TOML).")
@click.option("--facts", metavar="FILE", help="Facts that the plans declare (JSON or TOML).")
@json_option
@click.pass_obj
def schedule_command(
    state: State,
    branch: str,
    first: dt.date,
    last: dt.date,
    plans: tuple[str, ...],
    store: str | None,
    seed: str | None,
    done: str | None,
    facts: str | None,
    as_json: bool,
) -> None:
    """List what is due at BRANCH from one day to another, and what has no day with the reason.

    BRANCH is an id where a store is named, and otherwise the file of a branch (JSON or TOML; - is standard input).
    """
    if last < first:
        raise click.BadParameter("Expected a day not before --from", param_hint="--to")
    if doubled := sorted({one for one in plans if plans.count(one) > 1}):
        raise click.BadParameter(f"{', '.join(doubled)} is given twice", param_hint="--plan")
    catalog = state.rules.catalog
    chosen = [catalog.schedule(one) for one in plans or catalog.index.ids("schedule")]
    secret = None if seed is None else read_input(seed)
    days: Mapping[str, tuple[dt.date, ...]] = {} if done is None else read_mapping(FrozenMap[tuple[dt.date, ...]], done)
    given: Mapping[str, RawFact] = {} if facts is None else read_mapping(FrozenMap[RawFact], facts)
    declared = {plan.id: {spec.name for spec in plan.facts} for plan in chosen}
    if strange := sorted(set(given).difference(*declared.values())):
        raise click.BadParameter(f"{', '.join(strange)}: no plan declares it", param_hint="--facts")
    known, calendar = find_branch(state.rules, branch, store)
    drawings = () if store is None else _drawings(state.rules, store, known.id)
    if secret is not None:
        _check_secret(secret, drawings, first, last)
    told = told_seeds(drawings)
    lines: list[Due] = []
    for plan in chosen:
        own = {name: value for name, value in given.items() if name in declared[plan.id]}
        lines += due(plan, known, first, last, calendar=calendar, seed=secret, seeds=told, done=days, facts=own)
    for line in sorted(lines, key=lambda line: line.order):
        if as_json:
            print_json(_plain(line))
        else:
            click.echo(_words(line))


def _drawings(rules: RuleBook, store: str, branch: str) -> tuple[Drawing, ...]:
    with open_kit(store, rules) as kit:
        return tuple(kit.find(Drawing, branch=branch))


def _check_secret(secret: bytes, drawings: tuple[Drawing, ...], first: dt.date, last: dt.date) -> None:
    """Refuse a secret that draws other days in the range than those that were committed to."""
    for one in drawings:
        begins, ends = one.days
        if begins <= last and first <= ends and commitment(period_seed(secret, one.period)) != one.commitment:
            raise click.BadParameter(f"It is not the secret that was committed to for {one.id}", param_hint="--seed")


def read_mapping(cls: Any, name: str) -> Any:
    """Read a mapping from a file, JSON or TOML by its name."""
    parse = parse_toml if name.endswith(".toml") else parse_json
    return structure(cls, parse(read_input(name), source=name), source=name)


def _plain(line: Due) -> dict[str, object]:
    when = line.at or line.day
    return {
        "state": line.state,
        "due": None if when is None else when.isoformat(),
        "until": None if line.until is None else line.until.isoformat(),
        "plan": line.plan,
        "entry": line.entry.id,
        "what": str(line.entry.title),
        "checklist": line.entry.checklist,
        "place": "/".join(map(str, line.place)),
        "by": line.entry.by,
        "rules": list(line.entry.rules),
        "severity": None if line.entry.severity is None else line.entry.severity.value,
        "moved": [day.isoformat() for day in line.moved],
        "basis": line.entry.basis,
        "note": None if line.note is None else str(line.note),
    }


def _words(line: Due) -> str:
    when = f"{line.at:%Y-%m-%d %H:%M}" if line.at else str(line.day or line.state)
    more = [line.entry.by or "", "overdue" if line.state == "overdue" else ""]
    more += ["suggested" if line.entry.basis == "suggested" else "", ", ".join(line.entry.rules)]
    more += [f"instead of {line.moved[0]}" if line.moved else "", "" if line.note is None else str(line.note)]
    told = "; ".join(one for one in more if one)
    place = "/".join(map(str, line.place))
    return f"{when:16}  {place}  {line.entry.title}" + (f" ({told})" if told else "")
