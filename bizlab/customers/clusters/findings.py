"""What the clusters of a month say, as findings."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.finding import Finding, Ref
from bizlab.customers.clusters.model import NOT_BUYING
from bizlab.labels import Label


def cluster_findings(
    sizes: pd.DataFrame, methods: pd.DataFrame, *, keys: tuple[str, str] = ("clusters", "methods")
) -> list[Finding]:
    """The cluster of the largest amount, and whether the clusters come back when customers are drawn anew.

    Parameters
    ----------
    sizes, methods : `CLUSTER_SIZES` and `CLUSTER_METHODS`. keys : the names under which the notebook shows them.

    Returns
    -------
    Findings; clusters that are not stable are material, since somebody may act on them.
    """
    size_key, method_key = keys
    largest = sizes[sizes["customer_rate"].notna()].nlargest(1, "amount_fen")
    found = []
    for row in largest.to_dict("records"):
        columns = ("cluster", "n_customers", "customer_rate", "amount_fen", "amount_rate")
        text = Label(
            "采购最多的一类是「{cluster}」:{n_customers}家,占已归类企业{customer_rate},采购占{amount_rate}({amount_fen})。",
            "The cluster of the largest amount is '{cluster}': {n_customers} companies, {customer_rate} of those in a "
            "cluster, with {amount_rate} of the amount ({amount_fen}).",
        )
        refs = {name: Ref(size_key, (str(row["cluster"]),), name) for name in columns}
        found.append(Finding("clusters.largest", text, refs, weight=float(row["amount_fen"])))
    used = methods[methods["is_used"]].iloc[0]
    text = Label(
        "{n}类客户的稳定性:{reading}(重抽样平均{stability},最低{lowest})。",
        "Stability of the {n} clusters: {reading} (mean over resamples {stability}, lowest {lowest}).",
    )
    places = {"n": "n_clusters", "reading": "reading", "stability": "stability", "lowest": "lowest"}
    refs = {name: Ref(method_key, (str(used["method"]),), column) for name, column in places.items()}
    is_poor = bool(used["reading"] == "poor")
    return [*found, Finding("clusters.stability", text, refs, "bad" if is_poor else "neutral", is_poor)]


def movement_findings(
    migration: pd.DataFrame, sizes: pd.DataFrame, *, material_fen: int, key: str = "migration"
) -> list[Finding]:
    """The moves between clusters, and out of them, that changed an amount worth telling.

    Parameters
    ----------
    migration, sizes : `CLUSTER_MIGRATION` and `CLUSTER_SIZES`. material_fen : from which change of the amount of
        12 months a move is told. key : the name under which the notebook shows the migration.
    """
    clusters = set(sizes.loc[sizes["customer_rate"].notna(), "cluster"])
    moves = migration[
        (migration["from_cluster"] != migration["to_cluster"])
        & migration["from_cluster"].isin(clusters)
        & migration["to_cluster"].isin({*clusters, NOT_BUYING})
    ]
    changes = moves["amount_fen"] - moves["amount_before_fen"]
    text = Label(
        "{n_customers}家由「{from_cluster}」转为「{to_cluster}」:近12个月金额由{amount_before_fen}变为{amount_fen}。",
        "{n_customers} companies went from '{from_cluster}' to '{to_cluster}': their amount of 12 months went from "
        "{amount_before_fen} to {amount_fen}.",
    )
    basis = Label("与上月末相比,类别不变", "against the end of last month, clusters unchanged")
    columns = ("n_customers", "from_cluster", "to_cluster", "amount_before_fen", "amount_fen")
    found = []
    for row, change in zip(moves.to_dict("records"), changes, strict=True):
        if abs(change) < max(material_fen, 1):
            continue
        at = (str(row["from_cluster"]), str(row["to_cluster"]))
        refs = {name: Ref(key, at, name) for name in columns}
        name, is_less = f"clusters.moved.{at[0]}.{at[1]}", bool(change < 0)
        found.append(Finding(name, text, refs, "bad" if is_less else "good", True, float(abs(change)), basis))
    return found
