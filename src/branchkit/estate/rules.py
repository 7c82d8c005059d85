"""Judges an estate by the standard: who may staff what, how many, and what has to be there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from branchkit.errors import InputError, Problem
from branchkit.estate.model import Assignment, Branch, StaffMember
from branchkit.estate.standard import EstateStandard, Required
from branchkit.findings import Finding
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Severity, Text, Unknown

__all__ = ["judge_estate", "may_staff", "open_tellers", "with_loan"]


def may_staff(
    member: StaffMember, protection: str, standard: EstateStandard, *, temporary: bool = False
) -> Decision[bool]:
    """Decide whether a teller may staff a counter that is ``open`` or ``closed``.

    An unknown teller level, or somebody who is no teller, may not: a right is shown, not assumed.
    Carries out estate:EST-ORG-12, service:TEL-04, service:TEL-05, service:TEL-07 and governance:RSK-AUT-08 by the
    standard's data.
    """
    rule = standard.counter(protection)
    level = member.teller_level
    rules: tuple[str, ...] = ()
    if rule is None:
        yes, words = False, Text(zh="规范未定义此类柜台", en="the standard knows no such counter")
    elif not isinstance(level, int):
        yes, words, rules = False, Text(zh="柜员等级未知", en="the teller level is not known"), rule.rules
    elif level in rule.levels:
        yes, words, rules = True, Text(zh=f"{level}级柜员可任职", en=f"level {level} may staff it"), rule.rules
    elif level in rule.loan_levels:
        yes, rules = temporary, rule.loan_rules
        words = Text(zh=f"{level}级柜员仅可临时支援", en=f"level {level} may staff it only as a loan")
    else:
        yes, words, rules = False, Text(zh=f"{level}级柜员不可任职", en=f"level {level} may not staff it"), rule.rules
    step = Step(what=words, rules=rules, refs=(Ref("staff", member.id), Ref("counter", protection)))
    return Decision(
        yes, Trace(policy=standard.id, version=standard.version, inputs=(Ref("staff", member.id),), steps=(step,))
    )


def open_tellers(branch: Branch, standard: EstateStandard) -> tuple[str, ...] | Unknown:
    """Return the ids of the tellers who count towards the minimum at open counters.

    Somebody counts who staffs an open counter now and may: not a teller of a level that may not, and not one who is
    lent to a closed counter (service:STF-12).
    """
    if isinstance(branch.counters, Unknown):
        return branch.counters
    if isinstance(branch.staff, Unknown):
        return branch.staff
    people = {member.id: member for member in branch.staff}
    # Somebody who is down for several counters is still one person.
    return tuple(
        dict.fromkeys(
            seat.staff
            for seat in branch.counters
            if seat.protection == "open"
            and seat.staff in people
            and may_staff(people[seat.staff], "open", standard, temporary=seat.temporary).value
        )
    )


def with_loan(branch: Branch, staff: str, counter: str) -> Branch:
    """Return the branch as it is while a teller of the open counters is lent to a closed counter.

    Whether the loan is allowed and what it leaves is then for `judge_estate` to say.

    Raises:
        InputError: if nobody knows who staffs which counter.
    """
    if isinstance(branch.counters, Unknown):
        what = f"Expected a branch whose roster is known; it is not: {branch.counters.reason}"
        raise InputError(f"branch {branch.id!r}", (Problem("$.counters", what),))
    loan = Assignment(staff, counter=counter, protection="closed", temporary=True)
    seats = tuple(seat for seat in branch.counters if seat.staff != staff)
    return attrs.evolve(branch, counters=(*seats, loan))


def judge_estate(branch: Branch, standard: EstateStandard, *, at: dt.datetime | None = None) -> tuple[Finding, ...]:
    """Judge a branch by what its kind demands; what is unknown gives no finding, since nobody has seen it be wrong.

    Carries out estate:EST-ORG-08, estate:EST-ORG-09, estate:EST-ORG-10 (least number of open-counter tellers),
    estate:EST-ORG-12 (who may staff which counter) and estate:EST-ZON-04 (each zone has what its function needs).
    """
    return tuple(
        sorted(
            (*_staffing(branch, standard, at), *_least_tellers(branch, standard, at), *_required(branch, standard, at)),
            key=lambda finding: finding.id,
        )
    )


def _finding(
    branch: Branch, name: str, place: tuple[Ref, ...], severity: Severity, message: Text, rules: tuple[str, ...],
    at: dt.datetime | None,
) -> Finding:  # fmt: skip
    return Finding(
        id=f"estate/{branch.id}/{name}",
        branch=branch.id,
        place=(Ref("branch", branch.id), *place),
        severity=severity,
        message=message,
        rules=rules,
        at=at,
    )


def _staffing(branch: Branch, standard: EstateStandard, at: dt.datetime | None) -> Iterator[Finding]:
    if isinstance(branch.counters, Unknown) or isinstance(branch.staff, Unknown):
        return
    people = {member.id: member for member in branch.staff}
    for seat in branch.counters:
        member = people.get(seat.staff)
        if member is None or isinstance(member.teller_level, Unknown):
            continue
        decision = may_staff(member, seat.protection, standard, temporary=seat.temporary)
        if not decision.value:
            step = decision.trace.steps[0]
            place = (Ref("counter", seat.counter), Ref("staff", member.id))
            yield _finding(branch, f"staffing/{member.id}", place, Severity.CRITICAL, step.what, step.rules, at)


def _least_tellers(branch: Branch, standard: EstateStandard, at: dt.datetime | None) -> Iterator[Finding]:
    kind = standard.branch_kind(branch.kind) if isinstance(branch.kind, str) else None
    tellers = open_tellers(branch, standard)
    if kind is None or kind.min_open_tellers is None or isinstance(tellers, Unknown):
        return
    # A seat of a teller of unknown level may count or not: only a shortage that no answer could mend is a finding.
    people = {member.id: member for member in branch.staff} if isinstance(branch.staff, tuple) else {}
    undecided = sum(
        seat.protection == "open" and (seat.staff not in people or isinstance(people[seat.staff].teller_level, Unknown))
        for seat in (branch.counters if isinstance(branch.counters, tuple) else ())
    )
    have, least = len(tellers), kind.min_open_tellers
    if have + undecided < least:
        message = Text(
            zh=f"{kind.title.zh}开放柜员不少于{least}人，现有{have}人",
            en=f"a {kind.title.en} has at least {least} open-counter tellers; here count {have}",
        )
        yield _finding(branch, "open-tellers", (), Severity.MAJOR, message, kind.min_open_tellers_rules, at)


def _required(branch: Branch, standard: EstateStandard, at: dt.datetime | None) -> Iterator[Finding]:
    kind = standard.branch_kind(branch.kind) if isinstance(branch.kind, str) else None
    titles = {zone.code: zone.title for zone in standard.zones} | {one.code: one.title for one in standard.equipment}
    devices = None if isinstance(branch.equipment, Unknown) else tuple(branch.devices())
    zones = None if isinstance(branch.zones, Unknown) else branch.zones

    def lack(wanted: Required, have: int, place: tuple[Ref, ...]) -> Iterator[Finding]:
        if have < wanted.count:
            title = titles[wanted.kind]
            message = Text(
                zh=f"应有{title.zh}{wanted.count}，现有{have}", en=f"needs {wanted.count} × {title.en}; has {have}"
            )
            name = "/".join(("required", *(str(ref) for ref in place), wanted.kind))
            yield _finding(branch, name, place, wanted.severity, message, wanted.rules, at)

    if kind is not None:
        if zones is not None:
            for wanted in kind.zones:
                yield from lack(wanted, sum(zone.kind == wanted.kind for zone in zones), ())
        if devices is not None:
            for wanted in kind.equipment:
                yield from lack(wanted, sum(device.kind == wanted.kind for device in devices), ())
    if zones is None or devices is None:
        return
    if any(isinstance(device.zone, Unknown) for device in devices):
        return
    by_kind = {zone.code: zone for zone in standard.zones}
    for zone in zones:
        for wanted in by_kind[zone.kind].equipment if zone.kind in by_kind else ():
            have = sum(device.kind == wanted.kind and device.zone == zone.id for device in devices)
            yield from lack(wanted, have, (Ref("zone", zone.id),))
