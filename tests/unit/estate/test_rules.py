"""The rules that judge an estate, on the shipped standard and on small ones."""

from __future__ import annotations

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.errors import InputError
from branchkit.estate import (
    Assignment,
    Branch,
    BranchKind,
    CounterRule,
    Equipment,
    EquipmentKind,
    EquipmentState,
    EstateStandard,
    OrgUnit,
    PostKind,
    Required,
    StaffMember,
    UnitLevel,
    Zone,
    ZoneKind,
    check_tree,
    judge_estate,
    may_staff,
    open_tellers,
    with_loan,
)
from branchkit.values import Ref, Severity, Text, Unknown

T = Text(zh="甲", en="A")
SMALL = EstateStandard(
    "small",
    version="1",
    title=T,
    branches=(
        BranchKind(
            "kiosk",
            title=T,
            zones=(Required(kind="hall", rules=("estate:EST-ZON-01",)),),
            equipment=(Required(kind="atm", count=2, rules=("estate:EST-ZON-19",), severity=Severity.MINOR),),
        ),
    ),
    zones=(ZoneKind("hall", title=T, equipment=(Required(kind="cctv", rules=("estate:EST-ZON-04",)),)),),
    equipment=(EquipmentKind("atm", title=T), EquipmentKind("cctv", title=T)),
    counters=(CounterRule("open", levels=(2,), rules=("estate:EST-ORG-12",)),),
    units=(UnitLevel("top", title=T), UnitLevel("low", title=T, parents=("top",))),
)
KIOSK = Branch(
    "K-1",
    kind="kiosk",
    zones=(Zone("h", kind="hall"),),
    equipment=(
        Equipment("A-1", kind="atm", zone="h"),
        Equipment("A-2", kind="atm", zone="h"),
        Equipment("C-1", kind="cctv", zone="h"),
    ),
)


@pytest.fixture(scope="module")
def standard() -> EstateStandard:
    return Catalog().standard()


@pytest.mark.parametrize(
    ("level", "protection", "temporary", "allowed", "rule"),
    [
        (1, "open", False, False, "service:TEL-04"),
        (1, "closed", False, True, "service:TEL-05"),
        (2, "open", False, True, "service:TEL-04"),
        (3, "open", False, True, "service:TEL-04"),
        (4, "open", False, True, "service:TEL-04"),
        (2, "closed", False, False, "service:TEL-07"),
        (2, "closed", True, True, "service:TEL-07"),
        (4, "closed", True, True, "service:TEL-07"),
        (5, "open", False, False, "service:TEL-04"),
        (None, "open", False, False, "service:TEL-04"),
        (Unknown(), "closed", True, False, "service:TEL-05"),
    ],
)
def test_who_may_staff_which_counter(
    standard: EstateStandard,
    level: int | Unknown | None,
    protection: str,
    temporary: bool,
    allowed: bool,
    rule: str,
) -> None:
    """estate:EST-ORG-12, service:TEL-04, service:TEL-05, service:TEL-07, governance:RSK-AUT-08 level by level."""
    decision = may_staff(StaffMember("P-1", teller_level=level), protection, standard, temporary=temporary)

    assert allowed is decision.value
    assert {rule, "estate:EST-ORG-12", "governance:RSK-AUT-08"} <= set(decision.trace.steps[0].rules)
    assert ("standard", "1") == (decision.trace.policy, decision.trace.version)


def test_unknown_counter_may_be_staffed_by_nobody(standard: EstateStandard) -> None:
    """A counter that the standard does not know may be staffed by nobody."""
    assert may_staff(StaffMember("P-1", teller_level=4), "round", standard).value is False


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((2, 2), []), ((2, Unknown()), []), ((2,), ["open-tellers"]), ((Unknown(),), ["open-tellers"])],
)
def test_unknown_level_may_count_or_not(
    standard: EstateStandard, levels: tuple[int | Unknown, ...], expected: list[str]
) -> None:
    """governance:RSK-AUT-09: a shortage that an unknown teller level could mend is no finding; any other is one."""
    branch = Branch(
        "B-1",
        kind="basic_outlet",
        staff=tuple(StaffMember(f"P-{at}", teller_level=level) for at, level in enumerate(levels)),
        counters=tuple(Assignment(f"P-{at}", counter=f"L-{at}", protection="open") for at in range(len(levels))),
    )

    assert expected == [one.id.rpartition("/")[2] for one in judge_estate(branch, standard)]


@pytest.mark.parametrize("missing", ["counters", "staff"])
def test_unknown_roster_is_no_finding(standard: EstateStandard, missing: str) -> None:
    """Where roster or staff are unknown, nobody has seen a shortage, and the count says why it is unknown."""
    branch = Branch("B-1", kind="wealth_outlet", staff=(), counters=())
    half = attrs.evolve(branch, **{missing: Unknown("not imported")})  # type: ignore[arg-type]  # either field

    assert Unknown("not imported") == open_tellers(half, standard)
    assert () == judge_estate(half, standard)
    assert 1 == len(judge_estate(branch, standard))


def test_loan_needs_a_roster() -> None:
    """A loan at a branch whose roster is unknown is refused, with the reason."""
    with pytest.raises(InputError, match="not stated"):
        with_loan(Branch("B-1"), "P-1", "H-1")


LENT = Branch(
    "B-1",
    staff=(StaffMember("P-1", teller_level=2), StaffMember("P-2", teller_level=3), StaffMember("P-3", teller_level=1)),
    counters=(Assignment("P-1", counter="L-1", protection="open"), Assignment("P-2", counter="L-2", protection="open")),
)


def test_a_loan_moves_one_teller(standard: EstateStandard) -> None:
    """service:STF-12: who is lent leaves the open counters for as long as the loan lasts, and nobody else moves."""
    lent = with_loan(LENT, "P-1", "H-1")

    assert ("P-2",) == open_tellers(lent, standard)
    assert (
        Assignment("P-2", counter="L-2", protection="open"),
        Assignment("P-1", counter="H-1", protection="closed", temporary=True),
    ) == lent.counters
    assert () == judge_estate(lent, standard)


def test_who_staffs_a_counter_and_may_not_is_found(standard: EstateStandard) -> None:
    """estate:EST-ORG-12: a seat of somebody who may not is a critical finding at that counter and person."""
    seats = (
        Assignment("P-3", counter="L-1", protection="open"),
        Assignment("P-1", counter="H-1", protection="closed"),
        Assignment("P-2", counter="L-2", protection="open"),
    )

    found = judge_estate(attrs.evolve(LENT, counters=seats), standard)

    assert ["estate/B-1/staffing/P-1", "estate/B-1/staffing/P-3"] == [one.id for one in found]
    assert [Severity.CRITICAL] * 2 == [one.severity for one in found]
    assert (Ref("branch", "B-1"), Ref("counter", "L-1"), Ref("staff", "P-3")) == found[1].place
    assert "level 1 may not staff it" == found[1].message.en
    assert "level 2 may staff it only as a loan" == found[0].message.en


def test_a_seat_of_unknown_right_does_not_hide_the_next(standard: EstateStandard) -> None:
    """Somebody whose level nobody knows gives no finding, and whoever sits beside is judged all the same."""
    people = (StaffMember("P-0"), StaffMember("P-3", teller_level=1))
    seats = tuple(Assignment(one.id, counter=f"L-{one.id}", protection="open") for one in people)

    found = judge_estate(Branch("B-1", staff=people, counters=seats), standard)

    assert ["estate/B-1/staffing/P-3"] == [one.id for one in found]


def test_a_zone_needs_its_own_device_of_the_kind() -> None:
    """estate:EST-ZON-04: neither the right device elsewhere nor another one here is what a zone needs."""
    elsewhere = (
        *KIOSK.equipment[:2],  # type: ignore[index]  # known here
        Equipment("C-1", kind="cctv", zone="yard"),
    )

    (found,) = judge_estate(attrs.evolve(KIOSK, equipment=elsewhere), SMALL)

    assert ("estate/K-1/required/zone:h/cctv", "needs 1 × A; has 0") == (found.id, found.message.en)


@pytest.mark.parametrize(("least", "paths"), [(0, ["$.branches[0].min_open_tellers"]), (1, [])])
def test_one_teller_is_the_lowest_minimum(least: int, paths: list[str]) -> None:
    """A minimum of one demands something; none does not."""
    kind = BranchKind("x", title=T, min_open_tellers=least, min_open_tellers_rules=("estate:EST-ORG-08",))

    assert paths == [problem.path for problem in attrs.evolve(SMALL, branches=(kind,)).validate()]


def test_kiosk_has_what_it_needs() -> None:
    """A branch that has what its kind and its zones need gives no finding."""
    assert () == judge_estate(KIOSK, SMALL)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"zones": (), "equipment": KIOSK.equipment}, ["hall"], id="no hall"),
        pytest.param({"equipment": ()}, ["atm", "cctv"], id="no device"),
        pytest.param({"equipment": Unknown()}, [], id="devices unknown"),
        pytest.param({"zones": Unknown()}, [], id="zones unknown"),
        pytest.param({"kind": Unknown()}, [], id="kind unknown"),
        pytest.param({"kind": "boat"}, [], id="kind not in the standard"),
    ],
)
def test_what_a_branch_lacks(change: dict[str, object], expected: list[str]) -> None:
    """estate:EST-ZON-04: what kind and zone need and is seen to lack is a finding; what is unknown is none."""
    branch = attrs.evolve(KIOSK, **change)  # type: ignore[arg-type]  # one field of several types at a time

    assert expected == [one.id.rpartition("/")[2] for one in judge_estate(branch, SMALL)]


def test_device_in_an_unknown_zone_may_be_where_it_is_needed() -> None:
    """A device whose zone nobody knows may stand where it is needed, so no zone is found to lack anything."""
    devices = (Equipment("A-1", kind="atm"), Equipment("A-2", kind="atm", zone="h"))

    assert () == judge_estate(attrs.evolve(KIOSK, equipment=devices), SMALL)


def test_retired_device_does_not_count() -> None:
    """A retired device no longer is what its branch needs; the finding is as severe as the requirement."""
    devices = (
        Equipment("A-1", kind="atm", zone="h", state=EquipmentState.RETIRED),
        Equipment("A-2", kind="atm", zone="h"),
        Equipment("C-1", kind="cctv", zone="h"),
    )

    (found,) = judge_estate(attrs.evolve(KIOSK, equipment=devices), SMALL)

    assert (("estate:EST-ZON-19",), Severity.MINOR) == (found.rules, found.severity)
    assert "needs 2 × A; has 1" == found.message.en


def test_zone_lacks_what_it_needs(standard: EstateStandard) -> None:
    """estate:EST-ZON-04: a waiting area without a note counter is found at that very zone."""
    branch = Branch("B-1", zones=(Zone("w-2", kind="waiting_zone"),), equipment=())

    (found,) = judge_estate(branch, standard)

    assert ("estate:EST-ZON-04", "estate:EST-CONV-05") == found.rules
    assert (Ref("branch", "B-1"), Ref("zone", "w-2")) == found.place


@pytest.mark.parametrize(
    ("kind", "zones"),
    [
        ("basic_outlet", set[str]()),
        ("premium_outlet", {"vip_zone"}),
        ("wealth_outlet", {"vip_zone", "vip_wealth_room"}),
        ("rural_outlet", set[str]()),
        ("smart_outlet", {"smart_machine_zone"}),
    ],
)
def test_zones_that_each_kind_needs(standard: EstateStandard, kind: str, zones: set[str]) -> None:
    """estate:EST-ORG-07, estate:EST-ORG-13: an empty outlet of each kind lacks the zones that its kind needs."""
    every = {"waiting_zone", "accessible_waiting_zone", "self_service_zone", "convenience_zone"}

    found = judge_estate(Branch("B-1", kind=kind, zones=()), standard)

    assert every | zones == {one.id.rpartition("/")[2] for one in found}


def test_chain_leads_to_head_office(standard: EstateStandard) -> None:
    """estate:EST-ORG-01, estate:EST-ORG-02: units of every level, and an office without public, hang in one chain."""
    units = [
        OrgUnit("HQ", level="head_office"),
        OrgUnit("P", level="tier1_branch", parent="HQ"),
        OrgUnit("S", level="sub_branch", parent="P", public_facing=True),
        OrgUnit("S-office", level="sub_office", parent="S", public_facing=False),
    ]

    assert () == check_tree(units, [Branch("B-1", unit="S"), Branch("B-2")], standard)


@pytest.mark.parametrize(
    ("units", "unit", "place", "words"),
    [
        pytest.param([OrgUnit("P", level="low", parent="Q")], "P", Ref("unit", "P"), "'Q' is not there", id="missing"),
        pytest.param([OrgUnit("P", level="low")], "P", Ref("unit", "P"), "names no superior", id="no superior"),
        pytest.param([OrgUnit("P", level="odd", parent="T")], "P", Ref("unit", "P"), "unknown level", id="level"),
        pytest.param(
            [OrgUnit("P", level="low", parent="O")], "P", Ref("unit", "P"), "may not hang under", id="wrong parent"
        ),
        pytest.param([], "gone", Ref("branch", "B-1"), "no unit that is there", id="branch without a unit"),
        pytest.param([], None, Ref("branch", "B-1"), "no unit that is there", id="branch said to have none"),
    ],
)
def test_broken_chain_is_found(units: list[OrgUnit], unit: str | None, place: Ref, words: str) -> None:
    """estate:EST-ORG-01: a missing, unfit or unknown superior is found at the unit or branch that names it."""
    tree = [OrgUnit("T", level="top"), OrgUnit("O", level="low", parent="T"), *units]

    found = check_tree(tree, [Branch("B-1", unit=unit)], SMALL)

    assert [(place, place.id if place.kind == "branch" else None)] == [(one.where, one.branch) for one in found]
    assert words in found[0].message.en


def test_a_unit_under_one_of_unknown_level_is_told_by_its_code() -> None:
    """Where the superior's level has no title, its code says what it is; where it has one, the title does."""
    tree = [OrgUnit("X", level="odd"), OrgUnit("P", level="low", parent="X"), OrgUnit("O", level="low", parent="P")]

    words = {one.where.id: one.message.en for one in check_tree(tree, [], SMALL)}

    assert ("a A may not hang under a odd", "a A may not hang under a A") == (words["P"], words["O"])


def test_circle_is_found() -> None:
    """estate:EST-ORG-01: units that hang under each other in a circle are found, each of them."""
    units = [OrgUnit("A", level="low", parent="B"), OrgUnit("B", level="low", parent="A")]

    found = check_tree(units, [], SMALL)

    circles = [one.where for one in found if "circle" in one.message.en]
    assert [Ref("unit", "A"), Ref("unit", "B")] == circles
    assert len(found) == len({one.id for one in found})


def test_a_circle_above_is_found_from_below() -> None:
    """estate:EST-ORG-01: a unit that hangs under a circle, without being part of it, has no chain either."""
    units = [
        OrgUnit("X", level="low", parent="A"),
        OrgUnit("A", level="low", parent="B"),
        OrgUnit("B", level="low", parent="A"),
    ]

    found = check_tree(units, [], SMALL)

    assert ["X", "A", "B"] == [one.where.id for one in found if "circle" in one.message.en]


def test_seat_of_nobody_is_no_finding(standard: EstateStandard) -> None:
    """A seat whose person the branch does not list is for `Branch.validate` to refuse, and is judged as unknown."""
    seats = tuple(Assignment(f"P-{at}", counter=f"L-{at}", protection="open") for at in range(2))
    branch = Branch("B-1", kind="basic_outlet", staff=(), counters=seats)

    assert () == judge_estate(branch, standard)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"zones": (*SMALL.zones, *SMALL.zones)}, "$.zones[1]", id="code twice"),
        pytest.param({"equipment": SMALL.equipment[:1]}, "$.zones[0].equipment[0].kind", id="unknown device"),
        pytest.param({"zones": ()}, "$.branches[0].zones[0].kind", id="unknown zone"),
        pytest.param({"counters": (CounterRule("ajar", levels=(1,)),)}, "$.counters[0].protection", id="protection"),
        pytest.param(
            {"counters": (CounterRule("open", levels=(1,), loan_levels=(1,)),)}, "$.counters[0].loan_levels", id="loan"
        ),
        pytest.param({"units": (UnitLevel("low", title=T, parents=("top",)),)}, "$.units[0].parents", id="parent"),
        pytest.param(
            {"branches": (BranchKind("x", title=T, min_open_tellers=2),)}, "$.branches[0].min_open_tellers", id="rules"
        ),
        pytest.param(
            {
                "branches": (
                    BranchKind(
                        "x", title=T, min_open_tellers=0, min_open_tellers_rules=("estate:EST-ORG-08",), rules=()
                    ),
                )
            },
            "$.branches[0].min_open_tellers",
            id="no minimum",
        ),
        pytest.param(
            {"branches": (BranchKind("x", title=T, zones=(Required(kind="hall"), Required(kind="hall", count=2))),)},
            "$.branches[0].zones[1].kind",
            id="zone twice",
        ),
        pytest.param(
            {"zones": (ZoneKind("hall", title=T, equipment=(Required(kind="atm"),) * 2),)},
            "$.zones[0].equipment[1].kind",
            id="device twice",
        ),
        pytest.param(
            {"counters": (CounterRule("open", levels=(1, 2, 1)),)}, "$.counters[0].levels[2]", id="level twice"
        ),
        pytest.param(
            {"counters": (CounterRule("open", levels=(1,), loan_levels=(2, 2)),)},
            "$.counters[0].loan_levels[1]",
            id="loan level twice",
        ),
        pytest.param(
            {"units": (SMALL.units[0], UnitLevel("low", title=T, parents=("top", "top")))},
            "$.units[1].parents[1]",
            id="parent twice",
        ),
        pytest.param({"units": (*SMALL.units, SMALL.units[1])}, "$.units[2]", id="level of units twice"),
        pytest.param(
            {"zones": (ZoneKind("hall", title=T, business=("loan", "loan")),)}, "$.zones[0].business[1]", id="business"
        ),
        pytest.param(
            {"equipment": (*SMALL.equipment, EquipmentKind("fan", title=T, functions=("cool", "cool")))},
            "$.equipment[2].functions[1]",
            id="function twice",
        ),
        pytest.param(
            {"branches": (BranchKind("x", title=T, zones=(Required(kind="hall", count=0),)),)},
            "$.branches[0].zones[0].count",
            id="none of it",
        ),
        pytest.param(
            {"branches": (BranchKind("x", title=T, zones=(Required(kind="hall", rules=("ZON-1",)),)),)},
            "$.branches[0].zones[0].rules",
            id="malformed rule",
        ),
        pytest.param({"posts": (PostKind("a", title=T), PostKind("a", title=T))}, "$.posts[1]", id="post twice"),
        pytest.param(
            {
                "posts": (PostKind("a", title=T, branches=("small", "small")),),
                "branches": (BranchKind("small", title=T),),
            },
            "$.posts[0].branches[1]",
            id="kind of a post twice",
        ),
        pytest.param(
            {"posts": (PostKind("a", title=T, branches=("castle",)),)}, "$.posts[0].branches", id="post at no kind"
        ),
        pytest.param({"posts": (PostKind("a", title=T, aliases=("a",)),)}, "$.posts[0].aliases[0]", id="its own alias"),
        pytest.param(
            {"posts": (PostKind("a", title=T, aliases=("b",)), PostKind("b", title=T))},
            "$.posts[0].aliases[0]",
            id="alias of a post",
        ),
        pytest.param(
            {"posts": (PostKind("a", title=T, aliases=("c",)), PostKind("b", title=T, aliases=("c",)))},
            "$.posts[1].aliases[0]",
            id="alias of two",
        ),
    ],
)
def test_wrong_standard_says_where(change: dict[str, object], path: str) -> None:
    """A standard that contradicts itself has a problem at the place."""
    standard = attrs.evolve(SMALL, **change)  # type: ignore[arg-type]  # one field of several types at a time

    assert [path] == [problem.path for problem in standard.validate()]


def test_posts_of_a_kind_of_branch() -> None:
    """A post without kinds is at every kind of branch, and one with kinds only at those."""
    everywhere, wealth = PostKind("teller", title=T), PostKind("banker", title=T, branches=("wealth",))
    kinds = (BranchKind("wealth", title=T), BranchKind("basic", title=T))
    standard = attrs.evolve(SMALL, branches=kinds, posts=(everywhere, wealth))

    assert {"teller", "banker"} == standard.posts_at("wealth")
    assert {"teller"} == standard.posts_at("basic")
    assert not list(standard.validate())


def test_posts_are_called_by_their_titles() -> None:
    """Each post has its title by its code, and a standard that leaves posts open has none."""
    posts = (PostKind("teller", title=T), PostKind("banker", title=Text(zh="客户经理", en="Banker")))

    assert {"teller": T, "banker": Text(zh="客户经理", en="Banker")} == attrs.evolve(SMALL, posts=posts).post_titles
    assert {} == SMALL.post_titles


def test_one_teller_at_several_counters_counts_once() -> None:
    """Somebody who is down for three open counters is one open-counter teller."""
    seats = tuple(Assignment("T-1", counter=f"C-{n}", protection="open") for n in range(3))
    branch = Branch("B-1", staff=(StaffMember("T-1", teller_level=3),), counters=seats)

    assert ("T-1",) == open_tellers(branch, Catalog().standard())
