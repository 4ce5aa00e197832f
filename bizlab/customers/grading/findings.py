"""What the value grades of a month say, as findings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.customers.grading.movement import DOWN, KEY, LEFT, OVERDUE, TOTAL, UP
from bizlab.labels import Label

_LARGEST = 3


def grade_findings(
    distribution: pd.DataFrame,
    movement: pd.DataFrame,
    moved: pd.DataFrame,
    *,
    material_fen: int,
    keys: Sequence[str] = ("grades", "movement", "moved"),
) -> list[Finding]:
    """Concentration in the top grade, grades lost and won, and overdue receivables.

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
    grades, moves, names = keys
    found = [_top(distribution, grades)]
    found += _moves(movement, moves, material_fen)
    found += _fallen(moved, names, material_fen)
    return found + _overdue(distribution, grades, material_fen)


def _top(distribution: pd.DataFrame, key: str) -> Finding:
    top = distribution.iloc[0]
    refs = {
        name: Ref(key, (str(top["grade"]),), name) for name in ("grade", "customer_rate", "amount_fen", "amount_rate")
    }
    text = Label(
        "{grade}客户占采购企业的{customer_rate},贡献近12个月采购金额的{amount_rate}({amount_fen})。",
        "{grade} is {customer_rate} of the buyers and {amount_rate} of the amount of 12 months ({amount_fen}).",
    )
    basis = Label("切分点在参照期拟合后保持不变", "cut points are those of the reference period")
    return Finding("grades.top", text, refs, "neutral", False, float(top["amount_fen"]), basis)


def _moves(movement: pd.DataFrame, key: str, material_fen: int) -> list[Finding]:
    """Grades lost against grades won, where any company moved."""
    by_kind = movement.set_index("movement")
    if int(by_kind.loc[[UP, DOWN], "n_customers"].sum()) == 0:
        return []
    lost, won = int(by_kind.loc[DOWN, "amount_before_fen"]), int(by_kind.loc[UP, "amount_fen"])
    refs = {
        "n_down": Ref(key, (DOWN,), "n_customers"),
        "lost": Ref(key, (DOWN,), "amount_before_fen"),
        "n_up": Ref(key, (UP,), "n_customers"),
        "won": Ref(key, (UP,), "amount_fen"),
        "n_left": Ref(key, (LEFT,), "n_customers"),
    }
    text = Label(
        "本月降级{n_down}家(上月口径金额{lost}),升级{n_up}家(金额{won}),另有{n_left}家不再可评级。",
        "{n_down} companies fell a grade (amount as of last month {lost}), {n_up} rose ({won}); {n_left} can no longer "
        "be graded.",
    )
    basis = Label("与上月末相比,切分点不变", "against the end of last month, cut points unchanged")
    direction: Direction = "bad" if lost > won else "good"
    return [
        Finding("grades.moves", text, refs, direction, max(lost, won) >= material_fen, float(max(lost, won)), basis)
    ]


def _fallen(moved: pd.DataFrame, key: str, material_fen: int) -> list[Finding]:
    """The largest companies that fell, by name."""
    fallen = moved[moved["movement"] == DOWN].nlargest(_LARGEST, "amount_before_fen")
    found = []
    for row in fallen.to_dict("records"):
        customer = str(row[KEY])
        columns = (KEY, "from_grade", "to_grade", "amount_before_fen", "amount_fen")
        refs = {name: Ref(key, (customer,), name) for name in columns}
        text = Label(
            "{customer_id}由{from_grade}降为{to_grade}:近12个月采购金额由{amount_before_fen}变为{amount_fen}。",
            "{customer_id} fell from {from_grade} to {to_grade}: its amount of 12 months went from {amount_before_fen} "
            "to {amount_fen}.",
        )
        amount = int(row["amount_before_fen"])
        found.append(Finding(f"grades.fell.{customer}", text, refs, "bad", amount >= material_fen, float(amount)))
    return found


def _overdue(distribution: pd.DataFrame, key: str, material_fen: int) -> list[Finding]:
    total = distribution.set_index("grade").loc[TOTAL]
    owed = int(total[OVERDUE])
    if owed == 0:
        return []
    refs = {"n": Ref(key, (TOTAL,), "n_overdue"), "owed": Ref(key, (TOTAL,), OVERDUE)}
    text = Label("{n}家企业逾期未付,合计{owed}。", "{n} companies are overdue with {owed} in all.")
    basis = Label("应收日期早于截至日期且未回款", "due before the as-of date and not paid")
    return [Finding("grades.overdue", text, refs, "bad", owed >= material_fen, float(owed), basis)]
