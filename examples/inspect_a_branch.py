"""Inspects one outlet: first with the rules alone, then with a kit that remembers.

Run alone, it prints what it finds in both languages and exits with 1 if anything comes out other than stated here.
Its database lies in a temporary folder and is gone afterwards.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import branchkit as bk

OUTLET = Path(__file__).resolve().parent / "outlet"
CLERK = bk.Actor("S-001", posts=("estate_administrator",))

SCORE = (Decimal("88.2"), "four-star")
"""What the convenience area came to in March."""
FIXES = ("convenience-area/queue-machine-identifies@equipment:QM-1", "convenience-area/iodine-expiry")
"""The cheapest way to five stars, where every fix costs the same."""
FINDINGS = {"2026-03": (32, 0), "2026-04": (4, 24)}
"""How many findings the sheets of each round opened and closed."""


def the_branch() -> bk.Branch:
    """Read the outlet."""
    return bk.Branch.from_toml((OUTLET / "branch.toml").read_bytes(), source="branch.toml")


def the_sheets(month: str) -> list[bk.Sheet]:
    """Read the sheets of one round, in the order they were filled in."""
    paths = OUTLET.glob(f"sheets/{month}-*.toml")
    return sorted(
        (bk.Sheet.from_toml(path.read_bytes(), source=path.name) for path in paths), key=lambda sheet: sheet.at
    )


def rules_alone() -> Iterator[str]:
    """Inspect the convenience area: a branch, a checklist, a sheet, a policy, a score. Yields what is not as stated."""
    catalog = bk.Catalog()
    branch = the_branch()
    checklist = catalog.checklist("convenience-area")
    policy = catalog.policy("environment")
    sheet = next(sheet for sheet in the_sheets("2026-03") if sheet.checklist == checklist.id)

    bound = checklist.bind(branch, at=sheet.at)
    findings = bk.judge(sheet, bound)
    score = policy.score(bk.Evidence(sheet, bound))
    plan = policy.cheapest_fixes(score, to="five-star")

    print(f"{branch.name}\n{checklist.title}\n")
    for finding in findings:
        print(f"{finding.severity.value:8} {finding.message} [{finding.where}]")
    for lang in ("zh", "en"):
        print(f"\n{score.why(lang)}")
    print(f"\n{plan.points} {plan.band}:")
    for fix in plan.fixes:
        print(f"  {fix.text}")

    if (score.value.points, score.value.band) != SCORE:
        yield f"the score is {score.value}"
    if tuple(fix.key for fix in plan.fixes) != FIXES:
        yield f"the cheapest fixes are {[fix.key for fix in plan.fixes]}"


def with_a_kit(store: str) -> Iterator[str]:
    """Register the outlet, hand in both rounds, and look at what is left. Yields what is not as stated."""
    with bk.Kit.open(store) as kit:
        sheets = {month: the_sheets(month) for month in FINDINGS}
        kit.do(bk.RegisterBranch(the_branch(), by=CLERK, at=sheets["2026-03"][0].at))
        for month, (opened, closed) in FINDINGS.items():
            print(f"\n{month}")
            count: Counter[str] = Counter()
            for sheet in sheets[month]:
                inspector = bk.Actor(sheet.by, posts=("inspector",))
                outcome = kit.do(bk.SubmitSheet(sheet, by=inspector, at=sheet.at))
                told = outcome.details
                count.update(opened=told["opened"], closed=told["closed"])
                print(f"  {told['points']:>4} {told['band']:10} +{told['opened']} -{told['closed']}  {sheet.checklist}")
                # The same command again: the same outcome, and nothing happens twice.
                if not kit.do(bk.SubmitSheet(sheet, by=inspector, at=sheet.at)).repeated:
                    yield f"{sheet.id} was handed in twice"
            if (count["opened"], count["closed"]) != (opened, closed):
                yield f"{month} opened {count['opened']} findings and closed {count['closed']}"

        print("\n待整改 · still open")
        still_open = list(kit.find(bk.Finding, branch="B-0417", state="open"))
        for finding in sorted(still_open, key=lambda one: (-one.severity.rank, one.id)):
            print(f"  {finding.severity.value:8} {finding.message} [{finding.where}]")
        if len(still_open) != sum(opened - closed for opened, closed in FINDINGS.values()):
            yield f"{len(still_open)} findings are open"
        verification = kit.verify()
        print(f"\n{verification.entries} entries, {'ok' if verification.ok else 'NOT OK'}")
        if not verification.ok:
            yield "the store does not verify"


def main() -> int:
    """Run both halves; 0 when everything is as stated."""
    with tempfile.TemporaryDirectory() as folder:
        wrong = [*rules_alone(), *with_a_kit(f"sqlite:///{Path(folder) / 'branch.db'}")]
    for line in wrong:
        print(f"Not as stated: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
