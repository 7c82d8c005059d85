"""Every kind of answer: what it reads, what it means, and what it refuses to be set to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.checklists import (
    Answer,
    Choice,
    DateAnswer,
    FileAnswer,
    MomentAnswer,
    Number,
    Option,
    Outcome,
    PassFail,
    Scale,
    Signature,
    TextAnswer,
    TimeAnswer,
)
from branchkit.conditions import FactType
from branchkit.personal import ERASED_WORD, leaves_a_word, marked_fields
from branchkit.values import Text

WORDS = Text(zh="词", en="words")


def option(code: str, outcome: Outcome = Outcome.NEUTRAL) -> Option:
    return Option(code, text=WORDS, outcome=outcome)


GOOD, WORSE, PLAIN = option("good", Outcome.PASS), option("bad", Outcome.FAIL), option("plain")
ONE = Choice(options=(GOOD, WORSE, PLAIN))
MANY = Choice(options=(GOOD, WORSE, PLAIN), several=True)
OPEN = Choice(options=(WORSE,), open=True)
RATING = Scale(low=1, high=5, pass_from=3)
DEGREES = Number(unit="°C", low=Decimal(-40), high=Decimal(60), pass_low=Decimal(18), pass_high=Decimal(26))
UTC8 = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("kind", "raw", "value", "outcome"),
    [
        (PassFail(), "pass", "pass", Outcome.PASS),
        (PassFail(), "fail", "fail", Outcome.FAIL),
        (ONE, "good", "good", Outcome.PASS),
        (ONE, "bad", "bad", Outcome.FAIL),
        (ONE, "plain", "plain", Outcome.NEUTRAL),
        (MANY, ("good", "bad"), frozenset({"good", "bad"}), Outcome.FAIL),
        (MANY, ("good", "plain"), frozenset({"good", "plain"}), Outcome.PASS),
        (OPEN, "something", "something", Outcome.NEUTRAL),
        (RATING, "3", Decimal(3), Outcome.PASS),
        (RATING, "2", Decimal(2), Outcome.FAIL),
        (RATING, "1", Decimal(1), Outcome.FAIL),
        (RATING, "5", Decimal(5), Outcome.PASS),
        (DEGREES, "-40", Decimal(-40), Outcome.FAIL),
        (DEGREES, "60", Decimal(60), Outcome.FAIL),
        (Signature(), "S" * 200, "S" * 200, Outcome.NEUTRAL),
        (TextAnswer(max_length=5), "words", "words", Outcome.NEUTRAL),
        (TextAnswer(max_length=3), ERASED_WORD, ERASED_WORD, Outcome.NEUTRAL),
        (FileAnswer(), "f" * 500, "f" * 500, Outcome.NEUTRAL),
        (Scale(low=-2, high=2), "-1", Decimal(-1), Outcome.NEUTRAL),
        (DEGREES, "18", Decimal(18), Outcome.PASS),
        (DEGREES, "26.0", Decimal(26), Outcome.PASS),
        (DEGREES, "17.99", Decimal("17.99"), Outcome.FAIL),
        (DEGREES, "26.1", Decimal("26.1"), Outcome.FAIL),
        (Number(unit="pieces", whole=True), "7", Decimal(7), Outcome.NEUTRAL),
        (DateAnswer(), "2026-03-01", dt.date(2026, 3, 1), Outcome.NEUTRAL),
        (TimeAnswer(), "09:30", Decimal(570), Outcome.NEUTRAL),
        (MomentAnswer(), "2026-03-01T09:30+08:00", dt.datetime(2026, 3, 1, 9, 30, tzinfo=UTC8), Outcome.NEUTRAL),
        (TextAnswer(), "words", "words", Outcome.NEUTRAL),
        (FileAnswer(), "scan/7.pdf#9f", "scan/7.pdf#9f", Outcome.NEUTRAL),
        (FileAnswer(photo=True), "7.JPG#9f", "7.JPG#9f", Outcome.NEUTRAL),
        (Signature(), "S-017", "S-017", Outcome.NEUTRAL),
    ],
)
def test_reads_and_judges(kind: Any, raw: Any, value: Any, outcome: Outcome) -> None:
    """An answer is read as a value of its fact, and means what its kind says."""
    found = kind.read(raw)

    assert value == found
    assert outcome is kind.outcome(found)
    assert () == tuple(kind.spec("answer").problems_of(found))


@pytest.mark.parametrize(
    ("kind", "raw", "message"),
    [
        (PassFail(), "yes", "Expected pass or fail"),
        (PassFail(), ("pass",), "Expected pass or fail"),
        (ONE, "better", "Expected a code of: bad, good, plain"),
        (ONE, ("good",), "Expected one code"),
        (MANY, "good", "Expected a list of codes"),
        (MANY, ("good", "better"), "Expected codes of: bad, good, plain"),
        (MANY, ("good", "good"), "Expected each code once"),
        (RATING, "6", "Expected a whole number from 1 to 5"),
        (RATING, "3.5", "Expected a whole number from 1 to 5"),
        (RATING, "３", "Expected a whole number from 1 to 5"),
        (DEGREES, "warm", "Expected a number in °C"),
        (DEGREES, "1e1", "Expected a number in °C"),
        (DEGREES, ("20",), "Expected a number in °C"),
        (DEGREES, "61", "Expected a number from -40 to 60 °C"),
        (Number(unit="lx", low=Decimal(0)), "-1", "Expected a number of at least 0 lx"),
        (Number(unit="lx", high=Decimal(9)), "10", "Expected a number of at most 9 lx"),
        (Number(unit="pieces", whole=True), "7.5", "Expected a whole number in pieces"),
        (Number(unit="pieces", whole=True), "?", "Expected a whole number in pieces"),
        (DateAnswer(), "2026-02-30", "Expected a day written 2026-03-01"),
        (DateAnswer(), "20260301", "Expected a day written 2026-03-01"),
        (DateAnswer(), ("2026-03-01",), "Expected a day written 2026-03-01"),
        (TimeAnswer(), "24:00", "Expected a time of day written 09:30"),
        (TimeAnswer(), "9:30", "Expected a time of day written 09:30"),
        (MomentAnswer(), "2026-03-01T09:30", "Expected a day and time with its zone"),
        (MomentAnswer(), "2026-W09-7T09:30Z", "Expected a day and time with its zone"),
        (TextAnswer(max_length=3), "four", "Expected 1 to 3 characters"),
        (TextAnswer(), " ", "Expected 1 to 2000 characters"),
        (FileAnswer(), "a\nb", "Expected a reference to a file"),
        (FileAnswer(), "f" * 501, "Expected a reference to a file"),
        (FileAnswer(photo=True), "7.pdf", "Expected a reference to a photo (.jpg"),
        (FileAnswer(photo=True), " ", "Expected a reference to a photo"),
        (Signature(), "", "Expected the id of whoever signs"),
        (Signature(), "S" * 201, "Expected the id of whoever signs"),
    ],
)
def test_refuses_what_it_cannot_read(kind: Any, raw: Any, message: str) -> None:
    """An answer that is none is refused with what would be right."""
    with pytest.raises(ValueError, match="Expected") as caught:
        kind.read(raw)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("kind", "path", "message"),
    [
        (Choice(options=(GOOD,)), "$.options", "Expected at least two options"),
        (Choice(options=(), open=True), "$.options", "Expected at least two options"),
        (Choice(options=(GOOD, GOOD)), "$.options[1].code", "Expected each code once"),
        (Choice(options=(GOOD, option(" x"))), "$.options[1].code", "Expected a code of 1 to 200"),
        (Scale(low=5, high=5), "$.high", "Expected a number above `low`"),
        (Scale(low=-(10**9), high=0), "$.high", "Expected a number above `low`, both of at most 9 digits"),
        (Scale(low=0, high=10**9), "$.high", "Expected a number above `low`, both of at most 9 digits"),
        (Scale(low=1, high=5, pass_from=1), "$.pass_from", "Expected a rating above `low`"),
        (Scale(low=1, high=5, pass_from=6), "$.pass_from", "Expected a rating above `low`"),
        (Number(unit="m", low=Decimal(2), high=Decimal(1)), "$.high", "Expected a number above `low`"),
        (Number(unit="m", low=Decimal(2), high=Decimal(2)), "$.high", "Expected a number above `low`"),
        (
            Number(unit="m", pass_low=Decimal(2), pass_high=Decimal(1)),
            "$.pass_high",
            "Expected a number not below `pass",
        ),
        (Number(unit="m", low=Decimal(2), pass_low=Decimal(2)), "$.pass_low", "Expected a number above `low`"),
        (Number(unit="m", high=Decimal(2), pass_high=Decimal(2)), "$.pass_high", "Expected a number below `high`"),
        (Number(unit="m", high=Decimal(2), pass_low=Decimal(3)), "$.pass_low", "Expected a number not above `high`"),
        (Number(unit="m", low=Decimal(2), pass_high=Decimal(1)), "$.pass_high", "Expected a number not below `low`"),
        (TextAnswer(max_length=0), "$.max_length", "Expected at least 1"),
        (Answer("x"), "$", "Expected exactly one of value, words, not_applicable, unknown; got none"),
        (Answer("x", value="1", unknown="dark"), "$", "Expected exactly one of value, words, not_applicable, unknown"),
        (Answer("x", value="1", words="w", unknown="dark"), "$", "Expected exactly one of value, words, not_app"),
        (Answer("x", value="1", not_applicable="n", unknown="dark"), "$", "Expected exactly one of value, words, not_"),
    ],
)
def test_refuses_settings_without_effect(kind: Any, path: str, message: str) -> None:
    """A setting that contradicts another or has no effect is told with its place, and nothing else is."""
    found = list(kind.validate())

    assert [path] == [problem.path for problem in found]
    assert found[0].message.startswith(message)


@pytest.mark.parametrize(
    "kind",
    [
        PassFail(),
        ONE,
        MANY,
        OPEN,
        RATING,
        Scale(low=1, high=5, pass_from=5),
        Scale(low=-(10**9) + 1, high=10**9 - 1),
        DEGREES,
        Number(unit="m", low=Decimal(2), pass_high=Decimal(2)),
        Number(unit="m", high=Decimal(2), pass_low=Decimal(2)),
        DateAnswer(),
        TextAnswer(),
        TextAnswer(max_length=1),
        Signature(),
    ],
)
def test_sound_settings_are_accepted(kind: Any) -> None:
    """A kind of answer whose settings have an effect has no problem."""
    assert [] == list(kind.validate())


def test_what_is_erased_of_an_answer_leaves_it_an_answer() -> None:
    """Of what an answer is by being there a word stays once it is erased; what only comes with it may be gone."""
    fields = attrs.fields_dict(Answer)

    assert {
        "words": True,
        "not_applicable": True,
        "unknown": True,
        "note": False,
        "photos": False,
        "files": False,
    } == {name: leaves_a_word(fields[name].metadata) for name in marked_fields(Answer)}


def test_types_of_facts() -> None:
    """Several codes are a set, one is a code, a time is a number of minutes."""
    expected = [FactType.CODES, FactType.CODE, FactType.NUMBER, FactType.MOMENT]

    assert expected == [kind.spec("answer").type for kind in (MANY, ONE, TimeAnswer(), MomentAnswer())]


def test_a_time_of_day_is_a_number_of_minutes() -> None:
    """Times are from midnight to a minute before the next."""
    assert (Decimal(0), Decimal(1439)) == TimeAnswer().spec("answer").bounds
    assert Decimal(1439) == TimeAnswer().read("23:59")


def test_what_can_pass_and_fail() -> None:
    """A kind can pass or fail only where some answer does."""
    kinds: tuple[Any, ...] = (
        PassFail(),
        ONE,
        OPEN,
        Choice(options=(GOOD, PLAIN)),
        RATING,
        Scale(low=0, high=1),
        DEGREES,
    )

    assert [True, True, True, False, True, False, True] == [kind.can_fail for kind in kinds]
    assert [True, True, False, True, True, False, True] == [kind.can_pass for kind in kinds]
    assert (False, False) == (Signature().can_fail, Signature().can_pass)
