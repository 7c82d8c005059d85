"""What commands about a customer's record lead to, and every reason why they are refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.codec import misfits
from branchkit.customers import (
    AskDisclosure,
    AssignOwner,
    Checks,
    ClassifyCustomer,
    Consent,
    Contact,
    Customer,
    CustomerClassified,
    CustomerCommand,
    CustomerErased,
    EraseCustomer,
    GiveConsent,
    GradeRisk,
    HoldCustomer,
    Identity,
    Label,
    LabelCustomer,
    MoveCustomer,
    Particulars,
    PassCheck,
    PrivacyPolicy,
    ProfileNote,
    RegisterCustomer,
    ReleaseCustomer,
    ReviseCustomer,
    SeeCustomer,
    ServiceClass,
    StopOffers,
    TierHeld,
    TreatSpecially,
    WithdrawConsent,
    classify_customer,
    decide_customer,
    disclosure_of,
    erase_customer,
    evolve_customer,
    use_of,
)
from branchkit.customers.events import CustomerRevised
from branchkit.errors import Refused
from branchkit.messages import Actor
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
MANAGER = Actor("S-9", posts=("wealth_manager",))
WHO: dict[str, Any] = {"by": MANAGER, "at": NINE}
TOLD = Particulars(name="Ping", contacts=(Contact(kind="phone", value="12"),))
AGREED = Consent("contact", given_at=NINE, by="S-9")


@pytest.fixture(scope="module")
def policy() -> PrivacyPolicy:
    """Return what a bank starts from."""
    found = Catalog().get("privacy_policy", "standard")
    assert isinstance(found, PrivacyPolicy)
    return found


def prospect(**more: Any) -> Customer:
    """Return a prospect who agreed to be contacted."""
    told = more.pop("told", TOLD)
    given: dict[str, Any] = {"kind": "person", "since": NINE, "touched_at": NINE, "stage_since": NINE}
    return Customer("C-1", **{**given, "consents": (AGREED,), **more}).with_particulars(told)


def after(customer: Customer | None, command: CustomerCommand, policy: PrivacyPolicy) -> Customer:
    """Return the record after a command."""
    for event in decide_customer(command, customer, policy):
        customer = evolve_customer(customer, event)
    assert customer is not None
    return customer


def codes(command: CustomerCommand, customer: Customer | None, policy: PrivacyPolicy) -> list[str]:
    """Return the codes of the reasons for which a command is refused."""
    with pytest.raises(Refused) as caught:
        decide_customer(command, customer, policy)
    return [one.code for one in caught.value.refusals]


def test_a_record_is_opened_with_what_the_customer_agreed_to(policy: PrivacyPolicy) -> None:
    """customers:PRF-01, customers:TIER-01: a new record is a prospect's, unclassified, with particulars and consent."""
    command = RegisterCustomer("C-1", particulars=TOLD, consents=(AGREED,), introduced_by="C-7", **WHO)
    found = after(None, command, policy)

    assert (TOLD, (AGREED,), "prospect", "unclassified") == (
        found.particulars,
        found.consents,
        found.stage,
        found.service_class,
    )
    assert found.introduced_by == "C-7"
    assert () == decide_customer(command, found, policy)


def test_nothing_is_kept_that_nobody_agreed_to(policy: PrivacyPolicy) -> None:
    """customers:PRV-05, customers:PRV-06: data without consent or need is refused, kind by kind;
    without any data a record may be opened.
    """
    told = attrs.evolve(TOLD, identity=Identity(document="passport", number="1"))
    with pytest.raises(Refused) as caught:
        decide_customer(RegisterCustomer("C-1", particulars=told, **WHO), None, policy)

    assert ["no_basis"] * 3 == [one.code for one in caught.value.refusals]
    assert ("customers:PRV-05", "customers:PRV-06") == caught.value.refusals[0].rules
    assert after(None, RegisterCustomer("C-1", **WHO), policy).particulars == Particulars()


def test_an_established_customer_needs_no_consent_for_what_the_relationship_needs(policy: PrivacyPolicy) -> None:
    """Name, contact and identity of an established customer rest on the contract and the law."""
    told = attrs.evolve(TOLD, identity=Identity(document="passport", number="1"), special_care=("elderly",))

    assert after(None, RegisterCustomer("C-1", particulars=told, stage="established", **WHO), policy).identity


def test_a_record_is_opened_once(policy: PrivacyPolicy) -> None:
    """Another record under the same number is refused; nobody introduces themselves; places that say nothing are
    refused.
    """
    other = RegisterCustomer("C-1", particulars=attrs.evolve(TOLD, name="Pong"), consents=(AGREED,), **WHO)
    hollow = Particulars(contacts=(Contact(kind="phone"),), identity=Identity(document="passport", number=" "))

    assert ["known"] == codes(other, prospect(), policy)
    assert ["nothing_said", "nothing_said", "own_introduction", "no_basis"] == codes(
        RegisterCustomer("C-1", particulars=hollow, introduced_by="C-1", **WHO), None, policy
    )


def test_an_introduction_leads_back_to_nobody(policy: PrivacyPolicy) -> None:
    """customers:DEV-03: who introduces a new customer is on record, and was not brought by that customer."""
    command = RegisterCustomer("C-1", introduced_by="C-2", **WHO)

    for introducers, code in ((frozenset(), "unknown_introducer"), ({"C-2", "C-3", "C-1"}, "circular")):
        with pytest.raises(Refused) as caught:
            decide_customer(command, None, policy, introducers=introducers)
        (refusal,) = caught.value.refusals
        assert (code, ("customers:DEV-03",)) == (refusal.code, refusal.rules)
        assert refusal.zh
    assert decide_customer(command, None, policy, introducers={"C-2", "C-3"})
    assert decide_customer(attrs.evolve(command, introduced_by=None), None, policy, introducers=frozenset())


def test_an_erased_customer_may_come_again(policy: PrivacyPolicy) -> None:
    """After an erasure the same number may be registered anew, and nothing else may be asked of it."""
    (event,) = erase_customer(EraseCustomer("C-1", "customer_request", **WHO), prospect(), policy)
    gone = evolve_customer(prospect(), event)

    assert ["erased"] == codes(ReviseCustomer("C-1", particulars=TOLD, **WHO), gone, policy)
    assert ["unknown_customer"] == codes(ReviseCustomer("C-1", particulars=TOLD, **WHO), None, policy)
    again = after(gone, RegisterCustomer("C-1", particulars=TOLD, consents=(AGREED,), **WHO), policy)
    assert again.erased is None


@pytest.mark.parametrize("id", ["13800138000", "11010519491231002X", "a@b.cn", " C", ""])
def test_nobody_is_known_by_a_telephone_number(id: str) -> None:
    """What looks like a telephone, identity number or address is refused as an id, since ids stay on record."""
    assert ["$.customer"] == [one.path for one in misfits(RegisterCustomer(id, **WHO))]


def test_each_customer_has_a_stream_of_their_own() -> None:
    """Whatever is asked of a customer goes to one stream, which no other customer shares."""
    asked = [StopOffers("C-1", **WHO), RegisterCustomer("C-1", **WHO), StopOffers("C-2", **WHO)]

    assert ["customer:C-1", "customer:C-1", "customer:C-2"] == [command.stream for command in asked]


def test_a_record_cannot_contradict_itself() -> None:
    """Two tiers by one scheme, and a label or hold that stands there twice, are named with their places."""
    held = TierHeld(scheme="s", tier="t", since=NINE, policy="p", version="1", reason="r")
    label = Label(code="x", source="y", updated_at=NINE)

    assert ["$.tiers[1]", "$.labels[1]"] == [
        one.path for one in misfits(prospect(tiers=(held, held), labels=(label, label)))
    ]


def test_particulars_are_put_in_the_place_of_others(policy: PrivacyPolicy) -> None:
    """A revision replaces all particulars; the same again changes nothing; more than was agreed to is refused."""
    revised = after(prospect(), ReviseCustomer("C-1", particulars=Particulars(name="Pong"), **WHO), policy)

    assert ("Pong", ()) == (revised.name, revised.contacts)
    assert () == decide_customer(ReviseCustomer("C-1", particulars=TOLD, **WHO), prospect(), policy)
    more = ReviseCustomer("C-1", particulars=attrs.evolve(TOLD, address="here"), **WHO)
    assert ["no_basis"] == codes(more, prospect(), policy)


def test_a_relationship_goes_its_way(policy: PrivacyPolicy) -> None:
    """A prospect is established, then maintained, then closed, and not the other way round."""
    moved = after(
        prospect(), MoveCustomer("C-1", "established", reason="account_opened", by=MANAGER, at=NINE + HOUR), policy
    )

    assert ("established", NINE + HOUR, NINE + HOUR) == (moved.stage, moved.stage_since, moved.touched_at)
    assert ["no_such_way"] == codes(MoveCustomer("C-1", "maintained", reason="x", **WHO), prospect(), policy)
    assert () == decide_customer(MoveCustomer("C-1", "prospect", reason="x", **WHO), prospect(), policy)


def test_checks_and_the_risk_grade_stand_beside_the_tier(policy: PrivacyPolicy) -> None:
    """customers:TIER-23, customers:TIER-24: checks have their moments, and a risk grade changes no tier."""
    checked = after(prospect(), PassCheck("C-1", "aml_checked", **WHO), policy)
    graded = after(checked, GradeRisk("C-1", "high", reason="review", **WHO), policy)

    assert {"aml_checked"} == graded.checks.passed
    assert ("high", (), "unclassified") == (graded.risk_grade, graded.tiers, graded.service_class)
    assert () == decide_customer(PassCheck("C-1", "aml_checked", **WHO), graded, policy)
    assert () == decide_customer(GradeRisk("C-1", "high", reason="again", **WHO), graded, policy)
    assert frozenset() == Checks().passed


def asked(tier: str, *, policy: str = "scheme", version: str = "1") -> Decision[str]:
    """Return what a tier policy answers."""
    step = Step(what=Text(en="why"), rules=("customers:TIER-02",))
    return Decision(tier, Trace(policy=policy, version=version, steps=(step,)))


def test_a_change_of_tier_is_dated_with_reason_and_approver() -> None:
    """customers:TIER-33, customers:TIER-01: the event says from which tier to which, when, why, by whom approved, and
    by which policy; a customer has one service class and one tier by a scheme.
    """
    command = ClassifyCustomer("C-1", "scheme", reason="monthly_review", approved_by="S-1", **WHO)
    (first,) = classify_customer(command, prospect(), asked("potential"), service_class="potential")
    tiered = evolve_customer(prospect(), first)
    later = attrs.evolve(command, at=NINE + HOUR)
    (second,) = classify_customer(later, tiered, asked("vip"), service_class="vip")
    risen = evolve_customer(tiered, second)

    assert isinstance(second, CustomerClassified)
    assert ("potential", "vip", NINE + HOUR, "monthly_review", "S-1") == (
        second.before,
        second.held.tier,
        second.held.since,
        second.held.reason,
        second.held.approved_by,
    )
    assert ("customers:TIER-02",) == second.rules
    assert ("vip", ["vip"]) == (risen.service_class, [one.tier for one in risen.tiers])


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (
            MoveCustomer("C-1", "established", reason="x", **WHO),
            MoveCustomer("C-1", "maintained", reason="x", **WHO),
        ),
        (GradeRisk("C-1", "high", reason="x", **WHO), GradeRisk("C-1", "low", reason="x", **WHO)),
        (AssignOwner("C-1", "S-9", **WHO), AssignOwner("C-1", "S-4", **WHO)),
    ],
    ids=["stage", "risk", "owner"],
)
def test_what_is_told_late_never_reorders(first: Any, then: Any, policy: PrivacyPolicy) -> None:
    """A stage, a risk grade and an owner are decided as of a moment, and what was so before that comes too late; at the
    very moment, and after it, they are decided anew.
    """
    decided = after(prospect(), attrs.evolve(first, at=NINE + 5 * HOUR), policy)
    late = attrs.evolve(then, at=NINE + 2 * HOUR, recorded_at=NINE + 9 * HOUR)

    assert ["out_of_order"] == codes(late, decided, policy)
    assert decide_customer(attrs.evolve(then, at=NINE + 5 * HOUR), decided, policy)


def test_a_tier_that_is_told_late_never_reorders() -> None:
    """customers:TIER-33: after a decision at two o'clock none is taken as of eleven, not even where the tier is the
    same; another scheme's decision is in nobody's way.
    """
    command = ClassifyCustomer("C-1", "scheme", reason="review", **WHO)
    tiered = prospect()
    for hours, version in ((1, "1"), (5, "2")):
        (event,) = classify_customer(
            attrs.evolve(command, at=NINE + hours * HOUR), tiered, asked("standard", version=version)
        )
        tiered = evolve_customer(tiered, event)
    late = attrs.evolve(command, at=NINE + 2 * HOUR, recorded_at=NINE + 9 * HOUR)
    for tier in ("vip", "standard"):
        with pytest.raises(Refused) as caught:
            classify_customer(late, tiered, asked(tier))
        assert ["out_of_order"] == [one.code for one in caught.value.refusals]

    assert (NINE + HOUR, NINE + 5 * HOUR) == (tiered.tiers[0].since, tiered.tiers[0].last_decided)
    assert classify_customer(attrs.evolve(late, scheme="another"), tiered, asked("vip"))


def test_a_tier_of_before_has_its_first_moment() -> None:
    """What was kept before moments of decisions were told counts from the moment it holds."""
    held = TierHeld(scheme="s", tier="t", since=NINE, policy="p", version="1", reason="r")

    assert NINE == held.last_decided


def test_the_same_tier_again_changes_nothing() -> None:
    """The same answer gives no event; by another version of the policy it is put on record and keeps its date."""
    command = ClassifyCustomer("C-1", "scheme", reason="review", **WHO)
    (event,) = classify_customer(command, prospect(), asked("vip"))
    tiered = evolve_customer(prospect(), event)
    later = attrs.evolve(command, at=NINE + HOUR)
    (anew,) = classify_customer(later, tiered, asked("vip", version="2"))

    assert () == classify_customer(later, tiered, asked("vip"))
    assert NINE == evolve_customer(tiered, anew).tiers[0].since
    assert "unclassified" == tiered.service_class


@pytest.mark.parametrize("order", [("admission", "lobby"), ("lobby", "admission")])
def test_the_service_class_is_the_highest_that_any_tier_means(order: tuple[str, str]) -> None:
    """customers:TIER-01: whichever scheme was asked last, a customer whom one scheme makes VIP is one; when that scheme
    takes it back, what the others mean is left, and a tier without a class takes nothing away.
    """
    meant: dict[str, tuple[str, ServiceClass]] = {"admission": ("vip", "vip"), "lobby": ("low", "ordinary")}

    def told(customer: Customer, scheme: str, tier: str, meaning: ServiceClass | None, hours: int) -> Customer:
        command = ClassifyCustomer("C-1", scheme, reason="review", by=MANAGER, at=NINE + hours * HOUR)
        (event,) = classify_customer(command, customer, asked(tier), service_class=meaning)
        return evolve_customer(customer, event)

    both = prospect()
    for hours, scheme in enumerate(order):
        both = told(both, scheme, *meant[scheme], hours)
    lowered = told(both, "admission", "standard", "ordinary", 3)
    unsaid = told(both, "points", "three", None, 3)

    assert ["vip", "ordinary", "vip"] == [one.service_class for one in (both, lowered, unsaid)]
    assert {"admission": "vip", "lobby": "ordinary"} == {one.scheme: one.service_class for one in both.tiers}


def test_what_follows_from_other_tiers_is_kept_with_what_was_told() -> None:
    """The event holds every fact that the decision needed, told or not."""
    command = ClassifyCustomer("C-1", "scheme", facts=FrozenMap({"amount": "5"}), reason="review", **WHO)
    (event,) = classify_customer(command, prospect(), asked("vip"), resolved={"vip": True})

    assert isinstance(event, CustomerClassified)
    assert {"amount": "5", "vip": True} == dict(event.facts)


def test_nobody_approves_their_own_change_of_tier() -> None:
    """customers:TIER-33: who asks for a change of tier does not approve it."""
    command = ClassifyCustomer("C-1", "scheme", reason="review", approved_by="S-9", **WHO)
    with pytest.raises(Refused) as caught:
        classify_customer(command, prospect(), asked("vip"))

    assert ["own_approval"] == [one.code for one in caught.value.refusals]


def test_consent_is_given_for_a_purpose_and_a_time(policy: PrivacyPolicy) -> None:
    """customers:PRV-06, customers:PRV-22: a consent has a purpose, items, a moment and an end that the policy sets."""
    given = after(prospect(), GiveConsent("C-1", "marketing", items=("contact",), evidence="SH-1", **WHO), policy)
    consent = given.consents[-1]

    assert ("marketing", ("contact",), NINE, NINE.replace(year=2027), "S-9", "SH-1") == (
        consent.purpose,
        consent.items,
        consent.given_at,
        consent.expires_at,
        consent.by,
        consent.evidence,
    )
    assert () == decide_customer(
        GiveConsent("C-1", "marketing", items=("contact",), evidence="SH-1", **WHO), given, policy
    )


def test_consent_that_makes_no_sense_is_refused(policy: PrivacyPolicy) -> None:
    """An unknown purpose, one that nobody is asked for, other data than it uses, and an end before the beginning."""
    give = GiveConsent("C-1", "marketing", **WHO)

    assert ["unknown_purpose"] == codes(attrs.evolve(give, purpose="fun"), prospect(), policy)
    assert ["not_asked"] == codes(attrs.evolve(give, purpose="anti_money_laundering"), prospect(), policy)
    assert ["not_for_purpose"] == codes(attrs.evolve(give, items=("assets",)), prospect(), policy)
    assert ["expired"] == codes(attrs.evolve(give, expires_at=NINE), prospect(), policy)


def test_withdrawing_erases_what_was_kept_on_that_account_alone(policy: PrivacyPolicy) -> None:
    """customers:PRV-22, customers:P-19: withdrawn consent ends the use, and what no other purpose needs is erased."""
    told = attrs.evolve(TOLD, profile=(ProfileNote(section="interest_preference", words="chess"),))
    agreed = attrs.evolve(AGREED, purpose="marketing")
    needed = prospect(told=told, stage="established", consents=(agreed,))
    left = after(needed, WithdrawConsent("C-1", "marketing", **WHO), policy)

    assert ("Ping", "12") == (left.name, left.contacts[0].value)  # the relationship needs them
    assert left.profile[0].words == "chess"  # so does planning
    bare = after(prospect(), WithdrawConsent("C-1", "contact", **WHO), policy)
    assert (None, None) == (bare.name, bare.contacts[0].value)
    assert () == decide_customer(WithdrawConsent("C-1", "contact", **WHO), bare, policy)
    assert ["no_consent"] == codes(WithdrawConsent("C-1", "group_chat", **WHO), prospect(), policy)


def test_a_hold_keeps_what_is_withdrawn(policy: PrivacyPolicy) -> None:
    """customers:PRV-14: while the law demands it, a withdrawal ends the use and erases nothing; nor does anybody."""
    held = after(prospect(), HoldCustomer("C-1", "aml_report", **WHO), policy)
    left = after(held, WithdrawConsent("C-1", "contact", **WHO), policy)
    with pytest.raises(Refused) as caught:
        erase_customer(EraseCustomer("C-1", "customer_request", **WHO), held, policy)

    assert left.name == "Ping"
    assert [("held", ("customers:PRV-14",))] == [(one.code, one.rules) for one in caught.value.refusals]
    assert () == decide_customer(HoldCustomer("C-1", "aml_report", **WHO), held, policy)
    assert ["unknown_hold"] == codes(HoldCustomer("C-1", "whim", **WHO), held, policy)
    freed = after(left, ReleaseCustomer("C-1", "aml_report", **WHO), policy)
    assert () == freed.holds
    assert () == decide_customer(ReleaseCustomer("C-1", "aml_report", **WHO), freed, policy)


def test_a_hold_that_the_policy_dropped_still_holds(policy: PrivacyPolicy) -> None:
    """A hold is ended by somebody, and not by another policy."""
    held = after(prospect(), HoldCustomer("C-1", "aml_report", **WHO), policy)
    with pytest.raises(Refused) as caught:
        erase_customer(EraseCustomer("C-1", "customer_request", **WHO), held, attrs.evolve(policy, holds=()))

    assert ["held"] == [one.code for one in caught.value.refusals]


def test_erasing_leaves_what_says_nothing_of_the_person(policy: PrivacyPolicy) -> None:
    """customers:PRV-02: only number, consents and dates are left; every document is named once."""
    known = after(prospect(), AssignOwner("C-1", "S-9", **WHO), policy)
    documents = [Ref("sheet", "SH-1"), Ref("case", "X-1"), Ref("sheet", "SH-1")]
    (event,) = erase_customer(EraseCustomer("C-1", "customer_request", **WHO), known, policy, documents)
    gone = evolve_customer(known, event)

    assert isinstance(event, CustomerErased)
    assert (Ref("case", "X-1"), Ref("sheet", "SH-1")) == event.documents
    assert (Particulars(), None, "closed", (AGREED,)) == (gone.particulars, gone.owner, gone.stage, gone.consents)
    assert gone.erased is not None
    assert ("customer_request", "S-9") == (gone.erased.reason, gone.erased.by)


def test_what_came_after_an_erasure_is_erased_by_another(policy: PrivacyPolicy) -> None:
    """An erased record is erased again while something is kept of the customer elsewhere; else nothing happens."""
    command = EraseCustomer("C-1", "customer_request", **WHO)
    (first,) = erase_customer(command, prospect(), policy)
    gone = evolve_customer(prospect(), first)
    late = [Ref("sheet", "SH-9")]
    (again,) = erase_customer(command, gone, policy, late, held={"free_text"})

    assert isinstance(again, CustomerErased)
    assert (Ref("sheet", "SH-9"),) == again.documents
    assert () == erase_customer(command, gone, policy, late, held=())
    assert () == erase_customer(command, gone, policy, late)


def test_what_the_policy_does_not_name_is_not_quoted(policy: PrivacyPolicy) -> None:
    """customers:PRV-01: a purpose, recipient, hold or reason of nobody's is answered with those that there are."""
    typed = "Zhang-the-rich"
    use = use_of(policy, prospect(), typed, at=NINE).value.refusals
    told = disclosure_of(policy, prospect(), typed, "contact", at=NINE).value.refusals
    kinds = use_of(policy, prospect(), "contact", at=NINE, data=(typed,)).value.refusals
    said = [str(one) for one in (*use, *told, *kinds)]
    for command in (
        HoldCustomer("C-1", typed, **WHO),
        GiveConsent("C-1", typed, **WHO),
        GiveConsent("C-1", "marketing", items=(typed,), **WHO),
        WithdrawConsent("C-1", typed, **WHO),
    ):
        with pytest.raises(Refused) as caught:
            decide_customer(command, prospect(), policy)
        said.append(str(caught.value))
    with pytest.raises(Refused) as caught:
        erase_customer(EraseCustomer("C-1", typed, **WHO), prospect(), policy)

    assert [] == [one for one in (*said, str(caught.value)) if typed in one]
    assert "there are: aml_report" in said[3]


def test_erasing_takes_a_reason_of_the_policy(policy: PrivacyPolicy) -> None:
    """A reason that the policy does not name is refused, with those that it names."""
    with pytest.raises(Refused, match="consent_withdrawn, customer_request, not_needed, wrongly_kept"):
        erase_customer(EraseCustomer("C-1", "because", **WHO), prospect(), policy)


def test_offers_are_stopped(policy: PrivacyPolicy) -> None:
    """customers:PRV-22: a customer may stop offers, and allow them again."""
    stopped = after(prospect(), StopOffers("C-1", **WHO), policy)

    assert stopped.do_not_contact
    assert not after(stopped, StopOffers("C-1", stop=False, **WHO), policy).do_not_contact
    assert () == decide_customer(StopOffers("C-1", **WHO), stopped, policy)


def test_labels_carry_source_and_dates(policy: PrivacyPolicy) -> None:
    """customers:PRF-11: a label has its source, its date and its end, is replaced by its code, and can be taken off."""
    label = Label(code="chess", source="profile", updated_at=NINE, expires_at=NINE + HOUR)
    labelled = after(prospect(), LabelCustomer("C-1", labels=(label,), **WHO), policy)
    newer = attrs.evolve(label, source="talk")

    assert ((label,), ()) == (labelled.current_labels(NINE), labelled.current_labels(NINE + HOUR))
    assert (newer,) == after(labelled, LabelCustomer("C-1", labels=(newer,), **WHO), policy).labels
    assert () == after(labelled, LabelCustomer("C-1", remove=("chess",), **WHO), policy).labels
    assert () == decide_customer(LabelCustomer("C-1", labels=(label,), remove=("x",), **WHO), labelled, policy)
    wrong = LabelCustomer("C-1", labels=(attrs.evolve(label, expires_at=NINE), label), **WHO)
    assert ["expired_label", "twice"] == codes(wrong, prospect(), policy)


def test_special_treatment_is_approved_by_somebody_else(policy: PrivacyPolicy) -> None:
    """customers:TIER-19: treatment outside the standard has a reason and an approver who is not who asks; it ends."""
    treat = TreatSpecially("C-1", reason="hard of hearing", approved_by="S-1", **WHO)
    special = after(prospect(), treat, policy)

    assert special.special is not None
    assert ("hard of hearing", "S-1") == (special.special.reason, special.special.approved_by)
    assert ["no_reason", "own_approval"] == codes(
        attrs.evolve(treat, reason=" ", approved_by="S-9"), prospect(), policy
    )
    ended = after(special, TreatSpecially("C-1", **WHO), policy)
    assert ended.special is None
    assert () == decide_customer(TreatSpecially("C-1", **WHO), ended, policy)


def test_a_relationship_has_an_owner(policy: PrivacyPolicy) -> None:
    """The relationship has one owner, who is not the customer; the same again changes nothing."""
    owned = after(prospect(), AssignOwner("C-1", "S-9", **WHO), policy)

    assert owned.owner == "S-9"
    assert () == decide_customer(AssignOwner("C-1", "S-9", **WHO), owned, policy)
    assert ["own_owner"] == codes(AssignOwner("C-1", "C-1", **WHO), owned, policy)


def test_looking_is_on_record_and_moves_nothing(policy: PrivacyPolicy) -> None:
    """customers:PRV-07: that somebody saw, asked in vain or asked for another is an event, and no particular moves."""
    known = attrs.evolve(prospect(), touched_at=NINE)
    later: dict[str, Any] = {"by": MANAGER, "at": NINE + HOUR}
    kinds = [
        event.KIND
        for command in (
            SeeCustomer("C-1", "contact", **later),
            SeeCustomer("C-1", "marketing", **later),
            AskDisclosure("C-1", "spouse", "family_disclosure", **later),
        )
        for event in decide_customer(command, known, policy)
        if evolve_customer(known, event) is known
    ]

    assert ["customer_seen", "sight_refused", "disclosure_decided"] == kinds


def test_a_record_begins_with_a_registration() -> None:
    """Nothing can happen to a record that was not opened."""
    with pytest.raises(ValueError, match="registration first"):
        evolve_customer(None, CustomerRevised(customer="C-1", at=NINE, by="S-9", particulars=TOLD))
