"""What every command does alike: read inputs, show progress, print objects."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO

import click

__all__ = ["bar", "json_option", "open_input", "print_json", "read_input", "store_option"]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
store_option = click.option(
    "--store", metavar="URL", required=True, envvar="BRANCHKIT_STORE", help="The store, as sqlite:///branch.db."
)


@contextlib.contextmanager
def open_input(name: str) -> Generator[BinaryIO]:
    """Open a file, or standard input for ``-``; a file that is not there is bad usage."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(Path(name).open("rb"))
        except OSError as error:
            raise click.UsageError(f"{name}: {error.strerror}") from error
        yield file


def read_input(name: str) -> bytes:
    """Return all bytes of a file or of standard input."""
    with open_input(name) as file:
        return file.read()


def print_json(value: Any) -> None:
    """Print one object on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


@contextlib.contextmanager
def bar(label: str, *, length: int | None = None) -> Generator[Any]:
    """Show progress on standard error where a terminal looks; yields a function that takes how much more is done."""
    if not sys.stderr.isatty():
        yield lambda more=1: None
        return
    with click.progressbar(length=length or 0, label=label, file=sys.stderr, show_pos=True) as shown:
        yield lambda more=1: shown.update(more)
