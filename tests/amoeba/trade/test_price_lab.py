"""Another internal price: by hand, and for random companies the company never moves."""

import sys
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from bizlab import amoeba
from bizlab.amoeba.accounting.sharing import METHODS
from bizlab.amoeba.trade.price_lab import (
    PRICE_LAB,
    largest_item,
    price_lab,
    price_lab_checks,
    price_lab_findings,
    repriced,
    scenario,
)
from bizlab.errors import SettingError
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))

from companies import company, records

OCTOBER = Month(2026, 10)


def month_of(seed, *, one_sided):
    rows = company(seed, one_sided=one_sided)
    recorded = records(rows)
    return recorded, recorded.internal_trades_sold, recorded.internal_trades_bought


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("one_sided", [True, False])
def test_the_company_never_moves_and_units_move_by_their_trades(seed, one_sided):
    recorded, sold, bought = month_of(seed, one_sided=one_sided)
    if sold.empty:
        return
    method = list(METHODS)[seed % 3]
    now = amoeba.components(recorded, month=OCTOBER, method=method)
    lab = price_lab(recorded, now, product_id="P", rate=Fraction(1, 10), method=method)
    PRICE_LAB.verify(lab)
    assert all(check.passed for check in price_lab_checks(lab))
    new = {side: repriced(frame, "P", Fraction(1, 10)) for side, frame in (("sold", sold), ("bought", bought))}
    changes = lab.set_index("unit_id")["change_fen"]
    for unit in ("a1", "b2"):
        gained = (new["sold"]["amount_fen"] - sold["amount_fen"])[sold["seller_id"] == unit].sum()
        paid = (new["bought"]["amount_fen"] - bought["amount_fen"])[bought["buyer_id"] == unit].sum()
        drivers = recorded.allocation_rules["driver"].isin(["sales"]).any()
        if not drivers:
            assert changes.get(unit, 0) == gained - paid


def test_winner_and_loser_are_those_of_the_trade():
    recorded, _, _ = month_of(3, one_sided=False)
    trade = {"trade_id": "T", "seller_id": "a1", "buyer_id": "b1", "product_id": "P", "quantity": 1,
             "amount_fen": 100_000, "traded_on": pd.Timestamp("2026-10-08")}  # fmt: skip
    one = pd.DataFrame([trade]).reindex(columns=recorded.internal_trades_sold.columns)
    books = amoeba.Records(**{**vars(recorded), "internal_trades_sold": one, "internal_trades_bought": one.copy()})
    lab = price_lab(books, amoeba.components(books, month=OCTOBER), product_id="P", rate=Fraction(5, 100))
    changes = lab.set_index("unit_id")["change_fen"]
    assert (changes["a1"], changes["b1"], changes["Y"]) == (5_000, -5_000, 0)
    (finding,) = price_lab_findings(lab)
    assert (finding.refs["change_fen"].row, finding.refs["loser_fen"].row) == (("a1",), ("b1",))


def test_items_and_prices_that_cannot_be_are_refused():
    recorded, sold, _ = month_of(3, one_sided=False)
    now = amoeba.components(recorded, month=OCTOBER)
    assert largest_item(sold) == "P"
    with pytest.raises(SettingError, match=r"'Q' was not sold inside in 2026-10.*choose from P"):
        price_lab(recorded, now, product_id="Q", rate=Fraction(1, 10))
    with pytest.raises(SettingError, match="more than itself"):
        price_lab(recorded, now, product_id="P", rate=Fraction(-2))


def test_a_month_without_internal_trade_has_a_lab_in_which_nothing_moves():
    recorded, sold, _ = month_of(3, one_sided=False)
    nothing = sold.head(0)
    books = amoeba.Records(**{**vars(recorded), "internal_trades_sold": nothing, "internal_trades_bought": nothing})
    assert largest_item(nothing) is None
    lab = price_lab(books, amoeba.components(books, month=OCTOBER), product_id=None, rate=Fraction(1, 10))
    assert lab[["unit_id", "change_fen"]].to_numpy().tolist() == [["Y", 0]]
    assert scenario(nothing, None, Fraction(1, 10)).empty
    assert price_lab_findings(lab) == []
