"""The form of a file of tables: which settings there are, and what kind of value each takes."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from bizlab.configuration import misfit
from bizlab.errors import ContractError, SettingError, unknown
from bizlab.labels import Label
from bizlab.yaml_file import Keys, YamlFile

Value: TypeAlias = StrictBool | StrictStr
Name: TypeAlias = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$")]

Asked: TypeAlias = dict[Name, Annotated[tuple[Value, ...], Field(min_length=2)]]
"""What is asked of the entries of a list: for each property its values, the first where nothing is said."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnForm(_Strict):
    """A column: texts are ``中文 | English``, the unit is written only where the name does not tell it."""

    label: StrictStr
    unit: StrictStr | None = None
    choices: StrictStr = ""
    nullable: StrictBool = False
    definition: StrictStr | None = None
    refers: StrictStr = ""


class TableForm(_Strict):
    """A table; a column of which nothing is said is one of those that the file's tables share."""

    label: StrictStr
    grain: StrictStr
    system: StrictStr = ""
    key: Annotated[tuple[StrictStr, ...], Field(min_length=1)]
    names: Annotated[tuple[StrictStr, ...], Field(max_length=2)] = ()
    occurred: StrictStr | None = None
    known_at: StrictStr | None = None
    columns: dict[Name, ColumnForm | None]
    sums: dict[StrictStr, StrictStr] = {}


class FileForm(_Strict):
    """A file: the system that exports its tables, lists to choose from, columns that tables share, and the tables.

    ``lists`` names those of the company, with what is asked of their entries: values, the first where nothing is said.
    """

    system: StrictStr
    lists: dict[Name, Asked] = {}
    choices: dict[Name, Annotated[dict[StrictStr, StrictStr], Field(min_length=1)]] = {}
    columns: dict[Name, ColumnForm] = {}
    tables: dict[Name, TableForm]


def parsed(file: YamlFile) -> FileForm:
    """The content of a file in its form.

    Raises
    ------
    SettingError : an unknown setting, with the nearest right name; a missing one; a value of another kind.
    """
    try:
        return FileForm.model_validate(file.content)
    except ValidationError as fault:
        wrong = misfit(fault)
        keys, last, place = wrong.keys, str(wrong.keys[-1]), file.place(*wrong.keys)
        if wrong.type == "extra_forbidden":
            form = FileForm if len(keys) == 1 else TableForm if keys[0] == "tables" and len(keys) == 3 else ColumnForm
            raise unknown("setting", last, form.model_fields, place) from fault
        if wrong.type == "missing":
            raise SettingError(f"The setting '{last}' is missing", place=place, fix="write it") from fault
        if wrong.is_key:
            fix = "write lower-case letters, digits and _, a letter first"
            raise SettingError(f"'{last}' is not a name", place=place, fix=fix) from fault
        raise SettingError(
            f"The setting '{last}' cannot be used: {wrong.problem}",
            place=place,
            fix="see bizlab/tables/README.md for what it may be",
        ) from fault


def label_of(text: str, file: YamlFile, at: Keys) -> Label:
    """Both languages of a text; `SettingError` where a half is missing, or there are more than two."""
    try:
        return Label.of(text)
    except ContractError as fault:
        raise SettingError(f"'{text}' is not in both languages", place=file.place(*at), fix=fault.fix) from fault
