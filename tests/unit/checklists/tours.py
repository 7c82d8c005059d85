"""Small checklists, branches and sheets for the tests of checklists and scoring."""

from __future__ import annotations

import datetime as dt
from typing import Any

from branchkit.checklists import Answer, BoundChecklist, Checklist, Item, PassFail, Section, Sheet
from branchkit.estate import Branch, Equipment, EquipmentState, Post, StaffMember, Zone
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
WORDS = Text(zh="词", en="words")

BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    services=frozenset({"currency_exchange"}),
    time_zone="Asia/Shanghai",
    zones=(Zone("self", kind="self_service_zone"), Zone("hall", kind="lobby")),
    equipment=(
        Equipment(
            "ATM-1",
            kind="atm",
            zone="self",
            state=EquipmentState.IN_SERVICE,
            capabilities=frozenset({"deposit"}),
            parts=(Equipment("ATM-1/printer", kind="printer", zone="self", state=EquipmentState.DEGRADED),),
        ),
        Equipment("ATM-2", kind="atm", zone="self", state=EquipmentState.UNDER_REPAIR, capabilities=frozenset()),
        Equipment("ATM-3", kind="atm", zone="hall", state=EquipmentState.DEGRADED, capabilities=frozenset()),
        Equipment("ATM-9", kind="atm", zone="self", state=EquipmentState.RETIRED),
    ),
    staff=(StaffMember("li"), StaffMember("wu")),
    posts=(
        Post("P-1", kind="teller", holder="li"),
        Post("P-2", kind="teller", holder="wu"),
        Post("P-3", kind="teller", holder="li"),
        Post("P-4", kind="teller", holder=None),
        Post("P-5", kind="guard", holder=Unknown("not told")),
    ),
)


def item(name: str, **more: Any) -> Item:
    """Return an item that can fail with minor severity unless more says otherwise."""
    more.setdefault("text", WORDS)
    bare = Item(name, **more)
    if bare.can_fail and "severity" not in more:
        more["severity"] = Severity.MINOR
    return Item(name, **more)


def section(*items: Item, name: str = "s", **more: Any) -> Section:
    """Return a section of items."""
    return Section(name, title=WORDS, items=items, **more)


def checklist(*sections: Section, **more: Any) -> Checklist:
    """Return a checklist of sections."""
    return Checklist("tour", **{"version": "1", "title": WORDS, "sections": sections, **more})


def asks(*items: Item, **more: Any) -> Checklist:
    """Return a checklist of one section."""
    return checklist(section(*items), **more)


def refs(*texts: str) -> tuple[Ref, ...]:
    """Return references from their texts."""
    return tuple(map(Ref.parse, texts))


def ok(name: str, *on: str, **more: Any) -> Answer:
    """Return the answer ``pass``."""
    return Answer(name, value="pass", on=refs(*on), **more)


def bad(name: str, *on: str, **more: Any) -> Answer:
    """Return the answer ``fail``."""
    return Answer(name, value="fail", on=refs(*on), **more)


def says(name: str, value: str | tuple[str, ...], *on: str, **more: Any) -> Answer:
    """Return an answer with a value."""
    return Answer(name, value=value, on=refs(*on), **more)


def sheet(*answers: Answer, **more: Any) -> Sheet:
    """Return a sheet of the checklist ``tour`` at the branch ``B-1``."""
    given: dict[str, Any] = {"checklist": "tour", "version": "1", "branch": "B-1", "at": AT, "by": "li"}
    name = more.pop("id", "S-1")
    return Sheet(name, **{**given, "answers": answers, **more})


def bound(one: Checklist, branch: Branch = BRANCH, **facts: Any) -> BoundChecklist:
    """Bind a checklist at the usual moment."""
    assert [] == list(one.validate())
    return one.bind(branch, at=AT, facts=facts)


PASS_FAIL = PassFail()
NOTHING: FrozenMap[Any] = FrozenMap()
