"""Shares a deal by a scheme: first whether there is anything to share, then who gets what, in whole least amounts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from branchkit.customers.credit.model import CreditShare, Deal, NotShared, Shared, Sharing, deal_ref
from branchkit.errors import InputError
from branchkit.scoring.exact import exact_decimal
from branchkit.scoring.score import plugin_of
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text, decimal_text

if TYPE_CHECKING:
    from branchkit.customers.credit.scheme import CreditEdition, CreditScheme

__all__ = ["share"]


def share(scheme: CreditScheme, deal: Deal) -> Decision[Sharing]:
    """Share a deal by a scheme; see `branchkit.customers.CreditScheme.share`."""
    problems = tuple(deal.validate())
    if problems:
        raise InputError(f"deal {deal.id!r}", problems)
    edition = scheme.edition_on(deal.sold_at.date())
    against = next(_against(scheme, edition, deal), None)
    if against is not None or edition is None:
        value: Sharing = against or _unset(f"{scheme.id}.editions")
        steps: tuple[Step, ...] = (Step(what=value.why, rules=value.rules),) if isinstance(value, NotShared) else ()
    else:
        shares = tuple(_shares(edition, deal))
        value = Shared(deal=deal.id, at=deal.sold_at, amount=deal.amount, currency=deal.currency, shares=shares)
        steps = tuple(_told(one, edition) for one in shares)
    trace = Trace(
        policy=scheme.id,
        version=scheme.version,
        plugin=plugin_of(scheme.id),
        inputs=(deal_ref(deal),),
        steps=steps,
    )
    return Decision(value, trace)


def _against(scheme: CreditScheme, edition: CreditEdition | None, deal: Deal) -> Iterator[NotShared]:
    """Yield why nothing is shared, what matters most first."""
    if not scheme.enabled:
        yield _unset(f"{scheme.id}.enabled")
    if deal.case == 3:
        words = Text(zh="情形三无线索，不分润", en="in the third case there is no lead, and so no share")
        yield NotShared(code="contact_refused", why=words, rules=("customers:SPLIT-08",))
    if deal.meets_standard is False:
        words = Text(zh="未达转介标准，不分润", en="the referral was judged below the standard")
        yield NotShared(code="below_standard", why=words, rules=("customers:SPLIT-07",))
    if deal.lead_at is None:
        words = Text(zh="没有已登记的转介", en="no referral was recorded")
        yield NotShared(code="no_referral", why=words, rules=("customers:SPLIT-06",))
    elif deal.lead_at > deal.sold_at:
        words = Text(zh="转介登记晚于成交", en="the referral was recorded only after the sale")
        yield NotShared(code="after_the_fact", why=words, rules=("customers:SPLIT-06",))
    if edition is None:
        yield _unset(f"{scheme.id}.editions")
    else:
        yield from _against_edition(scheme, edition, deal)


def _against_edition(scheme: CreditScheme, edition: CreditEdition, deal: Deal) -> Iterator[NotShared]:
    if edition.approved_by is None:
        yield _unset(f"{scheme.id}.editions.{edition.valid_from}.approved_by")
    if (edition.measure, edition.currency) != (deal.measure, deal.currency):
        wanted = f"{edition.measure} {edition.currency}"
        words = Text(zh=f"分润基数应为 {wanted}", en=f"what is shared is {wanted}")
        yield NotShared(code="other_measure", why=words, rules=("customers:SPLIT-01",))
    yield from _checks(edition, deal)
    yield from _people(edition, deal)
    if (Fraction(deal.amount) / Fraction(edition.quantum)).denominator != 1:
        least = decimal_text(edition.quantum)
        words = Text(zh=f"金额须为 {least} 的整数倍", en=f"the amount is no whole number of times {least}")
        yield NotShared(code="too_fine", why=words, rules=("customers:SPLIT-05",))


def _checks(edition: CreditEdition, deal: Deal) -> Iterator[NotShared]:
    for name, least in edition.at_least.items():
        reached = deal.measures.get(name)
        if reached is None:
            words = Text(zh=f"{name} 未知", en=f"{name} is not known")
            yield NotShared(code="check_unknown", why=words, rules=("customers:INC-07",))
        elif not reached >= least:
            words = Text(zh=f"{name} 未达 {decimal_text(least)}", en=f"{name} is below {decimal_text(least)}")
            yield NotShared(code="check_failed", why=words, rules=("customers:INC-07",))


def _people(edition: CreditEdition, deal: Deal) -> Iterator[NotShared]:
    empty = [role for role in edition.ratios if not deal.parts.get(role)]
    if edition.unfilled == "remainder":
        empty = [role for role in empty if role == edition.remainder]
    if empty:
        words = Text(zh=f"角色 {empty[0]} 无人", en=f"nobody had the role {empty[0]}")
        yield NotShared(code="role_unfilled", why=words, rules=("customers:SPLIT-03",))
    if not deal.interested.isdisjoint((*deal.approved_by, edition.approved_by)):
        en = "whoever approves it or approved the table has a role in it: somebody else has to approve it"
        words = Text(zh="批准人（含比例表的批准人）不得参与分润", en=en)
        yield NotShared(code="approver_is_paid", why=words, rules=("customers:SPLIT-02",))


def _unset(setting: str) -> NotShared:
    words = Text(zh=f"尚未设定：{setting}", en=f"not configured: {setting}")
    rules = ("customers:SPLIT-01", "customers:SPLIT-03")
    return NotShared(code="not_configured", why=words, rules=rules, settings=(setting,))


def _shares(edition: CreditEdition, deal: Deal) -> Iterator[CreditShare]:
    """Yield the shares by role as the edition lists them, and by id."""
    ratios = {role: Fraction(ratio) for role, ratio in edition.ratios.items()}
    for role in [role for role in ratios if not deal.parts.get(role)]:
        ratios[edition.remainder] += ratios.pop(role)
    units = int(Fraction(deal.amount) / Fraction(edition.quantum))
    whole, sign = abs(units), -1 if units < 0 else 1
    each = {role: int(whole * ratio / len(deal.parts[role])) for role, ratio in ratios.items()}
    left = whole - sum(each[role] * len(deal.parts[role]) for role in each)
    for role, ratio in ratios.items():
        holders = sorted(deal.parts[role])
        more, odd = divmod(left, len(holders)) if role == edition.remainder else (0, 0)
        for at, staff in enumerate(holders):
            count = each[role] + more + (at < odd)
            yield CreditShare(
                staff=staff, role=role, ratio=exact_decimal(ratio), amount=_times(edition.quantum, sign * count)
            )


def _times(quantum: Decimal, count: int) -> Decimal:
    """Return so many least amounts exactly, with their digits after the point."""
    _, digits, exponent = quantum.as_tuple()
    number = count * int("".join(map(str, digits)))
    return Decimal(f"{number}E{exponent}")


def _told(one: CreditShare, edition: CreditEdition) -> Step:
    percent = decimal_text(exact_decimal(Fraction(one.ratio) * 100))
    rest = one.role == edition.remainder
    words = Text(
        zh=f"{one.role} 比例 {percent}%" + ("，尾差归此角色" if rest else ""),
        en=f"{one.role}: {percent} % of it" + (", and what rounding leaves" if rest else ""),
    )
    return Step(
        what=words,
        refs=(Ref("staff", one.staff),),
        effect=one.amount,
        rules=("customers:SPLIT-03", "customers:SPLIT-05"),
    )
