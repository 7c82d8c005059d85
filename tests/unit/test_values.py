"""The smallest values: texts, references, severities, frozen maps."""

from __future__ import annotations

import pickle
from decimal import Decimal

import attrs
import pytest

from branchkit.values import FrozenMap, Quantity, Ref, Severity, Text, Unknown, decimal_text, is_identifier


class Labels(FrozenMap[str]):
    """A frozen map with a name of its own."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("text", "right"),
    [("x", True), ("x" * 200, True), ("x" * 201, False), ("", False), ("x ", False), ("a\nb", False), ("a b", True)],
)
def test_an_identifier_is_one_to_two_hundred_printable_characters(text: str, right: bool) -> None:
    """Both bounds belong to it, and space may stand inside only."""
    assert right == is_identifier(text)


@pytest.mark.parametrize(
    ("number", "text"), [("100", "100"), ("1.00", "1"), ("0.50", "0.5"), ("0.00", "0"), ("-1.10", "-1.1")]
)
def test_a_decimal_is_written_without_idle_zeros(number: str, text: str) -> None:
    """Zeros at the end go where a point stands before them, and stay where they count."""
    assert text == decimal_text(Decimal(number))


def test_a_frozen_map_reads_like_the_mapping_it_was_made_of() -> None:
    """Items come in the order given, and equality asks only for the items."""
    pairs = FrozenMap({"b": 1, "a": 2})

    assert (["b", "a"], 2, 1) == (list(pairs), len(pairs), pairs["b"])
    assert "FrozenMap({'b': 1, 'a': 2})" == repr(pairs)
    assert hash(FrozenMap({"a": 2, "b": 1})) == hash(pairs)
    assert pairs == {"a": 2, "b": 1}


def test_a_frozen_map_does_not_change() -> None:
    """Neither an attribute can be set, nor does the mapping it was made of reach into it."""
    source = {"a": 1}
    pairs = FrozenMap(source)
    source["a"] = 2

    with pytest.raises(AttributeError, match="Labels cannot change; build a new one"):
        Labels()._items = {}
    assert {"a": 1} == pairs


def test_a_frozen_map_pickles() -> None:
    """A copy that has travelled is equal."""
    pairs = FrozenMap({"a": Decimal("1.5")})

    assert pairs == pickle.loads(pickle.dumps(pairs))


def test_severities_are_ordered_from_a_hint_to_a_danger() -> None:
    """Each severity is below the next and not below itself."""
    ordered = [Severity.WARNING, Severity.MINOR, Severity.MAJOR, Severity.CRITICAL]

    assert [0, 1, 2, 3] == [one.rank for one in ordered]
    assert ordered == sorted([ordered[number] for number in (2, 0, 3, 1)])
    assert (False, True) == (Severity.MAJOR < Severity.MAJOR, Severity.MAJOR <= Severity.MAJOR)
    assert (False, False) == (Severity.CRITICAL < Severity.MAJOR, Severity.CRITICAL <= Severity.MAJOR)


@pytest.mark.parametrize(
    ("text", "zh", "en", "both"),
    [
        (Text(zh="网点", en="Branch"), "网点", "Branch", "网点 · Branch"),
        (Text(zh="网点"), "网点", "网点", "网点"),
        (Text(en="Branch"), "Branch", "Branch", "Branch"),
    ],
)
def test_a_text_says_what_it_has(text: Text, zh: str, en: str, both: str) -> None:
    """A language that is missing gives way to the other, and English is what is said unless Chinese is asked for."""
    assert (zh, en, en, both) == (text.say("zh"), text.say("en"), text.say(), str(text))


@pytest.mark.parametrize("words", [{}, {"zh": " ", "en": "\t"}])
def test_a_text_has_words(words: dict[str, str]) -> None:
    """A text without words in any language is refused."""
    with pytest.raises(ValueError, match="zh or en"):
        Text(**words)


@pytest.mark.parametrize("text", ["atm", "Atm:1", ":1", "at-m:1", "atm:", "atm: 1", "1:atm"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    """A reference needs a kind of lower-case letters, a colon, and an identifier."""
    with pytest.raises(ValueError, match="Expected"):
        Ref.parse(text)


def test_a_reference_without_a_colon_is_told_how_one_looks() -> None:
    """The message shows what would be right."""
    with pytest.raises(ValueError, match="Expected kind:id, as in equipment:ATM-1"):
        Ref.parse("atm")


def test_a_reference_keeps_colons_of_its_id() -> None:
    """Only the first colon separates."""
    assert Ref("event", "a:b") == Ref.parse("event:a:b")


def test_references_sort_by_kind_and_id() -> None:
    """Lists of references have one order."""
    assert [Ref("a", "2"), Ref("b", "1")] == sorted([Ref("b", "1"), Ref("a", "2")])


@pytest.mark.parametrize("value", [Text(en="x"), Unknown("x"), Ref("a", "1"), Quantity(Decimal(1), "m")])
def test_values_are_frozen_and_hashable(value: object) -> None:
    """A value can be a key, and nobody changes it in place."""
    name = attrs.fields(type(value))[0].name  # type: ignore[arg-type]  # each of them is an attrs class

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, name, "y")
    assert {value: 1}[value] == 1


def test_an_unknown_has_a_reason_when_nobody_gives_one() -> None:
    """The reason of an unknown is never empty."""
    assert "not stated" == Unknown().reason
