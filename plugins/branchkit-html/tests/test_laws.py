"""The report keeps the laws of renderers."""

from __future__ import annotations

from branchkit_html import plugin

from branchkit.plugins import HookContext, RendererRecord
from branchkit.testing.renderers import RendererLaws


class TestBranchReport(RendererLaws):
    """The report as one HTML file."""

    def make_record(self) -> RendererRecord:
        return plugin.branchkit_renderers(HookContext())[0]
