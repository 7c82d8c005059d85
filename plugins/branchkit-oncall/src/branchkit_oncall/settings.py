"""What the configuration tells the plug-in: the roster, the ladders to run by it, and how the command is alerted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from branchkit.catalog import Catalog
from branchkit.codec import structure
from branchkit.errors import ConfigError, Problem
from branchkit.escalation import EscalationPolicy
from branchkit_oncall.command import KEY, EmergencyCommand, Grade
from branchkit_oncall.roster import Layer, OnCall, Override
from branchkit_oncall.rostered import Rostered

__all__ = ["Settings"]

_WHERE = "plugin oncall, settings"


@attrs.frozen(kw_only=True)
class Settings:
    """The plug-in's settings; the roster stands in them, or in a document that they name."""

    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    document: str | None = None
    """The file of a roster, in the place of `layers` and `overrides`."""
    ladders: tuple[str, ...] = ()
    """The ladders of core's catalog to run by the roster, each offered as ``oncall.<its id>``."""
    superior_report_from_grade: Grade = "general"
    step: dt.timedelta = dt.timedelta(minutes=15)

    @classmethod
    def read(cls, settings: Mapping[str, object]) -> Settings:
        """Return the settings, checked.

        Raises:
            DecodeError: They are none; lists every problem with its path.
        """
        return structure(cls, _plain(settings), source=_WHERE)

    def validate(self) -> Iterator[Problem]:
        """Yield settings that contradict each other or have no effect, and what is wrong with the roster."""
        if self.document is not None and (self.layers or self.overrides):
            yield Problem("$.document", "Expected the roster in the document or here, not in both")
        yield from OnCall(layers=self.layers, overrides=self.overrides).validate()
        for at, ladder in enumerate(self.ladders):
            if ladder in self.ladders[:at]:
                yield Problem(f"$.ladders[{at}]", f"Expected each ladder once; {ladder!r} stands there again")
            if f"oncall.{ladder}" == KEY:
                yield Problem(f"$.ladders[{at}]", f"Has no effect: {KEY} is a policy of its own")
        if self.step <= dt.timedelta():
            yield Problem("$.step", "Expected a duration above zero, as in PT15M")

    def roster(self) -> OnCall:
        """Return the roster.

        Raises:
            ConfigError: The document cannot be read.
            DecodeError: It is no roster; lists every problem with its path.
        """
        if self.document is None:
            return OnCall(layers=self.layers, overrides=self.overrides)
        try:
            data = Path(self.document).read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigError(f"{_WHERE}.document", f"Expected a file that can be read: {reason}") from error
        return OnCall.from_toml(data, source=self.document)

    def policies(self) -> Iterator[EscalationPolicy]:
        """Yield the policies on offer.

        Raises:
            NotFound: Core's catalog has no ladder of a name; says which there are.
        """
        roster = self.roster()
        yield EmergencyCommand(
            roster=roster, superior_report_from_grade=self.superior_report_from_grade, step=self.step
        )
        catalog = Catalog()
        for ladder in self.ladders:
            yield Rostered(f"oncall.{ladder}", catalog.ladder(ladder), roster)


def _plain(value: object) -> Any:
    """Return settings as the lists and objects that they were read from."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
