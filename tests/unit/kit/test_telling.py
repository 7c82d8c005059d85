"""What rungs tell goes to the outbox once for each person, and several cases go out together where a ladder says so."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from branchkit.kit import Kit
from branchkit.plugins import Message
from branchkit.values import Ref
from tests.unit.kit.guarded import FAULT, REPAIR, REPLY, book, fired, guarded_kit, open_fault, with_ladder
from tests.unit.kit.test_cases import MINUTE, MONDAY

LATER = MONDAY + 30 * MINUTE + MINUTE / 2


def _kit(group_by: Literal["branch", "place"] | None) -> Kit:
    return guarded_kit(rules_=book(with_ladder(REPLY, group_by=group_by), REPAIR, FAULT))


def _told(kit: Kit) -> list[Message]:
    fired(kit, LATER)
    return list(kit.outbox())


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [(None, {None}), ("branch", {"house.reply/B-1"}), ("place", {"house.reply/B-1/equipment:ATM-1"})],
    ids=str,
)
def test_messages_say_what_they_are_told_together_by(group_by: Any, groups: set[str | None]) -> None:
    """The body of a message holds the group of its ladder, or none; each case has a message of its own."""
    kit = _kit(group_by)
    for case in ("C-1", "C-2"):
        open_fault(kit, case, place=(Ref("equipment", "ATM-1"),))

    told = _told(kit)

    assert groups == {message.body.get("group") for message in told}
    assert ["C-1/reply/1/late/0/S-9", "C-2/reply/1/late/0/S-9"] == [message.key for message in told]


def test_other_places_are_other_groups() -> None:
    """Two machines of one branch are told apart where a ladder groups by place."""
    kit = _kit("place")
    for number in (1, 2):
        open_fault(kit, f"C-{number}", place=(Ref("equipment", f"ATM-{number}"),))

    assert 2 == len({message.body["group"] for message in _told(kit)})


def test_only_what_is_told_says_its_group() -> None:
    """A rung that tells nobody is on record without one."""
    kit = _kit("branch")
    open_fault(kit)
    fired(kit, LATER)

    events: list[Any] = [one.event for one in kit.events() if one.event.KIND == "rung_reached"]
    assert [("half", None), ("late", "branch")] == [(one.reached.rung, one.reached.group_by) for one in events]
    assert kit.verify().ok
