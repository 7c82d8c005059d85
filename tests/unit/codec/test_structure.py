"""From plain data to objects."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import zoneinfo
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

import attrs
import pytest

from branchkit.codec import Document, structure, unstructure
from branchkit.errors import DecodeError, InputError, Problem, Unsupported
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown


@attrs.frozen(kw_only=True)
class Leaf:
    size: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    code: str = attrs.field(default="a", validator=attrs.validators.in_(["a", "b"]))
    name: str = attrs.field(default="x", validator=[attrs.validators.matches_re("[a-z]+"), attrs.validators.max_len(3)])

    def validate(self) -> Iterable[Problem]:
        if self.size == 13:
            yield Problem("$.size", "Expected another size")


@attrs.frozen(kw_only=True)
class Tree(Document):
    SCHEMA: ClassVar[str] = "tree/2"
    id: str
    title: Text | None = None
    leaves: tuple[Leaf, ...] = ()
    by_name: FrozenMap[Leaf] = FrozenMap()

    def validate(self) -> Iterable[Problem]:
        if len(self.leaves) > 2:
            yield Problem("$.leaves", "Expected at most two leaves")


@attrs.frozen
class Opened:
    KIND: ClassVar[str] = "opened"
    by: str


@attrs.frozen
class Closed:
    KIND: ClassVar[str] = "closed"
    why: str = ""


@attrs.frozen
class Other:
    kind_of: str


@attrs.frozen
class Doubtful:
    unknown: str


@attrs.frozen
class Doubled:
    KIND: ClassVar[str] = "doubled"
    kind: str


NAIVE = dt.datetime(2026, 3, 9)  # noqa: DTZ001 - that it is refused is the point
MOMENT = dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
NEWER = "Expected 'branchkit.tree/2', got a newer version of it; install a newer version of what reads it"


def problems(cls: Any, data: object) -> list[str]:
    with pytest.raises(DecodeError) as caught:
        structure(cls, data)
    return [str(problem) for problem in caught.value.problems]


def tree(**keys: object) -> dict[str, object]:
    return {"schema": "branchkit.tree/2", "id": "T-1", **keys}


def test_every_problem_is_told_in_document_order() -> None:
    """All problems come at once: those of an object first, then those of its values in the order given."""
    data = {"leaves": [{"size": "3"}, [], {"sice": 1}], "titel": 1, "title": {"zh": 2}, "by_name": {"a b": None}}

    assert [
        "Missing 'schema'; expected 'branchkit.tree/2' - at `$`",
        "Unknown key 'titel'; there are: id, title, leaves, by_name - at `$`",
        "Missing 'id' - at `$`",
        "Expected a whole number, got text - at `$.leaves[0].size`",
        "Expected an object, got a list - at `$.leaves[1]`",
        "Unknown key 'sice'; there are: size, code, name - at `$.leaves[2]`",
        "Expected text, got a whole number - at `$.title.zh`",
        'Expected an object, got null - at `$.by_name["a b"]`',
    ] == problems(Tree, data)


def test_validate_runs_wherever_everything_below_was_built() -> None:
    """What classes say in ``validate`` is told for every object that could be built, innermost first."""
    unlucky = {"size": 13}

    assert [
        "Expected another size - at `$.leaves[1].size`",
        'Expected another size - at `$.by_name["1"].size`',
        "Expected at most two leaves - at `$.leaves`",
    ] == problems(Tree, tree(leaves=[{}, unlucky, {}], by_name={"1": unlucky}))
    assert [
        "Expected another size - at `$.leaves[0].size`",
        "Expected text, got null - at `$.leaves[1].code`",
    ] == problems(Tree, tree(leaves=[unlucky, {"code": None}, {}]))


def test_validators_of_attrs_are_told_by_field_and_without_the_value() -> None:
    """What a field's validator refuses has the field's path, and the value isn't repeated."""
    found = problems(Tree, tree(leaves=[{"size": -7654, "code": "secret", "name": "WANG"}]))

    assert ["$.leaves[0].size", "$.leaves[0].code", "$.leaves[0].name"] == [text.split("`")[1] for text in found]
    assert not any(value in text for text in found for value in ("7654", "secret", "WANG"))
    assert ["Expected a value that the class accepts - at `$.name`"] == problems(Leaf, {"name": "abcd"})


def test_errors_after_init_have_the_path_of_the_object() -> None:
    """A ValueError of ``__attrs_post_init__`` is told at the object."""
    assert ["Expected words in at least one language: zh or en - at `$.title`"] == problems(Tree, tree(title={}))


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (1, "Expected 'branchkit.tree/2', got a whole number"),
        ("branchkit.bush/2", "Expected 'branchkit.tree/2', got another kind of document"),
        ("tree", "Expected 'branchkit.tree/2', got another kind of document"),
        ("branchkit.tree/10", NEWER),
        ("branchkit.tree/1", "Expected 'branchkit.tree/2', got an older version of it; migrate it first"),
    ],
)  # fmt: skip
def test_schema(schema: object, problem: str) -> None:
    """The key ``schema`` says which kind of document it is, and which version."""
    assert [f"{problem} - at `$.schema`"] == problems(Tree, tree(schema=schema))


def test_no_schema_below_the_root() -> None:
    """Only the root of a file has a ``schema``."""
    assert (Tree(id="T-1"),) == structure(tuple[Tree, ...], [{"id": "T-1"}])
    assert [{"id": "T-1"}] == unstructure((Tree(id="T-1"),))


@pytest.mark.parametrize(
    ("annotation", "data"),
    [
        (int, True), (int, 3.0), (int, "3"), (int, Decimal(3)), (bool, "false"), (bool, 0), (bool, None),
        (str, 3), (str, None), (Decimal, 3.5), (Decimal, True), (Decimal, "NaN"), (Decimal, "1_000"), (Decimal, "1e5"),
        (Decimal, " 1"), (Decimal, "1\n"), (Decimal, "٣"), (Decimal, ".5"), (Decimal, Decimal("Infinity")),
        (Decimal, Decimal("1e999")), (Decimal, 10**200), (Decimal, Decimal("1e-999")), (Decimal, None),
        (tuple[str, ...], "abc"), (tuple[str, ...], ("a",)), (tuple[int, str], [1]), (tuple[int, str], 1),
        (frozenset[str], ["a", "a"]), (frozenset[str], {"a"}), (FrozenMap[int], []), (FrozenMap[int], {1: 1}),
        (FrozenMap[str], {"unknown": "x"}), (dt.date, "2026-02-30"), (dt.date, "20260309"), (dt.date, 3),
        (dt.date, MOMENT), (dt.datetime, "2026-03-09T09:30:00"), (dt.datetime, "2026-03-09"),
        (dt.datetime, NAIVE), (dt.datetime, "2026-03-09T25:30:00Z"), (dt.datetime, 0),
        (dt.datetime, dt.date(2026, 3, 9)), (dt.time, "9:30"), (dt.time, "25:00"), (dt.time, "09:30Z"), (dt.time, 930),
        (dt.timedelta, "P1M"), (dt.timedelta, "P"), (dt.timedelta, "PT"), (dt.timedelta, "P1DT"), (dt.timedelta, 60),
        (dt.timedelta, "P999999999W"), (zoneinfo.ZoneInfo, "Mars/Base"), (zoneinfo.ZoneInfo, "../etc/passwd"),
        (zoneinfo.ZoneInfo, ""), (zoneinfo.ZoneInfo, 8), (zoneinfo.ZoneInfo, "a" * 5000), (zoneinfo.ZoneInfo, "\0"),
        (zoneinfo.ZoneInfo, "Asia"), (zoneinfo.ZoneInfo, "\ud800"), (Severity, "MINOR"), (Severity, 1), (Severity, []),
        (Literal["a"], "b"),
        (Ref, "zone"), (Ref, "zone:"), (Ref, {"kind": "zone"}), (Unknown, {}), (Unknown, {"unknown": 1}),
        (Unknown, None),
        (Any, 1.5), (Any, Decimal(1)), (Any, {1: 2}), (Any, dt.date(2026, 3, 9)), (Text, "words"), (None, 0),
        (int | None, "x"), (int | str, None), (int | Unknown, None), (Opened | Closed, {}), (Opened | Closed, []),
        (Opened | Closed, {"kind": 1}), (Opened | Closed, {"kind": "lost"}), (Opened, {"by": "x"}),
        (Opened, {"kind": "closed", "by": "x"}), (Opened, {"kind": 1, "by": "x"}), (Opened, {"kind": "opened", 1: 1}),
    ],
)  # fmt: skip
def test_refused(annotation: Any, data: object) -> None:
    """Nothing is guessed: each of these is refused."""
    assert problems(annotation, data)


@pytest.mark.parametrize(
    ("annotation", "data", "value"),
    [
        (Decimal, "12.50", Decimal("12.5")), (Decimal, 3, Decimal(3)), (Decimal | None, 3, Decimal(3)),
        (Decimal | Unknown, Decimal("0.5"), Decimal("0.5")),
        (Decimal | bool, Decimal("0.5"), Decimal("0.5")), (Decimal | bool, 4, Decimal(4)),
        (dt.datetime, "2026-03-09 09:30Z", dt.datetime(2026, 3, 9, 9, 30, tzinfo=dt.UTC)),
        (dt.time, dt.time(9, 30), dt.time(9, 30)), (dt.timedelta, "-P1W", dt.timedelta(days=-7)),
        (dt.timedelta, "PT1.5S", dt.timedelta(seconds=1.5)), (Annotated[int, "metres"], 3, 3), (None, None, None),
        (Opened | Closed | Unknown, {"unknown": "lost"}, Unknown("lost")), (Opened | str, "x", "x"),
        (Opened | Closed | None, {"kind": "closed"}, Closed()),
        (FrozenMap[int], {"unknown": 1}, FrozenMap({"unknown": 1})),
        (Other | Unknown, {"kind_of": "x"}, Other("x")), (object, {"a": [None]}, {"a": [None]}),
    ],
)  # fmt: skip
def test_accepted(annotation: Any, data: object, value: object) -> None:
    """What each annotation reads."""
    assert value == structure(annotation, data)


@pytest.mark.parametrize(
    "annotation",
    [
        float,
        list[int],
        dt.date | str,
        dict[str, int],
        Opened | Other,
        str | Severity,
        Doubtful | Unknown,
        FrozenMap[float],
        Doubled,
        bytes,
    ],
)
def test_unsupported(annotation: Any) -> None:
    """An annotation that has no strict plain form is refused by name, each time it is asked for."""
    for _ in range(2):
        with pytest.raises(Unsupported):
            structure(annotation, {})


def test_unknown_kind_names_what_there_is() -> None:
    """An unknown kind is told at the key, with the kinds there are."""
    assert ["Unknown kind; there are: opened, closed - at `$.kind`"] == problems(Opened | Closed, {"kind": "lost"})
    assert ["Missing 'kind'; there are: opened, closed - at `$`"] == problems(Opened | Closed, {})


@pytest.mark.parametrize(
    "value",
    [
        Decimal("NaN"), Decimal("1e999"), NAIVE, dt.time(9, tzinfo=dt.UTC), FrozenMap({"unknown": "x"}),
        Decimal(f"0.{'1' * 101}"),
        {"a": 1.5}, [()],
    ],
)  # fmt: skip
def test_not_written(value: object) -> None:
    """What could not be read back isn't written, and the message says where."""
    with pytest.raises(InputError) as caught:
        unstructure(FrozenMap({"k": (value,)}))

    assert all(problem.path.startswith("$.k[0]") for problem in caught.value.problems)


def test_objects_of_other_classes_are_not_written() -> None:
    """A value of a class without a plain form is refused."""
    with pytest.raises(Unsupported):
        unstructure(1.5)


def test_deep_trees_are_refused() -> None:
    """Data too deep for the machine is refused like any other."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]

    assert problems(Any, deep)


def test_import_is_light() -> None:
    """Importing the codec doesn't import cattrs."""
    code = "import sys, branchkit.codec; print('cattrs' in sys.modules)"

    assert (
        "False"
        == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    )


def test_native_dates_and_mappings_are_read() -> None:
    """TOML's own dates are read, and the root may be any mapping; a class without fields reads an empty object."""
    empty = attrs.make_class("Empty", [], frozen=True)

    assert MOMENT == structure(dt.datetime, MOMENT)
    assert Text("a", "b") == structure(Text, FrozenMap({"zh": "a", "en": "b"}))
    assert empty() == structure(empty, {})
    assert ["Unknown key 'x'; there are: none - at `$`"] == problems(empty, {"x": 1})


def test_a_wrong_native_value_is_named() -> None:
    """TOML's own dates and times are called what they are where something else is meant."""
    moment, day, time = (problems(int, value)[0] for value in (MOMENT, MOMENT.date(), MOMENT.time()))

    assert "Expected a whole number, got a date with a time - at `$`" == moment
    assert "Expected a whole number, got a date - at `$`" == day
    assert "Expected a whole number, got a time of day - at `$`" == time


def test_zones_without_a_name_are_not_written() -> None:
    """A zone that was read from a file has no name, so it can't be written."""
    import importlib.resources

    with importlib.resources.files("tzdata.zoneinfo").joinpath("UTC").open("rb") as file:
        zone = zoneinfo.ZoneInfo.from_file(file)

    with pytest.raises(InputError):
        unstructure(zone)


def test_subclasses_of_moments_are_written() -> None:
    """A value of a subclass of a known class is written as what it stands for."""

    class Moment(dt.datetime):
        pass

    assert "2026-03-09T00:00:00+00:00" == unstructure(Moment(2026, 3, 9, tzinfo=dt.UTC))


def test_trees_too_deep_are_not_written() -> None:
    """Objects nested too deep are refused and not followed until Python gives up."""

    @attrs.frozen
    class Nest:
        inner: object = None

    nests = [Nest()]
    for _ in range(100_000):
        nests.append(Nest(nests[-1]))

    with pytest.raises(InputError):
        unstructure(nests[-1])
    while nests:
        nests.pop()  # from the outermost inwards, for to free them all at once would recurse


def _lower(mood: str) -> str:
    return mood.lower()


@attrs.frozen(kw_only=True)
class Strict:
    number: Any = attrs.field(default=1, validator=attrs.validators.instance_of(int))
    inner: Strict | None = None
    mood: str = attrs.field(default="good", converter=_lower)

    def __attrs_post_init__(self) -> None:
        if self.mood == "odd":
            raise InputError("<strict>", (Problem("$.mood", "Expected another mood"),))
        if self.mood == "bug":
            raise TypeError("a mistake in the class")


def test_input_errors_after_init_keep_their_paths() -> None:
    """A class may raise an InputError after init, and its paths count from the object."""
    assert ["Expected another mood - at `$.inner.mood`"] == problems(Strict, {"inner": {"mood": "ODD"}})


def test_type_validators_of_attrs_are_told() -> None:
    """A TypeError of attrs' own validators is a problem of the field; one of the class's code is a mistake in it."""
    assert ["Expected a value that the class accepts - at `$.number`"] == problems(Strict, {"number": "secret"})
    with pytest.raises(TypeError, match="a mistake in the class"):
        structure(Strict, {"mood": "bug"})


def test_objects_too_deep_are_refused() -> None:
    """Objects nested deeper than Python can follow are refused like any other data."""
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"inner": deep}

    assert ["Expected at most 100 lists and objects inside each other - at `$`"] == problems(Strict, deep)


def test_only_the_schema_is_missing() -> None:
    """A document without ``schema`` is refused even if all else is right."""
    assert ["Missing 'schema'; expected 'branchkit.tree/2' - at `$`"] == problems(Tree, {"id": "T-1"})


@attrs.frozen
class Span:
    """A class with its own plain form."""

    text: str

    def to_plain(self) -> object:
        return self.text

    @classmethod
    def from_plain(cls, data: object) -> Span:
        if not isinstance(data, str):
            raise InputError("<span>", (Problem("$.inside", "Expected text"),))
        if "-" not in data:
            raise ValueError("Expected two ends with a dash between them")
        return cls(data)


@attrs.frozen(kw_only=True)
class Spans:
    main: Span | None = None
    day: dt.date | None = attrs.field(default=None)
    all: tuple[Span, ...] = attrs.field(factory=tuple)


def test_own_plain_forms() -> None:
    """A class may read and write itself; what it raises has the path of the value."""
    spans = Spans(main=Span("a-b"), day=dt.date(2026, 3, 9), all=(Span("c-d"),))

    assert {"main": "a-b", "day": "2026-03-09", "all": ["c-d"]} == unstructure(spans)
    assert spans == structure(Spans, {"main": "a-b", "day": dt.date(2026, 3, 9), "all": ["c-d"]})
    assert {} == unstructure(Spans())
    assert [
        "Expected text - at `$.main.inside`",
        "Expected two ends with a dash between them - at `$.all[1]`",
    ] == problems(Spans, {"main": 3, "all": ["c-d", "e"]})


def test_fields_with_both_tags_are_refused() -> None:
    """A class whose field would take the place of its tag is refused by name."""
    with pytest.raises(Unsupported, match="rename the field"):
        structure(Doubled, {})
