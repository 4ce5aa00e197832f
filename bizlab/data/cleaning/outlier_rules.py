"""Which values are compared with their peers: the strict model of ``params/outliers.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from bizlab.configuration import misfit
from bizlab.contracts.table import Table
from bizlab.errors import SettingError, unknown
from bizlab.labels import Label
from bizlab.tables import TABLES
from bizlab.units.kinds import WHOLE, Unit

PLACE = "params/outliers.yaml"
ALL = "all"
"""The peer group of values that are not grouped."""
_Text = Annotated[StrictStr, Field(min_length=1)]


class _Setting(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Setting):
    """A name in both languages."""

    zh: _Text
    en: _Text


class OutlierCheck(_Setting):
    """One value, or one per another, compared with its peers."""

    id: Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Words
    table: StrictStr
    value: StrictStr
    per: StrictStr | None = None
    by: StrictStr | None = None
    scale: Literal["log", "linear"]

    @property
    def column(self) -> str:
        """The columns that are judged, as one text."""
        return self.value if self.per is None else f"{self.value} / {self.per}"


class OutlierRules(_Setting):
    """The whole configuration; ``params/outliers.yaml`` explains each key."""

    limit: Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)]
    smallest_group: Annotated[StrictInt, Field(ge=3)]
    checks: Annotated[tuple[OutlierCheck, ...], Field(min_length=1)]

    def names(self, contracts: Mapping[str, Table] = TABLES) -> dict[str, dict[str, Label]]:
        """Words for the codes of the tables that come of these rules, with the choices that the contracts give."""
        groups: dict[str, Label] = {ALL: Label("全部", "All")}
        for check in self.checks:
            groups |= contracts[check.table][check.by].words if check.by else {}
        return {"check": {check.id: Label(check.name.zh, check.name.en) for check in self.checks}, "group": groups}


def outlier_rules(content: Mapping[str, Any], contracts: Mapping[str, Table] = TABLES) -> OutlierRules:
    """The rules, checked against the contracts.

    Parameters
    ----------
    content : the file as written. contracts : of the tables that it may name.

    Raises
    ------
    SettingError : an unknown key, table or column, a column of the wrong kind, an id that stands twice.
    """
    try:
        rules = OutlierRules.model_validate(content)
    except ValidationError as fault:
        wrong = misfit(fault)
        problem = f"'{'.'.join(map(str, wrong.keys))}' cannot be used: {wrong.problem}"
        raise SettingError(problem, place=PLACE, fix="see the head of the file") from fault
    ids = [check.id for check in rules.checks]
    for number, check in enumerate(rules.checks):
        place = f"{PLACE}, check '{check.id}'"
        if check.id in ids[:number]:
            raise SettingError(f"The id '{check.id}' stands twice", place=place, fix="rename one of the two")
        _verify(check, contracts, place)
    return rules


def _verify(check: OutlierCheck, contracts: Mapping[str, Table], place: str) -> None:
    if check.table not in contracts:
        raise unknown("table", check.table, contracts, place)
    columns = contracts[check.table].columns
    numbers = [column.name for column in columns if column.unit in WHOLE]
    codes = [column.name for column in columns if column.unit is Unit.CODE]
    for name in filter(None, (check.value, check.per)):
        if name not in numbers:
            raise unknown(f"number in table {check.table}", name, numbers, place)
    if check.by is not None and check.by not in codes:
        raise unknown(f"code in table {check.table}", check.by, codes, place)
