"""``branchkit plugins`` and ``branchkit explain``: what is loaded, what fails and why, and which key is used where."""

from __future__ import annotations

import sys
from importlib.metadata import version

import click

from branchkit.cli.app import State
from branchkit.cli.checking import check_command
from branchkit.cli.output import json_option, print_json
from branchkit.errors import NotFound
from branchkit.plugins import PluginStatus
from branchkit.plugins.registry import CORE

__all__ = ["explain_group", "plugins_group"]


@click.group(name="plugins")
def plugins_group() -> None:
    """插件: look at the plug-ins."""


plugins_group.add_command(check_command)


@plugins_group.command(name="list")
@json_option
@click.pass_obj
def list_command(state: State, as_json: bool) -> None:
    """List the plug-ins: name, distribution, version, status and keys."""
    for status in state.plugins(strict=False).status():
        if as_json:
            print_json(_fields(status))
        else:
            click.echo(f"{status.name:16} {status.status:9} {status.distribution} {_version(status)}".rstrip())


@plugins_group.command(name="show")
@click.argument("name")
@json_option
@click.pass_obj
def show_command(state: State, name: str, as_json: bool) -> None:
    """Show one plug-in with everything it brings."""
    found = state.plugins(strict=False).status()
    status = next((one for one in found if one.name == name), None)
    if status is None:
        raise NotFound("plug-in", name, tuple(one.name for one in found))
    if as_json:
        print_json(_fields(status))
        return
    click.echo(f"{status.name} {_version(status)} ({status.distribution}): {status.status}")
    for key in status.keys:
        click.echo(f"  {key}")
    for problem in status.problems:
        click.echo(f"  ! {problem}")


@plugins_group.command(name="doctor")
@json_option
@click.pass_obj
def doctor_command(state: State, as_json: bool) -> None:
    """Say what is wrong with plug-ins and configuration; exit code 1 when something is."""
    plugins = state.plugins(strict=False)
    sick = [status for status in plugins.status() if status.problems]
    configured = state.config.check(plugins)
    if as_json:
        for status in plugins.status():
            print_json(_fields(status) | {"problems": list(status.problems)})
        if configured:
            print_json(
                {
                    "name": "configuration",
                    "distribution": None,
                    "version": "",
                    "status": "failed",
                    "keys": [],
                    "problems": [str(fault) for fault in configured],
                }
            )
    else:
        for status in sick:
            for problem in status.problems:
                click.echo(f"{status.name}: {problem}")
        for fault in configured:
            click.echo(f"configuration: {fault}")
        if not sick and not configured:
            click.echo(f"{len(plugins.status())} plug-ins, no problems")
    sys.exit(1 if sick or configured else 0)


@click.group(name="explain")
def explain_group() -> None:
    """Say why something is as it is."""


@explain_group.command(name="config")
@click.argument("what", default="scoring_policy")
@click.pass_obj
def explain_config_command(state: State, what: str) -> None:
    """Print the total order of scopes for a setting, and what the configuration says at each."""
    for line in state.config.explain(what):
        click.echo(line)


def _fields(status: PluginStatus) -> dict[str, object]:
    return {
        "name": status.name,
        "distribution": status.distribution,
        "version": _version(status),
        "status": status.status,
        "keys": list(status.keys),
    }


def _version(status: PluginStatus) -> str:
    """Return a plug-in's version; core's own comes with the host, which does not look itself up."""
    return status.version or (version("branchkit") if status.name == CORE else "")
