"""What files of the UK Open Banking open data have in common: the wrapping, the moment, the owner of records.

The standard wraps records as ``{meta, data: [{Brand: [{BrandName, ATM: [...]}]}]}``. Copies in the wild have lost some
of the wrapping: bare lists of records, single records, one brand without a list. All of these are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from branchkit.codec import child, parse_json
from branchkit.plugins import ImportContext, SourceFile
from branchkit_opendata.desk import Desk
from branchkit_opendata.plain import items, one_text

__all__ = ["NOT_SAID", "Feed", "Record", "listed_codes", "read_feed"]

NOT_SAID = "the source does not say"
"""Why something is unknown that the standard has a field for and the record lacks."""

_WRAPPINGS = ("data", "Brand")
_OTHER = {"ATM": ("Branch", "obie-branches"), "Branch": ("ATM", "obie-atms")}
_YEARS = range(1900, 9990)


@attrs.frozen
class Record:
    """One record of a file."""

    path: str
    data: Mapping[str, Any]
    brand: str | None
    """The brand it is listed under, where the wrapping names one."""


@attrs.frozen
class Feed:
    """One file, opened."""

    desk: Desk
    records: tuple[Record, ...]
    at: dt.datetime
    """When the data was last updated, where the file says so; otherwise the moment of the import."""


def read_feed(file: SourceFile, noun: str, context: ImportContext) -> Feed:
    """Open a file of ``ATM`` or ``Branch`` records.

    Raises:
        DecodeError: It is no JSON.
        InputError: It holds no such records; says what was expected.
    """
    document = parse_json(file.data, source=file.name)
    desk = Desk(file.name)
    records = tuple(_walk(document, "$", noun, None, desk))
    other, importer = _OTHER[noun]
    if not records and not desk.problems and not _is_empty(document, noun):
        hint = f"; records of {other} are read by {importer}" if _mentions(document, other) else ""
        desk.wrong("$", f"Expected data[].Brand[].{noun}[], or a list of {noun} records{hint}")
    desk.settle()
    meta = document.get("meta") if isinstance(document, dict) else None
    total = meta.get("TotalResults") if isinstance(meta, dict) else None
    if total is not None and str(total) != str(len(records)):
        shown = str(total) if isinstance(total, int) and not isinstance(total, bool) else "no whole number"
        desk.odd("$.meta.TotalResults", f"Says {shown}, and the file holds {len(records)} records")
    at = _updated(meta, desk)
    return Feed(desk, records, at or context.at)


def _walk(node: object, path: str, noun: str, brand: str | None, desk: Desk) -> Iterator[Record]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _walk(item, child(path, index), noun, brand, desk)
        return
    if not isinstance(node, dict):
        desk.wrong(path, f"Expected an object with {noun} records, or such a record")
        return
    brand = one_text(node.get("BrandName")) or brand
    if _is_record(node, noun):
        yield Record(path, node, brand)
        return
    other, importer = _OTHER[noun]
    if _is_record(node, other) or node.get(other) is not None:
        desk.odd(path, f"Holds records of {other} too, which this importer leaves; {importer} reads them")
    if _is_record(node, other):
        return
    if node.get(noun) is not None:
        for index, item in enumerate(items(node[noun])):
            where = child(path, noun, index) if isinstance(node[noun], list) else child(path, noun)
            if isinstance(item, dict):
                yield Record(where, item, brand)
            else:
                desk.wrong(where, f"Expected one {noun} record, an object")
    for name in _WRAPPINGS:
        if node.get(name) is not None:
            yield from _walk(node[name], child(path, name), noun, brand, desk)


def _is_record(node: Mapping[str, Any], noun: str) -> bool:
    """Tell a bare record from its wrapping; a machine's own `Branch` is the owner, not a list of records."""
    if any(name in node for name in (*_WRAPPINGS, "BrandName")) or "Identification" not in node:
        return False
    marks = {
        "ATM": ("ATMServices", "SupportedCurrencies", "Location"),
        "Branch": ("SequenceNumber", "PostalAddress", "Type"),
    }
    theirs = marks[_OTHER[noun][0]]
    return any(mark in node for mark in marks[noun]) or not any(mark in node for mark in theirs)


def _is_empty(document: object, noun: str) -> bool:
    """Say whether the file is wrapped as it should be and simply lists nothing."""
    if isinstance(document, list):
        return not document or any(_is_empty(item, noun) for item in document)
    if not isinstance(document, dict):
        return False
    if document.get(noun) == []:
        return True
    return any(_is_empty(document[name], noun) for name in _WRAPPINGS if document.get(name) is not None)


def _mentions(node: object, noun: str) -> bool:
    if isinstance(node, list):
        return any(_mentions(item, noun) for item in node)
    if not isinstance(node, dict):
        return False
    if noun in node or _is_record(node, noun):
        return True
    return any(_mentions(node[name], noun) for name in _WRAPPINGS if name in node)


def _updated(meta: object, desk: Desk) -> dt.datetime | None:
    raw = meta.get("LastUpdated") if isinstance(meta, dict) else None
    if raw is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None or moment.year not in _YEARS:
        desk.odd("$.meta.LastUpdated", "Expected a moment with its zone; the moment of the import is taken instead")
        return None
    return moment.astimezone(dt.UTC)


def listed_codes(record: Record, names: tuple[str, str], desk: Desk) -> frozenset[str] | None:
    """Return the codes of a list and of its ``Other…`` list; ``None`` where the record has neither.

    An empty list says that there are none, an absent one says nothing. What is no code is a problem.
    """
    plain, other = (record.data.get(name) for name in names)
    if plain is None and other is None:
        return None
    found: list[str] = []
    for index, item in enumerate(items(plain)):
        code = one_text(item)
        if code is None:
            desk.wrong(child(record.path, names[0], index), "Expected a code, a text")
        else:
            found.append(code)
    for index, item in enumerate(items(other)):
        code = one_text(item.get("Code")) or one_text(item.get("Name")) if isinstance(item, dict) else one_text(item)
        if code is None:
            desk.wrong(child(record.path, names[1], index), "Expected an object with a Code or a Name")
        else:
            found.append(code)
    if len(set(found)) < len(found):
        desk.odd(child(record.path, names[0]), "Lists a code twice; it is kept once")
    return frozenset(found)
