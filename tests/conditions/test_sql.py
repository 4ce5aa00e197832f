"""SQL of conditions, run by the database that it is written for."""

import duckdb
import pyarrow as pa
import pytest
from drawn import AS_OF, CONDITIONS, FIELDS, ROWS, in_duckdb, kleene
from hypothesis import given, settings

from bizlab.conditions.sql import sql
from bizlab.conditions.tree import Compare, Holds, Missing, Or


@settings(max_examples=80, deadline=None)
@given(condition=CONDITIONS, rows=ROWS)
def test_null_is_the_third_value(condition, rows):
    rows = [dict.fromkeys(FIELDS) | row | {"n_employees": place} for place, row in enumerate(rows)]
    table = in_duckdb(rows)
    columns = ", ".join(f"CASE WHEN isnan({n}) THEN NULL ELSE {n} END AS {n}" for n in ("kp_rate", "late_days"))
    answers = table.select(f"* REPLACE ({columns})").order("n_employees").select(sql(condition, as_of=AS_OF)).fetchall()
    assert [answer for (answer,) in answers] == [kleene(condition, row) for row in rows]


@pytest.mark.parametrize(
    ("name", "value"), [('odd "name"', "it's"), ("word", "a'; DROP TABLE rows; --"), ("n", 2**60 + 1), ("x", 0.1)]
)
def test_what_a_name_or_value_holds_stays_a_name_or_value(name, value):
    condition = Or((Compare(name, "=", value), Missing(name)))
    assert duckdb.from_arrow(pa.table({name: [value]})).select(sql(condition, as_of=AS_OF)).fetchall() == [(True,)]


def test_a_query_may_call_a_name_otherwise():
    assert sql(Holds("is_new"), as_of=AS_OF, columns={"is_new": 't1."value"'}) == 't1."value"'
