"""Horizontal bars, the common drawing of bar chart, funnel and waterfall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import altair as alt

from bizlab.labels import LANGS, Label, Lang
from bizlab.report.charts.drawing import (
    BAD,
    GOOD,
    MUTED,
    PLAIN,
    RULE,
    SPOKEN,
    TOTAL,
    Frame,
    chart_of,
    draw,
    layer_of_text,
)
from bizlab.report.lettering import cut

_TONES = {"plain": PLAIN, "good": GOOD, "bad": BAD, "total": TOTAL}
_ROW, _BAR, _WIDTH, _NAMES, _FIGURES = 28, 16, 720, 176, 96


class Bar(NamedTuple):
    """One bar: from ``start`` to ``end`` in the unit shown; both missing where there is no value."""

    label: Label
    start: float | None
    end: float | None
    figure: Label
    spoken: Label
    tone: str = "plain"


def draw_bars(bars: Sequence[Bar], *, unit: Label, alt_text: Label) -> dict[str, str]:
    """Draw bars in both languages, one below the other, each with its figure at the end."""
    return {lang: _draw(bars, unit.text(lang), alt_text.text(lang), lang) for lang in LANGS}


def _draw(bars: Sequence[Bar], unit: str, alt_text: str, lang: Lang) -> str:
    ends = [0.0, *(value for bar in bars for value in (bar.start, bar.end) if value is not None)]
    low, high = min(ends), max(ends)
    left = _NAMES + (_FIGURES if low < 0 else 12)
    right = _FIGURES if high > 0 or low == 0 else 12
    frame = Frame(_WIDTH - left - right, _ROW * max(len(bars), 1), left, right)
    domain = [low, high if high > low else low + 1]
    x = alt.X("start:Q", axis=None, scale=alt.Scale(domain=domain, nice=False, zero=False))
    y = alt.Y(
        "row:O", axis=None, sort=None, scale=alt.Scale(domain=list(range(len(bars))), paddingInner=0, paddingOuter=0)
    )
    rows = [_row(number, bar, lang) for number, bar in enumerate(bars)]
    return draw(_layers(rows, x, y, heading=(unit, -left)), frame, alt_text=alt_text)


def _layers(rows: list[dict[str, object]], x: alt.X, y: alt.Y, *, heading: tuple[str, int]) -> list[alt.Chart]:
    text, edge = heading
    zero = chart_of([{"start": 0}]).mark_rule(color=RULE, aria=False).encode(x=x)
    tones = alt.Color("tone:N", legend=None, scale=alt.Scale(domain=list(_TONES), range=list(_TONES.values())))
    drawn = [row for row in rows if row["start"] is not None]
    body = chart_of(drawn).mark_bar(size=_BAR).encode(x=x, x2=alt.X2("end:Q"), y=y, color=tones, description=SPOKEN)
    names = layer_of_text(rows, align="left").encode(x=alt.XValue(edge), y=y, text=alt.Text("label:N"))
    layers: list[alt.Chart] = [zero, body, names]
    sides: tuple[tuple[str, Literal["left", "right"], int], ...] = (("after", "left", 6), ("before", "right", -6))
    for side, align, shift in sides:
        ends = [{**row, "start": row["edge"]} for row in rows if row["side"] == side]
        layers.append(layer_of_text(ends, align=align, shift=shift).encode(x=x, y=y, text=alt.Text("figure:N")))
    above = layer_of_text([{"text": text}], align="left", color=MUTED, size=12)
    return [*layers, above.encode(x=alt.XValue(edge), y=alt.YValue(-14), text=alt.Text("text:N"))]


def _row(number: int, bar: Bar, lang: Lang) -> dict[str, object]:
    start, end = bar.start, bar.end
    backwards = start is not None and end is not None and end < start
    return {
        "row": number,
        "label": cut(bar.label.text(lang), _NAMES - 12),
        "start": start,
        "end": end,
        "edge": 0 if end is None else end,
        "side": "before" if backwards else "after",
        "figure": bar.figure.text(lang),
        "spoken": bar.spoken.text(lang),
        "tone": bar.tone,
    }
