"""Every law of assignment policies passes what keeps it and catches a saboteur that breaks it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import Phase
from hypothesis.errors import Flaky

from branchkit.customers import (
    ASSIGNMENT_SCHEMES,
    AssignmentPolicy,
    AssignmentRequest,
    AssignmentScheme,
    Candidate,
    Pool,
    least_loaded,
)
from branchkit.testing.assigning import AssignmentPolicyLaws
from branchkit.testing.laws import law_names
from branchkit.trace import Decision, Trace
from branchkit.values import Text


class TestRoundRobin(AssignmentPolicyLaws):
    """Whose turn it is."""

    def make_policy(self) -> AssignmentPolicy:
        """Return it."""
        return ASSIGNMENT_SCHEMES["round-robin"]


class TestLeastLoaded(AssignmentPolicyLaws):
    """Who has least."""

    def make_policy(self) -> AssignmentPolicy:
        """Return it."""
        return ASSIGNMENT_SCHEMES["least-loaded"]


class TestWeighted(AssignmentPolicyLaws):
    """Whose share is due."""

    def make_policy(self) -> AssignmentPolicy:
        """Return it."""
        return ASSIGNMENT_SCHEMES["weighted"]


class TestBySkill(AssignmentPolicyLaws):
    """Who can do little else."""

    def make_policy(self) -> AssignmentPolicy:
        """Return it."""
        return ASSIGNMENT_SCHEMES["by-skill"]


class TestByField(AssignmentPolicyLaws):
    """Who looks after it."""

    def make_policy(self) -> AssignmentPolicy:
        """Return it."""
        return ASSIGNMENT_SCHEMES["by-field"]


class TestBounded(AssignmentPolicyLaws):
    """Who looks after it and has not too much already."""

    def make_policy(self) -> AssignmentPolicy:
        """Return it."""
        return AssignmentScheme(
            "bounded", version="2", title=Text(zh="限量", en="Bounded"), order="weighted", by=("district",), most=3
        )


@attrs.define
class _Saboteur:
    """The policy by weight, with one thing wrong."""

    scheme: AssignmentScheme = ASSIGNMENT_SCHEMES["weighted"]

    @property
    def id(self) -> str:
        return self.scheme.id

    @property
    def version(self) -> str:
        return self.scheme.version

    @property
    def capabilities(self) -> frozenset[str]:
        return self.scheme.capabilities

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        return self.scheme.assign(request, pool)


class _Boasts(_Saboteur):
    @property
    def capabilities(self) -> frozenset[str]:
        return frozenset({"fair"})


class _Blind(_Saboteur):
    """Takes whoever has least, whether they may have it or not."""

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        everybody = Pool.of(attrs.evolve(one, state="available") for one in pool)
        plain = attrs.evolve(request, posts=frozenset(), skills=frozenset(), conflicts=())
        return self.scheme.assign(plain, everybody)


class _AlwaysSomebody(_Saboteur):
    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        decision = self.scheme.assign(request, pool)
        return attrs.evolve(decision, value=decision.value or "S-1")


class _Remembers(_Saboteur):
    """Goes by what it has decided before, not by the pool."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.seen = seen

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        for staff in self.seen[-3:]:
            if staff in pool and len(pool) > 1:
                pool = pool.standing(staff, "absent")
        decision = self.scheme.assign(request, pool)
        if decision.value is not None:
            self.seen.append(decision.value)
        return decision


class _AsksTheClock(_Saboteur):
    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        assert dt.datetime.now(dt.UTC) is not None
        return self.scheme.assign(request, pool)


class _Unexplained(_Saboteur):
    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        trace = Trace(policy=self.id, version=self.version, inputs=(request.subject,))
        return Decision(self.scheme.assign(request, pool).value, trace)


class _Lazy(_Saboteur):
    """Gives nothing to anybody who has something already."""

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        return attrs.evolve(self.scheme, most=1).assign(request, pool)


class _FirstById(_Saboteur):
    """Gives everything to the first by id."""

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        first = pool.first(_nothing, request)
        decision = self.scheme.assign(request, pool)
        return attrs.evolve(decision, value=None if first is None else first.staff)


class _NoWeights(_Saboteur):
    """Goes by load, whatever the weights."""

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        first = pool.first(least_loaded, request)
        decision = self.scheme.assign(request, pool)
        return attrs.evolve(decision, value=None if first is None else first.staff)


def _nothing(candidate: Candidate) -> tuple[Any, ...]:
    return ()


BROKEN: dict[str, _Saboteur] = {
    "test_it_offers_what_a_policy_offers": _Boasts(),
    "test_nobody_gets_what_they_must_not_have": _Blind(),
    "test_an_empty_pool_gives_it_to_nobody": _AlwaysSomebody(),
    "test_the_same_request_gives_the_same_decision": _AsksTheClock(),
    "test_the_decision_is_explained": _Unexplained(),
    "test_somebody_gets_it_while_anybody_may": _Lazy(),
    "test_nobody_is_ever_two_ahead": _FirstById(),
    "test_shares_keep_to_weights": _NoWeights(),
}


def _laws(policy: Any) -> AssignmentPolicyLaws:
    class Laws(AssignmentPolicyLaws):
        phases = (Phase.generate,)
        examples = 80

        def make_policy(self) -> AssignmentPolicy:
            made: AssignmentPolicy = policy
            return made

    return Laws()


def test_every_law_has_a_saboteur() -> None:
    """No law is without something that it catches."""
    assert set(law_names(AssignmentPolicyLaws)) == set(BROKEN)


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_catches_its_saboteur(law: str) -> None:
    """The law fails on a policy that breaks it."""
    with pytest.raises(AssertionError):
        getattr(_laws(BROKEN[law]), law)()


def test_what_a_policy_keeps_to_itself_is_seen() -> None:
    """A policy that goes by what it has decided before decides by something that is not in the pool."""
    with pytest.raises((AssertionError, Flaky)):
        _laws(_Remembers([])).test_the_same_request_gives_the_same_decision()
