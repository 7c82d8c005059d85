"""Who may act, as data: posts, roles, relations, groups, systems, and people outside."""

from __future__ import annotations

import pytest

from branchkit.estate.actors import (
    ActorSpec,
    ByGroup,
    ByPost,
    ByRelation,
    ByRole,
    BySystem,
    Outsider,
    Standing,
    fits,
    holders,
    say_actors,
)
from branchkit.messages import Actor
from branchkit.values import FrozenMap, Text

STANDING = Standing(
    posts=FrozenMap({"teller": ("S-1", "S-2")}),
    roles=FrozenMap({"receiver": "S-3"}),
    relations=FrozenMap({"superior": ("S-4", "S-5")}),
    groups=FrozenMap({"panel": ("S-6",), "police": ("officer-7",)}),
)
SPECS: list[tuple[ActorSpec, str, tuple[str, ...]]] = [
    (ByPost(post="teller"), "post teller", ("S-1", "S-2")),
    (ByPost(post="guard"), "post guard", ()),
    (ByRole(role="receiver"), "role receiver", ("S-3",)),
    (ByRole(role="giver"), "role giver", ()),
    (ByRelation(relation="superior"), "relation superior", ("S-4", "S-5")),
    (ByRelation(relation="peer"), "relation peer", ()),
    (ByGroup(group="panel"), "group panel", ("S-6",)),
    (ByGroup(group="crew"), "group crew", ()),
    (BySystem(system="import.*"), "system import.*", ("import.*",)),
    (Outsider(party="police"), "outsider police", ("officer-7",)),
    (Outsider(party="customer"), "outsider customer", ("customer",)),
]


@pytest.mark.parametrize(
    ("spec", "words", "people"), SPECS, ids=lambda one: str(one) if not isinstance(one, tuple) else ""
)
def test_everybody_meant_is_named(spec: ActorSpec, words: str, people: tuple[str, ...]) -> None:
    """A spec reads as its kind and code, and names whoever the standing knows; an outsider is known by the code."""
    assert (words, people) == (str(spec), holders(spec, STANDING))


@pytest.mark.parametrize(
    ("spec", "actor", "right"),
    [
        (ByPost(post="teller"), Actor("S-9", posts=("guard", "teller")), True),
        (ByPost(post="teller"), Actor("S-1"), False),
        (ByPost(post="teller"), Actor("S-9", posts=("teller",), system=True), False),
        (ByRole(role="receiver"), Actor("S-3"), True),
        (ByRole(role="receiver"), Actor("S-9", acting_for="S-3"), True),
        (ByRole(role="receiver"), Actor("S-3", system=True), False),
        (ByRole(role="receiver"), Actor("S-1"), False),
        (ByRelation(relation="superior"), Actor("S-5"), True),
        (ByRelation(relation="superior"), Actor("S-6"), False),
        (ByGroup(group="panel"), Actor("S-6"), True),
        (ByGroup(group="panel"), Actor("S-5"), False),
        (BySystem(system="import.*"), Actor("import.hsbc", system=True), True),
        (BySystem(system="import.*"), Actor("import.hsbc"), False),
        (BySystem(system="import.*"), Actor("IMPORT.hsbc", system=True), False),
        (Outsider(party="customer"), Actor("S-1", acting_for="customer"), True),
        (Outsider(party="customer"), Actor("S-1"), False),
        (Outsider(party="customer"), Actor("customer", system=True), False),
        (Outsider(party="police"), Actor("S-1", acting_for="officer-7"), True),
        (Outsider(party="police"), Actor("officer-7", system=True), False),
    ],
)
def test_who_is_one_of_those_meant(spec: ActorSpec, actor: Actor, right: bool) -> None:
    """Posts are the actor's own; for the rest a delegate counts as the other person; a system is no person."""
    assert right is fits(spec, actor, STANDING)


@pytest.mark.parametrize("build", [lambda code: ByPost(post=code), lambda code: ByRole(role=code),
                                   lambda code: ByRelation(relation=code), lambda code: ByGroup(group=code),
                                   lambda code: BySystem(system=code), lambda code: Outsider(party=code)])  # fmt: skip
def test_a_code_is_needed(build: object) -> None:
    """A spec without a code, or with one that could not be told apart, is refused."""
    with pytest.raises(ValueError, match="Expected a code of 1 to 200 printable characters"):
        build(" x")  # type: ignore[operator]  # each of them takes a code


@pytest.mark.parametrize("kind", [ByPost, ByRole, ByRelation, ByGroup, BySystem, Outsider, Standing])
def test_specs_take_names_only(kind: type) -> None:
    """What a code is of stands beside it; specs with the same code are equal and can be keys."""
    with pytest.raises(TypeError):
        kind("teller")
    assert {ByPost(post="x"): 1}[ByPost(post="x")] == 1


def test_actors_are_said_by_their_titles() -> None:
    """In Chinese a post is called by its title where that is known, and every other sort of actor by its kind."""
    titles = {"desk": Text(zh="受理岗", en="desk")}
    who = (ByPost(post="desk"), ByPost(post="fitter"), ByGroup(group="crew"), BySystem(system="import:x"))

    assert "受理岗、岗位fitter、群组crew、系统import:x" == say_actors(who, "zh", titles)
    assert "post desk, post fitter, group crew, system import:x" == say_actors(who, "en", titles)
