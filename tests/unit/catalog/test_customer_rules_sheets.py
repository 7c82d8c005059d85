"""The shipped sheets, registers and plan on customers: what each asks, what its answers come to, and what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, Item, PassFail, Sheet, bind, due, judge
from branchkit.estate import Branch, Entry, Post, StaffMember, check_entries
from branchkit.findings import Finding
from branchkit.values import FrozenMap, Ref, Severity

AT = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
CATALOG = Catalog()
SHEETS = (
    "customer-profile",
    "lending-assessment",
    "market-research",
    "privacy-routine",
    "recognition-training",
    "relationship-management",
    "selling-conduct",
)
ITEMS = [(name, item.id) for name in SHEETS for _, item in CATALOG.checklist(name).items()]
BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    time_zone="Asia/Shanghai",
    staff=(StaffMember("L-1"), StaffMember("T-1"), StaffMember("W-1")),
    posts=(
        Post("p-1", kind="lobby_manager", holder="L-1"),
        Post("p-2", kind="teller", holder="T-1"),
        Post("p-3", kind="wealth_manager", holder="W-1"),
    ),
)


def sheet_of(name: str, *answers: Answer) -> Sheet:
    """Return a sheet with some answers."""
    version = CATALOG.checklist(name).version
    return Sheet("S-1", checklist=name, version=version, branch="B-1", at=AT, by="L-1", answers=answers)


def find(name: str, *answers: Answer) -> tuple[Finding, ...]:
    """Return what the answers come to."""
    return judge(sheet_of(name, *answers), bind(CATALOG.checklist(name), BRANCH, at=AT))


def item_of(name: str, item: str) -> Item:
    """Return an item of a sheet."""
    found = CATALOG.checklist(name).item(item)
    assert found is not None
    return found


def places(name: str, item: str) -> Iterator[tuple[Ref, ...]]:
    """Yield what an item is asked of."""
    bound = bind(CATALOG.checklist(name), BRANCH, at=AT)
    for section, one in CATALOG.checklist(name).items():
        if one.id == item:
            found = bound.subjects(section, one)
            assert isinstance(found, tuple)
            yield from found


def about(name: str, item: str) -> set[str]:
    """Return the last names of what an item is asked of, as the step or the topic."""
    return {where[-1].id for where in places(name, item)}


def all_fail(name: str, item: str) -> tuple[Finding, ...]:
    """Return what comes of an item that fails wherever it is asked."""
    return find(name, *(Answer(item, value="fail", on=where) for where in places(name, item)))


@pytest.mark.parametrize(("name", "item"), ITEMS)
def test_item_is_as_bad_as_its_rules(name: str, item: str) -> None:
    """An item is as severe as the worst rule it carries out, and suggested where one of them is."""
    one = item_of(name, item)
    known = [CATALOG.rule(rule) for rule in one.rules]
    severities = [rule.severity for rule in known if rule.severity is not None]

    assert known
    assert one.severity in {None, max(severities, key=lambda severity: severity.rank)}
    assert (one.severity is None) <= (not one.can_fail)
    assert any(rule.basis == "suggested" for rule in known) <= (one.basis == "suggested")


@pytest.mark.parametrize(("name", "item"), [one for one in ITEMS if isinstance(item_of(*one).answer, PassFail)])
def test_whatever_fails_is_found_where_it_fails(name: str, item: str) -> None:
    """Each thing that an item is asked of gives one finding where it fails, with the item's rules and severity."""
    one = item_of(name, item)

    found = all_fail(name, item)

    assert {(one.rules, one.severity, (Ref("branch", "B-1"), *where)) for where in places(name, item)} == {
        (finding.rules, finding.severity, finding.place) for finding in found
    }
    assert found


# How the outlet manages its customers


@pytest.mark.parametrize(
    ("item", "parts"),
    [
        ("foundation", {"physical_environment", "service_standards", "daily_operations"}),
        ("service-part", {"ordinary_triage", "vip_service", "complaint_handling"}),
        ("overlay", {"service_supervision", "sales_management"}),
        (
            "system-function",
            {"quick_look_up", "lead_entry", "follow_up_list", "allocation", "movement_records", "reports"},
        ),
        (
            "hall-process",
            {
                "door_opening", "enquiry", "triage", "reception", "customer_education", "complaint",
                "active_marketing", "retention",
            },
        ),
        ("vip-quality", {"private", "by_appointment", "professional", "personalised"}),
        ("platform", {"operations", "marketing", "relations", "information", "image"}),
        ("loop-step", {"map_process", "build_model", "supervise_assess", "evaluate"}),
        ("competence", {"service", "marketing", "team_management"}),
        ("lever", {"lobby_management", "deep_maintenance"}),
        (
            "counter-training",
            {
                "communication", "relationship_marketing", "complaint_handling", "business_etiquette",
                "customer_psychology",
            },
        ),
    ],
)  # fmt: skip
def test_management_of_customers_is_looked_at_part_by_part(item: str, parts: set[str]) -> None:
    """customers:SOP-05, customers:SOP-06, customers:SOP-10, customers:SOP-12, customers:SOP-13, customers:SOP-15,
    customers:SOP-18, customers:SLS-17, customers:ROLE-14, customers:TIER-18, service:VIP-02, service:VIP-08: each part
    that the sources name is asked by itself, and one that is missing is found alone.
    """
    assert parts == about("relationship-management", item)
    (where,) = (one for one in places("relationship-management", item) if one[-1].id == min(parts))
    (found,) = find("relationship-management", Answer(item, value="fail", on=where))
    assert (min(parts), item_of("relationship-management", item).rules) == (found.place[-1].id, found.rules)


def test_each_part_of_selling_is_planned_and_then_carried_out() -> None:
    """customers:SOP-04: five parts, of each the plan and the execution; one that is planned and not carried out is
    found.
    """
    every = {tuple(one.id for one in where) for where in places("relationship-management", "sales-element")}
    (where,) = (
        one
        for one in places("relationship-management", "sales-element")
        if [part.id for part in one] == ["campaign", "execution"]
    )

    (found,) = find("relationship-management", Answer("sales-element", value="fail", on=where))
    parts = ("contact_marketing", "consultative_selling", "wealth_planning", "campaign", "product_launch")
    assert {(part, how) for part in parts for how in ("plan", "execution")} == every
    assert ("customers:SOP-04",) == found.rules


@pytest.mark.parametrize(
    ("item", "rule"), [("marketing-service", "customers:SOP-16"), ("around-customers", "customers:TIER-29")]
)
def test_the_outlet_turns_to_its_customers(item: str, rule: str) -> None:
    """customers:SOP-16, customers:TIER-29: an outlet that still turns around bookkeeping, or around products, is
    warned, and no more than that.
    """
    (found,) = find("relationship-management", Answer(item, value="fail"))

    assert ((rule,), Severity.WARNING) == (found.rules, found.severity)
    assert () == find("relationship-management", Answer(item, value="pass"))


# Selling


def test_the_lobby_goes_through_five_steps() -> None:
    """customers:SOP-17: recognise, serve, scene marketing, process and maintain, in this order; a step that is left out
    is found.
    """
    steps = [where[-1].id for where in places("selling-conduct", "marketing-steps")]
    (missed,) = find("selling-conduct", Answer("marketing-steps", value="fail", on=(Ref("step", "serve"),)))

    assert ["recognise", "serve", "scene_marketing", "process", "maintain"] == steps
    assert (("customers:SOP-17",), Severity.MAJOR) == (missed.rules, missed.severity)


@pytest.mark.parametrize("element", ["atmosphere", "smooth_links", "combined_means"])
def test_marketing_has_its_three_elements(element: str) -> None:
    """customers:SLS-12: without atmosphere, smooth links between posts or combined means there is a warning."""
    (found,) = find("selling-conduct", Answer("marketing-element", value="fail", on=(Ref("element", element),)))

    assert (("customers:SLS-12",), Severity.WARNING) == (found.rules, found.severity)


@pytest.mark.parametrize(
    ("item", "rules", "severity"),
    [
        ("talk-prepared", ("customers:TRG-20", "customers:SLS-01"), Severity.MINOR),
        ("need-found-out", ("customers:SLS-14",), Severity.WARNING),
        ("need-first", ("customers:SLS-02",), Severity.MAJOR),
        ("benefit-first", ("customers:SLS-16",), Severity.WARNING),
        ("nothing-personal-aloud", ("customers:SLS-04",), Severity.MINOR),
        ("thanks-at-the-end", ("customers:SLS-15",), Severity.WARNING),
        ("private-place", ("customers:VIP-11", "customers:PRV-16"), Severity.MINOR),
        ("compliance-first", ("customers:SLS-13",), Severity.CRITICAL),
    ],
)
def test_everybody_who_sells_is_looked_at(item: str, rules: tuple[str, ...], severity: Severity) -> None:
    """customers:TRG-20, customers:SLS-01, customers:SLS-02, customers:SLS-04, customers:SLS-13, customers:SLS-14,
    customers:SLS-15, customers:SLS-16, customers:VIP-11, customers:PRV-16: the lobby manager, the teller and the wealth
    manager are each looked at, and whoever does not keep to it is found by their staff id.
    """
    found = all_fail("selling-conduct", item)

    assert {(rules, severity)} == {(one.rules, one.severity) for one in found}
    assert {"L-1", "T-1", "W-1"} == {ref.id for one in found for ref in one.place if ref.kind == "staff"}


def test_no_sheet_on_selling_looks_at_a_figure() -> None:
    """customers:SLS-13: nothing that is asked about selling is a number of sales."""
    kinds = {item.answer.KIND for _, item in CATALOG.checklist("selling-conduct").items()}

    assert {"pass_fail"} == kinds


# Data protection


@pytest.mark.parametrize(
    ("item", "rules"),
    [
        ("data-reminder", {"customers:PRV-09"}),
        ("nothing-lies-about", {"customers:PRV-03", "customers:PRV-23"}),
        ("talk-unheard", {"customers:PRV-16", "customers:VIP-11"}),
        ("screens-signed-out", {"customers:PRV-07", "customers:PRV-23"}),
        ("alerts-minimal", {"customers:VIP-07"}),
        ("leavers-revoked", {"customers:PRV-18"}),
        ("partner-people", {"customers:PRV-11"}),
        ("groups-clean", {"customers:PRV-15"}),
    ],
)
def test_data_protection_is_part_of_the_routine(item: str, rules: set[str]) -> None:
    """customers:PRV-03, customers:PRV-09, customers:PRV-11, customers:PRV-23: reminders at machines, papers, screens,
    alerts, rights, partners' people and groups are looked at in the routine of the lobby, and what fails is found.
    """
    (found,) = find("privacy-routine", Answer(item, value="fail"))

    assert rules == set(found.rules)
    assert () == find("privacy-routine", Answer(item, value="pass"))


@pytest.mark.parametrize("protection", ["compressed", "encrypted"])
def test_data_travel_compressed_and_encrypted(protection: str) -> None:
    """customers:PRV-08: either one missing on the way of data is a major finding."""
    (found,) = find("privacy-routine", Answer("transport", value="fail", on=(Ref("protection", protection),)))

    assert (("customers:PRV-08",), Severity.MAJOR) == (found.rules, found.severity)
    assert {"compressed", "encrypted"} == about("privacy-routine", "transport")


# The profile, the lending, the research, the training


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ("file-there", "customers:PRF-01"),
        ("section-current", "customers:PRF-02"),
        ("biometric-agreed", "customers:PRF-02"),
        ("contacts-noted", "customers:PRF-05"),
        ("requests-noted", "customers:PRF-07"),
        ("labels-dated", "customers:PRF-11"),
    ],
)
def test_a_profile_is_kept_up(item: str, rule: str) -> None:
    """customers:PRF-01, customers:PRF-02, customers:PRF-05, customers:PRF-07, customers:PRF-11: a file that is not
    complete, not current, or without its contacts, requests or dates is found; nothing of it says what it holds.
    """
    found = all_fail("customer-profile", item)

    assert all(rule in one.rules for one in found)
    assert {"pass_fail"} == {one.answer.KIND for _, one in CATALOG.checklist("customer-profile").items()}


@pytest.mark.parametrize("factor", ["financial_status", "operating_status", "history"])
def test_who_borrows_is_assessed_first(factor: str) -> None:
    """customers:TIER-31: finances, operations and track record are each assessed; one left out is found."""
    (found,) = find("lending-assessment", Answer("factor-assessed", value="fail", on=(Ref("factor", factor),)))

    assert (("customers:TIER-31",), Severity.MAJOR) == (found.rules, found.severity)
    assert {"financial_status", "operating_status", "history"} == about("lending-assessment", "factor-assessed")


def test_new_business_rests_on_three_looks() -> None:
    """customers:DEV-09: at the market, at rivals and at the own position; one that was not taken is found."""
    (found,) = find("market-research", Answer("scope-looked-at", value="fail", on=(Ref("scope", "competitors"),)))

    assert ("customers:DEV-09",) == found.rules
    assert {"market", "competitors", "self"} == about("market-research", "scope-looked-at")


@pytest.mark.parametrize("form", ["case_sharing", "role_play"])
def test_recognition_is_practised_by_cases_and_role_play(form: str) -> None:
    """customers:TRG-21, service:REF-18: either form is a session in which everybody takes part; who only listened is
    found, and so is a case that tells whose it is.
    """
    told = find(
        "recognition-training",
        Answer("form", value=form),
        Answer("no-names", value="fail"),
        Answer("all-practised", value="fail"),
    )

    assert [("customers:PRV-01",), ("customers:TRG-21", "service:REF-18")] == [one.rules for one in told]
    assert () == find("recognition-training", Answer("form", value=form), Answer("all-practised", value="pass"))


# Registers


def entry(register: str, **values: str) -> Entry:
    """Return an entry of a register."""
    return Entry("E-1", register=register, branch="B-1", values=FrozenMap(values))


def problems(register: str, **values: str) -> list[str]:
    """Return what is wrong with an entry."""
    return [str(one) for one in check_entries(CATALOG.register(register), [entry(register, **values)])]


ACTIVITY = {
    "number": "A-1",
    "held_on": "2026-03-02",
    "type": "township",
    "partner": "none",
    "staff": "W-1, L-1",
    "duty": "W-1 talks, L-1 enters",
}


@pytest.mark.parametrize("type", ["household_visit", "shop_visit", "community", "township", "key_customer_gathering"])
def test_going_out_to_customers_is_on_record(type: str) -> None:
    """customers:DEV-04, customers:DEV-05: visits of homes and shops, of communities and townships, and gatherings of
    important customers are kept; no field of it is a quota, and another type is refused.
    """
    assert [] == problems("customer-activities", **{**ACTIVITY, "type": type})
    assert 1 == len(problems("customer-activities", **{**ACTIVITY, "type": "leaflets"}))


@pytest.mark.parametrize("partner", ["department", "neighbour_merchant"])
def test_joint_marketing_names_the_partner_and_everybodys_duty(partner: str) -> None:
    """customers:DEV-06, customers:DEV-07: with another department or a merchant nearby, everybody has a duty; without
    the duties the entry is not complete, and another partner is refused.
    """
    joint = {**ACTIVITY, "type": "joint_marketing", "partner": partner}

    assert [] == problems("customer-activities", **joint)
    assert ["Missing 'duty' - at `$[\"E-1\"]`"] == problems(
        "customer-activities", **{name: value for name, value in joint.items() if name != "duty"}
    )
    assert 1 == len(problems("customer-activities", **{**joint, "partner": "rival"}))


VISIT = {"number": "V-1", "signed_in_at": "2026-03-02T09:00", "known_by": "not_known", "purpose": "visit_statistics"}


@pytest.mark.parametrize(
    "more",
    [
        {"known_by": "mobile_sign_in", "customer": "C-1", "track": "entrance, waiting, low counter"},
        {"known_by": "queue_ticket", "customer": "C-1", "ticket": "A-017", "business": "cash"},
        {},
    ],
)
def test_a_visit_is_signed_in(more: dict[str, str]) -> None:
    """customers:PRF-06, customers:PRF-08: by mobile sign-in with time and way, by the ticket that knows the customer,
    or of nobody known; for statistics of visits and no other purpose.
    """
    assert [] == problems("visit-log", **{**VISIT, **more})
    assert 1 == len(problems("visit-log", **{**VISIT, **more, "purpose": "marketing"}))
    without_time = {name: value for name, value in {**VISIT, **more}.items() if name != "signed_in_at"}
    assert 1 == len(problems("visit-log", **without_time))


def test_each_request_has_an_entry() -> None:
    """customers:PRF-07: a request is kept with who asked, when, and what came of it; one without an answer is open."""
    asked = {"number": "R-1", "customer": "C-1", "asked_on": "2026-03-02", "request": "information", "staff": "L-1"}

    assert [] == problems("service-requests", **asked, answer="open")
    assert 1 == len(problems("service-requests", **asked))
    assert 1 == len(problems("service-requests", **asked, answer="forgotten"))


# What is due


@pytest.mark.parametrize(
    ("id", "rule", "by"),
    [
        ("regular-contact", "customers:MNT-06", "wealth_manager"),
        ("invitations", "customers:MNT-08", "wealth_manager"),
        ("care-activities", "customers:MNT-09", "outlet_head"),
        ("key-customer-gathering", "customers:DEV-05", "outlet_head"),
        ("profile-upkeep", "customers:MNT-02", "wealth_manager"),
        ("recognition-training", "customers:TRG-21", "outlet_head"),
        ("recognition-training", "service:REF-18", "outlet_head"),
        ("market-research", "customers:DEV-09", "outlet_head"),
        ("management-review", "customers:SOP-18", "outlet_head"),
        ("privacy-routine", "customers:PRV-23", "lobby_manager"),
    ],
)
def test_what_no_source_gives_an_interval_is_listed_without_one(id: str, rule: str, by: str) -> None:
    """customers:MNT-06, customers:MNT-08, customers:MNT-09, customers:DEV-05, customers:DEV-09, customers:TRG-21,
    customers:PRV-23, service:REF-18: the duty stands in the plan with whose it is, has no day of its own, and says that
    its interval is not configured.
    """
    plan = CATALOG.schedule("customer-care")

    (line,) = (one for one in due(plan, BRANCH, dt.date(2026, 6, 1), dt.date(2026, 12, 31)) if one.entry.id == id)
    assert ("not_configured", None, by, True) == (line.state, line.day, line.entry.by, rule in line.entry.rules)


def test_a_vips_booking_is_noted_when_it_is_made() -> None:
    """customers:VIP-12: the plan has it on the event of a booking, without a day of its own."""
    plan = CATALOG.schedule("customer-care")

    (line,) = (one for one in due(plan, BRANCH, AT.date(), AT.date()) if one.entry.id == "vip-booking")
    assert ("on_event", ("customers:VIP-12",)) == (line.state, line.entry.rules)
