"""The company as it truly is: every table under its contract, all figures tied together."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd

from bizlab.sample.books import allocation, books, budgeting, gl, plans, trades
from bizlab.sample.company import applications, buying, companies, events_2026, journeys, organisation, people, stages
from bizlab.sample.company.catalogue import PRODUCT
from bizlab.sample.company.draws import SEED
from bizlab.tables import TABLES

Frame: TypeAlias = pd.DataFrame


def generate(seed: int = SEED, scale: int = 1, *, block: int = 0) -> dict[str, Frame]:
    """Make the company.

    Parameters
    ----------
    seed : the same seed gives the same company.
    scale : how many times the size: 3,000 companies and about 220 persons each.
    block : gives ids of their own to a part of a larger company.

    Returns
    -------
    Contract name to frame, one for each table of ``bizlab.tables``.

    >>> company = generate()
    >>> len(company["customers"]), company["orders"]["customer_id"].nunique()
    (3000, 631)
    """
    truth = _customers_side(seed, scale, block)
    truth |= _organisation_side(seed, scale, block)
    truth["grade_applications"] = applications.grade_applications(
        truth["customers"], truth["orders"], seed, block=block
    )
    truth["stage_events"] = stages.stage_events(truth, truth.pop("entries"), seed, block=block)
    sold = trades.internal_trades(truth["orders"], truth["subscriptions"], seed, block=block)
    truth["internal_trades_sold"] = sold
    truth["internal_trades_bought"] = trades.booked_by_buyer(sold, seed, block=block)
    truth["revenue_records"] = books.revenue_records(truth["orders"], sold, seed, block=block)
    truth["order_intake"] = books.order_intake(truth["orders"], block=block)
    truth["budget_lines"] = budgeting.budget_lines(truth["persons"], seed, block=block)
    expenses = books.expense_records(truth, seed, block=block)
    truth["expense_records"] = events_2026.apply(expenses, truth["budget_lines"])
    truth["actual_lines"] = budgeting.actual_lines(truth["expense_records"], seed, block=block)
    truth["drivers"] = allocation.drivers(truth)
    truth["gl_entries"] = gl.gl_entries(truth, block=block)
    truth |= plans.unit_plans(truth, seed)
    truth["trade_plans"] = plans.trade_plans(truth, seed)
    return {name: truth[name] for name in TABLES}


def _customers_side(seed: int, scale: int, block: int) -> dict[str, Frame]:
    customers = companies.customers(seed, scale=scale, block=block)
    walked = journeys.journeys(customers, seed, block=block)
    bought = buying.purchases(customers, walked.converted_on, seed, block=block)
    periods = buying.subscriptions(customers, walked.converted_on, seed, block=block)
    orders = buying.order_lines(customers, bought, periods, seed, block=block)
    list_fen = periods["product_id"].map({product.product_id: product.list_yuan * 100 for product in PRODUCT.values()})
    buyers = np.flatnonzero(~np.isnat(walked.converted_on))
    return {
        "customers": customers,
        "contacts": companies.contacts(customers, buyers, seed, block=block),
        "channels": companies.channels(),
        "orders": orders,
        "settlements": buying.settlements(orders, customers, seed, block=block),
        "subscriptions": TABLES["subscriptions"].conform(periods.assign(amount_fen=periods["quantity"] * list_fen)),
        "entries": walked.entries,
    }


def _organisation_side(seed: int, scale: int, block: int) -> dict[str, Frame]:
    persons = organisation.persons(seed, scale=scale, block=block)
    return {
        "units": organisation.units(),
        "unit_parents": organisation.unit_parents(),
        "persons": persons,
        "hour_records": people.hour_records(persons, seed, block=block),
        "headcount": people.headcount(persons),
        "allocation_rules": allocation.allocation_rules(),
        "transfer_prices": trades.transfer_prices(),
        "budget_versions": budgeting.budget_versions(),
    }
