"""Conditions in words: what a reader sees, and that nothing of a condition is left out."""

import re

import pytest
from drawn import CONDITIONS, FIELDS
from hypothesis import given, settings

from bizlab.conditions.text import read_condition
from bizlab.conditions.tree import names_of
from bizlab.conditions.words import in_words


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("overdue_fen >= 2000万元", "“逾期应收”达到或超过2,000万元",
         '"Overdue receivables" is 20,000,000 yuan or more'),
        ("overdue_fen > 1234.5元", "“逾期应收”超过1,234.5元(不含)", '"Overdue receivables" is more than 1,234.5 yuan'),
        ("kp_rate < 12.5%", "“决策者占比”低于12.5%(不含)", '"Share of decision makers" is less than 12.5 %'),
        ("recency_days <= 90", "“距末单天数”不超过90天(含)", '"Days since the latest order" is 90 days or less'),
        ("region != east", "“区域”不为“华东”", '"Region" is not "East China"'),
        ("region not in (east, south)", "“区域”不为“华东”、“华南”中任何一个",
         '"Region" is none of "East China", "South China"'),
        ("last_order_on < 2026-01-01", "“末单日期”早于2026-01-01", '"Latest order" is before 2026-01-01'),
        ("last_order_on >= as_of - 90d", "“末单日期”为截至日期前90天或更晚",
         '"Latest order" is 90 days before the as-of date or later'),
        ("subscription_ends_on <= as_of + 30d", "“订阅到期日”为截至日期后30天或更早",
         '"Subscribed until" is 30 days after the as-of date or earlier'),
        ("not has_subscription", "“订阅中”为否", '"Subscribed" is no'),
        ("not (rating > 3)", "“产品评价”不超过3(含)", '"Product rating" is 3 or less'),
        ("rating not missing", "“产品评价”有值", '"Product rating" is known'),
        ("(rating = 5 or rating missing) and has_subscription", "(“产品评价”为5,或“产品评价”缺失)且“订阅中”为是",
         '("Product rating" is 5, or "Product rating" is missing) and "Subscribed" is yes'),
        ("not (rating = 5 and has_subscription)", "并非(“产品评价”为5且“订阅中”为是)",
         'not ("Product rating" is 5 and "Subscribed" is yes)'),
    ],
)  # fmt: skip
def test_what_a_reader_is_told(text, zh, en):
    assert in_words(read_condition(text, FIELDS), FIELDS) == (zh, en)


@settings(deadline=None)
@given(condition=CONDITIONS)
def test_every_name_is_said_and_no_code_is_left(condition):
    said = in_words(condition, FIELDS)
    for name in names_of(condition):
        assert FIELDS[name].label.zh in said.zh
        assert FIELDS[name].label.en in said.en
    assert not re.search(r"\w_\w|[<>={}]|None|True|False", said.zh + said.en)
