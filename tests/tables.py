"""Tables written as text, so that a test reads like the sheet it is about."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.column import Column, dtype_of
from bizlab.contracts.table import Table
from bizlab.units.kinds import REAL, WHOLE, Unit


def table(text: str, contract: Table | None = None) -> pd.DataFrame:
    """Read ``| a | b |`` lines; with a contract the columns get its types, without one whole numbers do."""
    lines = [line.strip().strip("|").split("|") for line in text.strip().splitlines()]
    header, *rows = [[cell.strip() for cell in line] for line in lines if not set("".join(line)) <= set("-: ")]
    frame = pd.DataFrame(rows, columns=header, dtype="object")
    if contract is None:
        return frame.apply(_guess)
    for column in contract.columns:
        if column.name not in frame and column.nullable:
            frame[column.name] = ""
    typed = {column.name: _typed(frame[column.name], column) for column in contract.columns}
    return pd.DataFrame(typed)


def _guess(values: pd.Series) -> pd.Series:
    if values.str.fullmatch(r"-?\d+").all() and not values.str.fullmatch(r"0\d+").any():
        return values.astype("int64")
    if values.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all():
        return pd.to_datetime(values).astype("datetime64[us]")
    return values.where(values != "", None).astype("str")


def _typed(values: pd.Series, column: Column) -> pd.Series:
    blank = values.astype("object").replace("", None)
    if column.unit in WHOLE:
        return pd.array([None if v is None else int(v) for v in blank], dtype="Int64").astype(dtype_of(column))
    if column.unit in REAL:
        return pd.Series([None if v is None else float(v) for v in blank], dtype="float64")
    if column.unit is Unit.BOOL:
        return blank.map({"true": True, "false": False, None: None}).astype(dtype_of(column))
    return pd.Series(pd.to_datetime(blank) if "datetime" in dtype_of(column) else blank).astype(dtype_of(column))
