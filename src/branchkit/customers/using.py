"""Whether personal data may be kept, used, seen or told to somebody: denied where nothing allows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

import attrs

from branchkit.codec import personal_paths
from branchkit.customers.model import DATA_KINDS, Customer, Particulars
from branchkit.customers.privacy import PrivacyPolicy, Purpose
from branchkit.customers.refusals import not_named
from branchkit.errors import NotFound, Refusal
from branchkit.messages import Actor
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text

__all__ = ["Use", "disclosure_of", "forgotten", "founded", "held_kinds", "sight_of", "unfounded", "use_of"]

_PURPOSE_RULE = "customers:PRV-22"
_CONSENT_RULE = "customers:PRV-06"
_RIGHTS_RULE = "customers:PRV-07"
_DISCLOSURE_RULE = "customers:PRV-01"


@attrs.frozen(kw_only=True)
class Use:
    """Whether a use of personal data is allowed, of which kinds, or every reason why not."""

    purpose: str
    data: tuple[str, ...] = ()
    """The kinds of data that may be used; none where it is refused."""
    refusals: tuple[Refusal, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.refusals

    def say(self, lang: str = "en") -> str:
        """Say the answer in a word and the kinds of data."""
        if not self.allowed:
            return "不允许" if lang == "zh" else "not allowed"
        return f"{'允许' if lang == 'zh' else 'allowed'}: {', '.join(self.data)}"


def use_of(
    policy: PrivacyPolicy, customer: Customer, purpose: str, *, at: dt.datetime, data: Iterable[str] = ()
) -> Decision[Use]:
    """Decide whether personal data of a customer may be used for a purpose at a moment.

    It needs the ground that the policy names: a consent in force, or a relationship in one of the purpose's stages.

    Args:
        policy: what the bank lays down.
        customer: the record.
        purpose: the code of the purpose.
        at: when.
        data: the kinds of data that are wanted; all that the purpose may use where left out.

    >>> from branchkit.customers.consent import Consent
    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> policy = PrivacyPolicy("acme.privacy", version="1", title=Text(en="Privacy"), purposes=(
    ...     Purpose("recognition", title=Text(en="Recognition"), ground="consent", uses=("biometric",)),))
    >>> ping = Customer("C-204417", kind="person", since=nine)
    >>> print(use_of(policy, ping, "recognition", at=nine).value.refusals[0])
    no consent to the purpose 'recognition' is in force (customers:PRV-06)
    >>> agreed = attrs.evolve(ping, consents=(Consent("recognition", given_at=nine, by="S-1"),))
    >>> use_of(policy, agreed, "recognition", at=nine).value.data
    ('biometric',)
    """
    try:
        known = policy.purpose(purpose)
    except NotFound as error:
        refusal = Refusal("unknown_purpose", not_named(error), rules=(_PURPOSE_RULE,), path="$.purpose")
        return _decided(policy, customer, Use(purpose=purpose, refusals=(refusal,)))
    refusals = list(_against(known, customer, at))
    covered = _covered(known, customer, at)
    wanted = tuple(dict.fromkeys(data)) or covered
    if not set(wanted).issubset(covered):
        reason = f"the purpose {purpose!r} is for: {', '.join(covered)}; and for nothing else"
        if not refusals:
            refusals.append(Refusal("not_for_purpose", reason, rules=known.rules or (_PURPOSE_RULE,), path="$.data"))
    use = Use(purpose=purpose, refusals=tuple(refusals)) if refusals else Use(purpose=purpose, data=wanted)
    return _decided(policy, customer, use, known)


def sight_of(
    policy: PrivacyPolicy, customer: Customer, purpose: str, *, by: Actor, at: dt.datetime, data: Iterable[str] = ()
) -> Decision[Use]:
    """Decide whether somebody may see personal data of a customer for a purpose: by post, and as any use.

    A system sees what the policy grants to a post of the name ``system:<id>``.
    """
    decision = use_of(policy, customer, purpose, at=at, data=data)
    posts = (f"system:{by.id}",) if by.system else by.posts
    if purpose in policy.sees_for(posts):
        return decision
    reason = f"no post of {by.id!r} may see customers' data for that purpose"
    refusals = (Refusal("post_may_not", reason, rules=(_RIGHTS_RULE,), path="$.by"), *decision.value.refusals)
    return _decided(policy, customer, Use(purpose=purpose, refusals=refusals))


def disclosure_of(
    policy: PrivacyPolicy,
    customer: Customer,
    recipient: str,
    purpose: str,
    *,
    at: dt.datetime,
    data: Iterable[str] = (),
) -> Decision[Use]:
    """Decide whether somebody outside may be told something of a customer, as the spouse (customers:PRV-04)."""
    try:
        known = policy.recipient(recipient)
    except NotFound as error:
        refusal = Refusal("unknown_recipient", not_named(error), rules=(_DISCLOSURE_RULE,), path="$.recipient")
        return _decided(policy, customer, Use(purpose=purpose, refusals=(refusal,)))
    decision = use_of(policy, customer, purpose, at=at, data=data)
    if purpose in known.purposes:
        return decision
    reason = f"nothing may be told to {recipient!r} for that purpose"
    rules = known.rules or (_DISCLOSURE_RULE,)
    refusals = (Refusal("not_to_recipient", reason, rules=rules, path="$.recipient"), *decision.value.refusals)
    return _decided(policy, customer, Use(purpose=purpose, refusals=refusals))


def held_kinds(particulars: Particulars) -> frozenset[str]:
    """Return the kinds of personal data that particulars hold.

    >>> held_kinds(Particulars(name="Ping", special_care=("ill",))) == {"name", "care"}
    True
    """
    return frozenset(personal_paths(particulars).values())


def founded(policy: PrivacyPolicy, customer: Customer, at: dt.datetime) -> frozenset[str]:
    """Return the kinds of data that some purpose allows to be kept at a moment."""
    return frozenset(
        kind
        for purpose in policy.purposes
        if purpose.stores and not any(_ground(purpose, customer, at))
        for kind in _covered(purpose, customer, at)
    )


def unfounded(
    policy: PrivacyPolicy, customer: Customer, at: dt.datetime, held: Collection[str] | None = None
) -> tuple[str, ...]:
    """Return the kinds of data on record that no purpose allows to be kept at a moment, in the order of `DATA_KINDS`.

    What nobody agreed to, and no relationship needs, is not stored (customers:PRV-06, procedure 19).

    Args:
        policy: what the bank lays down.
        customer: the record.
        at: when.
        held: the kinds of data on record, wherever they are; those of the particulars where left out.
    """
    kept = founded(policy, customer, at)
    there = held_kinds(customer.particulars) if held is None else held
    return tuple(kind for kind in DATA_KINDS if kind in there and kind not in kept)


def forgotten(policy: PrivacyPolicy, before: Customer, after: Customer, at: dt.datetime) -> tuple[str, ...]:
    """Return the kinds of data that lose their ground between two states of a record, whether any are there or not."""
    lost = founded(policy, before, at) - founded(policy, after, at)
    return tuple(kind for kind in DATA_KINDS if kind in lost)


def _against(purpose: Purpose, customer: Customer, at: dt.datetime) -> Iterator[Refusal]:
    if customer.erased is not None:
        yield Refusal("erased", f"the data of customer {customer.id!r} were erased", path="$.customer")
        return
    yield from _ground(purpose, customer, at)
    if purpose.offers and customer.do_not_contact:
        yield Refusal("do_not_contact", "the customer wants no offers", rules=(_PURPOSE_RULE,), path="$.purpose")


def _ground(purpose: Purpose, customer: Customer, at: dt.datetime) -> Iterator[Refusal]:
    """Yield why a purpose has no ground to stand on."""
    rules = purpose.rules or (_CONSENT_RULE,)
    if purpose.stages and customer.stage not in purpose.stages:
        stages = ", ".join(purpose.stages)
        reason = f"the purpose {purpose.code!r} is for customers who are {stages}, not {customer.stage}"
        yield Refusal("wrong_stage", reason, rules=rules, path="$.purpose")
    if purpose.ground == "consent" and customer.consent(purpose.code, at) is None:
        code = "no_consent"
        given = [one for one in customer.consents if one.purpose == purpose.code]
        if given:
            code = "consent_withdrawn" if given[-1].withdrawn_at is not None else "no_consent"
            if given[-1].expires_at is not None and given[-1].expires_at <= at and given[-1].withdrawn_at is None:
                code = "consent_expired"
        yield Refusal(code, f"no consent to the purpose {purpose.code!r} is in force", rules=rules, path="$.purpose")


def _covered(purpose: Purpose, customer: Customer, at: dt.datetime) -> tuple[str, ...]:
    """Return the kinds of data that a purpose may use of a customer: of what was agreed to, no more than that."""
    consent = customer.consent(purpose.code, at) if purpose.ground == "consent" else None
    if consent is None or not consent.items:
        return purpose.uses
    return tuple(kind for kind in purpose.uses if kind in consent.items)


def _decided(policy: PrivacyPolicy, customer: Customer, use: Use, purpose: Purpose | None = None) -> Decision[Use]:
    steps = [
        Step(what=Text(zh=f"不允许：{one.code}", en=f"Not allowed: {one.code}"), rules=one.rules)
        for one in use.refusals
    ]
    if not steps and purpose is not None:
        words = Text(zh=f"用途“{purpose.title.say('zh')}”成立", en=f"The purpose {purpose.title.say('en')!r} holds")
        steps.append(Step(what=words, rules=purpose.rules))
    trace = Trace(policy=policy.id, version=policy.version, inputs=(Ref("customer", customer.id),), steps=tuple(steps))
    return Decision(use, trace)
