"""Where the boxes and ribbons of a Sankey diagram stand: layers, an order with few crossings, places.

The layered layout of Sugiyama, Tagawa and Toda (*Methods for visual understanding of hierarchical system structures*,
IEEE Trans. SMC 11, 1981): layers by the longest path, orders by barycentres, a place of its own for a long ribbon in
every layer that it crosses. Nothing is drawn at random: the same flows stand in the same places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import NamedTuple

BOX, GAP, THIN = 12, 24, 7
"""Width of a box; room above a box, for its name; room between ribbons that pass a layer. In pixels."""
_SWEEPS = 12


class Flow(NamedTuple):
    """What flows from a node to another one: its size where it leaves and where it arrives, both above zero."""

    source: str
    target: str
    start: float
    end: float


class Item(NamedTuple):
    """A node, or (``flow`` not missing) the place at which a long flow passes a layer."""

    node: str
    flow: int | None
    layer: int


class Piece(NamedTuple):
    """A flow, or the part of a long one, between neighbouring layers."""

    left: Item
    right: Item
    size: float


class Box(NamedTuple):
    """A node as drawn: left edge, top, heights of what flows in and out, in pixels."""

    x: float
    top: float
    inflow: float
    outflow: float


class Ribbon(NamedTuple):
    """A flow as drawn: x, top and bottom from its source to its target; ``is_back`` where it runs to the left."""

    flow: int
    points: tuple[tuple[float, float, float], ...]
    is_back: bool


_Pulls = dict[Item, list[tuple[Item, float]]]


class Layout(NamedTuple):
    """Boxes by node, ribbons in the order of the flows, and the height that they take."""

    boxes: Mapping[str, Box]
    ribbons: tuple[Ribbon, ...]
    height: float


def layout(flows: Sequence[Flow], *, width: float, height: float) -> Layout:
    """Place everything.

    Parameters
    ----------
    flows : at least one; of flows that close a circle the smallest runs back, from right to left.
    width, height : pixels in which to draw; the height grows where the gaps between many boxes would take half of it.

    Returns
    -------
    Ribbons meet their boxes without gap or overlap: at every node they are as high as what flows in and out.

    >>> drawn = layout([Flow("a", "b", 4, 4), Flow("b", "c", 6, 6)], width=212, height=60)
    >>> [(box.x, box.inflow, box.outflow) for box in drawn.boxes.values()]
    [(0.0, 0.0, 40.0), (100.0, 40.0, 60.0), (200.0, 60.0, 0.0)]
    """
    forward = _forward(flows)
    layer_of = _layers([flows[number] for number in sorted(forward)], flows)
    layers, pieces = _items(flows, forward, layer_of)
    sizes = _sizes(flows, layers)
    ordered = _ordered(layers, pieces, sizes)
    gaps = [sum(map(_gap, layer[1:])) for layer in ordered]
    height = max(height, 2 * max(gaps))
    scale = min((height - gap) / sum(sizes[item] for item in layer) for gap, layer in zip(gaps, ordered, strict=True))
    tops = _settled(ordered, pieces, {item: size * scale for item, size in sizes.items()}, height)
    step = (width - BOX) / max(len(ordered) - 1, 1)
    boxes: dict[str, Box] = {}
    passed: dict[int, list[tuple[float, float]]] = {}
    for item in (item for layer in ordered for item in layer):
        if item.flow is None:
            into = scale * sum(flow.end for flow in flows if flow.target == item.node)
            out = scale * sum(flow.start for flow in flows if flow.source == item.node)
            boxes[item.node] = Box(item.layer * step, tops[item], into, out)
        else:
            passed.setdefault(item.flow, []).append((item.layer * step, tops[item]))
    return Layout(boxes, tuple(_ribbons(flows, forward, boxes, passed, scale)), height)


def _forward(flows: Sequence[Flow]) -> set[int]:
    """Numbers of the flows that run to the right: the largest first, those that would close a circle left out."""
    kept: set[int] = set()
    after: dict[str, set[str]] = {}

    def reached(start: str) -> set[str]:
        nodes, open_nodes = {start}, [start]
        while open_nodes:
            following = after.get(open_nodes.pop(), set()) - nodes
            nodes |= following
            open_nodes += following
        return nodes

    by_size = sorted(range(len(flows)), key=lambda n: (-flows[n].start, flows[n].source, flows[n].target))
    for number in by_size:
        source, target = flows[number].source, flows[number].target
        if source not in reached(target):
            kept.add(number)
            after.setdefault(source, set()).add(target)
    return kept


def _layers(forward: Sequence[Flow], flows: Sequence[Flow]) -> dict[str, int]:
    """The layer of each node: one more than the furthest node that flows into it."""
    into: dict[str, list[str]] = {}
    for flow in forward:
        into.setdefault(flow.target, []).append(flow.source)

    @cache
    def layer(node: str) -> int:
        return max((layer(before) + 1 for before in into.get(node, [])), default=0)

    nodes = dict.fromkeys(node for flow in flows for node in (flow.source, flow.target))
    return {node: layer(node) for node in nodes}


def _items(
    flows: Sequence[Flow], forward: set[int], layer_of: Mapping[str, int]
) -> tuple[list[list[Item]], list[Piece]]:
    """Everything that takes a place, layer by layer, and the pieces of flow between neighbouring layers."""
    layers: list[list[Item]] = [[] for _ in range(max(layer_of.values()) + 1)]
    for node, number in layer_of.items():
        layers[number].append(Item(node, None, number))
    pieces = []
    for number in sorted(forward):
        flow = flows[number]
        passed = range(layer_of[flow.source] + 1, layer_of[flow.target])
        path = [
            Item(flow.source, None, layer_of[flow.source]),
            *(Item(flow.source, number, layer) for layer in passed),
            Item(flow.target, None, layer_of[flow.target]),
        ]
        for item in path[1:-1]:
            layers[item.layer].append(item)
        pieces += [Piece(left, right, max(flow.start, flow.end)) for left, right in pairwise(path)]
    return layers, pieces


def _sizes(flows: Sequence[Flow], layers: Sequence[Sequence[Item]]) -> dict[Item, float]:
    """The height of each item in units of flow: of a node the larger of what flows in and out."""
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for flow in flows:
        out[flow.source] = out.get(flow.source, 0) + flow.start
        into[flow.target] = into.get(flow.target, 0) + flow.end
    return {
        item: max(into.get(item.node, 0), out.get(item.node, 0))
        if item.flow is None
        else max(flows[item.flow].start, flows[item.flow].end)
        for layer in layers
        for item in layer
    }


def _ordered(layers: list[list[Item]], pieces: Sequence[Piece], sizes: Mapping[Item, float]) -> list[list[Item]]:
    """Each layer in the order in which ribbons cross least, after a few sweeps to the right and back."""
    best, fewest = layers, _crossings(layers, pieces)
    current = list(layers)
    for sweep in range(_SWEEPS):
        rightwards = sweep % 2 == 0
        pulls = _pulls(pieces, rightwards=rightwards)
        for number in range(len(current)) if rightwards else reversed(range(len(current))):
            neighbours = number - 1 if rightwards else number + 1
            if 0 <= neighbours < len(current):
                own, middle = _middles(current[number], sizes), _middles(current[neighbours], sizes)
                wanted = {item: _barycentre(pulls.get(item, []), middle, default=place) for item, place in own.items()}
                current[number] = sorted(current[number], key=wanted.__getitem__)
        crossings = _crossings(current, pieces)
        if crossings < fewest:
            best, fewest = list(current), crossings
    return best


def _pulls(pieces: Sequence[Piece], *, rightwards: bool) -> _Pulls:
    """For each item what it is drawn to, in the layer before it or in the one after it."""
    pulls: _Pulls = {}
    for left, right, size in pieces:
        item, neighbour = (right, left) if rightwards else (left, right)
        pulls.setdefault(item, []).append((neighbour, size))
    return pulls


def _middles(layer: Sequence[Item], sizes: Mapping[Item, float]) -> dict[Item, float]:
    """Where the middle of each item lies when the layer is stacked, as a share of its height."""
    whole, reached, middles = sum(sizes[item] for item in layer), 0.0, {}
    for item in layer:
        middles[item] = (reached + sizes[item] / 2) / whole
        reached += sizes[item]
    return middles


def _barycentre(pulls: Sequence[tuple[Item, float]], middle: Mapping[Item, float], *, default: float) -> float:
    """The mean place of the neighbours, each by the size of what it exchanges."""
    weight = sum(size for _, size in pulls)
    return sum(middle[item] * size for item, size in pulls) / weight if weight else default


def _crossings(layers: Sequence[Sequence[Item]], pieces: Sequence[Piece]) -> float:
    """How much ribbons cross: for each pair that does, the thinner of the two."""
    place = {item: number for layer in layers for number, item in enumerate(layer)}
    by_layer: dict[int, list[tuple[int, int, float]]] = {}
    for left, right, size in pieces:
        by_layer.setdefault(left.layer, []).append((place[left], place[right], size))
    return sum(
        min(one[2], other[2])
        for beside in by_layer.values()
        for one, other in combinations(beside, 2)
        if (one[0] - other[0]) * (one[1] - other[1]) < 0
    )


def _gap(below: Item) -> float:
    return GAP if below.flow is None else THIN


def _settled(
    layers: Sequence[Sequence[Item]], pieces: Sequence[Piece], heights: Mapping[Item, float], height: float
) -> dict[Item, float]:
    """The top of each item: near its neighbours, in the layer's order, nothing on top of anything else."""
    tops: dict[Item, float] = {}
    for layer in layers:
        tops |= _stack(layer, dict.fromkeys(layer, 0.0), heights, height)
    for sweep in range(_SWEEPS):
        rightwards = sweep % 2 == 0
        pulls = _pulls(pieces, rightwards=rightwards)
        for layer in layers if rightwards else reversed(layers):
            middle = {item: top + heights[item] / 2 for item, top in tops.items()}
            drawn = {item: _barycentre(pulls.get(item, []), middle, default=middle[item]) for item in layer}
            wanted = {item: drawn[item] - heights[item] / 2 for item in layer}
            tops |= _stack(layer, wanted, heights, height)
    return tops


def _stack(
    layer: Sequence[Item], wanted: Mapping[Item, float], heights: Mapping[Item, float], height: float
) -> dict[Item, float]:
    """Tops of a layer: each item where it is wanted or below the one above it, all moved up where the room ends."""
    tops: dict[Item, float] = {}
    free = 0.0
    for number, item in enumerate(layer):
        tops[item] = max(free + (_gap(item) if number else 0.0), wanted[item])
        free = tops[item] + heights[item]
    end = height
    for item in reversed(layer):
        tops[item] = min(tops[item], end - heights[item])
        end = tops[item] - _gap(item)
    return tops


def _ribbons(
    flows: Sequence[Flow],
    forward: set[int],
    boxes: Mapping[str, Box],
    passed: Mapping[int, Sequence[tuple[float, float]]],
    scale: float,
) -> Iterator[Ribbon]:
    """The ribbons; ``passed`` holds left edge and top of the places that each flow takes in the layers it crosses."""
    starts = _stacked(flows, forward, boxes, passed, scale, leaving=True)
    ends = _stacked(flows, forward, boxes, passed, scale, leaving=False)
    for number, flow in enumerate(flows):
        between = max(flow.start, flow.end) * scale
        points = [(boxes[flow.source].x + BOX, starts[number], starts[number] + flow.start * scale)]
        points += [(x + side, top, top + between) for x, top in passed.get(number, []) for side in (0, BOX)]
        points.append((boxes[flow.target].x, ends[number], ends[number] + flow.end * scale))
        yield Ribbon(number, tuple(points), number not in forward)


def _stacked(
    flows: Sequence[Flow],
    forward: set[int],
    boxes: Mapping[str, Box],
    passed: Mapping[int, Sequence[tuple[float, float]]],
    scale: float,
    *,
    leaving: bool,
) -> dict[int, float]:
    """Top of each ribbon at the box that it leaves, or arrives at: in the order of their other ends, back ones last."""

    def place(number: int) -> tuple[bool, float]:
        path = passed.get(number)
        other = boxes[flows[number].target if leaving else flows[number].source].top
        return number not in forward, path[0 if leaving else -1][1] if path else other

    reached = {node: box.top for node, box in boxes.items()}
    tops = {}
    for number in sorted(range(len(flows)), key=place):
        flow = flows[number]
        node, size = (flow.source, flow.start) if leaving else (flow.target, flow.end)
        tops[number] = reached[node]
        reached[node] += size * scale
    return tops
