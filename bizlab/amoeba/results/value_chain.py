"""The value chain: what comes in from outside, who sells to whom, where value is added, and what customers pay.

The units below one node are one link of the chain, day by day as the tree stands; trade within a link disappears.
What a link takes in (materials, other expense borne, purchases) and the value that it adds are what it sells. In the
chain of a unit and what lies below it, all other units are two ends more: those that it buys from and sells to.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from bizlab.amoeba.accounting.components import Components, kept
from bizlab.amoeba.accounting.consolidation import EXPENSE as _BORNE
from bizlab.amoeba.accounting.ledger import MATERIAL
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.amoeba.results.eliminations import BOOKS
from bizlab.amoeba.results.unit_hour import UNIT_ID
from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.units.kinds import Unit

EXPENSE, CUSTOMERS = "expense", "customers"
SELLERS, BUYERS = "sellers", "buyers"
ENDS = words(
    {
        MATERIAL: "材料 | Materials",
        EXPENSE: "其他费用 | Other expense",
        CUSTOMERS: "外部客户 | Customers",
        SELLERS: "其他单元(卖方) | Other units (sellers)",
        BUYERS: "其他单元(买方) | Other units (buyers)",
    }
)
"""Where the chain begins and ends: outside the company, or outside the unit whose leader reads."""
_INPUTS = (MATERIAL, EXPENSE)
_BOX = Label(
    "方块中绿色是附加值,红色是亏损;数字是流出或流入之较大者",
    "Green in a box is value added, red a loss; figures are the larger of inflow and outflow",
)
LEGEND = Label(
    f"灰:外部投入;蓝:内部交易;青:流向客户;橙:环中反向的部分。{_BOX.zh}",
    f"grey: from outside; blue: internal trade; teal: to customers; orange: back along a circle. {_BOX.en}",
)
"""How to read the drawing of the chain."""
BRANCH_LEGEND = Label(
    f"灰:本单元之外的投入;蓝:本单元之内的交易;青:流向客户与其他单元;橙:环中反向的部分。{_BOX.zh}",
    "grey: from outside the unit; blue: trade within it; teal: to customers and other units; orange: back along a "
    f"circle. {_BOX.en}",
)
"""How to read it where it is the chain of a unit."""
DEPTH, DEPTH_BELOW = 2, 1
"""Level of the tree whose units are the links: right below the SBUs, in a leader's chain right below the unit."""

CHAIN_UNITS = table(
    "chain_units",
    "价值链各环节 | Links of the value chain",
    "每个环节一行 | one row per link of the chain",
    UNIT_ID,
    column("material_fen", "材料 | Materials", "入账且未分摊出去的材料费 | materials booked and not allocated away"),
    column("expense_fen", "其他费用 | Other expense", "B1 + B2 + B3 减去材料 | B1 + B2 + B3 less materials"),
    column("purchases_fen", "内部采购 | Internal purchases"),
    column("inflow_fen", "流入 | Inflow"),
    column("value_added_fen", "C 附加值 | C Value added"),
    column("internal_sales_fen", "对内销售 | Internal sales"),
    column("external_sales_fen", "对外销售 | External sales"),
    column("outflow_fen", "流出 | Outflow"),
    ratio(
        "value_added_rate",
        "附加值率 | Value-added margin",
        "C ÷ 流出,未计人工成本 | C / outflow, before labour cost",
        missing=words(no_sales="没有销售 | no sales"),
    ),
    ratio(
        "value_share_rate",
        "占全链附加值 | Share of the chain's C",
        "C ÷ 各环节 C 之和 | C / sum of C of all links",
        missing=words(no_value="全链附加值不为正 | the chain adds no value above zero"),
    ),
    key="unit_id",
    sums={
        "inflow_fen = material_fen + expense_fen + purchases_fen": (
            "流入 = 材料 + 其他费用 + 内部采购 | inflow = materials + other expense + purchases"
        ),
        "outflow_fen = internal_sales_fen + external_sales_fen": (
            "流出 = 对内销售 + 对外销售 | outflow = internal + external sales"
        ),
        "value_added_fen = outflow_fen - inflow_fen": "流入 + C = 流出 | inflow + C = outflow",
    },
)

CHAIN_FLOWS = table(
    "chain_flows",
    "价值链流量 | Flows of the value chain",
    "每对来源与去向一行 | one row per source and destination",
    column("from_id", "来源 | From", words=ENDS, refers="units"),
    column("to_id", "去向 | To", words=ENDS, refers="units"),
    column("sold_fen", "来源入账 | Giver's books"),
    column("bought_fen", "去向入账 | Taker's books"),
    column("difference_fen", "差额 | Difference"),
    key="from_id to_id",
    sums={"difference_fen = sold_fen - bought_fen": "差额 = 来源 − 去向 | difference = giver − taker"},
)
_ENDS = ["from_id", "to_id"]
_OWN = {MATERIAL: "material_fen", EXPENSE: "expense_fen", CUSTOMERS: "external_sales_fen"}


def links(organisation: Organisation, *, depth: int | None = None) -> pd.DataFrame:
    """The link of the chain that each unit belongs to, in each span of days in which the tree holds still.

    Parameters
    ----------
    depth : the level of the links, 0 being the top of the tree; without it that of the units right below the SBUs,
        and of the tree of a unit the level right below it.

    Returns
    -------
    One row per span and open unit: ``span``, ``unit_id`` and ``link_id``, the unit above it at the depth, or the unit
    itself where it stands no deeper.
    """
    if depth is None:
        depth = DEPTH if organisation.root is None else DEPTH_BELOW
    closure = organisation.closure
    level = closure.groupby(["span", "unit_id"]).size().sub(1).rename("level").rename_axis(["span", "ancestor_id"])
    placed = closure.merge(level.reset_index(), on=["span", "ancestor_id"])
    lowest = placed[placed["level"] <= depth].groupby(["span", "unit_id"])["level"].idxmax()
    return placed.loc[lowest, ["span", "unit_id", "ancestor_id"]].rename(columns={"ancestor_id": "link_id"})


def chain_flows(part: Components, *, depth: int | None = None) -> pd.DataFrame:
    """What flows from whom to whom, from materials and expense to customers: see `CHAIN_FLOWS`.

    Parameters
    ----------
    part : the month's additive figures.
    depth : as in `links`; trade within a link is left out.

    Returns
    -------
    Largest first. What crosses the company's border stands in one book only, which counts for both; trade with units
    outside the tree of a unit stands in both.
    """
    placed = links(part.organisation, depth=depth)
    flows = pd.concat([*_border(part, placed), *_crossing(part, placed)])
    sums = flows.reindex(columns=[*_ENDS, *BOOKS.values()], fill_value=0).groupby(_ENDS, as_index=False).sum()
    moving = sums[(sums["sold_fen"] != 0) | (sums["bought_fen"] != 0)]
    compared = moving.assign(difference_fen=moving["sold_fen"] - moving["bought_fen"])
    return CHAIN_FLOWS.conform(compared.sort_values(["sold_fen", *_ENDS], ascending=[False, True, True], kind="stable"))


def chain_units(flows: pd.DataFrame, part: Components) -> pd.DataFrame:
    """What each link takes in, adds and sells: see `CHAIN_UNITS`.

    Parameters
    ----------
    flows : `CHAIN_FLOWS` of the month.
    part : the month's additive figures; links stand in the order of its tree.

    Returns
    -------
    One row per link that any flow touches; C is what it sells less what it takes in, each in its own books.
    """
    into, out = flows.set_index("to_id"), flows.set_index("from_id")
    touched = {*into.index, *out.index}
    ids = [unit_id for unit_id in part.own["unit_id"] if unit_id in touched]

    def total(rows: pd.DataFrame, other: str, books: str, end: str | None) -> pd.Series[int]:
        chosen = rows[rows[other] == end] if end else rows[~rows[other].isin(_OWN)]
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
    top = part.nodes.iloc[0]
    borne = int(top[list(_BORNE)].sum())
    sales, trade = int(top["external_sales_fen"]), int(top["internal_sales_fen"] - top["internal_purchases_fen"])
    entered = int(flows.loc[flows["from_id"].isin(_INPUTS), "sold_fen"].sum())
    left = int(flows.loc[flows["to_id"] == CUSTOMERS, "sold_fen"].sum())
    bought = int(flows.loc[flows["from_id"] == SELLERS, "bought_fen"].sum())
    sold = int(flows.loc[flows["to_id"] == BUYERS, "sold_fen"].sum())
    within = ~flows["from_id"].isin(ENDS) & ~flows["to_id"].isin(ENDS)
    value, off = int(units["value_added_fen"].sum()), int(flows.loc[within, "difference_fen"].sum())
    who, to, of = Label("公司", "the company"), Label("", ""), Label("材料与费用", "materials, expense")
    if part.organisation.root is not None:
        who, to = Label("本单元", "the unit"), Label("与其他单元", " and other units")
        of = Label("材料、费用与向其他单元采购", "materials, expense, from other units")
    sides = (
        ("sales", f"流向客户 = {who.zh}对外销售 | flows to customers = external sales of {who.en}", left, sales),
        ("expense", f"材料 + 其他费用 = {who.zh} B | materials + other expense = B of {who.en}", entered, borne),
        ("conserved", f"流向客户{to.zh} + 双方差额 = {of.zh} + 各环节 C | "
         f"to customers{to.en} + differences between books = {of.en} + C", left + sold + off, entered + bought + value),
        ("value", f"各环节 C 之和 = {who.zh} C + 双方差额 | C of all links = C of {who.en} + differences between books",
         value, sales + trade - borne + off),
    )  # fmt: skip
    return [Check(f"chain.{key}", Label.of(text), one_way, other, Unit.FEN) for key, text, one_way, other in sides]


def chain_findings(units: pd.DataFrame) -> list[Finding]:
    """The links of `CHAIN_UNITS` that add most value and keep least of their sales; of a single link nothing."""
    selling = units[units["value_added_rate"].notna()]
    if selling.empty or len(units) == 1:
        return []
    most = selling.sort_values(["value_added_fen", "unit_id"], ascending=[False, True], kind="stable")
    least = selling.sort_values(["value_added_rate", "unit_id"], kind="stable")
    keeps_least = (str(least["unit_id"].iloc[0]),)
    return [
        says(
            most.to_dict("records")[0],
            CHAIN_UNITS,
            "价值链上 {unit_id} 创造附加值最多({value_added_fen},占全链 {value_share_rate});"
            "{least} 每卖一元留下的最少({least_rate}) | "
            "along the chain {unit_id} adds most value ({value_added_fen}, {value_share_rate} of all); "
            "{least} keeps least of its sales ({least_rate})",
            key="chain",
            basis="附加值未计人工成本 | value added is before labour cost",
            least=Ref("chain_units", keeps_least, "unit_id"),
            least_rate=Ref("chain_units", keeps_least, "value_added_rate"),
        )
    ]


def _border(part: Components, placed: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """What each link takes in from outside and sells outside, by the spans in which it happened."""
    is_material = part.expense["kind"].map(dict(part.natures)) == MATERIAL
    bought = part.expense.assign(material_fen=part.expense["direct_fen"].where(is_material, 0))
    borne = kept(part.days, part.allocation).drop(columns="material_fen")  # as booked, what was given away included
    columns = ["span", "unit_id", "material_fen", *_BORNE, "external_sales_fen"]
    own = pd.concat([borne, part.received, bought]).reindex(columns=columns).fillna(0)
    lines = own.assign(expense_fen=own[list(_BORNE)].sum(axis=1) - own["material_fen"])
    sums = lines.merge(placed, on=["span", "unit_id"]).groupby("link_id")[list(_OWN.values())].sum().astype("int64")
    for end, line in _OWN.items():
        flows = pd.DataFrame({"sold_fen": sums[line], "bought_fen": sums[line]}).reset_index()
        inside, outside = ("from_id", "to_id") if end == CUSTOMERS else ("to_id", "from_id")
        yield flows.rename(columns={"link_id": inside}).assign(**{outside: end})


def _crossing(part: Components, placed: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Either side's bookings of trade between two links, or of a link with units outside the tree of a unit."""
    for line, books in BOOKS.items():
        pairs = part.trades[line][["span", "seller_id", "buyer_id", "amount_fen"]]
        for side, end, others in zip(("seller_id", "buyer_id"), _ENDS, (SELLERS, BUYERS), strict=True):
            named = placed.rename(columns={"unit_id": side, "link_id": end})
            pairs = pairs.merge(named, on=["span", side], how="left").fillna({end: others})
        crossing = pairs[pairs["from_id"] != pairs["to_id"]]
        yield crossing[[*_ENDS, "amount_fen"]].rename(columns={"amount_fen": books})
