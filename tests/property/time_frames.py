"""Draws the frames, starts and budgets that the laws of time are held against."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from branchkit.temporal import Calendar, CalendarDay, Counting, Hours, HoursRule, Interval, TimeFrame
from branchkit.values import Text

MINUTE, DAY, NONE = dt.timedelta(minutes=1), dt.timedelta(days=1), dt.timedelta()
JUMPS = (
    ("Europe/London", dt.date(2026, 3, 29)),
    ("Europe/London", dt.date(2026, 10, 25)),
    ("America/Sao_Paulo", dt.date(2018, 11, 4)),
    ("America/Sao_Paulo", dt.date(2018, 2, 18)),
    ("Australia/Lord_Howe", dt.date(2026, 4, 5)),
    ("Asia/Shanghai", dt.date(2026, 3, 4)),
)
"""Zones and days on which their clock jumps, at night, at midnight, by half an hour, or not at all."""


@st.composite
def day_intervals(draw: st.DrawFn) -> tuple[Interval, ...]:
    """Draw a morning and an afternoon, one of them or neither; the last may end past midnight."""
    cuts = sorted(draw(st.sets(st.integers(0, 47), min_size=4, max_size=4)))
    late = draw(st.sampled_from((0, 0, 24)))
    pairs = ((cuts[0], cuts[1]), (cuts[2], cuts[3] + late if cuts[3] + late < cuts[2] + 48 else cuts[3]))
    return tuple(Interval(a * 1800, b * 1800) for a, b in pairs[: draw(st.integers(0, 2))])


@st.composite
def frames(draw: st.DrawFn) -> tuple[TimeFrame, dt.datetime]:
    """Draw a zone near a jump of its clock, hours by day type, on all days or working ones, and its midnight."""
    name, day = draw(st.sampled_from(JUMPS))
    rules = [HoursRule(days=(key,), intervals=draw(day_intervals())) for key in ("rest_day", "holiday")]
    rules.append(HoursRule(days=("workday",), intervals=draw(day_intervals().filter(bool))))
    working = draw(st.dictionaries(st.integers(-2, 3), st.booleans(), max_size=3))
    calendar = Calendar(
        "model",
        version="1",
        title=Text(en="Model"),
        confirmed_from=day - 1000 * DAY,
        confirmed_through=day + 1000 * DAY,
        days=tuple(CalendarDay(day + n * DAY, working=on, source="notice") for n, on in sorted(working.items())),
    )
    only = draw(st.booleans())
    frame = TimeFrame(zone=ZoneInfo(name), hours=Hours(week=tuple(rules)), calendar=calendar, working_only=only)
    return frame, dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


minutes = st.integers(-1500, 3000)
budgets = st.integers(0, 4000).map(lambda count: count * MINUTE)
countings = st.sampled_from(Counting)
