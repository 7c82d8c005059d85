"""Importers, catalog, policy and calendar keep the laws that every plug-in's do."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from branchkit_opendata import plugin

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Checklist
from branchkit.plugins import CalendarRecord, HookContext, ImporterRecord, SourceFile
from branchkit.scoring import ScoringPolicy
from branchkit.testing.calendars import CalendarLaws
from branchkit.testing.catalogs import CatalogLaws
from branchkit.testing.importers import ImporterLaws
from branchkit.testing.scoring import ScoringPolicyLaws

DATA = Path(__file__).resolve().parents[3] / "examples" / "data"
ROOT = CatalogRoot("opendata", files("branchkit_opendata").joinpath("catalog"))


def file(name: str, document: Any) -> SourceFile:
    return SourceFile(name, data=json.dumps(document, ensure_ascii=False, indent=1).encode())


def feed(path: str, noun: str) -> SourceFile:
    """Return a carried feed with its first two records."""
    document = json.loads((DATA / path).read_bytes())
    brand = document["data"][0]["Brand"][0]
    brand[noun] = brand[noun][:2]
    return file(Path(path).name, document)


class _Importer(ImporterLaws):
    format: str

    def make_record(self) -> ImporterRecord:
        records = {record.key: record for record in plugin.branchkit_importers(HookContext())}
        return records[f"opendata.{self.format}"]


class TestMachines(_Importer):
    """Cash machines."""

    format = "obie-atms"

    def make_files(self) -> tuple[SourceFile, ...]:
        return (feed("uk-open-banking-atms-hsbc/atms-2024-01-21.json", "ATM"),)


class TestBranches(_Importer):
    """Branches."""

    format = "obie-branches"

    def make_files(self) -> tuple[SourceFile, ...]:
        return (feed("uk-open-banking-branches-lloyds/spec-examples-v2.3.json", "Branch"),)


class TestInspections(_Importer):
    """Inspections, of two tables."""

    format = "sf-inspections"

    def make_files(self) -> tuple[SourceFile, ...]:
        names = ("inspections-2015.csv", "violations-2015.csv")
        heads = ((DATA / "sf-food-inspections" / name).read_bytes().splitlines(keepends=True)[:8] for name in names)
        return tuple(SourceFile(name, data=b"".join(head)) for name, head in zip(names, heads, strict=True))


class TestWorkingDays(_Importer):
    """Announced working days."""

    format = "state-council-calendar"

    def make_files(self) -> tuple[SourceFile, ...]:
        return (file("days.json", json.loads((DATA / "calendars/cn-state-council-2015-2026.json").read_bytes())[:2]),)


class TestIncidents(_Importer):
    """Updates of a service desk's incidents."""

    format = "servicenow-incidents"

    def make_files(self) -> tuple[SourceFile, ...]:
        rows = (
            "number,incident_state,sys_updated_at,opened_at,priority,assignment_group,caller_id",
            "I-1,New,1/3/2016 09:05,1/3/2016 09:00,3 - Moderate,G-1,C-1",
            "I-1,Awaiting Vendor,1/3/2016 10:05,1/3/2016 09:00,2 - High,G-2,C-1",
            "I-2,Active,1/3/2016 10:05,1/3/2016 10:00,?,?,?",
            "I-1,Closed,2/3/2016 10:05,1/3/2016 09:00,2 - High,G-2,C-1",
            "I-1,Closed,3/3/2016 10:05,1/3/2016 09:00,2 - High,G-2,C-1",
        )
        return (SourceFile("log.csv", data="\n".join(rows).encode()),)


class TestComplaints(_Importer):
    """Complaints passed on by the US consumer bureau."""

    format = "cfpb-complaints"

    def make_files(self) -> tuple[SourceFile, ...]:
        rows = (
            "Date received,Company,Date sent to company,Company response to consumer,Timely response?,Complaint ID",
            "04/01/25,Lender One,04/03/25,Closed with explanation,Yes,1",
            "04/01/25,Lender Two,04/01/25,Untimely response,No,2",
            "04/02/25,Lender One,None,In progress,None,3",
        )
        return (SourceFile("complaints.csv", data="\n".join(rows).encode()),)


class TestCatalog(CatalogLaws):
    """How inspections are scored, and the procedures of incidents and complaints."""

    def make_root(self) -> CatalogRoot:
        return ROOT


class TestScore(ScoringPolicyLaws):
    """The city's score."""

    def make_policy(self) -> ScoringPolicy:
        return Catalog((ROOT,)).policy("opendata.sf-2015")

    def make_checklists(self) -> tuple[Checklist, ...]:
        return (Catalog((ROOT,)).checklist("opendata.sf-food-visit"),)


class TestCalendar(CalendarLaws):
    """The working days that the package carries."""

    def make_record(self) -> CalendarRecord:
        return plugin.branchkit_calendars(HookContext())[0]
