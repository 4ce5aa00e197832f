"""Budgets and what was spent against them."""

from bizlab.contracts.table import Table
from bizlab.data.tables._columns import choice, code, day, fen, month, text
from bizlab.labels import Label

ACCOUNTS = {
    "marketing": ("市场费用", "Marketing"),
    "management": ("管理分摊", "Management allocation"),
    "salaries": ("人员工资", "Salaries"),
    "travel": ("差旅费用", "Travel"),
    "training": ("培训费用", "Training"),
    "depreciation": ("资产折旧", "Depreciation"),
    "other": ("其他", "Other"),
}
STATUSES = {
    "draft": ("编制", "Draft"),
    "reviewed": ("评审", "Reviewed"),
    "effective": ("生效", "Effective"),
    "adjustment_applied": ("申请调整", "Adjustment applied for"),
    "adjustment_effective": ("调整生效", "Adjustment effective"),
    "year_end_review": ("年终检讨", "Year-end review"),
}

BUDGET_VERSIONS = Table(
    name="budget_versions",
    label=Label("预算版本", "Budget versions"),
    grain=Label("每个版本的每次状态变更一行", "one row per version and change of its status"),
    system="budget",
    key=("version_id", "status"),
    columns=(
        code("version_id", "版本", "Version"),
        code("year", "年度", "Year"),
        choice("status", "状态", "Status", STATUSES),
        day("status_on", "日期", "Date"),
        text("decided_by", "责任人", "Decided by"),
    ),
)

BUDGET_LINES = Table(
    name="budget_lines",
    label=Label("预算", "Budget"),
    grain=Label("每版本、科目、责任单元、月份一行", "one row per version, account, owner and month"),
    system="budget",
    key=("version_id", "account", "owner_id", "month"),
    columns=(
        code("version_id", "版本", "Version"),
        choice("account", "科目", "Account", ACCOUNTS),
        code("owner_id", "责任单元", "Owner"),
        month("month", "月份", "Month"),
        fen("amount_fen", "预算金额", "Budget"),
    ),
)

ACTUAL_LINES = Table(
    name="actual_lines",
    label=Label("费用发生", "Spending"),
    grain=Label("每笔入账一行", "one row per posting"),
    system="budget",
    key=("posting_id",),
    occurred="posted_on",
    columns=(
        code("posting_id", "凭证号", "Posting id"),
        choice("account", "科目", "Account", ACCOUNTS),
        code("owner_id", "责任单元", "Owner"),
        day("posted_on", "入账日期", "Posted on"),
        fen("amount_fen", "金额", "Amount"),
        text("remark", "摘要", "Remark", nullable=True),
    ),
)

TABLES = (BUDGET_VERSIONS, BUDGET_LINES, ACTUAL_LINES)
