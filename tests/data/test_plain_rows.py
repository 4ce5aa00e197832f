"""Plain rows that go straight into the warehouse and rows that are read with care give the same tables, to the row."""

import csv
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bizlab.data import building
from bizlab.data.cleaning.account import account
from bizlab.data.cleaning.decisions import load_decisions
from bizlab.data.cleaning.quality import QUALITY
from bizlab.data.cleaning.senders import manifest_files, read_manifests
from bizlab.data.filling import Filling
from bizlab.data.seals import seal, second_deliveries
from bizlab.data.sources.config import load_sources, matching_files

ROOT = Path(__file__).parents[2]
SHIFTS = """
tables:
  shifts:
    label: 班次 | Shifts
    grain: 每单元每班一行 | one row per unit and shift
    key: [unit_id, begun_at]
    known_at: known_at
    columns:
      unit_id: {label: 单元 | Unit, refers: units}
      begun_at: {label: 开始 | Begun}
      known_at: {label: 录入 | Entered, nullable: true}
      kind: {label: 类别 | Kind, choices: kinds, nullable: true}
      amount_fen: {label: 金额 | Amount, nullable: true}
      minutes: {label: 工时 | Hours, unit: minutes, nullable: true}
      n_made: {label: 产出 | Made, nullable: true}
      n_good: {label: 合格 | Good, nullable: true}
      scrap_rate: {label: 报废率 | Scrap, nullable: true}
      is_night: {label: 夜班 | Night, nullable: true}
      remark: {label: 备注 | Remark, unit: text, nullable: true}
    sums:
      n_made = n_good: 产出 = 合格 | made = good
choices:
  kinds: {day: 白班 | Day shift, night: 夜班 | Night shift}
system: MES
"""
SOURCES = """
exports: in
totals: manifest.csv
tables:
  shifts:
    files: "shifts*.{kind}"
    format: {kind}
    dates: {dates}
{more}
  units: {{files: units.csv, format: csv, encoding: utf-8, separator: ","}}
  customers: {{files: customers.csv, format: csv, encoding: utf-8, separator: ","}}
"""
TEXTS = {
    "unit_id": ["A", "B", "Ｂ", " B", "A1-x y", "#N/A", "云岭", "é", "合计", " 小 计", "\u3000总计", "计", "", "#1"],
    "begun_at": ["2026-10-01 08:00:00", "2026-10-01", "2026/10/02", "2026-02-30 08:00:00", "46300", "x", "",
                 "2026-10-01 08:00:61", "０２６-10-01", "2026-10-01 8:00:00", "01/10/2026"],
    "known_at": ["2026-10-03 09:30:01", "2026-10-02 00:00:00", "-", "", "2026-10-03"],
    "kind": ["day", "白班", "Night Shift", "早班", "", "-", "#REF!"],
    "amount_fen": ["5", "-7.50", "(7)", "1,234.5", "3.2万", "0.001", "", "-", "x", "007", "1e3", "－５", "0.10",
                   "999999999999999", "10000000000000.01", "-0", "5.000000", "+4", "1.2345678"],
    "minutes": ["7.5", "7:30", "0.3333", "", "8", "1.25"],
    "n_made": ["3", "3.0", "4", "3.5", "", "－"],
    "n_good": ["3", "4", "", "１"],
    "scrap_rate": ["0.1", "15%", "", "0.30000000000000004", "-0"],
    "is_night": ["是", "no", "TRUE", "0", "", "perhaps"],
    "remark": ["NA", " blank at the ends ", "", "-", "（中国）", "#N/A", "＃N/A",
               "two\nlines", "合计", 'quo"te', "a,b", "\x1f"],
}  # fmt: skip
COLUMNS = list(TEXTS)
TYPED = {
    "begun_at": (pa.timestamp("ms"), st.sampled_from([datetime(2026, 10, 1, 8), datetime(2026, 10, 1, 8, 0, 0, 1000)])),
    "known_at": (pa.date32(), st.sampled_from([date(2026, 10, 3), date(1, 1, 1)])),
    "amount_fen": (
        pa.float64(),
        st.sampled_from([0.1 + 0.2, 0.3, 1e15, -12.34, 0.00001, 0.005, float("nan"), 12345678.9, 1e14 + 0.5, -0.0]),
    ),
    "minutes": (pa.decimal128(12, 4), st.sampled_from([Decimal("7.5000"), Decimal("0.3333"), Decimal("8")])),
    "n_made": (pa.int32(), st.integers(-3, 4)),
    "n_good": (pa.float32(), st.sampled_from([3.0, 0.1, 4.0])),
    "scrap_rate": (pa.float64(), st.sampled_from([0.1 + 0.2, 0.25, 1 / 3])),
    "is_night": (pa.bool_(), st.booleans()),
    "unit_id": (pa.int64(), st.sampled_from([1, 2, -7])),
    "kind": (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["day", "白班", "x"])),
    "remark": (pa.large_string(), st.sampled_from(["NA", "  "])),
}
UNITS = "unit_id,name_zh,name_en,level,is_amoeba,opened_on\nA,甲,A,团队,是,2024-01-01\n"
NAMES = ["云岭泵业公司", "云岭 泵业有限公司", "云岭阀业公司", "浙江省云岭泵业公司", "东海造纸", "-", ""]
CODES = [
    "",
    "91350100M000100Y43",
    "91350100M000100Y44",
    "９１３５０１００ｍ０００１００ｙ４３",
    "91350100-M000100Y43",
    "x",
]
COMPANIES = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(NAMES), st.sampled_from(CODES), st.integers(1, 3)), max_size=12
)
ROWS = st.lists(st.tuples(*(st.sampled_from(TEXTS[name]) for name in COLUMNS)), max_size=12)
LIKELY = st.lists(st.tuples(*(st.sampled_from(TEXTS[name][:2]) for name in COLUMNS)), max_size=12)
FILES = st.lists(st.one_of(ROWS, LIKELY, st.just([])), min_size=1, max_size=3)
CHECKED = settings(
    max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def folder(tmp_path):
    for name in ("in", "params", "tables"):
        (tmp_path / name).mkdir()
    (tmp_path / "tables" / "mes.yaml").write_text(SHIFTS, encoding="utf-8")
    shutil.copy(ROOT / "params" / "lists.yaml", tmp_path / "params")
    (tmp_path / "in" / "units.csv").write_text(UNITS, encoding="utf-8")
    return tmp_path


def declare(folder, kind, *, more="", dates='["%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", excel]', sent=()):
    for old in (folder / "in").glob("shifts*"):
        old.unlink()
    text = SOURCES.format(kind=kind, dates=dates, more=more)
    (folder / "params" / "sources.yaml").write_text(text, encoding="utf-8")
    with (folder / "in" / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("file", "sheet", "table", "rows", "column", "total"), *sent])


def brought_in(folder, sources, monkeypatch, name, *, with_care):
    """The table, its account and what was noted, each as its rows with their numbers."""
    manifests = read_manifests(folder, manifest_files(folder, sources), sources.contracts)
    twins = second_deliveries(seal(folder, matching_files(folder, sources, name)))
    with monkeypatch.context() as patched, duckdb.connect() as connection:
        if with_care:
            patched.setattr(building, "can_take", lambda *_: False)
        filling = Filling(connection)
        raw, cleaned = building.read_cleaned(filling, folder, sources, name, twins, manifests, load_decisions(folder))
        stored = connection.sql(f'FROM "{name}"').fetchall()
        places = filling.places(pd.Series([row[-1] for row in stored], dtype="int64"))
    noted = {
        what: QUALITY[what].conform(getattr(cleaned, what)).astype("object")
        for what in ("rejects", "merges", "warnings", "merge_map", "duplicate_candidates")
    } | {"account": account(raw, cleaned, manifests).astype("object")}
    kept = [
        repr((*place, *row[:-1])) for place, row in zip(places.itertuples(index=False, name=None), stored, strict=True)
    ]
    return {what: sorted(map(repr, frame.itertuples(index=False, name=None))) for what, frame in noted.items()} | {
        "kept": sorted(kept),
        "evidence": [(sheet.file, sheet.evidence) for sheet in raw.sheets],
    }


def assert_alike(folder, monkeypatch, name="shifts"):
    sources = load_sources(folder)
    straight, careful = (brought_in(folder, sources, monkeypatch, name, with_care=care) for care in (False, True))
    assert straight == careful
    return straight


@given(files=FILES, more=st.sampled_from(["", "    prefer: last", "    units: {amount_fen: 万元, minutes: 分钟}"]))
@CHECKED
def test_texts_of_parquet_files(folder, monkeypatch, files, more):
    declare(folder, "parquet", more=more)
    for number, rows in enumerate(files):
        columns = {name: [row[at] or None for row in rows] for at, name in enumerate(COLUMNS)}
        pq.write_table(
            pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}),
            folder / "in" / f"shifts{number}.parquet",
        )
    assert_alike(folder, monkeypatch)


@given(
    data=st.data(),
    typed=st.sets(st.sampled_from(sorted(TYPED))),
    more=st.sampled_from(["", "    units: {amount_fen: 万元, minutes: 分钟}"]),
)
@CHECKED
def test_typed_values_of_parquet_files(folder, monkeypatch, data, typed, more):
    declare(folder, "parquet", more=more)
    kinds = {name: TYPED[name] if name in typed else (pa.string(), st.sampled_from(TEXTS[name])) for name in COLUMNS}
    rows = data.draw(st.lists(st.tuples(*(st.none() | cells for _, cells in kinds.values())), max_size=12))
    columns = [pa.array([row[at] for row in rows], kind) for at, (kind, _) in enumerate(kinds.values())]
    pq.write_table(pa.table(columns, names=COLUMNS), folder / "in" / "shifts.parquet")
    assert_alike(folder, monkeypatch)


@given(
    files=FILES,
    more=st.sampled_from(["", "    prefer: last", "    units: {amount_fen: 万元, minutes: 分钟}"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    mess=st.lists(
        st.sampled_from(["", ",,", "A", "合计,,,,5", "小计,,,,-7.5,,", "总计", "A,2026-10-01,,,1,000,5,,,,,,,x"])
    ),
    again=st.booleans(),
)
@CHECKED
def test_csv_files(folder, monkeypatch, files, more, encoding, mess, again):
    """With blank, short, long and total lines, in several encodings, below a title, and delivered twice."""
    declare(
        folder,
        "csv",
        more=f"{more}\n    encoding: {encoding}\n    separator: ','",
        sent=[("shifts0.csv", "", "shifts", 3, "amount_fen", "5")],
    )
    for number, rows in enumerate([*files, files[0]] if again else files):
        with (folder / "in" / f"shifts{number}.csv").open("w", encoding=encoding, newline="") as file:
            file.write("Shifts of the month\n" * (number % 2))
            csv.writer(file).writerows([COLUMNS, *rows[::2]])
            file.write("".join(f"{line}\r\n" for line in mess))
            csv.writer(file).writerows(rows[1::2])
    assert_alike(folder, monkeypatch)


@given(rows=COMPANIES, decided=st.booleans())
@CHECKED
def test_companies(folder, monkeypatch, rows, decided):
    """Companies that stand twice, by rule or by decision, whether their records are plain or not."""
    declare(folder, "csv")
    header = "customer_id,name,credit_code,industry,region,channel_id,created_on,注册资本\n"
    known = [(101, "北辰水务公司", "", 1), (102, "南溪水务公司", "", 1), *rows]
    lines = [f"{n},{name},{code},food,east,CH1,2025-01-0{day},{day}\n" for n, name, code, day in known]
    (folder / "in" / "customers.csv").write_text(header + "".join(lines), encoding="utf-8")
    entry = '{companies: ["101", "102"], decided_on: 2026-01-01, by: 王芳, why: 重组}'
    (folder / "params" / "merges.yaml").write_text(f"merge: [{entry}]\n" if decided else "merge: []\n", "utf-8")
    straight = assert_alike(folder, monkeypatch, "customers")
    assert ("102" in repr(straight["merge_map"])) == decided
