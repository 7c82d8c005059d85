"""Facts that are codes or ids, of which the catalog does not say which there are."""

from __future__ import annotations

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import RawFact
from branchkit.checklists.binding import typed_fact
from branchkit.conditions import FactSpec, FactType
from branchkit.procedures import Procedure

OWNER = FactSpec("owner", FactType.CODE)
OWNERS = FactSpec("owners", FactType.CODES)


@pytest.mark.parametrize("id", ["S-017", "网点-17", "13"])
def test_an_id_of_any_script_is_taken(id: str) -> None:
    """An id is taken as it is, alone and among others."""
    assert id == typed_fact(OWNER, id)
    assert frozenset({id}) == typed_fact(OWNERS, (id,))


@pytest.mark.parametrize("told", ["", " S-1", "138 0013 8000", "C-13800138000"])
def test_somebodys_number_is_no_code(told: str) -> None:
    """customers:PRV-01: facts stand in the journal for good, so what is no id, or a number of somebody, is refused."""
    whole: tuple[tuple[FactSpec, RawFact], ...] = ((OWNER, told), (OWNERS, ("S-1", told)))
    for spec, raw in whole:
        with pytest.raises(ValueError, match="Expected a code or an id") as caught:
            typed_fact(spec, raw)

        assert "8000" not in str(caught.value)


def test_no_procedure_of_the_catalog_takes_text_for_a_fact() -> None:
    """customers:PRV-01: words of somebody are sealed where they have a field of their own; facts are not."""
    catalog = Catalog()
    found = [catalog.get("procedure", entry.id) for entry in catalog.entries() if entry.kind == "procedure"]
    texts = [
        f"{one.id} {spec.name}"
        for one in found
        if isinstance(one, Procedure)
        for spec in one.facts
        if spec.type is FactType.TEXT
    ]

    assert found
    assert [] == texts
