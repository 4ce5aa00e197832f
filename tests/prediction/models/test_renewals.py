"""Renewal histories by hand, what must not change them, and the cohorts that are planted in the sample."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from tables import table

from bizlab.errors import DataError, SettingError
from bizlab.prediction.models.renewals import EXCEPTIONS, HISTORIES, renewal_exceptions, renewal_histories
from bizlab.prediction.models.shifted_beta import fit_shifted_beta
from bizlab.sample import generate
from bizlab.sample.planted import truths

PERIODS = """
| subscription_id | period_no | customer_id | starts_on  | ends_on    | signed_on  |
|-----------------|-----------|-------------|------------|------------|------------|
| SUB1            | 1         | 000101      | 2025-11-01 | 2026-01-31 | 2025-10-20 |
| SUB1            | 2         | 000101      | 2026-02-01 | 2026-04-30 | 2026-01-25 |
| SUB1            | 3         | 000101      | 2026-05-01 | 2026-07-31 | 2026-04-20 |
| SUB2            | 1         | 000102      | 2026-01-10 | 2026-04-09 | 2026-01-05 |
| SUB3            | 1         | 000103      | 2026-02-01 | 2026-04-30 | 2026-01-15 |
| SUB4            | 1         | 000104      | 2026-05-15 | 2026-08-14 | 2026-05-10 |
"""
MAY_9, MAY_10, MAY_31 = date(2026, 5, 9), date(2026, 5, 10), date(2026, 5, 31)


@pytest.fixture
def periods() -> pd.DataFrame:
    return table(PERIODS)


def shown(histories: pd.DataFrame) -> dict[str, tuple[int, int, bool]]:
    columns = ["n_renewed", "n_due", "is_ended"]
    return {row.subscription_id: tuple(row[1:]) for row in histories[["subscription_id", *columns]].itertuples(False)}


def test_histories_at_the_end_of_may(periods: pd.DataFrame) -> None:
    """SUB1 renewed on 2026-01-31 and 2026-04-30; SUB2's last day lies 52 days back, SUB3's 31, SUB4 runs."""
    histories = renewal_histories(periods, as_of=MAY_31, grace_days=30)
    assert shown(histories) == {
        "SUB1": (2, 2, False),
        "SUB2": (0, 1, True),
        "SUB3": (0, 1, True),
        "SUB4": (0, 0, False),
    }
    assert histories["cohort"].tolist() == ["2025-01", "2026-01", "2026-01", "2026-01"]
    assert histories["last_on"].dt.strftime("%m-%d").tolist() == ["07-31", "04-09", "04-30", "08-14"]
    HISTORIES.verify(histories)


def test_the_grace_lasts_to_its_last_day(periods: pd.DataFrame) -> None:
    """30 days after 2026-04-09 is 2026-05-09: still open on that day, ended on the next."""
    assert shown(renewal_histories(periods, as_of=MAY_9))["SUB2"] == (0, 0, False)
    assert shown(renewal_histories(periods, as_of=MAY_10))["SUB2"] == (0, 1, True)


def test_a_renewal_signed_early_is_due_no_sooner_than_a_failure(periods: pd.DataFrame) -> None:
    """On 2026-05-10 SUB1 and SUB3 stand before the same period end, 2026-04-30; neither may count yet."""
    result = shown(renewal_histories(periods, as_of=MAY_10))
    assert result["SUB1"] == (2, 1, False)
    assert result["SUB3"] == (0, 0, False)


def test_what_is_signed_later_is_not_read(periods: pd.DataFrame) -> None:
    histories = renewal_histories(periods, as_of=date(2026, 1, 25))
    assert shown(histories) == {"SUB1": (1, 0, False), "SUB2": (0, 0, False), "SUB3": (0, 0, False)}


def test_a_subscription_that_changes_hands_belongs_to_its_last_company(periods: pd.DataFrame) -> None:
    moved = periods.assign(customer_id=periods["customer_id"].mask(periods.index == 2, "000199"))
    assert renewal_histories(moved, as_of=MAY_31)["customer_id"].tolist()[0] == "000199"
    assert renewal_histories(moved, as_of=date(2026, 4, 19))["customer_id"].tolist()[0] == "000101"


ODD = """
| subscription_id | period_no | customer_id | starts_on  | ends_on    | signed_on  |
|-----------------|-----------|-------------|------------|------------|------------|
| GAP             | 1         | 000101      | 2026-01-01 | 2026-03-31 | 2025-12-20 |
| GAP             | 2         | 000101      | 2026-04-11 | 2026-07-10 | 2026-03-30 |
| LAPPED          | 1         | 000102      | 2026-01-01 | 2026-03-31 | 2025-12-20 |
| LAPPED          | 2         | 000102      | 2026-03-25 | 2026-06-24 | 2026-03-20 |
| LATE            | 1         | 000103      | 2026-01-01 | 2026-01-31 | 2025-12-20 |
| LATE            | 2         | 000103      | 2026-02-01 | 2026-07-31 | 2026-03-05 |
| NOFIRST         | 2         | 000104      | 2026-01-01 | 2026-03-31 | 2025-12-20 |
| SKIPPED         | 1         | 000105      | 2026-01-01 | 2026-03-31 | 2025-12-20 |
| SKIPPED         | 3         | 000105      | 2026-04-01 | 2026-06-30 | 2026-03-20 |
| TURNED          | 1         | 000106      | 2026-03-31 | 2026-01-01 | 2025-12-20 |
| WITHIN          | 1         | 000107      | 2026-01-01 | 2026-12-31 | 2025-12-20 |
| WITHIN          | 2         | 000107      | 2026-02-01 | 2026-02-28 | 2026-01-20 |
"""


def test_periods_that_do_not_follow_are_listed() -> None:
    exceptions = renewal_exceptions(table(ODD), as_of=MAY_31)
    listed = {
        (row.subscription_id, row.period_no, row.kind): (row.days, row.is_left_out) for row in exceptions.itertuples()
    }
    assert {key: None if pd.isna(days) else days for key, (days, _) in listed.items()} == {
        ("GAP", 2, "gap"): 10,
        ("LAPPED", 2, "overlap"): 7,
        ("LATE", 2, "late"): 33,
        ("NOFIRST", 2, "no_first_period"): None,
        ("SKIPPED", 3, "skipped_period"): None,
        ("TURNED", 1, "reversed_dates"): None,
        ("WITHIN", 2, "overlap"): 334,
    }
    assert {key[0] for key, (_, is_left_out) in listed.items() if is_left_out} == {"NOFIRST", "SKIPPED", "TURNED"}
    EXCEPTIONS.verify(exceptions)


def test_gap_overlap_and_late_signature_still_renew() -> None:
    """WITHIN's second period ends before its first: the latest end counts, so nothing has fallen due."""
    result = shown(renewal_histories(table(ODD), as_of=MAY_31))
    assert result == {
        "GAP": (1, 1, False),
        "LAPPED": (1, 1, False),
        "LATE": (1, 1, False),
        "WITHIN": (1, 0, False),
    }


def test_regular_periods_have_no_exception(periods: pd.DataFrame) -> None:
    assert renewal_exceptions(periods, as_of=MAY_31).empty


def test_nothing_signed_yet(periods: pd.DataFrame) -> None:
    for result, contract in (
        (renewal_histories(periods, as_of=date(2025, 1, 1)), HISTORIES),
        (renewal_exceptions(periods, as_of=date(2025, 1, 1)), EXCEPTIONS),
    ):
        assert_frame_equal(result, contract.empty())


def test_every_engine_gives_the_same_histories(
    periods: pd.DataFrame, unchanged: Callable[..., AbstractContextManager[None]]
) -> None:
    with unchanged(periods):
        expected = renewal_histories(periods, as_of=MAY_31)
    for native in (pl.from_pandas(periods), duckdb.from_df(periods)):
        assert_frame_equal(renewal_histories(native, as_of=MAY_31), expected)


def test_refused(periods: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"stands twice: SUB1 / 2"):
        renewal_histories(pd.concat([periods, periods.iloc[[1]]]), as_of=MAY_31)
    with pytest.raises(DataError, match=r"missing: SUB2 / 1"):
        renewal_histories(periods.assign(ends_on=periods["ends_on"].mask(periods.index == 3)), as_of=MAY_31)
    with pytest.raises(SettingError, match="grace"):
        renewal_exceptions(periods, as_of=MAY_31, grace_days=-1)


@given(st.dates(date(2025, 10, 1), date(2026, 12, 31)), st.integers(0, 60), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_a_history_follows_from_what_was_known(as_of: date, grace: int, random: object) -> None:
    """Later signatures and the order of rows change nothing; an ended history has failed once, an open one never."""
    periods = table(PERIODS)
    histories = renewal_histories(periods, as_of=as_of, grace_days=grace)
    known = periods[periods["signed_on"] <= pd.Timestamp(as_of)].sample(frac=1, random_state=random.randrange(99))
    assert_frame_equal(renewal_histories(known, as_of=as_of, grace_days=grace), histories)
    ended = histories["is_ended"]
    assert (histories.loc[ended, "n_due"] == histories.loc[ended, "n_renewed"] + 1).all()
    assert (histories.loc[~ended, "n_due"] <= histories.loc[~ended, "n_renewed"]).all()
    assert set(known["subscription_id"]) == set(histories["subscription_id"])


@pytest.mark.parametrize(
    ("cohort", "planted"), [("2024-11", truths.RENEWALS["2025"]), ("2025-11", truths.RENEWALS["2026"])]
)
def test_the_planted_propensity_to_renew_is_within_the_interval(cohort: str, planted: truths.Renewals) -> None:
    """No grace: in the sample a renewal is signed by the last day of the period."""
    histories = renewal_histories(generate()["subscriptions"], as_of=date(2026, 10, 31), grace_days=0, cohort_month=11)
    model = fit_shifted_beta(histories[histories["cohort"] == cohort])
    for name, true in planted._asdict().items():
        lower, upper = model.fit.interval(name)
        assert lower < true < upper
