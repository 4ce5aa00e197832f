"""What is planted in the sample, where, with its true value: the answer key of every analysis."""

from __future__ import annotations

from bizlab.labels import Label
from bizlab.sample.planted import truths
from bizlab.sample.planted.dirt import DIRT
from bizlab.sample.planted.money import MONEY, ORGANISATION
from bizlab.sample.planted.plant import Planted


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
