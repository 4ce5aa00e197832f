"""What the collection of daily records has to say."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.amoeba.records.observation import PRINCIPLES
from bizlab.contracts.columns import words
from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.labels import Label

_ENOUGH = 20
_STAFFED = 5
_NEVER = Label(
    "以截止日为准:此后才确认的仍算未确认", "as of the as-of day: what was confirmed later is not confirmed yet"
)


def collection_findings(
    company: pd.DataFrame, units: pd.DataFrame, items: pd.DataFrame, owing: pd.DataFrame
) -> list[Finding]:
    """The scores against last month, the lowest unit by each, teams without hours, what was not confirmed, or late.

    Parameters
    ----------
    company, units, items, owing : from `company_scores`, `unit_scores`, `item_scores` and `owed`, shown under the keys
        ``principles``, ``units``, ``items`` and ``owed``.
    """
    scored = [_score(row) for row in company.to_dict("records") if row["n_due"]]
    lowest = [one for principle in PRINCIPLES for one in _lowest(units, principle)]
    open_ = [_open(row) for row in owing.to_dict("records") if row["debt"] in _SENTENCES]
    confirmed = items[items["item"].isin(["unit_confirmed", "accepted"])]
    late = [_late(row) for row in confirmed[confirmed["n_late"] > 0].to_dict("records")]
    books = confirmed[(confirmed["item"] == "accepted") & (confirmed["n_missing"] > 0)]
    return scored + lowest + open_ + [_unaccepted(row) for row in books.to_dict("records")] + late


def _score(row: dict[str, Any]) -> Finding:
    change = float(row["change_rate"]) if pd.notna(row["change_rate"]) else 0.0
    direction: Direction = "good" if change > 0 else "bad" if change < 0 else "neutral"
    names = {"principle": "principle", "now": "rate", "ok": "n_ok", "due": "n_due", "before": "previous_rate"}
    return Finding(
        key=f"score-{row['principle']}",
        text=Label(
            "{principle}:应有 {due} 项,合格 {ok} 项,得分 {now},上月 {before}",
            "{principle}: {ok} of {due} in order, {now}, after {before} the month before",
        ),
        refs={name: Ref("principles", (str(row["principle"]),), column) for name, column in names.items()},
        direction=direction,
        weight=float(row["n_due"] - row["n_ok"]),
        basis=Label(
            "合格 ÷ 应有;三项原则不合并为一个数", "in order ÷ due; the three principles are not made into one number"
        ),
    )


def _lowest(units: pd.DataFrame, principle: str) -> list[Finding]:
    """The unit with nothing below it that scores lowest, where it had enough to do and missed something."""
    due, rate = f"{principle}_due", f"{principle}_rate"
    asked = units[units["is_leaf"] & (units[due] >= _ENOUGH) & (units[rate] < 1)]
    if asked.empty:
        return []
    unit_id = str(asked.sort_values([rate, "unit_id"], kind="stable")["unit_id"].iloc[0])
    names = {"unit": "unit_id", "rate": rate, "ok": f"{principle}_ok", "due": due}
    words = PRINCIPLES[principle]
    return [
        Finding(
            key=f"lowest-{principle}",
            text=Label(
                f"{words.zh}得分最低的是 {{unit}}:{{due}} 项中合格 {{ok}} 项({{rate}})",
                f"lowest score, {words.en.lower()}: {{unit}}, {{ok}} of {{due}} in order ({{rate}})",
            ),
            refs={name: Ref("units", (unit_id,), column) for name, column in names.items()},
            direction="bad",
            weight=float(asked[due].max()),
            basis=Label(
                f"只比较其下没有单元、应有 {_ENOUGH} 项以上的单元",
                f"among units with nothing below them and at least {_ENOUGH} due",
            ),
        )
    ]


_NOBODY = Label(
    f"每人每个工作日都应有工时,缺勤记 0;{_STAFFED} 人日以上为重大",
    f"hours of every person on every working day, absence is 0; material from {_STAFFED} person-days on",
)
_SENTENCES = words(
    unit_hours="{unit} 全单元 {first} 至 {last} 没有工时记录,共 {n} 人日 | "
    "nobody of {unit} has hours between {first} and {last}: {n} person-days",
    unit_confirmation="{unit} 的{source}有 {n} 笔自 {first} 起未经本巴确认,涉及 {amount} | "
    "{unit} has not confirmed since {first} ({source}): {n}, {amount}",
)


def _open(row: dict[str, Any]) -> Finding:
    names = {"unit": "unit_id", "first": "first_on", "last": "last_on", "n": "n", "source": "source"}
    names |= {} if pd.isna(row["amount_fen"]) else {"amount": "amount_fen"}
    place = (str(row["debt"]), str(row["source"]), str(row["unit_id"]), "")
    is_hours = row["debt"] == "unit_hours"
    return Finding(
        key=f"{row['debt']}-{row['source']}-{row['unit_id']}",
        text=_SENTENCES[str(row["debt"])],
        refs={name: Ref("owed", place, column) for name, column in names.items()},
        direction="bad",
        material=is_hours and row["n"] >= _STAFFED,
        weight=float(row["n"]),
        basis=_NOBODY if is_hours else _NEVER,
    )


def _unaccepted(row: dict[str, Any]) -> Finding:
    return _of_item(
        row,
        "unaccepted",
        Label("经营会计未确认的{source}:{due} 笔中 {n} 笔", "{source} that accounting has not confirmed: {n} of {due}"),
        {"n": "n_missing"},
        _NEVER,
    )


def _late(row: dict[str, Any]) -> Finding:
    return _of_item(
        row,
        "late",
        Label(
            "{source}迟确认:{due} 笔中 {n} 笔,最多迟 {most}", "{source} confirmed late: {n} of {due}, at most {most}"
        ),
        {"n": "n_late", "most": "most_days_late"},
        Label("以记录当日为限", "the day of the record is the limit")
        if row["item"] == "unit_confirmed"
        else Label("以参数 acceptance_days 为限", "the parameter acceptance_days is the limit"),
    )


def _of_item(row: dict[str, Any], key: str, text: Label, names: dict[str, str], basis: Label) -> Finding:
    columns = {"source": "source", "due": "n_due"} | names
    place = (str(row["item"]), str(row["source"]))
    return Finding(
        key=f"{key}-{row['item']}-{row['source']}",
        text=text,
        refs={name: Ref("items", place, column) for name, column in columns.items()},
        direction="bad",
        weight=float(row[names["n"]]),
        basis=basis,
    )
