"""The exports are what stands in the repository, byte for byte, and small enough for it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from bizlab.sample.exports.workbooks import Sheet, write_workbook
from bizlab.tables import TABLES
from bizlab.units.parse import parse_number

MEGABYTE = 1_000_000


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_committed_exports_are_what_the_generator_writes(exports: Path, committed: Path) -> None:
    made, kept = content(exports), content(committed / "exports")
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


def test_the_exports_are_small(committed: Path) -> None:
    sizes = {name: len(data) for name, data in content(committed / "exports").items()}
    assert max(sizes.values()) < MEGABYTE
    assert sum(sizes.values()) < 8 * MEGABYTE


def test_exporting_leaves_the_truth_alone(truth: dict[str, pd.DataFrame], exports: Path) -> None:
    assert truth["customers"]["name"].str.contains("script").sum() == 0
    assert len(truth["internal_trades_bought"]) == len(truth["internal_trades_sold"])


def test_every_system_gives_control_totals(committed: Path) -> None:
    for system in ("crm", "erp", "amoeba", "budget"):
        manifest = pd.read_csv(committed / "exports" / system / "manifest.csv", dtype=str, keep_default_na=False)
        assert list(manifest.columns) == ["file", "sheet", "table", "rows", "column", "total"]
        files = {path.name for path in (committed / "exports" / system).iterdir()}
        assert set(manifest["file"]) == files - {"manifest.csv", "actual_lines_2024 (1).csv"}


def test_a_formula_like_text_stays_text(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", [Sheet("一", ("标题",), ["名称", "金额"], [["=1+1", 2.5], [None, -1]])])
    page = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert (page.cell(3, 1).data_type, page.cell(3, 1).value) == ("s", "=1+1")


@pytest.mark.parametrize("value", ["http://example.invalid", "file://x"])
def test_a_link_stays_text(tmp_path: Path, value: str) -> None:
    write_workbook(tmp_path / "a.xlsx", [Sheet("一", (), [("组", "名称"), ("组", "值")], [[value, 1]])])
    cell = load_workbook(tmp_path / "a.xlsx").worksheets[0].cell(3, 1)
    assert (cell.value, cell.hyperlink) == (value, None)


def test_the_sums_of_the_files_are_the_senders_control_totals(committed: Path) -> None:
    """Read with another reader, cell by cell; the amounts that people typed count as well."""
    for system in ("erp", "amoeba"):
        folder = committed / "exports" / system
        manifest = pd.read_csv(folder / "manifest.csv", dtype=str, keep_default_na=False)
        for line in manifest[manifest["total"] != ""].itertuples():
            rows = CalamineWorkbook.from_path(folder / line.file).get_sheet_by_name(line.sheet).to_python()
            words = TABLES[line.table][line.column].label.zh
            header = next(number for number, row in enumerate(rows) if words in row)
            at = rows[header].index(words)
            body = [row for row in rows[header + 1 :] if not str(row[0]).startswith(("合计", "小计", "总计"))]
            numbers = [parse_number(str(row[at])) for row in body]
            assert (len(numbers), sum(numbers)) == (int(line.rows), Decimal(line.total)), (line.file, line.sheet)
