"""One of every command and event about customers' records."""

from __future__ import annotations

import datetime as dt
from typing import Any

from branchkit.customers import (
    ApplyRetention,
    AskDisclosure,
    AssignOwner,
    CheckPassed,
    ClassifyCustomer,
    Consent,
    ConsentGiven,
    ConsentWithdrawn,
    Contact,
    CustomerClassified,
    CustomerErased,
    CustomerHeld,
    CustomerLabelled,
    CustomerMoved,
    CustomerRegistered,
    CustomerReleased,
    CustomerRevised,
    CustomerSeen,
    DataForgotten,
    DisclosureDecided,
    EraseCustomer,
    GiveConsent,
    GradeRisk,
    HoldCustomer,
    Identity,
    Label,
    LabelCustomer,
    Mark,
    MoveCustomer,
    OffersStopped,
    OwnerAssigned,
    Particulars,
    PassCheck,
    ProfileNote,
    RegisterCustomer,
    ReleaseCustomer,
    ReviseCustomer,
    RiskGraded,
    SeeCustomer,
    SightRefused,
    StopOffers,
    TierHeld,
    TreatedSpecially,
    TreatSpecially,
    WithdrawConsent,
)
from branchkit.messages import Actor, Command, Event
from branchkit.values import FrozenMap, Ref

NINE = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
WHO: dict[str, Any] = {"by": Actor("S-9", posts=("wealth_manager",)), "at": NINE}
BY: dict[str, Any] = {"customer": "C-1", "at": NINE, "by": "S-9"}
PRIVACY: dict[str, Any] = {"policy": "standard", "version": "1"}
PARTICULARS = Particulars(
    name="Ping of the river",
    contacts=(Contact(kind="phone", value="a number"), Contact(kind="email", value="an address")),
    identity=Identity(document="resident_identity_card", number="a long number"),
    born=dt.date(1990, 5, 4),
    address="beside the bridge",
    special_care=("elderly",),
    profile=(ProfileNote(section="interest_preference", words="likes chess"),),
    recognition=(Mark(kind="plate", value="a plate"),),
)
CONSENT = Consent("contact", items=("contact",), given_at=NINE, expires_at=NINE.replace(year=2027), by="S-9")
LABEL = Label(code="chess", source="profile", updated_at=NINE, expires_at=NINE.replace(year=2027))
HELD = TierHeld(scheme="s", tier="vip", since=NINE, policy="p", version="1", reason="review", approved_by="S-1")
FACTS = FrozenMap({"financial_assets": "123456.78", "currency": "CNY"})

CUSTOMER_COMMANDS: tuple[Command, ...] = (
    RegisterCustomer("C-1", particulars=PARTICULARS, consents=(CONSENT,), home_branch="B-1", **WHO),
    ReviseCustomer("C-1", particulars=PARTICULARS, **WHO),
    MoveCustomer("C-1", "established", reason="account_opened", **WHO),
    PassCheck("C-1", "aml_checked", **WHO),
    GradeRisk("C-1", "low", reason="review", **WHO),
    ClassifyCustomer("C-1", "s", facts=FACTS, reason="review", approved_by="S-1", **WHO),
    GiveConsent("C-1", "contact", items=("contact",), evidence="SH-1", **WHO),
    WithdrawConsent("C-1", "contact", **WHO),
    StopOffers("C-1", **WHO),
    SeeCustomer("C-1", "contact", data=("name",), **WHO),
    AskDisclosure("C-1", "spouse", "family_disclosure", data=("assets",), **WHO),
    AssignOwner("C-1", None, **WHO),
    LabelCustomer("C-1", labels=(LABEL,), remove=("cards",), **WHO),
    TreatSpecially("C-1", reason="hard of hearing", approved_by="S-1", **WHO),
    HoldCustomer("C-1", "dispute", **WHO),
    ReleaseCustomer("C-1", "dispute", **WHO),
    EraseCustomer("C-1", "customer_request", **WHO),
    ApplyRetention("C-1", **WHO),
)
CUSTOMER_EVENTS: tuple[Event, ...] = (
    CustomerRegistered(**BY, customer_kind="person", particulars=PARTICULARS, consents=(CONSENT,), home_branch="B-1"),
    CustomerRevised(**BY, particulars=PARTICULARS),
    CustomerMoved(**BY, before="prospect", after="established", reason="account_opened"),
    CheckPassed(**BY, check="aml_checked"),
    RiskGraded(**BY, after="low", reason="review"),
    CustomerClassified(**BY, before="ordinary", held=HELD, service_class="vip", facts=FACTS, rules=("a:B-1",)),
    ConsentGiven(**BY, consent=CONSENT),
    ConsentWithdrawn(**BY, purpose="contact", forgets=("contact",)),
    DataForgotten(**BY, forgets=("contact",), reason="retention:no-basis", **PRIVACY),
    OffersStopped(**BY, stop=True),
    CustomerSeen(**BY, purpose="contact", data=("name",), **PRIVACY),
    SightRefused(**BY, purpose="contact", codes=("no_consent",), **PRIVACY),
    DisclosureDecided(**BY, recipient="spouse", purpose="family_disclosure", granted=False, **PRIVACY),
    OwnerAssigned(**BY, before="S-1"),
    CustomerLabelled(**BY, labels=(LABEL,), removed=("cards",)),
    TreatedSpecially(**BY, reason="hard of hearing", approved_by="S-1"),
    CustomerHeld(**BY, code="dispute"),
    CustomerReleased(**BY, code="dispute"),
    CustomerErased(**BY, reason="customer_request", documents=(Ref("case", "X-1"), Ref("sheet", "SH-1")), **PRIVACY),
)
