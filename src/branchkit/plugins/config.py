"""Which key is used where: the configuration, read from TOML, with one total order of scopes.

::

    schema = "branchkit.config/1"

    [[use]]
    what = "scoring_policy"
    key = "acme.stars"
    branch = "B-0417"
    checklist = "outdoor"

    [[plugin]]
    name = "acme"
    settings = {top = 5}

    [[disable]]
    plugin = "stars"

Place decides before document: a branch before its kind, that before its regions from the nearest outwards, those before
the bank; and within one place the document's id before its kind, and that before all documents. Which documents can be
told apart depends on what is assigned: a scoring policy may differ from checklist to checklist, an escalation policy
from ladder to ladder, a tier policy from scheme to scheme, an assignment policy by what it chooses somebody for.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import attrs

from branchkit.codec import Document
from branchkit.errors import BranchkitError, ConfigError, NotFound, Problem
from branchkit.plugins.keys import is_key
from branchkit.plugins.status import ALL
from branchkit.values import FrozenMap, is_identifier

if TYPE_CHECKING:
    from branchkit.plugins.host import Plugins

__all__ = ["ASSIGNABLE", "STATABLE", "Choice", "Config", "Disable", "PluginSettings", "State", "Use"]

ASSIGNABLE: Mapping[str, tuple[str, ...]] = FrozenMap(
    {
        "assignment_policy": ("purpose",),
        "calendar": (),
        "credit_policy": (),
        "escalation_policy": ("ladder",),
        "port": ("port",),
        "renderer": (),
        "scoring_policy": ("checklist", "checklist_kind"),
        "tier_policy": ("tier_scheme",),
    }
)
"""What a configuration may assign, and by which documents it may differ: by a document's id, and then by its kind."""

STATABLE: tuple[str, ...] = ("tier_scheme", "trigger_list")
"""The kinds of documents that leave settings to the bank's configuration."""

_PLACES = ("branch", "branch_kind", "region")
_DOCUMENTS = ("checklist", "checklist_kind", "ladder", "tier_scheme", "purpose", "port")
_PLUGIN = re.compile(r"[a-z][a-z0-9_]*")

_Scope: TypeAlias = tuple[str, str, str, str]
"""The kind of place, which one, the kind of document selector, which one."""


@attrs.frozen(kw_only=True)
class Use:
    """One assignment: a key, and the scope it is for; without any scope it is for the whole bank."""

    what: str
    """What is assigned, as in ``scoring_policy``."""
    key: str
    """The record's key, as in ``acme.stars``."""
    branch: str | None = None
    branch_kind: str | None = None
    region: str | None = None
    """The id of a unit above the branch."""
    checklist: str | None = None
    checklist_kind: str | None = None
    ladder: str | None = None
    """The ladder that an escalation policy stands in for, by the id that procedures name it by."""
    tier_scheme: str | None = None
    """The tier scheme that a tier policy stands in for."""
    purpose: str | None = None
    """What an assignment policy chooses somebody for, as in ``lead``."""
    port: str | None = None
    """The port that a way to a system of the bank stands at, as in ``core-bank``."""

    @property
    def scope(self) -> _Scope:
        """The scope as a value; of several places or documents, which `Config.validate` refuses, the first counts."""
        place, where = next(((name, v) for name in _PLACES if (v := getattr(self, name)) is not None), ("bank", ""))
        by, which = next(((name, v) for name in _DOCUMENTS if (v := getattr(self, name)) is not None), ("all", ""))
        return (place, where, by, which)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with this assignment alone."""
        if self.what not in ASSIGNABLE:
            yield Problem("$.what", f"Expected one of {', '.join(ASSIGNABLE)}, got another name")
        if not is_key(self.key):
            yield Problem("$.key", "Expected a key of lower-case letters, digits, _ and -, as in acme.stars")
        for group, noun in ((_PLACES, "place"), (_DOCUMENTS, "document")):
            given = [name for name in group if getattr(self, name) is not None]
            if len(given) > 1:
                yield Problem("$", f"Expected one {noun}, got {' and '.join(given)}: one of them has no effect")
            for name in given:
                if not is_identifier(getattr(self, name)):
                    yield Problem(f"$.{name}", "Expected an id of 1 to 200 printable characters without outer spaces")
                if group is _DOCUMENTS and name not in ASSIGNABLE.get(self.what, _DOCUMENTS):
                    noun = _noun(name)
                    yield Problem(
                        f"$.{name}", f"has no effect: what is used as {self.what} does not depend on the {noun}"
                    )


@attrs.frozen(kw_only=True)
class Disable:
    """Turns a plug-in off."""

    plugin: str
    """Its name; ``*`` for every plug-in that is not core's."""


@attrs.frozen(kw_only=True)
class PluginSettings:
    """What a plug-in is told; it finds it in the context of each hook."""

    name: str
    settings: FrozenMap[Any]


@attrs.frozen(kw_only=True)
class State:
    """What the bank states of a document's settings that no source states, as in which currency a limit counts."""

    document: str
    """The document's kind and id, as in ``tier_scheme:lobby-identification``."""
    settings: FrozenMap[Any]
    """Plain data, by setting."""

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with this statement alone."""
        kind, colon, id = self.document.partition(":")
        if kind not in STATABLE or not colon or not is_identifier(id):
            listed = " or ".join(f"{one}:ID" for one in STATABLE)
            yield Problem("$.document", f"Expected the kind and id of a document that leaves settings open: {listed}")
        if not self.settings:
            yield Problem("$.settings", "has no effect: it is empty")


@attrs.frozen
class Choice:
    """The key that a configuration assigns, and why."""

    key: str
    scope: str = attrs.field(kw_only=True)
    """The scope in words, as in ``branch B-0417, checklist outdoor``."""
    place: str = attrs.field(kw_only=True)
    """Where the configuration says so, as in ``$.use[3]``."""


@attrs.frozen(kw_only=True)
class Config(Document):
    """A bank's configuration.

    >>> config = Config(use=(
    ...     Use(what="scoring_policy", key="standard"),
    ...     Use(what="scoring_policy", key="acme.stars", branch="B-0417"),
    ... ))
    >>> config.resolve("scoring_policy", branch="B-0417", document="outdoor").scope
    'branch B-0417, all checklists'
    """

    SCHEMA: ClassVar[str] = "config/1"

    use: tuple[Use, ...] = ()
    disable: tuple[Disable, ...] = ()
    plugin: tuple[PluginSettings, ...] = ()
    state: tuple[State, ...] = ()

    @property
    def disabled(self) -> frozenset[str]:
        """The names of the plug-ins it turns off."""
        return frozenset(one.plugin for one in self.disable)

    @property
    def settings(self) -> FrozenMap[FrozenMap[Any]]:
        """The settings of each plug-in, by its name."""
        return FrozenMap({one.name: one.settings for one in self.plugin})

    def resolve(
        self,
        what: str,
        *,
        branch: str | None = None,
        kind: str | None = None,
        regions: Sequence[str] = (),
        document: str | None = None,
        document_kind: str | None = None,
    ) -> Choice | None:
        """Return the assignment that applies: that of the first scope in the total order which has one.

        Args:
            what: What is asked for, as in ``scoring_policy``.
            branch: The branch's id.
            kind: The branch's kind.
            regions: The ids of the units above the branch, the nearest first.
            document: The id of the document that it is asked for: of the checklist, or of the ladder.
            document_kind: The document's kind, where such have one.

        Returns:
            The choice; ``None`` where the configuration is silent, and the caller's own default holds.

        Raises:
            NotFound: Nothing of the name ``what`` can be assigned.
            ConfigError: Two assignments have one scope.
        """
        _known(what)
        places = [("branch", branch), ("branch_kind", kind), *(("region", region) for region in regions), ("bank", "")]
        documents = (*zip(ASSIGNABLE[what], (document, document_kind), strict=False), ("all", ""))
        for place, where in places:
            for document_by, which in documents:
                if where is not None and which is not None:
                    hits = self._index.get((what, (place, where, document_by, which)))
                    if hits:
                        return self._choice(what, hits)
        return None

    def explain(self, what: str) -> tuple[str, ...]:
        """Write out the total order of scopes, the first that applies on top, and what stands at each.

        Raises `NotFound` where nothing of that name can be assigned.
        """
        _known(what)
        documents = (*ASSIGNABLE[what], "all")
        lines = [f"{what}: the first of these that applies and has a key"]
        for number, (place, document) in enumerate(product((*_PLACES, "bank"), documents), start=1):
            scope = (place, "" if place == "bank" else "…", document, "" if document == "all" else "…")
            nearest = " (the nearest first)" if place == "region" else ""
            lines.append(f"{number:3}. {_words(what, scope)}{nearest}")
            lines += (
                f"       {self.use[hit].key}: {_words(what, found)} - at `$.use[{hit}]`"
                for (kind, found), hits in sorted(self._index.items())
                if kind == what and (found[0], found[2]) == (place, document)
                for hit in hits
            )
        return tuple(lines)

    def validate(self) -> Iterator[Problem]:
        """Yield ties, repetitions, and settings without effect."""
        for (what, scope), hits in self._index.items():
            for hit in hits[1:]:
                same = self.use[hit].key == self.use[hits[0]].key
                fault = "says again what" if same else "contradicts (same scope, another key)"
                yield Problem(f"$.use[{hit}]", f"{fault} $.use[{hits[0]}] says for {_words(what, scope)}")
        for index, use in enumerate(self.use):
            plugin, dot, _ = use.key.partition(".")
            off = plugin if plugin in self.disabled else ALL
            if dot and off in self.disabled:
                yield Problem(f"$.use[{index}].key", f"has no effect: the configuration turns off plug-in {off!r}")
        yield from _names("disable", "plugin", [one.plugin for one in self.disable], {ALL})
        yield from _names("plugin", "name", [one.name for one in self.plugin], set())
        documents = [one.document for one in self.state]
        for index, name in enumerate(documents):
            if name in documents[:index]:
                yield Problem(f"$.state[{index}].document", f"says again what $.state[{documents.index(name)}] says of")
        for index, one in enumerate(self.plugin):
            if not one.settings:
                yield Problem(f"$.plugin[{index}].settings", "has no effect: it is empty")

    def check(self, plugins: Plugins, documents: Mapping[str, Collection[str]] = FrozenMap()) -> tuple[Problem, ...]:
        """Return the assignments whose key nobody brings; of a configuration that passes `validate`.

        Args:
            plugins: What the loaded plug-ins bring in code.
            documents: The keys that catalogs bring, by what is assigned, as in ``scoring_policy``.
        """
        finders = {
            "assignment_policy": plugins.assignment_policy,
            "calendar": plugins.calendar,
            "credit_policy": plugins.credit_policy,
            "port": plugins.port,
            "tier_policy": plugins.tier_policy,
            "escalation_policy": plugins.escalation_policy,
            "renderer": plugins.renderer,
            "scoring_policy": plugins.scoring_policy,
        }
        problems = []
        for index, use in enumerate(self.use):
            if use.key in documents.get(use.what, ()):
                continue
            try:
                finders[use.what](use.key)
            except BranchkitError as error:
                problems.append(Problem(f"$.use[{index}].key", str(error)))
        return tuple(problems)

    def stated(self, kind: str, id: str) -> tuple[str, FrozenMap[Any]] | None:
        """Return where and what is stated of a document's settings; ``None`` where nothing is."""
        for index, one in enumerate(self.state):
            if one.document == f"{kind}:{id}":
                return f"$.state[{index}].settings", one.settings
        return None

    def assigns(self, what: str) -> bool:
        """Say whether anything of that name is assigned anywhere; where not, `resolve` has nothing to find."""
        return what in self._assigned

    @cached_property
    def _assigned(self) -> frozenset[str]:
        return frozenset(use.what for use in self.use)

    @cached_property
    def _index(self) -> dict[tuple[str, _Scope], tuple[int, ...]]:
        hits: dict[tuple[str, _Scope], list[int]] = defaultdict(list)
        for index, use in enumerate(self.use):
            hits[use.what, use.scope].append(index)
        return {scope: tuple(found) for scope, found in hits.items()}

    def _choice(self, what: str, hits: tuple[int, ...]) -> Choice:
        first, *others = hits
        use = self.use[first]
        scope = _words(what, use.scope)
        if others:
            raise ConfigError(f"$.use[{others[0]}]", f"$.use[{first}] assigns {what} for {scope} too; keep one of them")
        return Choice(use.key, scope=scope, place=f"$.use[{first}]")


def _known(what: str) -> None:
    if what not in ASSIGNABLE:
        raise NotFound("setting", what, tuple(sorted(ASSIGNABLE)))


def _words(what: str, scope: _Scope) -> str:
    place, where, document, which = scope
    words = f"{place.replace('_', ' ')} {where}" if where else "the whole bank"
    documents = ASSIGNABLE.get(what, _DOCUMENTS)
    if not documents:
        return words
    return f"{words}, {document.replace('_', ' ')} {which}" if which else f"{words}, all {_noun(documents[0])}s"


def _noun(selector: str) -> str:
    return selector.removesuffix("_kind")


def _names(table: str, field: str, names: Sequence[str], also: set[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        path = f"$.{table}[{index}].{field}"
        if name not in also and not _PLUGIN.fullmatch(name):
            yield Problem(path, "Expected a plug-in's name: lower-case letters, digits and underscores")
        if name in names[:index]:
            yield Problem(path, f"says again what $.{table}[{names.index(name)}] says")
