"""What core offers through the same hooks as every plug-in: two stores, two notifiers and five assignment policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchkit.plugins import (
    AssignmentPolicyRecord,
    BranchkitHooks,
    HookContext,
    NotifierRecord,
    StoreContext,
    StoreRecord,
)

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

    def branchkit_notifiers(self, context: HookContext) -> tuple[NotifierRecord, ...]:
        """Offer a log and a web hook."""
        from branchkit.kit.notifying import LOG, WEBHOOK

        return (LOG, WEBHOOK)

    def branchkit_assignment_policies(self, context: HookContext) -> tuple[AssignmentPolicyRecord, ...]:
        """Offer whose turn it is, who has least, whose share is due, and the same by skill and by field."""
        from branchkit.customers import ASSIGNMENT_SCHEMES

        return tuple(map(AssignmentPolicyRecord.of, ASSIGNMENT_SCHEMES.values()))


def _sqlite(context: StoreContext) -> Store:
    from branchkit.storage import open_sqlite

    return open_sqlite(context.url)


def _memory(context: StoreContext) -> Store:
    from branchkit.storage import MemoryStore

    return MemoryStore()
