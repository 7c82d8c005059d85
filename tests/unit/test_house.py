"""The promises about the house as a whole: its rooms, its doors, its signs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import branchkit
from branchkit import errors
from branchkit.catalog import Catalog

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"cattrs", "click", "sqlite3", "importlib.metadata", "tomli_w"}


def public_modules() -> list[str]:
    found = pkgutil.walk_packages(branchkit.__path__, "branchkit.")
    return sorted(one.name for one in found if not re.search(r"\._", one.name))


def export_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: the order that ruff's RUF022 writes."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def exported(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", []))


def drawn_tree(docstring: str) -> dict[str, str]:
    """Read the drawn tree as child -> parent."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in docstring.splitlines():
        if match := re.fullmatch(r"    ((?:│   |    )*)(?:[├└]── )?([A-Z]\w+)", line):
            depth = len(match[1]) // 4 + ("── " in line)
            del above[depth:]
            if above:
                parents[match[2]] = above[-1]
            above.append(match[2])
    return parents


def test_error_tree_is_drawn_as_it_is() -> None:
    """The tree drawn in errors.py names every error class under the class it derives from."""
    classes = [
        value
        for _, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, errors.BranchkitError) and value is not errors.BranchkitError
    ]
    actual = {one.__name__: one.__mro__[1].__name__ for one in classes}

    assert drawn_tree(errors.__doc__ or "") == actual


@pytest.mark.parametrize("name", public_modules())
def test_public_module_says_what_it_exports(name: str) -> None:
    """A public module has a docstring and an explicit, sorted `__all__` of names that exist."""
    module = importlib.import_module(name)
    names = exported(module)

    assert module.__doc__
    assert "__all__" in vars(module)
    assert sorted(names, key=export_order) == names
    assert len(set(names)) == len(names)
    assert [one for one in names if not hasattr(module, one)] == []


@pytest.mark.parametrize("name", public_modules())
def test_every_export_is_documented(name: str) -> None:
    """Every exported class and function has a docstring of its own."""
    module = importlib.import_module(name)
    things = {one: getattr(module, one) for one in exported(module)}
    silent = [
        one
        for one, thing in things.items()
        if (inspect.isclass(thing) and not vars(thing).get("__doc__"))
        or (inspect.isfunction(thing) and not thing.__doc__)
    ]

    assert silent == []


def python(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the words it prints."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_star_works() -> None:
    """`from branchkit import *` binds exactly what `__all__` names."""
    code = "had = set(dir()); from branchkit import *; print(*(set(dir()) - had - {'had'}))"

    assert set(exported(branchkit)) == python(code)


def test_import_is_light() -> None:
    """`import branchkit` in a fresh interpreter loads nothing heavy."""
    code = "import sys; before = set(sys.modules); import branchkit; print(*(set(sys.modules) - before))"
    loaded = python(code)

    assert "branchkit" in loaded
    assert set() == loaded & HEAVY


def test_contributors_page_is_one_page() -> None:
    """AGENTS.md stays on one page."""
    assert len((ROOT / "AGENTS.md").read_text(encoding="utf-8").splitlines()) <= 60


def test_constraints_pin_versions_and_name_no_address() -> None:
    """constraints.txt holds exact versions, each once, and no address."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    names = [re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins]

    assert [] == [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+]+", pin)]
    assert sorted(set(names)) == sorted(names)


def test_news_fragments_are_named_by_their_kind() -> None:
    """Every file in changelog.d is its README or a fragment `<what>.<kind>.md` of a known kind."""
    kinds = "added|changed|deprecated|removed|fixed|security"
    names = [path.name for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]

    assert [] == [name for name in names if not re.fullmatch(rf"[a-z0-9-]+\.({kinds})\.md", name)]


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+(?= )", page.read_text(encoding="utf-8"), re.MULTILINE)


def test_chinese_pages_stand_beside_english_ones() -> None:
    """Every Chinese page has its English page beside it, with the same levels of headings."""
    chinese = sorted((ROOT / "docs").rglob("*.zh.md"))
    english = [page.with_name(page.name.replace(".zh.md", ".md")) for page in chinese]

    assert chinese
    assert [headings(page) for page in english] == [headings(page) for page in chinese]


def test_every_rule_id_that_is_named_is_a_rule() -> None:
    """Tests and catalog documents name rules of the register, procedures and scenarios, and nothing else."""
    known = {rule.id for rule in Catalog().rules()}
    mention = re.compile(r"\b(?:estate|service|customers|governance):([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-[0-9]+[a-z]?)\b")
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("plugins/*/tests/**/*.py"), *ROOT.glob("src/**/catalog/**/*.toml")]
    strange = {
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files
        for found in mention.finditer(path.read_text(encoding="utf-8"))
        if found[0] not in known and not re.fullmatch(r"[PS]-[0-9]+", found[1])
    }

    assert set() == strange
