"""What each company reached first, and the segment it is counted in."""

from datetime import date

import duckdb
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from tables import table

from bizlab import lifecycle
from bizlab.errors import DataError
from bizlab.periods import Month

AS_OF = date(2026, 10, 31)
EVENTS = """
| event_id | customer_id | stage     | entered_on |
| 1        | C1          | lead      | 2026-01-10 |
| 2        | C1          | sql       | 2026-03-01 |
| 3        | C1          | nurturing | 2026-04-01 |
| 4        | C1          | lost      | 2026-05-01 |
| 5        | C2          | traffic   | 2026-02-01 |
"""


def test_a_skipped_stage_is_reached_with_the_one_that_followed_and_a_fall_back_takes_nothing_away(records, stages):
    journeys = lifecycle.entries(records(stage_events=EVENTS), stages=stages, as_of=AS_OF)
    first, second = lifecycle.milestones(journeys, stages=stages).to_dict("records")
    assert first["traffic_on"] == first["lead_on"] == pd.Timestamp("2026-01-10")
    assert first["nurturing_on"] == first["mql_on"] == first["sql_on"] == pd.Timestamp("2026-03-01")
    assert pd.isna(first["converted_on"])
    assert (first["stage"], second["stage"]) == ("lost", "traffic")
    assert pd.isna(second["lead_on"])


def test_duckdb_gives_the_tables_that_pandas_gives(records, stages):
    month = Month(2026, 5)
    journeys = lifecycle.entries(records(stage_events=EVENTS), stages=stages, as_of=AS_OF)
    with duckdb.connect() as connection:
        relation = connection.from_df(journeys)
        for summary in (
            lambda given: lifecycle.milestones(given, stages=stages),
            lambda given: lifecycle.stock(given, stages=stages, first=month.previous, last=month),
            lambda given: lifecycle.flows(given, stages=stages, month=month),
            lambda given: lifecycle.standing(given, stages=stages, as_of=AS_OF, stuck_days=90),
        ):
            assert_frame_equal(summary(relation), summary(journeys))


CUSTOMERS = """
| customer_id | channel_id | industry | region |
| C1          | CH01       | metals   | east   |
| C2          | CH99       | food     | south  |
"""
CHANNELS = """
| channel_id | kind |
| CH01       | swap |
"""


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("channel", ["swap", "unknown", "unknown"]),
        ("industry", ["metals", "food", "unknown"]),
        ("region", ["east", "south", "unknown"]),
    ],
)
def test_who_is_in_no_table_is_counted_as_not_recorded(by, expected, unchanged):
    companies = pd.DataFrame({"customer_id": ["C1", "C2", "C3"]})
    customers, channels = table(CUSTOMERS), table(CHANNELS)
    with unchanged(companies, customers, channels):
        segmented = lifecycle.with_segment(companies, customers, channels, by=by)
    assert segmented["segment"].tolist() == expected


def test_a_company_that_stands_twice_is_refused():
    twice = pd.concat([table(CUSTOMERS)] * 2)
    with pytest.raises(DataError, match="stands twice: C1, C2"):
        lifecycle.with_segment(pd.DataFrame({"customer_id": ["C1"]}), twice, table(CHANNELS), by="region")
