"""``branchkit score`` and ``branchkit judge``: the rules alone, over sheets or the commands that carry them."""

from __future__ import annotations

import sys

import click

from branchkit.cli.app import State
from branchkit.cli.output import bar, json_option, open_input, print_json
from branchkit.cli.sheets import Sheets
from branchkit.kit.scored import scored
from branchkit.scoring import Evidence, Score
from branchkit.trace import Decision
from branchkit.values import Severity, Text, decimal_text

__all__ = ["judge_command", "score_command"]

_sheets = click.argument("sheets", nargs=-1, required=True, metavar="SHEETS...")
_branches = click.option(
    "--branch", "branches", multiple=True, metavar="FILE", help="The branch that sheets are about (JSON or TOML)."
)
_from_store = click.option("--store", metavar="URL", help="The store that knows the branches.")


@click.command(name="score")
@_sheets
@click.option("--policy", metavar="KEY", help="The scoring policy; by default the one in force for the checklist.")
@_branches
@_from_store
@click.option("--why", is_flag=True, help="Explain every score.")
@json_option
@click.pass_obj
def score_command(
    state: State,
    sheets: tuple[str, ...],
    policy: str | None,
    branches: tuple[str, ...],
    store: str | None,
    why: bool,
    as_json: bool,
) -> None:
    """Score SHEETS: sheets (JSON or TOML), or JSON lines of the commands that carry them; - is standard input.

    What cannot be scored is printed too, without a value and with the reason.
    """
    chosen = state.rules.policy(policy) if policy else None
    with Sheets.open(state.rules, branches, store) as found, bar("score", prints=True) as progress:
        for name in sheets:
            with open_input(name) as file:
                for sheet in found.read(file, name):
                    progress.more()
                    bound = found.bind(sheet)
                    used = chosen or found.policy_for(bound)
                    decision: Decision[Score] | None = None
                    reason: Text | None = Text(zh="未指定评分策略", en=f"no policy is named for {sheet.checklist}")
                    if sheet.state == "draft":
                        reason = Text(zh="草稿不评分", en="a draft is not scored")
                    elif used is not None:
                        decision = scored(used, Evidence(sheet, bound))
                        reason = decision.value.reason
                    score = decision.value if decision else None
                    points = None if score is None or score.points is None else decimal_text(score.points)
                    if as_json:
                        print_json(
                            {
                                "sheet": sheet.id,
                                "subject": sheet.branch,
                                "at": sheet.at.isoformat(),
                                "value": points,
                                "band": score.band if score else None,
                                "policy": f"{used.id}@{used.version}" if used else None,
                                "vetoes": list(score.vetoes) if score else [],
                                "deductions": [
                                    {
                                        "deduction": one.deduction,
                                        "item": one.key,
                                        "points": decimal_text(one.points),
                                        "reason": str(one.reason),
                                    }
                                    for one in (score.deductions if score else ())
                                ],
                                "reason": None if reason is None else str(reason),
                            }
                        )
                    elif decision is not None and why:
                        click.echo(f"{sheet.id}  {decision.why()}")
                    else:
                        outcome = str(score) if score else f"not scored: {reason}"
                        click.echo(f"{sheet.id}  {sheet.branch}  {outcome}")


@click.command(name="judge")
@_sheets
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit with 1 when there is a finding as bad as this or worse.",
)
@_branches
@_from_store
@json_option
@click.pass_obj
def judge_command(
    state: State,
    sheets: tuple[str, ...],
    fail_on: str | None,
    branches: tuple[str, ...],
    store: str | None,
    as_json: bool,
) -> None:
    """Print the findings of SHEETS: what is wrong, exactly where, how bad it is, and by which rules."""
    from branchkit.checklists import judge

    met = False
    with Sheets.open(state.rules, branches, store) as found, bar("judge", prints=True) as progress:
        for name in sheets:
            with open_input(name) as file:
                for sheet in found.read(file, name):
                    progress.more()
                    for finding in judge(sheet, found.bind(sheet)):
                        met = met or (fail_on is not None and Severity(fail_on) <= finding.severity)
                        place = "/".join(map(str, finding.place))
                        if as_json:
                            print_json(
                                {
                                    "sheet": sheet.id,
                                    "item": finding.item,
                                    "place": place,
                                    "severity": finding.severity.value,
                                    "rules": list(finding.rules),
                                    "message": str(finding.message),
                                }
                            )
                        else:
                            rules = f" ({', '.join(finding.rules)})" if finding.rules else ""
                            click.echo(f"{finding.severity.value:8} {place}  {finding.message}{rules}")
    sys.exit(1 if met else 0)
