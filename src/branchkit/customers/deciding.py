"""What commands about a customer's record lead to: pure, given the record and what the bank lays down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import attrs

from branchkit.customers.commands import (
    ApplyRetention,
    AskDisclosure,
    AssignOwner,
    ClassifyCustomer,
    CustomerCommand,
    EraseCustomer,
    GiveConsent,
    GradeRisk,
    HoldCustomer,
    LabelCustomer,
    MoveCustomer,
    PassCheck,
    RegisterCustomer,
    ReleaseCustomer,
    ReviseCustomer,
    SeeCustomer,
    StopOffers,
    TreatSpecially,
    WithdrawConsent,
)
from branchkit.customers.consent import Consent, withdrawn
from branchkit.customers.events import (
    CheckPassed,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerClassified,
    CustomerErased,
    CustomerEvent,
    CustomerHeld,
    CustomerLabelled,
    CustomerMoved,
    CustomerRegistered,
    CustomerReleased,
    CustomerRevised,
    CustomerSeen,
    DataForgotten,
    DisclosureDecided,
    OffersStopped,
    OwnerAssigned,
    RiskGraded,
    SightRefused,
    TreatedSpecially,
)
from branchkit.customers.evolving import evolve_customer
from branchkit.customers.model import Customer, Particulars, ServiceClass, TierHeld
from branchkit.customers.privacy import PrivacyPolicy
from branchkit.customers.retaining import held_by, retention_of
from branchkit.customers.using import disclosure_of, forgotten, sight_of, unfounded
from branchkit.errors import NotFound, Refusal, Refused
from branchkit.temporal.months import add_span
from branchkit.trace import Decision
from branchkit.values import Ref

__all__ = ["classify_customer", "decide_customer", "erase_customer", "known_customer"]

Events = tuple[CustomerEvent, ...]
_STORE_RULES = ("customers:PRV-05", "customers:PRV-06")


def decide_customer(command: CustomerCommand, customer: Customer | None, policy: PrivacyPolicy) -> Events:
    """Return what a command leads to; nothing where it asks for what is so already.

    Classifying and erasing need more than the record: see `classify_customer` and `erase_customer`.

    Raises:
        Refused: with every reason, its code and its rules.
    """
    if isinstance(command, RegisterCustomer):
        return _register(command, customer, policy)
    known = known_customer(command, customer)
    decided: Events = _DECIDE[type(command)](command, known, policy)
    return decided


def classify_customer(
    command: ClassifyCustomer,
    customer: Customer | None,
    decision: Decision[str],
    *,
    service_class: ServiceClass | None = None,
) -> Events:
    """Return what comes of a tier policy's answer (customers:TIER-33).

    Args:
        command: what was asked.
        customer: the record.
        decision: the tier, with the policy that decided in its trace.
        service_class: the service class that the tier means; ``None`` where it means none.

    Raises:
        Refused: with every reason.
    """
    known = known_customer(command, customer)
    if command.approved_by is not None and command.approved_by in command.by.persons:
        reason = "a change of tier is approved by somebody else than who asks for it"
        raise _refused(command, "own_approval", reason, rules=("customers:TIER-33",), path="$.approved_by")
    trace, before = decision.trace, known.tier(command.scheme)
    service = known.service_class if service_class is None else service_class
    held = TierHeld(
        scheme=command.scheme,
        tier=decision.value,
        since=before.since if before is not None and before.tier == decision.value else command.at,
        policy=trace.policy,
        version=trace.version,
        reason=command.reason,
        approved_by=command.approved_by,
    )
    if before is not None and service == known.service_class:
        same = attrs.evolve(before, reason=held.reason, approved_by=held.approved_by)
        if same == held:
            return ()
    return (
        CustomerClassified(
            **_who(command),
            before=None if before is None else before.tier,
            held=held,
            service_class=service_class,
            facts=command.facts,
            plugin=trace.plugin,
            rules=tuple(dict.fromkeys(rule for step in trace.steps for rule in step.rules)),
        ),
    )


def erase_customer(
    command: EraseCustomer | ApplyRetention,
    customer: Customer | None,
    policy: PrivacyPolicy,
    documents: Iterable[Ref] = (),
    *,
    held: Collection[str] | None = None,
) -> Events:
    """Return what erasing leads to: one event that names every document in which something of the customer stands.

    Args:
        command: what was asked.
        customer: the record.
        policy: what the bank lays down.
        documents: the other documents in which something of them stands.
        held: the kinds of personal values in all of them; those of the particulars where left out.

    Raises:
        Refused: a hold keeps it, the reason is none of the policy's, or no period is over.
    """
    known = known_customer(command, customer)
    refusals = [_hold_refusal(policy, code) for code in held_by(known)]
    reason, rules, only = "", tuple[str, ...](), tuple[str, ...]()
    if isinstance(command, EraseCustomer):
        try:
            said = policy.reason(command.reason)
            reason, rules = said.code, said.rules
        except NotFound as error:
            refusals.append(Refusal("unknown_reason", str(error), path="$.reason"))
    else:
        kept = retention_of(policy, known, at=command.at, held=held).value
        reason, rules, only = f"retention:{kept.period}", kept.rules, kept.data
        if kept.until is None or kept.until > command.at:
            until = "none has begun" if kept.until is None else f"the first ends {kept.until.isoformat()}"
            refusals.append(Refusal("not_over", f"no period after which something is erased is over: {until}"))
    _refuse(command, refusals)
    by: dict[str, Any] = {**_who(command), "reason": reason, "rules": rules}
    by |= {"policy": policy.id, "version": policy.version}
    if only:
        return (DataForgotten(**by, forgets=only),)
    return (CustomerErased(**by, documents=tuple(sorted(set(documents)))),)


def known_customer(command: CustomerCommand, customer: Customer | None) -> Customer:
    """Return the record that a command is about; raises `Refused` where there is none, or nothing left of it."""
    if customer is None:
        reason = f"there is no customer {command.customer!r}; register them first"
        raise _refused(command, "unknown_customer", reason, path="$.customer")
    if customer.erased is not None:
        raise _refused(command, "erased", f"the data of customer {customer.id!r} were erased", path="$.customer")
    return customer


def _hold_refusal(policy: PrivacyPolicy, code: str) -> Refusal:
    try:
        rules = policy.hold(code).rules
    except NotFound:
        rules = ()  # a hold that the policy has dropped since still holds until somebody ends it
    return Refusal("held", f"the hold {code!r} keeps it; end that first", rules=rules)


# -- the record


def _register(command: RegisterCustomer, known: Customer | None, policy: PrivacyPolicy) -> Events:
    event = CustomerRegistered(
        **_who(command),
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
        raise _refused(command, "known", f"the customer {known.id!r} is on record already; revise the record instead")
    refusals = [*_hollow(command.particulars), *_own_introduction(command)]
    for at, consent in enumerate(command.consents):
        refusals += _consent_refusals(policy, consent, f"$.consents[{at}]")
    _refuse(command, [*refusals, *_not_founded(policy, new, command.at)])
    return (event,)


def _own_introduction(command: RegisterCustomer) -> Iterator[Refusal]:
    if command.introduced_by == command.customer:
        yield Refusal("own_introduction", "nobody introduces themselves", path="$.introduced_by")


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
    _refuse(command, [*_hollow(command.particulars), *_not_founded(policy, after, command.at)])
    return (CustomerRevised(**_who(command), particulars=command.particulars),)


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
        raise _refused(command, "no_such_way", f"from {known.stage} a relationship goes to: {ways}", path="$.stage")
    moved = CustomerMoved(**_who(command), before=known.stage, after=command.stage, reason=command.reason)
    return (moved,)


def _pass_check(command: PassCheck, known: Customer, policy: PrivacyPolicy) -> Events:
    at = getattr(known.checks, command.check)
    if at is not None and at >= command.at:
        return ()
    return (CheckPassed(**_who(command), check=command.check),)


def _grade(command: GradeRisk, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.grade == known.risk_grade:
        return ()
    return (RiskGraded(**_who(command), before=known.risk_grade, after=command.grade, reason=command.reason),)


def _assign(command: AssignOwner, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.owner == known.owner:
        return ()
    if command.owner == known.id:
        raise _refused(command, "own_owner", "nobody keeps up the relationship with themselves", path="$.owner")
    return (OwnerAssigned(**_who(command), before=known.owner, after=command.owner),)


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
    _refuse(command, refusals)
    held = {one.code: one for one in known.labels}
    new = tuple(one for one in command.labels if held.get(one.code) != one)
    gone = tuple(code for code in command.remove if code in held)
    return (CustomerLabelled(**_who(command), labels=new, removed=gone),) if new or gone else ()


def _treat(command: TreatSpecially, known: Customer, policy: PrivacyPolicy) -> Events:
    if command.approved_by is None:
        return () if known.special is None else (TreatedSpecially(**_who(command)),)
    refusals: list[Refusal] = []
    if not (command.reason or "").strip():
        refusals.append(Refusal("no_reason", "it is said why", rules=("customers:TIER-19",), path="$.reason"))
    if command.approved_by in command.by.persons:
        reason = "it is approved by somebody else than who asks for it"
        refusals.append(Refusal("own_approval", reason, rules=("customers:TIER-19",), path="$.approved_by"))
    _refuse(command, refusals)
    return (TreatedSpecially(**_who(command), reason=command.reason, approved_by=command.approved_by),)


# -- consent and sight


def _consent_refusals(policy: PrivacyPolicy, consent: Consent, path: str) -> Iterator[Refusal]:
    try:
        purpose = policy.purpose(consent.purpose)
    except NotFound as error:
        yield Refusal("unknown_purpose", str(error), rules=("customers:PRV-06",), path=f"{path}.purpose")
        return
    rules = purpose.rules or ("customers:PRV-06",)
    if purpose.ground != "consent":
        reason = f"the purpose {purpose.code!r} rests on {purpose.ground}, so nobody is asked"
        yield Refusal("not_asked", reason, rules=rules, path=f"{path}.purpose")
    if strange := [kind for kind in consent.items if kind not in purpose.uses]:
        reason = f"the purpose {purpose.code!r} uses {', '.join(purpose.uses)}, not {strange[0]!r}"
        yield Refusal("not_for_purpose", reason, rules=rules, path=f"{path}.items")
    if consent.expires_at is not None and consent.expires_at <= consent.given_at:
        yield Refusal("expired", "it would be over before it begins", rules=rules, path=f"{path}.expires_at")


def _give(command: GiveConsent, known: Customer, policy: PrivacyPolicy) -> Events:
    expires = command.expires_at
    purpose = next((one for one in policy.purposes if one.code == command.purpose), None)
    if expires is None and purpose is not None and purpose.lasts is not None:
        expires = dt.datetime.combine(add_span(command.at.date(), purpose.lasts), command.at.timetz())
    consent = Consent(
        command.purpose,
        items=command.items,
        given_at=command.at,
        expires_at=expires,
        by=command.by.id,
        evidence=command.evidence,
    )
    _refuse(command, _consent_refusals(policy, consent, "$"))
    if consent in known.consents:
        return ()
    return (ConsentGiven(**_who(command), consent=consent),)


def _withdraw(command: WithdrawConsent, known: Customer, policy: PrivacyPolicy) -> Events:
    given = [one for one in known.consents if one.purpose == command.purpose]
    if not given:
        reason = f"no consent to the purpose {command.purpose!r} was ever given"
        raise _refused(command, "no_consent", reason, rules=("customers:PRV-06",), path="$.purpose")
    if all(one.withdrawn_at is not None for one in given):
        return ()
    after = attrs.evolve(known, consents=withdrawn(known.consents, command.purpose, command.at))
    forgets = () if known.holds else forgotten(policy, known, after, command.at)
    return (ConsentWithdrawn(**_who(command), purpose=command.purpose, forgets=forgets),)


def _stop(command: StopOffers, known: Customer, policy: PrivacyPolicy) -> Events:
    return () if command.stop == known.do_not_contact else (OffersStopped(**_who(command), stop=command.stop),)


def _see(command: SeeCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    use = sight_of(policy, known, command.purpose, by=command.by, at=command.at, data=command.data).value
    by: dict[str, Any] = {**_who(command), "purpose": command.purpose, "policy": policy.id, "version": policy.version}
    if use.allowed:
        return (CustomerSeen(**by, data=use.data),)
    return (SightRefused(**by, data=command.data, codes=tuple(one.code for one in use.refusals)),)


def _disclose(command: AskDisclosure, known: Customer, policy: PrivacyPolicy) -> Events:
    use = disclosure_of(policy, known, command.recipient, command.purpose, at=command.at, data=command.data).value
    return (
        DisclosureDecided(
            **_who(command),
            recipient=command.recipient,
            purpose=command.purpose,
            data=use.data or command.data,
            granted=use.allowed,
            codes=tuple(one.code for one in use.refusals),
            rules=tuple(dict.fromkeys(rule for one in use.refusals for rule in one.rules)),
            policy=policy.id,
            version=policy.version,
        ),
    )


# -- holds


def _hold(command: HoldCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    try:
        policy.hold(command.code)
    except NotFound as error:
        raise _refused(command, "unknown_hold", str(error), path="$.code") from error
    return () if command.code in held_by(known) else (CustomerHeld(**_who(command), code=command.code),)


def _release(command: ReleaseCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    return (CustomerReleased(**_who(command), code=command.code),) if command.code in held_by(known) else ()


# -- parts


def _who(command: CustomerCommand) -> dict[str, Any]:
    return {"customer": command.customer, "at": command.at, "by": command.by.id}


def _refused(
    command: CustomerCommand, code: str, reason: str, *, rules: tuple[str, ...] = (), path: str = "$"
) -> Refused:
    return Refused.because(type(command).__name__, [Refusal(code, reason, rules=rules, path=path)])


def _refuse(command: CustomerCommand, refusals: Iterable[Refusal]) -> None:
    """Raise `Refused` where there is any reason."""
    if all_of_them := tuple(refusals):
        raise Refused.because(type(command).__name__, all_of_them)


_DECIDE: dict[type[CustomerCommand], Callable[[Any, Customer, PrivacyPolicy], Events]] = {
    ReviseCustomer: _revise,
    MoveCustomer: _move,
    PassCheck: _pass_check,
    GradeRisk: _grade,
    GiveConsent: _give,
    WithdrawConsent: _withdraw,
    StopOffers: _stop,
    SeeCustomer: _see,
    AskDisclosure: _disclose,
    AssignOwner: _assign,
    LabelCustomer: _label,
    TreatSpecially: _treat,
    HoldCustomer: _hold,
    ReleaseCustomer: _release,
}
