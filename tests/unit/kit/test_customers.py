"""Customers through the kit: masked, seen for a purpose, classified, swept, and erased wherever they stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from branchkit.checklists import Sheet
from branchkit.codec import canonical_json, unstructure
from branchkit.customers import (
    ApplyRetention,
    AskDisclosure,
    ClassifyCustomer,
    Contact,
    Customer,
    CustomerErased,
    CustomerSeen,
    DataForgotten,
    EraseCustomer,
    GiveConsent,
    HoldCustomer,
    Label,
    LabelCustomer,
    MoveCustomer,
    Particulars,
    SeeCustomer,
    SightRefused,
    TierAnswer,
    WithdrawConsent,
)
from branchkit.errors import NotFound, NotPermitted, PluginFailed, Refused
from branchkit.kit import Kit, RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.kit.retaining import Retained
from branchkit.kit.seeing import glance
from branchkit.kit.wire import EVENTS
from branchkit.messages import Actor, Event
from branchkit.plugins import BranchkitHooks, EventContext, HookContext, TierPolicyRecord
from branchkit.plugins.config import Config
from branchkit.plugins.host import Plugins
from branchkit.procedures import Case
from branchkit.trace import Decision, Trace
from branchkit.values import FrozenMap, Unknown
from tests.unit.kit import people
from tests.unit.kit.people import AML, HEAD, LOBBY, MANAGER, TELLER, at

PROSPECT = Particulars(name="Pong", contacts=(Contact(kind="phone", value="Pong phone"),))


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Return a kit with an established customer."""
    with people.open_kit() as kit:
        kit.do(people.register())
        yield kit


def happened(kit: Kit, kind: type[Event]) -> list[Event]:
    """Return the events of a kind, in order."""
    return [one.event for one in kit.events() if type(one.event) is kind]


# -- masked and seen


def test_a_customer_comes_without_what_is_personal(kit: Kit) -> None:
    """customers:PRV-02, customers:PRV-07: what is got or found holds kinds and codes, and no value."""
    got = kit.get(Customer, "C-1")

    assert "Ping" not in canonical_json(unstructure(got)).decode()
    assert ["phone", "post"] == [one.kind for one in got.contacts]
    assert [got] == list(kit.find(Customer, home_branch="B-1", stage="established"))


def test_what_happened_comes_without_what_is_personal(kit: Kit) -> None:
    """The feed and observers are told what happened, and no value."""
    assert "Ping" not in "".join(canonical_json(unstructure(one.event)).decode() for one in kit.events())


def test_whoever_may_sees_what_the_purpose_needs_and_it_is_on_record(kit: Kit) -> None:
    """customers:PRV-07, customers:PRV-22: the kinds of data of the purpose are there, others are not; the journal says
    who looked, when, for what, at which kinds and by which policy.
    """
    seen = kit.see("C-1", purpose="marketing", by=MANAGER, at=at(1), data=("name", "contact"))

    assert ("Ping name", "Ping phone", None) == (
        seen.customer.name,
        seen.customer.contacts[0].value,
        seen.customer.address,
    )
    assert ("customers:PRV-22",) == seen.use.trace.steps[0].rules
    assert [
        CustomerSeen(
            customer="C-1",
            at=at(1),
            by="S-9",
            purpose="marketing",
            data=("name", "contact"),
            policy="standard",
            version="1",
        )
    ] == happened(kit, CustomerSeen)


def test_who_may_not_see_is_refused_and_that_is_on_record_too(kit: Kit) -> None:
    """customers:PRV-07: a post without the purpose is refused, with the rule; the attempt stays in the journal."""
    with pytest.raises(Refused, match="customers:PRV-07") as caught:
        kit.see("C-1", purpose="marketing", by=TELLER, at=at(1))

    assert ["post_may_not"] == [one.code for one in caught.value.refusals]
    (refused,) = happened(kit, SightRefused)
    assert isinstance(refused, SightRefused)
    assert ("S-5", "marketing", ("post_may_not",)) == (refused.by, refused.purpose, refused.codes)


def test_nobody_is_seen_without_a_right_to_ask(kit: Kit) -> None:
    """Who has no right to the command is not answered at all; a customer who is not there is not found."""
    with pytest.raises(NotPermitted):
        kit.see("C-1", purpose="marketing", by=Actor("S-8"), at=at(1))
    with pytest.raises(NotFound, match="No customer 'C-9'"):
        kit.see("C-9", purpose="marketing", by=MANAGER, at=at(1))

    assert [] == [*happened(kit, SightRefused), *happened(kit, CustomerSeen)]


def test_looking_again_in_the_same_words_is_decided_anew(kit: Kit) -> None:
    """A consent that was withdrawn since is no consent, even for who asks as of a moment before that."""
    kit.see("C-1", purpose="marketing", by=MANAGER, at=at(1))
    kit.do(WithdrawConsent("C-1", "marketing", by=MANAGER, at=at(2)))
    for _ in range(2):
        with pytest.raises(Refused, match="no consent to the purpose 'marketing'"):
            kit.see("C-1", purpose="marketing", by=MANAGER, at=at(1))


def test_the_outcome_of_a_look_says_what_was_granted(kit: Kit) -> None:
    """As a command it tells whether it was granted and which kinds of data, and none of it."""
    granted = kit.do(SeeCustomer("C-1", "marketing", data=("name",), by=MANAGER, at=at(1)))
    refused = kit.do(SeeCustomer("C-1", "marketing", by=TELLER, at=at(1)))

    assert {"granted": True, "data": ["name"]} == dict(granted.details)
    assert {"granted": False} == dict(refused.details)


def test_a_glance_tells_what_there_is_and_nothing_of_it(kit: Kit) -> None:
    """Which kinds of data are there, until when they may be kept, and everything that happened."""
    kit.see("C-1", purpose="marketing", by=MANAGER, at=at(1))
    found = glance(kit, "C-1")

    assert ("name", "contact", "identity", "birth", "address", "care", "profile", "biometric") == found.held
    assert ["customer_registered", "customer_seen"] == [one.event.KIND for one in found.told]
    assert found.kept.until is None
    assert "Ping" not in canonical_json(unstructure(found.customer)).decode()
    with pytest.raises(NotFound):
        glance(kit, "C-9")


def test_a_home_branch_is_registered(kit: Kit) -> None:
    """A record that names a branch which is not registered is refused."""
    with pytest.raises(Refused, match="the branch 'B-9' is not registered"):
        kit.do(people.register("C-2", home_branch="B-9"))


# -- classified


def classify(scheme: str = "house.identification", **facts: Any) -> ClassifyCustomer:
    """Return the command that asks for a tier."""
    told = FrozenMap(facts)
    return ClassifyCustomer("C-1", scheme, facts=told, reason="review", approved_by="S-1", by=MANAGER, at=at(1))


def test_a_tier_policy_puts_the_customer_into_a_class(kit: Kit) -> None:
    """customers:TIER-01, customers:TIER-02, customers:TIER-33: by the scheme in force, with what it is and why."""
    kit.do(classify(financial_assets="100000", currency="CNY"))
    found = kit.get(Customer, "C-1")

    assert "potential" == found.service_class
    assert ("quality", "house.identification", "S-1") == (
        found.tiers[0].tier,
        found.tiers[0].policy,
        found.tiers[0].approved_by,
    )


def test_what_somebody_owns_is_not_in_the_journal(kit: Kit) -> None:
    """The facts that a tier was decided by are kept beside the journal, and nowhere in it."""
    kit.do(classify(financial_assets="123456789", currency="CNY"))
    with kit.store.transaction(write=False) as tx:
        text = "".join(entry.text for entry in tx.read())

    assert "123456789" not in text
    assert "house.identification" in text


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        (classify("lobby-identification", balance="1"), ["not_configured"]),
        (classify(financial_assets="much", shoes="1"), ["not_the_type", "unknown_fact"]),
        (classify(), ["not_told"]),
        (classify("house.nothing"), ["no_policy"]),
        (classify(vip=True), ["not_for_telling"]),
    ],
    ids=["not configured", "wrong facts", "not told", "no policy", "says they are admitted"],
)
def test_a_tier_that_cannot_be_told_is_refused(kit: Kit, command: ClassifyCustomer, codes: list[str]) -> None:
    """customers:TIER-02: a setting that is missing is an answer of its own; nothing is taken in its place."""
    with pytest.raises(Refused) as caught:
        kit.do(command)

    assert codes == [one.code for one in caught.value.refusals]


@pytest.mark.parametrize("admitted_first", [True, False])
def test_whoever_is_admitted_stays_vip_whatever_the_lobby_sees(kit: Kit, admitted_first: bool) -> None:
    """customers:TIER-01: admission makes the VIP, before or after the lobby has looked at what is on the account."""
    low = attrs.evolve(classify(financial_assets="1000", currency="CNY", directly_judged=False), at=at(2))
    admitted = attrs.evolve(
        classify("house.admission", average_assets="1500000", currency="CNY"), at=at(1 if admitted_first else 3)
    )
    for command in sorted((low, admitted), key=lambda one: one.at):
        kit.do(attrs.evolve(command, recorded_at=command.at))
    found = kit.get(Customer, "C-1")

    tiers = {one.scheme: one.tier for one in found.tiers}
    assert "vip" == found.service_class
    assert {"house.admission": "vip", "house.identification": "vip" if admitted_first else "ordinary"} == tiers


def test_no_fact_follows_from_what_was_decided_later(kit: Kit) -> None:
    """customers:TIER-01: an admission of three o'clock makes nobody VIP as of two."""
    admitted = classify("house.admission", average_assets="1500000", currency="CNY")
    kit.do(attrs.evolve(admitted, at=at(3), recorded_at=at(3)))
    late = classify(financial_assets="1000", currency="CNY")
    with pytest.raises(Refused) as caught:
        kit.do(attrs.evolve(late, at=at(2), recorded_at=at(4)))

    assert ["out_of_order"] == [one.code for one in caught.value.refusals]


def test_a_lost_admission_leaves_no_vip(kit: Kit) -> None:
    """customers:TIER-01, customers:TIER-33: the lobby's VIP was so by the admission alone, and ends with it."""
    for hours, scheme, facts in (
        (1, "house.admission", {"average_assets": "1500000", "currency": "CNY"}),
        (2, "house.identification", {}),
        (3, "house.admission", {"average_assets": "5000", "currency": "CNY"}),
    ):
        kit.do(attrs.evolve(classify(scheme, **facts), at=at(hours), recorded_at=at(hours)))

    assert "ordinary" == kit.get(Customer, "C-1").service_class


class Odd:
    """A tier policy that answers as it is told to."""

    id = "odd.policy"
    version = "1"
    scheme = "odd"
    tiers: tuple[str, ...] = ("one",)
    facts = ()
    swing: FrozenMap[Any] = FrozenMap()
    answer: Any = None

    def tier(self, facts: Any, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        """Answer or raise."""
        if isinstance(self.answer, Exception):
            raise self.answer
        answer: Decision[TierAnswer] = self.answer
        return answer


class OddPlugin(BranchkitHooks):
    """Brings the odd policy, and an observer that keeps what it hears."""

    name = "odd"

    def __init__(self) -> None:
        self.policy = Odd()
        self.heard: list[Event] = []

    def branchkit_tier_policies(self, context: HookContext) -> tuple[TierPolicyRecord, ...]:
        """Offer it."""
        return (TierPolicyRecord.of(self.policy),)

    def branchkit_on_event(self, context: EventContext) -> None:
        """Keep it."""
        self.heard.append(context.event)


@pytest.fixture
def odd() -> OddPlugin:
    return OddPlugin()


@pytest.fixture
def odd_kit(odd: OddPlugin) -> Iterator[Kit]:
    plugins = Plugins.load(builtin=(CorePlugin(),), extra=(odd,), entry_points=False)
    with people.open_kit(rules=RuleBook(people.rules().catalog, plugins, Config())) as kit:
        kit.do(people.register(home_branch=None))
        yield kit


def test_a_tier_policy_that_fails_is_named_without_its_words(odd: OddPlugin, odd_kit: Kit) -> None:
    """What a policy raises may be somebody's fortune: only its type and place are told, and nothing is its cause."""
    odd.policy.answer = ValueError("they own a castle")
    with pytest.raises(PluginFailed, match=r"'odd\.policy' raised ValueError in tests\.") as caught:
        odd_kit.do(classify("odd.policy"))

    assert "castle" not in str(caught.value)
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)


@pytest.mark.parametrize(
    "answer",
    [None, Decision("two", Trace(policy="p", version="1")), Decision("one", None)],  # type: ignore[arg-type]
    ids=["nothing", "another tier", "no trace"],
)
def test_a_tier_policy_is_checked(odd: OddPlugin, odd_kit: Kit, answer: Any) -> None:
    """An answer that is no decision, or names a tier that the policy does not have, gets into no journal."""
    odd.policy.answer = answer
    with pytest.raises(PluginFailed, match="answered without a tier of its own"):
        odd_kit.do(classify("odd.policy"))


def test_a_tier_policy_in_code_says_no_service_class(odd: OddPlugin, odd_kit: Kit) -> None:
    """A policy that names no service class leaves the one there is; one that knows nothing says why."""
    odd.policy.answer = Decision("one", Trace(policy="odd.policy", version="1", plugin="odd"))
    odd_kit.do(classify("odd.policy"))
    odd.policy.answer = Decision(Unknown("no data"), Trace(policy="odd.policy", version="1"))

    assert "unclassified" == odd_kit.get(Customer, "C-1").service_class
    with pytest.raises(Refused, match="the tier cannot be told: no data"):
        odd_kit.do(attrs.evolve(classify("odd.policy"), at=at(2), recorded_at=at(2)))


@pytest.mark.parametrize(("tier", "meant"), [("vip", "vip"), ("standard", "ordinary"), ("gold", "unclassified")])
def test_a_tier_policy_in_code_means_the_classes_of_the_scheme_it_stands_in_for(
    odd: OddPlugin, tier: str, meant: str
) -> None:
    """customers:TIER-01: configured for a scheme of the catalog, a plug-in's tiers have the classes that the scheme
    gives to tiers of those codes; one that the scheme does not have means none.
    """
    odd.policy.tiers = ("standard", "gold", "vip")
    odd.policy.answer = Decision(tier, Trace(policy="odd.policy", version="1", plugin="odd"))
    plugins = Plugins.load(builtin=(CorePlugin(),), extra=(odd,), entry_points=False)
    used = """
schema = "branchkit.config/1"

[[use]]
what = "tier_policy"
key = "odd.policy"
tier_scheme = "house.admission"
"""
    book = RuleBook(people.rules().catalog, plugins, Config.from_toml(used, source="used.toml"))
    with people.open_kit(rules=book) as kit:
        kit.do(people.register())
        kit.do(classify("house.admission"))
        found = kit.get(Customer, "C-1")

    assert (meant, "odd.policy") == (found.service_class, found.tiers[0].policy)


def test_observers_hear_without_what_is_personal(odd: OddPlugin, odd_kit: Kit) -> None:
    """A plug-in that listens is told what happened to whom, and no value."""
    assert [event for event in odd.heard if getattr(event, "customer", "") == "C-1"]
    assert "Ping" not in "".join(canonical_json(unstructure(event)).decode() for event in odd.heard)


# -- erased


def test_erasing_reaches_wherever_the_customer_stands(kit: Kit) -> None:
    """customers:PRV-02: the record, cases by fact and by place, their sheets and what took their place."""
    kit.do(people.wishes("SH-1", "a wish"))
    kit.do(people.care("X-1", "C-1", note="a note"))
    kit.do(people.talked("X-1", "SH-1", reason="a reason"))
    kit.do(people.care("X-2", "C-1", note="a note", place=True))
    kit.do(people.wishes("SH-2", "a wish", about="C-1"))
    kit.do(people.wishes("SH-3", "another wish"))
    outcome = kit.do(people.erase())

    assert ["case:X-1", "case:X-2", "sheet:SH-1", "sheet:SH-2"] == outcome.details["documents"]
    words = {one.id: [answer.words for answer in one.answers] for one in kit.find(Sheet)}
    assert [None, "erased"] == words["SH-1"]
    assert [None, "another wish"] == words["SH-3"]
    assert [["X-1", "X-2"]] == [[case.id for case in kit.find(Case, customer="C-1")]]


def test_what_is_told_after_an_erasure_is_erased_too(kit: Kit) -> None:
    """customers:PRV-02: a case that was open goes on and says something; erasing again destroys that, and once more
    finds nothing.
    """
    kit.do(people.care("X-1", "C-1", note="a note"))
    kit.do(people.erase())
    kit.do(people.wishes("SH-1", "a late wish", hours=51))
    kit.do(people.talked("X-1", "SH-1", hours=52, reason="a late reason"))
    kit.do(people.wishes("SH-2", "another late wish", hours=53, about="C-1"))
    again, nothing = (kit.do(people.erase(hours=hours)) for hours in (54, 55))

    assert ["case:X-1", "sheet:SH-1", "sheet:SH-2"] == again.details["documents"]
    assert () == nothing.events
    with kit.store.transaction(write=False) as tx:
        assert not any("late" in (one.value or "") for one in tx.sealed())
    assert kit.verify().ok


def test_an_erasure_leaves_every_chain_whole_and_is_accounted_for(kit: Kit) -> None:
    """`verify` is content right after, and counts what can no longer be compared; a rebuild changes nothing."""
    before = kit.verify().erased
    kit.do(people.erase())
    verified, replaced = kit.verify(), kit.rebuild()

    assert (True, 0, 10) == (verified.ok, before, verified.erased)
    assert 0 == replaced.changed + replaced.added + replaced.removed


def test_an_erasure_takes_a_right(kit: Kit) -> None:
    """Who may not erase does not."""
    with pytest.raises(NotPermitted):
        kit.do(people.erase(by=MANAGER))
    with pytest.raises(NotPermitted):
        kit.do(ApplyRetention("C-1", by=HEAD, at=at(1)))


def test_a_hold_keeps_everything(kit: Kit) -> None:
    """customers:PRV-14: with a hold nothing is erased, by nobody."""
    kit.do(HoldCustomer("C-1", "aml_report", by=AML, at=at(1)))
    with pytest.raises(Refused, match="customers:PRV-14"):
        kit.do(people.erase())

    assert kit.see("C-1", purpose="service", by=MANAGER, at=at(2)).customer.name == "Ping name"


def test_whoever_gives_an_old_command_again_is_answered_as_before(kit: Kit) -> None:
    """After an erasure nobody can tell whether it was the same, so the outcome of then is given again."""
    kit.do(people.erase())

    assert kit.do(people.register()).repeated
    assert kit.do(people.erase()).repeated


def test_a_customer_comes_back(kit: Kit) -> None:
    """After an erasure a new record may be opened, and the old values stay gone."""
    kit.do(people.erase())
    kit.do(people.register(told=people.particulars("Pong"), hours=60))

    assert kit.see("C-1", purpose="service", by=MANAGER, at=at(61)).customer.name == "Pong name"
    assert kit.verify().ok


def test_withdrawing_erases_values_in_the_journal_too(kit: Kit) -> None:
    """customers:PRV-10, customers:PRV-22: what was kept for recognition alone is destroyed; the name is not."""
    kit.do(WithdrawConsent("C-1", "recognition", by=LOBBY, at=at(1)))
    with kit.store.transaction(write=False) as tx:
        values = [one.value for one in tx.sealed() if one.value is not None]

    assert not any("plate" in value for value in values)
    assert any("Ping name" in value for value in values)
    assert kit.verify().ok
    assert 0 == kit.rebuild().changed


# -- swept


def test_a_sweep_erases_what_is_over_and_tells_what_is_not_set(kit: Kit) -> None:
    """A silent prospect is erased after a year, what has no ground after thirty days, a hold keeps,
    and of a closed relationship the term is told to be not configured.
    """
    short = people.agreed("recognition", expires_at=at(9))
    kit.do(people.register("C-2", PROSPECT, consents=people.agreed("contact"), stage="prospect"))
    kit.do(people.register("C-3", people.particulars("Pung"), consents=short))
    kit.do(people.register("C-4", told=people.particulars("Peng")))
    kit.do(MoveCustomer("C-4", "closed", reason="left", by=MANAGER, at=at(1)))
    kit.do(HoldCustomer("C-2", "dispute", by=AML, at=at(2)))
    year = at(24 * 366)

    def came(**more: Any) -> dict[str, tuple[bool, tuple[str, ...], tuple[str, ...]]]:
        return {one.customer: (one.erased, one.kept.data, one.kept.not_configured) for one in kit.retain(year, **more)}

    dry = came(dry_run=True)
    wet = came()

    assert {"C-2", "C-3", "C-4"} == dry.keys()
    assert not any(erased for erased, _, _ in dry.values())
    assert (False, (), ()) == wet["C-2"]
    assert (True, ("biometric",), ()) == wet["C-3"]
    assert (True, ("closed-relationships",)) == (wet["C-4"][0], wet["C-4"][2])
    (forgotten, _) = happened(kit, DataForgotten)
    assert isinstance(forgotten, DataForgotten)
    assert ("retention:no-basis", ("biometric",)) == (forgotten.reason, forgotten.forgets)
    assert kit.verify().ok
    assert {} == {id: one for id, one in came().items() if one[0]}


def test_a_sweep_erases_a_whole_record_once_its_term_is_over(kit: Kit) -> None:
    """A prospect of whom nothing was heard for a year is erased as on demand, with the term for a reason."""
    kit.do(people.register("C-2", PROSPECT, consents=people.agreed("contact"), stage="prospect"))
    (came,) = [one for one in kit.retain(at(24 * 366)) if one.customer == "C-2"]
    (erased,) = happened(kit, CustomerErased)

    assert came.erased
    assert isinstance(erased, CustomerErased)
    assert ("retention:silent-prospects", ("customers:PRV-22",)) == (erased.reason, erased.rules)
    assert kit.get(Customer, "C-2").erased


def test_a_sweep_takes_a_right(kit: Kit) -> None:
    """Nobody sweeps who was not granted it."""
    with pytest.raises(NotPermitted):
        list(kit.retain(at(1), by=Actor("somebody", system=True)))


def test_what_cannot_be_erased_is_told_and_the_rest_goes_on(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that changed between looking and erasing is told with its reason; a conflict is tried one by one."""
    from branchkit.kit import retaining

    short = people.agreed("recognition", expires_at=at(9))
    kit.do(people.register("C-2", people.particulars("Pong"), consents=short))
    looked = retaining.retention_of
    late = at(24 * 366)

    def meanwhile(*args: Any, **more: Any) -> Any:
        found = looked(*args, **more)
        monkeypatch.setattr(retaining, "retention_of", looked)
        kit.do(HoldCustomer("C-2", "dispute", by=AML, at=late))
        return found

    def order(policy: Any, customer: Customer, **more: Any) -> Any:
        return meanwhile(policy, customer, **more) if customer.id == "C-2" else looked(policy, customer, **more)

    monkeypatch.setattr(retaining, "retention_of", order)
    (came,) = list(kit.retain(late))

    assert isinstance(came, Retained)
    assert isinstance(came.failed, Refused)
    assert not came.erased


def test_every_event_of_a_customer_is_guarded() -> None:
    """Whatever happens to a record is told without its values."""
    from branchkit.customers import CustomerEvent
    from branchkit.personal import Guarded

    assert all(issubclass(kind, Guarded) for kind in EVENTS.values() if issubclass(kind, CustomerEvent))


def test_a_disclosure_is_decided_and_logged(kit: Kit) -> None:
    """customers:PRV-01, customers:PRV-04: the answer says whether, and by which rules not."""
    outcome = kit.do(AskDisclosure("C-1", "spouse", "family_disclosure", data=("assets",), by=TELLER, at=at(1)))

    assert {"granted": False, "codes": ["no_consent"], "rules": ["customers:PRV-04"]} == dict(outcome.details)


def test_consent_and_labels_through_the_kit(kit: Kit) -> None:
    """customers:PRF-11, customers:PRV-06: what was agreed to and tagged can be read by everybody."""
    label = Label(code="chess", source="talk", updated_at=at(1))
    kit.do(GiveConsent("C-1", "group_chat", by=MANAGER, at=at(1)))
    kit.do(LabelCustomer("C-1", labels=(label,), by=MANAGER, at=at(1)))
    found = kit.get(Customer, "C-1")

    assert found.consent("group_chat", at(1))
    assert (label,) == found.labels


def test_no_policy_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a privacy policy nothing is kept of anybody."""
    with people.open_kit() as kit:

        def none(self: RuleBook, id: str = "standard") -> Any:
            raise NotFound("privacy_policy", id)

        monkeypatch.setattr(RuleBook, "privacy_policy", none)
        with pytest.raises(Refused, match="No privacy_policy 'standard'"):
            kit.do(people.register())
        with pytest.raises(Refused, match="No privacy_policy"):
            kit.do(EraseCustomer("C-1", "customer_request", by=HEAD, at=at(1)))
