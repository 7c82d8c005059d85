"""The port to the core bank: a quick look at what a customer holds, with an answer for every way it can go wrong."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import attrs

from branchkit.conditions import FactValue
from branchkit.customers.settings import Money
from branchkit.customers.tiers import CURRENCY
from branchkit.errors import NotFound
from branchkit.personal import mask, personal
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Text

if TYPE_CHECKING:
    from branchkit.customers.tiers import TierAnswer, TierPolicy

__all__ = [
    "CORE_BANK",
    "CoreBank",
    "Found",
    "LookUp",
    "LookUpResult",
    "NotTold",
    "NotToldCode",
    "looked_up",
    "result_class",
]

CORE_BANK = "core-bank"
"""The name of the port in records and configurations."""

NotToldCode: TypeAlias = Literal["unknown_customer", "timed_out", "unavailable", "refused"]

_WORDS: dict[str, Text] = {
    "unknown_customer": Text(zh="核心系统中没有该客户", en="The core bank does not know the customer"),
    "timed_out": Text(zh="核心系统未在等待时间内答复", en="The core bank did not answer in time"),
    "unavailable": Text(zh="核心系统无法访问", en="The core bank cannot be reached"),
    "refused": Text(zh="核心系统拒绝查询", en="The core bank refused the question"),
}


@attrs.frozen(kw_only=True)
class Found:
    """What the customer holds, as the core bank counts it."""

    KIND: ClassVar[str] = "found"

    measure: str
    """What was counted, by the fact that tier schemes know it by, as ``financial_assets``."""
    total: Money = attrs.field(repr=mask, metadata=personal("holdings"))
    """How much it comes to; never shown, and never kept."""

    def facts(self) -> dict[str, FactValue]:
        """Return it as the facts that a tier policy looks at."""
        return {self.measure: self.total.amount, CURRENCY: self.total.currency}


@attrs.frozen
class NotTold:
    """There is no answer, and why: not "nothing held", and not an error."""

    KIND: ClassVar[str] = "not_told"

    code: NotToldCode

    def say(self, lang: str = "en") -> str:
        """Say it in a language."""
        return _WORDS[self.code].say(lang)


LookUp: TypeAlias = Found | NotTold

LookUpResult: TypeAlias = Literal["reached", "below", "unknown"]
"""What a look-up says of the threshold; see `branchkit.customers.journey.LookUpVisit`."""


@runtime_checkable
class CoreBank(Protocol):
    """A way to the bank's core system."""

    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        """Return what a customer holds, or why that cannot be told. Never raises, and never says who was asked about.

        Args:
            customer: the bank's number of the customer.
            at: the moment it is asked for.
            wait: how long whoever asks can wait; after that the answer is ``timed_out``.
        """
        ...


def result_class(
    found: Found, policy: TierPolicy, *, at: dt.datetime, current: str | None = None
) -> Decision[TierAnswer]:
    """Return the tier that a look-up's result comes to: all that may be kept of it.

    Args:
        found: what the core bank answered.
        policy: the tier policy in force, as that of the lobby.
        at: the moment, with its zone.
        current: the tier the customer is in; ``None`` for a new one.
    """
    return policy.tier(found.facts(), current=current, at=at)


def looked_up(
    answer: LookUp, policy: TierPolicy, *, at: dt.datetime, threshold: str | None = None
) -> Decision[LookUpResult]:
    """Return what a look-up says of the threshold: all that the record of a visit keeps of it (customers:REF-08).

    Without an answer of the core bank, with a setting that nobody has stated, and with a total in another currency or
    by another measure, it is ``unknown``, with the reason in the trace; never ``below``.

    Args:
        answer: what the core bank said.
        policy: the tier policy in force, as that of the lobby.
        at: the moment, with its zone.
        threshold: the lowest tier that reaches it; left out, every tier above the lowest does.

    Raises:
        NotFound: the policy has no tier of that code.
    """
    if threshold is not None and threshold not in policy.tiers:
        raise NotFound("tier", threshold, policy.tiers)
    if isinstance(answer, NotTold):
        plugin, dot, _ = policy.id.partition(".")
        why = Step(what=_WORDS[answer.code])
        trace = Trace(
            policy=policy.id, version=policy.version, plugin=plugin if dot else "branchkit", inputs=(), steps=(why,)
        )
        return Decision("unknown", trace)
    told = result_class(answer, policy, at=at)
    if not isinstance(told.value, str):
        return Decision("unknown", told.trace)
    least = 1 if threshold is None else policy.tiers.index(threshold)
    return Decision("reached" if policy.tiers.index(told.value) >= least else "below", told.trace)
