"""Drawings: to scale, in both languages, safe, and the same bytes each time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.report.charts import charts
from bizlab.report.charts.drawing import BAD, HEAT, ticks
from bizlab.report.charts.svg import clean_svg
from bizlab.units.kinds import Unit

SVG = "{http://www.w3.org/2000/svg}"
ALT = Label("图的说明", "What it shows")
STEPS = Table(
    name="steps",
    label=Label("步骤", "Steps"),
    grain=Label("每步一行", "one row per step"),
    key=("step", "month"),
    columns=(
        Column("step", Unit.CODE, Label("步骤", "Step")),
        Column("month", Unit.MONTH, Label("月份", "Month")),
        Column("net_fen", Unit.FEN, Label("净额", "Net"), nullable=True),
        Column("n_accounts", Unit.COUNT, Label("客户数", "Accounts")),
        Column("rate", Unit.RATE, Label("转化率", "Conversion"), nullable=True),
        Column("is_total", Unit.BOOL, Label("合计", "Total")),
    ),
)
WORDS = {"step": {"b": Label("<b>费用</b>&", "<script>cost</script>")}}


def frame(*amounts: int | None, totals: tuple[int, ...] = (), months: bool = False) -> pd.DataFrame:
    n = len(amounts)
    return STEPS.conform(
        pd.DataFrame(
            {
                "step": ["a"] * n if months else list("abcdefgh"[:n]),
                "month": [f"2026-{i + 1:02d}" for i in range(n)] if months else ["2026-10"] * n,
                "net_fen": pd.array(amounts, dtype="Int64"),
                "n_accounts": [1000 // (i + 1) for i in range(n)],
                "rate": [None if i == 0 else 0.5 for i in range(n)],
                "is_total": [i in totals for i in range(n)],
            }
        )
    )


def root_of(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  our own drawing


def drawn_bars(svg: str) -> dict[str, tuple[float, float]]:
    """Each bar's left and right end, by its aria-label."""
    spans = {}
    for path in root_of(svg).iter(f"{SVG}path"):
        if "aria-label" in path.attrib:
            left, width = re.match(r"M(-?[\d.]+),-?[\d.]+h(-?[\d.]+)", path.attrib["d"]).groups()
            spans[path.attrib["aria-label"]] = (float(left), float(left) + float(width))
    return spans


def test_bars_are_to_scale_and_marked_by_sign_word_and_shape():
    chart = charts.bars(
        frame(300_00, -100_00, None),
        STEPS,
        key="c",
        title=ALT,
        x="net_fen",
        y="step",
        names=WORDS,
        signed=True,
        alt=ALT,
    )
    ends = drawn_bars(chart.svg["en"])
    good, bad = ends["a · RMB 300.00, favourable"], ends["<script>cost</script> · −RMB 100.00, adverse"]
    assert (good[1] - good[0]) / (bad[1] - bad[0]) == pytest.approx(3, rel=0.01)
    assert good[0] == pytest.approx(bad[1], abs=0.02)
    assert len(ends) == 2
    texts = [text.text for text in root_of(chart.svg["zh"]).iter(f"{SVG}text")]
    assert {"▲ 300.00", "▼ −100.00", "—", "净额，元"} <= set(texts)
    assert "有利" in chart.svg["zh"]


def test_favourable_may_come_from_a_column_instead_of_the_sign():
    rows = frame(300_00, 100_00, totals=(1,))
    chart = charts.bars(rows, STEPS, key="c", title=ALT, x="net_fen", y="step", favourable="is_total", alt=ALT)
    assert list(drawn_bars(chart.svg["en"])) == ["a · RMB 300.00, adverse", "b · RMB 100.00, favourable"]


def test_steps_of_a_waterfall_join_and_meet_the_total():
    chart = charts.waterfall(
        frame(500_00, -200_00, 50_00, 350_00, totals=(0, 3)),
        STEPS,
        key="w",
        title=ALT,
        step="step",
        value="net_fen",
        alt=ALT,
    )
    start, down, up, total = drawn_bars(chart.svg["en"]).values()
    assert down[1] == pytest.approx(start[1], abs=0.02)
    assert up[0] == pytest.approx(down[0], abs=0.02)
    assert up[1] == pytest.approx(total[1], abs=0.02)
    assert total[0] == start[0] == 0


def test_a_funnel_writes_number_and_conversion():
    chart = charts.funnel(
        frame(1, 2, 3), STEPS, key="f", title=ALT, stage="step", value="n_accounts", rate="rate", alt=ALT
    )
    texts = [text.text for text in root_of(chart.svg["zh"]).iter(f"{SVG}text")]
    assert {"1,000", "500 · 50.0%", "333 · 50.0%"} <= set(texts)
    assert [column.name for column in chart.data.columns] == ["step", "n_accounts", "rate"]


def test_a_missing_month_leaves_a_gap_in_the_line():
    chart = charts.lines(
        frame(100, 200, None, 400, 500, months=True), STEPS, key="l", title=ALT, x="month", y="net_fen", alt=ALT
    )
    lines = [path.attrib["d"] for path in root_of(chart.svg["zh"]).iter(f"{SVG}path") if "stroke" in path.attrib]
    assert [line.count("M") for line in lines] == [2]
    assert chart.svg["zh"].count("aria-label") == 1 + 4


def test_a_heat_map_shades_larger_values_darker():
    rows = pd.concat([frame(1, 2, 3, months=True), frame(1, 2, 3, months=True).assign(step="b")])
    rows = rows.assign(rate=[0.0, 0.4, 0.9, None, 0.1, 1.0])
    chart = charts.heatmap(rows, STEPS, key="h", title=ALT, x="month", y="step", value="rate", alt=ALT)
    cells = [path.attrib for path in root_of(chart.svg["en"]).iter(f"{SVG}path") if "aria-label" in path.attrib]
    fills = {cell["aria-label"]: cell["fill"] for cell in cells}
    shade = {label: sum(int(fill[i : i + 2], 16) for i in (1, 3, 5)) for label, fill in fills.items()}
    assert shade["a · 2026-01 · 0.0%"] > shade["a · 2026-02 · 40.0%"] > shade["a · 2026-03 · 90.0%"]
    assert "b · 2026-01 · —" in shade


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_drawings_carry_their_own_alt_text_and_nothing_that_runs(results, lang):
    for chart in results.charts:
        svg = chart.svg[lang]
        root = root_of(svg)
        assert root.attrib["aria-label"] == chart.alt.text(lang)
        names = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert names <= {"svg", "g", "path", "text", "line"}
        attributes = {name for element in root.iter() for name in element.attrib}
        assert not attributes & {"style", "id", "class", "onclick", "href"}
        assert len(svg) < 30_000


def test_the_same_frame_gives_the_same_bytes(unchanged):
    rows = frame(300, -100, 50)
    with unchanged(rows):
        first, second = (
            charts.bars(rows, STEPS, key="c", title=ALT, x="net_fen", y="step", alt=ALT, sort="descending")
            for _ in range(2)
        )
    assert first == second
    assert [row[1] for row in first.data.rows] == [300, 50, -100]


@pytest.mark.parametrize(("number", "lang"), [(0, "zh"), (1, "en")])
def test_the_drawing_is_the_golden_one(results, golden, number, lang):
    chart = results.charts[number]
    golden(f"{chart.key}.{lang}.svg", chart.svg[lang])


def test_no_rows_no_chart():
    with pytest.raises(ContractError, match="no rows"):
        charts.bars(STEPS.empty(), STEPS, key="c", title=ALT, x="net_fen", y="step", alt=ALT)


@pytest.mark.parametrize("text", ["no svg", "<html/>", '<!DOCTYPE x [<!ENTITY a "b">]><svg/>'])
def test_what_is_no_drawing_is_refused(text):
    with pytest.raises(ValueError, match="drawing"):
        clean_svg(text, alt_text="x")


def test_ticks_cover_the_range_in_round_steps():
    assert ticks(0, 0.97) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(-3, 42)[0] <= -3
    assert ticks(5, 5)[0] <= 5 <= ticks(5, 5)[-1]


def test_shortfalls_are_the_stronger_the_more_is_short_and_nothing_at_all_stands_out():
    rows = frame(1, 2, 3, 4, 5, months=True).assign(rate=[1.0, 0.99, 0.5, 0.0, None])
    steps = [f"2026-{month:02d}" for month in range(1, 13)]
    look = {"x": "month", "y": "step", "value": "rate", "alt": ALT, "shortfall": True}
    chart = charts.heatmap(rows, STEPS, key="h", title=ALT, steps=steps, **look)
    cells = [path.attrib for path in root_of(chart.svg["en"]).iter(f"{SVG}path") if "aria-label" in path.attrib]
    assert [cell["fill"] for cell in cells] == [HEAT[0], HEAT[1], HEAT[3], BAD]
    texts = [text.text for text in root_of(chart.svg["en"]).iter(f"{SVG}text")]
    assert (texts.count("0"), texts.count("·"), texts.count("—")) == (1, 1, 0)


def test_steps_without_a_row_keep_their_place_and_stay_empty():
    rows = frame(1, 2, months=True).iloc[[1]]
    look = {"x": "month", "y": "step", "value": "rate", "alt": ALT}
    ends = []
    for steps in ([], ["2026-01", "2026-02"]):
        chart = charts.heatmap(rows, STEPS, key="h", title=ALT, steps=steps, **look)
        ends.append(drawn_bars(chart.svg["en"])["a · 2026-02 · 50.0%"])
    (alone, end), (second, same_end) = ends
    assert second - alone == pytest.approx((end - alone) / 2, rel=0.03)
    assert end == pytest.approx(same_end, abs=10)
