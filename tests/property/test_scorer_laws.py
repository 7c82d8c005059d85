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
from branchkit.checklists import Answer, Checklist, Sheet, cell_key, judge_reading
from branchkit.checklists.layout import layout_of
from branchkit.codec import structure, unstructure
from branchkit.conditions import FactSpec, FactType, parse_condition
from branchkit.errors import BranchkitError
from branchkit.scoring import Deduction, Evidence, RubricPolicy, Score, Scorer
from branchkit.testing.filling import filled_in
from branchkit.testing.strategies import checklists, evidence, policies
from branchkit.values import Text, Unknown
from tests.property import scoring_plain as plain

some = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(some, max_examples=5)
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


@st.composite
def values(draw: st.DrawFn) -> tuple[RubricPolicy, Evidence]:
    """Draw a policy and one sheet for it, of a checklist with places."""
    policy, held = draw(cases())
    assume(not list(policy.validate()))
    held = Evidence.of(*held.readings[:1], facts=held.facts)
    assume(held.readings and layout_of(held.readings[0].bound) is not None)
    return policy, held


def in_order(scorer: Scorer, sheet: Sheet) -> list[Any]:
    """Return the answers of a sheet as values, in order: bare where they are a value and nothing more."""
    found: dict[str, Any] = {}
    for answer in sheet.answers:
        bare = answer.words or answer.value
        plain_answer = Answer(answer.item, value=answer.value, words=answer.words, on=answer.on)
        found[cell_key(answer.item, answer.on)] = bare if bare and answer == plain_answer else answer
    return [found.get(name) for name in scorer.cells]


@some
@given(values())
def test_values_score_as_the_sheet_that_holds_them(case: tuple[RubricPolicy, Evidence]) -> None:
    """A scorer gives, of bare values, what the policy gives of the sheet: number, cells, findings, decision, sheet."""
    policy, held = case
    reading = held.readings[0]
    sheet, bound = reading.sheet, reading.bound
    scorer = policy.scorer(bound)
    row = in_order(scorer, sheet)
    expected = policy.score(Evidence.of(reading, facts=held.facts))
    score = expected.value

    named = dict(zip(scorer.cells, row, strict=True))
    for offered in (row, named, {name: value for name, value in named.items() if value is not None}):
        found = scorer.score(offered, facts=held.facts)
        again = found.sheet(sheet.id, by=sheet.by, at=sheet.at)
        exact = attrs.evolve(sheet, answers=again.answers, facts=again.facts, bound=None)
        assert (score.points, score.band, score.reason) == (found.points, found.band, found.reason)
        assert (score.parts, score.vetoes, score.is_scored) == (found.parts, found.vetoes, found.is_scored)
        assert reading.cells == tuple(found.cells)
        assert exact == again
        assert {one.id: one for one in judge_reading(reading)} == {
            one.id: one for one in found.findings(sheet.id, at=sheet.at)
        }
        assert policy.score(Evidence(exact, bound, facts=held.facts)) == found.decision(
            sheet.id, by=sheet.by, at=sheet.at
        )


@few
@given(st.data())
def test_shipped_checklists_score_values_alike(data: st.DataObject) -> None:
    """The same holds for the catalog's policies and their checklists."""
    for policy in POLICIES:
        forms = [one for one in SHIPPED if one.id in policy.checklists and not one.prepared.has_rows]
        for held in (data.draw(filled_in([form], policy.facts)) for form in forms):
            for reading in held.readings:
                scorer = policy.scorer(reading.bound)
                found = scorer.score(in_order(scorer, reading.sheet), facts=held.facts)
                expected = policy.score(Evidence.of(reading, facts=held.facts)).value
                assert (expected.points, expected.band, expected.reason) == (found.points, found.band, found.reason)
                assert reading.cells == tuple(found.cells)


@some
@given(values(), st.randoms(use_true_random=False))
def test_many_score_as_one_by_one(case: tuple[RubricPolicy, Evidence], chance: Any) -> None:
    """Rows that follow each other come to what each comes to alone, by a scorer that has scored nothing yet."""
    policy, held = case
    reading = held.readings[0]
    scorer = policy.scorer(reading.bound)
    first = in_order(scorer, reading.sheet)
    rows = [[value if chance.random() < 0.8 else None for value in first] for _ in range(5)]
    alone = [scorer.score(row, facts=held.facts) for row in rows]
    fresh = RubricPolicy.from_json(policy.to_json()).scorer(reading.bound)

    for one, other in zip(alone, fresh.score_all(iter(rows), facts=held.facts), strict=True):
        assert (one.points, one.band, one.parts, one.vetoes) == (other.points, other.band, other.parts, other.vetoes)
        assert one.decision("S", by="s") == other.decision("S", by="s")
