"""A sheet (填报表): a checklist filled in at one branch, with its answers and their evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

import attrs

from branchkit.checklists.answers import FileAnswer, RawValue
from branchkit.codec import Document
from branchkit.errors import Problem
from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.values import FrozenMap, Ref, Unknown, is_identifier

__all__ = ["Answer", "RawFact", "Sheet"]

RawFact = bool | str | tuple[str, ...] | Unknown
"""A fact as a document holds it: numbers, days and moments as text, sets of codes as lists."""


@attrs.frozen
class Answer:
    """One answer: a value, or why there is none.

    Exactly one of `value`, `words`, `not_applicable` and `unknown` is given.
    """

    item: str
    value: RawValue | None = attrs.field(default=None, kw_only=True)
    """The answer as text (numbers and days too), or a list of texts where several codes may be chosen."""
    words: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT, word=True))
    """The answer to an item that asks for words of one's own."""
    not_applicable: str | None = attrs.field(
        default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT, word=True)
    )
    """Why the item does not apply."""
    unknown: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT, word=True))
    """Why there is no answer, as in "the room was locked"."""
    on: tuple[Ref, ...] = attrs.field(default=(), kw_only=True)
    """What the answer is about where the item is asked for several: ``("equipment:ATM-1",)`` or ``("row:1",)``."""
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))
    photos: tuple[str, ...] = attrs.field(default=(), kw_only=True, repr=mask, metadata=personal(FREE_TEXT))
    """References to photos, in the form that a file answer has. A file's name may be a person's: it is masked."""
    files: tuple[str, ...] = attrs.field(default=(), kw_only=True, repr=mask, metadata=personal(FREE_TEXT))

    def validate(self) -> Iterable[Problem]:
        """Return a problem unless exactly one kind of answer is given, and for references that are none."""
        given = (self.value is not None) + (self.words is not None)
        given += (self.not_applicable is not None) + (self.unknown is not None)
        # a sheet has many answers, nearly all of them right and without files: those are told apart at once
        return () if given == 1 and not self.photos and not self.files else tuple(self._problems())

    def _problems(self) -> Iterator[Problem]:
        kinds = ("value", "words", "not_applicable", "unknown")
        given = [name for name in kinds if getattr(self, name) is not None]
        if len(given) != 1:
            yield Problem("$", f"Expected exactly one of {', '.join(kinds)}; got {' and '.join(given) or 'none'}")
        for field, kind in (("photos", FileAnswer(photo=True)), ("files", FileAnswer())):
            for at, reference in enumerate(getattr(self, field)):
                try:
                    kind.read(reference)
                except ValueError as error:
                    yield Problem(f"$.{field}[{at}]", str(error))


@attrs.frozen
class Sheet(Document):
    """A filled-in checklist.

    A later revision names the sheet it supersedes; a draft may lack answers. `facts` are those that whoever filled
    it in gave for binding, so that anybody can bind and judge it again.
    """

    SCHEMA: ClassVar[str] = "sheet/1"

    id: str
    checklist: str = attrs.field(kw_only=True)
    """The id of the checklist."""
    version: str = attrs.field(kw_only=True)
    """The version of the checklist."""
    branch: str = attrs.field(kw_only=True)
    at: dt.datetime = attrs.field(kw_only=True)
    """When it was filled in, with its zone."""
    by: str = attrs.field(kw_only=True)
    """The id of whoever filled it in."""
    answers: tuple[Answer, ...] = attrs.field(default=(), kw_only=True)
    state: Literal["draft", "final"] = attrs.field(default="final", kw_only=True)
    supersedes: str | None = attrs.field(default=None, kw_only=True)
    """The id of the sheet that this one takes the place of."""
    facts: FrozenMap[RawFact] = attrs.field(default=FrozenMap(), kw_only=True)
    bound: str | None = attrs.field(default=None, kw_only=True)
    """The digest of the pin it was filled in against, where that was kept."""

    def validate(self) -> Iterator[Problem]:
        """Yield doubled answers, malformed ids, and a moment without its zone."""
        if not is_identifier(self.id):
            yield Problem("$.id", "Expected an id of 1 to 200 printable characters without spaces at its ends")
        if self.supersedes == self.id:
            yield Problem("$.supersedes", "Expected the id of another sheet: a sheet cannot supersede itself")
        if self.at.utcoffset() is None:
            yield Problem("$.at", "Expected a moment with its zone, as in 2026-03-01T09:00:00+08:00")
        if len({answer.item for answer in self.answers}) == len(self.answers):
            return  # no item twice, so no cell twice
        seen: set[tuple[str, tuple[Ref, ...]]] = set()
        for at, answer in enumerate(self.answers):
            cell = (answer.item, answer.on)
            if cell in seen:
                what = f"Expected one answer to each item; {answer.item!r} is answered twice"
                yield Problem(f"$.answers[{at}]", what)
            seen.add(cell)
