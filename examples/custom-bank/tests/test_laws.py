"""Everything that the bank brings keeps the laws of its kind."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from branchkit_harbour.escalation import InTurn
from branchkit_harbour.scoring import WeakestSection
from branchkit_harbour.storage import FileStore
from branchkit_harbour.tiers import ByProducts

from branchkit.catalog import CatalogRoot
from branchkit.customers import TierPolicy
from branchkit.escalation import EscalationPolicy
from branchkit.scoring import ScoringPolicy
from branchkit.storage import Store
from branchkit.testing.catalogs import CatalogLaws
from branchkit.testing.escalation import EscalationPolicyLaws
from branchkit.testing.scoring import ScoringPolicyLaws
from branchkit.testing.stores import StoreLaws
from branchkit.testing.tiers import TierPolicyLaws
from branchkit.values import FrozenMap


class TestScoring(ScoringPolicyLaws):
    """The score."""

    def make_policy(self) -> ScoringPolicy:
        return WeakestSection()


class TestEscalation(EscalationPolicyLaws):
    """The escalation, as it comes."""

    def make_policy(self) -> EscalationPolicy:
        return InTurn()


class TestEscalationAsConfigured(EscalationPolicyLaws):
    """The escalation, with other posts and minutes."""

    def make_policy(self) -> EscalationPolicy:
        return InTurn(FrozenMap({"outlet_head": 1, "engineer": 90}))


class TestTiers(TierPolicyLaws):
    """The tiers."""

    def make_policy(self) -> TierPolicy:
        return ByProducts()


class TestCatalog(CatalogLaws):
    """The bank's own documents."""

    def make_root(self) -> CatalogRoot:
        return CatalogRoot("harbour", files("branchkit_harbour").joinpath("catalog"))


class TestStore(StoreLaws):
    """The store, with all that it declares and all that it does not."""

    examples = 8

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.made = 0

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        self.made += 1
        return FileStore(self.folder / f"{self.made}.json", checkpoint_every=checkpoint_every)

    def reopen(self, store: Store) -> Store:
        assert isinstance(store, FileStore)
        store.close()
        return FileStore(store.path)
