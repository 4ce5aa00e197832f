"""What companies buy, renew and pay: orders, subscriptions and settlements."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import (
    LAST,
    Days,
    add_months,
    first_of_next_month,
    next_working_day,
    previous_working_day,
)
from bizlab.sample.company.catalogue import GATEWAYS, PRODUCT, SENSORS
from bizlab.sample.company.draws import generator, numbered, numbered_by_month, recorded_after
from bizlab.sample.company.territory import selling_unit
from bizlab.sample.planted import truths
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame
DAYS_PER_MONTH = 30.4375
MAX_REPEATS = 400
MAX_PERIODS = 9
SUBSCRIBED_SHARE = 0.62
DEPOSIT_SHARE = 0.3


def segments(companies: Frame) -> NDArray[np.str_]:
    """The segment of each company: heavy or light industry."""
    heavy = companies["industry"].isin(truths.HEAVY).to_numpy()
    segment: NDArray[np.str_] = np.where(heavy, "heavy", "light")
    return segment


def purchases(companies: Frame, converted_on: Days, seed: int, *, block: int = 0) -> Frame:
    """Every hardware order: columns company, ordered_on, n_before (orders before it), value_yuan.

    The first order stands on the day of conversion. After it orders come as a Poisson process
    until, after a repeat order, the company drops out (BG/NBD).
    """
    rng = generator(seed, "purchases", block)
    who = np.flatnonzero(~np.isnat(converted_on))
    rates = _by_segment(segments(companies)[who])
    rate = rng.gamma(rates["r"], 1 / rates["alpha"])
    drop_out = rng.beta(rates["a"], rates["b"])
    nu = rng.gamma(rates["q"], 1 / rates["gamma_yuan"])
    at = converted_on[who].astype(np.float64)
    taken = [_bought(who, at, 0, rng.gamma(rates["p"], 1 / nu))]
    alive = np.arange(len(who))
    for n_before in range(1, MAX_REPEATS):
        at = at + rng.exponential(1 / rate) * DAYS_PER_MONTH
        alive = alive[at[alive] < float(LAST.astype(np.int64)) + 1]
        values = rng.gamma(rates["p"], 1 / nu)
        taken.append(_bought(who[alive], at[alive], n_before, values[alive]))
        alive = alive[rng.random(len(who))[alive] >= drop_out[alive]]
        if not len(alive):
            break
    orders = pd.concat(taken, ignore_index=True)
    return orders[orders["ordered_on"] <= pd.Timestamp(LAST)].reset_index(drop=True)


def _by_segment(segment: NDArray[np.str_]) -> dict[str, NDArray[np.float64]]:
    fields = truths.Purchases._fields
    return {
        name: np.where(
            segment == "heavy", getattr(truths.PURCHASES["heavy"], name), getattr(truths.PURCHASES["light"], name)
        )
        for name in fields
    }


def _bought(who: NDArray[np.int64], at: NDArray[np.float64], n_before: int, values: NDArray[np.float64]) -> Frame:
    day = next_working_day(np.floor(at).astype(np.int64).astype("datetime64[D]"))
    return pd.DataFrame(
        {
            "company": who,
            "ordered_on": day.astype("datetime64[s]"),
            "n_before": n_before,
            "value_yuan": values,
        }
    )


def subscriptions(companies: Frame, converted_on: Days, seed: int, *, block: int = 0) -> Frame:
    """Every subscription period with its points and product (columns beyond the table ``subscriptions``).

    A period lasts three months; at its end the company renews unless a chance of its own, drawn
    from the Beta of its cohort, says no (sBG). About one churned company in sixteen starts anew.
    """
    rng = generator(seed, "subscriptions", block)
    who = np.flatnonzero(~np.isnat(converted_on) & (rng.random(len(converted_on)) < SUBSCRIBED_SHARE))
    signed = previous_working_day(converted_on[who] + rng.integers(10, 90, len(who)))
    who, signed = who[signed <= LAST], signed[signed <= LAST]
    periods, churned = _periods(who, signed, rng)
    again = rng.random(len(churned)) < 1 / 16
    returned = churned[again]
    signed_again = previous_working_day(
        returned["ends_on"].to_numpy("datetime64[D]") + rng.integers(40, 150, len(returned))
    )
    renewed, _ = _periods(returned["company"].to_numpy(), signed_again, rng)
    both = pd.concat([periods, renewed.assign(number=renewed["number"] + len(who))], ignore_index=True)
    both = both[both["signed_on"] <= pd.Timestamp(LAST)].sort_values(["number", "period_no"], kind="stable")
    both["subscription_id"] = _ids(f"SUB{block or ''}", both["number"])
    both["customer_id"] = companies["customer_id"].to_numpy()[both["company"]]
    return both.reset_index(drop=True)


def _ids(prefix: str, number: pd.Series[int]) -> NDArray[np.str_]:
    codes, distinct = pd.factorize(number)
    ids: NDArray[np.str_] = numbered(prefix, len(distinct), width=5).to_numpy()[codes]
    return ids


def _periods(who: NDArray[np.int64], signed: Days, rng: np.random.Generator) -> tuple[Frame, Frame]:
    """All periods of subscriptions first signed on a day, and the last periods of those that churned."""
    late = signed >= np.datetime64(truths.COHORT_2_FROM)
    one, two = truths.RENEWALS["2025"], truths.RENEWALS["2026"]
    theta = np.where(late, rng.beta(two.alpha, two.beta, len(who)), rng.beta(one.alpha, one.beta, len(who)))
    points = np.maximum(np.round(np.exp(rng.normal(4.5, 0.6, len(who)))), 10)
    pro = rng.random(len(who)) < 0.4
    start = first_of_next_month(signed) + rng.integers(0, 28, len(who)).astype("timedelta64[D]")
    number, taken, churned = np.arange(len(who)), [], []
    for period_no in range(1, MAX_PERIODS + 1):
        ends = add_months(start, 3) - 1
        frame = pd.DataFrame(
            {
                "number": number,
                "period_no": period_no,
                "company": who,
                "starts_on": start.astype("datetime64[s]"),
                "ends_on": ends.astype("datetime64[s]"),
                "signed_on": signed.astype("datetime64[s]"),
                "quantity": points.astype(np.int64),
                "product_id": np.where(pro, "M-PRO", "M-STD"),
            }
        )
        taken.append(frame)
        signed_next = previous_working_day(ends - rng.integers(0, 20, len(who)))
        renews = rng.random(len(who)) >= theta
        churned.append(frame[~renews & (signed_next <= LAST)])
        points = np.maximum(np.round(points * _resize(rng, len(who))), 5)
        keep = renews & (signed_next <= LAST)
        start, signed = (ends + 1)[keep], signed_next[keep]
        number, who, points, theta, pro = number[keep], who[keep], points[keep], theta[keep], pro[keep]
    return pd.concat(taken, ignore_index=True), pd.concat(churned, ignore_index=True)


def _resize(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """At renewal 14 % of subscriptions grow and 6 % shrink."""
    draw = rng.random(n)
    return np.where(draw < 0.14, rng.uniform(1.1, 1.6, n), np.where(draw > 0.94, rng.uniform(0.5, 0.9, n), 1.0))


def order_lines(companies: Frame, bought: Frame, periods: Frame, seed: int, *, block: int = 0) -> Frame:
    """The table ``orders``: hardware orders of one to four lines, and one order a subscription period."""
    rng = generator(seed, "orders", block)
    hardware = _hardware_lines(companies, bought, rng)
    monitoring = pd.DataFrame(
        {
            "company": periods["company"],
            "ordered_on": periods["signed_on"],
            "order": -1 - np.arange(len(periods)),
            "product_id": periods["product_id"],
            "quantity": periods["quantity"],
            "discount": 0,
        }
    )
    lines = pd.concat([hardware, monitoring], ignore_index=True)
    lines = lines.sort_values(["ordered_on", "order", "product_id", "discount"], kind="stable").reset_index(drop=True)
    price = lines["product_id"].map({p.product_id: p.list_yuan for p in PRODUCT.values()})
    lines["amount_fen"] = lines["quantity"] * price * (100 - lines["discount"])
    lines = pd.concat([lines, _rebates(lines, rng)]).sort_values(["ordered_on", "order"], kind="stable")
    return _as_orders(lines.reset_index(drop=True), companies, rng, block=block)


def _hardware_lines(companies: Frame, bought: Frame, rng: np.random.Generator) -> Frame:
    n = len(bought)
    favourite = np.asarray(SENSORS)[rng.integers(0, 3, len(companies))][bought["company"]]
    sensor = np.where(rng.random(n) < 0.7, favourite, np.asarray(SENSORS)[rng.integers(0, 3, n)])
    gateway = np.asarray(GATEWAYS)[(rng.random(n) < 0.45).astype(int)]
    with_gateway, with_service = rng.random(n) < 0.45, rng.random(n) < 0.30
    gateway_share = np.where(with_gateway, rng.uniform(0.15, 0.5, n), 0.0)
    value = bought["value_yuan"].to_numpy()
    asked = ((sensor, 1 - gateway_share), (gateway, gateway_share), (np.full(n, "SV-INS"), with_service * 0.08))
    lines = []
    for product, share in asked:
        price = pd.Series(product).map({p.product_id: p.list_yuan for p in PRODUCT.values()}).to_numpy()
        quantity = np.maximum(np.round(value * share / price), 1).astype(np.int64)
        line = pd.DataFrame(
            {
                "company": bought["company"].to_numpy(),
                "ordered_on": bought["ordered_on"].to_numpy(),
                "order": np.arange(n),
                "product_id": product,
                "quantity": quantity,
                "discount": np.where(product == "SV-INS", 0, rng.integers(0, 15, n)),
            }
        )
        lines.append(line[share > 0])
    return pd.concat(lines, ignore_index=True)


def _rebates(lines: Frame, rng: np.random.Generator) -> Frame:
    """One hardware line in sixty has a price rebate: a line of quantity 0 and a negative amount."""
    hardware = lines["product_id"].isin(SENSORS + GATEWAYS).to_numpy()
    given = lines[hardware & (rng.random(len(lines)) < 1 / 60)]
    return given.assign(quantity=0, amount_fen=-(given["amount_fen"] // 2_000 * 100))


def _as_orders(lines: Frame, companies: Frame, rng: np.random.Generator, *, block: int) -> Frame:
    on = lines["ordered_on"].to_numpy("datetime64[D]")
    company = lines["company"].to_numpy()
    first = ~lines["order"].duplicated()
    ids = numbered_by_month(f"SO{block or ''}", on[first])
    order_id = pd.Series(ids.to_numpy(), index=lines["order"][first]).reindex(lines["order"]).to_numpy()
    line_no = lines.groupby("order").cumcount() + 1
    segment = segments(companies)[company]
    line = lines["product_id"].map({p.product_id: p.line for p in PRODUCT.values()})
    terms = np.where(line == "monitoring", 15, np.where(segment == "heavy", *truths.TERMS_DAYS.values()))
    known = pd.Series(recorded_after(on, rng, days_late=[90, 7, 1, 0.5, 0.3, 0.3, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1]))
    return TABLES["orders"].conform(
        pd.DataFrame(
            {
                "order_line_id": pd.Series(order_id) + "-" + line_no.astype(str).to_numpy(),
                "order_id": order_id,
                "customer_id": companies["customer_id"].to_numpy()[company],
                "unit_id": selling_unit(companies["region"].to_numpy(str)[company], company, on),
                "product_line": line,
                "product_id": lines["product_id"],
                "quantity": lines["quantity"],
                "amount_fen": lines["amount_fen"],
                "ordered_on": on.astype("datetime64[s]"),
                "due_on": (on + terms).astype("datetime64[s]"),
                "known_at": known.groupby(order_id).transform("first"),
            }
        )
    )


def settlements(orders: Frame, companies: Frame, seed: int, *, block: int = 0) -> Frame:
    """The table ``settlements``: most orders are paid after a delay, three in ten with a deposit first.

    Two segments pay at two speeds; the south pays 30 days later from its orders of 2026-06 on;
    a few orders are never paid. What is paid for an order is what its lines add up to.
    """
    rng = generator(seed, "settlements", block)
    order = orders.groupby("order_id", sort=False, as_index=False).agg(
        customer_id=("customer_id", "first"),
        amount_fen=("amount_fen", "sum"),
        ordered_on=("ordered_on", "first"),
        due_on=("due_on", "max"),
    )
    at = pd.Index(companies["customer_id"]).get_indexer(order["customer_id"])
    mean = np.where(segments(companies)[at] == "heavy", *truths.DELAY_DAYS.values())
    drifts = (order["ordered_on"] >= truths.DRIFT_FROM) & (companies["region"].to_numpy()[at] == truths.DRIFT_REGION)
    delay = rng.gamma(3.0, mean / 3.0) + drifts.to_numpy() * rng.gamma(9.0, truths.DRIFT_DAYS / 9.0, len(order))
    paid = next_working_day(order["due_on"].to_numpy("datetime64[D]") + np.round(delay).astype(np.int64) - 4)
    deposit = np.where(rng.random(len(order)) < 0.3, (order["amount_fen"] * DEPOSIT_SHARE).astype(np.int64), 0)
    early = next_working_day(order["ordered_on"].to_numpy("datetime64[D]") + rng.integers(1, 6, len(order)))
    pays = rng.random(len(order)) >= truths.UNPAID_RATE
    parts = pd.concat(
        [
            order.assign(paid_on=early.astype("datetime64[s]"), amount_fen=deposit),
            order.assign(paid_on=paid.astype("datetime64[s]"), amount_fen=order["amount_fen"] - deposit)[pays],
        ]
    )
    parts = parts[(parts["amount_fen"] > 0) & (parts["paid_on"] <= pd.Timestamp(LAST))]
    parts = parts.sort_values(["paid_on", "order_id"], kind="stable").reset_index(drop=True)
    on = parts["paid_on"].to_numpy("datetime64[D]")
    parts["settlement_id"] = numbered_by_month(f"RC{block or ''}", on)
    parts["known_at"] = recorded_after(on, rng, days_late=[85, 12, 3])
    return TABLES["settlements"].conform(parts)
