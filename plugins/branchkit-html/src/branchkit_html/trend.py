"""The picture of a checklist's scores over time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from branchkit.kit import TrendPoint
from branchkit.values import decimal_text
from branchkit_html.drawing import element, label, picture, px
from branchkit_html.lettering import width
from branchkit_html.words import WORDS

__all__ = ["axis", "trend_line"]

WIDTH, HEIGHT = 500, 216
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 496, 26, 180
_SIZE = 12
_GAP = 8
_DAY_MICROSECONDS = 86_400_000_000


def trend_line(ident: str, points: Sequence[TrendPoint], ceiling: Decimal | None) -> str:
    """Draw scores by date, the oldest first.

    A sheet that could not be scored is a cross at the foot of the picture, and the line does not lead across it.
    Numbers and dates that would overlap are left out, the latest never; the description has them all.
    """
    low, high = axis([point.points for point in points if point.points is not None], ceiling)
    xs = _places(points)
    ys = [None if p.points is None else _height(p.points, low, high) for p in points]
    content = _grid(low, high) + _dates(points, xs)
    stretch: list[str] = []
    for x, y in zip((*xs, Fraction(0)), (*ys, None), strict=True):
        if y is not None:
            stretch.append(f"{px(x)},{px(y)}")
            continue
        if len(stretch) > 1:
            content += element("polyline", points=" ".join(stretch), class_="trend")
        stretch = []
    for number, (x, y) in enumerate(zip(xs, ys, strict=True)):
        if y is None:
            content += element("path", d=f"M{px(x - 5)} {_BOTTOM - 13}l10 10m0 -10l-10 10", class_="gap")
        else:
            latest = number == len(points) - 1
            content += element("circle", cx=x, cy=y, r=6 if latest else 4, class_="point latest" if latest else "point")
    content += _numbers(points, xs, ys)
    said = [
        f"{point.at.date().isoformat()}: {WORDS['not_scored'] if point.points is None else decimal_text(point.points)}"
        for point in points
    ]
    said.append(f"{decimal_text(low)} – {decimal_text(high)}")
    return picture(ident, WIDTH, HEIGHT, WORDS["trend"], "; ".join(said), content)


def axis(points: Sequence[Decimal], ceiling: Decimal | None) -> tuple[Decimal, Decimal]:
    """Return from where to where the axis goes: up to the most there can be; from half of it where nothing lies below.

    >>> axis([Decimal(78), Decimal(92)], Decimal(100)), axis([Decimal(12)], Decimal(100)), axis([Decimal(3)], None)
    ((Decimal('50'), Decimal('100')), (Decimal('0'), Decimal('100')), (Decimal('0'), Decimal('5')))
    """
    high = max((ceiling or Decimal(0), *points, Decimal(0)))
    if ceiling is None or high > ceiling or not high:
        high = _round_up(high)
    least = min(points, default=Decimal(0))
    if least < 0:
        return -_round_up(-least), high
    return (high / 2 if ceiling is not None and points and least >= high / 2 else Decimal(0)), high


def _round_up(number: Decimal) -> Decimal:
    """Return the next of 1, 2, 5, 10, 20, 50 … that is not less."""
    step = Decimal(1)
    while True:
        for factor in (1, 2, 5):
            if step * factor >= number:
                return step * factor
        step *= 10


def _height(points: Decimal, low: Decimal, high: Decimal) -> Fraction:
    return _BOTTOM - (_BOTTOM - _TOP - 4) * (Fraction(points) - Fraction(low)) / (Fraction(high) - Fraction(low))


def _places(points: Sequence[TrendPoint]) -> list[Fraction]:
    """Place moments on the axis in proportion to the time between them; a single one in the middle."""
    if not points:
        return []
    first = points[0].at
    since = [
        (span.days * _DAY_MICROSECONDS + span.seconds * 1_000_000 + span.microseconds)
        for span in (point.at - first for point in points)
    ]
    whole = max(since)
    if not whole:
        return [Fraction(_LEFT + _RIGHT, 2)] * len(points)
    return [_LEFT + 20 + Fraction((_RIGHT - _LEFT - 40) * one, whole) for one in since]


def _grid(low: Decimal, high: Decimal) -> str:
    drawn = ""
    for number in range(6):
        value = low + (high - low) * number / 5
        y = _height(value, low, high)
        drawn += element("rect", x=_LEFT, y=y, width=_RIGHT - _LEFT, height=1, class_="axis" if number == 0 else "rule")
        drawn += label(_LEFT - 8, y + 4, decimal_text(value), "tick end")
    return drawn


def _dates(points: Sequence[TrendPoint], xs: Sequence[Fraction]) -> str:
    """Write dates below the axis from the latest back, each only where it leaves the next one free."""
    drawn, free = list[str](), Fraction(WIDTH + _GAP)
    for point, x in zip(reversed(points), reversed(xs), strict=True):
        text = point.at.date().isoformat()
        half = width(text, _SIZE) / 2
        middle = min(x, WIDTH - half)
        drawn.append(element("rect", x=x, y=_BOTTOM, width=1, height=4, class_="axis"))
        if middle + half + _GAP <= free:
            drawn.append(label(middle, _BOTTOM + 22, text, "tick middle"))
            free = middle - half
    return "".join(reversed(drawn))


def _numbers(points: Sequence[TrendPoint], xs: Sequence[Fraction], ys: Sequence[Fraction | None]) -> str:
    drawn, free = list[str](), Fraction(WIDTH + _GAP)
    for number in reversed(range(len(points))):
        point, y = points[number], ys[number]
        if point.points is None or y is None:
            continue
        text = decimal_text(point.points)
        half = width(text, _SIZE) / 2
        if xs[number] + half + 2 <= free:
            drawn.append(label(xs[number], y - 12, text, "value middle"))
            free = xs[number] - half
    return "".join(reversed(drawn))
