"""The page's own words, in both languages."""

from __future__ import annotations

from bizlab.labels import Label

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WORDS = {
    "adverse": Label("不利", "Adverse"),
    "all_rows": Label("显示全部 {n} 行", "Show all {n} rows"),
    "analysis": Label("分析", "Analysis"),
    "analyst_picture": Label("分析人员添加的图", "Picture added by the analyst"),
    "appearance": Label("深色 / 浅色", "Dark / light"),
    "basis": Label("依据：", "Basis: "),
    "basis_head": Label("依据", "Basis"),
    "before": Label("之前", "Before"),
    "checks": Label("核对", "Checks"),
    "check": Label("核对项", "Check"),
    "checks_all_hold": Label("{n} 项核对全部相符", "Checks: {n}, all hold"),
    "checks_failed": Label("{n} 项核对不符", "Checks that do not hold: {n}"),
    "contents": Label("目录", "Contents"),
    "data_behind": Label("图表背后的数据", "The table behind it"),
    "definition": Label("口径", "Definition"),
    "definition_of": Label("口径：", "Definition: "),
    "difference_is": Label("差额：", "Difference: "),
    "difference": Label("差额", "Difference"),
    "download_json": Label("全部数字(JSON)", "All figures (JSON)"),
    "download_notebook": Label("笔记本", "Notebook"),
    "download_workbook": Label("工作簿", "Workbook"),
    "download_unit_hour": Label("单位时间核算表(财务用工作簿)", "Unit-hour sheet (workbook for finance)"),
    "error": Label("这一步没有完成", "This step did not finish"),
    "failed": Label("未完成", "Failed"),
    "favourable": Label("有利", "Favourable"),
    "files": Label("{n} 个文件", "{n} files"),
    "figure": Label("数字", "Figure"),
    "figure_key": Label("数字编号", "Figure key"),
    "findings": Label("发现", "Findings"),
    "findings_by_weight": Label("本月发现(按重要性)", "Findings of the month, by weight"),
    "finding": Label("发现", "Finding"),
    "formula": Label("公式", "Formula"),
    "grain": Label("每行", "Rows"),
    "holds": Label("相符", "Holds"),
    "how_computed": Label("如何算出", "How it was computed"),
    "input_files": Label("输入文件与封签(SHA-256)", "Input files and seals (SHA-256)"),
    "item": Label("项目", "Item"),
    "key": Label("编号", "Key"),
    "left": Label("左边", "Left"),
    "left_out": Label(
        "本页只列出 {n} 行，共 {all} 行；其余见工作簿和 JSON。",
        "This page lists {n} of {all} rows; the workbook and the JSON hold the rest.",
    ),
    "left_out_of_file": Label(
        "本页列出 {n} 行，共 {all} 行；全部见",
        "This page lists {n} of {all} rows; all of them stand in",
    ),
    "left_out_of_sheet": Label(
        "本工作表列出 {n} 行，共 {all} 行；全部见",
        "This sheet lists {n} of {all} rows; all of them stand in",
    ),
    "cut_short": Label("…（单元格放不下；全文见 JSON）", "… (too long for a cell; the JSON holds the whole text)"),
    "material": Label("重大", "Material"),
    "month_at_a_glance": Label("月度一览", "The month at a glance"),
    "moved": Label("变化", "Change"),
    "n_checks": Label("{n} 项核对", "checks: {n}"),
    "n_material": Label("{n} 项重大发现", "material findings: {n}"),
    "neutral": Label("提示", "Note"),
    "no_findings": Label("本分析没有需要报告的发现。", "This analysis has nothing to report."),
    "no_changes": Label("没有变化。", "Nothing changed."),
    "now": Label("现在", "Now"),
    "off": Label("不符", "Differs"),
    "other_findings": Label("另有 {n} 项未达重大标准", "{n} more below the materiality threshold"),
    "parameters": Label("参数", "Parameters"),
    "passed": Label("完成", "Done"),
    "provenance": Label("参数与来源", "Parameters and provenance"),
    "reconcile_not": Label("完成，但有不符", "Done, does not reconcile"),
    "reset_rows": Label("只显示前 50 行", "Show the first 50 rows"),
    "right": Label("右边", "Right"),
    "rows": Label("{n} 行", "{n} rows"),
    "rows_head": Label("行数", "Rows"),
    "run_state": Label("运行状态", "State of the run"),
    "see_findings": Label("此处得出的发现", "Findings stated here"),
    "since_last_month": Label("与上月相比", "Since last month"),
    "since_last_run": Label("与上次运行相比", "Since the last run"),
    "moved_figures": Label("{n} 个数字变了", "Figures that moved: {n}"),
    "and_more": Label("还有 {n} 个。", "and {n} more."),
    "skip": Label("跳到正文", "Skip to the report"),
    "sources": Label("来源", "Sources"),
    "sources_are": Label("来源：", "Sources: "),
    "state": Label("状态", "State"),
    "table": Label("表", "Table"),
    "unit": Label("单位", "Unit"),
    "value": Label("值", "Value"),
}


def counted(word: str, n: int, **more: int) -> Label:
    """A word with its number.

    >>> counted("rows", 1200).en, counted("rows", 1).en
    ('1,200 rows', '1 row')
    """
    numbers = {name: f"{number:,}" for name, number in {"n": n, **more}.items()}
    zh, en = (text.format(**numbers) for text in WORDS[word])
    return Label(zh, en.removesuffix("s") if n == 1 else en)


def month_words(month: str) -> Label:
    """A month as people write it.

    >>> month_words("2026-10")
    Label(zh='2026年10月', en='October 2026')
    """
    year, number = month.split("-")
    return Label(f"{year}年{int(number)}月", f"{_MONTHS[int(number) - 1]} {year}")
