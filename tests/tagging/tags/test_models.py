"""Model tags: first match, three-valued; named models from outside."""

from datetime import date

import pandas as pd
import pytest
from tables import table

from bizlab.errors import ContractError, SettingError
from bizlab.labels import Label
from bizlab.tagging import customer_facts, customer_tags, parse_dictionary
from bizlab.tagging.tags.snapshot import Snapshot

AS_OF = date(2026, 10, 31)


class Everyone:
    """A model that gives everybody one grade but those who bought nothing."""

    def __init__(self, grade: str) -> None:
        self.grade = grade
        self.reasons = {"idle": Label("未采购", "bought nothing")}

    def __call__(self, inputs: pd.DataFrame) -> pd.DataFrame:
        buys = inputs["has_ordered_12m"].astype(bool)
        return pd.DataFrame({"value": pd.Series(self.grade, index=inputs.index).where(buys), "value_reason": "idle"})


@pytest.fixture
def tags(dictionary, tables):
    return customer_tags(customer_facts(dictionary, tables, as_of=AS_OF), models={"value_grade": Everyone("B")})


def both(snapshot, customer: str, tag: str):
    row = snapshot.frame.set_index("customer_id").loc[customer, [tag, f"{tag}_reason"]]
    return tuple(None if pd.isna(value) else value for value in row)


def size_classes(config, text: str):
    """Size classes of companies given as a table of headcount and revenue in fen."""
    only = {"tables": config["tables"], "tags": []}
    only["tags"] = [tag for tag in config["tags"] if tag["id"] in ("n_employees", "revenue_fen", "size_class")]
    dictionary = parse_dictionary(only)
    frame = table(text).astype({"n_employees": "Float64", "revenue_fen": "Float64"}).astype("Int64", errors="ignore")
    for column in ("n_employees", "revenue_fen"):
        frame[column] = frame[column].astype("Int64")
        frame[f"{column}_reason"] = pd.Series("not_recorded", index=frame.index).where(frame[column].isna())
    frame.insert(0, "customer_id", [str(number) for number in frame.index])
    tags = customer_tags(Snapshot(dictionary, AS_OF, frame, dictionary.reasons, ()), models={}).frame
    return list(zip(tags["size_class"].fillna("-"), tags["size_class_reason"].fillna(""), strict=True))


def test_size_classes_of_the_national_bureau_of_statistics(config):
    """统计上大中小微型企业划分办法(2017), industry: both bounds must be reached, else the class below.

    Bounds are 40000, 2000 and 300 (10,000 yuan); a missing figure decides nothing unless the other one does.
    """
    classes = size_classes(
        config,
        """
        | n_employees | revenue_fen   |
        | 1000        | 40000000000   |
        | 1000        | 39999999999   |
        | 5000        | 1000000000    |
        | 20          | 300000000     |
        | 19          | 90000000000   |
        | 10          |               |
        | 500         |               |
        |             | 1000          |
        """,
    )
    assert classes == [
        ("large", ""),
        ("medium", ""),
        ("small", ""),
        ("small", ""),
        ("micro", ""),
        ("micro", ""),
        ("-", "not_recorded"),
        ("micro", ""),
    ]


def test_a_model_hands_on_why_its_input_is_missing(tags):
    assert both(tags, "003", "activity_stage") == (None, "no_orders")
    assert both(tags, "003", "subscription_state") == (None, "no_subscriptions")
    assert both(tags, "002", "settlement_behaviour") == (None, "no_payments")


def test_a_case_may_say_that_the_tag_does_not_apply(tags):
    assert both(tags, "001", "purchase_breadth") == ("solution", None)
    assert both(tags, "002", "purchase_breadth") == ("single", None)
    assert both(tags, "003", "purchase_breadth") == (None, "not_applicable")


def test_the_as_of_date_stands_in_conditions(tags):
    """001 runs until the as-of day and beyond; 002 ended on 2026-07-31."""
    assert both(tags, "001", "subscription_state") == ("running", None)
    assert both(tags, "002", "subscription_state") == ("ended", None)


def test_a_signed_period_that_has_not_begun_is_not_running(dictionary, tables):
    facts = customer_facts(dictionary, tables, as_of=date(2026, 7, 25))
    tags = customer_tags(facts, models={"value_grade": Everyone("B")})
    assert both(tags, "001", "subscription_state") == ("signed", None)


def test_people_known(tags):
    assert [both(tags, c, "decision_access")[0] for c in ("001", "002", "003")] == ["both", "users_only", "nobody"]


def test_a_named_model_gives_values_and_reasons_of_its_own(tags):
    assert both(tags, "001", "value_grade") == ("B", None)
    assert both(tags, "003", "value_grade") == (None, "idle")
    assert tags.reason_labels["idle"].en == "bought nothing"


def test_a_named_model_that_is_not_at_hand_is_named(dictionary, tables):
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    with pytest.raises(SettingError, match="The model 'value_grade' is not at hand"):
        customer_tags(facts, models={})


def test_a_value_that_the_dictionary_does_not_list_is_refused(dictionary, tables):
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    with pytest.raises(ContractError, match="does not list: E"):
        customer_tags(facts, models={"value_grade": Everyone("E")})


def test_the_snapshot_of_facts_is_not_changed(dictionary, tables, unchanged):
    facts = customer_facts(dictionary, tables, as_of=AS_OF)
    with unchanged(facts.frame):
        customer_tags(facts, models={"value_grade": Everyone("B")})
