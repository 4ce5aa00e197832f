"""Companies that may be one, which nobody should merge unseen: listed in pairs, with the reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias

import pandas as pd

from bizlab.data.cleaning.identity import name_core, placed, written_code
from bizlab.data.cleaning.neighbours import LARGEST_GROUP, near_pairs, pairs_within, slip
from bizlab.data.cleaning.quality import DUPLICATE_CANDIDATES, REASONS

SHORTEST_NAME = 4
"""In a shorter name one character is too much of it to be a slip."""
_NUMERALS = frozenset("0123456789一二三四五六七八九十")
_FACTS = ["founded_on", "capital_fen", "industry", "region"]
Pairs: TypeAlias = pd.DataFrame


def duplicate_candidates(
    customers: pd.DataFrame, *, merged: dict[str, str], apart: Iterable[frozenset[str]] = ()
) -> pd.DataFrame:
    """Pairs of companies that may be one, after merging.

    Two companies with different valid codes and different names are two. So are two names that differ in a number
    (二厂, 三厂) or in the place before them; and where names differ by one character, so are two founding days.

    Parameters
    ----------
    customers : every record of the table ``customers``, those merged away as well: ``credit_code`` is missing where it
        is not valid, ``written`` is what stood there.
    merged : ids merged away, and the company that each belongs to.
    apart : pairs of ids that somebody decided to keep apart.

    Returns
    -------
    See `DUPLICATE_CANDIDATES`: one row per pair. Up to 50 records with one name or the same facts are paired with one
    another; of more, each with the first only. Where more than 50 records hold one of two names or codes that differ by
    a slip, the first of them stands for all.

    >>> frame = pd.DataFrame({"customer_id": ["1", "2"], "name": ["云岭泵业有限公司", "浙江省云岭泵业公司"],
    ...     "credit_code": None, "written": None, "founded_on": pd.NaT, "capital_fen": None, "industry": "food",
    ...     "region": "east", "created_on": pd.to_datetime(["2025-01-01", "2025-02-01"])})
    >>> duplicate_candidates(frame, merged={})[["customer_id", "other_id", "reasons"]].to_numpy().tolist()
    [['2', '1', 'region_prefix']]
    """
    records = _records(customers, merged)
    by_rule = [rule(records).assign(reason=reason) for reason, rule in _RULES.items()]
    pairs = _of_companies(pd.concat(by_rule, ignore_index=True), records)
    ends = [frozenset(merged.get(customer_id, customer_id) for customer_id in pair) for pair in apart]
    decided = [frozenset(pair) in ends for pair in zip(pairs["customer_id"], pairs["other_id"], strict=True)]
    undecided = pairs[~pd.Series(decided, index=pairs.index, dtype="bool")]
    by_id = records.set_index("customer_id")
    return DUPLICATE_CANDIDATES.conform(
        undecided.assign(
            name=undecided["customer_id"].map(by_id["name"]),
            other_name=undecided["other_id"].map(by_id["name"]),
            code=undecided["customer_id"].map(by_id["written"]),
            other_code=undecided["other_id"].map(by_id["written"]),
        )
    )


def strongest_first(candidates: pd.DataFrame) -> pd.DataFrame:
    """Candidates in the order in which to look at them: by their strongest reason, then by how many there are."""
    reasons = candidates["reasons"].str.split("+")
    rank = reasons.str[0].map(list(REASONS).index)
    ordered = candidates.assign(rank=rank, n=-reasons.str.len()).sort_values(["rank", "n", *DUPLICATE_CANDIDATES.key])
    return ordered[list(DUPLICATE_CANDIDATES.names)].reset_index(drop=True)


def _records(customers: pd.DataFrame, merged: dict[str, str]) -> pd.DataFrame:
    """The records in the order of entry, so that of two rows the smaller number was entered first."""
    records = customers.sort_values(["created_on", "customer_id"], kind="stable").reset_index(drop=True)
    company = records["customer_id"].map(lambda customer_id: merged.get(customer_id, customer_id))
    codes = records["credit_code"].astype("object").groupby(company).transform("first")
    cores = records["name"].map(name_core)
    parts = cores.map(placed)
    texts = records["written"].map(written_code, na_action="ignore").astype("object")
    return records.assign(
        company=company,
        company_code=codes,
        code_text=texts,
        wrong=texts.where(records["credit_code"].isna()),
        core=cores,
        place=[part.place for part in parts],
        rest=[part.rest for part in parts],
    )


def _of_companies(pairs: Pairs, records: pd.DataFrame) -> pd.DataFrame:
    """Pairs of records as pairs of companies, each once with all its reasons, the company entered later first."""
    company = records["company"]
    entered = pd.Series(records.index, index=records["customer_id"])
    both = pd.DataFrame({"one": pairs["one"].map(company), "other": pairs["other"].map(company)})
    one_first = both["one"].map(entered) < both["other"].map(entered)
    ids = pd.DataFrame(
        {
            "customer_id": both["other"].where(one_first, both["one"]),
            "other_id": both["one"].where(one_first, both["other"]),
            "reason": pairs["reason"],
        }
    )[both["one"] != both["other"]].drop_duplicates()
    ranked = ids.assign(rank=ids["reason"].map(list(REASONS).index)).sort_values(["customer_id", "other_id", "rank"])
    return ranked.groupby(["customer_id", "other_id"])["reason"].agg("+".join).rename("reasons").reset_index()


def _code_one_character(records: pd.DataFrame) -> Pairs:
    near = near_pairs(records["code_text"].dropna(), around=records["wrong"].dropna())
    return _not_two(_rows_of(near, records["code_text"]), records)


def _same_name(records: pd.DataFrame, *, two_codes: bool) -> Pairs:
    pairs = pairs_within(records["core"])
    return pairs[_both_coded(pairs, records) == two_codes]


def _region_prefix(records: pd.DataFrame) -> Pairs:
    """The same name after the place before it is set aside; one of the places is part of the other, or missing."""
    pairs = _not_two(pairs_within(records["rest"]), records)
    return pairs[_in_one_place(pairs, records) & _differing(pairs, records)]


def _name_one_character(records: pd.DataFrame) -> Pairs:
    long = records["core"][records["core"].str.len() >= SHORTEST_NAME]
    near = _rows_of(near_pairs(long, around=long[records["company_code"].isna()]), long)
    day, other_day = _sides(near, records, "founded_on")
    contradicted = day.notna() & other_day.notna() & (day != other_day)
    pairs = _not_two(near[~contradicted], records)
    pairs = pairs[_in_one_place(pairs, records)]
    cores = zip(*_sides(pairs, records, "core"), strict=True)
    counted = [not _NUMERALS.isdisjoint("".join(slip(*both) or "")) for both in cores]
    return pairs[~pd.Series(counted, index=pairs.index, dtype="bool")]


def _same_facts(records: pd.DataFrame) -> Pairs:
    """Founded on one day, with one registered capital, in one industry and region, under two names."""
    known = records[records[_FACTS].notna().all(axis=1)]
    facts = known.groupby(_FACTS, sort=False).ngroup()
    pairs = _not_two(pairs_within(facts), records)
    return pairs[_differing(pairs, records)]


_RULES: dict[str, Callable[[pd.DataFrame], Pairs]] = {
    "same_wrong_code": lambda records: _not_two(pairs_within(records["wrong"]), records),
    "code_one_character": _code_one_character,
    "same_name_two_codes": partial(_same_name, two_codes=True),
    "same_name_no_code": partial(_same_name, two_codes=False),
    "region_prefix": _region_prefix,
    "name_one_character": _name_one_character,
    "same_facts": _same_facts,
}


def _sides(pairs: Pairs, records: pd.DataFrame, column: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    return pairs["one"].map(records[column]), pairs["other"].map(records[column])


def _differing(pairs: Pairs, records: pd.DataFrame) -> pd.Series[bool]:
    one, other = _sides(pairs, records, "core")
    return one != other


def _both_coded(pairs: Pairs, records: pd.DataFrame) -> pd.Series[bool]:
    one, other = _sides(pairs, records, "company_code")
    return one.notna() & other.notna()


def _not_two(pairs: Pairs, records: pd.DataFrame) -> Pairs:
    """Without the pairs in which each company has a valid code of its own."""
    return pairs[~_both_coded(pairs, records)]


def _in_one_place(pairs: Pairs, records: pd.DataFrame) -> pd.Series[bool]:
    places = zip(*_sides(pairs, records, "place"), strict=True)
    return pd.Series([one in other or other in one for one, other in places], index=pairs.index, dtype="bool")


def _rows_of(texts: Pairs, column: pd.Series[str]) -> Pairs:
    """Pairs of texts as pairs of the rows that hold them; of a text that many hold the first row stands for all."""
    rows = pd.DataFrame({"text": column.to_numpy(), "row": column.index}).dropna()
    held = rows.groupby("text", sort=False)["row"]
    rows = rows[(held.transform("size") <= LARGEST_GROUP) | (held.cumcount() == 0)]
    one = texts.merge(rows, left_on="one", right_on="text")
    both = one.merge(rows, left_on="other", right_on="text", suffixes=("", "_other"))
    return pd.DataFrame({"one": both["row"], "other": both["row_other"]})
