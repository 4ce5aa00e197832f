"""What the ERP exports."""

from bizlab.contracts.table import Table
from bizlab.data.tables._columns import choice, code, count, day, fen, moment, text
from bizlab.labels import Label

PRODUCT_LINES = {
    "sensor": ("振动传感器", "Vibration sensors"),
    "gateway": ("网关", "Gateways"),
    "monitoring": ("监测订阅", "Monitoring subscription"),
    "service": ("服务", "Service"),
}

ORDERS = Table(
    name="orders",
    label=Label("订单行", "Order lines"),
    grain=Label("每个订单行一行", "one row per order line"),
    system="ERP",
    key=("order_line_id",),
    occurred="ordered_on",
    known_at="known_at",
    columns=(
        code("order_line_id", "订单行号", "Order line id"),
        code("order_id", "订单号", "Order id"),
        code("customer_id", "企业编号", "Company id"),
        code("unit_id", "销售巴", "Selling unit"),
        choice("product_line", "产品线", "Product line", PRODUCT_LINES),
        code("product_id", "产品编号", "Product id"),
        count("quantity", "数量", "Quantity"),
        fen("amount_fen", "金额", "Amount"),
        day("ordered_on", "下单日期", "Ordered on"),
        day("due_on", "应收日期", "Payment due on"),
        moment("known_at", "录入时间", "Recorded at"),
    ),
)

SETTLEMENTS = Table(
    name="settlements",
    label=Label("回款", "Payments received"),
    grain=Label("每笔回款一行", "one row per payment"),
    system="ERP",
    key=("settlement_id",),
    occurred="paid_on",
    known_at="known_at",
    columns=(
        code("settlement_id", "回款编号", "Payment id"),
        code("order_id", "订单号", "Order id"),
        code("customer_id", "企业编号", "Company id"),
        fen("amount_fen", "金额", "Amount"),
        day("paid_on", "回款日期", "Paid on"),
        moment("known_at", "录入时间", "Recorded at"),
    ),
)

SUBSCRIPTIONS = Table(
    name="subscriptions",
    label=Label("订阅期", "Subscription periods"),
    grain=Label("每个订阅期一行", "one row per subscription period"),
    system="ERP",
    key=("subscription_id", "period_no"),
    occurred="signed_on",
    columns=(
        code("subscription_id", "订阅编号", "Subscription id"),
        count("period_no", "期次", "Period number"),
        code("customer_id", "企业编号", "Company id"),
        day("starts_on", "开始日期", "Starts on"),
        day("ends_on", "结束日期(含)", "Last day"),
        fen("amount_fen", "金额", "Amount"),
        day("signed_on", "签约日期", "Signed on"),
    ),
)

GL_ENTRIES = Table(
    name="gl_entries",
    label=Label("总账分录", "Ledger lines"),
    grain=Label("每张凭证的每行分录一行", "one row per line of a voucher"),
    system="erp",
    key=("entry_id",),
    occurred="posted_on",
    columns=(
        code("entry_id", "分录号", "Entry id"),
        code("voucher_id", "凭证号", "Voucher"),
        day("posted_on", "记账日期", "Posted on"),
        code("account_code", "科目编码", "Account"),
        text("account_name", "科目名称", "Account name"),
        code("unit_id", "成本中心", "Cost centre", nullable=True),
        fen("debit_fen", "借方金额", "Debit"),
        fen("credit_fen", "贷方金额", "Credit"),
        text("remark", "摘要", "Text", nullable=True),
    ),
)

TABLES = (ORDERS, SETTLEMENTS, SUBSCRIPTIONS, GL_ENTRIES)
