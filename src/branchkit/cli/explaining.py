"""``branchkit explain``: which key is used where, and why a case is as it is."""

from __future__ import annotations

import datetime as dt

import click

from branchkit.cli.app import State
from branchkit.cli.importing import moment
from branchkit.cli.output import json_option, lang_option, open_kit, print_json, store_option
from branchkit.kit.explaining import explain
from branchkit.kit.reasons import plain_reasons, reason_lines
from branchkit.messages import Actor

__all__ = ["explain_group"]


class _Explain(click.Group):
    """Takes a word that is none of its commands for the id of a case."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return super().resolve_command(ctx, ["case", *args])
        return super().resolve_command(ctx, args)


@click.group(name="explain", cls=_Explain)
def explain_group() -> None:
    """Say why something is as it is; a word that is no command is the id of a case."""


@explain_group.command(name="config")
@click.argument("what", default="scoring_policy")
@click.pass_obj
def explain_config_command(state: State, what: str) -> None:
    """Print the total order of scopes for a setting, and what the configuration says at each."""
    for line in state.config.explain(what):
        click.echo(line)


@explain_group.command(name="case")
@click.argument("case", metavar="CASE")
@store_option
@click.option("--at", callback=moment, required=True, metavar="T", help="The moment asked about, with its zone.")
@click.option("--as-post", "posts", multiple=True, metavar="POST", help="For whom the ways are tried: their posts.")
@click.option("--by", metavar="ID", help="For whom the ways are tried: their id; counts for roles and separations.")
@lang_option
@json_option
@click.pass_obj
def explain_case_command(
    state: State,
    case: str,
    store: str,
    at: dt.datetime,
    posts: tuple[str, ...],
    by: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """Say why CASE has this deadline and this rung, and why each step is or is not open; nothing is changed."""
    actor = Actor(by or "?", posts=posts) if by or posts else None
    with open_kit(store, state.rules) as kit:
        reasons = explain(kit, case, at, actor=actor)
    if as_json:
        print_json(plain_reasons(reasons))
    else:
        click.echo("\n".join(reason_lines(reasons, lang)))
