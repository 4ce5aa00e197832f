"""What the unit-hour sheet has to say."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.labels import Label

_MOST = 3
_FEWEST = 2
_STAFFED = 5


def company_findings(moved: pd.DataFrame, *, root: str, materiality_rate: float) -> list[Finding]:
    """The value added per hour at the top against the month before, and the best and worst units below it.

    Parameters
    ----------
    moved : from `movement`, shown under the key ``movement``.
    root : id of the company, or of the unit whose leader reads.
    materiality_rate : share of last month's F above which a change is material.
    """
    basis = Label(
        f"与上月相比,变动超过 {materiality_rate:.0%} 为重大",
        f"against the month before; material above {materiality_rate:.0%}",
    )
    company = moved[moved["unit_id"] == root]
    leaves = moved[moved["is_leaf"] & (moved["unit_id"] != root) & moved["change_per_hour"].notna()]
    changes = leaves.sort_values(["change_per_hour", "unit_id"], kind="stable")
    rows = [
        company[company["change_per_hour"].notna()],
        changes[changes["change_per_hour"] < 0].head(_MOST),
        changes[changes["change_per_hour"] > 0].tail(_MOST),
    ]
    found = [_moved(row, basis, materiality_rate) for part in rows for row in part.to_dict("records")]
    found += _extremes(moved[moved["is_leaf"] & moved["value_per_hour"].notna()])
    losses = moved[moved["is_leaf"] & (moved["value_added_fen"] < 0)]
    return found + [_loss(row) for row in losses.to_dict("records")]


def record_findings(missing: pd.DataFrame) -> list[Finding]:
    """Units that recorded no hours while staffed.

    Parameters
    ----------
    missing : from `missing_hours`, shown under the key ``missing_hours``.
    """
    names = {"unit": "unit_id", "n": "n_days", "first": "first_on", "last": "last_on"}
    return [
        Finding(
            key=f"hours-{row['unit_id']}",
            text=Label(
                "{unit} 有 {n} 天在岗而无工时记录({first} 至 {last}),单位时间收益因此偏高",
                "{unit} was staffed on {n} days without hours ({first} to {last}); its value per hour is too high",
            ),
            refs={name: Ref("missing_hours", (str(row["unit_id"]),), column) for name, column in names.items()},
            direction="bad",
            material=True,
            weight=float(row["person_days"]),
            basis=Label(
                f"与每日在册人数相比;缺 {_STAFFED} 人日以上才列为发现",
                f"against the daily headcount; a finding from {_STAFFED} person-days on",
            ),
        )
        for row in missing[missing["person_days"] >= _STAFFED].to_dict("records")
    ]


def rule_findings(rules: pd.DataFrame) -> list[Finding]:
    """Rules that passed over receivers or gave nothing.

    Parameters
    ----------
    rules : the allocation's results, shown under the key ``rules``.
    """
    zero = Label(
        "分摊规则 {rule}({giver})有 {n} 个受分摊单元动因为零,不承担分摊",
        "rule {rule} ({giver}): receivers with a driver of zero, which bear nothing: {n}",
    )
    nothing = Label("分摊规则 {rule}({giver})未执行:{n}", "rule {rule} ({giver}) allocated nothing: {n}")
    closed = Label(
        "分摊规则 {rule}({giver})为 {n} 个已撤销单元填报了动因,未予分摊",
        "rule {rule} ({giver}) has driver values for closed units, which receive nothing: {n}",
    )
    told = (
        ("driver", zero, "n_zero", (rules["n_zero"] > 0) & (rules["outcome"] == "allocated")),
        ("unallocated", nothing, "outcome", ~rules["outcome"].isin(["allocated", "nothing"])),
        ("closed", closed, "n_closed", rules["n_closed"] > 0),
    )
    return [
        _of_rule(row, key, text, column)
        for key, text, column, chosen in told
        for row in rules[chosen].to_dict("records")
    ]


def _of_rule(row: dict[str, object], key: str, text: Label, told: str) -> Finding:
    names = {"rule": "rule_id", "giver": "from_unit_id", "n": told}
    place = (str(row["month"]), str(row["rule_id"]))
    return Finding(
        key=f"{key}-{row['rule_id']}",
        text=text,
        refs={name: Ref("rules", place, column) for name, column in names.items()},
        direction="bad",
        material=told == "outcome",
        weight=1.0 if told == "outcome" else float(str(row[told])),
    )


def _moved(row: dict[str, object], basis: Label, materiality_rate: float) -> Finding:
    change, before = float(str(row["change_per_hour"])), float(str(row["previous_per_hour"]))
    direction: Direction = "good" if change > 0 else "bad" if change < 0 else "neutral"
    names = {"unit": "unit_id", "now": "value_per_hour", "before": "previous_per_hour", "change": "change_per_hour"}
    return Finding(
        key=f"moved-{row['unit_id']}",
        text=Label(
            "{unit} 单位时间收益 {now},上月 {before},变动 {change}",
            "{unit} added {now}, after {before} the month before: {change}",
        ),
        refs={name: Ref("movement", (str(row["unit_id"]),), column) for name, column in names.items()},
        direction=direction,
        material=abs(change) > materiality_rate * abs(before),
        weight=abs(float(str(row["value_added_change_fen"]))),
        basis=basis,
    )


def _extremes(leaves: pd.DataFrame) -> list[Finding]:
    """The amoebas without units below them that add most and least per hour, in one sentence."""
    if len(leaves) < _FEWEST:
        return []
    ordered = leaves.sort_values(["value_per_hour", "unit_id"], kind="stable")["unit_id"].astype(str)
    rows = {"best": ordered.iloc[-1], "worst": ordered.iloc[0]}
    refs = {end: Ref("movement", (unit_id,), "unit_id") for end, unit_id in rows.items()}
    refs |= {f"{end}_rate": Ref("movement", (unit_id,), "value_per_hour") for end, unit_id in rows.items()}
    return [
        Finding(
            key="extremes",
            text=Label(
                "末级巴中单位时间收益最高的是 {best}({best_rate}),最低的是 {worst}({worst_rate})",
                "{best} adds most per hour ({best_rate}), {worst} least ({worst_rate})",
            ),
            refs=refs,
            basis=Label("只比较其下没有单元的阿米巴", "among amoebas without units below them"),
        )
    ]


def _loss(row: dict[str, object]) -> Finding:
    names = {"unit": "unit_id", "value": "value_added_fen", "rate": "value_per_hour"}
    return Finding(
        key=f"loss-{row['unit_id']}",
        text=Label("{unit} 本月附加值为 {value}(每小时 {rate})", "{unit} added {value} this month ({rate})"),
        refs={name: Ref("movement", (str(row["unit_id"]),), column) for name, column in names.items()},
        direction="bad",
        material=True,
        weight=abs(float(str(row["value_added_fen"]))),
        basis=Label("附加值为负,尚未计人工成本", "negative value added, before labour cost"),
    )
