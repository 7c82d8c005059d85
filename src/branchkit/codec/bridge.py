"""The way to cattrs: branchkit's values inside an application's own classes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from branchkit.codec.structure import structure
from branchkit.codec.unstructure import unstructure
from branchkit.values import FrozenMap, Ref, Text

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["make_converter"]


def make_converter() -> Converter:
    """Return a cattrs converter that reads and writes branchkit's classes as the codec does, strictly.

    An application that keeps its own attrs classes or dataclasses with cattrs may then hold branchkit's values in
    them; what is its own is read by cattrs, as leniently as cattrs does, but for `Decimal`, which is read from text
    and whole numbers and written as text. What is wrong inside a value of branchkit's is a `DecodeError` with every
    problem and its path, which cattrs hands on inside its own error. cattrs is imported when this is called.

    >>> import attrs
    >>> from branchkit.estate import Branch
    >>> Visit = attrs.make_class("Visit", {"branch": attrs.field(type=Branch), "minutes": attrs.field(type=int)})
    >>> Visit.__module__ = "application"
    >>> converter = make_converter()
    >>> given = {"branch": {"schema": "branchkit.branch/1", "id": "B-0417"}, "minutes": 25}
    >>> visit = converter.structure(given, Visit)
    >>> visit.branch.id, converter.unstructure(visit)["branch"]["id"]
    ('B-0417', 'B-0417')
    """
    import cattrs

    converter = cattrs.Converter()
    converter.register_structure_hook_func(_is_ours, lambda value, cls: structure(cls, value))
    converter.register_unstructure_hook_func(_is_ours, _unstructure)
    return converter


def _is_ours(cls: Any) -> bool:
    origin = getattr(cls, "__origin__", cls)
    if origin in (FrozenMap, Ref, Text):
        return True
    if origin is Decimal:
        return True
    return attrs.has(origin) and str(getattr(origin, "__module__", "")).partition(".")[0] == "branchkit"


def _unstructure(value: Any) -> Any:
    return unstructure(value)
