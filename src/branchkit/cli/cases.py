"""``branchkit show``, ``due``, ``sweep`` and ``outbox``: procedures and cases, what is due, and what goes out."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from branchkit.cli.app import State
from branchkit.cli.customers import show_customer
from branchkit.cli.importing import moment
from branchkit.cli.output import bar, json_option, lang_option, open_kit, print_json, store_option
from branchkit.codec import unstructure
from branchkit.estate import say_actors
from branchkit.kit import Kit
from branchkit.kit.casebook import CaseStory, ClockStory
from branchkit.messages import Actor
from branchkit.procedures import Procedure, to_mermaid, to_rows, to_svg
from branchkit.temporal import Due
from branchkit.values import Text

__all__ = [
    "due_command",
    "outbox_command",
    "plain_story",
    "rearm_command",
    "show_group",
    "story_lines",
    "sweep_command",
]

_AT = {"callback": moment, "required": True, "metavar": "T"}
_BECAUSE = Text(zh="受其影响，未暂停：", en="not paused, and hindered by")


@click.group(name="show")
def show_group() -> None:
    """Show a procedure of the catalog, or a case or a customer of a store."""


@show_group.command(name="procedure")
@click.argument("procedure", metavar="ID")
@click.option("--version", metavar="V", help="A version of the catalog; the one in force where left out.")
@click.option("--as", "form", type=click.Choice(["table", "mermaid", "svg"]), default="table", show_default=True)
@lang_option
@json_option
@click.pass_obj
def show_procedure(state: State, procedure: str, version: str | None, form: str, lang: str, as_json: bool) -> None:
    """Show a procedure: as a table of its stages, as a Mermaid flowchart, as an SVG picture, or whole as JSON."""
    known = state.rules.catalog.procedure(procedure, version)
    titles = state.rules.post_titles
    if as_json:
        print_json(unstructure(known))
    elif form == "mermaid":
        click.echo(to_mermaid(known, lang, titles=titles), nl=False)
    elif form == "svg":
        click.echo(to_svg(known, lang, titles=titles), nl=False)
    else:
        click.echo(f"{known.title.say(lang)} ({known.id} {known.version})")
        click.echo("\n".join(_table(known, lang, titles)))


show_group.add_command(show_customer)


def _table(procedure: Procedure, lang: str, titles: Mapping[str, Text]) -> Iterator[str]:
    for row in to_rows(procedure, lang, titles=titles):
        yield " | ".join(row)


@show_group.command(name="case")
@click.argument("case", metavar="ID")
@store_option
@click.option("--at", help="The moment at which its clocks are read; when something last happened where left out.",
              callback=moment, metavar="T")  # fmt: skip
@click.option("--as-of", help="Only what had been told by this moment: what was believed then.",
              callback=moment, metavar="T")  # fmt: skip
@lang_option
@json_option
@click.pass_obj
def show_case(
    state: State, case: str, store: str, at: dt.datetime | None, as_of: dt.datetime | None, lang: str, as_json: bool
) -> None:
    """Show a case: where it stands, what its clocks say, its rungs, and all that happened."""
    with open_kit(store, state.rules) as kit:
        told = kit.story(case, at or as_of or _latest(kit, case), as_of=as_of)
    if as_json:
        print_json(plain_story(told))
    else:
        click.echo("\n".join(story_lines(told, lang, state.rules.post_titles)))


def _latest(kit: Kit, case: str) -> dt.datetime:
    from branchkit.procedures import Case

    return kit.get(Case, case).latest


def story_lines(story: CaseStory, lang: str, titles: Mapping[str, Text]) -> Iterator[str]:
    """Yield a case as lines for people."""
    case = story.case
    ended = f" [{case.outcome}]" if case.outcome else ""
    yield f"{case.id}  {story.procedure.title.say(lang)} {case.version}  {case.status}{ended}"
    yield f"  {', '.join(map(str, case.place))}" + (f"  {case.priority}" if case.priority else "")
    for name in case.open_stages:
        stage = story.procedure.stage(name)
        title = name if stage is None else stage.title.say(lang)
        yield f"  ○ {title} ({name}): {say_actors(stage.actors, lang, titles) if stage else ''}"
    for clock in story.clocks:
        yield from _clock_lines(clock, lang)
    for told in story.told:
        late = "" if told.recorded_at == told.at else f" ({told.recorded_at:%Y-%m-%d %H:%M})"
        yield f"  {told.at:%Y-%m-%d %H:%M:%S}{late}  {told.by}  {told.words.say(lang)}"


def _clock_lines(story: ClockStory, lang: str) -> Iterator[str]:
    clock, reading = story.clock, story.reading
    if reading is None:
        lacking = "" if story.lacking is None else story.lacking.say(lang)
        yield f"  ◷ {story.title.say(lang)} ({clock.id}): {clock.state.value}, {lacking}"
    else:
        due = reading.due
        when = f"{due.at:%Y-%m-%d %H:%M:%S}" if isinstance(due, Due) else getattr(due, "reason", "") or "–"
        late = "" if reading.late is None else f", late {reading.late}"
        said = f"{reading.state.value}, due {when}, used {reading.elapsed}{late}"
        yield f"  ◷ {story.title.say(lang)} ({clock.id}): {said}"
        if isinstance(due, Due) and due.moved_by:
            yield f"      moved by {', '.join(day.isoformat() for day in due.moved_by)}"
        if reading.because:
            yield f"      ! {_BECAUSE.say(lang)} {', '.join(reading.because)}"
    for pause in clock.pauses:
        until = "…" if pause.until is None else f"{pause.until:%Y-%m-%d %H:%M}"
        yield f"      ‖ {pause.since:%Y-%m-%d %H:%M} – {until}  {pause.reason}"
    ladder = story.ladder
    if ladder is not None:
        following = "–" if ladder.at is None else f"{ladder.at:%Y-%m-%d %H:%M:%S}"
        decided = ", ".join(f"{name}×{count}" for name, count in ladder.rounds) or "–"
        yield f"      ↑ {ladder.ladder} {ladder.version}: {decided}; next {following}"
        yield from (f"        {rung}: {why}" for rung, why in ladder.held)


def plain_story(story: CaseStory) -> dict[str, Any]:
    """Return a case as plain data."""
    return {
        "case": unstructure(story.case),
        "at": story.at.isoformat(),
        "as_of": None if story.as_of is None else story.as_of.isoformat(),
        "clocks": [_plain_clock(one) for one in story.clocks],
        "told": [unstructure(one) for one in story.told],
    }


def _plain_clock(story: ClockStory) -> dict[str, Any]:
    reading = story.reading
    return {
        "id": story.clock.id,
        "title": unstructure(story.title),
        "reading": None if reading is None else unstructure(reading),
        "lacking": None if story.lacking is None else story.lacking.say(),
        "ladder": None if story.ladder is None else unstructure(story.ladder),
    }


@click.command(name="due")
@store_option
@click.option("--at", help="Up to and including this moment.", **_AT)  # type: ignore[arg-type]
@json_option
@click.pass_obj
def due_command(state: State, store: str, at: dt.datetime, as_json: bool) -> None:
    """List the cases that have to be looked at by a moment, the earliest first."""
    with open_kit(store, state.rules) as kit:
        for when, case in kit.due(at):
            if as_json:
                print_json({"case": case, "at": when.isoformat()})
            else:
                click.echo(f"{when.astimezone(at.tzinfo):%Y-%m-%d %H:%M:%S}  {case}")


@click.command(name="rearm")
@store_option
@json_option
@click.pass_obj
def rearm_command(state: State, store: str, as_json: bool) -> None:
    """Work out anew when each open case is to be swept: after other ladders, calendars or plug-ins were installed."""
    with open_kit(store, state.rules) as kit:
        count = kit.rearm()
    if as_json:
        print_json({"cases": count})
    else:
        click.echo(f"{count} open cases looked at anew")


@click.command(name="sweep")
@store_option
@click.option("--at", help="The moment by which everything is to happen.", **_AT)  # type: ignore[arg-type]
@click.option("--by", metavar="ID", help="The system that sweeps; branchkit:sweeper where left out.")
@json_option
@click.pass_obj
def sweep_command(state: State, store: str, at: dt.datetime, by: str | None, as_json: bool) -> None:
    """Let happen in every case what has to by a moment: each rung once, however often this is run."""
    actor = None if by is None else Actor(by, system=True)
    cases = rungs = failed = 0
    with open_kit(store, state.rules) as kit, bar("Sweeping", prints=True) as progress:
        for swept in kit.sweep(at, by=actor):
            cases, rungs = cases + 1, rungs + len(swept.reached)
            progress.more()
            if swept.failed is not None:
                failed += 1
                click.echo(f"{swept.case}: {swept.failed}", err=True)
            for event in swept.reached:
                one = event.reached
                if as_json:
                    print_json({"case": event.case, "clock": event.clock, **unstructure(one)})
                    continue
                told = f" → {', '.join(one.told)}" if one.told else ""
                why = f" ({one.code})" if one.code else ""
                rung = f"{event.ladder}/{one.rung}  {one.outcome.value}{why}{told}"
                click.echo(f"{one.due:%Y-%m-%d %H:%M:%S}  {event.case}  {rung}")
    click.echo(f"{cases} cases looked at, {rungs} rungs", err=True)
    if failed:
        sys.exit(1)


@click.command(name="outbox")
@store_option
@click.option("--deliver", metavar="KEY", help="Hand the messages to this notifier, and mark those that it took.")
@json_option
@click.pass_obj
def outbox_command(state: State, store: str, deliver: str | None, as_json: bool) -> None:
    """List the messages that wait, in the order they were put; or deliver them."""
    with open_kit(store, state.rules) as kit:
        if deliver is not None:
            done = kit.deliver(deliver)
            for failure in done.failures:
                click.echo(str(failure), err=True)
            click.echo(f"{done.delivered} delivered, {done.waiting} wait", err=True)
            sys.exit(1 if done.failures else 0)
        for one in kit.outbox():
            if as_json:
                print_json({"key": one.key, "to": one.to, **one.body})
            else:
                words = one.body.get("message", {})
                click.echo(f"{one.key}  {one.to}  {words.get('zh') or words.get('en', '')}")
