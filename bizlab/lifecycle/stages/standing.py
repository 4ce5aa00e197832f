"""Where everybody stands on the as-of date, and who has stood there too long."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, ratio, reason, table, words
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import says
from bizlab.engine import Lazy, grouped, lazy, midnight, to_pandas, until
from bizlab.labels import Label
from bizlab.lifecycle.rates import Counted, quartiles, rate
from bizlab.lifecycle.stages.stages import ALL, Stages
from bizlab.units.kinds import Unit

DAYS_AT_STAKE = 365
_NO_ORDER = words(no_order="近一年没有订单 | no order in the year before")
_NOBODY = words(nobody="无企业 | nobody stands here")

STANDING = table(
    "standing",
    "当前各阶段企业 | Where companies stand",
    "每阶段一行 | one row per stage",
    code("stage", "阶段 | Stage"),
    column("is_total", "合计行 | Total row"),
    column("n_companies", "企业数 | Companies"),
    ratio("share_rate", "占比 | Share", "企业数 ÷ 合计 | Companies ÷ total", missing=_NOBODY),
    column(
        "median_days",
        "已停留中位数 | Median days so far",
        "进入当前阶段至报告日的天数 | From entry into the present stage to the as-of date",
        nullable=True,
    ),
    reason("median_days", _NOBODY),
    column(
        "n_stuck",
        "滞留 | Stuck",
        "停留超过规定天数的企业;可长期停留的阶段与状态不计 | "
        "Companies beyond the set days; stages where staying is fine, and states, have none",
    ),
    key="stage",
)

STUCK = table(
    "stuck",
    "滞留企业 | Stuck companies",
    "每家滞留企业一行 | one row per stuck company",
    code("customer_id", "企业 | Company", refers="customers"),
    code("stage", "阶段 | Stage"),
    column("entered_on", "进入日期 | Entered on"),
    column("waited_days", "已停留 | Days in the stage"),
    column(
        "at_stake_fen",
        "涉及金额 | Amount at stake",
        "报告日前 365 天订单金额之和 | Orders of the 365 days up to the as-of date",
        nullable=True,
    ),
    reason("at_stake_fen", _NO_ORDER),
    key="customer_id",
)


def standing(entries: Any, *, stages: Stages, as_of: date, stuck_days: int) -> pd.DataFrame:
    """How many companies stand in each stage, in order and in all, for how long, and how many are stuck: `STANDING`.

    Parameters
    ----------
    entries : journeys (contract ``ENTRIES``), staged as of ``as_of``.
    stuck_days : a company that has been in a stage for longer is stuck, unless the stage says ``may_stay``.

    >>> entries = pd.DataFrame({"customer_id": ["A"], "stage": ["lead"], "left_on": pd.to_datetime([None]),
    ...                         "entered_on": pd.to_datetime(["2026-07-01"])})
    >>> name = {"zh": "阶段", "en": "Stage"}
    >>> stages = Stages.model_validate({"unstaged": "lead", "cohort": "lead", "won": "won", "won_within_days": 30,
    ...     "tolerance_days": 9, "stages": [{"id": id, "name": name} for id in ("lead", "won")]})
    >>> table = standing(entries, stages=stages, as_of=date(2026, 10, 31), stuck_days=90)
    >>> table[["stage", "n_companies", "median_days", "n_stuck"]].to_numpy().tolist()
    [['lead', 1, 122, 1], ['won', 0, <NA>, 0], ['all', 1, 122, 1]]
    """
    stays = _stays(entries, as_of)
    late = _is_stuck(stays, stages, stuck_days)
    rows = []
    for name in (*stages.ids, ALL):
        here = stays["stage"].eq(name) | (name == ALL)
        n = int(here.sum())
        rows.append({
            "stage": name, "is_total": name == ALL, "n_companies": n, "n_stuck": int((here & late).sum()),
            **rate("share_rate", Counted(n, len(stays)), missing="nobody"),
            **quartiles(stays.loc[here, "waited_days"], missing="nobody"),
        })  # fmt: skip
    return STANDING.conform(pd.DataFrame(rows))


def stuck(entries: Any, orders: Any, *, stages: Stages, as_of: date, stuck_days: int) -> pd.DataFrame:
    """Companies that stand in a stage for too long, the largest amount first, then the longest wait: `STUCK`.

    Parameters
    ----------
    entries : journeys (contract ``ENTRIES``), staged as of ``as_of``.
    orders : order lines under their contract, any kind of frame; lines after ``as_of`` are not read.
    stuck_days : days in a stage beyond which a company is stuck, unless the stage says ``may_stay``.
    """
    stays = _stays(entries, as_of)
    late = stays[_is_stuck(stays, stages, stuck_days)]
    bought = to_pandas(grouped(_year(orders, as_of), "customer_id", sums=["amount_fen"]))
    amount = late["customer_id"].map(bought.set_index("customer_id")["amount_fen"]).astype("Int64")
    frame = late.assign(at_stake_fen=amount, at_stake_fen_reason=amount.isna().map({True: "no_order", False: None}))
    order = ["at_stake_fen", "waited_days", "customer_id"]
    return STUCK.conform(frame.sort_values(order, ascending=[False, False, True], na_position="last"))


def typical_order_fen(orders: Any, *, as_of: date) -> int:
    """Median amount of an order of the last 365 days, by which findings about companies are weighed.

    Parameters
    ----------
    orders : order lines under their contract, any kind of frame; lines after ``as_of`` are not read.

    Returns
    -------
    Whole fen, the amount of an order that exists (nearest rank); 0 without orders.

    >>> orders = pd.DataFrame({"order_id": ["A", "A", "B", "R"], "amount_fen": [100, 200, 900, -900],
    ...                        "ordered_on": pd.to_datetime(["2026-10-01"] * 4)})
    >>> typical_order_fen(orders, as_of=date(2026, 10, 31))
    300
    """
    amounts = to_pandas(grouped(_year(orders, as_of), "order_id", sums=["amount_fen"]))["amount_fen"]
    bought = sorted(int(amount) for amount in amounts if amount > 0)
    return bought[(len(bought) - 1) // 2] if bought else 0


def stuck_findings(now: pd.DataFrame, late: pd.DataFrame, *, materiality_rate: float, order_fen: int) -> list[Finding]:
    """How many companies are stuck, and where most of them are.

    Parameters
    ----------
    now, late : from `standing` and `stuck`.
    materiality_rate : more than this share of the companies in the stage makes it material.
    order_fen : typical order, fen; the weight is one for each stuck company and the amounts at stake.
    """
    if late.empty:
        return []
    (row,) = now[~now["is_total"]].nlargest(1, "n_stuck").to_dict("records")
    return [
        says(
            row,
            STANDING,
            "{n_stuck_in_all} 家企业滞留超过规定天数,最多的在「{stage}」:{n_stuck} 家,该阶段共 {n_companies} 家。 | "
            "{n_stuck_in_all} companies have stood still for longer than the set days, most of them at '{stage}': "
            "{n_stuck} of {n_companies}.",
            key="stuck.most",
            direction="bad",
            material=bool(row["n_stuck"] > materiality_rate * row["n_companies"]),
            weight=float(late["at_stake_fen"].fillna(0).sum() + len(late) * order_fen),
            n_stuck_in_all=Ref(STANDING.name, (ALL,), "n_stuck"),
        )
    ]


def standing_checks(now: pd.DataFrame, late: pd.DataFrame) -> list[Check]:
    """The stages add up to the total, and the list of stuck companies is as long as the table says."""
    whole, parts = (int(now.loc[rows, "n_companies"].sum()) for rows in (now["is_total"], ~now["is_total"]))
    n_stuck = int(now.loc[~now["is_total"], "n_stuck"].sum())
    adds_up = Label("各阶段企业数之和 = 合计", "stages and states = total")
    listed = Label("滞留企业数 = 滞留名单行数", "stuck companies = rows of the list")
    return [
        Check("standing.total", adds_up, whole, parts, Unit.COUNT),
        Check("standing.stuck", listed, n_stuck, len(late), Unit.COUNT),
    ]


def _stays(entries: Any, as_of: date) -> pd.DataFrame:
    """One row per company: the stage in which it stands, since when, and for how many days."""
    now = lazy(entries).filter(nw.col("left_on").is_null()).select("customer_id", "stage", "entered_on")
    frame = to_pandas(now)
    return frame.assign(waited_days=(pd.Timestamp(as_of) - frame["entered_on"]).dt.days)


def _is_stuck(stays: pd.DataFrame, stages: Stages, stuck_days: int) -> pd.Series[bool]:
    moving = [stage.id for stage in stages.stages if not stage.may_stay]
    return (stays["waited_days"] > stuck_days) & stays["stage"].isin(moving)


def _year(orders: Any, as_of: date) -> Lazy:
    start = date.fromordinal(as_of.toordinal() - DAYS_AT_STAKE)
    return until(lazy(orders), "ordered_on", as_of).filter(nw.col("ordered_on") > midnight(start))
