"""Texts for readers: no code of the dictionary is left in them, and nothing else is touched."""

import pandas as pd
import pytest

from bizlab.labels import Label
from bizlab.tagging import parse_dictionary
from bizlab.tagging.dictionary.spelled import spelled

WORDS = {"zh": "词", "en": "word"}
FIXED = {"definition": WORDS, "layer": "enterprise", "refresh": "-", "owner": WORDS}


def tag(name, zh, en, **more):
    return {**FIXED, "id": name, "name": {"zh": zh, "en": en}, **more}


def fact(name, zh, en, unit):
    rule = {"table": "t", "measure": "count"}
    return tag(name, zh, en, tier="fact", type="number", unit=unit, rule=rule)


@pytest.fixture
def dictionary():
    cases = [
        {"when": {"owed_fen": {"min": "5万元"}, "n": {"min": 1}}, "then": "call"},
        {"when": {"n": {"min": 10}}, "then": "n"},
        {"otherwise": "wait"},
    ]
    words = {"call": ("催收", "Call"), "n": ("常客", "Regular"), "wait": ("等待", "Wait")}
    do = tag("do", "处理", "What to do", tier="model", type="category", inputs=["owed_fen", "n"], rule={"cases": cases},
             values={code: {"zh": zh, "en": en} for code, (zh, en) in words.items()})  # fmt: skip
    other = tag("other", "其他", "Other", tier="model", type="category", inputs=["n"],
                rule={"cases": [{"when": {"n": {"min": 2}}, "then": "call"}, {"otherwise": "wait"}]},
                values={"call": {"zh": "致电", "en": "Ring"}, "wait": {"zh": "等待", "en": "Wait"}})  # fmt: skip
    facts = [fact("owed_fen", "欠款", "Owed", "fen"), fact("n", "订单数", "Orders", "count")]
    return parse_dictionary({"tables": {"t": {"occurred": "on", "empty": WORDS}}, "tags": [*facts, do, other]})


def spelling(dictionary, tag_id, text):
    return spelled(pd.DataFrame({"tag_id": [tag_id], "text": [text]}), dictionary, ["text"])["text"][text]


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("n >= 10 (✗→✓)", "“订单数”达到或超过10 (不成立→成立)", '"Orders" is 10 or more (does not hold→holds)'),
        ("n >= 1 (?→✓)", "“订单数”达到或超过1 (未知→成立)", '"Orders" is 1 or more (unknown→holds)'),
        ("n >= 100", "常客 >= 100", "Regular >= 100"),
        ("owed_fen, time", "欠款, 日期推移", "Owed, time going by"),
        ("call / wait: owed_fen > 50,000.00", "催收 / 等待: 欠款 > 50,000.00", "Call / Wait: Owed > 50,000.00"),
        ("cases[0], cases[1]", "第1个条件, 第2个条件", "case 1, case 2"),
        ("rho = 0.99935", "rho = 0.99935", "rho = 0.99935"),
    ],
)
def test_codes_become_words(dictionary, text, zh, en):
    assert spelling(dictionary, "do", text) == Label(zh, en)


def test_a_value_has_the_words_of_its_own_tag_and_none_where_two_tags_share_the_text(dictionary):
    frame = pd.DataFrame({"tag_id": ["do", "other", "do"], "text": ["call", "call", "wait"]})
    assert spelling(dictionary, "other", "call") == Label("致电", "Ring")
    assert spelled(frame, dictionary, ["text"])["text"] == {"wait": Label("等待", "Wait")}
