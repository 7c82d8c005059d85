"""Worked scenarios of the zones: where a request is sent, and that somebody there may do it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from branchkit.catalog import Catalog
from branchkit.conditions import FactValue

COUNTERS = {"lobby": "none", "high_counter": "closed", "low_counter": "open"}
"""The counter that stands in each zone, by default."""
LOWEST = {"none": 1, "closed": 1, "open": 2}
"""The lowest level of a teller at each counter."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def sent(catalog: Catalog, business: str) -> tuple[object, tuple[str, ...]]:
    """Return where a class of business is sent, and by which rules."""
    decision = catalog.table("business-zones").decide({"business": business})
    assert decision.value is not None
    return decision.value["zone"], decision.trace.steps[0].rules


def may(catalog: Catalog, business: str, zone: str) -> dict[str, FactValue]:
    """Return what becomes of a request that is made in a zone, of the lobby manager or of a teller."""
    counter = COUNTERS[zone]
    facts: dict[str, FactValue] = {
        "post": "lobby_manager" if zone == "lobby" else "teller",
        "business": business,
        "counter": counter,
        "teller.level": Decimal(LOWEST[counter]),
        "lent": False,
    }
    found = catalog.table("posts-and-business").decide(facts).value
    assert found is not None
    return dict(found)


def test_a_corporate_transfer_goes_to_the_low_counter(catalog: Catalog) -> None:
    """service:S-1: a company clerk's non-cash transfer is sent to the low counter, where a teller may do it; asked for
    in the lobby it is refused, and at the high counter it is handed on to the low one.
    """
    zone, rules = sent(catalog, "corporate_non_cash")

    assert ("low_counter", True) == (zone, "service:ZON-08" in rules)
    assert {"may": True} == may(catalog, "corporate_non_cash", "low_counter")
    assert {"may": False} == may(catalog, "corporate_non_cash", "lobby")
    assert {"may": False, "hand_to": "open_counter"} == may(catalog, "corporate_non_cash", "high_counter")


@pytest.mark.parametrize(
    ("business", "zone", "rule"),
    [
        ("enquiry", "lobby", "service:ZON-02"),
        ("cash", "high_counter", "service:ZON-05"),
        ("account_opening", "high_counter", "service:ZON-06"),
        ("personal_non_cash", "low_counter", "service:ZON-09"),
        ("smart_machine", "lobby", "service:ZON-03"),
    ],
)
def test_five_requests_go_to_their_zones(catalog: Catalog, business: str, zone: str, rule: str) -> None:
    """service:S-2: a product question, a withdrawal of cash, a personal account, a personal transfer and a card that
    the smart machine replaces are each sent where they belong, and are done there.
    """
    found, rules = sent(catalog, business)

    assert (zone, True) == (found, rule in rules)
    assert {"may": True} == may(catalog, business, zone)


def test_whatever_is_sent_to_a_zone_may_be_done_there(catalog: Catalog) -> None:
    """The tables of zones and of posts agree: in the zone of each class of business somebody may do it, and what is no
    enquiry may be done in no other zone.
    """
    (classes,) = (spec.choices for spec in catalog.table("business-zones").facts)

    for business in classes:
        done = {zone for zone in COUNTERS if may(catalog, business, zone)["may"] is True}
        expected = set(COUNTERS) if business == "enquiry" else {sent(catalog, business)[0]}
        assert expected == done, business
