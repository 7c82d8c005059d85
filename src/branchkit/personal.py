"""Marks personal data and free text in a class, so that everything that prints or stores can tell.

A field is marked where it is declared::

    name: str = attrs.field(repr=mask, metadata=personal("name"))

Its value never shows in a ``repr``, an error, a trace or a report, and never enters the journal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs

__all__ = [
    "ERASED_WORD",
    "FREE_TEXT",
    "MASK",
    "Guarded",
    "bare",
    "kind_of",
    "leaves_a_word",
    "looks_personal",
    "marked_fields",
    "mask",
    "personal",
    "place_of",
    "raised",
]

MASK = "•••"
"""What stands where a personal value would."""
ERASED_WORD = "erased"
"""What stands where a text was erased that nothing else can stand for."""
FREE_TEXT = "free_text"
"""The mark of text that somebody typed: it may hold anything, so it is treated as personal."""

E = TypeVar("E", bound=BaseException)
_KEY = "branchkit.personal"
_WORD = "branchkit.erased"
_MOBILE = r"1[3-9][0-9]{9}"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_RESIDENT = rf"[0-9]{{6}}(?:18|19|20)[0-9]{{2}}{_DAY}[0-9]{{3}}[0-9Xx]"
_ALL_OF_IT = re.compile(rf"(?:\+?(?:00)?86)?{_MOBILE}|{_RESIDENT}")
_WITHIN = re.compile(
    rf"(?<![0-9])(?:"
    rf"(?:(?:\+|00)?86[ -]?)?1[3-9][0-9][ -]?[0-9]{{4}}[ -]?[0-9]{{4}}(?![0-9])"
    rf"|{_RESIDENT}(?![0-9A-Za-z])"
    rf"|{_PROVINCE}[0-9]{{6}}{_DAY}[0-9]{{3}}(?![0-9])"  # identity numbers had 15 digits before 1999
    rf")"
)
_FIXED_LINE = re.compile(
    r"(?<![0-9A-Za-z-])(?:\(?0|(?:\+|00)86[ -]?)(?:10|2[0-9]|[3-9][0-9]{2})(?:\) ?|[ -])[2-8][0-9]{6,7}(?![0-9])"
)
_DATED = re.compile(rf"[ -]20[0-9]{{2}}{_DAY}$")
_BETWEEN = str.maketrans("", "", " -()")
_TOKEN = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[0-9]*[a-f][0-9a-f]*[a-f])[0-9a-f]{16,})(?![0-9A-Za-z])"
)


class Guarded:
    """Mix this into a class whose personal values are given out only for a purpose, and never without a record of it.

    A kit hands objects of such a class out, in documents, events and messages, without the values of their marked
    fields; see `branchkit.codec.blanked`.
    """

    __slots__ = ()


def looks_personal(text: str) -> bool:
    """Say whether a text that should be an identifier has a telephone, resident-identity or mail address in it.

    What stands in the journal stays there: such a text may not become part of an id. Digits of every width count,
    whatever stands around them; numbers of a branch with a date, and tokens of hexadecimal digits, are none.

    >>> looks_personal("138 0013 8000"), looks_personal("11010519491231002X"), looks_personal("ping@example.org")
    (True, True, True)
    >>> looks_personal("C-13800138000"), looks_personal("021-62345678")
    (True, True)
    >>> looks_personal("C-204417"), looks_personal("6217000012345"), looks_personal("B-0417-20260302")
    (False, False, False)
    """
    plain = unicodedata.normalize("NFKC", text)
    if "@" in plain or _ALL_OF_IT.fullmatch(plain.translate(_BETWEEN)) is not None:
        return True
    if sum(map(str.isdigit, plain)) < 10:
        return False
    if _WITHIN.search(_TOKEN.sub("", plain)) is not None:
        return True
    line = _FIXED_LINE.search(plain)
    return line is not None and _DATED.search(line[0]) is None


def personal(kind: str, *, word: bool = False) -> dict[str, str]:
    """Return the attrs metadata that marks a field as personal data of a kind, as in ``"name"``.

    Args:
        kind: What sort of data it is.
        word: Whether the word ``erased`` stands in a field's place once its value is gone, although the field has a
            default: for one whose being there means something by itself.

    >>> personal("phone")
    {'branchkit.personal': 'phone'}
    """
    return {_KEY: kind, _WORD: "word"} if word else {_KEY: kind}


def mask(value: object) -> str:
    """Stand in for ``repr`` on a marked field; shows whether there is a value, and nothing else.

    >>> mask("Zhang"), mask(None)
    ('•••', 'None')
    """
    return "None" if value is None else MASK


def bare(error: E) -> E:
    """Return an error as it leaves the library: without the frames in which values lie, and without its causes.

    A traceback may be printed with the variables of its frames, and what a plug-in said of its own may quote anybody.
    What went wrong, and where, is in the error's own words.

    >>> try:
    ...     int("138 0013 8000 0000")
    ... except ValueError as error:
    ...     error.__cause__ = KeyError()
    ...     print(bare(error).__traceback__, bare(error).__cause__)
    None None
    """
    error.__cause__ = error.__context__ = None
    error.__suppress_context__ = True
    return error.with_traceback(None)


def place_of(error: BaseException) -> str:
    """Name the module and line an error came from, as `` in acme.policy, line 7``; a path would name the machine."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" in {trace.tb_frame.f_globals.get('__name__', '?')}, line {trace.tb_lineno}" if trace else ""


def raised(error: BaseException) -> str:
    """Say what code of others raised, and where, by its kind and place alone: its own words may quote anybody.

    >>> raised(KeyError("Zhang"))
    'raised KeyError'
    """
    return f"raised {type(error).__name__}{place_of(error)}"


def kind_of(metadata: Mapping[Any, Any]) -> str | None:
    """Return the kind a field is marked with, or ``None`` if it is not marked."""
    kind = metadata.get(_KEY)
    return kind if isinstance(kind, str) else None


def leaves_a_word(metadata: Mapping[Any, Any]) -> bool:
    """Say whether the word ``erased`` stands in a field's place once its value is gone."""
    return _WORD in metadata


def marked_fields(cls: type[Any]) -> dict[str, str]:
    """Return the marked fields of an attrs class with their kinds.

    >>> @attrs.frozen
    ... class Visitor:
    ...     id: str
    ...     name: str = attrs.field(repr=mask, metadata=personal("name"))
    >>> marked_fields(Visitor), Visitor("V-1", "Zhang")
    ({'name': 'name'}, Visitor(id='V-1', name=•••))
    """
    return {field.name: kind for field in attrs.fields(cls) if (kind := kind_of(field.metadata))}
