"""Duties that are kept apart between linked cases, their parts and registers, whoever acts first and wherever."""

from __future__ import annotations

import datetime as dt
from functools import cache

import attrs
import pytest

from branchkit.errors import Conflict, Refused
from branchkit.estate import ByPost, Entry, RecordEntry
from branchkit.kit import Kit, RuleBook
from branchkit.messages import Actor
from branchkit.procedures import (
    Case,
    CaseOutcome,
    CompleteStage,
    Link,
    LinkCases,
    OpenCase,
    Procedure,
    Separation,
    Stage,
    Transition,
)
from branchkit.values import FrozenMap
from tests.unit.kit.guarded import FAULT, REPAIR, REPLY, WORDS, book, guarded_kit, open_fault
from tests.unit.kit.test_cases import CLERK, DESK, HEAD, HOUR, MINUTE, MONDAY

REFUND = Procedure(
    "house.refund",
    version="1",
    title=WORDS,
    starts=("pay",),
    opens=(ByPost(post="fault_desk"),),
    manages=(ByPost(post="outlet_head"),),
    outcomes=(CaseOutcome("paid", title=WORDS),),
    stages=(
        Stage(
            "pay",
            title=WORDS,
            actors=(ByPost(post="fault_desk"),),
            transitions=(Transition("paid", title=WORDS, ends="paid"),),
        ),
    ),
    separations=(
        Separation("own-fault", title=WORDS, duties=("open", "house.fault/stage:receive"), within="linked"),
        Separation("keeper", title=WORDS, duties=("stage:pay", "entry:seals/keeper"), within="linked"),
    ),
)
OTHER = Actor("S-5", posts=("fault_desk",))
SUBSTITUTE = Actor("S-6", posts=("fault_desk",), acting_for="S-1")


@cache
def rules() -> RuleBook:
    """Return the rules of a house that pays refunds for faults."""
    return book(REPLY, REPAIR, FAULT, REFUND)


@pytest.fixture
def kit() -> Kit:
    """Return a kit with one open fault."""
    kit = guarded_kit(rules_=rules())
    open_fault(kit)
    return kit


def receive(kit: Kit, by: Actor, case: str = "C-1") -> None:
    """Receive a fault."""
    kit.do(CompleteStage(case, "receive", "take", by=by, at=MONDAY + MINUTE))


def refund(kit: Kit, by: Actor, case: str = "R-1", **more: object) -> None:
    """Open a refund."""
    kit.do(OpenCase(case, procedure="house.refund", branch="B-1", by=by, at=MONDAY + 2 * MINUTE, **more))  # type: ignore[arg-type]


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return why something was refused."""
    return [one.code for one in caught.value.refusals]


@pytest.mark.parametrize("by", [DESK, SUBSTITUTE], ids=["oneself", "a-substitute"])
@pytest.mark.parametrize("how", [{"links": (Link("follow_up", "C-1"),)}, {"parent": "C-1"}], ids=["link", "part"])
def test_opening_a_case_looks_at_those_it_is_linked_to(kit: Kit, by: Actor, how: dict[str, object]) -> None:
    """Whoever received the fault, or acts for them, opens no refund for it; somebody else does (governance:P-19)."""
    receive(kit, DESK)

    with pytest.raises(Refused) as caught:
        refund(kit, by, **how)
    assert ["separation"] == codes(caught)
    refund(kit, OTHER, **how)
    assert kit.get(Case, "R-1") is not None


@pytest.mark.parametrize("how", [{"links": (Link("follow_up", "C-1"),)}, {"parent": "C-1"}], ids=["link", "part"])
def test_what_one_procedure_keeps_apart_binds_the_other_one_too(kit: Kit, how: dict[str, object]) -> None:
    """Whoever opened the refund does not receive its fault, though the fault's own procedure says nothing of it."""
    refund(kit, DESK, **how)

    with pytest.raises(Refused) as caught:
        receive(kit, DESK)
    assert ["separation"] == codes(caught)
    receive(kit, OTHER)
    assert ("repair",) == kit.get(Case, "C-1").open_stages


def test_a_case_opened_by_itself_keeps_nobody_apart(kit: Kit) -> None:
    """What is not linked is another matter."""
    receive(kit, DESK)
    refund(kit, DESK)

    assert "pay" in kit.get(Case, "R-1").stages


@pytest.mark.parametrize(("case", "other"), [("R-1", "C-1"), ("C-1", "R-1")], ids=["from-refund", "from-fault"])
def test_linking_afterwards_looks_at_what_was_done(kit: Kit, case: str, other: str) -> None:
    """Two cases in which one person holds both duties are not linked afterwards, from whichever side."""
    receive(kit, DESK)
    refund(kit, DESK)
    refund(kit, OTHER, "R-2")
    link = LinkCases(case, other=other, link="follow_up", by=HEAD, at=MONDAY + HOUR)

    with pytest.raises(Refused) as caught:
        kit.do(link)
    assert ["separation"] == codes(caught)
    kit.do(attrs.evolve(link, **{"case": "R-2"} if case == "R-1" else {"other": "R-2"}))
    assert 1 == sum(one.event.KIND == "case_linked" for one in kit.events())


def test_whoever_keeps_the_seals_pays_nothing_out(kit: Kit) -> None:
    """The keeper named by a current entry of the register is refused; once the entry has run out, they are not."""
    refund(kit, OTHER)
    entry = Entry(
        "E-1",
        register="seals",
        branch="B-1",
        values=FrozenMap({"seal": "7", "keeper": "S-1", "box": "2"}),
        valid_until=MONDAY.date(),
    )
    kit.do(RecordEntry(entry, by=CLERK, at=MONDAY))
    pay = CompleteStage("R-1", "pay", "paid", by=DESK, at=MONDAY + HOUR)

    with pytest.raises(Refused) as caught:
        kit.do(pay)
    assert ["separation"] == codes(caught)
    tomorrow = MONDAY + dt.timedelta(days=1)
    kit.do(attrs.evolve(pay, at=tomorrow, recorded_at=tomorrow))
    assert "closed" == kit.get(Case, "R-1").status


@pytest.mark.parametrize("how", ["opened", "part", "afterwards"])
def test_a_link_shows_to_whoever_acts_in_the_other_case_meanwhile(kit: Kit, how: str) -> None:
    """Linking touches the other case's document, so that a decision which has read it before is taken anew."""
    if how == "afterwards":
        refund(kit, DESK)
    with kit.store.transaction(write=False) as tx:
        seen = tx.get("case", "C-1")
    assert seen is not None

    if how == "afterwards":
        kit.do(LinkCases("R-1", other="C-1", link="follow_up", by=HEAD, at=MONDAY + HOUR))
    else:
        refund(kit, DESK, **({"parent": "C-1"} if how == "part" else {"links": (Link("follow_up", "C-1"),)}))
    with pytest.raises(Conflict), kit.store.transaction() as tx:
        tx.expect("case", "C-1", seen.version)
    assert 0 == kit.rebuild().changed
