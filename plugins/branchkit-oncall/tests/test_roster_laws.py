"""A rotation has exactly one person on duty at every moment, whatever its clock does, and an override wins."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from branchkit_oncall import Layer, OnCall, Override, Rotation
from hypothesis import Phase
from hypothesis import strategies as st

from branchkit.testing.laws import Laws, law_names

TICK = dt.timedelta(microseconds=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
# Clocks that jump by an hour, by half an hour, over a whole day, and not at all; and days on which they do.
JUMPS = {
    "America/New_York": (dt.date(2026, 3, 8), dt.date(2026, 11, 1)),
    "Europe/London": (dt.date(2026, 3, 29), dt.date(2026, 10, 25)),
    "Australia/Lord_Howe": (dt.date(2026, 4, 5), dt.date(2026, 10, 4)),
    "Pacific/Apia": (dt.date(2011, 12, 30),),
    "Asia/Shanghai": (dt.date(2026, 3, 2),),
}
PEOPLE = ("S-1", "S-2", "S-3", "S-4")
HANDOVERS = (dt.time(0), dt.time(1, 30), dt.time(2), dt.time(2, 30), dt.time(9), dt.time(23, 59, 59))


@cache
def first_shown(day: dt.date, clock: dt.time, zone: str) -> dt.datetime:
    """Return the first moment at which a clock shows a time of a day or a later one, found by looking at the clock."""
    wanted, there = dt.datetime.combine(day, clock), ZoneInfo(zone)
    moment = dt.datetime.combine(day, dt.time(), dt.UTC) - DAY
    while (moment + MINUTE).astimezone(there).replace(tzinfo=None) < wanted:
        moment += MINUTE
    while moment.astimezone(there).replace(tzinfo=None) < wanted:
        moment += dt.timedelta(seconds=1)
    return moment


@st.composite
def rotations(draw: st.DrawFn) -> tuple[dict[str, Any], dt.datetime]:
    """Draw a rotation that begins near a jump of its clock, and a moment around both."""
    zone = draw(st.sampled_from(sorted(JUMPS)))
    jump = draw(st.sampled_from(JUMPS[zone]))
    fields = {
        "people": PEOPLE[: draw(st.integers(1, 4))],
        "handover": draw(st.sampled_from(HANDOVERS)),
        "zone": zone,
        "since": jump - draw(st.integers(0, 9)) * DAY,
        "period": draw(st.sampled_from((DAY, 2 * DAY, 7 * DAY))),
    }
    start = dt.datetime.combine(jump, dt.time(), dt.UTC)
    moments = st.integers(-4 * 24 * 60, 12 * 24 * 60).map(lambda minutes: start + minutes * MINUTE)
    if draw(st.booleans()):
        return fields, draw(moments)
    day = fields["since"] + draw(st.integers(1, 6)) * fields["period"]
    beside = draw(st.sampled_from((-61 * MINUTE, -31 * MINUTE, -MINUTE, -TICK, 0 * MINUTE, 29 * MINUTE, 59 * MINUTE)))
    return fields, first_shown(day, fields["handover"], zone) + beside


class RosterLaws(Laws):
    """What a roster made of rotations and overrides must do."""

    examples = 60

    def make_rotation(self, **fields: Any) -> Rotation:
        """Return a rotation."""
        return Rotation(**fields)

    def make_roster(self, *layers: Layer, overrides: tuple[Override, ...] = ()) -> OnCall:
        """Return a roster."""
        return OnCall(layers=layers, overrides=overrides)

    def test_exactly_one_person_is_on_duty(self) -> None:
        """Of a rotation's people exactly one is there, at every moment, and it is one of them."""

        def fact(drawn: tuple[dict[str, Any], dt.datetime]) -> None:
            fields, at = drawn
            roster = self.make_roster(Layer("only", rotation=self.make_rotation(**fields)))
            found = roster.available(fields["people"], at)
            assert len(found) == 1, f"{found} are on duty"
            assert found[0] in fields["people"]

        self.for_all(rotations(), fact, what="a rotation")

    def test_turns_begin_when_the_clock_says_so(self) -> None:
        """A turn begins when the clock first shows the handover on its day, and lasts until the next one begins."""

        def fact(drawn: tuple[dict[str, Any], dt.datetime]) -> bool:
            fields, at = drawn
            rotation = self.make_rotation(**fields)
            turn = rotation.turn(at)
            day = fields["since"] + turn * fields["period"]
            begins, ends = (
                first_shown(one, fields["handover"], fields["zone"]) for one in (day, day + fields["period"])
            )
            assert at < ends, f"turn {turn} is over at {at}"
            assert turn == 0 or begins <= at, f"turn {turn} has not begun at {at}"
            assert rotation.on_duty(at) == fields["people"][turn % len(fields["people"])]
            return turn > 0

        self.for_all(rotations(), fact, what="a moment after the first turn")

    def test_there_is_no_gap_at_a_handover(self) -> None:
        """An instant before the handover the one is on duty, and at the handover the next."""

        def fact(drawn: tuple[dict[str, Any], dt.datetime]) -> bool:
            fields, at = drawn
            rotation = self.make_rotation(**fields)
            turn = rotation.turn(at) + 1
            moment = rotation.begins(turn)
            if moment == rotation.begins(turn + 1):
                return False  # The clock skips the whole turn.
            assert (turn - 1, turn) == (rotation.turn(moment - TICK), rotation.turn(moment))
            return True

        self.for_all(rotations(), fact, what="a handover")

    def test_an_override_wins(self) -> None:
        """While somebody stands in they are asked, whoever's turn it was, and before and after they are not."""

        def fact(drawn: tuple[dict[str, Any], dt.datetime]) -> None:
            fields, at = drawn
            rotation = self.make_rotation(**fields)
            turn = rotation.on_duty(at)
            override = Override(who="S-9", instead_of=turn, since=at, until=at + TICK, reason="leave")
            roster = self.make_roster(Layer("only", rotation=rotation), overrides=(override,))
            found = [roster.available(fields["people"], at + by) for by in (-TICK, 0 * TICK, TICK)]
            assert found[1] == ("S-9",), f"{found[1]} are on duty though S-9 stands in"
            assert all("S-9" not in one and len(one) == 1 for one in (found[0], found[2])), f"S-9 lingers: {found}"

        self.for_all(rotations(), fact, what="a rotation")

    def test_asked_about_its_answer_it_answers_the_same(self) -> None:
        """Whoever is to be asked is available; nobody is named twice; who keeps no roster is there."""

        def fact(drawn: tuple[dict[str, Any], dt.datetime]) -> None:
            fields, at = drawn
            rotation = self.make_rotation(**fields)
            other = attrs.evolve(rotation, people=("S-4", "S-5", "S-1"), handover=dt.time(18))
            override = Override(who="S-7", instead_of="S-1", since=at - DAY, until=at + DAY, reason="leave")
            roster = self.make_roster(
                Layer("one", rotation=rotation), Layer("other", rotation=other), overrides=(override,)
            )
            found = roster.available((*fields["people"], "S-5", "S-8"), at)
            assert found == roster.available(found, at), f"{found}, asked about, are {roster.available(found, at)}"
            assert len(set(found)) == len(found), f"{found} has somebody twice"
            assert found[-1] == "S-8", f"S-8 keeps no roster, and {found} are there"

        self.for_all(rotations(), fact, what="a rotation")


class TestRoster(RosterLaws):
    """The roster itself."""


@attrs.frozen(kw_only=True)
class _ByElapsedTime(Rotation):
    """Takes a day for 24 hours, as if no clock ever jumped."""

    def turn(self, at: dt.datetime) -> int:
        start = dt.datetime.combine(self.since, self.handover, self.clock).astimezone(dt.UTC)
        return max((at.astimezone(dt.UTC) - start) // self.period, 0)


@attrs.frozen(kw_only=True)
class _LateByATick(Rotation):
    """Hands over an instant late."""

    def turn(self, at: dt.datetime) -> int:
        return Rotation.turn(self, at - TICK)


class _Everybody(OnCall):
    """Tells all who take turns."""

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        return (*ids, *ids)


class _NoOverrides(OnCall):
    """Keeps to the turns, whoever stands in."""

    def stand_in(self, person: str, at: dt.datetime) -> str:
        return person


class _Forgetful(OnCall):
    """Knows the rotations' people alone, and so loses who stands in and who keeps no roster."""

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        return tuple(one for one in OnCall.available(self, ids, at) if one in PEOPLE)


BROKEN: dict[str, tuple[type[Rotation], type[OnCall]]] = {
    "test_exactly_one_person_is_on_duty": (Rotation, _Everybody),
    "test_turns_begin_when_the_clock_says_so": (_ByElapsedTime, OnCall),
    "test_there_is_no_gap_at_a_handover": (_LateByATick, OnCall),
    "test_an_override_wins": (Rotation, _NoOverrides),
    "test_asked_about_its_answer_it_answers_the_same": (Rotation, _Forgetful),
}


def test_every_law_has_a_saboteur() -> None:
    """No law is without something that it catches."""
    assert set(law_names(RosterLaws)) == set(BROKEN)


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_catches_its_saboteur(law: str) -> None:
    """The law fails on a roster that breaks it."""
    rotation, roster = BROKEN[law]

    class Broken(RosterLaws):
        phases = (Phase.generate,)

        def make_rotation(self, **fields: Any) -> Rotation:
            return rotation(**fields)

        def make_roster(self, *layers: Layer, overrides: tuple[Override, ...] = ()) -> OnCall:
            return roster(layers=layers, overrides=overrides)

    with pytest.raises(AssertionError):
        getattr(Broken(), law)()
