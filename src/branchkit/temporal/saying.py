"""Deadlines and lengths of time in words, in Chinese and English, for people who look at a procedure or a case."""

from __future__ import annotations

import datetime as dt

from branchkit.temporal.cycles import NotConfigured
from branchkit.temporal.deadlines import After, Before, Deadline, Named, Within
from branchkit.temporal.frames import Counting
from branchkit.temporal.targets import ByTarget
from branchkit.values import Text

__all__ = ["say_counting", "say_deadline", "say_length"]

_UNITS = ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))
_COUNTINGS = {
    Counting.ELAPSED: Text(zh="全部时间", en="all time"),
    Counting.BUSINESS: Text(zh="营业时间", en="open time"),
    Counting.WORKING_DAYS: Text(zh="工作日时间", en="time of working days"),
}
_MOMENTS = {
    "opening": Text(zh="开门", en="opening"),
    "noon": Text(zh="中午", en="noon"),
    "close_of_business": Text(zh="营业终了", en="close of business"),
    "end_of_day": Text(zh="当日终了", en="end of the day"),
}
_PERIODS = {
    "day": Text(zh="当日", en="the day"),
    "week": Text(zh="当周", en="the week"),
    "month": Text(zh="当月", en="the month"),
    "quarter": Text(zh="当季", en="the quarter"),
    "half_year": Text(zh="当半年", en="the half-year"),
    "year": Text(zh="当年", en="the year"),
}


def say_length(length: dt.timedelta, counting: Counting = Counting.ELAPSED) -> Text:
    """Say how long something is; what is left below a second is left out. Open time has no days, only hours.

    >>> str(say_length(dt.timedelta(hours=25, minutes=30))), say_length(dt.timedelta()).en
    ('1天1小时30分钟 · 1 d 1 h 30 min', '0 s')
    >>> say_length(dt.timedelta(hours=25, minutes=30), Counting.BUSINESS).en
    '25 h 30 min'
    """
    left = int(abs(length).total_seconds())
    zh, en = [], []
    for size, word, letter in _UNITS[1:] if counting is Counting.BUSINESS else _UNITS:
        count, left = divmod(left, size)
        if count:
            zh.append(f"{count}{word}")
            en.append(f"{count} {letter}")
    return Text(zh="".join(zh) or "0秒", en=" ".join(en) or "0 s")


def say_counting(counting: Counting) -> Text:
    """Say which time counts.

    >>> say_counting(Counting.BUSINESS).en
    'open time'
    """
    return _COUNTINGS[counting]


def say_deadline(deadline: Deadline | ByTarget, counting: Counting = Counting.ELAPSED) -> Text:
    """Say by when, in the time that counts.

    >>> str(say_deadline(After(time=dt.timedelta(hours=2)), Counting.BUSINESS))
    '2小时营业时间内 · within 2 h of open time'
    >>> say_deadline(Before(working_days=3, anchor="outage")).en
    '3 working days before outage'
    """
    match deadline:
        case After(time=time, working_days=days):
            return _after(time, days, deadline.ending, counting)
        case Named(moment=moment, days=days):
            name = _MOMENTS.get(moment, Text(zh=moment, en=moment))
            zh = f"{days}天后{name.zh}前" if days else f"{name.zh}前"
            return Text(zh=zh, en=f"by {name.en}" + (f", {_days(days, 'day')} later" if days else ""))
        case Before(lead=lead, working_days=days, anchor=anchor):
            if lead is not None:
                said = say_length(lead)
                return Text(zh=f"{anchor}前{said.zh}", en=f"{said.en} before {anchor}")
            return Text(zh=f"{anchor}前{days}个工作日", en=f"{_days(days or 0, 'working day')} before {anchor}")
        case Within(period=period):
            said = _PERIODS[period]
            return Text(zh=f"{said.zh}内", en=f"within {said.en}")
        case NotConfigured():
            return Text(zh="未设时限", en="no deadline is set")
        case _:
            return Text(zh=f"按时限表（{deadline.output}）", en=f"as the table of targets says ({deadline.output})")


def _after(time: dt.timedelta | None, days: int | None, ending: str, counting: Counting) -> Text:
    if time is None:
        zh, en = f"{days}个工作日内", f"within {_days(days or 0, 'working day')}"
    else:
        said, counts = say_length(time, counting), say_counting(counting)
        plain = counting is Counting.ELAPSED
        zh = f"{said.zh}内" if plain else f"{said.zh}{counts.zh}内"
        en = f"within {said.en}" if plain else f"within {said.en} of {counts.en}"
    if ending == "close_of_business":
        return Text(zh=f"{zh}，至营业终了", en=f"{en}, until close of business")
    if ending == "end_of_day" and time is not None:
        return Text(zh=f"{zh}，至当日终了", en=f"{en}, until the end of the day")
    return Text(zh=zh, en=en)


def _days(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")
