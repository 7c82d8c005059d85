"""Reading: what every cell comes to, what is lacking, and what cannot be read at all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.checklists import (
    Answer,
    CellState,
    Checklist,
    Choice,
    EachEquipment,
    EachValue,
    EvidenceRule,
    Judgement,
    Number,
    Option,
    Reading,
    Rows,
    Signature,
    TextAnswer,
    cell_key,
    read,
)
from branchkit.conditions import AnyOf, Compare, Exists, FactSpec, FactType, Member, Not, Op
from branchkit.errors import InputError
from branchkit.values import Ref, Severity, Unknown
from tests.unit.checklists.tours import BRANCH, WORDS, asks, bad, bound, checklist, item, ok, says, section, sheet

S = CellState
PASSES = {name: Member(f"answer.{name}", ("pass",)) for name in "abcde"}
EACH = (EachEquipment(kinds=("atm",)),)


def reading(one: Checklist, *answers: Answer, **facts: Any) -> Reading:
    return read(sheet(*answers), bound(one, **facts))


def states(one: Checklist, *answers: Answer, **facts: Any) -> dict[str, CellState]:
    return {cell.key: cell.state for cell in reading(one, *answers, **facts).cells}


def lacking(one: Checklist, *answers: Answer, **facts: Any) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in reading(one, *answers, **facts).problems]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((ok("a"),), S.PASSED),
        ((bad("a"),), S.FAILED),
        ((Answer("a", unknown="locked"),), S.UNKNOWN),
        ((Answer("a", not_applicable="no door"),), S.NOT_APPLICABLE),
        ((), S.MISSING),
    ],
)
def test_states(answers: tuple[Answer, ...], state: CellState) -> None:
    """An answer passes, fails, is unknown, does not apply, or is missing."""
    assert {"a": state} == states(asks(item("a", not_applicable="with_reason")), *answers)


def test_what_is_optional_is_skipped() -> None:
    """An item that is not required lacks nothing when it is not answered."""
    one = asks(item("a", required=False))

    assert {"a": S.SKIPPED} == states(one)
    assert [] == lacking(one)


def test_what_is_missing_is_told_with_its_place() -> None:
    """A required answer that is missing is told with the device it is missing for."""
    one = asks(item("a", for_each=EACH), item("b"))

    assert [
        ("$.answers", "Expected an answer to item 'a' on equipment:ATM-2"),
        ("$.answers", "Expected an answer to item 'b'"),
    ] == lacking(one, ok("a", "equipment:ATM-1"), ok("a", "equipment:ATM-3"))


def test_reasons_are_needed() -> None:
    """That something does not apply or is unknown needs a reason."""
    one = asks(item("a", not_applicable="with_reason"), item("b"))

    assert [
        ("$.answers[0].not_applicable", "Expected the reason"),
        ("$.answers[1].unknown", "Expected the reason"),
    ] == lacking(one, Answer("a", not_applicable=" "), Answer("b", unknown=""))


@pytest.mark.parametrize(
    ("changes", "answers", "path", "message"),
    [
        ({"checklist": "other"}, (), "$.checklist", "Expected 'tour', to which it is bound; got 'other'"),
        ({"version": "2"}, (), "$.version", "Expected '1'"),
        ({"branch": "B-2"}, (), "$.branch", "Expected 'B-1'"),
        ({"bound": "sha256:0"}, (), "$.bound", "Expected the digest of what it is bound to"),
        ({"id": " "}, (), "$.id", "Expected an id"),
        ({"supersedes": "S-1"}, (), "$.supersedes", "Expected the id of another sheet"),
        ({}, (ok("z"),), "$.answers[0].item", "Unknown item 'z'; there are: a, d, w, p, r"),
        ({}, (ok("a"), bad("a")), "$.answers[1]", "Expected one answer to each item; 'a' is answered twice"),
        ({}, (ok("a", "zone:hall"),), "$.answers[0].on", "Expected no `on` for item 'a': it is asked once"),
        ({}, (ok("d"),), "$.answers[0].on", "Expected what 'd' is bound to: equipment:ATM-1; equipment:ATM-2"),
        ({}, (ok("d", "equipment:ATM-9"),), "$.answers[0].on", "Expected what 'd' is bound to"),
        ({}, (ok("r", "zone:hall"),), "$.answers[0].on", "Expected a row, as in [\"row:1\"], for item 'r'"),
        ({}, (ok("r"),), "$.answers[0].on", "Expected a row, as in [\"row:1\"], for item 'r'"),
        ({}, (says("a", "yes"),), "$.answers[0].value", "Expected pass or fail for item 'a'"),
        ({}, (says("w", "words"),), "$.answers[0].value", "Expected `words` for this item, not `value`"),
        ({}, (Answer("p", words="words"),), "$.answers[0].words", "Expected `value` for this item, not `words`"),
        ({}, (Answer("a"),), "$.answers[0]", "Expected exactly one of value, words, not_applicable, unknown; got none"),
        ({}, (ok("a", unknown="x"),), "$.answers[0]", "Expected exactly one of value"),
        ({}, (Answer("a", not_applicable="x"),), "$.answers[0].not_applicable", "Item 'a' may not be said to be not"),
    ],
)
def test_what_cannot_be_read(changes: dict[str, Any], answers: tuple[Answer, ...], path: str, message: str) -> None:
    """An answer that does not fit is refused with its place and what would be right."""
    first = section(
        item("a"), item("d", for_each=EACH), item("w", answer=TextAnswer()), item("p", answer=TextAnswer(public=True))
    )
    one = checklist(first, section(item("r"), rows=Rows(), name="t"))

    with pytest.raises(InputError) as caught:
        read(sheet(*answers, **changes), bound(one))
    assert [path] == [problem.path for problem in caught.value.problems]
    assert caught.value.problems[0].message.startswith(message)


def test_nothing_can_be_asked_of_what_is_absent_or_unknown() -> None:
    """An answer about a kind that is absent, or of which nothing is known, is refused with the reason."""
    absent = asks(item("a", for_each=(EachEquipment(kinds=("coin_counter",)),)))
    vague = asks(item("a", for_each=(EachEquipment(kinds=("atm",)),)))
    branch = attrs.evolve(BRANCH, equipment=Unknown("no list"))

    with pytest.raises(InputError, match="there is nothing here that it is asked of"):
        read(sheet(ok("a", "equipment:X")), bound(absent))
    with pytest.raises(InputError, match="what it is asked of is not known"):
        read(sheet(ok("a", "equipment:X")), bound(vague, branch))


def test_everything_wrong_is_told_at_once() -> None:
    """All answers that cannot be read are told together."""
    with pytest.raises(InputError) as caught:
        read(sheet(says("a", "yes"), ok("z"), branch="B-2"), bound(asks(item("a"))))
    assert {"$.branch", "$.answers[0].value", "$.answers[1].item"} == {one.path for one in caught.value.problems}


def test_conditional_items() -> None:
    """An item whose condition does not hold does not apply; an answer to it is one too many."""
    one = asks(item("a"), item("b", when=PASSES["a"]))

    assert {"a": S.PASSED, "b": S.MISSING} == states(one, ok("a"))
    assert {"a": S.FAILED, "b": S.NOT_APPLICABLE} == states(one, bad("a"))
    assert [("$.answers[1]", "Expected no answer to 'b': its condition does not hold")] == lacking(
        one, bad("a"), ok("b")
    )
    assert {"a": S.FAILED, "b": S.NOT_APPLICABLE} == states(one, bad("a"), ok("b"))


def test_what_cannot_be_told_is_unknown_unless_it_is_answered() -> None:
    """A condition over something unknown leaves the item unknown; whoever answers it all the same knew better."""
    one = asks(item("a"), item("b", when=PASSES["a"]))
    dark = Answer("a", unknown="dark")

    assert {"a": S.UNKNOWN, "b": S.UNKNOWN} == states(one, dark)
    assert {"a": S.UNKNOWN, "b": S.FAILED} == states(one, dark, bad("b"))


def test_a_chain_of_conditions() -> None:
    """What hangs on an item that does not apply does not apply either, however long the chain and in any order."""
    chain = [item("i0")] + [item(f"i{n}", when=Member(f"answer.i{n - 1}", ("pass",))) for n in range(1, 600)]
    one = asks(*reversed(chain))
    found = states(one, bad("i0"))

    assert S.FAILED is found.pop("i0")
    assert {S.NOT_APPLICABLE} == set(found.values())
    assert {S.PASSED} == set(states(one, *(ok(f"i{n}") for n in range(600))).values())


def test_a_condition_over_an_answer_that_does_not_apply() -> None:
    """A condition that only lacks answers that do not apply does not hold; one that lacks another fact is unknown."""
    either = AnyOf((PASSES["b"], Compare("peak", Op.GT, Decimal(3))))
    one = asks(
        item("a"),
        item("b", when=PASSES["a"]),
        item("c", when=Not(PASSES["b"])),
        item("d", when=either),
        facts=(FactSpec("peak", FactType.NUMBER),),
    )
    found = states(one, bad("a"))

    assert (S.NOT_APPLICABLE, S.NOT_APPLICABLE, S.UNKNOWN) == (found["b"], found["c"], found["d"])
    assert S.NOT_APPLICABLE is states(one, bad("a"), peak="2")["d"]
    assert S.MISSING is states(one, bad("a"), peak="4")["d"]
    reason = "'answer.b' is unknown: b is not applicable; 'peak' is unknown: peak is not given"
    assert [reason] == [cell.reason.en for cell in reading(one, bad("a")).by_item["d"] if cell.reason]


def test_a_needless_answer_is_seen_by_no_condition() -> None:
    """An answer to what does not apply decides nothing, neither once nor device by device."""
    once = asks(item("a"), item("b", when=PASSES["a"]), item("c", for_each=EACH, when=PASSES["b"]))
    each = asks(
        item("a", for_each=EACH),
        item("b", for_each=EACH, when=PASSES["a"]),
        item("c", for_each=EACH, when=PASSES["b"]),
    )
    device = "equipment:ATM-2"

    assert S.NOT_APPLICABLE is states(once, bad("a"), ok("b"))["c@equipment:ATM-2"]
    assert S.NOT_APPLICABLE is states(once, bad("a"))["c@equipment:ATM-2"]
    assert S.NOT_APPLICABLE is states(each, bad("a", device), ok("b", device))["c@equipment:ATM-2"]
    assert S.NOT_APPLICABLE is states(each, bad("a", device))["c@equipment:ATM-2"]


def test_a_section_and_its_item_both_have_to_apply() -> None:
    """An item's own condition decides even where the section's cannot be told."""
    first = section(item("a"), item("b"))
    second = section(item("c", when=PASSES["b"]), name="t", when=PASSES["a"])
    one = checklist(first, second)

    assert S.NOT_APPLICABLE is states(one, Answer("a", unknown="x"), bad("b"))["c"]
    assert S.NOT_APPLICABLE is states(one, Answer("a", unknown="x"), bad("b"), ok("c"))["c"]
    assert S.MISSING is states(one, ok("a"), ok("b"))["c"]


def test_conditions_reach_answers_about_the_same_device() -> None:
    """An item bound alike is looked up on the same device, and one asked once everywhere."""
    one = asks(item("a", for_each=EACH), item("b", for_each=EACH, when=PASSES["a"]))
    found = states(one, ok("a", "equipment:ATM-1"), bad("a", "equipment:ATM-2"), bad("a", "equipment:ATM-3"))

    assert S.MISSING is found["b@equipment:ATM-1"]
    assert S.NOT_APPLICABLE is found["b@equipment:ATM-2"]


def judged(outcome: Any, when: Any, **more: Any) -> tuple[Judgement, ...]:
    return (Judgement(when=when, outcome=outcome, **more),)


def test_judgements_decide_before_the_answer() -> None:
    """The first judgement that holds decides; where none does, the answer itself does."""
    rules = judged("fail", Compare("answer", Op.GT, Decimal(40)), severity=Severity.CRITICAL, rules=("estate:FLT-03",))
    rules += judged("warning", Compare("answer", Op.GT, Decimal(30)))
    one = asks(item("a", answer=Number(unit="°C", pass_low=Decimal(5)), judgements=rules, rules=("estate:EST-OUT-01",)))
    cells = [reading(one, says("a", number)).cells[0] for number in ("41", "31", "30", "1")]

    assert [S.FAILED, S.WARNED, S.PASSED, S.FAILED] == [cell.state for cell in cells]
    assert [Severity.CRITICAL, Severity.WARNING, Severity.MINOR, Severity.MINOR] == [cell.severity for cell in cells]
    assert ("estate:EST-OUT-01", "estate:FLT-03") == cells[0].rules


def test_a_judgement_without_an_answer() -> None:
    """A judgement over other answers may fail what nobody answered, but a warning passes nothing that has no answer."""
    fails = asks(item("a"), item("b", judgements=judged("fail", Member("answer.a", ("fail",)))))
    warns = asks(item("a"), item("b", judgements=judged("warning", Member("answer.a", ("fail",)))))

    assert S.FAILED is states(fails, bad("a"))["b"]
    assert S.MISSING is states(warns, bad("a"))["b"]
    assert S.WARNED is states(warns, bad("a"), ok("b"))["b"]


def test_what_is_said_not_to_apply_is_not_judged() -> None:
    """An item that does not apply is not judged, and judgements of others do not see its answer."""
    one = asks(
        item("a", not_applicable="with_reason", judgements=judged("fail", Exists("branch.kind"))),
        item("b", judgements=judged("fail", Exists("answer.a"))),
    )

    assert {"a": S.NOT_APPLICABLE, "b": S.PASSED} == states(one, Answer("a", not_applicable="gone"), ok("b"))


def test_judgements_may_look_at_each_other() -> None:
    """Two conditional items whose judgements look at each other's answers are read without a circle."""
    when = Exists("branch.kind")
    one = asks(
        item("a", when=when, judgements=judged("fail", Member("answer.b", ("fail",)))),
        item("b", when=when, judgements=judged("fail", Member("answer.a", ("fail",)))),
    )

    assert {"a": S.FAILED, "b": S.FAILED} == states(one, ok("a"), bad("b"))


@pytest.mark.parametrize(
    ("on", "value", "given", "paths"),
    [
        ("fail", "fail", {}, ["$.answers[0].note", "$.answers[0].photos"]),
        ("fail", "fail", {"note": "cracked", "photos": ("1.jpg",)}, []),
        ("fail", "fail", {"note": " ", "photos": ("1.jpg",)}, ["$.answers[0].note"]),
        ("fail", "pass", {}, []),
        ("pass", "pass", {"photos": ("1.jpg",)}, ["$.answers[0].note"]),
        ("pass", "fail", {}, []),
        ("any", "pass", {"note": "fine"}, ["$.answers[0].photos"]),
    ],
)
def test_evidence(on: Any, value: str, given: dict[str, Any], paths: list[str]) -> None:
    """An answer that needs a note or a photo is incomplete without it."""
    one = asks(item("a", evidence=(EvidenceRule(on=on, needs=("note", "photo")),)))

    assert paths == [path for path, _ in lacking(one, says("a", value, **given))]


def test_evidence_of_other_answers() -> None:
    """What passes with a warning needs what a pass needs; what is unknown needs nothing; a file is a file."""
    rules = (EvidenceRule(on="pass", needs=("note",)), EvidenceRule(on="any", needs=("file",)))
    one = asks(item("a", evidence=rules, judgements=judged("warning", Exists("answer"))))

    assert ["$.answers[0].note", "$.answers[0].files"] == [path for path, _ in lacking(one, ok("a"))]
    assert [] == lacking(one, Answer("a", unknown="dark"))


KEYED = section(
    item("name", answer=Signature()), item("a"), rows=Rows(least=1, most=2, key="name"), for_each=EACH[:1], name="t"
)


def test_rows_are_counted_for_each_thing() -> None:
    """The limits on rows are those of each thing that the section is asked for."""
    one = checklist(KEYED)
    rows = [("1", "ATM-1"), ("2", "ATM-1"), ("3", "ATM-1"), ("1", "ATM-2")]
    answers = [
        answer
        for row, device in rows
        for answer in (
            says("name", row, f"equipment:{device}", f"row:{row}"),
            ok("a", f"equipment:{device}", f"row:{row}"),
        )
    ]

    assert [
        ("$.answers", "Expected from 1 to 2 rows in section 't' on equipment:ATM-1; got 3"),
        ("$.answers", "Expected from 1 to 2 rows in section 't' on equipment:ATM-3; got 0"),
    ] == lacking(one, *answers)
    assert ["Expected from 1 to 2 rows in section 't' on equipment:ATM-3; got 0"] == [
        message for _, message in lacking(one, *answers[:4], *answers[6:])
    ]


def test_rows_of_a_section_that_does_not_apply_are_not_wanted() -> None:
    """A section whose condition does not hold needs no rows, nor does one about something absent."""
    rows = Rows(least=1)
    first = section(item("a"))
    condition = checklist(first, section(item("b"), rows=rows, name="t", when=PASSES["a"]))
    absent = checklist(section(item("b"), rows=rows, for_each=(EachEquipment(kinds=("coin_counter",)),)))

    assert [] == lacking(condition, bad("a"))
    assert [("$.answers", "Expected at least 1 rows in section 't'; got 0")] == lacking(condition, ok("a"))
    assert [] == lacking(absent)
    assert {"b": S.NOT_APPLICABLE} == states(absent)


def test_rows_of_a_section_of_which_nobody_knows_whether_it_applies() -> None:
    """Where a section's condition cannot be told, rows are counted on each thing that has any, and wanted nowhere."""
    rows = Rows(least=2)
    first, dark = section(item("a")), Answer("a", unknown="dark")
    one = checklist(first, section(item("b"), rows=rows, name="t", when=PASSES["a"], for_each=EACH))
    row = ok("b", "equipment:ATM-2", "row:1")

    assert [] == lacking(one, dark)
    assert [("$.answers", "Expected at least 2 rows in section 't' on equipment:ATM-2; got 1")] == lacking(
        one, dark, row
    )
    assert {"t": ((Ref("equipment", "ATM-2"),),)} == reading(one, dark, row).sets


def test_rows_are_wanted_by_the_condition_of_their_section() -> None:
    """The condition of its first item keeps no section from wanting its rows."""
    rows = section(item("b", when=PASSES["c"]), rows=Rows(least=1), name="t", when=PASSES["a"])
    one = checklist(section(item("a"), item("c")), rows)

    assert [("$.answers", "Expected at least 1 rows in section 't'; got 0")] == lacking(one, ok("a"), bad("c"))


def test_what_follows_on_rows_is_read() -> None:
    """A section after one in rows is read as any other, and rows are looked for in their own section alone."""
    one = checklist(
        section(item("r"), rows=Rows()), section(item("q"), rows=Rows(), name="t"), section(item("a"), name="u")
    )

    assert {"r@row:1": S.PASSED, "a": S.MISSING} == states(one, ok("r", "row:1"))


def test_only_so_many_things_are_listed() -> None:
    """A message lists the first twenty of the things that an item is asked of."""
    ways = EachValue(name="way", values=tuple(f"w{at:02}" for at in range(25)))

    with pytest.raises(InputError) as caught:
        reading(asks(item("a", for_each=(ways,))), ok("a"))
    assert f"Expected what 'a' is bound to: {'; '.join(f'way:w{at:02}' for at in range(20))}" == (
        caught.value.problems[0].message
    )


def test_rows_are_named() -> None:
    """A row goes by the answer of its key item; one without goes by what the sheet calls it."""
    one = checklist(section(item("name", answer=TextAnswer(public=True)), item("a"), rows=Rows(key="name")))
    found = reading(one, says("name", "cracked", "row:1"), bad("a", "row:1"), bad("a", "row:2"))
    places = [found.place(cell.section, cell.on)[-1] for cell in found.cells if cell.item.id == "a"]

    assert [Ref("row", "cracked"), Ref("unnamed_row", "2")] == places
    with pytest.raises(InputError, match="it names the row"):
        reading(one, says("name", " cracked ", "row:1"))


def test_keys_are_told_apart() -> None:
    """Keys of different places differ, even where ids hold the mark that joins them."""
    one = cell_key("x", (Ref("a", "1"), Ref("a", "2@a:3")))
    other = cell_key("x", (Ref("a", "1@a:2"), Ref("a", "3")))

    assert one != other
    assert "clean" == cell_key("clean", ())


def test_cells_by_item() -> None:
    """The cells of an item are found by its id."""
    options = Choice(options=(Option("a", text=WORDS), Option("b", text=WORDS)), several=True)
    found = reading(asks(item("a", for_each=EACH), item("b", answer=options)), says("b", ("b", "a")))

    assert 3 == len(found.by_item["a"])
    assert frozenset({"a", "b"}) == found.by_item["b"][0].value


def test_an_empty_list_is_no_answer() -> None:
    """Of several codes at least one is answered; that none applies is an option of its own."""
    options = Choice(options=(Option("a", text=WORDS), Option("none", text=WORDS)), several=True)

    with pytest.raises(InputError, match=r"Expected at least one code; .* there are a, none"):
        reading(asks(item("b", answer=options)), says("b", ()))


def test_a_moment_without_a_zone_is_refused() -> None:
    """A sheet built in code needs a moment with its zone, as one from a file does."""
    one = asks(item("a"))
    naive = attrs.evolve(sheet(ok("a")), at=dt.datetime.fromisoformat("2026-03-02T09:00"))

    with pytest.raises(InputError, match=r"Expected a moment with its zone.*at `\$.at`"):
        read(naive, bound(one))


@pytest.mark.parametrize(
    ("given", "path"),
    [({"photos": ("floor.jpg", "a person and a number")}, "$.photos[1]"), ({"files": ("",)}, "$.files[0]")],
)
def test_evidence_refers_to_a_photo_or_file(given: dict[str, tuple[str, ...]], path: str) -> None:
    """What is no reference is refused with its place, and no reference shows in a repr: it may name a person."""
    answer = Answer("floor", value="pass", **given)

    assert [path] == [problem.path for problem in answer.validate()]
    assert "floor.jpg" not in repr(answer)
