"""The funnel of a cohort against a count by hand, and the planted channels found in the sample."""

from datetime import date
from pathlib import Path

import pytest
from statsmodels.stats.proportion import proportion_confint

from bizlab import lifecycle
from bizlab.data import warehouse
from bizlab.periods import Month

ROOT = Path(__file__).parents[3]
LAST = date(2026, 10, 31)


@pytest.fixture(scope="module")
def books():
    store = warehouse.open_project(ROOT)
    return {name: store.load(name, as_of=LAST) for name in (*lifecycle.Records._fields, "channels")}


@pytest.fixture(scope="module")
def members(books, stages):
    records = lifecycle.Records(*(books[name] for name in lifecycle.Records._fields))
    journeys = lifecycle.entries(records, stages=stages, as_of=LAST)
    companies = lifecycle.milestones(journeys, stages=stages)
    companies = lifecycle.with_segment(companies, books["customers"], books["channels"], by="channel")
    return lifecycle.cohort(companies, stages=stages, first=Month(2025, 11), last=Month(2026, 10))


def test_conversion_counted_by_hand_from_events_and_orders(books, members, stages):
    """A lead of the twelve months is one whose first entry at lead or beyond is in them; won is the first order."""
    order = {stage.id: n for n, stage in enumerate(stages.stages)}
    reached = {}
    for row in books["stage_events"].itertuples():
        if 1 <= order.get(row.stage, 0) < order["converted"]:
            reached[row.customer_id] = min(row.entered_on, reached.get(row.customer_id, row.entered_on))
    hardware = books["orders"][books["orders"]["product_line"].isin(["sensor", "gateway"])]
    won = hardware.groupby("customer_id")["ordered_on"].min()
    first = {
        company: min(day for day in (reached.get(company), won.get(company)) if day is not None)
        for company in {*reached, *won.index}
    }
    cohort = {company for company, day in first.items() if date(2025, 11, 1) <= day.date() <= LAST}
    overall = lifecycle.conversion(members, stages=stages, confidence=0.95)
    total = overall[overall["is_total"]].iloc[0]
    assert total["n_leads"] == len(cohort)
    assert total["n_won"] == len(cohort & set(won.index))


def test_intervals_are_wilson_s_and_the_planted_channels_stand_out(members, stages):
    overall = lifecycle.conversion(members, stages=stages, confidence=0.95).set_index("segment")
    for row in overall.itertuples():
        low, high = proportion_confint(row.n_won, row.n_leads, 0.05, method="wilson")
        assert (row.lower_rate, row.upper_rate) == (pytest.approx(low), pytest.approx(high))
    assert overall.loc["swap", "verdict"] == "higher"
    assert overall.loc["paid", "verdict"] == "lower"
    assert overall.loc["swap", "lower_rate"] > overall.loc["paid", "upper_rate"]


def test_segments_add_up_and_a_lost_one_is_noticed(members, stages):
    steps = lifecycle.funnel(members, stages=stages, confidence=0.95)
    overall = lifecycle.conversion(members, stages=stages, confidence=0.95)
    assert all(check.passed for check in lifecycle.funnel_checks(steps, overall, stages=stages))
    fewer = steps[steps["segment"] != "swap"]
    assert not all(check.passed for check in lifecycle.funnel_checks(fewer, overall, stages=stages))


def test_fewer_reach_each_further_stage(members, stages):
    steps = lifecycle.funnel(members, stages=stages, confidence=0.95)
    for _, rows in steps.groupby("segment"):
        assert rows["n_entered"].is_monotonic_decreasing
        assert (rows["n_next"] + rows["n_left"] + rows["n_open"] == rows["n_entered"]).iloc[:-1].all()


def test_every_sentence_has_its_figures(books, members, stages):
    from bizlab.report.sentences import Figures, statements
    from bizlab.report.view import shown_table

    records = lifecycle.Records(*(books[name] for name in lifecycle.Records._fields))
    journeys = lifecycle.entries(records, stages=stages, as_of=LAST)
    steps = lifecycle.funnel(members, stages=stages, confidence=0.95)
    overall = lifecycle.conversion(members, stages=stages, confidence=0.95)
    compared = lifecycle.compare_months(members, stages=stages, month=Month(2026, 10), confidence=0.95)
    now = lifecycle.standing(journeys, stages=stages, as_of=LAST, stuck_days=90)
    late = lifecycle.stuck(journeys, records.orders, stages=stages, as_of=LAST, stuck_days=90)
    listed = lifecycle.exceptions(records, stages=stages, as_of=LAST)
    counts = lifecycle.exception_counts(listed)
    shown = [
        shown_table(steps[steps["is_total"]], lifecycle.FUNNEL, key="funnel"),
        shown_table(steps[~steps["is_total"]], lifecycle.FUNNEL, key="funnel_segments"),
        shown_table(overall, lifecycle.CONVERSION, key="conversion"),
        shown_table(compared, lifecycle.FUNNEL_COMPARISON, key="comparison"),
        shown_table(now, lifecycle.STANDING, key="standing"),
        shown_table(counts, lifecycle.EXCEPTION_COUNTS, key="exception_counts"),
    ]
    order = lifecycle.typical_order_fen(records.orders, as_of=LAST)
    findings = lifecycle.leak_findings(steps, stages=stages, materiality_rate=0.05, order_fen=order)
    findings += lifecycle.conversion_findings(overall, order_fen=order)
    findings += lifecycle.month_findings(compared, order_fen=order)
    findings += lifecycle.stuck_findings(now, late, materiality_rate=0.05, order_fen=order)
    findings += lifecycle.exception_findings(counts)
    assert len(statements(findings, Figures(shown))) == len({finding.key for finding in findings}) >= 5
    assert len(late) == int(now[now["is_total"]]["n_stuck"].iloc[0])
    assert all(check.passed for check in lifecycle.standing_checks(now, late))
    assert all(check.passed for check in lifecycle.exception_checks(listed, counts))
