"""Two outlets with their people, on which the shipped procedures are run through a kit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, Choice, Sheet, SubmitSheet, TextAnswer
from branchkit.estate import (
    Branch,
    Entry,
    Equipment,
    OrgUnit,
    Post,
    PublishCalendar,
    RecordEntry,
    RegisterBranch,
    RegisterUnit,
    StaffMember,
    Zone,
)
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.procedures import Case, CompleteStage, OpenCase
from branchkit.temporal import Calendar, Due, Hours
from branchkit.values import FrozenMap, Ref, Text

ZONE = ZoneInfo("Asia/Shanghai")
TUESDAY = dt.datetime(2026, 3, 3, 9, 0, tzinfo=ZONE)
MINUTE = dt.timedelta(minutes=1)
HOUR, DAY = 60 * MINUTE, 1440 * MINUTE
POSTS = (
    "outlet_head", "lobby_manager", "teller", "security_guard", "fault_desk", "maintenance_team", "engineer",
    "maintenance_coordinator", "department_head", "number_manager", "internal_audit", "emergency_office",
)  # fmt: skip
WHO = {post: Actor(f"S-{post}", posts=(post,)) for post in POSTS}
"""One person in each post; the office and the command are known by the register of groups."""
COMMAND = Actor("S-command")
CLERK = Actor("C-1", posts=("estate_administrator",))
ATM = (Ref("branch", "B-1"), Ref("equipment", "ATM-1"))
LINE = (Ref("branch", "B-1"), Ref("equipment", "LINE-1"))


@cache
def rules() -> RuleBook:
    """Return core's rules as they are shipped."""
    return RuleBook(Catalog(), load_plugins(Config(), entry_points=False))


def opened(at: dt.datetime = TUESDAY, store: str = "memory:") -> Kit:
    """Return a kit with a town outlet, B-1, and a rural one, B-2."""
    kit, when = Kit.open(store, rules=rules()), at - DAY
    kit.do(RegisterUnit(OrgUnit("U-1", level="head_office"), by=CLERK, at=when))
    year = {"confirmed_from": dt.date(2026, 1, 1), "confirmed_through": dt.date(2026, 12, 31)}
    kit.do(PublishCalendar(Calendar("works", version="1", title=Text(zh="日历", en="Days"), **year), by=CLERK, at=when))
    for name, kind in (("B-1", "basic_outlet"), ("B-2", "rural_outlet")):
        branch = Branch(
            name,
            kind=kind,
            traits=frozenset(),
            services=frozenset(),
            time_zone="Asia/Shanghai",
            hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:30"}),
            calendar="works",
            unit="U-1",
            zones=(Zone("self", kind="self_service_zone"),),
            equipment=(Equipment("ATM-1", kind="atm", zone="self"), Equipment("LINE-1", kind="phone_line", zone=None)),
            staff=tuple(StaffMember(who.id) for who in WHO.values()),
            posts=tuple(Post(f"P-{post}", kind=post, holder=who.id) for post, who in WHO.items()),
        )
        kit.do(RegisterBranch(branch, by=CLERK, at=when))
        for group, member in (("emergency_command", COMMAND), ("emergency_office", WHO["emergency_office"])):
            entry(kit, f"{name}-{group}", "groups", {"group": group, "member": member.id}, branch=name, at=when)
    return kit


def entry(
    kit: Kit, id: str, register: str, values: Mapping[str, str], *, branch: str = "B-1", at: dt.datetime = TUESDAY
) -> None:
    """Put an entry into a register."""
    kit.do(RecordEntry(Entry(id, register=register, branch=branch, values=FrozenMap(values)), by=CLERK, at=at))


class Run:
    """One case, run by its people; every step comes a minute after the one before, unless a moment is given."""

    def __init__(
        self, kit: Kit, procedure: str, by: str, *, id: str = "C-1", at: dt.datetime = TUESDAY, **more: Any
    ) -> None:
        self.kit, self.id, self.at, self._sheets = kit, id, at, count(1)
        fields = {"branch": "B-1", **more, "facts": FrozenMap(more.get("facts", {}))}
        kit.do(OpenCase(id, procedure=procedure, by=WHO[by], at=at, **fields))

    @classmethod
    def of(cls, kit: Kit, case: Case, at: dt.datetime) -> Run:
        """Go on with a case that is open already."""
        run = cls.__new__(cls)
        run.kit, run.id, run.at, run._sheets = kit, case.id, at, count(1)
        return run

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.kit.get(Case, self.id)

    def do(
        self,
        stage: str,
        transition: str,
        by: str | Actor,
        form: Mapping[str, Any] | None = None,
        *,
        at: dt.datetime | None = None,
        reason: str | None = None,
        **facts: Any,
    ) -> Run:
        """Complete a stage, with its form where answers are given; facts are named with ``_`` for ``-``."""
        self.at = self.at + MINUTE if at is None else at
        who = WHO[by] if isinstance(by, str) else by
        sheet = None if form is None else self.file(stage, form, who)
        held = FrozenMap({name.replace("__", ".").replace("_", "-"): value for name, value in facts.items()})
        self.kit.do(
            CompleteStage(self.id, stage, transition, sheet=sheet, facts=held, reason=reason, by=who, at=self.at)
        )
        return self

    def file(self, stage: str, form: Mapping[str, Any], who: Actor) -> str:
        """Hand in the sheet of a stage; an answer of ``None`` is said to be unknown."""
        case = self.case
        found = rules().catalog.procedure(case.procedure).stage(stage)
        assert found is not None
        assert found.form is not None
        checklist = rules().catalog.checklist(found.form)
        answers = []
        for key, value in form.items():
            name, _, on = key.partition("@")
            item = checklist.item(name)
            assert item is not None
            refs = tuple(map(Ref.parse, on.split())) if on else ()
            if value is None:
                answers.append(Answer(name, unknown="not known yet", on=refs))
            elif isinstance(item.answer, TextAnswer) and not item.answer.public:
                answers.append(Answer(name, words=value, on=refs))
            else:
                raw = (value,) if isinstance(item.answer, Choice) and item.answer.several else value
                answers.append(Answer(name, value=raw, on=refs, note="as seen"))
        id = f"{self.id}/{stage}/{next(self._sheets)}"
        sheet = Sheet(
            id, checklist=found.form, version=checklist.version, branch=case.branch, at=self.at, by=who.id,
            answers=tuple(answers),
        )  # fmt: skip
        self.kit.do(SubmitSheet(sheet, by=who, at=self.at))
        return id

    def due(self, clock: str) -> dt.datetime | None:
        """Return when a clock is due."""
        (found,) = (one for one in self.kit.story(self.id, self.at).clocks if one.clock.id == clock)
        assert found.reading is not None
        return found.reading.due.at if isinstance(found.reading.due, Due) else None

    def is_late(self, clock: str) -> bool:
        """Say whether a clock was missed."""
        (found,) = (one for one in self.kit.story(self.id, self.at).clocks if one.clock.id == clock)
        assert found.reading is not None
        return found.reading.is_breached

    @property
    def ended(self) -> tuple[str, str | None]:
        """How it stands."""
        return self.case.status, self.case.outcome


def told(kit: Kit, at: dt.datetime) -> list[tuple[str, str, str]]:
    """Sweep, and return who has been told what: the ladder, the rung and the person of every message so far."""
    list(kit.sweep(at))
    return sorted((one.body["ladder"], one.body["rung"], one.to) for one in kit.outbox())
