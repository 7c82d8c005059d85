"""Who may act, or is to hear of something, said as data: a post, a role, a relation, a group, a system, an outsider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import ClassVar

import attrs

from branchkit.messages import Actor
from branchkit.values import FrozenMap, Text, is_identifier

__all__ = [
    "ActorSpec",
    "ByGroup",
    "ByPost",
    "ByRelation",
    "ByRole",
    "BySystem",
    "Outsider",
    "Standing",
    "fits",
    "holders",
    "say_actors",
]


_UNTITLED: Mapping[str, Text] = FrozenMap()
_KINDS = {"post": "岗位", "role": "角色", "relation": "关系", "group": "群组", "system": "系统", "outsider": "外部"}


def _check(_: object, __: object, value: str) -> None:
    if not is_identifier(value):
        raise ValueError("Expected a code of 1 to 200 printable characters without spaces at its ends")


@attrs.frozen(kw_only=True)
class ByPost:
    """Whoever holds a post at the branch, as in ``lobby_manager``."""

    KIND: ClassVar[str] = "post"

    post: str = attrs.field(validator=_check)

    def __str__(self) -> str:
        return f"post {self.post}"


@attrs.frozen(kw_only=True)
class ByRole:
    """Whoever has a role in this one case, as in ``receiver``."""

    KIND: ClassVar[str] = "role"

    role: str = attrs.field(validator=_check)

    def __str__(self) -> str:
        return f"role {self.role}"


@attrs.frozen(kw_only=True)
class ByRelation:
    """A unit or person that stands in a relation to the branch, as in ``superior_unit``."""

    KIND: ClassVar[str] = "relation"

    relation: str = attrs.field(validator=_check)

    def __str__(self) -> str:
        return f"relation {self.relation}"


@attrs.frozen(kw_only=True)
class ByGroup:
    """The members of a group, as in ``emergency_command``."""

    KIND: ClassVar[str] = "group"

    group: str = attrs.field(validator=_check)

    def __str__(self) -> str:
        return f"group {self.group}"


@attrs.frozen(kw_only=True)
class BySystem:
    """A program that acts under a name of its own; a pattern such as ``import:*`` is allowed."""

    KIND: ClassVar[str] = "system"

    system: str = attrs.field(validator=_check)

    def __str__(self) -> str:
        return f"system {self.system}"


@attrs.frozen(kw_only=True)
class Outsider:
    """Somebody outside the bank, as in ``customer``, ``police`` or ``telecom_operator``.

    What an outsider does is told by a member of staff who acts for them (`Actor.acting_for`).
    """

    KIND: ClassVar[str] = "outsider"

    party: str = attrs.field(validator=_check)

    def __str__(self) -> str:
        return f"outsider {self.party}"


ActorSpec = ByPost | ByRole | ByRelation | ByGroup | BySystem | Outsider
"""Who, as data; the key ``kind`` tells the forms apart in a document."""


@attrs.frozen(kw_only=True)
class Standing:
    """Who is who around one branch and one case, at one moment: what actors are resolved by."""

    posts: FrozenMap[tuple[str, ...]] = FrozenMap()
    """The holders of each kind of post at the branch."""
    roles: FrozenMap[str] = FrozenMap()
    """Who has each role in the case."""
    relations: FrozenMap[tuple[str, ...]] = FrozenMap()
    """Units and people by their relation to the branch."""
    groups: FrozenMap[tuple[str, ...]] = FrozenMap()
    """The members of each group."""


def fits(spec: ActorSpec, actor: Actor, standing: Standing) -> bool:
    """Say whether an actor is one of those meant.

    A post is what the actor holds now (`Actor.posts`); for the rest a delegate counts as the person acted for.

    >>> fits(ByPost(post="teller"), Actor("S-1", posts=("teller",)), Standing())
    True
    >>> receiver = Standing(roles=FrozenMap({"receiver": "S-2"}))
    >>> fits(ByRole(role="receiver"), Actor("S-9", acting_for="S-2"), receiver)
    True
    """
    match spec:
        case ByPost(post=post):
            return not actor.system and post in actor.posts
        case BySystem(system=system):
            return actor.system and fnmatchcase(actor.id, system)
        case Outsider(party=party):
            return not actor.system and (party in actor.persons or _meets(standing.groups.get(party, ()), actor))
        case _:
            return not actor.system and _meets(holders(spec, standing), actor)


def holders(spec: ActorSpec, standing: Standing) -> tuple[str, ...]:
    """Return the ids of everybody meant, as far as is known; an outsider is known by the party's code.

    >>> holders(ByPost(post="teller"), Standing(posts=FrozenMap({"teller": ("S-1", "S-2")})))
    ('S-1', 'S-2')
    """
    match spec:
        case ByPost(post=post):
            return standing.posts.get(post, ())
        case ByRole(role=role):
            return (standing.roles[role],) if role in standing.roles else ()
        case ByRelation(relation=relation):
            return standing.relations.get(relation, ())
        case ByGroup(group=group):
            return standing.groups.get(group, ())
        case BySystem(system=system):
            return (system,)
        case _:
            return standing.groups.get(spec.party, (spec.party,))


def say_actors(specs: Iterable[ActorSpec], lang: str = "en", titles: Mapping[str, Text] = _UNTITLED) -> str:
    """Say who is meant, for people; in Chinese a post by its title where that is given.

    >>> say_actors((ByPost(post="teller"), ByRole(role="owner")))
    'post teller, role owner'
    >>> say_actors((ByPost(post="teller"), ByRole(role="owner")), "zh", {"teller": Text(zh="柜员", en="teller")})
    '柜员、角色owner'
    """
    if lang != "zh":
        return ", ".join(map(str, specs))
    return "、".join(_zh(spec, titles) for spec in specs)


def _zh(spec: ActorSpec, titles: Mapping[str, Text]) -> str:
    if isinstance(spec, ByPost) and spec.post in titles:
        return titles[spec.post].say("zh")
    _, _, code = str(spec).partition(" ")
    return _KINDS[spec.KIND] + code


def _meets(ids: Iterable[str], actor: Actor) -> bool:
    return not set(actor.persons).isdisjoint(ids)
