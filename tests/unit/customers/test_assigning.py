"""Things are given to somebody, and never to whom they must not go."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.customers import (
    ASSIGNMENT_SCHEMES,
    AssignmentRequest,
    AssignmentScheme,
    Candidate,
    ConflictOfInterest,
    Held,
    Pool,
    allocate,
    assign_checked,
    candidates_of,
    fairness,
    least_loaded,
    reason_against,
    why_nobody,
)
from branchkit.errors import InputError, NotFound, PluginFailed, Refused
from branchkit.estate import Branch, Post, StaffMember
from branchkit.trace import Decision, Trace
from branchkit.values import FrozenMap, Ref, Text, Unknown

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
WEALTH = frozenset({"wealth_manager", "wealth_manager_assistant"})


def request(**changes: Any) -> AssignmentRequest:
    """Return something to give, which asks nothing of anybody."""
    fields: dict[str, Any] = {"subject": Ref("lead", "L-1"), "purpose": "lead", "at": AT}
    return AssignmentRequest(**(fields | changes))


def chosen(scheme: str, pool: Pool, **changes: Any) -> str | None:
    return assign_checked(ASSIGNMENT_SCHEMES[scheme], request(**changes), pool).value


def test_turns_go_round() -> None:
    """Each has a turn before anybody has another, and who was away has theirs on coming back."""
    pool = Pool.of(Candidate(f"S-{number}") for number in (2, 1, 3))
    decisions, pool = allocate(ASSIGNMENT_SCHEMES["round-robin"], [request()] * 4, pool)
    turns = [decision.value for decision in decisions]
    decisions, pool = allocate(ASSIGNMENT_SCHEMES["round-robin"], [request()] * 2, pool.standing("S-2", "absent"))
    without = [decision.value for decision in decisions]

    assert ["S-1", "S-2", "S-3", "S-1"] == turns
    assert ["S-3", "S-1"] == without
    assert "S-2" == chosen("round-robin", pool.standing("S-2", "available"))


def test_a_large_pool_takes_turns_like_a_small_one() -> None:
    """Among three hundred people each has a turn before anybody has another, and the pool before it is as it was."""
    staff = [f"S-{number:03}" for number in range(300)]
    before = Pool.of(Candidate(one) for one in reversed(staff))
    decisions, pool = allocate(ASSIGNMENT_SCHEMES["round-robin"], [request()] * 301, before)

    assert [*staff, "S-000"] == [decision.value for decision in decisions]
    assert (2, 1, 0) == (pool["S-000"].count, pool["S-299"].count, before["S-299"].count)
    assert "S-299" == chosen("least-loaded", pool.released("S-299"))


def test_what_is_done_with_makes_room() -> None:
    """Who has least open is next, and what is done with is no longer open."""
    pool = Pool.of([Candidate("S-1", load=2), Candidate("S-2", load=1)])

    assert "S-2" == chosen("least-loaded", pool)
    assert "S-1" == chosen("least-loaded", pool.released("S-1").released("S-1"))
    assert 0 == Pool.of([Candidate("S-1")]).released("S-1")["S-1"].load


def test_weights_are_kept() -> None:
    """Whoever works half the time is given half as much."""
    pool = Pool.of([Candidate("S-1", weight=100), Candidate("S-2", weight=50)])
    _, pool = allocate(ASSIGNMENT_SCHEMES["weighted"], [request()] * 9, pool)

    assert [6, 3] == [one.count for one in pool]
    assert 0 == fairness({one.staff: one.count for one in pool}, {one.staff: one.weight for one in pool}).gini


def test_specialists_come_before_those_who_can_do_much_else() -> None:
    """By skill, of all who have what is asked those are chosen who can do least beside it."""
    pool = Pool.of(
        [
            Candidate("S-1", skills=frozenset({"funds", "gold", "loans"})),
            Candidate("S-2", skills=frozenset({"funds", "gold"}), load=9),
            Candidate("S-3"),
        ]
    )

    assert "S-2" == chosen("by-skill", pool, skills=frozenset({"funds"}))
    assert "S-3" == chosen("by-skill", pool)
    assert None is chosen("by-skill", pool, skills=frozenset({"insurance"}))


def test_fields_are_shared_as_far_as_anybody_shares_them() -> None:
    """By field, it goes to who looks after it; where nobody does, to who shares the first field, or to anybody."""
    north = FrozenMap({"district": "north"})
    pool = Pool.of(
        [
            Candidate("S-1", fields=FrozenMap({"district": "north", "segment": "plain"}), load=5),
            Candidate("S-2", fields=FrozenMap({"district": "south", "segment": "vip"})),
        ]
    )
    scheme = ASSIGNMENT_SCHEMES["by-field"]
    decision = scheme.assign(request(fields=FrozenMap({**north, "segment": "vip"})), pool)

    assert "S-1" == decision.value
    assert ["nobody shares district, segment", "among those who share district"] == [
        step.what.en for step in decision.trace.steps[:2]
    ]
    assert "S-2" == chosen("by-field", pool, fields=FrozenMap({"district": "west"}))
    assert None is attrs.evolve(scheme, widen=False).assign(request(fields=FrozenMap({"district": "west"})), pool).value


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (Candidate("S-1"), None),
        (Candidate("S-1", state="absent"), "absent"),
        (Candidate("S-1", state="inactive"), "inactive"),
        (Candidate("S-2"), "conflict"),
        (Candidate("S-1", posts=frozenset({"teller"})), "post"),
        (Candidate("S-1", skills=frozenset()), "skill"),
    ],
    ids=str,
)
def test_who_must_not_have_it_is_told_why(candidate: Candidate, reason: str | None) -> None:
    """Absence, having left, a conflict, another post and a lacking skill each have a code; nobody of them is chosen."""
    held = {"posts": frozenset({"wealth_manager"}), "skills": frozenset({"funds"})}
    fit = attrs.evolve(
        candidate,
        posts=candidate.posts or held["posts"],
        skills=candidate.skills if reason == "skill" else held["skills"],
    )
    asked = request(
        posts=WEALTH, skills=frozenset({"funds"}), conflicts=(ConflictOfInterest("S-2", relation="family"),)
    )

    assert reason == reason_against(fit, asked)
    for scheme in ASSIGNMENT_SCHEMES.values():
        assert (None if reason else fit.staff) == scheme.assign(asked, Pool.of([fit])).value


def test_nobody_is_an_answer_that_says_why() -> None:
    """Where nobody may be given it, the trace counts the reasons (customers:FUP-02)."""
    pool = Pool.of([Candidate("S-1", state="absent"), Candidate("S-2", state="absent"), Candidate("S-3")])
    asked = request(conflicts=(ConflictOfInterest("S-3", relation="self"),))
    decision = assign_checked(ASSIGNMENT_SCHEMES["round-robin"], asked, pool)

    assert None is decision.value
    assert ["there is nobody to give it to", "2 absent", "1 conflicted"] == [
        step.what.en for step in decision.trace.steps
    ]
    assert {"absent": 2, "conflict": 1} == why_nobody(asked, pool)


class Stubborn:
    """A plug-in's policy that answers what it was told to."""

    id = "acme.stubborn"
    version = "1"
    capabilities = frozenset[str]()

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def assign(self, request: AssignmentRequest, pool: Pool) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None and not isinstance(self.answer, str):
            return self.answer
        return Decision(self.answer, Trace(policy=self.id, version=self.version, plugin="acme"))


POOL = Pool.of(
    [Candidate("S-1"), Candidate("S-2", state="absent"), Candidate("S-3", state="inactive"), Candidate("S-4")]
)
ASKED = request(conflicts=(ConflictOfInterest("S-4", relation="customer"),))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("S-2", "chose 'S-2', who is absent"),
        ("S-3", "chose 'S-3', who is inactive"),
        ("S-4", "chose 'S-4', who is conflicted"),
        ("S-9", "chose somebody who is not in the pool"),
        (7, "answered with int; expected a Decision"),
        (Decision(7, Trace(policy="acme.stubborn", version="1")), "chose somebody who is not in the pool"),
        (Decision("S-1", Trace(policy="acme.other", version="1")), "answered with the trace of 'acme.other' '1'"),
        (ValueError("Zhang"), "raised ValueError"),
    ],
    ids=str,
)
def test_what_a_plug_in_answers_is_checked(answer: Any, told: str) -> None:
    """Whatever a plug-in answers, nobody absent, inactive or conflicted is given anything; it is told what is wrong."""
    with pytest.raises(PluginFailed) as caught:
        assign_checked(Stubborn(answer), ASKED, POOL)

    assert str(caught.value).startswith(f"Plug-in 'acme': the assignment policy 'acme.stubborn' {told}")
    assert caught.value.__cause__ is None


def test_a_sound_answer_of_a_plug_in_stands() -> None:
    """What a plug-in chooses rightly is chosen, that it chooses nobody too, and what it refuses is refused."""
    assert "S-1" == assign_checked(Stubborn("S-1"), ASKED, POOL).value
    assert None is assign_checked(Stubborn(None), ASKED, POOL).value
    with pytest.raises(Refused):
        assign_checked(Stubborn(Refused("AllocateLead", ("no",))), ASKED, POOL)


def test_candidates_come_of_posts_and_staff() -> None:
    """Holders of a post are candidates; who left is inactive, who is off duty absent (customers:REF-15)."""

    class Roster:
        def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
            return tuple(id for id in ids if id != "S-2")

    branch = Branch(
        "B-1",
        posts=(
            Post("P-1", kind="wealth_manager", holder="S-1"),
            Post("P-2", kind="wealth_manager", holder="S-2"),
            Post("P-3", kind="wealth_manager_assistant", holder="S-1"),
            Post("P-4", kind="wealth_manager", holder=None),
            Post("P-5", kind="wealth_manager", holder="S-5"),
            Post("P-6", kind="teller", holder="S-6"),
        ),
        staff=(StaffMember("S-1"), StaffMember("S-2"), StaffMember("S-6"), StaffMember("S-7")),
    )
    held = {"S-7": Held(load=3), "S-1": Held(load=2, weight=50, skills=frozenset({"funds"}))}
    found = {one.staff: one for one in candidates_of(branch, posts=WEALTH, at=AT, roster=Roster(), held=held)}

    assert {"S-1": "available", "S-2": "absent", "S-5": "inactive", "S-7": "inactive"} == {
        staff: one.state for staff, one in found.items()
    }
    assert (WEALTH, 2, 50, frozenset({"funds"})) == (
        found["S-1"].posts, found["S-1"].load, found["S-1"].weight, found["S-1"].skills
    )  # fmt: skip
    assert [] == list(candidates_of(Branch("B-2"), posts=WEALTH, at=AT))
    posts = attrs.evolve(branch, staff=Unknown())
    assert "available" == {one.staff: one for one in candidates_of(posts, posts=WEALTH, at=AT)}["S-5"].state


def test_a_pool_is_read_like_a_mapping() -> None:
    """A pool says who is in it and what it holds of each, and refuses whom it does not know."""
    pool = Pool.of([Candidate("S-2", last=4), Candidate("S-1")], turn=2)

    assert (2, 4, True, False) == (len(pool), pool.turn, "S-1" in pool, "S-3" in pool)
    assert ["S-1", "S-2"] == [one.staff for one in pool]
    assert "Pool(2 candidates, turn=4)" == repr(pool)
    assert (pool, hash(pool)) == (Pool.of(pool), hash(Pool.of(pool)))
    assert pool != Pool.of(pool, turn=9)
    assert None is Pool.of(()).first(least_loaded)
    for ask in (pool.assigned, pool.released, pool.__getitem__):
        with pytest.raises(NotFound):
            ask("S-3")


def test_what_is_wrong_with_candidates_is_all_told() -> None:
    """Somebody twice, an id, a weight, a state and numbers out of bounds are told together, each with its place."""
    odd: Any = "gone"
    people = [
        Candidate("S-1", weight=0),
        Candidate("S-1", load=-1, weight=10_001),
        Candidate(" x", state=odd, count=-1, last=-1),
    ]
    with pytest.raises(InputError) as caught:
        Pool.of(people)

    assert {"$[0].staff", "$[0].state", "$[0].count", "$[0].last", "$[1].weight", "$[2].weight", "$[2].load", "$"} == {
        problem.path for problem in caught.value.problems
    }


def test_what_is_wrong_with_a_request_is_told() -> None:
    """A moment without a zone, and names that are none, are told with their places."""
    odd = request(at=AT.replace(tzinfo=None), purpose="", conflicts=(ConflictOfInterest("", relation=" "),))

    assert ["$.at", "$.purpose", "$.conflicts[0].staff", "$.conflicts[0].relation"] == [
        problem.path for problem in odd.validate()
    ]
    assert () == tuple(request().validate())
    with pytest.raises(InputError, match="4 problems"):
        assign_checked(ASSIGNMENT_SCHEMES["weighted"], odd, POOL)


SCHEME = """
schema = "branchkit.assignment_scheme/1"
id = "wealth-leads"
version = "1"
title = { zh = "理财线索", en = "Wealth leads" }
order = "weighted"
by = ["district"]
widen = true
most = 20
"""


@pytest.mark.parametrize(
    ("was", "now", "path"),
    [
        ('by = ["district"]', "", "$.widen"),
        ("most = 20", "most = 0", "$.most"),
        ('by = ["district"]', 'by = ["district", "district"]', "$.by[1]"),
        ('by = ["district"]', 'by = [""]', "$.by[0]"),
        ('id = "wealth-leads"', 'id = " "', "$.id"),
        ('version = "1"', 'version = " "', "$.version"),
        ("most = 20", 'rules = ["FUP-02"]', "$.rules[0]"),
        ('"weighted"', '"by_luck"', "$.order"),
    ],
)
def test_a_scheme_without_effect_is_refused(was: str, now: str, path: str) -> None:
    """A scheme is a document; what contradicts itself or has no effect is refused with its place."""
    with pytest.raises(InputError) as caught:
        AssignmentScheme.from_toml(SCHEME.replace(was, now))

    assert [path] == [problem.path for problem in caught.value.problems]


def test_a_scheme_says_what_it_promises() -> None:
    """A scheme that leaves somebody out, or does not look further, does not promise to find anybody."""
    scheme = AssignmentScheme.from_toml(SCHEME)
    unbound = attrs.evolve(scheme, most=None)

    assert "wealth-leads 1" == str(scheme)
    assert [] == [problem for one in ASSIGNMENT_SCHEMES.values() for problem in one.validate()]
    assert {"even"} == scheme.capabilities
    assert {"even", "total", "weighted"} == unbound.capabilities
    assert {"even", "weighted"} == attrs.evolve(unbound, widen=False).capabilities
    assert scheme == AssignmentScheme.from_toml(scheme.to_toml())


def test_whoever_has_enough_is_held_out() -> None:
    """With a bound, whoever has that much open is given nothing more."""
    scheme = AssignmentScheme("few", version="1", title=Text(zh="少", en="Few"), order="round_robin", most=1)
    decisions, pool = allocate(scheme, [request()] * 3, Pool.of([Candidate("S-1"), Candidate("S-2")]))

    assert ["S-1", "S-2", None] == [decision.value for decision in decisions]
    assert "S-1" == scheme.assign(request(), pool.released("S-1")).value


def test_nothing_given_is_even() -> None:
    """Where nothing was given yet nobody has more than their share."""
    told = fairness({"S-1": 0, "S-2": 0})

    assert [0, 0, 0] == [told.gini, told.over, told.under]
    assert None is told.ratio


def test_fairness_is_told_in_words() -> None:
    """Figures of fairness are told in both languages, and counts that are none are refused."""
    told = fairness({"S-1": 6, "S-2": 2})

    assert (8, 2, "0.25", "2", "2", "3") == (
        told.given, told.people, *(f"{number.normalize():f}" for number in (told.gini, told.over, told.under)),
        "3" if told.ratio == 3 else "",
    )  # fmt: skip
    assert "8 among 2: Gini 0.25, at most 2 over and 2 under" == told.say()
    assert "2 人共 8 件：基尼系数 0.25，至多超 2、欠 2 件" == told.say("zh")
    assert None is fairness({"S-1": 1, "S-2": 0}).ratio
    with pytest.raises(InputError) as caught:
        fairness({"S-1": -1}, {"S-1": 0})
    assert ["$.counts.S-1", "$.weights.S-1"] == [problem.path for problem in caught.value.problems]
    with pytest.raises(InputError):
        fairness({})
