"""Every rule of the lint has a document that breaks it, and it alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.checklists import (
    Checklist,
    Choice,
    Count,
    Covers,
    DateAnswer,
    Distinct,
    EachEquipment,
    EachStaff,
    EachValue,
    EachZone,
    EvidenceRule,
    Judgement,
    Number,
    Option,
    PassFail,
    Rows,
    Scale,
    Signature,
    TextAnswer,
    Total,
)
from branchkit.conditions import All, AnyOf, Compare, Exists, FactSpec, FactType, Has, Member, Not, Op
from branchkit.errors import DecodeError
from branchkit.values import Severity, Text
from tests.unit.checklists.tours import PASS_FAIL, WORDS, asks, checklist, item, section

ENGLISH = Text(en="words")
SAID: dict[str, Any] = {"message": WORDS, "severity": Severity.MINOR}
PLACE, ITEM = "$.sections[0]", "$.sections[0].items[0]"
CHOICE = Choice(options=(Option("a", text=WORDS), Option("b", text=WORDS)))
SET = Choice(options=CHOICE.options, several=True)
METRES = Number(unit="m")
WORDY = TextAnswer(public=True)
FAILS: dict[str, Any] = {"when": Exists("branch.kind"), "outcome": "fail"}


def rows(*constraints: Any, answer: Any = CHOICE, **more: Any) -> Checklist:
    """Return a checklist with one section answered in rows."""
    return checklist(section(item("x", answer=answer), rows=Rows(**more), constraints=constraints))


def each(one: Any) -> Checklist:
    return asks(item("x", for_each=(one,)))


PASSES, FAILED = Compare("answer", Op.EQ, "pass"), Compare("answer", Op.EQ, "fail")
SHUT, OPEN = Compare("branch.open", Op.EQ, False), Compare("branch.open", Op.EQ, True)
NEVER, ALWAYS = All((SHUT, OPEN)), AnyOf((Exists("branch.kind"), Not(Exists("branch.kind"))))
TENTH = Number(unit="m", low=Decimal(0), high=Decimal(10))


MANY = tuple(FactSpec(f"f{at}", FactType.BOOL) for at in range(24))
"""More facts than there is time to try all values of together."""


ANY = AnyOf(tuple(Compare(spec.name, Op.EQ, True) for spec in MANY))


def keyed(**more: Any) -> Checklist:
    """Return a checklist whose rows go by an item that is more than a choice."""
    return checklist(section(item("x", answer=CHOICE, **more), rows=Rows(key="x")))


def judged(*judgements: Any, answer: Any = PASS_FAIL, facts: tuple[FactSpec, ...] = (), **more: Any) -> Checklist:
    """Return a checklist of one item with judgements: a condition, an outcome, and more."""
    made = tuple(Judgement(when=when, outcome=outcome, **said) for when, outcome, said in judgements)
    return asks(item("x", answer=answer, judgements=made, **more), facts=facts)


NOTED = (Judgement(when=Compare("answer", Op.GT, Decimal(3)), outcome="warning"),)


def needing(*rules: tuple[Any, tuple[Any, ...]]) -> Checklist:
    return asks(item("x", evidence=tuple(EvidenceRule(on=on, needs=needs) for on, needs in rules)))


BROKEN: list[tuple[Checklist, str, str]] = [
    (asks(item("x"), title=ENGLISH), "$.title.zh", "Expected words in both languages"),
    (checklist(section(item("x")), version=" "), "$.version", "Expected a version"),
    (checklist(), "$.sections", "Expected at least one section"),
    (asks(item("x"), rules=("EST-OUT-01",)), "$.rules[0]", "Expected a rule id with its area"),
    (asks(item("x"), facts=(FactSpec("at.noon", FactType.BOOL),)), "$.facts[0].name", "Expected a name of its own"),
    (asks(item("x"), facts=(FactSpec("a", FactType.BOOL),) * 2), "$.facts[1].name", "Expected a name of its own"),
    (checklist(section(item("x"), name="S")), f"{PLACE}.id", "Expected at most 100 lower-case letters"),
    (checklist(section(item("x")), section(item("y"))), "$.sections[1].id", "Expected each section once; 's'"),
    (checklist(section()), f"{PLACE}.items", "Expected at least one item"),
    (asks(item("X y")), f"{ITEM}.id", "Expected at most 100 lower-case letters"),
    (asks(item("x" * 101)), f"{ITEM}.id", "Expected at most 100 lower-case letters"),
    (asks(item("x"), item("x")), "$.sections[0].items[1].id", "Expected each item once; 'x'"),
    (checklist(section(item("x"), when=Exists("moon"))), f"{PLACE}.when.exists", "Unknown fact 'moon'"),
    (checklist(section(item("x"), constraints=(Count(high=1, **SAID),))), f"{PLACE}.constraints", "Has no effect"),
    (rows(least=-1), f"{PLACE}.rows", "Expected `least` of 0 or more"),
    (rows(least=3, most=2), f"{PLACE}.rows", "Expected `least` of 0 or more"),
    (rows(most=0), f"{PLACE}.rows", "Expected `least` of 0 or more"),
    (rows(key="y"), f"{PLACE}.rows.key", "Unknown item 'y'; the section has: x"),
    (rows(key="x", answer=SET), f"{PLACE}.rows.key", "Expected an item that can name every row"),
    (rows(key="x", answer=TextAnswer()), f"{PLACE}.rows.key", "Expected an item that can name every row"),
    (rows(key="x", answer=DateAnswer()), f"{PLACE}.rows.key", "Expected an item that can name every row"),
    (rows(Distinct(items=("y",), **SAID)), f"{PLACE}.constraints[0].items", "Unknown item 'y'; the section has: x"),
    (rows(Distinct(items=(), **SAID)), f"{PLACE}.constraints[0].items", "Expected at least one item"),
    (rows(Distinct(items=("x", "x"), **SAID)), f"{PLACE}.constraints[0].items[1]", "Expected each value once"),
    (rows(Count(**SAID)), f"{PLACE}.constraints[0]", "Expected `low` or `high`"),
    (rows(Count(low=3, high=2, **SAID)), f"{PLACE}.constraints[0].high", "Expected a number not below `low`"),
    (rows(Count(low=0, **SAID)), f"{PLACE}.constraints[0].low", "Has no effect"),
    (rows(Count(high=-1, **SAID)), f"{PLACE}.constraints[0].high", "Expected 0 or more"),
    (rows(Count(high=1, when=Exists("moon"), **SAID)), f"{PLACE}.constraints[0].when.exists", "Unknown fact 'moon'"),
    (rows(Total(item="y", high=Decimal(1), **SAID)), f"{PLACE}.constraints[0].item", "Unknown item 'y'"),
    (
        rows(Total(item="x", high=Decimal(1), **SAID)),
        f"{PLACE}.constraints[0].item",
        "Expected an item that asks for a",
    ),
    (rows(Total(item="x", **SAID), answer=METRES), f"{PLACE}.constraints[0]", "Expected `low` or `high`"),
    (rows(Covers(item="y", values=("a",), **SAID)), f"{PLACE}.constraints[0].item", "Unknown item 'y'"),
    (rows(Covers(item="x", values=(), **SAID)), f"{PLACE}.constraints[0].values", "Has no effect"),
    (
        rows(Covers(item="x", values=("a", "a"), **SAID)),
        f"{PLACE}.constraints[0].values[1]",
        "Expected each value once",
    ),
    (rows(Covers(item="x", values=("c",), **SAID)), f"{PLACE}.constraints[0].values[0]", "Expected a code of the item"),
    (
        rows(Covers(item="x", values=("1",), **SAID), answer=METRES),
        f"{PLACE}.constraints[0].item",
        "Expected an item that",
    ),
    (
        rows(Count(high=1, message=ENGLISH, severity=Severity.MINOR)),
        f"{PLACE}.constraints[0].message.zh",
        "Expected words in both languages",
    ),
    (rows(Count(high=1, rules=("R1",), **SAID)), f"{PLACE}.constraints[0].rules[0]", "Expected a rule id"),
    (asks(item("x", text=ENGLISH)), f"{ITEM}.text.zh", "Expected words in both languages"),
    (asks(item("x", rules=("R1",))), f"{ITEM}.rules[0]", "Expected a rule id"),
    (asks(item("x", rules=("estate:EST-OUT-01",) * 2)), f"{ITEM}.rules[1]", "Expected each rule once"),
    (asks(item("x", severity=None)), f"{ITEM}.severity", "Expected a severity: the item can fail"),
    (
        asks(item("x", answer=METRES, severity=Severity.MINOR)),
        f"{ITEM}.severity",
        "Has no effect: no answer to this item",
    ),
    (
        asks(item("x", answer=METRES, severity=None, judgements=(Judgement(**FAILS),))),
        f"{ITEM}.severity",
        "Expected a severity: the item can fail",
    ),
    (
        checklist(section(item("x", for_each=(EachZone(kinds=("lobby",)),)), rows=Rows())),
        f"{ITEM}.for_each",
        "Has no effect in a section answered in rows",
    ),
    (each(EachZone(kinds=())), f"{ITEM}.for_each[0].kinds", "Expected at least one kind"),
    (each(EachEquipment(kinds=("atm", "atm"))), f"{ITEM}.for_each[0].kinds[1]", "Expected each value once"),
    (
        each(EachEquipment(kinds=("atm",), zone_kinds=("a", "a"))),
        f"{ITEM}.for_each[0].zone_kinds[1]",
        "Expected each value once",
    ),
    (each(EachStaff(posts=())), f"{ITEM}.for_each[0].posts", "Expected at least one post"),
    (each(EachValue(name="row", values=("a",))), f"{ITEM}.for_each[0].name", "Expected a name of lower-case letters"),
    (each(EachValue(name="staff", values=("a",))), f"{ITEM}.for_each[0].name", "Expected a name of lower-case letters"),
    (each(EachValue(name="a b", values=("a",))), f"{ITEM}.for_each[0].name", "Expected a name of lower-case letters"),
    (each(EachValue(name="way")), f"{ITEM}.for_each[0]", "Expected either `values` or `fact`"),
    (
        each(EachValue(name="way", values=("a",), fact="branch.services")),
        f"{ITEM}.for_each[0]",
        "Expected either `values` or `fact`",
    ),
    (each(EachValue(name="way", values=("a", "a"))), f"{ITEM}.for_each[0].values[1]", "Expected each value once"),
    (
        each(EachValue(name="way", fact="branch.kind")),
        f"{ITEM}.for_each[0].fact",
        "Expected a fact that is a set of codes",
    ),
    (each(EachValue(name="way", fact="moon")), f"{ITEM}.for_each[0].fact", "Expected a fact that is a set of codes"),
    (asks(item("x", for_each=(EachZone(kinds=("a",)),) * 2)), f"{ITEM}.for_each[1]", "Expected each dimension once"),
    (
        checklist(section(item("x", for_each=(EachZone(kinds=("a",)),)), for_each=(EachZone(kinds=("a",)),))),
        f"{ITEM}.for_each[0]",
        "Expected each dimension once",
    ),
    (
        checklist(section(item("x"), for_each=(EachZone(kinds=()),))),
        f"{PLACE}.for_each[0].kinds",
        "Expected at least one",
    ),
    (asks(item("x", when=Exists("answer.y"))), f"{ITEM}.when.exists", "Unknown fact 'answer.y'"),
    (asks(item("x", evidence=(EvidenceRule(on="any", needs=()),))), f"{ITEM}.evidence[0].needs", "Has no effect"),
    (
        asks(item("x", evidence=(EvidenceRule(on="any", needs=("note", "note")),))),
        f"{ITEM}.evidence[0].needs[1]",
        "Expected each value once",
    ),
    (
        asks(item("x", answer=METRES, evidence=(EvidenceRule(on="fail", needs=("note",)),))),
        f"{ITEM}.evidence[0].on",
        "Has no effect: no answer to this item fails",
    ),
    (
        asks(item("x", answer=METRES, evidence=(EvidenceRule(on="pass", needs=("note",)),))),
        f"{ITEM}.evidence[0].on",
        "Has no effect: no answer to this item passes",
    ),
    (
        asks(item("x", judgements=(Judgement(when=Compare("answer", Op.GT, Decimal(3)), outcome="fail"),))),
        f"{ITEM}.judgements[0].when.op",
        "Type clash",
    ),
    (
        asks(item("x", judgements=(Judgement(message=ENGLISH, **FAILS),))),
        f"{ITEM}.judgements[0].message.zh",
        "Expected words in both languages",
    ),
    (
        asks(item("x", judgements=(Judgement(when=Exists("answer"), outcome="warning", severity=Severity.MAJOR),))),
        f"{ITEM}.judgements[0].severity",
        "Has no effect on the outcome warning",
    ),
    (
        asks(item("x", judgements=(Judgement(when=Exists("answer"), outcome="pass", message=WORDS),))),
        f"{ITEM}.judgements[0].message",
        "Has no effect: a pass gives no finding",
    ),
    (
        asks(item("x", judgements=(Judgement(rules=("R1",), **FAILS),))),
        f"{ITEM}.judgements[0].rules[0]",
        "Expected a rule id",
    ),
    (
        judged((PASSES, "warning", {}), (PASSES, "pass", {})),
        f"{ITEM}.judgements[1].when",
        "Has no effect: the judgements above decide",
    ),
    (
        judged((OPEN, "fail", {}), (OPEN, "warning", {})),
        f"{ITEM}.judgements[1].when",
        "Has no effect: `judgements[0]` with the same condition",
    ),
    (
        judged((Exists("answer"), "warning", {}), (FAILED, "fail", {})),
        f"{ITEM}.judgements[1].when",
        "Has no effect: the judgements above decide",
    ),
    (judged((All((PASSES, FAILED)), "fail", {})), f"{ITEM}.judgements[0].when", "Can never hold"),
    (judged((Not(Exists("answer")), "warning", {})), f"{ITEM}.judgements[0].when", "Can never hold"),
    (
        judged(
            (All((Compare("answer", Op.GT, Decimal(3)), Compare("answer", Op.LT, Decimal(4)))), "fail", {}),
            answer=Scale(low=1, high=5),
        ),
        f"{ITEM}.judgements[0].when",
        "Can never hold",
    ),
    (
        judged((All((Not(Has("answer", "a")), Not(Has("answer", "b")))), "fail", {}), answer=SET),
        f"{ITEM}.judgements[0].when",
        "Can never hold",
    ),
    (judged((FAILED, "fail", {})), f"{ITEM}.judgements[0]", "Has no effect: the answer alone comes to the same"),
    (judged((PASSES, "pass", {})), f"{ITEM}.judgements[0]", "Has no effect: the answer alone comes to the same"),
    (
        judged((All((FAILED, OPEN)), "fail", {"severity": Severity.MINOR})),
        f"{ITEM}.judgements[0]",
        "Has no effect: the answer alone comes to the same",
    ),
    (
        judged(
            (Compare("answer", Op.GT, Decimal(9)), "fail", {}),
            answer=Number(unit="m", pass_high=Decimal(8)),
        ),
        f"{ITEM}.judgements[0]",
        "Has no effect: the answer alone comes to the same",
    ),
    (needing(("fail", ("note",)), ("fail", ("note",))), f"{ITEM}.evidence[1]", "Has no effect: another rule asks"),
    (
        needing(("fail", ("note", "photo")), ("any", ("photo",))),
        f"{ITEM}.evidence[0].needs[1]",
        "Has no effect: another rule asks",
    ),
    (asks(item("x", when=NEVER)), f"{ITEM}.when", "Can never hold"),
    (asks(item("x", when=ALWAYS)), f"{ITEM}.when", "Has no effect: it always holds"),
    (checklist(section(item("x"), when=NEVER)), f"{PLACE}.when", "Can never hold"),
    (checklist(section(item("x", when=OPEN), when=OPEN)), f"{ITEM}.when", "Has no effect: the section has the same"),
    (
        checklist(section(item("x", when=SHUT), when=OPEN)),
        f"{ITEM}.when",
        "Can never hold where the section applies",
    ),
    (
        checklist(section(item("x", when=OPEN), when=All((OPEN, Exists("branch.kind"))))),
        f"{ITEM}.when",
        "Has no effect: the section's condition says as much",
    ),
    (rows(Count(high=4, **SAID), most=4), f"{PLACE}.constraints[0].high", "Has no effect: there are at most 4 rows"),
    (rows(Count(low=5, **SAID), most=4), f"{PLACE}.constraints[0].low", "Can never be kept: there are at most 4 rows"),
    (rows(Count(low=2, **SAID), least=2), f"{PLACE}.constraints[0].low", "Has no effect: there are at least 2 rows"),
    (rows(Count(high=1, **SAID), least=2), f"{PLACE}.constraints[0].high", "Can never be kept: there are at least 2"),
    (rows(Count(high=1, when=NEVER, **SAID)), f"{PLACE}.constraints[0].when", "Can never hold"),
    (rows(Count(high=1, when=ALWAYS, **SAID)), f"{PLACE}.constraints[0].when", "Has no effect: it always holds"),
    (rows(Distinct(items=("x",), **SAID), most=1), f"{PLACE}.constraints[0]", "Has no effect: there is never more"),
    (
        rows(Covers(item="x", values=("a", "b"), **SAID), most=1),
        f"{PLACE}.constraints[0].values",
        "Can never be kept: there are at most 1 rows",
    ),
    (
        rows(Total(item="x", high=Decimal(20), **SAID), answer=TENTH, most=2),
        f"{PLACE}.constraints[0].high",
        "Has no effect: there are at most 20 in sum",
    ),
    (
        rows(Total(item="x", low=Decimal(21), **SAID), answer=TENTH, most=2),
        f"{PLACE}.constraints[0].low",
        "Can never be kept: there are at most 20 in sum",
    ),
    (asks(item("x", answer=METRES, opens="fault")), f"{ITEM}.opens", "Has no effect: no answer to this item fails"),
    (rows(Count(high=0, **SAID), least=1), f"{PLACE}.constraints[0].high", "Can never be kept: there are at least 1"),
    (
        judged((ANY, "fail", {}), (NEVER, "fail", {}), facts=MANY),
        f"{ITEM}.judgements[1].when",
        "Can never hold",
    ),
    (rows(Count(low=2, high=3, **SAID), least=2), f"{PLACE}.constraints[0].low", "Has no effect: there are at least 2"),
    (rows(Count(high=9, **SAID), least=3, most=2), f"{PLACE}.rows", "Expected `least` of 0 or more"),
    (keyed(required=False), f"{PLACE}.rows.key", "Expected an item that can name every row"),
    (keyed(when=OPEN), f"{PLACE}.rows.key", "Expected an item that can name every row"),
    (
        rows(Count(low=4, high=4, **SAID), most=4),
        f"{PLACE}.constraints[0].high",
        "Has no effect: there are at most 4 rows",
    ),
    (rows(Count(low=1, **SAID), least=1), f"{PLACE}.constraints[0].low", "Has no effect: there are at least 1 rows"),
    (
        rows(Total(item="x", low=Decimal(1), **SAID), answer=Number(unit="m", high=Decimal(0))),
        f"{PLACE}.constraints[0].low",
        "Can never be kept: there are at most 0 in sum",
    ),
    (
        checklist(section(item("x", when=Member("branch.kind", ("a", "b"))), when=Member("branch.kind", ("a",)))),
        f"{ITEM}.when",
        "Has no effect: the section's condition says as much",
    ),
    (
        judged((FAILED, "fail", {"severity": Severity.MAJOR}), (FAILED, "fail", {"severity": Severity.CRITICAL})),
        f"{ITEM}.judgements[1].when",
        "Has no effect: `judgements[0]` with the same condition",
    ),
    (judged((NEVER, "fail", {}), (ANY, "fail", {}), facts=MANY), f"{ITEM}.judgements[0].when", "Can never hold"),
    (asks(item("x", hint=ENGLISH)), f"{ITEM}.hint.zh", "Expected words in both languages"),
    (
        asks(item("x", answer=Choice(options=(Option("a", text=ENGLISH), Option("b", text=WORDS))))),
        f"{ITEM}.answer.options[0].text.zh",
        "Expected words in both languages",
    ),
    (asks(item("x", answer=Number(unit=" "))), f"{ITEM}.answer.unit", "Expected the unit"),
    (
        asks(item("x", when=Member("answer.y", ("pass",))), item("y", when=Member("answer.x", ("pass",)))),
        "$.sections",
        "Items wait for each other in a circle: x -> y -> x",
    ),
    (
        checklist(section(item("x"), when=Member("answer.x", ("pass",)))),
        "$.sections",
        "Items wait for each other in a circle: x -> x",
    ),
]


@pytest.mark.parametrize(
    ("document", "path", "message"), BROKEN, ids=[f"{at}-{one[1]}" for at, one in enumerate(BROKEN)]
)
def test_a_broken_document_is_told_with_its_place(document: Checklist, path: str, message: str) -> None:
    """A document that breaks one rule has exactly that problem, at its place."""
    found = list(document.validate())

    assert [path] == [problem.path for problem in found]
    assert found[0].message.startswith(message)


@pytest.mark.parametrize(
    "document",
    [
        judged((OPEN, "warning", {}), (OPEN, "fail", {})),
        judged((FAILED, "fail", {"severity": Severity.CRITICAL}), (PASSES, "warning", {})),
        judged((FAILED, "fail", {"rules": ("estate:EST-OUT-01",)})),
        judged((All((PASSES, OPEN)), "pass", {}), (PASSES, "fail", {})),
        judged((Compare("answer", Op.LT, Decimal(4)), "fail", {}), answer=Scale(low=1, high=5, pass_from=4)),
        judged((Compare("answer", Op.GT, Decimal(7)), "fail", {}), answer=Number(unit="m", pass_high=Decimal(8))),
        judged(
            (Compare("at.date", Op.LT, fact2="answer", offset=dt.timedelta(days=3)), "warning", {}),
            (Compare("at.date", Op.GE, fact2="answer"), "fail", {}),
            answer=DateAnswer(),
            severity=Severity.MINOR,
        ),
        checklist(section(item("x", when=All((OPEN, Exists("branch.kind")))), when=OPEN)),
        needing(("fail", ("note",)), ("pass", ("note",)), ("any", ("photo",))),
        rows(Count(low=2, high=3, **SAID), Distinct(items=("x",), **SAID), least=1, most=4),
        rows(Covers(item="x", values=("a", "b"), **SAID), answer=SET, most=1),
        rows(Total(item="x", low=Decimal(1), high=Decimal(19), **SAID), answer=TENTH, most=2),
        judged(*((Compare(spec.name, Op.EQ, True), "fail", {}) for spec in MANY), facts=MANY),
        asks(item("x", opens="fault")),
        rows(Count(low=1, **SAID)),
        rows(Total(item="x", low=Decimal("0.6"), **SAID), answer=Number(unit="m", low=Decimal("0.5")), most=2),
        rows(Count(low=4, **SAID), most=4),
        rows(Count(low=1, when=Member("answer.x", ("a",)), **SAID), least=1),
        rows(Total(item="x", low=Decimal(0), **SAID), answer=Number(unit="m", low=Decimal(-10), high=Decimal(0))),
        rows(Total(item="x", high=Decimal(5), **SAID), answer=Number(unit="m", high=Decimal(1))),
        rows(Count(low=2, high=2, **SAID)),
        rows(Count(high=2, **SAID), least=2),
        rows(Covers(item="x", values=("a", "b"), **SAID), most=2),
        checklist(section(item("x", when=ANY), when=OPEN), facts=MANY),
        checklist(section(item("x", when=Member("branch.kind", ("a",))), when=Member("branch.kind", ("a", "b")))),
        judged((Compare("answer", Op.GT, Decimal(7)), "fail", {}), answer=Number(unit="m", pass_high=Decimal("7.5"))),
        judged(
            (Compare("answer", Op.GT, Decimal(7)), "fail", {"severity": Severity.MAJOR}), answer=METRES, severity=None
        ),
        asks(item("x", answer=METRES, judgements=NOTED, evidence=(EvidenceRule(on="pass", needs=("note",)),))),
    ],
)
def test_what_has_an_effect_is_accepted(document: Checklist) -> None:
    """A judgement, a condition or a limit that some sheet would miss is no problem.

    A warning judges only what is answered, so the same condition may fail what is not.
    """
    assert [] == list(document.validate())


def test_a_malformed_id_is_told() -> None:
    """An id is a slug, after a plug-in's name and a dot if any."""
    bad, good = Checklist("A b", version="1", title=WORDS, sections=(section(item("x")),)), asks(item("x"))

    assert ["$.id"] == [problem.path for problem in bad.validate()]
    assert [] == list(good.validate())


def test_answers_of_another_scope_are_out_of_reach() -> None:
    """A condition reaches answers asked once or bound alike, but no rows of another section and no other dimension."""
    zone, device = EachZone(kinds=("lobby",)), EachEquipment(kinds=("atm",))
    asked = Member("answer.x", ("pass",))
    alike = checklist(section(item("x"), for_each=(zone,)), section(item("y", when=asked, for_each=(zone,)), name="t"))
    other = checklist(
        section(item("x"), for_each=(zone,)), section(item("y", when=asked, for_each=(device,)), name="t")
    )
    row = checklist(section(item("x"), rows=Rows()), section(item("y", when=asked), rows=Rows(), name="t"))

    assert [] == list(alike.validate())
    assert ["$.sections[1].items[0].when.fact"] == [problem.path for problem in other.validate()]
    assert ["$.sections[1].items[0].when.fact"] == [problem.path for problem in row.validate()]


def test_rows_may_be_named_by_codes_words_and_signatures() -> None:
    """One code, public words or a signature can name a row."""
    documents = [
        rows(key="x", answer=answer) for answer in (CHOICE, WORDY, Signature(), PassFail()) if answer != PassFail()
    ]

    assert [[], [], []] == [list(one.validate()) for one in documents]


def test_every_judgement_that_never_holds_is_told() -> None:
    """A judgement that can never hold keeps none after it from being told."""
    document = judged((NEVER, "fail", {}), (All((PASSES, FAILED)), "fail", {}))

    assert [f"{ITEM}.judgements[0].when", f"{ITEM}.judgements[1].when"] == [one.path for one in document.validate()]


def test_what_is_wrong_after_a_judgement_that_needs_no_more_looking_into_is_told() -> None:
    """A judgement that repeats another, or one of too many facts, keeps none after it from being told."""
    repeated = judged((OPEN, "fail", {}), (OPEN, "warning", {}), (NEVER, "fail", {}))
    many = judged((OPEN, "fail", {}), (ANY, "fail", {}), (NEVER, "fail", {}), facts=MANY)

    assert [f"{ITEM}.judgements[1].when", f"{ITEM}.judgements[2].when"] == [one.path for one in repeated.validate()]
    assert [f"{ITEM}.judgements[2].when"] == [one.path for one in many.validate()]


def test_what_is_wrong_after_a_dimension_of_values_is_told() -> None:
    """A dimension of values keeps no problem of the next one from being told."""
    document = asks(item("x", for_each=(EachValue(name="way", values=("a",)), EachZone(kinds=()))))

    assert [f"{ITEM}.for_each[1].kinds"] == [one.path for one in document.validate()]


def test_facts_that_give_values_are_listed() -> None:
    """Where a dimension names no set of codes, those that there are stand in the message."""
    (problem,) = each(EachValue(name="way", fact="moon")).validate()

    assert "Expected a fact that is a set of codes: branch.segments, branch.services, branch.traits" == problem.message


def test_judgements_let_an_answer_pass_or_fail() -> None:
    """A judgement that fails makes no number one that can pass; one that warns or passes does."""
    outcomes: tuple[Any, ...] = ("fail", "warning", "pass")
    judgements = [Judgement(when=Compare("answer", Op.GT, Decimal(3)), outcome=one) for one in outcomes]
    items = [item("x", answer=METRES, judgements=(one,)) for one in judgements]

    assert [False, True, True] == [one.can_pass for one in items]
    assert [True, False, False] == [one.can_fail for one in items]


def test_what_is_wrong_after_an_empty_section_is_told() -> None:
    """A section without items keeps no problem of the next one from being told."""
    document = checklist(section(), section(item("x", text=ENGLISH), name="t"))

    assert [f"{PLACE}.items", "$.sections[1].items[0].text.zh"] == [problem.path for problem in document.validate()]


def test_everything_wrong_is_told_at_once() -> None:
    """Reading a document lists every problem in it, not only the first."""
    document = asks(item("x", rules=("R1",)), item("x", text=ENGLISH))

    with pytest.raises(DecodeError) as caught:
        Checklist.from_json(document.to_json())

    paths = {f"{ITEM}.rules[0]", "$.sections[0].items[1].id", "$.sections[0].items[1].text.zh"}
    assert paths == {problem.path for problem in caught.value.problems}
