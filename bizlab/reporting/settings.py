"""Parameters from files, command line and notebook, checked before anything is opened."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bizlab.errors import SettingError
from bizlab.periods import Month
from bizlab.reporting.parameters import Parameters
from bizlab.yaml_file import YamlFile, load_yaml, read_value


@dataclass(frozen=True)
class Setting:
    """A value and where it was set."""

    value: Any
    place: str


def load_parameters(project: Path, overrides: Mapping[str, Setting]) -> Parameters:
    """Parameters of a month: ``params/base.yaml``, then ``params/<month>.yaml``, then the overrides.

    Raises
    ------
    SettingError : an unknown name, a value of the wrong kind, a month that is no month.
    """
    base = _settings(load_yaml(project / "params" / "base.yaml", shown="params/base.yaml"))
    known = base | dict(overrides)
    if "month" not in known:
        raise SettingError("No month is given", place="parameter 'month'", way_out="give it as YYYY-MM")
    month = Month.parse(str(known["month"].value), place=known["month"].place)
    return validate(base | _month_settings(project, month) | dict(overrides))


def validate(settings: Mapping[str, Setting]) -> Parameters:
    """The typed parameters, or an error that names the place of the first wrong one."""
    for name, setting in settings.items():
        if name not in Parameters.model_fields:
            raise unknown_name(name, setting.place)
    try:
        parameters = Parameters.model_validate({name: setting.value for name, setting in settings.items()})
    except ValidationError as fault:
        first = fault.errors()[0]
        name = str(first["loc"][0])
        raise SettingError(
            f"The parameter '{name}' cannot be {first['input']!r}: {first['msg'].lower()}",
            place=_place(settings, name),
            way_out=f"give {Parameters.model_fields[name].description}",
        ) from fault
    _verify_reference(parameters.grade_reference, _place(settings, "grade_reference"))
    return parameters


def _verify_reference(months: tuple[str, str], place: str) -> None:
    first, last = (Month.parse(month, place=place) for month in months)
    if first > last:
        raise SettingError(f"The reference begins in {first} but ends in {last}", place=place, way_out="swap the two")


def config(project: Path, name: str, *, optional: bool = False) -> dict[str, Any]:
    """A configuration file of the project, such as ``params/tags.yaml``; empty where an optional one is absent."""
    path = project / "params" / f"{name}.yaml"
    return {} if optional and not path.is_file() else load_yaml(path, shown=f"params/{name}.yaml").content


def configuration(project: Path) -> list[Path]:
    """The files of ``params/`` that analyses are configured by, such as ``params/tags.yaml``; all can be read.

    Files of parameters are not among them: what they set stands in the parameters.

    Raises
    ------
    SettingError : a file is not strict YAML.
    """
    folder = project / "params"
    paths = [path for path in sorted(folder.rglob("*.yaml")) if path != folder / "base.yaml" and not _of_a_month(path)]
    for path in paths:
        load_yaml(path, shown=path.relative_to(project).as_posix())
    return paths


def _of_a_month(path: Path) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}", path.stem) is not None


def _place(settings: Mapping[str, Setting], name: str) -> str:
    return settings[name].place if name in settings else f"parameter '{name}'"


def unknown_name(name: str, place: str) -> SettingError:
    """The error for a parameter that does not exist, with the nearest name that does."""
    near = difflib.get_close_matches(name, Parameters.model_fields, n=1)
    hint = f"write '{near[0]}'" if near else f"choose from {', '.join(Parameters.model_fields)}"
    return SettingError(f"There is no parameter '{name}'", place=place, way_out=hint)


def _month_settings(project: Path, month: Month) -> dict[str, Setting]:
    path = project / "params" / f"{month}.yaml"
    if not path.is_file():
        return {}
    settings = _settings(load_yaml(path, shown=f"params/{month}.yaml"))
    inner = settings.get("month")
    if inner is not None and inner.value != str(month):
        raise SettingError(
            f"The file is named after {month} but sets month: {inner.value}",
            place=inner.place,
            way_out="make the two agree",
        )
    return settings


def _settings(file: YamlFile) -> dict[str, Setting]:
    return {name: Setting(value, file.place(name)) for name, value in file.content.items()}


def latest_month(project: Path) -> str:
    """The latest month that ``params/`` has a file for.

    Raises
    ------
    SettingError : there is none.
    """
    months = sorted(path.stem for path in (project / "params").glob("*.yaml") if _of_a_month(path))
    if not months:
        raise SettingError("No month is given", place="params/", way_out="name it with --month YYYY-MM")
    return months[-1]


def command_line(month: str, lang: str | None, settings: list[str]) -> dict[str, Setting]:
    """What the command line sets: the month, ``--lang``, and every ``--set name=value``.

    Values are read as they would be in a parameter file.

    Raises
    ------
    SettingError : a setting without a value, or one that is given twice.
    """
    given = {"month": Setting(month, "command line")}
    if lang:
        given["lang"] = Setting(lang, "--lang")
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingError(f"'{text}' sets nothing", place="--set", way_out="write it as name=value")
        if name.strip() in given:
            raise SettingError(
                f"The parameter '{name.strip()}' is given twice", place=f"--set {text}", way_out="give it once"
            )
        given[name.strip()] = Setting(read_value(value), f"--set {text}")
    return given
