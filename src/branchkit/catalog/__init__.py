"""The catalog (规范库): packaged documents, read when they are asked for, and the register of rules."""

from branchkit.catalog.diff import Change, Difference, diff_documents
from branchkit.catalog.index import CatalogRoot, packaged_root
from branchkit.catalog.loader import Catalog
from branchkit.catalog.model import CatalogEntry, Rule, RuleTopic
from branchkit.catalog.settings import Setting, SettingList, Way

__all__ = [
    "Catalog",
    "CatalogEntry",
    "CatalogRoot",
    "Change",
    "Difference",
    "Rule",
    "RuleTopic",
    "Setting",
    "SettingList",
    "Way",
    "diff_documents",
    "packaged_root",
]
