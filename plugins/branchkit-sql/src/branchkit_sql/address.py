"""Reads the address of a store, and never shows the password in it."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from branchkit.errors import ConfigError
from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.values import FrozenMap

__all__ = ["OPTIONS", "Address"]

OPTIONS = frozenset(
    {
        "application_name",
        "channel_binding",
        "connect_timeout",
        "gssencmode",
        "host",
        "passfile",
        "service",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
    }
)
"""The options of libpq that an address may carry behind its ``?``."""

_SCHEMA = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
_HOW = "postgresql://user:password@host/database?schema=branchkit"


@attrs.frozen(kw_only=True)
class Address:
    """Where a store lies.

    >>> address = Address.parse("postgresql://clerk:s%40cret@db.bank.example:5433/estate?sslmode=verify-full")
    >>> address.user, address.password, address.options["sslmode"]
    ('clerk', 's@cret', 'verify-full')
    >>> address.where
    'postgresql://db.bank.example:5433/estate?schema=branchkit'
    """

    host: str | None
    """A name, an address, or a folder with a socket; ``None`` leaves it to libpq."""
    port: int | None = None
    database: str | None
    schema: str
    user: str | None
    password: str | None = attrs.field(repr=mask, metadata=personal(FREE_TEXT))
    """``None`` leaves it to libpq: PGPASSWORD, a pass file, a certificate."""
    options: FrozenMap[str] = attrs.field(factory=lambda: FrozenMap[str]())

    @property
    def where(self) -> str:
        """The address in words, for messages; without user, password and options."""
        port = f":{self.port}" if self.port is not None else ""
        folder = f"host={self.host}&" if self.host is not None and self.host.startswith("/") else ""
        host = "" if folder else self.host or ""
        return f"postgresql://{host}{port}/{self.database or ''}?{folder}schema={self.schema}"

    @classmethod
    def parse(cls, location: str) -> Address:
        """Read an address.

        Raises:
            ConfigError: it makes no sense; repeats none of it but the names of options.
        """
        before, _, query = location.partition("?")
        if not before.startswith("postgresql://"):
            raise ConfigError("location", f"Expected {_HOW}")
        authority, _, path = before.removeprefix("postgresql://").partition("/")
        if authority.count("@") > 1 or "@" in path + query or "#" in location:
            what = "Expected %40, %2F, %3A, %3F and %23 for @, /, :, ? and # in a user name or password"
            raise ConfigError("location", what)
        try:
            parts = urlsplit(before)
            port = parts.port
        except ValueError:
            # What stands where a port should be may be half of a password.
            raise ConfigError("location", f"Expected {_HOW}, with a number for a port") from None
        options = _options(query)
        schema = options.pop("schema", "branchkit")
        if not _SCHEMA.fullmatch(schema):
            what = "Expected lower-case letters, digits and _ for schema, at most 63, not beginning with pg_"
            raise ConfigError("location", what)
        return cls(
            host=options.pop("host", None) or parts.hostname,
            port=port,
            database=unquote(parts.path.removeprefix("/")) or None,
            schema=schema,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            options=FrozenMap(options),
        )


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs):
        raise ConfigError("location", "Expected each option once")
    unknown = sorted(options.keys() - OPTIONS - {"schema"})
    if unknown and "=" in query:
        there = ", ".join(sorted(OPTIONS | {"schema"}))
        raise ConfigError("location", f"Unknown option {unknown[0]!r}; there are: {there}")
    if not all(options.values()):
        raise ConfigError("location", "Expected option=value behind the ?")
    return options
