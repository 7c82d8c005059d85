"""The laws of checklists: lossless, strict, bound again as before, and judged cell by cell."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchkit.checklists import (
    CellState,
    Checklist,
    EachEquipment,
    Item,
    Pin,
    Reading,
    Section,
    Sheet,
    closings,
    judge,
    judge_reading,
    read,
    rebind,
)
from branchkit.codec import Document
from branchkit.estate import (
    Branch,
    BranchKind,
    CounterRule,
    EquipmentKind,
    EstateStandard,
    Register,
    RegisterField,
    Required,
    UnitLevel,
    ZoneKind,
)
from branchkit.findings import Finding
from branchkit.testing.strategies import answer_kinds, branches, checklists, devices, moments, sheets, texts
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown
from tests.property.codec_leaves import check_wrong_leaves

some = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(some, max_examples=6)
FACTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"currencies": ("eur", "usd"), "peak": "4"}, {"peak": Unknown("no count")}]
)
WORDS = Text(zh="词", en="words")

STANDARD = EstateStandard(
    "house",
    version="1",
    title=WORDS,
    branches=(
        BranchKind(
            "basic_outlet",
            title=WORDS,
            min_open_tellers=2,
            min_open_tellers_rules=("estate:EST-ORG-01",),
            zones=(Required(kind="lobby", rules=("estate:EST-ZON-04",), severity=Severity.MINOR),),
            equipment=(Required(kind="atm", count=2, basis="suggested"),),
            rules=("estate:EST-ORG-01",),
        ),
    ),
    zones=(ZoneKind("lobby", title=WORDS, business=("cash",), equipment=(Required(kind="atm"),)),),
    equipment=(EquipmentKind("atm", title=WORDS, functions=("withdrawal",)),),
    counters=(CounterRule("open", levels=(1, 2), loan_levels=(3,), rules=("estate:EST-ORG-02",)),),
    units=(UnitLevel("head_office", title=WORDS), UnitLevel("sub_branch", title=WORDS, parents=("head_office",))),
)
REGISTER = Register(
    "seals",
    version="1",
    title=WORDS,
    fields=(RegisterField("number", title=WORDS, unique=True), RegisterField("kind", title=WORDS, choices=("a", "b"))),
    expires=True,
    least=FrozenMap({"a": Decimal(2)}),
    least_by="kind",
    rules=("estate:TEL-08",),
)


@st.composite
def read_sheets(draw: st.DrawFn) -> Reading:
    """Draw a sheet that has been read."""
    checklist = draw(checklists())
    bound = checklist.bind(draw(branches()), at=draw(moments()), facts=draw(FACTS))
    return read(draw(sheets(bound)), bound)


def round_trips(document: Any) -> bool:
    """Say whether a document comes back from JSON and from TOML as it was."""
    kind = type(document)
    return bool(kind.from_json(document.to_json()) == document == kind.from_toml(document.to_toml()))


@some
@given(read_sheets(), branches())
def test_documents_come_back(reading: Reading, branch: Branch) -> None:
    """A checklist, a sheet and a pin are the same after JSON and after TOML, and a branch after JSON."""
    documents: tuple[Document, ...] = (reading.bound.checklist, reading.sheet, reading.bound.pin)

    assert [True] * 3 == [round_trips(one) for one in documents]
    assert branch == Branch.from_json(branch.to_json())


def test_estate_documents_come_back() -> None:
    """An estate standard and a register are the same after JSON and after TOML."""
    assert [True, True] == [round_trips(one) for one in (STANDARD, REGISTER)]


@few
@given(read_sheets(), branches())
def test_wrong_types_are_told_with_their_path(reading: Reading, branch: Branch) -> None:
    """A wrong type in every leaf of a checklist, a sheet, a pin or a branch is refused with the path of the leaf."""
    assert check_wrong_leaves(Checklist, reading.bound.checklist) > 0
    assert check_wrong_leaves(Sheet, reading.sheet) > 0
    assert check_wrong_leaves(Pin, reading.bound.pin) > 0
    assert check_wrong_leaves(Branch, branch) > 0


def test_wrong_types_in_the_estate_are_told_with_their_path() -> None:
    """A wrong type in every leaf of an estate standard or a register is refused with the path of the leaf."""
    assert check_wrong_leaves(EstateStandard, STANDARD) > 100
    assert check_wrong_leaves(Register, REGISTER) > 50


@some
@given(read_sheets())
def test_a_pin_binds_the_same_again(reading: Reading) -> None:
    """A sheet read against what its pin binds again gives the same cells, problems and findings, without the branch."""
    bound = reading.bound
    again = rebind(bound.checklist, Pin.from_json(bound.pin.to_json()))
    reread = read(Sheet.from_json(reading.sheet.to_json()), again)

    assert bound.facts == again.facts
    assert bound.digest == again.digest
    assert reading.cells == reread.cells
    assert reading.problems == reread.problems
    assert judge_reading(reading) == judge_reading(reread)


@some
@given(read_sheets(), st.randoms(use_true_random=False))
def test_the_order_of_answers_decides_nothing_but_of_rows(reading: Reading, chance: Any) -> None:
    """Answers in another order give the same cells; only rows follow the order they are given in."""
    answers = list(reading.sheet.answers)
    chance.shuffle(answers)
    other = read(attrs.evolve(reading.sheet, answers=tuple(answers)), reading.bound)

    assert {cell.key: cell for cell in reading.cells} == {cell.key: cell for cell in other.cells}


@some
@given(read_sheets())
def test_every_cell_has_a_key_of_its_own(reading: Reading) -> None:
    """No two cells of a sheet have one key, and no two findings one id or one item at one place."""
    keys = [cell.key for cell in reading.cells]
    findings = judge_reading(reading)

    assert len(keys) == len(set(keys))
    assert len(findings) == len({one.id for one in findings})
    assert len(findings) == len({(one.item, one.place) for one in findings})


@some
@given(read_sheets())
def test_items_are_asked_of_everything_they_are_bound_to(reading: Reading) -> None:
    """Every item of every section without rows has one cell for each thing it is bound to, or one that says why not."""
    expected: list[tuple[str, tuple[Ref, ...]]] = []
    for section, item in reading.bound.checklist.items():
        if section.rows is None:
            subjects = reading.bound.subjects(section, item)
            nothing = isinstance(subjects, Unknown) or not subjects
            expected += [(item.id, ())] if nothing else [(item.id, on) for on in subjects]  # type: ignore[union-attr]
    absent = [
        cell for cell in reading.cells if not cell.on and reading.bound.checklist.prepared.asked[cell.item.id].repeated
    ]

    assert expected == [(cell.item.id, cell.on) for cell in reading.cells if cell.section.rows is None]
    assert {cell.state for cell in absent} <= {CellState.NOT_APPLICABLE, CellState.UNKNOWN}


@given(st.data())
@some
def test_devices_are_found_as_a_plain_loop_finds_them(data: st.DataObject) -> None:
    """Binding to working devices in a zone gives those that a plain loop finds, or nothing where one cannot be told."""
    branch = data.draw(branches())
    section = Section(
        "all",
        title=WORDS,
        items=(Item("clean", text=WORDS, severity=Severity.MINOR),),
        for_each=(EachEquipment(kinds=("atm", "queue_machine"), zone_kinds=("self_service_zone",), working=True),),
    )
    checklist = Checklist("one", version="1", title=WORDS, sections=(section,))
    bound = checklist.bind(branch, at=data.draw(moments()))
    subjects = bound.subjects(section, section.items[0])

    if isinstance(branch.equipment, Unknown) or isinstance(branch.zones, Unknown):
        assert isinstance(subjects, Unknown)
        return
    kinds: dict[Any, str] = {zone.id: zone.kind for zone in branch.zones}
    found, vague = [], False
    for one in branch.devices():
        if one.kind in {"atm", "queue_machine"}:
            if isinstance(one.zone, Unknown):
                vague = True
            elif kinds.get(one.zone) == "self_service_zone":
                vague = vague or isinstance(one.state, Unknown)
                if not isinstance(one.state, Unknown) and one.state.is_up:
                    found.append((Ref("equipment", one.id),))
    assert isinstance(subjects, Unknown) if vague else tuple(found) == subjects


@some
@given(read_sheets())
def test_every_failure_is_a_finding_and_every_finding_is_told_once(reading: Reading) -> None:
    """The failed and warned cells outside of rows are exactly the findings at their places, sets of rows aside."""
    expected = {
        (f"{reading.sheet.checklist}/{cell.item.id}", (Ref("branch", reading.sheet.branch), *cell.on))
        for cell in reading.cells
        if cell.state in {CellState.FAILED, CellState.WARNED} and cell.section.rows is None
    }
    rows = {section.id for section in reading.bound.checklist.sections if section.rows is not None}
    in_rows = {item.id for section, item in reading.bound.checklist.items() if section.id in rows}
    found = {
        (one.item, one.place)
        for one in judge_reading(reading)
        if (name := str(one.item).rpartition("/")[2]) not in in_rows and "." not in name
    }

    assert expected == found


@some
@given(read_sheets(), st.data())
def test_findings_stay_open_or_close_as_their_cells_say(reading: Reading, data: st.DataObject) -> None:
    """Of the findings of an earlier sheet, those whose cells pass now are closed, and those that fail again stay."""
    earlier = attrs.evolve(data.draw(sheets(reading.bound)), id="S-0")
    standing = judge(earlier, reading.bound)
    again, closed = closings(reading, standing)
    states = {cell.key: cell.state for cell in reading.cells}

    def key(finding: Finding) -> str:
        return finding.id.removeprefix("S-0/")

    plain = [one for one in standing if one.place[-1].kind not in {"row", "unnamed_row"} and "." not in key(one)]
    wrong = {CellState.FAILED, CellState.WARNED}
    assert [one.id for one in plain if states.get(key(one)) is CellState.PASSED] == [
        one.id for one in plain if one.id in closed
    ]
    assert [one for one in plain if states.get(key(one)) in wrong] == [one for one in plain if one in again]
    assert set(closed).isdisjoint(one.id for one in again)


@some
@given(read_sheets())
def test_the_same_sheet_again_opens_and_closes_nothing(reading: Reading) -> None:
    """A sheet that is read again leaves each of its own findings open."""
    findings = judge_reading(reading)

    assert (findings, ()) == closings(reading, findings)


@given(answer_kinds(), st.data())
def test_what_an_answer_means_lies_within_its_spec(kind: Any, data: st.DataObject) -> None:
    """Whatever a kind of answer reads is a value of the fact it says it is."""
    from branchkit.testing.strategies import answers_to

    answer = data.draw(answers_to(Item("it", text=WORDS, answer=kind)))
    raw = answer.value if answer.words is None else answer.words

    if raw is not None:
        assert () == tuple(kind.spec("answer").problems_of(kind.read(raw)))


@given(texts(), devices())
def test_strategies_draw_what_validators_accept(text: Text, equipment: Any) -> None:
    """What the public strategies draw is valid."""
    branch = Branch("B", equipment=tuple(attrs.evolve(one, zone=None) for one in equipment))

    assert text.zh
    assert text.en
    assert [] == list(branch.validate())


@some
@given(checklists(), checklists(plain=True), branches())
def test_drawn_documents_pass_their_own_lint(one: Checklist, other: Checklist, branch: Branch) -> None:
    """What the public strategies draw passes its own lint."""
    documents = (one, other, branch)

    assert [] == list(itertools.chain.from_iterable(document.validate() for document in documents))
