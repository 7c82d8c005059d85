"""The laws of the configuration's scopes."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.codec import structure, unstructure
from branchkit.errors import DecodeError
from branchkit.plugins.config import Config, Use

FEW = st.sampled_from(["a", "b", "c"])
PLACES: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"branch": FEW}),
    st.fixed_dictionaries({"branch_kind": FEW}),
    st.fixed_dictionaries({"region": FEW}),
)
DOCUMENTS: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}), st.fixed_dictionaries({"checklist": FEW}), st.fixed_dictionaries({"checklist_kind": FEW})
)
POLICIES = st.builds(
    lambda key, place, document: Use(what="scoring_policy", key=key, **place, **document),
    st.sampled_from(["standard", "acme.stars", "beta.moons"]),
    PLACES,
    DOCUMENTS,
)
CALENDARS = st.builds(lambda key, place: Use(what="calendar", key=key, **place), st.sampled_from(["cn", "hk"]), PLACES)
LADDERS = st.builds(
    lambda key, place, document: Use(what="escalation_policy", key=key, **place, **document),
    st.sampled_from(["overdue", "acme.duty"]),
    PLACES,
    st.just({}) | st.fixed_dictionaries({"ladder": FEW}),
)
USES = st.lists(st.one_of(POLICIES, CALENDARS, LADDERS), max_size=12)
ASKED = st.fixed_dictionaries(
    {
        "branch": st.none() | FEW,
        "kind": st.none() | FEW,
        "regions": st.lists(FEW, max_size=3, unique=True).map(tuple),
        "document": st.none() | FEW,
        "document_kind": st.none() | FEW,
    }
)


def scope(use: Use) -> Use:
    return attrs.evolve(use, key="")


def untied(uses: list[Use]) -> list[Use]:
    """Keep the first of each scope."""
    return list({scope(use): use for use in reversed(uses)}.values())


def brute_force(uses: list[Use], what: str, asked: dict[str, object]) -> str | None:
    """The specification: of all assignments that match, the one with the smallest rank."""
    regions = list(asked["regions"])  # type: ignore[call-overload]
    best: list[tuple[tuple[int, int], str]] = []
    for use in uses:
        if use.branch is not None:
            place = 0 if use.branch == asked["branch"] else None
        elif use.branch_kind is not None:
            place = 1 if use.branch_kind == asked["kind"] else None
        elif use.region is not None:
            place = 2 + regions.index(use.region) if use.region in regions else None
        else:
            place = 1000
        named = use.checklist if use.ladder is None else use.ladder
        if named is not None:
            document = 0 if named == asked["document"] else None
        elif use.checklist_kind is not None:
            document = 1 if use.checklist_kind == asked["document_kind"] else None
        else:
            document = 2
        if use.what == what and place is not None and document is not None:
            best.append(((place, document), use.key))
    return min(best)[1] if best else None


@given(uses=USES.map(untied), asked=ASKED, what=st.sampled_from(["scoring_policy", "calendar", "escalation_policy"]))
def test_resolution_equals_the_specification(uses: list[Use], asked: dict[str, object], what: str) -> None:
    """Resolving gives what ranking every matching assignment by brute force gives."""
    choice = Config(use=tuple(uses)).resolve(what, **asked)  # type: ignore[arg-type]

    assert brute_force(uses, what, asked) == (choice and choice.key)


@given(data=st.data(), uses=USES.map(untied), asked=ASKED)
def test_resolution_does_not_depend_on_the_order(
    data: st.DataObject, uses: list[Use], asked: dict[str, object]
) -> None:
    """However the entries are ordered, the same key is chosen for the same scope."""
    shuffled = data.draw(st.permutations(uses))

    first = Config(use=tuple(uses)).resolve("scoring_policy", **asked)  # type: ignore[arg-type]
    second = Config(use=tuple(shuffled)).resolve("scoring_policy", **asked)  # type: ignore[arg-type]

    assert (first and (first.key, first.scope)) == (second and (second.key, second.scope))


@given(uses=USES)
def test_exactly_ties_and_repetitions_are_refused(uses: list[Use]) -> None:
    """A configuration reads if and only if no two entries have one scope; every one too many is named."""
    config = Config(use=tuple(uses))
    expected = {f"$.use[{index}]" for index, use in enumerate(uses) if scope(use) in map(scope, uses[:index])}

    try:
        actual = set() if structure(Config, unstructure(config)) == config else {"another configuration"}
    except DecodeError as error:
        actual = {problem.path for problem in error.problems}

    assert expected == actual


@given(uses=USES.map(untied))
def test_explanation_holds_every_assignment_once(uses: list[Use]) -> None:
    """Every assignment stands exactly once in the explanation of what it assigns."""
    config = Config(use=tuple(uses))
    lines = [line for what in ("scoring_policy", "calendar", "escalation_policy") for line in config.explain(what)]

    actual = sorted(line.rpartition("`$.use[")[2] for line in lines if "`$.use[" in line)

    assert sorted(f"{index}]`" for index in range(len(uses))) == actual
