"""Applications to enter customers and to grade them, with the faults that a reviewer should find."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.company.calendar_cn import LAST
from bizlab.sample.company.draws import generator, numbered, pick
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
N_APPLICATIONS = 72
_EARLIEST, _LATEST = np.datetime64("2025-01-06"), np.datetime64("2026-09-20")
_STANDINGS = ("leading", "major", "ordinary")
_STANDING_WEIGHTS = {"A": (7, 3, 0), "B": (2, 7, 1), "C": (1, 3, 6), "D": (0, 1, 9)}
_YEAR = 365
_GRADE_FROM = {"A": 60_000_000, "B": 20_000_000, "C": 5_000_000}
"""Expected annual sales in fen from which sellers ask for a grade, as params/grade_rules.yaml publishes it."""

WRONG_CODE, OWN_APPROVAL, INFLATED, IDLE = "GA0005", "GA0011", "GA0017", "GA0002"
UNDERRATED, UNGRADABLE, TWICE = "GA0001", "GA0035", "GA0041"
"""The applications in which something is planted."""


def grade_applications(companies: Frame, orders: Frame, seed: int, *, block: int = 0) -> Frame:
    """The table ``grade_applications``: buyers, a little after their first order, and what is planted among them.

    Parameters
    ----------
    companies : the table ``customers``. orders : the table ``orders``.
    """
    rng = generator(seed, "grade applications", block)
    chosen = _chosen(companies, orders, rng)
    n = len(chosen)
    expected = (
        np.maximum((chosen["yearly_fen"] * np.exp(rng.normal(0, 0.25, n))).astype(np.int64) // 100_000, 1) * 100_000
    )
    frame = pd.DataFrame(
        {
            "application_id": numbered(f"GA{block or ''}", n, width=4),
            "customer_id": chosen["customer_id"],
            "name": chosen["name"],
            "industry": chosen["industry"],
            "capital_fen": chosen["capital_fen"],
            "expected_fen": expected,
            "customer_code": chosen["credit_code"],
            "taxpayer": pick(rng, ["general", "small"], [9, 1], n),
            "remark": None,
            "applicant_id": numbered("P", n, width=5, first=110),
            "reviewer_id": "P00021",
            "approver_id": "P00007",
            "applied_on": chosen["applied_on"],
        }
    ).astype({"capital_fen": "Int64", "expected_fen": "Int64"})
    frame["reviewed_on"] = frame["applied_on"] + pd.to_timedelta(rng.integers(1, 8, n), unit="D")
    frame["approved_on"] = frame["reviewed_on"] + pd.to_timedelta(rng.integers(1, 8, n), unit="D")
    frame["grade"] = [_asked(amount) for amount in frame["expected_fen"]]
    frame["standing"] = [pick(rng, _STANDINGS, _STANDING_WEIGHTS[grade], 1)[0] for grade in frame["grade"]]
    return TABLES["grade_applications"].conform(_planted(frame, chosen))


def _chosen(companies: Frame, orders: Frame, rng: np.random.Generator) -> Frame:
    """Customers with a first order that leaves a year to look back on, and what they buy in a year."""
    grouped = orders.groupby("customer_id")
    first, total = grouped["ordered_on"].min(), grouped["amount_fen"].sum()
    days = (pd.Timestamp(LAST) - first).dt.days.clip(lower=1)
    known = companies.set_index("customer_id")
    buyers = known.assign(first=first, yearly_fen=total * _YEAR // days, latest=grouped["ordered_on"].max())
    complete = buyers.dropna(subset=["first", "credit_code", "capital_fen", "revenue_fen"])
    complete = complete[complete["first"].between(_EARLIEST, _LATEST) & (complete["yearly_fen"] > 0)]
    taken = complete.iloc[np.sort(rng.choice(len(complete), min(N_APPLICATIONS, len(complete)), replace=False))]
    applied = taken["first"] + pd.to_timedelta(rng.integers(0, 20, len(taken)), unit="D")
    return taken.assign(applied_on=applied).sort_values("applied_on", kind="stable").reset_index()


def _asked(amount: int) -> str:
    return next((grade for grade, lowest in _GRADE_FROM.items() if amount >= lowest), "D")


def _planted(frame: Frame, chosen: Frame) -> Frame:
    """The faults, each in an application of its own."""
    at = frame.set_index("application_id")
    if TWICE not in at.index:
        return frame
    code = str(at.loc[WRONG_CODE, "customer_code"])
    at.loc[WRONG_CODE, "customer_code"] = code[:17] + ("0" if code[17] != "0" else "1")
    at.loc[OWN_APPROVAL, ["reviewer_id", "approver_id"]] = at.loc[OWN_APPROVAL, "applicant_id"]
    revenue = chosen.set_index(frame["application_id"])["revenue_fen"]
    at.loc[INFLATED, "expected_fen"] = int(revenue[INFLATED]) * 2
    at.loc[INFLATED, "grade"] = "A"
    at.loc[IDLE, ["grade", "standing"]] = ["A", "leading"]
    at.loc[IDLE, "expected_fen"] = 80_000_000
    at.loc[UNDERRATED, ["grade", "standing"]] = ["C", "ordinary"]
    at.loc[UNDERRATED, "expected_fen"] = 6_000_000
    at.loc[UNGRADABLE, "standing"] = "newcomer"
    again = at.loc[UNGRADABLE, ["customer_id", "name", "industry", "capital_fen", "customer_code"]]
    at.loc[TWICE, again.index] = again.to_numpy()
    return at.reset_index()
