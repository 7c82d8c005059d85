"""The sheet of `bench_codec` for its peers: each loads it from JSON and dumps it; a peer not installed is left out."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import attrs

from branchkit.checklists import Answer, Sheet
from branchkit.checklists.sheet import RawFact
from branchkit.values import FrozenMap, Ref

__all__ = ["Peer", "peers"]

_SCHEMA = "branchkit.sheet/1"


@attrs.frozen
class Peer:
    """How somebody else does it."""

    name: str
    role: Literal["floor", "peer"]
    load: Callable[[bytes], Any]
    dump: Callable[[Any], bytes]


def peers() -> Iterator[Peer]:
    """Yield who is installed; who is not is named on stderr."""
    for needs, make in ((("orjson",), _by_hand), (("pydantic",), _pydantic), (("msgspec",), _msgspec),
                        (("cattrs", "orjson"), _cattrs)):  # fmt: skip
        try:
            versions = [f"{name} {importlib.metadata.version(name)}" for name in needs]
        except importlib.metadata.PackageNotFoundError as missing:
            sys.stderr.write(f"left out: {missing.name} is not installed\n")
        else:
            yield from make(" + ".join(versions))


def _by_hand(version: str) -> Iterator[Peer]:
    """What somebody would write for this one class: types are trusted, rules not asked, problems have no path."""
    import orjson

    def load(data: bytes) -> Sheet:
        plain = orjson.loads(data)
        if plain.pop("schema") != _SCHEMA:
            raise ValueError("not a sheet")
        return Sheet(
            plain.pop("id"),
            at=dt.datetime.fromisoformat(plain.pop("at")),
            answers=tuple(
                [
                    Answer(one.pop("item"), on=tuple([Ref.parse(text) for text in one.pop("on", ())]), **one)
                    for one in plain.pop("answers", ())
                ]
            ),
            facts=FrozenMap(plain.pop("facts", None)),
            **plain,
        )

    def answer(one: Answer) -> dict[str, Any]:
        plain: dict[str, Any] = {"item": one.item}
        if one.value is not None:
            plain["value"] = one.value
        if one.words is not None:
            plain["words"] = one.words
        if one.not_applicable is not None:
            plain["not_applicable"] = one.not_applicable
        if one.unknown is not None:
            plain["unknown"] = one.unknown
        if one.on:
            plain["on"] = [f"{ref.kind}:{ref.id}" for ref in one.on]
        if one.note is not None:
            plain["note"] = one.note
        if one.photos:
            plain["photos"] = one.photos
        if one.files:
            plain["files"] = one.files
        return plain

    def dump(sheet: Sheet) -> bytes:
        plain = {
            "schema": _SCHEMA,
            "id": sheet.id,
            "checklist": sheet.checklist,
            "version": sheet.version,
            "branch": sheet.branch,
            "at": sheet.at.isoformat(),
            "by": sheet.by,
            "answers": [answer(one) for one in sheet.answers],
            "state": sheet.state,
        }
        if sheet.supersedes is not None:
            plain["supersedes"] = sheet.supersedes
        if sheet.facts:
            plain["facts"] = dict(sheet.facts)
        if sheet.bound is not None:
            plain["bound"] = sheet.bound
        return orjson.dumps(plain)

    yield Peer(f"by hand + {version}", "floor", load, dump)


def _pydantic(version: str) -> Iterator[Peer]:
    import pydantic

    strict = pydantic.ConfigDict(strict=True, extra="forbid", frozen=True)
    reference = Annotated[str, pydantic.StringConstraints(pattern="^[a-z][a-z0-9_]*:.{1,200}$")]

    class LeanAnswer(pydantic.BaseModel):
        model_config = strict
        item: str
        value: str | None = None
        on: tuple[str, ...] = ()

    class FullAnswer(pydantic.BaseModel):
        model_config = strict
        item: str
        value: str | tuple[str, ...] | None = None
        words: str | None = None
        not_applicable: str | None = None
        unknown: str | None = None
        on: tuple[reference, ...] = ()  # type: ignore[valid-type]  # mypy takes a local alias for a variable
        note: str | None = None
        photos: tuple[str, ...] = ()
        files: tuple[str, ...] = ()

    class RuledAnswer(FullAnswer):
        @pydantic.model_validator(mode="after")
        def _one_kind(self) -> Any:
            if [self.value, self.words, self.not_applicable, self.unknown].count(None) != 3:
                raise ValueError("Expected one kind of answer")
            return self

    class LeanSheet(pydantic.BaseModel):
        model_config = strict
        kind: str = pydantic.Field(alias="schema")
        id: str
        checklist: str
        version: str
        branch: str
        at: dt.datetime
        by: str
        answers: tuple[LeanAnswer, ...] = ()
        state: str

    def sheets(one: type[Any]) -> type[Any]:
        class FullSheet(pydantic.BaseModel):
            model_config = strict
            kind: Literal["branchkit.sheet/1"] = pydantic.Field(alias="schema")
            id: str
            checklist: str
            version: str
            branch: str
            at: pydantic.AwareDatetime
            by: str
            answers: tuple[one, ...] = ()  # type: ignore[valid-type]  # it is told which class
            state: Literal["draft", "final"]
            supersedes: str | None = None
            facts: dict[str, bool | str | tuple[str, ...]] = pydantic.Field(default={})
            bound: str | None = None

        return FullSheet

    class RuledSheet(sheets(RuledAnswer)):  # type: ignore[misc]  # a class of a function
        @pydantic.model_validator(mode="after")
        def _no_doubles(self) -> Any:
            if len({(one.item, one.on) for one in self.answers}) != len(self.answers):
                raise ValueError("Expected one answer to each item")
            return self

    def dump(sheet: pydantic.BaseModel) -> bytes:
        return sheet.model_dump_json(exclude_defaults=True, by_alias=True).encode()

    for name, model in (
        ("", sheets(FullAnswer)), (", rules too", RuledSheet), (", only the fields in use", LeanSheet),
    ):  # fmt: skip
        yield Peer(f"{version}{name}", "peer", model.model_validate_json, dump)


def _msgspec(version: str) -> Iterator[Peer]:
    import msgspec

    reference = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*:.{1,200}$")]
    answer = msgspec.defstruct(
        "Answer",
        [
            ("item", str),
            ("value", str | tuple[str, ...] | None, None),
            *((name, str | None, None) for name in ("words", "not_applicable", "unknown")),
            ("on", tuple[reference, ...], ()),  # type: ignore[valid-type]  # mypy takes a local alias for a variable
            ("note", str | None, None),
            *((name, tuple[str, ...], ()) for name in ("photos", "files")),
        ],
        frozen=True,
        omit_defaults=True,
        forbid_unknown_fields=True,
    )
    sheet = msgspec.defstruct(
        "Sheet",
        [
            ("schema", Literal["branchkit.sheet/1"]),
            *((name, str) for name in ("id", "checklist", "version", "branch")),
            ("at", Annotated[dt.datetime, msgspec.Meta(tz=True)]),
            ("by", str),
            ("answers", tuple[answer, ...], ()),  # type: ignore[valid-type]  # a class made here
            ("state", Literal["draft", "final"], "final"),
            ("supersedes", str | None, None),
            ("facts", dict[str, bool | str | tuple[str, ...]], msgspec.field(default_factory=dict)),
            ("bound", str | None, None),
        ],
        frozen=True,
        omit_defaults=True,
        forbid_unknown_fields=True,
    )
    yield Peer(f"{version}, structs", "peer", msgspec.json.Decoder(sheet).decode, msgspec.json.Encoder().encode)


def _cattrs(version: str) -> Iterator[Peer]:
    import cattrs.preconf.orjson
    import orjson

    converter = cattrs.preconf.orjson.make_converter(forbid_extra_keys=True, omit_if_default=True)
    converter.register_structure_hook(Ref, lambda text, _: Ref.parse(text))
    converter.register_unstructure_hook(Ref, str)
    converter.register_structure_hook_func(lambda kind: getattr(kind, "__origin__", None) is FrozenMap,
                                           lambda plain, _: FrozenMap(plain))  # fmt: skip
    converter.register_unstructure_hook(FrozenMap, dict)
    converter.register_structure_hook_func(
        lambda kind: kind in (attrs.fields(attrs.resolve_types(Answer)).value.type, RawFact),
        lambda plain, _: tuple(plain) if isinstance(plain, list) else plain,
    )

    def load(data: bytes) -> Sheet:
        plain = orjson.loads(data)
        if plain.pop("schema") != _SCHEMA:
            raise ValueError("not a sheet")
        return converter.structure(plain, Sheet)

    yield Peer(version, "peer", load, lambda sheet: orjson.dumps({"schema": _SCHEMA, **converter.unstructure(sheet)}))
