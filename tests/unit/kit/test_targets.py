"""What is learned of a case moves the deadlines that the table of targets gives: what was used up stays used up."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path

import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Answer, Sheet, SubmitSheet
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.plugins.config import Config
from branchkit.procedures import Case, CompleteStage, RecordFacts
from branchkit.temporal import Due
from branchkit.values import FrozenMap
from tests.unit.kit.guarded import guarded_kit, open_fault
from tests.unit.kit.test_cases import COMPLAINT, DESK, HEAD, HOUR, INSPECTOR, LADDER, MINUTE, MONDAY
from tests.unit.kit.test_cases import FAULT as PLAIN

FACTS = """
[[facts]]
name = "grade"
type = "code"
choices = ["general", "major"]
title = { zh = "级别", en = "grade" }

[[facts]]
name = "form.works"
type = "code"
title = { zh = "能用", en = "it works" }

[[clocks]]
id = "reply"
"""
FAULT = (
    PLAIN.replace('\n[[clocks]]\nid = "reply"\n', FACTS)
    .replace('reply = "house.reply"', 'repair = "house.reply"')
    .replace('id = "receive"\n', 'id = "receive"\nform = "house.report"\nform_required = false\n')
)
TARGETS = """
schema = "branchkit.decision_table/1"
id = "house.targets"
version = "1"
hit = "first"
facts = [
  { name = "grade", type = "code", choices = ["general", "major"], may_be_unknown = true },
  { name = "form.works", type = "code", choices = ["pass", "fail", "na"], may_be_unknown = true },
]
outputs = [{ name = "repair", type = "duration", may_be_unknown = true }]

[[rows]]
when = { "form.works" = "fail" }
then = { repair = "PT1H" }

[[rows]]
when = { grade = "major" }
then = { repair = "PT2H" }

[[rows]]
when = { grade = "general" }
then = { repair = "PT8H" }

[[rows]]
when = { grade = { unknown = true } }
then = {}
"""
REPORT = """
schema = "branchkit.checklist/1"
id = "house.report"
version = "1"
title = { zh = "报告", en = "Report" }

[[sections]]
id = "all"
title = { zh = "全部", en = "All" }

[[sections.items]]
id = "works"
text = { zh = "能用", en = "It works" }
severity = "major"
"""


@cache
def rules() -> RuleBook:
    """Return the rules of a house whose targets go by the grade and by the report."""
    root = Path(tempfile.mkdtemp(prefix="targets-"))
    documents = {
        "escalation_ladders/reply": LADDER,
        "procedures/fault": FAULT,
        "procedures/complaint": COMPLAINT,
        "decision_tables/targets": TARGETS,
        "checklists/report": REPORT,
    }
    for name, text in documents.items():
        path = root / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return RuleBook(Catalog([CatalogRoot("house", root)]), load_plugins(Config(), entry_points=False))


@pytest.fixture
def kit() -> Kit:
    """Return a kit with one open fault that nobody has graded."""
    kit = guarded_kit(rules_=rules())
    open_fault(kit)
    return kit


def due(kit: Kit, at: dt.datetime) -> dt.datetime | None:
    """Return by when the repair is due, as far as it is told."""
    (found,) = (one for one in kit.story("C-1", at).clocks if one.clock.id == "repair")
    assert found.reading is not None
    return found.reading.due.at if isinstance(found.reading.due, Due) else None


def grade(kit: Kit, what: str, at: dt.datetime) -> None:
    """State the grade."""
    kit.do(RecordFacts("C-1", FrozenMap({"grade": what}), by=HEAD, at=at))


def test_a_fact_stated_later_gives_the_clock_its_deadline(kit: Kit) -> None:
    """Two open hours count from the opening, though the grade is known an hour later; the ladder looks then, too."""
    assert (None, []) == (due(kit, MONDAY), list(kit.due(MONDAY + 99 * HOUR)))
    grade(kit, "major", MONDAY + HOUR)

    assert MONDAY + 2 * HOUR == due(kit, MONDAY + HOUR)
    assert [MONDAY + 2 * HOUR + dt.timedelta(microseconds=1)] == [at for at, _ in kit.due(MONDAY + 99 * HOUR)]
    assert ["late"] == [one.reached.rung for swept in kit.sweep(MONDAY + 121 * MINUTE) for one in swept.reached]


def test_a_step_that_states_the_fact_moves_the_deadline(kit: Kit) -> None:
    """The stage that grades it retargets the clock that was running all the time, and a correction moves it again."""
    step = CompleteStage("C-1", "receive", "take", facts=FrozenMap({"grade": "general"}), by=DESK, at=MONDAY + HOUR)
    kit.do(step)

    assert MONDAY + 25 * HOUR == due(kit, MONDAY + HOUR)
    grade(kit, "major", MONDAY + 2 * HOUR)
    assert MONDAY + 2 * HOUR == due(kit, MONDAY + 2 * HOUR)
    assert 0 == kit.rebuild().changed


def test_a_form_that_states_the_fact_moves_the_deadline(kit: Kit) -> None:
    """What a sheet says counts as what somebody says."""
    grade(kit, "general", MONDAY)
    answers = (Answer("works", value="fail"),)
    sheet = Sheet("SH-1", checklist="house.report", version="1", branch="B-1", at=MONDAY, by="S-4", answers=answers)
    kit.do(SubmitSheet(sheet, by=INSPECTOR, at=MONDAY))
    kit.do(CompleteStage("C-1", "receive", "take", sheet="SH-1", by=DESK, at=MONDAY + MINUTE))

    assert MONDAY + HOUR == due(kit, MONDAY + MINUTE)
    assert "fail" == kit.get(Case, "C-1").facts["form.works"]
