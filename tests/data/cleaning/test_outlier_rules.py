"""The rules for outliers: what they may say, and how a slip is refused."""

from pathlib import Path

import pytest

from bizlab.data.cleaning.outlier_rules import outlier_rules
from bizlab.errors import SettingError
from bizlab.tables import project_tables
from bizlab.yaml_file import load_yaml

SHIPPED = Path(__file__).parents[3] / "params" / "outliers.yaml"
CHECK = {"id": "revenue", "name": {"zh": "年收入", "en": "Revenue"}, "table": "customers", "value": "revenue_fen",
         "by": "industry", "scale": "log"}  # fmt: skip


def rules(*checks, **changed):
    return {"limit": 3.5, "smallest_group": 20, "checks": list(checks)} | changed


def test_the_shipped_rules_are_valid_and_have_words_for_every_group():
    tables = project_tables(SHIPPED.parents[1])
    names = outlier_rules(load_yaml(SHIPPED).content, tables).names(tables)
    assert names["check"]["unit_price"].en == "Unit price of order lines (RMB)"
    assert {names["group"][group].en for group in ("machinery", "all")} == {"Machinery", "All"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (rules(CHECK | {"value": "revenu_fen"}), "write 'revenue_fen'"),
        (rules(CHECK | {"value": "industry"}), "no number in table customers 'industry'.*check 'revenue'"),
        (rules(CHECK | {"per": "name"}), "no number in table customers 'name'"),
        (rules(CHECK | {"by": "revenue_fen"}), "no code in table customers 'revenue_fen'"),
        (rules(CHECK | {"table": "customer"}), "write 'customers'"),
        (rules(CHECK | {"scale": "root"}), r"'checks\.0\.scale' cannot be used"),
        (rules(CHECK | {"unit": "元"}), r"'checks\.0\.unit' cannot be used: extra inputs"),
        (rules(CHECK, CHECK), "'revenue' stands twice"),
        (rules(CHECK, limit="3.5"), "'limit' cannot be used"),
        (rules(CHECK, smallest_group=2), "'smallest_group' cannot be used"),
        (rules(), "'checks' cannot be used"),
        ({}, "'limit' cannot be used: field required"),
    ],
)
def test_a_slip_is_refused_with_its_place(content, message):
    with pytest.raises(SettingError, match=message) as refused:
        outlier_rules(content)
    assert "params/outliers.yaml" in str(refused.value)
