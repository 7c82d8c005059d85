"""The scoring policies that the catalog ships: what they count, what limits them, and what they are used for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import (
    Answer,
    BoundChecklist,
    Cell,
    CellState,
    Choice,
    DateAnswer,
    Number,
    Outcome,
    Scale,
    Sheet,
    bind,
    read,
)
from branchkit.estate import Branch, Equipment, Zone
from branchkit.scoring import Evidence, Score
from branchkit.values import Severity

AT = dt.datetime(2026, 3, 10, 2, tzinfo=dt.UTC)
CATALOG = Catalog()
POLICY = CATALOG.policy("environment")
BRANCH = Branch(
    "B-1",
    kind="wealth_outlet",
    traits=frozenset(),
    time_zone="Asia/Shanghai",
    services=frozenset({"currency_exchange"}),
    zones=(Zone("self", kind="self_service_zone"), Zone("wait", kind="waiting_zone")),
    equipment=(
        Equipment("ATM-1", kind="atm", zone="self"),
        Equipment("NC-1", kind="note_counter", zone="wait"),
        Equipment("QM-1", kind="queue_machine", zone="wait"),
    ),
)


def bound_to(name: str) -> BoundChecklist:
    return bind(CATALOG.checklist(name), BRANCH, at=AT)


def good(cell: Cell) -> str:
    """Return an answer that passes, or says nothing where none can."""
    kind = cell.item.answer
    if isinstance(kind, Choice):
        passing = [option.code for option in kind.options if option.outcome is Outcome.PASS]
        return passing[0] if passing else "no"
    if isinstance(kind, Number):
        return str(kind.pass_low or kind.pass_high or kind.low)
    if isinstance(kind, Scale):
        return str(kind.high)
    if isinstance(kind, DateAnswer):
        return "2026-12-31"
    return "pass"


def sheet(name: str, bad: frozenset[str] = frozenset()) -> Sheet:
    """Return a sheet on which everything that has to be answered passes, but for some items."""
    bound, answers = bound_to(name), list[Answer]()
    while True:
        filled = Sheet(name, checklist=name, version="1", branch="B-1", at=AT, by="I-1", answers=tuple(answers))
        wanted = {
            (cell.item.id, cell.on): Answer(
                cell.item.id, value="fail" if cell.item.id in bad else good(cell), on=cell.on
            )
            for cell in read(filled, bound).cells
            if cell.state is CellState.MISSING or (cell.state is CellState.SKIPPED and cell.item.id in bad)
        }
        if not wanted:
            return filled
        answers += wanted.values()


def scored(*names: str, bad: frozenset[str] = frozenset()) -> Score:
    return POLICY.score(Evidence.of(*(read(sheet(name, bad), bound_to(name)) for name in names))).value


def test_checklists_name_the_policy_that_scores_them() -> None:
    """A checklist names the policy of the environment exactly where that policy scores it."""
    named = {id for id in CATALOG.index.ids("checklist") if CATALOG.checklist(id).policy == "environment"}

    assert set(POLICY.checklists) == named


def test_weights_say_that_they_are_examples() -> None:
    """Nobody states weights, so the policy's name says in both languages that its own are examples."""
    assert "示例" in POLICY.title.zh
    assert "examples" in POLICY.title.en


@pytest.mark.parametrize("name", POLICY.checklists)
def test_one_sheet_is_enough(name: str) -> None:
    """Any one of the sheets is scored by itself, and a faultless one gets all points and the best band."""
    score = scored(name)

    assert (Decimal(100), "five-star") == (score.points, score.band)


def test_all_sheets_together_are_scored_by_their_worth() -> None:
    """Over all six sheets a faultless outlet has all points, and each part its own worth."""
    score = scored(*POLICY.checklists)

    assert (Decimal(100), "five-star") == (score.points, score.band)
    assert Decimal(100) == sum(part.worth for part in score.parts)


def test_advice_counts_for_nothing() -> None:
    """A sheet on which all advice fails scores as one on which none was looked at (estate:EST-AMB-09)."""
    advice = frozenset(
        item.id
        for _, item in CATALOG.checklist("indoor").items()
        if item.basis == "advice" and item.answer.KIND == "pass_fail"
    )

    assert "music" in advice
    assert Decimal(100) == scored("indoor", bad=advice).points


def test_worse_items_weigh_more() -> None:
    """A failed major item costs three times a failed minor one."""
    minor, major = (
        scored("convenience-area", bad=frozenset({item})).points for item in ("pens", "queue-machine-works")
    )

    assert minor is not None
    assert major is not None
    lost = (100 - major) / (100 - minor)
    assert Decimal("2.9") < lost < Decimal("3.1")


def test_critical_item_limits_the_band() -> None:
    """However many points there are, something critical leaves three stars at most (estate:EST-IN-08)."""
    score = scored(*POLICY.checklists, bad=frozenset({"cabling-safe"}))

    assert score.points is not None
    assert score.points > 95
    assert ("three-star", ("critical-item",)) == (score.band, score.vetoes)


def test_suggested_limit_vetoes_nothing() -> None:
    """A critical item whose limit is only suggested costs points and vetoes nothing (estate:EST-ACC-08)."""
    bound = bound_to("accessibility")
    slow = sheet("accessibility")
    answers = tuple(Answer(a.item, value="95") if a.item == "call-answer-time" else a for a in slow.answers)
    late = Sheet("late", checklist="accessibility", version="1", branch="B-1", at=AT, by="I-1", answers=answers)
    item = bound.checklist.item("call-answer-time")
    score = POLICY.score(Evidence(late, bound)).value

    assert item is not None
    assert (Severity.CRITICAL, "suggested") == (item.severity, item.basis)
    assert score.points is not None
    assert score.points < 100
    assert () == score.vetoes


def test_points_elsewhere_do_not_buy_off_accessibility() -> None:
    """An outlet whose accessibility is below 80 % has three stars at most, with a good total and nothing critical."""
    bad = frozenset({"route-marked", "route-free", "accessible-waiting", "call-point-marked"})
    score = scored(*POLICY.checklists, bad=bad)

    assert score.points is not None
    assert score.points > 88
    assert ("three-star", ("accessible",)) == (score.band, score.vetoes)


def test_worst_part_keeps_the_best_band_away() -> None:
    """Five stars ask for 90 % in every part: one weak part costs them although the total would do."""
    bad = frozenset({"graffiti", "bills", "stains"})
    score = scored(*POLICY.checklists, bad=bad)

    assert score.points is not None
    assert score.points >= 95
    assert score.aggregates["worst-part"] < 90
    assert ("four-star", ()) == (score.band, score.vetoes)
