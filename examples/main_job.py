"""The main job on real input, end to end: import, replay, score, compare, inspect, verify, report.

1. Imports the real cash machines of a bank (780 at 279 branches known only by code) and a real inspection year.
2. Replays both into a fresh SQLite file.
3. Scores every visit under a policy that is data, and lists every official score that does not come out.
4. Registers an outlet and hands in its sheets, filled in in Chinese, on the catalog's own checklists.
5. Verifies the store and writes the outlet's report.

Everything goes to the folder ``branchkit-demo`` below the current one, which is made anew.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

import official_scores
from branchkit_opendata.inspections import CHECKLIST

import branchkit as bk
from branchkit.kit import Filed, RuleBook, command_line
from branchkit.kit.replay import ReplayReport, replay
from branchkit.messages import Command
from branchkit.plugins import ImportContext, RenderContext, SourceFile

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
ATMS = DATA / "uk-open-banking-atms-hsbc" / "atms-2024-01-21.json"
OUTLET = HERE / "outlet"
OUT = Path("branchkit-demo")

KNOWN = (4_099, 4_187)
"""The known answer: how many official scores the policy gives exactly, and of how many."""
CLERK = bk.Actor("S-001", posts=("estate_administrator",))


def imported(rules: RuleBook, importer: str, *paths: Path) -> Iterator[Command]:
    """Yield the commands that an importer makes of files; what is odd and kept goes to standard error."""
    context = ImportContext(
        files=tuple(SourceFile(path.name, data=path.read_bytes()) for path in paths),
        at=official_scores.TOLD,
        notice=lambda problem: print(f"  notice: {problem}", file=sys.stderr),
    )
    return rules.plugins.importer(importer).read(context)


def put_in(kit: bk.Kit, name: str, commands: Iterable[Command]) -> ReplayReport:
    """Write commands to a file, as `branchkit import` does, and replay it, as `branchkit replay` does."""
    path = OUT / f"{name}.jsonl"
    path.write_bytes(b"".join(command_line(command) + b"\n" for command in commands))
    began = time.perf_counter()
    with path.open("rb") as lines:
        report = replay(kit, lines, source=path.name)
    seconds = time.perf_counter() - began
    told = f"{report.commands:,} commands, {report.accepted:,} accepted, {len(report.refused)} refused"
    print(f"{name}: {told} ({seconds:.1f} s)")
    for line in report.refused:
        print(f"  line {line.line}: {line.error}")
    return report


def outlet_commands() -> Iterator[Command]:
    """Yield what registers the example outlet and hands in its sheets, the oldest first."""
    branch = bk.Branch.from_toml((OUTLET / "branch.toml").read_bytes(), source="branch.toml")
    sheets = [bk.Sheet.from_toml(path.read_bytes(), source=path.name) for path in sorted(OUTLET.glob("sheets/*.toml"))]
    sheets.sort(key=lambda sheet: (sheet.at, sheet.id))
    yield bk.RegisterBranch(branch, by=CLERK, at=sheets[0].at)
    for sheet in sheets:
        yield bk.SubmitSheet(sheet, by=bk.Actor(sheet.by, posts=("inspector",)), at=sheet.at)


def main() -> int:
    """Run the job; 0 when everything holds."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    rules = RuleBook.load()
    with bk.Kit.open(f"sqlite:///{OUT / 'branch.db'}", rules=rules) as kit:
        put_in(kit, "estate", imported(rules, "opendata.obie-atms", ATMS))
        machines = [device for branch in kit.find(bk.Branch) for device in branch.devices()]
        print(f"  {len(machines)} machines at {sum(1 for _ in kit.find(bk.Branch))} branches")

        visits = imported(rules, "opendata.sf-inspections", official_scores.VISITS, official_scores.FINDINGS)
        put_in(kit, "inspections", visits)
        scores: dict[str, Decimal | None] = {
            filed.sheet.id: kit.score(filed.sheet.id).value.points for filed in kit.find(Filed, checklist=CHECKLIST)
        }
        comparison = official_scores.compare(official_scores.VISITS, scores)
        for line in comparison.lines():
            print(line)

        put_in(kit, "outlet", outlet_commands())
        for record in kit.find(bk.ScoreRecord, branch="B-0417"):
            print(f"  {record.at:%Y-%m-%d}  {record.checklist:20} {record.points} {record.band}")
        still_open = sum(1 for _ in kit.find(bk.Finding, branch="B-0417", state="open"))
        print(f"  {still_open} findings are open at B-0417")

        verification = kit.verify()
        sound = "ok" if verification.ok else "NOT OK"
        print(f"verify: {sound}, {verification.entries:,} entries, head {verification.head}")
        draw = rules.plugins.renderer("html.branch-report").render
        (OUT / "report.html").write_bytes(draw(RenderContext(report=kit.report("B-0417"), lang="both")))
        print(f"report: {OUT / 'report.html'}")
    return 0 if verification.ok and (comparison.exact, comparison.official) == KNOWN else 1


if __name__ == "__main__":
    sys.exit(main())
