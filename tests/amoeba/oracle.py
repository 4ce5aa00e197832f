"""The additive figures of every node, computed a second time: plain loops over days, no frames, nothing shared."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction


def figures(company, days, month):
    """``{node: {line: amount}}`` for a company given as lists of dicts with dates as ``datetime.date``."""
    out = defaultdict(lambda: defaultdict(int))
    booked = defaultdict(lambda: defaultdict(int))

    def parent(unit, day):
        for row in company["unit_parents"]:
            if (
                row["unit_id"] == unit
                and row["valid_from"] <= day
                and (row["valid_to"] is None or day <= row["valid_to"])
            ):
                return row["parent_id"]
        return None

    def path(unit, day):
        steps = []
        while unit is not None:
            steps.append(unit)
            unit = parent(unit, day)
        return steps

    def put(unit, day, line, amount):
        for node in path(unit, day):
            out[node][line] += amount

    for row in company["revenue_records"]:
        put(row["unit_id"], row["recorded_on"], "external_sales_fen", row["amount_fen"])
    for row in company["expense_records"]:
        if row["kind"] != "labour":
            put(row["unit_id"], row["recorded_on"], "direct_expense_fen", row["amount_fen"])
            booked[row["unit_id"]]["direct_expense_fen"] += row["amount_fen"]
    for row in company["hour_records"]:
        line = f"{row['kind']}_minutes"
        put(row["unit_id"], row["worked_on"], line, row["minutes"])
        booked[row["unit_id"]][line] += row["minutes"]
    for name, line, mine, theirs in (
        ("internal_trades_sold", "internal_sales_fen", "seller_id", "buyer_id"),
        ("internal_trades_bought", "internal_purchases_fen", "buyer_id", "seller_id"),
    ):
        for row in company[name]:
            inside = path(row[theirs], row["traded_on"])
            for node in path(row[mine], row["traded_on"]):
                if node not in inside:
                    out[node][line] += row["amount_fen"]
    allocate(company, days, month, out, booked, path)
    return out


def allocate(company, days, month, out, booked, path):
    """Direct allocation with largest remainders, written anew with fractions."""
    for rule in company["allocation_rules"]:
        weights = {
            row["unit_id"]: row["value"]
            for row in company["drivers"]
            if row["rule_id"] == rule["rule_id"] and row["month"] == month
        }
        giver, whole = rule["from_unit_id"], sum(weights.values())
        lines = ["direct_expense_fen"] if rule["pool"] == "expense" else ["normal_minutes", "overtime_minutes"]
        pool = sum(booked[giver][line] for line in lines)
        if not whole or not pool:
            continue
        for line in lines:
            for node in path(giver, days[-1]):
                out[node][line] -= booked[giver][line]
        suffix = "expense_fen" if rule["pool"] == "expense" else "minutes"
        for unit, amount in largest_remainders(pool, weights).items():
            under = [day for day in days if giver in path(unit, day)]
            for node in path(unit, under[-1] if under else days[-1]):
                out[node][f"{rule['scope']}_{suffix}"] += amount


def largest_remainders(pool, weights):
    """Parts of a pool by weights; leftovers to the largest fractions, of equal ones to the first id."""
    sign, size, whole = (1 if pool >= 0 else -1), abs(pool), sum(weights.values())
    exact = {unit: Fraction(size * weight, whole) for unit, weight in sorted(weights.items())}
    parts = {unit: int(share) for unit, share in exact.items()}
    left = size - sum(parts.values())
    for unit in sorted(exact, key=lambda name: (-(exact[name] - parts[name]), name))[:left]:
        parts[unit] += 1
    return {unit: sign * part for unit, part in parts.items()}
