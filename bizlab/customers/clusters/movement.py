"""Who moved between clusters since the month before, the clusters themselves unchanged."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.customers.clusters.model import KEY, MISSING, NOT_BUYING, ClusterModel
from bizlab.customers.clusters.sizes import AMOUNT
from bizlab.labels import Label
from bizlab.units.kinds import Unit

NEW = "not_known"
_SIDES = ("from_cluster", "to_cluster")
_NEW = words({NEW: "上月未建档 | Not known last month"})
_FROM = column("from_cluster", "上月 | Last month", words=_NEW)
_TO = code("to_cluster", "本月 | This month")
_BEFORE = column("amount_before_fen", "金额(上月口径) | Amount as of last month")
_NOW = column("amount_fen", "金额(本月口径) | Amount as of this month")

CLUSTER_MIGRATION = table(
    "cluster_migration",
    "类别迁移 | Migration between clusters",
    "每对上月类别、本月类别一行 | one row per cluster of last month and cluster of this month",
    _FROM,
    _TO,
    column("n_customers", "企业数 | Companies"),
    _BEFORE,
    _NOW,
    key="from_cluster to_cluster",
)
CLUSTER_MOVED = table(
    "cluster_moved",
    "类别变动的客户 | Companies that moved",
    "每家类别变动的企业一行 | one row per company that moved",
    code(KEY, "企业 | Company", refers="customers"),
    _FROM,
    _TO,
    _BEFORE,
    _NOW,
    key=KEY,
)


def cluster_migration(model: ClusterModel, before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """From which cluster to which.

    Parameters
    ----------
    before, now : tags as of the two month ends, as for `cluster_sizes`.

    Returns
    -------
    `CLUSTER_MIGRATION`: every pair of states, those without companies too; companies that were not known last month
    come from ``not_known``.
    """
    columns = ["n_customers", "amount_before_fen", "amount_fen"]
    pairs = _pairs(model, before, now).assign(n_customers=1)
    every = pd.MultiIndex.from_product([[*model.states, NEW], model.states], names=["from_cluster", "to_cluster"])
    sums = pairs.groupby(["from_cluster", "to_cluster"])[columns].sum()
    return CLUSTER_MIGRATION.conform(sums.reindex(every, fill_value=0).reset_index())


def cluster_moved(model: ClusterModel, before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The companies that changed, entered or left a cluster.

    Returns
    -------
    `CLUSTER_MOVED`, the largest amount of either month first. Who went from one reason for being in none to another
    is not among them.
    """
    pairs = _pairs(model, before, now)
    is_in = {side: ~pairs[side].isin([NOT_BUYING, NEW]) & ~pairs[side].str.startswith(MISSING) for side in _SIDES}
    moved = pairs[(pairs["from_cluster"] != pairs["to_cluster"]) & (is_in["from_cluster"] | is_in["to_cluster"])]
    moved = moved.assign(size=moved[["amount_before_fen", "amount_fen"]].max(axis=1))
    return CLUSTER_MOVED.conform(moved.sort_values(["size", KEY], ascending=[False, True]))


def migration_checks(migration: pd.DataFrame, sizes_before: pd.DataFrame, sizes: pd.DataFrame) -> list[Check]:
    """Along the rows stand last month's companies, down each column this month's.

    Parameters
    ----------
    sizes_before, sizes : `CLUSTER_SIZES` of the two months.
    """
    known = migration[migration["from_cluster"] != NEW]
    rows_text = "迁移矩阵各行合计 = 上月各类企业数 | rows of the matrix = last month's clusters"
    columns_text = "迁移矩阵各列合计 = 本月各类企业数 | columns of the matrix = this month's clusters"
    sides = (("from_cluster", known, sizes_before, rows_text), ("to_cluster", migration, sizes, columns_text))
    checks = []
    for side, rows, month, text in sides:
        parts = month[~month["is_total"]].set_index("cluster")["n_customers"]
        off = int(rows.groupby(side)["n_customers"].sum().sub(parts, fill_value=0).abs().sum())
        n = int(parts.sum())
        checks.append(Check(f"cluster_migration.{side}", Label.of(text), n, n - off, Unit.COUNT))
    return checks


def movement_findings(
    migration: pd.DataFrame, sizes: pd.DataFrame, *, material_fen: int, key: str = "migration"
) -> list[Finding]:
    """The moves between clusters, and out of them, that changed a material amount.

    Parameters
    ----------
    migration, sizes : `CLUSTER_MIGRATION` and `CLUSTER_SIZES`.
    material_fen : change of the amount of 12 months from which a move is material; smaller ones are not stated.
    key : the name under which the notebook shows the migration.
    """
    text = (
        "{n_customers}家由「{from_cluster}」转为「{to_cluster}」:近12个月金额由{amount_before_fen}变为{amount_fen}。 | "
        "{n_customers} companies went from '{from_cluster}' to '{to_cluster}': their amount of 12 months went from "
        "{amount_before_fen} to {amount_fen}."
    )
    clusters = set(sizes.loc[sizes["customer_rate"].notna(), "cluster"])
    change = migration["amount_fen"] - migration["amount_before_fen"]
    moves = migration.assign(change_fen=change)[
        (migration["from_cluster"] != migration["to_cluster"])
        & migration["from_cluster"].isin(clusters)
        & migration["to_cluster"].isin({*clusters, NOT_BUYING})
        & (change.abs() >= max(material_fen, 1))
    ]
    return [
        says(
            row,
            CLUSTER_MIGRATION,
            text,
            key=f"clusters.moved.{row['from_cluster']}.{row['to_cluster']}",
            table=key,
            direction="bad" if row["change_fen"] < 0 else "good",
            material=True,
            weight=float(abs(row["change_fen"])),
            basis="与上月末相比,类别不变 | against the end of last month, clusters unchanged",
        )
        for row in moves.to_dict("records")
    ]


def _pairs(model: ClusterModel, before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """One row per customer of this month with its cluster and amount of both months."""
    former = model.standing(before).to_frame("from_cluster")
    former["amount_before_fen"] = before.set_index(KEY)[AMOUNT]
    current = model.standing(now).to_frame("to_cluster")
    current["amount_fen"] = now.set_index(KEY)[AMOUNT]
    pairs = current.join(former, how="left").reset_index()
    return pairs.fillna({"from_cluster": NEW, "amount_before_fen": 0})
