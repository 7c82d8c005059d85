"""Time: opening hours and calendars. The only time system of the house; pure, and nothing here asks a clock."""

from branchkit.temporal.calendar import WEEKDAYS, Calendar, CalendarChange, CalendarDay, Roll
from branchkit.temporal.hours import HORIZON, Hours
from branchkit.temporal.intervals import Interval
from branchkit.temporal.rules import DAY_KEYS, DAY_TYPES, HoursEffect, HoursException, HoursRule

__all__ = [
    "DAY_KEYS",
    "DAY_TYPES",
    "HORIZON",
    "WEEKDAYS",
    "Calendar",
    "CalendarChange",
    "CalendarDay",
    "Hours",
    "HoursEffect",
    "HoursException",
    "HoursRule",
    "Interval",
    "Roll",
]
