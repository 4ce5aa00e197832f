"""How sets overlap: a row for each combination, a dot for each set in it, a bar for its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
import pandas as pd

from bizlab.contracts.table import Table
from bizlab.errors import ContractError
from bizlab.labels import LANGS, Label, Lang, joined
from bizlab.report.charts.drawing import INK, MUTED, PLAIN, RULE, SPOKEN, TOTAL, Frame, chart_of, draw, layer_of_text
from bizlab.report.format import cell_text, number_text, spoken
from bizlab.report.lettering import cut
from bizlab.report.shown import ShownChart, Source
from bizlab.report.view import table_behind

_WIDTH, _ROW, _BAR, _FIGURES = 720, 26, 14, 72
_COLUMN, _STEP, _NAME = 26, 18, 420
_COLOURS = [INK, RULE, PLAIN, TOTAL]
_OWN = alt.Color("fill:N", legend=None, scale=alt.Scale(domain=_COLOURS, range=_COLOURS))
"""A mark's own colour; layers share one scale, so it knows all of them."""


class Combination(NamedTuple):
    """One row: which sets it lies in, its size, the size as text, and what is read aloud."""

    inside: frozenset[str]
    size: float
    figure: str
    spoken: Label


def upset(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    combination: str,
    value: str,
    sets: Mapping[str, Label],
    names: Mapping[str, Label],
    alt_text: Label,
    note: Label | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownChart:
    """An UpSet chart: exclusive combinations of sets, each with its size.

    Lex, Gehlenborg, Strobelt, Vuillemot and Pfister, *UpSet: visualization of intersecting sets*, IEEE TVCG 20 (2014)
    1983-1992; here with a row to a combination, so that its figure can stand beside the bar.

    Parameters
    ----------
    frame : one row per combination, satisfying ``contract``, in the order to draw.
    combination : column with the ids of the sets joined by ``+``; a text that holds no id is the combination of none.
    value : column of the size, a whole number of things.
    sets : the sets in the order of their columns, with their names.
    names : the words of the combinations.
    alt_text : what the chart shows, in words.

    Returns
    -------
    The drawing with the table behind it.

    Raises
    ------
    ContractError : no rows, no sets, or a missing size.
    """
    if frame.empty or not sets or frame[value].isna().any():
        raise ContractError(
            "An UpSet chart needs sets and a size for every combination",
            place=f"chart {key}",
            fix="show the table alone, or load a month that has data",
        )
    columns, words = [combination, value], {combination: names}
    data = table_behind(frame, contract, key=key, title=title, columns=columns, names=words, sources=sources)
    ids, size = data.columns
    rows = []
    for code, amount in data.rows:
        heard, number = joined([cell_text(code, ids), spoken(amount, size)]), float(amount or 0)
        inside = frozenset(str(code).split("+")) & sets.keys()
        rows.append(Combination(inside, number, number_text(number, size.unit), heard))
    texts = {lang: (size.label.text(lang), alt_text.text(lang)) for lang in LANGS}
    svg: dict[str, str] = {lang: _draw(rows, sets, texts[lang], lang) for lang in LANGS}
    return ShownChart(key, title, svg, alt_text, data, note)


def _draw(rows: Sequence[Combination], sets: Mapping[str, Label], texts: tuple[str, str], lang: Lang) -> str:
    """Everything is placed in pixels on one scale: dots left, bars right of them, names of sets as a stair above."""
    matrix = _COLUMN * len(sets) + 12
    top = _STEP * len(sets) + 18
    frame = Frame(_WIDTH - 16, _ROW * len(rows), 8, 8, top=top)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, frame.width], nice=False, zero=False))
    y = alt.Y("row:O", axis=None, sort=None, scale=alt.Scale(domain=list(range(len(rows))), padding=0))
    places = {set_id: _COLUMN * (number + 0.5) for number, set_id in enumerate(sets)}
    layers = [*_dots(rows, places, x, y), *_bars(rows, (matrix, frame.width - _FIGURES), x, y, lang)]
    layers += _names(sets, places, x, lang)
    heading = layer_of_text([{"x": frame.width, "text": texts[0]}], align="right", color=MUTED, size=12)
    layers.append(heading.encode(x=x, y=alt.YValue(-12), text=alt.Text("text:N")))
    return draw(layers, frame, alt_text=texts[1])


def _dots(rows: Sequence[Combination], places: Mapping[str, float], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    dots = [
        {"row": number, "x": place, "fill": INK if set_id in row.inside else RULE}
        for number, row in enumerate(rows)
        for set_id, place in places.items()
    ]
    filled = [(number, [places[set_id] for set_id in row.inside]) for number, row in enumerate(rows)]
    joins = [{"row": number, "x": min(at), "x2": max(at)} for number, at in filled if len(at) > 1]
    layers = [chart_of(joins).mark_rule(color=INK, strokeWidth=2, aria=False).encode(x=x, x2=alt.X2("x2:Q"), y=y)]
    layers.append(chart_of(dots).mark_circle(size=110, opacity=1, aria=False).encode(x=x, y=y, color=_OWN))
    return layers


def _bars(rows: Sequence[Combination], ends: tuple[float, float], x: alt.X, y: alt.Y, lang: Lang) -> list[alt.Chart]:
    start, stop = ends
    largest = max((row.size for row in rows), default=0) or 1.0
    drawn: list[dict[str, Any]] = [
        {
            "row": number,
            "x": start,
            "x2": start + (stop - start) * row.size / largest,
            "fill": PLAIN if row.inside else TOTAL,
            "figure": row.figure,
            "spoken": row.spoken.text(lang),
        }
        for number, row in enumerate(rows)
    ]
    bars = chart_of(drawn).mark_bar(size=_BAR).encode(x=x, x2=alt.X2("x2:Q"), y=y, color=_OWN, description=SPOKEN)
    beside = [{**row, "x": row["x2"]} for row in drawn]
    return [bars, layer_of_text(beside, align="left", shift=6).encode(x=x, y=y, text=alt.Text("figure:N"))]


def _names(sets: Mapping[str, Label], places: Mapping[str, float], x: alt.X, lang: Lang) -> list[alt.Chart]:
    """Each set's name above its column, the first one highest, with a line down to it."""
    layers: list[alt.Chart] = []
    for number, (set_id, label) in enumerate(sets.items()):
        height = -(_STEP * (len(sets) - number)) + 6
        line = chart_of([{"x": places[set_id]}]).mark_rule(color=RULE, aria=False)
        name = [{"x": places[set_id], "text": cut(label.text(lang), _NAME)}]
        text = layer_of_text(name, align="left", shift=5, size=12)
        layers.append(line.encode(x=x, y=alt.YValue(height + 4), y2=alt.Y2Value(0)))
        layers.append(text.encode(x=x, y=alt.YValue(height), text=alt.Text("text:N")))
    return layers
