"""Scores in bands: whether a card's chances came true, and where today's customers stand."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, reason, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.exact import round_half_up
from bizlab.labels import Label
from bizlab.prediction.scorecards.silence_card import SilenceCard
from bizlab.statistics.proportions import wilson_interval
from bizlab.units.kinds import Unit

TOTAL = "total"
_TOTAL = words({TOTAL: "合计 | Total"})
_BAND = column(
    "band",
    "分数段 | Band of scores",
    "界限随评分卡固定:把训练样本等分,取整数分;1 为分数最低 | "
    "bounds stay with the card: equal parts of the training rows, in whole points; 1 has the lowest scores",
    words=_TOTAL,
)
_PREDICTED = column("predicted_rate", "平均沉默概率 | Mean chance of silence", nullable=True)
_EXPECTED = score("n_expected", "预计沉默数 | Expected silent", "概率之和 | sum of the chances")
_EMPTY = words(nobody="没有企业 | no companies")
_PREDICTED_REASON = reason("predicted_rate", _EMPTY)

BAND_CALIBRATION = table(
    "band_calibration",
    "各分数段:预计与实际 | Predicted and observed by band",
    "每个分数段一行,另有合计 | one row per band of scores, and the total",
    _BAND,
    column("n_customers", "企业数 | Companies"),
    _PREDICTED,
    _PREDICTED_REASON,
    _EXPECTED,
    column("n_silent", "实际沉默 | Fell silent"),
    column("n_stayed", "实际再次下单 | Ordered again"),
    ratio("observed_rate", "实际沉默率 | Observed", missing=_EMPTY),
    column(
        "lower_rate",
        "下限 | Lower limit",
        "实际沉默率的 Wilson 区间 | Wilson interval of the observed rate",
        nullable=True,
    ),
    column("upper_rate", "上限 | Upper limit", nullable=True),
    column("is_total", "合计行 | Total"),
    key="band",
    sums={"n_customers = n_silent + n_stayed": "企业数 = 沉默 + 再次下单 | companies = silent + ordered again"},
)
BAND_STANDING = table(
    "band_standing",
    "当前客户的分数段 | Today's customers by band",
    "每个分数段一行,另有合计 | one row per band of scores, and the total",
    _BAND,
    column("n_customers", "企业数 | Companies"),
    _PREDICTED,
    _PREDICTED_REASON,
    _EXPECTED,
    column("amount_fen", "近12个月采购金额 | Amount in 12 months"),
    column(
        "expected_loss_fen",
        "其中按概率将沉默 | Of it expected to fall silent",
        "金额 × 沉默概率之和,取整到分 | sum of amount times chance of silence, to whole fen",
    ),
    column("is_total", "合计行 | Total"),
    key="band",
)


def band_labels(card: SilenceCard) -> dict[str, Label]:
    """Words for the bands: from which score to which."""
    edges = [f"{bound:.0f}" for bound in card.bounds]
    if not edges:
        return {"1": Label("全部", "all"), **_TOTAL}
    middle = [Label(f"{low} 至 {high} 以下", f"{low} to below {high}") for low, high in pairwise(edges)]
    every = [
        Label(f"{edges[0]} 以下", f"below {edges[0]}"),
        *middle,
        Label(f"{edges[-1]} 及以上", f"{edges[-1]} and above"),
    ]
    return {str(number): label for number, label in enumerate(every, start=1)} | _TOTAL


def band_calibration(
    card: SilenceCard, features: pd.DataFrame, outcome: pd.Series[Any], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Chances of silence beside what came, by band of scores.

    Parameters
    ----------
    features : of the customers at risk on a date after the card was learned. outcome : True for who fell silent, under
        the same index.

    Returns
    -------
    `BAND_CALIBRATION`: every band, the lowest scores first, then the total.
    """
    silent = outcome.reindex(features.index).astype(bool)
    each = _each(card, features).assign(n_silent=silent.astype("int64"))
    found = _by_band(card, each, ["n_customers", "n_expected", "n_silent"])
    found["n_stayed"] = found["n_customers"] - found["n_silent"]
    found["observed_rate"] = found["n_silent"] / found["n_customers"].where(found["n_customers"] > 0)
    found["observed_rate_reason"] = found["predicted_rate_reason"]
    for row in found.index[found["n_customers"] > 0]:
        n_silent, n = int(found.loc[row, "n_silent"]), int(found.loc[row, "n_customers"])
        limits = wilson_interval(n_silent, n, confidence=confidence)
        found.loc[row, ["lower_rate", "upper_rate"]] = limits.lower, limits.upper
    return BAND_CALIBRATION.conform(found)


def band_standing(card: SilenceCard, features: pd.DataFrame, amounts: pd.Series[Any]) -> pd.DataFrame:
    """Where customers stand today, with what they bought.

    Parameters
    ----------
    features : of the customers at risk. amounts : fen, under the same index.

    Returns
    -------
    `BAND_STANDING`: every band, the lowest scores first, then the total of the bands.
    """
    each = _each(card, features)
    each["amount_fen"] = amounts.reindex(features.index).astype("int64")
    loss = each["amount_fen"] * each["n_expected"]
    parts = each.assign(loss=loss).groupby("band")["loss"].sum().map(lambda fen: round_half_up(Fraction(fen)))
    found = _by_band(card, each, ["n_customers", "n_expected", "amount_fen"]).set_index("band")
    found["expected_loss_fen"] = parts.reindex(found.index, fill_value=0)
    found.loc[TOTAL, "expected_loss_fen"] = parts.sum()
    return BAND_STANDING.conform(found.reset_index())


def standing_checks(standing: pd.DataFrame, n_buyers: int, amount_fen: int) -> list[Check]:
    """The bands hold every buyer and the whole amount.

    Parameters
    ----------
    n_buyers, amount_fen : companies that ordered in 12 months, and the amount of all companies.
    """
    parts = standing[standing["band"] != TOTAL]
    labels = (
        Label(
            "各分数段企业数合计 = 近12个月有采购的企业", "companies of all bands = companies that ordered in 12 months"
        ),
        Label("各分数段金额合计 = 全部企业采购金额", "amounts of all bands = amount of all companies"),
    )
    counted = (int(parts["n_customers"].sum()), int(parts["amount_fen"].sum()))
    return [
        Check("bands.n_customers", labels[0], counted[0], n_buyers, Unit.COUNT),
        Check("bands.amount_fen", labels[1], counted[1], amount_fen, Unit.FEN),
    ]


def standing_findings(standing: pd.DataFrame, *, material_fen: int, key: str = "bands_now") -> list[Finding]:
    """Who stands in the lowest band today, and what is expected of them; nothing where nobody does.

    Parameters
    ----------
    standing : `BAND_STANDING`. material_fen : from which expected loss it is material.
    key : the name under which the notebook shows it.
    """
    lowest = standing.to_dict("records")[0]
    if not lowest["n_customers"]:
        return []
    finding = says(
        lowest,
        BAND_STANDING,
        "最低分数段({band}){n_customers}家,平均沉默概率{predicted_rate},预计沉默{n_expected}家;近12个月采购{amount_fen},"
        "其中按概率将沉默{expected_loss_fen}。 | "
        "{n_customers} companies stand in the lowest band of scores ({band}), with a mean chance of silence of "
        "{predicted_rate}; {n_expected} of them are expected to fall silent. They bought for {amount_fen} in 12 "
        "months; by their chances {expected_loss_fen} of it falls silent.",
        key="card.lowest",
        table=key,
        direction="bad",
        material=lowest["expected_loss_fen"] >= material_fen,
        weight=float(lowest["expected_loss_fen"]),
        basis="金额乘以沉默概率 | amount times chance of silence",
    )
    return [finding]


def _each(card: SilenceCard, features: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: its band, counted as one, with its chance."""
    band = np.searchsorted(card.bounds, card.points(features), side="right") + 1
    return pd.DataFrame(
        {"band": band.astype(str), "n_customers": 1, "n_expected": card.silence(features).to_numpy()},
        index=features.index,
    )


def _by_band(card: SilenceCard, each: pd.DataFrame, sums: list[str]) -> pd.DataFrame:
    bands = [str(number) for number in range(1, len(card.bounds) + 2)]
    found = each.groupby("band")[sums].sum().reindex(bands, fill_value=0)
    found.loc[TOTAL] = found.sum()
    found = found.reset_index().assign(is_total=lambda frame: frame["band"].eq(TOTAL))
    there = found["n_customers"] > 0
    found["predicted_rate"] = found["n_expected"] / found["n_customers"].where(there)
    found["predicted_rate_reason"] = there.map({True: None, False: "nobody"})
    return found
