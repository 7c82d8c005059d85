"""What a damaged store holds does not come out with the error that says so."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import branchkit
from branchkit.customers import Customer
from branchkit.errors import StoreCorrupt
from branchkit.kit import Kit
from branchkit.kit.seeing import glance
from tests.unit.kit import people

LIBRARY = str(Path(branchkit.__file__).parent)
READ: dict[str, Callable[[Kit], Any]] = {
    "get": lambda kit: kit.get(Customer, "C-1"),
    "find": lambda kit: list(kit.find(Customer)),
    "glance": lambda kit: glance(kit, "C-1"),
    "see": lambda kit: kit.see("C-1", purpose="service", by=people.MANAGER, at=people.at(1)),
    "retain": lambda kit: list(kit.retain(people.at(1))),
    "erase": lambda kit: kit.do(people.erase()),
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("wrong", ["cut", "key"])
def test_no_frame_of_an_error_holds_what_is_stored(name: str, wrong: str, tmp_path: Path) -> None:
    """customers:PRV-01: neither a document that breaks off nor a value in the place of a key is in the error, in its
    causes, or in the variables of the library's frames.
    """
    path = tmp_path / "people.db"
    with people.open_kit(f"sqlite:///{path}") as kit:
        kit.do(people.register())
    new = {"cut": "substr(text, 1, length(text) - 9)", "key": "replace(text, '\"name\":', '\"Ping key\":')"}
    with closing(sqlite3.connect(path)) as connection, connection:
        sql = f"UPDATE branchkit_document SET text = {new[wrong]} WHERE kind = 'customer'"  # noqa: S608
        assert connection.execute(sql).rowcount
    with people.open_kit(f"sqlite:///{path}") as kit, pytest.raises(StoreCorrupt) as caught:
        READ[name](kit)

    error = caught.value
    told = traceback.TracebackException.from_exception(error, capture_locals=True, compact=False)
    frames = [frame.locals for frame in told.stack if frame.filename.startswith(LIBRARY)]
    assert frames
    assert "Ping" not in f"{error} {error.args} {frames}"
    assert (None, None) == (error.__cause__, error.__context__)
