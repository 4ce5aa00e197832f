"""Clusters and scorecard as a month makes them, on the sample: kept versions, one day's knowledge, what is refused."""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bizlab.analyses.customers.charts import migration_chart
from bizlab.analyses.customers.month_models import NOT_AVAILABLE, ClustersOfMonth, ScorecardOfMonth, not_available
from bizlab.cli.fit import keep_clusters
from bizlab.customers.clusters.movement import cluster_migration
from bizlab.prediction.scorecards.silence_card import fit_silence_scorecard
from bizlab.run.session import open_page
from bizlab.run.settings import Setting
from bizlab.yaml_file import load_yaml

ROOT = Path(__file__).parents[3]
KEPT = Path("params") / "models" / "customer_clusters.yaml"


def opened(project, month="2026-10", **given):
    settings = {name: Setting(value, "test") for name, value in {"month": month, **given}.items()}
    return open_page(project, "customer_models", settings)


@pytest.fixture(scope="module")
def scorecard():
    return ScorecardOfMonth(opened(ROOT))


@pytest.fixture
def project(tmp_path):
    for name in ("params", "data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def rewritten(project, name, old, new):
    path = project / "params" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_month_uses_the_version_that_is_kept_and_fitting_again_finds_the_same():
    groups = ClustersOfMonth(opened(ROOT))
    assert groups.model.version == 1
    assert len(groups.reference_features.dropna()) == groups.model.estimator.n_reference_
    assert set(groups.model.states) <= set(groups.words["cluster"])
    assert keep_clusters(groups.run) == (
        "kept already; found in today's records of the reference period they would be the same"
    )


def test_the_matrix_that_is_drawn_holds_the_buyers_of_last_month():
    groups = ClustersOfMonth(opened(ROOT))
    before, now = groups.frames
    migration = cluster_migration(groups.model, before, now)
    drawn = migration_chart(migration, key="migration_chart", names=groups.words).data
    n = [row[[column.name for column in drawn.columns].index("n_customers")] for row in drawn.rows]
    assert sum(n) == before["has_ordered_12m"].astype(bool).sum()


def test_other_settings_are_kept_as_another_version(project):
    rewritten(project, "clusters.yaml", "n_resamples: 20", "n_resamples: 2")
    run = opened(project)
    assert ClustersOfMonth(run).model.version is None
    assert keep_clusters(run) == f"{KEPT.as_posix()}: version 2 added"
    before, after = (load_yaml(folder / KEPT).content["versions"] for folder in (ROOT, project))
    assert after[:1] == before
    assert ClustersOfMonth(opened(project)).model.version == 2


def test_the_scorecard_is_learned_before_the_test_and_tested_against_the_baseline_of_silence(scorecard):
    assert scorecard.model.lessons["outcome_until_on"].max() == pd.Timestamp(scorecard.tested_on)
    test, silence = scorecard.test, scorecard.silence.churn
    assert test.prediction.baseline_key == silence.prediction.baseline_key
    cases = test.cases.set_index("customer_id")
    pd.testing.assert_series_equal(
        cases["baseline"], silence.baseline(scorecard.tested_on).reindex(cases.index), check_names=False
    )
    silence_rates = scorecard.model.silence(scorecard.at_test).reindex(cases.index)
    assert cases["predicted"].tolist() == pytest.approx(silence_rates.tolist())
    assert test.evaluation().verdict in {"better", "no_better", "worse"}
    assert scorecard.came.index.tolist() == scorecard.at_test.index.tolist()


def test_a_run_that_ends_sooner_learns_the_same_scorecard(scorecard):
    """October's scorecard was learned by 2 August: with the records of August alone it comes out to the last digit."""
    august = ScorecardOfMonth(opened(ROOT, month="2026-08"))
    assert august.tested_on < scorecard.tested_on
    again = fit_silence_scorecard(
        august.silence.features,
        august.silence.churn.outcomes,
        august.silence.settings,
        as_of=scorecard.tested_on,
        horizon_days=scorecard.silence.horizon_days,
        known_from=date(2024, 11, 1),
    )
    pd.testing.assert_frame_equal(again.table(), scorecard.model.table())
    assert again.bounds == scorecard.model.bounds


def test_what_the_data_do_not_carry_is_told_and_no_crash(project):
    """Every company is a known company: nothing to cluster by. And no horizon of a year and a half is over yet."""
    rewritten(project, "clusters.yaml", "n_product_lines_12m", "is_in_market")
    run = opened(project, horizon_days=540)
    result = not_available(ClustersOfMonth(run), ScorecardOfMonth(run))
    NOT_AVAILABLE.verify(result)
    assert result["model"].tolist() == ["customer_clusters", "silence_card"]
    assert "is_in_market" in result.loc[0, "message"]
    assert ScorecardOfMonth(run).test.evaluation().verdict == "not_available"
