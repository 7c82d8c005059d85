"""A tier scheme is proved when it is read: what would send somebody back and forth never gets in."""

from __future__ import annotations

from typing import Any

import pytest

from branchkit.errors import InputError
from tests.unit.customers.tiers import plain, read, row

UNKNOWN = row(None, amount={"unknown": True})
TABLE = plain()["editions"][0]
KEEP = TABLE["keep"]
ENTER = TABLE["enter"]


def edition(**changes: Any) -> dict[str, Any]:
    """Return an edition as it is written."""
    return {key: value for key, value in (TABLE | changes).items() if value is not None}


def test_a_sound_scheme_is_read_and_written_again() -> None:
    """It comes back from its plain form as it was."""
    scheme = read()

    assert scheme == type(scheme).from_json(scheme.to_json())
    assert "plain 1" == str(scheme)


TIERS = plain()["tiers"]
CARE = {"code": "care", "title": {"zh": "关怀", "en": "Care"}}
ELSEWHERE = {"scheme": "admission", "tiers": ["vip"]}
ASKING = {
    "facts": [{"name": "vip", "type": "bool", "may_be_unknown": True}],
    "editions": [{**TABLE, "enter": [row("high", vip=True), *ENTER], "keep": [row("high", vip=True), *KEEP]}],
}


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"id": " x"}, "$.id", "Expected an id"),
        ({"version": " "}, "$.version", "Expected a version"),
        ({"tiers": TIERS[:1]}, "$.tiers", "two tiers"),
        ({"tiers": [*TIERS, TIERS[0]]}, "$.tiers[2]", "each once"),
        ({"rules": ["TIER-02"]}, "$.rules[0]", "with its area"),
        ({"measure": "weight"}, "$.measure", "one of assets"),
        ({"currency": "yuan"}, "$.currency", "three capital letters"),
        ({"measure": {"kind": "not_configured", "settings": ["x"]}}, "$.measure.settings", "Has no effect"),
        ({"swing": {"amount": 0}}, "$.swing.amount", "above zero"),
        ({"swing": {"height": 2}}, "$.swing.height", "there are: amount"),
        ({"swing": {}}, "$.swing", "how far 'amount' may go"),
        ({"swing": {"amount": 21}}, "$.swing.amount", "Expected at most 20"),
        (
            {"facts": [{"name": "age", "type": "number"}], "swing": {"amount": 20, "age": 1}},
            "$.facts[0]",
            "no row asks",
        ),
        ({"facts": [{"name": "amount", "type": "bool"}]}, "$.facts[0].name", "is taken"),
        ({"facts": [{"name": "a", "type": "bool", "low": 1}]}, "$.facts[0].low", "takes no bounds"),
        ({"by_tier": {"vip": ELSEWHERE}}, "$.by_tier.vip", "there are: none"),
        ({**ASKING, "by_tier": {"amount": ELSEWHERE}}, "$.by_tier.amount", "there are: vip"),
        ({**ASKING, "by_tier": {"vip": {**ELSEWHERE, "scheme": "plain"}}}, "$.by_tier.vip.scheme", "another scheme"),
        ({**ASKING, "by_tier": {"vip": {**ELSEWHERE, "tiers": []}}}, "$.by_tier.vip.tiers", "one tier or more"),
        ({**ASKING, "by_tier": {"vip": {**ELSEWHERE, "tiers": ["x", "x"]}}}, "$.by_tier.vip.tiers[1]", "each once"),
        ({"baseline": ["care"]}, "$.baseline[0]", "Unknown entitlement"),
        ({"entitlements": [CARE]}, "$.entitlements[0]", "nobody is entitled"),
        ({"entitlements": [CARE, CARE], "baseline": ["care"]}, "$.entitlements[1]", "each once"),
        (
            {"entitlements": [CARE], "baseline": ["care"], "tiers": [TIERS[0], {**TIERS[1], "entitlements": ["care"]}]},
            "$.tiers[1].entitlements[0]",
            "has 'care' already",
        ),
        ({"bands": [{"code": "a", "title": CARE["title"]}] * 2}, "$.bands[1]", "each once"),
        (
            {"bands": [{"code": "a", "title": CARE["title"], "at_least": 5}, {"code": "b", "title": CARE["title"]}]},
            "$.bands",
            "from the lowest",
        ),
        ({"editions": []}, "$.editions", "at least one"),
        (
            {"measures": None, "measure": None, "currency": None},
            "$.editions[0].enter[0].when.amount",
            "Expected `measures`",
        ),
        ({"measures": None, "measure": None}, "$.currency", "Has no effect"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, Any], path: str, message: str) -> None:
    """Names, settings and entitlements without effect are found where they stand."""
    with pytest.raises(InputError) as caught:
        read(**changes)

    assert (path, True) in {(one.path, message in one.message) for one in caught.value.problems}, caught.value


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"enter": ENTER[:2]}, ".enter", "No row for: amount is unknown"),
        ({"enter": [ENTER[0], UNKNOWN]}, ".enter", "No row for"),
        ({"enter": [*ENTER, ENTER[0]]}, ".enter[3]", "Unreachable"),
        ({"enter": [row("top", amount={"from": 1}), *ENTER]}, ".enter[0].then.tier", "Expected one of: low, high"),
        ({"enter": [row("high", height=3), *ENTER]}, ".enter[0].when.height", "Unknown fact 'height'"),
        ({"enter": [row("high", amount={"above": 100}), *ENTER[1:]]}, ".enter[0].when.amount", "`boundary` says"),
        ({"keep": [row("low"), UNKNOWN]}, ".keep[1]", "Unreachable"),
        ({"keep": [row("low", amount={"from": 0}), UNKNOWN]}, ".keep[0]", "Expected to keep what enters"),
        ({"keep": [row("high", amount={"from": 120}), row("low", amount={"below": 120}), UNKNOWN]}, ".keep[1]", "keep"),
        (
            {"keep": [row(None, amount={"from": 0}), row(None, amount={"unknown": True})]},
            ".keep[0]",
            "keep what enters",
        ),
    ],
)
def test_tables_are_proved(changes: dict[str, Any], path: str, message: str) -> None:
    """Gaps, dead rows, unknown facts, and rows that take away what the same facts give, are found."""
    with pytest.raises(InputError) as caught:
        read(editions=[edition(**changes)])

    found = [(one.path, one.message) for one in caught.value.problems]
    assert any(where == f"$.editions[0]{path}" and message in what for where, what in found), found


def test_a_scheme_that_keeps_nothing_cannot_promise_to_be_steady() -> None:
    """Without rows for keeping, somebody at the limit goes back and forth whatever `swing` says."""
    with pytest.raises(InputError, match="Expected at most 0"):
        read(editions=[edition(keep=None)])


def test_swings_are_proved_for_each_number_alone() -> None:
    """A number beside the amount has a swing of its own, whatever the other facts are."""
    facts = [{"name": "age", "type": "number", "low": 0, "may_be_unknown": True}]
    young = [row("high", age={"below": 30}), *ENTER]
    kept = [row("high", age={"below": 32}), *KEEP]

    read(facts=facts, swing={"amount": 20, "age": 2}, editions=[edition(enter=young, keep=kept)])
    with pytest.raises(InputError, match="at most 2: 'high' is entered and lost"):
        read(facts=facts, swing={"amount": 20, "age": 3}, editions=[edition(enter=young, keep=kept)])


def dated(*days: tuple[str | None, str | None]) -> list[dict[str, Any]]:
    """Return editions with these days."""
    told = [{"valid_from": since, "valid_until": until} for since, until in days]
    return [edition(**one) for one in told]


@pytest.mark.parametrize(
    ("days", "path", "message"),
    [
        ([(None, None), (None, None)], "[1].valid_from", "only the first"),
        ([("2026-01-01", None), ("2026-01-01", None)], "[1].valid_from", "after that of the edition before"),
        ([("2026-01-02", None), ("2026-01-01", None)], "[1].valid_from", "after that of the edition before"),
        ([(None, "2026-01-01"), ("2026-01-02", None)], "[1].valid_from", "there is a gap"),
        ([(None, "2026-01-03"), ("2026-01-02", None)], "[1].valid_from", "there is an overlap"),
        ([("2026-01-02", "2026-01-02")], "[0].valid_until", "a day after valid_from"),
    ],
)
def test_editions_neither_overlap_nor_leave_a_gap(days: Any, path: str, message: str) -> None:
    """customers:TIER-03: on each day after the first, exactly one edition is in force."""
    with pytest.raises(InputError) as caught:
        read(editions=dated(*days))

    found = [(one.path, one.message) for one in caught.value.problems]
    assert any(where == f"$.editions{path}" and message in what for where, what in found), found


def test_editions_that_follow_each_other_are_sound() -> None:
    """An edition may end by itself on the day on which the next begins, or be left to end there."""
    assert 3 == len(read(editions=dated((None, "2026-01-01"), ("2026-01-01", None), ("2026-02-01", None))).editions)


def test_too_many_codes_at_once_are_refused() -> None:
    """A set of codes that cannot be looked at from all sides is refused, and not believed."""
    facts = [{"name": "tags", "type": "codes", "may_be_unknown": True}]
    rows = [row("high", tags={"has": [f"a{n}", f"b{n}"]}) for n in range(14)]
    with pytest.raises(InputError, match="Too large"):
        read(facts=facts, editions=[edition(enter=[*rows, *ENTER], keep=[*rows, *KEEP])])


def test_facts_that_are_too_many_to_prove_are_refused() -> None:
    """Where enter and keep ask so much together that not every case can be looked at, the scheme is refused."""
    names = [f"f{number}" for number in range(16)]
    facts = [{"name": name, "type": "bool", "may_be_unknown": True} for name in names]
    rows = [row("high", **{name: True}) for name in names]
    kept = [row("high", **{name: [True]}) for name in names]
    with pytest.raises(InputError, match="more than 20000 sets"):
        read(facts=facts, editions=[edition(enter=[*rows, *ENTER], keep=[*kept, *KEEP])])


def test_a_number_that_an_edition_does_not_ask_swings_as_it_likes() -> None:
    """A swing is proved in the editions that look at the number, and the others don't mind."""
    facts = [{"name": "age", "type": "number", "low": 0, "may_be_unknown": True}]
    old = edition(valid_until="2026-01-01")
    young = [row("high", age={"below": 30}), *ENTER]
    new = edition(valid_from="2026-01-01", enter=young, keep=[row("high", age={"below": 32}), *KEEP])

    assert 2 == len(read(facts=facts, swing={"amount": 20, "age": 2}, editions=[old, new]).editions)


def test_a_boundary_without_an_amount_has_no_effect() -> None:
    """A scheme that asks no amount has nothing that a boundary could be on; names of tiers have to be names."""
    facts = [{"name": "vip", "type": "bool", "may_be_unknown": True}]
    rows = [row("high", vip=True), row("low", vip=False), row(None, vip={"unknown": True})]
    plainly = {
        "measures": None,
        "measure": None,
        "currency": None,
        "swing": None,
        "facts": facts,
        "editions": [{"enter": rows}],
    }

    assert "plain" == read(**plainly).scheme
    nameless = [TIERS[0], {**TIERS[1], "code": " "}]
    for changes, path in (({"boundary": "exclusive"}, "$.boundary"), ({"tiers": nameless}, "$.tiers[1]")):
        with pytest.raises(InputError) as caught:
            read(**(plainly | changes))
        assert path in {problem.path for problem in caught.value.problems}
