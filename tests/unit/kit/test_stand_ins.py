"""Which escalation policy stands in for which ladder, and at which place."""

from __future__ import annotations

import attrs
import pytest

from branchkit.errors import MissingKey
from branchkit.escalation import KeepQuiet, QuietWindow
from branchkit.estate import ReviseBranch
from branchkit.kit import Kit
from branchkit.kit.sweeping import rearm_all
from branchkit.plugins.config import Use
from branchkit.procedures import Case
from tests.unit.kit.guarded import fired, guarded_kit, open_fault, rules
from tests.unit.kit.policies import Ringing, stands_in, with_policies
from tests.unit.kit.test_cases import BRANCH, CLERK, HEAD, HOUR, MINUTE, MONDAY

RING = Ringing()
HERE = stands_in("acme.ring", ladder="house.reply")


def _kit(*uses: Use) -> Kit:
    return guarded_kit(rules_=with_policies(rules(), (RING, Ringing("acme.other")), *uses))


@pytest.mark.parametrize(
    "scope",
    [{}, {"branch": "B-1"}, {"branch_kind": "full_service"}, {"region": "U-1"}],
    ids=lambda one: [*one, "bank"][0],
)
def test_a_policy_stands_in_at_its_place(scope: dict[str, str]) -> None:
    """Assigned to the branch, its kind, a unit above it or the bank, the policy watches where the ladder would."""
    kit = _kit(stands_in("acme.ring", ladder="house.reply", **scope))
    kit.do(ReviseBranch(attrs.evolve(BRANCH, kind="full_service"), by=CLERK, at=MONDAY - HOUR))
    open_fault(kit)

    assert ["ring fired"] == fired(kit, MONDAY)
    (reached,) = (one.event for one in kit.events() if one.event.KIND == "rung_reached")
    assert ("acme.ring", "1") == (reached.ladder, reached.version)


@pytest.mark.parametrize(
    "scope", [{"branch": "B-2"}, {"branch_kind": "other"}, {"region": "U-2"}, {"ladder": "house.other"}], ids=str
)
def test_elsewhere_the_ladder_holds(scope: dict[str, str]) -> None:
    """What is assigned to another place, or for another ladder, changes nothing here."""
    kit = _kit(stands_in("acme.ring", **scope))
    open_fault(kit)

    assert [] == fired(kit, MONDAY)
    assert ["half recorded", "late fired"] == fired(kit, MONDAY + 30 * MINUTE + MINUTE / 2)


def test_the_nearest_place_wins_over_the_nearer_document() -> None:
    """A policy for all ladders of the branch comes before one of the bank for this very ladder."""
    kit = _kit(HERE, stands_in("acme.other", branch="B-1"))
    open_fault(kit)
    fired(kit, MONDAY)

    ladders = {one.event.ladder for one in kit.events() if one.event.KIND == "rung_reached"}
    assert {"acme.other"} == ladders


def test_another_ladder_of_the_catalog_may_stand_in() -> None:
    """What stands in need not be code."""
    kit = _kit(stands_in("house.repair", ladder="house.reply"))
    open_fault(kit)

    assert ["middle fired"] == fired(kit, MONDAY + 16 * MINUTE)


def test_a_case_that_runs_is_watched_by_what_stands_in_now() -> None:
    """Cases opened before the assignment are watched by it too, once they are armed anew."""
    kit = guarded_kit()
    open_fault(kit)
    later = Kit(kit.store, with_policies(rules(), (RING,), HERE), grants=kit.grants)
    rearm_all(later)

    assert ["ring fired"] == fired(later, MONDAY + MINUTE)


def test_a_key_that_nobody_brings_stops_the_command_that_needs_it() -> None:
    """Opening a case whose clock nobody can watch fails closed and names the plug-in; nothing is opened."""
    kit = _kit(stands_in("beta.duty", ladder="house.reply"))

    with pytest.raises(MissingKey, match="'beta': is not installed; it should have brought the escalation policy"):
        open_fault(kit)
    assert [] == list(kit.find(Case))


def test_a_key_that_goes_away_leaves_the_case_due_and_says_whose_it_was() -> None:
    """A sweep names the plug-in, goes on, and finds the case again."""
    kit = _kit(HERE)
    open_fault(kit)
    without = Kit(kit.store, with_policies(rules(), (Ringing("acme.other"),), HERE), grants=kit.grants)

    (swept,) = without.sweep(MONDAY)
    assert isinstance(swept.failed, MissingKey)
    assert "acme" == swept.failed.plugin
    assert ["ring fired"] == fired(kit, MONDAY)


def test_a_quiet_window_names_the_ladder_as_the_procedure_does() -> None:
    """Whoever stands in, a window on the ladder keeps it quiet."""
    kit = _kit(stands_in("house.repair", ladder="house.reply"))
    open_fault(kit)
    window = QuietWindow(id="Q", since=MONDAY, until=MONDAY + HOUR, reason="works", ladder="house.reply")
    kit.do(KeepQuiet(window, by=HEAD, at=MONDAY))

    assert ["middle held"] == fired(kit, MONDAY + 16 * MINUTE)
    assert [] == list(kit.outbox())
