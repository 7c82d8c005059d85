"""The page of the journey lists every command, state and refusal, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from branchkit.customers.journey import DECISIONS, REASONS, LeadStatus, ReferralState

PAGES = Path(__file__).parents[4] / "docs" / "reference"


@pytest.mark.parametrize("name", ["referral-journey.md", "referral-journey.zh.md"])
def test_the_page_lists_what_there_is(name: str) -> None:
    """Every command, every state of referrals and leads, and every reason with its rules stands on the page."""
    page = (PAGES / name).read_text(encoding="utf-8")
    first = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)

    assert {command.__name__ for command in DECISIONS} <= set(first)
    assert list(REASONS) == [code for code in first if code in REASONS]
    told = re.findall(r"^\| `(\w+)` \|(?:.*\|)? ([^|]*) \|$", page, re.MULTILINE)
    rows = {name: re.findall(r"`([^`]+)`", cell) for name, cell in told}
    assert {code: list(one.rules) for code, one in REASONS.items()} == {code: rows[code] for code in REASONS}
    for kind, states in (("Referral", get_args(ReferralState)), ("Lead", get_args(LeadStatus))):
        assert list(states) == rows[kind]
