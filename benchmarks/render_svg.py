"""Draws figures as small SVG files: the same figures give the same bytes, on any machine and without a library."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

import attrs

__all__ = ["Curve", "Mark", "curves", "marks"]

_COLOURS = {
    "ours": ("#0b6e4f", "#1d9a6c", "#5cb88a"),
    "floor": ("#6b7280", "#9ca3af"),
    "peer": ("#b45309", "#7c3aed", "#be123c", "#0369a1", "#a16207", "#4d7c0f"),
}
_DASHES = {"ours": "", "floor": ' stroke-dasharray="6 4"', "peer": ' stroke-dasharray="2 3"'}
_INK, _FAINT = "#1f2937", "#d1d5db"
_WIDTH = 720
_UNITS = {0: "s", -3: "ms", -6: "µs", -9: "ns"}
_FONT = 'font-family="ui-sans-serif, system-ui, sans-serif" font-size="12"'


@attrs.frozen
class Curve:
    """What one contender took at each size."""

    name: str
    role: Literal["ours", "floor", "peer"]
    points: tuple[tuple[int, float], ...]
    """Size and seconds for one unit."""


@attrs.frozen
class Mark:
    """How far a figure is from its bar."""

    label: str
    share: float
    """The ratio divided by the bar: 1 is exactly on it, and less is better."""


def curves(title: str, lines: Sequence[Curve]) -> str:
    """Draw time for one unit over size, both in powers of ten."""
    sizes = [size for line in lines for size, _ in line.points]
    times = [seconds for line in lines for _, seconds in line.points]
    left, top, wide, high = 70, 20, 340, 300
    first, last = _decades(sizes)
    low, top_decade = _decades(times)

    def x(size: float) -> float:
        return left + wide * (math.log10(size) - first) / max(1, last - first)

    def y(seconds: float) -> float:
        return top + high * (top_decade - math.log10(seconds)) / max(1, top_decade - low)

    parts = [f'<path d="M{left} {top}V{top + high}H{left + wide}" fill="none" stroke="{_INK}"/>']
    for power in range(first, last + 1):
        at = x(10.0**power)
        parts.append(f'<path d="M{at:.1f} {top}V{top + high}" stroke="{_FAINT}"/>')
        parts.append(_text(at, top + high + 18, f"{10**power:,}", "middle"))
    for power in range(low, top_decade + 1):
        at = y(10.0**power)
        parts.append(f'<path d="M{left} {at:.1f}H{left + wide}" stroke="{_FAINT}"/>')
        parts.append(_text(left - 6, at + 4, _power(power), "end"))
    for number, (line, colour) in enumerate(_coloured(lines)):
        found = " ".join(f"{x(size):.1f},{y(seconds):.1f}" for size, seconds in line.points)
        look = f'stroke="{colour}" stroke-width="{3 if line.role == "ours" else 2}"{_DASHES[line.role]}'
        parts.append(f'<polyline points="{found}" fill="none" {look}/>')
        parts += [f'<circle cx="{x(s):.1f}" cy="{y(t):.1f}" r="3" fill="{colour}"/>' for s, t in line.points]
        key = top + 8 + 20 * number
        parts.append(f'<path d="M{left + wide + 14} {key}h24" {look}/>')
        parts.append(_text(left + wide + 44, key + 4, _short(line.name, 40), "start"))
    return _svg(title, top + high + 30, parts)


def marks(title: str, found: Sequence[Mark]) -> str:
    """Draw how far each figure is from its bar; the line in the middle is the bar, and left of it is better."""
    left, top, wide, row = 330, 26, 330, 20
    shares = [mark.share for mark in found]
    low, high = min(-1, math.floor(math.log10(min(shares)))), max(1, math.ceil(math.log10(max(shares))))

    def x(share: float) -> float:
        return left + wide * (math.log10(share) - low) / (high - low)

    bottom = top + row * len(found)
    parts = []
    for power in range(low, high + 1):
        stroke = _INK if power == 0 else _FAINT
        parts.append(f'<path d="M{x(10.0**power):.1f} {top - 6}V{bottom}" stroke="{stroke}"/>')
        parts.append(_text(x(10.0**power), top - 10, f"{10.0**power:g}×", "middle"))
    for number, mark in enumerate(found):
        at = top + row * number + row / 2
        colour = _COLOURS["ours"][0] if mark.share <= 1 else _COLOURS["peer"][2]
        parts.append(_text(left - 8, at + 4, _short(mark.label, 50), "end"))
        parts.append(f'<path d="M{x(1):.1f} {at:.1f}H{x(mark.share):.1f}" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x(mark.share):.1f}" cy="{at:.1f}" r="4" fill="{colour}"/>')
    return _svg(title, bottom + 10, parts)


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _decades(values: Iterable[float]) -> tuple[int, int]:
    found = [math.log10(value) for value in values]
    # A point a hair above a power of ten is on it: the ends of the sizes are round numbers.
    return math.floor(min(found) + 1e-9), math.ceil(max(found) - 1e-9)


def _power(power: int) -> str:
    below = next(each for each in (0, -3, -6, -9) if power >= each or each == -9)
    return f"{10.0 ** (power - below):g} {_UNITS[below]}"


def _coloured(lines: Sequence[Curve]) -> Iterable[tuple[Curve, str]]:
    used = dict.fromkeys(_COLOURS, 0)
    for line in lines:
        palette = _COLOURS[line.role]
        yield line, palette[used[line.role] % len(palette)]
        used[line.role] += 1


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}">{escape(words)}</text>'


def _svg(title: str, height: float, parts: Iterable[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" {_FONT}>'
    ground = f'<rect width="{_WIDTH}" height="{height:.0f}" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, *parts, "</svg>"]) + "\n"
