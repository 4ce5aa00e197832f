"""The months of the amoebas as their reader may see them: the company, or the leader of a unit."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from bizlab.amoeba.accounting.branch import notice
from bizlab.amoeba.accounting.components import Components, Notice, components
from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.results.plan import PLANS, planned
from bizlab.analyses.amoeba.steps import month_figures, plan_figures
from bizlab.periods import Month
from bizlab.run.kept.steps import Steps
from bizlab.run.session import Run
from bizlab.run.tables import Tables


class Months:
    """The additive figures of months, as the parameters of a page say how they are made.

    The company's are steps. Those of a unit are made of its own records, and of what the company tells its leader of
    a month: what was allocated to the unit and away from it follows from all units' records, which a leader does not
    see, so that it is stated as on an allocation notice.

    Parameters
    ----------
    run : of a page on amoeba accounting.
    how : what `bizlab.amoeba.components` takes by name, where it is not as the page's parameters say.
    """

    def __init__(self, run: Run, **how: Any) -> None:
        self.run = run
        self.how = {"labour_in_expense": False} | run.params.accounting | how

    @cached_property
    def records(self) -> Records:
        """What the units recorded, as the reader may see it."""
        natures = self.run.choices("expense_kinds").each("nature")
        return Records.read(self.run.load, self.run.scan, natures)

    def figures(self, month: Month, *, daily: bool = False) -> Components:
        """The additive figures of a month, where ``daily`` by day."""
        if self.run.params.reader is None:
            return self.run.step(month_figures, as_of=month.last, daily=daily, **self.how)
        told = self._notice(self._company.ask(month_figures, as_of=month.last, arguments={**self.how, "daily": daily}))
        return components(self.records, month=month, notice=told, daily=daily, **self.how)

    def plan(self) -> Components:
        """What the run's month is planned to be."""
        month = self.run.month
        if self.run.params.reader is None:
            return self.run.step(plan_figures, **self.how)
        told = self._notice(self._company.ask(plan_figures, as_of=month.last, arguments=self.how))
        plan = planned(self.records, *(self.run.load(name) for name in PLANS), month=month)
        return components(plan, month=month, notice=told, **self.how)

    def _notice(self, company: Components) -> Notice:
        return notice(company, str(self.run.params.reader))

    @cached_property
    def _company(self) -> Steps:
        """The steps of all units, which leave this class as notices only."""
        store, params = self.run.tables.store, self.run.params
        return Steps(self.run.project, Tables(store, params), params)
