"""Staging: from what sellers typed and what the ERP proves to one journey a company, one stage a day."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import narwhals as nw

from bizlab.contracts.columns import code, column, count, table, words
from bizlab.engine import Lazy, lazy, until
from bizlab.lifecycle.stages.facts import COLUMNS, day_of, dealings, fact_entries
from bizlab.lifecycle.stages.stages import NEW, Stages

MOVES = words(
    first="首次进入 | First entry",
    forward="前进一步 | One stage forward",
    skip="跳过阶段 | Stages skipped",
    regression="退回 | Back to an earlier stage",
    dropped="丢单或流失 | Lost or churned",
    returned="重新激活 | Came back",
)
SOURCES = words(
    typed="销售录入 | Typed by a seller",
    fact="业务事实 | Fact",
    time="事实后满期 | Time after a fact",
    created="建档 | Entered in the CRM",
)

ENTRIES = table(
    "stage_entries",
    "阶段历程 | Journeys",
    "每家企业每次进入阶段一行 | one row per company and entry into a stage",
    code("customer_id", "企业编号 | Company id", refers="customers"),
    count("entry_no", "序号 | Entry number"),
    code("stage", "阶段 | Stage"),
    count("stage_no", "阶段次序 | Position of the stage"),
    column("entered_on", "进入日期 | Entered on"),
    column("left_on", "离开日期 | Left on", nullable=True),
    code("from_stage", "上一阶段 | Stage before"),
    code("to_stage", "下一阶段 | Next stage", nullable=True),
    column("move", "移动 | Move", choices=MOVES),
    column("source", "依据 | Source", choices=SOURCES),
    code("event_id", "凭证编号 | Reference"),
    key="customer_id entry_no",
)

_ORDER = ["entered_on", "stage_no", "event_id"]


class Records(NamedTuple):
    """The four input tables, each under its contract and all in the same engine."""

    customers: Any
    stage_events: Any
    orders: Any
    subscriptions: Any


def entries(records: Records, *, stages: Stages, as_of: date) -> Any:
    """Every entry of every company into a stage or state, as of a date.

    Typed entries always count, also backwards, for stages that have no facts; facts count where they take the company
    forward; entries of one day stand in the order of the stages, then of their ids. An entry into the stage in which
    the company already stands is the same stay. A company that the CRM knows and nobody staged stands in
    ``stages.unstaged`` from the day it was entered there.

    Parameters
    ----------
    records : frames of any kind that narwhals holds. Rows dated after ``as_of`` are not read.

    Returns
    -------
    One row per company and entry (contract ``ENTRIES``), the kind of frame that ``stage_events`` is. The entry
    without ``left_on`` is where the company stands.

    >>> import pandas as pd, yaml
    >>> day = pd.Timestamp("2026-01-05")
    >>> none = {"customer_id": [], "order_id": [], "product_line": [], "ordered_on": [], "amount_fen": []}
    >>> periods = {"customer_id": [], "subscription_id": [], "period_no": [], "starts_on": [], "ends_on": [],
    ...            "signed_on": []}
    >>> typed = pd.DataFrame({"event_id": ["E1", "E2", "E3"], "customer_id": "000101", "stage": ["lead", "mql", "mql"],
    ...                       "entered_on": [day, day + pd.Timedelta(days=9), day + pd.Timedelta(days=9)]})
    >>> records = Records(pd.DataFrame({"customer_id": ["000101"], "created_on": [day]}), typed,
    ...                   pd.DataFrame(none), pd.DataFrame(periods))
    >>> name = {"zh": "阶段", "en": "Stage"}
    >>> stages = Stages.model_validate({"unstaged": "lead", "cohort": "lead", "won": "mql", "won_within_days": 30,
    ...     "tolerance_days": 9, "stages": [{"id": id, "name": name} for id in ("lead", "nurturing", "mql")]})
    >>> entries(records, stages=stages, as_of=date(2026, 1, 31))[["stage", "from_stage", "move"]].to_numpy().tolist()
    [['lead', 'new', 'first'], ['mql', 'lead', 'skip']]
    """
    tables = Records(*map(lazy, records))
    bought = dealings(tables.orders, tables.subscriptions, as_of)
    by_hand = [stage.id for stage in stages.everything if not stage.facts]
    days = tables.stage_events.with_columns(day_of("entered_on"), nw.lit("typed").alias("source")).select(*COLUMNS)
    staged = nw.concat(
        [
            until(days, "entered_on", as_of).filter(nw.col("stage").is_in(by_hand)),
            *fact_entries(bought, stages=stages, as_of=as_of),
        ]
    )
    everything = nw.concat([staged, _unstaged(tables.customers, staged, stages, as_of)])
    kept = _kept(_with_number(everything, stages), stages)
    return _as_given(_linked(kept, stages), records.stage_events)


def _unstaged(customers: Lazy, staged: Lazy, stages: Stages, as_of: date) -> Lazy:
    """Companies in the CRM of which no entry is as old as their record."""
    first = staged.group_by("customer_id").agg(nw.col("entered_on").min().alias("first_on"))
    created = customers.select("customer_id", day_of("created_on").alias("entered_on"))
    alone = until(created.join(first, on="customer_id", how="left"), "entered_on", as_of).filter(
        nw.col("first_on").is_null() | (nw.col("first_on") > nw.col("entered_on"))
    )
    return alone.with_columns(
        nw.lit(stages.unstaged).alias("stage"), nw.lit("").alias("event_id"), nw.lit("created").alias("source")
    ).select(*COLUMNS)


def _with_number(frame: Lazy, stages: Stages) -> Lazy:
    number = nw.lit(0)
    for stage in stages.everything:
        number = nw.when(nw.col("stage") == stage.id).then(nw.lit(stages.number(stage.id))).otherwise(number)
    return frame.with_columns(number.cast(nw.Int64).alias("stage_no"))


def _kept(frame: Lazy, stages: Stages) -> Lazy:
    """Entries that move the company, by the rule that facts lead forward only.

    A stretch begins with each typed entry and each state. Within it facts count when they reach at least as far as
    everything before them in the stretch; a state is the start of a new climb, which time alone does not begin.
    """
    last = len(stages.stages)
    is_state = nw.col("stage_no") > last
    begins = is_state | (nw.col("source") == "typed")
    stretch = frame.with_columns(begins.cast(nw.Int64).alias("stretch")).with_columns(
        nw.col("stretch").cum_sum().over("customer_id", order_by=_ORDER),
        begins.alias("begins"),
        nw.when(is_state).then(nw.lit(0)).otherwise(nw.col("stage_no")).alias("climbed"),
    )
    in_state = (nw.col("climbed") == 0).cast(nw.Int64).max().over("customer_id", "stretch")
    climbing = stretch.with_columns(in_state.alias("in_state")).filter(
        (nw.col("source") != "time") | (nw.col("in_state") == 0)
    )
    reached = climbing.with_columns(
        nw.col("climbed").cum_max().over("customer_id", "stretch", order_by=_ORDER).alias("reached")
    )
    moving = reached.filter(nw.col("begins") | (nw.col("climbed") == nw.col("reached")))
    before = moving.with_columns(nw.col("stage_no").shift(1).over("customer_id", order_by=_ORDER).alias("before_no"))
    return before.filter(nw.col("before_no").is_null() | (nw.col("before_no") != nw.col("stage_no")))


def _linked(kept: Lazy, stages: Stages) -> Lazy:
    def over(expression: nw.Expr) -> nw.Expr:
        return expression.over("customer_id", order_by=_ORDER)

    linked = kept.with_columns(
        over(nw.col("entered_on").shift(-1)).alias("left_on"),
        over(nw.col("stage").shift(1)).fill_null(NEW).alias("from_stage"),
        over(nw.col("stage").shift(-1)).alias("to_stage"),
        over(nw.col("stage_no").shift(1)).alias("before_no"),
        nw.lit(1).alias("entry"),
    )
    numbered = linked.with_columns(
        over(nw.col("entry").cum_sum()).cast(nw.Int64).alias("entry_no"), _move(len(stages.stages)).alias("move")
    )
    return numbered.select(*ENTRIES.names)


def _move(last: int) -> nw.Expr:
    before, now = nw.col("before_no"), nw.col("stage_no")
    step = (
        nw.when(now == before + 1).then(nw.lit("forward")).otherwise(
            nw.when(now > before).then(nw.lit("skip")).otherwise(nw.lit("regression"))
        )
    )  # fmt: skip
    in_stages = nw.when(before > last).then(nw.lit("returned")).otherwise(step)
    known = nw.when(now > last).then(nw.lit("dropped")).otherwise(in_stages)
    return nw.when(before.is_null()).then(nw.lit("first")).otherwise(known)


def _as_given(result: Lazy, given: Any) -> Any:
    """The result as the kind of frame that was given: eager for eager, native for native."""
    frame = nw.from_native(given)
    same = result if isinstance(frame, nw.LazyFrame) else result.collect()
    return same if isinstance(given, nw.LazyFrame | nw.DataFrame) else same.to_native()
