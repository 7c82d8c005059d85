"""Reads catalog documents when they are asked for, and keeps them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from branchkit.catalog.index import CatalogRoot, Index, Source, packaged_root
from branchkit.catalog.kinds import FOLDERS, document_class, rules_of
from branchkit.catalog.model import CatalogEntry, Rule, RuleTopic
from branchkit.catalog.settings import Setting, SettingList
from branchkit.codec import Document, json_schema, parse_toml
from branchkit.errors import CatalogError, InputError, NotFound, Problem
from branchkit.values import Text, is_rule_id

if TYPE_CHECKING:
    from branchkit.catalog.diff import Difference
    from branchkit.checklists import Checklist, SchedulePlan
    from branchkit.conditions import DecisionTable
    from branchkit.customers import CreditScheme, PrivacyPolicy, TierScheme, TriggerList
    from branchkit.escalation import EscalationLadder
    from branchkit.estate import EstateStandard, Register
    from branchkit.procedures import Procedure
    from branchkit.scoring import RubricPolicy
    from branchkit.temporal import Calendar

__all__ = ["Catalog"]

D = TypeVar("D", bound=Document)


class Catalog:
    """The documents of core and of plug-ins (规范库).

    Asking for one reads that one; what has been read is kept. Safe to share between threads.

    Args:
        roots: the roots of plug-ins and of the bank, beside the packaged one. Their order decides nothing.
        packaged: what stands in place of the packaged root, for tests.

    Raises:
        ValueError: if two roots have the same name.

    >>> catalog = Catalog()
    >>> catalog.checklist("outdoor").item("fascia-clean").text.en
    'The door-head sign shows no dirt'
    >>> catalog.rule("estate:EST-ORG-10").severity.value
    'major'
    >>> catalog.standard().branch_kind("wealth_outlet").min_open_tellers
    3
    """

    def __init__(self, roots: Iterable[CatalogRoot] = (), *, packaged: CatalogRoot | None = None) -> None:
        self.roots = (packaged or packaged_root(), *roots)
        names = [root.name for root in self.roots]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"Expected roots with names of their own; several are named {', '.join(doubled)}")
        self._lock = threading.RLock()
        self._index: Index | None = None
        self._read: dict[str, Any] = {}

    @property
    def index(self) -> Index:
        """Which files there are; listed when first asked for.

        Raises:
            CatalogError: if a folder cannot be listed.
        """
        with self._lock:
            if self._index is None:
                self._index = Index.of(self.roots)
            return self._index

    def checklist(self, id: str, version: str | None = None) -> Checklist:
        """Return a checklist; the current version unless another is named. Raises as `show`."""
        return cast("Checklist", self.get("checklist", id, version))

    def policy(self, id: str, version: str | None = None) -> RubricPolicy:
        """Return a scoring policy. Raises as `show`."""
        return cast("RubricPolicy", self.get("policy", id, version))

    def standard(self, id: str = "standard", version: str | None = None) -> EstateStandard:
        """Return an estate standard. Raises as `show`."""
        return cast("EstateStandard", self.get("standard", id, version))

    def register(self, id: str, version: str | None = None) -> Register:
        """Return what is declared about a register. Raises as `show`."""
        return cast("Register", self.get("register", id, version))

    def table(self, id: str, version: str | None = None) -> DecisionTable:
        """Return a decision table. Raises as `show`."""
        return cast("DecisionTable", self.get("table", id, version))

    def calendar(self, id: str, version: str | None = None) -> Calendar:
        """Return a calendar of working days. Raises as `show`."""
        return cast("Calendar", self.get("calendar", id, version))

    def schedule(self, id: str, version: str | None = None) -> SchedulePlan:
        """Return a plan of schedules. Raises as `show`."""
        return cast("SchedulePlan", self.get("schedule", id, version))

    def procedure(self, id: str, version: str | None = None) -> Procedure:
        """Return a procedure. Raises as `show`."""
        return cast("Procedure", self.get("procedure", id, version))

    def ladder(self, id: str, version: str | None = None) -> EscalationLadder:
        """Return an escalation ladder. Raises as `show`."""
        return cast("EscalationLadder", self.get("ladder", id, version))

    def tier_scheme(self, id: str, version: str | None = None) -> TierScheme:
        """Return a scheme of customer tiers. Raises as `show`."""
        return cast("TierScheme", self.get("tier_scheme", id, version))

    def trigger_list(self, id: str = "quality-customer", version: str | None = None) -> TriggerList:
        """Return a list of trigger points. Raises as `show`."""
        return cast("TriggerList", self.get("trigger_list", id, version))

    def credit_scheme(self, id: str = "standard", version: str | None = None) -> CreditScheme:
        """Return a scheme of credit shares. Raises as `show`."""
        return cast("CreditScheme", self.get("credit_scheme", id, version))

    def privacy_policy(self, id: str = "standard", version: str | None = None) -> PrivacyPolicy:
        """Return what is held about personal data. Raises as `show`."""
        return cast("PrivacyPolicy", self.get("privacy_policy", id, version))

    def get(self, kind: str, id: str, version: str | None = None) -> Document | Rule:
        """Return any document, or a rule of the register where the kind is ``rule``.

        Raises:
            NotFound: if there is none of that kind, id or version; says what there is.
            CatalogError: if the document is wrong, with every problem, or if several roots bring the same one.
        """
        if kind == "rule":
            return self.rule(id)
        if kind not in FOLDERS:
            raise NotFound("kind of catalog document", kind, tuple(sorted((*FOLDERS, "rule"))))
        found = self.index.find(kind, id)
        current = _chosen([source for source in found if source.version is None])
        if current is None:
            raise NotFound(kind, id, self.index.ids(kind))
        if version is None:
            return self._document(current)
        return self._version(kind, id, version, current, found)

    def _version(self, kind: str, id: str, version: str, current: Source, found: tuple[Source, ...]) -> Document:
        document = self._document(current)
        if version_of(document) == version:
            return document
        named = _chosen([source for source in found if source.version == version])
        if named is not None:
            return self._document(named)
        # What an override stands in front of is still there for sheets that were filled in against it.
        behind = [source for source in found if source.version is None and not source.override]
        for source in behind if current.override else ():
            if version_of(self._document(source)) == version:
                return self._document(source)
        versions = {version_of(self._document(one)) for one in (current, *behind)}
        raise NotFound(
            f"version of {kind} {id!r}", version, tuple(sorted(versions | {s.version for s in found if s.version}))
        )

    def rule(self, id: str) -> Rule:
        """Return a rule of the register by its qualified id.

        Raises:
            NotFound: if the register has no such rule; names those of the same family.
            CatalogError: if a file of the register is wrong.
        """
        area = id.partition(":")[0]
        rules = self._area(area) if is_rule_id(id) else {}
        if id not in rules:
            family = id.rpartition("-")[0]
            raise NotFound("rule", id, tuple(sorted(one for one in rules if one.rpartition("-")[0] == family)))
        return rules[id]

    def rules(self) -> tuple[Rule, ...]:
        """Return every rule of the register, sorted by id.

        Raises:
            CatalogError: if a file of the register is wrong.
        """
        topics = (topic for source in self.index.sources if source.kind == "rules" for topic in (self._topic(source),))
        return tuple(sorted((rule for topic in topics for rule in topic.rules), key=lambda rule: rule.id))

    def entries(self, kind: str | None = None) -> tuple[CatalogEntry, ...]:
        """Return every document, of every version, sorted by kind and id; without the register of rules.

        Raises:
            CatalogError: if a document is wrong.
            NotFound: if the kind is none.
        """
        if kind is not None and kind not in FOLDERS:
            raise NotFound("kind of catalog document", kind, tuple(sorted(FOLDERS)))
        found: list[CatalogEntry] = []
        for source in self.index.sources:
            if source.kind not in FOLDERS or kind not in (None, source.kind):
                continue
            document = self._document(source)
            found.append(
                CatalogEntry(
                    kind=source.kind,
                    id=source.id,
                    version=version_of(document),
                    title=getattr(document, "title", None),
                    rules=tuple(sorted({rule for _, rule in rules_of(document)})),
                    root=source.root,
                )
            )
        return tuple(sorted(found, key=lambda one: (one.kind, one.id, one.version, one.root)))

    def left_out(self) -> Mapping[str, str]:
        """Return the rules that are left out for now, with the reason, from each root's ``left_out.toml``.

        Raises:
            CatalogError: if such a file is wrong.
        """
        found: dict[str, str] = {}
        for source in self.index.sources:
            if source.kind == "left_out":
                found |= self._left_out(source)
        return found

    def settings(self) -> tuple[Setting, ...]:
        """Return what the sources contradict one another about and how it is decided, sorted by id.

        Raises:
            CatalogError: if a root's ``settings.toml`` is wrong.
        """
        lists = (self._settings(source) for source in self.index.sources if source.kind == "settings")
        return tuple(sorted((one for stated in lists for one in stated.settings), key=lambda one: one.id))

    def check(self) -> tuple[tuple[str, Problem], ...]:
        """Check every document, a bank's as strictly as core's: each problem with the document it is in.

        Raises:
            CatalogError: only if a folder cannot be listed.
        """
        from branchkit.catalog.check import check

        return tuple(check(self))

    def packaged(self, kind: str, id: str, version: str | None = None) -> Document:
        """Return a document as it is packaged, the current version or another, whatever stands in its place.

        Raises:
            NotFound: if nothing of that kind, id and version is packaged.
            CatalogError: if the document is wrong, or several roots bring it.
        """
        found = [one for one in self.index.find(kind, id) if not one.override]
        current = _chosen([one for one in found if one.version is None])
        if current is None:
            here = (one.id for one in self.index.sources if one.kind == kind and not one.override)
            raise NotFound(f"packaged {kind}", id, tuple(sorted(set(here))))
        document = self._document(current)
        if version in (None, version_of(document)):
            return document
        named = _chosen([one for one in found if one.version == version])
        if named is None:
            there = {version_of(document), *(one.version for one in found if one.version)}
            raise NotFound(f"packaged version of {kind} {id!r}", str(version), tuple(sorted(there)))
        return self._document(named)

    def diff(self, root: str | None = None) -> tuple[Difference, ...]:
        """Return what documents and items that stand in the place of packaged ones change against these.

        What a bank brings beside the packaged documents, under ids of its own, is no difference.

        Args:
            root: only what this root overrides.

        Raises:
            NotFound: there is no such root, or something overrides what is not packaged.
            CatalogError: if a document is wrong.
        """
        from branchkit.catalog.diff import diff

        if root is not None and root not in {one.name for one in self.roots}:
            raise NotFound("catalog root", root, tuple(sorted(one.name for one in self.roots)))
        return tuple(diff(self, root))

    def schema(self, kind: str) -> dict[str, Any]:
        """Return the JSON Schema of a kind of document, for editors.

        Beside the catalog's own kinds: ``rules`` for a file of the register, ``settings`` for the file of settings, and
        ``branch`` and ``sheet``, which people write by hand as well; ``checklist_patch`` for a file of
        ``overrides/items/``.

        Raises:
            NotFound: if the kind is none.
        """
        from branchkit.catalog.patch import ChecklistPatch
        from branchkit.checklists import Sheet
        from branchkit.estate import Branch

        beside: dict[str, type[Document]] = {
            "rules": RuleTopic,
            "settings": SettingList,
            "branch": Branch,
            "sheet": Sheet,
            "checklist_patch": ChecklistPatch,
        }
        if kind in beside:
            return json_schema(beside[kind])
        if kind not in FOLDERS:
            raise NotFound("kind of catalog document", kind, tuple(sorted((*FOLDERS, *beside))))
        return json_schema(document_class(kind))

    def _area(self, area: str) -> dict[str, Rule]:
        with self._lock:
            key = f"area {area}"
            if key not in self._read:
                mine = (source for source in self.index.sources if source.kind == "rules" and source.id in {area, ""})
                self._read[key] = _rules_once((source, self._topic(source)) for source in mine)
            return cast("dict[str, Rule]", self._read[key])

    def _settings(self, source: Source) -> SettingList:
        return self._load(source, SettingList)

    def _topic(self, source: Source) -> RuleTopic:
        return self._load(source, RuleTopic)

    def reasons(self, source: Source) -> Mapping[str, Text]:
        """Return why items are left out, by their ids; empty for what is no change of single items."""
        if not source.patch:
            return {}
        from branchkit.catalog.patch import ChecklistPatch

        return {one.id: one.reason for one in self._load(source, ChecklistPatch).leave_out}

    def _document(self, source: Source) -> Document:
        return self._patched(source) if source.patch else self._load(source, document_class(source.kind))

    def _patched(self, source: Source) -> Checklist:
        from branchkit.catalog.patch import ChecklistPatch

        with self._lock:
            key = f"patched {source.place}"
            if key not in self._read:
                patch = self._load(source, ChecklistPatch)
                # An earlier change, kept for the sheets of its day, was written for the version of that day.
                of = None if source.version is None else patch.of
                try:
                    packaged = cast("Checklist", self.packaged("checklist", source.id, of))
                except NotFound as error:
                    problem = Problem("$.id" if of is None else "$.of", str(error))
                    raise CatalogError(source.place, (problem,)) from error
                self._read[key] = patch.apply(packaged, source=source.place)
            return cast("Checklist", self._read[key])

    def _load(self, source: Source, cls: type[D]) -> D:
        with self._lock:
            if source.place not in self._read:
                data = _bytes(source)
                try:
                    document = cls.from_toml(data, source=source.place)
                except InputError as error:
                    raise CatalogError(source.place, error.problems) from error
                if problems := tuple(_misnamed(source, document)):
                    raise CatalogError(source.place, problems)
                self._read[source.place] = document
            return cast("D", self._read[source.place])

    def _left_out(self, source: Source) -> dict[str, str]:
        try:
            plain = parse_toml(_bytes(source), source=source.place)
        except InputError as error:
            raise CatalogError(source.place, error.problems) from error
        wrong = [
            Problem(f"$[{name!r}]", "Expected a rule id with its area, and the reason as text")
            for name, reason in plain.items()
            if not (is_rule_id(name) and isinstance(reason, str) and reason.strip())
        ]
        if wrong:
            raise CatalogError(source.place, tuple(wrong))
        return cast("dict[str, str]", plain)


def _rules_once(topics: Iterable[tuple[Source, RuleTopic]]) -> dict[str, Rule]:
    """Return the rules by id; a rule has one meaning, so a second file that states it is refused and named."""
    found: dict[str, tuple[Source, Rule]] = {}
    for source, topic in topics:
        for at, rule in enumerate(topic.rules):
            if rule.id in found:
                what = f"Expected a rule of its own: {found[rule.id][0].place} states {rule.id} already"
                raise CatalogError(source.place, (Problem(f"$.rules[{at}].id", what),))
            found[rule.id] = (source, rule)
    return {id: rule for id, (_, rule) in found.items()}


def version_of(document: Document) -> str:
    """Return the version a document states."""
    return str(getattr(document, "version", ""))


def _bytes(source: Source) -> bytes:
    try:
        return source.file.read_bytes()
    except OSError as error:
        problem = Problem("$", f"Expected a file that can be read: {error.strerror or type(error).__name__}")
        raise CatalogError(source.place, (problem,)) from error


def _chosen(sources: list[Source]) -> Source | None:
    """Return the one to use: an override before the packaged one. Which of two is never decided by their order."""
    overriding = [source for source in sources if source.override] or sources
    if len(overriding) > 1:
        problem = Problem("$", f"Expected one root to bring it; it is also at {overriding[1].place}")
        raise CatalogError(overriding[0].place, (problem,))
    return overriding[0] if overriding else None


def _misnamed(source: Source, document: Document) -> Iterable[Problem]:
    if isinstance(document, RuleTopic):
        if source.id and document.area != source.id:
            yield Problem("$.area", f"Expected {source.id!r}, the name of the folder")
        return
    if source.id and getattr(document, "id", None) != source.id:
        yield Problem("$.id", f"Expected {source.id!r}, by the file's name")
    if source.version is not None and version_of(document) != source.version:
        yield Problem("$.version", f"Expected {source.version!r}, by the file's name")
