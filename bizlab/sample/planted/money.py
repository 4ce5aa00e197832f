"""What is planted in the books: internal trade, allocation, budget, and the organisation."""

from bizlab.labels import Label
from bizlab.sample.planted.plant import Planted

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
        "price-mistyped-cost",
        "money",
        "transfer_prices P-HS3, EQ-MC-1 to EQ-AS-1B, from 2026-01-01",
        "unit cost 461.00 for 416.00; cost plus 22.5 % gives 564.73, agreed 509.60; 1,178 pieces in 2026-10: 64,943.14",
        Label("约定价与其成本加成不符", "an agreed price that its cost plus does not give"),
    ),
    Planted(
        "driver-zero",
        "money",
        "drivers AR-AS-X, EQ-AS-2B, 2026-10",
        "0 instead of 340 m2; the others are not 0",
        Label("分摊动因为零:该单元本月不承担分摊", "a driver of zero: the unit bears nothing that month"),
    ),
    Planted(
        "ledger-one-fen",
        "money",
        "gl_entries JZ2610-0006-012, SA-W1, account 6601.04 (travel), 2026-10-10",
        "ledger 2,986.96, amoeba 2,986.95; the voucher balances",
        Label("财务账比经营会计多0.01元", "a difference of 0.01 to the ledger"),
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
    Planted(
        "plan-missing",
        "organisation",
        "unit_plans SA-S2 and SA-S3, 2026-04",
        "no plan for the first month after the split",
        Label("拆分后的首月没有计划", "the first month after the split was not planned"),
    ),
)
