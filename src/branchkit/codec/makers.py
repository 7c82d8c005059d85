"""Builds objects of attrs classes from values that were read, without the detour that frozen classes take.

The ``__init__`` of a frozen class sets each attribute through ``object.__setattr__``, which costs three times a plain
assignment. So attrs is asked for the ``__init__`` of the same fields unfrozen, which runs on a subclass that adds
nothing but leave to assign; then the object is told its real class. Converters, validators and
``__attrs_post_init__`` run as they would. A class for which that is not certain to be the same is called as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice, repeat
from operator import itemgetter
from typing import Any, cast

import attrs

from branchkit.codec.plan import Plan
from branchkit.values import FrozenMap

__all__ = ["Maker", "made_map", "maker"]


_LooseMap: Any = type("FrozenMap", (FrozenMap,), {"__slots__": (), "__setattr__": object.__setattr__})


def made_map(items: dict[str, Any]) -> FrozenMap[Any]:
    """Return a map of a dictionary that nobody else holds."""
    made = object.__new__(_LooseMap)
    made._items = items
    made.__class__ = FrozenMap
    return cast("FrozenMap[Any]", made)


@attrs.frozen(kw_only=True)
class Maker:
    """How objects of one class are built; raises what the class raises."""

    one: Callable[[Mapping[str, Any]], Any]
    """Builds an object from its values by key."""
    shaped: Callable[[tuple[str, ...]], Callable[[list[Any]], Any]]
    """Returns what builds an object from the list of its values, which it may change, given their keys in order; those
    that are no argument are left out."""
    many: Callable[[Mapping[str, Sequence[Any]], int], list[Any]]
    """Builds so many objects from the columns of their values by key."""


def maker(plan: Plan) -> Maker:
    """Return what builds objects of a class fastest."""
    loose = _loose(plan)
    return _calling(plan) if loose is None else _assigning(plan, loose)


def _calling(plan: Plan) -> Maker:
    cls, known = plan.cls, plan.by_key

    def one(values: Mapping[str, Any]) -> Any:
        return cls(**values)

    def many(columns: Mapping[str, Sequence[Any]], count: int) -> list[Any]:
        if not columns:
            return [cls() for _ in range(count)]
        return [cls(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]

    def shaped(keys: tuple[str, ...]) -> Callable[[list[Any]], Any]:
        return lambda values: cls(**{key: value for key, value in zip(keys, values, strict=True) if key in known})

    return Maker(one=one, many=many, shaped=shaped)


def _assigning(plan: Plan, loose: Any) -> Maker:
    cls = plan.cls
    # what an argument left out is given as: attrs takes NOTHING for "ask the factory"
    absent = {
        field.alias: attrs.NOTHING if isinstance(field.default, attrs.Factory) else field.default  # type: ignore[arg-type]  # the stubs say Factory is a function; it is a class
        for field in _in_order(plan)
    }
    required = frozenset(field.key for field in plan.fields if field.required)
    init, new = loose.__init__, object.__new__

    def one(values: Mapping[str, Any]) -> Any:
        made = loose(**values)
        made.__class__ = cls
        return made

    def many(columns: Mapping[str, Sequence[Any]], count: int) -> list[Any]:
        if not required <= columns.keys():
            raise TypeError("an argument is missing")
        last = max((at for at, key in enumerate(absent) if key in columns), default=-1)
        arguments = [
            columns[key] if key in columns else repeat(default, count)
            for key, default in islice(absent.items(), last + 1)  # the rest is left to the defaults
        ]
        made = list(map(loose, *arguments)) if arguments else [loose() for _ in range(count)]
        for one in made:
            one.__class__ = cls
        return made

    def shaped(keys: tuple[str, ...]) -> Callable[[list[Any]], Any]:
        if not required.issubset(keys):
            raise TypeError("an argument is missing")
        rest = [key for key in absent if key not in keys]
        defaults, places = [absent[key] for key in rest], {key: at for at, key in enumerate((*keys, *rest))}
        arranged = _picking([places[key] for key in absent])

        def build(values: list[Any]) -> Any:
            values += defaults
            made = new(loose)
            init(made, *arranged(values))
            made.__class__ = cls
            return made

        return build

    return Maker(one=one, many=many, shaped=shaped)


def _picking(places: list[int]) -> Callable[[list[Any]], Sequence[Any]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: [values[at] for at in places]


def _in_order(plan: Plan) -> list[Any]:
    """Return the attributes so that those without a default come first, as arguments by position must."""
    attributes = [field.attribute for field in plan.fields]
    return sorted(attributes, key=lambda attribute: attribute.default is not attrs.NOTHING)


def _loose(plan: Plan) -> Any:
    """Return a class whose objects become those of the class by being told so; ``None`` if that is not certain."""
    cls = plan.cls
    made_by_attrs = getattr(getattr(cls.__init__, "__code__", None), "co_filename", "").startswith("<attrs generated")
    own = ("__new__", "__init_subclass__", "__attrs_pre_init__", "_attrs_cached_hash")
    if not made_by_attrs or type(cls) is not type or any(name in vars(one) for one in cls.__mro__[:-1] for name in own):
        return None
    if len(plan.fields) != len(attrs.fields(cls)):
        return None  # a field that is not an argument is set by the class itself
    fields = {attribute.name: _unfrozen(attribute) for attribute in _in_order(plan)}
    after = getattr(cls, "__attrs_post_init__", None)
    body = {} if after is None else {"__attrs_post_init__": after}
    init: Any = vars(attrs.make_class(cls.__name__, fields, class_body=body, eq=False, repr=False))["__init__"]
    # with both of these C's own way to assign is found, and not asked for at each assignment
    assigns = {"__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    namespace = {"__slots__": (), "__init__": init, "__module__": cls.__module__, **assigns}
    return type(cls.__name__, (cls,), namespace)


def _unfrozen(attribute: Any) -> Any:
    return attrs.field(
        default=attribute.default,
        validator=attribute.validator,
        converter=attribute.converter,
        alias=attribute.alias,
        metadata=attribute.metadata,
        type=attribute.type,
    )
