"""A stretch of opening by the local clock, as it stands on the door: ``09:00-17:30``."""

from __future__ import annotations

import re
from typing import Any

import attrs

__all__ = ["DAY_SECONDS", "Interval"]

DAY_SECONDS = 86_400
"""The seconds on the clock from midnight to midnight; how long the day really lasts is the zone's affair."""

_CLOCK = r"([01][0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9]))?"
_INTERVAL = re.compile(rf"({_CLOCK})\s*[-–]\s*({_CLOCK})")
_EXPECTED = "Expected opening and closing times as in 09:00-17:30"


def _read(clock: str) -> int:
    """Return the seconds since midnight that ``HH:MM`` or ``HH:MM:SS`` shows; 24:00 is the end of the day."""
    match = re.fullmatch(_CLOCK, clock)
    if match is None:
        raise ValueError("Expected a clock time from 00:00 to 24:00, as in 09:00 or 17:30:00")
    hour, minute, second = (int(part or 0) for part in match.groups())
    seconds = hour * 3600 + minute * 60 + second
    if seconds > DAY_SECONDS:
        raise ValueError("Expected a clock time no later than 24:00")
    return seconds


def _write(seconds: int) -> str:
    hour, rest = divmod(seconds, 3600)
    minute, second = divmod(rest, 60)
    return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")


@attrs.frozen(order=True)
class Interval:
    """Opening and closing time by the local clock, half-open: at the closing time it is closed already.

    A closing time that is not later than the opening time lies on the next day: ``22:00-02:00``. The interval belongs
    to the day it opens on. ``00:00-24:00`` is the whole day; ``00:00-00:00`` is refused, because sources use it for
    "all day" and for "closed" alike.

    >>> night = Interval.parse("22:00-02:00")
    >>> str(night), night.past_midnight, night.seconds
    ('22:00-02:00', True, 14400)
    """

    opens: int
    """Seconds on the clock since the midnight that begins the day."""
    closes: int
    """Seconds since the same midnight; more than 86,400 when it closes on the next day."""

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.opens < DAY_SECONDS:
            raise ValueError("Expected an opening time from 00:00 to 23:59:59")
        length = self.closes - self.opens
        if length == 0 or (length == DAY_SECONDS and self.opens):
            raise ValueError(
                "Expected opening and closing times that differ: write 00:00-24:00 for all day, "
                "and leave the interval out for closed"
            )
        if not 0 < length <= DAY_SECONDS:
            raise ValueError("Expected a closing time after the opening time and within 24 hours of it")

    @classmethod
    def between(cls, opens: str, closes: str) -> Interval:
        """Build one from two clock times, ``HH:MM`` or ``HH:MM:SS``; raises `ValueError` for anything else.

        >>> str(Interval.between("09:00:00", "24:00"))
        '09:00-24:00'
        """
        start, end = _read(opens), _read(closes)
        return cls(start, end + DAY_SECONDS if end < start else end)

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read ``09:00-17:30``, with a hyphen or an en dash; raises `ValueError` for anything else."""
        match = _INTERVAL.fullmatch(text.strip())
        if match is None:
            raise ValueError(_EXPECTED)
        return cls.between(match[1], match[5])

    @classmethod
    def from_plain(cls, data: object) -> Interval:
        """Read the lexical form; raises `ValueError` for anything but such a text."""
        if not isinstance(data, str):
            raise ValueError(_EXPECTED)
        return cls.parse(data)

    def to_plain(self) -> str:
        """Write the lexical form, ``09:00-17:30``."""
        return str(self)

    @classmethod
    def plain_schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of the lexical form."""
        clock = "([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9])?"
        return {"type": "string", "pattern": f"^{clock}[ ]*[-–][ ]*{clock}$", "examples": ["09:00-17:30"]}

    @property
    def past_midnight(self) -> bool:
        """Whether it closes on the next day; 24:00 still belongs to this one."""
        return self.closes > DAY_SECONDS

    @property
    def seconds(self) -> int:
        """How long it is by the clock."""
        return self.closes - self.opens

    def __str__(self) -> str:
        closes = self.closes - DAY_SECONDS if self.past_midnight else self.closes
        return f"{_write(self.opens)}-{_write(closes)}"
