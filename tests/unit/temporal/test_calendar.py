"""Facts about calendars."""

from __future__ import annotations

import datetime as dt
import pickle
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.errors import CalendarUnknown, InputError
from branchkit.temporal import Calendar, CalendarChange, CalendarDay, Roll
from branchkit.values import Text

YEAR = Calendar(
    "demo",
    version="1",
    title=Text(zh="示例", en="Demo"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
    days=(
        CalendarDay(dt.date(2026, 1, 1), working=False, name=Text(zh="元旦", en="New Year"), source="notice 1"),
        CalendarDay(dt.date(2026, 1, 2), working=False, name=Text(zh="元旦", en="New Year"), source="notice 1"),
        CalendarDay(dt.date(2026, 1, 3), working=False, name=Text(zh="元旦", en="New Year"), source="notice 1"),
        CalendarDay(dt.date(2026, 1, 4), working=True, name=Text(zh="元旦", en="New Year"), source="notice 1"),
    ),
)
STORM = CalendarChange(
    announced=dt.date(2026, 1, 6),
    days=(
        CalendarDay(dt.date(2026, 1, 8), working=False),
        CalendarDay(dt.date(2026, 1, 2), working=True),
    ),
    reason=Text(zh="台风", en="Typhoon"),
    source="notice 2",
)


def _january(day: int) -> dt.date:
    return dt.date(2026, 1, day)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(1, "holiday"), (3, "holiday"), (4, "workday"), (5, "workday"), (10, "rest_day"), (11, "rest_day")],
)
def test_a_day_is_what_the_notice_says_before_what_its_weekday_says(day: int, expected: str) -> None:
    """Listed days off are holidays on any weekday, make-up Sundays are workdays, other weekends are rest days."""
    assert expected == YEAR.day_type(_january(day))


def test_only_a_make_up_day_is_one() -> None:
    """A make-up day works although its weekday does not."""
    assert (True, False, False) == tuple(YEAR.is_make_up(_january(day)) for day in (4, 5, 11))


def test_the_last_change_wins() -> None:
    """A later emergency notice overrides the regular one and an earlier change, day by day."""
    again = CalendarChange(announced=_january(7), days=(CalendarDay(_january(8), working=True),))
    calendar = attrs.evolve(YEAR, changes=(STORM, again))

    assert [True, True, False] == [calendar.is_working(_january(day)) for day in (2, 8, 1)]


def test_a_calendar_can_be_asked_as_it_was_known() -> None:
    """As of the day before an announcement the change is not there; as of the day itself it is."""
    calendar = attrs.evolve(YEAR, changes=(STORM,))

    assert calendar.as_of(_january(5)).is_working(_january(8))
    assert not calendar.as_of(_january(6)).is_working(_january(8))


@pytest.mark.parametrize("day", [dt.date(2025, 12, 31), dt.date(2027, 1, 1)])
def test_outside_the_confirmed_days_it_says_so(day: dt.date) -> None:
    """Every question about a day outside the confirmed span is an error, whatever its weekday."""
    for ask in (
        YEAR.is_working,
        YEAR.day_type,
        YEAR.describe,
        YEAR.roll,
        lambda day: YEAR.working_days(day, day),
        lambda day: YEAR.working_days_between(_january(5), day),
        lambda day: YEAR.add_working_days(day, 0),
    ):
        with pytest.raises(CalendarUnknown) as caught:
            ask(day)
        assert ("demo", day, dt.date(2026, 12, 31)) == (
            caught.value.calendar,
            caught.value.day,
            caught.value.confirmed_through,
        )


@pytest.mark.parametrize(
    ("n", "named"), [(-1, dt.date(2025, 12, 31)), (-400, dt.date(2025, 12, 31)), (400, dt.date(2027, 1, 1))]
)
def test_counting_out_of_the_confirmed_days_says_so(n: int, named: dt.date) -> None:
    """Arithmetic that leaves the confirmed span is an error that names the first day not known."""
    with pytest.raises(CalendarUnknown) as caught:
        YEAR.add_working_days(_january(4), n)

    assert named == caught.value.day


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [(1, 1, 4), (4, 1, 5), (5, 5, 12), (9, 1, 12), (10, 1, 12), (12, -1, 9), (10, -1, 9), (5, -1, 4), (10, 0, 10)],
)
def test_the_day_itself_is_not_counted(day: int, n: int, expected: int) -> None:
    """The n-th working day is counted from the next day on, or back from the day before; none is the day itself."""
    assert _january(expected) == YEAR.add_working_days(_january(day), n)


@pytest.mark.parametrize(("first", "last", "expected"), [(1, 4, 1), (4, 4, 1), (5, 11, 5), (3, 3, 0), (9, 5, 0)])
def test_counting_includes_both_ends(first: int, last: int, expected: int) -> None:
    """A count of working days includes the first and the last day."""
    assert expected == YEAR.working_days(_january(first), _january(last))


@pytest.mark.parametrize(
    ("a", "b", "expected"), [(5, 5, 0), (5, 6, 1), (9, 12, 1), (12, 9, -1), (10, 11, 0), (4, 1, 0)]
)
def test_between_counts_steps(a: int, b: int, expected: int) -> None:
    """From Friday to Monday is one step, back is minus one, and over a weekend none."""
    assert expected == YEAR.working_days_between(_january(a), _january(b))


def test_rolling_says_what_it_passed() -> None:
    """A day off rolls to the nearest working day, naming the days passed; a working day stays, and none stays put."""
    assert (_january(12), (_january(10), _january(11))) == YEAR.roll(_january(10), "next")
    assert (_january(9), (_january(11), _january(10))) == YEAR.roll(_january(11), Roll.PREVIOUS)
    assert (_january(12), ()) == YEAR.roll(_january(12))
    assert (_january(10), ()) == YEAR.roll(_january(10), Roll.NONE)


def test_rolling_modified_stays_in_the_month() -> None:
    """The modified way goes on to the next working day, and back where that lies in another month."""
    assert (_january(12), (_january(10), _january(11))) == YEAR.roll(_january(10), Roll.MODIFIED)
    assert (_january(30), (_january(31),)) == YEAR.roll(_january(31), "modified")


def test_an_unknown_way_to_roll_is_refused() -> None:
    """The ways to roll are named when another one is asked for."""
    with pytest.raises(InputError, match="Expected one of: next, previous, modified, none"):
        YEAR.roll(_january(10), "nearest")


def test_describes_by_which_notice() -> None:
    """A day's description names the occasion, the notice, and the emergency announcement if there was one."""
    calendar = attrs.evolve(YEAR, changes=(STORM,))

    assert "2026-01-01 is a day off: New Year, by notice 1" == calendar.describe(_january(1)).en
    assert "2026-01-08 休息，2026-01-06 公布（台风），依据 notice 2" == calendar.describe(_january(8)).zh
    bare = attrs.evolve(YEAR, changes=(attrs.evolve(STORM, reason=None, source=None),))
    assert "2026-01-08 is a day off, announced 2026-01-06" == bare.describe(_january(8)).en
    assert "2026-01-09 is a working day (weekly pattern)" == calendar.describe(_january(9)).en


def test_the_weekly_pattern_need_not_be_monday_to_friday() -> None:
    """A calendar with another working week follows it."""
    calendar = attrs.evolve(YEAR, weekly=("sun", "mon", "tue", "wed", "thu"))

    assert ["rest_day", "rest_day", "workday"] == [calendar.day_type(_january(day)) for day in (9, 10, 11)]


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"id": " x"}, "$.id", "Expected an id"),
        ({"confirmed_through": dt.date(2025, 1, 1)}, "$.confirmed_through", "not before confirmed_from"),
        ({"confirmed_through": dt.date.max}, "$.confirmed_through", "no later than the year 9989"),
        ({"weekly": ("mon", "Tuesday")}, "$.weekly[1]", "Expected a weekday, one of: mon, tue"),
        ({"weekly": ("mon", "mon")}, "$.weekly[1]", "Expected each weekday once"),
        ({"weekly": ()}, "$.weekly", "Expected at least one working weekday"),
        (
            {"days": (*YEAR.days, CalendarDay(dt.date(2026, 2, 1), working=False))},
            "$.days[4]",
            "Has no effect: 2026-02-01 is a day off by its weekday",
        ),
        (
            {
                "changes": (
                    CalendarChange(
                        announced=dt.date(2026, 1, 6), days=(CalendarDay(dt.date(2026, 1, 8), working=True),)
                    ),
                )
            },
            "$.changes[0].days[0]",
            "Has no effect: 2026-01-08 is a working day by its weekday",
        ),
        ({"days": (YEAR.days[0], YEAR.days[0])}, "$.days[1].date", "2026-01-01 is listed before"),
        (
            {"changes": (STORM, attrs.evolve(STORM, announced=dt.date(2025, 12, 31)))},
            "$.changes[1].announced",
            "in the order they were announced",
        ),
        ({"changes": (attrs.evolve(STORM, days=()),)}, "$.changes[0].days", "at least one day"),
        (
            {"changes": (attrs.evolve(STORM, days=STORM.days[:1] * 2),)},
            "$.changes[0].days[1].date",
            "Expected each date once",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_path(change: dict[str, object], path: str, message: str) -> None:
    """A calendar that contradicts itself says where, and refuses to answer."""
    calendar = attrs.evolve(YEAR, **change)
    (problem,) = calendar.validate()

    assert path == problem.path
    assert message in problem.message
    with pytest.raises(InputError):
        calendar.is_working(calendar.confirmed_from)


def test_a_notice_may_say_what_the_weekday_says() -> None:
    """A day like its weekday is accepted from a notice, as the name of an occasion, and where it takes something back.

    A listed Sunday is a holiday and no mere rest day.
    """
    sunday = dt.date(2026, 2, 1)
    days = (CalendarDay(sunday, working=False, name=Text(en="Spring Festival")),)
    named = attrs.evolve(YEAR, days=(*YEAR.days, *days))
    by_notice = attrs.evolve(YEAR, days=(attrs.evolve(days[0], name=None, source="notice 3"),))
    in_change = attrs.evolve(STORM, days=(CalendarDay(sunday, working=False),), reason=None)
    back = CalendarChange(announced=_january(3), days=(CalendarDay(_january(4), working=False),))

    accepted = [named, by_notice, attrs.evolve(YEAR, changes=(in_change,)), attrs.evolve(YEAR, changes=(back,))]
    assert [()] * 4 == [tuple(calendar.validate()) for calendar in accepted]
    assert ("holiday", "rest_day") == (named.day_type(sunday), YEAR.day_type(sunday))


def test_asking_changes_nothing_about_it() -> None:
    """What a calendar remembers in order to be quick shows neither in equality nor in hash nor in a pickle."""
    fresh, asked = attrs.evolve(YEAR), attrs.evolve(YEAR)
    asked.add_working_days(_january(5), 3)

    assert (fresh, hash(fresh)) == (asked, hash(asked))
    assert fresh == pickle.loads(pickle.dumps(asked))
    assert pickle.loads(pickle.dumps(asked)).is_working(_january(5))


def test_merging_joins_years() -> None:
    """Yearly calendars join to one that answers for all years, also for days one year's notice lists in another."""
    late = Calendar(
        "demo",
        version="2",
        title=YEAR.title,
        confirmed_from=dt.date(2027, 1, 1),
        confirmed_through=dt.date(2027, 12, 31),
        days=(CalendarDay(dt.date(2026, 12, 26), working=True), YEAR.days[0]),
    )
    merged = Calendar.merge(late, YEAR, id="demo")

    assert ("demo", "2+1", "demo@2+1") == (merged.id, merged.version, merged.label)
    assert (dt.date(2026, 1, 1), dt.date(2027, 12, 31)) == (merged.confirmed_from, merged.confirmed_through)
    assert merged.is_make_up(dt.date(2026, 12, 26))
    assert 5 == len(merged.days)
    assert () == tuple(merged.validate())


def test_merging_keeps_changes_in_the_order_announced() -> None:
    """Emergency notices of all calendars stand in the order they were announced, each once."""
    early = attrs.evolve(STORM, announced=_january(5))
    merged = Calendar.merge(
        attrs.evolve(YEAR, changes=(STORM,)), attrs.evolve(YEAR, changes=(early, STORM)), version="m"
    )

    assert (early, STORM) == merged.changes
    assert "m" == merged.version


def test_merging_lists_every_contradiction() -> None:
    """Calendars that disagree on a date, a week or leave a hole are refused, with all the places."""
    other = attrs.evolve(
        YEAR,
        weekly=("mon",),
        days=(CalendarDay(_january(4), working=False, source="notice 3"),),
        confirmed_from=dt.date(2027, 2, 1),
        confirmed_through=dt.date(2027, 3, 1),
    )
    with pytest.raises(InputError) as caught:
        Calendar.merge(YEAR, other, attrs.evolve(YEAR, id=""))

    assert ["$[1].weekly", "$[1].days[0]", "$[2].id", "$[1].confirmed_from"] == [p.path for p in caught.value.problems]
    assert "Expected 2026-01-04 to be a working day, as in $[0]" == caught.value.problems[1].message


def test_merging_nothing_is_refused() -> None:
    """There is no empty calendar."""
    with pytest.raises(InputError, match="at least one calendar"):
        Calendar.merge()


def test_the_arithmetic_of_working_days_is_kept_for_each_zone() -> None:
    """Whoever counts by a calendar in a zone shares what was looked up; beyond a few zones it is looked up anew."""
    calendar = attrs.evolve(YEAR)
    shanghai = ZoneInfo("Asia/Shanghai")
    kept = calendar.worktime(shanghai)

    assert kept is calendar.worktime(shanghai)
    assert kept is not calendar.worktime(ZoneInfo("UTC"))
    for hours in range(1, 13):
        calendar.worktime(ZoneInfo(f"Etc/GMT+{hours}"))
    for hours in range(1, 5):
        calendar.worktime(ZoneInfo(f"Etc/GMT-{hours}"))
    assert kept is not calendar.worktime(shanghai)
