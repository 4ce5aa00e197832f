"""Values that lie far from those of their peers: flagged, never dropped."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from bizlab.contracts.columns import code, column, score, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.contracts.table import Table
from bizlab.data.cleaning.outlier_rules import ALL, OutlierCheck, OutlierRules
from bizlab.statistics.robust import robust_spread
from bizlab.tables import TABLES

NO_SPREAD, TOO_FEW = "no_spread", "too_few"
_MOST_NAMED = 3
_CHECK = code("check", "检验项 | What is judged")
_GROUP = code("group", "同组 | Peers")

OUTLIERS = table(
    "outliers",
    "偏离同组的值 | Values far from their peers",
    "每个偏离的值一行 | one row per value flagged",
    _CHECK,
    column("table", "表 | Table", words={name: t.label for name, t in TABLES.items()}),
    code("id", "主键 | Key"),
    code("column", "列 | Column"),
    _GROUP,
    score("value", "值 | Value"),
    score("median", "同组中位数 | Median of the peers"),
    score("lower", "下限 | Lower bound"),
    score("upper", "上限 | Upper bound"),
    column(
        "score",
        "修正Z分数 | Modified z-score",
        "0.6745 ×(值 − 中位数)÷ 绝对中位差;对数尺度的检验项先取对数 | "
        "0.6745 x (value - median) / median absolute deviation; of logarithms where the check says so",
    ),
    key="check id",
)

OUTLIER_CHECKS = table(
    "outlier_checks",
    "检验了多少值,偶然会偏离多少 | How many values were judged, and how many stand out by chance",
    "每个检验项一行 | one row per thing judged",
    _CHECK,
    column("n_values", "行数 | Rows"),
    column("n_judged", "已检验 | Judged"),
    column(
        "n_undefined",
        "无值 | No value",
        "缺失、除数为零,或对数尺度下不为正 | missing, divided by zero, or not positive on a log scale",
    ),
    column("n_not_judged", "同组无法检验 | Peers cannot be judged"),
    column("n_flagged", "偏离 | Flagged"),
    score(
        "n_expected",
        "偶然偏离的期望数 | Expected by chance",
        "假定取值(对数尺度下其对数)服从正态分布 | if the values, or their logarithms, were normal",
    ),
    key="check",
    sums={
        "n_values = n_judged + n_undefined + n_not_judged": (
            "行数 = 已检验 + 无值 + 同组无法检验 | rows = judged + no value + peers cannot be judged"
        )
    },
)

NOT_JUDGED = table(
    "not_judged",
    "无法检验的同组 | Peers that cannot be judged",
    "每个检验项的每个无法检验的同组一行 | one row per check and group that cannot be judged",
    _CHECK,
    _GROUP,
    column("n_values", "值的个数 | Values"),
    column(
        "why",
        "原因 | Why",
        words=words(
            {
                NO_SPREAD: "半数以上的值相同,无离散可比 | "
                "more than half of the values are equal: no spread to judge by",
                TOO_FEW: "值太少 | too few values",
            }
        ),
    ),
    key="check group",
)


class Judged(NamedTuple):
    """Under the contracts `OUTLIERS`, `OUTLIER_CHECKS` and `NOT_JUDGED`."""

    flagged: pd.DataFrame
    checks: pd.DataFrame
    not_judged: pd.DataFrame


def judge(
    scan: Callable[[str], nw.LazyFrame[Any]], rules: OutlierRules, contracts: Mapping[str, Table] = TABLES
) -> Judged:
    """Compare values with their peers by the modified z-score of Iglewicz and Hoaglin (1993).

    Median and median absolute deviation are not moved by the outliers that they are to find, as mean and standard
    deviation are. A group without spread, or with too few values, is listed as not judged.

    Parameters
    ----------
    scan : an input table by its name, lazily; only the columns that are judged are read. Amounts are fen
        there, and yuan in what is returned, as pages show them; so with every unit.
    """
    flagged, checks, not_judged = [], [], []
    for check in rules.checks:
        values = _values(scan(check.table), check, contracts[check.table])
        known = values.dropna(subset=["value", "group"])
        left_out = []
        for group, peers in known.groupby("group", sort=True):
            spread = robust_spread(_scaled(peers["value"], check))
            why = TOO_FEW if len(peers) < rules.smallest_group else NO_SPREAD if spread.deviation == 0 else None
            if why:
                left_out.append({"check": check.id, "group": group, "n_values": len(peers), "why": why})
                continue
            scores = (_scaled(peers["value"], check) - spread.median) / spread.deviation
            reach = rules.limit * spread.deviation
            ends = np.array([spread.median, spread.median - reach, spread.median + reach])
            median, lower, upper = np.exp(ends) if check.scale == "log" else ends
            out = peers.assign(score=scores, median=median, lower=lower, upper=upper)[np.abs(scores) > rules.limit]
            flagged.append(out.assign(check=check.id, table=check.table, column=check.column))
        n_judged = len(known) - sum(row["n_values"] for row in left_out)
        checks.append(
            {
                "check": check.id,
                "n_values": len(values),
                "n_judged": n_judged,
                "n_undefined": len(values) - len(known),
                "n_not_judged": len(known) - n_judged,
                "n_flagged": 0,
                "n_expected": n_judged * math.erfc(rules.limit / math.sqrt(2)),
            }
        )
        not_judged += left_out
    place = {check.id: number for number, check in enumerate(rules.checks)}
    outliers = OUTLIERS.stacked(flagged)
    farthest = outliers.assign(place=outliers["check"].map(place), distance=-outliers["score"].abs())
    outliers = OUTLIERS.conform(farthest.sort_values(["place", "distance", "id"]))
    counts = OUTLIER_CHECKS.frame(checks)
    counts["n_flagged"] = counts["check"].map(outliers["check"].value_counts()).fillna(0).astype("int64")
    return Judged(outliers, counts, NOT_JUDGED.frame(not_judged))


def _values(table: nw.LazyFrame[Any], check: OutlierCheck, contract: Table) -> pd.DataFrame:
    """Each row's key, peers and value, in the units that pages show; missing where it is not defined."""
    measures = [check.value, *filter(None, [check.per])]
    columns = dict.fromkeys((*contract.key, *measures, *filter(None, [check.by])))
    frame = table.select(*columns).collect("pandas").to_native()
    shown = {name: frame[name].astype("float64") / float(contract[name].unit.row.scale) for name in measures}
    value = shown[check.value]
    if check.per is not None:
        value = value / shown[check.per].where(shown[check.per] != 0)
    first, *others = (frame[name].astype("str") for name in contract.key)
    return pd.DataFrame(
        {
            "id": first.str.cat(others, sep=" / ") if others else first,
            "group": frame[check.by] if check.by else ALL,
            "value": value.where(value > 0) if check.scale == "log" else value,
        }
    )


def _scaled(values: pd.Series[float], check: OutlierCheck) -> Any:
    numbers = values.to_numpy("float64")
    return np.log(numbers) if check.scale == "log" else numbers


def outlier_findings(judged: Judged, rules: OutlierRules) -> list[Finding]:
    """The rows that stand out the most, where chance cannot explain it, and how many values of each check stand out.

    Parameters
    ----------
    judged : shown under the keys ``outliers`` and ``outlier_checks``.
    """
    by_distance = judged.flagged.assign(distance=judged.flagged["score"].abs()).sort_values(
        ["distance", "check", "id"], ascending=[False, True, True]
    )
    far = by_distance[by_distance["distance"] >= 2 * rules.limit].drop_duplicates(["table", "id"]).head(_MOST_NAMED)
    farthest = [
        says(
            row,
            OUTLIERS,
            "{check}:{id} 为 {value},同组中位数 {median};单位或录入可能有误,应核对 | "
            "{check}: {id} has {value} against a median of {median} of its peers; check unit and entry",
            key=f"outlier-{row['check']}-{row['id']}".replace(" ", "_"),
            direction="bad",
            material=True,
            weight=row["distance"],
            basis="修正Z分数达到界限的两倍,偶然不可能解释 | "
            "twice the limit of the modified z-score: chance does not explain it",
        )
        for row in far.to_dict("records")
    ]
    counted = [
        says(
            row,
            OUTLIER_CHECKS,
            "{check}:{n_judged} 个值中 {n_flagged} 个偏离同组;若无异常,偶然也会有约 {n_expected} 个 | "
            "{check}: {n_flagged} of {n_judged} values stand out; about {n_expected} would by chance alone",
            key=f"outliers-{row['check']}",
        )
        for row in judged.checks[judged.checks["n_flagged"] > 0].to_dict("records")
    ]
    return farthest + counted
