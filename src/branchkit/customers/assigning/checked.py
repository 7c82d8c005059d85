"""Asks an assignment policy, and checks its answer: whoever must not have a thing never gets it, whatever answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import attrs

from branchkit.customers.assigning.pool import AssignmentRequest, Pool, reason_against
from branchkit.customers.assigning.scheme import AssignmentPolicy
from branchkit.errors import BranchkitError, InputError, PluginFailed
from branchkit.personal import raised
from branchkit.scoring.score import plugin_of
from branchkit.trace import Decision, Step
from branchkit.values import FrozenMap, Text

__all__ = ["allocate", "assign_checked", "why_nobody"]

_WORDS = {
    "absent": Text(zh="缺勤", en="absent"),
    "inactive": Text(zh="不在岗", en="inactive"),
    "conflict": Text(zh="有利益冲突", en="conflicted"),
    "post": Text(zh="岗位不符", en="in another post"),
    "skill": Text(zh="技能不符", en="without the skill"),
}


def assign_checked(policy: AssignmentPolicy, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
    """Ask a policy who is given a thing, and check what it answers (customers:FUP-02).

    Where nobody is given it, the trace also counts why nobody may have it.

    Raises:
        InputError: the request is none; with every problem.
        PluginFailed: the policy raised something, or answered with what is no decision, with somebody who is not in
            the pool, or with somebody absent, inactive, conflicted, in another post or without a skill; names the
            policy and what is wrong.
    """
    problems = tuple(request.validate())
    if problems:
        raise InputError(f"request for {request.subject}", problems)
    try:
        decision: Any = policy.assign(request, pool)
    except BranchkitError:
        raise
    except Exception as error:  # noqa: BLE001 - it is told, without its own words
        raise _failed(policy, raised(error)) from None
    if not isinstance(decision, Decision):
        raise _failed(policy, f"answered with {type(decision).__name__}; expected a Decision")
    trace, staff = decision.trace, decision.value
    if (trace.policy, trace.version) != (policy.id, policy.version):
        raise _failed(policy, f"answered with the trace of {trace.policy!r} {trace.version!r}")
    if staff is None:
        told = tuple(_against(code, count) for code, count in why_nobody(request, pool).items())
        return Decision(None, attrs.evolve(trace, steps=(*trace.steps, *told)))
    if not isinstance(staff, str) or staff not in pool:
        raise _failed(policy, "chose somebody who is not in the pool")
    reason = reason_against(pool[staff], request)
    if reason is not None:
        raise _failed(policy, f"chose {staff!r}, who is {_WORDS[reason].en}")
    return Decision(staff, trace)


def why_nobody(request: AssignmentRequest, pool: Pool) -> FrozenMap[int]:
    """Count why people of a pool may not be given a thing, by the codes of `reason_against`; looks at each of them.

    >>> import datetime as dt
    >>> from branchkit.customers.assigning import Candidate
    >>> from branchkit.values import Ref
    >>> lead = AssignmentRequest(subject=Ref("lead", "L-1"), purpose="lead", at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    >>> dict(why_nobody(lead, Pool.of([Candidate("S-1", state="absent"), Candidate("S-2")])))
    {'absent': 1}
    """
    reasons = (reason_against(candidate, request) for candidate in pool)
    counted = Counter(reason for reason in reasons if reason is not None)
    return FrozenMap(dict(sorted(counted.items())))


def allocate(
    policy: AssignmentPolicy, requests: Iterable[AssignmentRequest], pool: Pool
) -> tuple[tuple[Decision[str | None], ...], Pool]:
    """Give several things away, one after the other, each checked; return the decisions and the pool after them.

    Raises:
        InputError, PluginFailed: as `assign_checked`.
    """
    decisions: list[Decision[str | None]] = []
    for request in requests:
        decision = assign_checked(policy, request, pool)
        decisions.append(decision)
        if decision.value is not None:
            pool = pool.assigned(decision.value)
    return tuple(decisions), pool


def _against(code: str, count: int) -> Step:
    words = _WORDS[code]
    return Step(what=Text(zh=f"{count} 人{words.zh}", en=f"{count} {words.en}"))


def _failed(policy: AssignmentPolicy, what: str) -> PluginFailed:
    return PluginFailed(plugin_of(policy.id), f"the assignment policy {policy.id!r} {what}")
