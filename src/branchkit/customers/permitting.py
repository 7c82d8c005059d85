"""What commands about consent, sight, disclosure and holds lead to: pure, given the record and the policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from branchkit.customers.commands import (
    AskDisclosure,
    CustomerCommand,
    GiveConsent,
    HoldCustomer,
    ReleaseCustomer,
    SeeCustomer,
    StopOffers,
    WithdrawConsent,
)
from branchkit.customers.consent import Consent, withdrawn
from branchkit.customers.events import (
    ConsentGiven,
    ConsentWithdrawn,
    CustomerHeld,
    CustomerReleased,
    CustomerSeen,
    DisclosureDecided,
    OffersStopped,
    SightRefused,
)
from branchkit.customers.model import Customer
from branchkit.customers.privacy import PrivacyPolicy
from branchkit.customers.refusals import Events, not_named, refuse, refused, who
from branchkit.customers.retaining import held_by
from branchkit.customers.using import disclosure_of, forgotten, sight_of
from branchkit.errors import NotFound, Refusal
from branchkit.temporal.months import add_span

__all__ = ["PERMITTING", "consent_refusals"]


def consent_refusals(policy: PrivacyPolicy, consent: Consent, path: str) -> Iterator[Refusal]:
    """Yield why a consent cannot be put on record."""
    try:
        purpose = policy.purpose(consent.purpose)
    except NotFound as error:
        yield Refusal("unknown_purpose", not_named(error), rules=("customers:PRV-06",), path=f"{path}.purpose")
        return
    rules = purpose.rules or ("customers:PRV-06",)
    if purpose.ground != "consent":
        reason = f"the purpose {purpose.code!r} rests on {purpose.ground}, so nobody is asked"
        yield Refusal("not_asked", reason, rules=rules, path=f"{path}.purpose")
    if not set(consent.items).issubset(purpose.uses):
        reason = f"the purpose {purpose.code!r} uses {', '.join(purpose.uses)}, and nothing else"
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
    refuse(command, consent_refusals(policy, consent, "$"))
    if consent in known.consents:
        return ()
    return (ConsentGiven(**who(command), consent=consent),)


def _withdraw(command: WithdrawConsent, known: Customer, policy: PrivacyPolicy) -> Events:
    given = [one for one in known.consents if one.purpose == command.purpose]
    if not given:
        reason = "no consent to that purpose was ever given"
        raise refused(command, "no_consent", reason, rules=("customers:PRV-06",), path="$.purpose")
    if all(one.withdrawn_at is not None for one in given):
        return ()
    after = attrs.evolve(known, consents=withdrawn(known.consents, command.purpose, command.at))
    forgets = () if known.holds else forgotten(policy, known, after, command.at)
    return (ConsentWithdrawn(**who(command), purpose=command.purpose, forgets=forgets),)


def _stop(command: StopOffers, known: Customer, policy: PrivacyPolicy) -> Events:
    return () if command.stop == known.do_not_contact else (OffersStopped(**who(command), stop=command.stop),)


def _see(command: SeeCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    use = sight_of(policy, known, command.purpose, by=command.by, at=command.at, data=command.data).value
    by: dict[str, Any] = {**who(command), "purpose": command.purpose, "policy": policy.id, "version": policy.version}
    if use.allowed:
        return (CustomerSeen(**by, data=use.data),)
    return (SightRefused(**by, data=command.data, codes=tuple(one.code for one in use.refusals)),)


def _disclose(command: AskDisclosure, known: Customer, policy: PrivacyPolicy) -> Events:
    use = disclosure_of(policy, known, command.recipient, command.purpose, at=command.at, data=command.data).value
    return (
        DisclosureDecided(
            **who(command),
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
        raise refused(command, "unknown_hold", not_named(error), path="$.code") from None
    return () if command.code in held_by(known) else (CustomerHeld(**who(command), code=command.code),)


def _release(command: ReleaseCustomer, known: Customer, policy: PrivacyPolicy) -> Events:
    return (CustomerReleased(**who(command), code=command.code),) if command.code in held_by(known) else ()


PERMITTING: Mapping[type[CustomerCommand], Callable[[Any, Customer, PrivacyPolicy], Events]] = {
    GiveConsent: _give,
    WithdrawConsent: _withdraw,
    StopOffers: _stop,
    SeeCustomer: _see,
    AskDisclosure: _disclose,
    HoldCustomer: _hold,
    ReleaseCustomer: _release,
}
"""How each of these commands is decided."""
