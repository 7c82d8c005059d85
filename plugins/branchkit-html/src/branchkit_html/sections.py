"""The picture of a sheet's sections: what passed, what failed and what nobody knows, as bars with their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from branchkit.kit import SectionResult
from branchkit.values import decimal_text
from branchkit_html.drawing import element, label, pair, picture
from branchkit_html.words import WORDS

__all__ = ["legend_swatch", "section_bars"]

WIDTH = 500
_HEAD, _ROW = 30, 44
_BAR_X, _BAR = 190, 136
_PERCENT = 372
_COLUMNS = (("passed", 408), ("failed", 438), ("unknown", 468), ("na", 498))


def section_bars(ident: str, sections: Sequence[SectionResult]) -> str:
    """Draw one bar for each section, as long as its share, with the percentage of passed among judged items.

    Kinds are told apart by pattern as well as by colour: passed is solid, failed is hatched, unknown is dotted. What
    does not apply is counted and takes no room.
    """
    content = element("defs", _hatch(ident) + _dots(ident))
    for kind, x in _COLUMNS:
        content += _swatch(ident, kind, x - 12, 6)
    content += label(_PERCENT, 17, "%", "count head")
    said = []
    for number, section in enumerate(sections):
        content += _row(ident, section, _HEAD + number * _ROW)
        percent = "–" if section.percent is None else f"{decimal_text(section.percent)} %"
        counts = (section.passed, section.failed, section.unknown, section.not_applicable)
        told = ", ".join(f"{kind} {count}" for (kind, _), count in zip(_COLUMNS, counts, strict=True))
        said.append(f"{section.title}: {percent} ({told})")
    return picture(ident, WIDTH, _HEAD + len(sections) * _ROW, WORDS["by_section"], "; ".join(said), content)


def legend_swatch(ident: str, kind: str) -> str:
    """Draw the sample of one kind for the legend; it uses the patterns of the picture of the same name."""
    return element(
        "svg",
        _swatch(ident, kind, 1, 1),
        xmlns="http://www.w3.org/2000/svg",
        viewBox="0 0 14 14",
        width=14,
        height=14,
        aria_hidden="true",
    )


def _row(ident: str, section: SectionResult, y: int) -> str:
    drawn = element("rect", x=0, y=y, width=WIDTH, height=1, class_="rule")
    drawn += pair(0, y + 19, section.title, "row-title", room=_BAR_X - 12, size=13)
    judged = section.passed + section.failed + section.unknown
    at = Fraction(_BAR_X)
    if judged:
        for kind, count in (("passed", section.passed), ("failed", section.failed), ("unknown", section.unknown)):
            if count:
                length = Fraction(_BAR * count, judged)
                drawn += element("rect", x=at, y=y + 14, width=length, height=16, **_paint(ident, kind))
                at += length
    else:
        drawn += element("rect", x=_BAR_X, y=y + 14, width=_BAR, height=16, class_="empty")
    percent = "–" if section.percent is None else decimal_text(section.percent)
    drawn += label(_PERCENT, y + 28, percent, "percent")
    counts = (section.passed, section.failed, section.unknown, section.not_applicable)
    for (_, x), count in zip(_COLUMNS, counts, strict=True):
        drawn += label(x, y + 27, str(count), "count" if count else "count none")
    return drawn


def _paint(ident: str, kind: str) -> dict[str, str]:
    painted = {"class_": f"cell {kind}"}
    if kind in {"failed", "unknown"}:
        painted["fill"] = f"url(#{ident}-{kind})"
    return painted


def _swatch(ident: str, kind: str, x: int, y: int) -> str:
    return element("rect", x=x, y=y, width=12, height=12, **_paint(ident, kind))


def _hatch(ident: str) -> str:
    lines = element("rect", width=6, height=6, class_="hatch-ground") + element(
        "rect", width=3, height=6, class_="hatch"
    )
    return element(
        "pattern",
        lines,
        id=f"{ident}-failed",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )


def _dots(ident: str) -> str:
    dots = element("rect", width=6, height=6, class_="dot-ground") + element("circle", cx=3, cy=3, r=1, class_="dot")
    return element("pattern", dots, id=f"{ident}-unknown", width=6, height=6, patternUnits="userSpaceOnUse")
