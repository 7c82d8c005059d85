"""What the tests of the procedures around money share: a branch with its people, and short ways to act in a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, RawFact, Sheet, SubmitSheet
from branchkit.errors import Refusal, Refused
from branchkit.estate import (
    Branch,
    Entry,
    OrgUnit,
    Post,
    PublishCalendar,
    RecordEntry,
    RegisterBranch,
    RegisterUnit,
    StaffMember,
)
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.procedures import Case, CaseCommand, CompleteStage, OpenCase, SignStage, WaiveStage
from branchkit.temporal import Calendar, Due, Hours
from branchkit.values import FrozenMap, Ref, Text

ZONE = dt.timezone(dt.timedelta(hours=8))
_CATALOG = Catalog()
MORNING = dt.datetime(2026, 3, 2, 8, 0, tzinfo=ZONE)
MINUTE = dt.timedelta(minutes=1)
HOUR = 60 * MINUTE
DAY = 24 * HOUR

CLERK = Actor("C-17", posts=("estate_administrator",))
TELLER = Actor("T-1", posts=("teller",))
SECOND = Actor("T-2", posts=("teller",))
STAND_IN = Actor("T-3", posts=("teller", "authorising_supervisor"), acting_for="T-1")
"""Somebody with all the posts it takes, who acts in the first teller's place."""
SUPERVISOR = Actor("S-1", posts=("authorising_supervisor",))
CUSTODIAN = Actor("V-1", posts=("vault_custodian",))
EVENING = Actor("E-1", posts=("evening_shift",))
EVENING_TOO = Actor("E-2", posts=("evening_shift",))
LOBBY = Actor("L-1", posts=("lobby_manager",))
HEAD = Actor("H-1", posts=("outlet_head",))
TEAM = Actor("K-1", posts=("complaint_officer",))
TEAM_TOO = Actor("K-2", posts=("complaint_officer",))
OFFICER = Actor("A-1", posts=("aml_officer",))
WEALTH = Actor("W-1", posts=("wealth_manager",))
QUALITY = Actor("Q-1", posts=("customer_service_officer",))
RECORDER = Actor("recording:counter-1", system=True)

_PEOPLE = (
    TELLER, SECOND, SUPERVISOR, CUSTODIAN, EVENING, EVENING_TOO, LOBBY, HEAD, TEAM, TEAM_TOO, OFFICER, WEALTH, QUALITY,
)  # fmt: skip
BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"workday": "09:00-17:30"}),
    calendar="works",
    unit="U-1",
    staff=tuple(StaffMember(one.id) for one in _PEOPLE),
    posts=tuple(Post(f"P-{one.id}", kind=one.posts[0], holder=one.id) for one in _PEOPLE),
)
CALENDAR = Calendar(
    "works",
    version="1",
    title=Text(zh="日历", en="Calendar"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2027, 12, 31),
)


@cache
def rules() -> RuleBook:
    """Return the packaged catalog, without plug-ins."""
    return RuleBook(_CATALOG, load_plugins(Config(), entry_points=False))


class Counter:
    """A kit in memory with one branch, in which cases are moved step by step."""

    def __init__(self) -> None:
        self.kit = Kit.open("memory:", rules=rules())
        self.at = MORNING
        self.sheets = 0
        before = MORNING - DAY
        self.kit.do(RegisterUnit(OrgUnit("U-1", level="head_office"), by=CLERK, at=before))
        self.kit.do(PublishCalendar(CALENDAR, by=CLERK, at=before))
        self.kit.do(RegisterBranch(BRANCH, by=CLERK, at=before))
        self.kit.do(RegisterBranch(Branch("B-2"), by=CLERK, at=before))

    def open(self, procedure: str, by: Actor, case: str = "C-1", **more: Any) -> None:
        """Open a case, now."""
        facts = FrozenMap(more.pop("facts", {}))
        roles = FrozenMap(more.pop("roles", {}))
        command = OpenCase(
            case, procedure=procedure, branch="B-1", facts=facts, roles=roles, by=by, at=self.at, **more
        )  # fmt: skip
        self.kit.do(command)

    def do(self, stage: str, way: str, by: Actor, case: str = "C-1", **more: Any) -> None:
        """Complete a stage, a minute later."""
        self.at += MINUTE
        facts: FrozenMap[RawFact] = FrozenMap(more.pop("facts", {}))
        self.kit.do(CompleteStage(case, stage, way, facts=facts, by=by, at=self.at, **more))

    def sign(self, stage: str, by: Actor, case: str = "C-1") -> None:
        """Sign what waits in a stage, a minute later."""
        self.at += MINUTE
        self.kit.do(SignStage(case, stage, by=by, at=self.at))

    def sheet(self, checklist: str, by: Actor, answers: Mapping[str, str], **more: Any) -> str:
        """Hand in a sheet of items asked once; for each of a currency or a test where a name has a ``/``."""
        self.sheets += 1
        version = _CATALOG.checklist(checklist).version
        filled = tuple(_answer(name, value) for name, value in answers.items())
        facts: FrozenMap[RawFact] = FrozenMap(more.pop("facts", {}))
        sheet = Sheet(
            f"F-{self.sheets}", checklist=checklist, version=version, branch="B-1", at=self.at, by=by.id,
            answers=filled, facts=facts, **more,
        )  # fmt: skip
        self.kit.do(SubmitSheet(sheet, by=by, at=self.at))
        return sheet.id

    def waive(self, stage: str, by: Actor, reason: str, case: str = "C-1") -> tuple[Refusal, ...]:
        """Return why a stage is not waived."""
        return self.refused(WaiveStage(case, stage, reason=reason, by=by, at=self.at + MINUTE))

    def refused(self, command: CaseCommand) -> tuple[Refusal, ...]:
        """Return why a command is refused."""
        with pytest.raises(Refused) as error:
            self.kit.do(command)
        return error.value.refusals

    def no(self, stage: str, way: str, by: Actor, case: str = "C-1", **more: Any) -> list[str]:
        """Return the codes for which a stage is not completed so."""
        facts: FrozenMap[RawFact] = FrozenMap(more.pop("facts", {}))
        at = self.at + MINUTE
        command = CompleteStage(case, stage, way, facts=facts, by=by, at=at, **more)
        return [one.code for one in self.refused(command)]

    def no_signature(self, stage: str, by: Actor, case: str = "C-1") -> list[str]:
        """Return the codes for which somebody does not sign."""
        return [one.code for one in self.refused(SignStage(case, stage, by=by, at=self.at + MINUTE))]

    def limit(self, register: str, quantity: int, branch: str = "B-1", **values: str) -> None:
        """Put a limit into a register."""
        entry = Entry(
            f"{register}-1", register=register, branch=branch, values=FrozenMap(values), quantity=Decimal(quantity),
            valid_from=dt.date(2026, 1, 1),
        )  # fmt: skip
        self.kit.do(RecordEntry(entry, by=CLERK, at=self.at))

    def case(self, case: str = "C-1") -> Case:
        """Return a case as it stands."""
        return self.kit.get(Case, case)

    def ended(self, case: str = "C-1") -> str | None:
        """Return the outcome of a case that is closed; ``None`` while it is open."""
        found = self.case(case)
        return found.outcome if found.status == "closed" else None

    def due(self, clock: str, case: str = "C-1") -> dt.datetime | None:
        """Return by when a clock says, ``None`` where nothing is configured."""
        (found,) = (one for one in self.kit.story(case, self.at).clocks if one.clock.id == clock)
        assert found.reading is not None
        return found.reading.due.at if isinstance(found.reading.due, Due) else None

    def rungs(self, at: dt.datetime) -> list[tuple[str, tuple[str, ...]]]:
        """Sweep, and return which rungs were reached and whom they tell."""
        return [(one.reached.rung, tuple(one.reached.told)) for swept in self.kit.sweep(at) for one in swept.reached]

    def opened(self, procedure: str) -> Iterable[Case]:
        """Return the cases of a procedure."""
        return list(self.kit.find(Case, procedure=procedure))


def _answer(name: str, value: str) -> Answer:
    item, _, on = name.partition("/")
    if not on:
        return Answer(item, words=value) if item == "note-serial" else Answer(item, value=value)
    kind, _, id = on.partition(":")
    return Answer(item, value=value, on=(Ref(kind, id),))
