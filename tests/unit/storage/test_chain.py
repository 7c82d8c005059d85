"""How entries and checkpoints are hashed, and the forms that stores keep."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchkit.codec import canonical_json
from branchkit.errors import ConfigError, StorageError
from branchkit.storage import SHA256, MemoryStore, NewEntry, hash_algorithm, verify_chains
from branchkit.storage.chain import checkpoint_hash, entry_hash, link, seal_window
from branchkit.storage.plain import body_text, canonical, index_text, micros, value_bytes
from branchkit.testing.stores import some_entries

_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_plain)
def test_stores_and_codec_write_the_same_canonical_json(plain: object) -> None:
    """The canonical text of a store is the canonical JSON of the codec, and reads back as what was written."""
    text = canonical(plain)

    assert canonical_json(plain) == text.encode()
    assert plain == json.loads(text)


@given(st.lists(st.text(), min_size=7, max_size=7), _plain, st.integers(0), st.integers(0))
def test_an_entry_is_linked_by_the_hash_that_is_verified(
    texts: list[str], plain: object, version: int, seq: int
) -> None:
    """Whatever its texts say, the hash that links an entry is the hash that verifying computes of it."""
    stream, previous, kind, command, at, told, name = texts
    algorithm = attrs.evolve(SHA256, name=name)
    event = NewEntry(kind, body={"a": plain}, command=command, at=at, recorded_at=told)

    (entry,) = link("memory", algorithm, stream, (version, previous), seq, [event])

    assert entry_hash(entry, algorithm) == entry.hash


def test_the_hash_of_an_entry_is_over_its_header() -> None:
    """Anybody can compute the hash: SHA-256 over canonical JSON of the header, the body by its own hash."""
    at, told = "2026-03-02T09:00:00+08:00", "2026-03-02T09:05:00+08:00"
    event = NewEntry("Opened", body={"b": 1, "a": "网点"}, command="c-1", at=at, recorded_at=told)

    (entry,) = link("memory", SHA256, "case:1", (4, "ab"), 9, [event])

    header = {
        "algorithm": "sha256",
        "at": at,
        "body": hashlib.sha256('{"a":"网点","b":1}'.encode()).hexdigest(),
        "command": "c-1",
        "kind": "Opened",
        "previous": "ab",
        "recorded_at": told,
        "seq": 10,
        "stream": "case:1",
        "version": 5,
    }
    by_hand = hashlib.sha256(json.dumps(header, separators=(",", ":")).encode()).hexdigest()
    assert by_hand == entry.hash
    assert by_hand == entry_hash(entry, SHA256)
    assert {"a": "网点", "b": 1} == entry.body


@given(st.sampled_from(["stream", "kind", "text", "command", "at", "recorded_at", "previous"]), st.text(min_size=1))
def test_every_field_of_an_entry_is_under_its_hash(field: str, more: str) -> None:
    """Whatever is added to any field, the hash is another one."""
    (entry,) = link("memory", SHA256, "s", (0, ""), 0, some_entries(1))
    changed = attrs.evolve(entry, **{field: getattr(entry, field) + more})

    assert entry_hash(changed, SHA256) != entry.hash


def test_a_checkpoint_does_not_depend_on_the_order_of_streams() -> None:
    """The heads are sealed in the order of their streams, and every field is under the hash."""
    one = seal_window(None, 5, {"a": (1, "x"), "b": (2, "y")}, SHA256)
    same = seal_window(None, 5, {"b": (2, "y"), "a": (1, "x")}, SHA256)
    next_one = seal_window(one, 10, {}, SHA256)

    assert one == same
    assert (2, one.hash, 0) == (next_one.number, next_one.previous, next_one.streams)
    assert next_one.hash == checkpoint_hash(next_one, SHA256)
    for field, value in (("number", 3), ("seq", 11), ("streams", 1), ("root", "z"), ("previous", "z")):
        assert checkpoint_hash(attrs.evolve(next_one, **{field: value}), SHA256) != next_one.hash


def test_the_algorithm_can_be_replaced() -> None:
    """A store hashes and commits with the first algorithm it was given, under that name."""
    other = hash_algorithm("sha3_256")
    store = MemoryStore(checkpoint_every=2, algorithms=(other, SHA256))

    with store.transaction() as tx:
        entries = tx.append("s", some_entries(3))
        mac = tx.seal("r", "value", b"key")

    assert entry_hash(entries[0], other) == entries[0].hash
    assert other.mac(b"key", b"value") == mac
    assert SHA256.mac(b"key", b"value") != mac
    assert verify_chains(store).ok
    with pytest.raises(ConfigError, match="no-such-hash"):
        hash_algorithm("no-such-hash")


def test_sm3_hashes_where_this_python_has_it() -> None:
    """The Chinese standard hash gives the value of its standard's first example."""
    if "sm3" not in hashlib.algorithms_available:
        pytest.skip("this Python's OpenSSL has no SM3")

    assert hash_algorithm("sm3").function(b"abc").startswith("66c7f0f462eeedd9")


@given(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()), st.one_of(st.none(), st.booleans(), st.integers())
)
def test_index_texts_are_equal_when_values_are(one: str | bool | int | None, two: bool | int | None) -> None:
    """Two values have the same index text exactly when they are equal and of the same type."""
    assert (type(one) is type(two) and one == two) == (index_text(one) == index_text(two))


_years = {"min_value": dt.datetime(1900, 1, 1), "max_value": dt.datetime(2200, 1, 1)}  # noqa: DTZ001 - as asked for


@given(st.datetimes(**_years, timezones=st.timezones()), st.datetimes(**_years, timezones=st.just(dt.UTC)))
def test_moments_keep_their_order(one: dt.datetime, two: dt.datetime) -> None:
    """The number of microseconds orders moments as time does, whatever their zones."""
    assert (one.astimezone(dt.UTC) < two) == (micros("memory", one) < micros("memory", two))


def test_what_cannot_be_kept_is_refused_without_repeating_it() -> None:
    """Neither a body nor a value to be sealed shows in the message that refuses it."""
    for refuse in (
        lambda: body_text("memory", "case 'C-1'", {"secret-key": {1, 2}}),
        lambda: body_text("memory", "case 'C-1'", {"secret\ud800": 1}),
        lambda: value_bytes("memory", "C-1", "secret\ud800"),
    ):
        with pytest.raises(StorageError) as caught:
            refuse()
        assert "C-1" in str(caught.value)
        assert "secret" not in str(caught.value)
