"""How long a step of a case takes, in memory and read back from a store, what a case weighs, and what a sweep costs.

A step of ours looks at who may act, evaluates a guard, keeps duties apart, stops and starts clocks and says all of it
in an event; a step of the peers takes a transition with a guard, but for SpiffWorkflow's, which has none. Sweeps fire
one rung of each case that is due, among few rows and among many.
"""

from __future__ import annotations

import datetime as dt
import functools
import gc
import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import attrs
from harness import BYTE, SECOND, Bar, Contender, Figure, main, take_turns

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.codec import canonical_json, structure, unstructure
from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.escalation import AfterDue, EscalationLadder, Repeat, Rung
from branchkit.estate import Branch, ByPost, Post, RegisterBranch, StaffMember
from branchkit.kit import Kit, RuleBook, default_grants, load_plugins
from branchkit.messages import Actor
from branchkit.procedures import (
    Case,
    CaseFacts,
    CaseOutcome,
    CompleteStage,
    OpenCase,
    Procedure,
    Separation,
    Stage,
    Transition,
    evolve,
    handle,
)
from branchkit.storage import open_sqlite
from branchkit.temporal import After, ClockSpec
from branchkit.values import FrozenMap, Text

Run = Callable[[], object]
Role = Literal["ours", "floor", "peer"]

_WORDS = Text(zh="文", en="words")
_AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
_MINUTE = dt.timedelta(minutes=1)
_DESK, _ENGINEER = ByPost(post="fault_desk"), ByPost(post="engineer")
_CLERK, _FITTER = Actor("S-1", posts=("fault_desk",)), Actor("S-2", posts=("engineer",))
_OK = FrozenMap({"ok": True})


def fault(**more: Any) -> Procedure:
    """Return a fault in three stages that may come back: guarded, clocked, and nobody confirms their own repair."""
    ok = Compare("ok", Op.EQ, True)
    hour = After(time=60 * _MINUTE)

    def stage(name: str, actor: ByPost, *ways: Transition) -> Stage:
        clock = ClockSpec(f"{name}-time", title=_WORDS, deadline=hour)
        return Stage(name, title=_WORDS, actors=(actor,), transitions=ways, clocks=(clock,))

    return Procedure(
        "bench.fault",
        version="1",
        title=_WORDS,
        starts=("receive",),
        opens=(_DESK,),
        outcomes=(CaseOutcome("solved", title=_WORDS),),
        facts=(FactSpec("ok", FactType.BOOL),),
        clocks=(ClockSpec("whole", title=_WORDS, deadline=hour),),
        stages=(
            stage("receive", _DESK, Transition("take", title=_WORDS, to=("repair",))),
            stage(
                "repair",
                _ENGINEER,
                Transition("done", title=_WORDS, to=("confirm",), when=ok),
                Transition("back", title=_WORDS, to=("receive",), returns=True),
            ),
            stage(
                "confirm",
                _DESK,
                Transition("close", title=_WORDS, ends="solved"),
                Transition("again", title=_WORDS, to=("repair",), returns=True),
            ),
        ),
        separations=(Separation("own-work", title=_WORDS, duties=("stage:repair", "stage:confirm")),),
        **more,
    )


_STEPS = (("receive", "take", _CLERK), ("repair", "done", _FITTER), ("confirm", "again", _CLERK))


def command(at: int, number: int) -> CompleteStage:
    """Return one command on a case."""
    stage, way, who = _STEPS[number]
    return CompleteStage("C-1", stage, way, by=who, at=_AT + at * _MINUTE)


def stepping(procedure: Procedure, facts: CaseFacts, case: Case, asked: CompleteStage) -> Case:
    """Decide a command on a case, and let happen what it leads to."""
    for event in handle(procedure, case, asked, facts):
        case = evolve(case, event)
    return case


def after_steps(procedure: Procedure, count: int) -> Case:
    """Return a case after so many steps."""
    facts, case = CaseFacts(), None
    opening = OpenCase("C-1", procedure=procedure.id, branch="B-1", facts=_OK, by=_CLERK, at=_AT)
    for event in handle(procedure, case, opening, facts):
        case = evolve(case, event)
    assert case is not None
    for number in range(count):
        case = stepping(procedure, facts, case, command(number, number if number < 2 else 2 - number % 2))
    return case


def ours() -> Run:
    """Return one step from the repair to its confirmation, for a command that the caller has."""
    procedure, facts, asked = fault(), CaseFacts(), command(9, 1)
    case = after_steps(procedure, 1)
    return lambda: stepping(procedure, facts, case, asked)


def ours_asking() -> Run:
    """Return the same with the command made each time."""
    procedure, facts = fault(), CaseFacts()
    case = after_steps(procedure, 1)
    return lambda: stepping(procedure, facts, case, command(9, 1))


def ours_stored() -> Run:
    """Return the same on a case that is read from its canonical text, as the store gives it."""
    procedure, facts, asked = fault(), CaseFacts(), command(9, 1)
    text = canonical_json(unstructure(after_steps(procedure, 1))).decode()

    def run() -> Case:
        return stepping(procedure, facts, structure(Case, json.loads(text)), asked)

    return run


@attrs.frozen
class _Entry:
    at: dt.datetime
    by: str
    way: str
    to: str


@attrs.frozen
class _Plain:
    id: str
    state: str
    history: tuple[_Entry, ...]


_WAYS = {("receive", "take"): "repair", ("repair", "done"): "confirm", ("confirm", "again"): "repair"}


def by_hand() -> Run:
    """Return a step written by hand: a frozen case with its history."""
    first = _Plain("C-1", "repair", (_Entry(_AT, "S-1", "take", "repair"),))

    def run() -> _Plain:
        to = _WAYS[first.state, "done"]
        entry = _Entry(_AT, "S-2", "done", to)
        return attrs.evolve(first, state=to, history=(*first.history, entry))

    return run


# -- peers


@functools.cache
def with_transitions() -> Any:
    """Return a machine of `transitions` for any number of models, and the class of a model; ``None`` without it."""
    try:
        from transitions import Machine
    except ImportError:
        sys.stderr.write("transitions: not installed, left out\n")
        return None

    class Model:
        def __init__(self) -> None:
            self.ok = True

        def is_ok(self) -> bool:
            return self.ok

    ways = [
        {"trigger": "take", "source": "receive", "dest": "repair"},
        {"trigger": "done", "source": "repair", "dest": "confirm", "conditions": "is_ok"},
        {"trigger": "again", "source": "confirm", "dest": "repair", "conditions": "is_ok"},
    ]
    machine = Machine(model=None, states=["receive", "repair", "confirm"], transitions=ways, initial="receive",
                      auto_transitions=False)  # fmt: skip
    return machine, Model


def transitions_step() -> Run | None:
    """Return two steps of `transitions`, there and back."""
    if (found := with_transitions()) is None:
        return None
    machine, model_class = found
    model = model_class()
    machine.add_model(model, initial="repair")

    def run() -> None:
        model.done()
        model.again()

    return run


def transitions_stored() -> Run | None:
    """Return a step on a model that is read from JSON."""
    if (found := with_transitions()) is None:
        return None
    machine, model_class = found
    text = json.dumps({"id": "C-1", "state": "repair", "ok": True})

    def run() -> None:
        plain = json.loads(text)
        model = model_class()
        model.ok = plain["ok"]
        machine.add_model(model, initial=plain["state"])
        model.done()
        machine.remove_model(model)

    return run


@functools.cache
def machine_class() -> Any:
    """Return a class of python-statemachine; ``None`` without it."""
    try:
        from statemachine import State, StateMachine
    except ImportError:
        sys.stderr.write("python-statemachine: not installed, left out\n")
        return None

    class Fault(StateMachine):
        receive = State(initial=True)
        repair = State()
        confirm = State()
        take = receive.to(repair)
        done = repair.to(confirm, cond="is_ok")
        again = confirm.to(repair, cond="is_ok")

        def is_ok(self) -> bool:
            return True

    return Fault


def statemachine_step() -> Run | None:
    """Return two steps of python-statemachine."""
    if (cls := machine_class()) is None:
        return None
    machine = cls()
    machine.send("take")

    def run() -> None:
        machine.send("done")
        machine.send("again")

    return run


def statemachine_stored() -> Run | None:
    """Return a step on a machine that is made for a stored state."""
    if (cls := machine_class()) is None:
        return None
    text = json.dumps({"state": "repair"})

    def run() -> None:
        cls(start_value=json.loads(text)["state"]).send("done")

    return run


_LONG = 60
_READY = 16
"""SpiffWorkflow's number for a task that can be done."""


@functools.cache
def spiff() -> Any:
    """Return a spec of SpiffWorkflow with many steps in a row, and its class of workflows; ``None`` without it."""
    try:
        from SpiffWorkflow.specs.Simple import Simple
        from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec
        from SpiffWorkflow.workflow import Workflow
    except ImportError:
        sys.stderr.write("SpiffWorkflow: not installed, left out\n")
        return None
    spec = WorkflowSpec(name="fault", addstart=True)
    last = spec.start
    for number in range(_LONG):
        step = Simple(spec, f"step-{number}", manual=True)
        last.connect(step)
        last = step
    return spec, Workflow


def spiff_step() -> Run | None:
    """Return one case of SpiffWorkflow from its first step to its last."""
    if (found := spiff()) is None:
        return None
    spec, workflow_class = found

    def run() -> None:
        workflow = workflow_class(spec)
        count = 0
        while not workflow.is_completed():
            for task in workflow.get_tasks(state=_READY):
                task.run()
                count += 1
        assert count >= _LONG

    return run


def _figure(
    work: str, unit: str, rows: dict[str, tuple[Role, Run | None, int]], bars: dict[str, float], rounds: int
) -> Figure:
    """Measure contenders whose calls do different numbers of units."""
    present = {name: (role, run, units) for name, (role, run, units) in rows.items() if run is not None}
    times = take_turns({name: run for name, (_, run, _) in present.items()}, rounds=rounds, clock=time.process_time)
    contenders = tuple(Contender(name, role, times[name] / units) for name, (role, _, units) in present.items())
    found = tuple(Bar("branchkit", name, most) for name, most in bars.items() if name in present or name == SECOND)
    return Figure(work=work, unit=unit, contenders=contenders, bars=found)


def steps(rounds: int) -> Iterator[Figure]:
    """Yield a step in memory and a step on a stored case."""
    yield _figure(
        "advance a case one stage",
        "step",
        {
            "branchkit": ("ours", ours(), 1),
            "branchkit, its command made as well": ("ours", ours_asking(), 1),
            "frozen attrs with history": ("floor", by_hand(), 1),
            "transitions": ("peer", transitions_step(), 2),
            "SpiffWorkflow": ("peer", spiff_step(), _LONG),
            "python-statemachine": ("peer", statemachine_step(), 2),
        },
        {"transitions": 0.5, "SpiffWorkflow": 1 / 20, "python-statemachine": 1 / 30},
        rounds,
    )
    yield _figure(
        "one step on a case read back from the store",
        "step",
        {
            "branchkit": ("ours", ours_stored(), 1),
            "transitions": ("peer", transitions_stored(), 1),
            "python-statemachine": ("peer", statemachine_stored(), 1),
        },
        {SECOND: 15e-6},
        rounds,
    )


# -- memory


def weights(count: int) -> Figure:
    """Return what one of many live cases weighs that has taken four steps."""
    procedure = fault()
    text = canonical_json(unstructure(after_steps(procedure, 4)))
    ours = "branchkit, a case of four steps"
    entries = range(4)
    makers: dict[str, tuple[Role, Run]] = {
        ours: ("ours", lambda: after_steps(procedure, 4)),
        "branchkit, read back from its text": ("ours", lambda: structure(Case, json.loads(text))),
        "frozen attrs with history": (
            "floor",
            lambda: _Plain("C", "repair", tuple(_Entry(_AT, "S-1", "t", "u") for _ in entries)),
        ),
    }
    if (found := with_transitions()) is not None:
        machine, model_class = found

        def add() -> object:
            model = model_class()
            machine.add_model(model, initial="repair")
            return model

        makers["transitions, no history"] = "peer", add
    if (cls := machine_class()) is not None:
        makers["python-statemachine, no history"] = "peer", cls
    if (workflows := spiff()) is not None:
        makers[f"SpiffWorkflow, {_LONG} steps ahead"] = "peer", lambda: workflows[1](workflows[0])
    contenders = []
    for name, (role, make) in makers.items():
        make()
        gc.collect()
        tracemalloc.start()
        kept = [make() for _ in range(count)]
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        contenders.append(Contender(name, role, size / len(kept)))
    return Figure(
        work="keep a case of four steps in memory",
        unit="case",
        contenders=tuple(contenders),
        bars=(Bar(ours, BYTE, 1_000),),
        of="memory",
    )


# -- sweeps

_DUE = 200
_HOUR = dt.timedelta(hours=1)


def sweeping_rules(folder: Path) -> RuleBook:
    """Return a fault whose ladder fires one rung an hour, for ever."""
    ladder = EscalationLadder(
        "bench.late",
        version="1",
        title=_WORDS,
        acknowledgement="nothing",
        repeat=Repeat(start="late", every=_HOUR),
        rungs=(Rung("late", at=AfterDue(), tell=(ByPost(post="lobby_manager"),), message=_WORDS),),
    )
    procedure = fault(ladders=FrozenMap({"whole": "bench.late"}))
    for path, document in (("procedures/fault", procedure), ("escalation_ladders/late", ladder)):
        file = folder / f"{path}.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(document.to_toml(), encoding="utf-8")
    return RuleBook(Catalog([CatalogRoot("bench", folder)]), load_plugins(entry_points=False))


def waiting_kit(path: Path, rules: RuleBook, count: int) -> Kit:
    """Return a kit in which some cases are due every hour, and so many rows wait for another year."""
    kit = Kit(open_sqlite(path, sync="normal"), rules, grants=default_grants())
    administrator = Actor("S-0", posts=("estate_administrator",))
    staff = {"staff": (StaffMember("S-9"),), "posts": (Post("P-1", kind="lobby_manager", holder="S-9"),)}
    kit.do(RegisterBranch(Branch("B-1", time_zone="Asia/Shanghai", **staff), by=administrator, at=_AT))  # type: ignore[arg-type]
    opening = {"procedure": "bench.fault", "branch": "B-1", "facts": _OK, "by": _CLERK, "at": _AT}
    for _ in kit.do_all(OpenCase(f"C-{number}", **opening) for number in range(_DUE)):  # type: ignore[arg-type]
        continue
    later = _AT + dt.timedelta(days=3650)
    for first in range(0, count - _DUE, 50_000):
        with kit.store.transaction() as tx:
            for number in range(first, min(count - _DUE, first + 50_000)):
                tx.due_set(f"case:W-{number * 7919 % count}", later + number * _MINUTE, {})
    return kit


def sweeps(folder: Path, sizes: tuple[int, ...], rounds: int) -> Iterator[Figure]:
    """Yield finding and sweeping what is due, among few and among many."""
    rules = sweeping_rules(folder)
    kits = {size: waiting_kit(folder / f"{size}.db", rules, size) for size in sizes}

    def finds(kit: Kit) -> Run:
        def run() -> None:
            assert sum(1 for _ in kit.due(_AT + 2 * _HOUR)) == _DUE

        return run

    few, many = (f"among {size:,}" for size in (min(sizes), max(sizes)))
    names = {f"among {size:,}": kit for size, kit in kits.items()}
    times = take_turns({name: finds(kit) for name, kit in names.items()}, units=_DUE, rounds=rounds)
    bars = (Bar(many, few, 1.5),)
    yield Figure(
        work="find what is due",
        unit="case",
        contenders=tuple(Contender(name, "ours", seconds) for name, seconds in times.items()),
        bars=bars,
    )

    def sweeps_on(kit: Kit) -> Run:
        at = _AT + _HOUR

        def run() -> None:
            nonlocal at
            at += _HOUR
            assert sum(len(one.reached) for one in kit.sweep(at)) >= _DUE

        return run

    times = take_turns(
        {name: sweeps_on(kit) for name, kit in names.items()}, units=_DUE, rounds=rounds, clock=time.process_time
    )
    yield Figure(
        work="sweep what is due: fire a rung, tell, re-arm",
        unit="case",
        contenders=tuple(Contender(name, "ours", seconds) for name, seconds in times.items()),
        bars=bars,
    )
    for kit in kits.values():
        kit.close()


def figures(quick: bool) -> Iterator[Figure]:
    """Yield steps, what a case weighs, and sweeps."""
    rounds = 5 if quick else 15
    yield from steps(rounds)
    yield weights(200 if quick else 1000)
    with tempfile.TemporaryDirectory() as name:
        yield from sweeps(Path(name), (1000, 20_000) if quick else (10_000, 1_000_000), rounds)


if __name__ == "__main__":
    main(__doc__, figures)
