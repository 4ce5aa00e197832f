"""What the quality of the tags and their movements come to, in sentences."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.finding import Finding, Ref
from bizlab.labels import Label
from bizlab.tagging.quality.lints import Severity
from bizlab.tagging.quality.migration import TAG_CAUSES

_TOLD = 3


def lint_findings(lints: pd.DataFrame, *, key: str = "lints") -> list[Finding]:
    """One finding for each error or warning about the dictionary; notes stand in the table alone.

    Parameters
    ----------
    lints : `TAG_LINTS`, under the same dictionary. key : the name under which the notebook shows it.

    Returns
    -------
    Findings; errors are material, ``weight`` is the number of companies concerned.
    """
    text = Label("标签{tag}:{lint}({evidence})", "Tag {tag}: {lint} ({evidence})")
    names = {"tag": "tag_id", "lint": "lint", "evidence": "evidence"}
    told = lints[lints["severity"] != Severity.NOTE]
    return [
        Finding(
            f"lint.{row['tag_id']}.{row['lint']}.{row['place']}",
            text,
            {name: Ref(key, (row["tag_id"], row["lint"], row["place"]), column) for name, column in names.items()},
            "bad",
            material=row["severity"] == Severity.ERROR,
            weight=float(row["n_customers"]) if pd.notna(row["n_customers"]) else 0.0,
        )
        for row in told.to_dict("records")
    ]


def migration_findings(causes: pd.DataFrame, *, key: str = "causes") -> list[Finding]:
    """The largest movements of the month, each with what caused it.

    Parameters
    ----------
    causes : `TAG_CAUSES`. key : the name under which the notebook shows it.

    Returns
    -------
    Three findings at most; ``weight`` is the number of companies that moved.
    """
    told = causes.sort_values(["n_customers", *TAG_CAUSES.key], ascending=[False, *[True] * len(TAG_CAUSES.key)])
    by_input = Label(
        "{tag}:{n}家由{before}变为{now},原因是{inputs}({cause})",
        "{tag}: {n} companies went from {before} to {now} by {inputs} ({cause})",
    )
    by_rule = Label(
        "{tag}:{n}家由{before}变为{now}({cause})", "{tag}: {n} companies went from {before} to {now} ({cause})"
    )
    names = {"tag": "tag_id", "n": "n_customers", "before": "from_state", "now": "to_state", "cause": "cause"}
    found = []
    for row in told.head(_TOLD).to_dict("records"):
        at = tuple("" if pd.isna(row[name]) else str(row[name]) for name in TAG_CAUSES.key)
        has_inputs = pd.notna(row["inputs"])
        used = names | ({"inputs": "inputs"} if has_inputs else {})
        refs = {name: Ref(key, at, column) for name, column in used.items()}
        weight = float(row["n_customers"])
        found.append(
            Finding(f"moved.{'.'.join(at[:5])}", by_input if has_inputs else by_rule, refs, "neutral", False, weight)
        )
    return found
