"""Text before it is drawn: what a picture may hold, how wide it will be, and how it breaks into lines."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "fit", "width", "wrap"]

_NOT_ALLOWED = re.compile("[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_WORD = re.compile(r"\s+|[^\s\u2e80-\uffef]+|.", re.DOTALL)


def clean(text: str) -> str:
    r"""Replace what XML cannot hold, and drop what turns the direction of the words that follow.

    >>> clean("a\x00b"), clean("ok\u202egpj")
    ('a�b', 'okgpj')
    """
    return _NOT_ALLOWED.sub("\ufffd", _STEERING.sub("", text))


def width(text: str, size: int) -> int:
    """Estimate how wide a text is in a font of a size, in pixels; rather too wide than too narrow.

    >>> width("网点", 12), width("ab", 10)
    (24, 12)
    """
    return -(-sum(map(_hundredths, text)) * size // 100)


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


def wrap(text: str, room: int, size: int, most: int) -> tuple[str, ...]:
    """Break a text into lines that fit, between words or Chinese letters; what is left over ends in an ellipsis.

    >>> wrap("Find the cause and whose it is", 100, 12, 2), wrap("判定轻重", 30, 12, 2)
    (('Find the cause', 'and whose it is'), ('判定', '轻重'))
    """
    lines, line = list[str](), ""
    for word in _WORD.findall(text):
        if line.strip() and width((line + word).strip(), size) > room and len(lines) < most - 1:
            lines.append(line.strip())
            line = ""
        line += word
    return tuple(fit(one, room, size) for one in (*lines, line.strip()) if one) or ("",)


def _hundredths(letter: str) -> int:
    if unicodedata.east_asian_width(letter) in "WFA":
        return 100
    if letter.isupper() or letter in "mw%@–—+":
        return 70
    return 30 if letter in "fijlt.,:;'|!()[] " else 57
