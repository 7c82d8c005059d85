"""Errors say what was wrong, keep what they know, and travel."""

from __future__ import annotations

import datetime as dt
import pickle

import attrs
import pytest

from branchkit.errors import (
    BranchkitError,
    CalendarUnknown,
    CatalogError,
    ConfigError,
    Conflict,
    DecodeError,
    DuplicateKey,
    HookNameError,
    InputError,
    MissingKey,
    NotFound,
    NotPermitted,
    PluginError,
    PluginFailed,
    Problem,
    Refusal,
    Refused,
    StorageError,
    StoreCorrupt,
    StoreTooNew,
    Unsupported,
)

PROBLEM = Problem("$.id", "Expected text")
REFUSAL = Refusal("guard", "the stage is done", rules=("service:ROL-02",), path="$.stage")
DAY = dt.date(2026, 12, 31)
ERRORS: list[tuple[BranchkitError, str]] = [
    (InputError("a.json", (PROBLEM,)), "a.json: 1 problem\n  Expected text - at `$.id`"),
    (DecodeError("a.json", (PROBLEM, PROBLEM)), "a.json: 2 problems" + "\n  Expected text - at `$.id`" * 2),
    (CatalogError("a.toml", ()), "a.toml: 0 problems"),
    (NotFound("branch", "B-9"), "No branch 'B-9'"),
    (NotFound("branch", "B-9", ("B-1", "B-2")), "No branch 'B-9'; there are: B-1, B-2"),
    (Refused("Submit", ("one", "two")), "Submit refused: one; two"),
    (NotPermitted("Submit", ("no right",)), "Submit refused: no right"),
    (Refused.because("Submit", [REFUSAL]), "Submit refused: the stage is done (service:ROL-02)"),
    (Unsupported("fix", "policy 'p'", "it is opaque"), "policy 'p' does not support fix: it is opaque"),
    (
        CalendarUnknown("cn", DAY + dt.timedelta(days=1), DAY),
        "Calendar 'cn' is confirmed through 2026-12-31; 2027-01-01 is beyond it: load the next year's notice",
    ),
    (
        CalendarUnknown("cn", DAY, DAY),
        "Calendar 'cn' does not reach back to 2026-12-31: load the earlier years' notices",
    ),
    (ConfigError("policies.score", "unknown setting"), "unknown setting - at `policies.score`"),
    (PluginError("acme", "is broken"), "Plug-in 'acme': is broken"),
    (HookNameError("acme", "no such hook"), "Plug-in 'acme': no such hook"),
    (DuplicateKey("acme", "taken"), "Plug-in 'acme': taken"),
    (MissingKey("acme", "not there"), "Plug-in 'acme': not there"),
    (PluginFailed("acme", "raised"), "Plug-in 'acme': raised"),
    (StorageError("a.db", "is locked"), "a.db: is locked"),
    (Conflict("a.db", "changed", "load again"), "a.db: changed; load again"),
    (StoreCorrupt("a.db", "chain"), "a.db: chain"),
    (StoreTooNew("a.db", "version 9"), "a.db: version 9"),
]


@pytest.mark.parametrize(("error", "message"), ERRORS, ids=lambda one: type(one).__name__)
def test_an_error_builds_its_message_from_what_it_knows(error: BranchkitError, message: str) -> None:
    """Each kind of error says what was wrong and where."""
    assert message == str(error)


@pytest.mark.parametrize("error", [error for error, _ in ERRORS], ids=lambda one: type(one).__name__)
def test_an_error_travels(error: BranchkitError) -> None:
    """A copy out of another process says the same and has the same attributes."""
    copy = pickle.loads(pickle.dumps(error))

    assert (type(error), str(error), known(error)) == (type(copy), str(copy), known(copy))


@pytest.mark.parametrize("error", [error for error, _ in ERRORS], ids=lambda one: type(one).__name__)
def test_two_errors_are_never_equal(error: BranchkitError) -> None:
    """An error is itself, so that a traceback may hold two that say the same, and it can be a key."""
    copy = pickle.loads(pickle.dumps(error))

    assert error != copy
    assert {error: 1}[error] == 1


def test_typed_reasons_stay_with_the_error() -> None:
    """What refuses keeps its codes and places beside the words."""
    error = NotPermitted.because("Submit", iter([REFUSAL, Refusal("late", "too late")]))

    assert (NotPermitted, ("the stage is done (service:ROL-02)", "too late")) == (type(error), error.reasons)
    assert [("guard", "$.stage"), ("late", "$")] == [(one.code, one.path) for one in error.refusals]
    assert () == Refused("Submit", ("no",)).refusals


def test_a_reason_has_a_code_and_words_and_names_the_rest() -> None:
    """Rules and a place are given by name, so that nobody mixes up an id and a path."""
    with pytest.raises(TypeError):
        Refusal("guard", "no", ("service:ROL-02",))  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError):
        Refusal("guard", "no", "$.stage", rules=())  # type: ignore[arg-type, misc]  # wrong on purpose
    assert "no" == str(Refusal("guard", "no"))
    assert ["no", "no"] == [Refusal("guard", "no").say(lang) for lang in ("en", "zh")]
    assert ["no", "不可"] == [Refusal("guard", "no", zh="不可").say(lang) for lang in ("en", "zh")]


def known(error: BranchkitError) -> tuple[object, ...]:
    """Return what an error keeps beside its message."""
    return tuple(getattr(error, field.name) for field in attrs.fields(type(error)))  # type: ignore[arg-type]  # each is one
