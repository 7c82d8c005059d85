"""Reads tables: CSV with a header row, columns by name in any order, strict about everything else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

import attrs

from branchkit.codec import child
from branchkit.errors import InputError, Problem
from branchkit.plugins import SourceFile

__all__ = ["ENCODINGS", "Row", "Table", "read_table"]

ENCODINGS = ("utf-8", "cp1252")
"""The encodings a table may have: the one all should have, and the one older exports have."""


@attrs.frozen
class Row:
    """One row below the header."""

    number: int
    """Its place below the header, from 0."""
    cells: Mapping[str, str]
    """The cells of the columns that have a meaning, without spaces at their ends."""

    def path(self, column: str) -> str:
        """Return the path of a cell."""
        return child("$", self.number, column)


@attrs.frozen
class Table:
    """A table as far as its columns have a meaning."""

    file: str
    columns: frozenset[str]
    rows: tuple[Row, ...]


def read_table(file: SourceFile, meanings: Mapping[str, Iterable[str]], encoding: str = "utf-8") -> Table:
    r"""Read a table.

    Args:
        file: The table.
        meanings: For each column that has a meaning, the names it goes by; case, spaces and underscores do not count.
            Other columns are left unread.
        encoding: One of `ENCODINGS`; UTF-8 may begin with a byte order mark.

    Raises:
        InputError: It is no such table; lists every problem with the line it is in.

    >>> table = read_table(SourceFile("t.csv", data=b"Risk Category,x\nLow,1\n"), {"risk": ("risk_category",)})
    >>> table.rows[0].cells
    {'risk': 'Low'}
    """
    lines = _lines(file, encoding)
    if not lines:
        raise InputError(file.name, (Problem("$", "Expected a table with a header row; the file is empty"),))
    wanted = {_bare(name): column for column, names in meanings.items() for name in names}
    _, header = lines[0]
    problems: list[Problem] = []
    places: dict[str, int] = {}
    for place, title in enumerate(header):
        column = wanted.get(_bare(title))
        if column in places:
            problems.append(Problem("$", f"Expected one column for {column}, got two in the header"))
        elif column is not None:
            places[column] = place
    rows = []
    for number, (line, cells) in enumerate(lines[1:]):
        if len(cells) != len(header):
            what = f"Expected {len(header)} cells, as the header has; got {len(cells)} in line {line}"
            problems.append(Problem(child("$", number), what))
        else:
            rows.append(Row(number, {column: cells[place].strip() for column, place in places.items()}))
    if problems:
        raise InputError(file.name, tuple(problems))
    return Table(file.name, frozenset(places), tuple(rows))


def _lines(file: SourceFile, encoding: str) -> list[tuple[int, list[str]]]:
    try:
        text = file.data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        others = " or ".join(name for name in ENCODINGS if name != encoding)
        what = f"Expected {encoding}; byte {error.start} is not: the option encoding may name {others}"
        raise InputError(file.name, (Problem("$", what),)) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = []
    try:
        for cells in reader:
            if cells:
                lines.append((reader.line_num, cells))
    except csv.Error:
        what = f"Expected comma-separated values, got something else in line {reader.line_num}"
        raise InputError(file.name, (Problem("$", what),)) from None
    return lines


def _bare(title: str) -> str:
    return "".join(title.split()).replace("_", "").lower()
