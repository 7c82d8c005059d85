"""The digest of a sheet whose places are known, from parts that were written before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from operator import getitem

from branchkit.checklists.cells import Filled
from branchkit.checklists.layout import Irregular, Layout, answer_text
from branchkit.checklists.sheet import Sheet
from branchkit.codec import canonical_json, unstructure

__all__ = ["digest_of", "digest_with", "head_of", "texts_of"]

_START = '{"answers":[]'


def digest_of(sheet: Sheet, filled: Filled) -> str:
    """Return what ``sheet.digest()`` returns, for a sheet that fills in places so."""
    texts = None
    if filled.is_straight and not any(one.note is not None or one.photos or one.files for one in sheet.answers):
        texts = texts_of(filled.layout, filled.values)
    return digest_with(head_of(sheet), list(map(answer_text, sheet.answers)) if texts is None else texts)


def head_of(sheet: Sheet) -> dict[str, object]:
    """Return a sheet as plain data, with no answers in its list of answers."""
    head: dict[str, object] = unstructure(sheet, {id(sheet.answers): []})
    return head


def texts_of(layout: Layout, values: Sequence[object]) -> list[str] | None:
    """Return answers that hold these values as canonical JSON, or ``None`` where one is more than a value.

    A value that is ``None`` is no answer.
    """
    try:
        if None in values:
            pairs = zip(layout.texts, values, strict=True)
            return [texts[value] for texts, value in pairs if value is not None]
        return list(map(getitem, layout.texts, values))
    except Irregular:
        return None


def digest_with(head: Mapping[str, object], answers: Sequence[str]) -> str:
    """Return the digest of the sheet with this head and these answers, which are canonical JSON already."""
    text = canonical_json(head).decode()
    # Without answers the field is left out; with them it comes first, as its name does.
    rest = text.removeprefix(_START)
    text = f"{_START[:-1]}{','.join(answers)}]{rest}" if answers else "{" + rest.removeprefix(",")
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
