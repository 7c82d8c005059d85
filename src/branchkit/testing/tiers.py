"""The laws of a tier policy: inherit `TierPolicyLaws`, say how to make the policy, and run pytest.

::

    class TestOurTiers(TierPolicyLaws):
        def make_policy(self):
            return OurTiers()
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

import attrs
import pytest
from hypothesis import strategies as st

from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.customers import NotConfigured, TierAnswer, TierPolicy
from branchkit.errors import InputError
from branchkit.testing.laws import Laws
from branchkit.testing.watching import clock_and_chance
from branchkit.trace import Decision
from branchkit.values import Unknown

__all__ = ["TierPolicyLaws"]

_ZONE = dt.timezone(dt.timedelta(hours=8))
_FACTS: TypeAlias = dict[str, FactValue | Unknown]
_DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
_MOMENTS = st.tuples(_DAYS, st.integers(0, 86_399)).map(
    lambda drawn: dt.datetime.combine(drawn[0], dt.time(), _ZONE) + dt.timedelta(seconds=drawn[1])
)
_GRID = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, *(digit * 10**power for power in range(3, 10) for digit in (1, 2, 5)))
_STEPS = 1_000


@attrs.frozen(kw_only=True)
class _Asked:
    """What is known of a customer, the tier they are in, and when somebody asks."""

    facts: _FACTS
    current: str | None
    at: dt.datetime


@attrs.frozen(kw_only=True)
class _Walk:
    """A number that goes up and down within less than it may, while all else stays."""

    asked: _Asked
    fact: str
    numbers: tuple[Decimal, ...]


class TierPolicyLaws(Laws):
    """What every tier policy must do, by whatever it tells tiers apart."""

    examples = 80
    currency = "XTS"
    """The currency that amounts are drawn in, where the policy looks at a fact ``currency``."""

    def make_policy(self) -> TierPolicy:
        """Return the policy, with all settings stated; a new one each time it is asked for."""
        raise NotImplementedError

    def test_it_offers_what_a_policy_offers(self) -> None:
        """A policy has an id, a version, a scheme, facts and tiers, each once, and says how far numbers may swing."""
        policy = self.make_policy()

        assert isinstance(policy, TierPolicy), "it lacks something that `TierPolicy` asks for"
        assert policy.id.strip(), "it has no id"
        assert policy.version.strip(), "it has no version"
        assert policy.scheme.strip(), "it has no scheme"
        assert len(policy.tiers) > 1, "it has one tier, or none"
        assert len(set(policy.tiers)) == len(policy.tiers), "a tier is there twice"
        names = [spec.name for spec in policy.facts]
        assert len(set(names)) == len(names), "a fact is there twice"
        numbers = {spec.name for spec in policy.facts if spec.type is FactType.NUMBER}
        assert set(policy.swing) <= numbers, "`swing` names what is no number that it looks at"
        assert numbers <= set(policy.swing), (
            f"`swing` does not say how far {sorted(numbers - set(policy.swing))} may go"
        )
        assert all(width > 0 for width in policy.swing.values()), "a swing is not above zero"

    def test_it_answers_whatever_the_facts_are(self) -> None:
        """Known, unknown, missing or not as declared: there is a tier, or why there is none; never an error."""

        def fact(asked: _Asked) -> None:
            policy = self.make_policy()
            self._check(policy, self._decide(policy, asked).value)

        self.for_all(self._asked(any_value=True), fact, what="a customer")

    def test_knowing_nothing_gives_no_tier(self) -> None:
        """Of whom nothing is known, no tier is told: an answer that says so, and not the lowest."""

        def fact(at: dt.datetime) -> None:
            answer = self.make_policy().tier({}, current=None, at=at).value
            assert not isinstance(answer, str), f"with nothing known it tells {answer!r}"

        self.for_all(_MOMENTS, fact, what="a moment")

    def test_the_same_facts_give_the_same_tier(self) -> None:
        """The decision is the same each time, from each policy that is made, and asks neither clock nor chance."""

        def fact(asked: _Asked) -> bool:
            policy, other = self.make_policy(), self.make_policy()
            first = self._decide(policy, asked)
            with clock_and_chance() as read:
                second = self._decide(policy, asked)
            assert read == [], f"it asked {', '.join(sorted(set(read)))}"
            assert first == second, f"asked again, it decides {second.value!r} after {first.value!r}"
            assert first == self._decide(other, asked), "another policy that was made alike decides otherwise"
            return isinstance(first.value, str)

        self.for_all(self._asked(), fact, what="a customer with a tier")

    def test_it_is_decided_by_the_day(self) -> None:
        """All moments of one day decide alike, whenever and in whatever order they are asked about."""

        def fact(drawn: tuple[_Asked, dt.datetime]) -> bool:
            asked, other = drawn
            policy = self.make_policy()
            first = self._decide(policy, asked)
            self._decide(policy, attrs.evolve(asked, at=other))
            morning = asked.at.replace(hour=0, minute=0, second=0, microsecond=0)
            night = asked.at.replace(hour=23, minute=59, second=59, microsecond=999_999)
            found = [self._decide(policy, attrs.evolve(asked, at=at)).value for at in (morning, night, asked.at)]
            assert found == [first.value] * 3, f"on one day it decides {first.value!r} and {found}"
            return isinstance(first.value, str)

        self.for_all(st.tuples(self._asked(), _MOMENTS), fact, what="a customer with a tier")

    def test_a_moment_without_a_zone_is_refused(self) -> None:
        """Which day it is depends on the zone: without one, `InputError` says so."""

        def fact(asked: _Asked) -> None:
            with pytest.raises(InputError):
                self._decide(self.make_policy(), attrs.evolve(asked, at=asked.at.replace(tzinfo=None)))

        self.for_all(self._asked(), fact, what="a customer")

    def test_deciding_again_changes_nothing(self) -> None:
        """Whoever was put into a tier stays there while nothing changes."""

        def fact(asked: _Asked) -> bool:
            policy = self.make_policy()
            first = self._decide(policy, asked).value
            if not isinstance(first, str):
                return False
            again = self._decide(policy, attrs.evolve(asked, current=first)).value
            assert again == first, f"put into {first!r}, the same facts then lead to {again!r}"
            return True

        self.for_all(self._asked(), fact, what="a customer with a tier")

    def test_what_somebody_has_only_helps(self) -> None:
        """Being in a tier may keep somebody in it, never puts them lower, and lifts nobody above it."""

        def fact(asked: _Asked) -> bool:
            policy = self.make_policy()
            ranks = {tier: rank for rank, tier in enumerate(policy.tiers)}
            new = self._decide(policy, attrs.evolve(asked, current=None)).value
            if not isinstance(new, str):
                return False
            before = ranks[new]
            for current in policy.tiers:
                found = self._decide(policy, attrs.evolve(asked, current=current)).value
                if not isinstance(found, str):
                    continue  # Whether it is kept may hang on what nobody knows.
                assert ranks[found] >= before, f"in {current!r} they have {found!r}, a lower tier would give more"
                most = max(ranks[new], ranks[current])
                assert ranks[found] <= most, f"in {current!r} they have {found!r}, a new customer {new!r}"
                before = ranks[found]
            return True

        self.for_all(self._asked(), fact, what="a customer with a tier")

    def test_what_is_not_known_lowers_nobody(self) -> None:
        """Whoever keeps a tier by what is known does not lose it because one of these facts is not known."""
        policy = self.make_policy()
        specs = policy.facts

        @st.composite
        def cases(draw: st.DrawFn) -> tuple[_Asked, str]:
            at = draw(_MOMENTS)
            facts: _FACTS = {spec.name: draw(_known(spec, self.currency, at)) for spec in specs}
            asked = _Asked(facts=facts, current=draw(st.sampled_from(policy.tiers)), at=at)
            return asked, draw(st.sampled_from([spec.name for spec in specs]))

        def fact(drawn: tuple[_Asked, str]) -> bool:
            asked, name = drawn
            ranks = {tier: rank for rank, tier in enumerate(policy.tiers)}
            known = self._decide(policy, asked).value
            if not isinstance(known, str) or asked.current is None:
                return False
            unknown = attrs.evolve(asked, facts={**asked.facts, name: Unknown("not stated")})
            found = self._decide(policy, unknown).value
            least = min(ranks[known], ranks[asked.current])
            lowered = isinstance(found, str) and ranks[found] < least
            assert not lowered, f"with {name!r} not known, {asked.current!r} falls to {found!r} instead of {known!r}"
            return True

        self.for_all(cases(), fact, what="a customer with a tier")

    def test_nobody_is_sent_back_and_forth(self) -> None:
        """While a number goes up and down by less than its `swing`, nobody comes back to a tier they left."""
        policy = self.make_policy()
        if not policy.swing:
            self.nothing("it looks at no number")

        def fact(walk: _Walk) -> bool:
            current, seen = walk.asked.current, list[str]()
            for number in walk.numbers:
                facts = {**walk.asked.facts, walk.fact: number}
                answer = policy.tier(facts, current=current, at=walk.asked.at).value
                if not isinstance(answer, str):
                    return False
                current = answer
                if not seen or seen[-1] != answer:
                    assert answer not in seen, f"back in {answer!r} after {seen[seen.index(answer) + 1 :]}"
                    seen.append(answer)
            return len(seen) > 1

        self.for_all(self._walks(policy), fact, what="a walk on which a tier changes")

    def test_the_decision_is_explained(self) -> None:
        """The trace names the policy with its version, says why in both languages, and names declared facts alone."""

        def fact(asked: _Asked) -> None:
            policy = self.make_policy()
            trace = self._decide(policy, asked).trace
            assert (trace.policy, trace.version) == (policy.id, policy.version), "the trace names another policy"
            assert trace.steps, "there is no step that says why"
            for step in trace.steps:
                assert step.what.zh.strip(), "a step has no words in Chinese"
                assert step.what.en.strip(), "a step has no words in English"
            known = {spec.name for spec in policy.facts}
            strange = {ref.id for ref in trace.inputs if ref.kind == "fact"} - known
            assert not strange, f"it looks at {sorted(strange)}, which it does not declare"

        self.for_all(self._asked(), fact, what="a customer")

    def test_what_somebody_owns_is_not_told(self) -> None:
        """Numbers of a customer stand neither in the decision nor in its trace: they are nobody else's business."""

        def fact(asked: _Asked) -> bool:
            # Odd numbers, which no limit is: where one of them shows, it is the customer's.
            odd = {
                name: value.to_integral_value() + Decimal("777.3719") if isinstance(value, Decimal) else value
                for name, value in asked.facts.items()
            }
            told = repr(self._decide(self.make_policy(), attrs.evolve(asked, facts=odd)))
            shown = [name for name, value in odd.items() if isinstance(value, Decimal) and str(value) in told]
            assert shown == [], f"the value of {', '.join(shown)} is told"
            return any(isinstance(value, Decimal) for value in odd.values())

        self.for_all(self._asked(), fact, what="a customer with a number")

    # -- what is tried

    def _decide(self, policy: TierPolicy, asked: _Asked) -> Decision[TierAnswer]:
        return policy.tier(asked.facts, current=asked.current, at=asked.at)

    def _check(self, policy: TierPolicy, answer: TierAnswer) -> None:
        if isinstance(answer, NotConfigured):
            assert answer.settings, "it says that something is not configured, and not what"
        elif isinstance(answer, Unknown):
            assert answer.reason.strip(), "it does not say why it cannot tell"
        else:
            assert isinstance(answer, str), f"it answers {type(answer).__name__}, no tier and no reason"
            assert answer in policy.tiers, f"it answers {answer!r}, which is none of its tiers"

    def _asked(self, *, any_value: bool = False) -> st.SearchStrategy[_Asked]:
        """Customers of all kinds; with `any_value` also values that the facts don't allow."""
        policy = self.make_policy()
        specs = policy.facts

        @st.composite
        def asked(draw: st.DrawFn) -> _Asked:
            facts: _FACTS = {}
            at = draw(_MOMENTS)
            for spec in specs:
                value = draw(_values(spec, self.currency, at))
                if any_value and draw(st.integers(0, 5)) == 0:
                    value = draw(_STRANGE)
                if draw(st.integers(0, 11)):
                    facts[spec.name] = value
            current = draw(st.sampled_from((None, *policy.tiers)))
            if any_value and draw(st.integers(0, 9)) == 0:
                current = "no-such-tier"
            return _Asked(facts=facts, current=current, at=at)

        return asked()

    def _walks(self, policy: TierPolicy) -> st.SearchStrategy[_Walk]:
        """Walks of a number around the places at which the policy changes its mind, and elsewhere."""
        specs = {spec.name: spec for spec in policy.facts}

        @st.composite
        def walks(draw: st.DrawFn) -> _Walk:
            at = draw(_MOMENTS)
            facts: _FACTS = {name: draw(_known(spec, self.currency, at)) for name, spec in specs.items()}
            asked = _Asked(facts=facts, current=draw(st.sampled_from((None, *policy.tiers))), at=at)
            held = attrs.evolve(asked, current=draw(st.sampled_from((None, policy.tiers[-1]))))
            found = {name: _edges(policy, held, specs[name]) for name in sorted(policy.swing)}
            moves = [name for name, edges in found.items() if edges] or sorted(policy.swing)
            fact = draw(st.sampled_from(moves))
            width, edges = policy.swing[fact], found[fact]
            centre = draw(st.sampled_from(edges)) if edges else draw(st.integers(0, 10**7).map(Decimal))
            low = centre - width * draw(st.integers(0, _STEPS)) / _STEPS
            places = draw(st.lists(st.integers(0, _STEPS - 1), min_size=3, max_size=12))
            numbers = [low + width * place / _STEPS for place in places]
            fit = tuple(number for number in numbers if not specs[fact].problems_of(number))
            return _Walk(asked=asked, fact=fact, numbers=fit)

        return walks()


def _edges(policy: TierPolicy, asked: _Asked, spec: FactSpec) -> list[Decimal]:
    """Find the numbers around which the answer changes, to a thousandth of what lies between two that were tried."""

    def answer(number: Decimal) -> TierAnswer:
        return policy.tier({**asked.facts, spec.name: number}, current=asked.current, at=asked.at).value

    grid = [number for number in map(Decimal, _GRID) if not spec.problems_of(number)]
    found: list[Decimal] = []
    for low, high in pairwise(grid):
        below = answer(low)
        if below == answer(high):
            continue
        for _ in range(14):
            middle = (low + high) / 2
            low, high = (middle, high) if answer(middle) == below else (low, middle)
        found.append(high)
    return found


_STRANGE: st.SearchStrategy[FactValue | Unknown] = st.one_of(
    st.sampled_from([Decimal("NaN"), Decimal("Infinity"), Decimal(-1), Decimal(10) ** 30]),
    st.booleans(),
    st.text(max_size=5),
    st.frozensets(st.text(max_size=3), max_size=2),
    st.just(dt.timedelta(days=-3)),
    st.just(dt.date(2026, 3, 2)),
    st.just(Unknown("not stated")),
)


def _values(spec: FactSpec, currency: str, at: dt.datetime) -> st.SearchStrategy[FactValue | Unknown]:
    """Values that a fact can have, and that nobody knows it."""
    known = _known(spec, currency, at)
    return known if spec.name == "currency" else st.one_of(*[known] * 7, st.just(Unknown("not stated")))


def _known(spec: FactSpec, currency: str, at: dt.datetime) -> st.SearchStrategy[FactValue]:
    if spec.name == "currency":
        return st.just(currency)
    # What has happened to a customer mostly lies before the moment, and not a lifetime before it.
    before = st.integers(-3, 900).map(lambda days: at - dt.timedelta(days=days))
    match spec.type:
        case FactType.BOOL:
            return st.booleans()
        case FactType.NUMBER:
            return _numbers(spec)
        case FactType.CODE | FactType.TEXT:
            return st.sampled_from(spec.choices or ("a", "b"))
        case FactType.CODES:
            return st.frozensets(st.sampled_from(spec.choices or ("a", "b")))
        case FactType.DATE:
            return before.map(dt.datetime.date)
        case FactType.MOMENT:
            return before
        case _:
            return st.integers(0, 4_000_000).map(lambda minutes: dt.timedelta(minutes=minutes))


def _numbers(spec: FactSpec) -> st.SearchStrategy[FactValue]:
    low = int(spec.low if spec.low is not None else -(10**7))
    high = int(spec.high if spec.high is not None else max(10**7, low + 1))
    near: Sequence[Decimal] = [Decimal(one) for one in _GRID if low <= one <= high] or [Decimal(low)]
    return st.one_of(st.integers(low, high).map(Decimal), st.sampled_from(near))
