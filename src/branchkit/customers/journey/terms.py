"""The terms that journeys go by, as data: who may take which step, and what a step sets going.

Two decision tables of the catalog hold them, which a bank patches as it patches any other document.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from branchkit.conditions import DecisionTable, FactValue

__all__ = ["POSTS_TABLE", "TERMS_TABLE", "Terms"]

POSTS_TABLE = "referral-posts"
"""The table that says which post, or which target, may take which step."""
TERMS_TABLE = "referral-terms"
"""The table that says which consent, which time and which procedure belongs to a step."""


@attrs.frozen
class Terms:
    """What the tables in force say."""

    posts: DecisionTable
    steps: DecisionTable

    def may(self, step: str, post: str) -> bool:
        """Say whether a post may take a step; for some steps it is a target, or a level of interest."""
        row = self.posts.decide({"step": step, "who": post}).value
        return row is not None and row.get("may") is True

    def fitting(self, step: str, posts: Iterable[str]) -> str | None:
        """Return the first of somebody's posts that may take a step; ``None`` where none may."""
        return next((post for post in posts if self.may(step, post)), None)

    def may_not(self, step: str, posts: Iterable[str]) -> str:
        """Say in words that none of somebody's posts may take a step."""
        held = ", ".join(posts) or "none"
        return f"the posts held ({held}) may not take the step {step!r}; the table {self.posts.id!r} says which may"

    @property
    def purpose(self) -> str | None:
        """The purpose that the customer's consent has to be for; ``None`` where nothing is set."""
        return self._code("attach_customer", "purpose")

    def valid(self, step: str) -> dt.timedelta | None:
        """How long what a step begins counts; ``None`` where no time is set."""
        found = self._of(step, "valid")
        return found if isinstance(found, dt.timedelta) else None

    def procedure(self, step: str) -> str | None:
        """Return the procedure of which a step opens a case; ``None`` where it opens none."""
        return self._code(step, "procedure")

    def _code(self, step: str, name: str) -> str | None:
        found = self._of(step, name)
        return found if isinstance(found, str) else None

    def _of(self, step: str, name: str) -> FactValue | None:
        row = self.steps.decide({"step": step}).value
        return None if row is None else row.get(name)
