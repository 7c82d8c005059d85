"""Each law of a renderer catches the renderer that breaks it, and lets the sound one pass."""

from __future__ import annotations

import html
import itertools
import os
import time
from collections.abc import Callable

import attrs
import pytest

from branchkit.errors import Refused
from branchkit.findings import Finding
from branchkit.kit import BranchReport
from branchkit.plugins import RenderContext, RendererRecord
from branchkit.testing.laws import law_names
from branchkit.testing.renderers import RendererLaws
from branchkit.testing.reports import SECRETS, bare_report, full_report
from branchkit.values import Text, Unknown

Render = Callable[[RenderContext], bytes]


def of(context: RenderContext) -> BranchReport:
    assert isinstance(context.report, BranchReport)
    return context.report


def sound(context: RenderContext) -> bytes:
    """Write the findings of a report as a page."""
    report = of(context)
    lines = [report.branch.id, *(line(one, context.lang) for zone in report.zones for one in zone.findings)]
    return "".join(f"<p>{html.escape(one)}</p>" for one in lines).encode()


def line(finding: Finding, lang: str) -> str:
    return f"{finding.id}: {finding.message.say(lang)}"


def as_text(context: RenderContext) -> bytes:
    text: str = sound(context).decode()
    return text  # type: ignore[return-value]  # that is the fault


def needs_findings(context: RenderContext) -> bytes:
    if of(context).worst is None:
        raise Refused("report", ("there is nothing to report",))
    return sound(context)


def counting() -> Render:
    counter = itertools.count()
    return lambda context: sound(context) + str(next(counter)).encode()


def dated(context: RenderContext) -> bytes:
    return sound(context) if time.time() else b""


def salted(context: RenderContext) -> bytes:
    return sound(context) if os.urandom(4) else b""


def in_gbk(context: RenderContext) -> bytes:
    return sound(context).decode().encode("gbk", errors="replace")


def open_door(context: RenderContext) -> bytes:
    return html.unescape(sound(context).decode()).encode()


def tells_names(context: RenderContext) -> bytes:
    staff = of(context).branch.staff
    names = [] if isinstance(staff, Unknown) else [one.name or "" for one in staff]
    return sound(context) + html.escape(" ".join(names)).encode()


def tells_reasons(context: RenderContext) -> bytes:
    closures = [one.closure for zone in of(context).zones for one in zone.findings]
    return sound(context) + " ".join(one.reason or "" for one in closures if one).encode()


SABOTEURS: dict[str, tuple[Render, ...]] = {
    "test_every_report_is_rendered_in_both_languages": (as_text, needs_findings, lambda context: b""),
    "test_the_same_report_gives_the_same_bytes": (counting(),),
    "test_nothing_comes_from_clock_or_chance": (dated, salted),
    "test_the_media_type_is_one": (in_gbk,),
    "test_markup_in_words_stays_words": (open_door,),
    "test_personal_values_are_not_shown": (tells_names, tells_reasons),
}


def laws(render: Render, media_type: str = "text/html") -> RendererLaws:
    class Tried(RendererLaws):
        def make_record(self) -> RendererRecord:
            title = Text(zh="页", en="Page")
            return RendererRecord("acme.page", version="1", title=title, media_type=media_type, render=render)

    return Tried()


def test_every_law_has_its_saboteur() -> None:
    """There is a saboteur for each law, and for nothing else."""
    assert sorted(law_names(RendererLaws)) == sorted(SABOTEURS)


@pytest.mark.parametrize(
    ("law", "render"),
    [(law, one) for law, several in SABOTEURS.items() for one in several],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_broken_renderer_breaks_its_law(law: str, render: Render) -> None:
    """The law that a renderer breaks says so."""
    with pytest.raises((AssertionError, Refused)):
        getattr(laws(render), law)()


@pytest.mark.parametrize("law", SABOTEURS)
def test_a_sound_renderer_keeps_every_law(law: str) -> None:
    """A renderer without faults keeps each law."""
    getattr(laws(sound), law)()


@pytest.mark.parametrize("media_type", ["html", "text/", "text/html; charset=ascii", "text/html; charset=nothing"])
def test_a_media_type_that_is_none_is_told(media_type: str) -> None:
    """A media type without its second half, or that names an encoding which the bytes are not in, breaks the law."""
    with pytest.raises(AssertionError):
        laws(sound, media_type).test_the_media_type_is_one()


def test_what_has_no_markup_is_spared() -> None:
    """Only what browsers read as markup is tried with it."""
    with pytest.raises(pytest.skip.Exception, match="text/csv has no markup"):
        laws(sound, "text/csv").test_markup_in_words_stays_words()


def test_the_reports_have_everything_and_nothing() -> None:
    """Of the reports tried, one fills every field that a report has, and one leaves out all that may be left out."""
    full, bare = full_report(), bare_report()

    assert [] == [field.name for field in attrs.fields(BranchReport) if not getattr(full, field.name)]
    assert ((), (), None) == (bare.checklists, bare.zones, bare.worst)
    assert {"name", "free_text"} == set(SECRETS)
