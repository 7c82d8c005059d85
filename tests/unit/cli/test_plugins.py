"""`plugins list`, `show`, `doctor`: status, keys, conflicts, deprecated hooks and failures, each with its plug-in."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from branchkit.cli import app
from branchkit.cli.app import build
from branchkit.kit.core import CorePlugin
from branchkit.plugins import (
    BranchkitHooks,
    CalendarRecord,
    CatalogRecord,
    CliCommandRecord,
    DeprecatedHook,
    Deprecation,
    HookContext,
    Plugins,
    StoreRecord,
    loading,
)

Run = Callable[..., Result]


def offering(called: str, **answers: tuple[object, ...]) -> BranchkitHooks:
    """Build a plug-in whose hooks answer what is given, by the hook's word."""
    hooks = {f"branchkit_{hook}": _answer(answer) for hook, answer in answers.items()}
    made: BranchkitHooks = type(called.title(), (BranchkitHooks,), {"name": called, **hooks})()
    return made


def _answer(answer: tuple[object, ...]) -> Callable[[object, HookContext], tuple[object, ...]]:
    return lambda self, context: answer


def calendar(key: str) -> CalendarRecord:
    return CalendarRecord(key, version="1", load=opener)


def opener(*_: object) -> Any:
    raise AssertionError("nothing is opened here")


def overriding(name: str, folder: Path, *ids: str) -> BranchkitHooks:
    """Build a plug-in whose catalog overrides documents."""
    root = folder / name
    (root / "overrides" / "checklists").mkdir(parents=True)
    for id in ids:
        (root / "overrides" / "checklists" / f"{id}.toml").write_text("")
    return offering(name, catalogs=(CatalogRecord(f"{name}.catalog", version="1", root=root),))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line with core and the plug-ins that are given, and nothing that is installed."""

    def invoke(*args: str, given: tuple[BranchkitHooks, ...] = ()) -> Result:
        def loaded(config: Any, **more: Any) -> Plugins:
            return Plugins.load(
                builtin=(CorePlugin(),), extra=given, entry_points=False, strict=more["strict"],
                commands_taken=more["commands_taken"], disabled=config.disabled,
            )  # fmt: skip

        monkeypatch.setattr(app, "load_plugins", loaded)
        return CliRunner().invoke(build(), args)

    return invoke


def told(result: Result) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in map(json.loads, result.stdout.splitlines())}


def test_the_list_tells_status_and_counts(run: Run, tmp_path: Path) -> None:
    """A line of the list has the plug-in's name, status and origin, and how many keys and problems it has."""
    bank = tmp_path / "bank.toml"
    bank.write_text('schema = "branchkit.config/1"\ndisable = [{ plugin = "off" }]\n')
    given = (
        offering("acme", calendars=(calendar("acme.works"), calendar("acme.rests"))),
        offering("beta", calendars=(calendar("works"),)),
        offering("off"),
    )
    done = run("--config", str(bank), "plugins", "list", given=given)

    assert done.stdout.splitlines()[0].startswith("acme             ok        given by the application: 2 keys")
    assert done.stdout.splitlines()[1].startswith("beta             failed    given by the application: 1 problem")
    assert "off              disabled  given by the application: nothing" in done.stdout.splitlines()


CONFLICTS = [
    (
        (
            offering("acme", stores=(StoreRecord("acme.db", version="1", schemes=("pg",), open=opener),)),
            offering("beta", stores=(StoreRecord("beta.db", version="1", schemes=("pg",), open=opener),)),
        ),
        "the store scheme 'pg' is also claimed by '{other}'",
        ("acme", "beta"),
    ),
    (
        (
            offering("acme", cli_commands=(CliCommandRecord("drill", load=opener),)),
            offering("beta", cli_commands=(CliCommandRecord("drill", load=opener),)),
        ),
        "command drill: it is also claimed by '{other}'",
        ("acme", "beta"),
    ),
    (
        (offering("acme", calendars=(calendar("beta.works"),)), offering("beta", calendars=(calendar("beta.works"),))),
        "the calendar 'beta.works' is also offered by '{other}'",
        ("acme",),
    ),
    ((offering("acme"), offering("acme")), "the name 'acme' is also claimed by 'acme'", ("acme",)),
]


@pytest.mark.parametrize(("given", "reason", "names"), CONFLICTS, ids=["scheme", "command", "key", "name"])
def test_conflicts_are_told_with_both_names(
    run: Run, given: tuple[BranchkitHooks, ...], reason: str, names: tuple[str, ...]
) -> None:
    """Where two plug-ins claim one thing, the doctor names the one that loses it, the thing, and the other one."""
    done = run("plugins", "doctor", given=given)

    assert done.exit_code == 1
    for name in names:
        other = "beta" if name == "acme" else "acme"
        assert f"{name} (given by the application): {reason.format(other=other)}" in done.stdout


def test_two_that_override_one_document_are_told(run: Run, tmp_path: Path) -> None:
    """Two plug-ins that override one document are each told the other's name; one that is alone is not."""
    given = (
        overriding("acme", tmp_path, "outdoor", "indoor"),
        overriding("beta", tmp_path, "outdoor"),
        overriding("gamma", tmp_path, "counter"),
    )
    found = told(run("plugins", "doctor", "--json", given=given))

    assert found["acme"]["problems"] == [
        "acme/overrides/checklists/outdoor.toml overrides the checklist 'outdoor', which 'beta' overrides too"
    ]
    assert ["which 'acme' overrides too" in one for one in found["beta"]["problems"]] == [True]
    assert found["gamma"]["problems"] == []


def test_a_catalog_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    """A plug-in whose catalog cannot be listed is named with the reason."""
    record = CatalogRecord("acme.catalog", version="1", root=tmp_path / "nowhere")
    done = run("plugins", "doctor", given=(offering("acme", catalogs=(record,)),))

    assert done.exit_code == 1
    assert "acme (given by the application): its catalog cannot be listed: " in done.stdout


def test_a_failure_is_told_with_the_name(run: Run) -> None:
    """A plug-in that fails is named with the reason by all three, and the doctor ends with 1."""
    given = (offering("acme", stores=(calendar("acme.works"),)),)
    reason = "branchkit_stores: Expected a tuple of StoreRecord, got one with CalendarRecord"
    doctor = run("plugins", "doctor", given=given)

    assert (doctor.exit_code, doctor.stdout) == (1, f"acme (given by the application): {reason}\n")
    assert f"  ! {reason}\n" in run("plugins", "show", "acme", given=given).stdout
    assert told(run("plugins", "list", "--json", given=given))["acme"]["problems"] == [reason]


OLD = {"branchkit_calendars": Deprecation(since="0.4", instead="branchkit_catalogs")}


def test_deprecated_hooks_are_told_and_are_no_fault(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deprecated hook is told with its plug-in and what to use, by all three; the doctor ends with 0 all the same."""
    monkeypatch.setattr(loading, "DEPRECATED", OLD)
    given = (offering("acme", calendars=(calendar("acme.works"),)), offering("beta"))
    what = "branchkit_calendars is deprecated since branchkit 0.4; use branchkit_catalogs"
    doctor = run("plugins", "doctor", given=given)

    assert doctor.exit_code == 0
    assert doctor.stdout == f"acme (given by the application): {what}\n3 plug-ins, no problems\n"
    assert f"  ~ {what}\n" in run("plugins", "show", "acme", given=given).stdout
    found = told(run("plugins", "list", "--json", given=given))
    assert (found["acme"]["deprecated"], found["beta"]["deprecated"]) == ([what], [])
    assert "1 key, 1 deprecated hook" in run("plugins", "list", given=given).stdout


def test_loading_warns_of_deprecated_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever loads a plug-in that uses a deprecated hook gets a DeprecationWarning that names it, and its records."""
    monkeypatch.setattr(loading, "DEPRECATED", OLD)

    with pytest.warns(DeprecatedHook, match="Plug-in 'acme': branchkit_calendars is deprecated since branchkit 0.4"):
        plugins = Plugins.load(extra=(offering("acme", calendars=(calendar("acme.works"),)),), entry_points=False)
    assert list(plugins.calendars) == ["acme.works"]
    assert issubclass(DeprecatedHook, DeprecationWarning)


def test_the_new_hook_beside_the_old_one_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in that overrides the new hook as well runs on old and new branchkits and is not warned of."""
    monkeypatch.setattr(loading, "DEPRECATED", OLD)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Plugins.load(extra=(offering("acme", calendars=(), catalogs=()),), entry_points=False)


def test_other_warnings_pass(run: Run) -> None:
    """What else a plug-in warns of while it is loaded is not swallowed."""

    def warn(self: object, context: HookContext) -> tuple[()]:
        warnings.warn("the notice for 2027 is not out", UserWarning, stacklevel=1)
        return ()

    made: BranchkitHooks = type("Acme", (BranchkitHooks,), {"name": "acme", "branchkit_calendars": warn})()

    with pytest.warns(UserWarning, match="the notice for 2027"):
        run("plugins", "doctor", given=(made,))
