"""The laws of a store: inherit `StoreLaws`, say how to make a store, and run pytest.

::

    class TestOurStore(StoreLaws):
        def make_store(self, *, checkpoint_every=1000):
            return OurStore(new_database(), checkpoint_every=checkpoint_every)
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from branchkit.errors import Conflict, StorageError
from branchkit.storage import NewDocument, NewEntry, Plain, Remembered, Replaced, Store, Transaction, verify_chains
from branchkit.testing.store_capabilities import StoreCapabilityLaws
from branchkit.testing.store_machine import StoreMachine
from branchkit.testing.store_races import StoreRaces, some_entries

__all__ = ["StoreLaws", "some_entries"]

_NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


_ODD = (
    "a\0b",
    "a\1\1b",
    "a\1\2b",
    "\0",
    "\1",
    "'\"\\%:?{}",
    " ",
    "\r\n",
    "A",
    "a",
    "網点",
    "网点",
    "e\u0301",
    "é",
    "\uffff",
    "𠮷",
)
"""Texts that a store may mistake for one another, or put in another order than that of their code points."""
_LONG = "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(10))[:600]
"""As long as a store must take it, and not to be compressed by much."""


class StoreLaws(StoreRaces, StoreCapabilityLaws):
    """What every store must do; one test a law."""

    examples = 25
    """How many runs the machine makes."""
    phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink)
    """What the machine does; without `Phase.shrink` a failure is shown sooner and longer."""
    derandomize = False
    """Whether every run of the machine is the same."""

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        """Return a new, empty store."""
        raise NotImplementedError

    def reopen(self, store: Store) -> Store:
        """Close a store and open it anew; one that ends with the process is returned as it is."""
        return store

    def test_it_does_what_a_dictionary_would(self) -> None:
        """Through anything that can be done, the store answers as a plain model does."""
        laws = self

        class Machine(StoreMachine):
            def make_stores(self) -> list[Store]:
                return [laws.make_store(checkpoint_every=3)]

            def reopen(self, store: Store) -> Store:
                return laws.reopen(store)

        run_state_machine_as_test(  # type: ignore[no-untyped-call,unused-ignore]  # not annotated in every Hypothesis
            Machine,
            settings=settings(
                max_examples=self.examples,
                stateful_step_count=12,
                deadline=None,
                database=None,
                phases=self.phases,
                report_multiple_bugs=False,
                derandomize=self.derandomize,
                suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
            ),
        )

    # -- documents

    def test_an_exception_leaves_nothing(self) -> None:
        """A transaction that raises has written nothing of anything."""
        store = self.make_store()

        with pytest.raises(ZeroDivisionError), store.transaction() as tx:  # noqa: PT012 - the block is what is tested
            _write_everything(tx)
            raise ZeroDivisionError
        with store.transaction(write=False) as tx:
            left: list[object] = [
                tx.get("branch", "B"),
                tx.find("branch", {"s": 1}).items,
                tx.read(),
                tx.tip().seq,
                tx.outcome("c"),
            ]
            left += [tx.due(_NOON), tx.outbox(), tx.unseal("r"), tx.stream_version("s")]
        with store.transaction() as tx:
            _write_everything(tx)

        assert left == [None, (), (), 0, None, (), (), None, 0]

    def test_a_stale_expectation_is_a_conflict(self) -> None:
        """Who writes what somebody else changed since is told which document it was, and writes nothing."""
        store = self.make_store()
        _put(store, "B-1", {"n": 1})
        with store.transaction(write=False) as tx:
            seen = tx.get("branch", "B-1")
        _put(store, "B-1", {"n": 2})

        assert seen is not None
        for use in ("put", "expect", "delete"):
            with pytest.raises(Conflict) as caught, store.transaction() as tx:  # noqa: PT012 - as above
                tx.put("branch", "B-2", {})
                if use == "put":
                    tx.put("branch", "B-1", {"n": 3}, expect=seen.version)
                elif use == "expect":
                    tx.expect("branch", "B-1", seen.version)
                else:
                    tx.delete("branch", "B-1", expect=seen.version)
            assert "branch" in str(caught.value)
            assert "B-1" in str(caught.value)
        with store.transaction(write=False) as tx:
            assert [(each.id, each.body) for each in tx.find("branch", {}).items] == [("B-1", {"n": 2})]

    def test_a_unique_key_has_one_holder(self) -> None:
        """A key that is taken is a conflict that names the holder; it is free again when the holder lets it go."""
        store = self.make_store()
        _put(store, "B-1", {}, unique={"code": "400832"})

        with pytest.raises(Conflict) as caught:
            _put(store, "B-2", {}, unique={"code": "400832"})
        assert "code" in str(caught.value)
        assert "B-1" in str(caught.value)
        with store.transaction() as tx:
            tx.put("zone", "Z-1", {}, unique={"code": "400832"})
        _put(store, "B-1", {})
        _put(store, "B-2", {}, unique={"code": "400832"})
        with store.transaction() as tx:
            tx.delete("branch", "B-2")
        _put(store, "B-3", {}, unique={"code": "400832"})

    def test_a_version_never_comes_twice(self) -> None:
        """A document put anew after a delete goes on counting, so that nobody mistakes it for the one before."""
        store = self.make_store()
        _put(store, "B-1", {})
        with store.transaction() as tx:
            tx.delete("branch", "B-1")

        with store.transaction() as tx:
            assert tx.put("branch", "B-1", {}, expect=0) == 2

    def test_index_values_are_told_apart_by_type(self) -> None:
        """True, 1, "1" and None are four values, and a field that was not declared is none of them."""
        store = self.make_store()
        for id, value in (("bool", True), ("int", 1), ("none", None), ("text", "1")):
            with store.transaction() as tx:
                tx.put("branch", id, {}, index={"state": value})
        _put(store, "undeclared", {})

        for id, value in (("bool", True), ("int", 1), ("none", None), ("text", "1")):
            with store.transaction(write=False) as tx:
                assert [id] == [each.id for each in tx.find("branch", {"state": value}).items]

    def test_pages_follow_one_another(self) -> None:
        """Paging by several fields gives each match once, in the order of ids, however many were removed on the way."""
        store = self.make_store()
        with store.transaction() as tx:
            for n in range(50):
                tx.put("case", f"C-{n:02}", {"n": n}, index={"open": n % 2 == 0, "zone": n % 5})

        found: list[str] = []
        after = None
        while True:
            with store.transaction() as tx:
                page = tx.find("case", {"open": True, "zone": 0}, after=after, limit=2)
                found += [each.id for each in page.items]
                for each in page.items:
                    tx.delete("case", each.id)
            after = page.next
            if after is None:
                break

        assert found == ["C-00", "C-10", "C-20", "C-30", "C-40"]

    def test_what_is_given_out_is_a_copy(self) -> None:
        """Changing a body after it was put or got changes nothing in the store."""
        store = self.make_store()
        body = {"list": [1]}
        _put(store, "B-1", body)
        body["list"].append(2)

        with store.transaction(write=False) as tx:
            seen = tx.get("branch", "B-1")
            assert seen is not None
            seen.body["list"].append(3)
            assert seen.body == {"list": [1]}

    def test_every_text_is_kept_as_it_is(self) -> None:
        """Any text comes back as it was given, told apart from all others, in the order of code points."""
        store = self.make_store()
        with store.transaction() as tx:
            for odd in _ODD:
                tx.put("case", odd, {odd: odd}, index={odd: odd}, unique={odd: odd})
                tx.put(odd, "X", {})
                tx.append(odd, [NewEntry(odd, body={odd: odd}, command=odd, at=odd, recorded_at=odd)])
                tx.remember(odd, odd, {odd: odd})
                tx.due_set(odd, _NOON, {odd: odd})
                tx.outbox_put(odd, {odd: odd})
                tx.seal(odd, odd, b"key")

        store = self.reopen(store)
        ordered = sorted(_ODD)
        with store.transaction(write=False) as tx:
            assert ordered == [each.id for each in tx.find("case", {}).items]
            assert sorted([*_ODD, "case"]) == list(tx.kinds())
            assert ordered == [each.key for each in tx.due(_NOON)]
            assert ordered == [each.ref for each in tx.sealed()]
            assert list(_ODD) == [each.key for each in tx.outbox()]
            for odd in _ODD:
                found = tx.get("case", odd)
                assert found is not None
                assert {odd: odd} == found.body
                assert [odd] == [each.id for each in tx.find("case", {odd: odd}).items]
                (entry,) = tx.read(stream=odd)
                assert (odd,) * 4 == (entry.kind, entry.command, entry.at, entry.recorded_at)
                assert tx.outcome(odd) == Remembered(odd, odd, found.text)
                assert odd == tx.unseal(odd)
        for odd in _ODD:
            with pytest.raises(Conflict), store.transaction() as tx:
                tx.put("case", "another", {}, unique={odd: odd})
        assert verify_chains(store).ok

    def test_a_key_may_be_long(self) -> None:
        """Whatever something is kept or found under may have 600 bytes."""
        store = self.make_store()
        with store.transaction() as tx:
            tx.put(_LONG, _LONG, {}, index={_LONG: _LONG}, unique={_LONG: _LONG})
            tx.append(_LONG, some_entries(1))
            tx.remember(_LONG, "digest", {})
            tx.due_set(_LONG, _NOON, {})
            tx.outbox_put(_LONG, {})
            tx.seal(_LONG, "value", b"key")

        with store.transaction(write=False) as tx:
            assert [each.id for each in tx.find(_LONG, {_LONG: _LONG}).items] == [_LONG]

    def test_a_body_that_is_not_plain_is_refused(self) -> None:
        """A body that JSON cannot say, or UTF-8 cannot write, is refused without repeating it."""
        store = self.make_store()

        for body in ({"x": object()}, {"x": float("nan")}, {"x": "\ud800"}):
            with pytest.raises(StorageError) as caught, store.transaction() as tx:
                tx.put("branch", "B-1", body)
            assert "B-1" in str(caught.value)
        with store.transaction(write=False) as tx:
            assert tx.get("branch", "B-1") is None

    def test_replacing_the_documents_leaves_exactly_the_new_ones(self) -> None:
        """What is the same keeps its version, what is not named goes, and keys may change hands."""
        store = self.make_store()
        _put(store, "A", {"n": 1}, unique={"code": "1"})
        _put(store, "B", {"n": 1}, unique={"code": "2"})
        _put(store, "C", {"n": 1})
        _put(store, "D", {"n": 1})
        with store.transaction() as tx:
            tx.put("zone", "Z", {})

        with store.transaction() as tx:
            new = [
                NewDocument(kind="branch", id="A", body={"n": 1}, unique={"code": "2"}),
                NewDocument(kind="branch", id="B", body={"n": 1}, unique={"code": "1"}),
                NewDocument(kind="branch", id="C", body={"n": 1}),
                NewDocument(kind="branch", id="E", body={"n": 1}),
            ]
            done = tx.replace_documents(iter(new), kinds=["branch"])
            again = tx.replace_documents(iter(new), kinds=["branch"])

        assert Replaced(kept=1, changed=2, added=1, removed=1) == done
        assert Replaced(kept=4) == again
        with store.transaction(write=False) as tx:
            versions = [(each.id, each.version) for each in tx.find("branch", {}).items]
            assert versions == [("A", 2), ("B", 2), ("C", 1), ("E", 1)]
            assert tx.kinds() == ("branch", "zone")

    def test_a_replacement_that_failed_cannot_be_committed(self) -> None:
        """When the new documents contradict one another, the old ones stay, even if the error is swallowed."""
        store = self.make_store()
        _put(store, "A", {"n": 1})
        twice = [NewDocument(kind="branch", id="B", body={}), NewDocument(kind="branch", id="B", body={})]

        with pytest.raises(StorageError), store.transaction() as tx, pytest.raises(Conflict):
            tx.replace_documents(twice)
        with store.transaction(write=False) as tx:
            assert [each.id for each in tx.find("branch", {}).items] == ["A"]

    # -- transactions

    def test_a_reader_sees_one_state(self) -> None:
        """Who began to read before a commit sees nothing of it, in any part of the store."""
        store = self.make_store()

        with store.transaction(write=False) as old:
            with store.transaction() as tx:
                _write_everything(tx)
            seen: list[object] = [old.get("branch", "B"), old.find("branch", {"s": 1}).items, old.read(), old.tip().seq]
            seen += [old.outcome("c"), old.due(_NOON), old.outbox(), old.unseal("r")]

        assert seen == [None, (), (), 0, None, (), (), None]

    def test_a_transaction_ends_with_its_block(self) -> None:
        """After its block a transaction refuses everything."""
        store = self.make_store()
        with store.transaction() as tx:
            _write_everything(tx)

        with pytest.raises(StorageError):
            tx.get("branch", "B")
        with pytest.raises(StorageError):
            tx.put("branch", "B", {})
        with pytest.raises(StorageError):
            tx.stream_version("s")

    def test_a_reading_transaction_writes_nothing(self) -> None:
        """Every writing method is refused where a transaction only reads."""
        store = self.make_store()

        with store.transaction(write=False) as tx:
            for write in (
                lambda: tx.put("branch", "B", {}),
                lambda: tx.delete("branch", "B"),
                lambda: tx.append("s", some_entries(1)),
                lambda: tx.remember("c", "d", {}),
                lambda: tx.due_set("k", _NOON, {}),
                lambda: tx.due_clear("k"),
                lambda: tx.outbox_put("k", {}),
                lambda: tx.outbox_done("k"),
                lambda: tx.seal("r", "v", b"k"),
                lambda: tx.erase("r"),
                lambda: tx.replace_documents([]),
            ):
                with pytest.raises(StorageError):
                    write()

    # -- journal

    def test_the_head_does_not_depend_on_batching(self) -> None:
        """One entry a transaction or all in one: the same journal, the same checkpoints, the same head."""
        heads, seals = set(), set()
        for batches in ([1] * 25, [25], [7, 11, 7]):
            store = self.make_store(checkpoint_every=10)
            entries = iter(some_entries(25))
            for batch in batches:
                with store.transaction() as tx:
                    for _ in range(batch):
                        event = next(entries)
                        tx.append(f"case:{event.body['n'] % 3}", [event])
            with store.transaction(write=False) as tx:
                heads.add(tx.head())
                seals.add(tx.checkpoints())

        assert len(heads) == 1
        assert len(seals) == 1
        assert [each.seq for each in seals.pop()] == [10, 20]

    def test_a_stream_is_read_from_any_version(self) -> None:
        """A stream gives its own entries, linked to one another, and a stale expectation is a conflict."""
        store = self.make_store()
        with store.transaction() as tx:
            tx.append("a", some_entries(3), expect=0)
            tx.append("b", some_entries(2))
            tx.append("a", some_entries(2), expect=3)

        with pytest.raises(Conflict), store.transaction() as tx:
            tx.append("a", some_entries(1), expect=3)
        with store.transaction(write=False) as tx:
            entries = tx.read(stream="a")
            assert [(each.version, each.seq) for each in entries] == [(1, 1), (2, 2), (3, 3), (4, 6), (5, 7)]
            assert [each.hash for each in entries[:-1]] == [each.previous for each in entries[1:]]
            assert entries[3:4] == tx.read(stream="a", after=3, limit=1)

    def test_no_number_is_lost_to_a_rollback(self) -> None:
        """The journal is numbered without holes, whatever was rolled back."""
        store = self.make_store()
        for fails in (False, True, False):
            try:
                with store.transaction() as tx:
                    tx.append("s", some_entries(2))
                    if fails:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue

        with store.transaction(write=False) as tx:
            assert [each.seq for each in tx.read()] == [1, 2, 3, 4]

    def test_what_was_written_verifies(self) -> None:
        """A store that nobody tampered with verifies, and what was erased is counted."""
        store = self.make_store(checkpoint_every=4)
        with store.transaction() as tx:
            tx.append("a", some_entries(7))
            tx.append("b", some_entries(7))
            tx.seal("r1", "value", b"key")
            tx.seal("r2", "value", b"key")
        with store.transaction() as tx:
            assert tx.erase("r2")

        report = verify_chains(self.reopen(store))

        assert (report.ok, report.entries, report.checkpoints, report.sealed, report.erased) == (True, 14, 3, 1, 1)

    # -- due index, outbox, sealed values

    def test_what_is_due_comes_in_order_and_moves(self) -> None:
        """The earliest comes first, then by key; the bound is included; a key has one time."""
        store = self.make_store()
        hour = dt.timedelta(hours=1)
        shanghai = dt.timezone(dt.timedelta(hours=8))
        with store.transaction() as tx:
            tx.due_set("b", _NOON.astimezone(shanghai), {"n": 1})
            tx.due_set("a", _NOON, {})
            tx.due_set("c", _NOON - hour, {})
            tx.due_set("d", _NOON + dt.timedelta(microseconds=1), {})
            tx.due_set("c", _NOON + hour, {})

        with store.transaction(write=False) as tx:
            assert [(r.key, r.at, r.body) for r in tx.due(_NOON)] == [("a", _NOON, {}), ("b", _NOON, {"n": 1})]
            assert [row.key for row in tx.due(_NOON + hour)] == ["a", "b", "d", "c"]
        with pytest.raises(StorageError), store.transaction() as tx:
            tx.due_set("e", dt.datetime(2026, 3, 2), {})  # noqa: DTZ001 - a time without a zone is what is refused

    def test_a_message_is_told_once(self) -> None:
        """A key is put once for ever, and marked as done once."""
        store = self.make_store()
        with store.transaction() as tx:
            answers = [tx.outbox_put("m1", {"n": 1}), tx.outbox_put("m2", {}), tx.outbox_put("m1", {"n": 2})]
            answers += [tx.outbox_done("m1"), tx.outbox_done("m1"), tx.outbox_put("m1", {}), tx.outbox_done("m9")]
            waiting = tx.outbox()

        assert answers == [True, True, False, True, False, False, False]
        assert [(each.seq, each.key, each.body) for each in waiting] == [(2, "m2", {})]

    def test_a_reference_is_never_used_again(self) -> None:
        """A sealed reference takes no other value, and none after it was erased."""
        store = self.make_store()
        with store.transaction() as tx:
            first, same = tx.seal("r", "value", b"key"), tx.seal("r", "value", b"key")

        assert first == same
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.seal("r", "other", b"key")
        with store.transaction() as tx:
            assert [tx.erase("r"), tx.erase("r")] == [True, False]
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.seal("r", "value", b"key")
        with store.transaction(write=False) as tx:
            assert [(each.value, each.key) for each in tx.sealed()] == [(None, None)]

    def test_a_command_has_one_outcome(self) -> None:
        """What came of a command is kept with its digest, and remembered once."""
        store = self.make_store()
        with store.transaction() as tx:
            tx.remember("c", "digest", {"case": "C-1"})
            tx.remember("c", "digest", {"case": "C-1"})

        with pytest.raises(Conflict), store.transaction() as tx:
            tx.remember("c", "another", {"case": "C-1"})
        with store.transaction(write=False) as tx:
            kept = tx.outcome("c")
            assert kept is not None
            assert (kept.digest, kept.outcome) == ("digest", {"case": "C-1"})


def _put(store: Store, id: str, body: Plain, unique: Mapping[str, str] = {}) -> None:
    with store.transaction() as tx:
        tx.put("branch", id, body, unique=unique)


def _write_everything(tx: Transaction) -> None:
    tx.put("branch", "B", {"n": 1}, index={"s": 1}, unique={"code": "1"})
    tx.append("s", some_entries(2))
    tx.remember("c", "d", {})
    tx.due_set("k", _NOON, {})
    tx.outbox_put("k", {})
    tx.seal("r", "v", b"k")
