"""The same tags counted twice: by the library and by the SQL that it writes, value by value."""

import copy
from datetime import date

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.errors import SettingError
from bizlab.tagging import Tier, customer_facts, customer_tags, parse_dictionary
from bizlab.tagging.dictionary.rules import Named
from bizlab.tagging.tags.sql import as_sql

AS_OF = date(2026, 10, 31)
WORDS = {"zh": "词", "en": "word"}


def plain(value):
    """A value as Python has it: missing None, dates as dates, figures as they are."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    return value.item() if hasattr(value, "item") else value


def connected(tables):
    connection = duckdb.connect(config={"threads": 1})
    for name, frame in tables.items():
        connection.register(name, frame)
    return connection


def rows_of(connection, query: str):
    rows = connection.execute(query).fetchall()
    return [(key, plain(pd.Timestamp(value) if isinstance(value, date) else value)) for key, value in rows]


def queried(tables, query: str):
    with connected(tables) as connection:
        return rows_of(connection, query)


def computed(dictionary, tables, as_of):
    return customer_tags(customer_facts(dictionary, tables, as_of=as_of), models={}).frame


def assert_same(dictionary, tables, as_of):
    frame = computed(dictionary, tables, as_of)
    with connected(tables) as connection:
        for tag_id in (tag.tag_id for tag in dictionary.tags.values() if tag.tier is not Tier.PREDICTION):
            expected = [(key, plain(value)) for key, value in zip(frame["customer_id"], frame[tag_id], strict=True)]
            assert rows_of(connection, as_sql(dictionary, tag_id, as_of=as_of)) == expected, tag_id


@pytest.fixture(scope="module")
def rules_alone(config):
    """The project's dictionary without the tags of fitted models."""
    changed = copy.deepcopy(config)
    changed["tags"] = [tag for tag in changed["tags"] if "model" not in tag.get("rule", {})]
    return parse_dictionary(changed)


def test_every_tag_but_that_of_a_fitted_model_has_sql(dictionary):
    without = [tag.tag_id for tag in dictionary.tags.values() if isinstance(tag.rule, Named)]
    assert {"value_grade", "renewal_rate"} <= set(without)
    assert all(as_sql(dictionary, i, as_of=AS_OF) for i in dictionary.tags if i not in without)
    with pytest.raises(SettingError, match="no SQL of 'value_grade': it is given by a fitted model"):
        as_sql(dictionary, "value_grade", as_of=AS_OF)


def test_a_tag_that_reads_a_fitted_model_has_none_either(config):
    changed = copy.deepcopy(config)
    tag = next(tag for tag in changed["tags"] if tag["id"] == "size_class")
    tag.update(inputs=["value_grade"], rule={"cases": [{"when": {"value_grade": "A"}, "then": "large"}]})
    with pytest.raises(SettingError, match="no SQL of 'size_class', which reads 'value_grade'"):
        as_sql(parse_dictionary(changed), "size_class", as_of=AS_OF)


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 7, 25), date(2028, 12, 31)])
def test_four_customers_counted_by_hand(rules_alone, tables, as_of):
    """The company of conftest.py, whose figures test_facts and test_models work out by hand."""
    assert_same(rules_alone, tables, as_of)


DAYS = st.integers(0, 1000)
IDS = st.sampled_from(["001", "002", "003", "004", "005"])
MAYBE = st.one_of(st.none(), st.integers(0, 10**9))
LINES = st.tuples(IDS, st.integers(0, 6), st.sampled_from(["sensor", "gateway", "service"]), st.integers(0, 9),
                  st.integers(-(10**6), 10**15), DAYS, st.one_of(st.none(), st.integers(0, 90)))  # fmt: skip
PAID = st.tuples(IDS, st.integers(0, 7), st.integers(1, 10**15), DAYS)
PEOPLE = st.tuples(IDS, st.sampled_from(["kp", "user", "other"]), DAYS)
PERIODS = st.tuples(IDS, DAYS, st.integers(-30, 90), st.integers(0, 120))
RECORDS = st.tuples(st.sampled_from(["power", "food", None]), MAYBE, MAYBE, st.one_of(st.none(), DAYS), DAYS)


def day(numbers, start="2024-03-01"):
    return (pd.Timestamp(start) + pd.to_timedelta(pd.Series(numbers, dtype="Int64"), "D")).astype("datetime64[us]")


def frame_of(rows, columns):
    return pd.DataFrame({name: [row[i] for row in rows] for i, name in enumerate(columns)})


def company(records, lines, paid, people, periods):
    """Tables as drawn; an order belongs to one customer, payments may be for orders that nobody has."""
    customers = frame_of(records, ["industry", "n_employees", "revenue_fen", "founded_on", "created_on"])
    customers.insert(0, "customer_id", ["001", "002", "003", "004", "005"])
    customers["industry"] = customers["industry"].astype("str")
    customers = customers.assign(region="east", n_active_users=3, rating=customers["n_employees"])
    for name in ("n_employees", "revenue_fen", "rating", "n_active_users"):
        customers[name] = customers[name].astype("Int64")
    customers["founded_on"], customers["created_on"] = (
        day(customers["founded_on"], "2003-02-27"),
        day(customers["created_on"]),
    )
    orders = frame_of(lines, ["customer_id", "number", "product_line", "quantity", "amount_fen", "ordered", "due"])
    orders["order_id"] = orders["customer_id"].astype("str") + "-" + orders["number"].astype("str")
    orders = orders.assign(
        ordered_on=day(orders["ordered"]), due_on=day(orders["ordered"].astype("Int64") + orders["due"].astype("Int64"))
    )
    settlements = frame_of(paid, ["customer_id", "number", "amount_fen", "paid"])
    settlements["order_id"] = settlements["customer_id"].astype("str") + "-" + settlements["number"].astype("str")
    settlements = settlements.assign(paid_on=day(settlements["paid"]))
    contacts = frame_of(people, ["customer_id", "role", "on"])
    contacts = contacts.assign(created_on=day(contacts["on"]))
    spans = frame_of(periods, ["customer_id", "on", "until_start", "long"])
    spans = spans.assign(signed_on=day(spans["on"]), starts_on=day(spans["on"] + spans["until_start"]))
    spans = spans.assign(ends_on=spans["starts_on"] + pd.to_timedelta(spans["long"].astype("int64"), "D"))
    texts = ["customer_id", "order_id", "product_line", "role"]
    tables = {
        "customers": customers,
        "orders": orders,
        "settlements": settlements,
        "contacts": contacts,
        "subscriptions": spans,
    }
    for frame in tables.values():
        for name in frame.columns.intersection(texts):
            frame[name] = frame[name].astype("str")
        for name in frame.columns.intersection(["quantity", "amount_fen"]):
            frame[name] = frame[name].astype("int64")
    return tables


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    records=st.lists(RECORDS, min_size=5, max_size=5),
    lines=st.lists(LINES, max_size=14),
    paid=st.lists(PAID, max_size=8),
    people=st.lists(PEOPLE, max_size=6),
    periods=st.lists(PERIODS, max_size=6),
    as_of=st.sampled_from([AS_OF, date(2025, 2, 28), date(2024, 12, 31)]),
)
def test_companies_drawn_at_random(rules_alone, records, lines, paid, people, periods, as_of):
    assert_same(rules_alone, company(records, lines, paid, people, periods), as_of)


FACTS = {
    "n": ("count", {"measure": "count", "where": {"any": [{"x": {"min": 2}}, {"word": {"in": ["it's", 'a "b"']}}]}}),
    "n_new": ("count", {"measure": "count", "window_days": 30}),
    "lowest": ("count", {"measure": "min", "column": "x", "where": {"word": {"missing": False}}}),
    "highest": ("count", {"measure": "max", "column": "x", "where": {"on": {"missing": False}, "x": {"below": 7.5}}}),
    "n_words": ("count", {"measure": "count_distinct", "column": "word", "where": {"x": {"above": 1, "max": 6}}}),
    "n_months": ("count", {"measure": "count_months", "column": "on"}),
    "age": ("count", {"measure": "years_since", "column": "met_on"}),
    "since": ("days", {"measure": "days_since", "column": "met_on", "where": {"met_on": {"max": "as_of"}}}),
    "mean": ("score", {"measure": "ratio", "numerator": 'odd "name"', "denominator": "x"}),
    "last_word": ("code", {"measure": "last", "column": "word", "where": {"x": {"min": 1}}}),
    "valued": ("count", {"measure": "value", "column": "x"}),
    "some": ("bool", {"measure": "exists", "where": {"x": 3}}),
}
BOUNDS = [
    {"min": 1},
    {"max": 3},
    {"above": 2},
    {"below": 2.5},
    2,
    {"in": [0, 3]},
    {"missing": True},
    {"missing": False},
]
PART = st.dictionaries(st.sampled_from(["lowest", "highest", "mean", "n"]), st.sampled_from(BOUNDS), min_size=1)
WHENS = st.one_of(PART, st.lists(PART, min_size=1, max_size=2).map(lambda parts: {"any": parts}))
CASES = st.lists(st.tuples(WHENS, st.sampled_from(["a", "b'b", None])), min_size=1, max_size=4)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["001", "002", "003", "009"]),
        st.one_of(st.none(), st.integers(0, 9)),
        st.sampled_from(["it's", 'a "b"', "plain", None]),
        st.integers(0, 3),
        st.integers(0, 700),
        st.one_of(st.none(), st.integers(0, 1500)),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True)
@given(rows=ROWS, cases=CASES, ends=st.booleans())
def test_every_measure_and_operator_on_rows_and_rules_drawn_at_random(rows, cases, ends):
    """Missing values, names and words with quotes in them, rows of an unknown company, undecided cases."""
    dictionary = drawn_dictionary(cases, ends=ends)
    frame = frame_of(rows, ["customer_id", "x", "word", 'odd "name"', "on", "met_on"])
    frame["x"] = frame["x"].astype("Int64")
    frame['odd "name"'] = frame['odd "name"'].astype("int64")
    frame = frame.astype({"customer_id": "str", "word": "str"})
    frame["on"], frame["met_on"] = day(frame["on"], "2024-12-15"), day(frame["met_on"], "2023-02-27")
    customers = pd.DataFrame({"customer_id": ["001", "002", "003"], "since": day([0, 30, 800])})
    tables = {"customers": customers, 'visits "all"': frame}
    assert_same(dictionary, tables, AS_OF)


def drawn_dictionary(cases, *, ends):
    entry = {"name": WORDS, "definition": WORDS, "layer": "enterprise", "refresh": "monthly", "owner": WORDS}
    tags = []
    for tag_id, (unit, rule) in FACTS.items():
        kind = {"bool": "flag", "code": "category"}.get(unit, "number")
        tags.append({"id": tag_id, "tier": "fact", "type": kind, "unit": unit, **entry,
                     "rule": {"table": 'visits "all"', **rule}})  # fmt: skip
    parts = [part for when, _ in cases for part in when.get("any", [when])]
    judged = [{"when": when, "then": then} for when, then in cases] + ([{"otherwise": "b'b"}] if ends else [])
    tags.append({"id": "judged", "tier": "model", "type": "category", **entry, "rule": {"cases": judged},
                 "inputs": list(dict.fromkeys(name for part in parts for name in part)),
                 "values": {"a": WORDS, "b'b": WORDS}})  # fmt: skip
    uses = {"customers": "since", 'visits "all"': "on"}
    return parse_dictionary({"tables": {n: {"occurred": on, "empty": WORDS} for n, on in uses.items()}, "tags": tags})


def test_a_word_that_looks_like_a_command_stays_a_word(config, tables):
    changed = copy.deepcopy(config)
    tag = next(tag for tag in changed["tags"] if tag["id"] == "n_kp")
    tag["rule"]["where"] = {"role": "kp'; DROP TABLE contacts; --"}
    query = as_sql(parse_dictionary(changed), "n_kp", as_of=AS_OF)
    assert [value for _, value in queried(tables, query)] == [0, 0, 0]


def test_an_undecided_case_stops_before_a_later_one_that_holds(rules_alone, tables):
    """002 has 12 people and no revenue: micro; 003 has 500 and none: no class. Without the stop it would be micro."""
    query = as_sql(rules_alone, "size_class", as_of=AS_OF)
    assert dict(queried(tables, query)) == {"001": "large", "002": "micro", "003": None}


def test_an_order_without_a_due_date_is_paid_neither_early_nor_late(rules_alone, tables):
    """conftest.py: 1000.00 for an order without a due date count 0 days, 200.00 paid 20 days early: -4000 / 1200."""
    tables["orders"].loc[tables["orders"]["order_id"] == "O1", "due_on"] = pd.NaT
    assert_same(rules_alone, tables, AS_OF)
    values = dict(queried(tables, as_sql(rules_alone, "late_days", as_of=AS_OF)))
    assert values["001"] == pytest.approx(-200 * 20 / 1200)


def test_only_what_a_tag_is_made_of_is_counted(dictionary):
    query = as_sql(dictionary, "kp_rate", as_of=AS_OF)
    assert '"contacts to date"' in query
    assert '"orders to date"' not in query
    assert all(tag.tier is Tier.FACT for tag in dictionary.tags.values() if f'"tag {tag.tag_id}"' in query)
