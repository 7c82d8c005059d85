"""Hypothesis strategies for branchkit's values, so that a plug-in's tests draw what the validators accept.

`st.builds` does not know what a validator asks; these do. What depends on something else takes it as an argument:
a sheet fits the bound checklist it is drawn for, and a policy the checklists it scores.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from branchkit.checklists import (
    Answer,
    AnswerKind,
    BoundChecklist,
    Checklist,
    Choice,
    Constraint,
    Count,
    Covers,
    DateAnswer,
    Distinct,
    Each,
    EachEquipment,
    EachStaff,
    EachValue,
    EachZone,
    EvidenceRule,
    FileAnswer,
    Item,
    Judgement,
    MomentAnswer,
    Number,
    Option,
    Outcome,
    PassFail,
    Reading,
    Rows,
    Scale,
    Section,
    Sheet,
    Signature,
    TextAnswer,
    TimeAnswer,
    Total,
    read,
)
from branchkit.conditions import All, AnyOf, Compare, Condition, FactSpec, FactType, Has, Member, Not, Op
from branchkit.estate import Branch, Equipment, EquipmentState, Post, StaffMember, Zone
from branchkit.scoring import (
    Aggregate,
    Band,
    Deduction,
    Evidence,
    Gate,
    Limits,
    Part,
    Points,
    RubricPolicy,
    Select,
    Veto,
)
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown

__all__ = [
    "answer_kinds",
    "answers_to",
    "branches",
    "checklists",
    "devices",
    "evidence",
    "identifiers",
    "moments",
    "policies",
    "refs",
    "sheets",
    "texts",
    "unknowns",
    "zones",
]

_EQUIPMENT = ("atm", "cash_recycler", "queue_machine")
_ZONES = ("lobby", "self_service_zone", "vip_zone")
_POSTS = ("teller", "lobby_manager")
_SERVICES = ("currency_exchange", "safe_deposit")
_RULES = ("estate:EST-OUT-01", "estate:FLT-03", "service:SVC-01")
_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=8)


def identifiers() -> st.SearchStrategy[str]:
    """Identifiers as other systems have them: any script, with the marks that keys are joined by."""
    return st.builds("{}{}".format, st.sampled_from(["B-", "网点", "a@", "x:", "7/"]), _WORDS)


def texts() -> st.SearchStrategy[Text]:
    """Words in both languages."""
    return st.builds(Text, zh=_WORDS, en=_WORDS)


def unknowns() -> st.SearchStrategy[Unknown]:
    """Unknowns with a reason."""
    return st.builds(Unknown, _WORDS)


def refs() -> st.SearchStrategy[Ref]:
    """References to things of a few kinds."""
    return st.builds(Ref, st.sampled_from(["equipment", "staff", "zone"]), identifiers())


def moments() -> st.SearchStrategy[dt.datetime]:
    """Moments with a zone, to the minute."""
    zones_ = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=8)), dt.timezone(dt.timedelta(hours=-5))])
    days = st.dates(dt.date(2020, 1, 2), dt.date(2039, 12, 30))
    times = st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 30]), tzinfo=zones_)
    return st.builds(dt.datetime.combine, days, times)


def zones() -> st.SearchStrategy[tuple[Zone, ...]]:
    """The zones of one branch."""
    kinds = st.lists(st.sampled_from(_ZONES), max_size=3)
    return kinds.map(lambda found: tuple(Zone(f"Z-{at}", kind=kind) for at, kind in enumerate(found, 1)))


@st.composite
def devices(draw: st.DrawFn, zones: Sequence[Zone] = ()) -> tuple[Equipment, ...]:
    """Draw the equipment of one branch, some of it in its zones, some of it about which little is known."""
    places: list[Any] = [None, Unknown("not surveyed"), *(zone.id for zone in zones)]
    found: list[Equipment] = []
    for at in range(draw(st.integers(0, 4))):
        found.append(
            Equipment(
                f"E-{at}",
                kind=draw(st.sampled_from(_EQUIPMENT)),
                zone=draw(st.sampled_from(places)),
                state=draw(st.sampled_from([*EquipmentState, Unknown("not stated")])),
                capabilities=draw(st.just(Unknown()) | st.frozensets(st.sampled_from(["deposit", "identity"]))),
            )
        )
    return tuple(found)


@st.composite
def branches(draw: st.DrawFn) -> Branch:
    """Draw a branch of which anything may be unknown."""

    def known_or_not(strategy: st.SearchStrategy[Any]) -> Any:
        return draw(st.one_of(strategy, strategy, unknowns()))

    rooms = known_or_not(zones())
    staff = tuple(StaffMember(f"S-{at}") for at in range(draw(st.integers(0, 3))))
    holders: list[Any] = [None, Unknown("not told"), *(one.id for one in staff)]
    posts = st.lists(st.tuples(st.sampled_from(_POSTS), st.sampled_from(holders)), max_size=3).map(
        lambda pairs: tuple(Post(f"P-{at}", kind=kind, holder=holder) for at, (kind, holder) in enumerate(pairs))
    )
    return Branch(
        draw(identifiers()),
        kind=known_or_not(st.sampled_from(["basic_outlet", "wealth_outlet"])),
        traits=known_or_not(st.frozensets(st.sampled_from(["rural", "smart"]))),
        services=known_or_not(st.frozensets(st.sampled_from(_SERVICES))),
        time_zone=known_or_not(st.sampled_from(["Asia/Shanghai", "Europe/London"])),
        zones=rooms,
        equipment=known_or_not(devices(() if isinstance(rooms, Unknown) else rooms)),
        posts=known_or_not(posts),
        staff=staff,
    )


@st.composite
def answer_kinds(draw: st.DrawFn) -> AnswerKind:
    """Draw a kind of answer with settings that have an effect."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return _choice(draw)
    if kind == 1:
        low = draw(st.integers(-3, 3))
        high = low + draw(st.integers(1, 6))
        return Scale(low=low, high=high, pass_from=draw(st.none() | st.integers(low + 1, high)))
    if kind == 2:
        return Number(unit="°C", pass_low=draw(st.none() | st.just(Decimal("18.5"))), whole=draw(st.booleans()))
    plain: list[AnswerKind] = [DateAnswer(), TimeAnswer(), MomentAnswer(), TextAnswer(), FileAnswer(), Signature()]
    return plain[kind - 3] if kind < 9 else PassFail()


def _choice(draw: st.DrawFn) -> Choice:
    outcomes = draw(st.lists(st.sampled_from(Outcome), min_size=2, max_size=4))
    options = tuple(Option(f"c{at}", text=draw(texts()), outcome=one) for at, one in enumerate(outcomes))
    return Choice(options=options, several=draw(st.booleans()), open=draw(st.booleans()))


@st.composite
def checklists(draw: st.DrawFn, *, plain: bool = False) -> Checklist:
    """Draw a checklist that passes its own lint.

    Args:
        draw: Hypothesis' own.
        plain: True for items that only pass or fail, asked once.
    """
    sections: list[Section] = []
    for s in range(draw(st.integers(1, 2))):
        rows = not plain and draw(st.integers(0, 3)) == 0
        each = () if plain else draw(_each())
        items: list[Item] = []
        for i in range(draw(st.integers(1, 3))):
            items.append(_item(draw, f"s{s}i{i}", items, plain=plain, bindable=not rows, taken=each))
        sections.append(_section(draw, f"s{s}", tuple(items), each, rows=rows))
    drawn = Checklist(
        draw(st.sampled_from(["tour", "acme.tour"])),
        version=draw(st.sampled_from(["1", "2026.1"])),
        title=draw(texts()),
        sections=tuple(sections),
        facts=(FactSpec("currencies", FactType.CODES), FactSpec("peak", FactType.NUMBER, low=Decimal(0))),
        rules=draw(st.lists(st.sampled_from(_RULES), max_size=1).map(tuple)),
    )
    return _without_idle(drawn)


def _without_idle(checklist: Checklist) -> Checklist:
    """Take out the conditions and judgements that, beside the others drawn, turn out to have no effect."""
    idle = re.compile(r"\$\.sections\[([0-9]+)\]\.items\[([0-9]+)\]\.(judgements|when)")
    while hits := [hit for problem in checklist.validate() if (hit := idle.match(problem.path))]:
        s, i, field = int(hits[0][1]), int(hits[0][2]), hits[0][3]
        items = list(checklist.sections[s].items)
        left = attrs.evolve(items[i], judgements=()) if field == "judgements" else attrs.evolve(items[i], when=None)
        items[i] = left if left.can_fail else attrs.evolve(left, severity=None)
        sections = list(checklist.sections)
        sections[s] = attrs.evolve(sections[s], items=tuple(items))
        checklist = attrs.evolve(checklist, sections=tuple(sections))
    return checklist


def _each() -> st.SearchStrategy[tuple[Each, ...]]:
    one: st.SearchStrategy[Each] = st.one_of(
        st.builds(
            EachEquipment,
            kinds=st.lists(st.sampled_from(_EQUIPMENT), min_size=1, max_size=2, unique=True).map(tuple),
            zone_kinds=st.sampled_from([(), ("self_service_zone",)]),
            working=st.booleans(),
            capability=st.none() | st.just("deposit"),
        ),
        st.builds(EachZone, kinds=st.just(("lobby", "vip_zone"))),
        st.builds(EachStaff, posts=st.just(("teller",))),
        st.builds(EachValue, name=st.just("language"), values=st.just(("zh", "en"))),
        st.builds(EachValue, name=st.just("currency"), fact=st.just("currencies")),
    )
    return st.just(()) | st.just(()) | st.lists(one, min_size=1, max_size=2, unique=True).map(tuple)


def _item(
    draw: st.DrawFn, name: str, earlier: Sequence[Item], *, plain: bool, bindable: bool, taken: tuple[Each, ...]
) -> Item:
    answer: AnswerKind = PassFail() if plain else draw(answer_kinds())
    each = () if plain or not bindable else tuple(one for one in draw(_each()) if one not in taken)
    judgements: tuple[Judgement, ...] = ()
    if isinstance(answer, Number) and draw(st.booleans()):
        judgements = (Judgement(when=Compare("answer", Op.GT, Decimal(30)), outcome="fail", message=draw(texts())),)
    elif not plain and draw(st.integers(0, 4)) == 0:
        judgements = (Judgement(when=_about_branch(draw), outcome="warning"),)
    item = Item(
        name,
        text=draw(texts()),
        answer=answer,
        rules=draw(st.lists(st.sampled_from(_RULES), max_size=2, unique=True).map(tuple)),
        basis=draw(st.sampled_from(["sourced", "suggested", "advice"])),
        required=draw(st.booleans()),
        when=None if plain else _condition(draw, [one for one in earlier if one.for_each == each]),
        for_each=each,
        not_applicable=draw(st.sampled_from(["never", "with_reason"])),
        evidence=(EvidenceRule(on="any", needs=("note",)),) if draw(st.booleans()) else (),
        judgements=judgements,
    )
    return attrs.evolve(item, severity=draw(st.sampled_from(Severity)) if item.can_fail else None)


def _condition(draw: st.DrawFn, near: Sequence[Item]) -> Condition | None:
    asked = [Member(f"answer.{one.id}", ("pass",)) for one in near if isinstance(one.answer, PassFail)]
    way = draw(st.integers(0, 3))
    if way == 0:
        return _about_branch(draw)
    return draw(st.sampled_from(asked)) if way == 1 and asked else None


def _about_branch(draw: st.DrawFn) -> Condition:
    small: list[Condition] = [
        Member("branch.kind", ("basic_outlet", "rural_outlet")),
        Compare("peak", Op.GE, Decimal(3)),
        Compare("at.date", Op.LT, "2030-01-01"),
    ]
    one, two = draw(st.sampled_from(small)), draw(st.sampled_from(small))
    return draw(st.sampled_from([one, Not(one), All((one, two)), AnyOf((one, two))]))


def _section(draw: st.DrawFn, name: str, items: tuple[Item, ...], each: tuple[Each, ...], *, rows: bool) -> Section:
    if not rows:
        # Of facts that no item asks, so that neither condition makes the other idle.
        about = [Compare("branch.open", Op.EQ, True), Has("currencies", "CNY"), Not(Has("currencies", "CNY"))]
        when = draw(st.sampled_from(about)) if draw(st.integers(0, 4)) == 0 else None
        when = None if all(item.answer == PassFail() for item in items) else when
        return Section(name, title=draw(texts()), items=items, for_each=each, when=when)
    key = Item(
        f"{name}-name",
        text=draw(texts()),
        answer=Choice(options=tuple(Option(code, text=draw(texts())) for code in ("left", "right"))),
    )
    words: dict[str, Any] = {"message": draw(texts()), "severity": draw(st.sampled_from(Severity))}
    constraints: list[Constraint] = [
        Distinct(items=(key.id,), **words),
        Count(when=Member(f"answer.{key.id}", ("left",)), high=1, **words),
        Covers(item=key.id, values=("left",), **words),
    ]
    constraints += [Total(item=one.id, high=Decimal(5), **words) for one in items if isinstance(one.answer, Number)]
    chosen = tuple(one for one in constraints if draw(st.booleans()))
    limits = Rows(least=draw(st.integers(0, 1)), most=draw(st.none() | st.just(2)))
    named = attrs.evolve(limits, key=key.id if draw(st.booleans()) else None)
    return Section(name, title=draw(texts()), items=(key, *items), for_each=each, rows=named, constraints=chosen)


@st.composite
def answers_to(draw: st.DrawFn, item: Item, on: tuple[Ref, ...] = ()) -> Answer:
    """Draw an answer that the item accepts, asked of something."""
    way = draw(st.integers(0, 9))
    note = draw(st.none() | _WORDS)
    if way == 0:
        return Answer(item.id, unknown=draw(_WORDS), on=on)
    if way == 1 and item.not_applicable == "with_reason":
        return Answer(item.id, not_applicable=draw(_WORDS), on=on)
    if isinstance(item.answer, TextAnswer) and not item.answer.public:
        return Answer(item.id, words=draw(_WORDS), on=on, note=note)
    return Answer(item.id, value=_value(draw, item.answer), on=on, note=note)


def _value(draw: st.DrawFn, kind: AnswerKind) -> str | tuple[str, ...]:
    if isinstance(kind, PassFail):
        return draw(st.sampled_from(["pass", "fail"]))
    if isinstance(kind, Choice):
        codes = [option.code for option in kind.options] + (["other"] if kind.open else [])
        if kind.several:
            return tuple(draw(st.lists(st.sampled_from(codes), min_size=1, max_size=3, unique=True)))
        return draw(st.sampled_from(codes))
    if isinstance(kind, Scale):
        return str(draw(st.integers(kind.low, kind.high)))
    if isinstance(kind, Number):
        return str(draw(st.integers(-5, 40))) + ("" if kind.whole else draw(st.sampled_from(["", ".5"])))
    if isinstance(kind, DateAnswer):
        return draw(st.dates(dt.date(2020, 1, 1), dt.date(2039, 1, 1))).isoformat()
    if isinstance(kind, TimeAnswer):
        return draw(st.times()).strftime("%H:%M")
    if isinstance(kind, MomentAnswer):
        return draw(moments()).isoformat()
    return draw(st.sampled_from(["img/7.jpg", "S-017", "网点.png"]))


@st.composite
def sheets(draw: st.DrawFn, bound: BoundChecklist, *, complete: bool = False) -> Sheet:
    """Draw a sheet that fits a bound checklist, filled in as far as chance has it.

    Args:
        draw: Hypothesis' own.
        bound: what it is filled in against.
        complete: True for an answer to everything that is asked.
    """
    found: list[Answer] = []
    for section in bound.checklist.sections:
        rows = [()] if section.rows is None else [(Ref("row", str(at)),) for at in range(draw(st.integers(0, 3)))]
        for item in section.items:
            subjects = bound.subjects(section, item)
            for on in () if isinstance(subjects, Unknown) else subjects:
                for row in rows:
                    if complete or draw(st.integers(0, 5)):
                        found.append(draw(answers_to(item, (*on, *row))))
    pin = bound.pin
    return Sheet(
        draw(st.sampled_from(["S-1", "S-2"])),
        checklist=pin.checklist,
        version=pin.version,
        branch=pin.branch,
        at=pin.at,
        by="S-017",
        answers=tuple(draw(st.permutations(found))),
        facts=FrozenMap({name: value for name, value in pin.facts.items() if name in {"currencies", "peak"}}),
        bound=draw(st.none() | st.just(bound.digest)),
    )


@st.composite
def evidence(draw: st.DrawFn, checklist: Checklist) -> Evidence:
    """Draw evidence: one sheet of the checklist, or two, of a branch that may have changed between them."""
    readings: list[Reading] = []
    branch = draw(identifiers())
    for at in range(draw(st.integers(1, 2))):
        facts: Mapping[str, Any] = draw(
            st.sampled_from([{}, {"currencies": ("eur", "usd"), "peak": "4"}, {"peak": Unknown("no count")}])
        )
        changed = attrs.evolve(draw(branches()), id=branch)
        bound = checklist.bind(changed, at=draw(moments()), facts=facts)
        readings.append(read(attrs.evolve(draw(sheets(bound)), id=f"S-{at}"), bound))
    return Evidence.of(*readings)


@st.composite
def policies(draw: st.DrawFn, checklist: Checklist) -> RubricPolicy:
    """Draw a policy that scores a checklist, explainable and proved."""
    weights = st.decimals(0, 9, places=1)
    bands = ("good", "fair", "poor")
    parts: list[Part] = [
        Points(
            f"points-{section.id}",
            title=draw(texts()),
            worth=draw(st.decimals(1, 50, places=1)),
            select=Select(sections=(section.id,)),
            by_severity=FrozenMap({one.value: draw(weights) for one in Severity}),
        )
        for section in checklist.sections
    ]
    gate = Gate(
        "gate",
        reason=draw(texts()),
        part=parts[0].id,
        percent_at_least=draw(st.decimals(1, 100, places=1)),
        points_at_most=draw(st.decimals(0, 90, places=1)),
    )
    worst = Select(severities=(Severity.CRITICAL,))
    veto = Veto("veto", reason=draw(texts()), select=worst, band_at_most=draw(st.sampled_from(bands[1:])))
    cap = draw(st.none() | st.decimals(5, 20, places=1))
    bad = Select(severities=(Severity.MAJOR,))
    flat = Deduction("flat", reason=draw(texts()), select=bad, points=Decimal("2.5"), cap=cap)
    codes = FrozenMap({"fail": Decimal(1), "c1": Decimal("4.5")})
    by_code = Deduction("coded", reason=draw(texts()), by_value=codes, cap=cap)
    parts += [one for one in (gate, veto, flat, by_code) if draw(st.booleans())]
    if draw(st.integers(0, 3)) == 0:
        parts = [flat, by_code, *(one for one in (veto,) if draw(st.booleans()))]
    aggregates = _aggregates(draw, parts)
    high, low = sorted(draw(st.sets(st.decimals(1, 99, places=1), min_size=2, max_size=2)), reverse=True)
    good, fair = {"total": Limits(at_least=high)}, {"total": Limits(at_least=low)}
    for name, aggregate in aggregates.items():
        if draw(st.booleans()):
            bound = draw(st.decimals(0, 90, places=1))
            good[name] = Limits(at_most=bound) if aggregate.over == "deductions" else Limits(at_least=bound)
    limits: tuple[dict[str, Limits], ...] = (good, fair, {})
    return RubricPolicy(
        "house",
        version="1",
        title=draw(texts()),
        checklists=(checklist.id,),
        start=Decimal(0) if any(isinstance(one, Points) for one in parts) else Decimal(100),
        ceiling=Decimal(100),
        parts=tuple(parts),
        aggregates=FrozenMap(aggregates),
        bands=tuple(
            Band(code, title=draw(texts()), limits=FrozenMap(one)) for code, one in zip(bands, limits, strict=True)
        ),
        unanswered=draw(st.sampled_from(["failed", "neutral"])),
        unknown=draw(st.sampled_from(["failed", "neutral"])),
        ratings=draw(st.sampled_from(["pass_fail", "proportional"])),
        places=draw(st.integers(1, 3)),
    )


def _aggregates(draw: st.DrawFn, parts: Sequence[Part]) -> dict[str, Aggregate]:
    found: dict[str, Aggregate] = {}
    choices: list[Aggregate] = []
    if any(isinstance(one, Points) for one in parts):
        choices += [Aggregate(of="sum", over="items"), Aggregate(of="minimum", over="items")]
        choices += [Aggregate(of="maximum", over="items"), Aggregate(of="weighted_mean", over="items")]
        choices += [Aggregate(of="sum", over="parts"), Aggregate(of="minimum", over="parts")]
        choices += [Aggregate(of="maximum", over="parts"), Aggregate(of="weighted_mean", over="parts")]
    if any(isinstance(one, Deduction) for one in parts):
        choices += [Aggregate(of="sum", over="deductions"), Aggregate(of="maximum", over="deductions")]
    for at in range(draw(st.integers(0, 2))):
        found[f"extra{at}"] = draw(st.sampled_from(choices))
    return found
