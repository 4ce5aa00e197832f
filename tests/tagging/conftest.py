"""A company with four customers, small enough to count by hand."""

import sys
from pathlib import Path

import pandas as pd
import pytest
from tables import table

from bizlab.tables import TABLES
from bizlab.tagging import parse_dictionary
from bizlab.tagging.segments.segments import membership
from bizlab.yaml_file import load_yaml

sys.path.insert(0, str(Path(__file__).parent))
from segment_company import COMPANY, SEGMENTS, snapshot_of

CUSTOMERS = """
| customer_id | name | industry  | region | founded_on | n_employees | revenue_fen | channel_id | created_on |
| 001         | Ning | power     | east   | 2006-11-01 | 1200        | 5000000000000 | CH01     | 2024-05-01 |
| 002         | Hua  | power     | south  | 2006-10-31 | 12          |             | CH01       | 2025-01-01 |
| 003         | Qian | food      | south  |            | 500         |             | CH02       | 2026-10-31 |
| 004         | Late | food      | east   |            |             |             | CH02       | 2026-11-01 |
"""
CONTACTS = """
| contact_id | customer_id | role | created_on |
| K1         | 001         | kp   | 2025-01-01 |
| K2         | 001         | user | 2025-02-01 |
| K3         | 001         | user | 2026-11-02 |
| K4         | 002         | user | 2025-02-01 |
"""
ORDERS = """
| order_line_id | order_id | customer_id | product_line | quantity | amount_fen | ordered_on | due_on     |
| 1-1           | O1       | 001         | sensor       | 10       | 100000     | 2025-10-31 | 2025-11-30 |
| 2-1           | O2       | 001         | sensor       | 5        | 60000      | 2025-11-01 | 2025-12-01 |
| 2-2           | O2       | 001         | gateway      | 0        | -10000     | 2025-11-01 | 2025-12-01 |
| 3-1           | O3       | 001         | monitoring   | 1        | 20000      | 2026-10-31 | 2026-11-15 |
| 4-1           | O4       | 002         | sensor       | 2        | 30000      | 2026-09-01 | 2026-10-30 |
| 5-1           | O5       | 003         | sensor       | 9        | 90000      | 2026-11-01 | 2026-11-30 |
"""
SETTLEMENTS = """
| settlement_id | order_id | customer_id | amount_fen | paid_on    |
| R1            | O1       | 001         | 100000     | 2025-12-10 |
| R2            | O2       | 001         | 20000      | 2025-11-11 |
| R3            | O2       | 001         | 30000      | 2026-11-02 |
"""
SUBSCRIPTIONS = """
| subscription_id | period_no | customer_id | starts_on  | ends_on    | amount_fen | signed_on  |
| SUB1            | 1         | 001         | 2026-08-01 | 2026-10-31 | 20000      | 2026-07-20 |
| SUB1            | 2         | 001         | 2026-11-01 | 2027-01-31 | 20000      | 2026-10-20 |
| SUB2            | 1         | 002         | 2026-05-01 | 2026-07-31 | 20000      | 2026-04-20 |
"""
WITH_CONTRACT = {"customers": CUSTOMERS, "contacts": CONTACTS, "subscriptions": SUBSCRIPTIONS}


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    typed = {name: table(text, TABLES[name]) for name, text in WITH_CONTRACT.items()}
    return typed | {"orders": table(ORDERS), "settlements": table(SETTLEMENTS)}


@pytest.fixture(scope="session")
def config(pytestconfig):
    return dict(load_yaml(pytestconfig.rootpath / "params" / "tags.yaml", shown="params/tags.yaml"))


@pytest.fixture
def dictionary(config):
    return parse_dictionary(config)


@pytest.fixture
def members():
    return membership(SEGMENTS, snapshot_of(COMPANY))
