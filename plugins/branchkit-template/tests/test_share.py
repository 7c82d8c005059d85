"""The policy keeps the laws of policies, and counts as it says."""

from decimal import Decimal

from branchkit_template.share import Share

from branchkit import Branch, Catalog
from branchkit.checklists import Sheet
from branchkit.scoring import Evidence
from branchkit.testing.scoring import ScoringPolicyLaws


class TestShare(ScoringPolicyLaws):
    """Every law that the policy declares, and that it refuses what it does not."""

    def make_policy(self) -> Share:
        return Share()


def test_three_of_four() -> None:
    """Three items in order of four that were judged are 75 points."""
    sheet = Sheet.from_toml("""
        schema = "branchkit.sheet/1"
        id = "S-1"
        checklist = "indoor"
        version = "1"
        branch = "B-0417"
        at = 2026-03-02T09:00:00+08:00
        by = "S-017"
        answers = [
          { item = "hall-clean", value = "pass" },
          { item = "no-postings", value = "pass" },
          { item = "no-clutter", value = "pass" },
          { item = "cabling-safe", value = "fail" },
        ]
    """)
    bound = Catalog().checklist("indoor").bind(Branch("B-0417"), at=sheet.at)

    score = Share().score(Evidence(sheet, bound)).value
    assert (Decimal(75), "to-improve") == (score.points, score.band)
