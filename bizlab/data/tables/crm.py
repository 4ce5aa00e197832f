"""What the CRM exports."""

from bizlab.contracts.table import Table
from bizlab.data.tables._columns import choice, code, count, day, fen, moment, text
from bizlab.labels import Label

INDUSTRIES = {
    "machinery": ("机械制造", "Machinery"),
    "chemicals": ("化工", "Chemicals"),
    "metals": ("冶金", "Metals"),
    "power": ("电力能源", "Power"),
    "food": ("食品饮料", "Food and drink"),
    "paper": ("造纸包装", "Paper and packaging"),
    "water": ("水务环保", "Water and environment"),
    "rail": ("轨道交通", "Rail"),
}
REGIONS = {
    "east": ("华东", "East China"),
    "south": ("华南", "South China"),
    "north": ("华北", "North China"),
    "southwest": ("西南", "Southwest China"),
}
CHANNEL_KINDS = {
    "founder": ("创始团队", "Founders' network"),
    "media": ("行业媒体", "Trade media"),
    "community": ("社区运营", "Community"),
    "swap": ("同业置换", "Swap with peers"),
    "paid": ("付费推广", "Paid promotion"),
    "partner": ("合作伙伴", "Partner"),
}
ROLES = {"kp": ("决策者", "Decision maker"), "user": ("使用者", "User")}

STANDINGS = {
    "leading": ("行业龙头", "Leader of its industry"),
    "major": ("行业骨干", "Major company"),
    "ordinary": ("一般企业", "Ordinary company"),
    "newcomer": ("新进入者", "Newcomer"),
}
GRADES = {grade: (f"{grade}级", f"Grade {grade}") for grade in "ABCD"}
TAXPAYERS = {"general": ("一般纳税人", "General taxpayer"), "small": ("小规模纳税人", "Small-scale taxpayer")}

CUSTOMERS = Table(
    name="customers",
    label=Label("企业", "Companies"),
    grain=Label("每家企业一行(客户与线索)", "one row per company, customer or lead"),
    system="CRM",
    key=("customer_id",),
    occurred="created_on",
    columns=(
        code("customer_id", "企业编号", "Company id"),
        text("name", "企业名称", "Company name"),
        code("credit_code", "统一社会信用代码", "Unified social credit code", nullable=True),
        choice("industry", "行业", "Industry", INDUSTRIES),
        choice("region", "区域", "Region", REGIONS),
        day("founded_on", "成立日期", "Founded", nullable=True),
        count("n_employees", "人员规模", "Headcount", nullable=True),
        fen("revenue_fen", "年收入", "Annual revenue", nullable=True),
        fen("capital_fen", "注册资本", "Registered capital", nullable=True),
        count("n_active_users", "活跃用户数", "Active users", nullable=True),
        count("rating", "产品评价(1-5)", "Product rating (1-5)", nullable=True),
        code("channel_id", "来源渠道编号", "Source channel id"),
        day("created_on", "建档日期", "Entered on"),
    ),
)

CONTACTS = Table(
    name="contacts",
    label=Label("联系人", "Contacts"),
    grain=Label("每位联系人一行", "one row per contact"),
    system="CRM",
    key=("contact_id",),
    occurred="created_on",
    columns=(
        code("contact_id", "联系人编号", "Contact id"),
        code("customer_id", "企业编号", "Company id"),
        choice("role", "决策链角色", "Role in the decision", ROLES),
        text("position", "职位", "Position", nullable=True),
        day("created_on", "建档日期", "Entered on"),
    ),
)

CHANNELS = Table(
    name="channels",
    label=Label("渠道", "Channels"),
    grain=Label("每个来源渠道一行", "one row per source"),
    system="CRM",
    key=("channel_id",),
    columns=(
        code("channel_id", "渠道编号", "Channel id"),
        text("name", "渠道名称", "Channel name"),
        choice("kind", "渠道类别", "Kind of channel", CHANNEL_KINDS),
    ),
)

STAGE_EVENTS = Table(
    name="stage_events",
    label=Label("阶段记录", "Stage entries"),
    grain=Label("每次进入阶段一行", "one row per entry of a company into a stage"),
    system="CRM",
    key=("event_id",),
    occurred="entered_on",
    known_at="known_at",
    columns=(
        code("event_id", "记录编号", "Event id"),
        code("customer_id", "企业编号", "Company id"),
        code("stage", "阶段", "Stage"),
        day("entered_on", "进入日期", "Entered on"),
        code("staff_id", "记录人", "Recorded by", nullable=True),
        text("evidence", "凭证", "Evidence", nullable=True),
        moment("known_at", "录入时间", "Recorded at"),
    ),
)

GRADE_APPLICATIONS = Table(
    name="grade_applications",
    label=Label("客户导入申请", "Customer applications"),
    grain=Label("每份申请一行", "one row per application"),
    system="CRM",
    key=("application_id",),
    occurred="applied_on",
    columns=(
        code("application_id", "申请编号", "Application id"),
        code("customer_id", "企业编号", "Company id", nullable=True),
        text("name", "客户名称", "Company name"),
        choice("industry", "所属行业", "Industry", INDUSTRIES, nullable=True),
        fen("capital_fen", "注册资金", "Registered capital", nullable=True),
        choice("standing", "行业地位", "Standing in the industry", STANDINGS, nullable=True),
        choice("grade", "客户等级", "Grade applied for", GRADES),
        fen("expected_fen", "预计年销售额", "Expected annual sales", nullable=True),
        code("customer_code", "客户代码", "Customer code (unified social credit code)", nullable=True),
        choice("taxpayer", "纳税信息", "Taxpayer", TAXPAYERS, nullable=True),
        text("remark", "其他资料", "Other", nullable=True),
        code("applicant_id", "申请人", "Applicant"),
        code("reviewer_id", "审核", "Reviewer", nullable=True),
        code("approver_id", "批准", "Approver", nullable=True),
        day("applied_on", "申请日期", "Applied on"),
        day("reviewed_on", "审核日期", "Reviewed on", nullable=True),
        day("approved_on", "批准日期", "Approved on", nullable=True),
    ),
)

TABLES = (CUSTOMERS, CONTACTS, CHANNELS, STAGE_EVENTS, GRADE_APPLICATIONS)
