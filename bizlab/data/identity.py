"""Which company a record speaks of: credit codes and names."""

from __future__ import annotations

import re

import pandas as pd

from bizlab.units import fold_width

_SUFFIX = re.compile(r"(?:股份有限公司|集团有限公司|有限责任公司|有限公司|股份公司|集团公司|公司)$")
_BRACKETS = re.compile(r"[()\[\]【】〔〕]")
_BLANKS = re.compile(r"\s+")
_PROVINCE = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PREFIX = re.compile(
    rf"^(?:(?:{_PROVINCE})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)?)?(?:[\u4e00-\u9fff]{{2,4}}?市)?(?=..)"
)


def name_core(name: str) -> str:
    """A company's name without what people write in different ways: width, blanks, brackets, suffix.

    >>> name_core("云岭 泵业（中国）有限公司") == name_core("云岭泵业(中国)有限责任公司")
    True
    """
    folded = _BLANKS.sub("", _BRACKETS.sub("", fold_width(name)))
    return _SUFFIX.sub("", folded).casefold() or folded.casefold()


def similar_companies(customers: pd.DataFrame) -> pd.DataFrame:
    """Companies whose name is another's with a province or city before it.

    The two may be one company or parent and branch; a name cannot tell, so nothing is merged.
    Two different credit codes are two companies, and are not listed.

    Parameters
    ----------
    customers : the table ``customers`` after merging.

    Returns
    -------
    One row per company whose name carries the prefix: ``customer_id`` and ``other_id``.

    >>> frame = pd.DataFrame({"customer_id": ["1", "2", "3"], "credit_code": [None, "x", None],
    ...                       "name": ["云岭泵业有限公司", "浙江省杭州市云岭泵业公司", "杭州云岭泵业公司"]})
    >>> similar_companies(frame).to_dict("records")
    [{'customer_id': '2', 'other_id': '1'}]
    """
    core = customers["name"].map(name_core)
    ids = customers[["customer_id", "credit_code"]].assign(core=core)
    prefixed = ids.assign(core=core.map(lambda name: _PREFIX.sub("", name)))[core.map(_has_prefix)]
    named = ids.drop_duplicates("core").rename(columns={"customer_id": "other_id", "credit_code": "other_code"})
    both = prefixed.merge(named, on="core")
    apart = both["credit_code"].notna() & both["other_code"].notna()
    return both.loc[~apart, ["customer_id", "other_id"]].reset_index(drop=True)


def _has_prefix(core: str) -> bool:
    prefix = _PREFIX.match(core)
    return prefix is not None and prefix.end() > 0


def same_companies(customers: pd.DataFrame) -> pd.DataFrame:
    """Companies that stand twice.

    Two records are one company when their valid credit codes agree, or when their names agree but
    for width, blanks, brackets and suffix and no two codes stand under the name. Where two do,
    records without a code are a company of their own: nothing says which of the two they mean.

    Parameters
    ----------
    customers : the table ``customers``, invalid credit codes already missing.

    Returns
    -------
    One row per record to be merged away: ``customer_id``, ``kept_id`` (the record entered first)
    and ``reason``: ``credit_code`` where an earlier record of the company has the same code, else ``name``.

    >>> frame = pd.DataFrame({"customer_id": ["1", "2", "3"], "name": ["甲(中国)公司", "甲（中国）公司", "乙公司"],
    ...     "credit_code": [None, "x", "y"], "created_on": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])})
    >>> same_companies(frame).to_dict("records")
    [{'customer_id': '2', 'kept_id': '1', 'reason': 'name'}]
    """
    ordered = customers.sort_values(["created_on", "customer_id"], kind="stable").reset_index(drop=True)
    code, core = ordered["credit_code"].astype("object"), ordered["name"].map(name_core)
    under_name = code.groupby(core)
    only = under_name.transform("nunique") == 1
    company = code.where(code.notna(), under_name.transform("first").where(only, other=None))
    company = ("code " + company.astype("object")).where(company.notna(), "name " + core)
    again = company.duplicated()
    known = code.notna() & code.duplicated()
    return pd.DataFrame(
        {
            "customer_id": ordered["customer_id"],
            "kept_id": ordered.groupby(company)["customer_id"].transform("first"),
            "reason": known.map({True: "credit_code", False: "name"}),
        },
        dtype="str",
    )[again].reset_index(drop=True)
