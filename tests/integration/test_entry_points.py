"""Plug-ins as they really arrive: installed distributions, found by a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = """
from branchkit.plugins import BranchkitHooks, CalendarRecord, HookContext


def works():
    raise AssertionError("nobody asked for this calendar")


class Plugin(BranchkitHooks):
    name = {name!r}

    def branchkit_calendars(self, context: HookContext) -> tuple[CalendarRecord, ...]:
        return (CalendarRecord({key!r}, version="1", load=works),)


plugin = Plugin()
"""
MISSPELT = GOOD.replace("branchkit_calendars", "branchkit_calender")
BROKEN = "import a_module_that_nobody_has\n"
EXITING = "import sys\nsys.exit('no licence found')\n"
STORE = """
from branchkit.plugins import BranchkitHooks, StoreRecord


class Plugin(BranchkitHooks):
    name = {name!r}

    def branchkit_stores(self, context):
        return (StoreRecord(self.name + ".db", version="1", schemes=("pg",), open=print),)


plugin = Plugin()
"""

ASK = """
import json, sys
from branchkit.errors import BranchkitError
from branchkit.plugins import Plugins

options = json.loads(sys.argv[1])
try:
    plugins = Plugins.load(**options)
except BranchkitError as error:
    answer = {"error": str(error)}
else:
    answer = {
        "statuses": {s.name: [s.status, s.distribution, s.version, list(s.problems)] for s in plugins.status()},
        "calendars": list(plugins.calendars),
    }
    try:
        plugins.calendar("acme.works")
    except BranchkitError as error:
        answer["missing"] = str(error)
answer["modules"] = sorted(sys.modules)
print(json.dumps(answer))
"""


def install(site: Path, name: str, module: str, *, entry: str | None = None, distribution: str | None = None) -> None:
    """Put a distribution into a folder as an installer would: its module and its metadata."""
    distribution = distribution or f"branchkit-{name}"
    stem = distribution.replace("-", "_")
    info = site / f"{stem}-1.2.dist-info"
    info.mkdir(parents=True)
    (site / f"{stem}.py").write_text(module.replace("{name!r}", repr(name)).replace("{key!r}", repr(f"{name}.works")))
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n\nName: in the body\n")
    (info / "entry_points.txt").write_text(
        f"[console_scripts]\n{name} = {stem}:main\n\n[branchkit.plugins]\n{entry or f'{name} = {stem}:plugin'}\n"
    )


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Load the plug-ins of the folder ``site`` in a fresh interpreter, and say what came of it."""

    def run(*, path: str = "site", **options: object) -> dict[str, Any]:
        environ = {**os.environ, "PYTHONPATH": str(tmp_path / path), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", ASK, json.dumps(options)], env=environ, capture_output=True, text=True, check=True
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run


def test_installed_plugin_is_loaded(tmp_path: Path, ask: Ask) -> None:
    """An installed distribution's plug-in is found, loaded, and known with distribution and version."""
    install(tmp_path / "site", "acme", GOOD)

    answer = ask()

    assert ["ok", "branchkit-acme", "1.2", []] == answer["statuses"]["acme"]
    assert "acme.works" in answer["calendars"]


def test_metadata_reader_stays_unloaded(tmp_path: Path, ask: Ask) -> None:
    """Finding and loading plug-ins in folders does not import `importlib.metadata`."""
    install(tmp_path / "site", "acme", GOOD)

    assert "importlib.metadata" not in ask()["modules"]


def test_misspelt_hook_is_refused(tmp_path: Path, ask: Ask) -> None:
    """A distribution whose hook is misspelt is refused with plug-in, distribution and the right name."""
    install(tmp_path / "site", "acme", MISSPELT)

    error = ask()["error"]

    assert "Plug-in 'acme': (branchkit-acme 1.2) could not be imported: HookNameError: " in error
    assert "did you mean branchkit_calendars?" in error


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (BROKEN, "ModuleNotFoundError: No module named 'a_module_that_nobody_has'"),
        (EXITING, "SystemExit: no licence found"),
        ("x = 1\n", "AttributeError"),
        ("plugin = 1\n", "got int"),
        (GOOD.replace("Plugin()", "Plugin"), "write plugin = Plugin()"),
        (
            GOOD.replace("name = {name!r}", "name = 'other'"),
            "the entry point is called 'acme', and the plug-in 'other'",
        ),
    ],
)
def test_broken_plugin_costs_only_itself(tmp_path: Path, ask: Ask, module: str, reason: str) -> None:
    """A plug-in that cannot be had fails with the reason; others load, and what it should have brought says so."""
    install(tmp_path / "site", "acme", module)
    install(tmp_path / "site", "beta", GOOD)

    strict, lenient = ask(), ask(strict=False)

    assert reason in strict["error"]
    assert ["failed", "ok"] == [lenient["statuses"][name][0] for name in ("acme", "beta")]
    assert "Plug-in 'acme': failed: " in lenient["missing"]
    assert reason in lenient["missing"]


def test_disabled_plugin_is_never_imported(tmp_path: Path, ask: Ask) -> None:
    """The off switch is read before any plug-in is imported, so a fatal one can be turned off."""
    install(tmp_path / "site", "acme", "import os\nos._exit(9)\n")

    for switch in ("acme", "branchkit-acme", "*"):
        answer = ask(disabled=[switch])

        assert "disabled" == answer["statuses"]["acme"][0]
        assert "branchkit_acme" not in answer["modules"]
        assert "Plug-in 'acme': is disabled" in answer["missing"]


def test_switch_that_turns_nothing_off_is_refused(tmp_path: Path, ask: Ask) -> None:
    """A misspelt off switch is an error and not a plug-in left running unnoticed."""
    install(tmp_path / "site", "acme", GOOD)

    assert "'acne': is turned off, and no such plug-in is installed" in ask(disabled=["acne"])["error"]


def test_one_name_from_two_distributions(tmp_path: Path, ask: Ask) -> None:
    """Two distributions that bring a plug-in of one name both fail, and the error names both distributions."""
    install(tmp_path / "site", "acme", GOOD)
    install(tmp_path / "site", "acme", GOOD, distribution="acme-branches")

    error = ask()["error"]

    assert "(acme-branches 1.2) the name 'acme' is also claimed by 'acme' (branchkit-acme 1.2)" in error
    assert "(branchkit-acme 1.2) the name 'acme' is also claimed by 'acme' (acme-branches 1.2)" in error


def test_one_scheme_from_two_distributions(tmp_path: Path, ask: Ask) -> None:
    """Two distributions that claim one store scheme both fail, and the error names both distributions."""
    install(tmp_path / "site", "acme", STORE)
    install(tmp_path / "site", "beta", STORE)

    error = ask()["error"]

    assert "the store scheme 'pg' is also claimed by 'beta' (branchkit-beta 1.2)" in error
    assert "the store scheme 'pg' is also claimed by 'acme' (branchkit-acme 1.2)" in error


def test_two_entries_of_one_distribution(tmp_path: Path, ask: Ask) -> None:
    """A distribution that announces two plug-ins is refused before anything of it is imported."""
    install(tmp_path / "site", "acme", GOOD, entry="acme = branchkit_acme:plugin\nacme2 = branchkit_acme:plugin")

    assert "branchkit-acme announces 2 plug-ins; one a distribution" in ask()["error"]
    assert "branchkit_acme" not in ask()["modules"]


def test_shadowed_distribution_does_not_count(tmp_path: Path, ask: Ask) -> None:
    """Where a distribution is on the path twice, the first counts, as it does for imports."""
    install(tmp_path / "site", "acme", GOOD)
    install(tmp_path / "later", "acme", BROKEN)

    answer = ask(path=f"site{os.pathsep}{tmp_path / 'later'}")

    assert "ok" == answer["statuses"]["acme"][0]


def test_plugin_in_a_zip_file(tmp_path: Path, ask: Ask) -> None:
    """A plug-in that arrives in a zip file on the path is found as well."""
    install(tmp_path / "built", "acme", GOOD)
    with zipfile.ZipFile(tmp_path / "acme.zip", "w") as archive:
        for file in (tmp_path / "built").rglob("*"):
            archive.write(file, file.relative_to(tmp_path / "built"))

    assert ["ok", "branchkit-acme", "1.2", []] == ask(path="acme.zip")["statuses"]["acme"]


def test_found_equals_what_importlib_metadata_finds(tmp_path: Path) -> None:
    """Reading the folders gives the entries that the standard library gives."""
    site = tmp_path / "site"
    for name in ("acme", "beta", "gamma"):
        install(site, name, GOOD, entry=f"# ours\n{name} = branchkit_{name}:plugin [extra]\n")
    (site / "plain-1.dist-info").mkdir()
    (site / "old.egg-info").mkdir()
    (site / "old.egg-info" / "PKG-INFO").write_text("Name: old\nVersion: 3\n")
    (site / "old.egg-info" / "entry_points.txt").write_text("[branchkit.plugins]\nold = old:plugin\n")

    ours = _run(
        site, "from branchkit.plugins.discovery import discover\nfound = [(e.name, e.value) for e in discover()]"
    )
    theirs = _run(
        site,
        "from importlib.metadata import entry_points\n"
        "found = [(e.name, e.value) for e in entry_points(group='branchkit.plugins')]",
    )

    assert sorted(theirs) == sorted(ours)
    assert {"acme", "beta", "gamma", "old"} <= {name for name, _ in ours}


def _run(site: Path, code: str) -> list[tuple[str, str]]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json\nprint(json.dumps(found))"],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [(name, value) for name, value in json.loads(done.stdout)]
