"""Parameters from files, command line and notebook, checked before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from bizlab.errors import SettingError, did_you_mean
from bizlab.periods import Month
from bizlab.run.cells import SHARED
from bizlab.run.pages import Page, page_named, pages
from bizlab.run.parameters import Common, Described, Limits
from bizlab.yaml_file import YamlFile, load_yaml, read_value

Model = TypeVar("Model", bound=Described)


@dataclass(frozen=True)
class Setting:
    """A value and where it was set."""

    value: Any
    place: str


@dataclass(frozen=True)
class Settings:
    """What is set for a month: flat, one value a name, for all pages.

    Parameters
    ----------
    pages : the pages of the project; each takes its own names and passes over those of the others.
    values : by name, ``month`` among them.
    """

    project: Path
    pages: tuple[Page, ...]
    values: Mapping[str, Setting]

    @cached_property
    def common(self) -> Common:
        """What every page has."""
        return self.under(Common)

    @property
    def month(self) -> Month:
        return Month.parse(self.common.month)

    def page(self, name: str) -> Page:
        """The page of that name."""
        return page_named(self.pages, name)

    def of(self, page: Page) -> Common:
        """The parameters of a page."""
        return self.under(page.analysis.parameters)

    def under(self, model: type[Model]) -> Model:
        """The values under a model, or an error that names the place of the first that does not fit."""
        own = {name: setting for name, setting in self.values.items() if name in model.model_fields}
        try:
            return model.model_validate({name: setting.value for name, setting in own.items()})
        except ValidationError as fault:
            first = fault.errors()[0]
            name = str(first["loc"][0])
            place = own[name].place if name in own else f"parameter '{name}'"
            raise SettingError(
                f"The parameter '{name}' cannot be {first['input']!r}: {first['msg'].lower()}",
                place=place,
                fix=f"give {' / '.join(model.words(name))}",
            ) from fault

    @property
    def limits(self) -> Limits:
        """What the run allows each notebook."""
        return self.under(Limits)

    def with_values(self, **values: Any) -> Settings:
        """The same with other values of some parameters."""
        given = {name: Setting(value, f"parameter '{name}'") for name, value in values.items()}
        return replace(self, values={**self.values, **given})


def read_settings(project: Path, overrides: Mapping[str, Setting]) -> Settings:
    """What is set for a month: ``params/base.yaml``, then ``params/<month>.yaml``, then the overrides.

    Raises
    ------
    SettingError : a name that no page has, with the nearest that one has; a month that is not a month.
    """
    base = _settings(load_yaml(project / "params" / "base.yaml", shown="params/base.yaml"))
    known = base | dict(overrides)
    if "month" not in known:
        raise SettingError("No month is given", place="parameter 'month'", fix="give it as YYYY-MM")
    month = Month.parse(str(known["month"].value), place=known["month"].place)
    listed = pages(project)
    values = base | _month_settings(project, month) | dict(overrides)
    names = [*SHARED, *Limits.model_fields, *(name for page in listed for name in page.parameter_names)]
    for name, setting in values.items():
        if name not in names:
            fix = did_you_mean(name, dict.fromkeys(names))
            raise SettingError(f"No page has a parameter '{name}'", place=setting.place, fix=fix)
    return Settings(project, listed, values)


def config(project: Path, name: str, *, optional: bool = False) -> dict[str, Any]:
    """A configuration file of the project, such as ``params/tags.yaml``; empty where an optional one is absent."""
    path = project / "params" / f"{name}.yaml"
    return {} if optional and not path.is_file() else load_yaml(path, shown=f"params/{name}.yaml").content


def configuration(project: Path) -> list[Path]:
    """The files of ``params/`` that analyses are configured by, such as ``params/tags.yaml``; all can be read.

    Files of parameters are not among them: what they set stands in the parameters.
    """
    folder = project / "params"
    paths = [path for path in sorted(folder.rglob("*.yaml")) if path != folder / "base.yaml" and not _of_a_month(path)]
    for path in paths:
        load_yaml(path, shown=path.relative_to(project).as_posix())
    return paths


def _of_a_month(path: Path) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}", path.stem) is not None


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
            fix="make the two agree",
        )
    return settings


def _settings(file: YamlFile) -> dict[str, Setting]:
    return {name: Setting(value, file.place(name)) for name, value in file.content.items()}


def latest_month(project: Path) -> str:
    """The latest month that ``params/`` has a file for; `SettingError` where there is none."""
    months = sorted(path.stem for path in (project / "params").glob("*.yaml") if _of_a_month(path))
    if not months:
        raise SettingError("No month is given", place="params/", fix="name it with --month YYYY-MM")
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
            raise SettingError(f"'{text}' sets nothing", place="--set", fix="write it as name=value")
        if name.strip() in given:
            raise SettingError(
                f"The parameter '{name.strip()}' is given twice", place=f"--set {text}", fix="give it once"
            )
        given[name.strip()] = Setting(read_value(value), f"--set {text}")
    return given
