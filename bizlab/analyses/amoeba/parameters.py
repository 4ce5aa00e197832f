"""Parameters that pages on amoeba accounting share."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, StrictBool, StrictStr

from bizlab.run.parameters import Common


class Allocation(Common):
    """Pages that rest on what was allocated in a month."""

    allocation_method: Literal["direct", "step_down", "reciprocal"] = Field(
        "direct", description="分摊方法 | allocation method"
    )
    allocation_order: tuple[StrictStr, ...] = Field(
        (), description="阶梯分摊的次序 | order of step-down; others follow by size"
    )

    @property
    def accounting(self) -> dict[str, Any]:
        """What `bizlab.amoeba.components` takes by name."""
        return {"method": self.allocation_method, "order": self.allocation_order}


class Accounting(Allocation):
    """Pages that show the unit-hour accounting of a month."""

    labour_in_expense: StrictBool = Field(False, description="费用是否含人工成本 | whether B1 includes labour cost")

    @property
    def accounting(self) -> dict[str, Any]:
        return super().accounting | {"labour_in_expense": self.labour_in_expense}
