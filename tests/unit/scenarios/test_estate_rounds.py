"""Worked scenarios of the estate's digest that are told by sheets, carried out on the shipped checklists."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, BoundChecklist, CellState, Reading, Sheet, bind, judge, read
from branchkit.estate import Branch, Equipment, Zone
from branchkit.findings import Finding
from branchkit.temporal import Hours
from branchkit.values import Ref, Severity

SHANGHAI = ZoneInfo("Asia/Shanghai")
JUNE_1 = dt.datetime(2026, 6, 1, 10, 0, tzinfo=SHANGHAI)
BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    traits=frozenset(),
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:30"}),
    services=frozenset(),
    zones=(Zone("wait", kind="waiting_zone"), Zone("self", kind="self_service_zone")),
    equipment=(
        Equipment("NC-1", kind="note_counter", zone="wait", parts=()),
        Equipment("NC-2", kind="note_counter", zone=None),
        Equipment("ATM-1", kind="atm", zone="self"),
        Equipment("SCREEN-1", kind="outdoor_screen", zone=None),
    ),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def bound_to(catalog: Catalog, name: str, at: dt.datetime = JUNE_1, branch: Branch = BRANCH) -> BoundChecklist:
    return bind(catalog.checklist(name), branch, at=at)


def sheet_of(bound: BoundChecklist, *answers: Answer) -> Sheet:
    return Sheet(
        "S-1",
        checklist=bound.checklist.id,
        version=bound.checklist.version,
        branch=bound.pin.branch,
        at=bound.pin.at,
        by="P-1",
        answers=answers,
    )


def states(reading: Reading, item: str) -> set[CellState]:
    return {cell.state for cell in reading.by_item[item]}


def shown(findings: tuple[Finding, ...]) -> list[tuple[str, tuple[str, ...], Severity]]:
    return [(str(one.item), one.rules, one.severity) for one in findings]


def test_daily_round_finds_what_is_missing_expired_and_dirty(catalog: Catalog) -> None:
    """estate:S-3: a daily round gives exactly the missing, the expired and the uncleaned, and nothing else."""
    box = bound_to(catalog, "convenience-area")
    filled = sheet_of(
        box,
        Answer("medicine-box", value="pass"),
        Answer("adhesive-bandages", value="pass"),
        Answer("adhesive-bandages-expiry", value="2027-03-31"),
        Answer("cooling-patches", value="fail"),
        Answer("iodine", value="pass"),
        Answer("iodine-expiry", value="2026-05-10"),
        Answer("gauze", value="pass"),
        Answer("gauze-expiry", value="2028-01-01"),
    )
    log = bound_to(catalog, "cleaning-log")
    ticked = sheet_of(
        log,
        Answer("floor-clean", value="pass"),
        Answer("counters-clean", value="pass"),
        Answer("self-service-devices-clean", value="fail"),
    )
    care = bound_to(catalog, "self-service-zone")
    atm = (Ref("equipment", "ATM-1"),)
    cared = sheet_of(
        care,
        Answer("last-check", value="2026-06-01", on=atm),
        Answer("last-service", value="2026-05-20", on=atm),
    )

    found = [*judge(filled, box), *judge(ticked, log), *judge(cared, care)]

    assert [
        ("convenience-area/cooling-patches", ("estate:EST-CONV-13",), Severity.MINOR),
        ("convenience-area/iodine-expiry", ("estate:EST-CONV-17",), Severity.MAJOR),
        ("cleaning-log/self-service-devices-clean", ("estate:CLN-04",), Severity.MINOR),
    ] == shown(tuple(found))
    assert {CellState.PASSED} == states(read(filled, box), "medicine-box")
    assert {CellState.PASSED} == states(read(cared, care), "last-check") | states(read(cared, care), "last-service")
    assert {CellState.NOT_APPLICABLE} == states(read(filled, box), "cooling-patches-expiry")


def plate(bound: BoundChecklist, *, corporate_holiday: str, system: str | None = None) -> Sheet:
    def on(day_type: str, line: str) -> tuple[Ref, Ref]:
        return Ref("day_type", day_type), Ref("business_line", line)

    times = [on("workday", "personal"), on("holiday", "personal"), on("workday", "corporate")]
    last = on("holiday", "corporate")
    known = () if system is None else (Answer("hours-in-system", value=system, on=last),)
    return sheet_of(
        bound,
        *(Answer("hours-on-plate", value="times", on=one) for one in times),
        *(Answer("hours-agree", value="pass", on=one) for one in times),
        Answer("hours-on-plate", value=corporate_holiday, on=last),
        *known,
        Answer("plate-languages", value="pass", on=(Ref("plate", "hours_plate"), Ref("language", "zh"))),
        Answer("plate-languages", value="fail", on=(Ref("plate", "hours_plate"), Ref("language", "en"))),
    )


@pytest.mark.parametrize(
    ("answer", "system", "expected"),
    [
        pytest.param(
            "missing",
            None,
            ["estate:EST-OUT-07", "estate:EST-OUT-08", "service:OPN-06"],
            id="nothing known of the system",
        ),
        pytest.param(
            "missing", "open", ["estate:EST-OUT-07", "estate:EST-OUT-08", "service:OPN-06"], id="open by the system"
        ),
        pytest.param(
            "missing", "closed", ["estate:EST-OUT-07", "estate:EST-OUT-08", "service:OPN-06"], id="has to say closed"
        ),
        pytest.param("closed", "closed", [], id="says closed, and is"),
        pytest.param(
            "closed",
            "open",
            ["estate:EST-OUT-07", "estate:EST-OUT-08", "service:OPN-06", "estate:EST-OUT-14"],
            id="says closed, and is open",
        ),
    ],
)
def test_hours_plate_misses_one_combination(
    catalog: Catalog, answer: str, system: str | None, expected: list[str]
) -> None:
    """estate:S-4: a combination that the plate leaves out fails unless it says closed and is; Chinese alone fails."""
    bound = bound_to(catalog, "outdoor")

    found = judge(plate(bound, corporate_holiday=answer, system=system), bound)

    combination = (Ref("branch", "B-1"), Ref("day_type", "holiday"), Ref("business_line", "corporate"))
    assert expected == [rule for one in found if one.item == "outdoor/hours-on-plate" for rule in one.rules]
    assert {one.place for one in found if one.item == "outdoor/hours-on-plate"} <= {combination}
    others = [one for one in found if one.item != "outdoor/hours-on-plate"]
    assert [("outdoor/plate-languages", ("estate:EST-OUT-10",), Severity.MINOR)] == shown(tuple(others))
    assert (Ref("branch", "B-1"), Ref("plate", "hours_plate"), Ref("language", "en")) == others[0].place


def test_hours_plate_has_to_say_closed(catalog: Catalog) -> None:
    """estate:S-4: where the system knows the combination as closed, the finding says that the plate has to say so."""
    bound = bound_to(catalog, "outdoor")

    found = judge(plate(bound, corporate_holiday="missing", system="closed"), bound)

    assert ["Closed by the system: the plate has to say so"] == [
        one.message.en for one in found if one.item == "outdoor/hours-on-plate"
    ]


def screen_sheet(bound: BoundChecklist, *, displayed: str, works: str | None) -> Sheet:
    screen = Ref("equipment", "SCREEN-1")
    row = (screen, Ref("row", "1"))
    return sheet_of(
        bound,
        *(() if works is None else (Answer("screen-works", value=works, on=(screen,)),)),
        Answer("content", value="Spring savings week", on=row),
        Answer("content-displayed", value=displayed, on=row),
        Answer("content-lawful", value="pass", on=row),
        Answer("content-valid-until", value="2026-05-31", on=row),
    )


def test_expired_content_is_shown_in_business_hours(catalog: Catalog) -> None:
    """estate:S-5: at 10:00 the screen works and passes, and what it shows is out of date and fails."""
    bound = bound_to(catalog, "signs-and-screens", JUNE_1)
    sheet = screen_sheet(bound, displayed="yes", works="pass")

    found = judge(sheet, bound)

    assert [("signs-and-screens/content-valid-until", ("estate:EST-DSP-05",), Severity.MAJOR)] == shown(found)
    assert (Ref("branch", "B-1"), Ref("equipment", "SCREEN-1"), Ref("row", "Spring savings week")) == found[0].place
    assert {CellState.PASSED} == states(read(sheet, bound), "screen-works")


def test_expired_content_is_still_loaded_after_hours(catalog: Catalog) -> None:
    """estate:S-5: at 22:00 the dark screen is not asked to work, and the content that is still loaded only warns."""
    bound = bound_to(catalog, "signs-and-screens", JUNE_1.replace(hour=22))
    sheet = screen_sheet(bound, displayed="no", works=None)

    found = judge(sheet, bound)

    assert [("signs-and-screens/content-valid-until", ("estate:EST-DSP-05",), Severity.WARNING)] == shown(found)
    assert {CellState.NOT_APPLICABLE} == states(read(sheet, bound), "screen-works")


def test_content_on_its_last_day_is_valid(catalog: Catalog) -> None:
    """The day a content is valid until is its last good day: estate:EST-DSP-05 fails from the day after."""
    bound = bound_to(catalog, "signs-and-screens", dt.datetime(2026, 5, 31, 10, tzinfo=SHANGHAI))

    assert () == judge(screen_sheet(bound, displayed="yes", works=None), bound)


def test_note_counter_is_moved_out_of_view(catalog: Catalog) -> None:
    """estate:S-6: it works and passes, it is out of view and fails, and what nobody can review fails by itself."""
    bound = bound_to(catalog, "convenience-area")
    on = (Ref("equipment", "NC-1"),)
    sheet = sheet_of(
        bound,
        Answer("note-counter-works", value="pass", on=on),
        Answer("note-counter-in-view", value="fail", on=on, note="behind the pillar"),
    )

    reading = read(sheet, bound)

    assert [
        ("convenience-area/note-counter-in-view", ("estate:EST-CONV-07",), Severity.CRITICAL),
        ("convenience-area/counting-recorded", ("estate:EST-CONV-08",), Severity.CRITICAL),
    ] == shown(judge(sheet, bound))
    assert {CellState.PASSED} == states(reading, "note-counter-works")
    assert [on] == [cell.on for cell in reading.by_item["note-counter-works"]]


def test_unknown_equipment_is_no_finding(catalog: Catalog) -> None:
    """Where nobody knows what equipment there is, the cells of estate:S-6 are unknown and nothing is found."""
    branch = Branch("B-2", time_zone="Asia/Shanghai")
    bound = bound_to(catalog, "convenience-area", branch=branch)
    sheet = attrs.evolve(sheet_of(bound), branch="B-2")

    assert () == judge(sheet, bound)
    assert {CellState.UNKNOWN} == states(read(sheet, bound), "note-counter-works")
