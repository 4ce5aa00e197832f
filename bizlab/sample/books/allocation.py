"""Allocation rules and the driver values that receivers have in each month."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd

from bizlab.sample.company.calendar_cn import days
from bizlab.sample.company.organisation import LEAVES, REGIONS, SBUS, UNITS, ancestor
from bizlab.sample.company.people import person_days
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
BEGIN = "2024-11-01"
RULES = (
    ("AR-EQ-X", "EQ", "expense", "sbu", "headcount", BEGIN, None),
    ("AR-EQ-H", "EQ", "hours", "sbu", "hours", BEGIN, None),
    ("AR-CL-X", "CL", "expense", "sbu", "fixed", BEGIN, None),
    ("AR-CL-H", "CL", "hours", "sbu", "hours", BEGIN, None),
    ("AR-SA-X", "SA", "expense", "sbu", "headcount", BEGIN, "2025-12-31"),
    ("AR-SA-X", "SA", "expense", "sbu", "sales", "2026-01-01", None),
    ("AR-SA-H", "SA", "hours", "sbu", "headcount", BEGIN, None),
    ("AR-MC-X", "EQ-MC", "expense", "department", "area", BEGIN, None),
    ("AR-MC-H", "EQ-MC", "hours", "department", "hours", BEGIN, None),
    ("AR-AS-X", "EQ-AS", "expense", "department", "area", BEGIN, None),
    ("AR-AS-H", "EQ-AS", "hours", "department", "hours", BEGIN, None),
    *((f"AR-{d}-X", d, "expense", "sbu", "headcount", BEGIN, None) for d in ("FIN", "HR", "IT")),
    *((f"AR-{d}-H", d, "hours", "sbu", "headcount", BEGIN, None) for d in ("FIN", "HR", "IT")),
    *((f"AR-{r[-1]}-X", r, "expense", "department", "headcount", BEGIN, None) for r in REGIONS),
    *((f"AR-{r[-1]}-H", r, "hours", "department", "hours", BEGIN, None) for r in REGIONS),
)
"""Rule, source, pool, scope, driver and validity. Receivers are the units without units below them. Finance and
personnel serve all of those, IT all but the workshops, and each of them the other departments."""
DEPARTMENTS = tuple(unit.unit_id for unit in UNITS if unit.level == "department")
SERVICES = {"FIN": (*SBUS, *DEPARTMENTS), "HR": (*SBUS, *DEPARTMENTS), "IT": ("CL", "SA", *DEPARTMENTS)}
"""Service departments, and the first letters of those whom they serve."""
AREA = {"EQ-MC-1": 900, "EQ-MC-2": 760, "EQ-AS-1A": 420, "EQ-AS-1B": 560, "EQ-AS-2A": 380, "EQ-AS-2B": 340}
"""Square metres."""
FIXED = {"CL-PD": 65, "CL-CS": 35}
"""Percent."""
SOURCES = (*SBUS, "EQ-MC", "EQ-AS", *REGIONS)


def allocation_rules() -> Frame:
    """The table ``allocation_rules``."""
    frame = pd.DataFrame(RULES, columns=list(TABLES["allocation_rules"].names))
    frame["valid_from"] = pd.to_datetime(frame["valid_from"])
    frame["valid_to"] = pd.to_datetime(frame["valid_to"])
    return TABLES["allocation_rules"].conform(frame)


def drivers(truth: dict[str, Frame]) -> Frame:
    """The table ``drivers``.

    Hours are minutes worked, headcount is person-days (calendar), sales are whole yuan outside the
    company. A unit that changes its parent within a month has a value with both: for the days
    under each.

    Parameters
    ----------
    truth : the tables persons, hour_records and orders.
    """
    present = (
        person_days(truth["persons"], days("2024-11-01", "2026-10-31"))
        .groupby(["unit_id", "worked_on"], as_index=False)
        .size()
    )
    hours = truth["hour_records"].groupby(["unit_id", "worked_on"], as_index=False)["minutes"].sum()
    sales = truth["orders"].groupby(["unit_id", "ordered_on"], as_index=False)["amount_fen"].sum()
    measured = {
        "headcount": pd.concat(
            [_by_source(present["unit_id"], present["worked_on"], present["size"]), _by_service(present)]
        ),
        "hours": _by_source(hours["unit_id"], hours["worked_on"], hours["minutes"]),
        "sales": _by_source(sales["unit_id"], sales["ordered_on"], sales["amount_fen"] // 100),
    }
    base = measured["headcount"]
    measured |= {
        "area": base.assign(value=base["unit_id"].map(AREA)).dropna(),
        "fixed": base.assign(value=base["unit_id"].map(FIXED)).dropna(),
    }
    values = [_of_rule(rule, measured) for rule in RULES]
    return TABLES["drivers"].conform(pd.concat(values, ignore_index=True))


def _by_source(unit_id: pd.Series[str], on: pd.Series[pd.Timestamp], value: pd.Series[int]) -> Frame:
    """Sums by source of allocation, receiving unit and month."""
    leaf = unit_id.isin(LEAVES).to_numpy()
    frame = pd.DataFrame({"unit_id": unit_id[leaf], "month": on[leaf].dt.strftime("%Y-%m"), "value": value[leaf]})
    days_ = on[leaf].to_numpy("datetime64[D]")
    found = []
    for among in (SBUS, ("EQ-MC", "EQ-AS"), REGIONS):
        source = ancestor(frame["unit_id"].to_numpy(str), days_, among=among)
        found.append(frame.assign(source=source)[source != ""])
    return pd.concat(found).groupby(["source", "unit_id", "month"], as_index=False)["value"].sum()


def _by_service(present: Frame) -> Frame:
    """Person-days of everybody whom a service department serves, itself left out."""
    served = present[present["unit_id"].isin([*LEAVES, *DEPARTMENTS])]
    month = served["worked_on"].dt.strftime("%Y-%m").rename("month")
    sums = served.groupby(["unit_id", month])["size"].sum().rename("value").reset_index()
    first = sums["unit_id"].str.split("-").str[0]
    return pd.concat(
        [
            sums[first.isin(served) & (sums["unit_id"] != giver)].assign(source=giver)
            for giver, served in SERVICES.items()
        ]
    )


def _of_rule(rule: tuple[str, str, str, str, str, str, str | None], measured: dict[str, Frame]) -> Frame:
    rule_id, source, _, _, driver, valid_from, valid_to = rule
    values = measured[driver]
    within = (values["month"] >= valid_from[:7]) & (values["month"] <= (valid_to or "9999-12")[:7])
    mine = values[within & (values["source"] == source)]
    return mine.assign(rule_id=rule_id)[["rule_id", "unit_id", "month", "value"]]
