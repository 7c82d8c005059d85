"""branchkit-html: a branch report as one HTML file, in Chinese and English, with pictures inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from branchkit_html.hooks import HtmlReports

if TYPE_CHECKING:
    from branchkit.kit import BranchReport

__all__ = ["HtmlReports", "plugin", "render_report"]

plugin = HtmlReports()
"""What the entry point names."""


def render_report(report: BranchReport, *, lang: str = "both") -> bytes:
    """Turn a branch report into one HTML file.

    The same report gives the same bytes. The file asks for nothing from outside and runs no script; what is marked as
    personal is not in it.

    Args:
        report: What to show, as ``kit.report(branch)`` gathers it.
        lang: The language that is shown when the file is opened: ``"zh"``, ``"en"`` or ``"both"`` side by side. All
            words are in the file, and its reader may switch.

    Raises:
        InputError: The report is not a `branchkit.kit.BranchReport`, a moment in it has no zone, or the language is
            none of the three.
    """
    from branchkit_html.render import render_page

    return render_page(report, lang)
