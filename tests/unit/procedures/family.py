"""What the tests of procedures share: short ways to write stages and to ask for something."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from branchkit.errors import Refused
from branchkit.estate import ByPost
from branchkit.messages import Actor
from branchkit.procedures import (
    Case,
    CaseCommand,
    CaseFacts,
    CaseOutcome,
    CompleteStage,
    OpenCase,
    Procedure,
    Stage,
    Transition,
    evolve,
    handle,
)
from branchkit.values import FrozenMap, Text

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
T = Text(zh="文", en="words")
DESK, HEAD, ENGINEER = ByPost(post="desk"), ByPost(post="head"), ByPost(post="engineer")
CLERK = Actor("S-1", posts=("desk",))
FITTER = Actor("S-2", posts=("engineer",))
CHIEF = Actor("S-3", posts=("head",))
NOBODY = Actor("S-9")


def way(name: str, *to: str, **settings: Any) -> Transition:
    return Transition(name, title=T, to=to, **settings)


def ends(name: str = "done", code: str = "solved", **settings: Any) -> Transition:
    return Transition(name, title=T, ends=code, **settings)


def stage(name: str, *ways: Transition, **settings: Any) -> Stage:
    return Stage(name, **{"title": T, "actors": (DESK,), "transitions": ways, **settings})


def procedure(*stages: Stage, **settings: Any) -> Procedure:
    codes = dict.fromkeys(one.ends for s in stages for one in s.transitions if one.ends)
    given: dict[str, Any] = {
        "version": "1",
        "title": T,
        "starts": (stages[0].id,),
        "opens": (DESK,),
        "manages": (HEAD,),
        "outcomes": tuple(CaseOutcome(code, title=T) for code in codes),
        "stages": stages,
    }
    return Procedure("fault", **{**given, **settings})


def opening(by: Actor = CLERK, at: dt.datetime = AT, **settings: Any) -> OpenCase:
    given: dict[str, Any] = {"procedure": "fault", "branch": "B-1", **settings}
    given = {key: FrozenMap(value) if isinstance(value, dict) else value for key, value in given.items()}
    return OpenCase("C-1", by=by, at=at, **given)


def completing(name: str, by: Actor = CLERK, way: str = "done", at: dt.datetime = AT, **settings: Any) -> CompleteStage:
    settings = {key: FrozenMap(value) if isinstance(value, dict) else value for key, value in settings.items()}
    return CompleteStage("C-1", name, way, by=by, at=at, **settings)


def run(of: Procedure, *commands: CaseCommand, case: Case | None = None, facts: CaseFacts | None = None) -> Case:
    for command in commands:
        for event in handle(of, case, command, facts or CaseFacts()):
            case = evolve(case, event)
    assert case is not None
    return case


def refused(of: Procedure, case: Case | None, command: CaseCommand, facts: CaseFacts | None = None) -> list[str]:
    with pytest.raises(Refused) as caught:
        handle(of, case, command, facts or CaseFacts())
    return [one.code for one in caught.value.refusals]
