"""How long tiers and triggers take: one customer at a time with the reasons, and many at once.

One customer: the tier by the scheme of the lobby, with the tier the customer is in and what keeps it, and the triggers
of the SOP's list that an observation hits. Both come with their traces: rows, rules, policy and version. zen-engine
gets the same rows as a decision table, compiled before, and gives the tier, or the codes of the triggers; it is not
asked to keep anybody in a tier. The floors are chains of comparisons written for just these tables, without reasons.

Many customers: everybody gets the same Python columns and gives one tier a customer, with what keeps it. Amounts are
decimals, as everywhere in branchkit; the frames get them as they like them best, which is as binary floats.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from typing import Any

from harness import Bar, Contender, Figure, main, take_turns

from branchkit.catalog import Catalog
from branchkit.conditions import Cell, Equals, Holding, IsUnknown, OneOf, Within
from branchkit.customers import Money, TierScheme, TriggerList, tier_all

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
FACTS = ("financial_assets", "vip", "directly_judged", "triggered")
SIGNS = ("vip", "directly_judged", "triggered")
Customer = tuple[dict[str, Any], str | None]


def peer(name: str) -> Any:
    """Return a module, or ``None`` with a line on stderr where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        sys.stderr.write(f"{name} is not installed and left out\n")
        return None


def scheme() -> TierScheme:
    """Return the lobby's scheme as a bank would state it."""
    found = Catalog().get("tier_scheme", "lobby-identification")
    assert isinstance(found, TierScheme)
    return found.stating(measure="financial_assets", currency="CNY")


def trigger_list() -> TriggerList:
    """Return the SOP's list with a limit for every amount."""
    found = Catalog().get("trigger_list", "quality-customer")
    assert isinstance(found, TriggerList)
    amounts = [one.code for one in found.triggers if one.compared is not None and one.compared.by == "money"]
    return found.stating(dict.fromkeys(amounts, Money(Decimal(100_000), "CNY")), own_issuer="BOC")


def customers(count: int) -> list[Customer]:
    """Return customers by chance: what is known of each, and the tier they are in."""
    chance = random.Random(20260302)
    tiers = (None, "ordinary", "potential", "quality", "vip")
    return [
        (
            {
                "financial_assets": Decimal(chance.randrange(0, 20_000_000)) / 100,
                "currency": "CNY",
                "vip": chance.random() < 0.03,
                "directly_judged": chance.random() < 0.1,
                "triggered": chance.random() < 0.2,
            },
            chance.choice(tiers),
        )
        for _ in range(count)
    ]


def observations(count: int) -> list[dict[str, Any]]:
    """Return what staff might have observed: some business with its amount, now and then a card or a question."""
    chance = random.Random(20260303)
    business = ("cash_deposit", "remittance", "fx_transfer", "loan", "deposit_certificate", "balance_enquiry", "other")
    found: list[dict[str, Any]] = []
    for _ in range(count):
        seen: dict[str, Any] = {
            "business": chance.choice(business),
            "amount": Decimal(chance.randrange(0, 300_000)),
            "currency": "CNY",
            "products": frozenset({"fund"}) if chance.random() < 0.1 else frozenset(),
        }
        if chance.random() < 0.2:
            seen["card"] = "golden_sunflower"
        if chance.random() < 0.1:
            seen["enquiry"] = "wealth_management"
        found.append(seen)
    return found


def plain_tier(facts: Mapping[str, Any], current: str | None) -> str:
    """Tell the tier as one would by hand."""
    amount = facts["financial_assets"]
    if facts["vip"]:
        return "vip"
    judged, triggered = facts["directly_judged"], facts["triggered"]
    enter = 2 if amount >= 100_000 or judged else 1 if triggered else 0
    keep = 2 if amount >= 90_000 or judged else 1 if triggered else 0
    rank = -1 if current is None else RANKS[current]
    return TIERS[max(enter, min(rank, keep))]


TIERS = ("ordinary", "potential", "quality", "vip")
RANKS = {tier: rank for rank, tier in enumerate(TIERS)}


def zen_decision(zen: Any, hit: str, inputs: Sequence[str], output: str, rules: list[dict[str, str]]) -> Any:
    """Return a decision table of zen-engine."""
    place = {"x": 0, "y": 0}
    content = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {
                "id": "table",
                "type": "decisionTableNode",
                "name": "table",
                "position": place,
                "content": {
                    "hitPolicy": hit,
                    "inputs": [{"id": name, "name": name, "field": name} for name in inputs],
                    "outputs": [{"id": output, "name": output, "field": output}],
                    "rules": rules,
                },
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "e1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "e2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    return zen.ZenEngine().create_decision(content)


def zen_cell(cell: Cell) -> str:
    """Write a cell as zen-engine's tables have it."""
    match cell:
        case Equals(value=bool() as value):
            return "true" if value else "false"
        case Equals(value=value):
            return f'"{value}"'
        case OneOf(values=values):
            return ", ".join(f'"{value}"' for value in values)
        case Within(start=Decimal() as start):
            return f">= {start}"
        case Within(below=Decimal() as below):
            return f"< {below}"
        case IsUnknown():
            return "null"
        case Holding(has=has):
            return " and ".join(f'contains($, "{code}")' for code in has)
        case _:
            return 'not in ["unknown"]'


def zen_tiers(zen: Any, ours: TierScheme) -> Callable[[Customer], str]:
    """Let a decision table of zen-engine tell the tier: the rows that enter, and none that keep."""
    names = {"amount": "financial_assets"}
    rules = [
        {
            "_id": f"r{at}",
            **dict.fromkeys(FACTS, ""),
            **{names.get(fact, fact): zen_cell(cell) for fact, cell in row.when.items()},
            "tier": f'"{row.tier}"',
        }
        for at, row in enumerate(ours.editions[0].enter)
        if row.tier is not None
    ]
    decision = zen_decision(zen, "first", FACTS, "tier", rules)
    return lambda customer: str(decision.evaluate(customer[0])["result"]["tier"])


def zen_triggers(zen: Any, ours: TriggerList) -> Callable[[Mapping[str, Any]], list[str]]:
    """Let a decision table of zen-engine collect the codes of the triggers; cards are rows of their own."""
    inputs = [spec.name for spec in ours.facts if spec.name not in {"currency", "points", "dwell"}]
    rows: list[tuple[str, dict[str, str]]] = []
    for trigger in ours.triggers:
        limit = trigger.compared.limit if trigger.compared is not None else None
        least = {"amount": f">= {limit.amount}"} if isinstance(limit, Money) else {}
        if trigger.compared is not None and not least:
            continue
        for cells in trigger.when:
            rows.append((trigger.code, {**{fact: zen_cell(cell) for fact, cell in cells.items()}, **least}))
        if trigger.peer_card:
            others = ", ".join(f'"{card.code}"' for card in ours.cards if card.issuer != ours.own_issuer)
            rows.append((trigger.code, {"card": others}))
    rules = [
        {"_id": f"r{at}", **dict.fromkeys(inputs, ""), **cells, "code": f'"{code}"'}
        for at, (code, cells) in enumerate(rows)
    ]
    decision = zen_decision(zen, "collect", inputs, "code", rules)
    return lambda seen: [str(one["code"]) for one in decision.evaluate(seen)["result"]]


def one_tier(quick: bool) -> Iterator[Figure]:
    """Tell the tier of single customers, each after the other, no two alike."""
    ours = scheme()
    given = customers(50 if quick else 400)
    floats = [({**facts, "financial_assets": float(facts["financial_assets"])}, current) for facts, current in given]
    zen = peer("zen")

    def tier(customer: Customer) -> object:
        return ours.tier(customer[0], current=customer[1], at=AT)

    calls: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
        "branchkit": (tier, given),
        "plain comparisons": (lambda customer: plain_tier(*customer), given),
    }
    for facts, current in given:
        assert ours.tier(facts, current=current, at=AT).value == plain_tier(facts, current)
    if zen is not None:
        by_zen = zen_tiers(zen, ours)
        for (facts, _), customer in zip(given, floats, strict=True):
            assert ours.tier(facts, current=None, at=AT).value == by_zen(customer)
        calls["zen-engine, decision table"] = (by_zen, floats)
    yield figure("tell the tier of one customer", "customer", calls, quick, zen is not None)


def one_observation(quick: bool) -> Iterator[Figure]:
    """Spot the triggers of single observations."""
    ours = trigger_list()
    seen = observations(50 if quick else 400)
    plain = [{**facts, "amount": float(facts["amount"]), "products": list(facts["products"])} for facts in seen]
    zen = peer("zen")
    calls: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {"branchkit": (ours.spot, seen)}
    if zen is not None:
        by_zen = zen_triggers(zen, ours)
        for facts, other in zip(seen, plain, strict=True):
            assert list(ours.spot(facts).value.codes) == list(dict.fromkeys(by_zen(other))), facts
        calls["zen-engine, decision table"] = (by_zen, plain)
    yield figure("spot the triggers of one observation", "observation", calls, quick, zen is not None)


def figure(
    work: str,
    unit: str,
    calls: Mapping[str, tuple[Callable[[Any], object], Sequence[Any]]],
    quick: bool,
    with_zen: bool,
) -> Figure:
    """Measure who was given what."""
    count = len(next(iter(calls.values()))[1])
    seconds = take_turns(
        {name: over(call, given) for name, (call, given) in calls.items()},
        units=count,
        rounds=5 if quick else 15,
        clock=time.process_time,
    )
    bars = (Bar("branchkit", "zen-engine, decision table", 1 / 15),) if with_zen else ()
    contenders = tuple(Contender(name, role(name), taken) for name, taken in seconds.items())
    return Figure(work=work, unit=unit, contenders=contenders, bars=bars)


def over(call: Callable[[Any], object], given: Sequence[Any]) -> Callable[[], None]:
    """Return what calls for each of some."""

    def run() -> None:
        for one in given:
            call(one)

    return run


def role(name: str) -> Any:
    """Return the role of a contender."""
    return "ours" if name.startswith("branchkit") else "floor" if name.startswith("plain") else "peer"


def many_customers(quick: bool) -> Iterator[Figure]:
    """Tell the tiers of customers by the thousand, and by the hundred thousand."""
    ours = scheme()
    for size in (1_000, 10_000) if quick else (1_000, 10_000, 100_000):
        given = customers(size)
        columns = {name: [facts[name] for facts, _ in given] for name in FACTS}
        current = [tier for _, tier in given]
        floats = {**columns, "financial_assets": [float(amount) for amount in columns["financial_assets"]]}
        expected = [plain_tier(facts, tier) for facts, tier in given]
        calls: dict[str, Callable[[], Sequence[Any]]] = {
            "branchkit": lambda columns=columns, current=current: tier_all(  # type: ignore[misc]
                ours, columns, same={"currency": "CNY"}, current=current, at=AT
            ),
            "plain comparisons": lambda given=given: [plain_tier(*one) for one in given],  # type: ignore[misc]
        }
        polars = peer("polars")
        if polars is not None:
            calls["polars, from floats"] = lambda: by_polars(polars, floats, current)  # noqa: B023 (called at once)
            calls["polars, from decimals"] = lambda: by_polars(polars, columns, current)  # noqa: B023
            calls["polars, ready columns"] = ready(polars, floats, current)
        for name, call in calls.items():
            assert list(call()) == expected, name
        seconds = take_turns(calls, units=size, rounds=5 if quick else 9, least=0.0 if size > 10_000 else 0.02)
        bars = (Bar("branchkit", "polars, from floats", 2.0),) if polars is not None and size >= 10_000 else ()
        yield Figure(
            work="tell the tiers of customers at once",
            unit="customer",
            size=size,
            contenders=tuple(Contender(name, role(name), taken) for name, taken in seconds.items()),
            bars=bars,
        )


def polars_tier(polars: Any) -> Any:
    """Return the tier as an expression over the columns."""
    col, when = polars.col, polars.when

    def rank(least: int) -> Any:
        reaches = (col("financial_assets") >= least) | col("directly_judged")
        return when(col("vip")).then(3).when(reaches).then(2).when(col("triggered")).then(1).otherwise(0)

    held = col("current").replace_strict(RANKS, default=-1, return_dtype=polars.Int32)
    found = polars.max_horizontal(rank(100_000), polars.min_horizontal(held, rank(90_000)))
    return found.replace_strict(dict(enumerate(TIERS)), return_dtype=polars.String).alias("tier")


def by_polars(polars: Any, columns: Mapping[str, Sequence[Any]], current: Sequence[Any]) -> list[Any]:
    """Tell the tiers by a frame made of Python columns."""
    frame = polars.DataFrame({**columns, "current": current})
    found: list[Any] = frame.lazy().select(polars_tier(polars)).collect()["tier"].to_list()
    return found


def ready(polars: Any, columns: Mapping[str, Sequence[Any]], current: Sequence[Any]) -> Callable[[], Any]:
    """Return what tells the tiers of a frame that is there already, and leaves them in it."""
    frame = polars.DataFrame({**columns, "current": current})
    return lambda: frame.lazy().select(polars_tier(polars)).collect()["tier"]


def figures(quick: bool) -> Iterator[Figure]:
    """Yield every figure."""
    yield from one_tier(quick)
    yield from one_observation(quick)
    yield from many_customers(quick)


if __name__ == "__main__":
    main(__doc__, figures)
