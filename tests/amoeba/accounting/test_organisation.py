"""The tree with dates."""

from datetime import date

import pandas as pd
import pytest
from tables import table

from bizlab.amoeba import Organisation
from bizlab.errors import DataError
from bizlab.tables import TABLES

UNITS = """
| unit_id | name_zh | name_en | level   | is_amoeba | opened_on  | closed_on  |
| Y       | 公司    | Y       | company | true      | 2020-01-01 |            |
| A       | 甲      | A       | sbu     | true      | 2020-01-01 |            |
| B       | 乙      | B       | sbu     | true      | 2020-01-01 |            |
| t       | 组      | t       | team    | true      | 2020-01-01 |            |
| old     | 旧      | old     | team    | true      | 2020-01-01 | 2026-09-30 |
"""
PARENTS = """
| unit_id | parent_id | valid_from | valid_to   |
| A       | Y         | 2020-01-01 |            |
| B       | Y         | 2020-01-01 |            |
| t       | A         | 2020-01-01 | 2026-10-15 |
| t       | B         | 2026-10-16 |            |
| old     | A         | 2020-01-01 | 2026-09-30 |
"""


def organisation(parents=PARENTS, units=UNITS, first=date(2026, 10, 1), last=date(2026, 10, 31), root=None):
    frames = table(units, TABLES["units"]), table(parents, TABLES["unit_parents"])
    return Organisation(*frames, first=first, last=last, root=root)


def test_a_move_within_the_month_cuts_it_in_two():
    tree = organisation()
    assert tree.spans["valid_to"].dt.day.tolist() == [15, 31]
    above = tree.closure[tree.closure["unit_id"] == "t"].groupby("span")["ancestor_id"].agg(list)
    assert above.tolist() == [["t", "A", "Y"], ["t", "B", "Y"]]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (None, [["Y", "A", "t"], ["Y", "B", "t"], ["Y"], [], [], []]),
        ("B", [[], ["B", "t"], [], [], [], []]),
        ("old", [[]] * 6),
    ],
)
def test_a_path_leads_from_the_top_down_to_the_unit(root, expected):
    """Nothing leads to a unit that is closed, unknown or missing."""
    tree = organisation(root=root)
    rows = pd.DataFrame({"span": [0, 1, 0, 0, 1, 0], "unit_id": ["t", "t", "Y", "old", "nobody", None]})
    paths = tree.path(rows, "unit_id")
    assert [tree.unit_ids[path[path >= 0]].tolist() for path in paths] == expected
    assert tree.beyond(rows, "unit_id").tolist() == [not path for path in expected]
    assert tree.outside(rows, "unit_id").tolist() == [False] * 3 + [True] * 3


def test_the_tree_is_shown_as_it_stood_at_the_end_without_what_was_closed_before():
    assert organisation().tree()[["unit_id", "depth"]].to_numpy().tolist() == [["Y", 0], ["A", 1], ["B", 1], ["t", 2]]
    september = organisation(first=date(2026, 9, 1), last=date(2026, 9, 30)).tree()
    assert september["unit_id"].tolist() == ["Y", "A", "old", "t", "B"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("| A       | Y  ", "| A       | t  "), r"cycle: .*A.*2026-10-01"),
        (("2026-10-15", "2026-10-16"), r"unit t has two parents on one day.*under A from 2020-01-01"),
        (("| B       | Y  ", "| B       | X  "), r"not in the list of units: X.*B under X from 2020-01-01"),
        (("| t       | B         | 2026-10-16 |            |", ""), r"2 units have no parent: Y, t"),
    ],
)
def test_a_tree_that_contradicts_itself_is_refused_by_name_and_day(change, message):
    with pytest.raises(DataError, match=message):
        organisation(PARENTS.replace(*change))


def test_a_unit_that_closes_within_the_month_is_in_the_tree_until_then():
    tree = organisation(
        units=UNITS.replace("2026-09-30", "2026-10-20"), parents=PARENTS.replace("2026-09-30", "          ")
    )
    assert tree.spans["valid_to"].dt.day.tolist() == [15, 20, 31]
    assert sorted(tree.closure.loc[tree.closure["unit_id"] == "old", "span"].unique()) == [0, 1]


def test_a_unit_that_opens_within_the_month_is_in_the_tree_from_then_on():
    """Its parent is on record from an earlier day, which does not make it open."""
    lines = [
        line.replace("2020-01-01", "2026-10-08") if line.startswith("| t ") else line for line in UNITS.split("\n")
    ]
    tree = organisation(units="\n".join(lines))
    assert tree.spans["valid_to"].dt.day.tolist() == [7, 15, 31]
    assert sorted(tree.closure.loc[tree.closure["unit_id"] == "t", "span"].unique()) == [1, 2]


def test_a_parent_must_be_open():
    with pytest.raises(DataError, match=r"not open: t under old.*2026-10-16"):
        organisation(PARENTS.replace("| t       | B         | 2026-10-16", "| t       | old       | 2026-10-16"))


def test_a_department_serves_the_amoebas_below_its_parent():
    units = UNITS + "| hr      | 人事    | hr      | department | false     | 2020-01-01 |            |\n"
    parents = PARENTS + "| hr      | B         | 2020-01-01 |            |\n"
    tree = organisation(parents, units)
    assert tree.receivers("hr") == ["t"]
    assert tree.receivers("B") == ["t"]
    assert tree.receivers("Y") == ["A", "t"]


def test_each_stay_below_a_unit_is_told_by_itself():
    """t stands below A, for a fortnight of October below B, and below A again; A, and old, never stood elsewhere."""
    back = "| t       | B         | 2026-10-06 | 2026-10-20 |\n| t       | A         | 2026-10-21 |            |"
    parents = PARENTS.replace("2026-10-15", "2026-10-05").replace(
        "| t       | B         | 2026-10-16 |            |", back
    )
    part_time = {
        root: organisation(parents, first=date(2026, 9, 1), root=root).part_time() for root in ("A", "B", None)
    }
    days = {root: rows.astype(str).to_numpy().tolist() for root, rows in part_time.items()}
    assert days == {
        "A": [["t", "2026-09-01", "2026-10-05"], ["t", "2026-10-21", "2026-10-31"]],
        "B": [["t", "2026-10-06", "2026-10-20"]],
        None: [],
    }
