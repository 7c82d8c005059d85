"""Proves that a store holds what its journal says, and makes the documents anew where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from branchkit.codec import canonical_json, unstructure
from branchkit.errors import BranchkitError
from branchkit.kit.feed import all_happened
from branchkit.kit.fold import KINDS, fold
from branchkit.kit.wire import Upcaster
from branchkit.storage import NewDocument, Replaced, Store, Transaction, verify_chains

__all__ = ["Verification", "rebuild", "verify"]

_MOST = 1000


@attrs.frozen(kw_only=True)
class Verification:
    """What a verification found."""

    ok: bool
    entries: int
    """How many journal entries were read."""
    head: str
    """One hash over the whole journal: two stores that took the same commands have the same."""
    problems: tuple[str, ...]
    """What is wrong, each with its place; at most the first thousand of the chains and of the documents."""
    erased: int = 0
    """How many personal values were erased: what they said can no longer be compared."""


def verify(
    store: Store, upcasters: Mapping[str, Upcaster], *, progress: Callable[[int], None] | None = None
) -> Verification:
    """Check the medium, the chains, checkpoints and seals, and that folding the journal gives the stored documents."""
    problems = [f"{store.where}: {problem}" for problem in store.check()]
    chains = verify_chains(store, progress=progress)
    problems += [str(problem) for problem in chains.problems]
    with store.transaction(write=False) as tx:
        try:
            problems += _differences(tx, _folded(tx, upcasters, store.where))
        except BranchkitError as error:
            problems.append(f"the journal cannot be folded: {error}")
    return Verification(
        ok=not problems,
        entries=chains.entries,
        head=chains.head,
        problems=tuple(problems),
        erased=chains.erased,
    )


def rebuild(store: Store, upcasters: Mapping[str, Upcaster]) -> Replaced:
    """Make every document anew from the journal, in one transaction."""
    with store.transaction() as tx:
        documents = _folded(tx, upcasters, store.where)
        return tx.replace_documents(
            NewDocument(kind=kind, id=id, body=unstructure(value), index=KINDS[kind].index(value))
            for (kind, id), value in sorted(documents.items(), key=lambda item: item[0])
        )


def _folded(tx: Transaction, upcasters: Mapping[str, Upcaster], where: str) -> dict[tuple[str, str], Any]:
    documents: dict[tuple[str, str], Any] = {}

    def current(kind: str, id: str) -> Any:
        return documents.get((kind, id))

    for one in all_happened(tx, upcasters, where):
        for change in fold(one.event, current):
            documents[change.kind, change.id] = change.value
    return documents


def _differences(tx: Transaction, folded: dict[tuple[str, str], Any]) -> Iterator[str]:
    found = 0
    seen: set[tuple[str, str]] = set()
    for kind in tx.kinds():
        after: str | None = None
        while True:
            page = tx.find(kind, {}, after=after)
            for stored in page.items:
                key = (kind, stored.id)
                seen.add(key)
                what = None
                if key not in folded:
                    what = "is stored, and nothing in the journal made it"
                elif canonical_json(unstructure(folded[key])).decode() != stored.text:
                    what = "is not what the journal says; `rebuild` makes it anew"
                if what and (found := found + 1) <= _MOST:
                    yield f"{kind} {stored.id!r} {what}"
            if page.next is None:
                break
            after = page.next
    for kind, id in folded:
        if (kind, id) not in seen and (found := found + 1) <= _MOST:
            yield f"{kind} {id!r} is in the journal and not stored; `rebuild` makes it anew"
