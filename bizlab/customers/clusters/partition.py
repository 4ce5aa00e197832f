"""Where clusters lie: plain numbers that give a customer's cluster, and can be kept in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bizlab.customers.grading.weighting import Matrix

Numbers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Partition:
    """Clusters in the space of scaled features, numbered from 0 as readers see them.

    Parameters
    ----------
    centres : one row per cluster, one column per feature.
    weights : of a Gaussian mixture: the part of all in each cluster; None for k-means (the nearest centre decides).
    precisions : of a mixture: for each cluster the matrix that makes its members' deviations independent and of
        variance 1 (the Cholesky factor of the inverse covariance).
    """

    centres: Matrix
    weights: Matrix | None = None
    precisions: Matrix | None = None

    def assign(self, scaled: Matrix) -> Numbers:
        """The cluster of each row: the nearest centre, or the most probable component; the first of equals.

        >>> Partition(np.array([[0.0], [10.0]])).assign(np.array([[1.0], [9.0], [5.0]])).tolist()
        [0, 1, 0]
        """
        deviations = scaled[:, None, :] - self.centres
        if self.weights is None or self.precisions is None:
            nearest: Numbers = (deviations**2).sum(axis=2).argmin(axis=1)
            return nearest
        standard = np.einsum("nkp,kpq->nkq", deviations, self.precisions)
        volume = np.log(np.diagonal(self.precisions, axis1=1, axis2=2)).sum(axis=1)
        likeliest: Numbers = (np.log(self.weights) + volume - (standard**2).sum(axis=2) / 2).argmax(axis=1)
        return likeliest

    def ordered(self, order: Numbers) -> Partition:
        """The same clusters under other numbers: ``order[i]`` becomes i."""
        if self.weights is None or self.precisions is None:
            return Partition(self.centres[order])
        return Partition(self.centres[order], self.weights[order], self.precisions[order])
