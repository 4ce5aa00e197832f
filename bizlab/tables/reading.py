"""From files of tables to contracts; what does not hold together is refused with file and line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.errors import SettingError, unknown
from bizlab.labels import Label
from bizlab.tables.form import Asked, ColumnForm, FileForm, TableForm, label_of, parsed
from bizlab.units.kinds import WHOLE, Unit, unit_of
from bizlab.yaml_file import Keys, YamlFile, load_yaml

_SUM = re.compile(r"\w+ = -?\w+(?: [+-] \w+)*")


class Described(NamedTuple):
    """Tables by name, and what is asked of the entries of each list of the company that they are chosen from."""

    tables: dict[str, Table]
    lists: dict[str, Asked]


def read_tables(paths: Iterable[Path], *, root: Path, known: Described | None = None) -> Described:
    """What files describe, in their order.

    Parameters
    ----------
    paths : YAML files of the form that ``bizlab/tables/README.md`` explains.
    root : the folder that messages name the files from.
    known : what is described elsewhere: columns may refer to it, and its names are taken.

    Raises
    ------
    SettingError : a file that is not strict YAML of this form; an unknown unit or list of choices; a key, date or sum
        that names no column; a reference to no table; two tables or lists of one name.
    """
    known = known or Described({}, {})
    files = [(file, parsed(file)) for file in (load_yaml(p, shown=p.relative_to(root).as_posix()) for p in paths)]
    places = dict.fromkeys([*known.tables, *known.lists], "the library's own")
    for file, form in files:
        for keys in (*(("lists", name) for name in form.lists), *(("tables", name) for name in form.tables)):
            name, place = keys[1], file.place(*keys)
            if name in places:
                both = f"{places[name]}; {place}"
                raise SettingError(f"The name '{name}' stands twice", place=both, fix="rename one of them")
            places[name] = place
    lists = {name: asked for _, form in files for name, asked in form.lists.items()}
    readers = [_Reader(file, form, {*known.lists, *lists}) for file, form in files]
    tables = {name: reader.table(name, form) for reader in readers for name, form in reader.form.tables.items()}
    everything = {**known.tables, **tables}
    for reader in readers:
        reader.verify_references(everything)
    return Described(tables, lists)


class _Reader:
    """One file: its lists of choices and the columns that its tables share, and how a table is made with them."""

    def __init__(self, file: YamlFile, form: FileForm, lists: Collection[str]) -> None:
        self.file, self.form, self._lists = file, form, lists
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
            self._verify_sum(rule, columns.values(), (*at, "sums", rule))
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

    def verify_references(self, tables: Mapping[str, Table]) -> None:
        """Refuse a column that refers to no table, or to one whose rows its ids cannot name."""
        described: list[tuple[Keys, Mapping[str, ColumnForm | None]]] = [(("columns",), self.form.columns)]
        described += [(("tables", name, "columns"), form.columns) for name, form in self.form.tables.items()]
        columns = [((*at, name), name, form) for at, part in described for name, form in part.items()]
        for at, name, refers in ((at, name, form.refers) for at, name, form in columns if form and form.refers):
            if refers not in tables:
                raise unknown("table", refers, tables, self.file.place(*at, "refers"))
            if tables[refers].ids(name) is None:
                raise SettingError(
                    f"The key of '{refers}' is more than one column, and none is called '{name}'",
                    place=self.file.place(*at, "refers"),
                    fix="name the column as it is named there",
                )

    def _column_of(self, table: str, name: str, form: ColumnForm | None) -> Column:
        keys = ("tables", table, "columns", name)
        if form is not None:
            return self._column(name, form, keys)
        if name not in self._shared:
            raise SettingError(
                f"Nothing is said of the column '{name}'",
                place=self.file.place(*keys),
                fix="write {label: 中文 | English} behind it, or under 'columns' at the head of the file",
            )
        return self._shared[name]

    def _column(self, name: str, form: ColumnForm, at: Keys) -> Column:
        if form.choices and form.choices not in {*self._choices, *self._lists}:
            known = [*self._choices, *self._lists]
            raise unknown("list of choices", form.choices, known, self.file.place(*at, "choices"))
        words = self._choices.get(form.choices)
        return Column(
            name,
            self._unit(name, form, at),
            self._label(form.label, (*at, "label")),
            form.nullable,
            tuple(words or ()),
            None if form.definition is None else self._label(form.definition, (*at, "definition")),
            words,
            form.choices if form.choices in self._lists else form.refers,
        )

    def _unit(self, name: str, form: ColumnForm, at: Keys) -> Unit:
        """The unit as written; else that of a code where there are choices; else what the name tells."""
        units = {unit.value: unit for unit in Unit}
        if form.unit is not None:
            if form.unit not in units:
                raise unknown("unit", form.unit, units, self.file.place(*at, "unit"))
            return units[form.unit]
        unit = Unit.CODE if form.choices else unit_of(name)
        if unit is None:
            raise SettingError(
                f"The name '{name}' tells no unit",
                place=self.file.place(*at),
                fix=f"write 'unit:' with one of {', '.join(units)}",
            )
        return unit

    def _label(self, text: str, at: Keys) -> Label:
        return label_of(text, self.file, at)

    def _verify_sum(self, rule: str, columns: Iterable[Column], at: Keys) -> None:
        if not _SUM.fullmatch(rule):
            raise SettingError(
                f"'{rule}' is not a sum of columns", place=self.file.place(*at), fix="write 'a = b + c - d'"
            )
        numbers = [column.name for column in columns if column.unit in WHOLE]
        self._verify_known(re.findall(r"\w+", rule), numbers, at, what="whole number")

    def _verify_known(self, names: Iterable[str], known: Iterable[str], at: Keys, what: str = "column") -> None:
        for name in names:
            if name not in known:
                raise unknown(what, name, known, self.file.place(*at))
