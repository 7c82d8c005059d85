"""Text before it is drawn: what a document may hold, how wide it will be, and what of it fits."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from branchkit.values import Text

__all__ = ["clean", "fit", "languages", "width"]

_NOT_ALLOWED = re.compile("[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    r"""Replace what neither XML nor UTF-8 can hold, and drop what turns the direction of the words that follow.

    >>> clean("a\x00b"), clean("ok\u202egpj")
    ('a�b', 'okgpj')
    """
    return _NOT_ALLOWED.sub("\ufffd", _STEERING.sub("", text))


def width(text: str, size: int) -> Fraction:
    """Estimate how wide a text is in a font of a size, in pixels; rather too wide than too narrow for words.

    >>> width("网点", 12), width("ab", 10)
    (Fraction(24, 1), Fraction(57, 5))
    """
    return sum((_em(letter) for letter in text), Fraction(0)) * size


def fit(text: str, room: int, size: int) -> str:
    """Shorten a text with an ellipsis until it fits.

    >>> fit("客户休息区与便民服务区", 60, 12), fit("Order", 60, 12)
    ('客户休息…', 'Order')
    """
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def languages(text: Text) -> tuple[tuple[str, str, str], ...]:
    """Return the words as (class, language, words): one for each language, or a single one that is always shown.

    >>> languages(Text(zh="网点", en="Branch")), languages(Text(en="LEWISHAM"))
    ((('zh', 'zh-CN', '网点'), ('en', 'en', 'Branch')), (('any', 'en', 'LEWISHAM'),))
    """
    if not text.zh.strip() or text.zh == text.en:
        return (("any", "en", text.en),)
    if not text.en.strip():
        return (("any", "zh-CN", text.zh),)
    return (("zh", "zh-CN", text.zh), ("en", "en", text.en))


def _em(letter: str) -> Fraction:
    if unicodedata.east_asian_width(letter) in "WFA":
        return Fraction(1)
    if letter.isupper() or letter in "mw%@–—+":
        return Fraction(7, 10)
    return Fraction(3, 10) if letter in "fijlt.,:;'|!()[] " else Fraction(57, 100)
