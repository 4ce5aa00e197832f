"""From subscription periods to renewal histories as of a date."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from bizlab.contracts.columns import code, column, count, table, words
from bizlab.engine import lazy, to_pandas, until
from bizlab.errors import DataError, SettingError, some

GRACE_DAYS = 30
"""How long after the last day of a period a renewal may still be signed before the subscription counts as ended."""

_SUBSCRIPTION = code("subscription_id", "订阅 | Subscription")
_CUSTOMER = code("customer_id", "企业 | Company", refers="customers")

HISTORIES = table(
    "renewal_histories",
    "续费历史 | Renewal histories",
    "每个订阅一行 | one row per subscription",
    _SUBSCRIPTION,
    _CUSTOMER,
    code("cohort", "起始批次 | Cohort"),
    column("n_renewed", "已续期数 | Renewals signed"),
    column(
        "n_due",
        "已到期的续费次数 | Renewals due",
        "截止日前宽限期已过的期末次数;已终止的订阅含未续的那一次 | "
        "period ends whose grace has run out by the as-of date; if ended, the one that failed included",
    ),
    column("is_ended", "已终止 | Ended"),
    column("first_on", "首期开始 | First start"),
    column("last_on", "末期最后一天 | Last day of the last period"),
    key="subscription_id",
)

EXCEPTION_KINDS = words(
    no_first_period="缺首期 | First period missing",
    skipped_period="期次不连续 | A period number is missing",
    reversed_dates="结束早于开始 | Ends before it starts",
    gap="期间断档 | Gap before the period",
    overlap="期间重叠 | Overlaps the period before",
    late="逾期续签 | Signed after the grace",
)

EXCEPTIONS = table(
    "renewal_exceptions",
    "订阅期的例外 | Exceptions among subscription periods",
    "每个订阅期每类例外一行 | one row per subscription period and kind",
    _SUBSCRIPTION,
    count("period_no", "期次 | Period number"),
    _CUSTOMER,
    column("kind", "例外类别 | Kind", choices=EXCEPTION_KINDS),
    column("days", "天数 | Days", nullable=True),
    column("is_left_out", "未计入 | Left out", "该订阅不进入续费历史 | the subscription has no renewal history"),
    key="subscription_id period_no kind",
)
_LEFT_OUT = ("no_first_period", "skipped_period", "reversed_dates")


def renewal_histories(
    subscriptions: Any, *, as_of: date, grace_days: int = GRACE_DAYS, cohort_month: int = 1
) -> pd.DataFrame:
    """One renewal history per subscription, as it could be known on a day.

    A subscription is ended when its last day lies more than ``grace_days`` before ``as_of`` and no further period is
    signed; otherwise it is open. A further period counts as a renewal whenever it was signed and wherever it starts:
    gap, overlap and late signature are listed by :func:`renewal_exceptions`, not corrected; of periods that overlap the
    latest end counts. A subscription belongs to the company of its last period. One whose periods do not run 1, 2, 3,
    ... or that holds a period ending before it starts is left out, and listed there.

    A period end counts into ``n_due`` only when its grace has run out, whether or not the renewal came before. Counting
    renewals at once and failures only after the grace would make every running cohort look better than it is.

    Parameters
    ----------
    subscriptions : under its contract, any kind of frame; rows signed after ``as_of`` are not read.
    as_of : the day. grace_days : not negative.
    cohort_month : month in which a year of contracts begins, 1 to 12; a cohort is the year in which the first period
        was signed, named by its first month.

    Returns
    -------
    Contract ``HISTORIES``, by subscription; without rows where nothing was signed by then.

    Raises
    ------
    SettingError : a negative grace, or no such month.
    DataError : a period stands twice, or a date or an id is missing.

    >>> periods = pd.DataFrame({
    ...     "subscription_id": ["S1", "S1", "S2"], "period_no": [1, 2, 1], "customer_id": ["0101", "0101", "0102"],
    ...     "starts_on": pd.to_datetime(["2026-01-01", "2026-04-01", "2026-02-01"]),
    ...     "ends_on": pd.to_datetime(["2026-03-31", "2026-06-30", "2026-04-30"]),
    ...     "signed_on": pd.to_datetime(["2025-12-20", "2026-03-25", "2026-01-20"])})
    >>> histories = renewal_histories(periods, as_of=date(2026, 6, 30))
    >>> histories[["subscription_id", "cohort", "n_renewed", "n_due", "is_ended"]].values.tolist()
    [['S1', '2025-01', 1, 1, False], ['S2', '2026-01', 0, 1, True]]
    """
    if not 1 <= cohort_month <= 12:
        raise SettingError(f"There is no month {cohort_month}", place="cohort_month", fix="give 1 to 12")
    periods = _periods(subscriptions, as_of, grace_days)
    signed_on = periods["signed_on"]
    years = signed_on.dt.year - (signed_on.dt.month < cohort_month)
    periods["cohort"] = years.astype("str") + f"-{cohort_month:02d}"
    out = _exceptions(periods, grace_days).query("is_left_out")["subscription_id"]
    kept = periods[~periods["subscription_id"].isin(out)]
    # The latest end so far: where periods overlap, a later period may end before an earlier one.
    runs_until = kept.groupby("subscription_id")["ends_on"].cummax()
    is_over = (pd.Timestamp(as_of) - runs_until).dt.days > grace_days
    histories = (
        kept.assign(runs_until=runs_until, is_over=is_over)
        .groupby("subscription_id", sort=True)
        .agg(
            customer_id=("customer_id", "last"),
            cohort=("cohort", "first"),
            n_renewed=("period_no", "size"),
            n_due=("is_over", "sum"),
            is_ended=("is_over", "last"),
            first_on=("starts_on", "first"),
            last_on=("runs_until", "last"),
        )
    )
    histories["n_renewed"] -= 1
    return HISTORIES.conform(histories.reset_index())


def renewal_exceptions(subscriptions: Any, *, as_of: date, grace_days: int = GRACE_DAYS) -> pd.DataFrame:
    """Periods that do not follow on the one before as they should.

    Parameters
    ----------
    subscriptions, as_of, grace_days : as for :func:`renewal_histories`.

    Returns
    -------
    Contract ``EXCEPTIONS``, by subscription, period and kind. ``days``: of the gap, of the overlap, or from the end of
    the period before to the signature; missing for the other kinds.

    Raises
    ------
    SettingError, DataError : as for :func:`renewal_histories`.
    """
    return _exceptions(_periods(subscriptions, as_of, grace_days), grace_days)


def _periods(subscriptions: Any, as_of: date, grace_days: int) -> pd.DataFrame:
    """The periods signed by then, in order."""
    if grace_days < 0:
        raise SettingError(f"The grace is {grace_days} days", place="grace_days", fix="give 0 days or more")
    names = ["subscription_id", "period_no", "customer_id", "starts_on", "ends_on", "signed_on"]
    frame = to_pandas(until(lazy(subscriptions).select(names), "signed_on", as_of))
    frame = frame.sort_values(["subscription_id", "period_no"], ignore_index=True)
    keys = frame["subscription_id"].astype("str") + " / " + frame["period_no"].astype("str")
    for rows, problem in (
        (frame.duplicated(["subscription_id", "period_no"]), "The same period stands twice"),
        (frame.isna().any(axis=1), "A date or an id is missing"),
    ):
        if rows.any():
            raise DataError(
                f"{problem}: {some(list(keys[rows]))}",
                place="table subscriptions",
                fix="correct the export, or let the reader reject these rows",
            )
    for name in ("starts_on", "ends_on", "signed_on"):
        frame[name] = pd.to_datetime(frame[name]).dt.normalize()
    return frame


def _exceptions(periods: pd.DataFrame, grace_days: int) -> pd.DataFrame:
    before = periods.groupby("subscription_id").shift(1)
    is_first = before["period_no"].isna()
    between = (periods["starts_on"] - before["ends_on"]).dt.days - 1
    signed_after = (periods["signed_on"] - before["ends_on"]).dt.days
    nothing = pd.Series(np.nan, index=periods.index)
    kinds = {
        "no_first_period": (is_first & (periods["period_no"] != 1), nothing),
        "skipped_period": (~is_first & (periods["period_no"] != before["period_no"] + 1), nothing),
        "reversed_dates": (periods["ends_on"] < periods["starts_on"], nothing),
        "gap": (between > 0, between),
        "overlap": (between < 0, -between),
        "late": (signed_after > grace_days, signed_after),
    }
    listed = [
        periods.loc[rows].assign(kind=kind, days=days[rows], is_left_out=kind in _LEFT_OUT)
        for kind, (rows, days) in kinds.items()
    ]
    exceptions = EXCEPTIONS.conform(pd.concat(listed))
    return exceptions.sort_values(["subscription_id", "period_no", "kind"], ignore_index=True)
