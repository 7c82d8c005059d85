"""Every law of core bank ports passes what keeps it and catches a saboteur that breaks it."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from branchkit.customers import CoreBank, Found, LookUp, Money, NotTold
from branchkit.testing.laws import law_names
from branchkit.testing.ports import CoreBankDouble, CoreBankLaws

HOLDINGS = {
    "C-48213": Found(measure="financial_assets", total=Money(Decimal("731905.42"), "CNY")),
    "C-90117": Found(measure="financial_assets", total=Money(Decimal("8812.07"), "CNY")),
}


class TestDouble(CoreBankLaws):
    """The stand-in."""

    def make_port(self) -> CoreBank:
        """Return it."""
        return CoreBankDouble(holdings=HOLDINGS)

    def known_customers(self) -> tuple[str, ...]:
        """Return whom it knows."""
        return tuple(HOLDINGS)

    def make_slow_port(self) -> CoreBank:
        """Return it as it takes its time."""
        return CoreBankDouble(holdings=HOLDINGS, takes=dt.timedelta(seconds=10))

    def make_dead_port(self) -> CoreBank:
        """Return it as nobody answers."""
        return CoreBankDouble(holdings=HOLDINGS, is_down=True)


class _Deaf:
    """Looks nobody up."""


class _Raises(CoreBankDouble):
    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        if not customer.strip():
            raise ValueError("no customer")
        return super().look_up(customer, at=at, wait=wait)


class _Grows(CoreBankDouble):
    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        found = super().look_up(customer, at=at, wait=wait)
        if isinstance(found, Found):
            return attrs.evolve(found, total=Money(found.total.amount + time.monotonic_ns(), "CNY"))
        return found


class _NothingHeld(CoreBankDouble):
    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        found = super().look_up(customer, at=at, wait=wait)
        nothing = Found(measure="financial_assets", total=Money(Decimal(0), "CNY"))
        return nothing if found == NotTold("unknown_customer") else found


class _Patient(CoreBankDouble):
    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        return super().look_up(customer, at=at, wait=dt.timedelta(minutes=1))


class _Asks(CoreBankDouble):
    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        if wait <= dt.timedelta():
            raise TimeoutError
        return super().look_up(customer, at=at, wait=wait)


class _Excuses(CoreBankDouble):
    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        found = super().look_up(customer, at=at, wait=wait)
        return NotTold("unknown_customer") if found == NotTold("unavailable") else found


class _Talks(CoreBankDouble):
    def __repr__(self) -> str:
        return f"a core bank with {', '.join(self.holdings)}"


BROKEN: dict[str, type[Any]] = {
    "test_it_offers_what_a_port_offers": _Deaf,
    "test_it_answers_whoever_is_asked_about": _Raises,
    "test_known_customers_are_found": _Grows,
    "test_strangers_are_told_to_be_unknown": _NothingHeld,
    "test_it_answers_in_time": _Patient,
    "test_without_time_to_wait_there_is_an_answer": _Asks,
    "test_an_outage_is_told": _Excuses,
    "test_nobody_is_shown": _Talks,
}


def _laws(port: type[Any]) -> CoreBankLaws:
    class Laws(CoreBankLaws):
        phases = (Phase.generate,)
        derandomize = True

        def make_port(self) -> CoreBank:
            made: CoreBank = port() if port is _Deaf else port(holdings=HOLDINGS)
            return made

        def known_customers(self) -> tuple[str, ...]:
            return tuple(HOLDINGS)

        def make_slow_port(self) -> CoreBank:
            made: CoreBank = port(holdings=HOLDINGS, takes=dt.timedelta(seconds=10))
            return made

        def make_dead_port(self) -> CoreBank:
            made: CoreBank = port(holdings=HOLDINGS, is_down=True)
            return made

    return Laws()


def test_every_law_has_a_saboteur() -> None:
    """No law is without something that it catches."""
    assert set(law_names(CoreBankLaws)) == set(BROKEN)


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_catches_its_saboteur(law: str) -> None:
    """The law fails on a port that breaks it."""
    with pytest.raises((AssertionError, ValueError, TimeoutError)):
        getattr(_laws(BROKEN[law]), law)()


def test_an_answer_that_comes_too_late_is_caught() -> None:
    """Whoever waits longer than asked for is caught by the clock, even where the answer is right."""

    class Sleeps(CoreBankDouble):
        def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
            time.sleep(0.4)
            return super().look_up(customer, at=at, wait=wait)

    laws = _laws(Sleeps)
    laws.patience = dt.timedelta(milliseconds=100)
    with pytest.raises(AssertionError, match="took"):
        laws.test_it_answers_in_time()


def test_laws_that_were_given_nothing_say_so() -> None:
    """What the author does not give is not tried, and the verdict says what is missing."""

    class Bare(CoreBankLaws):
        def make_port(self) -> CoreBank:
            return CoreBankDouble()

    with pytest.raises(pytest.skip.Exception, match="slow"):
        Bare().test_it_answers_in_time()
