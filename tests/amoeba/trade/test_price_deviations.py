"""Sales held against the price agreed for their day."""

import pytest
from tables import table

from bizlab import amoeba
from bizlab.errors import DataError
from bizlab.tables import TABLES

PRICES = TABLES["transfer_prices"]
AS_SOLD = """
| trade_id | seller_id | buyer_id | product_id | quantity | amount_fen | traded_on  |
| T1       | M         | A        | P          | 2        | 2000       | 2026-10-05 |
| T2       | M         | A        | P          | 1        | 1000       | 2026-10-06 |
| T3       | M         | A        | P          | 1        | 1000       | 2026-10-07 |
| T4       | M         | A        | P          | 1        | 1000       | 2026-10-08 |
| T5       | M         | M        | P          | 1        | 1000       | 2026-10-09 |
| T7       | M         | A        | Q          | 3        | 3300       | 2026-10-09 |
"""


@pytest.fixture
def sold():
    return table(AS_SOLD, TABLES["internal_trades_sold"])


def test_prices_are_held_against_the_one_agreed_for_the_day(sold):
    prices = table(
        """
        | product_id | seller_id | buyer_id | method    | price_fen | valid_from | valid_to   |
        | P          | M         | A        | cost_plus | 990       | 2026-01-01 | 2026-10-05 |
        | P          | M         | A        | cost_plus | 1000      | 2026-10-06 |            |
        """,
        PRICES,
    )
    off = amoeba.price_deviations(sold, prices).set_index("trade_id")
    assert off.index.tolist() == ["T1", "T5", "T7"]
    assert (off.loc["T1", "agreed_fen"], off.loc["T1", "deviation_fen"]) == (1980, 20)
    assert off.loc["T1", "deviation_rate"] == pytest.approx(20 / 1980)
    assert off.loc["T7", "agreed_fen_reason"] == "no_price"
    amoeba.PRICE_DEVIATIONS.verify(off.reset_index())


def test_two_prices_for_one_day_are_refused(sold):
    prices = table(
        """
        | product_id | seller_id | buyer_id | method    | price_fen | valid_from | valid_to |
        | P          | M         | A        | cost_plus | 990       | 2026-01-01 |          |
        | P          | M         | A        | cost_plus | 1000      | 2026-10-06 |          |
        """,
        PRICES,
    )
    with pytest.raises(DataError, match=r"Two prices.*P from M to A.*2026-10-06"):
        amoeba.price_deviations(sold, prices)


def test_a_price_of_zero_has_no_rate(sold):
    prices = table(
        """
        | product_id | seller_id | buyer_id | method    | price_fen | valid_from | valid_to |
        | Q          | M         | A        | market    | 0         | 2026-01-01 |          |
        """,
        PRICES,
    )
    row = amoeba.price_deviations(sold, prices).set_index("trade_id").loc["T7"]
    assert row["deviation_fen"] == 3300
    assert row["deviation_rate_reason"] == "agreed_zero"


def test_a_sale_without_an_agreed_price_is_listed_but_deviates_from_nothing():
    prices = table(
        """
        | trade_id | seller_id | buyer_id | product_id | traded_on  | quantity | booked_fen | agreed_fen | deviation_fen | deviation_rate |
        | T1       | M         | A        | P          | 2026-10-08 | 1        | 900        | 1000       | -100          | -0.1           |
        | T2       | M         | A        | Q          | 2026-10-08 | 1        | 900        |            |               |                |
        """,  # noqa: E501
        amoeba.PRICE_DEVIATIONS,
    )
    (finding,) = amoeba.price_findings(prices)
    assert (finding.key, finding.weight) == ("price-T1", 100.0)
