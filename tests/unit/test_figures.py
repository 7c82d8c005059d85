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

import attrs
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
    """Every benchmark, kept unit and work is described in Chinese and English, and nothing that is not measured is."""
    said = render.words()
    runs = {run.bench: run for run in render.load()}

    assert set(said) == {file.stem.removeprefix("bench_") for file in (ROOT / "benchmarks").glob("bench_*.py")}
    for told in said.values():
        assert set(told["title"]) == {"zh", "en"}
        for work in told["work"].values():
            assert set(work["means"]) == {"zh", "en"}
            assert set(work.get("missed", work["means"])) == {"zh", "en"}
    for bench, run in runs.items():
        assert {figure.unit for figure in run.figures} == set(said[bench]["units"]), bench
        assert {render.key_of(figure.work) for figure in run.figures} == set(said[bench]["work"]), bench


def test_remarks_repeat_no_measurement(render: Any) -> None:
    """No remark tells a time, an amount of memory or a ratio: the tables do, and are written anew at each run."""
    measured = re.compile(r"\d\s*(ns|µs|ms|s|kB|MB|bytes|×)(?!\w)|\d+ times|倍于|(微|毫|纳)秒|(micro|milli|nano)second")
    texts = [
        text
        for told in render.words().values()
        for work in told["work"].values()
        for about in ("means", "missed")
        for text in work.get(about, {}).values()
    ]

    assert [text for text in texts if measured.search(text)] == []


def test_a_reason_stands_where_a_bar_is_missed(render: Any) -> None:
    """Each missed bar has a reason, and no reason stands where there is no bar to miss."""
    runs = render.load()
    kept = {run.bench for run in runs}
    bars = [(run.bench, figure, bar) for run in runs for figure in run.figures for bar in figure.bars]
    barred = {(bench, render.key_of(figure.work)) for bench, figure, _ in bars}
    missed = {(b, render.key_of(f.work)) for b, f, bar in bars if f.ratio(bar.ours, bar.against) > bar.at_most}
    explained = {(b, w) for b in kept for w, work in render.words()[b]["work"].items() if "missed" in work}

    assert missed <= explained <= barred


def test_a_reason_shows_only_where_a_bar_is_missed(render: Any) -> None:
    """A reason that is written for a close bar is not told while the bar is reached."""
    from harness import Bar, Contender, Figure  # type: ignore[import-not-found]  # not on the path that is checked

    def page(takes: float) -> str:
        ours, other = Contender("ours", "ours", takes), Contender("other", "peer", 1.0)
        figure = Figure(work="load", unit="process", contenders=(ours, other), bars=(Bar("ours", "other", 1.5),))
        machine = {"cpus": 2, "arch": "any", "python": "3.11.0"}
        run = render.Run(bench="tried", date="2026-03-02", machine=machine, busy=False, figures=(figure,))
        told = {"title": {"en": "Load"}, "means": {"en": "All of it."}, "missed": {"en": "It is large."}}
        remarks = {"tried": {"title": {"en": "Tried"}, "units": {}, "work": {"load": told}}}
        marks = "<!-- rendered: begin -->\n<!-- rendered: end -->\n"
        text: str = render.render([run], remarks, {"en": marks})[render.PAGES["en"]]
        return text

    assert ["It is large." in page(takes) for takes in (1.4, 1.6)] == [False, True]
    assert "Others worked" not in page(1.4)


def test_a_bar_may_be_a_time_of_its_own(render: Any) -> None:
    """Where a figure has a limit whatever others take, its bar is against one second."""
    from harness import SECOND, Bar, Contender, Figure  # type: ignore[import-not-found]  # as above

    figure = Figure(
        work="load", unit="process", contenders=(Contender("ours", "ours", 1.2),), bars=(Bar("ours", SECOND, 1.5),)
    )

    assert figure.ratio("ours", SECOND) == 1.2


def test_a_section_says_whether_others_worked(render: Any) -> None:
    """What was measured beside the work of others says so, and only that."""
    runs = [run for run in render.load() if run.bench == "import"]
    pages = {lang: page.read_text(encoding="utf-8") for lang, page in render.PAGES.items()}

    def said(busy: bool) -> list[bool]:
        files = render.render([attrs.evolve(run, busy=busy) for run in runs], render.words(), pages)
        words = {"en": "Others worked on the machine", "zh": "机器上还有其他工作："}
        return [words[lang] in files[page] for lang, page in render.PAGES.items()]

    assert (said(True), said(False)) == ([True, True], [False, False])


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
        assert set(kept) == {"bench", "date", "machine", "busy", "figures"}
        assert set(kept["machine"]) == {"cpus", "arch", "python"}
        assert re.search(r"/\w+/", json.dumps(kept["figures"])) is None, file.name


def test_amounts_are_written_with_three_digits(render: Any) -> None:
    """A time or an amount of memory has the unit that fits and three digits, and bytes are whole."""
    from harness import amount  # type: ignore[import-not-found]  # as above

    times = [amount(seconds) for seconds in (4.5e-9, 1.234e-5, 0.0999, 0.5, 2.5, 123.4)]
    memory = [amount(taken, "memory") for taken in (431.6, 2273, 70_748_000, 1.5e9)]

    assert times == ["4.50 ns", "12.3 µs", "99.9 ms", "500 ms", "2.50 s", "123 s"]
    assert memory == ["432 bytes", "2.27 kB", "70.7 MB", "1.50 GB"]
