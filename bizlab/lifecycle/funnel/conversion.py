"""Overall conversion of a cohort: each segment against all others, and the time that it took."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.columns import column, ratio, table
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.lifecycle import rates
from bizlab.lifecycle.funnel.cohort import days_between, groups, outcome
from bizlab.lifecycle.stages.milestones import SEGMENT
from bizlab.lifecycle.stages.stages import ALL, Stages

CONVERSION = table(
    "conversion",
    "整体转化对比 | Overall conversion compared",
    "每分组一行 | one row per segment",
    SEGMENT,
    column("is_total", "合计行 | Total row"),
    column("n_leads", "队列企业数 | Companies of the cohort"),
    column("n_won", "已转化 | Converted"),
    column("n_lost", "已丢失 | Lost"),
    column("n_open", "仍在途 | Still open"),
    ratio(
        "won_rate",
        "整体转化率 | Overall conversion",
        "已转化 ÷ 队列企业数 | Converted ÷ companies of the cohort",
        missing=rates.REASONS,
    ),
    rates.LIMITS,
    ratio(
        "others_rate",
        "其余分组转化率 | All others",
        "同一队列中其余企业的整体转化率 | Overall conversion of all other companies of the cohort",
        missing=rates.REASONS,
    ),
    rates.TESTED,
    rates.DURATION,
    key="segment",
    sums={
        "n_leads = n_won + n_lost + n_open": (
            "队列企业数 = 已转化 + 已丢失 + 仍在途 | companies = converted + lost + still open"
        )
    },
)
_SENTENCES = {
    verdict: f"整体转化{zh}的是「{{segment}}」:{{n_leads}} 家转化 {{n_won}} 家,{{won_rate}}"
    "(区间 {lower_rate} 至 {upper_rate}),其余分组 {others_rate}。 | "
    f"'{{segment}}' converts {en}: {{n_won}} of {{n_leads}}, {{won_rate}} (interval {{lower_rate}} to {{upper_rate}}), "
    "against {others_rate} of all others."
    for verdict, zh, en in (("higher", "最高", "best"), ("lower", "最低", "worst"))
}
_ALIKE = (
    "各分组整体转化率之间没有明显差异;全部为 {won_rate}(区间 {lower_rate} 至 {upper_rate})。 | "
    "No segment differs clearly in overall conversion; together they reach {won_rate} "
    "(interval {lower_rate} to {upper_rate})."
)


def conversion(members: pd.DataFrame, *, stages: Stages, confidence: float) -> pd.DataFrame:
    """Conversion of a cohort in all and by segment, each against all others, with the time it took: `CONVERSION`.

    Parameters
    ----------
    members : one row per company of the cohort, from :func:`cohort`.
    confidence : level of intervals and verdicts.
    """
    rows, pairs = [], []
    for name, group, others in groups(members):
        counts, of_others = outcome(group, stages), outcome(others, stages)
        won, rest = (rates.Counted(of["n_won"], of["n_leads"]) for of in (counts, of_others))
        is_all = name == ALL
        rows.append({
            "segment": name, "is_total": is_all, **counts,
            **rates.rate_with_limits("won_rate", won, confidence=confidence),
            **rates.rate("others_rate", rest, missing="whole" if is_all else "other_group_empty"),
            **rates.quartiles(days_between(group, stages.cohort, stages.won)),
        })  # fmt: skip
        pairs.append(None if is_all else (won, rest))
    return CONVERSION.conform(pd.concat([pd.DataFrame(rows), rates.tested_rows(pairs, confidence=confidence)], axis=1))


def conversion_findings(overall: pd.DataFrame, *, order_fen: int) -> list[Finding]:
    """The segments that convert clearly better and clearly worse than all others, the furthest on each side.

    Parameters
    ----------
    overall : conversion by segment, from `conversion`.
    order_fen : typical order, fen; the weight is one for each company won beyond, or short of, the rate of the others.

    Returns
    -------
    One finding for the best and one for the worst; a single neutral one where no segment differs clearly.
    """
    best = overall[overall["verdict"] == "higher"].nlargest(1, "won_rate")
    worst = overall[overall["verdict"] == "lower"].nsmallest(1, "won_rate")
    findings = [
        says(
            row,
            CONVERSION,
            _SENTENCES[row["verdict"]],
            key="conversion.best" if row["verdict"] == "higher" else "conversion.worst",
            direction="good" if row["verdict"] == "higher" else "bad",
            material=True,
            weight=abs(float(row["difference_rate"])) * float(row["n_leads"]) * order_fen,
            basis=rates.TESTED_AGAINST_OTHERS,
        )
        for row in pd.concat([best, worst]).to_dict("records")
    ]
    if findings or overall["n_leads"].sum() == 0:
        return findings
    (whole,) = overall[overall["is_total"]].to_dict("records")
    return [says(whole, CONVERSION, _ALIKE, key="conversion.alike")]
