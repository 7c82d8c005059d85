"""A list of triggers made ready: which of them an observation fits, found by one look at each fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import ge, gt
from typing import TYPE_CHECKING, Any

from branchkit.conditions import Cell, Facts, FactSpec
from branchkit.customers.cards import peer_card
from branchkit.customers.placing import place_of
from branchkit.customers.settings import Codes, Count, Lasting, Money, NotConfigured
from branchkit.customers.triggers import CARD, Spotted, Trigger, TriggerHit
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text

if TYPE_CHECKING:
    from branchkit.customers.triggers import TriggerList

__all__ = ["Spotting"]

_MOST_KEPT = 50_000


class Spotting:
    """A trigger list made ready; from `TriggerList.spotting`. May be shared by threads."""

    __slots__ = ("_alternatives", "_every", "_kept", "_list", "_places", "_reached")

    def __init__(self, triggers: TriggerList) -> None:
        self._list = triggers
        alternatives = [(at, cells) for at, one in enumerate(triggers.all_triggers) for cells in one.when]
        self._alternatives = [1 << at for at, _ in alternatives]
        self._every = (1 << len(alternatives)) - 1
        asked = {name for _, cells in alternatives for name in cells}
        self._places = tuple(
            (name, place.index, place.rows)
            for spec in triggers.facts
            if (name := spec.name) in asked
            for place in [place_of(spec, [_cell(cells, spec) for _, cells in alternatives])]
        )
        exceeds: Callable[[Any, Any], bool] = ge if triggers.boundary == "inclusive" else gt
        self._reached = [_comparison(one, exceeds) for one in triggers.all_triggers]
        self._kept: dict[tuple[object, ...], Decision[Spotted]] = {}

    def spot(self, facts: Facts) -> Decision[Spotted]:
        """Return every trigger that an observation hits."""
        rows = self._every
        get = facts.get
        for name, index, fitting in self._places:
            rows &= fitting[index(get(name))]
        observed = 0
        while rows:
            lowest = rows & -rows
            observed |= self._alternatives[lowest.bit_length() - 1]
            rows ^= lowest
        card = get(CARD)
        found: list[object] = [card if card.__class__ is str else None]
        rest = observed
        while rest:
            lowest = rest & -rest
            at = lowest.bit_length() - 1
            found.append((at, self._reached[at](facts)))
            rest ^= lowest
        key = tuple(found)
        decision = self._kept.get(key)
        if decision is None:
            decision = self._decide(key[0], dict(found[1:]))  # type: ignore[arg-type]  # pairs, as built above
            if len(self._kept) < _MOST_KEPT and (key[0] is None or any(one.code == key[0] for one in self._list.cards)):
                self._kept[key] = decision
        return decision

    def _decide(self, card: object, observed: dict[int, str]) -> Decision[Spotted]:
        hits: list[TriggerHit] = []
        unset: list[NotConfigured] = []
        untold: list[str] = []
        steps: list[Step] = []
        own = self._list.own_issuer
        shown = (
            peer_card(self._list.cards, card, own if isinstance(own, str) else None) if isinstance(card, str) else None
        )
        for at, trigger in enumerate(self._list.all_triggers):
            outcome, names, rules = observed.get(at), None, trigger.rules
            if outcome != "hit" and trigger.peer_card and shown is not None:
                if isinstance(shown, NotConfigured):
                    outcome = "own_issuer"
                else:
                    outcome, names, rules = "hit", shown.code, (*trigger.rules, *shown.rules)
            if outcome == "hit":
                hits.append(TriggerHit(trigger.code, title=trigger.title, card=names, rules=rules))
                refs = (Ref("trigger", trigger.code), *([Ref("card", names)] if names is not None else []))
                steps.append(Step(what=trigger.title, refs=refs, rules=rules))
            elif outcome == "untold":
                untold.append(trigger.code)
                steps.append(_step(trigger, "无法与限额比较", "cannot be compared with its limit"))
            elif outcome is not None and outcome != "no":
                setting = "own_issuer" if outcome == "own_issuer" else f"{trigger.code}.limit"
                unset.append(NotConfigured((f"{self._list.id}.{setting}",)))
                steps.append(_step(trigger, "所需限额尚未设定", "needs a setting that is not configured", setting))
        spotted = Spotted(hits=tuple(hits), not_configured=tuple(unset), untold=tuple(untold))
        plugin, dot, _ = self._list.id.partition(".")
        trace = Trace(
            policy=self._list.id,
            version=self._list.version,
            plugin=plugin if dot else "branchkit",
            inputs=tuple(Ref("fact", spec.name) for spec in self._list.facts),
            steps=tuple(steps),
        )
        return Decision(spotted, trace)


def _cell(cells: Mapping[str, Cell], spec: FactSpec) -> Cell | None:
    cell = cells.get(spec.name)
    return None if cell is None else cell.bind(spec, "$", [])


def _step(trigger: Trigger, zh: str, en: str, setting: str | None = None) -> Step:
    what = Text(zh=f"{trigger.title.say('zh')}：{zh}", en=f"{trigger.title.say()}: {en}")
    refs = (Ref("trigger", trigger.code), *([Ref("setting", setting)] if setting is not None else []))
    return Step(what=what, refs=refs, rules=trigger.rules)


def _comparison(trigger: Trigger, exceeds: Callable[[Any, Any], bool]) -> Callable[[Facts], str]:
    """Return what says of an observation whether it reaches the limit: hit, no, untold or unset."""
    compared = trigger.compared
    if compared is None:
        return lambda facts: "hit"
    fact, limit = compared.fact, compared.limit
    if isinstance(limit, NotConfigured):
        return lambda facts: "unset"
    if isinstance(limit, Codes):
        codes = frozenset(limit.codes)

        def among(facts: Facts) -> str:
            value = facts.get(fact)
            return ("hit" if value in codes else "no") if isinstance(value, str) else "untold"

        return among
    kind = dt.timedelta if isinstance(limit, Lasting) else Decimal
    least = limit.duration if isinstance(limit, Lasting) else limit.number if isinstance(limit, Count) else limit.amount
    currency = limit.currency if isinstance(limit, Money) else None

    def reaches(facts: Facts) -> str:
        value = facts.get(fact)
        if not isinstance(value, kind) or (isinstance(value, Decimal) and not value.is_finite()):
            return "untold"
        if currency is not None and facts.get("currency") != currency:
            return "untold"
        return "hit" if exceeds(value, least) else "no"

    return reaches
