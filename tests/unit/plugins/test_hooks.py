"""The class that plug-in authors inherit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from branchkit.errors import HookNameError, PluginError
from branchkit.plugins import HOOKS, BranchkitHooks, CalendarRecord, HookContext, StoreRecord

ALL = {
    "branchkit_scoring_policies",
    "branchkit_stores",
    "branchkit_catalogs",
    "branchkit_calendars",
    "branchkit_importers",
    "branchkit_renderers",
    "branchkit_on_event",
    "branchkit_cli_commands",
    "branchkit_escalation_policies",
    "branchkit_notifiers",
    "branchkit_tier_policies",
    "branchkit_assignment_policies",
    "branchkit_credit_policies",
    "branchkit_ports",
}


def test_the_hooks() -> None:
    """The base class offers exactly the hooks that the design names."""
    assert ALL == set(HOOKS)


def test_defaults_offer_nothing() -> None:
    """A plug-in that overrides no hook offers nothing."""

    class Empty(BranchkitHooks):
        name = "empty"

    answers = {hook: getattr(Empty(), hook)(HookContext()) for hook in ALL}

    assert {hook: None if hook == "branchkit_on_event" else () for hook in ALL} == answers


def test_overrides_are_marked_for_pluggy() -> None:
    """An override carries pluggy's mark without a decorator, and a default carries none."""

    class Marked(BranchkitHooks):
        name = "marked"

        def branchkit_stores(self, context: HookContext) -> tuple[StoreRecord, ...]:
            return ()

    marked = [hook for hook in HOOKS if hasattr(getattr(Marked, hook), "branchkit_impl")]

    assert ["branchkit_stores"] == marked


def test_misspelt_hook_is_refused_at_class_creation() -> None:
    """A misspelt hook raises when the class statement runs, and the message names the near miss."""
    with pytest.raises(HookNameError) as caught:

        class Misspelt(BranchkitHooks):
            name = "acme"

            def branchkit_calender(self, context: HookContext) -> tuple[CalendarRecord, ...]:
                return ()

    assert "acme" == caught.value.plugin
    assert "Misspelt.branchkit_calender is no hook; did you mean branchkit_calendars?" in str(caught.value)


def test_unknown_hook_without_near_miss_lists_all() -> None:
    """A name that resembles no hook is answered with the list of hooks."""
    with pytest.raises(HookNameError, match=", ".join(sorted(ALL))):
        type("Odd", (BranchkitHooks,), {"name": "odd", "branchkit_zz": lambda self, context: ()})


def test_misspelt_prefix_is_refused() -> None:
    """A hook whose very prefix is misspelt is refused too, since it would be passed over in silence."""
    with pytest.raises(HookNameError, match="did you mean branchkit_catalogs"):
        type("Odd", (BranchkitHooks,), {"name": "odd", "brachkit_catalogs": lambda self, context: ()})


def test_hook_of_a_mixin_is_checked() -> None:
    """A misspelt hook that comes in by a mixin is refused as well."""

    class Mixin:
        def branchkit_store(self, context: HookContext) -> tuple[StoreRecord, ...]:
            return ()

    with pytest.raises(HookNameError, match="branchkit_stores"):
        type("Mixed", (Mixin, BranchkitHooks), {"name": "mixed"})


def none(self: object) -> tuple[()]:
    return ()


def renamed(self: object, ctx: HookContext) -> tuple[()]:
    return ()


def two(self: object, context: HookContext, more: int = 0) -> tuple[()]:
    return ()


def star(self: object, *context: HookContext) -> tuple[()]:
    return ()


def keyword(self: object, *, context: HookContext) -> tuple[()]:
    return ()


async def coroutine(self: object, context: HookContext) -> tuple[()]:
    return ()


def generator(self: object, context: HookContext) -> Iterator[StoreRecord]:
    yield from ()


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (none, r"takes \(self\); a hook takes \(self, context\)"),
        (renamed, r"takes \(self, ctx\)"),
        (two, r"takes \(self, context, more\)"),
        (star, r"takes \(self, \*context\)"),
        (keyword, r"a hook takes \(self, context\)"),
        (coroutine, "coroutine or generator"),
        (generator, "coroutine or generator"),
        (staticmethod(renamed), "not a plain method"),
        (classmethod(renamed), "not a plain method"),
        ((), "not a plain method"),
    ],
)
def test_wrong_signature_is_refused(hook: object, message: str) -> None:
    """A hook that takes anything but one context, or is no plain method, is refused at class creation."""
    with pytest.raises(HookNameError, match=message):
        type("Wrong", (BranchkitHooks,), {"name": "wrong", "branchkit_stores": hook})


@pytest.mark.parametrize("name", ["Acme", "acme-bank", "", "1st", 7])
def test_wrong_name_is_refused(name: object) -> None:
    """A plug-in's name is lower-case letters, digits and underscores."""
    with pytest.raises(PluginError, match="Expected a name"):
        type("Named", (BranchkitHooks,), {"name": name})


def test_other_methods_are_free() -> None:
    """Methods of the author's own are nobody's business."""

    class Free(BranchkitHooks):
        name = "free"

        def helper(self, a: int, b: int) -> int:
            return a + b

        def _branchkit_stores(self) -> int:
            return 1

    assert 3 == Free().helper(1, 2)
