"""Overrides single items of a packaged checklist, and leaves the rest of it as it is packaged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from branchkit.checklists import Checklist, Item
from branchkit.codec import Document, misfits
from branchkit.errors import CatalogError, Problem
from branchkit.values import Text

__all__ = ["ChecklistPatch", "LeftOutItem"]


@attrs.frozen
class LeftOutItem:
    """An item that a bank does not ask, and why."""

    id: str
    reason: Text = attrs.field(kw_only=True)


@attrs.frozen
class ChecklistPatch(Document):
    """What a bank changes in a packaged checklist, item by item: a file ``overrides/items/<id>.toml`` of its root.

    The items are given whole, so that each can be read by itself. What it makes is the checklist in force, under a
    version of its own; the packaged version stays there for sheets that were filled in against it.
    """

    SCHEMA: ClassVar[str] = "checklist_patch/1"

    id: str
    """The checklist."""
    version: str = attrs.field(kw_only=True)
    """The version of the checklist that it makes."""
    of: str = attrs.field(kw_only=True)
    """The packaged version it was written for: with another one the items have to be looked at anew."""
    replace: tuple[Item, ...] = attrs.field(default=(), kw_only=True)
    """Items that stand in the place of those with the same ids."""
    leave_out: tuple[LeftOutItem, ...] = attrs.field(default=(), kw_only=True)
    """Items that are not asked any more."""

    def validate(self) -> Iterator[Problem]:
        """Yield a version that is not its own, items named twice, and a patch that changes nothing."""
        if self.version == self.of:
            what = f"Expected another version than {self.of!r}: sheets of that one were filled in without the change"
            yield Problem("$.version", what)
        if not (self.replace or self.leave_out):
            yield Problem("$", "Has no effect: it neither replaces nor leaves out an item")
        seen: set[str] = set()
        for path, name in self._named():
            if name in seen:
                yield Problem(path, f"Expected each item once; {name!r} is named again")
            seen.add(name)

    def apply(self, packaged: Checklist, *, source: str) -> Checklist:
        """Return the checklist with the changes made.

        Args:
            packaged: the checklist as it is packaged.
            source: names the patch in errors.

        Raises:
            CatalogError: it was written for another version, names items that are not there, or leaves a checklist
                that does not hold together; every problem.
        """
        problems = list(self._unfit(packaged))
        if problems:
            raise CatalogError(source, tuple(problems))
        instead = {item.id: item for item in self.replace}
        gone = {one.id for one in self.leave_out}
        sections = (
            attrs.evolve(
                section, items=tuple(instead.get(item.id, item) for item in section.items if item.id not in gone)
            )
            for section in packaged.sections
        )
        made = attrs.evolve(
            packaged, version=self.version, sections=tuple(section for section in sections if section.items)
        )
        if wrong := misfits(made):
            raise CatalogError(source, tuple(Problem(one.path, f"As changed: {one.message}") for one in wrong))
        return made

    def _named(self) -> Iterator[tuple[str, str]]:
        yield from ((f"$.replace[{at}].id", item.id) for at, item in enumerate(self.replace))
        yield from ((f"$.leave_out[{at}].id", one.id) for at, one in enumerate(self.leave_out))

    def _unfit(self, packaged: Checklist) -> Iterator[Problem]:
        if self.of != packaged.version:
            what = f"Expected {packaged.version!r}, the version that is packaged; see whether the items still fit it"
            yield Problem("$.of", what)
        known = {item.id: item for _, item in packaged.items()}
        for path, name in self._named():
            if name not in known:
                yield Problem(path, f"Unknown item {name!r}; {packaged.id} has: {', '.join(known)}")
        for at, item in enumerate(self.replace):
            if known.get(item.id) == item:
                yield Problem(f"$.replace[{at}]", "Has no effect: it is as packaged")
