"""Reason codes: which bins cost each customer its points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.columns import code, column, score, table
from bizlab.labels import Label, joined
from bizlab.prediction.scorecards.silence_card import SilenceScorecard

N_REASONS = 3
BECAUSE = tuple(f"because_{at}" for at in range(1, N_REASONS + 1))

SCORED = table(
    "scored",
    "失分最多的客户 | Customers that lost most points",
    "每家企业一行 | one row per company",
    code("customer_id", "企业 | Company", refers="customers"),
    score("points", "总分 | Score"),
    column("silence_rate", "沉默概率 | Chance of silence"),
    column("amount_fen", "近12个月采购金额 | Amount in 12 months"),
    score(
        "lost_points",
        "失分 | Points lost",
        "训练样本平均总分 − 总分,即各指标失分与得分相抵 | "
        "mean score of the training rows less the score: what all features lost, less what they won",
    ),
    (
        (
            code(f"because_{at}", f"原因{at} | Reason {at}", nullable=True),
            score(f"lost_{at}", f"失分{at} | Lost {at}", nullable=True),
        )
        for at in range(1, N_REASONS + 1)
    ),
    key="customer_id",
)


def reason_code(feature: str, number: str) -> str:
    """The code of a bin as a reason."""
    return f"{feature}:{number}"


def scored(scorecard: SilenceScorecard, features: pd.DataFrame, amounts: pd.Series[Any]) -> pd.DataFrame:
    """Every customer's score and the bins that cost it most points.

    Parameters
    ----------
    features, amounts : as for `band_standing`.

    Returns
    -------
    `SCORED`, most points lost first, then the larger amount. Reasons are codes ``feature:bin``, whose words are
    `reason_labels`; a bin that costs nothing is not a reason.
    """
    printed = scorecard.table().set_index(["feature", "bin"])["lost_points"]
    lost, codes = {}, {}
    for binning in scorecard.fitted.binnings_:
        bins = binning.table["bin"].to_numpy()[binning.bin_of(features[binning.feature])]
        lost[binning.feature] = printed[binning.feature].loc[list(bins)].to_numpy()
        codes[binning.feature] = [reason_code(binning.feature, str(number)) for number in bins]
    costs, names = pd.DataFrame(lost).to_numpy(), pd.DataFrame(codes).to_numpy()
    order = np.argsort(-costs, axis=1, kind="stable")
    customers = pd.DataFrame(
        {
            "customer_id": features.index,
            "points": scorecard.points(features).to_numpy(),
            "silence_rate": scorecard.silence(features).to_numpy(),
            "amount_fen": amounts.reindex(features.index).astype("int64").to_numpy(),
            "lost_points": costs.sum(axis=1),
        }
    )
    rows = np.arange(len(customers))
    for at in range(N_REASONS):
        there = at < costs.shape[1]
        cost = costs[rows, order[:, at]] if there else np.zeros(len(customers))
        name = pd.Series(names[rows, order[:, at]] if there else None, index=customers.index, dtype="object")
        customers[f"lost_{at + 1}"] = pd.Series(cost).where(cost > 0)
        customers[f"because_{at + 1}"] = name.where(cost > 0)
    return SCORED.conform(
        customers.sort_values(["lost_points", "amount_fen", "customer_id"], ascending=[False, False, True])
    )


def reason_labels(scorecard: SilenceScorecard, names: Mapping[str, Label]) -> dict[str, Label]:
    """Words for the reasons: the feature and what its bin holds.

    Parameters
    ----------
    names : of the features, as printed on the scorecard.
    """
    missing = Label("缺失", "missing")
    return {
        reason_code(row["feature"], row["bin"]): joined(
            [names[row["feature"]], missing if row["bin"] == "missing" else Label(row["holds"], row["holds"])], " "
        )
        for row in scorecard.table().to_dict("records")
    }
