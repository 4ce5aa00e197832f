"""Random small companies: units that move, open and close within the month, trades, reversals, rules and drivers."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pandas as pd

from bizlab.amoeba import INPUTS, Records
from bizlab.labels import Label
from bizlab.tables import TABLES

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
DAYS = [FIRST + timedelta(days=n) for n in range(31)]
LEAVES = ("a1", "a2", "b1", "b2", "b3")
PARENTS = {"A": "Y", "B": "Y", "D": "Y", "a1": "A", "a2": "A", "b1": "B", "b2": "B", "b3": "B"}
OPENED, CLOSED = date(2026, 10, 11), date(2026, 10, 20)
"""`new` is opened and `old` is closed within the month; `gone` was closed before it."""
KINDS = {
    "material": Label("材料费", "Materials"),
    "labour": Label("人工成本", "Labour cost"),
    "energy": Label("水电能源", "Energy"),
    "travel": Label("差旅费", "Travel"),
    "freight": Label("运费", "Freight"),
    "other": Label("其他费用", "Other expense"),
}
"""The kinds of expense of these companies, in their order;"""
NATURES = dict(zip(KINDS, ("material", "labour", "other_cost", "period_expense", "other_cost", "period_expense"),
                   strict=True))  # fmt: skip
"""and what each is."""
_DATED = {
    "revenue_records": "recorded_on",
    "expense_records": "recorded_on",
    "hour_records": "worked_on",
    "order_intake": "received_on",
    "headcount": "counted_on",
    "internal_trades_sold": "traded_on",
    "internal_trades_bought": "traded_on",
}


def company(seed, *, one_sided=True):
    """A company as lists of rows by table."""
    random = Random(seed)  # noqa: S311
    move = random.choice([None, date(2026, 10, 2), date(2026, 10, 16), date(2026, 10, 31)])
    start = date(2020, 1, 1)
    parents = [dict(unit_id=u, parent_id=p, valid_from=start, valid_to=None) for u, p in PARENTS.items()]
    if move:
        parents[-1]["valid_to"] = move - timedelta(days=1)
        parents.append(dict(unit_id="b3", parent_id="A", valid_from=move, valid_to=None))
    moved = random.choice([None, date(2026, 10, 9), date(2026, 10, 16)])
    if moved:
        department = next(row for row in parents if row["unit_id"] == "D")
        department["valid_to"] = moved - timedelta(days=1)
        parents.append(dict(unit_id="D", parent_id="A", valid_from=moved, valid_to=None))
    parents += [
        dict(unit_id="new", parent_id="B", valid_from=OPENED, valid_to=None),
        dict(unit_id="old", parent_id="A", valid_from=start, valid_to=CLOSED),
        dict(unit_id="gone", parent_id="A", valid_from=start, valid_to=date(2026, 9, 30)),
    ]
    units = ("Y", *PARENTS)
    dates = {"new": (OPENED, None), "old": (start, CLOSED), "gone": (start, date(2026, 9, 30))}

    def some(n, **make):
        return [{name: value() for name, value in make.items()} for _ in range(random.randint(0, n))]

    def numbered(rows, column):
        return [row | {column: f"{column}{n:04d}"} for n, row in enumerate(rows)]

    def any_of(*options):
        return lambda: random.choice(options)

    def amount():
        return random.choice([random.randint(1, 10**7), random.randint(-(10**5), -1), random.randint(1, 99)])

    day = any_of(*DAYS)
    trades = numbered(
        some(30, seller_id=any_of(*LEAVES), buyer_id=any_of(*LEAVES, "D"), traded_on=day, amount_fen=amount), "trade_id"
    )
    trades = [row | {"product_id": "P", "quantity": 1} for row in trades if row["seller_id"] != row["buyer_id"]]
    bought = [row for row in trades if not one_sided or random.random() < 0.9]
    hours = some(
        60, unit_id=any_of(*units), worked_on=day, kind=any_of("normal", "overtime"), minutes=any_of(30, 480, 77)
    )
    hours = [row | {"person_id": f"p{n}"} for n, row in enumerate(hours)]
    revenue = some(25, unit_id=any_of(*LEAVES), kind=any_of("product"), recorded_on=day, amount_fen=amount)
    kinds = any_of("labour", "energy", "travel")
    expenses = some(40, unit_id=any_of(*units), kind=kinds, recorded_on=day, amount_fen=amount)
    rules, drivers = [], []
    givers = {
        "A": ["a1", "a2", "old"],
        "B": ["b1", "b2", "b3", "gone"],
        "Y": [*LEAVES, "new", "old"],
        "D": random.choice([["a1", "b3", "new"], ["A", "Y", "b1"], []]),
        "a1": random.choice([[], ["D"], ["D", "A", "b2"]]),
    }
    measured = {"expense": random.choice(["sales", "headcount", "area"]), "hours": "hours"}
    for giver, receivers in givers.items():
        for pool in ("expense", "hours"):
            name = f"{giver}-{pool}"
            scope = "sbu" if giver == "Y" else "department"
            rules.append(dict(rule_id=name, from_unit_id=giver, pool=pool, scope=scope, valid_from=start, valid_to=None,
                              driver=measured[pool] if giver == "D" else "area"))  # fmt: skip
            drivers += [
                dict(rule_id=name, unit_id=u, month="2026-10", value=random.choice([0, 0, 1, 7, 340]))
                for u in receivers
            ]
    return {
        "units": [dict(unit_id=u, name_zh=u, name_en=u, level="team", is_amoeba=u != "D",
                       opened_on=dates.get(u, (start,))[0], closed_on=dates.get(u, (start, None))[1])
                  for u in (*units, *dates)],
        "unit_parents": parents,
        "revenue_records": numbered(revenue, "record_id"),
        "expense_records": numbered(expenses, "record_id"),
        "hour_records": hours,
        "order_intake": numbered(some(9, unit_id=any_of(*LEAVES), received_on=day, amount_fen=amount), "record_id"),
        "headcount": [
            dict(unit_id=u, counted_on=d, n_persons=random.randint(0, 3)) for u in LEAVES for d in DAYS[10:]
            if random.random() < 0.2
        ],
        "internal_trades_sold": [row for row in trades if not one_sided or random.random() < 0.9],
        "internal_trades_bought": bought,
        "allocation_rules": rules,
        "drivers": drivers,
        "transfer_prices": [],
    }  # fmt: skip


def over_months(seed, months, *, changed):
    """The company of a seed over some months: a tree that changes in one of them, and in each records of its own.

    Parameters
    ----------
    changed : the month in which units move, open and close, as those of `company` do in October.
    """
    rows = company(seed) | {name: [] for name in (*_DATED, "drivers")}
    for table, columns in {"unit_parents": ("valid_from", "valid_to"), "units": ("opened_on", "closed_on")}.items():
        rows[table] = [
            row
            | {name: _in_month(row[name], changed) for name in columns if row[name] and row[name].year == FIRST.year}
            for row in rows[table]
        ]
    for number, month in enumerate(months):
        own = company(100 * seed + number)
        rows["drivers"] += [row | {"month": str(month)} for row in own["drivers"]]
        for table, column in _DATED.items():
            ids = dict.fromkeys(("record_id", "trade_id"), f"{month}-{{}}")
            rows[table] += [
                row | {name: text.format(row[name]) for name, text in ids.items() if name in row}
                | {column: _in_month(row[column], month)} for row in own[table]
            ]  # fmt: skip
    return rows


def _in_month(day, month):
    """A day of October, or the last of September, in another month or at the end of the one before it."""
    if day < FIRST:
        return month.first - timedelta(days=1)
    return min(month.first + timedelta(days=day.day - 1), month.last)


def records(rows):
    """The rows as frames under the input contracts."""
    frames = {}
    for name in INPUTS:
        contract = TABLES[name]
        frame = pd.DataFrame(rows[name], columns=list(contract.names)) if rows[name] else contract.empty()
        frames[name] = contract.conform(frame)
    return Records(**frames, natures=NATURES)
