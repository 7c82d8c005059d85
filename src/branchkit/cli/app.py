"""Puts the command line together; plug-ins' commands are listed without being imported."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import attrs
import click

from branchkit.errors import BranchkitError
from branchkit.kit.rules import RuleBook, load_plugins
from branchkit.plugins import Plugins
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
    "explain": "branchkit.cli.plugins:explain_group",
    "hours": "branchkit.cli.showing:hours_command",
    "report": "branchkit.cli.showing:report_command",
}
"""Core's commands, imported when one of them is used."""


@attrs.define
class State:
    """What every command shares: the configuration and what is loaded because of it, when it is needed."""

    config: Config
    _rules: RuleBook | None = None

    def plugins(self, *, strict: bool = True) -> Plugins:
        """Load the plug-ins; leniently for diagnostics."""
        return load_plugins(self.config, environ=os.environ, strict=strict, commands_taken=tuple(_COMMANDS))

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
                return record.load()
        for missing in plugins.missing_commands():
            if missing.name == cmd_name:
                raise click.UsageError(f"The command {cmd_name!r} is missing: {missing.reason}")
        return None

    def _offered(self, ctx: click.Context) -> Plugins:
        config = ctx.params.get("config") if ctx.params else None
        return State(config or Config()).plugins(strict=False)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn branchkit's errors into messages and exit codes."""
        try:
            return super().main(*args, **kwargs)
        except BranchkitError as error:
            click.echo(str(error), err=True)
            sys.exit(2)


def _config(ctx: click.Context, _: click.Parameter, path: str | None) -> Config:
    if path is None:
        return Config()
    try:
        return Config.from_toml(Path(path).read_bytes(), source=path)
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", ctx=ctx) from error


def build() -> click.Group:
    """Return the command line."""

    @click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(package_name="branchkit")
    @click.option("--config", metavar="FILE", callback=_config, envvar="BRANCHKIT_CONFIG", help="A configuration.")
    @click.option("--no-plugins", is_flag=True, help="Load core alone.")
    @click.pass_context
    def branchkit(ctx: click.Context, config: Config, no_plugins: bool) -> None:
        """银行网点的建模、检查、评分与报告: model, inspect, score and report bank branches."""
        if no_plugins:
            os.environ["BRANCHKIT_NO_PLUGINS"] = "1"
        ctx.obj = State(config)

    return branchkit
