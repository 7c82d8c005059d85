"""Carries out one command inside a transaction, whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import attrs

from branchkit.codec import structure, unstructure
from branchkit.errors import BranchkitError, DecodeError, InputError, Refused, StorageError, StoreCorrupt, Unsupported
from branchkit.kit.authorise import Gate
from branchkit.kit.decide import decide
from branchkit.kit.documents import Decoded
from branchkit.kit.erasing import destroy
from branchkit.kit.floor import Change
from branchkit.kit.floors import DETAILS, ERASES, FOLLOW, REARM, TELL
from branchkit.kit.fold import fold
from branchkit.kit.given import given_out
from branchkit.kit.naming import short
from branchkit.kit.sharing import parts_of, plain_of, split_of
from branchkit.kit.views import Pool
from branchkit.kit.wire import EVENT_VERSION, Request, Upcaster, pack, retry_ref
from branchkit.kit.world import StoreWorld
from branchkit.messages import Command, Event, FollowUpRefused, Outcome
from branchkit.storage import NewEntry, Remembered, Transaction
from branchkit.values import FrozenMap

if TYPE_CHECKING:
    from branchkit.kit.rules import RuleBook

__all__ = ["Carrier", "Desk", "Done"]


@attrs.frozen
class Done:
    """What came of a command, and what observers are to be told once it is committed: nothing that is guarded."""

    outcome: Outcome
    events: tuple[Event, ...] = ()


@attrs.frozen
class _Written:
    """An event, worked out to the last byte before anything is written."""

    event: Event
    plain: Any
    personal: dict[str, str]
    documents: tuple[tuple[Change, Any], ...]
    """The documents as they are after it, with their plain data."""


@attrs.frozen(kw_only=True)
class Carrier:
    """What carrying out a command takes beside the command and a transaction."""

    where: str
    rules: RuleBook
    gate: Gate
    entropy: Callable[[str], bytes]
    lateness: dt.timedelta | None
    upcasters: Mapping[str, Upcaster] = attrs.field(factory=dict)
    decoded: Decoded = attrs.field(factory=Decoded)
    pool: Pool = attrs.field(factory=Pool)

    def at(self, tx: Transaction) -> Desk:
        """Return what carries out the commands of one transaction."""
        return Desk(self, tx)


class Desk:
    """Carries out the commands of one transaction, one after the other."""

    def __init__(self, carrier: Carrier, tx: Transaction) -> None:
        self._carrier = carrier
        self._tx = tx
        self._world = StoreWorld(tx, carrier.rules, where=carrier.where, decoded=carrier.decoded, pool=carrier.pool)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._world.release()

    def carry_out(self, request: Request) -> Done:
        """Carry out a command.

        Everything that can refuse it comes before the first write, so that a refusal leaves the transaction as it was
        and the commands beside it can go on.

        Raises:
            Refused: with every reason; nothing was written.
            StorageError: the transaction cannot go on.
        """
        known = self._tx.outcome(request.name)
        if known is not None:
            return Done(self._repeated(request, known))
        self._carrier.gate.demand(request.command)
        self._demand_in_time(request)
        return self._follow(request, self._carry_out(request))

    def rearm(self, case: str, at: dt.datetime) -> dt.datetime | None:
        """Put a case where the sweep finds it when its next rung comes, and say when that is."""
        return self._world.rearm(case, at)

    def _carry_out(self, request: Request) -> Done:
        version = self._tx.stream_version(request.command.stream)
        return self._write(request, self._work_out(request), version)

    def _follow(self, request: Request, done: Done) -> Done:
        """Carry out what follows of itself, in the same transaction; what is refused of it is put on record."""
        events, waiting = list(done.events), list(done.events)
        number = 0
        while waiting:
            event = waiting.pop(0)
            follows = FOLLOW.get(type(event), ())
            for command in chain.from_iterable(follow(event, request.command, self._world) for follow in follows):
                number += 1
                name = short(f"{request.name}>{number}")
                try:
                    step = self._carry_out(Request.of(attrs.evolve(command, id=name)))
                except StorageError:
                    raise
                except BranchkitError as error:
                    # A document that is missing refuses it too: what it follows from is written already, and stands.
                    reasons = error.reasons if isinstance(error, Refused) else (str(error),)
                    self._record_refusal(request, name, event, command, reasons)
                else:
                    events += step.events
                    waiting += step.events
        return Done(done.outcome, tuple(map(given_out, events)))

    def _record_refusal(
        self, request: Request, name: str, event: Event, command: Command, reasons: tuple[str, ...]
    ) -> None:
        said = FollowUpRefused(because=event.KIND, command=command.KIND, reasons=reasons)
        body = pack(unstructure(said), {}, request.plain["by"], f"{name}#0", self._seal)
        at, told = request.command.at.isoformat(), request.command.recorded_at.isoformat()
        entry = NewEntry(f"{said.KIND}/{EVENT_VERSION}", body=body, command=request.name, at=at, recorded_at=told)
        stored = self._tx.append(request.command.stream, [entry])
        self._world.appended(stored[-1])

    def _repeated(self, request: Request, known: Remembered) -> Outcome:
        same = known.digest == request.digest
        if same and request.personal is not None:
            # Once it is erased, nobody can tell any more whether it was the same.
            same = self._tx.unseal(retry_ref(request.name)) in (request.personal, None)
        if not same:
            reason = f"the id {request.name!r} was used for another command; give this one an id of its own"
            raise Refused(type(request.command).__name__, (reason,))
        place = f"{self._carrier.where} outcome of {request.name!r}"
        try:
            return attrs.evolve(structure(Outcome, known.outcome, source=place), repeated=True)
        except (DecodeError, ValueError) as error:
            raise StoreCorrupt(place, "it is not readable", "restore a backup") from error

    def _demand_in_time(self, request: Request) -> None:
        command, bound = request.command, self._carrier.lateness
        if bound is None:
            return
        late = command.recorded_at - command.at
        if late > bound:
            reason = f"it was told {unstructure(late)} after it happened; the kit takes at most {unstructure(bound)}"
            raise Refused(type(command).__name__, (reason,))

    def _work_out(self, request: Request) -> list[_Written]:
        pending: dict[tuple[str, str], Any] = {}

        def current(kind: str, id: str) -> Any:
            found = pending.get((kind, id))
            return self._world.current(kind, id) if found is None else found

        command = request.command
        asked, given = type(command), parts_of(command, request.plain)
        written: list[_Written] = []
        try:
            for event in decide(command, self._world):
                changes = fold(event, current)
                for change in changes:
                    pending[change.kind, change.id] = change.value
                kind = type(event)
                whole = plain_of(event, asked, given)
                plain, personal = split_of(event, whole, command, request.split)
                parts = parts_of(event, whole)
                documents = tuple([(change, plain_of(change.value, kind, parts)) for change in changes])
                written.append(_Written(event, plain, personal, documents))
        except (InputError, Unsupported) as error:
            raise Refused(asked.__name__, (f"what it leads to cannot be kept: {error}",)) from error
        return written

    def _write(self, request: Request, written: list[_Written], version: int) -> Done:
        command, details = request.command, dict[str, Any]()
        entries: list[NewEntry] = []
        at = recorded_at = command.at.isoformat()
        late = command.recorded_at is not command.at and command.recorded_at != command.at
        if late:
            recorded_at = command.recorded_at.isoformat()
        for number, one in enumerate(written):
            for change, plain in one.documents:
                self._world.write(change, plain)
            body = pack(one.plain, one.personal, request.plain["by"], f"{request.name}#{number}", self._seal)
            entries.append(
                NewEntry(
                    f"{one.event.KIND}/{EVENT_VERSION}",
                    body=body,
                    command=request.name,
                    at=at,
                    recorded_at=recorded_at,
                )
            )
            if (tell := DETAILS.get(type(one.event))) is not None:
                details |= tell(one.event)
        # Whoever else wrote to the stream meanwhile may have added what this decision looked for and did not find.
        stored = self._tx.append(command.stream, entries, expect=version) if entries else ()
        if stored:
            self._world.appended(stored[-1])
        self._after(request.command, written)
        if late:
            details["late"] = unstructure(command.recorded_at - command.at)
        outcome = Outcome(
            command=request.name,
            events=tuple([one.event.KIND for one in written]),
            seq=stored[-1].seq if stored else None,
            details=FrozenMap(details),
        )
        if request.personal is not None:
            self._seal(retry_ref(request.name), request.personal)
        self._tx.remember(request.name, request.digest, _plain_outcome(outcome))
        for one in written:
            if (erases := ERASES.get(type(one.event))) is not None:
                gone = tuple(erases(one.event, self._world))
                destroy(self._tx, gone, self._carrier.upcasters, self._carrier.where)
        return Done(outcome, tuple([one.event for one in written]))

    def _after(self, command: Command, written: list[_Written]) -> None:
        """Put messages into the outbox, and cases where the sweep finds them."""
        cases: dict[str, None] = {}
        for one in written:
            kind = type(one.event)
            if (tell := TELL.get(kind)) is not None:
                for intent in tell(one.event, self._world):
                    self._tx.outbox_put(intent.key, intent.body)
            if (rearm := REARM.get(kind)) is not None:
                cases |= dict.fromkeys(rearm(one.event, self._world))
        for case in cases:
            self._world.rearm(case, command.at)

    def _seal(self, ref: str, text: str) -> str:
        return self._tx.seal(ref, text, self._carrier.entropy(ref))


def _plain_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return what `unstructure` makes of an outcome whose details are plain data already."""
    plain: dict[str, Any] = {"command": outcome.command, "repeated": outcome.repeated}
    if outcome.events:
        plain["events"] = list(outcome.events)
    if outcome.seq is not None:
        plain["seq"] = outcome.seq
    if outcome.details:
        plain["details"] = dict(outcome.details)
    return plain
