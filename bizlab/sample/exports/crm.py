"""The CRM's exports: csv with a byte-order mark, and a partner's list in Big5."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from bizlab.contracts.table import Table
from bizlab.sample.company.draws import generator
from bizlab.sample.exports.cells import csv_text, dirtied, full_width, plain_rows, thousands
from bizlab.sample.exports.manifests import Control, control, write_manifest
from bizlab.sample.exports.workbooks import Cell
from bizlab.sample.planted.defects import TYPED_COMPANIES, TYPED_HEADCOUNT

Frame: TypeAlias = pd.DataFrame
PARTNER_CHANNELS = ("CH12", "CH13", "CH14")
TRADITIONAL = {
    "联系人编号": "聯絡人編號",
    "企业编号": "企業編號",
    "决策链角色": "決策鏈角色",
    "职位": "職位",
    "建档日期": "建檔日期",
    "决策者": "決策者",
    "使用者": "使用者",
    "总经理": "總經理",
    "设备副总": "設備副總",
    "采购总监": "採購總監",
    "生产总监": "生產總監",
    "点检员": "點檢員",
    "设备工程师": "設備工程師",
    "维修班长": "維修班長",
    "数据专员": "數據專員",
}
TYPED_HEADCOUNTS = (thousands, full_width)
"""Two companies of 2,666 employees, typed in two ways."""
WAN = {"revenue_fen", "capital_fen"}


def write_crm(recorded: dict[str, Frame], folder: Path, contracts: Mapping[str, Table], *, seed: int) -> None:
    """Write the CRM's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    controls = [
        _customers(recorded["customers"], folder, contracts, seed),
        _channels(recorded["channels"], folder, contracts),
    ]
    controls += _contacts(recorded, folder, contracts)
    controls += _stage_events(recorded["stage_events"], folder, contracts)
    controls.append(_grade_applications(recorded["grade_applications"], folder, contracts))
    write_manifest(folder, controls)


def csv_bytes(headers: Sequence[str], rows: Sequence[Sequence[Cell]], *, separator: str = ",") -> str:
    """The text of a csv file with the line ends of Windows."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([[csv_text(cell) for cell in row] for row in rows])
    return text.getvalue()


def labels(contract: Table, columns: Sequence[str], *, units: dict[str, str] | None = None) -> list[str]:
    """The Chinese labels of columns, with the unit in brackets where one is given."""
    given = units or {}
    return [contract[name].label.zh + (f"({given[name]})" if name in given else "") for name in columns]


def _customers(customers: Frame, folder: Path, contracts: Mapping[str, Table], seed: int) -> Control:
    contract = contracts["customers"]
    in_wan = customers.assign(**{name: customers[name] // 10_000 for name in WAN})
    rows = plain_rows(in_wan, contract, contract.names)
    rows = [[int(cell) if isinstance(cell, float) else cell for cell in row] for row in rows]
    rng = generator(seed, "dirt customers")
    dated = ["founded_on" if name == "founded_on" else "customer_id" for name in contract.names]
    rows = dirtied(rows, dated, contract, rng)
    at = contract.names.index("n_employees")
    typed_lines = customers.index[customers["customer_id"].isin(TYPED_COMPANIES)]
    for line, typed in zip(typed_lines, TYPED_HEADCOUNTS, strict=True):
        rows[line][at] = typed(TYPED_HEADCOUNT)
    headers = labels(contract, contract.names, units=dict.fromkeys(WAN, "万元"))
    (folder / "customers.csv").write_bytes(csv_bytes(headers, rows).encode("utf-8-sig"))
    return control(customers, contract, file="customers.csv", column="capital_fen", unit="万元")


def _grade_applications(applications: Frame, folder: Path, contracts: Mapping[str, Table]) -> Control:
    contract = contracts["grade_applications"]
    typed = applications.assign(
        capital_fen=applications["capital_fen"] // 10_000, expected_fen=applications["expected_fen"]
    )
    rows = plain_rows(typed, contract, contract.names)
    units = {"capital_fen": "万元", "expected_fen": "元"}
    headers = labels(contract, contract.names, units=units)
    (folder / "grade_applications.csv").write_bytes(csv_bytes(headers, rows).encode("utf-8-sig"))
    return control(applications, contract, file="grade_applications.csv", column="expected_fen")


def _channels(channels: Frame, folder: Path, contracts: Mapping[str, Table]) -> Control:
    contract = contracts["channels"]
    rows = plain_rows(channels, contract, contract.names)
    text = csv_bytes(labels(contract, contract.names), rows, separator=";")
    (folder / "channels.csv").write_bytes(text.encode("utf-8-sig"))
    return control(channels, contract, file="channels.csv")


def _contacts(recorded: dict[str, Frame], folder: Path, contracts: Mapping[str, Table]) -> list[Control]:
    """The company's own contacts in GB18030, those of partners in Big5 with traditional characters."""
    contract, contacts = contracts["contacts"], recorded["contacts"]
    channel = contacts["customer_id"].map(recorded["customers"].set_index("customer_id")["channel_id"])
    own, partner = contacts[~channel.isin(PARTNER_CHANNELS)], contacts[channel.isin(PARTNER_CHANNELS)]
    headers = labels(contract, contract.names)
    rows = [*plain_rows(own, contract, contract.names), *_broken_contacts(own)]
    (folder / "contacts_own.csv").write_bytes(csv_bytes(headers, rows).encode("gb18030"))
    rows = [
        [TRADITIONAL.get(cell, cell) if isinstance(cell, str) else cell for cell in row]
        for row in plain_rows(partner, contract, contract.names)
    ]
    text = csv_bytes([TRADITIONAL[header] for header in headers], rows)
    (folder / "contacts_partner.csv").write_bytes(text.encode("big5"))
    return [
        control(own, contract, file="contacts_own.csv")._replace(rows=len(own) + len(BROKEN_DATES) + 1),
        control(partner, contract, file="contacts_partner.csv"),
    ]


BROKEN_DATES = ("2026-02-30", "2026/13/05")


def _broken_contacts(own: Frame) -> list[list[Cell]]:
    """Two contacts with dates that do not exist, and the first contact once more with another position."""
    first = own.iloc[0]
    broken: list[list[Cell]] = [
        [f"K9000{i}", str(first["customer_id"]), "使用者", "点检员", day] for i, day in enumerate(BROKEN_DATES, start=1)
    ]
    again: list[Cell] = [
        str(first["contact_id"]),
        str(first["customer_id"]),
        "决策者",
        "已离职",
        f"{first['created_on']:%Y-%m-%d}",
    ]
    return [*broken, again]


def _stage_events(events: Frame, folder: Path, contracts: Mapping[str, Table]) -> list[Control]:
    """One file a year of entry; three lines of 2026 stand in the file twice."""
    contract = contracts["stage_events"]
    year = events["entered_on"].dt.year.astype(str)
    controls = []
    for of_year, part in events.groupby(year):
        recorded = pd.concat([part, part.iloc[[10, 20, 30]]]) if of_year == "2026" else part
        rows = plain_rows(recorded, contract, contract.names)
        name = f"stage_events_{of_year}.csv"
        (folder / name).write_bytes(csv_bytes(labels(contract, contract.names), rows).encode("utf-8-sig"))
        controls.append(control(recorded, contract, file=name))
    return controls
