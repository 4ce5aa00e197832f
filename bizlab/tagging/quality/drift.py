"""Drift: whether a tag's distribution has moved away from its reference period, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.contracts.columns import code, column, ratio, score, table, words
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import row_key, says
from bizlab.engine import grouped, lazy, to_pandas, until, whole
from bizlab.tagging.dictionary.dictionary import KEY
from bizlab.tagging.tags.prepared import payments, receivables
from bizlab.units.kinds import Unit

DRIFT_FROM = 0.25
"""A population stability index from which a distribution counts as another one (Siddiqi, 2006)."""
_WATCH_FROM = 0.10
_FEWEST = 15
_LOWEST_COVERAGE = 0.8

VERDICTS = words(stable="稳定 | stable", watch="留意 | watch", drift="漂移 | drift")
DRIFT = table(
    "tag_drift",
    "标签漂移 | Drift",
    "每个分组、期间一行 | one row per segment and period",
    code("segment", "分组 | Segment"),
    column("period", "期间 | Period", unit=Unit.MONTH),
    column("n_reference", "参照期个数 | In the reference"),
    column("n_current", "本期个数 | In the period"),
    column("amount_fen", "本期金额 | Amount of the period"),
    column(
        "known_rate",
        "有值比例 | Share with a value",
        "如订单中已结清的比例;低于80%不作判断 | for orders, the part paid in full; below 80 % no verdict",
    ),
    score("median_reference", "参照期中位数 | Median of the reference", nullable=True),
    score("median_current", "本期中位数 | Median of the period", nullable=True),
    ratio(
        "psi",
        "稳定性指数PSI | PSI",
        "Σ(本期占比−参照占比)×ln(本期占比÷参照占比),按参照期五分位分组,每组加0.5 | "
        "sum of (share - reference share) x ln(share / reference share) over fifths of the reference, "
        "0.5 added to each",
        missing=words(
            too_few="样本过少 | too few",
            incomplete="多数尚未结清,不作判断 | too many not settled yet",
            constant="参照期取值单一 | one value only in the reference",
        ),
    ),
    score(
        "psi_critical",
        "随机波动上限 | Explained by chance up to",
        "(1/参照期个数+1/本期个数)×卡方分位数,显著性按分组期间数校正 | "
        "(1/n + 1/m) x chi-square quantile, level divided by the number of comparisons",
        nullable=True,
    ),
    column("verdict", "判断 | Verdict", nullable=True, choices=VERDICTS),
    key="segment period",
)


def stability_index(
    reference: NDArray[np.float64], current: NDArray[np.float64], *, n_bins: int = 5
) -> tuple[float, int]:
    """Population stability index (PSI) of two samples over quantile bins of the first.

    Siddiqi, *Credit Risk Scorecards*, 2006. Half a case is added to every bin of both, so that an empty bin gives a
    large index, not an infinite one.

    Parameters
    ----------
    reference, current : values without gaps, neither empty.
    n_bins : bins asked for; ties may leave fewer. Against one value alone the bins are below it, at it and above it.

    Returns
    -------
    The index and the number of bins that hold any value; with one bin, where all values are equal, the index is 0.

    >>> same = np.arange(100.0)
    >>> stability_index(same, same)
    (0.0, 5)
    >>> round(stability_index(same, same + 40)[0], 3)
    1.872
    """
    edges = _edges(reference, n_bins)
    before, after = (
        np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
        for values in (reference, current)
    )
    filled = before + after > 0
    return index_of_counts(before[filled], after[filled]), int(filled.sum())


def _edges(reference: NDArray[np.float64], n_bins: int) -> NDArray[np.float64]:
    """Upper ends of all bins but the last. Few values get a bin each, and many equal ones at the top have their own."""
    distinct = np.unique(reference)
    if len(distinct) == 1:
        return np.array([np.nextafter(distinct[0], -np.inf), distinct[0]])
    if len(distinct) <= n_bins:
        return distinct[:-1]
    quantiles = np.quantile(reference, np.arange(1, n_bins) / n_bins, method="inverted_cdf")
    return np.unique(np.minimum(quantiles, distinct[-2]))


def index_of_counts(reference: NDArray[np.integer[Any]], current: NDArray[np.integer[Any]]) -> float:
    """Population stability index of two counts over the same bins; half a case is added to every bin of both.

    >>> round(index_of_counts(np.array([50, 50]), np.array([80, 20])), 3)
    0.406
    """
    before, after = ((counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (reference, current))
    return float(((after - before) * np.log(after / before)).sum())


def explained_by_chance(n_reference: int, n_current: int, n_bins: int, *, level: float) -> float:
    """The index that chance alone exceeds with probability ``level`` (Yurdakul, 2018)."""
    from scipy.stats import chi2

    return (1 / n_reference + 1 / n_current) * float(chi2.ppf(1 - level, n_bins - 1))


def drift(
    values: pd.DataFrame, *, reference: tuple[str, str], confidence: float = 0.95, n_bins: int = 5
) -> pd.DataFrame:
    """Compare each period's distribution with the reference, segment by segment.

    A period drifts when its index reaches 0.25 and is larger than chance explains: under no drift the index is
    about (1/n + 1/m) times a chi-square with one degree of freedom less than there are bins (Yurdakul, *Statistical
    Properties of Population Stability Index*, 2018); the level is shared among all comparisons (Bonferroni).

    Parameters
    ----------
    values : ``segment``, ``period``, ``value`` (missing where there is none yet) and ``amount_fen`` (what depends on
        it); one row per object and period.
    reference : first and last period of the reference, both included; periods are ISO texts and sort as such.
    confidence : that no comparison of the table drifts by chance.

    Returns
    -------
    `DRIFT`: one row per segment and later period, sorted. No verdict below 15 values or 80 % known.

    >>> days = [float(n) for n in range(30)]
    >>> later = [n + 60 for n in days[:20]]
    >>> rows = [("2025-10", n) for n in days] + [("2025-11", n) for n in later] + [("2025-12", 5.0)]
    >>> frame = pd.DataFrame(rows, columns=["period", "value"]).assign(segment="south", amount_fen=1)
    >>> drifts = drift(frame, reference=("2025-10", "2025-10"))
    >>> drifts[["period", "verdict", "psi_reason"]].fillna("").to_numpy().tolist()
    [['2025-11', 'drift', ''], ['2025-12', '', 'too_few']]
    """
    first, last = reference
    is_reference = values["period"].between(first, last)
    later = values[values["period"] > last]
    pairs = sorted(set(zip(later["segment"], later["period"], strict=True)))
    rows = []
    for segment, period in pairs:
        base = values.loc[is_reference & (values["segment"] == segment), "value"].dropna().to_numpy("float64")
        now = later[(later["segment"] == segment) & (later["period"] == period)]
        level = (1 - confidence) / len(pairs)
        named = {"segment": segment, "period": period, "amount_fen": now["amount_fen"].sum()}
        rows.append(named | _compared(base, now["value"], level, n_bins))
    return DRIFT.frame(rows)


def order_cycles(tables: Mapping[str, Any], *, by: str, as_of: date) -> pd.DataFrame:
    """The settlement cycle of each order in the form that `drift` compares, by month of the order.

    By month of order and not of payment, a change shows when it began. Orders not yet paid in full have no cycle,
    so the latest months are incomplete: the quick payers are in, the slow ones not yet.

    Parameters
    ----------
    tables : ``orders``, ``settlements``, ``customers``, of any kind that narwhals holds.
    by : column of ``customers`` that makes the segments.

    Returns
    -------
    One row per order with an amount: ``customer_id``, ``segment``, ``period`` (month of order), ``value`` (days from
    order to payment weighted by amount; missing until paid in full), ``amount_fen``.
    """
    orders = until(lazy(tables["orders"]), "ordered_on", as_of)
    settled = until(lazy(tables["settlements"]), "paid_on", as_of)
    cycles = payments(settled, orders).select("order_id", "cycle_fen_days", "matched_fen")
    waited = grouped(cycles, "order_id", sums=["cycle_fen_days", "matched_fen"])
    joined = receivables(orders, settled).join(waited, on="order_id", how="left")
    people = lazy(tables["customers"]).select(KEY, by)
    rows = to_pandas(whole(joined.join(people, on=KEY, how="inner").filter(nw.col("amount_fen") > 0), ["open_fen"]))
    rows = rows.sort_values(["order_id"], ignore_index=True)
    days = rows["cycle_fen_days"].astype("Float64") / rows["matched_fen"].astype("Float64").replace(0, pd.NA)
    return pd.DataFrame(
        {
            KEY: rows[KEY].astype("str"),
            "segment": rows[by].astype("str"),
            "period": pd.to_datetime(rows["ordered_on"]).dt.strftime("%Y-%m").astype("str"),
            "value": days.astype("float64").where(rows["open_fen"] <= 0),
            "amount_fen": rows["amount_fen"].astype("int64"),
        }
    )


def drift_findings(drifts: pd.DataFrame, *, material_fen: int, key: str = "drift") -> list[Finding]:
    """One finding for each segment that drifts: since when, and how far.

    Parameters
    ----------
    drifts : `DRIFT`.
    material_fen : a drift is material when the amount of its periods reaches this.
    key : the name under which the notebook shows the table.

    Returns
    -------
    Findings; ``weight`` is the amount of the drifting periods in fen.
    """
    findings = []
    for segment, rows in drifts[drifts["verdict"].eq("drift")].groupby("segment", sort=True):
        first, last = rows.iloc[0], rows.iloc[-1]
        amount = int(rows["amount_fen"].sum())
        findings.append(
            says(
                first,
                DRIFT,
                "{segment}的结算周期自{period}起漂移:中位数由{median_reference}天变为{median_current}天(PSI {psi}),"
                "最近一次见于{last}。 | The settlement cycle of {segment} has drifted since {period}: "
                "its median moved from {median_reference} to {median_current} days (PSI {psi}), last seen in {last}.",
                key=f"drift.{segment}",
                table=key,
                direction="bad" if last["median_current"] > last["median_reference"] else "good",
                material=amount >= material_fen,
                weight=float(amount),
                basis="PSI不低于0.25且超出随机波动上限,与参照期相比 | "
                "PSI of at least 0.25 and beyond what chance explains, against the reference period",
                last=Ref(key, row_key(last, DRIFT), "period"),
            )
        )
    return findings


def _compared(base: NDArray[np.float64], now: pd.Series[Any], level: float, n_bins: int) -> dict[str, Any]:
    current = now.dropna().to_numpy("float64")
    known = len(current) / len(now)
    row: dict[str, Any] = {
        "n_reference": len(base),
        "n_current": len(current),
        "known_rate": known,
        "median_reference": float(np.median(base)) if len(base) else None,
        "median_current": float(np.median(current)) if len(current) else None,
    }
    if min(len(base), len(current)) < _FEWEST:
        return {**row, "psi_reason": "too_few"}
    if known < _LOWEST_COVERAGE:
        return {**row, "psi_reason": "incomplete"}
    psi, bins = stability_index(base, current, n_bins=n_bins)
    if bins == 1:
        return {**row, "psi_reason": "constant"}
    critical = explained_by_chance(len(base), len(current), bins, level=level)
    return {**row, "psi": psi, "psi_critical": critical, "verdict": verdict_of(psi, critical)}


def verdict_of(psi: float, critical: float) -> str:
    """Stable, to watch, or drift: by the size of the index, where it is more than chance explains."""
    return "stable" if psi < _WATCH_FROM or psi <= critical else "drift" if psi >= DRIFT_FROM else "watch"
