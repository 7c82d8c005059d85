"""Worked scenarios of the digests on incidents, violations, quarters and assessments, on what is shipped."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, Checklist, OccasionMissed, OpenScheduled, Scale
from branchkit.cli.app import build
from branchkit.conditions import FactSpec, FactType, Has
from branchkit.errors import Refused
from branchkit.estate import Entry, RecordEntry
from branchkit.kit import Kit
from branchkit.messages import Actor
from branchkit.procedures import Case, WaiveStage
from branchkit.scoring import Evidence, Points, RubricPolicy
from branchkit.values import FrozenMap, Text
from tests.unit.catalog.outlets import CLERK, DAY, MINUTE, TUESDAY, WHO, ZONE, Run, opened, told
from tests.unit.catalog.test_emergency_procedures import CALLS, FAMILY
from tests.unit.checklists.tours import bound, item, section, sheet
from tests.unit.checklists.tours import checklist as made
from tests.unit.scoring.rubrics import WORDS

SCHEDULER = Actor("branchkit:scheduler", system=True)
HEAD = WHO["department_head"]
CARE = {"reactions-watched": "pass", "place": "airy_quiet_place", "most-comfortable-posture": "pass"}


@pytest.fixture
def kit() -> Kit:
    """Return a kit with a town outlet and a rural one."""
    return opened()


# -- a pregnant customer in pain


def cared_for(run: Run, way: str = "handed-over", **more: Any) -> Run:
    care = {**CARE, **more.pop("care", {})}
    run.do("look-and-call", "called", "lobby_manager", CALLS).do("clear-area", "cleared", "security_guard")
    run.do("move-and-watch", way, "lobby_manager", care, **more).do("inform-relatives", "informed", "teller", FAMILY)
    run.do("report-to-superior", "reported", "outlet_head").do("protect-property", "protected", "teller")
    return run.do("keep-order", "kept", "lobby_manager")


def test_a_pregnant_customer_in_pain_goes_through_eight_steps(kit: Kit) -> None:
    """governance:S-2, governance:INC-PREG-03, governance:INC-PREG-08: eight steps, one to an airy and quiet place, and
    none for medicine.
    """
    procedure = Catalog().procedure("pregnant-customer")
    run = cared_for(Run(kit, "pregnant-customer", "lobby_manager"))
    run.do("preserve-cctv", "preserved", "outlet_head", {"footage-locked": "pass"})

    assert ("closed", "closed") == run.ended
    assert (
        "look-and-call", "clear-area", "move-and-watch", "inform-relatives", "report-to-superior", "protect-property",
        "keep-order", "preserve-cctv",
    ) == tuple(stage.id for stage in procedure.stages)  # fmt: skip
    assert "airy, quiet place" in procedure.stages[2].title.en
    forms = [Catalog().checklist(stage.form) for stage in procedure.stages if stage.form is not None]
    assert [] == [one.id for form in forms for _, one in form.items() if "medicine" in one.id]


def test_the_same_are_told_as_of_a_heart_attack(kit: Kit) -> None:
    """governance:S-2, governance:INC-PREG-01, governance:INC-PREG-05: ambulance and police at once, the head to report
    at once, and where nobody acts the head and the superior unit.
    """
    at = TUESDAY + 10 * MINUTE
    heard = []
    for number, procedure in enumerate(("heart-attack", "pregnant-customer")):
        own = opened()
        run = Run(own, procedure, "lobby_manager", id=f"C-{number}")
        told(own, TUESDAY + 2 * MINUTE)
        run.do("look-and-call", "called", "lobby_manager", CALLS, at=TUESDAY + 3 * MINUTE)
        found = told(own, at)
        heard.append(sorted((rung, to) for _, rung, to in found))

    assert heard[0] == heard[1]
    assert {"medical_emergency", "police", "S-outlet_head", "U-1"} <= {to for _, to in heard[1]}


def test_whoever_cannot_be_moved_is_made_comfortable_where_she_is(kit: Kit) -> None:
    """governance:INC-PREG-03: another place than an airy and quiet one takes a reason."""
    stays = {"place": "where_she_was"}

    with pytest.raises(Refused, match="airy, quiet place"):
        cared_for(Run(kit, "pregnant-customer", "lobby_manager", id="C-1"), care=stays)
    with pytest.raises(Refused, match="only with a reason"):
        cared_for(Run(kit, "pregnant-customer", "lobby_manager", id="C-2"), "not-moved", care=stays)
    run = cared_for(Run(kit, "pregnant-customer", "lobby_manager", id="C-3"), "not-moved", care=stays, reason="in pain")
    assert ("preserve-cctv",) == run.case.open_stages


# -- violations

GRAVITY = {"light": "warning", "serious": "fine", "grave": "demotion"}


def penalised(
    kit: Kit, number: int, gravity: str = "light", *, at: dt.datetime = TUESDAY, who: str = "S-teller"
) -> Run:
    """Return a violation that was answered by its gravity."""
    run = Run(kit, "service-violation", "department_head", id=f"V-{number}", at=at, facts={"employee": who})
    stated = {"violation": "confirmed", "gravity": gravity, "rule__broken": "service:ETQ-01"}
    run.do("establish", "confirmed", "outlet_head", **stated)
    run.do("choose-penalty", GRAVITY[gravity], "outlet_head")
    return run.do("apply", "applied", "outlet_head", penalty__from="2026-03-09", notice="in_writing")


def unmended(kit: Kit, number: int, **more: Any) -> Run:
    """Return a violation after which nothing was mended."""
    return penalised(kit, number, **more).do("review-correction", "not-corrected", HEAD, correction="ineffective")


def test_the_third_violation_that_is_not_mended_brings_a_proposal(kit: Kit) -> None:
    """governance:S-13, governance:RWD-03, governance:RWD-04, governance:RWD-13: the first, a light one, a warning; the
    third that is not mended within twelve months a proposal to dismiss, all three being on record.
    """
    first = unmended(kit, 1)
    assert "warning" == first.case.stages["choose-penalty"].transition
    assert ("closed", "not_corrected") == first.do("weigh-repetition", "not-yet", "outlet_head").ended
    second = unmended(kit, 2, at=TUESDAY + 60 * DAY)
    with pytest.raises(Refused, match="Too few"):
        second.do("weigh-repetition", "propose-dismissal", "outlet_head")
    second.do("weigh-repetition", "not-yet", "outlet_head")
    third = unmended(kit, 3, at=TUESDAY + 120 * DAY)
    with pytest.raises(Refused, match="often enough"):
        third.do("weigh-repetition", "not-yet", "outlet_head")
    third.do("weigh-repetition", "propose-dismissal", "outlet_head")

    assert ("decide-dismissal",) == third.case.open_stages
    assert 3 == len(list(kit.find(Case, procedure="service-violation", branch="B-1")))


def test_nobody_is_dismissed_without_a_managers_decision(kit: Kit) -> None:
    """governance:S-13, governance:RWD-04: time alone decides nothing, whoever proposes does not decide, and either
    decision takes a reason; the manager and then the superior unit hear of what lies about.
    """
    for number in (1, 2):
        unmended(kit, number).do("weigh-repetition", "not-yet", "outlet_head")
    run = unmended(kit, 3).do("weigh-repetition", "propose-dismissal", "outlet_head")

    messages = told(kit, TUESDAY + 60 * DAY)
    assert {"S-department_head", "U-1"} <= {to for ladder, _, to in messages if ladder == "dismissal-undecided"}
    assert "open" == run.case.status
    with pytest.raises(Refused):
        run.do("decide-dismissal", "dismiss", "outlet_head", reason="three times")
    with pytest.raises(Refused, match="only with a reason"):
        run.do("decide-dismissal", "dismiss", HEAD)
    with pytest.raises(Refused, match="never waived"):
        kit.do(WaiveStage(run.id, "decide-dismissal", reason="clear", by=HEAD, at=run.at))
    assert ("closed", "dismissed") == run.do("decide-dismissal", "dismiss", HEAD, reason="three times").ended


@pytest.mark.parametrize("gravity", list(GRAVITY))
def test_what_is_mended_is_answered_by_its_gravity_alone(kit: Kit, gravity: str) -> None:
    """service:S-21, service:SUP-10, service:SUP-11: three violations, each mended, are a warning, a fine or a demotion;
    dismissal is proposed of none.
    """
    for number in (1, 2, 3):
        run = penalised(kit, number, gravity)
        for other in set(GRAVITY) - {gravity}:
            assert GRAVITY[other] != run.case.stages["choose-penalty"].transition
        assert ("closed", "corrected") == run.do("review-correction", "corrected", HEAD, correction="effective").ended


def test_three_that_are_not_mended_are_recommended_for_dismissal(kit: Kit) -> None:
    """service:S-21, service:SUP-11: repeated and not mended is what it takes, both of the same person and within the
    twelve months.
    """
    unmended(kit, 1, at=TUESDAY - DAY).do("weigh-repetition", "not-yet", "outlet_head")
    unmended(kit, 2, who="S-engineer").do("weigh-repetition", "not-yet", "outlet_head")
    penalised(kit, 3).do("review-correction", "corrected", HEAD, correction="effective")
    unmended(kit, 4).do("weigh-repetition", "not-yet", "outlet_head")

    late = unmended(kit, 5, at=TUESDAY + 370 * DAY)
    with pytest.raises(Refused, match="Too few"):
        late.do("weigh-repetition", "propose-dismissal", "outlet_head")
    unmended(kit, 6).do("weigh-repetition", "propose-dismissal", "outlet_head")


def test_how_many_it_takes_is_the_banks_to_say(kit: Kit) -> None:
    """governance:S-13: the count is configured by an entry of a register; three is only where there is none."""
    values = FrozenMap({"setting": "violations_until_dismissal", "value": "of the bank's own rules"})
    entry = Entry("SET-1", register="procedure-settings", branch="B-1", values=values, quantity=Decimal(2))
    kit.do(RecordEntry(entry, by=CLERK, at=TUESDAY - MINUTE))
    unmended(kit, 1).do("weigh-repetition", "not-yet", "outlet_head")

    assert ("decide-dismissal",) == (
        unmended(kit, 2).do("weigh-repetition", "propose-dismissal", "outlet_head").case.open_stages
    )


def test_what_is_unfounded_counts_for_nothing(kit: Kit) -> None:
    """governance:RWD-13: a report that is found untrue ends with the reason and is not among the violations."""
    for number in (1, 2):
        unmended(kit, number).do("weigh-repetition", "not-yet", "outlet_head")
    run = Run(kit, "service-violation", "department_head", id="V-3", facts={"employee": "S-teller"})
    run.do("establish", "unfounded", "outlet_head", violation="unfounded", reason="somebody else")
    assert ("closed", "unfounded") == run.ended


# -- the quarter that nobody evaluated

JANUARY, JULY = dt.datetime(2026, 1, 8, 9, tzinfo=ZONE), dt.datetime(2026, 7, 7, 9, tzinfo=ZONE)


def evaluate(kit: Kit, day: str, at: dt.datetime) -> Run:
    """Evaluate the service quality of the quarter that ends on a day."""
    run = Run.of(kit, kit.get(Case, f"B-1/supervision/quarterly-evaluation/{day}"), at)
    run.do("evaluate", "evaluated", HEAD, score="88").do("analyse-gaps", "analysed", HEAD, weak_points=("waiting",))
    run.do("plan-measures", "planned", "outlet_head", measures=("staffing",), measures__by=day)
    return run.do("learn-from-peers", "learnt", "lobby_manager")


def agenda(kit: Kit, at: dt.datetime, through: dt.date) -> dict[str, Any]:
    """Open what the plan of supervision has due."""
    return dict(kit.do(OpenScheduled("B-1", "supervision", through, by=SCHEDULER, at=at)).details)


def test_a_quarter_that_nobody_opened_is_missed() -> None:
    """service:S-22, service:SUP-13: evaluated in January and again in July, and the second quarter is on record as
    missed.
    """
    kit = opened(JANUARY)
    agenda(kit, JANUARY, dt.date(2026, 3, 31))
    assert ("closed", "evaluated") == evaluate(kit, "2026-03-31", JANUARY).ended

    told = agenda(kit, JULY, dt.date(2026, 9, 30))
    assert (1, 1) == (told["opened"], told["missed"])
    missed = [one.event.occasion for one in kit.events() if isinstance(one.event, OccasionMissed)]
    assert [("quarterly-evaluation", dt.date(2026, 6, 30))] == [(one.entry, one.day) for one in missed]
    assert ("closed", "evaluated") == evaluate(kit, "2026-09-30", JULY).ended


def test_a_quarter_that_nobody_evaluated_is_late() -> None:
    """service:S-22, governance:SUP-12: what was opened and left alone is due by the quarter's end, and the department
    and the superior unit hear of it.
    """
    kit = opened(JANUARY)
    agenda(kit, JANUARY, dt.date(2026, 6, 30))
    evaluate(kit, "2026-03-31", JANUARY)
    second = Run.of(kit, kit.get(Case, "B-1/supervision/quarterly-evaluation/2026-06-30"), JULY)

    due = second.due("evaluated")
    assert due is not None
    assert dt.datetime(2026, 7, 1, tzinfo=ZONE) > due > dt.datetime(2026, 6, 30, 23, tzinfo=ZONE)
    assert second.is_late("evaluated")
    heard = [(rung, to) for ladder, rung, to in told(kit, JULY) if ladder == "evaluation-late"]
    assert {("missed", "S-department_head"), ("missed", "U-1")} <= set(heard)


def test_the_agenda_names_what_was_missed(tmp_path: Path) -> None:
    """service:S-22: ``branchkit agenda`` has a line for the quarter that nobody opened, in words and as JSON."""
    store = f"sqlite:///{tmp_path / 'b.db'}"
    with opened(JANUARY, store) as kit:
        agenda(kit, JANUARY, dt.date(2026, 3, 31))
    line = ["agenda", "--store", store, "--at", JULY.isoformat(), "--days", "0", "--plan", "supervision"]

    said = CliRunner().invoke(build(), [*line, "--branch", "B-1"])
    assert "B-1  supervision: 0 opened, 1 missed\n  2026-06-30  quarterly-evaluation: missed\n" == said.output


# -- assessments

SOURCES = {"survey": 90, "self-check": 80, "shopper": 70}
RATED: Checklist = made(section(*(item(name, answer=Scale(low=0, high=100, pass_from=60)) for name in SOURCES)))


def assessed(raters: frozenset[str], **weights: int) -> tuple[str | None, tuple[str, ...]]:
    """Return a score by some weights, and the digests of the evidence."""
    parts = (
        Points("all", title=WORDS, worth=Decimal(100), weights=FrozenMap({k: Decimal(v) for k, v in weights.items()})),
    )
    policy = RubricPolicy(
        "house.assessment", version="1", title=WORDS, checklists=("tour",), ceiling=Decimal(100), parts=parts,
        facts=(FactSpec("raters", FactType.CODES, choices=("front_line", "own_staff")),), ratings="proportional",
        scored_when=Has("raters", "front_line"), not_scored_reason=Text(zh="须有一线评议", en="The front line rates"),
        rules=("governance:SCO-01", "governance:SCO-05"), places=0,
    )  # fmt: skip
    assert [] == list(policy.validate())
    answers = [Answer(name, value=str(value)) for name, value in SOURCES.items()]
    held = Evidence(sheet(*answers), bound(RATED), facts={"raters": raters})
    points = policy.score(held).value.points
    return None if points is None else str(points), held.digests


def test_three_sources_weigh_the_same_or_as_a_bank_says() -> None:
    """governance:S-14, governance:SCO-01: 90, 80 and 70 are 80 by equal weights; other weights change the result and
    not the evidence.
    """
    front_line = frozenset({"front_line"})
    equal, held = assessed(front_line)
    heavy, same = assessed(front_line, survey=2)

    assert ("80", "83") == (equal, heavy)
    assert held == same


def test_a_departments_own_staff_alone_do_not_rate_it() -> None:
    """governance:S-14, governance:SCO-05: with the front line among the raters there is a score, of a department's own
    staff alone there is none.
    """
    assert "80" == assessed(frozenset({"front_line", "own_staff"}))[0]
    assert None is assessed(frozenset({"own_staff"}))[0]
