"""Entropy, concentration, stability, information and the advice that follows, on distributions one can count."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from bizlab.tagging import Snapshot, parse_dictionary
from bizlab.tagging.quality.measures import TAG_MEASURES, advice, tag_measures

WORDS = {"zh": "字", "en": "word"}
CODES = [f"v{i}" for i in range(40)]


def snapshot(as_of=date(2026, 10, 31), **columns):
    """A snapshot of category and number tags; None is unknown."""
    fixed = {
        "tier": "fact",
        "layer": "enterprise",
        "refresh": "monthly",
        "owner": WORDS,
        "name": WORDS,
        "definition": WORDS,
    }
    tags = [
        {"id": name, **fixed, "rule": {"table": "t", "measure": "value", "column": name}}
        | ({"type": "number", "unit": "count"} if isinstance(next(v for v in values if v is not None), int)
           else {"type": "category", "values": dict.fromkeys(CODES, WORDS)})
        for name, values in columns.items()
    ]  # fmt: skip
    dictionary = parse_dictionary({"tables": {"t": {"occurred": "on", "empty": WORDS}}, "tags": tags})
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"customer_id": [f"c{i:03}" for i in range(n)]})
    for name, values in columns.items():
        kind = "Int64" if dictionary[name].type == "number" else "str"
        frame[name] = pd.array(values, dtype=kind)
        frame[f"{name}_reason"] = pd.Series("not_recorded", dtype="str", index=frame.index).where(frame[name].isna())
    return Snapshot(dictionary, as_of, frame, dictionary.reasons, ())


def measured(now, reference=None, outcome=None):
    happened = [i % 2 == 0 for i in range(len(now.frame))] if outcome is None else outcome
    outcomes = pd.DataFrame({"customer_id": now.frame["customer_id"], "outcome": happened})
    measures = tag_measures(now, reference=reference or now, began={}, earlier=now, outcome=outcomes)
    TAG_MEASURES.verify(measures)
    return measures.set_index("tag_id")


@pytest.mark.parametrize(("values", "bits"), [(2, 1), (1, 0), (8, 3)])
def test_entropy_counts_the_questions_that_find_a_value(values, bits):
    row = measured(snapshot(grade=CODES[:values] * 40)).loc["grade"]
    assert row["entropy"] == pytest.approx(bits)


def test_four_even_values_count_as_four_and_two_companies_agree_once_in_four():
    row = measured(snapshot(grade=["v0", "v1", "v2", "v3"] * 25)).loc["grade"]
    assert (row["entropy"], row["n_effective"], row["concentration_rate"]) == (2, 4, 0.25)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["v0"] * 100, "constant"),
        (["v0"] * 96 + ["v1"] * 4, "too_coarse"),
        (["v0"] * 95 + ["v1"] * 5, "fine"),
        ([CODES[i % 31] for i in range(310)], "too_fine"),
        ([CODES[i % 30] for i in range(900)], "fine"),
        (["v0", "v1"] * 24 + [None] * 52, "mostly_missing"),
        (["v0", "v1"] * 25 + [None] * 50, "fine"),
    ],
)
def test_advice_follows_from_how_customers_spread(values, expected):
    now = snapshot(grade=values)
    assert advice(now.dictionary["grade"], now) == expected


def test_a_tag_that_holds_still_is_stable_and_one_that_turned_over_drifts():
    before = snapshot(still=["v0", "v1"] * 100, turned=["v0"] * 160 + ["v1"] * 40)
    now = snapshot(still=["v1", "v0"] * 100, turned=["v0"] * 40 + ["v1"] * 160)
    measures = measured(now, before)
    assert measures["stability"].to_dict() == {"still": "stable", "turned": "drift"}
    shares = (np.array([160.5, 40.5]) / 201, np.array([40.5, 160.5]) / 201)
    assert measures.loc["turned", "psi"] == pytest.approx(
        ((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()
    )


def test_a_change_that_chance_explains_is_no_drift():
    before, now = snapshot(grade=["v0"] * 8 + ["v1"] * 8), snapshot(grade=["v0"] * 5 + ["v1"] * 11)
    assert measured(now, before).loc["grade", "stability"] == "stable"


def test_a_tag_says_as_much_about_an_outcome_as_it_divides_it():
    values = ["v0"] * 100 + ["v1"] * 100
    happened = [i < 80 for i in range(100)] + [i < 20 for i in range(100)]
    measures = measured(snapshot(telling=values, mute=["v0", "v1"] * 100), outcome=happened)
    share = (80.5 / 101, 20.5 / 101)
    assert measures.loc["telling", "information_value"] == pytest.approx(
        2 * (share[0] - share[1]) * math.log(share[0] / share[1])
    )
    assert measures.loc["mute", "information_value"] == pytest.approx(0, abs=0.01)


def test_what_cannot_be_measured_says_why():
    now = snapshot(amount=list(range(100)), single=["v0"] * 100)
    measures = measured(now, snapshot(other=["v0", "v1"] * 50))
    assert measures.loc["amount", "entropy_reason"] == "continuous"
    assert measures.loc["single", "information_value_reason"] == "undefined"
    assert set(measures["psi_reason"]) == {"absent"}


def test_before_the_reference_is_over_nothing_is_compared_with_it():
    outcomes = pd.DataFrame(
        {"customer_id": [f"c{i:03}" for i in range(100)], "outcome": [i % 2 == 0 for i in range(100)]}
    )
    now = snapshot(grade=["v0", "v1"] * 50)
    measures = tag_measures(now, reference=None, began={}, earlier=now, outcome=outcomes)
    assert measures["psi_reason"].tolist() == ["no_reference"]


def test_noise_is_no_more_than_chance_and_what_divides_is():
    """Forty features that have nothing to do with the outcome: at most a few exceed what chance reaches (5 % of 40)."""
    rng = np.random.default_rng(5)
    n = 300
    noise = {f"noise{i}": [int(x) for x in rng.permutation(n)] for i in range(40)}
    outcome = [bool(x) for x in rng.random(n) < 0.4]
    dividing = {"telling": [int(x) + (150 if yes else 0) for x, yes in zip(rng.permutation(n), outcome, strict=True)]}
    measures = measured(snapshot(**noise, **dividing), outcome=outcome)
    assert measures.loc["telling", "information"] == "suspicious"
    by_chance = measures.drop(index="telling")
    assert (by_chance["information_value"] > 0.02).mean() > 0.5
    assert (by_chance["information"] != "chance").sum() <= 6
