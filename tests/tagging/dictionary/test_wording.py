"""Rules in sentences: every tag of the project, without a trace of code, and bounds that say what they include."""

import copy
import re
from datetime import date
from pathlib import Path

import pytest

from bizlab.errors import SettingError
from bizlab.tables import project_tables
from bizlab.tagging import parse_dictionary
from bizlab.tagging.dictionary.wording import in_words

CONTRACTS = project_tables(Path(__file__).parents[3])


def said(dictionary, tag_id: str):
    return in_words(dictionary, tag_id, contracts=CONTRACTS)


def with_rule(config, tag_id, rule, **changes):
    changed = copy.deepcopy(config)
    tag = next(tag for tag in changed["tags"] if tag["id"] == tag_id)
    tag.update(rule=rule, **changes)
    return parse_dictionary(changed)


def test_a_sum_over_a_year(dictionary):
    assert said(dictionary, "order_amount_12m_fen") == (
        "近365天(含截至日期)的订单行的“金额”之和。没有则为0。",
        'The sum of "Amount" over order lines of the last 365 days, the as-of date included. '
        "Where there are none, it is 0.",
    )


def test_rows_on_a_condition(dictionary):
    assert said(dictionary, "n_kp").zh == "“决策链角色”为“决策者”的联系人的数量。没有则为0。"
    assert said(dictionary, "overdue_fen").en == (
        'The sum of "Amount not yet paid" over orders where "Payment due on" is before the as-of date and '
        '"Amount not yet paid" is more than 0 yuan. Where there are none, it is 0.'
    )


def test_the_first_of_several_cases(dictionary):
    assert said(dictionary, "service_attention").zh == (
        "取第一个成立的:(1) 若“逾期应收”达到或超过5万元,则为“催收”;"
        "(2) 若“近12个月采购金额”达到或超过50万元,则为“重点”;其余为“常规”。"
    )
    assert said(dictionary, "purchase_breadth").en.startswith(
        'The first that holds: (1) not applicable if "Product lines bought" is 0; (2) "Solution" if '
    )


def test_only_a_rule_whose_inputs_may_be_missing_speaks_of_missing(dictionary):
    assert "missing" in said(dictionary, "size_class").en
    assert "missing" not in said(dictionary, "decision_access").en


def test_a_rule_with_versions_says_since_when_it_holds(dictionary):
    assert said(dictionary, "settlement_behaviour").zh.startswith("自2026-07-01起:取第一个成立的:")
    earlier = dictionary.on(date(2026, 6, 30))
    assert said(earlier, "settlement_behaviour").en.startswith("From 2020-01-01 on: the first that holds:")
    assert '"A little late" if "Days paid late" is 30 or less' in said(earlier, "settlement_behaviour").en


@pytest.mark.parametrize(
    ("condition", "zh", "en"),
    [
        ({"revenue_fen": {"min": "2000万元"}}, "“年收入”达到或超过2,000万元", "is 20,000,000 yuan or more"),
        ({"revenue_fen": {"above": "1234.5元"}}, "“年收入”超过1,234.5元(不含)", "is more than 1,234.5 yuan"),
        ({"revenue_fen": {"below": "12345元"}}, "“年收入”低于12,345元(不含)", "is less than 12,345 yuan"),
        ({"revenue_fen": {"max": "-1.5万元"}}, "“年收入”不超过-1.5万元(含)", "is -15,000 yuan or less"),
        ({"kp_rate": {"min": 0.125}}, "“决策者占比”达到或超过12.5%", "is 12.5 % or more"),
        ({"kp_rate": {"above": 0.07}}, "“决策者占比”超过7%(不含)", "is more than 7 %"),
        ({"last_order_on": {"below": "2026-01-01"}}, "“末单日期”早于2026-01-01", "is before 2026-01-01"),
        ({"last_order_on": {"max": "as_of"}}, "“末单日期”为截至日期或更早", "is the as-of date or earlier"),
        ({"region": {"in": ["east", "south"]}}, "“区域”为“华东”、“华南”之一", 'is one of "East China", "South China"'),
        ({"has_subscription": False}, "“订阅中”为否", "is no"),
        ({"rating": {"missing": True}}, "“产品评价”缺失", "is missing"),
        ({"rating": {"missing": False}}, "“产品评价”有值", "is known"),
        ({"any": [{"rating": 5}, {"rating": 1, "n_kp": {"min": 1}}]},
         "“产品评价”为5,或“产品评价”为1且“决策者人数”达到或超过1", "is 1 or more"),
    ],
)  # fmt: skip
def test_bounds_say_what_they_include(config, condition, zh, en):
    parts = condition.get("any", [condition])
    names = list(dict.fromkeys(name for part in parts for name in part))
    rule = {"cases": [{"when": condition, "then": "large"}]}
    words = said(with_rule(config, "size_class", rule, inputs=names), "size_class")
    assert f"(1) 若{zh},则为“大型”;都不成立则没有值" in words.zh
    assert re.search(rf"\(1\) \"Large\" if .*{re.escape(en)}; where none holds, no value", words.en)


def test_no_tag_of_the_project_reads_like_code(dictionary):
    """No name with an underscore, no sign of comparison, no bracket of a mapping; Chinese has no word of English that
    its labels do not have."""
    words = {word for tag in dictionary.tags.values() for label in [tag.name, *tag.words.values()] for word in label.zh}
    for tag_id in dictionary.tags:
        text = said(dictionary, tag_id)
        for half in text:
            assert not re.search(r"\w_\w|[<>={}\[\]]|None|True|False|nan", half), half
            assert half.count("“") == half.count("”")
        assert set(re.findall(r"[A-Za-z]", text.zh)) <= words, text.zh
        assert not re.search(r"[\u4e00-\u9fff]", text.en), text.en
        assert text.en[0].isupper() or text.en[0] == '"'
        assert (text.zh[-1], text.en[-1]) == ("。", ".")


def test_every_bound_of_every_rule_is_said(config, dictionary):
    """A figure changed in the rule is a figure changed in the sentence."""
    for entry in config["tags"]:
        for text in re.findall(r"(?:min|max|above|below)': (\d+)", str(entry.get("rule", ""))):
            assert re.search(rf"(?<!\d){int(text):,}(?!\d)", said(dictionary, entry["id"]).zh) or text == "0"


def test_every_measure_can_be_said(config):
    rules = {
        "min": {"column": "amount_fen"},
        "max": {"column": "amount_fen"},
        "last": {"column": "product_line"},
        "count_months": {"column": "ordered_on"},
        "count_distinct": {"column": "product_line"},
        "ratio": {"numerator": "amount_fen", "denominator": "quantity"},
    }
    texts = []
    for measure, rule in rules.items():
        tags = with_rule(config, "n_kp", {"table": "orders", "measure": measure, "window_days": 30, **rule})
        texts.append(said(tags, "n_kp"))
    assert len({label.zh for label in texts}) == len({label.en for label in texts}) == len(rules)
    assert texts[0].en.startswith('The smallest "Amount" of order lines of the last 30 days')


def test_what_has_no_words_is_refused(config, dictionary):
    tags = with_rule(config, "n_kp", {"table": "orders", "measure": "sum", "column": "weight"})
    with pytest.raises(SettingError, match="no words for its column 'weight'"):
        said(tags, "n_kp")
    with pytest.raises(SettingError, match="no contract of the table 'contacts'"):
        in_words(dictionary, "n_kp", contracts={})
