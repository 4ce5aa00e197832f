"""Stock and flow: how many stood in each stage, who came, who left, and from where to where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table
from bizlab.engine import lazy, month_number, to_pandas, until
from bizlab.labels import Label
from bizlab.lifecycle.stages.stages import NEW, Stages
from bizlab.lifecycle.stages.staging import MOVES, Records
from bizlab.periods import Month
from bizlab.units.kinds import Unit

_NEVER = datetime(9999, 12, 31)

STAGE_STOCK = table(
    "stage_stock",
    "阶段存量与流量 | Stock and flow of stages",
    "每月每阶段一行 | one row per month and stage",
    column("month", "月份 | Month"),
    code("stage", "阶段 | Stage"),
    column("n_opening", "期初 | Opening", "上月最后一天处于该阶段的企业数 | Companies in it when last month ended"),
    column("n_entered", "进入 | Entered", "当月进入的次数 | Entries in the month"),
    column("n_left", "离开 | Left", "当月离开的次数 | Exits in the month"),
    column("n_closing", "期末 | Closing", "当月最后一天处于该阶段的企业数 | Companies in it when the month ended"),
    key="month stage",
    sums={
        "n_closing = n_opening + n_entered - n_left": "期末 = 期初 + 进入 − 离开 | closing = opening + entered − left"
    },
)

STAGE_FLOW = table(
    "stage_flow",
    "阶段流向 | Flows between stages",
    "每对阶段一行 | one row per pair of stages",
    code("from_stage", "从 | From"),
    code("to_stage", "到 | To"),
    column("move", "移动 | Move", choices=MOVES),
    column("n_month", "本月 | This month", "当月的移动次数 | Moves in the month"),
    column("n_ever", "累计 | Since the beginning", "自有记录以来的移动次数 | Moves since records began"),
    key="from_stage to_stage",
)


def stock(entries: Any, *, stages: Stages, first: Month, last: Month) -> pd.DataFrame:
    """Stock-flow statement of every stage and month, stages in order: `STAGE_STOCK`.

    Opening and closing are counted from who stands where, entered and left from the moves; that they agree is an
    identity of the contract.

    Parameters
    ----------
    entries : journeys (contract ``ENTRIES``), any kind of frame, staged as of the end of ``last`` or later.
    first, last : months shown.

    >>> entries = pd.DataFrame({
    ...     "from_stage": ["new", "lead"], "stage": ["lead", "won"], "move": ["first", "forward"],
    ...     "entered_on": pd.to_datetime(["2026-09-30", "2026-10-01"]),
    ...     "left_on": pd.to_datetime(["2026-10-01", None])})
    >>> name = {"zh": "阶段", "en": "Stage"}
    >>> stages = Stages.model_validate({"unstaged": "lead", "cohort": "lead", "won": "won", "won_within_days": 30,
    ...     "tolerance_days": 9, "stages": [{"id": id, "name": name} for id in ("lead", "won")]})
    >>> month = Month(2026, 10)
    >>> stock(entries, stages=stages, first=month, last=month).iloc[:, 1:].to_numpy().tolist()
    [['lead', 1, 0, 1, 0], ['won', 0, 1, 0, 1]]
    """
    counts = _counts(entries)
    return STAGE_STOCK.frame(
        (str(month), stage, *_movement(counts[counts["stage"] == stage], _number(month)))
        for month in first.to(last)
        for stage in stages.ids
    )


def flows(entries: Any, *, stages: Stages, month: Month) -> pd.DataFrame:
    """Moves from stage to stage, in a month and since the beginning, in the order of the stages: `STAGE_FLOW`.

    Parameters
    ----------
    entries : journeys (contract ``ENTRIES``), any kind of frame.
    month : the month counted by itself.
    """
    counts = _counts(entries)
    in_month = counts["n"].where(counts["entered"] == _number(month), 0)
    moves = counts.assign(n_month=in_month, to_stage=counts["stage"], n_ever=counts["n"])
    grouped = moves.groupby(["from_stage", "to_stage", "move"], as_index=False)[["n_month", "n_ever"]].sum()
    place = {name: number for number, name in enumerate((NEW, *stages.ids))}
    order = grouped[["from_stage", "to_stage"]].apply(lambda names: names.map(place))
    return STAGE_FLOW.conform(grouped.loc[order.sort_values(["from_stage", "to_stage"]).index])


def companies_known(records: Records, *, as_of: Any) -> int:
    """Companies that any of the four input tables names up to a date, counted without staging."""
    named = (
        (records.customers, "created_on"),
        (records.stage_events, "entered_on"),
        (records.orders, "ordered_on"),
        (records.subscriptions, "signed_on"),
    )
    ids = nw.concat([until(lazy(table), day, as_of).select("customer_id") for table, day in named])
    return len(to_pandas(ids.unique()))


def stock_checks(statement: pd.DataFrame, moves: pd.DataFrame, *, month: Month, n_known: int) -> list[Check]:
    """What must hold between the statement, the flows of the month and the companies that are known.

    Parameters
    ----------
    statement, moves : results of :func:`stock` and :func:`flows`.
    month : the month of the flows.
    n_known : result of :func:`companies_known`.
    """
    now = statement[statement["month"] == str(month)].set_index("stage")
    before = statement[statement["month"] == str(month.previous)].set_index("stage")
    entered = moves.groupby("to_stage")["n_month"].sum().reindex(now.index, fill_value=0)
    left = moves.groupby("from_stage")["n_month"].sum().reindex(now.index, fill_value=0)
    into = Label("各阶段进入 = 流入之和", "entries of each stage = flows into it")
    out_of = Label("各阶段离开 = 流出之和", "exits of each stage = flows out of it")
    known = Label("各阶段与状态之和 = 已知企业数", "stages and states together = companies known")
    carried = Label("期初 = 上月期末", "opening = last month's closing")
    checks = [
        _same("entered", into, now["n_entered"], entered),
        _same("left", out_of, now["n_left"], left),
        Check("lifecycle.known", known, int(now["n_closing"].sum()), n_known, Unit.COUNT),
    ]
    return checks if before.empty else [*checks, _same("opening", carried, now["n_opening"], before["n_closing"])]


def _same(key: str, label: Label, left: pd.Series[int], right: pd.Series[int]) -> Check:
    """Two counts by stage; the right side is off by every difference, so that two errors cannot hide each other."""
    off = int((left - right).abs().sum())
    return Check(f"lifecycle.{key}", label, int(left.sum()), int(left.sum()) - off, Unit.COUNT)


def _counts(entries: Any) -> pd.DataFrame:
    """Entries by where from, where to, and the months of coming and going: all that stock and flow need."""
    moved = (
        lazy(entries)
        .with_columns(nw.col("left_on").fill_null(nw.lit(_NEVER)))
        .with_columns(month_number("entered_on").alias("entered"), month_number("left_on").alias("left"))
    )
    return to_pandas(moved.group_by("from_stage", "stage", "move", "entered", "left").agg(nw.len().alias("n")))


def _movement(counts: pd.DataFrame, month: int) -> tuple[int, int, int, int]:
    def total(rows: pd.Series[bool]) -> int:
        return int(counts.loc[rows, "n"].sum())

    entered, left = counts["entered"], counts["left"]
    opening = total((entered < month) & (left >= month))
    closing = total((entered <= month) & (left > month))
    return opening, total(entered == month), total(left == month), closing


def _number(month: Month) -> int:
    return month.year * 12 + month.month - 1
