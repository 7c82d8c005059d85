"""What SQLite reports is said in words that help."""

from __future__ import annotations

import sqlite3

import pytest

from branchkit.errors import Conflict, StorageError, StoreCorrupt
from branchkit.storage.sqlite_errors import translate


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("SQLITE_BUSY", StorageError, "locked by another program"),
        ("SQLITE_BUSY_SNAPSHOT", Conflict, "changed since"),
        ("SQLITE_READONLY_DIRECTORY", StorageError, "read-only"),
        ("SQLITE_FULL", StorageError, "disk is full"),
        ("SQLITE_NOTADB", StoreCorrupt, "not a SQLite database"),
        ("SQLITE_CORRUPT_INDEX", StoreCorrupt, "damaged"),
        ("SQLITE_IOERR_SHORT_READ", StoreCorrupt, "cut off"),
        ("SQLITE_IOERR_FSYNC", StorageError, "disk reported an error"),
        ("SQLITE_CANTOPEN", StorageError, "cannot be opened"),
        ("SQLITE_MISUSE", StorageError, "SQLite refused: why (SQLITE_MISUSE)"),
    ],
)
def test_an_error_of_sqlite_says_what_to_do(name: str, kind: type[StorageError], words: str) -> None:
    """Each kind of error has its class, its words and the place."""
    error = sqlite3.OperationalError("why")
    error.sqlite_errorname = name

    said = translate(error, "branch.db")

    assert kind is type(said)
    assert str(said).startswith("branch.db: ")
    assert words in str(said)


def test_an_error_that_repeats_a_text_is_not_repeated() -> None:
    """Where SQLite or Python would show stored text, the message does not."""
    undecodable = sqlite3.OperationalError("Could not decode to UTF-8 column 'text' with text 'secret\\xff'")
    unencodable = UnicodeEncodeError("utf-8", "secret\ud800", 6, 7, "surrogates not allowed")

    for error in (undecodable, unencodable, OverflowError("secret")):
        assert "secret" not in str(translate(error, "branch.db"))
    assert "the store is closed" in str(
        translate(sqlite3.ProgrammingError("Cannot operate on a closed database."), "s")
    )
