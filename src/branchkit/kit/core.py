"""What core offers through the same hooks as every plug-in: its two stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchkit.plugins import BranchkitHooks, HookContext, StoreContext, StoreRecord

if TYPE_CHECKING:
    from branchkit.storage import Store

__all__ = ["CorePlugin"]


class CorePlugin(BranchkitHooks):
    """Core as a plug-in; its keys have no dot, and it cannot be turned off."""

    name = "branchkit"

    def branchkit_stores(self, context: HookContext) -> tuple[StoreRecord, ...]:
        """Offer the embedded database and the store that ends with the process."""
        return (
            StoreRecord("sqlite", version="1", schemes=("sqlite",), open=_sqlite),
            StoreRecord("memory", version="1", schemes=("memory",), open=_memory),
        )


def _sqlite(context: StoreContext) -> Store:
    from branchkit.storage import open_sqlite

    return open_sqlite(context.url)


def _memory(context: StoreContext) -> Store:
    from branchkit.storage import MemoryStore

    return MemoryStore()
