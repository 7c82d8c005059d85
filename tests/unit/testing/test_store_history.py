"""The search for an order finds one exactly where there is one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.storage import MemoryStore
from branchkit.testing.store_hammer import hammer, read_steps
from branchkit.testing.store_history import Seen, Step, Wrote, order_of


def explains(order: Iterable[Step]) -> bool:
    """Say whether each step, taken in this order, sees what those before it left."""
    order = list(order)
    state: dict[str, tuple[int, str | None]] = {}
    for step in order:
        for seen in step.seen:
            version, value = state.get(seen.key, (0, None))
            if (seen.version, seen.value) != ((version, value) if value is not None else (0, None)):
                return False
        for wrote in step.wrote:
            version = state.get(wrote.key, (0, None))[0] + (wrote.value is not None)
            if wrote.version not in (None, version):
                return False
            state[wrote.key] = (version, wrote.value)
    return not any(
        later.ended is not None and later.ended < earlier.began for earlier, later in itertools.combinations(order, 2)
    )


def has_order(steps: list[Step]) -> bool:
    """Try every order of what was answered with every choice of what was not."""
    sure = [step for step in steps if step.ended is not None]
    unsure = [step for step in steps if step.ended is None]
    return any(
        explains(order)
        for count in range(len(unsure) + 1)
        for happened in itertools.combinations(unsure, count)
        for order in itertools.permutations([*sure, *happened])
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Draw what a sound store may answer to few who overlap, and perhaps one answer that it would not give."""
    state: dict[str, tuple[int, str | None]] = {}
    steps: list[Step] = []
    for n in range(draw(st.integers(1, 6))):
        # It takes effect at 10 * n, within what its caller saw.
        began = 10 * n - draw(st.integers(0, 25))
        ended = draw(st.one_of(st.none(), st.integers(10 * n, 10 * n + 25)))
        looks = draw(st.sets(st.sampled_from("xy")))
        changes = draw(st.sets(st.sampled_from("xy")))
        seen = []
        for key in sorted(looks):
            version, value = state.get(key, (0, None))
            seen.append(Seen(key) if value is None else Seen(key, version, value))
        wrote = []
        happens = ended is not None or draw(st.booleans())
        for key in sorted(changes):
            value = draw(st.sampled_from([f"v{n}", f"v{n}", None]))
            version = state.get(key, (0, None))[0] + (value is not None)
            wrote.append(Wrote(key, value, None if value is None or ended is None else version))
            if happens:
                state[key] = (version, value)
        steps.append(Step(by=str(n), began=began, ended=ended, seen=() if ended is None else (*seen,), wrote=(*wrote,)))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(steps) - 1))
        value = draw(st.sampled_from([None, *(f"v{n}" for n in range(6))]))
        lie = Seen("x") if value is None else Seen("x", draw(st.integers(1, 4)), value)
        steps[at] = attrs.evolve(steps[at], seen=(lie, *(each for each in steps[at].seen if each.key != "x")))
    return draw(st.permutations(steps))


@given(histories())
def test_it_finds_an_order_exactly_where_there_is_one(steps: list[Step]) -> None:
    """On small histories it agrees with trying every order, and the order it gives explains what was seen."""
    ordering = order_of(steps)

    assert has_order(steps) == ordering.ok, str(ordering)
    if ordering.ok:
        assert {id(step) for step in steps if step.ended is not None} <= {id(step) for step in ordering.order}
        for key in "xy":
            assert explains(
                attrs.evolve(
                    step,
                    seen=tuple(each for each in step.seen if each.key == key),
                    wrote=tuple(each for each in step.wrote if each.key == key),
                )
                for step in ordering.order
                if any(each.key == key for each in (*step.seen, *step.wrote))
            )


def test_it_says_where_no_order_goes_on() -> None:
    """Two who each counted on from the same number are told, with what they saw."""
    steps = [
        Step(by=by, began=0, ended=9, seen=(Seen("k", 1, "start"),), wrote=(Wrote("k", by),))
        for by in ("left", "right")
    ]
    begin = Step(by="begin", began=-2, ended=-1, wrote=(Wrote("k", "start", 1),))

    ordering = order_of([*steps, begin])

    assert not ordering.ok
    assert ["begin", "left"] == [step.by for step in ordering.order]
    assert ["right"] == [step.by for step in ordering.stuck]
    assert "After 2 steps" in str(ordering)
    assert "by='right'" in str(ordering)


def test_a_long_history_takes_no_long_search(tmp_path: Path) -> None:
    """Some thousand steps of eight who overlap all the time are put in order."""
    steps = hammer(MemoryStore(), tmp_path, workers=8, steps=150)

    ordering = order_of(steps)

    assert ordering.ok, str(ordering)
    assert len(steps) == len(ordering.order)


def test_what_was_never_answered_may_have_happened(tmp_path: Path) -> None:
    """A worker's last step without an answer, and one that failed, may have happened; a conflict did not."""
    log = tmp_path / "log"
    began = '{"by": "w-%s", "began": %s, "wrote": [["A", "w-%s"]]}\n'
    ended = '{"ended": %s, "outcome": "%s", "seen": [["A", 0, null]], "versions": {"A": 1}}\n'
    log.write_text(
        began % (0, 1, 0) + ended % (2, "done") + began % (1, 3, 1) + ended % (4, "conflict") + began % (2, 5, 2)
        + ended % (6, "error") + began % (3, 7, 3)
    )  # fmt: skip

    steps = list(read_steps(log))

    assert [("w-0", 2), ("w-2", None), ("w-3", None)] == [(step.by, step.ended) for step in steps]
    assert (Seen("A"),) == steps[0].seen
    assert (Wrote("A", "w-2"),) == steps[1].wrote
