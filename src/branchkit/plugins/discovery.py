"""Finds the plug-ins that are installed, without importing any of them, and without `importlib.metadata`.

Importing `importlib.metadata` costs more than reading three hundred distributions, so folders on the path are read
directly; it is asked only about what is not a folder of ``*.dist-info`` (zip files, eggs, other finders).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module

import attrs

from branchkit.plugins.hooks import GROUP

__all__ = ["FoundEntry", "discover", "load_entry"]

_VALUE = re.compile(r"(?P<module>[\w.]+)\s*(:\s*(?P<attribute>[\w.]+)\s*)?(\[.*\]\s*)?")
_INFO = (".dist-info", ".egg-info")


@attrs.frozen
class FoundEntry:
    """One entry of one installed distribution, not yet imported."""

    name: str
    value: str = attrs.field(kw_only=True)
    """What it points to, as in ``branchkit_acme:plugin``."""
    distribution: str = attrs.field(kw_only=True)
    version: str = attrs.field(kw_only=True)


def discover(path: Sequence[str] | None = None, group: str = GROUP) -> tuple[FoundEntry, ...]:
    """List the entries of a group in all installed distributions, sorted by distribution and name.

    Where a distribution is on the path twice, the first one counts, as it does for imports.

    Args:
        path: The folders to look in; ``sys.path`` where it is left out.
        group: The entry-point group.
    """
    seen: set[str] = set()
    found: list[FoundEntry] = []
    for info in _infos(sys.path if path is None else path):
        if info.stem in seen:
            continue
        seen.add(info.stem)
        text = info.entry_points()
        if group in text:
            entries = tuple(_entries(text, group))
            if entries:
                distribution, version = info.identity()
                found += (FoundEntry(n, value=v, distribution=distribution, version=version) for n, v in entries)
    return tuple(sorted(found, key=lambda entry: (entry.distribution, entry.name, entry.value)))


def load_entry(entry: FoundEntry) -> object:
    """Import what an entry points to; lets through whatever the import raises."""
    match = _VALUE.fullmatch(entry.value.strip())
    if match is None:
        raise ValueError(f"Expected module:attribute, got {entry.value!r}")
    loaded: object = import_module(match["module"])
    for name in (match["attribute"] or "").split("."):
        if name:
            loaded = getattr(loaded, name)
    return loaded


class _Folder:
    """A ``*.dist-info`` or ``*.egg-info`` folder."""

    __slots__ = ("path", "stem")

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.stem = _normal(name.rpartition(".")[0].partition("-")[0])

    def entry_points(self) -> str:
        return _read(f"{self.path}/entry_points.txt")

    def identity(self) -> tuple[str, str]:
        head = (_read(f"{self.path}/METADATA") or _read(f"{self.path}/PKG-INFO")).partition("\n\n")[0]
        fields = dict(re.findall(r"^(Name|Version):[ \t]*(.*?)[ \t]*$", head, re.MULTILINE))
        return fields.get("Name", self.stem), fields.get("Version", "")


class _Other:
    """A distribution that only `importlib.metadata` can read."""

    __slots__ = ("name", "stem", "text", "version")

    def __init__(self, name: str, version: str, text: str) -> None:
        self.name, self.version, self.text, self.stem = name, version, text, _normal(name)

    def entry_points(self) -> str:
        return self.text

    def identity(self) -> tuple[str, str]:
        return self.name, self.version


def _infos(path: Iterable[str]) -> Iterator[_Folder | _Other]:
    for place in dict.fromkeys(path):
        try:
            with os.scandir(place or ".") as folder:
                names = sorted(entry.name for entry in folder)
        except NotADirectoryError:
            yield from _others([place])
            continue
        except OSError:  # a path entry that is not there is no error for an import either
            continue
        for name in names:
            if name.endswith(_INFO):
                yield _Folder(os.path.join(place, name), name)
            elif name.endswith(".egg"):
                yield from _others([os.path.join(place, name)])
    if path is sys.path and any(
        hasattr(finder, "find_distributions") and getattr(finder, "__name__", "") != "PathFinder"
        for finder in sys.meta_path
    ):
        yield from _others(list(path))


def _others(path: list[str]) -> Iterator[_Other]:
    from importlib import metadata

    for distribution in metadata.distributions(path=path):
        if "Name" in distribution.metadata:
            name = distribution.metadata["Name"]
            yield _Other(name, distribution.version, distribution.read_text("entry_points.txt") or "")


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:  # most distributions have no entry points
        return ""


def _entries(text: str, group: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip()
        elif section == group and line and line[0] not in "#;":
            name, equals, value = line.partition("=")
            if equals:
                yield name.strip(), value.strip()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
