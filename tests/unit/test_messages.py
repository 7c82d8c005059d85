"""Actors, commands, events and outcomes."""

from __future__ import annotations

import datetime as dt
import inspect

import attrs
import pytest

from branchkit.messages import Actor, Command, Event, FollowUpRefused, Outcome
from branchkit.values import FrozenMap

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@attrs.frozen
class Knock(Command):
    KIND = "knock"


@attrs.frozen
class Rung(Event):
    KIND = "rung"


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


@pytest.mark.parametrize(
    ("acting_for", "paths"),
    [(None, []), ("S-2", []), ("S-1", ["$.acting_for"]), (" x", ["$.acting_for"]), ("", ["$.acting_for"])],
)
def test_a_delegate_acts_for_somebody_else(acting_for: str | None, paths: list[str]) -> None:
    """Who is acted for has an identifier and is not who acts."""
    assert paths == [problem.path for problem in Actor("S-1", acting_for=acting_for).validate()]


def test_everything_wrong_with_an_actor_is_told() -> None:
    """Both ids are judged."""
    assert ["$.id", "$.acting_for"] == [problem.path for problem in Actor("", acting_for=" ").validate()]


def test_a_deed_is_of_whoever_acts_and_is_acted_for() -> None:
    """A delegate's deed is the delegate's and the other person's."""
    assert (("S-1",), ("S-1", "S-2")) == (Actor("S-1").persons, Actor("S-1", acting_for="S-2").persons)


def test_an_actor_is_a_person_unless_it_says_otherwise() -> None:
    """Posts, systems and delegates are named; without them an actor is a person without a post."""
    with pytest.raises(TypeError):
        Actor("S-1", ("teller",))  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError):
        Actor("S-1", True)  # type: ignore[call-arg]  # wrong on purpose
    assert ((), False, None) == ((one := Actor("S-1")).posts, one.system, one.acting_for)


def test_commands_and_outcomes_take_names_only() -> None:
    """Who asks and when are not told apart by their order, nor are two numbers."""
    with pytest.raises(TypeError):
        Knock(Actor("S-1"), NOON)  # type: ignore[misc]  # wrong on purpose
    with pytest.raises(TypeError):
        Outcome("c")  # type: ignore[call-arg]  # wrong on purpose


def test_messages_are_frozen_values() -> None:
    """A command, an event and an outcome equal one with the same content and do not change."""
    for build in (lambda: Knock(by=Actor("S-1"), at=NOON), Rung, lambda: Outcome(command="c")):
        one = build()

        assert (one, hash(one)) == (build(), hash(build()))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            one.command = "d"  # type: ignore[misc, union-attr]  # wrong on purpose


def test_an_outcome_that_changed_nothing_has_no_number() -> None:
    """An outcome begins without events, without a number and without details."""
    assert ((), None, False, FrozenMap()) == (
        (empty := Outcome(command="c")).events,
        empty.seq,
        empty.repeated,
        empty.details,
    )


@pytest.mark.parametrize("kind", [Command, Event, FollowUpRefused, Outcome])
def test_every_message_takes_names_only_and_is_frozen(kind: type) -> None:
    """Fields have names, in a class and in those that derive from it, and nobody changes them."""
    parameters = inspect.signature(kind).parameters.values()

    assert {one.KEYWORD_ONLY for one in parameters} == {one.kind for one in parameters}
    assert "__attrs_attrs__" in vars(kind)
