"""Checks that a journal is what was once written: every hash, every link, every checkpoint, every sealed value."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from branchkit.errors import StorageError
from branchkit.storage.algorithms import HashAlgorithm
from branchkit.storage.chain import checkpoint_hash, entry_hash, window_root
from branchkit.storage.contract import Checkpoint, Entry, Sealed, Store, Transaction

__all__ = ["ChainProblem", "ChainReport", "verify_chains"]

_MOST_PROBLEMS = 1000
_MOST_HEADS = 50_000
_PAGE = 500


@attrs.frozen
class ChainProblem:
    """One thing that is not as it was written, and where.

    >>> print(ChainProblem("the content does not match its hash", stream="case:C-1", version=3, seq=17))
    entry 17 (case:C-1, version 3): the content does not match its hash
    """

    what: str
    stream: str | None = attrs.field(default=None, kw_only=True)
    version: int | None = attrs.field(default=None, kw_only=True)
    """Its place in the stream, as stored."""
    seq: int | None = attrs.field(default=None, kw_only=True)
    """The entry's place in the journal; where entries are missing, the first one."""
    checkpoint: int | None = attrs.field(default=None, kw_only=True)
    """The number of the checkpoint."""
    sealed: str | None = attrs.field(default=None, kw_only=True)
    """The reference of the sealed value."""

    def __str__(self) -> str:
        if self.sealed is not None:
            return f"sealed value {self.sealed}: {self.what}"
        if self.checkpoint is not None:
            return f"checkpoint {self.checkpoint}: {self.what}"
        if self.seq is None:
            return self.what
        place = f" ({self.stream}, version {self.version})" if self.stream is not None else ""
        return f"entry {self.seq}{place}: {self.what}"


@attrs.frozen(kw_only=True)
class ChainReport:
    """What `verify_chains` found."""

    entries: int
    """How many journal entries were read."""
    checkpoints: int
    head: str
    """The hash over the whole journal; empty when it could not be taken."""
    problems: tuple[ChainProblem, ...]
    """What is wrong, in the order of the journal; no more than the first thousand."""
    sealed: int
    """How many sealed values are there and match their commitment."""
    erased: int
    """How many sealed values were erased: what they said can no longer be seen."""

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not self.problems


def verify_chains(store: Store, *, progress: Callable[[int], None] | None = None) -> ChainReport:
    """Read a whole store as one state and recompute every hash in it; memory stays flat.

    A changed byte is found wherever it is: in an entry's content, its header, its hash, in a checkpoint, in a sealed
    value. So are entries that are missing, moved, added behind the end or cut off. Who can rewrite *everything*, seals
    and all, is found by comparing `ChainReport.head` with one that was kept elsewhere.

    Args:
        progress: is told how many entries were read, now and then.
    """
    with store.transaction(write=False) as tx:
        walk = _Walk(store, tx, progress or (lambda _: None))
        for what in store.check():
            walk.add(ChainProblem(what))
        if walk.guard(walk.entries):
            walk.guard(walk.end)
        walk.guard(walk.sealed)
        walk.guard(walk.take_head)
    return walk.report()


class _Walk:
    """One pass over a journal; holds no more than the heads that were seen last."""

    def __init__(self, store: Store, tx: Transaction, progress: Callable[[int], None]) -> None:
        self._algorithms = store.algorithms
        self._every = store.checkpoint_every
        self._tx = tx
        self._progress = progress
        self._problems: list[ChainProblem] = []
        self._checkpoints = _checkpoints(tx)
        self._next: Checkpoint | None = None
        self._number = 0
        self._link = {""}
        self._count = self._seq = self._sealed = self._erased = 0
        # The head of a stream: its version, its hash as stored, and its hash as it should be.
        self._heads: dict[str, tuple[int, str, str]] = {}
        self._window: dict[str, tuple[int, str, str]] = {}
        self._head = ""

    def add(self, problem: ChainProblem) -> None:
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(problem)

    def guard(self, step: Callable[[], None]) -> bool:
        """Take a step and say whether it came to its end; what the store itself cannot read is a finding too."""
        try:
            step()
        except StorageError as error:
            self.add(ChainProblem(f"after entry {self._seq} the store cannot be read: {error.what}"))
            return False
        return True

    def report(self) -> ChainReport:
        return ChainReport(
            entries=self._count,
            checkpoints=self._number,
            head=self._head,
            problems=tuple(self._problems),
            sealed=self._sealed,
            erased=self._erased,
        )

    def entries(self) -> None:
        self._next = next(self._checkpoints, None)
        while page := self._tx.read(after=self._seq, limit=_PAGE):
            for entry in page:
                self._place(entry)
                self._entry(entry)
                self._seq = entry.seq
                self._count += 1
                if entry.seq % self._every == 0:
                    self._checkpoint(entry.seq)
            self._progress(self._count)

    def end(self) -> None:
        tip = self._tx.tip()
        if tip.seq > self._seq:
            what = f"the entries up to {tip.seq} are missing at the end"
            self.add(ChainProblem(what, seq=self._seq + 1))
        elif tip.seq < self._seq:
            what = f"the journal was written up to {tip.seq}; what follows was added otherwise"
            self.add(ChainProblem(what, seq=tip.seq + 1))
        while self._next is not None:
            what = f"it seals the entries up to {self._next.seq}, which are missing"
            self.add(ChainProblem(what, checkpoint=self._next.number))
            self._next = next(self._checkpoints, None)

    def sealed(self) -> None:
        after = ""
        while page := self._tx.sealed(after=after, limit=_PAGE):
            for row in page:
                self._value(row)
            after = page[-1].ref

    def take_head(self) -> None:
        self._head = self._tx.head()

    def _place(self, entry: Entry) -> None:
        if entry.seq == self._seq + 1:
            return
        what = "is missing" if entry.seq == self._seq + 2 else f"and those up to {entry.seq - 1} are missing"
        self.add(ChainProblem(what, seq=self._seq + 1))
        for boundary in range(self._seq - self._seq % self._every + self._every, entry.seq, self._every):
            self._checkpoint(boundary)

    def _entry(self, entry: Entry) -> None:
        version, stored, right = self._before(entry)
        what: list[str] = []
        computed = entry.hash
        algorithm = self._algorithms.get(entry.algorithm)
        if algorithm is None:
            what.append(f"its hash algorithm is not known here; known: {', '.join(self._algorithms)}")
        else:
            computed = entry_hash(entry, algorithm)
            if computed != entry.hash:
                what.append("the content does not match its hash")
        if entry.version != version + 1:
            what.append(f"its stream goes on with version {version + 1}")
        if entry.previous not in (stored, right):
            what.append("it is not linked to the entry before it")
        if what:
            self.add(ChainProblem("; ".join(what), stream=entry.stream, version=entry.version, seq=entry.seq))
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        self._heads[entry.stream] = self._window[entry.stream] = (version + 1, entry.hash, computed)

    def _before(self, entry: Entry) -> tuple[int, str, str]:
        head = self._heads.get(entry.stream)
        if head is None and entry.version > 1 and _is_text(entry.stream):
            found = self._tx.read(stream=entry.stream, after=entry.version - 2, limit=1)
            # Only an entry that lies before this one in the journal can be the one before it in the stream.
            if found and found[0].version == entry.version - 1 and found[0].seq < entry.seq:
                algorithm = self._algorithms.get(found[0].algorithm)
                right = entry_hash(found[0], algorithm) if algorithm else found[0].hash
                head = (found[0].version, found[0].hash, right)
        return head or (0, "", "")

    def _checkpoint(self, seq: int) -> None:
        window, self._window = self._window, {}
        self._number += 1
        checkpoint = self._next
        if checkpoint is None or checkpoint.number != self._number:
            self.add(ChainProblem("it is missing", checkpoint=self._number))
            if checkpoint is not None:
                self._link = {checkpoint.previous}
            return
        self._next = next(self._checkpoints, None)
        what: list[str] = []
        algorithm = self._algorithms.get(checkpoint.algorithm)
        computed = checkpoint.hash
        if algorithm is None:
            what.append(f"its hash algorithm is not known here; known: {', '.join(self._algorithms)}")
        else:
            computed = checkpoint_hash(checkpoint, algorithm)
            if computed != checkpoint.hash:
                what.append("its content does not match its hash")
            if checkpoint.root not in _roots(window, algorithm):
                what.append(f"it does not match the entries it seals, {seq - self._every + 1} to {seq}")
        if checkpoint.seq != seq:
            what.append(f"it stands at entry {checkpoint.seq} and not at {seq}")
        if checkpoint.previous not in self._link:
            what.append("it is not linked to the checkpoint before it")
        if what:
            self.add(ChainProblem("; ".join(what), checkpoint=checkpoint.number))
        self._link = {checkpoint.hash, computed}

    def _value(self, row: Sealed) -> None:
        if row.value is None or row.key is None:
            if row.value is None and row.key is None:
                self._erased += 1
            else:
                self.add(ChainProblem("it is erased by half", sealed=row.ref))
            return
        algorithm = self._algorithms.get(row.algorithm)
        if algorithm is None:
            self.add(ChainProblem("its hash algorithm is not known here", sealed=row.ref))
        elif algorithm.mac(row.key, row.value.encode("utf-8", "surrogateescape")) != row.mac:
            self.add(ChainProblem("it does not match its commitment", sealed=row.ref))
        else:
            self._sealed += 1


def _roots(window: dict[str, tuple[int, str, str]], algorithm: HashAlgorithm) -> set[str]:
    """Return the roots that are right: where an entry is damaged, either hash may be the one that was sealed."""
    return {
        window_root({stream: (version, stored) for stream, (version, stored, _) in window.items()}, algorithm),
        window_root({stream: (version, right) for stream, (version, _, right) in window.items()}, algorithm),
    }


def _is_text(stream: str) -> bool:
    """Say whether a stream can be asked for: one whose name is damaged may not be UTF-8."""
    try:
        stream.encode()
    except UnicodeEncodeError:
        return False
    return True


def _checkpoints(tx: Transaction) -> Iterator[Checkpoint]:
    after = 0
    while page := tx.checkpoints(after=after, limit=_PAGE):
        yield from page
        after = page[-1].number
