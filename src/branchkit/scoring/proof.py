"""Proves a scoring policy as it is loaded: nothing unknown, no setting without effect, a band for every result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from branchkit.codec import child
from branchkit.conditions import Within, check
from branchkit.conditions.facts import is_fact_name
from branchkit.errors import Problem
from branchkit.scoring.bands import grid_limits, grid_table
from branchkit.scoring.rubric import Deduction, Gate, Limits, Points, Select, Veto
from branchkit.values import Severity, Text, is_identifier, is_rule_id

if TYPE_CHECKING:
    from branchkit.scoring.policy import RubricPolicy

__all__ = ["prove"]

_BASES = ("sourced", "suggested", "advice")
_SIDES = {"from": "at_least", "to": "at_most"}


def prove(policy: RubricPolicy) -> Iterator[Problem]:
    """Yield every problem of a policy, each with its place.

    Bands look at rounded numbers, so they are proved over the numbers of as many digits as `RubricPolicy.places` says:
    what lies between two of those is no gap, and a band in which none lies is unreachable.

    Four things look idle and are accepted. An aggregate that no band limits is shown in `Score.aggregates`. A start
    and parts that come to more than the ceiling are kept below it, as a bonus on a full score is. A floor or a ceiling
    that nothing reaches still says where the scale ends. A cap binds or not by how many cells fail, and evidence may
    bring any number of sheets.
    """
    yield from _numbers(policy)
    seen: set[str] = set()
    for at, part in enumerate(policy.parts):
        path = child("$.parts", at)
        if part.id in seen:
            yield Problem(f"{path}.id", f"Expected each part once; {part.id!r} stands there again")
        seen.add(part.id)
        yield from _words(part.title if isinstance(part, Points) else part.reason, path, isinstance(part, Points))
        if isinstance(part, Points):
            yield from _points(part, path)
        elif isinstance(part, Deduction):
            yield from _deduction(part, path, policy)
        else:
            yield from _limit(part, path, policy)
        if not isinstance(part, Gate):
            yield from _select(part.select, f"{path}.select", policy)
        if not isinstance(part, Points):
            yield from _rules(part.rules, f"{path}.rules")
    yield from _aggregates(policy)
    yield from _conditions(policy)
    yield from _rules(policy.rules, "$.rules")
    yield from _bands(policy)


def _numbers(policy: RubricPolicy) -> Iterator[Problem]:
    if not is_identifier(policy.id) or len(policy.id) > 100:
        yield Problem("$.id", "Expected an id of 1 to 100 printable characters without spaces at its ends")
    if not is_identifier(policy.version):
        yield Problem("$.version", "Expected a version, as in 1 or 2026.1")
    yield from _both(policy.title, "$.title")
    if policy.floor >= policy.ceiling:
        yield Problem("$.ceiling", "Expected a number above `floor`")
    elif not policy.floor <= policy.start <= policy.ceiling:
        yield Problem("$.start", "Expected a number from `floor` to `ceiling`")
    if not 0 <= policy.places <= 9:
        yield Problem("$.places", "Expected 0 to 9 digits")
        return
    # Else a result would be rounded to a number beyond its limit.
    for name in ("floor", "ceiling"):
        if not _fits(getattr(policy, name), policy.places):
            yield Problem(f"$.{name}", _digits(policy.places))
    if not policy.points and not policy.deductions:
        yield Problem("$.parts", "Expected at least one part that gives or takes points")
    if not policy.checklists and any(not isinstance(p, Deduction) or p.when is None for p in policy.parts):
        yield Problem("$.checklists", "Expected at least one checklist, or only deductions with `when`")
    for at, name in enumerate(policy.checklists):
        if name in policy.checklists[:at]:
            yield Problem(f"$.checklists[{at}]", f"Expected each checklist once; {name!r} stands there again")


def _digits(places: int) -> str:
    return f"Expected a number of at most {places} digits after the point, as `places` says"


def _fits(number: Decimal, places: int) -> bool:
    return bool((Fraction(number) * 10**places).denominator == 1)


def _points(part: Points, path: str) -> Iterator[Problem]:
    if part.worth <= 0:
        yield Problem(f"{path}.worth", "Expected a number above 0")
    for field in ("weights", "by_severity", "by_basis"):
        weights: Mapping[str, Decimal] = getattr(part, field)
        for name, weight in weights.items():
            if weight < 0:
                yield Problem(child(path, field, name), "Expected a weight of 0 or more")
            elif field == "by_basis" and weight == 1:
                yield Problem(child(path, field, name), "Has no effect: a factor of 1")
    yield from _known(part.by_severity, [one.value for one in Severity], "severity", f"{path}.by_severity")
    yield from _known(part.by_basis, _BASES, "basis", f"{path}.by_basis")


def _deduction(part: Deduction, path: str, policy: RubricPolicy) -> Iterator[Problem]:
    if [part.points is not None, bool(part.by_severity), bool(part.by_value)].count(True) != 1:
        yield Problem(path, "Expected exactly one of points, by_severity, by_value")
    amounts = [*(() if part.points is None else (part.points,)), *part.by_severity.values(), *part.by_value.values()]
    if any(amount < 0 for amount in amounts):
        yield Problem(path, "Expected points to take away as numbers of 0 or more")
    elif amounts and not any(amounts):
        yield Problem(path, "Has no effect: takes no points away")
    yield from _known(part.by_severity, [one.value for one in Severity], "severity", f"{path}.by_severity")
    if part.when is None:
        if part.cap is not None and (part.cap <= 0 or part.cap <= min(amounts, default=Decimal(0))):
            yield Problem(f"{path}.cap", "Expected a cap above the points of a single deduction")
        return
    if part.points is None:
        yield Problem(f"{path}.when", "Expected `points` with it: facts have no severity and no code of an answer")
    if part.cap is not None:
        yield Problem(f"{path}.cap", "Has no effect: facts take the points once")
    if part.select != Select():
        yield Problem(f"{path}.select", "Has no effect beside `when`: no cell is looked at")


def _limit(part: Veto | Gate, path: str, policy: RubricPolicy) -> Iterator[Problem]:
    codes = [band.code for band in policy.bands]
    most = part.points_at_most
    if most is None and part.band_at_most is None:
        yield Problem(path, "Has no effect: expected points_at_most or band_at_most")
    if most is not None and not policy.floor <= most < policy.ceiling:
        yield Problem(f"{path}.points_at_most", "Expected a number from `floor` up to, not reaching, `ceiling`")
    elif most is not None and not _fits(most, policy.places):
        yield Problem(f"{path}.points_at_most", _digits(policy.places))
    if part.band_at_most is not None and part.band_at_most not in codes:
        known = ", ".join(codes) or "none"
        yield Problem(f"{path}.band_at_most", f"Unknown band {part.band_at_most!r}; there are: {known}")
    elif part.band_at_most is not None and part.band_at_most == codes[0]:
        yield Problem(f"{path}.band_at_most", "Has no effect: it is the best band")
    if isinstance(part, Gate):
        if part.part not in {one.id for one in policy.points}:
            known = ", ".join(one.id for one in policy.points)
            yield Problem(f"{path}.part", f"Expected a part of points: {known or 'there is none'}")
        if not 0 < part.percent_at_least <= 100:
            yield Problem(f"{path}.percent_at_least", "Expected a percentage above 0 and not above 100")


def _select(select: Select, path: str, policy: RubricPolicy) -> Iterator[Problem]:
    yield from _known(select.checklists, policy.checklists, "checklist", f"{path}.checklists")
    yield from _known(select.bases, _BASES, "basis", f"{path}.bases")


def _aggregates(policy: RubricPolicy) -> Iterator[Problem]:
    ids = {
        "parts": [part.id for part in policy.points],
        "items": [part.id for part in policy.points],
        "deductions": [part.id for part in policy.deductions],
    }
    for name, aggregate in policy.aggregates.items():
        path = child("$.aggregates", name)
        if name == "total":
            yield Problem(path, "Expected another name: `total` is always there")
        elif not is_fact_name(name):
            yield Problem(path, "Expected a name of letters, digits, - and _")
        if not ids[aggregate.over]:
            yield Problem(f"{path}.over", "Has no effect: the policy has nothing of the kind")
        yield from _known(aggregate.ids, ids[aggregate.over], "part", f"{path}.ids")


def _conditions(policy: RubricPolicy) -> Iterator[Problem]:
    if policy.scored_when is None and policy.not_scored_reason is not None:
        yield Problem("$.not_scored_reason", "Has no effect without `scored_when`")
    elif policy.scored_when is not None and policy.not_scored_reason is None:
        yield Problem("$.not_scored_reason", "Expected the reason given when `scored_when` does not hold")
    if policy.not_scored_reason is not None:
        yield from _both(policy.not_scored_reason, "$.not_scored_reason")
    named: set[str] = set()
    for at, spec in enumerate(policy.facts):
        if spec.name in named or spec.name.partition(".")[0] in {"answer", "branch", "at"}:
            yield Problem(f"$.facts[{at}].name", "Expected a name of its own, outside answer, branch and at")
        elif spec.name not in policy.reads:
            yield Problem(f"$.facts[{at}]", f"Has no effect: nothing in the policy looks at {spec.name!r}")
        named.add(spec.name)
    # What sheets bring is known only together with their checklists: `lint_policy` asks that.
    if not policy.checklists:
        specs = {spec.name: spec for spec in policy.facts}
        for at, part in enumerate(policy.parts):
            if isinstance(part, Deduction) and part.when is not None:
                yield from check(part.when, specs, f"$.parts[{at}].when")
        if policy.scored_when is not None:
            yield from check(policy.scored_when, specs, "$.scored_when")


def _bands(policy: RubricPolicy) -> Iterator[Problem]:
    codes = [band.code for band in policy.bands]
    names = ("total", *policy.aggregates)
    provable = policy.floor < policy.ceiling and 0 <= policy.places <= 9
    sound = len(set(codes)) == len(codes) and all(map(is_fact_name, names))
    for at, band in enumerate(policy.bands):
        path = child("$.bands", at)
        yield from _both(band.title, f"{path}.title")
        if band.code in codes[:at]:
            yield Problem(f"{path}.code", f"Expected each band once; {band.code!r} stands there again")
        for name, limits in band.limits.items():
            if name not in names:
                sound = False
                known = ", ".join(sorted(names))
                yield Problem(child(path, "limits", name), f"Unknown aggregate {name!r}; there are: {known}")
            elif limits == Limits():
                sound = False
                yield Problem(child(path, "limits", name), "Has no effect: expected a limit")
            elif provable and is_fact_name(name):
                wrong = tuple(_limits(policy, name, limits, child(path, "limits", name)))
                sound = sound and not wrong
                yield from wrong
    if not sound or not provable or not policy.bands or not is_identifier(policy.id):
        return
    for problem in grid_table(policy).validate():
        yield Problem(f"$.bands{problem.path.removeprefix('$.rows')}", _band_words(problem.message))


def _limits(policy: RubricPolicy, name: str, limits: Limits, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the limits of one aggregate: two of a side, beyond what it can be, nothing between."""
    problems: list[Problem] = []
    spec = policy.aggregate_spec(name)
    cell = Within(start=limits.at_least, above=limits.above, below=limits.below, to=limits.at_most)
    cell.bind(spec, path, problems)
    for problem in problems:
        head, dot, side = problem.path.rpartition(".")
        yield Problem(f"{head}{dot}{_SIDES.get(side, side)}" if head == path else problem.path, problem.message)
    if problems:
        return
    stretch = grid_limits(limits, policy.places)
    start = spec.low if stretch.at_least is None else stretch.at_least
    ends_before = start is not None and stretch.below is not None and stretch.below <= start
    if ends_before or (start is not None and spec.high is not None and start > spec.high):
        digits = "whole number" if policy.places == 0 else f"number of {policy.places} digits after the point"
        yield Problem(path, f"Unreachable: no {digits}, as `places` says, lies within")


def _band_words(message: str) -> str:
    for one, other in (("No row for", "No band for"), ("the rows above", "the bands above"), ("this row", "this band")):
        message = message.replace(one, other)
    return message


def _known(names: Iterable[str], known: Iterable[str], kind: str, path: str) -> Iterator[Problem]:
    listed = tuple(known)
    for name in names:
        if name not in listed:
            yield Problem(path, f"Unknown {kind} {name!r}; there are: {', '.join(listed) or 'none'}")


def _words(text: Text, path: str, is_title: bool) -> Iterator[Problem]:
    yield from _both(text, f"{path}.{'title' if is_title else 'reason'}")


def _both(text: Text, path: str) -> Iterator[Problem]:
    for lang in ("zh", "en"):
        if not getattr(text, lang).strip():
            yield Problem(f"{path}.{lang}", "Expected words in both languages")


def _rules(rules: Iterable[str], path: str) -> Iterator[Problem]:
    listed = tuple(rules)
    for at, rule in enumerate(listed):
        if not is_rule_id(rule):
            yield Problem(f"{path}[{at}]", f"Expected a rule id with its area, as in estate:EST-OUT-01, not {rule!r}")
        elif rule in listed[:at]:
            yield Problem(f"{path}[{at}]", f"Expected each rule once; {rule!r} stands there again")
