"""The configuration: which key is used where."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs
import pytest

from branchkit.errors import ConfigError, DecodeError, NotFound
from branchkit.plugins import BranchkitHooks, HookContext, Plugins, ScoringPolicyRecord
from branchkit.plugins.config import ASSIGNABLE, Choice, Config, Use
from branchkit.scoring import Evidence, FixPlan, Score
from branchkit.trace import Decision

HEAD = 'schema = "branchkit.config/1"\n'
POLICY = '[[use]]\nwhat = "scoring_policy"\n'


def read(text: str) -> Config:
    return Config.from_toml(HEAD + text)


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(DecodeError) as caught:
        read(text)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def policy(key: str, **scope: str) -> Use:
    return Use(what="scoring_policy", key=key, **scope)


def test_read_from_toml_and_back() -> None:
    """A configuration reads from TOML, and what it writes reads as the same."""
    config = read(
        POLICY
        + 'key = "acme.stars"\nbranch = "B-0417"\nchecklist = "outdoor"\n'
        + '[[disable]]\nplugin = "beta"\n[[plugin]]\nname = "acme"\nsettings = {top = 5}\n'
    )

    assert config == Config.from_toml(config.to_toml())
    assert frozenset({"beta"}) == config.disabled
    assert {"acme": {"top": 5}} == config.settings


def test_silence_is_an_answer() -> None:
    """A configuration that says nothing resolves to nothing, so that the caller's default holds."""
    assert None is Config().resolve("scoring_policy", branch="B-1", document="outdoor")


def test_choice_says_scope_and_place() -> None:
    """A choice says for which scope it was made and where the configuration says so."""
    config = Config(use=(policy("standard"), policy("acme.stars", branch="B-1", checklist="outdoor")))

    actual = config.resolve("scoring_policy", branch="B-1", document="outdoor")

    assert Choice("acme.stars", scope="branch B-1, checklist outdoor", place="$.use[1]") == actual


ORDER = [
    {"branch": "B-1", "checklist": "outdoor"},
    {"branch": "B-1", "checklist_kind": "patrol"},
    {"branch": "B-1"},
    {"branch_kind": "flagship", "checklist": "outdoor"},
    {"branch_kind": "flagship", "checklist_kind": "patrol"},
    {"branch_kind": "flagship"},
    {"region": "R-near", "checklist": "outdoor"},
    {"region": "R-near", "checklist_kind": "patrol"},
    {"region": "R-near"},
    {"region": "R-far", "checklist": "outdoor"},
    {"region": "R-far", "checklist_kind": "patrol"},
    {"region": "R-far"},
    {"checklist": "outdoor"},
    {"checklist_kind": "patrol"},
    {},
]


@pytest.mark.parametrize("rank", range(len(ORDER)))
def test_total_order(rank: int) -> None:
    """Place decides first, then the document: each scope yields to all before it and beats all after it."""
    config = Config(use=tuple(policy(f"k{number}", **ORDER[number]) for number in range(len(ORDER) - 1, rank - 1, -1)))

    choice = config.resolve(
        "scoring_policy",
        branch="B-1",
        kind="flagship",
        regions=("R-near", "R-far"),
        document="outdoor",
        document_kind="patrol",
    )

    assert choice is not None
    assert f"k{rank}" == choice.key


def test_explain_prints_the_order_with_what_stands_at_each() -> None:
    """The explanation lists every scope once in order, with the assignments below theirs."""
    config = Config(use=(policy("standard"), policy("acme.stars", region="R-1", checklist="outdoor")))

    lines = config.explain("scoring_policy")

    assert 1 + 12 + 2 == len(lines)
    seventh = next(index for index, line in enumerate(lines) if line.startswith("  7. region"))
    assert "acme.stars: region R-1, checklist outdoor - at `$.use[1]`" == lines[seventh + 1].strip()
    assert "standard: the whole bank, all checklists - at `$.use[0]`" == lines[-1].strip()


def test_explain_of_what_depends_on_no_checklist() -> None:
    """What no checklist can change has four scopes: the places."""
    places = [" ".join(line.split()[1:3]) for line in Config().explain("calendar")[1:]]

    assert ["branch …", "branch kind", "region …", "the whole"] == places


LADDERS = [
    {"branch": "B-1", "ladder": "late"},
    {"branch": "B-1"},
    {"branch_kind": "flagship", "ladder": "late"},
    {"branch_kind": "flagship"},
    {"region": "R-near", "ladder": "late"},
    {"region": "R-near"},
    {"region": "R-far", "ladder": "late"},
    {"region": "R-far"},
    {"ladder": "late"},
    {},
]


@pytest.mark.parametrize("rank", range(len(LADDERS)))
def test_total_order_of_escalation_policies(rank: int) -> None:
    """An escalation policy stands in by place first and then by ladder; nothing else tells documents apart."""
    numbers = range(len(LADDERS) - 1, rank - 1, -1)
    uses = tuple(Use(what="escalation_policy", key=f"k{number}", **LADDERS[number]) for number in numbers)

    choice = Config(use=(*uses, policy("other"))).resolve(
        "escalation_policy", branch="B-1", kind="flagship", regions=("R-near", "R-far"), document="late"
    )

    assert choice is not None
    assert f"k{rank}" == choice.key


def test_explain_of_escalation_policies_speaks_of_ladders() -> None:
    """The explanation lists the places by ladder and for all ladders, with what stands at each."""
    uses = (Use(what="escalation_policy", key="acme.duty", ladder="late"),)

    lines = Config(use=uses).explain("escalation_policy")

    assert 1 + 8 + 1 == len(lines)
    assert ["  7. the whole bank, ladder …", "  8. the whole bank, all ladders"] == [lines[7], lines[9]]
    assert "acme.duty: the whole bank, ladder late - at `$.use[0]`" == lines[8].strip()


def test_what_is_assigned_at_all() -> None:
    """A configuration can say at once that it assigns nothing of a name."""
    config = Config(use=(policy("standard"),))

    assert [True, False] == [config.assigns(what) for what in ("scoring_policy", "escalation_policy")]


@pytest.mark.parametrize("call", ["resolve", "explain"])
def test_unknown_setting_names_what_there_is(call: str) -> None:
    """What cannot be assigned is answered with what can."""
    with pytest.raises(
        NotFound,
        match=r"there are: assignment_policy, calendar, credit_policy, .*, scoring_policy, tier_policy",
    ):
        getattr(Config(), call)("scoring_polcy")


def test_tie_is_refused_where_it_matters_too() -> None:
    """A tie in a configuration that was never validated is an error when it is met, not a coin toss."""
    config = Config(use=(policy("a", branch="B-1"), policy("b", branch="B-1")))

    with pytest.raises(ConfigError, match=r"\$\.use\[0\] assigns scoring_policy for branch B-1, all checklists too"):
        config.resolve("scoring_policy", branch="B-1")


STARS = POLICY + 'key = "acme.stars"\n'


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (STARS + POLICY + 'key = "standard"\n', "$.use[1]", "contradicts (same scope, another key) $.use[0]"),
        (STARS + STARS, "$.use[1]", "says again what $.use[0] says for the whole bank, all checklists"),
        (
            '[[use]]\nwhat = "scoring"\nkey = "a"\n',
            "$.use[0].what",
            "calendar, credit_policy, escalation_policy, port, renderer, scoring_policy, tier_policy",
        ),
        (POLICY + 'key = "Acme Stars"\n', "$.use[0].key", "Expected a key"),
        (STARS + 'branch = ""\n', "$.use[0].branch", "Expected an id"),
        (STARS + 'branch = "B"\nregion = "R"\n', "$.use[0]", "Expected one place, got branch and region"),
        (STARS + 'checklist = "a"\nchecklist_kind = "b"\n', "$.use[0]", "Expected one document"),
        ('[[use]]\nwhat = "calendar"\nkey = "cn"\nchecklist = "a"\n', "$.use[0].checklist", "has no effect"),
        (STARS + 'ladder = "a"\n', "$.use[0].ladder", "does not depend on the ladder"),
        (
            '[[use]]\nwhat = "escalation_policy"\nkey = "a"\nchecklist_kind = "b"\n',
            "$.use[0].checklist_kind",
            "does not depend on the checklist",
        ),
        (STARS + '[[disable]]\nplugin = "acme"\n', "$.use[0].key", "turns off plug-in 'acme'"),
        (STARS + '[[disable]]\nplugin = "*"\n', "$.use[0].key", "turns off plug-in '*'"),
        (
            '[[disable]]\nplugin = "a"\n[[disable]]\nplugin = "a"\n',
            "$.disable[1].plugin",
            "says again what $.disable[0]",
        ),
        ('[[disable]]\nplugin = "A b"\n', "$.disable[0].plugin", "Expected a plug-in's name"),
        ('[[plugin]]\nname = "acme"\nsettings = {}\n', "$.plugin[0].settings", "has no effect"),
        (STARS + 'brunch = "B-1"\n', "$.use[0]", "Unknown key 'brunch'"),
    ],
)
def test_refused_with_its_path(text: str, path: str, message: str) -> None:
    """A contradiction, a repetition, or a setting without effect is refused with its path."""
    found = dict(refused(text))

    assert path in found
    assert message in found[path]


@attrs.frozen
class Stars:
    """A policy of a plug-in."""

    id: str = "acme.stars"
    version: str = "1"
    capabilities: frozenset[str] = frozenset()

    def score(self, evidence: Evidence) -> Decision[Score]:
        raise AssertionError("no test scores by it")

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        raise AssertionError("no test asks it")


class Acme(BranchkitHooks):
    """A plug-in with one policy."""

    name = "acme"

    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        return (ScoringPolicyRecord.of(Stars()),)


def test_check_against_the_loaded_plugins() -> None:
    """A key that no loaded plug-in brings is found before anything is scored with it."""
    config = Config(use=(policy("acme.stars"), policy("beta.moons", branch="B-1"), Use(what="calendar", key="cn")))

    problems = config.check(Plugins.load(extra=[Acme()], entry_points=False))

    assert ["$.use[1].key", "$.use[2].key"] == [problem.path for problem in problems]
    assert "Plug-in 'beta': is not installed" in problems[0].message


def test_a_key_of_a_catalog_is_no_fault() -> None:
    """What a catalog brings as a document is there as well as what a plug-in brings in code."""
    config = Config(use=(policy("bank.hall"), Use(what="escalation_policy", key="late")))
    plugins = Plugins.load(entry_points=False)

    assert () == config.check(plugins, {"scoring_policy": {"bank.hall"}, "escalation_policy": {"late"}})
    assert 2 == len(config.check(plugins, {"scoring_policy": {"late"}}))


def test_everything_assignable_is_checked() -> None:
    """Whatever a configuration can assign is looked up when it is checked."""
    config = Config(use=tuple(Use(what=what, key="nowhere") for what in ASSIGNABLE))

    assert len(ASSIGNABLE) == len(config.check(Plugins.load(entry_points=False)))
