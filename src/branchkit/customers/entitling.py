"""What a tier is entitled to: the baseline of all, what each tier adds, and what is withheld until checks are made."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING, Literal

import attrs

from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text

if TYPE_CHECKING:
    from branchkit.customers.tiers import TierScheme

__all__ = ["Entitled", "Entitlement", "Withheld", "entitle"]


@attrs.frozen
class Entitlement:
    """A service or facility that a tier may use."""

    code: str
    title: Text = attrs.field(kw_only=True)
    needs: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """What a customer has to have beside the tier, as ``phone_booking``; all of it."""
    also_for: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """What opens it to a customer of any tier, as a designated group; any of it."""
    basis: Literal["sourced", "suggested"] = attrs.field(default="sourced", kw_only=True)
    """``suggested`` where no source says which tiers have it."""
    note: Text | None = attrs.field(default=None, kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class Withheld:
    """An entitlement of the tier that the customer cannot use for now."""

    code: str
    lacks: tuple[str, ...] = attrs.field(kw_only=True)
    """The checks that have not been made, or what the entitlement needs."""


@attrs.frozen(kw_only=True)
class Entitled:
    """What a customer may use, by codes in the order of the scheme."""

    codes: tuple[str, ...]
    withheld: tuple[Withheld, ...] = ()


def entitle(scheme: TierScheme, rank: int, checked: Set[str], has: Set[str]) -> Decision[Entitled]:
    """Return what a customer may use in the tier with a rank, 0 for the lowest.

    A higher tier has all that a lower one has, and nothing can be below the baseline.
    """
    own = {code for tier in scheme.declared[: rank + 1] for code in tier.entitlements}
    unchecked = tuple(check for check in scheme.checked_first if check not in checked)
    codes: list[str] = []
    withheld: list[Withheld] = []
    for one in scheme.entitlements:
        missing = tuple(need for need in one.needs if need not in has)
        if one.code in scheme.baseline:
            codes.append(one.code)
        elif one.code in own or not has.isdisjoint(one.also_for):
            lacks = (unchecked if one.code in own and has.isdisjoint(one.also_for) else ()) + missing
            if lacks:
                withheld.append(Withheld(one.code, lacks=lacks))
            else:
                codes.append(one.code)
    found = Entitled(codes=tuple(codes), withheld=tuple(withheld))
    tier = Ref("tier", scheme.tiers[rank])
    trace = Trace(policy=scheme.id, version=scheme.version, inputs=(tier,), steps=tuple(_steps(scheme, found)))
    return Decision(found, trace)


def _steps(scheme: TierScheme, found: Entitled) -> Iterator[Step]:
    by_code = {one.code: one for one in scheme.entitlements}
    for code in found.codes:
        one = by_code[code]
        yield Step(what=one.title, rules=one.rules, refs=(Ref("entitlement", code),))
    for held in found.withheld:
        one = by_code[held.code]
        lacks = ", ".join(held.lacks)
        what = Text(zh=f"{one.title.say('zh')}暂不提供，尚缺：{lacks}", en=f"{one.title.say()} waits for: {lacks}")
        yield Step(what=what, rules=one.rules, refs=(Ref("entitlement", held.code),))
