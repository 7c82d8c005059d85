"""A house with customers: a form about what somebody wishes, a case that takes it, and a branch to be in."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Answer, Sheet, SubmitSheet
from branchkit.conditions import FactSpec, FactType
from branchkit.customers import (
    ByTier,
    Consent,
    Contact,
    EraseCustomer,
    Identity,
    Mark,
    Particulars,
    ProfileNote,
    RegisterCustomer,
    TierScheme,
)
from branchkit.estate import Branch, ByPost, RegisterBranch
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.procedures import CaseOutcome, CompleteStage, OpenCase, Procedure, Stage, Transition
from branchkit.values import FrozenMap, Ref, Text

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
CLERK = Actor("C-17", posts=("estate_administrator",))
MANAGER = Actor("S-9", posts=("wealth_manager",))
LOBBY = Actor("S-7", posts=("lobby_manager",))
TELLER = Actor("S-5", posts=("teller",))
HEAD = Actor("S-1", posts=("outlet_head",))
AML = Actor("S-3", posts=("aml_officer",))
WORDS = Text(zh="文", en="words")
WISHES = """
schema = "branchkit.checklist/1"
id = "house.wishes"
version = "1"
title = { zh = "愿望", en = "Wishes" }

[[facts]]
name = "customer"
type = "code"
may_be_unknown = true

[[sections]]
id = "talk"
title = { zh = "谈话", en = "Talk" }

[[sections.items]]
id = "heard"
text = { zh = "听取意见", en = "The customer was heard" }
severity = "minor"

[[sections.items]]
id = "wish"
text = { zh = "愿望", en = "The wish" }
answer = { kind = "text", max_length = 40 }
required = false
"""
CARE = Procedure(
    "house.care",
    version="1",
    title=WORDS,
    starts=("talk",),
    opens=(ByPost(post="wealth_manager"),),
    facts=(FactSpec("customer", FactType.CODE),),
    outcomes=(CaseOutcome("done", title=WORDS),),
    stages=(
        Stage(
            "talk",
            title=WORDS,
            actors=(ByPost(post="wealth_manager"),),
            form="house.wishes",
            form_required=False,
            transitions=(Transition("done", title=WORDS, ends="done"),),
        ),
    ),
)


@cache
def rules() -> RuleBook:
    """Return core's rules with the form and the procedure of the house, and no plug-in."""
    root = Path(tempfile.mkdtemp(prefix="people-"))
    scheme = Catalog().get("tier_scheme", "lobby-identification")
    assert isinstance(scheme, TierScheme)
    admission = Catalog().get("tier_scheme", "vip-admission")
    assert isinstance(admission, TierScheme)
    stated = attrs.evolve(
        scheme.stating(measure="financial_assets", currency="CNY"),
        id="house.identification",
        by_tier=FrozenMap({"vip": ByTier(scheme="house.admission", tiers=("vip",))}),
    )
    admitting = attrs.evolve(admission.stating(measure="average_assets", currency="CNY"), id="house.admission")
    for place, text in {
        "checklists/wishes": WISHES,
        "procedures/care": CARE.to_toml(),
        "tier_schemes/identification": stated.to_toml(),
        "tier_schemes/admission": admitting.to_toml(),
    }.items():
        path = root / f"{place}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return RuleBook(Catalog((CatalogRoot("house", root),)), load_plugins(entry_points=False), Config())


def open_kit(store: str = "memory:", **more: Any) -> Kit:
    """Open a kit with a branch; keys of personal values are made of their references."""
    more.setdefault("rules", rules())
    more.setdefault("entropy", lambda ref: ref.encode().ljust(32, b".")[:32])
    kit = Kit.open(store, **more)
    kit.do(RegisterBranch(Branch("B-1", time_zone="Asia/Shanghai"), by=CLERK, at=START))
    return kit


def at(hours: float) -> dt.datetime:
    """Return a moment some hours after the start."""
    return START + dt.timedelta(hours=hours)


def agreed(*purposes: str, hours: float = 0, **more: Any) -> tuple[Consent, ...]:
    """Return consents to some purposes."""
    return tuple(Consent(purpose, given_at=at(hours), by="S-9", **more) for purpose in purposes)


def particulars(mark: str = "Ping") -> Particulars:
    """Return particulars of every kind, each with a value of its own that the mark is in."""
    return Particulars(
        name=f"{mark} name",
        contacts=(Contact(kind="phone", value=f"{mark} phone"), Contact(kind="post", value=f"{mark} post")),
        identity=Identity(document="passport", number=f"{mark} number"),
        born=dt.date(1990, 5, 4),
        address=f"{mark} address",
        special_care=(f"{mark} care",),
        profile=(ProfileNote(section="interest_preference", words=f"{mark} profile"),),
        recognition=(Mark(kind="plate", value=f"{mark} plate"),),
    )


def register(id: str = "C-1", told: Particulars | None = None, *, hours: float = 0, **more: Any) -> RegisterCustomer:
    """Return the command that opens the record of an established customer who agreed to be recognised and to offers."""
    given: dict[str, Any] = {"by": MANAGER, "at": at(hours), "stage": "established", "home_branch": "B-1"}
    given["consents"] = agreed("recognition", "marketing", hours=hours)
    return RegisterCustomer(id, particulars=particulars() if told is None else told, **{**given, **more})


def erase(id: str = "C-1", *, hours: float = 50, **more: Any) -> EraseCustomer:
    """Return the command that erases a customer."""
    return EraseCustomer(id, **{"reason": "customer_request", "by": HEAD, "at": at(hours), **more})


def wishes(id: str, words: str, *, hours: float = 1, about: str | None = None, **more: Any) -> SubmitSheet:
    """Return the command that hands in what somebody wishes."""
    facts = FrozenMap[Any]({} if about is None else {"customer": about})
    answers = (Answer("heard", value=more.pop("heard", "pass"), note=f"{words}!"), Answer("wish", words=words))
    sheet = Sheet(
        id, checklist="house.wishes", version="1", branch="B-1", at=at(hours), by="S-9", answers=answers, facts=facts
    )
    return SubmitSheet(sheet, **{"by": MANAGER, "at": at(hours), **more})


def care(case: str, customer: str, *, hours: float = 1, note: str | None = None, place: bool = False) -> OpenCase:
    """Return the command that opens a case about a customer, by a fact or by its place."""
    facts = FrozenMap[Any]({} if place else {"customer": customer})
    where = (Ref("branch", "B-1"), Ref("customer", customer)) if place else ()
    return OpenCase(
        case, procedure="house.care", branch="B-1", facts=facts, place=where, note=note, by=MANAGER, at=at(hours)
    )


def talked(case: str, sheet: str | None, *, hours: float = 2, reason: str | None = None) -> CompleteStage:
    """Return the command that ends a case by a talk."""
    return CompleteStage(case, "talk", "done", sheet=sheet, reason=reason, by=MANAGER, at=at(hours))
