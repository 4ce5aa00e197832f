"""Expressions over tags: what they mean, what is refused and where, and the same truth from two other computations."""

import math
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from bizlab.tagging.segments.expressions import DEEPEST, parse_expression
from bizlab.tagging.segments.logic import (
    And,
    AsOf,
    Compare,
    Holds,
    In,
    Missing,
    Not,
    Or,
    evaluate,
    tags_of,
    undecided_by,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.contracts.column import Column, dtype_of
from bizlab.errors import SettingError
from bizlab.tagging import parse_dictionary
from bizlab.yaml_file import load_yaml

AS_OF = date(2026, 10, 31)


@pytest.fixture(scope="module")
def tags(pytestconfig):
    return parse_dictionary(load_yaml(pytestconfig.rootpath / "params" / "tags.yaml").content)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "value_grade in (A, B) and recency_days > 90 and not has_subscription",
            And((In("value_grade", ("A", "B")), Compare("recency_days", ">", 90), Not(Holds("has_subscription")))),
        ),
        ("order_amount_12m_fen >= 20万元", Compare("order_amount_12m_fen", ">=", 20_000_000)),
        ("order_amount_12m_fen >= 0.015万元", Compare("order_amount_12m_fen", ">=", 15_000)),
        ("overdue_fen > 0", Compare("overdue_fen", ">", 0)),
        ("overdue_fen > -12.5元", Compare("overdue_fen", ">", -1_250)),
        ("first_order_on >= 2026-01-01", Compare("first_order_on", ">=", date(2026, 1, 1))),
        ("last_order_on<as_of-90d", Compare("last_order_on", "<", AsOf(-90))),
        ("subscription_ends_on <= 截至日期 + 90天", Compare("subscription_ends_on", "<=", AsOf(90))),
        (
            "settlement_behaviour = slow or rating missing",
            Or((Compare("settlement_behaviour", "=", "slow"), Missing("rating"))),
        ),
        ("kp_rate >= 20%", Compare("kp_rate", ">=", 0.2)),
        ("kp_rate >= 0.2", Compare("kp_rate", ">=", 0.2)),
        ("recency_days > 90天", Compare("recency_days", ">", 90)),
        ("n_employees >= 1.2万", Compare("n_employees", ">=", 12_000)),
        ("late_days > -1.5", Compare("late_days", ">", -1.5)),
        (
            '"企业用户价值等级" 属于（"A级"、B）且 非 "订阅中"',
            And((In("value_grade", ("A", "B")), Not(Holds("has_subscription")))),
        ),
        ("industry = 化工或industry = machinery", Or(tuple(
            Compare("industry", "=", code) for code in ("chemicals", "machinery")
        ))),
        ("“逾期应收”≥２０万元 且 n_orders ＞＝ ３", And(
            (Compare("overdue_fen", ">=", 20_000_000), Compare("n_orders", ">=", 3))
        )),
        ("rating not missing", Not(Missing("rating"))),
        ("value_grade not in (D)", Not(In("value_grade", ("D",)))),
        ("has_subscription = 否", Not(Holds("has_subscription"))),
        ("has_subscription != no", Holds("has_subscription")),
        ("region <> east", Compare("region", "!=", "east")),
        ('region = "East China"', Compare("region", "=", "east")),
    ],
)  # fmt: skip
def test_what_is_written_is_what_is_meant(tags, text, meant):
    assert parse_expression(text, tags) == meant


def test_and_binds_closer_than_or_and_brackets_closer_still(tags):
    flag, known = Holds("has_subscription"), Missing("rating")
    buys = Holds("has_ordered_12m")
    assert parse_expression("has_subscription or rating missing and has_ordered_12m", tags) == Or(
        (flag, And((known, buys)))
    )
    assert parse_expression("(has_subscription or rating missing) and has_ordered_12m", tags) == And(
        (Or((flag, known)), buys)
    )
    assert parse_expression("not has_subscription and has_ordered_12m", tags) == And((Not(flag), buys))


@pytest.mark.parametrize(
    ("text", "column", "problem", "way_out"),
    [
        ("value_grade = A and recncy_days > 90", 21, "no tag 'recncy_days'", "did you mean 'recency_days'"),
        ('"企业价值等级" = A', 1, "no tag '企业价值等级'", "企业用户价值等级"),
        ("value_grade > 3", 13, "has no order", "in (...)"),
        ("value_grade = 3", 15, "is a category and cannot be compared with the number 3", "A, B, C, D"),
        ("value_grade in (A, 2)", 20, "is a category", "A, B, C, D"),
        ("settlement_behaviour = slwo", 24, "no value of the category", "did you mean 'slow'"),
        ("value_grade in (A, E)", 20, "'E' is no value", "choose from A, B, C, D"),
        ("recency_days >", 15, "right side of '>' is missing", "recency_days > 90"),
        ("recency_days > and rating missing", 16, "right side of '>' is missing", "recency_days > 90"),
        ("recency_days > slow", 16, "is a number and cannot be compared with the word 'slow'", "> 90"),
        ("recency_days > 2026-01-01", 16, "cannot be compared with the date", "> 90"),
        ("recency_days > as_of", 16, "is a number", "> 90"),
        ("recency_days in (1, 2)", 14, "cannot be compared with a list", "> 90"),
        ("recency_days", 1, "compared with nothing", "> 90"),
        ("rating > 3.5", 10, "holds whole numbers", "whole number"),
        ("overdue_fen > 100000", 15, "has no unit", "20万元"),
        ("overdue_fen > 0.001元", 15, "finer than one fen", "20万元"),
        ("n_orders > 20万元", 12, "is no amount", "unit is count"),
        ("n_orders > 20%", 12, "is no share", "unit is count"),
        ("n_orders > 20x", 12, "cannot be read", "> 90"),
        ("kp_rate > 20", 11, "lies above 1", "20%"),
        ("first_order_on >= 2026-02-30", 19, "is no date", "YYYY-MM-DD"),
        ("first_order_on >= 2026", 19, "is a date and cannot be compared with the number", "as_of - 90d"),
        ("first_order_on >= as_of - 90", 27, "no number of days", "90d"),
        ("first_order_on >= as_of - 40001d", 27, "more than a century", "a date"),
        ("late_days > " + "9" * 25, 13, "larger than any value", "smaller"),
        ("n_orders > 99999999999999999999", 12, "larger than any value", "smaller"),
        ("first_order_on >= as_of - ", 27, "number of days after '-' is missing", "as_of - 90d"),
        ("has_subscription > yes", 18, "has no order", "not has_subscription"),
        ("has_subscription = 3", 20, "is yes or no", "true or false"),
        ("has_subscription =", 19, "right side", "has_subscription"),
        ("(rating missing", 1, "never closed", "')'"),
        ("rating missing)", 15, "never opened", "take it out"),
        ("value_grade in (A, B", 16, "never closed", "')'"),
        ("value_grade in A", 16, "list in brackets", "in (...)"),
        ("value_grade in ()", 17, "is missing in the list", "A, B, C, D"),
        ("rating missing has_subscription", 16, "after a whole condition", "and / or"),
        ("rating missing and", 19, "begins with a tag", "recency_days > 90"),
        ("1 < recency_days", 1, "begins with a tag", "recency_days > 90"),
        ("", 1, "begins with a tag", "recency_days > 90"),
        ("rating ? 3", 8, "'?' cannot stand here", "take it out"),
        ('"rating missing', 1, "cannot stand here", "close the quotes"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_the_way_out(tags, text, column, problem, way_out):
    with pytest.raises(SettingError) as refused:
        parse_expression(text, tags, place="params/segments.yaml, segment 'slowing'")
    error = refused.value
    assert problem in error.problem
    assert way_out in error.way_out
    where, shown, caret = error.place.split("\n")
    assert where == f"params/segments.yaml, segment 'slowing', column {column}:"
    assert shown == f"  {text}"
    assert caret.strip() == "^"


def test_the_caret_stands_below_the_place_also_after_wide_characters_and_on_later_lines(tags):
    with pytest.raises(SettingError) as refused:
        parse_expression("rating missing\n  且 ratng 缺失", tags)
    where, shown, caret = refused.value.place.split("\n")
    assert where == "expression, line 2, column 5:"
    assert shown == "    且 ratng 缺失"
    assert caret == "  " + " " * 5 + "^"


def test_brackets_without_end_are_refused_before_they_exhaust_the_stack(tags):
    deep = "(" * DEEPEST + "rating missing" + ")" * DEEPEST
    assert parse_expression(deep, tags) == Missing("rating")
    with pytest.raises(SettingError, match="inside one another"):
        parse_expression("(" * 100_000, tags)
    with pytest.raises(SettingError, match="inside one another"):
        parse_expression("not " * 100_000 + "rating missing", tags)


PIECES = st.sampled_from(
    ["value_grade", "recency_days", "overdue_fen", "kp_rate", "first_order_on", "has_subscription", "rating", "in", "(",
     ")", ",", "and", "或", "not", "非", "missing", "as_of", "-", "+", "90d", "20万元", "0", "20%", "2026-01-01", "A",
     "true", "=", ">", "≥", "！＝", '"', "“", "\n", "9999999d", "二", "1.5.", "é", "A级"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    text=st.lists(PIECES, max_size=8).map(" ".join) | st.lists(PIECES, max_size=5).map("".join) | st.text(max_size=9)
)
def test_any_text_reads_or_is_refused_as_a_setting(tags, text):
    try:
        found = parse_expression(text, tags)
    except SettingError:
        return
    assert parse_expression(str(found), tags) == found
    row = dict.fromkeys(tags_of(found))
    frame = pd.DataFrame([row]).astype(typed(tags, row))
    assert len(evaluate(found, frame, as_of=AS_OF)) == 1


def test_two_tags_of_one_name_are_told_apart_by_id(config):
    twice = parse_dictionary(
        {**config, "tags": [{**tag, "name": {"zh": "同名", "en": tag["id"]}} for tag in config["tags"]]}
    )
    with pytest.raises(SettingError, match="is the name of") as refused:
        parse_expression('"同名" > 0', twice)
    assert "write the id: industry, is_in_market" in refused.value.way_out


def test_unknown_is_decided_only_by_the_rest(tags):
    """Kleene: who is subscribed needs no recency; who is not, does."""
    frame = pd.DataFrame(
        {
            "has_subscription": pd.array([True, False, None, None], dtype="boolean"),
            "recency_days": pd.array([None, None, 100, 10], dtype="Int64"),
        }
    )
    both = parse_expression("has_subscription and recency_days > 90", tags)
    either = parse_expression("has_subscription or recency_days > 90", tags)
    assert evaluate(both, frame, as_of=AS_OF).tolist() == [pd.NA, False, pd.NA, False]
    assert evaluate(either, frame, as_of=AS_OF).tolist() == [True, pd.NA, True, pd.NA]
    assert undecided_by(both, frame, as_of=AS_OF).tolist() == ["recency_days", None, "has_subscription", None]
    assert undecided_by(either, frame, as_of=AS_OF).tolist() == [None, "recency_days", None, "has_subscription"]


NUMBERS = ["recency_days", "n_orders", "overdue_fen", "kp_rate", "late_days"]
DATES = ["first_order_on", "last_order_on"]
FLAGS = ["has_subscription", "has_ordered_12m"]
CODES = {"value_grade": ["A", "B", "C", "D"], "region": ["east", "south", "north", "southwest"]}
SIGNS = ["=", "!=", "<", "<=", ">", ">="]
VALUES = {
    "recency_days": st.integers(-3, 3),
    "n_orders": st.integers(-3, 3),
    "overdue_fen": st.sampled_from([-1_250, -1, 0, 1, 99, 100, 1_000_000, 123_456_789]),
    "kp_rate": st.sampled_from([-0.5, 0.0, 1 / 3, 0.2, 0.07, 1.0, 1.5]) | st.floats(-10, 10, allow_nan=False),
    "late_days": st.sampled_from([-1.5, 0.0, 2.25]) | st.floats(-1e15, 1e15, allow_nan=False),
}
DAYS = st.dates(AS_OF - timedelta(days=3), AS_OF + timedelta(days=3))


def numeric(tag):
    return st.builds(Compare, st.just(tag), st.sampled_from(SIGNS), VALUES[tag])


def coded(tag):
    among = st.lists(st.sampled_from(CODES[tag]), min_size=1, max_size=3, unique=True).map(tuple)
    one = st.builds(Compare, st.just(tag), st.sampled_from(["=", "!="]), st.sampled_from(CODES[tag]))
    return one | st.builds(In, st.just(tag), among)


LEAVES = st.one_of(
    st.sampled_from(NUMBERS).flatmap(numeric),
    st.sampled_from(sorted(CODES)).flatmap(coded),
    st.builds(Compare, st.sampled_from(DATES), st.sampled_from(SIGNS), DAYS | st.builds(AsOf, st.integers(-3, 3))),
    st.builds(Holds, st.sampled_from(FLAGS)),
    st.builds(Missing, st.sampled_from([*NUMBERS, *DATES, *FLAGS, *CODES])),
)
SEVERAL = {"min_size": 2, "max_size": 3}
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.builds(Not, part),
        st.lists(part, **SEVERAL).map(lambda parts: And(tuple(parts))),
        st.lists(part, **SEVERAL).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


@given(expression=EXPRESSIONS)
def test_the_canonical_text_reads_back_to_the_same_expression(tags, expression):
    text = str(expression)
    assert parse_expression(text, tags) == expression
    assert str(parse_expression(text, tags)) == text


def naive(expression, row):
    """Truth of one row by plain Python: True, False or None."""
    match expression:
        case Not(part):
            found = naive(part, row)
            return None if found is None else not found
        case And(parts):
            found = [naive(part, row) for part in parts]
            return False if False in found else None if None in found else True
        case Or(parts):
            found = [naive(part, row) for part in parts]
            return True if True in found else None if None in found else False
        case Missing(tag):
            return row[tag] is None
        case Holds(tag):
            return row[tag]
        case In(tag, codes):
            return None if row[tag] is None else row[tag] in codes
        case Compare(tag, sign, value):
            left = row[tag]
            right = AS_OF + timedelta(days=value.days) if isinstance(value, AsOf) else value
            if left is None:
                return None
            return {
                "=": left == right, "!=": left != right, "<": left < right,
                "<=": left <= right, ">": left > right, ">=": left >= right,
            }[sign]  # fmt: skip


def in_sql(expression):
    """The expression in SQL, whose NULL is the same third value."""
    match expression:
        case Not(part):
            return f"(NOT {in_sql(part)})"
        case And(parts):
            return "(" + " AND ".join(map(in_sql, parts)) + ")"
        case Or(parts):
            return "(" + " OR ".join(map(in_sql, parts)) + ")"
        case Missing(tag):
            return f"({tag} IS NULL)"
        case Holds(tag):
            return f"({tag})"
        case In(tag, codes):
            return f"({tag} IN ({', '.join(map(repr, codes))}))"
        case Compare(tag, sign, AsOf(days)):
            return f"({tag} {sign} DATE '{AS_OF}' + INTERVAL ({days}) DAY)"
        case Compare(tag, sign, value) if isinstance(value, date):
            return f"({tag} {sign} DATE '{value}')"
        case Compare(tag, sign, value):
            literal = f"{value!r}::DOUBLE" if isinstance(value, float) else repr(value)
            return f"({tag} {sign} {literal})"


ROW = st.fixed_dictionaries(
    {tag: st.none() | values for tag, values in VALUES.items()}
    | {tag: st.none() | DAYS for tag in DATES}
    | {tag: st.none() | st.booleans() for tag in FLAGS}
    | {tag: st.none() | st.sampled_from(codes) for tag, codes in CODES.items()}
)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def typed(tags, names):
    """The types in which a snapshot holds tags."""
    return {name: dtype_of(Column(name, tags[name].unit, tags[name].name, nullable=True)) for name in names}


def snapshot_frame(rows, tags):
    """Rows typed as a snapshot holds them."""
    frame = pd.DataFrame(rows, columns=[*VALUES, *DATES, *FLAGS, *CODES])
    return frame.astype(typed(tags, frame))


@settings(max_examples=150, deadline=None)
@given(expression=EXPRESSIONS, rows=st.lists(ROW, min_size=1, max_size=6))
def test_plain_python_and_sql_come_to_the_same_three_values(tags, connection, expression, rows):
    frame = snapshot_frame(rows, tags)
    found = [None if pd.isna(value) else bool(value) for value in evaluate(expression, frame, as_of=AS_OF)]
    assert found == [naive(expression, row) for row in rows]
    held = frame.assign(place=np.arange(len(frame)))
    kinds = {"str": "VARCHAR", "Int64": "BIGINT", "float64": "DOUBLE", "boolean": "BOOLEAN", "datetime64[us]": "DATE"}
    cast = ", ".join(f"{name}::{kinds[str(held[name].dtype)]} AS {name}" for name in [*VALUES, *DATES, *FLAGS, *CODES])
    connection.register("held", held.assign(kp_rate=nothing(held["kp_rate"]), late_days=nothing(held["late_days"])))
    query = f"SELECT {in_sql(expression)} FROM (SELECT place, {cast} FROM held) ORDER BY place"  # noqa: S608
    assert found == [row[0] for row in connection.execute(query).fetchall()]


def nothing(values):
    """NaN as NULL, which DuckDB would otherwise take for the largest number."""
    return values.astype("object").map(lambda value: None if math.isnan(value) else value).astype("Float64")


@settings(max_examples=100, deadline=None)
@given(expression=EXPRESSIONS, row=ROW)
def test_a_row_is_undecided_for_want_of_a_missing_tag_of_the_expression(tags, expression, row):
    frame = snapshot_frame([row], tags)
    why = undecided_by(expression, frame, as_of=AS_OF)[0]
    if naive(expression, row) is None:
        assert why in tags_of(expression)
        assert row[why] is None
    else:
        assert why is None


def test_evaluation_changes_nothing(tags, unchanged):
    frame = snapshot_frame([dict.fromkeys([*VALUES, *DATES, *FLAGS, *CODES])], tags)
    with unchanged(frame):
        evaluate(parse_expression("rating missing or recency_days > 1", tags), frame.assign(rating=1), as_of=AS_OF)
        evaluate(parse_expression("recency_days > 1 and not has_subscription", tags), frame, as_of=AS_OF)
