"""What the page shows of cases: how many, what is late, what comes next, and the calendar; people are not in it."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.kit import CaseDay, Caseload, LateClock, NextRungDue, ProcedureLoad
from branchkit.temporal.saying import say_counting, say_length
from branchkit.values import Text
from branchkit_html.heat import heat_legend, heat_map
from branchkit_html.moments import Clock
from branchkit_html.places import Place, Places
from branchkit_html.words import WORDS

__all__ = ["CasesView", "LateRow", "NextRow"]


@attrs.frozen(kw_only=True)
class LateRow:
    """One late clock."""

    case: str
    procedure: Text
    clock: Text
    places: tuple[Place, ...]
    due: str
    late: Text
    counting: Text
    paused: bool
    because: tuple[str, ...]
    priority: str | None


@attrs.frozen(kw_only=True)
class NextRow:
    """What a ladder does next."""

    at: str
    case: str
    procedure: Text
    clock: Text
    rung: str


@attrs.frozen(kw_only=True)
class CasesView:
    """Everything the templates write down of cases."""

    procedures: tuple[ProcedureLoad, ...]
    open: int
    late_clocks: int
    late: tuple[LateRow, ...]
    next_rungs: tuple[NextRow, ...]
    unreadable: tuple[str, ...]
    calendar: str
    """The picture; markup."""
    legend: tuple[tuple[str, Text], ...]
    """Samples, as markup, and what they mean."""
    days: tuple[CaseDay, ...]

    @classmethod
    def of(cls, cases: Caseload, as_of: dt.date, clock: Clock, places: Places) -> CasesView:
        """Work out what is shown; `as_of` is the day the report speaks of, by the branch's clock."""
        return cls(
            procedures=cases.procedures,
            open=sum(one.open for one in cases.procedures),
            late_clocks=cases.late_clocks,
            late=tuple(_late(one, clock, places) for one in cases.late),
            next_rungs=tuple(_next(one, clock) for one in cases.next_rungs),
            unreadable=cases.unreadable,
            calendar=heat_map("case-days", cases.first, cases.last, cases.days, as_of),
            legend=tuple(
                (heat_legend(kind), WORDS[words])
                for kind, words in (
                    ("due", "case_due"),
                    ("late", "case_missed"),
                    ("opened", "case_opened"),
                    ("today", "as_of"),
                )
            ),
            days=cases.days,
        )


def _late(one: LateClock, clock: Clock, places: Places) -> LateRow:
    return LateRow(
        case=one.case,
        procedure=one.procedure_title,
        clock=one.clock_title,
        places=places.tell(one.place),
        due=clock.minute(one.due)[:16],
        late=say_length(one.late, one.counting),
        counting=say_counting(one.counting),
        paused=one.paused,
        because=one.because,
        priority=one.priority,
    )


def _next(one: NextRungDue, clock: Clock) -> NextRow:
    return NextRow(
        at=clock.minute(one.at)[:16],
        case=one.case,
        procedure=one.procedure_title,
        clock=one.clock_title,
        rung=one.ladder if one.rung is None else f"{one.ladder}/{one.rung}",
    )
