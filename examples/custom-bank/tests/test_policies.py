"""The policies do what only they do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from branchkit_harbour.escalation import InTurn
from branchkit_harbour.scoring import WeakestSection
from branchkit_harbour.tiers import ByProducts

from branchkit import Answer, Branch, Checklist, Evidence, Sheet
from branchkit.escalation import Watch, Watched
from branchkit.estate import Standing
from branchkit.testing.escalation import PlainTimeline
from branchkit.values import FrozenMap

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
MINUTE = dt.timedelta(minutes=1)
HALL = Checklist.from_toml("""
schema = "branchkit.checklist/1"
id = "hall"
version = "1"
title = { zh = "营业厅", en = "Hall" }

[[sections]]
id = "safety"
title = { zh = "安全", en = "Safety" }
items = [
  { id = "exit", text = { zh = "出口畅通", en = "The exit is free" }, severity = "critical" },
  { id = "extinguisher", text = { zh = "灭火器有效", en = "The extinguisher is in date" }, severity = "major" },
]

[[sections]]
id = "service"
title = { zh = "服务", en = "Service" }
items = [
  { id = "greeting", text = { zh = "问候客户", en = "Customers are greeted" }, severity = "minor" },
  { id = "water", text = { zh = "饮水可取", en = "There is water" }, severity = "minor" },
  { id = "forms", text = { zh = "单据齐备", en = "Forms are there" }, severity = "minor" },
]
""")


def evidence(**values: str) -> Evidence:
    """Return a sheet of the hall."""
    answers = tuple(Answer(item, value=value) for item, value in values.items())
    sheet = Sheet("S-1", checklist="hall", version="1", branch="B-1", at=NINE, by="I-1", answers=answers, state="final")
    return Evidence(sheet, HALL.bind(Branch("B-1"), at=NINE))


def test_nothing_makes_up_for_a_weak_section() -> None:
    """Four of five are in order, and the outlet has the fifty points of its safety."""
    decision = WeakestSection().score(
        evidence(exit="fail", extinguisher="pass", greeting="pass", water="pass", forms="pass")
    )

    assert (Decimal(50), "unsound") == (decision.value.points, decision.value.band)
    assert [Decimal(50), None] == [step.effect for step in decision.trace.steps]
    assert ["hall/safety"] == [step.refs[0].id for step in decision.trace.steps if step.effect is not None]


def test_minutes_are_the_order_and_the_wait() -> None:
    """Whoever stands first in the settings is told at the deadline, the next one when those minutes have gone by."""
    policy = InTurn(FrozenMap({"outlet_head": 5, "engineer": 10}))
    watched = Watched(
        case="C-1",
        branch="B-1",
        watch=Watch("reply", ladder="fault-reply", version="1"),
        timeline=PlainTimeline(started=NINE - 60 * MINUTE, due=NINE),
        standing=Standing(posts=FrozenMap({"engineer": ("S-2",), "outlet_head": ("S-3",)})),
    )

    first, second = (policy.reached(watched, NINE + minutes * MINUTE).value for minutes in (1, 6))
    assert [("outlet_head", ("S-3",))] == [(one.rung, one.told) for one in first]
    assert ["outlet_head", "engineer"] == [one.rung for one in second]
    assert "1+outlet_head=5+engineer=10" == policy.version


@pytest.mark.parametrize(
    ("products", "current", "tier"),
    [(0, None, "basic"), (2, None, "active"), (3, None, "active"), (3, "advised", "advised"), (2, "advised", "active")],
)
def test_one_product_less_keeps_a_tier(products: int, current: str | None, tier: str) -> None:
    """A tier is entered by its number and kept with one less."""
    assert tier == ByProducts().tier({"products": Decimal(products)}, current=current, at=NINE).value
