"""What is kept about the way in: the account of every file, rejects, merges, warnings, evidence."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from bizlab.contracts.columns import code, column, count, phrase, table, text, words
from bizlab.labels import Label
from bizlab.units.kinds import WHOLE, Unit

RULES = {unit.row.finer.en: unit.row.finer for unit in Unit if unit in WHOLE} | words(
    {
        "missing": "必填项为空 | a required value is missing",
        "short_line": "该行列数少于表头 | the line has fewer cells than the header",
        "long_line": "该行列数多于表头 | the line has more cells than the header",
        "formula_error": "公式出错或从未计算 | a formula in error, or never calculated",
        "more than fifteen digits": "数字超过十五位 | more than fifteen digits",
        "key_conflict": "同一主键内容不同 | the same key with other content",
        "row_twice": "同一行重复出现 | the same row again",
        "file_twice": "同一文件重复交付 | the same file delivered twice",
        "superseded": "被后来的记录取代 | superseded by a later record",
        "same_company_code": "同一企业:信用代码相同 | the same company: same credit code",
        "same_company_name": "同一企业:名称仅写法不同 | the same company: the name differs in writing only",
        "same_company_decision": "同一企业:人工决定 | the same company: somebody decided so",
        "not a number": "不是数字 | not a number",
        "not one of the values allowed": "不在允许的取值内 | not one of the values allowed",
        "more than one minus sign": "不止一个负号 | more than one minus sign",
        "neither yes nor no": "既非是也非否 | neither yes nor no",
        "not a date in the declared formats": "不是声明格式的日期 | not a date in the declared formats",
        "not a month (YYYY-MM)": "不是月份(YYYY-MM) | not a month (YYYY-MM)",
        "sum_differs": "行内数字与应有的合计不符 | the figures of the row contradict a sum of the table",
        "hidden_row": "工作表中隐藏的行,按数据处理 | a row hidden in the sheet, taken as data",
        "wrong_check_character": (
            "统一社会信用代码校验位错误,值置为缺失 | wrong check character; the code is set missing"
        ),
        "total_line_differs": "合计行与明细之和不等 | the total line differs from the rows above it",
        "no_parent": "引用的编号不存在 | the id referred to does not exist",
    }
)
"""Words for every rule by which a row can be rejected, merged or noticed."""

REASONS = words(
    same_wrong_code="信用代码相同,但校验位错误 | the same credit code, with a wrong check character",
    code_one_character="信用代码仅一字之差,其一校验位错误 | "
    "credit codes differ by one character, and one has a wrong check character",
    same_name_two_codes="名称相同,信用代码不同且均有效 | one name, two different valid credit codes",
    same_name_no_code="名称相同,此名下有两个信用代码 | "
    "one name, under which stand two credit codes; which is meant is open",
    region_prefix="名称仅差地区前缀 | the names differ by a region before one of them",
    name_one_character="名称仅一字之差 | the names differ by one character",
    same_facts="成立日期、注册资本、行业与区域均相同 | the same founding day, registered capital, industry and region",
)
"""Words for every reason why two companies may be one, the strongest first."""


def _together(words: dict[str, Label]) -> dict[str, Label]:
    """Words for every combination of codes, joined as ``first+second``."""
    chosen = [names for n in range(1, len(words) + 1) for names in combinations(words, n)]
    return {
        "+".join(names): Label(";".join(words[name].zh for name in names), "; ".join(words[name].en for name in names))
        for names in chosen
    }


_PLACE = (code("table", "表 | Table"), text("file", "文件 | File"), text("sheet", "工作表 | Sheet"))
ROWS_ADD_UP = {"n_in = n_kept + n_merged + n_rejected": "读入 = 保留 + 合并 + 拒收 | in = kept + merged + rejected"}
_LINE = (*_PLACE, count("line", "行号 | Line"))

ACCOUNT = table(
    "account",
    "清洗账 | Cleaning account",
    "每个文件的每张表一行 | one row per file and sheet",
    _PLACE,
    column("n_in", "读入行数 | Rows in"),
    column("n_kept", "保留 | Kept"),
    column("n_merged", "合并 | Merged"),
    column("n_rejected", "拒收 | Rejected"),
    column("n_sent", "发送方行数 | Rows sent", nullable=True),
    code("control", "控制列 | Control column", nullable=True),
    count("total_in", "读入合计 | Total in", nullable=True),
    count("total_kept", "保留合计 | Total kept", nullable=True),
    count("total_merged", "合并合计 | Total merged", nullable=True),
    count("total_rejected", "拒收合计 | Total rejected", nullable=True),
    count("total_sent", "发送方合计 | Total sent", nullable=True),
    key="table file sheet",
    sums={
        **ROWS_ADD_UP,
        "total_in = total_kept + total_merged + total_rejected": (
            "控制合计:读入 = 保留 + 合并 + 拒收 | control total: in = kept + merged + rejected"
        ),
    },
)

REJECTS = table(
    "rejects",
    "拒收的行 | Rejected rows",
    "每个拒收的行一行 | one row per rejected row",
    _LINE,
    code("column", "列 | Column"),
    text("text", "原文 | Raw text", nullable=True),
    column("rule", "规则 | Rule", words=RULES),
    key="table file sheet line column",
)

WARNINGS = replace(
    REJECTS, name="warnings", label=Label("提示", "Warnings"), grain=Label("每条提示一行", "one row per thing noticed")
)

MERGES = table(
    "merges",
    "合并的行 | Merged rows",
    "每个合并的行一行 | one row per merged row",
    _LINE,
    text("id", "主键 | Key"),
    text("kept_id", "并入 | Merged into"),
    column("rule", "规则 | Rule", words=RULES),
    key="table file sheet line id",
)

MERGE_MAP = table(
    "merge_map",
    "企业合并对照表 | Which company became which",
    "每个被合并的企业编号一行 | one row per company id that was merged away",
    code("customer_id", "被合并编号 | Merged id"),
    text("name", "被合并名称 | Merged name"),
    code("kept_id", "保留编号 | Kept id"),
    text("kept_name", "保留名称 | Kept name"),
    column("rule", "规则 | Rule", words=RULES),
    column(
        "from_on",
        "起始日 | From",
        "自动合并:两条记录同时在册的首日,即后一条的建档日;人工决定:决定之日 | "
        "by rule: the day from which both records stood in the books, when the later one was entered; "
        "by decision: the day on which it was decided",
    ),
    text("decided_by", "合并者 | Merged by", words=words(automatic="自动规则 | Rule")),
    text("why", "理由 | Why", nullable=True),
    key="customer_id",
)

DUPLICATE_CANDIDATES = table(
    "duplicate_candidates",
    "疑似重复的企业 | Companies that may be one",
    "每对疑似同一的企业一行 | one row per pair of companies that may be one",
    code("customer_id", "后建编号 | Entered later"),
    text("name", "名称 | Name"),
    code("code", "信用代码(原文) | Credit code as written", nullable=True),
    code("other_id", "先建编号 | Entered first"),
    text("other_name", "先建名称 | Its name"),
    code("other_code", "先建信用代码(原文) | Its credit code as written", nullable=True),
    column("reasons", "原因 | Reasons", words=_together(REASONS)),
    key="customer_id other_id",
)

EVIDENCE = table(
    "evidence",
    "识别的编码与分隔符 | Encodings and separators detected",
    "每个文件的每项识别一行 | one row per file and thing detected",
    _PLACE,
    column("what", "识别项 | What", choices=words(encoding="编码 | Encoding", separator="分隔符 | Separator")),
    text("value", "结果 | Value"),
    phrase("why", "依据 | Why"),
    key="file sheet table what",
)

SEALS = table(
    "seals",
    "输入封存 | Sealed inputs",
    "每个输入文件一行 | one row per input file",
    text("file", "文件 | File"),
    column("n_bytes", "字节 | Bytes"),
    code("sha256", "SHA-256"),
    key="file",
)

QUALITY = {
    contract.name: contract
    for contract in (ACCOUNT, REJECTS, MERGES, MERGE_MAP, DUPLICATE_CANDIDATES, WARNINGS, EVIDENCE, SEALS)
}
"""What is noted on the way in, by name."""
