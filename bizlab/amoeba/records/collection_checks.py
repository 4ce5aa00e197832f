"""Sums that must hold in the collection of daily records: by unit, by day, by person and record by record."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.amoeba.accounting.ledger import Records
from bizlab.amoeba.records.collection import Collection
from bizlab.amoeba.records.confirmations import CONFIRMED
from bizlab.amoeba.records.observation import DUE, OK, PRINCIPLE_OF, PRINCIPLES, SOURCES
from bizlab.contracts.check import Check
from bizlab.engine import dated, to_pandas
from bizlab.labels import Label
from bizlab.units.kinds import Unit


def record_checks(held: Collection, records: Records) -> list[Check]:
    """Every record of the period is asked once whether its unit confirmed it: rows of each table = observations."""
    asked = held.observations[held.observations["item"] == "unit_confirmed"].groupby("source")["n"].sum()
    return [
        _check(
            f"records_{table.name}",
            Label(
                f"{SOURCES[table.name].zh}:本期记录 = 已核对确认的记录",
                f"{SOURCES[table.name].en}: records of the period = records asked for their confirmation",
            ),
            _n_rows(getattr(records, table.name), table.day, held.first, held.as_of),
            int(asked.get(table.name, 0)),
        )
        for table in CONFIRMED
    ]


def score_checks(held: Collection, *, units: pd.DataFrame, days: pd.DataFrame, persons: pd.DataFrame) -> list[Check]:
    """Due and in order: the company with what is outside the tree = all days = all records; persons = the register.

    Parameters
    ----------
    units, days, persons : from `unit_scores`, `day_scores` and `person_scores`.
    """
    astray = held.observations.drop(index=held.placed.index)
    company = units[units["depth"] == 0]
    checks = []
    for principle, words in PRINCIPLES.items():
        for what, states in {"due": DUE, OK: (OK,)}.items():
            name, told = f"{principle}_{what}", Label("应有", "due") if what == "due" else Label("合格", "in order")
            records = _count(held.observations, principle, states)
            by_unit = int(company[name].sum()) + _count(astray, principle, states)
            label = Label(
                f"{words.zh}{told.zh}:公司 + 不在树中 = 全部记录",
                f"{words.en}, {told.en}: company + outside the tree = all",
            )
            checks.append(_check(f"units_{name}", label, by_unit, records))
            label = Label(f"{words.zh}{told.zh}:各日之和 = 全部记录", f"{words.en}, {told.en}: sum of days = all")
            checks.append(_check(f"days_{name}", label, int(days[name].sum()), records))
    label = Label("应有工时的人日:各人之和 = 名册", "Person-days due: sum of persons = the register")
    return [*checks, _check("persons", label, int(persons["n_due"].sum()), len(held.there.registered))]


def owed_checks(owing: pd.DataFrame, items: pd.DataFrame) -> list[Check]:
    """The list holds every late, missing or differing answer; a missing second confirmation is another debt already.

    Parameters
    ----------
    owing, items : from `owed` and `item_scores`.
    """
    twice = items["item"] == "confirmed_twice"
    open_ = items["n_different"].sum() + items.loc[~twice, ["n_late", "n_missing"]].sum().sum()
    label = Label("清单笔数之和 = 迟、缺与不一致之和", "Records of the list = late, missing and differing")
    return [_check("owed", label, int(owing["n"].sum()), int(open_))]


def _count(rows: pd.DataFrame, principle: str, states: tuple[str, ...]) -> int:
    of_principle = rows["item"].map(PRINCIPLE_OF) == principle
    return int(rows.loc[of_principle & rows["state"].isin(states), "n"].sum())


def _n_rows(table: Any, day: str, first: date, as_of: date) -> int:
    return int(to_pandas(dated(table, day, first, as_of).select(nw.len().alias("n")))["n"].iloc[0])


def _check(key: str, label: Label, left: int, right: int) -> Check:
    return Check(f"collection.{key}", label, left, right, Unit.COUNT)
