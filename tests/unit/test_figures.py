"""The pages of figures are what follows from the figures that were kept, and say why a bar is missed."""

from __future__ import annotations

import json
import re
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference" / "figures"


@pytest.fixture(scope="module")
def render() -> Iterator[Any]:
    """Return the module that renders, which stands beside the benchmarks and is in no package."""
    before = set(sys.modules)
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import render  # type: ignore[import-not-found]  # not on the path that is checked

        yield render
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
        for name in {"harness", "render", "render_svg"} - before:
            sys.modules.pop(name, None)


def test_pages_and_plots_are_what_the_figures_give(render: Any) -> None:
    """The committed pages and plots are those of `python benchmarks/run.py --render`, byte by byte, and no more."""
    pages = {lang: page.read_text(encoding="utf-8") for lang, page in render.PAGES.items()}
    files = render.render(render.load(), render.words(), pages)

    assert {file: file.read_text(encoding="utf-8") for file in files} == files
    assert set(FOLDER.glob("*.svg")) <= set(files)


def test_everything_measured_has_words_in_both_languages(render: Any) -> None:
    """Every benchmark, unit and work is described in Chinese and English, and nothing that is not measured is."""
    said = render.words()
    runs = {run.bench: run for run in render.load()}

    assert set(said) == set(runs)
    for bench, told in said.items():
        assert set(told["title"]) == {"zh", "en"}
        assert {figure.unit for figure in runs[bench].figures} == set(told["units"]), bench
        assert {render.key_of(figure.work) for figure in runs[bench].figures} == set(told["work"]), bench
        for work in told["work"].values():
            assert set(work["means"]) == {"zh", "en"}
            assert set(work.get("missed", work["means"])) == {"zh", "en"}


def test_a_reason_stands_where_a_bar_is_missed(render: Any) -> None:
    """Each missed bar has a reason, and no reason is left over from a bar that is reached by now."""
    missed = {
        (run.bench, render.key_of(figure.work))
        for run in render.load()
        for figure in run.figures
        for bar in figure.bars
        if figure.ratio(bar.ours, bar.against) > bar.at_most
    }
    explained = {(b, w) for b, told in render.words().items() for w, work in told["work"].items() if "missed" in work}

    assert explained == missed


def test_a_bar_may_be_a_time_of_its_own(render: Any) -> None:
    """Where a figure has a limit whatever others take, its bar is against one second."""
    from harness import SECOND, Bar, Contender, Figure  # type: ignore[import-not-found]  # as above

    figure = Figure(
        work="load", unit="process", contenders=(Contender("ours", "ours", 1.2),), bars=(Bar("ours", SECOND, 1.5),)
    )

    assert figure.ratio("ours", SECOND) == 1.2


def test_plots_are_small_drawings_without_scripts() -> None:
    """Every plot is well-formed, below 20 kB, and holds nothing but shapes and words."""
    for plot in FOLDER.glob("*.svg"):
        tags = {element.tag.rpartition("}")[2] for element in ET.parse(plot).iter()}
        assert tags <= {"svg", "title", "rect", "path", "polyline", "circle", "text"}, plot.name
        assert plot.stat().st_size < 20_000, plot.name


def test_every_peer_is_pinned() -> None:
    """The peers are a dependency group, no extra that users could install, and each has its exact version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower().replace("_", "-").splitlines()
    pinned = {line.partition("==")[0] for line in pins}
    peers = {re.split(r"[<>=]", one)[0] for one in project["dependency-groups"]["bench"]}

    assert "bench" not in project["project"]["optional-dependencies"]
    assert peers - pinned == set()


def test_figures_name_no_machine() -> None:
    """What is kept of a machine is how many processors of what kind it has and which Python, and the day."""
    for file in FOLDER.glob("*.json"):
        kept = json.loads(file.read_text(encoding="utf-8"))
        assert set(kept) == {"bench", "date", "machine", "figures"}
        assert set(kept["machine"]) == {"cpus", "arch", "python"}
        assert re.search(r"/\w+/", json.dumps(kept["figures"])) is None, file.name


def test_durations_are_written_with_three_digits(render: Any) -> None:
    """A time has the unit that fits and three digits, from nanoseconds to seconds."""
    from render_svg import duration  # type: ignore[import-not-found]  # as above

    found = [duration(seconds) for seconds in (4.5e-9, 1.234e-5, 0.0999, 0.5, 2.5, 123.4)]
    assert found == ["4.50 ns", "12.3 µs", "99.9 ms", "500 ms", "2.50 s", "123 s"]
