"""What commands about a customer's record lead to: pure, given the record and what the bank lays down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, get_args

import attrs

from branchkit.checklists import RawFact
from branchkit.customers.commands import (
    ApplyRetention,
    AssignOwner,
    ClassifyCustomer,
    CustomerCommand,
    EraseCustomer,
    GradeRisk,
    LabelCustomer,
    MoveCustomer,
    PassCheck,
    RegisterCustomer,
    ReviseCustomer,
    TreatSpecially,
)
from branchkit.customers.events import (
    CheckPassed,
    CustomerClassified,
    CustomerErased,
    CustomerLabelled,
    CustomerMoved,
    CustomerRegistered,
    CustomerRevised,
    DataForgotten,
    OwnerAssigned,
    RiskGraded,
    TreatedSpecially,
)
from branchkit.customers.evolving import evolve_customer
from branchkit.customers.introducing import against_introduction
from branchkit.customers.model import Customer, Particulars, ServiceClass, TierHeld
from branchkit.customers.permitting import PERMITTING, consent_refusals
from branchkit.customers.privacy import PrivacyPolicy
from branchkit.customers.refusals import Events, in_order, known_customer, not_named, refuse, refused, who
from branchkit.customers.retaining import held_by, retention_of
from branchkit.customers.using import unfounded
from branchkit.errors import NotFound, Refusal
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Ref

__all__ = ["classify_customer", "decide_customer", "erase_customer", "known_customer"]

_CLASSES: tuple[ServiceClass, ...] = get_args(ServiceClass)
_STORE_RULES = ("customers:PRV-05", "customers:PRV-06")


def decide_customer(
    command: CustomerCommand,
    customer: Customer | None,
    policy: PrivacyPolicy,
    *,
    introducers: Collection[str] | None = None,
) -> Events:
    """Return what a command leads to; nothing where it asks for what is so already.

    Classifying and erasing need more than the record: see `classify_customer` and `erase_customer`.

    Args:
        command: what was asked.
        customer: the record.
        policy: what the bank lays down.
        introducers: who introduces a new customer, if on record, and who introduced those (customers:DEV-03);
            ``None`` where it is not looked at.

    Raises:
        Refused: with every reason, its code and its rules.
    """
    if isinstance(command, RegisterCustomer):
        return _register(command, customer, policy, introducers)
    known = known_customer(command, customer)
    decided: Events = _DECIDE[type(command)](command, known, policy)
    return decided


def classify_customer(
    command: ClassifyCustomer,
    customer: Customer | None,
    decision: Decision[str],
    *,
    service_class: ServiceClass | None = None,
    resolved: Mapping[str, RawFact] | None = None,
) -> Events:
    """Return what comes of a tier policy's answer (customers:TIER-33).

    The customer's service class becomes the highest of those that their tiers mean, whichever scheme was asked last
    (customers:TIER-01).

    Args:
        command: what was asked.
        customer: the record.
        decision: the tier, with the policy that decided in its trace.
        service_class: the service class that the tier means; ``None`` where it means none.
        resolved: facts that nobody told, since they follow from the tiers of other schemes.

    Raises:
        Refused: with every reason.
    """
    known = known_customer(command, customer)
    if command.approved_by is not None and command.approved_by in command.by.persons:
        reason = "a change of tier is approved by somebody else than who asks for it"
        raise refused(command, "own_approval", reason, rules=("customers:TIER-33",), path="$.approved_by")
    trace, before = decision.trace, known.tier(command.scheme)
    in_order(command, None if before is None else before.last_decided)
    held = TierHeld(
        scheme=command.scheme,
        tier=decision.value,
        since=before.since if before is not None and before.tier == decision.value else command.at,
        policy=trace.policy,
        version=trace.version,
        reason=command.reason,
        approved_by=command.approved_by,
        service_class=service_class,
        decided_at=command.at,
    )
    service = _highest([held, *(one for one in known.tiers if one.scheme != command.scheme)])
    if before is not None and service in (None, known.service_class):
        same = attrs.evolve(before, reason=held.reason, approved_by=held.approved_by, decided_at=command.at)
        if same == held:
            return ()
    return (
        CustomerClassified(
            **who(command),
            before=None if before is None else before.tier,
            held=held,
            service_class=service,
            facts=FrozenMap({**command.facts, **(resolved or {})}),
            plugin=trace.plugin,
            rules=tuple(dict.fromkeys(rule for step in trace.steps for rule in step.rules)),
        ),
    )


def _highest(held: Iterable[TierHeld]) -> ServiceClass | None:
    meant = {one.service_class for one in held}
    return next((one for one in reversed(_CLASSES) if one in meant), None)


def erase_customer(
    command: EraseCustomer | ApplyRetention,
    customer: Customer | None,
    policy: PrivacyPolicy,
    documents: Iterable[Ref] = (),
    *,
    held: Collection[str] | None = None,
) -> Events:
    """Return what erasing leads to: one event that names every document in which something of the customer stands.

    What was told of a customer after they were erased is erased in the same way; where there is nothing of it, nothing
    happens.

    Args:
        command: what was asked.
        customer: the record.
        policy: what the bank lays down.
        documents: the other documents in which something of them stands.
        held: the kinds of personal values in all of them; those of the particulars where left out.

    Raises:
        Refused: a hold keeps it, the reason is none of the policy's, or no period is over.
    """
    # A case that stays open, or a sheet that comes late, says something of a customer who was erased before.
    known = customer if customer is not None and customer.erased is not None else known_customer(command, customer)
    refusals = [_hold_refusal(policy, code) for code in held_by(known)]
    reason, rules, only = "", tuple[str, ...](), tuple[str, ...]()
    if isinstance(command, EraseCustomer):
        try:
            said = policy.reason(command.reason)
            reason, rules = said.code, said.rules
        except NotFound as error:
            refusals.append(Refusal("unknown_reason", not_named(error), path="$.reason"))
    else:
        kept = retention_of(policy, known, at=command.at, held=held).value
        reason, rules, only = f"retention:{kept.period}", kept.rules, kept.data
        if kept.until is None or kept.until > command.at:
            until = "none has begun" if kept.until is None else f"the first ends {kept.until.isoformat()}"
            refusals.append(Refusal("not_over", f"no period after which something is erased is over: {until}"))
    refuse(command, refusals)
    if known.erased is not None and not held:
        return ()
    by: dict[str, Any] = {**who(command), "reason": reason, "rules": rules}
    by |= {"policy": policy.id, "version": policy.version}
    if only:
        return (DataForgotten(**by, forgets=only),)
    return (CustomerErased(**by, documents=tuple(sorted(set(documents)))),)


def _hold_refusal(policy: PrivacyPolicy, code: str) -> Refusal:
    try:
        rules = policy.hold(code).rules
    except NotFound:
        rules = ()  # a hold that the policy has dropped since still holds until somebody ends it
    return Refusal("held", f"the hold {code!r} keeps it; end that first", rules=rules)


# -- the record


def _register(
    command: RegisterCustomer, known: Customer | None, policy: PrivacyPolicy, introducers: Collection[str] | None
) -> Events:
    event = CustomerRegistered(
        **who(command),
        customer_kind=command.customer_kind,
        home_branch=command.home_branch,
        particulars=command.particulars,
        consents=command.consents,
        stage=command.stage,
        introduced_by=command.introduced_by,
    )
    new = evolve_customer(None, event)
    if known is not None and known.erased is None:
        if (known.kind, known.home_branch, known.particulars) == (new.kind, new.home_branch, new.particulars):
            return ()
        raise refused(command, "known", f"the customer {known.id!r} is on record already; revise the record instead")
    refusals = [*_hollow(command.particulars), *_introduction(command, introducers)]
    for at, consent in enumerate(command.consents):
        refusals += consent_refusals(policy, consent, f"$.consents[{at}]")
    refuse(command, [*refusals, *_not_founded(policy, new, command.at)])
    return (event,)


def _introduction(command: RegisterCustomer, introducers: Collection[str] | None) -> Iterator[Refusal]:
    if command.introduced_by == command.customer:
        yield Refusal("own_introduction", "nobody introduces themselves", path="$.introduced_by")
    elif introducers is not None:
        yield from against_introduction(command.customer, command.introduced_by, introducers)


def _hollow(particulars: Particulars) -> Iterator[Refusal]:
    """Yield places that name a kind of data and hold none; only erasing leaves such."""
    for name, values in (
        ("contacts", [one.value for one in particulars.contacts]),
        ("profile", [one.words for one in particulars.profile]),
        ("recognition", [one.value for one in particulars.recognition]),
        ("identity", [] if particulars.identity is None else [particulars.identity.number]),
    ):
        for at, value in enumerate(values):
            if value is None or not value.strip():
                place = f"$.particulars.{name}" + ("" if name == "identity" else f"[{at}]")
                yield Refusal("nothing_said", "a value is expected there", path=place)


def _not_founded(policy: PrivacyPolicy, customer: Customer, at: dt.datetime) -> Iterator[Refusal]:
    for kind in unfounded(policy, customer, at):
        fitting = ", ".join(one.code for one in policy.purposes if one.stores and kind in one.uses) or "none"
        reason = f"nothing allows data of the kind {kind!r} to be kept; it takes one of the purposes: {fitting}"
        yield Refusal("no_basis", reason, rules=_STORE_RULES, path="$.particulars")


def _revise(command: ReviseCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.particulars == known.particulars:
        return ()
    after = known.with_particulars(command.particulars)
    refuse(command, [*_hollow(command.particulars), *_not_founded(policy, after, command.at)])
    return (CustomerRevised(**who(command), particulars=command.particulars),)


_WAYS = {
    "prospect": ("established", "closed"),
    "established": ("maintained", "closed"),
    "maintained": ("established", "closed"),
    "closed": ("prospect", "established"),
}


def _move(command: MoveCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.stage == known.stage:
        return ()
    if command.stage not in _WAYS[known.stage]:
        ways = ", ".join(_WAYS[known.stage])
        raise refused(command, "no_such_way", f"from {known.stage} a relationship goes to: {ways}", path="$.stage")
    in_order(command, known.stage_since)
    moved = CustomerMoved(**who(command), before=known.stage, after=command.stage, reason=command.reason)
    return (moved,)


def _pass_check(command: PassCheck, known: Customer, policy: PrivacyPolicy) -> Events:
    at = getattr(known.checks, command.check)
    if at is not None and at >= command.at:
        return ()
    return (CheckPassed(**who(command), check=command.check),)


def _grade(command: GradeRisk, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.grade == known.risk_grade:
        return ()
    in_order(command, known.risk_since)
    return (RiskGraded(**who(command), before=known.risk_grade, after=command.grade, reason=command.reason),)


def _assign(command: AssignOwner, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.owner == known.owner:
        return ()
    if command.owner == known.id:
        raise refused(command, "own_owner", "nobody keeps up the relationship with themselves", path="$.owner")
    in_order(command, known.owner_since)
    return (OwnerAssigned(**who(command), before=known.owner, after=command.owner),)


def _label(command: LabelCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    refusals: list[Refusal] = []
    codes = [one.code for one in command.labels]
    for at, one in enumerate(command.labels):
        if one.expires_at is not None and one.expires_at <= one.updated_at:
            refusals.append(
                Refusal(
                    "expired_label",
                    "a label expires after it was updated",
                    rules=("customers:PRF-11",),
                    path=f"$.labels[{at}].expires_at",
                )
            )
        if one.code in codes[:at] or one.code in command.remove:
            refusals.append(Refusal("twice", f"the label {one.code!r} is named twice", path=f"$.labels[{at}]"))
    refuse(command, refusals)
    held = {one.code: one for one in known.labels}
    new = tuple(one for one in command.labels if held.get(one.code) != one)
    gone = tuple(code for code in command.remove if code in held)
    return (CustomerLabelled(**who(command), labels=new, removed=gone),) if new or gone else ()


def _treat(command: TreatSpecially, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.approved_by is None:
        return () if known.special is None else (TreatedSpecially(**who(command)),)
    refusals: list[Refusal] = []
    if not (command.reason or "").strip():
        refusals.append(Refusal("no_reason", "it is said why", rules=("customers:TIER-19",), path="$.reason"))
    if command.approved_by in command.by.persons:
        reason = "it is approved by somebody else than who asks for it"
        refusals.append(Refusal("own_approval", reason, rules=("customers:TIER-19",), path="$.approved_by"))
    refuse(command, refusals)
    return (TreatedSpecially(**who(command), reason=command.reason, approved_by=command.approved_by),)


_DECIDE: Mapping[type[CustomerCommand], Callable[[Any, Customer, PrivacyPolicy], Events]] = {
    **PERMITTING,
    ReviseCustomer: _revise,
    MoveCustomer: _move,
    PassCheck: _pass_check,
    GradeRisk: _grade,
    AssignOwner: _assign,
    LabelCustomer: _label,
    TreatSpecially: _treat,
}
