"""The laws that hold when several write at once, whether a store lets its writers overlap or not."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from branchkit.errors import Conflict
from branchkit.storage import NewEntry, Store, Transaction
from branchkit.testing.store_hammer import Opener, hammer
from branchkit.testing.store_history import order_of

__all__ = ["StoreRaces", "some_entries"]

_ROUNDS = 8
_PAUSE = 0.003
"""Long enough for the others to come between reading and writing."""


def some_entries(count: int, *, kind: str = "Noted") -> list[NewEntry]:
    """Return entries to append, numbered from 0 in their bodies."""
    at = "2026-03-02T09:00:00+08:00"
    return [NewEntry(kind, body={"n": n}, command=f"c-{n}", at=at, recorded_at=at) for n in range(count)]


class StoreRaces:
    """What every store must do when threads race one another; part of `branchkit.testing.stores.StoreLaws`."""

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        """Return a new, empty store."""
        raise NotImplementedError

    def opener(self, store: Store) -> Opener | None:
        """Return what opens the same store in another process; ``None`` when only threads can share it.

        It is pickled, so give a function of a module, or `functools.partial` of one.
        """
        return None

    def test_one_order_explains_what_all_were_answered(self) -> None:
        """What several processes, or threads, saw and changed at once could have come about one after the other."""
        store = self.make_store()

        with tempfile.TemporaryDirectory() as folder:
            steps = hammer(store, Path(folder), opener=self.opener(store))
        ordering = order_of(steps)

        assert ordering.ok, str(ordering)

    def test_writers_who_read_first_lose_nothing(self) -> None:
        """Threads that each read a number and write the next one, retrying on conflict, count every step."""
        store = self.make_store()
        with store.transaction() as tx:
            tx.put("branch", "B-1", {"n": 0})

        def count(tx: Transaction) -> None:
            seen = tx.get("branch", "B-1")
            assert seen is not None
            time.sleep(0.001)
            tx.put("branch", "B-1", {"n": seen.body["n"] + 1})
            tx.append("count", some_entries(1))

        _race(store, [count] * 4, times=10)
        with store.transaction(write=False) as tx:
            last = tx.get("branch", "B-1")
            seqs = [each.seq for each in tx.read()]

        assert last is not None
        assert last.body == {"n": 40}
        assert list(range(1, 41)) == seqs

    def test_what_was_got_holds_until_the_commit(self) -> None:
        """Of two who may leave while the other one is there, one stays."""
        store = self.make_store()

        def others_there(tx: Transaction, other: str) -> bool:
            seen = tx.get("guard", other)
            return seen is not None and seen.body["there"]

        for _ in range(_ROUNDS):
            assert _leave(store, others_there) == 1

    def test_what_was_found_holds_until_the_commit(self) -> None:
        """Of two who may leave while two are found, one stays."""
        store = self.make_store()

        for _ in range(_ROUNDS):
            assert _leave(store, lambda tx, other: len(tx.find("guard", {"there": True}).items) == 2) == 1

    def test_what_was_expected_holds_until_the_commit(self) -> None:
        """Of two who each expect the other one unchanged and change themselves, the second one is told."""
        for _ in range(_ROUNDS):
            store = self.make_store()
            with store.transaction() as tx:
                tx.put("guard", "A", {})
                tx.put("guard", "B", {})
            done: list[str] = []

            def change(tx: Transaction, me: str, other: str, done: list[str] = done) -> None:
                try:
                    tx.expect("guard", other, 1)
                except Conflict:
                    return
                time.sleep(_PAUSE)
                tx.put("guard", me, {})
                done.append(me)

            _race(store, [lambda tx: change(tx, "A", "B"), lambda tx: change(tx, "B", "A")])
            with store.transaction(write=False) as tx:
                versions = sorted(each.version for each in tx.find("guard", {}).items)
            assert versions == [1, 2]

    def test_what_was_not_there_stays_away_until_the_commit(self) -> None:
        """Of two who may come while the other one is not there, one comes."""
        for _ in range(_ROUNDS):
            store = self.make_store()

            def come(tx: Transaction, me: str, other: str) -> None:
                alone = tx.get("guard", other) is None
                time.sleep(_PAUSE)
                if alone:
                    tx.put("guard", me, {})

            _race(store, [lambda tx: come(tx, "A", "B"), lambda tx: come(tx, "B", "A")])
            with store.transaction(write=False) as tx:
                assert len(tx.find("guard", {}).items) == 1

    def test_a_command_is_done_once(self) -> None:
        """Threads that all carry out the same command find its outcome, or do it: one of them does."""
        store = self.make_store()

        for number in range(_ROUNDS):

            def carry_out(tx: Transaction, command: str = f"c-{number}") -> None:
                known = tx.outcome(command)
                time.sleep(_PAUSE)
                if known is None:
                    tx.append(command, some_entries(1))
                    tx.remember(command, "digest", {"done": True})

            _race(store, [carry_out] * 3)
        with store.transaction(write=False) as tx:
            assert [f"c-{number}" for number in range(_ROUNDS)] == [each.stream for each in tx.read()]

    def test_a_stream_that_was_looked_at_stands_still(self) -> None:
        """Threads that ask for a stream's version and write the next one into it agree with its own count."""
        store = self.make_store()

        def note(tx: Transaction) -> None:
            (event,) = some_entries(1)
            version = tx.stream_version("s")
            time.sleep(_PAUSE)
            tx.append("s", [NewEntry("Noted", body={"n": version + 1}, command="c", at=event.at, recorded_at=event.at)])

        _race(store, [note] * 3, times=4)
        with store.transaction(write=False) as tx:
            entries = tx.read(stream="s")

        assert [each.version for each in entries] == [each.body["n"] for each in entries]
        assert len(entries) == 12

    def test_a_journal_that_was_read_stands_still(self) -> None:
        """Threads that read the journal to its end and write the next number into it agree with its own count."""
        store = self.make_store()

        def note(tx: Transaction, stream: str) -> None:
            (event,) = some_entries(1)
            count = len(tx.read())
            time.sleep(_PAUSE)
            new = NewEntry("Noted", body={"n": count + 1}, command="c", at=event.at, recorded_at=event.at)
            tx.append(stream, [new])

        _race(store, [lambda tx: note(tx, "a"), lambda tx: note(tx, "b"), lambda tx: note(tx, "c")], times=4)
        with store.transaction(write=False) as tx:
            entries = tx.read()

        assert [each.seq for each in entries] == [each.body["n"] for each in entries]
        assert len(entries) == 12


def _leave(store: Store, allowed: Callable[[Transaction, str], bool]) -> int:
    """Let two guards try to leave at once; return how many are there afterwards."""
    with store.transaction() as tx:
        for id in ("A", "B"):
            tx.put("guard", id, {"there": True}, index={"there": True})

    def leave(tx: Transaction, me: str, other: str) -> None:
        may = allowed(tx, other)
        time.sleep(_PAUSE)
        if may:
            tx.put("guard", me, {"there": False}, index={"there": False})

    _race(store, [lambda tx: leave(tx, "A", "B"), lambda tx: leave(tx, "B", "A")])
    with store.transaction(write=False) as tx:
        return len(tx.find("guard", {"there": True}).items)


def _race(store: Store, steps: list[Callable[[Transaction], None]], *, times: int = 1) -> None:
    """Take each step in a transaction and a thread of its own, all at once, and again on conflict."""
    together = threading.Barrier(len(steps))
    failures: list[BaseException] = []

    def run(step: Callable[[Transaction], None]) -> None:
        together.wait()
        left = times
        try:
            while left:
                try:
                    with store.transaction() as tx:
                        step(tx)
                except Conflict:
                    continue
                left -= 1
        except BaseException as error:  # noqa: BLE001 - it is raised again where the test sees it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
