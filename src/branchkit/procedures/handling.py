"""From a procedure, a case, a command and what may be looked at, to what happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from branchkit.errors import Refusal, Refused
from branchkit.messages import Event
from branchkit.procedures import commands as asked
from branchkit.procedures.case import Case
from branchkit.procedures.facts import NO_FACTS, CaseFacts
from branchkit.procedures.migrate import migrate_case
from branchkit.procedures.model import Procedure
from branchkit.procedures.opening import cancel, join, link, open_case, reopen
from branchkit.procedures.prepared import Prepared
from branchkit.procedures.staging import sign, waive
from branchkit.procedures.steering import acknowledge, assign, change_clock, record, reprioritise
from branchkit.procedures.straight import straight_or_not

__all__ = ["handle"]


def handle(
    procedure: Procedure, case: Case | None, command: asked.CaseCommand, facts: CaseFacts = NO_FACTS
) -> tuple[Event, ...]:
    """Decide what a command leads to; nothing where it asks for what is so already.

    Args:
        procedure: the version that the case is pinned to; for a migration, the one to move to.
        case: the case as it is; ``None`` where it is to be opened.
        command: what is asked.
        facts: what may be looked at beside the case.

    Raises:
        Refused: with every reason, each with its code and rules.
        InputError: the procedure does not hold together.
    """
    prepared: Prepared = procedure._prepared  # as the property does, without its call
    handler = _HANDLERS.get(command.__class__)
    if (
        handler is not None
        and case is not None
        and case.version == procedure.version
        and case.procedure == procedure.id
    ):
        return handler(prepared, case, command, facts)
    if isinstance(command, asked.OpenCase):
        return open_case(prepared, case, command, facts)
    name = type(command).__name__
    if case is None:
        raise Refused.because(name, [Refusal("unknown_case", f"there is no case {command.case!r}", path="$.case")])
    if isinstance(command, asked.MigrateCase):
        return migrate_case(procedure, case, command, facts)
    if (case.procedure, case.version) != (procedure.id, procedure.version):
        reason = f"the case runs by {case.procedure!r} {case.version}, not by {procedure.id!r} {procedure.version}"
        raise Refused.because(name, [Refusal("other_procedure", reason)])
    raise Refused.because(name, [Refusal("unknown_command", "no case is asked for this")])


_HANDLERS: Mapping[type[asked.CaseCommand], Callable[..., tuple[Event, ...]]] = {
    asked.CompleteStage: straight_or_not,
    asked.SignStage: sign,
    asked.WaiveStage: waive,
    asked.RecordFacts: record,
    asked.AssignRole: assign,
    asked.Reprioritise: reprioritise,
    asked.PauseClock: change_clock,
    asked.ResumeClock: change_clock,
    asked.ResetClock: change_clock,
    asked.CancelClock: change_clock,
    asked.LinkCases: link,
    asked.JoinCase: join,
    asked.ReopenCase: reopen,
    asked.CancelCase: cancel,
    asked.AcknowledgeEscalation: acknowledge,
}
