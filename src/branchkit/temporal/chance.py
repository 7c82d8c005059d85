"""Chance that is a secret before and can be checked after: draws that a seed alone decides.

Whoever keeps the secret makes one seed of it for each period. Before the period the *commitment* of the seed may be
told, which gives nothing away; after it the seed itself is, and anybody can draw again. A seed that is told says
nothing of the secret, nor of the seeds of other periods.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from branchkit.errors import InputError, Problem

__all__ = ["SECRET_BYTES", "commitment", "draw", "period_seed"]

SECRET_BYTES = 16
"""The least length of a secret; a shorter one could be found by trying."""

_SEED = b"branchkit/period-seed/1\0"
_DRAW = b"branchkit/draw/1\0"
_COMMITMENT = b"branchkit/seed-commitment/1\0"
_RANGE = 2**64


def period_seed(secret: bytes, period: str) -> bytes:
    """Return the seed of one period, made of the secret.

    Raises:
        InputError: The secret is shorter than `SECRET_BYTES`.

    >>> period_seed(b"0123456789abcdef", "2026-03").hex()[:16]
    'be44228d6b5b17f2'
    """
    if len(secret) < SECRET_BYTES:
        raise InputError("seed", (Problem("$", f"Expected a secret of at least {SECRET_BYTES} bytes"),))
    return hmac.digest(secret, _SEED + period.encode(), "sha256")


def commitment(seed: bytes) -> str:
    """Return what may be told of a seed beforehand, ``sha256:<hex>``: it binds whoever told it to this seed."""
    return f"sha256:{hashlib.sha256(_COMMITMENT + seed).hexdigest()}"


def draw(seed: bytes, label: str, count: int, of: int) -> tuple[int, ...]:
    """Draw different numbers from 0 to ``of - 1``, each set as likely as any other; sorted.

    Args:
        seed: the seed of the period.
        label: what is drawn for, so that draws from one seed have nothing to do with each other.
        count: how many; all of them where there are no more.
        of: how many to choose from.

    >>> drawn = draw(bytes(32), "patrol", 2, 31)
    >>> drawn == draw(bytes(32), "patrol", 2, 31), len(drawn)
    (True, 2)
    """
    numbers = list(range(of))
    chance = _chance(seed, label)
    kept = min(count, of)
    for at in range(kept):
        other = at + _below(chance, of - at)
        numbers[at], numbers[other] = numbers[other], numbers[at]
    return tuple(sorted(numbers[:kept]))


def _chance(seed: bytes, label: str) -> Iterator[int]:
    """Yield numbers below `_RANGE` without end."""
    block = 0
    while True:
        digest = hmac.digest(seed, _DRAW + block.to_bytes(8, "big") + label.encode(), "sha256")
        for at in range(0, len(digest), 8):
            yield int.from_bytes(digest[at : at + 8], "big")
        block += 1


def _below(chance: Iterator[int], limit: int) -> int:
    # The numbers past the last whole multiple would make the small results a little likelier.
    fair = _RANGE - _RANGE % limit
    return next(number for number in chance if number < fair) % limit
