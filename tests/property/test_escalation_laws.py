"""Whatever the ladder, the sweeper and the people: each rung is decided once, and never before its time."""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.escalation import (
    Acknowledgement,
    AfterDue,
    AtShare,
    BeforeDue,
    EscalationLadder,
    QuietWindow,
    Reached,
    Repeat,
    RungOutcome,
    Watched,
)
from tests.unit.escalation.ladders import NINE, SUPERIOR, PlainTimeline, ladder, rung, sweep, watched

_MINUTE = dt.timedelta(minutes=1)
_LONG = dt.timedelta(hours=60)
minutes = st.integers(0, 600).map(lambda n: n * _MINUTE)
times = (
    st.decimals("0.05", "3", places=2).map(lambda share: AtShare(share=share))
    | minutes.map(lambda by: BeforeDue(lead=by))
    | minutes.map(lambda by: AfterDue(lag=by))
)
moments = minutes.map(lambda later: NINE + 3 * later)


@st.composite
def ladders(draw: st.DrawFn) -> EscalationLadder:
    """Ladders of one to five rungs, some of which wait, record or repeat."""
    rungs = []
    for at in range(draw(st.integers(1, 5))):
        more = draw(
            st.sampled_from(
                [
                    {},
                    {"tell": (SUPERIOR,)},
                    {"if_nobody": "wait"},
                    {"tell": (), "message": None, "record_only": True},
                    {"working_hours": True},
                    {"despite_acknowledgement": True},
                ]
            )
        )
        rungs.append(rung(f"r{at}", draw(times), **more))
    rungs.append(rung("last", AfterDue()))
    every = draw(st.none() | st.integers(30, 300).map(lambda n: n * _MINUTE))
    repeat = None if every is None else Repeat(start="last", every=every, times=draw(st.none() | st.integers(1, 3)))
    return ladder(*rungs, repeat=repeat)


class _Shifts:
    """Nobody is there in every third hour."""

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        return () if at.hour % 3 == 0 else ids


@st.composite
def scenes(draw: st.DrawFn) -> Watched:
    """A ladder and all that may keep it quiet."""
    of = draw(ladders())
    seen = watched(
        of,
        timeline=PlainTimeline(due=NINE + draw(minutes), stopped=draw(st.none() | moments)),
        quiet=tuple(
            QuietWindow(id=f"Q{at}", since=since, until=since + length + _MINUTE, reason="works")
            for at, (since, length) in enumerate(draw(st.lists(st.tuples(moments, minutes), max_size=2)))
        ),
        roster=_Shifts(),
        opens=lambda at: at if 9 <= at.hour < 17 else (at + dt.timedelta(hours=16)).replace(hour=9, minute=0),
    )
    word = draw(st.none() | st.tuples(moments, st.none() | minutes))
    if word is None:
        return seen
    given_at, holds = word
    until = None if holds is None else given_at + holds
    known = Acknowledgement("S-1", at=given_at, until=until)
    return attrs.evolve(seen, watch=attrs.evolve(seen.watch, acknowledged=known))


@st.composite
def swept(draw: st.DrawFn) -> tuple[EscalationLadder, Watched, list[dt.datetime]]:
    """A scene with the moments at which somebody sweeps."""
    of = draw(ladders())
    seen = attrs.evolve(draw(scenes()))
    policy = of
    seen = attrs.evolve(seen, watch=attrs.evolve(seen.watch, ladder=of.id))
    return policy, seen, sorted({*draw(st.lists(moments, max_size=8)), NINE + _LONG})


def _run(
    policy: EscalationLadder, seen: Watched, at: list[dt.datetime]
) -> tuple[Watched, list[tuple[dt.datetime, Reached]]]:
    found = []
    for moment in at:
        found += [(moment, one) for one in policy.reached(seen, moment).value]
        seen, _ = sweep(policy, seen, moment)
    return seen, found


@given(swept())
def test_each_rung_and_round_is_decided_once(case: tuple[EscalationLadder, Watched, list[dt.datetime]]) -> None:
    """However often somebody sweeps, no rung is decided twice in one round, and a second sweep finds nothing new."""
    policy, seen, at = case

    after, found = _run(policy, seen, at)

    decided = [(one.rung, one.round) for _, one in found if one.outcome is not RungOutcome.HELD]
    assert len(decided) == len(set(decided))
    assert () == policy.reached(after, at[-1]).value


@given(swept())
def test_nothing_is_decided_before_its_time(case: tuple[EscalationLadder, Watched, list[dt.datetime]]) -> None:
    """A rung is decided at its time or later, and fires at the first sweep at which nothing holds it."""
    policy, seen, at = case

    _, found = _run(policy, seen, at)

    assert all(one.due <= moment for moment, one in found)
    assert all(moment < one.until for moment, one in found if one.until is not None)


@given(swept())
def test_sweeping_more_often_decides_the_same_rungs(case: tuple[EscalationLadder, Watched, list[dt.datetime]]) -> None:
    """Which rungs and rounds are decided, and for which moment, does not hang on when somebody swept before."""
    policy, seen, at = case
    policy = attrs.evolve(policy, rungs=tuple(_never_waits(r) for r in policy.rungs))

    often = _run(policy, seen, at)[1]
    once = _run(policy, seen, at[-1:])[1]

    assert _decided(once) == _decided(often)


def _never_waits(one: object) -> object:
    return attrs.evolve(one, if_nobody="skip")  # type: ignore[type-var]


def _decided(found: list[tuple[dt.datetime, Reached]]) -> set[tuple[str, int, dt.datetime]]:
    return {(one.rung, one.round, one.due) for _, one in found if one.outcome is not RungOutcome.HELD}


@given(swept(), moments)
def test_between_now_and_the_next_look_nothing_happens(
    case: tuple[EscalationLadder, Watched, list[dt.datetime]], at: dt.datetime
) -> None:
    """The next look is never too late: any moment before it decides nothing."""
    policy, seen, _ = case
    seen, _ = sweep(policy, seen, at)

    look = policy.next_look(seen, at)

    assert look is None or look > at
    until = NINE + _LONG if look is None else look - dt.timedelta(microseconds=1)
    decided = [one for one in policy.reached(seen, until).value if one.outcome is not RungOutcome.HELD]
    waits = {rung for rung, why in seen.watch.held.items() if why == "nobody"}
    assert [] == [one for one in decided if one.rung not in waits]


@given(swept())
def test_every_rung_comes_to_something(case: tuple[EscalationLadder, Watched, list[dt.datetime]]) -> None:
    """Where nothing puts a rung off and the clock runs on, every rung is decided: none is forgotten."""
    policy, seen, at = case
    bare = attrs.evolve(
        seen,
        quiet=(),
        opens=lambda moment: moment,
        timeline=PlainTimeline(due=seen.timeline.due),
        watch=attrs.evolve(seen.watch, acknowledged=None),
        roster=watched(policy).roster,
    )

    _, found = _run(policy, bare, at)

    assert {one.id for one in policy.rungs} == {one.rung for _, one in found}
