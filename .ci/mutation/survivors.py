"""The survivors that are explained: changes that make no difference, each with the reason why."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from mutants import Mutant

Key = tuple[str, str, str, str]
"""Module, function, the lines before and after: nothing that moves when something else is edited."""


def key_of(mutant: Mutant) -> Key:
    """Return what a survivor is known by."""
    return mutant.module, mutant.function, mutant.before, mutant.after


def explained(path: Path) -> dict[Key, str]:
    """Read the list of a floor; every entry must give its reason."""
    if not path.exists():
        return {}
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    found: dict[Key, str] = {}
    for one in entries:
        if set(one) != {"module", "function", "before", "after", "reason"} or not one["reason"].strip():
            raise SystemExit(f"{path}: expected module, function, before, after and a reason, got {one}")
        found[one["module"], one["function"], one["before"], one["after"]] = one["reason"]
    return found


def entry(mutant: Mutant) -> str:
    """Write a survivor as it would stand in the list, without its reason."""
    rows = zip(("module", "function", "before", "after"), key_of(mutant), strict=True)
    return "\n".join(["[[equivalent]]", *(f"{name} = {_quoted(value)}" for name, value in rows), 'reason = ""', ""])


def _quoted(value: str) -> str:
    if "\n" in value or '"' in value or "\\" in value:
        return f"'''{value}'''" if "'''" not in value and not value.endswith("'") else f'"""{value}"""'
    return f'"{value}"'


def stale(known: Iterable[Key], all_mutants: Iterable[Mutant]) -> list[Key]:
    """Return the entries that no mutant answers to: the code has changed since."""
    there = {key_of(one) for one in all_mutants}
    return [one for one in known if one not in there]
