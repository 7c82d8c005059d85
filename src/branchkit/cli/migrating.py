"""``branchkit migrate``: moves running cases to another version of their procedure, and says before what that does."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator

import click

from branchkit.cli.app import State
from branchkit.cli.importing import moment
from branchkit.cli.output import json_option, open_kit, print_json, store_option
from branchkit.codec import unstructure
from branchkit.errors import Refused
from branchkit.kit import Kit
from branchkit.kit.migrating import open_cases, plan_migrations
from branchkit.messages import Actor
from branchkit.procedures import Case, MigrateCase, Migration
from branchkit.values import FrozenMap

__all__ = ["migrate_command"]


def _renamed(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> FrozenMap[str]:
    pairs = [one.partition("=") for one in given]
    if wrong := [f"{old}{sign}{new}" for old, sign, new in pairs if not (old and sign and new)]:
        raise click.BadParameter(f"Expected OLD=NEW, got {', '.join(wrong)}")
    return FrozenMap({old: new for old, _, new in pairs})


@click.command(name="migrate")
@click.argument("cases", nargs=-1, metavar="[CASE]...")
@store_option
@click.option("--to", "version", required=True, metavar="V", help="The version of the procedure to move to.")
@click.option("--of", "procedure", metavar="ID", help="Take every open case of this procedure.")
@click.option("--stage", "stages", multiple=True, callback=_renamed, metavar="OLD=NEW", help="A stage's new name.")
@click.option(
    "--transition", "ways", multiple=True, callback=_renamed, metavar="OLD=NEW", help="A transition's new name."
)
@click.option("--at", callback=moment, metavar="T", help="When, with its zone; needed to move anything.")
@click.option("--by", metavar="ID", help="Who moves them; needed to move anything.")
@click.option("--post", "posts", multiple=True, metavar="POST", help="A post that whoever moves them holds.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and move nothing.")
@json_option
@click.pass_obj
def migrate_command(
    state: State,
    cases: tuple[str, ...],
    store: str,
    version: str,
    procedure: str | None,
    stages: FrozenMap[str],
    ways: FrozenMap[str],
    at: dt.datetime | None,
    by: str | None,
    posts: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Move each CASE to another version of its procedure; all is told first, and what cannot be moved stays.

    Exit code 1 when a case cannot be moved.
    """
    if bool(cases) == (procedure is not None):
        raise click.UsageError("Expected either cases or --of")
    if not dry_run and (at is None or by is None):
        raise click.UsageError("Expected --at and --by, or --dry-run")
    stuck = moved = 0
    with open_kit(store, state.rules) as kit:
        names = cases or tuple(open_cases(kit, procedure or "", to_version=version))
        plans = tuple(plan_migrations(kit, names, to_version=version, stages=stages, transitions=ways))
        for plan in plans:
            stuck += not plan.is_possible
            _tell(plan, as_json)
        if not dry_run and at is not None and by is not None:
            for plan in (one for one in plans if one.is_possible and one.before != one.after):
                known = FrozenMap({old: new for old, new in stages.items() if old in kit.get(Case, plan.case).stages})
                command = MigrateCase(
                    plan.case, to_version=version, stages=known, transitions=ways, by=Actor(by, posts=posts), at=at
                )
                done = _move(kit, command)
                moved, stuck = moved + done, stuck + (not done)
    click.echo(f"{len(plans)} cases looked at, {moved} moved, {stuck} cannot be", err=True)
    sys.exit(1 if stuck else 0)


def _move(kit: Kit, command: MigrateCase) -> bool:
    try:
        kit.do(command)
    except Refused as error:
        click.echo(f"{command.case}: {error}", err=True)
        return False
    return True


def _tell(plan: Migration, as_json: bool) -> None:
    if as_json:
        print_json({**unstructure(plan), "possible": plan.is_possible})
    else:
        click.echo("\n".join(_lines(plan)))


def _lines(plan: Migration) -> Iterator[str]:
    mark = "✓" if plan.is_possible else "✗"
    yield f"{mark} {plan.case}  {plan.before} → {plan.after}  {', '.join(plan.open_stages) or '–'}"
    if plan.dropped:
        yield f"    dropped: {', '.join(plan.dropped)}"
    if plan.stopped:
        yield f"    clocks stopped: {', '.join(plan.stopped)}"
    for one in plan.obstacles:
        yield f"    [{one.code}] {one}"
