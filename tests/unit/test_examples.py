"""The example outlet and what is shown with it are as they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import branchkit as bk
from branchkit.checklists import read

ROOT = Path(__file__).resolve().parents[2]
OUTLET = ROOT / "examples" / "outlet"
SHEETS = sorted(OUTLET.glob("sheets/*.toml"))
CATALOG = bk.Catalog()


def outlet() -> bk.Branch:
    return bk.Branch.from_toml((OUTLET / "branch.toml").read_bytes())


def test_outlet_lacks_one_thing_that_its_kind_demands() -> None:
    """The example outlet is a whole wealth outlet but for a charging point in its rest area (estate:EST-ZON-17)."""
    found = bk.judge_estate(outlet(), CATALOG.standard())

    assert ["estate/B-0417/required/zone:rest/charging_point"] == [finding.id for finding in found]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_sheet_of_the_outlet_is_complete(path: Path) -> None:
    """Every answer and all evidence that a final sheet needs is there, and its file is named after it."""
    sheet = bk.Sheet.from_toml(path.read_bytes(), source=path.name)
    bound = CATALOG.checklist(sheet.checklist).bind(outlet(), at=sheet.at, facts=sheet.facts)

    assert f"B-0417-{path.stem}" == sheet.id
    assert "final" == sheet.state
    assert () == read(sheet, bound).problems


def test_both_rounds_fill_in_what_the_policy_scores() -> None:
    """Each round holds one sheet of every checklist that the environment's policy scores."""
    scored = CATALOG.policy("environment").checklists

    for month in ("2026-03", "2026-04"):
        assert sorted(scored) == sorted(path.stem.removeprefix(f"{month}-") for path in SHEETS if month in path.stem)


def test_example_comes_out_as_it_states() -> None:
    """The example runs with core alone, in a process of its own, and finds everything as stated."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "inspect_a_branch.py")],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PYTHONUTF8": "1", "BRANCHKIT_NO_PLUGINS": "1"},
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "药箱内的碘酒已过有效期" in done.stdout
