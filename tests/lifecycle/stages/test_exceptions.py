"""Where sellers and facts disagree."""

from datetime import date

from bizlab import lifecycle

AS_OF = date(2026, 10, 31)


def test_each_kind_of_disagreement_is_listed_once(records, stages):
    books = records(
        stage_events="""
        | event_id | customer_id | stage     | entered_on |
        | 1        | C1          | converted | 2026-03-01 |
        | 2        | C2          | converted | 2026-03-01 |
        | 3        | C4          | converted | 2026-03-10 |
        | 4        | C5          | klingon   | 2026-03-10 |
        """,
        orders="""
        | order_id | customer_id | ordered_on | amount_fen |
        | O1       | C1          | 2026-06-01 | 100        |
        | O3       | C3          | 2026-03-01 | 100        |
        | O4       | C4          | 2026-03-01 | 100        |
        """,
    )
    listed = lifecycle.exceptions(books, stages=stages, as_of=AS_OF)
    of_sale = listed[listed["stage"].isin(["converted", "klingon"])].set_index("customer_id")["kind"].to_dict()
    assert of_sale == {
        "C1": "dates_differ",
        "C2": "typed_without_fact",
        "C3": "fact_without_typed",
        "C5": "unknown_stage",
    }
    counts = lifecycle.exception_counts(listed)
    assert all(check.passed for check in lifecycle.exception_checks(listed, counts))
