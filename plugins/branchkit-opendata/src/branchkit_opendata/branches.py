"""The importer ``obie-branches``: branches as UK banks publish them, with their hours.

What the standard has a field for and a record lacks is unknown, which is not the same as "no"; an empty list says that
there is nothing. Codes are kept as the source writes them: the lists of banks differ and change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from branchkit.codec import child
from branchkit.estate import RegisterBranch
from branchkit.messages import Command
from branchkit.plugins import ImportContext
from branchkit_opendata.desk import Numbering, actor, checked_options, code_problem, progress, tell, told_at
from branchkit_opendata.openbanking import Feed, Record, read_feed
from branchkit_opendata.outlet import outlet
from branchkit_opendata.plain import one_text, whole

__all__ = ["FORMAT", "read"]

FORMAT = "obie-branches"

_MAIN = "00"


@attrs.frozen
class _Row:
    record: Record
    feed: Feed
    code: str
    sequence: str | None


def read(context: ImportContext) -> Iterator[Command]:
    """Yield a registration for each branch, in the order of the files.

    The id is the record's Identification. Where several records share one, the main branch (sequence number 00) keeps
    the bare code, the others get their sequence number after a hyphen, and further stops under one sequence number
    a count after that: ``30904904-04``, ``30904904-04-2``. A record stated twice in the same words is taken once.

    Raises:
        InputError: A file holds no branches, or a branch has no usable code or a field of the wrong shape; nothing has
            been yielded then.
    """
    checked_options(context, FORMAT, ())
    feeds = [read_feed(file, "Branch", context) for file in context.files]
    rows = [row for feed in feeds for record in feed.records if (row := _row(record, feed))]
    branches = [(row, outlet(name, row.code, row.record, row.feed.desk)) for name, row in _named(_distinct(rows))]
    for feed in feeds:
        feed.desk.settle()
    tell(context, [feed.desk for feed in feeds])
    numbering, by = Numbering(FORMAT), actor(FORMAT)
    for done, (row, branch) in enumerate(branches, start=1):
        at = row.feed.at
        command = RegisterBranch(branch, by=by, at=at, recorded_at=told_at(at, context))
        yield numbering.number(command, branch.id)
        progress(context, done, len(branches))


def _row(record: Record, feed: Feed) -> _Row | None:
    raw = one_text(record.data.get("Identification"))
    code = raw.strip() if raw is not None else None
    problem = code_problem(code)
    if code is None or problem:
        feed.desk.wrong(child(record.path, "Identification"), problem or "")
        return None
    sequence = one_text(record.data.get("SequenceNumber"))
    if sequence is not None:
        sequence = sequence.strip()
        if problem := code_problem(sequence):
            feed.desk.wrong(child(record.path, "SequenceNumber"), problem)
            return None
    return _Row(record, feed, code, sequence)


def _distinct(rows: list[_Row]) -> Iterator[_Row]:
    """Yield the rows without those that repeat another one word for word."""
    seen: set[tuple[str, str]] = set()
    for row in rows:
        words = (row.code, whole(row.record.data))
        if words in seen:
            row.feed.desk.odd(row.record.path, "States a branch again in the same words; it is taken once")
        else:
            seen.add(words)
            yield row


def _named(rows: Iterator[_Row]) -> Iterator[tuple[str, _Row]]:
    """Yield the rows with the ids of their branches."""
    listed = list(rows)
    sharing = Counter(row.code for row in listed)
    mains = Counter(row.code for row in listed if row.sequence == _MAIN)
    taken = set(sharing)
    for row in listed:
        name = row.code
        if sharing[name] > 1 and not (row.sequence == _MAIN and mains[name] == 1):
            stem = f"{row.code}-{row.sequence}" if row.sequence is not None else row.code
            name, count = stem, 1
            while name in taken:
                count += 1
                name = f"{stem}-{count}"
            row.feed.desk.odd(
                row.record.path, "Shares its Identification; its sequence number or a count is added to it"
            )
        taken.add(name)
        yield name, row
