"""When a unit and then accounting confirmed a record: mostly the same day, sometimes late, sometimes never."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bizlab.sample.company.calendar_cn import Days
from bizlab.sample.company.draws import at_time

DAYS_LATE = (0.93, 0.04, 0.02, 0.01)
NEVER_RATE = 0.004


def confirmed(on: Days, rng: np.random.Generator) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Both moments for records of the days given; accounting confirms after the unit."""
    n = len(on)
    late = rng.choice(len(DAYS_LATE), size=n, p=DAYS_LATE)
    unit = at_time(on + late, rng.integers(16 * 3600, 18 * 3600 + 1800, n) // 60 * 60)
    accounting = unit + 60 * rng.integers(5, 240, n)
    never = rng.random(n) < NEVER_RATE
    nothing = np.datetime64("NaT", "s")
    return np.where(rng.random(n) < NEVER_RATE / 4, nothing, unit), np.where(never, nothing, accounting)
