"""Contracts: what one row of a table is, what its columns hold, and what must add up.

A contract is the one description that readers, checks, labels, documentation and tests share.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.column import Column, dtype_of
from bizlab.errors import ContractError, some
from bizlab.labels import Label
from bizlab.units.kinds import WHOLE


@dataclass(frozen=True)
class Identity:
    """A sum that must hold in every row: ``"net_fen = external_fen + internal_fen - bought_fen"``.

    Rows in which a column is missing are outside the identity.
    """

    rule: str
    label: Label


@dataclass(frozen=True)
class Table:
    """A table's contract.

    Parameters
    ----------
    name : contract name, such as ``orders``.
    label, grain : name, and "one row per ..." in both languages.
    columns : in the order of the table.
    key : columns that identify a row.
    system : the system that exports it; empty for a computed table.
    occurred : the date or timestamp column that says when the fact happened.
    known_at : the timestamp column that says when the system knew it.
    identities : sums that hold in every row.
    name_columns : where rows have names, the column that holds them, or one for each language.
    """

    name: str
    label: Label
    grain: Label
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    system: str = ""
    occurred: str | None = None
    known_at: str | None = None
    identities: tuple[Identity, ...] = ()
    name_columns: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        return self.by_name[name]

    def ids(self, name: str) -> str | None:
        """The column whose values a column of another table holds: the one of its name, else the key if that is one."""
        return name if name in self.by_name else self.key[0] if len(self.key) == 1 else None

    def empty(self) -> pd.DataFrame:
        """A frame of the right types without rows."""
        return pd.DataFrame({c.name: pd.Series([], dtype=dtype_of(c)) for c in self.columns})

    def frame(self, rows: Iterable[Any]) -> pd.DataFrame:
        """Rows as a frame of the contract: mappings, where a column not named is missing, or values in its order."""
        return self.conform(pd.DataFrame(list(rows), columns=list(self.names)))

    def stacked(self, parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
        """Frames below one another as one of the contract; without any, a frame without rows."""
        return self.conform(pd.concat([*parts] or [self.empty()], ignore_index=True))

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The contract's columns, in its order and with its types.

        Raises
        ------
        ContractError : a column is missing or does not fit its type.
        """
        self._refuse_absent(frame)
        typed = {}
        for column in self.columns:
            values = frame[column.name]
            try:
                # Through Int64 a fraction among whole numbers is refused, never cut off.
                whole = values.astype("Int64") if column.unit in WHOLE else values
                typed[column.name] = whole.astype(dtype_of(column))
            except (TypeError, ValueError, OverflowError) as fault:
                raise ContractError(
                    f"The values do not fit the unit '{column.unit}': {fault}",
                    place=f"table {self.name}, column {column.name}",
                    fix="convert the column before it is handed on; money is whole fen, time whole minutes",
                ) from fault
        return pd.DataFrame(typed).reset_index(drop=True)

    def verify(self, frame: pd.DataFrame) -> list[Check]:
        """Refuse a frame that breaks the contract; return how its identities came out.

        Raises
        ------
        ContractError : missing column, missing value, value outside the choices, repeated key.
        """
        self._refuse_absent(frame)
        for column in self.columns:
            values = frame[column.name]
            if not column.nullable and values.isna().any():
                self._broken(frame, values.isna(), column.name, "has missing values")
            if column.choices:
                outside = values.notna() & ~values.isin(column.choices)
                if outside.any():
                    self._broken(frame, outside, column.name, f"holds values outside {some(column.choices)}")
        repeated = frame.duplicated(list(self.key), keep=False)
        if repeated.any():
            self._broken(frame, repeated, " + ".join(self.key), "is the key but repeats")
        return [self._identity(identity, frame) for identity in self.identities]

    def _refuse_absent(self, frame: pd.DataFrame) -> None:
        absent = [name for name in self.names if name not in frame.columns]
        if absent:
            raise ContractError(
                f"Columns are missing: {some(absent)}",
                place=f"table {self.name}",
                fix=f"give one column each for {', '.join(self.names)}",
            )

    def _broken(self, frame: pd.DataFrame, rows: pd.Series[bool], column: str, what: str) -> None:
        keys = [" / ".join(map(str, key)) for key in frame.loc[rows, list(self.key)].itertuples(index=False)]
        raise ContractError(
            f"Column {column} {what} in {len(keys)} rows",
            place=f"table {self.name}, rows {some(keys)}",
            fix=f"the contract promises {self.grain.en}; correct the step that made the table",
        )

    def _identity(self, identity: Identity, frame: pd.DataFrame) -> Check:
        left_text, right_text = (side.strip() for side in identity.rule.split("="))
        left, right = _linear(left_text, frame), _linear(right_text, frame)
        valid = left.notna() & right.notna()
        off = frame.loc[breaks(identity, frame), list(self.key)]
        keys = [" / ".join(map(str, key)) for key in off.itertuples(index=False)]
        detail = Label(f"不相等的行:{some(keys)}", f"rows that differ: {some(keys)}") if keys else None
        # Absolute differences, so that two errors of opposite sign cannot hide each other.
        distance = int((left[valid] - right[valid]).abs().sum())
        return Check(
            key=f"{self.name}.{left_text}",
            label=identity.label,
            left=int(left[valid].sum()),
            right=int(left[valid].sum()) - distance,
            unit=self[left_text].unit,
            detail=detail,
        )


def breaks(identity: Identity, frame: pd.DataFrame) -> pd.Series[bool]:
    """Which rows of a frame break a sum; rows in which a column is missing are outside it.

    >>> rule = Identity("made = good + bad", Label("产出 = 合格 + 不合格", "made = good + bad"))
    >>> breaks(rule, pd.DataFrame({"made": [9, 9], "good": [8, 8], "bad": [1, 2]})).tolist()
    [False, True]
    """
    left, right = (_linear(side.strip(), frame) for side in identity.rule.split("="))
    return left.notna() & right.notna() & (left != right)


def _linear(text: str, frame: pd.DataFrame) -> pd.Series[int]:
    """Value of a sum of columns, read from its syntax tree; nothing is evaluated as code."""

    def value(node: ast.expr) -> pd.Series[int]:
        match node:
            case ast.Name(id=name):
                return frame[name]
            case ast.BinOp(left=a, op=ast.Add(), right=b):
                return value(a) + value(b)
            case ast.BinOp(left=a, op=ast.Sub(), right=b):
                return value(a) - value(b)
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return -value(a)
        raise ContractError(
            "An identity may hold column names, plus and minus only",
            place=f"identity '{text}'",
            fix="write it as a sum of columns",
        )

    return value(ast.parse(text, mode="eval").body)
