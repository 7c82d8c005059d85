"""Deciding about referrals: handed over on the spot, or by the form; never back, never to oneself, never too late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import attrs

from branchkit.customers.journey.commands import (
    AcceptReferral,
    DeclineReferral,
    FillReferralForm,
    ReferCustomer,
    ReferralCommand,
    ReviewForm,
)
from branchkit.customers.journey.events import (
    CustomerReferred,
    ReferralAccepted,
    ReferralDeclined,
    ReferralFormFilled,
    ReferralFormReviewed,
)
from branchkit.customers.journey.facts import JourneyFacts, against_backdating, against_contact, against_others
from branchkit.customers.journey.leading import against_lead_id, closed, lead_of, put_in_ledger
from branchkit.customers.journey.model import CASE_1, CASE_2, HANDOUTS, PartA, PartB, Referral, Visit
from branchkit.customers.journey.refusing import against, refuse
from branchkit.customers.journey.visiting import against_post, against_visit
from branchkit.errors import Refusal
from branchkit.messages import Event

__all__ = ["accept_referral", "decline_referral", "fill_referral_form", "refer_customer", "review_form"]


def refer_customer(command: ReferCustomer, facts: JourneyFacts) -> tuple[Event, ...]:
    """Hand a customer on (customers:REF-10, customers:REF-16, customers:REF-25)."""
    refuse(command, _against_referring(command, facts))
    # Without a visit it was refused, and so with whatever else is taken to be there below.
    return (CustomerReferred(referral=_referral(command, facts, cast(Visit, facts.visit))),)


def _referral(command: ReferCustomer | FillReferralForm, facts: JourneyFacts, visit: Visit) -> Referral:
    valid = facts.terms.valid("refer_customer")
    return Referral(
        command.referral,
        journey=visit.id,
        branch=visit.branch,
        at=command.at,
        recorded_at=command.recorded_at,
        by=command.by.id,
        acting_for=command.by.acting_for,
        post=facts.terms.fitting("refer_customer", command.by.posts),
        target=command.target,
        receiver=command.receiver if isinstance(command, ReferCustomer) else None,
        complexity=command.complexity,
        interest="low_or_none" if visit.willingness is None else visit.willingness.interest,
        customer=visit.customer,
        expires_at=None if valid is None else command.at + valid,
    )


def _against_referring(command: ReferCustomer, facts: JourneyFacts) -> Iterator[Refusal]:
    if facts.referral is not None:
        yield against("referral_exists", f"a referral {command.referral!r} is there already", "$.referral")
    yield from _against_attempt(command, facts, CASE_1)
    receiver, visit = command.receiver, facts.visit
    if receiver is not None and receiver in command.by.persons:
        yield against("self_referral", "nobody refers a customer to themselves", "$.receiver")
    if visit is not None and receiver is not None and receiver in visit.hands:
        yield against("circular", f"{receiver!r} has passed this customer on already", "$.receiver")
    yield from _against_standing(command, facts)


def _against_standing(command: ReferCustomer | FillReferralForm, facts: JourneyFacts) -> Iterator[Refusal]:
    """Yield that another referral of the same visit is not settled."""
    standing = facts.standing
    if standing is None or standing.id == command.referral:
        return
    if standing.is_open and not standing.has_expired(command.at):
        yield against("conflict", f"the referral {standing.id!r} of this visit is open; settle it first")


def _against_attempt(command: ReferCustomer | FillReferralForm, facts: JourneyFacts, case: str) -> Iterator[Refusal]:
    """Yield what stands against a referral of either case."""
    yield from against_visit(command, facts)
    yield from against_post(command, facts, "refer_customer")
    yield from against_contact(facts, command.at)
    yield from against_backdating(facts, command.recorded_at)
    terms, visit = facts.terms, facts.visit
    if not terms.may("receive", command.target):
        reason = f"nobody is referred to {command.target!r}; the table {terms.posts.id!r} says to whom"
        yield against("unknown_target", reason, "$.target")
    elif command.complexity == "complex" and not terms.may("receive_complex", command.target):
        reason = f"a complex product goes to staff outside the counter, not to {command.target!r}"
        yield against("complex_product", reason, "$.target")
    if visit is None:
        return
    if not visit.is_quality:
        yield against("not_quality", "the customer was neither judged nor found to reach the threshold")
    willing = visit.willingness
    if willing is None or willing.answer != "yes":
        yield against("not_willing", "nobody is referred who has not said that contact is welcome")
    elif not terms.may(case, willing.interest):
        yield against("interest_case", f"the interest {willing.interest!r} does not fit the case {case!r}")
    if visit.customer is not None and visit.customer in command.by.persons:
        yield against("self_referral", "the customer is the referrer", "$.by")
    yield from against_others(command.journey, facts, command.at)


def _against_settled(command: ReferralCommand, facts: JourneyFacts, *, to: tuple[str, ...]) -> Iterator[Refusal]:
    """Yield that there is no such referral of this journey, that it is settled, or that its time is over."""
    referral = facts.referral
    if referral is None or referral.journey != command.journey:
        reason = f"the journey {command.journey!r} has no referral {command.referral!r}"
        yield against("unknown_referral", reason, "$.referral")
        return
    if command.at < referral.at:
        yield against("out_of_order", f"the referral {referral.id!r} was made only after that", "$.at")
    if referral.state not in to:
        yield against("referral_settled", f"the referral {referral.id!r} is {referral.state}", "$.referral")
    elif referral.has_expired(command.at):
        yield against("expired", f"the referral {referral.id!r} expired on {referral.expires_at}", "$.referral")


def accept_referral(command: AcceptReferral, facts: JourneyFacts) -> tuple[Event, ...]:
    """Take a customer over and enter the lead: case 1 (customers:REF-18, customers:REF-24)."""
    refuse(command, _against_accepting(command, facts))
    referral, visit = cast(Referral, facts.referral), cast(Visit, facts.visit)
    customer = cast(str, visit.customer)
    lead = lead_of(command, facts, referral, visit, customer=customer)
    lead = attrs.evolve(lead, receiver=command.by.id, post=_receiving(command, facts, referral))
    entered = put_in_ledger(lead, facts)
    accepted = ReferralAccepted(
        referral=referral.id,
        visit=visit.id,
        customer=customer,
        receiver=command.by.id,
        lead=lead.id if facts.open_lead is None else facts.open_lead.id,
        at=command.at,
    )
    return (accepted, entered)


def _receiving(command: AcceptReferral, facts: JourneyFacts, referral: Referral) -> str | None:
    return facts.terms.fitting(f"receive_{referral.target}", command.by.posts)


def _against_accepting(command: AcceptReferral, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_visit(command, facts)
    yield from _against_settled(command, facts, to=("offered",))
    yield from against_contact(facts, command.at)
    yield from against_backdating(facts, command.recorded_at)
    yield from against_lead_id(command.lead, facts)
    referral, visit = facts.referral, facts.visit
    if visit is not None and visit.customer is None:
        reason = "a lead is about a known customer; attach the customer, with consent, first"
        yield against("no_customer", reason)
    if referral is None:
        return
    persons = command.by.persons
    own = not set(referral.persons).isdisjoint(persons)
    if own or (referral.receiver is not None and referral.receiver not in persons):
        who = "the receiver" if referral.receiver is None else f"the receiver, {referral.receiver!r}"
        reason = f"on the spot {who} takes the customer over and enters the lead, and nobody else"
        yield against("wrong_recorder", reason, "$.by")
    if own:
        yield against("self_referral", "nobody takes over a customer they referred", "$.by")
    elif visit is not None and not set(persons).isdisjoint(visit.hands):
        yield against("circular", "whoever has passed this customer on does not get the customer back", "$.by")
    if _receiving(command, facts, referral) is None:
        yield against("wrong_post", facts.terms.may_not(f"receive_{referral.target}", command.by.posts), "$.by")


def decline_referral(command: DeclineReferral, facts: JourneyFacts) -> tuple[Event, ...]:
    """Settle a referral that comes to nothing."""
    refuse(command, _against_declining(command, facts))
    referral = cast(Referral, facts.referral)
    return (
        ReferralDeclined(
            referral=referral.id,
            visit=referral.journey,
            customer=None if facts.visit is None else facts.visit.customer,
            reason=command.reason_code,
            at=command.at,
        ),
    )


def _against_declining(command: DeclineReferral, facts: JourneyFacts) -> Iterator[Refusal]:
    # One that has expired may still be settled.
    for reason in _against_settled(command, facts, to=("offered", "form")):
        if reason.code != "expired":
            yield reason
    referral = facts.referral
    parties = () if referral is None else (*referral.persons, referral.receiver)
    if referral is not None and set(parties).isdisjoint(command.by.persons):
        yield from against_post(command, facts, "decline_referral")


def fill_referral_form(command: FillReferralForm, facts: JourneyFacts) -> tuple[Event, ...]:
    """Fill in part A: case 2 (customers:REF-19, customers:FRM-01 to customers:FRM-06, customers:FRM-10)."""
    refuse(command, _against_filling(command, facts))
    visit = cast(Visit, facts.visit)
    form = PartA(
        at=command.at,
        by=command.by.id,
        acting_for=command.by.acting_for,
        customer_name=command.customer_name,
        reason=command.reason,
        triggers=command.triggers,
        contact=command.contact,
        preferred_time=command.preferred_time,
        gave=command.gave,
    )
    referral = facts.referral or _referral(command, facts, visit)
    changed = attrs.evolve(
        referral, state="form", case=CASE_2, form=form, target=command.target, customer=visit.customer
    )
    return (ReferralFormFilled(referral=changed),)


def _against_filling(command: FillReferralForm, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from _against_attempt(command, facts, CASE_2)
    visit, referral = facts.visit, facts.referral
    if visit is not None and visit.customer is None:
        reason = "the form holds a name and contact details; attach the customer, with consent, first"
        yield against("attach_before_consent", reason)
    if lacking := sorted(HANDOUTS - set(command.gave)):
        listed = ", ".join(lacking)
        yield against("handouts_missing", f"the customer is given card and materials; missing: {listed}", "$.gave")
    if referral is not None:
        yield from _against_settled(command, facts, to=("offered",))
        if set(referral.persons).isdisjoint(command.by.persons):
            yield against("wrong_recorder", f"part A is for the referrer, {referral.by!r}", "$.by")
    yield from _against_standing(command, facts)


def review_form(command: ReviewForm, facts: JourneyFacts) -> tuple[Event, ...]:
    """Fill in part B (customers:FRM-07 to customers:FRM-11). A form below standard is closed, and its lead with it."""
    refuse(command, _against_reviewing(command, facts))
    referral, lead = cast(Referral, facts.referral), facts.lead
    review = PartB(
        at=command.at,
        by=command.by.id,
        adviser=command.adviser,
        meets_standard=command.meets_standard,
        note=command.note,
    )
    own = lead is not None and lead.referral == referral.id
    reviewed = ReferralFormReviewed(
        referral=referral.id,
        visit=referral.journey,
        customer=referral.customer,
        review=review,
        lead=lead.id if lead is not None and own else None,
        settles=not command.meets_standard and referral.state == "form",
    )
    if lead is None or not own or command.meets_standard or not lead.is_open or lead.merged:
        return (reviewed,)
    return (reviewed, closed(lead, reason="below_standard", at=command.at))


def _against_reviewing(command: ReviewForm, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_post(command, facts, "review_form")
    referral = facts.referral
    if referral is None or referral.journey != command.journey:
        reason = f"the journey {command.journey!r} has no referral {command.referral!r}"
        yield against("unknown_referral", reason, "$.referral")
        return
    form = referral.form
    if form is None:
        yield against("no_form", f"part A of the referral {referral.id!r} is not filled in", "$.referral")
        return
    if referral.review is not None:
        yield against("already_reviewed", f"part B of the referral {referral.id!r} is filled in", "$.referral")
    elif referral.state == "declined":
        yield against("referral_settled", f"the referral {referral.id!r} is declined", "$.referral")
    if command.at < form.at:
        yield against("out_of_order", "part A was filled in only after that", "$.at")
    if not set(referral.persons).isdisjoint(command.by.persons):
        yield against(
            "same_author", f"part B is not for {form.by!r}, who filled in part A, nor for the referrer", "$.by"
        )
    if command.adviser in referral.persons:
        yield against("same_author", "the adviser is not the referrer", "$.adviser")
