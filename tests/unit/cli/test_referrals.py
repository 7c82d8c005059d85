"""``branchkit referrals``: the funnel of a period, for people and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from branchkit.cli.app import build
from branchkit.customers.journey import AllocateLead, ConvertLead
from branchkit.estate import Branch, RegisterBranch
from tests.unit.customers.journey.desk import HEAD, TELLER, WEALTH, accepted, at, attached, referred, willing
from tests.unit.kit.house import CLERK
from tests.unit.kit.test_referrals import do, ledger, refusal

LAST = ("leads", "allocated", "contacted", "converted", "late")


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return a store with one referral that led to a sale, one refusal, and a branch where nothing happened."""
    url = f"sqlite:///{tmp_path}/branch.db"
    with ledger(url) as kit:
        do(kit, *willing(by=TELLER), attached(by=TELLER), referred(by=TELLER), accepted())
        do(kit, AllocateLead("V-1", "L-1", owner="S-3", by=HEAD, at=at(5)))
        do(kit, ConvertLead("V-1", "L-1", sale="D-1", product="card", by=WEALTH, at=at(6)), refusal())
        do(kit, RegisterBranch(Branch("B-2"), by=CLERK, at=at()))
    return url


def run(store: str, *args: str) -> Result:
    given = ["--no-plugins", "referrals", "--store", store, "--from", "2026-03-01", "--to", "2026-03-31", *args]
    return CliRunner().invoke(build(), given)


def test_the_funnel_is_told_by_post(store: str) -> None:
    """customers:REF-27: a line for each post that had a part, one for all, and how many refused."""
    result = run(store, "--lang", "en")

    assert 0 == result.exit_code, result.output
    assert [
        "B-1  2026-03-01 – 2026-03-31",
        " | ".join(("post", "visits", "quality", "willing", "referred", "on the spot", "by form", *LAST)),
        "teller | 1 | 1 | 1 | 1 | 1 | 0 | 1 | 1 | 0 | 1 | 0",
        "all | 1 | 1 | 1 | 1 | 1 | 0 | 1 | 1 | 0 | 1 | 0",
        "refused contact: 1; converted: 100.00 %",
    ] == result.output.splitlines()


def test_the_funnel_as_json_has_every_branch(store: str) -> None:
    """One object a branch, with the rates; a branch where nothing happened has nulls and noughts."""
    found = [json.loads(line) for line in run(store, "--json").output.splitlines()]

    assert ["B-1", "B-2"] == [one["branch"] for one in found]
    assert {"1": "0.5", "2": "0", "3": "0.5"} == found[0]["case_share"]
    assert ("teller", 1, "1") == (
        found[0]["posts"][0]["post"], found[0]["total"]["converted"], found[0]["total"]["conversion_rate"]
    )  # fmt: skip
    assert ([], None, 0) == (found[1]["posts"], found[1]["total"]["conversion_rate"], found[1]["refused"])


def test_one_branch_may_be_asked_for(store: str) -> None:
    """A branch that is named is told also where nothing happened; one that is not there is named in the error."""
    assert "B-2  2026-03-01" in run(store, "--branch", "B-2").output
    assert "B-9" in run(store, "--branch", "B-9").output


def test_a_period_ends_after_it_began(store: str) -> None:
    """A period whose last day is before its first one is bad usage."""
    result = CliRunner().invoke(
        build(), ["--no-plugins", "referrals", "--store", store, "--from", "2026-03-02", "--to", "2026-03-01"]
    )

    assert 2 == result.exit_code
    assert "not before --from" in result.output
