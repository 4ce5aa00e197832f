"""Texts of rules and causes with names in place of codes, so that a reader meets the words of the dictionary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from bizlab.contracts.columns import words
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import Dictionary
from bizlab.tagging.dictionary.wording import condition_words

_FIXED = words(
    {
        "✓": "成立 | holds",
        "✗": "不成立 | does not hold",
        "?": "未知 | unknown",
        "time": "日期推移 | time going by",
        "not applicable": "不适用 | not applicable",
        "otherwise": "其余 | otherwise",
        "missing": "缺失 | missing",
        "any": "任意 | any",
        "values": "取值 | values",
        "cases": "各条件 | cases",
        "True": "是 | yes",
        "False": "否 | no",
    }
)
_CASE = re.compile(r"cases\[(\d+)\]")


def spelled(frame: pd.DataFrame, dictionary: Dictionary, columns: Sequence[str]) -> dict[str, dict[str, Label]]:
    """The texts of some columns in both languages: conditions, tags and values by their words.

    Parameters
    ----------
    frame : has ``tag_id`` and the columns, which hold conditions as rules write them (``overdue_fen >= 5万元``), ids
        of tags, values of the row's own tag, and cases by their number.

    Returns
    -------
    For each column its texts with their words, to be shown by. A text that would read differently for two tags is
    left out and stays as it is.

    >>> from bizlab.tagging.dictionary.dictionary import parse_dictionary
    >>> entry = {"definition": {"zh": "词", "en": "word"}, "layer": "enterprise", "refresh": "-", "tier": "model"}
    >>> n = {"id": "owed_fen", "name": {"zh": "欠款", "en": "Owed"}, "tier": "fact", "type": "number", "unit": "fen",
    ...      "rule": {"table": "t", "measure": "count"}}
    >>> cases = [{"when": {"owed_fen": {"min": "5万元"}}, "then": "call"}, {"otherwise": "wait"}]
    >>> do = {"id": "do", "name": {"zh": "处理", "en": "Do"}, "type": "category", "inputs": ["owed_fen"],
    ...       "values": {"call": {"zh": "催", "en": "Call"}, "wait": {"zh": "等", "en": "Wait"}},
    ...       "rule": {"cases": cases}}
    >>> tags = [tag | {"owner": entry["definition"]} for tag in (entry | n, entry | do)]
    >>> tags = parse_dictionary({"tables": {"t": {"occurred": "on", "empty": entry["definition"]}}, "tags": tags})
    >>> moved = pd.DataFrame({"tag_id": ["do"], "crossed": ["owed_fen >= 5万元 (✗→✓)"], "to": ["wait"]})
    >>> words = spelled(moved, tags, ["crossed", "to"])
    >>> words["crossed"]["owed_fen >= 5万元 (✗→✓)"].zh, words["to"]["wait"].en
    ('“欠款”达到或超过5万元 (不成立→成立)', 'Wait')
    """
    conditions = condition_words(dictionary)

    @cache
    def words_of(tag_id: str) -> tuple[re.Pattern[str], dict[str, Label]]:
        values = dictionary[tag_id].words if tag_id in dictionary.tags else {}
        words = {**_FIXED, **dictionary.labels, **values, **conditions}
        # Whole words, the longest first, so that a condition is met before the tag that it names.
        longest = sorted(words, key=lambda word: (-len(word), word))
        return re.compile("|".join(rf"(?<![\w.]){re.escape(word)}(?!\w|[.,]\d)" for word in longest)), words

    spellings: dict[str, dict[str, Label]] = {}
    for column in columns:
        readings: dict[str, set[Label]] = {}
        for tag_id, text in frame[["tag_id", column]].dropna().itertuples(index=False):
            readings.setdefault(text, set()).add(_spelled(text, *words_of(tag_id)))
        spellings[column] = {text: labels.pop() for text, labels in readings.items() if len(labels) == 1}
    return spellings


def _spelled(text: str, pattern: re.Pattern[str], words: Mapping[str, Label]) -> Label:
    zh = _CASE.sub(lambda case: f"第{int(case[1]) + 1}个条件", text)
    en = _CASE.sub(lambda case: f"case {int(case[1]) + 1}", text)
    return Label(pattern.sub(lambda match: words[match[0]].zh, zh), pattern.sub(lambda match: words[match[0]].en, en))
