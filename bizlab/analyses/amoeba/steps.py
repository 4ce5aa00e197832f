"""What pages and packs share of the company's months: the additive figures of every unit, and those of the plan."""

from __future__ import annotations

from bizlab.amoeba.accounting.components import Components, components
from bizlab.amoeba.accounting.ledger import INPUTS, Records
from bizlab.amoeba.accounting.sharing import Method
from bizlab.amoeba.results.plan import PLANS, planned
from bizlab.periods import Month
from bizlab.run.kept.step import Given, step


@step(tables=INPUTS, lists=("expense_kinds",))
def month_figures(
    given: Given, *, method: Method, order: tuple[str, ...], labour_in_expense: bool, daily: bool
) -> Components:
    """The additive figures of the month that ends on the day; arguments as those of `components`."""
    return components(
        _records(given),
        month=Month.of(given.as_of),
        labour_in_expense=labour_in_expense,
        method=method,
        order=order,
        daily=daily,
    )


@step(tables=(*INPUTS, *PLANS), lists=("expense_kinds",))
def plan_figures(given: Given, *, method: Method, order: tuple[str, ...], labour_in_expense: bool) -> Components:
    """What the month that ends on the day is planned to be, as `month_figures`."""
    month = Month.of(given.as_of)
    plan = planned(_records(given), *(given.load(name) for name in PLANS), month=month)
    return components(plan, month=month, method=method, order=order, labour_in_expense=labour_in_expense)


def _records(given: Given) -> Records:
    return Records.read(given.load, given.scan, given.choices("expense_kinds").each("nature"))
