"""How segments overlap: which combinations of them customers are in, and how alike two of them are."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, ratio, table, words
from bizlab.labels import Label, joined
from bizlab.tagging.segments.segments import AMOUNT, Membership
from bizlab.units.kinds import Unit

NONE, AND = "none", "+"
_NO_RATE = words(both_empty="两个客群都没有成员 | both segments are empty")

SEGMENT_INTERSECTIONS = table(
    "segment_intersections",
    "客群组合 | Combinations of segments",
    "每个出现的客群组合一行 | one row per combination of segments that occurs",
    code("combination", "组合 | Combination", "恰好属于这些客群,不属于其他 | in exactly these segments and no other"),
    column("n_segments", "客群数 | Segments"),
    column("n_customers", "企业数 | Companies"),
    column(
        "n_open",
        "其中对某客群无法判定 | Of these undecided for another",
        "可能还属于另一个客群 | they may be in one more segment",
    ),
    column("amount_fen", "近12个月采购金额 | Amount in 12 months"),
    key="combination",
)

SEGMENT_PAIRS = table(
    "segment_pairs",
    "客群两两重叠 | Overlap of two segments",
    "每对客群一行 | one row per pair of segments",
    code("first_id", "客群一 | First segment"),
    code("second_id", "客群二 | Second segment"),
    column("n_customers", "企业数 | Companies"),
    column("n_both", "同属两者 | In both"),
    column("n_first", "只属一 | In the first only"),
    column("n_second", "只属二 | In the second only"),
    column("n_neither", "都不属 | In neither"),
    column("n_undecided", "无法判定 | Undecided for one"),
    ratio(
        "jaccard_rate",
        "重叠度 | Overlap",
        "Jaccard:同属两者 ÷ 至少属其一,只计两者都可判定的企业 | "
        "Jaccard: in both over in either, of the companies decided for both",
        missing=_NO_RATE,
    ),
    key="first_id second_id",
    sums={
        "n_customers = n_both + n_first + n_second + n_neither + n_undecided": (
            "各部分之和等于企业数 | the parts add up to the companies"
        )
    },
)


def segment_intersections(membership: Membership, *, amount: str = AMOUNT) -> pd.DataFrame:
    """The exclusive combinations of segments, as an UpSet chart shows them.

    Every customer stands in exactly one row: that of the segments it is known to be in. Lex, Gehlenborg, Strobelt,
    Vuillemot and Pfister, *UpSet: visualization of intersecting sets*, IEEE TVCG 20 (2014) 1983-1992.

    Returns
    -------
    `SEGMENT_INTERSECTIONS`: the largest first, customers in no segment last; ``combination`` holds the ids in the
    order of the file, joined by ``+``, or ``none``; its words are `combination_labels`.
    """
    ids = [segment.segment_id for segment in membership.segments]
    inside = membership.frame[ids].fillna(False).astype(bool)
    is_open = membership.frame[ids].isna().any(axis=1).to_numpy(dtype=bool)
    codes = np.zeros(len(inside), dtype=np.int64)
    for place, segment_id in enumerate(ids):
        codes |= inside[segment_id].to_numpy().astype(np.int64) << place
    by_code = pd.DataFrame(
        {"code": codes, "n_customers": 1, "n_open": is_open, "amount_fen": membership.amounts(amount).to_numpy()}
    )
    counts = by_code.groupby("code", sort=True).sum().reset_index()
    named = [[segment_id for place, segment_id in enumerate(ids) if code >> place & 1] for code in counts["code"]]
    counts["combination"] = [AND.join(part) or NONE for part in named]
    counts["n_segments"] = [len(part) for part in named]
    counts["is_none"] = counts["combination"] == NONE
    order = ["is_none", "n_customers", "combination"]
    return SEGMENT_INTERSECTIONS.conform(counts.sort_values(order, ascending=[True, False, True], kind="stable"))


def combination_labels(membership: Membership, intersections: pd.DataFrame) -> dict[str, Label]:
    """The words of the column ``combination`` of `segment_intersections`."""
    labels = membership.labels
    return {NONE: Label("不属任何客群", "In no segment")} | {
        str(combination): joined([labels[part] for part in str(combination).split(AND)], " + ")
        for combination in intersections["combination"]
        if combination != NONE
    }


def overlap_checks(membership: Membership, intersections: pd.DataFrame) -> list[Check]:
    """Every customer stands in one combination, and every segment is the sum of the combinations that hold it."""
    label = Label("各组合企业数之和等于全部企业", "combinations add up to all companies")
    total = int(intersections["n_customers"].sum())
    checks = [Check("segments.combinations", label, total, len(membership.frame), Unit.COUNT)]
    for segment in membership.segments:
        holds = [segment.segment_id in str(code).split(AND) for code in intersections["combination"]]
        zh, en = segment.name
        words = Label(f"{zh}:含它的组合之和等于成员数", f"{en}: its combinations add up to it")
        counted = int(intersections.loc[holds, "n_customers"].sum())
        n_members = int(membership.frame[segment.segment_id].sum())
        checks.append(Check(f"segments.{segment.segment_id}", words, counted, n_members, Unit.COUNT))
    return checks


def segment_pairs(membership: Membership) -> pd.DataFrame:
    """How alike every two segments are.

    Jaccard, Bulletin de la Société Vaudoise des Sciences Naturelles 37 (1901) 547-579: of the customers in either,
    the share in both. Who is undecided for one of the two is in neither count.

    Returns
    -------
    `SEGMENT_PAIRS`: one row per pair, in the order of the file; two empty segments have no overlap but a reason.
    """
    rows = []
    for first, second in combinations([segment.segment_id for segment in membership.segments], 2):
        decided = membership.frame[[first, second]].dropna().astype(bool)
        a, b = decided[first].to_numpy(), decided[second].to_numpy()
        both, either = int((a & b).sum()), int((a | b).sum())
        rows.append(
            {
                "first_id": first,
                "second_id": second,
                "n_customers": len(membership.frame),
                "n_both": both,
                "n_first": int((a & ~b).sum()),
                "n_second": int((b & ~a).sum()),
                "n_neither": len(decided) - either,
                "n_undecided": len(membership.frame) - len(decided),
                "jaccard_rate": both / either if either else None,
                "jaccard_rate_reason": None if either else "both_empty",
            }
        )
    return SEGMENT_PAIRS.frame(rows)
