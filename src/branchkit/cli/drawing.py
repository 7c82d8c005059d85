"""``branchkit draw``: binding oneself to the seed of random days, telling it afterwards, and drawing again."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from branchkit.checklists import CommitSeed, Drawing, RawFact, RevealSeed, SchedulePlan, check_drawing
from branchkit.cli.app import State
from branchkit.cli.importing import moment
from branchkit.cli.output import json_option, open_kit, print_json, read_input, store_option
from branchkit.cli.schedule import read_mapping
from branchkit.kit import command_line
from branchkit.messages import Actor
from branchkit.temporal import Random, commitment, period_seed
from branchkit.temporal.months import named_period
from branchkit.values import FrozenMap

__all__ = ["draw_group"]

F = TypeVar("F", bound=Callable[..., object])


@click.group(name="draw")
def draw_group() -> None:
    """Keep the days of random duties secret before, and let everybody check them after."""


def _asked(command: F) -> F:
    """Give a command the options that say which days, by which secret, and who says so when."""
    for option in (
        click.option("--post", "posts", multiple=True, metavar="CODE", help="A post that whoever says so holds."),
        click.option("--by", required=True, metavar="ID", help="Who says so."),
        click.option("--at", callback=moment, required=True, metavar="T", help="When, with its zone."),
        click.option("--seed", required=True, metavar="FILE", help="The secret that the days are drawn by."),
        click.option("--period", required=True, metavar="NAME", help="As 2026-W10, 2026-03, 2026-Q1, 2026-H1, 2026."),
        click.option("--entry", required=True, metavar="ID", help="An entry of the plan with random days."),
        click.option("--plan", required=True, metavar="ID", help="A plan of the catalog."),
        click.argument("branch", metavar="BRANCH"),
    ):
        command = option(command)
    return command


@draw_group.command(name="commit")
@_asked
@click.pass_obj
def commit_command(state: State, /, **asked: Any) -> None:
    """Print the command that commits to the seed of a period, for `branchkit replay` before the period begins.

    What is printed tells nothing of the secret, nor of the days.
    """
    seed = _seed(state.rules.catalog.schedule(asked["plan"]), asked)
    command = CommitSeed(
        asked["branch"],
        asked["plan"],
        asked["entry"],
        asked["period"],
        commitment(seed),
        by=Actor(asked["by"], posts=asked["posts"]),
        at=asked["at"],
    )
    click.echo(command_line(command))


@draw_group.command(name="reveal")
@_asked
@click.option("--facts", metavar="FILE", help="Facts that the plan declares (JSON or TOML).")
@click.pass_obj
def reveal_command(state: State, /, facts: str | None, **asked: Any) -> None:
    """Print the command that tells the seed of a period, for `branchkit replay` when the period is over.

    It holds the seed of this period and nothing of the secret, nor of other periods.
    """
    seed = _seed(state.rules.catalog.schedule(asked["plan"]), asked)
    given: Mapping[str, RawFact] = {} if facts is None else read_mapping(FrozenMap[RawFact], facts)
    command = RevealSeed(
        asked["branch"],
        asked["plan"],
        asked["entry"],
        asked["period"],
        seed.hex(),
        facts=FrozenMap(given),
        by=Actor(asked["by"], posts=asked["posts"]),
        at=asked["at"],
    )
    click.echo(command_line(command))


@draw_group.command(name="check")
@click.argument("branch", required=False, metavar="[BRANCH]")
@store_option
@json_option
@click.pass_obj
def check_command(state: State, branch: str | None, store: str, as_json: bool) -> None:
    """Draw all days again whose seed was told, at BRANCH or everywhere, and say which are not those that were kept."""
    wrong = 0
    with open_kit(store, state.rules) as kit:
        for drawing in kit.find(Drawing) if branch is None else kit.find(Drawing, branch=branch):
            problems = check_drawing(drawing)
            wrong += bool(problems)
            if as_json:
                print_json(_plain(drawing, problems))
            else:
                click.echo(_words(drawing, problems))
    sys.exit(1 if wrong else 0)


def _seed(plan: SchedulePlan, asked: Mapping[str, Any]) -> bytes:
    cycles = {one.id: one.cycle for one in plan.entries if isinstance(one.cycle, Random)}
    cycle = cycles.get(asked["entry"])
    if cycle is None:
        listed = ", ".join(cycles) or "none"
        raise click.BadParameter(
            f"The plan has no such entry with random days; there are: {listed}", param_hint="--entry"
        )
    try:
        named_period(asked["period"], cycle.period)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--period") from error
    return period_seed(read_input(asked["seed"]), asked["period"])


def _plain(drawing: Drawing, problems: tuple[str, ...]) -> dict[str, object]:
    return {
        "drawing": drawing.id,
        "state": drawing.state,
        "commitment": drawing.commitment,
        "committed_at": drawing.committed_at.isoformat(),
        "revealed_at": None if drawing.revealed_at is None else drawing.revealed_at.isoformat(),
        "drawn": {"/".join(map(str, one.place)): [day.isoformat() for day in one.days] for one in drawing.drawn},
        "problems": list(problems),
    }


def _words(drawing: Drawing, problems: tuple[str, ...]) -> str:
    told: list[str] = [f"committed {_minute(drawing.committed_at)} by {drawing.committed_by}"]
    if drawing.revealed_at is not None:
        told.append(f"revealed {_minute(drawing.revealed_at)} by {drawing.revealed_by}")
    days = "; ".join(f"{'/'.join(map(str, one.place))}: {', '.join(map(str, one.days))}" for one in drawing.drawn)
    verdict = "NOT OK" if problems else "ok" if drawing.seed is not None else "sealed"
    lines = [f"{verdict:6}  {drawing.id} ({', '.join(told)})", *([f"        {days}"] if days else [])]
    return "\n".join([*lines, *(f"        {problem}" for problem in problems)])


def _minute(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
