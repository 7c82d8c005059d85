"""A heartbeat: where the check before opening was not done by its time, somebody hears of it, and says it once."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import OpenScheduled
from branchkit.estate import OrgUnit, Post, PublishCalendar, RegisterBranch, RegisterUnit, StaffMember
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.procedures import Case, CompleteStage
from branchkit.temporal import Hours
from tests.unit.kit.test_cases import BRANCH, CALENDAR, CLERK, MINUTE, MONDAY

SCHEDULER = Actor("branchkit:scheduler", system=True)
MANAGER = Actor("S-9", posts=("lobby_manager",))
OPENING = MONDAY - 15 * MINUTE
"""The doors open at 08:45."""


@pytest.fixture
def kit() -> Kit:
    """Return a kit with a branch that opens at 08:45, and the agenda of Monday opened early."""
    rules = RuleBook(Catalog(), load_plugins(Config(), entry_points=False))
    kit = Kit.open("memory:", rules=rules)
    early = MONDAY - dt.timedelta(hours=3)
    branch = attrs.evolve(
        BRANCH,
        hours=Hours.from_week({"workday": "08:45-17:00"}),
        staff=(StaffMember("S-9"), StaffMember("S-3")),
        posts=(Post("P-1", kind="lobby_manager", holder="S-9"), Post("P-2", kind="outlet_head", holder="S-3")),
    )
    kit.do(RegisterUnit(OrgUnit("U-1", level="head_office"), by=CLERK, at=early))
    kit.do(PublishCalendar(CALENDAR, by=CLERK, at=early))
    kit.do(RegisterBranch(branch, by=CLERK, at=early))
    kit.do(OpenScheduled("B-1", "security", MONDAY.date(), by=SCHEDULER, at=early))
    return kit


def _told(kit: Kit, at: dt.datetime) -> list[str]:
    list(kit.sweep(at))
    return sorted(message.to for message in kit.outbox())


def test_a_check_that_is_not_done_by_opening_is_told(kit: Kit) -> None:
    """Nobody checked by 08:45 (service:OPN-04): the outlet head hears of it, later the superior unit."""
    (case,) = kit.find(Case, procedure="opening-check")

    assert ("open", []) == (case.status, _told(kit, OPENING - MINUTE))
    assert ["S-3"] == _told(kit, OPENING + MINUTE)
    assert ["S-3"] == _told(kit, OPENING + 10 * MINUTE)
    assert ["S-3", "U-1"] == _told(kit, OPENING + 16 * MINUTE)


def test_only_the_check_itself_ends_the_waiting(kit: Kit) -> None:
    """Without its sheet the check is not done, whoever says so."""
    (case,) = kit.find(Case, procedure="opening-check")

    with pytest.raises(Exception, match="opening-walk"):
        kit.do(CompleteStage(case.id, "check", "done", by=MANAGER, at=OPENING - 10 * MINUTE))
