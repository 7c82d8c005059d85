from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from branchkit_opendata import atms

from branchkit.codec import structure, unstructure
from branchkit.errors import DecodeError, InputError
from branchkit.estate import Equipment, InstallEquipment, RegisterBranch
from branchkit.messages import Actor
from branchkit.plugins import ImportContext, SourceFile
from branchkit.values import Unknown

HSBC = "uk-open-banking-atms-hsbc/atms-2024-01-21.json"
Import = Callable[..., Any]


def wrapped(*machines: object, **meta: object) -> dict[str, object]:
    return {"meta": meta, "data": [{"Brand": [{"BrandName": "A Bank", "ATM": list(machines)}]}]}


def machine(code: str = "M-1", owner: object = "400832", **said: object) -> dict[str, object]:
    return {"Identification": code, "Branch": {"Identification": owner}, **said}


def only(result: Any) -> Equipment:
    (found,) = (command.equipment for command in result.commands if isinstance(command, InstallEquipment))
    return found  # type: ignore[no-any-return]  # the fixture is untyped


def test_the_real_estate(imported: Import) -> None:
    """The carried file gives 780 machines at 279 branches known by their codes alone, and nothing odd."""
    result = imported(atms.read, HSBC)
    installed = [command for command in result.commands if isinstance(command, InstallEquipment)]
    branches = [command for command in result.commands if isinstance(command, RegisterBranch)]
    said = [command.equipment.attributes for command in installed]

    assert (780, 279) == (len(installed), len(branches))
    assert {command.branch for command in installed} == {command.branch.id for command in branches}
    assert {("GBP",)} == {one["SupportedCurrencies"] for one in said}
    assert Counter({"10": 680, "5": 96, "20": 4}) == Counter(one["MinimumPossibleAmount"] for one in said)
    assert 780 == len({command.equipment.id for command in installed})
    assert all(command.if_known == "keep" and isinstance(command.branch.hours, Unknown) for command in branches)
    assert [] == result.told


def test_a_machine_keeps_everything_the_source_says(imported: Import) -> None:
    """Services become capabilities; all else stays under the source's own names, values unaltered."""
    first = imported(atms.read, HSBC).commands[1].equipment

    assert ("AD330738", "atm") == (first.id, first.kind)
    assert {"CashWithdrawal", "PINChange", "MobilePhoneTopUp", "Balance", "MiniStatement", "CharityDonation"} == set(
        first.capabilities
    )
    assert "ASHFORD KENT E1" == first.attributes["Location.Site.Name"]
    assert "51.1488168" == first.attributes["Location.PostalAddress.GeoLocation.GeographicCoordinates.Latitude"]
    assert ("en", "fr", "es", "de") == first.attributes["SupportedLanguages"]


def test_ids_are_unique_and_the_same_whenever_it_is_imported(imported: Import) -> None:
    """An import a year later gives the same ids, all of them different from each other."""
    now, later = (imported(atms.read, HSBC, at=dt.datetime(year, 5, 1, tzinfo=dt.UTC)) for year in (2025, 2026))
    ids = [command.id for command in now.commands]

    assert ids == [command.id for command in later.commands]
    assert len(ids) == len(set(ids))
    assert "obie-atms:AD330738:1:536943b4faf3" == ids[1]


def test_the_moment_is_the_sources(imported: Import) -> None:
    """What happened at the source's last update is told at the moment of the import, and never before it happened."""
    updated = dt.datetime(2024, 1, 21, 6, 23, 28, 376000, tzinfo=dt.UTC)
    late, early = (imported(atms.read, HSBC, at=dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (2026, 2020))

    assert {(updated, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))} == {(c.at, c.recorded_at) for c in late.commands}
    assert {(updated, updated)} == {(c.at, c.recorded_at) for c in early.commands}
    assert Actor("import:obie-atms", system=True) == late.commands[0].by


def test_every_command_survives_json(imported: Import) -> None:
    """A command written as plain data reads back equal, with its id."""
    for command in imported(atms.read, HSBC).commands[:50]:
        assert command == structure(type(command), unstructure(command))


@pytest.mark.parametrize(
    "document",
    [
        wrapped(machine()),
        {"data": {"Brand": {"ATM": machine()}}},
        {"Brand": [{"ATM": [machine()]}]},
        {"ATM": [machine()]},
        [machine()],
        machine(),
        [wrapped(machine())],
    ],
)
def test_wrappings(imported: Import, document: object) -> None:
    """Whatever is left of the standard's wrapping, the machine is found."""
    result = imported(atms.read, document)

    assert ["400832", "M-1"] == [result.commands[0].branch.id, result.commands[1].equipment.id]
    assert [] == result.told


def test_absent_is_not_no(imported: Import) -> None:
    """What a record lacks is unknown, what it denies is kept as denied."""
    silent = only(imported(atms.read, [machine()]))
    denying = only(
        imported(atms.read, [machine(ATMServices=[], Access24HoursIndicator=False, Accessibility=[], Note=None)])
    )

    assert Unknown("the source does not say") == silent.capabilities
    assert {} == silent.attributes
    assert frozenset() == denying.capabilities
    assert {"Access24HoursIndicator": "false", "Accessibility": ()} == denying.attributes


def test_text_or_list(imported: Import) -> None:
    """A single text is read as a list of one, a number is kept digit by digit."""
    device = only(imported(atms.read, b'[{"Identification":"M","ATMServices":"Balance","MinimumPossibleAmount":5.50}]'))

    assert {"Balance"} == device.capabilities
    assert "5.50" == device.attributes["MinimumPossibleAmount"]


def test_other_services_and_unknown_codes_are_kept(imported: Import) -> None:
    """Codes that nobody listed are capabilities like all others."""
    other = [{"Code": "FXCH", "Name": "ForeignExchange", "Description": "changes money"}]
    device = only(imported(atms.read, [machine(ATMServices=["HologramDisplay"], OtherATMServices=other)]))

    assert {"HologramDisplay", "FXCH"} == device.capabilities
    assert ('{"Code":"FXCH","Description":"changes money","Name":"ForeignExchange"}',) == device.attributes[
        "OtherATMServices"
    ]


@pytest.mark.parametrize("owner", [None, "", " "])
def test_a_machine_without_a_branch_is_kept_at_its_own_site(imported: Import, owner: object) -> None:
    """A machine that names no branch is not dropped: it gets a site of its own, and that is told."""
    result = imported(atms.read, [machine("M-7", owner)])

    assert "atm-site:M-7" == result.commands[0].branch.id == result.commands[1].branch
    assert ["file-0:$[0].Branch.Identification"] == [notice.path for notice in result.notices]


def test_repeats(imported: Import) -> None:
    """The same words twice are one machine; other words under the same code are another one."""
    result = imported(
        atms.read, [machine(Note="a"), machine(Note="a"), machine(Note="b"), machine(owner="1", Note="a")]
    )
    installed = [(c.branch, c.equipment.id) for c in result.commands if isinstance(c, InstallEquipment)]

    assert [("400832", "M-1"), ("400832", "M-1#2"), ("1", "M-1")] == installed
    assert ["file-0:$[1]", "file-0:$[2]"] == [notice.path for notice in result.notices]
    assert 5 == len({command.id for command in result.commands})


def test_total_is_checked(imported: Import) -> None:
    """A file that holds fewer machines than it says is told."""
    result = imported(atms.read, wrapped(machine(), TotalResults=2))

    assert ["Says 2, and the file holds 1 records - at `file-0:$.meta.TotalResults`"] == result.told


def test_an_update_that_is_no_moment_is_told(imported: Import) -> None:
    """Where the last update cannot be read the moment of the import stands in, and that is told."""
    result = imported(atms.read, wrapped(machine(), LastUpdated="2024-01-21"))

    assert ["file-0:$.meta.LastUpdated"] == [notice.path for notice in result.notices]
    assert dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC) == result.commands[0].at


def test_a_code_with_spaces_is_kept_as_written_beside(imported: Import) -> None:
    """A code with spaces at its ends is read without them, and kept as written."""
    result = imported(atms.read, [machine("M-1 ")])

    assert ("M-1", "M-1 ") == (only(result).id, only(result).attributes["Identification"])
    assert 1 == len(result.notices)


def test_a_file_without_machines_is_fine_if_it_says_so(imported: Import) -> None:
    """An empty list of machines gives no commands and no error."""
    assert () == imported(atms.read, wrapped(TotalResults=0)).commands


def test_all_problems_are_listed_with_their_places(imported: Import) -> None:
    """A file is refused as a whole, with every problem."""
    with pytest.raises(InputError) as caught:
        imported(atms.read, [machine(""), machine("M", {"a": 1}), machine("N", ATMServices=[{}])])

    assert ["$[0].Identification", "$[1].Branch.Identification", "$[2].ATMServices[0]"] == [
        problem.path for problem in caught.value.problems
    ]


def test_a_file_of_branches_names_its_importer(imported: Import) -> None:
    """Given branches, the importer says which one reads them."""
    with pytest.raises(InputError, match="obie-branches"):
        imported(atms.read, "uk-open-banking-branches-lloyds/branches-lloyds-london.json")


@pytest.mark.parametrize("data", [b"", b"\xff", b"[1,", b'{"ATM":[],"ATM":[]}', b"[" * 100_000, b"null", b"3"])
def test_no_such_file(imported: Import, data: bytes) -> None:
    """What is no JSON, or nothing of the kind, is refused."""
    with pytest.raises((DecodeError, InputError)):
        imported(atms.read, data)


def test_options_and_files(imported: Import) -> None:
    """An option the importer does not have, and an import of nothing, are refused together."""
    with pytest.raises(InputError) as caught:
        imported(atms.read, bank="x")

    assert ["$.options.bank", "$.files"] == [problem.path for problem in caught.value.problems]


def test_a_file_of_both_kinds_gives_its_machines_and_tells_of_the_rest(imported: Import) -> None:
    """Branches in a file of machines are left to their importer, and that is told."""
    brand = {"ATM": [machine()], "Branch": [{"Identification": "1", "SequenceNumber": "00"}]}
    result = imported(atms.read, {"data": [{"Brand": [brand]}]})

    assert 2 == len(result.commands)
    assert ["file-0:$.data[0].Brand[0]"] == [notice.path for notice in result.notices]
    assert "obie-branches" in result.told[0]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"ATM": [3]}, "$.ATM[0]"),
        ({"data": ["x"]}, "$.data[0]"),
        ([machine(OtherATMServices=[{}])], "$[0].OtherATMServices[0]"),
    ],
)
def test_records_that_are_none(imported: Import, document: object, path: str) -> None:
    """What stands where a record or a code should stand and is none is refused with its place."""
    with pytest.raises(InputError) as caught:
        imported(atms.read, document)

    assert [path] == [problem.path for problem in caught.value.problems]


def test_a_doubled_code_is_told(imported: Import) -> None:
    """A service listed twice is kept once, and that is told."""
    result = imported(atms.read, [machine(ATMServices=["Balance", "Balance"])])

    assert ({"Balance"}, 1) == (set(only(result).capabilities), len(result.notices))


def test_progress_is_told(imported: Import) -> None:
    """Whoever asked hears how many machines are done, at the latest at the end."""
    heard: list[tuple[int, int | None]] = []
    context = ImportContext(
        files=(SourceFile("x", data=b'[{"Identification":"M"}]'),),
        at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        progress=lambda done, total: heard.append((done, total)),
    )

    assert 2 == len(list(atms.read(context)))
    assert [(1, 1)] == heard
