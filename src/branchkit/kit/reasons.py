"""The reasons of a case in words, in Chinese or English, and as plain data; never text that somebody typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from branchkit.codec import unstructure
from branchkit.escalation import AfterDue, AtShare, BeforeDue, Reached, RungTime
from branchkit.estate import say_actors
from branchkit.kit.explaining import CaseReasons, ClockReasons, Promise, RungReasons, StageReasons, WayReasons
from branchkit.procedures import Procedure, StageStatus
from branchkit.temporal import Due
from branchkit.temporal.cycles import NotConfigured
from branchkit.temporal.saying import say_counting, say_deadline, say_length
from branchkit.values import Text, Unknown

__all__ = ["plain_reasons", "reason_lines"]

_BRINGS = {
    "form_missing": Text(zh="须附填报表", en="with its sheet"),
    "reason_missing": Text(zh="须写明理由", en="with a reason"),
}
_STATES = {
    "ahead": Text(zh="将于", en="comes"),
    "due": Text(zh="已到时，尚待扫描", en="its time has come, and nobody has swept since"),
    "waits": Text(zh="等待", en="waits"),
    "silent": Text(zh="不再触发或无法推知", en="does not come, or cannot be told"),
    "fired": Text(zh="已触发", en="fired"),
    "recorded": Text(zh="已记录", en="recorded"),
    "passed": Text(zh="未执行", en="passed by"),
    "suppressed": Text(zh="已抑制", en="suppressed"),
    "held": Text(zh="等待", en="held"),
}
_CLOCKS = {
    "running": Text(zh="运行中", en="running"),
    "paused": Text(zh="暂停中", en="paused"),
    "stopped": Text(zh="已停止", en="stopped"),
    "cancelled": Text(zh="已取消", en="cancelled"),
}
_STAGES = {
    StageStatus.OPEN: Text(zh="办理中", en="open"),
    StageStatus.WAITING: Text(zh="等待", en="waiting"),
}


def reason_lines(reasons: CaseReasons, lang: str) -> Iterator[str]:
    """Yield the reasons as lines for people."""
    case, procedure = reasons.case, reasons.procedure
    yield f"{case.id}  {procedure.title.say(lang)} ({procedure.id} {case.version})  {_minute(reasons.at)}"
    for clock in reasons.clocks:
        yield from _clock(clock, reasons, lang)
    for stage in reasons.stages:
        yield from _stage(stage, procedure, lang, reasons.posts)


def _say(lang: str, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


# -- clocks


def _clock(one: ClockReasons, reasons: CaseReasons, lang: str) -> Iterator[str]:
    state = _CLOCKS[one.clock.state.value if one.reading is None else one.reading.state.value].say(lang)
    yield f"◷ {one.title.say(lang)} ({one.clock.id}): {state}"
    if one.reading is None:
        yield f"    {_say(lang, '无法推算', 'cannot be told')}: {'' if one.lacking is None else one.lacking.say(lang)}"
    else:
        reading = one.reading
        yield f"    {_say(lang, '期限', 'due')}: {_due(reading.due, lang)}"
        used = f"{_say(lang, '已用', 'used')} {say_length(reading.elapsed, one.clock.counting).say(lang)}"
        if reading.remaining is not None and reading.late is None:
            used += f", {_say(lang, '剩余', 'left')} {say_length(reading.remaining, one.clock.counting).say(lang)}"
        if reading.late is not None:
            used += f", {_say(lang, '逾期', 'late by')} {say_length(reading.late, one.clock.counting).say(lang)}"
        yield f"    {used} ({say_counting(one.clock.counting).say(lang)})"
        if reading.because:
            hindered = _say(lang, "受其影响，未暂停：", "not paused, and hindered by")
            yield f"    ! {hindered} {', '.join(reading.because)}"
    for promise in one.promises:
        yield f"    {_promise(promise, len(one.promises), lang)}"
    if one.spec is not None and one.spec.rules:
        yield f"    {_say(lang, '依据', 'by')}: {', '.join(one.spec.rules)}"
    if one.target is not None:
        yield from _target(one, lang)
    if one.calendar is not None and one.confirmed is not None:
        first, last = one.confirmed
        known = f"{_say(lang, '已确认', 'confirmed')} {first} – {last}"
        yield f"    {_say(lang, '日历', 'calendar')}: {one.calendar}, {known}"
    for day in one.moved:
        name = "" if day.name is None else f" ({day.name.say(lang)})"
        yield f"    {_say(lang, '越过', 'moved past')}: {day.date}{name}"
    for stretch in one.stretches:
        until = "…" if stretch.until is None else _minute(stretch.until, reasons.at)
        what = stretch.title.say(lang) + ("" if stretch.suspension is None else f" [{stretch.suspension}]")
        share = say_length(stretch.share, one.clock.counting).say(lang)
        took = _say(lang, f"未计 {share}", f"{share} not counted")
        yield f"    ‖ {_minute(stretch.since, reasons.at)} – {until}  {what}: {took}"
    yield from _ladder(one, reasons, lang)


def _promise(one: Promise, count: int, lang: str) -> str:
    bound = one.bound
    said = (
        f"{say_deadline(bound.deadline, bound.counting).say(lang)}, {_say(lang, '自', 'from')} {_minute(bound.since)}"
    )
    if bound.carried:
        length = say_length(bound.carried, bound.counting).say(lang)
        said += _say(lang, f"，此前已用 {length}", f", {length} used before")
    if count == 1:
        return f"{_say(lang, '约定', 'promised')}: {said}"
    binding = _say(lang, "以此为准", "this binds") if one.binds else _say(lang, "较晚", "later")
    return f"{_say(lang, '约定', 'promised')}: {said} → {_due(one.due, lang)} ({binding})"


def _target(one: ClockReasons, lang: str) -> Iterator[str]:
    target = one.target
    if target is None:
        return
    asked = ", ".join(f"{name} = {value}" for name, value in sorted(target.facts.items()))
    row = target.row or _say(lang, "无匹配行", "no row fits")
    note = "" if target.note is None else f"; {target.note.say(lang)}"
    rules = f" ({', '.join(target.rules)})" if target.rules else ""
    name = f"{_say(lang, '时限表', 'targets')}: {target.table} {target.version}"
    yield f"    {name}, {row} [{asked}] → {target.answer}{note}{rules}"


def _due(due: Due | NotConfigured | Unknown, lang: str) -> str:
    if isinstance(due, Due):
        rolled = "" if due.rolled_from is None else f" ({_say(lang, '原为', 'instead of')} {due.rolled_from})"
        return f"{due.at:%Y-%m-%d %H:%M:%S}{rolled}"
    if isinstance(due, Unknown):
        return f"? ({due.reason})"
    return _say(lang, "未设", "not configured")


# -- rungs


def _ladder(one: ClockReasons, reasons: CaseReasons, lang: str) -> Iterator[str]:
    if one.ladder is None:
        return
    look = "–" if one.next_look is None else _second(one.next_look, reasons.at)
    yield f"    ↑ {one.ladder}: {_say(lang, '下次查看', 'looks again')} {look}"
    for rung in one.rungs:
        yield (
            f"        {rung.id}"
            + ("" if rung.rung is None else f" ({_time(rung.rung.at, lang)})")
            + _rung(rung, reasons.at, lang)
        )


def _rung(one: RungReasons, at: dt.datetime, lang: str) -> str:
    said = [_reached(reached, at, lang) for reached in one.reached]
    plan = one.planned
    if plan is not None and plan.at is not None:
        round = f" #{plan.round}" if plan.round else ""
        coming = f"{_STATES[one.state].say(lang)} {_second(plan.at, at)}{round}"
        if plan.held_by is not None:
            why = plan.held_by if plan.why is None else plan.why.say(lang)
            until = "" if plan.free is None else f" → {_second(plan.free, at)}"
            coming += f" ({why}{until})"
        said.append(coming)
    elif not said:
        said.append(_STATES["silent"].say(lang))
    return ": " + "; ".join(said)


def _reached(one: Reached, at: dt.datetime, lang: str) -> str:
    told = f" → {', '.join(one.told)}" if one.told else ""
    why = "" if one.why is None else f" ({one.why.say(lang)})"
    round = f" #{one.round}" if one.round else ""
    return f"{_STATES[one.outcome.value].say(lang)} {_second(one.due, at)}{round}{told}{why}"


def _time(time: RungTime, lang: str) -> str:
    match time:
        case AtShare(share=share):
            percent = f"{(share * 100).normalize():f} %"
            return _say(lang, f"用去{percent}时", f"at {percent} of its time")
        case BeforeDue(lead=lead):
            said = say_length(lead).say(lang)
            return _say(lang, f"期限前{said}", f"{said} before it is due")
        case AfterDue(lag=lag):
            said = say_length(lag).say(lang)
            return _say(
                lang, f"逾期{said}" if lag else "逾期时", f"{said} after it was due" if lag else "once it is late"
            )


# -- ways


def _stage(one: StageReasons, procedure: Procedure, lang: str, posts: Mapping[str, Text]) -> Iterator[str]:
    entry = f" #{one.entry}" if one.entry > 1 else ""
    yield f"○ {one.stage.title.say(lang)} ({one.stage.id}){entry}: {_STAGES[one.status].say(lang)}"
    if one.waits_for:
        titles = {stage.id: stage.title.say(lang) for stage in procedure.stages}
        names = ", ".join(f"{titles[name]} ({name})" for name in one.waits_for)
        yield f"    {_say(lang, '还可能先到', 'may still come first')}: {names}"
    for way in one.ways:
        yield from _way(way, lang, posts)


def _way(way: WayReasons, lang: str, posts: Mapping[str, Text]) -> Iterator[str]:
    name = way.kind if way.transition is None else way.transition
    brings = ", ".join(_BRINGS[one.code].say(lang) for one in way.brings)
    more = f", {brings}" if brings else ""
    who = say_actors(way.who, lang, posts)
    yield f"    {'✓' if way.is_open else '✗'} {way.title.say(lang)} ({name}): {who or '–'}{more}"
    for refusal in way.refusals:
        rules = f" ({', '.join(refusal.rules)})" if refusal.rules else ""
        yield f"        [{refusal.code}] {refusal.say(lang)}{rules}"


def _minute(at: dt.datetime, like: dt.datetime | None = None) -> str:
    shown = at if like is None or like.tzinfo is None else at.astimezone(like.tzinfo)
    return f"{shown:%Y-%m-%d %H:%M}"


def _second(at: dt.datetime, like: dt.datetime) -> str:
    return f"{at.astimezone(like.tzinfo):%Y-%m-%d %H:%M:%S}"


# -- as data


def plain_reasons(reasons: CaseReasons) -> dict[str, Any]:
    """Return the reasons as plain data."""
    case = reasons.case
    return {
        "case": case.id,
        "procedure": case.procedure,
        "version": case.version,
        "status": case.status,
        "at": reasons.at.isoformat(),
        "clocks": [_plain_clock(one) for one in reasons.clocks],
        "stages": [_plain_stage(one) for one in reasons.stages],
    }


def _plain_clock(one: ClockReasons) -> dict[str, Any]:
    return {
        "id": one.clock.id,
        "title": unstructure(one.title),
        "reading": None if one.reading is None else unstructure(one.reading),
        "lacking": None if one.lacking is None else one.lacking.say(),
        "promises": [unstructure(each) for each in one.promises],
        "rules": [] if one.spec is None else list(one.spec.rules),
        "calendar": one.calendar,
        "confirmed": None if one.confirmed is None else [day.isoformat() for day in one.confirmed],
        "moved": [unstructure(each) for each in one.moved],
        "stretches": [unstructure(each) for each in one.stretches],
        "target": None if one.target is None else unstructure(one.target),
        "ladder": one.ladder,
        "next_look": None if one.next_look is None else one.next_look.isoformat(),
        "rungs": [
            {
                "rung": each.id,
                "state": each.state,
                "planned": None if each.planned is None else unstructure(each.planned),
                "reached": [unstructure(reached) for reached in each.reached],
            }
            for each in one.rungs
        ],
    }


def _plain_stage(one: StageReasons) -> dict[str, Any]:
    return {
        "stage": one.stage.id,
        "title": unstructure(one.stage.title),
        "status": one.status.value,
        "since": one.since.isoformat(),
        "entry": one.entry,
        "waits_for": list(one.waits_for),
        "ways": [
            {
                "kind": way.kind,
                "transition": way.transition,
                "title": unstructure(way.title),
                "who": say_actors(way.who),
                "open": way.is_open,
                "brings": [unstructure(each) for each in way.brings],
                "refusals": [unstructure(each) for each in way.refusals],
            }
            for way in one.ways
        ],
    }
