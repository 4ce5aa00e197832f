"""Entries that the ERP proves: orders, subscriptions, the time after them, and their absence.

Long tables stay whatever narwhals holds; nothing is collected here. Columns of every frame below:
``customer_id, entered_on, stage, event_id, source``.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import narwhals as nw

from bizlab.engine import Lazy, until
from bizlab.lifecycle.stages.stages import AfterFact, Fact, InactiveFact, OrderFact, Stage, Stages, SubscriptionFact

COLUMNS = ("customer_id", "entered_on", "stage", "event_id", "source")


class Dealings(NamedTuple):
    """What companies bought, up to the as-of date: ``orders`` has one row per company, day and product line;
    ``periods`` one row per subscription period, ``began_on`` never before it was signed."""

    orders: Lazy
    periods: Lazy


def dealings(orders: Lazy, subscriptions: Lazy, as_of: date) -> Dealings:
    """Reduce orders and subscriptions to what the rules look at. Returns (amount not above 0) are no orders."""
    bought = orders.filter(nw.col("amount_fen") > 0).select(
        "customer_id", "product_line", nw.col("order_id").alias("event_id"), day_of("ordered_on").alias("entered_on")
    )
    signed = subscriptions.select(
        "customer_id",
        "period_no",
        nw.concat_str(nw.col("subscription_id"), nw.col("period_no").cast(nw.String), separator="/").alias("event_id"),
        day_of("signed_on").alias("signed_on"),
        nw.max_horizontal(day_of("signed_on"), day_of("starts_on")).alias("began_on"),
        day_of("ends_on").alias("ends_on"),
    )
    return Dealings(until(bought, "entered_on", as_of), until(signed, "signed_on", as_of))


def fact_entries(bought: Dealings, *, stages: Stages, as_of: date) -> list[Lazy]:
    """Every entry that the rules find, a frame a rule.

    An order or a subscription gives an entry each time it fits the rule; staging then keeps those that take the
    company forward. ``source`` is ``fact``, or ``time`` where nothing but the passing of days made the entry.
    """
    by_stage: dict[str, list[Lazy]] = {}
    for stage in stages.everything:
        by_stage[stage.id] = [_entries(bought, fact, by_stage).pipe(_named, stage, fact) for fact in stage.facts]
    return [until(frame, "entered_on", as_of) for frames in by_stage.values() for frame in frames]


def day_of(name: str) -> nw.Expr:
    """A date column in the one type that all engines compare: a moment at midnight."""
    return nw.col(name).cast(nw.Datetime("us"))


def _named(frame: Lazy, stage: Stage, fact: Fact) -> Lazy:
    source = "time" if fact.after else "fact"
    return frame.with_columns(nw.lit(stage.id).alias("stage"), nw.lit(source).alias("source")).select(*COLUMNS)


def _entries(bought: Dealings, fact: Fact, by_stage: dict[str, list[Lazy]]) -> Lazy:
    match fact.rule:
        case OrderFact() as rule:
            return _order_days(bought, rule)
        case SubscriptionFact() as rule:
            number = nw.col("period_no")
            periods = bought.periods.filter(number == rule.period if rule.period else number >= rule.from_period)
            return periods.with_columns(nw.col("signed_on" if rule.day == "signed" else "began_on").alias("entered_on"))
        case AfterFact() as rule:
            return _after(bought, rule, by_stage[rule.stage])
        case InactiveFact() as rule:
            return _inactive(bought, rule)


def _order_days(bought: Dealings, fact: OrderFact) -> Lazy:
    lines = bought.orders
    if fact.product_lines:
        lines = lines.filter(nw.col("product_line").is_in(fact.product_lines))
    days = lines.group_by("customer_id", "entered_on").agg(nw.col("event_id").min())
    numbered = days.with_columns(nw.lit(1).alias("nth")).with_columns(
        nw.col("nth").cum_sum().over("customer_id", order_by="entered_on")
    )
    return numbered.filter(nw.col("nth") == fact.nth if fact.nth else nw.col("nth") >= fact.from_nth)


def _after(bought: Dealings, fact: AfterFact, base: list[Lazy]) -> Lazy:
    first = nw.concat(base).group_by("customer_id").agg(nw.col("entered_on").min(), nw.col("event_id").min())
    due = first.with_columns(nw.col("entered_on").dt.offset_by(f"{fact.days}d"))
    if not fact.active:
        return due
    return due.join(_further_activity(bought), on="customer_id").with_columns(
        nw.max_horizontal("entered_on", "active_on").alias("entered_on")
    )


def _further_activity(bought: Dealings) -> Lazy:
    """One row per company that ordered on a second day or started a subscription: the first such day."""
    days = _order_days(bought, OrderFact(from_nth=2)).select("customer_id", nw.col("entered_on").alias("active_on"))
    began = bought.periods.select("customer_id", nw.col("began_on").alias("active_on"))
    return nw.concat([days, began]).group_by("customer_id").agg(nw.col("active_on").min())


def _inactive(bought: Dealings, fact: InactiveFact) -> Lazy:
    """The day after each unbroken stretch of activity: stretches are united, then the gaps between them read off."""
    stretches = nw.concat([
        bought.orders.select(
            "customer_id", "event_id", nw.col("entered_on").alias("from_on"),
            nw.col("entered_on").dt.offset_by(f"{fact.days_without_order}d").alias("to_on"),
        ),
        bought.periods.select(
            "customer_id", "event_id", nw.col("signed_on").alias("from_on"),
            nw.col("ends_on").dt.offset_by(f"{fact.days_without_subscription}d").alias("to_on"),
        ),
    ])  # fmt: skip
    order = ["from_on", "to_on", "event_id"]
    united = stretches.with_columns(
        nw.col("to_on").cum_max().over("customer_id", order_by=order).dt.offset_by("1d").alias("entered_on"),
        nw.col("from_on").shift(-1).over("customer_id", order_by=order).alias("next_on"),
    )
    return united.filter(nw.col("next_on").is_null() | (nw.col("next_on") > nw.col("entered_on")))
