"""Takes personal values out of plain data, and puts them back."""

from __future__ import annotations

import functools
import json
import typing
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

import attrs

from branchkit.codec.plan import Field, is_lexical, members, plan
from branchkit.codec.problems import child
from branchkit.codec.text import canonical_json
from branchkit.codec.unstructure import is_blank, unstructure
from branchkit.errors import DecodeError, Problem
from branchkit.personal import ERASED_WORD, kind_of, leaves_a_word
from branchkit.values import FrozenMap, Unknown

__all__ = ["ERASED", "blanked", "join_personal", "personal_paths", "split_personal"]

_Place: TypeAlias = tuple[Any, int | str]
"""A place in plain data: the place it lies in, and the key or index there. Few are ever asked for their path."""
_ROOT: _Place = (None, "$")
_HOLDERS = (dict, list)
V = TypeVar("V")

ERASED = Unknown(ERASED_WORD)
"""What stands where a personal value was erased, in a field that may be unknown."""


def split_personal(obj: object, plain: Any = None) -> tuple[Any, dict[str, str]]:
    """Write an object as plain data without the values of its marked fields.

    In place of each stands ``{"sealed": "<path>"}``, with ``"erased": "unknown"`` or ``"erased": "null"`` where the
    field allows that once the value is gone. Fields that hold ``None``, their default, or an erased value stay.
    A class with its own plain form is one value: marks inside it aren't seen; mark the field that holds it.

    Args:
        obj: The object.
        plain: What `unstructure` made of it, where the caller has that already; it isn't changed.

    Returns:
        The plain data, and by path the canonical JSON of each value that was taken out.

    >>> from branchkit.personal import mask, personal
    >>> @attrs.frozen
    ... class Visitor:
    ...     id: str
    ...     name: str = attrs.field(repr=mask, metadata=personal("name"))
    >>> split_personal(Visitor("V-1", "Zhang"))
    ({'id': 'V-1', 'name': {'sealed': '$.name'}}, {'$.name': '"Zhang"'})
    """
    values: dict[str, str] = {}
    return _split(obj, unstructure(obj) if plain is None else plain, _ROOT, values), values


def join_personal(plain: Any, values: Mapping[str, str | None]) -> Any:
    """Put values back that `split_personal` took out.

    Args:
        plain: The data with ``{"sealed": …}`` in it; it isn't changed.
        values: By path the JSON of each value, or ``None`` for one that was erased: it becomes
            ``{"unknown": "erased"}`` or null where the field allows that, and is left out where not. What has no
            entry stays sealed.

    Raises:
        DecodeError: A value is no JSON.

    >>> join_personal({"id": "V-1", "name": {"sealed": "$.name"}}, {"$.name": '"Zhang"'})
    {'id': 'V-1', 'name': 'Zhang'}
    >>> join_personal({"id": "V-1", "name": {"sealed": "$.name"}}, {"$.name": None})
    {'id': 'V-1'}
    """
    return _join(plain, _ROOT, values) if values and isinstance(plain, _HOLDERS) else plain


def _split(obj: Any, plain: Any, place: _Place, values: dict[str, str]) -> Any:
    """Walk an object along with its plain data, which has the same form except for what reads and writes itself."""
    if isinstance(obj, tuple) and isinstance(plain, list):
        return [_split(one, item, (place, at), values) for at, (one, item) in enumerate(zip(obj, plain, strict=True))]
    if not isinstance(plain, dict):
        return plain
    if isinstance(obj, Mapping) and not isinstance(obj, dict):
        return {key: _split(item, plain[key], (place, key), values) for key, item in obj.items()}
    whole: dict[str, Any] | None = None
    for field in _to_visit(obj.__class__):
        if field.key in plain:
            value, below = getattr(obj, field.name), (place, field.key)
            if not field.personal or _stays(field, value):
                new = _split(value, plain[field.key], below, values)
            else:
                path = _path(below)
                values[path] = canonical_json(plain[field.key]).decode()
                new = _seal(field, path)
            if new is not plain[field.key]:
                whole = whole or dict(plain)
                whole[field.key] = new
    return plain if whole is None else whole


def personal_paths(obj: object) -> dict[str, str]:
    """Return the path of every personal value that an object holds, as `split_personal` names it, with its kind.

    >>> from branchkit.personal import mask, personal
    >>> @attrs.frozen
    ... class Visitor:
    ...     id: str
    ...     name: str = attrs.field(repr=mask, metadata=personal("name"))
    >>> personal_paths((Visitor("V-1", "Zhang"),))
    {'$[0].name': 'name'}
    """
    return dict(_marked(obj, _ROOT))


def _marked(obj: Any, place: _Place) -> Iterator[tuple[str, str]]:
    if isinstance(obj, tuple):
        for at, one in enumerate(obj):
            yield from _marked(one, (place, at))
    elif isinstance(obj, Mapping):
        for key, one in obj.items():
            yield from _marked(one, (place, key))
    else:
        for field in _to_visit(obj.__class__):
            value, below = getattr(obj, field.name), (place, field.key)
            if not field.personal:
                yield from _marked(value, below)
            elif not _stays(field, value):
                yield _path(below), kind_of(field.attribute.metadata) or ""


def blanked(obj: V, kinds: Collection[str] | None = None) -> V:
    """Return an object as it is once its personal values are erased, or those of some kinds.

    It is what reading it again without those values gives: they are `ERASED` where the field allows that, else null or
    the field's default; text that nothing else can stand for becomes the word ``erased``. Done again, it changes
    nothing.

    Args:
        obj: The object.
        kinds: The kinds of values to leave out, as fields are marked with; all where left out.

    >>> from branchkit.personal import mask, personal
    >>> @attrs.frozen
    ... class Visitor:
    ...     id: str
    ...     name: str | None = attrs.field(default=None, repr=mask, metadata=personal("name"))
    >>> blanked((Visitor("V-1", "Zhang"),))
    (Visitor(id='V-1', name=None),)
    """
    found: V = _blank(obj, kinds)
    return found


def _blank(obj: Any, kinds: Collection[str] | None) -> Any:
    if isinstance(obj, tuple):
        new = [_blank(one, kinds) for one in obj]
        return obj if all(a is b for a, b in zip(obj, new, strict=True)) else tuple(new)
    if isinstance(obj, Mapping):
        items = {key: _blank(one, kinds) for key, one in obj.items()}
        return obj if all(items[key] is one for key, one in obj.items()) else FrozenMap(items)
    changes: dict[str, Any] = {}
    for field in _to_visit(obj.__class__):
        value = getattr(obj, field.name)
        if not field.personal:
            new_value = _blank(value, kinds)
        elif _stays(field, value) or not (kinds is None or kind_of(field.attribute.metadata) in kinds):
            continue
        else:
            new_value = _gone(field)
        if new_value is not value:
            changes[field.key] = new_value
    return attrs.evolve(obj, **changes) if changes else obj


def _gone(field: Field) -> Any:
    """Return what stands in a field once its value is erased."""
    union = members(field.annotation) or ()
    if Unknown in union:
        return ERASED
    if not field.required and not leaves_a_word(field.attribute.metadata):
        return field.default
    return None if field.required and type(None) in union else ERASED_WORD


def _path(place: _Place) -> str:
    above, last = place
    return "$" if above is None else child(_path(above), last)


@functools.cache
def _to_visit(cls: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a class that are marked, or whose values may have marked fields further down.

    What is no attrs class, or reads itself, has none.
    """
    if not attrs.has(cls) or issubclass(cls, Unknown) or is_lexical(cls):
        return ()
    return tuple(field for field in plan(cls).fields if field.personal or _may_hold(field.annotation, frozenset()))


def _may_hold(annotation: Any, above: frozenset[Any]) -> bool:
    """Say whether values of an annotation may have marked fields; of what can't be told, they may."""
    inner = members(annotation) or typing.get_args(annotation)
    if inner and typing.get_origin(annotation) is not typing.Literal:
        return any(_may_hold(one, above) for one in inner)
    if not isinstance(annotation, type):
        return typing.get_origin(annotation) is not typing.Literal and annotation is not Ellipsis
    if not attrs.has(annotation) or annotation is Unknown or is_lexical(annotation):
        return annotation in (Any, object)
    if annotation in above:
        return False  # it is being asked about already
    return any(field.personal or _may_hold(field.annotation, above | {annotation}) for field in plan(annotation).fields)


def _stays(field: Field, value: object) -> bool:
    default = field.default.__class__ is value.__class__ and field.default == value
    return value is None or default or value == ERASED or is_blank(field, value)


def _seal(field: Field, path: str) -> dict[str, str]:
    union = members(field.annotation) or ()
    if Unknown in union:
        return {"sealed": path, "erased": "unknown"}
    if field.required and type(None) in union:
        return {"sealed": path, "erased": "null"}
    return {"sealed": path}


def _join(plain: Any, place: _Place, values: Mapping[str, str | None]) -> Any:
    if isinstance(plain, list):
        return [
            _join(item, (place, at), values) if isinstance(item, _HOLDERS) else item for at, item in enumerate(plain)
        ]
    joined: dict[str, Any] = {}
    for key, item in plain.items():
        if not isinstance(item, dict):
            joined[key] = _join(item, (place, key), values) if isinstance(item, list) else item
            continue
        below, path = (place, key), item.get("sealed")
        if not (isinstance(path, str) and path in values and path == _path(below)):
            joined[key] = _join(item, below, values)
            continue
        sealed = values[path]
        if sealed is not None:
            joined[key] = _open(sealed, path)
        elif item.get("erased") == "unknown":
            joined[key] = unstructure(ERASED)
        elif item.get("erased") == "null":
            joined[key] = None
    return joined


def _open(sealed: str, path: str) -> Any:
    try:
        return json.loads(sealed)
    except (ValueError, RecursionError):
        raise DecodeError(
            "<sealed>", (Problem(path, "Expected the JSON of a sealed value, got something else"),)
        ) from None
