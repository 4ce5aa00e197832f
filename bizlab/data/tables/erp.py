"""What the ERP exports."""

from bizlab.contracts import Table
from bizlab.data.tables._columns import choice, code, count, day, fen, moment
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

TABLES = (ORDERS, SETTLEMENTS, SUBSCRIPTIONS)
