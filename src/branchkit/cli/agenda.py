"""``branchkit agenda``: opens the cases of what schedules have due within a horizon."""

from __future__ import annotations

import datetime as dt

import click

from branchkit.checklists import OccasionMissed, OpenScheduled
from branchkit.checklists.agenda import Occasion
from branchkit.cli.app import State
from branchkit.cli.importing import moment
from branchkit.cli.output import json_option, open_kit, print_json, store_option
from branchkit.estate import Branch
from branchkit.kit import Kit
from branchkit.messages import Actor, Outcome

__all__ = ["agenda_command"]


@click.command(name="agenda")
@store_option
@click.option("--at", callback=moment, required=True, metavar="T", help="Now, with its zone.")
@click.option(
    "--days", type=click.IntRange(0, 400), default=7, metavar="N", show_default=True, help="How many days ahead."
)
@click.option("--branch", "branches", multiple=True, metavar="ID", help="A branch; all of the store if left out.")
@click.option("--plan", "plans", multiple=True, metavar="ID", help="A plan; all that open cases if left out.")
@click.option("--by", metavar="ID", default="branchkit:scheduler", show_default=True, help="The system that asks.")
@json_option
@click.pass_obj
def agenda_command(
    state: State,
    store: str,
    at: dt.datetime,
    days: int,
    branches: tuple[str, ...],
    plans: tuple[str, ...],
    by: str,
    as_json: bool,
) -> None:
    """Open a case for everything that schedules have due within a horizon; what was opened before is left alone."""
    catalog = state.rules.catalog
    named = plans or tuple(
        plan for plan in catalog.index.ids("schedule") if any(one.opens for one in catalog.schedule(plan).entries)
    )
    actor = Actor(by, system=True)
    with open_kit(store, state.rules) as kit:
        for branch in branches or tuple(one.id for one in kit.find(Branch)):
            for plan in named:
                through = at.date() + dt.timedelta(days=days)
                outcome = kit.do(OpenScheduled(branch, plan, through, by=actor, at=at))
                opened, missed = outcome.details.get("opened", 0), outcome.details.get("missed", 0)
                left_out = [{"day": one.day.isoformat(), "entry": one.entry} for one in _missed(kit, outcome)]
                if as_json:
                    print_json(
                        {"branch": branch, "plan": plan, "opened": opened, "missed": missed, "left_out": left_out}
                    )
                elif opened or missed:
                    click.echo(f"{branch}  {plan}: {opened} opened, {missed} missed")
                    for line in left_out:
                        click.echo(f"  {line['day']}  {line['entry']}: missed")


def _missed(kit: Kit, outcome: Outcome) -> list[Occasion]:
    """Return what passed before anybody opened it, of what a command brought."""
    if outcome.seq is None:
        return []
    events = kit.events(after=outcome.seq - len(outcome.events))
    return [one.event.occasion for one in events if isinstance(one.event, OccasionMissed)]
