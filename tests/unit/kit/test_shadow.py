"""Scoring what is stored under other rules: who moves, why, what cannot be told, and that nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.errors import MissingKey, NotFound, Unsupported
from branchkit.kit import Kit, RuleBook, Shadowed
from branchkit.kit.core import CorePlugin
from branchkit.plugins import BranchkitHooks, HookContext, Plugins, ScoringPolicyRecord
from branchkit.plugins.config import Config, Use
from branchkit.scoring import Evidence, FixPlan, Score
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Text
from tests.unit.kit.house import FOLDER, open_kit, register, rules, sheet, submit

ROUND = (FOLDER / "checklists" / "round.toml").read_text(encoding="utf-8")
POINTS = (FOLDER / "policies" / "points.toml").read_text(encoding="utf-8")
Files = Mapping[str, str]


def other(root: Path, files: Files, config: Config | None = None) -> RuleBook:
    """Return the rules of the house with some files in place of its own, or beside them."""
    own = {"checklists/round.toml": ROUND, "policies/points.toml": POINTS}
    for place, text in (own | dict(files)).items():
        if text:
            file = root / place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return attrs.evolve(rules(), catalog=Catalog((CatalogRoot("house", root),)), config=config or Config())


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """Return a document with some words in place of others, and the next version."""
    for old, new in (*pairs, ('version = "1"', 'version = "2"')):
        assert old in text
        text = text.replace(old, new)
    return text


def head(kit: Kit) -> str:
    with kit.store.transaction(write=False) as tx:
        return tx.head()


def shown(one: Shadowed) -> tuple[str, str, str]:
    return one.moved, str(one.before), str(one.after)


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Give a kit with a good sheet, a poor one, one that was revised, and a draft."""
    with open_kit() as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", 1, floor="fail", remark="the tiles are dull")))
        kit.do(submit(sheet("S2", 2, floor="fail", screens=("ATM-1", "ATM-2"))))
        kit.do(submit(sheet("S3", 3)))
        kit.do(submit(sheet("S4", 4, lights="fail", supersedes="S3")))
        kit.do(submit(sheet("D", 5, state="draft", answers=())))
        yield kit


def test_the_rules_in_force_move_nobody(kit: Kit) -> None:
    """Under the rules in force, and under the same policy by its key, every final sheet that counts stays as it is."""
    before = head(kit)
    found = [tuple(kit.shadow(one)) for one in (kit.rules, "house.points", rules())]

    assert ["S1", "S2", "S4"] == [one.sheet for one in found[0]]
    assert found[0] == found[1] == found[2]
    assert [("same", "90 good"), ("same", "70 poor"), ("same", "90 good")] == [
        (o.moved, str(o.after)) for o in found[0]
    ]
    assert [one.before for one in found[0]] == [one.after for one in found[0]]
    assert not any(one.is_changed or one.lost or one.gained or one.notes for one in found[0])
    assert before == head(kit)


def test_another_policy_moves_with_its_steps(kit: Kit, tmp_path: Path) -> None:
    """A stricter document in place of the policy makes a sheet worse, and the steps that differ say why."""
    strict = other(tmp_path, {"policies/points.toml": changed(POINTS, ('points = "10"', 'points = "20"'))})
    before = head(kit)
    found = {one.sheet: one for one in kit.shadow(strict)}

    assert ("worse", "90 good", "80 poor") == shown(found["S1"])
    assert ("same", "70 poor", "40 poor") == shown(found["S2"])
    assert not found["S2"].is_changed
    assert ("house.points@1", "house.points@2") == (found["S1"].before.policy, found["S1"].after.policy)
    assert [
        "- -10  failed [item:house.round/floor]",
        "+ -20  failed [item:house.round/floor]",
    ] == list(found["S1"].why())
    assert "+ -20  不合格 [item:house.round/floor]" in list(found["S1"].why("zh"))
    assert before == head(kit)


def test_a_configuration_names_another_policy(kit: Kit, tmp_path: Path) -> None:
    """What a configuration says for a branch is compared with what was; other bands go by the share of points."""
    kind = changed(
        POINTS,
        ('id = "house.points"', 'id = "house.kind"'),
        ('points = "10"', 'points = "1"'),
        ('start = "100"', 'start = "10"'),
        ('ceiling = "100"', 'ceiling = "10"'),
        ('above = "85"', 'above = "7"'),
        ('code = "good"', 'code = "green"'),
        ('code = "poor"', 'code = "red"'),
    )
    config = Config(use=(Use(what="scoring_policy", key="house.kind", branch="B-1"),))
    found = {one.sheet: one for one in kit.shadow(other(tmp_path, {"policies/kind.toml": kind}, config))}

    assert ("same", "90 good", "9 green") == shown(found["S1"])
    assert found["S1"].is_changed
    assert ("same", "70 poor", "7 red") == shown(found["S2"])


def test_a_checklist_of_other_severities_is_read_anew(kit: Kit, tmp_path: Path) -> None:
    """A sheet is read by the checklist in force there, bound as it was bound; what is not asked any more is told."""
    floor = ROUND[ROUND.index('[[sections.items]]\nid = "floor"') : ROUND.index('[[sections.items]]\nid = "lights"')]
    found = {
        one.sheet: one for one in kit.shadow(other(tmp_path, {"checklists/round.toml": changed(ROUND, (floor, ""))}))
    }

    assert ("same", "90 good", "100 good") == shown(found["S1"])
    assert ["not asked any more: floor"] == list(found["S1"].why())[-1:]
    assert ("same", "90 good", "90 good") == shown(found["S4"])
    assert ("same", "70 poor", "80 poor") == shown(found["S2"])


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([('id = "lights"', 'id = "lamps"')], "it was not asked then: lamps"),
        (
            [('kinds = ["atm"] }', 'kinds = ["atm"], working = true }')],
            "what the branch had then is not kept, so it is not known what is asked of: machines/screen",
        ),
        (
            [('answer = { kind = "text" }', 'answer = { kind = "text", public = true }')],
            "its answers do not fit that checklist: Expected `value` for this item, not `words`",
        ),
        ([('id = "house.round"', 'id = "house.tour"')], "the other catalog has no checklist house.round"),
    ],
)
def test_what_was_not_asked_is_not_made_up(kit: Kit, tmp_path: Path, pairs: Any, why: str) -> None:
    """A sheet that the other checklist cannot be bound to is without a score there, and the reason is told."""
    policy = POINTS.replace('"house.round"', '"house.tour"') if "tour" in str(pairs) else POINTS
    text = changed(ROUND, *pairs)
    files = {"checklists/round.toml": "", "checklists/tour.toml": text} if "tour" in str(pairs) else {}
    found = next(kit.shadow(other(tmp_path, files or {"checklists/round.toml": text, "policies/points.toml": policy})))

    assert ("unscored", "90 good") == shown(found)[:2]
    assert found.after.points is None
    assert found.is_changed
    assert why in list(found.why())


def test_dimensions_of_values_are_bound_from_facts(kit: Kit, tmp_path: Path) -> None:
    """What is asked for listed values needs no branch; here nothing was answered for them, which is told."""
    each = 'for_each = [{ kind = "value", name = "side", values = ["left", "right"] }]'
    text = changed(ROUND, ('not_applicable = "with_reason"', f'not_applicable = "with_reason"\n{each}'))
    found = next(kit.shadow(other(tmp_path, {"checklists/round.toml": text})))

    assert any("side:left; side:right" in line for line in found.why())


def test_what_it_would_lack_is_told(kit: Kit, tmp_path: Path) -> None:
    """Evidence that is demanded only now does not take the score away, but is told."""
    text = changed(ROUND, ('severity = "minor"', 'severity = "minor"\nevidence = [{ on = "fail", needs = ["photo"] }]'))
    found = next(kit.shadow(other(tmp_path, {"checklists/round.toml": text})))

    assert ("same", "90 good", "90 good") == shown(found)
    assert any(line.startswith("handed in today it would lack: ") for line in found.why())


def test_facts_of_another_type_do_not_fit(tmp_path: Path) -> None:
    """A fact that the other checklist declares as something else is named; one it does not declare is left out."""
    hall = '[[sections]]\nid = "hall"'
    fact = f'facts = [{{ name = "visitors", type = "number" }}, {{ name = "noise", type = "bool" }}]\n{hall}'
    mine = other(tmp_path / "mine", {"checklists/round.toml": ROUND.replace(hall, fact)})
    theirs = {
        "date": fact.replace('type = "number"', 'type = "date"'),
        "fewer": fact.replace(', { name = "noise", type = "bool" }', ""),
    }
    files = {n: {"checklists/round.toml": changed(ROUND, (hall, t))} for n, t in theirs.items()}
    with Kit.open("memory:", rules=mine) as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", facts={"visitors": "12", "noise": True})))
        date, fewer = (next(kit.shadow(other(tmp_path / name, files[name]))) for name in theirs)

    assert ["its facts do not fit that checklist: visitors"] == list(date.why())
    assert ("same", "100 good", "100 good") == shown(fewer)


def test_sheets_of_earlier_versions_stay_with_theirs(kit: Kit, tmp_path: Path) -> None:
    """Where the rules in force have gone on to a next version, an old sheet is compared by the version of its day."""
    later = changed(ROUND, ('severity = "minor"', 'severity = "critical"'))
    both = {"checklists/round.toml": later, "checklists/round@1.toml": ROUND}
    kit.rules = other(tmp_path / "mine", both)
    same = list(kit.shadow(kit.rules))
    gone = next(kit.shadow(other(tmp_path / "theirs", {"checklists/round.toml": later})))
    kit.rules = other(tmp_path / "theirs", {"checklists/round.toml": later})
    found = next(kit.shadow(other(tmp_path / "mine", both)))
    lost = next(kit.shadow(kit.rules))

    assert ["same"] * 3 == [one.moved for one in same]
    assert ["the other catalog has no checklist house.round 1"] == list(gone.why())[-1:]
    assert ("same", "90 good", "90 good") == shown(found)
    assert "unscored" == lost.moved


def test_a_checklist_that_nobody_has_any_more(kit: Kit, tmp_path: Path) -> None:
    """A sheet whose checklist was changed under its version cannot be read; before stands what was stored."""
    text = ROUND.replace('severity = "minor"', 'severity = "major"')
    kit.rules = other(tmp_path, {"checklists/round.toml": text})
    found = next(kit.shadow(kit.rules))

    assert ("unscored", "90 good") == shown(found)[:2]
    assert ["the checklist house.round 1 as it was filled in is in neither catalog"] == list(found.why())


def test_where_no_score_was_stored_the_rules_in_force_make_it(tmp_path: Path) -> None:
    """Sheets handed in without a policy are compared as the rules in force score them now, or do not."""
    bare = other(tmp_path / "bare", {"checklists/round.toml": ROUND.replace('policy = "house.points"\n', "")})
    named = attrs.evolve(bare, config=Config(use=(Use(what="scoring_policy", key="house.points"),)))
    with Kit.open("memory:", rules=bare) as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", floor="fail")))
        nowhere, now = (next(kit.shadow(one)) for one in (bare, named))
        kit.rules = named
        here = next(kit.shadow(bare))

    assert "same" == nowhere.moved
    assert ["no policy is named for house.round"] == list(nowhere.why())
    assert "unscored" == now.moved
    assert ["no policy is named for house.round"] == list(now.why())
    assert "90 good" == str(now.after)
    assert ("unscored", "90 good") == shown(here)[:2]


def test_a_policy_that_is_gone_leaves_its_score(kit: Kit, tmp_path: Path) -> None:
    """The stored score is compared though the policy that gave it is gone; that its steps are gone too is told."""
    kit.rules = other(tmp_path, {"policies/points.toml": changed(POINTS, ('points = "10"', 'points = "20"'))})
    found = next(kit.shadow(kit.rules))

    assert ("worse", "90 good", "80 poor") == shown(found)
    assert () == found.lost
    assert any("the steps of house.points@1 cannot be shown" in line for line in found.why())


def test_an_earlier_version_of_a_policy_tells_its_steps(kit: Kit, tmp_path: Path) -> None:
    """Where the catalog keeps the policy of the day, the score it gave is told with its steps."""
    later = changed(POINTS, ('points = "10"', 'points = "20"'))
    kit.rules = other(tmp_path, {"policies/points.toml": later, "policies/points@1.toml": POINTS})
    found = next(kit.shadow(kit.rules))

    assert ["- -10  failed [item:house.round/floor]", "+ -20  failed [item:house.round/floor]"] == list(found.why())


def test_erased_words_are_told(kit: Kit) -> None:
    """A sheet whose words or photos were erased is still scored, and it is told that they cannot be seen."""
    photographed = sheet("S5", 6)
    answers = (attrs.evolve(photographed.answers[0], photos=("floor.jpg",)), *photographed.answers[1:])
    kit.do(submit(attrs.evolve(photographed, answers=answers)))
    with kit.store.transaction() as tx:
        for one in tx.sealed():
            tx.erase(one.ref)
    kit.rebuild()
    found = {one.sheet: one for one in kit.shadow(kit.rules)}

    told = "words or references to files in it were erased since: not all it was scored by can be seen"
    assert [told] == list(found["S1"].why()) == list(found["S5"].why())
    assert [] == list(found["S2"].why())
    assert ("same", "90 good", "90 good") == shown(found["S1"])


def test_words_that_were_erased_stay_readable_however_short_they_had_to_be(tmp_path: Path) -> None:
    """What stands for erased words is read even where the item takes fewer characters than it has."""
    short = ROUND.replace('answer = { kind = "text" }', 'answer = { kind = "text", max_length = 4 }')
    mine = other(tmp_path, {"checklists/round.toml": short})
    with Kit.open("memory:", rules=mine) as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", remark="dull")))
        with kit.store.transaction() as tx:
            for one in tx.sealed():
                tx.erase(one.ref)
        kit.rebuild()
        found = next(kit.shadow(mine))

    assert ("same", "100 good", "100 good") == shown(found)
    assert found.notes


def test_a_sheet_that_became_unreadable_keeps_its_score(tmp_path: Path) -> None:
    """Where a stored sheet no longer fits the checklist it was filled in against, its score stands, with the reason."""
    short = ROUND.replace('answer = { kind = "text" }', 'answer = { kind = "text", max_length = 4 }')
    mine = other(tmp_path, {"checklists/round.toml": short})
    with Kit.open("memory:", rules=mine) as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", remark="dull")))
        with kit.store.transaction() as tx:
            stored = tx.get("sheet", "S1")
            assert stored is not None
            index = {"branch": "B-1", "checklist": "house.round", "state": "final"}
            tx.put("sheet", "S1", json.loads(stored.text.replace("dull", "far too long")), index=index)
        found = next(kit.shadow(mine))

    assert ("unscored", "100 good") == shown(found)[:2]
    assert "the sheet cannot be read any more: Expected 1 to 4 characters for item 'remark'" in list(found.why())


def test_only_some_checklists(kit: Kit, tmp_path: Path) -> None:
    """Sheets of other checklists are left alone; a name that is none is told at once."""
    assert [] == list(kit.shadow(kit.rules, checklists=("outdoor",)))
    assert 3 == len(list(kit.shadow(kit.rules, checklists=("house.round", "house.round"))))
    assert [] == list(kit.shadow("environment"))
    with pytest.raises(NotFound, match=r"No checklist 'house\.tour'"):
        kit.shadow(kit.rules, checklists=("house.tour",))
    with pytest.raises(MissingKey):
        kit.shadow("house.nothing")


class Coded:
    """A policy in code: as many points as it is told, without bands, or a refusal."""

    version = "1"
    capabilities = frozenset[str]()

    def __init__(self, id: str, points: Decimal | None) -> None:
        self.id = id
        self.points = points

    def score(self, evidence: Evidence) -> Decision[Score]:
        """Score."""
        if self.points is None:
            raise Unsupported("score", self.id, "it is only here to refuse")
        step = Step(what=Text(zh="定值", en="fixed"), effect=self.points)
        trace = Trace(policy=self.id, version="1", plugin="trial", inputs=evidence.refs, steps=(step,))
        return Decision(Score(points=self.points, band=None), trace)

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Any = None) -> FixPlan:
        """Refuse."""
        raise Unsupported("cheapest_fixes", self.id, "it knows none")


class Trial(BranchkitHooks):
    """Brings two policies."""

    name = "trial"

    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        """Return them."""
        given = (("trial.much", Decimal(95)), ("trial.never", None))
        return tuple(ScoringPolicyRecord(key, version="1", policy=Coded(key, points)) for key, points in given)


def test_policies_in_code_are_compared_by_points(kit: Kit) -> None:
    """Where there is no ladder of bands the points decide; a policy that refuses gives no score, with its reason."""
    plugins = Plugins.load(builtin=(CorePlugin(),), extra=(Trial(),), entry_points=False)
    kit.rules = attrs.evolve(kit.rules, plugins=plugins)
    much, never = (next(kit.shadow(key)) for key in ("trial.much", "trial.never"))

    assert ("better", "90 good", "95") == shown(much)
    assert "+ +95  fixed" in list(much.why())
    assert "unscored" == never.moved
    assert "it cannot be scored" in "".join(never.why())


def test_a_score_that_would_now_be_another_is_told(kit: Kit, tmp_path: Path) -> None:
    """Where the policy that gave a score now gives another one under its version, before stands what was stored."""
    start = POINTS.replace('start = "100"', 'start = "95"')
    kit.rules = other(tmp_path, {"policies/points.toml": start})
    found = next(kit.shadow(kit.rules))

    assert ("worse", "90 good", "85 poor") == shown(found)
    assert any("by house.points@1 it would now come to 85 poor" in line for line in found.why())


def test_sections_asked_of_devices_are_bound_as_they_were(tmp_path: Path) -> None:
    """What a section is asked of is taken from the pin, wherever the other checklist asks for the same."""
    each = 'for_each = [{ kind = "equipment", kinds = ["atm"] }]'
    mine = ROUND.replace(f"{each}\n", "").replace('en = "Machines" }', f'en = "Machines" }}\n{each}')
    with Kit.open("memory:", rules=other(tmp_path / "mine", {"checklists/round.toml": mine})) as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", screens=("ATM-1",))))
        found = next(kit.shadow(other(tmp_path / "theirs", {"checklists/round.toml": changed(ROUND)})))

    assert ("same", "90 good", "90 good") == shown(found)
    assert () == found.notes


def test_pages_are_gone_through(tmp_path: Path) -> None:
    """More sheets than one page holds are all told once, in the order of their ids."""
    with open_kit(f"sqlite:///{tmp_path}/branch.db?sync=normal") as kit:
        kit.do(register())
        list(kit.do_all(submit(sheet(f"S{n:03}", n / 100)) for n in range(205)))
        found = [one.sheet for one in kit.shadow(kit.rules)]

    assert [f"S{n:03}" for n in range(205)] == found
