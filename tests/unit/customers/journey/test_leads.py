"""Leads: one for a customer, given to somebody who is there, followed up with a next step, and what came of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from branchkit.customers import AssignmentRequest, ConflictOfInterest, Pool
from branchkit.customers.journey import (
    AllocateLead,
    CloseLead,
    ConvertLead,
    EnterLead,
    Given,
    Lead,
    NextAction,
    RecordContact,
)
from branchkit.errors import PluginFailed
from branchkit.trace import Decision, Trace
from tests.unit.customers.journey.desk import (
    ASSISTANT,
    HEAD,
    OFFICER,
    SECOND,
    TELLER,
    WEALTH,
    Desk,
    accepted,
    agreed,
    at,
    attached,
    customer,
    desk,
    desk_with_lead,
    entered,
    filled,
    referred,
    willing,
)

CALL = NextAction(method="phone_follow_up", on=dt.date(2026, 3, 3), note="after lunch")


def campaign(journey: str = "J-7", lead: str = "L-7", *, minutes: float = 0, **more: Any) -> EnterLead:
    given = {"branch": "B-1", "source": "campaign", "customer": "C-1", "by": WEALTH, "at": at(minutes), **more}
    return EnterLead(journey, lead, **given)


def allocate(minutes: float = 10, **more: Any) -> AllocateLead:
    return AllocateLead("V-1", "L-1", **{"by": HEAD, "at": at(minutes), **more})


def contact(minutes: float = 20, **more: Any) -> RecordContact:
    given = {"method": "phone_follow_up", "outcome": "reached", "next": CALL, "by": WEALTH, "at": at(minutes), **more}
    return RecordContact("V-1", "L-1", **given)


def convert(minutes: float = 30, **more: Any) -> ConvertLead:
    return ConvertLead("V-1", "L-1", **{"sale": "D-1", "product": "card", "by": WEALTH, "at": at(minutes), **more})


# -- entering


def test_leads_of_every_source_stand_in_one_list() -> None:
    """customers:FUP-08, customers:DEV-01: a lead of a campaign needs no visit and no referral, and one from the lobby
    needs one of them.
    """
    one = desk()

    assert {"no_referral"} == one.refused(campaign(source="lobby_referral")).keys()
    one.do(campaign())
    assert ("campaign", None, "S-3") == (one.lead("L-7").source, one.lead("L-7").referrer, one.lead("L-7").by)


def test_who_was_identified_and_did_not_convert_is_on_the_list() -> None:
    """customers:FUP-01, customers:REF-13: who is attached and not referred gets a lead without a referral."""
    one = desk()
    one.do(*willing(), attached())
    one.do(entered(referral=None, minutes=5))

    lead = one.lead("L-1")
    assert ("lobby_referral", None, "S-2", "C-1", "high") == (
        lead.source,
        lead.referral,
        lead.identifier,
        lead.customer,
        lead.interest,
    )


def test_everything_against_a_lead_is_told_at_once() -> None:
    """Entering a lead twice, for nobody, at no branch, by no post: each has its own code."""
    one = desk()
    one.do(campaign())

    found = one.refused(campaign(branch="B-9", customer=None, by=TELLER))
    assert {"lead_exists", "unknown_branch", "no_customer", "wrong_post"} == found.keys()


def test_a_lead_of_a_visit_is_that_visits_customers() -> None:
    """A lead names no other customer, and no other branch, than its visit."""
    one = Desk(customers={"C-1": customer(), "C-2": customer("C-2")})
    one.do(*willing(), attached())

    assert {"other_customer"} == one.refused(entered(referral=None, customer="C-2")).keys()
    assert "other_branch" in one.refused(entered(referral=None, branch="B-9"))


def test_nobody_was_introduced_by_themselves() -> None:
    """customers:DEV-03: who introduced whom is on record, and never goes round in a circle."""
    one = Desk(
        customers={
            "C-1": customer(),
            "C-2": customer("C-2", introduced_by="C-3"),
            "C-3": customer("C-3", introduced_by="C-1"),
            "C-4": customer("C-4"),
        }
    )

    for introducer in ("C-1", "C-2", "C-3"):
        assert {"circular"} == one.refused(campaign(introduced_by=introducer)).keys()
    one.do(campaign(introduced_by="C-4"))
    assert "C-4" == one.lead("L-7").introduced_by


def test_introductions_for_leads_go_round_in_no_circle() -> None:
    """customers:DEV-03: who introduced a customer for a lead, merged or not, is not introduced by that customer."""
    one = Desk(customers={f"C-{number}": customer(f"C-{number}") for number in range(1, 5)})
    one.do(campaign(introduced_by="C-2"), campaign("J-8", "L-8", introduced_by="C-3"))

    assert ("C-2", "C-3") == one.customer_ledger("C-1").introduced_by
    for number in (2, 3):
        back = campaign("J-9", "L-9", customer=f"C-{number}", introduced_by="C-1")
        assert ("customers:DEV-03",) == one.refused(back)["circular"].rules
    one.do(campaign("J-9", "L-9", customer="C-4", introduced_by="C-1"))
    assert {"circular"} == one.refused(campaign("J-5", "L-5", customer="C-2", introduced_by="C-4")).keys()
    one.do(campaign("J-6", "L-6", introduced_by="C-3"))
    assert ("C-2", "C-3") == one.customer_ledger("C-1").introduced_by


def test_whoever_introduces_somebody_is_on_record() -> None:
    """customers:DEV-03: a lead introduced by nobody who is known is refused, in both languages."""
    found = desk().refused(campaign(introduced_by="C-9"))

    assert {"unknown_introducer"} == found.keys()
    assert "引荐人未登记" == found["unknown_introducer"].zh


def test_a_second_lead_becomes_part_of_the_first() -> None:
    """customers:REF-28: a customer has one open lead; a second one is merged, and the first referrer stays."""
    one = desk()
    one.do(*willing(by=TELLER), attached(by=TELLER), referred(by=TELLER))
    one.do(*willing("V-2"), attached("V-2", minutes=2))
    one.do(campaign(minutes=3))

    events = one.do(accepted(lead="L-2", minutes=4))
    assert ["referral_accepted", "lead_merged"] == [event.KIND for event in events]
    assert {"L-7"} == {lead.id for lead in one.found("lead", {})}
    lead = one.lead("L-7")
    assert ("S-1", at(2), at(2)) == (lead.referrer, lead.referred_at, lead.referral_told_at)
    assert [("V-1", "R-1", "lobby_referral")] == [(part.journey, part.referral, part.source) for part in lead.merged]
    assert ("L-7", "accepted") == (one.referral("R-1").lead, one.referral("R-1").state)


def test_the_referrer_whom_the_ledger_heard_of_first_stays() -> None:
    """Of two referrals the one that was told first counts: whoever passes the customer on is not who brought them."""
    one = desk_with_lead()
    one.do(referred(referral="R-2", by=WEALTH, receiver="S-6", minutes=5))
    one.do(accepted(referral="R-2", lead="L-2", by=SECOND, minutes=6))

    assert None is one.lead("L-2")
    assert ("S-2", at(2), 1) == (
        one.lead("L-1").referrer,
        one.lead("L-1").referral_told_at,
        len(one.lead("L-1").merged),
    )


# -- allocating


def test_the_policy_in_force_chooses_the_owner_and_is_named() -> None:
    """customers:REF-15, customers:FUP-02: the outlet head allocates; key and version of what chose are on record."""
    one = desk_with_lead()

    assert {"wrong_post"} == one.refused(allocate(by=WEALTH)).keys()
    one.do(allocate())
    done = one.lead("L-1").allocated
    assert ("S-3", "S-5", "least-loaded", "1", ("customers:FUP-02",)) == (
        done.owner,
        done.by,
        done.policy,
        done.version,
        done.rules,
    )
    assert "allocated" == one.lead("L-1").status
    assert (Given(staff="S-3", load=1, count=1, last=1),) == one.workload("B-1").people


def test_nobody_absent_or_conflicted_is_given_a_lead() -> None:
    """Who is absent, conflicted or in another post gets no lead, whether a policy or a person chooses."""
    one = desk_with_lead()
    conflict = ConflictOfInterest("S-4", relation="family")

    for owner, code in (("S-4", "conflict"), ("S-3", "absent")):
        found = one.refused(allocate(owner=owner, absent=("S-3",), conflicts=(conflict,)))
        assert code in found["unfit_owner"].reason
    assert "no post" in one.refused(allocate(owner="S-1"))["unfit_owner"].reason
    found = one.refused(allocate(absent=("S-3", "S-6"), conflicts=(conflict,)))
    assert "2 absent" in found["nobody_fits"].reason
    one.do(allocate(absent=("S-3",), conflicts=(conflict,)))
    assert "S-6" == one.lead("L-1").owner


@attrs.frozen
class Stubborn:
    """Gives everything to one person, whoever that is."""

    who: str
    id: str = "acme.stubborn"
    version: str = "7"
    capabilities: frozenset[str] = frozenset()

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        return Decision(self.who, Trace(policy=self.id, version=self.version, plugin="acme"))


def test_a_policys_answer_is_checked() -> None:
    """A plug-in that gives a lead to somebody absent is at fault, is named, and changes nothing."""
    one = desk_with_lead(policy=Stubborn("S-3"))

    with pytest.raises(PluginFailed, match=r"acme\.stubborn.*absent"):
        one.do(allocate(absent=("S-3",)))
    one.do(allocate())
    assert ("acme.stubborn", "7") == (one.lead("L-1").allocated.policy, one.lead("L-1").allocated.version)


def test_a_lead_is_taken_from_nobody_unawares() -> None:
    """A lead that somebody has is given to somebody else only by who says from whom it is taken; loads follow."""
    one = desk_with_lead()
    one.do(allocate(owner="S-3"))

    assert {"already_allocated"} == one.refused(allocate(owner="S-4", minutes=11)).keys()
    assert () == one.do(allocate(owner="S-3", minutes=11))
    one.do(allocate(owner="S-4", instead_of="S-3", minutes=12))
    loads = {given.staff: (given.load, given.count) for given in one.workload("B-1").people}
    assert {"S-3": (0, 1), "S-4": (1, 1)} == loads


# -- contact


def test_nobody_is_contacted_before_the_lead_is_allocated() -> None:
    """customers:FUP-02: contact before allocation is refused, also where it is told only after it."""
    one = desk_with_lead()

    assert ("customers:FUP-02",) == one.refused(contact())["not_allocated"].rules
    one.do(allocate(owner="S-3"))
    assert {"not_allocated"} == one.refused(contact(minutes=5, recorded_at=at(30))).keys()
    one.do(contact())


def test_the_owner_follows_up_and_the_assistant_may_help() -> None:
    """customers:FUP-04: the owner contacts the customer, an assistant may, and another wealth manager may not."""
    one = desk_with_lead()
    one.do(allocate(owner="S-3"))

    assert {"not_owner"} == one.refused(contact(by=SECOND)).keys()
    one.do(contact(by=ASSISTANT), contact(minutes=25))
    assert ["S-4", "S-3"] == [made.by for made in one.lead("L-1").contacts]


def test_every_contact_says_what_comes_next() -> None:
    """customers:FUP-07, customers:FUP-11: a lead that goes on has a next action with a day, not before today."""
    one = desk_with_lead()
    one.do(allocate(owner="S-3"))

    assert {"next_action_missing"} == one.refused(contact(next=None)).keys()
    past = attrs.evolve(CALL, on=dt.date(2026, 3, 1))
    assert {"next_action_missing"} == one.refused(contact(next=past)).keys()
    one.do(contact(outcome="not_reached"), contact(outcome="booked", minutes=25))
    one.do(contact(minutes=26))
    assert ("booked", CALL) == (one.lead("L-1").status, one.lead("L-1").next)


def test_who_declines_is_not_contacted_again() -> None:
    """A declined lead is over: its owner has one less, and the customer may be referred anew."""
    one = desk_with_lead()
    one.do(allocate(owner="S-3"), contact(outcome="declined", next=None))

    assert ("declined", None) == (one.lead("L-1").status, one.lead("L-1").next)
    assert {"lead_over"} == one.refused(contact(minutes=40)).keys()
    assert {"lead_over"} == one.refused(convert(minutes=40)).keys()
    assert 0 == one.workload("B-1").people[0].load
    one.do(*willing("V-2", minutes=50), attached("V-2", minutes=51), referred("V-2", "R-2", minutes=52))


def test_who_withdrew_consent_is_not_contacted() -> None:
    """customers:PRV-22: consent and the wish for offers are looked at before every contact."""
    one = desk_with_lead()
    one.do(allocate(owner="S-3"))
    one.customers["C-1"] = customer("C-1", agreed(withdrawn_at=at(15)), do_not_contact=True)

    assert {"attach_before_consent", "contact_not_wanted"} == one.refused(contact()).keys()


# -- sales


def test_a_card_opened_on_the_spot_converts_the_lead() -> None:
    """customers:S-6, customers:OPN-08: a customer who opens a card at once converts the lead before it is allocated;
    one who does not stays on the list, is allocated and followed up.
    """
    now, later = desk_with_lead(), desk_with_lead()
    now.do(convert(minutes=5, card="a card"))
    later.do(allocate(owner="S-3"), contact())

    assert ("converted", None) == (now.lead("L-1").status, now.customer_ledger("C-1").lead)
    assert ["D-1"] == [sale.id for sale in now.lead("L-1").sales]
    assert ("contacted", "S-3", CALL) == (later.lead("L-1").status, later.lead("L-1").owner, later.lead("L-1").next)
    assert "a card" not in repr(now.lead("L-1"))


def test_a_teller_sells_no_complex_product() -> None:
    """customers:S-8, customers:SLS-11: the sale of a complex product by a teller is refused, a simple one is not."""
    one = desk_with_lead()

    found = one.refused(convert(by=TELLER, complexity="complex", product="structured_deposit"))
    assert {"complex_product"} == found.keys()
    assert ("customers:REF-16", "customers:SLS-11") == found["complex_product"].rules
    one.do(convert(by=TELLER))
    one.do(convert(sale="D-2", complexity="complex", product="structured_deposit", minutes=31))
    assert ["S-1", "S-3"] == [sale.by for sale in one.lead("L-1").sales]


def test_a_sale_before_the_referral_was_told_is_none_of_its_own() -> None:
    """customers:SPLIT-06: a referral that the ledger heard of only after the sale is after the fact, whatever time it
    claims for itself.
    """
    one = desk()
    one.do(*willing(), attached(), referred(at=at(2), recorded_at=at(20)), accepted(minutes=21))

    found = one.refused(convert(minutes=15))
    assert {"after_the_fact"} == found.keys()
    assert ("customers:SPLIT-06",) == found["after_the_fact"].rules
    one.do(convert(minutes=20))


def test_a_referral_does_not_claim_to_have_been_told_before_a_sale() -> None:
    """customers:SPLIT-06: once a sale is written back, nothing of the customer is recorded as if it had been told
    earlier, by whichever step; what happened earlier and is told now is not refused.
    """
    one = desk()
    one.do(campaign(), *willing(), *willing("V-2"), attached("V-2", minutes=2))
    one.do(referred(minutes=2), ConvertLead("J-7", "L-7", sale="D-1", product="fund", by=WEALTH, at=at(180)))
    assert at(180) == one.customer_ledger("C-1").told_at

    for command in (
        attached(minutes=60),
        referred("V-2", "R-2", minutes=60),
        filled("V-2", "R-2", minutes=60),
        campaign("J-8", "L-8", minutes=60),
    ):
        found = one.refused(command)
        assert {"backdated"} == found.keys()
        assert (("customers:SPLIT-06",), "$.recorded_at") == (found["backdated"].rules, found["backdated"].path)
        assert {"backdated"} == one.refused(attrs.evolve(command, recorded_at=at(179))).keys()
    one.do(attrs.evolve(attached(minutes=60), recorded_at=at(180)))
    assert {"backdated"} == one.refused(accepted(minutes=61)).keys()
    one.do(attrs.evolve(accepted(minutes=61), recorded_at=at(181)))
    assert at(181) == one.customer_ledger("C-1").told_at


def test_sales_have_ids_of_their_own() -> None:
    """The same sale is not written back twice, and one to a lead that is not there is refused."""
    one = desk_with_lead()
    one.do(convert())

    assert {"sale_exists"} == one.refused(convert(minutes=40)).keys()
    assert {"unknown_lead"} == one.refused(attrs.evolve(convert(), lead="L-9")).keys()
    assert {"wrong_post"} == one.refused(convert(sale="D-2", by=HEAD)).keys()


def test_a_sale_counts_for_one_lead() -> None:
    """customers:SPLIT-04: written back to one lead, a sale is not written back, and so not credited, a second time:
    neither to another lead of the customer nor to another customer's.
    """
    one = Desk(customers={"C-1": customer(), "C-2": customer("C-2")})
    one.do(*willing(), attached(), referred(), accepted(), convert())
    one.do(campaign(minutes=40), campaign("J-8", "L-8", customer="C-2", minutes=40))

    for journey, lead in (("J-7", "L-7"), ("J-8", "L-8")):
        found = one.refused(attrs.evolve(convert(minutes=50), journey=journey, lead=lead))
        assert {"sale_exists"} == found.keys()
        assert "'L-1'" in found["sale_exists"].reason
        one.do(attrs.evolve(convert(minutes=50), journey=journey, lead=lead, sale=f"D-{lead}"))
    kept = one.sale_lead("B-1", "D-1")
    assert ("B-1/D-1", "L-1") == (kept.id, kept.lead)


def test_closing_is_for_the_owner_or_whoever_allocates() -> None:
    """A lead is closed with a reason by its owner or by the outlet head, once."""
    one = desk_with_lead()
    one.do(allocate(owner="S-3"))
    closing: Callable[..., CloseLead] = lambda who: CloseLead("V-1", "L-1", reason_code="moved", by=who, at=at(40))  # noqa: E731

    assert {"wrong_post"} == one.refused(closing(OFFICER)).keys()
    one.do(closing(WEALTH))
    assert ("closed", "moved", at(40)) == (one.lead("L-1").status, one.lead("L-1").reason, one.lead("L-1").closed_at)
    assert {"lead_over"} == one.refused(closing(HEAD)).keys()


def test_the_states_of_a_lead_are_those_of_the_rules() -> None:
    """customers:FUP-07: new, allocated, contacted, booked, converted, declined, closed, and no other."""
    one = desk()
    one.do(*willing(), attached(), filled(), entered(minutes=5))
    seen = [one.lead("L-1").status]
    for step in (allocate(owner="S-3"), contact(), contact(outcome="booked", minutes=25), convert()):
        one.do(step)
        seen.append(one.lead("L-1").status)

    assert ["new", "allocated", "contacted", "booked", "converted"] == seen
    assert isinstance(one.lead("L-1"), Lead)
