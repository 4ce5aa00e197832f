"""How good the tags are: what the dictionary says, how many customers have a value, and why the others have none."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.contracts.columns import code, column, phrase, ratio, table, text, words
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import LAYER, LAYERS, TAG, TIER, Dictionary, Tag
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.units.kinds import Unit

TYPES = words(number="数值 | Number", category="类别 | Category", date="日期 | Date", flag="是否 | Yes or no")

TAG_DICTIONARY = table(
    "tag_dictionary",
    "标签字典 | Tag dictionary",
    "每个标签一行 | one row per tag",
    TAG,
    TIER,
    LAYER,
    column("type", "类型 | Type", choices=TYPES),
    code("definition", "定义 | Definition"),
    text("inputs", "输入 | Inputs", nullable=True),
    text("rule", "规则 | Rule"),
    text("refresh", "更新频率 | Refresh"),
    code("owner", "负责人 | Owner"),
    key="tag_id",
)

TAG_SUMMARY = table(
    "tag_summary",
    "标签覆盖 | Coverage of tags",
    "每个标签一行 | one row per tag",
    TAG,
    TIER,
    LAYER,
    column("n_customers", "企业数 | Companies"),
    column("n_with_value", "有值 | With a value"),
    column("n_missing", "无值 | Without"),
    column(
        "n_not_applicable",
        "不适用 | Not applicable",
        "没有可计算的对象,如没有订单就没有结算周期 | nothing to compute from: no orders, no cycle",
    ),
    column(
        "n_unknown",
        "未知 | Unknown",
        "应有而未填,或没有适用的规则 | should be there but was not recorded, or no rule applies",
    ),
    ratio(
        "coverage_rate",
        "覆盖率 | Coverage",
        "有值 ÷ (有值 + 未知);不适用的企业不计入 | with a value over with a value plus unknown",
        missing=words(nobody="没有适用的企业 | applies to nobody"),
    ),
    column("n_distinct", "不同取值数 | Distinct values"),
    phrase("top_value", "最常见的值 | Most frequent value", nullable=True),
    column("top_rate", "最常见值占比 | Its share", "占有值企业的比例 | of the companies with a value", nullable=True),
    key="tag_id",
    sums={
        "n_customers = n_with_value + n_missing": "企业数 = 有值 + 无值 | companies = with a value + without",
        "n_missing = n_not_applicable + n_unknown": "无值 = 不适用 + 未知 | without = not applicable + unknown",
    },
)

TAG_MISSING = table(
    "tag_missing",
    "无值的原因 | Why values are missing",
    "每个标签、原因一行 | one row per tag and reason",
    TAG,
    code("reason", "原因 | Reason"),
    column("n_customers", "企业数 | Companies"),
    key="tag_id reason",
)


def dictionary_table(dictionary: Dictionary) -> pd.DataFrame:
    """The dictionary as a table for readers.

    Returns
    -------
    `TAG_DICTIONARY`: one row per tag, by layer, then tier, then in the order of the file. ``definition`` holds the
    tag id and ``owner`` the Chinese name; their words in both languages are `Dictionary.definitions` and `owners`.
    """
    rows = [
        {
            "tag_id": tag.tag_id,
            "tier": tag.tier,
            "layer": tag.layer,
            "type": tag.type,
            "definition": tag.tag_id,
            "inputs": ", ".join(tag.inputs) or None,
            "rule": str(tag.rule),
            "refresh": tag.refresh,
            "owner": tag.owner.zh,
        }
        for tag in sorted(dictionary.tags.values(), key=_rank)
    ]
    return TAG_DICTIONARY.frame(rows)


def owners(dictionary: Dictionary) -> dict[str, Label]:
    """The words of the column ``owner`` of `dictionary_table`."""
    return {tag.owner.zh: tag.owner for tag in dictionary.tags.values()}


def tag_summary(snapshot: Snapshot) -> pd.DataFrame:
    """Coverage and spread of every tag.

    Missing splits into what does not apply and what nobody knows; coverage is measured where the tag applies.

    Returns
    -------
    `TAG_SUMMARY`: one row per computed tag, by layer and tier.
    """
    rows = [_summary(tag, snapshot) for tag in sorted(snapshot.tags, key=_rank)]
    return TAG_SUMMARY.frame(rows)


def missing_reasons(snapshot: Snapshot) -> pd.DataFrame:
    """How many customers lack each tag, and why.

    Returns
    -------
    `TAG_MISSING`: one row per tag and reason that occurs, the most frequent first within a tag.
    """
    rows = [
        {"tag_id": tag.tag_id, "reason": reason, "n_customers": n}
        for tag in sorted(snapshot.tags, key=_rank)
        for reason, n in sorted(_reasons(tag, snapshot).items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return TAG_MISSING.frame(rows)


def _rank(tag: Tag) -> tuple[int, int]:
    return list(LAYERS).index(tag.layer), tag.tier.height


def _reasons(tag: Tag, snapshot: Snapshot) -> dict[str, int]:
    return dict(snapshot.frame[f"{tag.tag_id}_reason"].value_counts())


def _summary(tag: Tag, snapshot: Snapshot) -> dict[str, Any]:
    values = snapshot.frame[tag.tag_id].dropna()
    by_reason = _reasons(tag, snapshot)
    n_known = sum(n for reason, n in by_reason.items() if snapshot.reasons[reason].is_known)
    n_missing, n_applicable = len(snapshot.frame) - len(values), len(snapshot.frame) - n_known
    counted = values.value_counts()
    most = sorted(str(value) for value in counted.index[counted == counted.max()])
    return {
        "tag_id": tag.tag_id,
        "tier": tag.tier,
        "layer": tag.layer,
        "n_customers": len(snapshot.frame),
        "n_with_value": len(values),
        "n_missing": n_missing,
        "n_not_applicable": n_known,
        "n_unknown": n_missing - n_known,
        "coverage_rate": len(values) / n_applicable if n_applicable else None,
        "coverage_rate_reason": None if n_applicable else "nobody",
        "n_distinct": len(counted),
        "top_value": _shown(most[0], tag) if most else None,
        "top_rate": counted.max() / len(values) if most else None,
    }


def _shown(value: str, tag: Tag) -> str:
    """A value as a reader knows it, in both languages: amounts in yuan, codes in words, fractions to three places."""
    if tag.unit is Unit.FEN:
        return f"{int(value) / 100:,.2f}"
    if tag.unit in {Unit.RATE, Unit.SCORE}:
        return f"{float(value):.3f}"
    if tag.unit is Unit.BOOL:
        return {"True": "是 | Yes", "False": "否 | No"}[value]
    return " | ".join(tag.words[value]) if value in tag.words else value.removesuffix(" 00:00:00").replace(" | ", " / ")
