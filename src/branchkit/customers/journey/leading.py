"""Deciding about leads: who enters them, when two become one, who follows up, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import cast

import attrs

from branchkit.customers.assigning import (
    AssignmentPolicy,
    AssignmentRequest,
    ConflictOfInterest,
    assign_checked,
    reason_against,
    why_nobody,
)
from branchkit.customers.introducing import against_introduction
from branchkit.customers.journey.commands import (
    AcceptReferral,
    AllocateLead,
    CloseLead,
    ConvertLead,
    EnterLead,
    LeadCommand,
    RecordContact,
)
from branchkit.customers.journey.events import (
    ContactRecorded,
    LeadAllocated,
    LeadClosed,
    LeadConverted,
    LeadEntered,
    LeadMerged,
)
from branchkit.customers.journey.facts import JourneyFacts, against_backdating, against_contact, local
from branchkit.customers.journey.follow_up import Allocated, Contacted, Lead, Merged, Sale
from branchkit.customers.journey.model import Interest, Referral, Visit
from branchkit.customers.journey.refusing import against, refuse
from branchkit.customers.journey.visiting import against_post
from branchkit.customers.model import Customer
from branchkit.errors import Refusal, Refused
from branchkit.messages import Event
from branchkit.values import Ref

__all__ = [
    "LEAD_PURPOSE",
    "OWN_STEP",
    "against_lead",
    "against_lead_id",
    "allocate_lead",
    "close_lead",
    "closed",
    "convert_lead",
    "enter_lead",
    "lead_of",
    "put_in_ledger",
    "record_contact",
]

LEAD_PURPOSE = "lead"
"""What the assignment policy of leads is assigned for in a configuration."""
OWN_STEP = "own_lead"
"""The step of whoever follows a lead up."""


# -- entering


def enter_lead(command: EnterLead, facts: JourneyFacts) -> tuple[Event, ...]:
    """Enter a lead (customers:REF-06, customers:REF-20, customers:FUP-08), or add it to the open one."""
    refuse(command, _against_entering(command, facts))
    customer = cast(Customer, facts.customer)  # Without one it was refused.
    lead = lead_of(command, facts, facts.referral, facts.visit, customer=customer.id)
    form = None if facts.referral is None else facts.referral.form
    late = form is not None and local(form.at, facts.branch).date() < local(command.at, facts.branch).date()
    step = "enter_lead" if facts.referral is None else "enter_form_lead"
    lead = attrs.evolve(lead, late=late, post=facts.terms.fitting(step, command.by.posts))
    return (put_in_ledger(lead, facts),)


def lead_of(
    command: AcceptReferral | EnterLead,
    facts: JourneyFacts,
    referral: Referral | None,
    visit: Visit | None,
    *,
    customer: str,
) -> Lead:
    """Return the lead that a command enters, as it begins."""
    entering = command if isinstance(command, EnterLead) else None
    branch = "" if visit is None else visit.branch
    hits = () if visit is None else tuple(dict.fromkeys(hit.trigger for hit in visit.hits))
    form = () if referral is None or referral.form is None else referral.form.triggers
    return Lead(
        command.lead,
        journey=command.journey,
        branch=branch if entering is None else entering.branch,
        customer=customer,
        source="lobby_referral" if entering is None else entering.source,
        introduced_by=None if entering is None else entering.introduced_by,
        referral=None if referral is None else referral.id,
        referrer=None if referral is None else referral.by,
        referred_at=None if referral is None else referral.at,
        referral_told_at=None if referral is None else referral.recorded_at,
        identifier=None if visit is None else visit.by,
        acted_for=_behind(command, referral, visit),
        triggers=tuple(dict.fromkeys((*hits, *form))),
        interest=referral.interest if referral is not None else _interest(visit),
        by=command.by.id,
        at=command.at,
        registered_at=command.recorded_at if referral is None else referral.recorded_at,
        next=command.next,
        meets_standard=None if referral is None or referral.review is None else referral.review.meets_standard,
    )


def _behind(command: AcceptReferral | EnterLead, referral: Referral | None, visit: Visit | None) -> tuple[str, ...]:
    """Return in whose place a delegate identified, referred or takes over."""
    taking = command.by if isinstance(command, AcceptReferral) else None
    form = None if referral is None else referral.form
    found = (deed.acting_for for deed in (visit, referral, form, taking) if deed is not None)
    return tuple(dict.fromkeys(person for person in found if person is not None))


def _interest(visit: Visit | None) -> Interest | None:
    return None if visit is None or visit.willingness is None else visit.willingness.interest


def put_in_ledger(lead: Lead, facts: JourneyFacts) -> Event:
    """Enter a lead; where the customer has an open one, add it to that, the earliest referrer staying on record."""
    known = facts.open_lead
    if known is None:
        return LeadEntered(lead=lead)
    told, before = lead.referral_told_at, known.referral_told_at
    earlier = lead if told is not None and (before is None or told < before) else known
    return LeadMerged(
        lead=known.id,
        merged=Merged(
            journey=lead.journey,
            referral=lead.referral,
            source=lead.source,
            by=lead.by,
            at=lead.at,
            introduced_by=lead.introduced_by,
        ),
        referrer=earlier.referrer,
        referred_at=earlier.referred_at,
        referral_told_at=earlier.referral_told_at,
        registered_at=min(known.registered_at, lead.registered_at),
        acted_for=lead.acted_for,
    )


def against_lead_id(id: str, facts: JourneyFacts) -> Iterator[Refusal]:
    """Yield that a lead of that id is there already."""
    if facts.lead is not None:
        yield against("lead_exists", f"a lead {id!r} is there already", "$.lead")


def _against_entering(command: EnterLead, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_lead_id(command.lead, facts)
    if facts.branch is None:
        yield against("unknown_branch", f"the branch {command.branch!r} is not registered", "$.branch")
    if facts.visit is not None and facts.visit.branch != command.branch:
        yield against("other_branch", f"the visit was at the branch {facts.visit.branch!r}", "$.branch")
    yield from _against_form(command, facts) if command.referral is not None else _against_source(command, facts)
    if facts.customer is None:
        reason = "a lead is about a customer on record; attach or name one who has given consent"
        yield against("no_customer", reason, "$.customer")
    yield from against_contact(facts, command.at)
    yield from against_backdating(facts, command.recorded_at)
    if facts.visit is not None and facts.customer is not None and facts.visit.customer != facts.customer.id:
        yield against("other_customer", "the visit is not, or not known to be, this customer's", "$.customer")
    introduced = None if facts.customer is None else facts.customer.id
    yield from against_introduction(introduced, command.introduced_by, facts.introducers)


def _against_source(command: EnterLead, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_post(command, facts, "enter_lead")
    if command.source == "lobby_referral" and facts.visit is None:
        yield against("no_referral", "a lead from the lobby has a referral, or a visit at the least", "$.source")


def _against_form(command: EnterLead, facts: JourneyFacts) -> Iterator[Refusal]:
    """Yield what stands against the lead of a form: it is the supervisor's to enter, while the form counts."""
    referral = facts.referral
    if referral is None or referral.journey != command.journey:
        reason = f"the journey {command.journey!r} has no referral {command.referral!r}"
        yield against("unknown_referral", reason, "$.referral")
        return
    if command.at < referral.at:
        yield against("out_of_order", f"the referral {referral.id!r} was made only after that", "$.at")
    if referral.state == "offered":
        reason = "on the spot the receiver enters the lead by accepting the referral, and nobody else does"
        yield against("wrong_recorder", reason, "$.by")
        yield against("not_handed_over", f"the referral {referral.id!r} has neither a form nor been taken over")
    elif facts.terms.fitting("enter_form_lead", command.by.posts) is None:
        yield against("wrong_recorder", facts.terms.may_not("enter_form_lead", command.by.posts), "$.by")
    if referral.review is not None and not referral.review.meets_standard:
        yield against("below_standard", f"the form of {referral.id!r} was judged below standard", "$.referral")
    elif referral.state not in ("offered", "form"):
        yield against("referral_settled", f"the referral {referral.id!r} is {referral.state}", "$.referral")
    elif referral.has_expired(command.at):
        yield against("expired", f"the referral {referral.id!r} expired on {referral.expires_at}", "$.referral")


# -- following up


def against_lead(command: LeadCommand, facts: JourneyFacts, *, closed: bool = False) -> Iterator[Refusal]:
    """Yield that there is no such lead of this journey, or none to work on."""
    lead = facts.lead
    if lead is None or lead.journey != command.journey:
        yield against("unknown_lead", f"the journey {command.journey!r} has no lead {command.lead!r}", "$.lead")
        return
    if command.at < lead.at and not closed:
        yield against("out_of_order", f"the lead {lead.id!r} was entered only after that", "$.at")
    if not (closed or lead.is_open):
        yield against("lead_over", f"the lead {lead.id!r} is {lead.status}", "$.lead")


def allocate_lead(command: AllocateLead, facts: JourneyFacts) -> tuple[Event, ...]:
    """Give a lead to somebody who is there and may have it (customers:REF-15, customers:FUP-02)."""
    refuse(command, _against_allocating(command, facts))
    lead = cast(Lead, facts.lead)
    if command.owner is not None and command.owner == lead.owner:
        return ()
    who = Allocated(owner=command.owner or "", at=command.at, by=command.by.id)
    if command.owner is None:
        request = _request(command, facts, lead)
        decision = assign_checked(cast(AssignmentPolicy, facts.policy), request, facts.pool)
        chosen = decision.value
        if chosen is None:
            counted = why_nobody(request, facts.pool)
            listed = ", ".join(f"{count} {reason}" for reason, count in counted.items()) or "nobody is there"
            nobody = against("nobody_fits", f"nobody may be given the lead {lead.id!r}: {listed}")
            raise Refused.because(type(command).__name__, (nobody,))
        rules = tuple(dict.fromkeys(rule for step in decision.trace.steps for rule in step.rules))
        who = attrs.evolve(who, owner=chosen, policy=decision.trace.policy, version=decision.trace.version, rules=rules)
    return (LeadAllocated(lead=lead.id, branch=lead.branch, allocated=who, before=lead.owner),)


def _request(command: AllocateLead, facts: JourneyFacts, lead: Lead) -> AssignmentRequest:
    own = (ConflictOfInterest(lead.customer, relation="self"),)
    return AssignmentRequest(
        subject=Ref("lead", lead.id),
        purpose=LEAD_PURPOSE,
        at=command.at,
        skills=command.skills,
        fields=command.fields,
        conflicts=(*own, *command.conflicts),
    )


def _against_allocating(command: AllocateLead, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_lead(command, facts)
    yield from against_post(command, facts, "allocate_lead")
    lead, owner = facts.lead, command.owner
    if lead is None:
        return
    if lead.owner != command.instead_of and not (owner is not None and owner == lead.owner):
        told = "nobody" if lead.owner is None else repr(lead.owner)
        reason = f"the lead {lead.id!r} is with {told}; say from whom it is taken"
        yield against("already_allocated", reason, "$.instead_of")
    if owner is None:
        return
    if owner not in facts.pool:
        yield against("unfit_owner", f"{owner!r} holds no post at the branch that follows leads up", "$.owner")
    elif (code := reason_against(facts.pool[owner], _request(command, facts, lead))) is not None:
        yield against("unfit_owner", f"{owner!r} may not have the lead {lead.id!r}: {code}", "$.owner")


def record_contact(command: RecordContact, facts: JourneyFacts) -> tuple[Event, ...]:
    """Record a contact, and what comes next (customers:FUP-03, customers:FUP-07, customers:FUP-11)."""
    refuse(command, _against_contacting(command, facts))
    lead = cast(Lead, facts.lead)
    contact = Contacted(
        at=command.at, by=command.by.id, method=command.method, outcome=command.outcome, note=command.note
    )
    return (
        ContactRecorded(
            lead=lead.id,
            branch=lead.branch,
            customer=lead.customer,
            owner=cast(str, lead.owner),
            contact=contact,
            next=None if command.outcome == "declined" else command.next,
        ),
    )


def _against_contacting(command: RecordContact, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_lead(command, facts)
    yield from against_contact(facts, command.at)
    lead = facts.lead
    if lead is None:
        return
    if lead.allocated is None or command.at < lead.allocated.at:
        yield against("not_allocated", f"nobody had the lead {lead.id!r} then; allocate it before contact", "$.lead")
    elif lead.allocated.owner not in command.by.persons and not _assists(command, facts):
        yield against("not_owner", f"the lead {lead.id!r} is {lead.allocated.owner!r}'s to follow up", "$.by")
    if command.outcome != "declined":
        if command.next is None:
            yield against("next_action_missing", "say what is done next, and on which day", "$.next")
        elif command.next.on < local(command.at, facts.branch).date():
            yield against("next_action_missing", "what is done next is not done before", "$.next.on")


def _assists(command: RecordContact, facts: JourneyFacts) -> bool:
    return facts.terms.fitting("assist_contact", command.by.posts) is not None


def convert_lead(command: ConvertLead, facts: JourneyFacts) -> tuple[Event, ...]:
    """Write a sale back to its lead (customers:OPN-08, customers:SLS-11)."""
    refuse(command, _against_converting(command, facts))
    lead = cast(Lead, facts.lead)
    sale = Sale(
        command.sale,
        product=command.product,
        complexity=command.complexity,
        at=command.at,
        by=command.by.id,
        acting_for=command.by.acting_for,
        post=facts.terms.fitting("sell", command.by.posts),
        card=command.card,
    )
    return (
        LeadConverted(
            lead=lead.id,
            branch=lead.branch,
            customer=lead.customer,
            owner=lead.owner if lead.is_open else None,
            sale=sale,
        ),
    )


def _against_converting(command: ConvertLead, facts: JourneyFacts) -> Iterator[Refusal]:
    lead = facts.lead
    yield from against_lead(command, facts, closed=True)
    yield from against_post(command, facts, "sell")
    if command.complexity == "complex" and facts.terms.fitting("sell_complex", command.by.posts) is None:
        reason = "a complex product is sold by staff outside the counter; pass the customer on"
        yield against("complex_product", reason, "$.complexity")
    if lead is None or lead.journey != command.journey:
        return
    if lead.status in ("declined", "closed"):
        yield against("lead_over", f"the lead {lead.id!r} is {lead.status}", "$.lead")
    if command.at < lead.registered_at:
        reason = f"the sale came before the ledger was told of the lead {lead.id!r}, so it is none of its own"
        yield against("after_the_fact", reason, "$.at")
    if facts.sold is not None:
        reason = f"the sale {command.sale!r} was written back to the lead {facts.sold.lead!r}, and counts once"
        yield against("sale_exists", reason, "$.sale")


def close_lead(command: CloseLead, facts: JourneyFacts) -> tuple[Event, ...]:
    """Close a lead that comes to nothing."""
    refuse(command, _against_closing(command, facts))
    lead = cast(Lead, facts.lead)
    return (closed(lead, reason=command.reason_code, at=command.at),)


def closed(lead: Lead, *, reason: str, at: dt.datetime) -> LeadClosed:
    """Return that a lead came to nothing."""
    return LeadClosed(lead=lead.id, branch=lead.branch, customer=lead.customer, owner=lead.owner, reason=reason, at=at)


def _against_closing(command: CloseLead, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_lead(command, facts)
    lead = facts.lead
    if lead is not None and lead.owner not in command.by.persons:
        yield from against_post(command, facts, "allocate_lead")
