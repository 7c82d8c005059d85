"""Sheets as the kit keeps them: handed in, read, scored, with the findings that they open and close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import attrs

from branchkit.checklists import (
    Checklist,
    CloseFinding,
    FindingClosed,
    Reading,
    Sheet,
    SheetSubmitted,
    SubmitSheet,
    bind,
    closings,
    judge_reading,
    read,
    rebind,
)
from branchkit.errors import BranchkitError, InputError, NotFound, StorageError
from branchkit.estate import Branch
from branchkit.findings import Closure, Finding, FindingState
from branchkit.kit.floor import Floor, Keep
from branchkit.kit.floors.about import customers_named, misnamed
from branchkit.kit.floors.dates import Dates
from branchkit.kit.floors.estate import EstateWorld, known_branch, refuse
from branchkit.kit.floors.filed import SHEET_KINDS, Filed, fold_closed, fold_scored, fold_sheet
from branchkit.kit.floors.standing import Standing
from branchkit.kit.scored import ScoreRecord, SheetScored, scored
from branchkit.messages import Event
from branchkit.scoring import Evidence, ScoringPolicy
from branchkit.values import decimal_text

__all__ = ["SHEETS", "SheetCommand", "SheetEvent", "SheetWorld", "kept_sheet"]

SheetCommand: TypeAlias = SubmitSheet | CloseFinding
SheetEvent: TypeAlias = SheetSubmitted | SheetScored | FindingClosed


class KeptWorld(Protocol):
    """What it takes to find the sheets that belong together."""

    def filed(self, sheet: str) -> Filed | None:
        """Return a sheet as it is kept."""
        ...

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the documents of a kind with these field values."""
        ...


class SheetWorld(EstateWorld, KeptWorld, Protocol):
    """What a decision about a sheet may read."""

    def finding(self, id: str) -> Finding | None:
        """Return a finding, open or closed."""
        ...

    def open_findings(self, branch: str) -> Iterable[Finding]:
        """Return the open findings of a branch."""
        ...

    def closed_by(self, sheet: str) -> Iterable[Finding]:
        """Return the findings that a sheet closed."""
        ...

    def later_sheets(self, sheet: Sheet) -> Iterable[Filed]:
        """Return the final sheets of the same branch and checklist that count and are not dated before it, in order."""
        ...

    def checklist(self, id: str, version: str) -> Checklist:
        """Return a checklist; raises `NotFound`."""
        ...

    def policy_for(self, checklist: Checklist, branch: Branch) -> ScoringPolicy | None:
        """Return the policy in force, ``None`` where none is named."""
        ...


def _submit_sheet(command: SubmitSheet, world: SheetWorld) -> tuple[Event, ...]:
    sheet = command.sheet
    branch = known_branch(command, world, sheet.branch)
    reasons = list(_not_fileable(command, world))
    if reasons:
        raise refuse(command, *reasons)
    calendar = world.calendar(branch.calendar) if isinstance(branch.calendar, str) else None
    try:
        checklist = world.checklist(sheet.checklist, sheet.version)
        bound = bind(checklist, branch, at=sheet.at, facts=sheet.facts, calendar=calendar)
        reading = read(sheet, bound)
    except InputError as error:
        raise refuse(command, *map(str, error.problems)) from error
    except NotFound as error:
        raise refuse(command, str(error)) from error
    if sheet.state == "draft":
        return (SheetSubmitted(sheet, bound.pin),)
    if reading.problems:
        raise refuse(command, *map(str, reading.problems))
    return (*_findings(command, reading, world), *_score(command, reading, checklist, branch, world))


def _not_fileable(command: SubmitSheet, world: SheetWorld) -> Iterator[str]:
    sheet = command.sheet
    if world.filed(sheet.id) is not None:
        yield f"a sheet {sheet.id!r} is filed already; a revision has an id of its own and names what it supersedes"
    if sheet.at > command.recorded_at:
        yield "the sheet is dated after it was told"
    yield from misnamed(tuple(customers_named((), sheet.facts)))
    if sheet.supersedes is None:
        return
    before = world.filed(sheet.supersedes)
    if before is None:
        yield f"the sheet {sheet.supersedes!r} that it supersedes is not filed"
    elif before.superseded_by is not None:
        yield f"the sheet {sheet.supersedes!r} is superseded already, by {before.superseded_by!r}; supersede that one"
    elif (before.sheet.branch, before.sheet.checklist) != (sheet.branch, sheet.checklist):
        yield f"the sheet {sheet.supersedes!r} is of another branch or checklist"
    elif before.sheet.state == "final" and sheet.state == "draft":
        yield f"the sheet {sheet.supersedes!r} is final; a draft cannot supersede it"


def _findings(command: SubmitSheet, reading: Reading, world: SheetWorld) -> Iterator[SheetSubmitted | FindingClosed]:
    sheet = command.sheet
    revived = tuple(_revived(sheet.supersedes, world))
    standing = (*world.open_findings(sheet.branch), *revived)
    again, closed = closings(reading, standing)
    about = {(finding.item, finding.place) for finding in again}
    opened: dict[str, Finding] = {}
    for finding in judge_reading(reading):
        if (finding.item, finding.place) not in about:
            about.add((finding.item, finding.place))
            if finding.id in opened or world.finding(finding.id) is not None:
                raise refuse(command, f"a finding {finding.id!r} is there already; give the sheet another id")
            opened[finding.id] = finding
    # What a sheet that is now superseded raised, and the revision does not, was never so.
    withdrawn = [f.id for f in standing if f.sheet == sheet.supersedes is not None and (f.item, f.place) not in about]
    gone = dict.fromkeys((*closed, *withdrawn))
    # A sheet may be told after sheets that are dated after it; what they say of an item then stands.
    later = tuple(_later(sheet, world)) if opened or revived or gone else ()
    leaving = [finding for finding in standing if finding.id in gone]
    for one in later:
        if one.sheet.at > sheet.at:
            for finding in closings(one, leaving)[0]:
                gone.pop(finding.id, None)
    reopened = [finding for finding in revived if finding.id not in gone]
    yield SheetSubmitted(
        sheet,
        reading.bound.pin,
        opened=tuple(opened.values()),
        closed=tuple(gone),
        closure=Closure(at=sheet.at, by=command.by.id, sheet=sheet.id) if gone else None,
        reopened=tuple(finding.id for finding in reopened),
    )
    still_open = [*opened.values(), *reopened]
    for one in later:
        passed = closings(one, still_open)[1]
        still_open = [finding for finding in still_open if finding.id not in passed]
        closure = Closure(at=one.sheet.at, by=one.sheet.by, sheet=one.sheet.id)
        yield from (FindingClosed(sheet.branch, id, closure) for id in passed)


def _later(sheet: Sheet, world: SheetWorld) -> Iterator[Reading]:
    """Yield the sheets that are told already and not dated before this one, read, in the order of their dates."""
    for filed in world.later_sheets(sheet):
        if filed.sheet.id == sheet.supersedes:
            continue
        try:
            checklist = world.checklist(filed.sheet.checklist, filed.sheet.version)
            yield read(filed.sheet, rebind(checklist, filed.pin))
        except (InputError, NotFound):
            # Its checklist is gone or another one by now, so it tells nothing: what is open stays open.
            continue


def _revived(supersedes: str | None, world: SheetWorld) -> Iterator[Finding]:
    """Yield what a sheet closed that no longer counts, as it was before; but not what never counted itself."""
    for finding in () if supersedes is None else world.closed_by(supersedes):
        raised_by = None if finding.sheet is None else world.filed(finding.sheet)
        if raised_by is None or raised_by.superseded_by is None:
            yield attrs.evolve(finding, state=FindingState.OPEN, closure=None)


def _score(
    command: SubmitSheet, reading: Reading, checklist: Checklist, branch: Branch, world: SheetWorld
) -> tuple[SheetScored, ...]:
    sheet = command.sheet
    try:
        policy = world.policy_for(checklist, branch)
        if policy is None:
            return ()
        record = ScoreRecord.of(
            scored(policy, Evidence.of(reading)), sheet=sheet.id, branch=branch.id, checklist=checklist.id, at=sheet.at
        )
    except StorageError:
        raise
    except BranchkitError as error:
        raise refuse(command, f"it cannot be scored: {error}") from error
    return (SheetScored(record),)


def _close_finding(command: CloseFinding, world: SheetWorld) -> tuple[Event, ...]:
    finding = world.finding(command.finding)
    if finding is None or finding.branch != command.branch:
        raise refuse(command, f"the branch {command.branch!r} has no finding {command.finding!r}")
    if finding.state is FindingState.CLOSED:
        raise refuse(command, f"the finding {command.finding!r} is closed already")
    if not command.reason.strip():
        raise refuse(command, "a finding is closed by hand only with a reason")
    if finding.at is not None and finding.at > command.at:
        raise refuse(command, f"the finding {command.finding!r} was seen only after that")
    closure = Closure(at=command.at, by=command.by.id, reason=command.reason)
    return (FindingClosed(command.branch, finding.id, closure),)


def _kept(customer: str, world: SheetWorld) -> Iterator[Keep]:
    for filed in list(world.found("sheet", {"customer": customer})):
        yield from kept_sheet(filed.sheet.id, world)


def kept_sheet(sheet: str, world: KeptWorld) -> Iterator[Keep]:
    """Yield a sheet, those that it took the place of or that took its place, and the findings that they raised."""
    waiting, seen = [sheet], {sheet}
    while waiting:
        name = waiting.pop()
        filed = world.filed(name)
        if filed is None:
            continue
        branch = f"branch:{filed.sheet.branch}"
        yield Keep("sheet", name, branch, whole=False)
        for finding in list(world.found("finding", {"sheet": name})):
            yield Keep("finding", finding.id, branch, whole=False)
        for other in (filed.sheet.supersedes, filed.superseded_by):
            if other is not None and other not in seen:
                seen.add(other)
                waiting.append(other)


def _submitted(event: SheetSubmitted) -> Mapping[str, Any]:
    return {"opened": len(event.opened), "closed": len(event.closed)}


def _points(event: SheetScored) -> Mapping[str, Any]:
    points = event.score.points
    return {"points": None if points is None else decimal_text(points), "band": event.score.band}


SHEETS = Floor(
    decide={SubmitSheet: _submit_sheet, CloseFinding: _close_finding},
    fold={SheetSubmitted: fold_sheet, SheetScored: fold_scored, FindingClosed: fold_closed},
    kinds=SHEET_KINDS,
    views=(Dates, Standing),
    keeps=_kept,
    details={SheetSubmitted: _submitted, SheetScored: _points},
)
