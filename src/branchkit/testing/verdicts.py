"""Runs laws without pytest's command line, and says of each whether it holds."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, Literal

import attrs
import pytest

from branchkit.errors import BranchkitError
from branchkit.testing.laws import Laws, law_names

__all__ = ["Verdict", "verdicts"]


@attrs.frozen(kw_only=True)
class Verdict:
    """What came of one law."""

    kind: str
    """What it is a law of, as in ``importer``."""
    key: str
    """The key of what was tried."""
    law: str
    """The law's name, without the ``test_`` before it."""
    verdict: Literal["holds", "broken", "skipped"]
    """``skipped`` where the law asks for what was not declared, or there was nothing to try it with."""
    reason: str = ""
    """Why it is not ``holds``."""


def verdicts(laws: object, *, kind: str, key: str) -> Iterator[Verdict]:
    """Run every law of an instance and yield what came of it.

    Args:
        laws: An instance of a class such as `branchkit.testing.scoring.ScoringPolicyLaws`.
        kind: What it is a law of.
        key: The key of what is tried.
    """
    for name in law_names(type(laws)):
        law = getattr(laws, name)
        try:
            found, reason = _run(law)
        finally:
            if isinstance(laws, Laws):
                laws.finish()
        yield Verdict(kind=kind, key=key, law=name.removeprefix("test_"), verdict=found, reason=reason)


def _run(law: Any) -> tuple[Literal["holds", "broken", "skipped"], str]:
    try:
        law()
    except pytest.skip.Exception as told:
        return "skipped", str(told)
    except (AssertionError, pytest.fail.Exception) as broken:
        return "broken", _line(str(broken)) or _line(inspect.getdoc(law) or "")
    except BranchkitError as error:
        return "broken", _line(f"{type(error).__name__}: {error}")
    except Exception as error:  # noqa: BLE001 (whatever it is, it is the verdict)
        # The message may quote what was drawn; type and place are what its author looks for.
        return "broken", f"{type(error).__name__}{_place(error)}"
    return "holds", ""


def _line(text: str) -> str:
    lines = " ".join(text.split())
    return lines if len(lines) <= 300 else f"{lines[:299]}…"


def _place(error: BaseException) -> str:
    """Name the innermost module and line that is neither a test library's nor the laws'."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", "?"))
        if not module.startswith(("hypothesis", "branchkit.testing", "_pytest", "pytest")):
            place = f" in {module}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
