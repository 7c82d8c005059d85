"""The kit over a SQLite file: damage is named, rivals lose no update, an owner's transaction is the owner's."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from branchkit.checklists import Checklist
from branchkit.errors import Conflict, Refused, StoreCorrupt
from branchkit.estate import Branch, EquipmentState, SetEquipmentState
from branchkit.findings import Finding
from branchkit.kit import Kit, RuleBook, default_grants
from branchkit.kit.fold import Filed
from branchkit.storage import SqliteStore, open_sqlite
from tests.unit.kit.house import HEAD, at, close, open_kit, register, rules, sheet, submit


def fill(path: Path) -> Kit:
    """Return a kit with a few sheets in it and checkpoints every third entry."""
    kit = Kit(open_sqlite(path, checkpoint_every=3), rules(), grants=default_grants())
    kit.do(register())
    kit.do(submit(sheet("S1", 1, floor="fail", remark="the door sticks")))
    kit.do(submit(sheet("S2", 2, screens=("ATM-1",))))
    return kit


def change(path: Path, sql: str, *values: object) -> None:
    """Change a store behind its back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(sql, values).rowcount == 1


def flip(path: Path, table: str, column: str, where: str) -> None:
    """Flip one bit in the middle of one value."""
    with closing(sqlite3.connect(path)) as connection:
        sql = f"SELECT CAST({column} AS BLOB) FROM {table} WHERE {where}"  # noqa: S608
        value = bytearray(connection.execute(sql).fetchone()[0])
    value[len(value) // 2] ^= 1
    change(path, f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE {where}", bytes(value))  # noqa: S608


@pytest.mark.parametrize("column", ["text", "hash", "previous", "command", "at", "recorded_at", "kind", "algorithm"])
@pytest.mark.parametrize("seq", [2, 4])
def test_one_flipped_bit_in_the_journal_is_named(tmp_path: Path, column: str, seq: int) -> None:
    """A changed bit in a body, a header or a hash is found, with the stream, the version and the number."""
    path = tmp_path / "branch.db"
    fill(path).close()
    flip(path, "branchkit_journal", column, f"seq = {seq}")

    with open_kit(f"sqlite:///{path}") as kit:
        found = kit.verify()

    assert not found.ok
    assert any(f"entry {seq} (branch:B-1, version {seq})" in problem for problem in found.problems)


def test_every_flipped_bit_of_a_body_is_found(tmp_path: Path) -> None:
    """Wherever in an entry's body one bit is changed, verification does not pass and never breaks off."""
    path = tmp_path / "branch.db"
    fill(path).close()
    with closing(sqlite3.connect(path)) as connection:
        whole = connection.execute("SELECT CAST(text AS BLOB) FROM branchkit_journal WHERE seq = 2").fetchone()[0]
    sql = "UPDATE branchkit_journal SET text = CAST(? AS TEXT) WHERE seq = 2"
    for place in range(0, len(whole), 17):
        for bit in (1, 128):
            damaged = bytearray(whole)
            damaged[place] ^= bit
            change(path, sql, bytes(damaged))
            with open_kit(f"sqlite:///{path}") as kit:
                found = kit.verify()

            assert any("entry 2 (branch:B-1, version 2)" in problem for problem in found.problems), (place, bit)
    change(path, sql, whole)
    with open_kit(f"sqlite:///{path}") as kit:
        assert kit.verify().ok


@pytest.mark.parametrize("column", ["root", "hash"])
def test_a_flipped_bit_in_a_checkpoint_is_named(tmp_path: Path, column: str) -> None:
    """A changed checkpoint is found by its number."""
    path = tmp_path / "branch.db"
    fill(path).close()
    flip(path, "branchkit_checkpoint", column, "number = 1")

    with open_kit(f"sqlite:///{path}") as kit:
        found = kit.verify()

    assert any(problem.startswith("checkpoint 1: ") for problem in found.problems)


def test_a_flipped_bit_in_a_sealed_value_is_named(tmp_path: Path) -> None:
    """A changed personal value is found by its reference, and what it says is not repeated."""
    path = tmp_path / "branch.db"
    fill(path).close()
    with closing(sqlite3.connect(path)) as connection:
        ref = connection.execute("SELECT ref FROM branchkit_sealed WHERE value LIKE '%sticks%'").fetchone()[0]
    flip(path, "branchkit_sealed", "value", f"ref = '{ref}'")

    with open_kit(f"sqlite:///{path}") as kit:
        problems = kit.verify().problems

    assert any(ref in problem for problem in problems)
    assert "sticks" not in str(problems)


def test_personal_text_never_stands_in_the_journal(tmp_path: Path) -> None:
    """What somebody typed stands in documents and among sealed values only; no open digest of it is kept elsewhere."""
    path = tmp_path / "branch.db"
    with fill(path) as kit:
        kit.do(close("S2/screen@equipment:ATM-1", reason="the door was mended"))
        assert kit.get(Finding, "S2/screen@equipment:ATM-1").closure is not None
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT * FROM branchkit_journal").fetchall()
        rows += connection.execute("SELECT * FROM branchkit_outcome").fetchall()

    assert "the door" not in repr(rows)


def test_a_changed_document_is_named_and_made_anew(tmp_path: Path) -> None:
    """A document that was changed, lost or added is found by its kind and id, and `rebuild` puts it right."""
    path = tmp_path / "branch.db"
    fill(path).close()
    sql = "UPDATE branchkit_document SET text = replace(text, 'Shanghai', 'Shonghai') WHERE kind = 'branch'"
    change(path, sql)
    with closing(open_sqlite(path)) as store, store.transaction() as tx:
        tx.delete("finding", "S1/floor")
        tx.put("score", "S9", {"sheet": "S9"})

    with open_kit(f"sqlite:///{path}") as kit:
        problems = kit.verify().problems
        kit.rebuild()
        after = kit.verify()

        assert {"branch 'B-1'", "finding 'S1/floor'", "score 'S9'"} == {
            " ".join(problem.split()[:2]) for problem in problems
        }
        assert (True, ()) == (after.ok, after.problems)
        assert kit.get(Branch, "B-1").time_zone == "Asia/Shanghai"
        assert (0, 0, 0) == attrs.astuple(kit.rebuild())[1:]


_OF_S1 = "WHERE kind = 'sheet' AND id = 'S1'"
_DAMAGE = {
    "an orphan field": "INSERT INTO branchkit_index VALUES ('finding', 'state', 'sopen', 'gone')",
    "an orphan of no kind": "INSERT INTO branchkit_index VALUES ('what', 'state', 'sopen', 'S1/floor')",
    "a field twice": "INSERT INTO branchkit_index VALUES ('finding', 'state', 'snever', 'S1/floor')",
    "a lost field": "DELETE FROM branchkit_index WHERE kind = 'sheet' AND name = 'state' AND id = 'S1'",
    "a wrong field": "UPDATE branchkit_index SET value = 'sopen' WHERE name = 'state' AND id = 'S1/floor'",
    "a wrong id": "UPDATE branchkit_index SET id = 'S9' WHERE name = 'state' AND id = 'S2'",
    "an orphan key": "INSERT INTO branchkit_unique VALUES ('branch', 'code', '1', 'B-1')",
    "other keys": "UPDATE branchkit_document SET keys = '' WHERE kind = 'sheet' AND id = 'S1'",
    "keys that are none": "UPDATE branchkit_document SET keys = '[[[' WHERE kind = 'sheet' AND id = 'S1'",
    "a lost document": "DELETE FROM branchkit_document WHERE kind = 'sheet' AND id = 'S1'",
    "a stray document": "INSERT INTO branchkit_document VALUES ('sheet', 'S9', 1, '{}', '')",
    "an id that is no text": f"UPDATE branchkit_document SET id = CAST(x'FF01' AS TEXT) {_OF_S1}",  # noqa: S608
    "a kind that is no text": f"UPDATE branchkit_document SET kind = CAST(x'FF01' AS TEXT) {_OF_S1}",  # noqa: S608
    "a body that is no text": f"UPDATE branchkit_document SET text = CAST(x'FF01' AS TEXT) {_OF_S1}",  # noqa: S608
    "a body that is gone": "UPDATE branchkit_document SET text = NULL WHERE id = 'S2'",
    "a version that is none": "UPDATE branchkit_document SET version = 'one', text = '{}' WHERE id = 'S1'",
    "a huge version": "UPDATE branchkit_document SET version = 9223372036854775807, text = '' WHERE id = 'S1'",
}


@pytest.mark.parametrize("sql", _DAMAGE.values(), ids=_DAMAGE)
def test_damaged_documents_fields_and_keys_are_named_and_made_anew(tmp_path: Path, sql: str) -> None:
    """Whatever is wrong with a document, or with what it is found by, `verify` says so and `rebuild` mends it."""
    path = tmp_path / "branch.db"
    fill(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(sql).rowcount

    with open_kit(f"sqlite:///{path}") as kit:
        found = kit.verify()
        done = kit.rebuild()
        again = kit.verify()

        assert not found.ok
        assert sum(attrs.astuple(done)[1:])
        assert again.ok, again.problems
        assert (0, 0, 0) == attrs.astuple(kit.rebuild())[1:]
        assert ["S1", "S2"] == [filed.sheet.id for filed in kit.find(Filed, state="final")]
        assert kit.do(submit(sheet("S3", 3, floor="fail"))).seq


def test_fields_that_agree_with_each_other_and_not_with_the_document_are_named(tmp_path: Path) -> None:
    """A document that is filed wrongly with everything that speaks of it is found by asking for it."""
    path = tmp_path / "branch.db"
    fill(path).close()
    for table, column, where in (("document", "keys", "kind = 'finding'"), ("index", "value", "name = 'state'")):
        to = f"replace({column}, 'sclosed', 'sopen') WHERE id = 'S1/floor' AND {where}"
        change(path, f"UPDATE branchkit_{table} SET {column} = {to}")  # noqa: S608

    with open_kit(f"sqlite:///{path}") as kit:
        found = kit.verify()
        kit.rebuild()

        assert {
            "finding 'S1/floor' is not found by its state; `rebuild` files it anew",
            "finding 'S1/floor' is found by a state that it does not have; `rebuild` files it anew",
        } == set(found.problems)
        assert kit.verify().ok


def test_a_lost_outcome_is_named(tmp_path: Path) -> None:
    """A command whose outcome is gone would be done twice by a retry, so verification tells it."""
    path = tmp_path / "branch.db"
    fill(path).close()
    change(path, "DELETE FROM branchkit_outcome WHERE command LIKE 'register_branch%'")

    with open_kit(f"sqlite:///{path}") as kit:
        found = kit.verify()

    assert ("entry 1 (branch:B-1, version 1): the outcome of its command is not stored",) == found.problems


@pytest.mark.parametrize("text", ["no json", "[]", '{"id":1}'])
def test_a_damaged_document_is_no_refusal(tmp_path: Path, text: str) -> None:
    """A document that cannot be read stops everything with its name; no command is blamed for it."""
    path = tmp_path / "branch.db"
    fill(path).close()
    change(path, "UPDATE branchkit_document SET text = ? WHERE kind = 'branch'", text)

    with open_kit(f"sqlite:///{path}") as kit:
        for step in (lambda: kit.get(Branch, "B-1"), lambda: list(kit.do_all([submit(sheet("S3", 3))]))):
            with pytest.raises(StoreCorrupt, match="branch 'B-1'"):
                step()


def test_two_kits_on_one_file_lose_no_update(tmp_path: Path) -> None:
    """Two kits that write to one branch at the same time both get every command through, each once."""
    path = tmp_path / "branch.db"
    fill(path).close()
    failures: list[BaseException] = []

    def work(offset: int) -> None:
        try:
            with open_kit(f"sqlite:///{path}?sync=normal") as kit:
                for number in range(25):
                    kit.do(submit(sheet(f"W{offset}-{number}", 3 + number)))
        except BaseException as error:  # noqa: BLE001 - told to the thread that asks
            failures.append(error)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with open_kit(f"sqlite:///{path}") as kit:
        assert failures == []
        assert 77 == len(list(kit.find(Filed)))
        assert kit.verify().ok


@attrs.frozen(kw_only=True)
class Meddling(RuleBook):
    """Rules that, whenever a checklist is looked up, let somebody else hand in one more sheet."""

    rival: Kit

    def checklist(self, id: str, version: str) -> Checklist:
        """Return a checklist, after the rival has written."""
        number = len(list(self.rival.find(Filed)))
        self.rival.do(submit(sheet(f"R{number}", 5 + number, lights="fail")))
        return super().checklist(id, version)


def test_a_report_shows_one_state(tmp_path: Path) -> None:
    """What others write while a report is gathered is in none of its parts."""
    path = tmp_path / "branch.db"
    before = fill(path).report("B-1")
    own = rules()

    with open_kit(f"sqlite:///{path}") as rival:
        meddling = Meddling(own.catalog, own.plugins, own.config, rival=rival)
        with Kit.open(f"sqlite:///{path}", rules=meddling) as kit:
            during = kit.report("B-1")
        after = rival.report("B-1")

    assert before == during
    assert (before.head, before.at) != (after.head, after.at)


def test_threads_may_share_a_kit(tmp_path: Path) -> None:
    """Many threads that hand in the same sheets through one kit file each of them once."""
    with fill(tmp_path / "branch.db") as kit:
        outcomes: list[Any] = []

        def work() -> None:
            outcomes.extend(kit.do(submit(sheet(f"T{number}", 3 + number))) for number in range(10))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (10, 30) == (
            sum(not one.repeated for one in outcomes),
            sum(one.repeated for one in outcomes),
        )
        assert kit.verify().ok


def test_an_owner_commits_or_not(tmp_path: Path) -> None:
    """A command inside the caller's transaction is there when the caller commits, and not when the caller does not."""
    with fill(tmp_path / "branch.db") as kit, closing(sqlite3.connect(tmp_path / "branch.db")) as own:
        assert isinstance(kit.store, SqliteStore)
        own.isolation_level = None
        with kit.store.adopt(own) as tx:
            kit.do(submit(sheet("S3", 3)), within=tx)
        own.execute("ROLLBACK")
        assert [] == list(kit.find(Filed, branch="B-1", state="draft"))
        assert {"S1", "S2"} == {filed.sheet.id for filed in kit.find(Filed)}

        with kit.store.adopt(own) as tx:
            kit.do(submit(sheet("S3", 3)), within=tx)
            with pytest.raises(Refused):
                kit.do(submit(sheet("S3", 4), id="other"), within=tx)
        own.execute("COMMIT")

        assert {"S1", "S2", "S3"} == {filed.sheet.id for filed in kit.find(Filed)}
        assert kit.verify().ok


def test_a_stale_reader_of_a_stream_conflicts(tmp_path: Path) -> None:
    """A decision made on an older state of the stream is not written; the store says that it changed."""
    with fill(tmp_path / "branch.db") as kit, pytest.raises(Conflict), kit.store.transaction() as tx:
        tx.append("branch:B-1", [], expect=1)


def test_states_survive_reopening(tmp_path: Path) -> None:
    """A kit that is opened anew answers a repeated command as the first one did."""
    path = tmp_path / "branch.db"
    command = SetEquipmentState("B-1", "ATM-1", EquipmentState.SUSPENDED, by=HEAD, at=at(3), reason="no paper")
    with fill(path) as kit:
        first = kit.do(command)
    with open_kit(f"sqlite:///{path}") as kit:
        again = kit.do(command)

        assert attrs.evolve(first, repeated=True) == again
        assert kit.get(Branch, "B-1").devices().__next__().state is EquipmentState.SUSPENDED


def test_an_erased_value_leaves_the_journal_readable(tmp_path: Path) -> None:
    """After every personal value is erased the feed still reads, verification tells how many, and documents rebuild."""
    path = tmp_path / "branch.db"
    with fill(path) as kit:
        first = sheet("S1", 1, floor="fail", remark="the door sticks")
        with kit.store.transaction() as tx:
            refs = [row.ref for row in tx.sealed()]
            for ref in refs:
                tx.erase(ref)
        events = [one.event for one in kit.events()]
        kit.rebuild()
        found = kit.verify()

        assert (True, len(refs)) == (found.ok, found.erased)
        assert "sticks" not in str([attrs.asdict(event, recurse=True) for event in events])
        assert kit.do(submit(first)).repeated
