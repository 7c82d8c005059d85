"""The check of a whole catalog: a bank's own documents are linted as strictly as core's."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot, packaged_root
from branchkit.customers import ByTier
from branchkit.values import FrozenMap

Problems = Callable[[str, str], list[tuple[str, str]]]

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
AREA = "estate"
RULES = """schema = "branchkit.rules/1"
area = "estate"
topic = { zh = "甲", en = "A" }

[[rules]]
id = "AREA:ACME-01"
text = { zh = "甲", en = "A" }
kind = "policy"
basis = "sourced"
""".replace("AREA", AREA)
POLICY = """schema = "branchkit.scoring_policy/1"
id = "acme.flat"
version = "1"
title = { zh = "平分", en = "Flat" }
checklists = ["outdoor"]
ceiling = 100
parts = [{ kind = "points", id = "all", title = { zh = "全部", en = "All" }, worth = 100PART }]
"""


STANDARD = """schema = "branchkit.estate_standard/1"
id = "standard"
version = "1"
title = { zh = "标准", en = "Standard" }
branches = [
  { code = "kiosk", title = { zh = "亭", en = "Kiosk" } },
  { code = "smart_outlet", title = { zh = "智慧网点", en = "Smart outlet" } },
]
zones = [{ code = "self_service_zone", title = { zh = "自助区", en = "Self-service zone" } }]
equipment = [{ code = "atm", title = { zh = "取款机", en = "Cash machine" } }]
counters = []
"""


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> CatalogRoot:
    """A small part of the packaged catalog, so that it need not be read as a whole for every case."""
    whole, root = packaged_root().path, tmp_path_factory.mktemp("packaged")
    for place in (
        "rules/estate/indoor.toml",
        "rules/estate/outdoor.toml",
        "rules/service/day.toml",
        "checklists/outdoor.toml",
    ):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        # The policy that the sheet names would bring five more sheets with it.
        (root / place).write_bytes(whole.joinpath(place).read_bytes().replace(b'policy = "environment"\n', b""))
    (root / "estate_standards").mkdir()
    (root / "estate_standards/standard.toml").write_text(STANDARD, encoding="utf-8")
    return CatalogRoot("branchkit", root)


@pytest.fixture
def problems(tmp_path: Path, packaged: CatalogRoot) -> Problems:
    def found(place: str, text: str) -> list[tuple[str, str]]:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        catalog = Catalog([CatalogRoot("acme", tmp_path)], packaged=packaged)
        return [(document, problem.path) for document, problem in catalog.check()]

    return found


def test_packaged_catalog_is_clean() -> None:
    """Nothing in the packaged catalog is wrong."""
    assert () == Catalog().check()


def test_good_document_passes(problems: Problems) -> None:
    """A bank's document that is right gives no problem."""
    assert [] == problems("checklists/lobby.toml", GOOD)


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
def test_wrong_checklist_is_found(problems: Problems, text: str, path: str) -> None:
    """Each thing that is wrong with a checklist is found, with its document and path."""
    assert [("acme/checklists/lobby.toml", path)] == problems("checklists/lobby.toml", text)


@pytest.mark.parametrize(
    ("when", "path"),
    [
        ('{ fact = "branch.kind", is = "bar" }', ".is"),
        ('{ not = { fact = "branch.kind", op = "!=", value = "bar" } }', ".not.value"),
        ('{ any = [{ fact = "branch.kind", in = ["kiosk", "bar"] }, { exists = "branch.open" }] }', ".any[0].in[1]"),
        ('{ all = [{ fact = "branch.kind", is = "bar" }, { exists = "branch.open" }] }', ".all[0].is"),
        ('{ fact = "branch.kind", is = "kiosk" }', None),
    ],
)
def test_kinds_of_branches_are_looked_up(problems: Problems, when: str, path: str | None) -> None:
    """A condition on a kind of branch that no estate standard knows can never hold, and is found."""
    found = problems("checklists/lobby.toml", f"{GOOD}when = {when}\n")

    assert found == ([] if path is None else [("acme/checklists/lobby.toml", f"$.sections[0].items[0].when{path}")])


TABLE = """schema = "branchkit.decision_table/1"
id = "acme.size"
version = "1"
title = { zh = "甲", en = "A" }
facts = [{ name = "branch.kind", type = "code" }]
outputs = [{ name = "size", type = "code", choices = ["s", "m"] }]
rows = [{ when = { "branch.kind" = "KIND" }, then = { size = "s" } }]
otherwise = { size = "m" }
"""


def test_kinds_of_branches_in_tables_are_looked_up(problems: Problems) -> None:
    """A row for a kind of branch that no estate standard knows is found, and so is a choice of one."""
    choices = TABLE.replace('type = "code" }]\nout', 'type = "code", choices = ["kiosk", "bar"] }]\nout')

    place = "acme/decision_tables/size.toml"
    cell = '$.rows[0].when["branch.kind"]'
    assert [] == problems("decision_tables/size.toml", TABLE.replace("KIND", "kiosk"))
    assert [(place, cell)] == problems("decision_tables/size.toml", TABLE.replace("KIND", "bar"))
    assert [(place, "$.facts[0].choices[1]")] == problems("decision_tables/size.toml", choices.replace("KIND", "kiosk"))


def test_facts_that_nothing_looks_at_are_found(problems: Problems) -> None:
    """A declared fact is read by a condition, a list of what is asked for, or a policy of the catalog; else it is idle.

    What a policy of a plug-in's code looks at nobody can tell.
    """
    fact = 'facts = [{ name = "peak", type = "bool" }]\n'
    declared = GOOD.replace("\n[[sections]]", f"{fact}\n[[sections]]", 1)
    policy = POLICY.replace('["outdoor"]', '["acme.lobby"]').replace("PART", "") + (
        'scored_when = { exists = "peak" }\nnot_scored_reason = { zh = "甲", en = "A" }\n'
    )

    assert [("acme/checklists/lobby.toml", "$.facts[0]")] == problems("checklists/lobby.toml", declared)
    assert [] == problems("checklists/lobby.toml", f'{declared}when = {{ exists = "peak" }}\n')
    by_code = declared.replace('version = "1"', 'version = "1"\npolicy = "acme.model"')
    assert [] == problems("checklists/lobby.toml", by_code)
    assert [("acme/checklists/lobby.toml", "$.facts[0]")] == problems("checklists/lobby.toml", declared)
    assert [] == problems("policies/flat.toml", policy)


def test_policy_of_a_plugins_code_is_no_document(problems: Problems) -> None:
    """A policy whose key has a dot may come from a plug-in's code, so the check does not look for its document."""
    text = GOOD.replace('version = "1"', 'version = "1"\npolicy = "acme.model"')

    assert [] == problems("checklists/lobby.toml", text)


@pytest.mark.parametrize(
    ("scheme", "tier", "path"),
    [
        ("acme.admission", "vip", None),
        ("other.points", "gold", None),
        ("acme.admission", "gold", "tiers"),
        ("admission", "vip", "scheme"),
    ],
)
def test_a_fact_follows_from_a_tier_that_is_there(problems: Problems, scheme: str, tier: str, path: str | None) -> None:
    """What follows from the tier of another scheme names a scheme and a tier that exist; a plug-in's cannot be told."""
    lobby, admission = map(Catalog().tier_scheme, ("lobby-identification", "vip-admission"))
    problems("tier_schemes/admission.toml", attrs.evolve(admission, id="acme.admission").to_toml())
    by_tier = FrozenMap({"vip": ByTier(scheme=scheme, tiers=(tier,))})
    text = attrs.evolve(lobby, id="acme.lobby", by_tier=by_tier).to_toml()

    expected = [] if path is None else [("acme/tier_schemes/lobby.toml", f"$.by_tier.vip.{path}")]
    assert expected == [one for one in problems("tier_schemes/lobby.toml", text) if "by_tier" in one[1]]


def test_unknown_zone_of_an_item_is_found(problems: Problems) -> None:
    """Kinds of zones are looked up where an item is asked for each zone, too."""
    own = 'for_each = [{ kind = "zone", kinds = ["bar"] }]\n'
    text = re.sub("for_each = .*\\n", "", GOOD) + own

    found = problems("checklists/lobby.toml", text)

    assert [("acme/checklists/lobby.toml", "$.sections[0].items[0].for_each[0].kinds")] == found


@pytest.mark.parametrize(
    ("part", "path"),
    [
        pytest.param(', select = { items = ["gone"] }', "$.parts[0].select.items[0]", id="item"),
        pytest.param(', select = { sections = ["gone"] }', "$.parts[0].select.sections[0]", id="section"),
        pytest.param(', select = { checklists = ["indoor"] }', "$.parts[0].select.checklists", id="checklist"),
        pytest.param(", weights = { gone = 2 }", "$.parts[0].weights.gone", id="weight"),
    ],
)
def test_policy_speaks_of_items_that_are_there(problems: Problems, part: str, path: str) -> None:
    """A policy that names items, sections or checklists which its checklists do not have is wrong."""
    assert ("acme/policies/flat.toml", path) in problems("policies/flat.toml", POLICY.replace("PART", part))


def test_policy_is_linted_against_its_checklists(problems: Problems) -> None:
    """Parts that overlap and conditions over facts that nobody brings are found."""
    again = ' }, { kind = "points", id = "again", title = { zh = "又", en = "Again" }, worth = 1'
    odd = (
        ' }, { kind = "deduction", id = "odd", reason = { zh = "怪", en = "Odd" }, points = 1, '
        'when = { fact = "weather", is = "wet" }'
    )
    twice = POLICY.replace("PART", again + odd)

    found = problems("policies/flat.toml", twice)

    assert {("acme/policies/flat.toml", "$.parts[1].select"), ("acme/policies/flat.toml", "$.parts[2].when.fact")} == {
        *found
    }


def test_policy_scores_checklists_that_are_there(problems: Problems) -> None:
    """A policy of a checklist that is not there is wrong."""
    text = POLICY.replace("PART", "").replace('"outdoor"', '"indoors"')

    assert [("acme/policies/flat.toml", "$.checklists[0]")] == problems("policies/flat.toml", text)


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
def test_stray_file_is_found(problems: Problems, place: str) -> None:
    """A file or folder that nothing asks for is a problem, and not silence."""
    ((document, path),) = problems(place, "")

    assert "$" == path
    assert f"acme/{place}".startswith(document)


def test_python_beside_documents_is_no_stranger(tmp_path: Path, problems: Problems) -> None:
    """A catalog may lie in a Python package: its modules and caches are passed over."""
    (tmp_path / "__pycache__").mkdir()

    assert [] == problems("__init__.py", "")


@pytest.mark.parametrize(
    ("place", "text", "path"),
    [
        pytest.param("rules/estate/a.toml", RULES.replace("ACME-01", "EST-IN-01"), "$.rules[0].id", id="taken"),
        pytest.param("rules/service/a.toml", RULES, "$.area", id="folder of another area"),
        pytest.param("rules/estate/a.toml", RULES.replace(f"{AREA}:ACME", "service:ACME"), "$.rules[0].id", id="area"),
        pytest.param("rules/estate/a.toml", RULES.replace(f"{AREA}:ACME-01", "ACME"), "$.rules[0].id", id="no id"),
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
def test_wrong_rule_is_found(problems: Problems, place: str, text: str, path: str) -> None:
    """A rule that is there already, is of another area, or lacks a language is a problem."""
    assert (f"acme/{place}", path) in problems(place, text)


def test_override_of_nothing_is_found(problems: Problems) -> None:
    """An override that stands in front of no packaged document is a problem."""
    place = "overrides/checklists/lobby.toml"

    assert [(f"acme/{place}", "$")] == problems(place, GOOD.replace("acme.lobby", "lobby"))


def test_old_version_needs_a_current_one(problems: Problems) -> None:
    """A version of a document without the current one beside it is a problem."""
    place = "checklists/lobby@1.toml"

    assert [(f"acme/{place}", "$")] == problems(place, GOOD)


def test_two_roots_that_override_the_same_are_found(tmp_path: Path, packaged: CatalogRoot) -> None:
    """Two roots that override one packaged document are a problem that names the other."""
    text = GOOD.replace("acme.lobby", "outdoor")
    for name in ("acme", "bank"):
        path = tmp_path / name / "overrides/checklists/outdoor.toml"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")

    found = Catalog([CatalogRoot(name, tmp_path / name) for name in ("acme", "bank")], packaged=packaged).check()

    assert [("bank/overrides/checklists/outdoor.toml", True)] == [
        (place, "acme/overrides" in problem.message) for place, problem in found
    ]


@pytest.mark.parametrize(
    "text",
    [f'"{AREA}:EST-OUT-99" = "a reason"', '"estate:EST-OUT-01" = ""', '"OUT-01" = "x"', "=", '"estate:EST-OUT-01" = 1'],
)
def test_wrong_list_of_left_out_rules_is_found(problems: Problems, text: str) -> None:
    """What is left out names rules of the register, each with a reason."""
    found = problems("left_out.toml", text)

    assert ["acme/left_out.toml"] == [document for document, _ in found]
