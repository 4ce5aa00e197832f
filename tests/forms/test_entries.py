"""What may be typed into a cell follows the contract and the unit that the source declares."""

from datetime import date, datetime

import pytest

from bizlab.data.sources.config import SourceSettings
from bizlab.forms.entries import entry
from bizlab.periods import Month
from bizlab.tables import TABLES

NOVEMBER = Month(2026, 11)


def of(table, column, *, units=None, ranges=None):
    source = SourceSettings(files="x.xlsx", format="excel", units=units or {})
    cells = ("E4", "$E$4:$E$99")
    contract = TABLES[table]
    return entry(contract[column], contract, source, month=NOVEMBER, cells=cells, ranges=ranges or {})


def test_amounts_may_have_any_sign_and_as_many_decimals_as_a_fen_needs():
    check = of("revenue_records", "amount_fen").check
    assert check == {"validate": "custom", "value": "=AND(ISNUMBER(E4),ROUND(E4,2)=E4)"}
    assert "ROUND(E4,6)" in of("revenue_records", "amount_fen", units={"amount_fen": "万元"}).check["value"]
    assert of("revenue_records", "amount_fen", units={"amount_fen": "分"}).number_format == "#,##0;[Red]-#,##0"


def test_days_lie_in_the_month_and_stamps_after_it_began():
    check = of("hour_records", "worked_on").check
    assert (check["minimum"], check["maximum"]) == (date(2026, 11, 1), date(2026, 11, 30))
    check = of("expense_records", "confirmed_at").check
    assert (check["criteria"], check["value"]) == (">=", datetime(2026, 11, 1))


def test_a_day_has_twenty_four_hours_however_they_are_counted():
    """And 6:00, which a spreadsheet holds as 0.25, is refused."""
    check = of("hour_records", "minutes").check
    assert check == {"validate": "custom", "value": "=AND(ISNUMBER(E4),OR(E4=0,AND(E4>=0.5,E4<=24)))"}
    assert of("hour_records", "minutes", units={"minutes": "分钟"}).check["maximum"] == 1440


def test_numbers_of_persons_are_never_below_zero_and_quantities_may_be():
    assert of("headcount", "n_persons").check["minimum"] == 0
    assert of("internal_trades_sold", "quantity").check["minimum"] < 0


def test_ids_differ_and_a_trade_s_is_the_same_in_both_books():
    one, shared = of("expense_records", "record_id"), of("internal_trades_bought", "trade_id")
    assert one.check == shared.check == {"validate": "custom", "value": "=COUNTIF($E$4:$E$99,E4)=1"}
    assert "the same in both books" in shared.words.en
    assert of("headcount", "unit_id").check == {}


def test_a_list_comes_before_everything_else():
    amount = of("headcount", "unit_id", ranges={"unit_id": "='列表'!$A$2:$A$9"})
    assert amount.check == {"validate": "list", "source": "='列表'!$A$2:$A$9"}
    assert of("expense_records", "remark").check == {}


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.system == "amoeba"])
def test_what_the_program_says_fits_into_its_window(name):
    for column in TABLES[name].columns:
        words = of(name, column.name).words
        assert len(words.zh + words.en) < 240
        assert len(column.label.zh) <= 32
