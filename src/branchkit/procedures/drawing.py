"""A procedure as a picture (SVG): stages as boxes, transitions as labels on the lines between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

import attrs

from branchkit.estate import ActorSpec, ByPost, say_actors
from branchkit.procedures.graph import ranks
from branchkit.procedures.layout import Box, Line, lay_out
from branchkit.procedures.lettering import clean, fit, width, wrap
from branchkit.procedures.model import Procedure, Stage, Transition
from branchkit.procedures.seeing import UNTITLED
from branchkit.temporal import ClockSpec
from branchkit.temporal.saying import say_deadline
from branchkit.values import Text

__all__ = ["to_svg"]

_STAGE, _INSIDE = 216, 190
_PAD, _TITLE, _SMALL = 12, 14, 12
_LINE = 17
_MARGIN, _HEAD = 28, 62
_START = "·start"

_STYLE = """
svg { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #17202b; --soft: #4d5b6b; --line: #5b7083;
  --faint: #c3ccd6; --join: #1d5f8a; --back: #b3422e; --end: #2b7a64; --end-soft: #e3efe9; --test: #b9770c; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #11161c; --card: #1a2129; --ink: #e4e9ef; --soft: #a9b6c4; --line: #8fa3b6;
    --faint: #45525f; --join: #79b8e0; --back: #ec9380; --end: #63bda2; --end-soft: #1d3a32; --test: #f3b463; }
}
text { fill: var(--ink); font-family: "Segoe UI", "Helvetica Neue", Arial, "Noto Sans",
  "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
.head { font-size: 20px; font-weight: 650; }
.name { font-size: 14px; font-weight: 650; }
.small { font-size: 12px; fill: var(--soft); }
.way { font-size: 12px; }
.middle { text-anchor: middle; }
.ground { fill: var(--ground); }
.stage { fill: var(--card); stroke: var(--line); stroke-width: 1.4; }
.optional { stroke-dasharray: 6 4; }
.join { fill: var(--join); }
.label { fill: var(--ground); stroke: var(--faint); }
.end { fill: var(--end-soft); stroke: var(--end); stroke-width: 1.4; }
.ring { fill: none; stroke: var(--end); }
.start { fill: var(--ink); }
.line { fill: none; stroke: var(--line); stroke-width: 1.4; }
.tip { fill: var(--line); }
.icon { fill: none; stroke: var(--soft); stroke-width: 1.2; }
.test { fill: var(--test); }
.back .line { stroke: var(--back); stroke-dasharray: 5 4; }
.back .label { stroke: var(--back); stroke-dasharray: 4 3; }
.back .way, .back .tip { fill: var(--back); }
"""
_WORDS = {
    "waits": Text(zh="等齐", en="waits for"),
    "joint": Text(zh="人共同签署", en="sign together"),
    "approval": Text(zh="人批准", en="to approve"),
    "attempts": Text(zh="最多次数", en="attempts at most"),
    "optional": Text(zh="可不办", en="optional"),
    "when": Text(zh="视条件", en="where its condition holds"),
    "start": Text(zh="开始", en="Start"),
    "reason": Text(zh="须写明理由", en="with a reason"),
    "acts": Text(zh="办理", en="by"),
}
_ICONS = {
    name: f'<path class="icon" d="{path}"/>'
    for name, path in {
        "who": "M6 6.2a2.6 2.6 0 1 0-.01-5.2a2.6 2.6 0 0 0 .01 5.2M1.2 11.6c.4-3 2.2-4.2 4.8-4.2s4.4 1.2 4.8 4.2",
        "form": "M2 .8h8v10.4h-8zM4 3.8h4M4 6h4M4 8.2h2.4",
        "clock": "M6 11.2a5.2 5.2 0 1 0-.01-10.4a5.2 5.2 0 0 0 .01 10.4M6 3v3.2l2.2 1.4",
        "sign": "M1.4 10.6l.8-3 5.6-5.6 2.2 2.2-5.6 5.6zM1 11.6h10",
        "join": "M2.4 .8v3.4l3.6 2.8 3.6-2.8v-3.4M6 7v4.4",
        "test": "M6 .8l5.2 5.2-5.2 5.2-5.2-5.2z",
    }.items()
}


@attrs.frozen
class _Drawn:
    """A box with what is drawn in it, its upper left corner at the origin."""

    box: Box
    content: str
    kind: str = ""


@attrs.frozen
class _Edge:
    line: Line
    arrow: str = ""
    """``lower`` or ``upper``: at which of its ends it points."""
    back: bool = False


def to_svg(procedure: Procedure, lang: str = "en", *, titles: Mapping[str, Text] = UNTITLED) -> str:
    """Return the procedure as an SVG picture, drawn from the top down in one language.

    It stands alone: no script, no font, no address but that of SVG itself; readable on light and on dark ground.
    What goes back is drawn in another colour and dashed, what joins has a bar, what may be left out a broken frame.
    `titles` says what posts are called, by their codes; see `EstateStandard.post_titles`.
    """
    drawn, edges = _parts(procedure, lang, titles)
    laid = lay_out([one.box for one in drawn], [one.line for one in edges])
    notes = tuple(_notes(procedure, lang))
    head = f"{procedure.title.say(lang)}"
    wide = 2 * _MARGIN + max(laid.width, *(int(width(one, _SMALL)) + 20 for _, one in notes), int(width(head, 20)), 300)
    shift = (wide - laid.width) // 2
    top = _HEAD + _MARGIN + len(notes) * _LINE
    content = [f'<rect class="ground" width="{wide}" height="{top + laid.height + _MARGIN}"/>']
    content.append(_text(_MARGIN, 40, head, "head"))
    content.append(_text(_MARGIN, 60, f"{procedure.id} {procedure.version}", "small"))
    for number, (icon, words) in enumerate(notes):
        y = _HEAD + 18 + number * _LINE
        content.append(f'<g transform="translate({_MARGIN} {y - 10})">{_ICONS[icon]}</g>')
        content.append(_text(_MARGIN + 18, y, words, "small"))
    body = [_curve(edge, points) for edge, points in zip(edges, laid.lines, strict=True)]
    for one in drawn:
        x, y = laid.places[one.box.key]
        kind = f' class="{one.kind}"' if one.kind else ""
        body.append(f'<g{kind} transform="translate({x - one.box.width // 2} {y})">{one.content}</g>')
    content.append(f'<g transform="translate({shift} {top})">{"".join(body)}</g>')
    return _frame(procedure, lang, titles, wide, top + laid.height + _MARGIN, "\n".join(content))


def _frame(procedure: Procedure, lang: str, titles: Mapping[str, Text], wide: int, high: int, content: str) -> str:
    told = "; ".join(_sentence(stage, lang, titles) for stage in procedure.stages)
    name = "zh-CN" if lang == "zh" else "en"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" lang="{name}" aria-labelledby="title desc">\n'
        f'<title id="title">{_safe(procedure.title.say(lang))}</title>\n<desc id="desc">{_safe(told)}</desc>\n'
        f"<style>{_STYLE}</style>\n{content}\n</svg>\n"
    )


def _sentence(stage: Stage, lang: str, titles: Mapping[str, Text]) -> str:
    ways = ", ".join(
        f"{one.title.say(lang)} → {', '.join((*one.to, *(() if one.ends is None else (f'[{one.ends}]',)))) or '–'}"
        for one in stage.transitions
    )
    return f"{stage.title.say(lang)} ({say_actors(stage.actors, lang, titles)}): {ways}"


def _notes(procedure: Procedure, lang: str) -> Iterator[tuple[str, str]]:
    """Yield what holds for the case as a whole: its clocks, and who may not do both."""
    for spec in procedure.clocks:
        yield "clock", _clock_words(spec, lang)
    for one in procedure.separations:
        yield "who", f"{one.title.say(lang)}: {' ≠ '.join(one.duties)}"


def _clock_words(spec: ClockSpec, lang: str) -> str:
    said = f"{spec.title.say(lang)}: {say_deadline(spec.deadline, spec.counting).say(lang)}"
    return said if spec.basis == "sourced" else f"{said} *"


# -- what is drawn, and what leads where


def _parts(procedure: Procedure, lang: str, titles: Mapping[str, Text]) -> tuple[list[_Drawn], list[_Edge]]:
    order = ranks(procedure)
    outcomes = {outcome.code: outcome.title.say(lang) for outcome in procedure.outcomes}
    dot = f'<circle class="start" cx="9" cy="9" r="8"><title>{_safe(_WORDS["start"].say(lang))}</title></circle>'
    drawn = [_Drawn(Box(_START, 0, 18, 18), dot)]
    edges = [_Edge(Line(_START, f"stage {name}"), "lower") for name in sorted(procedure.starts) if name in order]
    names = {stage.id: stage.title.say(lang) for stage in procedure.stages}
    ends: dict[tuple[int, str], _Drawn] = {}
    for stage in sorted(procedure.stages, key=lambda one: (order[one.id], one.id)):
        drawn.append(_stage(stage, 2 * order[stage.id] + 1, names, lang, titles))
        for one in stage.transitions:
            rank = order[stage.id]
            targets = [name for name in one.to if name in order]
            back = bool(targets) and one.ends is None and all(order[name] < rank for name in targets)
            key = f"way {stage.id} {one.id}"
            drawn.append(_way(key, one, 2 * rank if back else 2 * rank + 2, lang, titles))
            own = f"stage {stage.id}"
            if tuple(targets) != (stage.id,):  # What is tried again hangs on the line that goes back.
                edges.append(_Edge(Line(key, own) if back else Line(own, key), back=one.returns))
            for name in targets:
                lower = order[name] > rank
                line = Line(key, f"stage {name}") if lower else Line(f"stage {name}", key)
                edges.append(_Edge(line, "lower" if lower else "upper", one.returns))
            if one.ends is not None:
                place = (rank, one.ends)
                ends.setdefault(place, _end(f"end {rank} {one.ends}", 2 * rank + 3, outcomes.get(one.ends, one.ends)))
                edges.append(_Edge(Line(key, ends[place].box.key), "lower"))
    return [*drawn, *ends.values()], edges


def _stage(stage: Stage, layer: int, names: Mapping[str, str], lang: str, titles: Mapping[str, Text]) -> _Drawn:
    title = wrap(stage.title.say(lang), _INSIDE, _TITLE, 2)
    rows = list(_rows(stage, names, lang, titles))
    height = 2 * _PAD + 18 * len(title) + _LINE * len(rows)
    kind = "stage optional" if stage.optional else "stage"
    content = [f"<title>{_safe(_hint(stage, lang, titles))}</title>"]
    content.append(f'<rect class="{kind}" width="{_STAGE}" height="{height}" rx="8"/>')
    if stage.needs:
        content.append(f'<rect class="join" x="10" y="-3" width="{_STAGE - 20}" height="6" rx="3"/>')
    y = _PAD + 14
    for words in title:
        content.append(_text(_PAD, y, words, "name"))
        y += 18
    for icon, words in rows:
        if icon:
            content.append(f'<g transform="translate({_PAD} {y - 11})">{_ICONS[icon]}</g>')
        content.append(_text(_PAD + 18, y, words, "small"))
        y += _LINE
    return _Drawn(Box(f"stage {stage.id}", layer, _STAGE, height), "".join(content))


def _rows(stage: Stage, names: Mapping[str, str], lang: str, titles: Mapping[str, Text]) -> Iterator[tuple[str, str]]:
    """Yield the small lines of a stage: who, which form, which clocks, what it waits for."""
    room = _INSIDE - 18
    yield from _wrapped("who", _actors(stage.actors, lang, titles), room)
    if stage.form is not None:
        yield "form", fit(stage.form if stage.form_required else f"({stage.form})", room, _SMALL)
    for spec in stage.clocks:
        yield from _wrapped("clock", _clock_words(spec, lang), room)
    if stage.signatures is not None:
        mode = _WORDS[stage.signatures.mode].say(lang)
        yield "sign", f"{stage.signatures.count}{'' if lang == 'zh' else ' '}{mode}"
    if stage.needs:
        waits = ", ".join(names.get(name, name) for name in stage.needs)
        yield from _wrapped("join", f"{_WORDS['waits'].say(lang)}: {waits}", room)
    if stage.when is not None:
        yield "test", fit(_WORDS["when"].say(lang), room, _SMALL)


def _wrapped(icon: str, words: str, room: int) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(wrap(words, room, _SMALL, 2)):
        yield "" if number else icon, line


def _actors(actors: Iterable[ActorSpec], lang: str, titles: Mapping[str, Text]) -> str:
    if lang == "zh":
        return say_actors(actors, lang, titles)
    return ", ".join(one.post if isinstance(one, ByPost) else str(one) for one in actors)


def _hint(stage: Stage, lang: str, titles: Mapping[str, Text]) -> str:
    """Say in full what the box may have shortened."""
    said = [
        f"{stage.title.say(lang)} ({stage.id})",
        f"{_WORDS['acts'].say(lang)}: {say_actors(stage.actors, lang, titles)}",
    ]
    said += [_clock_words(spec, lang) for spec in stage.clocks]
    said += [f"{_WORDS['waits'].say(lang)}: {', '.join(stage.needs)}"] if stage.needs else []
    said += [_WORDS["optional"].say(lang)] if stage.optional else []
    said += [f"{_WORDS['attempts'].say(lang)}: {stage.attempts}"] if stage.attempts is not None else []
    said += [", ".join(stage.rules)] if stage.rules else []
    return "\n".join(said)


def _way(key: str, one: Transition, layer: int, lang: str, titles: Mapping[str, Text]) -> _Drawn:
    lines = wrap(one.title.say(lang), 150, _SMALL, 2)
    mark = 12 if one.when is not None else 0
    wide = max(int(width(words, _SMALL)) for words in lines) + 20 + mark
    high = 8 + 15 * len(lines)
    hint = [one.title.say(lang)]
    hint += [one.else_reason.say(lang)] if one.else_reason is not None else []
    hint += [_WORDS["reason"].say(lang)] if one.reason_required else []
    hint += [_actors(one.actors, lang, titles)] if one.actors else []
    hint += [", ".join(one.rules)] if one.rules else []
    content = [f"<title>{_safe(chr(10).join(hint))}</title>"]
    content.append(f'<rect class="label" width="{wide}" height="{high}" rx="{min(12, high // 2)}"/>')
    if mark:
        content.append(f'<path class="test" d="M9 {high // 2}l4-4 4 4-4 4z"/>')
    content += [_text((wide + mark) // 2, 16 + 15 * at, words, "way middle") for at, words in enumerate(lines)]
    return _Drawn(Box(key, layer, wide, high), "".join(content), "back" if one.returns else "")


def _end(key: str, layer: int, title: str) -> _Drawn:
    words = fit(title, 320, 13)
    wide = int(width(words, 13)) + 36
    content = f'<title>{_safe(title)}</title><rect class="end" width="{wide}" height="32" rx="16"/>'
    content += f'<rect class="ring" x="3.5" y="3.5" width="{wide - 7}" height="25" rx="12.5"/>'
    return _Drawn(Box(key, layer, wide, 32), content + _text(wide // 2, 21, words, "way middle"))


# -- strokes


def _curve(edge: _Edge, points: tuple[tuple[int, int], ...]) -> str:
    """Draw a line that leaves and enters straight, with a tip where it points."""
    points = tuple(points)
    if edge.arrow == "lower":
        points = (*points[:-1], (points[-1][0], points[-1][1] - 6))
    elif edge.arrow == "upper":
        points = ((points[0][0], points[0][1] + 6), *points[1:])
    path = [f"M{points[0][0]} {points[0][1]}"]
    for number in range(1, len(points)):
        (x0, y0), (x1, y1) = points[number - 1], points[number]
        middle = (y0 + y1) // 2
        path.append(f"L{x1} {y1}" if x0 == x1 or number % 2 == 0 else f"C{x0} {middle} {x1} {middle} {x1} {y1}")
    tip = ""
    if edge.arrow == "lower":
        x, y = points[-1]
        tip = f'<path class="tip" d="M{x} {y + 6}l-4.5-9h9z"/>'
    elif edge.arrow == "upper":
        x, y = points[0]
        tip = f'<path class="tip" d="M{x} {y - 6}l-4.5 9h9z"/>'
    kind = ' class="back"' if edge.back else ""
    return f'<g{kind}><path class="line" d="{"".join(path)}"/>{tip}</g>'


def _text(x: int, y: int, words: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{_safe(words)}</text>'


def _safe(words: str) -> str:
    return escape(clean(words))
