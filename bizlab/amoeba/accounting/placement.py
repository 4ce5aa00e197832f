"""Where in the tree an allocated amount arrives, when units move within the month.

What a giver booked in a span arrives at the receivers in that span, so that every node bears what its
units booked while they stood below it, whether the giver, the receiver or both moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from bizlab.amoeba.accounting.allocation import Allocation
from bizlab.amoeba.accounting.organisation import Organisation
from bizlab.exact import apportion

RECEIVED = {
    ("expense", "department"): "department_expense_fen",
    ("expense", "sbu"): "sbu_expense_fen",
    ("hours", "department"): "department_minutes",
    ("hours", "sbu"): "sbu_minutes",
}
"""The line of the sheet that a pool and scope arrive in."""


def received(allocation: Allocation, booked: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """The amounts of the trace by span.

    Parameters
    ----------
    booked : one row per unit and day or span: ``unit_id``, ``span``, ``expense_fen`` and ``minutes`` that it booked.

    Returns
    -------
    One row per rule, receiver and span: ``unit_id``, ``span`` and the four lines of `RECEIVED`. The amounts of
    a receiver add up to its trace, those of a span to what the giver booked in it.
    """
    rows: list[tuple[str, int, str, int]] = []
    for part in _parts(allocation, booked, organisation):
        if part.amount:
            rows += zip(part.unit_ids, part.spans, [part.line] * len(part.spans), part.amounts, strict=True)
    return _lined(pd.DataFrame(rows, columns=["unit_id", "span", "line", "amount"]))


def received_by_day(allocation: Allocation, booked: pd.DataFrame, organisation: Organisation) -> pd.DataFrame:
    """The amounts of `received` on the days on which the givers booked them.

    Parameters
    ----------
    booked : one row per unit and day: ``unit_id``, ``day``, ``span``, ``expense_fen`` and ``minutes`` that it booked.

    Returns
    -------
    As `received`, with ``day``. The amounts of a receiver add up to its trace, those of a day to what the giver booked
    on it; the last day on which it booked anything carries the rounding of the days before.
    """
    rows: list[tuple[str, int, pd.Timestamp, str, int]] = []
    for part in _parts(allocation, booked, organisation):
        days = part.booked.groupby("day")["amount"].sum()
        days = days[days != 0]
        if days.empty:
            continue
        for day, amounts in zip(days.index, by_span(part.amounts, part.weights, days.tolist()), strict=True):
            n = len(part.spans)
            rows += zip(part.unit_ids, part.spans, [day] * n, [part.line] * n, amounts, strict=True)
    return _lined(pd.DataFrame(rows, columns=["unit_id", "span", "day", "line", "amount"]))


class _Part(NamedTuple):
    """What a rule gave in the spans that place its receivers alike: where, how much, and from which bookings."""

    line: str
    unit_ids: list[str]
    weights: list[int]
    spans: tuple[int, ...]
    amounts: list[int]
    amount: int
    booked: pd.DataFrame


def _parts(allocation: Allocation, booked: pd.DataFrame, organisation: Organisation) -> Iterator[_Part]:
    places = _Places.of(organisation, set(allocation.trace["to_unit_id"]))
    by_rule = allocation.trace.groupby(["from_unit_id", "pool", "scope", "rule_id"], sort=True)
    for (giver, pool, scope, _), part in by_rule:
        amount = "expense_fen" if pool == "expense" else "minutes"
        own = booked[booked["unit_id"] == giver].assign(amount=lambda rows, column=amount: rows[column])
        unit_ids = part["to_unit_id"].tolist()
        alike = places.alike(unit_ids, giver, sorted(set(own["span"])))
        sums = {spans: int(own.loc[own["span"].isin(of), "amount"].sum()) for spans, of in alike.items()}
        weights = allocation.shares[pool].of(giver, unit_ids)
        booked_in = [spans for spans, total in sums.items() if total]
        split = dict(
            zip(booked_in, by_span(part[amount].tolist(), weights, [sums[group] for group in booked_in]), strict=True)
        )
        for spans, of in alike.items():
            amounts = split.get(spans, [0] * len(unit_ids))
            rows = own[own["span"].isin(of)]
            yield _Part(RECEIVED[pool, scope], unit_ids, weights, spans, amounts, sums[spans], rows)


def _lined(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a line and an amount with the four lines as columns."""
    lines = {line: rows["amount"].where(rows["line"] == line, 0).astype("int64") for line in RECEIVED.values()}
    return rows.drop(columns=["line", "amount"]).assign(**lines)


def by_span(parts: Sequence[int], weights: Sequence[int], booked: Sequence[int]) -> list[list[int]]:
    """Split the receivers' parts of a pool over the spans in which it was booked, keeping both sums.

    Parameters
    ----------
    parts, weights : for each receiver its part of the whole pool and its share, in any unit.
    booked : for each span what the giver booked; the parts add up to their sum. A span may be negative.

    Returns
    -------
    For each span a list of amounts by receiver.

    >>> by_span([3333, 6667, 0], [1, 2, 0], [101, 9899])
    [[34, 67, 0], [3299, 6600, 0]]
    """
    earlier = [apportion(amount, weights) for amount in booked[:-1]]
    gone = [sum(amounts) for amounts in zip(*earlier, strict=True)] or [0] * len(parts)
    return [*earlier, [part - before for part, before in zip(parts, gone, strict=True)]]


class _Places(NamedTuple):
    """Where receivers stand in which span: the nodes above each, and the last span below each node."""

    above: dict[tuple[int, str], frozenset[str]]
    last_below: dict[tuple[str, str], int]

    @classmethod
    def of(cls, organisation: Organisation, unit_ids: Collection[str]) -> _Places:
        above: dict[tuple[int, str], set[str]] = {}
        last_below: dict[tuple[str, str], int] = {}
        closure = organisation.closure[organisation.closure["unit_id"].isin(unit_ids)]
        for span, unit_id, node in zip(*(closure[name].tolist() for name in closure), strict=True):
            above.setdefault((span, unit_id), set()).add(node)
            last_below[unit_id, node] = span
        return cls({place: frozenset(nodes) for place, nodes in above.items()}, last_below)

    def alike(self, unit_ids: Sequence[str], giver: str, booked: Sequence[int]) -> dict[tuple[int, ...], list[int]]:
        """The spans in which a giver booked, by where the receivers stood: those that place them alike count as one.

        Returns
        -------
        By the spans whose tree places each receiver, the spans in which the giver booked.
        """
        first: dict[tuple[frozenset[str], ...], tuple[int, ...]] = {}
        by_place: dict[tuple[int, ...], list[int]] = {}
        for span in booked:
            spans = tuple(self.of_receiver(unit_id, giver, span) for unit_id in unit_ids)
            nodes = tuple(self.above[pair] for pair in zip(spans, unit_ids, strict=True))
            by_place.setdefault(first.setdefault(nodes, spans), []).append(span)
        return by_place

    def of_receiver(self, unit_id: str, giver: str, span: int) -> int:
        """The span whose tree places a receiver's share of what the giver booked in a span.

        The span itself where the receiver stood below the giver; else the last one in which it did, so
        that the share stays below the giver. A receiver that never stood below the giver takes it where it
        stood itself in the span, or last.
        """
        node = giver if (unit_id, giver) in self.last_below else unit_id
        return span if node in self.above.get((span, unit_id), ()) else self.last_below[unit_id, node]
