"""Small values that every floor uses: bilingual text, references, unknowns, quantities, severities."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Generic, TypeVar

import attrs

__all__ = [
    "FrozenMap",
    "Quantity",
    "Ref",
    "Severity",
    "Text",
    "Unknown",
    "decimal_text",
    "is_identifier",
    "is_rule_id",
]

V = TypeVar("V", covariant=True)

_RULE_ID = re.compile(r"(estate|service|customers|governance):[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-\d+[a-z]?")
_REF_KIND = re.compile(r"[a-z][a-z0-9_]*")


def is_rule_id(text: str) -> bool:
    """Say whether this is a rule id qualified by its area.

    >>> is_rule_id("estate:EST-OUT-01"), is_rule_id("EST-OUT-01")
    (True, False)
    """
    return _RULE_ID.fullmatch(text) is not None


def is_identifier(text: str) -> bool:
    """Say whether a text may serve as an identifier: 1 to 200 printable characters, no space at either end.

    Identifiers come from other systems and are kept as they are, so every script is welcome.

    >>> is_identifier("B-0417"), is_identifier("网点-17"), is_identifier(" x"), is_identifier("")
    (True, True, False, False)
    """
    return 0 < len(text) <= 200 and text.isprintable() and text == text.strip()


def decimal_text(number: Decimal) -> str:
    """Write a decimal without an exponent and without trailing zeros.

    >>> decimal_text(Decimal("1E+2")), decimal_text(Decimal("7.50")), decimal_text(Decimal("-0"))
    ('100', '7.5', '0')
    """
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class FrozenMap(Mapping[str, V], Generic[V]):
    """A mapping from text to values that cannot change, so that it can sit in a frozen class and be hashed.

    Equal to any mapping with the same items; iterates in the order given.

    >>> FrozenMap({"a": 1}) == {"a": 1}
    True
    """

    __slots__ = ("_items",)
    _items: dict[str, V]

    def __init__(self, items: Mapping[str, V] | None = None, /) -> None:
        object.__setattr__(self, "_items", dict(items or {}))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot change; build a new one")

    def __getitem__(self, key: str) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def __reduce__(self) -> tuple[type[FrozenMap[V]], tuple[dict[str, V]]]:
        return (FrozenMap, (dict(self._items),))


class Severity(enum.Enum):
    """How bad a finding is, from a hint to look at, up to a danger.

    Not a fault's grade (general, serious, major) and not a score's band; the glossary tells them apart.

    >>> Severity.MINOR < Severity.CRITICAL
    True
    """

    WARNING = "warning"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for a warning, up to 3 for critical."""
        return _SEVERITIES.index(self)

    def __lt__(self, other: Severity) -> bool:
        return self.rank < other.rank

    def __le__(self, other: Severity) -> bool:
        return self.rank <= other.rank


_SEVERITIES = tuple(Severity)


@attrs.frozen
class Text:
    """Words for people, in Chinese, in English, or in both.

    Catalog documents must give both; data from other systems gives what it has. At least one is there.

    >>> Text(zh="网点", en="Branch").say("zh")
    '网点'
    >>> Text(en="LEWISHAM").say("zh")
    'LEWISHAM'
    """

    zh: str = ""
    en: str = ""

    def __attrs_post_init__(self) -> None:
        if not (self.zh.strip() or self.en.strip()):
            raise ValueError("Expected words in at least one language: zh or en")

    def say(self, lang: str = "en") -> str:
        """Return the words in a language (``"zh"`` or ``"en"``), or in the other one where it has none."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)

    def __str__(self) -> str:
        return " · ".join(words for words in (self.zh, self.en) if words)


@attrs.frozen
class Unknown:
    """A value nobody stated, with the reason; never a default in disguise.

    >>> Unknown("the import has no field for it")
    Unknown(reason='the import has no field for it')
    """

    reason: str = "not stated"


def _check_kind(_: object, __: object, value: str) -> None:
    if not _REF_KIND.fullmatch(value):
        raise ValueError("Expected a kind of lower-case letters, digits and underscores")


def _check_id(_: object, __: object, value: str) -> None:
    if not is_identifier(value):
        raise ValueError("Expected an id of 1 to 200 printable characters without spaces at its ends")


@attrs.frozen(order=True)
class Ref:
    """A pointer to one thing: its kind and its id; written ``kind:id``.

    >>> str(Ref("equipment", "ATM-1")), Ref.parse("zone:lobby")
    ('equipment:ATM-1', Ref(kind='zone', id='lobby'))
    """

    kind: str = attrs.field(validator=_check_kind)
    """What it is, as in ``branch``, ``zone``, ``equipment``, ``staff``, ``row``."""
    id: str = attrs.field(validator=_check_id)

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read ``kind:id``; raises `ValueError` for anything else."""
        kind, colon, name = text.partition(":")
        if not colon:
            raise ValueError("Expected kind:id, as in equipment:ATM-1")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@attrs.frozen
class Quantity:
    """A number with its unit, exact.

    >>> str(Quantity(Decimal("22.50"), "°C"))
    '22.5 °C'
    """

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{decimal_text(self.value)} {self.unit}"
