"""The small pictures between words: a shape for each severity, a bar for each effect."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from branchkit.values import Severity
from branchkit_html.drawing import element, shape

__all__ = ["effect_bar", "severity_mark"]

_SIZE = 16
_OUTLINES: dict[Severity, tuple[tuple[int, int], ...]] = {
    Severity.CRITICAL: ((5, 1), (11, 1), (15, 5), (15, 11), (11, 15), (5, 15), (1, 11), (1, 5)),
    Severity.MAJOR: ((8, 1), (15, 14), (1, 14)),
    Severity.MINOR: ((8, 1), (15, 8), (8, 15), (1, 8)),
}
_BAR = 72
_HALF = _BAR // 2
_LEAST = 2
"""What moved the score at all is seen."""


def severity_mark(severity: Severity) -> str:
    """Draw the mark of a severity: an octagon, a triangle, a diamond, a ring; its words always stand beside it."""
    if severity in _OUTLINES:
        content = shape("mark", *_OUTLINES[severity])
        if severity is Severity.CRITICAL:
            content += element("rect", x=7, y=4, width=2, height=5, class_="hole")
            content += element("rect", x=7, y=10, width=2, height=2, class_="hole")
    else:
        content = element("circle", cx=8, cy=8, r=6, class_="ring")
    return _hidden(_SIZE, _SIZE, content, f"severity {severity.value}")


def effect_bar(effect: Decimal, largest: Decimal) -> str:
    """Draw an effect against the largest one: what was lost to the left of the middle, what was gained to the right."""
    length = (
        max(Fraction(_HALF - 2) * abs(Fraction(effect)) / Fraction(largest), Fraction(_LEAST))
        if effect
        else Fraction(0)
    )
    kind = "gain" if effect >= 0 else "loss"
    start = Fraction(_HALF) if effect >= 0 else _HALF - length
    bar = element("rect", x=start, y=3, width=length, height=8, class_=kind)
    return _hidden(_BAR, 14, bar + element("rect", x=_HALF, y=0, width=1, height=14, class_="axis"), "effect")


def _hidden(width: int, height: int, content: str, kind: str) -> str:
    """Frame a picture that only repeats what the words beside it say."""
    return element(
        "svg",
        content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        class_=kind,
        aria_hidden="true",
    )
