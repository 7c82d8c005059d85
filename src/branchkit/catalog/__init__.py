"""The catalog (规范库): packaged documents, read when they are asked for, and the register of rules."""

from branchkit.catalog.index import CatalogRoot, packaged_root
from branchkit.catalog.loader import Catalog
from branchkit.catalog.model import CatalogEntry, Rule, RuleTopic

__all__ = ["Catalog", "CatalogEntry", "CatalogRoot", "Rule", "RuleTopic", "packaged_root"]
