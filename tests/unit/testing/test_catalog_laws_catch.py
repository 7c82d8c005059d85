"""Each law of a catalog and of a calendar catches the one that breaks it, and lets the sound one pass."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.codec import Document
from branchkit.errors import BranchkitError
from branchkit.plugins import CalendarRecord
from branchkit.temporal import Calendar
from branchkit.testing.calendars import CalendarLaws
from branchkit.testing.catalogs import CatalogLaws
from branchkit.testing.laws import law_names
from branchkit.values import Text

CHECKLIST = """schema = "branchkit.checklist/1"
id = "acme.tour"
version = "1"
title = { zh = "巡查", en = "Tour" }
policy = "acme.share"
[[sections]]
id = "all"
title = { zh = "全部", en = "All" }
[[sections.items]]
id = "clean"
text = { zh = "干净", en = "It is clean" }
rules = ["estate:EST-OUT-03"]
severity = "minor"
"""
POLICY = """schema = "branchkit.scoring_policy/1"
id = "acme.share"
version = "1"
title = { zh = "比例", en = "Share" }
checklists = ["acme.tour"]
ceiling = 100
[[parts]]
kind = "points"
id = "all"
title = { zh = "全部", en = "All" }
worth = 100
[[bands]]
code = "good"
title = { zh = "好", en = "Good" }
"""
Files = dict[str, str]


def sound() -> Files:
    return {"checklists/tour.toml": CHECKLIST, "policies/share.toml": POLICY}


def edited(name: str, before: str, after: str) -> Files:
    files = sound()
    assert before in files[name]
    return files | {name: files[name].replace(before, after)}


SABOTEURS: dict[str, tuple[Files, ...]] = {
    "test_it_brings_something": ({"__init__.py": ""},),
    "test_it_passes_its_check": (
        sound() | {"readme.txt": "a stranger"},
        edited("checklists/tour.toml", "acme.share", "shares"),
    ),
    "test_every_document_loads_alone": (edited("policies/share.toml", "worth = 100", "worth = -1"),),
    "test_ids_carry_the_name": (edited("policies/share.toml", "acme.share", "share"),),
    "test_words_are_there_in_both_languages": (edited("checklists/tour.toml", "It is clean", " "),),
    "test_rules_that_are_named_are_in_the_register": (edited("checklists/tour.toml", "EST-OUT-03", "EST-OUT-999"),),
    "test_policies_fit_what_they_score": (
        edited("policies/share.toml", "worth = 100", 'worth = 100\nselect = { sections = ["none"] }'),
        edited("policies/share.toml", "acme.tour", "acme.walk"),
    ),
}


def laws(folder: Path, files: Files) -> CatalogLaws:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    class Tried(CatalogLaws):
        def make_root(self) -> CatalogRoot:
            return CatalogRoot("acme", folder)

    return Tried()


def test_every_law_of_catalogs_has_its_saboteur() -> None:
    """There is a saboteur for each law; documents that do not come back take a broken class, below."""
    assert sorted(law_names(CatalogLaws)) == sorted([*SABOTEURS, "test_documents_come_back"])


@pytest.mark.parametrize(
    ("law", "files"),
    [(law, one) for law, several in SABOTEURS.items() for one in several],
    ids=lambda one: str(one)[:60],
)
def test_a_broken_catalog_breaks_its_law(law: str, files: Files, tmp_path: Path) -> None:
    """The law that a catalog breaks says so."""
    with pytest.raises((AssertionError, BranchkitError)):
        getattr(laws(tmp_path, files), law)()


@pytest.mark.parametrize("law", [*SABOTEURS, "test_documents_come_back"])
def test_a_sound_catalog_keeps_every_law(law: str, tmp_path: Path) -> None:
    """A catalog without faults keeps each law."""
    getattr(laws(tmp_path, sound()), law)()


def test_an_override_keeps_the_packaged_id(tmp_path: Path) -> None:
    """What stands in the place of a packaged document has that document's id, and no law asks otherwise."""
    override = Catalog().checklist("outdoor").to_toml()
    (tmp_path / "overrides" / "checklists").mkdir(parents=True)
    (tmp_path / "overrides" / "checklists" / "outdoor.toml").write_text(override, encoding="utf-8")

    laws(tmp_path, {}).test_ids_carry_the_name()
    laws(tmp_path, {}).test_it_passes_its_check()


def test_a_document_that_does_not_come_back_is_told(tmp_path: Path) -> None:
    """A document that says other things once it is written and read is caught."""

    @attrs.frozen
    class Lossy(Document):
        SCHEMA = "lossy/1"

        id: str
        note: str = attrs.field(kw_only=True)

        def to_json(self, *, indent: int | None = None) -> bytes:
            return Document.to_json(attrs.evolve(self, note="lost"), indent=indent)

    tried = laws(tmp_path, sound())
    tried._alone = lambda source: Lossy("acme.tour", note="kept")  # type: ignore[method-assign]  # a broken class

    with pytest.raises(AssertionError, match="by way of JSON"):
        tried.test_documents_come_back()


YEAR = Calendar(
    "acme.works",
    version="1",
    title=Text(zh="日历", en="Works"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
)
BACKWARDS = attrs.evolve(YEAR, confirmed_through=dt.date(2025, 1, 1))
_DAYS = itertools.count(1)


def moving() -> Calendar:
    return attrs.evolve(YEAR, version=str(next(_DAYS)))


def dated() -> Calendar:
    return YEAR if time.time() else BACKWARDS


def calendar_laws(load: Callable[[], Calendar]) -> CalendarLaws:
    class Tried(CalendarLaws):
        def make_record(self) -> CalendarRecord:
            return CalendarRecord("acme.works", version="1", load=load)

    return Tried()


CALENDAR_SABOTEURS: dict[str, Callable[[], Calendar]] = {
    "test_it_loads_the_same_each_time": moving,
    "test_it_is_a_document_without_faults": lambda: BACKWARDS,
    "test_nothing_comes_from_clock_or_chance": dated,
}


def test_every_law_of_calendars_has_its_saboteur() -> None:
    """There is a saboteur for each law, and for nothing else."""
    assert sorted(law_names(CalendarLaws)) == sorted(CALENDAR_SABOTEURS)


@pytest.mark.parametrize("law", CALENDAR_SABOTEURS)
def test_a_broken_calendar_breaks_its_law(law: str) -> None:
    """The law that a calendar breaks says so, and the sound one keeps it."""
    getattr(calendar_laws(lambda: YEAR), law)()

    with pytest.raises(AssertionError):
        getattr(calendar_laws(CALENDAR_SABOTEURS[law]), law)()
