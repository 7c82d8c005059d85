"""What every command does alike: read inputs, show progress, print objects."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from urllib.parse import unquote

import click

from branchkit.codec import Document
from branchkit.errors import StorageError
from branchkit.kit import Kit, RuleBook

__all__ = [
    "Progress",
    "bar",
    "json_option",
    "lang_option",
    "open_input",
    "open_kit",
    "print_json",
    "read_document",
    "read_input",
    "store_option",
    "tell_traces",
]

_WIDTH = 24
D = TypeVar("D", bound=Document)
F = TypeVar("F", bound=Callable[..., object])


def json_option(command: F) -> F:
    """Give a command the option ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def lang_option(command: F) -> F:
    """Give a command the option ``--lang``, the language that people are told in."""
    return click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)(command)


def store_option(command: F) -> F:
    """Give a command the option ``--store``, which it needs."""
    words = "The store, as sqlite:///branch.db."
    return click.option("--store", metavar="URL", required=True, envvar="BRANCHKIT_STORE", help=words)(command)


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


def read_document(cls: type[D], name: str, data: bytes | None = None) -> D:
    """Read a document, JSON or TOML by how it begins, from a file, from standard input, or from bytes already read."""
    data = read_input(name) if data is None else data
    begins = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return cls.from_json(data, source=name) if begins in (b"{", b"[", b"") else cls.from_toml(data, source=name)


def print_json(value: Any) -> None:
    """Print one object on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def tell_traces(left: bool) -> None:
    """Say on standard error where bytes of what was erased may still lie in the store's files."""
    if left:
        what = "its bytes may still lie in the store's files, since somebody was reading or writing"
        click.echo(f"what was erased is gone; {what}: the next command that is kept clears them away", err=True)


class Progress:
    """Tells nobody how much is done."""

    def more(self, count: int = 1) -> None:
        """Say that so much more is done."""

    def at(self, done: int, of: int | None = None) -> None:
        """Say how much is done in all, and of how much where that is known by now."""


class _Bar(Progress):
    """Draws one line on a terminal, a few times a second: a bar where it is known how much there is, else a count."""

    def __init__(self, label: str, of: int | None) -> None:
        self._label = label
        self._of = of
        self._done = 0
        self._due = time.monotonic()

    def more(self, count: int = 1) -> None:
        self.at(self._done + count)

    def at(self, done: int, of: int | None = None) -> None:
        self._done, self._of = done, of or self._of
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + 0.1
            click.echo(f"\r{self._label}: {self._drawn()}", err=True, nl=False)

    def _drawn(self) -> str:
        if not self._of:
            return f"{self._done:,}"
        full = min(_WIDTH, _WIDTH * self._done // self._of)
        return f"[{'#' * full}{'-' * (_WIDTH - full)}] {self._done:,} of {self._of:,}"

    def clear(self) -> None:
        """Leave the line empty."""
        click.echo("\r\x1b[K", err=True, nl=False)


@contextlib.contextmanager
def bar(label: str, *, of: Callable[[], int | None] | None = None, prints: bool = False) -> Generator[Progress]:
    """Show progress on standard error where a terminal looks.

    Args:
        label: what is going on.
        of: says how much there is to do; asked only where somebody looks.
        prints: whether results are written meanwhile: nothing is shown then on the terminal that they go to.
    """
    if not sys.stderr.isatty() or (prints and sys.stdout.isatty()):
        yield Progress()
        return
    shown = _Bar(label, of() if of else None)
    try:
        yield shown
    finally:
        shown.clear()


def open_kit(url: str, rules: RuleBook, *, new: bool = False) -> Kit:
    """Open a store; it is made only where `new` is true, so that no misspelt address is found to be without faults."""
    path = unquote(url.partition("?")[0].removeprefix("sqlite:///"))
    if not new and url.startswith("sqlite:///") and path and not Path(path).exists():
        raise StorageError(path, "there is no such file", "check the address; `branchkit replay` makes a store")
    return Kit.open(url, rules=rules)
