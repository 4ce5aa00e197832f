"""The pages of a month: the notebooks of a project, read without executing anything.

A notebook's metadata name its page: ``{"bizlab": {"name": "unit_hour", "group": "amoeba", "needs": [...]}}``. The
number with which its file begins is its place in the order of the index.
"""

from __future__ import annotations

import ast
import json
import pkgutil
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bizlab.contracts.table import Table
from bizlab.errors import SettingError, did_you_mean, some, unknown
from bizlab.labels import Label
from bizlab.run.analysis import Analysis
from bizlab.run.cells import SHARED, Declared, declared_parameters, own_model, title_and_question

_KEYS = {"name", "group", "needs", "uses", "analysis", "collects"}
NAME = re.compile(r"[a-z][a-z0-9_]*")
_NEEDED = re.compile(r"([a-z][a-z0-9_]*)(?:\(([a-z0-9_]+(?:, ?[a-z0-9_]+)*)\))?")


@dataclass(frozen=True)
class Needed:
    """An input table and the columns of it that a page reads; no columns where it reads the table whole."""

    table: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """One notebook of the month.

    Parameters
    ----------
    name, group : as the metadata give them. notebook : the file.
    title, question : from the first cells. declared : the parameters that its cell lists.
    needs, uses : tables without which it cannot be made, and tables that it uses where they are there.
    analysis_path : where the library's part stands, as ``module:ANALYSIS``; empty for a project's own page.
    borrowed : of a project's own page, the parameters that it shares with a page of the library, and where that stands.
    collects : whether it reads the results of the others.
    """

    name: str
    group: str
    notebook: Path
    title: Label
    question: Label
    declared: tuple[Declared, ...]
    needs: tuple[Needed, ...] = ()
    uses: tuple[Needed, ...] = ()
    analysis_path: str = ""
    borrowed: tuple[tuple[str, str], ...] = ()
    collects: bool = False

    @property
    def stem(self) -> str:
        return self.notebook.stem

    @property
    def place(self) -> str:
        """Its file as messages name it, from the folder of notebooks on."""
        folder = next(above for above in self.notebook.parents if above.name == "notebooks")
        return self.notebook.relative_to(folder.parent).as_posix()

    @property
    def tables(self) -> frozenset[str]:
        """The input tables that it may load."""
        return frozenset(needed.table for needed in (*self.needs, *self.uses))

    def columns(self, table: str) -> tuple[str, ...]:
        """The columns of a table that it reads; none where it reads the table whole."""
        return next((needed.columns for needed in (*self.needs, *self.uses) if needed.table == table), ())

    @property
    def parameter_names(self) -> tuple[str, ...]:
        return tuple(parameter.name for parameter in self.declared)

    @cached_property
    def analysis(self) -> Analysis:
        """Its parameters and what else it brings: imported for a page of the library, else read from the notebook."""
        if self.analysis_path:
            return _imported(self.analysis_path, self.notebook)
        shared = {name: _imported(path, self.notebook).parameters for name, path in self.borrowed}
        return Analysis(own_model(self.name, self.declared, {**shared, **SHARED}))


def pages(project: Path) -> tuple[Page, ...]:
    """The pages of a project in the order of their numbers.

    Raises
    ------
    SettingError : a notebook that is not one, has no name or no first cells, or two of one name.
    """
    folder = project / "notebooks"
    files = [path for path in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    listed = [read_page(path, place=path.relative_to(project).as_posix()) for path in files]
    for attribute in ("name", "stem"):
        _refuse_twice([(getattr(page, attribute), page.notebook.relative_to(project)) for page in listed], attribute)
    _refuse_two_meanings(listed)
    lenders = {name: page.analysis_path for page in listed if page.analysis_path for name in page.parameter_names}
    known = [page if page.analysis_path else _borrowing(page, lenders) for page in listed]
    return tuple(sorted(known, key=lambda page: (*_number(page.stem), page.name)))


def page_named(listed: Iterable[Page], name: str) -> Page:
    """The page of that name.

    Raises
    ------
    SettingError : there is none.
    """
    known = {page.name: page for page in listed}
    if name not in known:
        raise SettingError(f"There is no page '{name}'", place="name of the page", fix=did_you_mean(name, known))
    return known[name]


def read_page(path: Path, *, place: str) -> Page:
    """What a saved notebook says of itself; ``place`` is its file, for messages."""
    try:
        content = json.loads(path.read_text("utf-8-sig"))
        cells, about = content["cells"], content["metadata"].get("bizlab")
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise SettingError(f"The file is not a notebook: {fault}", place=place, fix="save it anew") from fault
    if not isinstance(about, dict) or not NAME.fullmatch(str(about.get("name", ""))):
        raise SettingError(
            "The notebook has no name, so that it cannot be a page of the month",
            place=f"{place}, metadata",
            fix='write {"bizlab": {"name": "...", "group": "..."}} there, or move the file out of notebooks/',
        )
    unknown = sorted(set(about) - _KEYS)
    if unknown:
        raise SettingError(
            f"The metadata hold {some(unknown)}, which nobody reads",
            place=f"{place}, metadata",
            fix=did_you_mean(unknown[0], _KEYS),
        )
    title, question = title_and_question([cell for cell in cells if cell["cell_type"] == "markdown"], place=place)
    return Page(
        name=about["name"],
        group=str(about.get("group", "")),
        notebook=path,
        title=title,
        question=question,
        declared=declared_parameters([cell for cell in cells if cell["cell_type"] == "code"], place=place),
        needs=_needed(about, "needs", place),
        uses=_needed(about, "uses", place),
        analysis_path=str(about.get("analysis", "")),
        collects=bool(about.get("collects", False)),
    )


def _needed(about: Mapping[str, Any], key: str, place: str) -> tuple[Needed, ...]:
    """Tables as the metadata write them: ``orders`` or ``orders(customer_id, amount_fen)``."""
    named = about.get(key, [])
    listed = named if isinstance(named, list) else [named]
    matches = [(text, _NEEDED.fullmatch(str(text))) for text in listed]
    wrong = [text for text, match in matches if match is None]
    if wrong:
        raise SettingError(
            f"'{wrong[0]}' names no table",
            place=f"{place}, metadata '{key}'",
            fix="write the table, or the table and its columns: orders(customer_id, amount_fen)",
        )
    return tuple(Needed(match[1], tuple(re.findall(r"\w+", match[2] or ""))) for _, match in matches if match)


def refuse_unfit(page: Page, contracts: Mapping[str, Table], mapped: Collection[str]) -> None:
    """Refuse a page that names a table or a column that there is not, or needs a table without files.

    Parameters
    ----------
    contracts : the tables that there are. mapped : those that the project has files for.

    Raises
    ------
    SettingError : it does; the nearest right name is given, or what to map.
    """
    place = f"{page.place}, metadata 'needs' and 'uses'"
    for needed in (*page.needs, *page.uses):
        if needed.table not in contracts:
            raise unknown("table", needed.table, contracts, place)
        for column in needed.columns:
            if column not in contracts[needed.table].by_name:
                raise unknown(f"column of {needed.table}", column, contracts[needed.table].names, place)
    missing = [needed.table for needed in page.needs if needed.table not in mapped]
    if missing:
        raise SettingError(
            f"The page '{page.name}' needs {some(missing)}, which the project has no files for",
            place=place,
            fix="map them in params/sources.yaml, or take the page out of notebooks/",
        )


def _imported(path: str, notebook: Path) -> Analysis:
    place = f"notebooks/{notebook.name}, metadata 'analysis'"
    try:
        analysis = pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError) as fault:
        raise SettingError(
            f"'{path}' cannot be imported: {fault}",
            place=place,
            fix="correct it, or leave it out for a page whose parameters cell is its model",
        ) from fault
    if not isinstance(analysis, Analysis):
        raise SettingError(
            f"'{path}' is not an Analysis",
            place=place,
            fix="name the module and its ANALYSIS, such as bizlab.analyses.amoeba.unit_hour:ANALYSIS",
        )
    return analysis


def _borrowing(page: Page, lenders: Mapping[str, str]) -> Page:
    """A project's own page with the names that it shares with pages of the library."""
    return replace(
        page, borrowed=tuple((n, lenders[n]) for n in page.parameter_names if n in lenders and n not in SHARED)
    )


def _refuse_two_meanings(listed: Sequence[Page]) -> None:
    """One name has one value a month: two own pages that declare it must declare it alike."""
    first: dict[str, Declared] = {}
    own = (parameter for page in listed if not page.analysis_path for parameter in page.declared)
    for declared in (parameter for parameter in own if parameter.name not in SHARED):
        other = first.setdefault(declared.name, declared)
        if (ast.unparse(declared.annotation), declared.default) != (ast.unparse(other.annotation), other.default):
            raise SettingError(
                f"The parameter '{declared.name}' is declared in two ways",
                place=f"{other.place} and {declared.place}",
                fix="declare it alike, or give one of them another name",
            )


def _refuse_twice(named: Sequence[tuple[str, Path]], what: str) -> None:
    first: dict[str, Path] = {}
    for name, path in named:
        if name in first:
            raise SettingError(
                f"Two notebooks have the {what} '{name}'",
                place=f"{first[name].as_posix()} and {path.as_posix()}",
                fix="rename one of them",
            )
        first[name] = path


def _number(stem: str) -> tuple[float, str]:
    """The number that a file begins with; files without one come last, by name."""
    match = re.match(r"\d+", stem)
    return (float(match[0]) if match else float("inf"), stem)
