"""Renewal models by cohort: a cohort has its own where the data distinguish cohorts, else all share one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from bizlab.contracts.columns import code, column, ratio, score, table, words
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.prediction.models.likelihood import Fit
from bizlab.prediction.models.shifted_beta import AT_LEAST, ShiftedBeta, fit_shifted_beta

POOLED = "all"
WHY_POOLED = words(
    too_few=f"到期过续费的订阅不足{AT_LEAST}个 | fewer than {AT_LEAST} subscriptions have had a renewal due",
    not_fitted="本批次单独无法拟合 | its own model has no proved maximum, or no second renewal fell due yet",
    alike="似然比检验未见批次差异 | the likelihood-ratio test shows no difference between cohorts",
    alone="没有第二个可拟合的批次可比 | no second cohort can be fitted to compare with",
    not_compared="合在一起的模型无法拟合,不能比较 | one model for them has no maximum to compare with",
)
_PREDICTED_BY = words(own="本批次的模型 | its own model") | {
    code: Label(f"合并模型:{why.zh}", f"the model of all: {why.en}") for code, why in WHY_POOLED.items()
}
_WHY_NOT_TESTED = {code: WHY_POOLED[code] for code in ("alone", "not_compared")}

COHORTS = table(
    "renewal_cohorts",
    "续费批次 | Renewal cohorts",
    "每个批次一行;检验为各批次合在一起 | one row per cohort; the test is of all of them together",
    code(
        "cohort",
        "批次 | Cohort",
        "首签所在合同年度的首月 | first month of the year of contracts of the first signature",
    ),
    column("n_subscriptions", "订阅 | Subscriptions"),
    column("n_with_due", "其中到期过 | With a renewal due"),
    column("predicted_by", "所用模型 | Predicted by", choices=_PREDICTED_BY),
    column("first_renewal_rate", "首次续费概率 | Chance of the first renewal"),
    score(
        "likelihood_ratio",
        "似然比 | Likelihood ratio",
        "2×(分批次对数似然之和 − 合并对数似然);批次相同时近似卡方分布 | "
        "twice the gain in log-likelihood by separate models; about chi-squared where cohorts are alike",
        nullable=True,
    ),
    column("n_parameters", "自由度 | Degrees of freedom", nullable=True),
    ratio("p_value", "p 值 | p-value", missing=_WHY_NOT_TESTED),
    key="cohort",
)


class Comparison(NamedTuple):
    """Separate models against one for all: likelihood ratio, parameters more, and the chance of it if alike."""

    likelihood_ratio: float
    n_parameters: int
    p_value: float


@dataclass(frozen=True, eq=False)
class CohortModels:
    """Which model each cohort is predicted by.

    Parameters
    ----------
    pooled : fitted to all histories.
    own : by cohort; empty where cohorts are pooled.
    why_pooled : for every cohort without a model of its own a code of `WHY_POOLED`.
    comparison : of the cohorts that can be fitted; None with fewer than two of them, or where one model for them
        has no maximum.
    sizes : of each cohort its histories, and those with a renewal due.
    """

    pooled: ShiftedBeta
    own: Mapping[str, ShiftedBeta]
    why_pooled: Mapping[str, str]
    comparison: Comparison | None
    sizes: Mapping[str, tuple[int, int]]

    def of(self, cohort: str) -> ShiftedBeta:
        """The cohort's own model, or the one of all."""
        return self.own.get(cohort, self.pooled)

    def renewal_probability(self, histories: pd.DataFrame) -> pd.Series[Any]:
        """Chance that each subscription renews the next time, under the index of ``histories``."""
        chances = pd.Series(0.0, index=histories.index)
        for cohort, rows in histories.groupby("cohort"):
            chances.loc[rows.index] = self.of(str(cohort)).renewal_probability(rows["n_renewed"])
        return chances

    @property
    def fits(self) -> dict[str, Fit]:
        """The fits that predictions rest on, by cohort; `POOLED` where a cohort has none of its own."""
        used = {cohort: model.fit for cohort, model in self.own.items()}
        return used | ({POOLED: self.pooled.fit} if self.why_pooled else {})


def fit_cohorts(histories: pd.DataFrame, *, confidence: float = 0.95) -> CohortModels:
    """Fit the shifted beta-geometric model to each cohort, and keep the cohorts apart only if the data do.

    Pooling cohorts that differ makes the newest look as loyal as the oldest. One model each is taken where the
    likelihood-ratio test (Wilks, *The large-sample distribution of the likelihood ratio*, Annals of Mathematical
    Statistics 9 (1938) 60-62) rejects one for all at 1 - ``confidence``. A cohort that is too small, or that cannot
    be fitted on its own, is predicted by the model of all histories, and the reason is kept.

    Parameters
    ----------
    histories : `renewals.HISTORIES`; those known at the date of the prediction.

    Raises
    ------
    DataError : the model of all histories has no maximum, or there are too few of them.

    >>> lost, kept = [30, 10, 5], [20, 15, 20]
    >>> due = [t for n in (lost, kept) for t, count in enumerate(n, 1) for _ in range(count)]
    >>> cohort = pd.DataFrame({"n_due": due, "is_ended": [i < 45 for i in range(100)], "n_renewed": 0})
    >>> models = fit_cohorts(pd.concat([cohort.assign(cohort="2025-01"), cohort.assign(cohort="2026-01")]))
    >>> dict(models.why_pooled), round(models.comparison.p_value, 3)
    ({'2025-01': 'alike', '2026-01': 'alike'}, 1.0)
    """
    pooled = fit_shifted_beta(histories)
    sizes, models, why = {}, {}, {}
    for cohort, rows in histories.groupby("cohort"):
        sizes[str(cohort)] = len(rows), int((rows["n_due"] > 0).sum())
        try:
            models[str(cohort)] = fit_shifted_beta(rows, place=f"renewals of cohort {cohort}")
        except DataError:
            why[str(cohort)] = "too_few" if sizes[str(cohort)][1] < AT_LEAST else "not_fitted"
    comparison = _compared(models, histories)
    differ = comparison is not None and comparison.p_value < 1 - confidence
    if not differ:
        untested = "alone" if len(models) < 2 else "not_compared"
        why |= dict.fromkeys(models, "alike" if comparison else untested)
    return CohortModels(pooled, models if differ else {}, dict(sorted(why.items())), comparison, sizes)


def cohort_table(models: CohortModels) -> pd.DataFrame:
    """What each cohort is predicted by, and the test behind it: see `COHORTS`."""
    tested = models.comparison
    is_joint = "not_compared" in models.why_pooled.values()
    test = tested._asdict() if tested else {"p_value_reason": "not_compared" if is_joint else "alone"}
    rows = [
        {
            "cohort": cohort,
            "n_subscriptions": n,
            "n_with_due": n_due,
            "predicted_by": models.why_pooled.get(cohort, "own"),
            "first_renewal_rate": float(models.of(cohort).renewal_probability(0)),
            **test,
        }
        for cohort, (n, n_due) in models.sizes.items()
    ]
    return COHORTS.conform(pd.DataFrame(rows, columns=list(COHORTS.names)))


def _compared(models: Mapping[str, ShiftedBeta], histories: pd.DataFrame) -> Comparison | None:
    from scipy.stats import chi2

    if len(models) < 2:
        return None
    try:
        together = fit_shifted_beta(histories[histories["cohort"].isin(list(models))]).fit.log_likelihood
    except DataError:
        return None
    gain = 2 * (sum(model.fit.log_likelihood for model in models.values()) - together)
    n_more = 2 * (len(models) - 1)
    return Comparison(gain, n_more, float(chi2.sf(gain, n_more)))
