"""Applications to enter and grade a customer (客户导入申请): what is wrong with them, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from bizlab.configuration import Spot, fields, number
from bizlab.contracts.check import Check
from bizlab.contracts.columns import code, column, table, text, words
from bizlab.contracts.finding import Finding
from bizlab.contracts.says import says
from bizlab.labels import Label
from bizlab.units.credit_code import credit_code_is_valid
from bizlab.units.kinds import Unit

ACCEPTED, OPEN, RETURNED, REFUSED = "accepted", "open", "returned", "refused"
OUTCOMES = words(
    {
        ACCEPTED: "受理 | Accepted",
        OPEN: "处理中 | Not decided yet",
        RETURNED: "退回补正 | Returned for correction",
        REFUSED: "不予受理 | Refused",
    }
)
FAULTS = words(
    missing="必填项未填 | a compulsory item is missing",
    wrong_code="客户代码校验位错误 | the customer code has a wrong check character",
    other_code="客户代码与企业档案不同 | the customer code is not the company record's",
    other_capital="注册资金与企业档案不同 | the capital is not the company record's",
    implausible_sales="预计年销售额相对客户年收入不合理 | expected sales are too large for the customer's revenue",
    dates="申请、审核、批准日期次序不对 | applied, reviewed and approved out of order",
    late="审批超过时限 | decided later than allowed",
    four_eyes="申请、审核、批准不是不同的人 | applicant, reviewer and approver are not different persons",
    twice="同一客户已有申请 | the customer has applied before",
)
_REFUSED_FOR = ("four_eyes", "twice")
"""Faults against the controls; an application with another fault is returned and may be corrected."""
_COMPULSORY = ("industry", "capital_fen", "expected_fen", "customer_code", "taxpayer")
_APPLICATION = code("application_id", "申请编号 | Application")
_OUTCOME = column("outcome", "处理 | Outcome", choices=OUTCOMES)

APPLICATION_FAULTS = table(
    "application_faults",
    "申请中的问题 | Faults in applications",
    "每份申请、每个问题一行 | one row per application and fault",
    _APPLICATION,
    text("name", "客户名称 | Company name"),
    column("fault", "问题 | Fault", choices=FAULTS),
    text("evidence", "依据 | Evidence"),
    column("expected_fen", "预计年销售额 | Expected annual sales", nullable=True),
    _OUTCOME,
    key="application_id fault",
)
APPLICATION_ACCOUNT = table(
    "application_account",
    "申请的去向 | What became of the applications",
    "每个月一行,末行为合计 | one row per month, the last the total",
    code("month", "申请月份 | Month of application", words=words(total="合计 | Total")),
    column("n_applications", "申请 | Applications"),
    column("n_accepted", "受理 | Accepted"),
    column("n_open", "处理中 | Not decided yet"),
    column("n_returned", "退回补正 | Returned"),
    column("n_refused", "不予受理 | Refused"),
    column("is_total", "合计 | Total"),
    key="month",
    sums={
        "n_applications = n_accepted + n_open + n_returned + n_refused": (
            "申请 = 受理 + 处理中 + 退回 + 不予受理 | applications = accepted + open + returned + refused"
        )
    },
)


@dataclass(frozen=True)
class Limits:
    """Limits of an application: expected sales as a part of the customer's revenue, and days to decide."""

    most_of_revenue: float
    decided_within_days: int


def parse_limits(config: Mapping[str, Any]) -> Limits:
    """Read the part ``applications`` of ``grade_rules.yaml``.

    Raises
    ------
    SettingError : a missing or unknown name, or not a positive number.
    """
    spot = Spot("params/grade_rules.yaml", "applications")
    given = fields(config, spot, needed=("most_of_revenue", "decided_within_days"))
    for name, value in given.items():
        if number(value, spot.at(name)) <= 0:
            raise spot.at(name).refuse(f"'{value}' is not a positive number", "write 0.2 or 14")
    return Limits(float(given["most_of_revenue"]), int(given["decided_within_days"]))


def as_known(applications: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """The applications as they stood on a day: a review or approval dated later has not happened, nor has its person.

    Parameters
    ----------
    applications : under the contract ``grade_applications``.

    >>> frame = pd.DataFrame({"applied_on": pd.Timestamp("2026-01-05"), "reviewed_on": pd.Timestamp("2026-02-01"),
    ...     "approved_on": pd.Timestamp("2026-02-03"), "reviewer_id": ["P2"], "approver_id": ["P3"]})
    >>> as_known(frame, as_of=date(2026, 1, 31))["reviewer_id"].isna().tolist()
    [True]
    """
    known = applications[applications["applied_on"] <= pd.Timestamp(as_of)].copy()
    for day, person in (("reviewed_on", "reviewer_id"), ("approved_on", "approver_id")):
        known[person] = known[person].where(~(known[day] > pd.Timestamp(as_of)))
        known[day] = known[day].where(known[day] <= pd.Timestamp(as_of))
    return known


def application_faults(applications: pd.DataFrame, customers: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Everything that is wrong with each application.

    Parameters
    ----------
    applications : under the contract ``grade_applications``. customers : the company records.

    Returns
    -------
    `APPLICATION_FAULTS`: one row per application and fault, in the order of applications. An application whose
    customer is not in the records is not compared with them. Who applies again after an application that was
    returned or refused has not applied twice.
    """
    records = customers.set_index("customer_id")
    ordered = applications.sort_values(["applied_on", "application_id"], kind="stable")
    rows, has_applied = [], set()
    for _, row in ordered.iterrows():
        record = records.loc[row["customer_id"]] if row["customer_id"] in records.index else None
        faults = list(_faults(row, record, limits, is_again=row["customer_id"] in has_applied))
        if not faults and pd.notna(row["customer_id"]):
            has_applied.add(row["customer_id"])
        about = {name: row[name] for name in ("application_id", "name", "expected_fen")}
        for fault, evidence in faults:
            outcome = REFUSED if fault in _REFUSED_FOR else RETURNED
            rows.append({**about, "fault": fault, "evidence": evidence, "outcome": outcome})
    return APPLICATION_FAULTS.conform(pd.DataFrame(rows, columns=list(APPLICATION_FAULTS.names)))


def application_outcomes(applications: pd.DataFrame, faults: pd.DataFrame) -> pd.Series[str]:
    """What becomes of each application, a code of `OUTCOMES` by ``application_id``.

    Refused goes before returned; then it is open until it is approved, else accepted.

    Parameters
    ----------
    applications : as they stood on a day (`as_known`).
    """
    ids = pd.Index(applications["application_id"], name="application_id")
    decided = applications["approved_on"].notna().to_numpy(dtype=bool)
    outcomes = pd.Series(ACCEPTED, index=ids, dtype="str").where(decided, OPEN)
    for outcome in (RETURNED, REFUSED):
        with_fault = faults.loc[faults["outcome"] == outcome, "application_id"]
        outcomes = outcomes.mask(ids.isin(with_fault), outcome)
    return outcomes


def application_account(applications: pd.DataFrame, outcomes: pd.Series[str]) -> pd.DataFrame:
    """The outcomes by month of application, with the total: see `APPLICATION_ACCOUNT`."""
    dated = pd.DataFrame(
        {
            "month": applications["applied_on"].dt.strftime("%Y-%m").to_numpy(),
            "outcome": outcomes.reindex(applications["application_id"]).to_numpy(),
        }
    )
    counts = pd.crosstab(dated["month"], dated["outcome"]).reindex(columns=list(OUTCOMES), fill_value=0)
    counts.loc["total"] = counts.sum()
    counts.columns = [f"n_{name}" for name in counts.columns]
    frame = counts.reset_index(names="month")
    sizes = dated.groupby("month").size()
    frame["n_applications"] = frame["month"].map(sizes).fillna(len(dated)).astype("int64")
    return APPLICATION_ACCOUNT.conform(frame.assign(is_total=frame["month"] == "total"))


def application_checks(account: pd.DataFrame, applications: pd.DataFrame) -> list[Check]:
    """Every application stands in the account once."""
    months = Label("各月申请之和 = 全部申请", "applications of all months = all applications")
    total = int(account.loc[account["is_total"], "n_applications"].sum())
    parts = int(account.loc[~account["is_total"], "n_applications"].sum())
    return [
        Check("applications.months", months, parts, total, Unit.COUNT),
        Check("applications.all", Label("申请账 = 申请表", "account = table"), total, len(applications), Unit.COUNT),
    ]


def fault_findings(faults: pd.DataFrame, *, key: str = "faults") -> list[Finding]:
    """One sentence for each row of `APPLICATION_FAULTS`, shown under ``key``, that may move a grade.

    These are the faults for which an application is refused, and expected sales that are too large.
    """
    sentence = (
        "申请{application_id}({name}):{fault},{evidence} | Application {application_id} ({name}): {fault}, {evidence}"
    )
    stated = faults[(faults["outcome"] == REFUSED) | (faults["fault"] == "implausible_sales")]
    return [
        says(
            row,
            APPLICATION_FAULTS,
            sentence,
            key=f"fault.{row['application_id']}.{row['fault']}",
            table=key,
            direction="bad",
            material=row["outcome"] == REFUSED,
            weight=float(row["expected_fen"]) if pd.notna(row["expected_fen"]) else 0.0,
        )
        for row in stated.to_dict("records")
    ]


def _faults(
    row: pd.Series[Any], record: pd.Series[Any] | None, limits: Limits, *, is_again: bool
) -> Iterator[tuple[str, str]]:
    missing = [name for name in _COMPULSORY if pd.isna(row[name])]
    if missing:
        yield "missing", ", ".join(missing)
    code = row["customer_code"]
    if pd.notna(code) and not credit_code_is_valid(str(code)):
        yield "wrong_code", str(code)
    if record is not None:
        yield from _against_record(row, record, limits)
    people = [row[name] for name in ("applicant_id", "reviewer_id", "approver_id") if pd.notna(row[name])]
    if len(set(people)) < len(people):
        yield "four_eyes", ", ".join(map(str, people))
    days = [row[name] for name in ("applied_on", "reviewed_on", "approved_on") if pd.notna(row[name])]
    if days != sorted(days):
        yield "dates", ", ".join(day.date().isoformat() for day in days)
    elif (days[-1] - days[0]).days > limits.decided_within_days:
        yield "late", f"{(days[-1] - days[0]).days} > {limits.decided_within_days}"
    if is_again:
        yield "twice", str(row["customer_id"])


def _against_record(row: pd.Series[Any], record: pd.Series[Any], limits: Limits) -> Iterator[tuple[str, str]]:
    code = row["customer_code"]
    is_valid = pd.notna(code) and credit_code_is_valid(str(code))
    if is_valid and pd.notna(record["credit_code"]) and code != record["credit_code"]:
        yield "other_code", f"{code} / {record['credit_code']}"
    if pd.notna(row["capital_fen"]) and pd.notna(record["capital_fen"]) and row["capital_fen"] != record["capital_fen"]:
        yield "other_capital", f"{row['capital_fen'] / 100:,.2f} / {record['capital_fen'] / 100:,.2f}"
    if pd.notna(row["expected_fen"]) and pd.notna(record["revenue_fen"]):
        most = limits.most_of_revenue * record["revenue_fen"]
        if row["expected_fen"] > most:
            yield "implausible_sales", f"{row['expected_fen'] / 100:,.2f} > {most / 100:,.2f}"
