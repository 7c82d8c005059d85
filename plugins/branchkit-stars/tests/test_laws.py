"""Both ratings keep the laws of policies, and the folder those of catalogs."""

from __future__ import annotations

from importlib.resources import files

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Checklist
from branchkit.scoring import ScoringPolicy
from branchkit.testing.catalogs import CatalogLaws
from branchkit.testing.scoring import ScoringPolicyLaws

ROOT = CatalogRoot("stars", files("branchkit_stars").joinpath("catalog"))


class TestCatalog(CatalogLaws):
    """The catalog."""

    def make_root(self) -> CatalogRoot:
        return ROOT


class _Rating(ScoringPolicyLaws):
    key: str

    def make_policy(self) -> ScoringPolicy:
        return Catalog((ROOT,)).policy(self.key)

    def make_checklists(self) -> tuple[Checklist, ...]:
        catalog = Catalog((ROOT,))
        return tuple(catalog.checklist(name) for name in catalog.policy(self.key).checklists)


class TestThousand(_Rating):
    """The rating of 1,000 points."""

    key = "stars.thousand"


class TestWorstItem(_Rating):
    """The rating by the worst item."""

    key = "stars.worst-item"
