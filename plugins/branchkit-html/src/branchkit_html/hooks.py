"""The plug-in itself; Jinja is imported when a report is rendered, not before."""

from __future__ import annotations

from branchkit.plugins import BranchkitHooks, HookContext, RenderContext, RendererRecord
from branchkit.values import Text

__all__ = ["HtmlReports"]


class HtmlReports(BranchkitHooks):
    """Branch reports as HTML.

    >>> [(record.key, record.media_type) for record in HtmlReports().branchkit_renderers(HookContext())]
    [('html.branch-report', 'text/html')]
    """

    name = "html"
    api = 1

    def branchkit_renderers(self, context: HookContext) -> tuple[RendererRecord, ...]:
        """Offer the report."""
        return (
            RendererRecord(
                "html.branch-report",
                version="1",
                title=Text(zh="网点报告（单个网页文件）", en="Branch report as one HTML file"),
                media_type="text/html",
                render=_render,
            ),
        )


def _render(context: RenderContext) -> bytes:
    from branchkit_html.render import render_page

    return render_page(context.report, context.lang)
