"""What is planted in the books of the sample company is found again, with its true amount."""

from datetime import date
from pathlib import Path

import pytest

from bizlab import amoeba
from bizlab.amoeba.price_methods import method_checks, method_counts, off_method, recomputed_prices
from bizlab.amoeba.trade_proposals import open_bookings, propose
from bizlab.data import warehouse
from bizlab.periods import Month
from bizlab.reporting.sentences import Figures, statements
from bizlab.reporting.view import shown_table

ROOT = Path(__file__).parents[2]
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


@pytest.fixture(scope="module")
def books():
    store = warehouse.open_project(ROOT)
    return amoeba.Records(*(store.load(name, as_of=LAST) for name in amoeba.INPUTS))


@pytest.fixture(scope="module")
def october(books):
    return [
        amoeba.within(getattr(books, f"internal_trades_{side}"), "traded_on", FIRST, LAST)
        for side in ("sold", "bought")
    ]


def test_three_trades_differ_and_by_how_much(october):
    off = amoeba.differences(amoeba.match_trades(*october))
    assert off[["trade_id", "status", "difference_fen"]].to_numpy().tolist() == [
        ["IT2610-00400", "seller_only", 27_847_680],
        ["IT2610-00128", "buyer_only", -1_043_700],
        ["IT2610-00090", "amount_differs", -1],
    ]


def test_one_price_is_above_the_agreed_one(books, october):
    off = amoeba.price_deviations(october[0], books.transfer_prices)
    assert off[["trade_id", "booked_fen", "agreed_fen"]].to_numpy().tolist() == [
        ["IT2610-00225", 17_978_688, 17_122_560]
    ]


def test_one_agreed_price_is_not_what_its_cost_plus_gives(books, october):
    found = recomputed_prices(books.transfer_prices, october[0], first=FIRST, last=LAST)
    off = off_method(found)
    assert off[["product_id", "seller_id", "buyer_id"]].to_numpy().tolist() == [["P-HS3", "EQ-MC-1", "EQ-AS-1B"]]
    assert off[["price_fen", "method_fen", "difference_fen", "quantity", "effect_fen"]].to_numpy().tolist() == [
        [50_960, 56_473, -5_513, 1_178, -6_494_314]
    ]
    assert method_counts(found)[["method", "n_off", "n_not_computed"]].to_numpy().tolist() == [
        ["market", 0, 0],
        ["cost_plus", 1, 0],
        ["commission", 0, 0],
        ["negotiated", 0, 59],
    ]
    deviations = amoeba.price_deviations(october[0], books.transfer_prices)
    assert all(check.passed for check in method_checks(found, deviations, october[0]))


def test_no_bookings_of_october_look_like_one_trade(october):
    assert propose(open_bookings(*october, first=FIRST, last=LAST), first=FIRST).empty


def test_a_team_has_no_hours_for_three_days(books):
    missing = amoeba.missing_hours(books, first=FIRST, last=LAST).set_index("unit_id")
    assert missing.loc["EQ-AS-2A", ["n_days", "person_days"]].tolist() == [3, 30]
    assert missing.loc["EQ-AS-2A", "first_on"].date() == date(2026, 10, 19)


def test_a_driver_of_zero_a_move_and_a_split(books):
    parts = amoeba.components(books, month=Month(2026, 10))
    zero = parts.allocation.results.query("n_zero > 0")
    assert zero["rule_id"].tolist() == ["AR-AS-X"]
    assert parts.organisation.spans["valid_from"].dt.day.tolist() == [1, 16]
    march = amoeba.components(books, month=Month(2026, 3)).organisation.tree()
    assert "SA-S1" in set(march["unit_id"])
    assert {"SA-S2", "SA-S3"} <= set(parts.organisation.tree()["unit_id"]) - set(march["unit_id"])


def test_every_sentence_has_its_figures(books, october):
    now, before = (amoeba.components(books, month=Month(2026, n)) for n in (10, 9))
    sheets = [amoeba.unit_hour_sheet([one], period="month") for one in (now, before)]
    moved = amoeba.movement(*sheets, now.organisation.tree())
    off = amoeba.differences(amoeba.match_trades(*october))
    prices = amoeba.price_deviations(october[0], books.transfer_prices)
    missing = amoeba.missing_hours(books, first=FIRST, last=LAST)
    shown = [
        shown_table(moved, amoeba.MOVEMENT, key="movement"),
        shown_table(off, amoeba.MATCHING, key="differences"),
        shown_table(prices, amoeba.PRICE_DEVIATIONS, key="prices"),
        shown_table(missing, amoeba.MISSING_HOURS, key="missing_hours"),
        shown_table(now.allocation.results, amoeba.RULE_RESULTS, key="rules"),
    ]
    found = amoeba.company_findings(moved, root="YF", materiality_rate=0.05) + amoeba.trade_findings(off)
    found += amoeba.price_findings(prices) + amoeba.record_findings(missing)
    found += amoeba.rule_findings(now.allocation.results)
    told = [one.text().en for one in statements(found, Figures(shown))]
    assert any("IT2610-00400" in text and "278,476.80" in text for text in told)
    assert len(told) == len({finding.key for finding in found})
