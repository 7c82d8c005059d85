"""The records that plug-ins offer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from branchkit.plugins import (
    AssignmentPolicyRecord,
    CalendarRecord,
    CatalogRecord,
    CliCommandRecord,
    CreditPolicyRecord,
    ImportContext,
    PortRecord,
    RendererRecord,
    ScoringPolicyRecord,
    SourceFile,
    StoreContext,
    StoreRecord,
    TierPolicyRecord,
)
from branchkit.scoring import Evidence, FixPlan, Score
from branchkit.trace import Decision
from branchkit.values import Text


@attrs.frozen
class Stars:
    """A policy that gives everybody one star."""

    id: str = "acme.stars"
    version: str = "1"
    capabilities: frozenset[str] = frozenset()

    def score(self, evidence: Evidence) -> Decision[Score]:
        raise AssertionError("no test scores by it")

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        raise AssertionError("no test asks it")


def never() -> None:
    raise AssertionError("records are only described here")


def test_policy_record_takes_key_and_version_from_the_policy() -> None:
    """`of` offers a policy under its own id and version."""
    assert ScoringPolicyRecord("acme.stars", version="1", policy=Stars()) == ScoringPolicyRecord.of(Stars())


WRONG: list[tuple[str, Callable[[], object]]] = [
    ("Expected a policy with id", lambda: ScoringPolicyRecord("acme.other", version="1", policy=Stars())),
    ("Expected a policy with id", lambda: ScoringPolicyRecord("acme.stars", version="2", policy=Stars())),
    ("a policy with score", lambda: ScoringPolicyRecord("acme.stars", version="1", policy=object())),  # type: ignore[arg-type]
    ("a policy with tier and scheme", lambda: TierPolicyRecord("acme.tiers", version="1", policy=object())),  # type: ignore[arg-type]
    ("a policy with assign", lambda: AssignmentPolicyRecord("acme.turns", version="1", policy=object())),  # type: ignore[arg-type]
    ("a policy with share", lambda: CreditPolicyRecord("acme.shares", version="1", policy=object())),  # type: ignore[arg-type]
    ("Expected a name of", lambda: PortRecord("acme.core", version="1", port="Core bank", load=lambda settings: None)),
    ("Expected a key", lambda: CalendarRecord("Acme Works", version="1", load=never)),  # type: ignore[arg-type]
    ("Expected words for version", lambda: CalendarRecord("acme.works", version=" ", load=never)),  # type: ignore[arg-type]
    ("Expected something to call for load", lambda: CalendarRecord("acme.w", version="1", load=1)),  # type: ignore[arg-type]
    ("tuple of one or more", lambda: StoreRecord("acme.db", version="1", schemes=(), open=never)),  # type: ignore[arg-type]
    ("tuple of one or more", lambda: StoreRecord("acme.db", version="1", schemes="pg", open=never)),  # type: ignore[arg-type]
    ("Expected a folder", lambda: CatalogRecord("acme.rules", version="1", root="rules")),  # type: ignore[arg-type]
    ("Expected a name of", lambda: CliCommandRecord("Obie", load=never)),  # type: ignore[arg-type]
    (
        "Expected words for media_type",
        lambda: RendererRecord("acme.html", version="1", title=Text(en="Page"), media_type="", render=lambda _: b""),
    ),
    ("moment with a zone", lambda: ImportContext(files=(), at=dt.datetime(2026, 1, 5, 9))),  # noqa: DTZ001 (the fault under test)
]


@pytest.mark.parametrize(("message", "build"), WRONG)
def test_wrong_record_says_what_would_be_right(message: str, build: Callable[[], object]) -> None:
    """A record that could not work is refused where it is built."""
    with pytest.raises(ValueError, match=message):
        build()


def test_catalog_root_may_be_a_folder_on_disk(tmp_path: Path) -> None:
    """A catalog's root may be a path as well as a package's resources."""
    assert tmp_path == CatalogRecord("acme.rules", version="1", root=tmp_path).root


def test_contexts_mask_what_may_be_secret() -> None:
    """Neither a store's address nor a file's content shows in a repr."""
    shown = repr((StoreContext("postgresql://app:secret@db/branches"), SourceFile("staff.csv", data=b"Zhang")))

    assert "secret" not in shown
    assert "Zhang" not in shown


def test_progress_may_be_left_out() -> None:
    """An importer may report progress although nobody listens."""
    context = ImportContext(files=(), at=dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC))

    context.progress(1, None)

    assert callable(context.progress)
