"""All tags of all customers on one date, and the forms in which they are handed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, reason, score, table, text
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import CUSTOMER, KEY, TAG, Dictionary, Reason, Tag
from bizlab.units.kinds import Unit

TAG_VALUES = table(
    "tag_values",
    "标签值 | Tag values",
    "每个日期、客户、标签一行 | one row per date, customer and tag",
    column("as_of_on", "截至日期 | As of"),
    CUSTOMER,
    TAG,
    text("value", "值 | Value", nullable=True),
    score("value_number", "数值 | As a number", nullable=True),
    reason("value"),
    key=f"as_of_on {KEY} tag_id",
)


@dataclass(frozen=True)
class Snapshot:
    """Tags as of one date.

    Parameters
    ----------
    dictionary : what the tags mean.
    as_of : nothing dated later was read.
    frame : one row per customer; for each computed tag its column, typed by its unit, and ``<tag>_reason``.
    reasons : the words of every reason that may stand there.
    checks : what had to add up.
    """

    dictionary: Dictionary
    as_of: date
    frame: pd.DataFrame
    reasons: Mapping[str, Reason]
    checks: tuple[Check, ...]

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags that were computed."""
        return tuple(tag for tag in self.dictionary.tags.values() if tag.tag_id in self.frame)

    @property
    def reason_labels(self) -> dict[str, Label]:
        return {code: reason.label for code, reason in self.reasons.items()}

    def contract(self, tag_ids: Sequence[str]) -> Table:
        """The contract of the frame limited to some tags, so that it can be shown.

        Parameters
        ----------
        tag_ids : in the order of the columns.
        """
        columns = [CUSTOMER]
        for tag_id in tag_ids:
            tag = self.dictionary[tag_id]
            columns += [
                column(tag_id, tag.name, tag.definition, unit=tag.unit, nullable=True, choices=tag.words),
                reason(tag_id, self.reason_labels),
            ]
        grain = "每家企业一行 | one row per company"
        return table("customer_tags", "客户标签 | Customer tags", grain, columns, key=KEY)


def reason_column(values: pd.Series[Any], why: pd.Series[Any]) -> pd.Series[Any]:
    """The reason where a value is missing, nothing where it is there."""
    return why.astype("str").where(values.isna().to_numpy()).reset_index(drop=True)


def tag_values(snapshot: Snapshot) -> pd.DataFrame:
    """The snapshot as a long table: the form in which months are kept and compared.

    Returns
    -------
    `TAG_VALUES`: one row per customer and tag, sorted by both. ``value`` is exact text (whole fen, ISO dates, codes);
    ``value_number`` the same as a number where there is one.
    """
    parts = [
        pd.DataFrame(
            {
                "as_of_on": pd.Timestamp(snapshot.as_of),
                KEY: snapshot.frame[KEY],
                "tag_id": tag.tag_id,
                "value": _text(snapshot.frame[tag.tag_id], tag),
                "value_number": _number(snapshot.frame[tag.tag_id], tag),
                "value_reason": snapshot.frame[f"{tag.tag_id}_reason"],
            }
        )
        for tag in snapshot.tags
    ]
    return TAG_VALUES.stacked(parts).sort_values([KEY, "tag_id"], kind="stable", ignore_index=True)


def _text(values: pd.Series[Any], tag: Tag) -> pd.Series[Any]:
    if tag.unit is Unit.DATE:
        return values.dt.strftime("%Y-%m-%d").astype("str")
    known = values.astype("object").map(lambda value: None if pd.isna(value) else str(value))
    return known.where(values.notna(), None).astype("str")


def _number(values: pd.Series[Any], tag: Tag) -> pd.Series[Any]:
    if tag.type in {"number", "flag"}:
        return values.astype("Float64").astype("float64")
    return pd.Series(float("nan"), index=values.index)
