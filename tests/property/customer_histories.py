"""Histories of two customers with values that can be found again: every one of them is said by a mark of its own."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.checklists import CloseFinding
from branchkit.customers import (
    AskDisclosure,
    AssignOwner,
    ClassifyCustomer,
    Consent,
    GiveConsent,
    GradeRisk,
    HoldCustomer,
    Label,
    LabelCustomer,
    MoveCustomer,
    Particulars,
    ProfileNote,
    RegisterCustomer,
    ReviseCustomer,
    StopOffers,
    TreatSpecially,
    WithdrawConsent,
)
from branchkit.customers.journey import (
    AcceptReferral,
    AllocateLead,
    AskWillingness,
    AttachCustomer,
    CloseLead,
    ConvertLead,
    CreditSale,
    DeclineReferral,
    EnterLead,
    FillReferralForm,
    JudgeVisit,
    NextAction,
    ObserveTriggers,
    OpenVisit,
    RecordContact,
    ReferCustomer,
    ReviewForm,
    TriggerHit,
)
from branchkit.errors import BranchkitError, DecodeError, Refused
from branchkit.estate import Branch, Entry, Post, RecordEntry, ReviseBranch, StaffMember
from branchkit.kit import Kit
from branchkit.messages import Actor, Command
from branchkit.values import FrozenMap
from tests.unit.kit import people
from tests.unit.kit.people import CLERK, HEAD, LOBBY, MANAGER

__all__ = ["STEPS", "History"]


@attrs.define
class History:
    """What is told of customers to a kit, and every mark by whom it is about."""

    kit: Kit
    marks: dict[str, set[str]] = attrs.field(factory=lambda: {"C-1": set(), "C-2": set()})
    erased: set[str] = attrs.field(factory=set)
    never: set[str] = attrs.field(factory=set)
    """Marks that stood where a code or an id is asked for: whatever they stood in was refused."""
    refused: int = 0
    _numbers: Any = attrs.field(factory=lambda: itertools.count(1))
    _hours: float = 0

    def mark(self, customer: str) -> str:
        """Return a word that is said once only."""
        mark = f"Qzx{customer[-1]}{next(self._numbers):04}Vw"
        self.marks[customer].add(mark)
        return mark

    def amount(self, customer: str) -> str:
        """Return an amount that is said once only."""
        amount = f"4917{next(self._numbers):06}735{customer[-1]}"
        self.marks[customer].add(amount)
        return amount

    def words(self) -> str:
        """Return words for a field that asks for a code; they are said once only, and kept nowhere."""
        mark = f"Qzx{next(self._numbers):04}Vw"
        self.never.add(mark)
        return f"{mark} said"

    def telephone(self) -> str:
        """Return a telephone number for a field that asks for an id; it is said once only, and kept nowhere."""
        number = f"1391735{next(self._numbers):04}"
        self.never.add(number)
        return number

    @property
    def hours(self) -> float:
        """A moment after those before, as hours after the start."""
        self._hours += 0.25
        return self._hours

    def take(self, step: str, customer: str) -> None:
        """Take a step; what is refused changes nothing."""
        for command in STEPS[step](self, customer):
            self.do(command)

    def do(self, command: Command) -> None:
        """Give a command that may be refused."""
        try:
            self.kit.do(command)
        except (DecodeError, Refused):
            self.refused += 1

    def misname(self, command: Command) -> None:
        """Give a command that has words for a code: it must not be readable, and so is refused."""
        with pytest.raises(DecodeError):
            self.kit.do(command)

    def erase(self, customer: str) -> None:
        """Erase a customer, whose marks then must not be found any more; whoever comes again is told anew."""
        before = self.refused
        self.do(people.erase(customer, hours=self.hours))
        if self.refused == before:
            self.erased |= self.marks[customer]
            self.marks[customer] = set()


def _told(history: History, customer: str) -> Particulars:
    return people.particulars(history.mark(customer))


def _register(history: History, customer: str) -> tuple[Command, ...]:
    told: RegisterCustomer = people.register(customer, _told(history, customer), hours=history.hours)
    return (told,)


def _unfounded(history: History, customer: str) -> tuple[Command, ...]:
    return (people.register(customer, _told(history, customer), consents=(), stage="prospect", hours=history.hours),)


def _revise(history: History, customer: str) -> tuple[Command, ...]:
    told = _told(history, customer)
    return (ReviseCustomer(customer, particulars=told, by=MANAGER, at=people.at(history.hours)),)


def _case(history: History, customer: str) -> tuple[Command, ...]:
    name, hours = f"X-{next(history._numbers)}", history.hours
    opened = people.care(name, customer, hours=hours, note=history.mark(customer), place=bool(len(name) % 2))
    sheet = people.wishes(f"SH-{name}", history.mark(customer), hours=hours)
    ended = people.talked(name, f"SH-{name}", hours=hours, reason=history.mark(customer))
    again = attrs.evolve(
        sheet, sheet=attrs.evolve(sheet.sheet, id=f"SH-{name}b", supersedes=f"SH-{name}", answers=sheet.sheet.answers)
    )
    return (opened, sheet, ended, again)


def _sheet(history: History, customer: str) -> tuple[Command, ...]:
    name = f"SH-{next(history._numbers)}"
    return (people.wishes(name, history.mark(customer), hours=history.hours, about=customer),)


def _book(history: History, customer: str) -> tuple[Command, ...]:
    """Put an entry about the customer into a register, and state it anew; another customer's cannot take its place."""
    name, other = f"E-{next(history._numbers)}", "C-2" if customer == "C-1" else "C-1"
    told = [
        Entry(
            name,
            register="vip-bookings",
            branch="B-1",
            values=FrozenMap({"number": name, "customer": who, "at": words, "owner": "S-9"}),
        )
        for who, words in ((customer, history.mark(customer)), (customer, history.mark(customer)), (other, "monday"))
    ]
    return tuple(RecordEntry(one, by=MANAGER, at=people.at(history.hours)) for one in told)


def _close(history: History, customer: str) -> tuple[Command, ...]:
    name, hours = f"SH-{next(history._numbers)}", history.hours
    told = people.wishes(name, history.mark(customer), hours=hours, about=customer, heard="fail")
    reason, at = history.mark(customer), people.at(history.hours)
    inspector = Actor("S-4", posts=("inspector",))
    return (told, CloseFinding("B-1", f"{name}/heard", reason=reason, by=inspector, at=at))


def _again(history: History, customer: str) -> tuple[Command, ...]:
    command = _sheet(history, customer)[0]
    return (command, command)


def _treat(history: History, customer: str) -> tuple[Command, ...]:
    words, at = history.mark(customer), people.at(history.hours)
    return (TreatSpecially(customer, reason=words, approved_by="S-2", by=HEAD, at=at),)


def _classify(history: History, customer: str) -> tuple[Command, ...]:
    facts = (
        {"financial_assets": history.amount(customer), "currency": "CNY"},
        {"financial_assets": history.mark(customer)},
        {history.mark(customer): history.mark(customer)},
        {"currency": history.mark(customer)},
    )
    asked = {"reason": "visit", "by": MANAGER, "at": people.at(history.hours)}
    return tuple(
        ClassifyCustomer(customer, "house.identification", facts=FrozenMap[Any](one), **asked) for one in facts
    )


def _plain(make: Callable[..., Command]) -> Callable[[History, str], tuple[Command, ...]]:
    return lambda history, customer: (make(customer, by=MANAGER, at=people.at(history.hours)),)


def _erase(history: History, customer: str) -> tuple[Command, ...]:
    """Erased, a customer is told of all the same: by a case that was open, and by a sheet that comes late."""
    name, hours = f"X-{next(history._numbers)}", history.hours
    opened = people.care(name, customer, hours=hours, note=history.mark(customer))
    gone = people.erase(customer, hours=history.hours)
    late = people.wishes(f"SH-{name}", history.mark(customer), hours=history.hours, about=customer)
    ended = people.talked(name, None, hours=history.hours, reason=history.mark(customer))
    return (opened, gone, late, ended)


def _staff(history: History) -> Command:
    """Say who works at the branch: a lead is given to nobody else."""
    held = {"S-1": "outlet_head", "S-7": "lobby_manager", "S-9": "wealth_manager"}
    branch = Branch(
        "B-1",
        time_zone="Asia/Shanghai",
        posts=tuple(Post(f"P-{one}", kind=kind, holder=one) for one, kind in held.items()),
        staff=tuple(StaffMember(one) for one in held),
    )
    return ReviseBranch(branch, by=CLERK, at=people.at(history.hours))


def _visit(history: History, customer: str, visit: str) -> tuple[Command, ...]:
    """Bring a visit to a customer who agreed to be contacted, and said so."""

    def told() -> dict[str, Any]:
        return {"by": LOBBY, "at": people.at(history.hours)}

    return (
        _staff(history),
        GiveConsent(customer, "contact", items=("name", "contact"), **told()),
        OpenVisit(visit, branch="B-1", identified_at="lobby", business_type="deposit", **told()),
        JudgeVisit(visit, "reached", basis="trigger", **told()),
        AskWillingness(visit, "yes", interest="high", **told()),
        _form(history, customer, visit, f"{visit}-early"),
        AttachCustomer(visit, customer, **told()),
        ReferCustomer(visit, f"{visit}-R", target="wealth_manager", receiver="S-9", **told()),
    )


def _form(history: History, customer: str, visit: str, referral: str) -> Command:
    return FillReferralForm(
        visit,
        referral,
        target="wealth_manager",
        customer_name=history.mark(customer),
        reason=history.mark(customer),
        contact=history.mark(customer),
        preferred_time=history.mark(customer),
        gave=("business_card", "materials"),
        by=LOBBY,
        at=people.at(history.hours),
    )


def _follow_up(history: History, customer: str, visit: str) -> tuple[Command, ...]:
    """Follow a lead up until something is sold."""
    lead, on = f"{visit}-L", people.at(history.hours).date() + dt.timedelta(days=9)
    then = NextAction(method="phone_follow_up", on=on, note=history.mark(customer))

    def contact() -> Command:
        told: dict[str, Any] = {"method": "phone_follow_up", "outcome": "reached", "next": then}
        return RecordContact(visit, lead, note=history.mark(customer), by=MANAGER, at=people.at(history.hours), **told)

    early = contact()
    allocated = AllocateLead(visit, lead, owner="S-9", by=HEAD, at=people.at(history.hours))
    sold, again = (
        ConvertLead(
            visit, lead, sale=f"{visit}-D", product="fund", card=history.mark(customer), by=by,
            at=people.at(history.hours),
        )
        for by in (MANAGER, LOBBY)
    )  # fmt: skip
    return (early, allocated, contact(), contact(), sold, again)


def _refer(history: History, customer: str) -> tuple[Command, ...]:
    """Refer a customer by the form, whose lead is followed up until something is sold; much of it is said too early."""
    visit = f"V-{next(history._numbers)}"
    begun = _visit(history, customer, visit)
    form, again = (_form(history, customer, visit, f"{visit}-R") for _ in range(2))
    review, late = (
        ReviewForm(
            visit, f"{visit}-R", adviser="S-9", meets_standard=True, note=history.mark(customer), by=MANAGER,
            at=people.at(history.hours),
        )
        for _ in range(2)
    )  # fmt: skip
    then = NextAction(
        method="phone_follow_up", on=people.at(history.hours).date() + dt.timedelta(days=9), note=history.mark(customer)
    )
    lead = EnterLead(
        visit, f"{visit}-L", branch="B-1", referral=f"{visit}-R", next=then, by=LOBBY, at=people.at(history.hours)
    )
    return (*begun, form, again, review, late, lead, *_follow_up(history, customer, visit))


def _hand_over(history: History, customer: str) -> tuple[Command, ...]:
    """Hand a customer over on the spot, who then is followed up until something is sold."""
    visit = f"V-{next(history._numbers)}"
    begun = _visit(history, customer, visit)
    then = NextAction(method="phone_follow_up", on=dt.date(2026, 12, 1), note=history.mark(customer))
    accepted = AcceptReferral(visit, f"{visit}-R", f"{visit}-L", next=then, by=MANAGER, at=people.at(history.hours))
    return (*begun, accepted, *_follow_up(history, customer, visit))


def _erase_referred(history: History, customer: str) -> Iterable[Command]:
    """Erase a customer while a lead is open, and go on telling of it: what is not refused is there to be erased."""
    told = _refer(history, customer)[:-2]
    yield from told
    history.erase(customer)
    visit = told[2].stream.partition(":")[2]
    yield from (*_follow_up(history, customer, visit), _form(history, customer, visit, f"{visit}-R2"))


def _codes(history: History, customer: str) -> tuple[Command, ...]:
    """Say in words, or by a telephone number, what is asked for as a code or an id."""
    words, number, visit = history.words, history.telephone, "V-0"
    told: dict[str, Any] = {"by": MANAGER, "at": people.at(history.hours)}
    for command in (
        people.register(customer, home_branch=number(), hours=history.hours),
        people.register(customer, introduced_by=number(), hours=history.hours),
        people.register(number(), hours=history.hours),
        people.register(customer, consents=(Consent(words(), given_at=told["at"], by="S-9"),), hours=history.hours),
        ReviseCustomer(
            customer, particulars=Particulars(profile=(ProfileNote(section=words(), words="none"),)), **told
        ),
        MoveCustomer(customer, "closed", reason=words(), **told),
        GradeRisk(customer, words(), reason="review", **told),
        GradeRisk(customer, "high", reason=words(), **told),
        ClassifyCustomer(customer, "house.identification", reason=words(), **told),
        ClassifyCustomer(customer, number(), reason="visit", **told),
        GiveConsent(customer, words(), **told),
        GiveConsent(customer, "contact", items=(words(),), **told),
        GiveConsent(customer, "contact", evidence=words(), **told),
        WithdrawConsent(customer, words(), **told),
        AskDisclosure(customer, words(), "family_disclosure", **told),
        AskDisclosure(customer, "spouse", words(), **told),
        AskDisclosure(customer, "spouse", "family_disclosure", data=(words(),), **told),
        AssignOwner(customer, number(), **told),
        LabelCustomer(customer, labels=(Label(code=words(), source="staff", updated_at=told["at"]),), **told),
        LabelCustomer(customer, labels=(Label(code="likes", source=words(), updated_at=told["at"]),), **told),
        LabelCustomer(customer, remove=(words(),), **told),
        TreatSpecially(customer, approved_by=number(), **told),
        HoldCustomer(customer, words(), **told),
        people.erase(customer, reason=words()),
        OpenVisit(visit, branch="B-1", identified_at="lobby", business_type=words(), **told),
        OpenVisit(number(), branch="B-1", identified_at="lobby", business_type="deposit", **told),
        ObserveTriggers(visit, (TriggerHit(words()),), **told),
        ObserveTriggers(visit, (TriggerHit("TRG-11", words()),), **told),
        JudgeVisit(visit, "reached", basis=words(), **told),
        AttachCustomer(visit, number(), **told),
        ReferCustomer(visit, "R-0", target=words(), **told),
        ReferCustomer(visit, "R-0", target="wealth_manager", receiver=number(), **told),
        DeclineReferral(visit, "R-0", reason_code=words(), **told),
        FillReferralForm(visit, "R-0", target="wealth_manager", customer_name="none", triggers=(words(),), **told),
        ReviewForm(visit, number(), adviser="S-9", meets_standard=True, **told),
        EnterLead(visit, "L-0", branch="B-1", source=words(), **told),
        EnterLead(visit, "L-0", branch="B-1", next=NextAction(method=words(), on=dt.date(2026, 12, 1)), **told),
        AllocateLead(visit, "L-0", skills=frozenset({words()}), **told),
        AllocateLead(visit, "L-0", fields=FrozenMap({"near": number()}), **told),
        RecordContact(visit, "L-0", method=words(), outcome="reached", **told),
        ConvertLead(visit, "L-0", sale="D-0", product=words(), **told),
        ConvertLead(visit, "L-0", sale=number(), product="fund", **told),
        CreditSale(visit, "L-0", sale="D-0", amount=Decimal(1), currency=words(), **told),
        CloseLead(visit, "L-0", reason_code=words(), **told),
    ):
        history.misname(command)
    return ()


def _see(history: History, customer: str) -> tuple[Command, ...]:
    for purpose in ("service", "marketing", "recognition"):
        try:
            history.kit.see(customer, purpose=purpose, by=MANAGER, at=people.at(history.hours))
        except BranchkitError:
            history.refused += 1
    return ()


def _sweep(history: History, customer: str) -> tuple[Command, ...]:
    list(history.kit.retain(people.at(history.hours + 24 * 40)))
    return ()


STEPS: dict[str, Callable[[History, str], Iterable[Command]]] = {
    "register": _register,
    "register without ground": _unfounded,
    "revise": _revise,
    "case": _case,
    "sheet": _sheet,
    "say it twice": _again,
    "book": _book,
    "close by hand": _close,
    "treat": _treat,
    "classify": _classify,
    "go on after erasing": _erase,
    "refer": _refer,
    "hand over": _hand_over,
    "erase while referred": _erase_referred,
    "codes": _codes,
    "see": _see,
    "sweep": _sweep,
    "withdraw": _plain(lambda id, **who: WithdrawConsent(id, "marketing", **who)),
    "forbid recognition": _plain(lambda id, **who: WithdrawConsent(id, "recognition", **who)),
    "agree": _plain(lambda id, **who: GiveConsent(id, "marketing", **who)),
    "close": _plain(lambda id, **who: MoveCustomer(id, "closed", reason="left", **who)),
    "stop": _plain(StopOffers),
    "label": _plain(lambda id, **who: LabelCustomer(id, remove=("none",), **who)),
    "ask": _plain(lambda id, **who: AskDisclosure(id, "spouse", "family_disclosure", **who)),
}
"""Everything that may be told, by a name; each step is a few commands."""
