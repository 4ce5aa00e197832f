"""The ledger is the same whatever engine holds the daily records."""

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.accounting.ledger import CLASSES, Period
from bizlab.errors import ContractError
from bizlab.periods import Month
from bizlab.tables import TABLES

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
HOURS = """
| person_id | unit_id | worked_on  | kind     | minutes |
| p1        | t       | 2026-10-01 | normal   | 480     |
| p1        | t       | 2026-10-01 | overtime | 30      |
| p2        | t       | 2026-10-31 | normal   | 0       |
| p2        | t       | 2026-11-01 | normal   | 480     |
"""
EXPENSE = """
| record_id | unit_id | kind   | recorded_on | amount_fen       |
| E1        | t       | energy | 2026-10-01  | 9007199254740992 |
| E2        | t       | energy | 2026-10-01  | 1                |
| E3        | t       | labour | 2026-10-02  | 7                |
"""


@pytest.fixture
def held():
    frames = {name: TABLES[name].empty() for name in amoeba.INPUTS}
    frames["hour_records"] = table(HOURS, TABLES["hour_records"])
    frames["expense_records"] = table(EXPENSE, TABLES["expense_records"])
    frames["units"] = table(
        """
        | unit_id | name_zh | name_en | level   | is_amoeba | opened_on  |
        | t       | 组      | t       | company | true      | 2026-10-01 |
        """,
        TABLES["units"],
    )
    return amoeba.Records(**frames)


def scanned(records):
    """The long tables and trades as DuckDB relations."""
    names = (*amoeba.LONG, "internal_trades_sold", "internal_trades_bought")
    frames = {name: getattr(records, name) for name in names}
    return replace(records, **{name: duckdb.from_df(frame) for name, frame in frames.items()})


@pytest.mark.parametrize("hold", [lambda records: records, scanned])
def test_a_kind_without_a_line_is_refused_and_not_lost(held, hold):
    hours = held.hour_records.assign(kind=["normal", "nightly", "normal", "normal"])
    with pytest.raises(ContractError, match=r"nightly.*hour_records"):
        amoeba.ledger(hold(replace(held, hour_records=hours)), period=Period(FIRST, LAST))


def test_sums_are_exact_beyond_what_a_float_holds(held):
    days = amoeba.ledger(held, period=Period(FIRST, LAST))
    assert days.loc[0, "expense_fen"] == 9_007_199_254_740_993
    assert days[["normal_minutes", "overtime_minutes", "n_hour_records"]].to_numpy().tolist() == [
        [480, 30, 2], [0, 0, 0], [0, 0, 1],
    ]  # fmt: skip
    sheet = amoeba.unit_hour_sheet([amoeba.components(held, month=Month(2026, 10))], period="month")
    assert sheet.loc[0, "expense_fen"] == 9_007_199_254_740_993


def test_an_engine_that_scans_gives_the_same_ledger_and_sheet(held):
    months = [amoeba.components(one, month=Month(2026, 10)) for one in (held, scanned(held))]
    pd.testing.assert_frame_equal(months[1].nodes, months[0].nodes)


def test_labour_is_in_the_expense_only_when_asked(held):
    period = Period(FIRST, LAST)
    both = [amoeba.ledger(held, period=period, labour_in_expense=one)["expense_fen"].sum() for one in (0, 1)]
    assert both[1] - both[0] == 7


def test_stretches_of_days_hold_what_their_days_hold(held):
    cut = Period(FIRST, LAST, [FIRST, date(2026, 10, 31)])
    days, stretches = (amoeba.ledger(one, period=period) for one, period in (
        (held, Period(FIRST, LAST)), (scanned(held), cut),
    ))  # fmt: skip
    begun = days["day"].where(days["day"] >= pd.Timestamp(2026, 10, 31), pd.Timestamp(FIRST))
    expected = days.assign(day=begun).groupby(["unit_id", "day"], as_index=False).sum()
    pd.testing.assert_frame_equal(stretches, expected)


def test_expense_stands_by_class_whether_or_not_labour_counts(held):
    days = amoeba.ledger(held, period=Period(FIRST, LAST))
    assert days[["energy_fen", "labour_fen", "travel_fen"]].sum().tolist() == [9_007_199_254_740_993, 7, 0]
    assert list(CLASSES) == list(TABLES["expense_records"]["kind"].choices)
