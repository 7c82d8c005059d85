"""Writers overlap: what that allows, what it costs, and how a conflict is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from branchkit_sql import open_postgresql
from branchkit_sql.store import PostgresStore

from branchkit.errors import Conflict, StorageError
from branchkit.testing.stores import some_entries


@pytest.fixture
def stores(address: str) -> Iterator[tuple[PostgresStore, PostgresStore]]:
    with open_postgresql(address) as one, open_postgresql(address, patience=0.2) as other:
        with one.transaction() as tx:
            tx.put("branch", "A", {"n": 0}, index={"open": True})
            tx.put("branch", "B", {"n": 0}, index={"open": True})
        yield one, other


def test_who_read_something_else_goes_on(stores: tuple[PostgresStore, PostgresStore]) -> None:
    """While one writer decides, another one commits something the first has not read, to the same journal."""
    one, other = stores

    with one.transaction() as slow:
        slow.get("branch", "A")
        with other.transaction() as quick:
            quick.put("branch", "B", {"n": 1})
            quick.append("b", some_entries(2))
        slow.put("branch", "A", {"n": 1})
        slow.append("a", some_entries(1))

    with one.transaction(write=False) as tx:
        assert [("b", 1), ("b", 2), ("a", 3)] == [(each.stream, each.seq) for each in tx.read()]


@pytest.mark.parametrize("seen", ["get", "find", "expect", "nothing", "outcome", "stream"])
def test_who_read_the_same_is_told_what_changed(stores: tuple[PostgresStore, PostgresStore], seen: str) -> None:
    """The conflict comes with the first write after the other one's commit and names what is not as it was."""
    one, other = stores

    with pytest.raises(Conflict) as caught, one.transaction() as slow:  # noqa: PT012 - the block is what is tested
        if seen == "get":
            slow.get("branch", "A")
        elif seen == "find":
            slow.find("branch", {"open": True})
        elif seen == "expect":
            slow.expect("branch", "A", 1)
        elif seen == "nothing":
            slow.get("branch", "C")
        elif seen == "outcome":
            slow.outcome("A")
        else:
            slow.stream_version("A")
        with other.transaction() as quick:
            quick.put("branch", "A", {"n": 1})
            quick.put("branch", "C", {})
            quick.remember("A", "digest", {})
            quick.append("A", some_entries(1))
        slow.due_clear("k")
    changed = {"nothing": "branch 'C'", "outcome": "the outcome of 'A'", "stream": "stream 'A'"}
    assert changed.get(seen, "branch 'A'") + " changed since" in str(caught.value)


def test_who_wrote_nothing_is_told_at_the_commit(stores: tuple[PostgresStore, PostgresStore]) -> None:
    """A writer that only read commits only if what it read is still so."""
    one, other = stores

    with pytest.raises(Conflict, match="branch 'A' changed"), one.transaction() as slow:  # noqa: PT012 - as above
        slow.get("branch", "A")
        with other.transaction() as quick:
            quick.delete("branch", "A")


def test_a_conflict_that_is_swallowed_does_not_commit(stores: tuple[PostgresStore, PostgresStore]) -> None:
    """After its read set broke a transaction can no longer commit."""
    one, other = stores

    with pytest.raises(StorageError, match="a step of this transaction failed"), one.transaction() as slow:  # noqa: PT012
        slow.get("branch", "A")
        with other.transaction() as quick:
            quick.put("branch", "A", {"n": 1})
        with pytest.raises(Conflict):
            slow.put("branch", "B", {"n": 1})


def test_a_writer_decides_on_one_state(stores: tuple[PostgresStore, PostgresStore]) -> None:
    """What a writer reads before its turn is of one moment, whatever is committed in between."""
    one, other = stores

    with pytest.raises(ZeroDivisionError), one.transaction() as slow:  # noqa: PT012 - as above
        first = slow.get("branch", "A")
        with other.transaction() as quick:
            quick.put("branch", "A", {"n": 1})
            quick.put("branch", "B", {"n": 1})
        second = slow.get("branch", "B")
        raise ZeroDivisionError

    assert first is not None
    assert second is not None
    assert first.body == second.body


def test_one_writer_is_in_turn(stores: tuple[PostgresStore, PostgresStore]) -> None:
    """From a first write to the commit others wait to write, as long as their patience lasts; readers go on."""
    one, other = stores

    with one.transaction() as slow:
        slow.put("branch", "A", {"n": 1})
        with other.transaction(write=False) as reader:
            assert reader.get("branch", "A") is not None
        with pytest.raises(StorageError, match="another writer kept it too long"), other.transaction() as quick:
            quick.put("branch", "B", {"n": 1})
    with other.transaction() as quick:
        quick.put("branch", "B", {"n": 1})


def test_a_thread_writes_once_at_a_time(stores: tuple[PostgresStore, PostgresStore]) -> None:
    """A write transaction inside another one of the same store would wait for itself, so it is refused."""
    one, _ = stores

    with one.transaction(), pytest.raises(StorageError, match="already writing"), one.transaction():
        pytest.fail("it began")
