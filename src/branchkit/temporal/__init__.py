"""Time: opening hours, calendars and cycles. The only time system of the house; nothing here asks a clock."""

from branchkit.temporal.around import Around
from branchkit.temporal.calendar import WEEKDAYS, Calendar, CalendarChange, CalendarDay, Roll
from branchkit.temporal.chance import commitment, period_seed
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
from branchkit.temporal.hours import HORIZON, Hours
from branchkit.temporal.intervals import Interval
from branchkit.temporal.occurrences import Occurrence, lacking, occurrences
from branchkit.temporal.rules import DAY_KEYS, DAY_TYPES, HoursEffect, HoursException, HoursRule

__all__ = [
    "DAY_KEYS",
    "DAY_TYPES",
    "HORIZON",
    "TIMES",
    "WEEKDAYS",
    "Around",
    "AtMost",
    "Calendar",
    "CalendarChange",
    "CalendarDay",
    "Continuous",
    "Cycle",
    "Daily",
    "EveryDays",
    "HalfYearly",
    "Hours",
    "HoursEffect",
    "HoursException",
    "HoursRule",
    "Interval",
    "Monthly",
    "NotConfigured",
    "Occurrence",
    "OnEvent",
    "Quarterly",
    "Random",
    "Roll",
    "Weekly",
    "Yearly",
    "commitment",
    "lacking",
    "occurrences",
    "period_seed",
    "roll_problem",
]
