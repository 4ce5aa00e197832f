"""What the company sells, makes and buys inside, at which prices, and where leads come from."""

from __future__ import annotations

from typing import NamedTuple


class Product(NamedTuple):
    """A product: list price and transfer price in whole yuan, and the team that makes it."""

    product_id: str
    line: str
    list_yuan: int
    transfer_yuan: int
    maker: str
    method: str


PRODUCTS = (
    Product("S100", "sensor", 1_800, 1_440, "EQ-AS-1A", "negotiated"),
    Product("S200", "sensor", 3_200, 2_560, "EQ-AS-1B", "negotiated"),
    Product("S300", "sensor", 5_600, 4_480, "EQ-AS-1B", "negotiated"),
    Product("G10", "gateway", 6_800, 5_440, "EQ-AS-2A", "negotiated"),
    Product("G20", "gateway", 12_500, 10_000, "EQ-AS-2B", "negotiated"),
    Product("M-STD", "monitoring", 240, 156, "CL-PD", "commission"),
    Product("M-PRO", "monitoring", 420, 273, "CL-PD", "commission"),
    Product("SV-INS", "service", 2_400, 1_750, "CL-CS", "negotiated"),
)
PRODUCT = {product.product_id: product for product in PRODUCTS}
SENSORS = ("S100", "S200", "S300")
GATEWAYS = ("G10", "G20")
HARDWARE = SENSORS + GATEWAYS


class Part(NamedTuple):
    """A machined part: one goes into each product; price in whole yuan."""

    part_id: str
    maker: str
    product_id: str
    price_yuan: int


PARTS = (
    Part("P-HS1", "EQ-MC-1", "S100", 170),
    Part("P-HS2", "EQ-MC-1", "S200", 300),
    Part("P-HS3", "EQ-MC-1", "S300", 520),
    Part("P-BS1", "EQ-MC-2", "S100", 110),
    Part("P-BS2", "EQ-MC-2", "S200", 200),
    Part("P-BS3", "EQ-MC-2", "S300", 350),
    Part("P-CS1", "EQ-MC-2", "G10", 900),
    Part("P-CS2", "EQ-MC-1", "G20", 1_650),
)

INSPECTION = "Q-INS"
INSPECTION_YUAN = 38
HANDLING = "W-HDL"
HANDLING_YUAN = {"SA": 22, "EQ-AS": 15, "EQ-MC": 6}
"""Warehouse charge for a piece, by who is served."""
RENEWAL_CARE = "C-REN"
RENEWAL_CARE_YUAN = 650
"""What customer success receives from cloud product for each renewal."""

MATERIAL_RATE = {
    "EQ-MC-1": 0.6,
    "EQ-MC-2": 0.59,
    "EQ-AS-1A": 0.735,
    "EQ-AS-1B": 0.755,
    "EQ-AS-2A": 0.735,
    "EQ-AS-2B": 0.8,
}
"""Material as a share of what a team sells inside."""

PRICES_2026_RATE = 0.98
"""Transfer prices were lowered by 2 % on 2026-01-01."""


class Channel(NamedTuple):
    """A source of leads, and the weight with which a new lead comes from it."""

    channel_id: str
    name: str
    kind: str
    weight: float


CHANNELS = (
    Channel("CH01", "创始人校友圈", "founder", 3),
    Channel("CH02", "创始团队老客户引荐", "founder", 3),
    Channel("CH03", "《设备管理》杂志专栏", "media", 6),
    Channel("CH04", "行业公众号", "media", 8),
    Channel("CH05", "工业展会", "media", 8),
    Channel("CH06", "点检员社群", "community", 9),
    Channel("CH07", "线上技术沙龙", "community", 9),
    Channel("CH08", "润滑油厂商互换", "swap", 7),
    Channel("CH09", "轴承经销商互换", "swap", 7),
    Channel("CH10", "搜索广告", "paid", 12),
    Channel("CH11", "信息流广告", "paid", 12),
    Channel("CH12", "系统集成商甲", "partner", 5),
    Channel("CH13", "系统集成商乙", "partner", 4),
    Channel("CH14", "华南代理", "partner", 3),
)
