"""Scores of the collection of daily records: in order over due, by item, unit, day and person, always from sums."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.amoeba.records.collection import Collection
from bizlab.amoeba.records.observation import (
    DIFFERENT,
    DUE,
    ITEM,
    LATE,
    MISSING,
    OK,
    PERSON_ID,
    PRINCIPLE,
    PRINCIPLE_OF,
    PRINCIPLES,
    SOURCE,
    STATES,
    UNIT_ID,
    WAITING,
)
from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_STATES_OF = {"timely": (OK, LATE, MISSING), "complete": (OK, MISSING), "accurate": (OK, MISSING, DIFFERENT)}
_REASONS = {
    "nothing_due": Label("没有应有的记录", "nothing was due"),
    "no_working_day": Label("非工作日", "no working day"),
}
_REASON_LABEL = Label("无定义的原因", "Why not defined")


def _scores_of(principle: str) -> tuple[Column, ...]:
    """Due, its states and the rate of one principle."""
    words = PRINCIPLES[principle]

    def named(what: str, unit: Unit, label: Label, **more: object) -> Column:
        joined = Label(f"{words.zh}:{label.zh}", f"{words.en}: {label.en.lower()}")
        return Column(f"{principle}_{what}", unit, joined, **more)  # type: ignore[arg-type]

    return (
        named("due", Unit.COUNT, Label("应有", "Due")),
        *(named(state, Unit.COUNT, STATES[state]) for state in _STATES_OF[principle]),
        Column(
            f"{principle}_rate",
            Unit.RATE,
            Label(f"{words.zh}率", f"{words.en} rate"),
            nullable=True,
            definition=Label(
                "合格 ÷ 应有,由合计相除,不对比率取平均", "in order ÷ due, from sums, never from averaged rates"
            ),
        ),
        Column(f"{principle}_rate_reason", Unit.CODE, _REASON_LABEL, True, choice_labels=_REASONS),
    )


def _sum_of(principle: str) -> Identity:
    states = _STATES_OF[principle]
    words = PRINCIPLES[principle]
    return Identity(
        f"{principle}_due = " + " + ".join(f"{principle}_{state}" for state in states),
        Label(
            f"{words.zh}:应有 = {' + '.join(STATES[s].zh for s in states)}",
            f"{words.en}: due = {' + '.join(STATES[s].en.lower() for s in states)}",
        ),
    )


def _table(name: str, label: Label, grain: Label, keys: Sequence[Column], more: Sequence[Column] = ()) -> Table:
    return Table(
        name=name,
        label=label,
        grain=grain,
        key=tuple(column.name for column in keys),
        columns=(*keys, *more, *(column for principle in PRINCIPLES for column in _scores_of(principle))),
        identities=tuple(_sum_of(principle) for principle in PRINCIPLES),
    )


_DAY = Column("day", Unit.DATE, Label("日期", "Day"))
UNIT_SCORES = _table(
    "unit_scores",
    Label("各单元得分(含下级)", "Scores of every unit, with those below it"),
    Label("每个单元一行", "one row per unit"),
    [UNIT_ID],
    [Column("depth", Unit.COUNT, Label("层次", "Depth")), Column("is_leaf", Unit.BOOL, Label("末级", "Nothing below"))],
)
DAY_SCORES = _table(
    "day_scores",
    Label("各日得分", "Scores of every day"),
    Label("每个自然日一行", "one row per calendar day"),
    [_DAY],
    [
        Column("is_working", Unit.BOOL, Label("工作日", "Working day")),
        Column("n_counting", Unit.COUNT, Label("填报人数的单元", "Units that counted persons")),
    ],
)
CALENDAR = _table(
    "calendar",
    Label("单元与日期得分", "Scores by unit and day"),
    Label("每个单元、每个工作日或有记录之日一行", "one row per unit and working day, or day with a record"),
    [UNIT_ID, _DAY],
    [
        Column("day_of_month", Unit.CODE, Label("日", "Day of the month")),
        Column("is_working", Unit.BOOL, Label("工作日", "Working day")),
    ],
)
SHOWN = tuple(f"{principle}_{what}" for principle in PRINCIPLES for what in ("due", "ok", "rate"))
"""The columns of a wide table of scores that a reader needs."""

ITEM_SCORES = Table(
    name="item_scores",
    label=Label("各项要求的结果", "What was asked and what came of it"),
    grain=Label("每项要求、每张记录表一行", "one row per item and table"),
    key=("item", "source"),
    columns=(
        PRINCIPLE,
        ITEM,
        SOURCE,
        Column("n_due", Unit.COUNT, Label("应有", "Due")),
        *(Column(f"n_{state}", Unit.COUNT, STATES[state]) for state in DUE),
        Column(
            "rate", Unit.RATE, Label("得分", "Score"), nullable=True, definition=Label("合格 ÷ 应有", "in order ÷ due")
        ),
        Column("rate_reason", Unit.CODE, _REASON_LABEL, True, choice_labels=_REASONS),
        Column("most_days_late", Unit.DAYS, Label("最多迟天数", "Most days late")),
        Column("n_asked", Unit.COUNT, Label("全部", "All")),
        Column("n_waiting", Unit.COUNT, Label("未到期", "Not due yet"), definition=STATES[WAITING]),
    ),
    identities=(
        Identity("n_asked = n_due + n_waiting", Label("全部 = 应有 + 未到期", "all = due + not due yet")),
        Identity(
            "n_due = n_ok + n_late + n_missing + n_different",
            Label("应有 = 合格 + 迟 + 缺 + 不一致", "due = in order + late + missing + differs"),
        ),
    ),
)
PERSON_SCORES = Table(
    name="person_scores",
    label=Label("各人工时完整", "Hours of every person"),
    grain=Label("每人、每单元一行", "one row per person and unit"),
    key=("unit_id", "person_id"),
    columns=(
        UNIT_ID,
        PERSON_ID,
        Column("n_due", Unit.COUNT, Label("应有工作日", "Working days due")),
        Column("n_ok", Unit.COUNT, Label("有工时", "With hours")),
        Column("n_missing", Unit.COUNT, Label("无工时", "Without hours")),
        Column(
            "rate", Unit.RATE, Label("完整率", "Complete rate"), definition=Label("有工时 ÷ 应有", "with hours ÷ due")
        ),
    ),
    identities=(Identity("n_due = n_ok + n_missing", Label("应有 = 有 + 无", "due = with + without")),),
)
COMPANY_SCORES = Table(
    name="company_scores",
    label=Label("三项原则得分", "Scores of the three principles"),
    grain=Label("每项原则一行", "one row per principle"),
    key=("principle",),
    columns=(
        PRINCIPLE,
        Column("n_due", Unit.COUNT, Label("应有", "Due")),
        Column("n_ok", Unit.COUNT, Label("合格", "In order")),
        Column(
            "rate", Unit.RATE, Label("得分", "Score"), nullable=True, definition=Label("合格 ÷ 应有", "in order ÷ due")
        ),
        Column("rate_reason", Unit.CODE, _REASON_LABEL, True, choice_labels=_REASONS),
        Column("previous_rate", Unit.RATE, Label("上月得分", "Score of the month before"), nullable=True),
        Column("previous_rate_reason", Unit.CODE, _REASON_LABEL, True, choice_labels=_REASONS),
        Column("change_rate", Unit.RATE, Label("变动(百分点)", "Change, points"), nullable=True),
    ),
)


def item_scores(held: Collection) -> pd.DataFrame:
    """What was asked of which table and what came of it: `ITEM_SCORES`, in the order of the principles."""
    keys = ["item", "source"]
    rows = held.observations
    counts = _counts(rows, keys, rows["state"], list(STATES))
    most = rows.groupby(keys)["most_days_late"].max()
    sums = counts.rename(columns=lambda state: f"n_{state}").assign(most_days_late=most).reset_index()
    due = sums[[f"n_{state}" for state in DUE]].sum(axis=1)
    told = sums.assign(principle=sums["item"].map(PRINCIPLE_OF), n_due=due, n_asked=due + sums["n_waiting"])
    told = told.assign(rate=_rate(told["n_ok"], due), rate_reason=_reason(due))
    order = [list(names).index for names in (ITEM.choices, SOURCE.choices)]
    ranks = [told[key].map(rank) for key, rank in zip(keys, order, strict=True)]
    return ITEM_SCORES.conform(told.iloc[pd.concat(ranks, axis=1).sort_values(keys).index])


def unit_scores(held: Collection) -> pd.DataFrame:
    """Scores of every unit with all below it, each day by the tree of the day: `UNIT_SCORES`, in the tree's order."""
    above = held.placed.merge(held.organisation.closure, on=["span", "unit_id"])
    sums = _wide(above.drop(columns="unit_id").rename(columns={"ancestor_id": "unit_id"}), ["unit_id"])
    tree = held.organisation.tree()
    closure = held.organisation.closure
    parents = set(closure.loc[closure["unit_id"] != closure["ancestor_id"], "ancestor_id"])
    rows = tree[["unit_id", "depth"]].merge(sums.reset_index(), on="unit_id", how="left")
    return UNIT_SCORES.conform(_rated(rows.assign(is_leaf=~rows["unit_id"].isin(parents))))


def day_scores(held: Collection) -> pd.DataFrame:
    """Scores of the company on every calendar day of the period: `DAY_SCORES`."""
    days = pd.DataFrame({"day": pd.date_range(held.first, held.as_of, unit="us")})
    counted = held.there.counted[held.there.counted["n_persons"] > 0].groupby("day").size()
    rows = days.merge(_wide(held.observations, ["day"]).reset_index(), on="day", how="left").assign(
        is_working=days["day"].isin(held.there.working_days),
        n_counting=days["day"].map(counted).fillna(0).astype("int64"),
    )
    return DAY_SCORES.conform(_rated(rows, rows["is_working"]))


def calendar(held: Collection) -> pd.DataFrame:
    """Own scores of every unit that owed anything, on working days and days with records: `CALENDAR`, in tree order."""
    sums = _wide(held.observations, ["unit_id", "day"])
    known = held.organisation.tree()["unit_id"].tolist()
    units = sorted(
        sums.index.unique("unit_id"), key=lambda one: (known.index(one) if one in known else len(known), one)
    )
    days = held.there.working_days.union(sums.index.unique("day"))
    rows = pd.MultiIndex.from_product([units, days], names=["unit_id", "day"]).to_frame(index=False)
    rows = rows.merge(sums.reset_index(), on=["unit_id", "day"], how="left")
    is_working = rows["day"].isin(held.there.working_days)
    rows = rows.assign(day_of_month=rows["day"].dt.day.astype("str"), is_working=is_working)
    return CALENDAR.conform(_rated(rows, is_working))


def person_scores(held: Collection) -> pd.DataFrame:
    """On how many working days each person's hours are there: `PERSON_SCORES`, the lowest first."""
    hours = held.observations[held.observations["item"] == "hours"]
    counts = _counts(hours, ["unit_id", "person_id"], hours["state"], [OK, MISSING])
    rows = counts.rename(columns={OK: "n_ok", MISSING: "n_missing"}).reset_index()
    rows = rows.assign(n_due=rows["n_ok"] + rows["n_missing"])
    rows = rows.assign(rate=_rate(rows["n_ok"], rows["n_due"]))
    return PERSON_SCORES.conform(rows.sort_values(["rate", "unit_id", "person_id"], kind="stable"))


def company_scores(held: Collection, before: Collection) -> pd.DataFrame:
    """The three principles of the company against the period before: `COMPANY_SCORES`; they are never made into one."""
    now, then = (_by_principle(one.observations) for one in (held, before))
    rates = {"rate": now, "previous_rate": then}
    rows = now.assign(**{name: _rate(sums[OK], sums["due"]) for name, sums in rates.items()})
    rows = rows.assign(**{f"{name}_reason": _reason(sums["due"]) for name, sums in rates.items()})
    told = rows.assign(n_due=now["due"], n_ok=now[OK], change_rate=rows["rate"] - rows["previous_rate"])
    return COMPANY_SCORES.conform(told.rename_axis("principle").reset_index())


def _by_principle(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums by state for each principle, and what was due."""
    sums = _counts(rows.assign(principle=_principle(rows)), ["principle"], rows["state"], list(DUE))
    return sums.reindex(list(PRINCIPLES), fill_value=0).assign(due=lambda told: told.sum(axis=1))


def _wide(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """What was due by principle and state, one row per key."""
    names = [f"{principle}_{state}" for principle, states in _STATES_OF.items() for state in states]
    return _counts(rows, keys, _principle(rows) + "_" + rows["state"], names)


def _counts(rows: pd.DataFrame, keys: list[str], labels: pd.Series[str], names: list[str]) -> pd.DataFrame:
    """How many answers carry each label, one row per key and one column per name."""
    return rows.assign(**{name: rows["n"].where(labels == name, 0) for name in names}).groupby(keys)[names].sum()


def _principle(rows: pd.DataFrame) -> pd.Series[str]:
    return rows["item"].map(PRINCIPLE_OF).astype("str")


def _rated(rows: pd.DataFrame, working: pd.Series[bool] | None = None) -> pd.DataFrame:
    """Fill in what was due and the rates; without anything due, why there is none."""
    told = rows.copy()
    for principle, states in _STATES_OF.items():
        names = [f"{principle}_{state}" for state in states]
        told[names] = told[names].fillna(0).astype("int64")
        due = told[names].sum(axis=1)
        told[f"{principle}_due"] = due
        told[f"{principle}_rate"] = _rate(told[f"{principle}_{OK}"], due)
        told[f"{principle}_rate_reason"] = _reason(due, working)
    return told


def _rate(ok: pd.Series[int], due: pd.Series[int]) -> pd.Series[float]:
    return (ok / due.where(due > 0)).astype("float64")


def _reason(due: pd.Series[int], working: pd.Series[bool] | None = None) -> pd.Series[str]:
    free = pd.Series(False, index=due.index) if working is None else ~working
    why = pd.Series("nothing_due", index=due.index, dtype="object").mask(free, "no_working_day")
    return why.where(due == 0)
