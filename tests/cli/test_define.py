"""A tag written out: in words of both languages, and as SQL that gives the same values on the same tables."""

from pathlib import Path

import duckdb
import pytest

from bizlab.analyses.customers.tag_steps import TAG_TABLES
from bizlab.analyses.customers.tags import tags_of
from bizlab.cli.main import main
from bizlab.run.session import open_run

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["settlement_behaviour", "--month", "2026-05"], ["自2020-01-01起", "不超过30", "逾期回款天数 [late_days]"]),
        (["settlement_behaviour", "--month", "2026-07"], ["自2026-07-01起", "不超过15"]),
        (["采购广度", "--lang", "en"], ["Breadth of purchases [purchase_breadth]", "Solution", "Model", "Owner:"]),
    ],
)
def test_a_tag_is_written_under_the_rules_of_the_month(capsys, arguments, texts):
    assert main(["define", *arguments]) == 0
    said = capsys.readouterr().out
    assert all(text in said for text in texts)


@pytest.mark.parametrize("tag", ["service_attention", "settlement_days", "industry_stage"])
def test_the_sql_printed_gives_the_values_of_the_month(capsys, tag):
    assert main(["define", tag, "--sql", "--month", "2026-10"]) == 0
    query = capsys.readouterr().out
    run = open_run("customer_tags", month="2026-10")
    (moment,) = tags_of(run, run.as_of)
    with duckdb.connect() as connection:
        for name in TAG_TABLES:
            connection.register(name, run.warehouse.load(name))
        counted = connection.execute(query).fetch_df().set_index("customer_id")["value"]
    ours = moment.snapshot.frame.set_index("customer_id")[tag]
    both = counted.to_frame("sql").join(ours.rename("ours"))
    assert len(both) == len(ours) > 2000
    assert (both["sql"].isna() == both["ours"].isna()).all()
    known = both.dropna()
    assert known["sql"].tolist() == known["ours"].tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["value_grade", "--sql"], "given by a fitted model"), (["setlement_days"], "write 'settlement_days'")],
)
def test_what_has_no_definition_is_refused(capsys, arguments, message):
    assert main(["define", *arguments]) == 2
    assert message in capsys.readouterr().err
