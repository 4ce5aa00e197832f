"""What ``bizlab templates`` writes: the blank daily forms of a month, as the project's own sources will read them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from bizlab.amoeba.records.confirmations import CONFIRMED
from bizlab.contracts.table import Table
from bizlab.data.cleaning.cleaning import clean
from bizlab.data.sources.config import SETTINGS, Sources, inside, load_sources
from bizlab.data.sources.read import read_table
from bizlab.errors import SettingError, did_you_mean
from bizlab.forms.workbook import Choices, FormSheet, form_bytes
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.tables import TABLES

OWN = {table.name: table.sides[0] for table in CONFIRMED}
"""In which column the unit that fills the form in stands; ``unit_id`` where a table is not named."""
_LINES = 300
_KINDS_OF_HOURS = 2


def write_form(project: Path, month: Month, *, folder: str, unit_id: str | None = None) -> Path:
    """Write the blank daily forms of a month, for the company or for one unit.

    Parameters
    ----------
    folder : folder within the project; made where it is missing.
    unit_id : a unit open in the month; it alone and its persons can then be chosen.

    Returns
    -------
    The workbook's path; its name is one that the daily forms of the sources are found by.

    Raises
    ------
    SettingError : the folder lies outside, the file is there already, no such unit, or the sources have no daily forms.
    SourceError : the master data cannot be read.
    """
    sources = load_sources(project)
    content = form(project, sources, month, unit_id=unit_id)
    name = f"daily_{month}" + (f"_{re.sub(r'[^A-Za-z0-9.-]', '_', unit_id)}" if unit_id else "")
    path = inside(project, folder, place="--folder") / f"{name}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as fault:
        raise SettingError(
            f"'{path.name}' is there already and may be filled in",
            place=f"--folder {folder}",
            fix="name another folder with --folder, or remove the file first",
        ) from fault
    return path


def form(project: Path, sources: Sources, month: Month, *, unit_id: str | None = None) -> bytes:
    """The blank workbook of a month; see `write_form`."""
    tables = [sources.contracts[name] for name in sources.tables if _is_daily(sources.contracts[name], sources)]
    if not tables:
        raise SettingError(
            "No table of daily records is read from a worksheet",
            place=SETTINGS,
            fix="declare revenue_records and the like with format: excel and their sheet",
        )
    units = _valid(_master(project, sources, "units"), month, "opened_on", "closed_on")
    persons = _valid(_master(project, sources, "persons"), month, "valid_from", "valid_to")
    prices = _valid(_master(project, sources, "transfer_prices"), month, "valid_from", "valid_to")
    if unit_id is not None:
        if unit_id not in set(units["unit_id"]):
            raise SettingError(
                f"No unit '{unit_id}' is open in {month}", place="--unit", fix=did_you_mean(unit_id, units["unit_id"])
            )
        persons = persons[persons["unit_id"] == unit_id]
    own = units if unit_id is None else units[units["unit_id"] == unit_id]
    people = persons.drop_duplicates("person_id", keep="last").sort_values(["unit_id", "person_id"])
    items = prices.drop_duplicates("product_id").sort_values("product_id")
    lists = {
        "units": _choices("units", units.sort_values("unit_id"), "unit_id", "name_zh", "name_en"),
        "persons": _choices("persons", people, "person_id", "unit_id"),
        "items": _choices("transfer_prices", items, "product_id"),
    }
    if unit_id is not None:
        lists["own"] = _choices("units", own.sort_values("unit_id"), "unit_id", "name_zh", "name_en")
    for table in tables:
        for column in table.columns:
            if column.choices:
                rows = [(words.zh,) for words in column.words.values()]
                lists[f"{table.name}.{column.name}"] = Choices((column.label,), rows)
    n_hours = persons["person_id"].nunique() * month.last.day * _KINDS_OF_HOURS
    sheets = [
        FormSheet(
            table,
            sources.tables[table.name],
            max(_LINES, n_hours if "person_id" in table.names else len(own) * month.last.day),
            _lists_of(table, "own" if unit_id else "units"),
        )
        for table in tables
    ]
    return form_bytes(sheets, lists, month=month, title=_title(own, month, unit_id))


def _lists_of(table: Table, own: str) -> dict[str, str]:
    """The list that each column of a table is chosen from."""
    words = {column.name: f"{table.name}.{column.name}" for column in table.columns if column.choices}
    known = {column.name: column.refers for column in table.columns if column.refers in {"units", "persons"}}
    known |= {"product_id": "items"} if "product_id" in table.names else {}
    return words | known | {OWN.get(table.name, "unit_id"): own}


def _is_daily(table: Table, sources: Sources) -> bool:
    source = sources.tables[table.name]
    return table.system == "amoeba" and table.occurred is not None and source.format == "excel" and bool(source.sheet)


def _master(project: Path, sources: Sources, name: str) -> pd.DataFrame:
    """Master data as they are now; a table that the project has no source for is empty."""
    if name not in sources.tables:
        return TABLES[name].empty()
    return clean(read_table(project, sources, name), {}, None).kept


def _valid(frame: pd.DataFrame, month: Month, start: str, end: str) -> pd.DataFrame:
    first, last = pd.Timestamp(month.first), pd.Timestamp(month.last)
    return frame[(frame[start] <= last) & (frame[end].isna() | (frame[end] >= first))]


def _choices(table: str, rows: pd.DataFrame, *names: str) -> Choices:
    texts = rows[list(names)].astype("str").itertuples(index=False, name=None)
    return Choices(tuple(TABLES[table][name].label for name in names), list(texts))


def _title(own: pd.DataFrame, month: Month, unit_id: str | None) -> Label:
    period = Label(f"{month.year}年{month.month}月", str(month))
    if unit_id is None:
        return Label(f"日记录 {period.zh}", f"Daily records, {period.en}")
    zh, en = own[["name_zh", "name_en"]].iloc[0]
    return Label(f"{zh}({unit_id}) {period.zh}", f"{en} ({unit_id}), {period.en}")
