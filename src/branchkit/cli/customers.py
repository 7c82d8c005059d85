"""``branchkit show customer``, ``erase`` and ``retain``: a customer's record, masked, and what is erased of it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

import attrs
import click

from branchkit.cli.app import State
from branchkit.cli.importing import moment
from branchkit.cli.output import json_option, open_kit, print_json, store_option, tell_traces
from branchkit.codec import personal_paths, unstructure
from branchkit.customers import Customer, EraseCustomer, Kept
from branchkit.customers.journey import Lead, Referral
from branchkit.kit.proof import traces_in
from branchkit.kit.seeing import Glance, Seen, glance
from branchkit.messages import Actor
from branchkit.personal import MASK

__all__ = ["erase_group", "retain_command", "show_customer"]

_NOT_TOLD = frozenset({"kind", "customer", "at", "by"})


@click.command(name="customer")
@click.argument("customer", metavar="ID")
@store_option
@click.option("--purpose", metavar="CODE", help="Show personal data for this purpose; that it was asked is recorded.")
@click.option("--by", metavar="ID", help="Who asks; needed with --purpose.")
@click.option("--post", "posts", multiple=True, metavar="CODE", help="A post that whoever asks holds.")
@click.option("--at", callback=moment, metavar="T", help="When, with its zone; needed with --purpose.")
@json_option
@click.pass_obj
def show_customer(
    state: State,
    customer: str,
    store: str,
    purpose: str | None,
    by: str | None,
    posts: tuple[str, ...],
    at: dt.datetime | None,
    as_json: bool,
) -> None:
    """Show a customer: masked, or what somebody may see for a purpose, which is put on record."""
    if purpose is None and (by or posts):
        raise click.UsageError("--by and --post go with --purpose: without one nothing personal is shown")
    with open_kit(store, state.rules) as kit:
        if purpose is None:
            known = glance(kit, customer, at=at)
            told: Iterator[str] = _lines(known)
            plain = _plain(known)
        else:
            if by is None or at is None:
                raise click.UsageError("--purpose takes --by and --at: that somebody looked is put on record")
            seen = kit.see(customer, purpose=purpose, by=Actor(by, posts=posts), at=at)
            told, plain = _seen_lines(seen), _seen_plain(seen)
    if as_json:
        print_json(plain)
    else:
        click.echo("\n".join(told))


def _lines(known: Glance) -> Iterator[str]:
    """Yield a customer as lines for people, with a mask for every kind of data that is on record."""
    yield from _record_lines(known.customer)
    yield from (f"  {kind}: {MASK}" for kind in known.held)
    yield f"  {_term(known.kept)}"
    for one in known.told:
        said = {key: value for key, value in unstructure(one.event).items() if key not in _NOT_TOLD}
        codes = ", ".join(f"{key} {_short(said[key])}" for key in ("purpose", "recipient", "reason") if key in said)
        yield f"  {one.at:%Y-%m-%d %H:%M:%S}  {one.by.id}  {one.event.KIND}" + (f"  {codes}" if codes else "")


def _record_lines(one: Customer) -> Iterator[str]:
    ended = "" if one.erased is None else f"  erased {one.erased.at:%Y-%m-%d} ({one.erased.reason})"
    yield f"{one.id}  {one.kind}  {one.stage}  {one.service_class}{ended}"
    tiers = ", ".join(f"{held.scheme} {held.tier}" for held in one.tiers)
    marks = (
        ("home branch", one.home_branch),
        ("introduced by", one.introduced_by),
        ("owner", one.owner),
        ("risk grade", one.risk_grade),
        ("tiers", tiers),
        ("labels", ", ".join(label.code for label in one.labels)),
        ("holds", ", ".join(hold.code for hold in one.holds)),
        ("special treatment", _special(one)),
        ("no offers", "yes" if one.do_not_contact else None),
    )
    yield from (f"  {name}: {value}" for name, value in marks if value)
    for consent in one.consents:
        until = "…" if consent.expires_at is None else f"{consent.expires_at:%Y-%m-%d}"
        gone = "" if consent.withdrawn_at is None else f", withdrawn {consent.withdrawn_at:%Y-%m-%d}"
        yield f"  consent {consent.purpose}: {consent.given_at:%Y-%m-%d} – {until}{gone}"


def _special(one: Customer) -> str | None:
    return None if one.special is None else f"since {one.special.since:%Y-%m-%d}, approved by {one.special.approved_by}"


def _short(value: object) -> str:
    return value if isinstance(value, str) else MASK


def _term(kept: Kept) -> str:
    parts = [] if kept.until is None else [f"kept until {kept.until:%Y-%m-%d} ({kept.period})"]
    parts += [f"held by {', '.join(kept.holds)}"] if kept.holds else []
    parts += [f"not configured: {', '.join(kept.not_configured)}"] if kept.not_configured else []
    return "; ".join(parts) or "kept without a term"


def _plain(known: Glance) -> dict[str, Any]:
    return {
        "customer": unstructure(known.customer),
        "held": list(known.held),
        "kept": unstructure(known.kept),
        "told": [
            {"seq": one.seq, "at": one.at.isoformat(), "by": one.by.id, **unstructure(one.event)} for one in known.told
        ],
    }


def _seen_lines(seen: Seen) -> Iterator[str]:
    yield from _record_lines(seen.customer)
    yield from (f"  {path}: {value}" for path, value in _leaves(unstructure(seen.customer.particulars), ""))
    if seen.customer.special is not None:
        yield f"  special: {seen.customer.special.reason}"
    for kind, found in (("referral", seen.referrals), ("lead", seen.leads)):
        for one in found:
            yield from (f"  {kind} {one.id} {said}" for said in _personal_leaves(one))
    yield from (f"  {line}" for line in seen.use.trace.lines())


def _personal_leaves(one: Referral | Lead) -> Iterator[str]:
    marked = tuple(personal_paths(one))
    for path, value in _leaves(unstructure(one), "$"):
        if path.startswith(marked):
            yield f"{path.removeprefix('$.')}: {value}"


def _leaves(plain: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(plain, dict):
        for key, value in plain.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(plain, list):
        for at, value in enumerate(plain):
            yield from _leaves(value, f"{path}[{at}]")
    else:
        yield path, plain


def _seen_plain(seen: Seen) -> dict[str, Any]:
    use = seen.use
    return {
        "customer": unstructure(seen.customer),
        "referrals": unstructure(seen.referrals),
        "leads": unstructure(seen.leads),
        "data": list(use.value.data),
        "trace": unstructure(use.trace),
    }


@click.group(name="erase")
def erase_group() -> None:
    """Erase what is personal; the journal stays whole."""


@erase_group.command(name="customer")
@click.argument("customer", metavar="ID")
@store_option
@click.option("--reason", required=True, metavar="CODE", help="Why, as the privacy policy names it.")
@click.option("--by", required=True, metavar="ID", help="Who erases.")
@click.option("--post", "posts", multiple=True, metavar="CODE", help="A post that whoever erases holds.")
@click.option("--at", callback=moment, required=True, metavar="T", help="When, with its zone.")
@json_option
@click.pass_obj
def erase_customer(
    state: State,
    customer: str,
    store: str,
    reason: str,
    by: str,
    posts: tuple[str, ...],
    at: dt.datetime,
    as_json: bool,
) -> None:
    """Erase everything personal of a customer, wherever the store keeps it: record, journeys, cases, sheets."""
    with open_kit(store, state.rules) as kit:
        outcome = kit.do(EraseCustomer(customer, reason, by=Actor(by, posts=posts), at=at))
        traces = traces_in(kit.store)
    if as_json:
        print_json({"customer": customer, "repeated": outcome.repeated, "traces": traces, **outcome.details})
        return
    documents = outcome.details.get("documents", [])
    click.echo(f"{customer}: erased" + (f", with {', '.join(documents)}" if documents else ""))
    tell_traces(traces)


@click.command(name="retain")
@store_option
@click.option("--at", callback=moment, required=True, metavar="T", help="The moment by which a term has to be over.")
@click.option("--by", metavar="ID", help="The system that erases; branchkit:retention where left out.")
@click.option("--dry-run", is_flag=True, help="Only list what would be erased.")
@json_option
@click.pass_obj
def retain_command(state: State, store: str, at: dt.datetime, by: str | None, dry_run: bool, as_json: bool) -> None:
    """Erase what may not be kept any longer; list it, what is held, and terms that nobody has set."""
    actor = None if by is None else Actor(by, system=True)
    erased = failed = 0
    with open_kit(store, state.rules) as kit:
        for one in kit.retain(at, by=actor, dry_run=dry_run):
            erased += one.erased
            if one.failed is not None:
                failed += 1
                click.echo(f"{one.customer}: {one.failed}", err=True)
            if as_json:
                plain = unstructure(attrs.evolve(one, failed=None))
                print_json(plain if one.failed is None else {**plain, "failed": str(one.failed)})
                continue
            over = one.kept.is_over(at)
            what = "erased" if one.erased else "over" if over else "kept"
            data = f" ({', '.join(one.kept.data)})" if one.kept.data and over else ""
            click.echo(f"{one.customer}  {what}{data}  {_term(one.kept)}")
        traces = traces_in(kit.store)
    click.echo(f"{erased} erased", err=True)
    tell_traces(traces)
    if failed:
        sys.exit(1)
