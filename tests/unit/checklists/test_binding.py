"""Binding: what an item is asked for at a real branch, and what of that is pinned."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import attrs
import pytest

from branchkit.checklists import (
    CellState,
    Checklist,
    Count,
    Each,
    EachEquipment,
    EachStaff,
    EachValue,
    EachZone,
    Item,
    Judgement,
    Pin,
    Rows,
    read,
    rebind,
)
from branchkit.conditions import All, Exists, FactSpec, FactType, Has, Member
from branchkit.errors import InputError
from branchkit.estate import Branch
from branchkit.temporal import Calendar, Hours
from branchkit.values import FrozenMap, Ref, Severity, Unknown
from tests.unit.checklists.tours import AT, BRANCH, WORDS, asks, bound, checklist, item, ok, refs, section, sheet

FACTS = (FactSpec("currencies", FactType.CODES), FactSpec("peak", FactType.NUMBER))


def subjects(*each: Each, branch: Branch = BRANCH, **facts: Any) -> tuple[tuple[str, ...], ...] | Unknown:
    """Return what an item is asked for, as text."""
    one = asks(item("x", for_each=each), facts=FACTS)
    found = bound(one, branch, **facts).subjects(one.sections[0], one.sections[0].items[0])
    return found if isinstance(found, Unknown) else tuple(tuple(map(str, on)) for on in found)


@pytest.mark.parametrize(
    ("each", "expected"),
    [
        (EachEquipment(kinds=("atm",)), ("ATM-1", "ATM-2", "ATM-3")),
        (EachEquipment(kinds=("atm",), working=True), ("ATM-1", "ATM-3")),
        (EachEquipment(kinds=("atm",), working=True, zone_kinds=("self_service_zone",)), ("ATM-1",)),
        (EachEquipment(kinds=("atm",), capability="deposit"), ("ATM-1",)),
        (EachEquipment(kinds=("atm",), zone_kinds=("lobby",)), ("ATM-3",)),
        (EachEquipment(kinds=("printer",)), ("ATM-1/printer",)),
        (
            EachEquipment(kinds=("printer", "atm"), zone_kinds=("self_service_zone",)),
            ("ATM-1", "ATM-1/printer", "ATM-2"),
        ),
        (EachEquipment(kinds=("coin_counter",)), ()),
    ],
)
def test_devices(each: EachEquipment, expected: tuple[str, ...]) -> None:
    """Devices are those of the kinds, in the zones, working and able as asked; retired ones are gone."""
    assert tuple((f"equipment:{one}",) for one in expected) == subjects(each)


def test_a_device_is_looked_at_whatever_stands_before_it() -> None:
    """Devices that cannot do what is asked keep no other from being asked."""
    assert not isinstance(BRANCH.equipment, Unknown)
    turned = attrs.evolve(BRANCH, equipment=tuple(reversed(BRANCH.equipment[:3])))

    assert (("equipment:ATM-1",),) == subjects(EachEquipment(kinds=("atm",), capability="deposit"), branch=turned)


def test_zones_staff_and_values() -> None:
    """Zones go by kind, people by their posts and each once, values by list or by a fact."""
    assert (("zone:hall",),) == subjects(EachZone(kinds=("lobby",)))
    assert (("staff:li",), ("staff:wu",)) == subjects(EachStaff(posts=("teller",)))
    assert (("way:a",), ("way:b",)) == subjects(EachValue(name="way", values=("a", "b")))
    each = EachValue(name="currency", fact="currencies")
    assert (("currency:eur",), ("currency:usd",)) == subjects(each, currencies=("usd", "eur"))


def test_several_dimensions_mean_every_combination() -> None:
    """An item for each teller and currency is asked for every pair of them."""
    found = subjects(EachStaff(posts=("teller",)), EachValue(name="currency", fact="currencies"), currencies=("a", "b"))

    assert (
        ("staff:li", "currency:a"),
        ("staff:li", "currency:b"),
        ("staff:wu", "currency:a"),
        ("staff:wu", "currency:b"),
    ) == found


def test_a_section_and_its_item_combine() -> None:
    """The dimensions of a section come before those of its items."""
    inner = item("x", for_each=(EachValue(name="way", values=("a",)),))
    one = checklist(section(inner, for_each=(EachZone(kinds=("lobby",)),)))

    assert (refs("zone:hall", "way:a"),) == bound(one).subjects(one.sections[0], inner)


@pytest.mark.parametrize(
    ("each", "change", "reason"),
    [
        (
            EachEquipment(kinds=("atm",)),
            {"equipment": Unknown("no list")},
            "the equipment of the branch is not known: no list",
        ),
        (
            EachEquipment(kinds=("atm",), zone_kinds=("lobby",)),
            {"zones": Unknown("no plan")},
            "the zones of the branch are not known: no plan",
        ),
        (EachZone(kinds=("lobby",)), {"zones": Unknown("no plan")}, "the zones of the branch are not known: no plan"),
        (
            EachStaff(posts=("teller",)),
            {"posts": Unknown("no roster")},
            "the posts of the branch are not known: no roster",
        ),
        (EachStaff(posts=("guard",)), {}, "who holds the posts guard is not known"),
        (EachValue(name="currency", fact="currencies"), {}, "currencies is not given"),
    ],
)
def test_what_nobody_knows_is_unknown(each: Each, change: dict[str, Any], reason: str) -> None:
    """What a dimension needs and the branch does not tell is unknown, with the reason."""
    assert Unknown(reason) == subjects(each, branch=attrs.evolve(BRANCH, **change))


@pytest.mark.parametrize(
    ("field", "each", "words"),
    [
        ("zone", EachEquipment(kinds=("atm",), zone_kinds=("lobby",)), "the zone of ATM-1 is not known: lost"),
        ("state", EachEquipment(kinds=("atm",), working=True), "the state of ATM-1 is not known: lost"),
        ("capabilities", EachEquipment(kinds=("atm",), capability="x"), "what ATM-1 can do is not known: lost"),
    ],
)
def test_a_device_about_which_too_little_is_known(field: str, each: EachEquipment, words: str) -> None:
    """One device that may or may not belong makes the whole dimension unknown, and is named."""
    assert not isinstance(BRANCH.equipment, Unknown)
    lost: dict[str, Any] = {field: Unknown("lost")}
    device = attrs.evolve(BRANCH.equipment[0], **lost)
    branch = attrs.evolve(BRANCH, equipment=(device, *BRANCH.equipment[1:]))

    assert Unknown(words) == subjects(each, branch=branch)


def test_absent_kinds_do_not_apply_and_unknown_ones_are_unknown() -> None:
    """An item asked of a kind that is absent is one cell that does not apply, and of an unknown kind an unknown one."""
    one = asks(item("x", for_each=(EachEquipment(kinds=("coin_counter",)),)))
    absent = read(sheet(), bound(one))
    vague = read(sheet(), bound(one, attrs.evolve(BRANCH, equipment=Unknown("no list"))))

    assert [("x", CellState.NOT_APPLICABLE)] == [(cell.key, cell.state) for cell in absent.cells]
    assert [("x", CellState.UNKNOWN)] == [(cell.key, cell.state) for cell in vague.cells]
    assert () == absent.problems == vague.problems


def test_facts_of_a_branch() -> None:
    """The branch, the day where it is, and the moment are facts; what is not known says why where it is looked at."""
    one = asks(item("x", when=All((Exists("branch.open"), Exists("branch.day_type")))))
    facts = bound(one, attrs.evolve(BRANCH, time_zone="Pacific/Auckland", traits=frozenset({"rural"}))).facts

    assert "basic_outlet" == facts["branch.kind"]
    assert frozenset({"rural"}) == facts["branch.traits"]
    assert dt.date(2026, 3, 2) == facts["at.date"]
    assert AT == facts["at.moment"]
    assert Unknown("the hours of the branch are not known") == facts["branch.open"]


def test_the_day_is_that_at_the_branch() -> None:
    """In a zone where it is still yesterday, the day is yesterday."""
    branch = attrs.evolve(BRANCH, time_zone="America/Los_Angeles")

    assert dt.date(2026, 3, 1) == bound(asks(item("x")), branch).facts["at.date"]


def test_a_pin_keeps_what_matters() -> None:
    """Known facts are pinned, unknown ones only where the checklist looks at them, and the moment is not said twice."""
    one = asks(item("x", when=Exists("branch.open")), facts=FACTS)
    pin = bound(one, Branch("B-1", kind="basic_outlet"), peak="4.50").pin

    assert {"branch.kind", "branch.open", "peak"} == set(pin.facts)
    assert "4.5" == pin.facts["peak"]
    assert Unknown("the time zone of the branch is not known") == pin.facts["branch.open"]


def test_facts_a_dimension_reads_are_pinned() -> None:
    """The fact that gives a dimension its values is pinned with its reason where it is unknown."""
    one = asks(item("x", for_each=(EachValue(name="currency", fact="currencies"),)), facts=FACTS)

    assert Unknown("currencies is not given") == bound(one).pin.facts["currencies"]


def test_facts_that_counted_rows_read_are_pinned() -> None:
    """A fact that only the count of rows looks at is pinned with its reason where it is unknown."""
    limit = Count(when=Exists("peak"), high=1, message=WORDS, severity=Severity.MINOR)
    pin = bound(checklist(section(item("x"), rows=Rows(), constraints=(limit,)), facts=FACTS)).pin

    assert (True, False) == ("peak" in pin.facts, "currencies" in pin.facts)
    assert Unknown("peak is not given") == pin.facts["peak"]


def test_a_checklist_is_made_ready_once() -> None:
    """It is known which facts beside the answers are looked at, and in which order the items wait for each other."""
    own = All((Member("answer", ("pass",)), Member("answer.a", ("pass",)), Exists("branch.kind")))
    one = asks(
        item("c", when=Member("answer.b", ("pass",))),
        item("a", judgements=(Judgement(when=own, outcome="warning"),)),
        item("b", when=All((Member("answer.a", ("pass",)), Exists("branch.traits")))),
    )

    assert ("b", "c") == one.prepared.waiting
    assert {"branch.kind", "branch.traits"} == one.prepared.reads


def test_conditions_may_be_woven_closely() -> None:
    """Sixty items, each waiting for the two before it, are put in order as fast as a chain of them."""
    names = [f"i{at}" for at in range(60)]
    whens = [All(tuple(Member(f"answer.{name}", ("pass",)) for name in names[max(0, at - 2) : at])) for at in range(60)]
    items = [item("i0"), *(item(names[at], when=whens[at]) for at in range(1, 60))]

    assert tuple(names[1:]) == asks(*reversed(items)).prepared.waiting


def test_rebinding_needs_the_same_checklist() -> None:
    """A pin binds only the checklist it was made of."""
    one, other = asks(item("x")), asks(item("y"))

    with pytest.raises(InputError, match="Expected the checklist 'tour' '1' with digest"):
        rebind(other, bound(one).pin)


def test_rebinding_checks_the_facts() -> None:
    """A pin whose facts are not of the checklist's types is refused with the fact."""
    one = asks(item("x"), facts=FACTS)
    pin = attrs.evolve(bound(one).pin, facts=FrozenMap({"peak": "high"}))

    with pytest.raises(InputError) as caught:
        rebind(one, pin)
    assert ["$.facts.peak"] == [problem.path for problem in caught.value.problems]


def test_wrong_facts_are_all_told() -> None:
    """Facts that are not declared or of another type are refused together."""
    one = asks(item("x"), facts=(*FACTS, FactSpec("grade", FactType.CODE, choices=("a", "b"))))

    with pytest.raises(InputError) as caught:
        one.bind(BRANCH, at=AT, facts={"peak": "high", "moon": "full", "currencies": "eur", "grade": "c"})
    assert [
        ("$.facts.moon", "Unknown fact; the checklist declares: currencies, peak, grade"),
        ("$.facts.currencies", "Expected a set of codes"),
        ("$.facts.peak", "Expected a number"),
        ("$.facts.grade", "Expected one of: a, b"),
    ] == [(problem.path, problem.message) for problem in caught.value.problems]


def test_a_moment_without_a_zone_is_refused() -> None:
    """Binding asks for a moment with its zone."""
    with pytest.raises(InputError, match="Expected a moment with its zone"):
        asks(item("x")).bind(BRANCH, at=AT.replace(tzinfo=None))


def test_a_moment_too_near_the_ends_of_the_calendar_is_refused() -> None:
    """Binding asks for a moment that can be told in every time zone."""
    with pytest.raises(InputError, match="Expected a year from 2 to 9989"):
        asks(item("x")).bind(BRANCH, at=dt.datetime(1, 1, 1, tzinfo=AT.tzinfo))


def test_the_same_branch_binds_to_the_same_digest() -> None:
    """Binding twice gives the same digest; another state of a device gives another."""
    one = asks(item("x", for_each=(EachEquipment(kinds=("atm",), working=True),)))
    assert not isinstance(BRANCH.equipment, Unknown)
    fewer = attrs.evolve(BRANCH, equipment=BRANCH.equipment[1:])

    assert bound(one).digest == bound(one).digest != bound(one, fewer).digest


def test_a_checklist_in_use_can_be_pickled() -> None:
    """A checklist that was bound and read travels to another process and back."""
    one = asks(item("x", when=Has("branch.services", "currency_exchange")))
    read(sheet(ok("x")), bound(one))

    assert one == pickle.loads(pickle.dumps(one))


def test_a_pin_is_a_document() -> None:
    """A pin comes back from JSON with its expansions."""
    one = asks(item("x", for_each=(EachEquipment(kinds=("atm",)),)))
    pin = bound(one).pin

    assert pin == Pin.from_json(pin.to_json())
    assert ((Ref("equipment", "ATM-1"),), (Ref("equipment", "ATM-2"),), (Ref("equipment", "ATM-3"),)) == pin.expansions[
        "s/x"
    ]
    assert isinstance(one, Checklist)


def test_a_section_asked_of_what_nobody_knows() -> None:
    """What a section is asked of makes all its items unknown where nobody knows it."""
    one = checklist(section(item("x"), for_each=(EachEquipment(kinds=("atm",)),)))
    branch = attrs.evolve(BRANCH, equipment=Unknown("no list"))

    assert Unknown("the equipment of the branch is not known: no list") == bound(one, branch).subjects(
        one.sections[0], one.sections[0].items[0]
    )


def test_what_a_calendar_does_not_tell() -> None:
    """Without a calendar, or on a day that it does not confirm, kind of day and hours by it are unknown."""
    calendar = Calendar(
        "demo", version="1", title=WORDS, confirmed_from=dt.date(2026, 4, 1), confirmed_through=dt.date(2026, 12, 31)
    )
    branch = attrs.evolve(BRANCH, hours=Hours.from_week({"workday": "09:00-17:00"}))
    one = asks(item("x", when=All((Exists("branch.open"), Exists("branch.day_type")))))

    facts = one.bind(branch, at=AT, calendar=calendar).facts
    bare = one.bind(branch, at=AT).facts

    assert Unknown("calendar demo is not confirmed for that day") == facts["branch.day_type"]
    assert Unknown("no calendar is given") == bare["branch.open"] == bare["branch.day_type"]


def test_a_calendar_tells_of_its_first_and_its_last_day() -> None:
    """Both ends of what a calendar confirms are within it."""
    calendar = Calendar("demo", version="1", title=WORDS, confirmed_from=AT.date(), confirmed_through=AT.date())
    one = asks(item("x", when=Exists("branch.day_type")))

    assert "workday" == one.bind(BRANCH, at=AT, calendar=calendar).facts["branch.day_type"]


def test_a_fact_that_is_no_raw_fact_is_refused() -> None:
    """A number given as such, or a list within a list, is no fact of a document: it holds texts and lists of them."""
    with pytest.raises(InputError, match="Expected a number"):
        asks(item("x", when=Exists("peak")), facts=FACTS[1:]).bind(BRANCH, at=AT, facts={"peak": 3.5})  # type: ignore[dict-item]  # that it is none is the point
    with pytest.raises(InputError, match="Expected a set of codes"):
        asks(item("x"), facts=FACTS).bind(BRANCH, at=AT, facts={"currencies": (["usd"],)})  # type: ignore[dict-item]  # that it is none is the point


def test_night_hours_on_the_first_confirmed_day() -> None:
    """Whether it is open hangs on the evening before, of which the calendar says nothing: unknown, with the reason."""
    calendar = Calendar(
        "demo", version="1", title=WORDS, confirmed_from=dt.date(2026, 3, 2), confirmed_through=dt.date(2026, 12, 31)
    )
    branch = attrs.evolve(BRANCH, hours=Hours.from_week({"workday": "22:00-02:00"}))
    night = dt.datetime(2026, 3, 2, 1, tzinfo=AT.tzinfo)

    facts = asks(item("x", when=Exists("branch.open"))).bind(branch, at=night, calendar=calendar).facts

    assert Unknown("calendar demo is not confirmed for 2026-03-01") == facts["branch.open"]
    assert "workday" == facts["branch.day_type"]


def test_without_a_time_zone_the_day_is_unknown() -> None:
    """The caller's date is not the branch's: without a time zone the day there is not known."""
    facts = asks(item("x", when=Exists("at.date"))).bind(Branch("B-1"), at=AT).facts

    assert Unknown("the time zone of the branch is not known") == facts["at.date"]


def test_a_time_zone_that_is_none_is_refused() -> None:
    """A branch built in code with a time zone that is none is refused with its place."""
    with pytest.raises(InputError, match=r"Expected the IANA name of a time zone.*`\$.time_zone`"):
        asks(item("x")).bind(Branch("B-1", time_zone="Asia/Nowhere"), at=AT)


def test_a_checklist_built_wrong_is_refused_on_first_use() -> None:
    """A fault that reading a file would have told is told when a checklist built in code is first bound."""
    wrong = asks(Item("a", text=WORDS, answer="pass"), Item("b", text=WORDS))  # type: ignore[arg-type]

    with pytest.raises(InputError) as error:
        wrong.bind(BRANCH, at=AT)

    assert "$.sections[0].items[0].answer" == error.value.problems[0].path


def test_a_value_of_another_type_is_refused_on_first_use() -> None:
    """What would be written alike and is not the same is told with what it should be."""
    wrong = asks(item("a", severity="major"))

    with pytest.raises(InputError, match="Expected Severity, got str"):
        wrong.bind(BRANCH, at=AT)
