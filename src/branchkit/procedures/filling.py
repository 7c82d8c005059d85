"""What is filled in as a stage is completed: its sheet, the facts that come of it, the roles it gives."""

from __future__ import annotations

from collections.abc import Mapping

from branchkit.checklists import RawFact
from branchkit.errors import Refusal
from branchkit.procedures.case import NOTHING, Case, items_of
from branchkit.procedures.commands import CompleteStage
from branchkit.procedures.events import Duty
from branchkit.procedures.facts import CaseFacts, FormReading, check_fact, stated
from branchkit.procedures.prepared import Prepared, Step
from branchkit.values import FrozenMap

__all__ = ["NO_DUTIES", "assigned", "said", "with_form"]

NO_DUTIES: tuple[Duty, ...] = ()


def with_form(
    prepared: Prepared, step: Step, case: Case, command: CompleteStage, facts: CaseFacts, refusals: list[Refusal]
) -> tuple[FrozenMap[RawFact], tuple[Duty, ...]]:
    """Return the facts that are stated by hand and by the sheet, and whose duty the sheet was."""
    stated(prepared, command.facts, refusals)
    form = _form(step, case, command, facts, refusals)
    if form is None:
        return command.facts, NO_DUTIES
    changes = dict(items_of(command.facts))
    for item, name in prepared.forms.items():
        raw = form.answers.get(item)
        if raw is not None:
            check_fact(prepared.specs[name], raw, "$.sheet", refusals)
            changes[name] = raw
    return FrozenMap(changes) if changes else NOTHING, ((f"sheet:{form.checklist}", (form.by,)),)


def _form(
    step: Step, case: Case, command: CompleteStage, facts: CaseFacts, refusals: list[Refusal]
) -> FormReading | None:
    wanted, sheet = step.stage.form, command.sheet
    if sheet is None:
        if wanted is not None and step.stage.form_required:
            reason = f"the stage {step.stage.id!r} takes a sheet of the checklist {wanted!r}"
            refusals.append(Refusal("form_missing", reason, rules=step.stage.rules, path="$.sheet"))
        return None
    form = facts.forms.get(sheet)
    if wanted is None:
        code, reason = "form_not_asked", f"the stage {step.stage.id!r} takes no sheet"
    elif form is None:
        code, reason = "form_unknown", f"the sheet {sheet!r} is not filed"
    elif form.checklist != wanted:
        code, reason = "form_other", f"the sheet {sheet!r} is of the checklist {form.checklist!r}, not of {wanted!r}"
    elif form.branch != case.branch:
        code, reason = "form_other", f"the sheet {sheet!r} is of another branch"
    elif form.state != "final":
        code, reason = "form_not_final", f"the sheet {sheet!r} is {form.state}"
    elif not form.complete:
        code, reason = "form_incomplete", f"the sheet {sheet!r} lacks answers"
    else:
        return form
    refusals.append(Refusal(code, reason, rules=step.stage.rules, path="$.sheet"))
    return None


def assigned(step: Step, actor: str, held: Mapping[str, RawFact], refusals: list[Refusal]) -> FrozenMap[str]:
    """Return the roles that completing a stage gives."""
    roles: dict[str, str] = {}
    for role, source in step.stage.assigns.items():
        who = actor if source == "actor" else held.get(source)
        if isinstance(who, str) and who:
            roles[role] = who
        else:
            reason = f"the fact {source!r} does not say who is {role!r}"
            path, zh = f"$.facts.{source}", f"事实{source}未说明由谁担任角色{role}"
            refusals.append(Refusal("role_unknown", reason, rules=step.stage.rules, path=path, zh=zh))
    return FrozenMap(roles)


def said(reason: str | None) -> bool:
    """Say whether words were given."""
    return reason is not None and bool(reason.strip())
