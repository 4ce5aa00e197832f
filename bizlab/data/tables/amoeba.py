"""What the amoebas record every day, and the settings of their accounting."""

from bizlab.contracts.column import Column
from bizlab.contracts.table import Table
from bizlab.data.tables._columns import choice, code, count, day, fen, flag, minutes, moment, month, text
from bizlab.labels import Label
from bizlab.units.kinds import Unit

LEVELS = {
    "company": ("公司", "Company"),
    "sbu": ("SBU", "SBU"),
    "senior": ("高级巴", "Senior amoeba"),
    "middle": ("中级巴", "Middle amoeba"),
    "primary": ("初级巴", "Primary amoeba"),
    "team": ("团队", "Team"),
    "department": ("职能部门", "Department"),
}
REVENUE_KINDS = {
    "product": ("销售产品收入", "Products sold"),
    "service": ("服务收入", "Services"),
    "other": ("其他收入", "Other income"),
}
EXPENSE_KINDS = {
    "material": ("材料费", "Materials"),
    "labour": ("人工成本", "Labour cost"),
    "energy": ("水电能源", "Energy"),
    "travel": ("差旅费", "Travel"),
    "marketing": ("市场费", "Marketing"),
    "depreciation": ("折旧", "Depreciation"),
    "freight": ("运费", "Freight"),
    "other": ("其他费用", "Other expense"),
}
HOUR_KINDS = {"normal": ("正常", "Normal"), "overtime": ("加班", "Overtime")}
POOLS = {"expense": ("费用", "Expense"), "hours": ("工时", "Hours")}
SCOPES = {"department": ("部门内分摊", "Within the department"), "sbu": ("SBU间接分摊", "From the SBU")}
DRIVERS = {
    "hours": ("工时", "Hours"),
    "headcount": ("人数", "Headcount"),
    "sales": ("销售额", "Sales"),
    "area": ("面积", "Area"),
    "fixed": ("固定比例", "Fixed share"),
}
PRICE_METHODS = {
    "market": ("市场价", "Market price"),
    "cost_plus": ("成本加成", "Cost plus"),
    "commission": ("佣金", "Commission"),
    "negotiated": ("协商定价", "Negotiated"),
}

_CONFIRMED = (
    moment("confirmed_at", "本巴确认时间", "Confirmed by the unit at", nullable=True),
    moment("accepted_at", "经营会计确认时间", "Confirmed by accounting at", nullable=True),
)

UNITS = Table(
    name="units",
    label=Label("组织单元", "Units"),
    grain=Label("每个巴或部门一行", "one row per amoeba or department"),
    system="amoeba",
    key=("unit_id",),
    columns=(
        code("unit_id", "单元编号", "Unit id"),
        text("name_zh", "单元名称", "Unit name (zh)"),
        text("name_en", "英文名称", "Unit name (en)"),
        choice("level", "层级", "Level", LEVELS),
        flag("is_amoeba", "是否阿米巴", "Is an amoeba"),
        day("opened_on", "设立日期", "Opened on"),
        day("closed_on", "撤销日期", "Closed on", nullable=True),
    ),
)

UNIT_PARENTS = Table(
    name="unit_parents",
    label=Label("上级关系", "Parents of units"),
    grain=Label("每段上级关系一行", "one row per validity of a parent"),
    system="amoeba",
    key=("unit_id", "valid_from"),
    columns=(
        code("unit_id", "单元编号", "Unit id"),
        code("parent_id", "上级编号", "Parent id"),
        day("valid_from", "生效日期", "Valid from"),
        day("valid_to", "失效日期(含)", "Last day valid", nullable=True),
    ),
)

PERSONS = Table(
    name="persons",
    label=Label("人员归属", "Persons in units"),
    grain=Label("每人每段归属一行", "one row per person and stay in a unit"),
    system="amoeba",
    key=("person_id", "valid_from"),
    columns=(
        code("person_id", "人员编号", "Person id"),
        code("unit_id", "单元编号", "Unit id"),
        day("valid_from", "开始日期", "Valid from"),
        day("valid_to", "结束日期(含)", "Last day valid", nullable=True),
    ),
)

REVENUE_RECORDS = Table(
    name="revenue_records",
    label=Label("收入记录", "Revenue records"),
    grain=Label("每巴每日每笔对外收入一行", "one row per external revenue of a unit and day"),
    system="amoeba",
    key=("record_id",),
    occurred="recorded_on",
    columns=(
        code("record_id", "记录编号", "Record id"),
        code("unit_id", "单元编号", "Unit id"),
        choice("kind", "收入类别", "Kind of revenue", REVENUE_KINDS),
        day("recorded_on", "收入日期", "Date"),
        fen("amount_fen", "金额", "Amount"),
        text("remark", "备注", "Remark", nullable=True),
        *_CONFIRMED,
    ),
)

EXPENSE_RECORDS = Table(
    name="expense_records",
    label=Label("费用记录", "Expense records"),
    grain=Label("每巴每日每笔费用一行", "one row per expense of a unit and day"),
    system="amoeba",
    key=("record_id",),
    occurred="recorded_on",
    columns=(
        code("record_id", "记录编号", "Record id"),
        code("unit_id", "单元编号", "Unit id"),
        choice("kind", "费用类别", "Kind of expense", EXPENSE_KINDS),
        day("recorded_on", "费用日期", "Date"),
        fen("amount_fen", "金额", "Amount"),
        text("remark", "备注", "Remark", nullable=True),
        *_CONFIRMED,
    ),
)

HOUR_RECORDS = Table(
    name="hour_records",
    label=Label("工时记录", "Hour records"),
    grain=Label("每人每日每类工时一行", "one row per person, day and kind of hours"),
    system="amoeba",
    key=("person_id", "worked_on", "kind"),
    occurred="worked_on",
    columns=(
        code("person_id", "人员编号", "Person id"),
        code("unit_id", "单元编号", "Unit id"),
        day("worked_on", "日期", "Date"),
        choice("kind", "工时类别", "Kind of hours", HOUR_KINDS),
        minutes("minutes", "工时", "Time worked"),
    ),
)


def _trades(name: str, zh: str, en: str, side_zh: str, side_en: str) -> Table:
    return Table(
        name=name,
        label=Label(zh, en),
        grain=Label(f"{side_zh}记录的每笔内部交易一行", f"one row per internal trade as the {side_en} booked it"),
        system="amoeba",
        key=("trade_id",),
        occurred="traded_on",
        columns=(
            code("trade_id", "交易单号", "Trade id"),
            code("seller_id", "卖方巴", "Selling unit"),
            code("buyer_id", "买方巴", "Buying unit"),
            code("product_id", "品项", "Item"),
            count("quantity", "数量", "Quantity"),
            fen("amount_fen", "金额", "Amount"),
            day("traded_on", "交易日期", "Date"),
            *_CONFIRMED,
        ),
    )


INTERNAL_TRADES_SOLD = _trades("internal_trades_sold", "内部销售", "Internal sales", "卖方", "seller")
INTERNAL_TRADES_BOUGHT = _trades("internal_trades_bought", "内部采购", "Internal purchases", "买方", "buyer")

ORDER_INTAKE = Table(
    name="order_intake",
    label=Label("承接订单", "Orders received"),
    grain=Label("每巴每日承接订单一行", "one row per unit, day and order received"),
    system="amoeba",
    key=("record_id",),
    occurred="received_on",
    columns=(
        code("record_id", "记录编号", "Record id"),
        code("unit_id", "单元编号", "Unit id"),
        day("received_on", "承接日期", "Date"),
        fen("amount_fen", "金额", "Amount"),
    ),
)

HEADCOUNT = Table(
    name="headcount",
    label=Label("在册人数", "Headcount"),
    grain=Label("每单元每工作日一行", "one row per unit and working day"),
    system="amoeba",
    key=("unit_id", "counted_on"),
    occurred="counted_on",
    columns=(
        code("unit_id", "单元编号", "Unit id"),
        day("counted_on", "日期", "Date"),
        count("n_persons", "人数", "Persons"),
    ),
)

ALLOCATION_RULES = Table(
    name="allocation_rules",
    label=Label("分摊规则", "Allocation rules"),
    grain=Label("每条分摊规则的有效期一行", "one row per allocation rule and validity"),
    system="amoeba",
    key=("rule_id", "valid_from"),
    columns=(
        code("rule_id", "规则编号", "Rule id"),
        code("from_unit_id", "分摊来源", "From unit"),
        choice("pool", "分摊对象", "What is allocated", POOLS),
        choice("scope", "分摊范围", "Scope", SCOPES),
        choice("driver", "分摊依据", "Driver", DRIVERS),
        day("valid_from", "生效日期", "Valid from"),
        day("valid_to", "失效日期(含)", "Last day valid", nullable=True),
    ),
)

DRIVER_VALUES = Table(
    name="drivers",
    label=Label("分摊动因", "Driver values"),
    grain=Label("每规则每单元每月一行", "one row per rule, receiving unit and month"),
    system="amoeba",
    key=("rule_id", "unit_id", "month"),
    columns=(
        code("rule_id", "规则编号", "Rule id"),
        code("unit_id", "受分摊单元", "Receiving unit"),
        month("month", "月份", "Month"),
        count("value", "动因值", "Driver value"),
    ),
)

TRANSFER_PRICES = Table(
    name="transfer_prices",
    label=Label("内部价格", "Transfer prices"),
    grain=Label("每品项每买卖双方每段有效期一行", "one row per item, pair of units and validity"),
    system="amoeba",
    key=("product_id", "seller_id", "buyer_id", "valid_from"),
    columns=(
        code("product_id", "品项", "Item"),
        code("seller_id", "卖方巴", "Selling unit"),
        code("buyer_id", "买方巴", "Buying unit"),
        choice("method", "定价方式", "Price method", PRICE_METHODS),
        fen("price_fen", "单价", "Unit price"),
        Column(
            "base_fen",
            Unit.FEN,
            Label("计价基数", "Base of the price"),
            nullable=True,
            definition=Label(
                "市场价:每件市场价;成本加成:单位成本;佣金:对外售价;协商定价:无",
                "market: the market price of a piece; cost plus: its unit cost; commission: its price to the customer "
                "outside; negotiated: none",
            ),
        ),
        Column(
            "rate",
            Unit.RATE,
            Label("计价比率", "Rate of the price"),
            nullable=True,
            definition=Label(
                "市场价:内部折扣;成本加成:加成率;佣金:买方留存的佣金比例;协商定价:无",
                "market: the discount inside; cost plus: the mark-up on cost; commission: the share that the buyer "
                "keeps; negotiated: none",
            ),
        ),
        day("valid_from", "生效日期", "Valid from"),
        day("valid_to", "失效日期(含)", "Last day valid", nullable=True),
    ),
)

UNIT_PLANS = Table(
    name="unit_plans",
    label=Label("巴月度计划", "Plans of units"),
    grain=Label("每单元每月一行", "one row per unit and month"),
    system="amoeba",
    key=("unit_id", "month"),
    columns=(
        code("unit_id", "单元编号", "Unit id"),
        month("month", "月份", "Month"),
        fen("revenue_fen", "对外收入", "External revenue"),
        *(fen(f"{kind}_fen", *words) for kind, words in EXPENSE_KINDS.items()),
        minutes("normal_minutes", "正常工时", "Normal hours"),
        minutes("overtime_minutes", "加班工时", "Overtime"),
        count("n_persons", "平均人数", "Average headcount"),
        fen("orders_fen", "承接订单", "Orders received"),
    ),
)

TRADE_PLANS = Table(
    name="trade_plans",
    label=Label("内部交易计划", "Plans of internal trade"),
    grain=Label("每对买卖方每月一行", "one row per seller, buyer and month"),
    system="amoeba",
    key=("seller_id", "buyer_id", "month"),
    columns=(
        code("seller_id", "卖方巴", "Selling unit"),
        code("buyer_id", "买方巴", "Buying unit"),
        month("month", "月份", "Month"),
        fen("amount_fen", "金额", "Amount"),
    ),
)

TABLES = (
    UNITS,
    UNIT_PARENTS,
    PERSONS,
    REVENUE_RECORDS,
    EXPENSE_RECORDS,
    HOUR_RECORDS,
    INTERNAL_TRADES_SOLD,
    INTERNAL_TRADES_BOUGHT,
    ORDER_INTAKE,
    HEADCOUNT,
    ALLOCATION_RULES,
    DRIVER_VALUES,
    TRANSFER_PRICES,
    UNIT_PLANS,
    TRADE_PLANS,
)
