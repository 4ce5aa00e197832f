"""The charts of the page of customer models."""

from __future__ import annotations

import pandas as pd

from bizlab.customers.cluster_movement import CLUSTER_MIGRATION
from bizlab.customers.cluster_traits import CLUSTER_TRAITS
from bizlab.customers.clusters import CLUSTER_CHOICE
from bizlab.labels import Label
from bizlab.reporting import charts
from bizlab.reporting.shown import ShownChart
from bizlab.reporting.view import Names


def choice_chart(choice: pd.DataFrame, *, key: str) -> ShownChart:
    """The criterion by number of clusters, from `CLUSTER_CHOICE`."""
    title = Label("分几类合适", "How many clusters")
    alt = Label("各类别数的准则值", "criterion by number of clusters")
    return charts.lines(choice, CLUSTER_CHOICE, key=key, title=title, alt=alt, x="n_clusters", y="criterion_score")


def traits_chart(traits: pd.DataFrame, *, key: str, names: Names) -> ShownChart:
    """Where each cluster lies against all, from `CLUSTER_TRAITS`."""
    title = Label("各类高低对照(相对位置)", "High and low by cluster (position)")
    alt = Label("各类各指标的相对位置", "position of each feature in each cluster")
    return charts.heatmap(
        traits,
        CLUSTER_TRAITS,
        key=key,
        title=title,
        x="feature",
        y="cluster",
        value="position",
        alt=alt,
        names=names,
    )


def migration_chart(migration: pd.DataFrame, *, key: str, names: Names) -> ShownChart:
    """Companies by cluster of last month and of this month, from `CLUSTER_MIGRATION`; states that nobody held go."""
    seen = migration[migration["n_customers"] > 0]
    inner = migration[
        migration["from_cluster"].isin(seen["from_cluster"]) & migration["to_cluster"].isin(seen["to_cluster"])
    ]
    title = Label("类别迁移(企业数)", "Migration between clusters (companies)")
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
