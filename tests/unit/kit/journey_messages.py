"""One of every command and event of the ledger of journeys; the events are those that commands led to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from branchkit.customers import ConflictOfInterest
from branchkit.customers.journey import (
    AllocateLead,
    AskWillingness,
    CloseLead,
    ConvertLead,
    CreditSale,
    DeclineReferral,
    EndVisit,
    EnterLead,
    JudgeVisit,
    LookUpVisit,
    NextAction,
    ObserveTriggers,
    RecordContact,
    RefuseContact,
    ReverseCredit,
    ReviewForm,
    TriggerHit,
)
from branchkit.messages import Command, Event
from branchkit.values import FrozenMap
from tests.unit.customers.journey.desk import (
    HEAD,
    LOBBY,
    MONDAY,
    OFFICER,
    SECOND,
    WEALTH,
    Desk,
    accepted,
    at,
    attached,
    customer,
    entered,
    filled,
    opened,
    referred,
)

__all__ = ["JOURNEY_COMMANDS", "JOURNEY_EVENTS"]

_TOLD: dict[str, Any] = {"by": OFFICER, "at": at(1)}
_THEN = NextAction(method="phone_follow_up", on=dt.date(2026, 3, 3), note="after lunch")
_GAVE = ("business_card", "materials", "contact_us_any_time")

JOURNEY_COMMANDS: tuple[Command, ...] = (
    opened(triage_round=1),
    ObserveTriggers("V-1", (TriggerHit("TRG-11", "CARD-09"),), **_TOLD),
    JudgeVisit("V-1", "unclear", basis="sight", **_TOLD),
    LookUpVisit("V-1", "reached", **_TOLD),
    AskWillingness("V-1", "yes", interest="high", **_TOLD),
    attached(),
    EndVisit("V-3", "ended", by=OFFICER, at=at(200)),
    RefuseContact("B-1", token="0f" * 16, gave=_GAVE, by=LOBBY, at=MONDAY.replace(hour=0)),  # type: ignore[arg-type]
    referred(complexity="complex"),
    accepted(),
    DeclineReferral("V-2", "R-2", reason_code="busy", by=WEALTH, at=at(101)),
    filled(triggers=("TRG-01",), preferred_time="evenings"),
    ReviewForm("V-4", "R-4", adviser="S-6", meets_standard=True, note="fine", by=WEALTH, at=at(310)),
    entered(next=_THEN, introduced_by="C-9"),
    AllocateLead(
        "V-1", "L-1", owner="S-3", instead_of="S-6", absent=("S-4",), skills=frozenset({"funds"}), by=HEAD, at=at(5),
        conflicts=(ConflictOfInterest("S-9", relation="family"),), fields=FrozenMap({"district": "north"}),
    ),
    RecordContact(
        "V-1", "L-1", method="phone_follow_up", outcome="booked", next=_THEN, note="wants a call", by=WEALTH, at=at(9)
    ),
    ConvertLead("V-1", "L-1", sale="D-1", product="fund", complexity="complex", card="a card", by=WEALTH, at=at(20)),
    CloseLead("V-4", "L-4", reason_code="moved", by=HEAD, at=at(400)),
    CreditSale(
        "V-1", "L-1", sale="D-1", amount=Decimal("10.00"), currency="CNY", processors=("S-4",), maintainers=("S-6",),
        measures=FrozenMap({"standard_rate": Decimal("0.9")}), cooling_off_until=at(500), by=HEAD, at=at(30),
    ),
    ReverseCredit("V-1", "L-1", sale="D-1", reason_code="cancelled", by=HEAD, at=at(40)),
)  # fmt: skip


def _happened() -> tuple[Event, ...]:
    one = Desk(customers={name: customer(name) for name in ("C-1", "C-4", "C-5")})
    by_kind = {type(command): command for command in JOURNEY_COMMANDS}
    one.do(*JOURNEY_COMMANDS[:6], by_kind[type(referred())], accepted())
    one.do(AllocateLead("V-1", "L-1", owner="S-3", by=HEAD, at=at(5)), by_kind[RecordContact])
    one.do(by_kind[ConvertLead], by_kind[CreditSale], by_kind[ReverseCredit], by_kind[RefuseContact])
    for journey, minutes in (("V-2", 90), ("V-3", 190), ("V-4", 290)):
        told: dict[str, Any] = {"by": OFFICER, "at": at(minutes)}
        one.do(opened(journey, minutes=minutes), JudgeVisit(journey, "reached", **told))
        one.do(AskWillingness(journey, "yes", interest="high", **told))
    one.do(referred("V-2", "R-2", minutes=100), by_kind[DeclineReferral], by_kind[EndVisit])
    one.do(attached("V-4", "C-4", minutes=300), filled("V-4", "R-4", minutes=305), by_kind[ReviewForm])
    one.do(entered("V-4", "L-4", referral="R-4", minutes=320), by_kind[CloseLead])
    told = {"by": OFFICER, "at": at(410)}
    one.do(opened("V-5", minutes=410), JudgeVisit("V-5", "reached", **told))
    one.do(AskWillingness("V-5", "yes", interest="high", **told), referred("V-5", "R-5", minutes=410, receiver="S-6"))
    one.do(attached("V-5", "C-5", minutes=430))
    one.do(EnterLead("J-5", "L-5", branch="B-1", source="campaign", customer="C-5", by=WEALTH, at=at(435)))
    one.do(accepted("V-5", "R-5", "L-6", by=SECOND, minutes=440))
    kinds = {type(event): event for event in one.events}
    return tuple(kinds.values())


JOURNEY_EVENTS: tuple[Event, ...] = _happened()
