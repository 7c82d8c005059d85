"""Deciding about credit: who had which part in a sale, what the policy in force shares, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from branchkit.customers.credit import CreditPolicy, Deal, NotShared, Shared, Sharing, claw_back, share_checked
from branchkit.customers.journey.commands import CreditSale, LeadCommand, ReverseCredit
from branchkit.customers.journey.events import CreditTakenBack, SaleCredited
from branchkit.customers.journey.facts import JourneyFacts
from branchkit.customers.journey.follow_up import Credit, Lead, Sale
from branchkit.customers.journey.leading import against_lead
from branchkit.customers.journey.model import CASE_1
from branchkit.customers.journey.refusing import REASONS, against, refuse
from branchkit.customers.journey.visiting import against_post
from branchkit.errors import Refusal, Refused
from branchkit.messages import Event
from branchkit.trace import Decision
from branchkit.values import FrozenMap

__all__ = ["credit_sale", "reverse_credit"]


def credit_sale(command: CreditSale, facts: JourneyFacts) -> tuple[Event, ...]:
    """Share a sale (customers:SPLIT-01 to customers:SPLIT-08); the policy decides, and is named in the event."""
    sale = _sale(command, facts.lead)
    refuse(command, _against_crediting(command, facts, sale))
    # What is not there was refused; and where there is a lead, its branch has a policy.
    lead = cast(Lead, facts.lead)
    deal = _deal(command, facts, lead, cast(Sale, sale))
    decision = share_checked(cast(CreditPolicy, facts.credit_policy), deal)
    shared = _shared(command, decision)
    trace = decision.trace
    credit = Credit(
        lead=lead.id,
        sale=command.sale,
        journey=lead.journey,
        branch=lead.branch,
        deal=deal,
        shared=shared,
        policy=trace.policy,
        version=trace.version,
        plugin=trace.plugin,
        rules=tuple(dict.fromkeys(rule for step in trace.steps for rule in step.rules)),
        at=command.at,
        by=command.by.id,
    )
    return (SaleCredited(credit=credit),)


def _sale(command: LeadCommand, lead: Lead | None) -> Sale | None:
    sold = () if lead is None else lead.sales
    return next((sale for sale in sold if sale.id == getattr(command, "sale", None)), None)


def _deal(command: CreditSale, facts: JourneyFacts, lead: Lead, sale: Sale) -> Deal:
    case: Literal[1, 2] | None = None
    if facts.referral is not None:
        case = 1 if facts.referral.case == CASE_1 else 2
    receiver = lead.receiver or lead.owner
    parts = {
        "identifier": _people(lead.identifier),
        "referrer": _people(lead.referrer),
        "receiver": _people(receiver),
        "closer": (sale.by,),
        "processor": tuple(dict.fromkeys(command.processors)),
        "maintainer": tuple(dict.fromkeys(command.maintainers)),
    }
    return Deal(
        f"{lead.id}/{sale.id}",
        amount=command.amount,
        currency=command.currency,
        measure=command.measure,
        sold_at=sale.at,
        lead_at=lead.referral_told_at,
        case=case,
        meets_standard=lead.meets_standard,
        parts=FrozenMap({role: people for role, people in parts.items() if people}),
        approved_by=command.by.persons,
        acted_for=_people(sale.acting_for, *lead.acted_for),
        measures=command.measures,
        cooling_off_until=command.cooling_off_until,
    )


def _people(*found: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _shared(command: CreditSale | ReverseCredit, decision: Decision[Sharing]) -> Shared:
    """Return what was shared; raises `Refused` with the policy's reason where nothing was."""
    found = decision.value
    if isinstance(found, Shared):
        return found
    raise Refused.because(type(command).__name__, (_why_not(found),))


def _why_not(found: NotShared) -> Refusal:
    code = "credit_not_configured" if found.code == "not_configured" else found.code
    if code not in REASONS:
        code = "not_shared"
    rules = tuple(dict.fromkeys((*found.rules, *REASONS[code].rules)))
    return Refusal(code, found.why.say("en"), rules=rules, zh=found.why.say("zh"))


def _against_crediting(command: CreditSale, facts: JourneyFacts, sale: Sale | None) -> Iterator[Refusal]:
    yield from against_lead(command, facts, closed=True)
    yield from against_post(command, facts, "credit_sale")
    lead = facts.lead
    if lead is None or lead.journey != command.journey:
        return
    if facts.credit is not None:
        yield against("already_credited", f"the sale {command.sale!r} is credited already", "$.sale")
    if lead.referral_told_at is None:
        yield against("no_referral", f"the lead {lead.id!r} came of no referral, so there is nothing to share")
    if lead.meets_standard is False:
        yield against("below_standard", f"the referral of the lead {lead.id!r} was judged below standard")
    if sale is None:
        yield against("unknown_sale", f"the lead {lead.id!r} has no sale {command.sale!r}", "$.sale")
    elif lead.referral_told_at is not None and sale.at < lead.referral_told_at:
        yield against("after_the_fact", "the ledger was told of the referral only after the sale", "$.sale")


def reverse_credit(command: ReverseCredit, facts: JourneyFacts) -> tuple[Event, ...]:
    """Take credit back, exactly as it was given (customers:SPLIT-09)."""
    refuse(command, _against_reversing(command, facts))
    credit = cast(Credit, facts.credit)
    taken = _shared(command, claw_back(credit.shared, credit.deal, at=command.at))
    back = CreditTakenBack(
        lead=credit.lead, sale=credit.sale, branch=credit.branch, taken_back=taken, reason=command.reason_code
    )
    return (back,)


def _against_reversing(command: ReverseCredit, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_lead(command, facts, closed=True)
    yield from against_post(command, facts, "credit_sale")
    credit = facts.credit
    if credit is None:
        yield against("unknown_credit", f"the sale {command.sale!r} is not credited", "$.sale")
    elif credit.taken_back is not None:
        yield against("already_reversed", f"the credit of the sale {command.sale!r} is taken back already", "$.sale")
    elif command.at < credit.at:
        yield against("out_of_order", "the sale was credited only after that", "$.at")
