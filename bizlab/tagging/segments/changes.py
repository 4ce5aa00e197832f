"""Who entered a segment since another date, and who left it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bizlab.contracts.columns import code, column, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.errors import ContractError
from bizlab.tagging.dictionary.dictionary import CUSTOMER, KEY
from bizlab.tagging.segments.segments import AMOUNT, SEGMENT, Membership

ENTERED, LEFT = "entered", "left"
STATES = words(
    member="成员 | member",
    outside="非成员 | not a member",
    undecided="无法判定 | undecided",
    unknown="未建档 | not a known company",
)
_MOVES = words({ENTERED: "进入 | Entered", LEFT: "离开 | Left"})

SEGMENT_CHANGES = table(
    "segment_changes",
    "客群变动 | Changes of segments",
    "每个客群一行 | one row per segment",
    SEGMENT,
    column("n_before", "上期成员 | Members before"),
    column("n_entered", "进入 | Entered"),
    column("n_left", "离开 | Left"),
    column("n_now", "本期成员 | Members now"),
    column("entered_fen", "进入者的金额 | Amount of who entered"),
    column("left_fen", "离开者的金额 | Amount of who left", "按上期口径 | as of the date before"),
    key="segment_id",
    sums={"n_now = n_before + n_entered - n_left": "本期 = 上期 + 进入 − 离开 | now = before + entered − left"},
)

SEGMENT_MOVED = table(
    "segment_moved",
    "进入与离开的企业 | Companies that entered or left",
    "每个客群、变动企业一行 | one row per segment and company that entered or left",
    SEGMENT,
    CUSTOMER,
    column("movement", "变动 | Movement", choices=_MOVES),
    column("was", "上期 | Before", choices=STATES),
    code("is_now", "本期 | Now", choices=STATES),
    column("amount_before_fen", "上期口径金额 | Amount as of before", nullable=True),
    column("amount_fen", "本期口径金额 | Amount as of now", nullable=True),
    key=f"segment_id {KEY}",
)


def segment_moved(before: Membership, now: Membership, *, amount: str = AMOUNT) -> pd.DataFrame:
    """Every company that is in a segment on one of two dates only, with what it was and is.

    Parameters
    ----------
    before, now : the same segments on two dates.
    amount : an amount tag; missing where the company was not known.

    Returns
    -------
    `SEGMENT_MOVED`: by segment, who entered before who left, the largest amount first.

    Raises
    ------
    ContractError : the two hold different segments.
    """
    if before.segments != now.segments:
        raise ContractError(
            "Two dates are compared by different segments",
            place="segments before and now",
            fix="decide both dates by the same file",
        )
    return SEGMENT_MOVED.stacked(_moved(segment.segment_id, before, now, amount) for segment in now.segments)


def segment_changes(before: Membership, now: Membership, moved: pd.DataFrame) -> pd.DataFrame:
    """How many entered and left each segment, by `segment_moved` of the same two.

    Returns
    -------
    `SEGMENT_CHANGES`: one row per segment in the order of the file; counts before and now are those of the two dates,
    so that the identity proves the list.
    """
    rows = []
    for segment in now.segments:
        own = moved[moved["segment_id"] == segment.segment_id]
        entered, left = own[own["movement"] == ENTERED], own[own["movement"] == LEFT]
        rows.append(
            {
                "segment_id": segment.segment_id,
                "n_before": int(before.frame[segment.segment_id].sum()),
                "n_entered": len(entered),
                "n_left": len(left),
                "n_now": int(now.frame[segment.segment_id].sum()),
                "entered_fen": int(entered["amount_fen"].sum()),
                "left_fen": int(left["amount_before_fen"].sum()),
            }
        )
    return SEGMENT_CHANGES.frame(rows)


def _moved(segment_id: str, before: Membership, now: Membership, amount: str) -> pd.DataFrame:
    was, is_now = _standing(before, segment_id, amount), _standing(now, segment_id, amount)
    both = was.merge(is_now, on=KEY, how="outer", suffixes=("_before", "_now"), sort=True)
    both = both.assign(was=both["state_before"].fillna("unknown"), is_now=both["state_now"].fillna("unknown"))
    changed = both[(both["was"] == "member") != (both["is_now"] == "member")].copy()
    changed["movement"] = [ENTERED if state == "member" else LEFT for state in changed["is_now"]]
    changed["size"] = changed["amount_now"].where(changed["movement"] == ENTERED, changed["amount_before"])
    changed = changed.sort_values(["movement", "size", KEY], ascending=[True, False, True], kind="stable")
    changed = changed.rename(columns={"amount_before": "amount_before_fen", "amount_now": "amount_fen"})
    return changed.assign(segment_id=segment_id)


def _standing(membership: Membership, segment_id: str, amount: str) -> pd.DataFrame:
    holds: pd.Series[Any] = membership.frame[segment_id]
    states = holds.map({True: "member", False: "outside"}).astype("object")
    return pd.DataFrame(
        {
            KEY: membership.frame[KEY].to_numpy(),
            "state": states.where(holds.notna(), "undecided").to_numpy(),
            "amount": membership.amounts(amount).array,
        }
    )


def change_findings(changes: pd.DataFrame, *, material_fen: int, key: str = "segment_changes") -> list[Finding]:
    """Who entered and left every segment of `SEGMENT_CHANGES` that changed.

    Returns
    -------
    One finding per segment that anyone entered or left; ``weight`` is the larger of the two amounts in fen. Whether
    it is good news depends on the segment, so it is neither.
    """
    findings = []
    for row in changes[(changes["n_entered"] > 0) | (changes["n_left"] > 0)].to_dict("records"):
        amount = max(int(row["entered_fen"]), int(row["left_fen"]))
        findings.append(
            says(
                row,
                SEGMENT_CHANGES,
                "「{segment_id}」由{n_before}家变为{n_now}家:进入{n_entered}家({entered_fen}),"
                "离开{n_left}家({left_fen})。 | "
                "'{segment_id}' went from {n_before} companies to {n_now}: {n_entered} entered ({entered_fen}), "
                "{n_left} left ({left_fen}).",
                key=f"segment.{row['segment_id']}.change",
                table=key,
                material=amount >= material_fen,
                weight=float(amount),
                basis="与上期末相比,条件相同 | against the date before, by the same condition",
            )
        )
    return findings
