"""Customers on the page: the funnel drawn and listed, the cases' parts, and moves between tiers."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import attrs
from branchkit_html import render_report
from branchkit_html.customers import STEPS, funnel_bars

from branchkit.customers.journey import FunnelRow
from branchkit.kit import BranchReport, CustomerReport

SVG = "{http://www.w3.org/2000/svg}"


def customers(report: BranchReport) -> CustomerReport:
    assert report.customers is not None
    return report.customers


def test_the_funnel_is_on_the_page(report: BranchReport) -> None:
    """customers:REF-27: every count by post, posts by their titles or their codes, escaped, and the rates."""
    told = render_report(report).decode()

    wanted = ("转介漏斗", "Referral funnel", "柜员", "acme&lt;post&gt;", "2026-03-01", "50 %", "30 %", "10 %", "60 %")
    assert [] == [one for one in wanted if one not in told]
    assert "Contact refused" in told
    assert "acme<post>" not in told


def test_moves_between_tiers_are_on_the_page(report: BranchReport) -> None:
    """customers:TIER-33: from which tier to which, by which scheme, how many; nobody is named."""
    told = render_report(report).decode()

    assert [] == [one for one in ("Moves between tiers", "VIP admission", "no tier", "优质") if one not in told]
    still = attrs.evolve(report, customers=attrs.evolve(customers(report), moves=()))
    assert "Moves between tiers" not in render_report(still).decode()


def test_a_branch_without_customers_has_no_such_section(report: BranchReport) -> None:
    """Where nothing was to do with customers, nothing is shown of them."""
    assert "funnel-name" not in render_report(attrs.evolve(report, customers=None)).decode()


def test_bars_are_as_long_as_their_part(report: BranchReport) -> None:
    """The longest bar stands for the most there is, the others for their part; every number is told in words too."""
    found = customers(report).funnel
    svg = fromstring(funnel_bars("f", found))
    lengths = [float(one.attrib["width"]) for one in svg.iter(f"{SVG}rect")]

    assert len(STEPS) == len(lengths)
    assert [290.0, 169.2, 120.8] == lengths[:3]
    description = next(svg.iter(f"{SVG}desc")).text or ""
    assert "visits: 12" in description


def test_a_month_of_nothing_draws_nothing_long(report: BranchReport) -> None:
    """Where only refusals were counted, every bar is empty."""
    found = attrs.evolve(customers(report).funnel, rows=(), total=FunnelRow(post=None))
    svg = fromstring(funnel_bars("f", found))

    assert {"1"} == {one.attrib["width"] for one in svg.iter(f"{SVG}rect")}
    only = attrs.evolve(report, customers=attrs.evolve(customers(report), funnel=found))
    assert "Contact refused" in render_report(only).decode()
