"""All tags of all customers on one date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import column, reason, table
from bizlab.contracts.table import Table
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import CUSTOMER, KEY, Dictionary, Reason, Tag


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
        """The contract of the frame limited to some tags, in their order, so that it can be shown."""
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
