"""The plug-in itself: what it offers, each built when it is asked for."""

from __future__ import annotations

from importlib.resources import files

from branchkit.plugins import BranchkitHooks, CalendarRecord, CatalogRecord, HookContext, ImporterRecord
from branchkit.values import Text

__all__ = ["OpenData"]

_VERSION = "1"


class OpenData(BranchkitHooks):
    """Public data for branchkit: six importers, a catalog of what they need, and a calendar.

    >>> sorted(record.key for record in OpenData().branchkit_importers(HookContext()))
    ['opendata.cfpb-complaints', 'opendata.obie-atms', 'opendata.obie-branches', 'opendata.servicenow-incidents',
    'opendata.sf-inspections', 'opendata.state-council-calendar']
    """

    name = "opendata"
    api = 1

    def branchkit_importers(self, context: HookContext) -> tuple[ImporterRecord, ...]:
        """Offer the importers."""
        from branchkit_opendata import atms, branches, complaints, incidents, inspections, working_days

        titles = {
            atms: Text(zh="英国开放银行的现金机具", en="Cash machines of UK Open Banking"),
            branches: Text(zh="英国开放银行的网点", en="Branches of UK Open Banking"),
            complaints: Text(zh="美国消费者金融保护局投诉", en="Complaints of the US consumer bureau"),
            incidents: Text(zh="ServiceNow 事件日志", en="Update log of ServiceNow incidents"),
            inspections: Text(zh="旧金山食品安全检查", en="San Francisco food-safety inspections"),
            working_days: Text(zh="国务院放假安排", en="Working days announced by China's State Council"),
        }
        return tuple(
            ImporterRecord(f"opendata.{module.FORMAT}", version=_VERSION, title=title, read=module.read)
            for module, title in titles.items()
        )

    def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
        """Offer how inspections are scored, and the procedures of incidents and complaints."""
        root = files("branchkit_opendata").joinpath("catalog")
        return (CatalogRecord("opendata.catalog", version=_VERSION, root=root),)

    def branchkit_calendars(self, context: HookContext) -> tuple[CalendarRecord, ...]:
        """Offer the working days that the package carries."""
        from branchkit_opendata.working_days import bundled

        return (CalendarRecord("opendata.state-council", version="2015-2026", load=bundled),)
