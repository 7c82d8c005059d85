"""What a bank states in its configuration of the settings that its catalog's documents leave open."""

from __future__ import annotations

from typing import Any, Literal

import attrs

from branchkit.codec import structure
from branchkit.customers import TierScheme, TriggerList
from branchkit.customers.settings import Limit
from branchkit.errors import ConfigError, InputError
from branchkit.plugins.config import Config
from branchkit.values import FrozenMap

__all__ = ["stated"]


@attrs.frozen(kw_only=True)
class _OfScheme:
    """What can be stated of a tier scheme."""

    measure: str | None = None
    currency: str | None = None
    boundary: Literal["inclusive", "exclusive"] | None = None


@attrs.frozen(kw_only=True)
class _OfTriggers:
    """What can be stated of a list of triggers."""

    limits: FrozenMap[Limit] = FrozenMap()
    own_issuer: str | None = None


def stated(config: Config, kind: str, document: Any) -> Any:
    """Return a tier scheme or a list of triggers with what the configuration states of it; as it is where nothing.

    Raises:
        ConfigError: a setting is none of the document's, or not of its kind; says where and what would be right.
    """
    found = config.stated(kind, document.id)
    if found is None:
        return document
    place, settings = found
    try:
        if isinstance(document, TierScheme):
            of_scheme = structure(_OfScheme, settings, source=f"{kind} {document.id!r}")
            return document.stating(measure=of_scheme.measure, currency=of_scheme.currency, boundary=of_scheme.boundary)
        if isinstance(document, TriggerList):
            of_list = structure(_OfTriggers, settings, source=f"{kind} {document.id!r}")
            return document.stating(of_list.limits, own_issuer=of_list.own_issuer)
    except InputError as error:
        raise ConfigError(place, "; ".join(map(str, error.problems))) from error
    raise ConfigError(place, f"nothing is stated of a document of the kind {kind!r}")
