"""What the plug-in offers: one kind of store."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from branchkit.errors import ConfigError
from branchkit.plugins import BranchkitHooks, HookContext, StoreContext, StoreRecord

if TYPE_CHECKING:
    from branchkit.storage.contract import Store

__all__ = ["SETTINGS", "SqlStores"]

SETTINGS: Mapping[str, tuple[type, ...]] = {
    "checkpoint_every": (int,),
    "connections": (int,),
    "patience": (int, float, Decimal),
}
"""What a configuration may set for this plug-in, and as what; see `branchkit_sql.open_postgresql` for the meaning."""


class SqlStores(BranchkitHooks):
    """Stores on SQL servers."""

    name = "sql"
    api = 1

    def branchkit_stores(self, context: HookContext) -> tuple[StoreRecord, ...]:
        """Offer PostgreSQL."""
        return (StoreRecord("sql.postgresql", version="1", schemes=("postgresql",), open=_open),)


def _open(context: StoreContext) -> Store:
    from branchkit_sql import open_postgresql

    options: dict[str, Any] = {}
    for name, value in context.settings.items():
        where = f"plugin sql, settings.{name}"
        if name not in SETTINGS:
            raise ConfigError(where, f"Unknown setting; there are: {', '.join(sorted(SETTINGS))}")
        if isinstance(value, bool) or not isinstance(value, SETTINGS[name]):
            raise ConfigError(where, "Expected a number" if name == "patience" else "Expected a whole number")
        options[name] = float(value) if isinstance(value, Decimal) else value
    return open_postgresql(context.url, **options)
