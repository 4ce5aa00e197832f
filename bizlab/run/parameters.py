"""The parameters that pages share: what every page has, and groups that a page includes by inheriting them.

A page's model is a class of its own in `bizlab.analyses`; that of a project's own page is read from its notebook.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, StrictInt, StrictStr

from bizlab.labels import Label, Lang

Share = Annotated[float, Field(strict=True, gt=0, lt=1)]


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


Moment = Annotated[NaiveDatetime, BeforeValidator(_written_out)]


class Described(BaseModel):
    """Parameters that say what they mean; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def words(cls, name: str) -> Label:
        """What a parameter means."""
        return Label.of(cls.model_fields[name].description or name)


class Common(Described):
    """What every page has."""

    month: StrictStr = Field(description="月份,YYYY-MM | month analysed, YYYY-MM")
    lang: Lang = Field("zh", description="页面打开时的语言 | language a page opens in")
    known_by: Moment | None = Field(None, description="只用此刻之前录入的数据 | replay: only what was recorded by then")
    reader: StrictStr | None = Field(
        None, description="读者所在单元;空为全公司 | unit whose leader reads; none: the company"
    )

    max_rows: StrictInt = Field(
        2_000,
        ge=1,
        le=100_000,
        description="一张表最多列出的行数;全部见 CSV | most rows of a table that are shown; a CSV holds all",
    )


class Limits(Described):
    """What a run allows each notebook; no page has them, since no figure depends on them.

    They are there for what hangs or runs away, and hold on a laptop that does other things at the same time.
    """

    cell_seconds: StrictInt = Field(
        default=1800, gt=0, description="一个单元格的时限(秒) | seconds that a cell may take"
    )
    notebook_seconds: StrictInt = Field(
        default=3600, gt=0, description="一个笔记本的时限(秒) | seconds that a notebook may take"
    )
    notebook_memory_mb: StrictInt = Field(
        default=8000, gt=0, description="一个笔记本的内存上限(MB) | megabytes that a notebook may hold"
    )
    iopub_seconds: StrictInt = Field(
        default=120,
        gt=0,
        description="等待单元格输出的时限(秒) | seconds to wait for the output of a cell that is done",
    )


class Confidence(Common):
    """Pages with intervals and tests."""

    confidence: Share = Field(0.95, description="区间的置信水平 | confidence level of intervals")


class MaterialRate(Common):
    """Pages that call a change material by its share."""

    materiality_rate: Share = Field(0.05, description="重大:比例阈值 | material above this rate")


class MaterialAmount(Common):
    """Pages that call a change material by its amount."""

    materiality_yuan: StrictInt = Field(
        10_000, ge=0, description="重大:金额阈值(元) | material above this amount (yuan)"
    )

    @property
    def material_fen(self) -> int:
        return self.materiality_yuan * 100
