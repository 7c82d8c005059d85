"""Makes the mutants of a module: its source with one small change each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from operators import operators

_WITHOUT_EFFECT = {"functools.cache", "functools.lru_cache", "overload"}
"""Decorators whose removal changes no answer."""


class Mutant(NamedTuple):
    """One change to one module."""

    module: str
    path: Path
    function: str
    """The qualified name of what was changed; empty for the module itself."""
    line: int
    operator: str
    before: str
    """The changed lines without their margin, as they are …"""
    after: str
    """… and as they become."""
    start: int
    """Where the top-level statement that holds the change begins in the source, …"""
    end: int
    """… and where it ends."""
    statement: str
    """What stands there instead."""

    def source(self) -> str:
        """Return the changed module."""
        source = self.path.read_text(encoding="utf-8")
        return source[: self.start] + self.statement + source[self.end :]


def mutants_of(module: str, path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module but those that cannot matter, in the order of the source."""
    source = path.read_text(encoding="utf-8")
    places = _Places(source)
    at = 0
    for statement in get_ast(source).children:
        text = statement.get_code()
        if statement.type in {"classdef", "funcdef", "decorated", "simple_stmt", "if_stmt"}:
            first_line = source.count("\n", 0, at) + 1
            nodes = list(ast_nodes(get_ast(text)))
            for name, operator in operators().items():
                spots = [spot for node in nodes for spot in operator.mutation_positions(node)]
                for occurrence, ((line, column), _) in enumerate(spots):
                    place = (first_line + line - 1, column)
                    if places.idle(*place, removes_decorator=name == "RemoveDecorator"):
                        continue
                    changed = MutationVisitor.mutate_code(text, operator, occurrence)
                    if changed is None or not _compiles(changed):
                        continue
                    difference = _difference(text, changed)
                    function = places.function(place[0])
                    yield Mutant(module, path, function, place[0], name, *difference, at, at + len(text), changed)
        at += len(text)


def changed_functions(before: CodeType, after: CodeType) -> list[tuple[CodeType, CodeType]] | None:
    """Return the pairs of code of functions that differ, or ``None`` if something differs that runs at import."""
    return _changed(before, after, at_import=True)


def _changed(before: CodeType, after: CodeType, at_import: bool) -> list[tuple[CodeType, CodeType]] | None:
    ours, theirs = _nested(before), _nested(after)
    if at_import and (len(ours) != len(theirs) or _own(before) != _own(after)):
        return None
    pairs: list[tuple[CodeType, CodeType]] = [] if at_import else [(before, after)]
    for one, other in zip(ours, theirs, strict=False):
        if one == other:
            continue
        # The code of a class's body runs when it is imported; a function's has a frame of its own with fast locals.
        inner = _changed(one, other, at_import=at_import and not one.co_flags & 0x2)
        if inner is None:
            return None
        pairs.extend(inner)
    return pairs


def _nested(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _own(code: CodeType) -> tuple[Any, ...]:
    constants = tuple((type(one), repr(one)) for one in code.co_consts if not isinstance(one, CodeType))
    return code.co_code, constants, code.co_names


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _difference(before: str, after: str) -> tuple[str, str]:
    old, new = before.split("\n"), after.split("\n")
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return "\n".join(one.strip() for one in old), "\n".join(one.strip() for one in new)


class _Places:
    """Knows of each place of a source which function it is in, and whether a change there can have an effect."""

    def __init__(self, source: str) -> None:
        self.lines = source.splitlines()
        self.functions: list[tuple[int, int, str]] = []
        self.spans: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self.kept: set[int] = set()
        self._read(ast.parse(source), "")

    def function(self, line: int) -> str:
        """Return the qualified name of the innermost function or class around a line."""
        around = [(start, name) for start, end, name in self.functions if start <= line <= end]
        return max(around, default=(0, ""))[1]

    def idle(self, line: int, column: int, *, removes_decorator: bool) -> bool:
        """Say whether a change at this place is only to type checkers, or only makes it slower."""
        if removes_decorator and line in self.kept:
            return True
        place = (line, len(self.lines[line - 1][:column].encode()))
        return any(start <= place < end for start, end in self.spans)

    def _read(self, node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{prefix}{child.name}."
                first = min([child.lineno, *(one.lineno for one in child.decorator_list)])
                self.functions.append((first, child.end_lineno or first, inner[:-1]))
                for one in child.decorator_list:
                    if ast.unparse(one).split("(")[0] in _WITHOUT_EFFECT:
                        self.kept.add(one.lineno)
            annotations = (getattr(child, "annotation", None), getattr(child, "returns", None))
            for annotation in annotations:
                if isinstance(annotation, ast.expr):
                    self._skip(annotation)
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                self._skip(child)
            if isinstance(child, ast.Assign) and prefix == "" and "TypeVar(" in ast.unparse(child.value):
                self._skip(child)
            if isinstance(child, ast.Assign) and isinstance(node, ast.Module) and _only_types(child.value):
                self._skip(child)
            self._read(child, inner)

    def _skip(self, node: ast.expr | ast.stmt) -> None:
        end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
        self.spans.append(((node.lineno, node.col_offset), end))


def _only_types(value: ast.expr) -> bool:
    """Say whether this is the alias of a union, as in ``Scalar = bool | int``."""
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.BitOr) and _only_types(value.left) and _only_types(value.right)
    text = ast.unparse(value).strip("'\"")
    return text == "None" or text.split("[")[0].rsplit(".")[-1][:1].isupper() or text in {"bool", "int", "str"}
