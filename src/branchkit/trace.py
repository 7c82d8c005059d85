"""What a rule or policy answers: a value and why."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Generic, Protocol, TypeVar, runtime_checkable

import attrs

from branchkit.values import Ref, Text, decimal_text

__all__ = ["Decision", "Step", "Trace"]

T = TypeVar("T", covariant=True)


@runtime_checkable
class _Says(Protocol):
    def say(self, lang: str = "en") -> str: ...


@attrs.frozen(kw_only=True)
class Step:
    """One thing that moved a decision."""

    what: Text
    """What happened, in words; never text that somebody typed."""
    rules: tuple[str, ...] = ()
    """The qualified ids of the rules behind it."""
    refs: tuple[Ref, ...] = ()
    """What it looked at: items, devices, facts, by reference."""
    effect: Decimal | None = None
    """By how much it moved the result, where that is a number."""

    def say(self, lang: str = "en") -> str:
        """Write the step as one line."""
        effect = f"{'+' if self.effect > 0 else ''}{decimal_text(self.effect)}  " if self.effect is not None else ""
        refs = f" [{', '.join(map(str, self.refs))}]" if self.refs else ""
        rules = f" ({', '.join(self.rules)})" if self.rules else ""
        return f"{effect}{self.what.say(lang)}{refs}{rules}"


@attrs.frozen(kw_only=True)
class Trace:
    """Why a decision came out as it did: who decided, from what, in which steps."""

    policy: str
    """The key of the policy or rule that decided; a plug-in's keys carry its name before the dot."""
    version: str
    """The version of that policy."""
    plugin: str = "branchkit"
    """The distribution that brought it."""
    inputs: tuple[Ref, ...] = ()
    """What was judged, by reference."""
    digests: tuple[str, ...] = ()
    """Digests of the inputs where they have one, so that a third party can check that it holds the same."""
    calendar: str | None = None
    """The calendar and its version, where one was asked."""
    steps: tuple[Step, ...] = ()

    def lines(self, lang: str = "en") -> Iterator[str]:
        """Yield the trace as lines for people."""
        origin = "" if self.plugin == "branchkit" else f" ({self.plugin})"
        yield f"{self.policy} {self.version}{origin}: {', '.join(map(str, self.inputs))}"
        for step in self.steps:
            yield f"  {step.say(lang)}"


@attrs.frozen
class Decision(Generic[T]):
    """A value and the trace that explains it."""

    value: T
    trace: Trace

    def why(self, lang: str = "en") -> str:
        """Explain the decision in words: which policy and version, which items, which rules.

        A value that can `say` itself in a language, as a `Score` can, does.
        """
        said = self.value.say(lang) if isinstance(self.value, _Says) else str(self.value)
        return "\n".join((said, *self.trace.lines(lang)))
