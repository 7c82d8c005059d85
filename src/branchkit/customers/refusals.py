"""What refuses a command about a customer's record, and who gave it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from branchkit.customers.commands import CustomerCommand
from branchkit.customers.events import CustomerEvent
from branchkit.customers.model import Customer
from branchkit.errors import NotFound, Refusal, Refused

__all__ = ["Events", "in_order", "known_customer", "not_named", "refuse", "refused", "who"]

Events = tuple[CustomerEvent, ...]
"""What a command leads to."""


def known_customer(command: CustomerCommand, customer: Customer | None) -> Customer:
    """Return the record that a command is about; raises `Refused` where there is none, or nothing left of it."""
    if customer is None:
        reason = f"there is no customer {command.customer!r}; register them first"
        raise refused(command, "unknown_customer", reason, path="$.customer")
    if customer.erased is not None:
        raise refused(command, "erased", f"the data of customer {customer.id!r} were erased", path="$.customer")
    return customer


def who(command: CustomerCommand) -> dict[str, Any]:
    """Return what every event says of its command."""
    return {"customer": command.customer, "at": command.at, "by": command.by.id}


def in_order(command: CustomerCommand, decided: dt.datetime | None) -> None:
    """Raise `Refused` where a command tells of a moment before one that was decided by since: what is told late never
    reorders.

    Args:
        command: what was asked.
        decided: the moment of the last decision on the same matter; ``None`` where there was none.
    """
    if decided is not None and command.at < decided:
        reason = f"it was decided on {decided.isoformat()}, which is later; decide anew as of now"
        raise refused(command, "out_of_order", reason, path="$.at")


def refused(
    command: CustomerCommand, code: str, reason: str, *, rules: tuple[str, ...] = (), path: str = "$"
) -> Refused:
    """Return what refuses a command for one reason."""
    return Refused.because(type(command).__name__, [Refusal(code, reason, rules=rules, path=path)])


def not_named(lacking: NotFound) -> str:
    """Say that the policy names no such thing, and what it names; what was typed in its place may be anything."""
    return f"the policy names no such {lacking.kind}; there are: {', '.join(lacking.available) or 'none'}"


def refuse(command: CustomerCommand, refusals: Iterable[Refusal]) -> None:
    """Raise `Refused` where there is any reason."""
    if all_of_them := tuple(refusals):
        raise Refused.because(type(command).__name__, all_of_them)
