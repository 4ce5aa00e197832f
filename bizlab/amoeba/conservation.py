"""Nothing is lost on the way from the units' records to the company's sheet: who bears what, and the identities."""

from __future__ import annotations

import pandas as pd

from bizlab.amoeba.components import Components
from bizlab.checks import Check
from bizlab.contracts import Column, Identity, Table
from bizlab.labels import Label
from bizlab.units import Unit

EXPENSE = ("direct_expense_fen", "department_expense_fen", "sbu_expense_fen")
MINUTES = ("normal_minutes", "overtime_minutes", "department_minutes", "sbu_minutes")
KINDS = {"amoeba": Label("阿米巴", "Amoebas"), "department": Label("非阿米巴部门", "Departments, no amoebas")}

BEARERS = Table(
    name="bearers",
    label=Label("费用与工时由谁承担", "Who bears expense and hours"),
    grain=Label("阿米巴与非阿米巴部门各一行", "one row for amoebas, one for departments that are none"),
    key=("kind",),
    columns=(
        Column("kind", Unit.CODE, Label("单元", "Units"), choices=tuple(KINDS), choice_labels=KINDS),
        Column("booked_fen", Unit.FEN, Label("入账费用", "Expense booked")),
        Column("given_fen", Unit.FEN, Label("分出费用", "Expense given")),
        Column("received_fen", Unit.FEN, Label("分得费用", "Expense received")),
        Column("borne_fen", Unit.FEN, Label("承担费用", "Expense borne")),
        Column("booked_minutes", Unit.MINUTES, Label("入账工时", "Hours booked")),
        Column("given_minutes", Unit.MINUTES, Label("分出工时", "Hours given")),
        Column("received_minutes", Unit.MINUTES, Label("分得工时", "Hours received")),
        Column("borne_minutes", Unit.MINUTES, Label("承担工时", "Hours borne")),
    ),
    identities=(
        Identity(
            "borne_fen = booked_fen - given_fen + received_fen",
            Label("承担费用 = 入账 − 分出 + 分得", "expense borne = booked − given + received"),
        ),
        Identity(
            "borne_minutes = booked_minutes - given_minutes + received_minutes",
            Label("承担工时 = 入账 − 分出 + 分得", "hours borne = booked − given + received"),
        ),
    ),
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

    Returns
    -------
    Company against the ledger (sales, expense, hours), units against the ledger (expense, hours: what amoebas
    bear and what stays with departments), trace against rules, and the sum of the units' own value added
    against the company's, which differ by the internal trades on which the two sides do not agree.
    """
    return [*_company_checks(parts), *_unit_checks(parts), *_trace_checks(parts)]


def _company_checks(parts: Components) -> list[Check]:
    parent = parts.organisation.parent_of(parts.month.last)
    company = parts.nodes[~parts.nodes["unit_id"].isin(parent)].iloc[0]
    labels = {
        "sales": Label("公司对外销售 = 各单元入账之和", "external sales of the company = sum of the units' records"),
        "expense": Label(
            "公司 B1 + B2 + B3 = 各单元入账费用之和", "company B1 + B2 + B3 = sum of the expense that units booked"
        ),
        "hours": Label("公司 D = 各单元入账工时之和", "company D = sum of the hours that units booked"),
        "value": Label(
            "各单元自身 C 之和 = 公司 C + 内部交易未核对一致的差额",
            "sum of the units' own C = company C + difference of internal trade between the two sides",
        ),
    }
    own = parts.own.drop(columns="unit_id").sum()
    unreconciled = int(own["internal_sales_fen"] - own["internal_purchases_fen"])
    booked = parts.booked
    sides = {
        "sales": (company["external_sales_fen"], booked["external_sales_fen"], Unit.FEN),
        "expense": (company[list(EXPENSE)].sum(), booked["expense_fen"], Unit.FEN),
        "hours": (company[list(MINUTES)].sum(), booked["normal_minutes"] + booked["overtime_minutes"], Unit.MINUTES),
        "value": (_value_added(own), _value_added(company) + unreconciled, Unit.FEN),
    }
    return [_check(parts, key, labels[key], *sides[key]) for key in labels]


def _unit_checks(parts: Components) -> list[Check]:
    label = Label("阿米巴承担 + 留在部门 = 入账合计", "borne by amoebas + what stays with departments = booked")
    expense = Label(f"费用:{label.zh}", f"expense: {label.en}")
    hours = Label(f"工时:{label.zh}", f"hours: {label.en}")
    borne, booked = bearers(parts), parts.booked
    minutes = booked["normal_minutes"] + booked["overtime_minutes"]
    return [
        _check(parts, "borne_expense", expense, borne["borne_fen"].sum(), booked["expense_fen"], Unit.FEN),
        _check(parts, "borne_hours", hours, borne["borne_minutes"].sum(), minutes, Unit.MINUTES),
    ]


def _trace_checks(parts: Components) -> list[Check]:
    trace, results, _ = parts.allocation
    expense = Label("分摊明细费用之和 = 各规则分出之和", "expense traced to receivers = expense given by the rules")
    hours = Label("分摊明细工时之和 = 各规则分出之和", "hours traced to receivers = hours given by the rules")
    given = results["expense_fen"].sum(), results["minutes"].sum()
    return [
        _check(parts, "allocated_expense", expense, trace["expense_fen"].sum(), given[0], Unit.FEN),
        _check(parts, "allocated_hours", hours, trace["minutes"].sum(), given[1], Unit.MINUTES),
    ]


def _value_added(lines: pd.Series[int]) -> int:
    """C: external and internal sales less purchases and expense."""
    sales = lines["external_sales_fen"] + lines["internal_sales_fen"] - lines["internal_purchases_fen"]
    return int(sales - lines[list(EXPENSE)].sum())


def _check(parts: Components, key: str, label: Label, left: int, right: int, unit: Unit) -> Check:
    return Check(f"unit_hour.{parts.month}.{key}", label, int(left), int(right), unit)
