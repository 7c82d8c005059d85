"""Named hash algorithms: SHA-256 by default, any other by a bank's choice."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping

import attrs

from branchkit.errors import ConfigError
from branchkit.values import FrozenMap

__all__ = ["SHA256", "HashAlgorithm", "algorithm_map", "hash_algorithm"]


@attrs.frozen
class HashAlgorithm:
    """A way to hash, under the name that every journal entry keeps.

    >>> SHA256.function(b"")[:8]
    'e3b0c442'
    """

    name: str
    function: Callable[[bytes], str] = attrs.field(kw_only=True, repr=False)
    """From bytes to hexadecimal digits."""
    mac: Callable[[bytes, bytes], str] = attrs.field(kw_only=True, repr=False)
    """From a key and bytes to a keyed commitment in hexadecimal digits."""


def hash_algorithm(name: str) -> HashAlgorithm:
    """Return an algorithm of the standard library by its name there, as in ``"sm3"`` where OpenSSL brings it.

    A hardware module's algorithm is made as a `HashAlgorithm` of its own functions.

    Raises:
        ConfigError: this Python does not have it.

    >>> hash_algorithm("sha3_256").function(b"")[:8]
    'a7ffc6f8'
    """
    try:
        hashlib.new(name)
    except ValueError as error:
        raise ConfigError("hash algorithm", f"This Python's hashlib has no {name!r}") from error
    return HashAlgorithm(
        name,
        function=lambda data: hashlib.new(name, data).hexdigest(),
        mac=lambda key, data: hmac.digest(key, data, name).hex(),
    )


SHA256 = HashAlgorithm(
    "sha256",
    function=lambda data: hashlib.sha256(data).hexdigest(),
    mac=lambda key, data: hmac.digest(key, data, "sha256").hex(),
)
"""SHA-256, the default."""


def algorithm_map(algorithms: Iterable[HashAlgorithm]) -> Mapping[str, HashAlgorithm]:
    """Return algorithms by name, in the order given: the first one writes, the others can be verified.

    Raises:
        ConfigError: there is none, or two have the same name.
    """
    listed = tuple(algorithms)
    if not listed:
        raise ConfigError("algorithms", "Expected at least one hash algorithm")
    if len({each.name for each in listed}) < len(listed):
        raise ConfigError("algorithms", "Expected hash algorithms of different names")
    return FrozenMap({each.name: each for each in listed})
