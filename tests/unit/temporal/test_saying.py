"""Deadlines and lengths in words, in both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.temporal import After, Before, ByTarget, Counting, Deadline, Named, NotConfigured, Within
from branchkit.temporal.saying import say_counting, say_deadline, say_length

HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("deadline", "counting", "zh", "en"),
    [
        (After(time=HOUR), Counting.ELAPSED, "1小时内", "within 1 h"),
        (After(time=30 * HOUR), Counting.BUSINESS, "30小时营业时间内", "within 30 h of open time"),
        (After(time=30 * HOUR), Counting.WORKING_DAYS, "1天6小时工作日时间内",
         "within 1 d 6 h of time of working days"),
        (After(time=HOUR, end="end_of_day"), Counting.ELAPSED, "1小时内，至当日终了",
         "within 1 h, until the end of the day"),
        (After(working_days=1), Counting.ELAPSED, "1个工作日内", "within 1 working day"),
        (After(working_days=3, end="close_of_business"), Counting.ELAPSED, "3个工作日内，至营业终了",
         "within 3 working days, until close of business"),
        (Named(moment="noon"), Counting.ELAPSED, "中午前", "by noon"),
        (Named(moment="17:30", days=2), Counting.ELAPSED, "2天后17:30前", "by 17:30, 2 days later"),
        (Before(lead=HOUR, anchor="visit"), Counting.ELAPSED, "visit前1小时", "1 h before visit"),
        (Before(working_days=1, anchor="visit"), Counting.ELAPSED, "visit前1个工作日", "1 working day before visit"),
        (Within(period="month"), Counting.ELAPSED, "当月内", "within the month"),
        (NotConfigured(), Counting.ELAPSED, "未设时限", "no deadline is set"),
        (ByTarget(output="repair"), Counting.ELAPSED, "按时限表（repair）", "as the table of targets says (repair)"),
    ],
)  # fmt: skip
def test_every_form_of_deadline_has_words(deadline: Deadline | ByTarget, counting: Counting, zh: str, en: str) -> None:
    """Each form says by when, and which time counts where that is not all of it."""
    said = say_deadline(deadline, counting)

    assert (zh, en) == (said.zh, said.en)


def test_lengths_below_a_second_are_none() -> None:
    """What is left below a second is left out, and nothing is said as zero seconds."""
    assert ("0秒", "0 s") == (say_length(dt.timedelta(microseconds=9)).zh, say_length(dt.timedelta()).en)
    assert "1 d 1 s" == say_length(dt.timedelta(days=1, seconds=1)).en
    assert "营业时间" == say_counting(Counting.BUSINESS).zh
