"""The cheapest choice of offers that meets several needs at once: exact, by states that no other state beats.

A state says how far each need is met and at what price. It is dropped when another is as far for no more, when all
offers left could not meet the needs, or when the best price per gain left makes it dearer than a choice known already.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import attrs

__all__ = ["Offer", "TooMany", "cover"]

LIMIT = 300_000
"""How many states are looked at before the search gives up and says so."""
_MOST_COMPARED = 400

_State = tuple[int, ...]
_Chain = tuple[int, "_Chain"] | None
_Choice = tuple[int, tuple[int, ...]]


class TooMany(Exception):
    """More states than the search may look at; never leaves the floor."""


@attrs.frozen
class Offer:
    """Something that can be had once."""

    price: int
    """Above zero."""
    gains: tuple[int, ...]
    """What it adds to each need."""
    stores: tuple[int, ...] = ()
    """What it adds to each store; what a store cannot hold goes to the first need."""


def cover(
    offers: Sequence[Offer], needs: Sequence[int], stores: Sequence[int] = (), *, below: int | None = None
) -> _Choice | None:
    """Return the lowest price, and the places of the offers chosen; ``None`` where there is none below a price.

    >>> cover([Offer(3, (5,)), Offer(2, (3,)), Offer(2, (2,))], [5])
    (3, (0,))
    >>> cover([Offer(3, (5,)), Offer(2, (3,)), Offer(2, (2,))], [6])
    (5, (0, 1))

    Raises:
        TooMany: it would take more than `LIMIT` states.
    """
    search = _Cover(offers, tuple(max(need, 0) for need in needs), tuple(stores), below)
    return search.run()


class _Cover:
    def __init__(self, offers: Sequence[Offer], needs: _State, stores: _State, below: int | None) -> None:
        self.needs, self.stores = needs, stores
        self.size = len(needs)
        # The best price per gain first, each need taken as a whole; the order decides only how soon the search ends.
        order = sorted(range(len(offers)), key=lambda at: (self._dearness(offers[at]), at))
        self.places = order
        self.offers = [offers[at] for at in order]
        self.hopes = [tuple(self._hope(one, need) for need in range(self.size)) for one in self.offers]
        self.left = [tuple([0] * self.size)]
        for hope in reversed(self.hopes):
            self.left.append(tuple(map(sum, zip(self.left[-1], hope, strict=True))))
        self.left.reverse()
        self.by_price = [
            sorted(
                (at for at in range(len(self.offers)) if self.hopes[at][need]),
                key=lambda at: (Fraction(self.offers[at].price, self.hopes[at][need]), at),
            )
            for need in range(self.size)
        ]
        # Where all gains of the first need go through one store, what the store still holds has to be filled as well.
        self.through_store = len(stores) == 1 and not any(one.gains[0] for one in self.offers)
        self.best: _Choice | None = None
        self.below = below
        self.looked_at = 0

    def run(self) -> _Choice | None:
        start = (0,) * (self.size + len(self.stores))
        if self._is_met(start):
            return (0, ()) if self.below is None or self.below > 0 else None
        if not self._can_end(start, 0):
            return None
        self._try_greedily(start)
        states: dict[_State, tuple[int, _Chain]] = {start: (0, None)}
        for at, offer in enumerate(self.offers):
            following: dict[_State, tuple[int, _Chain]] = {}
            for state, (price, chain) in states.items():
                self._offer(state, price, chain, at + 1, following)
                self._offer(self._taken(state, offer), price + offer.price, (at, chain), at + 1, following)
            states = self._unbeaten(following)
        return self.best

    def _offer(
        self, state: _State, price: int, chain: _Chain, at: int, following: dict[_State, tuple[int, _Chain]]
    ) -> None:
        self.looked_at += 1
        if self.looked_at > LIMIT:
            raise TooMany(f"more than {LIMIT} sets of fixes would have to be compared")
        if self._is_met(state):
            self._found(price, chain)
        elif self._can_end(state, at) and not self._is_too_dear(price + self._least(state, at)):
            known = following.get(state)
            if known is None or price < known[0]:
                following[state] = (price, chain)

    def _found(self, price: int, chain: _Chain) -> None:
        if not self._is_too_dear(price):
            places: list[int] = []
            while chain is not None:
                places.append(self.places[chain[0]])
                chain = chain[1]
            self.best = (price, tuple(sorted(places)))

    def _is_too_dear(self, price: int) -> bool:
        return (self.below is not None and price >= self.below) or (self.best is not None and price >= self.best[0])

    def _taken(self, state: _State, offer: Offer) -> _State:
        met = [min(have + gain, need) for have, gain, need in zip(state, offer.gains, self.needs, strict=False)]
        held = list(state[self.size :])
        for at, amount in enumerate(offer.stores):
            spilt = max(0, held[at] + amount - self.stores[at])
            held[at] = min(held[at] + amount, self.stores[at])
            met[0] = min(met[0] + spilt, self.needs[0])
        return (*met, *held)

    def _is_met(self, state: _State) -> bool:
        return state[: self.size] == self.needs

    def _can_end(self, state: _State, at: int) -> bool:
        left = self.left[at]
        return all(state[need] + left[need] >= self.needs[need] for need in range(self.size))

    def _least(self, state: _State, at: int) -> int:
        """Return what the rest costs at least: each need by itself, the last offer taken in part."""
        least = 0
        for need, places in enumerate(self.by_price):
            missing = self.needs[need] - state[need]
            if missing <= 0:
                continue
            if need == 0 and self.through_store:
                missing += self.stores[0] - state[self.size]
            price = 0
            for place in places:
                if place < at:
                    continue
                gain = self.hopes[place][need]
                if gain >= missing:
                    price -= -self.offers[place].price * missing // gain
                    missing = 0
                    break
                missing -= gain
                price += self.offers[place].price
            if missing:
                return 10**30 + (self.below or 0) + (self.best[0] if self.best else 0)
            least = max(least, price)
        return least

    def _try_greedily(self, state: _State) -> None:
        taken: list[int] = []
        for at, offer in enumerate(self.offers):
            state = self._taken(state, offer)
            taken.append(at)
            if self._is_met(state):
                break
        else:
            return
        for at in list(reversed(taken)):
            fewer = [one for one in taken if one != at]
            state = (0,) * len(state)
            for one in fewer:
                state = self._taken(state, self.offers[one])
            if self._is_met(state):
                taken = fewer
        chain: _Chain = None
        for at in taken:
            chain = (at, chain)
        self._found(sum(self.offers[at].price for at in taken), chain)

    def _unbeaten(self, states: dict[_State, tuple[int, _Chain]]) -> dict[_State, tuple[int, _Chain]]:
        ordered = sorted(states.items(), key=lambda one: (one[1][0], tuple(-have for have in one[0])))
        kept: dict[_State, tuple[int, _Chain]] = {}
        if self.size == 1 and not self.stores:
            furthest = -1
            for state, one in ordered:
                if state[0] > furthest:
                    furthest = state[0]
                    kept[state] = one
            return kept
        # With many states only the latest are compared: a state too many costs time, never the answer.
        compared: list[_State] = []
        for state, one in ordered:
            if not any(all(map(int.__ge__, other, state)) for other in compared):
                kept[state] = one
                compared.append(state)
                if len(compared) > _MOST_COMPARED:
                    del compared[0]
        return kept

    def _hope(self, offer: Offer, need: int) -> int:
        return offer.gains[need] + (sum(offer.stores) if need == 0 else 0)

    def _dearness(self, offer: Offer) -> Fraction:
        parts = (Fraction(min(self._hope(offer, at), need), need) for at, need in enumerate(self.needs) if need)
        worth = sum(parts, Fraction(0))
        return Fraction(offer.price) / worth if worth else Fraction(10**40)
