"""The shipped procedures and ladders together use whatever they can say, so that none of it is untried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.escalation import EscalationLadder, Rung
from branchkit.procedures import Procedure, RecordFact, Stage, Transition
from branchkit.temporal import ClockSpec

CATALOG = Catalog()
OWN = {
    (ClockSpec, "calendar"): "a calendar names days of one year and one bank, so none is shipped for a clock to go by",
    (ClockSpec, "line"): "which business lines keep hours of their own is the bank's to say",
    (Procedure, "applies"): "no source keeps a whole procedure from a kind of branch; stages ask for the kind instead",
    (EscalationLadder, "retry"): "how soon to look again no source says; the five minutes it is by itself are kept",
}
"""What is a bank's own to use, and why; it is tried by the tests of the floors."""


def parts(value: Any) -> Iterator[Any]:
    """Yield every object of a document, itself first."""
    if isinstance(value, tuple):
        for one in value:
            yield from parts(one)
    elif attrs.has(type(value)):
        yield value
        for field in attrs.fields(type(value)):
            yield from parts(getattr(value, field.name))


@pytest.fixture(scope="module")
def used() -> dict[tuple[type, str], set[str]]:
    """Return, by class and field, the values other than the default that shipped documents give, as text."""
    found: dict[tuple[type, str], set[str]] = {}
    for kind in ("procedure", "ladder"):
        for entry in CATALOG.entries(kind):
            for one in parts(CATALOG.get(kind, entry.id, entry.version)):
                for field in attrs.fields(type(one)):
                    value = getattr(one, field.name)
                    default = field.default.factory() if isinstance(field.default, attrs.Factory) else field.default  # type: ignore[attr-defined]
                    if value != default:
                        found.setdefault((type(one), field.name), set()).add(str(value))
    return found


@pytest.mark.parametrize("cls", [Procedure, Stage, Transition, RecordFact, ClockSpec, EscalationLadder, Rung])
def test_every_feature_has_a_user(cls: type, used: dict[tuple[type, str], set[str]]) -> None:
    """Every field is used by some shipped document, unless it is said why a bank alone can."""
    unused = [field.name for field in attrs.fields(cls) if (cls, field.name) not in used]

    assert sorted(name for of, name in OWN if of is cls) == sorted(unused)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ((RecordFact, "take"), {"count", "distinct", "exists", "latest", "sum"}),
        ((RecordFact, "of"), {"case", "entry", "lead", "referral"}),
        ((Rung, "if_nobody"), {"wait"}),
        ((EscalationLadder, "acknowledgement"), {"nothing", "stops"}),
    ],
)
def test_every_choice_has_a_user(
    field: tuple[type, str], values: set[str], used: dict[tuple[type, str], set[str]]
) -> None:
    """What can be chosen is chosen somewhere, but for what happens by itself."""
    assert values <= used[field]
