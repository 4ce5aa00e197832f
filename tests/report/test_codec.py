"""Results are written as JSON and read back without loss."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic_core import PydanticSerializationError

from bizlab.contracts.finding import Finding, Ref
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.report import codec
from bizlab.report.shown import Results


def test_results_survive_json(results: Results):
    assert codec.from_json(codec.to_json(results)) == results


def test_json_is_the_same_each_time_and_lists_every_figure_once(results: Results):
    text = codec.to_json(results)
    assert text == codec.to_json(results)
    listed = [figure["key"] for figure in json.loads(text)["figures"]]
    assert len(listed) == len(set(listed))
    assert "sheet[MA,2026-10].margin_rate" in listed
    assert "check[hours.total].difference" in listed


def test_labels_reasons_totals_and_names_have_their_form(results: Results):
    """Other programs read these files: a label names its languages, a reason its cell, names come in their order."""
    refs = {"left": Ref("sheet", ("MA", "2026-10"), "net_fen"), "base": Ref("sheet", ("YF", "2026-10"), "net_fen")}
    sheet = replace(results.tables[0], totals=frozenset({9, 0, 4}), reasons={(5, "per_hour"): Label("无工时", "none")})
    frozen = replace(results, tables=(sheet,), findings=(Finding("net", Label("净", "Net"), refs),))
    content = json.loads(codec.to_json(frozen))
    assert content["title"] == {"zh": results.title.zh, "en": results.title.en}
    assert content["tables"][0]["totals"] == [0, 4, 9]
    assert content["tables"][0]["reasons"] == [[5, "per_hour", {"zh": "无工时", "en": "none"}]]
    assert list(content["findings"][0]["refs"]) == ["base", "left"]
    assert codec.from_json(codec.to_json(frozen)) == frozen


@pytest.mark.parametrize("text", ['{"schema": "bizlab.results/9"}', "[]", "{}"])
def test_another_schema_is_refused(text: str):
    with pytest.raises(ContractError, match=r"bizlab\.results/1"):
        codec.from_json(text)


def test_a_damaged_file_is_refused_by_the_name_of_what_is_lost(results: Results):
    content = json.loads(codec.to_json(results))
    del content["tables"][0]["columns"][0]["label"]
    with pytest.raises(ValueError, match=r"tables\.0\.columns\.0\.label"):
        codec.from_json(json.dumps(content))


@pytest.mark.parametrize("left", [np.int64(3), 2.5], ids=["numpy", "fraction"])
def test_a_value_of_another_type_is_never_written(results: Results, left: object):
    check = replace(results.checks[0], left=left, right=1)
    with pytest.raises(PydanticSerializationError, match="int"):
        codec.plain(check)


def test_what_is_not_a_number_is_never_written(results: Results):
    frozen = replace(results, findings=(replace(results.findings[0], weight=float("nan")),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.to_json(frozen)
