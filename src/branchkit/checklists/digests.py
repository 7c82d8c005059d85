"""The digest of a sheet whose places are known, from parts that were written before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from branchkit.checklists.layout import Layout, answer_text
from branchkit.checklists.sheet import Answer, Sheet
from branchkit.codec import canonical_json, unstructure

__all__ = ["digest_of", "digest_with"]

_START = '{"answers":[]'


def digest_of(sheet: Sheet, layout: Layout) -> str:
    """Return what ``sheet.digest()`` returns."""
    return digest_with(sheet, [_text(answer, layout) for answer in sheet.answers])


def digest_with(sheet: Sheet, answers: Iterable[str]) -> str:
    """Return the digest that a sheet has with these answers, which are canonical JSON already, whatever its own."""
    head = canonical_json(unstructure(sheet, {id(sheet.answers): []})).decode()
    listed = ",".join(answers)
    # Without answers the field is left out; with them it comes first, as its name does.
    text = f"{_START[:-1]}{listed}]{head.removeprefix(_START)}" if listed else "{" + head.removeprefix(_START + ",")
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _text(answer: Answer, layout: Layout) -> str:
    if answer.value is None or answer.note is not None or answer.photos or answer.files:
        return answer_text(answer)
    return layout.places[layout.index[(answer.item, answer.on) if answer.on else answer.item]].text(answer.value)
