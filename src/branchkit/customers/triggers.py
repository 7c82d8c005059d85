"""Trigger points: facts that staff can observe, and that suggest a customer of value, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias, cast

import attrs

from branchkit.codec import Document, child, misfits
from branchkit.conditions import Cell, Facts, FactSpec, FactType
from branchkit.customers.cards import PeerCard
from branchkit.customers.settings import Codes, Count, Lasting, Limit, Money, NotConfigured
from branchkit.errors import InputError, Problem
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Text, is_identifier, is_rule_id

if TYPE_CHECKING:
    from branchkit.customers.spotting import Spotting

__all__ = ["CARD", "Compared", "OpenEntry", "Spotted", "Trigger", "TriggerHit", "TriggerList", "spot"]

CARD = "card"
"""The fact that holds the code of a card that the customer shows."""
_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"
_Kind: TypeAlias = type[Money] | type[Count] | type[Lasting] | type[Codes]
_TYPES: Mapping[_Kind, FactType] = {
    Money: FactType.NUMBER,
    Count: FactType.NUMBER,
    Lasting: FactType.DURATION,
    Codes: FactType.CODE,
}
_KINDS: Mapping[str, _Kind] = {"money": Money, "count": Count, "lasting": Lasting, "codes": Codes}


@attrs.frozen(kw_only=True)
class Compared:
    """What has to reach a limit before a trigger is hit. Without a limit nothing is taken in its place."""

    fact: str
    """The fact that is compared, as ``amount``."""
    by: Literal["money", "count", "lasting", "codes"]
    """What kind of limit it is: so much in a currency, so many, so long, or one of some codes."""
    limit: Limit = attrs.field(default=NotConfigured())
    """The limit; ``not_configured`` where no source states one and the bank has not. Each trigger has its own: the
    limits from which transactions are reported by law are another matter, and never stand in."""
    note: Text | None = None
    """What is suggested, where something is."""


@attrs.frozen
class Trigger:
    """One trigger point."""

    code: str
    number: int | None = attrs.field(default=None, kw_only=True)
    """Its place in the list that the sources print; ``None`` for one that they don't list."""
    title: Text = attrs.field(kw_only=True)
    when: tuple[FrozenMap[Cell], ...] = attrs.field(kw_only=True)
    """What is observed: any of these, each with all that it asks, by fact."""
    peer_card: bool = attrs.field(default=False, kw_only=True)
    """Whether a card of the list that another bank issues is enough by itself, whatever `when` asks."""
    compared: Compared | None = attrs.field(default=None, kw_only=True)
    """What has to reach a limit besides; ``None`` where seeing it is enough."""
    note: Text | None = attrs.field(default=None, kw_only=True)
    basis: Literal["sourced", "suggested"] = attrs.field(default="sourced", kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class OpenEntry:
    """The entry that the list leaves open, under which an outlet adds triggers of its own."""

    code: str
    number: int = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class TriggerHit:
    """A trigger that an observation hits."""

    code: str
    title: Text = attrs.field(kw_only=True)
    card: str | None = attrs.field(default=None, kw_only=True)
    """The card of another bank that hits it, where one does."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen(kw_only=True)
class Spotted:
    """What an observation comes to. One hit is enough to look further; all are kept (customers:TRG-16)."""

    hits: tuple[TriggerHit, ...] = ()
    """In the order of the list."""
    not_configured: tuple[NotConfigured, ...] = ()
    """What would have to be set to say whether a trigger is hit, for each that is observed and has no limit."""
    untold: tuple[str, ...] = ()
    """The codes of triggers that are observed, with a limit that cannot be compared: what is compared is not known,
    or is in another currency."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the triggers that are hit."""
        return tuple(hit.code for hit in self.hits)

    def say(self, lang: str = "en") -> str:
        """Say it in a language."""
        if not self.hits:
            return "未命中触发点" if lang == "zh" else "no trigger"
        return (
            "、".join(hit.title.say("zh") for hit in self.hits)
            if lang == "zh"
            else "; ".join(hit.title.say() for hit in self.hits)
        )


@attrs.frozen
class TriggerList(Document):
    """The triggers of a bank, with the limits it has set, and the cards of other banks that count.

    What is "large" no source says: a trigger that is observed and has no limit is no hit and no miss, and the
    decision names the setting.
    """

    SCHEMA: ClassVar[str] = "trigger_list/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    facts: tuple[FactSpec, ...] = attrs.field(kw_only=True)
    """What can be observed."""
    triggers: tuple[Trigger, ...] = attrs.field(kw_only=True)
    open_entry: OpenEntry | None = attrs.field(default=None, kw_only=True)
    local: tuple[Trigger, ...] = attrs.field(default=(), kw_only=True)
    """Triggers of the outlet's own, under the open entry."""
    boundary: Literal["inclusive", "exclusive"] = attrs.field(default="inclusive", kw_only=True)
    """Whether what is just as large as a limit reaches it."""
    own_issuer: str | NotConfigured = attrs.field(default=NotConfigured(), kw_only=True)
    """The code by which the list of cards names the bank itself: its own cards are no other bank's."""
    cards: tuple[PeerCard, ...] = attrs.field(default=(), kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def all_triggers(self) -> tuple[Trigger, ...]:
        """The triggers of the list and the local ones."""
        return self.triggers + self.local

    def stating(self, limits: Mapping[str, Limit] | None = None, *, own_issuer: str | None = None) -> TriggerList:
        """Return the list with limits set, by the codes of triggers; its version names them, as it answers otherwise.

        Raises:
            InputError: a trigger is unknown or takes no such limit, with every problem.
        """
        given = dict(limits or {})
        known = {trigger.code for trigger in self.all_triggers if trigger.compared is not None}
        strange = tuple(
            Problem(child("$.limits", code), f"Expected a trigger that has a limit: {', '.join(sorted(known))}")
            for code in given
            if code not in known
        )
        if strange:
            raise InputError(f"trigger list {self.id!r}", strange)

        def with_limit(trigger: Trigger) -> Trigger:
            if trigger.compared is None or trigger.code not in given:
                return trigger
            return attrs.evolve(trigger, compared=attrs.evolve(trigger.compared, limit=given[trigger.code]))

        said = [f"{code}={limit}" for code, limit in sorted(given.items())]
        said += [f"own_issuer={own_issuer}"] if own_issuer is not None else []
        stated = attrs.evolve(
            self,
            version="+".join((self.version, *said)),
            triggers=tuple(map(with_limit, self.triggers)),
            local=tuple(map(with_limit, self.local)),
            own_issuer=self.own_issuer if own_issuer is None else own_issuer,
        )
        if problems := misfits(stated):
            raise InputError(f"trigger list {self.id!r}", problems)
        return stated

    @cached_property
    def not_configured(self) -> tuple[str, ...]:
        """The settings that the bank has not stated, as ``<list>.<trigger>.limit``."""
        missing = [
            f"{self.id}.{trigger.code}.limit"
            for trigger in self.all_triggers
            if trigger.compared is not None and isinstance(trigger.compared.limit, NotConfigured)
        ]
        return (*missing, *([f"{self.id}.own_issuer"] if isinstance(self.own_issuer, NotConfigured) else []))

    def spot(self, facts: Facts) -> Decision[Spotted]:
        """Return every trigger that an observation hits, and what would have to be set to tell of others.

        Args:
            facts: what was observed; what is missing was not.
        """
        return self.spotting.spot(facts)

    @property
    def spotting(self) -> Spotting:
        """The list made ready: worked out once, never decides otherwise."""
        return cast("Spotting", self._ready)

    @cached_property
    def _ready(self) -> object:
        from branchkit.customers.spotting import Spotting

        return Spotting(self)

    def validate(self) -> Iterator[Problem]:
        """Yield names that are doubled, facts that are unknown, and limits of the wrong kind."""
        if not is_identifier(self.id):
            yield Problem("$.id", _ID)
        if not self.version.strip():
            yield Problem("$.version", "Expected a version")
        specs = {spec.name: spec for spec in self.facts}
        for at, spec in enumerate(self.facts):
            for problem in spec.validate():
                yield Problem(child("$.facts", at) + problem.path.removeprefix("$"), problem.message)
        facts, cards = [spec.name for spec in self.facts], [card.code for card in self.cards]
        for path, codes in (("$.facts", facts), ("$.cards", cards)):
            for at, code in enumerate(codes):
                if code in codes[:at]:
                    yield Problem(child(path, at), f"Expected each once; {code!r} stands above")
        if self.local and self.open_entry is None:
            yield Problem("$.local", "Expected `open_entry`, under which triggers of the outlet's own come")
        seen: set[str] = set()
        for path, triggers in (("$.triggers", self.triggers), ("$.local", self.local)):
            for at, trigger in enumerate(triggers):
                if trigger.code in seen:
                    yield Problem(child(path, at, "code"), f"Expected each trigger once; {trigger.code!r} stands above")
                seen.add(trigger.code)
                yield from self._of(trigger, specs, child(path, at))
        asked = {name for trigger in self.all_triggers for cells in trigger.when for name in cells}
        asked |= {trigger.compared.fact for trigger in self.all_triggers if trigger.compared is not None}
        asked |= {CARD} if any(trigger.peer_card for trigger in self.all_triggers) else set()
        asked |= {"currency"} if any(_is_money(trigger) for trigger in self.all_triggers) else set()
        for at, spec in enumerate(self.facts):
            if spec.name not in asked:
                yield Problem(child("$.facts", at), f"Has no effect: no trigger asks {spec.name!r}")
        for name in sorted({CARD, "currency"} & asked - set(specs)):
            yield Problem("$.facts", f"Expected the fact {name!r}, a code, which a trigger needs")

    def _of(self, trigger: Trigger, specs: Mapping[str, FactSpec], path: str) -> Iterator[Problem]:
        if not is_identifier(trigger.code):
            yield Problem(f"{path}.code", _ID)
        for at, rule in enumerate(trigger.rules):
            if not is_rule_id(rule):
                yield Problem(child(f"{path}.rules", at), "Expected a rule id with its area, as in customers:TRG-01")
        if not trigger.when and not trigger.peer_card:
            yield Problem(f"{path}.when", "Expected what is observed")
        for at, cells in enumerate(trigger.when):
            if not cells:
                yield Problem(child(f"{path}.when", at), "Expected a fact: without one, every observation would hit")
            for name, cell in cells.items():
                where = child(f"{path}.when", at, name)
                found: list[Problem] = []
                if name in specs:
                    cell.bind(specs[name], where, found)
                else:
                    found.append(Problem(where, f"Unknown fact {name!r}; there are: {', '.join(sorted(specs))}"))
                yield from found
        if trigger.compared is not None:
            yield from _of_limit(trigger.compared, specs, f"{path}.compared")

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


def _is_money(trigger: Trigger) -> bool:
    return trigger.compared is not None and trigger.compared.by == "money"


def _of_limit(compared: Compared, specs: Mapping[str, FactSpec], path: str) -> Iterator[Problem]:
    kind = _KINDS[compared.by]
    spec = specs.get(compared.fact)
    if spec is None:
        yield Problem(f"{path}.fact", f"Unknown fact {compared.fact!r}; there are: {', '.join(sorted(specs))}")
    elif spec.type is not _TYPES[kind]:
        yield Problem(
            f"{path}.fact", f"Expected a fact that is {_TYPES[kind].words}, as it is compared by {compared.by}"
        )
    limit = compared.limit
    if isinstance(limit, NotConfigured):
        if limit.settings:
            yield Problem(f"{path}.limit.settings", "Has no effect: what is not configured here is this setting")
    elif not isinstance(limit, kind):
        yield Problem(f"{path}.limit", f"Expected a limit of the kind {compared.by!r}, or not_configured")
    elif isinstance(limit, Money) and limit.amount <= 0:
        yield Problem(f"{path}.limit.amount", "Expected an amount above zero")


def spot(triggers: TriggerList, observation: Facts) -> Decision[Spotted]:
    """Return every trigger that an observation hits; see `TriggerList.spot`."""
    return triggers.spot(observation)
