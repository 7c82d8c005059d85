"""Documents that are refused say why, and give nothing of themselves away."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import pytest

from branchkit.codec import Document
from branchkit.errors import DecodeError

SECRET = "138 0013 8000"


@attrs.frozen(kw_only=True)
class Notice(Document):
    SCHEMA: ClassVar[str] = "notice/1"

    id: str
    copies: int = 1


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (Notice.from_json, f'{{"schema": "branchkit.notice/1", "id": "{SECRET}", "copies": "two"}}'),
        (Notice.from_toml, f'schema = "branchkit.notice/1"\nid = "{SECRET}"\ncopies = "two"'),
        (Notice.from_json, f'{{"id": "{SECRET}"'),
        (Notice.from_toml, f'id = "{SECRET}'),
    ],
    ids=["json", "toml", "no json", "no toml"],
)
def test_a_refused_document_is_in_no_traceback(read: Callable[..., Any], text: str) -> None:
    """The error names the source, has no cause, and no variable of a frame that it leaves by holds the document."""
    with pytest.raises(DecodeError) as caught:
        read(text, source="notice")
    error = caught.value
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][1:]

    assert str(error).startswith("notice: 1 problem")
    assert (None, None) == (error.__cause__, error.__context__)
    assert ["data" in frame.f_locals for frame in frames] == [False] * len(frames)
    assert not any(SECRET in repr(frame.f_locals) for frame in frames)


def test_a_refused_document_says_where() -> None:
    """Every problem of a document that is read has its place in it, in either form."""
    for read, text in (
        (Notice.from_json, '{"schema": "branchkit.notice/1", "id": 7, "copies": "two"}'),
        (Notice.from_toml, 'schema = "branchkit.notice/1"\nid = 7\ncopies = "two"'),
    ):
        with pytest.raises(DecodeError) as caught:
            read(text)
        assert ["$.id", "$.copies"] == [problem.path for problem in caught.value.problems]
