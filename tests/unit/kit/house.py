"""A small house to try the kit in: one checklist, one policy, a branch with two cash machines."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Answer, CloseFinding, Sheet, SubmitSheet
from branchkit.estate import Branch, Equipment, EquipmentState, RegisterBranch, Zone
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.values import Ref

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
CLERK = Actor("C-17", posts=("estate_administrator",))
INSPECTOR = Actor("S-1", posts=("inspector",))
HEAD = Actor("S-2", posts=("outlet_head",))
IMPORTER = Actor("import:test", system=True)
BRANCH = Branch(
    "B-1",
    time_zone="Asia/Shanghai",
    zones=(Zone("Z-1", kind="self_service_zone"),),
    equipment=(
        Equipment("ATM-1", kind="atm", zone="Z-1", state=EquipmentState.IN_SERVICE),
        Equipment("ATM-2", kind="atm", zone="Z-1", state=EquipmentState.IN_SERVICE),
    ),
)
FOLDER = Path(__file__).parent / "catalog"


@cache
def rules() -> RuleBook:
    """Return branchkit's own rules with those of the house, and no plug-in."""
    plugins = load_plugins(entry_points=False)
    return RuleBook(Catalog((CatalogRoot("house", FOLDER),)), plugins, Config())


def open_kit(store: str = "memory:", **more: Any) -> Kit:
    """Open a kit by the rules of the house; keys of personal values are made of their references."""
    more.setdefault("rules", rules())
    more.setdefault("entropy", lambda ref: ref.encode().ljust(32, b".")[:32])
    return Kit.open(store, **more)


def at(hours: float) -> dt.datetime:
    """Return a moment some hours after the start."""
    return START + dt.timedelta(hours=hours)


def register(branch: Branch = BRANCH, *, hours: float = 0, **more: Any) -> RegisterBranch:
    """Return the command that enters a branch."""
    return RegisterBranch(branch, **{"by": CLERK, "at": at(hours), **more})


def sheet(
    id: str,
    hours: float = 1,
    *,
    branch: str = "B-1",
    machines: tuple[str, ...] = ("ATM-1", "ATM-2"),
    **given: Any,
) -> Sheet:
    """Return a sheet of the round; what fails is given as ``floor="fail"`` or ``screens=("ATM-1",)``."""
    screens = given.pop("screens", ())
    answers = [Answer(item, value=given.pop(item, "pass")) for item in ("floor", "lights")]
    answers += [
        Answer("screen", value="fail" if name in screens else "pass", on=(Ref("equipment", name),)) for name in machines
    ]
    if remark := given.pop("remark", None):
        answers.append(Answer("remark", words=remark))
    given.setdefault("answers", tuple(answers))
    return Sheet(id, checklist="house.round", version="1", branch=branch, at=at(hours), by="S-1", **given)


def submit(one: Sheet, **more: Any) -> SubmitSheet:
    """Return the command that hands a sheet in."""
    return SubmitSheet(one, **{"by": INSPECTOR, "at": one.at, **more})


def close(finding: str, hours: float = 5, *, branch: str = "B-1", **more: Any) -> CloseFinding:
    """Return the command that closes a finding by hand."""
    return CloseFinding(branch, finding, **{"by": INSPECTOR, "at": at(hours), "reason": "seen and mended", **more})
