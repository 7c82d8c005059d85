"""The catalog loader: what is found where, in which version, and when it is read."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.catalog.index import Index
from branchkit.catalog.kinds import FOLDERS, document_class
from branchkit.errors import CatalogError, NotFound
from branchkit.values import Severity

CHECKLIST = """schema = "branchkit.checklist/1"
id = "{id}"
version = "{version}"
title = {{ zh = "大堂", en = "Lobby" }}

[[sections]]
id = "s"
title = {{ zh = "甲", en = "A" }}

[[sections.items]]
id = "clean"
text = {{ zh = "干净", en = "It is clean" }}
severity = "minor"
rules = ["estate:EST-IN-01"]
"""


def write(root: Path, place: str, id: str, version: str = "1") -> Path:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CHECKLIST.format(id=id, version=version), encoding="utf-8")
    return path


def acme(path: Path) -> CatalogRoot:
    return CatalogRoot("acme", path)


class Counted:
    """A file that counts how often it is read, beside whatever else it is."""

    def __init__(self, path: Path, reads: list[str]) -> None:
        self._path = path
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._path, name)

    def iterdir(self) -> list[Counted]:
        return [Counted(path, self._reads) for path in self._path.iterdir()]

    def read_bytes(self) -> bytes:
        self._reads.append(self._path.name)
        return self._path.read_bytes()


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    """A catalog lists file names only; asking for a document reads that one, once."""
    write(tmp_path, "checklists/lobby.toml", "acme.lobby")
    write(tmp_path, "checklists/vault.toml", "acme.vault")
    reads: list[str] = []
    catalog = Catalog([CatalogRoot("acme", Counted(tmp_path, reads))])  # type: ignore[arg-type]  # stands in for a Path

    listed = catalog.index.ids("checklist")
    before = list(reads)
    first = catalog.checklist("acme.lobby")

    assert {"acme.lobby", "acme.vault", "outdoor"} <= set(listed)
    assert [] == before
    assert first is catalog.checklist("acme.lobby")
    assert ["lobby.toml"] == reads


def test_threads_share_what_is_read() -> None:
    """Threads that ask for the same document at once get the very same one."""
    catalog = Catalog()
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(catalog.checklist("outdoor"))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 8 == len(got)
    assert 1 == len({id(one) for one in got})


@pytest.mark.parametrize("kind", sorted(FOLDERS))
def test_unknown_document_names_what_there_is(kind: str) -> None:
    """Asking for a document that is not there names the ones of the kind that are."""
    catalog = Catalog()

    with pytest.raises(NotFound) as raised:
        catalog.get(kind, "nothing-of-the-kind")

    assert (kind, catalog.index.ids(kind)) == (raised.value.kind, raised.value.available)


def test_unknown_kind_names_the_kinds() -> None:
    """An unknown kind names the kinds that there are, to show, to list and to describe."""
    catalog = Catalog()
    kinds = (
        *("calendar", "checklist", "credit_scheme", "ladder", "policy", "privacy_policy", "procedure", "register"),
        *("schedule", "standard", "table", "tier_scheme", "trigger_list"),
    )

    with pytest.raises(NotFound) as shown:
        catalog.get("form", "outdoor")
    with pytest.raises(NotFound) as listed:
        catalog.entries("form")
    with pytest.raises(NotFound) as described:
        catalog.schema("form")

    assert (
        tuple(sorted((*kinds, "rule"))),
        kinds,
        tuple(sorted((*kinds, "branch", "checklist_patch", "rules", "settings", "sheet"))),
    ) == (shown.value.available, listed.value.available, described.value.available)


def test_typed_getters_read_each_kind(tmp_path: Path) -> None:
    """Each getter returns a document of its class, from a plug-in's root as from core's."""
    documents = {
        "registers/keys.toml": 'schema = "branchkit.register/1"\nid = "acme.keys"\nversion = "1"\n'
        'title = { zh = "钥匙", en = "Keys" }\nfields = [{ name = "key", title = { zh = "钥匙", en = "Key" } }]\n',
        "calendars/plain.toml": 'schema = "branchkit.calendar/1"\nid = "acme.plain"\nversion = "1"\n'
        'title = { zh = "日历", en = "Calendar" }\nconfirmed_from = 2026-01-01\nconfirmed_through = 2026-12-31\n',
        "decision_tables/grade.toml": 'schema = "branchkit.decision_table/1"\nid = "acme.grade"\nversion = "1"\n'
        'title = { zh = "分级", en = "Grade" }\nhit = "unique"\nfacts = [{ name = "down", type = "bool" }]\n'
        'outputs = [{ name = "grade", type = "code", choices = ["general", "major"] }]\n'
        'rows = [{ when = { down = true }, then = { grade = "major" } },'
        ' { when = { down = false }, then = { grade = "general" } }]\n',
        "schedules/rounds.toml": 'schema = "branchkit.schedule_plan/1"\nid = "acme.rounds"\nversion = "1"\n'
        'title = { zh = "巡查", en = "Rounds" }\nentries = [{ id = "walk", title = { zh = "巡查", en = "Walk" },'
        ' cycle = { kind = "daily" } }]\n',
        "policies/flat.toml": 'schema = "branchkit.scoring_policy/1"\nid = "acme.flat"\nversion = "1"\n'
        'title = { zh = "平分", en = "Flat" }\nchecklists = ["outdoor"]\nceiling = 100\n'
        'parts = [{ kind = "points", id = "all", title = { zh = "全部", en = "All" }, worth = 100 }]\n',
    }
    for place, text in documents.items():
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(text, encoding="utf-8")
    catalog = Catalog([acme(tmp_path)])

    found = (
        catalog.register("acme.keys"),
        catalog.calendar("acme.plain"),
        catalog.table("acme.grade"),
        catalog.schedule("acme.rounds"),
        catalog.policy("acme.flat"),
        catalog.standard(),
        catalog.checklist("indoor"),
    )

    kinds = ("register", "calendar", "table", "schedule", "policy", "standard", "checklist")
    assert tuple(document_class(kind) for kind in kinds) == tuple(type(document) for document in found)
    assert () == catalog.check()


def test_older_version_lies_beside_the_current_one(tmp_path: Path) -> None:
    """A document may be asked for in a version whose file names it; else the versions there are are named."""
    write(tmp_path, "checklists/lobby.toml", "acme.lobby", "3")
    write(tmp_path, "checklists/lobby@2.toml", "acme.lobby", "2")
    catalog = Catalog([acme(tmp_path)])

    with pytest.raises(NotFound) as raised:
        catalog.checklist("acme.lobby", "1")

    assert ("3", "3", "2") == tuple(catalog.checklist("acme.lobby", version).version for version in (None, "3", "2"))
    assert ("2", "3") == raised.value.available


def test_bank_overrides_a_packaged_document(tmp_path: Path) -> None:
    """An override takes the place of a packaged document, whose own version can still be asked for."""
    write(tmp_path, "overrides/checklists/outdoor.toml", "outdoor", "acme-1")
    catalog = Catalog([acme(tmp_path)])

    assert ("acme-1", "1") == (catalog.checklist("outdoor").version, catalog.checklist("outdoor", "1").version)
    assert () == catalog.check()
    with pytest.raises(NotFound) as raised:
        catalog.checklist("outdoor", "2")
    assert ("1", "acme-1") == raised.value.available


def test_order_of_roots_decides_nothing(tmp_path: Path) -> None:
    """Two roots that override the same document are an error that names both, whichever comes first."""
    roots = [CatalogRoot(name, tmp_path / name) for name in ("acme", "bank")]
    for root in roots:
        write(tmp_path / root.name, "overrides/checklists/outdoor.toml", "outdoor", root.name)

    messages = []
    for order in (roots, roots[::-1]):
        with pytest.raises(CatalogError) as raised:
            Catalog(order).checklist("outdoor")
        messages.append(str(raised.value))

    assert all("acme/overrides" in message and "bank/overrides" in message for message in messages)


def test_roots_have_names_of_their_own(tmp_path: Path) -> None:
    """Two roots of one name, or a root named as core, are refused; so is a name that no id can begin with."""
    with pytest.raises(ValueError, match="acme"):
        Catalog([acme(tmp_path), acme(tmp_path)])
    with pytest.raises(ValueError, match="branchkit"):
        Catalog([CatalogRoot("branchkit", tmp_path)])
    with pytest.raises(ValueError, match="lower-case"):
        CatalogRoot("Acme.1", tmp_path)


def test_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A root whose folder cannot be listed is a `CatalogError` that names the root."""
    with pytest.raises(CatalogError) as raised:
        Catalog([acme(tmp_path / "gone")]).checklist("outdoor")

    assert "acme" == raised.value.source


def test_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """A file that cannot be read any more is a `CatalogError` that names it, and no crash."""
    path = write(tmp_path, "checklists/lobby.toml", "acme.lobby")
    catalog = Catalog([acme(tmp_path)])
    listed = catalog.index.ids("checklist")
    path.unlink()

    with pytest.raises(CatalogError, match="can be read") as raised:
        catalog.checklist("acme.lobby")

    assert "acme.lobby" in listed
    assert "acme/checklists/lobby.toml" == raised.value.source


def test_wrong_document_says_where(tmp_path: Path) -> None:
    """A document that is wrong is a `CatalogError` with its place and the path of every problem."""
    path = write(tmp_path, "checklists/lobby.toml", "acme.lobby")
    text = path.read_text(encoding="utf-8").replace('severity = "minor"', 'severity = "bad"').replace("clean", "Clean!")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CatalogError) as raised:
        Catalog([acme(tmp_path)]).checklist("acme.lobby")

    assert "acme/checklists/lobby.toml" == raised.value.source
    assert "$.sections[0].items[0].severity" in {problem.path for problem in raised.value.problems}


def test_document_is_named_as_its_file(tmp_path: Path) -> None:
    """The id and version inside a document are those of its file's name."""
    write(tmp_path, "checklists/lobby.toml", "lobby")
    write(tmp_path, "checklists/lobby@2.toml", "acme.lobby", "3")
    catalog = Catalog([acme(tmp_path)])

    assert [
        ("acme/checklists/lobby.toml", "$.id"),
        ("acme/checklists/lobby@2.toml", "$.version"),
    ] == [(place, problem.path) for place, problem in catalog.check()]


def test_rule_is_found_by_its_id() -> None:
    """A rule is found by its qualified id, through `rule` and through `show`."""
    catalog = Catalog()

    rule = catalog.rule("estate:EST-ORG-12")

    assert ("estate", "checklist_item", Severity.MAJOR, "inferred", "sourced") == (
        rule.area, rule.kind, rule.severity, rule.severity_basis, rule.basis,
    )  # fmt: skip
    assert rule is catalog.get("rule", "estate:EST-ORG-12")


def test_unknown_rule_names_its_family() -> None:
    """An unknown rule names the rules of the same family; one without an area names nothing."""
    catalog = Catalog()

    with pytest.raises(NotFound) as known_family:
        catalog.rule("-".join(("estate:EST", "ORG", "99")))
    with pytest.raises(NotFound) as no_area:
        catalog.rule("EST-ORG-01")

    assert tuple(f"estate:EST-ORG-{at:02}" for at in range(1, 28)) == known_family.value.available
    assert () == no_area.value.available


def test_plugin_brings_rules_of_its_own(tmp_path: Path) -> None:
    """A root may hold rules below `rules/`, with or without a folder for the area."""
    own = tuple(f"{area}:ACME-0{at}" for area in ("estate",) for at in (1, 2))
    for place, id in zip(("rules/own.toml", "rules/estate/deep/more.toml"), own, strict=True):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            'schema = "branchkit.rules/1"\narea = "estate"\ntopic = { zh = "甲", en = "A" }\n[[rules]]\n'
            f'id = "{id}"\ntext = {{ zh = "甲", en = "A" }}\nkind = "policy"\nbasis = "sourced"\n',
            encoding="utf-8",
        )
    catalog = Catalog([acme(tmp_path)])

    assert own == tuple(catalog.rule(id).id for id in own)
    assert () == catalog.check()
    assert set(own) <= {rule.id for rule in catalog.rules()}


def test_entries_list_every_document() -> None:
    """The list names each document with its version, title, rules and root, and can be narrowed to a kind."""
    catalog = Catalog()

    standards = catalog.entries("standard")
    everything = catalog.entries()

    assert [("standard", "standard", "branchkit")] == [(one.kind, one.id, one.root) for one in standards]
    assert {"estate:EST-ORG-08", "governance:RSK-AUT-09"} <= set(standards[0].rules)
    assert set(standards) <= set(everything)
    assert sorted((one.kind, one.id) for one in everything) == [(one.kind, one.id) for one in everything]


def test_left_out_rules_come_with_reasons(tmp_path: Path) -> None:
    """What a root leaves out is listed with the reason."""
    (tmp_path / "left_out.toml").write_text('"estate:EST-OUT-01" = "a reason"\n', encoding="utf-8")
    catalog = Catalog([acme(tmp_path)])

    assert "a reason" == catalog.left_out()["estate:EST-OUT-01"]
    assert () == catalog.check()


@pytest.mark.parametrize("kind", [*sorted(FOLDERS), "rules"])
def test_schema_of_every_kind(kind: str) -> None:
    """Every kind of document has a JSON Schema that names the document's schema."""
    schema = Catalog().schema(kind)

    assert schema["properties"]["schema"]["const"].startswith("branchkit.")


def test_index_lists_without_reading() -> None:
    """The index of the packaged root knows each document's place by its name alone."""
    index = Index.of(Catalog().roots)

    (source,) = index.find("checklist", "outdoor")

    assert "branchkit/checklists/outdoor.toml" == source.place
    assert () == index.strangers


def test_a_rule_has_one_meaning(tmp_path: Path) -> None:
    """A root that states one of core's rules anew is refused with both places; a rule cannot be replaced quietly."""
    place = tmp_path / "rules" / "estate" / "own.toml"
    place.parent.mkdir(parents=True)
    place.write_text(
        'schema = "branchkit.rules/1"\narea = "estate"\ntopic = { zh = "自有", en = "Own" }\n'
        '[[rules]]\nid = "estate:EST-OUT-03"\ntext = { zh = "改", en = "Changed" }\nkind = "policy"\n'
        'basis = "sourced"\nsources = ["X"]\n',
        encoding="utf-8",
    )

    with pytest.raises(CatalogError, match="states estate:EST-OUT-03 already"):
        Catalog((acme(tmp_path),)).rule("estate:EST-OUT-03")
