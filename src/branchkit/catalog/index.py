"""Which documents there are: an index of file names, without opening a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import attrs

from branchkit.catalog.kinds import FOLDERS
from branchkit.errors import CatalogError, Problem

__all__ = ["CORE", "CatalogRoot", "Index", "Source", "packaged_root"]

CORE = "branchkit"
"""The name of the packaged root; its documents have ids without a dot."""
_ROOT_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_FILE_NAME = re.compile(r"(?P<stem>[a-z0-9][a-z0-9_-]*)(@(?P<version>[A-Za-z0-9][A-Za-z0-9._-]*))?\.toml")
_KINDS = {folder: kind for kind, folder in FOLDERS.items()}
_DEEPEST = 6
_BESIDE = {"left_out.toml": "left_out", "settings.toml": "settings"}
"""The files that lie beside the folders, by name."""
_ITEMS = "items"
"""The folder below ``overrides/`` of what changes single items of checklists."""


def _check_name(_: object, __: object, value: str) -> None:
    if not _ROOT_NAME.fullmatch(value):
        raise ValueError("Expected a name of lower-case letters, digits, - and _, which begins with a letter")


@attrs.frozen
class CatalogRoot:
    """A folder of catalog documents, in a package or on disk.

    Its documents have ids that begin with its name: ``acme.lobby`` is ``checklists/lobby.toml`` of the root ``acme``.
    Below ``overrides/`` it may hold documents that take the place of packaged ones of the same id, and in
    ``overrides/items/`` what changes single items of a packaged checklist.
    """

    name: str = attrs.field(validator=_check_name)
    path: Traversable | Path = attrs.field(repr=False)


def packaged_root() -> CatalogRoot:
    """Return the root that ships with branchkit."""
    return CatalogRoot(CORE, files("branchkit").joinpath("catalog"))


@attrs.frozen(kw_only=True)
class Source:
    """One file of the catalog."""

    root: str
    place: str
    """The root's name and the path below it, as messages write it."""
    kind: str
    """The kind of document, or ``rules``, ``settings`` or ``left_out``."""
    id: str
    """The id its name gives it; the area for a file of the register, empty for what has none."""
    version: str | None = None
    """The version in its name: ``None`` for the current one."""
    override: bool = False
    patch: bool = False
    """True where it changes single items of a checklist and leaves the others as they are packaged."""
    file: Traversable | Path = attrs.field(repr=False, eq=False)


@attrs.frozen(kw_only=True)
class Index:
    """What the folders hold, by file names alone."""

    sources: tuple[Source, ...]
    strangers: tuple[tuple[str, Problem], ...]
    """Files and folders that nobody asked for, with what would be right."""

    @classmethod
    def of(cls, roots: tuple[CatalogRoot, ...]) -> Index:
        """List the roots' files.

        Raises:
            CatalogError: if a folder cannot be listed.
        """
        sources: list[Source] = []
        strangers: list[tuple[str, Problem]] = []
        for root in roots:
            for found in _list_root(root):
                if isinstance(found, Source):
                    sources.append(found)
                else:
                    strangers.append(found)
        return cls(sources=tuple(sources), strangers=tuple(strangers))

    def find(self, kind: str, id: str) -> tuple[Source, ...]:
        """Return the files of a document: of every version, overrides first."""
        found = (source for source in self.sources if source.kind == kind and source.id == id)
        return tuple(sorted(found, key=lambda source: not source.override))

    def ids(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the documents of a kind that have a current version, sorted."""
        return tuple(sorted({one.id for one in self.sources if one.kind == kind and one.version is None}))


_Stranger = tuple[str, Problem]


def _list_root(root: CatalogRoot) -> Iterator[Source | _Stranger]:
    folders = ", ".join((*FOLDERS.values(), "overrides", "rules"))
    for entry in _entries(root.path, root.name):
        place = f"{root.name}/{entry.name}"
        if entry.is_dir():
            if entry.name in _KINDS:
                yield from _list_folder(root, entry, place, override=False)
            elif entry.name == "rules":
                yield from _list_rules(root, entry, place, ())
            elif entry.name == "overrides" and root.name != CORE:
                for folder in _entries(entry, place):
                    if folder.is_dir() and (folder.name in _KINDS or folder.name == _ITEMS):
                        yield from _list_folder(root, folder, f"{place}/{folder.name}", override=True)
                    else:
                        what = f"Unknown; below overrides there may be: {', '.join((*FOLDERS.values(), _ITEMS))}"
                        yield f"{place}/{folder.name}", Problem("$", what)
            elif not _is_python(entry):
                yield place, Problem("$", f"Unknown folder; there may be: {folders}")
        elif entry.name in _BESIDE:
            yield Source(root=root.name, place=place, kind=_BESIDE[entry.name], id="", file=entry)
        elif not _is_python(entry):
            yield place, Problem("$", f"Unknown file; documents lie in the folders {folders}")


def _list_folder(
    root: CatalogRoot, folder: Traversable | Path, place: str, *, override: bool
) -> Iterator[Source | _Stranger]:
    own = "" if override or root.name == CORE else f"{root.name}."
    patch = folder.name == _ITEMS
    for entry in _entries(folder, place):
        name = _FILE_NAME.fullmatch(entry.name)
        if name is None or not entry.is_file():
            what = "Expected files <id>.toml or <id>@<version>.toml, ids of lower-case letters, digits, - and _"
            yield f"{place}/{entry.name}", Problem("$", what)
            continue
        yield Source(
            root=root.name,
            place=f"{place}/{entry.name}",
            kind="checklist" if patch else _KINDS[folder.name],
            id=own + name["stem"],
            version=name["version"],
            override=override,
            patch=patch,
            file=entry,
        )


def _list_rules(
    root: CatalogRoot, folder: Traversable | Path, place: str, above: tuple[str, ...]
) -> Iterator[Source | _Stranger]:
    for entry in _entries(folder, place):
        below = f"{place}/{entry.name}"
        if entry.is_dir() and len(above) < _DEEPEST:
            yield from _list_rules(root, entry, below, (*above, entry.name))
        elif entry.is_file() and entry.name.endswith(".toml"):
            area = above[0] if above else ""
            yield Source(root=root.name, place=below, kind="rules", id=area, file=entry)
        else:
            yield below, Problem("$", "Expected files of rules, <area>/<topic>.toml")


def _entries(folder: Traversable | Path, place: str) -> list[Traversable | Path]:
    try:
        return sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        problem = Problem("$", f"Expected a folder that can be listed: {error.strerror or type(error).__name__}")
        raise CatalogError(place, (problem,)) from error


def _is_python(entry: Traversable | Path) -> bool:
    """Say whether it belongs to the package that a catalog may share its folder with."""
    return entry.name == "__pycache__" or (entry.is_file() and entry.name.endswith((".py", ".pyi", ".typed")))
