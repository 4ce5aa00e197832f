"""A contract is written in one line a column, and what it leaves out follows from names and words."""

import pytest

from bizlab.contracts.column import Column
from bizlab.contracts.columns import code, column, count, ratio, reason, score, table, text, words
from bizlab.contracts.table import Identity, Table
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.units.kinds import Unit

REASONS = words(no_plan="无预算 | no plan")


def test_a_contract_says_the_same_as_its_parts_written_out():
    short = table(
        "variance",
        "预算偏差 | Budget variance",
        "每单元、科目一行 | one row per unit and account",
        code("unit_id", "单元 | Unit", refers="units"),
        column("account", "科目 | Account", choices=words(travel="差旅 | Travel")),
        column("actual_fen", "实际 | Actual"),
        column("budget_fen", "预算 | Budget"),
        column("variance_fen", "偏差额 | Variance", "实际 − 预算 | actual − budget"),
        ratio("variance_rate", "偏差率 | Rate", missing=REASONS),
        text("note", "说明 | Note", nullable=True),
        key="unit_id account",
        sums={"variance_fen = actual_fen - budget_fen": "差额 | difference"},
    )
    assert short == Table(
        name="variance",
        label=Label("预算偏差", "Budget variance"),
        grain=Label("每单元、科目一行", "one row per unit and account"),
        columns=(
            Column("unit_id", Unit.CODE, Label("单元", "Unit"), refers="units"),
            Column(
                "account",
                Unit.CODE,
                Label("科目", "Account"),
                choices=("travel",),
                choice_labels={"travel": Label("差旅", "Travel")},
            ),
            Column("actual_fen", Unit.FEN, Label("实际", "Actual")),
            Column("budget_fen", Unit.FEN, Label("预算", "Budget")),
            Column(
                "variance_fen",
                Unit.FEN,
                Label("偏差额", "Variance"),
                definition=Label("实际 − 预算", "actual − budget"),
            ),
            Column("variance_rate", Unit.RATE, Label("偏差率", "Rate"), nullable=True),
            Column(
                "variance_rate_reason",
                Unit.CODE,
                Label("缺失原因", "Why missing"),
                nullable=True,
                choices=("no_plan",),
                choice_labels={"no_plan": Label("无预算", "no plan")},
            ),
            Column("note", Unit.TEXT, Label("说明", "Note"), nullable=True),
        ),
        key=("unit_id", "account"),
        identities=(Identity("variance_fen = actual_fen - budget_fen", Label("差额", "difference")),),
    )


def test_groups_of_columns_are_laid_flat_in_their_order():
    limits = (score("lower", "下限 | Lower limit"), [score("upper", "上限 | Upper limit")])
    quarters = (column(f"q{n}_fen", f"第{n}季度 | Q{n}") for n in (1, 2))
    flat = table("flat", "表 | Table", "一行 | a row", code("unit_id", "单元 | Unit"), limits, quarters, key="unit_id")
    assert flat.names == ("unit_id", "lower", "upper", "q1_fen", "q2_fen")


@pytest.mark.parametrize(
    ("made", "unit"),
    [
        (column("margin_rate", "毛利率 | Margin"), Unit.RATE),
        (column("rate", "率 | Rate"), Unit.RATE),
        (column("n_days", "天数 | Days"), Unit.COUNT),
        (column("first_month", "首月 | First month"), Unit.MONTH),
        (column("grade", "等级 | Grade", words=words(A="甲 | A")), Unit.CODE),
        (column("manager", "经理 | Manager", refers="employees"), Unit.CODE),
        (column("is_now", "现在 | Now", choices=words(yes="是 | yes"), unit=Unit.CODE), Unit.CODE),
        (count("depth", "层次 | Depth"), Unit.COUNT),
        (score("mean_value_fen", "均值(分) | Mean (fen)"), Unit.SCORE),
        (ratio("per_hour", "每小时 | Per hour", missing=REASONS)[0], Unit.FEN_PER_HOUR),
        (ratio("skill", "改进比例 | Skill", missing=REASONS)[0], Unit.SCORE),
        (reason("n_clusters"), Unit.CODE),
        (column("n_clusters_reason", "原因 | Reason", nullable=True), Unit.CODE),
    ],
    ids=lambda made: made.name if isinstance(made, Column) else "",
)
def test_the_unit_is_told_by_the_name_unless_it_is_written(made, unit):
    assert made.unit is unit


def test_a_name_that_tells_no_unit_needs_one():
    with pytest.raises(ContractError, match=r"does not tell its unit.*column psi"):
        column("psi", "稳定性指数 | PSI")


def test_words_do_not_limit_a_column_but_choices_do():
    grades = words(A="甲 | A", B="乙 | B")
    assert column("grade", "等级 | Grade", words=grades).choices == ()
    assert column("grade", "等级 | Grade", choices=grades).choices == ("A", "B")
    assert column("grade", "等级 | Grade", choices=("A",), words=grades).choices == ("A",)
    assert column("grade", "等级 | Grade", choices=words(A="一 | one"), words=grades).choice_labels == grades
    assert column("grade", "等级 | Grade", unit=Unit.CODE, choices={}).choice_labels is None


def test_reasons_that_only_the_page_knows_are_not_limited():
    assert (reason("value").choices, reason("value").choice_labels) == ((), None)


def test_a_key_that_is_not_a_column_is_refused():
    with pytest.raises(ContractError, match=r"The key names no column: unit. Where: table t"):
        table("t", "表 | Table", "一行 | a row", code("unit_id", "单元 | Unit"), key="unit")
