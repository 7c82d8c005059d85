"""What a bank's own documents and items change against the packaged ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from branchkit.catalog import Catalog, CatalogRoot, Change, diff_documents
from branchkit.checklists import Checklist
from branchkit.errors import CatalogError, NotFound
from branchkit.values import Severity, Text

PATCH = """
schema = "branchkit.checklist_patch/1"
id = "outdoor"
version = "1-bank"
of = "1"

[[replace]]
id = "fascia-clean"
text = { zh = "门头招牌无灰尘、污渍", en = "The door-head sign shows no dirt" }
rules = ["estate:EST-OUT-03"]
severity = "major"

[[leave_out]]
id = "fascia-specification"
reason = { zh = "另有专项检查", en = "Inspected apart" }
"""


def write(root: Path, place: str, text: str) -> Catalog:
    """Write a file below a bank's folder and return the catalog with it."""
    file = root / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return Catalog((CatalogRoot("bank", root),))


# -- of plain data


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 2}, [("changed", "$.a", "1", "2")]),
        ({"a": 1}, {}, [("changed", "$.a", "1", "null")]),
        ({"a": {"b": "x"}}, {"a": {"b": "y"}}, [("changed", "$.a.b", "x", "y")]),
        ({"t": {"zh": "门", "en": "Door"}}, {"t": {"en": "Gate"}}, [("changed", "$.t", "门 · Door", "Gate")]),
        ({}, {"rules": ["a:B-1"]}, [("added", "$.rules", None, "a:B-1")]),
        ({"rules": ["a:B-1"]}, {}, [("removed", "$.rules", "a:B-1", None)]),
        ({"v": ["x", "y"]}, {"v": ["y", "x"]}, [("reordered", "$.v", "x, y", "y, x")]),
        ({"v": ["x", "x"]}, {"v": ["x"]}, [("removed", "$.v[1]", "x", None)]),
        ({"j": [{"o": 1}]}, {"j": [{"o": 2}]}, [("changed", "$.j[0].o", "1", "2")]),
        ({"j": []}, {"j": [{"o": 3}]}, [("added", "$.j[0]", None, '{"o":3}')]),
        (
            {"bands": [{"code": "a", "title": {"en": "A"}}, {"code": "b"}]},
            {"bands": [{"code": "b", "title": {"en": "B"}}, {"code": "a", "title": {"en": "A"}}, {"code": "c"}]},
            [
                ("changed", "$.bands[b].title", "null", "B"),
                ("added", "$.bands[c]", None, "c"),
                ("reordered", "$.bands", "a, b", "b, a"),
            ],
        ),
    ],
)  # fmt: skip
def test_documents_are_compared_member_by_member(before: Any, after: Any, changes: list[tuple[Any, ...]]) -> None:
    """Members are told apart by their id where they have one, by themselves where they are words, else by place."""
    found = [(one.what, one.path, one.before, one.after) for one in diff_documents(before, after)]

    assert changes == found


def test_a_change_says_itself() -> None:
    """Each sort of change has its sentence, with the reason where there is one."""
    why = Text(zh="没有", en="not there")
    said = [
        str(Change(what="added", path="$.a", after="x")),
        str(Change(what="removed", path="$.a", before="x", reason=why)),
        str(Change(what="changed", path="$.a", before="x")),
        str(Change(what="rule_dropped", path="$.a", before="a:B-1")),
        str(Change(what="rule_dropped", path="$.a", before="a:B-1", after="checklist c")),
    ]

    assert [
        "$.a  added: x",
        "$.a  removed: x  (没有 · not there)",
        "$.a  x -> (nothing)",
        "$.a  a:B-1 is no longer carried out here; by nothing any more",
        "$.a  a:B-1 is no longer carried out here; still by checklist c",
    ] == said


# -- of catalogs


def test_nothing_overridden_is_no_difference(tmp_path: Path) -> None:
    """What a bank brings under ids of its own stands beside the packaged documents and changes none."""
    text = Catalog().checklist("outdoor").to_toml().replace('id = "outdoor"', 'id = "bank.outdoor"', 1)
    catalog = write(tmp_path, "checklists/outdoor.toml", text)

    assert () == catalog.diff() == Catalog().diff()


def test_a_whole_document_is_compared_with_what_it_overrides(tmp_path: Path) -> None:
    """A policy in the place of a packaged one is told by its version and by every setting that is another."""
    text = Catalog().policy("environment").to_toml().replace('version = "1"', 'version = "1-bank"', 1)
    text = text.replace('percent_at_least = "80"', 'percent_at_least = "70"')
    (one,) = write(tmp_path, "overrides/policies/environment.toml", text).diff("bank")

    assert ("policy", "environment", "bank", "1", "1-bank") == (one.kind, one.id, one.root, one.before, one.after)
    assert [("$.parts[accessible].percent_at_least", "80", "70")] == [(c.path, c.before, c.after) for c in one.changes]


def test_single_items_are_overridden(tmp_path: Path) -> None:
    """The checklist in force has the bank's item and lacks the one left out; the packaged one is still there."""
    catalog = write(tmp_path, "overrides/items/outdoor.toml", PATCH)
    now, then = catalog.checklist("outdoor"), catalog.checklist("outdoor", "1")

    item = now.item("fascia-clean")
    assert item is not None
    assert ("1-bank", Severity.MAJOR, None) == (now.version, item.severity, now.item("fascia-specification"))
    assert Catalog().checklist("outdoor").digest() == then.digest()
    assert ("1-bank", "bank") in [(e.version, e.root) for e in catalog.entries("checklist") if e.id == "outdoor"]
    assert () == catalog.check()


def test_items_are_told_with_their_reasons_and_the_rules_they_drop(tmp_path: Path) -> None:
    """A severity, an item left out with the reason, and the rule that nothing carries out any more."""
    (one,) = write(tmp_path, "overrides/items/outdoor.toml", PATCH).diff()
    found = {(c.what, c.path): (c.before, c.after, c.reason and c.reason.en) for c in one.changes}

    words = "门头招牌符合现行统一形象规格 · The door-head sign follows the brand specification in force"
    assert {
        ("changed", "$.sections[fascia].items[fascia-clean].severity"): ("minor", "major", None),
        ("removed", "$.sections[fascia].items[fascia-specification]"): (words, None, "Inspected apart"),
        ("rule_dropped", "$.sections[0].items[1].rules[0]"): ("estate:EST-OUT-02", None, None),
    } == found


def test_a_rule_that_another_document_carries_out_is_not_lost(tmp_path: Path) -> None:
    """A dropped rule names the documents in force that still carry it out."""
    text = Catalog().checklist("indoor").to_toml().replace('id = "indoor"', 'id = "bank.sign"', 1)
    first = next(rule for _, item in Catalog().checklist("indoor").items() for rule in item.rules)
    write(tmp_path, "checklists/sign.toml", text.replace(first, "estate:EST-OUT-02"))
    (one,) = write(tmp_path, "overrides/items/outdoor.toml", PATCH).diff()

    assert ["checklist bank.sign"] == [c.after for c in one.changes if c.what == "rule_dropped"]


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ('of = "1"', 'of = "0"', "$.of", "Expected '1', the version that is packaged"),
        ('version = "1-bank"', 'version = "1"', "$.version", "Expected another version than '1'"),
        ('id = "fascia-specification"', 'id = "fascia-clean"', "$.leave_out[0].id", "'fascia-clean' is named again"),
        ('id = "fascia-clean"', 'id = "door"', "$.replace[0].id", "Unknown item 'door'; outdoor has: fascia-visible"),
        ('severity = "major"', 'severity = "minor"', "$.replace[0]", "Has no effect: it is as packaged"),
        ('severity = "major"', "", "$.sections[0].items[1].severity", "As changed: "),
        ('id = "outdoor"', 'id = "indoor"', "$.id", "Expected 'outdoor', by the file's name"),
        (PATCH[PATCH.index("[[") :], "", "$", "Has no effect: it neither replaces nor leaves out an item"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, path: str, message: str) -> None:
    """What a patch cannot mean is an error of the catalog, with the path in the patch."""
    catalog = write(tmp_path, "overrides/items/outdoor.toml", PATCH.replace(old, new, 1))

    with pytest.raises(CatalogError) as caught:
        catalog.checklist("outdoor")
    assert [path] == [problem.path for problem in caught.value.problems if message in problem.message]
    assert "bank/overrides/items/outdoor.toml" == caught.value.source


def test_a_patch_of_nothing_is_refused(tmp_path: Path) -> None:
    """Items of what is not packaged cannot be overridden, as `check` finds too; a root has to be there."""
    catalog = write(tmp_path, "overrides/items/hall.toml", PATCH.replace('id = "outdoor"', 'id = "hall"', 1))

    with pytest.raises(CatalogError, match="No packaged checklist 'hall'"):
        catalog.checklist("hall")
    assert {"bank/overrides/items/hall.toml"} == {place for place, _ in catalog.check()}
    with pytest.raises(NotFound, match="No catalog root 'other'; there are: bank, branchkit"):
        catalog.diff("other")


def test_a_document_and_its_items_are_not_overridden_both(tmp_path: Path) -> None:
    """Which of two overrides counts is never decided by their order: both are named."""
    text = Catalog().checklist("outdoor").to_toml().replace('version = "1"', 'version = "2"', 1)
    write(tmp_path, "overrides/checklists/outdoor.toml", text)
    catalog = write(tmp_path, "overrides/items/outdoor.toml", PATCH)

    with pytest.raises(CatalogError, match="Expected one root to bring it"):
        catalog.checklist("outdoor")


def test_an_earlier_change_of_items_stays_for_its_sheets(tmp_path: Path) -> None:
    """A patch with its version in its name is applied to the packaged version of its day."""
    first, packaged = PATCH.replace("1-bank", "0-bank").replace('of = "1"', 'of = "0"'), Catalog().checklist("outdoor")
    core = tmp_path / "core"
    for name, version in (("outdoor.toml", "1"), ("outdoor@0.toml", "0")):
        file = core / "checklists" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(packaged.to_toml().replace('version = "1"', f'version = "{version}"', 1), encoding="utf-8")
    for name, text in (("outdoor.toml", PATCH), ("outdoor@0-bank.toml", first)):
        write(tmp_path / "bank", f"overrides/items/{name}", text)
    roots = (CatalogRoot("bank", tmp_path / "bank"),)
    catalog = Catalog(roots, packaged=CatalogRoot("branchkit", core))
    versions = [catalog.checklist("outdoor", version).version for version in ("1-bank", "0-bank", "1", "0")]

    assert ["1-bank", "0-bank", "1", "0"] == versions
    with pytest.raises(NotFound, match="No packaged version of checklist 'outdoor' '7'; there are: 0, 1"):
        catalog.packaged("checklist", "outdoor", "7")


def test_a_patch_lacking_its_packaged_version_is_refused(tmp_path: Path) -> None:
    """An earlier patch without the packaged version it was written for says which is missing."""
    first = PATCH.replace("1-bank", "0-bank").replace('of = "1"', 'of = "0"')
    catalog = write(tmp_path, "overrides/items/outdoor@0-bank.toml", first)

    with pytest.raises(CatalogError, match=r"No packaged version of checklist 'outdoor' '0'"):
        catalog.entries("checklist")


def test_a_section_whose_items_are_all_left_out_goes(tmp_path: Path) -> None:
    """A section without items is no section; the difference tells it as removed."""
    section = Catalog().checklist("outdoor").sections[0]
    entries = (f'[[leave_out]]\nid = "{item.id}"\nreason = {{ zh = "无", en = "None" }}\n' for item in section.items)
    head = PATCH[: PATCH.index("[[")]
    catalog = write(tmp_path, "overrides/items/outdoor.toml", head + "".join(entries))
    document = catalog.get("checklist", "outdoor")

    assert isinstance(document, Checklist)
    assert section.id not in {one.id for one in document.sections}
    assert "$.sections[fascia]" in {change.path for change in catalog.diff()[0].changes}
