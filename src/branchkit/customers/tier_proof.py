"""The proof of a tier scheme: answers for all facts, dates without gaps, and nobody who is sent back and forth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from branchkit.codec import child
from branchkit.conditions import FactType
from branchkit.conditions.columns import TooManyRegions
from branchkit.customers.placing import Piece, Place
from branchkit.customers.settings import NotConfigured
from branchkit.customers.tier_tables import TIER, Tables, amount_problems, tables_of
from branchkit.customers.tiers import AMOUNT, CURRENCY, Edition
from branchkit.errors import Problem
from branchkit.values import is_identifier, is_rule_id

if TYPE_CHECKING:
    from branchkit.customers.tiers import TierScheme

__all__ = ["prove"]

_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"
_MOST_SETS = 20_000


def prove(scheme: TierScheme) -> Iterator[Problem]:
    """Yield everything that is wrong with a scheme, each with its place."""
    plain = (
        *_names(scheme),
        *_settings(scheme),
        *_by_tier(scheme),
        *_entitlements(scheme),
        *_dates(scheme.editions),
    )
    yield from plain
    for at, edition in enumerate(scheme.editions):
        path = child("$.editions", at)
        amounts = amount_problems(scheme, edition.enter, f"{path}.enter")
        amounts += amount_problems(scheme, edition.keep, f"{path}.keep")
        yield from amounts
        if not plain and not amounts:
            yield from _tables(scheme, edition, path)


def _names(scheme: TierScheme) -> Iterator[Problem]:
    if not is_identifier(scheme.id):
        yield Problem("$.id", _ID)
    if not scheme.version.strip():
        yield Problem("$.version", "Expected a version")
    if len(scheme.declared) < 2:
        yield Problem("$.tiers", "Expected two tiers or more: with one there is nothing to decide")
    asked = [spec.name for spec in scheme.asked]
    for path, names in (
        ("$.tiers", [tier.code for tier in scheme.declared]),
        ("$.entitlements", [one.code for one in scheme.entitlements]),
        ("$.measures", [one.fact for one in scheme.measures]),
        ("$.bands", [one.code for one in scheme.bands]),
        ("$.facts", asked),
    ):
        yield from _each_once(names, path)
    taken = {AMOUNT, CURRENCY, TIER, *(one.fact for one in scheme.measures)}
    for at, spec in enumerate(scheme.asked):
        if spec.name in taken:
            yield Problem(child("$.facts", at, "name"), f"Expected another name: {spec.name!r} is taken")
        for problem in spec.validate():
            yield Problem(child("$.facts", at) + problem.path.removeprefix("$"), problem.message)
        if not any(spec.name in row.when for edition in scheme.editions for row in (*edition.enter, *edition.keep)):
            yield Problem(child("$.facts", at), f"Has no effect: no row asks {spec.name!r}")
    for at, rule in enumerate(scheme.rules):
        if not is_rule_id(rule):
            yield Problem(child("$.rules", at), "Expected a rule id with its area, as in customers:TIER-01")
    lowest = [band.at_least for band in scheme.bands]
    if lowest and lowest != sorted(set(lowest)):
        yield Problem("$.bands", "Expected the bands from the lowest, each with an amount of its own")


def _each_once(names: Sequence[str], path: str) -> Iterator[Problem]:
    for at, name in enumerate(names):
        if not is_identifier(name):
            yield Problem(child(path, at), _ID)
        if name in names[:at]:
            yield Problem(child(path, at), f"Expected each once; {name!r} stands above")


def _settings(scheme: TierScheme) -> Iterator[Problem]:
    choices = [one.fact for one in scheme.measures]
    stated = isinstance(scheme.measure, str)
    if stated and scheme.measure not in choices:
        told = f"one of {', '.join(choices)}" if choices else "none: no row asks an amount"
        yield Problem("$.measure", f"Expected {told}")
    if isinstance(scheme.currency, str) and not choices:
        yield Problem("$.currency", "Has no effect: no row asks an amount")
    if isinstance(scheme.currency, str) and not (len(scheme.currency) == 3 and scheme.currency.isupper()):
        yield Problem("$.currency", "Expected a currency of three capital letters, as in CNY")
    for path, value in (("$.measure", scheme.measure), ("$.currency", scheme.currency)):
        if isinstance(value, NotConfigured) and value.settings:
            yield Problem(f"{path}.settings", "Has no effect: what is not configured here is this setting")
    if scheme.measures and not any(AMOUNT in row.when for edition in scheme.editions for row in edition.enter):
        yield Problem("$.measures", "Has no effect: no row asks an amount")
    if scheme.boundary == "exclusive" and not scheme.measures:
        yield Problem("$.boundary", "Has no effect: no row asks an amount")
    numbers = {spec.name for spec in scheme.asked if spec.type is FactType.NUMBER} | ({AMOUNT} if choices else set())
    for name, width in scheme.steady.items():
        if name not in numbers:
            known = ", ".join(sorted(numbers)) or "none"
            yield Problem(child("$.swing", name), f"Expected a number that rows ask; there are: {known}")
        elif not (width.is_finite() and width > 0):
            yield Problem(child("$.swing", name), "Expected a finite number above zero")
    for name in sorted(numbers - set(scheme.steady)):
        yield Problem(
            "$.swing", f"Expected how far {name!r} may go up and down before anybody returns to a tier they left"
        )


def _by_tier(scheme: TierScheme) -> Iterator[Problem]:
    truths = [spec.name for spec in scheme.asked if spec.type is FactType.BOOL]
    for name, held in scheme.by_tier.items():
        path = child("$.by_tier", name)
        if name not in truths:
            yield Problem(path, f"Expected a fact of the type bool; there are: {', '.join(truths) or 'none'}")
        if not is_identifier(held.scheme) or held.scheme == scheme.id:
            yield Problem(f"{path}.scheme", "Expected the id of another scheme")
        if not held.tiers:
            yield Problem(f"{path}.tiers", "Expected one tier or more")
        yield from _each_once(held.tiers, f"{path}.tiers")


def _entitlements(scheme: TierScheme) -> Iterator[Problem]:
    known = [one.code for one in scheme.entitlements]
    used = [(child("$.baseline", at), code) for at, code in enumerate(scheme.baseline)]
    for number, tier in enumerate(scheme.declared):
        path = child("$.tiers", number, "entitlements")
        used += [(child(path, at), code) for at, code in enumerate(tier.entitlements)]
    seen: set[str] = set()
    for path, code in used:
        if code not in known:
            yield Problem(path, f"Unknown entitlement {code!r}; there are: {', '.join(known) or 'none'}")
        elif code in seen:
            yield Problem(path, f"Has no effect: a lower tier, or everybody, has {code!r} already")
        seen.add(code)
    for at, one in enumerate(scheme.entitlements):
        if one.code not in seen and not one.also_for:
            yield Problem(child("$.entitlements", at), f"Has no effect: nobody is entitled to {one.code!r}")


def _dates(editions: Sequence[Edition]) -> Iterator[Problem]:
    if not editions:
        yield Problem("$.editions", "Expected at least one edition")
    for at, edition in enumerate(editions):
        path = child("$.editions", at)
        before = editions[at - 1] if at else None
        if edition.valid_from is None and at:
            yield Problem(f"{path}.valid_from", "Expected the day from which it holds; only the first may leave it out")
        starts, ends = edition.valid_from, edition.valid_until
        if starts is not None and ends is not None and ends <= starts:
            yield Problem(f"{path}.valid_until", "Expected a day after valid_from")
        if before is None or edition.valid_from is None:
            continue
        if before.valid_from is not None and edition.valid_from <= before.valid_from:
            yield Problem(f"{path}.valid_from", "Expected a day after that of the edition before it")
        elif before.valid_until is not None and before.valid_until != edition.valid_from:
            fault = "a gap" if before.valid_until < edition.valid_from else "an overlap"
            yield Problem(
                f"{path}.valid_from", f"Expected {before.valid_until}, when the one before it ends; there is {fault}"
            )


def _tables(scheme: TierScheme, edition: Edition, path: str) -> Iterator[Problem]:
    try:
        tables = tables_of(scheme, edition)
    except TooManyRegions as error:
        yield Problem(path, f"Too large to prove: the rows ask too many codes of {str(error)!r} together")
        return
    found = [*_of_table(tables.enter.analyse(), f"{path}.enter")]
    if tables.keep is not None:
        found += _of_table(tables.keep.analyse(), f"{path}.keep")
    yield from found
    if not found:
        yield from _Pair(scheme, tables, path).problems()


def _of_table(problems: Iterable[Problem], path: str) -> Iterator[Problem]:
    for problem in problems:
        yield Problem(path + problem.path.removeprefix("$.rows").removeprefix("$"), problem.message)


class _TooLarge(Exception):
    """More sets of rows than can be looked at; never leaves the module."""


class _Pair:
    """The two tables of an edition side by side: what any facts enter, and what the same facts keep."""

    def __init__(self, scheme: TierScheme, tables: Tables, path: str) -> None:
        self._scheme = scheme
        self._tables = tables
        self._path = path
        self._count = len(tables.enter.rows)
        ranks = {tier: rank for rank, tier in enumerate(scheme.tiers)}
        keep = tables.keep.rows if tables.keep is not None else ()
        self._enter = [ranks.get(str(row.then.get(TIER))) for row in tables.enter.rows]
        self._keep = [ranks.get(str(row.then.get(TIER))) for row in keep]

    def problems(self) -> Iterator[Problem]:
        """Yield what lets somebody fall who would enter again at once, and what sends somebody back and forth."""
        try:
            yield from self._keeps_what_enters()
            for name, width in self._scheme.steady.items():
                yield from self._swings(name, width)
        except _TooLarge:
            yield Problem(self._path, f"Too large to prove: more than {_MOST_SETS} sets of rows fit together")

    def _keeps_what_enters(self) -> Iterator[Problem]:
        if not self._keep:
            return
        wrong = set[tuple[int, int]]()
        for rows in self._sets(self._tables.places):
            entered, kept, at = self._tiers(rows)
            if entered is not None and (kept is None or kept < entered):
                wrong.add(at)
        for enter, keep in sorted(wrong)[:3]:
            what = (
                f"Expected to keep what enters: facts that fit it may fit {self._path}.enter[{enter}], which is higher"
            )
            yield Problem(child(f"{self._path}.keep", keep), what)

    def _swings(self, name: str, width: Decimal) -> Iterator[Problem]:
        place = next((place for place in self._tables.places if place.spec.name == name), None)
        if place is None:
            return
        others = [other for other in self._tables.places if other is not place]
        for rows in self._sets(others):
            told = [(piece, *self._tiers(rows & piece.rows)[:2]) for piece in place.pieces]
            for rank, tier in enumerate(self._scheme.tiers):
                into = [piece for piece, entered, _ in told if entered is not None and entered >= rank > 0]
                out = [piece for piece, _, kept in told if kept is not None and kept < rank]
                nearest = _nearest(into, out)
                if nearest is not None and nearest < width:
                    yield Problem(
                        child("$.swing", name),
                        f"Expected at most {nearest}: {tier!r} is entered and lost within less, in {self._path}",
                    )
                    return

    def _tiers(self, rows: int) -> tuple[int | None, int | None, tuple[int, int]]:
        """Return what the uppermost rows enter and keep, and which rows they are."""
        above = rows & ((1 << self._count) - 1)
        enter = (above & -above).bit_length() - 1
        entered = self._enter[enter]
        if not self._keep:
            return entered, entered, (enter, enter)
        below = rows >> self._count
        keep = (below & -below).bit_length() - 1
        return entered, self._keep[keep], (enter, keep)

    def _sets(self, places: Sequence[Place]) -> set[int]:
        """Return every set of rows that some facts fit."""
        found = {-1}
        for place in places:
            regions = {
                rows for number, rows in enumerate(place.rows) if number != place.unknown or place.spec.may_be_unknown
            }
            found = {rows & region for rows in found for region in regions}
            if len(found) > _MOST_SETS:
                raise _TooLarge
        return found


def _nearest(into: Sequence[Piece], out: Sequence[Piece]) -> Decimal | None:
    return min((one.distance(other) for one in into for other in out), default=None)
