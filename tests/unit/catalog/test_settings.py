"""Settings: where the sources differ, the catalog says which way it takes, and what else a bank may take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from branchkit.catalog import Catalog, CatalogRoot, SettingList
from branchkit.errors import CatalogError, DecodeError

CATALOG = Catalog()
TABLE = """schema = "branchkit.decision_table/1"
id = "ID"
version = "2"
title = { zh = "岗位", en = "Posts" }
hit = "unique"

[[facts]]
name = "MODE"
type = "code"
choices = ["strict", "loose"]
title = { zh = "方式", en = "how" }

[[outputs]]
name = "may"
type = "bool"
title = { zh = "可", en = "may" }

[[rows]]
when = { "MODE" = "strict" }
then = { may = false }

[[rows]]
when = { "MODE" = "loose" }
then = { may = true }
"""
SETTINGS = """schema = "branchkit.settings/1"

[[settings]]
id = "how"
title = { zh = "方式", en = "How" }
question = { zh = "两种说法", en = "Two texts differ" }
default = { text = { zh = "严", en = "strictly" }, code = "strict" }
others = [{ text = { zh = "宽", en = "loosely" }, code = "loose" }]
how = { zh = "给出事实", en = "Give the fact" }
fact = "hall.mode"
documents = ["table:acme.hall"]
rules = ["service:ROL-18"]
"""
Problems = Callable[[str], list[tuple[str, str]]]


@pytest.fixture
def problems(tmp_path: Path) -> Problems:
    """Return a function that checks a bank's settings beside its table: each problem's place and words."""
    (tmp_path / "decision_tables").mkdir()
    hall = TABLE.replace("ID", "acme.hall").replace("MODE", "hall.mode")
    (tmp_path / "decision_tables" / "hall.toml").write_text(hall, encoding="utf-8")

    def check(text: str) -> list[tuple[str, str]]:
        (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
        return [(problem.path, problem.message) for _, problem in Catalog((CatalogRoot("acme", tmp_path),)).check()]

    return check


def test_core_states_how_it_decides() -> None:
    """Core's settings are in the order of their ids, in both languages, and each names documents and rules."""
    settings = CATALOG.settings()
    counter = next(one for one in settings if one.id == "counter-control")

    assert sorted(settings, key=lambda one: one.id) == list(settings)
    assert {"dual_person", "comprehensive"} == counter.codes
    assert "dual_person" == counter.default.code
    assert [] == [one.id for one in settings if not (one.documents and one.rules)]


def test_every_setting_of_procedures_is_told() -> None:
    """Whatever an entry of the register of procedure settings may set is one of the settings that are told."""
    (field,) = (one for one in CATALOG.register("procedure-settings").fields if one.name == "setting")

    assert set(field.choices) <= {one.fact for one in CATALOG.settings()}


def test_a_bank_states_its_own(problems: Problems, tmp_path: Path) -> None:
    """The settings of a bank's catalog stand beside core's, and are without problems where they fit its documents."""
    assert [] == problems(SETTINGS)
    found = Catalog((CatalogRoot("acme", tmp_path),)).settings()

    assert {one.id for one in CATALOG.settings()} | {"how"} == {one.id for one in found}


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("acme.hall", "acme.vault", "$.settings[0].documents[0]", "Unknown document 'table:acme.vault'"),
        (
            '"loose" }',
            '"lax" }',
            "$.settings[0].fact",
            "Expected the codes that 'table:acme.hall' knows",
        ),
        ("hall.mode", "hall.way", "$.settings[0].fact", "Has no effect: none of the documents looks at 'hall.way'"),
        ("service:ROL-18", "acme:HALL-1", "$.settings[0].rules[0]", "Unknown rule 'acme:HALL-1'"),
        ('zh = "两种说法"', 'zh = ""', "$.settings[0].question.zh", "Expected words in both languages"),
        ('id = "how"', 'id = "weights"', "$.settings[0].id", "Expected an id of its own: branchkit/settings.toml"),
        ("rules =", "rule =", "$.settings[0]", "Unknown key"),
    ],
)
def test_what_does_not_fit_is_found(problems: Problems, old: str, new: str, path: str, message: str) -> None:
    """A document, rule or fact that is not there, codes that nothing knows and an id that is taken are told."""
    places = [(place, words) for place, words in problems(SETTINGS.replace(old, new)) if words.startswith(message)]

    assert path in [place for place, _ in places]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('others = [{ text = { zh = "宽", en = "loosely" }, code = "loose" }]', "others = []", "others"),
        ('documents = ["table:acme.hall"]', "documents = []", "documents"),
        ('["table:acme.hall"]', '["table:acme.hall", "table:acme.hall"]', "documents"),
        ('["service:ROL-18"]', '["service:ROL-18", "service:ROL-18"]', "rules"),
        ('fact = "hall.mode"\n', "", "fact"),
    ],
)
def test_a_setting_that_says_nothing_is_refused(old: str, new: str, path: str) -> None:
    """There is another way, a document, each of them once, and a fact where there are codes."""
    with pytest.raises(DecodeError) as caught:
        SettingList.from_toml(SETTINGS.replace(old, new))

    assert [f"$.settings[0].{path}"] == [problem.path for problem in caught.value.problems]


def test_a_fact_without_codes_and_an_id_twice_are_refused() -> None:
    """A fact of which no way has a code sets nothing, and two settings of one id are told apart by nobody."""
    plain = SETTINGS.replace(', code = "strict"', "").replace(', code = "loose"', "")
    twice = SETTINGS + SETTINGS.partition("\n\n")[2]

    for text, path in ((plain, "$.settings[0].fact"), (twice, "$.settings[1].id")):
        with pytest.raises(DecodeError) as caught:
            SettingList.from_toml(text)
        assert [path] == [problem.path for problem in caught.value.problems]


def test_core_is_not_measured_by_what_a_bank_puts_in_its_place(tmp_path: Path) -> None:
    """A bank may replace a table by one that looks at no setting; what core says of its own table still holds."""
    (tmp_path / "overrides" / "decision_tables").mkdir(parents=True)
    posts = TABLE.replace("ID", "lobby-post").replace("MODE", "hall.mode")
    (tmp_path / "overrides" / "decision_tables" / "lobby-post.toml").write_text(posts, encoding="utf-8")
    found = Catalog((CatalogRoot("acme", tmp_path),)).check()

    assert [] == [problem for place, problem in found if place.endswith("settings.toml")]


def test_a_file_that_cannot_be_read_is_named(problems: Problems, tmp_path: Path) -> None:
    """A file of settings that is no TOML is one problem of the check, and asking for the settings raises it."""
    assert 1 == len(problems("settings ="))
    with pytest.raises(CatalogError, match=r"acme/settings\.toml"):
        Catalog((CatalogRoot("acme", tmp_path),)).settings()
