"""Category preference: which product line a customer buys next, from its own order days and those of its group."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from bizlab.contracts.columns import code, column, ratio, reason, table, text, words
from bizlab.engine import Lazy, day_number, lazy, to_pandas, until
from bizlab.errors import DataError, some
from bizlab.prediction.models.likelihood import Vector
from bizlab.prediction.models.outcomes import horizon_end, within
from bizlab.prediction.models.refusals import NotAvailableError

KEY, DAY, LINE, SHARE = "customer_id", "ordered_on", "product_line", "share"
REASONS = words(no_orders="没有订单 | no orders")
AT_LEAST = 50
"""Customers that bought again, below which nothing is learnt."""
HALF_LIVES = (30.0, 60.0, 90.0, 180.0, 365.0, 730.0, math.inf)
"""Days after which an order day weighs half as much; infinite where it never fades."""
CONCENTRATIONS = (*(2.0**power for power in range(-2, 8)), math.inf)
"""Order days of its own that weigh as much as the group; infinite where customers are as their group."""
_PLACE = "category preference"

CATEGORY_PREFERENCE = table(
    "category_preference",
    "品类偏好 | Category preference",
    "每个客户一行 | one row per customer",
    text(KEY, "客户 | Customer"),
    code("segment", "基准分组 | Segment of the baseline", nullable=True),
    column("n_days", "下单日数 | Order days", "同一天的订单计一次 | orders of one day count once"),
    code("preferred_line", "最可能的产品线 | Most likely line", nullable=True),
    reason("preferred_line", REASONS),
    ratio(
        "preferred_rate",
        "概率 | Probability",
        "(自己的折减日数 + 集中度 × 分组份额) ÷ (自己的合计 + 集中度) | "
        "own faded days plus concentration times the group's share, over own total plus concentration",
        missing=REASONS,
    ),
    code("segment_line", "分组最常购 | Segment's line"),
    column("segment_rate", "其份额 | Its share"),
    key=KEY,
)


@dataclass(frozen=True, eq=False)
class CategoryPreference:
    """What groups buy next, and how much a customer's own order days count against that.

    Parameters
    ----------
    lines : product lines, sorted.
    shares : one row per group, one column per line; each row totals 1.
    overall : shares of all customers, used where a customer's group is missing or unknown.
    concentration : own order days that weigh as much as the group; infinite where own days say nothing.
    half_life_days : after which an own order day weighs half; infinite where it never fades.
    log_likelihood : of the next order days that both were chosen by. n_customers : who bought then.
    """

    lines: tuple[str, ...]
    shares: pd.DataFrame
    overall: pd.Series[Any]
    concentration: float
    half_life_days: float
    log_likelihood: float
    n_customers: int

    def probabilities(self, days: pd.DataFrame, groups: pd.Series[Any], *, as_of: date) -> pd.DataFrame:
        """Probability of every line for the next order day of every customer.

        Parameters
        ----------
        days : as from `line_days` up to ``as_of``. groups : by customer id, may be missing.

        Returns
        -------
        One row per customer of ``groups``, one column per line; each row totals 1, or is missing where the customer
        has no orders.

        Raises
        ------
        DataError : a line that the model does not know.
        """
        own = _faded(days, self.lines, self.half_life_days, as_of).reindex(groups.index, fill_value=0.0)
        prior = _of_groups(self.shares, self.overall, groups)
        mixed = _mixed(own.to_numpy(), prior.to_numpy(), self.concentration)
        has_orders = groups.index.isin(days[KEY])
        chances = np.where(has_orders[:, None], mixed, np.nan)
        return pd.DataFrame(chances, index=groups.index, columns=list(self.lines))


def line_days(orders: Any, *, as_of: date) -> pd.DataFrame:
    """Which lines each customer bought on each of its order days.

    Lines of one day are one decision: together they count once, each an equal share of it.

    Parameters
    ----------
    orders : one row per order line with ``customer_id``, ``ordered_on``, ``product_line``; a frame of any engine.
        Rows without one of these count for nothing.
    as_of : nothing later is read.

    Returns
    -------
    ``customer_id``, ``ordered_on`` (a number, see `engine.day_number`), ``product_line``, ``share``; sorted.

    >>> orders = pd.DataFrame({"customer_id": "a", "product_line": ["x", "x", "y", "y"],
    ...     "ordered_on": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-02", "2026-03-01"])})
    >>> line_days(orders, as_of=date(2026, 1, 31))[["product_line", "share"]].values.tolist()
    [['x', 1.0], ['x', 0.5], ['y', 0.5]]
    """
    return _days(until(lazy(orders), DAY, as_of))


def days_after(orders: Any, *, as_of: date, horizon_days: int, observed_until: date) -> pd.DataFrame:
    """The order days in the horizon after a date: ``as_of < day <= as_of + horizon``.

    Parameters and result as in `line_days`; a horizon that is not over by ``observed_until`` raises
    ``NotAvailableError``.
    """
    end = horizon_end(as_of, horizon_days, observed_until)
    return _days(lazy(orders).filter(within(as_of, end)))


def fit_preference(
    before: pd.DataFrame, after: pd.DataFrame, groups: pd.Series[Any], *, as_of: date, lines: tuple[str, ...]
) -> CategoryPreference:
    """Learn from the next order day of customers that had bought before.

    A customer's next line is drawn from shares of its own, which are Dirichlet around those of its group; given its
    order days the chance of a line is (own days + concentration x group's share) / (all own days + concentration)
    (the Pólya or Dirichlet-multinomial predictive; Minka, *Estimating a Dirichlet distribution*, technical report,
    2000). Old days fade by a half-life, since habits change (exponential forgetting; West and Harrison, *Bayesian
    Forecasting and Dynamic Models*, 1997, section 6.3). Concentration and half-life are those of `CONCENTRATIONS` and
    `HALF_LIVES` that make the next order days most likely, days that the history does not hold.

    Parameters
    ----------
    before : `line_days` up to ``as_of``. after : `days_after` it; of each customer the first day is taken.
    groups : by customer id as of the date, one each, may be missing; such as whether a subscription runs. A group's
        shares are joined by as many days as there are lines, spread as all customers' days.
    lines : all product lines, sorted; so many as the model is to know.

    Raises
    ------
    NotAvailableError : fewer than `AT_LEAST` customers bought again, or fewer than two lines.
    DataError : a customer twice in ``groups``; a line that is not among ``lines``.
    """
    if groups.index.has_duplicates:
        twice = groups.index[groups.index.duplicated()].tolist()
        raise DataError("A customer has two groups", place=f"{_PLACE}, {some(twice)}", fix="give one each")
    first = after[after[DAY] == after.groupby(KEY)[DAY].transform("min")]
    came = _wide(first[first[KEY].isin(before[KEY])], lines)
    if came.shape[1] < 2 or len(came) < AT_LEAST:
        raise NotAvailableError(
            f"{came.shape[1]} product lines, {len(came)} customers that bought again (fewer than 2 or {AT_LEAST})",
            reason="too_few_customers",
            place=_PLACE,
            fix="take a later date or a longer horizon",
        )
    overall = came.sum() / came.to_numpy().sum()
    own_groups = groups.astype(object).reindex(came.index)
    pooled = came.groupby(own_groups).sum() + len(lines) * overall
    shares = pooled.div(pooled.sum(axis=1), axis=0)
    prior, drawn = _of_groups(shares, overall, own_groups).to_numpy(), came.to_numpy()
    tried = []
    for half_life in HALF_LIVES:
        own = _faded(before, lines, half_life, as_of).reindex(came.index).to_numpy()
        tried += [(_likelihood(drawn, own, prior, c), c, half_life) for c in CONCENTRATIONS]
    best, concentration, half_life = max(tried)
    return CategoryPreference(lines, shares, overall, concentration, half_life, best, len(came))


def preference_table(
    model: CategoryPreference, days: pd.DataFrame, groups: pd.Series[Any], segments: pd.Series[Any], *, as_of: date
) -> pd.DataFrame:
    """The most likely next line of every customer, beside the baseline: the line that its segment bought most.

    Of lines equally likely the first by code is named.

    Parameters
    ----------
    days : `line_days` up to ``as_of``. groups : by which the model distinguishes customers. segments : of the baseline;
        both by customer id.

    Returns
    -------
    `CATEGORY_PREFERENCE`, one row per customer of ``groups`` in its order; missing with ``no_orders`` where the
    customer has none.

    >>> shares = pd.DataFrame({"x": [0.5], "y": [0.5]}, index=[True])
    >>> model = CategoryPreference(("x", "y"), shares, shares.loc[True], 2.0, math.inf, 0.0, 1)
    >>> days = pd.DataFrame({"customer_id": "a", "ordered_on": [739_000, 739_001], "product_line": "y", "share": 1.0})
    >>> groups = pd.Series({"a": True, "b": True})
    >>> preferred = preference_table(model, days, groups, pd.Series({"a": "A", "b": "A"}), as_of=date(2026, 1, 31))
    >>> preferred[["preferred_line", "preferred_rate", "preferred_rate_reason"]].to_numpy().tolist()
    [['y', 0.75, nan], [nan, nan, 'no_orders']]
    """
    chances = model.probabilities(days, groups, as_of=as_of)
    baseline = _segment_shares(days, model.lines, groups, segments)
    has = chances.notna().all(axis=1)
    why = pd.Series("no_orders", index=chances.index).where(~has)
    n_days = days.drop_duplicates([KEY, DAY]).groupby(KEY).size()
    frame = pd.DataFrame(
        {
            KEY: groups.index,
            "segment": segments.reindex(groups.index).to_numpy(),
            "n_days": n_days.reindex(groups.index, fill_value=0).to_numpy(),
            "preferred_line": chances.fillna(-1.0).idxmax(axis=1).where(has).to_numpy(),
            "preferred_line_reason": why.to_numpy(),
            "preferred_rate": chances.max(axis=1).to_numpy(),
            "preferred_rate_reason": why.to_numpy(),
            "segment_line": baseline.idxmax(axis=1).to_numpy(),
            "segment_rate": baseline.max(axis=1).to_numpy(),
        }
    )
    return CATEGORY_PREFERENCE.conform(frame)


def hits(preferences: pd.DataFrame, bought: pd.DataFrame) -> pd.DataFrame:
    """Whether the line named was among those then bought, for the customers that had a preference and bought.

    Parameters
    ----------
    preferences : `CATEGORY_PREFERENCE`, made at a date. bought : as from `days_after` that date.

    Returns
    -------
    One row per such customer: ``customer_id``, ``predicted`` and ``baseline`` (1 for a hit, else 0), ``actual``
    (always 1), for ``evaluate(..., kind="count")``: the absolute error is then the share of misses.

    >>> names = {"customer_id": ["a", "b", "c"], "preferred_line": ["x", None, "x"], "segment_line": "y"}
    >>> then = pd.DataFrame({"customer_id": ["a", "b"], "product_line": ["x", "y"]})
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


def _days(orders: Lazy) -> pd.DataFrame:
    named = [KEY, DAY, LINE]
    rows = orders.select(*named).filter(*(~nw.col(name).is_null() for name in named))
    days = to_pandas(rows.with_columns(day_number(DAY).cast(nw.Int64).alias(DAY)).unique(subset=named))
    days = days.astype({KEY: "str", DAY: "int64", LINE: "str"}).sort_values(named, ignore_index=True)
    return days.assign(**{SHARE: 1 / days.groupby([KEY, DAY])[LINE].transform("size")})


def _wide(days: pd.DataFrame, lines: tuple[str, ...]) -> pd.DataFrame:
    unknown = sorted(set(days[LINE]) - set(lines))
    if unknown:
        raise DataError(
            f"Lines that the model does not know: {some(unknown)}", place=_PLACE, fix="fit it on the same orders"
        )
    wide = days.pivot_table(index=KEY, columns=LINE, values=SHARE, aggfunc="sum", fill_value=0)
    return wide.reindex(columns=list(lines), fill_value=0).astype(float)


def _faded(days: pd.DataFrame, lines: tuple[str, ...], half_life: float, as_of: date) -> pd.DataFrame:
    weight = 0.5 ** ((as_of.toordinal() - days[DAY]) / half_life)
    return _wide(days.assign(**{SHARE: days[SHARE] * weight}), lines)


def _of_groups(shares: pd.DataFrame, overall: pd.Series[Any], groups: pd.Series[Any]) -> pd.DataFrame:
    return shares.reindex(groups.astype(object).to_numpy()).set_axis(groups.index).fillna(overall)


def _mixed(own: Vector, prior: Vector, concentration: float) -> Vector:
    if math.isinf(concentration):
        return prior
    mixed: Vector = (own + concentration * prior) / (own.sum(axis=1, keepdims=True) + concentration)
    return mixed


def _likelihood(drawn: Vector, own: Vector, prior: Vector, concentration: float) -> float:
    customers, lines = np.nonzero(drawn)
    return float(drawn[customers, lines] @ np.log(_mixed(own, prior, concentration)[customers, lines]))


def _segment_shares(
    days: pd.DataFrame, lines: tuple[str, ...], groups: pd.Series[Any], segments: pd.Series[Any]
) -> pd.DataFrame:
    """What each customer's segment bought so far; where it bought nothing, all customers."""
    own = _wide(days, lines)
    bought = own.groupby(segments.astype(object).reindex(own.index)).sum()
    overall = own.sum() / own.to_numpy().sum()
    return _of_groups(bought.div(bought.sum(axis=1), axis=0), overall, segments.reindex(groups.index))
