"""Paths into documents, and the words in which problems are told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from branchkit.errors import Problem

__all__ = ["MISSING", "Wrong", "child", "rebase", "words"]


class _Missing:
    __slots__ = ()


MISSING: Final = _Missing()
"""Stands for "there is no value", where ``None`` may be one."""


def child(path: str, *steps: str | int) -> str:
    """Return the path of something below a path: keys of objects are texts, positions in lists are numbers.

    >>> child("$", "answers", 2, "note"), child("$.map", "two words")
    ('$.answers[2].note', '$.map["two words"]')
    """
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step.isidentifier():
            path += f".{step}"
        else:
            path += f"[{json.dumps(step, ensure_ascii=False)}]"
    return path


def rebase(problems: Iterable[Problem], path: str) -> tuple[Problem, ...]:
    """Move problems whose paths start at ``$`` below another path.

    >>> rebase([Problem("$.b", "Expected text, got null")], "$.a[0]")[0].path
    '$.a[0].b'
    """
    return tuple(Problem(path + problem.path.removeprefix("$"), problem.message) for problem in problems)


def words(value: object) -> str:
    """Say in words what kind of value this is, without the value.

    >>> words(True), words(3), words("Zhang"), words(None)
    ('true/false', 'a whole number', 'text', 'null')
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true/false"
        case int():
            return "a whole number"
        case Decimal() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case dt.datetime():
            return "a date with a time"
        case dt.date():
            return "a date"
        case dt.time():
            return "a time of day"
        case _:
            return f"a Python {type(value).__name__}"


class Wrong(ValueError):
    """Carries problems, with paths from ``$``, up through the hooks; never leaves the codec.

    ``value`` is the object nevertheless built, when every problem is one of its `validate`; so what holds the
    object can be built and validated as well, and nothing stays unreported.
    """

    def __init__(self, problems: Iterable[Problem], value: object = MISSING) -> None:
        super().__init__()
        self.problems = tuple(problems)
        self.value = value

    @classmethod
    def expected(cls, what: str, got: object) -> Wrong:
        """Say what was expected, and in words what came."""
        return cls.saying(f"Expected {what}, got {words(got)}")

    @classmethod
    def saying(cls, message: str) -> Wrong:
        """Carry one message about the value itself."""
        return cls((Problem("$", message),))

    def below(self, *steps: str | int) -> Wrong:
        """Return the same problems seen from a holder of the value."""
        return Wrong(rebase(self.problems, child("$", *steps)), self.value)
