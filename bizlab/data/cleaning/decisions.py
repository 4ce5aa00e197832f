"""What people decided about companies: ``params/merges.yaml``."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError, field_validator

from bizlab.configuration import misfit
from bizlab.errors import SettingError
from bizlab.yaml_file import YamlFile, load_yaml

SETTINGS = "params/merges.yaml"
_ASKED = "companies (two ids in quotes), decided_on (YYYY-MM-DD), by and why"
_LISTS = "lists of entries under 'merge' and 'apart'"
_Text = Annotated[StrictStr, Field(min_length=1, pattern=r"\S")]


class Decision(NamedTuple):
    """Two companies, and who decided about them, when and why; ``place`` is where it is written."""

    one: str
    other: str
    decided_on: date
    by: str
    why: str
    place: str

    @property
    def pair(self) -> frozenset[str]:
        return frozenset((self.one, self.other))


class Decisions(NamedTuple):
    """Pairs that are one company, and pairs that are two whatever they look like."""

    merge: tuple[Decision, ...] = ()
    apart: tuple[Decision, ...] = ()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    companies: tuple[_Text, _Text]
    decided_on: date
    by: _Text
    why: _Text

    @field_validator("decided_on", mode="before")
    @classmethod
    def _iso(cls, value: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError("a date is written YYYY-MM-DD")
        return date.fromisoformat(value)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    merge: tuple[_Entry, ...] = ()
    apart: tuple[_Entry, ...] = ()


def load_decisions(project: Path) -> Decisions:
    """The project's decisions; none where there is no file.

    Raises
    ------
    SettingError : an unknown key, a missing one, a date that does not exist, a company paired with itself, a pair that
        is decided twice.
    """
    path = project / SETTINGS
    if not path.is_file():
        return Decisions()
    file = load_yaml(path, shown=SETTINGS)
    try:
        content = _File.model_validate(file.content)
    except ValidationError as fault:
        raise _refusal(fault, file) from fault
    decisions = Decisions(_decisions(content.merge, "merge", file), _decisions(content.apart, "apart", file))
    seen: dict[frozenset[str], Decision] = {}
    for decision in (*decisions.merge, *decisions.apart):
        first = seen.setdefault(decision.pair, decision)
        if first is not decision:
            raise SettingError(
                f"The companies {decision.one} and {decision.other} are decided about twice",
                place=f"{first.place}; {decision.place}",
                fix="keep the entry that holds and remove the other",
            )
    return decisions


def _decisions(entries: tuple[_Entry, ...], kind: str, file: YamlFile) -> tuple[Decision, ...]:
    decisions = []
    for number, entry in enumerate(entries):
        place = _place(file, kind, number)
        if entry.companies[0] == entry.companies[1]:
            raise SettingError(
                f"The company {entry.companies[0]} is paired with itself", place=place, fix="name two companies"
            )
        decisions.append(Decision(*entry.companies, entry.decided_on, entry.by, entry.why, place))
    return tuple(decisions)


def _place(file: YamlFile, *keys: str | int) -> str:
    entry = f", entry {int(keys[1]) + 1} of '{keys[0]}'" if len(keys) > 1 else ""
    return file.place(*keys) + entry


def _refusal(fault: ValidationError, file: YamlFile) -> SettingError:
    wrong = misfit(fault)
    name, place = [key for key in wrong.keys if isinstance(key, str)][-1], _place(file, *wrong.keys)
    asked = f"{_ASKED} in an entry" if len(wrong.keys) > 1 else _LISTS
    if wrong.type == "extra_forbidden":
        return SettingError(f"There is no setting '{name}'", place=place, fix=f"write {asked}")
    return SettingError(f"'{name}' cannot be used: {wrong.problem}", place=place, fix=f"write {asked}")
