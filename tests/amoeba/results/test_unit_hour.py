"""The worked sheet of a small company, and what is not defined."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from tables import table

from bizlab import amoeba
from bizlab.periods import Month
from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import KINDS, company, records

OCTOBER = Month(2026, 10)
NOTHING = ("expense_records", "order_intake", "allocation_rules", "drivers", "transfer_prices")
EMPTY: dict[str, list[object]] = {name: [] for name in NOTHING}
MOVED = """
| unit_id | depth | value_added_fen | value_added_change_fen | total_minutes | value_per_hour | previous_per_hour | change_per_hour | is_leaf |
| Y       | 0     | 900             | -100                   | 60            | 900            | 1000              | -100            | false   |
| a       | 1     | 1000            | 100                    | 60            | 1000           | 900               | 100             | true    |
| b       | 1     | -100            | -200                   | 60            | -100           | 100               | -200            | true    |
| new     | 1     | 0               |                        | 0             |                |                   |                 | true    |
"""  # noqa: E501


def frame(name, text):
    return table(text, TABLES[name]).to_dict("records")


def assembly(minutes=480):
    """Machining sells parts for 300.00 to assembly, which sells outside for 1,000.00 and spends 100.00."""
    rows = company(0) | EMPTY
    trade = """
    | trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
    | T1       | a1        | a2       | P          | 1        | 30000      | 2026-10-08 |
    """
    return rows | {
        "revenue_records": frame("revenue_records", """
        | record_id | unit_id | kind    | recorded_on | amount_fen |
        | R1        | a2      | product | 2026-10-08  | 100000     |
        """),
        "expense_records": frame("expense_records", """
        | record_id | unit_id | kind   | recorded_on | amount_fen |
        | E1        | a2      | energy | 2026-10-09  | 10000      |
        | E2        | a2      | labour | 2026-10-09  | 7000       |
        """),
        "hour_records": frame("hour_records", f"""
        | person_id | unit_id | worked_on  | kind     | minutes   |
        | p1        | a2      | 2026-10-08 | normal   | {minutes} |
        | p1        | a2      | 2026-10-08 | overtime | {minutes // 8} |
        """),
        "headcount": frame("headcount", """
        | unit_id | counted_on | n_persons |
        | a2      | 2026-10-08 | 2         |
        | a2      | 2026-10-09 | 1         |
        """),
        "internal_trades_sold": frame("internal_trades_sold", trade),
        "internal_trades_bought": frame("internal_trades_bought", trade),
    }  # fmt: skip


def sheet(rows, **settings):
    parts = amoeba.components(records(rows), month=OCTOBER, **settings)
    result = amoeba.unit_hour_sheet([parts], period="month")
    assert all(check.passed for check in amoeba.sheet_by_kind(KINDS).verify(result))
    return result.set_index("unit_id")


def test_the_worked_sheet():
    """A = 1,000 - 300; C = 700 - 100 = 600; D = 9 h; E = 3 person-days / 2 days; F = 66.67 yuan an hour."""
    row = sheet(assembly()).loc["a2"]
    assert row[["gross_sales_fen", "net_sales_fen", "expense_fen", "value_added_fen", "total_minutes"]].tolist() == [
        100000, 70000, 10000, 60000, 540,
    ]  # fmt: skip
    assert row["avg_headcount"] == 1.5
    assert row["value_per_hour"] == pytest.approx(60000 / 9)
    assert row["sales_per_person"] == pytest.approx(70000 / 1.5)


def test_a_published_sheet_of_a_manufacturing_amoeba():
    """In thousand yen: 60,000 shipped, 35,000 of it outside and 25,000 inside; 10,000 bought inside leave 50,000 of net
    production; 30,000 are deducted, 10,000 of materials and 5,000 of outside processing among them.

    The example of a manufacturing department at https://e-zeirisi.com/kyocera-ameba-2-4272.html (京セラアメーバ経営
    -時間当り採算制度-), which puts what is left, 20,000, over the hours worked; hours here are our own.
    """
    rows, fen = assembly(minutes=0), 1000 * 100
    (expense, _), (trade,) = rows["expense_records"], rows["internal_trades_sold"]
    rows["revenue_records"][0] |= {"amount_fen": 35_000 * fen}
    rows["expense_records"] = [
        expense | {"record_id": kind, "kind": kind, "amount_fen": amount * fen}
        for kind, amount in (("material", 10_000), ("other", 5_000), ("energy", 15_000))
    ]
    rows["hour_records"][0] |= {"minutes": 8_000 * 60}
    for side in ("internal_trades_sold", "internal_trades_bought"):
        rows[side] = [
            trade | {"trade_id": seller, "seller_id": seller, "buyer_id": buyer, "amount_fen": amount * fen}
            for seller, buyer, amount in (("a2", "b1", 25_000), ("a1", "a2", 10_000))
        ]
    row = sheet(rows).loc["a2"]
    lines = ["gross_sales_fen", "external_sales_fen", "internal_sales_fen", "internal_purchases_fen", "net_sales_fen"]
    assert (row[lines] / fen).tolist() == [60_000, 35_000, 25_000, 10_000, 50_000]
    assert (row[["direct_material_fen", "expense_fen", "value_added_fen"]] / fen).tolist() == [10_000, 30_000, 20_000]
    assert row[["value_per_hour", "sales_per_hour"]].tolist() == [2_500 * 100, 6_250 * 100]


def test_a_shift_on_duty_adds_person_days_and_no_working_day():
    """Ten persons on two days, two of them on Saturday as well: E = 22 person-days / 2 days."""
    rows = assembly()
    counted = [(8, 10), (9, 10), (10, 2)]
    rows["headcount"] = [
        rows["headcount"][0] | {"counted_on": pd.Timestamp(2026, 10, day), "n_persons": n} for day, n in counted
    ]
    assert sheet(rows).loc["a2", "avg_headcount"] == 11


def test_the_parent_sees_no_trade_below_it_and_the_ratio_of_the_sums():
    by_unit = sheet(assembly())
    assert by_unit.loc["A", ["internal_sales_fen", "internal_purchases_fen", "value_added_fen"]].tolist() == [
        0,
        0,
        90000,
    ]
    assert by_unit.loc["A", "value_per_hour"] == pytest.approx(90000 / 9)


def test_labour_is_expense_only_where_the_setting_says_so():
    assert sheet(assembly(), labour_in_expense=True).loc["a2", "expense_fen"] == 17000


def test_zero_hours_and_no_hours_are_two_things():
    by_unit = sheet(assembly(minutes=0))
    assert pd.isna(by_unit.loc["a2", "value_per_hour"])
    assert by_unit.loc["a2", "value_per_hour_reason"] == "zero_hours"
    assert by_unit.loc["a1", "value_per_hour_reason"] == "no_hours"
    assert by_unit.loc["a1", "avg_headcount_reason"] == "no_headcount"


def test_nobody_counted_and_nobody_there_are_two_things():
    rows = assembly()
    rows["headcount"].append(rows["headcount"][0] | {"unit_id": "b1", "n_persons": 0})
    by_unit = sheet(rows)
    assert by_unit.loc["b1", ["avg_headcount", "value_per_person_reason"]].tolist() == [0, "zero_headcount"]
    assert pd.isna(by_unit.loc["b2", "avg_headcount"])
    assert by_unit.loc["b2", "value_per_person_reason"] == "no_headcount"


def test_months_add_up_to_the_period():
    recorded = records(assembly())
    months = [amoeba.components(recorded, month=Month(2026, n)) for n in (9, 10)]
    whole = amoeba.unit_hour_sheet(months, period="ytd").set_index("unit_id")
    parts = [amoeba.unit_hour_sheet([month], period="month").set_index("unit_id") for month in months]
    for line in ("value_added_fen", "total_minutes", "external_sales_fen"):
        assert whole[line].to_dict() == parts[0][line].add(parts[1][line], fill_value=0).to_dict()


def test_the_change_against_the_month_before_is_that_of_two_defined_ratios():
    recorded = records(assembly())
    before, now = (amoeba.components(recorded, month=Month(2026, n)) for n in (9, 10))
    sheets = [amoeba.unit_hour_sheet([month], period="month") for month in (now, before)]
    moved = amoeba.movement(*sheets, now.organisation.tree()).set_index("unit_id")
    assert pd.isna(moved.loc["a2", "change_per_hour"])
    assert moved.loc["a2", "value_added_change_fen"] == 60000
    assert moved["is_leaf"].sum() == 7


def test_the_company_stands_in_the_movement_even_if_recorded_as_no_amoeba():
    rows = assembly()
    rows["units"] = [row | {"is_amoeba": row["unit_id"] not in {"Y", "D"}} for row in rows["units"]]
    now = amoeba.components(records(rows), month=OCTOBER)
    one = amoeba.unit_hour_sheet([now], period="month")
    moved = amoeba.movement(one, one, now.organisation.tree())
    assert moved["unit_id"].iloc[0] == "Y"
    assert "D" not in set(moved["unit_id"])


def test_the_year_to_date_keeps_a_unit_that_was_closed_in_it_below_the_tree_of_the_last_month():
    """`gone` closed in September, `new` opened in October; `old` closed within October."""
    rows = assembly()
    rows["revenue_records"] += frame("revenue_records", """
        | record_id | unit_id | kind    | recorded_on | amount_fen |
        | R2        | gone    | product | 2026-09-10  | 777        |
        | R3        | new     | product | 2026-10-12  | 333        |
        """)  # fmt: skip
    months = [amoeba.components(records(rows), month=Month(2026, n)) for n in (9, 10)]
    ytd = amoeba.unit_hour_sheet(months, period="ytd")
    assert ytd["unit_id"].tolist() == [*months[1].organisation.tree()["unit_id"], "gone"]
    assert ytd.set_index("unit_id").loc[["Y", "gone", "new"], "external_sales_fen"].tolist() == [101_110, 777, 333]


def test_the_history_has_the_units_asked_for_month_by_month():
    rows = assembly()
    parts = [amoeba.components(records(rows), month=Month(2026, n)) for n in (9, 10)]
    series = amoeba.history(parts, ["a2", "new"])
    assert series[["unit_id", "month"]].to_numpy().tolist() == [
        ["a2", "2026-09"], ["a2", "2026-10"], ["new", "2026-10"],
    ]  # fmt: skip
    assert series["value_per_hour_reason"].tolist()[0] == "no_hours"
    assert series["value_per_hour"].tolist()[1] == pytest.approx(60000 / 9)


def test_the_four_ratios_are_those_of_the_sums():
    """C = 600 and A = 700 yuan, D = 9 hours, E = 1.5 persons; sales to others inside count in A."""
    row = sheet(assembly()).loc["a2"]
    names = ["value_per_hour", "sales_per_hour", "value_per_person", "sales_per_person"]
    assert row[names].tolist() == pytest.approx([60000 / 9, 70000 / 9, 40000, 70000 / 1.5])


def test_the_change_is_this_months_ratio_less_the_last_one():
    """September: 500.00 less 100.00 in five hours, 80.00 an hour; October: 600.00 in nine."""
    rows = assembly()
    rows["revenue_records"] += frame("revenue_records", """
        | record_id | unit_id | kind    | recorded_on | amount_fen |
        | R9        | a2      | product | 2026-09-10  | 50000      |
        """)  # fmt: skip
    rows["expense_records"] += frame("expense_records", """
        | record_id | unit_id | kind   | recorded_on | amount_fen |
        | E9        | a2      | energy | 2026-09-10  | 10000      |
        """)  # fmt: skip
    rows["hour_records"] += frame("hour_records", """
        | person_id | unit_id | worked_on  | kind   | minutes |
        | p1        | a2      | 2026-09-10 | normal | 300     |
        """)  # fmt: skip
    before, now = (amoeba.components(records(rows), month=Month(2026, n)) for n in (9, 10))
    sheets = [amoeba.unit_hour_sheet([month], period="month") for month in (now, before)]
    row = amoeba.movement(*sheets, now.organisation.tree()).set_index("unit_id").loc["a2"]
    assert row["previous_per_hour"] == 8000
    assert row["change_per_hour"] == pytest.approx(60000 / 9 - 8000)
    assert row["value_added_change_fen"] == 20000


def test_the_company_the_largest_moves_the_extremes_and_the_losses():
    findings = {
        finding.key: finding
        for finding in amoeba.company_findings(table(MOVED, amoeba.MOVEMENT), root="Y", materiality_rate=0.1)
    }
    assert list(findings) == ["moved-Y", "moved-b", "moved-a", "extremes", "loss-b"]
    assert [findings[key].material for key in ("moved-Y", "moved-b", "moved-a")] == [False, True, True]
    assert (findings["moved-Y"].direction, findings["moved-a"].direction) == ("bad", "good")
    assert findings["extremes"].refs["unit_id"].row == ("a",)
    assert findings["extremes"].refs["worst_per_hour"].row == ("b",)


def test_a_first_month_has_no_change_to_tell():
    first = table(MOVED, amoeba.MOVEMENT).assign(
        value_added_change_fen=None, previous_per_hour=None, change_per_hour=None
    )
    findings = amoeba.company_findings(amoeba.MOVEMENT.conform(first), root="Y", materiality_rate=0.1)
    assert [finding.key for finding in findings] == ["extremes", "loss-b"]
