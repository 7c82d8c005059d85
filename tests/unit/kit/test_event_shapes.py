"""The shapes in which events were ever kept: what was kept stays readable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from branchkit.codec import json_schema
from branchkit.kit.wire import EVENT_VERSION, EVENTS

SHAPES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "journals" / "shapes.json").read_text(encoding="utf-8")
)


def kinds(schema: dict[str, Any]) -> set[str]:
    """Return what may stand at a place: kinds of plain data, and classes."""
    if "anyOf" in schema:
        return {kind for one in schema["anyOf"] for kind in kinds(one)}
    return {str(schema.get("type", schema.get("$ref", "anything")))}


def parts(schema: dict[str, Any], path: str = "$") -> Iterator[tuple[str, str]]:
    """Yield what a JSON Schema asks of data: every property by its path with its kind, and what is required."""
    for name, below in schema.get("properties", {}).items():
        wanted = " required" if name in schema.get("required", ()) else ""
        yield f"{path}.{name}", " or ".join(sorted(kinds(below))) + wanted
        yield from parts(below, f"{path}.{name}")
    for name, below in schema.get("$defs", {}).items():
        yield from parts(below, f"{path}/{name}")


def shape(kind: str) -> dict[str, str]:
    """Return the shape in which events of a kind are kept now."""
    return dict(parts(json_schema(EVENTS[kind])))


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_an_event_is_kept_in_the_shape_it_had(kind: str) -> None:
    """An event that was ever kept is still read: nothing of it is gone or of another kind, nothing new is required.

    Whoever needs another shape raises the version of events and brings an upcaster; the stored shape stays.
    """
    before, now = SHAPES[kind], shape(kind)

    assert before == {path: what for path, what in now.items() if path in before}
    added = {path for path, what in now.items() if path not in before and what.endswith(" required")}
    assert not [path for path in added if not _new(path, before)]


def _new(path: str, before: dict[str, str]) -> bool:
    """Say whether a required part lies in something that did not exist before, where nothing was ever kept."""
    above = path.rpartition(".")[0]
    return above not in before and not any(known.startswith(f"{above}.") for known in before)


def test_every_event_has_its_stored_shape() -> None:
    """An event that is kept from now on has its shape stored beside the others."""
    assert sorted(SHAPES) == sorted(EVENTS)
    assert EVENT_VERSION == 1
