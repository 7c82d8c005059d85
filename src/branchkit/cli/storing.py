"""``branchkit replay`` and ``branchkit verify``: putting commands into a store, and proving what it holds."""

from __future__ import annotations

import sys
import time

import click

from branchkit.cli.app import State
from branchkit.cli.output import bar, json_option, open_input, open_kit, print_json, store_option, tell_traces
from branchkit.kit import Kit
from branchkit.kit.replay import ReplayReport, replay

__all__ = ["replay_command", "verify_command"]


@click.command(name="replay")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@store_option
@json_option
@click.option("--batch", default=200, show_default=True, type=click.IntRange(min=1), help="Commands to a commit.")
@click.pass_obj
def replay_command(state: State, files: tuple[str, ...], store: str, as_json: bool, batch: int) -> None:
    """Carry out the commands in FILEs (JSON lines; - is standard input).

    Stopped anywhere and started again, it goes on where it was: nothing is lost and nothing happens twice.
    """
    start = time.perf_counter()
    report = ReplayReport()
    with open_kit(store, state.rules, new=True) as kit, bar("replay", of=lambda: _lines(files)) as progress:
        for name in files:
            with open_input(name) as file:
                report += replay(kit, file, source=name, batch=batch, progress=progress.more)
    seconds = round(time.perf_counter() - start, 3)
    if as_json:
        print_json(
            {
                "commands": report.commands,
                "accepted": report.accepted,
                "repeated": report.repeated,
                "refused": [{"file": one.source, "line": one.line, "error": str(one.error)} for one in report.refused],
                "events": report.events,
                "seconds": seconds,
            }
        )
    else:
        told = f"{report.commands} commands, {report.accepted} accepted, {report.repeated} repeated"
        click.echo(f"{told}, {len(report.refused)} refused; {report.events} events in {seconds} s")
        for one in report.refused:
            place, told = f"{one.source}:{one.line}: ", str(one.error)
            click.echo(f"  {place}{told.removeprefix(place)}", err=True)
    sys.exit(1 if report.refused else 0)


def _lines(files: tuple[str, ...]) -> int | None:
    """Count the lines of files; those of standard input come once and are not counted."""
    if "-" in files:
        return None
    total = 0
    for name in files:
        with open_input(name) as file:
            total += sum(1 for line in file if line.strip())
    return total


def _entries(kit: Kit) -> int:
    with kit.store.transaction(write=False) as tx:
        return tx.tip().seq


@click.command(name="verify")
@store_option
@json_option
@click.pass_obj
def verify_command(state: State, store: str, as_json: bool) -> None:
    """Check that chains and checkpoints are intact and that folding the journal gives the stored documents."""
    with open_kit(store, state.rules) as kit, bar("verify", of=lambda: _entries(kit)) as progress:
        found = kit.verify(progress=progress.at)
    if as_json:
        plain = {"ok": found.ok, "entries": found.entries, "head": found.head, "problems": list(found.problems)}
        print_json({**plain, "traces": found.traces})
    else:
        erased = f", {found.erased} personal values erased" if found.erased else ""
        click.echo(f"{'ok' if found.ok else 'NOT OK'}: {found.entries} entries{erased}, head {found.head}")
        tell_traces(found.traces)
        for problem in found.problems:
            click.echo(f"  {problem}", err=True)
    sys.exit(0 if found.ok else 1)
