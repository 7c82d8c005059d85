"""Makes the README's and the docs' blocks into tests: Python blocks run, TOML and JSON blocks must parse.

In a console block, what stands below ``$ branchkit …`` is what the command prints; ``...`` stands for anything.
"""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
import shutil
import tempfile
import tomllib
from typing import Any

from click.testing import CliRunner
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, DocTestDirectiveParser, PythonCodeBlockParser, SkipParser


def _parse_toml(example: Example) -> None:
    tomllib.loads(example.parsed)


def _parse_json(example: Example) -> None:
    json.loads(example.parsed)


def _run_console(example: Example) -> None:
    from branchkit.cli.app import build

    for one in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, said = one.partition("\n")
        if command.startswith("branchkit ") and said.strip():
            done = CliRunner().invoke(build(), shlex.split(command)[1:])
            printed = done.output.strip() + "\n"
            right = doctest.OutputChecker().check_output(said.strip() + "\n", printed, doctest.ELLIPSIS)
            assert right, f"$ {command}\nexit code {done.exit_code}, and it prints:\n{printed}"


def _enter(namespace: dict[str, Any]) -> None:
    # A page may write files; it does so in a folder of its own and never in the checkout.
    namespace["_came_from"], namespace["_folder"] = os.getcwd(), tempfile.mkdtemp()
    os.chdir(namespace["_folder"])


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_came_from"])
    shutil.rmtree(namespace["_folder"])


pytest_collect_file = Sybil(
    parsers=[
        SkipParser(),
        PythonCodeBlockParser(),
        DocTestDirectiveParser(),
        CodeBlockParser(language="toml", evaluator=_parse_toml),
        CodeBlockParser(language="json", evaluator=_parse_json),
        CodeBlockParser(language="console", evaluator=_run_console),
    ],
    patterns=["README.md", "docs/*.md", "docs/**/*.md", "plugins/*/README.md"],
    excludes=["docs/_build/**"],
    setup=_enter,
    teardown=_leave,
).pytest()
