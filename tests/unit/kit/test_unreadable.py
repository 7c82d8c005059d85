"""A clock that cannot be read is never silent: it is put on record once, and somebody is told."""

from __future__ import annotations

import datetime as dt
from functools import cache

import attrs
import pytest

from branchkit.codec import unstructure
from branchkit.escalation import ClockUnreadable
from branchkit.estate import ByPost, BySystem, Post, PublishCalendar, ReviseBranch, StaffMember
from branchkit.kit import Kit, RuleBook
from branchkit.procedures import Case, CompleteStage, Procedure
from branchkit.temporal import After, Calendar, CalendarDay, ClockSpec, Counting
from branchkit.values import FrozenMap, Text
from tests.unit.kit.guarded import FAULT, REPAIR, REPLY, book, fired, guarded_kit, open_fault
from tests.unit.kit.test_cases import BRANCH, CALENDAR, CLERK, DESK, HOUR, MINUTE, MONDAY

SUPPLIER = ClockSpec(
    "reply",
    title=Text(zh="答复", en="Reply"),
    deadline=After(time=8 * HOUR),
    counting=Counting.BUSINESS,
    calendar="works-council",
)
COUNCIL = attrs.evolve(CALENDAR, id="works-council", days=(CalendarDay(dt.date(2026, 3, 3), working=False),))
UNMANNED = tuple(attrs.evolve(stage, actors=(ByPost(post="nobody"),)) for stage in FAULT.stages)
STAFFED = attrs.evolve(
    BRANCH,
    staff=(*BRANCH.staff, StaffMember("S-3")),
    posts=(*BRANCH.posts, Post("P-2", kind="outlet_head", holder="S-3")),
)


def fault(**changes: object) -> Procedure:
    """Return a fault whose reply goes by another calendar."""
    ladders = FrozenMap({"reply": "house.reply"})
    fields = {"clocks": (SUPPLIER,), "targets": None, "ladders": ladders, "pause_reasons": (), **changes}
    return attrs.evolve(FAULT, **fields)


@cache
def rules() -> RuleBook:
    """Return the rules of that house."""
    return book(REPLY, REPAIR, fault())


@pytest.fixture
def kit() -> Kit:
    """Return a kit whose branch has a head."""
    kit = guarded_kit(rules_=rules())
    kit.do(ReviseBranch(STAFFED, by=CLERK, at=MONDAY - HOUR))
    return kit


def due(kit: Kit, at: dt.datetime) -> dt.datetime | None:
    """Return by when the reply is due."""
    reading = kit.story("C-1", at).clocks[0].reading
    return None if reading is None else reading.due.at  # type: ignore[union-attr]


def publish(kit: Kit, calendar: Calendar, at: dt.datetime) -> None:
    """Publish a calendar."""
    kit.do(PublishCalendar(calendar, by=CLERK, at=at))


def told(kit: Kit) -> list[ClockUnreadable]:
    """Return what is on record of clocks that cannot be read."""
    return [one.event for one in kit.events() if isinstance(one.event, ClockUnreadable)]


def test_a_clock_goes_by_the_branchs_hours_on_the_days_of_its_own_calendar(kit: Kit) -> None:
    """Seven hours of Monday, none of Tuesday, which is off there and worked here, and one of Wednesday."""
    publish(kit, COUNCIL, MONDAY - HOUR)
    open_fault(kit)

    assert MONDAY + 49 * HOUR == due(kit, MONDAY)
    assert ([], ["half recorded", "late fired"]) == (told(kit), fired(kit, MONDAY + 49 * HOUR + MINUTE)[:2])


def test_a_calendar_that_is_missing_is_told_once_and_mended_later(kit: Kit) -> None:
    """The case is due at once; one event and one message to who may steer it; then the ladder runs as it should."""
    open_fault(kit)

    assert [(MONDAY, "C-1")] == list(kit.due(MONDAY))
    for at in (MONDAY, MONDAY + MINUTE, MONDAY + 2 * HOUR):
        assert [] == fired(kit, at)
    assert [("hours_missing", ("S-3",))] == [(one.code, one.told) for one in told(kit)]
    (message,) = kit.outbox()
    assert ("S-3", "clock") == (message.to, message.body["kind"])
    assert "答复" in message.body["message"]["zh"]
    assert "cannot be read → S-3" in kit.story("C-1", MONDAY + HOUR).told[-1].words.say()
    publish(kit, COUNCIL, MONDAY + 3 * HOUR)
    assert ["half recorded", "late fired"] == fired(kit, MONDAY + 49 * HOUR + MINUTE)[:2]
    assert 1 == len(told(kit))
    assert kit.verify().ok
    assert 0 == kit.rebuild().changed


def test_another_reason_is_told_anew_and_a_step_tells_it_too(kit: Kit) -> None:
    """After the missing calendar, one that has confirmed too little: nobody sweeps, and the next step says it."""
    open_fault(kit)
    list(kit.sweep(MONDAY))
    short = attrs.evolve(COUNCIL, confirmed_through=dt.date(2026, 3, 2))
    publish(kit, short, MONDAY + HOUR)
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + 2 * HOUR))

    assert ["hours_missing", "calendar_unknown"] == [one.code for one in told(kit)]
    assert "日历works-council未确认2026-03-03" == told(kit)[-1].why.say("zh")
    assert 2 == len(list(kit.outbox()))


@pytest.mark.parametrize(
    ("changes", "to"),
    [
        ({"manages": (BySystem(system="branchkit:*"),), "stages": UNMANNED}, ("U-1",)),
        ({"manages": (BySystem(system="branchkit:*"), ByPost(post="lobby_manager"))}, ("S-9",)),
        ({"manages": (ByPost(post="nobody"), BySystem(system="branchkit:*"))}, ("S-1",)),
    ],
    ids=["the-unit-above", "who-steers", "who-acts"],
)
def test_somebody_is_told_whoever_is_missing(changes: dict[str, object], to: tuple[str, ...]) -> None:
    """Who may steer the case; where the post is empty who may act in it; where nobody may, the unit above."""
    kit = guarded_kit(rules_=book(REPLY, REPAIR, fault(**changes)))
    posts = (*BRANCH.posts, Post("P-2", kind="fault_desk", holder="S-1"))
    staffed = attrs.evolve(BRANCH, staff=(*BRANCH.staff, StaffMember("S-1")), posts=posts)
    kit.do(ReviseBranch(staffed, by=CLERK, at=MONDAY - HOUR))
    open_fault(kit)
    list(kit.sweep(MONDAY))

    assert [to] == [one.told for one in told(kit)]
    assert ["hours_missing"] == [one.unreadable for one in kit.get(Case, "C-1").rungs.values()]
    assert "hours_missing" in str(unstructure(kit.get(Case, "C-1")))
