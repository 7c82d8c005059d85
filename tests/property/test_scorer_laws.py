"""The laws of scoring by look-up: it comes to what the plain writing comes to, in every field of score and trace."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from branchkit.catalog import Catalog
from branchkit.checklists import Checklist
from branchkit.codec import structure, unstructure
from branchkit.conditions import FactSpec, FactType, parse_condition
from branchkit.errors import BranchkitError
from branchkit.scoring import Deduction, Evidence, RubricPolicy, Score
from branchkit.testing.filling import filled_in
from branchkit.testing.strategies import checklists, evidence, policies
from branchkit.values import Text, Unknown
from tests.property import scoring_plain as plain

some = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(some, max_examples=8)
CATALOG = Catalog()
PLUGINS = Path(__file__).parents[2] / "plugins"
SHIPPED = (
    *(CATALOG.checklist(entry.id) for entry in CATALOG.entries("checklist")),
    *map(Checklist.from_toml, (one.read_bytes() for one in sorted(PLUGINS.glob("*/src/*/catalog/checklists/*.toml")))),
)
POLICIES = (
    *(CATALOG.policy(entry.id) for entry in CATALOG.entries("policy")),
    *map(RubricPolicy.from_toml, (one.read_bytes() for one in sorted(PLUGINS.glob("*/src/*/catalog/policies/*.toml")))),
)
COMPLAINTS = FactSpec("complaints", FactType.NUMBER)
MANY = parse_condition({"fact": "complaints", "op": ">", "value": 3})
WORDS = Text(zh="词", en="words")
FACTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {"complaints": 5}, {"complaints": Unknown("no count")}])


@st.composite
def cases(draw: st.DrawFn) -> tuple[RubricPolicy, Evidence]:
    """Draw a policy and evidence for it: of one checklist, or of several that a policy of all of them scores."""
    checklist = draw(checklists())
    policy = draw(policies(checklist))
    if draw(st.booleans()):
        fallen = Deduction("fallen", reason=WORDS, points=Decimal("3.25"), when=MANY)
        once = [one for one in checklist.prepared.asked.values() if not one.repeated]
        asked = {"exists": f"answer.{once[0].item.id}"} if once else {"exists": "complaints"}
        when = draw(st.none() | st.just(parse_condition(asked)))
        counts: Any = st.sampled_from(["not_scored", "failed", "neutral"])
        policy = attrs.evolve(
            policy,
            facts=(COMPLAINTS,),
            parts=(*policy.parts, fallen),
            scored_when=when,
            not_scored_reason=None if when is None else WORDS,
            unanswered=draw(counts),
            unknown=draw(counts),
        )
    if draw(st.booleans()):
        other = attrs.evolve(checklist, id="other")
        policy = attrs.evolve(policy, checklists=(*policy.checklists, "other"))
        return policy, draw(filled_in([checklist, other], policy.facts))
    held = draw(evidence(checklist))
    return policy, Evidence.of(*held.readings, facts=draw(FACTS) if policy.facts else {})


def scored(score: Any, held: Evidence) -> Any:
    """Return the decision, or the error."""
    try:
        return score(held)
    except BranchkitError as error:
        return type(error), str(error)


@given(cases())
@some
def test_scores_are_those_of_the_plain_writing(case: tuple[RubricPolicy, Evidence]) -> None:
    """Whatever the policy and the sheets, score, marks, trace and digests are the same."""
    policy, held = case

    assert scored(lambda one: plain.decide(policy, one), held) == scored(policy.score, held)


@few
@given(st.data())
def test_shipped_policies_score_alike(data: st.DataObject) -> None:
    """The same holds for the catalog's policies, with every checklist that they name."""
    for policy in POLICIES:
        forms = [one for one in SHIPPED if one.id in policy.checklists]
        held = data.draw(filled_in(forms, policy.facts))

        assert scored(lambda one, by=policy: plain.decide(by, one), held) == scored(policy.score, held)


@few
@given(cases())
def test_marks_are_made_when_they_are_looked_at(case: tuple[RubricPolicy, Evidence]) -> None:
    """A score that has not made its marks is equal to one that has, is kept and pickled like it, and hashes alike."""
    policy, held = case
    assume(not list(policy.validate()))
    made = plain.decide(policy, held).value

    assert made == policy.score(held).value
    assert hash(made) == hash(policy.score(held).value)
    assert made == pickle.loads(pickle.dumps(policy.score(held).value))
    assert made == structure(Score, unstructure(policy.score(held).value))
    assert made.marks == attrs.evolve(policy.score(held).value, band="other").marks
