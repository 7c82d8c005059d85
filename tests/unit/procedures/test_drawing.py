"""The picture of a procedure: everything in it, nothing on top of another, always the same, all escaped."""

from __future__ import annotations

import itertools
import re
from xml.etree.ElementTree import Element, fromstring

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.conditions import Exists
from branchkit.estate import ByPost, ByRole
from branchkit.procedures import CaseOutcome, Procedure, Separation, Signatures, Stage, Transition, to_svg
from branchkit.procedures.layout import Box, Line, lay_out
from branchkit.procedures.lettering import clean, fit, width, wrap
from branchkit.temporal import After, ClockSpec
from branchkit.values import Text

SVG = "{http://www.w3.org/2000/svg}"
DESK = ByPost(post="fault_desk")
ODD = Text(zh='<b>"&名\x01', en="</text>&amp;\u202eabc")


def words(id: str) -> Text:
    return Text(zh=id, en=id)


def stage(id: str, *ways: Transition, **more: object) -> Stage:
    return Stage(id, **{"title": words(id), "actors": (DESK,), "transitions": ways, **more})  # type: ignore[arg-type]


def way(id: str, *to: str, **more: object) -> Transition:
    return Transition(id, title=words(id), to=to, **more)  # type: ignore[arg-type]


FORK = Procedure(
    "house.fork",
    version="2",
    title=Text(zh="并行", en="Side by side"),
    starts=("begin",),
    opens=(DESK,),
    outcomes=(CaseOutcome("good", title=words("good")), CaseOutcome("bad", title=words("bad"))),
    clocks=(ClockSpec("whole", title=words("whole"), deadline=After(working_days=2)),),
    separations=(Separation("two", title=words("two"), duties=("stage:left", "stage:join")),),
    stages=(
        stage("begin", way("both", "left", "right"), way("stop", ends="bad")),
        stage(
            "left",
            way("left-done", "join", when=Exists(fact="x")),
            clocks=(ClockSpec("own", title=words("own"), deadline=After(working_days=1)),),
        ),
        stage("right", way("right-done", "join"), way("again", "right", returns=True), optional=True),
        stage(
            "join",
            way("done", ends="good"),
            way("back", "left", "right", returns=True),
            needs=("left", "right"),
            signatures=Signatures(mode="approval", count=1, actors=(ByRole(role="owner"),)),
        ),
    ),
)


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in fromstring(svg).iter(f"{SVG}text")]


def places(svg: str) -> list[tuple[int, int, int, int]]:
    """Return from where to where each box reaches, as left, top, right and bottom."""
    found = []
    for group in fromstring(svg).iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        moved = re.match(r"translate\((-?\d+) (-?\d+)\)", group.get("transform", ""))
        if box is not None and moved is not None:
            x, y = map(int, moved.groups())
            found.append((x, y, x + int(box.attrib["width"]), y + int(box.attrib["height"])))
    return found


def curves(svg: str) -> list[Element]:
    return [one for one in fromstring(svg).iter(f"{SVG}path") if one.get("class") == "line"]


def test_everything_is_in_the_picture() -> None:
    """Stages, ways, ends, clocks, signatures, joins and separations are named, in the language asked for."""
    shown = texts(to_svg(FORK, "en"))

    expected = {"Side by side", "house.fork 2", "begin", "left", "right", "join", "both", "stop", "good", "bad"}
    assert set() == expected - set(shown)
    assert {"whole: within 2 working days", "own: within 1 working day", "1 to approve"} <= set(shown)
    assert {"two: stage:left ≠ stage:join", "waits for: left, right"} <= set(shown)
    assert "并行" in texts(to_svg(FORK, "zh"))


@pytest.mark.parametrize("name", Catalog().index.ids("procedure"))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_covers_another(name: str, lang: str) -> None:
    """In every procedure of the catalog boxes, labels and ends stand apart and inside the frame, and are all there."""
    procedure = Catalog().procedure(name)
    svg = to_svg(procedure, lang)

    found = places(svg)
    ways = sum(len(one.transitions) for one in procedure.stages)
    assert len(found) >= len(procedure.stages) + ways + 1
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in itertools.combinations(found, 2):
        assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1
    assert all(left >= 0 and right <= int(fromstring(svg).attrib["width"]) for left, _, right, _ in found)


def test_the_same_procedure_gives_the_same_picture() -> None:
    """Two drawings are the same, letter for letter, in whatever order the stages are listed."""
    again = attrs.evolve(FORK, stages=FORK.stages[::-1])
    said = re.compile("<desc.*?</desc>")

    assert said.sub("", to_svg(FORK, "zh")) == said.sub("", to_svg(again, "zh"))


def test_lines_that_go_back_are_told_from_those_that_go_on() -> None:
    """What returns is drawn as such: the way from the join to both, and the one that tries again, once each."""
    svg = to_svg(FORK)

    back = [one for one in fromstring(svg).iter(f"{SVG}g") if one.get("class") == "back"]
    labels = [one for one in back if one.find(f"{SVG}rect") is not None]
    # from the join up to its label, from there up to both stages; and from the label of `again` up to its stage
    assert (2, 4) == (len(labels), len(back) - len(labels))
    assert 16 == len(curves(svg))


def test_hostile_words_stay_words() -> None:
    """Markup, control characters and marks that turn the direction of text do not get into the picture."""
    svg = to_svg(attrs.evolve(FORK, title=ODD, stages=tuple(attrs.evolve(one, title=ODD) for one in FORK.stages)))

    assert '<b>"&名�' in texts(to_svg(attrs.evolve(FORK, title=ODD), "zh"))
    assert "</text>&amp;abc" in texts(svg)
    assert "\x01" not in svg
    assert "<script" not in svg


def test_it_stands_alone() -> None:
    """No script, and no address but the name of SVG; those who do not see it are told every stage and way."""
    svg = to_svg(FORK)

    assert {"http://www.w3.org/2000/svg"} == set(re.findall(r"https?://[^\"' ]+", svg))
    assert "begin (post fault_desk): both → left, right, stop → [bad]" in (fromstring(svg).findtext(f"{SVG}desc") or "")
    assert "Side by side" == fromstring(svg).findtext(f"{SVG}title")


def test_boxes_without_lines_and_no_boxes_at_all() -> None:
    """What hangs on nothing is placed beside the others; of nothing there is an empty picture."""
    laid = lay_out([Box("a", 0, 10, 10), Box("b", 0, 10, 10)], [])

    assert abs(laid.places["a"][0] - laid.places["b"][0]) >= 10
    assert (0, 0, ()) == (lay_out([], []).width, lay_out([], []).height, lay_out([], []).lines)


def test_a_long_line_passes_the_boxes_between() -> None:
    """A line over three layers bends beside the box in between, and goes straight down where it passes it."""
    laid = lay_out([Box("a", 0, 40, 20), Box("b", 1, 40, 20), Box("c", 2, 40, 20)],
                   [Line("a", "b"), Line("b", "c"), Line("a", "c")])  # fmt: skip

    long = laid.lines[2]
    assert 4 == len(long)
    assert long[1][0] == long[2][0]
    assert abs(long[1][0] - laid.places["b"][0]) >= 20


def test_orders_that_cross_less_are_kept() -> None:
    """Two lines that cross as the boxes are listed no longer do."""
    laid = lay_out([Box("a", 0, 10, 10), Box("b", 0, 10, 10), Box("c", 1, 10, 10), Box("d", 1, 10, 10)],
                   [Line("a", "d"), Line("b", "c")])  # fmt: skip

    left = laid.places["a"][0] < laid.places["b"][0]
    assert left == (laid.places["d"][0] < laid.places["c"][0])


@pytest.mark.parametrize(
    ("text", "most", "lines"),
    [
        ("", 2, ("",)),
        ("short", 2, ("short",)),
        ("one two by four", 2, ("one two", "by four")),
        ("判定轻重缓急", 2, ("判定轻重", "缓急")),
        ("one two three four five six", 2, ("one two", "three f…")),
    ],
)
def test_words_break_where_they_may(text: str, most: int, lines: tuple[str, ...]) -> None:
    """Between words, or between Chinese letters, and never beyond the room."""
    assert lines == wrap(text, 56, 12, most)
    assert all(width(one, 12) <= 56 for one in lines)
    assert fit(text, 1000, 12) == text
    assert clean(text) == text
