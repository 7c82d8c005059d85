"""Frozen values made as fast as ones that are not.

The ``__init__`` of a frozen class sets each field through a guarded call, which costs five times what a plain
assignment does; a step of a case makes a handful of values of a dozen fields. What is made here cannot be told from
what the class itself makes, and a test holds the two equal.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import attrs

__all__ = ["filled", "quick"]

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Return what makes instances of a frozen class with slots; takes the same arguments.

    For classes that check and convert nothing, inherit no field, and have no slot for weak references.
    """

    def become(self: Any) -> None:
        self.__class__ = cls

    plain = attrs.make_class(
        cls.__name__,
        {
            field.name: attrs.field(default=field.default, kw_only=field.kw_only)
            for field in attrs.fields(cast("Any", cls))
        },
        class_body={"__attrs_post_init__": become},
        eq=False,
        repr=False,
        slots=True,
        weakref_slot=False,
    )
    return cast("type[T]", plain)


def filled(cls: type[T], fields: dict[str, Any]) -> T:
    """Return an instance of a frozen class without slots that has exactly these fields; none may be left out."""
    made = cls.__new__(cls)
    object.__setattr__(made, "__dict__", fields)
    return made
