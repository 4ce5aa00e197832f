"""Random companies with persons and stamps, on top of the random companies of `companies`."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

import pandas as pd

from bizlab.tables import TABLES

sys.path.insert(0, str(Path(__file__).parent))
import companies

STAMPED = {
    "revenue_records": "recorded_on",
    "expense_records": "recorded_on",
    "internal_trades_sold": "traded_on",
    "internal_trades_bought": "traded_on",
}


def books(seed):
    """Records and persons: some stamps missing, some late, some the wrong way round, some after the month."""
    random = Random(seed)  # noqa: S311
    rows = companies.company(seed)
    for name, day in STAMPED.items():
        for row in rows[name]:
            row["confirmed_at"] = _stamp(random, row[day])
            row["accepted_at"] = _stamp(random, row[day])
    start = companies.DAYS[0] - timedelta(days=100)
    persons = [
        {
            "person_id": f"p{n}",
            "unit_id": random.choice([*companies.LEAVES, "D", "new", "gone"]),
            "valid_from": random.choice([start, *companies.DAYS]),
            "valid_to": random.choice([None, companies.DAYS[-1]]),
        }
        for n in range(random.randint(0, 12))
    ]
    contract = TABLES["persons"]
    frame = pd.DataFrame(persons, columns=list(contract.names)) if persons else contract.empty()
    return companies.records(rows), contract.conform(frame)


def _stamp(random, day):
    if random.random() < 0.2:
        return None
    return datetime.combine(day, time(random.randint(0, 23))) + timedelta(days=random.choice([0, 0, 0, 1, 2, 5]))


def shuffled(records, persons, seed):
    """The same rows in another order."""
    names = (*STAMPED, "hour_records", "headcount")
    mixed = {name: getattr(records, name).sample(frac=1, random_state=seed) for name in names}
    return replace(records, **mixed), persons.sample(frac=1, random_state=seed)
