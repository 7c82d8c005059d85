"""``branchkit import``: turns files of another system into commands, one a line."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator

import click

from branchkit.cli.app import State
from branchkit.cli.blame import blamed
from branchkit.cli.output import bar, read_input
from branchkit.errors import Problem
from branchkit.kit.wire import command_line
from branchkit.messages import Command
from branchkit.plugins import ImportContext, ImporterRecord, SourceFile
from branchkit.values import FrozenMap

__all__ = ["import_command", "moment"]


def moment(_: click.Context, __: click.Parameter, text: str | None) -> dt.datetime | None:
    """Read a moment with its zone; click calls it."""
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("Expected a moment such as 2026-03-01T09:00:00+08:00") from error
    if moment.tzinfo is None:
        raise click.BadParameter("Expected a moment with its zone, such as 2026-03-01T09:00:00+08:00")
    return moment


@click.command(name="import")
@click.argument("format")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--at", callback=moment, metavar="T", help="The moment the data speaks of, where it does not say.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option of the importer.")
@click.pass_obj
def import_command(
    state: State, format: str, files: tuple[str, ...], at: dt.datetime | None, options: tuple[str, ...]
) -> None:
    """Write the commands that carry FILEs in, as JSON lines, to standard output.

    Nothing is stored; `branchkit replay` does that. The same files always give the same commands, ids and all.
    """
    record = state.rules.plugins.importer(format)
    pairs: dict[str, str] = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise click.BadParameter("Expected NAME=VALUE", param_hint="--option")
        if name in pairs:
            raise click.BadParameter(f"{name} is given twice: one of them has no effect", param_hint="--option")
        pairs[name] = value
    sources = tuple(SourceFile(name, data=read_input(name)) for name in files)
    out = sys.stdout.buffer
    with bar("import", prints=True) as progress:
        context = ImportContext(
            files=sources,
            # Without a moment of their own and of the caller's, files speak of the beginning of time: never of "now",
            # or the same files would give other commands tomorrow.
            at=at or dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
            options=FrozenMap(pairs),
            progress=progress.at,
            notice=_notice,
        )
        for command in _read(record, context, state.rules.plugins.origin(record).plugin):
            out.write(command_line(command) + b"\n")
    out.flush()


def _read(record: ImporterRecord, context: ImportContext, plugin: str) -> Iterator[Command]:
    with blamed(plugin, f"the importer {record.key!r}"):
        yield from record.read(context)


def _notice(problem: Problem) -> None:
    click.echo(f"notice: {problem}", err=True)
