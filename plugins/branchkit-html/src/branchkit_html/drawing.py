"""The few strokes that every picture is made of: elements, escaped, with exact numbers and no fonts of their own."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from html import escape

from branchkit.values import Text, decimal_text
from branchkit_html.lettering import clean, fit, languages

__all__ = ["LINE", "Number", "element", "label", "pair", "picture", "px", "shape"]

Number = int | Fraction | Decimal
LINE = 14
"""How far the English words stand below the Chinese ones."""


def px(number: Number) -> str:
    """Write a length in tenths of a pixel.

    >>> px(Fraction(1, 3)), px(12), px(Decimal("-0.04"))
    ('0.3', '12', '0')
    """
    tenths = Fraction(number) * 10
    rounded = (2 * abs(tenths.numerator) + tenths.denominator) // (2 * tenths.denominator)
    return decimal_text(Decimal(rounded if tenths >= 0 else -rounded).scaleb(-1))


def element(name: str, content: str = "", /, **attributes: Number | str) -> str:
    """Write an element; content is markup already, attributes are escaped, ``_`` in their names is ``-``.

    >>> element("rect", x=Fraction(1, 2), class_="a<b")
    '<rect x="0.5" class="a&lt;b"/>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(clean(value)) if isinstance(value, str) else px(value)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def shape(kind: str, *points: tuple[Number, Number]) -> str:
    """Draw a closed shape through points, of a class of the page's style sheet."""
    return element("polygon", points=" ".join(f"{px(x)},{px(y)}" for x, y in points), class_=kind)


def label(x: Number, y: Number, words: str, kind: str, *, lang: str = "") -> str:
    """Write words at a place."""
    language = {"lang": lang} if lang else {}
    return element("text", escape(clean(words)), x=x, y=y, class_=kind, **language)


def pair(x: Number, y: Number, text: Text, kind: str, *, room: int, size: int) -> str:
    """Write words in both languages, the English below the Chinese, each shortened to the room there is.

    The page's style sheet shows one or both; what is shortened is told in full by a title.
    """
    written = []
    for number, (name, lang, words) in enumerate(languages(text)):
        y_here = Fraction(y) + (number * LINE if name != "any" else Fraction(LINE, 2))
        written.append(label(x, y_here, fit(clean(words), room, size), f"{kind} {name}", lang=lang))
    return element("g", element("title", escape(clean(str(text)))) + "".join(written))


def picture(ident: str, width: int, height: int, title: Text, description: str, content: str) -> str:
    """Frame a picture: its size, its name and what it shows for those who do not see it.

    Args:
        ident: Unique on the page.
        width: In pixels at natural size.
        height: In pixels at natural size.
        title: What it is.
        description: What it shows, with every number.
        content: The drawing.
    """
    head = element("title", escape(clean(str(title))), id=f"{ident}-title")
    head += element("desc", escape(clean(description)), id=f"{ident}-desc")
    return element(
        "svg",
        head + content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{ident}-title {ident}-desc",
    )
