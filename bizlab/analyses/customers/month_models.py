"""The models of a month that sort customers: clusters as they are kept, and the scorecard of silence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import pandas as pd

from bizlab.analyses.customers import model_steps
from bizlab.analyses.customers.silence import CARD, CARD_WORDS, Silence
from bizlab.analyses.customers.tags import tags_of
from bizlab.contracts.columns import column, table, text, words
from bizlab.customers.clusters.model import (
    ClusterModel,
    buyers_features,
    feature_labels,
    parse_clusters,
    state_labels,
)
from bizlab.customers.clusters.traits import cluster_names
from bizlab.errors import DataError
from bizlab.labels import Label
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.models.refusals import REFUSALS, Refusal
from bizlab.prediction.scorecards.silence_card import SilenceScorecard
from bizlab.run.session import Run
from bizlab.tagging.dictionary.dictionary import KEY
from bizlab.tagging.quality.migration import Moment

CLUSTERS = "customer_clusters"
MODELS = words({CLUSTERS: "客户聚类 | Customer clusters"}) | CARD_WORDS
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
        return self.run.step(model_steps.reference_facts)

    @cached_property
    def model(self) -> ClusterModel:
        """As it was kept, else fitted on the reference period now."""
        return self.run.step(model_steps.customer_clusters)

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
        self.run, self.silence = run, Silence(run)
        self.tested_on, self.names = self.silence.tested_on, self.silence.names

    @cached_property
    def model(self) -> SilenceScorecard:
        """The scorecard as it was learned by the test date."""
        return self.run.step(model_steps.silence_scorecard)

    @cached_property
    def test(self) -> Backtest:
        """The scorecard on the test date, against the baseline of silence on the predictions page."""
        return self.run.step(model_steps.silence_backtest)

    @cached_property
    def came(self) -> pd.Series[bool]:
        """Who fell silent after the test date, of those at risk on it."""
        return self.silence.churn.outcomes(self.tested_on).set_index(KEY)["outcome"]

    @property
    def at_test(self) -> pd.DataFrame:
        """The features of those at risk on the test date."""
        return self.silence.features(self.tested_on).loc[self.came.index]

    @property
    def buyers(self) -> pd.DataFrame:
        """The features of today's buyers of 12 months."""
        return self.silence.features(self.run.as_of)[self._today["has_ordered_12m"].astype(bool).to_numpy()]

    @property
    def amounts(self) -> pd.Series[int]:
        """What every company bought in 12 months, in fen."""
        return self._today["order_amount_12m_fen"]

    @property
    def _today(self) -> pd.DataFrame:
        return self.silence.tags(self.run.as_of)


def not_available(clusters: ClustersOfMonth, scorecard: ScorecardOfMonth) -> pd.DataFrame:
    """Models of the month that the data do not carry, and why: `NOT_AVAILABLE`."""
    refused = []
    makers: dict[str, Callable[[], object]] = {CLUSTERS: lambda: clusters.model, CARD: lambda: scorecard.model}
    for model, make in makers.items():
        try:
            make()
        except DataError as fault:
            refused.append({"model": model, "reason": Refusal.of(fault).reason, "message": str(fault)})
    return NOT_AVAILABLE.frame(refused)
