"""The truth of a condition in Kleene's three values, the same on every engine.

What a missing value leaves open stays open unless the rest decides: false and unknown is false, true or unknown is
true, everything else with unknown is unknown (Kleene, *Introduction to Metamathematics*, 1952, section 64).

Engines differ in what comparing with a missing value gives: null on DuckDB and polars, false in plain types of pandas;
and NaN is the largest number to polars and DuckDB. So a condition is asked two questions that every row answers:
whether it is known to hold, and whether it is known not to. Where neither is so, it is undecided.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.conditions.tree import And, Compare, Condition, Holds, In, Missing, Not, Operand, Or, Sign, at, names_of
from bizlab.engine import midnight

Types = Mapping[str, Any]
"""The types of a frame's columns: its ``schema`` or, lazily, ``collect_schema()`` in narwhals."""
_SIGNS: Mapping[Sign, Callable[[Any, Any], nw.Expr]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(condition: Condition, types: Types, *, as_of: date) -> nw.Expr:
    """Whether a condition is known to hold: true or false in every row of a frame of any kind that narwhals holds.

    Parameters
    ----------
    types : of the columns that the condition names. Dates may be dates or timestamps, which a date is compared with
        as its first moment; NaN is missing.
    as_of : the date that ``as_of`` stands for.

    >>> import duckdb
    >>> rows = nw.from_native(duckdb.sql("select * from (values (1), (5), (null)) t(n)"))
    >>> some = Not(Compare("n", ">", 3))
    >>> rows.filter(holds(some, rows.collect_schema(), as_of=date(2026, 10, 31))).collect()["n"].to_list()
    [1]
    """
    return _known(condition, types, as_of, truth=True)


def fails(condition: Condition, types: Types, *, as_of: date) -> nw.Expr:
    """Whether a condition is known not to hold; undecided is what neither holds nor fails. See `holds`."""
    return _known(condition, types, as_of, truth=False)


def truth(condition: Condition, frame: pd.DataFrame, *, as_of: date) -> pd.Series[Any]:
    """Whether a condition holds for each row of a pandas frame that has its columns, in three values.

    Returns
    -------
    Nullable booleans on the index of the frame; missing where it is undecided.

    >>> frame = pd.DataFrame({"value_grade": ["A", "A", None], "recency_days": pd.array([120, None, 30], "Int64")})
    >>> slowing = And((In("value_grade", ("A", "B")), Compare("recency_days", ">", 90)))
    >>> truth(slowing, frame, as_of=date(2026, 10, 31)).tolist()
    [True, <NA>, False]
    """
    columns = nw.from_native(frame[list(names_of(condition))], eager_only=True)
    asked = {"yes": holds, "no": fails}
    answers = columns.select(**{name: ask(condition, columns.schema, as_of=as_of) for name, ask in asked.items()})
    yes, no = (answers[name].to_numpy().astype(bool) for name in asked)
    return pd.Series(pd.arrays.BooleanArray(yes, ~(yes | no)), index=frame.index)


def undecided_by(condition: Condition, frame: pd.DataFrame, *, as_of: date) -> pd.Series[Any]:
    """The name for want of which a condition is undecided: the first missing one that leaves it open.

    Returns
    -------
    Names on the index of the frame; missing where the condition is decided.

    >>> frame = pd.DataFrame({"has_subscription": pd.array([False, None], "boolean"), "rating": [None, None]})
    >>> undecided_by(And((Holds("has_subscription"), Compare("rating", ">", 3))), frame, as_of=date(2026, 1, 1))[1]
    'has_subscription'
    """
    name = pd.Series(None, index=frame.index, dtype="object")
    match condition:
        case Not(part):
            return undecided_by(part, frame, as_of=as_of)
        case And(parts) | Or(parts):
            for part in parts:
                name = name.where(name.notna(), undecided_by(part, frame, as_of=as_of))
        case _:
            name[:] = condition.name
    return name.where(truth(condition, frame, as_of=as_of).isna(), None)


def _known(condition: Condition, types: Types, as_of: date, *, truth: bool) -> nw.Expr:
    """Whether the answer is known to be the truth asked for: ``and`` is true if all parts are, false if any is."""
    match condition:
        case Not(part):
            return _known(part, types, as_of, truth=not truth)
        case And(parts) | Or(parts):
            answers = [_known(part, types, as_of, truth=truth) for part in parts]
            joined = nw.all_horizontal if isinstance(condition, And) == truth else nw.any_horizontal
            return joined(*answers, ignore_nulls=False)
        case Missing(name):
            missing = _is_missing(name, types)
            return missing if truth else ~missing
        case Holds(name):
            answer = nw.col(name) == nw.lit(True)
        case In(name, values):
            answer = nw.any_horizontal(*(_compared(name, "=", value, as_of) for value in values), ignore_nulls=False)
        case Compare(name, sign, value):
            answer = _compared(name, sign, value, as_of)
    return ~_is_missing(condition.name, types) & (answer if truth else ~answer)


def _is_missing(name: str, types: Types) -> nw.Expr:
    missing = nw.col(name).is_null()
    return missing | nw.col(name).is_nan() if types[name].is_float() else missing


def _compared(name: str, sign: Sign, value: Operand, as_of: date) -> nw.Expr:
    bound = at(value, as_of)
    return _SIGNS[sign](nw.col(name), midnight(bound) if isinstance(bound, date) else nw.lit(bound))
