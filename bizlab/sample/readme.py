"""The README of the sample, made from the list of what is planted."""

from __future__ import annotations

from bizlab.sample.company.organisation import UNITS
from bizlab.sample.planted.plant import GROUPS
from bizlab.sample.planted.planted import planted
from bizlab.tables import TABLES

INTRODUCTION = """\
# The sample company 云帆智造 (Yunfan)

A made company: vibration sensors and gateways from its own plant, and a monitoring subscription. Months
2024-11 to 2026-10. All names, codes and figures are made up; the regions in the credit codes (99xx00) do not exist.

Everything here is generated: `bizlab sample` makes these files again, byte for byte. This page is made from
`bizlab.sample.planted.planted()`. The answer key below is what the analyses must find.

| folder | what it is | form |
|---|---|---|
| `exports/crm` | companies, contacts, channels, stage entries (企业, 联系人, 渠道, 阶段记录) | csv |
| `exports/erp` | order lines, payments, subscriptions, ledger (订单行, 回款, 订阅期, 总账) | xlsx with 合计 lines |
| `exports/amoeba` | daily forms, a workbook a month (收入, 费用, 工时, 内部销售, 内部采购, 承接订单, 人数) | xlsx |
| `exports/amoeba` | plans of units and of internal trade, month by month (巴计划, 内部交易计划) | xlsx |
| `exports/budget` | budgets in 万元, months across; versions; postings (预算, 预算版本, 费用发生) | xlsx, csv in GBK |

Each folder has a `manifest.csv` with the sender's control totals (控制总数), in the unit of the file; `column` is the
contract's name. `params/sources.yaml` says how each table is read.

## How the figures hang together

- External revenue (对公司外) of each sales team, day and kind equals the order lines of the ERP; machining's scrap
  (`other`) is in no order. Orders received (承接订单) equal the orders.
- Assembly, cloud product and customer success sell every order line inside to the team that sold it, at the transfer
  price (内部价格); machining delivers the parts of the day's lines; quality and the warehouse charge pieces weekly.
- Budget owners are SA and the four regions. Marketing, travel, salaries, depreciation, training and other postings of a
  month equal the expense records of the owner's units; freight and energy are outside the budget; management is posted
  by head office alone. A unit that moves within a month stays with its old owner until the month ends.
- A subscription period (three months) is one order of product line monitoring. First orders in the ERP are the stage
  `converted`; the 130 companies entered before 2024-11 are old customers whose ERP history begins with the sample.
- The ledger (总账) holds the revenue and expense records by day, unit and account, interest and surcharges of the
  company, and no internal trade. Profit is before income tax; what is made is sold in the same month.
- Receivers of an allocation rule are the units without units below them; finance and personnel serve all of
  those and IT all but the workshops, each of them the other departments too; the warehouse and the president's office
  give nothing away. Headcount drivers are person-days,
  hours drivers minutes, sales drivers whole yuan; a unit that moves within a month has a value with both parents.
- Plans (from 2026-01) are a little above the mean of the three months before, in hundreds of yuan and whole hours, and
  six percent apart for each figure.
- Segments: heavy is chemicals, metals, power and rail; light is the rest.

"""


def readme() -> str:
    """The text of ``data/sample/README.md``."""
    return INTRODUCTION + _organisation() + _planted() + _tables()


def _organisation() -> str:
    depth = {"": -1}
    lines = ["## Organisation", "", "```"]
    for unit in UNITS:
        depth[unit.unit_id] = depth[unit.parent_id] + 1
        level = TABLES["units"]["level"].words[unit.level].en
        life = f", opened {unit.opened_on}" if unit.opened_on >= "2024-11" else ""
        life += f", closed {unit.closed_on}" if unit.closed_on else ""
        name = f"{unit.name_zh} {unit.name_en} ({level}{life})"
        lines.append(f"{'  ' * depth[unit.unit_id]}{unit.unit_id}  {name}")
    return "\n".join([*lines, "```", "", ""])


def _planted() -> str:
    lines = ["## What is planted", ""]
    for group, label in GROUPS.items():
        lines += [f"### {label.zh} · {label.en}", ""]
        lines += ["| code | where | true value | what must be found |", "|---|---|---|---|"]
        lines += [
            f"| `{item.code}` | {_cell(item.where)} | {_cell(item.value)} | {item.find.zh} · {item.find.en} |"
            for item in planted()
            if item.group == group
        ]
        lines.append("")
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|")


def _tables() -> str:
    lines = ["## Tables", "", "| system | table | 表 | one row is |", "|---|---|---|---|"]
    lines += [f"| {t.system} | `{t.name}` | {t.label.zh} | {t.grain.en} · {t.grain.zh} |" for t in TABLES.values()]
    return "\n".join([*lines, ""])
