"""Proves that a store holds what its journal says, and makes the documents anew where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, groupby, islice
from operator import itemgetter

import attrs

from branchkit.codec import unstructure
from branchkit.errors import BranchkitError, StorageError, StoreCorrupt
from branchkit.kit.feed import all_happened
from branchkit.kit.floors import KINDS
from branchkit.kit.fold import fold
from branchkit.kit.scratch import Scratch
from branchkit.kit.wire import Upcaster
from branchkit.storage import NewDocument, Replaced, Store, Stored, Transaction, verify_chains

__all__ = ["Verification", "rebuild", "traces_in", "verify"]

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
    traces: bool = False
    """Whether bytes of erased values may still lie in the store's files, because somebody was in the way."""


def verify(
    store: Store, upcasters: Mapping[str, Upcaster], *, progress: Callable[[int], None] | None = None
) -> Verification:
    """Check the medium, the chains, checkpoints and seals, and that folding the journal gives the stored documents.

    Memory stays flat: the folded documents lie in a temporary file.
    """
    chains = verify_chains(store, progress=progress)
    problems = [str(problem) for problem in chains.problems]
    with Scratch() as folded, store.transaction(write=False) as tx:
        try:
            lost = _fold(tx, upcasters, store.where, folded)
            problems += (problem for number, problem in enumerate(lost) if number < _MOST)
            folded.flush()
        except BranchkitError as error:
            problems.append(f"the journal cannot be folded: {error}")
        else:
            try:
                problems += islice(chain(_differences(tx, folded), _misfiled(tx, folded)), _MOST)
            except StorageError as error:
                problems.append(f"the documents cannot be read: {error}")
    return Verification(
        ok=not problems,
        entries=chains.entries,
        head=chains.head,
        problems=tuple(problems),
        erased=chains.erased,
        traces=traces_in(store),
    )


def traces_in(store: Store) -> bool:
    """Say whether bytes of erased values may still lie in a store's files; the next write tries again."""
    # A store that always overwrites at once need not say so.
    return bool(getattr(store, "traces", False))


def rebuild(store: Store, upcasters: Mapping[str, Upcaster]) -> Replaced:
    """Make every document anew from the journal, in one transaction; memory stays flat.

    Raises:
        StoreCorrupt: the journal cannot be folded; nothing was changed.
    """
    with Scratch() as folded, store.transaction() as tx:
        for _ in _fold(tx, upcasters, store.where, folded):
            continue  # a lost outcome is no reason to leave the documents as they are
        return tx.replace_documents(
            NewDocument(kind=kind, id=id, body=unstructure(value), index=KINDS[kind].index(value))
            for kind, id, value in folded.items()
        )


def _fold(tx: Transaction, upcasters: Mapping[str, Upcaster], where: str, folded: Scratch) -> Iterator[str]:
    """Fold the whole journal; yields the commands that it speaks of and whose outcome is not there."""
    last = None
    for one in all_happened(tx, upcasters, where):
        try:
            for change in fold(one.event, folded.current):
                folded.put(change)
        except StoreCorrupt as error:
            place = f"{where} entry {one.seq} ({one.stream}, version {one.version})"
            raise StoreCorrupt(place, error.what, error.hint) from error
        if one.command != last and tx.outcome(one.command) is None:
            yield f"entry {one.seq} ({one.stream}, version {one.version}): the outcome of its command is not stored"
        last = one.command


def _differences(tx: Transaction, folded: Scratch) -> Iterator[str]:
    for kind in tx.kinds():
        for stored in _found(tx, kind, {}):
            right = folded.take(kind, stored.id)
            if right is None:
                yield f"{kind} {stored.id!r} is stored, and nothing in the journal made it"
            elif right != stored.text:
                yield f"{kind} {stored.id!r} is not what the journal says; `rebuild` makes it anew"
    for kind, id in folded.left():
        yield f"{kind} {id!r} is in the journal and not stored; `rebuild` makes it anew"


def _misfiled(tx: Transaction, folded: Scratch) -> Iterator[str]:
    """Find every document by every field that it should be found by."""
    for kind in KINDS:
        for (name, value), rows in groupby(folded.fields(kind), key=itemgetter(0, 1)):
            ids = (id for _, _, id in rows)
            right = next(ids, None)
            for stored in _found(tx, kind, {name: value}):
                while right is not None and right < stored.id:
                    yield f"{kind} {right!r} is not found by its {name}; `rebuild` files it anew"
                    right = next(ids, None)
                if right == stored.id:
                    right = next(ids, None)
                else:
                    yield f"{kind} {stored.id!r} is found by a {name} that it does not have; `rebuild` files it anew"
            for id in (right, *ids) if right is not None else ():
                yield f"{kind} {id!r} is not found by its {name}; `rebuild` files it anew"


def _found(tx: Transaction, kind: str, where: Mapping[str, str | None]) -> Iterator[Stored]:
    after: str | None = None
    while True:
        page = tx.find(kind, where, after=after)
        yield from page.items
        if page.next is None:
            return
        after = page.next
