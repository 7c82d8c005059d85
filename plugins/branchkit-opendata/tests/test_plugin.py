from __future__ import annotations

import hashlib
from pathlib import Path

from branchkit_opendata import OpenData, plugin

from branchkit.checklists import Checklist
from branchkit.plugins import HookContext, Plugins
from branchkit.scoring import RubricPolicy

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "plugins" / "branchkit-opendata" / "src" / "branchkit_opendata"


def test_the_plugin_loads_and_its_importers_are_found_by_their_short_names() -> None:
    """The host accepts the plug-in, and each importer answers to its name without the plug-in's."""
    plugins = Plugins.load(extra=(plugin,), entry_points=False)
    names = (
        "obie-atms",
        "obie-branches",
        "cfpb-complaints",
        "servicenow-incidents",
        "sf-inspections",
        "state-council-calendar",
    )

    assert isinstance(plugin, OpenData)
    assert [f"opendata.{name}" for name in names] == [plugins.importer(name).key for name in names]
    assert ["ok"] == [status.status for status in plugins.status()]


def test_the_catalog_holds_a_sound_checklist_and_policy() -> None:
    """Every document of the catalog loads, and the policy scores the checklist that asks for it."""
    (record,) = plugin.branchkit_catalogs(HookContext())
    form = Checklist.from_toml(record.root.joinpath("checklists").joinpath("sf-food-visit.toml").read_bytes())
    rubric = RubricPolicy.from_toml(record.root.joinpath("policies").joinpath("sf-2015.toml").read_bytes())

    assert (form.policy, (form.id,)) == (rubric.id, rubric.checklists)


def test_carried_data_is_unaltered() -> None:
    """Every carried file is byte for byte what it was when it came, as its terms demand."""
    data = ROOT / "examples" / "data"
    lines = (data / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    digests = {name: digest for digest, name in (line.split() for line in lines)}
    carried = {path.relative_to(data).as_posix(): path for kind in ("json", "csv") for path in data.rglob(f"*.{kind}")}

    assert digests == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in carried.items()}


def test_the_packages_years_are_the_examples_years() -> None:
    """The calendar in the package and the one among the examples are the same file, each with its licence."""
    names = ("cn-state-council-2015-2026.json", "LICENSE.holiday-cn.txt")

    assert [(ROOT / "examples" / "data" / "calendars" / name).read_bytes() for name in names] == [
        (PACKAGE / "data" / name).read_bytes() for name in names
    ]
