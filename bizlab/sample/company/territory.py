"""Which sales team serves a company on a day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import Days
from bizlab.sample.company.organisation import BY_ID, SPLIT_ON

TEAMS = {
    "east": (("SA-E3", 20), ("SA-E2", 45), ("SA-E1", 100)),
    "south": (("SA-S2", 55), ("SA-S3", 100)),
    "north": (("SA-N2", 40), ("SA-N1", 100)),
    "southwest": (("SA-W2", 45), ("SA-W1", 100)),
}
"""By region: teams and the upper end of the share of companies (in percent) that each serves."""


def selling_unit(region: NDArray[np.str_], company: NDArray[np.int64], on: Days) -> NDArray[np.str_]:
    """The sales team of each company on a day; a company goes to a new team when that opens.

    >>> days = np.array(["2026-03-31", "2026-04-01"], dtype="datetime64[D]")
    >>> selling_unit(np.array(["south", "south"]), np.array([3, 3]), days).tolist()
    ['SA-S1', 'SA-S2']
    """
    place = company * 37 % 100
    unit = np.full(len(company), "", dtype="<U8")
    for name, teams in TEAMS.items():
        for team, upper in teams:
            open_ = on >= np.datetime64(BY_ID[team].opened_on)
            unit = np.where((unit == "") & (region == name) & (place < upper) & open_, team, unit)
    before_split = (region == "south") & (on < np.datetime64(SPLIT_ON))
    return np.where(before_split, "SA-S1", unit)
