"""Where the boxes and lines of a layered picture go: from the top down, few crossings, nothing on top of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import attrs

__all__ = ["Box", "Laid", "Line", "lay_out"]

_SWEEPS = 12
_SETTLING = 60
_STRAIGHT = 8
_GAP = 22
_THROUGH = 14
"""The room that a line takes beside a box that it passes."""
_PORTS = 24


@attrs.frozen
class Box:
    """Something with a size, on a layer; layers are counted from the top."""

    key: str
    layer: int
    width: int
    height: int


@attrs.frozen
class Line:
    """A line from a box down to one on a lower layer."""

    upper: str
    lower: str


@attrs.frozen(kw_only=True)
class Laid:
    """The picture: the middle of the upper edge of each box, and through which points each line goes."""

    width: int
    height: int
    places: Mapping[str, tuple[int, int]]
    lines: tuple[tuple[tuple[int, int], ...], ...]
    """For each line the points between which it bends, in pairs: out of one layer, into the next."""


@attrs.define(eq=False)
class _Node:
    width: int
    box: Box | None
    above: list[int] = attrs.field(factory=list)
    below: list[int] = attrs.field(factory=list)
    x: int = 0


def lay_out(boxes: Sequence[Box], lines: Sequence[Line], *, gap: int = 30) -> Laid:
    """Place boxes on their layers so that lines cross little and run straight; the same input gives the same picture.

    Args:
        boxes: what is placed; those listed first tend to the left.
        lines: each from a higher to a lower layer.
        gap: the height between two layers.
    """
    nodes = [_Node(box.width, box) for box in boxes]
    index = {box.key: at for at, box in enumerate(boxes)}
    layers: list[list[int]] = [[] for _ in range(max((box.layer for box in boxes), default=0) + 1)]
    for at, box in enumerate(boxes):
        layers[box.layer].append(at)
    chains = [_chain(nodes, layers, boxes, index, line) for line in lines]
    for chain in chains:
        for upper, lower in pairwise(chain):
            nodes[upper].below.append(lower)
            nodes[lower].above.append(upper)
    _order(nodes, layers)
    _spread(nodes, layers)
    left = min((node.x - node.width // 2 for node in nodes), default=0)
    for node in nodes:
        node.x -= left
    tops, heights, y = [], [], 0
    for layer in layers:
        height = max((one.height for at in layer if (one := nodes[at].box) is not None), default=0)
        tops.append(y)
        heights.append(height)
        y += height + gap
    return Laid(
        width=max((node.x + node.width // 2 for node in nodes), default=0),
        height=max(0, y - gap),
        places={
            box.key: (nodes[at].x, tops[box.layer] + (heights[box.layer] - box.height) // 2)
            for at, box in enumerate(boxes)
        },
        lines=tuple(_points(chain, boxes[chain[0]].layer, nodes, tops, heights) for chain in chains),
    )


def _chain(
    nodes: list[_Node], layers: list[list[int]], boxes: Sequence[Box], index: Mapping[str, int], line: Line
) -> list[int]:
    """Return the nodes that a line goes through: one of its own on each layer that it passes."""
    upper, lower = index[line.upper], index[line.lower]
    chain = [upper]
    for layer in range(boxes[upper].layer + 1, boxes[lower].layer):
        nodes.append(_Node(_THROUGH, None))
        layers[layer].append(len(nodes) - 1)
        chain.append(len(nodes) - 1)
    return [*chain, lower]


# -- from left to right


def _order(nodes: list[_Node], layers: list[list[int]]) -> None:
    """Order each layer by where its neighbours stand, back and forth, and keep the order with the fewest crossings."""
    best, least = [list(layer) for layer in layers], _crossings(nodes, layers)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            _sort(nodes, layers, layer, down)
        count = _crossings(nodes, layers)
        if count < least:
            best, least = [list(layer) for layer in layers], count
    layers[:] = best


def _sort(nodes: list[_Node], layers: list[list[int]], layer: list[int], down: bool) -> None:
    place = {at: number for one in layers for number, at in enumerate(one)}

    def middle(at: int) -> tuple[int, int]:
        near = nodes[at].above if down else nodes[at].below
        # A thousand times the mean, in whole numbers; what has no neighbour there stays about where it is.
        mean = sum(place[one] for one in near) * 1000 // len(near) if near else place[at] * 1000
        return mean, place[at]

    layer.sort(key=middle)


def _crossings(nodes: list[_Node], layers: list[list[int]]) -> int:
    place = {at: number for layer in layers for number, at in enumerate(layer)}
    count = 0
    for layer in layers:
        ends = [place[lower] for at in layer for lower in sorted(nodes[at].below, key=place.__getitem__)]
        count += sum(one > other for number, one in enumerate(ends) for other in ends[number + 1 :])
    return count


def _spread(nodes: list[_Node], layers: list[list[int]]) -> None:
    """Give each node its place: near its neighbours, and far enough from the next one on its layer."""
    for layer in layers:
        x = 0
        for at in layer:
            nodes[at].x = x + nodes[at].width // 2
            x += nodes[at].width + _GAP
        for at in layer:
            nodes[at].x -= x // 2
    for sweep in range(_SETTLING):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _settle(nodes, layer)


def _settle(nodes: list[_Node], layer: list[int]) -> None:
    """Move the nodes of a layer as near as they get to the middle of their neighbours, their order kept.

    What would overlap forms a block that stands at the mean of what its members want (pool adjacent violators).
    """
    blocks: list[tuple[int, int, list[int]]] = []  # the sum of what is wanted, the weight, the members
    offsets: dict[int, int] = {}
    offset = 0
    for number, at in enumerate(layer):
        if number:
            offset += (nodes[layer[number - 1]].width + nodes[at].width) // 2 + _GAP
        offsets[at] = offset
        wish, weight = _wish(nodes, at)
        blocks.append(((wish - offset) * weight, weight, [at]))
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            total, weight, members = blocks.pop()
            blocks[-1] = (blocks[-1][0] + total, blocks[-1][1] + weight, blocks[-1][2] + members)
    for total, weight, members in blocks:
        for at in members:
            nodes[at].x = total // weight + offsets[at]


def _wish(nodes: list[_Node], at: int) -> tuple[int, int]:
    """Return where a node wants to stand, and how much: a long line wants to be straight, and more than boxes do."""
    passes = nodes[at].box is None
    around = (*nodes[at].above, *nodes[at].below)
    near = [(nodes[one].x, _STRAIGHT if passes and nodes[one].box is None else 1) for one in around]
    total = sum(weight for _, weight in near)
    return (sum(x * weight for x, weight in near) // total if near else nodes[at].x), (_STRAIGHT if passes else 1)


# -- lines


def _points(
    chain: list[int], first: int, nodes: list[_Node], tops: list[int], heights: list[int]
) -> tuple[tuple[int, int], ...]:
    points: list[tuple[int, int]] = []
    for number, at in enumerate(chain):
        node, layer = nodes[at], first + number
        height = heights[layer] if node.box is None else node.box.height
        top = tops[layer] + (heights[layer] - height) // 2
        if number:
            points.append((_port(nodes, at, chain[number - 1], node.above), top))
        if number < len(chain) - 1:
            points.append((_port(nodes, at, chain[number + 1], node.below), top + height))
    return tuple(points)


def _port(nodes: list[_Node], at: int, other: int, near: list[int]) -> int:
    """Return where on the edge of a box a line begins or ends: side by side with the others, in the order of theirs."""
    node = nodes[at]
    if node.box is None or len(near) < 2:
        return node.x
    step = min(_PORTS, (node.width - _PORTS) // len(near))
    ordered = sorted(range(len(near)), key=lambda one: (nodes[near[one]].x, one))
    number = next(place for place, one in enumerate(ordered) if near[one] == other)
    return node.x + (2 * number - len(near) + 1) * step // 2
