"""The tables under the memory store."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from branchkit.storage.ordered import GONE, Table, View


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30))), st.integers(0, 31))
def test_a_table_yields_its_keys_in_order(steps: list[tuple[bool, int]], start: int) -> None:
    """After any puts and removals the keys come sorted, from any one on."""
    table: Table[int] = Table()
    for put, key in steps:
        if put:
            table.set((key,), key)
        elif (key,) in table.rows:
            table.remove((key,))

    assert sorted(key for key in table.rows if key >= (start,)) == list(table.keys((start,)))


def test_a_big_table_stays_in_order() -> None:
    """Keys that come in any order fill and split and empty the buckets."""
    table: Table[int] = Table()
    for n in range(9000):
        table.set((n * 7919 % 9000,), n)

    assert [(n,) for n in range(4321, 9000)] == list(table.keys((4321,)))
    for n in range(0, 9000, 2):
        table.remove((n,))
    for n in range(1, 5000, 2):
        table.remove((n,))
    assert [(n,) for n in range(5001, 9000, 2)] == list(table.keys((0,)))


@given(
    st.dictionaries(st.integers(0, 9), st.integers()),
    st.dictionaries(st.integers(0, 9), st.integers() | st.just(GONE)),
    st.integers(0, 9),
)
def test_a_layer_hides_what_lies_below(base: dict[int, int], over: dict[int, object], start: int) -> None:
    """A view gives the layer's rows where it has them, and the base's where it has not."""
    table: Table[int] = Table()
    for key, value in base.items():
        table.set((key,), value)
    view = View({"t": table})
    for key, new in over.items():
        view.set("t", (key,), new)

    seen = {key: value for key, value in {**base, **over}.items() if value is not GONE}
    assert sorted((key, value) for key, value in seen.items() if key >= start) == [
        (key, value) for (key,), value in view.scan("t", (start,))
    ]
    assert [seen.get(n) for n in range(10)] == [view.get("t", (n,)) for n in range(10)]
