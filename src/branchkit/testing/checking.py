"""The laws for everything that one installed plug-in brings, as ``branchkit plugins check`` runs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NoReturn

import attrs

from branchkit.catalog import CatalogRoot
from branchkit.checklists import Checklist
from branchkit.customers import AssignmentPolicy, CoreBank, CreditPolicy, TierPolicy, TierScheme
from branchkit.customers.ports import CORE_BANK
from branchkit.errors import NotFound
from branchkit.escalation import EscalationPolicy
from branchkit.kit import RuleBook
from branchkit.plugins import (
    CalendarRecord,
    ImporterRecord,
    PortRecord,
    Record,
    RendererRecord,
    SourceFile,
    StoreContext,
    StoreRecord,
)
from branchkit.scoring import ScoringPolicy
from branchkit.storage import Store
from branchkit.testing.assigning import AssignmentPolicyLaws
from branchkit.testing.calendars import CalendarLaws
from branchkit.testing.catalogs import CatalogLaws
from branchkit.testing.credit import CreditPolicyLaws
from branchkit.testing.escalation import EscalationPolicyLaws
from branchkit.testing.importers import ImporterLaws
from branchkit.testing.laws import Laws
from branchkit.testing.notifiers import NotifierLaws
from branchkit.testing.ports import CoreBankLaws
from branchkit.testing.renderers import RendererLaws
from branchkit.testing.scoring import ScoringPolicyLaws
from branchkit.testing.stores import StoreLaws
from branchkit.testing.tiers import TierPolicyLaws
from branchkit.testing.verdicts import Verdict, verdicts
from branchkit.values import FrozenMap

__all__ = ["Samples", "check_plugin"]

_EVERY = 1000


@attrs.frozen(kw_only=True)
class Samples:
    """What only the caller can give: files to import, and addresses to open stores at."""

    files: Mapping[str, tuple[SourceFile, ...]] = attrs.field(factory=dict)
    """Files that an importer reads, by its key."""
    options: Mapping[str, str] = attrs.field(factory=dict)
    """The options that importers read them with."""
    stores: Mapping[str, str] = attrs.field(factory=dict)
    """An address by the scheme of the store, with ``{n}`` where the number of a new store goes."""


def check_plugin(rules: RuleBook, name: str, samples: Samples | None = None) -> Iterator[Verdict]:
    """Run the laws for everything that a plug-in brings, sorted by kind and key, and yield each verdict.

    Args:
        rules: The rules in force, the plug-in among them.
        name: The plug-in's name.
        samples: What only the caller can give.

    Raises:
        NotFound: Nothing that is loaded has that name.
    """
    known = [status.name for status in rules.plugins.status() if status.status == "ok"]
    if name not in known:
        raise NotFound("plug-in", name, tuple(known))
    return (
        verdict
        for kind, key, laws in _laws(rules, name, samples or Samples())
        for verdict in verdicts(laws, kind=kind, key=key)
    )


def _laws(rules: RuleBook, name: str, samples: Samples) -> Iterator[tuple[str, str, object]]:
    plugins = rules.plugins

    def own(records: Iterable[Record]) -> list[Record]:
        return [record for record in records if plugins.origin(record).plugin == name]

    for record in own(plugins.calendars.values()):
        assert isinstance(record, CalendarRecord)
        yield "calendar", record.key, _Calendar(record)
    for record in own(plugins.catalogs()):
        root = next(root for root in rules.catalog.roots if root.name == name)
        yield "catalog", record.key, _Catalog(root)
    for record in own(plugins.importers.values()):
        assert isinstance(record, ImporterRecord)
        yield "importer", record.key, _Importer(record, samples.files.get(record.key, ()), samples.options)
    for record in own(plugins.renderers.values()):
        assert isinstance(record, RendererRecord)
        yield "renderer", record.key, _Renderer(record)
    index = rules.catalog.index
    documents = {source.id for source in index.sources if source.kind == "policy" and source.root == name}
    coded = {record.key for record in own(plugins.scoring_policies.values())}
    for key in sorted(documents | coded):
        yield "scoring_policy", key, _Policy(rules, key)
    ladders = {source.id for source in index.sources if source.kind == "ladder" and source.root == name}
    offered = {record.key for record in own(plugins.escalation_policies.values())}
    for key in sorted(ladders | offered):
        yield "escalation_policy", key, _Ladder(rules, key)
    tables = {source.id for source in index.sources if source.kind == "tier_scheme" and source.root == name}
    tiers = {record.key for record in own(plugins.tier_policies.values())}
    for key in sorted(tables | tiers):
        yield "tier_policy", key, _Tiers(rules, key)
    for record in own(plugins.assignment_policies.values()):
        yield "assignment_policy", record.key, _Assignment(rules, record.key)
    schemes = {source.id for source in index.sources if source.kind == "credit_scheme" and source.root == name}
    shares = {record.key for record in own(plugins.credit_policies.values())}
    for key in sorted(schemes | shares):
        yield "credit_policy", key, _Credit(rules, key)
    for record in own(plugins.notifiers.values()):
        yield "notifier", record.key, _NoReceiver()
    for record in own(plugins.ports.values()):
        assert isinstance(record, PortRecord)
        if record.port == CORE_BANK:
            yield "port", record.key, _CoreBank(rules, record)
    for record in own(plugins.stores.values()):
        assert isinstance(record, StoreRecord)
        url = next((samples.stores[scheme] for scheme in record.schemes if scheme in samples.stores), None)
        yield "store", record.key, _NoStore() if url is None else _Store(record, url)


class _Calendar(CalendarLaws):
    derandomize = True

    def __init__(self, record: CalendarRecord) -> None:
        self._record = record

    def make_record(self) -> CalendarRecord:
        return self._record


class _Catalog(CatalogLaws):
    derandomize = True

    def __init__(self, root: CatalogRoot) -> None:
        self._root = root

    def make_root(self) -> CatalogRoot:
        return self._root


class _Importer(ImporterLaws):
    derandomize = True

    def __init__(self, record: ImporterRecord, files: Sequence[SourceFile], options: Mapping[str, str]) -> None:
        self._record = record
        self._files = tuple(files)
        self._options = dict(options)

    def make_record(self) -> ImporterRecord:
        return self._record

    def make_files(self) -> tuple[SourceFile, ...]:
        return self._files or super().make_files()

    def make_options(self) -> dict[str, str]:
        return self._options


class _Renderer(RendererLaws):
    derandomize = True

    def __init__(self, record: RendererRecord) -> None:
        self._record = record

    def make_record(self) -> RendererRecord:
        return self._record


class _Policy(ScoringPolicyLaws):
    derandomize = True

    def __init__(self, rules: RuleBook, key: str) -> None:
        self._rules = rules
        self._key = key

    def make_policy(self) -> ScoringPolicy:
        return self._rules.policy(self._key)

    def make_checklists(self) -> tuple[Checklist, ...]:
        named = getattr(self.make_policy(), "checklists", None) or ()
        return tuple(self._rules.checklist(one) for one in named)


class _Ladder(EscalationPolicyLaws):
    derandomize = True

    def __init__(self, rules: RuleBook, key: str) -> None:
        self._rules = rules
        self._key = key

    def make_policy(self) -> EscalationPolicy:
        return self._rules.ladder(self._key)


class _Assignment(AssignmentPolicyLaws):
    derandomize = True

    def __init__(self, rules: RuleBook, key: str) -> None:
        self._rules = rules
        self._key = key

    def make_policy(self) -> AssignmentPolicy:
        return self._rules.plugins.assignment_policy(self._key).policy


class _Credit(CreditPolicyLaws):
    derandomize = True

    def __init__(self, rules: RuleBook, key: str) -> None:
        self._rules = rules
        self._key = key

    def make_policy(self) -> CreditPolicy:
        return self._rules.credit_policy(self._key)


class _Tiers(TierPolicyLaws):
    derandomize = True

    def __init__(self, rules: RuleBook, key: str) -> None:
        self._rules = rules
        self._key = key

    def make_policy(self) -> TierPolicy:
        policy = self._rules.tier_policy(self._key)
        if isinstance(policy, TierScheme) and policy.not_configured is not None:
            # A scheme that the bank has not stated its settings for is tried as if it had.
            suggested = [one.fact for one in policy.measures if one.suggested] or [policy.measures[0].fact]
            return policy.stating(measure=suggested[0], currency=self.currency)
        return policy


class _CoreBank(CoreBankLaws):
    derandomize = True

    def __init__(self, rules: RuleBook, record: PortRecord) -> None:
        self._rules = rules
        self._record = record

    def make_port(self) -> CoreBank:
        plugin = self._rules.plugins.origin(self._record).plugin
        port = self._record.load(self._rules.config.settings.get(plugin, FrozenMap[object]()))
        assert isinstance(port, CoreBank), "what it loads has no `look_up`"
        return port


class _Store(StoreLaws):
    derandomize = True

    def __init__(self, record: StoreRecord, url: str) -> None:
        self._record = record
        self._url = url
        self._made = 0
        self._open: list[Store] = []

    def make_store(self, *, checkpoint_every: int = _EVERY) -> Store:
        self._made += 1
        url = self._url.replace("{n}", str(self._made))
        told = {} if checkpoint_every == _EVERY else {"checkpoint_every": checkpoint_every}
        store = self._record.open(StoreContext(url, settings=FrozenMap(told)))
        self._open.append(store)
        if store.checkpoint_every != checkpoint_every:
            Laws().nothing(
                "the store takes no setting checkpoint_every, so what comes after a few entries is not tried"
            )
        return store

    def finish(self) -> None:
        while self._open:
            self._open.pop().close()


class _NoReceiver(NotifierLaws):
    def make_record(self) -> NoReturn:
        self.nothing("what has arrived only the author's own `NotifierLaws` can say")

    def out_of_reach(self) -> NoReturn:
        self.make_record()


class _NoStore(Laws):
    def test_laws_of_a_store(self) -> None:
        """Stores are tried at an address that only the caller knows."""
        self.nothing("no address is given to open new stores at")
