"""Checks a whole catalog: what each document says, and what documents say of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from branchkit.catalog.index import CORE, Source
from branchkit.catalog.kinds import FOLDERS, rules_of, texts_of
from branchkit.catalog.model import RuleTopic
from branchkit.catalog.uses import kinds_asked, unread_facts
from branchkit.codec import Document
from branchkit.errors import CatalogError, Problem
from branchkit.values import Ref

if TYPE_CHECKING:
    from branchkit.catalog.casework import Casework
    from branchkit.catalog.loader import Catalog
    from branchkit.checklists import Checklist, Each, SchedulePlan
    from branchkit.customers import TierScheme
    from branchkit.scoring import RubricPolicy

__all__ = ["check"]

_Found = tuple[str, Problem]


def check(catalog: Catalog) -> Iterator[_Found]:
    """Yield every problem of a catalog with the document it is in; see `Catalog.check`."""
    yield from catalog.index.strangers
    register: dict[str, str] = {}
    documents: list[tuple[Source, Document]] = []
    for source in catalog.index.sources:
        try:
            if source.kind == "rules":
                yield from _topic(source, catalog._topic(source), register)
            elif source.kind in FOLDERS:
                documents.append((source, catalog._document(source)))
        except CatalogError as error:
            yield from ((error.source, problem) for problem in error.problems)
    known = _Known(documents)
    for source, document in documents:
        problems: list[Problem] = [*_languages(document), *_rules(document, register)]
        problems += known.problems(source, document)
        if source.version is None:
            # An earlier version was made for what there was in its day.
            problems += known.casework.problems(document)
        yield from ((source.place, problem) for problem in problems)
    yield from _overrides(catalog.index.sources)
    yield from _settings(catalog, documents, register)
    yield from _left_out(catalog, register)


def _topic(source: Source, topic: RuleTopic, register: dict[str, str]) -> Iterator[_Found]:
    for problem in _languages(topic):
        yield source.place, problem
    for at, rule in enumerate(topic.rules):
        if rule.id in register:
            what = f"Expected each rule once; {register[rule.id]} has it as well"
            yield source.place, Problem(f"$.rules[{at}].id", what)
        else:
            register[rule.id] = source.place


def _languages(document: object) -> Iterator[Problem]:
    for path, text in texts_of(document):
        for lang in ("zh", "en"):
            if not getattr(text, lang).strip():
                yield Problem(f"{path}.{lang}", "Expected words in both languages")


def _rules(document: object, register: dict[str, str]) -> Iterator[Problem]:
    for path, rule in rules_of(document):
        if rule not in register:
            yield Problem(path, f"Unknown rule {rule!r}: the register of rules does not have it")


def _overrides(sources: Iterable[Source]) -> Iterator[_Found]:
    taken: dict[tuple[str, str, str | None, bool], Source] = {}
    packaged = {(one.kind, one.id) for one in sources if not one.override and one.version is None}
    for source in sources:
        if source.kind not in FOLDERS:
            continue
        other = taken.setdefault((source.kind, source.id, source.version, source.override), source)
        if other is not source:
            yield source.place, Problem("$", f"Expected one root to bring it; it is also at {other.place}")
        if source.override and (source.kind, source.id) not in packaged:
            yield source.place, Problem("$", f"Overrides nothing: there is no packaged {source.kind} {source.id!r}")
        elif source.version is not None and (source.kind, source.id) not in packaged:
            yield source.place, Problem("$", f"Expected the current version beside it, {source.id}.toml")


def _settings(
    catalog: Catalog, documents: Iterable[tuple[Source, Document]], register: dict[str, str]
) -> Iterator[_Found]:
    ordered = sorted((one for one in documents if one[0].version is None), key=lambda one: one[0].override)
    in_force = {Ref(source.kind, source.id): document for source, document in ordered}
    # What core says of its own documents stays true of them, whatever a bank puts in their place.
    packaged = {Ref(source.kind, source.id): document for source, document in ordered if not source.override}
    seen: dict[str, str] = {}
    for source in catalog.index.sources:
        if source.kind != "settings":
            continue
        try:
            stated = catalog._settings(source)
        except CatalogError as error:
            yield from ((error.source, problem) for problem in error.problems)
            continue
        problems = [*_languages(stated), *_rules(stated, register)]
        for at, one in enumerate(stated.settings):
            problems += one.misfits(packaged if source.root == CORE else in_force, f"$.settings[{at}]")
            if (other := seen.setdefault(one.id, source.place)) != source.place:
                what = f"Expected an id of its own: {other} states {one.id!r} already"
                problems.append(Problem(f"$.settings[{at}].id", what))
        yield from ((source.place, problem) for problem in problems)


def _left_out(catalog: Catalog, register: dict[str, str]) -> Iterator[_Found]:
    for source in catalog.index.sources:
        if source.kind != "left_out":
            continue
        try:
            names = catalog._left_out(source)
        except CatalogError as error:
            yield from ((error.source, problem) for problem in error.problems)
            continue
        for name in names:
            if name not in register:
                yield source.place, Problem(f"$[{name!r}]", "Unknown rule: the register of rules does not have it")


def _casework(documents: Iterable[tuple[Source, Document]]) -> Casework:
    from branchkit.catalog.casework import Casework

    current: dict[str, dict[str, Any]] = {}
    for source, document in documents:
        if source.version is None:
            current.setdefault(source.kind, {})[source.id] = document
    kinds = ("checklist", "procedure", "ladder", "table", "register", "standard")
    return Casework(**{f"{kind}s": current.get(kind, {}) for kind in kinds})


class _Known:
    """What documents may refer to."""

    def __init__(self, documents: Iterable[tuple[Source, Document]]) -> None:
        from branchkit.checklists import Checklist
        from branchkit.customers import TierScheme
        from branchkit.estate import EstateStandard
        from branchkit.scoring import RubricPolicy

        self.checklists: set[str] = set()
        self.current: dict[str, Checklist] = {}
        """The checklists in force, by id: what a bank puts in the place of a packaged one goes before it."""
        self.policies: set[str] = set()
        self.scoring: list[RubricPolicy] = []
        self.schemes: dict[str, TierScheme] = {}
        self.branches: set[str] = set()
        self.zones: set[str] = set()
        self.devices: set[str] = set()
        ordered = sorted(documents, key=lambda one: one[0].override)
        self.casework = _casework(ordered)
        for source, document in ordered:
            if isinstance(document, Checklist):
                self.checklists.add(document.id)
                if source.version is None:
                    self.current[document.id] = document
            elif isinstance(document, RubricPolicy):
                self.policies.add(document.id)
                self.scoring.append(document)
            elif isinstance(document, TierScheme):
                self.schemes[document.id] = document
            elif isinstance(document, EstateStandard):
                self.branches |= {kind.code for kind in document.branches}
                self.zones |= {zone.code for zone in document.zones}
                self.devices |= {device.code for device in document.equipment}

    def problems(self, source: Source, document: Document) -> Iterator[Problem]:
        """Yield references of a document to what is not there."""
        from branchkit.checklists import Checklist, SchedulePlan
        from branchkit.customers import TierScheme
        from branchkit.scoring import RubricPolicy

        for path, code in kinds_asked(document):
            yield from _all_known(path, "branch kind", (code,), self.branches)
        if isinstance(document, Checklist):
            yield from self._checklist(document)
            yield from unread_facts(document, self.scoring)
        elif isinstance(document, SchedulePlan):
            yield from self._plan(document)
        elif isinstance(document, RubricPolicy) and source.version is None:
            # An earlier version was made for the checklists of its day.
            yield from self._policy(document)
        elif isinstance(document, TierScheme):
            yield from self._by_tier(document)

    def _by_tier(self, scheme: TierScheme) -> Iterator[Problem]:
        for name, held in scheme.by_tier.items():
            path = f"$.by_tier.{name}"
            if held.scheme in self.schemes:
                yield from _all_known(f"{path}.tiers", "tier", held.tiers, set(self.schemes[held.scheme].tiers))
            elif "." not in held.scheme:  # with a dot it may be that of a plug-in's code
                yield _unknown(f"{path}.scheme", "tier scheme", held.scheme, set(self.schemes))

    def _checklist(self, checklist: Checklist) -> Iterator[Problem]:
        # A policy of a plug-in's code has a dot in its key and is no document.
        if checklist.policy is not None and checklist.policy not in self.policies and "." not in checklist.policy:
            yield _unknown("$.policy", "policy", checklist.policy, self.policies)
        for s, section in enumerate(checklist.sections):
            yield from self._each(section.for_each, f"$.sections[{s}].for_each")
            for i, item in enumerate(section.items):
                yield from self._each(item.for_each, f"$.sections[{s}].items[{i}].for_each")

    def _plan(self, plan: SchedulePlan) -> Iterator[Problem]:
        for at, entry in enumerate(plan.entries):
            path = f"$.entries[{at}]"
            if entry.checklist is not None:
                yield from _all_known(f"{path}.checklist", "checklist", (entry.checklist,), self.checklists)
            yield from self._each(entry.for_each, f"{path}.for_each")

    def _each(self, each: tuple[Each, ...], path: str) -> Iterator[Problem]:
        from branchkit.checklists import EachEquipment, EachZone

        for at, one in enumerate(each):
            place = f"{path}[{at}]"
            if isinstance(one, EachEquipment):
                yield from _all_known(f"{place}.kinds", "equipment kind", one.kinds, self.devices)
                yield from _all_known(f"{place}.zone_kinds", "zone kind", one.zone_kinds, self.zones)
            elif isinstance(one, EachZone):
                yield from _all_known(f"{place}.kinds", "zone kind", one.kinds, self.zones)

    def _policy(self, policy: RubricPolicy) -> Iterator[Problem]:
        from branchkit.scoring import lint_policy

        yield from lint_policy(policy, self.current)


def _all_known(path: str, what: str, names: tuple[str, ...], known: set[str]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield _unknown(path, what, name, known)


def _unknown(path: str, what: str, name: str, known: set[str]) -> Problem:
    return Problem(path, f"Unknown {what} {name!r}; there are: {', '.join(sorted(known)) or 'none'}")
