"""``branchkit referrals``: what came of the visits, referrals and leads of a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import click

from branchkit.cli.app import State
from branchkit.cli.output import json_option, lang_option, open_kit, print_json, store_option
from branchkit.customers.journey import Funnel, FunnelRow
from branchkit.estate import Branch
from branchkit.kit.funnels import branch_funnel, plain_funnel
from branchkit.values import Text

__all__ = ["funnel_lines", "referrals_command"]

_COLUMNS = (
    ("visits", Text(zh="到访", en="visits")),
    ("quality", Text(zh="优质", en="quality")),
    ("willing", Text(zh="有意愿", en="willing")),
    ("referred", Text(zh="转介", en="referred")),
    ("handed_over", Text(zh="当场承接", en="on the spot")),
    ("by_form", Text(zh="推荐表", en="by form")),
    ("leads", Text(zh="线索", en="leads")),
    ("allocated", Text(zh="已分配", en="allocated")),
    ("contacted", Text(zh="已联系", en="contacted")),
    ("converted", Text(zh="已转化", en="converted")),
    ("late", Text(zh="迟录", en="late")),
)
_ALL = Text(zh="合计", en="all")
_POST = Text(zh="岗位", en="post")
_NO_POST = Text(zh="未知岗位", en="no post")
_REFUSED = Text(zh="拒留联系方式", en="refused contact")
_CONVERSION = Text(zh="转化率", en="converted")
_STANDARD = Text(zh="合格率", en="up to standard")


@click.command(name="referrals")
@store_option
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    metavar="DAY",
    help="The first day that counts.",
)
@click.option(
    "--to", "last", type=click.DateTime(["%Y-%m-%d"]), required=True, metavar="DAY", help="The last day that counts."
)
@click.option("--branch", "branches", multiple=True, metavar="ID", help="A branch; all of the store if left out.")
@lang_option
@json_option
@click.pass_obj
def referrals_command(
    state: State,
    store: str,
    first: dt.datetime,
    last: dt.datetime,
    branches: tuple[str, ...],
    lang: str,
    as_json: bool,
) -> None:
    """Tell what came of the visits, referrals and leads of a period, by post; of refusals there is only a number."""
    if last < first:
        raise click.UsageError("--to: Expected a day that is not before --from")
    with open_kit(store, state.rules) as kit:
        for branch in branches or tuple(one.id for one in kit.find(Branch)):
            found = branch_funnel(kit, branch, first.date(), last.date())
            if as_json:
                print_json({"branch": branch, **plain_funnel(found)})
            elif branches or found.total.visits or found.total.leads or found.refused:
                click.echo(f"{branch}  {found.first} – {found.last}")
                click.echo("\n".join(funnel_lines(found, lang)))


def funnel_lines(found: Funnel, lang: str) -> Iterator[str]:
    """Yield a funnel as lines for people."""
    yield " | ".join((_POST.say(lang), *(title.say(lang) for _, title in _COLUMNS)))
    for row in found.rows:
        yield _line(row.post or _NO_POST.say(lang), row)
    yield _line(_ALL.say(lang), found.total)
    said = [f"{_REFUSED.say(lang)}: {found.refused}"]
    for title, rate in ((_CONVERSION, found.total.conversion_rate), (_STANDARD, found.total.standard_rate)):
        if rate is not None:
            said.append(f"{title.say(lang)}: {rate * 100:.2f} %")
    yield "; ".join(said)


def _line(name: str, row: FunnelRow) -> str:
    return " | ".join((name, *(str(getattr(row, column)) for column, _ in _COLUMNS)))
