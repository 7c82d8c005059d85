"""Customers as the kit keeps them: their records, who looked at them, and what is erased of them everywhere."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, get_args

import attrs

from branchkit.checklists.binding import typed_fact
from branchkit.codec import blanked, personal_paths
from branchkit.conditions import FactSpec, FactValue
from branchkit.customers.commands import (
    ApplyRetention,
    AskDisclosure,
    AssignOwner,
    ClassifyCustomer,
    CustomerCommand,
    EraseCustomer,
    GiveConsent,
    GradeRisk,
    HoldCustomer,
    LabelCustomer,
    MoveCustomer,
    PassCheck,
    RegisterCustomer,
    ReleaseCustomer,
    ReviseCustomer,
    SeeCustomer,
    StopOffers,
    TreatSpecially,
    WithdrawConsent,
)
from branchkit.customers.deciding import classify_customer, decide_customer, erase_customer, known_customer
from branchkit.customers.events import (
    CheckPassed,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerClassified,
    CustomerErased,
    CustomerEvent,
    CustomerHeld,
    CustomerLabelled,
    CustomerMoved,
    CustomerRegistered,
    CustomerReleased,
    CustomerRevised,
    CustomerSeen,
    DataForgotten,
    DisclosureDecided,
    OffersStopped,
    OwnerAssigned,
    RiskGraded,
    SightRefused,
    TreatedSpecially,
)
from branchkit.customers.evolving import evolve_customer
from branchkit.customers.introducing import introducers_of
from branchkit.customers.journey import introduced_by
from branchkit.customers.model import Customer, ServiceClass
from branchkit.customers.privacy import PrivacyPolicy
from branchkit.customers.refusals import in_order
from branchkit.customers.settings import NotConfigured
from branchkit.customers.tiers import ByTier, TierAnswer, TierPolicy, TierScheme
from branchkit.errors import BranchkitError, CatalogError, NotFound, PluginFailed, Refusal, Refused, StorageError
from branchkit.estate import Branch
from branchkit.kit.floor import Change, Current, Decide, Floor, Fold, Gone, Keep, Kind, needed
from branchkit.kit.floors.estate import EstateWorld, known_branch
from branchkit.messages import Command, Event
from branchkit.personal import raised
from branchkit.scoring.score import plugin_of
from branchkit.trace import Decision, Trace
from branchkit.values import Ref, Unknown

__all__ = ["CUSTOMERS", "CustomersCommand", "CustomersEvent", "CustomersWorld", "held_data"]

CustomersCommand: TypeAlias = (
    RegisterCustomer
    | ReviseCustomer
    | MoveCustomer
    | PassCheck
    | GradeRisk
    | ClassifyCustomer
    | GiveConsent
    | WithdrawConsent
    | StopOffers
    | SeeCustomer
    | AskDisclosure
    | AssignOwner
    | LabelCustomer
    | TreatSpecially
    | HoldCustomer
    | ReleaseCustomer
    | EraseCustomer
    | ApplyRetention
)
CustomersEvent: TypeAlias = (
    CustomerRegistered
    | CustomerRevised
    | CustomerMoved
    | CheckPassed
    | RiskGraded
    | CustomerClassified
    | ConsentGiven
    | ConsentWithdrawn
    | DataForgotten
    | OffersStopped
    | CustomerSeen
    | SightRefused
    | DisclosureDecided
    | OwnerAssigned
    | CustomerLabelled
    | TreatedSpecially
    | CustomerHeld
    | CustomerReleased
    | CustomerErased
)
_NOWHERE = Branch("branchkit:no-branch")
"""Stands for the branch of a customer who belongs to none: what is set for all branches is in force."""


class CustomersWorld(EstateWorld, Protocol):
    """What a decision about a customer may read."""

    def customer(self, id: str) -> Customer | None:
        """Return a customer's record, with its personal values."""
        ...

    def privacy(self) -> PrivacyPolicy:
        """Return what the bank lays down about personal data; raises `NotFound`."""
        ...

    def tier_policy(self, scheme: str, branch: Branch) -> TierPolicy:
        """Return the tier policy in force at a branch where a scheme is meant; raises `NotFound` or `MissingKey`."""
        ...

    def tier_scheme(self, id: str) -> TierScheme | None:
        """Return a scheme of the catalog; ``None`` where there is no such document."""
        ...

    def current(self, kind: str, id: str) -> Any:
        """Return a document, or ``None``."""
        ...

    def kept(self, customer: str) -> Iterable[Keep]:
        """Return every document, of whichever floor, in which something of a customer stands."""
        ...


# -- deciding


def _decide(command: CustomerCommand, world: CustomersWorld) -> tuple[Event, ...]:
    if not isinstance(command, RegisterCustomer):
        return decide_customer(command, world.customer(command.customer), _policy(command, world))
    home = None if command.home_branch is None else known_branch(command, world, command.home_branch)
    return decide_customer(
        command,
        world.customer(command.customer),
        _policy(command, world),
        introducers=_introducers(command, home, world),
    )


def _introducers(command: RegisterCustomer, home: Branch | None, world: CustomersWorld) -> frozenset[str]:
    """Return who introduces a new customer and who introduced those: customers, or staff of the home branch."""
    staff = set(command.by.persons)
    if home is not None and command.introduced_by is not None:
        # Where nobody has told the staff of a branch, nobody can be said to be none of them.
        told = (command.introduced_by,) if isinstance(home.staff, Unknown) else (one.id for one in home.staff)
        staff.update(told)

    def above(id: str) -> tuple[str, ...] | None:
        one, ledger = world.customer(id), world.current("customer_ledger", id)
        return introduced_by(one, ledger) if one is not None else () if id in staff else None

    return introducers_of(command.introduced_by, above)


def _withdraw(command: WithdrawConsent, world: CustomersWorld) -> tuple[Event, ...]:
    return tuple(_with_documents(event, world) for event in _decide(command, world))


def _erase(command: EraseCustomer | ApplyRetention, world: CustomersWorld) -> tuple[Event, ...]:
    documents = [Ref(one.kind, one.id) for one in world.kept(command.customer) if one.kind != "customer"]
    held = held_data(command.customer, world)
    customer = world.customer(command.customer)
    if customer is None and documents and isinstance(command, EraseCustomer):
        # Cases, sheets and registers may name somebody whose record this store does not keep; no record is made.
        customer = Customer(command.customer, kind="person", since=command.at)
    events = erase_customer(command, customer, _policy(command, world), documents, held=held)
    return tuple(_with_documents(event, world) for event in events)


def _with_documents(event: Event, world: CustomersWorld) -> Event:
    """Name, in an event by which some kinds of data are forgotten, the other documents in which they stand."""
    if not isinstance(event, ConsentWithdrawn | DataForgotten) or not event.forgets:
        return event
    kinds = frozenset(event.forgets)
    found = [
        Ref(one.kind, one.id)
        for one in world.kept(event.customer)
        if one.kind != "customer" and not kinds.isdisjoint(_kinds_in(one, world))
    ]
    return attrs.evolve(event, documents=tuple(sorted(found)))


def held_data(customer: str, world: CustomersWorld) -> frozenset[str]:
    """Return the kinds of personal values that are kept of a customer, in whichever document."""
    return frozenset(kind for one in world.kept(customer) for kind in _kinds_in(one, world))


def _kinds_in(keep: Keep, world: CustomersWorld) -> Iterable[str]:
    one = world.current(keep.kind, keep.id)
    # Where a text was erased that nothing else can stand for, a word stands that is no longer anybody's.
    return [kind for kind in {*personal_paths(one).values()} if blanked(one, (kind,)) != one]


def _classify(command: ClassifyCustomer, world: CustomersWorld) -> tuple[Event, ...]:
    customer = known_customer(command, world.customer(command.customer))
    home = None if customer.home_branch is None else world.branch(customer.home_branch)
    try:
        policy = world.tier_policy(command.scheme, home or _NOWHERE)
    except StorageError:
        raise
    except BranchkitError as error:
        raise _refused(command, "no_policy", str(error), path="$.scheme") from error
    held = customer.tier(command.scheme)
    scheme = policy if isinstance(policy, TierScheme) else world.tier_scheme(command.scheme)
    specs = {spec.name: spec for spec in policy.facts}
    # What follows from the tier held by another scheme is on record: taken from whoever asks, it could be anything.
    follows = {} if scheme is None else scheme.by_tier
    resolved = {name: _holds(command, customer, by) for name, by in follows.items() if name in specs}
    facts = {**_typed(command, policy, specs, resolved), **resolved}
    answer = _asked(command, policy, facts, None if held is None else held.tier)
    match answer.value:
        case NotConfigured() as lacking:
            raise _refused(command, "not_configured", lacking.say(), rules=("customers:TIER-02",), path="$.scheme")
        case Unknown(reason):
            raise _refused(command, "not_told", f"the tier cannot be told: {reason}", path="$.facts")
        case tier:
            told, meant = Decision(tier, answer.trace), _meant(scheme, tier)
            return classify_customer(command, customer, told, service_class=meant, resolved=resolved)


def _meant(scheme: TierScheme | None, tier: str) -> ServiceClass | None:
    """Return the service class of a tier; a policy in code has those of the scheme that it stands in for."""
    declared = () if scheme is None else scheme.declared
    return next((one.service_class for one in declared if one.code == tier), None)


def _holds(command: ClassifyCustomer, customer: Customer, by: ByTier) -> bool:
    held = customer.tier(by.scheme)
    in_order(command, None if held is None else held.last_decided)
    return held is not None and held.tier in by.tiers


def _typed(
    command: ClassifyCustomer, policy: TierPolicy, specs: Mapping[str, FactSpec], resolved: Container[str]
) -> Mapping[str, FactValue | Unknown]:
    found: dict[str, FactValue | Unknown] = {}
    refusals: list[Refusal] = []
    for name, raw in command.facts.items():
        if name not in specs:
            # What was typed as a name may be anything, so only what there is instead is told.
            reason = f"the policy {policy.id!r} asks for: {', '.join(specs)}"
            refusals.append(Refusal("unknown_fact", reason, path="$.facts"))
            continue
        if name in resolved:
            reason = f"{name!r} follows from the tier held by another scheme; leave it out"
            refusals.append(Refusal("not_for_telling", reason, rules=("customers:TIER-01",), path=f"$.facts.{name}"))
            continue
        try:
            found[name] = typed_fact(specs[name], raw)
        except ValueError as error:
            refusals.append(Refusal("not_the_type", str(error), path=f"$.facts.{name}"))
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    return found


def _asked(
    command: ClassifyCustomer, policy: TierPolicy, facts: Mapping[str, FactValue | Unknown], current: str | None
) -> Decision[TierAnswer]:
    """Ask a policy and check what it answers: a plug-in's mistake must not get into a journal."""
    try:
        decision: object = policy.tier(facts, current=current, at=command.at)
    except BranchkitError:
        raise
    except Exception as error:  # noqa: BLE001 - it is told, without its own words
        # What a policy puts into its message may be somebody's fortune, so only its kind and place are told.
        raise PluginFailed(plugin_of(policy.id), f"the policy {policy.id!r} {raised(error)}") from None
    value, trace = getattr(decision, "value", None), getattr(decision, "trace", None)
    right = isinstance(value, NotConfigured | Unknown) or (isinstance(value, str) and value in policy.tiers)
    if not (isinstance(decision, Decision) and isinstance(trace, Trace) and right):
        raise PluginFailed(plugin_of(policy.id), f"the policy {policy.id!r} answered without a tier of its own")
    return decision


def _policy(command: CustomerCommand, world: CustomersWorld) -> PrivacyPolicy:
    try:
        return world.privacy()
    except (NotFound, CatalogError) as error:
        raise _refused(command, "no_policy", str(error)) from error


def _refused(
    command: CustomerCommand, code: str, reason: str, *, rules: tuple[str, ...] = (), path: str = "$"
) -> Refused:
    return Refused.because(type(command).__name__, [Refusal(code, reason, rules=rules, path=path)])


# -- keeping


def _fold(event: CustomerEvent, current: Current) -> tuple[Change, ...]:
    before = None if isinstance(event, CustomerRegistered) else needed(current, "customer", event.customer)
    after = evolve_customer(before, event)
    return () if after is before else (Change("customer", after.id, after),)


def _fold_forgotten(event: ConsentWithdrawn | DataForgotten, current: Current) -> tuple[Change, ...]:
    others = ((ref, needed(current, ref.kind, ref.id)) for ref in event.documents)
    return (*_fold(event, current), *(Change(ref.kind, ref.id, blanked(one, event.forgets)) for ref, one in others))


def _fold_erased(event: CustomerErased, current: Current) -> tuple[Change, ...]:
    others = ((ref, needed(current, ref.kind, ref.id)) for ref in event.documents)
    record = () if current("customer", event.customer) is None else _fold(event, current)
    return (*record, *(Change(ref.kind, ref.id, blanked(value)) for ref, value in others))


def _index(one: Customer) -> Mapping[str, str | None]:
    return {
        "home_branch": one.home_branch,
        "stage": one.stage,
        "service_class": one.service_class,
        "owner": one.owner,
        "introduced_by": one.introduced_by,
    }


# -- erasing


def _own(customer: str) -> Keep:
    return Keep("customer", customer, f"customer:{customer}")


def _gone(event: CustomerErased, world: CustomersWorld) -> Iterator[Gone]:
    yield from (Gone(keep=keep) for keep in world.kept(event.customer))


def _forgotten(event: ConsentWithdrawn | DataForgotten, world: CustomersWorld) -> Iterator[Gone]:
    if not event.forgets:
        return
    data = frozenset(event.forgets)
    yield Gone(keep=_own(event.customer), data=data)
    named = {(ref.kind, ref.id) for ref in event.documents}
    yield from (Gone(keep=one, data=data) for one in world.kept(event.customer) if (one.kind, one.id) in named)


def _sight(event: CustomerSeen | SightRefused) -> dict[str, Any]:
    seen = isinstance(event, CustomerSeen)
    return {"granted": seen, "data": list(event.data)} if seen else {"granted": False}


def _erased(event: CustomerErased) -> dict[str, Any]:
    return {"documents": [str(ref) for ref in event.documents]}


def _disclosure(event: DisclosureDecided) -> dict[str, Any]:
    return {"granted": event.granted, "codes": list(event.codes), "rules": list(event.rules)}


_OTHERWISE: Mapping[type[Command], Decide] = {
    EraseCustomer: _erase,
    ApplyRetention: _erase,
    ClassifyCustomer: _classify,
    WithdrawConsent: _withdraw,
}

_FOLD_OTHERWISE: Mapping[type[Event], Fold] = {
    CustomerErased: _fold_erased,
    ConsentWithdrawn: _fold_forgotten,
    DataForgotten: _fold_forgotten,
}

CUSTOMERS = Floor(
    decide={**dict.fromkeys(get_args(CustomersCommand), _decide), **_OTHERWISE},
    fold={**dict.fromkeys(get_args(CustomersEvent), _fold), **_FOLD_OTHERWISE},
    kinds=(Kind("customer", Customer, ("home_branch", "stage", "service_class", "owner", "introduced_by"), _index),),
    details={CustomerSeen: _sight, SightRefused: _sight, DisclosureDecided: _disclosure, CustomerErased: _erased},
    keeps=lambda customer, world: (_own(customer),),
    erases={CustomerErased: _gone, ConsentWithdrawn: _forgotten, DataForgotten: _forgotten},
)
