"""Where internal trade was eliminated: at the lowest common parent of its two sides on the day."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.accounting.consolidation import SIDES
from bizlab.amoeba.accounting.organisation import Nodes, Organisation
from bizlab.amoeba.results.unit_hour import SHEET, UNIT_ID
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_PAIR = ["node_id", "seller_side_id", "buyer_side_id"]
_OWN = "单元本身参与交易时即该单元 | the unit itself where it is a party to the trade"
_WORDS = {
    "internal_sales_fen": ("sales", Label(" A2", "A2")),
    "internal_purchases_fen": ("purchases", Label(" B0", "B0")),
}
BOOKS = {"internal_sales_fen": "sold_fen", "internal_purchases_fen": "bought_fen"}
"""The column that holds either side's bookings of a line of internal trade."""
_ADDED = Label("自身 + 下级之和 − 抵消", "own + children's − eliminated")

ELIMINATIONS = table(
    "eliminations",
    "合并与抵消 | Consolidation and elimination",
    "每个有下级的单元一行 | one row per unit with units below it",
    UNIT_ID,
    column(
        "hidden_fen",
        "抵消掩盖的差额 | Difference that this hides",
        "在此抵消的销售 − 采购 | sales − purchases eliminated here",
    ),
    column("own_sales_fen", "自身内部销售 | Sold inside by itself"),
    column("children_sales_fen", "下级 A2 之和 | A2 of its children"),
    column("eliminated_sales_fen", "在此抵消的销售 | Sales eliminated here"),
    SHEET["internal_sales_fen"],
    column("own_purchases_fen", "自身内部采购 | Bought inside by itself"),
    column("children_purchases_fen", "下级 B0 之和 | B0 of its children"),
    column("eliminated_purchases_fen", "在此抵消的采购 | Purchases eliminated here"),
    SHEET["internal_purchases_fen"],
    key="unit_id",
    sums={
        "internal_sales_fen = own_sales_fen + children_sales_fen - eliminated_sales_fen": (
            f"A2 = {_ADDED.zh} | A2 = {_ADDED.en}"
        ),
        "internal_purchases_fen = own_purchases_fen + children_purchases_fen - eliminated_purchases_fen": (
            f"B0 = {_ADDED.zh} | B0 = {_ADDED.en}"
        ),
        "hidden_fen = eliminated_sales_fen - eliminated_purchases_fen": (
            "掩盖的差额 = 抵消的销售 − 采购 | hidden = sales − purchases eliminated"
        ),
    },
)

ELIMINATED_PAIRS = table(
    "eliminated_pairs",
    "在何处抵消了谁与谁的交易 | Trade eliminated, by where and between whom",
    "每个单元、其下卖方分支与买方分支一行 | one row per unit, seller's branch and buyer's branch below it",
    code("node_id", "抵消于 | Eliminated at", refers="units"),
    code("seller_side_id", "卖方分支 | Seller's branch", _OWN, refers="units"),
    code("buyer_side_id", "买方分支 | Buyer's branch", _OWN, refers="units"),
    column("sold_fen", "卖方入账 | Seller's books"),
    column("bought_fen", "买方入账 | Buyer's books"),
    column("difference_fen", "差额 | Difference"),
    key="node_id seller_side_id buyer_side_id",
    sums={"difference_fen = sold_fen - bought_fen": "差额 = 卖方 − 买方 | difference = seller − buyer"},
)


class Eliminated(NamedTuple):
    """A month's consolidation: by unit (`ELIMINATIONS`), and between which branches (`ELIMINATED_PAIRS`)."""

    nodes: pd.DataFrame
    pairs: pd.DataFrame


def eliminations(parts: Components) -> Eliminated:
    """What each unit with units below it sold and bought inside, and what disappeared there.

    Trade between two units is eliminated at the lowest unit that is above both, by the tree of the day, and nowhere
    else; so a move within the month eliminates the same trade at another place from that day on. A trade of a unit
    with itself is neither sale nor purchase. Full elimination of trade within a group: IFRS 10, B86 (c).

    Returns
    -------
    Units and pairs in the order of the tree. A2 and B0 are those of the unit-hour sheet, everything else is made
    of the bookings, so that the identities compare two computations. Children count for the days on which they stood
    below the unit; what is booked on one side alone is eliminated on that side and shows as a difference.

    >>> from bizlab.amoeba.accounting.components import components
    >>> from bizlab.amoeba.accounting.ledger import INPUTS, Records
    >>> from bizlab.tables import TABLES
    >>> from bizlab.periods import Month
    >>> day, since = pd.Timestamp("2026-10-08"), pd.Timestamp("2020-01-01")
    >>> tables = {name: TABLES[name].empty() for name in INPUTS}
    >>> tables["units"] = pd.DataFrame({"unit_id": ["Y", "A", "a1", "a2"], "level": "team", "is_amoeba": True,
    ...                                 "opened_on": since, "closed_on": pd.NaT})
    >>> tables["unit_parents"] = pd.DataFrame({"unit_id": ["A", "a1", "a2"], "parent_id": ["Y", "A", "A"],
    ...                                        "valid_from": since, "valid_to": pd.Timestamp("2026-12-31")})
    >>> trade = pd.DataFrame({"seller_id": ["a1"], "buyer_id": ["a2"], "traded_on": day, "amount_fen": [500]})
    >>> sides = {"internal_trades_sold": trade, "internal_trades_bought": trade.assign(amount_fen=499)}
    >>> eliminated = eliminations(components(Records(**tables | sides), month=Month(2026, 10)))
    >>> shown = ["unit_id", "children_sales_fen", "eliminated_sales_fen", "internal_sales_fen", "hidden_fen"]
    >>> eliminated.nodes[shown].to_numpy().tolist()
    [['Y', 0, 0, 0, 0], ['A', 500, 500, 0, 1]]
    """
    met = {line: _met(parts.trades[line], parts.organisation) for line in SIDES}
    order = parts.organisation.tree()["unit_id"]
    return Eliminated(_nodes(parts, met, order), _pairs(met, order))


def elimination_checks(eliminated: Eliminated, parts: Components) -> list[Check]:
    """Each booking leaves the books once, none is left at the company, and the pairs are what the units eliminated."""
    tree = parts.organisation.tree()
    company = parts.nodes[parts.nodes["unit_id"].isin(tree.loc[tree["depth"] == 0, "unit_id"])]
    pairs = eliminated.pairs.groupby("node_id")[["sold_fen", "bought_fen"]].sum()
    of_nodes = pairs.reindex(eliminated.nodes["unit_id"], fill_value=0)
    checks = []
    for line, (name, words) in _WORDS.items():
        gone, booked, left = (
            eliminated.nodes[f"eliminated_{name}_fen"],
            int(parts.own[line].sum()),
            int(company[line].sum()),
        )
        apart = int((of_nodes[BOOKS[line]].to_numpy() - gone).abs().sum())
        sides = (
            ("booked", f"各级抵消 + 公司{words.zh} = 全部入账 | all eliminations + company's {words.en} = all bookings",
             int(gone.sum()) + left, booked),
            ("company", f"公司{words.zh} = 0 | {words.en} of the company = 0", left, 0),
            ("pairs", f"{words.zh}:各分支合计 = 各级抵消 | {words.en}: branches = eliminated at each unit", apart, 0),
        )  # fmt: skip
        checks += [
            Check(f"eliminations.{name}.{key}", Label.of(text), one_way, other, Unit.FEN)
            for key, text, one_way, other in sides
        ]
    return checks


def _met(trades: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """One side's bookings by span and pair, with the lowest unit above both and the branches that meet there."""
    apart = trades["seller_id"] != trades["buyer_id"]
    beyond = organisation.beyond(trades, "seller_id") | organisation.beyond(trades, "buyer_id")
    pairs = trades[apart & ~beyond].groupby(["span", "seller_id", "buyer_id"], as_index=False)["amount_fen"].sum()
    paths = {side: organisation.path(pairs, side) for side in ("seller_id", "buyer_id")}
    seller, buyer = paths.values()
    depth = ((seller == buyer) & (seller >= 0)).sum(axis=1)
    met = pairs.assign(depth=depth, node_id=_at(seller, depth - 1, organisation))
    for side, path in paths.items():
        branch = np.minimum(depth, (path >= 0).sum(axis=1) - 1)
        met[f"{side.removesuffix('_id')}_side_id"] = _at(path, branch, organisation)
    return met


def _at(path: Nodes, depth: NDArray[np.int64], organisation: Organisation) -> pd.Index[str]:
    """The unit of each path at a depth, 0 for the root."""
    return organisation.unit_ids[np.take_along_axis(path, depth[:, None], axis=1)[:, 0]]


def _nodes(parts: Components, met: dict[str, pd.DataFrame], order: pd.Series[str]) -> pd.DataFrame:
    closure = parts.organisation.closure
    leading = closure.loc[closure["unit_id"] != closure["ancestor_id"], "ancestor_id"]
    nodes = order[order.isin(leading)].to_list()
    of_nodes, own = (frame.set_index("unit_id").loc[nodes] for frame in (parts.nodes, parts.own))
    children = {line: _of_children(met[line], SIDES[line][0], parts.organisation) for line in SIDES}
    lines: dict[str, pd.Series[int]] = {}
    for line, (name, _) in _WORDS.items():
        gone = met[line].groupby("node_id")["amount_fen"].sum()
        lines |= {
            f"own_{name}_fen": own[line],
            f"children_{name}_fen": children[line].reindex(nodes, fill_value=0),
            f"eliminated_{name}_fen": gone.reindex(nodes, fill_value=0),
            line: of_nodes[line],
        }
    hidden = lines["eliminated_sales_fen"] - lines["eliminated_purchases_fen"]
    return ELIMINATIONS.conform(pd.DataFrame(lines | {"hidden_fen": hidden}).rename_axis("unit_id").reset_index())


def _of_children(met: pd.DataFrame, own: str, organisation: Organisation) -> pd.Series[int]:
    """Sums at the units above the side that booked, up to the one at which the trade is eliminated."""
    path = organisation.path(met, own)
    row, depth = np.nonzero(path >= 0)
    here = (depth >= met["depth"].to_numpy()[row] - 1) & (depth < (path >= 0).sum(axis=1)[row] - 1)
    return met["amount_fen"].iloc[row[here]].groupby(organisation.unit_ids[path[row[here], depth[here]]]).sum()


def _pairs(met: dict[str, pd.DataFrame], order: pd.Series[str]) -> pd.DataFrame:
    booked = [met[line].groupby(_PAIR)["amount_fen"].sum().rename(name) for line, name in BOOKS.items()]
    sums = pd.concat(booked, axis=1).fillna(0).astype("int64").reset_index()
    place = {unit_id: number for number, unit_id in enumerate(order)}
    ordered = sums.sort_values(_PAIR, key=lambda ids: ids.map(place), kind="stable")
    return ELIMINATED_PAIRS.conform(ordered.assign(difference_fen=ordered["sold_fen"] - ordered["bought_fen"]))
