"""The journal's hash chains: how an entry is linked to its stream, and how checkpoints seal the heads of all streams.

The hash of an entry is taken over its *header*: canonical JSON of everything the entry says, with the hash of the
body in the body's place. The header names its algorithm, so that an old part of a journal stays verifiable after a
bank changes it.

A checkpoint comes after every ``checkpoint_every`` entries of the whole journal, counted by ``seq``, so its place
does not depend on how commands were batched. It seals the heads of the streams that changed since the checkpoint
before it, and names that one's hash: through the chain of checkpoints the last one seals all streams, at a cost in
proportion to what changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from json.encoder import encode_basestring as _quoted

from branchkit.errors import StorageError
from branchkit.storage.algorithms import HashAlgorithm
from branchkit.storage.contract import Checkpoint, Entry, NewEntry, Tip, Transaction
from branchkit.storage.plain import body_text, canonical

__all__ = ["checkpoint_hash", "entry_hash", "journal_head", "link", "seal_window", "window_root"]

Heads = Mapping[str, tuple[int, str]]
"""The version and hash of the last entry of each stream, by stream."""


def entry_hash(entry: Entry, algorithm: HashAlgorithm) -> str:
    """Return the hash that an entry must have."""
    return _hash(
        algorithm,
        entry.stream,
        entry.version,
        entry.seq,
        entry.kind,
        entry.text,
        entry.command,
        entry.at,
        entry.recorded_at,
        entry.previous,
    )


def _hash(
    algorithm: HashAlgorithm,
    stream: str,
    version: int,
    seq: int,
    kind: str,
    text: str,
    command: str,
    at: str,
    recorded_at: str,
    previous: str,
) -> str:
    header = canonical(
        {
            "algorithm": algorithm.name,
            "at": at,
            "body": algorithm.function(text.encode("utf-8", "surrogateescape")),
            "command": command,
            "kind": kind,
            "previous": previous,
            "recorded_at": recorded_at,
            "seq": seq,
            "stream": stream,
            "version": version,
        }
    )
    # A damaged store may hold bytes that are no UTF-8; they are hashed as they are, so that they are found and named.
    return algorithm.function(header.encode("utf-8", "surrogateescape"))


def link(
    where: str,
    algorithm: HashAlgorithm,
    stream: str,
    head: tuple[int, str],
    seq: int,
    events: Sequence[NewEntry],
) -> tuple[Entry, ...]:
    """Make entries of events.

    Args:
        where: the store, for messages.
        head: version and hash of the stream's last entry, ``(0, "")`` when it has none.
        seq: the last number given in the journal.

    Raises:
        StorageError: a body is not plain JSON data.
    """
    version, previous = head
    entries: list[Entry] = []
    for event in events:
        version += 1
        seq += 1
        text = body_text(where, f"event {event.kind!r} for {stream!r}", event.body)
        body = algorithm.function(text.encode())
        # The header as `_hash` writes it, which takes three times as long.
        header = (
            f'{{"algorithm":{_quoted(algorithm.name)},"at":{_quoted(event.at)},"body":{_quoted(body)}'
            f',"command":{_quoted(event.command)},"kind":{_quoted(event.kind)},"previous":{_quoted(previous)}'
            f',"recorded_at":{_quoted(event.recorded_at)},"seq":{seq},"stream":{_quoted(stream)},"version":{version}}}'
        )
        digest = algorithm.function(header.encode("utf-8", "surrogateescape"))
        entries.append(
            Entry(
                stream=stream,
                version=version,
                seq=seq,
                kind=event.kind,
                text=text,
                command=event.command,
                at=event.at,
                recorded_at=event.recorded_at,
                algorithm=algorithm.name,
                previous=previous,
                hash=digest,
            )
        )
        previous = digest
    return tuple(entries)


def window_root(heads: Heads, algorithm: HashAlgorithm) -> str:
    """Return the hash over the heads of the streams that changed since the checkpoint before."""
    rows = [[stream, *heads[stream]] for stream in sorted(heads)]
    return algorithm.function(canonical(rows).encode("utf-8", "surrogateescape"))


def checkpoint_hash(checkpoint: Checkpoint, algorithm: HashAlgorithm) -> str:
    """Return the hash that a checkpoint must have."""
    header = {
        "algorithm": checkpoint.algorithm,
        "number": checkpoint.number,
        "previous": checkpoint.previous,
        "root": checkpoint.root,
        "seq": checkpoint.seq,
        "streams": checkpoint.streams,
    }
    return algorithm.function(canonical(header).encode("utf-8", "surrogateescape"))


def seal_window(previous: Checkpoint | None, seq: int, heads: Heads, algorithm: HashAlgorithm) -> Checkpoint:
    """Make the checkpoint that follows another one and covers the journal up to ``seq``."""
    number = previous.number + 1 if previous else 1
    root = window_root(heads, algorithm)
    before = previous.hash if previous else ""
    header = {
        "algorithm": algorithm.name,
        "number": number,
        "previous": before,
        "root": root,
        "seq": seq,
        "streams": len(heads),
    }
    return Checkpoint(
        number=number,
        seq=seq,
        streams=len(heads),
        root=root,
        algorithm=algorithm.name,
        previous=before,
        hash=algorithm.function(canonical(header).encode()),
    )


def heads_of(entries: Iterable[Entry]) -> dict[str, tuple[int, str]]:
    """Return the heads that entries in order leave."""
    return {entry.stream: (entry.version, entry.hash) for entry in entries}


def journal_head(where: str, tx: Transaction, tip: Tip, algorithm: HashAlgorithm) -> str:
    """Return one hash over the whole journal: the last checkpoint and the heads of what came after it.

    Raises:
        StorageError: the journal goes on behind its own end; verify it.
    """
    after = tip.checkpoint.seq if tip.checkpoint else 0
    heads: dict[str, tuple[int, str]] = {}
    while after < tip.seq:
        entries = tx.read(after=after)
        if not entries:
            raise StorageError(where, f"the journal ends at {after}, not at {tip.seq}", "verify the store")
        heads.update(heads_of(entries))
        after = entries[-1].seq
    state = {
        "checkpoint": tip.checkpoint.hash if tip.checkpoint else "",
        "root": window_root(heads, algorithm),
        "seq": tip.seq,
    }
    return algorithm.function(canonical(state).encode("utf-8", "surrogateescape"))
