"""The laws of a credit policy: inherit `CreditPolicyLaws`, say how to make the policy and what it shares, run pytest.

::

    class TestOurPolicy(CreditPolicyLaws):
        def make_policy(self):
            return OurPolicy()

        def make_deal(self):
            return Deal("D-1", amount=Decimal(1000), …)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import strategies as st

from branchkit.codec import structure, unstructure
from branchkit.customers import (
    CREDIT_ROLES,
    CreditEdition,
    CreditPolicy,
    CreditScheme,
    CreditShare,
    Deal,
    NotShared,
    Shared,
)
from branchkit.scoring.exact import decimal_sum, exact_decimal
from branchkit.scoring.score import plugin_of
from branchkit.testing.laws import Laws
from branchkit.testing.watching import clock_and_chance
from branchkit.values import FrozenMap, Ref

__all__ = ["CreditPolicyLaws"]

_ZONE = dt.timezone(dt.timedelta(hours=8))
_HOUR = dt.timedelta(hours=1)
_STAFF = tuple(f"S-{number}" for number in range(1, 7))


class CreditPolicyLaws(Laws):
    """What every credit policy must do."""

    def make_policy(self) -> CreditPolicy:
        """Return the policy; a new one each time it is asked for."""
        raise NotImplementedError

    def make_deal(self) -> Deal:
        """Return a deal that the policy shares; by default one that suits a scheme's last approved edition."""
        edition = self._edition()
        roles: tuple[str, ...] = CREDIT_ROLES
        day, measures = dt.date(2026, 3, 2), FrozenMap[Decimal]()
        measure, currency = "profit", "CNY"
        if edition is not None:
            roles, day, measures = tuple(edition.ratios), edition.valid_from, edition.at_least
            measure, currency = edition.measure, edition.currency
        sold_at = dt.datetime.combine(day, dt.time(15), _ZONE)
        return Deal(
            "D-1",
            amount=Decimal(1000),
            currency=currency,
            measure=measure,
            sold_at=sold_at,
            lead_at=sold_at - _HOUR,
            case=1,
            parts=FrozenMap(dict.fromkeys(roles, _STAFF[:1])),
            measures=measures,
        )

    def quantum(self) -> Decimal:
        """Return the least amount that is paid; by default the least that a scheme's last approved edition pays."""
        edition = self._edition()
        return Decimal("0.01") if edition is None else edition.quantum

    def _approvers(self, deal: Deal) -> frozenset[str]:
        policy = self.make_policy()
        return policy.approvers(deal) if isinstance(policy, CreditScheme) else frozenset()

    def _edition(self) -> CreditEdition | None:
        policy = self.make_policy()
        editions = policy.editions if isinstance(policy, CreditScheme) else ()
        return next((edition for edition in reversed(editions) if edition.approved_by is not None), None)

    def test_it_offers_what_a_policy_offers(self) -> None:
        """A policy has an id and a version, and shares."""
        assert isinstance(self.make_policy(), CreditPolicy), "it lacks something that `CreditPolicy` asks for"

    def test_any_deal_is_shared_or_told_why(self) -> None:
        """Whatever the deal, it is shared, or there is a code and words in both languages that say why it is not."""
        policy = self.make_policy()

        def fact(deal: Deal) -> None:
            value: Any = policy.share(deal).value
            assert isinstance(value, Shared | NotShared), f"the value is a {type(value).__name__}"
            if isinstance(value, NotShared):
                assert value.code.strip(), "it is not shared, and there is no code"
                assert value.why.zh.strip(), "it is not shared, and there are no words in Chinese"
                assert value.why.en.strip(), "it is not shared, and there are no words in English"

        self.for_all(self._deals(odd=True), fact, what="a deal")

    def test_shares_add_up_to_the_whole(self) -> None:
        """What people are credited with is the deal's amount in its currency, exactly, in decimals."""

        def fact(deal: Deal, shared: Shared) -> None:
            assert (shared.deal, shared.currency) == (deal.id, deal.currency), "these are shares of something else"
            kinds = {type(one.amount).__name__ for one in shared.shares}
            assert kinds <= {"Decimal"}, f"amounts are {', '.join(sorted(kinds))}"
            whole = decimal_sum(one.amount for one in shared.shares)
            assert whole == deal.amount, f"{deal.amount} is shared as {whole}"

        self._for_shared(fact)

    def test_a_loss_is_shared_as_the_profit_would_be(self) -> None:
        """The same amount below zero takes from each exactly what the one above it gives."""
        policy = self.make_policy()

        def fact(deal: Deal, shared: Shared) -> None:
            other = policy.share(attrs.evolve(deal, amount=deal.amount.copy_negate())).value
            assert isinstance(other, Shared), "one way it is shared, and the other way not"
            assert _amounts(other, sign=-1) == _amounts(shared), f"{shared.say()} is no mirror of {other.say()}"

        self._for_shared(fact)

    def test_only_those_who_have_a_role_are_credited(self) -> None:
        """Each is credited once for a role that they have in the deal, and nobody pays for somebody else."""

        def fact(deal: Deal, shared: Shared) -> None:
            given = [(one.staff, one.role) for one in shared.shares]
            assert len(set(given)) == len(given), f"somebody is credited twice for one role: {given}"
            for one in shared.shares:
                assert one.staff in deal.parts.get(one.role, ()), f"{one.staff} is not {one.role} of the deal"
                assert one.amount * deal.amount >= 0, f"{one} goes against {deal.amount}"

        self._for_shared(fact)

    def test_people_in_one_role_share_alike(self) -> None:
        """What two people in one role are credited with differs by the least amount at most."""
        quantum = self.quantum()

        def fact(deal: Deal, shared: Shared) -> bool:
            several = [role for role, holders in deal.parts.items() if len(holders) > 1]
            for role in several:
                amounts = [Fraction(one.amount) for one in shared.shares if one.role == role]
                assert len(amounts) in (0, len(deal.parts[role])), f"only some who are {role} are credited"
                apart = max(amounts, default=0) - min(amounts, default=0)
                assert apart <= Fraction(quantum), f"two who are {role} are {apart} apart"
            return bool(several)

        self._for_shared(fact)

    def test_the_order_of_people_decides_nothing(self) -> None:
        """Roles and people named in another order are credited with the same."""
        policy = self.make_policy()

        def fact(deal: Deal, shared: Shared) -> None:
            turned = {role: holders[::-1] for role, holders in reversed(list(deal.parts.items()))}
            other = policy.share(attrs.evolve(deal, parts=FrozenMap(turned))).value
            assert isinstance(other, Shared), "in another order it is not shared"
            assert _amounts(other) == _amounts(shared), f"in another order it is {other.say()}, not {shared.say()}"

        self._for_shared(fact)

    def test_the_same_deal_gives_the_same_decision(self) -> None:
        """Asked twice, and by an instance that has shared nothing yet, it decides the same, without clock or chance."""
        used = self.make_policy()

        def fact(deal: Deal) -> None:
            with clock_and_chance() as asked:
                first = used.share(deal)
            assert asked == [], f"it asks {', '.join(asked)}"
            assert first == used.share(deal), "asked again, it decides otherwise"
            assert first == self.make_policy().share(deal), "a new instance decides otherwise"

        self.for_all(self._deals(odd=True), fact, what="a deal")

    def test_who_approves_is_no_payee(self) -> None:
        """Nothing is shared where whoever approves it, or the table, has a role in it, or somebody in their place."""
        policy = self.make_policy()

        def fact(deal: Deal, shared: Shared) -> bool:
            deal = attrs.evolve(deal, acted_for=("S-98",))
            for staff in sorted(deal.interested):
                value = policy.share(attrs.evolve(deal, approved_by=("S-99", staff))).value
                assert not isinstance(value, Shared), f"{staff} has a part in it and approves it"
            for staff in sorted(self._approvers(deal)):
                value = policy.share(attrs.evolve(deal, acted_for=(staff,), approved_by=("S-99",))).value
                assert not isinstance(value, Shared), f"{staff} has a part in it and approved the table"
            return bool(deal.payees)

        self._for_shared(fact)

    def test_what_has_no_share_is_not_shared(self) -> None:
        """In the third case, below the standard, and without a referral recorded before the sale there is nothing."""
        policy = self.make_policy()

        def fact(deal: Deal, shared: Shared) -> None:
            for told, change in _WITHOUT_SHARE.items():
                value = policy.share(change(deal)).value
                assert not isinstance(value, Shared), f"it is shared {told}"

        self._for_shared(fact)

    def test_the_decision_is_explained(self) -> None:
        """The trace names policy, version, plug-in and deal, and says in both languages why."""
        policy = self.make_policy()
        named = (policy.id, policy.version, plugin_of(policy.id))

        def fact(deal: Deal) -> None:
            trace = policy.share(deal).trace
            told = (trace.policy, trace.version, trace.plugin)
            assert named == told, f"the policy is {named}, the trace says {told}"
            assert Ref("deal", deal.id) in trace.inputs, "the trace does not name the deal"
            assert trace.steps, "the trace has no step"
            for step in trace.steps:
                assert step.what.zh.strip(), f"a step has no words in Chinese: {step.what.en}"
                assert step.what.en.strip(), f"a step has no words in English: {step.what.zh}"

        self.for_all(self._deals(odd=True), fact, what="a deal")

    def test_shares_can_be_kept(self) -> None:
        """Shares written as plain data, as the journal keeps them, come back the same."""

        def fact(deal: Deal, shared: Shared) -> None:
            assert shared == structure(Shared, unstructure(shared), source="<shares>"), "they come back as others"

        self._for_shared(fact)

    # -- how they try

    def _for_shared(self, fact: Callable[[Deal, Shared], bool | None]) -> None:
        policy = self.make_policy()

        def of_deal(deal: Deal) -> bool:
            value = policy.share(deal).value
            return isinstance(value, Shared) and fact(deal, value) is not False

        self.for_all(self._deals(), of_deal, what="shared")

    def _deals(self, *, odd: bool = False) -> st.SearchStrategy[Deal]:
        """Draw deals of many amounts and people; `odd` ones need not be such as are shared."""
        plain, quantum = self.make_deal(), Fraction(self.quantum())
        counts = st.integers(-(10**7), 10**7) | st.integers(-30, 30)
        holders = st.lists(st.sampled_from(_STAFF), min_size=1, max_size=3, unique=True).map(tuple)

        @st.composite
        def deals(draw: st.DrawFn) -> Deal:
            amount = exact_decimal(draw(counts) * quantum)
            parts = {role: draw(holders) for role in plain.parts}
            deal = attrs.evolve(plain, amount=amount, parts=FrozenMap(parts))
            if odd and draw(st.booleans()):
                deal = draw(st.sampled_from(list(_WITHOUT_SHARE.values())))(deal)
            if odd and parts and draw(st.booleans()):
                gone = draw(st.sampled_from(sorted(parts)))
                deal = attrs.evolve(deal, parts=FrozenMap({role: parts[role] for role in parts if role != gone}))
            return deal

        return deals()


_WITHOUT_SHARE: dict[str, Callable[[Deal], Deal]] = {
    "in the third case": lambda deal: attrs.evolve(deal, case=3),
    "below the standard": lambda deal: attrs.evolve(deal, case=2, meets_standard=False),
    "without a referral": lambda deal: attrs.evolve(deal, lead_at=None),
    "by a referral after the sale": lambda deal: attrs.evolve(deal, lead_at=deal.sold_at + _HOUR),
}


def _amounts(shared: Shared, sign: int = 1) -> dict[tuple[str, str], Fraction]:
    shares: tuple[CreditShare, ...] = shared.shares
    return {(one.staff, one.role): sign * Fraction(one.amount) for one in shares}
