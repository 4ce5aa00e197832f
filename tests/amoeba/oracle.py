"""The additive figures of every node, computed a second time: plain loops over days, no frames, nothing shared."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

BOOKED = {"labour": "labour_fen", "energy": "other_cost_fen", "travel": "period_expense_fen"}
"""The line in which each kind of expense stands as it was booked."""


def figures(company, days, month, method="direct"):
    """``{node: {line: amount}}`` for a company given as lists of dicts with dates as ``datetime.date``."""
    out = defaultdict(lambda: defaultdict(int))
    booked = defaultdict(lambda: defaultdict(int))
    pools = defaultdict(list)

    opened = {row["unit_id"]: (row["opened_on"], row["closed_on"]) for row in company["units"]}

    def is_open(unit, day):
        first, last = opened[unit]
        return first <= day and (last is None or day <= last)

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
        while unit is not None and is_open(unit, day):
            steps.append(unit)
            unit = parent(unit, day)
        return steps

    def put(unit, day, line, amount):
        for node in path(unit, day):
            out[node][line] += amount

    for row in company["revenue_records"]:
        put(row["unit_id"], row["recorded_on"], "external_sales_fen", row["amount_fen"])
        booked[row["unit_id"]]["sales"] += row["amount_fen"]
    for row in company["order_intake"]:
        put(row["unit_id"], row["received_on"], "orders_fen", row["amount_fen"])
    for row in company["headcount"]:
        put(row["unit_id"], row["counted_on"], "person_days", row["n_persons"])
        put(row["unit_id"], row["counted_on"], "n_headcounts", 1)
        booked[row["unit_id"]]["headcount"] += row["n_persons"]
    for row in company["expense_records"]:
        put(row["unit_id"], row["recorded_on"], BOOKED[row["kind"]], row["amount_fen"])
        if row["kind"] != "labour":
            lines = ("direct_expense_fen", f"direct_{row['kind']}_fen")
            pools[row["unit_id"], "expense"].append((lines, row["recorded_on"], row["amount_fen"]))
    for row in company["hour_records"]:
        pools[row["unit_id"], "hours"].append(((f"{row['kind']}_minutes",), row["worked_on"], row["minutes"]))
        put(row["unit_id"], row["worked_on"], "n_hour_records", 1)
        booked[row["unit_id"]]["hours"] += row["minutes"]
    for (unit, _), entries in pools.items():
        for lines, day, amount in entries:
            for line in lines:
                put(unit, day, line, amount)
    for name, line, mine, theirs in (
        ("internal_trades_sold", "internal_sales_fen", "seller_id", "buyer_id"),
        ("internal_trades_bought", "internal_purchases_fen", "buyer_id", "seller_id"),
    ):
        for row in company[name]:
            inside = path(row[theirs], row["traded_on"])
            for node in path(row[mine], row["traded_on"]):
                if node not in inside:
                    out[node][line] += row["amount_fen"]
            if mine == "seller_id":
                booked[row[mine]]["sales"] += row["amount_fen"]
    given = {"expense": {}, "hours": {}}
    for rule in company["allocation_rules"]:
        weights = {
            row["unit_id"]: row["value"]
            for row in company["drivers"]
            if row["rule_id"] == rule["rule_id"] and row["month"] == month
        }
        if not weights and rule["driver"] in {"hours", "headcount", "sales"}:
            served = receivers(company, rule["from_unit_id"], lambda unit: path(unit, days[-1]))
            weights = {unit: booked[unit][rule["driver"]] for unit in served}
        weights = {unit: weight for unit, weight in weights.items() if any(is_open(unit, day) for day in days)}
        if sum(weights.values()) and min(weights.values()) >= 0:
            given[rule["pool"]][rule["from_unit_id"]] = (rule, weights)
    for pool, rules in given.items():
        sizes = {giver: sum(amount for _, _, amount in pools[giver, pool]) for giver in rules}
        for giver, share in shares({unit: to for unit, (_, to) in rules.items()}, sizes, method).items():
            if set(share) != {giver}:
                everybody = {unit: share.get(unit, 0) for unit in {*share, *rules[giver][1]}}
                allocate(rules[giver][0], everybody, pools[giver, pool], days, path, put)
    return out


def shares(weights, sizes, method):
    """Who bears each giver's pool: by passing it on until nobody who gives has any, or by equations solved at once."""
    if method == "direct":
        return {giver: without(to, set(weights)) or {giver: Fraction(1)} for giver, to in weights.items()}
    if method == "step_down":
        order = sorted(weights, key=lambda giver: (-abs(sizes[giver]), giver))
        return {giver: passed_down(giver, order, weights) for giver in order}
    outlets = {giver for giver in weights if reaches(giver, weights, set())}
    stuck = {giver: {giver: Fraction(1)} for giver in weights if giver not in outlets}
    return stuck | equations({giver: without(weights[giver], {giver}) for giver in sorted(outlets)})


def without(to, others):
    """Proportions among the receivers that are not among the others."""
    left = {unit: weight for unit, weight in to.items() if weight and unit not in others}
    return {unit: Fraction(weight, sum(left.values())) for unit, weight in left.items()}


def passed_down(start, order, weights):
    """One whole unit of a pool carried down the steps; a department with nobody left to serve keeps what it has."""
    carried, kept = {start: Fraction(1)}, defaultdict(Fraction)
    for number, giver in enumerate(order):
        amount = carried.pop(giver, None)
        if amount is None:
            continue
        to = without(weights[giver], set(order[: number + 1]))
        for unit, share in (to or {giver: Fraction(1)}).items():
            (carried if unit in order[number + 1 :] else kept)[unit] = (
                carried if unit in order[number + 1 :] else kept
            ).get(unit, 0) + amount * share
    return dict(kept)


def reaches(giver, weights, seen):
    """Whether anything a giver passes on ever arrives at one who gives nothing."""
    if giver in seen:
        return False
    to = without(weights[giver], {giver})
    return any(unit not in weights or reaches(unit, weights, seen | {giver}) for unit in to)


def equations(given):
    """(I - Q) F = R by Gauss and Jordan on a plain matrix of fractions."""
    names = list(given)
    ends = sorted({unit for to in given.values() for unit in to if unit not in given})
    rows = [
        [Fraction(int(a == b)) - given[a].get(b, 0) for b in names] + [given[a].get(unit, Fraction(0)) for unit in ends]
        for a in names
    ]
    for k in range(len(names)):
        pivot = next(i for i in range(k, len(names)) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(len(names)):
            if i != k and rows[i][k]:
                rows[i] = [value - rows[i][k] * own for value, own in zip(rows[i], rows[k], strict=True)]
    return {
        name: {unit: share for unit, share in zip(ends, row[len(names) :], strict=True) if share}
        for name, row in zip(names, rows, strict=True)
    }


def receivers(company, giver, path):
    """Amoebas with nothing below them, below the giver or, if it has none below, below the unit above it."""
    open_units = [row["unit_id"] for row in company["units"] if path(row["unit_id"])]
    parents = {path(unit)[1] for unit in open_units if len(path(unit)) > 1}
    amoebas = [row["unit_id"] for row in company["units"] if row["is_amoeba"]]
    node = giver if giver in parents else path(giver)[1]
    return [u for u in open_units if u in amoebas and u not in parents and u != giver and node in path(u)]


def allocate(rule, weights, entries, days, path, put):
    """One rule's pool by its bearers with largest remainders, apart for days on which the receivers stand elsewhere."""
    giver, pool = rule["from_unit_id"], sum(amount for _, _, amount in entries)
    if not pool:
        return
    for lines, day, amount in entries:
        for line in lines:
            put(giver, day, line, -amount)
    line = f"{rule['scope']}_{'expense_fen' if rule['pool'] == 'expense' else 'minutes'}"
    left = largest_remainders(pool, weights)
    booked = {}
    for _, day, amount in entries:
        placed = {unit: place(unit, giver, day, days, path) for unit in weights}
        where = tuple((unit, *path(unit, placed[unit])) for unit in sorted(weights))
        first, _, so_far = booked.get(where, (day, placed, 0))
        booked[where] = (min(day, first), placed, so_far + amount)
    by_day = sorted((amounts for amounts in booked.values() if amounts[2]), key=lambda amounts: amounts[0])
    for number, (_, placed, amount) in enumerate(by_day, start=1):
        parts = largest_remainders(amount, weights) if number < len(by_day) else dict(left)
        for unit, part in parts.items():
            left[unit] -= part
            put(unit, placed[unit], line, part)


def place(unit, giver, day, days, path):
    """The day whose tree places a unit's share of what the giver booked on a day."""
    below = [day for day in days if giver in path(unit, day)] or [day for day in days if path(unit, day)]
    return day if day in below else below[-1]


def largest_remainders(pool, weights):
    """Parts of a pool by weights; leftovers to the largest fractions, of equal ones to the first id."""
    sign, size, whole = (1 if pool >= 0 else -1), abs(pool), sum(weights.values())
    exact = {unit: Fraction(size) * weight / whole for unit, weight in sorted(weights.items())}
    parts = {unit: int(share) for unit, share in exact.items()}
    left = size - sum(parts.values())
    for unit in sorted(exact, key=lambda name: (-(exact[name] - parts[name]), name))[:left]:
        parts[unit] += 1
    return {unit: sign * part for unit, part in parts.items()}
