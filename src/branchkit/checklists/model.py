"""A checklist (检查表): sections of items, what each asks, for what, when, and what an answer must be shown by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, cast

import attrs

from branchkit.checklists.answers import AnswerKind, PassFail
from branchkit.codec import Document, misfits
from branchkit.conditions import Condition, FactSpec
from branchkit.errors import InputError, Problem
from branchkit.values import Severity, Text

if TYPE_CHECKING:
    from branchkit.checklists.binding import BoundChecklist
    from branchkit.checklists.prepared import Prepared
    from branchkit.checklists.sheet import RawFact
    from branchkit.estate import Branch
    from branchkit.temporal import Calendar

__all__ = [
    "Checklist",
    "Constraint",
    "Count",
    "Covers",
    "Distinct",
    "Each",
    "EachEquipment",
    "EachStaff",
    "EachValue",
    "EachZone",
    "EvidenceRule",
    "Item",
    "Judgement",
    "Rows",
    "Section",
    "Total",
]


@attrs.frozen(kw_only=True)
class EachEquipment:
    """For each device of some kinds, as "for each working cash machine in the self-service zone"."""

    KIND: ClassVar[str] = "equipment"

    kinds: tuple[str, ...]
    zone_kinds: tuple[str, ...] = ()
    """Only devices standing in zones of these kinds; empty for all."""
    working: bool = False
    """True for devices that are up; otherwise every device that still belongs to the branch."""
    capability: str | None = None
    """Only devices that have it."""


@attrs.frozen(kw_only=True)
class EachZone:
    """For each zone of some kinds."""

    KIND: ClassVar[str] = "zone"

    kinds: tuple[str, ...]


@attrs.frozen(kw_only=True)
class EachStaff:
    """For each member of staff who holds one of some posts."""

    KIND: ClassVar[str] = "staff"

    posts: tuple[str, ...]


@attrs.frozen(kw_only=True)
class EachValue:
    """For each value of a declared dimension: listed here, or given by a fact, as the currencies a branch deals in."""

    KIND: ClassVar[str] = "value"

    name: str
    """What the dimension is called: the kind of the reference that a finding names, as in ``currency``."""
    values: tuple[str, ...] = ()
    fact: str | None = None
    """The fact, a set of codes, that holds the values."""


Each = EachEquipment | EachZone | EachStaff | EachValue


@attrs.frozen(kw_only=True)
class EvidenceRule:
    """What has to come with an answer."""

    on: Literal["pass", "fail", "any"]
    needs: tuple[Literal["note", "photo", "file"], ...]


@attrs.frozen(kw_only=True)
class Judgement:
    """What an answer means when a condition holds; the first judgement that holds decides, before the answer itself.

    The facts in reach: ``answer`` (this answer), ``answer.<item>`` (other answers, of the same device or row where
    they are bound alike), the checklist's own facts, and ``branch.*`` and ``at.*``. A judgement that does not look at
    ``answer`` decides even where there is none, unless it only warns; an item that is said not to apply is not judged.
    """

    when: Condition
    outcome: Literal["pass", "warning", "fail"]
    """``warning`` gives a finding of severity warning and leaves the item passed."""
    severity: Severity | None = None
    message: Text | None = None
    rules: tuple[str, ...] = ()
    """The rules it carries out beside the item's own."""


@attrs.frozen
class Item:
    """One question of a checklist (检查项)."""

    id: str
    text: Text = attrs.field(kw_only=True)
    """What is asked or must hold, in both languages."""
    answer: AnswerKind = attrs.field(factory=PassFail, kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The qualified ids of the rules that the item carries out."""
    severity: Severity | None = attrs.field(default=None, kw_only=True)
    """How bad it is when the item fails; needed where it can fail."""
    basis: Literal["sourced", "suggested", "advice"] = attrs.field(default="sourced", kw_only=True)
    required: bool = attrs.field(default=True, kw_only=True)
    """False where the sheet is complete without an answer."""
    when: Condition | None = attrs.field(default=None, kw_only=True)
    """When the item applies; where it does not, the answer is not applicable by itself."""
    for_each: tuple[Each, ...] = attrs.field(default=(), kw_only=True)
    """What the item is asked for; several mean every combination."""
    not_applicable: Literal["never", "with_reason"] = attrs.field(default="never", kw_only=True)
    """Whether whoever fills in the sheet may say that the item does not apply."""
    evidence: tuple[EvidenceRule, ...] = attrs.field(default=(), kw_only=True)
    judgements: tuple[Judgement, ...] = attrs.field(default=(), kw_only=True)
    hint: Text | None = attrs.field(default=None, kw_only=True)
    """How to look, for whoever fills in the sheet."""
    opens: str | None = attrs.field(default=None, kw_only=True)
    """The id of the procedure of which a failed answer opens a case about the place, or joins the one open there."""

    @property
    def can_fail(self) -> bool:
        """True where some answer gives a finding that is more than a warning."""
        return self.answer.can_fail or any(judgement.outcome == "fail" for judgement in self.judgements)

    @property
    def can_pass(self) -> bool:
        """True where some answer is more than information."""
        return self.answer.can_pass or any(judgement.outcome != "fail" for judgement in self.judgements)


@attrs.frozen(kw_only=True)
class Rows:
    """The section is answered in rows, one for each thing found, as many as there are.

    In a section that is asked for each of something, the limits are those of each.
    """

    least: int = 0
    most: int | None = None
    key: str | None = None
    """The item whose answer names the row in findings, so that a later sheet can pass the same row again. Rows
    without a name are nobody's but their own sheet's."""


@attrs.frozen(kw_only=True)
class Distinct:
    """No two rows have the same answers to these items."""

    KIND: ClassVar[str] = "distinct"

    items: tuple[str, ...]
    message: Text
    severity: Severity
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Count:
    """The number of rows for which a condition holds lies within limits; a row that cannot tell is not counted."""

    KIND: ClassVar[str] = "count"

    when: Condition | None = None
    """The rows counted; all of them where it is left out."""
    low: int | None = None
    high: int | None = None
    message: Text
    severity: Severity
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Total:
    """The sum of a number over all rows lies within limits; a row without the number adds nothing."""

    KIND: ClassVar[str] = "total"

    item: str
    low: Decimal | None = None
    high: Decimal | None = None
    message: Text
    severity: Severity
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Covers:
    """Every one of these values is the answer of some row."""

    KIND: ClassVar[str] = "covers"

    item: str
    values: tuple[str, ...]
    message: Text
    severity: Severity
    rules: tuple[str, ...] = ()


Constraint = Distinct | Count | Total | Covers


@attrs.frozen
class Section:
    """Items that belong together and are asked for the same things."""

    id: str
    title: Text = attrs.field(kw_only=True)
    items: tuple[Item, ...] = attrs.field(kw_only=True)
    for_each: tuple[Each, ...] = attrs.field(default=(), kw_only=True)
    """What every item of the section is asked for."""
    rows: Rows | None = attrs.field(default=None, kw_only=True)
    when: Condition | None = attrs.field(default=None, kw_only=True)
    constraints: tuple[Constraint, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class Checklist(Document):
    """A form and the meaning of its answers; the only form system there is."""

    SCHEMA: ClassVar[str] = "checklist/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    sections: tuple[Section, ...] = attrs.field(kw_only=True)
    facts: tuple[FactSpec, ...] = attrs.field(default=(), kw_only=True)
    """Facts that whoever binds the checklist may give, beside those every branch has."""
    policy: str | None = attrs.field(default=None, kw_only=True)
    """The key of the scoring policy that is used where the configuration names none."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Rules that the checklist as a whole carries out."""

    def items(self) -> Iterator[tuple[Section, Item]]:
        """Yield every item with its section, in order."""
        for section in self.sections:
            for item in section.items:
                yield section, item

    def item(self, name: str) -> Item | None:
        """Return the item of that id, or ``None``."""
        found = self.prepared.asked.get(name)
        return None if found is None else found.item

    @property
    def prepared(self) -> Prepared:
        """The checklist made ready for reading many sheets; worked out once.

        Raises:
            InputError: the checklist does not hold together, which one read from a file always does; every problem.
        """
        return cast("Prepared", self._prepared)

    @cached_property
    def _prepared(self) -> object:
        from branchkit.checklists.prepared import prepare

        if problems := misfits(self):
            raise InputError(f"checklist {self.id!r}", problems)
        return prepare(self)

    def digest(self) -> str:
        """Return the digest of the checklist, ``sha256:<hex>``, over its canonical JSON; worked out once."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return Document.digest(self)

    def bind(
        self,
        branch: Branch,
        *,
        at: dt.datetime,
        facts: Mapping[str, RawFact] | None = None,
        calendar: Calendar | None = None,
    ) -> BoundChecklist:
        """Make the checklist ready for a branch at a moment; see `branchkit.checklists.bind`."""
        from branchkit.checklists.binding import bind

        return bind(self, branch, at=at, facts=facts, calendar=calendar)

    def validate(self) -> tuple[Problem, ...]:
        """Return every problem: doubled ids, unknown facts, settings without effect, items waiting for each other."""
        from branchkit.checklists.lint import lint

        return tuple(lint(self))
