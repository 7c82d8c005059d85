"""Says whose failure it was when a plug-in raises something that is no error of branchkit's."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from branchkit.errors import BranchkitError, PluginFailed
from branchkit.personal import place_of

__all__ = ["blamed", "failure"]


@contextlib.contextmanager
def blamed(plugin: str, what: str) -> Generator[None]:
    """Turn what a plug-in raises into `PluginFailed`; errors of branchkit's pass as they are."""
    try:
        yield
    except BranchkitError:
        raise
    except Exception as error:  # noqa: BLE001 - it is told, without its own words
        raise failure(plugin, what, error) from None


def failure(plugin: str, what: str, error: Exception) -> PluginFailed:
    """Return an error that names the plug-in, the type and the place; never the message, which may quote anybody."""
    return PluginFailed(plugin, f"{what} raised {type(error).__name__}{place_of(error)}")
