"""What an earlier run left is compared with and taken over only when it is what it claims to be."""

import json
from pathlib import Path

import pytest

from bizlab.errors import RunError
from bizlab.labels import Label
from bizlab.report import codec
from bizlab.report.shown import Results
from bizlab.run.kept.last_run import published, seconds, take_over
from bizlab.run.kept.manifest import outputs, write_json
from bizlab.run.pages import page_named, pages

ROOT = Path(__file__).parents[3]
SHEET, FUNNEL = (page_named(pages(ROOT), name) for name in ("unit_hour", "lifecycle"))
FACTS = {
    "code": "c1",
    "parameters": {"unit_hour": {"day": None}, "lifecycle": {"stuck_days": 90}},
    "notebooks": {"unit_hour": "n1", "lifecycle": "n1"},
}


@pytest.fixture
def results():
    """What an analysis without a figure leaves behind."""
    words = Label("单位时间核算", "Unit-hour accounting")
    return Results("unit_hour", words, words, "2026-10", {}, (), (), (), (), {})


@pytest.fixture
def months(tmp_path, results):
    """A published month with the sheet and the funnel, and an empty staging folder."""
    place, staging = tmp_path / "2026-10", tmp_path / "staging"
    for folder in (place, staging):
        (folder / "notebooks").mkdir(parents=True)
        (folder / "results").mkdir()
    for stem in ("03_unit_hour", "02_lifecycle"):
        (place / "notebooks" / f"{stem}.ipynb").write_text("{}")
        (place / "results" / f"{stem}.json").write_text(codec.to_json(results), encoding="utf-8")
    write_json(place / "manifest.json", FACTS | {"outputs": outputs(place)})
    return place, staging


def test_an_unchanged_analysis_is_taken_over(months):
    place, staging = months
    take_over([SHEET], place, staging, facts=FACTS)
    assert set(outputs(staging)) == {"notebooks/03_unit_hour.ipynb", "results/03_unit_hour.json"}
    assert outputs(staging).items() <= outputs(place).items()


def test_files_of_long_tables_are_taken_over_with_their_page(months):
    place, staging = months
    (place / "tables").mkdir()
    for name in ("03_unit_hour.lines.csv", "02_lifecycle.lines.csv"):
        (place / "tables" / name).write_text("a")
    write_json(place / "manifest.json", FACTS | {"outputs": outputs(place)})
    take_over([SHEET], place, staging, facts=FACTS)
    assert [path.name for path in (staging / "tables").iterdir()] == ["03_unit_hour.lines.csv"]
    (place / "tables" / "03_unit_hour.lines.csv").unlink()
    with pytest.raises(RunError, match=r"not as the last run published it.*tables/03_unit_hour.lines.csv"):
        take_over([SHEET], place, staging, facts=FACTS)


def test_a_notebook_that_runs_again_may_have_changed(months):
    changed = FACTS | {"notebooks": {"unit_hour": "n1", "lifecycle": "n2"}}
    take_over([SHEET], *months, facts=changed)
    with pytest.raises(
        RunError, match=r"would mix two runs: changed since the last one: notebooks.*2026-10/manifest.json"
    ):
        take_over([SHEET, FUNNEL], *months, facts=changed)


@pytest.mark.parametrize(("fact", "other"), [("code", "c2"), ("parameters", {"unit_hour": {"day": "2026-10-09"}})])
def test_anything_else_that_changed_is_refused(months, fact, other):
    with pytest.raises(RunError, match=f"changed since the last one: {fact}.*without --only"):
        take_over([SHEET], *months, facts=FACTS | {fact: other})


def test_parameters_of_a_page_that_runs_again_may_have_changed(months):
    take_over([SHEET], *months, facts=FACTS | {"parameters": {"unit_hour": {"day": None}, "lifecycle": {}}})


def test_a_fact_that_the_last_run_did_not_know_is_a_change(months):
    with pytest.raises(RunError, match="libraries"):
        take_over([SHEET], *months, facts=FACTS | {"libraries": {}})


def test_what_was_edited_after_publication_is_refused(months):
    place, staging = months
    (place / "results" / "03_unit_hour.json").write_text("{}")
    with pytest.raises(RunError, match=r"not as the last run published it.*results/03_unit_hour.json"):
        take_over([SHEET], place, staging, facts=FACTS)


@pytest.mark.parametrize("text", [None, "", "{"])
def test_without_a_readable_manifest_nothing_is_taken_over(months, text):
    place, staging = months
    (place / "manifest.json").unlink()
    if text is not None:
        (place / "manifest.json").write_text(text)
    with pytest.raises(RunError, match="without --only"):
        take_over([SHEET], place, staging, facts=FACTS)
    take_over([], place, staging, facts=FACTS)


def test_results_of_another_version_are_not_compared_with(months, results):
    place, _ = months
    said = []
    assert published(place.parent, "2026-10", report=said.append) == [results, results]
    assert published(place.parent, "2026-09", report=said.append) == []
    assert said == []
    path = place / "results" / "02_lifecycle.json"
    old = json.loads(path.read_text("utf-8"))
    for damage in (old | {"schema": "bizlab.results/0"}, {"schema": codec.SCHEMA}):
        path.write_text(json.dumps(damage))
        assert published(place.parent, "2026-10", report=said.append) == []
    assert said == ["reports/2026-10 was made by another version or is damaged; nothing is compared with it"] * 2


def test_durations_are_those_of_the_month_or_else_of_the_latest_other(tmp_path):
    for month, took in {"2026-08": {"a": 1, "b": 1}, "2026-09": {"a": 2}, "2026-10": {"c": 3}}.items():
        (tmp_path / month).mkdir()
        (tmp_path / month / "run.json").write_text(json.dumps({"seconds": took}))
    assert seconds(tmp_path, "2026-10") == {"a": 2, "b": 1, "c": 3}
    assert seconds(tmp_path, "2026-08") == {"a": 1, "b": 1, "c": 3}
    (tmp_path / "2026-10" / "run.json").write_text("")
    assert seconds(tmp_path, "2026-10") == {"a": 2, "b": 1}
