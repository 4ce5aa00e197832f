"""Five companies and three segments that can be counted by hand, and companies with given states."""

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from bizlab.tagging import parse_dictionary
from bizlab.tagging.dictionary.dictionary import REASONS
from bizlab.tagging.segments.segments import membership, parse_segments
from bizlab.tagging.tags.snapshot import Snapshot

AS_OF = date(2026, 10, 31)
NAME = {"zh": "名", "en": "name"}


def fact(tag_id, kind, unit=None, **more):
    """An entry of a dictionary; how a tag is counted plays no part here."""
    rule = {"table": "customers", "measure": "value", "column": tag_id}
    entry = {"id": tag_id, "name": {"zh": f"标签{tag_id}", "en": f"tag {tag_id}"}, "definition": NAME, "type": kind,
             "tier": "fact", "layer": "enterprise", "rule": rule, "refresh": "monthly", "owner": NAME}  # fmt: skip
    return entry | ({"unit": unit} if unit else {}) | more


GRADES = {code: {"zh": f"{code}级", "en": f"Grade {code}"} for code in "AB"}
CASES = {"cases": [{"when": {"recency_days": {"max": 90}}, "then": "A"}, {"otherwise": "B"}]}
TAGS = parse_dictionary(
    {
        "tables": {"customers": {"occurred": "created_on", "empty": {"zh": "无", "en": "none"}}},
        "tags": [
            fact("order_amount_12m_fen", "number", "fen"),
            fact("recency_days", "number", "days"),
            fact("n_staff", "number", "count"),
            fact("value_grade", "category", values=GRADES),
            fact("has_subscription", "flag"),
            fact("pace", "category", values=GRADES, tier="model", inputs=["recency_days"], rule=CASES),
        ],
    }
)
KINDS = {"order_amount_12m_fen": "Int64", "recency_days": "Int64", "n_staff": "Int64", "value_grade": "str",
         "has_subscription": "boolean", "pace": "str"}  # fmt: skip


def snapshot_of(rows, *, as_of=AS_OF, why="not_recorded"):
    """A snapshot from (id, amount in fen, recency, staff, grade, subscribed); a missing value has one reason."""
    frame = pd.DataFrame(rows, columns=["customer_id", *list(KINDS)[:-1]])
    frame["pace"] = [None if pd.isna(days) else "A" if days <= 90 else "B" for days in frame["recency_days"]]
    frame = frame.astype(KINDS | {"customer_id": "str"})
    for tag in KINDS:
        frame[f"{tag}_reason"] = pd.Series(why, index=frame.index, dtype="str").where(frame[tag].isna())
    return Snapshot(TAGS, as_of, frame, REASONS, ())


COMPANY = [
    ("c1", 500_00, 100, 10, "A", True),
    ("c2", 300_00, 120, 20, "B", False),
    ("c3", 200_00, 10, 30, "A", None),
    ("c4", 0, None, 40, None, False),
    ("c5", 0, None, 50, "A", None),
]
SEGMENTS = parse_segments(
    {
        "segments": [
            {
                "id": "slowing",
                "name": {"zh": "放缓", "en": "Slowing"},
                "owner": NAME,
                "expression": "recency_days > 90",
            },
            {"id": "top", "name": {"zh": "高价值", "en": "Top"}, "owner": NAME, "expression": "value_grade = A"},
            {
                "id": "subscribed",
                "name": {"zh": "订阅", "en": "Subscribed"},
                "owner": NAME,
                "expression": "has_subscription",
            },
        ]
    },
    TAGS,
)


STATES = st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 3), max_size=25)


def random_membership(states):
    """Membership with given states: yes, no or open for each of the three segments."""
    rows = [
        (f"c{n:03d}", n * 7, None if a is None else 100 if a else 1, 1, None if b is None else "A" if b else "B", c)
        for n, (a, b, c) in enumerate(states)
    ]
    return membership(SEGMENTS, snapshot_of(rows))


def planted(n=400):
    """A market in which the slowing have more staff and are seldom subscribed; grades are dealt out by chance."""
    rng = np.random.default_rng(7)
    rows = []
    for number in range(n):
        slow = number % 4 == 0
        days = None if number % 10 == 9 else 120 if slow else 30
        staff = int(rng.integers(60, 100) if slow else rng.integers(1, 70))
        rows.append(
            (
                f"c{number:03d}",
                100 * number,
                days,
                staff,
                "AB"[rng.integers(2)],
                bool(rng.random() < (0.1 if slow else 0.6)),
            )
        )
    return membership(SEGMENTS, snapshot_of(rows))
