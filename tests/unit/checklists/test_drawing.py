"""Random days: what they are drawn by is kept, and whoever has it draws the same days again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.checklists import (
    CommitSeed,
    Drawing,
    Drawn,
    EachStaff,
    EachValue,
    RevealSeed,
    Schedule,
    SchedulePlan,
    check_drawing,
    due,
    told_seeds,
)
from branchkit.checklists.drawing import draw_days, drawing_id, plan_of
from branchkit.conditions import FactSpec, FactType, parse_condition
from branchkit.errors import InputError
from branchkit.messages import Actor
from branchkit.temporal import Daily, Random, commitment, period_seed
from tests.unit.checklists.test_schedules import BRANCH, WORDS, YEAR
from tests.unit.checklists.tours import AT, refs

SECRET = b"a secret of at least sixteen bytes"
MARCH = period_seed(SECRET, "2026-03")
BUSY = parse_condition({"fact": "busy", "is": True})
TELLERS, CURRENCIES = (EachStaff(posts=("teller",)),), (EachValue(name="currency", fact="currencies"),)
PLAN = SchedulePlan(
    "trial",
    version="1",
    title=WORDS,
    entries=(
        Schedule("walk", title=WORDS, cycle=Daily(), when=parse_condition({"fact": "late", "is": True})),
        Schedule("patrol", title=WORDS, cycle=Random(period="month", count=3), for_each=TELLERS),
        Schedule("visit", title=WORDS, cycle=Random(period="month", on="rest_day"), when=BUSY),
        Schedule("count", title=WORDS, cycle=Random(period="month"), for_each=CURRENCIES),
    ),
    facts=(
        FactSpec("busy", FactType.BOOL), FactSpec("late", FactType.BOOL), FactSpec("currencies", FactType.CODES),
    ),
)  # fmt: skip


def sealed(entry: str = "patrol") -> Drawing:
    """Return a drawing that was bound to and not told yet."""
    return Drawing(
        branch="B-1",
        plan=plan_of(PLAN, entry),
        period="2026-03",
        zone="Asia/Shanghai",
        commitment=commitment(MARCH),
        committed_by="S-9",
        committed_at=AT,
    )


def revealed(entry: str = "patrol", **facts: Any) -> Drawing:
    """Return a drawing whose seed was told."""
    one = sealed(entry)
    among, drawn = draw_days(one, MARCH.hex(), BRANCH, YEAR, facts)
    return attrs.evolve(one, seed=MARCH.hex(), among=among, drawn=drawn, revealed_by="S-8", revealed_at=AT)


def test_what_is_drawn_is_what_was_due() -> None:
    """The days that are drawn for each thing are those that the secret makes due."""
    lines = [
        line
        for line in due(PLAN, BRANCH, dt.date(2026, 3, 1), dt.date(2026, 3, 31), calendar=YEAR, seed=SECRET)
        if line.entry.id == "patrol"
    ]
    one = revealed()

    assert {refs("branch:B-1", "staff:T-1"), refs("branch:B-1", "staff:T-2")} == {each.place for each in one.drawn}
    assert {(each.place, day) for each in one.drawn for day in each.days} == {(line.place, line.day) for line in lines}
    assert 6 == len(lines)
    assert tuple(dt.date(2026, 3, at) for at in range(1, 32)) == one.among


def test_a_drawing_is_told_by_its_place_and_period() -> None:
    """A drawing has one id, the days of its period and the cycle of its entry, sealed or revealed."""
    one = sealed()

    assert "trial/patrol/2026-03/B-1" == one.id == drawing_id("B-1", "trial", "patrol", "2026-03")
    assert ("sealed", "revealed") == (one.state, revealed().state)
    assert (dt.date(2026, 3, 1), dt.date(2026, 3, 31)) == one.days
    assert 3 == one.cycle.count


def test_a_plan_that_draws_nothing_has_no_cycle_of_chance() -> None:
    """A drawing over an entry whose days are not random is refused with its place."""
    with pytest.raises(InputError, match=r"Expected the cycle random.*`\$\.plan\.entries\[0\]\.cycle`"):
        _ = sealed("walk").cycle


@pytest.mark.parametrize(
    ("entry", "facts"), [("walk", ["late"]), ("patrol", []), ("visit", ["busy"]), ("count", ["currencies"])]
)
def test_only_the_facts_that_decide_are_kept(entry: str, facts: list[str]) -> None:
    """Of a plan one entry is kept, with the facts that its condition or its dimensions look at."""
    kept = plan_of(PLAN, entry)

    assert [entry] == [one.id for one in kept.entries]
    assert facts == [spec.name for spec in kept.facts]
    assert () == kept.validate()


def test_days_that_cannot_be_drawn_are_told() -> None:
    """Where something that decides is not known, nothing is drawn, and the reason is told."""
    with pytest.raises(InputError, match="busy is not given"):
        revealed("visit")


def test_days_off_are_drawn_among_days_off() -> None:
    """Among which days was drawn is kept, so that nobody has to ask the calendar again."""
    one = revealed("visit", busy=True)

    assert {0, 5, 6} == {day.weekday() for day in one.among}
    assert [1] == [len(each.days) for each in one.drawn]
    assert set(one.drawn[0].days) <= set(one.among)
    assert () == check_drawing(one)


def test_every_day_of_a_leap_year_can_be_drawn() -> None:
    """A day of a year is drawn among all of its days, of a leap year among 366."""
    year = Schedule("patrol", title=WORDS, cycle=Random(period="year"))
    one = attrs.evolve(sealed(), plan=attrs.evolve(PLAN, entries=(year,), facts=()), period="2028")
    among, _ = draw_days(one, MARCH.hex(), BRANCH, None, {})

    assert (366, dt.date(2028, 1, 1), dt.date(2028, 12, 31)) == (len(among), among[0], among[-1])


def test_all_days_of_a_period_may_be_days_off() -> None:
    """Where only some kind of day counts, it may be that every day of the period is one."""
    visit = revealed("visit", busy=True)
    march = tuple(dt.date(2026, 3, at) for at in range(1, 32))

    assert () == check_drawing(attrs.evolve(visit, among=march, drawn=()))


def test_an_honest_drawing_is_right() -> None:
    """Nothing is wrong with what was drawn by the seed, nor with what is still sealed."""
    assert () == check_drawing(revealed()) == check_drawing(sealed())
    assert () == check_drawing(revealed("count", currencies=("usd",)))


def test_what_was_drawn_otherwise_is_told() -> None:
    """Another seed, other days to draw among, and other days drawn are each told for what they are."""
    one = revealed()
    first = one.drawn[0]
    moved = attrs.evolve(first, days=(first.days[0], first.days[2], first.days[1]))

    assert ("trial/patrol/2026-03/B-1: the seed is not the one that was committed to",) == check_drawing(
        attrs.evolve(one, commitment=commitment(bytes(32)))
    )
    assert (
        "trial/patrol/2026-03/B-1: the seed draws other days for branch:B-1/staff:T-2: "
        + ", ".join(map(str, first.days)),
    ) == check_drawing(attrs.evolve(one, drawn=(moved, *one.drawn[1:])))


@pytest.mark.parametrize(
    ("entry", "among"),
    [
        ("patrol", lambda days: days[:-1]),
        ("patrol", lambda days: tuple(reversed(days))),
        ("visit", lambda days: tuple(reversed(days))),
        ("visit", lambda days: (days[0], *days)),
        ("visit", lambda days: (*days, dt.date(2026, 4, 4))),
        ("visit", lambda days: (dt.date(2026, 2, 28), *days)),
    ],
)
def test_days_to_draw_among_are_those_of_the_period(entry: str, among: Any) -> None:
    """Where every day counts there are all of the period; elsewhere some of them, in order and each once."""
    one = revealed(entry, **({"busy": True} if entry == "visit" else {}))
    wrong = attrs.evolve(one, among=among(one.among), drawn=())

    assert (f"{one.id}: the days that could be drawn are not those of 2026-03",) == check_drawing(wrong)


def test_seeds_that_were_told() -> None:
    """Of the drawings that are revealed, the seeds are had by entry and period; a sealed one tells none."""
    april = attrs.evolve(revealed(), period="2026-04", seed=bytes(32).hex())
    visit = revealed("visit", busy=True)

    assert {"trial/patrol": {"2026-03": MARCH, "2026-04": bytes(32)}, "trial/visit": {"2026-03": MARCH}} == told_seeds(
        [sealed("visit"), revealed(), april, visit]
    )


def test_periods_whose_seed_is_not_told_are_unknown() -> None:
    """Once one period was told, the days of those that were not are said to be waited for, by name."""
    only = attrs.evolve(plan_of(PLAN, "patrol"), facts=())
    lines = due(only, BRANCH, dt.date(2026, 2, 1), dt.date(2026, 4, 30), calendar=YEAR, seeds=told_seeds([revealed()]))

    assert [3] == sorted({line.day.month for line in lines if line.day})
    assert ["the seed is not told yet: 2026-02, 2026-04"] == [line.note.en for line in lines if line.note]
    march = due(only, BRANCH, dt.date(2026, 3, 1), dt.date(2026, 3, 31), calendar=YEAR, seeds=told_seeds([revealed()]))
    assert {"due"} == {line.state for line in march}


GIVEN: dict[str, Any] = {"by": Actor("S-9"), "at": AT}


@pytest.mark.parametrize("wrong", ["", "sha256:" + "g" * 64, "sha256:" + "A" * 64, "sha256:" + "a" * 63, "a" * 64])
def test_a_commitment_that_is_none(wrong: str) -> None:
    """A commitment is a SHA-256 in lower case, and said to be one."""
    good = CommitSeed("B-1", "trial", "patrol", "2026-03", commitment(MARCH), **GIVEN)

    assert ((), "branch:B-1") == (good.validate(), good.stream)
    assert ["$.commitment"] == [one.path for one in attrs.evolve(good, commitment=wrong).validate()]


@pytest.mark.parametrize("wrong", ["", "A" * 64, "a" * 63, "a" * 65, "g" * 64])
def test_a_seed_that_is_none(wrong: str) -> None:
    """A seed is told in sixty-four hexadecimal digits in lower case."""
    good = RevealSeed("B-1", "trial", "patrol", "2026-03", MARCH.hex(), **GIVEN)

    assert ((), "branch:B-1") == (good.validate(), good.stream)
    assert ["$.seed"] == [one.path for one in attrs.evolve(good, seed=wrong).validate()]


def test_what_was_drawn_for_a_place_is_a_value() -> None:
    """Two drawings of the same days for the same thing are equal."""
    assert Drawn(refs("branch:B-1"), (dt.date(2026, 3, 1),)) == Drawn(refs("branch:B-1"), (dt.date(2026, 3, 1),))
