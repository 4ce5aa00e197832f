"""One row a company: when it first reached each stage, where it stands, and to which segment it belongs."""

from __future__ import annotations

from typing import Any, Literal

import narwhals as nw
import pandas as pd

from bizlab.contracts.columns import column, words
from bizlab.engine import lazy, to_pandas
from bizlab.errors import DataError, some
from bizlab.lifecycle.stages.stages import ALL, Stages

UNKNOWN = "unknown"
SEGMENT = column("segment", "分组 | Segment", words=words({ALL: "全部 | All", UNKNOWN: "未登记 | Not recorded"}))

SplitBy = Literal["channel", "industry", "region"]


def milestones(entries: Any, *, stages: Stages) -> pd.DataFrame:
    """The day on which each company first reached each stage or one after it.

    A stage that was skipped counts as reached on the day of the stage that followed, so that a funnel never widens
    on its way down.

    Parameters
    ----------
    entries : journeys (contract ``ENTRIES``), any kind of frame.

    Returns
    -------
    One row per company: ``customer_id``, ``stage`` and ``stage_no`` where it stands, and for each stage ``<id>_on``,
    missing where it was not reached; by company id.
    """
    last = len(stages.stages)
    number = nw.col("stage_no")
    marked = lazy(entries).with_columns(
        *(
            nw.when((number >= stages.number(stage.id)) & (number <= last))
            .then(nw.col("entered_on"))
            .alias(f"{stage.id}_on")
            for stage in stages.stages
        ),
        nw.when(nw.col("left_on").is_null()).then(number).alias("stands"),
    )
    reached = marked.group_by("customer_id").agg(
        *(nw.col(f"{stage.id}_on").min() for stage in stages.stages), nw.col("stands").max()
    )
    frame = to_pandas(reached.with_columns(nw.col("stands").cast(nw.Int64).alias("stage_no")).drop("stands"))
    frame["stage"] = frame["stage_no"].map(dict(enumerate(stages.ids, start=1)))
    return frame.sort_values("customer_id", ignore_index=True)


def with_segment(
    companies: pd.DataFrame, customers: pd.DataFrame, channels: pd.DataFrame, *, by: SplitBy
) -> pd.DataFrame:
    """The companies with the segment by which funnels are split.

    Parameters
    ----------
    companies : result of :func:`milestones`.
    customers, channels : under their contracts.
    by : ``industry`` or ``region`` of the company, or the kind of the ``channel`` that it came from.

    Returns
    -------
    The rows of ``companies`` with ``segment``, the code; ``unknown`` where the tables do not say.

    Raises
    ------
    DataError : a company or a channel stands twice in its table.

    >>> companies = pd.DataFrame({"customer_id": ["000101", "000102"]})
    >>> customers = pd.DataFrame({"customer_id": ["000101"], "channel_id": ["CH01"]})
    >>> channels = pd.DataFrame({"channel_id": ["CH01"], "kind": ["swap"]})
    >>> with_segment(companies, customers, channels, by="channel")["segment"].tolist()
    ['swap', 'unknown']
    """
    for frame, key in ((customers, "customer_id"), (channels, "channel_id")):
        twice = frame.loc[frame[key].duplicated(), key]
        if len(twice):
            raise DataError(
                f"The same {key} stands twice: {some(list(twice))}",
                place=f"column {key}",
                fix="keep one row for each; the reader's duplicates rule in params/sources.yaml does so",
            )
    by_id = customers.set_index("customer_id")
    kinds = channels.set_index("channel_id")["kind"]
    segment = by_id["channel_id"].map(kinds) if by == "channel" else by_id[by]
    return companies.assign(segment=companies["customer_id"].map(segment).fillna(UNKNOWN).astype("str"))
