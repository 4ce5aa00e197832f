"""Direct and indirect labour by the tree of the day, against plain loops over the records."""

import sys
from collections import defaultdict
from pathlib import Path

import pytest

from bizlab import amoeba
from bizlab.amoeba.accounting.labour import direct_labour
from bizlab.periods import Month

sys.path.insert(0, str(Path(__file__).parents[1]))
from companies import DAYS, company, records

OCTOBER = Month(2026, 10)


def by_hand(rows):
    """Labour of amoebas with nothing below them on the day, at every unit above them on that day."""
    units = {row["unit_id"]: row for row in rows["units"]}

    def is_open(unit, day):
        return units[unit]["opened_on"] <= day and (units[unit]["closed_on"] or day) >= day

    def parents(day):
        return {
            row["unit_id"]: row["parent_id"]
            for row in rows["unit_parents"]
            if row["valid_from"] <= day <= (row["valid_to"] or day) and is_open(row["unit_id"], day)
        }

    out = defaultdict(int)
    for row in rows["expense_records"]:
        day, unit = row["recorded_on"], row["unit_id"]
        above = parents(day)
        leads = unit in above.values()
        if row["kind"] == "labour" and units[unit]["is_amoeba"] and not leads:
            while unit is not None:
                out[unit] += row["amount_fen"]
                unit = above.get(unit)
    return dict(out)


@pytest.mark.parametrize("seed", range(20))
def test_a_plain_second_computation_agrees_to_the_fen(seed):
    rows = company(seed)
    labour = direct_labour([amoeba.components(records(rows), month=OCTOBER)])
    direct = labour[labour["direct_labour_fen"] != 0].set_index("unit_id")["direct_labour_fen"].to_dict()
    assert direct == {unit: amount for unit, amount in by_hand(rows).items() if amount}


def test_a_unit_leads_only_while_something_stands_below_it():
    """b1 gets a unit below it on the 16th: its labour is direct before and indirect from then on."""
    rows = company(0) | {"expense_records": []}
    rows["unit_parents"] = [row for row in rows["unit_parents"] if row["unit_id"] != "b2"]
    rows["unit_parents"] += [
        dict(unit_id="b2", parent_id="B", valid_from=DAYS[0], valid_to=DAYS[14]),
        dict(unit_id="b2", parent_id="b1", valid_from=DAYS[15], valid_to=None),
    ]
    for number, (day, amount) in enumerate([(DAYS[14], 300), (DAYS[15], 500)]):
        rows["expense_records"].append(
            dict(record_id=f"R{number}", unit_id="b1", kind="labour", recorded_on=day, amount_fen=amount)
        )
    parts = amoeba.components(records(rows), month=OCTOBER)
    labour = direct_labour([parts]).set_index("unit_id")["direct_labour_fen"]
    assert labour[["b1", "B", "Y"]].tolist() == [300, 300, 300]
    assert parts.nodes.set_index("unit_id").loc["B", "labour_fen"] == 800
