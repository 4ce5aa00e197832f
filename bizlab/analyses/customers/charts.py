"""The charts of the page of customer models."""

from __future__ import annotations

import pandas as pd

from bizlab.customers.clusters.clusters import CLUSTER_CHOICE
from bizlab.customers.clusters.model import NOT_BUYING
from bizlab.customers.clusters.movement import CLUSTER_MIGRATION, NEW
from bizlab.labels import Label
from bizlab.report.charts import charts
from bizlab.report.shown import ShownChart
from bizlab.report.view import Names


def choice_chart(choice: pd.DataFrame, *, key: str) -> ShownChart:
    """The criterion by number of clusters, from `CLUSTER_CHOICE`."""
    title = Label("分几类合适", "How many clusters")
    alt = Label("各类别数的准则值", "criterion by number of clusters")
    return charts.lines(choice, CLUSTER_CHOICE, key=key, title=title, alt=alt, x="n_clusters", y="criterion_score")


def migration_chart(migration: pd.DataFrame, *, key: str, names: Names) -> ShownChart:
    """Where the buyers of last month stand in this one, from `CLUSTER_MIGRATION`; empty states are left out.

    Companies that bought in neither month would outshine all others.
    """
    seen = migration[(migration["n_customers"] > 0) & ~migration["from_cluster"].isin([NOT_BUYING, NEW])]
    inner = migration[
        migration["from_cluster"].isin(seen["from_cluster"]) & migration["to_cluster"].isin(seen["to_cluster"])
    ]
    title = Label("上月的采购企业本月在哪一类(企业数)", "Where the buyers of last month stand now (companies)")
    alt = Label("上月到本月各类企业数", "companies by cluster of last month and of this month")
    return charts.heatmap(
        inner,
        CLUSTER_MIGRATION,
        key=key,
        title=title,
        x="to_cluster",
        y="from_cluster",
        value="n_customers",
        alt=alt,
        names=names,
    )
