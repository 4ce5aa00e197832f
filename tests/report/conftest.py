"""A small made analysis, as a notebook leaves it behind: the page, index and workbook tests all read it."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat import NotebookNode
from tables import table

from bizlab.contracts.check import Check
from bizlab.contracts.column import Column
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.table import Identity, Table
from bizlab.labels import Label
from bizlab.report import display
from bizlab.report.charts import charts
from bizlab.report.shown import Results, ShownChart, ShownTable, Source
from bizlab.report.view import shown_table
from bizlab.units.kinds import Unit

NO_HOURS = {"no_hours": Label("无工时", "no hours")}
NAMES = {
    "unit_id": {
        "YF": Label("云帆智造", "Yunfan"),
        "EQ": Label("设备事业部", "Equipment"),
        "MA": Label("机加工", "Machining"),
        "AS": Label("装配", "Assembly"),
        "CL": Label("云服务", "Cloud"),
        "HX": Label("<script>alert(1)</script>", '=HYPERLINK("http://x","y")'),
    }
}

SHEET = Table(
    name="unit_hour",
    label=Label("单位时间核算表", "Unit-hour sheet"),
    grain=Label("每个巴每月一行", "one row per unit and month"),
    key=("unit_id", "month"),
    columns=(
        Column("unit_id", Unit.CODE, Label("巴", "Unit")),
        Column("month", Unit.MONTH, Label("月份", "Month")),
        Column(
            "external_fen",
            Unit.FEN,
            Label("对公司外 A1", "Outside sales A1"),
            definition=Label("卖给公司外的客户", "Sold to customers outside"),
        ),
        Column("internal_fen", Unit.FEN, Label("对公司内 A2", "Inside sales A2")),
        Column("gross_fen", Unit.FEN, Label("总额 A0", "Total A0")),
        Column("minutes", Unit.MINUTES, Label("工时 D", "Hours D")),
        Column("per_hour", Unit.FEN_PER_HOUR, Label("单位时间收益 F", "Value per hour F"), nullable=True),
        Column("per_hour_reason", Unit.CODE, Label("原因", "Reason"), nullable=True, choice_labels=NO_HOURS),
        Column("margin_rate", Unit.RATE, Label("毛利率", "Margin"), nullable=True),
        Column("is_total", Unit.BOOL, Label("合计", "Total")),
        Column("depth", Unit.COUNT, Label("层", "Depth")),
    ),
    identities=(
        Identity("gross_fen = external_fen + internal_fen", Label("总额 = 对外 + 对内", "total = outside + inside")),
    ),
)

ROWS = """
| unit_id | month   | external_fen | internal_fen | gross_fen  | minutes | per_hour | per_hour_reason | margin_rate | is_total |
| YF      | 2026-10 | 1234567890   | 0            | 1234567890 | 5400000 | 13717.4  |                 | 0.4137      | true     |
| EQ      | 2026-10 | 800000000    | 20000000     | 820000000  | 3000000 | 16400.0  |                 | 0.382       | true     |
| MA      | 2026-10 | 0            | 20000000     | 20000000   | 1000030 | 1200.04  |                 | -0.05       | false    |
| AS      | 2026-10 | 800000000    | 0            | 800000000  | 1999970 | 24000.6  |                 | 0.41        | false    |
| CL      | 2026-10 | 434567889    | -20000000    | 414567889  | 2400000 | 10364.2  |                 | 0.48        | false    |
| HX      | 2026-10 | 1            | 0            | 1          | 0       |          | no_hours        |             | false    |
"""  # noqa: E501
DEPTHS = [0, 1, 2, 2, 1, 1]

TREND = Table(
    name="trend",
    label=Label("单位时间收益走势", "Value per hour over time"),
    grain=Label("每个巴每月一行", "one row per unit and month"),
    key=("unit_id", "month"),
    columns=(
        Column("unit_id", Unit.CODE, Label("巴", "Unit")),
        Column("month", Unit.MONTH, Label("月份", "Month")),
        Column("per_hour", Unit.FEN_PER_HOUR, Label("单位时间收益", "Value per hour"), nullable=True),
    ),
)

FINDINGS = (
    Finding(
        key="machining.loss",
        text=Label(
            "机加工本月毛利率为 {rate},单位时间收益 {hour};全公司总额 {all}。",
            "Machining's margin was {rate} this month at {hour} a unit-hour; the company's total was {all}.",
        ),
        refs={
            "rate": Ref("sheet", ("MA", "2026-10"), "margin_rate"),
            "hour": Ref("sheet", ("MA", "2026-10"), "per_hour"),
            "all": Ref("sheet", ("YF", "2026-10"), "gross_fen"),
        },
        direction="bad",
        material=True,
        weight=5e7,
        basis=Label("毛利率低于 0;与全公司 {rate} 相比", "margin below 0; against {rate} of the company"),
    ),
    Finding(
        key="cloud.best",
        text=Label("云服务毛利率最高,为 {rate}。", "Cloud has the best margin, {rate}."),
        refs={"rate": Ref("sheet", ("CL", "2026-10"), "margin_rate")},
        direction="good",
        material=True,
        weight=4e7,
    ),
    Finding(
        key="unknown.hours",
        text=Label("有一个巴没有工时,单位时间收益为 {hour}。", "One unit has no hours; its value per hour is {hour}."),
        refs={"hour": Ref("sheet", ("HX", "2026-10"), "per_hour")},
        weight=1.0,
    ),
)

CHECKS = (
    Check(
        "unit_hour.gross_fen", Label("总额 = 对外 + 对内", "total = outside + inside"), 1234567890, 1234567890, Unit.FEN
    ),
    Check(
        "hours.total", Label("工时合计等于各巴之和", "hours equal the sum of the units"), 6000000, 6000000, Unit.MINUTES
    ),
)


def sheet_frame() -> pd.DataFrame:
    rows = table(ROWS, replace(SHEET, columns=SHEET.columns[:-1]))
    return SHEET.conform(rows.assign(depth=DEPTHS))


def made_sheet() -> ShownTable:
    sources = (Source("revenue_records", 12_345), Source("hour_records", 6_789))
    note = Label("收益 C 除以工时 D;比率由合计求得。", "Value C over hours D; ratios are made of sums.")
    return shown_table(sheet_frame(), SHEET, key="sheet", names=NAMES, sources=sources, note=note)


def made_statement() -> ShownTable:
    frame = sheet_frame().iloc[:3]
    return shown_table(
        frame,
        SHEET,
        key="statement",
        title=Label("核算表(三个巴)", "The sheet of three units"),
        layout="statement",
        names=NAMES,
    )


def made_long() -> ShownTable:
    months = [f"{year}-{month:02d}" for year in range(2017, 2027) for month in range(1, 13)]
    frame = pd.DataFrame(
        {"unit_id": "MA", "month": months, "per_hour": [float(900 + 7 * (i % 13)) for i in range(120)]}
    )
    return shown_table(frame, TREND, key="long", title=Label("十年", "Ten years"), names=NAMES)


def trend_frame() -> pd.DataFrame:
    months = [f"2026-{month:02d}" for month in range(1, 11)]
    lines = {
        "EQ": [16000.0, 16100, 15800, 16500, None, 16600, 16200, 16900, 17000, 16400],
        "MA": [900.0 + 35 * i for i in range(10)],
    }
    return pd.DataFrame(
        [(unit, month, value) for unit, values in lines.items() for month, value in zip(months, values, strict=True)],
        columns=["unit_id", "month", "per_hour"],
    )


def made_charts() -> tuple[ShownChart, ...]:
    frame = sheet_frame()
    return (
        charts.bars(
            frame.iloc[2:],
            SHEET,
            key="margins",
            title=Label("各巴毛利率", "Margin by unit"),
            x="margin_rate",
            y="unit_id",
            names=NAMES,
            signed=True,
            sort="descending",
            alt=Label("机加工为负,云服务最高", "Machining is negative, Cloud the highest"),
        ),
        charts.lines(
            trend_frame(),
            TREND,
            key="trend",
            title=Label("单位时间收益走势", "Value per hour over time"),
            x="month",
            y="per_hour",
            by="unit_id",
            names=NAMES,
            alt=Label("设备平稳,机加工上升", "Equipment is steady, Machining rises"),
        ),
    )


def made_results(checks: tuple[Check, ...] = CHECKS) -> Results:
    return Results(
        analysis="unit_hour",
        title=Label("单位时间核算", "Unit-hour accounting"),
        question=Label("每个巴每小时创造了多少价值?", "How much value did each unit create per hour?"),
        month="2026-10",
        parameters={"month": "2026-10", "lang": "zh", "known_by": None, "grade_reference": ("2024-11", "2025-10")},
        tables=(made_sheet(), made_statement(), made_long()),
        charts=made_charts(),
        findings=FINDINGS,
        checks=checks,
        provenance={"input:amoeba/日报_2026-10.xlsx": "9f" * 32, "version": "0.1.0"},
    )


def _markdown(number: int, text: str, *tags: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(text, id=f"m{number}", metadata={"tags": list(tags)})


def _code(number: int, source: str, *outputs: NotebookNode) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=f"c{number}", execution_count=number, outputs=list(outputs))


def _shown(shown: display.Displayed) -> NotebookNode:
    return nbformat.v4.new_output("display_data", data=shown._repr_mimebundle_())


def made_notebook(results: Results) -> NotebookNode:
    tables = {shown.key: _shown(display.show_table(shown, lang="zh")) for shown in results.tables}
    pictures = {chart.key: _shown(display.show_chart(chart, lang="zh")) for chart in results.charts}
    own = nbformat.v4.new_output(
        "execute_result",
        data={
            "text/html": '<table style="color:red"><tr><td onclick="x()">自<script>alert(2)</script></td></tr></table>'
        },
        execution_count=9,
    )
    cells = [
        _markdown(1, "# 单位时间核算\n\n每个巴每小时创造了多少价值?", "zh"),
        _markdown(2, "# Unit-hour accounting\n\nHow much value did each unit create per hour?", "en"),
        _code(1, 'month: str = "2026-10"  # 月份'),
        _code(2, 'run = bizlab.open("unit_hour", month=month)'),
        _markdown(3, "## 核算表\n\n先看 **附加值**,再看工时。[链接](javascript:alert(3))", "zh"),
        _markdown(4, "## The sheet\n\nRead the **value added** first, then the hours.", "en"),
        _code(3, 'run.show(sheet, SHEET, key="sheet")', tables["sheet"]),
        _code(4, "run.show(statement)", tables["statement"]),
        _markdown(5, "## 走势", "zh"),
        _markdown(6, "## Over time", "en"),
        _code(5, "run.show(chart)", pictures["margins"], pictures["trend"]),
        _code(6, "run.show(long)", tables["long"]),
        _code(7, "run.finding(findings)", _shown(display.show_findings(results.findings, results.tables, lang="zh"))),
        _code(8, "run.check(checks)", _shown(display.show_checks(results.checks, lang="zh"))),
        _code(9, "frame", own, nbformat.v4.new_output("stream", name="stdout", text="一行文字 <b>\n")),
        _code(10, "run.finish()", _shown(display.show_results(results, lang="zh"))),
    ]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture(scope="session")
def results() -> Results:
    return made_results()


@pytest.fixture(scope="session")
def failing_results() -> Results:
    off = replace(CHECKS[0], right=1234567889, detail=Label("看内部交易", "look at internal trades"))
    return made_results((off, CHECKS[1]))


@pytest.fixture(scope="session")
def notebook(results: Results) -> NotebookNode:
    return made_notebook(results)


@pytest.fixture(scope="session")
def notebook_of() -> Callable[[Results], NotebookNode]:
    return made_notebook


@pytest.fixture(scope="session")
def golden() -> Callable[[str, str], None]:
    """``golden(name, text)`` compares with tests/golden/fragments/<name>; a missing file fails.

    With BIZLAB_RENEW_GOLDEN=1 the file is written and the test still fails, so that the difference is looked at.
    """

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent.parent / "golden" / "fragments" / name
        if os.environ.get("BIZLAB_RENEW_GOLDEN") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            pytest.fail(f"{name} was renewed; look at the difference, then run without BIZLAB_RENEW_GOLDEN")
        assert path.is_file(), f"golden file {name} is missing; renew it on purpose with BIZLAB_RENEW_GOLDEN=1"
        assert text == path.read_text(encoding="utf-8")

    return compare


class Parsed(HTMLParser):
    """Tags with their attributes, and the text, of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="session")
def parsed() -> Callable[[str], Parsed]:
    return Parsed


@pytest.fixture(scope="session")
def assert_safe() -> Callable[[str], None]:
    """A page that carries one style and one script, both ours, and nothing that runs or loads."""

    def check(page: str) -> None:
        seen = Parsed(page)
        names = [tag for tag, _ in seen.tags]
        assert names.count("script") == names.count("style") == 1
        assert not {"iframe", "object", "embed", "link", "base", "form", "foreignobject"} & set(names)
        for tag, attributes in seen.tags:
            assert "style" not in attributes
            assert "srcdoc" not in attributes
            assert not [name for name in attributes if name.startswith("on")]
            source = attributes.get("src") or ""
            assert not source or source.startswith("data:image/"), (tag, source)
            link = (attributes.get("href") or "").strip().lower()
            assert not link.startswith(("javascript:", "data:", "vbscript:"))
        policy = next(a["content"] for t, a in seen.tags if t == "meta" and "Content-Security-Policy" in a.values())
        for tag in ("style", "script"):
            body = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
            assert body is not None
            digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in (policy or "")
        assert "default-src 'none'" in (policy or "")
        assert "unsafe" not in (policy or "")

    return check
