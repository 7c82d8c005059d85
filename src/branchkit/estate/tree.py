"""Judges the tree of units: every unit and branch hangs under one chain up to head office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from branchkit.estate.model import Branch, OrgUnit
from branchkit.estate.standard import EstateStandard
from branchkit.findings import Finding
from branchkit.values import Ref, Severity, Text

__all__ = ["check_tree"]


def check_tree(units: Iterable[OrgUnit], branches: Iterable[Branch], standard: EstateStandard) -> tuple[Finding, ...]:
    """Check that every unit and branch hangs under exactly one chain up to head office (estate:EST-ORG-01).

    A branch whose unit is not known gives no finding, since nobody has seen it be wrong.
    """
    by_id = {unit.id: unit for unit in units}
    found: list[Finding] = []
    for unit in by_id.values():
        owner = Ref("unit", unit.id)
        found += [_finding("chain", owner, words) for words in _chain(unit, by_id)]
        found += [_finding("level", owner, words) for words in _level(unit, by_id, standard)]
    for branch in branches:
        if branch.unit is None or (isinstance(branch.unit, str) and branch.unit not in by_id):
            words = Text(zh="网点无上级机构", en="the branch hangs under no unit that is there")
            found.append(_finding("chain", Ref("branch", branch.id), words))
    return tuple(found)


def _chain(unit: OrgUnit, by_id: Mapping[str, OrgUnit]) -> Iterator[Text]:
    chain, upper = {unit.id}, unit.parent
    while upper is not None and upper in by_id and upper not in chain:
        chain.add(upper)
        upper = by_id[upper].parent
    if upper is None:
        return
    if upper in chain:
        yield Text(zh="上级机构成环", en="the chain of superior units runs in a circle")
    else:
        yield Text(zh=f"上级机构 {upper} 不存在", en=f"the superior unit {upper!r} is not there")


def _level(unit: OrgUnit, by_id: Mapping[str, OrgUnit], standard: EstateStandard) -> Iterator[Text]:
    levels = {level.code: level for level in standard.units}
    own = levels.get(unit.level)
    if own is None:
        yield Text(zh=f"未知机构层级 {unit.level}", en=f"unknown level {unit.level!r}")
    elif unit.parent is None:
        if own.parents:
            yield Text(zh="缺少上级机构", en="it names no superior unit")
    elif unit.parent in by_id and by_id[unit.parent].level not in own.parents:
        code = by_id[unit.parent].level
        above = levels[code].title if code in levels else Text(zh=code, en=code)
        yield Text(zh=f"{own.title.zh}不应隶属于{above.zh}", en=f"a {own.title.en} may not hang under a {above.en}")


def _finding(name: str, owner: Ref, message: Text) -> Finding:
    return Finding(
        id=f"estate/{name}/{owner}",
        branch=owner.id if owner.kind == "branch" else None,
        place=(owner,),
        severity=Severity.MAJOR,
        message=message,
        rules=("estate:EST-ORG-01",),
    )
