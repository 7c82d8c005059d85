"""The whole bank: its configuration, its store, and each of its policies where it is used."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import pytest

from branchkit import Actor, Branch, Config, Kit, RegisterBranch, Sheet, SubmitSheet
from branchkit.customers import ClassifyCustomer, Customer, RegisterCustomer
from branchkit.estate import Post, StaffMember
from branchkit.kit import RuleBook
from branchkit.procedures import OpenCase
from branchkit.values import FrozenMap

HERE = Path(__file__).resolve().parents[1]
OUTLET = HERE.parent / "outlet"
NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
HOUR = dt.timedelta(hours=1)
CLERK = Actor("S-1", posts=("estate_administrator",))
INSPECTOR = Actor("S-2", posts=("inspector",))
HEAD = Actor("S-3", posts=("outlet_head",))
OFFICER = Actor("S-4", posts=("customer_service_officer",))


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    """Return the rules of the bank, by its configuration."""
    return RuleBook.load(Config.from_toml((HERE / "bank.toml").read_bytes()))


def test_the_banks_own_items_are_in_force(rules: RuleBook) -> None:
    """One item is stricter, one is not asked, and the packaged version stays for older sheets."""
    checklist, packaged = rules.checklist("outdoor"), rules.checklist("outdoor", "1")

    asked, before = ({item.id for section in one.sections for item in section.items} for one in (checklist, packaged))
    assert {"fascia-specification"} == before - asked
    assert ("major", "minor") == tuple(
        one.item("fascia-clean").severity.value
        for one in (checklist, packaged)  # type: ignore[union-attr]  # each has one
    )


def test_a_sheet_has_the_points_of_its_weakest_section(rules: RuleBook, tmp_path: Path) -> None:
    """A sheet of the example outlet, by the bank's own version, is scored by the bank's own policy."""
    branch = Branch.from_toml((OUTLET / "branch.toml").read_bytes())
    sheet = Sheet.from_toml((OUTLET / "sheets" / "2026-03-outdoor.toml").read_bytes())
    answers = tuple(answer for answer in sheet.answers if answer.item != "fascia-specification")
    sheet = attrs.evolve(sheet, version="1-harbour", answers=answers)
    with Kit.open(f"harbour:{tmp_path / 'outlet.json'}", rules=rules) as kit:
        kit.do(RegisterBranch(branch, by=CLERK, at=sheet.at - HOUR))
        kit.do(SubmitSheet(sheet, by=Actor(sheet.by, posts=("inspector",)), at=sheet.at))
        decision = kit.score(sheet.id)

    weakest = [step.refs[0].id for step in decision.trace.steps if step.effect is not None]
    assert ("harbour.weakest-section", "harbour") == (decision.trace.policy, decision.trace.plugin)
    assert (["outdoor/hours"], "71 to-mend") == (weakest, str(decision.value))


def test_what_is_late_goes_from_post_to_post(rules: RuleBook, tmp_path: Path) -> None:
    """The bank's policy stands in for the ladder of the reply to a fault, and customers are tiered by products."""
    branch = Branch(
        "B-1",
        time_zone="Asia/Shanghai",
        staff=(StaffMember("S-3"), StaffMember("S-4")),
        posts=(Post("P-3", kind="outlet_head", holder="S-3"),),
    )
    address = f"harbour:{tmp_path / 'outlet.json'}"
    classify = ClassifyCustomer(
        "C-1", "value-and-need", facts=FrozenMap({"products": "4"}), reason="review", by=OFFICER, at=NINE
    )
    with Kit.open(address, rules=rules) as kit:
        for command in (
            RegisterBranch(branch, by=CLERK, at=NINE),
            RegisterCustomer("C-1", home_branch="B-1", by=OFFICER, at=NINE),
            classify,
            OpenCase("F-1", procedure="fault", branch="B-1", by=HEAD, at=NINE),
        ):
            kit.do(command)
        swept = [one.reached for each in kit.sweep(NINE + 24 * HOUR) for one in each.reached]

    with Kit.open(address, rules=rules) as kit:
        held = kit.get(Customer, "C-1").tier("value-and-need")
        assert held is not None
        assert ("advised", "harbour.by-products", "1") == (held.tier, held.policy, held.version)
        assert [("fault_desk", "passed", ()), ("outlet_head", "fired", ("S-3",))] == [
            (one.rung, one.outcome.value, one.told) for one in swept if one.rung in {"fault_desk", "outlet_head"}
        ]
        assert kit.verify().ok
        assert 0 == kit.rebuild().changed
