"""Laws of scoring what is stored under other rules."""

from __future__ import annotations

import shutil
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Sheet
from branchkit.kit import Kit, RuleBook
from tests.unit.kit.house import FOLDER, at, open_kit, register, rules, sheet, submit

_result = st.sampled_from(["pass", "fail"])
_sheets = st.lists(
    st.fixed_dictionaries(
        {
            "hours": st.integers(1, 20),
            "floor": _result,
            "lights": _result,
            "screens": st.sets(st.sampled_from(["ATM-1", "ATM-2"])).map(tuple),
            "remark": st.sampled_from([None, "a word", "erased"]),
            "revises": st.booleans(),
        }
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    """Return the rules of the house with a policy that takes twice as much away."""
    root = shutil.copytree(FOLDER, tmp_path_factory.mktemp("house"), dirs_exist_ok=True)
    file = root / "policies" / "points.toml"
    text = file.read_text(encoding="utf-8").replace('points = "10"', 'points = "20"')
    file.write_text(text.replace('version = "1"', 'version = "2"', 1), encoding="utf-8")
    return attrs.evolve(rules(), catalog=Catalog((CatalogRoot("house", root),)))


def filled(kit: Kit, sheets: list[dict[str, Any]]) -> str:
    """Hand sheets in, some of them as revisions of the one before, and return the journal's head."""
    kit.do(register())
    before: str | None = None
    for number, one in enumerate(sheets):
        content = dict(one)
        revised = before if content.pop("revises") else None
        name = f"S{number}"
        kit.do(submit(sheet(name, supersedes=revised, **content), recorded_at=at(30)))
        before = name
    return head(kit)


def head(kit: Kit) -> str:
    with kit.store.transaction(write=False) as tx:
        return tx.head()


@given(_sheets)
@settings(max_examples=40)
def test_the_rules_in_force_move_nobody(sheets: list[dict[str, Any]]) -> None:
    """Under rules that are those in force, loaded once more, each sheet that counts is told once, as it was scored."""
    again = attrs.evolve(rules(), catalog=Catalog(rules().catalog.roots[1:]))
    with open_kit() as kit:
        before = filled(kit, sheets)
        found = list(kit.shadow(again))
        counting = [
            one.id for one in kit.find(Sheet) if not any(other.supersedes == one.id for other in kit.find(Sheet))
        ]

        assert counting == [one.sheet for one in found]
        assert all(one.moved == "same" and one.before == one.after and not one.is_changed for one in found)
        assert before == head(kit)


@given(_sheets)
@settings(max_examples=40)
def test_better_one_way_is_worse_the_other(stricter: RuleBook, sheets: list[dict[str, Any]]) -> None:
    """Seen from the other rules everything is turned round: before and after, better and worse, lost and gained."""
    with open_kit() as kit, Kit.open("memory:", rules=stricter) as strict:
        filled(kit, sheets)
        filled(strict, sheets)
        there, back = list(kit.shadow(stricter)), list(strict.shadow(rules()))

    turned = {"better": "worse", "worse": "better", "same": "same"}
    assert [(one.sheet, one.before, one.after, turned[one.moved], one.lost, one.gained) for one in there] == [
        (one.sheet, one.after, one.before, one.moved, one.gained, one.lost) for one in back
    ]
    assert all(one.moved != "better" for one in there)
