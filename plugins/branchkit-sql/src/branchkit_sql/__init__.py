"""branchkit-sql: branchkit's store on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from branchkit.storage.algorithms import SHA256, HashAlgorithm
from branchkit_sql.hooks import SqlStores

if TYPE_CHECKING:
    from branchkit_sql.store import PostgresStore

__all__ = ["SqlStores", "open_postgresql", "plugin"]

plugin = SqlStores()
"""What the entry point names."""


def open_postgresql(
    location: str,
    *,
    checkpoint_every: int = 1000,
    algorithms: Iterable[HashAlgorithm] = (SHA256,),
    patience: float = 5.0,
    connections: int = 10,
    create: bool = True,
) -> PostgresStore:
    """Open the store in a schema of a PostgreSQL database, bring its tables up to date, or make a new one.

    Args:
        location: an address: ``postgresql://user:password@host/database?schema=branchkit``. Beside ``schema`` it takes
            the options of libpq that `branchkit_sql.address.OPTIONS` lists, as in ``sslmode=verify-full``.
        checkpoint_every: for a new store, how many journal entries go under one checkpoint; an old one keeps its own.
        algorithms: the first one hashes what is written; the others are there to verify what is older.
        patience: how many seconds to wait for another writer, or for a connection that is in use.
        connections: how many connections to hold at most; at least 2.
        create: whether to make a store, and the schema, where there is none.

    Raises:
        ConfigError: the address or an option makes no sense, or psycopg has no libpq.
        StorageError: the server cannot be reached or refuses; says why.
        StoreTooNew: the store was written by a newer branchkit-sql.
    """
    from branchkit_sql.address import Address
    from branchkit_sql.store import PostgresStore

    return PostgresStore(
        Address.parse(location),
        checkpoint_every=checkpoint_every,
        algorithms=algorithms,
        patience=patience,
        connections=connections,
        create=create,
    )
