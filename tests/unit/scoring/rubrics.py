"""Small policies for the tests of scoring."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from branchkit.checklists import Answer, Checklist
from branchkit.scoring import Band, Deduction, Evidence, Gate, Limits, Points, RubricPolicy, Score, Select, Veto
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Severity, Text
from tests.unit.checklists.tours import bound, checklist, item, section, sheet

D = Decimal
WORDS = Text(zh="词", en="words")
SIGNS, HALL = Select(sections=("signs",)), Select(sections=("hall",))

TOUR: Checklist = checklist(
    section(
        item("fascia", severity=Severity.CRITICAL, rules=("estate:EST-OUT-01",)),
        item("plate", severity=Severity.MAJOR),
        item("lamp", severity=Severity.MINOR, not_applicable="with_reason"),
        name="signs",
    ),
    section(
        item("floor", severity=Severity.MAJOR, not_applicable="with_reason"),
        item("desk", severity=Severity.MINOR, basis="advice", not_applicable="with_reason"),
        name="hall",
    ),
)
ITEMS = ("fascia", "plate", "lamp", "floor", "desk")


def weights(**given: str | int) -> FrozenMap[Decimal]:
    """Return weights by name."""
    return FrozenMap({name: Decimal(weight) for name, weight in given.items()})


def points(name: str = "all", worth: str | int = 100, **more: Any) -> Points:
    """Return a part of points."""
    return Points(name, title=Text(zh=name, en=name), worth=D(worth), **more)


def deduction(name: str = "lost", **more: Any) -> Deduction:
    """Return a deduction."""
    return Deduction(name, reason=Text(zh=name, en=name), **more)


def veto(name: str = "veto", **more: Any) -> Veto:
    """Return a veto over critical failures."""
    more.setdefault("select", Select(severities=(Severity.CRITICAL,)))
    return Veto(name, reason=Text(zh=name, en=name), **more)


def gate(name: str = "gate", **more: Any) -> Gate:
    """Return a gate."""
    return Gate(name, reason=Text(zh=name, en=name), **more)


def band(code: str, **limits: Limits) -> Band:
    """Return a band with limits by aggregate."""
    return Band(code, title=WORDS, limits=FrozenMap(limits))


def least(number: str | int) -> Limits:
    """Return the limit ``at_least``."""
    return Limits(at_least=D(number))


def most(number: str | int) -> Limits:
    """Return the limit ``at_most``."""
    return Limits(at_most=D(number))


def policy(*parts: Any, **more: Any) -> RubricPolicy:
    """Return a policy from 0 to 100 for the checklist ``tour``, whatever its problems."""
    given: dict[str, Any] = {"version": "1", "title": WORDS, "checklists": ("tour",), "ceiling": D(100)}
    return RubricPolicy("house", **{**given, "parts": parts, **more})


def sound(*parts: Any, **more: Any) -> RubricPolicy:
    """Return a policy that has no problems."""
    made = policy(*parts, **more)
    assert [] == list(made.validate())
    return made


def evidence(*answers: Answer, one: Checklist = TOUR, **facts: Any) -> Evidence:
    """Return one sheet as evidence."""
    return Evidence(sheet(*answers), bound(one), facts=facts)


def passing(*but: str, absent: tuple[str, ...] = ()) -> Evidence:
    """Return a sheet on which everything passes but some items, and some do not apply."""
    answers = [Answer(name, not_applicable="none here") for name in absent]
    answers += [Answer(name, value="fail" if name in but else "pass") for name in ITEMS if name not in absent]
    return evidence(*answers)


def result(one: RubricPolicy, held: Evidence) -> tuple[str | None, str | None]:
    """Return the points as text and the band."""
    score: Score = one.score(held).value
    return (None if score.points is None else str(score.points), score.band)


def lines(decision: Decision[Score], lang: str = "en") -> list[str]:
    """Return the steps of a trace as lines."""
    return [step.say(lang) for step in decision.trace.steps]
