"""What holds of tier schemes and triggers however they are drawn: against plain tables, oracles, and one by one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from branchkit.conditions import Cell, Equals, FactSpec, FactType, Holding, IsUnknown, NoneOf, OneOf, Within
from branchkit.conditions.columns import build_column
from branchkit.customers import Count, Money, tier_all
from branchkit.customers.placing import place_of
from branchkit.values import Unknown
from tests.unit.customers.tiers import AT, read, row, scheme_of, trigger_list

LOBBY = scheme_of("lobby-identification")
LIST = trigger_list().stating(
    {"large_cash_or_remittance": Money(Decimal(100_000), "CNY"), "large_spending_points": Count(Decimal(50_000))},
    own_issuer="BOC",
)

numbers = st.decimals(-3, 12, places=1, allow_nan=False)
strange: st.SearchStrategy[Any] = st.sampled_from(
    [None, Unknown("no"), Decimal("NaN"), Decimal("Infinity"), Decimal(10) ** 30, "text", True, 3, frozenset({"a"})]
)


@st.composite
def ranges(draw: st.DrawFn) -> Cell:
    """Draw a range of numbers with something in it, open at either side or not."""
    low, high = sorted([draw(numbers), draw(numbers)])
    sides: dict[str, Any] = {draw(st.sampled_from(("start", "above"))): low} if draw(st.booleans()) else {}
    sides |= {draw(st.sampled_from(("below", "to"))): high + 1} if draw(st.booleans()) or not sides else {}
    return Within(**sides)


SPECS: list[tuple[FactSpec, st.SearchStrategy[Cell | None], st.SearchStrategy[Any]]] = [
    (
        FactSpec("n", FactType.NUMBER, low=Decimal(-2), high=Decimal(10), may_be_unknown=True),
        st.one_of(st.none(), ranges(), numbers.map(Equals), st.just(IsUnknown())),
        numbers | strange,
    ),
    (
        FactSpec("n", FactType.NUMBER),
        st.one_of(st.none(), ranges()),
        numbers | strange,
    ),
    (
        FactSpec("b", FactType.BOOL, may_be_unknown=True),
        st.one_of(st.none(), st.booleans().map(Equals), st.just(IsUnknown())),
        st.booleans() | strange,
    ),
    (
        FactSpec("c", FactType.CODE, choices=("a", "b", "c"), may_be_unknown=True),
        st.one_of(st.none(), st.sampled_from("abc").map(Equals), st.just(OneOf(("a", "b"))), st.just(IsUnknown())),
        st.sampled_from("abcd") | strange,
    ),
    (
        FactSpec("c", FactType.CODE),
        st.one_of(st.none(), st.sampled_from("ab").map(Equals), st.just(NoneOf(("a",)))),
        st.sampled_from(["a", "b", "other", "other-"]) | strange,
    ),
    (
        FactSpec("s", FactType.CODES, may_be_unknown=True),
        st.one_of(st.none(), st.just(Holding(has=("a",))), st.just(Holding(lacks=("b",), has=("c",)))),
        st.frozensets(st.sampled_from("abcd")) | strange,
    ),
    (
        FactSpec("d", FactType.DURATION, may_be_unknown=True),
        st.one_of(st.none(), st.integers(0, 5).map(lambda n: Within(start=dt.timedelta(days=n)))),
        st.integers(-1, 7).map(lambda n: dt.timedelta(days=n)) | strange,
    ),
]


@given(st.sampled_from(SPECS), st.data())
def test_a_place_is_where_the_column_says(drawn: Any, data: st.DataObject) -> None:
    """The number of a value's region leads to the rows that the column itself finds, one by one and many at once; one
    number is that of what is not known, or not as declared.
    """
    spec, cells, values = drawn
    found: list[Cell | None] = [
        None if cell is None else cell.bind(spec, "$", [])
        for cell in data.draw(st.lists(cells, min_size=1, max_size=4))
    ]
    column, place = build_column(spec, found), place_of(spec, found)
    given_values = data.draw(st.lists(values, max_size=8))

    for value in given_values:
        number = place.index(value)
        assert column.locate(value) == place.rows[number]
        known = value is not None and not isinstance(value, Unknown) and not spec.problems_of(value)
        assert known == (number != place.unknown)
        if known:
            assert number == place.index(place.examples[number])
    assert [place.index(value) for value in given_values] == list(place.many(given_values))
    assert [place.index(value) for value in given_values[:1] * 3] == list(place.many(given_values[:1] * 3))


@given(st.lists(numbers, min_size=1, max_size=3), st.data())
def test_pieces_say_what_they_hold(limits: list[Decimal], data: st.DataObject) -> None:
    """Every allowed number lies in a piece whose rows are those it fits, and pieces are as far apart as their ends."""
    spec = FactSpec("n", FactType.NUMBER, low=Decimal(-3), high=Decimal(12))
    place = place_of(spec, [Within(start=limit) for limit in limits])
    number = data.draw(numbers)

    inside = [
        piece
        for piece in place.pieces
        if (piece.low is None or piece.low <= number) and (piece.high is None or number <= piece.high)
    ]
    assert place.rows[place.index(number)] in {piece.rows for piece in inside}
    assert all(first.distance(second) == second.distance(first) for first in inside for second in place.pieces)
    assert all(piece.distance(piece) == 0 for piece in place.pieces)


customers = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "financial_assets": st.sampled_from([Decimal(n) for n in (0, 89_999, 90_000, 99_999, 100_000)]) | strange,
            "vip": st.booleans() | strange,
            "directly_judged": st.booleans() | strange,
            "triggered": st.booleans() | strange,
            "currency": st.sampled_from(["CNY", "CNY", "CNY", "USD", None]),
        },
    ),
    max_size=12,
)
NAMES = ("financial_assets", "vip", "directly_judged", "triggered", "currency")


@given(customers, st.data())
def test_many_at_once_are_what_each_is_alone(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    """The batch form answers each customer as a single decision does, whatever is known of whom."""
    current = [data.draw(st.sampled_from([None, *LOBBY.tiers, "platinum"])) for _ in rows]
    columns = {name: [facts.get(name) for facts in rows] for name in NAMES}

    expected = [LOBBY.tier(facts, current=now, at=AT).value for facts, now in zip(rows, current, strict=True)]
    assert expected == tier_all(LOBBY, columns, current=current, at=AT)


@given(customers)
def test_what_all_have_in_common_may_be_said_once(rows: list[dict[str, Any]]) -> None:
    """A currency that is the same for all need not be a column."""
    known = [{**facts, "currency": "CNY"} for facts in rows]
    columns = {name: [facts.get(name) for facts in rows] for name in NAMES[:-1]}

    expected = [LOBBY.tier(facts, current=None, at=AT).value for facts in known]
    assert expected == tier_all(LOBBY, columns, same={"currency": "CNY"}, at=AT)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    """Draw limits for entering and keeping, and the swing that they allow."""
    steps = draw(st.lists(st.integers(5, 40), min_size=1, max_size=3))
    enter = [sum(steps[: at + 1]) for at in range(len(steps))]
    margin = draw(st.integers(1, 4))
    return enter, [limit - margin for limit in enter], margin


@given(ladders(), st.lists(st.integers(0, 150), min_size=1, max_size=10))
def test_schemes_that_are_read_keep_their_word(ladder: tuple[list[int], list[int], int], walk: list[int]) -> None:
    """The tier is the higher of what is entered and of what is kept, by a plain oracle, along any walk."""
    enter, keep, margin = ladder
    codes = [f"t{number}" for number in range(len(enter) + 1)]

    def rows(limits: list[int]) -> list[dict[str, Any]]:
        above = [row(codes[at + 1], amount={"from": limit}) for at, limit in reversed(list(enumerate(limits)))]
        return [*above, row(codes[0], amount={"below": limits[0]}), row(None, amount={"unknown": True})]

    scheme = read(
        tiers=[{"code": code, "title": {"zh": code, "en": code}} for code in codes],
        swing={"amount": margin},
        editions=[{"enter": rows(enter), "keep": rows(keep)}],
    )
    rank, current = -1, None
    for amount in walk:
        entered, kept = (sum(amount >= limit for limit in limits) for limits in (enter, keep))
        rank = max(entered, min(rank, kept))
        answer = scheme.tier({"assets": Decimal(amount), "currency": "CNY"}, current=current, at=AT).value
        assert codes[rank] == answer
        current = codes[rank]


observations = st.fixed_dictionaries(
    {},
    optional={
        "business": st.sampled_from(["cash_deposit", "remittance", "loan", "spending_points", "tea"]) | strange,
        "amount": st.sampled_from([Decimal(99_999), Decimal(100_000)]) | strange,
        "currency": st.sampled_from(["CNY", "USD"]),
        "points": st.sampled_from([Decimal(49_999), Decimal(50_000)]) | strange,
        "products": st.frozensets(st.sampled_from(["fund", "tea", "insurance"])) | strange,
        "card": st.sampled_from(["golden_sunflower", "boc_wealth_vip", "no_such_card"]) | strange,
        "card_kind": st.sampled_from(["gold_credit_card", "debit"]) | strange,
        "enquiry": st.sampled_from(["wealth_management", "weather"]) | strange,
    },
)


def among(facts: dict[str, Any], name: str, *codes: str) -> bool:
    """Say whether a fact is one of some codes."""
    value = facts.get(name)
    return isinstance(value, str) and value in codes


@given(observations)
def test_triggers_are_hit_as_by_hand(facts: dict[str, Any]) -> None:
    """Each trigger is hit, missing a limit, or untold as one would say by hand."""
    amount, points, products = facts.get("amount"), facts.get("points"), facts.get("products")
    hits, untold, unset = list[str](), list[str](), list[str]()
    if among(facts, "business", "cash_deposit", "remittance"):
        if not (isinstance(amount, Decimal) and amount.is_finite()) or facts.get("currency") != "CNY":
            untold.append("large_cash_or_remittance")
        elif amount >= 100_000:
            hits.append("large_cash_or_remittance")
    if among(facts, "business", "loan"):
        unset.append("quality-customer.large_loan_or_repayment.limit")
    if among(facts, "business", "spending_points"):
        if not (isinstance(points, Decimal) and points.is_finite()):
            untold.append("large_spending_points")
        elif points >= 50_000:
            hits.append("large_spending_points")
    if isinstance(products, frozenset) and products & {"fund", "insurance"}:
        hits.append("buys_investment")
    if among(facts, "card_kind", "gold_credit_card") or among(facts, "card", "golden_sunflower"):
        hits.append("gold_or_peer_vip_card")
    if among(facts, "enquiry", "wealth_management"):
        hits.append("wealth_enquiry")

    told = LIST.spot(facts).value
    assert hits == list(told.codes)
    assert untold == list(told.untold)
    assert unset == [name for one in told.not_configured for name in one.settings]
    assert told == LIST.spot(facts).value
