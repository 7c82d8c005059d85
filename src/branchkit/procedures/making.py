"""Frozen values made as fast as ones that are not.

The ``__init__`` of a frozen class sets each field through a guarded call, which costs five times what a plain
assignment does; a step of a case makes a handful of values of a dozen fields. What is made here cannot be told from
what the class itself makes, and tests hold the two equal.
"""

from __future__ import annotations

from typing import Any, cast

__all__ = ["loose"]


def loose(cls: type[Any]) -> type[Any]:
    """Return a class whose instances are made empty and may be assigned to, and become those of a frozen class by being
    told so: ``made.__class__ = cls``, once every field is set.

    For classes that check and convert nothing.
    """
    # It is a subclass that adds nothing, so its instances are laid out alike; with both of these C's own way to assign
    # is found, and not asked for at each assignment.
    assigns = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    return cast("type[Any]", type(cls.__name__, (cls,), {"__slots__": (), "__init__": object.__init__, **assigns}))
