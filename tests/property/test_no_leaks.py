"""Personal values are thrown at every path of the library, and then looked for in everything that comes out of it."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import tempfile
import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import branchkit
from branchkit.checklists import Sheet
from branchkit.cli.app import build
from branchkit.codec import canonical_json, unstructure
from branchkit.customers import ClassifyCustomer, Customer, TierPolicy
from branchkit.customers.journey import CustomerLedger, Lead, Referral, Visit
from branchkit.errors import BranchkitError, DecodeError
from branchkit.findings import Finding
from branchkit.kit import Kit, RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.kit.wire import command_line, read_command
from branchkit.messages import Command
from branchkit.personal import Guarded
from branchkit.plugins import BranchkitHooks, EventContext, HookContext, RenderContext, TierPolicyRecord
from branchkit.plugins.config import Config
from branchkit.plugins.host import Plugins
from branchkit.procedures import Case
from branchkit.values import FrozenMap
from tests.property.customer_histories import STEPS, History
from tests.unit.kit import people

LIBRARY = str(Path(branchkit.__file__).parent)


class Crash(Exception):
    """What a plug-in raises that quotes whatever it was given."""


class Loud(BranchkitHooks):
    """Prints everything that it is told, and then fails with the same words."""

    name = "loud"

    def __init__(self) -> None:
        self.heard: list[str] = []

    def branchkit_on_event(self, context: EventContext) -> None:
        """Print an event, whole where it is guarded."""
        event = context.event
        self.heard.append(repr(event))
        if isinstance(event, Guarded):
            self.heard.append(str(unstructure(event)))
        raise Crash(str(unstructure(event)))

    def branchkit_tier_policies(self, context: HookContext) -> tuple[TierPolicyRecord, ...]:
        """Offer a policy that fails with what it is told."""
        return (TierPolicyRecord.of(Quoting()),)


class Quoting:
    """A tier policy that raises the facts."""

    id = "loud.quoting"
    version = "1"
    scheme = "loud"
    tiers = ("one",)
    swing: FrozenMap[Any] = FrozenMap()

    @property
    def facts(self) -> Any:
        """The same as the shipped scheme's."""
        policy: TierPolicy = people.rules().tier_policy("house.identification")
        return policy.facts

    def tier(self, facts: Any, *, current: str | None, at: Any) -> Any:
        """Raise what is known."""
        raise Crash(str(dict(facts)))


@cache
def rules() -> tuple[RuleBook, Loud]:
    """Return the rules of the house with a plug-in that tells everything to everybody."""
    loud = Loud()
    plugins = Plugins.load(builtin=(CorePlugin(),), extra=(loud,), entry_points=False)
    return RuleBook(people.rules().catalog, plugins, Config()), loud


@attrs.define
class Sink:
    """Everything that came out."""

    said: list[str] = attrs.field(factory=list)

    def hear(self, *what: object) -> None:
        """Take down something in both of the ways that it prints."""
        for one in what:
            self.said += [str(one), repr(one)]

    def hear_error(self, error: BaseException) -> None:
        """Take down an error with its traceback, and with the variables of those frames that are the library's."""
        self.hear_words(error)
        self._frames(traceback.TracebackException.from_exception(error, capture_locals=True, compact=False))

    def hear_words(self, error: BaseException) -> None:
        """Take down an error with its traceback alone: a command's codes are its caller's, and in its own repr."""
        self.hear(error, *getattr(error, "refusals", ()), *getattr(error, "problems", ()), error.args)
        self.said.append("".join(traceback.format_exception(error)))

    def _frames(self, told: traceback.TracebackException | None) -> None:
        if told is None:
            return
        for frame in told.stack:
            if frame.filename.startswith(LIBRARY):
                self.said.append(str(frame.locals))
        self._frames(told.__cause__)
        self._frames(told.__context__)

    def found(self, marks: set[str]) -> list[tuple[str, str]]:
        """Return what was said with one of the marks in it, shortened."""
        return [(mark, one[:2000]) for mark in sorted(marks) for one in self.said if mark in one]


@attrs.define
class Loudly(History):
    """A history that takes down what comes of everything."""

    sink: Sink = attrs.field(factory=Sink)

    def do(self, command: Command) -> None:
        """Give a command: as an object, as a line that is broken, and late."""
        self.sink.hear(command)
        line = command_line(command)
        for broken in (line[:-9], line.replace(b'"at":"', b'"at":"x'), line.replace(b'"kind":', b'"sort":')):
            try:
                read_command(broken, source="a line")
            except BranchkitError as error:
                self.sink.hear_error(error)
        for one in (
            command,
            command,
            attrs.evolve(command, by=people.CLERK, id=None),
            attrs.evolve(command, id="same"),
        ):
            try:
                self.sink.hear(self.kit.do(one))
            except BranchkitError as error:
                self.refused += 1
                self.sink.hear_error(error)
        for outcome in self.kit.do_all([attrs.evolve(command, id="again"), attrs.evolve(command, at="never")]):
            self.sink.hear_error(outcome) if isinstance(outcome, BranchkitError) else self.sink.hear(outcome)
        if isinstance(command, ClassifyCustomer):
            try:
                self.kit.do(attrs.evolve(command, scheme="loud.quoting", id=None))
            except BranchkitError as error:
                self.sink.hear_error(error)

    def misname(self, command: Command) -> None:
        """Give a command that has words for a code: as an object, with others, and as a line."""
        with pytest.raises(DecodeError) as caught:
            self.kit.do(command)
        (outcome,) = self.kit.do_all([command])
        assert isinstance(outcome, DecodeError)
        line = command_line(command)
        for error in (caught.value, outcome):
            self.sink.hear_words(error)
        for one in (line, line[:-9], line.replace(b'"at":"', b'"at":"x'), line.replace(b'"kind":', b'"sort":')):
            with pytest.raises(DecodeError) as unread:
                self.kit.do(read_command(one, source="a line"))
            self.sink.hear_words(unread.value)


@contextlib.contextmanager
def logged(sink: Sink) -> Iterator[None]:
    """Take down every line of every log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        sink.said.append(stream.getvalue())


def listen(kit: Kit, sink: Sink) -> None:
    """Take down all that a kit says of what it holds, but for sheets and cases themselves, which are their own."""
    for one in kit.events():
        sink.hear(one, one.event)
        if isinstance(one.event, Guarded):
            sink.said.append(canonical_json(unstructure(one.event)).decode())
    with kit.store.transaction(write=False) as tx:
        for entry in tx.read():
            sink.hear(entry)
            sink.said.append(entry.text)
            kept = tx.outcome(entry.command)
            sink.said.append("" if kept is None else kept.text)
        sink.said += [row.text for row in tx.outbox()] + [row.text for row in tx.due(people.at(10_000))]
        sink.hear(*tx.sealed(), *tx.find("customer", {}).items)
    for customer in kit.find(Customer):
        sink.hear(customer, kit.get(Customer, customer.id))
        sink.said.append(canonical_json(unstructure(customer)).decode())
    sink.hear(*kit.find(Customer), *kit.find(Case), *kit.find(Sheet), *kit.find(Finding))
    sink.hear(*kit.outbox(), kit.verify(), *kit.retain(people.at(9_000), dry_run=True))
    sink.hear(*kit.shadow("environment"), *kit.rules.plugins.failures, *kit.rules.plugins.status())
    sink.hear(*kit.find(Visit), *kit.find(Referral), *kit.find(Lead), *kit.find(CustomerLedger))
    for case in kit.find(Case):
        sink.hear(kit.story(case.id, people.at(9_000)))
    report = kit.report("B-1", at=people.at(9_000))
    sink.hear(report)
    for record in kit.rules.plugins.renderers:
        page = kit.rules.plugins.renderer(record.key).render(RenderContext(report=report, lang="both"))
        sink.said.append(page.decode("utf-8", "replace"))


def run(kit: Kit, url: str, sink: Sink) -> None:
    """Take down what the command line prints."""
    at = people.at(9_000).isoformat()
    cases = [case.id for case in kit.find(Case)]
    for args in (
        ["show", "customer", "C-1"],
        ["show", "customer", "C-1", "--json"],
        ["show", "customer", "C-1", "--purpose", "marketing", "--by", "S-5", "--post", "teller", "--at", at],
        ["retain", "--at", at, "--dry-run"],
        ["retain", "--at", at, "--dry-run", "--json"],
        ["erase", "customer", "C-1", "--reason", "none", "--by", "S-1", "--post", "outlet_head", "--at", at],
        ["outbox"],
        ["verify"],
        ["due", "--at", at],
        ["referrals", "--from", "2026-01-01", "--to", "2027-12-31", "--json"],
        *(["show", "case", case] for case in cases),
        *(["show", "case", case, "--json"] for case in cases),
        *(["explain", "case", case, "--at", at] for case in cases),
    ):
        result = CliRunner().invoke(build(), [*args, "--store", url], obj=None, env={"BRANCHKIT_NO_PLUGINS": "1"})
        sink.said.append(result.output)
        if result.exception is not None:
            sink.hear_error(result.exception)


_steps = st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(["C-1", "C-2"]))


@settings(max_examples=12)
@given(st.lists(_steps, min_size=4, max_size=8, unique=True))
def test_nothing_personal_comes_out(steps: list[tuple[str, str]]) -> None:
    """customers:PRV-01: whatever is told, refused, repeated, late or broken, and whoever fails on
    it: no value is in any repr, log, trace, error, traceback, event, report, message, journal or command's output.
    """
    book, loud = rules()
    sink = Sink()
    loud.heard.clear()
    with tempfile.TemporaryDirectory() as name, logged(sink):
        url = f"sqlite:///{name}/people.db?sync=normal"
        with people.open_kit(url, rules=book) as kit:
            history = Loudly(kit, sink=sink)
            for step, customer in (("register", "C-1"), ("register", "C-2"), *steps):
                history.take(step, customer)
            listen(kit, sink)
            run(kit, url.partition("?")[0], sink)
    sink.said += loud.heard
    marks = history.marks["C-1"] | history.marks["C-2"] | history.erased | history.never

    assert marks
    assert [] == sink.found(marks)


def test_the_test_would_find_a_leak() -> None:
    """A value that is printed, raised, or held by a frame of the library is found."""
    sink = Sink()
    try:
        json.loads('{"Qzx": 1')
    except ValueError as error:
        sink.hear_error(error)
    try:
        raise Crash("Qzx")
    except Crash as error:
        sink.hear_error(error)

    assert sink.found({"Qzx"})
