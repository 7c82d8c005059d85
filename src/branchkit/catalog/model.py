"""What the catalog holds beside documents of other floors: the register of rules, and entries of its own list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import attrs

from branchkit.codec import Document
from branchkit.errors import Problem
from branchkit.values import Severity, Text, is_rule_id

__all__ = ["CatalogEntry", "Rule", "RuleTopic"]


@attrs.frozen
class Rule:
    """One rule of the register (规则), in our own words.

    >>> rule = Rule("estate:EST-OUT-03", text=Text(zh="门头无污损", en="The door-head sign is free of dirt."),
    ...             kind="checklist_item", severity=Severity.MINOR, basis="sourced")
    >>> rule.area, rule.severity.value
    ('estate', 'minor')
    """

    id: str
    """Qualified by its area, as in ``estate:EST-OUT-03``."""
    text: Text = attrs.field(kw_only=True)
    kind: str = attrs.field(kw_only=True)
    """What sort of demand it is, as in ``checklist_item``, ``policy`` or ``sla``."""
    severity: Severity | None = attrs.field(default=None, kw_only=True)
    """How bad it is not to keep it; ``None`` where nothing is stated."""
    severity_basis: Literal["inferred"] | None = attrs.field(default=None, kw_only=True)
    """``inferred`` where the severity is our reading and not the source's."""
    basis: Literal["sourced", "suggested", "advice"] = attrs.field(kw_only=True)
    parameters: str = attrs.field(default="", kw_only=True)
    """The numbers and lists it speaks of."""
    sources: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def area(self) -> str:
        """The area before the colon, as in ``estate``."""
        return self.id.partition(":")[0]


@attrs.frozen(kw_only=True)
class RuleTopic(Document):
    """One file of the register: the rules of one topic of an area."""

    SCHEMA: ClassVar[str] = "rules/1"

    area: str
    topic: Text
    rules: tuple[Rule, ...]

    def validate(self) -> Iterator[Problem]:
        """Yield malformed ids, ids of another area, doubled ids, and severities that say nothing."""
        seen: set[str] = set()
        for at, rule in enumerate(self.rules):
            path = f"$.rules[{at}]"
            if not is_rule_id(rule.id):
                yield Problem(f"{path}.id", "Expected a rule id with its area, as in estate:EST-OUT-01")
            elif rule.area != self.area:
                yield Problem(f"{path}.id", f"Expected a rule of the area {self.area!r}, which the file is of")
            if rule.id in seen:
                yield Problem(f"{path}.id", "Expected each rule once; it stands there again")
            seen.add(rule.id)
            if rule.severity_basis is not None and rule.severity is None:
                yield Problem(f"{path}.severity_basis", "Has no effect without a severity")


@attrs.frozen(kw_only=True)
class CatalogEntry:
    """One document of the catalog, as its list shows it."""

    kind: str
    """``checklist``, ``policy``, ``standard``, ``register``, ``table``, ``calendar``, ``schedule``, ``procedure`` or
    ``ladder``."""
    id: str
    version: str
    title: Text | None
    rules: tuple[str, ...]
    """The ids of every rule that the document names, sorted."""
    root: str
    """The root it comes from: ``branchkit``, or the plug-in's name."""
