"""Addresses are read strictly, and what they hide stays hidden."""

from __future__ import annotations

import pytest
from branchkit_sql import open_postgresql
from branchkit_sql.address import OPTIONS, Address

from branchkit.errors import ConfigError


def test_an_address_is_read_whole() -> None:
    """Host, port, database, schema, user, password and libpq's options all arrive, percent signs undone."""
    address = Address.parse("postgresql://a%40b:p%2Fw@[::1]:5433/my%20db?schema=acme&sslmode=require")

    assert ("::1", 5433, "my db", "acme", "a@b", "p/w") == (
        address.host,
        address.port,
        address.database,
        address.schema,
        address.user,
        address.password,
    )
    assert {"sslmode": "require"} == dict(address.options)


def test_an_address_may_leave_almost_everything_to_libpq() -> None:
    """Without a host, a user and a database libpq's own defaults hold; the schema has a name of its own."""
    address = Address.parse("postgresql://")

    assert (None, None, None, None, None) == (
        address.host,
        address.port,
        address.database,
        address.user,
        address.password,
    )
    assert "branchkit" == address.schema


def test_a_folder_with_a_socket_is_shown() -> None:
    """A socket's folder stands in the words for the store, since it is where the store is."""
    assert "postgresql:///db?host=/run/pg&schema=s" == Address.parse("postgresql:///db?host=/run/pg&schema=s").where


def test_what_is_secret_is_not_shown() -> None:
    """The words for a store hold no user, no password and no option; the repr holds no password."""
    address = Address.parse("postgresql://clerk:hunter2@host/db?sslcert=hunter2")

    assert "postgresql://host/db?schema=branchkit" == address.where
    assert "hunter2" not in repr(address).replace("'sslcert': 'hunter2'", "")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("mysql://host/db", "postgresql://user"),
        ("postgresql:db", "postgresql://user"),
        ("postgresql://u:hunter2@hunter2@host/db", "%40"),
        ("postgresql://u:hunter2/hunter2@host/db", "%40"),
        ("postgresql://u:hunter2#hunter2@host/db", "%40"),
        ("postgresql://u:hunter2?hunter2@host/db", "%40"),
        ("postgresql://u:p@host:hunter2/db", "a number for a port"),
        ("postgresql://u:p@host/db?schema=Hunter2", "lower-case letters"),
        ("postgresql://u:p@host/db?schema=pg_hunter2", "not beginning with pg_"),
        ("postgresql://u:p@host/db?hunter2", "option=value"),
        ("postgresql://u:1234?hunter2=1@host/db", "%40"),
        ("postgresql://u:p@host/db?sslmode=a&sslmode=hunter2", "each option once"),
        ("postgresql://u:p@host/db?password=hunter2", "Unknown option 'password'; there are: application_name,"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(location: str, words: str) -> None:
    """What is wrong is said in words that repeat nothing of what may be a password."""
    with pytest.raises(ConfigError) as caught:
        Address.parse(location)

    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_no_option_takes_a_secret() -> None:
    """A password is given in one place, where it is masked, or to libpq by itself."""
    assert not {name for name in OPTIONS if "password" in name}


@pytest.mark.parametrize("option", [{"checkpoint_every": 0}, {"connections": 1}, {"patience": 0}])
def test_a_number_that_makes_no_sense_is_refused(option: dict[str, int]) -> None:
    """Options are checked before a server is looked for."""
    with pytest.raises(ConfigError, match=next(iter(option))):
        open_postgresql("postgresql://nowhere.invalid/db", **option)
