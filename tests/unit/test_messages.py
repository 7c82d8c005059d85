"""Actors, commands, events and outcomes."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from branchkit.messages import Actor, Command, Outcome, Refusal
from branchkit.values import FrozenMap

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@attrs.frozen
class Knock(Command):
    KIND = "knock"


def test_a_command_is_told_when_it_happens_unless_it_says_otherwise() -> None:
    """Without `recorded_at` a command was told at the moment it happened."""
    assert NOON == Knock(by=Actor("S-1"), at=NOON).recorded_at


@pytest.mark.parametrize(
    ("at", "recorded_at", "paths"),
    [
        (NOON, NOON, []),
        (NOON, NOON + dt.timedelta(days=9), []),
        (NOON, NOON - dt.timedelta(microseconds=1), ["$.recorded_at"]),
        (NOON, NOON.astimezone(dt.timezone(dt.timedelta(hours=8))), []),
        (NOON.replace(tzinfo=None), NOON, ["$.at"]),
        (NOON.replace(tzinfo=None), NOON.replace(tzinfo=None), ["$.at", "$.recorded_at"]),
    ],
)
def test_times_have_zones_and_an_order(at: dt.datetime, recorded_at: dt.datetime, paths: list[str]) -> None:
    """Both times need a zone, and nothing is told before it happens."""
    command = Knock(by=Actor("S-1"), at=at, recorded_at=recorded_at)

    assert paths == [problem.path for problem in command.validate()]


def test_a_command_names_its_stream() -> None:
    """A class of commands that names no stream says so when it is asked."""
    with pytest.raises(AttributeError, match="Knock names no stream"):
        _ = Knock(by=Actor("S-1"), at=NOON).stream


@pytest.mark.parametrize(
    ("id", "right"), [("S-1", True), ("网点", True), ("", False), (" x", False), ("x" * 201, False)]
)
def test_an_actor_has_an_identifier(id: str, right: bool) -> None:
    """An actor's id is an identifier."""
    assert right == (Actor(id).validate() == ())


def test_a_refusal_shows_its_rules() -> None:
    """A reason is followed by the rules behind it, where there are any."""
    assert ("no", "no (estate:EST-ORG-01)") == (str(Refusal("no")), str(Refusal("no", ("estate:EST-ORG-01",))))


def test_an_outcome_that_changed_nothing_has_no_number() -> None:
    """An outcome begins without events, without a number and without details."""
    assert ((), None, False, FrozenMap()) == (
        (empty := Outcome(command="c")).events,
        empty.seq,
        empty.repeated,
        empty.details,
    )
