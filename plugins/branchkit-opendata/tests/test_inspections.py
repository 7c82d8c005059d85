from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import io
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from branchkit_opendata import inspections

from branchkit.checklists import Checklist, Sheet, SubmitSheet, bind, read
from branchkit.codec import dump_json, structure, unstructure
from branchkit.errors import InputError
from branchkit.estate import Branch, RegisterBranch
from branchkit.scoring import Evidence, RubricPolicy, Score

DATA = Path(__file__).resolve().parents[3] / "examples" / "data"
VISITS = "sf-food-inspections/inspections-2015.csv"
FINDINGS = "sf-food-inspections/violations-2015.csv"
CATALOG = files("branchkit_opendata").joinpath("catalog")
Import = Callable[..., Any]

NO_FINDINGS = b"business_id,date,ViolationTypeID,risk_category,description\n"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((DATA / name).read_text(encoding="utf-8"))))


def written(table: list[dict[str, str]], columns: list[str] | None = None) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or list(table[0]), extrasaction="ignore")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue().encode()


def visits(*lines: str) -> bytes:
    return "\n".join(("business_id,date,type,official_score", *lines)).encode()


def findings(*lines: str) -> bytes:
    return NO_FINDINGS + "\n".join(lines).encode()


def sheets(result: Any) -> list[Sheet]:
    return [command.sheet for command in result.commands if isinstance(command, SubmitSheet)]


def checklist() -> Checklist:
    return Checklist.from_toml(CATALOG.joinpath("checklists", "sf-food-visit.toml").read_bytes())


def policy() -> RubricPolicy:
    return RubricPolicy.from_toml(CATALOG.joinpath("policies", "sf-2015.toml").read_bytes())


def scored(result: Any) -> list[Score]:
    form, rubric = checklist(), policy()
    return [
        rubric.score(Evidence(sheet, bind(form, Branch(sheet.branch), at=sheet.at))).value for sheet in sheets(result)
    ]


def values(sheet: Sheet, item: str) -> list[object]:
    return [answer.value for answer in sheet.answers if answer.item == item]


def example() -> Any:
    path = DATA.parent / "official_scores.py"
    spec = importlib.util.spec_from_file_location("official_scores", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def visits_of_day(difference: Any) -> int:
    key = (difference.business, difference.day.strftime("%Y%m%d"))
    return sum(1 for row in rows(VISITS) if (row["business_id"], row["date"]) == key)


@pytest.fixture(scope="module")
def year(imported: Import) -> Any:
    return imported(inspections.read, VISITS, FINDINGS)


@pytest.fixture(scope="module")
def scores(year: Any) -> list[Score]:
    return scored(year)


def test_the_real_year(year: Any) -> None:
    """The carried year gives a sheet for each of its 7,870 visits, in the table's order, and each business once."""
    businesses = [command.branch.id for command in year.commands if isinstance(command, RegisterBranch)]

    assert [(row["business_id"], row["date"]) for row in rows(VISITS)] == [
        (sheet.branch, sheet.at.strftime("%Y%m%d")) for sheet in sheets(year)
    ]
    assert 7870 == len(sheets(year)) == len({sheet.id for sheet in sheets(year)})
    assert len(businesses) == len(set(businesses)) == len({row["business_id"] for row in rows(VISITS)})
    assert 484 == sum(1 for count in Counter((s.branch, s.at) for s in sheets(year)).values() if count > 1)
    assert 4187 == sum(1 for sheet in sheets(year) if values(sheet, "graded") == ["yes"])


def test_every_finding_is_on_a_sheet_or_told(year: Any) -> None:
    """Of 10,384 findings, those of days without a visit are told with their number, all others are on sheets."""
    last_of_day = {(sheet.branch, sheet.at): sheet for sheet in sheets(year)}
    risks = Counter(risk for sheet in last_of_day.values() for risk in values(sheet, "risk"))

    assert 10_384 == risks.total() + 7 + 4 + 2
    assert [
        "No visit of business '3038' on 2015-04-15, so 7 findings belong to no sheet",
        "No visit of business '81704' on 2015-08-21, so 4 findings belong to no sheet",
        "No visit of business '82700' on 2015-11-28, so 2 findings belong to no sheet",
    ] == [notice.message for notice in year.notices]


def test_the_official_scores(scores: list[Score]) -> None:
    """4,099 of 4,187 official scores come out exactly, and precisely the visits without one stay unscored."""
    official = [row["official_score"] for row in rows(VISITS)]

    assert [not cell for cell in official] == [score.points is None for score in scores]
    assert 4099 == sum(1 for cell, score in zip(official, scores, strict=True) if cell and int(cell) == score.points)
    assert 54 == min(int(cell) for cell in official if cell)


def test_the_comparison_lists_what_differs(scores: list[Score], year: Any) -> None:
    """The example's comparison counts the exact scores and lists every other one, none hidden."""
    computed = {sheet.id: score.points for sheet, score in zip(sheets(year), scores, strict=True)}
    found = example().compare(DATA / VISITS, computed)
    lines = list(found.lines())

    assert "4,099 of 4,187 official scores come out exactly" == lines[0]
    assert (7870, 88, 88) == (found.visits, len(found.differences), len(lines) - 3)
    assert 7 == sum(1 for one in found.differences if visits_of_day(one) > 1)


def test_the_comparison_lists_what_only_one_side_scores(tmp_path: Path) -> None:
    """A visit that only the source scores, and one that only we score, are differences; agreement on none is not."""
    table = tmp_path / "visits.csv"
    table.write_bytes(visits("1,20150101,x,90", "1,20150101,x,", "2,20150101,x,"))
    found = example().compare(table, {"sf:1:20150101:1": None, "sf:1:20150101:2": Decimal(90), "sf:2:20150101:1": None})

    assert (3, 1, 0) == (found.visits, found.official, found.exact)
    assert [(Decimal(90), None), (None, Decimal(90))] == [(one.official, one.ours) for one in found.differences]


def test_the_bands(scores: list[Score]) -> None:
    """Where our score is the official one, the band is the one the department publishes for it."""
    bands = [(91, "good"), (86, "adequate"), (71, "needs_improvement"), (0, "poor")]
    official = [int(row["official_score"] or -1) for row in rows(VISITS)]
    expected = [next((band for least, band in bands if cell >= least), None) for cell in official]
    pairs = [
        (want, score.band) for cell, want, score in zip(official, expected, scores, strict=True) if score.points == cell
    ]

    assert {"good": 2690, "adequate": 678, "needs_improvement": 710, "poor": 109, None: 3683} == Counter(expected)
    assert 4099 == len(pairs)
    assert all(want == band for want, band in pairs)


def test_the_official_score_is_never_an_input(imported: Import, year: Any) -> None:
    """With every official figure replaced, what comes out is the same byte for byte."""
    chance = random.Random(7)
    changed = [
        row | {column: str(chance.randrange(100)) for column in ("official_score", "score_by_rule") if row[column]}
        for row in rows(VISITS)
    ]
    again = imported(inspections.read, written(changed), FINDINGS)

    assert [dump_json(unstructure(one)) for one in year.commands] == [
        dump_json(unstructure(one)) for one in again.commands
    ]


def test_other_shapes_of_the_same_tables(imported: Import, year: Any) -> None:
    """Without the added columns, in another order, with other headings and dates, the same commands come out."""
    bare = [
        {"Score": row["official_score"], "TYPE": row["type"], "postal": "94110", "Business ID": row["business_id"],
         "date": f"{row['date'][:4]}-{row['date'][4:6]}-{row['date'][6:]}"}
        for row in rows(VISITS)
    ]  # fmt: skip
    found = [{"extra": "1", **dict(reversed(row.items()))} for row in rows(FINDINGS)]
    again = imported(inspections.read, b"\xef\xbb\xbf" + written(found), written(bare))

    assert [command.id for command in year.commands] == [command.id for command in again.commands]


def test_ids(year: Any) -> None:
    """Every command has an id of its own, made of format, record, ordinal and content."""
    ids = [command.id for command in year.commands]

    assert len(ids) == len(set(ids))
    assert ids[1].startswith("sf-inspections:31:20151204:1:")


def test_every_command_survives_json(year: Any) -> None:
    """A command written as plain data reads back equal, with its id."""
    for command in year.commands[:300]:
        assert command == structure(type(command), unstructure(command))


def test_sheets_are_complete(year: Any) -> None:
    """Every sheet answers everything its checklist requires."""
    form = checklist()

    assert [] == [
        problem
        for sheet in sheets(year)[:500]
        for problem in read(sheet, bind(form, Branch(sheet.branch), at=sheet.at)).problems
    ]


def test_the_city_begins_its_day_in_its_own_zone(imported: Import) -> None:
    """A day without a time is taken from its beginning, by the city's clock in winter and in summer."""
    found = sheets(imported(inspections.read, visits("1,20150101,x,", "1,20150701,x,"), NO_FINDINGS))

    assert ["2015-01-01T00:00:00-08:00", "2015-07-01T00:00:00-07:00"] == [sheet.at.isoformat() for sheet in found]


def test_findings_of_a_day_go_to_every_visit_of_it(imported: Import) -> None:
    """Two visits on one day both get the day's findings, repeated ones included, in the order of the table."""
    result = imported(
        inspections.read,
        visits("1,20150101,Routine - Unscheduled,91", "1,20150101,Complaint,"),
        findings(
            "1,20150101,103119,Moderate Risk,a",
            "1,20150101,103119,Moderate Risk,a",
            "1,20150101,1,N/A,b",
            "1,20150101,,,",
        ),
    )

    assert [["moderate", "moderate", "not_stated", "not_stated"]] * 2 == [values(s, "risk") for s in sheets(result)]
    assert ["sf:1:20150101:1", "sf:1:20150101:2"] == [sheet.id for sheet in sheets(result)]
    assert [92, None] == [score.points for score in scored(result)]


def test_only_graded_routine_visits_are_scored(imported: Import) -> None:
    """A routine unscheduled visit without a published score, and any other visit, stays unscored and says why."""
    result = imported(
        inspections.read,
        visits("1,20150101,Routine - Unscheduled,", "2,20150101,Routine - Scheduled,90", "3,20150101,,90"),
        NO_FINDINGS,
    )

    assert [None, None, None] == [score.points for score in scored(result)]
    assert all(score.reason is not None for score in scored(result))


def test_unknown_types_of_visits_are_kept(imported: Import) -> None:
    """A type nobody listed is kept as a code, with the source's own word beside it."""
    (sheet,) = sheets(imported(inspections.read, visits("1,20150101,Fire / Flood visit,"), NO_FINDINGS))

    assert (["fire_flood_visit"], ["Fire / Flood visit"]) == (
        values(sheet, "visit-type"),
        values(sheet, "visit-type-word"),
    )


@pytest.mark.parametrize(
    "table",
    [
        b"business_id,date,type\n1,20150101,Routine - Unscheduled\n2,20150101,Complaint\n",
        visits("1,20150101,Routine - Unscheduled,", "2,20150101,Complaint,"),
    ],
    ids=["no column", "a blank column"],
)
def test_no_score_is_needed_to_score(imported: Import, table: bytes) -> None:
    """Where the source publishes no score for any visit, every routine unscheduled one is scored, and that is told."""
    result = imported(inspections.read, table, NO_FINDINGS)

    assert [100, None] == [score.points for score in scored(result)]
    assert ["file-0:$"] == [notice.path for notice in result.notices]


def test_a_business_is_known_from_its_first_visit(imported: Import) -> None:
    """The business is registered before its sheets, as of its earliest visit, wherever that stands in the table."""
    result = imported(inspections.read, visits("1,20150301,x,", "1,20150101,x,"), NO_FINDINGS)

    assert ["register_branch", "submit_sheet", "submit_sheet"] == [command.KIND for command in result.commands]
    assert dt.date(2015, 1, 1) == result.commands[0].at.date()


def test_encodings(imported: Import) -> None:
    """What is not UTF-8 is refused with the byte, and read where the option names its encoding."""
    tables = visits("1,20150101,x,"), findings("1,20150101,1,Low Risk,caf\u00e9").decode().encode("cp1252")
    (sheet,) = sheets(imported(inspections.read, *tables, encoding="cp1252"))

    assert ["caf\u00e9"] == values(sheet, "description")
    with pytest.raises(InputError, match="encoding may name cp1252"):
        imported(inspections.read, *tables)
    with pytest.raises(InputError, match="utf-8, cp1252"):
        imported(inspections.read, *tables, encoding="x")


@pytest.mark.parametrize(
    ("tables", "path"),
    [
        ((visits("1,20150101,x,"),), "$.files"),
        ((NO_FINDINGS,), "$.files"),
        ((b"a,b\n1,2\n", NO_FINDINGS), "$"),
        ((visits("1,20150101,x,"), visits("1,20150101,x,"), NO_FINDINGS), "$"),
        ((b"business_id,date,type,score,risk_category\n", NO_FINDINGS), "$"),
        ((visits("1,01/02/2015,x,"), NO_FINDINGS), "$[0].date"),
        ((visits("1,20150230,x,"), NO_FINDINGS), "$[0].date"),
        ((visits(",20150101,x,"), NO_FINDINGS), "$[0].business_id"),
        ((visits("1,20150101,x"), NO_FINDINGS), "$[0]"),
        ((visits("1,20150101,x,"), findings("1,20150101,1,Medium,x")), "$[0].risk_category"),
        ((visits('1,20150101,"x'), NO_FINDINGS), "$"),
        ((b"", NO_FINDINGS), "$"),
        ((b"\xff\xfe", NO_FINDINGS), "$"),
        ((b"business_id,date,type,score,official_score\n", NO_FINDINGS), "$"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(imported: Import, tables: tuple[bytes, ...], path: str) -> None:
    """Tables of another shape, and cells that are no day, code or risk, are refused before anything comes out."""
    with pytest.raises(InputError) as caught:
        imported(inspections.read, *tables)

    assert path == caught.value.problems[0].path
