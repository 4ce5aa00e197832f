"""What the unit-hour sheet has to say, and when it keeps silent."""

import pytest
from tables import table

from bizlab import amoeba
from bizlab.amoeba.trade.findings import proposal_findings, tolerated_findings
from bizlab.amoeba.trade.matching import TRADE_STATUSES
from bizlab.amoeba.trade.pairing import Tolerance
from bizlab.amoeba.trade.proposals import PROPOSALS

MOVED = """
| unit_id | depth | value_added_fen | value_added_change_fen | total_minutes | value_per_hour | previous_per_hour | change_per_hour | is_leaf |
| Y       | 0     | 900             | -100                   | 60            | 900            | 1000              | -100            | false   |
| a       | 1     | 1000            | 100                    | 60            | 1000           | 900               | 100             | true    |
| b       | 1     | -100            | -200                   | 60            | -100           | 100               | -200            | true    |
| new     | 1     | 0               |                        | 0             |                |                   |                 | true    |
"""  # noqa: E501
RULES = """
| month   | rule_id | from_unit_id | pool    | scope      | driver | basis | n_receivers | n_zero | n_closed | expense_fen | minutes | outcome   |
| 2026-10 | R1      | A            | expense | department | area   | given | 3           | 1      | 0        | 100         | 0       | allocated |
| 2026-10 | R2      | B            | expense | department | area   | given | 2           | 2      | 0        | 0           | 0       | no_driver |
| 2026-10 | R3      | C            | hours   | department | area   |       | 0           | 0      | 0        | 0           | 0       | no_values |
| 2026-10 | R4      | D            | hours   | department | area   | given | 1           | 0      | 1        | 0           | 60      | allocated |
| 2026-10 | R5      | E            | hours   | department | area   | given | 2           | 2      | 0        | 0           | 0       | nothing   |
"""  # noqa: E501


def moved(text=MOVED):
    return table(text, amoeba.MOVEMENT)


def test_the_company_the_largest_moves_the_extremes_and_the_losses():
    told = {one.key: one for one in amoeba.company_findings(moved(), root="Y", materiality_rate=0.1)}
    assert list(told) == ["moved-Y", "moved-b", "moved-a", "extremes", "loss-b"]
    assert [told[key].material for key in ("moved-Y", "moved-b", "moved-a")] == [False, True, True]
    assert (told["moved-Y"].direction, told["moved-a"].direction) == ("bad", "good")
    assert told["extremes"].refs["best"].row == ("a",)
    assert told["extremes"].refs["worst_rate"].row == ("b",)


def test_a_first_month_has_no_change_to_tell():
    first = moved().assign(value_added_change_fen=None, previous_per_hour=None, change_per_hour=None)
    told = amoeba.company_findings(amoeba.MOVEMENT.conform(first), root="Y", materiality_rate=0.1)
    assert [one.key for one in told] == ["extremes", "loss-b"]


def test_rules_that_passed_over_someone_or_gave_nothing():
    told = amoeba.rule_findings(table(RULES, amoeba.RULE_RESULTS))
    assert [(one.key, one.material) for one in told] == [
        ("driver-R1", False),
        ("unallocated-R2", True),
        ("unallocated-R3", True),
        ("closed-R4", False),
    ]


@pytest.mark.parametrize(("person_days", "n"), [(4, 0), (5, 1)])
def test_a_few_missing_person_days_are_listed_but_no_finding(person_days, n):
    missing = table(
        f"""
        | unit_id | n_days | first_on   | last_on    | person_days   |
        | t       | 1      | 2026-10-08 | 2026-10-08 | {person_days} |
        """,
        amoeba.MISSING_HOURS,
    )
    assert len(amoeba.record_findings(missing)) == n


def test_trades_weigh_what_they_differ_by_whatever_the_sign():
    different = table(
        """
        | trade_id | status      | seller_id | buyer_id | sold_fen | bought_fen | difference_fen |
        | T1       | buyer_only  | M         | A        | 0        | 500        | -500           |
        | T2       | seller_only | M         | A        | 30       | 0          | 30             |
        """,
        amoeba.MATCHING,
    )
    told = amoeba.trade_findings(different, table="off")
    assert [(one.key, one.weight, one.material, one.direction) for one in told] == [
        ("trade-T1", 500.0, True, "bad"),
        ("trade-T2", 30.0, True, "bad"),
    ]
    assert told[0].refs["amount"].path == "off[T1].difference_fen"


def test_what_lies_within_the_tolerance_is_told_in_one_sentence_that_is_not_material():
    different = table(
        """
        | trade_id | status           | seller_id | buyer_id | sold_fen | bought_fen | difference_fen |
        | T1       | within_tolerance | M         | A        | 500      | 501        | -1             |
        | T2       | within_tolerance | M         | A        | 500      | 501        | -1             |
        | T3       | amount_differs   | M         | A        | 500      | 505        | -5             |
        """,
        amoeba.MATCHING,
    )
    assert [one.key for one in amoeba.trade_findings(different)] == ["trade-T3"]
    statuses = table(
        """
        | status           | n_trades | sold_fen | bought_fen | difference_fen |
        | matched          | 9        | 900      | 900        | 0              |
        | within_tolerance | 2        | 1000     | 1002       | -2             |
        | amount_differs   | 1        | 500      | 505        | -5             |
        """,
        TRADE_STATUSES,
    )
    (told,) = tolerated_findings(statuses, Tolerance(days=2, fen=305))
    assert (told.key, told.material, told.weight) == ("trades-within_tolerance", False, 2.0)
    assert told.basis.en.startswith("Tolerance: 2 days and 3.05 yuan.")


def test_a_proposal_is_told_once_and_says_whether_there_are_other_ways():
    proposals = table(
        """
        | proposal_no | kind       | side   | trade_id | seller_id | buyer_id | product_id | traded_on  | quantity | amount_fen | days_after | n_parts | n_others |
        | 1           | merged     | buyer  | B1       | M         | A        | P          | 2026-10-08 | 9        | 900        | 0          | 2       | 0        |
        | 1           | merged     | seller | S1       | M         | A        | P          | 2026-10-08 | 4        | 400        | 0          | 2       | 0        |
        | 1           | merged     | seller | S2       | M         | A        | P          | 2026-10-08 | 5        | 500        | 0          | 2       | 0        |
        | 2           | renumbered | seller | S3       | M         | A        | P          | 2026-10-08 | -1       | -100       | 0          | 1       | 3        |
        | 2           | renumbered | buyer  | B3       | M         | A        | P          | 2026-10-08 | -1       | -100       | 0          | 1       | 3        |
        """,  # noqa: E501
        PROPOSALS,
    )
    merged, renumbered = proposal_findings(proposals)
    assert (merged.key, merged.weight, merged.material) == ("proposal-buyer-B1", 900.0, False)
    assert {name: ref.path for name, ref in merged.refs.items()} == {
        "single": "proposals[1,buyer,B1].trade_id",
        "amount": "proposals[1,buyer,B1].amount_fen",
        "n": "proposals[1,buyer,B1].n_parts",
    }
    assert (renumbered.refs["other"].path, renumbered.weight) == ("proposals[2,buyer,B3].trade_id", 100.0)
    assert renumbered.refs["others"].column == "n_others"


def test_a_sale_without_an_agreed_price_is_listed_but_deviates_from_nothing():
    prices = table(
        """
        | trade_id | seller_id | buyer_id | product_id | traded_on  | quantity | booked_fen | agreed_fen | deviation_fen | deviation_rate |
        | T1       | M         | A        | P          | 2026-10-08 | 1        | 900        | 1000       | -100          | -0.1           |
        | T2       | M         | A        | Q          | 2026-10-08 | 1        | 900        |            |               |                |
        """,  # noqa: E501
        amoeba.PRICE_DEVIATIONS,
    )
    (one,) = amoeba.price_findings(prices)
    assert (one.key, one.weight) == ("price-T1", 100.0)
