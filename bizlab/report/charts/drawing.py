"""From an Altair chart to a small, safe SVG whose bytes depend on nothing but the chart.

Nothing is laid out by measured text, since a host's fonts would then decide the bytes: sizes and paddings are
fixed, labels are cut by counted characters, scales have explicit domains. Colours are the fixed ones below; the
page's style sheet overrides each by its value, for dark mode and print.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import altair as alt
import vl_convert

from bizlab.report.charts.svg import clean_svg
from bizlab.report.lettering import FONT_SIZE

INK, MUTED, RULE = "#22303c", "#667380", "#dde3e8"
GOOD, BAD, TOTAL, PLAIN = "#2b7a66", "#b3492f", "#566370", "#2f6690"
SERIES = (PLAIN, "#c9822b", "#5b8e7d", "#8d5a97", "#a8556b", "#7a7f45")
HEAT = ("#eef3f7", "#d6e2eb", "#b1c9da", "#86abc5", "#5988ab", PLAIN)

SPOKEN = alt.Description("spoken:N")
"""What a mark is called aloud, the field of that name in its row."""
_VEGA_LITE = "6.4"


class Frame(NamedTuple):
    """Plot size and the margins around it, in pixels."""

    width: int
    height: int
    left: int
    right: int
    top: int = 28
    bottom: int = 8


def draw(layers: Sequence[alt.Chart], frame: Frame, *, alt_text: str) -> str:
    """Draw layers to SVG at a fixed size.

    The layers are put together as plain data, since Altair copies all rows and checks them against its schema for each
    property that is set of a chart of charts. So channels are objects too (``alt.Text("text:N")``, ``alt.XValue(8)``):
    for a text or a plain value it searches the whole schema.
    """
    inside: dict[str, Any] = {"top_level": False, "datasets": {}}  # rows gather here, and layers name them
    text, view = {"fontSize": FONT_SIZE, "color": INK}, {"stroke": None}
    labels = {"labelFontSize": 12, "labelColor": MUTED, "labelLimit": 0, "labelOverlap": False, "labelBound": False}
    chart = {
        "width": frame.width,
        "height": frame.height,
        "padding": {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom},
        "autosize": {"type": "none"},
        "config": {"background": "transparent", "view": view, "text": text, "axis": labels},
        "layer": [layer.to_dict(validate=False, context=inside) for layer in layers],
        "datasets": inside["datasets"],
    }
    return clean_svg(vl_convert.vegalite_to_svg(chart, vl_version=_VEGA_LITE), alt_text=alt_text)


def ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Round numbers that cover a range, in steps of 1, 2 or 5.

    >>> ticks(-3, 42)
    [-10.0, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    """
    span = (high - low) or abs(high) or 1.0
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(number * step, 10) for number in range(first, last + 1)]


def chart_of(rows: Sequence[Mapping[str, object]]) -> alt.Chart:
    """A chart over rows that are written into it."""
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def layer_of_text(
    rows: Sequence[Mapping[str, object]],
    *,
    align: Literal["left", "center", "right"],
    color: str = INK,
    shift: int = 0,
    size: int = FONT_SIZE,
) -> alt.Chart:
    """Texts at places given in the rows' own fields; not read aloud, since the marks are."""
    texts: alt.Chart = chart_of(rows).mark_text(
        align=align, baseline="middle", color=color, dx=shift, fontSize=size, aria=False
    )
    return texts
