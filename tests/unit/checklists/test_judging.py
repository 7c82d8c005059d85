"""Judging: findings that name the exact place, sets of rows, and what a later sheet closes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs

from branchkit.checklists import (
    Answer,
    Checklist,
    Choice,
    CloseFinding,
    Count,
    Covers,
    Distinct,
    EachEquipment,
    EachZone,
    Judgement,
    Number,
    Option,
    Rows,
    Sheet,
    SubmitSheet,
    Total,
    closings,
    judge,
    read,
)
from branchkit.conditions import Exists, Member
from branchkit.findings import Finding, FindingState
from branchkit.messages import Actor
from branchkit.values import Severity, Text
from tests.unit.checklists.tours import AT, WORDS, asks, bad, bound, checklist, item, ok, refs, says, section, sheet

EACH = (EachEquipment(kinds=("atm",)),)
CODES = Choice(options=tuple(Option(code, text=WORDS) for code in ("roof", "door", "sign")))
SAID: dict[str, Any] = {"message": Text(zh="集合", en="set"), "severity": Severity.MAJOR, "rules": ("estate:FLT-03",)}
LATER = AT + dt.timedelta(days=1)


def rows(*constraints: Any, key: str | None = None, **more: Any) -> Checklist:
    """Return a checklist that asks for rows of a thing, its cost and its state."""
    items = (
        item("what", answer=CODES),
        item("cost", answer=Number(unit="CNY"), required=False),
        item("state", required=False),
    )
    return checklist(section(*items, rows=Rows(key=key), constraints=constraints, name="t", **more))


def findings(one: Checklist, *answers: Answer, **more: Any) -> tuple[Finding, ...]:
    return judge(sheet(*answers, **more), bound(one))


def close(one: Checklist, standing: tuple[Finding, ...], *answers: Answer, **more: Any) -> tuple[list[str], list[str]]:
    """Return the ids of the findings that fail again and of those that are closed."""
    later: Sheet = sheet(*answers, **{"id": "S-2", "at": LATER, **more})
    again, closed = closings(read(later, bound(one)), standing)
    return [finding.id for finding in again], list(closed)


def test_a_finding_names_the_device() -> None:
    """A failed answer gives a finding at the exact device, with the item's words, rules and severity."""
    one = asks(item("clean", for_each=EACH, severity=Severity.CRITICAL, rules=("estate:EST-OUT-01",)))
    answers = (ok("clean", "equipment:ATM-1"), bad("clean", "equipment:ATM-2"))

    assert (
        Finding(
            id="S-1/clean@equipment:ATM-2",
            branch="B-1",
            place=refs("branch:B-1", "equipment:ATM-2"),
            severity=Severity.CRITICAL,
            message=WORDS,
            rules=("estate:EST-OUT-01",),
            item="tour/clean",
            sheet="S-1",
            at=AT,
        ),
    ) == findings(one, *answers)


def test_a_judgement_words_its_finding() -> None:
    """A judgement that decides gives its words, severity and rules; a warning is of severity warning."""
    message = Text(zh="过期", en="expired")
    fails = Judgement(when=Exists("answer"), outcome="fail", message=message, severity=Severity.MAJOR)
    warns = Judgement(when=Exists("answer"), outcome="warning", rules=("estate:FLT-03",))
    (bad_one,) = findings(asks(item("a", judgements=(fails,))), ok("a"))
    (warning,) = findings(asks(item("a", judgements=(warns,))), ok("a"))

    assert (message, Severity.MAJOR) == (bad_one.message, bad_one.severity)
    assert (WORDS, Severity.WARNING, ("estate:FLT-03",)) == (warning.message, warning.severity, warning.rules)


def test_what_is_missing_or_unknown_is_no_finding() -> None:
    """Only what is known to be wrong is a finding."""
    one = asks(item("a"), item("b"), item("c", not_applicable="with_reason"))

    assert () == findings(one, Answer("a", unknown="dark"), Answer("c", not_applicable="gone"))


def test_a_distinct_set_names_the_row_that_repeats() -> None:
    """Rows with the same answers are told from the second on; rows without an answer are not compared."""
    one = rows(Distinct(items=("what",), **SAID))
    answers = [says("what", code, f"row:{at}") for at, code in enumerate(("roof", "door", "roof", "roof"))]
    found = findings(one, *answers, Answer("what", unknown="?", on=refs("row:8")), ok("state", "row:9"))

    assert ["S-1/t.distinct1@row:2", "S-1/t.distinct1@row:3"] == [finding.id for finding in found]
    assert refs("branch:B-1", "row:2") == found[0].place
    assert ("tour/t.distinct1", ("estate:FLT-03",), Severity.MAJOR) == (
        found[0].item,
        found[0].rules,
        found[0].severity,
    )


def test_a_row_without_an_answer_keeps_no_other_from_being_compared() -> None:
    """Rows after one that nobody could tell are compared all the same."""
    answers = [Answer("what", unknown="?", on=refs("row:1")), *(says("what", "roof", f"row:{at}") for at in (2, 3))]

    assert ["S-1/t.distinct1@row:3"] == [
        finding.id for finding in findings(rows(Distinct(items=("what",), **SAID)), *answers)
    ]


def test_counts_totals_and_covers() -> None:
    """A count, a total and a cover are judged over all rows of a set; their limits are inside."""
    roofs = Member("answer.what", ("roof",))
    limits = (
        Count(when=roofs, high=1, **SAID),
        Count(low=2, **SAID),
        Total(item="cost", low=Decimal(1), high=Decimal("10.5"), **SAID),
        Covers(item="what", values=("roof", "door"), **SAID),
    )
    one = rows(*limits)

    def broken(*pairs: tuple[str, str]) -> list[str]:
        answers: list[Answer] = []
        for at, (what, cost) in enumerate(pairs):
            answers += [says("what", what, f"row:{at}"), says("cost", cost, f"row:{at}")]
        return [str(finding.item).partition(".")[2] for finding in findings(one, *answers)]

    assert [] == broken(("roof", "0.5"), ("door", "10"))
    assert ["count1", "covers4"] == broken(("roof", "5"), ("roof", "5"))
    assert ["count2", "total3", "covers4"] == broken(("door", "10.6"))
    assert ["count2", "total3", "covers4"] == broken()


def test_sets_are_judged_for_each_thing() -> None:
    """A section asked for each device judges the rows of each by themselves."""
    one = rows(Count(high=1, **SAID), for_each=EACH)
    answers = [says("what", "roof", "equipment:ATM-1", f"row:{at}") for at in (1, 2)]
    found = findings(one, *answers, says("what", "roof", "equipment:ATM-2", "row:1"))

    assert [refs("branch:B-1", "equipment:ATM-1")] == [finding.place for finding in found]


def test_rows_about_devices_go_by_their_names_there() -> None:
    """A row about a device is told at the device, by its name; one without a name as the unnamed one it is."""
    answers = (
        says("what", "roof", "equipment:ATM-1", "row:1"),
        bad("state", "equipment:ATM-1", "row:1"),
        bad("state", "equipment:ATM-2", "row:7"),
    )

    assert [
        refs("branch:B-1", "equipment:ATM-1", "row:roof"),
        refs("branch:B-1", "equipment:ATM-2", "unnamed_row:7"),
    ] == [finding.place for finding in findings(rows(key="what", for_each=EACH), *answers)]


def test_sets_that_do_not_apply_are_not_judged() -> None:
    """A section that does not apply, or is about something absent, has no set of rows to judge."""
    covers = Covers(item="what", values=("roof",), **SAID)
    first = section(item("a"))
    conditional = checklist(first, attrs.evolve(rows(covers).sections[0], when=Member("answer.a", ("pass",))))
    absent = rows(covers, for_each=(EachZone(kinds=("vault",)),))

    assert [] == [one.item for one in findings(conditional, bad("a")) if one.item != "tour/a"]
    assert ["tour/t.covers1"] == [one.item for one in findings(conditional, ok("a"))]
    assert () == findings(absent)


def test_rows_of_one_name_give_one_finding() -> None:
    """Two rows with one name that fail one item are told once, at their name."""
    one = rows(key="what")
    answers = [answer for at in (1, 2) for answer in (says("what", "roof", f"row:{at}"), bad("state", f"row:{at}"))]
    found = findings(one, *answers)

    assert [refs("branch:B-1", "row:roof")] == [finding.place for finding in found]
    assert "S-1/state@row:1" == found[0].id


def test_the_worst_of_rows_of_one_name_is_told() -> None:
    """Of two rows with one name, the worse failure is the finding."""
    worse = Judgement(when=Member("answer.cost", ("x",)), outcome="fail", severity=Severity.CRITICAL)
    one = rows(key="what")
    worse = Judgement(when=Exists("answer.cost"), outcome="fail", severity=Severity.CRITICAL)
    items = (*one.sections[0].items[:2], item("state", judgements=(worse,)))
    one = checklist(attrs.evolve(one.sections[0], items=items))
    named = [says("what", "roof", "row:1"), says("what", "roof", "row:2")]
    (found,) = findings(one, *named, bad("state", "row:1"), says("cost", "3", "row:2"), bad("state", "row:2"))

    assert (Severity.CRITICAL, "S-1/state@row:2") == (found.severity, found.id)


def test_a_later_sheet_closes_what_it_passes() -> None:
    """A finding closes when a later sheet passes the same item on the same device, and stays when it fails again."""
    one = asks(item("a", for_each=EACH))
    standing = findings(one, *(bad("a", f"equipment:ATM-{at}") for at in (1, 2, 3)))
    again, closed = close(one, standing, ok("a", "equipment:ATM-1"), bad("a", "equipment:ATM-2"))

    assert (["S-1/a@equipment:ATM-2"], ["S-1/a@equipment:ATM-1"]) == (again, closed)


def test_an_earlier_sheet_closes_nothing() -> None:
    """A sheet older than a finding closes it not, but failing the item opens no second one."""
    one = asks(item("a"), item("b"))
    standing = findings(one, bad("a"), bad("b"))
    before = {"at": AT - dt.timedelta(days=1)}

    assert (["S-1/b"], []) == close(one, standing, ok("a"), bad("b"), **before)
    assert ([], ["S-1/a", "S-1/b"]) == close(one, standing, ok("a"), ok("b"), at=AT)


def test_drafts_and_closed_findings() -> None:
    """A draft closes nothing, and what is closed already is left alone."""
    one = asks(item("a"))
    standing = findings(one, bad("a"))
    shut = tuple(attrs.evolve(finding, state=FindingState.CLOSED) for finding in standing)

    assert ([], []) == close(one, standing, ok("a"), state="draft")
    assert ([], []) == close(one, shut, ok("a"))
    two = asks(item("a"), item("b"))
    first, second = findings(two, bad("a"), bad("b"))
    first = attrs.evolve(first, state=FindingState.CLOSED)
    assert ([], ["S-1/b"]) == close(two, (first, second), ok("a"), ok("b"))


def test_findings_of_others_are_left_alone() -> None:
    """A finding of a rule, of another checklist or another branch is neither closed nor repeated."""
    one = asks(item("a"))
    (mine,) = findings(one, bad("a"))
    others = (
        attrs.evolve(mine, item=None),
        attrs.evolve(mine, item="night/a"),
        attrs.evolve(mine, place=refs("branch:B-2")),
    )

    assert ([], []) == close(one, others, ok("a"))
    assert ([], []) == close(one, others, bad("a"))


def test_a_warning_keeps_a_finding_open() -> None:
    """What only warns has not been put right."""
    warns = Judgement(when=Exists("answer"), outcome="warning")
    standing = findings(asks(item("a")), bad("a"))

    assert (["S-1/a"], []) == close(asks(item("a", judgements=(warns,))), standing, ok("a"))


def test_named_rows_close_across_sheets() -> None:
    """A row with a name is the same on every sheet, whatever its number."""
    one = rows(key="what")
    standing = findings(one, says("what", "roof", "row:1"), bad("state", "row:1"))
    again = (says("what", "door", "row:1"), bad("state", "row:1"), says("what", "roof", "row:2"), ok("state", "row:2"))

    assert ([], ["S-1/state@row:1"]) == close(one, standing, *again)


def test_unnamed_rows_are_the_same_only_for_a_revision() -> None:
    """Row 1 of another sheet is another row; row 1 of a revision is the row it revises."""
    one = rows()
    standing = findings(one, says("what", "roof", "row:1"), bad("state", "row:1"))
    passes = (says("what", "roof", "row:1"), ok("state", "row:1"))
    fails = (says("what", "roof", "row:1"), bad("state", "row:1"))

    assert ([], []) == close(one, standing, *passes)
    assert ([], []) == close(one, standing, *fails)
    assert ([], ["S-1/state@row:1"]) == close(one, standing, *passes, supersedes="S-1")
    assert (["S-1/state@row:1"], []) == close(one, standing, *fails, supersedes="S-1")


def test_sets_close_when_they_are_judged_again() -> None:
    """A finding about a set of rows closes when a later sheet judges the set and finds nothing wrong with it."""
    one = rows(Count(high=1, **SAID), Covers(item="what", values=("door",), **SAID))
    standing = findings(one, says("what", "roof", "row:1"), says("what", "roof", "row:2"))

    assert ["S-1/t.count1", "S-1/t.covers2"] == [finding.id for finding in standing]
    assert (["S-1/t.covers2"], ["S-1/t.count1"]) == close(one, standing, says("what", "roof", "row:1"))
    assert ([], ["S-1/t.count1", "S-1/t.covers2"]) == close(one, standing, says("what", "door", "row:1"))
    assert ([], []) == close(rows(), standing)


def test_a_repeated_row_closes_with_its_set() -> None:
    """A finding about a named row of a set closes when the set is judged again without it."""
    one = rows(Distinct(items=("what",), **SAID), key="what")
    standing = findings(one, says("what", "roof", "row:1"), says("what", "roof", "row:2"))

    assert ([], ["S-1/t.distinct1@row:2"]) == close(one, standing, says("what", "roof", "row:1"))
    assert (["S-1/t.distinct1@row:2"], []) == close(
        one, standing, says("what", "roof", "row:3"), says("what", "roof", "row:4")
    )


def test_a_repeated_row_about_a_device_closes_with_the_set_of_that_device() -> None:
    """A finding about a row of one device's set closes when that set is judged again, and not by any other set."""
    distinct = Distinct(items=("what",), **SAID)
    one = rows(distinct, key="what", for_each=EACH)
    twice = [says("what", "roof", "equipment:ATM-1", f"row:{at}") for at in (1, 2)]
    standing = findings(one, *twice)

    assert [refs("branch:B-1", "equipment:ATM-1", "row:roof")] == [finding.place for finding in standing]
    assert ([], [standing[0].id]) == close(one, standing, twice[0])
    assert ([], []) == close(rows(key="what", for_each=EACH), standing, twice[0])
    assert ([], []) == close(rows(distinct, key="what"), standing, says("what", "roof", "row:1"))


def test_what_is_asked_otherwise_since_closes_nothing_as_a_set() -> None:
    """Neither a set of a whole device nor a single item of a row closes by what the branch as a whole passes."""
    limit = Count(high=1, **SAID)
    crowded = [says("what", "roof", "equipment:ATM-1", f"row:{at}") for at in (1, 2)]
    standing = findings(rows(limit, for_each=EACH), *crowded)
    broken = findings(rows(key="what"), says("what", "roof", "row:1"), bad("state", "row:1"))

    assert [refs("branch:B-1", "equipment:ATM-1")] == [finding.place for finding in standing]
    assert ([], []) == close(rows(limit), standing)
    assert [refs("branch:B-1", "row:roof")] == [finding.place for finding in broken]
    assert ([], []) == close(asks(item("state")), broken, ok("state"))


def test_a_section_and_an_item_of_one_name_are_told_apart() -> None:
    """A set of rows never closes a finding about an item that is called as its section."""
    one = checklist(
        section(item("t")),
        section(item("what", answer=CODES), rows=Rows(), constraints=(Count(high=1, **SAID),), name="t"),
    )
    standing = findings(one, bad("t"))

    assert ([], []) == close(one, standing, Answer("t", unknown="dark"))


def test_commands_name_their_stream() -> None:
    """Handing in a sheet and closing a finding are written to the stream of the branch."""
    actor = Actor("li")

    assert "branch:B-1" == SubmitSheet(sheet(), by=actor, at=AT).stream
    assert "branch:B-1" == CloseFinding("B-1", "S-1/a", reason="repainted", by=actor, at=AT).stream
