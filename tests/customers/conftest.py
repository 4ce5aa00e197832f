"""A reference period of eight companies and the months after it."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from tables import table

from bizlab.customers import fit_value_grade, parse_grading
from bizlab.yaml_file import load_yaml

sys.path.insert(0, str(Path(__file__).parent))

REFERENCE = """
| customer_id | has_ordered_12m | order_quantity_12m | order_amount_12m_fen | settlement_days | overdue_fen |
| 001         | 1               | 100                | 1000000              | 20              | 0           |
| 002         | 1               | 90                 | 900000               | 25              | 0           |
| 003         | 1               | 80                 | 700000               | 30              | 0           |
| 004         | 1               | 60                 | 500000               | 35              | 0           |
| 005         | 1               | 40                 | 300000               | 40              | 50          |
| 006         | 1               | 20                 | 200000               | 50              | 0           |
| 007         | 1               | 10                 | 100000               | 60              | 0           |
| 008         | 1               | 5                  | 50000                | 70              | 0           |
| 009         | 1               | 50                 | 400000               |                 | 700         |
| 010         | 0               | 0                  | 0                    |                 | 0           |
"""


def customers_of(text: str) -> pd.DataFrame:
    """Customers as text; a blank settlement cycle is missing."""
    frame = table(text)
    frame["settlement_days"] = pd.to_numeric(frame["settlement_days"]).astype("float64")
    return frame.assign(has_ordered_12m=frame["has_ordered_12m"].eq(1))


@pytest.fixture
def market():
    """Customers of another month, as text."""
    return customers_of


@pytest.fixture
def reference() -> pd.DataFrame:
    return customers_of(REFERENCE)


@pytest.fixture
def grading(pytestconfig):
    read = load_yaml(pytestconfig.rootpath / "params" / "grading.yaml", shown="params/grading.yaml")
    return parse_grading(read.content)


@pytest.fixture
def model(reference, grading):
    return fit_value_grade(reference, grading, weighting="given")


@pytest.fixture
def graded():
    """Add the grade to customers, as the tag does."""

    def add(frame: pd.DataFrame, model) -> pd.DataFrame:
        result = model(frame)
        return frame.assign(value_grade=result["value"], value_grade_reason=result["value_reason"])

    return add
