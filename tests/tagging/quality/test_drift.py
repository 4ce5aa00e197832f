"""The stability index against an independent computation, and the drift that is planted in the sample."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.sample import generate
from bizlab.tagging import DRIFT, drift_findings, order_cycles
from bizlab.tagging.quality.drift import drift, stability_index

AS_OF = date(2026, 10, 31)
REFERENCE = ("2024-11", "2025-10")


def test_the_index_of_shares_that_are_known():
    """Reference 0..99 in fifths, current moved by 40: shares (0, 0, 20, 20, 60) with half a case added to each."""
    before = [20.5 / 102.5] * 5
    after = [n / 102.5 for n in (0.5, 0.5, 20.5, 20.5, 60.5)]
    expected = sum((a - b) * math.log(a / b) for a, b in zip(after, before, strict=True))
    reference = np.arange(100.0)
    assert stability_index(reference, reference + 40) == (pytest.approx(expected), 5)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 60), min_size=5, max_size=50), st.lists(st.integers(0, 60), min_size=5, max_size=50))
def test_the_index_is_never_negative_finite_and_blind_to_the_order_of_rows(before, after):
    reference, current = np.array(before, float), np.array(after, float)
    index, bins = stability_index(reference, current)
    assert 0 <= index < math.inf
    assert 1 <= bins <= 5
    assert stability_index(reference[::-1], current[::-1])[0] == pytest.approx(index)


def periods(**values) -> pd.DataFrame:
    """One segment; for each period its values."""
    parts = [
        pd.DataFrame({"segment": "south", "period": name.replace("m", "").replace("_", "-"), "value": drifts})
        for name, drifts in values.items()
    ]
    return pd.concat(parts, ignore_index=True).assign(amount_fen=100)


def test_no_verdict_without_enough_values_enough_known_or_any_spread():
    steady = [float(n % 30) for n in range(60)]
    drifts = drift(
        periods(m2025_10=steady, m2025_11=steady[:5], m2025_12=[*steady[:15], *[None] * 20], m2026_01=steady),
        reference=("2025-10", "2025-10"),
    )
    assert drifts["psi_reason"].fillna("").tolist() == ["too_few", "incomplete", ""]
    assert drifts["verdict"].tolist()[-1] == "stable"
    constant = drift(periods(m2025_10=[7.0] * 40, m2025_11=[7.0] * 40), reference=("2025-10", "2025-10"))
    assert constant["psi_reason"].tolist() == ["constant"]


def test_a_reference_of_one_value_or_of_many_ties_hides_no_move():
    """All 5 became 90; and one in ten low became nine in ten low, where nine tenths of the reference share the top."""
    moved = drift(periods(m2025_10=[5.0] * 40, m2025_11=[90.0] * 40), reference=("2025-10", "2025-10"))
    assert moved["verdict"].tolist() == ["drift"]
    low, top = [float(n) for n in range(10)], [50.0] * 90
    turned = drift(periods(m2025_10=[*low, *top], m2025_11=[*low * 9, *top[:10]]), reference=("2025-10", "2025-10"))
    assert turned["verdict"].tolist() == ["drift"]
    shares = np.array([10.5, 90.5]) / 101
    expected = ((shares[1] - shares[0]) * np.log(shares[1] / shares[0])) * 2
    assert turned["psi"].tolist() == [pytest.approx(expected)]


def test_what_chance_explains_is_no_drift():
    """The same law on both sides, small samples: the index is large now and then, the verdict never 'drift'."""
    rng = np.random.default_rng(7)
    drifts = drift(
        periods(m2025_10=rng.gamma(3, 12, 60), **{f"m2026_{m:02d}": rng.gamma(3, 12, 16) for m in range(1, 13)}),
        reference=("2025-10", "2025-10"),
    )
    assert drifts["psi"].max() > 0.25
    assert not drifts["verdict"].eq("drift").any()


@pytest.fixture(scope="module")
def sample():
    return generate()


def test_the_planted_drift_is_found_where_and_when_it_began_and_nowhere_else(sample):
    """data/sample/README.md, drift-settlement-south: orders of the south from 2026-06-01 are paid 30 days later."""
    cycles = order_cycles(sample, by="region", as_of=AS_OF)
    drifts = drift(cycles, reference=REFERENCE)
    DRIFT.verify(drifts)
    drifting = drifts[drifts["verdict"].isin(["drift", "watch"])]
    assert set(drifting["segment"]) == {"south"}
    assert drifting["period"].min() == "2026-06"
    later = drifting.iloc[0]
    assert 15 < later["median_current"] - later["median_reference"] < 45
    (finding,) = drift_findings(drifts, material_fen=1)
    assert (finding.key, finding.direction, finding.material) == ("drift.south", "bad", True)
    assert finding.refs["period"].path == "drift[south,2026-06].period"


def test_order_cycles_lose_no_order_and_no_fen(sample):
    cycles = order_cycles(sample, by="region", as_of=AS_OF)
    orders = sample["orders"].groupby("order_id")["amount_fen"].sum()
    orders = orders[orders > 0]
    assert (len(cycles), int(cycles["amount_fen"].sum())) == (len(orders), int(orders.sum()))


def test_an_order_not_paid_in_full_has_no_cycle_yet():
    on = pd.to_datetime(["2026-01-01", "2026-01-11", "2026-02-10"]).astype("datetime64[us]")
    tables = {
        "customers": pd.DataFrame({"customer_id": ["001"], "region": ["south"]}),
        "orders": pd.DataFrame(
            {"order_id": ["O1"], "customer_id": ["001"], "amount_fen": [100], "ordered_on": on[:1], "due_on": on[:1]}
        ),
        "settlements": pd.DataFrame(
            {"order_id": ["O1", "O1"], "customer_id": ["001"] * 2, "amount_fen": [30, 70], "paid_on": on[1:]}
        ),
    }
    assert order_cycles(tables, by="region", as_of=date(2026, 1, 31))["value"].isna().all()
    assert order_cycles(tables, by="region", as_of=date(2026, 2, 28))["value"].tolist() == [(30 * 10 + 70 * 40) / 100]
