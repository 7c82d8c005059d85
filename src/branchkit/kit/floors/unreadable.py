"""A guarded clock that cannot be read: put on record once, with the reason, and told to whoever can do something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from branchkit.errors import CalendarUnknown, ConfigError
from branchkit.escalation import ClockUnreadable, Timeline, Watched
from branchkit.estate import BySystem, holders
from branchkit.kit.floor import Intent
from branchkit.procedures import Case, Procedure
from branchkit.temporal import ClockTimeline, read_clock
from branchkit.values import Text

__all__ = ["Trouble", "messages_of", "trouble_in", "trouble_of", "unreadable"]


@attrs.frozen
class Trouble:
    """Why a clock cannot be read."""

    code: str
    """``calendar_unknown`` or ``hours_missing``."""
    why: Text


def trouble_of(timeline: Timeline, at: dt.datetime) -> Trouble | None:
    """Return why a clock cannot be read at a moment; nothing where it can, or is told by something else."""
    if not isinstance(timeline, ClockTimeline) or timeline.due is not None:
        return None
    try:
        read_clock(timeline.clock, at, timeline.frame, suspensions=timeline.suspensions)
    except (CalendarUnknown, ConfigError) as error:
        return trouble_in(error)
    return None


def trouble_in(error: CalendarUnknown | ConfigError) -> Trouble:
    """Return what an error says of a clock that was to be read, for people."""
    if isinstance(error, CalendarUnknown):
        return Trouble("calendar_unknown", Text(zh=f"日历{error.calendar}未确认{error.day}", en=str(error)))
    return Trouble("hours_missing", Text(zh="缺少营业时间或工作日历", en=str(error)))


def unreadable(case: Case, procedure: Procedure, watched: Watched, at: dt.datetime) -> ClockUnreadable | None:
    """Return what is put on record of a clock that cannot be read, where it is not there already."""
    trouble = trouble_of(watched.timeline, at)
    if trouble is None or trouble.code == watched.watch.unreadable:
        return None
    return ClockUnreadable(
        case=case.id,
        clock=watched.watch.clock,
        entry=watched.watch.entry,
        code=trouble.code,
        why=trouble.why,
        told=_told(case, procedure, watched),
    )


def _told(case: Case, procedure: Procedure, watched: Watched) -> tuple[str, ...]:
    """Return who can do something: who may steer the case, else who may act in it, else the unit above."""
    acting = tuple(spec for stage in procedure.stages if stage.id in case.open_stages for spec in stage.actors)
    for specs in (procedure.manages, acting):
        people = (spec for spec in specs if not isinstance(spec, BySystem))
        found = tuple(dict.fromkeys(id for spec in people for id in holders(spec, watched.standing)))
        if found:
            return found
    return watched.standing.relations.get("superior_unit", ())


def messages_of(event: ClockUnreadable, case: Case, procedure: Procedure) -> Iterator[Intent]:
    """Yield one message for each person who is told; its key makes it go out once, whoever retries."""
    title = next((spec.title for _, spec in procedure.all_clocks() if spec.id == event.clock), Text(en=event.clock))
    for person in event.told:
        yield Intent(
            key=f"{event.case}/{event.clock}/{event.entry}/{event.code}/{person}",
            body={
                "kind": "clock",
                "to": person,
                "message": {
                    "zh": f"计时“{title.say('zh')}”无法推算，因此不会升级：{event.why.say('zh')}",
                    "en": f"The clock {title.say()!r} cannot be told, so nothing escalates: {event.why.say()}",
                },
                "case": event.case,
                "procedure": case.procedure,
                "branch": case.branch,
                "place": [str(ref) for ref in case.place],
                "clock": event.clock,
                "code": event.code,
            },
        )
