"""Scores what is stored under other rules, beside the rules in force, and says who moves and why; changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import attrs

from branchkit.checklists import Checklist, Reading, read, rebind
from branchkit.errors import InputError, MissingKey, NotFound, Unsupported
from branchkit.estate import Branch
from branchkit.kit.documents import loaded
from branchkit.kit.floors.filed import Filed
from branchkit.kit.rebinding import reread
from branchkit.kit.rules import RuleBook
from branchkit.kit.scored import ScoreRecord, scored
from branchkit.kit.world import StoreWorld
from branchkit.personal import ERASED_WORD
from branchkit.scoring import Evidence, RubricPolicy, Score, ScoringPolicy
from branchkit.trace import Step
from branchkit.values import Text

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["Shadowed", "Standing", "shadow"]

Moved = Literal["better", "worse", "same", "unscored"]
_PAGE = 100
_GONE = Text(
    zh="其中的文字或文件引用已被删除，评分时的依据不能再全部看到",
    en="words or references to files in it were erased since: not all it was scored by can be seen",
)


@attrs.frozen(kw_only=True)
class Standing:
    """What a sheet comes to under some rules."""

    points: Decimal | None
    band: str | None
    policy: str | None
    """Key and version, as ``house.points@1``; ``None`` where none is named for it."""
    reason: Text | None = None
    """Why there is no score."""

    def __str__(self) -> str:
        score = Score(points=self.points, band=self.band, reason=self.reason)
        return str(score) if self.points is not None or self.reason is not None else "not scored"


@attrs.frozen(kw_only=True)
class Shadowed:
    """One sheet under the rules in force and under others."""

    sheet: str
    branch: str
    checklist: str
    at: dt.datetime
    before: Standing
    """As it was scored when it was handed in; where it was not, as the rules in force score it."""
    after: Standing
    """As the other rules score it."""
    moved: Moved
    """``unscored`` where only one of the two is a score. Otherwise by the bands, where the other policy knows both of
    them, and else by the points, as a share of the most there are where both policies say that."""
    lost: tuple[Step, ...] = ()
    """The steps that only the score before has; empty where both scores are the same, or there are not two."""
    gained: tuple[Step, ...] = ()
    """The steps that only the score after has."""
    notes: tuple[Text, ...] = ()
    """What else is to be known: why there is no score, what is not asked any more, what can no longer be seen."""

    @property
    def is_changed(self) -> bool:
        """True where the band is another, or it moved."""
        return self.moved != "same" or self.before.band != self.after.band

    def why(self, lang: str = "en") -> Iterator[str]:
        """Yield why as lines: ``-`` for a step of before, ``+`` for one of after, and the notes as they are."""
        yield from (f"- {step.say(lang)}" for step in self.lost)
        yield from (f"+ {step.say(lang)}" for step in self.gained)
        yield from (note.say(lang) for note in self.notes)


def shadow(kit: Kit, rules: RuleBook | str, *, checklists: Iterable[str] | None = None) -> Iterator[Shadowed]:
    """Yield every final sheet that counts, scored under other rules too; see `Kit.shadow`."""
    other = kit.rules if isinstance(rules, str) else rules
    policy = kit.rules.policy(rules) if isinstance(rules, str) else None
    wanted = None if checklists is None else tuple(dict.fromkeys(checklists))
    known = {*kit.rules.catalog.index.ids("checklist"), *other.catalog.index.ids("checklist")}
    for name in wanted or ():
        if name not in known:
            raise NotFound("checklist", name, tuple(sorted(known)))
    if wanted is None and isinstance(policy, RubricPolicy) and policy.checklists:
        wanted = policy.checklists
    return _pages(kit, _Comparison(kit.rules, other, policy), wanted)


def _pages(kit: Kit, comparison: _Comparison, wanted: tuple[str, ...] | None) -> Iterator[Shadowed]:
    for where in [{}] if wanted is None else [{"checklist": name} for name in wanted]:
        after: str | None = None
        while True:
            # A transaction for each page: whoever is slow to take the answers keeps nobody from writing meanwhile.
            with kit.store.transaction(write=False) as tx:
                page = tx.find("sheet", {**where, "state": "final"}, after=after, limit=_PAGE)
                world = StoreWorld(tx, kit.rules, where=kit.store.where)
                found = [comparison.of(loaded(one, where=kit.store.where), world) for one in page.items]
            yield from found
            after = page.next
            if after is None:
                break


@attrs.frozen
class _Scored:
    """What a policy made of a sheet, with what tells why."""

    standing: Standing
    policy: ScoringPolicy | None = None
    steps: tuple[Step, ...] = ()


class _Comparison:
    """Scores sheets under the rules in force and under others."""

    def __init__(self, mine: RuleBook, other: RuleBook, policy: ScoringPolicy | None) -> None:
        self._mine = mine
        self._other = other
        self._policy = policy

    def of(self, filed: Filed, world: StoreWorld) -> Shadowed:
        """Return one sheet under both."""
        sheet = filed.sheet
        branch = world.branch(sheet.branch) or Branch(sheet.branch)
        record: ScoreRecord | None = world.current("score", sheet.id)
        pinned = self._pinned(filed)
        judged, notes = self._judged(filed, pinned)
        now = self._after(judged, branch, world)
        before = None if record is None else _standing(record)
        moved: Moved = "same"
        lost: tuple[Step, ...] = ()
        gained: tuple[Step, ...] = ()
        if before is None or (before.points, before.band) != (now.standing.points, now.standing.band):
            # What was stored is the score without its steps, so it is made again where they are asked for.
            then = self._then(record, pinned, branch, world)
            moved = _moved(before or then.standing, now.standing, then.policy, now.policy)
            if before is not None and now.standing.points is not None:
                notes += tuple(_unseen(before, then))
            before = before or then.standing
            if None not in (before.points, now.standing.points):
                lost, gained = _differing(then.steps, now.steps)
        reasons = dict.fromkeys(one.reason for one in (before, now.standing) if one.reason is not None)
        notes = (*reasons, *notes)
        if _has_erased(filed, record, pinned):
            notes += (_GONE,)
        return Shadowed(
            sheet=sheet.id,
            branch=sheet.branch,
            checklist=sheet.checklist,
            at=sheet.at,
            before=before,
            after=now.standing,
            moved=moved,
            lost=lost,
            gained=gained,
            notes=notes,
        )

    def _pinned(self, filed: Filed) -> Reading | Text:
        """Return the sheet as it reads by the checklist it was filled in against, whichever catalog still has it."""
        pin = filed.pin
        for rules in (self._mine, self._other):
            checklist = _checklist(rules, pin.checklist, pin.version)
            if checklist is not None and checklist.digest() == pin.checklist_digest:
                try:
                    return read(filed.sheet, rebind(checklist, pin))
                except InputError as error:
                    told = "; ".join(problem.message for problem in error.problems)
                    return Text(zh=f"检查表已无法读取：{told}", en=f"the sheet cannot be read any more: {told}")
        name = f"{pin.checklist} {pin.version}"
        en = f"the checklist {name} as it was filled in is in neither catalog"
        return Text(zh=f"两个规范库中都没有当时的检查表 {name}", en=en)

    def _judged(self, filed: Filed, pinned: Reading | Text) -> tuple[Reading | Text, tuple[Text, ...]]:
        """Return the sheet as it reads by the other rules, with what is to be said about that."""
        pin = filed.pin
        in_force = _checklist(self._mine, pin.checklist)
        current = in_force is not None and in_force.digest() == pin.checklist_digest
        # A sheet of an earlier version stays one of that version; else what is in force there takes the place.
        checklist = _checklist(self._other, pin.checklist, None if current else pin.version)
        if checklist is None:
            name = pin.checklist if current else f"{pin.checklist} {pin.version}"
            return Text(zh=f"另一规范库中没有检查表 {name}", en=f"the other catalog has no checklist {name}"), ()
        if isinstance(pinned, Text) or checklist.digest() == pin.checklist_digest:
            return pinned, ()
        found = reread(filed, checklist, pinned)
        return (found, ()) if isinstance(found, Text) else found

    def _after(self, judged: Reading | Text, branch: Branch, world: StoreWorld) -> _Scored:
        if isinstance(judged, Text):
            return _Scored(Standing(points=None, band=None, policy=None, reason=judged))
        policy = self._policy or self._other.policy_for(judged.bound.checklist, branch, world.unit)
        return _score(policy, judged)

    def _then(self, record: ScoreRecord | None, pinned: Reading | Text, branch: Branch, world: StoreWorld) -> _Scored:
        """Return the score by the policy that gave it; where none did, by the rules in force."""
        if isinstance(pinned, Text):
            return _Scored(Standing(points=None, band=None, policy=None, reason=pinned))
        if record is None:
            return _score(self._mine.policy_for(pinned.bound.checklist, branch, world.unit), pinned)
        return _score(_policy(self._mine, record.policy, record.version), pinned)


def _checklist(rules: RuleBook, id: str, version: str | None = None) -> Checklist | None:
    try:
        return rules.checklist(id, version)
    except NotFound:
        return None


def _policy(rules: RuleBook, key: str, version: str) -> ScoringPolicy | None:
    """Return a policy of a certain version, where it is still there."""
    try:
        policy = rules.policy(key)
        return policy if policy.version == version else rules.catalog.policy(key, version)
    except (MissingKey, NotFound):
        return None


def _score(policy: ScoringPolicy | None, reading: Reading) -> _Scored:
    if policy is None:
        name = reading.sheet.checklist
        why = Text(zh=f"没有为 {name} 指定评分策略", en=f"no policy is named for {name}")
        return _Scored(Standing(points=None, band=None, policy=None, reason=why))
    named = f"{policy.id}@{policy.version}"
    try:
        decision = scored(policy, Evidence.of(reading))
    except (InputError, Unsupported) as error:
        why = Text(zh=f"无法评分：{error}", en=f"it cannot be scored: {error}")
        return _Scored(Standing(points=None, band=None, policy=named, reason=why), policy)
    score = decision.value
    standing = Standing(points=score.points, band=score.band, policy=named, reason=score.reason)
    return _Scored(standing, policy, decision.trace.steps)


def _standing(record: ScoreRecord) -> Standing:
    policy = f"{record.policy}@{record.version}"
    return Standing(points=record.points, band=record.band, policy=policy, reason=record.reason)


def _unseen(before: Standing, then: _Scored) -> Iterator[Text]:
    """Yield what can no longer be told of the score that was given."""
    if then.policy is None:
        en = f"the steps of {before.policy} cannot be shown: that policy, or the checklist, is not there any more"
        yield Text(zh=f"无法显示 {before.policy} 的评分步骤：该策略或检查表已不存在", en=en)
    elif (then.standing.points, then.standing.band) != (before.points, before.band):
        en = f"by {before.policy} it would now come to {then.standing}: what it rested on was changed or erased"
        yield Text(zh=f"按 {before.policy} 现在应为 {then.standing}：评分依据已变更或删除", en=en)


def _has_erased(filed: Filed, record: ScoreRecord | None, pinned: Reading | Text) -> bool:
    for answer in filed.sheet.answers:
        if ERASED_WORD in (answer.words, answer.not_applicable, answer.unknown, answer.note):
            return True
    # What is gone without a word, as a photo, shows by the digest of the sheet, where the score names digests.
    if record is None or isinstance(pinned, Text) or pinned.bound.digest not in record.digests:
        return False
    return pinned.digest not in record.digests


def _differing(before: tuple[Step, ...], after: tuple[Step, ...]) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """Return the steps that only the one has and those that only the other has, in their order."""
    return tuple(_beyond(before, after)), tuple(_beyond(after, before))


def _beyond(steps: tuple[Step, ...], others: tuple[Step, ...]) -> Iterator[Step]:
    left = Counter(others)
    for step in steps:
        if left[step] > 0:
            left[step] -= 1
        else:
            yield step


def _moved(before: Standing, after: Standing, old: ScoringPolicy | None, new: ScoringPolicy | None) -> Moved:
    if before.points is None or after.points is None:
        return "same" if before.points is after.points else "unscored"
    if before.band is not None and before.band == after.band:
        return "same"
    bands = [band.code for band in new.bands] if isinstance(new, RubricPolicy) else []
    if before.band in bands and after.band in bands:
        return "better" if bands.index(after.band) < bands.index(before.band) else "worse"
    most = [Fraction(one.ceiling) if isinstance(one, RubricPolicy) else Fraction(0) for one in (old, new)]
    shares = [Fraction(before.points), Fraction(after.points)]
    if all(most):
        shares = [share / whole for share, whole in zip(shares, most, strict=True)]
    if shares[0] == shares[1]:
        return "same"
    return "better" if shares[0] < shares[1] else "worse"
