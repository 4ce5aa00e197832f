"""The sample, made once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bizlab.sample import generate, write_exports
from bizlab.sample.planted.defects import record
from bizlab.tables import project_tables

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def truth() -> dict[str, pd.DataFrame]:
    return generate()


@pytest.fixture(scope="session")
def held(truth: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return record(truth)


@pytest.fixture(scope="session")
def exports(truth: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    write_exports(truth, folder, project_tables(PROJECT))
    return folder


@pytest.fixture(scope="session")
def committed() -> Path:
    return PROJECT / "data" / "sample"
