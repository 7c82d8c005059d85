"""Facts about cycles: on which days and at which moments something falls."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from branchkit.codec import structure, unstructure
from branchkit.errors import CalendarUnknown, ConfigError, DecodeError, InputError
from branchkit.temporal import (
    Around,
    AtMost,
    Calendar,
    CalendarDay,
    Continuous,
    Cycle,
    Daily,
    EveryDays,
    HalfYearly,
    Hours,
    Monthly,
    NotConfigured,
    OnEvent,
    Quarterly,
    Random,
    Roll,
    Weekly,
    Yearly,
    commitment,
    occurrences,
    period_seed,
    roll_problem,
)
from branchkit.temporal.chance import draw
from branchkit.temporal.months import PERIODS, add_span, period_name, period_of, read_span
from branchkit.values import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
SECRET = b"a secret of at least sixteen bytes"
YEAR = Calendar(
    "trial",
    version="2026",
    title=Text(zh="试验", en="trial"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
    days=(
        CalendarDay(dt.date(2026, 1, 1), working=False),
        CalendarDay(dt.date(2026, 1, 2), working=False),
        CalendarDay(dt.date(2026, 1, 4), working=True),
        CalendarDay(dt.date(2026, 10, 1), working=False),
        CalendarDay(dt.date(2026, 10, 2), working=False),
    ),
)
WEEK = Hours.from_week({"mon tue wed thu fri": "09:00-12:00, 13:00-17:30", "sat": "22:00-02:00"})


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def falls(cycle: Cycle, first: str, last: str, roll: Roll = Roll.NONE, **around: Any) -> list[str]:
    found = occurrences(cycle, day(first), day(last), roll=roll, around=Around(**around))
    return [one.day.isoformat()[5:] for one in found]


# -- months


def test_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    """Monthly on the 31st falls in every month, on the last day of those that are shorter."""
    ends = ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30"]

    assert ends == falls(Monthly(day=31), "01-01", "06-30")
    assert ends == falls(Monthly(day=-1), "01-01", "06-30") == falls(Monthly(), "01-01", "06-30")
    assert ["02-28", "03-30"] == falls(Monthly(day=30), "02-01", "03-31")
    assert ["02-27", "03-30"] == falls(Monthly(day=-2), "02-01", "03-31")


def test_weekday_of_a_month() -> None:
    """The second Tuesday and the last Friday of a month are found in every month."""
    assert ["02-10", "03-10"] == falls(Monthly(weekday="tue", nth=2), "02-01", "03-31")
    assert ["01-30", "02-27"] == falls(Monthly(weekday="fri", nth=-1), "01-01", "02-28")


def test_working_day_of_a_month() -> None:
    """The first and the last working day are counted by the calendar; a month with too few gives the outermost."""
    assert ["01-04", "02-02"] == falls(Monthly(working_day=1), "01-01", "02-28", calendar=YEAR)
    assert ["01-30", "02-27"] == falls(Monthly(working_day=-1), "01-01", "02-28", calendar=YEAR)
    assert ["02-27"] == falls(Monthly(working_day=31), "02-01", "02-28", calendar=YEAR)


def test_quarters_and_halves() -> None:
    """A quarter and a half year end on their last day unless another month or day is said."""
    assert ["03-31", "06-30", "09-30", "12-31"] == falls(Quarterly(), "01-01", "12-31")
    assert ["02-15", "05-15"] == falls(Quarterly(month=2, day=15), "01-01", "06-30")
    assert ["06-30", "12-31"] == falls(HalfYearly(), "01-01", "12-31")
    assert ["01-05", "07-06"] == falls(HalfYearly(month=1, weekday="mon", nth=1), "01-01", "12-31")


def test_dates_of_the_year() -> None:
    """Yearly dates fall each year; 29 February is the last day of February in other years."""
    assert ["05-15", "10-15"] == falls(Yearly(dates=("05-15", "10-15")), "01-01", "12-31")
    leap = Yearly(dates=("02-29",)).days(dt.date(2026, 1, 1), dt.date(2028, 12, 31), Around())
    assert ["2026-02-28", "2027-02-28", "2028-02-29"] == [one.isoformat() for one in leap]


# -- days and weeks


def test_days_of_a_kind() -> None:
    """Working and rest days are those of the calendar, open days those of the hours."""
    assert ["01-04", "01-05"] == falls(Daily(on="workday"), "01-01", "01-05", calendar=YEAR)
    assert ["01-01", "01-02", "01-03"] == falls(Daily(on="rest_day"), "01-01", "01-05", calendar=YEAR)
    open_days = falls(Daily(on="open_day"), "03-06", "03-09", hours=WEEK, zone=SHANGHAI)
    assert ["03-06", "03-07", "03-09"] == open_days
    assert ["03-07", "03-08"] == falls(Daily(), "03-07", "03-08")


def test_weeks_are_counted_from_the_week_of_a_day() -> None:
    """Every second week counts from the Monday of the week that holds `since`, and nothing is due before it."""
    fortnight = Weekly(weekdays=("mon", "fri"), every=2, since=day("03-11"))

    assert ["03-09", "03-13", "03-23", "03-27"] == falls(fortnight, "02-01", "03-31")
    assert ["03-04", "03-11"] == falls(Weekly(weekdays=("wed",)), "03-01", "03-14")


def test_every_so_many_days() -> None:
    """Every ten days counts from the first day on, whatever the range."""
    assert ["03-05", "03-15", "03-25"] == falls(EveryDays(every=10, since=day("03-05")), "01-01", "03-31")
    assert ["03-25"] == falls(EveryDays(every=10, since=day("03-05")), "03-16", "03-31")
    assert [] == falls(EveryDays(every=10, since=day("03-05")), "03-16", "03-24")


@pytest.mark.parametrize("cycle", [OnEvent(event="temporary_absence"), Continuous(), NotConfigured()])
def test_what_has_no_days_never_falls(cycle: Cycle) -> None:
    """What waits for an event, goes on all the time, or is not configured, expands to nothing."""
    assert [] == falls(cycle, "01-01", "12-31")


# -- rolling


def test_rolled_days_name_what_was_passed() -> None:
    """A day off rolls to a working day, and the occurrence names the days passed over."""
    rolled = occurrences(
        Monthly(day=1), day("10-01"), day("10-31"), roll=Roll.NEXT, around=Around(calendar=YEAR)
    )  # fmt: skip

    assert [(day("10-05"), tuple(day(f"10-0{n}") for n in range(1, 5)))] == [(one.day, one.moved) for one in rolled]


@pytest.mark.parametrize(
    ("roll", "found"),
    [(Roll.NEXT, ["06-01"]), (Roll.PREVIOUS, ["05-29"]), (Roll.MODIFIED, ["05-29"]), (Roll.NONE, ["05-31"])],
)
def test_ways_to_roll(roll: Roll, found: list[str]) -> None:
    """The last of May 2026 is a Sunday: it rolls on, back, back because it would leave the month, or not at all."""
    cycle = Yearly(dates=("05-31",))

    assert found == falls(cycle, "05-01", "06-30", roll, calendar=YEAR)
    assert [] == falls(cycle, "06-02", "06-30", roll, calendar=YEAR)


def test_what_rolls_in_belongs_to_the_range() -> None:
    """A range holds what rolls into it from outside, and not what rolls out of it."""
    cycle = Yearly(dates=("05-31",))

    assert ["06-01"] == falls(cycle, "06-01", "06-30", Roll.NEXT, calendar=YEAR)
    assert [] == falls(cycle, "05-30", "05-31", Roll.NEXT, calendar=YEAR)
    assert ["05-29"] == falls(cycle, "05-01", "05-29", Roll.PREVIOUS, calendar=YEAR)


def test_what_falls_together_is_due_once() -> None:
    """Two days that roll to the same working day make one occurrence, which names all days passed."""
    rolled = list(
        occurrences(
            Weekly(weekdays=("sat", "sun")),
            day("03-07"),
            day("03-10"),
            roll=Roll.NEXT,
            around=Around(calendar=YEAR),
        )
    )

    assert [(day("03-09"), (day("03-07"), day("03-08")))] == [(one.day, one.moved) for one in rolled]


def test_days_beyond_the_calendar_are_an_error_after_what_is_known() -> None:
    """What the calendar confirms is yielded; then the first day beyond it is an error."""
    found = occurrences(
        Monthly(day=15), day("11-01"), dt.date(2027, 1, 31), roll=Roll.NEXT, around=Around(calendar=YEAR)
    )

    assert [day("11-16"), day("12-15")] == [next(found).day, next(found).day]
    with pytest.raises(CalendarUnknown, match="2027-01-15 is beyond it"):
        next(found)


def test_doubt_at_the_edge_of_the_calendar_is_told() -> None:
    """Where something might roll in from before the calendar begins, that is an error and not silence."""
    with pytest.raises(CalendarUnknown, match="does not reach back to 2025-12-31"):
        falls(Monthly(), "01-01", "01-31", Roll.NEXT, calendar=YEAR)

    assert ["02-02"] == falls(Monthly(), "01-05", "02-02", Roll.NEXT, calendar=YEAR)
    with pytest.raises(CalendarUnknown, match="2027-01-01 is beyond it"):
        falls(Monthly(day=1), "12-01", "12-31", Roll.PREVIOUS, calendar=YEAR)


# -- times of day


def times(cycle: Cycle, first: str, last: str, zone: ZoneInfo, hours: Hours | None = None) -> list[tuple[str, str]]:
    found = occurrences(cycle, day(first), day(last), around=Around(zone=zone, hours=hours))
    return [(one.time or "", one.at.isoformat()[5:] if one.at else "") for one in found]


def test_times_of_a_day_are_moments_by_the_clock_and_the_hours() -> None:
    """Before opening, noon, a clock time and after closing are moments of the branch's day, in order."""
    found = list(
        occurrences(
            Daily(times=("after_closing", "noon", "08:15", "before_opening")),
            day("03-06"),
            day("03-06"),
            around=Around(zone=SHANGHAI, hours=WEEK),
        )
    )

    assert ["08:15", "before_opening", "noon", "after_closing"] == [one.time for one in found]
    assert ["08:15", "09:00", "12:00", "17:30"] == [f"{one.at:%H:%M}" for one in found if one.at]
    assert found[1].until == found[1].at
    assert [day("03-06")] * 3 == [one.until for one in (found[0], found[2], found[3])]


def test_cash_is_balanced_at_noon_and_in_the_evening_of_open_days() -> None:
    """service:OPN-10: the tills of an open day are balanced at noon and after closing; closed days have none."""
    cycle = Daily(times=("noon", "after_closing"), on="open_day")

    assert [
        ("noon", "03-06T12:00:00+08:00"),
        ("after_closing", "03-06T17:30:00+08:00"),
        ("noon", "03-07T12:00:00+08:00"),
        ("after_closing", "03-08T02:00:00+08:00"),
    ] == times(cycle, "03-06", "03-08", SHANGHAI, WEEK)


def test_a_closed_day_has_no_moment_by_the_hours() -> None:
    """Every day before opening means every day that opens; noon comes on closed days too."""
    assert [] == times(Daily(times=("before_opening", "after_closing")), "03-08", "03-08", SHANGHAI, WEEK)
    assert 1 == len(times(Daily(times=("noon",)), "03-08", "03-08", SHANGHAI, WEEK))


def test_days_on_which_the_clock_jumps() -> None:
    """A time that the clock skips means the end of the gap; one that it shows twice means the first."""
    early = Daily(times=("01:30", "noon"))

    assert ["03-29T02:00:00+01:00", "03-29T12:00:00+01:00"] == [at for _, at in times(early, "03-29", "03-29", LONDON)]
    assert ["10-25T01:30:00+01:00", "10-25T12:00:00+00:00"] == [at for _, at in times(early, "10-25", "10-25", LONDON)]


# -- at most so far apart


def test_a_password_is_changed_within_a_month_and_not_on_the_same_day() -> None:
    """estate:SEC-PWD-01, governance:RSK-CRD-02, service:TEL-15: at most a month apart, on irregular days."""
    cycle = AtMost(span="P1M", irregular=True)

    assert day("04-09") == cycle.latest([day("03-10")])
    assert day("02-27") == cycle.latest([day("01-31")])
    assert (day("02-10"),) == cycle.repeated([day("01-10"), day("02-10"), day("03-09")])
    assert (day("03-11"),) == cycle.late([day("01-10"), day("02-10"), day("03-11")])
    assert ["04-09"] == falls(cycle, "03-01", "04-30", done=(day("03-10"),))
    assert [] == falls(cycle, "03-01", "04-08", done=(day("03-10"),))


def test_the_same_distance_again_is_a_pattern_of_days() -> None:
    """Where the span is of days, the distance that came last is not to come again."""
    cycle = AtMost(span="P2W", irregular=True)

    assert day("03-15") == cycle.latest([day("03-01")])
    assert day("03-28") == cycle.latest([day("03-01"), day("03-15")])
    assert day("03-29") == AtMost(span="P2W").latest([day("03-01"), day("03-15")])


def test_done_days_are_needed_and_in_order() -> None:
    """Without a day on which it was done, or with days in disorder, there is no latest day."""
    with pytest.raises(InputError, match="at least one day"):
        AtMost(span="P1M").latest([])
    with pytest.raises(InputError, match="in order and each once"):
        AtMost(span="P1M").late([day("03-02"), day("03-01")])


# -- chance


def test_a_third_party_draws_the_same_days_from_the_seed() -> None:
    """The seed of a period, told afterwards, gives the days that the secret gave, and its commitment binds it."""
    cycle = Random(period="month", count=2, on="workday")
    drawn = falls(cycle, "03-01", "03-31", seed=SECRET, label="B-1", calendar=YEAR)
    told = period_seed(SECRET, "2026-03")

    again = cycle.draw(told, day("03-17"), Around(label="B-1", calendar=YEAR))

    assert drawn == [one.isoformat()[5:] for one in again]
    assert "sha256:" + hashlib.sha256(b"branchkit/seed-commitment/1\0" + told).hexdigest() == commitment(told)
    assert period_seed(SECRET, "2026-04") != told


def test_labels_draw_apart() -> None:
    """Two branches have days of their own from the same secret."""
    cycle = Random(period="year", count=20)

    assert falls(cycle, "01-01", "12-31", seed=SECRET, label="B-1") != falls(
        cycle, "01-01", "12-31", seed=SECRET, label="B-2"
    )


def test_a_period_with_fewer_days_gives_all_of_them() -> None:
    """Where no more days count than are to be drawn, all of them are."""
    cycle = Random(period="week", count=5, on="rest_day")

    assert ["03-07", "03-08"] == falls(cycle, "03-02", "03-08", seed=SECRET, calendar=YEAR)


def test_a_short_secret_is_refused() -> None:
    """A secret that could be found by trying is refused, and shows nowhere."""
    with pytest.raises(InputError, match="at least 16 bytes") as caught:
        falls(Random(period="month"), "03-01", "03-31", seed=b"short")

    assert "short" not in repr(Around(seed=b"short")) + str(caught.value)


def test_draws_are_those_of_other_writings() -> None:
    """Whoever writes the draw anew, from its description, gets the same days; so old draws stay verifiable."""
    block = hmac.new(bytes(32), b"branchkit/draw/1\0" + bytes(8) + b"patrol", hashlib.sha256).digest()
    chance = [int.from_bytes(block[at : at + 8], "big") for at in (0, 8, 16)]
    left = list(range(31))
    drawn = []
    for at, number in enumerate(chance):
        other = at + number % (31 - at)
        left[at], left[other] = left[other], left[at]
        drawn.append(left[at])

    assert tuple(sorted(drawn)) == draw(bytes(32), "patrol", 3, 31)


def test_no_two_periods_share_a_name() -> None:
    """Every day of two years lies in its period, and periods of all kinds have different names."""
    days = [dt.date(2025, 12, 20) + dt.timedelta(days=n) for n in range(400)]
    spans = {(period, period_of(one, period)): period_name(one, period) for period in PERIODS for one in days}

    assert len(spans) == len(set(spans.values()))
    assert all(first <= one <= last for period in PERIODS for one in days for first, last in [period_of(one, period)])


def test_cycles_work_up_to_the_ends_of_the_calendar_era() -> None:
    """In the last years that are allowed nothing runs past what a date can hold; beyond them is an error."""
    last = dt.date(9989, 12, 31)

    rare = EveryDays(every=10_000, since=dt.date(1, 1, 1))
    assert [] == list(occurrences(rare, last, last))
    assert dt.date(9999, 12, 31) == AtMost(span="P10Y").latest([last])
    assert [last] == [one.day for one in occurrences(Quarterly(), last, last)]
    assert [last] == list(Random(period="year", count=366).days(last, last, Around(seed=SECRET)))
    with pytest.raises(InputError, match="year from 2 to 9989"):
        occurrences(Quarterly(), last, dt.date(9990, 1, 1))
    with pytest.raises(InputError, match="year from 2 to 9989"):
        AtMost(span="P10Y").latest([dt.date(9990, 1, 1)])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Daily(on="holiday"),
        lambda: Random(period="decade"),
        lambda: Random(period="month", on="holiday"),
    ],
)
def test_words_that_mean_nothing_are_refused_in_python_too(make: Any) -> None:
    """What the reader of documents refuses is refused where a cycle is made in Python."""
    with pytest.raises(ValueError, match=r"Expected .*one of: "):
        make()


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda: list(Daily(on="workday").days(day("03-01"), day("03-02"), Around())), "a calendar of working days"),
        (lambda: list(Daily(on="open_day").days(day("03-01"), day("03-02"), Around())), "opening hours"),
        (lambda: Around(hours=WEEK).opening(day("03-02")), "a time zone"),
        (lambda: list(Random(period="month").days(day("03-01"), day("03-02"), Around())), "the secret"),
    ],
)
def test_days_asked_alone_say_what_is_missing(ask: Any, what: str) -> None:
    """A cycle asked for its days without what tells them says what is missing."""
    with pytest.raises(ConfigError, match=f"Expected {what}"):
        ask()


def test_what_is_held_comes_before_the_calendar_ends() -> None:
    """A rolled day that is known is yielded before the error about the day after it that is not."""
    found = occurrences(
        EveryDays(every=17, since=day("12-16")),
        day("12-01"),
        dt.date(2027, 1, 10),
        roll=Roll.MODIFIED,
        around=Around(calendar=YEAR),
    )

    assert day("12-16") == next(found).day
    with pytest.raises(CalendarUnknown):
        next(found)


# -- what is refused


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"kind": "daily", "times": ["evening"]}, "before_opening, noon, after_closing"),
        ({"kind": "daily", "times": ["24:00"]}, "from 00:00 to 23:59"),
        ({"kind": "daily", "times": ["noon", "noon"]}, "noon stands there again"),
        ({"kind": "daily", "on": "holiday"}, "every_day"),
        ({"kind": "weekly", "weekdays": []}, "Expected `weekdays`"),
        ({"kind": "weekly", "weekdays": ["mon", "mon"]}, "each once"),
        ({"kind": "weekly", "weekdays": ["mon"], "every": 0}, "from 1 to 52"),
        ({"kind": "weekly", "weekdays": ["mon"], "every": 2}, "Expected `since`"),
        ({"kind": "monthly", "day": 0}, "from 1 to 31"),
        ({"kind": "monthly", "day": 32}, "from 1 to 31"),
        ({"kind": "monthly", "day": 1, "working_day": 1}, "Expected one of"),
        ({"kind": "monthly", "nth": 1}, "`weekday` and `nth` together"),
        ({"kind": "monthly", "weekday": "mon", "nth": 5}, "not every month has a fifth"),
        ({"kind": "monthly", "weekday": "monday", "nth": 1}, "Expected `weekday`"),
        ({"kind": "monthly", "working_day": 0}, "Expected `working_day`"),
        ({"kind": "quarterly", "month": 4}, "1, 2, 3"),
        ({"kind": "yearly", "dates": []}, "Expected `dates` that exist"),
        ({"kind": "yearly", "dates": ["02-30"]}, "Expected `dates` that exist"),
        ({"kind": "yearly", "dates": ["02-28", "02-29"]}, "each once"),
        ({"kind": "yearly", "dates": ["10-15", "05-15"]}, "in order"),
        ({"kind": "every_days", "every": 1, "since": "2026-01-01"}, "from 2 to 10000"),
        ({"kind": "at_most", "span": "1 month"}, "P30D, P2W, P1M or P1Y"),
        ({"kind": "at_most", "span": "P99Y"}, "at most 10 years"),
        ({"kind": "at_most", "span": "P1D", "irregular": True}, "at least 2 days"),
        ({"kind": "random", "period": "month", "count": 0}, "from 1 to 366"),
        ({"kind": "on_event", "event": "A fault"}, "Expected `event`"),
        ({"kind": "sometimes"}, "Unknown kind; there are: daily"),
    ],
)
def test_cycles_that_mean_nothing_are_refused(plain: dict[str, Any], message: str) -> None:
    """A cycle that has no meaning, or two, is refused when it is read, with what would be right."""
    with pytest.raises(DecodeError, match=message):
        structure(Cycle, plain)


@pytest.mark.parametrize(
    "cycle",
    [
        Daily(times=("noon", "after_closing"), on="open_day"),
        Weekly(weekdays=("mon", "thu"), every=2, since=day("01-01"), times=("09:30",)),
        Monthly(working_day=-1),
        Quarterly(month=1, weekday="fri", nth=-1),
        HalfYearly(day=15),
        Yearly(dates=("05-15", "10-15")),
        EveryDays(every=45, since=day("01-01")),
        AtMost(span="P1M", irregular=True),
        Random(period="quarter", count=3, on="rest_day"),
        OnEvent(event="incident"),
        Continuous(),
        NotConfigured(),
    ],
)
def test_every_cycle_is_data(cycle: Cycle) -> None:
    """Every cycle is written as plain data and read back the same."""
    assert cycle == structure(Cycle, unstructure(cycle))


def test_what_is_lacking_is_named() -> None:
    """A cycle asked without what it needs says everything that it lacks."""
    with pytest.raises(ConfigError, match="hours, zone for the cycle daily"):
        falls(Daily(times=("before_opening",)), "03-01", "03-02")
    by_type = Hours.from_week({"workday": "09:00-17:00"})
    with pytest.raises(ConfigError, match="Expected calendar for the cycle daily"):
        falls(Daily(on="open_day"), "03-01", "03-02", hours=by_type, zone=SHANGHAI)
    with pytest.raises(ConfigError, match="Expected calendar"):
        falls(Monthly(), "03-01", "03-02", Roll.NEXT)


@pytest.mark.parametrize(
    ("cycle", "roll", "problem"),
    [
        (Monthly(day=1), Roll.NEXT, None),
        (Daily(), Roll.NONE, None),
        (Daily(), Roll.NEXT, "Has no effect on the cycle daily"),
        (Monthly(working_day=1), Roll.NEXT, "Has no effect on the cycle monthly of working days"),
        (Random(period="month"), Roll.PREVIOUS, "Has no effect on the cycle random"),
        (AtMost(span="P1M"), Roll.PREVIOUS, None),
        (AtMost(span="P1M"), Roll.MODIFIED, "Expected previous or none: a later day would be past the latest one"),
    ],
)
def test_rolls_without_effect_are_told(cycle: Cycle, roll: Roll, problem: str | None) -> None:
    """A roll that does nothing, or that would break the cycle, is told and refused."""
    assert problem == roll_problem(cycle, roll)
    if problem is not None:
        with pytest.raises(ConfigError, match=problem):
            falls(cycle, "03-01", "03-31", roll, calendar=YEAR, seed=SECRET, done=(day("03-01"),))


def test_spans_have_a_length() -> None:
    """Weeks are days, years are months, and months from a long one end on the last day of a short one."""
    assert [(14, "D"), (24, "M")] == [read_span("P2W"), read_span("P2Y")]
    assert dt.date(2028, 2, 29) == add_span(dt.date(2026, 2, 28), "P2Y") + dt.timedelta(days=1)
    assert day("04-30") == add_span(day("03-31"), "P1M")
