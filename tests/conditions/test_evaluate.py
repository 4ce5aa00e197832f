"""Three values of truth, the same from every engine as from plain Python."""

import narwhals as nw
import pandas as pd
import pytest
from drawn import AS_OF, CONDITIONS, ENGINES, FIELDS, ROWS, in_pandas, kleene
from hypothesis import given, settings

from bizlab.conditions.evaluate import fails, holds, truth, undecided_by
from bizlab.conditions.text import read_condition
from bizlab.conditions.tree import Compare, Not, names_of


def test_unknown_is_decided_only_by_the_rest():
    """Kleene: who is subscribed needs no recency; who is not, does."""
    frame = pd.DataFrame(
        {
            "has_subscription": pd.array([True, False, None, None], dtype="boolean"),
            "recency_days": pd.array([None, None, 100, 10], dtype="Int64"),
        }
    )
    both = read_condition("has_subscription and recency_days > 90", FIELDS)
    either = read_condition("has_subscription or recency_days > 90", FIELDS)
    assert truth(both, frame, as_of=AS_OF).tolist() == [pd.NA, False, pd.NA, False]
    assert truth(either, frame, as_of=AS_OF).tolist() == [True, pd.NA, True, pd.NA]
    assert undecided_by(both, frame, as_of=AS_OF).tolist() == ["recency_days", None, "has_subscription", None]
    assert undecided_by(either, frame, as_of=AS_OF).tolist() == [None, "recency_days", None, "has_subscription"]


@pytest.mark.parametrize("engine", ENGINES)
def test_whom_a_denial_lets_in(engine):
    """Not more than 90 days: who has no orders is not let in, on no engine, and NaN is no large number."""
    rows = [{"n_orders": n, "recency_days": days, "late_days": late}
            for n, days, late in ((0, None, None), (1, 100, None), (2, 30, None), (3, 90, 1.5))]  # fmt: skip
    frame = nw.from_native(ENGINES[engine]([dict.fromkeys(FIELDS) | row for row in rows])).lazy()
    for condition, expected in (
        (Not(Compare("recency_days", ">", 90)), [2, 3]),
        (Compare("late_days", ">", 1), [3]),
        (Not(Compare("late_days", "<=", 1)), [3]),
    ):
        kept = frame.filter(holds(condition, frame.collect_schema(), as_of=AS_OF)).sort("n_orders")
        assert kept.select("n_orders").collect()["n_orders"].to_list() == expected


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, deadline=None)
@given(condition=CONDITIONS, rows=ROWS)
def test_every_engine_comes_to_what_plain_python_says(engine, condition, rows):
    rows = [dict.fromkeys(FIELDS) | row | {"n_employees": place} for place, row in enumerate(rows)]
    frame = nw.from_native(ENGINES[engine](rows)).lazy()
    types = frame.collect_schema()
    asked = {"yes": holds(condition, types, as_of=AS_OF), "no": fails(condition, types, as_of=AS_OF)}
    answers = frame.with_columns(**asked).sort("n_employees").select(*asked).collect()
    expected = [kleene(condition, row) for row in rows]
    assert answers["yes"].to_list() == [answer is True for answer in expected]
    assert answers["no"].to_list() == [answer is False for answer in expected]


@settings(max_examples=60, deadline=None)
@given(condition=CONDITIONS, rows=ROWS)
def test_a_row_is_undecided_for_want_of_a_missing_name_of_the_condition(condition, rows):
    frame = in_pandas(rows).set_axis([f"row {place}" for place, _ in enumerate(rows)])
    answers, wanting = truth(condition, frame, as_of=AS_OF), undecided_by(condition, frame, as_of=AS_OF)
    assert answers.dtype == "boolean"
    assert list(answers.index) == list(wanting.index) == list(frame.index)
    for answer, name, row in zip(answers, wanting, rows, strict=True):
        expected = kleene(condition, row)
        assert (None if answer is pd.NA else bool(answer)) == expected
        if expected is None:
            assert name in names_of(condition)
            assert row[name] is None
        else:
            assert name is None


def test_evaluation_changes_nothing(unchanged):
    frame = in_pandas([dict.fromkeys(FIELDS)])
    condition = read_condition("rating missing or recency_days > 1 and not has_subscription", FIELDS)
    with unchanged(frame):
        truth(condition, frame, as_of=AS_OF)
        undecided_by(condition, frame, as_of=AS_OF)


def test_a_condition_on_no_rows_has_no_answers():
    assert truth(read_condition("recency_days > 1", FIELDS), in_pandas([]), as_of=AS_OF).empty
