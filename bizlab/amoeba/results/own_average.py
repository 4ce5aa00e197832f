"""A unit against its own past: the sums of the months before, and what its F did against their average."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.results.bridge import BRIDGE
from bizlab.amoeba.results.unit_hour import unit_hour_sheet
from bizlab.contracts.finding import Finding, Ref
from bizlab.contracts.says import row_key, says


def past_months(parts: Sequence[Components], *, most: int = 12) -> pd.DataFrame:
    """Sums of the months before the last one: what a unit's own average is made of.

    Parameters
    ----------
    parts : the additive figures of the months in order, the month that is judged last.
    most : how many months before it count at most.

    Returns
    -------
    The sheet of these months together, with ``n_months``, how many of them each unit was open in. A month in which it
    was open and recorded nothing counts.

    >>> from bizlab.amoeba.accounting.components import components
    >>> from bizlab.amoeba.accounting.ledger import INPUTS, Records
    >>> from bizlab.tables import TABLES
    >>> from bizlab.periods import Month
    >>> tables = {name: TABLES[name].empty() for name in INPUTS}
    >>> one = {"unit_id": ["Y"], "name_zh": "公司", "name_en": "Company", "level": "company", "is_amoeba": True}
    >>> tables["units"] = pd.DataFrame(one).assign(opened_on=pd.Timestamp("2020-01-01"), closed_on=pd.NaT)
    >>> days = pd.to_datetime(["2026-08-10", "2026-09-08", "2026-10-08"])
    >>> tables["revenue_records"] = pd.DataFrame({"unit_id": "Y", "recorded_on": days, "amount_fen": [1, 20, 300]})
    >>> parts = [components(Records(**tables), month=Month(2026, month)) for month in (8, 9, 10)]
    >>> past_months(parts)[["unit_id", "external_sales_fen", "n_months"]].to_numpy().tolist()
    [['Y', 21, 2]]
    """
    past = parts[-most - 1 : -1]
    n_months = Counter(unit_id for part in past for unit_id in part.nodes["unit_id"])
    sheet = unit_hour_sheet(past or parts[-1:], period="ytd")
    before = sheet[sheet["unit_id"].isin(n_months)]
    return before.assign(n_months=before["unit_id"].map(n_months))


def average_findings(bridged: pd.DataFrame) -> list[Finding]:
    """How far each unit's F is from its own average, and the largest line: shown under the key ``average_bridge``."""
    findings = []
    for _, rows in bridged[bridged["effect_per_hour"].notna()].groupby("unit_id", sort=False):
        (total,) = rows[rows["is_total"]].to_dict("records")
        lines = rows[~rows["is_total"]].to_dict("records")
        largest = row_key(max(lines, key=lambda line: abs(line["effect_per_hour"])), BRIDGE)
        finding = says(
            total,
            BRIDGE,
            "{unit_id} 的 F 与此前 {n_months} 个月平均相比变动 {effect_per_hour},"
            "影响最大的是{largest}({largest_effect}) | "
            "F of {unit_id} is {effect_per_hour} from its average of {n_months} months; "
            "the largest effect is that of {largest} ({largest_effect})",
            key=f"average-{total['unit_id']}",
            table="average_bridge",
            direction="good" if total["effect_per_hour"] >= 0 else "bad",
            weight=abs(total["effect_per_hour"]) * int(rows["now_minutes"].sum()) / 60,
            basis="各月之和相除,分解没有余项 | from the sums of the months; nothing is left over",
            largest=Ref("average_bridge", largest, "line"),
            largest_effect=Ref("average_bridge", largest, "effect_per_hour"),
        )
        findings.append(finding)
    return findings
