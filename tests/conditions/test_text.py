"""The text of conditions: what it means, what is refused and where, and that it reads back."""

from dataclasses import replace
from datetime import date

import pytest
from drawn import AS_OF, CONDITIONS, FIELDS, in_pandas
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.conditions.evaluate import truth
from bizlab.conditions.text import DEEPEST, read_condition, read_name
from bizlab.conditions.tree import And, AsOf, Compare, Holds, In, Missing, Not, Or
from bizlab.conditions.words import in_words
from bizlab.errors import SettingError


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
        ("recency_days in (30, 60天)", In("recency_days", (30, 60))),
        ("last_order_on in (2026-01-01, as_of - 1d)", In("last_order_on", (date(2026, 1, 1), AsOf(-1)))),
    ],
)  # fmt: skip
def test_what_is_written_is_what_is_meant(text, meant):
    assert read_condition(text, FIELDS) == meant


def test_and_binds_closer_than_or_and_brackets_closer_still():
    flag, known = Holds("has_subscription"), Missing("rating")
    buys = Holds("has_ordered_12m")
    assert read_condition("has_subscription or rating missing and has_ordered_12m", FIELDS) == Or(
        (flag, And((known, buys)))
    )
    assert read_condition("(has_subscription or rating missing) and has_ordered_12m", FIELDS) == And(
        (Or((flag, known)), buys)
    )
    assert read_condition("not has_subscription and has_ordered_12m", FIELDS) == And((Not(flag), buys))


@pytest.mark.parametrize(
    ("text", "column", "problem", "fix"),
    [
        ("value_grade = A and recncy_days > 90", 21, "no 'recncy_days' to ask about", "write 'recency_days'"),
        ('"企业价值等级" = A', 1, "no '企业价值等级'", "企业用户价值等级"),
        ("value_grade > 3", 13, "has no order", "in (...)"),
        ("value_grade = 3", 15, "is a category and cannot be compared with the number 3", "A, B, C, D"),
        ("value_grade in (A, 2)", 20, "is a category", "A, B, C, D"),
        ("settlement_behaviour = slwo", 24, "not a value of the category", "write 'slow'"),
        ("value_grade in (A, E)", 20, "'E' is not a value", "choose from A, B, C, D"),
        ("recency_days >", 15, "right side of '>' is missing", "recency_days > 90"),
        ("recency_days > and rating missing", 16, "right side of '>' is missing", "recency_days > 90"),
        ("recency_days > slow", 16, "is a number and cannot be compared with the word 'slow'", "> 90"),
        ("recency_days > 2026-01-01", 16, "cannot be compared with the date", "> 90"),
        ("recency_days > as_of", 16, "is a number", "> 90"),
        ("has_subscription in (true)", 18, "cannot be compared with a list", "not has_subscription"),
        ("recency_days in (1, slow)", 21, "cannot be compared with the word 'slow'", "> 90"),
        ("recency_days", 1, "compared with nothing", "> 90"),
        ("rating > 3.5", 10, "holds whole numbers", "whole number"),
        ("overdue_fen > 100000", 15, "has no unit", "20万元"),
        ("overdue_fen > 0.001元", 15, "finer than one fen", "20万元"),
        ("n_orders > 20万元", 12, "is not an amount", "unit is count"),
        ("n_orders > 20%", 12, "is not a share", "unit is count"),
        ("n_orders > 20x", 12, "cannot be read", "> 90"),
        ("kp_rate > 20", 11, "lies above 1", "20%"),
        ("first_order_on >= 2026-02-30", 19, "is not a date", "YYYY-MM-DD"),
        ("first_order_on >= 2026", 19, "is a date and cannot be compared with the number", "as_of - 90d"),
        ("first_order_on >= as_of - 90", 27, "not a number of days", "90d"),
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
        ("rating missing and", 19, "begins with a name", "recency_days > 90"),
        ("1 < recency_days", 1, "begins with a name", "recency_days > 90"),
        ("", 1, "begins with a name", "recency_days > 90"),
        ("rating ? 3", 8, "'?' cannot stand here", "take it out"),
        ('"rating missing', 1, "cannot stand here", "close the quotes"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_the_fix(text, column, problem, fix):
    with pytest.raises(SettingError) as refused:
        read_condition(text, FIELDS, place="params/segments.yaml, segment 'slowing'")
    error = refused.value
    assert problem in error.problem
    assert fix in error.fix
    where, shown, caret = error.place.split("\n")
    assert where == f"params/segments.yaml, segment 'slowing', column {column}:"
    assert shown == f"  {text}"
    assert caret.strip() == "^"


def test_the_caret_stands_below_the_place_also_after_wide_characters_and_on_later_lines():
    with pytest.raises(SettingError) as refused:
        read_condition("rating missing\n  且 ratng 缺失", FIELDS)
    where, shown, caret = refused.value.place.split("\n")
    assert where == "condition, line 2, column 5:"
    assert shown == "    且 ratng 缺失"
    assert caret == "  " + " " * 5 + "^"


def test_brackets_without_end_are_refused_before_they_exhaust_the_stack():
    deep = "(" * DEEPEST + "rating missing" + ")" * DEEPEST
    assert read_condition(deep, FIELDS) == Missing("rating")
    with pytest.raises(SettingError, match="inside one another"):
        read_condition("(" * 100_000, FIELDS)
    with pytest.raises(SettingError, match="inside one another"):
        read_condition("not " * 100_000 + "rating missing", FIELDS)


PIECES = st.sampled_from(
    ["value_grade", "recency_days", "overdue_fen", "kp_rate", "first_order_on", "has_subscription", "rating", "in", "(",
     ")", ",", "and", "或", "not", "非", "missing", "as_of", "-", "+", "90d", "20万元", "0", "20%", "2026-01-01", "A",
     "true", "=", ">", "≥", "！＝", '"', "“", "\n", "9999999d", "二", "1.5.", "é", "A级"]
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(
    text=st.lists(PIECES, max_size=8).map(" ".join) | st.lists(PIECES, max_size=5).map("".join) | st.text(max_size=9)
)
def test_any_text_reads_or_is_refused_as_a_setting(text):
    try:
        condition = read_condition(text, FIELDS)
    except SettingError:
        return
    assert read_condition(str(condition), FIELDS) == condition
    assert len(truth(condition, in_pandas([dict.fromkeys(FIELDS)]), as_of=AS_OF)) == 1
    assert all(in_words(condition, FIELDS))


def test_two_fields_of_one_label_are_told_apart_by_id():
    twice = {name: replace(FIELDS["region"], name=name) for name in ("region", "branch")}
    with pytest.raises(SettingError, match="may mean region, branch"):
        read_condition('"区域" = east', twice)
    assert read_condition("branch = east", twice) == Compare("branch", "=", "east")


def test_a_name_alone_is_read_like_one_of_a_condition():
    assert read_name("区域", FIELDS, place="columns") == FIELDS["region"]
    with pytest.raises(SettingError, match="write 'rating'"):
        read_name("ratng", FIELDS, place="columns")


@settings(deadline=None)
@given(condition=CONDITIONS)
def test_the_canonical_text_reads_back_to_the_same_condition(condition):
    text = str(condition)
    assert read_condition(text, FIELDS) == condition
    assert str(read_condition(text, FIELDS)) == text
