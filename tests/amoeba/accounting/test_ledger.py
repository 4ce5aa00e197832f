"""The ledger is the same whatever engine holds the daily records."""

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.accounting.ledger import Period
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
def recorded():
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
    return amoeba.Records(**frames, natures={"energy": "other_cost", "labour": "labour"})


def scanned(records):
    """The long tables and trades as DuckDB relations."""
    names = (*amoeba.LONG, "internal_trades_sold", "internal_trades_bought")
    frames = {name: getattr(records, name) for name in names}
    return replace(records, **{name: duckdb.from_df(frame) for name, frame in frames.items()})


@pytest.mark.parametrize("hold", [lambda records: records, scanned])
def test_a_kind_without_a_line_is_refused_and_not_lost(recorded, hold):
    hours = recorded.hour_records.assign(kind=["normal", "nightly", "normal", "normal"])
    with pytest.raises(ContractError, match=r"nightly.*hour_records"):
        amoeba.ledger(hold(replace(recorded, hour_records=hours)), period=Period(FIRST, LAST))
    with pytest.raises(ContractError, match=r"labour.*expense_records.*book them as one of energy"):
        amoeba.ledger(hold(replace(recorded, natures={"energy": "other_cost"})), period=Period(FIRST, LAST))
    with pytest.raises(ContractError, match=r"energy, labour.*say in `natures`"):
        amoeba.ledger(hold(replace(recorded, natures={})), period=Period(FIRST, LAST))


@pytest.mark.parametrize(
    "natures", [{"rent": "cost"}, {"expense": "labour"}, {"revenue": "material"}, {"6601-4": "labour"}]
)
def test_a_kind_of_no_nature_or_with_the_name_of_a_line_is_refused(recorded, natures):
    with pytest.raises(ContractError, match=rf"{next(iter(natures))}.*give each one of material, other_cost"):
        replace(recorded, natures=natures)


def test_sums_are_exact_beyond_what_a_float_holds(recorded):
    days, _ = amoeba.ledger(recorded, period=Period(FIRST, LAST))
    assert days.loc[0, "expense_fen"] == 9_007_199_254_740_993
    assert days[["normal_minutes", "overtime_minutes", "n_hour_records"]].to_numpy().tolist() == [
        [480, 30, 2], [0, 0, 0], [0, 0, 1],
    ]  # fmt: skip
    sheet = amoeba.unit_hour_sheet([amoeba.components(recorded, month=Month(2026, 10))], period="month")
    assert sheet.loc[0, "expense_fen"] == 9_007_199_254_740_993


def test_an_engine_that_scans_gives_the_same_ledger_and_sheet(recorded):
    months = [amoeba.components(books, month=Month(2026, 10)) for books in (recorded, scanned(recorded))]
    pd.testing.assert_frame_equal(months[1].nodes, months[0].nodes)


def test_labour_is_in_the_expense_only_when_asked(recorded):
    period = Period(FIRST, LAST)
    both = [amoeba.ledger(recorded, period=period, labour_in_expense=counts) for counts in (False, True)]
    assert both[1].days["expense_fen"].sum() - both[0].days["expense_fen"].sum() == 7
    assert [sums.expense.set_index("kind").loc["labour", "counted_fen"] for sums in both] == [0, 7]


def test_stretches_of_days_hold_what_their_days_hold(recorded):
    cut = Period(FIRST, LAST, [FIRST, date(2026, 10, 31)])
    days, stretches = (amoeba.ledger(books, period=period) for books, period in (
        (recorded, Period(FIRST, LAST)), (scanned(recorded), cut),
    ))  # fmt: skip
    for by_day, by_stretch, keys in zip(days, stretches, (["unit_id", "day"], ["unit_id", "day", "kind"]), strict=True):
        begun = by_day["day"].where(by_day["day"] >= pd.Timestamp(2026, 10, 31), pd.Timestamp(FIRST))
        expected = by_day.assign(day=begun).groupby(keys, as_index=False).sum()
        pd.testing.assert_frame_equal(by_stretch.sort_values(keys, ignore_index=True)[expected.columns], expected)


def test_expense_stands_by_nature_and_by_kind_whether_or_not_labour_counts(recorded):
    days, expense = amoeba.ledger(recorded, period=Period(FIRST, LAST))
    natures = days[["other_cost_fen", "labour_fen", "period_expense_fen", "material_fen"]].sum()
    assert natures.tolist() == [9_007_199_254_740_993, 7, 0, 0]
    assert expense[["kind", "amount_fen", "counted_fen"]].sort_values("kind").to_numpy().tolist() == [
        ["energy", 9_007_199_254_740_993, 9_007_199_254_740_993], ["labour", 7, 0],
    ]  # fmt: skip
