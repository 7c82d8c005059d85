"""What it costs that a policy comes from a plug-in: calls through branchkit's host beside direct ones and pluggy's.

The policy does next to nothing, so that nearly all of the time is the way to it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from decimal import Decimal

import attrs
from harness import Bar, Contender, Figure, main, take_turns

from branchkit.catalog import Catalog
from branchkit.kit import RuleBook
from branchkit.kit.scored import scored
from branchkit.plugins import BranchkitHooks, Config, HookContext, Plugins, ScoringPolicyRecord
from branchkit.scoring import Score
from branchkit.trace import Decision, Trace

_DECISION = Decision(
    Score(points=Decimal(80), band=None), trace=Trace(policy="acme.rule-0", version="1", plugin="acme")
)
_CALLS = 1000


@attrs.frozen
class Rule:
    """A policy that gives everything the same score."""

    id: str
    version: str = "1"

    def score(self, evidence: object) -> Decision[Score]:
        """Score."""
        return _DECISION


class Offer(BranchkitHooks):
    """A plug-in with so many policies."""

    name = "acme"

    def __init__(self, count: int) -> None:
        self._count = count

    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        """Offer them."""
        return tuple(ScoringPolicyRecord.of(Rule(f"acme.rule-{number}")) for number in range(self._count))


def repeated(call: Callable[[], object]) -> Callable[[], None]:
    """Return what calls something a thousand times."""

    def run() -> None:
        for _ in range(_CALLS):
            call()

    return run


def through_pluggy(count: int) -> Callable[[], object] | None:
    """Return a pluggy hook with so many implementations, called with one argument."""
    try:
        import pluggy
    except ImportError:
        return None
    spec, implementation = pluggy.HookspecMarker("bench"), pluggy.HookimplMarker("bench")

    class Spec:
        @spec
        def score(self, evidence: object) -> object:
            """Score."""

    class Implementation:
        @implementation
        def score(self, evidence: object) -> object:
            return _DECISION

    manager = pluggy.PluginManager("bench")
    manager.add_hookspecs(Spec)
    for number in range(count):
        manager.register(Implementation(), f"plug-in {number}")
    return lambda: manager.hook.score(evidence=None)


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what a call costs with one, five and twenty policies on offer."""
    for count in (1, 5, 20):
        plugins = Plugins.load(extra=(Offer(count),), entry_points=False)
        rules = RuleBook(Catalog(), plugins, Config())
        direct = Rule("acme.rule-0").score
        resolved = plugins.scoring_policy("acme.rule-0").policy.score
        listed = tuple(Rule(f"acme.rule-{number}").score for number in range(count))
        contenders: dict[str, Callable[[], object]] = {
            "through the host, looked up once": lambda call=resolved: call(None),
            "looked up at every call": lambda rules=rules: rules.policy("acme.rule-0").score(None),
            "looked up and its answer checked, as the kit does": lambda rules=rules: scored(
                rules.policy("acme.rule-0"), None
            ),
            "direct call": lambda call=direct: call(None),
            "loop over a tuple, all called": lambda listed=listed: [call(None) for call in listed],
        }
        roles = dict.fromkeys(contenders, "ours") | dict.fromkeys(list(contenders)[-2:], "floor")
        peer = through_pluggy(count)
        if peer is None:
            sys.stderr.write("pluggy: not installed, left out\n")
        else:
            contenders["pluggy, all called"], roles["pluggy, all called"] = peer, "peer"
        times = take_turns(
            {name: repeated(call) for name, call in contenders.items()}, units=_CALLS, rounds=5 if quick else 25
        )
        yield Figure(
            work="call one of so many policies",
            unit="call",
            size=count,
            contenders=tuple(Contender(name, roles[name], seconds) for name, seconds in times.items()),
            bars=(Bar("through the host, looked up once", "direct call", 1.3),),
        )


if __name__ == "__main__":
    main(__doc__, figures)
