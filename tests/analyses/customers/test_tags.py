"""Tags as commands and reports compute them: replay, what is kept, the way down, predictions beside them."""

import shutil
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

import bizlab
from bizlab.analyses.customers.tags import keep_tags, tags_of
from bizlab.cli.fit import keep_fit
from bizlab.cli.main import main
from bizlab.data.snapshots import load_snapshot
from bizlab.errors import RunError, SettingError
from bizlab.labels import Label
from bizlab.run.session import open_page
from bizlab.run.settings import Setting
from bizlab.tagging import Predicted, with_predictions
from bizlab.tagging.dictionary.dictionary import Reason
from bizlab.tagging.tags.explain import steps
from bizlab.tagging.tags.predicted import predicted_models
from bizlab.yaml_file import load_yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def month():
    run = open_page(ROOT, "customer_tags", {"month": Setting("2026-10", "test")})
    return run, tags_of(run, date(2026, 9, 30), run.as_of)


def test_replay_by_the_moment_of_recording_knows_less():
    """On the evening of the last day late entries of October are not in the systems yet."""
    now, then = bizlab.tags(date(2026, 10, 31)), bizlab.tags(date(2026, 10, 31), known_by=datetime(2026, 10, 31, 18, 0))
    assert then.frame["n_orders"].sum() < now.frame["n_orders"].sum()
    assert bizlab.tags(date(2026, 8, 15)).as_of == date(2026, 8, 15)


def test_no_tags_are_given_of_a_month_in_which_nothing_is_recorded():
    """Every company would seem to have stopped buying: a wrong figure that looks right."""
    with pytest.raises(RunError, match="No input table has a row dated in 2026-12"):
        bizlab.tags(date(2026, 12, 31))


def test_a_day_before_anybody_could_be_graded_has_tags_and_no_grades():
    early = bizlab.tags(date(2024, 10, 31)).frame
    assert len(early) == 130
    assert early["value_grade"].isna().all()
    assert early["value_grade_reason"].notna().all()


def test_a_past_date_is_the_same_from_whichever_month_it_is_asked(month):
    _, (september, _) = month
    asked = bizlab.tags(date(2026, 9, 30))
    pd.testing.assert_frame_equal(asked.frame, september.snapshot.frame)


def test_rules_of_the_day_are_used(month):
    """The bound of 'a little late' was 30 days until the end of June 2026 and is 15 since."""
    run, _ = month
    june, july = tags_of(run, date(2026, 6, 30), date(2026, 7, 1))
    bounds = [moment.snapshot.dictionary["settlement_behaviour"].rule.cases[1][0].value for moment in (june, july)]
    assert bounds == [30, 15]


def test_the_value_grade_that_is_kept_is_the_one_that_is_used(month):
    run, (_, now) = month
    versions = run.config("models/value_grade")["versions"]
    assert now.models["value_grade"].estimator.cut_points_.tolist() == versions[-1]["cut_points"]


def test_a_month_is_kept_once_and_later_differences_are_told(tmp_path):
    for name in ("params", "notebooks", "data"):
        shutil.copytree(ROOT / name, tmp_path / name)
    said = []
    for known_by in (None, None, datetime(2026, 10, 31, 18, 0)):
        given = {"month": Setting("2026-10", "test")} | ({"known_by": Setting(known_by, "test")} if known_by else {})
        keep_tags(open_page(tmp_path, "customer_tags", given), said.append)
    assert said[0] == "tags of 2026-10 kept: history/tags/2026-10.parquet"
    assert len(said) == 2
    assert "stay as kept" in said[1]
    kept = load_snapshot(tmp_path / "history" / "tags", "2026-10")
    assert len(kept) == 3000


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["explain", "000105", "value_grade"], ["= C级", "A ≥", "近365天"]),
        (["explain", "深汇鼎飞包装有限公司", "采购广度", "--lang", "en"], ["Solution", "n_product_lines >= 3"]),
        (["explain", "000105", "order_amount_12m_fen"], ["所依据的 5 行", "SO2605-00043-1"]),
        (["explain", "000105", "expected_purchases", "--lang", "en"], ["BG/NBD", "the baseline"]),
    ],
)
def test_explain_leads_from_a_value_to_its_rows(capsys, arguments, texts):
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert all(text in said for text in texts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "nobody", "value_grade"], "There is no customer 'nobody'"),
        (["explain", "000105", "valuegrade"], "write 'value_grade'"),
        (["card", "nobody"], "There is no customer 'nobody'"),
        (["explain", "000105", "value_grade", "--month", "2026-13"], "is not a month"),
    ],
)
def test_what_cannot_be_explained_is_refused(capsys, arguments, message):
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def predicted(**values):
    result = pd.Series(values, dtype="float64").rename_axis("customer_id")
    reasons = {
        "has_ordered": Reason(Label("已下过单", "has ordered"), is_known=True),
        "no_value": Reason(Label("给不出", "no figure"), is_known=False),
    }
    return Predicted(result, "has_ordered", "no_value", reasons, Label("法", "method: better"))


def test_a_prediction_stands_beside_its_tags_with_its_account(month):
    _, (_, now) = month
    result = {"conversion": predicted(**{"000105": 0.25})}
    snapshot = with_predictions(now.snapshot, result)
    row = snapshot.frame.set_index("customer_id").loc[
        ["000105", "000176"], ["conversion_rate", "conversion_rate_reason"]
    ]
    assert row["conversion_rate"].tolist()[0] == 0.25
    assert row["conversion_rate_reason"].tolist()[1] == "has_ordered"
    step = steps(snapshot, "000105", "conversion_rate", models=now.models | predicted_models(result))[0]
    assert (step.value.en, step.because.en) == ("25.0%", "method: better")


def test_a_figure_that_the_model_cannot_give_is_not_one_that_does_not_apply(month):
    """Company 000105 is at risk, but the model has no figure for it; 000176 is not at risk."""
    _, (_, now) = month
    snapshot = with_predictions(now.snapshot, {"conversion": predicted(**{"000105": float("nan")})})
    why = snapshot.frame.set_index("customer_id")["conversion_rate_reason"]
    assert (why["000105"], why["000176"]) == ("no_value", "has_ordered")
    assert not snapshot.reasons["no_value"].is_known
    assert snapshot.reasons["has_ordered"].is_known


def test_a_prediction_that_no_tag_names_is_refused(month):
    _, (_, now) = month
    with pytest.raises(SettingError, match="No prediction tag names the model luck"):
        with_predictions(now.snapshot, {"luck": predicted()})


def test_tags_need_no_kept_model(month):
    """A project of one's own begins without kept models; the grade is then fitted on the reference as it is now."""
    run, (_, now) = month
    fresh_run = open_page(ROOT, "customer_tags", {"month": Setting("2026-10", "test")})
    fresh_run.config = lambda name, *, optional=False: (
        {} if name.startswith("models/") else run.config(name, optional=optional)
    )
    (fresh,) = tags_of(fresh_run, run.as_of)
    pd.testing.assert_frame_equal(fresh.snapshot.frame, now.snapshot.frame)


def test_a_day_after_the_month_is_refused_not_cut_back(month):
    run, _ = month
    with pytest.raises(SettingError, match="is asked for 2026-11-01, after the month"):
        tags_of(run, date(2026, 11, 1))


def test_fitting_adds_a_version_and_a_second_time_none(tmp_path):
    for name in ("params", "data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    given = {"month": Setting("2026-10", "test"), "value_weighting": Setting("quantile", "test")}
    run = open_page(tmp_path, "customer_tags", given)
    before = load_yaml(tmp_path / "params" / "models" / "value_grade.yaml").content["versions"]
    assert keep_fit(run) == "params/models/value_grade.yaml: version 2 added"
    after = load_yaml(tmp_path / "params" / "models" / "value_grade.yaml").content["versions"]
    assert after[:1] == before
    assert keep_fit(run).endswith("it would be the same")
    assert load_yaml(tmp_path / "params" / "models" / "value_grade.yaml").content["versions"] == after


@pytest.mark.prove
def test_the_card_of_a_named_customer_is_made_and_a_failing_one_leaves_it(tmp_path, monkeypatch, capsys):
    for name in ("params", "data", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert main(["card", "深汇鼎飞包装有限公司", "--month", "2026-10"]) == 0
    place = tmp_path / "reports" / "cards" / "2026-10" / "000105.html"
    page = place.read_text("utf-8")
    assert "深汇鼎飞包装有限公司" in page
    assert "优于基准" in page
    notebook = tmp_path / "notebooks" / "customers" / "08_customer_card.ipynb"
    notebook.write_text(
        notebook.read_text("utf-8").replace("activity.products(", "activity.product("), encoding="utf-8"
    )
    capsys.readouterr()
    assert main(["card", "000105", "--month", "2026-10"]) == 2
    assert "No page was made" in capsys.readouterr().err
    assert place.read_text("utf-8") == page
    assert [path.name for path in place.parent.iterdir() if path.name.startswith(".")] == []
