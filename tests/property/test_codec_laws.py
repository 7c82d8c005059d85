"""The laws of the codec: lossless, strict, complete in its complaints, and deaf to nonsense."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchkit.codec import (
    canonical_json,
    digest,
    dump_json,
    dump_toml,
    join_personal,
    json_schema,
    parse_json,
    parse_toml,
    split_personal,
    structure,
    unstructure,
)
from branchkit.codec.problems import Wrong
from branchkit.codec.quick import GIVES_UP, quick
from branchkit.codec.structure import readers
from branchkit.errors import DecodeError, InputError, Problem
from tests.property.codec_family import PLAIN, Everything, everything
from tests.property.codec_leaves import check_wrong_leaves, leaves, replaced

slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(slow, max_examples=15)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@slow
@given(everything())
def test_json_round_trip(document: Everything) -> None:
    """What is written as JSON reads back equal."""
    expected = document

    assert expected == Everything.from_json(document.to_json())
    assert expected == structure(Everything, parse_json(dump_json(unstructure(document), indent=2)))


@slow
@given(everything(nulls=False))
def test_toml_round_trip(document: Everything) -> None:
    """What is written as TOML reads back equal."""
    text = document.to_toml()

    assert document == Everything.from_toml(text)
    assert unstructure(document) == parse_toml(dump_toml(unstructure(document)))


@slow
@given(everything(), st.randoms(use_true_random=False))
def test_digest_ignores_order(document: Everything, chance: random.Random) -> None:
    """The digest doesn't depend on the order of keys, and equal documents have equal digests."""
    plain = unstructure(document)
    shuffled = _shuffled(plain, chance)

    assert document.digest() == digest(shuffled)
    assert canonical_json(plain) == canonical_json(shuffled)
    assert document.digest() == structure(Everything, shuffled).digest()


@few
@given(everything())
def test_wrong_types_are_told_with_their_path(document: Everything) -> None:
    """A wrong type in every leaf gives a problem with the path of that leaf."""
    assert check_wrong_leaves(Everything, document) > 100


@slow
@given(everything(), st.data())
def test_fast_and_detailed_readers_agree(document: Everything, data: st.DataObject) -> None:
    """The quick readers accept exactly what those that collect every problem accept, and build the same."""
    plain = _mutated(unstructure(document), data)
    plain = {key: value for key, value in plain.items() if key != "schema"} if isinstance(plain, dict) else plain

    assert _slowly(Everything, plain) == _quickly(Everything, plain)


@slow
@given(everything(), st.data())
def test_only_decode_errors_for_mutated_documents(document: Everything, data: st.DataObject) -> None:
    """A valid document with anything put anywhere is read, or refused with paths that lead into it."""
    plain = _mutated(unstructure(document), data)

    found = _refusal(structure, Everything, plain)

    assert len(set(found)) == len(found)
    assert all(problem.path.startswith("$") for problem in found)


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_only_branchkit_errors_for_any_bytes(data: bytes | str) -> None:
    """Random bytes and text are refused with nothing but a DecodeError."""
    for read in (Everything.from_json, Everything.from_toml):
        with pytest.raises(DecodeError):
            read(data)


@settings(max_examples=200)
@given(JSON_VALUES)
def test_only_branchkit_errors_for_any_json(value: Any) -> None:
    """Random JSON, with NaN and Infinity in it as well, is refused with nothing but a DecodeError."""
    with pytest.raises(DecodeError):
        Everything.from_json(json.dumps(value))


@slow
@given(everything(), st.data())
def test_cut_and_flipped_files_are_refused_cleanly(document: Everything, data: st.DataObject) -> None:
    """A file with bytes cut out or replaced is read, or refused with nothing but a DecodeError."""
    written = document.to_json()
    start = data.draw(st.integers(0, len(written)))
    junk = data.draw(st.binary(max_size=3))
    broken = written[:start] + junk + written[start + data.draw(st.integers(0, 3)) :]

    assert all("$" in problem.path for problem in _refusal(Everything.from_json, broken))


@given(JSON_VALUES)
def test_plain_data_in_and_out(value: Any) -> None:
    """Writing refuses floats, and what it writes reads back as it was."""
    found = _refusal(dump_json, value)

    assert all("number" in problem.message for problem in found)
    assert found or value == parse_json(dump_json(value))


@given(PLAIN)
def test_any_passes_plain_data_through(value: Any) -> None:
    """A field annotated ``Any`` holds plain data unchanged."""
    assert value == structure(Any, copy.deepcopy(value))


@few
@given(everything())
def test_documents_conform_to_their_schema(document: Everything) -> None:
    """What is written conforms to the JSON Schema, and that is a valid schema itself."""
    schema = json_schema(Everything)

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(unstructure(document))


@few
@given(everything(), st.data())
def test_what_the_schema_refuses_is_refused(document: Everything, data: st.DataObject) -> None:
    """What the JSON Schema refuses, the codec refuses too."""
    plain = _mutated(unstructure(document), data)
    conforms = jsonschema.Draft202012Validator(json_schema(Everything)).is_valid(plain)

    assert conforms or _refusal(structure, Everything, plain)


@slow
@given(everything())
def test_personal_values_come_back(document: Everything) -> None:
    """Putting back what was taken out gives what was there, and nothing marked stays behind."""
    plain, values = split_personal(document)

    assert unstructure(document) == join_personal(plain, values)
    assert plain == json.loads(json.dumps(plain))
    assert all(person["name"]["sealed"] in values for person in plain.get("people", {}).values())


@slow
@given(everything())
def test_erased_values_leave_a_readable_document(document: Everything) -> None:
    """With every value erased that may be absent, the document still reads."""
    plain, values = split_personal(document)
    required = {path for path in values if path.endswith((".name", ".reason"))}
    erased = {path: value if path in required else None for path, value in values.items()}

    read = structure(Everything, join_personal(plain, erased))

    assert {person.note for person in read.people.values()} <= {None, ""}
    assert document.id == read.id


def _refusal(function: Callable[..., object], *arguments: object) -> tuple[Problem, ...]:
    """Return the problems a function refuses its arguments with; none if it takes them."""
    try:
        function(*arguments)
    except InputError as error:
        return error.problems
    return ()


def _quickly(annotation: Any, plain: Any) -> Any:
    try:
        return quick(annotation)(plain)
    except GIVES_UP:
        return "refused"


def _slowly(annotation: Any, plain: Any) -> Any:
    try:
        return readers().reader(annotation)(plain, annotation)
    except Wrong:
        return "refused"


def _mutated(plain: Any, data: st.DataObject) -> Any:
    """Put something else in one place, drop a key, or add one."""
    places = [steps for steps, _ in leaves(Everything, plain)]
    steps = data.draw(st.sampled_from(places))
    steps = steps[: data.draw(st.integers(0, len(steps)))]
    return replaced(plain, steps, data.draw(JSON_VALUES | st.just({}) | st.just({"unknown": "x"})))


def _shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        return [_shuffled(item, chance) for item in value]
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _shuffled(value[key], chance) for key in keys}
    return value
