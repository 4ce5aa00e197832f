"""The sample at another scale."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from bizlab.sample import scale, write_parquet
from bizlab.tables import TABLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three times the sample, in blocks of two and one."""
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scale, "BLOCK", 2)
        write_parquet(folder, scale=3)
    return folder


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted((folder / name).glob("*.parquet"))])


@pytest.mark.parametrize("name", list(TABLES))
def test_every_table_keeps_its_contract_over_all_blocks(folder: Path, name: str) -> None:
    frame = read(folder, name)
    TABLES[name].verify(frame)
    assert len(frame) > 0


def test_it_grows_with_the_scale(folder: Path) -> None:
    assert len(read(folder, "customers")) == 9_000
    assert len(read(folder, "units")) == 36


def test_orders_and_revenue_agree_over_all_blocks(folder: Path) -> None:
    orders, revenue = read(folder, "orders"), read(folder, "revenue_records")
    ordered = orders.groupby(["unit_id", "ordered_on"])["amount_fen"].sum()
    from_orders = revenue[revenue["kind"] != "other"]
    assert from_orders.groupby(["unit_id", "recorded_on"])["amount_fen"].sum().tolist() == ordered.tolist()


def test_headcount_adds_up(folder: Path) -> None:
    persons, head = read(folder, "persons"), read(folder, "headcount")
    day = pd.Timestamp("2026-10-30")
    there = persons[(persons["valid_from"] <= day) & (persons["valid_to"].isna() | (persons["valid_to"] >= day))]
    assert head.loc[head["counted_on"] == day, "n_persons"].sum() == len(there)


def test_the_declaration_says_that_money_is_fen(folder: Path) -> None:
    declared = yaml.safe_load((folder / "sources.yaml").read_text(encoding="utf-8"))
    assert set(declared["tables"]) == set(TABLES)
    assert declared["tables"]["orders"] == {
        "files": "orders/*.parquet",
        "format": "parquet",
        "units": {"amount_fen": "分"},
    }
