"""A declared incident suspends the service of its branch or zone, pauses other clocks there, and lets go by itself."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.cli.cases import story_lines
from branchkit.estate import PublishCalendar, RegisterBranch, Zone
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.kit.explaining import explain
from branchkit.kit.reasons import reason_lines
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.procedures import CancelCase, CompleteStage, OpenCase, Procedure, ReopenCase
from branchkit.temporal import ClockReading, Due, Suspension
from branchkit.values import FrozenMap, Ref
from tests.unit.kit.test_cases import BRANCH, CALENDAR, CLERK, HOUR, MONDAY

HEAD = Actor("S-3", posts=("outlet_head",))
HOUSE = attrs.evolve(BRANCH, unit=None, zones=(Zone("Z-1", kind="self_service_zone"), Zone("Z-2", kind="lobby")))
REPAIR = """
schema = "branchkit.procedure/1"
id = "house.repair"
version = "1"
title = { zh = "维修", en = "Repair" }
starts = ["repair"]
opens = [{ kind = "post", post = "outlet_head" }]

[[outcomes]]
code = "done"
title = { zh = "完成", en = "Done" }

[[clocks]]
id = "repair"
title = { zh = "修复", en = "Repair" }
deadline = { kind = "after", time = "PT4H" }

[[stages]]
id = "repair"
title = { zh = "修复", en = "Repair" }
actors = [{ kind = "post", post = "outlet_head" }]
transitions = [{ id = "done", title = { zh = "完成", en = "Done" }, ends = "done" }]
"""
OUTAGE = """
schema = "branchkit.procedure/1"
id = "house.outage"
version = "1"
title = { zh = "停电", en = "Power cut" }
starts = ["confirm"]
opens = [{ kind = "post", post = "outlet_head" }]
manages = [{ kind = "post", post = "outlet_head" }]
suspends = { reason = "power_cut", scope = "zone", after = "confirm" }

[[outcomes]]
code = "restored"
title = { zh = "恢复", en = "Restored" }

[[clocks]]
id = "restore"
title = { zh = "恢复", en = "Restore" }
deadline = { kind = "after", time = "PT2H" }

[[stages]]
id = "confirm"
title = { zh = "确认", en = "Confirm" }
actors = [{ kind = "post", post = "outlet_head" }]
transitions = [{ id = "confirmed", title = { zh = "属实", en = "It is so" }, to = ["restore"] }]

[[stages]]
id = "restore"
title = { zh = "恢复", en = "Restore" }
actors = [{ kind = "post", post = "outlet_head" }]
transitions = [{ id = "done", title = { zh = "恢复", en = "Restored" }, ends = "restored" }]
"""


SHOP = """
[[clocks]]
id = "shop"
title = { zh = "营业", en = "In business" }
deadline = { kind = "after", time = "PT2H" }
counting = "business"
"""


def _rules(outage: str, repair: str) -> RuleBook:
    import tempfile

    root = Path(tempfile.mkdtemp(prefix="incident-"))
    (root / "procedures").mkdir()
    (root / "procedures/repair.toml").write_text(repair, encoding="utf-8")
    (root / "procedures/outage.toml").write_text(outage, encoding="utf-8")
    return RuleBook(Catalog([CatalogRoot("house", root)]), load_plugins(Config(), entry_points=False))


@cache
def rules() -> RuleBook:
    """Return core's rules with two procedures beside them."""
    return _rules(OUTAGE, REPAIR)


def _kit(rules: RuleBook) -> Kit:
    kit = Kit.open("memory:", rules=rules)
    kit.do(PublishCalendar(CALENDAR, by=CLERK, at=MONDAY))
    kit.do(RegisterBranch(HOUSE, by=CLERK, at=MONDAY))
    return kit


@pytest.fixture
def kit() -> Kit:
    """Return a kit with a repair in each zone and a power cut declared in one of them."""
    kit = _kit(rules())
    for zone in ("Z-1", "Z-2"):
        _open(kit, f"R-{zone}", "house.repair", zone)
    _open(kit, "P-1", "house.outage", "Z-1")
    return kit


def _open(kit: Kit, case: str, procedure: str, zone: str) -> None:
    place = (Ref("branch", "B-1"), Ref("zone", zone))
    kit.do(OpenCase(case, procedure=procedure, branch="B-1", place=place, by=HEAD, at=MONDAY))


def _complete(kit: Kit, stage: str, way: str, at: dt.datetime) -> None:
    kit.do(CompleteStage("P-1", stage, way, by=HEAD, at=at))


def _due(kit: Kit, case: str, at: dt.datetime) -> dt.datetime:
    reading = kit.story(case, at).clocks[0].reading
    assert reading is not None
    assert isinstance(reading.due, Due)
    return reading.due.at


def test_an_incident_pauses_the_clocks_of_its_zone_from_when_it_is_declared(kit: Kit) -> None:
    """Once the power cut is confirmed the repair in that zone waits, the one in the other zone does not."""
    _complete(kit, "confirm", "confirmed", MONDAY + HOUR)

    assert MONDAY + 5 * HOUR == _due(kit, "R-Z-1", MONDAY + 2 * HOUR)
    assert MONDAY + 4 * HOUR == _due(kit, "R-Z-2", MONDAY + 2 * HOUR)


def test_its_own_clocks_run_on(kit: Kit) -> None:
    """Whoever restores the power has two hours, power or not."""
    _complete(kit, "confirm", "confirmed", MONDAY + HOUR)

    assert MONDAY + 2 * HOUR == _due(kit, "P-1", MONDAY + 2 * HOUR)


def test_it_lets_go_by_itself_when_it_ends(kit: Kit) -> None:
    """When the case is closed the other clocks run on, with the time of the power cut taken out."""
    _complete(kit, "confirm", "confirmed", MONDAY + HOUR)
    _complete(kit, "restore", "done", MONDAY + 2 * HOUR)

    (cut,) = kit.find(Suspension, branch="B-1")
    assert (MONDAY + HOUR, MONDAY + 2 * HOUR, "power_cut", "Z-1") == (cut.since, cut.until, cut.reason, cut.zone)
    assert MONDAY + 5 * HOUR == _due(kit, "R-Z-1", MONDAY + 9 * HOUR)
    assert kit.verify().ok


def test_a_cancelled_incident_lets_go_too(kit: Kit) -> None:
    """A false alarm that was confirmed ends what it had suspended."""
    _complete(kit, "confirm", "confirmed", MONDAY + HOUR)
    kit.do(CancelCase("P-1", reason="it was the next street", by=HEAD, at=MONDAY + 90 * dt.timedelta(minutes=1)))

    (cut,) = kit.find(Suspension, branch="B-1")
    assert MONDAY + 90 * dt.timedelta(minutes=1) == cut.until


def test_what_was_never_declared_suspends_nothing(kit: Kit) -> None:
    """A case that ends before its declaration leaves no suspension behind, and one opened again makes none."""
    kit.do(CancelCase("P-1", reason="the light is on", by=HEAD, at=MONDAY + HOUR))
    assert [] == list(kit.find(Suspension, branch="B-1"))


def test_a_case_that_is_opened_again_suspends_anew_and_lets_go_again(kit: Kit) -> None:
    """Each time has a suspension of its own; what was closed in between was served, and only the last one lasts."""
    _complete(kit, "confirm", "confirmed", MONDAY + HOUR)
    _complete(kit, "restore", "done", MONDAY + 2 * HOUR)
    kit.do(ReopenCase("P-1", ("restore",), reason="it is dark again", by=HEAD, at=MONDAY + 3 * HOUR))
    assert [None] == [cut.until for cut in kit.find(Suspension, branch="B-1") if cut.id == "case#2:P-1"]
    _complete(kit, "restore", "done", MONDAY + 4 * HOUR)
    kit.do(ReopenCase("P-1", ("confirm",), reason="it is not over", by=HEAD, at=MONDAY + 5 * HOUR))

    spans = {cut.id: (cut.since, cut.until) for cut in kit.find(Suspension, branch="B-1")}
    first, second = (MONDAY + HOUR, MONDAY + 2 * HOUR), (MONDAY + 3 * HOUR, MONDAY + 4 * HOUR)
    assert {"case:P-1": first, "case#2:P-1": second} == spans
    _complete(kit, "confirm", "confirmed", MONDAY + 6 * HOUR)
    assert (3, None) == (len(list(kit.find(Suspension, branch="B-1"))), kit.get(Suspension, "case#3:P-1").until)
    kit.do(CancelCase("P-1", reason="told twice", by=HEAD, at=MONDAY + 7 * HOUR))
    assert MONDAY + 7 * HOUR == kit.get(Suspension, "case#3:P-1").until


def test_what_it_suspends_after_has_to_be_a_stage() -> None:
    """A declaration by a stage that is not there is refused with those that are."""
    broken = OUTAGE.replace('after = "confirm"', 'after = "x"').replace('"power_cut"', '" "')

    with pytest.raises(Exception, match=r"(?s)code of a reason.*there are: confirm, restore"):
        Procedure.from_toml(broken)


def _read(kit: Kit, case: str, at: dt.datetime) -> ClockReading:
    reading = kit.story(case, at).clocks[0].reading
    assert reading is not None
    return reading


@pytest.mark.parametrize(("mode", "due"), [("business", 5), ("marks", 4)])
def test_an_incident_marks_the_clocks_that_it_does_not_pause(mode: str, due: int) -> None:
    """By `business` only the time of business waits, by `marks` nothing does; what runs on says because of what."""
    outage = OUTAGE.replace('scope = "zone"', f'scope = "zone", mode = "{mode}"')
    kit = _kit(_rules(outage, REPAIR + SHOP))
    for zone in ("Z-1", "Z-2"):
        _open(kit, f"R-{zone}", "house.repair", zone)
    _open(kit, "P-1", "house.outage", "Z-1")
    _complete(kit, "confirm", "confirmed", MONDAY + HOUR)
    _complete(kit, "restore", "done", MONDAY + 2 * HOUR)

    at = MONDAY + 150 * dt.timedelta(minutes=1)
    repair, shop = (one.reading for one in kit.story("R-Z-1", at).clocks)
    assert repair is not None
    assert shop is not None
    assert (MONDAY + 4 * HOUR, ("case:P-1",)) == (repair.due.at, repair.because)  # type: ignore[union-attr]
    assert (() if mode == "business" else ("case:P-1",)) == shop.because
    # Two hours of business: till eleven, or with the hour that was lost till noon.
    assert MONDAY + (due - 2) * HOUR == shop.due.at  # type: ignore[union-attr]
    assert () == _read(kit, "R-Z-2", at).because


def test_a_declared_outage_marks_what_it_delays_until_it_is_over(kit: Kit) -> None:
    """governance:INC-OUT-01: the shipped power cut names itself on the clocks of its zone and lets go by itself."""
    place = (Ref("branch", "B-1"), Ref("zone", "Z-1"))
    facts = FrozenMap({"outage": "power"})
    more = {"procedure": "service-outage", "branch": "B-1", "place": place, "facts": facts}
    kit.do(OpenCase("O-1", by=HEAD, at=MONDAY + HOUR, **more))
    assert [None] == [cut.until for cut in kit.find(Suspension, branch="B-1")]
    kit.do(CompleteStage("R-Z-1", "repair", "done", by=HEAD, at=MONDAY + 5 * HOUR))

    reading = _read(kit, "R-Z-1", MONDAY + 6 * HOUR)
    assert (HOUR, ("case:O-1",)) == (reading.late, reading.because)
    assert () == _read(kit, "R-Z-2", MONDAY + 6 * HOUR).because


@pytest.mark.parametrize(("lang", "says"), [("en", "hindered by case:O-1"), ("zh", "受其影响，未暂停： case:O-1")])
def test_story_explanation_and_report_name_the_incident(kit: Kit, lang: str, says: str) -> None:
    """Whoever looks at the late repair reads because of what it is late."""
    facts, place = FrozenMap({"outage": "power"}), (Ref("branch", "B-1"), Ref("zone", "Z-1"))
    more = {"procedure": "service-outage", "branch": "B-1", "place": place, "facts": facts}
    kit.do(OpenCase("O-1", by=HEAD, at=MONDAY + HOUR, **more))
    at = MONDAY + 5 * HOUR

    assert any(says in line for line in story_lines(kit.story("R-Z-1", at), lang, {}))
    assert any(says in line for line in reason_lines(explain(kit, "R-Z-1", at), lang))
    cases = kit.report("B-1", at=at).cases
    assert cases is not None
    assert {"R-Z-1": ("case:O-1",), "R-Z-2": ()} == {
        one.case: one.because for one in cases.late if one.clock == "repair"
    }


def test_a_mode_that_pauses_no_clock_by_its_name_takes_none() -> None:
    """A name beside `business` or `marks` would have no effect and is refused."""
    broken = OUTAGE.replace('scope = "zone"', 'scope = "zone", mode = "marks", clocks = ["repair"]')

    with pytest.raises(Exception, match=r"Has no effect: by mode 'marks' no clock is paused by its name"):
        Procedure.from_toml(broken)
