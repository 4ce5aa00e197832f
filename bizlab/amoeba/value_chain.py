"""The value chain: what comes in from outside, who sells to whom, where value is added, and what customers pay.

Each unit counts by itself; units of one group are one link of the chain, and trade within a group disappears. What a
link takes in (materials, other expense borne, purchases) and the value that it adds are what it sells.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bizlab.amoeba.components import Components
from bizlab.amoeba.organisation import Organisation
from bizlab.amoeba.unit_hour import UNIT_ID
from bizlab.checks import Check
from bizlab.contracts import Column, Identity, Table
from bizlab.findings import Finding, Ref
from bizlab.labels import Label
from bizlab.units import Unit

MATERIAL, EXPENSE, CUSTOMERS = "material", "expense", "customers"
ENDS = {
    MATERIAL: Label("材料", "Materials"),
    EXPENSE: Label("其他费用", "Other expense"),
    CUSTOMERS: Label("外部客户", "Customers"),
}
"""Where the chain begins and ends, outside the company."""
LEGEND = Label(
    "灰:外部投入;蓝:内部交易;青:流向客户;橙:环中反向的部分。方块中绿色是附加值,红色是亏损;数字是流出或流入之较大者",
    "grey: from outside; blue: internal trade; teal: to customers; orange: back along a circle. Green in a box is "
    "value added, red a loss; figures are the larger of inflow and outflow",
)
"""How to read the drawing of the chain."""
DEPTH = 2
"""Level of the tree whose units are the links of the chain: those right below the SBUs."""
_NO_SALES = {"no_sales": Label("没有销售", "no sales")}

CHAIN_UNITS = Table(
    name="chain_units",
    label=Label("价值链各环节", "Links of the value chain"),
    grain=Label("每个环节一行", "one row per link of the chain"),
    key=("unit_id",),
    columns=(
        UNIT_ID,
        Column(
            "material_fen",
            Unit.FEN,
            Label("材料", "Materials"),
            definition=Label("入账且未分摊出去的材料费", "materials booked and not allocated away"),
        ),
        Column(
            "expense_fen",
            Unit.FEN,
            Label("其他费用", "Other expense"),
            definition=Label("B1 + B2 + B3 减去材料", "B1 + B2 + B3 less materials"),
        ),
        Column("purchases_fen", Unit.FEN, Label("内部采购", "Internal purchases")),
        Column("inflow_fen", Unit.FEN, Label("流入", "Inflow")),
        Column("value_added_fen", Unit.FEN, Label("C 附加值", "C Value added")),
        Column("internal_sales_fen", Unit.FEN, Label("对内销售", "Internal sales")),
        Column("external_sales_fen", Unit.FEN, Label("对外销售", "External sales")),
        Column("outflow_fen", Unit.FEN, Label("流出", "Outflow")),
        Column(
            "value_added_rate",
            Unit.RATE,
            Label("附加值率", "Value-added margin"),
            nullable=True,
            definition=Label("C ÷ 流出,未计人工成本", "C / outflow, before labour cost"),
        ),
        Column(
            "value_added_rate_reason", Unit.CODE, Label("无定义的原因", "Why not defined"), True, (), None, _NO_SALES
        ),
        Column(
            "value_share_rate",
            Unit.RATE,
            Label("占全链附加值", "Share of the chain's C"),
            nullable=True,
            definition=Label("C ÷ 各环节 C 之和", "C / sum of C of all links"),
        ),
        Column(
            "value_share_rate_reason",
            Unit.CODE,
            Label("无定义的原因", "Why not defined"),
            True,
            (),
            None,
            {"no_value": Label("全链附加值不为正", "the chain adds no value above zero")},
        ),
    ),
    identities=(
        Identity(
            "inflow_fen = material_fen + expense_fen + purchases_fen",
            Label("流入 = 材料 + 其他费用 + 内部采购", "inflow = materials + other expense + purchases"),
        ),
        Identity(
            "outflow_fen = internal_sales_fen + external_sales_fen",
            Label("流出 = 对内销售 + 对外销售", "outflow = internal + external sales"),
        ),
        Identity("outflow_fen = inflow_fen + value_added_fen", Label("流出 = 流入 + C", "outflow = inflow + C")),
    ),
)

CHAIN_FLOWS = Table(
    name="chain_flows",
    label=Label("价值链流量", "Flows of the value chain"),
    grain=Label("每对来源与去向一行", "one row per source and destination"),
    key=("from_id", "to_id"),
    columns=(
        Column("from_id", Unit.CODE, Label("来源", "From"), choice_labels=ENDS),
        Column("to_id", Unit.CODE, Label("去向", "To"), choice_labels=ENDS),
        Column("sold_fen", Unit.FEN, Label("来源入账", "Giver's books")),
        Column("bought_fen", Unit.FEN, Label("去向入账", "Taker's books")),
        Column("difference_fen", Unit.FEN, Label("差额", "Difference")),
    ),
    identities=(
        Identity("difference_fen = sold_fen - bought_fen", Label("差额 = 来源 − 去向", "difference = giver − taker")),
    ),
)
_TRADE = ["from_id", "to_id"]
_SUMS = ["material_fen", "expense_fen", "external_sales_fen"]


def links(organisation: Organisation, *, depth: int = DEPTH) -> dict[str, str]:
    """For each unit the link that it belongs to: the unit above it at a depth of the tree, or itself above that depth.

    A unit that moved belongs for the whole period where it stood on the last day.
    """
    found: dict[str, str] = {}
    path: list[str] = []
    for unit_id, level in organisation.tree()[["unit_id", "depth"]].itertuples(index=False):
        path = [*path[:level], unit_id]
        found[unit_id] = path[min(level, depth)]
    return found


def chain_flows(part: Components, matrix: pd.DataFrame, link_of: Mapping[str, str]) -> pd.DataFrame:
    """What flows from whom to whom, from materials and expense to customers: see `CHAIN_FLOWS`.

    Parameters
    ----------
    part : the month's additive figures; ``own`` holds what was booked by kind (``material_fen``).
    matrix : `TRADE_MATRIX` of the month, in both sides' books.
    link_of : the link of each unit; trade within a link is left out.

    Returns
    -------
    Largest first. What crosses the company's border stands in one book only, which counts for both.
    """
    own = _own(part).assign(unit_id=part.own["unit_id"].map(link_of)).groupby("unit_id", as_index=False)[_SUMS].sum()
    border = [
        own.assign(from_id=MATERIAL, to_id=own["unit_id"], sold_fen=own["material_fen"]),
        own.assign(from_id=EXPENSE, to_id=own["unit_id"], sold_fen=own["expense_fen"]),
        own.assign(from_id=own["unit_id"], to_id=CUSTOMERS, sold_fen=own["external_sales_fen"]),
    ]
    trade = matrix.assign(from_id=matrix["seller_id"].map(link_of), to_id=matrix["buyer_id"].map(link_of))
    crossing = trade[trade["from_id"] != trade["to_id"]]
    flows = pd.concat([*(rows.assign(bought_fen=rows["sold_fen"]) for rows in border), crossing])
    sums = flows.groupby(_TRADE, as_index=False)[["sold_fen", "bought_fen"]].sum()
    held = sums[(sums["sold_fen"] != 0) | (sums["bought_fen"] != 0)]
    told = held.assign(difference_fen=held["sold_fen"] - held["bought_fen"])
    return CHAIN_FLOWS.conform(told.sort_values(["sold_fen", *_TRADE], ascending=[False, True, True], kind="stable"))


def chain_units(flows: pd.DataFrame, part: Components, link_of: Mapping[str, str]) -> pd.DataFrame:
    """What each link takes in, adds and sells: see `CHAIN_UNITS`.

    Parameters
    ----------
    flows : `CHAIN_FLOWS` of the month.
    part, link_of : as in `chain_flows`; links stand in the order of the tree.

    Returns
    -------
    One row per link that any flow touches; C is what it sells less what it takes in, each in its own books.
    """
    into, out = flows.set_index("to_id"), flows.set_index("from_id")
    touched = {*into.index, *out.index}
    ids = [unit_id for unit_id in dict.fromkeys(part.own["unit_id"].map(link_of)) if unit_id in touched]

    def total(rows: pd.DataFrame, other: str, books: str, end: str | None) -> pd.Series[int]:
        chosen = rows[rows[other] == end] if end else rows[~rows[other].isin(ENDS)]
        return chosen.groupby(level=0)[books].sum().reindex(ids, fill_value=0)

    rows = pd.DataFrame(
        {
            "material_fen": total(into, "from_id", "bought_fen", MATERIAL),
            "expense_fen": total(into, "from_id", "bought_fen", EXPENSE),
            "purchases_fen": total(into, "from_id", "bought_fen", None),
            "internal_sales_fen": total(out, "to_id", "sold_fen", None),
            "external_sales_fen": total(out, "to_id", "sold_fen", CUSTOMERS),
        },
        index=pd.Index(ids, name="unit_id"),
    ).reset_index()
    inflow = rows["material_fen"] + rows["expense_fen"] + rows["purchases_fen"]
    outflow = rows["internal_sales_fen"] + rows["external_sales_fen"]
    value = outflow - inflow
    whole = value.sum() if value.sum() > 0 else float("nan")
    return CHAIN_UNITS.conform(
        rows.assign(
            inflow_fen=inflow,
            outflow_fen=outflow,
            value_added_fen=value,
            value_added_rate=value / outflow.where(outflow > 0),
            value_added_rate_reason=pd.Series("no_sales", index=rows.index).where(outflow <= 0),
            value_share_rate=value / whole,
            value_share_rate_reason="no_value" if value.sum() <= 0 else None,
        )
    )


def chain_checks(units: pd.DataFrame, flows: pd.DataFrame, part: Components) -> list[Check]:
    """Flows are conserved: what enters the chain, the value added and the differences between both books leave it."""
    parent = part.organisation.parent_of(part.month.last)
    company = part.nodes[~part.nodes["unit_id"].isin(parent)].iloc[0]
    borne = company["direct_expense_fen"] + company["department_expense_fen"] + company["sbu_expense_fen"]
    entered = int(flows.loc[flows["from_id"].isin([MATERIAL, EXPENSE]), "sold_fen"].sum())
    left = int(flows.loc[flows["to_id"] == CUSTOMERS, "sold_fen"].sum())
    value, off = int(units["value_added_fen"].sum()), int(flows["difference_fen"].sum())
    labels = {
        "sales": Label("流向客户 = 公司对外销售", "flows to customers = external sales of the company"),
        "expense": Label("材料 + 其他费用 = 公司 B", "materials + other expense = B of the company"),
        "conserved": Label(
            "流向客户 + 双方差额 = 材料与费用 + 各环节 C",
            "to customers + differences between books = materials, expense + C",
        ),
        "value": Label(
            "各环节 C 之和 = 公司 C + 双方差额", "C of all links = C of the company + differences between books"
        ),
    }
    sides = {
        "sales": (left, int(company["external_sales_fen"])),
        "expense": (entered, int(borne)),
        "conserved": (left + off, entered + value),
        "value": (value, int(company["external_sales_fen"] - borne) + off),
    }
    return [Check(f"chain.{key}", labels[key], *sides[key], Unit.FEN) for key in labels]


def chain_findings(units: pd.DataFrame) -> list[Finding]:
    """The link that adds most value, and the one that keeps least of what it sells.

    Parameters
    ----------
    units : `CHAIN_UNITS`, shown under the key ``chain_units``.
    """
    selling = units[units["value_added_rate"].notna()]
    if selling.empty:
        return []
    most = selling.sort_values(["value_added_fen", "unit_id"], ascending=[False, True], kind="stable").iloc[0]
    least = selling.sort_values(["value_added_rate", "unit_id"], kind="stable").iloc[0]
    ends = {"most": str(most["unit_id"]), "least": str(least["unit_id"])}
    refs = {end: Ref("chain_units", (unit_id,), "unit_id") for end, unit_id in ends.items()}
    refs["value"] = Ref("chain_units", (ends["most"],), "value_added_fen")
    refs["share"] = Ref("chain_units", (ends["most"],), "value_share_rate")
    refs["rate"] = Ref("chain_units", (ends["least"],), "value_added_rate")
    text = Label(
        "价值链上 {most} 创造附加值最多({value},占全链 {share});{least} 每卖一元留下的最少({rate})",
        "along the chain {most} adds most value ({value}, {share} of all); {least} keeps least of its sales ({rate})",
    )
    return [Finding("chain", text, refs, basis=Label("附加值未计人工成本", "value added is before labour cost"))]


def _own(part: Components) -> pd.DataFrame:
    """Materials and other expense that each unit bears by itself; who gives its expense away keeps no materials."""
    own, results = part.own, part.allocation.results
    gone = results.loc[(results["outcome"] == "allocated") & (results["pool"] == "expense"), "from_unit_id"]
    material = own["material_fen"].mask(own["unit_id"].isin(gone), 0)
    borne = own["direct_expense_fen"] + own["department_expense_fen"] + own["sbu_expense_fen"]
    return own.assign(material_fen=material, expense_fen=borne - material)
