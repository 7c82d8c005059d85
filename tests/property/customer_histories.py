"""Histories of two customers with values that can be found again: every one of them is said by a mark of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import attrs

from branchkit.checklists import CloseFinding
from branchkit.customers import (
    AskDisclosure,
    ClassifyCustomer,
    GiveConsent,
    LabelCustomer,
    MoveCustomer,
    Particulars,
    RegisterCustomer,
    ReviseCustomer,
    StopOffers,
    TreatSpecially,
    WithdrawConsent,
)
from branchkit.errors import BranchkitError, DecodeError, Refused
from branchkit.estate import Entry, RecordEntry
from branchkit.kit import Kit
from branchkit.messages import Actor, Command
from branchkit.values import FrozenMap
from tests.unit.kit import people
from tests.unit.kit.people import HEAD, MANAGER

__all__ = ["STEPS", "History"]


@attrs.define
class History:
    """What is told of customers to a kit, and every mark by whom it is about."""

    kit: Kit
    marks: dict[str, set[str]] = attrs.field(factory=lambda: {"C-1": set(), "C-2": set()})
    erased: set[str] = attrs.field(factory=set)
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


STEPS: dict[str, Callable[[History, str], tuple[Command, ...]]] = {
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
