"""Who is on duty when: people who take turns, and people who stand in for them. Pure: it asks no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from branchkit.codec import Document
from branchkit.errors import Problem
from branchkit.temporal import Interval
from branchkit.temporal.zones import opening_moment, utc
from branchkit.values import is_identifier

__all__ = ["Layer", "OnCall", "Override", "Rotation"]

_DAY = dt.timedelta(days=1)
_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"
_YEARS = range(2, 9900)


@attrs.frozen(kw_only=True)
class Rotation:
    """People who are on duty in turn: at every moment exactly one of them.

    A turn begins and ends at the handover, by the local clock: over a clock change it is an hour longer or shorter. A
    handover that the clock skips happens when it jumps, and one that it shows twice the first time.

    >>> week = Rotation(people=("S-1", "S-2"), handover=dt.time(9), zone="Asia/Shanghai", since=dt.date(2026, 3, 2))
    >>> [week.on_duty(dt.datetime(2026, 3, day, 9, tzinfo=week.clock)) for day in (2, 8, 9, 16)]
    ['S-1', 'S-1', 'S-2', 'S-1']
    """

    people: tuple[str, ...]
    """Their ids, in the order of their turns."""
    handover: dt.time
    """When one hands over to the next, by the local clock."""
    zone: str
    """The IANA zone of that clock, as in ``Asia/Shanghai``."""
    since: dt.date
    """The day on whose handover the first turn begins; whoever has it is on duty before that, too."""
    period: dt.timedelta = 7 * _DAY
    """How long a turn lasts: whole days."""

    @cached_property
    def clock(self) -> ZoneInfo:
        """The zone itself; raises `zoneinfo.ZoneInfoNotFoundError`."""
        return ZoneInfo(self.zone)

    def on_duty(self, at: dt.datetime) -> str:
        """Return who is on duty at a moment; raises `InputError` for one without a zone."""
        return self.people[self.turn(at) % len(self.people)]

    def turn(self, at: dt.datetime) -> int:
        """Return the number of the turn at a moment, from 0."""
        moment = utc(at)
        day = moment.astimezone(self.clock).date()
        number = (day - self.since) // self.period
        # By the day alone it is one too many before the handover, and over a skipped day it may be one too few.
        while moment < self.begins(number):
            number -= 1
        while moment >= self.begins(number + 1):
            number += 1
        return max(number, 0)

    def begins(self, turn: int) -> dt.datetime:
        """Return when a turn begins, in UTC."""
        seconds = (self.handover.hour * 60 + self.handover.minute) * 60 + self.handover.second
        return opening_moment(self.since + turn * self.period, seconds, self.clock)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: nobody to take a turn, somebody twice, a period or a zone that is none."""
        if not self.people:
            yield Problem("$.people", "Expected one or more people to take turns")
        for at, person in enumerate(self.people):
            if not is_identifier(person):
                yield Problem(f"$.people[{at}]", _ID)
            if person in self.people[:at]:
                yield Problem(f"$.people[{at}]", "Expected each once: turns are of one length")
        if self.period < _DAY or self.period % _DAY:
            yield Problem("$.period", "Expected whole days, as in P1D or P7D")
        if self.handover.microsecond:
            yield Problem("$.handover", "Expected whole seconds")
        if self.since.year not in _YEARS:
            yield Problem("$.since", f"Expected a year from {_YEARS[0]} to {_YEARS[-1]}")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield Problem("$.zone", "Expected the name of an IANA zone, as in Asia/Shanghai")


@attrs.frozen(kw_only=True)
class Override:
    """Somebody stands in for somebody else for a while; it wins over every turn."""

    who: str
    """Who is asked."""
    instead_of: str
    """Who is not."""
    since: dt.datetime
    until: dt.datetime
    """The end; at that moment it is over."""
    reason: str
    """A code, as in ``leave``."""

    def covers(self, at: dt.datetime) -> bool:
        """Say whether it holds at a moment."""
        return utc(self.since) <= utc(at) < utc(self.until)

    def meets(self, other: Override) -> bool:
        """Say whether there is a moment at which both hold."""
        return utc(self.since) < utc(other.until) and utc(other.since) < utc(self.until)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with it alone."""
        for name in ("who", "instead_of", "reason"):
            if not is_identifier(getattr(self, name)):
                yield Problem(f"$.{name}", _ID)
        if self.who == self.instead_of:
            yield Problem("$.who", "Has no effect: nobody stands in for themselves")
        if self.since.utcoffset() is None or self.until.utcoffset() is None:
            yield Problem("$.since", "Expected moments with their zone")
        elif self.until <= self.since:
            yield Problem("$.until", "Expected a moment after `since`")


@attrs.frozen
class Layer:
    """A rotation as part of a roster: all the time, or only at some hours of the day."""

    id: str
    """As in ``night``."""
    rotation: Rotation = attrs.field(kw_only=True)
    during: Interval | None = attrs.field(default=None, kw_only=True)
    """The hours, by the rotation's clock, as in ``18:00-08:00``; at others nobody of it is on duty."""

    def on_duty(self, at: dt.datetime) -> str | None:
        """Return whose turn it is at a moment; ``None`` outside its hours."""
        return self.rotation.on_duty(at) if self._covers(at) else None

    def _covers(self, at: dt.datetime) -> bool:
        if self.during is None:
            return True
        clock = utc(at).astimezone(self.rotation.clock)
        shown = (clock.hour * 60 + clock.minute) * 60 + clock.second
        opens, closes = self.during.opens, self.during.closes
        return opens <= shown < closes or opens <= shown + 86_400 < closes

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with its name."""
        if not is_identifier(self.id):
            yield Problem("$.id", _ID)


@attrs.frozen(kw_only=True)
class OnCall(Document):
    """A roster: layers that are asked in their order, and who stands in for whom.

    Whoever is on duty in a layer answers for everybody in its rotation, so of those who are asked for, each rotation
    gives one. Who is in no rotation keeps no roster and is always there, unless somebody stands in for them.

    >>> roster = OnCall.from_toml('''
    ...     schema = "oncall.roster/1"
    ...     [[layers]]
    ...     id = "fitters"
    ...     rotation = { people = ["S-1", "S-2"], handover = 09:00:00, zone = "Asia/Shanghai", since = 2026-03-02 }
    ...     [[overrides]]
    ...     who = "S-7"
    ...     instead_of = "S-2"
    ...     since = 2026-03-10T00:00:00+08:00
    ...     until = 2026-03-11T00:00:00+08:00
    ...     reason = "leave"
    ... ''')
    >>> [roster.available(("S-1", "S-2", "S-5"), dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)) for day in (2, 9, 10)]
    [('S-1', 'S-5'), ('S-2', 'S-5'), ('S-7', 'S-5')]
    """

    SCHEMA: ClassVar[str] = "oncall.roster/1"

    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        """Return who is to be asked in the place of some people at a moment: whoever is on duty first, layer by layer.

        Asked about its own answer it answers the same.
        """
        asked = set(ids)
        found: dict[str, None] = {}
        for layer in self.layers:
            turn = layer.on_duty(at)
            person = None if turn is None else self.stand_in(turn, at)
            if person is not None and (person in asked or not asked.isdisjoint(layer.rotation.people)):
                found[person] = None
        free = (id for id in ids if id not in self._in_turn and id not in found)
        return tuple(found | dict.fromkeys(self.stand_in(id, at) for id in free))

    def on_duty(self, at: dt.datetime) -> tuple[tuple[str, str], ...]:
        """Return who is on duty at a moment, layer by layer: the layer's id and the person's."""
        turns = ((layer.id, layer.on_duty(at)) for layer in self.layers)
        return tuple((layer, self.stand_in(turn, at)) for layer, turn in turns if turn is not None)

    def stand_in(self, person: str, at: dt.datetime) -> str:
        """Return who is asked in the place of somebody at a moment: themselves, where nobody stands in."""
        held = (one.who for one in self.overrides if one.instead_of == person and one.covers(at))
        return next(held, person)

    @cached_property
    def _in_turn(self) -> frozenset[str]:
        return frozenset(person for layer in self.layers for person in layer.rotation.people)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: a layer twice, and overrides that contradict each other."""
        ids = [layer.id for layer in self.layers]
        for at, id in enumerate(ids):
            if id in ids[:at]:
                yield Problem(f"$.layers[{at}].id", f"Expected each layer once; {id!r} stands there again")
        for (first, one), (second, other) in combinations(enumerate(self.overrides), 2):
            if not _told(one) or not _told(other) or not one.meets(other):
                continue
            path = f"$.overrides[{second}]"
            if one.instead_of == other.instead_of:
                yield Problem(path, f"Expected one to stand in at a time; so does $.overrides[{first}] for a while")
            elif self._passes_on(one, other) or self._passes_on(other, one):
                yield Problem(
                    path,
                    f"Expected somebody who is there to stand in; by $.overrides[{first}] and this one, "
                    "who stands in is stood in for: name the last of them in both",
                )

    def _passes_on(self, one: Override, other: Override) -> bool:
        """Say whether somebody who stands in is stood in for; two who swap their turns are no such."""
        swap = one.who == other.instead_of and other.who == one.instead_of
        both = {one.who, one.instead_of} <= self._in_turn
        return one.who == other.instead_of and not (swap and both)


def _told(override: Override) -> bool:
    return override.since.utcoffset() is not None and override.until.utcoffset() is not None
