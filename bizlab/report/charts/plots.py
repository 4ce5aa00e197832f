"""Lines and heat maps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import altair as alt

from bizlab.labels import LANGS, Label, Lang
from bizlab.report.charts.drawing import (
    BAD,
    GOOD,
    HEAT,
    INK,
    MUTED,
    RULE,
    SERIES,
    SPOKEN,
    Frame,
    chart_of,
    draw,
    layer_of_text,
    ticks,
)
from bizlab.report.lettering import cut, text_width

_WIDTH, _LINE_HEIGHT, _AXIS, _NAMES = 720, 240, 64, 150
_CELL_HEIGHT, _LOW_CELL_HEIGHT, _MANY, _GAP = 30, 20, 16, 16
_ON_DARK, _UNSHADED = "#ffffff", ""
_MONTH = re.compile(r"20\d{2}-\d{2}")
_axis = partial(alt.Axis, title=None, aria=False, ticks=False, labelPadding=8)


class Line(NamedTuple):
    """One line: its values at its steps, in the unit shown, with an interval where there is one."""

    label: Label
    steps: list[Label]
    values: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    spoken: list[Label]


class Cell(NamedTuple):
    """One cell of a matrix."""

    across: Label
    down: Label
    value: float | None
    figure: str
    spoken: Label


def draw_lines(lines: Sequence[Line], *, steps: Sequence[Label], unit: Label, alt_text: Label) -> dict[str, str]:
    """Draw lines in both languages; each line's name stands at its end."""
    return {lang: _draw_lines(lines, steps, (unit.text(lang), alt_text.text(lang)), lang) for lang in LANGS}


def draw_heatmap(
    cells: Sequence[Cell], *, across: Sequence[Label], unit: Label, alt_text: Label, shortfall: bool = False
) -> dict[str, str]:
    """Draw a matrix in both languages, a column for each label of ``across``.

    With ``shortfall`` a cell is the darker, the less of a whole hundred percent it holds.
    """
    shades = _shortfalls(cells) if shortfall else _shades(cells)
    shaded = list(zip(cells, shades, strict=True))
    return {lang: _draw_heatmap(shaded, across, (unit.text(lang), alt_text.text(lang)), lang) for lang in LANGS}


def _draw_lines(lines: Sequence[Line], steps: Sequence[Label], texts: tuple[str, str], lang: Lang) -> str:
    marks = ticks(*_range(lines))
    names = {line.label: SERIES[number] if number < len(SERIES) else MUTED for number, line in enumerate(lines)}
    right = _NAMES if len(lines) > 1 else 24
    frame = Frame(_WIDTH - _AXIS - right, _LINE_HEIGHT, _AXIS, right, top=36, bottom=32)
    order = [step.text(lang) for step in steps]
    x = alt.X("step:O", sort=None, scale=alt.Scale(domain=order, type="point", padding=0.4), axis=_step_axis(order))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[marks[0], marks[-1]], nice=False, zero=False), axis=_value_axis(marks))
    layers: list[alt.Chart] = []
    for line in lines:
        layers += _line_layers(line, x, y, names[line.label], lang)
    if len(lines) > 1:
        layers += _end_names(lines, frame, marks, lang)
    heading = layer_of_text([{"text": texts[0]}], align="left", color=MUTED, size=12)
    layers.append(heading.encode(x=alt.XValue(-_AXIS), y=alt.YValue(-22), text=alt.Text("text:N")))
    return draw(layers, frame, alt_text=texts[1])


def _range(lines: Sequence[Line]) -> tuple[float, float]:
    """The range to draw: all values, and zero unless they stay far from it."""
    values = [v for line in lines for part in (line.values, line.lower, line.upper) for v in part if v is not None]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if low > 0 and low < 0.7 * high:
        low = 0.0
    if high < 0 and high > 0.7 * low:
        high = 0.0
    return low, high


def _line_layers(line: Line, x: alt.X, y: alt.Y, color: str, lang: Lang) -> list[alt.Chart]:
    columns = zip(line.steps, line.values, line.lower, line.upper, line.spoken, strict=True)
    points: list[dict[str, Any]] = [
        {"step": step.text(lang), "value": value, "lower": lower, "upper": upper, "spoken": spoken.text(lang)}
        for step, value, lower, upper, spoken in columns
    ]
    layers: list[alt.Chart] = []
    band = [{**p, "value": p["lower"]} for p in points if p["lower"] is not None and p["upper"] is not None]
    if band:
        area = chart_of(band).mark_area(color=color, opacity=0.16, aria=False)
        layers.append(area.encode(x=x, y=y, y2=alt.Y2("upper:Q")))
    chart = chart_of(points)
    layers.append(
        chart.mark_line(color=color, strokeWidth=2, aria=False, invalid="break-paths-show-domains").encode(x=x, y=y)
    )
    there = chart_of([point for point in points if point["value"] is not None])
    layers.append(there.mark_circle(color=color, size=36, opacity=1).encode(x=x, y=y, description=SPOKEN))
    return layers


def _end_names(lines: Sequence[Line], frame: Frame, marks: list[float], lang: Lang) -> list[alt.Chart]:
    """Names at the lines' ends, moved apart where they would cover one another."""
    span = marks[-1] - marks[0]
    ends = []
    for number, line in enumerate(lines[: len(SERIES)]):
        last = next((value for value in reversed(line.values) if value is not None), None)
        if last is not None:
            ends.append((frame.height * (marks[-1] - last) / span, number, line))
    ends.sort(key=lambda end: (end[0], end[1]))
    layers, lowest = [], -float(_GAP)
    for place, number, line in ends:
        lowest = max(place, lowest + _GAP)
        name = cut(line.label.text(lang), _NAMES - 16)
        text = layer_of_text([{"text": name}], align="left", color=SERIES[number])
        layers.append(text.encode(x=alt.XValue(frame.width + 8), y=alt.YValue(lowest), text=alt.Text("text:N")))
    return layers


def _step_axis(order: list[str]) -> alt.Axis:
    widest = max((text_width(step) for step in order), default=1) * 12 + 14
    every = max(1, -int(-len(order) * widest // (_WIDTH - _AXIS - _NAMES)))
    shown = [step for number, step in enumerate(reversed(order)) if number % every == 0]
    return _axis(values=shown[::-1], labelAngle=0, domainColor=RULE, minExtent=24, maxExtent=24)


def _value_axis(marks: list[float]) -> alt.Axis:
    step = marks[1] - marks[0]
    places = 0 if step >= 1 else 1 if step >= 0.1 else 2
    extent = _AXIS - 8
    return _axis(values=marks, format=f",.{places}f", gridColor=RULE, domain=False, minExtent=extent, maxExtent=extent)


def _draw_heatmap(
    shaded: Sequence[tuple[Cell, str]], across: Sequence[Label], texts: tuple[str, str], lang: Lang
) -> str:
    down = list(dict.fromkeys(cell.down for cell, _ in shaded))
    height = _CELL_HEIGHT if len(down) <= _MANY else _LOW_CELL_HEIGHT
    frame = Frame(_WIDTH - 176 - 8, height * len(down), 176, 8, top=52)
    room = frame.width / len(across)
    x = alt.X("x:O", sort=None, axis=None, scale=alt.Scale(domain=list(range(len(across))), paddingInner=0.04))
    y = alt.Y("y:O", sort=None, axis=None, scale=alt.Scale(domain=list(range(len(down))), paddingInner=0.08))
    rows = [
        {
            "x": across.index(cell.across),
            "y": down.index(cell.down),
            "fill": shade,
            "figure": cell.figure if text_width(cell.figure) * 12 < room else "",
            "spoken": cell.spoken.text(lang),
        }
        for cell, shade in shaded
    ]
    shaded_rows = [row for row in rows if row["fill"] != _UNSHADED]
    fills = sorted({str(row["fill"]) for row in shaded_rows})
    fill = alt.Color("fill:N", legend=None, scale=alt.Scale(domain=fills, range=fills))
    rects = chart_of(shaded_rows).mark_rect().encode(x=x, y=y, color=fill, description=SPOKEN)
    layers: list[alt.Chart] = [rects, *_cell_texts(rows, x, y)]
    tops = [{"x": number, "text": _top(label.text(lang), room - 2)} for number, label in enumerate(across)]
    sides = [{"y": number, "text": cut(label.text(lang), 164)} for number, label in enumerate(down)]
    layers.append(
        layer_of_text(tops, align="center", color=MUTED, size=12).encode(
            x=x, y=alt.YValue(-12), text=alt.Text("text:N")
        )
    )
    layers.append(layer_of_text(sides, align="left").encode(x=alt.XValue(-176), y=y, text=alt.Text("text:N")))
    heading = layer_of_text([{"text": texts[0]}], align="left", color=MUTED, size=12)
    layers.append(heading.encode(x=alt.XValue(-176), y=alt.YValue(-38), text=alt.Text("text:N")))
    return draw(layers, frame, alt_text=texts[1])


def _top(text: str, room: float) -> str:
    """A column's name; a month gives up its century before it is cut."""
    return cut(text.removeprefix("20"), room) if cut(text, room) != text and _MONTH.fullmatch(text) else cut(text, room)


def _shades(cells: Sequence[Cell]) -> list[str]:
    """A step of the ramp for each cell; where values go below zero, two hues tell the signs apart."""
    values = [cell.value for cell in cells if cell.value is not None]
    low, high = min(values, default=0.0), max(values, default=0.0)
    if low < 0:
        return [RULE if not cell.value else GOOD if cell.value > 0 else BAD for cell in cells]
    steps = len(HEAT)
    span = high or 1.0
    return [RULE if cell.value is None else HEAT[min(int(cell.value / span * steps), steps - 1)] for cell in cells]


def _shortfalls(cells: Sequence[Cell]) -> list[str]:
    """The lightest step where nothing is short of 100 %, darker by every fifth, another hue where nothing was done.

    A cell without a value has no shade: any grey would look like a little of something.
    """
    shades = []
    for cell in cells:
        if cell.value is None:
            shades.append(_UNSHADED)
        elif cell.value <= 0:
            shades.append(BAD)
        else:
            shades.append(HEAT[0] if cell.value >= 100 else HEAT[1 + min(int((100 - cell.value) / 20), len(HEAT) - 2)])
    return shades


def _cell_texts(rows: list[dict[str, Any]], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    dark = {*HEAT[4:], GOOD, BAD}
    layers = []
    for color, chosen in ((_ON_DARK, True), (INK, False)):
        texts = [row for row in rows if (row["fill"] in dark) is chosen]
        if texts:
            layers.append(
                layer_of_text(texts, align="center", color=color, size=12).encode(x=x, y=y, text=alt.Text("figure:N"))
            )
    return layers
