"""The lesson "Write a plug-in in fifteen minutes" is the template, and the plug-in built from the page works."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "plugins" / "branchkit-template"
PAGES = [ROOT / "docs" / "tutorial" / name for name in ("write-a-plug-in.md", "write-a-plug-in.zh.md")]
_BLOCK = re.compile(r"^<!--- file: (\S+) -->\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def told(page: Path) -> dict[str, str]:
    """Return the files that a page writes, each from its blocks in order."""
    files: dict[str, list[str]] = {}
    for name, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        files.setdefault(name, []).append(text)
    return {name: "\n".join(blocks) for name, blocks in files.items()}


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_writes_the_template_line_by_line(page: Path) -> None:
    """The blocks of the page, in their order, are the files of the template, but for empty lines."""
    written = told(page)
    kept = {
        str(path.relative_to(TEMPLATE)) for folder in ("src", "tests") for path in TEMPLATE.glob(f"{folder}/**/*.py")
    }

    assert {"pyproject.toml", *kept} == set(written)
    for name, text in written.items():
        assert lines((TEMPLATE / name).read_text(encoding="utf-8")) == lines(text)


@pytest.mark.slow
def test_the_plug_in_built_from_the_page_works(tmp_path: Path) -> None:
    """Built as a wheel from the page alone, the plug-in passes its tests and the check, with the output shown."""
    for name, text in told(PAGES[0]).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "README.md").touch()
    run("-m", "hatchling", "build", "-t", "wheel", "-d", "dist", at=tmp_path)
    (wheel,) = (tmp_path / "dist").iterdir()
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")

    run("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", at=tmp_path)
    verdicts = run("-m", "branchkit.cli", "plugins", "check", "template", at=tmp_path)
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGES[0].read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert [] == [line for line in shown.splitlines() if line not in verdicts.splitlines()]


def run(*args: str, at: Path) -> str:
    done = subprocess.run(
        [sys.executable, *args],
        cwd=at,
        env={**os.environ, "PYTHONPATH": str(at / "site"), "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout
