"""What is predicted about customers: each with its model, the plain baseline it must beat, and what then came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.engine import lazy, to_pandas, until
from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import (
    Backtest,
    Features,
    Outcomes,
    Prediction,
    Predictor,
    backtest,
    segment_rate,
    trained,
)
from bizlab.prediction.backtest.choice import fit_chosen
from bizlab.prediction.models.buying import fit_buying_model
from bizlab.prediction.models.gamma_gamma import fit_gamma_gamma
from bizlab.prediction.models.occasions import AMOUNT, occasions
from bizlab.prediction.models.outcomes import KEY, churned, converted, horizon_end
from bizlab.prediction.models.purchases import repeat_purchases
from bizlab.prediction.models.refusals import NotAvailableError
from bizlab.prediction.models.renewal_cohorts import fit_cohorts
from bizlab.prediction.models.renewals import GRACE_DAYS, renewal_histories

ACTIVE_DAYS = 365
EARLY_DAYS = 30
"""Renewals are signed up to a month before the period ends."""
_YEAR = timedelta(days=365)
FEN_PER_YUAN = 100
_WEEK = 7
_LAST_PERIOD = Label("与上一期同样多", "As in the period before")


@dataclass(frozen=True)
class Task:
    """A prediction with the functions that make it, its baseline, and what came, each of a date."""

    prediction: Prediction
    predict: Predictor
    baseline: Predictor
    outcomes: Outcomes
    horizon_days: int

    def backtest(self, origins: Sequence[date], *, confidence: float = 0.95) -> Backtest:
        """The task at past dates: see `backtest`."""
        return backtest(
            self.prediction,
            predict=self.predict,
            baseline=self.baseline,
            outcomes=self.outcomes,
            origins=origins,
            horizon_days=self.horizon_days,
            confidence=confidence,
        )


def conversion(
    features: Features, orders: Any, customers: Any, *, segment: str, horizon_days: int, observed_until: date
) -> Task:
    """Who places a first order in the horizon, among companies that never ordered.

    Parameters
    ----------
    features : as of a date, for every company known then. segment : column of them by which the baseline takes rates.
    """
    label, baseline = Label("转化", "Conversion"), Label("同组上期转化率", "Last rate of the same group")
    prediction = Prediction("conversion", label, "probability", "last_conversion", baseline)
    came = partial(converted, orders, customers, horizon_days=horizon_days, observed_until=observed_until)
    return _classified(prediction, features, orders, came, segment=segment, horizon_days=horizon_days)


def churn(
    features: Features, orders: Any, customers: Any, *, segment: str, horizon_days: int, observed_until: date
) -> Task:
    """Who, having ordered within a year, orders nothing in the horizon. Parameters as for `conversion`."""
    label, baseline = Label("沉默", "Silence"), Label("同组上期沉默率", "Last rate of the same group")
    prediction = Prediction("churn", label, "probability", "last_silence", baseline)
    came = partial(
        churned, orders, customers, active_days=ACTIVE_DAYS, horizon_days=horizon_days, observed_until=observed_until
    )
    return _classified(prediction, features, orders, came, segment=segment, horizon_days=horizon_days)


def purchases(orders: Any, *, horizon_days: int, observed_until: date) -> Task:
    """How many times each customer buys in the horizon (BG/NBD or MBG/NBD), against as often as in the one before."""

    def predict(as_of: date) -> pd.Series[Any]:
        summary = repeat_purchases(orders, as_of=as_of)
        expected = fit_buying_model(summary).expected_purchases(summary, weeks=horizon_days / _WEEK)
        return pd.Series(expected, index=summary[KEY])

    prediction = Prediction("purchases", Label("采购次数", "Purchases"), "count", "last_period", _LAST_PERIOD)
    return _bought(prediction, orders, "n_purchases", predict, horizon_days, observed_until)


def spending(orders: Any, *, horizon_days: int, observed_until: date) -> Task:
    """For how many yuan each customer buys in the horizon (purchases times Gamma-Gamma value), against the one before.

    Yuan, since means and losses stand among plain numbers. The value of a customer that bought once is that of the
    average customer.
    """

    def predict(as_of: date) -> pd.Series[Any]:
        summary = repeat_purchases(orders, as_of=as_of)
        often = fit_buying_model(summary).expected_purchases(summary, weeks=horizon_days / _WEEK)
        value = fit_gamma_gamma(summary).expected_value_fen(summary)
        return pd.Series(often * value / FEN_PER_YUAN, index=summary[KEY])

    label = Label("采购金额(元)", "Amount purchased (yuan)")
    prediction = Prediction("spending", label, "amount", "last_period", _LAST_PERIOD)
    return _bought(prediction, orders, "amount_yuan", predict, horizon_days, observed_until)


def renewal(
    subscriptions: Any,
    *,
    horizon_days: int,
    observed_until: date,
    grace_days: int = GRACE_DAYS,
    cohort_month: int = 1,
    confidence: float = 0.95,
) -> Task:
    """Whether each subscription that falls due in the horizon is renewed, against the renewal rate of the year before.

    Due are running periods that end later than `EARLY_DAYS` after the date and whose grace is over by the end of the
    horizon. Those that end sooner are left out, and get no prediction: who meant to renew has mostly signed by then,
    and who is left would make the model look too hopeful. Renewed is one of which a further period was signed by the
    end of the horizon, whatever number it was entered under. Cases are subscriptions, whose ids stand as
    ``customer_id``. Cohorts and their models: see `renewal_cohorts.fit_cohorts`.
    """

    def histories(day: date) -> pd.DataFrame:
        known = renewal_histories(subscriptions, as_of=day, grace_days=grace_days, cohort_month=cohort_month)
        return known.set_index("subscription_id")

    def came(as_of: date) -> pd.DataFrame:
        end = horizon_end(as_of, horizon_days, observed_until)
        then = _foreseen(histories(as_of), as_of)
        due = then.index[then["last_on"] <= pd.Timestamp(end - timedelta(days=grace_days))]
        before, after = (_signed(subscriptions, day).reindex(due, fill_value=0) for day in (as_of, end))
        return pd.DataFrame({KEY: due, "outcome": (after > before).to_numpy(dtype=bool)})

    def predict(as_of: date) -> pd.Series[Any]:
        then = histories(as_of)
        return fit_cohorts(then, confidence=confidence).renewal_probability(_foreseen(then, as_of))

    def baseline(as_of: date) -> pd.Series[Any]:
        then, before = (histories(day) for day in (as_of, as_of - _YEAR))
        n_due = int(then["n_due"].sum() - before["n_due"].sum())
        n_lost = int(then["is_ended"].sum() - before["is_ended"].sum())
        if n_due == 0:
            raise NotAvailableError(
                "nothing fell due in the year before",
                reason="too_few_customers",
                place=f"renewal rate at {as_of}",
                fix="begin later",
            )
        return pd.Series(1 - n_lost / n_due, index=then.index)

    year = Label("上一年续费率", "Renewal rate of the year before")
    prediction = Prediction("renewal", Label("续费", "Renewal"), "probability", "year_rate", year)
    return Task(prediction, predict, baseline, came, horizon_days)


def _classified(
    prediction: Prediction,
    features: Features,
    orders: Any,
    came: Callable[..., pd.DataFrame],
    *,
    segment: str,
    horizon_days: int,
) -> Task:
    def outcomes(as_of: date) -> pd.DataFrame:
        """Before the first order on record nobody is known to have ordered, and old customers would count as new."""
        first = to_pandas(lazy(orders).select(nw.col("ordered_on").min()))["ordered_on"]
        if first.isna().all() or first.iloc[0] > pd.Timestamp(as_of):
            raise NotAvailableError(
                "no order is on record by then",
                reason="before_records",
                place=f"outcomes after {as_of}",
                fix="choose a later date or a shorter horizon",
            )
        return came(as_of=as_of)

    return Task(
        prediction,
        trained(features, outcomes, horizon_days=horizon_days, fit=fit_chosen),
        segment_rate(features, outcomes, horizon_days=horizon_days, segment=segment),
        outcomes,
        horizon_days,
    )


def _bought(
    prediction: Prediction, orders: Any, what: str, predict: Predictor, horizon_days: int, observed_until: date
) -> Task:
    """At risk is who bought before; who buys nothing in a period counts as 0."""

    def within(people: pd.Series[Any], after: date, last: date) -> pd.Series[Any]:
        bought = occasions(orders, after=after, last=last).set_index(KEY)
        bought["amount_yuan"] = bought[AMOUNT] / FEN_PER_YUAN
        return bought[what].reindex(pd.Index(people, name=KEY), fill_value=0)

    def people(as_of: date) -> pd.Series[Any]:
        return repeat_purchases(orders, as_of=as_of)[KEY]

    def came(as_of: date) -> pd.DataFrame:
        end = horizon_end(as_of, horizon_days, observed_until)
        return within(people(as_of), as_of, end).rename("outcome").reset_index()

    def baseline(as_of: date) -> pd.Series[Any]:
        return within(people(as_of), as_of - timedelta(days=horizon_days), as_of).astype(float)

    return Task(prediction, predict, baseline, came, horizon_days)


def _foreseen(histories: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The subscriptions whose period ends too late for its renewal to be signed yet."""
    ends_later = histories["last_on"] > pd.Timestamp(as_of + timedelta(days=EARLY_DAYS))
    return histories[~histories["is_ended"] & ends_later]


def _signed(subscriptions: Any, day: date) -> pd.Series[int]:
    """How many periods of each subscription were signed by a day."""
    return to_pandas(until(lazy(subscriptions), "signed_on", day).select("subscription_id")).value_counts(
        "subscription_id"
    )
