"""Every law of credit policies passes what keeps it and catches a saboteur that breaks it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from branchkit.catalog import Catalog
from branchkit.customers import CreditPolicy, CreditScheme, CreditShare, Deal, NotShared, Shared, Sharing
from branchkit.errors import BranchkitError
from branchkit.testing.credit import CreditPolicyLaws
from branchkit.testing.laws import law_names
from branchkit.trace import Decision, Trace
from branchkit.values import FrozenMap, Text
from tests.unit.customers.schemes import APPROVED, edition, scheme

THIRDS = scheme(
    edition(
        ratios=FrozenMap({"referrer": Decimal("0.333"), "receiver": Decimal("0.333"), "closer": Decimal("0.334")}),
        remainder="closer",
        quantum=Decimal(5),
        currency="points",
        measure="points",
        at_least=FrozenMap({"standard_rate": Decimal("0.8")}),
    )
)


class TestApproved(CreditPolicyLaws):
    """A scheme that somebody has approved."""

    def make_policy(self) -> CreditPolicy:
        """Return it."""
        return APPROVED


class TestThirds(CreditPolicyLaws):
    """A scheme that pays in fives, by thirds, to whoever keeps a rate."""

    def make_policy(self) -> CreditPolicy:
        """Return it."""
        return THIRDS


class TestShipped(CreditPolicyLaws):
    """The scheme that comes with branchkit and shares nothing."""

    def make_policy(self) -> CreditPolicy:
        """Return it."""
        shipped = Catalog().get("credit_scheme", "standard")
        assert isinstance(shipped, CreditScheme)
        return shipped


@attrs.frozen
class _Saboteur:
    """The approved scheme, with one thing wrong."""

    scheme: CreditScheme = APPROVED

    @property
    def id(self) -> str:
        return self.scheme.id

    @property
    def version(self) -> str:
        return self.scheme.version

    def share(self, deal: Deal) -> Decision[Sharing]:
        decision = self.scheme.share(deal)
        value = decision.value
        return attrs.evolve(decision, value=self.changed(value, deal)) if isinstance(value, Shared) else decision

    def changed(self, shared: Shared, deal: Deal) -> Sharing:
        return shared


class _Shareless:
    id = "acme.shareless"
    version = "1"


class _Wordless(_Saboteur):
    def share(self, deal: Deal) -> Decision[Sharing]:
        decision = self.scheme.share(deal)
        if isinstance(decision.value, Shared):
            return decision
        return attrs.evolve(decision, value=attrs.evolve(decision.value, why=Text(en="no")))


class _Keeps(_Saboteur):
    """Keeps a part for the bank."""

    def changed(self, shared: Shared, deal: Deal) -> Sharing:
        rest = shared.shares[1:]
        return attrs.evolve(shared, shares=rest, amount=sum((one.amount for one in rest), Decimal(0)))


class _RoundsDown(_Saboteur):
    """Rounds losses away from zero, as floor division does."""

    def changed(self, shared: Shared, deal: Deal) -> Sharing:
        if shared.amount >= 0:
            return shared
        cent = Decimal("0.01")
        first, *between, last = shared.shares
        shares = (attrs.evolve(first, amount=first.amount - cent), *between)
        return attrs.evolve(shared, shares=(*shares, attrs.evolve(last, amount=last.amount + cent)))


class _PaysAFriend(_Saboteur):
    def changed(self, shared: Shared, deal: Deal) -> Sharing:
        first, *rest = shared.shares
        return attrs.evolve(shared, shares=(attrs.evolve(first, staff="S-77"), *rest))


class _FirstTakesAll(_Saboteur):
    """Gives all that a role has to the first who has it."""

    def changed(self, shared: Shared, deal: Deal) -> Sharing:
        by_role: dict[str, list[CreditShare]] = {}
        for one in shared.shares:
            by_role.setdefault(one.role, []).append(one)
        shares: list[CreditShare] = []
        for first, *others in by_role.values():
            whole = sum((one.amount for one in others), first.amount)
            shares += [attrs.evolve(first, amount=whole), *(attrs.evolve(one, amount=Decimal(0)) for one in others)]
        return attrs.evolve(shared, shares=tuple(shares))


class _ByOrder(_Saboteur):
    """Gives a cent more to whoever is named first."""

    def changed(self, shared: Shared, deal: Deal) -> Sharing:
        holders = next(iter(deal.parts.values()))
        if len(holders) < 2:
            return shared
        role = next(iter(deal.parts))
        cents = {(holders[0], role): Decimal("0.01"), (holders[1], role): Decimal("-0.01")}
        return attrs.evolve(
            shared,
            shares=tuple(
                attrs.evolve(one, amount=one.amount + cents.get((one.staff, one.role), Decimal(0)))
                for one in shared.shares
            ),
        )


class _AsksTheClock(_Saboteur):
    def share(self, deal: Deal) -> Decision[Sharing]:
        assert dt.datetime.now(dt.UTC) is not None
        return self.scheme.share(deal)


class _AnybodyApproves(_Saboteur):
    def share(self, deal: Deal) -> Decision[Sharing]:
        return self.scheme.share(attrs.evolve(deal, approved_by=()))


class _TableApproverIsPaid(_Saboteur):
    """Looks at who approves the deal, and not at who approved the table."""

    def share(self, deal: Deal) -> Decision[Sharing]:
        if not deal.interested.isdisjoint(deal.approved_by):
            return self.scheme.share(deal)
        return self.scheme.share(attrs.evolve(deal, acted_for=()))


class _ForgetsWhomADelegateActsFor(_Saboteur):
    def share(self, deal: Deal) -> Decision[Sharing]:
        return self.scheme.share(attrs.evolve(deal, acted_for=()))


class _PaysForAll(_Saboteur):
    def share(self, deal: Deal) -> Decision[Sharing]:
        return self.scheme.share(attrs.evolve(deal, case=1, meets_standard=None))


class _Unexplained(_Saboteur):
    def share(self, deal: Deal) -> Decision[Sharing]:
        return Decision(self.scheme.share(deal).value, Trace(policy=self.id, version=self.version))


class _Floats(_Saboteur):
    def changed(self, shared: Shared, deal: Deal) -> Sharing:
        ratio: Any = 0.1 + 0.2
        return attrs.evolve(shared, shares=tuple(attrs.evolve(one, ratio=ratio) for one in shared.shares))


BROKEN: dict[str, Any] = {
    "test_it_offers_what_a_policy_offers": _Shareless(),
    "test_any_deal_is_shared_or_told_why": _Wordless(),
    "test_shares_add_up_to_the_whole": _Keeps(),
    "test_a_loss_is_shared_as_the_profit_would_be": _RoundsDown(),
    "test_only_those_who_have_a_role_are_credited": _PaysAFriend(),
    "test_people_in_one_role_share_alike": _FirstTakesAll(),
    "test_the_order_of_people_decides_nothing": _ByOrder(),
    "test_the_same_deal_gives_the_same_decision": _AsksTheClock(),
    "test_who_approves_is_no_payee": _AnybodyApproves(),
    "test_what_has_no_share_is_not_shared": _PaysForAll(),
    "test_the_decision_is_explained": _Unexplained(),
    "test_shares_can_be_kept": _Floats(),
}


def _laws(policy: Any) -> CreditPolicyLaws:
    class Laws(CreditPolicyLaws):
        phases = (Phase.generate,)
        examples = 80

        def make_policy(self) -> CreditPolicy:
            made: CreditPolicy = policy
            return made

        def make_deal(self) -> Deal:
            class Plain(CreditPolicyLaws):
                def make_policy(self) -> CreditPolicy:
                    return APPROVED

            return Plain().make_deal()

    return Laws()


def test_every_law_has_a_saboteur() -> None:
    """No law is without something that it catches."""
    assert set(law_names(CreditPolicyLaws)) == set(BROKEN)


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_catches_its_saboteur(law: str) -> None:
    """The law fails on a policy that breaks it."""
    with pytest.raises((AssertionError, BranchkitError)):
        getattr(_laws(BROKEN[law]), law)()


class _PaidScheme(CreditScheme):
    """A scheme that pays whoever approved its table."""

    def share(self, deal: Deal) -> Decision[Sharing]:
        return _TableApproverIsPaid().share(deal)


@pytest.mark.parametrize(
    "policy", [_ForgetsWhomADelegateActsFor(), _PaidScheme(**attrs.asdict(APPROVED, recurse=False))]
)
def test_nobody_approves_what_is_paid_in_their_place(policy: Any) -> None:
    """The law about approvers also catches who pays a delegate of theirs, or whoever approved the table."""
    with pytest.raises(AssertionError, match="has a part in it"):
        _laws(policy).test_who_approves_is_no_payee()


def test_a_scheme_that_shares_nothing_is_skipped_with_the_reason() -> None:
    """Laws about shares have nothing to try on a scheme that is switched off, and say so."""
    laws = TestShipped()

    with pytest.raises(pytest.skip.Exception, match="nothing that was drawn is shared"):
        laws.test_shares_add_up_to_the_whole()


def test_shares_that_are_not_the_whole_cannot_be_made() -> None:
    """What a policy answers adds up before any law looks at it."""
    shared = APPROVED.share(_laws(APPROVED).make_deal()).value
    assert not isinstance(shared, NotShared)

    with pytest.raises(ValueError, match="add up to 1000, got 700"):
        attrs.evolve(shared, shares=shared.shares[1:])
