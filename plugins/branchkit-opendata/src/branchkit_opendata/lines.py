"""Reads logs line by line: delimited text with a header row, columns by name in any order, nothing held but a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import attrs

from branchkit.errors import InputError, Problem
from branchkit.plugins import SourceFile

__all__ = ["ENCODINGS", "Line", "Log", "open_log"]

ENCODINGS = ("utf-8", "cp1252", "gb18030", "utf-16")
"""The encodings a log may have; one that begins with the mark of UTF-8 or UTF-16 is read so whatever is said."""

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",;\t|"


@attrs.frozen
class Line:
    """One record below the header."""

    number: int
    """The line of the file in which it ends; the header is in line 1."""
    cells: Mapping[str, str]
    """The cells of the columns that have a meaning, without spaces at their ends."""

    def path(self, column: str) -> str:
        """Return the path of a cell."""
        return f"$.lines[{self.number}].{column}"


@attrs.frozen
class Log:
    """A log whose header has been read; its lines are read each time they are asked for."""

    file: str
    columns: frozenset[str]
    strangers: tuple[str, ...]
    """The titles of columns that have no meaning here, as written."""
    _data: bytes = attrs.field(repr=False)
    _encoding: str
    _delimiter: str
    _places: Mapping[str, int]
    _width: int

    def lines(self, problems: list[Problem] | None = None) -> Iterator[Line]:
        """Yield the records in order; lines without anything in them are skipped.

        Args:
            problems: takes the records that have another number of cells than the header; they are left out.

        Raises:
            InputError: from some place on the bytes are no such text.
        """
        reader = _reader(self._data, self._encoding, self._delimiter)
        places, width = tuple(self._places.items()), self._width
        try:
            header = True
            for cells in reader:
                if header:
                    header = not cells
                elif len(cells) == width:
                    yield Line(reader.line_num, {column: cells[place].strip() for column, place in places})
                elif cells and problems is not None:
                    number = reader.line_num
                    what = f"Expected {width} cells, as the header has; got {len(cells)} in line {number}"
                    problems.append(Problem(f"$.lines[{number}]", what))
        except (UnicodeError, csv.Error) as error:
            raise _unreadable(self.file, self._encoding, reader.line_num, error) from None


def open_log(
    file: SourceFile,
    meanings: Mapping[str, Iterable[str]],
    needed: Iterable[str],
    *,
    encoding: str = ENCODINGS[0],
    silent: Iterable[str] = (),
) -> Log:
    r"""Read the header of a log.

    Args:
        file: The log: separated by commas, semicolons, tabs or bars.
        meanings: For each column that has a meaning, the names it goes by; case, spaces and underscores do not count.
        needed: The columns without which it is no such log.
        encoding: One of `ENCODINGS`.
        silent: Names of columns that are left unread on purpose, so that nobody need be told.

    Raises:
        InputError: It is no such log.

    >>> log = open_log(SourceFile("t.csv", data=b"Number;x\nA-1;7\n"), {"id": ("number",)}, ("id",))
    >>> log.strangers, [line.cells for line in log.lines()]
    (('x',), [{'id': 'A-1'}])
    """
    encoding = next((name for mark, name in _MARKS if file.data.startswith(mark)), encoding)
    wanted = {_bare(name): column for column, names in meanings.items() for name in names}
    lacking = needed = tuple(needed)
    for delimiter in _DELIMITERS:
        header = _header(file, encoding, delimiter)
        known = {wanted.get(_bare(title)) for title in header}
        if len(missing := [column for column in needed if column not in known]) < len(lacking) or not missing:
            lacking = tuple(missing)
        if missing:
            continue
        places: dict[str, int] = {}
        left: list[str] = []
        quiet = {_bare(name) for name in silent}
        for place, title in enumerate(header):
            column = wanted.get(_bare(title))
            if column in places:
                what = f"Expected one column for {column}, got two in the header"
                raise InputError(file.name, (Problem("$.lines[1]", what),))
            if column is not None:
                places[column] = place
            elif _bare(title) not in quiet:
                left.append(title.strip())
        return Log(file.name, frozenset(places), tuple(left), file.data, encoding, delimiter, places, len(header))
    what = f"Expected a table whose header names {', '.join(needed)}; it lacks: {', '.join(lacking)}"
    raise InputError(file.name, (Problem("$.lines[1]", what),))


class _Reader(Protocol):
    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


def _reader(data: bytes, encoding: str, delimiter: str) -> _Reader:
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    return csv.reader(text, delimiter=delimiter, strict=True)


def _header(file: SourceFile, encoding: str, delimiter: str) -> list[str]:
    reader = _reader(file.data, encoding, delimiter)
    try:
        return next((cells for cells in reader if cells), [])
    except (UnicodeError, csv.Error) as error:
        raise _unreadable(file.name, encoding, max(1, reader.line_num), error) from None


def _unreadable(file: str, encoding: str, line: int, error: Exception) -> InputError:
    if isinstance(error, UnicodeError):
        others = ", ".join(name for name in ENCODINGS if name != encoding)
        what = f"Expected {encoding}; from about line {line + 1} on it is not: the option encoding may name {others}"
    else:
        what = f"Expected separated values, got something else after line {line}"
    return InputError(file, (Problem(f"$.lines[{line + 1}]", what),))


def _bare(title: str) -> str:
    return "".join(title.split()).replace("_", "").lower()
