"""Reading an object into a class so that no problem stays unreported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import attrs

from branchkit.codec.plan import Field, Plan
from branchkit.codec.problems import MISSING, Wrong, words
from branchkit.errors import InputError, Problem
from branchkit.personal import Guarded

__all__ = ["build", "check", "explain_class"]

T = TypeVar("T")
Reader = Callable[[Any, Any], Any]
Part = tuple[Any, Any, Reader, Any]
"""A step, the value found there, its reader, and its annotation."""


def build(parts: Iterable[Part], make: Callable[[dict[Any, Any]], T], found: Iterable[Problem] = ()) -> T:
    """Read every part, then make the whole of them; collects the problems of all.

    Raises:
        Wrong: There are problems; carries the whole nevertheless, if each part could be built.
    """
    problems = list(found)
    whole = not problems
    values: dict[Any, Any] = {}
    for step, item, read, annotation in parts:
        try:
            values[step] = read(item, annotation)
        except Wrong as wrong:
            problems += wrong.below(step).problems
            if wrong.value is MISSING:
                whole = False
            else:
                values[step] = wrong.value
    if not whole:
        raise Wrong(problems)
    made = make(values)
    if problems:
        raise Wrong(problems, made)
    return made


def check(built: Any) -> None:
    """Raise `Wrong` with what a class's own ``validate`` says about an object."""
    problems = tuple(built.validate())
    if problems:
        raise Wrong(problems, built)


def explain_class(plan: Plan, reader: Callable[[Any], Reader]) -> Reader:
    """Return the reader of a class that collects every problem, those of the object itself first."""
    validated = hasattr(plan.cls, "validate")

    def read(value: object, _: object) -> object:
        if not isinstance(value, dict) or value.__class__ is not dict:
            raise Wrong.expected("an object", value)
        parts = (
            (key, item, reader(field.annotation), field.annotation)
            for key, item in value.items()
            if isinstance(key, str) and (field := plan.by_key.get(key)) is not None
        )
        try:
            built = build(parts, lambda values: _make(plan, values), _own_problems(plan, value))
        except Wrong as wrong:
            if validated and wrong.value is not MISSING:
                raise Wrong((*wrong.problems, *wrong.value.validate()), wrong.value) from None  # type: ignore[attr-defined]  # it is an instance of the class
            raise
        if validated:
            check(built)
        return built

    return read


def _own_problems(plan: Plan, value: dict[Any, Any]) -> Iterator[Problem]:
    for key in value:
        if not isinstance(key, str):
            yield Problem("$", f"Expected keys that are text, got {words(key)}")
        elif key not in plan.keys:
            names = (["kind"] if plan.tag is not None else []) + [field.key for field in plan.fields]
            # Where personal values belong, somebody may have put one in the place of a key.
            said = "" if _is_personal(plan) else f" {key!r}"
            yield Problem("$", f"Unknown key{said}; there are: {', '.join(names) or 'none'}")
    if plan.tag is not None:
        if "kind" not in value:
            yield Problem("$", f"Missing 'kind'; expected {plan.tag!r}")
        elif not isinstance(value["kind"], str):
            yield Problem("$.kind", f"Expected text, got {words(value['kind'])}")
        elif value["kind"] != plan.tag:
            yield Problem("$.kind", f"Unknown kind; there are: {plan.tag}")
    yield from (Problem("$", f"Missing {f.key!r}") for f in plan.fields if f.required and f.key not in value)


def _is_personal(plan: Plan) -> bool:
    return issubclass(plan.cls, Guarded) or any(field.personal for field in plan.fields)


def _make(plan: Plan, values: dict[str, Any]) -> object:
    try:
        return plan.cls(**values)
    except InputError as error:
        raise Wrong(error.problems) from None
    except (ValueError, TypeError) as error:
        if isinstance(error, TypeError) and not _from_attrs(error):
            raise
        problems = tuple(_field_problems(plan, values))
        raise Wrong(problems or (Problem("$", _message(error, None)),)) from None


def _field_problems(plan: Plan, values: dict[str, Any]) -> Iterator[Problem]:
    """Ask each field's validator by itself, on an object that was never initialised, to learn which one refused."""
    validators = [field for field in plan.fields if field.attribute.validator is not None]
    if not validators:
        return
    half_built = object.__new__(plan.cls)
    for field in plan.fields:
        object.__setattr__(half_built, field.name, _value(field, values))
    for field in validators:
        value = getattr(half_built, field.name)
        if value is MISSING:
            continue
        try:
            field.attribute.validator(half_built, field.attribute, value)
        except (ValueError, TypeError) as error:
            yield Problem(f"$.{field.key}", _message(error, value))


def _value(field: Field, values: dict[str, Any]) -> Any:
    value = values.get(field.key, field.default)
    converter = field.attribute.converter
    return (
        value if value is MISSING or converter is None or isinstance(converter, attrs.Converter) else converter(value)
    )


def _message(error: Exception, value: object) -> str:
    """Return an error's message without the value, which attrs' own validators put at its end."""
    message = str(error.args[0]) if error.args else ""
    if not _from_attrs(error):
        return message or "Expected a value that the class accepts"
    for tail in (f": {value}", f" (got {value!r})", f" ({value!r} doesn't)"):
        if message.endswith(tail):
            return f"Not accepted: {message.removesuffix(tail)}"
    return "Expected a value that the class accepts"


def _from_attrs(error: Exception) -> bool:
    """Say whether one of attrs' own validators raised this, rather than code of the class."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") in {"attr.validators", "attr._make"}
