"""Holds computed scores against the official ones: how many come out exactly, and every one that does not.

The official score is the yardstick and nothing else: it is read here, after everything has been scored. Run alone, this
scores the carried inspection year with the pure parts of branchkit, without a kit or a store.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import attrs
from branchkit_opendata import inspections

from branchkit.checklists import Checklist, SubmitSheet, bind
from branchkit.estate import Branch, RegisterBranch
from branchkit.plugins import ImportContext, SourceFile
from branchkit.scoring import Evidence, RubricPolicy

DATA = Path(__file__).resolve().parent / "data" / "sf-food-inspections"
VISITS = DATA / "inspections-2015.csv"
FINDINGS = DATA / "violations-2015.csv"
TOLD = dt.datetime(2016, 1, 1, 8, tzinfo=dt.UTC)
"""When the year was over in San Francisco, and told."""


@attrs.frozen(kw_only=True)
class Difference:
    """One visit on which the official score and ours differ."""

    sheet: str
    business: str
    day: dt.date
    official: Decimal | None
    """``None`` where the source publishes no score."""
    ours: Decimal | None
    """``None`` where the policy gives none."""

    def __str__(self) -> str:
        said, computed = ("none" if score is None else str(score) for score in (self.official, self.ours))
        return f"business {self.business:>6}  {self.day}  official {said:>4}  ours {computed:>4}"


@attrs.frozen(kw_only=True)
class Comparison:
    """What came of comparing a year."""

    visits: int
    official: int
    """How many visits the source scores."""
    exact: int
    """How many of those come out exactly."""
    differences: tuple[Difference, ...]
    """All others, and visits that only we score, in the order of the table."""

    def lines(self) -> Iterator[str]:
        """Yield the result for people: one line, then every difference."""
        yield f"{self.exact:,} of {self.official:,} official scores come out exactly"
        yield f"{self.visits - self.official:,} visits have no official score"
        if self.differences:
            yield f"the other {len(self.differences)}:"
            yield from (f"  {difference}" for difference in self.differences)


def compare(official_csv: Path, scores: Mapping[str, Decimal | None]) -> Comparison:
    """Compare scores by sheet with the column ``official_score`` (or ``score``) of a table of visits.

    Raises:
        KeyError: A visit of the table has no sheet among the scores.
        ValueError: The table has no column of official scores.
    """
    ordinals: Counter[tuple[str, dt.date]] = Counter()
    visits = official = exact = 0
    differences: list[Difference] = []
    with official_csv.open(encoding="utf-8-sig", newline="") as table:
        reader = csv.DictReader(table)
        names = {name.strip().lower(): name for name in reader.fieldnames or ()}
        column = names.get("official_score") or names.get("score")
        if column is None:
            raise ValueError(f"{official_csv.name} has no column official_score or score")
        for row in reader:
            visit = (row[names["business_id"]].strip(), dt.date.fromisoformat(row[names["date"]].strip()))
            ordinals[visit] += 1
            visits += 1
            sheet = inspections.sheet_id(*visit, ordinals[visit])
            cell, ours = row[column].strip(), scores[sheet]
            said = Decimal(cell) if cell else None
            official += said is not None
            if said == ours:
                exact += said is not None
            else:
                differences.append(Difference(sheet=sheet, business=visit[0], day=visit[1], official=said, ours=ours))
    return Comparison(visits=visits, official=official, exact=exact, differences=tuple(differences))


def score_visits(visits: Path, findings: Path) -> dict[str, Decimal | None]:
    """Import two tables and score every visit; a visit that the policy leaves unscored has ``None``."""
    catalog = files("branchkit_opendata").joinpath("catalog")
    checklist = Checklist.from_toml(catalog.joinpath("checklists", "sf-food-visit.toml").read_bytes())
    policy = RubricPolicy.from_toml(catalog.joinpath("policies", "sf-2015.toml").read_bytes())
    sources = tuple(SourceFile(path.name, data=path.read_bytes()) for path in (visits, findings))
    context = ImportContext(files=sources, at=TOLD)
    branches: dict[str, Branch] = {}
    scores: dict[str, Decimal | None] = {}
    for command in inspections.read(context):
        if isinstance(command, RegisterBranch):
            branches[command.branch.id] = command.branch
        elif isinstance(command, SubmitSheet):
            sheet = command.sheet
            bound = bind(checklist, branches[sheet.branch], at=sheet.at)
            scores[sheet.id] = policy.score(Evidence(sheet, bound)).value.points
    return scores


def main() -> None:
    """Score the carried year and compare."""
    for line in compare(VISITS, score_visits(VISITS, FINDINGS)).lines():
        print(line)


if __name__ == "__main__":
    main()
