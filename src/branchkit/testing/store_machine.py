"""A machine that drives stores through anything, in step with a model, and finds the shortest way to a difference."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from branchkit.errors import Conflict
from branchkit.storage import NewDocument, NewEntry, Store, Transaction, verify_chains
from branchkit.testing.store_model import StoreModel, essence

__all__ = ["Operation", "StoreMachine", "operations"]

Operation: TypeAlias = tuple[str, Mapping[str, Any]]
"""A method of a transaction and what to call it with."""

_START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

_kinds = st.sampled_from(["branch", "case"])
_ids = st.sampled_from(["A", "B", "网点"])
_bodies = st.dictionaries(
    st.sampled_from(["a", "b"]), st.none() | st.booleans() | st.integers() | st.text(), max_size=2
)
_scalars = st.sampled_from([None, True, False, 0, 1, "", "1", "open"])
_index = st.dictionaries(st.sampled_from(["state", "zone"]), _scalars, max_size=2)
_unique = st.sampled_from([{}, {"code": "1"}, {"code": "2"}])
_versions = st.sampled_from([None, None, 0, 1, 2])
_limits = st.integers(1, 4)
_moments = st.integers(0, 5).map(lambda hours: _START + dt.timedelta(hours=hours))
_events = st.builds(
    NewEntry,
    st.sampled_from(["Opened", "Closed"]),
    body=_bodies,
    command=st.sampled_from(["c-1", "c-2"]),
    at=st.just("2026-03-02T09:00:00+08:00"),
    recorded_at=st.just("2026-03-02T09:05:00+08:00"),
)
_rarely = st.sampled_from([False, False, False, True])
_streams = st.sampled_from(["case:1", "case:2"])
_keys = st.sampled_from(["k1", "k2", "k3"])
_documents = st.builds(NewDocument, kind=_kinds, id=_ids, body=_bodies, index=_index, unique=_unique)


def _call(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Operation]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


def operations() -> st.SearchStrategy[Operation]:
    """Draw one operation on a transaction, of any part of a store."""
    return st.one_of(_document_operations(), _journal_operations(), _other_operations(), questions())


def _document_operations() -> st.SearchStrategy[Operation]:
    return st.one_of(
        _call("put", kind=_kinds, id=_ids, body=_bodies, expect=_versions, index=_index, unique=_unique),
        _call("put", kind=_kinds, id=_ids, body=_bodies, index=_index, unique=_unique),
        _call("delete", kind=_kinds, id=_ids, expect=_versions),
        _call("expect", kind=_kinds, id=_ids, version=st.integers(0, 3)),
        _call(
            "replace_documents",
            documents=st.lists(_documents, max_size=3),
            kinds=st.none() | st.just(("branch", "case")),
        ),
    )


def _journal_operations() -> st.SearchStrategy[Operation]:
    return st.one_of(
        _call("append", stream=_streams, events=st.lists(_events, max_size=3), expect=_versions),
        _call("append", stream=_streams, events=st.lists(_events, max_size=5)),
    )


def _other_operations() -> st.SearchStrategy[Operation]:
    return st.one_of(
        _call("remember", command=_keys, digest=st.sampled_from(["d1", "d2"]), outcome=st.just({"ok": True})),
        _call("due_set", key=_keys, at=_moments, body=_bodies),
        _call("due_clear", key=_keys),
        _call("outbox_put", key=_keys, body=_bodies),
        _call("outbox_done", key=_keys),
        _call("seal", ref=_keys, value=st.sampled_from(["v1", "v2"]), key=st.just(b"secret")),
        _call("erase", ref=_keys),
    )


def questions() -> st.SearchStrategy[Operation]:
    """Draw one operation that changes nothing."""
    return st.one_of(
        _call("get", kind=_kinds, id=_ids),
        _call("find", kind=_kinds, where=_index, after=st.none() | _ids, limit=_limits),
        _call("kinds"),
        _call("read", stream=st.none() | _streams, after=st.integers(0, 4), limit=_limits),
        _call("stream_version", stream=_streams),
        _call("outcome", command=_keys),
        _call("due", until=_moments, limit=_limits),
        _call("outbox", after=st.integers(0, 2), limit=_limits),
        _call("unseal", ref=_keys),
    )


class StoreMachine(RuleBasedStateMachine):
    """Drives one or several stores in step; override `make_stores`, and `reopen` for stores that outlive a process."""

    class Abandoned(Exception):
        """Raised inside a transaction to roll it back."""

    def __init__(self) -> None:
        super().__init__()
        self.stores = self.make_stores()
        self.model = StoreModel()
        self.old: StoreModel | None = None
        self.readers: list[tuple[AbstractContextManager[Transaction], Transaction]] = []

    def make_stores(self) -> list[Store]:
        """Return new, empty stores that know the same algorithms and make checkpoints at the same places."""
        raise NotImplementedError

    def reopen(self, store: Store) -> Store:
        """Close a store and open it anew; one that cannot is returned as it is."""
        return store

    @rule(calls=st.lists(operations(), min_size=1, max_size=5), abandon=_rarely)
    def transact(self, calls: list[Operation], abandon: bool) -> None:
        """Do several things in one transaction, and commit it or not."""
        self._transact(calls, abandon=abandon)

    # Rules of their own, so that a run meets one part of a store often enough to find what is wrong with it.

    @rule(call=_document_operations())
    def change_documents(self, call: Operation) -> None:
        """Do one thing with documents."""
        self._transact([call], abandon=False)

    @rule(calls=st.lists(_journal_operations() | _other_operations(), min_size=1, max_size=3))
    def change_the_rest(self, calls: list[Operation]) -> None:
        """Do something beside documents."""
        self._transact(calls, abandon=False)

    def _transact(self, calls: list[Operation], *, abandon: bool) -> None:
        after = copy.deepcopy(self.model)
        expected: list[object] = []
        conflict = False
        for name, arguments in calls:
            try:
                expected.append(essence(getattr(after, name)(**arguments)))
            except Conflict:
                conflict = True
                break
        for store in self.stores:
            answers: list[object] = []
            raised: type[Exception] | None = None
            try:
                with store.transaction() as tx:
                    for name, arguments in calls:
                        answer = essence(getattr(tx, name)(**arguments))
                        answers.append(None if name == "seal" else answer)
                    if abandon:
                        raise self.Abandoned
            except (Conflict, self.Abandoned) as error:
                raised = type(error)
            if conflict:
                # A store whose writers overlap may say so only at the commit, which an abandoned one never reaches.
                assert raised is Conflict or abandon, f"{store.where}: Expected a Conflict at {calls[len(expected)]}"
            else:
                assert raised is (self.Abandoned if abandon else None), f"{store.where}: {raised} was not expected"
            assert expected == answers[: len(expected)], f"{store.where}: {calls}"
        if not (conflict or abandon):
            self.model = after

    @rule(call=questions())
    def ask(self, call: Operation) -> None:
        """Ask in a transaction that only reads."""
        name, arguments = call
        expected = essence(getattr(self.model, name)(**arguments))
        for store in self.stores:
            with store.transaction(write=False) as tx:
                assert expected == essence(getattr(tx, name)(**arguments)), f"{store.where}: {call}"

    @rule(kind=_kinds, where=_index, limit=_limits)
    def page(self, kind: str, where: Mapping[str, Any], limit: int) -> None:
        """Page through what is found."""
        expected = self.model.find(kind, where).items
        for store in self.stores:
            with store.transaction(write=False) as tx:
                page = tx.find(kind, where, limit=limit)
                found = list(page.items)
                while page.next is not None:
                    page = tx.find(kind, where, after=page.next, limit=limit)
                    found += page.items
            assert expected == tuple(found), store.where

    @precondition(lambda self: not self.readers)
    @rule()
    def begin_reading(self) -> None:
        """Begin to read, and go on while others write."""
        self.old = copy.deepcopy(self.model)
        for store in self.stores:
            reading = store.transaction(write=False)
            self.readers.append((reading, reading.__enter__()))

    @precondition(lambda self: bool(self.readers))
    @rule(call=questions())
    def ask_the_old_state(self, call: Operation) -> None:
        """Ask in the transaction that began before the others wrote."""
        name, arguments = call
        expected = essence(getattr(self.old, name)(**arguments))
        for store, (_, tx) in zip(self.stores, self.readers, strict=True):
            assert expected == essence(getattr(tx, name)(**arguments)), f"{store.where} moved under a reader: {call}"

    @precondition(lambda self: bool(self.readers))
    @rule()
    def end_reading(self) -> None:
        """End the transaction that reads."""
        for reading, _ in self.readers:
            reading.__exit__(None, None, None)
        self.readers = []

    @precondition(lambda self: not self.readers)
    @rule()
    def close_and_reopen(self) -> None:
        """Close every store and open it anew."""
        self.stores = [self.reopen(store) for store in self.stores]

    @invariant()
    def heads_agree(self) -> None:
        """All stores took the same commands, so they have the same head."""
        heads = set()
        for store in self.stores:
            with store.transaction(write=False) as tx:
                heads.add(tx.head())
                assert len(self.model.journal) == tx.tip().seq, store.where
        assert len(heads) == 1, "The stores have different heads"

    def teardown(self) -> None:
        """Verify what was written, and give the stores back."""
        self.end_reading()
        for store in self.stores:
            report = verify_chains(store)
            assert report.ok, f"{store.where}: {report.problems}"
            assert len(self.model.journal) == report.entries, store.where
            store.close()
