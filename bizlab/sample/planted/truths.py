"""The true rates that the sample is made with; analyses must find them again."""

from __future__ import annotations

from typing import NamedTuple

HEAVY = ("chemicals", "metals", "power", "rail")
"""Industries of the segment 'heavy'; all others are 'light'."""
N_COMPANIES = 3_000
N_CONTACTS = 1_400
N_FOUNDING = 130
"""Companies known before 2024-11 whose first order in the ERP falls into its first four months."""


class Purchases(NamedTuple):
    """BG/NBD (Fader, Hardie and Lee 2005), time in months of 30.4375 days, and Gamma-Gamma spend.

    Hardware orders (product lines sensor and gateway) of a company: the rate is Gamma(r) with scale
    1/alpha, the chance to drop out after each repeat order is Beta(a, b). Order values are Gamma(p)
    with rate nu, and nu is Gamma(q) with rate gamma (yuan).
    """

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    gamma_yuan: float


PURCHASES = {
    "heavy": Purchases(1.8, 4.0, 1.0, 11.0, 4.0, 5.0, 190_000.0),
    "light": Purchases(1.1, 4.4, 1.4, 8.0, 4.0, 5.0, 116_000.0),
}


class Renewals(NamedTuple):
    """Shifted-beta-geometric (Fader and Hardie 2007): the chance not to renew is Beta(alpha, beta)."""

    alpha: float
    beta: float


COHORT_2_FROM = "2025-11-01"
RENEWALS = {"2025": Renewals(0.9, 4.5), "2026": Renewals(1.5, 3.5)}
"""Cohorts: first signed before 2025-11-01, and from then on. A period lasts three months.

The second renews worse. Its rates were chosen so that some 200 subscriptions of at most four periods
can tell them: over 60 seeds the likelihood-ratio region of 95 % covered them 57 times.
"""

SALES_STAGES = ("traffic", "lead", "nurturing", "mql", "sql")
ADVANCE = {"traffic": 0.28, "lead": 0.19, "nurturing": 0.08, "mql": 0.11, "sql": 0.10}
"""Weekly hazard to go on to the next stage, before the channel's multiplier."""
LOSS = {"traffic": 0.12, "lead": 0.06, "nurturing": 0.025, "mql": 0.025, "sql": 0.025}
"""Weekly hazard to be lost; the same for every channel."""
CHANNEL_MULTIPLIER = {
    "founder": 1.40,
    "partner": 1.10,
    "swap": 1.30,
    "community": 0.90,
    "media": 0.80,
    "paid": 0.45,
}
"""Factor on the hazard to go on, by kind of channel: swap is better than paid."""
SKIP_RATE = 0.06
"""Share of leads that go on to MQL without nurturing."""
REGRESSION_RATE = 0.05
"""Share of SQL that go back to nurturing instead of converting."""

TERMS_DAYS = {"heavy": 60, "light": 30}
DELAY_DAYS = {"heavy": 12.0, "light": 8.0}
"""Mean delay of the (last) payment after it is due, by segment."""
DRIFT_FROM = "2026-06-01"
DRIFT_REGION = "south"
DRIFT_DAYS = 30.0
"""Orders of the south from 2026-06-01 are paid 30 days later on average."""
UNPAID_RATE = 0.012
