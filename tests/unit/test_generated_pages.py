"""The pages that are written by `docs/generate.py` are what it gives, and cover everything that there is."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from branchkit.kit import RuleBook
from branchkit.testing.assigning import AssignmentPolicyLaws
from branchkit.testing.calendars import CalendarLaws
from branchkit.testing.catalogs import CatalogLaws
from branchkit.testing.credit import CreditPolicyLaws
from branchkit.testing.escalation import EscalationPolicyLaws
from branchkit.testing.importers import ImporterLaws
from branchkit.testing.laws import law_names
from branchkit.testing.notifiers import NotifierLaws
from branchkit.testing.renderers import RendererLaws
from branchkit.testing.scoring import ScoringPolicyLaws
from branchkit.testing.stores import StoreLaws
from branchkit.testing.tiers import TierPolicyLaws

DOCS = Path(__file__).resolve().parents[2] / "docs"
LAWS = {
    "assignment_policy": AssignmentPolicyLaws,
    "calendar": CalendarLaws,
    "catalog": CatalogLaws,
    "credit_policy": CreditPolicyLaws,
    "escalation_policy": EscalationPolicyLaws,
    "importer": ImporterLaws,
    "notifier": NotifierLaws,
    "renderer": RendererLaws,
    "scoring_policy": ScoringPolicyLaws,
    "store": StoreLaws,
    "tier_policy": TierPolicyLaws,
}


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def things() -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = json.loads((DOCS / "reference" / "capabilities.json").read_text(encoding="utf-8"))
    return kept


def test_the_page_of_laws_is_that_of_the_code(generate: ModuleType) -> None:
    """Every class of laws and every law stands on the page with its sentence: `python docs/generate.py laws`."""
    assert generate.laws_page() == generate.LAWS.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_pages_of_settings_are_those_of_the_catalog(generate: ModuleType, lang: str) -> None:
    """Every setting of the catalog stands on the page, in both languages: `python docs/generate.py settings`."""
    assert generate.settings_page(lang) == generate.SETTINGS[lang].read_text(encoding="utf-8")


def test_the_page_of_capabilities_is_that_of_the_run(generate: ModuleType, things: list[dict[str, Any]]) -> None:
    """The table is what follows from the verdicts that were kept: `python docs/generate.py tables`."""
    assert generate.capabilities_page(things) == generate.CAPABILITIES.read_text(encoding="utf-8")


def test_the_run_covers_everything_that_comes_with_branchkit(
    generate: ModuleType, things: list[dict[str, Any]]
) -> None:
    """Whatever a plug-in or a catalog brings was held to every law of its kind, and kept it."""
    rules = RuleBook.load()
    records = {record.key for record in generate._records(rules.plugins)} | set(rules.plugins.scoring_policies)
    records |= {*rules.plugins.escalation_policies, *rules.plugins.assignment_policies, *rules.plugins.credit_policies}
    records |= set(rules.plugins.tier_policies)
    kinds = ("policy", "ladder", "credit_scheme", "tier_scheme")
    policies = {id for kind in kinds for id in rules.catalog.index.ids(kind)}

    assert {one["key"] for one in things} == records | policies
    for one in things:
        laws = {name.removeprefix("test_") for name in law_names(LAWS[one["kind"]])}
        assert set(one["laws"]) == laws, f"{one['key']}: python docs/generate.py capabilities"
        assert [law for law, (verdict, _) in one["laws"].items() if verdict == "broken"] == []


@pytest.mark.slow
def test_a_new_run_gives_the_same_verdicts(generate: ModuleType, things: list[dict[str, Any]]) -> None:
    """Run again, every law comes out as the table says."""
    assert generate.check() == things
