"""The referral funnel as a picture and a table, and who moved between tiers: numbers, and nobody by name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import attrs

from branchkit.customers.journey import Funnel, FunnelRow
from branchkit.kit import CustomerReport, TierMove
from branchkit.values import Text, decimal_text
from branchkit_html.drawing import element, label, pair, picture
from branchkit_html.words import WORDS

__all__ = ["STEPS", "CustomersView", "PostRow", "funnel_bars"]

STEPS = ("visits", "quality", "willing", "referred", "leads", "allocated", "contacted", "converted")
"""The steps from the visit to the sale, as they are drawn and listed."""
_WIDTH, _ROW, _HEAD = 500, 34, 8
_BAR_X, _BAR = 150, 290


@attrs.frozen(kw_only=True)
class PostRow:
    """What came of one post's visits, referrals and leads; the last row is of all of them."""

    title: Text
    counts: tuple[int, ...]
    """By `STEPS`."""
    is_total: bool = False


@attrs.frozen(kw_only=True)
class CustomersView:
    """What the section about customers writes down."""

    first: str
    last: str
    bars: str
    """The funnel, drawn."""
    steps: tuple[Text, ...]
    rows: tuple[PostRow, ...]
    refused: int
    cases: tuple[tuple[Text, str], ...]
    """The three cases with their part in all attempts; empty where there was none."""
    rates: tuple[tuple[Text, str], ...]
    moves: tuple[TierMove, ...]

    @classmethod
    def of(cls, report: CustomerReport) -> CustomersView:
        """Work the section out."""
        found = report.funnel
        rows = [PostRow(title=_post(report, row.post), counts=_counts(row)) for row in found.rows]
        rows.append(PostRow(title=WORDS["customers_all"], counts=_counts(found.total), is_total=True))
        rates = (
            (WORDS["customers_conversion"], found.total.conversion_rate),
            (WORDS["customers_standard"], found.total.standard_rate),
        )
        shares = ((WORDS[f"customers_case_{case}"], share) for case, share in found.case_share)
        return cls(
            first=found.first.isoformat(),
            last=found.last.isoformat(),
            bars=funnel_bars("funnel", found),
            steps=tuple(WORDS[f"customers_{step}"] for step in STEPS),
            rows=tuple(rows),
            refused=found.refused,
            cases=tuple((title, _percent(share)) for title, share in shares if share is not None),
            rates=tuple((title, _percent(rate)) for title, rate in rates if rate is not None),
            moves=report.moves,
        )


def _post(report: CustomerReport, post: str | None) -> Text:
    if post is None:
        return WORDS["customers_no_post"]
    return report.posts.get(post) or Text(en=post)


def _counts(row: FunnelRow) -> tuple[int, ...]:
    return tuple(getattr(row, step) for step in STEPS)


def _percent(rate: Decimal) -> str:
    return f"{decimal_text(rate * 100)} %"


def funnel_bars(ident: str, found: Funnel) -> str:
    """Draw one bar a step, as long as its part of the most there is, with its number beside it."""
    counts = _counts(found.total)
    most = max(counts, default=0)
    content, said = "", []
    for number, (step, count) in enumerate(zip(STEPS, counts, strict=True)):
        y, title = _HEAD + number * _ROW, WORDS[f"customers_{step}"]
        content += pair(0, y + 13, title, "row-title", room=_BAR_X - 12, size=13)
        length = Fraction(_BAR * count, most) if most else Fraction(0)
        kind = "cell passed" if count else "empty"
        content += element("rect", x=_BAR_X, y=y + 6, width=max(length, Fraction(1)), height=16, class_=kind)
        content += label(_BAR_X + _BAR + 50, y + 19, str(count), "count" if count else "count none")
        said.append(f"{title}: {count}")
    return picture(ident, _WIDTH, _HEAD + len(STEPS) * _ROW, WORDS["customers_funnel"], "; ".join(said), content)
