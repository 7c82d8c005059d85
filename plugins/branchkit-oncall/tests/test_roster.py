"""The roster as a document: what it says, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from branchkit_oncall import Layer, OnCall, Override, Rotation

from branchkit.errors import DecodeError, InputError
from branchkit.temporal import Interval

ZONE = dt.timezone(dt.timedelta(hours=8))
SINCE = dt.date(2026, 3, 2)
NINE = dt.datetime(2026, 3, 2, 9, tzinfo=ZONE)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
WEEKS = Rotation(people=("S-1", "S-2", "S-3"), handover=dt.time(9), zone="Asia/Shanghai", since=SINCE)
NIGHTS = Rotation(people=("S-4", "S-5"), handover=dt.time(18), zone="Asia/Shanghai", since=SINCE, period=DAY)
ROSTER = OnCall(
    layers=(Layer("fitters", rotation=WEEKS), Layer("night", rotation=NIGHTS, during=Interval.parse("18:00-08:00")))
)


def stands_in(who: str = "S-7", instead_of: str = "S-1", **more: Any) -> Override:
    span = {"since": NINE, "until": NINE + DAY, **more}
    return Override(who=who, instead_of=instead_of, reason="ill", **span)


def test_turns_go_round() -> None:
    """A week each, from nine to nine, and then the first again; before the first turn it is the first one's too."""
    weeks = [WEEKS.on_duty(NINE + number * 7 * DAY) for number in range(4)]

    assert ["S-1", "S-2", "S-3", "S-1"] == weeks
    assert "S-1" == WEEKS.on_duty(NINE - 99 * DAY)


def test_a_layer_has_hours() -> None:
    """At night the night layer is asked too, past midnight as well; by day nobody of it is there."""
    at = {hour: ROSTER.on_duty(NINE.replace(hour=hour)) for hour in (7, 8, 17, 18)}

    assert (("fitters", "S-1"), ("night", "S-4")) == at[18] == at[7]
    assert (("fitters", "S-1"),) == at[8] == at[17]
    assert ("S-1",) == ROSTER.available(("S-4", "S-1"), NINE)
    assert () == ROSTER.available(("S-4", "S-5"), NINE)


def test_whoever_is_on_duty_answers_for_the_rotation() -> None:
    """Asked for somebody whose turn it is not, the roster gives the one whose turn it is; others are as they are."""
    assert ("S-1", "S-8") == ROSTER.available(("S-8", "S-3"), NINE)


def test_two_may_swap_their_turns() -> None:
    """Two of a rotation stand in for each other: each is asked in the other's turn."""
    swap = (stands_in("S-1", "S-2", until=NINE + 99 * DAY), stands_in("S-2", "S-1", until=NINE + 99 * DAY))
    roster = OnCall(layers=ROSTER.layers, overrides=swap)

    assert () == tuple(roster.validate())
    assert [("S-2",), ("S-1",)] == [roster.available(WEEKS.people, NINE + by) for by in (HOUR, 7 * DAY + HOUR)]


def test_somebody_stands_in_for_who_keeps_no_roster() -> None:
    """An override needs no rotation."""
    roster = OnCall(overrides=(stands_in("S-7", "S-6"),))

    assert [("S-7",), ("S-6",)] == [roster.available(("S-6",), NINE + by) for by in (HOUR, DAY)]


def test_a_moment_without_a_zone_is_refused() -> None:
    """Nobody can say who is on duty at nine o'clock somewhere."""
    with pytest.raises(InputError, match="Expected a date and time with its zone"):
        ROSTER.available(("S-1",), NINE.replace(tzinfo=None))


def test_a_roster_reads_as_it_was_written() -> None:
    """TOML and JSON keep it whole."""
    roster = OnCall(layers=ROSTER.layers, overrides=(stands_in(),))

    assert roster == OnCall.from_toml(roster.to_toml()) == OnCall.from_json(roster.to_json())


WEEK = '{ people = ["S-1", "S-2"], handover = "09:00", zone = "Asia/Shanghai", since = "2026-03-02" }'
LAYER = f'[[layers]]\nid = "a"\nrotation = {WEEK}\n'
STAND_IN = (
    '[[overrides]]\nwho = "S-7"\ninstead_of = "S-1"\nreason = "ill"\n'
    "since = 2026-03-02T09:00:00+08:00\nuntil = 2026-03-03T09:00:00+08:00\n"
)


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (LAYER + LAYER, "$.layers[1].id", "Expected each layer once; 'a' stands there again"),
        (LAYER.replace('["S-1", "S-2"]', "[]"), "$.layers[0].rotation.people", "Expected one or more people"),
        (LAYER.replace('"S-2"', '"S-1"'), "$.layers[0].rotation.people[1]", "Expected each once"),
        (LAYER.replace('"S-2"', '" "'), "$.layers[0].rotation.people[1]", "Expected an id"),
        (LAYER.replace("Asia/Shanghai", "Asia/Nowhere"), "$.layers[0].rotation.zone", "IANA zone"),
        (LAYER.replace("Asia/Shanghai", "../etc"), "$.layers[0].rotation.zone", "IANA zone"),
        (LAYER.replace(" }", ', period = "PT36H" }'), "$.layers[0].rotation.period", "Expected whole days"),
        (LAYER.replace(" }", ', period = "PT0S" }'), "$.layers[0].rotation.period", "Expected whole days"),
        (LAYER.replace("09:00", "09:00:00.5"), "$.layers[0].rotation.handover", "Expected whole seconds"),
        (LAYER.replace("2026-03-02", "9999-03-02"), "$.layers[0].rotation.since", "Expected a year"),
        (LAYER.replace('id = "a"', 'id = " a"'), "$.layers[0].id", "Expected an id"),
        (LAYER + 'during = "18:00-18:00"\n', "$.layers[0].during", "Expected opening and closing times that differ"),
        (STAND_IN.replace("S-7", "S-1"), "$.overrides[0].who", "nobody stands in for themselves"),
        (STAND_IN.replace("2026-03-03", "2026-03-02"), "$.overrides[0].until", "Expected a moment after `since`"),
        (STAND_IN.replace("+08:00", ""), "$.overrides[0].since", "with its offset"),
        (STAND_IN.replace('"ill"', '""'), "$.overrides[0].reason", "Expected an id"),
        (STAND_IN + STAND_IN.replace("S-7", "S-8"), "$.overrides[1]", "so does $.overrides[0] for a while"),
        (
            STAND_IN + STAND_IN.replace("S-1", "S-9").replace("S-7", "S-1"),
            "$.overrides[1]",
            "who stands in is stood in for",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, path: str, message: str) -> None:
    """A roster that contradicts itself is refused where it does."""
    with pytest.raises(DecodeError) as caught:
        OnCall.from_toml('schema = "oncall.roster/1"\n' + text)

    found = {problem.path: problem.message for problem in caught.value.problems}
    assert message in found[path]


def test_stand_ins_one_after_the_other_are_no_contradiction() -> None:
    """One may stand in until noon, and another from noon on."""
    noon = NINE + 3 * HOUR
    later = stands_in("S-1", "S-9", since=noon + DAY, until=noon + 2 * DAY)
    roster = OnCall(overrides=(stands_in(until=noon), stands_in("S-8", since=noon), later))

    assert () == tuple(roster.validate())
    assert [("S-7",), ("S-8",)] == [roster.available(("S-1",), noon + by) for by in (-HOUR, 0 * HOUR)]
