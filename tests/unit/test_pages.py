"""What stands in two languages says the same: headings alike, code alike, and the Chinese README runs too."""

from __future__ import annotations

import re
from itertools import zip_longest
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser

ROOT = Path(__file__).resolve().parents[2]
PAIRS = [
    (ROOT / "README.md", ROOT / "README.zh-CN.md"),
    *((page.with_name(page.name.replace(".zh.md", ".md")), page) for page in sorted(ROOT.glob("docs/**/*.zh.md"))),
]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SAYS = re.compile(r'"zh"|"en"|\.zh\b|\.en\b|#.*')


def headings(page: str) -> list[int]:
    return [len(found[1]) for found in re.finditer(r"^(#+) ", _FENCE.sub("", page), re.MULTILINE)]


def code(page: str) -> list[str]:
    """Return what is typed, without the words: comments, outputs and the language that is asked for."""
    typed = []
    for language, block in _FENCE.findall(page):
        if language == "python":
            lines = [line for line in block.splitlines() if line.startswith((">>>", "..."))] or block.splitlines()
            typed.append(re.sub(r'\((?:"")?\)', "()", _SAYS.sub("", "\n".join(line.rstrip() for line in lines))))
    return typed


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda path: path.name)
def test_pages_in_two_languages_agree(english: Path, chinese: Path) -> None:
    """A page in Chinese has the headings and the code of its English counterpart."""
    one, other = (path.read_text(encoding="utf-8") for path in (english, chinese))

    assert headings(one) == headings(other)
    for here, there in zip_longest(code(one), code(other)):
        assert here == there


def test_chinese_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of the Chinese README does what the page says."""
    document = Sybil(parsers=[PythonCodeBlockParser()]).parse(ROOT / "README.zh-CN.md")
    document.namespace["_came_from"] = str(ROOT)
    monkeypatch.chdir(tmp_path)

    ran = 0
    for example in document.examples():
        example.evaluate()
        ran += 1
    assert ran > 0
