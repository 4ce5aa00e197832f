"""A frame without a contract is shown as it stands."""

import pandas as pd
import pytest

from bizlab.report.plain import plain_table
from bizlab.report.view import figures, shown_table

FRAME = pd.DataFrame(
    {
        "region": ["N", "S", "W"],
        "sales_fen": [1_200_000, 905_000, 0],
        "share_rate": [0.57, 0.43, None],
        "n_orders": [3, 2, 0],
        "since_on": pd.to_datetime(["2026-01-05", None, "2026-03-01"]),
        "is_new": [True, False, False],
        7: [1.5, 2.5, 3.5],
    }
)


@pytest.mark.parametrize(
    ("frame", "first"),
    [(FRAME.set_index("region"), "t[N].sales_fen"), (FRAME, "t[1].row"), (FRAME.iloc[::-1], "t[1].row")],
)
def test_rows_are_named_by_the_index_or_counted(frame, first):
    rows, contract = plain_table(frame, "t")
    shown = shown_table(contract.conform(rows), contract, key="t")
    assert first in {figure.key for figure in figures(shown)}
    assert contract.verify(rows) == []


def test_columns_hold_what_name_and_type_say_together():
    """Money in floats is not whole fen: the name alone decides nothing."""
    _, contract = plain_table(FRAME.assign(odd_fen=[0.5, 1.0, 2.0]), "t")
    units = {column.name: column.unit.value for column in contract.columns}
    assert units == {
        "row": "count", "region": "text", "sales_fen": "fen", "share_rate": "rate", "n_orders": "count",
        "since_on": "date", "is_new": "bool", "7": "score", "odd_fen": "score",
    }  # fmt: skip


def test_the_frame_is_not_changed(unchanged):
    with unchanged(FRAME):
        plain_table(FRAME, "t")
