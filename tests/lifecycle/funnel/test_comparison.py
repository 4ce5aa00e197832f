"""This month against last at the same age, and cohorts that are too young to say."""

from datetime import date

import pandas as pd
import pytest
from scipy.stats import fisher_exact

from bizlab import lifecycle
from bizlab.periods import Month
from bizlab.statistics.proportions import adjust

OCTOBER = Month(2026, 10)
NEVER = None


def companies(stages, *rows: tuple[str, str, str | None]) -> pd.DataFrame:
    """``(segment, lead on, converted on)``: whoever converts passes all stages between on the same day."""
    frame = pd.DataFrame(rows, columns=["segment", "lead", "converted"])
    lead, won = (pd.to_datetime(frame[name]).astype("datetime64[us]") for name in ("lead", "converted"))
    reached = {f"{stage.id}_on": lead if stages.number(stage.id) <= 2 else won for stage in stages.stages}
    number = won.notna().map({True: stages.number("converted"), False: stages.number("lead")})
    return pd.DataFrame({"segment": frame["segment"], "stage_no": number, **reached})


def test_only_companies_whose_time_ended_in_the_month_are_counted_and_only_what_came_in_time(stages):
    """Overall is within 180 days: day 180 after 4 April is 1 October, after 3 April 30 September."""
    given = companies(
        stages,
        ("swap", "2026-04-03", "2026-09-30"),
        ("swap", "2026-04-04", "2026-10-01"),
        ("swap", "2026-05-04", "2026-11-01"),
        ("swap", "2026-05-05", "2026-05-06"),
    )
    table = lifecycle.compare_months(given, stages=stages, month=OCTOBER, confidence=0.95)
    overall = table[table["is_total"]].set_index("step").loc["overall"]
    assert overall[["within_days", "n_now", "n_now_next", "n_before", "n_before_next"]].tolist() == [180, 2, 1, 1, 1]


def test_steps_without_a_time_are_not_compared(stages):
    table = lifecycle.compare_months(companies(stages), stages=stages, month=OCTOBER, confidence=0.95)
    assert table["step"].tolist() == ["traffic", "lead", "nurturing", "mql", "sql", "overall"]
    assert set(table["verdict"]) == {"untested"}
    assert set(table["now_rate_reason"]) == {"nobody_entered"}


def test_a_clear_drop_is_found_and_the_same_drop_in_few_companies_is_not(stages):
    before = [("swap", "2026-03-10", "2026-04-01")] * 30 + [("swap", "2026-03-10", NEVER)] * 10
    now = [("swap", "2026-04-10", "2026-05-01")] * 10 + [("swap", "2026-04-10", NEVER)] * 30
    few = [("paid", "2026-03-10", "2026-04-01")] * 3 + [("paid", "2026-04-10", NEVER)] * 3
    given = companies(stages, *before, *now, *few)
    table = lifecycle.compare_months(given, stages=stages, month=OCTOBER, confidence=0.95)
    overall = table[table["step"] == "overall"].set_index("segment")
    assert overall["verdict"].to_dict() == {"all": "lower", "paid": "unclear", "swap": "lower"}
    assert overall.loc["paid", "p_value"] == pytest.approx(fisher_exact([[0, 3], [3, 0]]).pvalue)
    family = [p for p in table["p_value"] if p == p]
    adjusted = [p for p in table["p_adjusted"] if p == p]
    assert adjusted == pytest.approx(adjust(family))
    findings = lifecycle.month_findings(table, order_fen=100)
    assert {finding.key for finding in findings} == {"month.all.overall", "month.swap.overall"}
    assert {finding.direction for finding in findings} == {"bad"}


def test_last_months_better_chance_of_time_makes_no_difference(stages):
    """A company converts on day 100 wherever it came in; the younger month is not seen as worse."""
    days = pd.date_range("2026-02-15", "2026-05-04")
    rows = [("swap", str(day.date()), str((day + pd.Timedelta(days=100)).date())) for day in days]
    table = lifecycle.compare_months(companies(stages, *rows), stages=stages, month=OCTOBER, confidence=0.95)
    overall = table[table["is_total"]].set_index("step").loc["overall"]
    assert overall["now_rate"] == overall["before_rate"] == 1
    assert overall["verdict"] == "unclear"


def test_a_cohort_says_nothing_before_its_youngest_company_had_its_time(stages, unchanged):
    """31 October is day 184 after the end of April and day 153 after the end of May; the time is 180 days."""
    given = companies(
        stages,
        ("swap", "2026-04-30", "2026-05-10"),
        ("swap", "2026-04-01", NEVER),
        ("swap", "2026-05-31", "2026-06-01"),
        ("swap", "2026-07-01", NEVER),
    )
    with unchanged(given):
        table = lifecycle.cohorts(
            given, stages=stages, first=Month(2026, 4), last=Month(2026, 6), as_of=date(2026, 10, 31), confidence=0.95
        )
    lifecycle.COHORTS.verify(table)
    april, may, june = (table.iloc[n] for n in range(3))
    assert (april["n_leads"], april["status"], april["within_rate"]) == (2, "observed", 0.5)
    assert (may["ever_rate"], may["status"], may["within_rate_reason"]) == (1, "still_open", "still_open")
    assert pd.isna(may["within_rate"])
    assert (june["n_leads"], june["ever_rate_reason"]) == (0, "nobody_entered")


def test_conversion_after_the_set_days_counts_so_far_but_not_in_time(stages):
    given = companies(stages, ("swap", "2025-01-10", "2026-01-10"))
    table = lifecycle.cohorts(
        given, stages=stages, first=Month(2025, 1), last=Month(2025, 1), as_of=date(2026, 10, 31), confidence=0.95
    )
    assert table[["ever_rate", "within_rate"]].iloc[0].tolist() == [1, 0]
