"""How long scores take: one sheet of 60 items, with its trace and without, and many sheets in a row.

One sheet: 60 values in; points, band, vetoes, what each section came to, and what failed, out. The floor is a plain
loop that knows this one checklist, in binary floats. A rule engine gets the fastest form that we found for each: the
rules are compiled before, and what an engine cannot add up is added up by a loop around it.

Many sheets: everybody gets the same rows of 60 texts as Python tuples and gives points, band, veto and six
percentages a row, to the same digits. "Ready arrays" alone begins with numbers in an array, and so does less.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from typing import Any

from harness import Bar, Contender, Figure, main, take_turns

from branchkit.checklists import Checklist, Item, Section, Sheet, judge, judge_reading, read
from branchkit.estate import Branch
from branchkit.scoring import Band, Evidence, Limits, Points, RubricPolicy, Scorer, Select, Veto
from branchkit.values import FrozenMap, Severity, Text

Row = tuple[str, ...]
Done = tuple[float, str, bool, list[float], list[tuple[str, str]]]

SECTIONS, ITEMS = 6, 10
WORTH = (20, 20, 15, 15, 15, 15)
SEVERITIES = (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)
WEIGHT = {Severity.CRITICAL: 3, Severity.MAJOR: 2, Severity.MINOR: 1}
AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def words(name: str) -> Text:
    """Return a name as words in both languages."""
    return Text(zh=f"第{name}项", en=f"Point {name}")


def severity(item: int) -> Severity:
    """Return how bad it is when an item fails: the first of each section is critical, the others are less."""
    return SEVERITIES[0] if item == 0 else SEVERITIES[1 + item % 2]


CHECKLIST = Checklist(
    "hall",
    version="1",
    title=words("hall"),
    sections=tuple(
        Section(
            f"s{at}",
            title=words(f"s{at}"),
            items=tuple(Item(f"s{at}i{n}", text=words(f"s{at}i{n}"), severity=severity(n)) for n in range(ITEMS)),
        )
        for at in range(SECTIONS)
    ),
)
POLICY = RubricPolicy(
    "hall-standard",
    version="1",
    title=words("policy"),
    checklists=("hall",),
    ceiling=Decimal(100),
    parts=(
        *(
            Points(
                f"s{at}",
                title=words(f"s{at}"),
                worth=Decimal(worth),
                select=Select(sections=(f"s{at}",)),
                by_severity=FrozenMap({one.value: Decimal(weight) for one, weight in WEIGHT.items()}),
            )
            for at, worth in enumerate(WORTH)
        ),
        Veto(
            "critical",
            reason=words("veto"),
            select=Select(severities=(Severity.CRITICAL,)),
            points_at_most=Decimal(59),
        ),
    ),
    bands=(
        Band("good", title=words("good"), limits=FrozenMap({"total": Limits(at_least=Decimal(85))})),
        Band("pass", title=words("pass"), limits=FrozenMap({"total": Limits(at_least=Decimal(60))})),
        Band("fail", title=words("fail")),
    ),
)
BOUND = CHECKLIST.bind(Branch("B-0417"), at=AT)
CELLS = [(at, n, WEIGHT[severity(n)], n == 0) for at in range(SECTIONS) for n in range(ITEMS)]
TABLE = [(at, weight, critical, f"s{at}i{n}", severity(n).value) for at, n, weight, critical in CELLS]


def rows_of(count: int) -> list[Row]:
    """Return values by chance: one of twelve fails, each row is a text tuple of its own."""
    chance = random.Random(20260302)
    return [tuple("fail" if chance.random() < 1 / 12 else "pass" for _ in TABLE) for _ in range(count)]


def added_up(have: Sequence[float], most: Sequence[float], *, veto: bool) -> tuple[float, str, list[float]]:
    """Return points, band and percentages, rounded to two places with halves up."""
    percents = [100 * part / whole for part, whole in zip(have, most, strict=True)]
    points = sum(worth * percent for worth, percent in zip(WORTH, percents, strict=True)) / 100
    if veto and points > 59:
        points = 59.0
    points = int(points * 100 + 0.500001) / 100
    band = "good" if points >= 85 else "pass" if points >= 60 else "fail"
    return points, band, [int(percent * 100 + 0.500001) / 100 for percent in percents]


def plain_loop(row: Row) -> Done:
    """Score a row as one would by hand."""
    have, most = [0] * SECTIONS, [0] * SECTIONS
    veto = False
    wrong: list[tuple[str, str]] = []
    for (at, weight, critical, name, how_bad), value in zip(TABLE, row, strict=True):
        if value == "pass":
            have[at] += weight
        elif value == "fail":
            wrong.append((name, how_bad))
            if critical:
                veto = True
        else:
            continue
        most[at] += weight
    points, band, percents = added_up(have, most, veto=veto)
    return points, band, veto, percents, wrong


def peer(name: str) -> Any:
    """Return a module, or ``None`` with a line on stderr where it is not installed."""
    try:
        return import_module(name)
    except ImportError:
        sys.stderr.write(f"{name} is not installed and left out\n")
        return None


def around(fails: Callable[[Row], Iterator[bool]]) -> Callable[[Row], Done]:
    """Return the loop around an engine that only says which values fail."""

    def score(row: Row) -> Done:
        have, most = [0] * SECTIONS, [0] * SECTIONS
        veto = False
        wrong: list[tuple[str, str]] = []
        for (at, weight, critical, name, how_bad), failed in zip(TABLE, fails(row), strict=True):
            most[at] += weight
            if failed:
                wrong.append((name, how_bad))
                veto = veto or critical
            else:
                have[at] += weight
        points, band, percents = added_up(have, most, veto=veto)
        return points, band, veto, percents, wrong

    return score


def engines() -> Iterator[tuple[str, Callable[[Row], Done]]]:
    """Yield the general rule engines that are installed."""
    zen = peer("zen")
    if zen is not None:
        one = zen.compile_expression("value == 'fail'")
        yield (
            "zen-engine, one expression an answer",
            around(lambda row: (one.evaluate({"value": value}) for value in row)),
        )
        yield "zen-engine, one expression a sheet", zen_sheet(zen)
        yield "zen-engine, decision table over a sheet", around(zen_table(zen))
    rules = peer("rule_engine")
    if rules is not None:
        rule = rules.Rule("value == 'fail'")
        yield "rule-engine", around(lambda row: (rule.matches({"value": value}) for value in row))
    logic = peer("json_logic")
    if logic is not None:
        asked = {"==": [{"var": "value"}, "fail"]}
        yield "json-logic", around(lambda row: (logic.jsonLogic(asked, {"value": value}) for value in row))
    if peer("business_rules") is not None:
        yield "business-rules", around(business_rules())


def zen_sheet(zen: Any) -> Callable[[Row], Done]:
    """Let one expression add up the sections and tell what failed."""
    names = [name for *_, name, _ in TABLE]

    def terms(at: int) -> str:
        return " + ".join(f"({name} == 'pass' ? {weight} : 0)" for one, weight, _, name, _ in TABLE if one == at)

    sums = ", ".join(f"h{at}: {terms(at)}" for at in range(SECTIONS))
    veto = " or ".join(f"{name} == 'fail'" for _, _, critical, name, _ in TABLE if critical)
    expression = zen.compile_expression(f"{{{sums}, veto: {veto}}}")
    most = [sum(weight for one, weight, *_ in TABLE if one == at) for at in range(SECTIONS)]
    bad = {name: how_bad for *_, name, how_bad in TABLE}

    def score(row: Row) -> Done:
        values = dict(zip(names, row, strict=True))
        found = expression.evaluate(values)
        points, band, percents = added_up([found[f"h{at}"] for at in range(SECTIONS)], most, veto=found["veto"])
        # A list of what failed costs the engine more than asking once more in Python.
        wrong = [(name, bad[name]) for name, value in values.items() if value == "fail"]
        return points, band, found["veto"], percents, wrong

    return score


def zen_table(zen: Any) -> Callable[[Row], Iterator[bool]]:
    """Let a decision table say what fails, in its loop mode: a call for each answer costs thirty times as much."""
    content = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {
                "id": "table",
                "type": "decisionTableNode",
                "name": "table",
                "position": {"x": 0, "y": 0},
                "content": {
                    "hitPolicy": "first",
                    "executionMode": "loop",
                    "inputField": "answers",
                    "outputPath": "found",
                    "inputs": [{"id": "i", "name": "value", "field": "value"}],
                    "outputs": [{"id": "o", "name": "failed", "field": "failed"}],
                    "rules": [
                        {"_id": "r1", "i": '"fail"', "o": "true"},
                        {"_id": "r2", "i": "", "o": "false"},
                    ],
                },
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}},
        ],
        "edges": [
            {"id": "e1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "e2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    decision = zen.ZenEngine().create_decision(content)

    def fails(row: Row) -> Iterator[bool]:
        done = decision.evaluate({"answers": [{"value": value} for value in row]})
        return (one["failed"] for one in done["result"]["found"])

    return fails


def business_rules() -> Callable[[Row], Iterator[bool]]:
    """Let business-rules say what fails."""
    engine, variables = import_module("business_rules.engine"), import_module("business_rules.variables")

    class Values(variables.BaseVariables):  # type: ignore[misc,name-defined]
        def __init__(self, value: str) -> None:
            self.given = value

        @variables.string_rule_variable  # type: ignore[untyped-decorator]
        def value(self) -> str:
            return self.given

    asked = {"all": [{"name": "value", "operator": "equal_to", "value": "fail"}]}
    return lambda row: (engine.check_conditions_recursively(asked, Values(value)) for value in row)


def one_sheet(quick: bool) -> Iterator[Figure]:
    """Score single sheets, each after the other, no two alike."""
    rows = rows_of(20 if quick else 100)
    scorer = POLICY.scorer(BOUND)
    sheets = [scorer.score(row).sheet(f"S-{at}", by="S-017") for at, row in enumerate(rows)]

    def ours(row: Row) -> object:
        found = scorer.score(row)
        return found.points, found.band, found.vetoes, found.parts, found.wrong

    def told(row: Row) -> object:
        found = scorer.score(row)
        return found.decision("S-0417", by="S-017"), found.findings("S-0417")

    def by_sheet(sheet: Sheet) -> object:
        reading = read(sheet, BOUND)
        return POLICY.score(Evidence.of(reading)), judge_reading(reading)

    others = dict(engines())
    for score in (plain_loop, *others.values()):
        for row in rows:
            found = scorer.score(row)
            expected = (float(found.points or 0), found.band, bool(found.vetoes))
            assert expected == score(row)[:3], score
            assert [float(part.percent or 0) for part in found.parts] == score(row)[3]
            assert [(cell.item.id, cell.severity.value) for cell in found.wrong] == score(row)[4]
    for sheet in sheets:
        assert judge(sheet, BOUND) == scorer.score(sheet_values(sheet)).findings(sheet.id)

    names = {"branchkit": ours, "branchkit with trace and findings": told, "plain loop": plain_loop, **others}
    calls: dict[str, Callable[[], object]] = {name: over(call, rows) for name, call in names.items()}
    calls["branchkit from a sheet, with trace and findings"] = over(by_sheet, sheets)
    seconds = take_turns(calls, units=len(rows), rounds=5 if quick else 15, clock=time.process_time)
    fastest = min(others, key=lambda name: seconds[name], default=None)
    bars = [
        Bar("branchkit", "plain loop", 2.0),
        Bar("branchkit with trace and findings", "plain loop", 6.0),
    ]
    if fastest is not None:
        bars += [Bar(name, fastest, 0.05) for name in ("branchkit", "branchkit with trace and findings")]
    yield Figure(
        work="score one sheet of 60 items",
        unit="sheet",
        contenders=tuple(Contender(name, role(name, others), taken) for name, taken in seconds.items()),
        bars=tuple(bars),
    )


def sheet_values(sheet: Sheet) -> dict[str, Any]:
    """Return the values of a sheet by item."""
    return {answer.item: answer.value for answer in sheet.answers}


def over(call: Callable[[Any], object], given: Sequence[Any]) -> Callable[[], None]:
    """Return what calls for each of some."""

    def run() -> None:
        for one in given:
            call(one)

    return run


def role(name: str, others: Mapping[str, object]) -> Any:
    """Return the role of a contender."""
    return "ours" if name.startswith("branchkit") else "peer" if name in others else "floor"


def many_sheets(quick: bool) -> Iterator[Figure]:
    """Score rows of values by the ten, and by the hundred thousand."""
    scorer = POLICY.scorer(BOUND)
    for size in (10, 100, 1_000, 10_000) if quick else (10, 100, 1_000, 10_000, 100_000):
        rows = rows_of(size)
        calls: dict[str, Callable[[], object]] = {
            "branchkit": lambda rows=rows: by_stream(scorer, rows),  # type: ignore[misc]
            "branchkit, one by one": lambda rows=rows: [  # type: ignore[misc]
                (one.points, one.band, one.vetoes, one.parts) for one in map(scorer.score, rows)
            ],
            "plain loop": lambda rows=rows: [plain_loop(row)[:4] for row in rows],  # type: ignore[misc]
        }
        frames = dict(frame_peers(size))
        expected = [float(points or 0) for points, *_ in by_stream(scorer, rows)]
        for name, call in frames.items():
            if name != READY:
                assert expected == [float(points) for points in call(rows)], name
            calls[name] = lambda call=call, rows=rows: call(rows)  # type: ignore[misc]
        rounds = 3 if quick or size > 10_000 else 9
        seconds = take_turns(calls, units=size, rounds=rounds, least=0.0 if size > 1_000 else 0.02)
        polars = next((name for name in frames if name.startswith("polars")), None)
        yield Figure(
            work="score sheets of 60 items in a row",
            unit="sheet",
            size=size,
            contenders=tuple(Contender(name, role(name, frames), taken) for name, taken in seconds.items()),
            bars=(Bar("branchkit", polars, 1.5),) if polars is not None and size >= 10_000 else (),
        )


def by_stream(scorer: Scorer, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Score all rows in one go."""
    return [(one.points, one.band, one.vetoes, one.parts) for one in scorer.score_all(rows)]


READY = "numpy on ready arrays"
WEIGHTS = [[float(weight) if one == at else 0.0 for one, weight, *_ in TABLE] for at in range(SECTIONS)]
MOST = [sum(row) for row in WEIGHTS]
CRITICAL = [at for at, (_, _, critical, *_) in enumerate(TABLE) if critical]


def frame_peers(size: int) -> Iterator[tuple[str, Callable[[list[Row]], Sequence[Any]]]]:
    """Yield what scores rows by columns; each turns the rows into its columns first, but for ready arrays."""
    numpy, polars, pandas, duckdb = map(peer, ("numpy", "polars", "pandas", "duckdb"))
    if numpy is not None:
        ready = numpy.array(rows_of(size)) == "pass"
        yield READY, lambda rows: by_array(numpy, ready)
        yield "numpy", lambda rows: by_array(numpy, numpy.array(rows) == "pass")
    names = [name for *_, name, _ in TABLE]
    if pandas is not None:
        yield "pandas", lambda rows: by_array(numpy, (pandas.DataFrame(rows, columns=names) == "pass").to_numpy())
    if polars is not None:
        yield "polars", by_polars(polars, names)
    if duckdb is not None and pandas is not None:
        yield "duckdb over a pandas frame", by_duckdb(duckdb, pandas, names)


def by_array(numpy: Any, passed: Any) -> Any:
    """Add up an array of what passed."""
    percents = passed @ numpy.array(WEIGHTS).T * 100 / numpy.array(MOST)
    points = percents @ numpy.array(WORTH) / 100
    veto = ~passed[:, CRITICAL].all(axis=1)
    points = numpy.floor(numpy.where(veto, numpy.minimum(points, 59), points) * 100 + 0.500001) / 100
    bands = numpy.select([points >= 85, points >= 60], ["good", "pass"], "fail")
    return [points, bands, veto, numpy.floor(percents * 100 + 0.500001) / 100][0]


def by_polars(polars: Any, names: list[str]) -> Callable[[list[Row]], Any]:
    """Return the scoring as expressions over one column an item."""
    col, when = polars.col, polars.when
    percents = [
        polars.sum_horizontal(
            *((col(name) == "pass").cast(polars.Int32) * weight for one, weight, _, name, _ in TABLE if one == at)
        )
        * 100.0
        / MOST[at]
        for at in range(SECTIONS)
    ]
    veto = polars.any_horizontal(*(col(name) == "fail" for _, _, critical, name, _ in TABLE if critical))
    shown = [((col(f"p{at}") * 100 + 0.500001).floor() / 100).alias(f"p{at}") for at in range(SECTIONS)]
    total = sum((col(f"p{at}") * WORTH[at] for at in range(1, SECTIONS)), col("p0") * WORTH[0]) / 100
    limited = when(col("veto")).then(polars.min_horizontal(total, polars.lit(59.0))).otherwise(total)
    points = (limited * 100 + 0.500001).floor() / 100
    band = when(col("points") >= 85).then(polars.lit("good")).when(col("points") >= 60).then(polars.lit("pass"))

    def score(rows: list[Row]) -> Any:
        frame = polars.DataFrame(rows, schema=dict.fromkeys(names, polars.String), orient="row")
        query = (
            frame.lazy()
            .select(*(one.alias(f"p{at}") for at, one in enumerate(percents)), veto.alias("veto"))
            .with_columns(points.alias("points"))
            .with_columns(*shown, band.otherwise(polars.lit("fail")).alias("band"))
        )
        return query.collect()["points"]

    return score


def by_duckdb(duckdb: Any, pandas: Any, names: list[str]) -> Callable[[list[Row]], Any]:
    """Return the scoring as one query."""
    parts = [
        "(" + " + ".join(f"({name} = 'pass')::INT * {weight}" for one, weight, _, name, _ in TABLE if one == at) + ")"
        f" * 100.0::DOUBLE / {MOST[at]} AS p{at}"
        for at in range(SECTIONS)
    ]
    veto = " OR ".join(f"{name} = 'fail'" for _, _, critical, name, _ in TABLE if critical)
    total = "(" + " + ".join(f"p{at} * {WORTH[at]}" for at in range(SECTIONS)) + ") / 100"
    query = f"""
        WITH a AS (SELECT {", ".join(parts)}, {veto} AS veto FROM frame),
        b AS (SELECT *, floor(CASE WHEN veto THEN least({total}, 59) ELSE {total} END * 100 + 0.500001) / 100 AS points
              FROM a)
        SELECT points, veto, CASE WHEN points >= 85 THEN 'good' WHEN points >= 60 THEN 'pass' ELSE 'fail' END AS band,
               {", ".join(f"floor(p{at} * 100 + 0.500001) / 100 AS p{at}" for at in range(SECTIONS))} FROM b
    """  # noqa: S608 - built from this module's own names

    def score(rows: list[Row]) -> Any:
        connection = duckdb.connect()
        connection.register("frame", pandas.DataFrame(rows, columns=names, dtype=object))
        return connection.execute(query).fetchnumpy()["points"]

    return score


def figures(quick: bool) -> Iterator[Figure]:
    """Yield every figure."""
    yield from one_sheet(quick)
    yield from many_sheets(quick)


if __name__ == "__main__":
    main(__doc__, figures)
