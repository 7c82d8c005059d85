"""A procedure (流程) as data: its stages, who may act in each, what is filled in, and where each leads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import attrs

from branchkit.codec import Document, misfits
from branchkit.conditions import Condition, FactSpec
from branchkit.errors import InputError, Problem
from branchkit.estate import ActorSpec
from branchkit.procedures.records import RecordFact
from branchkit.temporal import ClockSpec
from branchkit.values import FrozenMap, Text

if TYPE_CHECKING:
    from branchkit.procedures.prepared import Prepared

__all__ = [
    "Basis",
    "CaseOutcome",
    "Procedure",
    "Reason",
    "RoleSpec",
    "Separation",
    "Signatures",
    "Stage",
    "Suspends",
    "Transition",
    "Waiver",
]

Basis = Literal["sourced", "suggested", "advice"]


@attrs.frozen
class RoleSpec:
    """A role that somebody has in one case, as the receiver of this handover."""

    id: str
    title: Text = attrs.field(kw_only=True)


@attrs.frozen
class CaseOutcome:
    """One way a case may end, as ``solved`` or ``false_alarm``."""

    code: str
    title: Text = attrs.field(kw_only=True)


@attrs.frozen
class Reason:
    """A reason for which clocks are paused, as ``waiting_for_customer``."""

    code: str
    title: Text = attrs.field(kw_only=True)


@attrs.frozen(kw_only=True)
class Signatures:
    """Several people stand for one stage: together, or one after the other.

    With ``joint`` all of them do it, whoever completes the stage being the first. With ``approval`` somebody does it
    and others approve it, or send it back.
    """

    count: int = 2
    """How many sign: with ``joint`` all of them, with ``approval`` those who approve."""
    mode: Literal["joint", "approval"] = "joint"
    actors: tuple[ActorSpec, ...] = ()
    """Who may sign; with ``joint`` whoever may act in the stage where nobody is named."""
    distinct: bool = True
    """Whether whoever did it may not be among those who approve; nobody ever signs twice, nor does a delegate."""


@attrs.frozen(kw_only=True)
class Waiver:
    """Who may settle a stage undone; always with a reason."""

    actors: tuple[ActorSpec, ...]
    rules: tuple[str, ...] = ()
    """The qualified ids of the rules that allow it."""


@attrs.frozen
class Transition:
    """One way out of a stage: to other stages, several of them side by side, or to an end."""

    id: str
    title: Text = attrs.field(kw_only=True)
    to: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The stages it leads to; several run side by side."""
    ends: str | None = attrs.field(default=None, kw_only=True)
    """The outcome with which this way ends. The case closes once no other way is still under way; where they end
    differently, the outcome that the procedure lists first is the case's."""
    withdraws: bool = attrs.field(default=False, kw_only=True)
    """True where the end is the whole case's, as of a false alarm: what is still open is withdrawn."""
    returns: bool = attrs.field(default=False, kw_only=True)
    """True where it goes back, so that its stages are tried once more."""
    when: Condition | None = attrs.field(default=None, kw_only=True)
    """What must hold; an unknown answer refuses as a no does, and says which fact is missing."""
    else_reason: Text | None = attrs.field(default=None, kw_only=True)
    """What is said where it does not hold."""
    actors: tuple[ActorSpec, ...] = attrs.field(default=(), kw_only=True)
    """Who may take it, where it is not everybody who may act in the stage."""
    reason_required: bool = attrs.field(default=False, kw_only=True)
    opens: str | None = attrs.field(default=None, kw_only=True)
    """The id of a procedure: as the stage is completed so, a case of it is opened about the same place and linked as
    caused by this one, or the one that is open there already is joined."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class Stage:
    """One step of a procedure (环节): who acts, what is filled in, how it may end."""

    id: str
    title: Text = attrs.field(kw_only=True)
    actors: tuple[ActorSpec, ...] = attrs.field(kw_only=True)
    """Who may act; deny by default."""
    transitions: tuple[Transition, ...] = attrs.field(kw_only=True)
    form: str | None = attrs.field(default=None, kw_only=True)
    """The id of the checklist that is filled in."""
    form_required: bool = attrs.field(default=True, kw_only=True)
    """False where the stage may be completed without its sheet."""
    needs: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The stages that have to be settled first. Once a transition has led here, the stage waits until nothing that is
    under way can still lead to one of them; what the ways taken have passed by is skipped by that rule."""
    when: Condition | None = attrs.field(default=None, kw_only=True)
    """When the stage applies; where it does not, it is skipped by rule. Where that cannot be told, it applies."""
    optional: bool = attrs.field(default=False, kw_only=True)
    """True where nothing waits for it: neither a join nor the end of the case."""
    onward: str | None = attrs.field(default=None, kw_only=True)
    """The transition by which the case goes on where the stage is skipped or waived; needed where there are several
    that lead onward."""
    assigns: FrozenMap[str] = attrs.field(default=FrozenMap(), kw_only=True)
    """Roles given when it is completed: to ``actor``, who completed it, or to whom a fact of the case names."""
    signatures: Signatures | None = attrs.field(default=None, kw_only=True)
    attempts: int | None = attrs.field(default=None, kw_only=True)
    """How often it may be tried; nobody may go back to before it once that is used up."""
    waiver: Waiver | None = attrs.field(default=None, kw_only=True)
    """Who may waive it; ``None``: nobody."""
    no_waiver_rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The rules that forbid to waive it, as of an identity check; compliance outranks business."""
    clocks: tuple[ClockSpec, ...] = attrs.field(default=(), kw_only=True)
    """Clocks that start when the stage opens and stop when it is settled."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    basis: Basis = attrs.field(default="sourced", kw_only=True)


@attrs.frozen
class Separation:
    """Duties that nobody may hold two of, nor whoever acts for them (不相容岗位分离)."""

    id: str
    title: Text = attrs.field(kw_only=True)
    duties: tuple[str, ...] = attrs.field(kw_only=True)
    """``open``, ``stage:<id>``, ``sign:<stage>``, ``sheet:<checklist>``, ``waive``. Between linked cases also those of
    other procedures, as in ``refund/stage:pay``, and ``entry:<register>/<field>``: whom a current entry of the branch's
    register names there, as in ``entry:seals/keeper``."""
    within: Literal["case", "linked"] = attrs.field(default="case", kw_only=True)
    """Whether duties held in linked cases and in registers count too. It then binds the other case too, whatever its
    own procedure says: in each of its steps, and when the two are linked afterwards."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen(kw_only=True)
class Suspends:
    """What a case stands for while it is open: its branch or zone does not serve, and other clocks there are paused.

    The suspension begins with the case, or once a stage is completed, and ends by itself when the case does, or once
    a later stage is completed. The case's own clocks run on.
    """

    reason: str
    """The code of the reason, as in ``power_cut``."""
    scope: Literal["branch", "zone"] = "branch"
    """Where: the whole branch, or the zone that the case is about; the branch where it is about none."""
    after: str | None = None
    """The stage by whose completion it begins; with the case where it is left out."""
    until: str | None = None
    """The stage by whose completion it ends; with the case where it is left out."""
    clocks: tuple[str, ...] = ()
    """The clocks that are paused beside those that count business time; every one that is not statutory where none
    is named."""
    mode: Literal["pauses", "business", "marks"] = "pauses"
    """``pauses`` the clocks above; ``business`` only those that count business time; ``marks`` none: service goes on.
    Every clock there that is not paused is marked with the incident, so that lateness is told with its reason."""
    rules: tuple[str, ...] = ()


@attrs.frozen
class Procedure(Document):
    """An SOP: stages, where they lead, who may act, by when. A running instance of it is a `Case`.

    The order in which stages, roles or clocks are listed decides nothing; that of `priorities` and `outcomes` does.
    """

    SCHEMA: ClassVar[str] = "procedure/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    purpose: Text | None = attrs.field(default=None, kw_only=True)
    starts: tuple[str, ...] = attrs.field(kw_only=True)
    """The stages that open with the case."""
    stages: tuple[Stage, ...] = attrs.field(kw_only=True)
    opens: tuple[ActorSpec, ...] = attrs.field(kw_only=True)
    """Who may open a case."""
    manages: tuple[ActorSpec, ...] = attrs.field(default=(), kw_only=True)
    """Who may steer one: priority, roles, clocks, links, cancelling, reopening. Nobody where none is named."""
    outcomes: tuple[CaseOutcome, ...] = attrs.field(kw_only=True)
    """The ways it may end, the weightiest first."""
    facts: tuple[FactSpec, ...] = attrs.field(default=(), kw_only=True)
    """The facts a case may hold. One named ``form.<item>`` is the answer to that item of the last sheet that had it."""
    record_facts: tuple[RecordFact, ...] = attrs.field(default=(), kw_only=True)
    """Facts over other records, which whoever asks resolves beforehand."""
    required_facts: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The facts without which a case cannot be opened."""
    applies: Condition | None = attrs.field(default=None, kw_only=True)
    """Which branches it is for."""
    roles: tuple[RoleSpec, ...] = attrs.field(default=(), kw_only=True)
    priorities: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The priorities a case may have, the most urgent first."""
    targets: str | None = attrs.field(default=None, kw_only=True)
    """The id of the decision table that tells the deadlines of clocks that leave theirs to it."""
    clocks: tuple[ClockSpec, ...] = attrs.field(default=(), kw_only=True)
    """Clocks of the case as a whole."""
    ladders: FrozenMap[str] = attrs.field(default=FrozenMap(), kw_only=True)
    """The escalation ladder that guards a clock, by the clock's id."""
    pause_reasons: tuple[Reason, ...] = attrs.field(default=(), kw_only=True)
    suspends: Suspends | None = attrs.field(default=None, kw_only=True)
    """What a case suspends at its branch while it is open, as a power cut does."""
    separations: tuple[Separation, ...] = attrs.field(default=(), kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    basis: Basis = attrs.field(default="sourced", kw_only=True)

    def stage(self, name: str) -> Stage | None:
        """Return the stage of that id, or ``None``."""
        return next((stage for stage in self.stages if stage.id == name), None)

    def all_clocks(self) -> Iterator[tuple[Stage | None, ClockSpec]]:
        """Yield every clock with the stage it belongs to, ``None`` for one of the case as a whole."""
        for spec in self.clocks:
            yield None, spec
        for stage in self.stages:
            for spec in stage.clocks:
                yield stage, spec

    @property
    def prepared(self) -> Prepared:
        """The procedure made ready for running many cases; worked out once.

        Raises:
            InputError: the procedure does not hold together, which one read from a file always does; every problem.
        """
        return cast("Prepared", self._prepared)

    @cached_property
    def _prepared(self) -> Any:
        from branchkit.procedures.prepared import prepare

        if problems := misfits(self):
            raise InputError(f"procedure {self.id!r}", problems)
        return prepare(self)

    def validate(self) -> tuple[Problem, ...]:
        """Return every problem that shows without a catalog; see `branchkit.procedures.prove` for those with one."""
        from branchkit.procedures.proof import prove

        return prove(self)
