"""The models of a month that sort customers: clusters as they are kept, and the scorecard of silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

from bizlab import customers, tagging
from bizlab.analyses.customers.parameters import Grading, Predicting
from bizlab.analyses.customers.predictions import Forecasts
from bizlab.analyses.customers.tags import TAG_TABLES, tags_of
from bizlab.contracts.columns import column, table, text, words
from bizlab.customers.clusters.model import (
    ClusterModel,
    buyers_features,
    feature_labels,
    fit_clusters,
    parse_clusters,
    state_labels,
)
from bizlab.customers.clusters.stored import stored_clusters
from bizlab.customers.clusters.traits import cluster_names
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Backtest, Prediction, backtest
from bizlab.prediction.models.refusals import REFUSALS, NotAvailableError
from bizlab.prediction.scorecards.settings import parse_scorecard, printed_features, printed_labels
from bizlab.prediction.scorecards.silence_card import SilenceScorecard, fit_silence_scorecard
from bizlab.run.analysis import Analysis
from bizlab.run.parameters import MaterialAmount
from bizlab.run.session import Run
from bizlab.tagging import KEY
from bizlab.tagging.quality.migration import Moment
from bizlab.units.kinds import Unit


class Parameters(Grading, Predicting, MaterialAmount):
    """What the page of customer models may be asked for."""


ANALYSIS = Analysis(Parameters)
CUSTOMER_CLUSTERS = "models/customer_clusters"
"""The file of fitted clusters that are kept."""
CLUSTERS, CARD = "customer_clusters", "silence_card"
MODELS = words({CLUSTERS: "客户聚类 | Customer clusters", CARD: "沉默评分卡 | Scorecard of silence"})
NOT_AVAILABLE = table(
    "not_available",
    "本月无法给出的模型 | Models that are not available this month",
    "每个模型一行;没有行即全部可用 | one row per model; no row where all are available",
    column("model", "模型 | Model", words=MODELS),
    column("reason", "原因 | Reason", choices=REFUSALS),
    text("message", "详情 | In full"),
    key="model",
)


class ClustersOfMonth:
    """The customer clusters of a month.

    Parameters
    ----------
    run : gives tables and tags as of the month's last day.

    Raises
    ------
    DataError : from every attribute that needs the model, where the reference period does not carry one.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.settings = parse_clusters(run.config("clusters"))

    @cached_property
    def moments(self) -> tuple[Moment, Moment]:
        """Tags as of the last day of the month before, and of this month."""
        before, now = tags_of(self.run, self.run.month.previous.last, self.run.as_of)
        return before, now

    @property
    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tags of both as frames."""
        before, now = self.moments
        return before.snapshot.frame, now.snapshot.frame

    @cached_property
    def reference(self) -> pd.DataFrame:
        """Fact tags as of the end of the reference period, by today's records of it."""
        end = customers.reference_end(self.run.params.grade_reference)
        dictionary = tagging.parse_dictionary(self.run.config("tags"))
        return tagging.customer_facts(
            dictionary.on(end), {name: self.run.scan(name) for name in TAG_TABLES}, as_of=end
        ).frame

    @cached_property
    def kept(self) -> ClusterModel | None:
        """The latest version of these settings, if there is one."""
        versions = self.run.config(CUSTOMER_CLUSTERS, optional=True).get("versions", [])
        return stored_clusters(versions, self.settings, reference=self.run.params.grade_reference)

    @cached_property
    def model(self) -> ClusterModel:
        """As it was kept, else fitted on the reference period now."""
        return self.kept or fit_clusters(self.reference, self.settings)

    @cached_property
    def reference_features(self) -> pd.DataFrame:
        """What clusters are fitted to: the features of the buyers of the reference period."""
        return buyers_features(self.reference, self.settings)

    @cached_property
    def features(self) -> pd.DataFrame:
        """The features of this month's buyers."""
        return buyers_features(self.frames[1], self.settings)

    @cached_property
    def words(self) -> dict[str, dict[str, Label]]:
        """Words for the codes of every table of clusters."""
        tags = self.moments[1].snapshot.dictionary.labels
        states = state_labels(cluster_names(self.model), self.settings.features, tags)
        in_none = {"none": Label("未归类:指标不全", "In no cluster: a feature is missing")}
        named = dict.fromkeys(("cluster", "from_cluster", "to_cluster"), states | in_none)
        return named | {"feature": feature_labels(self.settings, tags)}


class ScorecardOfMonth:
    """The scorecard of silence of a month: learned before the test date, tested on it, applied today.

    Parameters
    ----------
    run : gives tables and tags as of the month's last day; at earlier dates they are cut there again.
    """

    def __init__(self, run: Run) -> None:
        self.run, self.forecasts = run, Forecasts(run)
        self.settings = parse_scorecard(run.config("scorecard"))
        self.horizon_days = run.params.horizon_days
        self.tested_on = run.as_of - timedelta(days=self.horizon_days)
        """The latest date whose horizon is over."""
        dictionary = self.forecasts.moment(run.as_of).snapshot.dictionary
        self._units: dict[str, Unit] = {name: tag.unit for name, tag in dictionary.tags.items()}
        self.names = printed_labels(self.settings, dictionary.labels, self._units)

    def features(self, day: date) -> pd.DataFrame:
        """The features of every company known on a day."""
        frame = self.forecasts.moment(day).snapshot.frame.set_index(KEY)
        return printed_features(frame, self.settings, self._units)

    @cached_property
    def model(self) -> SilenceScorecard:
        """The scorecard as it was learned by the test date."""
        return fit_silence_scorecard(
            self.features,
            self.forecasts.tasks["churn"].outcomes,
            self.settings,
            as_of=self.tested_on,
            horizon_days=self.horizon_days,
            known_from=self.forecasts.orders["ordered_on"].min().date(),
        )

    @cached_property
    def test(self) -> Backtest:
        """The scorecard on the test date, against the baseline of silence on the predictions page."""
        churn = self.forecasts.tasks["churn"]
        baseline_key, baseline = churn.prediction.baseline_key, churn.prediction.baseline
        return backtest(
            Prediction(CARD, MODELS[CARD], "probability", baseline_key, baseline),
            predict=lambda day: self.model.silence(self.features(day)),
            baseline=churn.baseline,
            outcomes=churn.outcomes,
            origins=[self.tested_on],
            horizon_days=self.horizon_days,
            confidence=self.run.params.confidence,
        )

    @cached_property
    def came(self) -> pd.Series[bool]:
        """Who fell silent after the test date, of those at risk on it."""
        return self.forecasts.tasks["churn"].outcomes(self.tested_on).set_index(KEY)["outcome"]

    @property
    def at_test(self) -> pd.DataFrame:
        """The features of those at risk on the test date."""
        return self.features(self.tested_on).loc[self.came.index]

    @property
    def buyers(self) -> pd.DataFrame:
        """The features of today's buyers of 12 months."""
        return self.features(self.run.as_of)[self._today["has_ordered_12m"].astype(bool).to_numpy()]

    @property
    def amounts(self) -> pd.Series[int]:
        """What every company bought in 12 months, in fen."""
        return self._today["order_amount_12m_fen"]

    @property
    def _today(self) -> pd.DataFrame:
        return self.forecasts.moment(self.run.as_of).snapshot.frame.set_index(KEY)


def not_available(clusters: ClustersOfMonth, scorecard: ScorecardOfMonth) -> pd.DataFrame:
    """Models of the month that the data do not carry, and why: `NOT_AVAILABLE`."""
    refused = []
    makers: dict[str, Callable[[], object]] = {CLUSTERS: lambda: clusters.model, CARD: lambda: scorecard.model}
    for model, make in makers.items():
        try:
            make()
        except DataError as fault:
            reason = fault.reason if isinstance(fault, NotAvailableError) else "not_fitted"
            refused.append({"model": model, "reason": reason, "message": str(fault)})
    return NOT_AVAILABLE.frame(refused)
