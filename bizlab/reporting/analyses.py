"""The analyses of a month: their notebooks, titles and questions, in the order of the portal."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from bizlab.errors import SettingError
from bizlab.labels import Label


class Analysis(NamedTuple):
    """An analysis and its notebook.

    One that ``collects`` reads the results of the others; one that is ``for_leaders`` can be made for the leader of a
    unit, from the data of the unit and what lies below it.
    """

    name: str
    notebook: str
    title: Label
    question: Label
    collects: bool = False
    for_leaders: bool = False


ANALYSES = (
    Analysis(
        "customer_tags",
        "01_customer_tags.ipynb",
        Label("客户标签", "Customer tags"),
        Label(
            "我们的客户是谁,哪些客户价值最高,谁在变化?",
            "Who are our customers, which are worth most, and who is changing?",
        ),
    ),
    Analysis(
        "lifecycle",
        "02_lifecycle.ipynb",
        Label("客户生命周期", "Customer lifecycle"),
        Label(
            "客户走到了哪一步,漏斗在哪里漏,和上月比如何?",
            "Where do customers stand, where does the funnel leak, and how against last month?",
        ),
    ),
    Analysis(
        "unit_hour",
        "03_unit_hour.ipynb",
        Label("单位时间核算表", "Unit-hour sheet"),
        Label(
            "每个巴每小时创造多少附加值,变动从何而来?",
            "What does each amoeba add per hour, and what moved it?",
        ),
        for_leaders=True,
    ),
    Analysis(
        "budget_variance",
        "04_budget_variance.ipynb",
        Label("预算偏差", "Budget variance"),
        Label(
            "钱花得与预算差多少,差在谁、差在哪个科目?",
            "How far is spending from the budget, whose is it, and on which account?",
        ),
    ),
    Analysis(
        "customer_grading",
        "05_customer_grading.ipynb",
        Label("客户分级", "Customer grading"),
        Label(
            "导入申请是否合规,等级是否名副其实,谁应该调级?",
            "Are applications in order, do grades hold what they promise, and who should be regraded?",
        ),
    ),
    Analysis(
        "tag_quality",
        "06_tag_quality.ipynb",
        Label("标签质量", "Tag quality"),
        Label(
            "标签是否可用、是否稳定,本月谁的标签变了,为什么?",
            "Can the tags be used, do they hold still, whose tags changed this month, and why?",
        ),
    ),
    Analysis(
        "predictions",
        "07_predictions.ipynb",
        Label("预测", "Predictions"),
        Label(
            "谁会转化、沉默、续费、再买多少,这些预测值得信吗?",
            "Who will convert, fall silent, renew, and buy how much, and do these predictions deserve trust?",
        ),
    ),
    Analysis(
        "customer_card",
        "08_customer_card.ipynb",
        Label("客户卡片", "Customer card"),
        Label(
            "这一家客户是谁,每个标签从何而来,最近变了什么?",
            "Who is this one customer, how did every tag come about, and what has changed lately?",
        ),
    ),
    Analysis(
        "segments",
        "09_segments.ipynb",
        Label("客群", "Segments"),
        Label(
            "哪些客户该由谁跟进,客群之间有多少重叠,与其余客户有何不同?",
            "Which customers should be followed up by whom, how far do segments overlap, and how do they differ?",
        ),
    ),
    Analysis(
        "customer_models",
        "10_customer_models.ipynb",
        Label("客户模型", "Customer models"),
        Label(
            "客户有哪几类,哪些正在沉默,失了多少分、失在哪里?",
            "What kinds of customers are there, and which of them are falling silent, in points?",
        ),
    ),
    Analysis(
        "internal_trade",
        "11_internal_trade.ipynb",
        Label("内部交易与价格", "Internal trade and prices"),
        Label(
            "谁卖给谁,双方账目对得上吗,价格变动谁得谁失?",
            "Who sells to whom, do both books agree, and who gains from another price?",
        ),
    ),
    Analysis(
        "reconciliation",
        "12_reconciliation.ipynb",
        Label("与财务损益对账", "Reconciliation to the P&L"),
        Label(
            "经营会计的附加值与财务账的利润差在哪里,每一分都能解释吗?",
            "Where do the amoebas' value added and the ledger's profit part, and is every fen explained?",
        ),
    ),
    Analysis(
        "daily_records",
        "13_daily_records.ipynb",
        Label("日记录收集", "Daily records"),
        Label(
            "每日记录是否及时、完整、准确,谁还欠什么?",
            "Are the daily records timely, complete and accurate, and who owes what?",
        ),
    ),
    Analysis(
        "history_value_chain",
        "14_history_value_chain.ipynb",
        Label("历史数据与价值链", "History and value chain"),
        Label(
            "各巴一路走来怎样,本月是否异常,价值在链上哪里产生?",
            "How has each amoeba fared over time, does this month stand out, and where along the chain is value added?",
        ),
        for_leaders=True,
    ),
    Analysis(
        "allocation",
        "15_allocation.ipynb",
        Label("分摊与例外记录", "Allocation and exceptions"),
        Label(
            "谁为谁服务、费用和工时最终由谁承担,哪些记录违反规则?",
            "Who serves whom, who bears expense and hours in the end, and which records break a rule?",
        ),
    ),
    Analysis(
        "data_quality",
        "90_data_quality.ipynb",
        Label("数据质量", "Data quality"),
        Label(
            "收到了什么,留下了什么,与发送方的合计一致吗?",
            "What came in, what was kept, and does it agree with the senders' totals?",
        ),
    ),
    Analysis(
        "month_summary",
        "99_month_summary.ipynb",
        Label("月度摘要", "Month summary"),
        Label("这个月管理者应该知道什么?", "What should a manager know about this month?"),
        collects=True,
    ),
)


def analysis(name: str) -> Analysis:
    """The analysis of that name.

    Raises
    ------
    SettingError : there is none.
    """
    known = {entry.name: entry for entry in ANALYSES}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"write '{near[0]}'" if near else f"choose from {', '.join(known)}"
        raise SettingError(f"There is no analysis '{name}'", place="name of the analysis", way_out=hint)
    return known[name]
