"""The pictures: inside their frame, without words over words, exact, and well-formed whatever the words are."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from fractions import Fraction
from xml.etree.ElementTree import Element, fromstring

import pytest
from branchkit_html.drawing import element, px
from branchkit_html.ladder import score_ladder
from branchkit_html.lettering import clean, fit, width
from branchkit_html.marks import effect_bar, severity_mark
from branchkit_html.sections import legend_swatch, section_bars
from branchkit_html.trend import axis, trend_line

from branchkit.kit import BranchReport, SectionResult, TrendPoint
from branchkit.values import Severity, Text

SVG = "{http://www.w3.org/2000/svg}"
ODD = Text(zh="<b>\"&'\x01名", en="</text>&amp;\u2028")


def read(svg: str) -> Element:
    return fromstring(svg)


def frame(svg: str) -> tuple[int, int]:
    return int(read(svg).attrib["width"]), int(read(svg).attrib["height"])


def shown(svg: str, kind: str) -> list[Element]:
    return [one for one in read(svg).iter(f"{SVG}text") if kind in one.attrib["class"].split()]


def spans(texts: list[Element], size: int) -> list[tuple[Fraction, Fraction]]:
    """Return from where to where words in the middle of their place reach, from left to right."""
    halves = [(Fraction(one.attrib["x"]), width(one.text or "", size) / 2) for one in texts]
    return sorted((x - half, x + half) for x, half in halves)


def assert_inside(svg: str) -> None:
    across, down = frame(svg)
    drawn = read(svg)
    defs = drawn.find(f"{SVG}defs")
    kept = set(defs.iter()) if defs is not None else set()
    for one in (each for each in drawn.iter(f"{SVG}rect") if each not in kept):
        x, y, w, h = (Fraction(one.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert min(w, h) >= 0
        assert x + w <= across
        assert y + h <= down
    for one in drawn.iter(f"{SVG}circle"):
        if one not in kept:
            x, y, r = (Fraction(one.attrib[key]) for key in ("cx", "cy", "r"))
            assert r <= x <= across - r
            assert r <= y <= down - r
    for one in drawn.iter(f"{SVG}text"):
        assert 0 <= Fraction(one.attrib["x"]) <= across
        assert 0 < Fraction(one.attrib["y"]) < down


def points(*numbers: int | str | None, step: int = 30) -> tuple[TrendPoint, ...]:
    first = dt.datetime(2025, 1, 6, 9, 0, tzinfo=dt.UTC)
    return tuple(
        TrendPoint(
            at=first + dt.timedelta(days=step * at),
            sheet=f"S-{at}",
            points=None if n is None else Decimal(n),
            band=None,
        )
        for at, n in enumerate(numbers)
    )


def bands(count: int) -> tuple[tuple[str, Text], ...]:
    return tuple((f"b{number}", Text(zh=f"第{number}级", en=f"Band number {number}")) for number in range(count))


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 8])
def test_a_ladder_stays_in_its_frame(count: int) -> None:
    """However many bands there are, their steps and titles lie inside, and titles do not run into each other."""
    svg = score_ladder("s", Decimal("86.25"), Decimal(100), bands(count), f"b{count // 2}")

    assert_inside(svg)
    for language in ("zh", "en"):
        titles = spans([one for one in shown(svg, "step-title") if language in one.attrib["class"].split()], 12)
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(titles))


def test_a_ladder_marks_one_band_and_the_exact_number() -> None:
    """One step is marked, the best band is the last to the right, and the number is not rounded."""
    svg = score_ladder("s", Decimal("86.125"), Decimal(100), bands(3), "b1")

    steps = [one.attrib["class"] for one in read(svg).iter(f"{SVG}rect") if "step" in one.attrib["class"]]
    assert ["step", "step on", "step"] == steps
    assert ["86.125"] == [one.text for one in shown(svg, "big")]
    assert ["第2级", "第1级", "第0级"] == [one.text for one in shown(svg, "step-title") if "zh" in one.attrib["class"]]
    assert "86.125 / 100, 第1级 · Band number 1" in (read(svg).findtext(f"{SVG}desc") or "")


@pytest.mark.parametrize(
    ("number", "filled"), [("0", None), ("50", "110"), ("100", "220"), ("120", "220"), ("-3", None)]
)
def test_the_gauge_is_exact_and_ends_with_its_track(number: str, filled: str | None) -> None:
    """The gauge shows the share of the most there is, and neither leaves its track nor draws a negative length."""
    svg = score_ladder("s", Decimal(number), Decimal(100), (), None)

    assert_inside(svg)
    assert [filled] * (filled is not None) == [
        one.attrib["width"] for one in read(svg).iter(f"{SVG}rect") if one.attrib["class"] == "fill"
    ]


def test_a_ladder_without_a_score() -> None:
    """Where there is no score no step is marked and no gauge is drawn."""
    svg = score_ladder("s", None, Decimal(100), bands(4), None)

    assert_inside(svg)
    assert "on" not in {word for one in read(svg).iter(f"{SVG}rect") for word in one.attrib["class"].split()}
    assert "未评分 · Not scored / 100" in (read(svg).findtext(f"{SVG}desc") or "")


@pytest.mark.parametrize("count", [1, 4, 12])
def test_section_bars_stay_in_their_frame(count: int) -> None:
    """However many sections there are, bars and numbers lie inside and rows do not run into each other."""
    title = Text(
        zh="非常非常长的分项名称用来试一试会不会写到条形图里", en="A very long title of a section that cannot fit"
    )
    sections = [SectionResult(title=title, passed=n, failed=1, not_applicable=2, unknown=3) for n in range(count)]
    svg = section_bars("s", sections)

    assert_inside(svg)
    rows = [Fraction(one.attrib["y"]) for one in shown(svg, "row-title")]
    assert all(after - before >= 14 for before, after in itertools.pairwise(rows))
    assert all(width(one.text or "", 13) <= 178 for one in shown(svg, "row-title"))


def test_section_bars_are_exact() -> None:
    """A bar's parts are in proportion to the counts, and kinds are told apart by pattern as well as colour."""
    svg = section_bars(
        "s", [SectionResult(title=Text(zh="甲", en="A"), passed=2, failed=1, not_applicable=7, unknown=1)]
    )

    cells = {one.attrib["class"]: one for one in read(svg).iter(f"{SVG}rect") if one.attrib.get("height") == "16"}
    assert {"cell passed": "68", "cell failed": "34", "cell unknown": "34"} == {
        kind: one.attrib["width"] for kind, one in cells.items()
    }
    assert "url(#s-failed)" == cells["cell failed"].attrib["fill"]
    assert "url(#s-unknown)" == cells["cell unknown"].attrib["fill"]
    assert ["67"] == [one.text for one in shown(svg, "percent")]
    assert ["%", "2", "1", "1", "7"] == [one.text for one in shown(svg, "count")]


def test_a_section_in_which_nothing_applied() -> None:
    """Where nothing applied there is no percentage and an empty bar."""
    svg = section_bars("s", [SectionResult(title=Text(zh="甲"), passed=0, failed=0, not_applicable=3, unknown=0)])

    assert ["–"] == [one.text for one in shown(svg, "percent")]
    assert 1 == sum(one.attrib["class"] == "empty" for one in read(svg).iter(f"{SVG}rect") if "class" in one.attrib)


@pytest.mark.parametrize(
    "numbers", [(80,), (80, 90), (None,), (None, None), (70, None, "81.5", 90), tuple(range(50, 100))]
)
@pytest.mark.parametrize("step", [0, 1, 30])
def test_a_trend_stays_in_its_frame(numbers: tuple[int | str | None, ...], step: int) -> None:
    """From one score to fifty, near or far apart: all inside, dates and numbers free of each other, the latest told."""
    trend = points(*numbers, step=step)
    svg = trend_line("t", trend, Decimal(100))

    assert_inside(svg)
    dates = spans(shown(svg, "tick")[6:], 12)
    values = spans(shown(svg, "value"), 12)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(dates))
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(values))
    assert trend[-1].at.date().isoformat() in [one.text for one in shown(svg, "tick")]
    if trend[-1].points is not None:
        assert str(trend[-1].points) in [one.text for one in shown(svg, "value")]


def test_a_trend_breaks_where_there_is_no_score() -> None:
    """A sheet without a score is a cross, and no line leads across it."""
    svg = trend_line("t", points(70, 80, None, 85, None, 90, 92), Decimal(100))

    lines = [len(one.attrib["points"].split()) for one in read(svg).iter(f"{SVG}polyline")]
    assert [2, 2] == lines
    assert 2 == len(list(read(svg).iter(f"{SVG}path")))
    assert 5 == len(list(read(svg).iter(f"{SVG}circle")))


def test_a_trend_tells_every_number_to_those_who_do_not_see_it() -> None:
    """The description has every date and score, also those for which there was no room."""
    trend = points(*range(40, 90), step=1)
    said = read(trend_line("t", trend, None)).findtext(f"{SVG}desc") or ""

    assert [] == [one for one in trend if f"{one.at.date()}: {one.points}" not in said]


@pytest.mark.parametrize(
    ("numbers", "ceiling", "ends"),
    [
        (["60", "90"], "100", ("50", "100")),
        (["49", "90"], "100", ("0", "100")),
        (["3"], None, ("0", "5")),
        (["37.5"], None, ("0", "50")),
        (["120"], "100", ("100", "200")),
        (["-7", "3"], None, ("-10", "5")),
        ([], None, ("0", "1")),
        (["0"], "0", ("0", "1")),
    ],
)
def test_the_axis_holds_every_score(numbers: list[str], ceiling: str | None, ends: tuple[str, str]) -> None:
    """The axis goes to the most there is and begins at zero, or at half where nothing lies below."""
    found = axis([Decimal(one) for one in numbers], None if ceiling is None else Decimal(ceiling))

    assert tuple(map(Decimal, ends)) == found


def test_every_picture_is_well_formed_whatever_the_words() -> None:
    """Markup and control characters in words are drawn as words."""
    section = SectionResult(title=ODD, passed=1, failed=1, not_applicable=1, unknown=1)
    pictures = (
        score_ladder("s", Decimal(1), Decimal(2), (("<x>", ODD), ("y", ODD)), "<x>"),
        score_ladder("s", Decimal(1), None, (), "<x>"),
        section_bars("s", [section]),
        legend_swatch("s", "failed"),
        effect_bar(Decimal("-3"), Decimal(5)),
        *(severity_mark(severity) for severity in Severity),
    )

    assert [f"{SVG}svg"] * len(pictures) == [read(svg).tag for svg in pictures]


def test_pictures_have_a_name_and_say_what_they_show(report: BranchReport) -> None:
    """Every picture that is not beside its own words has a title and a description that its frame refers to."""
    indoor = report.checklists[0]
    for svg in (section_bars("x", indoor.sections), trend_line("x", indoor.trend, indoor.ceiling)):
        drawn = read(svg)

        assert "img" == drawn.attrib["role"]
        assert "x-title x-desc" == drawn.attrib["aria-labelledby"]
        assert ["x-title", "x-desc"] == [drawn[0].attrib["id"], drawn[1].attrib["id"]]


def test_severities_are_told_apart_by_shape() -> None:
    """No two severities have the same outline."""
    assert 4 == len({severity_mark(severity).replace(severity.value, "") for severity in Severity})


@pytest.mark.parametrize(
    ("effect", "start", "length", "kind"),
    [("5", "36", "34", "gain"), ("-2.5", "19", "17", "loss"), ("0", "36", "0", "gain"), ("-0.01", "34", "2", "loss")],
)
def test_effects_go_to_their_side(effect: str, start: str, length: str, kind: str) -> None:
    """What was gained goes to the right and what was lost to the left, in proportion, and never unseen."""
    bar = next(read(effect_bar(Decimal(effect), Decimal(5))).iter(f"{SVG}rect"))

    assert (start, length, kind) == (bar.attrib["x"], bar.attrib["width"], bar.attrib["class"])


def test_lengths_are_written_in_tenths() -> None:
    """A length is rounded once, halves away from zero, and never written with an exponent."""
    assert ["0.3", "-0.3", "0.1", "1000", "0"] == [
        px(one) for one in (Fraction(1, 3), Fraction(-1, 3), Fraction(1, 20), Decimal("1E+3"), Fraction(0))
    ]


def test_attributes_are_escaped() -> None:
    """What stands in an attribute cannot leave it."""
    assert '<a title="&quot;&gt;&lt;b&amp;"/>' == element("a", title='"><b&')


def test_words_are_shortened_to_their_room() -> None:
    """Words that fit are kept; others end in an ellipsis and fit then."""
    assert "网点" == fit("网点", 26, 13)
    assert width(fit("Furniture and supplies for customers", 100, 13), 13) <= 100
    assert fit("Furniture and supplies for customers", 100, 13).endswith("…")


def test_cleaning_keeps_what_is_allowed() -> None:
    """Words of any script stay as they are; only what no document may hold is replaced."""
    assert "网点 Ångström 𠮷\n" == clean("网点 Ångström 𠮷\n")
    assert "a\ufffdb\ufffd" == clean("a\x0bb\ud800")
