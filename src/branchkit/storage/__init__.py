"""Where branchkit keeps what it knows: the contract, the chains, and the stores in memory and on SQLite."""

from branchkit.storage.algorithms import SHA256, HashAlgorithm, hash_algorithm
from branchkit.storage.contract import (
    Checkpoint,
    DueRow,
    Entry,
    NewDocument,
    NewEntry,
    OutboxRow,
    Page,
    Plain,
    Remembered,
    Replaced,
    Scalar,
    Sealed,
    Store,
    Stored,
    Tip,
    Transaction,
)
from branchkit.storage.memory import MemoryStore
from branchkit.storage.sqlite import SqliteStore, open_sqlite, restore_sqlite
from branchkit.storage.verify import ChainProblem, ChainReport, verify_chains

__all__ = [
    "SHA256",
    "ChainProblem",
    "ChainReport",
    "Checkpoint",
    "DueRow",
    "Entry",
    "HashAlgorithm",
    "MemoryStore",
    "NewDocument",
    "NewEntry",
    "OutboxRow",
    "Page",
    "Plain",
    "Remembered",
    "Replaced",
    "Scalar",
    "Sealed",
    "SqliteStore",
    "Store",
    "Stored",
    "Tip",
    "Transaction",
    "hash_algorithm",
    "open_sqlite",
    "restore_sqlite",
    "verify_chains",
]
