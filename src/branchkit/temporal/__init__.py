"""Time: opening hours, calendars, cycles, deadlines and clocks. The only time system; nothing here reads a clock."""

from branchkit.temporal.around import Around
from branchkit.temporal.calendar import WEEKDAYS, Calendar, CalendarChange, CalendarDay, Roll
from branchkit.temporal.chance import commitment, period_seed
from branchkit.temporal.clocks import (
    Bound,
    Clock,
    ClockState,
    Pause,
    cancel_clock,
    pause_clock,
    reopen_clock,
    reset_clock,
    resume_clock,
    retarget_clock,
    start_clock,
    stop_clock,
)
from branchkit.temporal.cycles import (
    TIMES,
    AtMost,
    Continuous,
    Cycle,
    Daily,
    EveryDays,
    HalfYearly,
    Monthly,
    NotConfigured,
    OnEvent,
    Quarterly,
    Random,
    Weekly,
    Yearly,
    roll_problem,
)
from branchkit.temporal.deadlines import After, Before, Deadline, Due, Named, Within, due
from branchkit.temporal.frames import Counting, TimeFrame
from branchkit.temporal.hours import Hours
from branchkit.temporal.intervals import Interval
from branchkit.temporal.occurrences import Occurrence, lacking, occurrences
from branchkit.temporal.reading import ClockReading, Reprojection, read_clock, reproject
from branchkit.temporal.rules import DAY_KEYS, DAY_TYPES, HoursEffect, HoursException, HoursRule
from branchkit.temporal.suspensions import ALL_CLOCKS, Suspension, concerning, hours_under, spans_of
from branchkit.temporal.targets import ByTarget, ClockSpec
from branchkit.temporal.timeline import ClockTimeline
from branchkit.temporal.worktime import HORIZON, Span, Worktime

__all__ = [
    "ALL_CLOCKS",
    "DAY_KEYS",
    "DAY_TYPES",
    "HORIZON",
    "TIMES",
    "WEEKDAYS",
    "After",
    "Around",
    "AtMost",
    "Before",
    "Bound",
    "ByTarget",
    "Calendar",
    "CalendarChange",
    "CalendarDay",
    "Clock",
    "ClockReading",
    "ClockSpec",
    "ClockState",
    "ClockTimeline",
    "Continuous",
    "Counting",
    "Cycle",
    "Daily",
    "Deadline",
    "Due",
    "EveryDays",
    "HalfYearly",
    "Hours",
    "HoursEffect",
    "HoursException",
    "HoursRule",
    "Interval",
    "Monthly",
    "Named",
    "NotConfigured",
    "Occurrence",
    "OnEvent",
    "Pause",
    "Quarterly",
    "Random",
    "Reprojection",
    "Roll",
    "Span",
    "Suspension",
    "TimeFrame",
    "Weekly",
    "Within",
    "Worktime",
    "Yearly",
    "cancel_clock",
    "commitment",
    "concerning",
    "due",
    "hours_under",
    "lacking",
    "occurrences",
    "pause_clock",
    "period_seed",
    "read_clock",
    "reopen_clock",
    "reproject",
    "reset_clock",
    "resume_clock",
    "retarget_clock",
    "roll_problem",
    "spans_of",
    "start_clock",
    "stop_clock",
]
