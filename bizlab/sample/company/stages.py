"""The table ``stage_events``: journeys to the first order, and what follows it, as sellers typed it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import FIRST, LAST, Days, months
from bizlab.sample.company.draws import generator, numbered, recorded_after
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
IDLE_DAYS = 180
EVENT_ORDER = (
    "traffic",
    "lead",
    "nurturing",
    "mql",
    "sql",
    "converted",
    "onboarding",
    "growth",
    "repurchase",
    "renewal",
    "lost",
    "churned",
)


def stage_events(truth: dict[str, Frame], entries: Frame, seed: int, *, block: int = 0) -> Frame:
    """All stage entries in order of day.

    Parameters
    ----------
    truth : the tables customers, orders, subscriptions and persons.
    entries : stage entries before the first order (company, stage, entered_on).
    """
    rng = generator(seed, "stage_events", block)
    customers = truth["customers"]
    before = entries.assign(customer_id=customers["customer_id"].to_numpy()[entries["company"]])
    after = _after_conversion(before[before["stage"] == "converted"], truth, rng)
    events = pd.concat([before.drop(columns="company"), after], ignore_index=True)
    events = events[events["entered_on"] <= pd.Timestamp(LAST)]
    rank = events["stage"].map({stage: i for i, stage in enumerate(EVENT_ORDER)})
    events = events.assign(rank=rank).sort_values(["entered_on", "customer_id", "rank"], kind="stable")
    events = events.reset_index(drop=True)
    on = events["entered_on"].to_numpy("datetime64[D]")
    first_orders = _hardware(truth["orders"]).drop_duplicates("customer_id").set_index("customer_id")["order_id"]
    converted = events["stage"] == "converted"
    events["evidence"] = events.get("evidence").where(~converted, events["customer_id"].map(first_orders))
    events["event_id"] = numbered(f"E{block or ''}", len(events), width=6)
    events["staff_id"] = _sellers(truth["persons"], on, rng)
    events["known_at"] = recorded_after(on, rng, days_late=[70, 12, 6, 4, 2, 1, 1, 1, 1, 1, 1])
    return TABLES["stage_events"].conform(events)


def _hardware(orders: Frame) -> Frame:
    return orders[orders["product_line"].isin(["sensor", "gateway"]) & (orders["quantity"] > 0)]


def _after_conversion(converted: Frame, truth: dict[str, Frame], rng: np.random.Generator) -> Frame:
    n = len(converted)
    days = converted["entered_on"].to_numpy("datetime64[D]")
    who = converted["customer_id"].to_numpy()
    onboarding = _entries(who, "onboarding", days + rng.integers(1, 15, n))
    growth = _entries(who, "growth", days + rng.integers(45, 100, n))
    return pd.concat(
        [onboarding, growth, _repurchases(truth["orders"]), _renewals(truth["subscriptions"]), _churned(truth, rng)],
        ignore_index=True,
    )


def _entries(who: NDArray[np.str_], stage: str, on: Days) -> Frame:
    return pd.DataFrame({"customer_id": who, "stage": stage, "entered_on": on.astype("datetime64[s]")})


def _repurchases(orders: Frame) -> Frame:
    """The second hardware order of a company."""
    hardware = _hardware(orders).drop_duplicates("order_id")
    second = hardware[hardware.groupby("customer_id").cumcount() == 1]
    entered = _entries(second["customer_id"].to_numpy(), "repurchase", second["ordered_on"].to_numpy("datetime64[D]"))
    return entered.assign(evidence=second["order_id"].to_numpy())


def _renewals(subscriptions: Frame) -> Frame:
    """The first renewal of a subscription."""
    second = subscriptions[subscriptions["period_no"] == 2]
    entered = _entries(second["customer_id"].to_numpy(), "renewal", second["signed_on"].to_numpy("datetime64[D]"))
    return entered.assign(evidence=(second["subscription_id"] + "/2").to_numpy())


def _churned(truth: dict[str, Frame], rng: np.random.Generator) -> Frame:
    """No order for 180 days and no subscription: the seller enters it within three weeks."""
    ordered = truth["orders"].groupby("customer_id")["ordered_on"].max()
    covered = truth["subscriptions"].groupby("customer_id")["ends_on"].max()
    last = pd.concat([ordered, covered]).groupby(level=0).max()
    days = last.to_numpy("datetime64[D]") + IDLE_DAYS + rng.integers(0, 21, len(last))
    return _entries(last.index.to_numpy(), "churned", days)


def _sellers(persons: Frame, on: Days, rng: np.random.Generator) -> NDArray[np.str_]:
    """A seller who was in the sales SBU in that month."""
    sales = persons[persons["unit_id"].str.startswith("SA")]
    from_, to = sales["valid_from"], sales["valid_to"].fillna(pd.Timestamp("2099-12-31"))
    draw = rng.random(len(on))
    month = np.maximum(on, FIRST).astype("datetime64[M]")
    staff = np.full(len(on), "", dtype="<U16")
    for at in months():
        first = pd.Timestamp(at.astype("datetime64[D]"))
        team = sales.loc[(from_ <= first) & (to >= first), "person_id"].to_numpy(str)
        rows = month == at
        staff[rows] = team[(draw[rows] * len(team)).astype(int)]
    return staff
