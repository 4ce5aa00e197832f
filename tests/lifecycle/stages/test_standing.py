"""Where companies stand now, and who has stood there for too long."""

from datetime import date

from bizlab import lifecycle

AS_OF = date(2026, 10, 31)
EVENTS = """
| event_id | customer_id | stage     | entered_on |
| 1        | C1          | lead      | 2026-07-01 |
| 2        | C2          | lead      | 2026-10-01 |
| 3        | C3          | nurturing | 2026-05-01 |
| 4        | C4          | lost      | 2025-01-01 |
"""


def test_stuck_is_who_stood_longer_than_the_limit_and_not_who_may_stay(records, stages):
    """C1 has waited 122 days and C3 183; C2 is young, and the lost are nobody's wait."""
    books = records(stage_events=EVENTS)
    journeys = lifecycle.entries(books, stages=stages, as_of=AS_OF)
    late = lifecycle.stuck(journeys, books.orders, stages=stages, as_of=AS_OF, stuck_days=90)
    assert late.set_index("customer_id")["waited_days"].to_dict() == {"C3": 183, "C1": 122}
    now = lifecycle.standing(journeys, stages=stages, as_of=AS_OF, stuck_days=90).set_index("stage")
    assert now.loc["lead", ["n_companies", "n_stuck"]].tolist() == [2, 1]
    assert now.loc["lost", ["n_companies", "n_stuck"]].tolist() == [1, 0]
    assert int(now[now["is_total"]]["n_companies"].iloc[0]) == 4


def test_the_limit_itself_is_not_yet_too_long(records, stages):
    books = records(stage_events=EVENTS)
    journeys = lifecycle.entries(books, stages=stages, as_of=AS_OF)
    for limit, n in ((121, 2), (122, 1)):
        assert len(lifecycle.stuck(journeys, books.orders, stages=stages, as_of=AS_OF, stuck_days=limit)) == n


def test_the_first_stage_with_the_most_stuck_is_named_beside_all_of_them(records, stages):
    """One of the two leads and the one in nurturing are stuck: half of the leads is more than 40 %, not than 50 %."""
    books = records(stage_events=EVENTS)
    journeys = lifecycle.entries(books, stages=stages, as_of=AS_OF)
    now = lifecycle.standing(journeys, stages=stages, as_of=AS_OF, stuck_days=90)
    late = lifecycle.stuck(journeys, books.orders, stages=stages, as_of=AS_OF, stuck_days=90)
    (finding,) = lifecycle.stuck_findings(now, late, materiality_rate=0.4, order_fen=100)
    assert finding.refs["n_stuck"].path == "standing[lead].n_stuck"
    assert finding.refs["n_stuck_in_all"].path == "standing[all].n_stuck"
    assert (finding.direction, finding.material, finding.weight) == ("bad", True, 200.0)
    assert not lifecycle.stuck_findings(now, late, materiality_rate=0.5, order_fen=100)[0].material
    assert lifecycle.stuck_findings(now, late.iloc[:0], materiality_rate=0.4, order_fen=100) == []
