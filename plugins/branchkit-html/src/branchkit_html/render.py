"""From a report to bytes: the page is worked out first, the templates only write it down."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from branchkit.errors import InputError, Problem
from branchkit.kit import BranchReport
from branchkit_html.lettering import clean
from branchkit_html.marks import severity_mark
from branchkit_html.page import Page
from branchkit_html.words import WORDS

if TYPE_CHECKING:
    from branchkit.values import Severity

__all__ = ["LANGUAGES", "render_page"]

LANGUAGES = ("both", "zh", "en")
"""What the page may show when it is opened; its reader may switch."""


def render_page(report: object, lang: str) -> bytes:
    """Render a report; see `branchkit_html.render_report`."""
    if not isinstance(report, BranchReport):
        what = f"Expected a BranchReport, got {type(report).__name__}: hand in what kit.report(branch) returns"
        raise InputError("html.branch-report", (Problem("$.report", what),))
    if lang not in LANGUAGES:
        raise InputError("html.branch-report", (Problem("$.lang", f"Expected one of: {', '.join(LANGUAGES)}"),))
    template = _environment().get_template("report.html.j2")
    return template.render(page=Page.of(report), lang=lang, words=WORDS, severity_mark=_mark).encode()


def _mark(severity: Severity) -> Markup:
    return Markup(severity_mark(severity))  # drawn from constants alone


def _written(value: object) -> object:
    """Leave out what no document may hold, such as control characters in a name from another system."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@functools.cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("branchkit_html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
