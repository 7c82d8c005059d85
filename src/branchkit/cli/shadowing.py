"""``branchkit shadow``: what would become of the stored scores under other rules."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import attrs
import click

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.cli.app import State
from branchkit.cli.output import bar, json_option, open_kit, print_json, read_input, store_option
from branchkit.kit import RuleBook, Shadowed, Standing
from branchkit.plugins.config import Config
from branchkit.values import decimal_text

__all__ = ["shadow_command"]

_MOVES = ("better", "worse", "same", "unscored")


@click.command(name="shadow")
@store_option
@click.option("--with", "config", metavar="CONFIG", help="Another configuration.")
@click.option("--policy", metavar="KEY", help="Another scoring policy, for the sheets of its checklists.")
@click.option(
    "--catalog",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A bank's own catalog, beside the others or in place of the one of the same name.",
)
@click.option("--name", default="bank", show_default=True, help="The name of the root in FOLDER.")
@click.option("--checklist", "checklists", metavar="ID", multiple=True, help="Only sheets of this checklist.")
@json_option
@click.pass_context
def shadow_command(
    ctx: click.Context,
    store: str,
    config: str | None,
    policy: str | None,
    folder: Path | None,
    name: str,
    checklists: tuple[str, ...],
    as_json: bool,
) -> None:
    """Score what is stored under other rules and show who changes band and why; nothing is changed.

    People see the sheets whose band is another, and a summary; with --json every sheet is told.
    """
    state: State = ctx.obj
    if policy is not None and (config is not None or folder is not None):
        raise click.UsageError("--policy is of the rules in force; name it in the configuration of --with instead", ctx)
    if policy is None and config is None and folder is None:
        raise click.UsageError("Expected other rules: --with, --policy or --catalog", ctx)
    if folder is None and ctx.get_parameter_source("name") is not click.core.ParameterSource.DEFAULT:
        raise click.BadParameter("Has no effect without --catalog", param_hint="--name")
    rules = policy if policy is not None else _other(state, config, folder, name)
    moves: Counter[str] = Counter()
    with open_kit(store, state.rules) as kit, bar("shadow", prints=True) as progress:
        for one in kit.shadow(rules, checklists=checklists or None):
            progress.more()
            moves[one.moved] += 1
            if as_json:
                print_json(_fields(one))
            elif one.is_changed:
                click.echo(f"{one.sheet}  {one.branch}  {one.moved}: {one.before} -> {one.after}")
                for line in one.why():
                    click.echo(f"  {line}")
    if not as_json:
        told = ", ".join(f"{moves[move]} {move}" for move in _MOVES)
        click.echo(f"{moves.total()} sheets: {told}")


def _other(state: State, config: str | None, folder: Path | None, name: str) -> RuleBook:
    """Return the rules to compare with: those in force, but for what was named."""
    if config is None:
        rules = state.rules
    else:
        rules = State(Config.from_toml(read_input(config), source=config), state.bare).rules
    if folder is None:
        return rules
    beside = (root for root in rules.catalog.roots[1:] if root.name != name)
    try:
        return attrs.evolve(rules, catalog=Catalog((*beside, CatalogRoot(name, folder))))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--name") from error


def _fields(one: Shadowed) -> dict[str, object]:
    return {
        "sheet": one.sheet,
        "subject": one.branch,
        "at": one.at.isoformat(),
        "before": _standing(one.before),
        "after": _standing(one.after),
        "moved": one.moved,
        "why": list(one.why()),
    }


def _standing(one: Standing) -> dict[str, object]:
    points = None if one.points is None else decimal_text(one.points)
    return {"value": points, "band": one.band, "policy": one.policy}
