"""What is planted in the sample, where, with its true value: the answer key of every analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bizlab.data.sample import truths
from bizlab.labels import Label

Group = Literal["behaviour", "money", "organisation", "dirt", "dictionary", "grading"]
GROUPS = {
    "behaviour": Label("客户行为", "Behaviour"),
    "money": Label("经营会计与预算", "Money"),
    "organisation": Label("组织", "Organisation"),
    "dirt": Label("数据质量", "Dirt"),
    "dictionary": Label("标签字典", "Tag dictionary"),
    "grading": Label("客户分级", "Customer grading"),
}


@dataclass(frozen=True)
class Planted:
    """One planted truth or defect.

    Parameters
    ----------
    code : stable name.
    group : what it is about.
    where : tables, files and keys where it stands.
    value : the true value; amounts in yuan.
    find : what an analysis must find.
    """

    code: str
    group: Group
    where: str
    value: str
    find: Label


def planted() -> tuple[Planted, ...]:
    """Everything that is planted, in the order of the README."""
    return (*_behaviour(), *MONEY, *ORGANISATION, *DIRT, *DICTIONARY, *GRADING)


def _behaviour() -> tuple[Planted, ...]:
    return (*_rates(), *_stages(), DRIFT)


def _rates() -> tuple[Planted, ...]:
    purchases = [
        Planted(
            f"bgnbd-{segment}",
            "behaviour",
            f"orders: hardware orders of segment {segment} ({_industries(segment)})",
            f"r={rates.r:g}, alpha={rates.alpha:g} months, a={rates.a:g}, b={rates.b:g}; order value: Gamma-Gamma "
            f"p={rates.p:g}, q={rates.q:g}, gamma={rates.gamma_yuan:,.0f}",
            Label("购买率与流失率(BG/NBD)", "purchase and drop-out rates (BG/NBD)"),
        )
        for segment, rates in truths.PURCHASES.items()
    ]
    renewals = [
        Planted(
            f"sbg-{cohort}",
            "behaviour",
            f"subscriptions first signed {'before' if cohort == '2025' else 'from'} {truths.COHORT_2_FROM}",
            f"alpha={rates.alpha:g}, beta={rates.beta:g}; mean chance not to renew "
            f"{rates.alpha / (rates.alpha + rates.beta):.3f} for the first renewal",
            Label("续费倾向(sBG)", "renewal propensity (sBG)"),
        )
        for cohort, rates in truths.RENEWALS.items()
    ]
    return (*purchases, *renewals)


def _industries(segment: str) -> str:
    return ", ".join(truths.HEAVY) if segment == "heavy" else "all other industries"


def _stages() -> tuple[Planted, ...]:
    factors = ", ".join(f"{kind} {factor:g}" for kind, factor in truths.CHANNEL_MULTIPLIER.items())
    hazards = ", ".join(f"{stage} {truths.ADVANCE[stage]:g}/{truths.LOSS[stage]:g}" for stage in truths.SALES_STAGES)
    where = "stage_events of companies entered from 2024-11-01"
    return (
        Planted(
            "stage-hazards",
            "behaviour",
            where,
            f"weekly hazard to go on / to be lost: {hazards}",
            Label("各阶段的周推进率与流失率", "weekly hazards of each stage"),
        ),
        Planted(
            "channel-factors",
            "behaviour",
            f"{where}, by channels.kind",
            f"factor on the hazard to go on: {factors}",
            Label("同业置换优于付费推广", "swap with peers is better than paid promotion"),
        ),
        Planted(
            "stage-skips",
            "behaviour",
            where,
            f"skip from lead to MQL {truths.SKIP_RATE:g}; fall back from SQL to nurturing {truths.REGRESSION_RATE:g}",
            Label("跳级与回退是合法的,保留并计数", "skips and regressions are legal, kept and counted"),
        ),
    )


DRIFT = Planted(
    "drift-settlement-south",
    "behaviour",
    "settlements of orders of region south, ordered from 2026-06-01",
    f"{truths.DRIFT_DAYS:g} days later on average than before",
    Label("结算周期标签自2026年6月起漂移", "the settlement-cycle tag drifts from 2026-06"),
)

MONEY = (
    Planted(
        "trade-seller-only",
        "money",
        "internal_trades_sold IT2610-00400, EQ-AS-1B to SA-E1, 2026-10-26",
        "278,476.80",
        Label("内部交易仅卖方入账", "a trade that only the seller booked"),
    ),
    Planted(
        "trade-buyer-only",
        "money",
        "internal_trades_bought IT2610-00128, WH to EQ-MC-1, 2026-10-10",
        "10,437.00",
        Label("内部交易仅买方入账", "a trade that only the buyer booked"),
    ),
    Planted(
        "trade-one-fen",
        "money",
        "internal trade IT2610-00090, EQ-MC-2 to EQ-AS-2A, 2026-10-08",
        "seller 59,976.00, buyer 59,976.01",
        Label("双方金额相差0.01元", "the two sides differ by 0.01"),
    ),
    Planted(
        "price-above",
        "money",
        "internal trade IT2610-00225, EQ-AS-1B to SA-N1, S300 x 39, 2026-10-16",
        "booked 179,786.88 by both; agreed 171,225.60 (4,390.40 a piece); 5 % above",
        Label("成交价高于约定的内部价格", "a price above the agreed transfer price"),
    ),
    Planted(
        "driver-zero",
        "money",
        "drivers AR-AS-X, EQ-AS-2B, 2026-10",
        "0 instead of 340 m2; the others are not 0",
        Label("分摊动因为零:该单元本月不承担分摊", "a driver of zero: the unit bears nothing that month"),
    ),
    Planted(
        "over-budget-hidden",
        "money",
        "actual_lines SA-E, 2026-10, accounts marketing and travel",
        "marketing 38,640.00 over, travel 37,980.00 under its budget; net 660.00",
        Label("科目超支被另一科目的节约掩盖", "an account over budget, hidden by a saving"),
    ),
    Planted(
        "budget-raised",
        "money",
        "budget_lines 2026-B2 against 2026-B1, SA-S, marketing",
        "50,000.00 more a month from 2026-07 (300,000.00 in 2026), effective 2026-07-01",
        Label("经批准的预算调整", "a budget raised by an approved adjustment"),
    ),
    Planted(
        "spend-without-plan",
        "money",
        "actual_lines SA-W, training, 2026-10",
        "28,600.00 against no line in 2026",
        Label("无预算支出", "spend without plan"),
    ),
    Planted(
        "plan-without-spend",
        "money",
        "budget_lines 2026-B2 SA-N, training, 2026-10",
        "8,500.00 planned, nothing posted",
        Label("有预算未支出", "plan without spend"),
    ),
)

ORGANISATION = (
    Planted(
        "hours-missing",
        "organisation",
        "hour_records EQ-AS-2A, 2026-10-19 to 2026-10-21",
        "36 records, 238 hours, ten persons",
        Label("三天没有工时记录", "a team without hours for three days"),
    ),
    Planted(
        "unit-moved",
        "organisation",
        "unit_parents SA-E3",
        "from SA-E to SA-N on 2026-10-16, within the month",
        Label("月中变更上级", "a unit moves to another parent within a month"),
    ),
    Planted(
        "unit-split",
        "organisation",
        "units SA-S1 into SA-S2 and SA-S3",
        "SA-S1 closed on 2026-03-31, the others opened on 2026-04-01",
        Label("一个巴拆分为两个", "a unit splits in two"),
    ),
)

DIRT = (
    Planted(
        "duplicate-companies",
        "dirt",
        "customers 003101 to 003124 are 24 companies that are there already",
        "229 orders, 33,892,859.00 stand under the second ids; kinds in turn: brackets, suffix, full width",
        Label("同一企业重复建档(括号、后缀、全角)", "duplicate companies: brackets, suffix, full width"),
    ),
    Planted(
        "look-alike-companies",
        "dirt",
        "customers 001122 and 001096; 000555 and 000165; 002049 and 001503",
        "鲁岳立名热电 for 鲁岳立铭热电; 浙江省 before 浙屏辰源化工; 91993600948609697T, typed wrong at 001503",
        Label("疑似重复:列出,不合并", "may be one company: listed, not merged"),
    ),
    Planted(
        "revenue-in-yuan",
        "dirt",
        "customers 003055, annual revenue",
        "76,970,000 万元 typed, 7,697 万元 meant: 10,000 times too much",
        Label("年收入单位错误(元误作万元)", "a revenue typed in yuan where 万元 was meant"),
    ),
    Planted(
        "wrong-check-character",
        "dirt",
        "customers 000101, 000562, 001027, 001503, 001977, 002448",
        "6 credit codes with a wrong last character",
        Label("统一社会信用代码校验位错误", "credit codes whose check character is wrong"),
    ),
    Planted(
        "odd-names",
        "dirt",
        "customers 000108, 000112, 000114, 000115",
        '=HYPERLINK("http://example.invalid","点这里")有限公司 · <script>alert(1)</script>有限公司 · NA · None',
        Label("异样名称仍是名称", "names like a formula, a script, NA and None are names"),
    ),
    Planted(
        "leading-zeros",
        "dirt",
        "customers.customer_id",
        "000102 stays 000102",
        Label("编号的前导零", "leading zeros of ids"),
    ),
    Planted(
        "typed-numbers",
        "dirt",
        "customers 000301 and 000302 (headcount); order line SO2609-00166-2 (amount)",
        "2,666 and ２６６６ are 2666; 3.2万 is 32,000.00",
        Label("千分位、全角、万的写法", "thousands separators, full width, 万"),
    ),
    Planted(
        "brackets-negative",
        "dirt",
        "erp/orders_*.xlsx, lines of quantity 0 (rebates)",
        "69 lines, -389,766.00 in all",
        Label("括号表示的负数", "negative amounts in brackets"),
    ),
    Planted(
        "dates-mixed",
        "dirt",
        "erp and amoeba workbooks; founded_on in customers.csv",
        "about 1.5 % of dates as text or serial numbers",
        Label("文本与序列号日期", "dates as text and serials"),
    ),
    Planted(
        "dates-impossible",
        "dirt",
        "crm/contacts_own.csv, K90001 and K90002",
        "2026-02-30 and 2026/13/05",
        Label("不存在的日期,应拒收", "dates that do not exist: rejected"),
    ),
    Planted(
        "key-conflict",
        "dirt",
        "crm/contacts_own.csv, the first contact once more at the end",
        "same id, other position",
        Label("同一编号内容不同", "one id with two contents"),
    ),
    Planted(
        "lines-repeated",
        "dirt",
        "crm/stage_events_2026.csv, the last three lines",
        "3 lines again",
        Label("文件内重复行,应合并", "repeated lines: merged"),
    ),
    Planted(
        "file-cut",
        "dirt",
        "budget/actual_lines_2025.csv, JV2512-00113",
        "280.00 is read where 28,014.11 was sent; the control total says so",
        Label("文件尾部被截断", "a file that was cut"),
    ),
    Planted(
        "file-twice",
        "dirt",
        "budget/actual_lines_2024.csv and actual_lines_2024 (1).csv",
        "142 lines twice",
        Label("同一文件交付两次", "a file delivered twice"),
    ),
    Planted(
        "encodings",
        "dirt",
        "crm/contacts_own.csv (GB18030), contacts_partner.csv (Big5), "
        "budget/actual_lines_*.csv (GBK), the other csv files UTF-8 with a byte-order mark",
        "as named",
        Label("多种编码", "several encodings"),
    ),
    Planted(
        "hidden-rows",
        "dirt",
        "erp/settlements_2026.xlsx, RC2601-00041 to RC2601-00043",
        "3 hidden lines, 36,091.20 in all, that count",
        Label("隐藏行也是数据", "hidden rows are data"),
    ),
)

GRADING = (
    Planted(
        "application-wrong-code",
        "grading",
        "grade_applications GA0005",
        "the last character of the customer code",
        Label("客户代码校验位错误", "a customer code whose check character is wrong"),
    ),
    Planted(
        "application-own-approval",
        "grading",
        "grade_applications GA0011",
        "P00120 applied, reviewed and approved",
        Label("自己申请、自己审核、自己批准", "one person applied, reviewed and approved"),
    ),
    Planted(
        "application-inflated",
        "grading",
        "grade_applications GA0017",
        "expected annual sales of twice the customer's annual revenue",
        Label("预计年销售额高于客户年收入", "expected sales above the customer's own revenue"),
    ),
    Planted(
        "grade-a-idle",
        "grading",
        "grade_applications GA0002, company 000136",
        "grade A since 2025-01-24, no order in the 12 months to 2026-10-31",
        Label("A级客户一年没有采购", "a grade A customer that bought nothing for a year"),
    ),
    Planted(
        "grade-c-buys-like-a",
        "grading",
        "grade_applications GA0001, company 002978",
        "grade C, 936,244.00 bought in the 12 months to 2026-10-31",
        Label("C级客户采购达A级水平", "a grade C customer that buys like one of grade A"),
    ),
    Planted(
        "application-special",
        "grading",
        "grade_applications GA0035",
        "a newcomer to its industry: no grade by the rules, the special-customer way",
        Label("暂不能判定级别,走特殊客户流程", "cannot be graded yet: the special-customer way"),
    ),
    Planted(
        "application-twice",
        "grading",
        "grade_applications GA0041",
        "the company of GA0035 again",
        Label("同一客户重复申请", "a second application for the same customer"),
    ),
)

DICTIONARY = (
    Planted(
        "rule-overlap",
        "dictionary",
        "params/tags.yaml, tag service_attention, the cases collect and key",
        "38 companies on 2026-10-31 are both 50,000.00 overdue and worth 500,000.00 in 12 months; order makes them "
        "collect",
        Label("两个条件重叠,由先后次序决定", "two cases overlap, and their order decides in silence"),
    ),
    Planted(
        "rule-changed",
        "dictionary",
        "params/tags.yaml, tag settlement_behaviour, versions",
        "a little late ends at 30 days until 2026-06-30, at 15 days from 2026-07-01",
        Label("标签变动源于规则修改,而非客户行为", "values that move because the rule did, not the customers"),
    ),
)
