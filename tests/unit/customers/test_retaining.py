"""What is erased when its term is over, and what is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.customers import (
    ApplyRetention,
    Consent,
    Contact,
    Customer,
    CustomerErased,
    DataForgotten,
    EraseCustomer,
    Hold,
    Mark,
    Particulars,
    PrivacyPolicy,
    erase_customer,
    evolve_customer,
    retention_of,
)
from branchkit.errors import Refusal, Refused
from branchkit.messages import Actor
from branchkit.values import Ref

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SWEEPER = Actor("retention", system=True)
TOLD = Particulars(
    name="Ping", contacts=(Contact(kind="phone", value="12"),), recognition=(Mark(kind="plate", value="plate"),)
)
AGREED = (
    Consent("marketing", given_at=NINE, by="S-9"),
    Consent("recognition", given_at=NINE, by="S-9", expires_at=NINE + 5 * DAY),
)


@pytest.fixture(scope="module")
def policy() -> PrivacyPolicy:
    """Return what a bank starts from."""
    found = Catalog().get("privacy_policy", "standard")
    assert isinstance(found, PrivacyPolicy)
    return found


def prospect(**more: Any) -> Customer:
    """Return a prospect whose agreement to be recognised runs out before any other."""
    given: dict[str, Any] = {"kind": "person", "since": NINE, "touched_at": NINE, "consents": AGREED}
    return Customer("C-1", **{**given, **more}).with_particulars(TOLD)


def swept(days: int) -> ApplyRetention:
    return ApplyRetention("C-1", by=SWEEPER, at=NINE + days * DAY)


def refusals(command: ApplyRetention, customer: Customer, policy: PrivacyPolicy) -> tuple[Refusal, ...]:
    with pytest.raises(Refused) as caught:
        erase_customer(command, customer, policy)
    return caught.value.refusals


def test_what_lost_its_ground_is_forgotten_alone(policy: PrivacyPolicy) -> None:
    """customers:PRV-06: thirty days after its consent ran out a kind of data goes, the rest stays, and the
    relationship counts as untouched.
    """
    (event,) = erase_customer(swept(36), prospect(), policy)
    after = evolve_customer(prospect(), event)

    assert isinstance(event, DataForgotten)
    assert (("biometric",), "retention:no-basis", "standard") == (event.forgets, event.reason, event.policy)
    assert ((), "Ping", NINE) == (
        tuple(one.value for one in after.recognition if one.value is not None),
        after.name,
        after.touched_at,
    )
    assert after == evolve_customer(after, event)


def test_a_silent_prospect_is_erased_as_a_whole(policy: PrivacyPolicy) -> None:
    """A term that is for the whole record ends in its erasure, with every document that is named."""
    known = prospect(consents=AGREED[:1])
    (event,) = erase_customer(swept(365), attrs.evolve(known, recognition=()), policy, [Ref("sheet", "SH-1")])

    assert isinstance(event, CustomerErased)
    assert ("retention:silent-prospects", (Ref("sheet", "SH-1"),)) == (event.reason, event.documents)


def test_what_came_after_an_erasure_has_a_term(policy: PrivacyPolicy) -> None:
    """What is told of an erased customer goes when its ground has been lacking for its term; before, nothing is due."""
    command = EraseCustomer("C-1", "customer_request", by=SWEEPER, at=NINE)
    (first,) = erase_customer(command, prospect(), policy)
    gone = evolve_customer(prospect(), first)
    (event,) = erase_customer(swept(36), gone, policy, [Ref("lead", "L-1")], held={"biometric"})

    assert isinstance(event, CustomerErased)
    assert (Ref("lead", "L-1"),) == event.documents
    assert retention_of(policy, gone, at=NINE + dt.timedelta(days=36)).value.until is None


def test_nothing_is_erased_before_its_term(policy: PrivacyPolicy) -> None:
    """A sweep that comes too early is refused with the day the first term ends; without a term it says so."""
    (early,) = refusals(swept(34), prospect(), policy)
    (never,) = refusals(swept(900), Customer("C-1", kind="person", since=NINE), policy)

    assert ("not_over", "not_over") == (early.code, never.code)
    assert early.reason.endswith("the first ends 2026-04-06T09:00:00+00:00")
    assert never.reason.endswith("none has begun")


def test_a_hold_outlasts_a_term(policy: PrivacyPolicy) -> None:
    """customers:PRV-14: what a hold keeps is not swept, however long its term is over."""
    held = prospect(holds=(Hold(code="dispute", since=NINE, by="S-1"),))

    assert ["held"] == [one.code for one in refusals(swept(36), held, policy)]
