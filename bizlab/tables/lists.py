"""The lists that a company chooses from: codes, the words for them, and what the analyses must know of an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bizlab.contracts.table import Table
from bizlab.errors import SettingError, unknown
from bizlab.labels import Label
from bizlab.tables.form import Asked, label_of
from bizlab.yaml_file import YamlFile, load_yaml

SETTINGS = Path("params") / "lists.yaml"


@dataclass(frozen=True)
class NamedList:
    """A list of the company.

    Parameters
    ----------
    words : code to words, in the company's order.
    properties : code to what is said of it.

    >>> pump, oil = Label("水泵", "Pumps"), Label("润滑油", "Lubricants")
    >>> lines = NamedList({"pump": pump, "oil": oil}, {"pump": {"repeats": False}, "oil": {"repeats": True}})
    >>> lines.where("repeats"), lines.each("repeats")
    (('oil',), {'pump': False, 'oil': True})
    """

    words: Mapping[str, Label]
    properties: Mapping[str, Mapping[str, str | bool]]

    def each(self, name: str) -> dict[str, Any]:
        """What is said of every entry, by its code."""
        return {code: said[name] for code, said in self.properties.items()}

    def where(self, name: str, value: str | bool = True) -> tuple[str, ...]:
        """The entries of which that is said."""
        return tuple(code for code, said in self.each(name).items() if said == value)


def with_lists(tables: Mapping[str, Table], lists: Mapping[str, NamedList]) -> dict[str, Table]:
    """The tables, with the choices that the lists of a company give their columns."""
    return {
        name: replace(
            table,
            columns=tuple(
                replace(column, choices=tuple(lists[column.refers].words), choice_labels=lists[column.refers].words)
                if column.refers in lists
                else column
                for column in table.columns
            ),
        )
        for name, table in tables.items()
    }


def read_lists(project: Path, asked: Mapping[str, Asked]) -> dict[str, NamedList]:
    """The lists of a project's ``params/lists.yaml``; none where there is no file.

    Parameters
    ----------
    asked : by the name of a list, what is asked of its entries.

    Raises
    ------
    SettingError : a list that no table is chosen from, an entry without words, an unknown property or value.
    """
    if not (project / SETTINGS).is_file():
        return {}
    file = load_yaml(project / SETTINGS, shown=SETTINGS.as_posix())
    for name, entries in file.content.items():
        if name not in asked:
            raise unknown("list", name, asked, file.place(name))
        if not isinstance(entries, dict) or not entries:
            raise SettingError(
                f"The list '{name}' has no entries", place=file.place(name), fix="write 'code: {label: 中文 | English}'"
            )
        _refuse_alike({code: _label(entry, file, name, code) for code, entry in entries.items()}, file, name)
    return {
        name: NamedList(
            {code: _label(entry, file, name, code) for code, entry in entries.items()},
            {code: _properties(entry, asked[name], file, name, code) for code, entry in entries.items()},
        )
        for name, entries in file.content.items()
    }


def _refuse_alike(words: Mapping[str, Label], file: YamlFile, name: str) -> None:
    """Refuse two entries that one word of an export may mean."""
    meant: dict[str, str] = {}
    for code, label in words.items():
        for word in {code, *label}:
            if meant.setdefault(word, code) != code:
                raise SettingError(
                    f"'{word}' may mean '{meant[word]}' and '{code}' of the list '{name}'",
                    place=file.place(name, code),
                    fix="give each entry words of its own",
                )


def _label(entry: object, file: YamlFile, name: str, code: str) -> Label:
    if not isinstance(entry, dict) or not isinstance(entry.get("label"), str):
        raise SettingError(
            f"'{code}' of the list '{name}' has no words",
            place=file.place(name, code),
            fix=f"write '{code}: {{label: 中文 | English}}'",
        )
    return label_of(entry["label"], file, (name, code, "label"))


def _properties(
    entry: Mapping[str, object], asked: Asked, file: YamlFile, name: str, code: str
) -> dict[str, str | bool]:
    for said in entry:
        if said != "label" and said not in asked:
            raise unknown(f"property of {name}", said, ["label", *asked], file.place(name, code, said))
    values = {}
    for said, allowed in asked.items():
        value = entry.get(said, allowed[0])
        if value not in allowed or type(value) is not type(allowed[0]):
            raise SettingError(
                f"The property '{said}' of '{code}' cannot be {value!r}",
                place=file.place(name, code, said),
                fix=f"choose from {', '.join(map(str, allowed))}".lower(),
            )
        values[said] = value
    return values
