from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, Any

import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.errors import CatalogError, PluginError
from branchkit.kit import Kit, RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.plugins import BranchkitHooks, CatalogRecord, HookContext, Plugins
from tests.unit.kit.house import BRANCH, FOLDER, register, sheet, submit


class Shelf(BranchkitHooks):
    """A plug-in that offers a catalog for each of some folders."""

    name = "acme"

    def __init__(self, *folders: Path | Traversable) -> None:
        self._folders = folders

    def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
        return tuple(CatalogRecord(f"{self.name}.{one.name}", version="1", root=one) for one in self._folders)


class House(Shelf):
    """The plug-in whose catalog has the one round of the house and its policy."""

    name = "house"


class Watched(Traversable):
    """A file or folder that is read like any other, and notes each file that is opened below it."""

    def __init__(self, there: Traversable, opened: list[str], path: str = "") -> None:
        self._there, self._opened, self._path = there, opened, path

    @property
    def name(self) -> str:
        return self._there.name

    def iterdir(self) -> Iterator[Traversable]:
        return (Watched(one, self._opened, f"{self._path}/{one.name}") for one in self._there.iterdir())

    def is_dir(self) -> bool:
        return self._there.is_dir()

    def is_file(self) -> bool:
        return self._there.is_file()

    def joinpath(self, *descendants: Any) -> Traversable:
        return Watched(self._there.joinpath(*descendants), self._opened, "/".join((self._path, *descendants)))

    __truediv__ = joinpath

    def open(self, mode: Any = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        self._opened.append(self._path)
        return self._there.open(mode, *args, **kwargs)

    def read_bytes(self) -> bytes:
        with self.open("rb") as file:
            found: bytes = file.read()
        return found

    def read_text(self, encoding: str | None = None) -> str:
        return self.read_bytes().decode(encoding or "utf-8")


def plugins(*folders: Path | Traversable, of: type[Shelf] = Shelf) -> Plugins:
    return Plugins.load(builtin=(CorePlugin(),), extra=(of(*folders),), entry_points=False)


def test_two_catalogs_of_one_plugin_are_refused_by_name(tmp_path: Path) -> None:
    """A plug-in that offers two catalogs is named with both of them, before anything is read."""
    with pytest.raises(PluginError) as caught:
        RuleBook.load(plugins=plugins(tmp_path / "hall", tmp_path / "vault"))

    assert "acme" == caught.value.plugin
    assert "offers 2 catalogs (acme.hall, acme.vault); expected one folder with all of its documents" in str(
        caught.value
    )


def test_a_catalog_of_a_plugin_is_known_by_its_name() -> None:
    """The one catalog of a plug-in stands beside the packaged one, under the plug-in's name."""
    rules = RuleBook.load(plugins=plugins(Path("somewhere")))

    assert ["branchkit", "acme"] == [root.name for root in rules.catalog.roots]


def test_opening_a_kit_reads_no_catalog_document(tmp_path: Path) -> None:
    """A kit opens, registers a branch and tells of it although no document of any catalog can be read."""
    packaged = tmp_path / "packaged"
    for folder in ("checklists", "policies", "registers", "rules"):
        (packaged / folder).mkdir(parents=True)
        (packaged / folder / "broken.toml").write_text("this is no TOML", encoding="utf-8")
    rules = RuleBook(Catalog(packaged=CatalogRoot("branchkit", packaged)), plugins())

    with Kit.open("memory:", rules=rules) as kit:
        assert ("branch_registered",) == kit.do(register()).events
        assert BRANCH == kit.get(type(BRANCH), BRANCH.id)
        assert kit.verify().ok
        with pytest.raises(CatalogError):
            kit.rules.checklist("broken")


def test_a_kit_opens_only_the_documents_that_are_used() -> None:
    """Opening a kit, registering a branch and verifying open no file of core's catalog or of a plug-in's; a sheet opens
    its checklist and the policy that scores it, once, and nothing else; so does whoever asks for a document.
    """
    opened: list[str] = []
    loaded = RuleBook.load(plugins=plugins(Watched(FOLDER, opened, "house"), of=House))
    core, house = loaded.catalog.roots
    watched = CatalogRoot(core.name, Watched(files("branchkit") / "catalog", opened, core.name))
    rules = RuleBook(Catalog([house], packaged=watched), loaded.plugins)

    with Kit.open("memory:", rules=rules) as kit:
        kit.do(register())
        assert kit.verify().ok
        before = list(opened)
        kit.do(submit(sheet("F-1")))
        kit.do(submit(sheet("F-2", 2)))
        kit.rules.checklist("accessibility")

    used = ["branchkit/checklists/accessibility.toml", "house/checklists/round.toml", "house/policies/points.toml"]
    assert [] == before
    assert used == sorted(opened)
