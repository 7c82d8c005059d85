"""The register of rules as it is packaged: complete, well-formed, in both languages."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pytest

from branchkit.values import Severity, is_rule_id

AREAS = {"estate": 499, "service": 527, "customers": 444, "governance": 469}
KINDS = {
    "attribute",
    "checklist_item",
    "computation",
    "notification",
    "permission",
    "policy",
    "procedure_stage",
    "report",
    "routing",
    "schedule",
    "score",
    "sla",
    "system",
    "tier_rule",
    "trigger",
}
REQUIRED = {"id", "text", "kind", "basis"}
OPTIONAL = {"severity", "severity_basis", "parameters", "sources"}


def topics(area: str) -> list[Traversable]:
    folder = files("branchkit").joinpath("catalog", "rules", area)
    return sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)


def document(topic: Traversable) -> dict[str, Any]:
    return tomllib.loads(topic.read_text(encoding="utf-8"))


def both_languages(text: dict[str, str]) -> bool:
    return (
        text.keys() == {"zh", "en"}
        and bool(re.search(r"[\u4e00-\u9fff]", text["zh"]))
        and bool(re.search(r"[A-Za-z]", text["en"]))
        and not re.search(r"[\u4e00-\u9fff]", text["en"])
    )


ALL_TOPICS = [pytest.param(area, topic, id=f"{area}/{topic.name}") for area in AREAS for topic in topics(area)]


@pytest.mark.parametrize(("area", "topic"), ALL_TOPICS)
def test_topic_names_its_schema_area_and_title(area: str, topic: Traversable) -> None:
    """A file of the register gives its schema, the area of its folder, its topic in both languages, and rules."""
    data = document(topic)

    assert data.keys() == {"schema", "area", "topic", "rules"}
    assert data["schema"] == "branchkit.rules/1"
    assert area == data["area"]
    assert both_languages(data["topic"])
    assert data["rules"]


@pytest.mark.parametrize(("area", "topic"), ALL_TOPICS)
def test_rules_are_well_formed(area: str, topic: Traversable) -> None:
    """Every rule has a qualified id of its area, both languages, and a kind, severity and basis from closed lists."""
    severities = {severity.value for severity in Severity}
    wrong = [
        rule["id"]
        for rule in document(topic)["rules"]
        if not (
            rule.keys() >= REQUIRED
            and rule.keys() <= REQUIRED | OPTIONAL
            and is_rule_id(rule["id"])
            and rule["id"].startswith(f"{area}:")
            and both_languages(rule["text"])
            and rule["kind"] in KINDS
            and rule.get("severity", "minor") in severities
            and rule.get("severity_basis", "inferred") == "inferred"
            and ("severity" in rule or "severity_basis" not in rule)
            and rule["basis"] in {"sourced", "suggested", "advice"}
            and rule.get("parameters", "-").strip()
            and all(re.fullmatch("D[1-5]", source) for source in rule.get("sources", []))
            and (rule["basis"] == "suggested" or rule.get("sources"))
        )
    ]

    assert wrong == []


def test_ids_are_unique_and_none_is_lost() -> None:
    """Each id stands once in the whole register, and every area holds as many rules as were registered."""
    rules = [rule for area in AREAS for topic in topics(area) for rule in document(topic)["rules"]]
    ids = [rule["id"] for rule in rules]

    assert len(set(ids)) == len(ids)
    assert Counter(AREAS) == Counter(name.partition(":")[0] for name in ids)


def test_systems_are_numbered_without_a_gap() -> None:
    """The register holds the information systems SYS-01 to SYS-116, each marked as a system."""
    rules = [rule for topic in topics("governance") for rule in document(topic)["rules"]]
    numbers = [int(rule["id"].rpartition("-")[2]) for rule in rules if rule["kind"] == "system"]

    assert list(range(1, 117)) == sorted(numbers)


def test_rules_named_in_a_rule_exist() -> None:
    """A rule that names another one by its qualified id names one of the register."""
    rules = [rule for area in AREAS for topic in topics(area) for rule in document(topic)["rules"]]
    known = {rule["id"] for rule in rules}
    named = {
        found[0]
        for rule in rules
        for text in (rule["text"]["en"], rule.get("parameters", ""))
        for found in re.finditer(r"\b(?:estate|service|customers|governance):[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d+", text)
    }

    assert named
    assert set() == named - known
