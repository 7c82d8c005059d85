"""The cheapest choice of offers, against all choices tried one by one."""

from __future__ import annotations

import itertools
import random

import pytest

from branchkit.scoring import covering
from branchkit.scoring.covering import Offer, TooMany, cover


def cheapest(offers: list[Offer], needs: list[int], stores: list[int]) -> int | None:
    """Return the lowest price by trying every choice; ``None`` where no choice is enough."""
    prices = [
        sum(one.price for one in chosen)
        for count in range(len(offers) + 1)
        for chosen in itertools.combinations(offers, count)
        if is_enough(chosen, needs, stores)
    ]
    return min(prices, default=None)


def is_enough(chosen: tuple[Offer, ...], needs: list[int], stores: list[int]) -> bool:
    """Say whether offers meet the needs: what a store cannot hold goes to the first of them."""
    met = [sum(one.gains[at] for one in chosen) for at in range(len(needs))]
    for at, size in enumerate(stores):
        met[0] += max(0, sum(one.stores[at] for one in chosen) - size)
    return all(have >= need for have, need in zip(met, needs, strict=True))


def drawn(seed: int) -> tuple[list[Offer], list[int], list[int]]:
    """Return a task drawn with a seed: up to seven offers, three needs and two stores."""
    draw = random.Random(seed)
    needs = [draw.randint(0, 12) for _ in range(draw.randint(1, 3))]
    stores = [draw.randint(0, 8) for _ in range(draw.choice([0, 0, 1, 2]))]
    offers = [
        Offer(
            draw.randint(1, 9),
            tuple(draw.choice([0, 0, 1, 2, 5]) if seed % 3 else 0 for _ in needs),
            tuple(draw.choice([0, 1, 3, 6]) for _ in stores),
        )
        for _ in range(draw.randint(1, 7))
    ]
    return offers, needs, stores


@pytest.mark.parametrize("first", range(0, 250, 50))
def test_no_choice_is_cheaper(first: int) -> None:
    """What is chosen is enough and costs what it says, no choice that is enough costs less, and a bound is kept."""
    for seed in range(first, first + 50):
        offers, needs, stores = drawn(seed)
        expected = cheapest(offers, needs, stores)
        found = cover(offers, needs, stores)

        assert expected == (None if found is None else found[0]), seed
        if found is not None:
            chosen = tuple(offers[at] for at in found[1])
            assert is_enough(chosen, needs, stores), seed
            assert found[0] == sum(one.price for one in chosen), seed
            assert list(found[1]) == sorted(set(found[1])), seed
            assert cover(offers, needs, stores, below=found[0]) is None, seed
            assert found == cover(offers, needs, stores, below=found[0] + 1), seed


def test_comparing_few_states_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """States that are not compared cost time and never the answer."""
    monkeypatch.setattr(covering, "_MOST_COMPARED", 1)

    for seed in range(60):
        offers, needs, stores = drawn(seed)
        found = cover(offers, needs, stores)

        assert cheapest(offers, needs, stores) == (None if found is None else found[0]), seed


def test_a_store_that_nothing_fills() -> None:
    """What goes through a store gains nothing until the store is full."""
    assert cover([Offer(1, (0,), (4,))], [3], [5]) is None
    assert cover([Offer(1, (0,), (8,))], [3], [5]) == (1, (0,))


def test_the_best_price_per_gain_is_not_always_chosen() -> None:
    """What gains most for its price is left out where the rest then fits worse."""
    offers = [Offer(price, (gain,)) for price, gain in ((5, 6), (5, 5), (8, 4), (5, 1), (7, 6), (4, 5))]

    assert (12, (0, 4)) == cover(offers, [12])


def test_of_equal_choices_the_first() -> None:
    """Of offers that are alike, the first ones are chosen."""
    assert (4, (0, 1)) == cover([Offer(2, (3,))] * 5, [6])


def effort(offers: list[Offer], needs: list[int], stores: list[int]) -> int:
    """Return how many states a search looks at."""
    search = covering._Cover(offers, tuple(needs), tuple(stores), None)
    search.run()
    return search.looked_at


def large(seed: int) -> tuple[list[Offer], list[int], list[int]]:
    """Return a task with twenty offers, two needs and, for every other seed, a store."""
    draw = random.Random(seed)
    stores = [25] if seed % 2 else []
    offers = [
        Offer(draw.randint(1, 40), (draw.randint(0, 9), draw.randint(0, 5)), tuple(draw.randint(0, 6) for _ in stores))
        for _ in range(20)
    ]
    return offers, [45, 20], stores


def test_how_much_is_looked_at() -> None:
    """No state is looked at that cannot come to a cheaper choice: whoever changes the search sees what that costs."""
    assert (702, [34, 166, 160, 924], 20) == (
        sum(effort(*drawn(seed)) for seed in range(250)),
        [effort(*large(seed)) for seed in range(4)],
        effort([Offer(price, (gain,)) for price, gain in ((5, 6), (5, 5), (8, 4), (5, 1), (7, 6), (4, 5))], [12], []),
    )


def test_the_limit_itself_is_not_beyond_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that takes just as many states as it may is not given up."""
    task = large(0)
    expected = cover(*task)
    monkeypatch.setattr(covering, "LIMIT", effort(*task))

    assert expected == cover(*task)
    monkeypatch.setattr(covering, "LIMIT", effort(*task) - 1)
    with pytest.raises(TooMany):
        cover(*task)


def test_of_equal_states_the_first() -> None:
    """Where two ways come equally far for the same price, the one met first is kept."""
    assert (7, (1, 2)) == cover([Offer(4, (3,)), Offer(3, (1,)), Offer(4, (3,))], [4])


def test_a_store_that_nobody_needs() -> None:
    """Where the first need is none, what a store still holds is not asked for."""
    offers = [Offer(1, (0, 3), (0,)), Offer(4, (0, 2), (1,)), Offer(2, (0, 0), (0,)), Offer(3, (0, 1), (2,))]

    assert (4, (0, 3)) == cover(offers, [0, 4], [5])
