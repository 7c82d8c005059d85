"""The funnel: how many visits, referrals, leads and sales there were, by post and period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal

import attrs

from branchkit.customers.journey.follow_up import Lead, RefusalCount
from branchkit.customers.journey.model import CASE_1, CASE_2, Referral, Visit

__all__ = ["Funnel", "FunnelRow", "funnel"]


@attrs.frozen(kw_only=True)
class FunnelRow:
    """What came of the visits, referrals and leads of one post; or of all of them."""

    post: str | None
    """The post that identified, referred or entered; ``None`` for all together, and for whoever held none."""
    visits: int = 0
    quality: int = 0
    """Visits of customers who were judged or found to reach the threshold."""
    willing: int = 0
    referred: int = 0
    """Referrals of either case, whatever came of them."""
    handed_over: int = 0
    """Case 1."""
    by_form: int = 0
    """Case 2."""
    reviewed: int = 0
    met_standard: int = 0
    leads: int = 0
    merged: int = 0
    """Leads that became part of one that was open."""
    late: int = 0
    """Leads of forms that were entered on a later day."""
    allocated: int = 0
    contacted: int = 0
    converted: int = 0
    declined: int = 0
    closed: int = 0

    @property
    def conversion_rate(self) -> Decimal | None:
        """Converted leads of all leads (customers:REF-27), to four places; ``None`` where there was none."""
        return _rate(self.converted, self.leads)

    @property
    def standard_rate(self) -> Decimal | None:
        """Forms up to standard of all that were reviewed (customers:FRM-12); ``None`` where none was."""
        return _rate(self.met_standard, self.reviewed)


@attrs.frozen(kw_only=True)
class Funnel:
    """What came of a period, by post and in all.

    Visits, referrals and leads count by the day on which they began; what became of them counts whenever it came.
    """

    first: dt.date
    last: dt.date
    """The last day that counts."""
    rows: tuple[FunnelRow, ...]
    """By post, by its code."""
    total: FunnelRow
    refused: int
    """Customers who refused contact: case 3, of which nothing but this number is known."""

    @property
    def case_share(self) -> tuple[tuple[int, Decimal | None], ...]:
        """How the three cases share all attempts whose case is known (customers:REF-27)."""
        counts = (self.total.handed_over, self.total.by_form, self.refused)
        return tuple((at, _rate(count, sum(counts))) for at, count in enumerate(counts, start=1))


def _rate(part: int, whole: int) -> Decimal | None:
    """Return a part of a whole to four places, a half upwards."""
    return Decimal((20_000 * part + whole) // (2 * whole)).scaleb(-4) if whole else None


def funnel(
    first: dt.date,
    last: dt.date,
    *,
    visits: Iterable[Visit] = (),
    referrals: Iterable[Referral] = (),
    leads: Iterable[Lead] = (),
    refusals: Iterable[RefusalCount] = (),
    day_of: Callable[[dt.datetime], dt.date] = dt.datetime.date,
) -> Funnel:
    """Count a period, from its first day to its last one.

    Args:
        first: the first day that counts.
        last: the last day that counts.
        visits: visits of any time; those of other days are left out, as with everything below.
        referrals: those that the leads came of have to be among them, for a lead to count by its referrer's post.
        leads: leads of whatever source.
        refusals: the counts of refusals.
        day_of: on which day a moment lies, as at the branch; by the moment's own zone where left out.

    >>> funnel(dt.date(2026, 3, 1), dt.date(2026, 3, 31), refusals=[
    ...     RefusalCount(branch="B-1", day=dt.date(2026, 3, 2), count=4)]).refused
    4
    """
    counted = _Count()
    posts = {}
    for referral in referrals:
        posts[referral.id] = referral.post
        if first <= day_of(referral.at) <= last:
            counted.referral(referral)
    for visit in visits:
        if first <= day_of(visit.at) <= last:
            counted.visit(visit)
    for lead in leads:
        for other in lead.merged:
            if first <= day_of(other.at) <= last:
                counted.add(posts.get(other.referral or ""), "merged")
        if first <= day_of(lead.at) <= last:
            counted.lead(lead, posts.get(lead.referral or "", lead.post))
    rows = counted.rows()
    return Funnel(
        first=first,
        last=last,
        rows=rows,
        total=_total(rows),
        refused=sum(one.count for one in refusals if first <= one.day <= last),
    )


_NUMBERS = tuple(field.name for field in attrs.fields(FunnelRow) if field.name != "post")


def _total(rows: Iterable[FunnelRow]) -> FunnelRow:
    every = tuple(rows)
    return FunnelRow(post=None, **{name: sum(getattr(row, name) for row in every) for name in _NUMBERS})


class _Count:
    """Numbers by post and name."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, dict[str, int]] = {}

    def add(self, post: str | None, *names: str) -> None:
        held = self._numbers.setdefault(post, {})
        for name in names:
            held[name] = held.get(name, 0) + 1

    def visit(self, visit: Visit) -> None:
        willing = visit.willingness is not None and visit.willingness.answer == "yes"
        told = (("quality", visit.is_quality), ("willing", willing))
        self.add(visit.post, "visits", *(name for name, holds in told if holds))

    def referral(self, referral: Referral) -> None:
        review = referral.review
        told = (
            ("handed_over", referral.case == CASE_1),
            ("by_form", referral.case == CASE_2),
            ("reviewed", review is not None),
            ("met_standard", review is not None and review.meets_standard),
        )
        self.add(referral.post, "referred", *(name for name, holds in told if holds))

    def lead(self, lead: Lead, post: str | None) -> None:
        told = (
            ("late", lead.late),
            ("allocated", lead.allocated is not None),
            ("contacted", bool(lead.contacts)),
            ("converted", bool(lead.sales)),
            ("declined", lead.status == "declined"),
            ("closed", lead.status == "closed"),
        )
        self.add(post, "leads", *(name for name, holds in told if holds))

    def rows(self) -> tuple[FunnelRow, ...]:
        held = sorted(self._numbers.items(), key=lambda item: (item[0] is None, item[0] or ""))
        return tuple(FunnelRow(post=post, **numbers) for post, numbers in held)
