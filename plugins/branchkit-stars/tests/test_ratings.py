"""What the two ratings make of rounds whose outcome can be counted by hand."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from importlib.resources import files

import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.scoring import RubricPolicy, Score
from branchkit.testing.filling import PlainRound, plain_form
from branchkit.values import Severity

CATALOG = Catalog((CatalogRoot("stars", files("branchkit_stars").joinpath("catalog")),))
THOUSAND, WORST = CATALOG.policy("stars.thousand"), CATALOG.policy("stars.worst-item")
SHEETS = THOUSAND.checklists
CLEAN, WHOLE = ("outdoor", "fascia-clean"), ("outdoor", "fascia-intact")
HAZARD = ("outdoor", "outside-hazard")


def rated(policy: RubricPolicy, *failed: tuple[str, str], sheets: Iterable[str] = SHEETS) -> Score:
    forms = tuple(form for name in sheets if (form := plain_form(CATALOG.checklist(name))) is not None)
    return policy.score(PlainRound(forms, frozenset(failed)).evidence()).value


def every(sheet: str, *severities: Severity) -> list[tuple[str, str]]:
    form = plain_form(CATALOG.checklist(sheet))
    assert form is not None
    return [(sheet, item.id) for _, item in form.items() if item.severity in severities and item.basis != "advice"]


def test_faults_take_points_by_how_bad_they_are() -> None:
    """A minor fault costs 5, a major one 15, a critical one 40, and nothing wrong is 1,000."""
    assert Decimal(1000) == rated(THOUSAND).points
    assert Decimal(995) == rated(THOUSAND, CLEAN).points
    assert Decimal(980) == rated(THOUSAND, CLEAN, WHOLE).points
    assert Decimal(940) == rated(THOUSAND, CLEAN, WHOLE, HAZARD).points


def test_a_heading_costs_no_more_than_its_cap() -> None:
    """However much is wrong outdoors, it costs 120; all caps together are the 1,000."""
    outdoors = every("outdoor", *Severity)

    assert Decimal(880) == rated(THOUSAND, *outdoors).points
    assert Decimal(1000) == sum(one.cap or 0 for one in THOUSAND.deductions)


@pytest.mark.parametrize(
    ("failed", "points", "band"),
    [
        (CLEAN, 995, "five-star"),
        (HAZARD, 960, "three-star"),
        (("accessibility", "route-exists"), 960, "two-star"),
        (("signs-and-screens", "content-lawful"), 599, "not-rated"),
    ],
    ids=lambda one: one[1] if isinstance(one, tuple) else str(one),
)
def test_some_things_limit_the_stars_whatever_else_is_right(failed: tuple[str, str], points: int, band: str) -> None:
    """One critical fault allows three stars, no way in two, and unlawful content none."""
    score = rated(THOUSAND, failed)

    assert (Decimal(points), band) == (score.points, score.band)


@pytest.mark.parametrize("missing", SHEETS)
def test_a_round_that_lacks_a_sheet_is_not_rated(missing: str) -> None:
    """Whichever sheet is not there, there is no score, and the reason says what it takes."""
    score = rated(THOUSAND, sheets=[name for name in SHEETS if name != missing])

    assert None is score.points
    assert "六张" in str(score.reason)


def test_the_worst_item_decides_alone() -> None:
    """Any number of minor faults is blue, one major fault yellow, one critical fault red, and nothing wrong green."""
    minor = [one for sheet in SHEETS for one in every(sheet, Severity.MINOR)]

    assert "green" == rated(WORST).band
    assert "blue" == rated(WORST, CLEAN).band == rated(WORST, *minor).band
    assert "yellow" == rated(WORST, WHOLE).band == rated(WORST, *minor, WHOLE).band
    assert "red" == rated(WORST, HAZARD).band


def test_the_two_ratings_disagree_where_they_should() -> None:
    """One major fault leaves five stars and takes away the green; many minor ones take the stars and leave the blue."""
    minor = [one for sheet in SHEETS for one in every(sheet, Severity.MINOR)]

    assert ("five-star", "yellow") == (rated(THOUSAND, WHOLE).band, rated(WORST, WHOLE).band)
    assert "blue" == rated(WORST, *minor).band
    assert "five-star" != rated(THOUSAND, *minor).band


def test_both_say_that_their_numbers_are_examples() -> None:
    """The title of each says so in both languages."""
    for policy in (THOUSAND, WORST):
        assert "示例" in policy.title.zh
        assert "examples" in policy.title.en
