"""Category preference: which product line a customer will buy next, from its own orders and its segment's."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.contracts import Column, Table
from bizlab.engine import Lazy, lazy, to_pandas, until, whole
from bizlab.errors import DataError, some
from bizlab.labels import Label
from bizlab.prediction.likelihood import NEGLIGIBLE, Fit, Vector, maximise
from bizlab.prediction.outcomes import horizon_end, within
from bizlab.prediction.refusals import NotAvailableError
from bizlab.units import Unit

KEY, LINE, COUNT = "customer_id", "product_line", "n_orders"
REASONS = {"no_orders": Label("没有订单", "no orders")}
_PLACE = "category preference"
_STARTS = ((0.3,), (3.0,), (30.0,))
_GRID = np.geomspace(1e-2, 1e5, 29)

CATEGORY_PREFERENCE = Table(
    name="category_preference",
    label=Label("品类偏好", "Category preference"),
    grain=Label("每个客户一行", "one row per customer"),
    key=(KEY,),
    columns=(
        Column(KEY, Unit.TEXT, Label("客户", "Customer")),
        Column("segment", Unit.CODE, Label("分组", "Segment"), nullable=True),
        Column(
            COUNT,
            Unit.COUNT,
            Label("订单数", "Orders"),
            definition=Label("每单每产品线计一次", "each line of products in an order counts once"),
        ),
        Column("preferred_line", Unit.CODE, Label("最可能的产品线", "Most likely line"), nullable=True),
        Column(
            "preferred_line_reason", Unit.CODE, Label("缺失原因", "Why missing"), True, tuple(REASONS), None, REASONS
        ),
        Column(
            "preferred_rate",
            Unit.RATE,
            Label("概率", "Probability"),
            nullable=True,
            definition=Label(
                "(自己的次数 + 集中度 × 分组份额) ÷ (自己的合计 + 集中度)",
                "own count plus concentration times the segment's share, over own total plus concentration",
            ),
        ),
        Column(
            "preferred_rate_reason", Unit.CODE, Label("缺失原因", "Why missing"), True, tuple(REASONS), None, REASONS
        ),
        Column("segment_line", Unit.CODE, Label("分组最常购", "Segment's line")),
        Column("segment_rate", Unit.RATE, Label("其份额", "Its share")),
    ),
)


@dataclass(frozen=True, eq=False)
class CategoryPreference:
    """Shares of segments, and how far a customer may be from its own.

    Parameters
    ----------
    lines : product lines, sorted.
    shares : one row per segment, one column per line; each row totals 1.
    overall : shares of all customers, used where a customer's segment is missing or unknown.
    concentration : orders of its own that weigh as much as the segment; infinite where customers do not differ from
        their segment by more than chance, so that the segment's shares are the prediction.
    fit : of the concentration; None where it is infinite.
    n_customers : with at least one order.
    """

    lines: tuple[str, ...]
    shares: pd.DataFrame
    overall: pd.Series[Any]
    concentration: float
    fit: Fit | None
    n_customers: int

    def plain(self, segments: pd.Series[Any]) -> pd.DataFrame:
        """The baseline: for each customer the shares of its segment, one column per line."""
        known = self.shares.reindex(segments.astype(object).to_numpy())
        return known.set_axis(segments.index).fillna(self.overall)

    def probabilities(self, counts: pd.DataFrame, segments: pd.Series[Any]) -> pd.DataFrame:
        """Probability of every line for the next purchase of every customer.

        Parameters
        ----------
        counts : as from `line_counts`. segments : by customer id, may be missing.

        Returns
        -------
        One row per customer of ``segments``, one column per line; each row totals 1, or is missing where the
        customer has no orders.

        Raises
        ------
        DataError : a line that the model does not know.
        """
        own = _wide(counts, self.lines).reindex(segments.index, fill_value=0.0)
        prior, total = self.plain(segments), own.sum(axis=1)
        if math.isinf(self.concentration):
            return prior.where(total > 0)
        found = (own + self.concentration * prior).div(total + self.concentration, axis=0)
        return found.where(total > 0)


def line_counts(orders: Any, *, as_of: date) -> pd.DataFrame:
    """How many orders of each customer held each product line by a date.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``order_id``, ``ordered_on``, ``product_line``; a frame of
        any engine. A line of products counts once an order; rows without one of these count for nothing.
    as_of : nothing later is read.

    Returns
    -------
    One row per customer and line that occur: ``customer_id``, ``product_line``, ``n_orders``; sorted.

    >>> orders = pd.DataFrame({"customer_id": "a", "order_id": [1, 1, 2, 3], "product_line": ["x", "x", "x", "y"],
    ...     "ordered_on": pd.to_datetime(["2026-01-01", "2026-01-01", "2026-01-02", "2026-03-01"])})
    >>> line_counts(orders, as_of=date(2026, 1, 31)).values.tolist()
    [['a', 'x', 2]]
    """
    return _counted(until(lazy(orders), "ordered_on", as_of))


def lines_after(orders: Any, *, as_of: date, horizon_days: int, observed_until: date) -> pd.DataFrame:
    """How many orders held each line in the horizon after a date: ``as_of < order <= as_of + horizon``.

    Parameters and result as in `line_counts`; a horizon that is not over by ``observed_until`` raises
    ``NotAvailableError``.
    """
    end = horizon_end(as_of, horizon_days, observed_until)
    return _counted(lazy(orders).filter(within(as_of, end)))


def fit_preference(counts: pd.DataFrame, segments: pd.Series[Any]) -> CategoryPreference:
    """Fit the shares of segments and the concentration of customers around them.

    Each customer's own shares are drawn from a Dirichlet distribution around its segment's (the Dirichlet-multinomial
    or Pólya distribution); its concentration is fitted by maximum likelihood over all customers, the segments' shares
    being those of their pooled orders (Minka, *Estimating a Dirichlet distribution*, technical report, 2000). So that
    no line is impossible in a small segment, each segment's counts are joined by as many orders as there are lines,
    spread as all customers' orders.

    Parameters
    ----------
    counts : as from `line_counts`. segments : segment by customer id, one each; may be missing.

    Raises
    ------
    NotAvailableError : nobody ordered twice (one order does not show a preference), or fewer than two lines.
    DataError : the likelihood has no maximum, though customers differ; a customer twice in ``segments``.

    >>> counts = pd.DataFrame({"customer_id": [f"c{i}" for i in range(40)], "product_line": ["x", "y"] * 20})
    >>> twice = pd.concat([counts.assign(n_orders=4), counts.assign(product_line="x", n_orders=1)])
    >>> merged = twice.groupby(["customer_id", "product_line"], as_index=False).sum()
    >>> model = fit_preference(merged, pd.Series("A", index=counts["customer_id"]))
    >>> found = model.probabilities(merged, pd.Series("A", index=["c0", "c1", "new"]))
    >>> (found["x"] > 0.5).tolist(), found["x"].isna().tolist()
    ([True, False, False], [False, False, True])
    """
    if segments.index.has_duplicates:
        twice = segments.index[segments.index.duplicated()].tolist()
        raise DataError("A customer has two segments", place=f"{_PLACE}, {some(twice)}", way_out="give one each")
    lines = tuple(sorted(counts[LINE].unique()))
    own = _wide(counts, lines)
    _refuse_little(own)
    overall = own.sum() / own.to_numpy().sum()
    pooled = own.groupby(segments.astype(object).reindex(own.index)).sum() + len(lines) * overall
    shares = pooled.div(pooled.sum(axis=1), axis=0)
    known = CategoryPreference(lines, shares, overall, math.inf, None, len(own))
    prior = known.plain(segments.reindex(own.index))
    fit = _concentration(own.to_numpy(), prior.to_numpy(dtype=np.float64))
    concentration = math.inf if fit is None else fit["concentration"]
    return CategoryPreference(lines, shares, overall, concentration, fit, len(own))


def preference_table(model: CategoryPreference, counts: pd.DataFrame, segments: pd.Series[Any]) -> pd.DataFrame:
    """The most likely next line of every customer, beside the baseline: the most bought line of its segment.

    Of lines equally likely the first by code is named.

    Returns
    -------
    `CATEGORY_PREFERENCE`, one row per customer of ``segments`` in its order; missing with ``no_orders`` where the
    customer has none.

    >>> shares = pd.DataFrame({"x": [0.5], "y": [0.5]}, index=["A"])
    >>> model = CategoryPreference(("x", "y"), shares, shares.loc["A"], 2.0, None, 1)
    >>> counts = pd.DataFrame({"customer_id": ["a"], "product_line": ["y"], "n_orders": [2]})
    >>> found = preference_table(model, counts, pd.Series({"a": "A", "b": "A"}))
    >>> found[["preferred_line", "preferred_rate", "preferred_rate_reason"]].to_numpy().tolist()
    [['y', 0.75, nan], [nan, nan, 'no_orders']]
    """
    found, plain = model.probabilities(counts, segments), model.plain(segments)
    best = found.fillna(-1.0)
    has = found.notna().all(axis=1)
    why = pd.Series("no_orders", index=found.index).where(~has)
    frame = pd.DataFrame(
        {
            KEY: segments.index,
            "segment": segments.to_numpy(),
            COUNT: counts.groupby(KEY)[COUNT].sum().reindex(segments.index, fill_value=0).to_numpy(),
            "preferred_line": best.idxmax(axis=1).where(has).to_numpy(),
            "preferred_line_reason": why.to_numpy(),
            "preferred_rate": found.max(axis=1).to_numpy(),
            "preferred_rate_reason": why.to_numpy(),
            "segment_line": plain.idxmax(axis=1).to_numpy(),
            "segment_rate": plain.max(axis=1).to_numpy(),
        }
    )
    return CATEGORY_PREFERENCE.conform(frame)


def hits(preferences: pd.DataFrame, bought: pd.DataFrame) -> pd.DataFrame:
    """Whether the line named was among those then bought, for the customers that had a preference and bought.

    Parameters
    ----------
    preferences : `CATEGORY_PREFERENCE`, made at a date. bought : as from `lines_after` that date.

    Returns
    -------
    One row per such customer: ``customer_id``, ``predicted`` and ``baseline`` (1 for a hit, else 0), ``actual``
    (always 1), for ``evaluate(..., kind="count")``: the absolute error is then the share of misses.

    >>> names = {"customer_id": ["a", "b", "c"], "preferred_line": ["x", None, "x"], "segment_line": "y"}
    >>> then = pd.DataFrame({"customer_id": ["a", "b"], "product_line": ["x", "y"], "n_orders": 1})
    >>> hits(pd.DataFrame(names), then).values.tolist()
    [['a', 1, 0, 1]]
    """
    then = set(zip(bought[KEY], bought[LINE], strict=True))
    chosen = preferences[preferences["preferred_line"].notna() & preferences[KEY].isin(bought[KEY])]

    def hit(column: str) -> list[int]:
        return [int(pair in then) for pair in zip(chosen[KEY], chosen[column], strict=True)]

    return pd.DataFrame(
        {KEY: chosen[KEY].to_numpy(), "predicted": hit("preferred_line"), "baseline": hit("segment_line"), "actual": 1}
    )


def _counted(orders: Lazy) -> pd.DataFrame:
    named = [KEY, "order_id", LINE]
    rows = orders.select(*named).filter(*(~nw.col(name).is_null() for name in named)).unique(subset=named)
    counted = rows.group_by(KEY, LINE).agg(nw.col("order_id").count().alias(COUNT))
    found = to_pandas(whole(counted, [COUNT])).astype({KEY: "str", LINE: "str", COUNT: "int64"})
    return found.sort_values([KEY, LINE], ignore_index=True)


def _wide(counts: pd.DataFrame, lines: tuple[str, ...]) -> pd.DataFrame:
    unknown = sorted(set(counts[LINE]) - set(lines))
    if unknown:
        raise DataError(
            f"Lines that the model does not know: {some(unknown)}", place=_PLACE, way_out="fit it on the same orders"
        )
    wide = counts.pivot_table(index=KEY, columns=LINE, values=COUNT, aggfunc="sum", fill_value=0)
    return wide.reindex(columns=list(lines), fill_value=0).astype(float)


def _refuse_little(own: pd.DataFrame) -> None:
    if own.shape[1] < 2 or not (own.sum(axis=1) > 1).any():
        raise NotAvailableError(
            f"{own.shape[1]} product lines, {int((own.sum(axis=1) > 1).sum())} customers with two orders or more",
            reason="too_few_customers",
            place=_PLACE,
            way_out="take a longer history: one order does not show a preference",
        )


def _concentration(own: NDArray[np.float64], prior: NDArray[np.float64]) -> Fit | None:
    """The concentration at the maximum; None where the likelihood only grows towards no difference at all."""
    from scipy.special import digamma, gammaln

    rows, lines = np.nonzero(own)
    n, m, totals = own[rows, lines], prior[rows, lines], own.sum(axis=1)

    def objective(at: Vector) -> tuple[float, Vector]:
        a = float(at[0])
        value = (gammaln(a) - gammaln(a + totals)).sum() + (gammaln(a * m + n) - gammaln(a * m)).sum()
        slope = (digamma(a) - digamma(a + totals)).sum() + (m * (digamma(a * m + n) - digamma(a * m))).sum()
        return float(value), np.array([slope])

    try:
        return maximise(objective, names=["concentration"], starts=_STARTS, n=len(own), place=_PLACE)
    except DataError:
        alike = float((n * np.log(m)).sum())
        if alike < max(objective(np.array([a]))[0] for a in _GRID) - NEGLIGIBLE:
            raise
        return None
