"""Steps: what several pages and commands need, made once; each a pure function of what it is given, with a name.

A step declares what it reads. It is handed these tables, settings, parameters and other steps and no others, so that
what was made of the same may be kept and handed out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, ParamSpec, Protocol, TypeVar

import narwhals as nw
import pandas as pd

from bizlab.errors import ContractError
from bizlab.tables.lists import NamedList

Made = TypeVar("Made")
Arguments = ParamSpec("Arguments")


class Given(Protocol):
    """What a step is handed: tables up to its day, settings, parameters and other steps, as it declared them.

    Attributes
    ----------
    as_of : the last day of which the tables have rows.
    """

    @property
    def as_of(self) -> date: ...

    def load(self, table: str) -> pd.DataFrame: ...

    def scan(self, table: str) -> nw.LazyFrame[Any]: ...

    def config(self, name: str, *, optional: bool = False) -> dict[str, Any]: ...

    def choices(self, name: str) -> NamedList: ...

    def parameter(self, name: str) -> Any: ...

    def step(self, step: Step[Made], *, as_of: date | None = None, **arguments: Any) -> Made: ...


@dataclass(frozen=True, eq=False)
class Step(Generic[Made]):
    """A step: its name, the function that makes it, and what that reads.

    Parameters
    ----------
    make : takes what it is `Given` and plain arguments; the same for the same, whatever the clock or the machine.
    tables : input tables. config : files of ``params/``, by name. lists : named lists of
        ``params/lists.yaml``. parameters : of the month. uses : other steps.
    """

    name: str
    make: Callable[..., Made]
    tables: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    uses: tuple[Step[Any], ...] = ()

    @property
    def module(self) -> str:
        """Where it is made: the code that it reaches begins here."""
        return self.make.__module__

    def below(self) -> Iterator[Step[Any]]:
        """The step and all that it is made of, each once."""
        waiting, known = [self], set[str]()
        while waiting:
            step = waiting.pop()
            if step.name not in known:
                known.add(step.name)
                yield step
                waiting += step.uses

    def reads(self, what: str) -> list[str]:
        """The names of tables, settings, lists or parameters that the step and what it is made of read."""
        return sorted({name for step in self.below() for name in getattr(step, what)})


STEPS: dict[str, Step[Any]] = {}
"""All steps that were declared, by name."""


def step(
    *,
    tables: Sequence[str] = (),
    config: Sequence[str] = (),
    lists: Sequence[str] = (),
    parameters: Sequence[str] = (),
    uses: Sequence[Step[Any]] = (),
) -> Callable[[Callable[..., Made]], Step[Made]]:
    """Declare a function as a step under its own name.

    A step can use only what stands above it, so that none can wait for itself.

    Raises
    ------
    ContractError : two steps of one name.
    """

    def declare(make: Callable[..., Made]) -> Step[Made]:
        known = STEPS.get(make.__name__)
        if known is not None and known.module != make.__module__:
            raise ContractError(
                f"There are two steps called '{make.__name__}'",
                place=f"{known.module} and {make.__module__}",
                fix="rename one",
            )
        declared = Step(make.__name__, make, tuple(tables), tuple(config), tuple(lists), tuple(parameters), tuple(uses))
        STEPS[declared.name] = declared
        return declared

    return declare
