"""Customer segments: named expressions over tags, who is in them, and for whom that cannot be said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bizlab.conditions.evaluate import truth, undecided_by
from bizlab.conditions.fields import Field
from bizlab.conditions.text import read_condition
from bizlab.conditions.tree import Condition, names_of
from bizlab.configuration import Spot, by_id, fields, label, word
from bizlab.contracts.columns import code, column, ratio, table, text, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import SettingError, unknown
from bizlab.labels import Label
from bizlab.tagging.dictionary.dictionary import KEY, Dictionary
from bizlab.tagging.tags.snapshot import Snapshot
from bizlab.units.kinds import Unit

PLACE = "params/segments.yaml"
AMOUNT = "order_amount_12m_fen"
_ID = re.compile(r"[a-z][a-z0-9_]*")
_NO_RATE = words(
    nobody_decided="没有可判定的企业 | nobody can be decided", no_amount="金额合计为零 | the total amount is zero"
)
SEGMENT = code("segment_id", "客群 | Segment")

SEGMENT_SIZES = table(
    "segment_sizes",
    "客群规模 | Sizes of segments",
    "每个客群一行 | one row per segment",
    SEGMENT,
    text("expression", "条件 | Condition"),
    column("n_customers", "企业数 | Companies"),
    column("n_members", "成员 | Members"),
    column("n_outside", "非成员 | Not members"),
    column(
        "n_undecided",
        "无法判定 | Undecided",
        "条件所需的标签无值,其余条件不足以判定 | a missing tag leaves the condition open",
    ),
    column("n_not_applicable", "其中不适用 | Of these not applicable"),
    column("n_unknown", "其中未知 | Of these unknown"),
    ratio(
        "member_rate",
        "成员占比 | Share",
        "成员 ÷ (成员 + 非成员) | members over members plus not members",
        missing=_NO_RATE,
    ),
    column("amount_fen", "近12个月采购金额 | Amount in 12 months"),
    column("n_without_amount", "金额缺失的成员 | Members without amount"),
    ratio(
        "amount_rate",
        "金额占比 | Share of amount",
        "金额 ÷ 全部企业金额合计 | amount over the amount of all companies",
        missing=_NO_RATE,
    ),
    key="segment_id",
    sums={
        "n_customers = n_members + n_outside + n_undecided": (
            "企业数 = 成员 + 非成员 + 无法判定 | companies = members + not members + undecided"
        ),
        "n_undecided = n_not_applicable + n_unknown": "无法判定 = 不适用 + 未知 | undecided = not applicable + unknown",
    },
)

SEGMENT_UNDECIDED = table(
    "segment_undecided",
    "无法判定的原因 | Why customers are undecided",
    "每个客群、标签、原因一行 | one row per segment, tag and reason",
    SEGMENT,
    code(
        "tag_id",
        "缺失的标签 | Missing tag",
        "条件中第一个使结果悬而未决的标签 | the first tag of the condition that leaves it open",
    ),
    code("reason", "原因 | Reason"),
    column("n_customers", "企业数 | Companies"),
    key="segment_id tag_id reason",
)


@dataclass(frozen=True)
class Segment:
    """A named group of customers: those for whom an expression over tags holds.

    Parameters
    ----------
    segment_id : small Latin letters, digits and underscore.
    name, owner : for readers, both languages.
    expression : when a customer is a member; ``str`` of it is the canonical text.
    """

    segment_id: str
    name: Label
    expression: Condition
    owner: Label


@dataclass(frozen=True)
class Membership:
    """Who is in which segment as of a date.

    Parameters
    ----------
    segments : in the order of the file.
    snapshot : the tags it was decided by.
    frame : one row per customer of the snapshot, in its order: ``customer_id`` and for every segment a nullable
        yes or no; missing where it is undecided.
    """

    segments: tuple[Segment, ...]
    snapshot: Snapshot
    frame: pd.DataFrame

    def __getitem__(self, segment_id: str) -> Segment:
        return segment_named(self.segments, segment_id)

    @property
    def labels(self) -> dict[str, Label]:
        """The words of the column ``segment_id``."""
        return {segment.segment_id: segment.name for segment in self.segments}

    def amounts(self, tag_id: str) -> pd.Series[Any]:
        """An amount a customer; `SettingError` where the tag is not one, or was not computed."""
        tag = self.snapshot.dictionary[tag_id]
        if tag.unit is not Unit.FEN or tag_id not in self.snapshot.frame:
            raise SettingError(f"'{tag_id}' is not an amount of the snapshot", place="segments", fix="name a _fen tag")
        return self.snapshot.frame[tag_id].astype("Int64")


def parse_segments(config: Mapping[str, Any], dictionary: Dictionary, *, place: str = PLACE) -> tuple[Segment, ...]:
    """Read ``segments.yaml`` as a plain mapping.

    Parameters
    ----------
    config : ``segments``, a list of entries with ``id``, ``name``, ``expression`` and ``owner``.
    dictionary : the tags that the expressions may use.
    place : the file, for messages.

    Raises
    ------
    SettingError : an unknown or missing name, an id twice or badly written, an expression that does not read.

    >>> parse_segments({"segments": [{"id": "a"}]}, Dictionary({}, {}, ()))
    Traceback (most recent call last):
    bizlab.errors.SettingError: 'name' is missing. Where: params/segments.yaml, segment 'a'. Fix: add 'name: ...'.
    """
    whole = Spot(place, source=config)
    entries = by_id(fields(config, whole, needed=("segments",))["segments"], whole.at("segments"), what="segment")
    known = dictionary.fields
    return tuple(_segment(entry, segment_id, spot, known) for segment_id, (entry, spot) in entries.items())


def segment_named(segments: Sequence[Segment], segment_id: str, *, place: str = PLACE) -> Segment:
    """The segment of an id; `SettingError` where there is none."""
    by_id = {segment.segment_id: segment for segment in segments}
    if segment_id not in by_id:
        raise unknown("segment", segment_id, by_id, place)
    return by_id[segment_id]


def membership(segments: Sequence[Segment], snapshot: Snapshot) -> Membership:
    """Decide for every customer of a snapshot which segments it is in.

    Returns
    -------
    One row per customer, a nullable yes or no for each segment: what a missing tag leaves open stays missing.

    Raises
    ------
    SettingError : an expression reads a tag that the snapshot does not hold.
    """
    frame = snapshot.frame[[KEY]].reset_index(drop=True)
    for segment in segments:
        absent = [tag for tag in names_of(segment.expression) if tag not in snapshot.frame]
        if absent:
            raise SettingError(
                f"The tag '{absent[0]}' was not computed",
                place=f"{PLACE}, segment '{segment.segment_id}'",
                fix="use a tag of a tier that was computed",
            )
        holds = truth(segment.expression, snapshot.frame, as_of=snapshot.as_of)
        frame[segment.segment_id] = holds.reset_index(drop=True)
    return Membership(tuple(segments), snapshot, frame)


def segment_sizes(membership: Membership, *, amount: str = AMOUNT) -> pd.DataFrame:
    """How many customers and how much of an amount every segment holds.

    Parameters
    ----------
    amount : an amount tag; members for whom it is missing add nothing and are counted apart.

    Returns
    -------
    `SEGMENT_SIZES`: one row per segment, in the order of the file.
    """
    amounts = membership.amounts(amount)
    because = segment_undecided(membership)
    is_known = because["reason"].map({code: r.is_known for code, r in membership.snapshot.reasons.items()}).astype(bool)
    apart = because[is_known].groupby("segment_id")["n_customers"].sum()
    rows = []
    for segment in membership.segments:
        holds = membership.frame[segment.segment_id]
        inside = holds.fillna(False).astype(bool).to_numpy()
        n_members, n_decided, total = int(inside.sum()), int(holds.notna().sum()), int(amounts.sum())
        n_undecided, n_apart = len(holds) - n_decided, int(apart.get(segment.segment_id, 0))
        amount_fen = int(amounts[inside].sum())
        rows.append(
            {
                "segment_id": segment.segment_id,
                "expression": str(segment.expression),
                "n_customers": len(holds),
                "n_members": n_members,
                "n_outside": n_decided - n_members,
                "n_undecided": n_undecided,
                "n_not_applicable": n_apart,
                "n_unknown": n_undecided - n_apart,
                "member_rate": n_members / n_decided if n_decided else None,
                "member_rate_reason": None if n_decided else "nobody_decided",
                "amount_fen": amount_fen,
                "n_without_amount": int(amounts[inside].isna().sum()),
                "amount_rate": amount_fen / total if total else None,
                "amount_rate_reason": None if total else "no_amount",
            }
        )
    return SEGMENT_SIZES.frame(rows)


def segment_undecided(membership: Membership) -> pd.DataFrame:
    """For want of which tag customers are undecided, and why that is missing.

    Every undecided customer stands in one row: that of the first tag of the condition that leaves it open.

    Returns
    -------
    `SEGMENT_UNDECIDED`: within a segment the most frequent first.
    """
    snapshot = membership.snapshot
    rows = []
    for segment in membership.segments:
        why = undecided_by(segment.expression, snapshot.frame, as_of=snapshot.as_of).dropna()
        for tag, customers in why.groupby(why, sort=True):
            counted = snapshot.frame.loc[customers.index, f"{tag}_reason"].value_counts(dropna=False)
            rows += [(segment.segment_id, tag, str(reason), int(n)) for reason, n in counted.items()]
    order = {segment.segment_id: place for place, segment in enumerate(membership.segments)}
    rows.sort(key=lambda row: (order[row[0]], -row[3], row[1], row[2]))
    return SEGMENT_UNDECIDED.frame(rows)


def _segment(entry: Any, segment_id: str, spot: Spot, known: Mapping[str, Field]) -> Segment:
    given = fields(entry, spot, needed=("id", "name", "expression", "owner"))
    if not _ID.fullmatch(segment_id) or segment_id == KEY:
        raise spot.refuse(f"'{segment_id}' cannot be an id", "write small letters, digits and _, such as slowing_value")
    said = spot.at("expression", path=spot.path)
    return Segment(
        segment_id=segment_id,
        name=label(given["name"], spot.at("name")),
        expression=read_condition(word(given["expression"], said), known, place=said.place),
        owner=label(given["owner"], spot.at("owner")),
    )


def size_findings(sizes: pd.DataFrame, *, key: str = "segments") -> list[Finding]:
    """How large every segment of `SEGMENT_SIZES` is that has members.

    Returns
    -------
    One finding per segment with members, none material: a size is no news, a change is. ``weight`` is the amount of
    its members in fen.
    """
    zh = "「{segment_id}」有{n_members}家企业,占可判定企业的{member_rate},近12个月采购金额{amount_fen}"
    en = (
        "'{segment_id}' has {n_members} companies, {member_rate} of those that can be decided, "
        "with {amount_fen} in 12 months"
    )
    decided = Label(f"{zh}。", f"{en}.")
    undecided = Label(f"{zh};另有{{n_undecided}}家无法判定。", f"{en}; {{n_undecided}} more are undecided.")
    return [
        says(
            row,
            SEGMENT_SIZES,
            undecided if row["n_undecided"] > 0 else decided,
            key=f"segment.{row['segment_id']}",
            table=key,
            weight=float(row["amount_fen"]),
            basis="缺失的标签不作否定 | a missing tag is not taken for no",
        )
        for row in sizes[sizes["n_members"] > 0].to_dict("records")
    ]
