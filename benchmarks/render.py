"""Writes what was measured as tables and plots into the pages of the documentation, in both languages.

Everything comes from two committed sources: the figures, one JSON file a benchmark in ``docs/reference/figures``, and
the words, ``benchmarks/remarks.toml``. Nothing is measured here, so the pages can be made anew at any time.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs
from harness import LIMITS, Bar, Contender, Figure, amount
from render_svg import Curve, Mark, curves, marks

__all__ = ["Run", "key_of", "load", "render", "words"]

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference" / "figures"
PAGES: Mapping[Lang, Path] = {"en": FOLDER.with_suffix(".md"), "zh": FOLDER.with_suffix(".zh.md")}
REMARKS = ROOT / "benchmarks" / "remarks.toml"
Lang = Literal["en", "zh"]

_BYTES = re.compile(r"[\d,]+(?= bytes)")
_REGION = re.compile(r"(?<=<!-- rendered: begin -->\n).*(?=<!-- rendered: end -->)", re.DOTALL)
_ROLES = {
    "en": {"ours": "ours", "floor": "floor", "peer": "peer"},
    "zh": {"ours": "本库", "floor": "下限", "peer": "同类"},
}
_SAY = {
    "en": {
        "bars": "The bars",
        "bar_head": "| work | ours | against | takes | at most | |",
        "limit": "a fixed limit",
        "row_head": "| work | who | | one unit takes | ours takes |",
        "reached": "reached",
        "missed": "**missed**, {by:.2f} times the bar",
        "plot": "Distance of each figure from its bar",
        "curve": "Time for one {unit} at each size",
        "per": "{work}, for one {unit}:",
        "measured": "Measured on {date} on {cpus} cores ({arch}), CPython {python}.",
        "busy": " Others worked on the machine meanwhile: all times are longer than they need be.",
        "missed_head": "Missed, and why:",
        "none": "Every bar is reached.",
        "colon": ": ",
    },
    "zh": {
        "bars": "目标",
        "bar_head": "| 工作 | 本库 | 对照 | 结果 | 至多 | |",
        "limit": "固定限度",
        "row_head": "| 工作 | 参与者 | | 每单位 | 本库为其 |",
        "reached": "达到",
        "missed": "**未达到**，为目标的 {by:.2f} 倍",
        "plot": "每个数字与其目标的距离",
        "curve": "各规模下每单位（{unit}）的用时",
        "per": "{work}，每单位（{unit}）用时：",
        "measured": "测于 {date}，{cpus} 核（{arch}），CPython {python}。",
        "busy": "其间机器上还有其他工作：所有用时都比实际需要的长。",
        "missed_head": "未达到的目标及原因：",
        "none": "所有目标均已达到。",
        "colon": "：",
    },
}


@attrs.frozen(kw_only=True)
class Run:
    """What one benchmark measured, when and on what."""

    bench: str
    """Its module without ``bench_``."""
    date: str
    machine: Mapping[str, Any]
    """How many processors of what kind, and which Python; never a name or a path."""
    busy: bool
    """Whether others worked on the machine meanwhile."""
    figures: tuple[Figure, ...]


def load(folder: Path = FOLDER) -> tuple[Run, ...]:
    """Read what was measured, in the order of the benchmarks' names."""
    return tuple(_run(json.loads(file.read_text(encoding="utf-8"))) for file in sorted(folder.glob("*.json")))


def words(file: Path = REMARKS) -> Mapping[str, Any]:
    """Read what is said about each benchmark and each work."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def render(runs: Sequence[Run], remarks: Mapping[str, Any], pages: Mapping[Lang, str]) -> dict[Path, str]:
    """Return the text of every file that follows from the figures: the pages, and a plot for each curve.

    Args:
        runs: What was measured.
        remarks: What is said about it.
        pages: The pages as they are; only what stands between their marks is replaced.
    """
    files = {FOLDER / name: plot for name, plot in _plots(runs)}
    for lang, text in pages.items():
        said = "\n".join(_body(runs, remarks, lang))
        files[PAGES[lang]] = _REGION.sub(lambda _, said=said: f"\n{said}\n\n", text)
    return files


def _run(plain: Mapping[str, Any]) -> Run:
    figures = tuple(
        Figure(
            work=one["work"],
            unit=one["unit"],
            size=one["size"],
            contenders=tuple(Contender(**each) for each in one["contenders"]),
            bars=tuple(Bar(**each) for each in one["bars"]),
            of=one["of"],
        )
        for one in plain["figures"]
    )
    about = {name: plain[name] for name in ("bench", "date", "machine", "busy")}
    return Run(figures=figures, **about)


def _plots(runs: Sequence[Run]) -> Iterator[tuple[str, str]]:
    found = [
        Mark(_label(figure), figure.ratio(bar.ours, bar.against) / bar.at_most)
        for run in runs
        for figure in run.figures
        for bar in figure.bars
    ]
    if found:
        yield "bars.svg", marks("How far each figure is from its bar", found)
    for run in runs:
        for number, group in enumerate(_curves(run), 1):
            yield _plot_name(run, number), curves(f"{group[0].work}, for one {group[0].unit}", _lines(group))


def _label(figure: Figure) -> str:
    return figure.work if figure.size is None else f"{figure.size:,}: {figure.work}"


def _plot_name(run: Run, number: int) -> str:
    return f"{run.bench}-{number}.svg"


def _curves(run: Run) -> list[list[Figure]]:
    """Return the works that were done at several sizes, each with its sizes in order."""
    groups: dict[str, list[Figure]] = {}
    for figure in run.figures:
        if figure.size is not None:
            groups.setdefault(figure.work, []).append(figure)
    return [sorted(group, key=lambda one: one.size or 0) for group in groups.values() if len(group) > 1]


def _lines(group: Sequence[Figure]) -> list[Curve]:
    names = {one.name: one.role for figure in group for one in figure.contenders}
    return [
        Curve(
            name,
            role,
            tuple((f.size or 1, one.takes) for f in group for one in f.contenders if one.name == name),
        )
        for name, role in names.items()
    ]


def _body(runs: Sequence[Run], remarks: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    say = _SAY[lang]
    yield f"## {say['bars']}"
    yield ""
    yield f"![{say['plot']}](figures/bars.svg)"
    yield ""
    yield say["bar_head"]
    yield "| --- | --- | --- | ---: | ---: | --- |"
    missed = []
    for run in runs:
        for figure in run.figures:
            for bar in figure.bars:
                ratio = figure.ratio(bar.ours, bar.against)
                verdict = say["reached"] if ratio <= bar.at_most else say["missed"].format(by=ratio / bar.at_most)
                work = _work(run, figure, remarks, lang)
                if ratio > bar.at_most:
                    missed.append((run.bench, figure.work))
                cells = (work, bar.ours, *_held(figure, bar, say), verdict)
                yield f"| {' | '.join(cells)} |"
    yield ""
    yield from _why(missed, remarks, lang)
    for run in runs:
        yield ""
        yield from _section(run, remarks, lang)


def _held(figure: Figure, bar: Bar, say: Mapping[str, str]) -> tuple[str, str, str]:
    """Return what a bar is against, what ours takes, and how much it may take."""
    ratio = figure.ratio(bar.ours, bar.against)
    if bar.against in LIMITS:
        return say["limit"], amount(ratio, figure.of), amount(bar.at_most, figure.of)
    return bar.against, _times(ratio), _times(bar.at_most)


def _why(missed: Sequence[tuple[str, str]], remarks: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    say = _SAY[lang]
    if not missed:
        yield say["none"]
        return
    yield say["missed_head"]
    yield ""
    for bench, work in dict.fromkeys(missed):
        told = _told(remarks, bench, work)
        if "missed" not in told:
            raise LookupError(f"{REMARKS.name}: {bench}: {work!r} misses its bar, and nothing says why")
        yield f"- {_title(remarks, bench, work, lang)}{say['colon']}{told['missed'][lang]}"


def _section(run: Run, remarks: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    say, told = _SAY[lang], remarks[run.bench]
    yield f"## {told['title'][lang]}"
    yield ""
    yield say["measured"].format(date=run.date, **run.machine) + (say["busy"] if run.busy else "")
    yield ""
    for work in dict.fromkeys(figure.work for figure in run.figures):
        title = _title(remarks, run.bench, work, lang)
        yield f"- {title}{say['colon']}{_told(remarks, run.bench, work)['means'][lang]}"
    groups = _curves(run)
    curved = {figure.work for group in groups for figure in group}
    plain = [figure for figure in run.figures if figure.work not in curved]
    if plain:
        yield ""
        yield say["row_head"]
        yield "| --- | --- | --- | ---: | ---: |"
        for figure in plain:
            yield from _rows(run, figure, remarks, lang)
    for number, group in enumerate(groups, 1):
        yield ""
        yield from _curve(run, group, remarks, lang)
        yield ""
        yield f"![{say['curve'].format(unit=_unit(told, group[0], lang))}](figures/{_plot_name(run, number)})"


def _rows(run: Run, figure: Figure, remarks: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    ours = next(one.name for one in figure.contenders if one.role == "ours")
    work = _work(run, figure, remarks, lang)
    for one in figure.contenders:
        ratio = "" if one.role == "ours" else _times(figure.ratio(ours, one.name))
        yield f"| {work} | {one.name} | {_ROLES[lang][one.role]} | {amount(one.takes, figure.of)} | {ratio} |"
        work = ""


def _curve(run: Run, group: Sequence[Figure], remarks: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    told = remarks[run.bench]
    work = _work(run, group[0], remarks, lang, sized=False)
    yield _SAY[lang]["per"].format(work=work, unit=_unit(told, group[0], lang))
    yield ""
    yield f"| | | {' | '.join(f'{figure.size:,}' for figure in group)} |"
    yield f"| --- | --- |{' ---: |' * len(group)}"
    for line in _lines(group):
        at = dict(line.points)
        cells = [amount(at[size], figure.of) if (size := figure.size or 1) in at else "" for figure in group]
        yield f"| {line.name} | {_ROLES[lang][line.role]} | {' | '.join(cells)} |"


def _work(run: Run, figure: Figure, remarks: Mapping[str, Any], lang: Lang, *, sized: bool = True) -> str:
    work = _title(remarks, run.bench, figure.work, lang)
    return work if figure.size is None or not sized else f"{work} × {figure.size:,}"


def key_of(work: str) -> str:
    """Return the name of a work in the remarks: how many bytes it is about may change with the code.

    >>> key_of("load a branch of 12,345 bytes")
    'load a branch of # bytes'
    """
    return _BYTES.sub("#", work)


def _title(remarks: Mapping[str, Any], bench: str, work: str, lang: Lang) -> str:
    if lang == "en":
        return work
    found = _BYTES.search(work)
    title: str = _told(remarks, bench, work)["title"][lang]
    return title.replace("#", found[0] if found else "#")


def _told(remarks: Mapping[str, Any], bench: str, work: str) -> Mapping[str, Any]:
    try:
        told: Mapping[str, Any] = remarks[bench]["work"][key_of(work)]
    except KeyError:
        raise LookupError(f"{REMARKS.name}: {bench}: nothing is said of {work!r}") from None
    return told


def _unit(told: Mapping[str, Any], figure: Figure, lang: Lang) -> str:
    unit: str = told["units"][figure.unit] if lang == "zh" else figure.unit
    return unit


def _times(ratio: float) -> str:
    return f"{ratio:.3g} ×"
