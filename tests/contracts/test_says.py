"""A sentence about one row: its places are columns of the row, and every figure has its name."""

import pandas as pd
import pytest

from bizlab.contracts.columns import code, column, table
from bizlab.contracts.finding import Ref
from bizlab.contracts.says import row_key, says
from bizlab.errors import ContractError
from bizlab.report.sentences import Figures, statements
from bizlab.report.view import shown_table
from bizlab.units.kinds import Unit

STOPS = table(
    "stops",
    "停机 | Stops",
    "每次一行 | one row per stop",
    code("machine_id", "设备 | Machine", refers="machines"),
    column("began_on", "日期 | Day"),
    column("is_planned", "计划内 | Planned"),
    column("minutes", "时长 | Minutes", unit=Unit.MINUTES),
    key="machine_id began_on is_planned",
)
FRAME = pd.DataFrame(
    {"machine_id": ["M1", "M2"], "began_on": pd.to_datetime(["2026-10-05", "2026-10-06"]), "is_planned": [True, False],
     "minutes": [90, 30]}
)  # fmt: skip
ROWS = FRAME.to_dict("records")


def test_places_are_filled_from_the_row_as_it_is_shown():
    finding = says(
        ROWS[0], STOPS, "{machine_id} 停 {minutes} | {machine_id} stood for {minutes}", key="stop", table="longest",
        basis="{began_on} 起 | since {began_on}",
    )  # fmt: skip
    assert set(finding.refs) == {"machine_id", "minutes", "began_on"}
    shown = shown_table(FRAME, STOPS, key="longest")
    (statement,) = statements([finding], Figures([shown]))
    assert statement.text().en == "M1 stood for 1.5 h"


def test_the_key_of_a_row_is_the_one_its_figures_are_named_by():
    shown = shown_table(FRAME, STOPS, key="longest")
    assert [row_key(row, STOPS) for row in ROWS] == list(shown.row_keys) == [
        ("M1", "2026-10-05", "true"), ("M2", "2026-10-06", "false")
    ]  # fmt: skip


def test_a_figure_may_stand_elsewhere():
    total = Ref("totals", ("all",), "minutes")
    finding = says(ROWS[0], STOPS, "{minutes} / {total}", key="share", total=total)
    assert finding.refs == {"minutes": Ref("stops", ("M1", "2026-10-05", "true"), "minutes"), "total": total}


def test_a_place_that_is_no_column_is_refused_with_the_nearest():
    with pytest.raises(ContractError, match=r"'minute', which is not a column.*finding 'stop'.*write 'minutes'"):
        says(ROWS[0], STOPS, "{minute}", key="stop")
