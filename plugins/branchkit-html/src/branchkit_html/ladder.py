"""The picture of a score: its number, how much of the most there is, and which step of the bands it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from branchkit.values import Text, decimal_text
from branchkit_html.drawing import element, label, pair, picture, shape
from branchkit_html.lettering import width
from branchkit_html.words import WORDS

__all__ = ["score_ladder"]

WIDTH, HEIGHT = 1020, 172
_LEFT, _GAUGE = 300, 220
_FLOOR = 126
_LOW, _HIGH = 16, 84


def score_ladder(
    ident: str,
    points: Decimal | None,
    ceiling: Decimal | None,
    bands: Sequence[tuple[str, Text]],
    band: str | None,
) -> str:
    """Draw a score.

    Args:
        ident: Unique on the page.
        points: The score; ``None`` where there is none.
        ceiling: The most there can be, where that is known.
        bands: Code and title of each band, the best first; none where the policy does not say them.
        band: The code of the band that was given.
    """
    content = _number(points, ceiling)
    titles = dict(bands)
    if bands:
        content += _steps(bands, band)
    elif band is not None:
        content += pair(_LEFT, 64, Text(zh=band), "step-title on", room=WIDTH - _LEFT, size=15)
    says = WORDS["not_scored"] if points is None else Text(zh=decimal_text(points))
    reached = "" if band is None else f", {titles.get(band, band)}"
    of = "" if ceiling is None else f" / {decimal_text(ceiling)}"
    order = " > ".join(str(title) for _, title in bands)
    description = f"{says}{of}{reached}" + (f"; {order}" if order else "")
    return picture(ident, WIDTH, HEIGHT, WORDS["score"], description, content)


def _number(points: Decimal | None, ceiling: Decimal | None) -> str:
    if points is None:
        return label(0, 74, "–", "big none") + pair(0, 98, WORDS["not_scored"], "small", room=_GAUGE, size=12)
    text = decimal_text(points)
    drawn = label(0, 74, text, "big" if len(text) < 6 else "big long")
    if ceiling is None or ceiling <= 0:
        return drawn
    # The size of the digits is 56 or, for a long number, 36 pixels.
    after = width(text, 56 if len(text) < 6 else 36) + 4
    drawn += label(after, 74, f"/ {decimal_text(ceiling)}", "of")
    share = max(Fraction(0), min(Fraction(1), Fraction(points) / Fraction(ceiling)))
    drawn += element("rect", x=0, y=94, width=_GAUGE, height=10, rx=5, class_="track")
    if share:
        drawn += element(
            "rect", x=0, y=94, width=_GAUGE * share, height=10, rx=min(Fraction(5), _GAUGE * share / 2), class_="fill"
        )
    return drawn


def _steps(bands: Sequence[tuple[str, Text]], band: str | None) -> str:
    """Draw the bands as stairs that lead up to the best one at the right."""
    each = Fraction(WIDTH - _LEFT, len(bands))
    drawn = ""
    for number, (code, title) in enumerate(reversed(bands)):
        x = _LEFT + number * each
        rise = _LOW + Fraction((_HIGH - _LOW) * number, max(len(bands) - 1, 1))
        on = " on" if code == band else ""
        drawn += element("rect", x=x + 2, y=_FLOOR - rise, width=each - 4, height=rise, rx=3, class_=f"step{on}")
        if on:
            middle, top = x + each / 2, _FLOOR - rise - 6
            drawn += shape("pointer", (middle, top), (middle - 8, top - 12), (middle + 8, top - 12))
        drawn += pair(x + each / 2, _FLOOR + 18, title, f"step-title{on}", room=int(each) - 4, size=15)
    return drawn + element("rect", x=_LEFT, y=_FLOOR, width=WIDTH - _LEFT, height=1, class_="axis")
