"""A case that ended as a duplicate and is opened again."""

from __future__ import annotations

from branchkit.procedures import Case, LinkCases, ReopenCase
from tests.unit.kit.guarded import fired, guarded_kit, open_fault
from tests.unit.kit.test_cases import HEAD, MINUTE, MONDAY


def test_a_duplicate_that_is_reopened_is_heard_of() -> None:
    """A case that ended as a duplicate and is opened again is none any more: its ladder begins anew, though the other
    is made a duplicate of it afterwards.
    """
    kit = guarded_kit()
    open_fault(kit)
    open_fault(kit, "C-2")
    kit.do(LinkCases("C-1", other="C-2", link="duplicate", by=HEAD, at=MONDAY + MINUTE))
    kit.do(ReopenCase("C-1", to=("receive",), reason="another fault", by=HEAD, at=MONDAY + 2 * MINUTE))
    kit.do(LinkCases("C-2", other="C-1", link="duplicate", by=HEAD, at=MONDAY + 3 * MINUTE))

    heard = [one for one in fired(kit, MONDAY + 32 * MINUTE) if one == "late fired"]

    assert heard
    assert (2, ()) == (kit.get(Case, "C-1").rungs["reply"].entry, kit.get(Case, "C-1").links)
    assert kit.verify().ok
