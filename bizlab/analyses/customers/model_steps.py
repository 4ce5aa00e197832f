"""What the page and commands of customer models share: the reference, the clusters, the scorecard of silence."""

from __future__ import annotations

import pandas as pd

from bizlab.analyses.customers.forecast_steps import READS
from bizlab.analyses.customers.silence import Silence
from bizlab.analyses.customers.tag_steps import TAG_TABLES, tags
from bizlab.customers.clusters.model import ClusterModel, fit_clusters, parse_clusters
from bizlab.customers.clusters.stored import stored_clusters
from bizlab.customers.grading.grades import reference_end
from bizlab.prediction.backtest.backtest import Backtest
from bizlab.prediction.scorecards.silence_card import SilenceScorecard
from bizlab.run.kept.step import Given, step
from bizlab.tagging.dictionary.dictionary import parse_dictionary
from bizlab.tagging.tags.facts import customer_facts

CUSTOMER_CLUSTERS = "models/customer_clusters"
"""The file of fitted clusters that are kept."""
OF_SILENCE = READS | {"config": ("tags", "scorecard")}


@step(tables=TAG_TABLES, config=("tags",), parameters=("grade_reference",))
def reference_facts(given: Given) -> pd.DataFrame:
    """Fact tags as of the end of the reference period, by today's records of it."""
    end = reference_end(given.parameter("grade_reference"))
    dictionary = parse_dictionary(given.config("tags")).on(end)
    return customer_facts(dictionary, {name: given.scan(name) for name in TAG_TABLES}, as_of=end).frame


@step(config=("clusters", CUSTOMER_CLUSTERS), parameters=("grade_reference",), uses=(reference_facts,))
def customer_clusters(given: Given) -> ClusterModel:
    """The clusters as they were kept for these settings, else as they are found in the reference period now."""
    return kept_clusters(given) or fit_clusters(given.step(reference_facts), parse_clusters(given.config("clusters")))


def kept_clusters(given: Given) -> ClusterModel | None:
    """The latest version of these settings, if there is one."""
    versions = given.config(CUSTOMER_CLUSTERS, optional=True).get("versions", [])
    settings = parse_clusters(given.config("clusters"))
    return stored_clusters(versions, settings, reference=given.parameter("grade_reference"))


@step(**OF_SILENCE, uses=(tags,))
def silence_scorecard(given: Given) -> SilenceScorecard:
    """The scorecard as it was learned by the test date."""
    return Silence(given).learned()


@step(**OF_SILENCE, uses=(tags, silence_scorecard))
def silence_backtest(given: Given) -> Backtest:
    """The scorecard on the test date, against the baseline of silence on the predictions page."""
    return Silence(given).judged(lambda: given.step(silence_scorecard))
