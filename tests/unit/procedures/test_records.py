"""Facts over other records, and sheets as forms."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.checklists import Answer, Checklist, EachEquipment, Item, Section, Sheet, TextAnswer, read
from branchkit.conditions import FactSpec, FactType
from branchkit.estate import Branch, Equipment
from branchkit.procedures import CaseFacts, FormReading, OpenedBy, Record, RecordFact, case_key, opened_by, resolve
from branchkit.procedures.facts import look
from branchkit.values import FrozenMap, Ref, Severity, Unknown
from tests.unit.procedures.family import AT, T, ends, procedure, stage

DAY = dt.timedelta(days=1)
RECORDS = (
    Record(of="finding", at=AT - 400 * DAY, values={"by": "S-1", "points": Decimal(5)}),
    Record(of="finding", at=AT - 365 * DAY, values={"by": "S-1", "points": Decimal(2), "kind": "cash"}),
    Record(of="finding", at=AT - DAY, values={"by": "S-1", "points": "many", "kind": "seal"}),
    Record(of="finding", at=AT - 2 * DAY, values={"by": "S-2", "points": Decimal(1), "open": True}),
    Record(of="finding", at=AT + DAY, values={"by": "S-1", "points": Decimal(100)}),
    Record(of="case", at=AT - DAY, values={"by": "S-1", "tags": frozenset({"atm", "cash"}), "level": Decimal(3)}),
)


def fact(take: Any, kind: FactType = FactType.NUMBER, **settings: Any) -> RecordFact:
    given = {"of": "finding", "where": {"by": "$who"}, "window": 365 * DAY, **settings}
    given["where"] = FrozenMap(given["where"])
    return RecordFact("found", type=kind, take=take, **given)


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (fact("count"), Decimal(2)),
        (fact("count", window=None), Decimal(3)),
        (fact("count", where={"open": "true"}), Decimal(0)),
        (fact("exists", FactType.BOOL, where={"by": "S-2"}), True),
        (fact("sum", field="points"), Decimal(2)),
        (fact("distinct", field="kind"), Decimal(2)),
        (fact("latest", FactType.MOMENT), AT - DAY),
        (fact("latest", FactType.CODE, field="kind"), "seal"),
        (fact("latest", FactType.CODE, field="odd"), Unknown("the latest record has no 'odd'")),
        (fact("latest", FactType.MOMENT, where={"by": "S-9"}), Unknown("there is no such record")),
        (fact("count", of="case", where={"tags": "atm", "level": "3"}), Decimal(1)),
        (fact("count", where={"by": "$nobody"}), Unknown("'nobody' is not known")),
    ],
)
def test_facts_over_records(of: RecordFact, value: object) -> None:
    """Records of a kind, with these values, in a window with its bound inside and none of the future, are taken."""
    assert resolve(of, RECORDS, AT, {"who": "S-1"}) == value


@pytest.mark.parametrize(
    ("of", "path"),
    [
        (fact("count", FactType.BOOL), "$.type"),
        (fact("exists"), "$.type"),
        (fact("count", field="x"), "$.field"),
        (fact("sum"), "$.field"),
        (fact("latest"), "$.type"),
        (fact("count", window=dt.timedelta()), "$.window"),
    ],
)
def test_settings_that_cannot_be_are_told(of: RecordFact, path: str) -> None:
    """Types that cannot come of it and settings without effect are problems."""
    assert [problem.path for problem in of.validate()] == [path]
    assert list(fact("count").validate()) == []
    assert list(fact("latest", FactType.MOMENT).validate()) == []


def test_a_sheet_is_read_as_a_form() -> None:
    """Answers asked once become facts but words do not; failed items open what is named for them, for that device."""
    checklist = Checklist(
        "round",
        version="1",
        title=T,
        sections=(
            Section(
                "s",
                title=T,
                items=(
                    Item("lit", text=T, severity=Severity.MINOR),
                    Item("why", text=T, answer=TextAnswer()),
                    Item("skip", text=T, severity=Severity.MINOR, required=False),
                    Item("works", text=T, severity=Severity.MAJOR, for_each=(EachEquipment(kinds=("atm",)),)),
                ),
            ),
        ),
    )
    branch = Branch("B-1", time_zone="Asia/Shanghai", equipment=(Equipment("ATM-1", kind="atm"),))
    device = (Ref("equipment", "ATM-1"),)
    sheet = Sheet(
        "SH-1",
        checklist="round",
        version="1",
        branch="B-1",
        at=AT,
        by="S-7",
        answers=(Answer("lit", value="pass"), Answer("why", words="so"), Answer("works", value="fail", on=device)),
    )
    reading = read(sheet, checklist.bind(branch, at=AT))
    (opens,) = opened_by(reading, {"works": "fault", "lit": "lamp"})

    assert FormReading.of(reading) == FormReading(
        sheet="SH-1", checklist="round", branch="B-1", by="S-7", answers={"lit": "pass"}
    )
    assert FormReading.of(reading, superseded=True).state == "superseded"
    assert opens == OpenedBy(procedure="fault", item="works", place=(Ref("branch", "B-1"), *device))
    assert opens.key == case_key("fault", opens.place) == "fault/branch:B-1/equipment:ATM-1"


def test_facts_that_do_not_read_are_unknown() -> None:
    """A fact that was taken in under another type of fact is unknown to a condition, and never guessed."""
    of = procedure(stage("a", ends()), facts=(FactSpec("n", FactType.NUMBER),))
    seen: dict[str, Any] = {}

    assert look(of.prepared, ("n", "m"), {"n": "soon"}, CaseFacts(), read=seen) == {
        "n": Unknown("not readable"),
        "m": Unknown("not stated"),
    }
    assert seen == {"n": "soon", "m": Unknown("not stated")}
