"""Whatever was told of a customer: once erased it is in no byte of the store, and everything else is as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchkit.codec import blanked, structure, unstructure
from branchkit.customers import Customer, CustomerErased
from tests.property.customer_histories import STEPS, History
from tests.unit.kit import people

_steps = st.tuples(st.sampled_from([*STEPS, "erase"]), st.sampled_from(["C-1", "C-2"]))


def bytes_of(folder: Path) -> bytes:
    """Return the bytes of a store that is closed: to close its file drops the locks of one that is open."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("people.db*")))


@settings(max_examples=25)
@given(st.lists(_steps, max_size=14), st.sampled_from(["C-1", "C-2"]))
def test_what_was_erased_is_nowhere_and_the_rest_is_whole(steps: list[tuple[str, str]], last: str) -> None:
    """customers:PRV-02: after any history an erased customer's values are in no byte, every chain is intact, the
    journal folds to the same documents, and what was told of the other customer is still there.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with people.open_kit(f"sqlite:///{folder}/people.db?sync=normal") as kit:
            history = History(kit)
            history.take("register", "C-1")
            history.take("register", "C-2")
            for step, customer in (*steps, ("case", last), ("erase", last)):
                if step == "erase":
                    history.erase(customer)
                else:
                    history.take(step, customer)
                assert kit.verify().problems == ()
            verified, replaced = kit.verify(), kit.rebuild()
            kept = {one.id for one in kit.find(Customer) if one.erased is None}
        data = bytes_of(folder)

    assert verified.ok
    assert verified.erased
    assert 0 == replaced.changed + replaced.added + replaced.removed
    assert [] == [mark for mark in sorted(history.erased | history.never) if mark.encode() in data]
    assert kept <= {"C-1", "C-2"} - {last}
    assert all(any(mark.encode() in data for mark in history.marks[one]) for one in kept)


@pytest.mark.parametrize(
    "customer", [people.register().particulars, people.register()], ids=lambda one: type(one).__name__
)
def test_blanking_is_reading_without_the_values(customer: object) -> None:
    """What blanking leaves can be written and read again, and blanking it again changes nothing."""
    blank = blanked(customer)

    assert blank == structure(type(blank), unstructure(blank))
    assert blank is blanked(blank)


def test_an_erasure_names_what_it_erased() -> None:
    """The event of an erasure names every document that held something, and nothing of what it said."""
    with people.open_kit() as kit:
        history = History(kit)
        for step in ("register", "case", "sheet"):
            history.take(step, "C-1")
        history.erase("C-1")
        erased = [one.event for one in kit.events() if isinstance(one.event, CustomerErased)]

    assert ["case", "sheet", "sheet", "sheet"] == sorted(ref.kind for ref in erased[0].documents)
    assert [] == [mark for mark in history.erased if mark in repr(erased)]
