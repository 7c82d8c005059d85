"""Worked scenarios of the customers' digest about consent and privacy, by what a bank starts from."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from branchkit.codec import canonical_json, unstructure
from branchkit.customers import (
    AskDisclosure,
    Consent,
    Contact,
    Customer,
    DisclosureDecided,
    GiveConsent,
    Mark,
    Particulars,
    Sight,
    WithdrawConsent,
    sight_of,
)
from branchkit.errors import Refused
from branchkit.kit import Kit
from branchkit.messages import Actor
from tests.unit.kit import people
from tests.unit.kit.people import LOBBY, MANAGER, TELLER, at

GATE = Actor("car-park", system=True)


@pytest.fixture
def kit() -> Iterator[Kit]:
    with people.open_kit() as kit:
        yield kit


def test_whoever_refuses_contact_leaves_no_personal_data(kit: Kit) -> None:
    """customers:S-5, customers:PRV-05, customers:PRV-06: without consent neither name nor number is stored, and none of
    them is in the journal; the customer may come back, agree, and is then on record.
    """
    told = Particulars(name="Ping", contacts=(Contact(kind="phone", value="12345678"),))
    with pytest.raises(Refused) as caught:
        kit.do(people.register(told=told, consents=(), stage="prospect"))
    with kit.store.transaction(write=False) as tx:
        sealed, entries = tx.sealed(), [entry.kind for entry in tx.read()]

    assert {"no_basis"} == {one.code for one in caught.value.refusals}
    assert ((), ["branch_registered/1"], []) == (sealed, entries, list(kit.find(Customer)))
    assert kit.do(people.register(told=told, consents=people.agreed("contact"), stage="prospect")).events


def test_a_plate_is_recognised_only_of_those_who_agreed(kit: Kit) -> None:
    """customers:S-12, customers:PRV-10, customers:VIP-08: with consent the car park knows the plate and the name, and
    nothing else; without one, or once it is withdrawn or has run out, there is no recognition.
    """
    policy = attrs.evolve(kit.rules.privacy_policy(), sees=(Sight(post="system:car-park", purposes=("recognition",)),))
    plate = Particulars(name="Ping", recognition=(Mark(kind="plate", value="a plate"),))
    agreed = Consent("recognition", given_at=at(0), expires_at=at(100), by="S-7")
    bare = Customer("C-1", kind="person", since=at(0), stage="established").with_particulars(plate)

    def recognised(customer: Customer, hours: float = 1) -> tuple[bool, tuple[str, ...]]:
        use = sight_of(policy, customer, "recognition", by=GATE, at=at(hours)).value
        return use.allowed, use.data

    assert (True, ("name", "biometric")) == recognised(attrs.evolve(bare, consents=(agreed,)))
    assert (False, ()) == recognised(bare)
    assert (False, ()) == recognised(attrs.evolve(bare, consents=(attrs.evolve(agreed, withdrawn_at=at(0.5)),)))
    assert (False, ()) == recognised(attrs.evolve(bare, consents=(agreed,)), hours=100)


def test_a_plate_is_not_kept_of_who_did_not_agree(kit: Kit) -> None:
    """customers:S-12, customers:PRV-10: a plate is stored with consent alone, and gone once that is withdrawn."""
    plate = Particulars(name="Ping", recognition=(Mark(kind="plate", value="a plate"),))
    with pytest.raises(Refused, match="customers:PRV-06"):
        kit.do(people.register(told=plate, consents=()))
    kit.do(people.register(told=plate, consents=people.agreed("recognition")))
    seen = kit.see("C-1", purpose="recognition", by=LOBBY, at=at(1)).customer
    kit.do(WithdrawConsent("C-1", "recognition", by=LOBBY, at=at(2)))
    with kit.store.transaction(write=False) as tx:
        values = [one.value for one in tx.sealed() if one.value]

    assert "a plate" == seen.recognition[0].value
    assert not any("a plate" in value for value in values)
    with pytest.raises(Refused):
        kit.see("C-1", purpose="recognition", by=LOBBY, at=at(3))


def test_a_spouse_is_told_nothing_and_the_request_is_logged(kit: Kit) -> None:
    """customers:S-15, customers:PRV-01, customers:PRV-04: who asks, for what and that it was refused is in the journal,
    and nothing of the balance; with the customer's own authorisation it is granted.
    """
    kit.do(people.register())
    ask = AskDisclosure("C-1", "spouse", "family_disclosure", data=("assets",), by=TELLER, at=at(1))
    refused = kit.do(ask)
    kit.do(GiveConsent("C-1", "family_disclosure", items=("assets",), by=MANAGER, at=at(2)))
    granted = kit.do(attrs.evolve(ask, at=at(3), recorded_at=at(3)))
    logged = [one.event for one in kit.events() if isinstance(one.event, DisclosureDecided)]

    assert (False, ["customers:PRV-04"]) == (refused.details["granted"], refused.details["rules"])
    assert granted.details["granted"]
    assert [("spouse", ("assets",), False), ("spouse", ("assets",), True)] == [
        (one.recipient, one.data, one.granted) for one in logged
    ]
    assert "Ping" not in "".join(canonical_json(unstructure(one)).decode() for one in logged)
