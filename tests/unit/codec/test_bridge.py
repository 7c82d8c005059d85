"""An application's own classes hold branchkit's values, read and written as strictly as anywhere."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest
from cattrs import ClassValidationError

from branchkit.codec import make_converter
from branchkit.errors import DecodeError
from branchkit.estate import Branch
from branchkit.values import FrozenMap, Ref, Text


@attrs.frozen
class Visit:
    """A class of an application's own."""

    branch: Branch
    title: Text
    about: tuple[Ref, ...]
    counts: FrozenMap[int]
    minutes: int = 0


VISIT = Visit(Branch("B-1"), Text(zh="走访", en="Visit"), (Ref("zone", "Z-1"),), FrozenMap({"people": 2}), 25)


def test_a_class_of_ones_own_comes_back() -> None:
    """What holds branchkit's values is the same after it was written and read."""
    converter = make_converter()

    plain = converter.unstructure(VISIT)

    assert {"zh": "走访", "en": "Visit"} == plain["title"]
    assert VISIT == converter.structure(plain, Visit)


def test_what_is_wrong_inside_is_told_with_its_path() -> None:
    """A wrong value of branchkit's is refused with what would be right."""
    plain = make_converter().unstructure(VISIT)
    plain["branch"]["zones"] = 7

    with pytest.raises(ClassValidationError) as caught:
        make_converter().structure(plain, Visit)

    (error,) = caught.value.exceptions
    assert isinstance(error, DecodeError)
    assert "$.zones" == error.problems[0].path


def test_an_amount_of_ones_own_is_exact() -> None:
    """A decimal of an application's own is read from text and written as text, never through a binary float."""
    converter = make_converter()

    assert ("0.5", Decimal("0.5")) == (converter.unstructure(Decimal("0.5")), converter.structure("0.5", Decimal))
    with pytest.raises(DecodeError):
        converter.structure(0.1, Decimal)
