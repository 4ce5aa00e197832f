"""A small project with two tables, for tests of the way in."""

import csv
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = """
exports: in
totals: manifest.csv
tables:
  customers:
    files: customers*.csv
    format: csv
    encoding: utf-8
    separator: ","
  order_intake:
    files: intake*.csv
    format: csv
    encoding: utf-8
    separator: ","
  units:
    files: units.csv
    format: csv
    encoding: utf-8
    separator: ","
"""
CUSTOMERS = """customer_id,name,credit_code,industry,region,channel_id,created_on
000001,云岭泵业（中国）有限公司,91350100M000100Y43,机械制造,华东,CH1,2025-01-01
000002,云岭泵业(中国)有限责任公司,,机械制造,华东,CH1,2025-02-01
000003,东海造纸有限公司,91350100M000100Y44,造纸包装,South China,CH1,2025-03-01
000004,NA,,food,east,CH1,2025-03-01
"""
INTAKE = """记录编号,单元编号,承接日期,金额
R1,A,2026-10-01,"1,000.50"
R2,A,2026-10-02,(200)
R2,A,2026-10-02,(200)
R1,A,2026-10-09,7
R3,Z,2026-10-03,３.２万
R4,A,2026-02-30,5
R5,A,2026-10-05,0.005
合计,,,1
"""
UNITS = """unit_id,name_zh,name_en,level,is_amoeba,opened_on
A,甲,A,团队,是,2024-01-01
"""


@pytest.fixture
def project(tmp_path):
    """``project(file=text, ...)`` writes the inputs; returns the folder."""

    def write(sources=SOURCES, manifest=(), **files):
        for folder in ("in", "params"):
            (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / "params" / "sources.yaml").write_text(sources, encoding="utf-8")
        shutil.copy(ROOT / "params" / "lists.yaml", tmp_path / "params")
        contents = {"customers": CUSTOMERS, "intake": INTAKE, "units": UNITS} | files
        for name, text in contents.items():
            (tmp_path / "in" / f"{name}.csv").write_text(text, encoding="utf-8")
        with (tmp_path / "in" / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("file", "sheet", "table", "rows", "column", "total"), *manifest])
        return tmp_path

    return write
