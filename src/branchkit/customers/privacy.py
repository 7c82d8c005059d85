"""What a bank lays down about personal data, as data: purposes, who sees what, who is told, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal, TypeVar

import attrs

from branchkit.codec import Document
from branchkit.customers.model import DATA_KINDS, CustomerStage
from branchkit.customers.naming import is_code
from branchkit.errors import NotFound, Problem
from branchkit.temporal.months import add_span, read_span
from branchkit.values import Text, is_identifier, is_rule_id

__all__ = [
    "COUNTS_FROM",
    "Basis",
    "Ground",
    "HoldReason",
    "PrivacyPolicy",
    "Purpose",
    "Reason",
    "Recipient",
    "Retention",
    "Sight",
]

Ground = Literal["consent", "contract", "law", "vital_interest"]
"""On what a use of personal data rests."""
Basis = Literal["sourced", "suggested"]
"""Whether a source says so, or it is proposed here because none does."""

COUNTS_FROM: Mapping[str, tuple[str, ...]] = {"customer": ("touched", "closed", "no_basis")}
"""The moments that a period may count from, by the kind of record: when the relationship last moved, when it was
closed, and when the last ground for keeping anything fell away."""


@attrs.frozen
class Purpose:
    """What personal data may be used for; what no purpose names may not be used at all (customers:PRV-22)."""

    code: str
    title: Text = attrs.field(kw_only=True)
    ground: Ground = attrs.field(kw_only=True)
    uses: tuple[str, ...] = attrs.field(kw_only=True)
    """The kinds of personal data it may use; see `DATA_KINDS`."""
    stages: tuple[CustomerStage, ...] = attrs.field(default=(), kw_only=True)
    """The stages of a relationship in which it may be followed; any where empty."""
    lasts: str | None = attrs.field(default=None, kw_only=True)
    """How long a consent to it holds where nothing else is agreed, as ``P1Y``; until withdrawn where left out."""
    stores: bool = attrs.field(default=True, kw_only=True)
    """Whether data may be kept on its account; ``false`` for what may only use what is there already."""
    offers: bool = attrs.field(default=False, kw_only=True)
    """True for offers, which a customer may stop whatever else was agreed."""
    basis: Basis = attrs.field(default="sourced", kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen(kw_only=True)
class Sight:
    """The purposes for which the holders of a post may see a customer's data; nobody else may (customers:PRV-07)."""

    post: str
    purposes: tuple[str, ...]


@attrs.frozen
class Recipient:
    """Somebody outside who may ask to be told something, and for which purposes they may be."""

    code: str
    title: Text = attrs.field(kw_only=True)
    purposes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Each is checked as any use is; none where nothing may ever be told."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class Retention:
    """How long a record may be kept, and what happens then; the sources hardly treat it, so a bank states its own."""

    record: str
    """The kind of document, as in ``customer``."""
    code: str = attrs.field(kw_only=True)
    """Names the period in what is put on record."""
    counts_from: str = attrs.field(kw_only=True)
    """The moment it counts from; see `COUNTS_FROM`."""
    stages: tuple[CustomerStage, ...] = attrs.field(default=(), kw_only=True)
    """The stages it is for; all where empty."""
    keep: str | None = attrs.field(default=None, kw_only=True)
    """How long, as ``P6M``; left out, it is not configured: nothing is erased, and a sweep says so."""
    basis: Basis = attrs.field(default="sourced", kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def ends(self, since: dt.datetime) -> dt.datetime | None:
        """Return when the period ends that began at a moment; ``None`` where its length is not configured."""
        if self.keep is None:
            return None
        return dt.datetime.combine(add_span(since.date(), self.keep), since.timetz())


@attrs.frozen
class HoldReason:
    """A duty in law to keep what would otherwise be erased (customers:PRV-14)."""

    code: str
    title: Text = attrs.field(kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class Reason:
    """Why a customer's data may be erased on demand."""

    code: str
    title: Text = attrs.field(kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class PrivacyPolicy(Document):
    """All that a bank lays down about its customers' data; what is not here is refused.

    >>> policy = PrivacyPolicy(
    ...     "acme.privacy",
    ...     version="1",
    ...     title=Text(en="Privacy"),
    ...     purposes=(Purpose("offers", title=Text(en="Offers"), ground="consent", uses=("contact",), offers=True),),
    ...     sees=(Sight(post="wealth_manager", purposes=("offers",)),),
    ... )
    >>> policy.sees_for(("wealth_manager",)), policy.sees_for(("teller",))
    (frozenset({'offers'}), frozenset())
    """

    SCHEMA: ClassVar[str] = "privacy_policy/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    purposes: tuple[Purpose, ...] = attrs.field(kw_only=True)
    sees: tuple[Sight, ...] = attrs.field(default=(), kw_only=True)
    recipients: tuple[Recipient, ...] = attrs.field(default=(), kw_only=True)
    retention: tuple[Retention, ...] = attrs.field(default=(), kw_only=True)
    holds: tuple[HoldReason, ...] = attrs.field(default=(), kw_only=True)
    reasons: tuple[Reason, ...] = attrs.field(default=(), kw_only=True)
    """The reasons for which data may be erased on demand."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def purpose(self, code: str) -> Purpose:
        """Return a purpose; raises `NotFound` that names what there is."""
        return _of(self.purposes, "purpose", code)

    def recipient(self, code: str) -> Recipient:
        """Return a recipient; raises `NotFound` that names what there is."""
        return _of(self.recipients, "recipient", code)

    def hold(self, code: str) -> HoldReason:
        """Return a duty to keep; raises `NotFound` that names what there is."""
        return _of(self.holds, "hold", code)

    def reason(self, code: str) -> Reason:
        """Return a reason for erasing; raises `NotFound` that names what there is."""
        return _of(self.reasons, "reason for erasing", code)

    def sees_for(self, posts: Iterable[str]) -> frozenset[str]:
        """Return the purposes for which holders of these posts may see data."""
        held = frozenset(posts)
        return frozenset(code for sight in self.sees if sight.post in held for code in sight.purposes)

    def retained(self, record: str, stage: str | None = None) -> tuple[Retention, ...]:
        """Return the periods for a kind of record, in a stage of the relationship where it has one."""
        return tuple(
            one
            for one in self.retention
            if one.record == record and (stage is None or not one.stages or stage in one.stages)
        )

    def validate(self) -> Iterator[Problem]:
        """Yield malformed and doubled codes and rules, unknown kinds of data and purposes, and what has no effect."""
        if not is_identifier(self.id):
            yield Problem("$.id", "Expected an id of 1 to 200 printable characters without spaces at its ends")
        if not self.version.strip():
            yield Problem("$.version", "Expected a version")
        yield from _rule_problems(self.rules, "$.rules")
        for name in ("purposes", "recipients", "holds", "reasons"):
            yield from _codes([one.code for one in getattr(self, name)], f"$.{name}", "code")
            for at, one in enumerate(getattr(self, name)):
                yield from _rule_problems(one.rules, f"$.{name}[{at}].rules")
        yield from _codes([one.post for one in self.sees], "$.sees", "post")
        yield from self._purposes()
        yield from self._retention()

    def _purposes(self) -> Iterator[Problem]:
        for at, one in enumerate(self.purposes):
            path = f"$.purposes[{at}]"
            if strange := sorted(set(one.uses).difference(DATA_KINDS)):
                yield Problem(f"{path}.uses", f"Unknown kind {strange[0]!r}; there are: {', '.join(DATA_KINDS)}")
            if one.lasts is not None and one.ground != "consent":
                yield Problem(f"{path}.lasts", "Has no effect: only a consent runs out")
            yield from _span_problems(one.lasts, f"{path}.lasts")
        known = {one.code for one in self.purposes}
        listed = ", ".join(sorted(known))
        named = [(f"$.sees[{at}].purposes", one.purposes) for at, one in enumerate(self.sees)]
        yield from (Problem(path, "Has no effect: nothing may be seen") for path, codes in named if not codes)
        named += [(f"$.recipients[{at}].purposes", one.purposes) for at, one in enumerate(self.recipients)]
        for path, codes in named:
            for code in codes:
                if code not in known:
                    yield Problem(path, f"Unknown purpose {code!r}; there are: {listed}")

    def _retention(self) -> Iterator[Problem]:
        yield from _codes([one.code for one in self.retention], "$.retention", "code")
        for at, one in enumerate(self.retention):
            path = f"$.retention[{at}]"
            yield from _rule_problems(one.rules, f"{path}.rules")
            yield from _span_problems(one.keep, f"{path}.keep")
            moments = COUNTS_FROM.get(one.record)
            if moments is None:
                listed = ", ".join(COUNTS_FROM)
                yield Problem(f"{path}.record", f"Unknown kind of record {one.record!r}; there are: {listed}")
            elif one.counts_from not in moments:
                listed = ", ".join(moments)
                yield Problem(f"{path}.counts_from", f"Unknown moment {one.counts_from!r}; there are: {listed}")


_Coded = TypeVar("_Coded", Purpose, Recipient, HoldReason, Reason)


def _of(known: Iterable[_Coded], what: str, code: str) -> _Coded:
    found = {one.code: one for one in known}
    if code not in found:
        raise NotFound(what, code, tuple(sorted(found)))
    return found[code]


def _codes(codes: list[str], path: str, key: str) -> Iterator[Problem]:
    for at, code in enumerate(codes):
        if not (is_identifier(code) if key == "post" else is_code(code)):
            what = "Expected a code of letters, digits, and _ . : - between them"
            yield Problem(f"{path}[{at}].{key}", what)
        elif code in codes[:at]:
            yield Problem(f"{path}[{at}].{key}", f"Expected each once; {code!r} stands there again")


def _rule_problems(rules: tuple[str, ...], path: str) -> Iterator[Problem]:
    for at, rule in enumerate(rules):
        if not is_rule_id(rule):
            yield Problem(f"{path}[{at}]", f"Expected a rule id with its area, not {rule!r}")
        elif rule in rules[:at]:
            yield Problem(f"{path}[{at}]", f"Expected each rule once; {rule!r} stands there again")


def _span_problems(span: str | None, path: str) -> Iterator[Problem]:
    if span is None:
        return
    try:
        read_span(span)
    except ValueError as error:
        yield Problem(path, str(error))
