"""A made company whose sheet is added up in plain Python; a workbook read back by other means than it was made."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from pathlib import Path
from random import Random

import openpyxl
import pandas as pd

from bizlab.amoeba import BRIDGE, BRIDGE_SHOWN
from bizlab.amoeba.results.bridge import bridge, line_words
from bizlab.amoeba.results.unit_hour import SHEET_SHOWN, sheet_by_kind
from bizlab.contracts.check import Check
from bizlab.labels import Label
from bizlab.report.shown import Results, ShownTable
from bizlab.report.view import shown_table
from bizlab.units.kinds import Unit

TREE = (("Y", 0), ("A", 1), ("a1", 2), ("a2", 2), ("B", 1), ("b1", 2), ("b11", 3), ("b2", 2), ("D", 1))
KINDS = {"material": Label("材料费", "Materials"), "rent": Label("房租", "Rent"), "travel": Label("差旅费", "Travel")}
SHEET_OF_KINDS = sheet_by_kind(KINDS)
DIRECT = tuple(f"direct_{kind}_fen" for kind in KINDS)
OWN = ("external_sales_fen", *DIRECT, "department_expense_fen", "sbu_expense_fen", "normal_minutes",
       "overtime_minutes", "department_minutes", "sbu_minutes", "orders_fen", "persons")  # fmt: skip
HOSTILE = Label('=HYPERLINK("http://x","点这里")\'[*]', "<script>alert(1)</script>&\x01")
PER_CELL = {"fen": 100, "fen_per_hour": 100, "fen_per_person": 100, "minutes": 60}


def below(tree, row):
    """A row of the tree and all rows below it."""
    last = next((n for n in range(row + 1, len(tree)) if tree[n][1] <= tree[row][1]), len(tree))
    return range(row, last)


def sheet_of(tree=TREE, *, seed=1, period="month", own=("D",), idle=("a2",), uncounted=("b2",), most=9_000_000):
    """A sheet: leaves and the units of ``own`` have entries; ``idle`` have no hours, ``uncounted`` no headcount."""
    random = Random(f"{seed} {period}")  # noqa: S311
    booked = []
    for row, (unit_id, _) in enumerate(tree):
        entries = len(below(tree, row)) == 1 or unit_id in own
        figures = {line: random.randint(-most // 30, most) * entries for line in OWN}
        figures |= {line: random.randint(0, 9999) * (entries and unit_id not in idle) for line in OWN if "min" in line}
        booked.append(figures | {"persons": random.randint(1, 40) * (entries and unit_id not in uncounted)})
    return pd.DataFrame([_row(tree, row, booked, random, period) for row in range(len(tree))])


def _row(tree, row, booked, random, period):
    lines = {line: sum(booked[n][line] for n in below(tree, row)) for line in OWN}
    sold, bought = (random.randint(0, 50_000) * (row > 0) for _ in range(2))
    direct = sum(lines[line] for line in DIRECT)
    net = lines["external_sales_fen"] + sold - bought
    expense = direct + lines["department_expense_fen"] + lines["sbu_expense_fen"]
    minutes = sum(lines[line] for line in OWN if line.endswith("minutes"))
    persons = lines.pop("persons") / 4
    ratios = {}
    for name, amount, divisor, why in (
        ("value_per_hour", net - expense, minutes / 60, "no_hours"),
        ("sales_per_hour", net, minutes / 60, "no_hours"),
        ("value_per_person", net - expense, persons, "no_headcount"),
        ("sales_per_person", net, persons, "no_headcount"),
    ):
        ratios |= {name: amount / divisor if divisor else None, f"{name}_reason": None if divisor else why}
    return lines | ratios | {
        "period": period, "unit_id": tree[row][0], "depth": tree[row][1], "internal_sales_fen": sold,
        "gross_sales_fen": lines["external_sales_fen"] + sold, "internal_purchases_fen": bought, "net_sales_fen": net,
        "direct_expense_fen": direct, "expense_fen": expense, "value_added_fen": net - expense,
        "total_minutes": minutes, "avg_headcount": persons or None,
        "avg_headcount_reason": None if persons else "no_headcount",
    }  # fmt: skip


def shown(frame, key, *, names=None, classes=False):
    columns = list(SHEET_OF_KINDS.names if classes else SHEET_SHOWN)
    rows = SHEET_OF_KINDS.conform(frame)
    return shown_table(rows, SHEET_OF_KINDS, key=key, names={"unit_id": names or {}}, columns=columns)


def results_of_tables(*tables: ShownTable, parameters=None) -> Results:
    return Results(
        analysis="unit_hour",
        title=Label("单位时间核算表", "Unit-hour sheet"),
        question=Label("?", "?"),
        month="2026-10",
        parameters=parameters or {"labour_in_expense": False, "allocation_method": "direct"},
        tables=tables,
        charts=(),
        findings=(),
        checks=(
            Check("holds", Label("天 = 月", "days = month"), 6_000, 6_000, Unit.MINUTES),
            Check("off", Label("账 = 账", "books agree"), 100, 99, Unit.FEN, Label("看 a1", "see a1")),
        ),
        provenance={},
    )


def company(tree=TREE, *, seed=1, names=None, plan=True, **how) -> Results:
    """The tables of a month as the notebook leaves them behind."""
    now, before, aim = (sheet_of(tree, seed=seed, period=period, **how) for period in ("month", "previous", "plan"))
    beside = [sheet[sheet["depth"] == tree[0][1]].head(1) for sheet in ((now, before, aim) if plan else (now, before))]
    moved = bridge(SHEET_OF_KINDS.conform(now), SHEET_OF_KINDS.conform(before))
    words = {"unit_id": names or {}, "line": line_words(KINDS)}
    effects = shown_table(moved, BRIDGE, key="bridge", names=words, columns=list(BRIDGE_SHOWN))
    return results_of_tables(
        shown(now[now["depth"] < tree[0][1] + 2], "overview", names=names, classes=True),
        shown(pd.concat(beside), "company", names=names, classes=True),
        shown(now, "sheet", names=names),
        *(
            shown(sheet_of(tree, seed=seed, period=period, **how), period, names=names)
            for period in ("day", "week", "ytd")
        ),
        effects,
    )


def opened(content: bytes, *, values=True):
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def traced(book):
    """The worksheet, cell and figure that the trace names."""
    return list(book["追溯 Trace"].iter_rows(min_row=2, values_only=True))


def recalculated(content: bytes, folder: Path) -> bytes:
    """The workbook without one cached value, calculated anew by LibreOffice."""
    bare, done = folder / "bare.xlsx", folder / "done"
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", old.read(name)))
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",  # noqa: S607
         "--convert-to", "xlsx", "--outdir", str(done), str(bare)], check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return (done / "bare.xlsx").read_bytes()
