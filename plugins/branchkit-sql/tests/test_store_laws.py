"""The PostgreSQL store keeps every law of stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from branchkit_sql import open_postgresql
from branchkit_sql.store import PostgresStore
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from branchkit.storage import MemoryStore, Store
from branchkit.testing.store_hammer import Opener
from branchkit.testing.store_machine import StoreMachine
from branchkit.testing.stores import StoreLaws


class TestPostgresStore(StoreLaws):
    """Every law, on a server."""

    examples = 10

    @pytest.fixture(autouse=True)
    def _server(self, new_address: Callable[[], str]) -> Iterator[None]:
        self.new_address = new_address
        self.made: dict[PostgresStore, str] = {}
        yield
        for store in self.made:
            store.close()

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        return self._open(self.new_address(), checkpoint_every)

    def reopen(self, store: Store) -> Store:
        assert isinstance(store, PostgresStore)
        store.close()
        return self._open(self.made.pop(store), 1000)

    def opener(self, store: Store) -> Opener:
        assert isinstance(store, PostgresStore)
        return partial(open_postgresql, self.made[store], patience=60)

    def _open(self, address: str, checkpoint_every: int) -> Store:
        store = open_postgresql(address, checkpoint_every=checkpoint_every)
        self.made[store] = address
        return store


def test_it_ends_with_the_same_head_as_memory(new_address: Callable[[], str]) -> None:
    """Driven in step with the store in memory, it answers the same and ends with the same head."""

    class Machine(StoreMachine):
        def make_stores(self) -> list[Store]:
            self.address = new_address()
            return [MemoryStore(checkpoint_every=3), open_postgresql(self.address, checkpoint_every=3)]

        def reopen(self, store: Store) -> Store:
            if isinstance(store, MemoryStore):
                return store
            store.close()
            return open_postgresql(self.address)

    run_state_machine_as_test(  # type: ignore[no-untyped-call,unused-ignore]  # not annotated in every Hypothesis
        Machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
        ),
    )
