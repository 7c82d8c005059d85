"""The JSON Schema of each kind of document: what core and its plug-ins ship fits it, and a misspelt key does not."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from branchkit.catalog import Catalog, packaged_root
from branchkit.catalog.kinds import FOLDERS

ROOT = Path(__file__).parents[3]
KINDS = {folder: kind for kind, folder in FOLDERS.items()} | {"rules": "rules"}
ROOTS = {
    "core": Path(str(packaged_root().path)),
    **{path.parent.name: path for path in sorted(ROOT.glob("plugins/*/src/*/catalog"))},
}
SHIPPED = [
    pytest.param(KINDS[path.relative_to(root).parts[0]], path, id=f"{name}-{path.relative_to(root).with_suffix('')}")
    for name, root in ROOTS.items()
    for path in sorted(root.rglob("*.toml"))
    if path.relative_to(root).parts[0] in KINDS
]
CATALOG = Catalog()


def plain(value: Any) -> Any:
    """Return TOML as an editor's JSON: a date is text."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def misfits(kind: str, document: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(CATALOG.schema(kind)).iter_errors(document)]


def test_every_folder_is_looked_at() -> None:
    """Core and the plug-ins with a catalog are there, and of each kind that core ships, at least one document."""
    kinds = {one.values[0] for one in SHIPPED}

    assert {"core", "branchkit_opendata", "branchkit_stars"} <= set(ROOTS)
    assert {"checklist", "policy", "standard", "register", "table", "schedule", "rules"} <= kinds


@pytest.mark.parametrize(("kind", "path"), SHIPPED)
def test_shipped_documents_fit_their_schema(kind: str, path: Path) -> None:
    """Every document that is shipped fits the schema that editors complete by."""
    assert [] == misfits(kind, plain(tomllib.loads(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("kind", sorted({*FOLDERS, "rules"}))
def test_every_schema_is_one(kind: str) -> None:
    """The schema of every kind is itself sound, and refuses an empty document."""
    schema = CATALOG.schema(kind)

    Draft202012Validator.check_schema(schema)
    assert misfits(kind, {})


NESTED = {
    "checklist": ("checklists/outdoor.toml", ["sections", 0, "items", 0]),
    "policy": ("policies/environment.toml", ["parts", 0]),
    "standard": ("estate_standards/standard.toml", ["branches", 0, "zones", 0]),
    "register": ("registers/seals.toml", ["fields", 0]),
    "table": ("decision_tables/teller-levels.toml", ["rows", 0]),
    "schedule": ("schedules/rural.toml", ["entries", 0]),
    "rules": ("rules/governance/documents.toml", ["rules", 0]),
}


@pytest.mark.parametrize("nested", [False, True], ids=["at the top", "below"])
@pytest.mark.parametrize("kind", sorted(NESTED))
def test_schemas_refuse_an_unknown_key(kind: str, nested: bool) -> None:
    """A key that the document does not have is refused, at the top as well as in what it holds."""
    place, steps = NESTED[kind]
    document = plain(tomllib.loads((ROOTS["core"] / place).read_text(encoding="utf-8")))
    here = document
    for step in steps if nested else []:
        here = here[step]
    assert [] == misfits(kind, document)

    here["colour"] = "red"
    assert misfits(kind, document)


def test_the_schema_of_calendars_refuses_an_unknown_key() -> None:
    """No calendar is shipped, so one is written here: it fits, and with a misspelt key it does not."""
    text = {"zh": "甲", "en": "A"}
    days = [{"date": "2026-01-01", "working": False, "name": text}]
    span = {"confirmed_from": "2026-01-01", "confirmed_through": "2026-12-31"}
    good = {"schema": "branchkit.calendar/1", "id": "a", "version": "1", "title": text, **span, "days": days}

    assert [] == misfits("calendar", good)
    assert misfits("calendar", good | {"colour": "red"})
    assert misfits("calendar", good | {"days": [days[0] | {"colour": "red"}]})
