"""Charts: each takes a small frame and its contract, and gives back a drawing with the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.labels import Label, joined
from bizlab.report.charts.bars import Bar, draw_bars
from bizlab.report.charts.plots import Cell, Line, draw_heatmap, draw_lines
from bizlab.report.format import both, cell_text, displayed_size, number_text, spoken, unit_scale, unit_word
from bizlab.report.shown import ShownChart, ShownTable, Source
from bizlab.report.view import Names, table_behind

_TONE_WORDS = {"good": Label("有利", "favourable"), "bad": Label("不利", "adverse")}
_TONE_MARKS = {"good": "▲ ", "bad": "▼ "}


def bars(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    x: str,
    y: str,
    alt: Label,
    names: Names | None = None,
    signed: bool = False,
    favourable: str | None = None,
    sort: Literal["ascending", "descending"] | None = None,
    note: Label | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownChart:
    """Horizontal bars, one per row.

    Parameters
    ----------
    frame : one row per bar, satisfying ``contract``.
    x, y : value column; column of the category.
    signed : colour and mark values above zero as favourable and below as adverse.
    favourable : a yes/no column that says so instead, where the sign does not.
    sort : by value; the default keeps the frame's order.
    alt : what the chart shows, in words.
    """
    if sort is not None:
        frame = frame.sort_values(x, ascending=sort == "ascending", kind="stable", na_position="last")
    extra = [favourable] if favourable else []
    data = table_behind(frame, contract, key=key, title=title, columns=[y, x, *extra], names=names, sources=sources)
    numbers = range(len(data.rows))
    tones = [_tone_of(_value(data, row, x)) if signed else "plain" for row in numbers]
    if favourable:
        answers = [data.value(row, favourable) for row in numbers]
        tones = ["plain" if answer is None else "good" if answer else "bad" for answer in answers]
    drawn = [_bar(data, row, (y, x), tone) for row, tone in enumerate(tones)]
    return ShownChart(key, title, draw_bars(drawn, unit=_heading(data, x), alt_text=alt), alt, data, note)


def funnel(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    stage: str,
    value: str,
    alt: Label,
    rate: str | None = None,
    names: Names | None = None,
    note: Label | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownChart:
    """A funnel from its first stage down, one row per stage in order.

    Parameters
    ----------
    stage, value : column of the stage; column of the number that reached it.
    rate : conversion from the stage before, written beside the number.
    """
    columns = [stage, value, *([rate] if rate else [])]
    data = table_behind(frame, contract, key=key, title=title, columns=columns, names=names, sources=sources)
    drawn = [_bar(data, row, (stage, value), "plain", beside=rate) for row in range(len(data.rows))]
    return ShownChart(key, title, draw_bars(drawn, unit=_heading(data, value), alt_text=alt), alt, data, note)


def waterfall(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    step: str,
    value: str,
    alt: Label,
    total: str = "is_total",
    names: Names | None = None,
    note: Label | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownChart:
    """A walk from one total to another: steps start where the one before ended, totals start at zero.

    Parameters
    ----------
    step, value : column that names the step; its amount, favourable when positive.
    total : yes/no column that marks the totals.
    """
    data = table_behind(frame, contract, key=key, title=title, columns=[step, value], names=names, sources=sources)
    unit, scale = data.column(value).unit, _scale(data, value)
    drawn, reached = [], 0.0
    for row, is_total in enumerate(frame[total]):
        amount = _value(data, row, value)
        size = displayed_size(amount or 0, unit, scale=scale)
        tone = "total" if is_total else _tone_of(amount)
        bar = _bar(data, row, (step, value), tone)
        start = 0.0 if is_total else reached
        reached = start + size
        drawn.append(bar if amount is None else bar._replace(start=start, end=reached))
    return ShownChart(key, title, draw_bars(drawn, unit=_heading(data, value), alt_text=alt), alt, data, note)


def lines(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    x: str,
    y: str,
    alt: Label,
    by: str | None = None,
    lower: str | None = None,
    upper: str | None = None,
    names: Names | None = None,
    note: Label | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownChart:
    """Lines over months or other ordered steps.

    Parameters
    ----------
    frame : one row per step (and line), in the order of the steps.
    x, y : column of the step; value column. A missing value leaves a gap.
    by : column that tells the lines apart.
    lower, upper : interval around the line, drawn as a band.
    """
    extra = [name for name in (by, lower, upper) if name]
    data = table_behind(frame, contract, key=key, title=title, columns=[x, y, *extra], names=names, sources=sources)
    steps = list(dict.fromkeys(_label(data, row, x) for row in range(len(data.rows))))
    groups: dict[Label, list[int]] = {}
    for row in range(len(data.rows)):
        groups.setdefault(_label(data, row, by) if by else title, []).append(row)
    drawn = [_line(data, label, rows, (x, y, lower, upper)) for label, rows in groups.items()]
    svg = draw_lines(drawn, steps=steps, unit=_heading(data, y), alt_text=alt)
    return ShownChart(key, title, svg, alt, data, note)


def heatmap(
    frame: pd.DataFrame,
    contract: Table,
    *,
    key: str,
    title: Label,
    x: str,
    y: str,
    value: str,
    alt: Label,
    shortfall: bool = False,
    steps: Sequence[str] = (),
    names: Names | None = None,
    note: Label | None = None,
    sources: tuple[Source, ...] = (),
) -> ShownChart:
    """A matrix of shaded cells, one row of the frame per cell; the darker, the larger the value.

    Parameters
    ----------
    shortfall : for rates that should be 100 %: the darker, the less; nothing at all has a colour of its own.
    steps : all values of ``x`` in their order, those of no row among them, which stay empty; by default as they come.
    """
    data = table_behind(frame, contract, key=key, title=title, columns=[y, x, value], names=names, sources=sources)
    unit, scale = data.column(value).unit, _scale(data, value)
    cells = []
    for row in range(len(data.rows)):
        amount = _value(data, row, value)
        across, down = _label(data, row, x), _label(data, row, y)
        # Where shortfalls are sought, shades say the rest: of the numbers only a zero is written.
        figure = "0" if shortfall and not amount else number_text(amount or 0, unit, scale=scale)
        if amount is None:
            figure = "·" if shortfall else "—"
        size = None if amount is None else displayed_size(amount, unit, scale=scale)
        cells.append(Cell(across, down, size, figure, _spoken(data, row, value, [down, across])))
    order = [both(step) for step in steps] or list(dict.fromkeys(cell.across for cell in cells))
    svg = draw_heatmap(cells, across=order, unit=_heading(data, value), alt_text=alt, shortfall=shortfall)
    return ShownChart(key, title, svg, alt, data, note)


def _bar(data: ShownTable, row: int, names: tuple[str, str], tone: str, *, beside: str | None = None) -> Bar:
    category, name = names
    value, column, scale = _value(data, row, name), data.column(name), _scale(data, name)
    label = _label(data, row, category)
    heard = _spoken(data, row, name, [label])
    if value is None:
        return Bar(label, None, None, Label("—", "—"), heard)
    figure = _TONE_MARKS.get(tone, "") + number_text(value, column.unit, scale=scale)
    if beside and (rate := _value(data, row, beside)) is not None:
        figure += f" · {spoken(rate, data.column(beside)).zh}"
    if tone in _TONE_WORDS:
        words = _TONE_WORDS[tone]
        heard = Label(f"{heard.zh}，{words.zh}", f"{heard.en}, {words.en}")
    return Bar(label, 0.0, displayed_size(value, column.unit, scale=scale), Label(figure, figure), heard, tone)


def _tone_of(value: float | None) -> str:
    return "plain" if not value else "good" if value > 0 else "bad"


def _line(data: ShownTable, label: Label, rows: list[int], names: tuple[str, str, str | None, str | None]) -> Line:
    x, y, lower, upper = names
    unit, scale = data.column(y).unit, _scale(data, y)

    def sizes(name: str | None) -> list[float | None]:
        values = [_value(data, row, name) if name else None for row in rows]
        return [None if value is None else displayed_size(value, unit, scale=scale) for value in values]

    steps = [_label(data, row, x) for row in rows]
    heard = [_spoken(data, row, y, [label, step]) for row, step in zip(rows, steps, strict=True)]
    return Line(label, steps, sizes(y), sizes(lower), sizes(upper), heard)


def _scale(data: ShownTable, name: str) -> int:
    return unit_scale(data.column(name).unit, (_value(data, row, name) for row in range(len(data.rows))))


def _value(data: ShownTable, row: int, name: str) -> float | None:
    value = data.value(row, name)
    return value if isinstance(value, int | float) else None


def _label(data: ShownTable, row: int, name: str) -> Label:
    return cell_text(data.value(row, name), data.column(name))


def _spoken(data: ShownTable, row: int, name: str, before: list[Label]) -> Label:
    said = spoken(data.value(row, name), data.column(name))
    reason = data.reasons.get((row, name))
    parts = [*before, said] if reason is None else [*before, Label(f"— {reason.zh}", f"— {reason.en}")]
    return joined(parts)


def _heading(data: ShownTable, name: str) -> Label:
    column = data.column(name)
    word = unit_word(column.unit, scale=_scale(data, name))
    if word is None:
        return column.label
    return Label(f"{column.label.zh}，{word.zh}", f"{column.label.en}, {word.en}")
