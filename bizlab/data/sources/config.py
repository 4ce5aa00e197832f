"""Where each table comes from: the strict model of ``params/sources.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError, field_validator

from bizlab.configuration import misfit
from bizlab.contracts.table import Table
from bizlab.errors import SettingError, SourceError, unknown
from bizlab.tables import project_tables
from bizlab.tables.lists import SETTINGS as LISTS
from bizlab.yaml_file import YamlFile, load_yaml

SETTINGS = "params/sources.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Unpivot(_Strict):
    """Columns across that become rows: header text to the value of ``into``."""

    into: StrictStr
    value: StrictStr
    headers: dict[StrictStr, StrictStr]


class SourceSettings(_Strict):
    """How the files of one table are read; everything is declared or detected with evidence."""

    files: tuple[StrictStr, ...]
    format: Literal["csv", "excel", "parquet"]
    sheet: StrictStr | None = None
    encoding: StrictStr = "detect"
    separator: StrictStr = "detect"
    header: StrictInt | None = Field(None, ge=1)
    columns: dict[StrictStr, StrictStr] = {}
    units: dict[StrictStr, StrictStr] = {}
    dates: tuple[StrictStr, ...] = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d")
    choices: dict[StrictStr, dict[StrictStr, StrictStr]] = {}
    constants: dict[StrictStr, StrictStr] = {}
    unpivot: Unpivot | None = None
    prefer: Literal["last"] | None = None

    @field_validator("separator")
    @classmethod
    def _one_character(cls, value: str) -> str:
        if value != "detect" and (len(value) != 1 or value in '"\r\n'):
            raise ValueError("a separator is one character, or 'detect'")
        return value

    @field_validator("files", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class _File(_Strict):
    exports: StrictStr
    totals: StrictStr | None = None
    tables: dict[StrictStr, SourceSettings]


@dataclass(frozen=True)
class Sources:
    """All sources of a project, and the contracts of all tables that it can have."""

    exports: str
    totals: str | None
    tables: Mapping[str, SourceSettings]
    contracts: Mapping[str, Table]


def load_sources(project: Path) -> Sources:
    """The project's sources, checked against the contracts.

    Raises
    ------
    SettingError : an unknown key, table, column or unit, with file, line and the nearest right name.
    """
    file = load_yaml(project / SETTINGS, shown=SETTINGS)
    try:
        content = _File.model_validate(file.content)
    except ValidationError as fault:
        raise _refusal(fault, file) from fault
    contracts = project_tables(project)
    for name, source in content.tables.items():
        place = file.place("tables", name)
        if name not in contracts:
            raise unknown("table", name, contracts, place)
        _verify(source, contracts[name], place)
        _verify_lists(contracts[name], contracts, place)
    inside(project, content.exports, place=file.place("exports"))
    return Sources(content.exports, content.totals, content.tables, contracts)


def inside(project: Path, relative: str, *, place: str) -> Path:
    """A path below the project; `SettingError` where it leads outside."""
    path = (project / relative).resolve()
    if not path.is_relative_to(project.resolve()):
        raise SettingError(
            f"The path '{relative}' leads outside the project",
            place=place,
            fix="copy the files into the project and name them from its folder",
        )
    return path


def matching_files(project: Path, sources: Sources, name: str) -> list[Path]:
    """The files of a table, in the order of their names; see `matches`."""
    place, fix = f"{SETTINGS}, table {name}", "put the export there, or correct the pattern"
    named = [matches(project, sources, pattern, place=place, fix=fix) for pattern in sources.tables[name].files]
    return list(dict.fromkeys(path for paths in named for path in paths))


def matches(project: Path, sources: Sources, pattern: str, *, place: str, fix: str) -> list[Path]:
    """The exported files that a pattern names; `SettingError` where it leads outside, `SourceError` without any."""
    folder = inside(project, sources.exports, place=place)
    inside(folder, pattern, place=place)
    paths = sorted(path for path in folder.glob(pattern) if path.is_file())
    if not paths:
        raise SourceError(f"No file matches '{pattern}'", place=f"{sources.exports} ({place})", fix=fix)
    return [inside(project, path.relative_to(project.resolve()).as_posix(), place=place) for path in paths]


def _verify_lists(contract: Table, contracts: Mapping[str, Table], place: str) -> None:
    for column in contract.columns:
        if column.refers and column.refers not in contracts and not column.choices:
            raise SettingError(
                f"'{column.name}' of table {contract.name} is one of the list '{column.refers}', which is not there",
                place=place,
                fix=f"write it in {LISTS.as_posix()}, as '{column.refers}: {{code: {{label: 中文 | English}}}}'",
            )


def _verify(source: SourceSettings, contract: Table, place: str) -> None:
    named = [*source.columns.values(), *source.units, *source.choices, *source.constants]
    if source.unpivot:
        named += [source.unpivot.into, source.unpivot.value]
    for column in named:
        if column not in contract.by_name:
            raise unknown(f"column of table {contract.name}", column, contract.names, place)
    coded = {column: list(meant.values()) for column, meant in source.choices.items()}
    if source.unpivot:
        coded[source.unpivot.into] = list(source.unpivot.headers.values())
    for column, codes in coded.items():
        for code in codes if contract[column].choices else ():
            if code not in contract[column].choices:
                raise unknown(f"value of {column}", code, contract[column].choices, place)
    for column, unit in source.units.items():
        allowed = [known.name for known in contract[column].unit.row.sources]
        if unit not in allowed:
            raise unknown(f"unit for column {column}", unit, allowed, place)


def _refusal(fault: ValidationError, file: YamlFile) -> SettingError:
    wrong = misfit(fault)
    place = file.place(*wrong.keys)
    if wrong.type == "extra_forbidden":
        model = SourceSettings if len(wrong.keys) == 3 else Unpivot if len(wrong.keys) == 4 else _File
        return unknown("setting", wrong.keys[-1], model.model_fields, place)
    return SettingError(
        f"The setting '{'.'.join(map(str, wrong.keys))}' cannot be used: {wrong.problem}",
        place=place,
        fix="see docs/sources.md for what it may be",
    )
