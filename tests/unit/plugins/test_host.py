"""The host, with plug-ins that the application hands over."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from branchkit.errors import DuplicateKey, MissingKey, PluginError
from branchkit.messages import Event
from branchkit.plugins import (
    BranchkitHooks,
    CatalogRecord,
    CliCommandRecord,
    EventContext,
    HookContext,
    Plugins,
    ScoringPolicyRecord,
    StoreRecord,
    disabled_from_environment,
)
from branchkit.scoring import Evidence, FixPlan, Score
from branchkit.trace import Decision


@attrs.frozen
class Policy:
    """A policy that always answers its own id."""

    id: str
    version: str = "1"
    capabilities: frozenset[str] = frozenset()

    def score(self, evidence: Evidence) -> Decision[Score]:
        raise AssertionError("no test scores by it")

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        raise AssertionError("no test asks it")


def opener(context: object) -> object:
    raise AssertionError("no test opens this store")


def plugin(
    name: str,
    *keys: str,
    schemes: tuple[str, ...] = (),
    commands: tuple[str, ...] = (),
    on_event: Callable[[EventContext], None] | None = None,
) -> BranchkitHooks:
    """Build a plug-in that offers scoring policies, a store and commands, and may observe."""

    def policies(self: object, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        return tuple(ScoringPolicyRecord.of(Policy(key)) for key in keys)

    def stores(self: object, context: HookContext) -> tuple[StoreRecord, ...]:
        key = f"{name}.db" if name != "core" else "db"
        return (StoreRecord(key, version="1", schemes=schemes, open=opener),) if schemes else ()  # type: ignore[arg-type]

    def cli(self: object, context: HookContext) -> tuple[CliCommandRecord, ...]:
        return tuple(CliCommandRecord(command, load=opener) for command in commands)  # type: ignore[arg-type]

    body: dict[str, object] = {
        "name": name,
        "branchkit_scoring_policies": policies,
        "branchkit_stores": stores,
        "branchkit_cli_commands": cli,
    }
    if on_event is not None:
        told = on_event

        def observe(self: object, context: EventContext) -> None:
            told(context)

        body["branchkit_on_event"] = observe
    made: BranchkitHooks = type(name.title(), (BranchkitHooks,), body)()
    return made


def raising(name: str, hook: str, error: BaseException) -> BranchkitHooks:
    """Build a plug-in whose hook raises."""

    def fail(self: object, context: HookContext) -> tuple[()]:
        raise error

    made: BranchkitHooks = type("Raising", (BranchkitHooks,), {"name": name, hook: fail})()
    return made


def answering(name: str, hook: str, answer: object) -> BranchkitHooks:
    """Build a plug-in whose hook answers something."""
    made: BranchkitHooks = type("Answering", (BranchkitHooks,), {"name": name, hook: lambda self, context: answer})()
    return made


@attrs.frozen(kw_only=True)
class Swept(Event):
    """The hall was swept."""

    KIND = "hall.swept"


def load(*extra: BranchkitHooks, **options: object) -> Plugins:
    return Plugins.load(extra=extra, entry_points=False, **options)  # type: ignore[arg-type]


def problems(plugins: Plugins) -> dict[str, tuple[str, ...]]:
    return {status.name: status.problems for status in plugins.status() if status.status == "failed"}


# Registries


def test_record_by_full_key() -> None:
    """A key with the plug-in's name before the dot finds that plug-in's record."""
    plugins = load(plugin("acme", "acme.stars"), plugin("beta", "beta.stars"))

    assert "beta.stars" == plugins.scoring_policy("beta.stars").key


def test_bare_key_of_one_plugin() -> None:
    """The part after the dot will do where one plug-in alone offers it."""
    plugins = load(plugin("acme", "acme.stars"), plugin("beta", "beta.moons"))

    assert "acme.stars" == plugins.scoring_policy("stars").key


def test_bare_key_of_two_plugins_is_ambiguous() -> None:
    """A bare key that two plug-ins offer is refused, and the error names both."""
    plugins = load(plugin("acme", "acme.stars"), plugin("beta", "beta.stars"))

    with pytest.raises(DuplicateKey, match=r"acme\.stars or beta\.stars; write the whole key"):
        plugins.scoring_policy("stars")


def test_core_owns_the_keys_without_a_dot() -> None:
    """A bare key is core's where core has it, whatever plug-ins offer."""
    plugins = load(plugin("acme", "acme.standard"), builtin=[plugin("core", "standard")])

    assert "standard" == plugins.scoring_policy("standard").key


def test_called_policy_is_the_policy_itself() -> None:
    """What the host returns is the plug-in's own object, so a call through the host is a direct call."""
    policy = Policy("acme.stars")
    plugins = load(answering("acme", "branchkit_scoring_policies", (ScoringPolicyRecord.of(policy),)))

    assert policy is plugins.scoring_policy("acme.stars").policy


def test_store_by_scheme() -> None:
    """A store is found by the scheme of the address."""
    plugins = load(plugin("acme", schemes=("pg", "postgresql")))

    assert "acme.db" == plugins.store_for("postgresql").key


def test_unknown_scheme_names_the_schemes_there_are() -> None:
    """An unknown scheme is answered with the known ones, and with the plug-ins that are not there."""
    plugins = load(plugin("acme", schemes=("pg",)), plugin("beta"), disabled=("beta",))

    with pytest.raises(MissingKey, match=r"scheme 'mysql'; schemes: pg; not loaded: beta \(disabled\)"):
        plugins.store_for("mysql")


def test_catalogs_are_sorted(tmp_path: Path) -> None:
    """All catalogs come, sorted by key."""
    records = tuple(CatalogRecord(key, version="1", root=tmp_path) for key in ("acme.vaults", "acme.rules"))

    plugins = load(answering("acme", "branchkit_catalogs", records))

    assert ["acme.rules", "acme.vaults"] == [record.key for record in plugins.catalogs()]


def test_origin_says_who_brought_a_record() -> None:
    """A record's origin names plug-in and distribution; core's distribution is branchkit."""
    plugins = load(plugin("acme", "acme.stars"), builtin=[plugin("core", "standard")])

    origins = [plugins.origin(plugins.scoring_policy(key)) for key in ("acme.stars", "standard")]

    assert [("acme", None), ("core", "branchkit")] == [(one.plugin, one.distribution) for one in origins]


def test_origin_of_a_strange_record() -> None:
    """A record that no plug-in brought has no origin."""
    with pytest.raises(MissingKey, match=r"acme\.stars"):
        load().origin(ScoringPolicyRecord.of(Policy("acme.stars")))


# What is missing


def test_missing_key_of_a_plugin_that_is_not_installed() -> None:
    """A key whose plug-in is not there names that plug-in."""
    with pytest.raises(MissingKey) as caught:
        load().scoring_policy("acme.stars")

    assert "acme" == caught.value.plugin
    assert "is not installed" in str(caught.value)


def test_missing_key_of_a_disabled_plugin() -> None:
    """A key whose plug-in is turned off says so."""
    plugins = load(plugin("acme", "acme.stars"), disabled=("acme",))

    with pytest.raises(MissingKey, match="'acme': is disabled"):
        plugins.scoring_policy("acme.stars")


def test_missing_key_of_a_failed_plugin() -> None:
    """A key whose plug-in failed gives the reason."""
    failed = raising("acme", "branchkit_calendars", ValueError("no notice for 2027"))
    plugins = load(failed, strict=False)

    with pytest.raises(MissingKey, match="'acme': failed: branchkit_calendars raised ValueError: no notice for 2027"):
        plugins.scoring_policy("acme.stars")


def test_missing_key_of_a_loaded_plugin_names_near_ones() -> None:
    """A misspelt key of a plug-in that is there is answered with what is near."""
    with pytest.raises(MissingKey, match=r"brings no scoring policy 'acme\.star'; did you mean acme\.stars"):
        load(plugin("acme", "acme.stars")).scoring_policy("acme.star")


def test_missing_bare_key_lists_what_there_is() -> None:
    """A bare key that nothing resembles is answered with the keys there are."""
    with pytest.raises(MissingKey, match=r"there are: acme\.stars"):
        load(plugin("acme", "acme.stars")).scoring_policy("zzz")


@pytest.mark.parametrize("look_up", ["calendar", "importer", "renderer", "scoring_policy"])
def test_every_kind_fails_closed(look_up: str) -> None:
    """Each look-up raises at the point of use when nothing is there."""
    with pytest.raises(MissingKey, match=f"no plug-in brings a {look_up.replace('_', ' ')} 'x'"):
        getattr(load(), look_up)("x")


# What goes wrong while loading


WRONG_ANSWERS = [
    (raising("acme", "branchkit_stores", RuntimeError("boom")), "branchkit_stores raised RuntimeError: boom"),
    (raising("acme", "branchkit_stores", SystemExit(3)), "branchkit_stores raised SystemExit: 3"),
    (answering("acme", "branchkit_stores", []), "branchkit_stores: Expected a tuple of StoreRecord, got list"),
    (answering("acme", "branchkit_stores", None), "branchkit_stores: Expected a tuple of StoreRecord, got NoneType"),
    (
        answering("acme", "branchkit_stores", (ScoringPolicyRecord.of(Policy("acme.stars")),)),
        "branchkit_stores: Expected a tuple of StoreRecord, got one with ScoringPolicyRecord",
    ),
    (plugin("acme", "beta.stars"), "key 'beta.stars' is not the plug-in's own; write 'acme.stars'"),
    (plugin("acme", "stars"), "key 'stars' is not the plug-in's own; write 'acme.stars'"),
    (plugin("acme", "acme.stars", "acme.stars"), "brings the ScoringPolicyRecord 'acme.stars' twice"),
    (
        type("Newer", (BranchkitHooks,), {"name": "acme", "api": 2})(),
        "was written for hook API 2; this branchkit offers 1",
    ),
    (type("Newer", (BranchkitHooks,), {"name": "acme", "api": True})(), "was written for hook API True"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG_ANSWERS)
def test_failed_plugin_is_refused_with_the_reason(wrong: BranchkitHooks, reason: str) -> None:
    """Strict loading refuses a plug-in that does something wrong and says what."""
    with pytest.raises(PluginError) as caught:
        load(wrong)

    assert reason in str(caught.value)


@pytest.mark.parametrize(("wrong", "reason"), WRONG_ANSWERS)
def test_failed_plugin_leaves_others_alone(wrong: BranchkitHooks, reason: str) -> None:
    """Lenient loading keeps what is sound, takes nothing from the failed plug-in, and reports it."""
    plugins = load(wrong, plugin("beta", "beta.stars"), strict=False)

    assert ["beta.stars"] == list(plugins.scoring_policies)
    assert reason in problems(plugins)["acme"][0]


def test_hook_set_on_the_instance_is_refused() -> None:
    """A hook that is set on the instance passed no check, so it is refused at load."""
    acme = plugin("acme")
    acme.branchkit_calenders = lambda context: ()  # type: ignore[attr-defined]

    assert "set on the instance" in problems(load(acme, strict=False))["acme"][0]


def test_hook_set_on_the_class_later_counts() -> None:
    """A hook that is set on the class after it was created is checked and called like any other."""
    acme, beta = plugin("acme"), plugin("beta")
    policies = type(plugin("acme", "acme.stars")).branchkit_scoring_policies
    type(acme).branchkit_scoring_policies = policies  # type: ignore[method-assign]
    type(beta).branchkit_scoring_policy = policies  # type: ignore[attr-defined]

    plugins = load(acme, beta, strict=False)

    assert ["acme.stars"] == list(plugins.scoring_policies)
    assert "branchkit_scoring_policy is no hook" in problems(plugins)["beta"][0]


def test_plugin_that_raises_when_it_is_looked_at() -> None:
    """A plug-in whose very attributes raise fails alone."""

    class Hostile(BranchkitHooks):
        name = "hostile"

        @property
        def api(self) -> int:  # type: ignore[override]
            raise RuntimeError("go away")

    plugins = load(Hostile(), plugin("beta", "beta.stars"), strict=False)

    assert ("could not be registered: RuntimeError: go away",) == problems(plugins)["hostile"]
    assert ["beta.stars"] == list(plugins.scoring_policies)


def test_state_of_the_instance_is_free() -> None:
    """A plug-in may keep what it likes on its instance."""
    acme = plugin("acme", "acme.stars")
    acme.opened = 0  # type: ignore[attr-defined]

    assert ["acme.stars"] == list(load(acme).scoring_policies)


def test_class_in_place_of_an_instance() -> None:
    """A class where an instance belongs is refused with the remedy."""
    acme = type(plugin("acme"))

    assert "write plugin = Acme()" in problems(load(acme, strict=False))["acme"][0]  # type: ignore[arg-type]


def test_something_else_in_place_of_a_plugin() -> None:
    """An object that is no plug-in at all is refused."""
    assert "got int" in problems(load(7, strict=False))["int"][0]  # type: ignore[arg-type]


def test_plugin_without_a_name() -> None:
    """A plug-in that states no name is refused."""
    nameless = type("Nameless", (BranchkitHooks,), {})()

    assert ("Nameless states no name",) == problems(load(nameless, strict=False))["Nameless"]


def test_strict_loading_lists_everything() -> None:
    """One error names every failed plug-in with its reason."""
    with pytest.raises(PluginError) as caught:
        load(plugin("acme", "x.stars"), raising("beta", "branchkit_stores", RuntimeError("boom")))

    assert "acme, beta" == caught.value.plugin
    assert ("2 problems" in caught.value.what, "boom" in caught.value.what, "acme.stars" in caught.value.what) == (
        True,
    ) * 3


def test_one_name_twice_fails_both() -> None:
    """Of two plug-ins with one name neither is preferred: both fail."""
    plugins = load(plugin("acme", "acme.stars"), plugin("acme", "acme.moons"), strict=False)

    assert ["failed", "failed"] == [status.status for status in plugins.status()]
    assert [] == list(plugins.scoring_policies)


def test_core_keeps_its_name() -> None:
    """A plug-in that takes the name of core's own fails, and core's stays."""
    plugins = load(plugin("core", "core.stars"), builtin=[plugin("core", "standard")], strict=False)

    assert ["standard"] == list(plugins.scoring_policies)


def test_core_has_no_dotted_keys() -> None:
    """A plug-in of core with a dotted key is refused."""
    plugins = load(builtin=[plugin("core", "core.stars")], strict=False)

    assert "core's own keys have none" in problems(plugins)["core"][0]


def test_one_scheme_twice_fails_both() -> None:
    """Two plug-ins that claim one scheme both fail, and each reason names the other."""
    plugins = load(plugin("acme", schemes=("pg",)), plugin("beta", schemes=("pg",)), strict=False)

    assert {
        "acme": ("the store scheme 'pg' is also claimed by 'beta' (given by the application)",),
        "beta": ("the store scheme 'pg' is also claimed by 'acme' (given by the application)",),
    } == problems(plugins)


def test_core_keeps_its_scheme() -> None:
    """A plug-in that claims a scheme of core fails, and core's stays."""
    plugins = load(plugin("acme", schemes=("sqlite",)), builtin=[plugin("core", schemes=("sqlite",))], strict=False)

    assert "db" == plugins.store_for("sqlite").key
    assert ["acme"] == list(problems(plugins))


def test_order_decides_nothing() -> None:
    """Every order of the same plug-ins gives the same statuses, keys, commands and missing commands."""
    given = [
        plugin("acme", "acme.stars", schemes=("pg",), commands=("obie",)),
        plugin("beta", "beta.stars", schemes=("pg",), commands=("obie", "drill")),
        plugin("gamma", "gamma.stars", commands=("obie",)),
        plugin("delta", "delta.stars", commands=("obie",)),
        plugin("gamma", "gamma.moons"),
    ]

    outcomes = set()
    for order in itertools.permutations(given):
        plugins = load(*order, strict=False)
        outcomes.add((plugins.status(), tuple(plugins.scoring_policies), plugins.missing_commands()))

    assert 1 == len(outcomes)


# The off switch


def test_disabled_plugin_is_listed_and_not_asked() -> None:
    """A plug-in that is turned off is listed as disabled, and none of its hooks is called."""
    plugins = load(raising("acme", "branchkit_stores", RuntimeError("asked")), disabled=("acme",))

    assert [("acme", "disabled")] == [(status.name, status.status) for status in plugins.status()]


def test_star_turns_off_all_but_core() -> None:
    """The star turns every plug-in off, and core stays."""
    plugins = load(plugin("acme", "acme.stars"), builtin=[plugin("core", "standard")], disabled=("*",))

    assert ["standard"] == list(plugins.scoring_policies)


def test_disabling_one_of_two_of_one_name_is_no_tie() -> None:
    """Plug-ins that are off claim nothing, so an operator can settle a clash by turning one off."""
    plugins = load(plugin("acme", schemes=("pg",)), plugin("beta", schemes=("pg",)), disabled=("beta",))

    assert "acme.db" == plugins.store_for("pg").key


@pytest.mark.parametrize("value", ["", "0", "no", "False"])
def test_off_switch_that_is_not_pressed(value: str) -> None:
    """The switch is off when it is unset or says no."""
    assert frozenset() == disabled_from_environment({"BRANCHKIT_NO_PLUGINS": value})


def test_off_switch_and_list_together() -> None:
    """Both variables add up."""
    environ = {"BRANCHKIT_NO_PLUGINS": "yes", "BRANCHKIT_DISABLE": " acme,,beta "}

    assert frozenset({"*", "acme", "beta"}) == disabled_from_environment(environ)


def test_settings_for_nobody_are_refused() -> None:
    """Settings for a plug-in that is not there would have no effect, so strict loading refuses them."""
    with pytest.raises(PluginError, match="'acme': has settings, and no such plug-in is installed"):
        load(settings={"acme": {"top": 5}})


def test_settings_reach_the_hooks() -> None:
    """A hook finds its plug-in's settings in its context, and nobody else's."""
    seen: list[HookContext] = []

    class Told(BranchkitHooks):
        name = "told"

        def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
            seen.append(context)
            return ()

    load(Told(), plugin("acme"), settings={"told": {"top": 5}, "acme": {"top": 6}})

    assert [{"top": 5}] == [context.settings for context in seen]


# Commands


def test_commands_are_sorted() -> None:
    """Commands come sorted by name, whoever brings them."""
    plugins = load(plugin("beta", commands=("obie",)), plugin("acme", commands=("score", "drill")))

    assert ["drill", "obie", "score"] == [command.name for command in plugins.cli_commands()]


def test_command_twice_is_missing_with_the_reason() -> None:
    """A command that two plug-ins want is missing with the reason; the plug-ins stay, even loaded strictly."""
    plugins = load(plugin("acme", "acme.stars", commands=("obie", "drill")), plugin("beta", commands=("obie",)))

    assert ["drill"] == [command.name for command in plugins.cli_commands()]
    assert {("obie", "acme"), ("obie", "beta")} == {(one.name, one.origin.plugin) for one in plugins.missing_commands()}
    assert "acme.stars" == plugins.scoring_policy("stars").key


def test_command_twice_from_one_plugin_is_missing_once() -> None:
    """A plug-in that offers one command twice loses it, and the reason is given once."""
    plugins = load(plugin("acme", commands=("obie", "obie")))

    assert () == plugins.cli_commands()
    assert ["obie"] == [one.name for one in plugins.missing_commands()]


def test_command_of_core_is_missing_with_the_reason() -> None:
    """A command whose name core has is missing with the reason."""
    plugins = load(plugin("acme", commands=("score",)), commands_taken=("score",))

    assert () == plugins.cli_commands()
    assert ["core has a command of that name"] == [one.reason for one in plugins.missing_commands()]


@pytest.mark.parametrize(
    "wrong",
    [
        raising("acme", "branchkit_cli_commands", RuntimeError("boom")),
        answering("acme", "branchkit_cli_commands", [CliCommandRecord("obie", load=print)]),  # type: ignore[arg-type]
    ],
)
def test_failing_command_hook_costs_only_its_commands(wrong: BranchkitHooks) -> None:
    """A command hook that fails leaves the plug-in standing, even loaded strictly."""
    plugins = load(wrong)

    assert [None] == [one.name for one in plugins.missing_commands()]
    assert [("ok", 1)] == [(status.status, len(status.problems)) for status in plugins.status()]


# Observers


def test_observers_are_told_in_order_of_names() -> None:
    """Event by event, all observers are told, sorted by plug-in name whatever the order of loading."""
    told: list[tuple[str, Event]] = []
    first, second = Swept(), Swept()
    plugins = load(
        plugin("beta", on_event=lambda context: told.append(("beta", context.event))),
        plugin("acme", on_event=lambda context: told.append(("acme", context.event))),
    )

    failures = plugins.tell([first, second])

    assert () == failures
    assert [("acme", first), ("beta", first), ("acme", second), ("beta", second)] == told


def test_failing_observer_is_reported_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """An observer that raises stops nobody; it is returned, logged and counted, without what it said."""
    told: list[Event] = []

    def fail(context: EventContext) -> None:
        raise ValueError("Zhang San")

    plugins = load(plugin("acme", on_event=fail), plugin("beta", on_event=lambda context: told.append(context.event)))

    with caplog.at_level(logging.ERROR):
        failures = plugins.tell([Swept(), Swept()])

    assert 2 == len(told) == len(failures) == len(plugins.failures)
    assert [2, 0] == [status.observer_failures for status in plugins.status()]
    assert ("acme", "hall.swept") == (failures[0].origin.plugin, failures[0].event)
    assert "ValueError in " + __name__ + ", line " == failures[0].error.rstrip("0123456789")
    assert "Plug-in 'acme'" in caplog.text
    assert "Zhang" not in caplog.text + repr(failures)


def test_observer_may_not_be_stopped_from_outside() -> None:
    """An interrupt is no failure of the observer, so it comes out."""

    def interrupt(context: EventContext) -> None:
        raise KeyboardInterrupt

    plugins = load(plugin("acme", on_event=interrupt))

    with pytest.raises(KeyboardInterrupt):
        plugins.tell([Swept()])


def test_status_lists_keys_and_commands() -> None:
    """A status says which keys and commands a plug-in brings, sorted."""
    plugins = load(plugin("acme", "acme.stars", schemes=("pg",), commands=("obie",)))

    assert ("acme.db", "acme.stars", "branchkit obie") == plugins.status()[0].keys
