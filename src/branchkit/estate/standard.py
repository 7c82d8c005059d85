"""What the bank demands of each kind of branch, as data: the estate standard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from branchkit.codec import Document
from branchkit.errors import Problem
from branchkit.values import FrozenMap, Severity, Text, is_rule_id

__all__ = [
    "BranchKind",
    "CounterRule",
    "EquipmentKind",
    "EstateStandard",
    "PostKind",
    "Required",
    "UnitLevel",
    "ZoneKind",
]


@attrs.frozen(kw_only=True)
class Required:
    """Something that has to be there: a zone of some kind in a branch, or a device of some kind in a branch or zone."""

    kind: str
    """The code of the zone kind or equipment kind."""
    count: int = 1
    rules: tuple[str, ...] = ()
    severity: Severity = Severity.MAJOR
    basis: str = "sourced"
    """``sourced``, ``suggested`` (nobody stated it: a default to change) or ``advice``."""


@attrs.frozen
class BranchKind:
    """One kind of branch and what it must have."""

    code: str
    title: Text = attrs.field(kw_only=True)
    min_open_tellers: int | None = attrs.field(default=None, kw_only=True)
    """The least number of tellers at open counters; ``None`` where none is stated."""
    min_open_tellers_rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    zones: tuple[Required, ...] = attrs.field(default=(), kw_only=True)
    equipment: tuple[Required, ...] = attrs.field(default=(), kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class ZoneKind:
    """One kind of zone, the business done in it and the equipment its function needs."""

    code: str
    title: Text = attrs.field(kw_only=True)
    business: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The classes of business it may do; empty where the standard says nothing."""
    equipment: tuple[Required, ...] = attrs.field(default=(), kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class EquipmentKind:
    """One kind of equipment."""

    code: str
    title: Text = attrs.field(kw_only=True)
    functions: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Functions such a device may offer; an open list."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class CounterRule:
    """Which teller levels may staff a counter of one protection, for good or as a loan."""

    protection: str
    """``open`` or ``closed``."""
    levels: tuple[int, ...] = attrs.field(kw_only=True)
    loan_levels: tuple[int, ...] = attrs.field(default=(), kw_only=True)
    """The levels that may staff it for a time when needed."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    loan_rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class PostKind:
    """One kind of post: whoever holds it acts at a branch, or for it from elsewhere."""

    code: str
    title: Text = attrs.field(kw_only=True)
    aliases: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Other codes that sources use for it; none of them is taken for a post."""
    branches: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The kinds of branches that have it; empty for all."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class UnitLevel:
    """One level of the hierarchy of units; listed from the top."""

    code: str
    title: Text = attrs.field(kw_only=True)
    parents: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The levels it may hang under; intermediate levels may be absent."""


@attrs.frozen
class EstateStandard(Document):
    """The kinds of branches, zones, equipment and units a bank knows, and what each kind must have.

    The catalog ships one; a bank overrides it by its own.
    """

    SCHEMA: ClassVar[str] = "estate_standard/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    branches: tuple[BranchKind, ...] = attrs.field(kw_only=True)
    zones: tuple[ZoneKind, ...] = attrs.field(kw_only=True)
    equipment: tuple[EquipmentKind, ...] = attrs.field(kw_only=True)
    counters: tuple[CounterRule, ...] = attrs.field(kw_only=True)
    units: tuple[UnitLevel, ...] = attrs.field(default=(), kw_only=True)
    posts: tuple[PostKind, ...] = attrs.field(default=(), kw_only=True)
    """The posts there are; empty where the standard leaves them open."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def branch_kind(self, code: str) -> BranchKind | None:
        """Return the kind of that code, or ``None``."""
        return next((kind for kind in self.branches if kind.code == code), None)

    def counter(self, protection: str) -> CounterRule | None:
        """Return the rule for counters of that protection, or ``None``."""
        return next((rule for rule in self.counters if rule.protection == protection), None)

    @property
    def post_titles(self) -> FrozenMap[Text]:
        """What each post is called, by its code."""
        return FrozenMap({post.code: post.title for post in self.posts})

    def posts_at(self, kind: str) -> frozenset[str]:
        """Return the posts of a kind of branch."""
        return frozenset(post.code for post in self.posts if not post.branches or kind in post.branches)

    def validate(self) -> Iterator[Problem]:
        """Yield doubled codes and requirements, requirements of kinds that are not listed, and malformed rule ids."""
        zones = {zone.code for zone in self.zones}
        devices = {device.code for device in self.equipment}
        levels = {level.code for level in self.units}
        for name, codes in (
            ("branches", [kind.code for kind in self.branches]),
            ("zones", [zone.code for zone in self.zones]),
            ("equipment", [device.code for device in self.equipment]),
            ("counters", [rule.protection for rule in self.counters]),
            ("units", [level.code for level in self.units]),
            ("posts", [post.code for post in self.posts]),
        ):
            for at, code in enumerate(codes):
                if code in codes[:at]:
                    yield Problem(f"$.{name}[{at}]", f"Expected each code once; {code!r} stands there again")
        for at, kind in enumerate(self.branches):
            yield from _unknown(f"$.branches[{at}].zones", kind.zones, zones)
            yield from _unknown(f"$.branches[{at}].equipment", kind.equipment, devices)
            if (kind.min_open_tellers is None) != (not kind.min_open_tellers_rules):
                yield Problem(f"$.branches[{at}].min_open_tellers", "Expected the minimum together with its rules")
            elif kind.min_open_tellers is not None and kind.min_open_tellers < 1:
                what = "Expected at least 1: a lower minimum has no effect; leave it out where none is stated"
                yield Problem(f"$.branches[{at}].min_open_tellers", what)
        for at, zone in enumerate(self.zones):
            yield from _unknown(f"$.zones[{at}].equipment", zone.equipment, devices)
            yield from _once(f"$.zones[{at}].business", zone.business)
        for at, one in enumerate(self.equipment):
            yield from _once(f"$.equipment[{at}].functions", one.functions)
        for at, level in enumerate(self.units):
            yield from _once(f"$.units[{at}].parents", level.parents)
            for parent in level.parents:
                if parent not in levels:
                    yield Problem(f"$.units[{at}].parents", f"Unknown level {parent!r}; there are: {', '.join(levels)}")
        yield from self._posts()
        for at, rule in enumerate(self.counters):
            if rule.protection not in {"open", "closed"}:
                yield Problem(f"$.counters[{at}].protection", "Expected open or closed")
            yield from _once(f"$.counters[{at}].levels", rule.levels)
            yield from _once(f"$.counters[{at}].loan_levels", rule.loan_levels)
            if set(rule.levels) & set(rule.loan_levels):
                yield Problem(f"$.counters[{at}].loan_levels", "Expected levels that may not staff it for good anyway")

    def _posts(self) -> Iterator[Problem]:
        kinds = [kind.code for kind in self.branches]
        taken = {post.code: post.code for post in self.posts}
        for at, post in enumerate(self.posts):
            yield from _once(f"$.posts[{at}].branches", post.branches)
            for kind in post.branches:
                if kind not in kinds:
                    listed = ", ".join(kinds)
                    yield Problem(f"$.posts[{at}].branches", f"Unknown kind {kind!r}; there are: {listed}")
            for number, alias in enumerate(post.aliases):
                if (other := taken.setdefault(alias, post.code)) != post.code or alias == post.code:
                    what = f"Expected a code of its own; {alias!r} stands for {other!r} already"
                    yield Problem(f"$.posts[{at}].aliases[{number}]", what)


def _once(path: str, values: tuple[object, ...]) -> Iterator[Problem]:
    for at, value in enumerate(values):
        if value in values[:at]:
            yield Problem(f"{path}[{at}]", f"Expected each once; {value!r} stands there again")


def _unknown(path: str, wanted: tuple[Required, ...], known: set[str]) -> Iterator[Problem]:
    for at, one in enumerate(wanted):
        if any(one.kind == other.kind for other in wanted[:at]):
            yield Problem(f"{path}[{at}].kind", f"Expected each kind once; {one.kind!r} is required above")
        if one.kind not in known:
            yield Problem(f"{path}[{at}].kind", f"Unknown kind {one.kind!r}; there are: {', '.join(sorted(known))}")
        if one.count < 1:
            yield Problem(f"{path}[{at}].count", "Expected at least 1")
        for rule in one.rules:
            if not is_rule_id(rule):
                yield Problem(f"{path}[{at}].rules", f"Expected a rule id such as estate:EST-ZON-04, not {rule!r}")
