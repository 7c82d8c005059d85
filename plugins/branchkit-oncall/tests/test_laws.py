"""The policies keep the laws of escalation policies, with rosters in which people come and go."""

from __future__ import annotations

import datetime as dt

import pytest
from branchkit_oncall import EmergencyCommand, Layer, OnCall, Override, Rostered, Rotation

from branchkit.catalog import Catalog
from branchkit.escalation import EscalationPolicy
from branchkit.testing.escalation import EscalationPolicyLaws

ZONE = dt.timezone(dt.timedelta(hours=8))
# The laws ask for people by the names of their posts and groups, from the 2nd of March on.
TURNS = Rotation(
    people=("maintenance_team-1", "maintenance_team-2", "emergency_command-1", "outlet_head-1"),
    handover=dt.time(10, 30),
    zone="Asia/Shanghai",
    since=dt.date(2026, 3, 2),
    period=dt.timedelta(days=1),
)
LEAVE = Override(
    who="S-9",
    instead_of="maintenance_team-2",
    since=dt.datetime(2026, 3, 2, 18, tzinfo=ZONE),
    until=dt.datetime(2026, 3, 4, 18, tzinfo=ZONE),
    reason="leave",
)
ROSTER = OnCall(layers=(Layer("turns", rotation=TURNS),), overrides=(LEAVE,))


class TestEmergencyCommand(EscalationPolicyLaws):
    """The emergency command, by a roster."""

    def make_policy(self) -> EscalationPolicy:
        return EmergencyCommand(roster=ROSTER, superior_report_from_grade="serious")


class TestEmergencyCommandOfEverybody(EscalationPolicyLaws):
    """The emergency command where nobody keeps a roster."""

    def make_policy(self) -> EscalationPolicy:
        return EmergencyCommand(step=dt.timedelta(hours=3))


@pytest.mark.parametrize("ladder", ["fault-reply", "fault-progress", "emergency-verify", "complaint-late"])
def test_ladders_of_the_catalog_keep_the_laws_by_a_roster(ladder: str) -> None:
    """Whatever ladder is run by the roster keeps every law."""

    class Laws(EscalationPolicyLaws):
        derandomize = True

        def make_policy(self) -> EscalationPolicy:
            return Rostered(f"oncall.{ladder}", Catalog().ladder(ladder), ROSTER)

    laws = Laws()
    laws.test_it_offers_what_a_policy_offers()
    laws.test_each_rung_and_round_is_decided_once()
    laws.test_the_next_look_is_never_too_late()
    laws.test_nobody_who_is_away_is_told()
    laws.test_the_decision_is_explained()
