"""Two ratings of an outlet, as data: 1,000 points less what is wrong, and the band that the worst item allows."""

from __future__ import annotations

from importlib.resources import files

from branchkit.plugins import BranchkitHooks, CatalogRecord, HookContext

__all__ = ["Stars", "plugin"]


class Stars(BranchkitHooks):
    """Offers the two policies; what they say is in the catalog, and there is no other code.

    >>> [record.key for record in plugin.branchkit_catalogs(HookContext())]
    ['stars.catalog']
    """

    name = "stars"
    api = 1

    def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
        """Offer the policies ``stars.thousand`` and ``stars.worst-item``."""
        return (CatalogRecord("stars.catalog", version="1", root=files("branchkit_stars").joinpath("catalog")),)


plugin = Stars()
