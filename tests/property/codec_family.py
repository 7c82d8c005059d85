"""A family of classes that uses every annotation the codec reads, with strategies for their instances."""

from __future__ import annotations

import datetime as dt
import enum
import zoneinfo
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Literal

import attrs
from hypothesis import strategies as st

from branchkit.codec import Document
from branchkit.errors import InputError, Problem
from branchkit.personal import mask, personal
from branchkit.values import FrozenMap, Quantity, Ref, Severity, Text, Unknown


class Lamp(enum.Enum):
    """Codes that are numbers."""

    OFF = 0
    ON = 1


@attrs.frozen
class Pair:
    """A class with its own plain form, ``left<right``."""

    left: int
    right: int

    def to_plain(self) -> object:
        return f"{self.left}<{self.right}"

    @classmethod
    def from_plain(cls, data: object) -> Pair:
        if not isinstance(data, str):
            raise InputError("<pair>", (Problem("$", "Expected text of the form left<right"),))
        left, mark, right = data.partition("<")
        if not (mark and all(side.isascii() and side.isdecimal() and len(side) < 9 for side in (left, right))):
            raise ValueError("Expected text of the form left<right")
        return cls(int(left), int(right))

    @classmethod
    def plain_schema(cls) -> dict[str, object]:
        return {"type": "string", "pattern": "^[0-9]+<[0-9]+$"}


@attrs.frozen
class Opened:
    """A member of a tagged union."""

    KIND: ClassVar[str] = "opened"
    at: dt.datetime
    by: str | None = None


@attrs.frozen
class Closed:
    """Another member of a tagged union."""

    KIND: ClassVar[str] = "closed"
    reason: str = attrs.field(repr=mask, metadata=personal("free_text"))
    after: dt.timedelta = dt.timedelta(0)


@attrs.frozen(kw_only=True)
class Person:
    """Somebody, with marked fields of each sort."""

    id: str
    name: str = attrs.field(repr=mask, metadata=personal("name"))
    phone: str | Unknown = attrs.field(default=Unknown(), repr=mask, metadata=personal("phone"))
    note: str | None = attrs.field(default=None, repr=mask, metadata=personal("free_text"))
    born: dt.date | None = attrs.field(repr=mask, metadata=personal("birthday"))
    aliases: tuple[str, ...] = attrs.field(default=(), repr=mask, metadata=personal("name"))


@attrs.frozen(kw_only=True)
class Node:
    """A class that holds itself."""

    low: int = 0
    high: int = 9
    people: tuple[Person, ...] = ()
    below: tuple[Node, ...] = ()

    def validate(self) -> Iterable[Problem]:
        if self.low > self.high:
            yield Problem("$.low", "Expected a low of at most the high")


@attrs.frozen(kw_only=True)
class Everything(Document):
    """One field of each annotation."""

    SCHEMA: ClassVar[str] = "everything/2"
    id: str = attrs.field()
    count: int
    open: bool
    share: Decimal
    day: dt.date
    opens: dt.time
    moment: dt.datetime
    length: dt.timedelta
    zone: zoneinfo.ZoneInfo
    severity: Severity
    lamp: Lamp
    mode: Literal["fast", "slow"]
    title: Text
    ref: Ref
    size: Quantity
    pair: Pair
    anything: Any
    maybe_count: int | None
    codes: frozenset[str] = frozenset()
    lamps: frozenset[Lamp] = frozenset()
    refs: tuple[Ref, ...] = ()
    corner: tuple[int, str] = (0, "")
    shares: FrozenMap[Decimal] = FrozenMap()
    texts: Mapping[str, tuple[Text, ...]] = FrozenMap()
    maybe_share: Decimal | None = None
    maybe_titles: tuple[Text, ...] | None = None
    stated: bool | Unknown = Unknown()
    stated_share: Decimal | Unknown | None = None
    stated_list: tuple[int, ...] | Unknown = ()
    stated_map: FrozenMap[int] | Unknown = FrozenMap()
    stated_node: Node | Unknown | None = None
    scalar: str | int | bool | None = None
    first: Opened | Closed | None = None
    last: Opened | Closed | Unknown = Unknown("not yet")
    log: tuple[Opened | Closed, ...] = ()
    held: Opened | None = None
    people: FrozenMap[Person] = FrozenMap()
    node: Node = Node()

    @id.validator
    def _check_id(self, _: object, value: str) -> None:
        if value == "forbidden":
            raise ValueError("Expected another id")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
KEYS = st.one_of(st.sampled_from(["a", "two words", "网点", "sealed", '"', "x.y"]), TEXTS)
INTS = st.integers(-(2**40), 2**40)
SHARES = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4)
MOMENTS = st.datetimes(
    dt.datetime(1, 1, 3),  # noqa: DTZ001 - bounds are naive, the zone is drawn
    dt.datetime(9999, 12, 28),  # noqa: DTZ001
    timezones=st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=8))]),
)
LENGTHS = st.timedeltas(dt.timedelta(days=-9999), dt.timedelta(days=9999))
UNKNOWNS = st.builds(Unknown, TEXTS)
WORDS = st.builds(Text, zh=TEXTS, en=TEXTS.map(lambda text: f"{text}."))
REFS = st.builds(Ref, st.sampled_from(["zone", "staff"]), st.sampled_from(["a", "B-1", "x:y", "网点"]))
PLAIN = st.recursive(
    st.booleans() | INTS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
OPENED = st.builds(Opened, at=MOMENTS, by=st.none() | TEXTS)
CLOSED = st.builds(Closed, reason=TEXTS, after=LENGTHS)
EVENTS = OPENED | CLOSED
PEOPLE = st.builds(
    Person,
    id=TEXTS,
    name=TEXTS,
    phone=TEXTS | UNKNOWNS,
    note=st.none() | TEXTS,
    born=st.none() | st.dates(),
    aliases=st.lists(TEXTS, max_size=2).map(tuple),
)
PEOPLE_WITHOUT_NULLS = PEOPLE.map(lambda person: attrs.evolve(person, born=person.born or dt.date(2000, 1, 1)))


def _tuples(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=2).map(tuple)


def maps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[FrozenMap[Any]]:
    """Maps from text."""
    return st.dictionaries(KEYS, values, max_size=2).map(FrozenMap)


def nodes(people: st.SearchStrategy[Person]) -> st.SearchStrategy[Node]:
    """Trees of nodes that validate."""
    leaves = st.builds(Node, low=st.integers(0, 9), people=_tuples(people))
    return st.recursive(
        leaves, lambda below: st.builds(Node, high=st.integers(0, 9), below=_tuples(below)), max_leaves=3
    )


def everything(*, nulls: bool = True) -> st.SearchStrategy[Everything]:
    """Documents with each annotation; without nulls they can be written as TOML."""
    people = PEOPLE if nulls else PEOPLE_WITHOUT_NULLS
    none: st.SearchStrategy[Any] = st.none()
    return st.builds(
        Everything,
        id=TEXTS,
        count=INTS,
        open=st.booleans(),
        share=SHARES,
        day=st.dates(),
        opens=st.times(),
        moment=MOMENTS,
        length=LENGTHS,
        zone=st.sampled_from(["Asia/Shanghai", "UTC", "Europe/London"]).map(zoneinfo.ZoneInfo),
        severity=st.sampled_from(Severity),
        lamp=st.sampled_from(Lamp),
        mode=st.sampled_from(["fast", "slow"]),
        title=WORDS,
        ref=REFS,
        size=st.builds(Quantity, SHARES, TEXTS),
        pair=st.builds(Pair, st.integers(0, 99), st.integers(0, 99)),
        anything=PLAIN | none if nulls else PLAIN,
        maybe_count=INTS | none if nulls else INTS,
        codes=st.frozensets(TEXTS, max_size=3),
        lamps=st.frozensets(st.sampled_from(Lamp)),
        refs=_tuples(REFS),
        corner=st.tuples(INTS, TEXTS),
        shares=maps(SHARES),
        texts=maps(_tuples(WORDS)),
        maybe_share=none | SHARES,
        maybe_titles=none | _tuples(WORDS),
        stated=st.booleans() | UNKNOWNS,
        stated_share=none | SHARES | UNKNOWNS,
        stated_list=_tuples(INTS) | UNKNOWNS,
        stated_map=maps(INTS) | UNKNOWNS,
        stated_node=none | nodes(people) | UNKNOWNS,
        scalar=none | TEXTS | INTS | st.booleans(),
        first=none | EVENTS,
        last=EVENTS | UNKNOWNS,
        log=_tuples(EVENTS),
        held=none | OPENED,
        people=maps(people),
        node=nodes(people),
    )
