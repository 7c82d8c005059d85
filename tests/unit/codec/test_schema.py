"""JSON Schema from the classes."""

from __future__ import annotations

import enum
from typing import Annotated, Any, ClassVar, Literal

import attrs
import pytest

from branchkit.codec import Document, json_schema
from branchkit.errors import Unsupported
from branchkit.values import FrozenMap, Unknown


class Grade(enum.Enum):
    """How bad it is."""

    LOW = "low"


@attrs.frozen
class Bare:
    size: int


class Silent:
    @classmethod
    def from_plain(cls, data: object) -> Silent:
        return cls()


class Spoken(Silent):
    @classmethod
    def plain_schema(cls) -> dict[str, Any]:
        return {"type": "string"}


@attrs.frozen(kw_only=True)
class Tree(Document):
    """A tree, with branches.

    More about it.
    """

    SCHEMA: ClassVar[str] = "acme.tree/1"
    id: str
    grade: Grade = Grade.LOW
    below: tuple[Tree, ...] = ()
    corner: tuple[int, Bare] | Unknown = Unknown()


def test_root_of_a_document() -> None:
    """The root has the key ``schema``; the class inside itself hasn't."""
    schema = json_schema(Tree)

    assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]
    assert {"const": "acme.tree/1"} == schema["properties"]["schema"]
    assert ["schema", "id"] == schema["required"]
    assert ["id"] == schema["$defs"]["Tree"]["required"]
    assert "A tree, with branches." == schema["description"]
    assert {"description": "How bad it is.", "enum": ["low"]} == schema["$defs"]["Grade"]
    assert schema["additionalProperties"] is schema["$defs"]["Tree"]["additionalProperties"] is False


def test_other_annotations() -> None:
    """Annotations that aren't classes have a schema as well, and two classes of one name have two definitions."""
    again = attrs.make_class("Bare", {"x": attrs.field(type=str)}, frozen=True)
    pair: Any = tuple[Bare, again]  # type: ignore[valid-type]  # a class made at run time

    assert {"enum": ["a", 1]} == {k: v for k, v in json_schema(Literal["a", 1]).items() if k != "$schema"}
    assert json_schema(int) == json_schema(Annotated[int, "metres"])
    assert {"Bare", "Bare2"} == json_schema(pair)["$defs"].keys()
    assert {"type": "integer"} == json_schema(FrozenMap[int])["additionalProperties"]
    assert json_schema(frozenset[str])["uniqueItems"] is True


def test_classes_with_their_own_plain_form() -> None:
    """A class that reads itself says what it reads, or that it may be anything."""
    definitions = json_schema(tuple[Spoken, Silent])["$defs"]

    assert {"Spoken": {"type": "string"}, "Silent": {}} == definitions


@pytest.mark.parametrize("annotation", [float, list[int]])
def test_unsupported(annotation: Any) -> None:
    """What the codec doesn't read has no schema either."""
    with pytest.raises(Unsupported):
        json_schema(annotation)
