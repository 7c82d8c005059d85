"""The importer ``obie-atms``: cash machines as UK banks publish them.

A file knows branches by their codes alone, so each owning branch is registered with everything else unknown, and kept
as it is where it is known already. What the standard has a field for and a record lacks is unknown; an indicator that
says false, or an empty list, says no.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from branchkit.codec import canonical_json, child
from branchkit.estate import Branch, Equipment, InstallEquipment, RegisterBranch
from branchkit.messages import Command
from branchkit.plugins import ImportContext
from branchkit.values import FrozenMap, Unknown
from branchkit_opendata.desk import Desk, Numbering, actor, checked_options, code_problem, progress, tell, told_at
from branchkit_opendata.openbanking import NOT_SAID, Feed, Record, listed_codes, read_feed
from branchkit_opendata.plain import attributes, one_text

__all__ = ["FORMAT", "OWN_SITE", "read"]

FORMAT = "obie-atms"
OWN_SITE = "atm-site:"
"""What the id of a machine's own site begins with, where the source names no owning branch."""


@attrs.frozen
class _Machine:
    owner: str
    equipment: Equipment
    key: str
    feed: Feed


def read(context: ImportContext) -> Iterator[Command]:
    """Yield the owning branches and their machines, in the order of the files.

    A machine that names no branch is kept at a site of its own, ``atm-site:<Identification>``. A machine stated twice
    in the same words is taken once; where the words differ, the later one gets ``#2`` after its code. Both are told.

    Raises:
        InputError: A file holds no machines, or a machine has no usable code; nothing has been yielded then.
    """
    checked_options(context, FORMAT, ())
    feeds = [read_feed(file, "ATM", context) for file in context.files]
    seen: dict[tuple[str, str], list[bytes]] = {}
    machines = [machine for feed in feeds for record in feed.records if (machine := _machine(record, feed, seen))]
    for feed in feeds:
        feed.desk.settle()
    tell(context, [feed.desk for feed in feeds])
    numbering, known, by = Numbering(FORMAT), set[str](), actor(FORMAT)
    for done, machine in enumerate(machines, start=1):
        at = machine.feed.at
        told = told_at(at, context)
        if machine.owner not in known:
            known.add(machine.owner)
            branch = RegisterBranch(Branch(machine.owner), by=by, at=at, recorded_at=told, if_known="keep")
            yield numbering.number(branch, machine.owner)
        install = InstallEquipment(machine.owner, machine.equipment, by=by, at=at, recorded_at=told)
        yield numbering.number(install, machine.key)
        progress(context, done, len(machines))


def _machine(record: Record, feed: Feed, seen: dict[tuple[str, str], list[bytes]]) -> _Machine | None:
    desk = feed.desk
    code = _code(record, desk)
    services = listed_codes(record, ("ATMServices", "OtherATMServices"), desk)
    if code is None:
        return None
    owner = _owner(record, code, desk)
    if owner is None:
        return None
    said = attributes(record.data, without={"ATMServices", "Branch.Identification", "BrandName"})
    kept = {name: value for name, value in said.items() if name != "Identification" or value != code}
    if record.brand is not None:
        kept["BrandName"] = record.brand
    words = canonical_json([sorted(services or ()), {name: _plain(value) for name, value in kept.items()}])
    before = seen.setdefault((owner, code), [])
    if words in before:
        desk.odd(record.path, "States a machine again in the same words; it is taken once")
        return None
    before.append(words)
    name = code
    if len(before) > 1:
        name = f"{code}#{len(before)}"
        desk.odd(
            record.path, "Has the code of another machine of the branch; it is kept with its number after the code"
        )
    equipment = Equipment(
        name,
        kind="atm",
        zone=Unknown(NOT_SAID),
        state=Unknown(NOT_SAID),
        capabilities=Unknown(NOT_SAID) if services is None else services,
        supplier=Unknown(NOT_SAID),
        warranty_until=Unknown(NOT_SAID),
        attributes=FrozenMap(kept),
    )
    return _Machine(owner, equipment, code, feed)


def _code(record: Record, desk: Desk) -> str | None:
    path = child(record.path, "Identification")
    raw = one_text(record.data.get("Identification"))
    code = raw.strip() if raw is not None else None
    problem = code_problem(code)
    if problem:
        desk.wrong(path, problem)
        return None
    if code != record.data["Identification"]:
        desk.odd(path, "Expected a code as text without spaces at its ends; it is read so, and kept as written beside")
    return code


def _owner(record: Record, code: str, desk: Desk) -> str | None:
    branch = record.data.get("Branch")
    path = child(record.path, "Branch")
    if isinstance(branch, dict):
        branch, path = branch.get("Identification"), child(path, "Identification")
    if branch is None or (isinstance(branch, str) and not branch.strip()):
        desk.odd(path, f"Names no owning branch; the machine is kept at a site of its own, {OWN_SITE}<its code>")
        return OWN_SITE + code
    owner = one_text(branch)
    owner = owner.strip() if owner is not None else None
    problem = code_problem(owner)
    if problem:
        desk.wrong(path, problem)
        return None
    return owner


def _plain(value: str | tuple[str, ...]) -> object:
    return value if isinstance(value, str) else list(value)
