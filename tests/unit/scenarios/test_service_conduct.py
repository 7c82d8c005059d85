"""Worked scenarios of etiquette, and of who is admitted to a post."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, Sheet, bind, judge
from branchkit.estate import Branch, Post, StaffMember
from branchkit.findings import Finding
from branchkit.values import Ref, Severity

AT = dt.datetime(2026, 6, 1, 10, tzinfo=dt.UTC)
T1, T2, T3 = (Ref("staff", name) for name in ("T-1", "T-2", "T-3"))
BRANCH = Branch(
    "B-1",
    staff=tuple(StaffMember(one.id, teller_level=2) for one in (T1, T2, T3)),
    posts=tuple(Post(f"p-{one.id}", kind="teller", holder=one.id) for one in (T1, T2, T3)),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def conduct(catalog: Catalog, *answers: Answer) -> tuple[Finding, ...]:
    checklist = catalog.checklist("etiquette")
    sheet = Sheet("S-1", checklist="etiquette", version=checklist.version, branch="B-1", at=AT, by="L-1",
                  answers=answers)  # fmt: skip
    return judge(sheet, bind(checklist, BRANCH, at=AT))


def left_behind(fate: str, *more: Answer) -> tuple[Answer, ...]:
    row = (Ref("row", "1"),)
    return (
        Answer("item-left", words="a notebook", on=row),
        Answer("item-finder", value="T-1", on=row),
        Answer("item-fate", value=fate, on=row),
        *more,
    )


def test_found_notebook_goes_into_a_drawer(catalog: Catalog) -> None:
    """service:S-17: an item that a colleague puts away without a record is a finding of service:ETQ-20."""
    (found,) = conduct(catalog, *left_behind("kept_unrecorded"))

    assert ("etiquette/item-fate", Severity.MAJOR) == (found.item, found.severity)
    assert "service:ETQ-20" in found.rules


@pytest.mark.parametrize("fate", ["returned", "kept_on_record"])
def test_found_notebook_is_returned_or_recorded(catalog: Catalog, fate: str) -> None:
    """service:S-17: given back, or on record while the customer is sought, there is no finding."""
    assert () == conduct(catalog, *left_behind(fate))


def test_warm_to_one_customer_and_curt_to_another(catalog: Catalog) -> None:
    """service:S-18: a withdrawing acquaintance with large notes and a stranger depositing coins treated differently
    are three of the five alikes; the amount is a fourth only where it is on record.
    """
    violated = ("deposit_withdrawal", "denomination", "stranger_acquaintance")

    def alike(code: str, value: str) -> Answer:
        return Answer("five-alikes", value=value, on=(T1, Ref("alike", code)))

    three = (*(alike(code, "fail") for code in violated), alike("busy_idle", "pass"))

    found = conduct(catalog, *three)
    with_amount = conduct(catalog, *three, alike("amount", "fail"))

    assert [("service:ETQ-17",)] * 3 == [one.rules for one in found]
    assert set(violated) == {one.place[-1].id for one in found}
    assert {*violated, "amount"} == {one.place[-1].id for one in with_amount}


def test_badge_make_up_and_beard(catalog: Catalog) -> None:
    """service:S-19: a badge on the right chest and a beard are findings; light make-up is none."""
    found = conduct(
        catalog,
        Answer("badge-place", value="elsewhere", on=(T1,)),
        Answer("make-up", value="light", on=(T2,)),
        Answer("clean-shaven", not_applicable="a woman", on=(T2,)),
        Answer("clean-shaven", value="fail", on=(T3,)),
    )

    assert [("etiquette/badge-place", T1), ("etiquette/clean-shaven", T3)] == sorted(
        (str(one.item), one.place[-1]) for one in found
    )
    assert {("service:ETQ-09",), ("service:ETQ-06",)} == {one.rules for one in found}


def test_recruit_who_failed_the_skill_test(catalog: Catalog) -> None:
    """service:S-20: training finished and the skill test failed keeps a recruit off Monday's roster."""
    facts = {
        "qualified": True,
        "training_passed": True,
        "skill_test_passed": False,
        "sober": True,
        "even_tempered": True,
    }

    decision = catalog.table("admission-to-post").decide(facts)

    assert decision.value is not None
    assert {"may": False, "reason": "skill_test_failed"} == dict(decision.value)
    assert ("service:ROL-36", "service:TRN-04") == decision.trace.steps[0].rules
