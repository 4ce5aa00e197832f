"""Nothing is lost on the way from the units' records to the company's sheet: who bears what, and the identities."""

from __future__ import annotations

import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.accounting.consolidation import EXPENSE, MINUTES
from bizlab.amoeba.accounting.placement import RECEIVED
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, table, words
from bizlab.labels import Label
from bizlab.units.kinds import Unit

KINDS = words(amoeba="阿米巴 | Amoebas", department="非阿米巴部门 | Departments, no amoebas")

BEARERS = table(
    "bearers",
    "费用与工时由谁承担 | Who bears expense and hours",
    "阿米巴与非阿米巴部门各一行 | one row for amoebas, one for departments that are none",
    column("kind", "单元 | Units", choices=KINDS),
    column("booked_fen", "入账费用 | Expense booked"),
    column("given_fen", "分出费用 | Expense given"),
    column("received_fen", "分得费用 | Expense received"),
    column("borne_fen", "承担费用 | Expense borne"),
    column("booked_minutes", "入账工时 | Hours booked"),
    column("given_minutes", "分出工时 | Hours given"),
    column("received_minutes", "分得工时 | Hours received"),
    column("borne_minutes", "承担工时 | Hours borne"),
    key="kind",
    sums={
        "borne_fen = booked_fen - given_fen + received_fen": (
            "承担费用 = 入账 − 分出 + 分得 | expense borne = booked − given + received"
        ),
        "borne_minutes = booked_minutes - given_minutes + received_minutes": (
            "承担工时 = 入账 − 分出 + 分得 | hours borne = booked − given + received"
        ),
    },
)


def bearers(parts: Components) -> pd.DataFrame:
    """What amoebas bear, and what stays with departments that no rule allocates: see `BEARERS`.

    Borne is what stands in the units' own lines of the sheet; booked, given and received come from the
    ledger and from the trace, so that the identities compare two ways of counting.
    """
    amoebas = parts.organisation.units.set_index("unit_id")["is_amoeba"]
    rows = {}
    for amount, lines in (("fen", EXPENSE), ("minutes", MINUTES)):
        column = "expense_fen" if amount == "fen" else "minutes"
        trace = parts.allocation.trace
        flows = {
            "booked": parts.pools.set_index("unit_id")[column],
            "given": trace.groupby("from_unit_id")[column].sum(),
            "received": trace.groupby("to_unit_id")[column].sum(),
            "borne": parts.own.set_index("unit_id")[list(lines)].sum(axis=1),
        }
        for name, values in flows.items():
            by_kind = values.groupby(values.index.map(amoebas).astype(bool)).sum()
            rows[f"{name}_{amount}"] = [int(by_kind.get(is_amoeba, 0)) for is_amoeba in (True, False)]
    return BEARERS.conform(pd.DataFrame({"kind": list(KINDS), **rows}))


def component_checks(parts: Components) -> list[Check]:
    """The company bears exactly what its units booked, and allocation moved without losing anything.

    Parameters
    ----------
    parts : a month of the company, or of a unit and what lies below it, which bears what was booked there, less what
        it gave, and what it received.

    Returns
    -------
    The top against the ledger (sales, expense, hours), units against the ledger (expense, hours: what amoebas
    bear and what stays with departments), trace against rules, and the sum of the units' own value added
    against the top's, which differ by the internal trades on which the two sides do not agree.
    """
    who, basis = Label("公司", "the company"), Label("入账合计", "booked by units")
    if parts.organisation.root is not None:
        who, basis = Label("本单元", "the unit"), Label("入账 − 分出 + 分得", "booked − given + received")
    top, own = parts.nodes.iloc[0], parts.own.drop(columns="unit_id").sum()
    results, trace = parts.allocation.results, parts.allocation.trace
    # A notice tells a branch what others' rules gave to it as well, which none of its own rules gave.
    traced = trace[trace["rule_id"].isin(results["rule_id"])]
    expense, minutes = list(EXPENSE), list(MINUTES)
    to_bear, hours_to_bear = _to_bear(parts, "expense"), _to_bear(parts, "hours")
    sides = (
        ("sales", f"{who.zh}对外销售 = 各单元入账之和 | external sales of {who.en} = sum of the units' records",
         top["external_sales_fen"], parts.booked["external_sales_fen"], Unit.FEN),
        ("expense", f"{who.zh} B1 + B2 + B3 = 费用{basis.zh} | B1 + B2 + B3 of {who.en} = expense {basis.en}",
         top[expense].sum(), to_bear, Unit.FEN),
        ("hours", f"{who.zh} D = 工时{basis.zh} | D of {who.en} = hours {basis.en}",
         top[minutes].sum(), hours_to_bear, Unit.MINUTES),
        ("value", f"各单元自身 C 之和 = {who.zh} C + 内部交易未核对一致的差额 | "
         f"sum of the units' own C = C of {who.en} + difference of internal trade between the two sides",
         value_added(own), value_added(top) + _disagreed(parts), Unit.FEN),
        ("borne_expense", f"费用:阿米巴承担 + 留在部门 = {basis.zh} | "
         f"expense: borne by amoebas + what stays with departments = {basis.en}",
         own[expense].sum(), to_bear, Unit.FEN),
        ("borne_hours", f"工时:阿米巴承担 + 留在部门 = {basis.zh} | "
         f"hours: borne by amoebas + what stays with departments = {basis.en}",
         own[minutes].sum(), hours_to_bear, Unit.MINUTES),
        ("allocated_expense", "分摊明细费用之和 = 各规则分出之和 | "
         "expense traced to receivers = expense given by the rules",
         traced["expense_fen"].sum(), results["expense_fen"].sum(), Unit.FEN),
        ("allocated_hours", "分摊明细工时之和 = 各规则分出之和 | hours traced to receivers = hours given by the rules",
         traced["minutes"].sum(), results["minutes"].sum(), Unit.MINUTES),
    )  # fmt: skip
    return [
        Check(f"unit_hour.{parts.month}.{key}", Label.of(text), int(left), int(right), unit)
        for key, text, left, right, unit in sides
    ]


def _to_bear(parts: Components, pool: str) -> int:
    """What was booked; in a part of the company less what its units gave, with what they received."""
    column = "expense_fen" if pool == "expense" else "minutes"
    booked = int(parts.days[column].sum())
    if parts.organisation.root is None:
        return booked
    results = parts.allocation.results
    givers = results.loc[(results["outcome"] == "allocated") & (results["pool"] == pool), "from_unit_id"]
    given = parts.days.loc[parts.days["unit_id"].isin(givers), column].sum()
    arrived = [line for (of, _), line in RECEIVED.items() if of == pool]
    return int(booked - given + parts.received[arrived].to_numpy().sum())


def _disagreed(parts: Components) -> int:
    """By how much sales booked inside the tree exceed the purchases booked inside it."""
    inside = []
    for trades in (parts.trades[line] for line in ("internal_sales_fen", "internal_purchases_fen")):
        beyond = parts.organisation.beyond(trades, "seller_id") | parts.organisation.beyond(trades, "buyer_id")
        inside.append(trades.loc[~beyond & (trades["seller_id"] != trades["buyer_id"]), "amount_fen"].sum())
    return int(inside[0] - inside[1])


def value_added(lines: pd.Series[int]) -> int:
    """C: external and internal sales less purchases and expense."""
    sales = lines["external_sales_fen"] + lines["internal_sales_fen"] - lines["internal_purchases_fen"]
    return int(sales - lines[list(EXPENSE)].sum())
