"""The laws of an escalation policy: inherit `EscalationPolicyLaws`, say how to make the policy, and run pytest.

::

    class TestOurLadder(EscalationPolicyLaws):
        def make_policy(self):
            return OurLadder()
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
from hypothesis import strategies as st

from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.escalation import (
    Acknowledgement,
    EscalationPolicy,
    QuietWindow,
    Reached,
    RungOutcome,
    RungReached,
    Watch,
    Watched,
    evolve_watch,
)
from branchkit.estate import Standing
from branchkit.testing.laws import Laws
from branchkit.values import FrozenMap

__all__ = ["EscalationPolicyLaws", "PlainTimeline"]

_START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_MINUTE = dt.timedelta(minutes=1)
_TICK = dt.timedelta(microseconds=1)
_END = _START + dt.timedelta(days=4)
_CODES = frozenset({"condition", "nobody", "overtaken", "duplicate", "inhibited", "acknowledged", "quiet", "closed"})


@attrs.frozen(kw_only=True)
class PlainTimeline:
    """A clock without calendar and pauses: from its start to its deadline all time counts."""

    started: dt.datetime = _START
    due: dt.datetime | None = None
    stopped: dt.datetime | None = None

    def at_share(self, share: Decimal) -> dt.datetime | None:
        """Return when a share of the budget has passed."""
        if self.due is None:
            return None
        micros = (self.due - self.started) // _TICK
        return self.started + dt.timedelta(microseconds=int(micros * share))

    def beside_due(self, by: dt.timedelta, *, own_time: bool) -> dt.datetime | None:
        """Return the moment so long after the deadline, or before it."""
        if self.due is None:
            return None
        moment = self.due + by
        return max(moment, self.started) if own_time and by < dt.timedelta() else moment


@attrs.frozen
class _Shifts:
    """Nobody is there in every hour that leaves this rest when divided by three; 3 is a roster without gaps."""

    rest: int

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        return () if at.hour % 3 == self.rest else ids


class _Anybody(FrozenMap[tuple[str, ...]]):
    """Somebody for every post, relation and group, by whatever name a policy asks."""

    __slots__ = ()

    def get(self, key: str, default: object = None) -> tuple[str, ...]:
        return (f"{key}-1", f"{key}-2")


_Case = tuple[Watched, list[dt.datetime]]


class EscalationPolicyLaws(Laws):
    """What every escalation policy must do, whatever it does about which clock."""

    def make_policy(self) -> EscalationPolicy:
        """Return the policy; a new one each time it is asked for."""
        raise NotImplementedError

    def test_it_offers_what_a_policy_offers(self) -> None:
        """A policy has an id, a version, the facts it looks at, and says what an acknowledgement does."""
        policy = self.make_policy()

        assert isinstance(policy, EscalationPolicy), "it lacks something that `EscalationPolicy` asks for"
        assert policy.acknowledgement in {"stops", "holds", "nothing"}, f"not {policy.acknowledgement!r}"
        assert (policy.acknowledgement == "holds") == (policy.hold is not None), "`hold` goes with 'holds', and only so"

    def test_each_rung_and_round_is_decided_once(self) -> None:
        """However often somebody looks, nothing is decided twice; looked at again at once, nothing is new."""

        def fact(case: _Case) -> bool:
            watched, moments = case
            after, found = self._run(watched, moments)
            decided = [(one.rung, one.round) for _, one in found if one.outcome is not RungOutcome.HELD]
            assert len(decided) == len(set(decided)), f"decided twice: {decided}"
            again = self.make_policy().reached(after, moments[-1]).value
            assert again == (), f"looked at again at the same moment, it decides {again}"
            return bool(decided)

        self.for_all(self._cases(), fact, what="a clock about which it decides something")

    def test_nothing_is_decided_before_its_time(self) -> None:
        """Whatever is decided was due by then, not before the clock started and not after it stopped."""

        def fact(case: _Case) -> bool:
            watched, moments = case
            _, found = self._run(watched, moments)
            stopped = watched.timeline.stopped
            for at, one in found:
                assert one.due <= at, f"{one.rung} is decided at {at}, before {one.due}"
                assert stopped is None or one.due <= stopped, f"{one.rung} is due after the clock was stopped"
                assert one.until is None or at < one.until, f"{one.rung} is held until a moment that has passed"
            return bool(found)

        self.for_all(self._cases(), fact, what="a clock about which it decides something")

    def test_looking_more_often_decides_the_same(self) -> None:
        """Which rungs and rounds are decided, and for which moment, does not hang on when somebody looked before."""

        def fact(case: _Case) -> bool:
            watched, moments = case
            watched = attrs.evolve(watched, roster=_Shifts(3))
            often = self._decided(self._run(watched, moments)[1])
            once = self._decided(self._run(watched, moments[-1:])[1])
            assert once == often, f"looking once decides {once}, looking often {often}"
            return bool(once)

        self.for_all(self._cases(), fact, what="a clock about which it decides something")

    def test_the_next_look_is_never_too_late(self) -> None:
        """Between a look and the next one that it asks for, nothing comes due that would be missed."""

        def fact(case: _Case) -> bool:
            watched, moments = case
            at = moments[0]
            watched, _ = self._run(attrs.evolve(watched, roster=_Shifts(3)), [at])
            policy = self.make_policy()
            look = policy.next_look(watched, at)
            assert look is None or look > at, f"asked at {at}, it wants to look at {look}"
            missed = policy.reached(watched, _END if look is None else look - _TICK).value
            assert missed == (), f"it would look at {look} and miss {missed}"
            return look is not None

        self.for_all(self._cases(), fact, what="a clock that it wants to look at again")

    def test_whoever_is_told_is_told_in_words(self) -> None:
        """A rung that tells somebody has words in both languages, and one that does not fire says why in a code."""

        def fact(case: _Case) -> bool:
            _, found = self._run(*case)
            for _, one in found:
                fired = one.outcome is RungOutcome.FIRED
                assert not one.told or fired, f"{one.rung} tells somebody and is {one.outcome.value}"
                if one.told:
                    words = one.message
                    assert words is not None, f"{one.rung} tells somebody nothing"
                    assert words.zh.strip(), f"{one.rung} has no words in Chinese"
                    assert words.en.strip(), f"{one.rung} has no words in English"
                elif not fired and one.outcome is not RungOutcome.RECORDED:
                    assert one.code in _CODES, f"{one.rung} says {one.code!r}, not one of {', '.join(sorted(_CODES))}"
                    assert one.why is not None, f"{one.rung} does not say why nothing happened"
            return bool(found)

        self.for_all(self._cases(), fact, what="a clock about which it decides something")

    def test_nobody_who_is_away_is_told(self) -> None:
        """Only people whom the roster holds available at that moment are told."""

        def fact(case: _Case) -> bool:
            watched, moments = case
            told = [(at, one) for at, one in self._run(watched, moments)[1] if one.told]
            for at, one in told:
                there = set(watched.roster.available(one.told, at))
                assert there == set(one.told), f"{one.rung} tells {sorted(set(one.told) - there)}, who are away"
            return bool(told)

        self.for_all(self._cases(), fact, what="a clock about which somebody is told")

    def test_a_clock_without_a_deadline_is_left_alone(self) -> None:
        """What has no deadline cannot be late: there is nothing to look at, and nothing is decided."""
        policy = self.make_policy()
        watched = attrs.evolve(self._plain(), timeline=PlainTimeline())

        assert policy.next_look(watched, _START) is None
        assert policy.reached(watched, _END).value == ()

    def test_the_decision_is_explained(self) -> None:
        """The trace names the policy with its version, and has a step for everything that is decided."""

        def fact(case: _Case) -> bool:
            watched, moments = case
            policy = self.make_policy()
            decision = policy.reached(watched, moments[-1])
            trace = decision.trace
            assert (trace.policy, trace.version) == (policy.id, policy.version), "the trace names another policy"
            assert len(trace.steps) >= len(decision.value), "there are fewer steps than decisions"
            return bool(decision.value)

        self.for_all(self._cases(), fact, what="a clock about which it decides something")

    # -- what is tried

    def _run(self, watched: Watched, moments: list[dt.datetime]) -> tuple[Watched, list[tuple[dt.datetime, Reached]]]:
        found: list[tuple[dt.datetime, Reached]] = []
        for at in moments:
            policy = self.make_policy()
            for one in policy.reached(watched, at).value:
                found.append((at, one))
                event = RungReached(
                    case=watched.case,
                    clock=watched.watch.clock,
                    entry=watched.watch.entry,
                    ladder=policy.id,
                    version=policy.version,
                    reached=one,
                )
                watched = attrs.evolve(watched, watch=evolve_watch(watched.watch, event))
        return watched, found

    @staticmethod
    def _decided(found: list[tuple[dt.datetime, Reached]]) -> set[tuple[str, int, dt.datetime]]:
        return {(one.rung, one.round, one.due) for _, one in found if one.outcome is not RungOutcome.HELD}

    def _plain(self) -> Watched:
        policy = self.make_policy()
        return Watched(
            case="C-1",
            branch="B-1",
            watch=Watch("clock", ladder=policy.id, version=policy.version),
            timeline=PlainTimeline(due=_START + 240 * _MINUTE),
            standing=Standing(posts=_Anybody(), roles=FrozenMap(), relations=_Anybody(), groups=_Anybody()),
        )

    def _cases(self) -> st.SearchStrategy[_Case]:
        """Clocks, what keeps them quiet, who is there, and the moments at which somebody looks."""
        plain, specs = self._plain(), self.make_policy().facts
        holds = self.make_policy().acknowledgement
        spans = st.integers(0, 900).map(lambda n: n * _MINUTE)
        moments = spans.map(lambda later: _START + 2 * later)

        @st.composite
        def cases(draw: st.DrawFn) -> _Case:
            windows = draw(st.lists(st.tuples(moments, spans), max_size=2))
            quiet = tuple(
                QuietWindow(id=f"Q{n}", since=since, until=since + length + _MINUTE, reason="works")
                for n, (since, length) in enumerate(windows)
            )
            known = None
            if holds != "nothing" and draw(st.booleans()):
                at = draw(moments)
                until = None if holds == "stops" else at + draw(spans) + _MINUTE
                known = Acknowledgement("S-1", at=at, until=until)
            watched = attrs.evolve(
                plain,
                timeline=PlainTimeline(due=_START + draw(spans) + _MINUTE, stopped=draw(st.none() | moments)),
                facts={spec.name: value for spec in specs if (value := draw(_facts(spec))) is not None},
                roster=_Shifts(draw(st.integers(0, 3))),
                quiet=quiet,
                watch=attrs.evolve(plain.watch, acknowledged=known),
            )
            return watched, sorted({*draw(st.lists(moments, max_size=6)), _END})

        return cases()


def _facts(spec: FactSpec) -> st.SearchStrategy[FactValue | None]:
    """Draw a value of a fact, or that nobody knows it."""
    if spec.type is FactType.BOOL:
        return st.none() | st.booleans()
    if spec.type is FactType.NUMBER:
        low = int(spec.low if spec.low is not None else -100)
        high = int(spec.high if spec.high is not None else 100)
        return st.none() | st.integers(low, high).map(Decimal)
    if spec.type is FactType.CODE:
        return st.none() | st.sampled_from(spec.choices or ("a", "b"))
    if spec.type is FactType.CODES:
        return st.none() | st.frozensets(st.sampled_from(spec.choices or ("a", "b")))
    return st.none()
