"""The general ledger as finance keeps it: what the amoebas book, by account and cost centre, and some more."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.company.calendar_cn import working_days
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
REVENUE = {"product": ("6001.01", "主营业务收入-产品"), "service": ("6001.02", "主营业务收入-服务"),
           "other": ("6051.01", "其他业务收入")}  # fmt: skip
FUNCTIONS = {"EQ": ("6401", "主营业务成本"), "CL": ("6401", "主营业务成本"), "SA": ("6601", "销售费用")}
"""Account of the expense of each SBU, by the first letters of its units; of all others it is administration."""
ADMINISTRATION = ("6602", "管理费用")
EXPENSE_KINDS = {"material": "材料费", "labour": "人工成本", "energy": "水电能源", "travel": "差旅费",
                 "marketing": "市场费", "depreciation": "折旧", "freight": "运费", "other": "其他费用"}  # fmt: skip
"""In the order of their accounts."""
COUNTER = {"labour": ("2211", "应付职工薪酬"), "depreciation": ("1602", "累计折旧")}
PAYABLES, RECEIVABLES, TAXES_DUE = ("2202", "应付账款"), ("1122", "应收账款"), ("2221", "应交税费")
INTEREST, INTEREST_YUAN = ("6603.01", "财务费用-利息支出"), 41_250
SURCHARGES, SURCHARGE_PER_MILLE = ("6403.01", "税金及附加"), 6
LINE = ["voucher", "posted_on", "account_code", "account_name", "unit_id", "debit_fen", "credit_fen", "remark"]


def gl_entries(truth: dict[str, Frame], *, block: int = 0) -> Frame:
    """The table ``gl_entries``: a voucher a day for sales, one a day and counter account for expense, two at month end.

    Internal trade is in no voucher: inside the company nothing is earned. Reversed entries stay on their side in red,
    as negative amounts.

    Parameters
    ----------
    truth : the tables revenue_records and expense_records.
    """
    lines = pd.concat([_sales(truth["revenue_records"]), _expense(truth["expense_records"]), _alone(truth)])
    lines = lines[(lines["debit_fen"] != 0) | (lines["credit_fen"] != 0)]
    ordered = lines.sort_values(["posted_on", "voucher", "account_code", "unit_id"], kind="stable", na_position="last")
    ordered = ordered.reset_index(drop=True)
    named = ordered["posted_on"].dt.strftime("%y%m") + " " + ordered["posted_on"].dt.strftime("%d") + ordered["voucher"]
    month = ordered["posted_on"].dt.strftime("%y%m")
    number = named.groupby(month).transform(lambda names: pd.factorize(names)[0] + 1)
    voucher = f"JZ{block or ''}" + month + "-" + number.astype(int).map("{:04d}".format)
    within = ordered.groupby(voucher.to_numpy()).cumcount() + 1
    entry = voucher + "-" + within.map("{:03d}".format)
    return TABLES["gl_entries"].conform(ordered.assign(voucher_id=voucher, entry_id=entry))


def _sales(revenue: Frame) -> Frame:
    sums = revenue.groupby(["recorded_on", "unit_id", "kind"], as_index=False)["amount_fen"].sum()
    sold = _lines(sums, "A", sums["kind"].map(lambda kind: REVENUE[kind]), credit=True, remark="销售收入")
    return pd.concat([sold, _countered(sold, RECEIVABLES)])


def _expense(expense: Frame) -> Frame:
    sums = expense.groupby(["recorded_on", "unit_id", "kind"], as_index=False)["amount_fen"].sum()
    counter = sums["kind"].map(lambda kind: COUNTER.get(kind, PAYABLES))
    accounts = pd.Series([_account(*pair) for pair in sums[["unit_id", "kind"]].itertuples(index=False)], sums.index)
    parts = []
    for place, account in enumerate((PAYABLES, *COUNTER.values())):
        of_account = counter == account
        spent = _lines(sums[of_account], f"B{place}", accounts[of_account], credit=False, remark="费用")
        parts += [spent, _countered(spent, account)]
    return pd.concat(parts)


def _account(unit_id: str, kind: str) -> tuple[str, str]:
    code, name = FUNCTIONS.get(unit_id.split("-")[0], ADMINISTRATION)
    return f"{code}.{list(EXPENSE_KINDS).index(kind) + 1:02d}", f"{name}-{EXPENSE_KINDS[kind]}"


def _alone(truth: dict[str, Frame]) -> Frame:
    """Interest, and surcharges on the sales of the month: for the company as a whole, on its last working day."""
    revenue = truth["revenue_records"]
    monthly = revenue.groupby(revenue["recorded_on"].dt.strftime("%Y-%m"))["amount_fen"].sum()
    worked = working_days()
    last = pd.Series(worked, index=worked.astype("datetime64[M]").astype(str)).groupby(level=0).max()
    days = last.reindex(monthly.index).to_numpy("datetime64[s]")
    booked = pd.DataFrame({"recorded_on": days, "unit_id": None})
    surcharges = booked.assign(amount_fen=monthly.to_numpy() * SURCHARGE_PER_MILLE // 1000)
    interest = booked.assign(amount_fen=INTEREST_YUAN * 100)
    parts = []
    for name, frame, account, counter in (
        ("C", interest, INTEREST, PAYABLES), ("D", surcharges, SURCHARGES, TAXES_DUE),
    ):  # fmt: skip
        lines = _lines(frame, name, pd.Series([account] * len(frame)), credit=False, remark=account[1])
        parts += [lines, _countered(lines, counter)]
    return pd.concat(parts)


def _lines(sums: Frame, voucher: str, accounts: pd.Series[tuple[str, str]], *, credit: bool, remark: str) -> Frame:
    amount = sums["amount_fen"].to_numpy()
    nothing = np.zeros_like(amount)
    return pd.DataFrame(
        {
            "voucher": voucher,
            "posted_on": sums["recorded_on"].to_numpy(),
            "account_code": [code for code, _ in accounts],
            "account_name": [name for _, name in accounts],
            "unit_id": sums["unit_id"].to_numpy(),
            "debit_fen": nothing if credit else amount,
            "credit_fen": amount if credit else nothing,
            "remark": remark,
        }
    )


def _countered(lines: Frame, account: tuple[str, str]) -> Frame:
    """One line a voucher on the other side, so that it balances."""
    sums = lines.groupby(["voucher", "posted_on", "remark"], as_index=False)[["debit_fen", "credit_fen"]].sum()
    swapped = sums.rename(columns={"debit_fen": "credit_fen", "credit_fen": "debit_fen"})
    return swapped.assign(account_code=account[0], account_name=account[1], unit_id=None)[LINE]
