"""Each law of a store catches a store that breaks it: those that `test_broken_stores` has no fault for have it here."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from branchkit.errors import BranchkitError, StorageError
from branchkit.storage import Entry, MemoryStore, NewDocument, NewEntry, Replaced, Store
from branchkit.storage.memory_transaction import MemoryTransaction
from branchkit.testing.laws import law_names
from branchkit.testing.stores import StoreLaws
from tests.unit.storage import test_broken_stores as others


class Hand:
    """Passes everything on as it is."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)


class GivesItself(Hand):
    """Gives out the body that it keeps."""

    def __init__(self, tx: MemoryTransaction) -> None:
        super().__init__(tx)
        self.kept: dict[tuple[str, str, int], Any] = {}

    def get(self, kind: str, id: str) -> Any:
        found = self._tx.get(kind, id)
        if found is None:
            return None
        body = self.kept.setdefault((kind, id, found.version), found.body)
        return SimpleNamespace(kind=kind, id=id, version=found.version, body=body)


class TakesAnything(Hand):
    def put(self, kind: str, id: str, body: Mapping[str, Any], **named: Any) -> int:
        try:
            return self._tx.put(kind, id, body, **named)
        except StorageError:
            return self._tx.put(kind, id, {"odd": True}, **named)


class OnlyAdds(Hand):
    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Any = None) -> Replaced:
        added = [self._tx.put(one.kind, one.id, one.body, unique=one.unique) for one in documents]
        return Replaced(added=len(added))


class CommitsHalf(Hand):
    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Any = None) -> Replaced:
        try:
            return self._tx.replace_documents(documents, kinds=kinds)
        finally:
            self._tx._doomed = False


class Undying(Hand):
    def __init__(self, tx: MemoryTransaction) -> None:
        super().__init__(tx)
        tx.end = lambda: None  # type: ignore[method-assign]  # that is the fault


class WritesAnyway(Hand):
    def __init__(self, tx: MemoryTransaction) -> None:
        super().__init__(tx)
        tx._write = True


class CountsWithin(Hand):
    """Lets the journal tell how it was batched."""

    appended = 0

    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        self.appended += 1
        told = [NewEntry(one.kind, body={**one.body, "at": self.appended}, command=one.command, at=one.at,
                         recorded_at=one.recorded_at) for one in events]  # fmt: skip
        return self._tx.append(stream, told, expect=expect)


class Tampers(Hand):
    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        entries = self._tx.append(stream, events, expect=expect)
        for entry in entries[-1:]:
            self._tx._put("journal", (entry.seq,), attrs.evolve(entry, command="another"))
        return entries


class RemembersLast(Hand):
    def remember(self, command: str, digest: str, outcome: Mapping[str, Any]) -> None:
        self._tx._put("outcomes", (command,), None)
        self._tx.remember(command, digest, outcome)


SABOTEURS: dict[str, Callable[[MemoryTransaction], Hand]] = {
    "test_what_is_given_out_is_a_copy": GivesItself,
    "test_a_body_that_is_not_plain_is_refused": TakesAnything,
    "test_replacing_the_documents_leaves_exactly_the_new_ones": OnlyAdds,
    "test_a_replacement_that_failed_cannot_be_committed": CommitsHalf,
    "test_a_transaction_ends_with_its_block": Undying,
    "test_a_reading_transaction_writes_nothing": WritesAnyway,
    "test_the_head_does_not_depend_on_batching": CountsWithin,
    "test_what_was_written_verifies": Tampers,
    "test_a_command_has_one_outcome": RemembersLast,
}


def laws(hand: Callable[[MemoryTransaction], Hand]) -> StoreLaws:
    class Broken(MemoryStore):
        @contextmanager
        def transaction(self, *, write: bool = True) -> Generator[Any, None, None]:
            with super().transaction(write=write) as tx:
                yield hand(tx)

    class Tried(StoreLaws):
        phases = (Phase.generate,)
        derandomize = True

        def make_store(self, *, checkpoint_every: int = 1000) -> Store:
            return Broken(checkpoint_every=checkpoint_every)

    return Tried()


class Boasts(MemoryStore):
    """Declares what there is not."""

    capabilities = frozenset({"back-up"})


class CopiesNothing(MemoryStore):
    """Declares that it copies, and writes nothing."""

    capabilities = frozenset({"backup"})

    def backup(self, target: str) -> None:
        Path(target).write_bytes(b"")


class CopiesOver(MemoryStore):
    """Writes a second copy over the first one."""

    capabilities = frozenset({"backup"})

    def backup(self, target: str) -> None:
        Path(target).write_bytes(b"copy" if not Path(target).exists() else b"another")


class CopiesUndeclared(MemoryStore):
    """Copies without a word of it."""

    def backup(self, target: str) -> None:
        Path(target).write_bytes(b"copy")


class Forgets(MemoryStore):
    """Declares that what it keeps lasts."""

    capabilities = frozenset({"durable"})


DECLARING: tuple[tuple[str, type[MemoryStore]], ...] = (
    ("test_it_declares_what_there_is", Boasts),
    ("test_a_copy_is_written_once_or_refused", CopiesNothing),
    ("test_a_copy_is_written_once_or_refused", CopiesOver),
    ("test_a_copy_is_written_once_or_refused", CopiesUndeclared),
    ("test_what_is_durable_is_there_again", Forgets),
)


@pytest.mark.parametrize(("law", "store"), DECLARING)
def test_a_store_that_declares_wrongly_is_caught(law: str, store: type[MemoryStore]) -> None:
    """A store is held to what it declares, and to what it does not."""

    class Tried(StoreLaws):
        def make_store(self, *, checkpoint_every: int = 1000) -> Store:
            return store(checkpoint_every=checkpoint_every)

        def reopen(self, store: Store) -> Store:
            return MemoryStore()

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(Tried(), law)()


def test_every_law_has_its_saboteur() -> None:
    """Each law of a store is caught breaking here or in `test_broken_stores`."""
    elsewhere = {law for _, names in others._CASES for law in names} | {law for law, _ in DECLARING}

    assert set() == set(law_names(StoreLaws)) - elsewhere - set(SABOTEURS)


@pytest.mark.parametrize("law", SABOTEURS)
def test_a_broken_store_breaks_its_law(law: str) -> None:
    """The law that a store breaks says so, and a hand that changes nothing keeps it."""
    getattr(laws(Hand), law)()

    with pytest.raises((AssertionError, BranchkitError, pytest.fail.Exception)):
        getattr(laws(SABOTEURS[law]), law)()
