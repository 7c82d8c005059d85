"""The caller's own transaction: the store writes inside it, and the caller commits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy
from branchkit_sql import open_postgresql
from branchkit_sql.store import PostgresStore
from sqlalchemy import Engine

from branchkit.errors import Conflict, StorageError
from branchkit.storage import verify_chains
from branchkit.testing.stores import some_entries


@pytest.fixture
def store(address: str) -> Iterator[PostgresStore]:
    with open_postgresql(address) as opened:
        yield opened


@pytest.fixture
def engine(server: str, store: PostgresStore) -> Iterator[Engine]:
    made = sqlalchemy.create_engine(server.replace(":", "+psycopg:", 1))
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS theirs (n int)")
        connection.exec_driver_sql("TRUNCATE theirs")
    yield made
    made.dispose()


def test_what_is_done_belongs_to_the_caller(store: PostgresStore, engine: Engine) -> None:
    """The caller's rows and the store's are committed together, or not at all."""
    for ends_well in (False, True):
        with engine.connect() as connection:
            connection.exec_driver_sql("INSERT INTO theirs VALUES (1)")
            with store.adopt(connection) as tx:
                tx.put("branch", "A", {})
                tx.append("a", some_entries(1))
            if ends_well:
                connection.commit()
        with engine.connect() as connection, store.transaction(write=False) as reader:
            assert ends_well == (reader.get("branch", "A") is not None)
            assert int(ends_well) == connection.exec_driver_sql("SELECT count(*) FROM theirs").scalar()
    assert verify_chains(store).ok


def test_what_raises_is_undone_alone(store: PostgresStore, engine: Engine) -> None:
    """After an error in the block the rest of the caller's transaction stands, and its settings are its own."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '17s'")
        connection.exec_driver_sql("INSERT INTO theirs VALUES (1)")
        with pytest.raises(Conflict), store.adopt(connection) as tx:  # noqa: PT012 - the block is what is tested
            tx.append("a", some_entries(3))
            tx.expect("branch", "A", 7)
        with store.adopt(connection) as tx:
            tx.append("b", some_entries(1))
        assert "17s" == connection.exec_driver_sql("SHOW lock_timeout").scalar()
        connection.commit()

    with engine.connect() as connection, store.transaction(write=False) as reader:
        assert 1 == connection.exec_driver_sql("SELECT count(*) FROM theirs").scalar()
        assert [("b", 1)] == [(each.stream, each.seq) for each in reader.read()]


def test_a_stricter_level_is_refused(store: PostgresStore, engine: Engine) -> None:
    """At REPEATABLE READ the caller would not see what other writers committed before its turn."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.exec_driver_sql("INSERT INTO theirs VALUES (1)")
        with pytest.raises(StorageError, match="at REPEATABLE READ; begin yours at READ COMMITTED"):
            store.adopt(connection).__enter__()
        connection.commit()


def test_a_connection_that_commits_by_itself_is_refused(store: PostgresStore, engine: Engine) -> None:
    """Without a transaction there is nothing to work inside of."""
    with (
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(StorageError, match="commits every statement by itself"),
    ):
        store.adopt(connection).__enter__()


def test_another_database_is_refused(store: PostgresStore, engine: Engine, server: str) -> None:
    """A connection to another place is found out before anything is written there."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS elsewhere")
        connection.exec_driver_sql("CREATE DATABASE elsewhere")
    elsewhere = sqlalchemy.create_engine(server.replace(":", "+psycopg:", 1).replace("/postgres?", "/elsewhere?"))
    with elsewhere.connect() as connection, pytest.raises(StorageError, match="to another database"):
        store.adopt(connection).__enter__()
    elsewhere.dispose()
    with (
        sqlalchemy.create_engine("sqlite://").connect() as connection,
        pytest.raises(StorageError, match="not to PostgreSQL"),
    ):
        store.adopt(connection).__enter__()
    connection.engine.dispose()
