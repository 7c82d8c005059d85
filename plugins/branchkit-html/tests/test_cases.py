"""Cases on the page: counts, what is late in its own time, what comes next, and a calendar that tells every number."""

from __future__ import annotations

import datetime as dt
import itertools
from xml.etree.ElementTree import Element, fromstring

import attrs
import pytest
from branchkit_html import render_report
from branchkit_html.heat import heat_legend, heat_map, level

from branchkit.kit import BranchReport, CaseDay, Caseload
from branchkit.values import Text

SVG = "{http://www.w3.org/2000/svg}"
MONDAY, TODAY = dt.date(2026, 3, 2), dt.date(2026, 3, 5)


def cases(report: BranchReport) -> Caseload:
    assert report.cases is not None
    return report.cases


def page(report: BranchReport, **changes: object) -> str:
    changed = attrs.evolve(report, cases=attrs.evolve(cases(report), **changes))  # type: ignore[arg-type]
    return render_report(changed).decode()


def drawn(days: tuple[CaseDay, ...], weeks: int = 5) -> Element:
    return fromstring(heat_map("h", MONDAY, MONDAY + dt.timedelta(days=7 * weeks - 1), days, TODAY))


def fields(svg: Element) -> list[Element]:
    return [one for one in svg.iter(f"{SVG}rect") if one.attrib["class"].startswith("day")]


def test_every_case_that_is_told_is_on_the_page(report: BranchReport) -> None:
    """The late clock with its place, its moment and its open hours, the next rung, and what cannot be read."""
    told = page(report)

    wanted = (
        "C-2026-07",
        "C-2026-09",
        "30 h",
        "30小时",
        "open time",
        "overdue/superior",
        "Cash machine 1",
        "paused",
        "hindered by",
        "case:O-2026-01",
    )
    assert [] == [one for one in (*wanted, "2026-03-12 09:30", "2026-03-17 09:30") if one not in told]
    assert "and more:</span></span> 2" in told


def test_a_branch_without_cases_has_no_such_section(report: BranchReport) -> None:
    """Where there has been no case, nothing of cases is shown."""
    assert "case-days" not in render_report(attrs.evolve(report, cases=None)).decode().partition("</style>")[2]


def test_nothing_late_and_nothing_ahead_are_kind_words(report: BranchReport) -> None:
    """Empty tables are words."""
    told = page(report, late=(), late_clocks=0, next_rungs=(), unreadable=(), days=())

    assert "Well done: no clock is late." in told
    assert "No rung is ahead." in told
    assert "nothing was opened or due in this time" in told


def test_a_calendar_has_a_field_for_every_day() -> None:
    """Whole weeks, a field a day, today framed, and every field inside."""
    svg = drawn((CaseDay(day=TODAY, opened=1, due=2, late=1),))

    found = fields(svg)
    assert 35 == len(found)
    assert 1 == sum("today" in one.attrib["class"] for one in found)
    assert all(int(one.attrib["x"]) + int(one.attrib["width"]) <= int(svg.attrib["width"]) for one in found)
    assert all(int(one.attrib["y"]) + int(one.attrib["height"]) <= int(svg.attrib["height"]) for one in found)


def test_nothing_is_told_by_colour_alone() -> None:
    """What is due is a number, what was missed a corner, what was opened a dot; the description has all numbers."""
    svg = drawn((CaseDay(day=TODAY, opened=3, due=2, late=1), CaseDay(day=MONDAY, opened=0, due=1200, late=0)))

    assert ["999+", "2"] == [one.text for one in svg.iter(f"{SVG}text") if "due" in one.attrib["class"].split()]
    assert (1, 1) == (len(list(svg.iter(f"{SVG}circle"))), len(list(svg.iter(f"{SVG}polygon"))))
    said = svg.findtext(f"{SVG}desc") or ""
    assert "2026-03-05: 开立 · opened 3, 到期 · due 2, 其中逾期 · missed 1" in said
    assert "2026-03-02: 到期 · due 1200" in said


@pytest.mark.parametrize(("due", "expected"), [(0, 0), (1, 1), (2, 1), (3, 2), (6, 3), (10, 4), (99, 4)])
def test_more_is_tinted_more(due: int, expected: int) -> None:
    """The tint has five steps."""
    assert expected == level(due)


def test_months_do_not_run_into_each_other() -> None:
    """A month is named above the week that holds its first day; the first column only where there is room."""
    svg = drawn((), weeks=12)

    named = [(int(one.attrib["x"]), one.text) for one in svg.iter(f"{SVG}text") if (one.text or "").startswith("2026")]
    assert ["2026-03", "2026-04", "2026-05"] == [text for _, text in named]
    assert all(right - left >= 50 for (left, _), (right, _) in itertools.pairwise(named))


@pytest.mark.parametrize("kind", ["opened", "due", "late", "today"])
def test_samples_of_the_legend_are_pictures(kind: str) -> None:
    """Each sample is well formed and hidden from those who have the words."""
    assert "true" == fromstring(heat_legend(kind)).attrib["aria-hidden"]


def test_hostile_titles_stay_words(report: BranchReport) -> None:
    """Markup in the title of a procedure or a clock is shown, not read."""
    odd = Text(zh="<script>", en="</td>&")
    late = tuple(attrs.evolve(one, procedure_title=odd, clock_title=odd, case="<i>") for one in cases(report).late)
    told = page(report, late=late)

    assert "<script" not in told
    assert "&lt;i&gt;" in told
