"""What the tests share: the carried data, and an import that keeps its notices."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, settings

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.errors import BranchkitError, Problem
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Command
from branchkit.plugins import ImportContext, SourceFile
from branchkit.plugins.config import Config
from branchkit.values import FrozenMap

DATA = Path(__file__).resolve().parents[3] / "examples" / "data"
AT = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)


# The profiles of the core tests, for a distribution that may be tested alone.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("quick", max_examples=60, **_COMMON)
settings.register_profile("ci", max_examples=60, derandomize=True, print_blob=True, **_COMMON)
settings.register_profile("deep", max_examples=2000, **_COMMON)
settings.load_profile(os.environ.get("BRANCHKIT_HYPOTHESIS") or ("ci" if os.environ.get("CI") else "quick"))


@attrs.frozen
class Imported:
    """What an import gave."""

    commands: tuple[Command, ...]
    notices: tuple[Problem, ...]

    @property
    def told(self) -> list[str]:
        return [str(notice) for notice in self.notices]


def run(read: Callable[[ImportContext], Any], *sources: object, at: dt.datetime = AT, **options: str) -> Imported:
    """Import the names of carried files, bytes, or plain data that becomes JSON."""
    notices: list[Problem] = []
    sources_read = []
    for number, source in enumerate(sources):
        if isinstance(source, str):
            sources_read.append(SourceFile(Path(source).name, data=(DATA / source).read_bytes()))
        else:
            data = source if isinstance(source, bytes) else json.dumps(source).encode()
            sources_read.append(SourceFile(f"file-{number}", data=data))
    context = ImportContext(files=tuple(sources_read), at=at, options=FrozenMap(options), notice=notices.append)
    return Imported(tuple(read(context)), tuple(notices))


@pytest.fixture(scope="session")
def imported() -> Callable[..., Imported]:
    return run


SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
"""Where developers keep data that may not be shipped; what needs it is left out where it is not there."""


@pytest.fixture(scope="session")
def shared() -> Callable[[str], bytes]:
    """Return what reads a file that is kept beside the repository, or skips the test."""

    def read(name: str) -> bytes:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} is not there")
        return path.read_bytes()

    return read


@pytest.fixture(scope="session")
def rules() -> RuleBook:
    """Return core's rules with this plug-in's catalog beside them."""
    root = files("branchkit_opendata").joinpath("catalog")
    return RuleBook(Catalog([CatalogRoot("opendata", root)]), load_plugins(Config(), entry_points=False))


@pytest.fixture(scope="session")
def carried(rules: RuleBook) -> Callable[[Iterable[Command]], Kit]:
    """Return what opens a kit and carries out commands, all of which it has to accept."""

    def carry(commands: Iterable[Command]) -> Kit:
        kit = Kit.open("memory:", rules=rules)
        assert [one for one in kit.do_all(commands) if isinstance(one, BranchkitError)] == []
        return kit

    return carry


class Tables:
    """Comma-separated tables as lists of rows, and back."""

    @staticmethod
    def read(data: bytes) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(data.decode())))

    @staticmethod
    def write(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> bytes:
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()


@pytest.fixture(scope="session")
def tables() -> type[Tables]:
    return Tables
