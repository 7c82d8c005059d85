"""Whatever bytes lie in a catalog's folder, only errors of branchkit come out, and never half a document."""

from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.catalog.kinds import FOLDERS
from branchkit.checklists import Checklist, Sheet, bind, judge, read
from branchkit.errors import BranchkitError, CatalogError, NotFound
from branchkit.estate import Branch

AT = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
PACKAGED = files("branchkit").joinpath("catalog")
WHOLE = PACKAGED.joinpath("checklists", "accessibility.toml").read_text(encoding="utf-8")
HEAD, _, CALL_POINT, _ = WHOLE.replace('id = "accessibility"', 'id = "acme.x"', 1).split("[[sections]]")
SHEET = f"{HEAD}[[sections]]{CALL_POINT}"
"""A packaged checklist with facts, choices, conditions and judgements, cut to one section."""
TOKENS = sorted(set(re.findall(r'"[^"]*"|\w+|[\[\]{}=,]', SHEET)))
PARTS = re.findall(r'"[^"]*"|\w+|\s+|.', SHEET)
WORDS = st.sampled_from([*TOKENS, "-1", "1e400", "1e-400", "nan", "true", '""', "{}", "[]", "2026-02-30", "\n", "''' "])

shared_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def outcome(root: Path, kind: str) -> object:
    catalog = Catalog([CatalogRoot("acme", root)])
    try:
        return catalog.get(kind, "acme.x")
    except BranchkitError as error:
        return error


def put(root: Path, kind: str, data: bytes) -> None:
    folder = root / FOLDERS[kind]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "x.toml").write_bytes(data)


@shared_folder
@given(kind=st.sampled_from(sorted(FOLDERS)), data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, kind: str, data: bytes) -> None:
    """Random bytes in place of a document are a `CatalogError` with problems and places."""
    root = tmp_path_factory.getbasetemp() / kind
    put(root, kind, data)

    found = outcome(root, kind)

    assert isinstance(found, CatalogError)
    assert found.problems
    assert all(problem.path.startswith("$") for problem in found.problems)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Draw a packaged checklist in which a few tokens were replaced, dropped or doubled."""
    parts = list(PARTS)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(parts) - 1))
        parts[at] = draw(st.one_of(WORDS, st.just(""), st.just(parts[at] * 2)))
    return "".join(parts)


@shared_folder
@given(text=mutated())
def test_mutated_checklist_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A checklist with a few tokens changed is read, or refused with a `CatalogError`; the check says the same."""
    root = tmp_path_factory.getbasetemp()
    put(root / "bank", "checklist", text.encode())
    (root / "nothing").mkdir(exist_ok=True)
    alone = Catalog([CatalogRoot("acme", root / "bank")], packaged=CatalogRoot("branchkit", root / "nothing"))

    found = outcome(root / "bank", "checklist")
    checked = [problem for place, problem in alone.check() if place == "acme/checklists/x.toml"]

    assert not isinstance(found, BranchkitError) or isinstance(found, CatalogError)
    assert not isinstance(found, CatalogError) or list(found.problems) == checked


@shared_folder
@given(text=mutated())
def test_what_the_lint_lets_through_works(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A changed checklist that passes the lint can be bound, read and judged without any answer."""
    root = tmp_path_factory.getbasetemp() / "works"
    put(root, "checklist", text.encode())
    found = outcome(root, "checklist")
    if not isinstance(found, Checklist):
        return
    bound = bind(found, Branch("B-1"), at=AT)
    sheet = Sheet("S-1", checklist=found.id, version=found.version, branch="B-1", at=AT, by="P-1")

    cells = read(sheet, bound).cells

    assert {item.id for _, item in found.items()} == {cell.item.id for cell in cells}
    assert () == judge(sheet, bound)


@given(kind=st.text(max_size=20), id=st.text(max_size=40), version=st.none() | st.text(max_size=10))
def test_random_names_are_not_found(kind: str, id: str, version: str | None) -> None:
    """Asking for something by a random name is `NotFound`, whatever the name is."""
    catalog = Catalog()

    for wanted in (kind, "checklist", "rule"):
        with pytest.raises(NotFound):
            catalog.get(wanted, f"{id}?", version)
