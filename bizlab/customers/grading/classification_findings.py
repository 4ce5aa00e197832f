"""What the classification of customers comes to, in sentences."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.finding import Finding, Ref
from bizlab.customers.grading.published_rules import SPECIAL
from bizlab.labels import Label


def fault_findings(faults: pd.DataFrame, *, key: str = "faults") -> list[Finding]:
    """One sentence for each fault for which an application is refused, or that may move a grade.

    Parameters
    ----------
    faults : `applications.APPLICATION_FAULTS`. key : the name under which the notebook shows it.
    """
    told = faults[(faults["outcome"] == "refused") | (faults["fault"] == "implausible_sales")]
    text = Label(
        "申请{application}({name}):{fault},{evidence}", "Application {application} ({name}): {fault}, {evidence}"
    )
    names = {"application": "application_id", "name": "name", "fault": "fault", "evidence": "evidence"}
    return [
        Finding(
            f"fault.{row['application_id']}.{row['fault']}",
            text,
            {name: Ref(key, (row["application_id"], row["fault"]), column) for name, column in names.items()},
            "bad",
            material=row["outcome"] == "refused",
            weight=float(row["expected_fen"]) if pd.notna(row["expected_fen"]) else 0.0,
        )
        for row in told.to_dict("records")
    ]


def special_findings(grades: pd.DataFrame, *, key: str = "grades") -> list[Finding]:
    """One sentence for each customer on the special-customer way.

    Parameters
    ----------
    grades : `published_rules.RULE_GRADES`. key : the name under which the notebook shows it.
    """
    text = Label("{name}暂不能定级:{way}", "{name} cannot be graded yet: {way}")
    return [
        Finding(
            f"special.{row['application_id']}",
            text,
            {"name": Ref(key, (row["application_id"],), "name"), "way": Ref(key, (row["application_id"],), "way")},
        )
        for row in grades[grades["way"] == SPECIAL].to_dict("records")
    ]


def regrading_findings(found: pd.DataFrame, *, material_fen: int, key: str = "proposals") -> list[Finding]:
    """One sentence for each proposal to regrade.

    Parameters
    ----------
    found : `classification.PROPOSALS`. material_fen : a proposal is material when sales lie this far from the bound.
    key : the name under which the notebook shows it.
    """
    text = Label(
        "{customer}由{grade}{move}为{proposed}:近12个月采购 {actual},界限 {bound}",
        "{customer}, grade {grade}: {move} to {proposed}; {actual} bought in 12 months, the bound is {bound}",
    )
    names = {
        "customer": "customer_id", "grade": "grade", "move": "move", "proposed": "proposed", "actual": "actual_fen",
        "bound": "bound_fen",
    }  # fmt: skip
    basis = Label(
        "公布的规则,以一年实际采购代替预计", "the published rules, a year of actual sales in place of the expectation"
    )
    rows = found.to_dict("records")
    return [
        Finding(
            f"regrade.{row['customer_id']}",
            text,
            {name: Ref(key, (row["customer_id"],), column) for name, column in names.items()},
            "good" if row["move"] == "up" else "bad",
            abs(row["actual_fen"] - row["bound_fen"]) >= material_fen,
            float(abs(row["actual_fen"] - row["bound_fen"])),
            basis,
        )
        for row in rows
    ]
