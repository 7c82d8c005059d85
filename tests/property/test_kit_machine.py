"""The kit over memory and over SQLite, through two kits on one file, driven in step with a plain model."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from branchkit.checklists import Sheet
from branchkit.errors import BranchkitError, NotPermitted, Refused
from branchkit.estate import Branch, Equipment, EquipmentState, InstallEquipment, ReviseBranch, SetEquipmentState
from branchkit.findings import Finding
from branchkit.kit import Filed, Kit, ScoreRecord
from branchkit.kit.fold import KINDS, fold
from branchkit.messages import Actor, Command, Outcome
from tests.unit.kit.house import BRANCH, CLERK, HEAD, IMPORTER, INSPECTOR, at, close, open_kit, register, sheet, submit

_branches = st.sampled_from(["B-1", "B-2"])
_devices = st.sampled_from(["ATM-1", "ATM-2", "ATM-3"])
_states = st.sampled_from(EquipmentState)
_hours = st.integers(1, 30)
_result = st.sampled_from(["pass", "fail"])
_results = st.fixed_dictionaries({"floor": _result, "lights": _result})


class Model:
    """What the kit should hold: plain dictionaries, and the rules of the round in a few lines."""

    def __init__(self) -> None:
        self.branches: dict[str, dict[str, Any]] = {}
        """By branch: its kind, and the state of each device."""
        self.sheets: dict[str, Sheet] = {}
        self.superseded: set[str] = set()
        self.open: dict[str, dict[str, tuple[str, Any]]] = {}
        """By branch and by what it is about: the sheet that raised it, and when."""
        self.closed: dict[str, tuple[str, str, Any, str | None]] = {}
        """By finding: its branch, what it is about, when it was seen, and the sheet that closed it."""
        self.said: dict[str, tuple[set[str], set[str]]] = {}
        """By sheet: what it passes, and what it fails."""
        self.points: dict[str, int] = {}

    def hand_in(self, one: Sheet, failed: set[str]) -> None:
        """Do what a sheet does: nothing for a draft, else open what fails and close what passes, each at its date."""
        self.sheets[one.id] = one
        if one.supersedes is not None:
            self.superseded.add(one.supersedes)
        if one.state == "draft":
            return
        standing = self.open.setdefault(one.branch, {})
        asked = {"floor", "lights"} | {f"screen@{answer.on[0]}" for answer in one.answers if answer.on}
        self.said[one.id] = (asked - failed, failed)
        later = self.told_before(one)
        revived = self.revive(one.supersedes, standing)
        for about, (by, seen) in list(standing.items()):
            withdrawn = by == one.supersedes and about not in failed
            passed = about in asked - failed and seen <= one.at
            fails_again = any(about in self.said[other.id][1] for other in later if other.at > one.at)
            if (withdrawn or passed) and not fails_again:
                self.shut(one.branch, about, one.id)
        for about in failed - standing.keys():
            standing[about] = (one.id, one.at)
            revived.add(about)
        for other in later:
            for about in revived & self.said[other.id][0] & standing.keys():
                self.shut(one.branch, about, other.id)
        self.points[one.id] = max(0, 100 - 10 * len(failed))

    def told_before(self, one: Sheet) -> list[Sheet]:
        """Return the sheets that count, told before one that is not dated after them, in the order of their dates."""
        found = [
            self.sheets[id]
            for id in self.said
            if id not in {one.id, *self.superseded}
            and self.sheets[id].branch == one.branch
            and self.sheets[id].at >= one.at
        ]
        return sorted(found, key=lambda other: (other.at, other.id))

    def revive(self, supersedes: str | None, standing: dict[str, tuple[str, Any]]) -> set[str]:
        """Take back what a sheet closed that no longer counts, and say what that is."""
        found: set[str] = set()
        for id, (_, about, seen, closed_by) in list(self.closed.items()):
            by = id.partition("/")[0]
            if supersedes is not None and closed_by == supersedes and by not in self.superseded:
                standing[about] = (by, seen)
                found.add(about)
                del self.closed[id]
        return found

    def shut(self, branch: str, about: str, sheet: str | None) -> None:
        """Close a finding, by a sheet or by hand."""
        by, seen = self.open[branch].pop(about)
        self.closed[f"{by}/{about}"] = (branch, about, seen, sheet)


def folded(kit: Kit) -> dict[tuple[str, str], Any]:
    """Fold a kit's feed into documents, with nothing but the feed."""
    documents: dict[tuple[str, str], Any] = {}
    for one in kit.events():
        for change in fold(one.event, lambda kind, id: documents.get((kind, id))):
            documents[change.kind, change.id] = change.value
    return documents


class Machine(RuleBasedStateMachine):
    """Every command goes to a kit in memory and to one of two kits on the same file."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name)}/branch.db?sync=normal"
        self.memory = open_kit()
        self.files = [open_kit(self.url), open_kit(self.url)]
        self.model = Model()
        self.given: list[tuple[Command, Outcome]] = []
        self.turn = 0

    @property
    def kits(self) -> tuple[Kit, ...]:
        return (self.memory, *self.files)

    def head(self) -> str:
        heads = set()
        for kit in self.kits:
            with kit.store.transaction(write=False) as tx:
                heads.add(tx.head())
        assert len(heads) == 1, "the kits have different journals"
        return heads.pop()

    def accepted(self, command: Command) -> None:
        self.turn += 1
        outcomes = [kit.do(command) for kit in (self.memory, self.files[self.turn % 2])]
        assert outcomes[0] == outcomes[1]
        assert not outcomes[0].repeated
        self.given.append((command, outcomes[0]))

    def refused(self, command: Command, error: type[BranchkitError] = Refused) -> None:
        before = self.head()
        for kit in self.kits:
            with pytest.raises(error):
                kit.do(command)
        assert before == self.head()

    @initialize()
    def first_branch(self) -> None:
        """Begin with a branch."""
        self.accepted(register())
        self.model.branches["B-1"] = {"kind": None, "ATM-1": "in_service", "ATM-2": "in_service"}

    @rule(name=_branches)
    def register(self, name: str) -> None:
        """Enter a branch that is not there, or be refused."""
        command = register(attrs.evolve(BRANCH, id=name), id=f"r-{len(self.given)}")
        if name in self.model.branches:
            changed = attrs.evolve(command, branch=Branch(name, kind="rural_outlet"))
            self.refused(changed)
            return
        self.accepted(command)
        self.model.branches[name] = {"kind": None, "ATM-1": "in_service", "ATM-2": "in_service"}

    @rule(name=_branches, kind=st.sampled_from(["basic_outlet", "smart_outlet"]), which=st.integers(0, 1))
    def revise(self, name: str, kind: str, which: int) -> None:
        """State a branch anew, starting from what one of the kits on the file knows."""
        if name not in self.model.branches:
            self.refused(ReviseBranch(Branch(name), by=CLERK, at=at(1)))
            return
        known = self.files[which].get(Branch, name)
        self.accepted(
            ReviseBranch(attrs.evolve(known, kind=kind), by=CLERK, at=at(1), id=f"v-{len(self.given)}"),
        )
        self.model.branches[name]["kind"] = kind

    @rule(name=_branches, device=_devices)
    def install(self, name: str, device: str) -> None:
        """Add a device, or be refused because its id is taken by one that is not the same."""
        command = InstallEquipment(
            name, Equipment(device, kind="atm", zone="Z-1"), by=HEAD, at=at(2), id=f"i-{len(self.given)}"
        )
        known = self.model.branches.get(name)
        if known is None or device in known:
            if known is None or known[device] is not None:
                self.refused(command)
            return
        self.accepted(command)
        known[device] = None

    @rule(name=_branches, device=_devices, state=_states, why=st.sampled_from([None, "out of paper"]))
    def set_state(self, name: str, device: str, state: EquipmentState, why: str | None) -> None:
        """Bring a device into another state; one that is gone stays gone."""
        command = SetEquipmentState(name, device, state, by=HEAD, at=at(3), reason=why, id=f"s-{len(self.given)}")
        known = self.model.branches.get(name, {})
        gone = known.get(device) == "retired" and state is not EquipmentState.RETIRED
        if device not in known or gone:
            self.refused(command)
            return
        self.accepted(command)
        known[device] = state.value

    @rule(
        name=_branches,
        hours=_hours,
        results=_results,
        screens=st.sets(_devices),
        draft=st.sampled_from([False, False, True]),
        remark=st.sampled_from([None, "a word"]),
        supersede=st.booleans(),
        late=st.integers(0, 3),
    )
    def hand_in(
        self,
        name: str,
        hours: int,
        results: dict[str, str],
        screens: set[str],
        draft: bool,
        remark: str | None,
        supersede: bool,
        late: int,
    ) -> None:
        """Hand in a sheet, told at once or later, that may take the place of another."""
        known = self.model.branches.get(name, {})
        devices = tuple(one for one in known if one.startswith("ATM") and known[one] != "retired")
        standing = [one for one in self.model.sheets.values() if one.branch == name]
        before = standing[-1] if supersede and standing else None
        one = sheet(
            f"S{len(self.given)}",
            hours,
            branch=name,
            machines=devices,
            screens=tuple(screens),
            remark=remark,
            state="draft" if draft else "final",
            supersedes=before.id if before else None,
            **results,
        )
        command = submit(one, recorded_at=at(hours + late))
        wrong = before is not None and (
            before.id in self.model.superseded or (before.state == "final" and one.state == "draft")
        )
        if not known or wrong:
            self.refused(command)
            return
        self.accepted(command)
        failed = {item for item, value in results.items() if value == "fail"}
        self.model.hand_in(one, failed | {f"screen@equipment:{device}" for device in screens & set(devices)})

    @precondition(lambda self: any(self.model.open.values()))
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        """Close a finding by hand; a second time is refused."""
        standing = [(name, about) for name, found in self.model.open.items() for about in found]
        name, about = data.draw(st.sampled_from(sorted(standing)))
        by, _ = self.model.open[name][about]
        command = close(f"{by}/{about}", 40, branch=name)
        self.accepted(command)
        self.model.shut(name, about, None)
        self.refused(attrs.evolve(command, id="again"))

    @precondition(lambda self: bool(self.given))
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Give a command a second time: the same outcome, nothing twice."""
        command, outcome = data.draw(st.sampled_from(self.given))
        before = self.head()
        for kit in self.kits:
            assert attrs.evolve(outcome, repeated=True) == kit.do(command)
            assert [attrs.evolve(outcome, repeated=True)] == list(kit.do_all([command]))
        assert before == self.head()

    @precondition(lambda self: any(command.id for command, _ in self.given))
    @rule(data=st.data())
    def reuse_an_id(self, data: st.DataObject) -> None:
        """Give another command under an id that was used: it is refused."""
        used = data.draw(st.sampled_from([command.id for command, _ in self.given if command.id]))
        self.refused(register(Branch("B-9"), id=used))

    @rule(actor=st.sampled_from([INSPECTOR, IMPORTER, Actor("S-9"), Actor("estate_administrator")]))
    def have_no_right(self, actor: Actor) -> None:
        """Somebody without the right is refused."""
        self.refused(ReviseBranch(BRANCH, by=actor, at=at(1), id="no-right"), NotPermitted)

    @rule(hours=_hours, size=st.integers(1, 4))
    def hand_in_many(self, hours: int, size: int) -> None:
        """In a batch those that are refused do not hold up the others, and change nothing."""
        start = len(self.given)
        good = [sheet(f"M{start}-{number}", hours, machines=(), answers=()) for number in range(3)]
        good = [attrs.evolve(one, state="draft") for one in good]
        commands: list[Command] = []
        for one in good:
            commands += [submit(one), submit(attrs.evolve(one, id=f"{one.id}x", branch="B-9"))]
        kits = (self.memory, self.files[self.turn % 2])
        outcomes = [list(kit.do_all(commands, batch=size)) for kit in kits]
        for first, second in zip(*outcomes, strict=True):
            assert first == second or str(first) == str(second)
        assert [Outcome, Refused] * 3 == [type(one) for one in outcomes[0]]
        for one, command, outcome in zip(good, commands[::2], outcomes[0][::2], strict=True):
            assert isinstance(outcome, Outcome)
            self.given.append((command, outcome))
            self.model.hand_in(one, set())

    @rule(which=st.integers(0, 1))
    def reopen(self, which: int) -> None:
        """Close one of the kits on the file and open it anew."""
        self.files[which].close()
        self.files[which] = open_kit(self.url)

    @rule()
    def verify(self) -> None:
        """Everything verifies, at any time."""
        for kit in self.kits:
            found = kit.verify()
            assert found.ok, found.problems

    @invariant()
    def documents_are_those_of_the_model(self) -> None:
        """Every kit holds what the model holds."""
        self.head()
        model = self.model
        for kit in self.kits:
            branches = {one.id: one for one in kit.find(Branch)}
            assert model.branches.keys() == branches.keys()
            for name, known in model.branches.items():
                states = {device.id: getattr(device.state, "value", None) for device in branches[name].equipment}
                assert known == {"kind": branches[name].kind if known["kind"] else None} | states
                assert {f"{by}/{about}" for about, (by, _) in model.open.get(name, {}).items()} == {
                    finding.id for finding in kit.find(Finding, branch=name, state="open")
                }
            assert model.closed.keys() == {finding.id for finding in kit.find(Finding, state="closed")}
            assert model.sheets == {filed.sheet.id: filed.sheet for filed in kit.find(Filed)}
            assert model.superseded == {filed.sheet.id for filed in kit.find(Filed, state="superseded")}
            assert model.points == {one.sheet: int(one.points or 0) for one in kit.find(ScoreRecord)}

    def teardown(self) -> None:
        self.verify()
        for kit in self.kits:
            documents = folded(kit)
            assert documents == {(name, id): kit.get(KINDS[name].cls, id) for name, id in documents}
            assert (0, 0, 0) == attrs.astuple(kit.rebuild())[1:]
            kit.close()
        self.folder.cleanup()


class TestKit(Machine.TestCase):
    """The kit does what a few dictionaries would do, over every store, whoever else writes."""

    settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
