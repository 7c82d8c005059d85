"""``branchkit plugins check``: runs the laws for everything that a plug-in brings, and prints the verdicts."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from branchkit.cli.app import State
from branchkit.cli.output import bar, json_option, print_json, read_input
from branchkit.errors import NotFound
from branchkit.kit.rules import RuleBook
from branchkit.plugins import Plugins, PluginStatus, SourceFile

if TYPE_CHECKING:
    from branchkit.testing.checking import Samples
    from branchkit.testing.verdicts import Verdict

__all__ = ["check_command", "show"]

_NEEDED = ("hypothesis", "pytest")


@click.command(name="check")
@click.argument("name")
@click.option("--sample", "files", multiple=True, metavar="KEY=FILE", help="A file that an importer can read.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="An option to import samples with.")
@click.option("--store", "stores", multiple=True, metavar="URL", help="Where to open new stores; {n} is numbered.")
@json_option
@click.pass_obj
def check_command(
    state: State,
    name: str,
    files: tuple[str, ...],
    options: tuple[str, ...],
    stores: tuple[str, ...],
    as_json: bool,
) -> None:
    """Hold a plug-in to the laws of what it brings; exit code 1 when one is broken.

    An importer is tried with files that it can read (--sample acme.feed=feed.json, as often as it takes), a store at
    addresses where a new one may be made (--store 'sqlite:///laws-{n}.db').
    """
    lacking = [package for package in _NEEDED if find_spec(package) is None]
    if lacking:
        told = f"The laws need {' and '.join(lacking)}, which core does without: pip install 'branchkit[testing]'"
        raise click.UsageError(told)
    from branchkit.testing.checking import Samples

    samples = Samples(
        files=_files(files),
        options=dict(_pair(option, "--option", "NAME=VALUE") for option in options),
        stores={url.partition(":")[0]: url for url in stores},
    )
    plugins = state.plugins(strict=False)
    status = next((one for one in plugins.status() if one.name == name), None)
    if status is None:
        raise NotFound("plug-in", name, tuple(one.name for one in plugins.status()))
    rules = RuleBook.load(state.config, plugins=plugins)
    _refuse_idle(rules.plugins, samples)
    counts: Counter[str] = Counter()
    with bar("laws") as progress, _nothing_left_behind():
        for verdict in _verdicts(rules, status, samples):
            counts[verdict.verdict] += 1
            progress.more()
            show(verdict, as_json=as_json)
    if not as_json:
        click.echo(f"{name}: {counts['holds']} laws hold, {counts['skipped']} skipped, {counts['broken']} broken")
    sys.exit(1 if counts["broken"] else 0)


@contextlib.contextmanager
def _nothing_left_behind() -> Generator[None]:
    """Keep what Hypothesis notes for itself out of the folder that the command is run in."""
    from hypothesis.configuration import set_hypothesis_home_dir

    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _verdicts(rules: RuleBook, status: PluginStatus, samples: Samples) -> Iterator[Verdict]:
    from branchkit.testing.checking import check_plugin
    from branchkit.testing.verdicts import Verdict

    wrong = "; ".join(status.problems) or ("it is turned off" if status.status == "disabled" else "")
    yield Verdict(kind="plugin", key=status.name, law="it_loads", verdict="broken" if wrong else "holds", reason=wrong)
    if status.status == "ok":
        yield from check_plugin(rules, status.name, samples)


def _refuse_idle(plugins: Plugins, samples: Samples) -> None:
    """Refuse what is given to try something with that is not there."""
    for key in samples.files:
        if key not in plugins.importers:
            known = ", ".join(plugins.importers) or "none"
            raise click.BadParameter(f"No importer {key!r}; there are: {known}", param_hint="--sample")
    for scheme in samples.stores:
        plugins.store_for(scheme)
    if samples.options and not samples.files:
        raise click.BadParameter("Has no effect without --sample", param_hint="--option")


def show(verdict: Verdict, *, as_json: bool) -> None:
    """Print one verdict: a line in columns that fit every kind and every law, or a line of JSON."""
    fields = {
        "kind": verdict.kind,
        "key": verdict.key,
        "law": verdict.law,
        "verdict": verdict.verdict,
        "reason": verdict.reason or None,
    }
    if as_json:
        print_json(fields)
    else:
        line = f"{verdict.kind:17} {verdict.key:24} {verdict.law:51} {verdict.verdict:8} {verdict.reason}"
        click.echo(line.rstrip())


def _files(given: tuple[str, ...]) -> dict[str, tuple[SourceFile, ...]]:
    found: dict[str, tuple[SourceFile, ...]] = {}
    for one in given:
        key, name = _pair(one, "--sample", "KEY=FILE")
        found[key] = (*found.get(key, ()), SourceFile(name, data=read_input(name)))
    return found


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise click.BadParameter(f"Expected {form}", param_hint=option)
    return name, value
