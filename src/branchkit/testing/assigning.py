"""The laws of an assignment policy: inherit `AssignmentPolicyLaws`, say how to make the policy, and run pytest.

::

    class TestOurPolicy(AssignmentPolicyLaws):
        def make_policy(self):
            return OurPolicy()

What a policy declares in its `capabilities` it is held to.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping

from hypothesis import strategies as st

from branchkit.customers import (
    ASSIGNMENT_CAPABILITIES,
    AssignmentPolicy,
    AssignmentRequest,
    Candidate,
    ConflictOfInterest,
    Pool,
    reason_against,
)
from branchkit.scoring.score import plugin_of
from branchkit.testing.laws import Laws
from branchkit.testing.watching import clock_and_chance
from branchkit.values import FrozenMap, Ref

__all__ = ["AssignmentPolicyLaws"]

_AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_Case = tuple[AssignmentRequest, Pool]
_Week = tuple[tuple[int, ...], int]


class AssignmentPolicyLaws(Laws):
    """What every assignment policy must do, and what each does that declares it."""

    posts: tuple[str, ...] = ("wealth_manager", "wealth_manager_assistant")
    """The posts that people are drawn with."""
    skills: tuple[str, ...] = ("funds", "gold")
    """The skills that people are drawn with."""
    fields: Mapping[str, tuple[str, ...]] = FrozenMap({"district": ("north", "south"), "segment": ("vip", "ordinary")})
    """The fields that people and things are drawn with, and what stands in them."""

    def make_policy(self) -> AssignmentPolicy:
        """Return the policy; a new one each time it is asked for."""
        raise NotImplementedError

    # -- what every policy does

    def test_it_offers_what_a_policy_offers(self) -> None:
        """A policy has an id and a version, assigns, and declares only capabilities that there are."""
        policy = self.make_policy()

        assert isinstance(policy, AssignmentPolicy), "it lacks something that `AssignmentPolicy` asks for"
        unknown = sorted(policy.capabilities - ASSIGNMENT_CAPABILITIES)
        listed = ", ".join(sorted(ASSIGNMENT_CAPABILITIES))
        assert unknown == [], f"it declares {', '.join(unknown)}; there are: {listed}"

    def test_nobody_gets_what_they_must_not_have(self) -> None:
        """Whoever is given a thing is in the pool, there, active, without conflict, in the post and with the skills."""

        def fact(case: _Case) -> bool:
            request, pool = case
            chosen = self.make_policy().assign(request, pool).value
            if chosen is None:
                return False
            assert chosen in pool, f"{chosen!r} is not in the pool"
            reason = reason_against(pool[chosen], request)
            assert reason is None, f"{chosen} is given it in spite of: {reason}"
            return True

        self.for_all(self._cases(), fact, what="given to somebody")

    def test_an_empty_pool_gives_it_to_nobody(self) -> None:
        """Where there is nobody, nobody is given it, and that is an answer."""

        def fact(case: _Case) -> None:
            assert self.make_policy().assign(case[0], Pool.of(())).value is None, "it finds somebody among nobody"

        self.for_all(self._cases(), fact, what="a request")

    def test_the_same_request_gives_the_same_decision(self) -> None:
        """Asked twice, and by an instance that has decided nothing, it decides the same, without clock or chance."""
        used = self.make_policy()

        def fact(case: _Case) -> None:
            with clock_and_chance() as asked:
                first = used.assign(*case)
            assert asked == [], f"it asks {', '.join(asked)}"
            assert first == used.assign(*case), "asked again, it decides otherwise"
            assert first == self.make_policy().assign(*case), "a new instance decides otherwise"

        self.for_all(self._cases(), fact, what="a request")

    def test_the_decision_is_explained(self) -> None:
        """The trace names policy, version, plug-in and what is given, and says in both languages why, and to whom."""

        def fact(case: _Case) -> None:
            request, pool = case
            policy = self.make_policy()
            decision = policy.assign(request, pool)
            trace = decision.trace
            named = (policy.id, policy.version, plugin_of(policy.id))
            told = (trace.policy, trace.version, trace.plugin)
            assert named == told, f"the policy is {named}, the trace says {told}"
            assert request.subject in trace.inputs, "the trace does not name what is given"
            assert trace.steps, "the trace has no step"
            for step in trace.steps:
                assert step.what.zh.strip(), f"a step has no words in Chinese: {step.what.en}"
                assert step.what.en.strip(), f"a step has no words in English: {step.what.zh}"
            refs = {ref for step in trace.steps for ref in step.refs}
            chosen = decision.value
            assert chosen is None or Ref("staff", chosen) in refs, f"no step names {chosen}, who is given it"

        self.for_all(self._cases(), fact, what="a request")

    # -- what a policy does that declares it

    def test_somebody_gets_it_while_anybody_may(self) -> None:
        """As long as anybody may have a thing, somebody is given it; of policies that are total."""
        policy = self._declaring("total")

        def fact(case: _Case) -> bool:
            request, pool = case
            free = [one.staff for one in pool if reason_against(one, request) is None]
            assert not free or policy.assign(request, pool).value is not None, f"nobody, though {free} may have it"
            return bool(free)

        self.for_all(self._cases(), fact, what="something that anybody may have")

    def test_nobody_is_ever_two_ahead(self) -> None:
        """Of people who are alike and always there nobody is ever given two more than another; of even policies."""
        self._declaring("even")

        def even(given: Mapping[str, int], weights: Mapping[str, int]) -> None:
            most, least = max(given.values()), min(given.values())
            assert most - least <= 1, f"one is given {most}, and another {least}"

        weeks = st.tuples(st.integers(2, 6).map(lambda count: (1,) * count), st.integers(1, 30))
        self._over_time(weeks, even)

    def test_shares_keep_to_weights(self) -> None:
        """By weight nobody is ahead of what another would have with one more; of weighted policies."""
        self._declaring("weighted")

        def kept(given: Mapping[str, int], weights: Mapping[str, int]) -> None:
            for one, weight in weights.items():
                for other, beside in weights.items():
                    told = f"{one} ({weight}) is given {given[one]}, and {other} ({beside}) {given[other]}"
                    assert given[one] * beside <= (given[other] + 1) * weight, told

        weights = st.lists(st.integers(1, 9), min_size=2, max_size=6).map(tuple)
        self._over_time(st.tuples(weights, st.integers(1, 40)), kept)

    # -- how they try

    def _declaring(self, capability: str) -> AssignmentPolicy:
        policy = self.make_policy()
        if capability not in policy.capabilities:
            self.nothing(f"the policy does not declare {capability}")
        return policy

    def _over_time(
        self, weeks: st.SearchStrategy[_Week], fact: Callable[[Mapping[str, int], Mapping[str, int]], None]
    ) -> None:
        """Give things to people who differ by weight alone, and look after each."""
        like = {name: values[0] for name, values in self.fields.items()}

        def law(week: _Week) -> bool:
            weights = {f"S-{number}": weight for number, weight in enumerate(week[0], 1)}
            pool = Pool.of(
                Candidate(
                    staff,
                    posts=frozenset(self.posts),
                    skills=frozenset(self.skills),
                    fields=FrozenMap(like),
                    weight=weight,
                )
                for staff, weight in weights.items()
            )
            given = Counter(dict.fromkeys(weights, 0))
            policy = self.make_policy()
            for number in range(week[1]):
                request = AssignmentRequest(
                    subject=Ref("lead", f"L-{number}"), purpose="lead", at=_AT, fields=FrozenMap(like)
                )
                chosen = policy.assign(request, pool).value
                if chosen is None:
                    break
                given[chosen] += 1
                pool = pool.assigned(chosen)
                fact(given, weights)
            return given.total() > 0

        self.for_all(weeks, law, what="given to somebody")

    def _cases(self) -> st.SearchStrategy[_Case]:
        """Draw something to give, and people who may or may not be given it."""
        some_skills = st.frozensets(st.sampled_from(self.skills)) if self.skills else st.just(frozenset[str]())
        some_posts = st.frozensets(st.sampled_from(self.posts)) if self.posts else st.just(frozenset[str]())
        some_fields = st.fixed_dictionaries(
            {}, optional={name: st.sampled_from(values) for name, values in self.fields.items()}
        ).map(FrozenMap)
        numbers = st.integers(0, 4)

        @st.composite
        def cases(draw: st.DrawFn) -> _Case:
            staff = [f"S-{number}" for number in range(1, draw(st.integers(0, 7)) + 1)]
            people = [
                Candidate(
                    one,
                    posts=draw(some_posts),
                    skills=draw(some_skills),
                    fields=draw(some_fields),
                    state=draw(st.sampled_from(("available", "available", "available", "absent", "inactive"))),
                    weight=draw(st.integers(1, 5)),
                    load=draw(numbers),
                    count=draw(numbers),
                    last=draw(numbers),
                )
                for one in staff
            ]
            barred = draw(st.lists(st.sampled_from([*staff, "S-99"]), max_size=3, unique=True))
            request = AssignmentRequest(
                subject=Ref("lead", "L-1"),
                purpose="lead",
                at=_AT,
                posts=draw(st.just(frozenset[str]()) | some_posts),
                skills=draw(st.just(frozenset[str]()) | some_skills),
                fields=draw(some_fields),
                conflicts=tuple(ConflictOfInterest(one, relation="family") for one in barred),
            )
            return request, Pool.of(people)

        return cases()
