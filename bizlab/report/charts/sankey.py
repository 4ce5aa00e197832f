"""A Sankey diagram: boxes for those who trade, ribbons as high as what flows between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from bizlab.contracts.table import Table
from bizlab.errors import ContractError
from bizlab.labels import LANGS, Label, Lang, joined
from bizlab.report.charts.drawing import (
    BAD,
    GOOD,
    MUTED,
    PLAIN,
    SERIES,
    SPOKEN,
    TOTAL,
    Frame,
    chart_of,
    draw,
    layer_of_text,
)
from bizlab.report.charts.sankey_layout import BOX, Flow, Layout, layout
from bizlab.report.format import cell_text, number_text, spoken, unit_scale, unit_word
from bizlab.report.lettering import cut, text_width
from bizlab.report.shown import ShownChart, ShownColumn, ShownTable, Source
from bizlab.report.view import Names, table_behind

_WIDTH, _HEIGHT, _SIDE, _TOP, _LETTERS = 720, 520, 8, 40, 12
_OUTSIDE, _INSIDE, _OUT, _BACK = TOTAL, PLAIN, SERIES[2], SERIES[1]
_FILLS = [_OUTSIDE, _INSIDE, _OUT, _BACK, GOOD, BAD, MUTED]
_OWN = alt.Color("fill:N", legend=None, scale=alt.Scale(domain=_FILLS, range=_FILLS))


class Node(NamedTuple):
    """A box in words: its name, what flows through it as text, what is read aloud; ``gained`` for its own part."""

    name: Label
    figure: str
    spoken: Label
    gained: Label | None


def sankey(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    source: str,
    target: str,
    start: str,
    end: str,
    ends: Collection[str],
    gain: Label,
    alt_text: Label,
    names: Names | None = None,
    note: Label | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownChart:
    """A Sankey diagram of flows of money.

    Riehmann, Hanfler and Froehlich, *Interactive Sankey diagrams*, IEEE InfoVis 2005, 233-240. What a box gives out
    beyond what it takes in is drawn in the box as its own part, green, and what it loses red.

    Parameters
    ----------
    frame : one row per flow, satisfying ``contract``. A flow that is not above zero on both sides cannot be drawn; it
        stays in the table.
    source, target : columns of where a flow leaves and arrives, never the same node.
    start, end : columns of its size in the giver's and in the taker's books; the ribbon changes its height where
        they differ.
    ends : nodes outside, which gain and lose nothing.
    gain : what a box's own part is called.
    alt_text : what the chart shows, in words.

    Returns
    -------
    The drawing with the table behind it.

    Raises
    ------
    ContractError : no flow can be drawn, or one flows from a node to itself.
    """
    drawable = (frame[start] > 0) & (frame[end] > 0)
    if not drawable.any() or (frame[source] == frame[target]).any():
        raise ContractError(
            "A Sankey diagram needs flows above zero between different nodes",
            place=f"chart {key}",
            fix="show the table alone, or load a month that has data",
        )
    columns = [source, target, start, end]
    data = table_behind(frame, contract, key=key, title=title, columns=columns, names=names, sources=sources)
    scale = unit_scale(data.columns[2].unit, (row[place] for row in data.rows for place in (2, 3)))
    rows = [row for row, drawn in zip(data.rows, drawable, strict=True) if drawn]
    flows = [Flow(str(row[0]), str(row[1]), float(row[2] or 0), float(row[3] or 0)) for row in rows]
    placed = layout(flows, width=_WIDTH - 2 * _SIDE, height=_HEIGHT)
    nodes = _nodes(flows, data, placed, ends=ends, gain=gain, scale=scale)
    heard = [_heard(row, data.columns) for row in rows]
    unit = unit_word(data.columns[2].unit, scale=scale) or Label("", "")
    texts = {lang: (unit.text(lang), alt_text.text(lang)) for lang in LANGS}
    svg: dict[str, str] = {lang: _draw(flows, placed, nodes, heard, texts[lang], lang) for lang in LANGS}
    return ShownChart(key, title, svg, alt_text, data, note)


def _heard(row: Sequence[Any], columns: Sequence[ShownColumn]) -> Label:
    """A flow as it is read aloud; both amounts where the two books differ by as much as is said."""
    giver, taker = (cell_text(value, column) for value, column in zip(row[:2], columns[:2], strict=True))
    given, taken = (spoken(value, column) for value, column in zip(row[2:], columns[2:], strict=True))
    texts = []
    for lang in LANGS:
        words = f"{giver.text(lang)} → {taker.text(lang)} · {given.text(lang)}"
        differs = f" · {columns[3].label.text(lang)} {taken.text(lang)}" if given != taken else ""
        texts.append(words + differs)
    return Label(*texts)


def _nodes(
    flows: Sequence[Flow], data: ShownTable, placed: Layout, *, ends: Collection[str], gain: Label, scale: int
) -> dict[str, Node]:
    giver, taker, amount, _ = data.columns
    words = {**giver.words, **taker.words}
    nodes = {}
    for node in placed.boxes:
        name = words.get(node, Label(node, node))
        taken = int(sum(flow.end for flow in flows if flow.target == node))
        given = int(sum(flow.start for flow in flows if flow.source == node))
        heard, own = joined([name, spoken(max(taken, given), amount)]), None
        if node not in ends and given != taken:
            own = joined([name, joined([gain, spoken(given - taken, amount)], " ")])
        nodes[node] = Node(name, number_text(max(taken, given), amount.unit, scale=scale), heard, own)
    return nodes


def _draw(
    flows: Sequence[Flow],
    placed: Layout,
    nodes: Mapping[str, Node],
    heard: Sequence[Label],
    texts: tuple[str, str],
    lang: Lang,
) -> str:
    """Everything is placed in pixels: ribbons below, boxes over them, names above the boxes."""
    frame = Frame(_WIDTH - 2 * _SIDE, round(placed.height), _SIDE, _SIDE, top=_TOP)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, frame.width], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[frame.height, 0], nice=False, zero=False))
    heading = layer_of_text([{"text": texts[0]}], align="left", color=MUTED, size=_LETTERS)
    layers = [
        _ribbons(flows, placed, heard, x, y, lang),
        _boxes(placed, nodes, x, y, lang),
        *_names(placed, nodes, x, y, lang),
        heading.encode(x=alt.XValue(0), y=alt.YValue(-28), text=alt.Text("text:N")),
    ]
    return draw(layers, frame, alt_text=texts[1])


def _ribbons(
    flows: Sequence[Flow], placed: Layout, heard: Sequence[Label], x: alt.X, y: alt.Y, lang: Lang
) -> alt.Chart:
    entered, left = {flow.target for flow in flows}, {flow.source for flow in flows}
    rows = []
    for ribbon in placed.ribbons:
        flow = flows[ribbon.flow]
        inside = _OUTSIDE if flow.source not in entered else _OUT if flow.target not in left else _INSIDE
        said = heard[ribbon.flow].text(lang)
        own = {"ribbon": ribbon.flow, "fill": _BACK if ribbon.is_back else inside, "spoken": said}
        rows += [own | {"x": at, "y": top, "y2": bottom} for at, top, bottom in _curved(ribbon.points)]
    ribbons: alt.Chart = (
        chart_of(rows)
        .mark_area(opacity=0.4, interpolate="basis")
        .encode(x=x, y=y, y2=alt.Y2("y2:Q"), detail=alt.Detail("ribbon:N"), color=_OWN, description=SPOKEN)
    )
    return ribbons


def _curved(points: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """The points with two more between each pair, from which a B-spline leaves and arrives level."""
    curved = [points[0]]
    for (x0, *level0), (x1, *level1) in pairwise(points):
        reach = 0.4 * (x1 - x0)
        curved += [(x0 + reach, level0[0], level0[1]), (x1 - reach, level1[0], level1[1]), (x1, level1[0], level1[1])]
    return curved


def _boxes(placed: Layout, nodes: Mapping[str, Node], x: alt.X, y: alt.Y, lang: Lang) -> alt.Chart:
    rows = []
    for node, box in placed.boxes.items():
        whole, through = max(box.inflow, box.outflow), min(box.inflow, box.outflow)
        gained = nodes[node].gained
        body = whole if gained is None else through
        at = {"x": box.x, "x2": box.x + BOX}
        rows.append(at | {"y": box.top, "y2": box.top + body, "fill": MUTED, "spoken": nodes[node].spoken.text(lang)})
        if gained is not None:
            fill = GOOD if box.outflow > box.inflow else BAD
            rows.append(at | {"y": box.top + body, "y2": box.top + whole, "fill": fill, "spoken": gained.text(lang)})
    boxes: alt.Chart = (
        chart_of(rows)
        .mark_rect()
        .encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), color=_OWN, description=SPOKEN)
    )
    return boxes


def _names(placed: Layout, nodes: Mapping[str, Node], x: alt.X, y: alt.Y, lang: Lang) -> list[alt.Chart]:
    """Each box's name above it, with its figure where there is room; those of the last layer end with their box."""
    edges = sorted({box.x for box in placed.boxes.values()})
    room = min((right - left for left, right in pairwise(edges)), default=_WIDTH) - 10
    layers: list[alt.Chart] = []
    for align, last in (("left", False), ("right", True)):
        rows = [
            {"x": box.x + (BOX if last else 0), "y": box.top - 9, "text": _name(nodes[node], room, lang)}
            for node, box in placed.boxes.items()
            if (box.x == edges[-1]) is last
        ]
        texts = layer_of_text(rows, align=align, size=_LETTERS)  # type: ignore[arg-type]
        layers.append(texts.encode(x=x, y=y, text=alt.Text("text:N")))
    return layers


def _name(node: Node, room: float, lang: Lang) -> str:
    name = cut(node.name.text(lang), room)
    both = f"{name} {node.figure}"
    return both if text_width(both) * _LETTERS <= room else name
