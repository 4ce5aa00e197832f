"""A contract refuses what it does not promise, and its sums run in every row."""

import pandas as pd
import pytest
from tables import table

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.errors import ContractError
from bizlab.labels import Label
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

NAMED = Label("表", "sheet")
SHEET = Table(
    name="sheet",
    label=NAMED,
    grain=Label("每单元一行", "one row per unit"),
    key=("unit_id",),
    columns=(
        Column("unit_id", Unit.CODE, NAMED),
        Column("kind", Unit.CODE, NAMED, choices=("a", "b")),
        Column("gross_fen", Unit.FEN, NAMED),
        Column("bought_fen", Unit.FEN, NAMED, nullable=True),
        Column("net_fen", Unit.FEN, NAMED, nullable=True),
    ),
    identities=(Identity("net_fen = gross_fen - bought_fen", Label("净额", "net")),),
)
GOOD = """
| unit_id | kind | gross_fen | bought_fen | net_fen |
| M1      | a    | 1000      | 400        | 600     |
| M2      | b    | 500       |            |         |
"""


def test_a_good_sheet_passes_and_missing_parts_stay_outside_the_sum(unchanged):
    frame = table(GOOD, SHEET)
    with unchanged(frame):
        (check,) = SHEET.verify(frame)
    assert (check.left, check.right, check.passed) == (600, 600, True)


def test_two_errors_of_opposite_sign_do_not_hide_each_other():
    frame = table(GOOD, SHEET)
    frame["bought_fen"] = pd.array([400, 0], dtype="Int64")
    frame["net_fen"] = pd.array([601, 499], dtype="Int64")
    (check,) = SHEET.verify(frame)
    assert not check.passed
    assert check.difference == 2
    assert check.detail.en == "rows that differ: M1, M2"


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("kind", ["a", "z"], "values outside a, b"),
        ("kind", ["a", None], "missing values"),
        ("unit_id", ["M1", "M1"], "is the key but repeats"),
    ],
)
def test_a_broken_promise_names_table_column_and_rows(column, values, message):
    frame = table(GOOD, SHEET).assign(**{column: values})
    with pytest.raises(ContractError, match=message) as caught:
        SHEET.verify(frame)
    assert "table sheet" in str(caught.value)
    assert column in str(caught.value)


def test_conform_orders_columns_and_refuses_what_cannot_be_held():
    frame = table(GOOD, SHEET)[list(reversed(SHEET.names))]
    assert tuple(SHEET.conform(frame).columns) == SHEET.names
    with pytest.raises(ContractError, match="column gross_fen"):
        SHEET.conform(frame.assign(gross_fen=[1.5, 2.0]))
    with pytest.raises(ContractError, match="Columns are missing: kind"):
        SHEET.conform(frame.drop(columns="kind"))


def test_rows_become_a_frame_in_which_what_is_not_named_is_missing():
    frame = SHEET.frame(
        [{"unit_id": "M1", "kind": "a", "gross_fen": 1000}, {"unit_id": "M2", "kind": "b", "gross_fen": 0}]
    )
    assert frame["gross_fen"].tolist() == [1000, 0]
    assert frame[["bought_fen", "net_fen"]].isna().all(axis=None)
    assert SHEET.frame([]).dtypes.equals(SHEET.empty().dtypes)


def test_parts_stand_below_one_another_and_none_are_an_empty_frame():
    frame = SHEET.empty()
    assert SHEET.stacked([]).dtypes.equals(frame.dtypes)
    with pytest.raises(ContractError, match="Columns are missing: kind"):
        SHEET.stacked(part.drop(columns="kind") for part in [frame, frame])


def test_an_identity_is_a_sum_and_nothing_else():
    evil = Identity("net_fen = __import__('os').getpid()", NAMED)
    broken = Table("x", NAMED, NAMED, SHEET.columns, SHEET.key, identities=(evil,))
    with pytest.raises(ContractError, match="column names, plus and minus only"):
        broken.verify(table(GOOD, SHEET))


@pytest.mark.parametrize("contract", TABLES.values(), ids=TABLES)
def test_every_input_contract_is_complete(contract):
    assert set(contract.key) <= set(contract.names)
    assert {contract.occurred, contract.known_at} - {None} <= set(contract.names)
    for column in contract.columns:
        assert column.label.zh
        assert column.label.en
        suffixes = {"_fen": Unit.FEN, "_on": Unit.DATE, "_at": Unit.TIMESTAMP, "_minutes": Unit.MINUTES}
        for suffix, unit in suffixes.items():
            assert not column.name.endswith(suffix) or column.unit is unit
    assert list(contract.empty().columns) == list(contract.names)
