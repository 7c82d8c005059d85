"""Decides what a command about a journey leads to: the events, or every reason why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from branchkit.customers.journey import crediting, leading, referring, visiting
from branchkit.customers.journey.commands import (
    AcceptReferral,
    AllocateLead,
    AskWillingness,
    AttachCustomer,
    CloseLead,
    ConvertLead,
    CreditSale,
    DeclineReferral,
    EndVisit,
    EnterLead,
    FillReferralForm,
    JudgeVisit,
    LookUpVisit,
    ObserveTriggers,
    OpenVisit,
    RecordContact,
    ReferCustomer,
    RefuseContact,
    ReverseCredit,
    ReviewForm,
)
from branchkit.customers.journey.events import ToldEvent
from branchkit.customers.journey.facts import JourneyFacts
from branchkit.messages import Command, Event

__all__ = ["DECISIONS", "decide_journey"]

_Decision: TypeAlias = Callable[[Any, JourneyFacts], tuple[Event, ...]]

DECISIONS: Mapping[type[Command], _Decision] = {
    OpenVisit: visiting.open_visit,
    ObserveTriggers: visiting.observe_triggers,
    JudgeVisit: visiting.judge_visit,
    LookUpVisit: visiting.look_up_visit,
    AskWillingness: visiting.ask_willingness,
    AttachCustomer: visiting.attach_customer,
    EndVisit: visiting.end_visit,
    RefuseContact: visiting.refuse_contact,
    ReferCustomer: referring.refer_customer,
    AcceptReferral: referring.accept_referral,
    DeclineReferral: referring.decline_referral,
    FillReferralForm: referring.fill_referral_form,
    ReviewForm: referring.review_form,
    EnterLead: leading.enter_lead,
    AllocateLead: leading.allocate_lead,
    RecordContact: leading.record_contact,
    ConvertLead: leading.convert_lead,
    CloseLead: leading.close_lead,
    CreditSale: crediting.credit_sale,
    ReverseCredit: crediting.reverse_credit,
}
"""How each command is decided."""


def decide_journey(command: Command, facts: JourneyFacts) -> tuple[Event, ...]:
    """Return what a command about a journey leads to; nothing where it asks for what is so already.

    Raises:
        Refused: with every reason, each with its code from `REASONS` and its rules.
        PluginFailed: a policy of a plug-in raised, or answered with what it must not.
    """
    events = DECISIONS[type(command)](command, facts)
    return tuple(
        attrs.evolve(event, told_at=command.recorded_at) if isinstance(event, ToldEvent) else event for event in events
    )
