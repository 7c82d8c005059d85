"""The check of a whole catalog: a bank's own documents are linted as strictly as core's."""

from __future__ import annotations

from pathlib import Path

import pytest

from branchkit.catalog import Catalog, CatalogRoot

CHECKLIST = """schema = "branchkit.checklist/1"
id = "acme.lobby"
version = "1"
title = { zh = "大堂", en = "Lobby" }
policy = "POLICY"

[[sections]]
id = "s"
title = { zh = "甲", en = "A" }
for_each = [{ kind = "equipment", kinds = ["KIND"], zone_kinds = ["ZONE"] }]

[[sections.items]]
id = "clean"
text = { zh = "干净", en = "It is clean" }
severity = "minor"
rules = ["estate:EST-IN-01"]
"""
GOOD = CHECKLIST.replace('policy = "POLICY"\n', "").replace("KIND", "atm").replace("ZONE", "self_service_zone")
RULES = """schema = "branchkit.rules/1"
area = "estate"
topic = { zh = "甲", en = "A" }

[[rules]]
id = "estate:ACME-01"
text = { zh = "甲", en = "A" }
kind = "policy"
basis = "sourced"
"""
POLICY = """schema = "branchkit.scoring_policy/1"
id = "acme.flat"
version = "1"
title = { zh = "平分", en = "Flat" }
checklists = ["outdoor"]
ceiling = 100
parts = [{ kind = "points", id = "all", title = { zh = "全部", en = "All" }, worth = 100PART }]
"""


def problems(root: Path, place: str, text: str) -> list[tuple[str, str]]:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return [(document, problem.path) for document, problem in Catalog([CatalogRoot("acme", root)]).check()]


def test_packaged_catalog_is_clean() -> None:
    """Nothing in the packaged catalog is wrong."""
    assert () == Catalog().check()


def test_good_document_passes(tmp_path: Path) -> None:
    """A bank's document that is right gives no problem."""
    assert [] == problems(tmp_path, "checklists/lobby.toml", GOOD)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        pytest.param(GOOD.replace('zh = "大堂", ', ""), "$.title.zh", id="one language"),
        pytest.param(GOOD.replace("EST-IN-01", "EST-IN-99"), "$.sections[0].items[0].rules[0]", id="unknown rule"),
        pytest.param(GOOD.replace('"atm"', '"slot_machine"'), "$.sections[0].for_each[0].kinds", id="unknown device"),
        pytest.param(GOOD.replace('"self_service_zone"', '"bar"'), "$.sections[0].for_each[0].zone_kinds", id="zone"),
        pytest.param(GOOD.replace('version = "1"', 'version = "1"\npolicy = "gone"'), "$.policy", id="unknown policy"),
        pytest.param(GOOD.replace('version = "1"', 'version = "1"\ncolour = "red"'), "$", id="unknown key"),
        pytest.param(GOOD.replace("checklist/1", "checklist/2"), "$.schema", id="newer schema"),
        pytest.param(GOOD.replace("[[sections]]", "[[sections"), "$", id="no TOML"),
    ],
)
def test_wrong_checklist_is_found(tmp_path: Path, text: str, path: str) -> None:
    """Each thing that is wrong with a checklist is found, with its document and path."""
    assert [("acme/checklists/lobby.toml", path)] == problems(tmp_path, "checklists/lobby.toml", text)


def test_policy_of_a_plugins_code_is_no_document(tmp_path: Path) -> None:
    """A policy whose key has a dot may come from a plug-in's code, so the check does not look for its document."""
    text = GOOD.replace('version = "1"', 'version = "1"\npolicy = "acme.model"')

    assert [] == problems(tmp_path, "checklists/lobby.toml", text)


def test_unknown_zone_of_an_item_is_found(tmp_path: Path) -> None:
    """Kinds of zones are looked up where an item is asked for each zone, too."""
    own = 'for_each = [{ kind = "zone", kinds = ["bar"] }]\n'
    text = GOOD.replace(
        'for_each = [{ kind = "equipment", kinds = ["atm"], zone_kinds = ["self_service_zone"] }]\n', ""
    )

    assert [("acme/checklists/lobby.toml", "$.sections[0].items[0].for_each[0].kinds")] == problems(
        tmp_path, "checklists/lobby.toml", text + own
    )


@pytest.mark.parametrize(
    ("part", "path"),
    [
        pytest.param(', select = { items = ["gone"] }', "$.parts[0].select.items", id="item"),
        pytest.param(', select = { sections = ["gone"] }', "$.parts[0].select.sections", id="section"),
        pytest.param(', select = { checklists = ["indoor"] }', "$.parts[0].select.checklists", id="checklist"),
        pytest.param(", weights = { gone = 2 }", "$.parts[0].weights", id="weight"),
    ],
)
def test_policy_speaks_of_items_that_are_there(tmp_path: Path, part: str, path: str) -> None:
    """A policy that names items, sections or checklists which its checklists do not have is wrong."""
    assert [("acme/policies/flat.toml", path)] == problems(tmp_path, "policies/flat.toml", POLICY.replace("PART", part))


def test_policy_scores_checklists_that_are_there(tmp_path: Path) -> None:
    """A policy of a checklist that is not there is wrong."""
    text = POLICY.replace("PART", "").replace('"outdoor"', '"indoors"')

    assert [("acme/policies/flat.toml", "$.checklists")] == problems(tmp_path, "policies/flat.toml", text)


@pytest.mark.parametrize(
    "place",
    [
        "readme.txt",
        "forms/lobby.toml",
        "checklists/Lobby Form.toml",
        "checklists/lobby.json",
        "overrides/lobby.toml",
        "overrides/rules/lobby.toml",
        "rules/estate/notes.md",
        "rules/1/2/3/4/5/6/7/deep.toml",
    ],
)
def test_stray_file_is_found(tmp_path: Path, place: str) -> None:
    """A file or folder that nothing asks for is a problem, and not silence."""
    ((document, path),) = problems(tmp_path, place, "")

    assert "$" == path
    assert f"acme/{place}".startswith(document)


def test_python_beside_documents_is_no_stranger(tmp_path: Path) -> None:
    """A catalog may lie in a Python package: its modules and caches are passed over."""
    (tmp_path / "__pycache__").mkdir()

    assert [] == problems(tmp_path, "__init__.py", "")


@pytest.mark.parametrize(
    ("place", "text", "path"),
    [
        pytest.param("rules/estate/a.toml", RULES.replace("ACME-01", "EST-IN-01"), "$.rules[0].id", id="taken"),
        pytest.param("rules/service/a.toml", RULES, "$.area", id="folder of another area"),
        pytest.param("rules/estate/a.toml", RULES.replace("estate:ACME", "service:ACME"), "$.rules[0].id", id="area"),
        pytest.param("rules/estate/a.toml", RULES.replace("estate:ACME-01", "ACME"), "$.rules[0].id", id="no id"),
        pytest.param(
            "rules/estate/a.toml", RULES.replace('topic = { zh = "甲", ', "topic = { "), "$.topic.zh", id="zh"
        ),
        pytest.param(
            "rules/estate/a.toml", RULES + 'severity_basis = "inferred"\n', "$.rules[0].severity_basis", id="s"
        ),
        pytest.param(
            "rules/estate/a.toml", RULES + RULES.partition("\n\n")[2], "$.rules[1].id", id="twice in one file"
        ),
    ],
)
def test_wrong_rule_is_found(tmp_path: Path, place: str, text: str, path: str) -> None:
    """A rule that is there already, is of another area, or lacks a language is a problem."""
    assert (f"acme/{place}", path) in problems(tmp_path, place, text)


def test_override_of_nothing_is_found(tmp_path: Path) -> None:
    """An override that stands in front of no packaged document is a problem."""
    place = "overrides/checklists/lobby.toml"

    assert [(f"acme/{place}", "$")] == problems(tmp_path, place, GOOD.replace("acme.lobby", "lobby"))


def test_old_version_needs_a_current_one(tmp_path: Path) -> None:
    """A version of a document without the current one beside it is a problem."""
    place = "checklists/lobby@1.toml"

    assert [(f"acme/{place}", "$")] == problems(tmp_path, place, GOOD)


def test_two_roots_that_override_the_same_are_found(tmp_path: Path) -> None:
    """Two roots that override one packaged document are a problem that names the other."""
    text = GOOD.replace("acme.lobby", "outdoor")
    for name in ("acme", "bank"):
        path = tmp_path / name / "overrides/checklists/outdoor.toml"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")

    found = Catalog([CatalogRoot(name, tmp_path / name) for name in ("acme", "bank")]).check()

    assert [("bank/overrides/checklists/outdoor.toml", True)] == [
        (place, "acme/overrides" in problem.message) for place, problem in found
    ]


@pytest.mark.parametrize(
    "text",
    ['"estate:EST-OUT-99" = "a reason"', '"estate:EST-OUT-01" = ""', '"OUT-01" = "x"', "=", '"estate:EST-OUT-01" = 1'],
)
def test_wrong_list_of_left_out_rules_is_found(tmp_path: Path, text: str) -> None:
    """What is left out names rules of the register, each with a reason."""
    found = problems(tmp_path, "left_out.toml", text)

    assert ["acme/left_out.toml"] == [document for document, _ in found]
