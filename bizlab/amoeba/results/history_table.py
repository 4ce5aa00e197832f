"""The history of a unit (历史数据收集表, Table 2-9): months across, from sales down to net profit.

The table is read from the lines of the unit-hour sheet, so that net profit is C less labour cost at every node.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.accounting.consolidation import EXPENSE
from bizlab.amoeba.accounting.labour import direct_labour
from bizlab.amoeba.results.unit_hour import UNIT_ID, unit_hour_sheet
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.errors import SettingError, did_you_mean
from bizlab.exact import round_half_up, rounded_to
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units.kinds import Unit

TOTAL, AVERAGE = "total", "average"
_PERIODS = words({TOTAL: "合计 | Total", AVERAGE: "平均 | Average"})
NO_MARGIN = words(no_sales="没有销售收入 | no sales", negative_sales="销售收入为负 | sales below zero")

_SALES = column(
    "sales_fen",
    "销售收入 | Sales revenue",
    "对外与对内销售;单元之下的内部交易已抵消 | external and internal sales; trade below the unit is eliminated",
)
_INDIRECT = column(
    "indirect_labour_fen",
    "减:间接人工 | Less indirect labour",
    "有下级的单元与职能部门的人工成本 | labour cost of units with units below them, and of departments",
)
_DIRECT = column(
    "direct_labour_fen",
    "减:直接人工 | Less direct labour",
    "其下没有单元的阿米巴的人工成本 | labour cost of amoebas without units below them",
)
_COST = column("cost_fen", "减:成本 | Less cost", "内部采购 + 成本类费用 | internal purchases + expense that is cost")
_GROSS = column("gross_profit_fen", "毛利额 | Gross profit", "销售收入 − 人工 − 成本 | sales − labour − cost")
_EXPENSE = column("expense_fen", "减:各种费用 | Less expenses", "期间费用 + 分摊净额 | period expense + net allocation")
_NET = column(
    "net_profit_fen", "净利额 | Net profit", "毛利额 − 各种费用 = C − 人工成本 | gross profit − expenses = C − labour"
)
_RATES = (
    *ratio("gross_margin_rate", "毛利率 | Gross margin", "毛利额 ÷ 销售收入 | gross profit ÷ sales", missing=NO_MARGIN),
    *ratio("net_margin_rate", "净利率 | Net margin", "净利额 ÷ 销售收入 | net profit ÷ sales", missing=NO_MARGIN),
)
_SUMS = {
    "gross_profit_fen = sales_fen - indirect_labour_fen - direct_labour_fen - cost_fen": (
        "毛利额 = 销售收入 − 间接人工 − 直接人工 − 成本 | gross profit = sales − indirect − direct labour − cost"
    ),
    "net_profit_fen = gross_profit_fen - expense_fen": (
        "净利额 = 毛利额 − 各种费用 | net profit = gross profit − expenses"
    ),
}

PROFIT_MONTHS = table(
    "profit_months",
    "各单元各月损益 | Profit by unit and month",
    "每月、每个当月存在的单元一行 | one row per month and unit that was open in it",
    column("month", "月份 | Month"),
    UNIT_ID,
    _SALES,
    _INDIRECT,
    _DIRECT,
    column("internal_purchases_fen", "其中 内部采购 | of it, internal purchases", "B0"),
    column("cost_expense_fen", "其中 成本类费用 | of it, expense that is cost", "入账的成本类费用 | as booked"),
    _COST,
    _GROSS,
    column("period_expense_fen", "其中 期间费用 | of it, period expense", "入账的其他类别费用 | as booked"),
    column(
        "allocated_fen",
        "其中 分摊净额 | of it, net allocation",
        "从单元之外分得减去分出单元之外 | received from outside the unit less given to outside it",
    ),
    _EXPENSE,
    _NET,
    _RATES,
    key="month unit_id",
    sums={
        "cost_fen = internal_purchases_fen + cost_expense_fen": (
            "成本 = 内部采购 + 成本类费用 | cost = internal purchases + expense that is cost"
        ),
        **_SUMS,
        "expense_fen = period_expense_fen + allocated_fen": (
            "各种费用 = 期间费用 + 分摊净额 | expenses = period expense + net allocation"
        ),
    },
)

HISTORY_TABLE = table(
    "history_table",
    "历史数据收集表 | History",
    "单元存在的每月一列,另有合计与平均 | one column per month in which the unit was open, total and average",
    UNIT_ID,
    column("period", "期间 | Period", words=_PERIODS),
    column("n_months", "月数 | Months"),
    _SALES,
    _INDIRECT,
    _DIRECT,
    _COST,
    _GROSS,
    _RATES[:2],
    _EXPENSE,
    _NET,
    _RATES[2:],
    key="unit_id period",
    sums=_SUMS,
)
FORM = tuple(column.name for column in HISTORY_TABLE.columns[3:] if not column.name.endswith("_reason"))
"""The lines of the printed form, in its order."""
MONTH_SHOWN = tuple(name for name in PROFIT_MONTHS.names if name != "month" and not name.endswith("_reason"))
"""The columns of `PROFIT_MONTHS` that a reader of one month needs."""
_LINES = tuple(column.name for column in HISTORY_TABLE.columns if column.unit is Unit.FEN)


def history_span(first: str, last: Month) -> list[Month]:
    """The months from a first one, written ``YYYY-MM``, to the last.

    Raises
    ------
    SettingError : the first is not a month, or comes after the last.

    >>> [str(month) for month in history_span("2025-12", Month(2026, 2))]
    ['2025-12', '2026-01', '2026-02']
    """
    place = "parameter 'history_from'"
    start = Month.parse(first, place=place)
    if start > last:
        raise SettingError(
            f"The history begins in {start}, after the month {last}", place=place, fix="name an earlier month"
        )
    return start.to(last)


def recorded(parts: Sequence[Components]) -> list[Components]:
    """The months from the first one in which anything was recorded; of months without any record the last.

    In those of a unit and what lies below it a month counts in which the company worked, so that its
    history begins with the company's.
    """
    trade = ["internal_sales_fen", "internal_purchases_fen"]
    is_recorded = [
        bool(part.worked or (part.booked != 0).any() or (part.own[trade] != 0).any(axis=None)) for part in parts
    ]
    return list(parts[is_recorded.index(True) if True in is_recorded else -1 :])


def profit_months(parts: Sequence[Components]) -> pd.DataFrame:
    """Sales, labour, cost, expense and profit of every node, month by month: see `PROFIT_MONTHS`.

    Parameters
    ----------
    parts : the additive figures of the months, labour left out of the expense; the nature of each kind of expense says
        whether it is cost, labour or expense of the period.

    Returns
    -------
    In the order of months and of each month's tree. A unit that was not open in a month has no row for it. A margin
    is missing with its reason where there are no sales to divide by.
    """
    direct = direct_labour(parts).set_index(["month", "unit_id"])["direct_labour_fen"]
    rows = pd.concat([_lines(part) for part in parts], ignore_index=True)
    own = direct.reindex(pd.MultiIndex.from_frame(rows[["month", "unit_id"]]), fill_value=0).to_numpy()
    gross = rows["sales_fen"] - rows["labour_fen"] - rows["cost_fen"]
    return PROFIT_MONTHS.conform(
        _with_margins(
            rows.assign(
                direct_labour_fen=own,
                indirect_labour_fen=rows["labour_fen"] - own,
                gross_profit_fen=gross,
                net_profit_fen=gross - rows["expense_fen"],
            )
        )
    )


def profit_checks(months: pd.DataFrame, parts: Sequence[Components]) -> list[Check]:
    """Net profit of every node and month is C of its unit-hour sheet less labour cost."""
    label = Label("各月各单元:净利额 = C − 人工成本", "every unit and month: net profit = C − labour cost")
    shown, expected = [], []
    for part in parts:
        sheet = unit_hour_sheet([part], period="month").set_index("unit_id")
        labour = part.nodes.set_index("unit_id")["labour_fen"]
        net = months[months["month"] == str(part.month)].set_index("unit_id")["net_profit_fen"]
        shown.append(net.reindex(sheet.index, fill_value=0))
        expected.append(sheet["value_added_fen"] - labour)
    off = int((pd.concat(shown) - pd.concat(expected)).abs().sum())
    right = int(pd.concat(expected).sum())
    return [Check("history.net_profit", label, right + off, right, Unit.FEN)]


def history_table(months: pd.DataFrame, unit_id: str) -> pd.DataFrame:
    """Table 2-9 of a unit: its months, their total and their average.

    Parameters
    ----------
    months : `PROFIT_MONTHS`.
    unit_id : the unit; a month in which it was not open has no row and does not count.

    Returns
    -------
    `HISTORY_TABLE`. The average is the total by the number of months, whole fen, rounded so that the lines still add
    up: net profit to the nearest fen, every other line less than a fen away. Margins come from sums.

    Raises
    ------
    SettingError : no such unit in these months; the nearest one is named.
    """
    own = months[months["unit_id"] == unit_id]
    if own.empty:
        known = sorted(set(months["unit_id"]))
        raise SettingError(
            f"There is no unit '{unit_id}' from {months['month'].min()} to {months['month'].max()}",
            place="parameter 'history_unit'",
            fix=did_you_mean(unit_id, known),
        )
    total = {line: int(own[line].sum()) for line in _LINES}
    sums = pd.DataFrame([total, _average(total, len(own))]).assign(period=[TOTAL, AVERAGE], n_months=len(own))
    rows = pd.concat([own[list(_LINES)].assign(period=own["month"], n_months=1), sums], ignore_index=True)
    shown = _with_margins(rows.assign(unit_id=unit_id))
    margins = [column.name for column in _RATES]
    shown.loc[shown["period"] == AVERAGE, margins] = shown.loc[shown["period"] == TOTAL, margins].to_numpy()
    return HISTORY_TABLE.conform(shown)


def history_checks(table: pd.DataFrame, months: pd.DataFrame) -> list[Check]:
    """The total of every line is the sum of the months."""
    own = months[months["unit_id"].isin(table["unit_id"])]
    total = table[table["period"] == TOTAL].iloc[0]
    labels = {line: HISTORY_TABLE[line].label for line in _LINES}
    return [
        Check(
            f"history.total.{line}",
            Label(f"合计 = 各月之和:{labels[line].zh}", f"total = sum of the months: {labels[line].en}"),
            int(total[line]),
            int(own[line].sum()),
            Unit.FEN,
        )
        for line in _LINES
    ]


def _lines(part: Components) -> pd.DataFrame:
    nodes = part.nodes
    cost, period = nodes["material_fen"] + nodes["other_cost_fen"], nodes["period_expense_fen"]
    borne = nodes[list(EXPENSE)].sum(axis=1)
    return pd.DataFrame(
        {
            "month": str(part.month),
            "unit_id": nodes["unit_id"],
            "sales_fen": nodes["external_sales_fen"] + nodes["internal_sales_fen"],
            "labour_fen": nodes["labour_fen"],
            "internal_purchases_fen": nodes["internal_purchases_fen"],
            "cost_expense_fen": cost,
            "cost_fen": nodes["internal_purchases_fen"] + cost,
            "period_expense_fen": period,
            "allocated_fen": borne - cost - period,
            "expense_fen": borne - cost,
        }
    )


def _with_margins(rows: pd.DataFrame) -> pd.DataFrame:
    sales = rows["sales_fen"]
    reason = pd.Series("no_sales", index=rows.index).mask(sales < 0, "negative_sales").where(sales <= 0)
    base = sales.where(sales > 0)
    return rows.assign(
        gross_margin_rate=rows["gross_profit_fen"] / base,
        gross_margin_rate_reason=reason,
        net_margin_rate=rows["net_profit_fen"] / base,
        net_margin_rate_reason=reason,
    )


def _average(total: dict[str, int], n_months: int) -> dict[str, int]:
    """Each line by the number of months, rounded so that profit stays the difference of the lines above it."""
    exact = {line: Fraction(amount, n_months) for line, amount in total.items()}
    net = round_half_up(exact["net_profit_fen"])
    gross, less = rounded_to([exact["gross_profit_fen"], -exact["expense_fen"]], net)
    taken = ("indirect_labour_fen", "direct_labour_fen", "cost_fen")
    sales, *parts = rounded_to([exact["sales_fen"], *(-exact[line] for line in taken)], gross)
    lines = {line: -part for line, part in zip(taken, parts, strict=True)}
    return {"sales_fen": sales, **lines, "gross_profit_fen": gross, "expense_fen": -less, "net_profit_fen": net}
