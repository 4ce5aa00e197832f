"""The accounts of the budget table (BUD-1), the nature of each, and the columns that every budget table shares."""

from __future__ import annotations

from typing import Literal

from bizlab.contracts.columns import column
from bizlab.labels import Label

Nature = Literal["expense", "revenue"]

TOTAL = "total"
TOTAL_WORDS = Label("总金额", "Total")
ACCOUNT_WORDS = {
    "marketing": Label("市场费用", "Marketing"),
    "management": Label("管理分摊", "Management allocation"),
    "salaries": Label("人员工资", "Salaries"),
    "travel": Label("差旅费用", "Travel"),
    "training": Label("培训费用", "Training"),
    "depreciation": Label("资产折旧", "Depreciation"),
    "other": Label("其他", "Other"),
    TOTAL: TOTAL_WORDS,
}
"""The accounts in the order of the budget table, the total last."""
ACCOUNTS = tuple(name for name in ACCOUNT_WORDS if name != TOTAL)
NATURES: dict[str, Nature] = dict.fromkeys(ACCOUNTS, "expense")
"""Above budget is adverse for an expense, favourable for revenue. All seven accounts are expenses."""
PLACE = ["owner_id", "account"]

ACCOUNT = column("account", "科目 | Account", words=ACCOUNT_WORDS)
OWNER = column("owner_id", "责任单元 | Owner", words={TOTAL: TOTAL_WORDS}, refers="units")
IS_TOTAL = column("is_total", "是否合计 | Is a total")
