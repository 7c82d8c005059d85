"""Asks an escalation policy, and checks what it answers: a plug-in's mistake must not get into a journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from branchkit.errors import BranchkitError, PluginFailed
from branchkit.escalation import Action, EscalationLadder, Reached, RungOutcome
from branchkit.personal import raised
from branchkit.scoring.score import plugin_of
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Text, is_identifier, is_rule_id

if TYPE_CHECKING:
    from branchkit.escalation import EscalationPolicy, Watched

__all__ = ["look_of", "reached_of"]

T = TypeVar("T")
_ACTIONS = get_args(Action)
_GROUPS = (None, "branch", "place")


def look_of(policy: EscalationPolicy, watched: Watched, at: dt.datetime) -> dt.datetime | None:
    """Ask a policy when to look next.

    Raises:
        PluginFailed: it raised something, or answered with what is no moment; names the policy.
    """
    moment = _asked(policy, lambda: policy.next_look(watched, at))
    if moment is not None and not _is_moment(moment):
        raise _failed(policy, f"answered next_look with {_name(moment)}; expected a moment with its zone, or None")
    return moment


def reached_of(policy: EscalationPolicy, watched: Watched, at: dt.datetime) -> tuple[Reached, ...]:
    """Ask a policy what has to happen by a moment.

    Raises:
        PluginFailed: it raised something, or its answer is none; names the policy, the rung and what is wrong.
    """
    decision: Any = _asked(policy, lambda: policy.reached(watched, at))
    if not isinstance(decision, Decision):
        raise _failed(policy, f"answered reached with {_name(decision)}; expected a Decision")
    found: Any = decision.value
    if not isinstance(found, tuple) or not all(isinstance(one, Reached) for one in found):
        raise _failed(policy, "answered reached with a Decision of something else than a tuple of Reached")
    if isinstance(policy, EscalationLadder):
        return found  # What branchkit's own ladder answers is held to the laws; the rest is about other people's code.
    rounds = dict(watched.watch.rounds)
    for one in found:
        wrong = next(_faults(one, at, rounds), None)
        if wrong is not None:
            name = one.rung if isinstance(one.rung, str) else _name(one.rung)
            raise _failed(policy, f"decided the rung {name!r} {wrong}")
        if one.outcome is not RungOutcome.HELD:
            rounds[one.rung] = one.round + 1
    return found


def _asked(policy: EscalationPolicy, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except BranchkitError:
        raise
    except Exception as error:  # noqa: BLE001 - it is told, without its own words
        raise _failed(policy, raised(error)) from None


def _faults(one: Any, at: dt.datetime, rounds: dict[str, int]) -> Iterator[str]:
    """Yield what is wrong with one thing that a policy decided: with its types first, then with what it says."""
    yield from _wrong_types(one)
    if one.round < rounds.get(one.rung, 0):
        yield f"in round {one.round}, which is decided already"
    if one.due > at:
        yield "before its time: `due` lies after the moment that was asked about"
    if one.told and one.outcome is not RungOutcome.FIRED:
        yield f"to tell somebody, and that it is {one.outcome.value}"
    if one.do and one.outcome is not RungOutcome.FIRED:
        yield f"to do something, and that it is {one.outcome.value}"
    if one.told and (one.message is None or not one.message.zh.strip() or not one.message.en.strip()):
        yield "to tell somebody without words in both languages"
    silent = one.outcome not in (RungOutcome.FIRED, RungOutcome.RECORDED)
    if silent and (not one.code or one.why is None):
        yield "that nothing happens, without a code and words that say why"


def _wrong_types(one: Any) -> Iterator[str]:
    rights = (
        ("rung", "an id", _is_id(one.rung)),
        ("round", "a number from 0", type(one.round) is int and one.round >= 0),
        ("due", "a moment with its zone", _is_moment(one.due)),
        ("outcome", "a RungOutcome", isinstance(one.outcome, RungOutcome)),
        ("told", "a tuple of ids, each once", _are_ids(one.told)),
        ("message", "a Text or None", one.message is None or isinstance(one.message, Text)),
        ("do", "a tuple of actions", isinstance(one.do, tuple) and all(isinstance(act, _ACTIONS) for act in one.do)),
        ("assign", "a FrozenMap of ids", isinstance(one.assign, FrozenMap) and all(map(_is_id, one.assign.values()))),
        ("why", "a Text or None", one.why is None or isinstance(one.why, Text)),
        ("code", "a code or None", one.code is None or _is_id(one.code)),
        ("until", "a moment with its zone, or None", one.until is None or _is_moment(one.until)),
        ("rules", "a tuple of rule ids", isinstance(one.rules, tuple) and all(map(_is_rule, one.rules))),
        ("group_by", "'branch', 'place' or None", one.group_by in _GROUPS),
    )
    for field, expected, right in rights:
        if not right:
            yield f"with {_name(getattr(one, field))} as its {field}; expected {expected}"


def _is_moment(value: object) -> bool:
    return isinstance(value, dt.datetime) and value.utcoffset() is not None


def _is_rule(value: object) -> bool:
    return isinstance(value, str) and is_rule_id(value)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and is_identifier(value)


def _are_ids(value: object) -> bool:
    return isinstance(value, tuple) and all(map(_is_id, value)) and len(set(value)) == len(value)


def _name(value: object) -> str:
    return type(value).__name__


def _failed(policy: EscalationPolicy, what: str) -> PluginFailed:
    return PluginFailed(plugin_of(policy.id), f"the escalation policy {policy.id!r} {what}")
