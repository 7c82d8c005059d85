"""JSON Schema from the classes, so that editors can complete and check catalog files."""

from __future__ import annotations

import datetime as dt
import enum
import inspect
import typing
import zoneinfo
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from branchkit.codec.plan import is_lexical, map_values, members, plan, schema_name
from branchkit.codec.problems import MISSING
from branchkit.errors import Unsupported
from branchkit.values import Ref, Unknown

__all__ = ["json_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NUMBER_TEXT = r"^-?[0-9]{1,100}(\.[0-9]{1,100})?$"
_PLAIN: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    None: {"type": "null"},
    Any: {},
    object: {},
    Decimal: {"anyOf": [{"type": "string", "pattern": _NUMBER_TEXT}, {"type": "number"}]},
    dt.date: {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    dt.time: {"type": "string", "pattern": r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"},
    dt.datetime: {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*(Z|[+-][0-9:.]+)$"},
    dt.timedelta: {"type": "string", "pattern": r"^-?P(?=[0-9T])[0-9WDTHMS.]+$"},
    zoneinfo.ZoneInfo: {"type": "string", "description": "The IANA name of a time zone, as in Asia/Shanghai"},
    Ref: {"type": "string", "pattern": r"^[a-z][a-z0-9_]*:.+$", "description": "kind:id, as in equipment:ATM-1"},
    Unknown: {
        "type": "object",
        "description": "A value nobody stated, with the reason",
        "properties": {"unknown": {"type": "string"}},
        "required": ["unknown"],
        "additionalProperties": False,
    },
}


def json_schema(cls: Any) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a class's documents.

    Whatever `structure` accepts as JSON conforms to it, and what it says of keys `structure` enforces; checks that
    classes make themselves go further than the schema.

    Raises:
        Unsupported: A class has a field whose annotation the codec doesn't know.

    >>> from branchkit.values import Text
    >>> json_schema(Text)["$defs"]["Text"]["description"]
    'Words for people, in Chinese, in English, or in both.'
    """
    definitions: dict[str, Any] = {}
    names: dict[type[Any], str] = {}
    root = _Schemas(definitions, names).of(cls)
    schema = schema_name(cls)
    if schema is not None:
        definition = definitions.pop(names[cls]) if not _mentioned(definitions, names[cls]) else definitions[names[cls]]
        properties = {"schema": {"const": schema}, **definition["properties"]}
        required = ["schema", *definition.get("required", ())]
        root = {**definition, "properties": properties, "required": required}
    return {"$schema": _DIALECT, **root, **({"$defs": definitions} if definitions else {})}


class _Schemas:
    def __init__(self, definitions: dict[str, Any], names: dict[type[Any], str]) -> None:
        self._definitions = definitions
        self._names = names

    def of(self, annotation: Any) -> dict[str, Any]:
        if annotation in _PLAIN:
            return dict(_PLAIN[annotation])
        if (union := members(annotation)) is not None:
            return {"anyOf": [self.of(member) for member in union]}
        if (value := map_values(annotation)) is not MISSING:
            return {"type": "object", "additionalProperties": self.of(value)}
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
            return {"type": "array", "items": self.of(args[0])}
        if origin is tuple and args and Ellipsis not in args:
            items = [self.of(item) for item in args]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
        if origin is frozenset:
            return {"type": "array", "items": self.of(args[0]), "uniqueItems": True}
        if origin is typing.Literal:
            return {"enum": list(args)}
        if origin is typing.Annotated:
            return self.of(args[0])
        if isinstance(annotation, type):
            return {"$ref": f"#/$defs/{self._define(annotation)}"}
        raise Unsupported(
            f"the annotation {annotation!r}", "The codec", "it has no strict plain form; see the reference"
        )

    def _define(self, cls: type[Any]) -> str:
        if cls in self._names:
            return self._names[cls]
        name, count = cls.__name__, 1
        while name in self._definitions:
            count += 1
            name = f"{cls.__name__}{count}"
        self._names[cls] = name
        self._definitions[name] = {}
        self._definitions[name].update(_described(cls), **self._definition(cls))
        return name

    def _definition(self, cls: type[Any]) -> dict[str, Any]:
        if is_lexical(cls):
            return dict(cls.plain_schema()) if hasattr(cls, "plain_schema") else {}
        if issubclass(cls, enum.Enum):
            return {"enum": [member.value for member in cls]}
        if not attrs.has(cls):
            raise Unsupported(
                f"the class {cls.__name__}", "The codec", "it has no strict plain form; see the reference"
            )
        known = plan(cls)
        properties = {} if known.tag is None else {"kind": {"const": known.tag}}
        properties |= {field.key: self.of(field.annotation) for field in known.fields}
        required = [] if known.tag is None else ["kind"]
        required += [field.key for field in known.fields if field.required]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _described(cls: type[Any]) -> dict[str, str]:
    # attrs writes no docstring of its own, but inspect would hand down that of a base
    text = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
    return {"description": text} if text else {}


def _mentioned(definitions: Any, name: str) -> bool:
    if isinstance(definitions, dict):
        return definitions.get("$ref") == f"#/$defs/{name}" or any(_mentioned(v, name) for v in definitions.values())
    return isinstance(definitions, list) and any(_mentioned(item, name) for item in definitions)
