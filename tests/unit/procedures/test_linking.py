"""Links and parts lead to cases that are there, and never round."""

from __future__ import annotations

import attrs

from branchkit.procedures import CancelCase, Case, CaseFacts, Link, LinkCases, ReopenCase
from branchkit.procedures.linking import holds
from tests.unit.procedures.family import AT, CHIEF, completing, ends, opening, procedure, refused, run, stage

OF = procedure(stage("a", ends()))


def case(id: str, **more: object) -> Case:
    """Return an open case of that id."""
    return attrs.evolve(run(OF, opening()), id=id, **more)  # type: ignore[arg-type]


def linking(other: str, kind: str = "blocks") -> LinkCases:
    return LinkCases("C-1", other=other, link=kind, by=CHIEF, at=AT)  # type: ignore[arg-type]


def among(*cases: Case) -> CaseFacts:
    return CaseFacts(others={one.id: one for one in cases})


def test_a_case_holds_those_it_blocks_and_the_one_it_is_a_part_of() -> None:
    """Other links hold nobody."""
    one = case("C-1", links=(Link("blocks", "C-2"), Link("follow_up", "C-3")), parent="C-4")

    assert ["C-2", "C-4"] == list(holds(one))
    assert [] == list(holds(case("C-2")))


def test_without_a_look_at_other_cases_only_a_link_to_itself_is_refused() -> None:
    """Whoever decides without a store links to what may be there."""
    assert (Link("blocks", "C-2"),) == run(OF, linking("C-2"), case=case("C-1")).links
    assert ["same_case"] == refused(OF, case("C-1"), linking("C-1"))
    assert "C-9" == run(OF, opening(parent="C-9")).parent


def test_what_is_not_there_is_not_linked_to() -> None:
    """A link and a parent are refused, each at its place."""
    both = opening(parent="C-8", links=(Link("split", "C-2"), Link("split", "C-9")))

    assert ["unknown_case"] == refused(OF, case("C-1"), linking("C-2"), among())
    assert ["unknown_case", "unknown_case"] == refused(OF, None, both, among(case("C-2")))


def test_a_circle_is_found_however_long_and_through_whatever_is_missing() -> None:
    """C-2 holds C-3, which is a part of C-4, which blocks C-1; a case that is gone leads no further."""
    ring = (
        case("C-2", links=(Link("blocks", "C-3"), Link("blocks", "gone"))),
        case("C-3", parent="C-4"),
        case("C-4", links=(Link("blocks", "C-1"), Link("blocks", "C-3"))),
    )

    assert ["circular"] == refused(OF, case("C-1"), linking("C-2"), among(*ring))
    assert ["circular"] == refused(OF, None, opening(parent="C-2"), among(*ring))
    assert (Link("caused_by", "C-2"),) == run(
        OF, linking("C-2", "caused_by"), case=case("C-1"), facts=among(*ring)
    ).links
    assert (Link("blocks", "C-2"),) == run(OF, linking("C-2"), case=case("C-1"), facts=among(*ring[:2])).links


def test_a_duplicate_is_of_a_case_that_goes_on_or_has_come_to_its_end() -> None:
    """Of a cancelled case nothing is a duplicate, and nothing becomes a part of one that is over."""
    over, closed = case("C-2", status="cancelled"), case("C-3", status="closed")

    assert ["case_not_open"] == refused(OF, case("C-1"), linking("C-2", "duplicate"), among(over))
    assert "cancelled" == run(OF, linking("C-3", "duplicate"), case=case("C-1"), facts=among(closed)).status
    assert ["case_not_open"] == refused(OF, None, opening(parent="C-3"), among(closed))
    assert (Link("duplicate", "C-2"),) == run(OF, opening(links=(Link("duplicate", "C-2"),))).links


def test_a_case_with_open_parts_is_not_cancelled() -> None:
    """Neither by hand nor as a duplicate, unless the link was there before; other links are nothing to its parts."""
    held = attrs.evolve(among(case("C-2")), parts=("C-3",), blocked_by=("C-3",))
    cancel = CancelCase("C-1", reason="told twice", by=CHIEF, at=AT)

    assert ["held_by_cases"] == refused(OF, case("C-1"), cancel, held)
    assert ["held_by_cases"] == refused(OF, case("C-1"), linking("C-2", "duplicate"), held)
    assert (Link("split", "C-2"),) == run(OF, linking("C-2", "split"), case=case("C-1"), facts=held).links
    doubled = case("C-1", links=(Link("duplicate", "C-2"),))
    assert doubled == run(OF, linking("C-2", "duplicate"), case=doubled, facts=held)
    assert "cancelled" == run(OF, cancel, case=case("C-1"), facts=among()).status


def test_a_part_is_opened_again_in_an_open_case_alone() -> None:
    """The case of which it is a part is looked at where there is one, and somebody looks."""
    closed = attrs.evolve(case("C-9"), status="closed")
    part = attrs.evolve(run(OF, opening(), completing("a")), parent="C-9")
    again = ReopenCase("C-1", to=("a",), reason="again", by=CHIEF, at=AT)

    assert ["case_not_open"] == refused(OF, part, again, among(closed))
    for facts in (among(), CaseFacts(), among(case("C-9"))):
        assert "open" == run(OF, again, case=part, facts=facts).status
