"""VIP cards of other banks, which a customer may show: evidence of value, unless the card is the bank's own."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from branchkit.customers.settings import NotConfigured
from branchkit.values import Text

__all__ = ["PeerCard", "peer_card", "peer_cards"]


@attrs.frozen
class PeerCard:
    """A VIP card that a bank issues."""

    code: str
    """As in ``golden_sunflower``."""
    issuer: str = attrs.field(kw_only=True)
    """The code of the bank that issues it, as in ``CMB``."""
    title: Text = attrs.field(kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


def peer_cards(cards: Iterable[PeerCard], own_issuer: str) -> tuple[PeerCard, ...]:
    """Return the cards that another bank issues (customers:CARD-10).

    >>> cards = [PeerCard("a", issuer="CMB", title=Text(en="A")), PeerCard("b", issuer="BOC", title=Text(en="B"))]
    >>> [card.code for card in peer_cards(cards, "BOC")]
    ['a']
    """
    return tuple(card for card in cards if card.issuer != own_issuer)


def peer_card(cards: Iterable[PeerCard], code: str, own_issuer: str | None) -> PeerCard | NotConfigured | None:
    """Return the card with a code if another bank issues it.

    Returns:
        ``None`` for one that is not in the list, or the bank's own; `NotConfigured` for one that is in the list while
        nobody has stated which bank's system this is.
    """
    found = next((card for card in cards if card.code == code), None)
    if found is None:
        return None
    if own_issuer is None:
        return NotConfigured(("own_issuer",))
    return None if found.issuer == own_issuer else found
