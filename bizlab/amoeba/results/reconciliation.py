"""From the amoebas' value added to the profit of the financial accounts; what is left is named and placed.

The amoebas' books leave labour out and stop at the company's edge; the ledger holds what they do not record (interest,
taxes) and none of their internal trade. Whatever these known differences do not explain is a line of its own, and every
place where the two books differ is listed, one fen included.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.accounting.conservation import value_added
from bizlab.amoeba.accounting.consolidation import EXPENSE
from bizlab.amoeba.accounting.ledger import BOOKED
from bizlab.amoeba.results.accounts import REVENUE, UNMAPPED, LedgerAccounts
from bizlab.amoeba.results.unit_hour import UNIT_ID
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import row_key, says
from bizlab.labels import Label
from bizlab.units.kinds import Unit

PERIODS = words(month="本月 | Month", ytd="本年累计 | Year to date")
STEPS = words(
    amoebas="各阿米巴自身 C 之和 | Sum of the amoebas' own C",
    departments="职能部门的收入与内部交易净额 | Sales and net internal trade of departments",
    unallocated="留在职能部门、未分摊的费用 | Expense that stays with departments, not allocated",
    trade="内部交易双方不一致的差额 | Internal trade on which both sides differ",
    company="公司 C | Company C",
    labour="未计入费用的人工成本 | Labour cost kept out of B",
    aside="未计入核算表的例外记录 | Records that are in no sheet",
    alone="财务单独入账的项目 | What finance alone records",
    explained="可解释的利润 | Profit explained",
    unexplained="未解释的差额 | Unexplained",
    ledger="财务账利润 | Profit by the ledger",
)
_TOTALS = ("company", "explained", "ledger")
_PERIOD = column("period", "期间 | Period", choices=PERIODS)
_BOOKS = (
    column("amoeba_fen", "经营会计 | Amoebas' books"),
    column("ledger_fen", "财务账 | Ledger"),
    column("difference_fen", "差额 | Difference"),
)
_DIFFERENCE = {"difference_fen = ledger_fen - amoeba_fen": "差额 = 财务账 − 经营会计 | difference = ledger − books"}

PROFIT_BRIDGE = table(
    "profit_bridge",
    "从附加值到会计利润 | From value added to accounting profit",
    "每个期间、每一步一行 | one row per period and step",
    _PERIOD,
    column("step", "项目 | Step", choices=STEPS),
    column("amount_fen", "金额 | Amount"),
    column("is_total", "合计行 | Total row"),
    key="period step",
)
LINE_BY_LINE = table(
    "line_by_line",
    "逐行对账 | Line by line",
    "每个期间、每个损益项目一行 | one row per period and line of the P&L",
    _PERIOD,
    code("line", "项目 | Line"),
    _BOOKS,
    column(
        "is_alone",
        "仅财务入账 | By finance alone",
        "经营会计不记录,差额属于预期 | not recorded by the amoebas, the difference is expected",
    ),
    key="period line",
    sums=_DIFFERENCE,
)
PLACES = table(
    "places",
    "差额所在 | Where the two books differ",
    "每个损益项目、单元、日期一行,仅列有差额者 | one row per line, unit and day that differ",
    LINE_BY_LINE["line"],
    UNIT_ID,
    column("day", "日期 | Day", unit=Unit.DATE),
    _BOOKS,
    key="line unit_id day",
    sums=_DIFFERENCE,
)
NO_UNIT = "—"
"""Cost centre of what is booked for the company as a whole."""
_AT = ["line", "unit_id", "day"]


def both_books(parts: Sequence[Components], entries: pd.DataFrame, accounts: LedgerAccounts) -> pd.DataFrame:
    """What the amoebas recorded and what the ledger holds, by line, unit and day.

    Parameters
    ----------
    parts : the months to compare, by day. entries : under the contract ``gl_entries``; other days are passed over.

    Returns
    -------
    One row per `_AT`: ``amoeba_fen`` and ``ledger_fen``, 0 where one of them holds nothing. Revenue is positive where
    something was earned, expense where something was spent. Records without a place in the tree are not among the
    amoebas', so that the ledger's side of them shows.
    """
    booked = pd.concat([_amoebas(month) for month in parts])
    first, last = pd.Timestamp(parts[0].month.first), pd.Timestamp(parts[-1].month.last)
    ledger = _ledger(entries[entries["posted_on"].between(first, last)], accounts)
    sides = [rows.groupby(_AT)["amount_fen"].sum() for rows in (booked, ledger)]
    both = pd.concat(sides, axis=1, keys=["amoeba_fen", "ledger_fen"]).fillna(0).astype("int64")
    return both.rename_axis(_AT).reset_index()


def _amoebas(parts: Components) -> pd.DataFrame:
    month = parts.by_day()
    earned = month.days.assign(line=REVENUE, amount_fen=month.days["external_sales_fen"])
    spent = month.expense.assign(line=month.expense["kind"])
    booked = pd.concat([earned, spent])[[*_AT, "amount_fen"]]
    return booked[booked["amount_fen"] != 0]


def _ledger(entries: pd.DataFrame, accounts: LedgerAccounts) -> pd.DataFrame:
    """The P&L lines of the ledger, signed as the amoebas sign theirs; vouchers that close the P&L are passed over."""
    closing = entries.loc[entries["account_code"].str.startswith(accounts.closing), "voucher_id"]
    booked = entries[~entries["voucher_id"].isin(closing)]
    rows = booked[booked["account_code"].str.startswith(accounts.profit_and_loss)]
    line = rows["account_code"].map(dict(accounts.lines)).fillna(UNMAPPED)
    spent = rows["debit_fen"] - rows["credit_fen"]
    return pd.DataFrame(
        {
            "line": line,
            "unit_id": rows["unit_id"].fillna(NO_UNIT),
            "day": rows["posted_on"].astype("datetime64[us]"),
            "amount_fen": spent.mask(line == REVENUE, -spent),
        }
    )


def line_by_line(both: pd.DataFrame, accounts: LedgerAccounts, *, period: str) -> pd.DataFrame:
    """What `both_books` hold by line of the P&L, in the order of the accounts: see `LINE_BY_LINE`.

    Every declared line has a row; that of accounts which are not declared only where there are any.
    """
    sums = both.groupby("line")[["amoeba_fen", "ledger_fen"]].sum()
    lines = [line for line in accounts.labels if line != UNMAPPED or line in sums.index]
    rows = sums.reindex(lines, fill_value=0).rename_axis("line").reset_index()
    return LINE_BY_LINE.conform(
        rows.assign(
            period=period,
            difference_fen=rows["ledger_fen"] - rows["amoeba_fen"],
            is_alone=rows["line"].isin(list(accounts.alone)),
        )
    )


def places(both: pd.DataFrame, accounts: LedgerAccounts) -> pd.DataFrame:
    """Where the two books differ, the largest first: see `PLACES`; what finance alone records is left out."""
    off = both[(both["amoeba_fen"] != both["ledger_fen"]) & ~both["line"].isin(list(accounts.alone))]
    apart = off.assign(difference_fen=off["ledger_fen"] - off["amoeba_fen"])
    by_size = apart.assign(size=apart["difference_fen"].abs())
    return PLACES.conform(by_size.sort_values(["size", *_AT], ascending=[False, True, True, True], kind="stable"))


def profit_bridge(
    parts: Sequence[Components],
    both: pd.DataFrame,
    accounts: LedgerAccounts,
    *,
    period: str,
    labour_in_expense: bool = False,
) -> pd.DataFrame:
    """From the amoebas' value added to the ledger's profit, step by step: see `PROFIT_BRIDGE`.

    Parameters
    ----------
    parts, both : the months, and both books of them.
    labour_in_expense : as the months were computed.
    """
    units = parts[-1].organisation.units.set_index("unit_id")
    own = pd.concat([month.own for month in parts], ignore_index=True)
    is_amoeba = own["unit_id"].map(units["is_amoeba"]).astype(bool)
    traded = own["internal_sales_fen"] - own["internal_purchases_fen"]
    sales, expense = own["external_sales_fen"] + traded, own[list(EXPENSE)].sum(axis=1)
    lost = pd.concat([month.aside.days for month in parts])
    earned = both["line"] == REVENUE
    steps = {
        "amoebas": (sales - expense)[is_amoeba].sum(),
        "departments": sales[~is_amoeba].sum(),
        "unallocated": -expense[~is_amoeba].sum(),
        "trade": -traded.sum(),
    }
    steps["company"] = sum(steps.values())
    steps["labour"] = 0 if labour_in_expense else -sum(month.days["labour_fen"].sum() for month in parts)
    steps["aside"] = lost["external_sales_fen"].sum() - lost[list(BOOKED)].sum().sum()
    steps["alone"] = -both.loc[both["line"].isin(list(accounts.alone)), "ledger_fen"].sum()
    steps["explained"] = sum(steps[step] for step in ("company", "labour", "aside", "alone"))
    steps["ledger"] = both["ledger_fen"].where(earned, -both["ledger_fen"]).sum()
    steps["unexplained"] = steps["ledger"] - steps["explained"]
    return PROFIT_BRIDGE.frame((period, step, int(steps[step]), step in _TOTALS) for step in STEPS)


def reconciliation_checks(
    bridge: pd.DataFrame, located: pd.DataFrame, entries: pd.DataFrame, parts: Components
) -> list[Check]:
    """Nothing is left unexplained; what is, stands in the list of places; vouchers balance; C is that of the sheet.

    Bridge, places and ledger are those of one period, ``parts`` its last month.
    """
    amounts = bridge.set_index("step")["amount_fen"]
    earned = located["line"] == REVENUE
    by_place = int(located["difference_fen"].where(earned, -located["difference_fen"]).sum())
    sums = entries.groupby("voucher_id")[["debit_fen", "credit_fen"]].sum()
    apart = int((sums["debit_fen"] - sums["credit_fen"]).abs().sum())
    parent = parts.organisation.parent_of(parts.month.last)
    top = parts.nodes[~parts.nodes["unit_id"].isin(parent)].iloc[0]
    value = value_added(top)
    where = Label(f"见差额所在表,{len(located)} 处", f"see where the two books differ, {len(located)}")
    of_sheet = Label("公司 C = 核算表的 C", "company C = C of the sheet")
    placed = Label(
        "未解释的差额 + 例外记录 = 所列各处差额之和", "unexplained + records in no sheet = differences by place"
    )
    balanced = Label("每张凭证借贷相等(差额之和)", "every voucher balances (sum of gaps)")
    profit = Label("可解释的利润 = 财务账利润", "profit explained = profit by the ledger")
    located_fen = int(amounts["unexplained"] + amounts["aside"])
    explained, booked = int(amounts["explained"]), int(amounts["ledger"])
    detail = where if explained != booked else None
    return [
        Check("reconciliation.company", of_sheet, int(amounts["company"]), value, Unit.FEN),
        Check("reconciliation.places", placed, located_fen, by_place, Unit.FEN),
        Check("reconciliation.vouchers", balanced, apart, 0, Unit.FEN),
        Check("reconciliation.unexplained", profit, explained, booked, Unit.FEN, detail),
    ]


_LEFT = {
    "unexplained": "财务账利润与经营会计相差 {amount_fen} 未能解释 | "
    "{amount_fen} of the ledger's profit is not explained",
    "unallocated": "职能部门未分摊给任何阿米巴的费用:{amount_fen} | "
    "expense of departments that no rule gives to an amoeba: {amount_fen}",
    "trade": "内部交易双方不一致,使各巴 C 之和与公司 C 相差 {amount_fen} | "
    "both sides of internal trade differ, so that the units' C and the company's are {amount_fen} apart",
}


def reconciliation_findings(bridge: pd.DataFrame, located: pd.DataFrame, *, most: int = 5) -> list[Finding]:
    """What is unexplained and where it stands, what no rule allocates, what both sides of internal trade dispute."""
    steps = {row["step"]: row for row in bridge.to_dict("records")}
    findings = [
        says(
            steps[step],
            PROFIT_BRIDGE,
            text,
            key=f"reconciliation-{step}",
            direction="neutral" if step == "unallocated" else "bad",
            material=step == "unexplained",
            weight=abs(float(steps[step]["amount_fen"])),
        )
        for step, text in _LEFT.items()
        if steps[step]["amount_fen"]
    ]
    return findings + [
        says(
            row,
            PLACES,
            "{day} {unit_id} 的{line}:财务账比经营会计多 {difference_fen} | "
            "{line} of {unit_id} on {day}: the ledger holds {difference_fen} more than the amoebas' books",
            key="-".join(("place", *row_key(row, PLACES))),
            direction="bad",
            material=True,
            weight=abs(float(row["difference_fen"])),
            basis="按项目、单元与日期逐一核对,一分之差也列出 | line, unit and day one by one; even one fen is listed",
        )
        for row in located.head(most).to_dict("records")
    ]
