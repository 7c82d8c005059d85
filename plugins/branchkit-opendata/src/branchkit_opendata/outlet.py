"""Makes a branch of one record of the Open Banking standard, without losing a word of it."""

from __future__ import annotations

import re
from typing import Any

from branchkit.codec import child
from branchkit.estate import Address, Branch, Contact
from branchkit.temporal import Hours
from branchkit.values import FrozenMap, Text, Unknown
from branchkit_opendata.availability import read_hours
from branchkit_opendata.desk import Desk
from branchkit_opendata.openbanking import NOT_SAID, Record, listed_codes
from branchkit_opendata.plain import attributes, has_key, items, one_text, texts, whole

__all__ = ["outlet"]

_ZONES = {"GB": "Europe/London", "GG": "Europe/Guernsey", "IM": "Europe/Isle_of_Man", "JE": "Europe/Jersey"}
_NO_ZONE = "the source names no country with one known zone"
_PLACE = ("PostalAddress", "GeoLocation", "GeographicCoordinates")


def outlet(name: str, code: str, record: Record, desk: Desk) -> Branch:
    """Return the branch of a record under an id; problems and notices go to the desk.

    Args:
        name: The branch's id.
        code: The record's own code, as it was read.
        record: The record.
        desk: The file's desk.
    """
    return _Outlet(code, record, desk).branch(name)


class _Outlet:
    def __init__(self, code: str, record: Record, desk: Desk) -> None:
        self.data = record.data
        self.record = record
        self.desk = desk
        self.told: set[str] = set()
        if self.data.get("Identification") == code:
            self.told.add("Identification")

    def branch(self, name: str) -> Branch:
        address = self.address()
        country = None if isinstance(address, Unknown) else address.country
        hours = read_hours(self.data.get("Availability"), child(self.record.path, "Availability"), self.desk)
        called = self.text("Name")
        return Branch(
            name,
            name=Unknown(NOT_SAID) if called is None else Text(en=called),
            kind=Unknown("the standard does not class outlets"),
            traits=self.traits(),
            unit=Unknown(NOT_SAID),
            time_zone=_ZONES[country] if country in _ZONES else Unknown(_NO_ZONE),
            hours=hours,
            services=self.codes("ServiceAndFacility"),
            accessibility=self.codes("Accessibility"),
            segments=self.codes("CustomerSegment"),
            address=address,
            contacts=self.contacts(),
            attributes=self.beyond(hours),
        )

    def text(self, *way: str) -> str | None:
        """Return a text of the record, and remember that the branch says it; what is no text is told and kept."""
        holder: Any = self.data
        for step in way[:-1]:
            holder = holder.get(step) if isinstance(holder, dict) else None
        raw = holder.get(way[-1]) if isinstance(holder, dict) else None
        listed = items(raw)
        value = one_text(listed[0]) if len(listed) == 1 else None
        if value is not None:
            self.told.add(".".join(way))
        elif raw is not None and not isinstance(raw, str):
            self.desk.odd(child(self.record.path, *way), "Expected one text; it stays unknown and is kept as written")
        return value

    def codes(self, name: str) -> frozenset[str] | Unknown:
        found = listed_codes(self.record, (name, f"Other{name}"), self.desk)
        self.told.add(name)
        return Unknown(NOT_SAID) if found is None else found

    def traits(self) -> frozenset[str] | Unknown:
        kind = self.text("Type")
        if kind is None:
            return Unknown(NOT_SAID)
        if kind not in {"Physical", "Mobile"}:
            path = child(self.record.path, "Type")
            self.desk.odd(path, "Expected Physical or Mobile; the word is kept as it is")
            return frozenset({kind})
        return frozenset({kind.lower()})

    def address(self) -> Address | Unknown:
        data, path = self.data.get("PostalAddress"), child(self.record.path, "PostalAddress")
        if data is None:
            return Unknown(NOT_SAID)
        if not isinstance(data, dict):
            self.desk.wrong(path, "Expected an address, an object")
            return Unknown(NOT_SAID)
        lines = texts(data.get("AddressLine"))
        regions = texts(data.get("CountrySubDivision"))
        if lines is None or regions is None:
            self.desk.wrong(path, "Expected texts in AddressLine and CountrySubDivision")
            return Unknown(NOT_SAID)
        self.told.add("PostalAddress.AddressLine")
        if len(regions) < 2:
            self.told.add("PostalAddress.CountrySubDivision")
        parts = (self.text("PostalAddress", part) for part in ("BuildingNumber", "StreetName"))
        street = " ".join(part for part in parts if part is not None)
        self.told -= {"PostalAddress.BuildingNumber", "PostalAddress.StreetName"}
        return Address(
            lines=(*lines, street) if street else lines,
            town=self.text("PostalAddress", "TownName"),
            region=", ".join(regions) or None,
            postcode=self.text("PostalAddress", "PostCode"),
            country=self.text("PostalAddress", "Country"),
            latitude=self.text(*_PLACE, "Latitude"),
            longitude=self.text(*_PLACE, "Longitude"),
        )

    def contacts(self) -> tuple[Contact, ...] | Unknown:
        listed = self.data.get("ContactInfo")
        if listed is None:
            return Unknown(NOT_SAID)
        found = []
        for index, item in enumerate(items(listed)):
            said = item if isinstance(item, dict) else {}
            kind, content = one_text(said.get("ContactType")), one_text(said.get("ContactContent"))
            if kind is None or content is None:
                path = child(self.record.path, "ContactInfo", index)
                self.desk.wrong(path, "Expected an object with ContactType and ContactContent")
                continue
            found.append(Contact(kind=re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower(), value=content))
        contacts = [item for item in items(listed) if isinstance(item, dict)]
        if all(set(item) <= {"ContactType", "ContactContent"} for item in contacts):
            self.told.add("ContactInfo")
        return tuple(found)

    def beyond(self, hours: Hours | Unknown) -> FrozenMap[str | tuple[str, ...]]:
        """Return what the record says and the branch does not say elsewhere, under the source's own names."""
        kept = dict(attributes(self.data, without={*self.told, "Availability"}))
        available = self.data.get("Availability")
        if available is not None and (isinstance(hours, Unknown) or has_key(available, "Notes")):
            kept["Availability"] = whole(available)
        if self.record.brand is not None:
            kept["BrandName"] = self.record.brand
        return FrozenMap(kept)
