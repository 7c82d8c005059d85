"""The codec's quick lanes against its slow ones: the same values, the same problems, the same bytes."""

from __future__ import annotations

import copy
import enum
import json
from collections.abc import Mapping
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchkit.checklists import Answer, Sheet
from branchkit.codec import canonical_json, digest, dump_json, structure, unstructure
from branchkit.codec.plan import plan, schema_name
from branchkit.codec.problems import Wrong
from branchkit.codec.quick import GIVES_UP, quick
from branchkit.codec.scalars import WRITERS
from branchkit.codec.structure import readers
from branchkit.codec.text import _DOUBT, _parse_quickly, _parse_slowly
from branchkit.codec.writing import written
from branchkit.errors import DecodeError, InputError, Unsupported
from branchkit.estate import Branch
from branchkit.testing.strategies import branches, identifiers, moments, refs
from tests.property.codec_family import PLAIN, TEXTS, Everything, everything
from tests.property.codec_leaves import leaves, replaced

slow = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(slow, max_examples=12)
JUNK = st.one_of(
    PLAIN, st.none(), st.floats(), st.just({}), st.just([]), st.just({"unknown": "x"}), st.just({"kind": "opened"})
)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Draw an answer of any kind, with all that may come with it, in every order of rarity."""
    kind = draw(st.sampled_from(["value", "value", "value", "words", "not_applicable", "unknown"]))
    given: Any = {kind: draw(st.sampled_from(["pass", "fail", '"', "\\", "不通过", ""]))}
    if kind == "value" and draw(st.integers(0, 3)) == 0:
        given = {"value": tuple(draw(st.lists(TEXTS, max_size=3)))}
    if draw(st.integers(0, 3)) == 0:
        given["note"] = draw(TEXTS)
    item = draw(st.sampled_from(["a", "b", "c", "d", "e", ":f", "[g", "}h"]) | identifiers())
    return Answer(item, on=tuple(draw(st.lists(refs(), max_size=2))), **given)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Draw a sheet as long as columns need, and its plain data may be broken afterwards."""
    cells = draw(st.lists(answers(), max_size=9, unique_by=lambda one: (one.item, one.on)))
    who = {name: draw(identifiers()) for name in ("checklist", "version", "branch", "by")}
    return Sheet(draw(identifiers()), at=draw(moments()), answers=tuple(cells), **who)


def by_the_book(obj: Any) -> Any:
    """Write an object the way it is documented, one value after the other."""
    if obj.__class__ in WRITERS:
        return WRITERS[obj.__class__](obj)
    if hasattr(obj, "to_plain"):
        return obj.to_plain()
    if isinstance(obj, enum.Enum):
        return obj.value
    if isinstance(obj, frozenset):
        return sorted((by_the_book(item) for item in obj), key=lambda item: (str(type(item)), item))
    if isinstance(obj, tuple | list):
        return [by_the_book(item) for item in obj]
    if isinstance(obj, Mapping):
        return {key: by_the_book(item) for key, item in obj.items()}
    known = plan(type(obj))
    plain = {} if known.tag is None else {"kind": known.tag}
    for field in known.fields:
        value = getattr(obj, field.name)
        if not (value.__class__ is field.blank.__class__ and value == field.blank):
            plain[field.key] = by_the_book(value)
    return plain


def check_writers(document: Any) -> None:
    """Require of a document what it is written as."""
    plain = {"schema": schema_name(type(document)), **by_the_book(document)}
    line = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    canonical = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    assert plain == unstructure(document)
    assert list(plain) == list(unstructure(document))
    assert line == dump_json(unstructure(document)) == document.to_json() == written(document)
    assert canonical == canonical_json(unstructure(document)) == written(document, sort=True)
    assert digest(plain) == document.digest()


def check_readers(cls: Any, plain: Any) -> None:
    """Require that what the quick reader takes is what the other gives, and that it takes whatever the other does."""
    try:
        expected = readers().reader(cls)(plain, cls)
    except Wrong:
        expected = "refused"
    try:
        actual = quick(cls)(copy.deepcopy(plain))
    except GIVES_UP:
        actual = "refused"

    assert expected == actual
    assert repr(expected) == repr(actual)


def broken(cls: Any, plain: Any, data: st.DataObject) -> Any:
    """Put something else in one place."""
    places = [steps for steps, _ in leaves(cls, plain)]
    steps = data.draw(st.sampled_from(places))
    return replaced(plain, steps[: data.draw(st.integers(0, len(steps)))], data.draw(JUNK))


@few
@given(everything())
def test_every_class_of_value_is_written_by_the_book(document: Everything) -> None:
    """A document with a field of each annotation has the same bytes in every lane."""
    check_writers(document)


@slow
@given(sheets())
def test_sheets_are_written_by_the_book(sheet: Sheet) -> None:
    """A sheet has the same bytes in every lane, whatever its answers have in common."""
    check_writers(sheet)
    assert sheet == Sheet.from_json(sheet.to_json())


@slow
@given(branches())
def test_branches_are_written_by_the_book(branch: Branch) -> None:
    """A branch has the same bytes in every lane."""
    check_writers(branch)
    assert branch == Branch.from_json(branch.to_json())


@few
@given(st.lists(everything(), min_size=1, max_size=2), st.integers(0, 3))
def test_columns_of_documents_are_written_by_the_book(documents: list[Everything], more: int) -> None:
    """Many documents at once have the same bytes as one after the other."""
    many = tuple(documents * 2 + documents[:1] * more)

    assert [by_the_book(one) for one in many] == unstructure(many)
    assert [list(by_the_book(one)) for one in many] == [list(one) for one in unstructure(many)]
    assert dump_json(unstructure(many)) == written(many)
    assert canonical_json(unstructure(many)) == written(many, sort=True)


@few
@given(everything(), st.integers(0, 5), st.data())
def test_columns_of_documents_are_read_alike(document: Everything, place: int, data: st.DataObject) -> None:
    """Many documents at once, one of them with anything put anywhere, are read or refused as one by one."""
    plain = {key: value for key, value in unstructure(document).items() if key != "schema"}
    rows = [copy.deepcopy(plain) for _ in range(6)]
    rows[place] = broken(Everything, {"schema": "", **plain}, data)
    if isinstance(rows[place], dict):
        rows[place].pop("schema", None)
    for row in data.draw(st.lists(st.sampled_from(rows), max_size=2)):
        if isinstance(row, dict) and row:
            row.pop(data.draw(st.sampled_from(sorted(row))))

    check_readers(tuple[Everything, ...], rows)


@slow
@given(sheets(), st.data())
def test_broken_sheets_have_the_problems_of_the_slow_reader(sheet: Sheet, data: st.DataObject) -> None:
    """A sheet with anything put anywhere is read or refused alike, with the same problems."""
    plain = broken(Sheet, unstructure(sheet), data)
    inner = {key: value for key, value in plain.items() if key != "schema"} if isinstance(plain, dict) else plain

    check_readers(Sheet, inner)
    if isinstance(plain, dict) and plain.get("schema") == "branchkit.sheet/1":
        assert slow_problems(inner) == problems(plain)


def slow_problems(plain: Any) -> tuple[Any, ...]:
    """Return what the slow reader says of a sheet."""
    try:
        readers().reader(Sheet)(plain, Sheet)
    except Wrong as wrong:
        return tuple(dict.fromkeys(wrong.problems))
    return ()


def problems(plain: Any) -> tuple[Any, ...]:
    """Return what `structure` says of a sheet."""
    try:
        structure(Sheet, plain)
    except DecodeError as error:
        return error.problems
    return ()


@st.composite
def odd_json(draw: st.DrawFn) -> str:
    """Draw JSON with keys that stand twice, spaces anywhere, escapes, and marks of JSON inside texts."""
    space = st.sampled_from(["", "", " ", "\n", "\t\r"])
    words = st.sampled_from(["a", ":", "[", "}", '":', "\\", '\\"', "\\\\", '"[', " ", "网点", "\\ud800", "\\u0041"])
    text = st.lists(words, max_size=3).map(lambda parts: f'"{"".join(parts)}"') | words.map(json.dumps)
    number = st.sampled_from(["1", "-2.50", "1e3", "NaN", "true", "null"])

    def hold(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.builds("{}{}:{}{}".format, text, space, space, inner)
        return st.builds(
            lambda items, a, b: f"{a}{b.join(items)}{b}",
            st.lists(inner, max_size=3).map(lambda items: [f"[{','.join(items)}]"])
            | st.lists(pair, max_size=4).map(lambda pairs: [f"{{{','.join(pairs)}}}"]),
            space,
            space,
        )

    body = draw(st.recursive(text | number, hold, max_leaves=12))
    deep = draw(st.sampled_from([0, 0, 49, 95, 99, 100, 101, 300]))
    left, right = draw(st.sampled_from([("[", "]"), ('{"a":', "}"), ('["]",', "]"), ('["[",', ',"]"]')]))
    return left * deep + body + right * deep


@settings(slow, max_examples=200)
@given(odd_json())
def test_json_read_quickly_is_what_is_read_slowly(text: str) -> None:
    """JSON that is read quickly is beyond doubt: the strict parser reads the same."""
    quickly = _parse_quickly(text)

    if quickly is not _DOUBT:
        slowly = _parse_slowly(text, "<json>")
        assert slowly == quickly
        assert repr(slowly) == repr(quickly)


def test_what_is_beyond_doubt_is_read_quickly() -> None:
    """Spaces, escaped quotes, brackets and colons within texts, and many lists are no reason to read slowly."""
    for plain in (
        {"a": ["x:y", 'a"b', "c\\", "d\n"]},
        [{"a": [number], "b": {}} for number in range(300)],
        "text",
        3,
        [],
    ):
        assert plain == _parse_quickly(dump_json(plain).decode())
        assert plain == _parse_quickly(dump_json(plain, indent=2).decode() + "\n")


@attrs.frozen
class Anything:
    """A class whose values may be anything."""

    what: Any = None
    more: tuple[Any, ...] = ()


@slow
@given(st.lists(st.builds(Anything, what=JUNK, more=st.lists(JUNK, max_size=5).map(tuple)), max_size=5))
def test_what_is_written_quickly_could_be_written_slowly(many: list[Anything]) -> None:
    """What plain data cannot say is left to the slow writer, which refuses it with its place."""
    quickly = written(tuple(many))

    try:
        expected = dump_json(unstructure(tuple(many)))
    except (InputError, Unsupported):
        assert quickly is None
    else:
        assert quickly in {None, expected}
