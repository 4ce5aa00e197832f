"""The value grades of a month beside those of the month before: distribution, migration, and who moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, ratio, score, table, words
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import says
from bizlab.customers.grading.grades import (
    AMOUNT,
    NOT_BUYING,
    NOT_GRADABLE,
    QUANTITY,
    SETTLEMENT,
    ValueGradeModel,
)
from bizlab.labels import Label
from bizlab.units.kinds import Unit

KEY, GRADE, OVERDUE = "customer_id", "value_grade", "overdue_fen"
TOTAL, NEW = "total", "new"
_LARGEST = 3
_WORDS = {**NOT_GRADABLE, TOTAL: Label("合计", "Total"), NEW: Label("上月未建档", "Not known last month")}
_NO_SHARE = words(
    no_amount="合计为零 | the total is zero",
    not_buying="近12个月未采购,不在分母中 | no orders in 12 months: not in the base",
    mixed="合计含未采购企业 | the total includes companies that do not buy",
    no_buyer="没有采购企业 | nobody bought",
)

MOVES = words(
    up="升级 | Up",
    down="降级 | Down",
    same="不变 | Unchanged",
    entered="进入评级 | Newly graded",
    left="退出评级 | No longer graded",
    outside="两月均未评级 | Graded in neither month",
)
UP, DOWN, SAME, ENTERED, LEFT, OUTSIDE = MOVES
_SUMS = (
    column("n_customers", "企业数 | Companies"),
    column("amount_before_fen", "上月口径金额 | Amount as of last month"),
    column("amount_fen", "本月口径金额 | Amount as of this month"),
)
_SIDES = (
    column("from_grade", "上月等级 | Last month", words=_WORDS),
    column("to_grade", "本月等级 | This month", words=_WORDS),
)
_MOVE = column("movement", "变动 | Movement", choices=MOVES)

GRADE_DISTRIBUTION = table(
    "grade_distribution",
    "价值等级分布 | Distribution of value grades",
    "每个等级一行,不可评级另列 | one row per grade, not gradable beside them",
    column("grade", "等级 | Grade", words=_WORDS),
    column(
        "from_score",
        "起始得分 | From score",
        "参照期拟合的切分点,得分在0与1之间 | cut point fitted on the reference period, between 0 and 1",
        nullable=True,
    ),
    column("n_customers", "企业数 | Companies"),
    ratio(
        "customer_rate",
        "占采购企业 | Share of buyers",
        "企业数 ÷ 近12个月有采购的企业数 | companies over companies that ordered in 12 months",
        missing=_NO_SHARE,
    ),
    column("amount_fen", "近12个月采购金额 | Amount in 12 months"),
    ratio(
        "amount_rate",
        "金额占比 | Share of amount",
        "金额 ÷ 全部企业金额合计 | amount over the amount of all companies",
        missing=_NO_SHARE,
    ),
    column("n_overdue", "有逾期的企业 | Companies overdue"),
    column("overdue_fen", "逾期应收 | Overdue receivables"),
    column("is_total", "合计行 | Total"),
    key="grade",
)

GRADE_MIGRATION = table(
    "grade_migration",
    "等级迁移 | Migration between grades",
    "每对上月等级、本月等级一行 | one row per grade of last month and grade of this month",
    _SIDES,
    _MOVE,
    _SUMS,
    key="from_grade to_grade",
)

GRADE_MOVEMENT = table(
    "grade_movement",
    "等级变动汇总 | Movements in short",
    "每种变动一行 | one row per kind of movement",
    _MOVE,
    _SUMS,
    key="movement",
)

GRADE_MOVED = table(
    "grade_moved",
    "等级变动的客户 | Companies whose grade changed",
    "每家等级有变动的企业一行 | one row per company whose grade changed",
    code(KEY, "企业 | Company", refers="customers"),
    _MOVE,
    _SIDES,
    column("quantity_before", "数量(上月) | Quantity, last month", unit=Unit.QUANTITY),
    column("quantity", "数量(本月) | Quantity, this month", unit=Unit.QUANTITY),
    column("amount_before_fen", "金额(上月) | Amount, last month"),
    column("amount_fen", "金额(本月) | Amount, this month"),
    score("settlement_before", "结算周期(上月,天) | Settlement days, last month", nullable=True),
    score("settlement", "结算周期(本月,天) | Settlement days, this month", nullable=True),
    key=KEY,
)


def grade_distribution(tags: pd.DataFrame, model: ValueGradeModel) -> pd.DataFrame:
    """Companies and amounts by grade, best first, then by reason for having none, and in all: `GRADE_DISTRIBUTION`.

    Parameters
    ----------
    tags : one row per customer: ``value_grade``, its reason, the features of the model, ``overdue_fen``.
    model : the fitted grade.
    """
    amount, states = model.settings.feature(AMOUNT), _states(model)
    companies = pd.DataFrame({"grade": _state(tags), "amount_fen": tags[amount], OVERDUE: tags[OVERDUE]})
    companies["n_overdue"], companies["n_customers"] = (companies[OVERDUE] > 0).astype("int64"), 1
    counted = ["n_customers", "amount_fen", "n_overdue", OVERDUE]
    sums = companies.groupby("grade")[counted].sum().reindex(states, fill_value=0)
    sums.loc[TOTAL] = sums.sum()
    n_buyers = int(sums["n_customers"].drop([TOTAL, NOT_BUYING]).sum())
    cuts = dict(zip(model.settings.grades, [*model.estimator.cut_points_, 0.0], strict=True))
    frame = sums.reset_index(names="grade").assign(is_total=lambda f: f["grade"].eq(TOTAL))
    frame["from_score"] = frame["grade"].map(cuts)
    why = frame["grade"].map({NOT_BUYING: "not_buying", TOTAL: "mixed"}).fillna(None if n_buyers else "no_buyer")
    frame["customer_rate"] = (frame["n_customers"] / max(n_buyers, 1)).where(why.isna())
    frame["customer_rate_reason"] = why
    whole = int(sums.loc[TOTAL, "amount_fen"])
    frame["amount_rate"] = frame["amount_fen"] / whole if whole else float("nan")
    frame["amount_rate_reason"] = None if whole else "no_amount"
    return GRADE_DISTRIBUTION.conform(frame)


def distribution_checks(distribution: pd.DataFrame, tags: pd.DataFrame, model: ValueGradeModel) -> list[Check]:
    """The rows of the distribution add up to all companies and to the amount of all buyers."""
    parts = distribution[~distribution["is_total"]]
    n, fen = int(parts["n_customers"].sum()), int(parts["amount_fen"].sum())
    companies = Label("各等级企业数合计 = 全部企业", "companies of all grades = all companies")
    amounts = Label("各等级金额合计 = 全部采购企业金额", "amounts of all grades = amount of all buyers")
    amount_fen = int(tags[model.settings.feature(AMOUNT)].sum())
    return [
        Check("grade_distribution.n_customers", companies, n, len(tags), Unit.COUNT),
        Check("grade_distribution.amount_fen", amounts, fen, amount_fen, Unit.FEN),
    ]


def grade_migration(before: pd.DataFrame, now: pd.DataFrame, model: ValueGradeModel) -> pd.DataFrame:
    """From which grade to which, with the cut points unchanged.

    Parameters
    ----------
    before, now : one row per customer, as of the two month ends, with ``value_grade`` and the features.

    Returns
    -------
    `GRADE_MIGRATION`: one row per pair of states, pairs without companies too; states are the grades, best first, and
    the reasons for having none; companies not known last month come from ``new``.
    """
    pairs = _pairs(before, now, model)
    states = _states(model)
    every = pd.MultiIndex.from_product([[*states, NEW], states], names=["from_grade", "to_grade"])
    columns = ["n_customers", "amount_before_fen", "amount_fen"]
    sums = pairs.assign(n_customers=1).groupby(["from_grade", "to_grade"])[columns].sum()
    frame = sums.reindex(every, fill_value=0).reset_index()
    frame["movement"] = _movement(frame, model)
    return GRADE_MIGRATION.conform(frame)


def migration_checks(migration: pd.DataFrame, before: pd.DataFrame, now: pd.DataFrame) -> list[Check]:
    """Down each column stand this month's companies, along the rows last month's."""
    known = migration[migration["from_grade"] != NEW]
    rows_text = "迁移矩阵各行合计 = 上月各等级企业数 | rows of the matrix = last month's grades"
    columns_text = "迁移矩阵各列合计 = 本月各等级企业数 | columns of the matrix = this month's grades"
    sides = (("from_grade", known, before, rows_text), ("to_grade", migration, now, columns_text))
    checks = []
    for side, rows, tags, text in sides:
        sums = rows.groupby(side)["n_customers"].sum()
        counted = _state(tags).value_counts().reindex(sums.index, fill_value=0)
        off = int((sums - counted).abs().sum())
        checks.append(Check(f"grade_migration.{side}", Label.of(text), len(tags), len(tags) - off, Unit.COUNT))
    return checks


def grade_movement(migration: pd.DataFrame) -> pd.DataFrame:
    """The migration in short, kinds of movement that did not occur too: `GRADE_MOVEMENT`."""
    sums = migration.groupby("movement")[["n_customers", "amount_before_fen", "amount_fen"]].sum()
    return GRADE_MOVEMENT.conform(sums.reindex(list(MOVES), fill_value=0).reset_index(names="movement"))


def grade_moved(before: pd.DataFrame, now: pd.DataFrame, model: ValueGradeModel) -> pd.DataFrame:
    """Companies whose grade changed, with what it is made of in both months.

    Returns
    -------
    `GRADE_MOVED`: one row per company, first those that fell, then those that left, rose and entered; within each the
    largest amount (of the month in which they had a grade) first.
    """
    pairs = _pairs(before, now, model)
    pairs["movement"] = _movement(pairs, model)
    moved = pairs[pairs["movement"].isin([DOWN, LEFT, UP, ENTERED])].copy()
    moved["rank"] = moved["movement"].map({DOWN: 0, LEFT: 1, UP: 2, ENTERED: 3}).astype("int64")
    moved["size"] = moved["amount_before_fen"].where(moved["movement"] != ENTERED, moved["amount_fen"])
    ranked = moved.sort_values(["rank", "size", KEY], ascending=[True, False, True])
    return GRADE_MOVED.conform(ranked)


def grade_findings(
    distribution: pd.DataFrame,
    movement: pd.DataFrame,
    moved: pd.DataFrame,
    *,
    material_fen: int,
    keys: Sequence[str] = ("grades", "movement", "moved"),
) -> list[Finding]:
    """Concentration in the top grade, grades lost against grades won, the largest that fell, overdue receivables.

    Parameters
    ----------
    distribution, movement, moved : `GRADE_DISTRIBUTION`, `GRADE_MOVEMENT`, `GRADE_MOVED`; of the last only the rows
        that are shown.
    material_fen : from which amount a change counts as material.
    keys : the names under which the notebook shows the three.

    Returns
    -------
    Findings whose figures stand in the three tables; ``weight`` is the amount concerned in fen.
    """
    grades, movements, companies = keys
    top, *_, total = distribution.to_dict("records")
    findings = [
        says(
            top,
            GRADE_DISTRIBUTION,
            "{grade}客户占采购企业的{customer_rate},贡献近12个月采购金额的{amount_rate}({amount_fen})。 | "
            "{grade} is {customer_rate} of the buyers and {amount_rate} of the amount of 12 months ({amount_fen}).",
            key="grades.top",
            table=grades,
            weight=float(top["amount_fen"]),
            basis="切分点在参照期拟合后保持不变 | cut points are those of the reference period",
        ),
        *_moves(movement, movements, material_fen),
    ]
    for row in moved[moved["movement"] == DOWN].nlargest(_LARGEST, "amount_before_fen").to_dict("records"):
        findings.append(
            says(
                row,
                GRADE_MOVED,
                "{customer_id}由{from_grade}降为{to_grade}:近12个月采购金额由{amount_before_fen}变为{amount_fen}。 | "
                "{customer_id} fell from {from_grade} to {to_grade}: its amount of 12 months went from "
                "{amount_before_fen} to {amount_fen}.",
                key=f"grades.fell.{row[KEY]}",
                table=companies,
                direction="bad",
                material=row["amount_before_fen"] >= material_fen,
                weight=float(row["amount_before_fen"]),
            )
        )
    if total[OVERDUE]:
        findings.append(
            says(
                total,
                GRADE_DISTRIBUTION,
                "{n_overdue}家企业逾期未付,合计{overdue_fen}。 | "
                "{n_overdue} companies are overdue with {overdue_fen} in all.",
                key="grades.overdue",
                table=grades,
                direction="bad",
                material=total[OVERDUE] >= material_fen,
                weight=float(total[OVERDUE]),
                basis="应收日期早于截至日期且未回款 | due before the as-of date and not paid",
            )
        )
    return findings


def _moves(movement: pd.DataFrame, key: str, material_fen: int) -> list[Finding]:
    """Grades lost against grades won, where any company moved."""
    by_kind = {row["movement"]: row for row in movement.to_dict("records")}
    down, up = by_kind[DOWN], by_kind[UP]
    if not down["n_customers"] + up["n_customers"]:
        return []
    lost, won = down["amount_before_fen"], up["amount_fen"]
    return [
        says(
            down,
            GRADE_MOVEMENT,
            "本月降级{n_customers}家(上月口径金额{amount_before_fen}),升级{n_up}家(金额{won_fen}),"
            "另有{n_left}家不再可评级。 | "
            "{n_customers} companies fell a grade (amount as of last month {amount_before_fen}), {n_up} rose "
            "({won_fen}); {n_left} can no longer be graded.",
            key="grades.moves",
            table=key,
            direction="bad" if lost > won else "good",
            material=max(lost, won) >= material_fen,
            weight=float(max(lost, won)),
            basis="与上月末相比,切分点不变 | against the end of last month, cut points unchanged",
            n_up=Ref(key, (UP,), "n_customers"),
            won_fen=Ref(key, (UP,), "amount_fen"),
            n_left=Ref(key, (LEFT,), "n_customers"),
        )
    ]


def _states(model: ValueGradeModel) -> list[str]:
    return [*model.settings.grades, *NOT_GRADABLE]


def _state(tags: pd.DataFrame) -> pd.Series[Any]:
    """The grade, or the reason for having none."""
    return tags[GRADE].fillna(tags[f"{GRADE}_reason"])


def _pairs(before: pd.DataFrame, now: pd.DataFrame, model: ValueGradeModel) -> pd.DataFrame:
    """One row per customer of this month, with both states and the features of both months."""
    tags = [model.settings.feature(role) for role in (QUANTITY, AMOUNT, SETTLEMENT)]
    current = now[[KEY, *tags]].set_axis([KEY, "quantity", "amount_fen", "settlement"], axis=1)
    former = before[[KEY, *tags]].set_axis([KEY, "quantity_before", "amount_before_fen", "settlement_before"], axis=1)
    current, former = current.assign(to_grade=_state(now)), former.assign(from_grade=_state(before))
    pairs = current.merge(former, on=KEY, how="left", validate="one_to_one")
    pairs["from_grade"] = pairs["from_grade"].fillna(NEW)
    return pairs.fillna({"quantity_before": 0, "amount_before_fen": 0})


def _movement(pairs: pd.DataFrame, model: ValueGradeModel) -> pd.Series[Any]:
    rank = {grade: number for number, grade in enumerate(model.settings.grades)}
    was, is_now = pairs["from_grade"].map(rank), pairs["to_grade"].map(rank)
    movement = pd.Series(SAME, index=pairs.index, dtype="str")
    movement = movement.mask(is_now < was, UP).mask(is_now > was, DOWN)
    movement = movement.mask(was.isna() & is_now.notna(), ENTERED).mask(was.notna() & is_now.isna(), LEFT)
    return movement.mask(was.isna() & is_now.isna(), OUTSIDE)
