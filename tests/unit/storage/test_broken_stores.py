"""The laws catch stores that are broken in the ways stores get broken."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import Phase

from branchkit.errors import BranchkitError, Conflict, StorageError
from branchkit.storage import Entry, MemoryStore, NewEntry, Page, Store
from branchkit.storage.memory_transaction import MemoryTransaction
from branchkit.testing.store_machine import StoreMachine
from branchkit.testing.store_races import StoreRaces
from branchkit.testing.stores import StoreLaws


class _Broken(MemoryStore):
    """A store whose transactions pass through another hand."""

    hand: Callable[[MemoryTransaction], Any]

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[MemoryTransaction, None, None]:
        with super().transaction(write=write) as tx:
            yield type(self).hand(tx)


class _Hand:
    """Passes everything on as it is."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)


class _NoUnique(_Hand):
    def put(self, *args: Any, unique: Mapping[str, str] = {}, **named: Any) -> int:
        return self._tx.put(*args, **named)


class _NoReadSet(_Hand):
    def put(self, *args: Any, expect: int | None = None, **named: Any) -> int:
        return self._tx.put(*args, **named)

    def expect(self, kind: str, id: str, version: int) -> None:
        return None


class _StalePaging(_Hand):
    def find(self, kind: str, where: Mapping[str, Any], *, after: str | None = None, limit: int = 500) -> Page:
        page = self._tx.find(kind, where, after=None, limit=10_000)
        start = 0 if after is None else 1 + next((n for n, each in enumerate(page.items) if each.id == after), 0)
        items = page.items[start : start + limit]
        return Page(items, items[-1].id if start + limit < len(page.items) else None)


class _LooseTypes(_Hand):
    def find(self, kind: str, where: Mapping[str, Any], **named: Any) -> Page:
        return self._tx.find(kind, {k: 1 if v is True else v for k, v in where.items()}, **named)


class _ForgetfulDelete(_Hand):
    def delete(self, kind: str, id: str, *, expect: int | None = None) -> None:
        self._tx.delete(kind, id, expect=expect)
        self._tx._put("documents", (kind, id), None)


class _AnyStream(_Hand):
    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        return self._tx.append(stream, events)


class _ChattyOutbox(_Hand):
    def outbox_put(self, key: str, body: Mapping[str, Any]) -> bool:
        self._tx._put("outbox_key", (key,), None)
        return self._tx.outbox_put(key, body)


class _LateDue(_Hand):
    def due(self, until: Any, *, limit: int = 1000) -> Any:
        return tuple(row for row in self._tx.due(until, limit=limit) if row.at < until)


class _KeepsErased(_Hand):
    def erase(self, ref: str) -> bool:
        return self._tx._get("sealed", (ref,)) is not None


class _TextsOfC(_Hand):
    def get(self, kind: str, id: str) -> Any:
        return self._tx.get(kind, id.partition("\0")[0])

    def seal(self, ref: str, value: str, key: bytes) -> str:
        return self._tx.seal(ref, value.partition("\0")[0], key)


class _ShortKeys(_Hand):
    def due_set(self, key: str, at: Any, body: Mapping[str, Any]) -> None:
        if len(key) > 255:
            raise StorageError("short", "the key is too long")
        self._tx.due_set(key, at, body)


class _NoRollback(MemoryStore):
    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[MemoryTransaction, None, None]:
        raised: BaseException | None = None
        with super().transaction(write=write) as tx:
            try:
                yield tx
            except (AssertionError, ZeroDivisionError, Conflict, StoreMachine.Abandoned) as error:
                raised = error
        if raised is not None:
            raise raised


class _NoSnapshot(MemoryStore):
    def _keep_for_readers(self, name: str, key: tuple[Any, ...], older: object) -> None:
        return None


class _LosesUpdates(MemoryStore):
    """Writes each step in a transaction of its own, on what was read in another one."""

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[Any, None, None]:
        later: list[tuple[Any, ...]] = []
        with super().transaction(write=False) as tx:
            hand = _Hand(tx)
            hand.__dict__["put"] = lambda *args, **named: later.append(("put", args, named))
            hand.__dict__["append"] = lambda *args, **named: later.append(("append", args, named))
            hand.__dict__["remember"] = lambda *args, **named: later.append(("remember", args, named))
            yield hand
        if later:
            with super().transaction() as tx:
                for name, args, named in later:
                    getattr(tx, name)(*args, **named)


def _through(kind: type[_Hand]) -> type[MemoryStore]:
    return type(f"_Store{kind.__name__}", (_Broken,), {"hand": kind})


_RACES = sorted(name for name in vars(StoreRaces) if name.startswith("test_"))
_MODEL = "test_it_does_what_a_dictionary_would"
_CASES: list[tuple[type[MemoryStore], list[str]]] = [
    (_through(_NoUnique), ["test_a_unique_key_has_one_holder", _MODEL]),
    (_through(_NoReadSet), ["test_a_stale_expectation_is_a_conflict", _MODEL]),
    (_through(_StalePaging), ["test_pages_follow_one_another"]),
    (_through(_LooseTypes), ["test_index_values_are_told_apart_by_type"]),
    (_through(_ForgetfulDelete), ["test_a_version_never_comes_twice"]),
    (_through(_AnyStream), ["test_a_stream_is_read_from_any_version", _MODEL]),
    (_through(_ChattyOutbox), ["test_a_message_is_told_once", _MODEL]),
    (_through(_LateDue), ["test_what_is_due_comes_in_order_and_moves", _MODEL]),
    (_through(_KeepsErased), ["test_a_reference_is_never_used_again", _MODEL]),
    (_NoRollback, ["test_an_exception_leaves_nothing", "test_no_number_is_lost_to_a_rollback", _MODEL]),
    (_NoSnapshot, ["test_a_reader_sees_one_state", _MODEL]),
    (_LosesUpdates, _RACES),
    (_through(_TextsOfC), ["test_every_text_is_kept_as_it_is"]),
    (_through(_ShortKeys), ["test_a_key_may_be_long"]),
]


@pytest.mark.parametrize(
    ("kind", "law"),
    [(kind, law) for kind, laws in _CASES for law in laws],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_a_broken_store_breaks_a_law(kind: type[MemoryStore], law: str) -> None:
    """A store with this fault does not pass this law, and the sound one does."""

    class Laws(StoreLaws):
        examples = 400
        phases = (Phase.generate,)
        derandomize = True

        def __init__(self, made: type[MemoryStore]) -> None:
            self.made = made

        def make_store(self, *, checkpoint_every: int = 1000) -> Store:
            return self.made(checkpoint_every=checkpoint_every)

    with pytest.raises((AssertionError, BranchkitError, pytest.fail.Exception)):
        getattr(Laws(kind), law)()
    if law != _MODEL:
        getattr(Laws(MemoryStore), law)()
