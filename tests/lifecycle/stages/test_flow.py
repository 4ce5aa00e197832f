"""Stock and flow: every company in one stage on any day, and nothing comes or goes unseen."""

from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from bizlab import lifecycle
from bizlab.periods import Month

OCTOBER = Month(2026, 10)
EVENTS = """
| event_id | customer_id | stage     | entered_on |
| 1        | C1          | lead      | 2026-09-01 |
| 2        | C1          | nurturing | 2026-10-05 |
| 3        | C2          | lead      | 2026-10-02 |
| 4        | C2          | mql       | 2026-10-20 |
| 5        | C3          | sql       | 2026-09-10 |
| 6        | C3          | nurturing | 2026-10-10 |
| 7        | C4          | lead      | 2026-09-15 |
| 8        | C4          | lost      | 2026-10-31 |
| 9        | C5          | lead      | 2026-11-01 |
"""
STAGES = ("traffic", "lead", "nurturing", "mql", "sql", "lost")


def test_the_worked_statement_of_october(records, stages):
    """C1 goes on, C2 comes in and skips, C3 falls back, C4 is lost on the last day, C5 is of November."""
    books = records(stage_events=EVENTS)
    journeys = lifecycle.entries(books, stages=stages, as_of=OCTOBER.last)
    statement = lifecycle.stock(journeys, stages=stages, first=OCTOBER, last=OCTOBER).set_index("stage")
    counts = statement[["n_opening", "n_entered", "n_left", "n_closing"]]
    assert counts.loc["lead"].tolist() == [2, 1, 3, 0]
    assert counts.loc["nurturing"].tolist() == [0, 2, 0, 2]
    assert counts.loc["mql"].tolist() == [0, 1, 0, 1]
    assert counts.loc["sql"].tolist() == [1, 0, 1, 0]
    assert counts.loc["lost"].tolist() == [0, 1, 0, 1]
    moves = lifecycle.flows(journeys, stages=stages, month=OCTOBER).set_index(["from_stage", "to_stage"])
    assert moves.loc[("lead", "mql"), "move"] == "skip"
    assert moves.loc[("sql", "nurturing"), "move"] == "regression"
    n_known = lifecycle.companies_known(books, as_of=OCTOBER.last)
    assert n_known == 4
    checks = lifecycle.stock_checks(statement.reset_index(), moves.reset_index(), month=OCTOBER, n_known=n_known)
    assert all(check.passed for check in [*checks, *lifecycle.STAGE_STOCK.verify(statement.reset_index())])


def test_a_check_fails_when_a_company_is_lost_on_the_way(records, stages):
    journeys = lifecycle.entries(records(stage_events=EVENTS), stages=stages, as_of=OCTOBER.last)
    statement = lifecycle.stock(journeys, stages=stages, first=OCTOBER, last=OCTOBER)
    moves = lifecycle.flows(journeys, stages=stages, month=OCTOBER)
    checks = lifecycle.stock_checks(statement, moves, month=OCTOBER, n_known=5)
    assert [check.difference for check in checks if not check.passed] == [-1]


EVENT = st.tuples(st.integers(1, 5), st.sampled_from(STAGES), st.dates(date(2026, 8, 1), date(2026, 11, 30)))


@given(events=st.lists(EVENT, min_size=1, max_size=25))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_history_closes_month_after_month(events, records, stages):
    lines = [f"| {n} | C{company} | {stage} | {day} |" for n, (company, stage, day) in enumerate(events)]
    books = records(stage_events="\n".join(["| event_id | customer_id | stage | entered_on |", *lines]))
    last = Month(2026, 11)
    journeys = lifecycle.entries(books, stages=stages, as_of=last.last)
    statement = lifecycle.stock(journeys, stages=stages, first=Month(2026, 8), last=last)
    assert all(check.passed for check in lifecycle.STAGE_STOCK.verify(statement))
    closing = statement.groupby("month")["n_closing"].sum()
    for month, n in closing.items():
        assert n == len({company for company, _, day in events if day <= Month.parse(month).last})
    following = statement.pivot_table(index="stage", columns="month", values=["n_opening", "n_closing"])
    for month in (Month(2026, n) for n in (9, 10, 11)):
        opened, closed = following["n_opening"][str(month)], following["n_closing"][str(month.previous)]
        pd.testing.assert_series_equal(opened, closed, check_names=False)
