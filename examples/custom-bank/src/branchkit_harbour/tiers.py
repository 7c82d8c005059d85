"""A tier policy in code: who a customer is to the bank goes by how many of its products they use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from branchkit.conditions import Facts, FactSpec, FactType
from branchkit.customers import TierAnswer
from branchkit.errors import InputError, Problem
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text, Unknown

__all__ = ["ByProducts"]

_PRODUCTS = "products"


class ByProducts:
    """Tiers by the number of products that somebody uses; what they own is not asked.

    One product less than what enters a tier keeps it, so that nobody goes back and forth by one.
    """

    id = "harbour.by-products"
    version = "1"
    scheme = "value-and-need"
    tiers = ("basic", "active", "advised", "dedicated")
    facts = (
        FactSpec(
            _PRODUCTS,
            FactType.NUMBER,
            low=Decimal(0),
            may_be_unknown=True,
            title=Text(zh="在用产品数", en="how many products the customer uses"),
        ),
    )
    swing: Mapping[str, Decimal] = FrozenMap({_PRODUCTS: Decimal(1)})
    """By how much the number may go up and down without anybody returning to a tier they left."""
    enter: Mapping[str, int] = FrozenMap({"active": 2, "advised": 4, "dedicated": 7})
    """From how many products on. These are examples, and so is that each tier is kept with one less."""

    def tier(self, facts: Facts, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        """Return the tier of a customer.

        Raises:
            InputError: the moment has no zone.
        """
        if at.tzinfo is None:
            raise InputError(self.id, (Problem("$.at", "Expected a moment with its zone"),))
        number = facts.get(_PRODUCTS)
        if not isinstance(number, Decimal) or not number.is_finite() or number < 0:
            what = Text(zh="在用产品数未知", en="How many products the customer uses is not known")
            return self._told(Unknown(what.say()), what)
        entered, kept = self._reached(number, 0), self._reached(number, 1)
        held = self.tiers.index(current) if current in self.tiers else 0
        rank = max(entered, min(held, kept))
        words = Text(zh="按在用产品数", en="By how many products the customer uses")
        if rank > entered:
            words = Text(zh="按保留标准：少一项产品仍保留", en="Kept, since it is kept with one product less")
        return self._told(self.tiers[rank], words)

    def _reached(self, number: Decimal, less: int) -> int:
        return sum(number >= limit - less for limit in self.enter.values())

    def _told(self, answer: TierAnswer, what: Text) -> Decision[TierAnswer]:
        steps = (Step(what=what, refs=(Ref("fact", _PRODUCTS),)),)
        inputs = (Ref("fact", _PRODUCTS),)
        return Decision(
            answer, Trace(policy=self.id, version=self.version, plugin="harbour", inputs=inputs, steps=steps)
        )
