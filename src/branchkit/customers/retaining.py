"""How long a customer's record may be kept, worked out from what stands in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import attrs

from branchkit.customers.model import DATA_KINDS, Customer
from branchkit.customers.privacy import PrivacyPolicy, Retention
from branchkit.customers.using import held_kinds, unfounded
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text

__all__ = ["Kept", "held_by", "retention_of"]


@attrs.frozen(kw_only=True)
class Kept:
    """How long a record may be kept."""

    until: dt.datetime | None = None
    """When the first of its periods ends; ``None`` where none is configured, or none has begun."""
    period: str | None = None
    """The code of that period."""
    data: tuple[str, ...] = ()
    """The kinds of data that are erased then; everything personal where empty."""
    rules: tuple[str, ...] = ()
    not_configured: tuple[str, ...] = ()
    """The codes of the periods that have begun and whose length nobody has set."""
    holds: tuple[str, ...] = ()
    """The codes of the holds that keep it whatever the period says."""

    def is_over(self, at: dt.datetime) -> bool:
        """Say whether a period has ended by a moment, and nothing holds the record."""
        return self.until is not None and self.until <= at and not self.holds


def held_by(customer: Customer) -> tuple[str, ...]:
    """Return the codes of the holds on a customer."""
    return tuple(one.code for one in customer.holds)


def retention_of(
    policy: PrivacyPolicy, customer: Customer, *, at: dt.datetime, held: Collection[str] | None = None
) -> Decision[Kept]:
    """Say until when a customer's record may be kept, by the first of the policy's periods that ends.

    A record that holds nothing personal any more is kept as it is. Where something was told of a customer after they
    were erased, the terms are as for any closed relationship.

    Args:
        policy: what the bank lays down.
        customer: the record.
        at: when.
        held: the kinds of personal values that are kept of them, in whichever document; those of the particulars
            where left out.

    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> policy = PrivacyPolicy("acme.privacy", version="1", title=Text(en="Privacy"), purposes=(), retention=(
    ...     Retention("customer", code="prospects", counts_from="touched", stages=("prospect",), keep="P6M"),))
    >>> ping = Customer("C-204417", kind="person", since=nine, name="Ping")
    >>> retention_of(policy, ping, at=nine).value.until.isoformat()
    '2026-09-02T09:00:00+00:00'
    """
    inputs = (Ref("customer", customer.id),)
    steps: list[Step] = []
    ending: list[tuple[dt.datetime, Retention, tuple[str, ...]]] = []
    open_ended: list[str] = []
    there = frozenset(held_kinds(customer.particulars) if held is None else held)
    unkept = unfounded(policy, customer, at, there)
    rest = there.intersection(DATA_KINDS).difference(unkept)
    bare = not (there or customer.special or customer.labels)
    for period in () if bare else policy.retained("customer", customer.stage):
        since = _since(period, customer, at, lacks=bool(unkept))
        if since is None:
            continue
        ends = period.ends(since)
        if ends is None:
            open_ended.append(period.code)
            what = Text(zh=f"期限 {period.code} 未配置", en=f"The period {period.code} is not configured")
        else:
            what = Text(
                zh=f"期限 {period.code} 至 {ends:%Y-%m-%d}", en=f"The period {period.code} ends {ends:%Y-%m-%d}"
            )
            ending.append((ends, period, unkept if period.counts_from == "no_basis" and rest else ()))
        steps.append(Step(what=what, rules=period.rules))
    until, chosen, data = _first(ending, at)
    kept = Kept(
        until=until,
        period=None if chosen is None else chosen.code,
        data=data,
        rules=() if chosen is None else chosen.rules,
        not_configured=tuple(open_ended),
        holds=held_by(customer),
    )
    return Decision(kept, Trace(policy=policy.id, version=policy.version, inputs=inputs, steps=tuple(steps)))


def _first(
    ending: list[tuple[dt.datetime, Retention, tuple[str, ...]]], at: dt.datetime
) -> tuple[dt.datetime | None, Retention | None, tuple[str, ...]]:
    """Return the period that ends first; of those that are over, one after which everything goes comes before."""
    whole = [one for one in ending if one[0] <= at and not one[2]]
    return min(whole or ending, key=lambda one: one[0], default=(None, None, ()))


def _since(period: Retention, customer: Customer, at: dt.datetime, *, lacks: bool) -> dt.datetime | None:
    """Return the moment that a period counts from; ``None`` where it has not come."""
    match period.counts_from:
        case "touched":
            return customer.touched_at or customer.since
        case "closed":
            return (customer.stage_since or customer.since) if customer.stage == "closed" else None
        case _:
            return _since_no_basis(customer, at) if lacks else None


def _since_no_basis(customer: Customer, at: dt.datetime) -> dt.datetime:
    """Return since when something is kept that nothing allows: when the last consent ended, or the stage changed."""
    ends = [one.withdrawn_at or one.expires_at for one in customer.consents]
    moments = [one for one in ends if one is not None and one <= at]
    return max([*moments, customer.stage_since or customer.since])
