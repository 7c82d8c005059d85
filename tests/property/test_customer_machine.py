"""A customer's life in two stores, driven in step with a plain model: consent, sight, terms, holds and erasure."""

from __future__ import annotations

import tempfile
from pathlib import Path

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from branchkit.customers import (
    Consent,
    Customer,
    CustomerErased,
    CustomerSeen,
    GiveConsent,
    HoldCustomer,
    MoveCustomer,
    Particulars,
    ReleaseCustomer,
    ReviseCustomer,
    SightRefused,
    StopOffers,
    WithdrawConsent,
)
from branchkit.errors import Refused
from branchkit.kit import Kit
from branchkit.messages import Command
from tests.unit.kit import people
from tests.unit.kit.people import AML, MANAGER, at

DAY = 24
USES = {
    "contact": {"name", "contact", "profile"},
    "marketing": {"name", "contact", "birth", "profile"},
    "service": {"name", "contact", "address", "birth", "care", "special"},
}
"""What the purposes that the machine tries may use, as the shipped policy says."""
LASTS = {"contact": 365 * DAY, "marketing": 365 * DAY}
"""For how long a consent to them holds where nothing else was agreed: a year, in hours."""
_purposes = st.sampled_from(sorted(USES))
_asked = st.sampled_from(sorted(LASTS))


@attrs.define
class Model:
    """What the record should be: a stage, the kinds of data that are there, and what was agreed to until when."""

    stage: str = "prospect"
    held: set[str] = attrs.field(factory=set)
    agreed: dict[str, list[float]] = attrs.field(factory=dict)
    """By purpose, until when each consent holds that was not withdrawn."""
    no_offers: bool = False
    hold: bool = False
    touched: float = 0

    def in_force(self, purpose: str, now: float) -> bool:
        """Say whether a purpose has its ground."""
        if purpose == "service":
            return self.stage in {"established", "maintained"}
        return any(now < until for until in self.agreed.get(purpose, ()))

    def founded(self, now: float) -> set[str]:
        """Return the kinds of data that may be kept."""
        kinds = {kind for purpose, uses in USES.items() if self.in_force(purpose, now) for kind in uses}
        if self.stage in {"established", "maintained"}:
            kinds |= {"profile", "identity"}  # for planning, and by law
        if self.stage != "prospect":
            kinds |= {"name", "identity", "birth", "address", "contact"}  # against money laundering
        return kinds


class Machine(RuleBasedStateMachine):
    """Every command goes to a kit in memory and to one on a file."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.kits = (people.open_kit(), people.open_kit(f"sqlite:///{Path(self.folder.name)}/people.db?sync=normal"))
        self.now = 0.0
        self.model: Model | None = None
        self.looks = self.refusals = self.erasures = self.marks = 0

    def teardown(self) -> None:
        for kit in self.kits:
            kit.close()
        self.folder.cleanup()

    def told(self, *kinds: str) -> Particulars:
        self.marks += 1
        whole = people.particulars(f"Qzx{self.marks}Vw")
        bare = Particulars()
        fields = {"name": "name", "contact": "contacts", "birth": "born", "address": "address", "profile": "profile"}
        return attrs.evolve(bare, **{fields[kind]: getattr(whole, fields[kind]) for kind in kinds})

    def do(self, command: Command, *, refused: bool = False) -> None:
        for kit in self.kits:
            try:
                kit.do(command)
            except Refused:
                assert refused, command
            else:
                assert not refused, command

    @property
    def alive(self) -> Model:
        assert self.model is not None
        return self.model

    @rule(hours=st.sampled_from([1, 5 * DAY, 40 * DAY, 370 * DAY]))
    def wait(self, hours: int) -> None:
        self.now += hours

    @rule(kinds=st.sets(st.sampled_from(["name", "contact", "profile"])), purposes=st.sets(_asked))
    def register(self, kinds: set[str], purposes: set[str]) -> None:
        if self.model is not None:
            return
        self.now += 1
        model = Model(held=kinds, agreed={one: [float("inf")] for one in purposes}, touched=self.now)
        consents = tuple(Consent(one, given_at=at(self.now), by="S-9") for one in sorted(purposes))
        command = people.register(
            told=self.told(*sorted(kinds)), consents=consents, stage="prospect", home_branch=None, hours=self.now
        )
        refused = not kinds <= model.founded(self.now)
        self.do(command, refused=refused)
        self.model = None if refused else model

    @precondition(lambda self: self.model is not None)
    @rule(kinds=st.sets(st.sampled_from(["name", "contact", "birth", "address", "profile"])))
    def revise(self, kinds: set[str]) -> None:
        self.now += 1
        model, before = self.alive, self.alive.held
        refused = not kinds <= model.founded(self.now)
        command = ReviseCustomer("C-1", particulars=self.told(*sorted(kinds)), by=MANAGER, at=at(self.now))
        self.do(command, refused=refused)
        if not refused and (kinds or before):
            model.held, model.touched = kinds, self.now

    @precondition(lambda self: self.model is not None)
    @rule(purpose=_asked)
    def agree(self, purpose: str) -> None:
        self.now += 1
        self.do(GiveConsent("C-1", purpose, by=MANAGER, at=at(self.now)))
        self.alive.agreed.setdefault(purpose, []).append(self.now + LASTS[purpose])
        self.alive.touched = self.now

    @precondition(lambda self: self.model is not None)
    @rule(purpose=_asked)
    def withdraw(self, purpose: str) -> None:
        self.now += 1
        model = self.alive
        refused = purpose not in model.agreed
        kept = model.founded(self.now)
        self.do(WithdrawConsent("C-1", purpose, by=MANAGER, at=at(self.now)), refused=refused)
        if not refused and model.agreed[purpose]:
            model.agreed[purpose] = []
            model.touched = self.now
            if not model.hold:
                model.held -= kept - model.founded(self.now)

    @precondition(lambda self: self.model is not None)
    @rule(stage=st.sampled_from(["established", "maintained", "closed"]))
    def move(self, stage: str) -> None:
        self.now += 1
        ways = {"prospect": {"established", "closed"}, "established": {"maintained", "closed"}}
        ways |= {"maintained": {"established", "closed"}, "closed": {"established"}}
        model = self.alive
        refused = stage != model.stage and stage not in ways[model.stage]
        self.do(MoveCustomer("C-1", stage, reason="way", by=MANAGER, at=at(self.now)), refused=refused)  # type: ignore[arg-type]  # a sampled text
        if not refused and stage != model.stage:
            model.stage, model.touched = stage, self.now

    @precondition(lambda self: self.model is not None)
    @rule(stop=st.booleans())
    def offers(self, stop: bool) -> None:
        self.now += 1
        self.do(StopOffers("C-1", stop=stop, by=MANAGER, at=at(self.now)))
        if stop != self.alive.no_offers:
            self.alive.no_offers, self.alive.touched = stop, self.now

    @precondition(lambda self: self.model is not None)
    @rule(hold=st.booleans())
    def hold(self, hold: bool) -> None:
        self.now += 1
        command = HoldCustomer if hold else ReleaseCustomer
        self.do(command("C-1", "dispute", by=AML, at=at(self.now)))
        if hold != self.alive.hold:
            self.alive.hold, self.alive.touched = hold, self.now

    @precondition(lambda self: self.model is not None)
    @rule(purpose=_purposes)
    def see(self, purpose: str) -> None:
        self.now += 1
        model = self.alive
        allowed = model.in_force(purpose, self.now) and not (purpose == "marketing" and model.no_offers)
        self.looks, self.refusals = self.looks + allowed, self.refusals + (not allowed)
        for kit in self.kits:
            try:
                seen = kit.see("C-1", purpose=purpose, by=MANAGER, at=at(self.now)).customer
            except Refused:
                assert not allowed
                continue
            assert allowed
            shown = {"name": seen.name, "contact": seen.contacts, "birth": seen.born, "address": seen.address}
            for kind, value in shown.items():
                whole = value if kind != "contact" else any(one.value for one in seen.contacts)
                assert bool(whole) == (kind in model.held & USES[purpose])

    @precondition(lambda self: self.model is not None)
    @rule()
    def erase(self) -> None:
        self.now += 1
        self.do(people.erase(hours=self.now), refused=self.alive.hold)
        if not self.alive.hold:
            self.model, self.erasures = None, self.erasures + 1

    @invariant()
    def whatever_is_told_is_as_the_model_says(self) -> None:
        """The stores agree, verify, and hold what the model says."""
        heads = set()
        for kit in self.kits:
            assert kit.verify().problems == ()
            with kit.store.transaction(write=False) as tx:
                heads.add(len(tx.read()))
                values = "".join(one.value or "" for one in tx.sealed())
            events = [type(one.event) for one in kit.events()]
            assert (self.looks, self.refusals, self.erasures) == (
                events.count(CustomerSeen),
                events.count(SightRefused),
                events.count(CustomerErased),
            )
            if self.model is None:
                assert "Qzx" not in values
                assert not [one for one in kit.find(Customer) if one.erased is None]
                continue
            known = kit.get(Customer, "C-1")
            held = set(_held(kit))
            assert (self.model.stage, self.model.no_offers, at(self.model.touched)) == (
                known.stage,
                known.do_not_contact,
                known.touched_at,
            )
            assert self.model.held == held
        assert len(heads) == 1


def _held(kit: Kit) -> tuple[str, ...]:
    from branchkit.kit.seeing import glance

    return glance(kit, "C-1").held


TestCustomer = Machine.TestCase
TestCustomer.settings = settings(max_examples=15, stateful_step_count=14)
