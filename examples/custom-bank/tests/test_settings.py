"""The plug-in is told everything in one table, and refuses what it cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest
from branchkit_harbour.settings import Settings
from branchkit_harbour.storage import open_file

from branchkit.errors import DecodeError
from branchkit.plugins import StoreContext
from branchkit.values import FrozenMap


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"minutes": {}}, "$.minutes"),
        ({"minutes": 5}, "$.minutes"),
        ({"minutes": {"engineer": 0}}, "$.minutes.engineer"),
        ({"checkpoint_every": 0}, "$.checkpoint_every"),
        ({"checkpoint_every": True}, "$.checkpoint_every"),
        ({"patience": -1}, "$.patience"),
        ({"path": "x"}, "$"),
    ],
)
def test_settings_that_are_none_are_refused(tmp_path: Path, settings: dict[str, object], place: str) -> None:
    """Unknown settings, and such as mean nothing, are told with their place; nothing is opened."""
    context = StoreContext(f"harbour:{tmp_path / 'x.json'}", settings=FrozenMap(settings))

    for attempt in (lambda: Settings.read(settings), lambda: open_file(context)):
        with pytest.raises(DecodeError) as error:
            attempt()
        assert [place] == [problem.path for problem in error.value.problems]
    assert not (tmp_path / "x.json").exists()


def test_the_store_is_told_by_the_same_table(tmp_path: Path) -> None:
    """What is for the escalation does not hinder the store, and the other way round."""
    settings = FrozenMap({"minutes": FrozenMap({"outlet_head": 5}), "checkpoint_every": 3})

    with open_file(StoreContext(f"harbour:{tmp_path / 'x.json'}", settings=settings)) as store:
        assert 3 == store.checkpoint_every
    assert ["outlet_head"] == list(Settings.read(settings).minutes)
