"""How many companies and how much of the amount each cluster holds, and how many stand in none, and why."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.customers.clusters.model import MISSING, ClusterModel
from bizlab.labels import Label
from bizlab.units.kinds import Unit

AMOUNT, TOTAL = "order_amount_12m_fen", "total"
_NO_SHARE = words(
    no_amount="合计为零 | the total is zero",
    outside="未归类,不在分母中 | in no cluster: not in the base",
    mixed="合计含未归类企业 | the total includes companies in no cluster",
    nobody="没有已归类企业 | nobody is in a cluster",
)

CLUSTER_SIZES = table(
    "cluster_sizes",
    "各类客户的规模 | Size of the clusters",
    "每类一行,未归类按原因另列 | one row per cluster, companies in none by reason beside them",
    column("cluster", "类别 | Cluster", words=words({TOTAL: "合计 | Total"})),
    column("n_customers", "企业数 | Companies"),
    ratio(
        "customer_rate",
        "占已归类企业 | Share of clustered",
        "企业数 ÷ 已归类企业数 | companies over companies in a cluster",
        missing=_NO_SHARE,
    ),
    column("amount_fen", "近12个月采购金额 | Amount in 12 months"),
    ratio(
        "amount_rate",
        "金额占比 | Share of amount",
        "金额 ÷ 全部企业金额合计 | amount over the amount of all companies",
        missing=_NO_SHARE,
    ),
    column("is_total", "合计行 | Total"),
    key="cluster",
)


def cluster_sizes(model: ClusterModel, tags: pd.DataFrame) -> pd.DataFrame:
    """Companies and amounts by cluster, then of those in none by reason, and in all: `CLUSTER_SIZES`.

    Parameters
    ----------
    tags : one row per customer: ``customer_id``, ``has_ordered_12m``, the features, ``order_amount_12m_fen``.
    """
    companies = pd.DataFrame({"cluster": model.standing(tags).to_numpy(), "amount_fen": tags[AMOUNT].to_numpy()})
    sums = companies.assign(n_customers=1).groupby("cluster")[["n_customers", "amount_fen"]].sum()
    states = [state for state in model.states if not state.startswith(MISSING) or state in sums.index]
    sums = sums.reindex(states, fill_value=0)
    sums.loc[TOTAL] = sums.sum()
    inside = [str(number + 1) for number in range(model.estimator.n_clusters_)]
    n_inside, whole = int(sums.loc[inside, "n_customers"].sum()), int(sums.loc[TOTAL, "amount_fen"])
    frame = sums.reset_index(names="cluster").assign(is_total=lambda f: f["cluster"].eq(TOTAL))
    why = pd.Series("outside", index=frame.index).mask(frame["is_total"], "mixed")
    why = why.mask(frame["cluster"].isin(inside), None if n_inside else "nobody")
    frame["customer_rate"] = (frame["n_customers"] / max(n_inside, 1)).where(why.isna())
    frame["customer_rate_reason"] = why
    frame["amount_rate"] = frame["amount_fen"] / whole if whole else float("nan")
    frame["amount_rate_reason"] = None if whole else "no_amount"
    return CLUSTER_SIZES.conform(frame)


def size_checks(sizes: pd.DataFrame, tags: pd.DataFrame) -> list[Check]:
    """Clusters and companies in none add up to all companies and to the amount of all."""
    parts = sizes[~sizes["is_total"]]
    companies = "各类与未归类企业数合计 = 全部企业 | companies of all clusters and of none = all companies"
    amounts = "各类与未归类金额合计 = 全部企业采购金额 | amounts of all clusters and of none = amount of all companies"
    n, fen = int(parts["n_customers"].sum()), int(parts["amount_fen"].sum())
    return [
        Check("cluster_sizes.n_customers", Label.of(companies), n, len(tags), Unit.COUNT),
        Check("cluster_sizes.amount_fen", Label.of(amounts), fen, int(tags[AMOUNT].sum()), Unit.FEN),
    ]


def size_findings(sizes: pd.DataFrame, *, key: str = "clusters") -> list[Finding]:
    """The cluster of the largest amount in `CLUSTER_SIZES`, shown under ``key``; nothing where nobody is in one."""
    text = (
        "采购最多的一类是「{cluster}」:{n_customers}家,占已归类企业{customer_rate},采购占{amount_rate}"
        "({amount_fen})。 | The cluster of the largest amount is '{cluster}': {n_customers} companies, "
        "{customer_rate} of those in a cluster, with {amount_rate} of the amount ({amount_fen})."
    )
    largest = sizes[sizes["customer_rate"].notna()].nlargest(1, "amount_fen")
    return [
        says(row, CLUSTER_SIZES, text, key="clusters.largest", table=key, weight=float(row["amount_fen"]))
        for row in largest.to_dict("records")
    ]
