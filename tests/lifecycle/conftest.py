"""The configuration that ships, and the four input tables, for every test of the lifecycle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from tables import table

from bizlab.contracts.table import Table
from bizlab.lifecycle import Records, Stages, read_stages
from bizlab.tables import TABLES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def raw() -> dict[str, Any]:
    """params/stages.yaml as plain values."""
    return yaml.safe_load((ROOT / "params" / "stages.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def stages(raw: dict[str, Any]) -> Stages:
    return read_stages(raw)


@pytest.fixture(scope="session")
def records():
    """``records(stage_events="...", orders="...")``: tables as text, those not given without rows.

    Columns that a test of the lifecycle does not look at are filled in.
    """
    return _records


_FILLERS = {
    "customers": {"name": "无名", "industry": "machinery", "region": "east", "channel_id": "CH01"},
    "stage_events": {"known_at": "2026-12-01"},
    "orders": {
        "order_line_id": None, "unit_id": "SA", "product_line": "sensor", "product_id": "S100", "quantity": "1",
        "due_on": "2026-12-01", "known_at": "2026-12-01",
    },
    "subscriptions": {"amount_fen": "100"},
}  # fmt: skip


def _records(**texts: str) -> Records:
    return Records(*(_filled(texts.get(name), name) for name in Records._fields))


def _filled(text: str | None, name: str) -> pd.DataFrame:
    contract: Table = TABLES[name]
    if text is None:
        return contract.empty()
    frame = table(text).astype("str")
    for column, value in _FILLERS[name].items():
        if column not in frame:
            frame[column] = [f"{number}" for number in range(len(frame))] if value is None else value
    for column in contract.columns:
        if column.name not in frame:
            assert column.nullable, f"the test gives no {column.name}"
            frame[column.name] = None
    for column in contract.columns:
        if column.name.endswith(("_on", "_at")):
            frame[column.name] = pd.to_datetime(frame[column.name])
        elif contract[column.name].unit in {"fen", "count"}:
            frame[column.name] = pd.to_numeric(frame[column.name])
    return contract.conform(frame)
