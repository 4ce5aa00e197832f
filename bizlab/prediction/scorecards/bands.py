"""Scores in bands: whether a scorecard's chances came true, and where today's customers stand."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, ratio, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.exact import round_half_up
from bizlab.labels import Label
from bizlab.prediction.scorecards.silence_card import SilenceScorecard
from bizlab.statistics.proportions import wilson_interval
from bizlab.units.kinds import Unit

TOTAL = "total"
_TOTAL = words({TOTAL: "合计 | Total"})
_EMPTY = words(nobody="没有企业 | no companies")
_BANDS = (
    column(
        "band",
        "分数段 | Band of scores",
        "界限随评分卡固定:把训练样本等分,取整数分;1 为分数最低 | "
        "bounds stay with the scorecard: equal parts of the training rows, in whole points; 1 has the lowest scores",
        words=_TOTAL,
    ),
    column("n_customers", "企业数 | Companies"),
    *ratio("predicted_rate", "平均沉默概率 | Mean chance of silence", missing=_EMPTY),
    score("n_expected", "预计沉默数 | Expected silent", "概率之和 | sum of the chances"),
)

BAND_CALIBRATION = table(
    "band_calibration",
    "各分数段:预计与实际 | Predicted and observed by band",
    "每个分数段一行,另有合计 | one row per band of scores, and the total",
    _BANDS,
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
    _BANDS,
    column("amount_fen", "近12个月采购金额 | Amount in 12 months"),
    column(
        "expected_loss_fen",
        "其中按概率将沉默 | Of it expected to fall silent",
        "金额 × 沉默概率之和,取整到分 | sum of amount times chance of silence, to whole fen",
    ),
    BAND_CALIBRATION["is_total"],
    key="band",
)


def band_labels(scorecard: SilenceScorecard) -> dict[str, Label]:
    """Words for the bands: from which score to which."""
    edges = [f"{bound:.0f}" for bound in scorecard.bounds]
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
    scorecard: SilenceScorecard, features: pd.DataFrame, outcome: pd.Series[Any], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Chances of silence beside what came, by band of scores, the lowest first, and in all: `BAND_CALIBRATION`.

    Parameters
    ----------
    features : of the customers at risk on a date after the scorecard was learned.
    outcome : True for who fell silent, under the same index.
    """
    silent = outcome.reindex(features.index).astype(bool)
    each = _each(scorecard, features).assign(n_silent=silent.astype("int64"))
    bands = _by_band(scorecard, each, ["n_customers", "n_expected", "n_silent"])
    counts = bands[["n_silent", "n_customers"]].astype("int64").itertuples(index=False)
    bands[["lower_rate", "upper_rate"]] = [wilson_interval(*pair, confidence=confidence) for pair in counts]
    bands["n_stayed"] = bands["n_customers"] - bands["n_silent"]
    bands["observed_rate"] = bands["n_silent"] / bands["n_customers"].where(bands["n_customers"] > 0)
    bands["observed_rate_reason"] = bands["predicted_rate_reason"]
    return BAND_CALIBRATION.conform(bands)


def band_standing(scorecard: SilenceScorecard, features: pd.DataFrame, amounts: pd.Series[Any]) -> pd.DataFrame:
    """Where customers stand today, with what they bought, the lowest band first, and in all: `BAND_STANDING`.

    Parameters
    ----------
    features : of the customers at risk. amounts : fen, under the same index.
    """
    each = _each(scorecard, features)
    each["amount_fen"] = amounts.reindex(features.index).astype("int64")
    loss = each["amount_fen"] * each["n_expected"]
    parts = each.assign(loss=loss).groupby("band")["loss"].sum().map(lambda fen: round_half_up(Fraction(fen)))
    bands = _by_band(scorecard, each, ["n_customers", "n_expected", "amount_fen"]).set_index("band")
    bands["expected_loss_fen"] = parts.reindex(bands.index, fill_value=0)
    bands.loc[TOTAL, "expected_loss_fen"] = parts.sum()
    return BAND_STANDING.conform(bands.reset_index())


def standing_checks(standing: pd.DataFrame, n_buyers: int, amount_fen: int) -> list[Check]:
    """The bands hold every company that ordered in 12 months, and the whole amount."""
    parts = standing[standing["band"] != TOTAL]
    n, fen = int(parts["n_customers"].sum()), int(parts["amount_fen"].sum())
    companies = Label(
        "各分数段企业数合计 = 近12个月有采购的企业", "companies of all bands = companies that ordered in 12 months"
    )
    amounts = Label("各分数段金额合计 = 全部企业采购金额", "amounts of all bands = amount of all companies")
    return [
        Check("bands.n_customers", companies, n, n_buyers, Unit.COUNT),
        Check("bands.amount_fen", amounts, fen, amount_fen, Unit.FEN),
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


def _each(scorecard: SilenceScorecard, features: pd.DataFrame) -> pd.DataFrame:
    """One row per customer: its band, counted as one, with its chance."""
    band = np.searchsorted(scorecard.bounds, scorecard.points(features), side="right") + 1
    return pd.DataFrame(
        {"band": band.astype(str), "n_customers": 1, "n_expected": scorecard.silence(features).to_numpy()},
        index=features.index,
    )


def _by_band(scorecard: SilenceScorecard, each: pd.DataFrame, sums: list[str]) -> pd.DataFrame:
    bands = [str(number) for number in range(1, len(scorecard.bounds) + 2)]
    totals = each.groupby("band")[sums].sum().reindex(bands, fill_value=0)
    totals.loc[TOTAL] = totals.sum()
    totals = totals.reset_index().assign(is_total=lambda frame: frame["band"].eq(TOTAL))
    has_customers = totals["n_customers"] > 0
    totals["predicted_rate"] = totals["n_expected"] / totals["n_customers"].where(has_customers)
    totals["predicted_rate_reason"] = has_customers.map({True: None, False: "nobody"})
    return totals
