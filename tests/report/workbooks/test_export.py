"""Lists for another system: text stays text, both files say the same, and the command writes what was asked."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from bizlab.cli.main import main
from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.data import warehouse
from bizlab.errors import ContractError, DataError
from bizlab.labels import Label
from bizlab.report.charts.upset import upset
from bizlab.report.view import shown_table
from bizlab.report.workbooks.export import csv_bytes, neutral, original, xlsx_bytes
from bizlab.units.kinds import Unit

ROOT = Path(__file__).parents[3]
GRADES = {"A": Label("A级", "Grade A")}
LIST = Table(
    name="list",
    label=Label("名单", "List"),
    grain=Label("每家企业一行", "one row per company"),
    key=("customer_id",),
    columns=(
        Column("customer_id", Unit.CODE, Label("企业", "Company")),
        Column("name", Unit.TEXT, Label("企业名称", "Name"), nullable=True),
        Column("grade", Unit.CODE, Label("等级", "Grade"), True, (), None, GRADES),
        Column("open_fen", Unit.FEN, Label("应收", "Open"), nullable=True),
        Column("kp_rate", Unit.RATE, Label("占比", "Share"), nullable=True),
        Column("n_orders", Unit.COUNT, Label("订单数", "Orders"), nullable=True),
        Column("is_new", Unit.BOOL, Label("新客户", "New"), nullable=True),
        Column("first_on", Unit.DATE, Label("首单", "First order"), nullable=True),
    ),
)
HOSTILE = [
    "=HYPERLINK(\"http://x\",\"y\")", "+1", "-2+3", "@SUM(A1)", "＝1+1", "\t=1", " =1", "\r\n=1", "'quoted", "''",
    "a,b", 'say "yes"', "two\nlines", "云帆智造", "http://x.example", "007", "",
]  # fmt: skip


def table_of(names):
    n = len(names)
    frame = pd.DataFrame(
        {
            "customer_id": [f"{number:06d}" for number in range(n)],
            "name": pd.Series(names, dtype="str"),
            "grade": pd.Series(["A"] * n, dtype="str"),
            "open_fen": pd.array([-1_05] * n, dtype="Int64"),
            "kp_rate": [0.25] * n,
            "n_orders": pd.array([0] * n, dtype="Int64"),
            "is_new": pd.array([True] * n, dtype="boolean"),
            "first_on": pd.to_datetime(["2026-01-05"] * n).astype("datetime64[us]"),
        }
    )
    frame.loc[n] = {"customer_id": "999999"}
    return shown_table(LIST.conform(frame), LIST, key="list")


def rows_of(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_csv_holds_words_plain_figures_and_empty_fields_for_what_is_missing():
    heads, row, missing = rows_of(csv_bytes(table_of(["云帆"]), lang="zh"))
    assert heads == ["企业", "企业名称", "等级", "应收 (元)", "占比", "订单数", "新客户", "首单"]
    assert row == ["000000", "云帆", "A级", "-1.05", "0.25", "0", "是", "2026-01-05"]
    assert missing == ["999999", "", "", "", "", "", "", ""]
    english = rows_of(csv_bytes(table_of(["云帆"]), lang="en"))
    assert english[0][3] == "Open (RMB)"
    assert english[1][2] == "Grade A"


def test_every_line_of_a_csv_ends_in_cr_lf():
    content = csv_bytes(table_of(["plain", "two\nlines"]), lang="zh")
    assert content.endswith(b"\r\n")
    assert content.count(b"\r\n") == 4


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_text_begins_like_a_formula_and_none_is_lost(text):
    field = rows_of(csv_bytes(table_of([text]), lang="zh"))[1][1]
    assert field.lstrip()[:1] not in set("=+-@＝＋－＠") - {""}
    assert original(field) == text


@given(text=st.text(max_size=20) | st.text(alphabet="=+-@＝'\t\r\n a", max_size=6))
@example(text="'=1")
def test_taking_one_apostrophe_away_gives_every_text_back(text):
    kept = neutral(text)
    assert original(kept) == text
    assert kept in {text, "'" + text}
    if text.lstrip()[:1] in tuple("=+-@"):
        assert kept[0] == "'"


def test_a_workbook_holds_numbers_dates_and_texts_in_cells_of_their_type():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(table_of(HOSTILE), lang="zh")))
    (sheet,) = book.worksheets
    cells = list(sheet.iter_rows(min_row=2))
    values = [cell.value for cell in cells[0]]
    assert values == ["000000", HOSTILE[0], "A级", -1.05, 0.25, 0, "是", datetime(2026, 1, 5)]
    assert [cell.data_type for cell in cells[0]] == ["s", "s", "s", "n", "n", "n", "s", "d"]
    assert [cell.value for cell in cells[-1]] == ["999999", *[None] * 7]
    assert not any(cell.hyperlink for row in cells for cell in row)
    for row, text in zip(cells, HOSTILE, strict=False):
        assert row[1].data_type in {"s", "n"}
        assert unescape(row[1].value or "") == text


def test_the_same_list_gives_the_same_bytes():
    for made in (csv_bytes, xlsx_bytes):
        assert made(table_of(HOSTILE), lang="zh") == made(table_of(HOSTILE), lang="zh")


def test_a_text_too_long_for_a_cell_is_refused_not_cut():
    with pytest.raises(DataError, match=r"longer than.*row 000001, column name"):
        xlsx_bytes(table_of(["short", "x" * 32_768]), lang="zh")
    assert len(rows_of(csv_bytes(table_of(["x" * 32_768]), lang="zh"))[1][1]) == 32_768


SETS = {"a": Label("甲", "First"), "b": Label("<b>乙</b>", "<script>second</script>"), "c": Label("丙", "Third")}
COMBINATIONS = Table(
    name="combinations",
    label=Label("组合", "Combinations"),
    grain=Label("每个组合一行", "one row per combination"),
    key=("combination",),
    columns=(
        Column("combination", Unit.CODE, Label("组合", "Combination")),
        Column("n", Unit.COUNT, Label("企业数", "Companies")),
    ),
)
SVG = "{http://www.w3.org/2000/svg}"


def overlap_chart(rows):
    frame = COMBINATIONS.conform(pd.DataFrame(rows, columns=["combination", "n"]))
    words = {code: Label(code, code) for code, _ in rows}
    overlap = Label("重叠", "Overlap")
    return upset(
        frame, COMBINATIONS, key="u", title=overlap, combination="combination", value="n", sets=SETS, names=words,
        alt_text=overlap,
    )  # fmt: skip


def test_an_upset_chart_draws_every_combination_to_scale_with_its_sets():
    chart = overlap_chart([("a", 40), ("a+b+c", 20), ("none", 10)])
    root = ET.fromstring(chart.svg["en"])  # noqa: S314  our own drawing
    widths = {}
    for path in root.iter(f"{SVG}path"):
        if "aria-label" in path.attrib:
            widths[path.attrib["aria-label"]] = float(re.match(r"M[-\d.]+,[-\d.]+h([\d.]+)", path.attrib["d"])[1])
    assert list(widths) == ["a · 40", "a+b+c · 20", "none · 10"]
    assert widths["a · 40"] / widths["a+b+c · 20"] == pytest.approx(2, rel=0.01)
    assert widths["a · 40"] / widths["none · 10"] == pytest.approx(4, rel=0.01)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"First", "<script>second</script>", "Third", "40", "20", "10", "Companies"} <= set(texts)
    assert "<script" not in chart.svg["en"]
    assert chart.svg["zh"] == overlap_chart([("a", 40), ("a+b+c", 20), ("none", 10)]).svg["zh"]
    assert [column.name for column in chart.data.columns] == ["combination", "n"]


def test_an_upset_chart_of_nothing_is_refused():
    with pytest.raises(ContractError, match="needs sets and a size"):
        overlap_chart([])


def test_the_command_lists_those_whose_subscription_ends(tmp_path, monkeypatch, capsys):
    """The truth is counted from the subscription table itself: running on the last day of October, over by January."""
    monkeypatch.chdir(ROOT)
    to = tmp_path / "list.csv"
    arguments = ["segment", "subscription_ending", "--month", "2026-10", "--to", str(to), "--columns"]
    assert main([*arguments, "subscription_ends_on,企业用户价值等级"]) == 0
    assert "members of 'subscription_ending' as of 2026-10" in capsys.readouterr().out
    heads, *rows = rows_of(to.read_bytes())
    assert heads == ["企业", "企业名称", "客群", "订阅到期日", "企业用户价值等级"]
    as_of = pd.Timestamp("2026-10-31")
    periods = warehouse.open_project(ROOT).load("subscriptions", as_of=as_of.date())
    runs = periods[(periods["starts_on"] <= as_of) & (periods["ends_on"] >= as_of)]["customer_id"]
    last = periods.groupby("customer_id")["ends_on"].max()
    due = last[last.index.isin(runs) & (last <= as_of + pd.Timedelta(days=90))]
    assert {row[0]: row[3] for row in rows} == {str(key): str(day.date()) for key, day in due.items()}
    assert {row[2] for row in rows} == {"订阅90天内到期"}
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["slowing", "--month", "2026-10", "--to", "list.csv"], "write 'slowing_value'"),
        (["slowing_value", "--month", "2026-13", "--to", "list.csv"], "'2026-13' is not a month"),
        (["slowing_value", "--month", "2031-01", "--to", "list.csv"], "No input table has a row dated in 2031-01"),
        (["slowing_value", "--month", "2026-10", "--to", "list.pdf"], "neither .csv nor .xlsx"),
        (["slowing_value", "--month", "2026-10", "--to", "nowhere/list.csv"], "a folder that exists"),
        (["slowing_value", "--month", "2026-10", "--to", "list.csv", "--columns", "regoin"], "write 'region'"),
    ],
)
def test_a_list_that_cannot_be_made_is_refused_and_nothing_is_written(capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(ROOT)
    assert main(["segment", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (ROOT / "list.csv").exists()
