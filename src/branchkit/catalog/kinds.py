"""The kinds of documents the catalog knows: where each lies, and which class reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from branchkit.codec import Document
from branchkit.conditions import Condition
from branchkit.values import Text

__all__ = ["FOLDERS", "conditions_of", "document_class", "posts_of", "rules_of", "texts_of"]

FOLDERS: Mapping[str, str] = {
    "checklist": "checklists",
    "policy": "policies",
    "standard": "estate_standards",
    "register": "registers",
    "table": "decision_tables",
    "calendar": "calendars",
    "schedule": "schedules",
    "procedure": "procedures",
    "ladder": "escalation_ladders",
    "tier_scheme": "tier_schemes",
    "trigger_list": "trigger_lists",
    "credit_scheme": "credit_schemes",
    "privacy_policy": "privacy_policies",
}
"""The folder of each kind."""
_CUSTOMERS: Mapping[str, str] = {
    "tier_scheme": "TierScheme",
    "trigger_list": "TriggerList",
    "credit_scheme": "CreditScheme",
    "privacy_policy": "PrivacyPolicy",
}


def document_class(kind: str) -> type[Document]:
    """Return the class that reads a kind; only then is its module imported.

    Raises:
        KeyError: for a kind that is not in `FOLDERS`.
    """
    if kind == "checklist":
        from branchkit.checklists import Checklist

        return Checklist
    if kind == "schedule":
        from branchkit.checklists import SchedulePlan

        return SchedulePlan
    if kind == "policy":
        from branchkit.scoring import RubricPolicy

        return RubricPolicy
    if kind == "table":
        from branchkit.conditions import DecisionTable

        return DecisionTable
    if kind == "calendar":
        from branchkit.temporal import Calendar

        return Calendar
    if kind == "procedure":
        from branchkit.procedures import Procedure

        return Procedure
    if kind == "ladder":
        from branchkit.escalation import EscalationLadder

        return EscalationLadder
    if kind in _CUSTOMERS:
        from branchkit import customers

        found: type[Document] = getattr(customers, _CUSTOMERS[kind])
        return found
    from branchkit.estate import EstateStandard, Register

    classes: dict[str, type[Document]] = {"standard": EstateStandard, "register": Register}
    return classes[kind]


def rules_of(document: object) -> Iterator[tuple[str, str]]:
    """Yield every rule id that a document names, with its path."""
    for path, name, value in _walk(document, "$", ""):
        if (name == "rules" or name.endswith("_rules")) and isinstance(value, str):
            yield path, value


def conditions_of(document: object) -> Iterator[tuple[str, Condition]]:
    """Yield every condition in a document, with its path."""
    for path, _, value in _walk(document, "$", ""):
        if isinstance(value, Condition):
            yield path, value


def texts_of(document: object) -> Iterator[tuple[str, Text]]:
    """Yield every text for people in a document, with its path."""
    for path, _, value in _walk(document, "$", ""):
        if isinstance(value, Text):
            yield path, value


def posts_of(document: object) -> Iterator[tuple[str, str]]:
    """Yield every post that is to act or to be told, with its path."""
    for path, name, value in _walk(document, "$", ""):
        if name == "post" and isinstance(value, str):
            yield path, value


def _walk(value: Any, path: str, name: str) -> Iterator[tuple[str, str, Any]]:
    """Yield every leaf with its path and the name of the field it lies in."""
    if isinstance(value, Text | Condition):
        yield path, name, value
    elif isinstance(value, tuple):
        for at, one in enumerate(value):
            yield from _walk(one, f"{path}[{at}]", name)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _walk(one, f"{path}.{key}", name)
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _walk(getattr(value, field.name), f"{path}.{field.alias}", field.name)
    else:
        yield path, name, value
