"""What each table of the warehouse holds, as one hash a month: by it others know whether they must be made again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

import duckdb

from bizlab.contracts.table import Table

TABLE = "contents"


def write_contents(connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Table]) -> None:
    """Add the table `TABLE`: name, month of occurrence, number of rows and a hash over them, whatever their order.

    Rows that are not dated stand under no month, which counts as before all others. The hashes of all
    rows, of 64 bits each, are joined in two ways: by exclusive or, and as their sum.
    """
    connection.execute(f"CREATE TABLE {TABLE} (name VARCHAR, month VARCHAR, n_rows BIGINT, content VARCHAR)")
    for name, contract in contracts.items():
        month = f"coalesce(strftime(\"{contract.occurred}\", '%Y-%m'), '')" if contract.occurred else "''"
        rows = f"{month}, count(*), concat(bit_xor(hash(rows)), ' ', sum(hash(rows)::HUGEINT)) FROM \"{name}\" AS rows"
        connection.execute(f"INSERT INTO {TABLE} SELECT ?, {rows} GROUP BY 2", [name])


def content(rows: Iterable[tuple[str, int, str]], contract: Table, *, until: date) -> str:
    """One hash over what a table holds up to the end of the month of a day, and what its columns are.

    Parameters
    ----------
    rows : month, number of rows and hash.
    """
    seen = sorted(row for row in rows if row[0] <= f"{until:%Y-%m}")
    return hashlib.sha256(repr((seen, contract)).encode()).hexdigest()
