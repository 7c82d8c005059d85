"""Whether personal data may be used, seen or told, by what a bank lays down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.codec import misfits
from branchkit.customers import (
    Consent,
    Contact,
    Customer,
    Erasure,
    Hold,
    Label,
    Mark,
    Particulars,
    PrivacyPolicy,
    ProfileNote,
    Purpose,
    Recipient,
    Retention,
    Sight,
    disclosure_of,
    forgotten,
    held_kinds,
    retention_of,
    sight_of,
    unfounded,
    use_of,
)
from branchkit.errors import NotFound
from branchkit.messages import Actor
from branchkit.values import Text

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TOLD = Particulars(
    name="Ping",
    contacts=(Contact(kind="phone", value="12"),),
    profile=(ProfileNote(section="interest_preference", words="chess"),),
    recognition=(Mark(kind="plate", value="plate"),),
)
WORDS = Text(zh="文", en="words")


@pytest.fixture(scope="module")
def policy() -> PrivacyPolicy:
    """Return what a bank starts from."""
    found = Catalog().get("privacy_policy", "standard")
    assert isinstance(found, PrivacyPolicy)
    return found


def customer(*consents: Consent, **more: Any) -> Customer:
    """Return a prospect with some consents."""
    known = Customer("C-1", kind="person", since=NINE, touched_at=NINE, stage_since=NINE, consents=consents, **more)
    return known.with_particulars(TOLD)


def agreed(purpose: str, **more: Any) -> Consent:
    return Consent(purpose, given_at=NINE, by="S-9", **more)


def against(policy: PrivacyPolicy, known: Customer, purpose: str, *, at: dt.datetime = NINE, **more: Any) -> list[str]:
    """Return the codes of what speaks against a use."""
    return [one.code for one in use_of(policy, known, purpose, at=at, **more).value.refusals]


def test_a_use_is_denied_where_nothing_allows_it(policy: PrivacyPolicy) -> None:
    """customers:PRV-06, customers:PRV-10, customers:PRV-22: without consent in force, or with none to this purpose, it
    is refused by the purpose's rules; withdrawn, run out and never given are told apart.
    """
    decision = use_of(policy, customer(), "recognition", at=NINE)

    assert not decision.value.allowed
    assert ("customers:PRV-10", "customers:VIP-08") == decision.value.refusals[0].rules
    assert "no consent to the purpose 'recognition' is in force" in str(decision.value.refusals[0])
    assert ["no_consent"] == against(policy, customer(agreed("marketing")), "recognition")
    assert ["consent_withdrawn"] == against(policy, customer(agreed("recognition", withdrawn_at=NINE)), "recognition")
    assert ["consent_expired"] == against(policy, customer(agreed("recognition", expires_at=NINE)), "recognition")
    assert ["no_consent"] == against(policy, customer(agreed("recognition")), "recognition", at=NINE - DAY)
    assert ["unknown_purpose"] == against(policy, customer(), "fun")


def test_a_use_keeps_to_the_kinds_of_data_agreed_to(policy: PrivacyPolicy) -> None:
    """customers:PRV-22: a purpose uses no more than the policy and the consent name."""
    known = customer(agreed("marketing", items=("contact",)))

    assert ("contact",) == use_of(policy, known, "marketing", at=NINE).value.data
    assert ("name", "contact", "birth", "profile") == use_of(
        policy, customer(agreed("marketing")), "marketing", at=NINE
    ).value.data
    assert ["not_for_purpose"] == against(policy, known, "marketing", data=("contact", "profile"))
    assert ["no_consent"] == against(policy, customer(), "marketing", data=("assets",))


def test_offers_can_be_stopped(policy: PrivacyPolicy) -> None:
    """customers:PRV-22, customers:PRV-15: a customer who wants no offers gets none, whatever was agreed to before."""
    stopped = customer(agreed("marketing"), agreed("group_chat"), agreed("contact"), do_not_contact=True)

    assert ["do_not_contact"] == against(policy, stopped, "marketing")
    assert ["do_not_contact"] == against(policy, stopped, "group_chat")
    assert [] == against(policy, stopped, "contact")


def test_a_relationship_has_its_stages(policy: PrivacyPolicy) -> None:
    """What a contract needs is for those who have one; what the law demands goes on when it is closed."""
    assert ["wrong_stage"] == against(policy, customer(), "service")
    assert [] == against(policy, attrs.evolve(customer(), stage="established"), "service")
    assert [] == against(policy, attrs.evolve(customer(), stage="closed"), "anti_money_laundering")


def test_nothing_is_used_of_an_erased_record(policy: PrivacyPolicy) -> None:
    """customers:PRV-02: once the data are erased no purpose holds, whatever was agreed to and whatever is urgent."""
    gone = attrs.evolve(customer(agreed("marketing")), erased=Erasure(at=NINE, reason="customer_request", by="S-9"))

    assert [["erased"]] * 3 == [against(policy, gone, one) for one in ("marketing", "recognition", "emergency")]


def test_danger_needs_no_consent(policy: PrivacyPolicy) -> None:
    """customers:PRV-12, customers:PRV-13: to help somebody who is ill or being cheated nobody is asked first."""
    assert [[], []] == [against(policy, customer(), purpose) for purpose in ("emergency", "fraud_protection")]


def test_care_is_given_whatever_the_tier(policy: PrivacyPolicy) -> None:
    """customers:TIER-20: why somebody needs more care may be seen on the spot of any customer, classified or not."""
    needy = attrs.evolve(customer(), special_care=("pregnant",))
    lobby = Actor("S-7", posts=("lobby_manager",))
    seen = [
        sight_of(policy, attrs.evolve(needy, service_class=one), "care", by=lobby, at=NINE).value.data
        for one in ("unclassified", "ordinary", "vip")
    ]

    assert [("name", "care")] * 3 == seen


def test_who_sees_is_said_by_post(policy: PrivacyPolicy) -> None:
    """customers:PRV-07, customers:PRV-18: a post sees for its purposes; without a post, or for another, nothing."""
    known = customer(agreed("marketing"))
    manager, teller = Actor("S-9", posts=("wealth_manager",)), Actor("S-5", posts=("teller",))

    assert sight_of(policy, known, "marketing", by=manager, at=NINE).value.allowed
    for by in (teller, Actor("S-9"), Actor("wealth_manager", system=True)):
        refused = sight_of(policy, known, "marketing", by=by, at=NINE).value
        assert ["post_may_not"] == [one.code for one in refused.refusals]
        assert () == refused.data


def test_a_system_sees_what_is_granted_to_it_by_name(policy: PrivacyPolicy) -> None:
    """customers:VIP-08: the arrival system sees what is granted to it, and only of those who agreed."""
    seen = attrs.evolve(policy, sees=(Sight(post="system:arrival", purposes=("recognition",)),))
    arrival = Actor("arrival", system=True)

    assert sight_of(seen, customer(agreed("recognition")), "recognition", by=arrival, at=NINE).value.allowed
    assert not sight_of(seen, customer(), "recognition", by=arrival, at=NINE).value.allowed


def test_the_family_is_told_nothing_unless_the_customer_allowed_it(policy: PrivacyPolicy) -> None:
    """customers:PRV-01, customers:PRV-04: spouse, partner and anybody else are refused."""
    known = customer()

    def codes(recipient: str, purpose: str, known: Customer = known) -> list[str]:
        use = disclosure_of(policy, known, recipient, purpose, at=NINE, data=("assets",)).value
        return [one.code for one in use.refusals]

    assert ["no_consent"] == codes("spouse", "family_disclosure")
    assert [] == codes("spouse", "family_disclosure", customer(agreed("family_disclosure")))
    assert ["not_to_recipient", "not_for_purpose"] == codes("spouse", "emergency")
    assert ["not_to_recipient", "no_consent"] == codes("partner", "marketing")
    assert ["unknown_recipient"] == codes("neighbour", "marketing")


def test_the_answer_says_why_in_both_languages(policy: PrivacyPolicy) -> None:
    """A decision names its policy and version and says in both languages what held or did not."""
    good = use_of(policy, customer(agreed("marketing")), "marketing", at=NINE)
    bad = use_of(policy, customer(), "marketing", at=NINE)

    assert ("standard", "1") == (good.trace.policy, good.trace.version)
    assert "allowed: name, contact, birth, profile" in good.why()
    assert "允许" in good.why("zh")
    assert "not allowed" in bad.why()
    assert "不允许：no_consent" in bad.why("zh")


def test_what_may_be_kept_follows_the_grounds(policy: PrivacyPolicy) -> None:
    """customers:PRV-06: each kind on record needs a purpose with a ground; a new state says what loses its own."""
    bare, full = customer(), customer(agreed("marketing"), agreed("recognition"))

    assert {"name", "contact", "profile", "biometric"} == held_kinds(TOLD)
    assert ("name", "contact", "profile", "biometric") == unfounded(policy, bare, NINE)
    assert () == unfounded(policy, full, NINE)
    assert ("biometric",) == forgotten(policy, full, customer(agreed("marketing")), NINE)
    assert () == forgotten(policy, bare, bare, NINE)


def test_a_record_is_kept_for_its_term(policy: PrivacyPolicy) -> None:
    """Of a silent prospect a year, of data without ground thirty days, of closed relationships as
    long as nobody sets; a hold keeps all of it, and a record with nothing personal in it stays.
    """
    silent = retention_of(policy, customer(agreed("marketing"), agreed("recognition")), at=NINE).value
    ended = customer(agreed("marketing"), agreed("recognition", expires_at=NINE + 5 * DAY))
    partly = retention_of(policy, ended, at=NINE + 6 * DAY).value
    closed = attrs.evolve(customer(agreed("marketing"), agreed("recognition")), stage="closed")
    gone = retention_of(policy, closed, at=NINE).value
    held = attrs.evolve(ended, holds=(Hold(code="dispute", since=NINE, by="S-1"),))

    assert (NINE.replace(year=2027), "silent-prospects", ()) == (silent.until, silent.period, silent.data)
    assert (NINE + 35 * DAY, "no-basis", ("biometric",)) == (partly.until, partly.period, partly.data)
    assert partly.is_over(NINE + 35 * DAY)
    assert not partly.is_over(NINE + 34 * DAY)
    assert (None, ("closed-relationships",)) == (gone.until, gone.not_configured)
    assert not retention_of(policy, held, at=NINE + 90 * DAY).value.is_over(NINE + 90 * DAY)
    assert retention_of(policy, attrs.evolve(customer(), **attrs.asdict(Particulars())), at=NINE).value.until is None


def test_a_closed_relationship_has_a_term_once_it_is_set(policy: PrivacyPolicy) -> None:
    """A bank that sets the term of closed relationships has them erased when it is over."""
    term = Retention("customer", code="closed", counts_from="closed", keep="P5Y", basis="suggested")
    told = Particulars(name="Ping")
    closed = Customer("C-1", kind="person", since=NINE, stage="closed").with_particulars(told)
    kept = retention_of(attrs.evolve(policy, retention=(term,)), closed, at=NINE).value

    assert (NINE.replace(year=2031), "closed") == (kept.until, kept.period)


def test_labels_alone_are_kept_for_the_term_too(policy: PrivacyPolicy) -> None:
    """A record of nothing but labels says something of somebody, so that its term runs."""
    label = Label(code="chess", source="talk", updated_at=NINE)
    known = Customer("C-1", kind="person", since=NINE, labels=(label,))

    assert retention_of(policy, known, at=NINE).value.period == "silent-prospects"


def test_a_policy_is_proved_when_it_is_read() -> None:
    """Malformed and doubled codes, unknown kinds of data, purposes, records and moments, spans and rules are named."""
    purpose = Purpose("a", title=WORDS, ground="law", uses=("soul",), lasts="P1Y", rules=("x",))
    policy = PrivacyPolicy(
        " ",
        version="",
        title=WORDS,
        purposes=(purpose, attrs.evolve(purpose, uses=("name",), lasts=None, rules=("customers:PRV-01",) * 2)),
        sees=(Sight(post="p", purposes=()), Sight(post="q", purposes=("b",))),
        recipients=(Recipient(" ", title=WORDS, purposes=("b",)),),
        retention=(
            Retention("customer", code="c", counts_from="moon", keep="P1X"),
            Retention("soul", code="c", counts_from="touched"),
        ),
    )

    assert {
        "$.id",
        "$.version",
        "$.purposes[0].uses",
        "$.purposes[0].lasts",
        "$.purposes[0].rules[0]",
        "$.purposes[1].code",
        "$.purposes[1].rules[1]",
        "$.sees[0].purposes",
        "$.sees[1].purposes",
        "$.recipients[0].code",
        "$.recipients[0].purposes",
        "$.retention[0].keep",
        "$.retention[0].counts_from",
        "$.retention[1].code",
        "$.retention[1].record",
    } == {one.path for one in misfits(policy)}


def test_what_is_not_in_the_policy_is_named_with_what_is(policy: PrivacyPolicy) -> None:
    """A code that is none is refused with those that there are."""
    with pytest.raises(NotFound, match="there are: aml_report, dispute"):
        policy.hold("whim")
    assert policy.reason("customer_request").rules == ("customers:PRV-22",)
