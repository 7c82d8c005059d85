"""Puts the command line together; plug-ins' commands are listed without being imported."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from typing import Any

import attrs
import click

from branchkit.cli.blame import blamed, failure
from branchkit.cli.output import read_input
from branchkit.errors import BranchkitError, PluginFailed
from branchkit.kit.rules import RuleBook, load_plugins
from branchkit.plugins import CliCommandRecord, Plugins
from branchkit.plugins.config import Config

__all__ = ["State", "build"]

_COMMANDS = {
    "import": "branchkit.cli.importing:import_command",
    "replay": "branchkit.cli.storing:replay_command",
    "verify": "branchkit.cli.storing:verify_command",
    "score": "branchkit.cli.judging:score_command",
    "judge": "branchkit.cli.judging:judge_command",
    "catalog": "branchkit.cli.catalog:catalog_group",
    "plugins": "branchkit.cli.plugins:plugins_group",
    "explain": "branchkit.cli.explaining:explain_group",
    "hours": "branchkit.cli.showing:hours_command",
    "report": "branchkit.cli.showing:report_command",
    "agenda": "branchkit.cli.agenda:agenda_command",
    "referrals": "branchkit.cli.referrals:referrals_command",
    "show": "branchkit.cli.cases:show_group",
    "due": "branchkit.cli.cases:due_command",
    "sweep": "branchkit.cli.cases:sweep_command",
    "rearm": "branchkit.cli.cases:rearm_command",
    "retain": "branchkit.cli.customers:retain_command",
    "erase": "branchkit.cli.customers:erase_group",
    "migrate": "branchkit.cli.migrating:migrate_command",
    "outbox": "branchkit.cli.cases:outbox_command",
    "schedule": "branchkit.cli.schedule:schedule_command",
    "draw": "branchkit.cli.drawing:draw_group",
    "shadow": "branchkit.cli.shadowing:shadow_command",
}
"""Core's commands, imported when one of them is used."""
_OFFERED = "branchkit.offered"


@attrs.define
class State:
    """What every command shares: the configuration and what is loaded because of it, when it is needed."""

    config: Config
    bare: bool = False
    """True where core runs alone."""
    _rules: RuleBook | None = None

    def plugins(self, *, strict: bool = True) -> Plugins:
        """Load the plug-ins; leniently for diagnostics."""
        environ = dict(os.environ) | ({"BRANCHKIT_NO_PLUGINS": "1"} if self.bare else {})
        return load_plugins(self.config, environ=environ, strict=strict, commands_taken=tuple(_COMMANDS))

    @property
    def rules(self) -> RuleBook:
        """The rules in force, loaded strictly: a bank must not score with a rule missing."""
        if self._rules is None:
            self._rules = RuleBook.load(self.config, plugins=self.plugins())
        return self._rules


class _Commands(click.Group):
    """Finds core's commands by name and asks plug-ins only for names that core does not know."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted((*_COMMANDS, *(record.name for record in self._offered(ctx).cli_commands())))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = _COMMANDS.get(cmd_name)
        if target is not None:
            module, _, name = target.partition(":")
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        plugins = self._offered(ctx)
        for record in plugins.cli_commands():
            if record.name == cmd_name:
                return _loaded(record, _owner(plugins, cmd_name))
        for missing in plugins.missing_commands():
            if missing.name == cmd_name:
                why = f"its command {cmd_name!r} is missing: {missing.reason}"
                return _stub(cmd_name, PluginFailed(missing.origin.plugin, why))
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            suspects = [one for one in self._offered(ctx).missing_commands() if one.name is None]
            told = "".join(f" Plug-in {one.origin.plugin!r} might have it: {one.reason}." for one in suspects)
            raise click.UsageError(f"{error.message}{told}", ctx) from error

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.is_eager = False  # the help lists the commands of those plug-ins that the other options leave on
        return option

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (BranchkitError, click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            name = ctx.invoked_subcommand or ""
            closed_pipe = isinstance(error, OSError) and error.errno == errno.EPIPE
            if closed_pipe or name in _COMMANDS:
                raise
            raise failure(_owner(self._offered(ctx), name), f"the command {name!r}", error) from error

    def _offered(self, ctx: click.Context) -> Plugins:
        """Return what plug-ins offer, as far as they load; asked for once."""
        if _OFFERED not in ctx.meta:
            config, bare = ctx.params.get("config"), ctx.params.get("no_plugins", False)
            ctx.meta[_OFFERED] = State(config or Config(), bare).plugins(strict=False)
        plugins: Plugins = ctx.meta[_OFFERED]
        return plugins

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn branchkit's errors into messages and exit codes."""
        try:
            return super().main(*args, **kwargs)
        except BranchkitError as error:
            click.echo(str(error), err=True)
            sys.exit(2)


def _owner(plugins: Plugins, command: str) -> str:
    return next((one.name for one in plugins.status() if f"branchkit {command}" in one.keys), "?")


def _loaded(record: CliCommandRecord, plugin: str) -> click.Command:
    """Load a plug-in's command; in place of one that does not load stands one that says why."""
    try:
        with blamed(plugin, f"loading the command {record.name!r}"):
            command: object = record.load()
    except BranchkitError as error:
        return _stub(record.name, error)
    if isinstance(command, click.Command):
        return command
    return _stub(record.name, PluginFailed(plugin, f"the command {record.name!r} is no click.Command"))


def _stub(name: str, error: BranchkitError) -> click.Command:
    def callback(**_: object) -> None:
        raise error

    return click.Command(
        name,
        callback=callback,
        params=[click.Argument(["rest"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
        short_help=f"missing: {error}",
    )


def _config(_: click.Context, __: click.Parameter, path: str | None) -> Config:
    if path is None:
        return Config()
    return Config.from_toml(read_input(path), source=path)


def build() -> click.Group:
    """Return the command line."""

    @click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(package_name="branchkit")
    @click.option(
        "--config", metavar="FILE", callback=_config, envvar="BRANCHKIT_CONFIG", is_eager=True, help="A configuration."
    )
    @click.option("--no-plugins", is_flag=True, is_eager=True, help="Load core alone.")
    @click.pass_context
    def branchkit(ctx: click.Context, config: Config, no_plugins: bool) -> None:
        """银行网点的建模、检查、评分与报告: model, inspect, score and report bank branches."""
        ctx.obj = State(config, no_plugins)

    return branchkit
