"""The shipped decision tables on posts, levels and authorisation: proved complete, and what each grants and refuses."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import Decimal

import pytest

from branchkit.catalog import Catalog
from branchkit.conditions import DecisionTable, FactValue
from branchkit.estate import StaffMember, may_staff
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Unknown

CATALOG = Catalog()
TABLES = (
    "admission-to-post",
    "authorisation",
    "business-zones",
    "complex-cases",
    "lobby-post",
    "post-duties",
    "posts-and-business",
    "teller-levels",
    "vault-run",
)
UNKNOWN = Unknown("not stated")


def decide(name: str, facts: Mapping[str, FactValue | Unknown]) -> Decision[FrozenMap[FactValue] | None]:
    return CATALOG.table(name).decide(facts)


def answer(name: str, **facts: FactValue) -> dict[str, FactValue]:
    """Decide by facts whose dots are written as two underscores; the answer as a plain dict."""
    found = decide(name, {key.replace("__", "."): value for key, value in facts.items()}).value
    assert found is not None
    return dict(found)


def rules(name: str, **facts: FactValue) -> tuple[str, ...]:
    return decide(name, {key.replace("__", "."): value for key, value in facts.items()}).trace.steps[0].rules


def choices(table: DecisionTable, fact: str) -> tuple[str, ...]:
    return next(spec.choices for spec in table.facts if spec.name == fact)


@pytest.mark.parametrize("name", TABLES)
def test_table_is_proved(name: str) -> None:
    """Every table answers all facts that can come, no row is dead, and no two rows of a unique table overlap."""
    assert () == CATALOG.table(name).analyse()


@pytest.mark.parametrize("name", TABLES)
def test_every_row_names_the_rules_it_follows(name: str) -> None:
    """Whatever a table of permissions grants or refuses, it says by which rules."""
    assert [] == [at for at, row in enumerate(CATALOG.table(name).rows) if not row.rules]


@pytest.mark.parametrize("name", TABLES)
def test_table_never_grants_on_what_it_does_not_know(name: str) -> None:
    """Without facts a table grants nothing: it either refuses or cannot tell."""
    table = CATALOG.table(name)

    found = table.decide({}).value

    assert found is None or False in found.values()


# Teller levels and counters


@pytest.mark.parametrize("level", [1, 2, 3, 4, None])
@pytest.mark.parametrize("counter", ["open", "closed"])
@pytest.mark.parametrize("lent", [False, True])
def test_levels_are_those_of_the_standard(level: int | None, counter: str, lent: bool) -> None:
    """service:TEL-02, service:TEL-03, service:TEL-04, service:TEL-05, service:TEL-07, governance:RSK-AUT-08: the
    table and the estate standard say the same for every level, counter and loan.
    """
    expected = may_staff(StaffMember("T-1", teller_level=level), counter, CATALOG.standard(), temporary=lent).value
    known: FactValue | Unknown = UNKNOWN if level is None else Decimal(level)

    found = decide("teller-levels", {"counter": counter, "teller.level": known, "lent": lent}).value

    assert found is not None
    assert expected == found["may"]


@pytest.mark.parametrize(("counter", "lent", "counts"), [("open", False, True), ("closed", True, False)])
def test_loan_leaves_the_open_counter(counter: str, lent: bool, counts: bool) -> None:
    """service:STF-12: a level-3 teller counts at an open counter, and not while lent to a closed one."""
    found = answer("teller-levels", counter=counter, teller__level=Decimal(3), lent=lent)

    assert {"may": True, "counts_as_open": counts} == found


def test_teller_without_a_level_is_refused() -> None:
    """service:TEL-01: somebody whose level is not known may staff no counter."""
    for counter in ("open", "closed"):
        decision = decide("teller-levels", {"counter": counter, "teller.level": UNKNOWN, "lent": True})

        assert decision.value == FrozenMap({"may": False, "counts_as_open": False})
        assert ("service:TEL-01",) == decision.trace.steps[0].rules


# Posts, business, counters and levels

AT_CLOSED = {"enquiry", "cash", "account_opening", "special"}
AT_OPEN = {"enquiry", "corporate_non_cash", "personal_non_cash"}
IN_THE_HALL = {"enquiry", "smart_machine", "self_service_machine"}
COMPLEX = {"complex_product"}
MAY: dict[tuple[str, str, int, bool], set[str]] = {
    ("teller", "closed", 1, False): AT_CLOSED,
    ("teller", "closed", 1, True): AT_CLOSED,
    **{("teller", "open", level, lent): AT_OPEN for level in (2, 3, 4) for lent in (False, True)},
    **{("teller", "closed", level, True): AT_CLOSED for level in (2, 3, 4)},
    **{("lobby_manager", "none", level, lent): IN_THE_HALL for level in (1, 2, 3, 4) for lent in (False, True)},
    **{
        ("customer_service_officer", "none", level, lent): {"enquiry"}
        for level in (1, 2, 3, 4)
        for lent in (False, True)
    },
    **{
        (post, "none", level, lent): COMPLEX
        for post in ("wealth_manager", "wealth_manager_assistant")
        for level in (1, 2, 3, 4)
        for lent in (False, True)
    },
}
"""What is allowed, by post, counter, level and loan; everything else is refused."""


@pytest.mark.parametrize("counter", ["open", "closed", "none"])
def test_every_post_does_its_business_and_no_other(counter: str) -> None:
    """service:TEL-04, service:TEL-05, service:TEL-07, service:TEL-12, service:TEL-24, service:ROL-09, service:ROL-17,
    service:ROL-21, service:ROL-25, service:ROL-27, service:ROL-29: all combinations of post, business, counter, level
    and loan are granted or refused as listed.
    """
    table = CATALOG.table("posts-and-business")
    posts, business = choices(table, "post"), choices(table, "business")

    granted: dict[tuple[str, str, int, bool], set[str]] = {}
    for post, kind, level, lent in itertools.product(posts, business, (1, 2, 3, 4), (False, True)):
        facts: dict[str, FactValue] = {
            "post": post, "business": kind, "counter": counter, "teller.level": Decimal(level), "lent": lent,
        }  # fmt: skip
        found = table.decide(facts).value
        assert found is not None
        if found["may"] is True:
            granted.setdefault((post, counter, level, lent), set()).add(kind)

    assert {key: kinds for key, kinds in MAY.items() if key[1] == counter} == granted


@pytest.mark.parametrize(
    ("post", "business", "counter", "hand_to"),
    [
        ("teller", "cash", "open", "closed_counter"),
        ("teller", "personal_non_cash", "closed", "open_counter"),
        ("teller", "complex_product", "open", "wealth_manager"),
        ("teller", "complex_product", "closed", "wealth_manager"),
        ("security_guard", "enquiry", "none", "lobby_manager"),
    ],
)
def test_refused_business_is_handed_on(post: str, business: str, counter: str, hand_to: str) -> None:
    """service:ROL-27, customers:ROLE-03: what a post does not do goes to a named place, a complex product off the
    counter.
    """
    found = answer("posts-and-business", post=post, business=business, counter=counter,
                   teller__level=Decimal(2 if counter == "open" else 1), lent=False)  # fmt: skip

    assert {"may": False, "hand_to": hand_to} == found


# Duties

LOBBY_MANAGER = {
    "identify_and_guide": "service:ROL-08",
    "advise_on_business": "service:ROL-09",
    "help_fill_forms": "service:ROL-10",
    "keep_order": "service:ROL-11",
    "handle_emergency": "service:ROL-12",
    "promote_products": "service:ROL-13",
    "maintain_relations": "service:ROL-14",
    "mediate_dispute": "service:ROL-15",
    "help_tellers_keep_rules": "service:ROL-15",
    "help_special_customers": "service:ROL-16",
    "explain_self_service": "service:ROL-17",
    "divert_queue": "service:ROL-17",
}
DUTIES: dict[str, dict[str, str]] = {
    "outlet_head": {
        "manage_branch": "service:ROL-04",
        "coordinate_internally": "service:ROL-04",
        "sign_vip_report": "service:ROL-05",
    },
    "lobby_manager": LOBBY_MANAGER,
    "customer_service_officer": {
        **dict.fromkeys(("identify_and_guide", "triage", "first_contact_waiting"), "service:ROL-21"),
        **dict.fromkeys(("find_sales_chance", "raise_interest", "follow_up_chance"), "service:ROL-22"),
        **dict.fromkeys(("collect_referral_forms", "enter_day_end_leads"), "service:ROL-23"),
        "compile_vip_figures": "service:ROL-24",
    },
    "wealth_manager": {
        "compile_vip_figures": "service:ROL-24",
        **dict.fromkeys(
            ("receive_appointment", "receive_referral", "enter_received_lead", "support_closing"), "service:ROL-25"
        ),
        **dict.fromkeys(("hold_key_customers", "maintain_relations"), "service:ROL-26"),
        "follow_up_chance": "customers:ROLE-11",
    },
    "wealth_manager_assistant": dict.fromkeys(
        ("receive_appointment", "receive_referral", "enter_received_lead", "support_closing"), "service:ROL-25"
    ),
    "teller": {
        **dict.fromkeys(("find_sales_chance", "raise_interest"), "service:ROL-27"),
        "recommend_premium_customer": "service:TEL-13",
    },
    "personal_customer_manager": {"receive_recommended_customer": "service:ROL-28"},
    "security_guard": dict.fromkeys(("keep_order", "guide_others_away"), "service:ROL-29"),
    "authorising_supervisor": {"authorise_transaction": "service:ROL-31"},
    "aml_officer": {"receive_suspicious_report": "service:ROL-32"},
    "sales_director": {"allocate_leads": "service:ROL-41"},
    "accounting_manager": dict.fromkeys(("authorise_transaction", "control_vouchers_seals_cash"), "service:ROL-41"),
}
"""Every duty that is granted, by post, with the rule that grants it."""
TABLE = CATALOG.table("post-duties")


@pytest.mark.parametrize("post", choices(TABLE, "post"))
def test_every_post_has_its_duties_and_no_other(post: str) -> None:
    """service:ROL-04 to service:ROL-29, service:ROL-31, service:ROL-41, customers:ROLE-03, customers:ROLE-07,
    customers:ROLE-11: each duty is granted by its rule to the posts that have it, and refused to all others.
    """
    granted: dict[str, str] = {}
    for duty in choices(TABLE, "duty"):
        decision = TABLE.decide({"post": post, "duty": duty, "trained_in_norms": True})
        assert decision.value is not None
        if decision.value["may"] is True:
            granted[duty] = decision.trace.steps[0].rules[0]

    assert DUTIES.get(post, {}) == granted


@pytest.mark.parametrize("duty", ["mediate_dispute", "help_tellers_keep_rules"])
def test_lobby_manager_mediates_after_training(duty: str) -> None:
    """service:ROL-15: a lobby manager trained in systems and accounting norms mediates, and no other does."""
    granted = {
        trained: answer("post-duties", post="lobby_manager", duty=duty, trained_in_norms=trained)["may"]
        for trained in (True, False)
    }

    assert {True: True, False: False} == granted


def test_teller_passes_customers_on() -> None:
    """service:TEL-13, service:ROL-28: a teller recommends a premium customer to the personal customer manager, and
    does not sell a complex product (service:ROL-27).
    """
    recommended = answer("post-duties", post="teller", duty="recommend_premium_customer", trained_in_norms=False)
    sold = answer("post-duties", post="teller", duty="sell_complex_product", trained_in_norms=True)

    assert {"may": True, "hand_to": "personal_customer_manager"} == recommended
    assert {"may": False, "hand_to": "wealth_manager"} == sold


@pytest.mark.parametrize(
    ("post", "mode", "designated", "handed_over", "may"),
    [
        ("lobby_manager", "dedicated", False, False, True),
        ("lobby_manager", "rotating", False, False, True),
        ("outlet_head", "rotating", False, False, True),
        ("customer_manager", "rotating", False, False, True),
        ("teller", "rotating", False, True, True),
        ("teller", "rotating", True, False, False),
        ("outlet_head", "dedicated", False, False, False),
        ("customer_manager", "dedicated", True, False, True),
        ("teller", "dedicated", True, True, True),
        ("teller", "dedicated", True, False, False),
        ("teller", "dedicated", False, True, False),
        ("security_guard", "rotating", False, False, False),
    ],
)
def test_lobby_post_is_dedicated_rotated_or_filled_in(
    post: str, mode: str, designated: bool, handed_over: bool, may: bool
) -> None:
    """service:ROL-18, service:STF-02, service:STF-11, customers:SOP-19: head, customer manager and teller take turns
    only where the post rotates; whoever is on the list fills in; a teller hands the counter over first.
    """
    found = answer("lobby-post", post=post, lobby__mode=mode, designated=designated, counter__handed_over=handed_over)

    assert {"may": may} == found


READY = {
    "qualified": True,
    "training_passed": True,
    "skill_test_passed": True,
    "sober": True,
    "even_tempered": True,
}


@pytest.mark.parametrize(
    ("missing", "reason", "rule"),
    [
        ("qualified", "no_qualification", "service:ROL-36"),
        ("training_passed", "training_not_passed", "service:TRN-04"),
        ("skill_test_passed", "skill_test_failed", "service:TRN-04"),
        ("sober", "after_drinking", "service:STF-16"),
        ("even_tempered", "bad_mood", "service:ETQ-08"),
    ],
)
def test_each_gate_keeps_somebody_from_the_post(missing: str, reason: str, rule: str) -> None:
    """service:ROL-36, service:STF-16, service:ETQ-08, service:TRN-04: who meets every condition is admitted, and
    nobody who misses one.
    """
    facts = READY | {missing: False}

    assert {"may": True} == answer("admission-to-post", **READY)
    assert {"may": False, "reason": reason} == answer("admission-to-post", **facts)
    assert rule in rules("admission-to-post", **facts)


# Authorisation

SOUND: dict[str, FactValue] = {
    "counter__control_mode": "dual_person",
    "needs_authorisation": True,
    "checker": "other",
    "authoriser": "supervisor",
    "operator_stepped_aside": True,
    "later_review": False,
}


def test_where_no_mode_is_set_two_are_at_the_counter() -> None:
    """service:TEL-19: without the setting a second person checks, whether authorisation is needed or not."""
    bare = {name: value for name, value in SOUND.items() if name != "counter__control_mode"} | {"checker": "nobody"}

    for needs in (True, False):
        facts = bare | {"needs_authorisation": needs}
        assert {"allowed": False, "reason": "no_second_person"} == answer("authorisation", **facts)


@pytest.mark.parametrize(
    ("change", "reason", "rule"),
    [
        ({"authoriser": "operator"}, "authorised_by_operator", "service:ROL-31"),
        ({"authoriser": "operator"}, "authorised_by_operator", "service:TEL-14"),
        ({"authoriser": "other"}, "not_a_supervisor", "service:ROL-31"),
        ({"authoriser": "nobody"}, "not_authorised", "service:TEL-14"),
        ({"authoriser": "checker"}, "authorised_by_checker", "service:SVC-13"),
        ({"operator_stepped_aside": False}, "operator_did_not_step_aside", "governance:RSK-AUT-01"),
        ({"checker": "operator"}, "checked_by_operator", "governance:RSK-AUT-02"),
        ({"checker": "operator"}, "checked_by_operator", "service:TEL-19"),
        ({"checker": "nobody"}, "no_second_person", "governance:RSK-AUT-05"),
        ({"checker": "nobody", "counter__control_mode": "comprehensive"}, "no_later_review", "service:TEL-21"),
    ],
)
def test_broken_separation_is_refused(change: dict[str, FactValue], reason: str, rule: str) -> None:
    """service:TEL-14, service:ROL-31, service:TEL-19, service:TEL-21, service:SVC-13, governance:RSK-AUT-01,
    governance:RSK-AUT-02, governance:RSK-AUT-05: operator, checker and supervisor are three people, each needed.
    """
    facts = SOUND | change

    assert {"allowed": True} == answer("authorisation", **SOUND)
    assert {"allowed": False, "reason": reason} == answer("authorisation", **facts)
    assert rule in rules("authorisation", **facts)


def test_one_teller_alone_needs_a_later_review() -> None:
    """service:TEL-21: for one teller alone a later review stands in for the checker, never for the supervisor."""
    alone = SOUND | {"counter__control_mode": "comprehensive", "checker": "nobody", "later_review": True}

    assert {"allowed": True} == answer("authorisation", **alone)
    assert "authorised_by_operator" == answer("authorisation", **alone | {"authoriser": "operator"})["reason"]


@pytest.mark.parametrize(
    ("carriers", "agree", "expected"),
    [
        (2, True, {"may": True}),
        (3, True, {"may": True}),
        (1, True, {"may": False, "reason": "one_carrier"}),
        (2, False, {"may": False, "reason": "boxes_missing"}),
        (1, False, {"may": False, "reason": "both"}),
    ],
)
def test_boxes_go_by_two_and_all_of_them(carriers: int, agree: bool, expected: dict[str, FactValue]) -> None:
    """service:OPN-16, governance:RSK-CASH-06, estate:EQP-VLT-03: boxes go to the vault with two people or more and
    when as many go back as were taken out (service:OPN-14).
    """
    assert expected == answer("vault-run", carriers=Decimal(carriers), boxes_agree=agree)


@pytest.mark.parametrize(
    ("beyond", "level", "on_duty", "who"),
    [
        (False, 1, False, "receiver"),
        (True, 4, False, "receiver"),
        (True, 3, True, "level_4_teller"),
        (True, 1, True, "level_4_teller"),
        (True, 3, False, "receiver_coordinates"),
    ],
)
def test_complex_case_goes_to_level_4(beyond: bool, level: int, on_duty: bool, who: str) -> None:
    """service:TEL-06, service:ZON-12: what levels 1 to 3 can hardly solve goes to level 4 where there is one."""
    found = answer("complex-cases", beyond_lower_levels=beyond, teller__level=Decimal(level), level_4_on_duty=on_duty)

    assert {"handled_by": who, "tell_steps_and_time": beyond} == found
