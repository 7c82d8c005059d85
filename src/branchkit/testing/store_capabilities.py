"""The laws of what a store declares beyond the contract: it does what it declares, and refuses what it does not."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from branchkit.errors import StorageError, Unsupported
from branchkit.storage import Store
from branchkit.testing.laws import Laws

__all__ = ["CAPABILITIES", "StoreCapabilityLaws"]

CAPABILITIES = frozenset({"backup", "caller_transaction", "durable", "shared"})
"""What a store may declare; `branchkit.storage.contract` says what each means."""


class StoreCapabilityLaws(Laws):
    """A part of `branchkit.testing.stores.StoreLaws`; inherit that one."""

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        """Return a new, empty store."""
        raise NotImplementedError

    def reopen(self, store: Store) -> Store:
        """Close a store and open it anew; one that ends with the process is returned as it is."""
        return store

    def test_it_declares_what_there_is(self) -> None:
        """A store declares only capabilities that there are: a misspelt one would spare it the law that it means."""
        unknown = sorted(self.make_store().capabilities - CAPABILITIES)

        assert unknown == [], f"it declares {', '.join(unknown)}; there are: {', '.join(sorted(CAPABILITIES))}"

    def test_a_copy_is_written_once_or_refused(self) -> None:
        """Who declares ``backup`` writes a copy and never over another; who does not says `Unsupported`."""
        store = self.make_store()
        with store.transaction() as tx:
            tx.put("branch", "B-1", {"n": 1})
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "copy"
            if "backup" not in store.capabilities:
                with pytest.raises(Unsupported):
                    store.backup(str(target))
                assert not target.exists(), "it refuses to copy, and has written something"
                return
            store.backup(str(target))
            written = target.read_bytes()
            assert written, "the copy is empty"
            with pytest.raises(StorageError):
                store.backup(str(target))
            assert target.read_bytes() == written, "a second copy was written over the first one"

    def test_what_is_durable_is_there_again(self) -> None:
        """Who declares ``durable`` has what was committed when it is closed and opened anew."""
        store = self.make_store()
        if "durable" not in store.capabilities:
            self.nothing("the store does not declare durable")
        with store.transaction() as tx:
            tx.put("branch", "B-1", {"n": 1})
        again = self.reopen(store)
        if again is store:
            self.nothing("nobody says how to open the store anew")
        with again.transaction(write=False) as tx:
            found = tx.get("branch", "B-1")
        assert found is not None, "what was committed is gone"
        assert found.body == {"n": 1}, "what was committed is another thing now"
