"""``branchkit plugins``: what is loaded, what fails and why."""

from __future__ import annotations

import sys

import click

from branchkit.cli.app import State
from branchkit.cli.checking import check_command
from branchkit.cli.health import Health, examine
from branchkit.cli.output import json_option, print_json
from branchkit.errors import NotFound

__all__ = ["plugins_group"]


@click.group(name="plugins")
def plugins_group() -> None:
    """插件: look at the plug-ins."""


plugins_group.add_command(check_command)


@plugins_group.command(name="list")
@json_option
@click.pass_obj
def list_command(state: State, as_json: bool) -> None:
    """List the plug-ins: name, status, distribution, version, and how many keys and faults each has."""
    for one in examine(state):
        if as_json:
            print_json(one.fields)
        else:
            click.echo(f"{one.name:16} {one.status:9} {one.origin}: {_counts(one)}")


@plugins_group.command(name="show")
@click.argument("name")
@json_option
@click.pass_obj
def show_command(state: State, name: str, as_json: bool) -> None:
    """Show one plug-in with everything it brings, and what is wrong with it."""
    found = examine(state)
    own = [one for one in found if one.name == name]
    if not own:
        raise NotFound("plug-in", name, tuple(dict.fromkeys(one.name for one in found)))
    for one in own:
        if as_json:
            print_json(one.fields)
            continue
        click.echo(f"{one.name} ({one.origin}): {one.status}")
        for key in one.keys:
            click.echo(f"  {key}")
        for problem in one.problems:
            click.echo(f"  ! {problem}")
        for hook in one.deprecated:
            click.echo(f"  ~ {hook}")


@plugins_group.command(name="doctor")
@json_option
@click.pass_obj
def doctor_command(state: State, as_json: bool) -> None:
    """Say what is wrong with plug-ins and configuration; exit code 1 when something is.

    A deprecated hook is told and is no fault: it still works.
    """
    found = examine(state, configuration=True)
    sick = [one for one in found if one.problems]
    for one in found:
        if as_json:
            print_json(one.fields)
            continue
        for line in (*one.problems, *one.deprecated):
            click.echo(f"{one.name}{one.place}: {line}")
    if not sick and not as_json:
        click.echo(f"{len(found)} plug-ins, no problems")
    sys.exit(1 if sick else 0)


def _counts(one: Health) -> str:
    told = [(len(one.keys), "key"), (len(one.problems), "problem"), (len(one.deprecated), "deprecated hook")]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in told if count) or "nothing"
