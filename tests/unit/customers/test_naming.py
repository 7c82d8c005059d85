"""Ids and codes of commands about customers: what stands in the journal for good says nothing of anybody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.customers import (
    AskDisclosure,
    AssignOwner,
    ClassifyCustomer,
    Consent,
    EraseCustomer,
    GiveConsent,
    GradeRisk,
    HoldCustomer,
    Identity,
    Label,
    LabelCustomer,
    MoveCustomer,
    Particulars,
    ProfileNote,
    RegisterCustomer,
    SeeCustomer,
    TreatSpecially,
)
from branchkit.customers.assigning import ConflictOfInterest
from branchkit.customers.journey import AllocateLead, ObserveTriggers, RecordContact, ReviewForm, TriggerHit
from branchkit.customers.journey.follow_up import NextAction
from branchkit.messages import Actor, Command
from branchkit.values import FrozenMap

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
WHO: dict[str, Any] = {"by": Actor("S-9", posts=("wealth_manager",)), "at": NINE}
WORDS = "the rich uncle"
PHONE = "138 0013 8000"
CONSENT = Consent("contact", given_at=NINE, by="S-9")
LEAD: dict[str, Any] = {"journey": "V-1", "lead": "L-1", **WHO}


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        (MoveCustomer("C-1", "closed", reason=WORDS, **WHO), ["$.reason"]),
        (GradeRisk("C-1", WORDS, reason=WORDS, **WHO), ["$.grade", "$.reason"]),
        (
            ClassifyCustomer("C-1", PHONE, reason=WORDS, approved_by=PHONE, **WHO),
            ["$.scheme", "$.reason", "$.approved_by"],
        ),
        (GiveConsent("C-1", WORDS, items=(WORDS,), evidence=WORDS, **WHO), ["$.purpose", "$.items[0]", "$.evidence"]),
        (SeeCustomer("C-1", WORDS, data=("name", PHONE), **WHO), ["$.purpose", "$.data[1]"]),
        (AskDisclosure("C-1", WORDS, PHONE, data=(WORDS,), **WHO), ["$.recipient", "$.purpose", "$.data[0]"]),
        (AssignOwner("C-1", PHONE, **WHO), ["$.owner"]),
        (AssignOwner("C-1", " S-1", **WHO), ["$.owner"]),
        (
            LabelCustomer("C-1", labels=(Label(code=WORDS, source=WORDS, updated_at=NINE),), remove=(WORDS,), **WHO),
            ["$.labels[0].code", "$.labels[0].source", "$.remove[0]"],
        ),
        (TreatSpecially("C-1", reason=WORDS, approved_by=PHONE, **WHO), ["$.approved_by"]),
        (HoldCustomer("C-1", WORDS, **WHO), ["$.code"]),
        (EraseCustomer(PHONE, WORDS, **WHO), ["$.customer", "$.reason"]),
        (
            RegisterCustomer(
                "C-1",
                particulars=Particulars(
                    name=WORDS,
                    identity=Identity(document=WORDS, number=PHONE),
                    profile=(ProfileNote(section=WORDS, words=WORDS),),
                ),
                consents=(CONSENT, attrs.evolve(CONSENT, evidence=PHONE, by=PHONE)),
                home_branch=PHONE,
                introduced_by=PHONE,
                **WHO,
            ),
            [
                "$.home_branch",
                "$.particulars.identity.document",
                "$.particulars.profile[0].section",
                "$.consents[1].by",
                "$.consents[1].evidence",
                "$.introduced_by",
            ],
        ),
        (
            ObserveTriggers("V-1", hits=(TriggerHit(trigger=WORDS, card=WORDS),), **WHO),
            ["$.hits[0].trigger", "$.hits[0].card"],
        ),
        (ReviewForm("V-1", "R-1", adviser=PHONE, meets_standard=True, note=WORDS, **WHO), ["$.adviser"]),
        (
            RecordContact(
                method="phone", outcome="reached", next=NextAction(method=WORDS, on=NINE.date(), note=WORDS), **LEAD
            ),
            ["$.next.method"],
        ),
        (
            AllocateLead(
                owner="S-1",
                absent=("S-2", PHONE),
                conflicts=(ConflictOfInterest(PHONE, relation=WORDS),),
                skills=frozenset({WORDS}),
                fields=FrozenMap({"district": "北区", "seen": PHONE}),
                **LEAD,
            ),
            ["$.absent[1]", "$.conflicts[0].staff", "$.conflicts[0].relation", "$.skills", "$.fields"],
        ),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Command) else "",
)
def test_words_and_numbers_of_somebody_are_no_codes(command: Command, paths: list[str]) -> None:
    """customers:PRV-01: what would stand in the journal as it is told is refused where it is no code or no id, at its
    path and without a word of it; what has a marked field may be anything.
    """
    problems = command.validate()

    assert paths == [one.path for one in problems]
    assert not any(said in str(problems) for said in (WORDS, PHONE))


def test_codes_of_a_bank_are_taken_as_they_are() -> None:
    """Codes with every sign that they may have, and ids of every script, are right."""
    told = RegisterCustomer(
        "客户-17",
        home_branch="网点-1",
        introduced_by="C-7",
        consents=(attrs.evolve(CONSENT, items=("name", "contact"), evidence="sheet:SH-2026.03_1"),),
        **WHO,
    )

    assert () == told.validate()
    assert () == AssignOwner("C-1", None, **WHO).validate()
