"""Values without sheets: what they score, what they become, and what is refused."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from branchkit.checklists import Answer, EachEquipment, Judgement, Rows, Scale, judge
from branchkit.conditions import Compare, Exists, FactSpec, FactType, Op
from branchkit.errors import InputError, Unsupported
from branchkit.scoring import Evidence, RubricPolicy, Scorer
from branchkit.values import Text
from tests.unit.checklists.tours import bound, checklist, item, section
from tests.unit.scoring.rubrics import HALL, ITEMS, SIGNS, TOUR, D, band, least, points, policy, sound, veto

TWO = (points("signs", 60, select=SIGNS), points("hall", 40, select=HALL))
BANDS = (band("good", total=least(80)), band("rest"))
PASSED = dict.fromkeys(ITEMS, "pass")


def scorer(*parts: Any, **more: Any) -> Scorer:
    """Return a scorer for the tour."""
    return sound(*(parts or TWO), **more).scorer(bound(TOUR))


def refused(one: Scorer, values: Any, **more: Any) -> list[str]:
    """Return what is said of values that are refused."""
    with pytest.raises(InputError) as caught:
        one.score(values, **more)
    return [str(problem) for problem in caught.value.problems]


def test_values_come_by_name_or_in_order() -> None:
    """Values score alike by name, in any order of names, and in the order of the cells."""
    one = scorer(bands=BANDS)
    mixed = {name: PASSED[name] for name in reversed(ITEMS)} | {"plate": "fail"}
    found = [one.score(mixed), one.score({**PASSED, "plate": "fail"}), one.score([mixed[name] for name in one.cells])]

    assert ITEMS == one.cells
    assert [(D("80.00"), "good")] * 3 == [(each.points, each.band) for each in found]
    assert ["plate"] == [cell.key for cell in found[0].wrong]


def test_values_come_in_any_sequence() -> None:
    """Any sequence of values will do; a text is one value too few, not a value a letter."""
    one = scorer()

    assert D(100) == one.score(deque(["pass"] * 5)).points
    assert ["Expected 5 values, one for each of `cells`; got 4 - at `$`"] == refused(one, "pass")


def test_an_answer_goes_to_the_item_that_it_names() -> None:
    """Answers that stand in each other's places count for the items that they name, as on a sheet."""
    one = scorer()
    swapped = {"lamp": Answer("desk", value="fail"), "desk": Answer("lamp", value="pass")}
    found = one.score({**PASSED, **swapped})

    assert D("80.00") == found.points
    assert ["desk"] == [cell.key for cell in found.wrong]
    assert found.decision("S", by="I") == one.policy.score(Evidence(found.sheet("S", by="I"), one.bound))


def test_an_answer_says_more_than_a_value() -> None:
    """An answer in place of a value says that an item does not apply, or is not known, or adds a note."""
    lamp = Answer("lamp", not_applicable="none here")
    one = scorer()
    found = one.score({**PASSED, "plate": Answer("plate", value="fail", note="faded"), "lamp": lamp})

    assert D("70.00") == found.points
    assert found.sheet("S-1", by="I").answers[1:3] == (Answer("plate", value="fail", note="faded"), lamp)
    assert found.decision("S-1", by="I") == one.policy.score(Evidence(found.sheet("S-1", by="I"), one.bound))


def test_what_is_not_answered_is_not_scored() -> None:
    """Where a required value is missing there is no number but the reason, as for a sheet."""
    one = scorer(bands=BANDS)
    found = one.score({name: "pass" for name in ITEMS if name != "desk"})

    assert (None, None, (), ()) == (found.points, found.band, found.parts, found.vetoes)
    assert (False, "not answered: desk") == (found.is_scored, str(found.reason and found.reason.en))
    assert found.decision("S", by="I") == one.policy.score(Evidence(found.sheet("S", by="I"), one.bound))


def test_a_sheet_by_these_values() -> None:
    """Under a name, at a moment, values give the sheet, its findings and the decision on it."""
    one = scorer(*TWO, veto(points_at_most=D(50)))
    found = one.score({**PASSED, "fascia": "fail", "lamp": Answer("lamp", not_applicable="none here")})
    at = dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)
    sheet = found.sheet("S-9", by="I-7", at=at)

    assert (at, "I-7", "S-9") == (sheet.at, sheet.by, sheet.id)
    assert judge(sheet, one.bound) == found.findings("S-9", at=at)
    assert one.policy.score(Evidence(sheet, one.bound)) == found.decision("S-9", by="I-7", at=at)
    assert (D("50.00"), ("veto",)) == (found.points, found.vetoes)


def test_facts_that_the_checklist_was_bound_with_are_on_its_sheets() -> None:
    """A sheet of values has the facts that were given for binding, so that anybody can bind it again."""
    facts = (FactSpec("peak", FactType.NUMBER), FactSpec("late", FactType.BOOL))
    form = checklist(section(item("a", when=Exists("peak")), item("b", when=Exists("late"))), facts=facts)
    found = policy(points()).scorer(bound(form, peak="3")).score(["pass", None])

    assert {"peak": "3"} == found.sheet("S", by="I").facts


def test_findings_name_the_device() -> None:
    """What is wrong with one of several things is found at that one, and what is wrong everywhere at the branch."""
    form = checklist(section(item("clean", for_each=(EachEquipment(kinds=("atm",)),)), item("b"), item("c")))
    one = policy(points()).scorer(bound(form))
    found = one.score(["fail", "pass", "fail", "fail", "pass"])

    assert judge(found.sheet("S", by="I"), one.bound) == found.findings("S")
    assert [2, 2, 1] == [len(finding.place) for finding in found.findings("S")]


def test_values_are_scored_only_where_sheets_are() -> None:
    """Where a policy says when it scores, values outside that have no score either."""
    reason = Text(zh="样本不足", en="too few")
    when = Compare("answer.lamp", Op.EQ, "pass")
    one = scorer(*TWO, scored_when=when, not_scored_reason=reason)

    assert (True, None) == (one.score(PASSED).is_scored, one.score(PASSED).reason)
    assert (False, reason) == (
        one.score({**PASSED, "lamp": "fail"}).is_scored,
        one.score({**PASSED, "lamp": "fail"}).reason,
    )


def test_a_decision_at_another_moment() -> None:
    """The moment of a sheet is in the digest that its decision names."""
    one = scorer()
    at = dt.datetime(2026, 5, 1, 8, tzinfo=dt.UTC)
    found = one.score(PASSED)
    sheet = found.sheet("S-9", by="I-7", at=at)

    assert one.policy.score(Evidence(sheet, one.bound)) == found.decision("S-9", by="I-7", at=at)
    assert found.decision("S-9", by="I-7", at=at).trace.digests != found.decision("S-9", by="I-7").trace.digests


@pytest.mark.parametrize("name", ["", " S"])
def test_a_sheet_needs_a_name(name: str) -> None:
    """A decision on a sheet whose id is none is refused as the sheet is."""
    with pytest.raises(InputError, match="Expected an id"):
        scorer().score(PASSED).decision(name, by="I")


def test_what_is_refused_names_its_cell() -> None:
    """Unknown cells, values that an item does not accept, and rows that are too short are told with their place."""
    one = scorer()

    assert ["Unknown cell; there are: fascia, plate, lamp, floor, desk - at `$.desks`"] == refused(
        one, {"desks": "pass"}
    )
    assert ["Expected pass or fail for item 'lamp' - at `$.lamp.value`"] == refused(one, {**PASSED, "lamp": "so so"})
    assert ["Expected pass or fail for item 'lamp' - at `$.lamp.value`"] == refused(
        one, {**PASSED, "lamp": ("pass", "fail")}
    )
    assert ["Expected text as a sheet holds it, a tuple of codes, an Answer, or None - at `$.desk`"] == refused(
        one, {**PASSED, "desk": ["pass"]}
    )
    assert ["Expected 5 values, one for each of `cells`; got 1 - at `$`"] == refused(one, ["pass"])
    assert ["Unknown item 'hall'; there are: fascia, plate, lamp, floor, desk - at `$.lamp.item`"] == refused(
        one, {**PASSED, "lamp": Answer("hall", value="pass")}
    )
    assert [
        "Unknown fact; the policy declares: none, or a fact that a sheet in the evidence brings - at `$.facts.x`"
    ] == (refused(one, PASSED, facts={"x": 1}))


def test_a_row_that_is_refused_has_its_number() -> None:
    """In a stream the rows before it are scored, and what is wrong names the row."""
    one = scorer()
    found = one.score_all([PASSED, {**PASSED, "lamp": "so so"}])

    assert D(100) == next(found).points
    with pytest.raises(InputError, match=r"\$\[1\]\.lamp\.value"):
        next(found)


def test_what_depends_on_other_answers_is_read_anew() -> None:
    """Items under conditions and judgements over other answers score as on a sheet."""
    shut = Judgement(when=Compare("answer.open", Op.EQ, "fail"), outcome="pass")
    form = checklist(
        section(
            item("open"),
            item("clean", when=Compare("answer.open", Op.EQ, "pass")),
            item("lit", judgements=(shut,)),
            item("tidy"),
        )
    )
    one = policy(points()).scorer(bound(form))

    assert D("75.00") == one.score({"open": "pass", "clean": "fail", "lit": "pass", "tidy": "pass"}).points
    assert D("66.67") == one.score({"open": "fail", "lit": "fail", "tidy": "pass"}).points


def test_scales_count_in_proportion_exactly() -> None:
    """Ratings of different widths add up without a rounding in between."""
    form = checklist(
        section(
            item("calm", answer=Scale(low=1, high=4, pass_from=2)),
            item("kind", answer=Scale(low=0, high=7, pass_from=2)),
        )
    )
    one = policy(points(), ratings="proportional", places=6).scorer(bound(form))

    assert D("38.095238") == one.score(["2", "3"]).points


def test_rows_have_no_places() -> None:
    """A checklist that is answered in rows is refused, and so is one that the policy does not score."""
    form = checklist(section(item("one"), rows=Rows()))

    with pytest.raises(Unsupported, match="score its sheets one by one"):
        policy(points()).scorer(bound(form))
    with pytest.raises(Unsupported, match="it scores: other"):
        policy(points(), checklists=("other",)).scorer(bound(TOUR))


def test_a_policy_has_to_hold_together() -> None:
    """A scorer of a policy with problems is refused with them."""
    with pytest.raises(InputError, match="policy 'house'"):
        RubricPolicy.scorer(policy(points(), bands=(band("good", total=least(80)),)), bound(TOUR))


def test_a_stream_keeps_nothing() -> None:
    """Ten thousand rows take no more memory than a hundred, whatever they hold."""
    form = checklist(section(*(item(f"i{at}") for at in range(16))))
    one = policy(points()).scorer(bound(form))

    def rows(count: int) -> Iterator[list[str]]:
        return (["pass" if number >> at & 1 else "fail" for at in range(16)] for number in range(1, count))

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            assert count - 1 == sum(found.is_scored for found in one.score_all(rows(count)))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2_000)
    assert peak(10_000) < peak(100) + 200_000


def test_words_are_not_kept() -> None:
    """What somebody typed is in no look-up afterwards: it stays with its sheet, where it can be erased."""
    from branchkit.checklists import TextAnswer

    form = checklist(section(item("ok"), item("why", answer=TextAnswer(), severity=None)))
    one = policy(points()).scorer(bound(form))
    found = one.score({"ok": "pass", "why": "Zhang was late"})

    assert ["pass"] == list(one.layout.places[0])
    assert [] == list(one.layout.places[1]) + list(one.layout.texts[1])
    assert "Zhang was late" == found.sheet("S", by="I").answers[1].words
    assert Text(zh="词", en="words") == found.cells[1].item.text
