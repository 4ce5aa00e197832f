"""Scores of the collection of daily records: in order over due, by item, unit, day and person, always from sums."""

from __future__ import annotations

import pandas as pd

from bizlab.amoeba.records.collection import Collection
from bizlab.amoeba.records.observation import (
    DIFFERENT,
    DUE,
    ITEM,
    LATE,
    MISSING,
    NOT_YET,
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
from bizlab.contracts.check import Check
from bizlab.contracts.column import Column
from bizlab.contracts.columns import code, column, count, ratio, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.units.kinds import Unit

_STATES_OF = {"timely": (OK, LATE, MISSING), "complete": (OK, MISSING), "accurate": (OK, MISSING, DIFFERENT)}
_ENOUGH = 20
"""With less due a unit's score is left to chance, and is not called the lowest."""
_REASONS = words(nothing_due="没有应有的记录 | nothing was due", no_working_day="非工作日 | no working day")


def _scores_of(principle: str) -> tuple[Column, ...]:
    """Due, its states and the rate of one principle."""
    said = PRINCIPLES[principle]
    counts = words(due="应有 | Due") | {state: STATES[state] for state in _STATES_OF[principle]}
    return (
        *(
            count(f"{principle}_{name}", f"{said.zh}:{of.zh} | {said.en}: {of.en.lower()}")
            for name, of in counts.items()
        ),
        *ratio(
            f"{principle}_rate",
            f"{said.zh}率 | {said.en} rate",
            "合格 ÷ 应有,由合计相除,不对比率取平均 | in order ÷ due, from sums, never from averaged rates",
            missing=_REASONS,
        ),
    )


def _sum_of(principle: str) -> tuple[str, Label]:
    """The rule that what is due is the sum of its states, and the rule in words."""
    states, said = _STATES_OF[principle], PRINCIPLES[principle]
    return f"{principle}_due = " + " + ".join(f"{principle}_{state}" for state in states), Label(
        f"{said.zh}:应有 = {' + '.join(STATES[state].zh for state in states)}",
        f"{said.en}: due = {' + '.join(STATES[state].en.lower() for state in states)}",
    )


_SCORES = tuple(_scores_of(principle) for principle in PRINCIPLES)
_SUMS = dict(_sum_of(principle) for principle in PRINCIPLES)
_DAY = column("day", "日期 | Day", unit=Unit.DATE)
_IS_WORKING = column("is_working", "工作日 | Working day")

UNIT_SCORES = table(
    "unit_scores",
    "各单元得分(含下级) | Scores of every unit, with those below it",
    "每个单元一行 | one row per unit",
    UNIT_ID,
    count("depth", "层次 | Depth"),
    column("is_leaf", "末级 | Nothing below"),
    _SCORES,
    key="unit_id",
    sums=_SUMS,
)
DAY_SCORES = table(
    "day_scores",
    "各日得分 | Scores of every day",
    "每个自然日一行 | one row per calendar day",
    _DAY,
    _IS_WORKING,
    column("n_counting", "填报人数的单元 | Units that counted persons"),
    _SCORES,
    key="day",
    sums=_SUMS,
)
CALENDAR = table(
    "calendar",
    "单元与日期得分 | Scores by unit and day",
    "每个单元、每个工作日或有记录之日一行 | one row per unit and working day, or day with a record",
    UNIT_ID,
    _DAY,
    code("day_of_month", "日 | Day of the month"),
    _IS_WORKING,
    _SCORES,
    key="unit_id day",
    sums=_SUMS,
)
SHOWN = tuple(f"{principle}_{what}" for principle in PRINCIPLES for what in ("due", "ok", "rate"))
"""The columns of a wide table of scores that a reader needs."""

ITEM_SCORES = table(
    "item_scores",
    "各项要求的结果 | What was asked and what came of it",
    "每项要求、每张记录表一行 | one row per item and table",
    PRINCIPLE,
    ITEM,
    SOURCE,
    column("n_due", "应有 | Due"),
    (column(f"n_{state}", STATES[state]) for state in DUE),
    ratio("rate", "得分 | Score", "合格 ÷ 应有 | in order ÷ due", missing=_REASONS),
    column("most_days_late", "最多迟天数 | Most days late", unit=Unit.DAYS),
    column("n_asked", "全部 | All"),
    column("n_waiting", "未到期 | Not due yet", STATES[WAITING]),
    key="item source",
    sums={
        "n_asked = n_due + n_waiting": "全部 = 应有 + 未到期 | all = due + not due yet",
        "n_due = n_ok + n_late + n_missing + n_different": (
            "应有 = 合格 + 迟 + 缺 + 不一致 | due = in order + late + missing + differs"
        ),
    },
)
PERSON_SCORES = table(
    "person_scores",
    "各人工时完整 | Hours of every person",
    "每人、每单元一行 | one row per person and unit",
    UNIT_ID,
    PERSON_ID,
    column("n_due", "应有工作日 | Working days due"),
    column("n_ok", "有工时 | With hours"),
    column("n_missing", "无工时 | Without hours"),
    column("rate", "完整率 | Complete rate", "有工时 ÷ 应有 | with hours ÷ due"),
    key="unit_id person_id",
    sums={"n_due = n_ok + n_missing": "应有 = 有 + 无 | due = with + without"},
)
COMPANY_SCORES = table(
    "company_scores",
    "三项原则得分 | Scores of the three principles",
    "每项原则一行 | one row per principle",
    PRINCIPLE,
    ITEM_SCORES["n_due"],
    column("n_ok", "合格 | In order"),
    ITEM_SCORES["rate"],
    ITEM_SCORES["rate_reason"],
    ratio("previous_rate", "上月得分 | Score of the month before", missing=_REASONS),
    column("change_rate", "变动(百分点) | Change, points", nullable=True),
    key="principle",
)


def item_scores(collected: Collection) -> pd.DataFrame:
    """What was asked of which table and what came of it: `ITEM_SCORES`, in the order of the principles."""
    keys = ["item", "source"]
    rows = collected.observations
    counts = _counts(rows, keys, rows["state"], list(STATES))
    most = rows.groupby(keys)["most_days_late"].max()
    sums = counts.rename(columns=lambda state: f"n_{state}").assign(most_days_late=most).reset_index()
    due = sums[[f"n_{state}" for state in DUE]].sum(axis=1)
    scores = sums.assign(principle=sums["item"].map(PRINCIPLE_OF), n_due=due, n_asked=due + sums["n_waiting"])
    scores = scores.assign(rate=_rate(scores["n_ok"], due), rate_reason=_reason(due))
    order = [list(names).index for names in (ITEM.choices, SOURCE.choices)]
    ranks = [scores[key].map(rank) for key, rank in zip(keys, order, strict=True)]
    return ITEM_SCORES.conform(scores.iloc[pd.concat(ranks, axis=1).sort_values(keys).index])


def unit_scores(collected: Collection) -> pd.DataFrame:
    """Scores of every unit with all below it, each day by the tree of the day: `UNIT_SCORES`, in the tree's order."""
    above = collected.placed.merge(collected.organisation.closure, on=["span", "unit_id"])
    sums = _wide(above.drop(columns="unit_id").rename(columns={"ancestor_id": "unit_id"}), ["unit_id"])
    tree = collected.organisation.tree()
    closure = collected.organisation.closure
    parents = set(closure.loc[closure["unit_id"] != closure["ancestor_id"], "ancestor_id"])
    rows = tree[["unit_id", "depth"]].merge(sums.reset_index(), on="unit_id", how="left")
    return UNIT_SCORES.conform(_rated(rows.assign(is_leaf=~rows["unit_id"].isin(parents))))


def day_scores(collected: Collection) -> pd.DataFrame:
    """Scores of the company on every calendar day of the period: `DAY_SCORES`."""
    days = pd.DataFrame({"day": pd.date_range(collected.first, collected.as_of, unit="us")})
    counted = collected.there.counted[collected.there.counted["n_persons"] > 0].groupby("day").size()
    rows = days.merge(_wide(collected.observations, ["day"]).reset_index(), on="day", how="left").assign(
        is_working=days["day"].isin(collected.there.working_days),
        n_counting=days["day"].map(counted).fillna(0).astype("int64"),
    )
    return DAY_SCORES.conform(_rated(rows, rows["is_working"]))


def calendar(collected: Collection) -> pd.DataFrame:
    """Own scores of every unit that owed anything, on working days and days with records: `CALENDAR`, in tree order."""
    sums = _wide(collected.observations, ["unit_id", "day"])
    known = collected.organisation.tree()["unit_id"].tolist()
    units = sorted(
        sums.index.unique("unit_id"),
        key=lambda unit_id: (known.index(unit_id) if unit_id in known else len(known), unit_id),
    )
    days = collected.there.working_days.union(sums.index.unique("day"))
    rows = pd.MultiIndex.from_product([units, days], names=["unit_id", "day"]).to_frame(index=False)
    rows = rows.merge(sums.reset_index(), on=["unit_id", "day"], how="left")
    is_working = rows["day"].isin(collected.there.working_days)
    rows = rows.assign(day_of_month=rows["day"].dt.day.astype("str"), is_working=is_working)
    return CALENDAR.conform(_rated(rows, is_working))


def person_scores(collected: Collection) -> pd.DataFrame:
    """On how many working days each person's hours are there: `PERSON_SCORES`, the lowest first."""
    hours = collected.observations[collected.observations["item"] == "hours"]
    counts = _counts(hours, ["unit_id", "person_id"], hours["state"], [OK, MISSING])
    rows = counts.rename(columns={OK: "n_ok", MISSING: "n_missing"}).reset_index()
    rows = rows.assign(n_due=rows["n_ok"] + rows["n_missing"])
    rows = rows.assign(rate=_rate(rows["n_ok"], rows["n_due"]))
    return PERSON_SCORES.conform(rows.sort_values(["rate", "unit_id", "person_id"], kind="stable"))


def company_scores(collected: Collection, before: Collection) -> pd.DataFrame:
    """The three principles of the company against the period before: `COMPANY_SCORES`; they are never made into one."""
    now, then = (
        _counts(rows.assign(principle=_principle(rows)), ["principle"], rows["state"], list(DUE))
        .reindex(list(PRINCIPLES), fill_value=0)
        .assign(due=lambda states: states.sum(axis=1))
        for rows in (collected.observations, before.observations)
    )
    rate, previous = (_rate(sums[OK], sums["due"]) for sums in (now, then))
    scores = now.assign(
        n_due=now["due"],
        n_ok=now[OK],
        rate=rate,
        rate_reason=_reason(now["due"]),
        previous_rate=previous,
        previous_rate_reason=_reason(then["due"]),
        change_rate=rate - previous,
    )
    return COMPANY_SCORES.conform(scores.rename_axis("principle").reset_index())


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
    rated = rows.copy()
    for principle, states in _STATES_OF.items():
        names = [f"{principle}_{state}" for state in states]
        rated[names] = rated[names].fillna(0).astype("int64")
        due = rated[names].sum(axis=1)
        rated[f"{principle}_due"] = due
        rated[f"{principle}_rate"] = _rate(rated[f"{principle}_{OK}"], due)
        rated[f"{principle}_rate_reason"] = _reason(due, working)
    return rated


def _rate(ok: pd.Series[int], due: pd.Series[int]) -> pd.Series[float]:
    return (ok / due.where(due > 0)).astype("float64")


def _reason(due: pd.Series[int], working: pd.Series[bool] | None = None) -> pd.Series[str]:
    free = pd.Series(False, index=due.index) if working is None else ~working
    why = pd.Series("nothing_due", index=due.index, dtype="object").mask(free, "no_working_day")
    return why.where(due == 0)


def score_checks(
    collected: Collection, *, units: pd.DataFrame, days: pd.DataFrame, persons: pd.DataFrame
) -> list[Check]:
    """Due and in order: the company with what is outside the tree = all days = all records; persons = the register.

    Parameters
    ----------
    units, days, persons : from `unit_scores`, `day_scores` and `person_scores`.
    """
    outside = collected.observations.drop(index=collected.placed.index)
    company = units[units["depth"] == 0]
    checks = []
    for principle, said in PRINCIPLES.items():
        for what, states, of in (("due", DUE, Label("应有", "due")), (OK, (OK,), Label("合格", "in order"))):
            name, zh, en = f"{principle}_{what}", f"{said.zh}{of.zh}", f"{said.en}, {of.en}"
            records, astray = (
                int(rows.loc[(_principle(rows) == principle) & rows["state"].isin(states), "n"].sum())
                for rows in (collected.observations, outside)
            )
            of_units = Label(f"{zh}:公司 + 不在树中 = 全部记录", f"{en}: company + outside the tree = all")
            of_days = Label(f"{zh}:各日之和 = 全部记录", f"{en}: sum of days = all")
            in_tree, by_day = int(company[name].sum()), int(days[name].sum())
            checks += [
                Check(f"collection.units_{name}", of_units, in_tree + astray, records, Unit.COUNT),
                Check(f"collection.days_{name}", of_days, by_day, records, Unit.COUNT),
            ]
    everybody = Label("应有工时的人日:各人之和 = 名册", "Person-days due: sum of persons = the register")
    n_due, n_registered = int(persons["n_due"].sum()), len(collected.there.registered)
    return [*checks, Check("collection.persons", everybody, n_due, n_registered, Unit.COUNT)]


def score_findings(company: pd.DataFrame, units: pd.DataFrame) -> list[Finding]:
    """Scores against last month and the lowest unit by each principle: shown under ``principles`` and ``units``."""
    findings = [
        says(
            row,
            COMPANY_SCORES,
            "{principle}:应有 {n_due} 项,合格 {n_ok} 项,得分 {rate},上月 {previous_rate} | "
            "{principle}: {n_ok} of {n_due} in order, {rate}, after {previous_rate} the month before",
            key=f"score-{row['principle']}",
            table="principles",
            direction="good" if row["change_rate"] > 0 else "bad" if row["change_rate"] < 0 else "neutral",
            weight=float(row["n_due"] - row["n_ok"]),
            basis="合格 ÷ 应有;三项原则不合并为一个数 | "
            "in order ÷ due; the three principles are not made into one number",
        )
        for row in company[company["n_due"] > 0].to_dict("records")
    ]
    for principle, said in PRINCIPLES.items():
        due, rate = f"{principle}_due", f"{principle}_rate"
        asked = units[units["is_leaf"] & (units[due] >= _ENOUGH) & (units[rate] < 1)]
        findings += [
            says(
                row,
                UNIT_SCORES,
                f"{said.zh}得分最低的是 {{unit_id}}:{{{due}}} 项中合格 {{{principle}_ok}} 项({{{rate}}}) | "
                f"lowest score, {said.en.lower()}: {{unit_id}}, {{{principle}_ok}} of {{{due}}} in order ({{{rate}}})",
                key=f"lowest-{principle}",
                table="units",
                direction="bad",
                weight=float(asked[due].max()),
                basis=f"只比较其下没有单元、应有 {_ENOUGH} 项以上的单元 | "
                f"among units with nothing below them and at least {_ENOUGH} due",
            )
            for row in asked.sort_values([rate, "unit_id"], kind="stable").head(1).to_dict("records")
        ]
    return findings


def item_findings(items: pd.DataFrame) -> list[Finding]:
    """What accounting did not confirm, and what was confirmed late: `ITEM_SCORES`, shown under the key ``items``."""
    unaccepted = items[(items["item"] == "accepted") & (items["n_missing"] > 0)]
    late = items[items["item"].isin(["unit_confirmed", "accepted"]) & (items["n_late"] > 0)]
    findings = [
        says(
            row,
            ITEM_SCORES,
            "经营会计未确认的{source}:{n_due} 笔中 {n_missing} 笔 | "
            "{source} that accounting has not confirmed: {n_missing} of {n_due}",
            key=f"unaccepted-{row['item']}-{row['source']}",
            table="items",
            direction="bad",
            weight=float(row["n_missing"]),
            basis=NOT_YET,
        )
        for row in unaccepted.to_dict("records")
    ]
    return findings + [
        says(
            row,
            ITEM_SCORES,
            "{source}迟确认:{n_due} 笔中 {n_late} 笔,最多迟 {most_days_late} | "
            "{source} confirmed late: {n_late} of {n_due}, at most {most_days_late}",
            key=f"late-{row['item']}-{row['source']}",
            table="items",
            direction="bad",
            weight=float(row["n_late"]),
            basis="以记录当日为限 | the day of the record is the limit"
            if row["item"] == "unit_confirmed"
            else "以参数 acceptance_days 为限 | the parameter acceptance_days is the limit",
        )
        for row in late.to_dict("records")
    ]
