"""The page as a whole: complete, safe, the same every time, and readable without anything from outside."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from decimal import Decimal
from html.parser import HTMLParser

import attrs
import pytest
from branchkit_html import plugin, render_report

from branchkit.errors import BranchkitError, InputError
from branchkit.estate import Address, Equipment
from branchkit.findings import Finding
from branchkit.kit import BranchReport, ZoneFindings
from branchkit.plugins import HookContext, RenderContext
from branchkit.values import Ref, Severity, Text, Unknown

VOID = {"col", "meta", "input", "br", "hr", "img", "link"}
HOSTILE = "\"><script>alert('x')</script>&<b>\x00\u202e{{ 7 * 7 }}"


class Outline(HTMLParser):
    """Reads a page: its tags with their attributes, its text, and whether every tag is closed in order."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.crossed: list[str] = []
        self._open: list[str] = []
        self.feed(page.decode())
        self.close()
        self.crossed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_every_finding_is_told(report: BranchReport) -> None:
    """Each finding is on the page with its id, its place, its rules, its sheet and its words in both languages."""
    outline = Outline(render_report(report))

    for zone in report.zones:
        for finding in zone.findings:
            wanted = (finding.id, finding.message.zh, finding.message.en, *finding.rules, finding.sheet or finding.id)
            assert [] == [one for one in wanted if one not in outline.texts]
            assert finding.where.id in outline.texts


def test_the_page_is_well_built(report: BranchReport) -> None:
    """Tags close in order, no id is there twice, every reference leads somewhere, headings do not jump."""
    outline = Outline(render_report(report))

    ids = [attributes["id"] or "" for _, attributes in outline.tags if attributes.get("id")]
    told = {one for _, attributes in outline.tags for one in (attributes.get("aria-labelledby") or "").split()}
    told |= {(attributes.get("href") or "#")[1:] for attributes in outline.named("a")}
    told |= {attributes["for"] or "" for attributes in outline.named("label")}
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert [] == outline.crossed
    assert sorted(set(ids)) == sorted(ids)
    assert set() == told - set(ids)
    assert 1 == levels.count(1)
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_nothing_comes_from_outside(report: BranchReport) -> None:
    """The page holds no script, no link to a resource, no address but the name of the language of its pictures."""
    page = render_report(report)
    outline = Outline(page)

    names = {tag for tag, _ in outline.tags}
    assert set() == names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert {"http://www.w3.org/2000/svg"} == set(re.findall(r"https?://[^\"' ]+", page.decode()))
    assert set() == set(re.findall(r"@import|url\((?!#)", page.decode()))
    assert not [key for _, attributes in outline.tags for key in attributes if key.startswith("on") or key == "src"]


def test_same_report_same_bytes(report: BranchReport) -> None:
    """Equal reports give equal bytes."""
    again = attrs.evolve(report)

    assert render_report(report) == render_report(again)


@pytest.mark.parametrize(("lang", "html_lang"), [("both", "zh-CN"), ("zh", "zh-CN"), ("en", "en")])
def test_the_language_chooses_what_is_shown_first(report: BranchReport, lang: str, html_lang: str) -> None:
    """The language asked for is switched on, and the page says its language; all words stay in the page."""
    outline = Outline(render_report(report, lang=lang))

    checked = [attributes["id"] for attributes in outline.named("input") if "checked" in attributes]
    assert [f"lang-{lang}"] == checked
    assert html_lang == outline.named("html")[0]["lang"]
    assert {"得分说明", "Why this score", "优先整改", "What to fix first"} <= set(outline.texts)


def test_each_language_is_marked_as_what_it_is(report: BranchReport) -> None:
    """What the switch shows and hides carries the language it is in."""
    outline = Outline(render_report(report))

    kinds = [((a.get("class") or "").split()[-1:], a.get("lang")) for _, a in outline.tags]
    marked = {(kind[0], lang) for kind, lang in kinds if kind in (["zh"], ["en"])}
    assert {("zh", "zh-CN"), ("en", "en")} == marked


def test_personal_values_are_never_shown(report: BranchReport, secrets: tuple[str, ...]) -> None:
    """Names of staff and the reason somebody typed do not occur, though the report holds them; ids do."""
    page = render_report(report).decode()

    assert [] == [secret for secret in secrets if secret in page]
    assert "E-2087" in page


def test_hostile_text_stays_text(report: BranchReport) -> None:
    """Markup, control characters and template code in names are shown as text, wherever they stand."""
    hostile = Text(zh=HOSTILE, en=HOSTILE + "e")
    finding = attrs.evolve(report.zones[0].findings[0], message=hostile, rules=(HOSTILE,), sheet=HOSTILE)
    bad = attrs.evolve(
        report,
        branch=attrs.evolve(
            report.branch,
            name=hostile,
            kind=HOSTILE,
            time_zone=HOSTILE,
            address=Address(lines=(HOSTILE,)),
            equipment=(Equipment("<i>ATM</i>", kind="atm", zone="Z-SELF", name=hostile),),
        ),
        zones=(ZoneFindings(zone=HOSTILE, title=hostile, findings=(finding,)),),
        checklists=tuple(
            attrs.evolve(
                one,
                title=hostile,
                sections=tuple(attrs.evolve(section, title=hostile) for section in one.sections),
                bands=tuple((code, hostile) for code, _ in one.bands),
            )
            for one in report.checklists
        ),
    )

    page = render_report(bad)
    outline = Outline(page)
    assert [] == outline.crossed
    assert [] == outline.named("script")
    assert b"\x00" not in page
    assert "\u202e" not in page.decode()
    assert "{{ 7 * 7 }}" in outline.text


def test_a_lone_surrogate_does_not_break_the_page(bare_report: BranchReport) -> None:
    """Half a character, as broken sources send it, is replaced."""
    broken = attrs.evolve(bare_report, branch=attrs.evolve(bare_report.branch, name=Text(zh="网\ud800点")))

    assert "网\ufffd点" in render_report(broken).decode()


def test_a_branch_known_by_its_code_alone(bare_report: BranchReport) -> None:
    """What nobody knows is said to be unknown, with the reason, and empty parts have kind words."""
    outline = Outline(render_report(bare_report))

    assert "400832" in outline.texts
    assert "(the import has no field for it)" in outline.texts
    assert 4 <= outline.texts.count("未知")
    assert 4 <= outline.texts.count("not known")
    assert "很好，目前没有未解决的问题。" in outline.texts
    assert "No sheet has been completed yet; scores appear here after the first one." in outline.texts


def test_a_checklist_without_policy_trend_or_sections(report: BranchReport) -> None:
    """A checklist that nobody scores is shown with kind words in the place of every picture."""
    plain = attrs.evolve(report.checklists[0], decision=None, sections=(), trend=(), fixes=None, bands=(), ceiling=None)
    outline = Outline(render_report(attrs.evolve(report, checklists=(plain,))))

    assert "No scoring policy is named for this checklist, so it is not scored." in outline.texts
    assert "The checklist has no sections to show." in outline.texts


def test_the_first_score_is_yet_to_come(report: BranchReport) -> None:
    """Where a policy is named and nothing has been scored before, the page says so kindly."""
    first = attrs.evolve(report.checklists[1], trend=())
    outline = Outline(render_report(attrs.evolve(report, checklists=(first,))))

    assert "There are no earlier scores yet." in outline.texts
    assert "Once the sheet is scored, what to fix first appears here." in outline.texts


@pytest.mark.parametrize(
    ("band", "words"),
    [
        ("excellent", "It stands in the best band; there is nothing to fix to reach it."),
        ("poor", "No set of fixes is known that reaches a better band, or the policy does not offer one."),
    ],
)
def test_why_there_is_nothing_to_fix(report: BranchReport, band: str, words: str) -> None:
    """A branch in the best band is congratulated; where no plan is known, that is said."""
    indoor = report.checklists[0]
    assert indoor.decision is not None
    decision = attrs.evolve(indoor.decision, value=attrs.evolve(indoor.decision.value, band=band))
    outline = Outline(
        render_report(attrs.evolve(report, checklists=(attrs.evolve(indoor, decision=decision, fixes=None),)))
    )

    assert words in outline.texts


def test_a_huge_report(report: BranchReport) -> None:
    """Five hundred findings are all told."""
    findings = tuple(
        Finding(
            id=f"F-{number:03}",
            branch="B-0417",
            place=(Ref("branch", "B-0417"), Ref("equipment", f"D-{number}")),
            severity=list(Severity)[number % 4],
            message=Text(zh=f"问题{number}", en=f"finding {number}"),
            rules=("estate:EST-IN-01",),
            at=report.at - dt.timedelta(days=number),
        )
        for number in range(500)
    )
    zone = ZoneFindings(zone="Z-SELF", title=Text(zh="自助服务区", en="Self-service zone"), findings=findings)
    outline = Outline(render_report(attrs.evolve(report, zones=(zone,), open_findings=500)))

    assert [] == outline.crossed
    assert {f"F-{number:03}" for number in range(500)} <= set(outline.texts)
    assert {f"D-{number}" for number in range(500)} <= set(outline.texts)


def test_moments_are_told_by_the_branchs_clock(report: BranchReport) -> None:
    """A finding of late evening in London is of the next day in Shanghai, and its age is counted there."""
    late = attrs.evolve(report.zones[0].findings[0], at=dt.datetime(2026, 3, 13, 22, 0, tzinfo=dt.UTC))
    zone = attrs.evolve(report.zones[0], findings=(late,))
    outline = Outline(render_report(attrs.evolve(report, zones=(zone,))))

    assert "2026-03-14" in outline.texts
    assert "2 " in outline.texts


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"branch": "B-1"}, "Expected a BranchReport, got dict"), (None, "Expected a BranchReport, got NoneType")],
)
def test_a_wrong_report_is_refused(wrong: object, words: str) -> None:
    """Something that is no report is refused with what was expected, by the record as by the function."""
    (record,) = plugin.branchkit_renderers(HookContext())

    with pytest.raises(BranchkitError, match=words):
        record.render(RenderContext(report=wrong))


def test_an_unknown_language_is_refused(report: BranchReport) -> None:
    """A language the page does not have is refused with those it has."""
    with pytest.raises(InputError, match="Expected one of: both, zh, en"):
        render_report(report, lang="fr")


def test_a_moment_without_a_zone_is_refused(report: BranchReport) -> None:
    """A moment without a zone would be read by the machine's own clock, so it is refused."""
    naive = attrs.evolve(report, at=report.at.replace(tzinfo=None))

    with pytest.raises(InputError, match="Expected moments with a zone"):
        render_report(naive)


def test_the_record_renders(report: BranchReport) -> None:
    """The record on offer gives what the function gives."""
    (record,) = plugin.branchkit_renderers(HookContext())

    assert ("html.branch-report", "text/html") == (record.key, record.media_type)
    assert render_report(report, lang="zh") == record.render(RenderContext(report=report, lang="zh"))


def test_unknown_hours_say_why(report: BranchReport) -> None:
    """Hours that are not known are not a closed week."""
    unknown = attrs.evolve(report.branch, hours=Unknown("ambiguous in the source"))
    outline = Outline(render_report(attrs.evolve(report, branch=unknown)))

    assert "(ambiguous in the source)" in outline.texts
    assert "休息" not in outline.texts


def test_a_score_that_was_limited_adds_up(report: BranchReport) -> None:
    """Where limits or rounding change the sum of the effects, the table shows the sum and the difference."""
    decision = report.checklists[0].decision
    assert decision is not None
    limited = attrs.evolve(decision, value=attrs.evolve(decision.value, points=Decimal(50)))
    outline = Outline(
        render_report(attrs.evolve(report, checklists=(attrs.evolve(report.checklists[0], decision=limited),)))
    )

    assert {"+78.5", "\u221228.5", "50"} <= set(outline.texts)
