"""What a notebook works with: the month's tables, and what it shows, checks and finds."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from bizlab.contracts.check import Check
from bizlab.contracts.finding import Finding
from bizlab.contracts.table import Table
from bizlab.data.warehouse import Warehouse, open_project
from bizlab.errors import ContractError, SettingError, did_you_mean, some
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.report import codec, display
from bizlab.report.long_tables import long_table
from bizlab.report.plain import plain_table
from bizlab.report.sentences import Figures
from bizlab.report.shown import Layout, Results, ShownChart, ShownTable, Source
from bizlab.report.view import Names, shown_table
from bizlab.run.displays import RESULTS_FOLDER, Displays, show
from bizlab.run.kept.reads import Reads
from bizlab.run.kept.step import Made, Step
from bizlab.run.kept.steps import Steps
from bizlab.run.pages import Page, refuse_unfit
from bizlab.run.project import find_project
from bizlab.run.records import by_key, record
from bizlab.run.settings import Setting, config, read_settings
from bizlab.run.tables import Tables
from bizlab.tables import project_lists
from bizlab.tables.lists import SETTINGS as LISTS
from bizlab.tables.lists import NamedList
from bizlab.version import __version__


def open_run(name: str, **overrides: Any) -> Run:
    """Open a page of a month in the project at or above this folder; see `bizlab.open`."""
    given = {key: Setting(value, f"parameter '{key}'") for key, value in overrides.items() if value is not None}
    run = open_page(find_project(), name, injected() | given)
    known = type(run.params).model_fields
    unknown = [key for key in overrides if key not in known]
    if unknown:
        raise SettingError(
            f"The page '{name}' has no parameter '{unknown[0]}'",
            place=f"bizlab.open('{name}', ...)",
            fix=did_you_mean(unknown[0], known),
        )
    return run


def open_page(project: Path, name: str, given: Mapping[str, Setting]) -> Run:
    """Open a page of a project's month.

    Raises
    ------
    SettingError : no such page, a parameter that no page has, a value that cannot be used.
    """
    settings = read_settings(project, given)
    page = settings.page(name)
    return Run(page, project, settings.of(page))


def injected() -> dict[str, Setting]:
    """The parameters that papermill injected into the notebook that is running.

    They are read from its input history, since papermill itself only warns of a name that the
    notebook does not know: a misspelt one would leave the default in force.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    cells = shell.user_ns.get("In", []) if shell else []
    given: dict[str, Any] = {}
    for cell in cells:
        if cell.startswith("# Parameters\n"):
            given |= _assigned(cell)
    return {name: Setting(value, f"parameter '{name}' given to the notebook") for name, value in given.items()}


def _assigned(cell: str) -> dict[str, Any]:
    """Names and literal values of a cell of plain assignments.

    Raises
    ------
    SettingError : a value that is not written out, such as the ``float('nan')`` that papermill makes of ``.nan``.
    """
    assignments = [node for node in ast.parse(cell).body if isinstance(node, ast.Assign)]
    given = {}
    for name, value in ((ast.unparse(node.targets[0]), node.value) for node in assignments):
        try:
            given[name] = ast.literal_eval(value)
        except ValueError as fault:
            raise SettingError(
                f"The parameter '{name}' cannot be {ast.unparse(value)}",
                place="cell '# Parameters' of the notebook",
                fix="give a number, a text, true, false or a list",
            ) from fault
    return given


class Run:
    """One page of one month.

    Attributes
    ----------
    params : the parameters of the page.
    month, as_of : the month, and its last day; nothing dated later is ever handed out.
    """

    def __init__(self, page: Page, project: Path, params: Any) -> None:
        self.page, self.project, self.params = page, project, params
        self.month = Month.parse(params.month)
        if params.reader is not None and page.analysis.leader is None:
            raise SettingError(
                f"The page '{page.name}' is not for the leader of a unit",
                place="parameter 'reader'",
                fix="leave it out; 'bizlab pack' makes the pages that are",
            )
        self._n_rows: dict[str, int] = {}
        self._names: dict[str, dict[str, Label]] = {}
        self._tables: dict[str, ShownTable] = {}
        self._displays = Displays(lang=params.lang)
        self._charts: dict[str, ShownChart] = {}
        self._findings: dict[str, Finding] = {}
        self._checks: dict[str, Check] = {}

    @property
    def as_of(self) -> date:
        return self.month.last

    @property
    def scope(self) -> Label:
        """The reader in words: the company, or the unit whose leader reads."""
        return self.tables.scope

    @property
    def warehouse(self) -> Warehouse:
        """The company's tables with the account of how they were cleaned.

        Raises
        ------
        SettingError : the reader is the leader of a unit.
        """
        if self.params.reader is not None:
            raise SettingError(
                "The warehouse of the company is not for the leader of a unit",
                place="parameter 'reader'",
                fix="ask `load` or `scan` for a table",
            )
        self._reads.everything()
        return self.tables.store

    @cached_property
    def _reads(self) -> Reads:
        return Reads(self.project, self.tables)

    @cached_property
    def tables(self) -> Tables:
        """The month's tables, limited to the reader."""
        limited = self.page.analysis.leader if self.params.reader is not None else None
        store = open_project(self.project)
        refuse_unfit(self.page, store.contracts, store.mapped)
        return (limited or Tables)(store, self.params)

    def config(self, name: str, *, optional: bool = False) -> dict[str, Any]:
        """A configuration file of the project, such as ``params/tags.yaml``, as written."""
        self._reads.config(name)
        return config(self.project, name, optional=optional)

    def load(self, table: str) -> pd.DataFrame:
        """An input table as a pandas frame, limited to what was dated and known in time and is the reader's.

        Where the page's metadata name the columns of the table that it reads, these and no others.
        """
        frame = self.tables.load(table)
        self._read(table)
        self._n_rows[table] = len(frame)
        columns = self.page.columns(table)
        return frame[list(columns)] if columns else frame

    def scan(self, table: str) -> nw.LazyFrame[Any]:
        """The same as `load`, lazily: nothing is read until a result is collected."""
        lazy = self.tables.scan(table)
        self._read(table)
        self._n_rows[table] = int(lazy.select(nw.len()).collect().item())
        columns = self.page.columns(table)
        return lazy.select(*columns) if columns else lazy

    def step(self, step: Step[Made], *, as_of: date | None = None, **arguments: Any) -> Made:
        """What a step made of the tables up to a day, by itself the month's last; made once for all who ask.

        The rows of the tables that it reads count as read by the page.
        """
        made = self._steps.ask(step, as_of=as_of or self.as_of, arguments=arguments)
        for name in (*step.reads("config"), *(["lists"] if step.reads("lists") else [])):
            self._reads.config(name)
        for table in step.reads("tables"):
            self._read(table)
            if table not in self._n_rows:
                where = self.tables.rows_for(table)
                self._n_rows[table] = self.tables.store.n_rows(table, where=where, **self.tables.bounds)
        return made

    def _read(self, table: str) -> None:
        if table in self.contracts:
            self._reads.table(table)
        else:
            self._reads.everything()  # what is kept about the way in depends on every file

    def parameter(self, name: str) -> Any:
        """A parameter of the page by its name, as steps are given it."""
        return getattr(self.params, name)

    @cached_property
    def _steps(self) -> Steps:
        return Steps(self.project, self.tables, self.params)

    def names(self, table: str) -> dict[str, Label]:
        """Words for the ids of a table whose rows have names: units, customers, channels."""
        self._reads.names(table)
        if table not in self._names:
            contract, frame = self.contracts[table], self.tables.named(table)
            ids, zh, en = contract.key[0], contract.name_columns[0], contract.name_columns[-1]
            self._names[table] = {row[0]: Label(*row[1:]) for row in zip(frame[ids], frame[zh], frame[en], strict=True)}
        return self._names[table]

    def _names_in(self, contract: Table, given: Names) -> Names:
        """Words for ids, found where they refer to, and what is given for these and for other codes."""
        referring: dict[str, Mapping[str, Label]] = {
            column.name: self.names(column.refers)
            for column in contract.columns
            if column.refers != contract.name and self.tables.tells_names(column.refers)
        }
        listed = [column for column in contract.columns if column.refers in self._lists]
        referring |= {column.name: self._lists[column.refers].words for column in listed}
        return {name: {**referring.get(name, {}), **given.get(name, {})} for name in [*referring, *given]}

    def choices(self, name: str) -> NamedList:
        """A list that the company chooses from, such as product_lines, with what is said of its entries.

        Raises
        ------
        SettingError : ``params/lists.yaml`` does not have it.
        """
        if name not in self._lists:
            raise SettingError(
                f"There is no list '{name}'",
                place=LISTS.as_posix(),
                fix=f"write it there, '{name}: {{code: {{label: 中文 | English}}}}'; there are {some([*self._lists])}",
            )
        return self._lists[name]

    @cached_property
    def _lists(self) -> dict[str, NamedList]:
        self._reads.config(LISTS.stem)
        return project_lists(self.project)

    @property
    def contracts(self) -> Mapping[str, Table]:
        """What the input tables are: the library's and the project's own, with the company's choices."""
        self._reads.config(LISTS.stem)
        return self.tables.store.contracts

    def words(self, table: str, column: str) -> dict[str, Label]:
        """Words for the codes of a column of an input table, such as kinds of channels."""
        return dict(self.contracts[table][column].words)

    def results(self) -> list[Results]:
        """What the other analyses of this month left behind, in the order of the portal."""
        folder = Path(os.environ.get(RESULTS_FOLDER) or self.project / "reports" / str(self.month) / "results")
        others = [codec.from_json(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
        return [results for results in others if results.analysis != self.page.name]

    def show(
        self,
        shown: pd.DataFrame | ShownChart,
        contract: Table | None = None,
        *,
        key: str = "",
        title: Label | None = None,
        layout: Layout = "rows",
        names: Names | None = None,
        columns: Sequence[str] | None = None,
        sources: Sequence[str] = (),
        note: Label | None = None,
    ) -> None:
        """Show a chart, or a frame; the sums of its contract become checks.

        Of a frame longer than the parameter ``max_rows`` the first rows are shown and the totals; a run writes all as
        CSV beside the page.

        Parameters
        ----------
        contract : of the frame; without one its columns tell by name and type what they hold.
        key : name of the table within the page; by itself the contract's, and without one ``table_1``, ``table_2``, ...
        """
        if isinstance(shown, ShownChart):
            record(self._charts, {shown.key: shown}, "title")
            show(display.show_chart(shown, lang=self.params.lang))
            return
        if not isinstance(shown, pd.DataFrame):
            raise ContractError(
                f"A {type(shown).__name__} cannot be shown",
                place=f"run.show, {key or 'a table'}",
                fix="give a pandas frame",
            )
        if contract is None:
            key = key or f"table_{len(self._tables) + 1}"
            shown, contract = plain_table(shown, key)
        key = key or contract.name
        how: dict[str, Any] = {
            "key": key,
            "title": title,
            "layout": layout,
            "names": self._names_in(contract, names or {}),
            "columns": columns,
            "sources": self.sources(sources),
            "note": note,
        }
        long = long_table(shown, contract, page=self.page.stem, most_rows=self.params.max_rows, **how)
        table = long.shown() if long else shown_table(shown, contract, **how)
        named = [
            replace(check, key=f"{key}.{check.key.removeprefix(contract.name + '.')}")
            for check in contract.verify(shown)
        ]
        record(self._tables, {key: table}, "title")
        record(self._checks, by_key(named), "label")
        self._displays.show_table(table, long)

    def sources(self, tables: Iterable[str]) -> tuple[Source, ...]:
        """Input tables with the rows that were read of each."""
        return tuple(Source(table, self._n_rows.get(table, 0)) for table in tables)

    def check(self, checks: Sequence[Check]) -> None:
        """Put identities on record."""
        record(self._checks, by_key(checks), "label")
        show(display.show_checks(checks, lang=self.params.lang))

    def finding(self, findings: Sequence[Finding]) -> None:
        """Put findings on record; each must rest on figures that were shown before.

        A row of a long table that was left out is shown, too, where a finding rests on it.
        """
        refs = [ref for finding in findings for ref in finding.refs.values()]
        self._tables |= self._displays.with_rows(refs, self._tables)
        tables = [*(chart.data for chart in self._charts.values()), *self._tables.values()]
        figures = Figures(tables)
        for ref in refs:
            figures.find(ref)
        record(self._findings, by_key(findings), "text")
        show(display.show_findings(findings, tables, lang=self.params.lang))

    def finish(self) -> None:
        """Freeze what the analysis leaves behind; the last line of every notebook.

        Raises
        ------
        ContractError : the page loaded a table that its metadata do not declare.
        """
        undeclared = sorted((set(self._n_rows) & set(self.contracts)) - self.page.tables)
        if undeclared:
            raise ContractError(
                f"The page loads {some(undeclared)} without saying so",
                place=f"{self.page.place}, metadata",
                fix="add it to 'needs' or 'uses' there, so that a run knows what the page can be made of",
            )
        show(display.show_results(self.frozen(), lang=self.params.lang))

    def frozen(self) -> Results:
        """The results so far."""
        title, scope, params = self.page.title, self.scope, self.params
        if params.reader is not None:
            title = Label(f"{title.zh}:{scope.zh}", f"{title.en}: {scope.en}")
        shown = [name for name in type(params).model_fields if name in self.page.parameter_names]
        changed = params.model_dump(exclude_defaults=True, include={"known_by", "reader", "max_rows"})
        shown += [name for name in changed if name not in shown]
        values = params.model_dump(mode="json")
        return Results(
            analysis=self.page.name,
            title=title,
            question=self.page.question,
            month=str(self.month),
            parameters={name: tuple(value) if isinstance(value, list) else value for name, value in values.items()},
            tables=tuple(self._tables.values()),
            charts=tuple(self._charts.values()),
            findings=tuple(self._findings.values()),
            checks=tuple(self._checks.values()),
            provenance={"bizlab": __version__, **self._reads.provenance()},
            parameter_words=tuple((name, params.words(name)) for name in shown),
        )
