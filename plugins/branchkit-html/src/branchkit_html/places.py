"""Places in words: what kind of thing, its id, and its name where the branch has one for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from branchkit.estate import Branch
from branchkit.values import Ref, Text
from branchkit_html.words import REF_KINDS, titled

__all__ = ["Place", "Places"]


@attrs.frozen(kw_only=True)
class Place:
    """One step of a place."""

    kind: Text
    id: str
    name: Text | None = None


@attrs.frozen
class Places:
    """Tells the names of a branch's zones and devices; people are told by their id alone."""

    names: Mapping[Ref, Text]

    @classmethod
    def of(cls, branch: Branch) -> Places:
        """Gather the names of zones and devices."""
        named = {Ref("equipment", device.id): device.name for device in branch.devices()}
        if isinstance(branch.zones, tuple):
            named |= {Ref("zone", zone.id): zone.name for zone in branch.zones}
        return cls({ref: name for ref, name in named.items() if name is not None})

    def tell(self, refs: Iterable[Ref]) -> tuple[Place, ...]:
        """Put refs into words, the branch itself and checklist items left out."""
        return tuple(
            Place(kind=titled(REF_KINDS, ref.kind), id=ref.id, name=self.names.get(ref))
            for ref in refs
            if ref.kind not in {"branch", "item"}
        )
