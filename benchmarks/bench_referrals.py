"""What one referral costs from the visit to its acceptance, beside the bare cost of as many commands.

A journey is six commands, each a durable commit on SQLite: receive, judge, ask, attach the customer, refer, accept. The
bare kernel does as many commands that decide next to nothing, with one event and one document each; the hand-written
floor reads a row, adds a row to a chained journal and writes the row back, in six durable transactions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from harness import Bar, Contender, Figure, main, take_turns

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.customers.commands import RegisterCustomer
from branchkit.customers.consent import Consent
from branchkit.customers.journey import (
    TERMS_TABLE,
    AcceptReferral,
    AskWillingness,
    AttachCustomer,
    JudgeVisit,
    OpenVisit,
    ReferCustomer,
)
from branchkit.estate import Branch, OrgUnit, RegisterBranch, RegisterUnit
from branchkit.kit import Kit, RuleBook, default_grants, load_plugins
from branchkit.messages import Actor, Command
from branchkit.storage import open_sqlite

_AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
_CLERK = Actor("S-0", posts=("estate_administrator",))
_OFFICER = Actor("S-2", posts=("customer_service_officer",))
_WEALTH = Actor("S-3", posts=("wealth_manager",))
_COMMANDS = 6


def journey(number: int) -> tuple[Command, ...]:
    """Return the commands from the visit to the acceptance of a customer who is on record."""
    name, who, when = f"V-{number}", {"by": _OFFICER, "at": _AT}, {"by": _WEALTH, "at": _AT}
    return (
        OpenVisit(name, branch="B-1", identified_at="lobby", business_type="deposit", **who),  # type: ignore[arg-type]
        JudgeVisit(name, "reached", basis="trigger", **who),  # type: ignore[arg-type]
        AskWillingness(name, "yes", interest="high", **who),  # type: ignore[arg-type]
        AttachCustomer(name, f"C-{number}", **who),  # type: ignore[arg-type]
        ReferCustomer(name, f"R-{number}", target="wealth_manager", receiver="S-3", **who),  # type: ignore[arg-type]
        AcceptReferral(name, f"R-{number}", f"L-{number}", **when),  # type: ignore[arg-type]
    )


def rules(folder: Path) -> RuleBook:
    """Return branchkit's rules with terms that open no case: what a procedure costs is measured with the cases."""
    terms = Catalog().table(TERMS_TABLE)
    plain = json.loads(terms.to_json())
    for row in plain["rows"]:
        row["then"].pop("procedure", None)
    plain["version"] = "bench"
    root = folder / "catalog"
    (root / "overrides" / "decision_tables").mkdir(parents=True)
    text = type(terms).from_json(json.dumps(plain)).to_toml()
    (root / "overrides" / "decision_tables" / f"{TERMS_TABLE}.toml").write_text(text, encoding="utf-8")
    return RuleBook(Catalog((CatalogRoot("bench", root),)), load_plugins(entry_points=False))


def ours(kit: Kit, most: int) -> Callable[[], None]:
    """Return what carries out one journey after the other; the customers are on record already."""
    consent = Consent("contact", items=("name",), given_at=_AT, by="S-2")
    known = (RegisterCustomer(f"C-{n}", consents=(consent,), by=_OFFICER, at=_AT) for n in range(most))
    for outcome in kit.do_all(known):
        if isinstance(outcome, Exception):
            raise outcome
    numbers = itertools.count()

    def run() -> None:
        for command in journey(next(numbers)):
            kit.do(command)

    return run


def bare(kit: Kit) -> Callable[[], None]:
    """Return what carries out as many commands that decide next to nothing."""
    numbers = itertools.count()

    def run() -> None:
        number = next(numbers)
        for step in range(_COMMANDS):
            kit.do(RegisterUnit(OrgUnit(f"U-{number}", level=f"l{step}"), by=_CLERK, at=_AT))

    return run


def floor(path: Path) -> Callable[[], None]:
    """Return what does as many durable transactions by hand: read, append to a chain, write back."""
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("CREATE TABLE document (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID")
    base.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, stream TEXT, body TEXT, hash TEXT)")
    numbers = itertools.count()
    last = [""]

    def run() -> None:
        number = next(numbers)
        for step in range(_COMMANDS):
            base.execute("BEGIN IMMEDIATE")
            found = base.execute(
                "SELECT body FROM document WHERE kind = 'visit' AND id = ?", (f"V-{number}",)
            ).fetchone()
            body = json.loads(found[0]) if found else {"id": f"V-{number}", "steps": []}
            body["steps"].append({"step": step, "by": "S-2", "at": _AT.isoformat()})
            text = json.dumps(body, sort_keys=True)
            last[0] = hashlib.sha256((last[0] + text).encode()).hexdigest()
            entry = (f"journey:V-{number}", text, last[0])
            base.execute("INSERT INTO journal (stream, body, hash) VALUES (?, ?, ?)", entry)
            base.execute("REPLACE INTO document VALUES ('visit', ?, ?)", (f"V-{number}", text))
            base.execute("COMMIT")

    return run


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what a referral costs, waiting for the disk at every commit and never."""
    for sync in ("full", "normal"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            book = rules(folder)
            with (
                Kit(open_sqlite(folder / "ours.db", sync=sync), book, grants=default_grants()) as kit,  # type: ignore[arg-type]
                Kit(open_sqlite(folder / "bare.db", sync=sync), book, grants=default_grants()) as other,  # type: ignore[arg-type]
            ):
                kit.do(RegisterBranch(Branch("B-1", time_zone="Asia/Shanghai"), by=_CLERK, at=_AT))
                contenders = {
                    "branchkit, from visit to acceptance": ours(kit, 3_000),
                    f"bare kernel, {_COMMANDS} commands": bare(other),
                }
                if sync == "full":
                    contenders[f"sqlite3 by hand, {_COMMANDS} transactions"] = floor(folder / "floor.db")
                taken = take_turns(contenders, rounds=5 if quick else 25)
        words = "durable on SQLite" if sync == "full" else "on SQLite, not waiting for the disk"
        roles = dict(zip(contenders, ("ours", "floor", "floor"), strict=False))
        names = tuple(contenders)
        yield Figure(
            work=f"one referral from visit to acceptance, {words}",
            unit="referral",
            contenders=tuple(Contender(one, roles[one], seconds) for one, seconds in taken.items()),  # type: ignore[arg-type]
            bars=(Bar(names[0], names[1], 3.0),),
        )


if __name__ == "__main__":
    main(__doc__, figures)
