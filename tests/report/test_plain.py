"""A frame without a contract is shown as it stands."""

import pandas as pd
import pytest

from bizlab.errors import ContractError
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


@pytest.mark.parametrize(
    ("column", "unit", "first"),
    [
        (pd.Series([5.0, None], name="sales_fen"), "fen", 5),
        (pd.Series([1005, 1006], name="customer_id"), "code", "1005"),
        (pd.Series(pd.to_datetime(["2026-10-08 13:45", None]), name="seen"), "timestamp", "2026-10-08T13:45:00"),
        (pd.Series([True, None], name="is_new", dtype="object"), "bool", True),
        (pd.Series([[1, 2], None], name="parts"), "text", "[1, 2]"),
        (pd.Series([2**70, 1], name="n_atoms", dtype="object"), "text", str(2**70)),
    ],
)
def test_nothing_of_a_value_is_lost(column, unit, first):
    """Whole floats are the whole numbers that a join made of them; a moment keeps its time."""
    rows, contract = plain_table(column.to_frame(), "t")
    shown = shown_table(contract.conform(rows), contract, key="t")
    assert (shown.columns[1].unit.value, shown.rows[0][1]) == (unit, first)


def test_an_index_of_texts_names_the_rows_whether_or_not_it_has_a_name():
    rows, contract = plain_table(FRAME[["sales_fen"]].describe(), "t")
    assert contract.key == ("row",)
    assert rows["row"].tolist()[:2] == ["count", "mean"]
    both = FRAME.groupby(["region", "is_new"])[["n_orders"]].sum()
    assert plain_table(both.rename_axis([None, None]), "t")[1].key == ("row_1", "row_2")


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "a"),
        (pd.DataFrame({"row": [1]}), "row"),
        (pd.DataFrame({"k": [1]}, index=pd.Index(["x"], name="k")), "k"),
        (pd.DataFrame([[1, 2]], columns=[7, "7"]), "7"),
    ],
)
def test_two_columns_of_one_name_are_refused(frame, name):
    with pytest.raises(ContractError, match=f"Columns share the name {name}.*table t.*name each column once"):
        plain_table(frame, "t")


def test_the_frame_is_not_changed(unchanged):
    with unchanged(FRAME):
        plain_table(FRAME, "t")
