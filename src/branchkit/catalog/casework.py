"""Checks what procedures, ladders and what opens cases say of one another and of forms, tables and registers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property

import attrs

from branchkit.catalog.kinds import posts_of
from branchkit.checklists import Checklist, SchedulePlan
from branchkit.conditions import DecisionTable, FactType
from branchkit.errors import Problem
from branchkit.escalation import EscalationLadder, OpenCaseFor, RaisePriority, Reassign
from branchkit.estate import ActorSpec, BySystem, EstateStandard, Register
from branchkit.procedures import Procedure, RecordFact, Surroundings, prove
from branchkit.procedures.proof_parts import specs_of
from branchkit.temporal import ByTarget

__all__ = ["Casework"]

_CHECKLISTS, _LADDERS, _SCHEDULES = "branchkit:checklists", "branchkit:escalation", "branchkit:scheduler"
_PROCEDURES = "branchkit:procedures"
"""The systems by which a failed item, a rung, a plan and a transition open cases."""
_DEADLINES = frozenset({FactType.DURATION, FactType.NUMBER})


@attrs.frozen(kw_only=True)
class Casework:
    """The documents in force by id, and what is wrong between them; a plug-in's own ids have a dot."""

    checklists: Mapping[str, Checklist] = attrs.field(factory=dict)
    procedures: Mapping[str, Procedure] = attrs.field(factory=dict)
    ladders: Mapping[str, EscalationLadder] = attrs.field(factory=dict)
    tables: Mapping[str, DecisionTable] = attrs.field(factory=dict)
    registers: Mapping[str, Register] = attrs.field(factory=dict)
    standards: Mapping[str, EstateStandard] = attrs.field(factory=dict)

    @cached_property
    def _posts(self) -> Mapping[str, frozenset[str]] | None:
        """Return the posts at each kind of branch of every standard, ``None`` where no standard lists any."""
        listed = [standard for standard in self.standards.values() if standard.posts]
        return {kind.code: one.posts_at(kind.code) for one in listed for kind in one.branches} if listed else None

    def problems(self, document: object) -> Iterator[Problem]:
        """Yield what a document says of others that does not hold."""
        if isinstance(document, Procedure):
            yield from self._named_posts(document)
            yield from self._procedure(document)
        elif isinstance(document, EscalationLadder):
            yield from self._named_posts(document)
            yield from self._ladder(document)
        elif isinstance(document, Checklist):
            for s, section in enumerate(document.sections):
                for i, item in enumerate(section.items):
                    if item.opens is not None:
                        yield from self._opens(item.opens, _CHECKLISTS, f"$.sections[{s}].items[{i}].opens")
        elif isinstance(document, SchedulePlan):
            for at, entry in enumerate(document.entries):
                if entry.opens is not None:
                    yield from self._opens(entry.opens, _SCHEDULES, f"$.entries[{at}].opens")

    def _named_posts(self, document: Procedure | EscalationLadder) -> Iterator[Problem]:
        known = {post.code: post for standard in self.standards.values() for post in standard.posts}
        for path, code in posts_of(document) if known else ():
            if code not in known:
                meant = [post.code for post in known.values() if code in post.aliases]
                advice = f"it is called {meant[0]!r}" if meant else "the estate standard lists the posts"
                yield Problem(path, f"Unknown post {code!r}; {advice}")

    def _opens(self, id: str, system: str, path: str) -> Iterator[Problem]:
        """Prove that a procedure is there, and that it lets itself be opened so: by a system that states no facts."""
        procedure = self.procedures.get(id)
        if procedure is None:
            yield _unknown(path, "procedure", id, self.procedures)
            return
        if not _lets(procedure.opens, system):
            yield Problem(path, f"Has no effect: the procedure {id!r} does not let {system!r} open a case")
        if procedure.required_facts:
            listed = ", ".join(procedure.required_facts)
            yield Problem(path, f"Has no effect: a case of {id!r} cannot be opened without these facts: {listed}")

    def _procedure(self, procedure: Procedure) -> Iterator[Problem]:
        around = Surroundings(
            checklists=self.checklists,
            ladders=self.ladders,
            targets=frozenset(self.tables),
            posts=self._posts,
            procedures=self.procedures,
            registers=self.registers,
        )
        # What has a dot in its key may be a policy of a plug-in's code.
        code = {f"$.ladders.{c}" for c, name in procedure.ladders.items() if "." in name and name not in self.ladders}
        yield from (problem for problem in prove(procedure, around) if problem.path not in code)
        for s, stage in enumerate(procedure.stages):
            for t, one in enumerate(stage.transitions):
                if one.opens is not None:
                    yield from self._opens(one.opens, _PROCEDURES, f"$.stages[{s}].transitions[{t}].opens")
        table = None if procedure.targets is None else self.tables.get(procedure.targets)
        if table is not None:
            yield from self._targets(procedure, table)
        outputs = {} if table is None else {spec.name: spec.type for spec in table.outputs}
        for _, clock in procedure.all_clocks():
            if table is not None and isinstance(clock.deadline, ByTarget):
                kind = outputs.get(clock.deadline.output)
                if kind is None:
                    what = f"the clock {clock.id!r} takes its deadline from"
                    yield _unknown("$.targets", f"output that {what}", clock.deadline.output, outputs)
                elif kind not in _DEADLINES:
                    what = f"Expected {clock.deadline.output!r} to be a span of time or a number of working days"
                    yield Problem("$.targets", what)
        for at, fact in enumerate(procedure.record_facts):
            yield from self._records(fact, f"$.record_facts[{at}]")
        for clock_id, ladder_id in procedure.ladders.items():
            ladder = self.ladders.get(ladder_id)
            if ladder is not None:
                yield from self._guarded(procedure, ladder, f"$.ladders.{clock_id}")

    def _targets(self, procedure: Procedure, table: DecisionTable) -> Iterator[Problem]:
        """Prove that a case can hold all that the table of targets looks at: else a row of it has no effect."""
        known = {name: spec.type for name, spec in specs_of(procedure).items()}
        known["priority"] = FactType.CODE
        for spec in table.facts:
            if known.get(spec.name) is not spec.type:
                what = f"The table {table.id!r} looks at {spec.name!r}, which no case holds as {spec.type.value}"
                yield Problem("$.targets", what)

    def _records(self, fact: RecordFact, path: str) -> Iterator[Problem]:
        known: dict[str, Mapping[str, object]] = {
            "register": self.registers, "procedure": self.procedures, "checklist": self.checklists
        }  # fmt: skip
        for name, there in known.items():
            asked = fact.where.get(name)
            if asked is not None and not asked.startswith("$") and asked not in there:
                yield _unknown(f"{path}.where.{name}", name, asked, there)
        register = self.registers.get(fact.where.get("register", ""))
        if fact.of == "entry" and register is not None:
            fields = {field.name for field in register.fields} | {"register", "branch", "quantity"}
            if fact.field is not None and fact.field not in fields:
                yield _unknown(f"{path}.field", "field", fact.field, dict.fromkeys(fields))
            for name in fact.where:
                if name not in fields:
                    yield _unknown(f"{path}.where", "field", name, dict.fromkeys(fields))

    def _guarded(self, procedure: Procedure, ladder: EscalationLadder, path: str) -> Iterator[Problem]:
        """Prove that what a ladder looks at and does is there in a procedure that it guards."""
        held = {name: spec.type for name, spec in specs_of(procedure).items()}
        for spec in ladder.facts:
            if held.get(spec.name) is not spec.type:
                yield Problem(path, f"The ladder {ladder.id!r} looks at {spec.name!r}, which no case holds as such")
        roles = {role.id for role in procedure.roles}
        for rung in ladder.rungs:
            for action in rung.do:
                if isinstance(action, RaisePriority):
                    if action.to not in procedure.priorities:
                        yield Problem(path, f"The rung {rung.id!r} raises to {action.to!r}, which is no priority here")
                    elif not _lets(procedure.manages, _LADDERS):
                        yield Problem(path, f"The rung {rung.id!r} has no effect: {_LADDERS!r} may not manage the case")
                elif isinstance(action, Reassign) and action.role not in roles:
                    yield Problem(path, f"The rung {rung.id!r} gives the role {action.role!r}, which is none here")

    def _ladder(self, ladder: EscalationLadder) -> Iterator[Problem]:
        endless = ladder.repeat is not None and ladder.repeat.times is None
        if not endless and not any(rung.tell and rung.if_nobody == "wait" for rung in ladder.rungs):
            what = "Expected a rung that waits while nobody is there (if_nobody = 'wait'), or rounds without end"
            yield Problem("$.rungs", f"{what}: where posts are empty, it would end in silence")
        for at, rung in enumerate(ladder.rungs):
            for number, action in enumerate(rung.do):
                if isinstance(action, OpenCaseFor):
                    yield from self._opens(action.procedure, _LADDERS, f"$.rungs[{at}].do[{number}].procedure")


def _lets(specs: tuple[ActorSpec, ...], system: str) -> bool:
    return any(isinstance(spec, BySystem) and fnmatchcase(system, spec.system) for spec in specs)


def _unknown(path: str, what: str, name: str, known: Mapping[str, object]) -> Problem:
    return Problem(path, f"Unknown {what} {name!r}; there are: {', '.join(sorted(known)) or 'none'}")
