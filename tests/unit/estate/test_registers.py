"""Registers: what an entry must hold, what may not stand twice, what has expired and what is short."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from branchkit.estate import Entry, Register, RegisterField, check_entries, judge_register
from branchkit.values import FrozenMap, Ref, Text

DAY = dt.date(2026, 6, 1)
SPARES = Register(
    "spares",
    version="1",
    title=Text(zh="备件", en="Spares"),
    fields=(
        RegisterField("part", title=Text(en="Part"), choices=("handset", "base", "cable")),
        RegisterField("shelf", title=Text(en="Shelf"), required=False, unique=True),
    ),
    least=FrozenMap({"handset": Decimal(3), "base": Decimal(2)}),
    least_by="part",
)


NO_LEAST: FrozenMap[Decimal] = FrozenMap()


def field(name: str, *choices: str) -> RegisterField:
    return RegisterField(name, title=Text(en="Field"), choices=choices)


def entry(id: str, part: str = "handset", quantity: int = 1, **more: object) -> Entry:
    values = FrozenMap({"part": part, **({"shelf": str(more.pop("shelf"))} if "shelf" in more else {})})
    made = Entry(id, register="spares", branch="B-1", values=values, quantity=Decimal(quantity))
    return attrs.evolve(made, **more)  # type: ignore[arg-type]  # the fields' own names


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        pytest.param(attrs.evolve(entry("E"), values=FrozenMap[str]()), "$.E", id="missing"),
        pytest.param(
            attrs.evolve(entry("E"), values=FrozenMap({"part": "base", "x": "1"})), "$.E.values", id="unknown"
        ),
        pytest.param(entry("E", part="wire"), "$.E.values.part", id="not allowed"),
        pytest.param(entry("E", quantity=-1), "$.E.quantity", id="less than nothing"),
        pytest.param(
            entry("E", valid_from=DAY, valid_until=DAY - dt.timedelta(days=1)), "$.E.valid_until", id="ends too soon"
        ),
    ],
)
def test_wrong_entry_says_where(wrong: Entry, path: str) -> None:
    """An entry that does not fit the register has one problem at its place."""
    assert [path] == [problem.path for problem in check_entries(SPARES, [wrong])]


def test_right_entries_have_no_problem() -> None:
    """Entries that fit have no problem; an optional field may be left out."""
    assert () == check_entries(SPARES, [entry("E-1"), entry("E-2", shelf="A"), entry("E-3", shelf="B")])


def test_expiring_register_asks_for_a_date() -> None:
    """A register that expires needs the last good day of every entry."""
    register = attrs.evolve(SPARES, expires=True)

    assert ["$.E.valid_until"] == [problem.path for problem in check_entries(register, [entry("E")])]


@pytest.mark.parametrize(
    ("first_until", "second_from", "problems"), [(DAY, DAY, 1), (DAY, DAY + dt.timedelta(days=1), 0), (None, DAY, 1)]
)
def test_unique_value_may_pass_on(first_until: dt.date | None, second_from: dt.date, problems: int) -> None:
    """A unique value may stand in two entries only if their validity does not overlap, not even by a day."""
    entries = [entry("E-1", shelf="A", valid_until=first_until), entry("E-2", shelf="A", valid_from=second_from)]

    assert problems == len(check_entries(SPARES, entries))


@pytest.mark.parametrize(
    ("quantity", "until", "problems"),
    [
        ("0", DAY, []),
        ("0.5", DAY, []),
        ("-0.1", DAY, ["Expected a quantity of 0 or more - at `$.E.quantity`"]),
        ("1", DAY - dt.timedelta(days=1), ["Expected a day not before `valid_from` - at `$.E.valid_until`"]),
    ],
)
def test_an_entry_may_be_used_up_and_good_for_one_day(quantity: str, until: dt.date, problems: list[str]) -> None:
    """None left is a quantity, and the last day may be the first."""
    one = attrs.evolve(entry("E", valid_from=DAY, valid_until=until), quantity=Decimal(quantity))

    assert problems == [str(problem) for problem in check_entries(SPARES, [one])]


def test_what_is_good_through_today_counts_today() -> None:
    """On its last day an entry has not expired and is in stock; each value counts for itself."""
    held = [entry("E-1", quantity=3, valid_until=DAY), entry("E-2", part="base", quantity=1)]

    assert ["1 × base in stock; the least is 2"] == [
        one.message.en for one in judge_register(SPARES, "B-1", held, day=DAY)
    ]


@pytest.mark.parametrize(("least", "paths"), [("0", ["$.least.base"]), ("0.5", [])])
def test_a_least_quantity_is_above_none(least: str, paths: list[str]) -> None:
    """None at least demands nothing; any part of one does."""
    register = attrs.evolve(SPARES, least=FrozenMap({"base": Decimal(least)}))

    assert paths == [problem.path for problem in register.validate()]


@pytest.mark.parametrize(("offset", "current"), [(-1, False), (0, True), (5, True), (6, False)])
def test_entry_holds_on_both_its_last_days(offset: int, current: bool) -> None:
    """An entry is current from its first to its last day, both included."""
    one = entry("E", valid_from=DAY, valid_until=DAY + dt.timedelta(days=5))

    assert current is one.is_current(DAY + dt.timedelta(days=offset))


def test_what_has_expired_and_what_is_short_is_found() -> None:
    """An expired entry is a finding and does not count towards the least quantity, which is one for each value."""
    held = [
        entry("E-1", quantity=2),
        entry("E-2", quantity=1, valid_until=DAY - dt.timedelta(days=1)),
        entry("E-3", part="base", quantity=2),
        attrs.evolve(entry("E-4", quantity=9), branch="B-2"),
        attrs.evolve(entry("E-5", quantity=9), register="keys"),
    ]

    found = judge_register(SPARES, "B-1", held, day=DAY)

    assert ["register/B-1/spares/expired/E-2", "register/B-1/spares/short/handset"] == [one.id for one in found]
    assert [Ref("entry", "E-2"), Ref("value", "handset")] == [one.where for one in found]
    assert "2 × handset in stock; the least is 3" == found[1].message.en


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"least_by": None}, "$.least_by", id="by what"),
        pytest.param({"least_by": "colour"}, "$.least_by", id="by an unknown field"),
        pytest.param({"least": NO_LEAST}, "$.least_by", id="by without least"),
        pytest.param({"fields": (*SPARES.fields, SPARES.fields[0])}, "$.fields[2].name", id="field twice"),
        pytest.param({"fields": (), "least": NO_LEAST, "least_by": None}, "$.fields", id="no fields"),
        pytest.param({"fields": (*SPARES.fields, field(" "))}, "$.fields[2].name", id="field without a name"),
        pytest.param({"fields": (*SPARES.fields, field("x", "a", " "))}, "$.fields[2].choices[1]", id="empty choice"),
        pytest.param({"fields": (*SPARES.fields, field("x", "a", "a"))}, "$.fields[2].choices[1]", id="choice twice"),
        pytest.param({"least": FrozenMap({"wire": Decimal(1)})}, "$.least.wire", id="least of what cannot be"),
        pytest.param({"rules": ("estate:TEL-08",) * 2}, "$.rules[1]", id="rule twice"),
    ],
)
def test_wrong_register_says_where(change: dict[str, object], path: str) -> None:
    """A register with doubled fields or settings without effect has a problem at the place."""
    register = attrs.evolve(SPARES, **change)  # type: ignore[arg-type]  # one field of several types at a time

    assert [path] == [problem.path for problem in register.validate()]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"id": " x"}, "$.id"),
        ({"version": " "}, "$.version"),
        ({"rules": ("TEL-08",)}, "$.rules[0]"),
        ({"least": FrozenMap({"base": Decimal(-1)}), "least_by": "part"}, "$.least.base"),
    ],
)
def test_a_register_is_checked_like_every_document(wrong: dict[str, object], path: str) -> None:
    """A malformed id, version or rule and a least quantity without effect are refused, each with its place."""
    assert path in [problem.path for problem in attrs.evolve(SPARES, **wrong).validate()]


def test_one_field_at_most_names_the_customer() -> None:
    """A register says by one field whom an entry is about; two would leave one of them unfound."""
    named = attrs.evolve(field("customer"), customer=True)
    twice = attrs.evolve(SPARES, fields=(*SPARES.fields, named, attrs.evolve(named, name="other")))
    once = attrs.evolve(SPARES, fields=(*SPARES.fields, named))

    assert ["$.fields"] == [problem.path for problem in twice.validate()]
    assert () == tuple(once.validate())
    assert "C-1" == once.customer_of(attrs.evolve(entry("E"), values=FrozenMap({"customer": "C-1"})))
    assert (None, None) == (once.customer_of(entry("E")), SPARES.customer_of(entry("E")))
