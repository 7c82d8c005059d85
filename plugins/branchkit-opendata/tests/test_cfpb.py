"""Complaints to the US consumer bureau: what they become, what is odd, and the known answers of the real table."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from branchkit_opendata import complaints

from branchkit.errors import InputError
from branchkit.kit import Kit
from branchkit.procedures import Case, CompleteStage, OpenCase
from branchkit.temporal import ClockState

FILE = "cfpb-complaints/complaints-2025q1.csv"
HEADER = (
    "Date received,Company,Sub-issue,Date sent to company,Company response to consumer,Timely response?,Complaint ID"
)
ROW = "04/01/25,Lender One,None,04/03/25,Closed with explanation,Yes,101"


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join((header, *rows)).encode()


def test_a_complaint_becomes_a_case_of_the_company(imported: Callable[..., Any], carried: Callable[..., Kit]) -> None:
    """It is opened when it was received, sent on when it was sent, and closed as the company closed it."""
    found = imported(complaints.read, table(ROW), at=dt.datetime(2025, 5, 1, tzinfo=dt.UTC))
    case = carried(found.commands).get(Case, "101")

    assert ("Lender One", "closed", "closed_with_explanation") == (case.branch, case.status, case.outcome)
    assert {"company_response": "Closed with explanation", "timely_response": "Yes"} == dict(case.facts)
    assert dt.datetime(2025, 4, 1, tzinfo=dt.UTC) == case.opened
    assert dt.datetime(2025, 5, 1, tzinfo=dt.UTC) == case.latest
    assert {ClockState.CANCELLED} == {clock.state for clock in case.clocks}


def test_what_is_under_way_or_not_known_stays_open(imported: Callable[..., Any], carried: Callable[..., Kit]) -> None:
    """In progress, nothing said, and words that are no way of closing leave the case with the company."""
    rows = [ROW.replace("Closed with explanation", words).replace("101", str(at))
            for at, words in enumerate(("In progress", "None", "Closed with a handshake"))]  # fmt: skip
    found = imported(complaints.read, table(*rows))
    kit = carried(found.commands)

    assert [("answer",)] * 3 == [kit.get(Case, str(at)).open_stages for at in range(3)]
    assert "Closed with a handshake" == kit.get(Case, "2").facts["company_response"]
    assert ["lines[4].response"] == [one.split("$.")[1].rstrip("`") for one in found.told]


def test_odd_rows_are_kept_and_told(imported: Callable[..., Any], carried: Callable[..., Kit]) -> None:
    """What was sent before it came, or is untimely and timely, or stated twice, is kept and named by line."""
    rows = (
        ROW,
        ROW,
        ROW.replace("Yes", "No"),
        ROW.replace("04/03/25", "03/03/25").replace("101", "102"),
        ROW.replace("Closed with explanation", "Untimely response").replace("101", "103"),
        ROW.replace("04/03/25", "None").replace("101", "104"),
        ROW.replace("04/03/25", "None").replace("Closed with explanation", "None").replace("101", "105"),
    )
    found = imported(complaints.read, table(*rows))
    kit = carried(found.commands)

    for line, what in (
        (3, "in the same words"), (4, "Has the id of another"), (5, "Lies before the day of receipt"),
        (6, "Says timely of an untimely"), (7, "that of its receipt"), (8, "stays with the bureau"),
    ):  # fmt: skip
        assert any(f"lines[{line}]" in one and what in one for one in found.told), what
    assert "No" == kit.get(Case, "101#2").facts["timely_response"]
    assert ("receive",) == kit.get(Case, "105").open_stages


def test_words_of_consumers_are_sealed(imported: Callable[..., Any]) -> None:
    """A narrative that a full export has goes into the note of the case, and shows nowhere."""
    found = imported(complaints.read, table(ROW + ",my story", header=HEADER + ",Consumer complaint narrative"))
    (opened,) = (one for one in found.commands if isinstance(one, OpenCase))

    assert "my story" == opened.note
    assert "my story" not in repr(found.commands)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (table(header="Company,Complaint ID"), "it lacks: date_received"),
        (table(ROW.replace("04/01/25", "13/13/25")), "Expected a day such as 04/01/25 or 2025-04-01 in line 2"),
        (table(ROW.replace("04/03/25", "soon")), "Expected a day such as"),
        (table(ROW.replace("Lender One", "")), "Expected a code"),
        (table(ROW + ",more"), "got 8 in line 2"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(data: bytes, problem: str, imported: Callable[..., Any]) -> None:
    """Nothing is yielded of a table in which a row cannot be read."""
    with pytest.raises(InputError) as caught:
        imported(complaints.read, data)

    assert problem in str(caught.value)


def test_other_dates_and_options(imported: Callable[..., Any]) -> None:
    """ISO days are read; an encoding that is none is refused."""
    same = imported(complaints.read, table(ROW.replace("04/01/25", "2025-04-01")))

    assert imported(complaints.read, table(ROW)).commands[1].at == same.commands[1].at
    assert "the column 'x'" in imported(complaints.read, table(ROW + ",1", header=HEADER + ",x")).told[0]
    with pytest.raises(InputError, match="encoding"):
        imported(complaints.read, table(ROW), encoding="x")


def test_the_known_answers_of_the_real_table(
    imported: Callable[..., Any], carried: Callable[..., Kit], shared: Callable[[str], bytes]
) -> None:
    """Of 131 complaints 125 are timely, 122, 5, 1 and 3 closed in each way, 112 sent the same day, all in 36 days."""
    data = shared(FILE)
    found = imported(complaints.read, data)
    kit = carried(found.commands)
    cases = list(kit.find(Case))
    sent = {one.case: one.at for one in found.commands if isinstance(one, CompleteStage) and one.transition == "send"}
    waits = Counter((sent[case.id] - case.opened).days for case in cases)

    assert (131, []) == (len(cases), found.told)
    assert {"Yes": 125, "No": 6} == Counter(case.facts["timely_response"] for case in cases)
    assert {
        "closed_with_explanation": 122,
        "closed_with_non_monetary_relief": 5,
        "closed_with_monetary_relief": 1,
        "untimely_response": 3,
    } == Counter(case.outcome for case in cases)
    assert {"No"} == {case.facts["timely_response"] for case in cases if case.outcome == "untimely_response"}
    late = [
        case for case in cases if case.facts["timely_response"] == "No" and case.outcome == "closed_with_explanation"
    ]
    assert 3 == len(late)
    assert (112, 36, 0) == (waits[0], max(waits), min(waits))
    assert {row["Complaint ID"] for row in csv.DictReader(io.StringIO(data.decode()))} == {case.id for case in cases}
    assert kit.verify().ok
    assert 0 == kit.rebuild().changed
