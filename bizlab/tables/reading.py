"""From files of tables to contracts; what does not hold together is refused with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.errors import SettingError
from bizlab.labels import Label
from bizlab.tables.form import ColumnForm, TableForm, parsed, unknown
from bizlab.units.kinds import Unit, unit_of
from bizlab.yaml_file import Keys, YamlFile, load_yaml

_SUM = re.compile(r"\w+ = -?\w+(?: [+-] \w+)*")


def read_tables(paths: Iterable[Path], *, root: Path, known: Mapping[str, Table] | None = None) -> dict[str, Table]:
    """The contracts of the tables that files describe, by name, in the order of the files.

    Parameters
    ----------
    paths : YAML files of the form that ``bizlab/tables/README.md`` explains.
    root : the folder that messages name the files from.
    known : tables that are described elsewhere: columns may refer to them, and their names are taken.

    Raises
    ------
    SettingError : a file that is not strict YAML of this form; an unknown unit or list of choices; a key, date or sum
        that names no column; a reference to no table; two tables of one name.
    """
    tables: dict[str, Table] = {}
    places = dict.fromkeys(known or {}, "the library's tables")
    references: list[tuple[Column, str]] = []
    for path in paths:
        reader = _Reader(load_yaml(path, shown=path.relative_to(root).as_posix()))
        for name, form in reader.form.tables.items():
            place = reader.file.place("tables", name)
            if name in places:
                raise SettingError(
                    f"Two tables are called '{name}'", place=f"{places[name]}; {place}", way_out="rename one of them"
                )
            tables[name], places[name] = reader.table(name, form), place
            references += [(c, reader.place_of(name, c.name)) for c in tables[name].columns if c.refers]
    everything = {**(known or {}), **tables}
    for column, place in references:
        if column.refers not in everything:
            raise unknown("table", column.refers, everything, place)
        if everything[column.refers].ids(column.name) is None:
            raise SettingError(
                f"The key of '{column.refers}' is more than one column, and none is called '{column.name}'",
                place=place,
                way_out="name the column as it is named there",
            )
    return tables


class _Reader:
    """One file: its lists of choices and the columns that its tables share, and how a table is made with them."""

    def __init__(self, file: YamlFile) -> None:
        self.file, self.form = file, parsed(file)
        self._choices = {
            name: {code: self._label(text, ("choices", name, code)) for code, text in words.items()}
            for name, words in self.form.choices.items()
        }
        self._shared = {name: self._column(name, form, ("columns", name)) for name, form in self.form.columns.items()}

    def table(self, name: str, form: TableForm) -> Table:
        at = ("tables", name)
        columns = {column: self._column_of(name, column, own) for column, own in form.columns.items()}
        for setting, names in (("key", form.key), ("names", form.names)):
            for number, column in enumerate(names):
                self._verify_known([column], columns, (*at, setting, number))
        dates = [column.name for column in columns.values() if column.unit in {Unit.DATE, Unit.TIMESTAMP}]
        for setting, date in (("occurred", form.occurred), ("known_at", form.known_at)):
            if date is not None:
                self._verify_known([date], dates, (*at, setting), what="date")
        for rule in form.sums:
            self._verify_sum(rule, columns, (*at, "sums", rule))
        return Table(
            name=name,
            label=self._label(form.label, (*at, "label")),
            grain=self._label(form.grain, (*at, "grain")),
            columns=tuple(columns.values()),
            key=form.key,
            system=form.system or self.form.system,
            occurred=form.occurred,
            known_at=form.known_at,
            identities=tuple(Identity(rule, self._label(form.sums[rule], (*at, "sums", rule))) for rule in form.sums),
            name_columns=form.names,
        )

    def place_of(self, table: str, column: str) -> str:
        """File and line of what is said of a column."""
        own = self.form.tables[table].columns[column]
        return (
            self.file.place("columns", column) if own is None else self.file.place("tables", table, "columns", column)
        )

    def _column_of(self, table: str, name: str, form: ColumnForm | None) -> Column:
        keys = ("tables", table, "columns", name)
        if form is not None:
            return self._column(name, form, keys)
        if name not in self._shared:
            raise SettingError(
                f"Nothing is said of the column '{name}'",
                place=self.file.place(*keys),
                way_out="write {label: 中文 | English} behind it, or under 'columns' at the head of the file",
            )
        return self._shared[name]

    def _column(self, name: str, form: ColumnForm, at: Keys) -> Column:
        words = None
        if form.choices is not None:
            if form.choices not in self._choices:
                raise unknown("list of choices", form.choices, self._choices, self.file.place(*at, "choices"))
            words = self._choices[form.choices]
        return Column(
            name,
            self._unit(name, form, at),
            self._label(form.label, (*at, "label")),
            form.nullable,
            tuple(words or ()),
            None if form.definition is None else self._label(form.definition, (*at, "definition")),
            words,
            form.refers,
        )

    def _unit(self, name: str, form: ColumnForm, at: Keys) -> Unit:
        """The unit as written; else that of a code where there are choices; else what the name tells."""
        units = {unit.value: unit for unit in Unit}
        if form.unit is not None:
            if form.unit not in units:
                raise unknown("unit", form.unit, units, self.file.place(*at, "unit"))
            return units[form.unit]
        told = Unit.CODE if form.choices is not None else unit_of(name)
        if told is None:
            raise SettingError(
                f"The name '{name}' tells no unit",
                place=self.file.place(*at),
                way_out=f"write 'unit:' with one of {', '.join(units)}",
            )
        return told

    def _label(self, text: str, at: Keys) -> Label:
        zh, _, en = (part.strip() for part in text.partition(" | "))
        if not zh or not en or "|" in en:
            raise SettingError(
                f"'{text}' is not in both languages", place=self.file.place(*at), way_out="write 中文 | English"
            )
        return Label(zh, en)

    def _verify_sum(self, rule: str, columns: Mapping[str, Column], at: Keys) -> None:
        if not _SUM.fullmatch(rule):
            raise SettingError(
                f"'{rule}' is not a sum of columns", place=self.file.place(*at), way_out="write 'a = b + c - d'"
            )
        self._verify_known(re.findall(r"\w+", rule), columns, at)

    def _verify_known(self, names: Iterable[str], known: Iterable[str], at: Keys, what: str = "column") -> None:
        for name in names:
            if name not in known:
                raise unknown(what, name, known, self.file.place(*at))
