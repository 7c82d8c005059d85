"""What a report on a branch gathers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import attrs
import pytest

from branchkit.errors import NotFound
from branchkit.estate import Branch, Entry, RecordEntry, StaffMember
from branchkit.kit import Kit, SectionResult
from branchkit.values import FrozenMap, Severity, Text
from tests.unit.kit.house import BRANCH, HEAD, at, open_kit, register, sheet, submit


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Give a kit with a branch, its people, and three sheets of which one was revised."""
    with open_kit() as kit:
        kit.do(register(attrs.evolve(BRANCH, staff=(StaffMember("P-1", name="Zhang San"),))))
        kit.do(submit(sheet("S1", 1, floor="fail", screens=("ATM-1", "ATM-2"))))
        kit.do(submit(sheet("S2", 2, floor="fail", screens=("ATM-1",))))
        kit.do(submit(sheet("S3", 3, lights="fail", screens=("ATM-1",), supersedes="S2")))
        kit.do(submit(sheet("D", 4, state="draft", answers=())))
        yield kit


def test_a_report_shows_the_latest_sheet_and_the_trend(kit: Kit) -> None:
    """The latest final sheet is shown with its score, its sections and the scores that still count."""
    report = kit.report("B-1", at=at(9))
    (one,) = report.checklists

    assert ("S3", "house.round", "1", "S-1", at(3)) == (one.sheet, one.checklist, one.version, one.by, one.at)
    assert [("S1", Decimal(70)), ("S3", Decimal(80))] == [(point.sheet, point.points) for point in one.trend]
    assert one.decision is not None
    assert (Decimal(80), "poor") == (one.decision.value.points, one.decision.value.band)
    assert [(1, 1), (1, 1)] == [(section.passed, section.failed) for section in one.sections]
    assert ["good", "poor"] == [code for code, _ in one.bands]
    assert one.fixes is not None
    assert ("good", 1) == (one.fixes.to, len(one.fixes.fixes))


def test_a_report_shows_the_findings_where_they_are(kit: Kit) -> None:
    """Open findings stand under the zone of their device, the worst first; those of the branch as a whole apart."""
    report = kit.report("B-1", at=at(9))
    shown = {zone.zone: [one.id for one in zone.findings if one.sheet] for zone in report.zones}

    assert ["S3/lights"] == shown[None]
    assert ["S1/screen@equipment:ATM-1"] == shown["Z-1"]
    assert Severity.CRITICAL is report.worst
    assert 2 == report.closed_findings
    assert report.open_findings == sum(len(zone.findings) for zone in report.zones)


def test_a_report_names_nobody(kit: Kit) -> None:
    """The people of the branch are left out, and the state the report shows is named by the journal's head."""
    report = kit.report("B-1", at=at(9))

    assert "Zhang" not in str(attrs.asdict(report.branch))
    assert kit.verify().head == report.head
    assert report == kit.report("B-1", at=at(9))


def test_a_report_on_nothing_is_not_found(kit: Kit) -> None:
    """A branch that is not registered has no report; one without sheets has one for the moment that is named."""
    kit.do(register(Branch("B-2"), hours=1))
    with pytest.raises(NotFound, match="No branch 'B-9'"):
        kit.report("B-9", at=at(9))

    assert () == kit.report("B-2", at=at(9)).checklists


def test_a_section_without_judged_items_has_no_percentage() -> None:
    """Percentages are whole, rounded half up, and there is none of nothing."""
    title = Text(en="Hall")
    of = {
        (passed, failed): SectionResult(title=title, passed=passed, failed=failed, not_applicable=0, unknown=0).percent
        for passed, failed in ((0, 0), (1, 1), (2, 1), (1, 7))
    }

    assert {(0, 0): None, (1, 1): Decimal(50), (2, 1): Decimal(67), (1, 7): Decimal(13)} == of


def test_a_report_speaks_of_its_moment(kit: Kit) -> None:
    """As of an earlier moment the later sheets and scores are not there, and what they closed is open."""
    then = kit.report("B-1", at=at(1.5))
    (one,) = then.checklists

    assert ("S1", [Decimal(70)]) == (one.sheet, [point.points for point in one.trend])
    assert 0 == then.closed_findings
    assert {"S1/floor", "S1/screen@equipment:ATM-1", "S1/screen@equipment:ATM-2"} == {
        finding.id for zone in then.zones for finding in zone.findings if finding.sheet
    }


def test_a_report_judges_the_registers(kit: Kit) -> None:
    """What has expired in a register that the branch keeps is among its findings from the day after its last one."""
    iodine = Entry(
        "iodine",
        register="medicine-box",
        branch="B-1",
        values=FrozenMap({"medicine": "iodine"}),
        valid_until=at(0).date(),
    )
    kit.do(RecordEntry(iodine, by=HEAD, at=at(1)))
    expired = [
        [finding.id for zone in kit.report("B-1", at=moment).zones for finding in zone.findings if not finding.sheet]
        for moment in (at(9), at(24))
    ]

    assert [False, True] == ["register/B-1/medicine-box/expired/iodine" in ids for ids in expired]
