"""A company with three planted kinds of buyers, and some that cannot be clustered."""

import numpy as np
import pandas as pd

from bizlab.customers.clusters.model import ClusterSettings
from bizlab.labels import Label

SETTINGS = ClusterSettings(
    features=("order_amount_12m_fen", "settlement_days"),
    high=(Label("大额", "large"), Label("结算慢", "settles late")),
    low=(Label("小额", "small"), Label("结算快", "settles early")),
    method="kmeans",
    scaling="log",
    min_clusters=2,
    max_clusters=5,
    n_init=3,
    n_resamples=5,
)


def planted(n=60, seed=1):
    """Large and slow, middling, small and quick, by a factor of 20 in amount; then 3 unpaid and 4 that do not buy."""
    rng = np.random.default_rng(seed)
    kind = np.repeat([0, 1, 2], n)
    amount = np.exp(np.log([400e6, 20e6, 1e6])[kind] + rng.normal(0, 0.2, 3 * n))
    days = np.exp(np.log([90, 30, 8])[kind] + rng.normal(0, 0.1, 3 * n))
    tags = pd.DataFrame({"order_amount_12m_fen": amount.round(), "settlement_days": days, "has_ordered_12m": True})
    unpaid = pd.DataFrame({"order_amount_12m_fen": [5e6] * 3, "settlement_days": np.nan, "has_ordered_12m": True})
    idle = pd.DataFrame({"order_amount_12m_fen": [0] * 4, "settlement_days": np.nan, "has_ordered_12m": False})
    result = pd.concat([tags, unpaid, idle], ignore_index=True)
    result["order_amount_12m_fen"] = result["order_amount_12m_fen"].astype("int64")
    result.insert(0, "customer_id", [f"{at:06d}" for at in range(len(result))])
    return result, kind
