"""Support departments that serve one another: textbooks' figures, endless rounds, closed loops, and many of them."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import final_shares

from bizlab.amoeba.accounting.sharing import METHODS, MOST_PASSING, share_matrix
from bizlab.errors import DataError

CASTLEFORD = {
    "maintenance": {"systems": 1600, "machining": 2400, "assembly": 4000},
    "systems": {"maintenance": 200, "machining": 1600, "assembly": 200},
}
COSTS = {"maintenance": 6_300_000, "systems": 1_452_150}
OWN = {"machining": 4_000_000, "assembly": 2_000_000}


def borne(weights, costs, own, method, order=()):
    """What each operating department costs after allocation, unrounded."""
    shares = final_shares(weights, method=method, order=order)
    return {
        name: cost + sum(costs[giver] * shares[giver].get(name, 0) for giver in costs) for name, cost in own.items()
    }


@pytest.mark.parametrize(
    ("method", "machining", "assembly"),
    [("direct", 7_653_300, 6_098_850), ("step_down", 8_300_800, 5_451_350), ("reciprocal", 8_187_025, 5_565_125)],
)
def test_castleford_engineering(method, machining, assembly):
    """Horngren, Datar and Rajan, Cost Accounting, 14th edition, exhibits 15-5 to 15-7: costs after allocation."""
    costs = borne(CASTLEFORD, COSTS, OWN, method, ["maintenance", "systems"])
    assert abs(costs["machining"] - machining) <= 50, "the textbook rounds to 50 dollars"
    assert abs(costs["assembly"] - assembly) <= 50
    assert sum(costs.values()) == 13_752_150


def test_the_reciprocal_costs_of_castleford_are_exact():
    """Complete reciprocated costs 6,576,750 and 2,767,500 lead to these shares of the operating departments."""
    shares = final_shares(CASTLEFORD, method="reciprocal")
    machining = sum(COSTS[giver] * shares[giver]["machining"] for giver in COSTS)
    assert machining == Fraction(3, 10) * 6_576_750 + Fraction(8, 10) * 2_767_500


def test_repeated_distribution_of_two_service_centres():
    """Kaplan Publishing, CIMA BA2 Integrated Workbook (2018), chapter 4, section 5.1: six rounds."""
    weights = {"S1": {"P1": 55, "P2": 35, "S2": 10}, "S2": {"P1": 30, "P2": 65, "S1": 5}}
    costs = borne(weights, {"S1": 21_000, "S2": 15_000}, {"P1": 150_000, "P2": 205_000}, "reciprocal")
    assert abs(costs["P1"] - 167_179) < 1, "the book rounds every step to a dollar"
    assert abs(costs["P2"] - 223_821) < 1
    assert sum(costs.values()) == 391_000


def test_three_service_departments_by_matrix_algebra():
    """Lovely Professional University, DMTH201 Basic Mathematics I, unit 4 (B.Com. (Hons.), Delhi, 1994).

    Printed, from an inverse with rounded figures, are 106,493.24 and 109,994.77; the service departments' equations
    hold to the rupee with 40,000, 30,000 and 80,000.
    """
    weights = {
        "S1": {"P1": 40, "P2": 20, "S2": 15, "S3": 25},
        "S2": {"P1": 35, "P2": 40, "S1": 20, "S3": 5},
        "S3": {"P1": 25, "P2": 20, "S1": 35, "S2": 20},
    }
    costs = borne(weights, {"S1": 6_000, "S2": 8_000, "S3": 68_500}, {"P1": 60_000, "P2": 74_000}, "reciprocal")
    assert abs(costs["P1"] - Fraction("106493.24")) < 7
    assert abs(costs["P2"] - Fraction("109994.77")) < 6
    assert costs == {"P1": 60_000 + 16_000 + 10_500 + 20_000, "P2": 74_000 + 8_000 + 12_000 + 16_000}


@pytest.mark.parametrize(("method", "p1", "p2"), [("direct", 604_600, 711_200), ("step_down", 573_360, 742_440)])
def test_three_service_departments_that_close_in_order(method, p1, p2):
    """expertsmind.com, "Example of methods of allocating service costs": shillings after allocation."""
    weights = {
        "S1": {"S2": 1_000, "S3": 2_000, "P1": 4_000, "P2": 3_000},
        "S2": {"S1": 2_000, "S3": 4_000, "P1": 10_000, "P2": 4_000},
        "S3": {"S1": 4_500, "P1": 1_500, "P2": 9_000},
    }
    costs = {"S1": 92_400, "S2": 184_800, "S3": 138_600}
    assert borne(weights, costs, {"P1": 400_000, "P2": 500_000}, method, ["S1", "S2", "S3"]) == {"P1": p1, "P2": p2}


def test_a_closed_department_never_receives():
    shares = final_shares(CASTLEFORD, method="step_down", order=["systems", "maintenance"])
    assert shares["maintenance"] == {"machining": Fraction(24, 64), "assembly": Fraction(40, 64)}


def test_the_last_to_close_keeps_what_arrives_where_nobody_else_is_served():
    shares = final_shares({"a": {"b": 1}, "b": {"a": 1}}, method="step_down", order=["a", "b"])
    assert shares == {"a": {"b": 1}, "b": {"b": 1}}


@pytest.mark.parametrize("method", METHODS)
def test_a_loop_without_outlet_bears_its_own(method):
    """Two departments that serve only each other: nothing can leave them, and what others give them stays there."""
    loop = {"a": {"b": 1}, "b": {"a": 1}, "c": {"a": 1, "shop": 1}, "d": {"c": 1, "b": 1}}
    shares = final_shares(loop, method=method, order=["d", "c", "a", "b"])
    assert all(sum(to.values()) == 1 for to in shares.values())
    if method == "reciprocal":
        half, quarter = Fraction(1, 2), Fraction(1, 4)
        assert shares == {
            "a": {"a": 1},
            "b": {"b": 1},
            "c": {"a": half, "shop": half},
            "d": {"a": quarter, "b": half, "shop": quarter},
        }
        assert set(loop) & set(share_matrix(loop, method=method).bearer_ids) == {"a", "b"}


USUAL = st.integers(0, 9)
WILD = st.sampled_from([0, 0, 1, 7, 10**6, 10**12, 3 * 10**15])


@st.composite
def companies(draw, weight=USUAL, least=1):
    """Givers that may serve themselves and one another, each with an outlet unless the least weight of it is 0."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    units = [f"g{i}" for i in range(n)] + [f"u{i}" for i in range(m)]
    return {f"g{i}": {u: draw(weight) for u in units} | {"u0": draw(st.integers(least, 9))} for i in range(n)}


@settings(deadline=None, max_examples=60)
@given(companies(), st.integers(0, 40))
def test_reciprocal_is_the_limit_of_endless_rounds(weights, rounds):
    """After any number of rounds a bearer lacks at most what givers still hold, and all together lack all of it.

    What they hold shrinks in each round by at least the smallest share that any giver gives to outsiders at once.
    """
    shares = final_shares(weights, method="reciprocal")
    out = min(
        Fraction(sum(w for unit, w in to.items() if unit not in weights), sum(to.values())) for to in weights.values()
    )
    for start in weights:
        carried, got = {start: Fraction(1)}, {}
        for _ in range(rounds):
            passed = {}
            for giver, amount in carried.items():
                for unit, weight in weights[giver].items():
                    to = passed if unit in weights else got
                    to[unit] = to.get(unit, 0) + amount * Fraction(weight, sum(weights[giver].values()))
            carried = passed
        left = sum(carried.values())
        assert left <= (1 - out) ** rounds
        lacking = {unit: share - got.get(unit, 0) for unit, share in shares[start].items()}
        assert all(0 <= lack <= left for lack in lacking.values())
        assert sum(lacking.values()) == left


@settings(deadline=None, max_examples=60)
@given(companies(least=0), st.randoms(use_true_random=False))
def test_a_pool_carried_down_the_steps_ends_with_its_bearers(weights, random):
    """An independent computation of step-down: one whole pool, passed on by each giver as it closes, or kept."""
    order = random.sample(sorted(weights), len(weights))
    shares = final_shares(weights, method="step_down", order=order)
    for start in weights:
        carried = {start: Fraction(1)}
        for place, giver in enumerate(order):
            amount = carried.pop(giver, 0)
            open_to = {unit: w for unit, w in weights[giver].items() if w and unit not in order[: place + 1]}
            open_to = open_to or {giver: 1}
            for unit, weight in open_to.items() if amount else ():
                carried[unit] = carried.get(unit, 0) + amount * Fraction(weight, sum(open_to.values()))
        assert carried == shares[start]


@settings(deadline=None, max_examples=60)
@given(companies(least=0), st.sampled_from(list(METHODS)), st.randoms(use_true_random=False))
def test_shares_total_one_and_order_or_names_of_units_change_nothing(weights, method, random):
    order = sorted(weights)
    units = sorted({*weights, *(unit for to in weights.values() for unit in to)})
    name = dict(zip(units, random.sample([f"x{i:02}" for i in range(len(units))], len(units)), strict=True))
    mixed = {giver: dict(random.sample(sorted(weights[giver].items()), len(weights[giver]))) for giver in order[::-1]}
    named = {name[giver]: {name[unit]: w for unit, w in to.items()} for giver, to in weights.items()}
    shares = final_shares(weights, method=method, order=order)
    assert final_shares(mixed, method=method, order=order) == shares
    again = final_shares(named, method=method, order=[name[giver] for giver in order])
    for giver, to in shares.items():
        assert sum(to.values()) == 1
        assert min(to.values()) > 0
        assert again[name[giver]] == {name[unit]: share for unit, share in to.items()}


@settings(deadline=None, max_examples=100)
@given(companies(WILD))
def test_shares_solve_the_equations_however_closely_givers_are_tied(weights):
    """F = R + Q F in fractions, where givers keep all but 1 in 10^15 among themselves: nothing is rounded."""
    shares = final_shares(weights, method="reciprocal")
    for giver, to in weights.items():
        given_away = {unit: weight for unit, weight in to.items() if unit != giver}
        arriving = {}
        for unit, weight in given_away.items():
            for bearer, share in shares.get(unit, {unit: 1}).items():
                arriving[bearer] = arriving.get(bearer, 0) + Fraction(weight, sum(given_away.values())) * share
        assert {bearer: share for bearer, share in arriving.items() if share} == shares[giver]


@settings(deadline=None, max_examples=60)
@given(companies(least=0), st.sampled_from(list(METHODS)), st.data())
def test_every_fen_and_minute_of_a_pool_is_borne_and_none_is_a_whole_one_off(weights, method, data):
    matrix = share_matrix(weights, method=method, order=sorted(weights))
    shares = final_shares(weights, method=method, order=sorted(weights))
    pools = data.draw(st.fixed_dictionaries({giver: st.integers(-(10**12), 10**12) for giver in weights}))
    parts = matrix.split(pools)
    assert dict(zip(matrix.giver_ids, parts.sum(axis=1).tolist(), strict=True)) == pools
    for giver, row in zip(matrix.giver_ids, parts.tolist(), strict=True):
        for unit, part in zip(matrix.bearer_ids, row, strict=True):
            assert abs(part - pools[giver] * shares[giver].get(unit, 0)) < 1


@settings(deadline=None, max_examples=60)
@given(companies(st.one_of(USUAL, WILD, st.integers(2**53, 2**58)), least=0), st.sampled_from(list(METHODS)))
def test_rates_are_the_nearest_numbers_to_the_shares_and_weights_their_proportions(weights, method):
    matrix = share_matrix(weights, method=method, order=sorted(weights))
    units = [*sorted(weights), *matrix.bearer_ids, "nobody"]
    for giver, share in final_shares(weights, method=method, order=sorted(weights)).items():
        of_bearers = matrix.rates()[matrix.giver_ids.index(giver)].tolist()
        assert of_bearers == [float(share.get(unit, 0)) for unit in matrix.bearer_ids]
        borne = matrix.of(giver, units)
        assert [Fraction(weight, sum(matrix.of(giver, matrix.bearer_ids))) for weight in borne] == [
            share.get(unit, 0) for unit in units
        ]


@settings(deadline=None, max_examples=40)
@given(companies(least=0), companies(least=0), st.sampled_from(list(METHODS)))
def test_companies_that_have_nothing_in_common_do_not_touch_each_other(one, other, method):
    other = {f"o{giver}": {f"o{unit}": w for unit, w in to.items()} for giver, to in other.items()}
    alone = [final_shares(each, method=method, order=sorted(each)) for each in (one, other)]
    assert final_shares(one | other, method=method, order=sorted(one | other)) == alone[0] | alone[1]


def test_many_givers_solve_the_equations():
    """60 departments that serve one another at random, against numpy's solution of F = R + Q F."""
    rng = np.random.default_rng(7)
    values = rng.integers(0, 1000, (60, 100)) * (rng.random((60, 100)) < 0.3)
    values[:, 60] += 1
    np.fill_diagonal(values, 0)
    ids = [f"g{i:02}" for i in range(60)] + [f"u{i:02}" for i in range(40)]
    matrix = share_matrix(
        {ids[i]: dict(zip(ids, row, strict=True)) for i, row in enumerate(values)}, method="reciprocal"
    )
    portions = values / values.sum(axis=1, keepdims=True)
    solved = np.linalg.solve(np.eye(60) - portions[:, :60], portions[:, 60:])
    assert (matrix.giver_ids, matrix.bearer_ids) == (ids[:60], ids[60:])
    np.testing.assert_allclose(matrix.rates(), solved, atol=1e-13)


def chain(length):
    """Each gives half to the next and half to the east or west shop in turn, so that 2/3 arrive at its own shop."""
    names = [f"g{i:04}" for i in range(length)]
    return {
        name: {after: 1, "EW"[i % 2]: 1} for i, (name, after) in enumerate(zip(names, [*names[1:], "E"], strict=True))
    }


@pytest.mark.parametrize("method", ["step_down", "reciprocal"])
def test_a_chain_of_as_many_as_may_pass_on(method):
    weights = chain(MOST_PASSING + 1)
    shares = final_shares(weights, method=method, order=sorted(weights))
    assert shares["g0100"] == {"E": 1}
    assert shares["g0099"] == {"E": Fraction(1, 2), "W": Fraction(1, 2)}
    assert float(shares["g0000"]["E"]) == pytest.approx(2 / 3, abs=1e-14)
    assert float(shares["g0001"]["W"]) == pytest.approx(2 / 3, abs=1e-14)


@pytest.mark.parametrize("method", ["step_down", "reciprocal"])
def test_more_givers_than_can_be_exact_are_refused_with_the_limit(method):
    weights = chain(MOST_PASSING + 2)
    with pytest.raises(DataError, match=r"101 givers give to other givers; .* up to 100"):
        share_matrix(weights, method=method, order=sorted(weights))
    assert len(share_matrix(weights, method="direct").giver_ids) == 102


def test_givers_that_serve_bearers_only_are_never_too_many():
    """Office and computer room serve each other and a thousand workshops, which serve their machine and the yard.

    Half of what the office has goes to the computer room, a quarter of that comes back: 8/7 of a pool pass through the
    office, 4/7 through the computer room.
    """
    shops = [f"shop {i:03}" for i in range(1000)]
    weights = {shop: {f"machine of {shop}": 2, "yard": 1} for shop in shops}
    weights["office"] = {"computers": 1000} | dict.fromkeys(shops, 1)
    weights["computers"] = {"office": 1} | dict.fromkeys(shops[:3], 1)
    shares = final_shares(weights, method="reciprocal")
    by_office, by_computers = Fraction(8, 7) / 2000, Fraction(4, 7) / 4
    assert shares["office"]["machine of shop 999"] == Fraction(2, 3) * by_office
    assert shares["office"]["machine of shop 000"] == Fraction(2, 3) * (by_office + by_computers)
    assert shares["office"]["yard"] == Fraction(1, 3)
    assert shares["shop 000"] == {"machine of shop 000": Fraction(2, 3), "yard": Fraction(1, 3)}


@pytest.mark.parametrize("method", METHODS)
def test_bearers_served_alike_by_many_givers_share_alike(method):
    """Where all givers serve the bearers 1 : 2 : 4, so do their final shares, whatever passes among givers."""
    rng = np.random.default_rng(11)
    names = [f"g{i:02}" for i in range(40)]
    shops = {"a": 1, "b": 2, "c": 4}
    weights = {name: dict(zip(names, rng.integers(0, 50, 40).tolist(), strict=True)) | shops for name in names}
    matrix = share_matrix(weights, method=method, order=names)
    assert matrix.split(dict.fromkeys(names, 700)).tolist() == [[100, 200, 400]] * 40
