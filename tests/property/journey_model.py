"""The ledger of journeys in plain dictionaries: who may do what next, and what is so after it."""

from __future__ import annotations

from typing import Any

VALID = 120
"""For how many minutes a referral counts."""
WEALTH = ("S-3", "S-6")
COUNTER = ("S-1", "S-2")
OWNERS = ("S-3", "S-4", "S-6")
OPEN = ("new", "allocated", "contacted", "booked")


class Journeys:
    """What the ledger should hold; every `may_…` returns the codes of what stands against something."""

    def __init__(self) -> None:
        self.consent: dict[str, bool] = {}
        self.visits: dict[str, dict[str, Any]] = {}
        self.referrals: dict[str, dict[str, Any]] = {}
        self.leads: dict[str, dict[str, Any]] = {}
        self.open_referral: dict[str, str | None] = {}
        self.open_lead: dict[str, str | None] = {}
        self.loads: dict[str, list[int]] = {}
        """By member of staff: how much is open, how much there was, and the turn of the last."""
        self.turn = 0
        self.refusals = 0
        self.sold: set[str] = set()

    # -- visits

    def visit(self, journey: str) -> None:
        self.visits[journey] = {"customer": None, "referral": None, "hands": []}

    def may_attach(self, journey: str, customer: str, now: int) -> set[str]:
        visit = self.visits[journey]
        held, standing = visit["customer"], visit["referral"]
        found = self._consent(customer) | ({"other_customer"} if held not in (None, customer) else set())
        if held is None and standing is not None and now < self.referrals[standing]["until"]:
            found |= {"conflict"} if self._elsewhere(journey, customer, now) else set()
        return found

    def attach(self, journey: str, customer: str, now: int) -> None:
        visit = self.visits[journey]
        if visit["customer"] == customer:
            return
        visit["customer"] = customer
        standing = visit["referral"]
        if standing is not None and self.referrals[standing]["state"] in ("offered", "form"):
            self.referrals[standing]["customer"] = customer
            if now < self.referrals[standing]["until"]:
                self.open_referral[customer] = standing

    def _consent(self, customer: str | None) -> set[str]:
        return set() if customer is None or self.consent[customer] else {"attach_before_consent"}

    # -- referrals

    def _busy(self, journey: str, now: int) -> set[str]:
        visit = self.visits[journey]
        standing, customer = visit["referral"], visit["customer"]
        busy = standing is not None and now < self.referrals[standing]["until"]
        return {"conflict"} if busy or self._elsewhere(journey, customer, now) else set()

    def _elsewhere(self, journey: str, customer: str | None, now: int) -> bool:
        """Say whether something of the customer is open in another journey."""
        if customer is None:
            return False
        other, lead = self.open_referral.get(customer), self.open_lead.get(customer)
        if other is not None and self.referrals[other]["journey"] != journey and now < self.referrals[other]["until"]:
            return True
        return lead is not None and self.leads[lead]["journey"] != journey

    def may_refer(self, journey: str, by: tuple[str, ...], receiver: str, now: int) -> set[str]:
        visit = self.visits[journey]
        found = self._consent(visit["customer"]) | self._busy(journey, now)
        found |= {"self_referral"} if receiver in by else set()
        return found | ({"circular"} if receiver in visit["hands"] else set())

    def refer(
        self, journey: str, referral: str, by: tuple[str, ...], receiver: str | None, now: int, *, form: bool
    ) -> None:
        customer = self.visits[journey]["customer"]
        self.referrals[referral] = {
            "journey": journey, "by": by, "receiver": receiver, "customer": customer, "told": now,
            "until": now + VALID, "state": "form" if form else "offered", "form": form, "fine": None,
            "lead": None,
        }  # fmt: skip
        self.visits[journey]["referral"] = referral
        if customer is not None:
            self.open_referral[customer] = referral

    def may_fill(self, journey: str, now: int) -> set[str]:
        customer = self.visits[journey]["customer"]
        unknown = {"attach_before_consent"} if customer is None else set()
        return self._consent(customer) | self._busy(journey, now) | unknown

    def may_accept(self, referral: str, by: tuple[str, ...], now: int) -> set[str]:
        one = self.referrals[referral]
        visit = self.visits[one["journey"]]
        found = self._consent(visit["customer"]) | self._over(one, ("offered",), now)
        found |= {"no_customer"} if visit["customer"] is None else set()
        own = set(by) & set(one["by"])
        found |= {"wrong_recorder"} if own or one["receiver"] not in (None, *by) else set()
        if own:
            found.add("self_referral")
        elif set(by) & set(visit["hands"]):
            found.add("circular")
        fits = COUNTER if one["receiver"] in COUNTER else WEALTH
        return found | (set() if by[0] in fits else {"wrong_post"})

    def _over(self, one: dict[str, Any], states: tuple[str, ...], now: int) -> set[str]:
        if one["state"] not in states:
            return {"referral_settled"}
        return {"expired"} if one["until"] <= now else set()

    def accept(self, referral: str, lead: str, by: str, now: int) -> None:
        one = self.referrals[referral]
        customer = self.visits[one["journey"]]["customer"]
        one |= {"state": "accepted", "receiver": by, "customer": customer}
        self._settle(referral, handed_on=True)
        one["lead"] = self._enter(lead, customer, one["journey"], referral, now)

    def _settle(self, referral: str, *, handed_on: bool) -> None:
        one = self.referrals[referral]
        visit = self.visits[one["journey"]]
        if visit["referral"] == referral:
            visit["referral"] = None
        if handed_on:
            visit["hands"] += [person for person in one["by"] if person not in visit["hands"]]
        customer = visit["customer"]
        if customer is not None and self.open_referral.get(customer) == referral:
            self.open_referral[customer] = None

    def may_decline(self, referral: str) -> set[str]:
        return {"referral_settled"} - (
            {"referral_settled"} if self.referrals[referral]["state"] in ("offered", "form") else set()
        )

    def decline(self, referral: str) -> None:
        self.referrals[referral]["state"] = "declined"
        self._settle(referral, handed_on=False)

    def may_review(self, referral: str, by: tuple[str, ...]) -> set[str]:
        one = self.referrals[referral]
        found = set() if by[0] in WEALTH else {"wrong_post"}
        if not one["form"]:
            return found | {"no_form"}
        if one["fine"] is not None:
            found.add("already_reviewed")
        elif one["state"] == "declined":
            found.add("referral_settled")
        return found | ({"same_author"} if set(by) & set(one["by"]) else set())

    def review(self, referral: str, fine: bool) -> None:
        one = self.referrals[referral]
        one["fine"] = fine
        lead = self.leads.get(one["lead"] or "")
        own = lead is not None and lead["referral"] == referral
        if one["state"] == "form" and not fine:
            one["state"] = "closed"
            self._settle(referral, handed_on=False)
        if lead is not None and own:
            lead["fine"] = fine
            if not fine and lead["status"] in OPEN and not lead["merged"]:
                self._end(one["lead"], "closed")

    # -- leads

    def may_enter(self, referral: str, now: int) -> set[str]:
        one = self.referrals[referral]
        customer = one["customer"] or self.visits[one["journey"]]["customer"]
        found = self._consent(customer) | ({"no_customer"} if customer is None else set())
        if one["state"] == "offered":
            found |= {"wrong_recorder", "not_handed_over"}
        return found | ({"below_standard"} if one["fine"] is False else self._over(one, ("offered", "form"), now))

    def enter(self, referral: str, lead: str, now: int) -> None:
        one = self.referrals[referral]
        one["lead"] = self._enter(lead, one["customer"], one["journey"], referral, now)
        one["state"] = "entered"
        self._settle(referral, handed_on=True)

    def _enter(self, lead: str, customer: str, journey: str, referral: str, now: int) -> str:
        one = self.referrals[referral]
        known = self.open_lead.get(customer)
        if known is not None:
            held = self.leads[known]
            held["merged"] += 1
            if one["told"] < held["told"]:
                held |= {"referrer": one["by"][0], "told": one["told"]}
            return known
        self.leads[lead] = {
            "journey": journey, "customer": customer, "status": "new", "owner": None, "referrer": one["by"][0],
            "told": one["told"], "merged": 0, "sales": 0, "referral": referral, "fine": one["fine"],
        }  # fmt: skip
        self.open_lead[customer] = lead
        return lead

    def _end(self, lead: str, status: str) -> None:
        one = self.leads[lead]
        if one["status"] in OPEN:
            if one["owner"] is not None:
                self.loads[one["owner"]][0] -= 1
            if self.open_lead.get(one["customer"]) == lead:
                self.open_lead[one["customer"]] = None
        one["status"] = status

    def may_allocate(self, lead: str) -> set[str]:
        one = self.leads[lead]
        over = set() if one["status"] in OPEN else {"lead_over"}
        return over | (set() if one["owner"] is None else {"already_allocated"})

    def allocate(self, lead: str) -> str:
        held = {staff: self.loads.get(staff, [0, 0, 0]) for staff in OWNERS}
        chosen = min(held, key=lambda staff: (held[staff][0], held[staff][2], staff))
        self.turn += 1
        load, count, _ = held[chosen]
        self.loads[chosen] = [load + 1, count + 1, self.turn]
        self.leads[lead] |= {"owner": chosen, "status": "allocated"}
        return chosen

    def may_contact(self, lead: str) -> set[str]:
        one = self.leads[lead]
        found = self._consent(one["customer"]) | (set() if one["status"] in OPEN else {"lead_over"})
        return found | ({"not_allocated"} if one["owner"] is None else set())

    def contact(self, lead: str, outcome: str) -> None:
        if outcome == "declined":
            self._end(lead, "declined")
        elif outcome == "booked":
            self.leads[lead]["status"] = "booked"
        elif self.leads[lead]["status"] != "booked":
            self.leads[lead]["status"] = "contacted"

    def may_convert(self, lead: str, sale: str, at: int) -> set[str]:
        one = self.leads[lead]
        again = {"sale_exists"} if sale in self.sold else set()
        over = {"lead_over"} if one["status"] in ("declined", "closed") else set()
        return over | again | ({"after_the_fact"} if at < one["told"] else set())

    def convert(self, lead: str, sale: str) -> None:
        self.sold.add(sale)
        self._end(lead, "converted")
        self.leads[lead]["sales"] += 1

    def may_close(self, lead: str) -> set[str]:
        return set() if self.leads[lead]["status"] in OPEN else {"lead_over"}

    def close(self, lead: str) -> None:
        self._end(lead, "closed")
