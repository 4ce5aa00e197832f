"""A unit against its own past: the sums of the months before, and what its F did against their average."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from bizlab.amoeba.accounting.components import Components
from bizlab.amoeba.results.bridge import HOURS, TOTAL, VALUE
from bizlab.contracts.finding import Finding, Ref
from bizlab.labels import Label


def past_months(parts: Sequence[Components], *, most: int = 12) -> pd.DataFrame:
    """Sums of the months before the last one: what a unit's own average is made of.

    Parameters
    ----------
    parts : the additive figures of the months in order, the month that is judged last.
    most : how many months before it count at most.

    Returns
    -------
    One row per unit that was open in any of them: ``unit_id``, the lines of C and D, and ``n_months``, how many of
    these months it was open in. A month in which it was open and recorded nothing counts.

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
    lines = [*VALUE, *HOURS]
    nodes = pd.concat([part.nodes[["unit_id", *lines]] for part in parts[-most - 1 : -1]] or [parts[-1].nodes.head(0)])
    by_unit = nodes.groupby("unit_id")
    return by_unit[lines].sum().assign(n_months=by_unit.size()).reset_index()


def average_findings(found: pd.DataFrame, *, key: str) -> list[Finding]:
    """How far each unit's F is from its own average, and the line with the largest effect.

    Parameters
    ----------
    found : from `bridge` against the average, shown under ``key``.
    """
    text = Label(
        "{unit} 的 F 与此前 {n} 个月平均相比变动 {change},影响最大的是{line}({effect})",
        "F of {unit} is {change} from its average of {n} months; the largest effect is that of {line} ({effect})",
    )
    told = []
    for unit_id, rows in found[found["effect_per_hour"].notna()].groupby("unit_id", sort=False):
        parts, change = rows[~rows["is_total"]], float(rows.loc[rows["is_total"], "effect_per_hour"].iloc[0])
        largest = str(parts.loc[parts["effect_per_hour"].abs().idxmax(), "line"])
        of_total, of_line = ("average", str(unit_id), TOTAL), ("average", str(unit_id), largest)
        told.append(
            Finding(
                key=f"average-{unit_id}",
                text=text,
                refs={
                    "unit": Ref(key, of_total, "unit_id"),
                    "n": Ref(key, of_total, "n_months"),
                    "change": Ref(key, of_total, "effect_per_hour"),
                    "line": Ref(key, of_line, "line"),
                    "effect": Ref(key, of_line, "effect_per_hour"),
                },
                direction="good" if change >= 0 else "bad",
                material=False,
                weight=abs(change) * int(parts["now_minutes"].sum()) / 60,
                basis=Label("各月之和相除,分解没有余项", "from the sums of the months; nothing is left over"),
            )
        )
    return told
