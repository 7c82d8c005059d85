"""Deadlines and lengths of time are said in both languages as people say them."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.temporal import After, Before, ByTarget, Counting, Deadline, Named, NotConfigured, Within
from branchkit.temporal.saying import say_counting, say_deadline, say_length

SECOND, MINUTE, HOUR, DAY = (dt.timedelta(seconds=one) for one in (1, 60, 3600, 86_400))
ALL, OPEN, WORKING = Counting.ELAPSED, Counting.BUSINESS, Counting.WORKING_DAYS


@pytest.mark.parametrize(
    ("length", "counting", "expected"),
    [
        (DAY, ALL, "1天 · 1 d"),
        (DAY, WORKING, "1天 · 1 d"),
        (DAY, OPEN, "24小时 · 24 h"),
        (2 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND, ALL, "2天3小时4分钟5秒 · 2 d 3 h 4 min 5 s"),
        (DAY + SECOND, ALL, "1天1秒 · 1 d 1 s"),
        (1.9 * SECOND, ALL, "1秒 · 1 s"),
        (0.9 * SECOND, ALL, "0秒 · 0 s"),
        (-90 * MINUTE, ALL, "1小时30分钟 · 1 h 30 min"),
    ],
)
def test_a_length_is_said_by_its_units(length: dt.timedelta, counting: Counting, expected: str) -> None:
    """Each unit that there is any of is said, from days down to seconds; open time has no days."""
    assert expected == str(say_length(length, counting))


def test_what_counts_is_said() -> None:
    """Each of the ways to count has its words."""
    assert ["全部时间 · all time", "营业时间 · open time", "工作日时间 · time of working days"] == [
        str(say_counting(one)) for one in Counting
    ]


@pytest.mark.parametrize(
    ("deadline", "counting", "expected"),
    [
        (After(time=HOUR), ALL, "1小时内 · within 1 h"),
        (After(time=HOUR), WORKING, "1小时工作日时间内 · within 1 h of time of working days"),
        (After(time=DAY), OPEN, "24小时营业时间内 · within 24 h of open time"),
        (
            After(time=HOUR, end="close_of_business"),
            ALL,
            "1小时内，至营业终了 · within 1 h, until close of business",
        ),
        (After(time=HOUR, end="end_of_day"), ALL, "1小时内，至当日终了 · within 1 h, until the end of the day"),
        (After(working_days=1), ALL, "1个工作日内 · within 1 working day"),
        (After(working_days=2, end="same_time"), ALL, "2个工作日内 · within 2 working days"),
        (
            After(working_days=3, end="close_of_business"),
            ALL,
            "3个工作日内，至营业终了 · within 3 working days, until close of business",
        ),
        (Named(moment="noon"), ALL, "中午前 · by noon"),
        (Named(moment="16:45"), ALL, "16:45前 · by 16:45"),
        (Named(moment="opening", days=0), ALL, "开门前 · by opening"),
        (Named(moment="end_of_day", days=1), ALL, "1天后当日终了前 · by end of the day, 1 day later"),
        (Named(moment="close_of_business", days=2), ALL, "2天后营业终了前 · by close of business, 2 days later"),
        (Before(lead=DAY, anchor="outage"), ALL, "outage前1天 · 1 d before outage"),
        (Before(working_days=1, anchor="outage"), ALL, "outage前1个工作日 · 1 working day before outage"),
        (Before(working_days=3, anchor="outage"), ALL, "outage前3个工作日 · 3 working days before outage"),
        (Within(period="half_year"), ALL, "当半年内 · within the half-year"),
        (NotConfigured(), ALL, "未设时限 · no deadline is set"),
        (ByTarget(output="solve"), ALL, "按时限表（solve） · as the table of targets says (solve)"),
    ],
)
def test_a_deadline_is_said(deadline: Deadline | ByTarget, counting: Counting, expected: str) -> None:
    """Every form of deadline has its words, in the time that counts and with the end of its last day."""
    assert expected == str(say_deadline(deadline, counting))
