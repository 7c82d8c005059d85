"""What a decision about a case is given beside the case: the branch, the records, the forms, who is who."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from branchkit.checklists import CellState, RawFact, Reading
from branchkit.checklists.binding import raw_fact, typed_fact
from branchkit.conditions import Facts, FactSpec, FactType, FactValue
from branchkit.conditions.facts import coerce
from branchkit.errors import Refusal
from branchkit.escalation import EscalationPolicy
from branchkit.estate import Standing
from branchkit.procedures.case import Case, items_of
from branchkit.procedures.model import Separation
from branchkit.procedures.prepared import Prepared
from branchkit.temporal import Deadline, NotConfigured, TimeFrame
from branchkit.values import FrozenMap, Ref, Unknown

__all__ = [
    "ATTEMPT",
    "NO_FACTS",
    "PLACE",
    "PRIORITY",
    "Apart",
    "CaseFacts",
    "FormReading",
    "OpenedBy",
    "case_key",
    "check_fact",
    "look",
    "moment_of",
    "opened_by",
    "stated",
]

PRIORITY, ATTEMPT = "case.priority", "stage.attempt"
"""The facts that every case has of itself."""
PLACE = ("case.zone", "case.equipment")
"""The ids of the zone and the device that a case is about, where it is about one; `CaseFacts.facts` holds them."""


@attrs.frozen(kw_only=True)
class OpenedBy:
    """A failed item that names a procedure: what is to be opened, or joined, and for what."""

    procedure: str
    item: str
    place: tuple[Ref, ...]

    @property
    def key(self) -> str:
        """What the case is to be the only open one of."""
        return case_key(self.procedure, self.place)


@attrs.frozen(kw_only=True)
class FormReading:
    """A sheet as the form of a stage: whose it is, whether it is whole, and what it says in codes and numbers."""

    sheet: str
    checklist: str
    branch: str
    by: str
    state: str = "final"
    """``draft``, ``final`` or ``superseded``."""
    complete: bool = True
    answers: Mapping[str, RawFact] = attrs.field(factory=dict)
    """The answers to items asked once, by item: codes, numbers, days and yes or no, never words of one's own."""

    @classmethod
    def of(cls, reading: Reading, *, superseded: bool = False) -> FormReading:
        """Read a bound sheet as a form."""
        sheet = reading.sheet
        answers: dict[str, RawFact] = {}
        for section, item in reading.bound.checklist.items():
            once = section.rows is None and not section.for_each and not item.for_each
            if once and item.answer.spec("form").type is not FactType.TEXT:
                for cell in reading.by_item[item.id]:
                    if not isinstance(cell.value, Unknown):
                        answers[item.id] = raw_fact(cell.value)
        return cls(
            sheet=sheet.id,
            checklist=sheet.checklist,
            branch=sheet.branch,
            by=sheet.by,
            state="superseded" if superseded else sheet.state,
            complete=not reading.problems,
            answers=answers,
        )


def case_key(procedure: str, place: tuple[Ref, ...]) -> str:
    """Return what a case about a place is the only open one of.

    >>> case_key("fault", (Ref("branch", "B-1"), Ref("equipment", "ATM-1")))
    'fault/branch:B-1/equipment:ATM-1'
    """
    return "/".join((procedure, *map(str, place)))


def opened_by(reading: Reading, procedures: Mapping[str, str]) -> Iterator[OpenedBy]:
    """Yield what the failed items of a sheet open: for each the procedure that is named for it, and the device."""
    for cell in reading.cells:
        if cell.state is CellState.FAILED and cell.item.id in procedures:
            place = reading.place(cell.section, cell.on)
            yield OpenedBy(procedure=procedures[cell.item.id], item=cell.item.id, place=place)


@attrs.frozen(kw_only=True)
class Apart:
    """A duty that some people may not take here for what they hold in a linked case, whose procedure says so."""

    separation: Separation
    duty: str
    """The duty here, as in ``stage:receive``."""
    held: str
    """The duty there, with its procedure, as in ``refund/stage:pay``."""
    persons: frozenset[str]
    """Who holds it."""


@attrs.frozen(kw_only=True)
class CaseFacts:
    """Everything that a decision may look at beside the case; whoever asks gathers it, and its versions, beforehand."""

    frame: TimeFrame | None = None
    """What the branch's clocks count in."""
    standing: Standing = attrs.field(factory=Standing)
    """Who is who around the branch; the roles are the case's own."""
    facts: Facts = attrs.field(factory=dict)
    """Facts of the branch and the moment, as ``branch.kind``."""
    records: Facts = attrs.field(factory=dict)
    """The procedure's facts over other records, resolved."""
    forms: Mapping[str, FormReading] = attrs.field(factory=dict)
    """The sheets that the command names, by id."""
    duties: Mapping[str, frozenset[str]] = attrs.field(factory=dict)
    """Who holds which duty in linked cases and other records, for separations that look there."""
    apart: tuple[Apart, ...] = ()
    """What the procedures of linked cases keep apart from duties here."""
    targets: Mapping[str, Deadline | NotConfigured] = attrs.field(factory=dict)
    """What the table of targets says, by its outputs."""
    target_facts: frozenset[str] = frozenset()
    """The facts that the table of targets looks at: as they change, clocks have other deadlines."""
    ladders: Mapping[str, EscalationPolicy] = attrs.field(factory=dict)
    """The ladders that the procedure assigns to clocks, by id."""
    others: Mapping[str, Case] | None = None
    """The cases that there are, by id, for a command that names some; ``None`` where nobody looks at other cases."""
    same_key: str | None = None
    """The id of the case that is open with the same key."""
    blocked_by: tuple[str, ...] = ()
    """The open cases that hold this one: those that block it, and its parts."""
    parts: tuple[str, ...] = ()
    """Those of them that are its parts, without which it is not cancelled."""


NO_FACTS = CaseFacts()
"""Nothing beside the case."""


def look(
    prepared: Prepared,
    names: tuple[str, ...],
    held: Mapping[str, RawFact],
    facts: CaseFacts,
    *,
    priority: str | None = None,
    attempt: int | None = None,
    read: dict[str, RawFact],
) -> dict[str, FactValue | Unknown]:
    """Return the facts of those names, typed, and put what they are worth into `read`."""
    typed: dict[str, FactValue | Unknown] = {}
    for name in names:
        raw = held.get(name)
        if raw is not None:
            typed[name] = _typed(prepared.specs[name], raw)
            read[name] = raw
            continue
        if name == ATTEMPT and attempt is not None:
            value: FactValue | Unknown = Decimal(attempt)
        elif name == PRIORITY:
            value = Unknown("the case has no priority yet") if priority is None else priority
        else:
            value = facts.records.get(name, facts.facts.get(name, _NOT_STATED))
        typed[name] = value
        read[name] = raw_fact(value)
    return typed


_NOT_STATED = Unknown("not stated")


def _typed(spec: FactSpec, raw: RawFact) -> FactValue | Unknown:
    """Read a fact that was checked when the case took it in."""
    if isinstance(raw, Unknown | bool):
        return raw
    if isinstance(raw, tuple):
        return frozenset(raw)
    if spec.type is FactType.CODE or spec.type is FactType.TEXT:
        return raw
    value = coerce(raw, spec.type)
    return Unknown("not readable") if value is None else value


def stated(prepared: Prepared, given: FrozenMap[RawFact], refusals: list[Refusal]) -> None:
    """Add to the refusals what is wrong with facts that somebody states."""
    for name, raw in items_of(given).items():
        path = f"$.facts.{name}"
        spec = prepared.specs.get(name)
        if spec is None:
            known = ", ".join(sorted(prepared.specs)) or "none"
            refusals.append(
                Refusal("unknown_fact", f"the fact {name!r} is not declared; there are: {known}", path=path)
            )
        elif name.startswith("form."):
            refusals.append(Refusal("fact_of_form", f"the fact {name!r} comes from a sheet", path=path))
        else:
            check_fact(spec, raw, path, refusals)


def check_fact(spec: FactSpec, raw: RawFact, path: str, refusals: list[Refusal]) -> None:
    """Add to the refusals what keeps a value from being a fact's."""
    try:
        typed_fact(spec, raw)
    except ValueError as error:
        refusals.append(Refusal("bad_fact", f"the fact {spec.name!r} does not fit: {error}", path=path))


def moment_of(case: Case, at: dt.datetime) -> dt.datetime:
    """Return when something counts as done: nothing told late comes before what is decided already."""
    return at if at > case.latest else case.latest
