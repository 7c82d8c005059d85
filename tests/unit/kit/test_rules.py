from __future__ import annotations

from pathlib import Path

import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.errors import CatalogError, PluginError
from branchkit.kit import Kit, RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.plugins import BranchkitHooks, CatalogRecord, HookContext, Plugins
from tests.unit.kit.house import BRANCH, register


class Shelf(BranchkitHooks):
    """A plug-in that offers a catalog for each of some folders."""

    name = "acme"

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

    def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
        return tuple(CatalogRecord(f"acme.{one.name}", version="1", root=one) for one in self._folders)


def plugins(*folders: Path) -> Plugins:
    return Plugins.load(builtin=(CorePlugin(),), extra=(Shelf(*folders),), entry_points=False)


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
