"""Table 2-9: by hand, against the oracle's figures, and its averages."""

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import table

from bizlab import amoeba
from bizlab.amoeba.accounting.branch import notice
from bizlab.amoeba.results import history_table as history
from bizlab.errors import SettingError
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import DAYS, FIRST, company, records
from oracle import figures

OCTOBER = Month(2026, 10)
AMOUNTS = ("sales_fen", "indirect_labour_fen", "direct_labour_fen", "cost_fen", "expense_fen")


def two_teams():
    """Company Y with SBU A (teams a1, a2) and department D, which a rule allocates to a1 in full.

    a1 sells 1,000 outside and buys 200 from a2. Labour: a1 100, A 40, D 30. Materials of a1 300, travel of a1 50,
    energy of D 20, other of D 10. A yuan is 100 fen.
    """
    day = DAYS[4]
    rows = company(0) | dict.fromkeys(
        ("hour_records", "order_intake", "headcount", "internal_trades_sold", "internal_trades_bought"), ()
    )
    trade = dict(trade_id="T", seller_id="a2", buyer_id="a1", product_id="P", quantity=1, traded_on=day, amount_fen=200)
    spent = [("a1", "labour", 100), ("A", "labour", 40), ("D", "labour", 30), ("a1", "material", 300)]
    spent += [("a1", "travel", 50), ("D", "energy", 20), ("D", "other", 10)]
    rule = dict(rule_id="R", from_unit_id="D", pool="expense", scope="department", valid_from=FIRST, valid_to=None)
    return rows | {
        "unit_parents": [row for row in rows["unit_parents"] if row["unit_id"] != "D"]
        + [dict(unit_id="D", parent_id="Y", valid_from=FIRST, valid_to=None)],
        "revenue_records": [dict(record_id="S", unit_id="a1", kind="product", recorded_on=day, amount_fen=1000)],
        "expense_records": [
            dict(record_id=f"E{n}", unit_id=unit, kind=kind, recorded_on=day, amount_fen=amount)
            for n, (unit, kind, amount) in enumerate(spent)
        ],
        "internal_trades_sold": [trade],
        "internal_trades_bought": [trade],
        "allocation_rules": [rule | {"driver": "area"}],
        "drivers": [dict(rule_id="R", unit_id="a1", month="2026-10", value=1)],
    }


def months_of(rows, **natures):
    booked = records(rows)
    parts = [amoeba.components(replace(booked, natures=booked.natures | natures), month=OCTOBER)]
    return history.profit_months(parts), parts


def test_a_small_company_worked_out_by_hand():
    """Trade between a1 and a2 is neither A's nor the company's; what D booked is borne by a1, below A."""
    profit, parts = months_of(two_teams())
    expected = table(
        """
        | unit_id | sales | indirect_labour | direct_labour | cost | gross_profit | expense | net_profit |
        | Y       |  1000 |              70 |           100 |  320 |          510 |      60 |        450 |
        | A       |  1000 |              40 |           100 |  300 |          560 |      80 |        480 |
        | a1      |  1000 |               0 |           100 |  500 |          400 |      80 |        320 |
        | a2      |   200 |               0 |             0 |    0 |          200 |       0 |        200 |
        | D       |     0 |              30 |             0 |   20 |          -50 |     -20 |        -30 |
        """
    )
    expected = expected.set_index("unit_id").add_suffix("_fen")
    by_unit = profit.set_index("unit_id")[expected.columns]
    pd.testing.assert_frame_equal(by_unit.loc[expected.index], expected, check_dtype=False, check_index_type=False)
    assert profit.set_index("unit_id").loc["a1", "net_margin_rate"] == pytest.approx(0.32)
    assert profit.set_index("unit_id").loc["D", "net_margin_rate_reason"] == "no_sales"
    assert all(check.passed for check in history.PROFIT_MONTHS.verify(profit) + history.profit_checks(profit, parts))


def test_the_nature_of_a_kind_says_whether_it_is_cost_and_never_moves_net_profit():
    turned = {"material": "period_expense", "travel": "other_cost", "energy": "period_expense"}
    usual, other = (months_of(two_teams(), **natures)[0].set_index("unit_id") for natures in ({}, turned))
    assert other.loc["a1", ["cost_expense_fen", "period_expense_fen", "allocated_fen"]].tolist() == [50, 300, 30]
    assert other["net_profit_fen"].tolist() == usual["net_profit_fen"].tolist()


@pytest.mark.parametrize("seed", range(15))
def test_profit_at_every_node_is_that_of_a_plain_second_computation(seed):
    rows = company(seed)
    profit, parts = months_of(rows)
    assert all(check.passed for check in history.profit_checks(profit, parts) + history.PROFIT_MONTHS.verify(profit))
    expected = figures(rows, DAYS, "2026-10")
    for row in profit.to_dict("records"):
        node = expected[row["unit_id"]]
        sales = node["external_sales_fen"] + node["internal_sales_fen"]
        spent = sum(node[f"{line}_expense_fen"] for line in ("direct", "department", "sbu"))
        assert row["sales_fen"] == sales
        assert row["net_profit_fen"] == sales - node["internal_purchases_fen"] - spent - node["labour_fen"]
        assert row["direct_labour_fen"] + row["indirect_labour_fen"] == node["labour_fen"]
        assert row["cost_expense_fen"] == node["other_cost_fen"]
        assert row["period_expense_fen"] == node["period_expense_fen"]


def some_months(rows):
    """Months of one unit from its five lines."""
    frame = pd.DataFrame(rows, columns=list(AMOUNTS))
    frame["gross_profit_fen"] = frame[AMOUNTS[0]] - frame[list(AMOUNTS[1:4])].sum(axis=1)
    frame["net_profit_fen"] = frame["gross_profit_fen"] - frame["expense_fen"]
    return frame.assign(unit_id="t", month=[f"2026-{n:02d}" for n in range(1, len(rows) + 1)])


def test_a_unit_s_months_their_total_and_their_average():
    """1,000 and 2,001 fen of sales: 1,500.5 on average, which the other lines decide how to round."""
    months = some_months([(1000, 10, 100, 500, 90), (2001, 20, 200, 900, 100)])
    shown = history.history_table(months, "t").set_index("period")
    assert shown.index.tolist() == ["2026-01", "2026-02", "total", "average"]
    assert shown["n_months"].tolist() == [1, 1, 2, 2]
    assert shown.loc["total", "net_profit_fen"] == 300 + 781
    assert shown.loc["average", "net_profit_fen"] == 541
    assert shown.loc["average", ["indirect_labour_fen", "direct_labour_fen", "cost_fen"]].tolist() == [15, 150, 700]
    assert shown.loc["average", "net_margin_rate"] == shown.loc["total", "net_margin_rate"] == 1081 / 3001


lines = st.tuples(*[st.integers(-(10**12), 10**12)] * 5)


@given(st.lists(lines, min_size=1, max_size=12))
@settings(deadline=None, max_examples=40)
def test_every_line_of_the_average_is_less_than_a_fen_from_exact_and_they_add_up(rows):
    months = some_months(rows)
    shown = history.history_table(months, "t")
    assert all(check.passed for check in history.HISTORY_TABLE.verify(shown) + history.history_checks(shown, months))
    total, average = (shown[shown["period"] == name].iloc[0] for name in ("total", "average"))
    for line in (*AMOUNTS, "gross_profit_fen", "net_profit_fen"):
        assert abs(len(rows) * int(average[line]) - int(total[line])) < len(rows), line
    margins = shown[shown["period"] == "total"].iloc[0]
    assert (margins["sales_fen"] > 0) == pd.notna(margins["net_margin_rate"])
    assert (margins["sales_fen"] > 0) == pd.isna(margins["net_margin_rate_reason"])


def test_a_unit_whose_profit_is_not_its_sheet_s_is_told():
    """A fen too much here and a fen too little there do not hide each other, nor does a unit that is left out."""
    profit, parts = months_of(two_teams())
    off = profit.assign(net_profit_fen=profit["net_profit_fen"] + profit["unit_id"].map({"a1": 1, "a2": -1}).fillna(0))
    assert [check.difference for check in history.profit_checks(off, parts)] == [2]
    left_out = profit[profit["unit_id"] != "a2"]
    assert [check.difference for check in history.profit_checks(left_out, parts)] == [200]


def test_a_total_that_is_not_the_sum_of_the_months_is_told():
    months = some_months([(1000, 10, 100, 500, 90)])
    shown = history.history_table(months, "t")
    off = history.history_checks(shown, months.assign(cost_fen=499))
    assert [check.key for check in off if not check.passed] == ["history.total.cost_fen"]


def test_an_unknown_unit_is_refused_and_the_nearest_named():
    with pytest.raises(SettingError, match=r"no unit 'tt'.*history_unit.*write 't'"):
        history.history_table(some_months([(1, 0, 0, 0, 0)]), "tt")
    with pytest.raises(SettingError, match="choose from t"):
        history.history_table(some_months([(1, 0, 0, 0, 0)]), "?")


def test_a_branch_that_recorded_nothing_at_first_has_the_history_that_the_company_tells_of_it():
    """The company counts people from September on; A has no record before October: September is a month of zeros."""
    rows = two_teams()
    since = pd.Timestamp(2020, 1, 1)
    rows["unit_parents"] = [
        row | {"valid_from": since} if row["unit_id"] == "D" else row for row in rows["unit_parents"]
    ]
    early = [dict(unit_id="b1", counted_on=pd.Timestamp(2026, 9, 7), n_persons=3)]
    booked = records(rows | {"headcount": early})
    whole = [amoeba.components(booked, month=month) for month in history.history_span("2026-08", OCTOBER)]
    mine = [amoeba.components(booked, month=part.month, notice=notice(part, "A")) for part in whole]
    tables = [history.history_table(history.profit_months(history.recorded(parts)), "A") for parts in (mine, whole)]
    assert tables[0]["period"].tolist() == ["2026-09", "2026-10", "total", "average"]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_the_history_begins_with_the_first_month_that_has_records():
    rows = company(3)
    parts = [amoeba.components(records(rows), month=month) for month in history.history_span("2026-08", OCTOBER)]
    assert [str(part.month) for part in history.recorded(parts)] == ["2026-10"]
    assert [str(part.month) for part in history.recorded(parts[:2])] == ["2026-09"], "nothing at all: the last month"
    with pytest.raises(SettingError, match=r"begins in 2026-11, after the month 2026-10.*history_from"):
        history.history_span("2026-11", OCTOBER)
    with pytest.raises(SettingError, match="history_from"):
        history.history_span("2026", OCTOBER)


def test_nothing_given_is_changed(unchanged):
    profit, parts = months_of(company(5))
    with unchanged(profit, parts[0].nodes, parts[0].days):
        history.profit_months(parts)
        history.history_table(profit, "Y")
        history.profit_checks(profit, parts)
