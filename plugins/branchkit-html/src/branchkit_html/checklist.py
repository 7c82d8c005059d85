"""One checklist as the page shows it: pictures, the reasons of its score, and what to fix first."""

from __future__ import annotations

from decimal import Decimal

import attrs
from markupsafe import Markup

from branchkit.kit import ChecklistReport, TrendPoint
from branchkit.scoring import FixPlan, Score
from branchkit.trace import Decision, Step
from branchkit.values import Text, decimal_text
from branchkit_html.ladder import score_ladder
from branchkit_html.marks import effect_bar
from branchkit_html.moments import Clock
from branchkit_html.places import Place, Places
from branchkit_html.sections import legend_swatch, section_bars
from branchkit_html.trend import trend_line
from branchkit_html.words import WORDS

__all__ = ["ChecklistView", "FixRow", "FixView", "TrendRow", "WhyRow", "WhyView"]


@attrs.frozen(kw_only=True)
class WhyRow:
    """One step of a trace."""

    effect: str | None
    bar: Markup | None
    what: Text
    places: tuple[Place, ...]
    items: tuple[str, ...]
    rules: tuple[str, ...]


@attrs.frozen(kw_only=True)
class WhyView:
    """A trace as a table that adds up."""

    policy: str
    version: str
    plugin: str
    rows: tuple[WhyRow, ...]
    sum: str | None
    """The effects added up; ``None`` where no step has one."""
    difference: str | None
    """What limits, parts that do not apply and rounding make of the sum; ``None`` where that is nothing."""


@attrs.frozen(kw_only=True)
class FixRow:
    """One thing to fix."""

    key: str
    text: Text
    cost: str
    places: tuple[Place, ...]


@attrs.frozen(kw_only=True)
class FixView:
    """What to fix first and where that leads."""

    rows: tuple[FixRow, ...]
    cost: str
    points: str
    band: Text


@attrs.frozen(kw_only=True)
class TrendRow:
    """One score of the past."""

    day: str
    sheet: str
    points: str | None
    band: Text | None


@attrs.frozen(kw_only=True)
class ChecklistView:
    """One checklist."""

    ident: str
    """Unique on the page."""
    checklist: str
    version: str
    title: Text
    sheet: str
    at: str
    by: str
    points: str | None
    ceiling: str | None
    band: Text | None
    unscored: Text | None
    """Why there is no score; ``None`` where there is one."""
    ladder: Markup | None
    sections: Markup | None
    legend: tuple[tuple[Markup, Text], ...]
    trend: Markup | None
    trend_rows: tuple[TrendRow, ...]
    trend_gaps: bool
    """Whether a sheet in the trend could not be scored."""
    why: WhyView | None
    fixes: FixView | None
    no_fixes: Text
    """What to say where there are no fixes to show."""

    @classmethod
    def of(cls, report: ChecklistReport, number: int, clock: Clock, places: Places) -> ChecklistView:
        """Work out what is shown of a checklist."""
        ident = f"checklist-{number}"
        titles = dict(report.bands)
        score = None if report.decision is None else report.decision.value
        trend = tuple(attrs.evolve(point, at=clock.local(point.at)) for point in report.trend)
        return cls(
            ident=ident,
            checklist=report.checklist,
            version=report.version,
            title=report.title,
            sheet=report.sheet,
            at=clock.minute(report.at),
            by=report.by,
            points=None if score is None or score.points is None else decimal_text(score.points),
            ceiling=None if report.ceiling is None else decimal_text(report.ceiling),
            band=None if score is None else _band(titles, score.band),
            unscored=_unscored(score),
            # Markup, because the pictures escape every word that goes into them.
            ladder=None if score is None else Markup(
                score_ladder(f"{ident}-score", score.points, report.ceiling, report.bands, score.band)
            ),
            sections=Markup(section_bars(f"{ident}-sections", report.sections)) if report.sections else None,
            legend=tuple(
                (Markup(legend_swatch(f"{ident}-sections", kind)), WORDS[kind])
                for kind in ("passed", "failed", "unknown", "na")
            ),
            trend=Markup(trend_line(f"{ident}-trend", trend, report.ceiling)) if trend else None,
            trend_rows=tuple(_trend_row(point, clock, titles) for point in trend),
            trend_gaps=any(point.points is None for point in trend),
            why=None if report.decision is None else _why(report.decision, places),
            fixes=None if report.fixes is None else _fixes(report.fixes, titles, places),
            no_fixes=_no_fixes(report, score),
        )  # fmt: skip


def _band(titles: dict[str, Text], code: str | None) -> Text | None:
    return None if code is None else titles.get(code) or Text(en=code)


def _unscored(score: Score | None) -> Text | None:
    if score is None:
        return WORDS["no_policy"]
    return None if score.is_scored else score.reason or WORDS["not_scored"]


def _no_fixes(report: ChecklistReport, score: Score | None) -> Text:
    if score is None or not score.is_scored:
        return WORDS["not_yet"]
    if report.bands and score.band == report.bands[0][0]:
        return WORDS["at_best"]
    return WORDS["no_fixes"]


def _signed(number: Decimal) -> str:
    """Write a number with its sign, a real minus before what is lost."""
    return f"+{decimal_text(number)}" if number > 0 else decimal_text(number).replace("-", "\u2212")


def _why(decision: Decision[Score], places: Places) -> WhyView:
    score, trace = decision.value, decision.trace
    effects = [step.effect for step in trace.steps if step.effect is not None]
    largest = max(map(abs, effects), default=Decimal(0))
    total = sum(effects, Decimal(0))
    off = score.points - total if score.points is not None and effects else Decimal(0)
    return WhyView(
        policy=trace.policy,
        version=trace.version,
        plugin=trace.plugin,
        rows=tuple(_why_row(step, largest, places) for step in trace.steps),
        sum=_signed(total) if effects else None,
        difference=_signed(off) if off else None,
    )


def _why_row(step: Step, largest: Decimal, places: Places) -> WhyRow:
    return WhyRow(
        effect=None if step.effect is None else _signed(step.effect),
        bar=None if step.effect is None else Markup(effect_bar(step.effect, largest)),
        what=step.what,
        places=places.tell(step.refs),
        items=tuple(ref.id for ref in step.refs if ref.kind == "item"),
        rules=step.rules,
    )


def _fixes(plan: FixPlan, titles: dict[str, Text], places: Places) -> FixView:
    return FixView(
        rows=tuple(
            FixRow(key=fix.key, text=fix.text, cost=decimal_text(fix.cost), places=places.tell(fix.on))
            for fix in plan.fixes
        ),
        cost=decimal_text(plan.cost),
        points=decimal_text(plan.points),
        band=titles.get(plan.band) or Text(en=plan.band),
    )


def _trend_row(point: TrendPoint, clock: Clock, titles: dict[str, Text]) -> TrendRow:
    return TrendRow(
        day=clock.day(point.at),
        sheet=point.sheet,
        points=None if point.points is None else decimal_text(point.points),
        band=_band(titles, point.band),
    )
