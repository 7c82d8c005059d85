"""What is kept of a customer outside their record: forgotten with a consent, and swept with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from branchkit.customers import ConsentWithdrawn, Customer, WithdrawConsent
from branchkit.customers.journey import Referral
from branchkit.kit import Kit
from branchkit.kit.seeing import glance
from tests.unit.customers.journey.desk import OFFICER, at, attached, referred, willing
from tests.unit.kit.test_referrals import MARKS, do, form, ledger


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with a referral whose form says a name, a number and a reason."""
    with ledger() as kit:
        do(kit, *willing(), attached(), referred(), form())
        yield kit


def values(kit: Kit) -> str:
    with kit.store.transaction(write=False) as tx:
        return "".join(one.value or "" for one in tx.sealed())


def test_a_withdrawn_consent_is_forgotten_on_forms_too(kit: Kit) -> None:
    """customers:PRV-22, customers:P-19: name and number go from the form as well as from the record; the event names
    the form, every chain is whole, and the journal folds to the same documents.
    """
    assert all(mark in values(kit) for mark in MARKS[:2])
    purposes = {one.purpose for one in kit.get(Customer, "C-1").consents}
    for purpose in sorted(purposes):
        kit.do(WithdrawConsent("C-1", purpose, by=OFFICER, at=at(60)))
    gone = [one.event for one in kit.events() if isinstance(one.event, ConsentWithdrawn)]

    assert ["referral"] == sorted({ref.kind for event in gone for ref in event.documents})
    assert not any(mark in values(kit) for mark in MARKS[:2])
    assert kit.verify().ok
    assert 0 == kit.rebuild().changed


def test_a_term_counts_what_stands_on_forms(kit: Kit) -> None:
    """A kind of data that stands on a form alone is told, and is swept once nothing allows it any longer."""
    held = glance(kit, "C-1").held
    assert {"name", "contact", "profile"} <= set(held)

    late = at(60 * 24 * 500)
    came = [one for one in kit.retain(late) if one.customer == "C-1"]

    assert [True] == [one.erased for one in came]
    assert not any(mark in values(kit) for mark in MARKS)
    assert kit.verify().ok
    assert {None} == {one.form.customer_name for one in kit.find(Referral) if one.form}
