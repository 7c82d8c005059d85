"""What users' type checkers infer from the public names, and what they refuse."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("infers.py", "refuses.py")

Fault = tuple[str, int, str]


def expected() -> set[Fault]:
    """Return the file, line and code of every error that the files announce."""
    found: set[Fault] = set()
    for name in FILES:
        for number, line in enumerate((ROOT / "typing_tests" / name).read_text(encoding="utf-8").splitlines(), start=1):
            for code in re.findall(r"# error: ([a-z-]+)$", line):
                found.add((name, number, code))
    return found


@pytest.mark.slow
def test_types_are_inferred_and_misuse_is_refused(tmp_path: Path) -> None:
    """Mypy finds every error that typing_tests announce, on its line and with its code, and no other."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path), *(f"typing_tests/{name}" for name in FILES)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    lines = [line for line in run.stdout.splitlines() if ": error: " in line]
    matches = [re.fullmatch(r"typing_tests[/\\](.+?):(\d+): error: .*  \[([a-z-]+)\]", line) for line in lines]

    assert [line for line, match in zip(lines, matches, strict=True) if match is None] == []
    assert {(match[1], int(match[2]), match[3]) for match in matches if match} == expected()


def test_both_files_are_there() -> None:
    """There is something to infer and something to refuse."""
    assert len(expected()) >= 15
    assert "assert_type" in (ROOT / "typing_tests" / "infers.py").read_text(encoding="utf-8")
