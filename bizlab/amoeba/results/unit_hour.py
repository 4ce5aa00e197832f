"""The unit-hour sheet (单位时间核算表): what a unit adds in value for each hour that it works.

After Kyocera's practice labour cost stays out of the expense, so that C is value added and F, value
added per hour, compares with what an hour of labour costs. Ratios are made of sums, never of ratios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.accounting.consolidation import ADDITIVE, EXPENSE, MINUTES
from bizlab.contracts.columns import code, column, count, ratio, table, words
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import row_key, says
from bizlab.contracts.table import Identity, Table
from bizlab.labels import Label

PERIODS = words(
    month="本月 | Month",
    previous="上月 | Month before",
    ytd="本年累计 | Year to date",
    day="当日 | Day",
    week="本周 | Week",
    plan="本月计划 | Plan of the month",
)
REASONS = words(
    no_hours="未记录工时 | no hours recorded",
    zero_hours="工时为零 | zero hours",
    no_headcount="未记录人数 | no headcount recorded",
    zero_headcount="人数为零 | zero persons",
)
UNIT_ID = code("unit_id", "单元 | Unit", refers="units")
_DEPTH = count("depth", "层次 | Depth")
_MOST_MOVED = 3
"""At most so many amoebas that fell, and as many that rose, become findings."""

SHEET = table(
    "unit_hour_sheet",
    "单位时间核算表 | Unit-hour sheet",
    "每个期间、每个单元一行 | one row per period and unit",
    column("period", "期间 | Period", choices=PERIODS),
    UNIT_ID,
    _DEPTH,
    column("external_sales_fen", "A1 对公司外 | A1 External sales", "对公司外的收入 | sales outside the company"),
    column(
        "internal_sales_fen",
        "A2 对公司内 | A2 Internal sales",
        "卖给本单元以外的巴;本单元之下的内部交易已抵消 | "
        "sales to amoebas outside this unit; trade below it is eliminated",
    ),
    column("gross_sales_fen", "A0 总额 | A0 Gross sales", "A1 + A2"),
    column(
        "internal_purchases_fen",
        "B0 内部采购 | B0 Internal purchases",
        "向本单元以外的巴采购 | purchases from amoebas outside this unit",
    ),
    column("net_sales_fen", "A 销售净额 | A Net sales", "A0 − B0"),
    column(
        "direct_expense_fen",
        "B1 部门内直接 | B1 Direct expense",
        "自身入账费用减去已分摊出去的部分 | expense booked, less what was allocated away",
    ),
    column(
        "department_expense_fen",
        "B2 部门内分摊 | B2 Allocated within the department",
        "按分摊规则分得的部门费用 | department expense received by the rules",
    ),
    column(
        "sbu_expense_fen",
        "B3 SBU间接分摊 | B3 Allocated from the SBU",
        "按分摊规则分得的SBU费用 | SBU expense received by the rules",
    ),
    column("expense_fen", "B 合计 | B Expense", "B1 + B2 + B3"),
    column("value_added_fen", "C (附加值)收益 | C Value added", "A − B"),
    column("normal_minutes", "D1 正常工时 | D1 Normal hours"),
    column("overtime_minutes", "D2 加班工时 | D2 Overtime"),
    column(
        "department_minutes",
        "D3 部门内分摊 | D3 Hours from the department",
        "按分摊规则分得的部门工时 | department hours received by the rules",
    ),
    column(
        "sbu_minutes",
        "D4 SBU间接分摊 | D4 Hours from the SBU",
        "按分摊规则分得的SBU工时 | SBU hours received by the rules",
    ),
    column("total_minutes", "D 合计 | D Hours", "D1 + D2 + D3 + D4"),
    ratio(
        "avg_headcount",
        "E 月均总人数 | E Average headcount",
        "人日合计 ÷ 公司工作日数;工作日是在册人数不少于当月最多一日之半的日子 | "
        "person-days ÷ working days of the company: days with at least half the persons of the busiest day",
        missing=REASONS,
    ),
    ratio("value_per_hour", "F 单位时间收益 | F Value added per hour", "C ÷ D", missing=REASONS),
    ratio("sales_per_hour", "G 单位时间销售净额 | G Net sales per hour", "A ÷ D", missing=REASONS),
    ratio("value_per_person", "H 人均收益 | H Value added per person", "C ÷ E", missing=REASONS),
    ratio("sales_per_person", "I 人均销售净额 | I Net sales per person", "A ÷ E", missing=REASONS),
    column("orders_fen", "J 承接订单总额 | J Orders received", "本期承接的订单 | orders received in the period"),
    key="period unit_id",
    sums={
        "gross_sales_fen = external_sales_fen + internal_sales_fen": "A0 = A1 + A2",
        "net_sales_fen = gross_sales_fen - internal_purchases_fen": "A = A0 − B0",
        "expense_fen = direct_expense_fen + department_expense_fen + sbu_expense_fen": "B = B1 + B2 + B3",
        "value_added_fen = net_sales_fen - expense_fen": "C = A − B",
        "total_minutes = normal_minutes + overtime_minutes + department_minutes + sbu_minutes": "D = D1 + D2 + D3 + D4",
    },
)

SHEET_SHOWN = tuple(name for name in SHEET.names if name not in {"period", "depth"} and not name.endswith("_reason"))
"""The columns of `SHEET` that a reader of one period needs."""

MOVEMENT = table(
    "movement",
    "与上月相比 | Against the month before",
    "公司与每个阿米巴一行 | one row per amoeba, the company included",
    UNIT_ID,
    _DEPTH,
    SHEET["value_added_fen"],
    column("value_added_change_fen", "C 变动 | Change of C", nullable=True),
    SHEET["total_minutes"],
    SHEET["value_per_hour"],
    SHEET["value_per_hour_reason"],
    column("previous_per_hour", "上月 F | F, month before", nullable=True),
    column("change_per_hour", "F 变动 | Change of F", "本月 F − 上月 F | F − F of the month before", nullable=True),
    column("is_leaf", "是否末级巴 | Has no unit below it"),
    key="unit_id",
)

MOVEMENT_SHOWN = tuple(
    name for name in MOVEMENT.names if name not in {"depth", "is_leaf"} and not name.endswith("_reason")
)
"""The columns of `MOVEMENT` that a reader needs."""

HISTORY = table(
    "history",
    "单位时间收益走势 | Value added per hour over time",
    "每月、每个单元一行 | one row per month and unit",
    column("month", "月份 | Month"),
    UNIT_ID,
    SHEET["value_added_fen"],
    SHEET["total_minutes"],
    SHEET["value_per_hour"],
    SHEET["value_per_hour_reason"],
    key="month unit_id",
)


def line_of(kind: str) -> str:
    """The line of the sheet that holds what B1 has of a kind of expense."""
    return f"direct_{kind}_fen"


def lines_of_b1(sheet: pd.DataFrame) -> list[str]:
    """The lines of B1 by kind of expense that a sheet holds, and B1 itself where it holds none."""
    kinds = [name for name in sheet.columns if name.startswith("direct_") and name != "direct_expense_fen"]
    return kinds or ["direct_expense_fen"]


def sheet_by_kind(kinds: Mapping[str, Label]) -> Table:
    """`SHEET` with a line below B1 for each kind of expense of a company, in the order of its list.

    >>> sheet_by_kind({"rent": Label("房租", "Rent")})["direct_rent_fen"].label
    Label(zh='其中:房租', en='of which Rent')
    """
    if not kinds:
        return SHEET
    lines = [
        column(line_of(kind), f"其中:{label.zh} | of which {label.en}", "B1 的一部分 | part of B1")
        for kind, label in kinds.items()
    ]
    place = SHEET.names.index("direct_expense_fen") + 1
    adds_up = f"direct_expense_fen = {' + '.join(line.name for line in lines)}"
    return replace(
        SHEET,
        columns=(*SHEET.columns[:place], *lines, *SHEET.columns[place:]),
        identities=(*SHEET.identities, Identity(adds_up, Label.of("B1 = 各类费用之和 | B1 = its classes"))),
    )


def unit_hour_sheet(parts: Sequence[Components], *, period: str) -> pd.DataFrame:
    """The sheet of a period, for every unit that was open in it: see `SHEET`, and `sheet_by_kind`.

    Parameters
    ----------
    parts : the additive figures of the period's months or days, in order; the tree shown is the last one's.
    period : one of `PERIODS`.

    Returns
    -------
    One row per unit in the order of the tree, with a line of B1 for each kind of expense. A unit that was closed before
    the last month stands at the end of the tree of the month that it was last in.

    >>> from bizlab.amoeba.accounting.components import components
    >>> from bizlab.amoeba.accounting.ledger import INPUTS, Records
    >>> from bizlab.tables import TABLES
    >>> from bizlab.periods import Month
    >>> tables = {name: TABLES[name].empty() for name in INPUTS}
    >>> one = {"unit_id": ["Y"], "name_zh": "公司", "name_en": "Company", "level": "company", "is_amoeba": True}
    >>> tables["units"] = pd.DataFrame(one).assign(opened_on=pd.Timestamp("2020-01-01"), closed_on=pd.NaT)
    >>> sold = {"unit_id": ["Y"], "recorded_on": pd.to_datetime(["2026-10-08"]), "amount_fen": 120_000}
    >>> tables["revenue_records"] = pd.DataFrame(sold)
    >>> records = Records(**tables)
    >>> sheet = unit_hour_sheet([components(records, month=Month(2026, 10))], period="month")
    >>> sheet[["value_added_fen", "total_minutes", "value_per_hour", "value_per_hour_reason"]].to_numpy().tolist()[0]
    [120000, 0, nan, 'no_hours']
    """
    stacked = pd.concat([part.nodes for part in parts])
    sums = stacked.groupby("unit_id")[list(ADDITIVE)].sum()
    working_days = sum(len(part.worked) for part in parts)
    placed = pd.concat([part.organisation.tree() for part in reversed(parts)]).drop_duplicates("unit_id")
    rows = placed[["unit_id", "depth"]].merge(sums.reset_index(), on="unit_id")
    by_kind = pd.concat([part.direct_by_kind for part in parts]).groupby(["unit_id", "kind"])["direct_fen"].sum()
    kinds = by_kind.unstack("kind", fill_value=0).reindex(  # noqa: PD010
        index=rows["unit_id"], columns=list(parts[-1].natures), fill_value=0
    )
    sheet = SHEET.conform(_with_ratios(_with_sums(rows), working_days).assign(period=period))
    return sheet.assign(**{line_of(kind): kinds[kind].to_numpy() for kind in kinds})


def movement(now: pd.DataFrame, before: pd.DataFrame, amoebas: pd.DataFrame) -> pd.DataFrame:
    """This month against the month before, the company and its amoebas: see `MOVEMENT`.

    Parameters
    ----------
    now, before : sheets of the two months.
    amoebas : as in `of_amoebas`.

    Returns
    -------
    One row per amoeba that was open this month, the company first even where it is not recorded as an amoeba. The
    change is missing where either month's F is not defined.
    """
    earlier, rows = before.set_index("unit_id"), of_amoebas(now, amoebas)
    previous = rows["unit_id"].map(earlier["value_per_hour"])
    change = rows["value_added_fen"].astype("Int64") - rows["unit_id"].map(earlier["value_added_fen"]).astype("Int64")
    return MOVEMENT.conform(
        rows.assign(
            value_added_change_fen=change,
            previous_per_hour=previous,
            change_per_hour=rows["value_per_hour"] - previous,
        )
    )


def of_amoebas(sheet: pd.DataFrame, amoebas: pd.DataFrame) -> pd.DataFrame:
    """The rows of the company and its amoebas, with ``is_leaf``, whether none of them stands below.

    Parameters
    ----------
    amoebas : the tree with ``unit_id``, ``depth`` and ``is_amoeba``, depth first.
    """
    shown = amoebas["is_amoeba"] | (amoebas["depth"] == 0)
    rows = sheet[sheet["unit_id"].isin(amoebas.loc[shown, "unit_id"])]
    return rows.assign(is_leaf=is_leaf(rows["depth"]))


def is_leaf(depths: pd.Series[int]) -> pd.Series[bool]:
    """Whether no row stands below, of rows in the order of a tree."""
    return depths.shift(-1, fill_value=0) <= depths


def history(parts: Sequence[Components], units: Sequence[str]) -> pd.DataFrame:
    """Value added per hour of some units, month by month: see `HISTORY`.

    Parameters
    ----------
    parts : the additive figures of the months.
    units : ids in the order wanted; a month in which one of them was not open has no row for it.
    """
    sheets = [unit_hour_sheet([part], period="month").assign(month=str(part.month)) for part in parts]
    return HISTORY.conform(in_order(pd.concat(sheets), units, by="month"))


def in_order(rows: pd.DataFrame, units: Sequence[str], *, by: str) -> pd.DataFrame:
    """The rows of some units, unit by unit in the order wanted, each sorted by another column."""
    rank = {unit_id: number for number, unit_id in enumerate(units)}
    own = rows[rows["unit_id"].isin(units)]
    # A stable sort by unit leaves each unit's rows in the order of the first sort.
    return own.sort_values(by, kind="stable").sort_values("unit_id", key=lambda ids: ids.map(rank), kind="stable")


def company_findings(moved: pd.DataFrame, *, root: str, materiality_rate: float) -> list[Finding]:
    """F at the top against the month before, the amoebas that moved most, the best and the worst, and the losses.

    Parameters
    ----------
    moved : from `movement`, shown under the key ``movement``.
    root : id of the company, or of the unit whose leader reads.
    materiality_rate : share of last month's F above which a change is material.
    """
    leaves = moved[moved["is_leaf"]]
    changed = leaves[(leaves["unit_id"] != root) & leaves["change_per_hour"].notna()]
    changed = changed.sort_values(["change_per_hour", "unit_id"], kind="stable")
    top = moved[(moved["unit_id"] == root) & moved["change_per_hour"].notna()]
    fell, rose = changed[changed["change_per_hour"] < 0], changed[changed["change_per_hour"] > 0]
    findings = [
        says(
            row,
            MOVEMENT,
            "{unit_id} 单位时间收益 {value_per_hour},上月 {previous_per_hour},变动 {change_per_hour} | "
            "{unit_id} added {value_per_hour}, after {previous_per_hour} the month before: {change_per_hour}",
            key=f"moved-{row['unit_id']}",
            direction="good" if row["change_per_hour"] > 0 else "bad" if row["change_per_hour"] < 0 else "neutral",
            material=abs(row["change_per_hour"]) > materiality_rate * abs(row["previous_per_hour"]),
            weight=abs(float(row["value_added_change_fen"])),
            basis=f"与上月相比,变动超过 {materiality_rate:.0%} 为重大 | "
            f"against the month before; material above {materiality_rate:.0%}",
        )
        for rows in (top, fell.head(_MOST_MOVED), rose.tail(_MOST_MOVED))
        for row in rows.to_dict("records")
    ]
    by_value = leaves[leaves["value_per_hour"].notna()].sort_values(["value_per_hour", "unit_id"], kind="stable")
    if len(by_value) > 1:
        worst, *_, best = by_value.to_dict("records")
        least = row_key(worst, MOVEMENT)
        best_and_worst = says(
            best,
            MOVEMENT,
            "末级巴中单位时间收益最高的是 {unit_id}({value_per_hour}),最低的是 {worst}({worst_per_hour}) | "
            "{unit_id} adds most per hour ({value_per_hour}), {worst} least ({worst_per_hour})",
            key="extremes",
            basis="只比较其下没有单元的阿米巴 | among amoebas without units below them",
            worst=Ref("movement", least, "unit_id"),
            worst_per_hour=Ref("movement", least, "value_per_hour"),
        )
        findings.append(best_and_worst)
    return findings + [
        says(
            row,
            MOVEMENT,
            "{unit_id} 本月附加值为 {value_added_fen}(每小时 {value_per_hour}) | "
            "{unit_id} added {value_added_fen} this month ({value_per_hour})",
            key=f"loss-{row['unit_id']}",
            direction="bad",
            material=True,
            weight=abs(float(row["value_added_fen"])),
            basis="附加值为负,尚未计人工成本 | negative value added, before labour cost",
        )
        for row in leaves[leaves["value_added_fen"] < 0].to_dict("records")
    ]


def _with_sums(rows: pd.DataFrame) -> pd.DataFrame:
    gross = rows["external_sales_fen"] + rows["internal_sales_fen"]
    net = gross - rows["internal_purchases_fen"]
    expense = rows[list(EXPENSE)].sum(axis=1)
    return rows.assign(
        gross_sales_fen=gross,
        net_sales_fen=net,
        expense_fen=expense,
        value_added_fen=net - expense,
        total_minutes=rows[list(MINUTES)].sum(axis=1),
    )


def _with_ratios(rows: pd.DataFrame, working_days: int) -> pd.DataFrame:
    hours = rows["total_minutes"].where(rows["total_minutes"] != 0) / 60
    recorded = (rows["n_hour_records"] > 0) | (rows["department_minutes"] + rows["sbu_minutes"] != 0)
    no_hours = pd.Series("no_hours", index=rows.index).where(~recorded, "zero_hours").where(hours.isna())
    counted, average = rows["n_headcounts"] > 0, rows["person_days"] / (working_days or 1)
    persons = average.where(rows["person_days"] != 0)
    nobody = pd.Series("no_headcount", index=rows.index).where(~counted, "zero_headcount").where(persons.isna())
    return rows.assign(
        avg_headcount=average.where(counted),
        avg_headcount_reason=nobody.where(~counted),
        value_per_hour=rows["value_added_fen"] / hours,
        value_per_hour_reason=no_hours,
        sales_per_hour=rows["net_sales_fen"] / hours,
        sales_per_hour_reason=no_hours,
        value_per_person=rows["value_added_fen"] / persons,
        value_per_person_reason=nobody,
        sales_per_person=rows["net_sales_fen"] / persons,
        sales_per_person_reason=nobody,
    )
