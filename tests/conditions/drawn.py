"""What conditions may be asked about in these tests, and conditions and rows drawn at random."""

from datetime import date, timedelta

import duckdb
import pandas as pd
import polars as pl
from hypothesis import strategies as st

from bizlab.conditions.fields import Field
from bizlab.conditions.tree import And, AsOf, Compare, Holds, In, Missing, Not, Or
from bizlab.contracts.column import Column, dtype_of
from bizlab.labels import Label
from bizlab.units.kinds import Unit

AS_OF = date(2026, 10, 31)


def words(**given):
    return {code: Label(*text.split(" | ")) for code, text in given.items()}


def field(name, label, unit, **codes):
    return Field(name, Label(*label.split(" | ")), unit, words(**codes))


FIELDS = {
    asked.name: asked
    for asked in (
        field("value_grade", "企业用户价值等级 | Enterprise value grade", Unit.CODE,
              **{code: f"{code}级 | Grade {code}" for code in "ABCD"}),
        field("settlement_behaviour", "结算行为 | Settlement behaviour", Unit.CODE, prompt="准时 | Prompt",
              late="稍迟 | A little late", slow="拖延 | Slow"),
        field("industry", "行业 | Industry", Unit.CODE, machinery="机械制造 | Machinery", chemicals="化工 | Chemicals"),
        field("region", "区域 | Region", Unit.CODE, east="华东 | East China", south="华南 | South China",
              north="华北 | North China"),
        field("overdue_fen", "逾期应收 | Overdue receivables", Unit.FEN),
        field("order_amount_12m_fen", "近12个月采购金额 | Amount purchased in 12 months", Unit.FEN),
        field("kp_rate", "决策者占比 | Share of decision makers", Unit.RATE),
        field("recency_days", "距末单天数 | Days since the latest order", Unit.DAYS),
        field("n_orders", "订单数 | Orders", Unit.COUNT),
        field("n_employees", "人员规模 | Headcount", Unit.COUNT),
        field("rating", "产品评价 | Product rating", Unit.COUNT),
        field("late_days", "逾期回款天数 | Days paid late", Unit.SCORE),
        field("first_order_on", "首单日期 | First order", Unit.DATE),
        field("last_order_on", "末单日期 | Latest order", Unit.DATE),
        field("subscription_ends_on", "订阅到期日 | Subscribed until", Unit.DATE),
        field("has_subscription", "订阅中 | Subscribed", Unit.BOOL),
        field("has_ordered_12m", "近12个月有采购 | Ordered in 12 months", Unit.BOOL),
    )
}  # fmt: skip

SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
DAYS = st.dates(AS_OF - timedelta(days=3), AS_OF + timedelta(days=3))
VALUES = {
    "recency_days": st.integers(-3, 3),
    "n_orders": st.integers(-3, 3) | st.sampled_from([2**53, 2**53 + 1]),
    "overdue_fen": st.sampled_from([-1_250, -1, 0, 1, 99, 100, 1_000_000, 123_456_789]),
    "kp_rate": st.sampled_from([-0.5, 0.0, 1 / 3, 0.2, 0.07, 1.0, 1.5]) | st.floats(-10, 10, allow_nan=False),
    "late_days": st.sampled_from([-1.5, 0.0, 2.25]) | st.floats(-1e15, 1e15, allow_nan=False),
    "first_order_on": DAYS,
    "last_order_on": DAYS,
    "value_grade": st.sampled_from("ABCD"),
    "region": st.sampled_from(["east", "south", "north"]),
}
FLAGS = ["has_subscription", "has_ordered_12m"]


def operands(name):
    relative = st.builds(AsOf, st.integers(-3, 3)) if name.endswith("_on") else st.nothing()
    return VALUES[name] | relative


def about(name):
    """A comparison of one name, with the signs that its kind allows."""
    signs = st.sampled_from(["=", "!="]) if FIELDS[name].kind == "category" else SIGNS
    among = st.lists(operands(name), min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(Compare, st.just(name), signs, operands(name)) | st.builds(In, st.just(name), among)


LEAVES = st.one_of(
    st.sampled_from(sorted(VALUES)).flatmap(about),
    st.builds(Holds, st.sampled_from(FLAGS)),
    st.builds(Missing, st.sampled_from([*VALUES, *FLAGS])),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda part: st.one_of(
        st.builds(Not, part),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {name: st.none() | values for name, values in VALUES.items()}
        | {name: st.none() | st.booleans() for name in FLAGS}
    ),
    min_size=1,
    max_size=6,
)


def in_pandas(rows):
    """Rows in the types in which a snapshot holds tags: a missing fraction is NaN."""
    kinds = {
        asked.name: dtype_of(Column(asked.name, asked.unit, asked.label, nullable=True)) for asked in FIELDS.values()
    }
    return pd.DataFrame(rows, columns=[*FIELDS]).astype(kinds)


def in_polars(rows):
    """The same rows; of two missing fractions one is null and the next NaN. A date may be a timestamp."""
    kinds = {"number": pl.Int64, "category": pl.String, "date": pl.Date, "flag": pl.Boolean}
    types = {asked.name: kinds[asked.kind] for asked in FIELDS.values()}
    types |= {"kp_rate": pl.Float64, "late_days": pl.Float64}
    gaps = [None, float("nan")] * len(rows)
    filled = [
        row | {name: gaps[i] if row.get(name) is None else row[name] for name in ("kp_rate", "late_days")}
        for i, row in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=types).with_columns(pl.col("last_order_on").cast(pl.Datetime("us")))


def in_duckdb(rows):
    return duckdb.from_arrow(in_polars(rows).to_arrow())


ENGINES = {"pandas": in_pandas, "polars": in_polars, "duckdb": in_duckdb}


def kleene(condition, row):
    """The truth for one row by plain Python: True, False or None."""
    match condition:
        case Not(part):
            answer = kleene(part, row)
            return None if answer is None else not answer
        case And(parts):
            answers = [kleene(part, row) for part in parts]
            return False if False in answers else None if None in answers else True
        case Or(parts):
            answers = [kleene(part, row) for part in parts]
            return True if True in answers else None if None in answers else False
        case Missing(name):
            return row[name] is None
        case Holds(name):
            return row[name]
        case In(name, values):
            return None if row[name] is None else row[name] in [dated(value) for value in values]
        case Compare(name, sign, value):
            left, right = row[name], dated(value)
            if left is None:
                return None
            return {
                "=": left == right, "!=": left != right, "<": left < right,
                "<=": left <= right, ">": left > right, ">=": left >= right,
            }[sign]  # fmt: skip


def dated(value):
    return AS_OF + timedelta(days=value.days) if isinstance(value, AsOf) else value
