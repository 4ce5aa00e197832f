"""The parameters of a run: one flat model that files, command line and notebooks all pass through."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, StrictBool, StrictInt, StrictStr

from bizlab.labels import Label, Lang


def _written_out(moment: object) -> object:
    """Refuse what would be read as another moment than was meant.

    A number would count seconds since 1970, a day alone would be its first second, and a time zone would shift it.
    """
    text = isinstance(moment, str) and re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?", moment
    )
    if not text and not isinstance(moment, datetime):
        raise ValueError("input should be day and time without a zone, such as 2026-11-05 18:00")
    return moment


Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
Moment = Annotated[NaiveDatetime, BeforeValidator(_written_out)]


class Parameters(BaseModel):
    """Everything that may be set for a month; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    month: StrictStr = Field(description="月份,YYYY-MM / month analysed, YYYY-MM")
    lang: Lang = Field("zh", description="页面打开时的语言 / language a page opens in")
    known_by: Moment | None = Field(None, description="只用此刻之前录入的数据 / replay: only what was recorded by then")
    reader: StrictStr | None = Field(
        None,
        description="读者所在单元;只读入其本身及以下,空为全公司 / unit whose leader reads; none: the company",
    )
    confidence: Share = Field(0.95, description="区间的置信水平 / confidence level of intervals")
    materiality_rate: Share = Field(0.05, description="重大偏差:比例阈值 / a variance is material above this rate")
    materiality_yuan: StrictInt = Field(
        10_000, ge=0, description="重大偏差:金额阈值(元) / ... and above this amount (yuan)"
    )
    allocation_method: Literal["direct", "step_down", "reciprocal"] = Field(
        "direct", description="分摊方法 / allocation method"
    )
    allocation_order: tuple[StrictStr, ...] = Field(
        (), description="阶梯分摊的次序;未列的按金额由大到小 / order of step-down; others follow by size"
    )
    trade_tolerance_days: StrictInt = Field(
        0, ge=0, description="内部交易容差:天数 / days by which both sides of an internal trade may differ"
    )
    trade_tolerance_fen: StrictInt = Field(
        0, ge=0, description="内部交易容差:金额(分) / fen by which both sides of an internal trade may differ"
    )
    price_item: StrictStr | None = Field(
        None, description="价格实验的品项;空为内部销售最大者 / item of the price lab; none: the largest sold inside"
    )
    price_change_rate: float = Field(
        0.05, strict=True, ge=-1, description="价格实验的调价比例 / change of its price in the price lab"
    )
    history_unit: StrictStr | None = Field(
        None, description="历史数据收集表的单元;空为公司 / unit whose history is shown; none: the company"
    )
    history_from: StrictStr = Field(
        "2024-11",
        description="历史的首月,预警基期由此开始 / first month of the history; warning limits rest on the first ones",
    )
    limits_from: tuple[StrictStr, ...] = Field(
        (),
        description="预警基期重新开始的月份(有意改变之后) / months in which warning limits begin anew after a change",
    )
    acceptance_days: StrictInt = Field(
        1,
        ge=0,
        description="经营会计应在本巴确认后几天内确认 / accounting confirms a record within so many days of the unit",
    )
    books_close_days: StrictInt = Field(
        5,
        ge=0,
        description="月末之后几天内账簿仍开放 / days after the end of a month on which its books are still open",
    )
    day: StrictStr | None = Field(
        None, description="日核算表的日期;空为当月最后的工作日 / day of the daily sheet; none: the last working day"
    )
    labour_in_expense: StrictBool = Field(False, description="费用是否含人工成本 / whether B1 includes labour cost")
    value_weighting: Literal["given", "quantile", "entropy", "ahp"] = Field(
        "given", description="价值等级的赋权方法 / weighting of the value grade"
    )
    grade_reference: tuple[StrictStr, StrictStr] = Field(
        ("2024-11", "2025-10"), description="价值等级切分点的参照期 / months that the grade's cut points are fitted on"
    )
    customer: StrictStr | None = Field(None, description="卡片的企业编号 / id of the company whose card is made")
    segment: StrictStr | None = Field(None, description="细看的客群 / id of the segment that is profiled")
    horizon_days: StrictInt = Field(90, gt=0, description="预测与观察的天数 / days ahead that are predicted")
    cohort_month: StrictInt = Field(
        1,
        ge=1,
        le=12,
        description="续费批次所按合同年度的首月 / month in which the contract years of renewal cohorts begin",
    )
    funnel_by: Literal["channel", "industry", "region"] = Field(
        "channel", description="漏斗的分组 / what the funnel is split by"
    )
    stuck_days: StrictInt = Field(90, gt=0, description="停留多少天算滞留 / days in a stage that count as stuck")


def words_of_parameters() -> tuple[tuple[str, Label], ...]:
    """What each parameter means, in the order of their declaration."""
    described = ((name, field.description or "") for name, field in Parameters.model_fields.items())
    return tuple((name, Label(*text.split(" / ", 1))) for name, text in described)
