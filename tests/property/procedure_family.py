"""Small procedures drawn at random, sound ones and broken ones, and an explorer that walks through all they can do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs
from hypothesis import strategies as st

from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.errors import Refused
from branchkit.estate import ActorSpec, ByPost, ByRole
from branchkit.messages import Actor
from branchkit.procedures import (
    Case,
    CaseOutcome,
    CompleteStage,
    OpenCase,
    Procedure,
    Reason,
    RoleSpec,
    Separation,
    Signatures,
    Stage,
    StageStatus,
    Transition,
    Waiver,
    evolve,
)
from branchkit.procedures.facts import NO_FACTS
from branchkit.procedures.opening import open_case
from branchkit.procedures.prepared import prepare
from branchkit.procedures.staging import complete
from branchkit.temporal import After, ClockSpec
from branchkit.values import FrozenMap, Text

T = Text(zh="文", en="words")
AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
POSTS = ("desk", "engineer", "head")
EVERYBODY = Actor("S-0", posts=POSTS)
OK = Compare("ok", Op.EQ, True)
NOT_OK = Compare("ok", Op.EQ, False)
MAJOR = Compare("grade", Op.EQ, "major")
FACTS = (FactSpec("ok", FactType.BOOL), FactSpec("grade", FactType.CODE, choices=("general", "major")))


@st.composite
def procedures(draw: st.DrawFn, *, plain: bool = False) -> Procedure:
    """Draw a sound procedure of at most five stages; a plain one has no signatures, roles, separations, withdrawals."""
    count = draw(st.integers(1, 5))
    names = draw(st.permutations([f"s{at}" for at in range(count)]))
    optional = [at > 0 and draw(st.integers(0, 4)) == 0 for at in range(count)]
    ways = [_ways(draw, at, names, optional, plain) for at in range(count)]
    led_to = {name for several in ways for one in several for name in one.to}
    starts = tuple(name for name in names if name == names[0] or name not in led_to)
    before = _before(names, ways)
    for at in range(count):
        back = sorted(
            name for name in {*before[names[at]], names[at]} if optional[at] or not optional[names.index(name)]
        )
        if draw(st.integers(0, 2)) == 0:
            ways[at].append(Transition("back", title=T, to=(draw(st.sampled_from(back)),), returns=True))
    again = _after(names, ways, [to for several in ways for one in several if one.returns for to in one.to])
    firm = [name for name, free in zip(names, optional, strict=True) if not free]
    stages = [
        _stage(draw, at, names, ways[at], optional[at], [name for name in firm if names.index(name) < at], again, plain)
        for at in range(count)
    ]
    return _whole(draw, stages, starts, plain)


def _ways(draw: st.DrawFn, at: int, names: list[str], optional: list[bool], plain: bool) -> list[Transition]:
    guarded = draw(st.booleans())
    found: list[Transition] = []
    for number, when in enumerate((OK, NOT_OK) if guarded else (None,)):
        later = range(at + 1, len(names))
        to = tuple(names[other] for other in later if draw(st.booleans()))
        carries = optional[at] or any(not optional[names.index(name)] for name in to)
        ends = None if to and carries else draw(st.sampled_from(("solved", "dropped")))
        found.append(
            Transition(
                f"t{number}",
                title=T,
                to=() if ends else to,
                ends=ends,
                when=when,
                withdraws=ends == "dropped" and not plain and draw(st.booleans()),
            )
        )
    return found


def _before(names: list[str], ways: list[list[Transition]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in names}
    for at, name in enumerate(names):
        for one in ways[at]:
            for to in one.to:
                found[to] |= {name, *found[name]}
    return found


def _after(names: list[str], ways: list[list[Transition]], roots: list[str]) -> set[str]:
    found = set(roots)
    for at, name in enumerate(names):
        if name in found:
            found |= {to for one in ways[at] if not one.returns for to in one.to}
    return found


def _stage(
    draw: st.DrawFn,
    at: int,
    names: list[str],
    ways: list[Transition],
    optional: bool,
    earlier: list[str],
    again: set[str],
    plain: bool,
) -> Stage:
    onward = [one for one in ways if not one.returns]
    free = [one for one in onward if one.when is None]
    left_undone = bool(free) and draw(st.integers(0, 2)) == 0
    waived = left_undone and not plain and draw(st.booleans())
    signatures = None
    if not plain and draw(st.integers(0, 3)) == 0:
        mode = draw(st.sampled_from(("joint", "approval")))
        signatures = Signatures(count=2, mode=mode, actors=(ByPost(post="head"), ByPost(post="desk")))
    actors: tuple[ActorSpec, ...] = tuple(ByPost(post=post) for post in POSTS if draw(st.booleans()) or post == "desk")
    if not plain and at and draw(st.integers(0, 4)) == 0:
        actors = (ByRole(role="owner"), ByPost(post="head"))
    name = names[at]
    return Stage(
        name,
        title=T,
        actors=actors,
        transitions=tuple(ways),
        needs=tuple(other for other in earlier if draw(st.integers(0, 3)) == 0),
        when=MAJOR if left_undone and not waived else None,
        optional=optional,
        onward=free[0].id if left_undone and len(onward) > 1 else None,
        waiver=Waiver(actors=(ByPost(post="head"),)) if waived else None,
        attempts=draw(st.integers(1, 2)) if name in again and draw(st.booleans()) else None,
        signatures=signatures,
        assigns=FrozenMap({"owner": "actor"}) if not plain and at == 0 else FrozenMap(),
        clocks=(_clock(f"c-{name}"),) if draw(st.booleans()) else (),
    )


def _clock(name: str) -> ClockSpec:
    return ClockSpec(name, title=T, deadline=After(time=dt.timedelta(minutes=30)), pauses_on=("customer",))


def _whole(draw: st.DrawFn, stages: list[Stage], starts: tuple[str, ...], plain: bool) -> Procedure:
    used = {one.ends for stage in stages for one in stage.transitions if one.ends}
    duties = [f"stage:{stage.id}" for stage in stages]
    duties += [f"sign:{s.id}" for s in stages if s.signatures is not None and s.signatures.mode == "approval"]
    apart = draw(st.lists(st.sampled_from([*duties, "open"]), min_size=2, max_size=3, unique=True))
    clocks = (_clock("whole"),)
    return Procedure(
        "drawn",
        version="1",
        title=T,
        starts=starts,
        stages=tuple(stages),
        opens=(ByPost(post="desk"),),
        manages=(ByPost(post="head"),),
        outcomes=tuple(CaseOutcome(code, title=T) for code in ("solved", "dropped") if code in used),
        facts=FACTS,
        roles=() if plain else (RoleSpec("owner", title=T),),
        clocks=clocks,
        pause_reasons=(Reason("customer", title=T),),
        priorities=() if plain else ("high", "low"),
        separations=(Separation("apart", title=T, duties=tuple(apart)),) if not plain and draw(st.booleans()) else (),
    )


@st.composite
def broken(draw: st.DrawFn) -> Procedure:
    """Draw a plain procedure and, mostly, take something from it that a case may need to come to its end."""
    procedure = draw(procedures(plain=True))
    at = draw(st.integers(0, len(procedure.stages) - 1))
    stages = list(procedure.stages)
    match draw(st.sampled_from(("nothing", "guard", "onward", "ends"))):
        case "guard" if stages[at].transitions[0].when is not None:
            # One that leads nowhere else, so that every stage still has a way to it.
            ends = [one for one in stages[at].transitions if one.ends and one.when is not None][:1]
            stages[at] = attrs.evolve(
                stages[at], transitions=tuple(one for one in stages[at].transitions if one not in ends)
            )
        case "onward" if not stages[at].optional:
            back = {"to": (stages[at].id,), "ends": None, "withdraws": False, "returns": True}
            stages[at] = attrs.evolve(
                stages[at], transitions=tuple(attrs.evolve(one, **back) for one in stages[at].transitions)
            )
        case "ends":
            stages = [
                attrs.evolve(
                    stage,
                    transitions=tuple(attrs.evolve(one, ends=None, withdraws=False) for one in stage.transitions),
                )
                for stage in stages
            ]
        case _:
            pass
    used = {one.ends for stage in stages for one in stage.transitions}
    outcomes = tuple(outcome for outcome in procedure.outcomes if outcome.code in used)
    return attrs.evolve(procedure, stages=tuple(stages), outcomes=outcomes)


def mirrored(procedure: Procedure) -> Procedure:
    """Return the procedure with everything whose order decides nothing listed the other way round."""
    return attrs.evolve(
        procedure,
        stages=tuple(
            attrs.evolve(stage, needs=stage.needs[::-1], actors=stage.actors[::-1]) for stage in procedure.stages[::-1]
        ),
        starts=procedure.starts[::-1],
        clocks=procedure.clocks[::-1],
    )


# -- the explorer


def finds_dead_end(procedure: Procedure) -> bool:
    """Walk through everything that somebody with every right can do, and say whether a case can get stuck.

    What a case is about (its grade) is told as it opens; what comes out of a stage (whether it is ok) anew each time.

    Stuck is a case that is open and in which, for some facts, an open stage cannot be left; one from which no end can
    be reached; and one that ends as nothing.
    """
    prepared = prepare(procedure)
    ahead: dict[Any, set[Any]] = {}
    ended: set[Any] = set()
    frontier: list[Case] = []
    for facts in _assignments():
        opening = OpenCase("C", procedure="drawn", branch="B", facts=facts, by=EVERYBODY, at=AT)
        frontier.append(_fold(None, open_case(prepared, None, opening, NO_FACTS)))
    while frontier:
        case = frontier.pop()
        key = _key(procedure, case)
        if key in ahead:
            continue
        ahead[key] = set()
        if case.status == "closed":
            if case.outcome is None:
                return True
            ended.add(key)
            continue
        if not case.open_stages:
            return True
        for name in case.open_stages:
            for ok in (True, False):
                nexts = list(_nexts(prepared, case, name, FrozenMap({"ok": ok})))
                if not nexts:
                    return True
                ahead[key] |= {_key(procedure, one) for one in nexts}
                frontier += nexts
    return not _all_reach(ahead, ended)


def _assignments() -> Iterator[FrozenMap[Any]]:
    for ok in (True, False):
        for grade in ("general", "major"):
            yield FrozenMap({"ok": ok, "grade": grade})


def _nexts(prepared: Any, case: Case, stage: str, facts: FrozenMap[Any]) -> Iterator[Case]:
    for way in prepared.steps[stage].ways:
        command = CompleteStage("C", stage, way, facts=facts, by=EVERYBODY, at=AT)
        try:
            events = complete(prepared, case, command, NO_FACTS)
        except Refused:
            continue
        yield _fold(case, events)


def _fold(case: Case | None, events: tuple[Any, ...]) -> Case:
    for event in events:
        case = evolve(case, event)
    assert case is not None
    return case


def _key(procedure: Procedure, case: Case) -> Any:
    """Return what decides how a case can go on."""
    limits = {stage.id: stage.attempts for stage in procedure.stages}
    return (
        case.status,
        case.outcome,
        frozenset(
            (name, state.status if state.status.is_active else StageStatus.DONE, min(state.entry, limits[name] or 1))
            for name, state in case.stages.items()
        ),
    )


def _all_reach(ahead: dict[Any, set[Any]], ended: set[Any]) -> bool:
    reaching = set(ended)
    while True:
        more = {key for key, nexts in ahead.items() if key not in reaching and not nexts.isdisjoint(reaching)}
        if not more:
            return len(reaching) == len(ahead)
        reaching |= more
