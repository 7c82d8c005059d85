"""The importer ``obie-branches``: branches as UK banks publish them, with their hours.

What the standard has a field for and a record lacks is unknown, which is not the same as "no"; an empty list says that
there is nothing. Codes are kept as the source writes them: the lists of banks differ and change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from branchkit.codec import child
from branchkit.estate import Address, Branch, Contact, RegisterBranch
from branchkit.messages import Command
from branchkit.plugins import ImportContext
from branchkit.temporal import Hours
from branchkit.values import FrozenMap, Text, Unknown
from branchkit_opendata.availability import read_hours
from branchkit_opendata.desk import Desk, Numbering, actor, checked_options, code_problem, progress, tell, told_at
from branchkit_opendata.openbanking import NOT_SAID, Feed, Record, listed_codes, read_feed
from branchkit_opendata.plain import attributes, has_key, items, one_text, texts, whole

__all__ = ["FORMAT", "read"]

FORMAT = "obie-branches"

_ZONES = {"GB": "Europe/London", "GG": "Europe/Guernsey", "IM": "Europe/Isle_of_Man", "JE": "Europe/Jersey"}
_MAIN = "00"
_TOLD = {  # what the branch itself says elsewhere
    "Accessibility", "Availability", "CustomerSegment", "Identification", "Name", "ServiceAndFacility", "Type",
    "PostalAddress.AddressLine", "PostalAddress.TownName", "PostalAddress.CountrySubDivision",
    "PostalAddress.PostCode", "PostalAddress.Country",
    "PostalAddress.GeoLocation.GeographicCoordinates.Latitude",
    "PostalAddress.GeoLocation.GeographicCoordinates.Longitude",
}  # fmt: skip


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
    branches = [(row, _branch(name, row)) for name, row in _named(_distinct(rows))]
    for feed in feeds:
        feed.desk.settle()
    tell(context, [feed.desk for feed in feeds])
    numbering, by = Numbering(FORMAT), actor(FORMAT)
    for done, (row, branch) in enumerate(branches, start=1):
        at = row.feed.at
        command = RegisterBranch(branch, by=by, at=at, recorded_at=told_at(at, context))
        yield numbering.number(command, branch.id, stated=row.feed.stated)
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


def _branch(name: str, row: _Row) -> Branch:
    record, desk = row.record, row.feed.desk
    data = record.data
    address = _address(data.get("PostalAddress"), child(record.path, "PostalAddress"), desk)
    country = address.country if isinstance(address, Address) else None
    hours = read_hours(data.get("Availability"), child(record.path, "Availability"), desk)
    called = one_text(data.get("Name"))
    return Branch(
        name,
        name=Unknown(NOT_SAID) if called is None else Text(en=called),
        kind=Unknown("the standard does not class outlets"),
        traits=_traits(record, desk),
        unit=Unknown(NOT_SAID),
        time_zone=_ZONES[country] if country in _ZONES else Unknown("the source names no country with one known zone"),
        hours=hours,
        services=_set(listed_codes(record, ("ServiceAndFacility", "OtherServiceAndFacility"), desk)),
        accessibility=_set(listed_codes(record, ("Accessibility", "OtherAccessibility"), desk)),
        segments=_set(listed_codes(record, ("CustomerSegment", "OtherCustomerSegment"), desk)),
        address=address,
        contacts=_contacts(record, desk),
        attributes=_beyond(row, hours),
    )


def _set(codes: frozenset[str] | None) -> frozenset[str] | Unknown:
    return Unknown(NOT_SAID) if codes is None else codes


def _traits(record: Record, desk: Desk) -> frozenset[str] | Unknown:
    kind = one_text(record.data.get("Type"))
    if kind is None:
        return Unknown(NOT_SAID)
    if kind not in {"Physical", "Mobile"}:
        desk.odd(child(record.path, "Type"), "Expected Physical or Mobile; the word is kept as it is")
        return frozenset({kind})
    return frozenset({kind.lower()})


def _address(data: object, path: str, desk: Desk) -> Address | Unknown:
    if data is None:
        return Unknown(NOT_SAID)
    if not isinstance(data, dict):
        desk.wrong(path, "Expected an address, an object")
        return Unknown(NOT_SAID)
    lines = texts(data.get("AddressLine"))
    regions = texts(data.get("CountrySubDivision"))
    if lines is None or regions is None:
        desk.wrong(path, "Expected texts in AddressLine and CountrySubDivision")
        return Unknown(NOT_SAID)
    street = " ".join(filter(None, (one_text(data.get("BuildingNumber")), one_text(data.get("StreetName")))))
    place = _inside(_inside(data, "GeoLocation"), "GeographicCoordinates")
    return Address(
        lines=(*lines, street) if street else lines,
        town=one_text(data.get("TownName")),
        region=", ".join(regions) or None,
        postcode=one_text(data.get("PostCode")),
        country=one_text(data.get("Country")),
        latitude=one_text(place.get("Latitude")),
        longitude=one_text(place.get("Longitude")),
    )


def _inside(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = data.get(name)
    return inner if isinstance(inner, dict) else {}


def _contacts(record: Record, desk: Desk) -> tuple[Contact, ...] | Unknown:
    listed = record.data.get("ContactInfo")
    if listed is None:
        return Unknown(NOT_SAID)
    found = []
    for index, item in enumerate(items(listed)):
        kind, content = (
            one_text(item.get(f"Contact{part}")) if isinstance(item, dict) else None for part in ("Type", "Content")
        )
        if kind is None or content is None:
            desk.wrong(
                child(record.path, "ContactInfo", index), "Expected an object with ContactType and ContactContent"
            )
        else:
            found.append(Contact(kind=re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower(), value=content))
    return tuple(found)


def _beyond(row: _Row, hours: Hours | Unknown) -> FrozenMap[str | tuple[str, ...]]:
    """Return what the record says and the branch does not say elsewhere, under the source's own names."""
    data = row.record.data
    without = set(_TOLD)
    if row.record.data.get("Identification") != row.code:
        without.discard("Identification")
    contacts = [item for item in items(data.get("ContactInfo")) if isinstance(item, dict)]
    if all(set(item) <= {"ContactType", "ContactContent"} for item in contacts):
        without.add("ContactInfo")
    kept = dict(attributes(data, without=without))
    available = data.get("Availability")
    if available is not None and (isinstance(hours, Unknown) or has_key(available, "Notes")):
        kept["Availability"] = whole(available)
    if row.record.brand is not None:
        kept["BrandName"] = row.record.brand
    return FrozenMap(kept)
