"""Consent (授权同意): what a customer agreed to, for which purpose, until when, and that it was withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

__all__ = ["Consent", "in_force", "withdrawn"]


@attrs.frozen
class Consent:
    """One agreement of a customer, as it was given and as it stands; nobody agreed who is not on record as agreeing.

    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> consent = Consent("marketing", items=("contact",), given_at=nine, expires_at=nine.replace(year=2027), by="S-9")
    >>> consent.is_in_force(nine), consent.is_in_force(nine.replace(year=2027))
    (True, False)
    """

    purpose: str
    """The code of the purpose, as the privacy policy names it."""
    items: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The kinds of personal data it is for, as in ``("contact",)``."""
    given_at: dt.datetime = attrs.field(kw_only=True)
    expires_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """From when on it does not hold any more; ``None`` where it holds until it is withdrawn."""
    by: str = attrs.field(kw_only=True)
    """The member of staff who took it."""
    withdrawn_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    evidence: str | None = attrs.field(default=None, kw_only=True)
    """The id of the sheet or file that shows it, where there is one."""

    def is_in_force(self, at: dt.datetime) -> bool:
        """Say whether it holds at a moment. What is known to be withdrawn holds for nobody who asks now."""
        return self.withdrawn_at is None and self.given_at <= at and (self.expires_at is None or at < self.expires_at)


def in_force(consents: Iterable[Consent], purpose: str, at: dt.datetime) -> Consent | None:
    """Return the consent to a purpose that holds at a moment, the latest given where there are several."""
    holding = [one for one in consents if one.purpose == purpose and one.is_in_force(at)]
    return max(holding, key=lambda one: one.given_at, default=None)


def withdrawn(consents: Iterable[Consent], purpose: str, at: dt.datetime) -> tuple[Consent, ...]:
    """Return the consents with those to a purpose withdrawn at a moment; one withdrawn before stays as it is."""
    return tuple(
        attrs.evolve(one, withdrawn_at=max(at, one.given_at))
        if one.purpose == purpose and one.withdrawn_at is None
        else one
        for one in consents
    )
