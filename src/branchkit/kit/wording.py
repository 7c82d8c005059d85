"""What happened to a case, in words; never text that somebody typed."""

from __future__ import annotations

from branchkit.escalation import ClockUnreadable, Reached, RungOutcome, RungReached, WatchAcknowledged
from branchkit.estate import DeadlinesMoved
from branchkit.kit.floors.cases import ProcedureAdopted
from branchkit.messages import Event, FollowUpRefused
from branchkit.procedures import (
    Case,
    CaseCancelled,
    CaseJoined,
    CaseLinked,
    CaseMigrated,
    CaseOpened,
    CaseReopened,
    ClockChanged,
    FactsRecorded,
    Procedure,
    Reprioritised,
    RoleAssigned,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageWaived,
)
from branchkit.temporal import Due
from branchkit.values import Text, Unknown

__all__ = ["words_of"]

_CHANGED = {"paused": "暂停", "resumed": "恢复", "reset": "重新计时", "cancelled": "取消"}
_OUTCOMES = {
    RungOutcome.FIRED: ("已触发", "fired"),
    RungOutcome.RECORDED: ("已记录", "recorded"),
    RungOutcome.PASSED: ("未执行", "passed by"),
    RungOutcome.SUPPRESSED: ("已抑制", "suppressed"),
    RungOutcome.HELD: ("等待", "held"),
}


def words_of(event: Event, case: Case, procedure: Procedure) -> Text:
    """Say what an event means for a case, in Chinese and English."""
    match event:
        case CaseOpened():
            return _both(
                f"按《{procedure.title.zh}》{event.version}版开立", f"opened by {procedure.id} {event.version}"
            )
        case StageCompleted() | StageWaived() | StageProposed():
            return _stage(event, procedure)
        case StageSigned():
            return _both(f"{_zh(procedure, event.stage)}：已签署", f"{event.stage}: signed")
        case StageReturned():
            return _both(f"{_zh(procedure, event.stage)}：已退回", f"{event.stage}: sent back")
        case CaseReopened():
            return _both(f"重新开立：{'、'.join(event.opened)}", f"reopened at {', '.join(event.opened)}")
        case FactsRecorded():
            names = tuple(sorted(event.facts))
            return _both(f"登记事实：{'、'.join(names)}", f"facts recorded: {', '.join(names)}")
        case RoleAssigned():
            return _both(f"{event.role}改由{event.actor}担任", f"{event.role} is now {event.actor}")
        case Reprioritised():
            return _both(f"优先级改为{event.priority}", f"priority is now {event.priority}")
        case ClockChanged():
            return _clock(event)
        case CaseLinked():
            return _both(f"关联（{event.link.kind}）{event.link.case}", f"linked: {event.link.kind} {event.link.case}")
        case CaseJoined():
            return _both("再次发现同一问题", "seen once more")
        case CaseCancelled():
            return _both("已撤销", "cancelled")
        case CaseMigrated():
            return _both(f"迁移到{event.version}版", f"moved to version {event.version}")
        case RungReached():
            return _rung(event.ladder, event.reached)
        case WatchAcknowledged():
            known = event.acknowledgement
            until = "" if known.until is None else f" until {known.until:%Y-%m-%d %H:%M}"
            until_zh = "" if known.until is None else f"，至{known.until:%Y-%m-%d %H:%M}"
            return _both(f"{known.by}确认处理{until_zh}", f"acknowledged by {known.by}{until}")
        case ClockUnreadable(clock=clock, why=why, told=told):
            to_zh, to = (f" → {'、'.join(told)}", f" → {', '.join(told)}") if told else ("", "")
            return _both(
                f"计时{clock}无法推算{to_zh}：{why.say('zh')}", f"clock {clock} cannot be read{to}: {why.say()}"
            )
        case DeadlinesMoved():
            return _moved(event)
        case ProcedureAdopted():
            own = event.procedure
            return _both(f"启用《{own.title.zh}》{own.version}版", f"took {own.id} {own.version} into use")
        case FollowUpRefused():
            return _both(
                f"本应随之发生的 {event.command} 被拒绝：{'；'.join(event.reasons)}",
                f"what should have followed, {event.command}, was refused: {'; '.join(event.reasons)}",
            )
        case _:
            return Text(en=event.KIND)


def _both(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


def _zh(procedure: Procedure, stage: str) -> str:
    known = procedure.stage(stage)
    return stage if known is None else known.title.zh


def _stage(event: StageCompleted | StageWaived | StageProposed, procedure: Procedure) -> Text:
    known = procedure.stage(event.stage)
    ways = () if known is None else known.transitions
    way = next((one.title for one in ways if one.id == event.transition), Text(en=event.transition))
    if isinstance(event, StageProposed):
        return _both(f"{_zh(procedure, event.stage)}：待签署", f"{event.stage}: done, waits for signatures")
    if isinstance(event, StageWaived):
        return _both(f"{_zh(procedure, event.stage)}：豁免", f"{event.stage}: waived")
    opened = f" → {', '.join(event.opened)}" if event.opened else ""
    ended = f" [{event.outcome}]" if event.closes and event.outcome else ""
    onward_zh = f" → {'、'.join(_zh(procedure, one) for one in event.opened)}" if event.opened else ""
    return _both(
        f"{_zh(procedure, event.stage)}：{way.say('zh')}{onward_zh}{ended}",
        f"{event.stage}: {way.say()}{opened}{ended}",
    )


def _clock(event: ClockChanged) -> Text:
    why = "" if event.reason_code is None else f" ({event.reason_code})"
    why_zh = "" if event.reason_code is None else f"（{event.reason_code}）"
    return _both(f"计时{event.clock.id}{_CHANGED[event.what]}{why_zh}", f"clock {event.clock.id} {event.what}{why}")


def _rung(ladder: str, reached: Reached) -> Text:
    zh, en = _OUTCOMES[reached.outcome]
    rung = f"{reached.rung}#{reached.round}" if reached.round else reached.rung
    told = f" → {', '.join(reached.told)}" if reached.told else ""
    told_zh = f" → {'、'.join(reached.told)}" if reached.told else ""
    why = "" if reached.why is None else f": {reached.why.say()}"
    why_zh = "" if reached.why is None else f"：{reached.why.say('zh')}"
    return _both(f"升级{ladder}/{rung}{zh}{told_zh}{why_zh}", f"rung {ladder}/{rung} {en}{told}{why}")


def _moved(event: DeadlinesMoved) -> Text:
    parts = tuple(f"{one.clock}: {_when(one.old)} → {_when(one.new)}" for one in event.moved)
    return _both(
        f"期限变动（{event.because}）：{'；'.join(parts)}", f"deadlines moved by {event.because}: {'; '.join(parts)}"
    )


def _when(due: object) -> str:
    if isinstance(due, Due):
        return f"{due.at:%Y-%m-%d %H:%M}"
    return f"? ({due.reason})" if isinstance(due, Unknown) else "–"
