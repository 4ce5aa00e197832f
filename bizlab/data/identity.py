"""Which company a record speaks of: credit codes and names."""

from __future__ import annotations

import re

import pandas as pd

from bizlab.units import fold_width

CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_SUFFIX = re.compile(r"(?:股份有限公司|集团有限公司|有限责任公司|有限公司|股份公司|集团公司|公司)$")
_BRACKETS = re.compile(r"[()\[\]【】〔〕]")
_BLANKS = re.compile(r"\s+")


def credit_code_is_valid(code: str) -> bool:
    """Whether a unified social credit code (统一社会信用代码) has the right check character.

    GB 32100-2015: eighteen characters of an alphabet of 31; the last is 31 less the weighted sum
    of the others modulo 31, with weights 3^(place-1) modulo 31.

    >>> credit_code_is_valid("91350100M000100Y43"), credit_code_is_valid("91350100M000100Y44")
    (True, False)
    """
    if len(code) != 18 or any(char not in CHARACTERS for char in code):
        return False
    total = sum(CHARACTERS.index(char) * weight for char, weight in zip(code, _WEIGHTS, strict=False))
    return CHARACTERS.index(code[17]) == (31 - total % 31) % 31


def name_core(name: str) -> str:
    """A company's name without what people write in different ways: width, blanks, brackets, suffix.

    >>> name_core("云岭 泵业（中国）有限公司") == name_core("云岭泵业(中国)有限责任公司")
    True
    """
    folded = _BLANKS.sub("", _BRACKETS.sub("", fold_width(name)))
    return _SUFFIX.sub("", folded).casefold() or folded.casefold()


def same_companies(customers: pd.DataFrame) -> pd.DataFrame:
    """Companies that stand twice.

    Two records are one company when their valid credit codes agree, or when their names agree
    but for width, blanks, brackets and suffix and their codes do not contradict each other.

    Parameters
    ----------
    customers : the table ``customers``, invalid credit codes already missing.

    Returns
    -------
    One row per record to be merged away: ``customer_id``, ``kept_id`` (the record entered first)
    and ``reason`` (``credit_code`` or ``name``).

    >>> frame = pd.DataFrame({"customer_id": ["1", "2", "3"], "name": ["甲(中国)公司", "甲（中国）公司", "乙公司"],
    ...     "credit_code": [None, "x", "y"], "created_on": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])})
    >>> same_companies(frame).to_dict("records")
    [{'customer_id': '2', 'kept_id': '1', 'reason': 'name'}]
    """
    ordered = customers.sort_values(["created_on", "customer_id"], kind="stable")
    kept: dict[str, str] = {}
    by_code: dict[str, str] = {}
    by_name: dict[str, tuple[str, str | None]] = {}
    merges = []
    for row in ordered[["customer_id", "name", "credit_code"]].itertuples(index=False):
        code = None if pd.isna(row.credit_code) else str(row.credit_code)
        core = name_core(row.name)
        if code is not None and code in by_code:
            kept[row.customer_id], reason = by_code[code], "credit_code"
        elif core in by_name and (code is None or by_name[core][1] in {None, code}):
            kept[row.customer_id], reason = by_name[core][0], "name"
        else:
            by_name.setdefault(core, (row.customer_id, code))
            if code is not None:
                by_code[code] = row.customer_id
            continue
        if code is not None:
            by_code.setdefault(code, kept[row.customer_id])
        merges.append((row.customer_id, kept[row.customer_id], reason))
    return pd.DataFrame(merges, columns=["customer_id", "kept_id", "reason"], dtype="str")
