"""Parameters that pages on customers share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictInt, StrictStr, field_validator

from bizlab.periods import Month
from bizlab.run.parameters import Common, Confidence


class Grading(Common):
    """Pages that show tags, of which the value grade is one."""

    value_weighting: Literal["given", "quantile", "entropy", "ahp"] = Field(
        "given", description="价值等级的赋权方法 | weighting of the value grade"
    )
    grade_reference: tuple[StrictStr, StrictStr] = Field(
        ("2024-11", "2025-10"), description="价值等级的参照期 | months that the value grade is fitted on"
    )

    @field_validator("grade_reference")
    @classmethod
    def _in_order(cls, months: tuple[str, str]) -> tuple[str, str]:
        first, last = (Month.parse(month, place="parameter 'grade_reference'") for month in months)
        if first > last:
            raise ValueError(f"the reference begins in {first} but ends in {last}; swap the two")
        return months


class Horizon(Common):
    """Pages that look some days ahead."""

    horizon_days: StrictInt = Field(90, gt=0, description="预测与观察的天数 | days ahead that are predicted")


class Predicting(Horizon, Confidence):
    """Pages that predict."""

    cohort_month: StrictInt = Field(
        1, ge=1, le=12, description="续费批次合同年度的首月 | first month of a cohort's contract year"
    )
