"""A procedure made visible: as a flowchart in Mermaid text, and as the rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from branchkit.estate import say_actors
from branchkit.procedures.model import Procedure, Stage, Transition
from branchkit.values import FrozenMap, Text

__all__ = ["UNTITLED", "to_mermaid", "to_rows"]

UNTITLED: Mapping[str, Text] = FrozenMap()
"""For whoever does not say what posts are called: their codes stand there."""


def to_mermaid(procedure: Procedure, lang: str = "en", *, titles: Mapping[str, Text] = UNTITLED) -> str:
    """Return the procedure as a Mermaid flowchart; stages by id, so that their order in the document shows nowhere.

    Args:
        procedure: the procedure.
        lang: ``"zh"`` or ``"en"``.
        titles: what posts are called, by their codes; see `EstateStandard.post_titles`.
    """
    names = {stage.id: f"s{at}" for at, stage in enumerate(sorted(procedure.stages, key=lambda one: one.id))}
    ends = {outcome.code: f"e{at}" for at, outcome in enumerate(procedure.outcomes)}
    return "\n".join(("flowchart TD", *_lines(procedure, names, ends, lang, titles))) + "\n"


def _lines(
    procedure: Procedure, names: dict[str, str], ends: dict[str, str], lang: str, titles: Mapping[str, Text]
) -> Iterator[str]:
    yield "  start((●))"
    for stage in sorted(procedure.stages, key=lambda one: one.id):
        who = _quoted(say_actors(stage.actors, lang, titles))
        label = f"{_quoted(stage.title.say(lang))}<br/><small>{who}</small>"
        left, right = ("([", "])") if stage.optional else ("{{", "}}") if stage.needs else ("[", "]")
        yield f'  {names[stage.id]}{left}"{label}"{right}'
    for outcome in procedure.outcomes:
        yield f'  {ends[outcome.code]}((("{_quoted(outcome.title.say(lang))}")))'
    for name in sorted(procedure.starts):
        yield f"  start --> {names[name]}"
    for stage in sorted(procedure.stages, key=lambda one: one.id):
        for one in stage.transitions:
            arrow = "-.->" if one.returns else "-->"
            label = _quoted(one.title.say(lang))
            for target in _targets(one, names, ends):
                yield f'  {names[stage.id]} {arrow}|"{label}"| {target}'


def _targets(one: Transition, names: dict[str, str], ends: dict[str, str]) -> list[str]:
    return [names[name] for name in sorted(one.to)] + ([] if one.ends is None else [ends[one.ends]])


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def to_rows(
    procedure: Procedure, lang: str = "en", *, titles: Mapping[str, Text] = UNTITLED
) -> tuple[tuple[str, ...], ...]:
    """Return a row a stage: id, title, who acts, form, clocks, where it leads; the first row names the columns."""
    return (
        ("stage", "title", "actors", "form", "clocks", "leads to"),
        *(_row(stage, lang, titles) for stage in procedure.stages),
    )


def _row(stage: Stage, lang: str, titles: Mapping[str, Text]) -> tuple[str, ...]:
    ways = "; ".join(
        f"{one.title.say(lang)} → {', '.join((*one.to, *(() if one.ends is None else (f'[{one.ends}]',)))) or '–'}"
        for one in stage.transitions
    )
    return (
        stage.id,
        stage.title.say(lang),
        say_actors(stage.actors, lang, titles),
        stage.form or "",
        ", ".join(spec.title.say(lang) for spec in stage.clocks),
        ways,
    )
