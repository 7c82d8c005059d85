"""The places of a checklist: what answers come to is looked up, and never otherwise than when it is read at length."""

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
    EvidenceRule,
    Judgement,
    Number,
    Option,
    Rows,
    TextAnswer,
    layout,
    read,
)
from branchkit.checklists.digests import texts_of
from branchkit.checklists.layout import Irregular, Layout, layout_of
from branchkit.checklists.reader import Reader, _Scope
from branchkit.checklists.reading import cells_of
from branchkit.conditions import All, Compare, Exists, Member, Op
from branchkit.errors import InputError
from branchkit.values import Severity
from tests.unit.checklists.tours import WORDS, asks, bad, bound, checklist, item, ok, refs, says, section, sheet

CODES = Choice(options=(Option("a", text=WORDS), Option("b", text=WORDS)), several=True)
OPEN = Choice(options=CODES.options, open=True)
EACH = (EachEquipment(kinds=("atm",)),)
ALL: Checklist = asks(
    item("plain", not_applicable="with_reason"),
    item("each", for_each=EACH),
    item("gone", for_each=(EachEquipment(kinds=("coin_counter",)),)),
    item("number", answer=Number(unit="m", pass_high=Decimal(8)), required=False),
    item("codes", answer=CODES, required=False),
    item("any", answer=OPEN, required=False),
    item("words", answer=TextAnswer(), required=False),
)
PASSED = (ok("plain"), *(ok("each", f"equipment:ATM-{n}") for n in (1, 2, 3)))


def places(one: Checklist) -> Layout:
    found = layout_of(bound(one))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "answers",
    [
        (),
        PASSED,
        PASSED[1:],
        tuple(reversed(PASSED)),
        (*PASSED, says("number", "9"), says("codes", ("b", "a")), says("any", "z"), Answer("words", words="dim")),
        (Answer("plain", not_applicable="no door"), *PASSED[1:]),
        (Answer("plain", unknown="dark"), *PASSED[1:]),
        (Answer("plain", unknown=" "), Answer("words", unknown="")),
        (Answer("plain", not_applicable=" "), says("number", "8")),
        (bad("plain", note="cracked", photos=("1.jpg",)),),
    ],
)
def test_a_look_up_reads_as_reading_does(answers: tuple[Answer, ...]) -> None:
    """Cells, problems and the digest of a sheet are the same however it was read."""
    held, known = sheet(*answers), bound(ALL)
    found, expected = read(held, known), Reader(held, known).run()

    assert expected.cells == found.cells
    assert expected.problems == found.problems
    assert held.digest() == found.digest == expected.digest


STRAIGHT = asks(item("a", not_applicable="with_reason"), item("b", answer=CODES), item("c", required=False))


@pytest.mark.parametrize(
    "answers",
    [
        (ok("a"), says("b", ("a", "b")), ok("c")),
        (ok("a"), says("b", ("a",)), ok("c", note="")),
        (ok("a"), says("b", ("a",)), ok("c", files=("1.txt",))),
        (ok("a"), says("b", ("a",)), bad("c", photos=("1.jpg",))),
        (Answer("a", unknown="dark"), says("b", ("b",)), ok("c")),
        (Answer("a", not_applicable="no"), says("b", ("b",)), ok("c")),
        (says("b", ("b",)), ok("a"), ok("c")),
        (ok("a"), says("b", ("b",))),
    ],
)
def test_the_digest_of_a_sheet_is_put_together(answers: tuple[Answer, ...]) -> None:
    """A digest put together of answers that were written before is the digest of the sheet."""
    held = sheet(*answers)

    assert held.digest() == read(held, bound(STRAIGHT)).digest == read(held, bound(STRAIGHT)).digest


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ((ok("plain"), bad("plain")), "'plain' is answered twice"),
        ((says("words", "dim"),), "Expected `words` for this item, not `value`"),
        ((Answer("plain", words="fine"),), "Expected `value` for this item, not `words`"),
        ((ok("gone"),), "Expected no answer to 'gone': there is nothing here that it is asked of"),
        ((Answer("gone", not_applicable="none"),), "Expected no answer to 'gone': there is nothing here"),
        ((Answer("number", not_applicable="none"),), "may not be said to be not applicable"),
        ((says("number", "much"),), "Expected a number"),
        ((Answer("plain"),), "Expected exactly one of"),
        ((Answer("plain", value="pass", unknown="dark"),), "Expected exactly one of"),
        ((Answer("plain", value="pass", words="fine"),), "Expected exactly one of"),
        ((Answer("plain", value="pass", not_applicable="none"),), "Expected exactly one of"),
        ((ok("each"),), "Expected what 'each' is bound to"),
        ((ok("plain", "equipment:ATM-1"),), "Expected no `on` for item 'plain': it is asked once"),
    ],
)
def test_what_cannot_be_looked_up_is_told_at_length(answers: tuple[Answer, ...], message: str) -> None:
    """Whatever a place does not take is refused with the reason."""
    with pytest.raises(InputError, match=message):
        read(sheet(*answers), bound(ALL))


def test_only_so_many_answers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place keeps what some answers come to, none that somebody worded, and reads all others again."""
    monkeypatch.setattr(layout, "_MOST_ANSWERS", 3)
    one = asks(item("n", answer=Number(unit="m")), item("any", answer=OPEN), item("w", answer=TextAnswer()))
    known = places(one)
    for n in range(9):
        held = sheet(says("n", f"{n}"), says("any", f"own-{n}"), Answer("w", words=f"{n} people"))
        found = read(held, bound(one))

        assert Decimal(n) == found.cells[0].value
        assert held.digest() == found.digest

    assert (["0", "1", "2"], [], []) == tuple(list(place) for place in known.places)
    assert [["0", "1", "2"], [], []] == [list(texts) for texts in known.texts]
    straight = asks(item("n", answer=Number(unit="m")))
    for n in range(9):
        assert sheet(says("n", f"{n}")).digest() == read(sheet(says("n", f"{n}")), bound(straight)).digest
    assert ["0", "1", "2"] == list(places(straight).texts[0])


def test_only_so_many_layouts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checklist keeps the places of some branches and lays out those of others again."""
    from tests.unit.checklists.tours import BRANCH

    monkeypatch.setattr(layout, "_MOST_LAYOUTS", 1)
    one = asks(item("a", for_each=EACH))
    assert not isinstance(BRANCH.equipment, type(None))
    fewer = attrs.evolve(BRANCH, equipment=BRANCH.equipment[:1])  # type: ignore[index]  # it is known
    cells = [len(read(sheet(), bound(one, branch)).cells) for branch in (BRANCH, fewer, BRANCH)]

    assert [3, 1, 3] == cells
    assert 1 == len(one.prepared.layouts)


def test_only_what_hangs_on_more_than_its_answer_is_open() -> None:
    """A place is open for a condition, or a judgement over anything but its own answer; what is absent never is."""
    here, own = Exists("branch.kind"), Compare("answer", Op.EQ, "fail")
    one = asks(
        item("plain"),
        item("waits", when=here),
        item("own", judgements=(Judgement(when=own, outcome="fail", severity=Severity.CRITICAL),)),
        item("beside", judgements=(Judgement(when=All((own, here)), outcome="warning"),)),
        item("gone", when=here, for_each=(EachEquipment(kinds=("coin_counter",)),)),
    )

    assert (1, 3) == places(one).open


def test_checklists_in_rows_have_no_places() -> None:
    """A section answered in rows has as many places as a sheet has rows."""
    assert layout_of(bound(checklist(section(item("a"), rows=Rows())))) is None


def test_values_in_the_order_of_the_places() -> None:
    """Values, and answers that say more, come to the cells that a sheet of them has."""
    one = asks(
        item("a", not_applicable="with_reason"),
        item("w", answer=TextAnswer(), required=False),
        item("b", when=Member("answer.a", ("pass",))),
    )
    known = places(one)

    def states(*values: Any) -> list[CellState]:
        return [cell.state for cell in cells_of(bound(one), known, values)]

    assert [CellState.PASSED, CellState.NEUTRAL, CellState.FAILED] == states("pass", "dim", "fail")
    assert [CellState.FAILED, CellState.SKIPPED, CellState.NOT_APPLICABLE] == states("fail", None, None)
    assert [CellState.UNKNOWN, CellState.SKIPPED, CellState.UNKNOWN] == states(Answer("a", unknown="dark"), None, None)
    assert [CellState.PASSED] == [
        cell.state for cell in cells_of(bound(asks(item("a"))), places(asks(item("a"))), ["pass"])
    ]


@pytest.mark.parametrize(
    "value",
    [
        "so so", Answer("a"), Answer("a", value="pass", unknown="dark"), Answer("b", value="pass"),
        Answer("a", unknown=" "), Answer("a", not_applicable=" "), Answer("a", not_applicable="none"),
        Answer("a", words="x"),
    ],
)  # fmt: skip
def test_what_a_place_does_not_take(value: object) -> None:
    """A place refuses what its item does not accept, and what goes elsewhere, without a word."""
    with pytest.raises(Irregular):
        cells_of(bound(asks(item("a"))), places(asks(item("a"))), [value])


def test_texts_of_answers() -> None:
    """Answers that are a value are written as the sheet writes them; one that says more is written at length."""
    known = places(STRAIGHT)

    assert ['{"item":"a","value":"pass"}', '{"item":"b","value":["a","b"]}'] == texts_of(
        known, ("pass", ("a", "b"), None)
    )
    assert ['{"item":"a","value":"pass"}'] * 2 == [
        *(texts_of(known, ("pass", None, None)) or ()),
        '{"item":"a","value":"pass"}',
    ]
    assert texts_of(known, (Answer("a", unknown="dark"), "a", "pass")) is None


def test_an_item_by_its_id() -> None:
    """A checklist finds its items by id."""
    found = ALL.item("plain")

    assert found is not None
    assert ("plain", None) == (found.id, ALL.item("nothing"))


def test_conditions_and_judgements_read_at_length() -> None:
    """In a checklist with rows every condition, and every judgement over the answer itself, is decided all the same."""
    late = Judgement(when=All((Exists("branch.kind"), Member("answer", ("fail",)))), outcome="warning")
    one = checklist(
        section(item("a"), item("b", when=Member("answer.a", ("pass",))), item("j", judgements=(late,))),
        section(item("r"), rows=Rows(), name="t"),
    )
    found = read(sheet(bad("a"), bad("j"), ok("r", "row:1")), bound(one))

    assert [CellState.FAILED, CellState.NOT_APPLICABLE, CellState.WARNED, CellState.PASSED] == [
        cell.state for cell in found.cells
    ]


def test_rows_about_what_is_not_there() -> None:
    """A row about something that its section is not asked of is refused with what it is asked of."""
    one = checklist(section(item("r"), rows=Rows(), for_each=EACH))

    with pytest.raises(InputError, match="Expected what 'r' is bound to and a row, as in row:1: equipment:ATM-1; "):
        read(sheet(ok("r", "equipment:X", "row:1")), bound(one))


def test_the_facts_beside_answers_can_be_listed() -> None:
    """What a condition can reach beside answers is all that the checklist was bound with."""
    known = bound(asks(item("a")))

    assert dict(known.facts) == dict(_Scope(Reader(sheet(), known), ()))
    assert len(known.facts) == len(_Scope(Reader(sheet(), known), ()))


def test_evidence_where_an_answer_is_looked_up() -> None:
    """What has to come with an answer is noted for looked-up answers, and nothing where the item does not apply."""
    rule = EvidenceRule(on="any", needs=("note",))
    one = asks(item("a", evidence=(rule,), not_applicable="with_reason"), item("b", evidence=(rule,), required=False))

    def lacks(*answers: Answer) -> list[str]:
        return [problem.path for problem in read(sheet(*answers), bound(one)).problems]

    assert ["$.answers[1].note", "$.answers[0].note"] == lacks(bad("b"), ok("a"))
    assert [] == lacks(Answer("a", not_applicable="no door"))
    assert ["$.answers"] == lacks(ok("b", note="fine"))


def test_a_sheet_of_another_moment_or_branch_is_read_at_length() -> None:
    """What does not belong to the bound checklist is refused, every reason at once."""
    held = sheet(id=" ", checklist="other", version="2", branch="B-2", bound="sha256:0", at=dt.datetime(2026, 3, 2))  # noqa: DTZ001 - that it is refused is the point

    with pytest.raises(InputError) as caught:
        read(held, bound(ALL))
    assert ["$.checklist", "$.version", "$.branch", "$.bound", "$.id", "$.at"] == [
        problem.path for problem in caught.value.problems
    ]


def test_a_sheet_that_was_filled_in_against_something_else() -> None:
    """A sheet that names what it was bound to is read against that alone."""
    known = bound(STRAIGHT)
    answers = (ok("a"), says("b", ("a",)), ok("c"))

    assert () == read(sheet(*answers, bound=known.digest), known).problems
    with pytest.raises(InputError, match="it was filled in against something else"):
        read(sheet(*answers, bound="sha256:0"), known)


@pytest.mark.parametrize(
    ("field", "value"),
    [("checklist", "other"), ("version", "2"), ("branch", "B-2"), ("id", " "), ("supersedes", "S-1")],
)
def test_a_sheet_that_does_not_belong_is_never_looked_up(field: str, value: str) -> None:
    """One thing that does not fit is enough for a sheet to be refused, at its place."""
    with pytest.raises(InputError) as caught:
        read(sheet(ok("a"), says("b", ("a",)), ok("c"), **{field: value}), bound(STRAIGHT))
    assert [f"$.{field}"] == [problem.path for problem in caught.value.problems]


def test_severity_goes_by_the_judgement_then_by_the_item() -> None:
    """How bad a cell is says the judgement that decided, else its item."""
    worse = Judgement(when=Compare("answer", Op.EQ, "fail"), outcome="fail", severity=Severity.CRITICAL)
    one = asks(item("a", judgements=(worse,)), item("b", severity=Severity.MAJOR))
    cells = read(sheet(bad("a"), bad("b")), bound(one)).cells

    assert [Severity.CRITICAL, Severity.MAJOR] == [cell.severity for cell in cells]
    assert refs() == cells[0].on
