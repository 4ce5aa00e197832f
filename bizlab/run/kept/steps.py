"""Steps asked for: handed out as they were kept, where all that they are made of is still the same, else made."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.errors import ContractError, SettingError, some
from bizlab.run.kept.code import MODULES, Code
from bizlab.run.kept.manifest import libraries
from bizlab.run.kept.reads import settings_hash
from bizlab.run.kept.step import Made, Step
from bizlab.run.kept.store import FOLDER, Missing, Store
from bizlab.run.settings import config
from bizlab.run.tables import Tables
from bizlab.tables import project_lists
from bizlab.tables.lists import SETTINGS as LISTS
from bizlab.tables.lists import NamedList


@dataclass(frozen=True)
class Steps:
    """The steps of a project's month.

    Parameters
    ----------
    tables : of the month, limited to its reader. parameters : of the page or command that asks.
    """

    project: Path
    tables: Tables
    parameters: Any
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """Where steps are kept."""
        return Store(self.project / FOLDER)

    @cached_property
    def code(self) -> Code:
        """The library's sources as they were when the first step was asked for."""
        return Code(self.project / MODULES)

    def ask(self, step: Step[Made], *, as_of: date, arguments: Mapping[str, Any]) -> Made:
        """What a step makes of the tables up to a day; made only where nothing is kept that was made of the same.

        Raises
        ------
        SettingError : a day after the month, which the run may not see.
        ContractError : the page has not a parameter that the step reads.
        """
        until = latest(as_of, arguments)
        if until > self.tables.month.last:
            raise SettingError(
                f"The step '{step.name}' is asked for {until}, after the month",
                place=f"run of {self.tables.month}",
                fix=f"ask for days up to {self.tables.month.last}, or open a later month",
            )
        parts = self.parts(step, as_of=as_of, arguments=arguments)
        key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
        if key not in self._made:
            self._made[key] = self._kept_or_made(step, key, parts, as_of, arguments)
        made: Made = self._made[key]
        return made

    def parts(self, step: Step[Any], *, as_of: date, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """All that decides what a step makes."""
        store, names = self.tables.store, step.reads("parameters")
        absent = [name for name in names if not hasattr(self.parameters, name)]
        if absent:
            raise ContractError(
                f"The step '{step.name}' reads the parameter {some(absent)}, which the page does not have",
                place="parameters of the page",
                fix="include the group of parameters that has it",
            )
        values = self.parameters.model_dump(mode="json", include={*names, "known_by"})
        settings = [*step.reads("config"), *([LISTS.stem] if step.reads("lists") else [])]
        return {
            "step": step.name,
            "as_of": as_of.isoformat(),
            "arguments": {name: _plain(step, name, value) for name, value in arguments.items()},
            "reader": self.tables.reader,
            "parameters": values,
            "tables": {name: store.content(name, until=latest(as_of, arguments)) for name in step.reads("tables")},
            "limits": store.seal if self.tables.reader else None,
            "settings": {name: settings_hash(self.project, name) for name in settings},
            "code": self.code.seal({*self._handing, *(each.module for each in step.below())}),
            "libraries": libraries(),
        }

    @cached_property
    def _roomy(self) -> Store:
        """The store, when what was used least has made room for what this process is about to keep."""
        self.store.remove_old()
        return self.store

    @property
    def _handing(self) -> tuple[str, ...]:
        """The modules that hand out tables and keep what was made."""
        return type(self.tables).__module__, Store.__module__

    def _kept_or_made(
        self, step: Step[Any], key: str, parts: Mapping[str, Any], as_of: date, arguments: Mapping[str, Any]
    ) -> Any:
        try:
            return self.store.read(step.name, key)
        except (Missing, OSError):
            pass
        with self.store.making(step.name, key):
            try:
                return self.store.read(step.name, key)
            except (Missing, OSError):
                began = time.process_time()
                made = step.make(_Handed(self, step, as_of, latest(as_of, arguments)), **arguments)
                seconds = round(time.process_time() - began, 3)
                if self.code.is_current and self.parts(step, as_of=as_of, arguments=arguments) == parts:
                    self._keep(step, key, made, {"parts": parts, "seconds": seconds})
                return made

    def _keep(self, step: Step[Any], key: str, made: Any, about: Mapping[str, Any]) -> None:
        """Keep what was made; where the store or the value does not allow it, it is made each time."""
        with suppress(OSError, ContractError):
            self._roomy.write(step.name, key, made, about)


def latest(as_of: date, arguments: Mapping[str, Any]) -> date:
    """The last day of which a step may see anything: its own, or one that it is given for the steps it uses."""
    return max([as_of, *(value for value in arguments.values() if isinstance(value, date))])


def _plain(step: Step[Any], name: str, value: Any) -> Any:
    """An argument as keys are made of it: what is of different types, or longer than its text tells, differs."""
    if isinstance(value, tuple):
        return [_plain(step, name, each) for each in value]
    if isinstance(value, date | Enum):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ContractError(
        f"The argument '{name}' of the step '{step.name}' is a {type(value).__name__}",
        place=step.module,
        fix="give plain values, dates, choices or tuples of them; load tables within the step",
    )


def changes(last: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """The names of what a step is made of that are not as they were, such as 'code' or 'tables orders'."""
    for name, value in now.items():
        before = last.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            yield from (f"{name} {of}" for of in value.keys() | before.keys() if value.get(of) != before.get(of))
        elif value != before:
            yield name


@dataclass(frozen=True)
class _Handed:
    """What a step is handed, as `bizlab.run.kept.step.Given` says."""

    steps: Steps
    of: Step[Any]
    as_of: date
    until: date

    def load(self, table: str) -> pd.DataFrame:
        self._declared("tables", table)
        tables = self.steps.tables
        return tables.store.load(table, where=tables.rows_for(table), as_of=self.as_of, known_by=tables.params.known_by)

    def scan(self, table: str) -> nw.LazyFrame[Any]:
        self._declared("tables", table)
        tables = self.steps.tables
        return tables.store.scan(table, where=tables.rows_for(table), as_of=self.as_of, known_by=tables.params.known_by)

    def config(self, name: str, *, optional: bool = False) -> dict[str, Any]:
        self._declared("config", name)
        return config(self.steps.project, name, optional=optional)

    def choices(self, name: str) -> NamedList:
        self._declared("lists", name)
        return project_lists(self.steps.project)[name]

    def parameter(self, name: str) -> Any:
        self._declared("parameters", name)
        return getattr(self.steps.parameters, name)

    def step(self, step: Step[Made], *, as_of: date | None = None, **arguments: Any) -> Made:
        if step not in self.of.uses:
            self._refuse("uses", step.name)
        day = as_of or self.as_of
        if latest(day, arguments) > self.until:
            raise ContractError(
                f"The step '{self.of.name}' asks '{step.name}' for {latest(day, arguments)}, after its own day",
                place=self.of.module,
                fix="give it that day as an argument, so that it is made again when rows up to then change",
            )
        return self.steps.ask(step, as_of=day, arguments=arguments)

    def _declared(self, what: str, name: str) -> None:
        if name not in getattr(self.of, what):
            self._refuse(what, name)

    def _refuse(self, what: str, name: str) -> None:
        raise ContractError(
            f"The step '{self.of.name}' reads '{name}', which it does not declare",
            place=self.of.module,
            fix=f"name it in '{what}' of the step, so that it is made again when it changes",
        )
