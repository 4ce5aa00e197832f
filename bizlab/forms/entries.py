"""What may be typed into a cell of a blank form: in words, as the program checks it, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.data.sources.config import SourceSettings
from bizlab.labels import Label
from bizlab.periods import Month
from bizlab.units.row import Kind, SourceUnit, UnitRow

_OWN_ID = Label("编号,全公司不重复", "an id that nothing else has, company-wide")
_SHARED = Label("交易单号,买卖双方相同,每笔不同", "id of the trade, the same in both books, another for each trade")
_WHOLE = Label("整数,单位{unit}", "a whole number of {unit}")
_DECIMAL = Label("数字,单位{unit},至多 {places} 位小数", "number in {unit}, at most {places} decimals")
_LEAST_HOURS = 0.5
"""A spreadsheet holds 6:00 as 0.25, a quarter of a day, which would be read as a quarter of an hour. Whoever records
less than half an hour has the source in minutes."""
_MINUTES_OF_A_DAY = 1_440
_MANY = 10**9


class Entry(NamedTuple):
    """One column of a form: what goes in, in words; the cell's number format; the program's check, if there is one."""

    words: Label
    number_format: str
    check: dict[str, Any]


def entry(
    column: Column,
    contract: Table,
    source: SourceSettings,
    *,
    month: Month,
    cells: tuple[str, str],
    ranges: Mapping[str, str],
) -> Entry:
    """What may be typed into a column.

    Parameters
    ----------
    source : how the reader takes the table: the unit of amounts and hours.
    cells : the first cell of the column and all of them, as ``("E4", "$E$4:$E$203")``.
    ranges : by the name of a column of this table, the cells that hold its choices.
    """
    first, whole = cells
    if column.name in ranges:
        listed = {"validate": "list", "source": ranges[column.name]}
        return Entry(Label("从列表选择", "choose from the list"), "@", listed)
    if contract.key == (column.name,):
        words = _SHARED if column.name == "trade_id" else _OWN_ID
        return Entry(words, "@", {"validate": "custom", "value": f"=COUNTIF({whole},{first})=1"})
    row = column.unit.row
    unit = row.source(source.units.get(column.name))
    match row.kind:
        case Kind.DAY:
            words = Label(f"{month} 之内的日期", f"a date within {month}")
            return Entry(words, "yyyy-mm-dd", _within("date", month.first, month.last))
        case Kind.MOMENT:
            words = Label(f"日期与时间,如 {month.first} 17:30", f"date and time, such as {month.first} 17:30")
            since = {"validate": "date", "criteria": ">=", "value": datetime.combine(month.first, time())}
            return Entry(words, "yyyy-mm-dd hh:mm", since)
        case Kind.WHOLE if row.clock:
            return _time(unit, first)
        case Kind.WHOLE if row.sources:
            return _measured(row, unit, first)
        case Kind.WHOLE:
            return _counted(column)
        case Kind.REAL:
            return _ratio(row, unit)
        case Kind.YES_NO:
            return Entry(Label("是或否", "yes (是) or no (否)"), "@", {"validate": "list", "source": ["是", "否"]})
    return Entry(Label("文字", "text"), "@", {})


def _measured(row: UnitRow, unit: SourceUnit, first: str) -> Entry:
    """A number with as many decimals as always make whole ones of our unit."""
    places = len(str(unit.per)) - len(str(unit.per).rstrip("0"))
    asked = row.asked or (_DECIMAL if places else _WHOLE)
    words = Label(asked.zh.format(unit=unit.name, places=places), asked.en.format(unit=unit.english, places=places))
    shown = "#,##0" + ("." + "0" * places if places else "")
    check = {"validate": "custom", "value": f"=AND(ISNUMBER({first}),ROUND({first},{places})={first})"}
    return Entry(words, f"{shown};[Red]-{shown}", check)


def _counted(column: Column) -> Entry:
    """A whole number; how many there are of something is not below 0."""
    if column.name.startswith("n_"):
        return Entry(Label("整数,不小于 0", "a whole number, 0 or more"), "0", _within("integer", 0, _MANY))
    return Entry(Label("整数", "a whole number"), "0", _within("integer", -_MANY, _MANY))


def _ratio(row: UnitRow, unit: SourceUnit) -> Entry:
    words = Label("数字", "number")
    if row.is_percent:
        words = Label("百分比,如 15%", "percentage, such as 15%")
    elif unit.name:
        words = Label(f"数字,单位{unit.name}", f"number in {unit.english}")
    shown = row.excel if row.is_percent else "General"
    return Entry(words, shown, _within("decimal", -_MANY, _MANY))


def _time(unit: SourceUnit, first: str) -> Entry:
    most = _MINUTES_OF_A_DAY // unit.per
    if unit.per == 1:
        return Entry(Label("分钟数;缺勤填 0", "minutes; absence is 0"), "0", _within("integer", 0, most))
    words = Label(
        "小时数,如 7.5,不填 7:30;至少 0.5,缺勤填 0", "hours, such as 7.5, not 7:30; at least 0.5, or 0 for absence"
    )
    check = f"=AND(ISNUMBER({first}),OR({first}=0,AND({first}>={_LEAST_HOURS},{first}<={most})))"
    return Entry(words, "0.00", {"validate": "custom", "value": check})


def _within(kind: str, low: date | int, high: date | int) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
