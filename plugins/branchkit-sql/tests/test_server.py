"""What a server brings with it: lost connections, rights, passwords, several openers, and the tables themselves."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import sqlalchemy
from branchkit_sql import open_postgresql
from branchkit_sql.schema import MIGRATIONS, migrate, schema_version, tables_of
from branchkit_sql.store import PostgresStore
from sqlalchemy import Engine

from branchkit.errors import ConfigError, StorageError, StoreTooNew, Unsupported
from branchkit.plugins import StoreContext
from branchkit.storage import verify_chains
from branchkit.testing.stores import some_entries
from branchkit.values import FrozenMap

SECRET = "hunter2"


@pytest.fixture
def store(address: str) -> Iterator[PostgresStore]:
    with open_postgresql(address) as opened:
        yield opened


@pytest.fixture(scope="module")
def admin(server: str) -> Iterator[Engine]:
    """Return an engine whose statements commit by themselves."""
    made = sqlalchemy.create_engine(server.replace(":", "+psycopg:", 1), isolation_level="AUTOCOMMIT")
    yield made
    made.dispose()


def kill_all(admin: Engine) -> int:
    """End every connection that branchkit has, as a restart of the server does; return how many there were."""
    sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'branchkit'"
    with admin.connect() as connection:
        return len(connection.exec_driver_sql(sql).all())


# -- connections


def test_a_connection_that_is_killed_leaves_nothing(store: PostgresStore, admin: Engine) -> None:
    """A writer whose connection is lost half-way is told so with a hint, and nothing of it is there."""
    with pytest.raises(StorageError) as caught, store.transaction() as tx:  # noqa: PT012 - the block is what is tested
        tx.put("branch", "A", {})
        tx.append("a", some_entries(2))
        assert kill_all(admin)
        tx.put("branch", "B", {})
    assert "connection to the server was lost; nothing was written; retry" in str(caught.value)
    with store.transaction() as tx:
        assert tx.get("branch", "A") is None
        assert 1 == tx.append("a", some_entries(1))[0].seq


def test_a_commit_that_is_cut_off_says_so(store: PostgresStore, admin: Engine) -> None:
    """Where the connection is lost during the commit, the message does not claim that nothing was written."""
    with pytest.raises(StorageError, match="whether it was written is not known"), store.transaction() as tx:  # noqa: PT012
        tx.put("branch", "A", {})
        kill_all(admin)


def test_a_reader_that_is_killed_is_told(store: PostgresStore, admin: Engine) -> None:
    """A reader is told as a writer is, and an error of the caller's own is not covered up by a lost connection."""
    with pytest.raises(StorageError, match="lost"), store.transaction(write=False) as tx:  # noqa: PT012 - as above
        kill_all(admin)
        tx.get("branch", "A")
    with pytest.raises(ZeroDivisionError), store.transaction():  # noqa: PT012 - as above
        kill_all(admin)
        raise ZeroDivisionError


def test_connections_that_died_in_the_pool_are_replaced(store: PostgresStore, admin: Engine) -> None:
    """After a restart of the server the store works on."""
    with store.transaction() as tx:
        tx.put("branch", "A", {})
    assert kill_all(admin)

    with store.transaction(write=False) as tx:
        assert tx.get("branch", "A") is not None


def test_threads_share_few_connections(address: str) -> None:
    """More threads than connections take turns, and a thread that waits too long is told why."""
    with open_postgresql(address, connections=2, patience=5) as store:

        def work(name: str) -> None:
            for n in range(5):
                with store.transaction() as tx:
                    tx.put("branch", f"{name}{n}", {})

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcdef"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.transaction(write=False) as tx:
            assert 30 == len(tx.find("branch", {}).items)
    with (
        open_postgresql(address, connections=2, patience=0.1) as store,
        store.transaction(write=False),
        store.transaction(write=False),
        pytest.raises(StorageError, match="all connections are in use"),
    ):
        store.transaction(write=False).__enter__()


def test_a_server_that_is_not_there_is_named(server: str) -> None:
    """Where no server answers, or no such database or user exists, the message says which."""
    for address, words in (
        ("postgresql://127.0.0.1:1/db", "cannot be reached"),
        (server.replace("/postgres?", "/nothing?"), "no such database or user"),
        (server.replace("postgres@", "nobody@"), "no such database or user"),
    ):
        with pytest.raises(StorageError, match=words):
            open_postgresql(address)


def test_a_closed_store_and_a_forked_one_are_refused(store: PostgresStore, address: str) -> None:
    """After it was closed, or in a child process, a store says that it must be opened anew."""
    with open_postgresql(address) as other:
        pass
    with pytest.raises(StorageError, match="is closed"), other.transaction():
        pytest.fail("it began")
    store._pid = os.getpid() + 1
    with pytest.raises(StorageError, match="forked"), store.transaction():
        pytest.fail("it began")
    store._pid = os.getpid()


def test_a_store_may_be_closed_while_it_is_used(address: str) -> None:
    """A transaction that is open when its store is closed ends on its own."""
    store = open_postgresql(address)
    with store.transaction() as tx:
        store.close()
        tx.put("branch", "A", {})
    with open_postgresql(address) as again, again.transaction(write=False) as tx:
        assert tx.get("branch", "A") is not None


# -- secrets


def test_a_password_is_nowhere(
    server: str, new_address: Callable[[], str], admin: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Right or wrong, a password stands in no error, repr, log or traceback, and neither does what was stored."""
    with admin.connect() as connection:
        hba = connection.exec_driver_sql("SHOW hba_file").scalar_one()
        connection.exec_driver_sql(f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'")
        connection.exec_driver_sql("GRANT CREATE ON DATABASE postgres TO clerk")
        with open(hba, "r+", encoding="utf-8") as file:
            lines = file.read()
            file.seek(0)
            file.write("local all clerk scram-sha-256\n" + lines)
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    address = new_address()
    wrong = address.replace("postgres@", f"clerk:{SECRET}x@")
    right = address.replace("postgres@", f"clerk:{SECRET}@")
    texts = []
    with caplog.at_level(logging.DEBUG):
        with pytest.raises(StorageError, match="refused the user or the password") as refused:
            open_postgresql(wrong)
        with pytest.raises(StorageError, match="refused the user or the password"):
            open_postgresql(address.replace("postgres@", "clerk@"))
        with open_postgresql(right) as store:
            with pytest.raises(StorageError) as failed, store.transaction() as tx:
                tx.seal("".join(map(str, range(9000))), SECRET, b"k")
            with pytest.raises(StorageError) as coded, store.transaction() as tx:
                tx.put("branch", SECRET + "\ud800", {})
            texts += [store.where, repr(store), repr(vars(store))]
    for caught in (refused, failed, coded):
        texts += [str(caught.value), str(caught.getrepr(style="short"))]
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
    texts += [record.getMessage() for record in caplog.records]

    assert "too long for the server's index" in str(failed.value)
    assert not [text for text in texts if SECRET in text.replace(f'SECRET = "{SECRET}"', "")]


# -- rights


def test_a_user_who_may_not_is_told(server: str, new_address: Callable[[], str], admin: Engine) -> None:
    """Who may use a schema needs no right to make one; who may not write is told so."""
    address = new_address()
    schema = address.rpartition("=")[2]
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE guest LOGIN")
        guest = address.replace("postgres@", "guest@")
        with pytest.raises(StorageError, match="has not the right"):
            open_postgresql(guest)
        connection.exec_driver_sql(f"CREATE SCHEMA {schema} AUTHORIZATION guest")
    with open_postgresql(guest) as store, store.transaction() as tx:
        tx.put("branch", "A", {})


# -- tables


def test_many_may_make_one_store_at_once(address: str) -> None:
    """Openers that race one another to make the tables all end up with the same store."""
    opened: list[PostgresStore] = []
    together = threading.Barrier(5)

    def work() -> None:
        together.wait()
        opened.append(open_postgresql(address, checkpoint_every=7))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [7] * 5 == [store.checkpoint_every for store in opened]
    for store in opened:
        store.close()


def test_a_store_keeps_where_its_checkpoints_stand(address: str) -> None:
    """The distance of checkpoints is fixed when the store is made, whatever is said later."""
    open_postgresql(address, checkpoint_every=7).close()

    with open_postgresql(address, checkpoint_every=9) as store:
        assert 7 == store.checkpoint_every


def test_no_store_is_made_where_none_is_wanted(address: str, admin: Engine) -> None:
    """With create=False a wrong address is an error, and nothing is made there."""
    with pytest.raises(StorageError, match="holds no branchkit store"):
        open_postgresql(address, create=False)
    with admin.connect() as connection:
        assert 0 == schema_version(connection, address.rpartition("=")[2])


def test_a_newer_schema_is_refused(store: PostgresStore, address: str, admin: Engine) -> None:
    """A store that a newer branchkit-sql wrote is left alone."""
    with admin.connect() as connection:
        meta = tables_of(address.rpartition("=")[2]).meta
        connection.execute(meta.update().where(meta.c.key == "schema").values(value=99))

    with pytest.raises(StoreTooNew, match="its schema is 99"):
        open_postgresql(address)


def test_an_older_schema_is_migrated_in_one_transaction(store: PostgresStore, address: str, admin: Engine) -> None:
    """A further step is applied once; one that fails leaves the store as it was."""
    schema = address.rpartition("=")[2]
    step = ("ALTER TABLE {schema}.branchkit_outcome ADD COLUMN note text",)
    with admin.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        with pytest.raises(sqlalchemy.exc.ProgrammingError):
            migrate(connection, schema, "here", (*MIGRATIONS, (*step, "DROP TABLE {schema}.nonsense")))
        connection.rollback()
        assert len(MIGRATIONS) == schema_version(connection, schema)
        assert len(MIGRATIONS) == migrate(connection, schema, "here", (*MIGRATIONS, step))
        assert len(MIGRATIONS) + 1 == migrate(connection, schema, "here", (*MIGRATIONS, step))
        connection.commit()


def test_the_tables_are_as_sqlalchemy_is_told(store: PostgresStore, address: str, admin: Engine) -> None:
    """The steps make the tables and columns that the statements name, and no others."""
    schema = address.rpartition("=")[2]
    told = {table.name: set(table.c.keys()) for table in tables_of(schema).meta.metadata.tables.values()}
    there = sqlalchemy.inspect(admin)

    made = {
        name: {column["name"] for column in there.get_columns(name, schema)} for name in there.get_table_names(schema)
    }

    assert told == made


def test_a_database_in_another_encoding_is_refused(server: str, admin: Engine) -> None:
    """Where the database could not keep every text, no store is made."""
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS ascii")
        connection.exec_driver_sql("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(StorageError, match="texts as SQL_ASCII; make one with UTF8"):
        open_postgresql(server.replace("/postgres?", "/ascii?"))


def test_a_changed_row_is_found(store: PostgresStore, address: str, admin: Engine) -> None:
    """A byte that was changed behind the store's back is named by its entry; a sound server has nothing to report."""
    with store.transaction() as tx:
        tx.append("a", some_entries(5))
    j = tables_of(address.rpartition("=")[2]).journal
    with admin.connect() as connection:
        connection.execute(j.update().where(j.c.seq == 3).values(text='{"n":7}'))

    assert ("entry 3 (a, version 3): the content does not match its hash",) == tuple(
        map(str, verify_chains(store).problems)
    )
    assert () == store.check()


def test_a_broken_index_is_reported(store: PostgresStore, address: str, admin: Engine) -> None:
    """An index that the server holds for invalid is among what the medium finds broken."""
    with admin.connect() as connection:
        sql = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{}.branchkit_outbox_waiting'::regclass"
        connection.exec_driver_sql(sql.format(address.rpartition("=")[2]))

    assert ("the index branchkit_outbox_waiting is not valid",) == store.check()


# -- what it declares


def test_a_backup_is_left_to_the_server(store: PostgresStore) -> None:
    """The store declares no backup, and says what to use instead."""
    assert {"durable", "shared", "caller_transaction"} == store.capabilities
    with pytest.raises(Unsupported, match="pg_dump"):
        store.backup("file")


def test_a_commit_waits_for_the_disk(store: PostgresStore) -> None:
    """Even where the server is told to confirm commits early, the store's are not."""
    sql = "SELECT current_setting('synchronous_commit')"
    with store.transaction() as tx:
        tx._run(sqlalchemy.text("SET LOCAL synchronous_commit = off"))
        tx.due_clear("k")
        assert "on" == tx._all(sqlalchemy.text(sql))[0][0]


def test_settings_reach_the_store(address: str) -> None:
    """What the configuration assigns to the plug-in is used; what it cannot use is refused by name."""
    from branchkit_sql import plugin

    from branchkit.plugins import HookContext

    (record,) = plugin.branchkit_stores(HookContext())
    store = record.open(StoreContext(address, settings=FrozenMap({"checkpoint_every": 5, "patience": Decimal("2.5")})))
    store.close()

    assert (("postgresql",), 5) == (record.schemes, store.checkpoint_every)
    for settings, words in (({"pool": 3}, "connections, patience"), ({"patience": "long"}, "Expected a number")):
        with pytest.raises(ConfigError, match=words):
            record.open(StoreContext(address, settings=FrozenMap[object](settings)))
