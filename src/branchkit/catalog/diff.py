"""What a bank's own documents change against those that branchkit packages, setting by setting, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from branchkit.catalog.index import Source
from branchkit.catalog.kinds import FOLDERS, rules_of
from branchkit.codec import child, dump_json, unstructure
from branchkit.values import Text

if TYPE_CHECKING:
    from branchkit.catalog.loader import Catalog

__all__ = ["Change", "Difference", "diff", "diff_documents"]

Plain: TypeAlias = Any
_NAMES = ("id", "code", "name")
"""By what members of a list are told apart, where all of them have it."""
_TITLES = ("text", "title")
_NOT_COMPARED = ("schema", "version")


@attrs.frozen(kw_only=True)
class Change:
    """One thing that is not as packaged."""

    what: Literal["added", "removed", "changed", "reordered", "rule_dropped"]
    """``rule_dropped`` where the document no longer carries out a rule, wherever it stood."""
    path: str
    """Where; members that have an id by it, as in ``$.sections[fascia].items[fascia-clean].severity``."""
    before: str | None = None
    """How it is packaged, in words; ``None`` where it is not there, or left to what holds by itself."""
    after: str | None = None
    """How it is now. Of a rule: the documents in force that still carry it out, ``None`` where none does."""
    reason: Text | None = None
    """Why, where the bank says so, as it does of an item that it leaves out."""

    def __str__(self) -> str:
        match self.what:
            case "added":
                told = f"added: {self.after}"
            case "removed":
                told = f"removed: {self.before}"
            case "rule_dropped":
                carried = "by nothing any more" if self.after is None else f"still by {self.after}"
                told = f"{self.before} is no longer carried out here; {carried}"
            case _:
                told = f"{_left(self.before)} -> {_left(self.after)}"
        return f"{self.path}  {told}" + ("" if self.reason is None else f"  ({self.reason})")


@attrs.frozen(kw_only=True)
class Difference:
    """A packaged document that a bank overrides, and what that changes."""

    kind: str
    id: str
    root: str
    """The root that overrides it."""
    before: str
    """The packaged version."""
    after: str
    """The version in force."""
    changes: tuple[Change, ...]
    """Empty where it says the same in another way."""


def diff_documents(before: Plain, after: Plain) -> tuple[Change, ...]:
    r"""Return what differs between two documents, given as plain data.

    Members of a list that all have an ``id``, a ``code`` or a ``name`` are told apart by it, wherever they stand;
    members that are words or numbers, by themselves; others by their place.

    >>> old = {"items": [{"id": "door", "severity": "minor"}, {"id": "step"}], "rules": ["a:B-1"]}
    >>> new = {"items": [{"id": "door", "severity": "major"}], "rules": ["a:B-1"]}
    >>> print(*diff_documents(old, new), sep="\n")
    $.items[door].severity  minor -> major
    $.items[step]  removed: step
    """
    return tuple(_compare("$", before, after))


def diff(catalog: Catalog, root: str | None = None) -> Iterator[Difference]:
    """Yield what the roots of a catalog override; see `Catalog.diff`."""
    for source in catalog.index.sources:
        if source.override and source.version is None and root in (None, source.root):
            yield _difference(catalog, source)


def _difference(catalog: Catalog, source: Source) -> Difference:
    packaged = catalog.packaged(source.kind, source.id)
    document = catalog.get(source.kind, source.id)
    old, new = ({k: v for k, v in unstructure(one).items() if k not in _NOT_COMPARED} for one in (packaged, document))
    reasons = catalog.reasons(source)
    changes = [
        attrs.evolve(one, reason=reasons[name])
        if one.what == "removed" and (name := one.path.rpartition(".items[")[2].removesuffix("]")) in reasons
        else one
        for one in diff_documents(old, new)
    ]
    still = {rule for _, rule in rules_of(document)}
    dropped = {rule: path for path, rule in reversed(list(rules_of(packaged))) if rule not in still}
    elsewhere = _carriers(catalog, frozenset(dropped)) if dropped else {}
    changes += [
        Change(what="rule_dropped", path=path, before=rule, after=", ".join(elsewhere.get(rule, ())) or None)
        for rule, path in sorted(dropped.items())
    ]
    return Difference(
        kind=source.kind,
        id=source.id,
        root=source.root,
        before=str(getattr(packaged, "version", "")),
        after=str(getattr(document, "version", "")),
        changes=tuple(changes),
    )


def _carriers(catalog: Catalog, rules: frozenset[str]) -> dict[str, list[str]]:
    """Return which documents in force carry out some rules."""
    found: dict[str, list[str]] = {}
    for kind in FOLDERS:
        for id in catalog.index.ids(kind):
            for rule in sorted({rule for _, rule in rules_of(catalog.get(kind, id))} & rules):
                found.setdefault(rule, []).append(f"{kind} {id}")
    return found


def _compare(path: str, before: Plain, after: Plain) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and not (_is_text(before) or _is_text(after)):
        for key in dict.fromkeys((*before, *after)):
            yield from _setting(child(path, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _members(path, before, after)
    else:
        yield Change(what="changed", path=path, before=_words(before), after=_words(after))


def _setting(path: str, before: Plain, after: Plain) -> Iterator[Change]:
    """Compare a setting; one that is left out on one side is a change of it, but lists go member by member."""
    if before is None and isinstance(after, list):
        before = []
    if after is None and isinstance(before, list):
        after = []
    yield from _compare(path, before, after)


def _members(path: str, before: Sequence[Plain], after: Sequence[Plain]) -> Iterator[Change]:
    old, new = _by_name(before, after), _by_name(after, before)
    if old is None or new is None:
        for at in range(max(len(before), len(after))):
            yield from _member(f"{path}[{at}]", before[at : at + 1], after[at : at + 1])
        return
    for name in dict.fromkeys((*old, *new)):
        place = f"{path}[{name}]" if isinstance(old.get(name, new.get(name)), Mapping) else path
        yield from _member(place, [old[name]] if name in old else [], [new[name]] if name in new else [])
    common = [[name for name in one if name in other] for one, other in ((old, new), (new, old))]
    if common[0] != common[1]:
        yield Change(what="reordered", path=path, before=", ".join(common[0]), after=", ".join(common[1]))


def _member(path: str, before: Sequence[Plain], after: Sequence[Plain]) -> Iterator[Change]:
    if before and after:
        yield from _compare(path, before[0], after[0])
    elif before:
        yield Change(what="removed", path=path, before=_words(before[0]))
    else:
        yield Change(what="added", path=path, after=_words(after[0]))


def _by_name(members: Sequence[Plain], others: Sequence[Plain]) -> dict[str, Plain] | None:
    """Return members by what tells them apart, ``None`` where nothing does; `others` have to have it as well."""
    for name in _NAMES:
        if all(isinstance(one, Mapping) and isinstance(one.get(name), str) for one in (*members, *others)):
            found = {one[name]: one for one in members}
            return found if len(found) == len(members) else None
    if any(isinstance(one, Mapping | list) for one in (*members, *others)):
        return None
    found = {_words(one): one for one in members}
    return found if len(found) == len(members) else None


def _is_text(value: Plain) -> bool:
    return isinstance(value, Mapping) and bool(value) and value.keys() <= {"zh", "en"}


def _words(value: Plain) -> str:
    """Write a value for people: a text in its languages, what has a title by its title, anything else as JSON."""
    if isinstance(value, str):
        return value
    if _is_text(value):
        return " · ".join(value[lang] for lang in ("zh", "en") if value.get(lang))
    if isinstance(value, Mapping):
        for name in _TITLES:
            if _is_text(value.get(name)):
                return _words(value[name])
        for name in _NAMES:
            if isinstance(value.get(name), str):
                return str(value[name])
    return dump_json(value).decode()


def _left(words: str | None) -> str:
    return "(nothing)" if words is None else words
