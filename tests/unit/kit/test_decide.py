"""What each command leads to, and every reason why it is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchkit.checklists import Answer
from branchkit.errors import PluginFailed, Refused
from branchkit.estate import (
    Branch,
    Entry,
    Equipment,
    EquipmentState,
    InstallEquipment,
    OrgUnit,
    PublishCalendar,
    RecordEntry,
    RegisterUnit,
    ReviseBranch,
    SetEquipmentState,
)
from branchkit.findings import Finding, FindingState
from branchkit.kit import Filed, Kit, RuleBook, ScoreRecord
from branchkit.kit.core import CorePlugin
from branchkit.kit.decide import decide
from branchkit.kit.scored import scored
from branchkit.messages import Command
from branchkit.plugins import BranchkitHooks, Config, HookContext, Plugins, ScoringPolicyRecord, Use
from branchkit.scoring import Score, ScoringPolicy
from branchkit.temporal import Calendar
from branchkit.trace import Decision, Trace
from branchkit.values import FrozenMap, Ref, Text
from tests.unit.kit.house import BRANCH, CLERK, HEAD, INSPECTOR, at, close, open_kit, register, rules, sheet, submit

HEAD_OFFICE = OrgUnit("U-1", level="head_office")
CALENDAR = Calendar(
    "demo",
    version="1",
    title=Text(en="Demo"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
)
APPROVAL = FrozenMap({"reference": "A-1", "authority": "the regulator", "approved_on": "2026-01-05"})


def unit(one: OrgUnit, hours: float = 1) -> Command:
    return RegisterUnit(one, by=CLERK, at=at(hours))


def revise(branch: Branch, hours: float = 1) -> Command:
    return ReviseBranch(branch, by=CLERK, at=at(hours))


def install(device: Equipment, branch: str = "B-1") -> Command:
    return InstallEquipment(branch, device, by=HEAD, at=at(1))


def state(to: EquipmentState, device: str = "ATM-1", branch: str = "B-1", hours: float = 1) -> Command:
    return SetEquipmentState(branch, device, to, by=HEAD, at=at(hours))


def entry(id: str, hours: float = 1, **more: Any) -> Command:
    one = Entry(id, **{"register": "outlet-approvals", "branch": "B-1", "values": APPROVAL, **more})
    return RecordEntry(one, by=HEAD, at=at(hours))


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Give a kit that knows head office, the branch of the house, an approval, and one sheet with two findings."""
    with open_kit() as kit:
        kit.do(unit(HEAD_OFFICE, 0))
        kit.do(register())
        kit.do(register(Branch("B-2"), hours=0.1))
        kit.do(entry("E-1", 0.2))
        kit.do(submit(sheet("S1", 1, floor="fail", screens=("ATM-1",))))
        yield kit


REFUSED: dict[str, tuple[Command, str]] = {
    "a unit without its superior": (
        unit(OrgUnit("U-2", level="tier1_branch", parent="U-9")),
        "the superior unit 'U-9' is not registered; register it first",
    ),
    "a unit below itself": (
        unit(attrs.evolve(HEAD_OFFICE, parent="U-1")),
        "the unit 'U-1' would stand below itself",
    ),
    "a branch of no unit": (register(Branch("B-3", unit="U-9")), "the unit 'U-9' is not registered"),
    "a branch that is there": (register(Branch("B-1"), id="x"), "registered already; revise it instead"),
    "revising what is not there": (revise(Branch("B-9")), "the branch 'B-9' is not registered; register it first"),
    "a device at no branch": (install(Equipment("X", kind="atm"), "B-9"), "the branch 'B-9' is not registered"),
    "a device that is there": (install(Equipment("ATM-1", kind="safe")), "already has equipment 'ATM-1'"),
    "a device in no zone": (install(Equipment("X", kind="atm", zone="Z-9")), "no zone 'Z-9'; there are: Z-1"),
    "a device with doubled parts": (
        install(Equipment("X", kind="atm", parts=(Equipment("Y", kind="reader"), Equipment("Y", kind="reader")))),
        "'Y' stands there again",
    ),
    "a state of nothing": (state(EquipmentState.DEGRADED, "ATM-9"), "the branch 'B-1' has no equipment 'ATM-9'"),
    "an entry of no branch": (entry("E-2", branch="B-9"), "the branch 'B-9' is not registered"),
    "an entry of no register": (entry("E-2", register="nothing"), "No register 'nothing'; there are: "),
    "an entry that lacks a field": (entry("E-2", values=FrozenMap()), "Missing 'reference'"),
    "an entry with a value taken": (entry("E-2"), "entry 'E-1' has the same"),
    "an entry of another branch": (entry("E-1", branch="B-2"), "the entry 'E-1' belongs to the branch 'B-1'"),
    "a sheet of no branch": (submit(sheet("S2", branch="B-9")), "the branch 'B-9' is not registered"),
    "a sheet that is there": (submit(sheet("S1", 3)), "a sheet 'S1' is filed already"),
    "a sheet from the future": (
        submit(sheet("S2", 3), at=at(1)),
        "the sheet is dated after it was told",
    ),
    "a sheet for nothing": (submit(sheet("S2", supersedes="S9")), "the sheet 'S9' that it supersedes is not filed"),
    "a draft for a final sheet": (
        submit(sheet("S2", supersedes="S1", state="draft")),
        "is final; a draft cannot supersede it",
    ),
    "a sheet for another branch's": (
        submit(sheet("S2", branch="B-2", machines=(), supersedes="S1")),
        "is of another branch or checklist",
    ),
    "a sheet of no checklist": (
        submit(attrs.evolve(sheet("S2"), checklist="house.nothing")),
        "No checklist 'house.nothing'; there are: ",
    ),
    "a sheet of no version": (submit(attrs.evolve(sheet("S2"), version="7")), "No version of checklist"),
    "an answer to nothing": (submit(sheet("S2", answers=(Answer("nothing", value="pass"),))), "Unknown item 'nothing'"),
    "an incomplete sheet": (submit(sheet("S2", answers=())), "Expected an answer to item 'floor'"),
    "a finding that is not there": (close("S9/floor"), "the branch 'B-1' has no finding 'S9/floor'"),
    "a finding of another branch": (close("S1/floor", branch="B-2"), "the branch 'B-2' has no finding 'S1/floor'"),
    "closing without a reason": (close("S1/floor", reason=" "), "only with a reason"),
    "closing before it was seen": (close("S1/floor", 0.5), "was seen only after that"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_why_and_changes_nothing(kit: Kit, name: str) -> None:
    """What cannot be is refused with its reason, and the store is as it was."""
    command, reason = REFUSED[name]
    with kit.store.transaction(write=False) as tx:
        before = tx.head()
    with pytest.raises(Refused) as caught:
        kit.do(command)

    assert reason in str(caught.value)
    assert [str(caught.value)] == [str(one) for one in kit.do_all([command])]
    with kit.store.transaction(write=False) as tx:
        assert before == tx.head()
    assert kit.verify().ok


def test_a_unit_closing_a_circle_is_refused(kit: Kit) -> None:
    """Head office cannot come to hang below what hangs below it."""
    kit.do(unit(OrgUnit("U-2", level="tier1_branch", parent="U-1")))
    with pytest.raises(Refused, match="would stand below itself"):
        kit.do(unit(attrs.evolve(HEAD_OFFICE, parent="U-2"), 2))


def test_a_retired_device_stays_retired(kit: Kit) -> None:
    """A device that is gone comes back only as a new one; retiring it again is nothing."""
    kit.do(state(EquipmentState.RETIRED))

    assert () == kit.do(state(EquipmentState.RETIRED, hours=2)).events
    with pytest.raises(Refused, match="retired; install it anew"):
        kit.do(state(EquipmentState.IN_SERVICE, hours=3))


def test_a_sheet_is_superseded_once(kit: Kit) -> None:
    """Of two revisions of one sheet the second is told which one to supersede."""
    kit.do(submit(sheet("S2", 2, supersedes="S1")))
    with pytest.raises(Refused, match="superseded already, by 'S2'"):
        kit.do(submit(sheet("S3", 3, supersedes="S1")))

    assert "superseded" == kit.get(Filed, "S1").state


def test_a_finding_is_closed_once(kit: Kit) -> None:
    """A finding that is closed is not closed again."""
    kit.do(close("S1/floor"))
    with pytest.raises(Refused, match="is closed already"):
        kit.do(close("S1/floor", 6))


def test_a_finding_is_never_written_over(kit: Kit) -> None:
    """A sheet whose id makes a finding's id that another sheet's finding has is refused."""
    device = Equipment("X/floor", kind="atm", zone="Z-1")
    kit.do(install(device))
    kit.do(submit(sheet("S9", 4, machines=("ATM-1", "ATM-2", "X/floor"), screens=("X/floor",))))
    with pytest.raises(Refused, match="is there already; give the sheet another id"):
        kit.do(
            submit(sheet("S9/screen@equipment:X", 5, machines=("ATM-1", "ATM-2", "X/floor"), floor="fail")),
        )


NOTHING: dict[str, Command] = {
    "the same unit": unit(HEAD_OFFICE, 3),
    "the same branch": register(id="again"),
    "a branch an import knows": register(Branch("B-1"), if_known="keep"),
    "the same statement": revise(BRANCH, 3),
    "the same device": install(BRANCH.equipment[0]),  # type: ignore[index]  # it is known
    "the same state": state(EquipmentState.IN_SERVICE, hours=3),
    "the same entry": entry("E-1", 3),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_so_already_changes_nothing(kit: Kit, name: str) -> None:
    """A command that asks for what is so is accepted, gives no event, and is remembered."""
    first = kit.do(NOTHING[name])

    assert ((), None, False) == (first.events, first.seq, first.repeated)
    assert kit.do(NOTHING[name]).repeated


def test_publishing_a_calendar_twice_is_once(kit: Kit) -> None:
    """A calendar is published, and published again changes nothing."""
    publish = PublishCalendar(CALENDAR, by=CLERK, at=at(1))

    assert ("calendar_published",) == kit.do(publish).events
    assert () == kit.do(attrs.evolve(publish, id="again")).events
    assert CALENDAR == kit.get(Calendar, "demo")


def test_a_sheet_opens_and_the_next_one_closes(kit: Kit) -> None:
    """What fails is opened once however often it fails, and closed by the sheet that passes it."""
    again = kit.do(submit(sheet("S2", 2, floor="fail", screens=("ATM-1",))))
    passed = kit.do(submit(sheet("S3", 3, screens=("ATM-1",))))
    closure = kit.get(Finding, "S1/floor").closure

    assert (0, 0) == (again.details["opened"], again.details["closed"])
    assert (0, 1) == (passed.details["opened"], passed.details["closed"])
    assert closure is not None
    assert ("S3", INSPECTOR.id, at(3)) == (closure.sheet, closure.by, closure.at)
    assert ["S1/screen@equipment:ATM-1"] == [one.id for one in kit.find(Finding, state="open")]


def test_a_revision_withdraws_what_it_does_not_find(kit: Kit) -> None:
    """A finding of a sheet that is superseded, and not of the revision, is closed whatever the dates say."""
    kit.do(submit(sheet("S2", 0.5, supersedes="S1", screens=("ATM-1",))))

    assert ["S1/screen@equipment:ATM-1"] == [one.id for one in kit.find(Finding, state="open")]


def test_a_sheet_told_late_closes_nothing_seen_after_it(kit: Kit) -> None:
    """What was seen later stays open when an older sheet, told late, passes it; and it is marked as late."""
    outcome = kit.do(submit(sheet("S0", 0.5), recorded_at=at(9)))

    assert (0, "PT8H30M") == (outcome.details["closed"], outcome.details["late"])
    assert 2 == len(list(kit.find(Finding, state="open")))


def test_a_draft_judges_nothing(kit: Kit) -> None:
    """A draft is kept and neither opens nor closes nor scores."""
    outcome = kit.do(submit(sheet("D1", 2, state="draft", answers=())))

    assert ("sheet_submitted",) == outcome.events
    assert "draft" == kit.get(Filed, "D1").state
    assert 1 == len(list(kit.find(ScoreRecord)))


def test_a_sheet_of_an_unknown_place_is_refused_with_every_reason(kit: Kit) -> None:
    """A refusal names everything that is wrong, not only the first."""
    with pytest.raises(Refused) as caught:
        kit.do(submit(sheet("S1", 3, supersedes="S9"), at=at(1)))

    assert 3 == len(caught.value.reasons)


def test_an_unknown_command_is_refused() -> None:
    """A command without a handler is refused by the decision itself too."""

    class Strange(Command):
        KIND = "strange"

    with pytest.raises(Refused, match="the kit knows no such command"):
        decide(Strange(by=CLERK, at=at(0)), None)  # type: ignore[arg-type]  # it is not asked


class Policy:
    """A policy that answers what it was given, or raises it."""

    id = "house.strange"
    version = "1"

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def score(self, evidence: object) -> Any:
        """Answer."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


TRACE = Trace(policy="house.strange", version="1")
GOOD = Score(points=Decimal(7), band="good")


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (ZeroDivisionError("Zhang San"), "raised ZeroDivisionError"),
        (None, "without a Decision"),
        (SimpleNamespace(value=GOOD, trace=TRACE), "without a Decision"),
        (Decision("7", TRACE), "without a Score and a Trace"),
        (Decision(attrs.evolve(GOOD, points=7.5), TRACE), "points that are a finite Decimal"),  # type: ignore[arg-type]
        (Decision(attrs.evolve(GOOD, points=Decimal("NaN")), TRACE), "points that are a finite Decimal"),
        (Decision(attrs.evolve(GOOD, band=3), TRACE), "a band that is a code"),  # type: ignore[arg-type]
        (Decision(attrs.evolve(GOOD, points=None), TRACE), "points for its band"),
        (Decision(attrs.evolve(GOOD, reason="why"), TRACE), "a reason that is a Text"),  # type: ignore[arg-type]
        (Decision(attrs.evolve(GOOD, vetoes=(1,)), TRACE), "that are text"),  # type: ignore[arg-type]
    ],
)
def test_what_a_policy_answers_is_checked(answer: object, what: str) -> None:
    """A policy that raises, or answers with what is no score, is named; what it said is not repeated."""
    with pytest.raises(PluginFailed, match="house") as caught:
        scored(Policy(answer), None)  # type: ignore[arg-type]  # the policy looks at nothing

    assert what in str(caught.value)
    assert "Zhang" not in str(caught.value)
    assert Decision(GOOD, TRACE) == scored(Policy(Decision(GOOD, TRACE)), None)  # type: ignore[arg-type]


def test_a_place_of_a_finding_is_exact(kit: Kit) -> None:
    """A finding names the very device."""
    assert (Ref("branch", "B-1"), Ref("equipment", "ATM-1")) == kit.get(Finding, "S1/screen@equipment:ATM-1").place


def test_what_a_superseded_sheet_closed_is_open_again(kit: Kit) -> None:
    """A revision that no longer passes an item takes back what the sheet before it closed; a later one closes it."""
    kit.do(submit(sheet("S2", 2)))
    closed = kit.get(Finding, "S1/floor").state
    kit.do(submit(sheet("S3", 3, supersedes="S2", floor="fail")))
    again = kit.get(Finding, "S1/floor")
    kit.do(submit(sheet("S4", 4)))

    assert (FindingState.CLOSED, FindingState.OPEN, None) == (closed, again.state, again.closure)
    assert "S4" == kit.get(Finding, "S1/floor").closure.sheet
    assert kit.verify().ok


def test_what_a_revision_withdrew_stays_withdrawn(kit: Kit) -> None:
    """A finding of a sheet that never counted does not come back when the revision is revised in turn."""
    kit.do(submit(sheet("S2", 2, lights="fail")))
    kit.do(submit(sheet("S3", 3, supersedes="S2")))
    kit.do(submit(sheet("S4", 4, supersedes="S3")))

    assert FindingState.CLOSED is kit.get(Finding, "S2/lights").state


def test_a_stale_revision_is_refused(kit: Kit) -> None:
    """A revision that names what it read is refused once somebody else has revised the branch, and taken before."""
    read = kit.get(Branch, "B-1")
    mine, theirs = (attrs.evolve(read, kind=kind) for kind in ("premium_outlet", "wealth_outlet"))
    kit.do(ReviseBranch(theirs, by=CLERK, at=at(2), before=read.digest()))
    with pytest.raises(Refused, match="has changed since"):
        kit.do(ReviseBranch(mine, by=CLERK, at=at(3), before=read.digest()))

    assert theirs == kit.get(Branch, "B-1")


def standing(kit: Kit) -> set[tuple[str | None, tuple[Ref, ...]]]:
    return {(one.item, one.place) for one in kit.find(Finding, branch="B-1", state=FindingState.OPEN)}


def test_a_sheet_told_late_opens_nothing_that_a_later_one_passes() -> None:
    """What a sheet told late fails, and a sheet filed before it and dated after it passes, is closed by that one."""
    with open_kit() as kit:
        kit.do(register())
        kit.do(submit(sheet("S6", 6)))
        kit.do(submit(sheet("S5", 5)))
        kit.do(submit(sheet("S4", 4, floor="fail"), recorded_at=at(9)))

        closed = kit.get(Finding, "S4/floor")

    assert FindingState.CLOSED is closed.state
    assert (
        ("S5", at(5), "S-1") == (closed.closure.sheet, closed.closure.at, closed.closure.by) if closed.closure else ""
    )


def test_what_a_superseded_sheet_closed_a_later_one_closes() -> None:
    """A revision that fails an item again takes a closure back, and the next sheet that passes it closes it anew."""
    with open_kit() as kit:
        kit.do(register())
        kit.do(submit(sheet("S4", 4, floor="fail")))
        kit.do(submit(sheet("S5", 5)))
        kit.do(submit(sheet("S6", 6)))
        kit.do(submit(sheet("S5b", 5, floor="fail", supersedes="S5")))

        closure = kit.get(Finding, "S4/floor").closure

    assert closure is not None
    assert "S6" == closure.sheet


_results = st.fixed_dictionaries(
    {"floor": st.sampled_from(["pass", "fail"]), "lights": st.sampled_from(["pass", "fail"])}
)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 4), _results), min_size=2, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_telling_does_not_change_what_is_open(drawn: list[tuple[int, Any]], chance: Any) -> None:
    """Sheets of different days told in any order leave the same items open at the same places."""
    sheets = [sheet(f"S{number}", 10 * number + hours, **one) for number, (hours, one) in enumerate(drawn)]
    left = []
    for order in (sheets, chance.sample(sheets, len(sheets))):
        with open_kit() as kit:
            kit.do(register())
            for one in order:
                kit.do(submit(one, recorded_at=at(100)))
            left.append(standing(kit))

    assert left[0] == left[1]


class Acme(BranchkitHooks):
    """A plug-in whose policy raises."""

    name = "acme"

    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        """Offer the policy."""
        bad = Policy(RuntimeError("Zhang San"))
        bad.id = "acme.bad"
        return (ScoringPolicyRecord.of(cast("ScoringPolicy", bad)),)


def test_a_policy_in_code_that_raises_is_named() -> None:
    """A plug-in's policy that raises is named by the kit and by its report, and what it said is not repeated."""
    plugins = Plugins.load(builtin=(CorePlugin(),), extra=(Acme(),), entry_points=False)
    book = RuleBook(rules().catalog, plugins, Config())
    with open_kit(rules=book) as kit:
        kit.do(register())
        kit.do(submit(sheet("S1")))
        kit.rules = attrs.evolve(book, config=Config(use=(Use(what="scoring_policy", key="acme.bad"),)))
        for ask in (lambda: kit.score("S1", policy="acme.bad"), lambda: kit.score("S1"), lambda: kit.report("B-1")):
            with pytest.raises(PluginFailed, match="acme") as caught:
                ask()
            assert "Zhang" not in str(caught.value)
