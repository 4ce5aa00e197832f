"""Which records are one company: by rule where nothing speaks against it, else by a person's decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import pandas as pd

from bizlab.data.cleaning.decisions import SETTINGS, Decision, Decisions
from bizlab.data.cleaning.identity import name_core
from bizlab.data.cleaning.quality import MERGE_MAP
from bizlab.errors import SettingError

BY_CODE, BY_NAME, BY_DECISION = "same_company_code", "same_company_name", "same_company_decision"
AUTOMATIC = "automatic"


def merge_map(customers: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    """Every record that is merged away, and the company that it belongs to in the end.

    The record entered first is kept, whether a rule or a person merges: on every day on which one of the two existed,
    the kept one did. A decision holds for every day, past and future: it says what is, not when it happened.

    Parameters
    ----------
    customers : the table ``customers``, one row per id, invalid credit codes already missing.
    decisions : pairs that are one company, and pairs that are two.

    Returns
    -------
    See `MERGE_MAP`; chains are resolved: no ``kept_id`` is itself merged away.

    Raises
    ------
    SettingError : a decision names a company that is not there, closes a circle, or joins two that are kept apart.

    >>> frame = pd.DataFrame({"customer_id": ["1", "2"], "name": ["甲(中国)公司", "甲（中国）公司"],
    ...     "credit_code": [None, "x"], "created_on": pd.to_datetime(["2025-01-01", "2025-02-01"])})
    >>> merge_map(frame, Decisions()).iloc[0][["customer_id", "kept_id", "rule", "decided_by"]].tolist()
    ['2', '1', 'same_company_name', 'automatic']
    """
    verify(decisions, set(customers["customer_id"]))
    ordered = customers.sort_values(["created_on", "customer_id"], kind="stable").set_index("customer_id")
    by_rule = same_companies(customers, apart=_apart(decisions))
    steps: dict[str, str] = dict(zip(by_rule["customer_id"], by_rule["kept_id"], strict=True))
    rule = dict(zip(by_rule["customer_id"], by_rule["rule"], strict=True))
    entered = {customer_id: number for number, customer_id in enumerate(ordered.index)}
    decided: dict[str, Decision] = {}
    for decision in sorted(decisions.merge, key=lambda decision: (decision.decided_on, sorted(decision.pair))):
        first, later = sorted((_end(steps, decision.one), _end(steps, decision.other)), key=entered.__getitem__)
        if first != later:
            steps[later], decided[later] = first, decision
    _refuse_joined(decisions.apart, steps)
    rows = []
    for customer_id in sorted(steps):
        kept, by = _end(steps, customer_id), decided.get(customer_id)
        rows.append(
            {
                "customer_id": customer_id,
                "name": ordered["name"][customer_id],
                "kept_id": kept,
                "kept_name": ordered["name"][kept],
                "rule": BY_DECISION if by else rule[customer_id],
                "from_on": by.decided_on if by else ordered["created_on"][customer_id],
                "decided_by": by.by if by else AUTOMATIC,
                "why": by.why if by else None,
            }
        )
    return MERGE_MAP.frame(rows)


def verify(decisions: Decisions, known: set[str]) -> None:
    """Refuse decisions about companies that are not there, and those that close a circle (`SettingError`)."""
    for decision in (*decisions.merge, *decisions.apart):
        for customer_id in (decision.one, decision.other):
            if customer_id not in known:
                raise SettingError(
                    f"There is no company '{customer_id}' among the rows kept of the table customers",
                    place=decision.place,
                    fix="correct the id, or remove the entry if the company is no longer exported",
                )
    for number, decision in enumerate(decisions.merge):
        if decision.other in _together(decisions.merge[:number]).get(decision.one, ()):
            raise SettingError(
                f"Merging {decision.one} and {decision.other} closes a circle: other entries make them one company",
                place=decision.place,
                fix="remove this entry or one of the others; n records of a company need n - 1 entries",
            )


def same_companies(customers: pd.DataFrame, *, apart: Iterable[frozenset[str]] = ()) -> pd.DataFrame:
    """Companies that stand twice, by rule.

    Two records are one company when their valid credit codes agree, or when their names agree but
    for width, blanks, brackets and suffix and no two codes stand under the name. Where two do,
    records without a code are a company of their own: nothing says which of the two they mean.

    Parameters
    ----------
    customers : the table ``customers``, invalid credit codes already missing.
    apart : pairs of ids that are two companies; the one entered later stands by itself.

    Returns
    -------
    One row per record to be merged away: ``customer_id``, ``kept_id`` (the record entered first)
    and ``rule``: `BY_CODE` where an earlier record of the company has the same code, else `BY_NAME`.

    >>> frame = pd.DataFrame({"customer_id": ["1", "2", "3"], "name": ["甲(中国)公司", "甲（中国）公司", "乙公司"],
    ...     "credit_code": [None, "x", "y"], "created_on": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])})
    >>> same_companies(frame).to_dict("records")
    [{'customer_id': '2', 'kept_id': '1', 'rule': 'same_company_name'}]
    """
    ordered = customers.sort_values(["created_on", "customer_id"], kind="stable").reset_index(drop=True)
    code, core = ordered["credit_code"].astype("object"), ordered["name"].map(name_core)
    under_name = code.groupby(core)
    only = under_name.transform("nunique") == 1
    company = code.where(code.notna(), under_name.transform("first").where(only, other=None))
    company = ("code " + company.astype("object")).where(company.notna(), "name " + core)
    company = _set_apart(ordered["customer_id"], company, list(apart))
    known = code.notna() & code.duplicated()
    return pd.DataFrame(
        {
            "customer_id": ordered["customer_id"],
            "kept_id": ordered.groupby(company)["customer_id"].transform("first"),
            "rule": known.map({True: BY_CODE, False: BY_NAME}),
        },
        dtype="str",
    )[company.duplicated()].reset_index(drop=True)


def _set_apart(ids: pd.Series[str], company: pd.Series[str], apart: Sequence[frozenset[str]]) -> pd.Series[str]:
    """The company of each record, in the order of entry, where some pairs must not share one."""
    if not apart:
        return company
    placed: dict[str, str] = {}
    changed = company.copy()
    named = frozenset().union(*apart)
    for number, customer_id in ids[ids.isin(named)].items():
        others = frozenset().union(*(pair for pair in apart if customer_id in pair)) - {customer_id}
        if any(placed.get(other) == changed[number] for other in others):
            changed[number] = f"apart {customer_id}"
        placed[customer_id] = changed[number]
    return changed


def _end(steps: dict[str, str], customer_id: str) -> str:
    while customer_id in steps:
        customer_id = steps[customer_id]
    return customer_id


def _together(merge: Sequence[Decision]) -> dict[str, frozenset[str]]:
    """The records that decisions make one company: of each record all of them, itself included."""
    groups: dict[str, frozenset[str]] = {}
    for decision in merge:
        whole = decision.pair.union(*(groups.get(customer_id, ()) for customer_id in decision.pair))
        groups |= dict.fromkeys(whole, whole)
    return groups


def _apart(decisions: Decisions) -> list[frozenset[str]]:
    """The pairs that no rule may join: where two companies are apart, so are all records that are one with them."""
    groups = _together(decisions.merge)
    return [
        frozenset(pair)
        for decision in decisions.apart
        for pair in product(groups.get(decision.one, [decision.one]), groups.get(decision.other, [decision.other]))
    ]


def _refuse_joined(apart: Iterable[Decision], steps: dict[str, str]) -> None:
    for decision in apart:
        if _end(steps, decision.one) == _end(steps, decision.other):
            raise SettingError(
                f"{decision.one} and {decision.other} are kept apart, but entries under 'merge' join them",
                place=decision.place,
                fix=f"remove one of these entries from {SETTINGS}, or keep apart what a rule merges as well",
            )
