"""A house in which clocks are guarded: ladders that wait, repeat and do things, and a fault that they watch."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.codec import Document
from branchkit.escalation import AfterDue, AtShare, EscalationLadder, OpenCaseFor, RaisePriority, Repeat, Rung
from branchkit.estate import (
    ByPost,
    ByRelation,
    BySystem,
    OrgUnit,
    PublishCalendar,
    RegisterBranch,
    RegisterUnit,
)
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.procedures import CaseOutcome, OpenCase, Procedure, Reason, Stage, Transition
from branchkit.temporal import After, ByTarget, ClockSpec, Counting
from branchkit.values import FrozenMap, Text
from tests.unit.kit.test_cases import BRANCH, CALENDAR, CLERK, COMPLAINT, DESK, HOUR, MINUTE, MONDAY, TARGETS

WORDS = Text(zh="文", en="words")
LADDERS_SYSTEM = BySystem(system="branchkit:*")
MANAGER, SUPERIOR = ByPost(post="lobby_manager"), ByRelation(relation="superior_unit")


def telling(id: str, at: Any, **more: Any) -> Rung:
    """Return a rung that tells the lobby manager."""
    return Rung(id, at=at, **{"tell": (MANAGER,), "message": WORDS, **more})


REPLY = EscalationLadder(
    "house.reply",
    version="1",
    title=WORDS,
    acknowledgement="holds",
    hold=HOUR,
    rungs=(
        Rung("half", at=AtShare(share=Decimal("0.5")), record_only=True),
        telling("late", AfterDue(), do=(RaisePriority(to="high"),)),
        telling("later", AfterDue(lag=HOUR), tell=(SUPERIOR,), do=(OpenCaseFor(procedure="house.complaint"),)),
        telling("open", AfterDue(lag=MINUTE), working_hours=True, despite_acknowledgement=True),
    ),
)
REPAIR = EscalationLadder(
    "house.repair",
    version="1",
    title=WORDS,
    acknowledgement="stops",
    repeat=Repeat(start="over", every=2 * HOUR, times=2),
    rungs=(
        telling("middle", AtShare(share=Decimal("0.5"))),
        telling("over", AfterDue(), tell=(SUPERIOR,)),
        telling("nobody", AfterDue(lag=MINUTE), tell=(ByPost(post="nobody"),), if_nobody="wait"),
    ),
)
FAULT = Procedure(
    "house.fault",
    version="1",
    title=WORDS,
    starts=("receive",),
    opens=(ByPost(post="fault_desk"), LADDERS_SYSTEM),
    manages=(ByPost(post="outlet_head"), LADDERS_SYSTEM),
    priorities=("high", "normal"),
    targets="house.targets",
    ladders=FrozenMap({"reply": "house.reply", "repair": "house.repair"}),
    outcomes=(CaseOutcome("solved", title=WORDS),),
    pause_reasons=(Reason("part", title=WORDS),),
    clocks=(
        ClockSpec(
            "reply",
            title=WORDS,
            stops=("stage:receive",),
            deadline=After(time=30 * MINUTE),
            pauses_on=("part",),
        ),
        ClockSpec(
            "repair",
            title=WORDS,
            deadline=ByTarget(output="repair"),
            counting=Counting.BUSINESS,
            pauses_on=("part",),
        ),
    ),
    stages=(
        Stage(
            "receive",
            title=WORDS,
            actors=(ByPost(post="fault_desk"),),
            transitions=(Transition("take", title=WORDS, to=("repair",)),),
        ),
        Stage(
            "repair",
            title=WORDS,
            actors=(ByPost(post="engineer"),),
            transitions=(Transition("done", title=WORDS, ends="solved"),),
        ),
    ),
)
_FOLDERS = {Procedure: "procedures", EscalationLadder: "escalation_ladders"}


def book(*documents: Document) -> RuleBook:
    """Return core's rules with some ladders and procedures, the house's complaint and its targets, and no plug-in."""
    root = Path(tempfile.mkdtemp(prefix="guarded-"))
    texts = {"procedures/complaint": COMPLAINT, "decision_tables/targets": TARGETS}
    for document in documents:
        name = document.id.removeprefix("house.")  # type: ignore[attr-defined]
        texts[f"{_FOLDERS[type(document)]}/{name}"] = document.to_toml()
    for name, text in texts.items():
        path = root / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return RuleBook(Catalog([CatalogRoot("house", root)]), load_plugins(Config(), entry_points=False))


@cache
def rules() -> RuleBook:
    """Return the rules of the guarded house."""
    return book(REPLY, REPAIR, FAULT)


def guarded_kit(store: str = "memory:", rules_: RuleBook | None = None, **more: Any) -> Kit:
    """Return a kit with one branch, the unit above it and its calendar."""
    kit = Kit.open(store, rules=rules_ or rules(), **more)
    when = MONDAY - 24 * HOUR
    kit.do(RegisterUnit(OrgUnit("U-1", level="head_office"), by=CLERK, at=when))
    kit.do(PublishCalendar(CALENDAR, by=CLERK, at=when))
    kit.do(RegisterBranch(BRANCH, by=CLERK, at=when))
    return kit


def open_fault(kit: Kit, case: str = "C-1", at: dt.datetime = MONDAY, by: Actor = DESK, **more: Any) -> None:
    """Open a fault of normal priority."""
    fields = {"procedure": "house.fault", "branch": "B-1", "priority": "normal", "by": by, "at": at, **more}
    kit.do(OpenCase(case, **fields))


def fired(kit: Kit, at: dt.datetime) -> list[str]:
    """Sweep, and return what came of it, each as the rung and its outcome."""
    swept = [event.reached for one in kit.sweep(at) for event in one.reached]
    return [f"{one.rung} {one.outcome.value}" for one in swept]


def with_ladder(ladder: EscalationLadder, **changes: Any) -> EscalationLadder:
    """Return a ladder with some things changed, in a new version."""
    return attrs.evolve(ladder, version="2", **changes)
