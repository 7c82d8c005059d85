"""The check of what procedures, ladders and what opens cases say of one another, on documents of a bank."""

from __future__ import annotations

from pathlib import Path

import pytest

from branchkit.catalog import Catalog, CatalogRoot

PROCEDURE = """
schema = "branchkit.procedure/1"
id = "bank.care"
version = "1"
title = { zh = "照看", en = "Care" }
starts = ["look"]
opens = [{ kind = "post", post = "teller" }, { kind = "system", system = "branchkit:*" }]
manages = [{ kind = "system", system = "branchkit:*" }]
priorities = ["high", "low"]
targets = "bank.targets"
ladders = { look = "bank.late" }
outcomes = [{ code = "done", title = { zh = "完成", en = "done" } }]
suspends = { reason = "care", until = "look" }

[[record_facts]]
name = "before"
type = "bool"
of = "entry"
take = "exists"
where = { register = "bank.notes", about = "care" }

[[clocks]]
id = "look"
title = { zh = "察看", en = "Look" }
deadline = { kind = "target", output = "look" }

[[stages]]
id = "look"
title = { zh = "察看", en = "Look" }
actors = [{ kind = "post", post = "teller" }]
form = "bank.form"
transitions = [
  { id = "done", title = { zh = "完成", en = "Done" }, ends = "done" },
  { id = "more", title = { zh = "再来", en = "More" }, ends = "done", opens = "bank.care" },
  { id = "once", title = { zh = "免于", en = "Let be" }, ends = "done", when = { fact = "before", is = true } },
]
"""
LADDER = """
schema = "branchkit.escalation_ladder/1"
id = "bank.late"
version = "1"
title = { zh = "逾期", en = "Late" }
acknowledgement = "nothing"

[[rungs]]
id = "late"
at = { kind = "after" }
tell = [{ kind = "post", post = "teller" }]
message = { zh = "逾期", en = "Late" }
if_nobody = "wait"
do = [{ kind = "raise_priority", to = "high" }, { kind = "open_case", procedure = "bank.care" }]
"""
TABLE = """
schema = "branchkit.decision_table/1"
id = "bank.targets"
version = "1"
facts = [{ name = "priority", type = "code", choices = ["high", "low"], may_be_unknown = true }]
outputs = [{ name = "look", type = "duration" }]
otherwise = { look = "PT4H" }
rows = [{ when = { priority = "high" }, then = { look = "PT1H" } }]
"""
FORM = """
schema = "branchkit.checklist/1"
id = "bank.form"
version = "1"
title = { zh = "察看", en = "Look" }

[[sections]]
id = "s"
title = { zh = "察看", en = "Look" }
items = [{ id = "fine", text = { zh = "正常", en = "Fine" }, severity = "minor", opens = "bank.care" }]
"""
REGISTER = """
schema = "branchkit.register/1"
id = "bank.notes"
version = "1"
title = { zh = "备忘", en = "Notes" }
fields = [{ name = "about", title = { zh = "事项", en = "about" } }]
"""
PLAN = """
schema = "branchkit.schedule_plan/1"
id = "bank.plan"
version = "1"
title = { zh = "计划", en = "Plan" }

[[entries]]
id = "care"
title = { zh = "照看", en = "Care" }
opens = "bank.care"
basis = "suggested"
cycle = { kind = "monthly" }
"""
HOUSE = {
    "procedures/care": PROCEDURE,
    "escalation_ladders/late": LADDER,
    "decision_tables/targets": TABLE,
    "checklists/form": FORM,
    "registers/notes": REGISTER,
    "schedules/plan": PLAN,
}


def wrong(root: Path, old: str = "", new: str = "") -> list[str]:
    """Return what is wrong with the house once words in it are changed; nothing is packaged beside it."""
    for name, text in HOUSE.items():
        path = root / "bank" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    nothing = root / "packaged"
    nothing.mkdir()
    catalog = Catalog([CatalogRoot("bank", root / "bank")], packaged=CatalogRoot("branchkit", nothing))
    return [str(problem) for _, problem in catalog.check()]


def test_a_sound_house_is_clean(tmp_path: Path) -> None:
    """A procedure with its form, ladder, table, register and plan has nothing wrong with it."""
    assert [] == wrong(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('form = "bank.form"', 'form = "bank.other"', "Unknown checklist 'bank.other'"),
        ('targets = "bank.targets"', 'targets = "bank.other"', "Unknown table 'bank.other'"),
        ('output = "look"', 'output = "other"', "Unknown output that the clock 'look'"),
        ('look = "bank.late"', 'look = "late"', "Unknown ladder 'late'"),
        ('opens = "bank.care"', 'opens = "bank.other"', "Unknown procedure 'bank.other'"),
        ('procedure = "bank.care"', 'procedure = "bank.other"', "Unknown procedure 'bank.other'"),
        ('ends = "done" },\n  {', 'ends = "done", opens = "bank.other" },\n  {', "Unknown procedure 'bank.other'"),
        ('", system = "branchkit:*" }]\nmanages', '", system = "x" }]\nmanages', "does not let 'branchkit:procedures'"),
        ('", system = "branchkit:*" }]\nmanages', '", system = "x" }]\nmanages', "does not let 'branchkit:checklists'"),
        ('", system = "branchkit:*" }]\nmanages', '", system = "x" }]\nmanages', "does not let 'branchkit:escalation'"),
        ('", system = "branchkit:*" }]\nmanages', '", system = "x" }]\nmanages', "does not let 'branchkit:scheduler'"),
        ('manages = [{ kind = "system", system = "branchkit:*" }]', "", "'branchkit:escalation' may not manage"),
        ('to = "high"', 'to = "top"', "raises to 'top', which is no priority here"),
        ('if_nobody = "wait"', "", "where posts are empty, it would end in silence"),
        ('register = "bank.notes"', 'register = "bank.other"', "Unknown register 'bank.other'"),
        ('about = "care"', 'of = "care"', "Unknown field 'of'"),
        ('until = "look"', 'until = "other"', "Unknown stage 'other'"),
        ('until = "look"', 'until = "look", after = "look"', "it would end with the stage by which it begins"),
        ('raise_priority", to = "high"', 'reassign", role = "x", to = { kind = "role", role = "y" }', "the role 'x'"),
    ],
)  # fmt: skip
def test_what_does_not_hold_between_documents_is_found(tmp_path: Path, old: str, new: str, says: str) -> None:
    """A reference to what is not there, or that would be refused, is a problem of the document that makes it."""
    assert any(says in one for one in wrong(tmp_path, old, new))


def test_what_opens_by_itself_asks_for_no_facts(tmp_path: Path) -> None:
    """A procedure that cannot be opened without a fact is none for items, rungs and plans, which state none."""
    facts = 'required_facts = ["x"]\nfacts = [{ name = "x", type = "bool" }]\ntargets = "bank.targets"'

    found = wrong(tmp_path, 'targets = "bank.targets"', facts)
    assert 4 == sum("cannot be opened without these facts: x" in one for one in found)


def test_a_ladder_looks_only_at_what_its_cases_hold(tmp_path: Path) -> None:
    """A fact that a ladder asks for and no case of the procedure holds is a problem of the procedure."""
    facts = 'acknowledgement = "nothing"\nfacts = [{ name = "x", type = "bool" }]'

    assert any("looks at 'x'" in one for one in wrong(tmp_path, 'acknowledgement = "nothing"', facts))


def test_a_table_of_targets_looks_only_at_what_its_cases_hold(tmp_path: Path) -> None:
    """A row that goes by a fact no case of the procedure holds could never give a clock its deadline."""
    looking = TABLE[TABLE.index("facts") :]
    other = (
        looking.replace("priority", "big")
        .replace('code", choices = ["high", "low"]', 'bool"')
        .replace('"high"', "true")
    )

    assert any("looks at 'big', which no case holds as bool" in one for one in wrong(tmp_path, looking, other))


STANDARD = """
schema = "branchkit.estate_standard/1"
id = "standard"
version = "1"
title = { zh = "标准", en = "Standard" }
branches = [
  { code = "kiosk", title = { zh = "亭", en = "kiosk" } },
  { code = "hall", title = { zh = "厅", en = "hall" } },
]
zones = []
equipment = []
counters = []
posts = [{ code = "teller", title = { zh = "柜员", en = "teller" }, aliases = ["cash_teller"], branches = ["hall"] }]
"""


def test_somebody_may_act_at_every_kind_of_branch(tmp_path: Path) -> None:
    """A stage for a post that a kind of branch does not have is a problem: nobody there could ever end it."""
    (tmp_path / "bank" / "estate_standards").mkdir(parents=True)
    standard = tmp_path / "bank" / "estate_standards" / "standard.toml"
    standard.write_text(STANDARD.replace('id = "standard"', 'id = "bank.standard"'), encoding="utf-8")

    found = wrong(tmp_path)

    assert any("Nobody at a kiosk may act here: it has none of these posts" in one for one in found)
    assert not any("Nobody at a hall" in one for one in found)


@pytest.mark.parametrize(
    ("post", "says"),
    [
        ("cash_teller", "Unknown post 'cash_teller'; it is called 'teller'"),
        ("tailor", "the estate standard lists the posts"),
    ],
)
def test_a_post_that_no_standard_lists_is_told(tmp_path: Path, post: str, says: str) -> None:
    """A post that nobody can hold is a problem of what names it, and another name of a post leads to its own."""
    (tmp_path / "bank" / "estate_standards").mkdir(parents=True)
    standard = tmp_path / "bank" / "estate_standards" / "standard.toml"
    standard.write_text(STANDARD.replace('id = "standard"', 'id = "bank.standard"'), encoding="utf-8")

    assert any(says in one for one in wrong(tmp_path, 'post = "teller"', f'post = "{post}"'))
