"""The laws of a core bank port, and a stand-in for a core bank that keeps them.

::

    class TestOurCore(CoreBankLaws):
        def make_port(self):
            return OurCore("http://127.0.0.1:8000")

        def known_customers(self):
            return ("C-1",)
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping

import attrs
from hypothesis import strategies as st

from branchkit.customers import CoreBank, Found, LookUp, Money, NotTold
from branchkit.testing.laws import Laws
from branchkit.values import decimal_text

__all__ = ["CoreBankDouble", "CoreBankLaws"]

_AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_WAIT = dt.timedelta(seconds=2)
_NOW = dt.timedelta()


@attrs.frozen(kw_only=True)
class CoreBankDouble:
    """Stands in for a core bank: knows some customers, and is as slow or as dead as it is told to be. It never waits.

    >>> from decimal import Decimal
    >>> bank = CoreBankDouble(holdings={"C-1": Found(measure="financial_assets", total=Money(Decimal(7), "CNY"))})
    >>> bank.look_up("C-2", at=_AT, wait=_WAIT)
    NotTold(code='unknown_customer')
    """

    holdings: Mapping[str, Found] = attrs.field(factory=dict, repr=False)
    """What customers hold, by their numbers."""
    takes: dt.timedelta = dt.timedelta(milliseconds=1)
    """How long an answer takes: longer than whoever asks can wait, and it has timed out."""
    is_down: bool = False

    def look_up(self, customer: str, *, at: dt.datetime, wait: dt.timedelta) -> LookUp:
        """Return what a customer holds, or why that cannot be told."""
        if self.takes > wait:
            return NotTold("timed_out")
        if self.is_down:
            return NotTold("unavailable")
        return self.holdings.get(customer, NotTold("unknown_customer"))


class CoreBankLaws(Laws):
    """What every way to a core bank must do, whatever is behind it."""

    examples = 15
    patience = dt.timedelta(seconds=1)
    """By how much an answer may come later than asked for, on a busy machine."""

    def make_port(self) -> CoreBank:
        """Return the port to a core bank that answers."""
        raise NotImplementedError

    def known_customers(self) -> tuple[str, ...]:
        """Return numbers of customers whom the core bank knows."""
        self.nothing("no customers are given whom it knows")

    def make_slow_port(self) -> CoreBank:
        """Return the port to a core bank that takes ten seconds for an answer."""
        self.nothing("no core bank is given that is slow")

    def make_dead_port(self) -> CoreBank:
        """Return the port to a core bank that cannot be reached."""
        self.nothing("no core bank is given that cannot be reached")

    def test_it_offers_what_a_port_offers(self) -> None:
        """There is a way to look a customer up."""
        assert isinstance(self.make_port(), CoreBank), "it has no `look_up`"

    def test_it_answers_whoever_is_asked_about(self) -> None:
        """Whatever the number, there is an answer: what is held, or why it cannot be told; never an error."""
        port = self.make_port()
        names = st.text(max_size=30) | st.sampled_from(("", " ", "\x00", "'; --", "0" * 300))

        def fact(customer: str) -> None:
            answer = port.look_up(customer, at=_AT, wait=_WAIT)
            assert isinstance(answer, Found | NotTold), f"it answers {type(answer).__name__}"

        self.for_all(names, fact, what="a number")

    def test_known_customers_are_found(self) -> None:
        """Of whom it knows, it tells the measure and an amount of money, and tells the same again."""
        port = self.make_port()
        for customer in self.known_customers():
            answer = port.look_up(customer, at=_AT, wait=_WAIT)
            assert isinstance(answer, Found), "a customer whom it knows is not found"
            assert answer.measure.strip(), "it does not say by what it measures"
            assert isinstance(answer.total, Money), "the total is no amount of money"
            assert answer == port.look_up(customer, at=_AT, wait=_WAIT), "asked again, it tells another total"

    def test_strangers_are_told_to_be_unknown(self) -> None:
        """A number that nobody has is answered ``unknown_customer``: not "nothing held", and not an outage."""
        port = self.make_port()
        strangers = st.integers(10**11, 10**12).map(lambda number: f"no-such-{number}")

        def fact(customer: str) -> None:
            answer = port.look_up(customer, at=_AT, wait=_WAIT)
            assert answer == NotTold("unknown_customer"), f"a stranger is answered by {_said(answer)}"

        self.for_all(strangers, fact, what="a stranger")

    def test_it_answers_in_time(self) -> None:
        """Who can wait so long has an answer by then; from a slow core bank it is ``timed_out``."""
        port, wait = self.make_slow_port(), dt.timedelta(milliseconds=200)
        for customer in (*self.known_customers(), "no-such-customer"):
            began = time.monotonic()
            answer = port.look_up(customer, at=_AT, wait=wait)
            taken = dt.timedelta(seconds=time.monotonic() - began)
            assert taken <= wait + self.patience, f"the answer took {taken}, with {wait} to wait"
            assert answer == NotTold("timed_out"), f"a slow core bank is answered by {_said(answer)}"

    def test_without_time_to_wait_there_is_an_answer(self) -> None:
        """Who cannot wait at all is told that it took too long, or what was at hand; never an error."""
        port = self.make_port()
        for customer in ("no-such-customer", *self.known_customers()):
            answer = port.look_up(customer, at=_AT, wait=_NOW)
            assert isinstance(answer, Found | NotTold), f"it answers {type(answer).__name__}"

    def test_an_outage_is_told(self) -> None:
        """A core bank that cannot be reached is answered ``unavailable``, or ``timed_out``; never "unknown"."""
        port = self.make_dead_port()
        for customer in ("no-such-customer", *self.known_customers()):
            answer = port.look_up(customer, at=_AT, wait=_WAIT)
            assert answer in (NotTold("unavailable"), NotTold("timed_out")), f"an outage is answered by {_said(answer)}"

    def test_nobody_is_shown(self) -> None:
        """Neither the port nor what it answers shows, when printed, who was asked about or what they hold."""
        port = self.make_port()
        for customer in self.known_customers():
            answer = port.look_up(customer, at=_AT, wait=_WAIT)
            printed = f"{answer!r} {answer!s} {port!r} {port!s}"
            assert customer not in printed, "the customer's number is shown"
            if isinstance(answer, Found):
                amounts = {str(answer.total.amount), decimal_text(answer.total.amount)}
                assert not any(amount in printed for amount in amounts), "what the customer holds is shown"


def _said(answer: object) -> str:
    """Name an answer, without what somebody holds."""
    return f"{answer.code!r}" if isinstance(answer, NotTold) else type(answer).__name__
