"""How the month's inputs came in, as tables and findings that a report can show."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bizlab.contracts.columns import code, column, table, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.contracts.table import Table
from bizlab.data.cleaning.quality import ACCOUNT, DUPLICATE_CANDIDATES, ROWS_ADD_UP, RULES
from bizlab.tables import TABLES
from bizlab.units.kinds import Unit

_TABLE_WORDS = {name: contract.label for name, contract in TABLES.items()} | words(total="合计 | Total")
_TABLE = column("table", "表 | Table", words=_TABLE_WORDS)

INTAKE = table(
    "intake",
    "读入与去向 | What came in and where it went",
    "每张表一行,末行为合计 | one row per table, the last the total",
    _TABLE,
    column("n_files", "文件与工作表数 | Files and sheets"),
    (ACCOUNT[name] for name in ("n_in", "n_kept", "n_merged", "n_rejected")),
    column("is_total", "是否合计 | Is the total"),
    key="table",
    sums=ROWS_ADD_UP,
)

DISAGREEMENTS = table(
    "disagreements",
    "与发送方合计不一致的文件 | Files that disagree with their sender",
    "每个不一致的文件与工作表一行 | one row per file and sheet that disagrees",
    ACCOUNT["file"],
    ACCOUNT["sheet"],
    _TABLE,
    ACCOUNT["n_in"],
    ACCOUNT["n_sent"],
    code("control", "控制列 | Control column"),
    column("in_fen", "读入金额 | Amount in", nullable=True),
    column("sent_fen", "发送方金额 | Amount sent", nullable=True),
    column("difference_fen", "差额 | Difference", nullable=True),
    key="file sheet table",
    sums={"difference_fen = in_fen - sent_fen": "差额 = 读入 - 发送方 | difference = in - sent"},
)

NOTICED = table(
    "noticed",
    "合并、拒收、疑似重复与提示 | Merged, rejected, possibly double, noticed",
    "每张表的每条规则一行 | one row per table and rule",
    column(
        "outcome",
        "去向 | Outcome",
        words=words(
            merged="合并 | Merged",
            rejected="拒收 | Rejected",
            candidate="疑似重复(成对,保留) | May be one (pairs), kept",
            warning="提示(保留) | Noticed, kept",
        ),
    ),
    _TABLE,
    column("rule", "规则 | Rule", words=RULES | dict(DUPLICATE_CANDIDATES["reasons"].words)),
    column("n_rows", "行数 | Rows"),
    key="outcome table rule",
)


def intake(account: pd.DataFrame) -> pd.DataFrame:
    """Rows in, kept, merged and rejected by table, with the total, from the account of the files: see `INTAKE`."""
    counts = ["n_in", "n_kept", "n_merged", "n_rejected"]
    grouped = account.groupby("table", sort=True)
    by_table = grouped[counts].sum().assign(n_files=grouped.size(), is_total=False).reset_index()
    whole = by_table[[*counts, "n_files"]].sum().to_frame().T.assign(table="total", is_total=True)
    return INTAKE.stacked([by_table, whole])


def disagreements(account: pd.DataFrame, contracts: Mapping[str, Table] = TABLES) -> pd.DataFrame:
    """Files whose rows or control total are not what the sender gave: see `DISAGREEMENTS`."""
    rows = account["n_sent"].notna() & (account["n_sent"] != account["n_in"])
    totals = account["total_sent"].notna() & (account["total_sent"] != account["total_in"])
    off = account[rows.fillna(False) | totals.fillna(False)]
    controls = zip(off["table"], off["control"], strict=True)
    money = [contracts[name][control].unit is Unit.FEN for name, control in controls]
    amounts = off[["total_in", "total_sent"]].where(pd.Series(money, index=off.index, dtype="bool"), pd.NA)
    return DISAGREEMENTS.conform(
        off.assign(
            in_fen=amounts["total_in"],
            sent_fen=amounts["total_sent"],
            difference_fen=amounts["total_in"] - amounts["total_sent"],
        )
    )


def noticed(
    merges: pd.DataFrame, rejects: pd.DataFrame, warnings: pd.DataFrame, candidates: pd.DataFrame
) -> pd.DataFrame:
    """How many rows each rule touched, and how many pairs of companies may be one for which reasons: see `NOTICED`."""
    pairs = candidates.assign(table="customers", rule=candidates["reasons"])
    outcomes = {"rejected": rejects, "merged": merges, "candidate": pairs, "warning": warnings}
    return NOTICED.stacked(
        frame.groupby(["table", "rule"], sort=True).size().rename("n_rows").reset_index().assign(outcome=outcome)
        for outcome, frame in outcomes.items()
    )


def intake_findings(disagreeing: pd.DataFrame, counted: pd.DataFrame) -> list[Finding]:
    """What a reader should know of the inputs, from `disagreements` and `noticed`, which are shown under these keys."""
    findings = [
        says(
            row,
            DISAGREEMENTS,
            "{file} 的读入合计与发送方给出的 {sent_fen} 相差 {difference_fen}:文件可能被截断,应请发送方重发 | "
            "{file} differs by {difference_fen} from the {sent_fen} that its sender gave: it may have been cut, "
            "ask for it again",
            key="-".join(("disagrees", *filter(None, (row["table"], row["file"], row["sheet"])))),
            direction="bad",
            material=True,
            weight=abs(float(row["difference_fen"])),
            basis="控制合计必须一分不差 | control totals must agree to the fen",
        )
        for row in disagreeing[disagreeing["difference_fen"].notna()].to_dict("records")
    ]
    sentences = (
        (
            counted["outcome"] == "rejected",
            "{table}有 {n_rows} 行被拒收:{rule} | {table}: {n_rows} rows rejected, {rule}",
        ),
        (
            counted["rule"].str.startswith("same_company"),
            "{table}有 {n_rows} 行并入已有企业:{rule} | {table}: {n_rows} rows merged, {rule}",
        ),
        (
            counted["outcome"] == "candidate",
            "{n_rows} 对企业可能是同一家:{rule} | {n_rows} pairs of companies may be one: {rule}",
        ),
    )
    for rows, sentence in sentences:
        for row in counted[rows].to_dict("records"):
            key = f"{row['outcome']}-{row['table']}-{row['rule']}".replace(" ", "_")
            findings.append(says(row, NOTICED, sentence, key=key, weight=float(row["n_rows"])))
    return findings
