"""The pages say what there is: every export, hook, command, option, field, error and example, and nothing else."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import decompress

import click
import jsonschema
import pytest
from click.testing import CliRunner

import branchkit
from branchkit import errors
from branchkit.catalog.kinds import FOLDERS, document_class
from branchkit.checklists import BRANCH_FACTS, Covers, Each, Sheet
from branchkit.checklists.answers import AnswerKind
from branchkit.checklists.model import Constraint
from branchkit.cli import app
from branchkit.cli.app import build
from branchkit.codec import Document, json_schema
from branchkit.conditions import FactType
from branchkit.estate import Branch
from branchkit.kit.core import CorePlugin
from branchkit.personal import marked_fields
from branchkit.plugins import DEPRECATED, HOOKS, BranchkitHooks, Plugins
from branchkit.plugins.config import ASSIGNABLE, Config
from branchkit.values import Severity

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PACKAGES = (
    "catalog", "checklists", "codec", "conditions", "customers", "customers.journey", "errors", "escalation", "estate",
    "findings", "kit", "messages", "personal", "plugins", "plugins.config", "procedures", "scoring", "storage",
    "temporal", "testing.assigning", "testing.calendars", "testing.catalogs", "testing.checking", "testing.credit",
    "testing.escalation", "testing.filling", "testing.importers", "testing.laws", "testing.notifiers",
    "testing.renderers", "testing.reports", "testing.scoring", "testing.stores", "testing.vectors",
    "testing.verdicts", "testing.watching", "trace", "values",
)  # fmt: skip
"""The modules that users import from; what lies below them is where their names are defined."""


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def table(text: str, first: str) -> list[list[str]]:
    """Return the rows of the table whose head begins with a cell, without the code marks."""
    lines = text.splitlines()
    head = next(at for at, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows: list[list[str]] = []
    for line in lines[head + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        rows.append(cells)
    return rows


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


# -- every export


def test_every_module_that_users_import_has_a_page() -> None:
    """A page of the reference documents each of these modules with the names it exports."""
    pages = [path.read_text(encoding="utf-8") for path in (DOCS / "reference").rglob("*.md")]
    documented = {name for text in pages for name in re.findall(r"automodule:: branchkit\.([\w.]+)", text)}

    assert set(PACKAGES) - documented == set()


def test_every_package_is_among_those_that_users_import() -> None:
    """No package of branchkit with exports is forgotten here, but for the command line, which is documented as such."""
    found = {path.parent.name for path in (ROOT / "src" / "branchkit").glob("*/__init__.py")}
    exporting = {name for name in found if getattr(importlib.import_module(f"branchkit.{name}"), "__all__", None)}

    assert exporting - set(PACKAGES) == {"cli"}


def test_exports_of_branchkit_are_listed_with_their_homes() -> None:
    """The table of what `branchkit` exports names every export and the module that defines it."""
    rows = table(page("reference/api/index.md"), "name")
    listed = {words(name)[0]: words(home)[0] for name, home in rows}

    assert listed == {name: branchkit._HOME[name] for name in branchkit.__all__}


def inventory(folder: Path) -> set[str]:
    """Read the names that Sphinx knows after a build."""
    data = (folder / "objects.inv").read_bytes()
    start = 0
    for _ in range(4):
        start = data.index(b"\n", start) + 1
    return {line.split(" ", 1)[0] for line in decompress(data[start:]).decode().splitlines()}


def homes(module: ModuleType, name: str) -> set[str]:
    """Return the full names under which an export may be documented."""
    thing = getattr(module, name)
    return {f"{module.__name__}.{name}", f"{getattr(thing, '__module__', '')}.{name}"}


@pytest.mark.slow
def test_pages_build_without_a_warning_and_know_every_export(tmp_path: Path) -> None:
    """Sphinx builds the pages with every reference resolved, and its index holds every export of every module."""
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", str(DOCS), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.stderr == ""
    known = inventory(tmp_path)
    modules = [importlib.import_module(f"branchkit.{name}") for name in PACKAGES]
    missing = [f"{m.__name__}.{name}" for m in modules for name in m.__all__ if not homes(m, name) & known]

    assert missing == []


# -- hooks and errors


def test_hook_table_equals_the_hookspecs() -> None:
    """The table of hooks names every hook with its context and what it returns, and no other."""
    rows = table(page("reference/hooks.md"), "hook")
    listed = {words(row[0])[0]: (words(row[1])[0], words(row[2])[0]) for row in rows}
    actual = {
        name: (hook.__annotations__["context"], hook.__annotations__["return"])
        for name in HOOKS
        for hook in (getattr(BranchkitHooks, name),)
    }

    assert listed == actual


def test_deprecated_hooks_are_named_with_what_to_use() -> None:
    """The section on deprecated hooks names each with its version and what to use, and says so where there is none."""
    text = re.search(r"^## Deprecated hooks\n(.*?)^## ", page("reference/hooks.md"), re.DOTALL | re.MULTILINE)
    assert text is not None
    told = set(words(text[1])) & set(HOOKS)

    assert told == set(DEPRECATED)
    assert all(one.since in text[1] and one.instead in text[1] for one in DEPRECATED.values())
    assert ("None is deprecated now." in text[1]) == (not DEPRECATED)


def test_every_error_says_when_and_what_to_do() -> None:
    """The table of errors has a row for every class, and no other."""
    rows = table(page("reference/errors.md"), "error")
    classes = {
        name
        for name in errors.__all__
        if name not in {"Problem", "BranchkitError"} and issubclass(getattr(errors, name), errors.BranchkitError)
    }

    assert {words(row[0])[0] for row in rows} == classes
    assert all(len(row) == 3 and all(row) for row in rows)


# -- the command line


def commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name="branchkit")
    context.params = {"no_plugins": True}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


COMMANDS = dict(commands(build()))


def section(name: str) -> str:
    text = page("reference/cli.md")
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return match[1] if match else ""


def test_every_command_has_a_section() -> None:
    """The page of the command line has a section for every command of core, and none for what is no command."""
    titles = re.findall(r"^## (.+)$", page("reference/cli.md"), re.MULTILINE)

    assert set(titles) - set(COMMANDS) == {"What holds for every command", "Commands of plug-ins"}
    assert set(COMMANDS) - set(titles) == set()


def spelled(option: click.Option) -> str:
    """Write an option as the page and its help do."""
    if option.is_flag:
        return option.opts[0]
    # The page names the choices of a severity in words.
    metavar = "SEVERITY" if option.name == "fail_on" else option.make_metavar(click.Context(click.Command("x")))
    return f"{option.opts[0]} {metavar.removesuffix(' RANGE')}"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_on_the_page(name: str) -> None:
    """A command's section lists exactly the options that it takes, as its help writes them, and names its arguments."""
    command, text = COMMANDS[name], section(name)
    options = {spelled(one) for one in command.params if isinstance(one, click.Option)}
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    rows = table(text, "option") if options else []

    assert {words(row[0])[0] for row in rows} == options
    for argument in arguments:
        metavar = argument.make_metavar(click.Context(command)).rstrip(".…").strip("[]")
        assert metavar in text


def test_options_before_the_command_are_on_the_page() -> None:
    """The options of `branchkit` itself are listed with those of help and version."""
    group = build()
    context = group.make_context("branchkit", [], resilient_parsing=True)
    text = page("reference/cli.md").partition("Options before the command")[2]
    listed = [word.split()[0] for row in table(text, "option") for word in words(row[0])]
    actual = [name for one in group.get_params(context) for name in one.opts]

    assert sorted(listed) == sorted(actual)


def shell_pages() -> list[str]:
    pages = [
        path for path in DOCS.rglob("*.md") if re.search(r"^```sh\nbranchkit ", path.read_text("utf-8"), re.MULTILINE)
    ]
    return sorted(path.relative_to(DOCS).as_posix() for path in pages)


@pytest.mark.parametrize("name", shell_pages())
def test_shell_blocks_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of a shell block all end with 0, after the page's Python blocks and with the plug-in that it makes."""
    monkeypatch.chdir(tmp_path)
    scope: dict[str, Any] = {}
    for code in blocks(page(name), "python"):
        exec(compile(code, name, "exec"), scope)  # noqa: S102 (our own page)
    extra = (scope["Acme"](),) if "Acme" in scope else ()
    monkeypatch.setattr(
        app, "load_plugins", lambda config, **_: Plugins.load(builtin=(CorePlugin(),), extra=extra, entry_points=False)
    )
    lines = [line for text in blocks(page(name), "sh") for line in text.splitlines()]

    for line in lines:
        command, _, target = line.partition(" > ")
        result = CliRunner().invoke(build(), shlex.split(command)[1:])
        if target:
            Path(target).write_bytes(result.stdout_bytes)
        assert (line, result.exit_code) == (line, 0), result.output


# -- documents


def classes() -> Iterator[type[Document]]:
    yield from (document_class(kind) for kind in FOLDERS)
    yield from (Branch, Config, Sheet)


BY_SCHEMA = {f"branchkit.{cls.SCHEMA}": cls for cls in classes()}


def examples() -> Iterator[Any]:
    for path in sorted(DOCS.rglob("*.md")):
        for number, text in enumerate(blocks(path.read_text(encoding="utf-8"), "toml")):
            schema = tomllib.loads(text).get("schema")
            if schema in BY_SCHEMA:
                yield pytest.param(BY_SCHEMA[schema], text, id=f"{path.relative_to(DOCS).as_posix()}-{number}")


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


@pytest.mark.parametrize(("cls", "text"), list(examples()))
def test_example_documents_pass_the_loader_and_the_schema(cls: type[Document], text: str) -> None:
    """A document on a page is accepted by the class that reads it and by the JSON Schema made from that class."""
    plain = as_json(tomllib.loads(text, parse_float=Decimal))
    document = cls.from_toml(text, source="example")

    assert cls.from_json(document.to_json()) == document
    assert list(jsonschema.Draft202012Validator(json_schema(cls)).iter_errors(plain)) == []


def test_every_kind_of_document_has_an_example() -> None:
    """The page of the catalog's documents shows one of each kind, and of a branch with its hours."""
    shown = {tomllib.loads(text)["schema"] for text in blocks(page("reference/catalog-schema.md"), "toml")}

    assert shown == {f"branchkit.{document_class(kind).SCHEMA}" for kind in FOLDERS} | {"branchkit.branch/1"}


def test_kinds_of_documents_are_listed() -> None:
    """The table of kinds gives each kind's folder, schema and class."""
    rows = table(page("reference/catalog-schema.md"), "kind")
    actual = [
        [kind, f"{folder}/", f"branchkit.{document_class(kind).SCHEMA}", document_class(kind).__name__]
        for kind, folder in FOLDERS.items()
    ]

    assert [[words(cell)[0] for cell in row[:4]] for row in rows] == actual


def settings(cls: Any) -> set[str]:
    return {field.name for field in cls.__attrs_attrs__} - {"message", "severity", "rules"}


@pytest.mark.parametrize(
    ("head", "union", "column"),
    [
        ("`kind` | written on a sheet", AnswerKind, 2),
        ("What a section or item may be asked", Each, 1),
        ("What may be asked of the rows", Constraint, 1),
    ],
)
def test_tables_of_kinds_equal_the_classes(head: str, union: Any, column: int) -> None:
    """The kinds of answers, of dimensions and of constraints are listed with every setting that they have."""
    text = page("reference/catalog-schema.md")
    rows = table(text[text.index(head) - 2 if head.startswith("`") else text.index(head) :], "`kind`")
    listed = {words(row[0])[0]: set(words(row[column])) for row in rows}
    nested = {"answer", "code", "text", "outcome", "pass", "fail", "neutral"} if column == 2 else set()

    assert {kind: found - nested for kind, found in listed.items()} == {
        cls.KIND: settings(cls) for cls in union.__args__
    }
    assert Covers in Constraint.__args__


def test_facts_and_their_types_are_listed() -> None:
    """The page names every type of fact and every fact that each checklist has."""
    fence = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
    named = set(words(fence.sub("", page("reference/catalog-schema.md"))))

    assert {one.value for one in FactType} - named == set()
    assert {spec.name for spec in BRANCH_FACTS} - named == set()


# -- configuration, personal data, words


def test_order_of_scopes_is_the_one_that_is_printed() -> None:
    """The total order on the page is the one that `branchkit explain config` prints."""
    assert "\n".join(Config().explain("scoring_policy")) in page("reference/configuration.md")


def test_assignable_settings_are_listed() -> None:
    """The page of the configuration names everything that can be assigned."""
    row = next(row for row in table(page("reference/configuration.md"), "table") if "`what`" in row[1])

    assert set(words(row[2])) == set(ASSIGNABLE)


def public_classes() -> Iterator[type[Any]]:
    modules = [importlib.import_module(f"branchkit.{name}") for name in PACKAGES]
    for module in modules:
        for name in module.__all__:
            thing = getattr(module, name)
            if isinstance(thing, type) and hasattr(thing, "__attrs_attrs__"):
                yield thing


def test_every_marked_field_is_listed() -> None:
    """The table of personal data names every class with marked fields, and every such field."""
    listed: dict[str, set[str]] = {}
    for names, fields in table(page("reference/personal-data.md"), "class"):
        listed |= {name: set(words(fields)) for name in words(names)}
    actual = {cls.__name__: set(marked_fields(cls)) for cls in public_classes() if marked_fields(cls)}

    assert listed == actual


CANONICAL = (
    "premium_outlet", "basic_outlet", "wealth_outlet", "rural_outlet", "smart_outlet", "branch", "sub_branch",
    "tier2_branch", "tier1_branch", "head_office", "general", "serious", "major", "customer_service_officer",
    "lobby_manager", "authorising_supervisor", "wealth_manager", "wealth_manager_assistant", "high_counter",
    "low_counter", "referral", "lead", "credit_share",
)  # fmt: skip


def test_glossary_has_every_canonical_code_with_its_chinese_word() -> None:
    """Every canonical code stands in a row of the glossary that begins with the Chinese word for it."""
    rows = [line for line in page("reference/glossary.md").splitlines() if line.startswith("|")]
    coded = {code for line in rows if re.match(r"\| [^|]*[一-鿿]", line) for code in words(line)}

    assert set(CANONICAL) - coded == set()


def test_glossary_tells_the_easily_confused_words_apart() -> None:
    """Severity, grade, band, tier, level and rung each have a row; that of severity has the codes in their order."""
    rows = {row[0].strip("*"): row for row in table(page("reference/glossary.md"), "word")}

    assert set(rows) == {"severity", "grade", "band", "tier", "level", "rung"}
    assert words(rows["severity"][3]) == [severity.value for severity in Severity]


# -- two languages


CHINESE = sorted(path.relative_to(DOCS).as_posix() for path in (DOCS / "how-to").glob("*.zh.md"))


@pytest.mark.parametrize("name", CHINESE)
def test_chinese_pages_show_the_same_code(name: str) -> None:
    """A Chinese how-to page has the same blocks of code as its English page."""
    chinese, english = page(name), page(name.replace(".zh.md", ".md"))
    fence = re.compile(r"^```(?!\{)\w+\n.*?^```", re.DOTALL | re.MULTILINE)

    assert fence.findall(chinese) == fence.findall(english)


def test_how_to_pages_for_users_are_in_both_languages() -> None:
    """Every how-to page but the one for contributors has a Chinese page beside it."""
    pages = {path.name for path in (DOCS / "how-to").glob("*.md")}
    english = {name for name in pages if not name.endswith(".zh.md")} - {"index.md", "work-on-branchkit.md"}

    assert {name.replace(".md", ".zh.md") for name in english} - pages == set()


def test_tutorial_pages_are_in_both_languages() -> None:
    """Every page of the tutorial has a Chinese page beside it, and no Chinese page stands alone."""
    pages = {path.name for path in (DOCS / "tutorial").glob("*.md")} - {"index.md"}
    chinese = {name for name in pages if name.endswith(".zh.md")}

    assert {name.replace(".zh.md", ".md") for name in chinese} == pages - chinese != set()


def test_every_page_is_in_a_table_of_contents() -> None:
    """No page of the reference is left out of its index."""
    here = {path.stem for path in (DOCS / "reference").glob("*.md")} - {"index"}
    api = {path.stem for path in (DOCS / "reference" / "api").glob("*.md")} - {"index"}

    assert here - set(page("reference/index.md").split()) == set()
    assert api - set(page("reference/api/index.md").split()) == set()
