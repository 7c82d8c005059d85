"""``show customer``, ``erase`` and ``retain`` as other programs see them: masks, records, exit codes, messages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from branchkit.cli.app import build
from branchkit.customers import (
    AssignOwner,
    ClassifyCustomer,
    Customer,
    HoldCustomer,
    Label,
    LabelCustomer,
    MoveCustomer,
    StopOffers,
    TreatSpecially,
    WithdrawConsent,
)
from branchkit.kit import retaining
from branchkit.values import FrozenMap
from tests.unit.customers.journey.desk import attached, entered, willing
from tests.unit.kit import people
from tests.unit.kit.people import AML, HEAD, MANAGER, at
from tests.unit.kit.test_referrals import MARKS, do, form, ledger

Run = Callable[..., Result]
STORE = "sqlite:///x.db"
LATE = at(24 * 400).isoformat()
ERASE = ("--by", "S-1", "--post", "outlet_head", "--at", LATE)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line without plug-ins, in a folder with a store that knows two customers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRANCHKIT_NO_PLUGINS", "1")
    for name in ("BRANCHKIT_CONFIG", "BRANCHKIT_STORE", "BRANCHKIT_DISABLE"):
        monkeypatch.delenv(name, raising=False)
    with people.open_kit("sqlite:///x.db") as kit:
        facts = FrozenMap({"financial_assets": "200000", "currency": "CNY"})
        label = Label(code="chess", source="talk", updated_at=at(1))
        kit.do(people.register())
        kit.do(people.register("C-2", people.particulars("Pong")))
        kit.do(ClassifyCustomer("C-1", "house.identification", facts=facts, reason="visit", by=MANAGER, at=at(1)))
        kit.do(LabelCustomer("C-1", labels=(label,), by=MANAGER, at=at(1)))
        kit.do(AssignOwner("C-1", "S-9", by=HEAD, at=at(1)))
        kit.do(TreatSpecially("C-1", reason="Ping hears badly", approved_by="S-2", by=HEAD, at=at(1)))
        kit.do(StopOffers("C-1", by=MANAGER, at=at(1)))
        kit.do(WithdrawConsent("C-1", "marketing", by=MANAGER, at=at(1)))
        kit.do(MoveCustomer("C-2", "closed", reason="left", by=MANAGER, at=at(1)))

    def invoke(*args: str, store: str = STORE) -> Result:
        return CliRunner().invoke(build(), [*args, "--store", store])

    return invoke


def test_a_customer_is_shown_masked(run: Run) -> None:
    """Everybody sees codes, dates, kinds of data and what happened, and a mask where a value stands."""
    result = run("show", "customer", "C-1")

    assert 0 == result.exit_code
    assert "Ping" not in result.output
    assert "C-1  person  established  potential" in result.stdout
    for line in (
        "home branch: B-1",
        "owner: S-9",
        "tiers: house.identification quality",
        "labels: chess",
        "special treatment: since 2026-03-02, approved by S-2",
        "no offers: yes",
        "consent marketing: 2026-03-02 – …, withdrawn 2026-03-02",
        "name: •••",
        "kept without a term",
        "S-9  consent_withdrawn  purpose marketing",
        "S-1  treated_specially",
    ):
        assert line in result.stdout, line


def test_a_masked_customer_as_json(run: Run) -> None:
    """As JSON it is the record without its values, the kinds that are there, the term, and what happened."""
    plain = json.loads(run("show", "customer", "C-1", "--json").stdout)

    assert {"customer", "held", "kept", "told"} == plain.keys()
    assert "name" in plain["held"]
    assert "Ping" not in json.dumps(plain)


def test_unmasking_takes_a_purpose_and_is_put_on_record(run: Run) -> None:
    """Who may sees what the purpose needs, and the look is in the journal from then on."""
    look = ("--purpose", "service", "--by", "S-9", "--post", "wealth_manager", "--at", at(2).isoformat())
    seen = run("show", "customer", "C-1", *look)
    again = json.loads(run("show", "customer", "C-1", *look, "--json").stdout)
    shown = run("show", "customer", "C-1")

    assert 0 == seen.exit_code
    for line in ("name: Ping name", "contacts[0].value: Ping phone", "special: Ping hears badly", "customers:PRF-01"):
        assert line in seen.stdout, line
    assert "Ping number" not in seen.stdout
    assert "Ping name" == again["customer"]["name"]
    assert "S-9  customer_seen  purpose service" in shown.stdout


def test_unmasking_shows_what_stands_on_forms_and_leads(run: Run) -> None:
    """Forms of referrals and notes of leads are shown like the record, in words and as JSON, for the same purpose."""
    with ledger("sqlite:///y.db") as kit:
        do(kit, *willing(), attached(), form(), entered(minutes=30))
    look = ("--purpose", "fraud_protection", "--by", "S-3", "--post", "wealth_manager", "--at", at(2).isoformat())
    seen = run("show", "customer", "C-1", *look, store="sqlite:///y.db")
    plain = json.loads(run("show", "customer", "C-1", *look, "--json", store="sqlite:///y.db").stdout)

    assert f"  referral R-1 form.customer_name: {MARKS[0]}\n" in seen.stdout
    assert MARKS[2] not in seen.stdout
    assert [MARKS[0]] == [one["form"]["customer_name"] for one in plain["referrals"]]
    assert ["L-1"] == [one["id"] for one in plain["leads"]]


def test_who_may_not_is_told_why_and_that_too_is_on_record(run: Run) -> None:
    """A refusal ends with 2, names the rule, and stays in the journal."""
    look = ("--purpose", "service", "--by", "S-7", "--post", "lobby_manager", "--at", at(2).isoformat())
    refused = run("show", "customer", "C-1", *look)

    assert 2 == refused.exit_code
    assert "customers:PRV-07" in refused.stderr
    assert "S-7  sight_refused  purpose service" in run("show", "customer", "C-1").stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--by", "S-9"), "--by and --post go with --purpose"),
        (("--purpose", "service"), "--purpose takes --by and --at"),
    ],
)
def test_half_a_request_is_bad_usage(run: Run, args: tuple[str, ...], words: str) -> None:
    """What is said by half is refused with what is missing."""
    result = run("show", "customer", "C-1", *args)

    assert 2 == result.exit_code
    assert words in result.stderr


def test_erasing_from_the_command_line(run: Run) -> None:
    """It says what was erased, the record says so from then on, and the store verifies."""
    erased = run("erase", "customer", "C-1", "--reason", "customer_request", *ERASE)
    shown = run("show", "customer", "C-1")
    again = json.loads(run("erase", "customer", "C-1", "--reason", "customer_request", *ERASE, "--json").stdout)

    assert (0, "C-1: erased\n") == (erased.exit_code, erased.stdout)
    assert f"erased {at(24 * 400):%Y-%m-%d} (customer_request)" in shown.stdout
    assert again == {"customer": "C-1", "repeated": True, "traces": False, "documents": []}
    assert 0 == run("verify").exit_code


def test_erasing_names_what_went_with_it(run: Run) -> None:
    """Sheets and cases that were about the customer are named."""
    with people.open_kit("sqlite:///x.db") as kit:
        kit.do(people.care("X-1", "C-2"))
    erased = run("erase", "customer", "C-2", "--reason", "customer_request", *ERASE)

    assert "C-2: erased, with case:X-1\n" == erased.stdout


def test_bytes_that_are_left_are_told(run: Run) -> None:
    """While somebody reads an older state, erasing, sweeping and verifying say that bytes are left; then no more."""
    words = "may still lie in the store's files"
    with closing(sqlite3.connect("x.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM branchkit_sealed").fetchall()
        erased = run("erase", "customer", "C-2", "--reason", "customer_request", *ERASE)
        again = run("erase", "customer", "C-2", "--reason", "customer_request", *ERASE, "--json")
        told = [erased, run("retain", "--at", LATE), run("verify")]
    last = [json.loads(run("verify", "--json").stdout) for _ in range(2)]

    assert [True, True, True] == [words in one.stderr for one in told]
    assert True is json.loads(again.stdout)["traces"]
    assert [(True, True), (True, False)] == [(one["ok"], one["traces"]) for one in last]


def test_a_sweep_lists_and_then_erases(run: Run) -> None:
    """`--dry-run` lists and changes nothing; without it what is over is erased, and what nobody has set is told."""
    dry = run("retain", "--at", LATE, "--dry-run")
    wet = run("retain", "--at", LATE)
    after = [json.loads(line) for line in run("retain", "--at", LATE, "--json").stdout.splitlines()]

    assert (0, "0 erased\n") == (dry.exit_code, dry.stderr)
    assert "C-2  over (care)" in dry.stdout
    assert "C-2  erased (care)" in wet.stdout
    assert "not configured: closed-relationships" in wet.stdout
    assert [("C-2", False)] == [(one["customer"], one["erased"]) for one in after]


def test_a_sweep_says_what_is_held(run: Run) -> None:
    """What a hold keeps is listed with the hold."""
    with people.open_kit("sqlite:///x.db") as kit:
        kit.do(HoldCustomer("C-2", "dispute", by=AML, at=at(3)))
    result = run("retain", "--at", LATE)

    assert "held by dispute" in result.stdout
    with people.open_kit("sqlite:///x.db") as kit:
        assert kit.get(Customer, "C-2").erased is None
    assert "holds: dispute" in run("show", "customer", "C-2").stdout


def test_a_sweep_as_json_says_what_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be erased, since somebody came between, is told on the line of its customer too."""
    looked = retaining.retention_of

    def early(*args: Any, **more: Any) -> Any:
        found = looked(*args, **more)
        return attrs.evolve(found, value=attrs.evolve(found.value, until=at(0)))

    monkeypatch.setattr(retaining, "retention_of", early)
    result = run("retain", "--at", at(2).isoformat(), "--json")
    failed = {one["customer"]: one["failed"] for one in map(json.loads, result.stdout.splitlines())}

    assert 1 == result.exit_code
    assert {"C-1", "C-2"} == failed.keys()
    assert "no period after which something is erased is over" in failed["C-1"]


def test_a_sweep_takes_a_right(run: Run) -> None:
    """A system that was not granted it is refused."""
    result = run("retain", "--at", LATE, "--by", "somebody")

    assert 2 == result.exit_code
    assert "has no right to apply_retention" in result.stderr
