"""The cut of a row of pieces into bins that keeps most information while their odds only rise, or only fall."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bizlab.errors import SettingError

Counts: TypeAlias = NDArray[np.int64]
Vector: TypeAlias = NDArray[np.float64]

HALF = 0.5
"""Added to each cell of the table of bins by outcome (Haldane, 1956; Anscombe, 1956)."""
_TIE = 1e-12


@dataclass(frozen=True)
class Limits:
    """What a bin must hold, missing values aside.

    Parameters
    ----------
    max_bins : the most bins.
    min_share : the least share of the rows with a value.
    min_cases : the fewest events, and the fewest non-events. 0 by default, because the halves keep every bin finite
        and a feature that separates both outcomes must not look as if it said nothing.
    """

    max_bins: int = 6
    min_share: float = 0.05
    min_cases: int = 0

    def __post_init__(self) -> None:
        if self.max_bins < 1 or not 0 <= self.min_share <= 1 or self.min_cases < 0:
            raise SettingError(
                f"Bins cannot be limited to {self.max_bins}, a share of {self.min_share} and {self.min_cases} cases",
                place="limits of a binning",
                fix="give at least 1 bin, a share between 0 and 1, and no negative number of cases",
            )


def suffices(n_events: Counts, n_nonevents: Counts, n_rows: int, limits: Limits) -> NDArray[np.bool_]:
    """Whether each bin holds enough, among ``n_rows`` rows."""
    large = n_events + n_nonevents >= limits.min_share * n_rows
    enough: NDArray[np.bool_] = large & (np.minimum(n_events, n_nonevents) >= limits.min_cases)
    return enough


def best_firsts(counts: Counts, missing: Counts, limits: Limits) -> list[int]:
    """The first piece of each bin of the best monotone binning.

    Exact, by dynamic programming: for each number of bins and each trend, the best total that ends in a given bin
    (after Fisher, *On grouping for maximum homogeneity*, JASA 53 (1958) 789-798). The fewest bins win a tie.

    Parameters
    ----------
    counts : one row per piece, in order: events and non-events; together they meet the limits.
    missing : events and non-events without a value; they stand in a bin of their own.
    limits : what a bin must hold.

    >>> counts = np.array([[1, 9], [2, 8], [1, 9], [9, 1]])
    >>> best_firsts(counts, np.array([0, 0]), Limits(min_cases=1))
    [0, 3]
    """
    running = np.vstack([[[0, 0]], counts.cumsum(axis=0)])
    yes, no = (np.maximum(running[None, :, side] - running[:, None, side], 0) for side in (0, 1))
    allowed = suffices(yes, no, int(counts.sum()), limits) & (yes + no > 0)
    before, after = (2 * yes + 1)[:, :, None] * (2 * no + 1), (2 * yes + 1) * (2 * no + 1)[:, :, None]
    highest, best = -math.inf, [0]
    for n_bins in range(1, min(limits.max_bins, len(counts)) + 1):
        parts, apart = _parts(yes, no, missing, n_bins)
        for trend in (before < after, before > after):
            total, firsts = _chain(np.where(allowed, parts, -math.inf), trend, n_bins)
            if total + apart > highest + _TIE:
                highest, best = total + apart, firsts
    return best


def _parts(yes: Counts, no: Counts, missing: Counts, n_bins: int) -> tuple[Vector, float]:
    """The part that each run of pieces would add as one of ``n_bins`` bins, and the part of the missing values."""
    halves = HALF * (n_bins + int(missing.sum() > 0))
    n_yes, n_no = (side[0, -1] + n + halves for side, n in zip((yes, no), missing, strict=True))

    def part(n_events: Any, n_nonevents: Any) -> Any:
        p, q = (n_events + HALF) / n_yes, (n_nonevents + HALF) / n_no
        return (p - q) * np.log(p / q)

    return part(yes, no), float(part(*missing)) if missing.sum() else 0.0


def _chain(parts: Vector, follows: NDArray[np.bool_], n_bins: int) -> tuple[float, list[int]]:
    """The best total of ``n_bins`` bins over all pieces, each bin standing to the next as the trend asks.

    ``follows[h, i, j]``: the bin of pieces i to j may follow the bin of pieces h to i.
    """
    total = np.full_like(parts, -math.inf)
    total[0] = parts[0]
    back: list[Counts] = []
    for _ in range(n_bins - 1):
        reached = np.where(follows, total[:, :, None], -math.inf)
        back.append(reached.argmax(axis=0))
        total = reached.max(axis=0) + parts
    last = int(total[:, -1].argmax())
    firsts, end = [last], parts.shape[0] - 1
    for came_from in reversed(back):
        last, end = int(came_from[last, end]), last
        firsts.append(last)
    return float(total[firsts[0], -1]), firsts[::-1]
