"""The importer ``cfpb-complaints``: complaints about lenders, as the US consumer bureau publishes them.

One row is one complaint: when the bureau received it and sent it on, how the company closed it, and whether in time.
When the company answered is not published, so no clock can tell whether it was in time: that is carried as it is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs

from branchkit.checklists import RawFact
from branchkit.codec import canonical_json
from branchkit.errors import InputError, Problem
from branchkit.estate import Branch, RegisterBranch
from branchkit.messages import Command
from branchkit.plugins import ImportContext
from branchkit.procedures import CancelClock, CompleteStage, OpenCase, RecordFacts
from branchkit.values import FrozenMap, Unknown
from branchkit_opendata.desk import Desk, Numbering, actor, checked_options, code_problem, progress, tell, told_at
from branchkit_opendata.lines import ENCODINGS, Line, Log, open_log
from branchkit_opendata.moments import Clockwork

__all__ = ["FORMAT", "PROCEDURE", "read"]

FORMAT = "cfpb-complaints"
PROCEDURE = "opendata.cfpb-complaint"

_COLUMNS = {
    "complaint_id": ("complaint_id",),
    "company": ("company",),
    "date_received": ("date_received",),
    "date_sent": ("date_sent_to_company",),
    "response": ("company_response_to_consumer", "company_response"),
    "timely": ("timely_response?", "timely_response", "timely"),
    "product": ("product",),
    "sub_product": ("sub-product", "sub_product"),
    "issue": ("issue",),
    "sub_issue": ("sub-issue", "sub_issue"),
    "company_public_response": ("company_public_response",),
    "state": ("state",),
    "zip_code": ("zip_code",),
    "tags": ("tags",),
    "consumer_consent_provided": ("consumer_consent_provided?", "consumer_consent_provided"),
    "submitted_via": ("submitted_via",),
    "consumer_disputed": ("consumer_disputed?", "consumer_disputed"),
    "narrative": ("consumer_complaint_narrative", "complaint_what_happened"),
}
_NEEDED = ("complaint_id", "company", "date_received")
_FACTS = (
    "product", "sub_product", "issue", "sub_issue", "company_public_response", "state", "zip_code", "tags",
    "consumer_consent_provided", "submitted_via", "consumer_disputed",
)  # fmt: skip
_OUTCOMES = (
    "untimely response", "closed with monetary relief", "closed with non-monetary relief", "closed with relief",
    "closed with explanation", "closed without relief", "closed",
)  # fmt: skip
_CLOCKS = ("first-response", "final-response")
_NO_ANSWER_DATE = "the source does not publish when the company answered"


def read(context: ImportContext) -> Iterator[Command]:
    """Yield each company at its first complaint, and for each complaint what became of it, in the order of the rows.

    What the company answered is told without its day, so it counts as of the moment given to the import, and at the
    earliest as of the day it was sent. Options: ``zone`` (``UTC``), ``encoding``, and ``dates`` (``mdy`` or ``dmy``).

    Raises:
        InputError: A file is no such table, or a row cannot be read; lists every problem with its line.
    """
    checked_options(context, FORMAT, ("dates", "encoding", "zone"))
    encoding = context.options.get("encoding", ENCODINGS[0])
    if encoding not in ENCODINGS:
        raise InputError(FORMAT, (Problem("$.options.encoding", f"Expected one of: {', '.join(ENCODINGS)}"),))
    clockwork = Clockwork.of(context, order="mdy")
    logs = [open_log(file, _COLUMNS, _NEEDED, encoding=encoding) for file in context.files]
    total, first = _check(logs, clockwork)
    desks = [Desk(log.file) for log in logs]
    numbering, by = Numbering(FORMAT), actor(FORMAT)
    for done, one in enumerate(_complaints(logs, desks, clockwork), start=1):
        begin = first.pop(one.company, None)
        if begin is not None:
            branch = Branch(one.company, kind=Unknown("a company complained about"), time_zone=clockwork.zone)
            told = told_at(begin, context)
            known = RegisterBranch(branch, by=by, at=begin, recorded_at=told, if_known="keep")
            yield numbering.number(known, f"company:{one.company}")
        for command in _follow(one, {"by": by}, context):
            yield numbering.number(command, one.id)
        progress(context, done, total)
    for log, desk in zip(logs, desks, strict=True):
        for title in log.strangers:
            desk.odd("$.lines[1]", f"Has no meaning here, so it is left unread: the column {title!r}")
    tell(context, desks)


@attrs.frozen(kw_only=True)
class _Complaint:
    id: str
    company: str
    received: dt.datetime
    sent: dt.datetime | None
    line: Line
    desk: Desk

    def cell(self, column: str) -> str | None:
        return _stated(self.line.cells.get(column, ""))


def _stated(text: str) -> str | None:
    return None if text.lower() in ("", "none") else text


def _check(logs: list[Log], clockwork: Clockwork) -> tuple[int, dict[str, dt.datetime]]:
    """Raise with everything that cannot be read; return how many rows there are, and each company's first day."""
    total, first = 0, dict[str, dt.datetime]()
    for log in logs:
        problems: list[Problem] = []
        for line in log.lines(problems):
            total += 1
            for column in ("complaint_id", "company"):
                if wrong := code_problem(line.cells[column]):
                    problems.append(Problem(line.path(column), f"{wrong} in line {line.number}"))
            received = _moment(line, "date_received", clockwork)
            if received is None or (_is_given(line, "date_sent") and _moment(line, "date_sent", clockwork) is None):
                shown = "04/01/25" if clockwork.order == "mdy" else "01/04/25"
                column = "date_received" if received is None else "date_sent"
                what = f"Expected a day such as {shown} or 2025-04-01 in line {line.number}"
                problems.append(Problem(line.path(column), what))
            else:
                company = line.cells["company"]
                first[company] = min(received, first.get(company, received))
        if problems:
            raise InputError(log.file, tuple(problems))
    return total, first


def _is_given(line: Line, column: str) -> bool:
    return _stated(line.cells.get(column, "")) is not None


def _moment(line: Line, column: str, clockwork: Clockwork) -> dt.datetime | None:
    return clockwork.moment(line.cells.get(column, ""))


def _complaints(logs: list[Log], desks: list[Desk], clockwork: Clockwork) -> Iterator[_Complaint]:
    seen: dict[str, list[bytes]] = {}
    for log, desk in zip(logs, desks, strict=True):
        for line in log.lines():
            id = line.cells["complaint_id"]
            words = canonical_json(dict(line.cells))
            before = seen.setdefault(id, [])
            if words in before:
                desk.odd(line.path("complaint_id"), "States a complaint again in the same words; it is taken once")
                continue
            before.append(words)
            if len(before) > 1:
                what = "Has the id of another complaint; it is kept with its number after the id"
                desk.odd(line.path("complaint_id"), what)
                id = f"{id}#{len(before)}"
            received, sent = (_moment(line, name, clockwork) for name in ("date_received", "date_sent"))
            assert received is not None  # `_check` has refused a complaint without it.
            yield _Complaint(id=id, company=line.cells["company"], received=received, sent=sent, line=line, desk=desk)


def _follow(one: _Complaint, by: dict[str, Any], context: ImportContext) -> Iterator[Command]:
    desk, line = one.desk, one.line
    facts = {name: value for name in _FACTS if (value := one.cell(name)) is not None}
    yield OpenCase(
        one.id,
        procedure=PROCEDURE,
        branch=one.company,
        facts=FrozenMap(facts),
        note=one.cell("narrative"),
        at=one.received,
        recorded_at=told_at(one.received, context),
        **by,
    )
    response, timely = one.cell("response"), one.cell("timely")
    said = FrozenMap(
        {name: value for name, value in (("company_response", response), ("timely_response", timely)) if value}
    )
    words = (response or "").lower()
    outcome = words.replace(" ", "_").replace("-", "_") if words in _OUTCOMES else None
    sent = one.sent
    if sent is None:
        if outcome is None:
            desk.odd(line.path("date_sent"), "States no day on which it was sent, so it stays with the bureau")
            if said:
                yield _noted(one, said, one.received, by, context)
            return
        desk.odd(line.path("date_sent"), "States no day on which it was sent; that of its receipt is taken")
        sent = one.received
    elif sent < one.received:
        desk.odd(line.path("date_sent"), "Lies before the day of receipt; it counts as sent on that day")
    told = told_at(sent, context)
    yield CompleteStage(one.id, "receive", "send", at=sent, recorded_at=told, **by)
    for clock in _CLOCKS:
        yield CancelClock(one.id, clock, reason=_NO_ANSWER_DATE, at=sent, recorded_at=told, **by)
    if outcome is not None:
        if outcome == "untimely_response" and (timely or "").lower() == "yes":
            desk.odd(line.path("timely"), "Says timely of an untimely response; both are kept")
        yield CompleteStage(one.id, "answer", outcome, facts=said, at=told, recorded_at=told, **by)
        return
    if words not in ("", "in progress"):
        desk.odd(line.path("response"), "Is no way of closing that is known here; it is noted, and the case stays open")
    if said:
        yield _noted(one, said, told, by, context)


def _noted(
    one: _Complaint, said: FrozenMap[str], at: dt.datetime, by: dict[str, Any], context: ImportContext
) -> Command:
    facts: FrozenMap[RawFact] = FrozenMap(dict(said))
    return RecordFacts(one.id, facts, at=at, recorded_at=told_at(at, context), **by)
