"""What the backtests come to, in sentences: which predictions deserve trust."""

from __future__ import annotations

import pandas as pd

from bizlab.contracts.finding import Direction, Finding, Ref
from bizlab.labels import Label

_JUDGED: dict[str, Direction] = {"better": "good", "worse": "bad"}


def backtest_findings(tests: pd.DataFrame, *, key: str = "backtest") -> list[Finding]:
    """One sentence for each prediction: whether it beats its baseline, or why that cannot be told.

    Parameters
    ----------
    tests : the pooled rows of `backtest_table.BACKTEST`. key : the name under which the notebook shows them.

    Returns
    -------
    Findings; a prediction worse than its baseline is material, since somebody may act on it.
    """
    found = []
    for row in tests.to_dict("records"):
        at = (row["prediction"], row["origin"])
        beside = "baseline" if pd.isna(row["refusal"]) else "refusal"
        columns = {"prediction": "prediction", "verdict": "verdict", "beside": beside, "n": "n_cases"}
        text = Label("{prediction}:{verdict}——{beside}({n} 例)", "{prediction}: {verdict} — {beside} ({n} cases)")
        verdict = str(row["verdict"])
        found.append(
            Finding(
                f"backtest.{row['prediction']}",
                text,
                {name: Ref(key, at, column) for name, column in columns.items()},
                _JUDGED.get(verdict, "neutral"),
                material=verdict == "worse",
            )
        )
    return found


def calibration_findings(calibrated: pd.DataFrame, *, key: str = "calibrated") -> list[Finding]:
    """One sentence for each prediction that predicts too many or too few.

    Parameters
    ----------
    calibrated : `calibration.CALIBRATION`. key : the name under which the notebook shows it.
    """
    off = calibrated[calibrated["verdict"].isin(["too_many", "too_few"])]
    text = Label(
        "{prediction}:{verdict}——预计 {expected},实际 {happened},预计÷实际 {ratio}({ratio_lower} 至 {ratio_upper})",
        "{prediction}: {verdict} — {expected} expected, {happened} came: {ratio} ({ratio_lower} to {ratio_upper})",
    )
    names = ("prediction", "verdict", "expected", "happened", "ratio", "ratio_lower", "ratio_upper")
    return [
        Finding(
            f"calibration.{prediction}",
            text,
            {name: Ref(key, (prediction,), name) for name in names},
            "bad",
            material=True,
        )
        for prediction in off["prediction"]
    ]


def realised_findings(totals: pd.DataFrame, *, key: str = "realised") -> list[Finding]:
    """One sentence for each prediction whose total lay outside what was expected of it.

    Parameters
    ----------
    totals : `latest.LATEST_TOTALS`. key : the name under which the notebook shows it.
    """
    off = totals[totals["standing"].isin(["above", "below"])]
    text = Label(
        "{prediction}:{origin} 预计 {expected},实际 {actual},{standing}({lower} 至 {upper})",
        "{prediction}: on {origin} {expected} were expected and {actual} came, {standing} ({lower} to {upper})",
    )
    names = ("prediction", "expected", "actual", "standing", "lower", "upper")
    return [
        Finding(
            f"realised.{row['prediction']}",
            text,
            {name: Ref(key, (row["prediction"],), name) for name in names}
            | {"origin": Ref(key, (row["prediction"],), "origin_on")},
            "neutral",
            material=True,
        )
        for row in off.to_dict("records")
    ]
