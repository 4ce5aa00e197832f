"""What the tables say in sentences. A finding about companies weighs their number times a typical order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.labels import Label
from bizlab.lifecycle.stages.stages import ALL, Stages

_TESTED = Label(
    "与同队列其余分组相比,Holm 校正 p = {p};低于 1 − 置信水平才算明显。仍在途的企业按未转化计。",
    "Against all other segments of the cohort, Holm-adjusted p = {p}; clear where it is below 1 − confidence. "
    "Companies still open count as not converted.",
)


def leak_findings(
    steps: pd.DataFrame,
    *,
    stages: Stages,
    materiality_rate: float,
    order_fen: int,
    keys: tuple[str, str] = ("funnel", "funnel_segments"),
) -> list[Finding]:
    """Where the funnel leaks most on the way to the sale: the stage, and the segment that falls furthest behind.

    Parameters
    ----------
    steps : the funnel (contract ``FUNNEL``).
    materiality_rate : a stage that loses more than this share of those who reached it is material.
    order_fen : typical order, fen.
    keys : tables under which the rows of the whole cohort and those of the segments are shown.

    Returns
    -------
    At most two findings; none for an empty cohort.
    """
    before = [stage.id for stage in stages.stages[: stages.number(stages.won) - 1]]
    way = steps[steps["stage"].isin(before) & (steps["n_entered"] > 0)]
    whole = way[way["is_total"]]
    behind = way[way["verdict"] == "lower"].assign(short=lambda rows: -rows["difference_rate"] * rows["n_entered"])
    found = []
    if len(whole) and whole["n_left"].max() > 0:
        found.append(_leaking_stage(_largest(whole, "n_left"), materiality_rate, order_fen, keys[0]))
    if len(behind):
        found.append(_leaking_segment(_largest(behind, "short"), order_fen, keys[1]))
    return found


def conversion_findings(overall: pd.DataFrame, *, order_fen: int, table: str = "conversion") -> list[Finding]:
    """The segments that convert clearly better and clearly worse than all others, the furthest on each side.

    Parameters
    ----------
    overall : conversion by segment (contract ``CONVERSION``).
    order_fen : typical order, fen.
    table : key under which it is shown.

    Returns
    -------
    One finding for the best and one for the worst; a single neutral one where no segment differs clearly.
    """
    parts = overall[~overall["is_total"]]
    best, worst = parts[parts["verdict"] == "higher"], parts[parts["verdict"] == "lower"]
    found = []
    if len(best):
        found.append(_segment(_largest(best, "won_rate"), "good", order_fen, table))
    if len(worst):
        found.append(_segment(_largest(worst.assign(miss=-worst["won_rate"]), "miss"), "bad", order_fen, table))
    if found or overall["n_leads"].sum() == 0:
        return found
    text = Label(
        "各分组整体转化率之间没有明显差异;全部为 {rate}(区间 {lower} 至 {upper})。",
        "No segment differs clearly in overall conversion; together they reach {rate} (interval {lower} to {upper}).",
    )
    refs = _refs(table, (ALL,), rate="won_rate", lower="lower_rate", upper="upper_rate")
    return [Finding("conversion.alike", text, refs)]


def month_findings(compared: pd.DataFrame, *, order_fen: int, table: str = "comparison") -> list[Finding]:
    """What changed clearly against last month at the same age, or that nothing did.

    Parameters
    ----------
    compared : this month against last (contract ``FUNNEL_COMPARISON``).
    order_fen : typical order, fen.
    table : key under which it is shown.

    Returns
    -------
    One finding for each row that changed clearly; otherwise one neutral finding on the overall conversion.
    """
    changed = compared[compared["verdict"].isin(["higher", "lower"])]
    rows = [row for _, row in changed.iterrows()]
    if rows:
        return [_changed(row, order_fen, table) for row in rows]
    whole = compared[compared["is_total"] & compared["now_rate"].notna() & compared["before_rate"].notna()]
    if whole.empty:
        return []
    row = whole.iloc[-1]
    text = Label(
        "与上月同龄相比,各步转化没有明显变化;{step}:{now},上月 {before}。",
        "At the same age no step changed clearly against last month; {step}: {now}, last month {before}.",
    )
    refs = _refs(table, (row["segment"], row["step"]), step="step", now="now_rate", before="before_rate")
    return [Finding("month.steady", text, refs)]


def exception_findings(counts: pd.DataFrame, *, table: str = "exception_counts") -> list[Finding]:
    """The kind of disagreement between sellers and facts that concerns the most companies.

    Parameters
    ----------
    counts : exceptions counted (contract ``EXCEPTION_COUNTS``).
    table : key under which they are shown.
    """
    if counts.empty:
        return []
    row = _largest(counts, "n_companies")
    text = Label(
        "销售录入与业务事实不一致最多的是「{stage}」:{kind},{n} 家。阶段以事实为准。",
        "Sellers and facts disagree most at '{stage}': {kind}, {n} companies. The stages follow the facts.",
    )
    refs = _refs(table, (row["stage"], row["kind"]), stage="stage", kind="kind", n="n_companies")
    return [Finding("exceptions.most", text, refs, "bad", weight=float(row["n_companies"]))]


def stuck_findings(
    now: pd.DataFrame, late: pd.DataFrame, *, materiality_rate: float, order_fen: int, table: str = "standing"
) -> list[Finding]:
    """How many companies are stuck, and where most of them are.

    Parameters
    ----------
    now, late : results of ``standing`` and ``stuck``.
    materiality_rate : more than this share of the companies in the stage makes it material.
    order_fen : typical order, fen; the weight adds the amounts at stake to it.
    table : key under which ``now`` is shown.
    """
    parts = now[~now["is_total"]]
    if late.empty:
        return []
    row = _largest(parts, "n_stuck")
    text = Label(
        "{all} 家企业滞留超过规定天数,最多的在「{stage}」:{n} 家,该阶段共 {here} 家。",
        "{all} companies have stood still for longer than the set days, most of them at '{stage}': {n} of {here}.",
    )
    here = _refs(table, (row["stage"],), stage="stage", n="n_stuck", here="n_companies")
    material = bool(row["n_stuck"] > materiality_rate * row["n_companies"])
    weight = float(late["at_stake_fen"].fillna(0).sum() + len(late) * order_fen)
    return [
        Finding("stuck.most", text, {**here, **_refs(table, (ALL,), all="n_stuck")}, "bad", material, weight),
    ]


def _leaking_stage(row: Any, materiality_rate: float, order_fen: int, table: str) -> Finding:
    text = Label(
        "成交前丢失最多的阶段是「{stage}」:到达 {entered} 家,丢失 {left} 家;"
        "{rate} 进入下一步(区间 {lower} 至 {upper})。",
        "Before the sale most are lost at '{stage}': {left} of {entered} that reached it; {rate} went on "
        "(interval {lower} to {upper}).",
    )
    refs = _refs(
        table,
        (row["segment"], row["stage"]),
        stage="stage",
        entered="n_entered",
        left="n_left",
        rate="next_rate",
        lower="lower_rate",
        upper="upper_rate",
    )
    material = bool(row["n_left"] > materiality_rate * row["n_entered"])
    return Finding("funnel.leak", text, refs, "bad", material, float(row["n_left"]) * order_fen)


def _leaking_segment(row: Any, order_fen: int, table: str) -> Finding:
    text = Label(
        "漏斗最弱的一环:「{segment}」在「{stage}」,{rate} 进入下一步,"
        "与其余分组相差 {difference}(区间 {low} 至 {high})。",
        "The weakest link: '{segment}' at '{stage}', where {rate} went on; the difference to all others is "
        "{difference} (interval {low} to {high}).",
    )
    refs = _refs(
        table,
        (row["segment"], row["stage"]),
        segment="segment",
        stage="stage",
        rate="next_rate",
        difference="difference_rate",
        low="difference_lower_rate",
        high="difference_upper_rate",
        p="p_adjusted",
    )
    return Finding("funnel.leak_segment", text, refs, "bad", True, float(row["short"]) * order_fen, _TESTED)


def _segment(row: Any, direction: Direction, order_fen: int, table: str) -> Finding:
    words = ("最高", "best") if direction == "good" else ("最低", "worst")
    text = Label(
        f"整体转化{words[0]}的是「{{segment}}」:{{n}} 家转化 {{won}} 家,{{rate}}"
        "(区间 {lower} 至 {upper}),其余分组 {others}。",
        f"'{{segment}}' converts {words[1]}: {{won}} of {{n}}, {{rate}} (interval {{lower}} to {{upper}}), "
        "against {others} of all others.",
    )
    refs = _refs(
        table,
        (row["segment"],),
        segment="segment",
        n="n_leads",
        won="n_won",
        rate="won_rate",
        lower="lower_rate",
        upper="upper_rate",
        others="others_rate",
        p="p_adjusted",
    )
    weight = abs(float(row["difference_rate"])) * float(row["n_leads"]) * order_fen
    return Finding(f"conversion.{words[1]}", text, refs, direction, True, weight, _TESTED)


def _changed(row: Any, order_fen: int, table: str) -> Finding:
    is_better = row["verdict"] == "higher"
    words = ("上升", "rose") if is_better else ("下降", "fell")
    text = Label(
        f"同龄转化率{words[0]}:「{{segment}}」{{step}},{{now}},上月 {{before}}(差异区间 {{low}} 至 {{high}})。",
        f"Conversion at the same age {words[1]}: '{{segment}}', {{step}}, {{now}} after {{before}} last month "
        "(interval of the difference {low} to {high}).",
    )
    refs = _refs(
        table,
        (row["segment"], row["step"]),
        segment="segment",
        step="step",
        now="now_rate",
        before="before_rate",
        low="difference_lower_rate",
        high="difference_upper_rate",
        p="p_adjusted",
    )
    basis = Label(
        "两个月的企业自进入起观察同样天数;Holm 校正 p = {p}。",
        "Companies of both months are observed for as many days from entry; Holm-adjusted p = {p}.",
    )
    weight = abs(float(row["difference_rate"])) * float(row["n_now"]) * order_fen
    key = f"month.{row['segment']}.{row['step']}"
    return Finding(key, text, refs, "good" if is_better else "bad", True, weight, basis)


def _largest(rows: pd.DataFrame, column: str) -> Any:
    """The row with the largest value; of equals the first, and rows come in a fixed order."""
    return rows.sort_values(column, ascending=False, kind="stable").iloc[0]


def _refs(table: str, row: tuple[str, ...], **columns: str) -> Mapping[str, Ref]:
    return {name: Ref(table, row, column) for name, column in columns.items()}
