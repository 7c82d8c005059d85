"""Whatever is opened and linked, links lead to cases that are there, and no case waits for itself."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.errors import Refused
from branchkit.procedures import Case, CaseCommand, CaseFacts, Link, LinkCases, OpenCase, evolve, handle
from branchkit.procedures.linking import holds
from tests.unit.procedures.family import AT, CHIEF, CLERK, ends, opening, procedure, stage

OF = procedure(stage("a", ends()))
names = st.sampled_from([f"C-{number}" for number in range(6)])
kinds = st.sampled_from(("blocks", "blocks", "follow_up", "duplicate"))
openings = st.builds(
    lambda id, parent, links: attrs.evolve(opening(by=CLERK), case=id, parent=parent, links=links),
    names,
    st.none() | names,
    st.lists(st.builds(Link, kinds, names), max_size=2).map(tuple),
)
linkings = st.builds(
    lambda id, other, kind: LinkCases(id, other=other, link=kind, by=CHIEF, at=AT), names, names, kinds
)


@given(st.lists(openings | linkings, max_size=25))
def test_no_case_ever_waits_for_itself(commands: list[CaseCommand]) -> None:
    """After any commands every link leads somewhere, and the open cases can be ended in some order, one by one."""
    cases: dict[str, Case] = {}
    for command in (*(attrs.evolve(opening(by=CLERK), case=f"C-{number}") for number in range(3)), *commands):
        cases = done(cases, command)

    assert all(link.case in cases for case in cases.values() for link in case.links)
    left = dict(cases)
    while free := [id for id in left if not any(id in holds(other) for other in left.values())]:
        for id in free:
            del left[id]
    assert {} == left
    # Who is a duplicate was cancelled in favour of a case that was not; so somebody still looks after it.
    assert any(case.status != "cancelled" for case in cases.values())


def done(cases: dict[str, Case], command: CaseCommand) -> dict[str, Case]:
    """Return the cases after a command, or as they were where it is refused."""
    case = cases.get(command.case)
    try:
        events = handle(OF, case, command, CaseFacts(others=cases))
    except Refused:
        return cases
    for event in events:
        case = evolve(case, event)
    assert case is not None
    assert isinstance(command, OpenCase | LinkCases)
    return {**cases, case.id: case}
