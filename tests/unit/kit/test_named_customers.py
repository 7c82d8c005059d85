"""Whom cases and sheets name: one customer, by the bank's own number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from branchkit.errors import Refused
from branchkit.kit import Kit
from branchkit.messages import Command
from branchkit.procedures import Case, CompleteStage, OpenCase, RecordFacts
from branchkit.values import FrozenMap, Ref
from tests.unit.kit import people
from tests.unit.kit.people import MANAGER, at

PHONE = "13800138000"
TWO = "names two customers"
NOT_ANYBODYS = "not a telephone or identity number"


@pytest.fixture
def kit() -> Iterator[Kit]:
    with people.open_kit() as kit:
        kit.do(people.care("X-1", "C-1"))
        kit.do(people.care("X-2", "C-1", place=True))
        yield kit


def named(customer: str) -> FrozenMap[Any]:
    return FrozenMap({"customer": customer})


def both(place: str, fact: str) -> OpenCase:
    where = (Ref("branch", "B-1"), Ref("customer", place))
    return attrs.evolve(people.care("X-9", fact), place=where)


def recorded(case: str, customer: str) -> RecordFacts:
    return RecordFacts(case, named(customer), by=MANAGER, at=at(2))


def completed(case: str, customer: str) -> CompleteStage:
    return attrs.evolve(people.talked(case, None), facts=named(customer))


@pytest.mark.parametrize(
    ("command", "why"),
    [
        pytest.param(both("C-1", "C-2"), TWO, id="a place and a fact"),
        pytest.param(attrs.evolve(both("C-1", "C-1"), place=(Ref("customer", "C-1"), Ref("customer", "C-2"))), TWO),
        pytest.param(recorded("X-1", "C-2"), TWO, id="a fact that changes"),
        pytest.param(recorded("X-2", "C-2"), TWO, id="a fact beside the place"),
        pytest.param(completed("X-1", "C-2"), TWO, id="a fact with a stage"),
        pytest.param(people.care("X-9", PHONE), NOT_ANYBODYS, id="a number as a fact"),
        pytest.param(people.care("X-9", PHONE, place=True), NOT_ANYBODYS, id="a number as a place"),
        pytest.param(people.wishes("SH-1", "words", about=PHONE), NOT_ANYBODYS, id="a number on a sheet"),
    ],
)
def test_what_could_not_be_erased_is_refused(kit: Kit, command: Command, why: str) -> None:
    """customers:PRV-02: a case or a sheet that names a second customer, or somebody's telephone number, is refused: it
    would not be found when that customer is erased. The number is not repeated.
    """
    with pytest.raises(Refused, match=why) as refused:
        kit.do(command)

    assert PHONE not in str(refused.value)


@pytest.mark.parametrize(
    "command",
    [both("C-1", "C-1"), recorded("X-2", "C-1"), completed("X-2", "C-1"), people.wishes("SH-1", "words", about="C-2")],
    ids=["place and fact", "told again", "with a stage", "sheet"],
)
def test_one_customer_may_be_named_as_often_as_needed(kit: Kit, command: Command) -> None:
    """The same customer by a place and by facts, at once or later, is one customer."""
    assert kit.do(command).seq is not None


def test_a_case_is_found_from_its_customer(kit: Kit) -> None:
    """Whether a place or a fact names the customer, the case is found from there."""
    assert ["X-1", "X-2"] == [one.id for one in kit.find(Case, customer="C-1")]
