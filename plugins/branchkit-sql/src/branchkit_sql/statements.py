"""How a transaction runs its statements, what becomes of it when one fails, and how it takes its turn to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from branchkit.errors import StorageError
from branchkit_sql.errors import translate
from branchkit_sql.schema import Tables

__all__ = ["Statements", "batched"]

T = TypeVar("T")

_AT_ONCE = 500
# SQLAlchemy forgets how many rows an INSERT made unless it is asked.
_COUNT = {"preserve_rowcount": True}


class Statements:
    """A connection, until the transaction ends.

    A transaction that writes has two halves. In the first it reads one snapshot and holds nobody up. With its first
    write, or the first question whose answer cannot be compared later, it takes its **turn**: it locks the row of the
    journal's end, which one writer holds at a time, compares what it has read with what is there now, and from then on
    nothing changes under it until it commits.
    """

    def __init__(self, connection: Connection, tables: Tables, *, where: str, write: bool, patience: float) -> None:
        self._connection = connection
        self._tables = tables
        self._where = where
        self._write = write
        self._patience = patience
        self._over = False
        self._doomed = False
        self._in_turn = False
        self._seq: int | None = None
        self._stored_seq: int | None = None

    def end(self) -> None:
        """Refuse every further use."""
        self._over = True

    # -- statements

    def _all(self, statement: Executable) -> Sequence[Any]:
        self._alive()
        try:
            return self._connection.execute(statement).all()
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self._failed(error) from None

    def _run(self, statement: Executable, values: Mapping[str, object] | None = None) -> int:
        """Run a statement and return how many rows it touched."""
        self._alive()
        try:
            return self._connection.execute(statement, values, execution_options=_COUNT).rowcount
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise self._failed(error) from None

    def _run_many(self, statement: Executable, rows: Iterable[Mapping[str, object]]) -> int:
        touched = 0
        for some in batched(rows):
            self._alive()
            try:
                touched += self._connection.execute(statement, some, execution_options=_COUNT).rowcount
            except (SQLAlchemyError, UnicodeEncodeError) as error:
                raise self._failed(error) from None
        return touched

    def _failed(self, error: Exception) -> StorageError:
        # The server gives the whole transaction up, so what came before must not be committed without this.
        self._doomed = True
        return translate(error, self._where)

    def _alive(self) -> None:
        if self._over:
            raise StorageError(self._where, "this transaction has ended", "begin a new one")

    # -- the turn

    def _writes(self) -> None:
        self._alive()
        if not self._write:
            raise StorageError(self._where, "this transaction only reads", "begin one with write=True")
        self._settle()

    def _settle(self) -> None:
        """Take the turn, in a transaction that writes: what is read from here on stays as it is."""
        if not self._write or self._in_turn:
            return
        self._restart("READ COMMITTED")
        self._lock()
        self._check_read_set()

    def adopted(self) -> None:
        """Take the turn inside a transaction of the caller's own, whose settings stay as they are."""
        before = self._all(text("SELECT current_setting('lock_timeout')"))[0][0]
        self._lock()
        self._run(select(func.set_config("lock_timeout", before, True)))

    def _restart(self, isolation: str) -> None:
        self._alive()
        try:
            self._connection.rollback()
            self._connection.execution_options(isolation_level=isolation)  # type: ignore[call-overload,unused-ignore]
        except SQLAlchemyError as error:
            raise self._failed(error) from None

    def _lock(self) -> None:
        # A server may be told to confirm commits before they are on disk; a store that says "durable" must not.
        settings = (
            "SELECT set_config('lock_timeout', :patience, true), CASE current_setting('synchronous_commit') "
            "WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"
        )
        self._run(text(settings), {"patience": f"{max(1, round(self._patience * 1000))}ms"})
        meta = self._tables.meta
        rows = self._all(select(meta.c.value).where(meta.c.key == "tip").with_for_update())
        self._seq = self._stored_seq = rows[0][0]
        self._in_turn = True

    def _check_read_set(self) -> None:
        """Compare what was read with what is there; the classes above say what."""
        raise NotImplementedError


def batched(items: Iterable[T], size: int = _AT_ONCE) -> Iterable[list[T]]:
    """Yield some items at a time.

    >>> list(batched("abc", 2))
    [['a', 'b'], ['c']]
    """
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
