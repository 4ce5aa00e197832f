"""Support departments that serve one another: the textbook's figures, endless rounds, and closed loops."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab.amoeba import sharing
from bizlab.amoeba.sharing import METHODS, final_shares

CASTLEFORD = {
    "maintenance": {"systems": 1600, "machining": 2400, "assembly": 4000},
    "systems": {"maintenance": 200, "machining": 1600, "assembly": 200},
}
COSTS = {"maintenance": 6_300_000, "systems": 1_452_150}
OWN = {"machining": 4_000_000, "assembly": 2_000_000}


@pytest.mark.parametrize(
    ("method", "machining", "assembly"),
    [("direct", 7_653_300, 6_098_850), ("step_down", 8_300_800, 5_451_350), ("reciprocal", 8_187_025, 5_565_125)],
)
def test_castleford_engineering(method, machining, assembly):
    """Horngren, Datar and Rajan, Cost Accounting, 14th edition, exhibits 15-5 to 15-7: costs after allocation."""
    shares = final_shares(CASTLEFORD, method=method, order=["maintenance", "systems"])
    found = {
        name: round(own + sum(COSTS[giver] * shares[giver].get(name, 0) for giver in COSTS))
        for name, own in OWN.items()
    }
    assert abs(found["machining"] - machining) <= 50, "the textbook rounds to 50 dollars"
    assert abs(found["assembly"] - assembly) <= 50
    assert sum(found.values()) == 13_752_150


def test_the_reciprocal_costs_of_castleford_are_exact():
    """Complete reciprocated costs 6,576,750 and 2,767,500 lead to these shares of the operating departments."""
    shares = final_shares(CASTLEFORD, method="reciprocal")
    machining = sum(COSTS[giver] * shares[giver]["machining"] for giver in COSTS)
    assert machining == Fraction(3, 10) * 6_576_750 + Fraction(8, 10) * 2_767_500


def test_a_closed_department_never_receives():
    shares = final_shares(CASTLEFORD, method="step_down", order=["systems", "maintenance"])
    assert shares["maintenance"] == {"machining": Fraction(24, 64), "assembly": Fraction(40, 64)}


@pytest.mark.parametrize("method", METHODS)
def test_a_loop_without_outlet_bears_its_own(method):
    """Two departments that serve only each other: nothing can leave them, and what others give them stays there."""
    loop = {"a": {"b": 1}, "b": {"a": 1}, "c": {"a": 1, "shop": 1}}
    shares = final_shares(loop, method=method, order=["c", "a", "b"])
    assert all(sum(to.values()) == 1 for to in shares.values())
    if method == "reciprocal":
        assert shares == {"a": {"a": 1}, "b": {"b": 1}, "c": {"a": Fraction(1, 2), "shop": Fraction(1, 2)}}


givers = st.integers(1, 6)


@st.composite
def companies(draw):
    n, m = draw(givers), draw(st.integers(1, 4))
    units = [f"g{i}" for i in range(n)] + [f"u{i}" for i in range(m)]
    return {
        f"g{i}": {unit: draw(st.integers(0, 9)) for unit in units if unit != f"g{i}"} | {"u0": draw(st.integers(1, 9))}
        for i in range(n)
    }


@settings(deadline=None, max_examples=60)
@given(companies())
def test_reciprocal_is_the_limit_of_endless_rounds(weights):
    """An independent computation: pools are passed on again and again until nothing is left with the givers."""
    shares = final_shares(weights, method="reciprocal")
    for start in weights:
        held, borne = {start: 1.0}, {}
        for _ in range(2000):
            passed = {}
            for giver, amount in held.items():
                whole = sum(weights[giver].values())
                for unit, weight in weights[giver].items():
                    to = passed if unit in weights else borne
                    to[unit] = to.get(unit, 0.0) + amount * weight / whole
            held = passed
        assert {unit: pytest.approx(part, abs=1e-9) for unit, part in borne.items() if part} == {
            unit: float(share) for unit, share in shares[start].items()
        }


@settings(deadline=None, max_examples=60)
@given(companies(), st.sampled_from(list(METHODS)), st.randoms(use_true_random=False))
def test_shares_total_one_and_names_or_order_of_units_change_nothing(weights, method, random):
    order = sorted(weights)
    shares = final_shares(weights, method=method, order=order)
    assert all(sum(to.values()) == 1 and min(to.values()) >= 0 for to in shares.values())
    mixed = {giver: dict(random.sample(sorted(weights[giver].items()), len(weights[giver]))) for giver in order[::-1]}
    assert final_shares(mixed, method=method, order=order) == shares
    named = {f"x{giver}": {f"x{unit}": w for unit, w in to.items()} for giver, to in weights.items()}
    again = final_shares(named, method=method, order=[f"x{giver}" for giver in order])
    assert again == {f"x{giver}": {f"x{unit}": part for unit, part in to.items()} for giver, to in shares.items()}


def test_many_givers_in_floating_point_agree_with_fractions(monkeypatch):
    weights = {
        f"g{i:02}": {f"g{j:02}": (i * 7 + j * 3) % 5 for j in range(30) if j != i} | {"u": 3, "v": i} for i in range(30)
    }
    exact = final_shares(weights, method="reciprocal")
    monkeypatch.setattr(sharing, "MOST_EXACT", 0)
    floating = final_shares(weights, method="reciprocal")
    worst = max(abs(floating[giver][unit] - share) for giver, to in exact.items() for unit, share in to.items())
    assert worst < 1e-14
