from __future__ import annotations

from branchkit.kit.floors import DECIDE, FLOORS, FOLD, KINDS, VIEWS, AnyCommand, AnyEvent
from branchkit.kit.wire import COMMANDS, EVENTS


def test_the_unions_name_what_the_floors_bring() -> None:
    """Every command that a floor decides, and every event that it folds, is in the union that lines are read by."""
    assert set(AnyCommand.__args__) == set(DECIDE) == set(COMMANDS)
    assert set(AnyEvent.__args__) == set(FOLD) == set(EVENTS.values())


def test_floors_share_nothing() -> None:
    """No command, event or kind of document belongs to two floors."""
    assert len(DECIDE) == sum(len(floor.decide) for floor in FLOORS)
    assert len(FOLD) == sum(len(floor.fold) for floor in FLOORS)
    assert len(KINDS) == sum(len(floor.kinds) for floor in FLOORS)
    assert len(EVENTS) == len(FOLD)


def test_what_is_told_of_an_event_is_of_the_same_floor() -> None:
    """A floor tells details of its own events only."""
    assert all(floor.details.keys() <= floor.fold.keys() for floor in FLOORS)


def test_a_view_follows_documents_of_its_floor() -> None:
    """What is worked out of documents names a kind and a field of its own floor, and events that are known."""
    kinds = {event.KIND for event in FOLD}

    for floor in FLOORS:
        fields = {kind.name: kind.fields for kind in floor.kinds}
        assert all(view.FIELD in fields[view.KIND] for view in floor.views)
        assert all(event in kinds for view in floor.views for event in view.EVENTS)
    assert sum(map(len, VIEWS.values())) == sum(len(floor.views) for floor in FLOORS)
