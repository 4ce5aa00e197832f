"""Shares of an allocation as fractions, to be compared with textbooks and with independent computations."""

from fractions import Fraction

from bizlab.amoeba.accounting.sharing import Method, Weights, share_matrix


def final_shares(weights: Weights, *, method: Method, order=()) -> dict[str, dict[str, Fraction]]:
    """For each giver its bearers and their shares of its pool."""
    found = share_matrix(weights, method=method, order=order)
    return {
        giver: {bearer: Fraction(part, sum(row)) for bearer, part in zip(found.bearer_ids, row, strict=True) if part}
        for giver, row in zip(found.giver_ids, found.weights.tolist(), strict=True)
    }
