"""The emergency command of a bank as an escalation policy: the outlet's team, the command's office, the command itself,
the superior unit; who is alerted at once goes by the grade of the fault, and who is told when nobody acts by how late
it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, get_args

import attrs

from branchkit.conditions import FactSpec, FactType
from branchkit.escalation import AfterDue, AtShare, EscalationLadder, Reached, Roster, Rung, RungTime, Timeline, Watched
from branchkit.estate import ActorSpec, ByGroup, ByPost, ByRelation, holders
from branchkit.trace import Decision
from branchkit.values import Text
from branchkit_oncall.roster import OnCall
from branchkit_oncall.rostered import Both

__all__ = ["GRADES", "KEY", "EmergencyCommand", "Grade"]

Grade = Literal["general", "serious", "major"]
GRADES: tuple[Grade, ...] = get_args(Grade)
"""The grades of a fault, the least first (estate:EMG-11)."""
KEY = "oncall.emergency-command"

_ZERO = dt.timedelta()
_STEP = dt.timedelta(minutes=15)
_AT_ONCE = AtShare(share=Decimal("0.01"))
"""Stands for the start of the clock; `_FromStart` answers for it."""
_CHAIN: tuple[tuple[ActorSpec, Text], ...] = (
    (ByPost(post="maintenance_team"), Text(zh="网点维修保障小组", en="the outlet's maintenance team")),
    (ByGroup(group="emergency_office"), Text(zh="指挥部办公室", en="the command's office")),
    (ByGroup(group="emergency_command"), Text(zh="应急指挥部", en="the emergency command")),
    (ByRelation(relation="superior_unit"), Text(zh="上级单位", en="the superior unit")),
)
"""Who is asked, from below to above (estate:EMG-05 to EMG-07)."""
_TEAM, _OFFICE, _COMMAND, _SUPERIOR = range(4)


@attrs.frozen
class _FromStart:
    """A clock whose shares all come at its start; the rest of it is as it is."""

    line: Timeline

    @property
    def started(self) -> dt.datetime:
        return self.line.started

    @property
    def stopped(self) -> dt.datetime | None:
        return self.line.stopped

    @property
    def due(self) -> dt.datetime | None:
        return self.line.due

    def at_share(self, share: Decimal) -> dt.datetime | None:
        return None if self.line.due is None else self.line.started

    def beside_due(self, by: dt.timedelta, *, own_time: bool) -> dt.datetime | None:
        return self.line.beside_due(by, own_time=own_time)


def _positive(_: object, __: object, value: dt.timedelta) -> None:
    if value <= _ZERO:
        raise ValueError("Expected a duration above zero")


@attrs.frozen(kw_only=True)
class EmergencyCommand:
    """Alerts at once by grade, and climbs while nobody acts.

    At once, when the clock starts or the grade is known: the team (estate:EMG-08); of a serious or major fault the
    command too (EMG-14, EMG-16); of a major one the superior unit as well (EMG-17). Once the deadline is missed the
    office hears of it, `step` later the command, and another `step` later the superior unit, from the grade on that
    `superior_report_from_grade` names (EMG-18), and of a fault whose grade nobody has said.

    Where nobody of those meant is on duty, whoever is next above them is told in their place, and told why; where
    nobody is on duty anywhere the rung waits. Whoever acknowledges holds the climb for one `step`, and no alert.
    """

    roster: Roster = attrs.field(factory=OnCall)
    superior_report_from_grade: Grade = "general"
    """From which grade on the superior unit hears of what is late; a fact of that name in the case wins."""
    step: dt.timedelta = attrs.field(default=_STEP, validator=_positive)
    """From one level to the next once the deadline is missed, in elapsed time; suggested, no source names it."""
    id: str = attrs.field(default=KEY, init=False)
    version: str = attrs.field(default="1", init=False)
    acknowledgement: str = attrs.field(default="holds", init=False)

    @property
    def hold(self) -> dt.timedelta:
        """How long an acknowledgement holds the climb: one step."""
        return self.step

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        """The grade, and from which grade on the superior unit hears of what is late."""
        return (
            FactSpec("grade", FactType.CODE, choices=GRADES, may_be_unknown=True),
            FactSpec("superior_report_from_grade", FactType.CODE, choices=GRADES, may_be_unknown=True),
        )

    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        """Return when to look next."""
        watched = self._by_roster(watched)
        return self._ladder(watched, at).next_look(watched, at)

    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        """Return whom to alert, and who is next to be told."""
        watched = self._by_roster(watched)
        decision = self._ladder(watched, at).reached(watched, at)
        return Decision(decision.value, attrs.evolve(decision.trace, plugin="oncall"))

    def _by_roster(self, watched: Watched) -> Watched:
        roster = Both(self.roster, watched.roster)
        return attrs.evolve(watched, roster=roster, timeline=_FromStart(watched.timeline))

    def _ladder(self, watched: Watched, at: dt.datetime) -> EscalationLadder:
        """Return the rungs for the grade as it is known now, each with whoever is there to hear of it.

        A rung that the grade does not ask for is not there, so that nothing is decided about it: it may come yet,
        when the fault is graded, or graded higher.
        """
        return EscalationLadder(
            self.id,
            version=self.version,
            title=Text(zh="应急指挥", en="Emergency command"),
            rungs=tuple(self._rungs(watched, at)),
            acknowledgement="holds",
            hold=self.step,
            rules=("estate:EMG-05", "estate:EMG-06", "estate:EMG-07"),
        )

    def _rungs(self, watched: Watched, at: dt.datetime) -> Iterator[Rung]:
        def rung(id: str, when: RungTime, level: int, words: Text, *rules: str, alert: bool = False) -> Rung:
            spec, message = _present(watched, at, level, words)
            return Rung(
                id,
                at=when,
                tell=(spec,),
                message=message,
                if_nobody="wait",
                despite_acknowledgement=alert,
                rules=rules,
            )

        grade = _grade(watched, "grade")
        rules = ("estate:EMG-08", "estate:EMG-13") if grade == "general" else ("estate:EMG-08",)
        yield rung("alert-team", _AT_ONCE, _TEAM, _ALERT_TEAM, *rules, alert=True)
        if grade == "serious":
            yield rung(
                "alert-command", _AT_ONCE, _COMMAND, _ALERT_COMMAND, "estate:EMG-14", "estate:EMG-15", alert=True
            )
        if grade == "major":
            yield rung("alert-command", _AT_ONCE, _COMMAND, _ALERT_COMMAND, "estate:EMG-16", alert=True)
            yield rung("alert-superior", _AT_ONCE, _SUPERIOR, _ALERT_SUPERIOR, "estate:EMG-17", alert=True)
        yield rung("late-office", AfterDue(), _OFFICE, _LATE, "estate:EMG-06")
        yield rung("late-command", AfterDue(lag=self.step, time="elapsed"), _COMMAND, _LATE, "estate:EMG-05")
        least = _grade(watched, "superior_report_from_grade") or self.superior_report_from_grade
        if grade is None or GRADES.index(grade) >= GRADES.index(least):
            yield rung(
                "late-superior", AfterDue(lag=2 * self.step, time="elapsed"), _SUPERIOR, _LATE_REPORT, "estate:EMG-18"
            )


_ALERT_TEAM = Text(zh="发现设备故障，请立即核实、处置", en="A fault was found: verify it and act now")
_ALERT_COMMAND = Text(
    zh="较大或重大故障，请启动响应、协调抢修",
    en="A serious or major fault: start the response and coordinate the repair",
)
_ALERT_SUPERIOR = Text(zh="重大故障，请求支援", en="A major fault: support is asked for")
_LATE = Text(zh="应急处置已超时", en="The response to an emergency is late")
_LATE_REPORT = Text(
    zh="应急处置超时，尚未收到网点报告",
    en="The response to an emergency is late, and the outlet's report is outstanding",
)


def _grade(watched: Watched, name: str) -> Grade | None:
    value = watched.facts.get(name)
    return next((grade for grade in GRADES if grade == value), None)


def _present(watched: Watched, at: dt.datetime, level: int, words: Text) -> tuple[ActorSpec, Text]:
    """Return the first level from one upwards at which somebody is on duty, and what they are told."""
    meant, title = _CHAIN[level]
    for number, (spec, _) in enumerate(_CHAIN[level:]):
        if watched.roster.available(holders(spec, watched.standing), at):
            if number == 0:
                return spec, words
            instead = Text(
                zh=f"{words.zh}（{title.zh}无人在岗，请代为处理）",
                en=f"{words.en} (nobody of {title.en} is on duty: act in their place)",
            )
            return spec, instead
    return meant, words
