"""Random days: bound to before a period, told after it, drawn again by anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from branchkit.checklists import (
    CommitSeed,
    Drawing,
    Drawn,
    RevealSeed,
    check_drawing,
    due,
    told_seeds,
)
from branchkit.errors import DecodeError, NotPermitted, Refused
from branchkit.estate import Branch, PublishCalendar
from branchkit.kit import Kit
from branchkit.messages import Actor
from branchkit.temporal import Calendar, commitment, period_seed
from branchkit.temporal.months import PERIODS, named_period, period_name, period_of
from branchkit.values import Text, Unknown
from tests.unit.kit.house import BRANCH, CLERK, HEAD, open_kit, register, rules

SECRET = b"kept by the supervision team alone"
TEAM = Actor("S-9", posts=("inspector",))
OTHER = Actor("S-8", posts=("inspector",))
ZONE = dt.timezone(dt.timedelta(hours=8))
MARCH = period_seed(SECRET, "2026-03")
CN = Calendar(
    "cn",
    version="1",
    title=Text(zh="工作日", en="Working days"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
)


def at(month: int, day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=ZONE)


def commit(**given: Any) -> CommitSeed:
    told = {"period": "2026-03", "entry": "patrol", "by": TEAM, "at": at(2, 27), "branch": "B-1", "plan": "supervision"}
    told |= given
    told.setdefault("commitment", commitment(period_seed(SECRET, told["period"])))
    return CommitSeed(**told)


def reveal(**given: Any) -> RevealSeed:
    told = {"period": "2026-03", "entry": "patrol", "by": OTHER, "at": at(4, 1), "branch": "B-1", "plan": "supervision"}
    told |= given
    told.setdefault("seed", period_seed(SECRET, told["period"]).hex())
    return RevealSeed(**told)


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with the shipped plans, a branch, and a calendar that it follows."""
    with open_kit() as opened:
        opened.do(PublishCalendar(CN, by=CLERK, at=at(1, 2)))
        opened.do(register(attrs.evolve(BRANCH, calendar="cn")))
        yield opened


def kept(kit: Kit, period: str = "2026-03", entry: str = "patrol") -> Drawing:
    return kit.get(Drawing, f"supervision/{entry}/{period}/B-1")


def test_the_days_of_a_patrol_are_secret_before_and_proved_after(kit: Kit) -> None:
    """governance:SUP-01 and governance:SYS-111: the random day of a month is bound to before it and shown after it."""
    plan = rules().catalog.schedule("supervision")
    month = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
    branch = kit.get(Branch, "B-1")
    secret = [line.day for line in due(plan, branch, *month, calendar=CN, seed=SECRET) if line.entry.id == "patrol"]

    done = kit.do(commit())
    sealed = kept(kit)
    before = [line for line in due(plan, branch, *month, seeds=told_seeds([sealed])) if line.entry.id == "patrol"]
    told = kit.do(reveal())
    shown = [
        line
        for line in due(plan, branch, *month, calendar=CN, seeds=told_seeds(kit.find(Drawing, branch="B-1")))
        if line.entry.id == "patrol"
    ]

    assert ("seed_committed",) == done.events
    assert ("sealed", None, ()) == (sealed.state, sealed.seed, sealed.drawn)
    assert ["unknown"] == [line.state for line in before]
    assert {"branch:B-1": [day.isoformat() for day in secret if day]} == told.details["drawn"]
    assert [("due", day) for day in secret] == [(line.state, line.day) for line in shown]
    assert ("revealed", "S-9", "S-8") == (kept(kit).state, kept(kit).committed_by, kept(kit).revealed_by)
    assert () == check_drawing(kept(kit))
    assert kit.verify().ok
    with kit.store.transaction(write=False) as tx:
        assert not any(SECRET.decode() in entry.text or SECRET.hex() in entry.text for entry in tx.read())


def test_a_visit_falls_on_a_day_off(kit: Kit) -> None:
    """governance:SUP-03: days of a quarter on which the branch rests; the kit keeps among which days was drawn."""
    kit.do(commit(entry="unannounced-visit", period="2026-Q2"))
    kit.do(reveal(entry="unannounced-visit", period="2026-Q2", at=at(7, 1, 0)))

    drawing = kept(kit, "2026-Q2", "unannounced-visit")
    (drawn,) = drawing.drawn
    assert {5, 6} == {day.weekday() for day in drawing.among}
    assert drawn.days[0] in drawing.among
    assert () == check_drawing(drawing)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"at": at(3, 1, 0)}, "has begun on 2026-03-01"),
        ({"at": at(2, 27), "recorded_at": at(3, 2)}, "has begun on 2026-03-01"),
        ({"branch": "B-9"}, "the branch 'B-9' is not registered"),
        ({"plan": "nothing"}, "No schedule 'nothing'"),
        ({"entry": "nothing"}, "no entry 'nothing' with random days; there are: patrol, unannounced-visit"),
        ({"period": "2026-Q2"}, "Expected a period such as 2026-03"),
    ],
)
def test_a_commitment_that_binds_nobody_is_refused(kit: Kit, given: dict[str, Any], reason: str) -> None:
    """Once the period began, whenever it is said to have been told before, and where there is nothing to draw."""
    with pytest.raises(Refused, match=reason):
        kit.do(commit(**given))


def test_nobody_commits_twice_to_different_seeds(kit: Kit) -> None:
    """The same commitment again changes nothing; another one is refused, so that nobody chooses afterwards."""
    kit.do(commit())

    assert () == kit.do(commit(at=at(2, 28))).events
    with pytest.raises(Refused, match="another seed is committed to already"):
        kit.do(commit(commitment=commitment(bytes(32))))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"at": at(3, 31, 23)}, "lasts through 2026-03-31; its seed may be told when it is over"),
        ({"seed": bytes(32).hex()}, "the seed is not the one that was committed to"),
        ({"period": "2026-04", "at": at(5, 1)}, "no seed was committed to"),
    ],
)
def test_a_seed_that_proves_nothing_is_refused(kit: Kit, given: dict[str, Any], reason: str) -> None:
    """Before the period is over, another seed, and one that nobody was bound to; nothing is kept of it."""
    kit.do(commit())

    with pytest.raises(Refused, match=reason):
        kit.do(reveal(**given))
    assert "sealed" == kept(kit).state


def test_a_seed_is_told_once(kit: Kit) -> None:
    """Told again it changes nothing."""
    kit.do(commit())
    kit.do(reveal())

    assert () == kit.do(reveal(at=at(4, 2))).events


def test_what_is_no_commitment_is_told_with_its_path(kit: Kit) -> None:
    """A text that can be neither a commitment nor a seed never gets as far as a decision."""
    for command, path in ((commit(commitment="sha256:12"), "$.commitment"), (reveal(seed="secret"), "$.seed")):
        with pytest.raises(DecodeError) as caught:
            kit.do(command)
        assert [path] == [problem.path for problem in caught.value.problems]


def test_the_outlet_holds_no_seed(kit: Kit) -> None:
    """Whoever runs the outlet may neither commit nor reveal: who can, knows the days beforehand."""
    for command in (commit(by=HEAD), reveal(by=HEAD)):
        with pytest.raises(NotPermitted):
            kit.do(command)


def test_days_that_cannot_be_told_are_not_revealed(kit: Kit) -> None:
    """Where the calendar is not known any more, the reason is told and the drawing stays sealed."""
    kit.do(commit(entry="unannounced-visit", period="2026-Q2"))
    with open_kit() as other:
        other.do(register(attrs.evolve(BRANCH, calendar=Unknown("not imported"))))
        other.do(commit(entry="unannounced-visit", period="2026-Q2"))
        with pytest.raises(Refused, match="no calendar of working days is given"):
            other.do(reveal(entry="unannounced-visit", period="2026-Q2", at=at(7, 1)))
        assert "sealed" == kept(other, "2026-Q2", "unannounced-visit").state


def test_a_branch_without_a_zone_has_no_period(kit: Kit) -> None:
    """Nobody knows when a month begins where the time zone is not known."""
    kit.do(register(Branch("B-2", time_zone=Unknown("not imported"))))

    with pytest.raises(Refused, match="time zone"):
        kit.do(commit(branch="B-2"))


def test_a_catalog_that_changes_later_changes_nothing(kit: Kit) -> None:
    """What is drawn is what was committed to: the drawing keeps the entry as it was."""
    kit.do(commit())
    drawing = kept(kit)
    kit.do(reveal())

    assert ["patrol"] == [entry.id for entry in drawing.plan.entries]
    assert drawing.plan == kept(kit).plan


def test_a_drawing_that_was_forged_is_found(kit: Kit) -> None:
    """Another seed, other days, and days that could not be drawn are each named."""
    kit.do(commit())
    kit.do(reveal())
    true = kept(kit)
    other = attrs.evolve(true, seed=bytes(32).hex())
    (drawn,) = true.drawn
    moved = attrs.evolve(true, drawn=(Drawn(drawn.place, (next(day for day in true.among if day not in drawn.days),)),))
    fewer = attrs.evolve(true, among=true.among[1:])

    assert any("not the one that was committed to" in one for one in check_drawing(other))
    assert [f"{true.id}: the seed draws other days for branch:B-1: {drawn.days[0]}"] == list(check_drawing(moved))
    assert "the days that could be drawn are not those of 2026-03" in check_drawing(fewer)[0]


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_is_found_by_its_name(period: str) -> None:
    """Every name that a period gets leads back to its days, and to no others."""
    for n in range(0, 800, 5):
        day = dt.date(2025, 12, 25) + dt.timedelta(days=n)
        assert period_of(day, period) == named_period(period_name(day, period), period)
    for name in ("2026-13", "2026-W60", "26", "2026-Q5", ""):
        with pytest.raises(ValueError, match="Expected"):
            named_period(name, period)
