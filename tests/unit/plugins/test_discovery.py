"""Finding and loading installed plug-ins, inside this process."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from branchkit.plugins import Plugins
from branchkit.plugins.discovery import FoundEntry, discover, load_entry

PLUGIN = """
from branchkit.plugins import BranchkitHooks


class Plugin(BranchkitHooks):
    name = "bk_{0}"


class holder:
    plugin = Plugin()


plugin = holder.plugin
"""


def install(
    site: Path, name: str, *, entries: str | None = None, module: str = PLUGIN, kind: str = "dist-info"
) -> None:
    info = site / f"bk_{name}-1.0.{kind}"
    info.mkdir(parents=True)
    (site / f"bk_{name}_module.py").write_text(module.replace("{0}", name))
    (info / ("METADATA" if kind == "dist-info" else "PKG-INFO")).write_text(f"Name: bk-{name}\nVersion: 1.0\n")
    text = f"bk_{name} = bk_{name}_module:plugin" if entries is None else entries
    (info / "entry_points.txt").write_text(f"[other]\nx = y:z\n\n[branchkit.plugins]\n# ours\n{text}\nno value\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for module in set(sys.modules) - before:
        if module.startswith("bk_"):
            del sys.modules[module]


def found(*path: Path) -> list[tuple[str, str, str]]:
    return [(entry.name, entry.distribution, entry.version) for entry in discover([str(place) for place in path])]


@pytest.mark.parametrize("kind", ["dist-info", "egg-info"])
def test_folder_of_metadata(tmp_path: Path, kind: str) -> None:
    """An entry is read from a distribution's folder, of either make, with the distribution's name and version."""
    install(tmp_path, "acme", kind=kind)

    assert [("bk_acme", "bk-acme", "1.0")] == found(tmp_path)


def test_places_that_hold_nothing(tmp_path: Path) -> None:
    """A place that is not there, a distribution without entries, and one with an empty group are passed over."""
    (tmp_path / "plain-1.dist-info").mkdir()
    install(tmp_path, "empty", entries="")

    assert [] == found(tmp_path / "nowhere", tmp_path)


def test_nameless_metadata_goes_by_the_folder(tmp_path: Path) -> None:
    """Where metadata states no name, the folder's name stands in."""
    install(tmp_path, "acme")
    (tmp_path / "bk_acme-1.0.dist-info" / "METADATA").unlink()

    assert [("bk_acme", "bk_acme", "")] == found(tmp_path)


def test_first_of_two_on_the_path_counts(tmp_path: Path) -> None:
    """The same distribution further down the path is not looked at."""
    install(tmp_path / "one", "acme")
    install(tmp_path / "two", "acme", entries="other = elsewhere:plugin")

    assert [("bk_acme", "bk-acme", "1.0")] == found(tmp_path / "one", tmp_path / "two")


def test_zip_files_and_eggs(tmp_path: Path) -> None:
    """What is no folder of metadata is read by the standard library."""
    install(tmp_path / "built", "acme")
    with zipfile.ZipFile(tmp_path / "acme.zip", "w") as archive:
        for file in (tmp_path / "built").rglob("*"):
            archive.write(file, file.relative_to(tmp_path / "built"))
    egg = tmp_path / "eggs" / "bk_egg-2.0.egg" / "EGG-INFO"
    egg.mkdir(parents=True)
    (egg / "PKG-INFO").write_text("Name: bk-egg\nVersion: 2.0\n")
    (egg / "entry_points.txt").write_text("[branchkit.plugins]\nbk_egg = bk_egg:plugin\n")

    assert [("bk_acme", "bk-acme", "1.0"), ("bk_egg", "bk-egg", "2.0")] == found(
        tmp_path / "acme.zip", tmp_path / "eggs"
    )


def test_nameless_egg_is_passed_over(tmp_path: Path) -> None:
    """An egg whose metadata states no name is no distribution."""
    info = tmp_path / "bk_egg-2.0.egg" / "EGG-INFO"
    info.mkdir(parents=True)
    (info / "PKG-INFO").write_text("Version: 2.0\n")
    (info / "entry_points.txt").write_text("[branchkit.plugins]\nbk_egg = bk_egg:plugin\n")

    assert [] == found(tmp_path)


def test_other_finders_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finder of another make that offers distributions is asked through the standard library."""
    from importlib import metadata

    install(tmp_path, "acme")

    class Finder:
        @staticmethod
        def find_spec(*args: object) -> None:
            return None

        @staticmethod
        def find_distributions(context: object) -> Iterator[metadata.Distribution]:
            yield metadata.Distribution.at(tmp_path / "bk_acme-1.0.dist-info")

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])

    assert "bk_acme" in [entry.name for entry in discover()]


@pytest.mark.parametrize("value", ["{}:plugin", "{}:holder.plugin", "{} : plugin [extra]"])
def test_entry_is_imported(site: Path, value: str) -> None:
    """An entry's value names a module and an attribute in it, however deep; extras are passed over."""
    install(site, "acme")
    entry = FoundEntry("bk_acme", value=value.format("bk_acme_module"), distribution="bk-acme", version="1.0")

    assert "bk_acme" == getattr(load_entry(entry), "name", None)


def test_entry_may_be_a_module() -> None:
    """An entry without an attribute is the module itself."""
    assert sys is load_entry(FoundEntry("sys", value="sys", distribution="x", version="1"))


def test_entry_that_is_no_reference() -> None:
    """A value that names no module is refused with what would be right."""
    with pytest.raises(ValueError, match="Expected module:attribute"):
        load_entry(FoundEntry("x", value="not a reference!", distribution="x", version="1"))


def test_host_loads_what_is_installed(site: Path) -> None:
    """The host takes in what is found, and each failure stays with its plug-in."""
    install(site, "acme")
    install(site, "bad", module="raise ValueError\n")
    install(site, "alias", module=PLUGIN.replace("bk_{0}", "bk_other"))
    install(site, "two", entries="bk_two = bk_two_module:plugin\nbk_more = bk_two_module:plugin")

    statuses = {status.name: (status.status, status.problems) for status in Plugins.load(strict=False).status()}

    alias = ("failed", ("the entry point is called 'bk_alias', and the plug-in 'bk_other'; give both one name",))
    twice = ("failed", ("bk-two announces 2 plug-ins; one a distribution",))
    assert ("ok", ()) == statuses["bk_acme"]
    assert ("failed", ("could not be imported: ValueError",)) == statuses["bk_bad"]
    assert alias == statuses["bk_alias"]
    assert [twice, twice] == [statuses["bk_two"], statuses["bk_more"]]
