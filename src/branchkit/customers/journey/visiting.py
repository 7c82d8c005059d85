"""Deciding about visits: who is at the outlet, what was seen, and who they are once they agree to say it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal, cast

from branchkit.customers.journey.commands import (
    AskWillingness,
    AttachCustomer,
    EndVisit,
    JourneyCommand,
    JudgeVisit,
    LookUpVisit,
    ObserveTriggers,
    OpenVisit,
    RefuseContact,
)
from branchkit.customers.journey.events import (
    ContactRefused,
    CustomerAttached,
    TriggersObserved,
    VisitEnded,
    VisitJudged,
    VisitLookedUp,
    VisitOpened,
    WillingnessAsked,
)
from branchkit.customers.journey.facts import JourneyFacts, against_backdating, against_contact, against_others, local
from branchkit.customers.journey.follow_up import OpenReferral
from branchkit.customers.journey.model import HANDOUTS, Judgement, LookedUp, Visit, Willingness
from branchkit.customers.journey.refusing import against, refuse
from branchkit.errors import Refusal
from branchkit.messages import Event

__all__ = [
    "against_post",
    "against_visit",
    "ask_willingness",
    "attach_customer",
    "end_visit",
    "judge_visit",
    "look_up_visit",
    "observe_triggers",
    "open_visit",
    "refuse_contact",
]


def against_post(command: JourneyCommand | RefuseContact, facts: JourneyFacts, step: str) -> Iterator[Refusal]:
    """Yield that whoever asks holds no post that may take a step."""
    if facts.terms.fitting(step, command.by.posts) is None:
        yield against("wrong_post", facts.terms.may_not(step, command.by.posts), "$.by")


def against_visit(command: JourneyCommand, facts: JourneyFacts) -> Iterator[Refusal]:
    """Yield that there is no visit that goes on."""
    visit = facts.visit
    if visit is None:
        yield against("unknown_visit", f"there is no visit {command.journey!r}; open it first", "$.journey")
    elif visit.outcome is not None:
        yield against("visit_ended", f"the visit {visit.id!r} is over", "$.journey")
    elif command.at < visit.at:
        yield against("out_of_order", f"the visit {visit.id!r} began only after that", "$.at")


def open_visit(command: OpenVisit, facts: JourneyFacts) -> tuple[Event, ...]:
    """Receive somebody (customers:REF-01, customers:REF-03, customers:REF-04)."""
    step = f"identify_{command.identified_at}"
    visit = Visit(
        command.journey,
        branch=command.branch,
        at=command.at,
        by=command.by.id,
        acting_for=command.by.acting_for,
        post=facts.terms.fitting(step, command.by.posts),
        identified_at=command.identified_at,
        business_type=command.business_type,
        triage_round=command.triage_round,
    )
    refuse(command, _against_opening(command, facts, step))
    return (VisitOpened(visit=visit),)


def _against_opening(command: OpenVisit, facts: JourneyFacts, step: str) -> Iterator[Refusal]:
    if facts.visit is not None:
        yield against("visit_exists", f"a visit {command.journey!r} is there already", "$.journey")
    if facts.branch is None:
        yield against("unknown_branch", f"the branch {command.branch!r} is not registered", "$.branch")
    yield from against_post(command, facts, step)


def observe_triggers(command: ObserveTriggers, facts: JourneyFacts) -> tuple[Event, ...]:
    """Record what was seen: evidence, and not a verdict."""
    refuse(command, (*against_visit(command, facts), *against_post(command, facts, "judge_visit")))
    known = () if facts.visit is None else facts.visit.hits
    new = tuple(hit for hit in dict.fromkeys(command.hits) if hit not in known)
    return (TriggersObserved(visit=command.journey, hits=new),) if new else ()


def judge_visit(command: JudgeVisit, facts: JourneyFacts) -> tuple[Event, ...]:
    """Decision A (customers:REF-07)."""
    refuse(command, (*against_visit(command, facts), *against_post(command, facts, "judge_visit")))
    judgement = Judgement(verdict=command.verdict, basis=command.basis, by=command.by.id, at=command.at)
    return (VisitJudged(visit=command.journey, judgement=judgement),)


def look_up_visit(command: LookUpVisit, facts: JourneyFacts) -> tuple[Event, ...]:
    """Decision B (customers:REF-08, customers:REF-09)."""
    refuse(command, _against_look_up(command, facts))
    look_up = LookedUp(result=command.result, by=command.by.id, at=command.at)
    return (VisitLookedUp(visit=command.journey, look_up=look_up),)


def _against_look_up(command: LookUpVisit, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_visit(command, facts)
    yield from against_post(command, facts, "look_up_visit")
    judgement = None if facts.visit is None else facts.visit.judgement
    if facts.visit is not None and (judgement is None or judgement.verdict == "reached"):
        reason = "the look-up is for whoever cannot be judged at sight; judge first, and look up where it is unclear"
        yield against("look_up_not_needed", reason)


def ask_willingness(command: AskWillingness, facts: JourneyFacts) -> tuple[Event, ...]:
    """Decision C (customers:REF-10, customers:REF-11, customers:REF-23)."""
    refuse(command, _against_asking(command, facts))
    answer = cast('Literal["yes", "not_now"]', command.answer)  # The third one was refused.
    willingness = Willingness(answer=answer, interest=command.interest, at=command.at)
    return (WillingnessAsked(visit=command.journey, willingness=willingness),)


def _against_asking(command: AskWillingness, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_visit(command, facts)
    yield from against_post(command, facts, "ask_willingness")
    if facts.visit is not None and not facts.visit.is_quality:
        reason = "nobody is asked who was neither judged nor found to reach the threshold; the ordinary service applies"
        yield against("not_quality", reason)
    if command.answer == "refused":
        reason = (
            "whoever refuses contact is counted for the branch and the day alone; end the visit, and refuse_contact"
        )
        yield against("case_3_with_data", reason, "$.answer")


def attach_customer(command: AttachCustomer, facts: JourneyFacts) -> tuple[Event, ...]:
    """Say who the customer is: after consent, never before (customers:PRV-06, customers:REF-22)."""
    refuse(command, _against_attaching(command, facts))
    visit, standing = cast(Visit, facts.visit), facts.standing
    if visit.customer == command.customer:
        return ()
    referral = None
    if standing is not None and standing.is_open and not standing.has_expired(command.at):
        referral = OpenReferral(id=standing.id, journey=visit.id, expires_at=standing.expires_at)
    attached = CustomerAttached(
        visit=visit.id,
        customer=command.customer,
        purpose=cast(str, facts.terms.purpose),
        at=command.at,
        referral=referral,
    )
    return (attached,)


def _against_attaching(command: AttachCustomer, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_visit(command, facts)
    yield from against_post(command, facts, "attach_customer")
    if facts.customer is None:
        reason = f"no customer {command.customer!r} is on record; register the customer, with consent, first"
        yield against("unknown_customer", reason, "$.customer")
    yield from against_contact(facts, command.at, path="$.customer")
    yield from against_backdating(facts, command.recorded_at)
    visit = facts.visit
    if visit is not None and visit.customer not in (None, command.customer):
        yield against("other_customer", f"the visit {visit.id!r} is another customer's", "$.customer")
    standing = facts.standing
    if visit is None or standing is None:
        return
    # A referral of somebody unknown becomes the customer's own only now, so only now can it meet with others.
    if visit.customer is None and standing.is_open and not standing.has_expired(command.at):
        yield from against_others(command.journey, facts, command.at)
    if command.customer in standing.persons:
        yield against("self_referral", "the customer is the referrer", "$.customer")


def end_visit(command: EndVisit, facts: JourneyFacts) -> tuple[Event, ...]:
    """End a visit without a referral. Nothing tells whether the customer refused contact."""
    refuse(command, _against_ending(command, facts))
    return (VisitEnded(visit=command.journey, outcome=command.outcome),)


def _against_ending(command: EndVisit, facts: JourneyFacts) -> Iterator[Refusal]:
    yield from against_visit(command, facts)
    yield from against_post(command, facts, "judge_visit")
    if facts.standing is not None and facts.standing.is_open and not facts.standing.has_expired(command.at):
        reason = f"the referral {facts.standing.id!r} is not settled; settle it first"
        yield against("conflict", reason)


def refuse_contact(command: RefuseContact, facts: JourneyFacts) -> tuple[Event, ...]:
    """Count a refusal: case 3 (customers:REF-21, customers:REF-22)."""
    refuse(command, _against_counting(command, facts))
    return (ContactRefused(branch=command.branch, day=local(command.at, facts.branch).date()),)


def _against_counting(command: RefuseContact, facts: JourneyFacts) -> Iterator[Refusal]:
    if facts.branch is None:
        yield against("unknown_branch", f"the branch {command.branch!r} is not registered", "$.branch")
    for name in ("at", "recorded_at"):
        if local(getattr(command, name), facts.branch).time() != dt.time():
            reason = "a refusal is told of a day: give its first moment, since a time of day leads to a person"
            yield against("case_3_with_data", reason, f"$.{name}")
    if command.id is not None:
        reason = "a refusal has no id of its own, which might say whose it is; its token is drawn by chance"
        yield against("case_3_with_data", reason, "$.id")
    if not command.by.system or command.by.acting_for is not None or command.by.posts:
        reason = "a refusal is told by a system, as a terminal of the lobby, and names nobody"
        yield against("case_3_with_data", reason, "$.by")
    lacking = sorted({*HANDOUTS, "contact_us_any_time"} - set(command.gave))
    if lacking:
        listed = ", ".join(lacking)
        reason = f"whoever refuses contact is given card and materials and told to come any time; missing: {listed}"
        yield against("handouts_missing", reason, "$.gave")
