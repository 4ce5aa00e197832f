"""The members of a segment as a list, with the tags that a reader asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from bizlab.contracts.columns import code, text
from bizlab.contracts.table import Table
from bizlab.errors import SettingError, unknown
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY
from bizlab.tagging.segments.segments import AMOUNT, Membership

_NAME = text("name", "企业名称 | Name", nullable=True)
_SEGMENT = code("segment", "客群 | Segment")


class MemberList(NamedTuple):
    """One row per member under its contract: ``customer_id``, ``name``, ``segment`` and the tags asked for."""

    frame: pd.DataFrame
    contract: Table


def member_list(
    membership: Membership,
    segment_id: str,
    *,
    names: Mapping[str, Label],
    tags: Sequence[str] = (),
    order_by: str = AMOUNT,
) -> MemberList:
    """Who is in a segment; who is undecided is not in the list.

    Parameters
    ----------
    names : names of companies by id; one without a name stays without.
    tags : tag ids, in the order of the columns.
    order_by : an amount tag; the largest first, then by id.

    Returns
    -------
    The list and its contract; codes have their words in the contract.

    Raises
    ------
    SettingError : no such segment, or a tag that is not known or not computed.
    """
    segment, snapshot = membership[segment_id], membership.snapshot
    known = [tag.tag_id for tag in snapshot.tags]
    for tag_id in tags:
        if tag_id not in known:
            raise unknown("tag", tag_id, known, "columns of the list")
    if len(set(tags)) < len(tags):
        raise SettingError("A column is named twice", place="columns of the list", fix="name each tag once")
    contract = snapshot.contract(tags)
    is_member = membership.frame[segment_id].fillna(False).to_numpy(dtype=bool)
    size = membership.amounts(order_by)
    order = pd.DataFrame({"size": size.to_numpy(), KEY: snapshot.frame[KEY].to_numpy()})[is_member]
    places = order.sort_values(["size", KEY], ascending=[False, True], na_position="last", kind="stable").index
    frame = snapshot.frame.iloc[places][list(contract.names)]
    words = [names[key].zh if key in names else None for key in frame[KEY]]
    frame = frame.assign(name=pd.Series(words, index=frame.index, dtype="str"), segment=segment_id)
    columns = (contract.columns[0], _NAME, replace(_SEGMENT, choice_labels={segment_id: segment.name}))
    own = replace(
        contract,
        name="segment_members",
        label=segment.name,
        grain=Label("客群的每个成员一行", "one row per member of the segment"),
        columns=(*columns, *contract.columns[1:]),
    )
    return MemberList(own.conform(frame), own)
