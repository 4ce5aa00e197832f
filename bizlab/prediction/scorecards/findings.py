"""What the scorecard of silence says, as findings."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.finding import Finding, Ref
from bizlab.labels import Label


def reversed_findings(features: pd.DataFrame, *, key: str = "card_features") -> list[Finding]:
    """One sentence for each feature whose points run against its own bins.

    Parameters
    ----------
    features : `CARD_FEATURES`. key : the name under which the notebook shows them.
    """
    text = Label(
        "评分卡中「{feature}」的系数为负({coefficient}):与其他指标重叠,它的分数不可单独解读。",
        "On the scorecard '{feature}' has a coefficient below 0 ({coefficient}): it overlaps with others, its points "
        "cannot be read alone.",
    )
    return [
        Finding(
            f"card.reversed.{name}", text, {column: Ref(key, (name,), column) for column in ("feature", "coefficient")}
        )
        for name in features.loc[features["is_reversed"], "feature"]
    ]


def standing_findings(standing: pd.DataFrame, *, material_fen: int, key: str = "bands_now") -> list[Finding]:
    """Who stands in the lowest band today, and what is expected of them.

    Parameters
    ----------
    standing : `BAND_STANDING`. material_fen : from which expected loss it is material. key : its name in the notebook.
    """
    lowest = standing.iloc[0]
    if not lowest["n_customers"]:
        return []
    columns = ("band", "n_customers", "predicted_rate", "n_expected", "amount_fen", "expected_loss_fen")
    text = Label(
        "最低分数段({band}){n_customers}家,平均沉默概率{predicted_rate},预计沉默{n_expected}家;近12个月采购{amount_fen},"
        "其中按概率将沉默{expected_loss_fen}。",
        "{n_customers} companies stand in the lowest band of scores ({band}), with a mean chance of silence of "
        "{predicted_rate}; {n_expected} of them are expected to fall silent. They bought for {amount_fen} in 12 "
        "months; by their chances {expected_loss_fen} of it falls silent.",
    )
    refs = {name: Ref(key, (str(lowest["band"]),), name) for name in columns}
    loss = int(lowest["expected_loss_fen"])
    basis = Label("金额乘以沉默概率", "amount times chance of silence")
    return [Finding("card.lowest", text, refs, "bad", loss >= material_fen, float(loss), basis)]
