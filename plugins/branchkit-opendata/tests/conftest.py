"""What the tests share: the carried data, and an import that keeps its notices."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, settings

from branchkit.errors import Problem
from branchkit.messages import Command
from branchkit.plugins import ImportContext, SourceFile
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
    files = []
    for number, source in enumerate(sources):
        if isinstance(source, str):
            files.append(SourceFile(Path(source).name, data=(DATA / source).read_bytes()))
        else:
            data = source if isinstance(source, bytes) else json.dumps(source).encode()
            files.append(SourceFile(f"file-{number}", data=data))
    context = ImportContext(files=tuple(files), at=at, options=FrozenMap(options), notice=notices.append)
    return Imported(tuple(read(context)), tuple(notices))


@pytest.fixture(scope="session")
def imported() -> Callable[..., Imported]:
    return run
