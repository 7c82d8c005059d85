"""The kit: the one object an application holds. It loads, decides, stores and tells; every rule is elsewhere."""

from __future__ import annotations

import datetime as dt
import enum
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import attrs

from branchkit.checklists import BoundChecklist, Sheet, rebind
from branchkit.errors import BranchkitError, ConfigError, InputError, NotFound, Problem, StorageError
from branchkit.estate import Branch
from branchkit.kit.authorise import Gate, Grants, default_grants
from branchkit.kit.carry import Carrier, Desk, Done
from branchkit.kit.documents import loaded
from branchkit.kit.feed import Happened, happened
from branchkit.kit.floors import KINDS
from branchkit.kit.floors.filed import Filed
from branchkit.kit.given import bared, bared_each, given_out
from branchkit.kit.rules import RuleBook, load_plugins
from branchkit.kit.scored import scored
from branchkit.kit.wire import Request, Upcaster
from branchkit.kit.world import StoreWorld
from branchkit.messages import Actor, Command, Outcome
from branchkit.personal import bare
from branchkit.plugins import Message, StoreContext
from branchkit.plugins.config import Config
from branchkit.scoring import Evidence, Score, ScoringPolicy
from branchkit.storage import Replaced, Store, Transaction
from branchkit.trace import Decision
from branchkit.values import FrozenMap

if TYPE_CHECKING:
    from branchkit.kit.casebook import CaseStory
    from branchkit.kit.notifying import Delivered
    from branchkit.kit.proof import Verification
    from branchkit.kit.report import BranchReport
    from branchkit.kit.retaining import Retained
    from branchkit.kit.seeing import Seen
    from branchkit.kit.shadow import Shadowed
    from branchkit.kit.sweeping import Swept

__all__ = ["Kit"]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
_BY_CLASS = {kind.cls: name for name, kind in KINDS.items()} | {Sheet: "sheet"}


class Kit:
    """Catalog, plug-ins and a store, opened together.

    Safe to share between threads: every call is a transaction of its own. Calls block; an asyncio application runs
    them in a thread (``asyncio.to_thread``).

    >>> from branchkit.estate import RegisterBranch
    >>> from branchkit.messages import Actor
    >>> clerk = Actor("C-17", posts=("estate_administrator",))
    >>> now = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    >>> with Kit.open("memory:") as kit:
    ...     outcome = kit.do(RegisterBranch(Branch("B-0417"), by=clerk, at=now))
    >>> outcome.events
    ('branch_registered',)
    """

    def __init__(
        self,
        store: Store,
        rules: RuleBook,
        *,
        grants: Grants,
        upcasters: Mapping[str, Upcaster] | None = None,
        entropy: Callable[[str], bytes] | None = None,
        lateness: dt.timedelta | None = None,
    ) -> None:
        """Use `open`, unless the store is already open."""
        self.store = store
        self.rules = rules
        self.grants = grants
        self.upcasters = dict(upcasters or {})
        self._carrier = Carrier(
            where=store.where,
            rules=rules,
            gate=Gate(grants),
            entropy=entropy or (lambda ref: os.urandom(32)),
            lateness=lateness,
            upcasters=self.upcasters,
        )

    @classmethod
    def open(
        cls,
        store: str | Path,
        *,
        config: Config | None = None,
        rules: RuleBook | None = None,
        grants: Grants | None = None,
        upcasters: Mapping[str, Upcaster] | None = None,
        entropy: Callable[[str], bytes] | None = None,
        lateness: dt.timedelta | None = None,
    ) -> Kit:
        """Open a store with the rules in force; a store that is not there is made.

        Args:
            store: the store's address, as ``sqlite:///branch.db`` or ``memory:``; the scheme chooses who opens it.
                A `Path` is a SQLite file.
            config: which policy is used where, and which plug-ins are off.
            rules: catalog, plug-ins and configuration, where the caller has loaded them already.
            grants: who may do what; branchkit's own where left out.
            upcasters: turn old events of one's own into newer ones, by the kind they take (``name/version``).
            entropy: gives 32 bytes of key for a personal value, from its reference; the system's randomness by default.
            lateness: how long after it happened a command may be told (``recorded_at`` minus ``at``); what comes later
                is refused. Without one nothing is too late. Either way an outcome says how late it was, in its detail
                ``late`` (``"PT2H"``), and what is told late takes its place in the order of telling: it changes
                nothing that was decided before it was told.

        Raises:
            ConfigError: the address has no scheme, or `config` and `rules` are both given.
            PluginError: a plug-in does not load.
            StorageError: the store cannot be opened.
        """
        address = f"sqlite:///{store}" if isinstance(store, Path) else store
        scheme, colon, _ = address.partition(":")
        if not colon or len(scheme) == 1:  # one letter is a drive
            raise ConfigError("store", f"Expected an address such as sqlite:///{address}")
        if rules is not None and config is not None:
            raise ConfigError("config", "Expected the configuration inside `rules`, not beside it")
        if rules is None:
            rules = RuleBook.load(config, plugins=load_plugins(config, environ=os.environ))
        record = rules.plugins.store_for(scheme)
        settings = rules.config.settings.get(rules.plugins.origin(record).plugin, FrozenMap())
        opened = record.open(StoreContext(address, settings=settings))
        return cls(
            opened,
            rules,
            grants=grants or default_grants(),
            upcasters=upcasters,
            entropy=entropy,
            lateness=lateness,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    # -- asking for something

    def do(self, command: Command, *, within: Transaction | None = None) -> Outcome:
        """Carry out a command, whole or not at all.

        The same command again, by its id or, where it has none, by its content, gives the same outcome and changes
        nothing.

        Args:
            command: what is asked.
            within: a transaction that the caller owns and commits; observers are then not told.

        Raises:
            NotPermitted: the actor has no right to it.
            Refused: with every reason; nothing was changed. Also where the id was used for something else.
            DecodeError: the command contradicts itself; lists every problem with its path.
            Conflict: somebody else changed what it rested on; try again.
        """
        try:
            request = Request.of(command)
            if within is None:
                return self.carry_out(request)
            with self._carrier.at(within) as desk:
                return desk.carry_out(request).outcome
        except BranchkitError as error:
            raise bare(error) from None

    def do_all(self, commands: Iterable[Command], *, batch: int = 200) -> Iterator[Outcome | BranchkitError]:
        """Carry out many commands, some hundred to a commit; yields an outcome or a refusal for each, in order.

        A refused command changes nothing and the others go on. Each is yielded after its batch is committed: whatever
        stops the rest, what was yielded is done, and doing all of it again repeats nothing.

        Raises:
            StorageError: the store cannot go on.
        """
        from branchkit.kit.batch import carry_out_all

        requests = (_or_refused(Request.of, command) for command in commands)
        return carry_out_all(self, requests, batch=batch)

    def carry_out(self, request: Request) -> Outcome:
        """Carry out a command that was checked before; see `do`."""
        with self.store.transaction() as tx, self._carrier.at(tx) as desk:
            done = desk.carry_out(request)
        self.rules.plugins.tell(done.events)
        return done.outcome

    def carry_out_batch(self, requests: Iterable[Request]) -> list[Outcome | BranchkitError]:
        """Carry out some commands that were checked before in one transaction.

        Raises:
            StorageError: the transaction could not go on, and nothing was written.
        """
        done: list[Done | BranchkitError] = []
        with self.store.transaction() as tx, self._carrier.at(tx) as desk:
            done.extend(_or_refused(desk.carry_out, request) for request in requests)
        self.rules.plugins.tell(event for one in done if isinstance(one, Done) for event in one.events)
        return [one.outcome if isinstance(one, Done) else one for one in done]

    def desk(self, tx: Transaction) -> Desk:
        """Return what carries out commands inside a transaction that the caller owns; leave it before committing."""
        return self._carrier.at(tx)

    def sweep(self, at: dt.datetime, *, by: Actor | None = None) -> Iterator[Swept]:
        """Let happen in every case what has to by a moment, and yield what came of it, the earliest first.

        Each rung fires once, whoever sweeps beside, and whatever stops or is tried again. It costs what is due, not
        what is open.

        Raises:
            NotPermitted: the actor has no right to sweep.
        """
        from branchkit.kit.sweeping import SWEEPER, sweep

        return sweep(self, at, by=by or SWEEPER)

    def due(self, until: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
        """Yield when cases are to be looked at next, up to and including a moment, the earliest first, and which."""
        from branchkit.kit.sweeping import due_cases

        return due_cases(self, until)

    @bared
    def story(self, case: str, at: dt.datetime, *, as_of: dt.datetime | None = None) -> CaseStory:
        """Gather what can be said of a case at a moment: clocks, rungs, all that happened, and why nothing did.

        Args:
            case: the id of the case.
            at: the moment at which its clocks are read.
            as_of: what was believed then: only what had been told (``recorded_at``) by this moment counts, of the case
                and of its branch's hours, calendar and suspensions. All that is known where left out.

        Raises:
            NotFound: there is no such case, or there was none yet.
        """
        from branchkit.kit.casebook import story

        return story(self, case, at, as_of)

    def outbox(self) -> Iterator[Message]:
        """Yield the messages that wait to be handed on, in the order they were put."""
        from branchkit.kit.notifying import waiting

        return waiting(self)

    def deliver(self, notifier: str) -> Delivered:
        """Hand every waiting message to a notifier, and forget those that it took; the others wait.

        Raises:
            MissingKey: nobody brings the notifier.
        """
        from branchkit.kit.notifying import deliver

        return deliver(self, notifier)

    # -- looking

    @bared
    def get(self, cls: type[T], id: str) -> T:
        """Return one document by its id; one that is guarded without its personal values, for which see `see`.

        Raises:
            NotFound: there is no such document, or the kit keeps no such class.
        """
        name = _kind_of(cls)
        with self.store.transaction(write=False) as tx:
            stored = tx.get(name, id)
        if stored is None:
            raise NotFound(name, id)
        return _as(cls, loaded(stored, where=self.store.where))

    def find(self, cls: type[T], **where: str | enum.Enum | None) -> Iterator[T]:
        """Yield documents of a class by its fields, in the order of their ids, a page at a time.

        ``kit.find(Finding, branch="B-0417", state="open")``

        Those that are guarded come without their personal values.

        Raises:
            NotFound: for a class the kit does not keep or a field it cannot be found by; names what there is.
            InputError: a value is neither text nor ``None``.
        """
        name = _kind_of(cls)
        fields = {key: value.value if isinstance(value, enum.Enum) else value for key, value in where.items()}
        for field in fields:
            if field not in KINDS[name].fields:
                raise NotFound(f"field of {name} to find by", field, tuple(sorted(KINDS[name].fields)))
        if wrong := [field for field, value in fields.items() if not (value is None or isinstance(value, str))]:
            raise InputError("find", tuple(Problem(f"$.{field}", "Expected text, a code, or null") for field in wrong))
        return self._pages(cls, name, fields)

    @bared_each
    def _pages(self, cls: type[T], name: str, where: Mapping[str, Any]) -> Iterator[T]:
        after: str | None = None
        while True:
            with self.store.transaction(write=False) as tx:
                page = tx.find(name, where, after=after)
            for stored in page.items:
                yield _as(cls, loaded(stored, where=self.store.where))
            if page.next is None:
                return
            after = page.next

    @bared
    def see(self, customer: str, *, purpose: str, by: Actor, at: dt.datetime, data: Iterable[str] = ()) -> Seen:
        """Let somebody see a customer's personal data for a purpose; that they asked is put on record with it.

        Args:
            customer: the bank's number of the customer.
            purpose: the code of the purpose, as the privacy policy in force names it.
            by: who asks; the policy says for which purposes the holders of a post may.
            at: when.
            data: the kinds of data to be seen; all that the purpose may use where left out.

        Raises:
            NotFound: there is no such customer.
            NotPermitted: the actor has no right to ask.
            Refused: with every reason; that it was asked stays on record.
        """
        from branchkit.kit.seeing import see

        return see(self, customer, purpose=purpose, by=by, at=at, data=data)

    def retain(self, at: dt.datetime, *, by: Actor | None = None, dry_run: bool = False) -> Iterator[Retained]:
        """Erase what may not be kept any longer, and yield what came of each customer's record; see `Retained`.

        Args:
            at: the moment by which a period has to be over.
            by: who sweeps; the kit's own system where left out.
            dry_run: whether nothing is to be erased.

        Raises:
            NotPermitted: the actor has no right to it.
        """
        from branchkit.kit.retaining import KEEPER, retain

        return retain(self, at, by=by or KEEPER, dry_run=dry_run)

    @bared
    def bound(self, sheet: str) -> tuple[Sheet, BoundChecklist]:
        """Return a filed sheet with what it was bound to then, whatever the branch has become since."""
        filed = self.get(Filed, sheet)
        checklist = self.rules.checklist(filed.sheet.checklist, filed.sheet.version)
        return filed.sheet, rebind(checklist, filed.pin)

    @bared
    def score(self, sheet: str, *, policy: str | None = None) -> Decision[Score]:
        """Score a filed sheet now, by the policy in force or by the one named.

        Raises:
            NotFound: there is no such sheet, or no policy is named for it.
            PluginFailed: a policy in code raised something, or answered with what is no score.
        """
        filed, bound = self.bound(sheet)
        chosen: ScoringPolicy | None
        if policy is not None:
            chosen = self.rules.policy(policy)
        else:
            with self.store.transaction(write=False) as tx:
                world = StoreWorld(tx, self.rules, where=self.store.where)
                branch = world.branch(filed.branch) or Branch(filed.branch)
                chosen = world.policy_for(bound.checklist, branch)
        if chosen is None:
            raise NotFound("scoring policy for checklist", bound.checklist.id)
        return scored(chosen, Evidence(filed, bound))

    def shadow(self, rules: RuleBook | str, *, checklists: Iterable[str] | None = None) -> Iterator[Shadowed]:
        """Score what is stored under other rules beside the rules in force, and yield who moves and why.

        Every final sheet that was not superseded, in the order of the ids, a page at a time. Nothing is changed. A
        sheet is read by the other rules' checklist where that is another than the one in force; what was not asked
        then is not made up, and the sheet is then without a score, with the reason. Sheets of earlier versions of a
        checklist stay with theirs.

        Args:
            rules: another configuration, catalog and plug-ins; or the key of a policy of the rules in force, which
                then scores the sheets of its checklists.
            checklists: the ids of those whose sheets are scored; all where left out.

        Raises:
            NotFound: there is no such checklist.
            MissingKey: nobody brings the policy that is named.
            PluginFailed: a policy in code raised something, or answered with what is no score.
            CatalogError: a document of the other rules is wrong.
            StoreCorrupt: a document is not readable.
        """
        from branchkit.kit.shadow import shadow

        return shadow(self, rules, checklists=checklists)

    @bared_each
    def events(self, *, after: int = 0) -> Iterator[Happened]:
        """Yield everything that happened after a journal number, in order: the reliable feed.

        Whoever keeps the last `Happened.seq` misses nothing and sees nothing twice. Events that are guarded come
        without their personal values.

        Raises:
            StoreCorrupt: an event is not readable; says which.
        """
        while True:
            with self.store.transaction(write=False) as tx:
                found = [happened(tx, entry, self.upcasters, self.store.where) for entry in tx.read(after=after)]
            if not found:
                return
            yield from (attrs.evolve(one, event=given_out(one.event)) for one in found)
            after = found[-1].seq

    # -- proving and making anew

    def verify(self, *, progress: Callable[[int], None] | None = None) -> Verification:
        """Check the whole store: chains, checkpoints and seals are intact, and the journal folds to the documents."""
        from branchkit.kit.proof import verify

        return verify(self.store, self.upcasters, progress=progress)

    def rebuild(self) -> Replaced:
        """Make every document anew from the journal, in one transaction; says how many were not as they should be."""
        from branchkit.kit.proof import rebuild

        self._carrier.pool.clear()
        replaced = rebuild(self.store, self.upcasters)
        self.rearm()
        return replaced

    def rearm(self) -> int:
        """Work out anew when each open case is to be swept next, and say how many there are.

        Everything that is told does so by itself. This is for what nobody tells: another ladder, another calendar of
        the catalog, another plug-in.
        """
        from branchkit.kit.sweeping import rearm_all

        return rearm_all(self)

    @bared
    def report(self, branch: str, *, at: dt.datetime | None = None) -> BranchReport:
        """Gather what a report on a branch shows, as of a moment or of its latest sheet.

        Raises:
            NotFound: the branch is not registered, or has no sheet and no moment is given.
        """
        from branchkit.kit.report import gather

        return gather(self, branch, at=at)


def _kind_of(cls: type[Any]) -> str:
    name = _BY_CLASS.get(cls)
    if name is None:
        raise NotFound("class of documents", cls.__name__, tuple(sorted(known.__name__ for known in _BY_CLASS)))
    return name


def _as(cls: type[T], found: Any) -> T:
    value: T = given_out(found.sheet if cls is Sheet else found)
    return value


def _or_refused(step: Callable[[A], B], what: A) -> B | BranchkitError:
    """Take a step; what refuses it is returned, and what the store cannot do is raised."""
    try:
        return step(what)
    except StorageError:
        raise
    except BranchkitError as error:
        return bare(error)
