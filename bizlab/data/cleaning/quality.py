"""What is kept about the way in: the account of every file, rejects, merges, warnings, evidence."""

from __future__ import annotations

from itertools import combinations

from bizlab.contracts.column import Column
from bizlab.contracts.table import Identity, Table
from bizlab.labels import Label
from bizlab.units.kinds import WHOLE, Unit

RULES = {unit.row.finer.en: unit.row.finer for unit in Unit if unit in WHOLE} | {
    "missing": Label("必填项为空", "a required value is missing"),
    "short_line": Label("该行列数少于表头", "the line has fewer cells than the header"),
    "long_line": Label("该行列数多于表头", "the line has more cells than the header"),
    "formula_error": Label("公式出错或从未计算", "a formula in error, or never calculated"),
    "more than fifteen digits": Label("数字超过十五位", "more than fifteen digits"),
    "key_conflict": Label("同一主键内容不同", "the same key with other content"),
    "row_twice": Label("同一行重复出现", "the same row again"),
    "file_twice": Label("同一文件重复交付", "the same file delivered twice"),
    "superseded": Label("被后来的记录取代", "superseded by a later record"),
    "same_company_code": Label("同一企业:信用代码相同", "the same company: same credit code"),
    "same_company_name": Label("同一企业:名称仅写法不同", "the same company: the name differs in writing only"),
    "same_company_decision": Label("同一企业:人工决定", "the same company: somebody decided so"),
    "not a number": Label("不是数字", "not a number"),
    "not one of the values allowed": Label("不在允许的取值内", "not one of the values allowed"),
    "more than one minus sign": Label("不止一个负号", "more than one minus sign"),
    "neither yes nor no": Label("既非是也非否", "neither yes nor no"),
    "not a date in the declared formats": Label("不是声明格式的日期", "not a date in the declared formats"),
    "not a month (YYYY-MM)": Label("不是月份(YYYY-MM)", "not a month (YYYY-MM)"),
    "hidden_row": Label("工作表中隐藏的行,按数据处理", "a row hidden in the sheet, taken as data"),
    "wrong_check_character": Label(
        "统一社会信用代码校验位错误,值置为缺失", "wrong check character; the code is set missing"
    ),
    "total_line_differs": Label("合计行与明细之和不等", "the total line differs from the rows above it"),
    "no_parent": Label("引用的编号不存在", "the id referred to does not exist"),
}
"""Words for every rule by which a row can be rejected, merged or noticed."""

REASONS = {
    "same_wrong_code": Label("信用代码相同,但校验位错误", "the same credit code, with a wrong check character"),
    "code_one_character": Label(
        "信用代码仅一字之差,其一校验位错误", "credit codes differ by one character, and one has a wrong check character"
    ),
    "same_name_two_codes": Label("名称相同,信用代码不同且均有效", "one name, two different valid credit codes"),
    "same_name_no_code": Label(
        "名称相同,此名下有两个信用代码", "one name, under which stand two credit codes; which is meant is open"
    ),
    "region_prefix": Label("名称仅差地区前缀", "the names differ by a region before one of them"),
    "name_one_character": Label("名称仅一字之差", "the names differ by one character"),
    "same_facts": Label(
        "成立日期、注册资本、行业与区域均相同", "the same founding day, registered capital, industry and region"
    ),
}
"""Words for every reason why two companies may be one, the strongest first."""


def _column(name: str, unit: Unit, zh: str, en: str, *, nullable: bool = False) -> Column:
    return Column(name, unit, Label(zh, en), nullable)


def _together(words: dict[str, Label]) -> dict[str, Label]:
    """Words for every combination of codes, joined as ``first+second``."""
    chosen = [names for n in range(1, len(words) + 1) for names in combinations(words, n)]
    return {
        "+".join(names): Label(";".join(words[name].zh for name in names), "; ".join(words[name].en for name in names))
        for names in chosen
    }


_PLACE = (
    _column("table", Unit.CODE, "表", "Table"),
    _column("file", Unit.TEXT, "文件", "File"),
    _column("sheet", Unit.TEXT, "工作表", "Sheet"),
)
_LINE = (*_PLACE, _column("line", Unit.COUNT, "行号", "Line"))

ACCOUNT = Table(
    name="account",
    label=Label("清洗账", "Cleaning account"),
    grain=Label("每个文件的每张表一行", "one row per file and sheet"),
    key=("table", "file", "sheet"),
    columns=(
        *_PLACE,
        _column("n_in", Unit.COUNT, "读入行数", "Rows in"),
        _column("n_kept", Unit.COUNT, "保留", "Kept"),
        _column("n_merged", Unit.COUNT, "合并", "Merged"),
        _column("n_rejected", Unit.COUNT, "拒收", "Rejected"),
        _column("n_sent", Unit.COUNT, "发送方行数", "Rows sent", nullable=True),
        _column("control", Unit.CODE, "控制列", "Control column", nullable=True),
        _column("total_in", Unit.COUNT, "读入合计", "Total in", nullable=True),
        _column("total_kept", Unit.COUNT, "保留合计", "Total kept", nullable=True),
        _column("total_merged", Unit.COUNT, "合并合计", "Total merged", nullable=True),
        _column("total_rejected", Unit.COUNT, "拒收合计", "Total rejected", nullable=True),
        _column("total_sent", Unit.COUNT, "发送方合计", "Total sent", nullable=True),
    ),
    identities=(
        Identity(
            "n_in = n_kept + n_merged + n_rejected", Label("读入 = 保留 + 合并 + 拒收", "in = kept + merged + rejected")
        ),
        Identity(
            "total_in = total_kept + total_merged + total_rejected",
            Label("控制合计:读入 = 保留 + 合并 + 拒收", "control total: in = kept + merged + rejected"),
        ),
    ),
)

REJECTS = Table(
    name="rejects",
    label=Label("拒收的行", "Rejected rows"),
    grain=Label("每个拒收的行一行", "one row per rejected row"),
    key=("table", "file", "sheet", "line", "column"),
    columns=(
        *_LINE,
        _column("column", Unit.CODE, "列", "Column"),
        _column("text", Unit.TEXT, "原文", "Raw text", nullable=True),
        Column("rule", Unit.CODE, Label("规则", "Rule"), choice_labels=RULES),
    ),
)

WARNINGS = Table(
    name="warnings",
    label=Label("提示", "Warnings"),
    grain=Label("每条提示一行", "one row per thing noticed"),
    key=REJECTS.key,
    columns=REJECTS.columns,
)

MERGES = Table(
    name="merges",
    label=Label("合并的行", "Merged rows"),
    grain=Label("每个合并的行一行", "one row per merged row"),
    key=("table", "file", "sheet", "line", "id"),
    columns=(
        *_LINE,
        _column("id", Unit.TEXT, "主键", "Key"),
        _column("kept_id", Unit.TEXT, "并入", "Merged into"),
        Column("rule", Unit.CODE, Label("规则", "Rule"), choice_labels=RULES),
    ),
)

MERGE_MAP = Table(
    name="merge_map",
    label=Label("企业合并对照表", "Which company became which"),
    grain=Label("每个被合并的企业编号一行", "one row per company id that was merged away"),
    key=("customer_id",),
    columns=(
        _column("customer_id", Unit.CODE, "被合并编号", "Merged id"),
        _column("name", Unit.TEXT, "被合并名称", "Merged name"),
        _column("kept_id", Unit.CODE, "保留编号", "Kept id"),
        _column("kept_name", Unit.TEXT, "保留名称", "Kept name"),
        Column("rule", Unit.CODE, Label("规则", "Rule"), choice_labels=RULES),
        Column(
            "from_on",
            Unit.DATE,
            Label("起始日", "From"),
            definition=Label(
                "自动合并:两条记录同时在册的首日,即后一条的建档日;人工决定:决定之日",
                "by rule: the day from which both records stood in the books, when the later one was entered; by "
                "decision: the day on which it was decided",
            ),
        ),
        Column(
            "decided_by",
            Unit.TEXT,
            Label("合并者", "Merged by"),
            choice_labels={"automatic": Label("自动规则", "Rule")},
        ),
        _column("why", Unit.TEXT, "理由", "Why", nullable=True),
    ),
)

DUPLICATE_CANDIDATES = Table(
    name="duplicate_candidates",
    label=Label("疑似重复的企业", "Companies that may be one"),
    grain=Label("每对疑似同一的企业一行", "one row per pair of companies that may be one"),
    key=("customer_id", "other_id"),
    columns=(
        _column("customer_id", Unit.CODE, "后建编号", "Entered later"),
        _column("name", Unit.TEXT, "名称", "Name"),
        _column("code", Unit.CODE, "信用代码(原文)", "Credit code as written", nullable=True),
        _column("other_id", Unit.CODE, "先建编号", "Entered first"),
        _column("other_name", Unit.TEXT, "先建名称", "Its name"),
        _column("other_code", Unit.CODE, "先建信用代码(原文)", "Its credit code as written", nullable=True),
        Column("reasons", Unit.CODE, Label("原因", "Reasons"), choice_labels=_together(REASONS)),
    ),
)

EVIDENCE = Table(
    name="evidence",
    label=Label("识别的编码与分隔符", "Encodings and separators detected"),
    grain=Label("每个文件的每项识别一行", "one row per file and thing detected"),
    key=("file", "sheet", "table", "what"),
    columns=(
        *_PLACE,
        _column("what", Unit.CODE, "识别项", "What"),
        _column("value", Unit.TEXT, "结果", "Value"),
        _column("why", Unit.TEXT, "依据", "Why"),
    ),
)

SEALS = Table(
    name="seals",
    label=Label("输入封存", "Sealed inputs"),
    grain=Label("每个输入文件一行", "one row per input file"),
    key=("file",),
    columns=(
        _column("file", Unit.TEXT, "文件", "File"),
        _column("n_bytes", Unit.COUNT, "字节", "Bytes"),
        _column("sha256", Unit.CODE, "SHA-256", "SHA-256"),
    ),
)
